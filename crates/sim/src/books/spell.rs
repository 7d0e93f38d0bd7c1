//! How people get references and names wrong.

use super::people::{legal_forms, plain};
use crate::random::Random;

/// Replaces one digit by another.
pub(super) fn mistyped(random: &mut Random, text: &str) -> Option<String> {
    let digits: Vec<usize> = places(text, |letter| letter.is_ascii_digit());
    let at = *digits.get(random.below(digits.len() as u64) as usize)?;
    let step = random.between(1, 9) as u32;
    let turn = |letter: char| letter.to_digit(10).and_then(|digit| char::from_digit((digit + step) % 10, 10)).unwrap_or(letter);
    Some(text.chars().enumerate().map(|(place, letter)| if place == at { turn(letter) } else { letter }).collect())
}

/// Swaps two neighbours of the tail that differ.
pub(super) fn transposed(random: &mut Random, text: &str) -> Option<String> {
    let mut letters: Vec<char> = text.chars().collect();
    let head = text.find(['_', '-']).map_or(0, |at| at + 1);
    // Letters that differ in size only would look the same to a careful reader.
    let differ = |pair: &[char]| matches!(pair, [a, b] if !a.eq_ignore_ascii_case(b));
    let pairs = letters.windows(2).enumerate().filter(|(at, pair)| *at >= head && differ(pair));
    let pairs: Vec<usize> = pairs.map(|(at, _)| at).collect();
    let at = *pairs.get(random.below(pairs.len() as u64) as usize)?;
    letters.swap(at, at + 1);
    Some(letters.into_iter().collect())
}

/// What is left of a reference in a field that is too short.
pub(super) fn cut(random: &mut Random, text: &str) -> Option<String> {
    let length = text.chars().count();
    let kept = length.checked_sub(random.between(1, 3).unsigned_abs() as usize + length / 4)?;
    (kept >= 4).then(|| text.chars().take(kept).collect())
}

/// The whole reference, dressed: with a prefix or suffix, in small letters, with spaces.
pub(super) fn dressed(random: &mut Random, text: &str) -> String {
    let spaced = || text.char_indices().map(|(at, letter)| if at == 3 { format!(" {letter}") } else { letter.to_string() });
    match random.below(4) {
        0 => format!("STRIPE/{text}"),
        1 => format!("{text}-1"),
        2 if text.to_lowercase() != text => text.to_lowercase(),
        _ => spaced().collect(),
    }
}

/// `Jürgen Müller` → `J. Müller`; not for one word.
pub(super) fn abbreviated(name: &str) -> Option<String> {
    let (first, rest) = name.split_once(' ')?;
    let initial = first.chars().next().filter(|_| first.chars().count() > 1)?;
    Some(format!("{initial}. {rest}"))
}

/// `Jürgen Müller` → `Müller, Jürgen`.
pub(super) fn swapped(name: &str) -> Option<String> {
    let (first, rest) = name.split_once(' ')?;
    Some(format!("{rest}, {first}"))
}

/// `Müller` → `Mueller`; only where there is something to write in other letters.
pub(super) fn without_umlauts(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let written: String = name
        .chars()
        .map(|letter| {
            let small = plain(&letter.to_string());
            match letter {
                _ if letter.is_ascii() => letter.to_string(),
                _ if letter.is_uppercase() => {
                    small.get(..1).unwrap_or_default().to_uppercase() + small.get(1..).unwrap_or_default()
                }
                _ => small,
            }
        })
        .collect();
    (written != name).then_some(written)
}

/// `Müller Möbel GmbH` → `Müller Möbel`.
pub(super) fn without_form(name: &str) -> Option<String> {
    let (rest, last) = name.rsplit_once(' ')?;
    legal_forms().any(|form| form == last).then(|| rest.to_owned())
}

/// Two neighbouring letters in the wrong order, or one left out.
pub(super) fn misspelt(random: &mut Random, name: &str) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let pairs: Vec<usize> = letters
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair.iter().all(|letter| letter.is_lowercase()) && pair.first() != pair.last())
        .map(|(at, _)| at)
        .collect();
    let at = *pairs.get(random.below(pairs.len() as u64) as usize)?;
    if random.chance(500) {
        letters.swap(at, at + 1);
    } else {
        letters.remove(at);
    }
    Some(letters.into_iter().collect())
}

fn places(text: &str, wanted: impl Fn(char) -> bool) -> Vec<usize> {
    text.chars().enumerate().filter(|(_, letter)| wanted(*letter)).map(|(at, _)| at).collect()
}

/// Letters and digits only, in capitals: what a careful reader compares.
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Least characters of a reference that can prove anything.
const PROOF_LENGTH: usize = 6;

/// Whether the whole id can be read in a text.
pub(super) fn shows(text: &str, id: &str) -> bool {
    shows_bare(&bare(text), id)
}

/// The same of a text that is bare already.
pub(super) fn shows_bare(text: &str, id: &str) -> bool {
    text.len() >= PROOF_LENGTH && {
        let id = bare(id);
        id.len() >= PROOF_LENGTH && text.contains(&id)
    }
}

/// Whether a text looks like the id got wrong: one character off, two swapped, or the end missing.
pub(super) fn resembles(text: &str, id: &str) -> bool {
    if text.len() < PROOF_LENGTH || id.len() < PROOF_LENGTH {
        return false;
    }
    let (text, id) = (bare(text), bare(id));
    if text.len() < PROOF_LENGTH || id.len() < PROOF_LENGTH {
        return false;
    }
    if text.len() != id.len() {
        return id.starts_with(&text);
    }
    let off: Vec<(u8, u8)> = text.bytes().zip(id.bytes()).filter(|(a, b)| a != b).collect();
    match off.as_slice() {
        [] | [_] => true,
        [(a, b), (c, d)] => a == d && b == c,
        _ => false,
    }
}

/// Whether two names can be one person's: they share a word of three letters, or one with two letters swapped or one missing.
pub(super) fn same_person(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    one.iter().any(|a| other.iter().any(|b| a == b || nearly(a, b)))
}

/// The words that tell people apart; legal forms do not.
fn words(name: &str) -> Vec<String> {
    let form = |word: &str| legal_forms().any(|form| form.eq_ignore_ascii_case(word));
    let letters = |letter: char| !letter.is_alphanumeric();
    plain(name).split(letters).filter(|word| word.len() >= 3 && !form(word)).map(ToOwned::to_owned).collect()
}

fn nearly(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let left_out = |at: usize| short.get(..at) == long.get(..at) && short.get(at..) == long.get(at + 1..);
    let swapped = || {
        let off: Vec<(u8, u8)> = a.bytes().zip(b.bytes()).filter(|(a, b)| a != b).collect();
        matches!(off.as_slice(), [(a, b), (c, d)] if a == d && b == c)
    };
    match long.len() - short.len() {
        0 => swapped(),
        1 | 2 => (0..short.len() + 1).any(left_out),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_wrong_and_still_looks_like_it() {
        let mut random = Random::new(3, "spell", 0);
        for id in ["SO-100123", "ch_3AbC12dEfGh45iJkLmNoPqRs", "pi_30000111"] {
            for _ in 0..50 {
                for wrong in [mistyped(&mut random, id), transposed(&mut random, id), cut(&mut random, id)].into_iter().flatten()
                {
                    assert_ne!(wrong, id);
                    assert!(!shows(&wrong, id), "{wrong} for {id}");
                }
                let dressed = dressed(&mut random, id);
                assert!(dressed != id && shows(&dressed, id), "{dressed} for {id}");
            }
        }
    }

    #[test]
    fn other_spellings_are_the_same_person() {
        let mut random = Random::new(3, "spell", 1);
        for name in ["Jürgen Müller", "Müller Möbel GmbH", "Renée Peña", "Haruto Sato"] {
            let spelt =
                [abbreviated(name), swapped(name), without_umlauts(name), without_form(name), misspelt(&mut random, name)];
            for other in spelt.into_iter().flatten() {
                assert_ne!(other, name);
                assert!(same_person(&other, name), "{other} for {name}");
            }
        }
        assert!(!same_person("Anna Weber", "Lukas Koch"));
        assert!(!same_person("Böhm Verlag GmbH", "Wolf Büro GmbH"));
        assert_eq!(without_umlauts("Özil").as_deref(), Some("Oezil"));
        assert_eq!(without_umlauts("Smith"), None);
    }
}
