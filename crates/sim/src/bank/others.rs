//! Everything else that passes through a merchant's bank account.

use money::Currency;

use super::{
    Booking, Line, Origin,
    wording::{self, Wording},
};
use crate::{
    random::Random,
    world::{
        calendar::date,
        merchant::{Bank, BankFormat, Cast},
    },
};

struct Book<'a> {
    place: usize,
    bank: &'a Bank,
    random: Random,
    lines: Vec<Line>,
}

/// One bank account's lines that have nothing to do with Stripe, from the first day to the last.
pub(super) fn business(seed: u64, cast: &Cast, place: usize, first: i64, last: i64) -> Vec<Line> {
    let Some(bank) = cast.banks.get(place) else { return Vec::new() };
    let mut book = Book { place, bank, random: Random::new(seed, "business", place as u64), lines: Vec::new() };
    for day in first..=last {
        if bank.region.is_business_day(day) {
            book.business_day(day, day == last);
        }
    }
    book.lines
}

impl Book<'_> {
    fn business_day(&mut self, day: i64, last: bool) {
        let count = self.random.between(1, 4) + i64::from(last);
        for _ in 0..count {
            match self.random.weighted(&[34, 16, 18, 14, 12, 4, 2]) {
                0 => self.card(day),
                1 => self.supplier(day),
                2 => self.customer(day),
                3 => self.processor(day),
                4 => self.direct_debit(day),
                5 => self.fee(day),
                _ => self.check(day),
            }
        }
        let month = |day| date(day).map(|on| on.month()).ok();
        if month(self.bank.region.add_business_days(day, 1)) != month(day) {
            self.monthly(day);
        }
        if self.random.chance(25) {
            self.true_twins(day);
        }
        if self.bank.format != BankFormat::Chase && self.random.chance(60) {
            self.collected(day);
        }
    }

    /// Minor units, in yen a hundred and fifty times as many whole units as in dollars.
    fn amount(&mut self, least: i64, most: i64) -> i64 {
        let cents = self.random.between(least * 100, most * 100);
        if self.bank.currency == Currency::JPY { cents * 3 / 2 } else { cents }
    }

    fn push(&mut self, day: i64, amount: i64, booking: Booking, words: Wording) {
        self.lines.push(Line::of(self.place, day, amount, booking, Origin::Business, words));
    }

    fn plain(&mut self, day: i64, amount: i64, booking: Booking, who: &str, text: String) {
        let words = Wording { voice: super::Voice::Other, who: who.to_owned(), text, end_to_end: None, traced: None, harm: None };
        self.push(day, amount, booking, words);
    }

    fn american(&self) -> bool {
        self.bank.format == BankFormat::Chase
    }

    fn card(&mut self, day: i64) {
        let amount = -self.amount(3, 240);
        let shop = self.random.pick(&[
            "STAPLES 00112",
            "UNITED AIRLINES",
            "WEWORK",
            "AWS EMEA",
            "REWE MARKT",
            "DB VERTRIEB",
            "SHELL 4411",
            "GITHUB",
        ]);
        let on = date(day).map(|on| format!("{:02}/{:02}", on.month(), on.day())).unwrap_or_default();
        let text = if self.american() {
            format!("{shop} NEW YORK NY {}  {on}", self.random.digits(6))
        } else {
            format!("{shop}//KARTENZAHLUNG {on} {}", self.random.digits(4))
        };
        self.plain(day, amount, Booking::Card, shop, text);
    }

    fn supplier(&mut self, day: i64) {
        let amount = -self.amount(150, 9_000);
        let name = self.random.pick(&[
            "Northwind Paper",
            "Kessler Logistik GmbH",
            "Papyrus Druck",
            "Globex Packaging",
            "Initech Hosting",
        ]);
        let text = if self.american() {
            let (trace, id) = (format!("02100002{}", self.random.digits(7)), self.random.digits(9));
            wording::ach(&name.to_ascii_uppercase(), "9200502231", day, "VENDOR PMT", &trace, &id, name)
        } else {
            format!("Rechnung {} vom {}", self.random.digits(7), date(day - 12).map(|on| on.to_string()).unwrap_or_default())
        };
        self.plain(day, amount, Booking::Debit, name, text);
    }

    fn customer(&mut self, day: i64) {
        let (amount, words) = (self.amount(40, 14_000), wording::customer(&mut self.random, self.bank));
        self.push(day, amount, Booking::Wire, words);
    }

    fn processor(&mut self, day: i64) {
        let (amount, words) = (self.amount(60, 6_000), wording::processor(&mut self.random, self.bank, day));
        self.push(day, amount, Booking::Credit, words);
    }

    fn direct_debit(&mut self, day: i64) {
        let amount = -self.amount(12, 480);
        let name = self.random.pick(&[
            "Telekom Deutschland GmbH",
            "CITY POWER AND LIGHT",
            "Allianz Versicherungs-AG",
            "COMCAST BUSINESS",
        ]);
        let text = format!("{} {}", if self.american() { "AUTOPAY" } else { "Lastschrift Vertrag" }, self.random.digits(9));
        self.plain(day, amount, Booking::Debit, name, text);
    }

    fn fee(&mut self, day: i64) {
        let amount = -self.amount(4, 30);
        let text = if self.american() { "MONTHLY SERVICE FEE" } else { "Entgelt Kontoführung" };
        self.plain(day, amount, Booking::Fee, "", text.to_owned());
    }

    fn check(&mut self, day: i64) {
        let amount = -self.amount(100, 2_500);
        let number = self.random.between(1_000, 9_999);
        let text = if self.american() { format!("CHECK {number}") } else { format!("Scheck {number}") };
        self.plain(day, amount, Booking::Check, "", text);
    }

    /// Rent and salaries.
    fn monthly(&mut self, day: i64) {
        let rent = -self.amount(2_800, 3_200) / 10_000 * 10_000;
        self.plain(day, rent.min(-10_000), Booking::Debit, "Riverside Properties", "RENT / MIETE BUERO".to_owned());
        let names = ["A. Novak", "B. Silva", "C. Tanaka", "D. Weber"];
        if self.american() {
            for name in names {
                let amount = -self.amount(2_900, 5_200);
                let (trace, id) = (format!("02100002{}", self.random.digits(7)), self.random.digits(9));
                let text = wording::ach("GUSTO PAYROLL", "9138864001", day, "PAYROLL", &trace, &id, name);
                self.plain(day, amount, Booking::Debit, name, text);
            }
        } else {
            let parts =
                names.iter().map(|name| ((*name).to_owned(), "LOHN / GEHALT".to_owned(), -self.amount(2_100, 4_300))).collect();
            self.batch(day, Booking::Debit, "SAMMELUEBERWEISUNG GEHALT", parts);
        }
    }

    /// Several customers' direct debits in one booking.
    fn collected(&mut self, day: i64) {
        let count = self.random.between(2, 5);
        let parts = (0..count)
            .map(|_| {
                (
                    self.random.pick(&["Hans Groß", "Erika Mustermann", "Jörg Baum", "Anna Zöller"]).to_owned(),
                    format!("Beitrag {}", self.random.digits(5)),
                    self.amount(15, 90),
                )
            })
            .collect();
        self.batch(day, Booking::Credit, "SAMMELLASTSCHRIFT MITGLIEDER", parts);
    }

    fn batch(&mut self, day: i64, booking: Booking, text: &str, parts: Vec<(String, String, i64)>) {
        let total = parts.iter().map(|(_, _, amount)| amount).sum();
        self.plain(day, total, booking, "", text.to_owned());
        if let Some(line) = self.lines.last_mut() {
            line.batch = parts;
        }
    }

    /// Two bookings that say the same and are both real.
    fn true_twins(&mut self, day: i64) {
        let amount = -self.amount(2, 19);
        for _ in 0..2 {
            self.plain(day, amount, Booking::Card, "PARKHAUS MITTE", "PARKHAUS MITTE TAGESTICKET".to_owned());
        }
    }
}
