//! What the words of a bank line say about whose money it is.

use std::collections::HashSet;

use facts::BankLine;

/// Whose money a line says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// It names Stripe.
    Stripe,
    /// It names nobody: empty, or only a bank's general words, numbers and the merchant's own name.
    Nobody,
    /// It names somebody, and that is not Stripe. Never matched on amount alone.
    Other,
}

/// A bank line's words, read once.
#[derive(Clone, Debug)]
pub(crate) struct LineText {
    /// Every letter and digit, upper case, blanks and punctuation dropped: finds references that the bank wrapped.
    pub squeezed: String,
    /// Whose money it says it is.
    pub party: Party,
    /// The words without any number: what stays the same from one deposit on this route to the next.
    pub template: String,
    /// It speaks of a return.
    pub returned: bool,
}

/// Company ids under which Stripe sends ACH credits in the United States.
///
/// Source: Stripe support, "What happens when I have a negative balance"; others exist and are learnt from proven deposits.
const STRIPE_ORIGINATORS: [&str; 3] = ["WFMSTRIPE1", "1800948598", "4270465600"];

/// Words that follow `STRIPE` without a blank where a bank drops blanks.
const STRIPE_SUFFIXES: [&str; 9] = ["PAYMENTS", "PAYOUT", "PAYOUTS", "TRANSFER", "TECHNOLOGY", "COM", "INC", "LTD", "PAYMENT"];

/// Words with which banks describe any transfer, in the languages of the bank files that Tieout reads; a text of nothing else
/// names nobody.
const GENERAL_WORDS: [&str; 147] = [
    "A",
    "ABONO",
    "ACCOUNT",
    "ACCREDITO",
    "ACH",
    "AF",
    "AN",
    "AUFTRAGGEBER",
    "AUS",
    "AUTO",
    "AVIS",
    "BACS",
    "BANK",
    "BANKGIRO",
    "BELOPP",
    "BETRAG",
    "BGC",
    "BIC",
    "BIJ",
    "BIJSCHRIJVING",
    "BONIFICO",
    "BUCHUNG",
    "CASH",
    "CCD",
    "CHAPS",
    "CO",
    "COMPANY",
    "CR",
    "CREDIT",
    "CREDITED",
    "CREDITO",
    "CRÉDIT",
    "CRÉDITO",
    "CUSTOMER",
    "DATE",
    "DE",
    "DEPOSIT",
    "DEPOSITO",
    "DEPOT",
    "DEPÓSITO",
    "DESC",
    "DESCR",
    "DIRECT",
    "DÉPÔT",
    "ECHTZEITGUTSCHRIFT",
    "EINGANG",
    "EINZAHLUNG",
    "EINZELGUTSCHRIFT",
    "ELECTRONIC",
    "EMPFANGEN",
    "ENTRADA",
    "ENTRY",
    "EREF",
    "EUR",
    "EURO",
    "FASTER",
    "FPI",
    "FROM",
    "FT",
    "FUNDS",
    "GBP",
    "GELD",
    "GIRO",
    "GUTSCHR",
    "GUTSCHRIFT",
    "HABEN",
    "IBAN",
    "ID",
    "IN",
    "INBOUND",
    "INCOMING",
    "INDBETALING",
    "INDN",
    "INGRESO",
    "INSTANT",
    "INSÄTTNING",
    "INWARD",
    "JPY",
    "KREDIT",
    "KREF",
    "MISC",
    "NAME",
    "NETTO",
    "NO",
    "NOTPROVIDED",
    "NR",
    "NUMBER",
    "OF",
    "ONTVANGEN",
    "ORDEN",
    "ORIG",
    "ORIGINATOR",
    "OVERBOEKING",
    "OVERFØRSEL",
    "PAGO",
    "PAYMENT",
    "PAYMENTS",
    "PAYOUT",
    "PPD",
    "PRZELEW",
    "PRZYCHODZĄCY",
    "RCVD",
    "REC",
    "RECEIPT",
    "RECEIVED",
    "RECIBIDA",
    "RECU",
    "REF",
    "REFERENCE",
    "REFERENZ",
    "REMISE",
    "REÇU",
    "SALDO",
    "SAMMELGUTSCHRIFT",
    "SEC",
    "SEPA",
    "SETTLEMENT",
    "SVWZ",
    "TEXT",
    "TFR",
    "THE",
    "TO",
    "TRACE",
    "TRANSACTION",
    "TRANSFER",
    "TRANSFERENCIA",
    "TRF",
    "TRN",
    "UBERWEISUNG",
    "UEBERWEISUNG",
    "UEBERWEISUNGSGUTSCHR",
    "UEBERWEISUNGSGUTSCHRIFT",
    "UMSATZ",
    "USD",
    "UZNANIE",
    "VALUTA",
    "VERSEMENT",
    "VERWENDUNGSZWECK",
    "VIR",
    "VIREMENT",
    "VON",
    "WERTSTELLUNG",
    "WIRE",
    "ZAHLUNG",
    "ZAHLUNGSEINGANG",
    "ÜBERWEISUNG",
    "ÜBERWEISUNGSGUTSCHRIFT",
];

/// How words begin that speak of money going back.
const RETURN_STEMS: [&str; 15] = [
    "RETURN",
    "RTN",
    "REVERS",
    "REJECT",
    "RECALL",
    "RETOUR",
    "RUECKLAST",
    "RUECKGABE",
    "RUECKBUCH",
    "RUECKUEBERW",
    "RÜCK",
    "STORNO",
    "DEVOL",
    "REJET",
    "STORNI",
];

/// The shortest part of a merchant's own payout descriptor that identifies it.
const DESCRIPTOR_CHARS_MIN: usize = 5;

/// US ACH cuts the descriptor after this many characters.
///
/// Source: Stripe, "Statement descriptors for payouts", <https://docs.stripe.com/payouts/statement-descriptors>.
const DESCRIPTOR_CHARS_ACH: usize = 10;

impl LineText {
    /// Reads the line; `own_words` are the merchant's own names, which say nothing about who paid.
    pub fn read(line: &BankLine, own_words: &HashSet<String>) -> Self {
        let tokens = tokens_of(line);
        let words: Vec<&str> = tokens.iter().map(String::as_str).filter(|token| is_word(token)).collect();
        Self {
            squeezed: tokens.concat(),
            party: party(&tokens, &words, own_words),
            template: words.join(" "),
            returned: words.iter().any(|word| RETURN_STEMS.iter().any(|stem| word.starts_with(stem))),
        }
    }

    /// Whether a payout descriptor, as [`descriptor`] cuts it, stands in the line.
    pub fn bears(&self, descriptor: &str) -> bool {
        self.squeezed.contains(descriptor)
    }
}

/// A merchant's own payout descriptor as far as US ACH writes it; `None` where it is too short to identify anybody, or says no
/// more than that Stripe pays.
pub(crate) fn descriptor(text: &str) -> Option<String> {
    let cut: String = squeeze(text).chars().take(DESCRIPTOR_CHARS_ACH).collect();
    (cut.len() >= DESCRIPTOR_CHARS_MIN && !cut.starts_with("STRIPE")).then_some(cut)
}

/// Letters and digits of `text` in upper case.
pub(crate) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Upper-case words of a text, split wherever there is neither letter nor digit.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(squeeze)
}

/// Upper-case words of everything the bank wrote on the line.
pub(crate) fn tokens_of(line: &BankLine) -> Vec<String> {
    texts(line).flat_map(tokens).collect()
}

/// Every letter and digit of everything that the bank wrote on the line, like [`LineText::squeezed`].
pub(crate) fn squeezed(line: &BankLine) -> String {
    tokens_of(line).concat()
}

/// What stands between blanks on the line, each squeezed.
pub(crate) fn words_of(line: &BankLine) -> impl Iterator<Item = String> + '_ {
    texts(line).flat_map(str::split_whitespace).map(squeeze)
}

fn texts(line: &BankLine) -> impl Iterator<Item = &str> {
    let fields = [Some(&line.description), line.counterparty.as_ref(), line.reference.as_ref()];
    fields.into_iter().flatten().chain(&line.other_references).map(String::as_str)
}

fn is_word(token: &str) -> bool {
    token.chars().all(char::is_alphabetic)
}

fn party(tokens: &[String], words: &[&str], own_words: &HashSet<String>) -> Party {
    if tokens.iter().any(|token| names_stripe(token)) {
        Party::Stripe
    } else if words.iter().all(|word| word.chars().count() == 1 || GENERAL_WORDS.contains(word) || own_words.contains(*word)) {
        Party::Nobody
    } else {
        Party::Other
    }
}

/// `STRIPE`, `STRIPEX4J1J3`, `STRIPEPAYMENTS`, or an originator id; not `STRIPED` or `PINSTRIPE`.
fn names_stripe(token: &str) -> bool {
    let suffix = token.strip_prefix("STRIPE");
    STRIPE_ORIGINATORS.contains(&token)
        || suffix.is_some_and(|rest| {
            rest.is_empty()
                || rest.chars().any(|c| c.is_ascii_digit())
                || STRIPE_SUFFIXES.iter().any(|known| rest.starts_with(known))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::{BankAccountName, BankLineId};
    use money::{Amount, Currency};

    fn party_of(description: &str) -> Party {
        let line = BankLine {
            id: BankLineId::parse("bl_1").unwrap(),
            bank_account: BankAccountName::parse("main").unwrap(),
            date_on: jiff::civil::date(2026, 7, 1),
            value_on: None,
            amount: Amount::new(100, Currency::USD),
            description: description.to_owned(),
            counterparty: None,
            reference: None,
            other_references: Vec::new(),
            balance_after_minor: None,
        };
        LineText::read(&line, &HashSet::from(["BRIGHTLINE".to_owned(), "STUDIO".to_owned()])).party
    }

    #[test]
    fn banks_write_stripe_in_many_ways() {
        for text in [
            "ORIG CO NAME:STRIPE ORIG ID:1800948598 DESC DATE:260915 CO ENTRY DESCR:TRANSFER SEC:CCD TRACE#:091000019999999",
            "STRIPE DES:TRANSFER ID:ST-5ZHG5Y3YVT INDN:BRIGHTLINE STUDIO LLC",
            "SVWZ+STRIPEX4J1J3 Stripe Payments UK Ltd",
            "Stripe Technology Europe Lt",
            "VIR STRIPE",
            "StripePayments UK",
        ] {
            assert_eq!(party_of(text), Party::Stripe, "{text}");
        }
    }

    #[test]
    fn somebody_elses_money_says_so() {
        for text in ["PAYPAL TRANSFER 123", "ADYEN N.V.", "Pinstripe Tailors", "STRIPED SOCKS LTD", "Miete Juli", "John Smith"] {
            assert_eq!(party_of(text), Party::Other, "{text}");
        }
    }

    #[test]
    fn an_empty_text_names_nobody() {
        for text in [
            "",
            "ACH CREDIT 000123",
            "Gutschrift SEPA",
            "GUTSCHR. UEBERWEISUNG",
            "Virement reçu",
            "DEPOSIT BRIGHTLINE STUDIO",
            "4711",
        ] {
            assert_eq!(party_of(text), Party::Nobody, "{text}");
        }
    }
}
