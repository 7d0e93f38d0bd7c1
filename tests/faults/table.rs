//! The classes of fault: what is brought about, and where it is seen.

use jiff::SignedDuration;

use crate::bring::{self, deliver, event, may_sync, nothing, something_to_tell, sync_by_hand_in, sync_in};
use crate::class::{Class, Need, SECRET};
use crate::gate::{Lie, Weather};

use Need::{Bearer, NoMail, NoRecipient, Secret, Synced, Verbose};

/// A schedule failed.
const RUN_FAILED: &str = "tieout_alerts{rule=\"run_failed\",state=\"alerting\"}";

/// Nobody ran a schedule in time.
const RUN_MISSED: &str = "tieout_alerts{rule=\"run_missed\",state=\"alerting\"}";

/// A sync did not read everything.
const SYNC_INCOMPLETE: &str = "tieout_alerts{rule=\"sync_incomplete\",state=\"alerting\"}";

/// Deliveries cannot be worked off.
const DELIVERIES_FAILING: &str = "tieout_alerts{rule=\"deliveries_failing\",state=\"alerting\"}";

/// A message is not taken.
const WAITING: &str = "tieout_messages{state=\"waiting\"}";

const READABLE: &str = "tieout_database_readable";

const JSON: &str = "application/json";

const NO_KEY: &str =
    r#"{"error":{"type":"invalid_request_error","code":"api_key_expired","message":"Expired API Key provided"}}"#;

const PROXY: &str = "<html><body>Sign in to the hotel's network</body></html>";

const NOT: Class = Class {
    name: "",
    how: "",
    needs: &[],
    metric: "",
    at_rest: 0,
    log: "",
    page: ("/alerts", ""),
    prepare: nothing,
    bring: |_| {},
};

/// A scheduled sync fails for this reason.
const fn sync_fails(
    name: &'static str,
    how: &'static str,
    log: &'static str,
    says: &'static str,
    bring: fn(&mut crate::night::Night),
) -> Class {
    Class { name, how, metric: RUN_FAILED, log, page: ("/alerts", says), prepare: may_sync, bring, ..NOT }
}

/// A mishap of this kind.
const fn mishap(name: &'static str, how: &'static str, metric: &'static str, log: &'static str, says: &'static str) -> Class {
    Class { name, how, needs: &[Secret], metric, log, page: ("/alerts", says), ..NOT }
}

/// Every class that is brought about here.
pub const CLASSES: &[Class] = &[
    sync_fails(
        "stripe_limits",
        "429 to every request",
        "alert critical run_failed: The schedule 'daily' failed … status 429",
        "status 429",
        |night| sync_in(night, Weather::Refuses),
    ),
    sync_fails(
        "stripe_breaks",
        "500 to every request",
        "alert critical run_failed: The schedule 'daily' failed … status 500",
        "status 500",
        |night| sync_in(night, Weather::Breaks),
    ),
    sync_fails(
        "stripe_away",
        "503 to every request",
        "alert critical run_failed: The schedule 'daily' failed … status 503",
        "status 503",
        |night| sync_in(night, Weather::Away),
    ),
    sync_fails(
        "stripe_resets",
        "every connection ends before an answer",
        "alert critical run_failed: The schedule 'daily' failed … the connection broke off",
        "the connection broke off",
        |night| sync_in(night, Weather::Resets),
    ),
    sync_fails(
        "stripe_cut_off",
        "every connection ends in the middle of the body",
        "alert critical run_failed: The schedule 'daily' failed … the connection broke off",
        "the connection broke off",
        |night| sync_in(night, Weather::CutsOff),
    ),
    sync_fails(
        "stripe_truncated",
        "every body is half of its JSON",
        "alert critical run_failed: The schedule 'daily' failed … EOF while parsing",
        "EOF while parsing",
        |night| sync_in(night, Weather::Truncates),
    ),
    sync_fails(
        "stripe_floods",
        "every body is of 65 MiB",
        "alert critical run_failed: The schedule 'daily' failed … the answer is larger than",
        "the answer is larger than",
        |night| sync_in(night, Weather::Floods),
    ),
    sync_fails(
        "stripe_not_stripe",
        "a page of some proxy, with status 200",
        "alert critical run_failed: The schedule 'daily' failed … expected value at line 1",
        "expected value at line 1",
        |night| sync_in(night, Weather::Says(200, "text/html", PROXY)),
    ),
    sync_fails(
        "key_revoked",
        "401 to every request",
        "alert critical run_failed: The schedule 'daily' failed … Expired API Key provided",
        "Expired API Key provided",
        |night| sync_in(night, Weather::Says(401, JSON, NO_KEY)),
    ),
    sync_fails(
        "key_lacks_permission",
        "403 to every request",
        "alert critical run_failed: The schedule 'daily' failed … required permissions",
        "required permissions",
        |night| sync_in(night, Weather::Forbids("/v1/")),
    ),
    Class {
        needs: &[Verbose],
        prepare: may_sync,
        bring: |night| sync_in(night, Weather::BreaksFor(2)),
        ..mishap(
            "stripe_cured_by_a_retry",
            "500 to two requests",
            "tieout_mishaps_total{kind=\"stripe_broken\"}",
            "Stripe did not answer /v1/account: status 500",
            "Requests that Stripe could not answer",
        )
    },
    Class {
        name: "list_ends_early",
        how: "each page of txns lacks one, and there are no more",
        metric: SYNC_INCOMPLETE,
        log: "alert warning sync_incomplete: The sync of",
        page: ("/alerts", "did not read everything"),
        bring: |night| sync_by_hand_in(night, Lie::EndsEarly),
        ..NOT
    },
    Class {
        name: "balance_lies",
        how: "Stripe's balance is a cent more than its txns",
        metric: SYNC_INCOMPLETE,
        log: "alert warning sync_incomplete: The sync of",
        page: ("/alerts", "did not read everything"),
        bring: |night| sync_by_hand_in(night, Lie::Balance),
        ..NOT
    },
    Class {
        name: "type_unknown",
        how: "txns of a type that nobody knows",
        metric: "tieout_alerts{rule=\"exception_open\",state=\"alerting\"}",
        log: "alert warning exception_open: … sim_new",
        page: ("/exceptions", "sim_new"),
        prepare: |night| drop(night.tieout(&["alert", "add", "exception_open", "--age", "1"])),
        bring: |night| sync_by_hand_in(night, Lie::NewType),
        ..NOT
    },
    Class {
        bring: |night| {
            deliver(night, "whsec_theirs", SignedDuration::ZERO, &event("evt_1"));
        },
        ..mishap(
            "delivery_forged",
            "a delivery that is signed by another secret",
            "tieout_mishaps_total{kind=\"delivery_forged\"}",
            "a delivery was refused: no signature fits",
            "Forged deliveries refused",
        )
    },
    Class {
        bring: |night| {
            deliver(night, SECRET, SignedDuration::from_hours(1), &event("evt_1"));
        },
        ..mishap(
            "delivery_replayed",
            "a delivery that was signed an hour ago",
            "tieout_mishaps_total{kind=\"delivery_stale\"}",
            "a delivery was refused: it was signed",
            "Deliveries signed at another time refused",
        )
    },
    Class {
        bring: |night| {
            let signed_at = -SignedDuration::from_hours(1);
            bring::clock_ahead(night);
            deliver(night, SECRET, signed_at, &event("evt_1"));
        },
        ..mishap(
            "clock_off",
            "the server's clock is a day ahead of Stripe's",
            "tieout_mishaps_total{kind=\"delivery_stale\"}",
            "seconds away from this machine's clock",
            "seconds away from this machine's clock",
        )
    },
    Class {
        bring: |night| {
            night.until("it is refused as no event", |night| {
                deliver(night, SECRET, SignedDuration::ZERO, "not JSON at all");
                night.has_said(|line| line.contains("a signed delivery was refused"))
            });
        },
        ..mishap(
            "delivery_garbage",
            "a signed delivery that is no JSON",
            "tieout_mishaps_total{kind=\"delivery_unreadable\"}",
            "a signed delivery was refused",
            "Unreadable deliveries refused",
        )
    },
    Class {
        bring: |night| {
            night.post("/webhooks/stripe", &[], vec![b' '; 1024 * 1024 + 1]);
        },
        ..mishap(
            "delivery_too_large",
            "a delivery of more than 1 MiB",
            "tieout_mishaps_total{kind=\"delivery_unreadable\"}",
            "a delivery was refused: An event has at most 1 MiB",
            "Unreadable deliveries refused",
        )
    },
    Class {
        needs: &[],
        bring: |night| {
            deliver(night, SECRET, SignedDuration::ZERO, &event("evt_1"));
        },
        ..mishap(
            "webhook_without_secret",
            "a delivery while STRIPE_WEBHOOK_SECRET is not set",
            "tieout_mishaps_total{kind=\"delivery_unexpected\"}",
            "STRIPE_WEBHOOK_SECRET is not set",
            "Deliveries refused for want of a secret",
        )
    },
    Class {
        name: "deliveries_wait",
        how: "503 to every request after a delivery was taken",
        needs: &[Synced, Secret],
        metric: DELIVERIES_FAILING,
        log: "alert warning deliveries_failing: … wait, the oldest since",
        page: ("/alerts", "of Stripe's deliveries wait, the oldest since"),
        bring: |night| {
            night.weather(Weather::Away);
            bring::deliver_until(night, 200);
        },
        ..NOT
    },
    Class {
        name: "deliveries_fail",
        how: "403 to every request for a charge that a delivery is about",
        needs: &[Synced, Secret],
        metric: DELIVERIES_FAILING,
        log: "alert warning deliveries_failing: … cannot be worked off",
        page: ("/alerts", "of Stripe's deliveries cannot be worked off"),
        bring: |night| {
            night.weather(Weather::Forbids("/v1/charges"));
            bring::deliver_until(night, 200);
        },
        ..NOT
    },
    Class {
        bring: |night| bring::while_locked(night, || bring::deliver_until(night, 503)),
        ..mishap(
            "database_locked",
            "another process holds the write lock, and a delivery comes",
            "tieout_mishaps_total{kind=\"delivery_unkept\"}",
            "deliveries could not be kept",
            "is in use by another process",
        )
    },
    Class {
        bring: |night| {
            bring::fill_disk(night);
            bring::deliver_until(night, 500);
        },
        ..mishap(
            "disk_full",
            "no file of the server may grow any more, and a delivery comes",
            "tieout_mishaps_total{kind=\"delivery_unkept\"}",
            "deliveries could not be kept",
            "Deliveries that could not be kept",
        )
    },
    Class {
        name: "database_away",
        how: "the file is moved",
        metric: READABLE,
        at_rest: 1,
        log: "the metrics could not be read",
        page: ("/", "is not there any more, and it was"),
        bring: |night| bring::move_database_away(night),
        ..NOT
    },
    Class {
        name: "database_damaged",
        how: "another file stands in its place",
        metric: READABLE,
        at_rest: 1,
        log: "the metrics could not be read",
        page: ("/", "cannot be read as a Tieout database"),
        bring: |night| bring::replace_database(night),
        ..NOT
    },
    Class {
        name: "process_dead",
        how: "the server is killed over what is due, and started again",
        metric: RUN_MISSED,
        log: "alert critical run_missed: The schedule 'noon' was not run in time",
        page: ("/alerts", "The schedule 'noon' was not run in time"),
        prepare: |night| night.add("noon", &["--job", "reconcile", "--cron", "30 12 2 11 *", "--tz", "UTC", "--missed", "none"]),
        bring: bring::away_over_what_is_due,
        ..NOT
    },
    Class {
        name: "process_dies_in_a_run",
        how: "the server is killed while Stripe gives a sync no answer, and started again",
        metric: "tieout_mishaps_total{kind=\"run_lost\"}",
        log: "1 scheduled runs were taken back",
        page: ("/alerts", "Runs that were taken back from a process that ended or stood still"),
        prepare: may_sync,
        bring: bring::killed_in_a_run,
        ..NOT
    },
    Class {
        name: "clock_jumps",
        how: "a server's clock is a day ahead, and right again at the next start",
        metric: "tieout_mishaps_total{kind=\"clock_ahead\"}",
        log: "schedules were settled beyond this clock's",
        page: ("/alerts", "Schedules set back after a clock was ahead"),
        prepare: |night| night.add("tomorrow", &["--job", "reconcile", "--cron", "0 6 3 11 *", "--tz", "UTC"]),
        bring: bring::clock_ahead_for_a_while,
        ..NOT
    },
    Class {
        name: "watchman_away",
        how: "the heartbeat's address answers 503",
        metric: "tieout_mishaps_total{kind=\"watchman_away\"}",
        log: "the heartbeat 'watchman' was not taken",
        page: ("/alerts", "Heartbeats that were not taken"),
        bring: |night| night.receiver.answer("watchman", 503),
        ..NOT
    },
    Class {
        name: "run_stuck",
        how: "no answer ever comes to an hourly sync",
        metric: RUN_MISSED,
        log: "alert critical run_missed: The schedule 'hourly' was due at",
        page: ("/alerts", "did not begin in time"),
        bring: |night| {
            night.weather(Weather::Hangs);
            night.add("hourly", &["--job", "sync", "--cron", "0 * * * *", "--overlap", "queue"]);
        },
        ..NOT
    },
    Class {
        name: "data_stale",
        how: "no sync for longer than the rule allows",
        needs: &[Synced],
        metric: "tieout_alerts{rule=\"data_stale\",state=\"alerting\"}",
        log: "alert critical data_stale: What is known of acct_",
        page: ("/", "Unknown since"),
        bring: |night| drop(night.tieout(&["alert", "add", "data_stale", "--age", "10"])),
        ..NOT
    },
    Class {
        name: "bank_file_refused",
        how: "a file in the watched folder is no statement",
        metric: RUN_FAILED,
        log: "alert critical run_failed: The schedule 'bank' failed after 1 try: october.csv",
        page: ("/alerts", "october.csv"),
        prepare: bring::may_import,
        bring: |night| bring::import_what_is_no_statement(night),
        ..NOT
    },
    Class {
        name: "bank_folder_away",
        how: "the watched folder is removed",
        metric: RUN_FAILED,
        log: "alert critical run_failed: The schedule 'bank' failed after 1 try: the folder",
        page: ("/alerts", "cannot be read"),
        prepare: bring::may_import,
        bring: |night| {
            std::fs::remove_dir(night.path("inbox")).unwrap();
            night.tieout(&["schedule", "run", "bank"]);
        },
        ..NOT
    },
    Class {
        name: "backup_fails",
        how: "a file stands where the folder of backups should be",
        metric: RUN_FAILED,
        log: "alert critical run_failed: The schedule 'backup' failed after 1 try",
        page: ("/alerts", "The schedule 'backup' failed after 1 try"),
        prepare: bring::may_back_up,
        bring: |night| {
            std::fs::remove_dir(night.path("backups")).unwrap();
            std::fs::write(night.path("backups"), "").unwrap();
            night.tieout(&["schedule", "run", "backup"]);
        },
        ..NOT
    },
    Class {
        name: "deposit_missing",
        how: "a statement without the deposits of payouts that are due",
        needs: &[Synced],
        metric: "tieout_alerts{rule=\"deposit_missing\",state=\"alerting\"}",
        log: "alert critical deposit_missing: … should have arrived on",
        page: ("/exceptions", "should have arrived on"),
        bring: |night| bring::import_a_statement_that_lacks_deposits(night),
        ..NOT
    },
    Class {
        name: "dispute_due",
        how: "a dispute whose evidence is due the next day",
        metric: "tieout_alerts{rule=\"dispute_due\",state=\"alerting\"}",
        log: "alert critical dispute_due: The evidence for the dispute dp_due",
        page: ("/alerts", "The evidence for the dispute dp_due"),
        bring: |night| {
            let tomorrow = night.now().checked_add(SignedDuration::from_hours(24)).unwrap();
            sync_by_hand_in(night, Lie::Dispute(tomorrow.as_second()));
        },
        ..NOT
    },
    Class {
        name: "deposit_unknown",
        how: "a bank line that names Stripe and that no payout explains",
        needs: &[Synced],
        metric: "tieout_alerts{rule=\"money_unexplained\",state=\"alerting\"}",
        log: "alert warning money_unexplained: … no payout explains it",
        page: ("/exceptions", "names Stripe, and no payout explains it"),
        bring: |night| bring::import_a_statement_that_lacks_deposits(night),
        ..NOT
    },
    Class {
        name: "endpoint_breaks",
        how: "a scheduled call is answered 500",
        metric: RUN_FAILED,
        log: "alert critical run_failed: The schedule 'theirs' failed after 1 try: it answered 500",
        page: ("/alerts", "it answered 500"),
        bring: |night| {
            night.receiver.answer("theirs", 500);
            bring::call(night, &format!("{}/theirs", night.receiving));
        },
        ..NOT
    },
    Class {
        name: "endpoint_forbidden",
        how: "a scheduled call of an address of a private network",
        metric: RUN_FAILED,
        log: "alert critical run_failed: The schedule 'theirs' failed … 10.1.2.3",
        page: ("/alerts", "10.1.2.3"),
        bring: |night| bring::call(night, "https://10.1.2.3/theirs"),
        ..NOT
    },
    Class {
        name: "receiver_breaks",
        how: "the receiver of alerts answers 500",
        metric: WAITING,
        log: "a message to the channel 'breaks' was not taken, try 1: it answered 500",
        page: ("/alerts", "breaks Nothing goes out"),
        bring: |night| {
            night.receiver.answer("breaks", 500);
            something_to_tell(night);
        },
        ..NOT
    },
    Class {
        name: "receiver_redirects",
        how: "the receiver of alerts redirects to another address",
        metric: WAITING,
        log: "a message to the channel 'redirects' was not taken, try 1: it answered 307",
        page: ("/alerts", "redirects Nothing goes out"),
        bring: |night| {
            night.receiver.redirect("redirects", "ops");
            something_to_tell(night);
        },
        ..NOT
    },
    Class {
        name: "receiver_hangs",
        how: "the receiver of alerts never answers",
        metric: WAITING,
        log: "a message to the channel 'hangs' was not taken, try 1",
        page: ("/alerts", "hangs Nothing goes out"),
        bring: |night| {
            night.receiver.hang("hangs");
            something_to_tell(night);
        },
        ..NOT
    },
    Class {
        name: "receiver_gone",
        how: "the receiver of alerts answers 410",
        metric: "tieout_alerts{rule=\"channel_failing\",state=\"alerting\"}",
        log: "the channel 'breaks' is disabled",
        page: ("/alerts", "breaks Disabled"),
        bring: |night| {
            night.receiver.answer("breaks", 410);
            something_to_tell(night);
        },
        ..NOT
    },
    Class {
        name: "receiver_dead_for_an_hour",
        how: "the receiver of alerts answers 500 for an hour",
        metric: "tieout_alerts{rule=\"channel_failing\",state=\"alerting\"}",
        log: "alert warning channel_failing: Nothing goes out on the channel 'breaks'",
        page: ("/alerts", "Nothing goes out on the channel 'breaks'"),
        bring: |night| {
            night.receiver.answer("breaks", 500);
            something_to_tell(night);
        },
        ..NOT
    },
    Class {
        name: "channel_forbidden",
        how: "a channel's address is of a private network",
        metric: WAITING,
        log: "a message to the channel 'inside' was not taken, try 1: … 10.1.2.3",
        page: ("/alerts", "inside Nothing goes out"),
        bring: |night| {
            night.settle("[[channel]]\nname = \"inside\"\nkind = \"slack\"\nurl_env = \"PRIVATE_URL\"\n");
            something_to_tell(night);
        },
        ..NOT
    },
    Class {
        name: "channel_without_secret",
        how: "a channel's address stands in a variable that is not set",
        metric: WAITING,
        log: "a message to the channel 'nowhere' was not taken, try 1: … NOBODY_SET_THIS",
        page: ("/alerts", "NOBODY_SET_THIS"),
        bring: |night| {
            night.settle("[[channel]]\nname = \"nowhere\"\nkind = \"slack\"\nurl_env = \"NOBODY_SET_THIS\"\n");
            something_to_tell(night);
        },
        ..NOT
    },
    Class {
        name: "mail_refused",
        how: "the mail server takes no mail",
        needs: &[NoMail],
        metric: WAITING,
        log: "a message to the channel 'finance' was not taken, try 1",
        page: ("/alerts", "finance Nothing goes out"),
        bring: |night| something_to_tell(night),
        ..NOT
    },
    Class {
        name: "recipient_gone",
        how: "550 to one recipient of two of a mail",
        needs: &[NoRecipient],
        metric: "tieout_mishaps_total{kind=\"recipient_refused\"}",
        log: "a mail of the channel 'finance' was not taken for cfo@example.com",
        page: ("/alerts", "Recipients for whom a mail was not taken that others have"),
        bring: |night| something_to_tell(night),
        ..NOT
    },
    Class {
        name: "backup_stale",
        how: "no backup for longer than the rule allows",
        metric: "tieout_alerts{rule=\"backup_stale\",state=\"no_data\"}",
        log: "alert warning backup_stale: 'backup' has made no backup since it was added",
        page: ("/alerts", "'backup' has made no backup since it was added"),
        prepare: bring::may_back_up,
        bring: |night| drop(night.tieout(&["alert", "add", "backup_stale", "--age", "1"])),
        ..NOT
    },
    Class {
        name: "audit_broken",
        how: "a schedule is changed past the program, and the trail is verified",
        metric: "tieout_alerts{rule=\"audit_broken\",state=\"alerting\"}",
        log: "alert critical audit_broken: The audit trail is broken: schedule trail stands otherwise",
        page: ("/audit", "The trail is not what was written"),
        prepare: bring::may_verify,
        bring: bring::change_past_the_program,
        ..NOT
    },
    Class {
        name: "api_sync_fails",
        how: "503 to every request of a sync that somebody else's scheduler asks for",
        needs: &[Synced, Bearer],
        metric: "tieout_mishaps_total{kind=\"stripe_broken\"}",
        log: "the sync of run",
        page: ("/", "sync by the sync endpoint Failed"),
        bring: |night| {
            night.weather(Weather::Away);
            night.post("/api/billing/sync-stripe", &[("Authorization", "Bearer s3cret")], Vec::new());
        },
        ..NOT
    },
    Class {
        name: "key_expires",
        how: "stripe_key_expires_on is three days away",
        metric: "tieout_alerts{rule=\"key_expiring\",state=\"alerting\"}",
        log: "alert critical key_expiring: The key of Stripe expires on 2026-11-05",
        page: ("/alerts", "The key of Stripe expires on 2026-11-05"),
        bring: |night| night.settle_first("stripe_key_expires_on = \"2026-11-05\"\n"),
        ..NOT
    },
    Class {
        needs: &[],
        bring: |night| night.settle("this is no setting\n"),
        ..mishap(
            "settings_unread",
            "settings that cannot be read, and SIGHUP",
            "tieout_mishaps_total{kind=\"settings_unread\"}",
            "the settings were not read again, and stay as they were",
            "Settings that could not be read again",
        )
    },
    Class {
        needs: &[Bearer],
        bring: |night| {
            night.post("/api/billing/sync-stripe", &[("Authorization", "Bearer guessed")], Vec::new());
        },
        ..mishap(
            "bearer_wrong",
            "a call of the API with another secret",
            "tieout_mishaps_total{kind=\"bearer_refused\"}",
            "a call of the API was refused",
            "Calls without the bearer refused",
        )
    },
];

/// A class that is not brought about here.
pub struct Elsewhere {
    pub name: &'static str,
    pub why: &'static str,
    /// The file that tests it, and the test within it; none where the file is a campaign.
    pub file: &'static str,
    pub test: &'static str,
}

impl Elsewhere {
    pub fn row(&self) -> String {
        let test = if self.test.is_empty() { String::new() } else { format!(" `{}`", self.test) };
        format!("| `{}` | {} | `{}`{test} |\n", self.name, self.why, self.file)
    }
}

/// Every class that is not, and why.
pub const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        name: "delivery_lost",
        why: "**Not seen everywhere.** Nothing tells of a delivery that never comes. What it was about is read by the next complete sync; where there is none, `data_stale` tells",
        file: "tests/webhooks.rs",
        test: "what_happened_while_the_server_was_down_is_read_once_it_starts_again",
    },
    Elsewhere {
        name: "delivery_doubled",
        why: "Taken once and counted in `times` of `tieout webhook list`: nothing is wrong afterwards",
        file: "tests/webhooks.rs",
        test: "doubled_unknown_foreign_and_vanished_events_all_end_well",
    },
    Elsewhere {
        name: "delivery_out_of_order",
        why: "What it is about is read again, so that its order says nothing: nothing is wrong afterwards",
        file: "tests/campaigns/twin.rs",
        test: "",
    },
    Elsewhere {
        name: "deliveries_in_flood",
        why: "What is too much is `delivery_unkept`, as in `database_locked`; it takes a flood",
        file: "tests/campaigns/flood.rs",
        test: "",
    },
    Elsewhere {
        name: "webhook_endpoint_disabled",
        why: "Stripe alone knows; `tieout webhook check` asks it",
        file: "tests/webhooks/check.rs",
        test: "without_an_endpoint_it_is_said_how_to_make_one",
    },
    Elsewhere {
        name: "list_heals",
        why: "A row that is doubled, or missing once, a has_more that lies once, a cursor that is refused: read again until it adds up. What does not is `list_ends_early`",
        file: "src/jobs/sync/tests/left_out_rows.rs",
        test: "a_list_that_is_called_ended_too_early_is_read_to_its_end",
    },
    Elsewhere {
        name: "stripe_slow",
        why: "An answer that does not come within a minute is a try without an answer, as in `stripe_resets`; the minute is the machine's and not the test's",
        file: "crates/stripe/src/client/tests.rs",
        test: "what_can_get_better_is_asked_again_until_it_is",
    },
    Elsewhere {
        name: "stripe_date_skewed",
        why: "The date of Stripe's answers is not looked at. That a clock is off is seen by deliveries, as in `clock_off`",
        file: "crates/sim/tests/http/faults.rs",
        test: "",
    },
    Elsewhere {
        name: "clocks_set_back",
        why: "A change of clocks is no fault: each occurrence is run once",
        file: "tests/campaigns/zones.rs",
        test: "",
    },
    Elsewhere {
        name: "process_stands_still",
        why: "Another overtakes it, and it writes nothing when it goes on. Where there is no other, it is as in `process_dead`",
        file: "tests/campaigns/stop.rs",
        test: "",
    },
    Elsewhere {
        name: "database_server_away",
        why: "As in `database_away`; it needs PostgreSQL",
        file: "tests/postgres.rs",
        test: "pages_come_back_after_the_server_had_ended_their_connections",
    },
    Elsewhere {
        name: "database_row_changed",
        why: "Found by `tieout db check` and `reconcile --recount`, not while serving",
        file: "crates/store/tests/database/files.rs",
        test: "a_sum_that_somebody_has_written_over_is_found",
    },
    Elsewhere {
        name: "disk_filling",
        why: "Alert, line and page are those of any condition; it needs a small disk of its own",
        file: "src/outside/space.rs",
        test: "a_folder_that_is_there_has_a_disk_and_one_that_is_not_has_none",
    },
    Elsewhere {
        name: "run_unusual",
        why: "Alert, line and page are those of any condition; it needs a history of runs",
        file: "crates/alerts/src/usual.rs",
        test: "one_that_was_far_out_makes_no_other_usual",
    },
    Elsewhere {
        name: "settlement_missing",
        why: "Alert, line and page are those of any exception, as in `deposit_unknown`",
        file: "crates/recon/tests/settlement.rs",
        test: "",
    },
];
