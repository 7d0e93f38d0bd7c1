//! `tieout schedule preview`: when an expression is due, without a database and a key.

use serde_json::json;

use crate::tieout::Tieout;

#[test]
fn a_preview_names_each_instant_and_what_the_clock_shows_and_why_it_is_there() {
    let tieout = Tieout::new();
    let preview = |more: &[&str]| tieout.run(&[&["schedule", "preview"], more].concat());
    let skipped = preview(&["30 2 * * *", "--tz", "Europe/Berlin", "--from", "2026-03-28T12:00:00Z", "-n", "2", "--json"]);
    assert_eq!(
        skipped.json(),
        json!([
            {"at": "2026-03-29T01:00:00Z", "local": "2026-03-29T03:00:00+02:00",
             "remark": "02:30 does not exist on 2026-03-29, when clocks are set forward: it runs at 03:00"},
            {"at": "2026-03-30T00:30:00Z", "local": "2026-03-30T02:30:00+02:00", "remark": null},
        ])
    );
    let twice =
        preview(&["30 * * * *", "--tz", "America/New_York", "--from", "2026-11-01T05:30:00Z", "-n", "2", "--json"]).json();
    assert_eq!(twice[0]["remark"], "01:30 comes twice, when clocks are set back: this is the first");
    assert_eq!(twice[1]["local"], "2026-11-01T01:30:00-05:00");
    let once = preview(&["30 1 * * *", "--tz", "America/New_York", "--from", "2026-11-01T05:30:00Z", "-n", "1", "--json"]).json();
    assert_eq!(once[0]["remark"], "01:30 comes twice, when clocks are set back: it runs at the first");
    assert!(!tieout.exists("books.db"), "a preview makes no database");
}

#[test]
fn a_person_reads_what_their_words_mean_and_when_that_is() {
    let mut tieout = Tieout::new();
    tieout.set("TIEOUT_TIME_ZONE", "America/New_York");
    let run = tieout.run(&["schedule", "preview", "every weekday at 7", "--as-of", "2026-07-31T12:00:00Z", "-n", "2"]);
    assert!(run.err.contains("0 7 * * MON-FRI in America/New_York"), "{}", run.err);
    let table = run.fine();
    assert!(table.contains("Mon 2026-08-03 07:00 -04:00") && table.contains("2026-08-04T11:00:00Z"), "{table}");
    let never = tieout.run(&["schedule", "preview", "0 0 30 2 *"]);
    assert!(never.code == 0 && never.err.contains("never due"), "{}", never.err);
    assert_eq!(tieout.run(&["schedule", "preview", "0 0 30 2 *", "--json"]).json(), json!([]));
    assert_eq!(tieout.run(&["schedule", "preview", "* * * * *", "-n", "0", "--json"]).json(), json!([]));
}

#[test]
fn what_cannot_be_read_is_refused_with_what_was_expected() {
    let tieout = Tieout::new();
    for (arguments, told) in [
        (&["0 25 * * *"][..], "its hour is \"25\"; expected 0 to 23"),
        (&["-5 * * * *"], "its minute is \"-5\""),
        (&["every day"], "expected times after \"at\""),
        (&["0 7 * * *", "--tz", "Europe/Berln"], "expected an IANA name"),
        (&["0 7 * * *", "--from", "yesterday"], "--from"),
        (&["0 7 * * *", "-n", "-1"], "'-1'"),
        (&[], "EXPR"),
    ] {
        let run = tieout.run(&[&["schedule", "preview"], arguments].concat());
        assert!(run.code == 2 && run.err.contains(told), "{arguments:?}: {} {}", run.code, run.err);
    }
}
