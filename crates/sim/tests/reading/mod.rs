//! Readers of the bank's files that share nothing with the product.

/// A row of a bank file: reference, day, minor units, text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub reference: String,
    pub date_on: String,
    pub amount_minor: i64,
    pub text: String,
    /// Not pending.
    pub booked: bool,
}

/// What a CAMT file says of its balances: opening, closing.
pub fn camt_balances(text: &str) -> (i64, i64) {
    let of = |code: &str| {
        let from = text.split(&format!("<Cd>{code}</Cd>")).nth(1).expect("a balance");
        signed(from)
    };
    (of("OPBD"), of("CLBD"))
}

/// The amount and indicator at the start of `xml`, digits only: minor units of any currency.
fn signed(xml: &str) -> i64 {
    let digits = between(xml, "\">", "</Amt>").replace('.', "");
    let minor: i64 = digits.parse().expect("an amount");
    if between(xml, "<CdtDbtInd>", "</CdtDbtInd>") == "DBIT" { -minor } else { minor }
}

fn between<'a>(text: &'a str, left: &str, right: &str) -> &'a str {
    let from = text.split_once(left).unwrap_or_else(|| panic!("no {left}")).1;
    from.split_once(right).unwrap_or_else(|| panic!("no {right}")).0
}

/// The rows of a file in any of the formats.
pub fn rows(format: &str, bytes: &[u8]) -> Vec<Row> {
    match format {
        "csv:chase" => records(std::str::from_utf8(bytes).expect("UTF-8")).skip(1).map(chase).collect(),
        "csv:sparkasse" => {
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            records(&text).skip(1).map(sparkasse).collect()
        }
        _ => std::str::from_utf8(bytes).expect("UTF-8").split("<Ntry>").skip(1).map(camt).collect(),
    }
}

/// Rows of a CSV file; a line break within quotes ends none.
fn records(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.trim_end().split(move |letter| {
        quoted ^= letter == '"';
        letter == '\n' && !quoted
    })
}

fn fields(row: &str, delimiter: char) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for letter in row.chars() {
        match letter {
            '"' => quoted = !quoted,
            _ if letter == delimiter && !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

fn chase(row: &str) -> Row {
    let fields = fields(row, ',');
    assert_eq!(fields.len(), 8, "{row}");
    let (date, text) = (&fields[1], fields[2].clone());
    let date_on = format!("{}-{}-{}", &date[6..10], &date[0..2], &date[3..5]);
    Row {
        reference: String::new(),
        date_on,
        amount_minor: fields[3].replace('.', "").parse().expect("an amount"),
        text,
        booked: fields[5] != " ",
    }
}

fn sparkasse(row: &str) -> Row {
    let fields = fields(row.trim_end(), ';');
    assert_eq!(fields.len(), 17, "{row}");
    let (date, amount) = (&fields[1], fields[14].replace(',', ""));
    let date_on = format!("20{}-{}-{}", &date[6..8], &date[3..5], &date[0..2]);
    let reference = fields[7].clone();
    Row {
        reference,
        date_on,
        amount_minor: amount.parse().expect("an amount"),
        text: fields[4].clone(),
        booked: fields[16] == "Umsatz gebucht",
    }
}

fn camt(entry: &str) -> Row {
    let text = if entry.contains("<AddtlNtryInf>") {
        between(entry, "<AddtlNtryInf>", "</AddtlNtryInf>").to_owned()
    } else {
        let remittance: Vec<&str> =
            entry.split("<Ustrd>").skip(1).map(|rest| rest.split_once("</Ustrd>").expect("its end").0).collect();
        remittance.join(" ")
    };
    let booked = entry.contains("BOOK<");
    assert_ne!(booked, entry.contains("PDNG<"), "{entry}");
    let or_nothing = |left: &str, right: &str| if booked { between(entry, left, right).to_owned() } else { String::new() };
    let on = if booked { "<BookgDt><Dt>" } else { "<ValDt><Dt>" };
    Row {
        reference: or_nothing("<AcctSvcrRef>", "</AcctSvcrRef>"),
        date_on: between(entry, on, "</Dt>").to_owned(),
        amount_minor: signed(entry),
        text: text.replace("&amp;", "&"),
        booked,
    }
}
