//! XML elements as small trees, one entry at a time.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::{ReadError, Trouble, quoted};
use crate::limits::{FIELD_BYTES_MAX, XML_DEPTH_MAX, XML_ENTRY_NODES_MAX};

/// An element without its namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub name: String,
    pub text: String,
    /// The `Ccy` attribute, the only one that CAMT uses below the root.
    pub currency: Option<String>,
    pub children: Vec<Node>,
}

impl Node {
    /// Adds text, and says how long it is now. Blanks between elements are no text.
    fn push(&mut self, text: &str) -> usize {
        if !self.text.is_empty() || !text.trim().is_empty() {
            self.text.push_str(text);
        }
        self.text.len()
    }

    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at a path such as `Refs/EndToEndId`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |node, name| node.child(name))
    }

    /// The text at a path, blanks trimmed; `None` where it is empty or not there.
    pub(crate) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).map(|node| node.text.trim()).filter(|text| !text.is_empty())
    }
}

/// A reader that knows its depth and the line it is on.
pub(crate) struct Walker<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    counted: (usize, u64),
    pub depth: usize,
}

/// What comes next.
pub(crate) enum Step {
    Open { name: String, namespace: Option<String>, currency: Option<String>, empty: bool },
    Close,
    Text(String),
    End,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, reader: Reader::from_str(text), counted: (0, 1), depth: 0 }
    }

    /// The line that the reader is on.
    pub(crate) fn line(&mut self) -> u64 {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let (from, line) = self.counted;
        let passed = self.text.as_bytes().get(from..at).unwrap_or_default();
        self.counted = (at.max(from), line + passed.iter().filter(|&&byte| byte == b'\n').count() as u64);
        self.counted.1
    }

    /// The next step; comments and instructions are passed over.
    pub(crate) fn step(&mut self) -> Result<Step, ReadError> {
        loop {
            let event = self.reader.read_event();
            let step = match event {
                Ok(Event::Start(start)) => {
                    self.deeper()?;
                    self.open(&start, false)?
                }
                Ok(Event::Empty(start)) => self.open(&start, true)?,
                Ok(Event::End(_)) => {
                    self.depth = self.depth.saturating_sub(1);
                    Step::Close
                }
                Ok(Event::Text(text)) => Step::Text(text.xml10_content().into_owned()),
                Ok(Event::CData(text)) => Step::Text(text.xml10_content().into_owned()),
                Ok(Event::GeneralRef(reference)) => {
                    let found = match reference.resolve_char_ref() {
                        Ok(Some(character)) => Some(character.to_string()),
                        Ok(None) => predefined(&reference.xml10_content()).map(str::to_owned),
                        Err(_) => None,
                    };
                    let name = reference.xml10_content().into_owned();
                    Step::Text(found.ok_or_else(|| {
                        self.refused(
                            Trouble::Forbidden,
                            format!("the entity {}", quoted(&name)),
                            "one of &amp; &lt; &gt; &quot; &apos;",
                        )
                    })?)
                }
                Ok(Event::DocType(_)) => {
                    return Err(self.refused(Trouble::Forbidden, "a DOCTYPE".to_owned(), "a statement without one"));
                }
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => continue,
                Ok(Event::Eof) => {
                    if self.depth > 0 {
                        return Err(self
                            .refused(Trouble::CutOff, "the end of the file inside the statement".to_owned(), "its closing tags")
                            .hint("download the file again"));
                    }
                    Step::End
                }
                Err(error) => return Err(self.broken(&error)),
            };
            return Ok(step);
        }
    }

    fn broken(&mut self, error: &quick_xml::Error) -> ReadError {
        let trouble = if matches!(error, quick_xml::Error::Syntax(_)) { Trouble::CutOff } else { Trouble::Line };
        self.refused(trouble, error.to_string(), "well-formed XML").hint("the file is cut off or damaged; download it again")
    }

    fn deeper(&mut self) -> Result<(), ReadError> {
        self.depth += 1;
        if self.depth > XML_DEPTH_MAX {
            return Err(self.refused(
                Trouble::Forbidden,
                format!("elements nested deeper than {XML_DEPTH_MAX}"),
                "a bank statement",
            ));
        }
        Ok(())
    }

    fn open(&mut self, start: &BytesStart<'_>, empty: bool) -> Result<Step, ReadError> {
        let name = start.local_name().as_ref().to_owned();
        let mut namespace = None;
        let mut currency = None;
        for attribute in start.attributes() {
            let Ok(attribute) = attribute else {
                return Err(self.refused(Trouble::Line, format!("a broken attribute of <{name}>"), "well-formed XML"));
            };
            let value = || attribute.value.clone().into_owned();
            let key = attribute.key.as_ref();
            if key == "Ccy" {
                currency = Some(value());
            } else if (key == "xmlns" || key.starts_with("xmlns:")) && attribute.value.contains("camt.") {
                namespace = Some(value());
            }
        }
        Ok(Step::Open { name, namespace, currency, empty })
    }

    /// The rest of an element that was just opened, as a tree.
    pub(crate) fn tree(&mut self, name: String, currency: Option<String>, empty: bool) -> Result<Node, ReadError> {
        let mut open = vec![Node { name, currency, ..Node::default() }];
        let mut nodes = 1_usize;
        let mut closing = empty;
        loop {
            if closing {
                let Some(done) = open.pop() else { return Ok(Node::default()) };
                let Some(parent) = open.last_mut() else { return Ok(done) };
                parent.children.push(done);
            }
            closing = match self.step()? {
                Step::Open { name, currency, empty, .. } => {
                    nodes += 1;
                    if nodes > XML_ENTRY_NODES_MAX {
                        return Err(self.refused(
                            Trouble::TooLarge,
                            format!("more than {XML_ENTRY_NODES_MAX} elements in one"),
                            "a bank statement",
                        ));
                    }
                    open.push(Node { name, currency, ..Node::default() });
                    empty
                }
                Step::Close => true,
                Step::Text(text) => {
                    let length = open.last_mut().map_or(0, |node| node.push(&text));
                    if length > FIELD_BYTES_MAX {
                        return Err(self.refused(Trouble::TooLarge, format!("a text of {length} bytes"), "at most 64 KiB"));
                    }
                    false
                }
                Step::End => {
                    return Err(self.refused(Trouble::CutOff, "the end of the file".to_owned(), "the rest of the statement"));
                }
            };
        }
    }

    fn refused(&mut self, trouble: Trouble, found: String, expected: &str) -> ReadError {
        let line = self.line();
        ReadError::new(trouble, found, expected).line(line)
    }
}

fn predefined(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}
