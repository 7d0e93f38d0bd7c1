//! Hashes of what a run worked on and of what came of it.

use audit::hex;
use sha2::{Digest, Sha256};

/// The hash of some parts, each of which counts with its length, in hexadecimal.
pub(super) fn hash_of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> String {
    let digest = parts
        .into_iter()
        .fold(Sha256::new(), |digest, part| digest.chain_update((part.len() as u64).to_be_bytes()).chain_update(part));
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let hash = |parts: &[&str]| hash_of(parts.iter().map(|part| part.as_bytes()));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!((hash(&["a"]), hash(&[]).len()), (hash(&["a"]), 64));
    }
}
