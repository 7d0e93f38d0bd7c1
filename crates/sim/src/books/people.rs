//! Customers: people and companies, with names as their countries write them.

use crate::random::mix;

/// A customer's name and e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// First names, last names, trades and legal forms of a country.
type Names = ([&'static str; 16], [&'static str; 24], [&'static str; 8], [&'static str; 4]);

const GERMAN: Names = (
    [
        "Jürgen", "Anna", "Käthe", "Lukas", "Sören", "Marie", "Björn", "Lena", "Günter", "Paul", "Jörg", "Clara", "Felix",
        "Röschen", "Max", "Hannah",
    ],
    [
        "Müller",
        "Schmidt",
        "Schröder",
        "Weber",
        "Köhler",
        "Becker",
        "Bäcker",
        "Hoffmann",
        "Weiß",
        "Koch",
        "Krüger",
        "Richter",
        "Böhm",
        "Wolf",
        "Schäfer",
        "Neumann",
        "Groß",
        "Zimmermann",
        "Lindström",
        "Hartmann",
        "Jäger",
        "Lange",
        "Vogel",
        "Küster",
    ],
    ["Möbel", "Bäckerei", "Elektro", "Gärtnerei", "Verlag", "Druckerei", "Büro", "Handel"],
    ["GmbH", "AG", "UG", "KG"],
);
const AMERICAN: Names = (
    [
        "James", "Mary", "Robert", "Linda", "José", "Susan", "David", "Karen", "Zoë", "Nancy", "Daniel", "Betty", "Renée",
        "Carol", "Mark", "Emily",
    ],
    [
        "Smith",
        "Johnson",
        "Williams",
        "Brown",
        "Garcia",
        "Miller",
        "Davis",
        "Rodriguez",
        "Martinez",
        "Hernandez",
        "Lopez",
        "Wilson",
        "Anderson",
        "Thomas",
        "Taylor",
        "Moore",
        "Jackson",
        "Martin",
        "Peña",
        "Thompson",
        "White",
        "Núñez",
        "Clark",
        "Lewis",
    ],
    ["Robotics", "Dental", "Freight", "Supplies", "Bakery", "Design", "Hardware", "Orchards"],
    ["LLC", "Inc", "Corp", "Co"],
);
const JAPANESE: Names = (
    [
        "Haruto", "Yui", "Sota", "Hina", "Yuto", "Aoi", "Ren", "Sakura", "Kaito", "Mio", "Riku", "Rin", "Daiki", "Emi", "Kenji",
        "Naomi",
    ],
    [
        "Sato",
        "Suzuki",
        "Takahashi",
        "Tanaka",
        "Watanabe",
        "Ito",
        "Yamamoto",
        "Nakamura",
        "Kobayashi",
        "Kato",
        "Yoshida",
        "Yamada",
        "Sasaki",
        "Yamaguchi",
        "Saito",
        "Matsumoto",
        "Inoue",
        "Kimura",
        "Hayashi",
        "Shimizu",
        "Yamazaki",
        "Mori",
        "Abe",
        "Ikeda",
    ],
    ["Denki", "Shoten", "Kogyo", "Sangyo", "Bussan", "Seisakusho", "Unyu", "Bunko"],
    ["KK", "GK", "YK", "Ltd"],
);

/// Customers in a hundred that are companies.
const COMPANIES: u64 = 22;

/// The customer of `number` in the world of `key`, from `country`. The same ones always have the same name.
pub(crate) fn person(key: u64, number: u32, country: &str) -> Person {
    let (first, last, trades, forms) = match country {
        "DE" => &GERMAN,
        "JP" => &JAPANESE,
        _ => &AMERICAN,
    };
    let drawn = mix(key ^ 0x9e0_917e ^ (u64::from(number) << 20));
    let pick =
        |words: &[&'static str], shift: u32| words.get(((drawn >> shift) % words.len() as u64) as usize).copied().unwrap_or("");
    let (given, family) = (pick(first, 8), pick(last, 16));
    if drawn % 100 < COMPANIES {
        let (trade, form) = (pick(trades, 24), pick(forms, 32));
        let domain = format!("{}-{}", plain(family), plain(trade));
        return Person { name: format!("{family} {trade} {form}"), email: format!("office{}@{domain}.example", drawn >> 56) };
    }
    let email = format!("{}.{}{}@mail.example", plain(given), plain(family), drawn >> 52);
    Person { name: format!("{given} {family}"), email }
}

/// A word in the letters that every computer has, in small ones.
pub(super) fn plain(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.to_lowercase().chars() {
        match letter {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'é' | 'ë' => out.push('e'),
            'ñ' => out.push('n'),
            'ú' => out.push('u'),
            other => out.push(other),
        }
    }
    out
}

/// Legal forms of every country.
pub(super) fn legal_forms() -> impl Iterator<Item = &'static str> {
    [GERMAN, AMERICAN, JAPANESE].into_iter().flat_map(|(_, _, _, forms)| forms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_keeps_the_name_and_the_mail_address_is_plain() {
        for number in 0..500 {
            let one = person(7, number, "DE");
            assert_eq!(one, person(7, number, "DE"));
            assert!(one.email.is_ascii() && one.email.contains('@'), "{}", one.email);
        }
        assert_ne!(person(7, 1, "DE"), person(7, 2, "DE"));
    }
}
