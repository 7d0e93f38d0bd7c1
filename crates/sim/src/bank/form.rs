//! What a bank's form leaves of a deposit's words: no reference, the beginning only, or all of it, wrapped.

use super::{
    dial::{Dial, Trouble},
    wording::{Wording, cut},
};
use crate::{
    random::Random,
    world::merchant::{Bank, BankFormat},
};

/// What is left of a European text that is cut, in characters; ACH cuts its entry description there too.
const CUT_LENGTH: usize = 10;
/// What is left of Chase's: up to behind the name of who pays.
const CHASE_CUT_LENGTH: usize = 32;
/// Columns of Chase's form, of a German statement's and of a remittance line of CAMT: their texts are wrapped there.
const CHASE_WIDTH: usize = 32;
const GERMAN_WIDTH: usize = 27;
const CAMT_WIDTH: usize = 35;

/// The words as the bank's form leaves them, at most one thing done to them, which is named in them.
pub(super) fn filled_in(random: &mut Random, dial: Dial, bank: &Bank, words: Wording) -> Wording {
    let strikes = |random: &mut Random, trouble| random.chance(dial.beyond_usual(trouble));
    if strikes(random, Trouble::Blanked) {
        blanked(bank, words)
    } else if strikes(random, Trouble::TextCut) {
        shortened(bank, words)
    } else if strikes(random, Trouble::TextWrapped) {
        wrapped(bank, words)
    } else {
        words
    }
}

fn blanked(bank: &Bank, words: Wording) -> Wording {
    let text = if bank.format == BankFormat::Chase { "ELECTRONIC ACH STRIPE" } else { "STRIPE" };
    Wording { text: text.to_owned(), end_to_end: None, traced: None, harm: Some("reference_blanked"), ..words }
}

fn shortened(bank: &Bank, words: Wording) -> Wording {
    let length = if bank.format == BankFormat::Chase { CHASE_CUT_LENGTH } else { CUT_LENGTH };
    let text = cut(&words.text, length);
    // Where a bank writes the payer's name into the text only, it is never what is cut off.
    let names = bank.format != BankFormat::Chase || text.contains("STRIPE");
    if !names || text == words.text {
        return words;
    }
    Wording { text, end_to_end: None, traced: None, harm: Some("text_cut"), ..words }
}

fn wrapped(bank: &Bank, words: Wording) -> Wording {
    let (text, width) = match bank.format {
        BankFormat::Chase => (words.text.clone(), CHASE_WIDTH),
        BankFormat::Sparkasse => (tagged(&words), GERMAN_WIDTH),
        BankFormat::Camt02 | BankFormat::Camt08 => (tagged(&words), CAMT_WIDTH),
    };
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= width {
        return words;
    }
    let rows: Vec<String> = letters.chunks(width).map(|row| row.iter().collect()).collect();
    Wording { text: rows.join("\n"), end_to_end: None, harm: Some("text_wrapped"), ..words }
}

/// Purpose and reference in one text, each behind its tag, as German banks write them.
fn tagged(words: &Wording) -> String {
    format!("SVWZ+{} EREF+{}", words.text, words.end_to_end.as_deref().unwrap_or("NOTPROVIDED"))
}
