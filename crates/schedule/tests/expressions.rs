//! What can be read, and what is said of what cannot.

#![expect(clippy::unwrap_used, reason = "tests")]

use croner::Weekday;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use schedule::{Cron, Expression};

fn cron(text: &str) -> String {
    Expression::parse(text).unwrap().text().to_owned()
}

fn refused(text: &str) -> String {
    Expression::parse(text).unwrap_err().to_string()
}

#[test]
fn words_are_read_as_people_say_them() {
    for (words, expected) in [
        ("every weekday at 7", "0 7 * * MON-FRI"),
        ("Every weekday at 07:00", "0 7 * * MON-FRI"),
        ("weekdays at 5:30 pm", "30 17 * * MON-FRI"),
        ("every day at midnight", "0 0 * * *"),
        ("daily at noon", "0 12 * * *"),
        ("every day at 12am", "0 0 * * *"),
        ("every day at 12 pm", "0 12 * * *"),
        ("every day at 7, 12 and 19", "0 7,12,19 * * *"),
        ("every day at 7:15 and 19:15", "15 7,19 * * *"),
        ("every monday at 9:30", "30 9 * * MON"),
        ("on mondays, wednesdays and fridays at 6am", "0 6 * * MON,WED,FRI"),
        ("every tue and thu at 8", "0 8 * * TUE,THU"),
        ("weekly on sunday at 3", "0 3 * * SUN"),
        ("every weekend at 10", "0 10 * * SAT,SUN"),
        ("every minute", "* * * * *"),
        ("every 15 minutes", "*/15 * * * *"),
        ("every hour", "0 * * * *"),
        ("hourly at :15", "15 * * * *"),
        ("every 6 hours", "0 */6 * * *"),
        ("every month on the 1st at 6", "0 6 1 * *"),
        ("on the first of every month at 6", "0 6 1 * *"),
        ("monthly on the 1st and 15th at 06:30", "30 6 1,15 * *"),
        ("on the last day of every month at 18:00", "0 18 L * *"),
        ("on the last weekday of the month at 18", "0 18 LW * *"),
        ("on the first weekday of every month at 8", "0 8 1W * *"),
        ("on the first monday of every month at 8", "0 8 * * MON#1"),
        ("every month on the second and last friday at 8", "0 8 * * FRI#2,FRIL"),
        ("every quarter on the 1st at 5", "0 5 1 1,4,7,10 *"),
        ("every year on the 1st of july at 5", "0 5 1 JUL *"),
        ("on january 31 at 5", "0 5 31 JAN *"),
        ("@daily", "0 0 * * *"),
        ("@WEEKLY", "0 0 * * 0"),
        ("  0   7 *\t* mon-fri ", "0 7 * * MON-FRI"),
    ] {
        assert_eq!(cron(words), expected, "{words}");
    }
}

#[test]
fn what_cannot_be_read_is_told_by_its_field_or_word() {
    for (text, told) in [
        ("", "it has 0 fields"),
        ("0 7 * *", "it has 4 fields"),
        ("0 0 7 * * *", "it has 6 fields"),
        ("60 * * * *", "its minute is \"60\"; expected 0 to 59"),
        ("0 24 * * *", "its hour is \"24\""),
        ("0 7 0 * *", "its day of month is \"0\""),
        ("0 7 32 * *", "its day of month is \"32\""),
        ("0 7 * 13 *", "its month is \"13\""),
        ("0 7 * * 8", "its weekday is \"8\""),
        ("0 7 * * FRI-MON", "its weekday is \"FRI-MON\""),
        ("0 7 * * MON#6", "its weekday is \"MON#6\""),
        ("0 7 * * MON#+1", "its weekday is \"MON#+1\""),
        ("0 7 * FOO *", "its month is \"FOO\""),
        ("MON * * * *", "its minute is \"MON\""),
        ("0 MON * * *", "its hour is \"MON\""),
        ("5/15 * * * *", "its minute is \"5/15\""),
        ("*/0 * * * *", "its minute is \"*/0\""),
        ("1,,2 * * * *", "its minute is \"1,,2\""),
        (", * * * *", "its minute is \",\""),
        ("-1 * * * *", "its minute is \"-1\""),
        ("+1 * * * *", "its minute is \"+1\""),
        ("0 0 W * *", "its day of month is \"W\""),
        ("0 0 L-31 * *", "its day of month is \"L-31\""),
        ("0 0 * * L", "its weekday is \"L\""),
        ("0 0 ? ? *", "its month is \"?\""),
        ("@reboot", "it has 1 field;"),
        ("every", "what is missing is not understood; expected which days"),
        ("every day", "what is missing is not understood; expected times after \"at\""),
        ("every blue moon at 7", "\"blue\" is not understood"),
        ("every day at 25", "\"25\" is not understood; expected times"),
        ("every day at 13pm", "\"13pm\" is not understood"),
        ("every day at 7 and 8:30", "expected times with the same minutes"),
        ("every 7 minutes", "a number that divides"),
        ("every 0 minutes", "a number that divides"),
        ("every 15 minutes on monday", "no days beside minutes or hours"),
        ("every month at 7", "what is missing"),
        ("every month on monday at 7", "which one of the month"),
        ("every year on the 1st at 7", "the month"),
        ("every day every month at 7", "\"month\" is not understood"),
        ("every 3 days at 7", "which days"),
        ("on the 7th monday of every month at 7", "one of the five weeks"),
        ("täglich um 7", "\"täglich\" is not understood"),
    ] {
        let said = refused(text);
        assert!(said.contains(told), "{text}: {said}");
    }
    assert!(refused(&"1,".repeat(1_000)).contains("characters"));
}

#[test]
fn days_that_depend_on_how_a_month_lies() {
    let days = |text: &str, year: i16, month: i8| {
        let cron = Cron::parse(&format!("0 0 {text}")).unwrap();
        let first = date(year, month, 1);
        first
            .series(1.day())
            .take_while(|day| day.month() == month)
            .filter(|day| cron.names_day(*day))
            .map(Date::day)
            .collect::<Vec<i8>>()
    };
    assert_eq!(days("L * *", 2028, 2), [29]);
    assert_eq!(days("L-2 * *", 2026, 2), [26]);
    assert_eq!(days("LW * *", 2026, 5), [29], "the 31st is a Sunday");
    assert_eq!(days("1W * *", 2026, 8), [3], "the 1st is a Saturday, and July is another month");
    assert_eq!(days("31W * *", 2026, 5), [29], "the 31st is a Sunday, and June is another month");
    assert_eq!(days("15W * *", 2026, 8), [14]);
    assert_eq!(days("31W * *", 2026, 6), Vec::<i8>::new(), "June has no 31st");
    assert_eq!(days("* * MON#5", 2026, 8), [31]);
    assert_eq!(days("* * MON#5", 2026, 7), Vec::<i8>::new());
    assert_eq!(days("* * 5L", 2026, 7), [31]);
    assert_eq!(days("13 * FRI", 2026, 2), [6, 13, 20, 27], "either suffices where both are given");
    assert_eq!(days("1-7 * MON", 2026, 7), [1, 2, 3, 4, 5, 6, 7, 13, 20, 27]);
    assert_eq!(days("? * SAT-SUN", 2026, 8), [1, 2, 8, 9, 15, 16, 22, 23, 29, 30]);
    assert_eq!(days("* * 7", 2026, 8), days("* * 0", 2026, 8));
}

fn list(one: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::vec(one, 1..4).prop_map(|items| items.join(","))
}

fn plain(first: u8, last: u8) -> impl Strategy<Value = String> {
    let value = first..=last;
    prop_oneof![
        value.clone().prop_map(|value| value.to_string()),
        (value.clone(), value.clone()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        (value.clone(), value, 1_u8..9).prop_map(|(a, b, step)| format!("{}-{}/{step}", a.min(b), a.max(b))),
        (1_u8..9).prop_map(|step| format!("*/{step}")),
    ]
}

fn month_days() -> impl Strategy<Value = String> {
    // Where `L` and `LW` stand in one list, croner keeps one of them.
    let special = prop_oneof![Just("L".to_owned()), (1_u8..32).prop_map(|day| format!("{day}W"))];
    prop_oneof![1 => Just("*".to_owned()), 1 => Just("LW".to_owned()), 4 => list(prop_oneof![3 => plain(1, 31), 1 => special])]
}

fn week_days() -> impl Strategy<Value = String> {
    let nth = (0_u8..8, 1_u8..6).prop_map(|(day, nth)| format!("{day}#{nth}"));
    let last = (0_u8..8).prop_map(|day| format!("{day}L"));
    prop_oneof![1 => Just("*".to_owned()), 4 => list(prop_oneof![3 => plain(0, 6), 1 => nth, 1 => last])]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// A second opinion: another library's, where it means the same.
    #[test]
    fn days_are_those_that_another_library_finds(days in month_days(), months in plain(1, 12), week in week_days(), start in 0_i32..20_000) {
        let text = format!("0 0 {days} {months} {week}");
        let own = Cron::parse(&text).unwrap();
        let other: croner::Cron = text.parse().unwrap();
        let first = date(2000, 1, 1).checked_add(start.days()).unwrap();
        for day in first.series(1.day()).take(400) {
            let weekday = [Weekday::Sunday, Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday, Weekday::Saturday]
                [usize::try_from(day.weekday().to_sunday_zero_offset()).unwrap()];
            let (year, month, of_month) = (i32::from(day.year()), day.month() as u32, day.day() as u32);
            let theirs = other.pattern.day_match(year, month, of_month, weekday).unwrap() && other.pattern.month_match(month).unwrap();
            prop_assert_eq!(own.names_day(day), theirs, "{} on {}", text, day);
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,40}") {
        drop(Expression::parse(&text));
    }

    #[test]
    fn no_text_that_looks_like_an_expression_breaks_the_reader(text in "[0-9a-zA-Z*/,#?L W:@-]{0,40}") {
        drop(Expression::parse(&text));
    }

    #[test]
    fn what_was_read_is_read_again_as_the_same(minutes in list(plain(0, 59)), hours in list(plain(0, 23)), days in month_days(), week in week_days()) {
        let first = Expression::parse(&format!("{minutes} {hours} {days} * {week}")).unwrap();
        prop_assert_eq!(&Expression::parse(first.text()).unwrap(), &first);
    }
}
