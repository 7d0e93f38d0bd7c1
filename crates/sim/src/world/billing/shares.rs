//! Parts of amounts, in integers: to the nearest minor unit, halves away from zero, so that a credit undoes its debit exactly.

use crate::options::SimError;

/// `amount` × `part` ÷ `whole`; nothing of nothing.
pub(crate) fn share(amount: i64, part: i64, whole: i64) -> Result<i64, SimError> {
    if whole == 0 {
        return Ok(0);
    }
    let (product, whole) = (i128::from(amount) * i128::from(part), i128::from(whole));
    let size = (2 * product.abs() + whole.abs()) / (2 * whole.abs());
    i64::try_from(size * product.signum() * whole.signum()).map_err(|_| SimError::Amount("a share of an amount"))
}

/// `total` spread over `weights` in proportion: each part to the nearest unit, their sum exactly `total`.
pub(crate) fn spread(total: i64, weights: &[i64]) -> Result<Vec<i64>, SimError> {
    let whole: i64 = weights.iter().sum();
    let (mut reached, mut given) = (0, 0);
    let part = |weight: &i64| {
        reached += weight;
        let until = share(total, reached, whole)?;
        let part = until - given;
        given = until;
        Ok(part)
    };
    weights.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_on_both_sides() {
        for (amount, part, whole, result) in [
            (5, 1, 2, 3),
            (-5, 1, 2, -3),
            (7, 1, 3, 2),
            (-7, 1, 3, -2),
            (1, 1, 3, 0),
            (100, 0, 9, 0),
            (100, 9, 9, 100),
            (9, 1, 0, 0),
        ] {
            assert_eq!(share(amount, part, whole).expect("in range"), result, "{amount} × {part} ÷ {whole}");
        }
        assert_eq!(share(1_900, 1_324_800, 2_678_400).expect("in range"), 940);
    }

    #[test]
    fn a_spread_is_exact() {
        for (total, weights) in [(100, vec![1, 1, 1]), (7, vec![0, 5, 5, 5, 1]), (-33, vec![10, 20, 3]), (5, vec![-100, 300])] {
            let parts = spread(total, &weights).expect("in range");
            assert_eq!(parts.iter().sum::<i64>(), total, "{weights:?}");
            assert_eq!(parts.len(), weights.len());
        }
    }
}
