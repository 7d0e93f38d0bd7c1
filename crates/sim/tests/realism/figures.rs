//! Quantiles and shares in whole numbers.

/// The value below which so many of a hundred lie; 0 of nothing.
pub fn quantile(sorted: &[i64], percent: usize) -> i64 {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).copied().unwrap_or(0)
}

/// 5th, 25th, 50th, 75th and 95th percentile and the most, as `show` writes them.
pub fn spread(mut values: Vec<i64>, show: impl Fn(i64) -> String) -> String {
    values.sort_unstable();
    let at: Vec<String> = [5, 25, 50, 75, 95, 100].map(|percent| show(quantile(&values, percent))).to_vec();
    at.join(" / ")
}

/// `12.3 %`.
pub fn share(part: usize, whole: usize) -> String {
    let permille = part * 1_000 / whole.max(1);
    format!("{}.{} %", permille / 10, permille % 10)
}

/// The share of `values` that `fits`.
pub fn share_of<T>(values: &[T], fits: impl Fn(&T) -> bool) -> String {
    share(values.iter().filter(|value| fits(value)).count(), values.len())
}

/// Hundredths as `12.34`.
pub fn cents(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// Seconds in days and tenths.
pub fn days(seconds: i64) -> String {
    let tenths = seconds / 8_640;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[test]
fn a_quantile_is_a_value_that_occurs() {
    let sorted: Vec<i64> = (1..=101).collect();
    assert_eq!([5, 50, 95, 100].map(|percent| quantile(&sorted, percent)), [6, 51, 96, 101]);
    assert_eq!(spread(vec![3, 1, 2], |value| value.to_string()), "1 / 1 / 2 / 2 / 2 / 3");
    assert_eq!((share(1, 3), cents(1_205), days(86_400)), ("33.3 %".to_owned(), "12.05".to_owned(), "1.0".to_owned()));
}
