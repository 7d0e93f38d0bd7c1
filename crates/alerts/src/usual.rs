//! What is usual, from what was.

/// Fewer runs than this show no habit.
const LEAST: usize = 8;

/// So many times the usual distance from the middle is unusual. Of runs that scatter evenly less than one in a thousand is so far out.
const TIMES: u64 = 6;

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// No less is usual.
    pub from: u64,
    /// No more is usual.
    pub until: u64,
}

/// The usual range of the next of `values`: around their middle, by their usual distance from it, and at least by half of it either way, and
/// by `slack`. `None` where there are too few.
#[must_use]
pub fn usual(values: &[u64], slack: u64) -> Option<Usual> {
    if values.len() < LEAST {
        return None;
    }
    let middle = median(values.to_vec())?;
    let distance = median(values.iter().map(|value| value.abs_diff(middle)).collect())?;
    let reach = distance.saturating_mul(TIMES).max(middle / 2).max(slack);
    Some(Usual { from: middle.saturating_sub(reach), until: middle.saturating_add(reach) })
}

impl Usual {
    /// Whether a value lies within.
    #[must_use]
    pub const fn holds(self, value: u64) -> bool {
        self.from <= value && value <= self.until
    }
}

fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_runs_show_no_habit_and_alike_ones_half_of_what_they_are_either_way() {
        assert_eq!(usual(&[100; 7], 0), None);
        assert_eq!(usual(&[100; 8], 0), Some(Usual { from: 50, until: 150 }));
        assert_eq!(usual(&[100; 8], 400), Some(Usual { from: 0, until: 500 }));
    }

    #[test]
    fn one_that_was_far_out_makes_no_other_usual() {
        let mut values = vec![100, 101, 99, 102, 98, 100, 103, 97];
        let before = usual(&values, 0);
        values.push(1_000_000);
        assert_eq!(usual(&values, 0), before);
        assert!(!before.unwrap().holds(1_000_000) && before.unwrap().holds(140));
    }

    #[test]
    fn what_scatters_widely_is_usual_widely() {
        let range = usual(&[10, 200, 400, 600, 800, 1_000, 1_200, 1_400], 0).unwrap();
        assert!(range.holds(0) && range.holds(3_000), "{range:?}");
        assert_eq!(usual(&[u64::MAX; 9], u64::MAX), Some(Usual { from: 0, until: u64::MAX }));
    }
}
