//! A list's statement, put together from the parts of it that a filter names.

use crate::database::Value;

/// One SELECT with its parameters in the order of their numbers.
pub(crate) struct Query {
    sql: String,
    conditions: usize,
    parameters: Vec<Value>,
}

impl Query {
    /// Begins with everything before WHERE.
    pub(crate) fn new(select: String) -> Self {
        Self { sql: select, conditions: 0, parameters: Vec::new() }
    }

    fn condition(&mut self, text: &str) {
        self.sql.push_str(if self.conditions == 0 { " WHERE " } else { " AND " });
        self.sql.push_str(text);
        self.conditions += 1;
    }

    /// A condition without a value.
    pub(crate) fn only(&mut self, condition: &str) {
        self.condition(condition);
    }

    /// A condition on a value, where there is one. `$` in the condition stands for it.
    pub(crate) fn when(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.parameters.push(value.into());
            let number = format!("?{}", self.parameters.len());
            self.condition(&condition.replace('$', &number));
        }
    }

    /// A condition on two values, `$a` and `$b`.
    pub(crate) fn both(&mut self, condition: &str, a: &str, b: &str) {
        self.parameters.push(a.to_owned().into());
        self.parameters.push(b.to_owned().into());
        let count = self.parameters.len();
        self.condition(&condition.replace("$a", &format!("?{}", count - 1)).replace("$b", &format!("?{count}")));
    }

    /// Any of the columns contains the text.
    pub(crate) fn contains(&mut self, columns: &[&str], text: Option<&str>) {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return };
        let each: Vec<String> = columns.iter().map(|column| format!("LOWER({column}) LIKE $ ESCAPE '\\'")).collect();
        self.when(&format!("({})", each.join(" OR ")), Some(pattern(text)));
    }

    /// A column contains any of the texts, letter for letter; without any, whatever it contains.
    pub(crate) fn contains_any(&mut self, column: &str, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        let each: Vec<String> = texts
            .iter()
            .map(|text| {
                self.parameters.push(literally(text).into());
                format!("{column} LIKE ?{} ESCAPE '\\'", self.parameters.len())
            })
            .collect();
        self.condition(&format!("({})", each.join(" OR ")));
    }

    /// In a list ordered by `first` and `second`, both descending: only what comes after this row.
    pub(crate) fn after(&mut self, first: &str, second: &str, row: Option<(impl Into<Value>, &str)>) {
        let Some((value, id)) = row else { return };
        self.parameters.push(value.into());
        self.parameters.push(id.to_owned().into());
        let (a, b) = (self.parameters.len() - 1, self.parameters.len());
        self.condition(&format!("({first} < ?{a} OR ({first} = ?{a} AND {second} < ?{b}))"));
    }

    /// Ends with one row for each value of a column, in the column's order.
    pub(crate) fn group(mut self, by: &str) -> (String, Vec<Value>) {
        self.sql.push_str(&format!(" GROUP BY {by} ORDER BY {by}"));
        (self.sql, self.parameters)
    }

    /// Ends with the order and the limit.
    pub(crate) fn order(mut self, order: &str, limit: Option<u64>) -> (String, Vec<Value>) {
        self.sql.push_str(" ORDER BY ");
        self.sql.push_str(order);
        if let Some(limit) = limit {
            self.parameters.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
            self.sql.push_str(&format!(" LIMIT ?{}", self.parameters.len()));
        }
        (self.sql, self.parameters)
    }
}

/// The text anywhere, in capital or small letters.
fn pattern(text: &str) -> String {
    literally(&text.to_ascii_lowercase())
}

/// The text anywhere, its own `%` and `_` taken literally.
fn literally(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// A text parameter.
pub(crate) fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}
