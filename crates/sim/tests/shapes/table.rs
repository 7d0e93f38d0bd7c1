//! What Stripe's objects look like, read from `fields.txt`.

use std::collections::{BTreeMap, BTreeSet};

/// The JSON that a field may hold.
#[derive(Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Integer,
    Number,
    Boolean,
    /// A decimal number, written as text.
    Decimal,
    /// Unix seconds.
    Second,
    Currency,
    Country,
    /// Texts by names of the merchant's own.
    Map,
    /// Anything.
    Open,
    Object,
    List,
    /// An id that begins with one of these.
    Id(Vec<String>),
    /// A whole object of one of these kinds; of any kind for `*`.
    Embedded(Vec<String>),
    /// A list object whose `data` are such objects; anything for none.
    Page(Vec<String>),
}

/// When a field is there.
#[derive(Debug, PartialEq, Eq)]
pub enum Presence {
    Always,
    Sometimes,
    /// Exactly when the field `type` beside it names it.
    Variant,
}

/// One field of an object, with those below it.
#[derive(Debug)]
pub struct Field {
    /// Its place among all fields of the table.
    pub number: usize,
    pub shape: Shape,
    pub nullable: bool,
    pub presence: Presence,
    /// The texts that Stripe knows; none where any will do.
    pub words: BTreeSet<String>,
    pub fields: BTreeMap<String, Field>,
    /// What a list holds.
    pub item: Option<Box<Field>>,
}

impl Field {
    fn new(number: usize, shape: Shape) -> Self {
        let (presence, words, fields) = (Presence::Always, BTreeSet::new(), BTreeMap::new());
        Self { number, shape, nullable: false, presence, words, fields, item: None }
    }

    /// Reads `type [null] [absent|variant] [= words]`.
    fn parse(number: usize, text: &str) -> Self {
        let (facts, words) = text.split_once(" = ").unwrap_or((text, ""));
        let mut facts = facts.split(' ');
        let mut field = Self::new(number, shape(facts.next().expect("a type")));
        field.words = words.split_whitespace().map(str::to_owned).collect();
        for fact in facts {
            match fact {
                "null" => field.nullable = true,
                "absent" => field.presence = Presence::Sometimes,
                "variant" => field.presence = Presence::Variant,
                _ => panic!("{fact:?} in {text:?} says nothing"),
            }
        }
        field
    }

    /// The place of the last segment of a path such as `lines[].price`, whose other segments are in the table already.
    fn insert(&mut self, path: &str, field: Self) {
        match path.split_once('.') {
            Some((first, rest)) => self.part(first).insert(rest, field),
            None if path.ends_with("[]") => self.part(path.trim_end_matches("[]")).item = Some(Box::new(field)),
            None => assert!(self.fields.insert(path.to_owned(), field).is_none(), "{path} twice"),
        }
    }

    fn part(&mut self, segment: &str) -> &mut Self {
        let name = segment.trim_end_matches("[]");
        let field = self.fields.get_mut(name).unwrap_or_else(|| panic!("{segment} comes before the object that holds it"));
        if segment == name { field } else { field.item.as_mut().expect("a list's item comes after the list") }
    }
}

fn shape(word: &str) -> Shape {
    let many = |names: &str, by: char| names.split(by).map(str::to_owned).collect();
    if let Some(prefixes) = word.strip_prefix("id:") {
        return Shape::Id(many(prefixes, ','));
    }
    if let Some(kinds) = word.strip_prefix("page@") {
        return Shape::Page(many(kinds, '|'));
    }
    if let Some(kinds) = word.strip_prefix('@') {
        return Shape::Embedded(many(kinds, '|'));
    }
    match word {
        "text" => Shape::Text,
        "integer" => Shape::Integer,
        "number" => Shape::Number,
        "boolean" => Shape::Boolean,
        "decimal" => Shape::Decimal,
        "second" => Shape::Second,
        "currency" => Shape::Currency,
        "country" => Shape::Country,
        "map" => Shape::Map,
        "open" => Shape::Open,
        "object" => Shape::Object,
        "list" => Shape::List,
        "page" => Shape::Page(Vec::new()),
        _ => panic!("{word:?} is no type"),
    }
}

/// Every kind of object, by its `object` field.
pub struct Table {
    pub kinds: BTreeMap<String, Field>,
    /// How many fields there are in all; every one's number is below.
    pub size: usize,
}

impl Table {
    /// Reads lines `object path type …`, a field after the object that holds it. Lines that begin with `#` explain.
    pub fn read(text: &str) -> Self {
        let mut table = Self { kinds: BTreeMap::new(), size: 0 };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (kind, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{line:?} is no field"));
            let (path, facts) = rest.split_once(' ').unwrap_or_else(|| panic!("{line:?} is no field"));
            if !table.kinds.contains_key(kind) {
                let root = Field::new(table.number(), Shape::Object);
                table.kinds.insert(kind.to_owned(), root);
            }
            let field = Field::parse(table.number(), facts);
            table.kinds.get_mut(kind).expect("just there").insert(path, field);
        }
        table
    }

    fn number(&mut self) -> usize {
        self.size += 1;
        self.size - 1
    }
}
