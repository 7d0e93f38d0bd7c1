//! How banks write it: Stripe's deposits, other processors', customers'.

use money::Currency;

use super::Voice;
use crate::{
    random::Random,
    world::{
        calendar::date,
        merchant::{Bank, BankFormat, Habit},
        payouts::Paid,
        rows::{PayoutKind, Trace},
    },
};

/// The words of one line.
#[derive(Clone)]
pub(super) struct Wording {
    pub(super) voice: Voice,
    pub(super) who: String,
    pub(super) text: String,
    pub(super) end_to_end: Option<String>,
    pub(super) traced: Option<usize>,
    /// What the bank's form did to them, as it is planted.
    pub(super) harm: Option<&'static str>,
}

/// What an ACH file has room for in the company's entry description; the rest is cut without a word.
const ENTRY_DESCRIPTION_LENGTH: usize = 10;
/// Upper case without the letters that are mistaken for digits.
const TOKEN_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

impl Wording {
    /// A bank that writes nothing at all.
    pub(super) fn silent() -> Self {
        Self { voice: Voice::Silent, who: String::new(), text: String::new(), end_to_end: None, traced: None, harm: None }
    }

    fn other(who: &str, text: String, end_to_end: Option<String>) -> Self {
        Self { voice: Voice::Other, who: who.to_owned(), text, end_to_end, traced: None, harm: None }
    }
}

/// `260915`: how ACH writes a day.
fn short_date(day: i64) -> String {
    date(day).map(|on| format!("{:02}{:02}{:02}", on.year() % 100, on.month(), on.day())).unwrap_or_default()
}

pub(super) fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect::<String>().trim_end().to_owned()
}

/// An ACH credit or debit as Chase prints it. `entry` is cut as ACH cuts it.
pub(super) fn ach(name: &str, company: &str, day: i64, entry: &str, trace: &str, individual: &str, holder: &str) -> String {
    let on = short_date(day);
    format!(
        "ORIG CO NAME:{name:<22} ORIG ID:{company} DESC DATE:{on} CO ENTRY DESCR:{:<10}SEC:CCD    TRACE#:{trace} EED:{on}   IND ID:{individual}     IND NAME:{}",
        cut(entry, ENTRY_DESCRIPTION_LENGTH),
        cut(&holder.to_ascii_uppercase(), 22),
    )
}

/// Stripe's deposit (or debit) as `bank` writes it. In a merged line no single payout's reference can stand.
pub(super) fn deposit(random: &mut Random, bank: &Bank, paid: &Paid, place: usize, day: i64, merged: bool) -> Wording {
    let token = random.text(TOKEN_ALPHABET, 10);
    let trace = match &paid.trace {
        // Payouts by hand travel without their reference more often than not.
        Trace::Supported(_) if paid.row.kind == PayoutKind::Manual && random.chance(700) => None,
        Trace::Supported(value) if !merged => Some(value.clone()),
        Trace::Supported(_) | Trace::Pending | Trace::Unsupported => None,
    };
    let descriptor = paid.row.descriptor;
    if bank.format == BankFormat::Chase {
        return chase(random, bank, paid, place, day, trace, &token);
    }
    let who = if bank.currency == Currency::JPY {
        "STRIPE JAPAN KK"
    } else if bank.number.ends_with(['0', '2', '4', '6', '8']) {
        "Stripe Payments UK Ltd"
    } else {
        "Stripe Technology Europe Ltd"
    };
    let reference = format!("STRIPE{}", cut(&token, 6));
    let text = match (bank.habit, descriptor) {
        (_, Some(descriptor)) => descriptor.to_owned(),
        (Habit::Whole, None) => reference,
        (Habit::Token | Habit::Name, None) if random.chance(500) => format!("STRIPE {}", cut(&token, 6)),
        (Habit::Token | Habit::Name, None) => "STRIPE".to_owned(),
    };
    let shown = trace.filter(|_| bank.habit == Habit::Whole);
    let traced = shown.is_some().then_some(place);
    Wording { voice: Voice::Stripe, who: who.to_owned(), text, end_to_end: shown, traced, harm: None }
}

fn chase(random: &mut Random, bank: &Bank, paid: &Paid, place: usize, day: i64, trace: Option<String>, token: &str) -> Wording {
    let holder = bank.holder.to_ascii_uppercase();
    let unknown_trace = format!("09100002{}", random.digits(7));
    let entry = paid.row.descriptor.unwrap_or("TRANSFER");
    let instant = paid.row.kind == PayoutKind::Instant;
    let (text, traced) = match bank.habit {
        _ if instant => (
            format!("REAL TIME PAYMENT CREDIT RECD FROM ABA/CONTR BNK-021000021 FROM: STRIPE REF: {token} INFO: TEXT- RECD:"),
            None,
        ),
        Habit::Whole => {
            let number = trace.as_deref().unwrap_or(&unknown_trace);
            let text = ach("STRIPE", "1800948598", day, entry, number, &format!("ST-{token}"), &bank.holder);
            (text, trace.is_some().then_some(place))
        }
        Habit::Token => (
            format!("STRIPE DES:{} ID:ST-{token} INDN:{holder} CO ID:1800948598 CCD", cut(entry, ENTRY_DESCRIPTION_LENGTH)),
            None,
        ),
        Habit::Name => (format!("STRIPE TRANSFER ST-{token} {holder}"), None),
    };
    Wording { voice: Voice::Stripe, who: "STRIPE".to_owned(), text, end_to_end: None, traced, harm: None }
}

/// Stripe's deposit going back.
pub(super) fn returned(random: &mut Random, bank: &Bank, day: i64) -> Wording {
    let trace = format!("02100002{}", random.digits(7));
    let text = if bank.format == BankFormat::Chase {
        ach("STRIPE", "1800948598", day, "RETURN", &trace, "R02 ACCOUNT CLOSED", &bank.holder)
    } else {
        "RETOURE STRIPE Konto erloschen".to_owned()
    };
    let who = if bank.currency == Currency::JPY { "STRIPE JAPAN KK" } else { "Stripe Payments UK Ltd" };
    Wording { voice: Voice::Stripe, who: who.to_owned(), text, end_to_end: None, traced: None, harm: None }
}

/// Stripe taking a top-up.
pub(super) fn topup(random: &mut Random, bank: &Bank, day: i64) -> Wording {
    let (trace, token) = (format!("09100002{}", random.digits(7)), random.text(TOKEN_ALPHABET, 10));
    let text = if bank.format == BankFormat::Chase {
        ach("STRIPE", "1800948598", day, "TOPUP", &trace, &format!("ST-{token}"), &bank.holder)
    } else {
        format!("STRIPE TOPUP {token}")
    };
    Wording { voice: Voice::Stripe, who: "STRIPE".to_owned(), text, end_to_end: None, traced: None, harm: None }
}

/// The bank giving a debit back to its customer; it does not say whose.
pub(super) fn debit_called_off(random: &mut Random, bank: &Bank, day: i64) -> Wording {
    let text = if bank.format == BankFormat::Chase {
        format!("ACH DEBIT RETURNED CREDIT {} REF {}", short_date(day), random.digits(9))
    } else {
        format!("RUECKGABE LASTSCHRIFT {}", random.digits(9))
    };
    Wording { voice: Voice::Other, who: String::new(), text, end_to_end: None, traced: None, harm: None }
}

/// Another processor's deposit.
pub(super) fn processor(random: &mut Random, bank: &Bank, day: i64) -> Wording {
    let american = [
        ("PAYPAL", "PAYPALSD11", "TRANSFER"),
        ("ADYEN N V", "1264308961", "SETTLEMENT"),
        ("SHOPIFY", "1800948599", "TRANSFER"),
        ("SQUARE INC", "9424300002", "SQ240915"),
        ("GOCARDLESS INC", "3383693141", "PAYOUT"),
    ];
    let european = [
        ("PayPal (Europe) S.a r.l. et Cie, S.C.A.", "PP.1042.PP Abbuchung vom PayPal-Konto"),
        ("Adyen N.V.", "TX6613449XT batch 4711 Settlement"),
        ("Shopify International Ltd.", "SHOPIFY PAYOUT"),
        ("Squareup Europe Ltd", "SQUARE AUSZAHLUNG"),
        ("GoCardless SAS", "GOCARDLESS-AUSZAHLUNG"),
    ];
    if bank.format == BankFormat::Chase {
        let (name, company, entry) = random.pick(&american);
        let (trace, id) = (format!("04200001{}", random.digits(7)), random.digits(12));
        return Wording::other(name, ach(name, company, day, entry, &trace, &id, &bank.holder), None);
    }
    let (name, text) = random.pick(&european);
    let reference = format!("{}{}", cut(&name.to_ascii_uppercase().replace([' ', '.'], ""), 4), random.digits(10));
    Wording::other(name, format!("{text} {}", random.digits(6)), Some(reference))
}

/// A customer paying by bank transfer.
pub(super) fn customer(random: &mut Random, bank: &Bank) -> Wording {
    let invoice = random.digits(5);
    if bank.format == BankFormat::Chase {
        let name = random.pick(&[
            "ACME ROBOTICS LLC",
            "HARBOR DENTAL GROUP",
            "LAKESIDE SCHOOLS",
            "DELTA FREIGHT CO",
            "ORCHARD BANKING SUPPLIES",
        ]);
        let text = format!(
            "FEDWIRE CREDIT VIA: CITIBANK N.A./021000089 B/O: {name} REF: CHASE NYC/CTR/BNF={} RFB=INV {invoice} IMAD: {}",
            bank.holder.to_ascii_uppercase(),
            random.digits(12)
        );
        return Wording::other(name, text, None);
    }
    let name =
        random.pick(&["Müller & Söhne GmbH", "Bäckerei Weiß", "Gemeinde Grünwald", "Lindström Möbel AB", "Dr. Jürgen Köhler"]);
    let text = format!("Rechnung {invoice} Kd.-Nr. {}", random.digits(6));
    Wording::other(name, text, random.chance(400).then(|| format!("E2E-{}", random.digits(12))))
}
