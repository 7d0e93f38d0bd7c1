//! Everything that happens by chance, from one seed.

use jiff::SignedDuration;

/// The same rolls for the same seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// Between the two, in milliseconds, both given in seconds.
    pub fn seconds(&mut self, from: i64, until: i64) -> SignedDuration {
        let span = u64::try_from((until - from) * 1_000).unwrap();
        SignedDuration::from_millis(from * 1_000 + i64::try_from(self.below(span)).unwrap())
    }
}
