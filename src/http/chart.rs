//! Shapes of the two pictures, in integers: no float touches money, not even for drawing.

/// Every picture is this wide; the stylesheet stretches it.
pub const WIDTH: i128 = 1000;

/// A share that is not nothing is seen.
const SLIVER: i128 = 3;

/// A horizontal stretch of a picture, in its own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Left end.
    pub x: i128,
    /// Never zero for an amount that is not.
    pub width: i128,
}

/// The shares of a whole side by side, by size without sign, filling the picture. Nothing at all gives empty stretches.
pub fn shares(parts: &[i64]) -> Vec<Stretch> {
    let sizes: Vec<i128> = parts.iter().map(|part| i128::from(*part).abs()).collect();
    let whole: i128 = sizes.iter().sum();
    let slivers = sizes.iter().filter(|size| **size > 0).count();
    let room = WIDTH - SLIVER * i128::try_from(slivers).unwrap_or(0);
    let mut seen = 0;
    let mut before = 0;
    let mut placed = Vec::with_capacity(sizes.len());
    for size in sizes {
        let start = if whole == 0 { 0 } else { before * room / whole + seen * SLIVER };
        before += size;
        seen += i128::from(size > 0);
        let end = if whole == 0 { 0 } else { before * room / whole + seen * SLIVER };
        placed.push(Stretch { x: start, width: end - start });
    }
    placed
}

/// One scale for all the bars of a waterfall; zero always lies on it.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    least: i128,
    span: i128,
}

impl Scale {
    /// The scale on which all of these levels can be drawn.
    pub fn over(levels: impl IntoIterator<Item = i64>) -> Self {
        let (least, most) =
            levels.into_iter().map(i128::from).fold((0, 0), |(least, most), level| (level.min(least), level.max(most)));
        Self { least, span: (most - least).max(1) }
    }

    /// Where a level lies.
    pub fn at(self, level: i64) -> i128 {
        (i128::from(level) - self.least) * WIDTH / self.span
    }

    /// The bar between two levels, whichever is higher.
    pub fn between(self, one: i64, other: i64) -> Stretch {
        let (left, right) = (self.at(one.min(other)), self.at(one.max(other)));
        let width = if one == other { 0 } else { (right - left).max(SLIVER) };
        Stretch { x: left.min(WIDTH - width), width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_touch_and_fill_the_picture(parts in proptest::collection::vec(any::<i64>(), 1..6)) {
            let placed = shares(&parts);
            let mut end = 0;
            for (part, stretch) in parts.iter().zip(&placed) {
                prop_assert_eq!(stretch.x, end);
                prop_assert_eq!(stretch.width > 0, *part != 0);
                end += stretch.width;
            }
            prop_assert_eq!(end, if parts.iter().all(|part| *part == 0) { 0 } else { WIDTH });
        }

        #[test]
        fn no_bar_leaves_the_picture(levels in proptest::collection::vec(any::<i64>(), 2..9)) {
            let scale = Scale::over(levels.iter().copied());
            for pair in levels.windows(2) {
                let bar = scale.between(pair[0], pair[1]);
                prop_assert!(bar.x >= 0 && bar.x + bar.width <= WIDTH);
            }
        }
    }
}
