//! Which seeds a property is looked at for.

use std::ops::Range;

/// The first `usual` seeds; in a campaign those that `SIM_SEEDS` names, such as `100..200`.
pub fn seeds(usual: u64) -> Range<u64> {
    let Ok(text) = std::env::var("SIM_SEEDS") else { return 0..usual };
    let bounds = text.split_once("..").and_then(|(from, until)| Some(from.parse().ok()?..until.parse().ok()?));
    bounds.unwrap_or_else(|| panic!("SIM_SEEDS is {text}; expected two numbers, such as 100..200"))
}
