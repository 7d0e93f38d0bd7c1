//! The web pages as a browser asks for them: the real binary, a real database, a loopback port.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "browser/site.rs"]
mod site;

use site::{HOSTILE, Site};

/// The pages that the browser tests visit too.
const PAGES: [&str; 40] = site::PAGES;

fn merchant() -> Site {
    Site::serve(site::merchant)
}

/// The text of the row that holds `needle`, tags left out.
fn row(body: &str, needle: &str) -> String {
    let row = body.split("<tr").find(|row| row.contains(needle)).unwrap_or_else(|| panic!("no row with {needle}"));
    text(&format!("<tr{}", row.split("</tr>").next().unwrap()))
}

fn text(html: &str) -> String {
    let outside_tags = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    outside_tags.collect::<Vec<_>>().join(" ").replace("&#39;", "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_page_of_a_merchant_is_whole_and_guarded() {
    let site = merchant();
    for path in PAGES {
        let answer = site.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", text(&answer.body));
        assert!(answer.body.trim_end().ends_with("</html>"), "{path} is cut off");
        let head = answer.head.to_ascii_lowercase();
        for line in ["content-security-policy: default-src 'none';", "x-content-type-options: nosniff", "cache-control: no-store"]
        {
            assert!(head.contains(line), "{path} lacks {line}:\n{head}");
        }
        // The policy forbids inline styles and scripts; a page that has one looks broken in every browser.
        assert!(!answer.body.contains(" style=") && !answer.body.contains(" onclick="), "{path} styles inline");
        assert!(answer.body.contains("Test mode."), "{path} does not say that no money is real");
    }
}

#[test]
fn the_first_page_adds_up_and_each_number_leads_to_its_list() {
    let site = merchant();
    let home = site.get("/").body;
    assert!(text(&home).contains("Are we tied out? Not yet: open"), "{}", text(&home));
    assert!(text(&home).contains("1 of 2 balances tied out, 6 exceptions need a person."));
    let buckets = [("matched", "8,788.13"), ("in_transit", "645.50"), ("exceptions", "2,952.77"), ("excluded", "0.00")];
    for (bucket, sum) in buckets {
        let path = format!("/payouts?account=acct_own&currency=usd&bucket={bucket}");
        assert!(home.contains(&format!("<a href=\"{}\">{sum}</a>", path.replace('&', "&#38;"))), "{bucket} {sum}");
        let list = site.get(&path).body;
        let said = if sum == "0.00" { "No payouts match this filter".to_owned() } else { format!("{sum} USD") };
        assert!(text(&list).contains(&said), "{path} does not sum to {sum}");
    }
    assert!(row(&home, "bucket=exceptions").contains("Exceptions 2,952.77"));
    assert!(text(&home).contains("Total 12,386.40"));
    assert!(text(&home).contains("statements reach from 2026-09-01 to 2026-10-02"));
    assert!(row(&home, "Difference ").contains("Equal 0.00"));
}

#[test]
fn the_list_of_payouts_says_how_each_one_stands() {
    let site = merchant();
    let list = site.get("/payouts").body;
    let rows = [
        ("po_tied", "po_tied 2026-09-14 5,888.03 USD Tied Matched 2026-09-14 HB0000012 0.00 USD Northwind Books"),
        ("po_short", "Matched, short 2026-09-15 HB0000013 −15.00 USD"),
        ("po_gap", "Gap Matched 2026-09-16 HB0000014"),
        ("po_manual", "Unitemised Matched"),
        ("po_proposed", "Tied Proposed 2026-09-18 0.00 USD"),
        ("po_ambiguous", "Tied Ambiguous Northwind"),
        ("po_missing", "777.77 USD Tied Missing Northwind"),
        ("po_failed", "310.00 USD Tied Failed"),
        ("po_awaiting", "2026-10-06 645.50 USD Tied Awaiting"),
        ("po_cafe_1", "120,000 JPY Tied Matched 2026-09-15 MT77 0 JPY Harbour Café"),
    ];
    for (id, said) in rows {
        let row = row(&list, &format!("/payouts/{id}\""));
        assert!(row.contains(said), "{id}: {row}");
    }
    assert!(row(&list, "9 payouts in USD").contains("12,386.40 USD −15.00 USD"));
    assert!(row(&list, "2 payouts in JPY").contains("200,500 JPY"));
}

#[test]
fn filters_stand_in_the_address_and_a_wrong_one_is_refused_by_name() {
    let site = merchant();
    let missing = site.get("/payouts?deposit=missing&from=2026-09-20&to=2026-09-30").body;
    assert!(missing.contains("po_missing") && !missing.contains("po_failed"));
    assert!(missing.contains("<option value=\"missing\" selected>"), "the form forgets what is filtered");
    let trace = site.get("/payouts?text=TRACETIED").body;
    assert!(trace.contains("/payouts/po_tied") && !trace.contains("/payouts/po_short"));
    for (path, said) in [
        ("/payouts?from=03/04/2026", "The filter “from” cannot be “03/04/2026”"),
        ("/payouts?bucket=lost", "The filter “bucket” cannot be “lost”"),
        ("/txns?currency=dollars", "Expected a currency code such as usd"),
        ("/bank-lines?after=nonsense", "The filter “after”"),
    ] {
        let answer = site.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(text(&answer.body).contains(said), "{path}: {}", text(&answer.body));
    }
}

#[test]
fn a_payout_falls_from_gross_to_net_to_the_bank() {
    let site = merchant();
    let page = site.get("/payouts/po_tied").body;
    let fall = page.split("class=\"fall\"").nth(1).unwrap().split("</table>").next().unwrap().to_owned();
    let steps = [
        "Charges 2 transactions",
        "Refunds 1 transaction",
        "Disputes 1 transaction",
        "Stripe's own fees 1 transaction",
        "Stripe's fees on these taken from each",
        "Net of the transactions 5 transactions",
        "Payout arrives 2026-09-14",
        "At the bank 2026-09-14, HB0000012",
        "Difference ties exactly",
    ];
    let said = text(&fall);
    let mut rest = said.as_str();
    for step in steps {
        let at = rest.find(step).unwrap_or_else(|| panic!("{step} is not next in: {rest}"));
        rest = &rest[at + step.len()..];
    }
    assert!(rest.trim_end().ends_with("0.00"), "{rest}");
    let plain = text(&page);
    assert!(plain.contains("1,000.00 EUR at 1.08415"), "the conversion is not shown");
    assert!(plain.contains("order_id: SO-10044"), "the charge's metadata is not shown");
    assert!(plain.contains("reason: requested by customer"), "the refund's reason is not shown");
    assert!(plain.contains("trace id TRACETIED stands in the line") && plain.contains("+9.10"), "the evidence is not shown");
    assert!(plain.contains("TRACETIED (supported)"), "the trace id's status is not shown");
}

#[test]
fn a_short_a_gapped_an_ambiguous_and_a_shared_payout_say_so() {
    let site = merchant();
    let short = text(&site.get("/payouts/po_short").body);
    assert!(short.contains("Difference found less expected") && short.contains("−15.00 Stripe what was sent"), "{short}");
    assert!(short.contains("Look for a bank fee of 15.00 USD"));
    let gap = text(&site.get("/payouts/po_gap").body);
    assert!(gap.contains("Not in any transaction") && gap.contains("10.10"), "{gap}");
    let ambiguous = text(&site.get("/payouts/po_ambiguous").body);
    assert!(
        ambiguous.contains("HB0000016") && ambiguous.contains("HB0000017") && ambiguous.contains("1 rival could stand here too")
    );
    let shared = text(&site.get("/payouts/po_cafe_1").body);
    assert!(shared.contains("This payout's part 120,000 JPY"), "{shared}");
    assert!(shared.contains("Decided together with these payouts po_cafe_2 80,500 JPY"), "{shared}");
    let line = text(&site.get("/bank-lines/bl_cafe").body);
    assert!(line.contains("120,000 JPY of 120,000 JPY") && line.contains("80,500 JPY of 80,500 JPY"), "{line}");
}

#[test]
fn every_waterfall_ends_in_what_the_bank_shows() {
    let site = merchant();
    for (id, ends) in [
        ("po_manual", "From the payout to the bank"),
        ("po_manual", "At the bank 2026-09-23, HB0000018"),
        ("po_proposed", "At the bank, as proposed 2026-09-18"),
        ("po_proposed", "Difference if a person confirms it"),
        ("po_missing", "At the bank no line until 2026-10-02"),
        ("po_missing", "−777.77 Stripe what was sent"),
        ("po_ambiguous", "not decided Stripe what was sent"),
        ("po_awaiting", "not there yet Stripe what was sent"),
        ("po_failed", "Stays at the bank nothing is expected to"),
    ] {
        let said = text(&site.get(&format!("/payouts/{id}")).body);
        assert!(said.contains(ends), "{id}: {ends} is not in {said}");
    }
    let missing = text(&site.get("/payouts/po_missing").body);
    assert!(!missing.contains("ties exactly") && !missing.contains("found at the bank in full"), "{missing}");
}

#[test]
fn an_exception_says_what_to_do_and_shows_what_it_rests_on() {
    let site = merchant();
    let page = text(&site.get("/exceptions/ex_deposit_short").body);
    assert!(page.contains("Needs a person The bank shows 1,235.00 USD of 1,250.00 USD."), "{page}");
    assert!(page.contains("What to do Look for a bank fee of 15.00 USD"), "{page}");
    assert!(page.contains("Bank line bl_short 1,235.00 USD · 2026-09-15"), "{page}");
    assert!(page.contains("Why this is the deposit") && page.contains("+9.10"), "{page}");
    let list = text(&site.get("/exceptions").body);
    assert!(list.contains("Ask the bank for the trace id"), "the list does not say what to do");
}

#[test]
fn many_accounts_stand_in_one_table_and_each_number_leads_to_its_list() {
    let site = Site::serve(site::platform);
    let home = site.get("/").body;
    assert!(text(&home).contains("8 balances, worst first"), "{}", text(&home));
    let third = row(&home, "account=acct_2");
    assert!(third.starts_with("Shop 2 USD Unknown 0.00 3.00 0.00 0.00 3.00"), "{third}");
    assert!(home.contains("/payouts?account=acct_2&#38;currency=usd&#38;bucket=in_transit\">3.00<"), "{home}");
}

#[test]
fn how_fresh_each_account_is_is_listed_and_found_by_name() {
    let site = Site::serve(site::platform);
    let page = site.get("/known").body;
    assert!(text(&page).contains("8 accounts, 8 of them never read to the end"), "{}", text(&page));
    assert!(row(&page, "/known?account=acct_3\">").ends_with("acct_3 Shop 3 Never"), "{}", row(&page, "acct_3"));
    let found = site.get("/known?text=shop+5").body;
    assert!(found.contains("/known?account=acct_5\">") && !found.contains("/known?account=acct_3\">"), "{}", text(&found));
    assert!(text(&site.get("/known?account=acct_5").body).contains("Shop 5"));
}

#[test]
fn what_a_past_day_said_that_was_listed_again_stands_on_the_page_of_what_is_known() {
    let site = Site::serve(|path| {
        site::platform(path);
        site::list_again(path, "acct_3");
    });
    let page = text(&site.get("/known?account=acct_3").body);
    assert!(page.contains("by run 1: unknown: 2026-09-01 could not be listed again."), "{page}");
    assert!(!text(&site.get("/known?account=acct_4").body).contains("asked for again"));
}

#[test]
fn what_a_bank_writes_is_text_and_never_markup() {
    let site = merchant();
    for path in ["/bank-lines", "/bank-lines/bl_unknown", "/bank-lines?text=%3Cscript%3E", "/find?q=%3Cscript%3Ealert(1)"] {
        let answer = site.get(path);
        assert!(!answer.body.contains("<script>alert") && !answer.body.contains("<b>HB"), "{path} lets markup through");
    }
    let line = site.get("/bank-lines/bl_unknown").body;
    assert!(line.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "the text itself is lost");
    assert!(line.matches("long ").count() >= 2_000, "the line's own page cuts it");
    let list = site.get("/bank-lines").body;
    assert!(list.contains("<bdi>") && list.matches("long ").count() < 100, "the list shows ten thousand characters");
    assert!(HOSTILE.contains('\u{202e}'), "the fixture turns no writing direction");
}

#[test]
fn any_id_leads_to_its_page() {
    let site = merchant();
    for (id, path) in [
        ("po_tied", "/payouts/po_tied"),
        ("txn_fee", "/txns/txn_fee"),
        ("ch_converted", "/txns/txn_converted"),
        ("re_asked", "/txns/txn_refund"),
        ("dp_fraud", "/txns/txn_dispute"),
        ("bl_tied", "/bank-lines/bl_tied"),
        ("ex_deposit_missing", "/exceptions/ex_deposit_missing"),
        ("m_short", "/payouts/po_short"),
        ("acct_cafe", "/payouts?account=acct_cafe"),
        ("TRACETIED", "/payouts?text=TRACETIED"),
        ("SALARIES", "/bank-lines?text=SALARIES"),
    ] {
        let answer = site.get(&format!("/find?q=%20{id}%20"));
        assert_eq!(answer.status, 303, "{id}");
        assert!(answer.head.contains(&format!("location: {path}\r\n")), "{id}: {}", answer.head);
    }
    let nothing = site.get("/find?q=po_nowhere");
    assert_eq!(nothing.status, 404);
    assert!(text(&nothing.body).contains("There is no record “po_nowhere” here"));
}

#[test]
fn a_page_that_is_not_there_says_what_to_do() {
    let site = merchant();
    for path in
        ["/payouts/po_nowhere", "/txns/x", "/bank-lines/x", "/exceptions/x", "/nowhere", "/payouts/%00", "/payouts/..%2F..%2Fetc"]
    {
        let answer = site.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(text(&answer.body).contains("run tieout sync"), "{path}: {}", text(&answer.body));
    }
}

#[test]
fn without_a_database_every_list_names_the_first_commands_and_makes_no_file() {
    let mut database = std::path::PathBuf::new();
    let site = Site::serve(|path| path.clone_into(&mut database));
    for path in ["/", "/payouts", "/exceptions", "/bank-lines", "/txns"] {
        let answer = site.get(path);
        assert_eq!(answer.status, 200, "{path}");
        let said = text(&answer.body);
        assert!(said.contains("tieout sync") && said.contains("tieout import bank FILE --bank-account NAME"), "{path}: {said}");
    }
    assert_eq!(site.get("/readyz").status, 200);
    assert!(!database.exists(), "reading made a database");
}

#[test]
fn an_empty_database_is_unknown_and_never_tied() {
    let site = Site::serve(site::empty);
    let home = text(&site.get("/").body);
    assert!(home.contains("Are we tied out? Unknown") && home.contains("Last complete sync never"), "{home}");
    assert!(text(&site.get("/payouts").body).contains("No payouts yet"));
    assert!(text(&site.get("/bank-lines").body).contains("No bank lines yet"));
    assert!(text(&site.get("/txns").body).contains("No transactions yet"));
    assert!(text(&site.get("/exceptions").body).contains("Nothing is open"));
}

#[test]
fn lists_hold_at_no_one_and_many_rows() {
    let one = Site::serve(|path| site::payouts_only(path, 1));
    let said = text(&one.get("/payouts").body);
    assert!(said.contains("1 payout in USD 1.00 USD") && said.contains("Not judged yet"), "{said}");
    assert!(!said.contains("Test mode."), "live money is called a test");
    let many = Site::serve(|path| site::payouts_only(path, 450));
    let mut path = "/payouts".to_owned();
    let mut seen = Vec::new();
    for rows in [200, 200, 50] {
        let body = many.get(&path).body;
        let ids: Vec<String> =
            body.split("href=\"/payouts/").skip(1).map(|part| part.split('"').next().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), rows, "{path}");
        seen.extend(ids);
        assert!(text(&body).contains("450 payouts in USD 450.00 USD"), "the total is of the page, not of the list");
        let next = body.split("rel=\"next\" href=\"").nth(1).map(|part| part.split('"').next().unwrap().replace("&#38;", "&"));
        match next {
            Some(next) => path = next,
            None => assert_eq!(rows, 50),
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 450, "a row stands on two pages, or on none");
}

#[test]
fn only_reading_is_answered_and_only_by_our_own_name() {
    let site = merchant();
    let host = format!("Host: {}\r\n", site.address);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert_eq!(site.ask(method, "/", &format!("{host}Content-Length: 0\r\n")).status, 405, "{method}");
    }
    let head = site.ask("HEAD", "/", &host);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(site.ask("GET", "/", "Host: localhost:1234\r\n").status, 200);
    for name in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"] {
        let answer = site.ask("GET", "/payouts", &format!("Host: {name}\r\n"));
        assert_eq!(answer.status, 421, "{name}");
        assert!(!answer.body.contains("po_tied"), "{name} reads the books");
    }
}

#[test]
fn the_theme_is_a_cookie_and_the_switch_leads_back() {
    let site = merchant();
    let host = format!("Host: {}\r\n", site.address);
    let switched = site.get("/theme?to=dark&back=/payouts%3Fbucket%3Dmatched");
    assert_eq!(switched.status, 303);
    assert!(switched.head.contains("location: /payouts?bucket=matched\r\n"), "{}", switched.head);
    assert!(switched.head.contains("set-cookie: theme=dark; Path=/"), "{}", switched.head);
    assert!(site.get("/theme?to=dark&back=//evil.example").head.contains("location: /\r\n"));
    let dark = site.ask("GET", "/", &format!("{host}Cookie: theme=dark\r\n"));
    assert!(dark.body.contains("<html lang=\"en\" data-theme=\"dark\">"));
    assert!(site.get("/").body.contains("<html lang=\"en\">"));
}

#[test]
fn assets_are_kept_by_the_browser_and_probes_answer() {
    let site = merchant();
    let home = site.get("/").body;
    for (kind, at) in [("text/css", "/assets/tieout.css?v="), ("text/javascript", "/assets/tieout.js?v=")] {
        let path = home.split('"').find(|part| part.starts_with(at)).unwrap();
        let answer = site.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.head.contains(kind) && answer.head.contains("immutable"), "{path}: {}", answer.head);
    }
    assert!(site.get("/assets/icon.svg").head.contains("image/svg+xml"));
    for probe in ["/healthz", "/readyz"] {
        assert_eq!(site.get(probe).status, 200, "{probe}");
    }
}

#[test]
fn a_damaged_database_is_told_and_not_shown() {
    let site =
        Site::serve(|path| std::fs::write(path, "this is no database, and long enough to be taken for one".repeat(99)).unwrap());
    let answer = site.get("/");
    assert_eq!(answer.status, 503);
    assert!(text(&answer.body).contains("The database could not be read"), "{}", text(&answer.body));
    assert_eq!(site.get("/readyz").status, 503);
    assert_eq!(site.get("/healthz").status, 200);
}

#[test]
fn the_schedules_say_what_runs_when_and_who_waits_for_a_server() {
    let site = merchant();
    let body = site.get("/schedules").body;
    let said = text(&body);
    assert!(said.contains("Schedules A server is slow to run them 6 schedules, 1 paused All runs · When an expression is due Next is yesterday in 3 h, on Mon 2026-10-05 07:00 -04:00."), "{said}");
    assert!(said.contains("In the last 7 days 2 runs failed or did not read everything . runs is due since"), "{said}");
    let overdue =
        "runs is due since Mon 2026-10-05 07:40 +00:00, and the server that runs schedules has not run it: see what it logs.";
    assert!(said.contains(overdue), "{said}");
    let rows = [
        (
            "nightly",
            "nightly sync: all that is new every day at 5 0 5 * * * Etc/UTC, of the business Tue 2026-10-06 05:00 +00:00 in 21 h, 2026-10-06 05:00 UTC",
        ),
        ("nightly", "3 retries, missed once, overlap skip, grace 5 min Waiting 1 min ago"),
        ("judge", "judge reconcile: every payout after nightly after it 3 retries, overlap skip none yet"),
        ("bank", "bank paused import: files in /srv/bank of Harbour Bank USD */15 * * * * Etc/UTC, of the business paused"),
        (
            "yesterday",
            "sync: txn, the business day before every weekday at 7 0 7 * * MON-FRI America/New_York Mon 2026-10-05 07:00 -04:00 in 3 h, 2026-10-05 11:00 UTC",
        ),
        ("never", "0 0 30 2 * Etc/UTC, of the business never"),
    ];
    for (name, expected) in rows {
        let row = row(&body, &format!("name\" href=\"/schedules/{name}\""));
        assert!(row.contains(expected), "{name}: {row}");
    }
    let line = body.split("aria-label=\"nightly: ").nth(1).unwrap();
    assert!(
        line.starts_with("1 waiting, 1 running, 1 done, 1 incomplete, 1 failed, 1 canceled, 1 skipped, 2 missed\""),
        "{line}"
    );
    for class in ["exceptions", "missed", "in_transit", "matched"] {
        assert!(line.split("</svg>").next().unwrap().contains(&format!("fill-{class}")), "{class} is not drawn");
    }
}

#[test]
fn a_schedule_foretells_itself_and_says_how_its_runs_grow() {
    let site = merchant();
    let page = text(&site.get("/schedules/nightly").body);
    assert!(page.contains("Schedule nightly Scheduled sync: all that is new, every day at 5 (0 5 * * *) in Etc/UTC."), "{page}");
    assert_eq!(page.matches("05:00 +00:00").count(), 10, "{page}");
    assert!(page.contains("the newest is run for all that were missed once"), "{page}");
    assert!(page.contains("Volume grows 14 % a week, and runs take 14 % longer each week; at this rate a run passes"), "{page}");
    assert!(page.contains("Duration of each run") && page.contains("Volume of each run, in objects"), "{page}");
    assert!(page.contains("tieout schedule pause nightly") && page.contains("{&#34;job&#34;:&#34;sync&#34;}"), "{page}");
    let fresh = text(&site.get("/schedules/judge").body);
    assert!(
        fresh.contains("It runs after each run of nightly that did all.") && fresh.contains("Nothing was run yet."),
        "{fresh}"
    );
    let named_runs = text(&site.get("/schedules/runs").body);
    assert!(
        named_runs.contains("Schedule runs Overdue") && named_runs.contains("has not run it: see what it logs."),
        "{named_runs}"
    );
    assert!(text(&site.get("/schedules/bank").body).contains("tieout schedule resume bank"));
    assert!(text(&site.get("/schedules/never").body).contains("no such day comes within a hundred years"));
}

#[test]
fn every_run_is_listed_whoever_asked_for_it_and_has_a_page() {
    let site = merchant();
    let all = site.get("/runs").body;
    let ids = |body: &str| body.matches("href=\"/runs/").count();
    let (syncs, judged) = (site.get("/runs?job=sync").body, site.get("/runs?job=reconcile").body);
    assert!(ids(&syncs) > 0 && ids(&judged) > 0 && ids(&all) >= ids(&syncs) + ids(&judged), "{}", text(&all));
    assert!(text(&site.get("/runs?trigger=webhook").body).contains("No runs match this filter"));
    assert!(text(&site.get("/runs/1").body).contains("Asked for by A person"), "{}", text(&site.get("/runs/1").body));
    for (path, status) in [("/runs?job=lost", 400), ("/runs?before=x", 400), ("/runs/999", 404), ("/runs/x", 404)] {
        assert_eq!(site.get(path).status, status, "{path}");
    }
    assert!(site.get("/").body.contains("href=\"/runs\""), "nobody finds the list");
}

#[test]
fn the_audit_trail_says_what_has_changed_and_whether_it_is_whole() {
    let site = merchant();
    let all = site.get("/audit").body;
    assert!(text(&all).contains("Never verified") && all.contains("href=\"/audit/1\""), "{}", text(&all));
    let about = site.get("/audit?about=po_tied").body;
    assert!(text(&about).contains("payout po_tied: matched/tied/matched"), "{}", text(&about));
    let id = about.split("href=\"/audit/").nth(1).unwrap().split('"').next().unwrap();
    let entry = site.get(&format!("/audit/{id}")).body;
    assert!(text(&entry).contains("reconcile") && !text(&entry).contains("was altered"), "{}", text(&entry));
    assert!(entry.contains("href=\"/audit?about=po_tied\""), "no way to what else became of it");
    assert!(text(&site.get("/audit?actor=webhook").body).contains("No entries match this filter"));
    for (path, status) in [("/audit?act=lost", 400), ("/audit?before=x", 400), ("/audit/99999", 404), ("/audit/x", 404)] {
        assert_eq!(site.get(path).status, status, "{path}");
    }
    assert!(site.get("/payouts/po_tied").body.contains("href=\"/audit?about=po_tied\""));
    assert!(site.get("/exceptions/ex_deposit_missing").body.contains("href=\"/audit?about=ex_deposit_missing\""));
}

#[test]
fn the_runs_of_a_schedule_are_paged_and_each_stands_on_one_page() {
    let site = merchant();
    for (path, sizes) in [("/schedules/nightly", [25, 3]), ("/scheduled-runs", [25, 3])] {
        let (mut path, mut seen) = (path.to_owned(), Vec::new());
        for size in sizes {
            let body = site.get(&path).body;
            let table = body.split("aria-label=\"Runs, table\"").nth(1).unwrap().split("</table>").next().unwrap().to_owned();
            let ids = table.split("href=\"/scheduled-runs/").skip(1).map(|part| part.split('"').next().unwrap().to_owned());
            let ids: Vec<String> = ids.collect();
            assert_eq!(ids.len(), size, "{path}");
            seen.extend(ids);
            let next =
                body.split("rel=\"next\" href=\"").nth(1).map(|part| part.split('"').next().unwrap().replace("&#38;", "&"));
            path = next.unwrap_or_default();
        }
        assert_eq!((seen.len(), seen.first().unwrap().as_str(), seen.last().unwrap().as_str()), (28, "28", "1"));
        assert_eq!(path, "", "there is a page behind the last");
    }
    let failed = site.get("/scheduled-runs?state=failed").body;
    assert!(failed.contains("href=\"/scheduled-runs/22\"") && !failed.contains("href=\"/scheduled-runs/21\""));
    assert!(failed.contains("<option value=\"failed\" selected>"), "the form forgets what is filtered");
    assert!(text(&site.get("/scheduled-runs?schedule=judge").body).contains("No runs match this filter"));
    for (path, said) in
        [("/scheduled-runs?state=lost", "The filter “state”"), ("/scheduled-runs?before=x", "The filter “before”")]
    {
        let answer = site.get(path);
        assert!(answer.status == 400 && text(&answer.body).contains(said), "{path}: {}", text(&answer.body));
    }
}

#[test]
fn a_run_says_why_it_was_run_each_try_and_what_to_do() {
    let site = merchant();
    let run = |id: u32| text(&site.get(&format!("/scheduled-runs/{id}")).body);
    let failed = run(22);
    assert!(failed.contains("Run 22 Failed sync: all that is new. It was due. It failed after its last try."), "{failed}");
    assert!(failed.contains("What went wrong the key was revoked"), "{failed}");
    assert!(failed.contains("Try 1 Failed 2026-10-02 05:00 UTC") && failed.contains("Try 3 Failed"), "{failed}");
    assert!(failed.contains("Stripe answered 503.") && failed.contains("tieout schedule retry 22"), "{failed}");
    assert!(
        run(23).contains("Nobody ran it in time, nor those after it.") && run(23).contains("Missed 2 the last due 2026-10-04")
    );
    assert!(run(24).contains("It was left out") && run(24).contains("It was not tried."), "{}", run(24));
    let canceled = run(25);
    assert!(
        canceled.contains("A person asked for it. It was called off") && canceled.contains("once more what run 22 was to do")
    );
    let done = run(26);
    assert!(done.contains("It did all.") && done.contains("Took 1 min 39 s") && done.contains("Volume 14,012 objects"), "{done}");
    assert!(done.contains("kinds payout 12; txn 12000"), "{done}");
    assert!(done.contains("Input 5f5f5f5f5f5f5f5f") && done.contains("Followed by judge"), "{done}");
    assert!(done.contains("The last one that did all: run 20") && done.contains("Requests 181"), "{done}");
    assert!(done.contains("Log What each try said, in UTC. Try 1 05:00:00.004Z sync: all that is new"), "{done}");
    assert!(run(27).contains("It is being run.") && run(27).contains("tieout schedule cancel 27"), "{}", run(27));
    assert!(run(28).contains("A server begins it when it looks next."), "{}", run(28));
}

#[test]
fn what_a_job_or_a_name_says_is_text_and_never_markup() {
    let site = Site::serve(site::schedules::hostile);
    let name = "/schedules/STRIPE%20%3Cscript%3Ealert%281%29%3C%2Fscript%3E%20%E2%80%AEgnp.exe%E2%80%AC%20%22quoted%22%20%26%20%27single%27";
    for path in ["/schedules", name, "/scheduled-runs", "/scheduled-runs/7", "/schedule-preview?expr=%22%3E%3Cscript%3Ealert(1)"]
    {
        let answer = site.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains("<script>alert") && !answer.body.contains("<i>look"), "{path} lets markup through");
        assert!(answer.body.contains("&#60;script&#62;alert"), "{path} loses the text itself");
        assert!(answer.body.len() < 200_000, "{path} has no end");
    }
    assert!(text(&site.get(name).body).contains("a job that this version does not know"));
}

#[test]
fn two_hundred_schedules_stand_on_one_page_and_more_on_the_next() {
    let site = Site::serve(|path| site::schedules::many(path, 201));
    let body = site.get("/schedules").body;
    assert!(text(&body).contains("201 schedules") && text(&body).contains("1–200 of 201"), "{}", text(&body));
    assert_eq!(body.matches("class=\"timeline\"").count(), 1);
    assert!(body.contains("name\" href=\"/schedules/job-0199\"") && !body.contains("name\" href=\"/schedules/job-0200\""));
    assert!(
        row(&body, "name\" href=\"/schedules/job-0050\"").contains("Done 59 min ago , took 1 s"),
        "{}",
        row(&body, "job-0050")
    );
    let last = site.get("/schedules?after=job-0199").body;
    assert!(last.contains("/schedules/job-0200\"") && !last.contains("/schedules/job-0199\""));
    assert!(text(&last).contains("A server runs them 201 schedules All runs"), "{}", text(&last));
}

#[test]
fn without_schedules_or_a_database_the_commands_are_named_and_a_preview_works() {
    for site in [Site::serve(|_| {}), Site::serve(site::empty)] {
        for path in ["/schedules", "/scheduled-runs"] {
            let answer = site.get(path);
            let said = text(&answer.body);
            assert!(
                answer.status == 200 && said.contains("tieout schedule add nightly --job sync --cron 'every day at 5'"),
                "{said}"
            );
        }
        let preview = text(&site.get("/schedule-preview?expr=every+day+at+7").body);
        assert!(preview.contains("0 7 * * * in UTC") && preview.contains("Tue 2026-10-06 07:00 +00:00"), "{preview}");
        assert!(preview.contains("tieout schedule add NAME --job sync --cron 'every day at 7'"), "{preview}");
    }
}

#[test]
fn a_schedule_or_a_run_that_is_not_there_is_told_with_the_command_that_lists_them() {
    let site = merchant();
    for (path, said) in [
        ("/schedules/x", "There is no schedule “x” here It may have been removed"),
        ("/schedules/%3Cscript%3E", "tieout schedule list"),
        ("/scheduled-runs/999", "There is no scheduled run “999” here"),
        ("/scheduled-runs/-1", "tieout schedule history"),
        ("/scheduled-runs/99999999999999999999", "tieout schedule history"),
        ("/scheduled-runs/x", "tieout schedule history"),
    ] {
        let answer = site.get(path);
        assert!(answer.status == 404 && text(&answer.body).contains(said), "{path}: {}", text(&answer.body));
    }
}

#[test]
fn an_expression_is_foretold_through_a_change_of_clocks_and_a_bad_one_is_told_beside_its_field() {
    let site = merchant();
    let said = text(&site.get("/schedule-preview?expr=30+2+*+*+*&tz=Europe/Berlin&from=2026-03-28T00:00:00Z").body);
    assert!(said.contains("30 2 * * * in Europe/Berlin"), "{said}");
    assert!(said.contains("Sun 2026-03-29 03:00 +02:00 02:30 does not exist on 2026-03-29"), "{said}");
    assert!(said.contains("2026-03-29 01:00 UTC") && said.contains("--cron '30 2 * * *' --tz Europe/Berlin"), "{said}");
    let body = site.get("/schedule-preview?expr=61+*+*+*+*&tz=Mars/Base&from=soon").body;
    let beside = |field: &str| {
        text(&format!("<{}", body.split(&format!("id=\"{field}-error\"")).nth(1).unwrap().split("</span>").next().unwrap()))
    };
    assert!(beside("expr").contains("its minute is &#34;61&#34;; expected"), "{}", beside("expr"));
    assert!(beside("tz").contains("Mars/Base is no time zone that is known here"), "{}", beside("tz"));
    assert!(beside("from").contains("soon is no instant"), "{}", beside("from"));
    assert!(
        body.contains("value=\"61 * * * *\"") && body.matches("aria-invalid=\"true\"").count() == 3,
        "the form forgets what was typed"
    );
    assert!(!body.contains("tieout schedule add"), "a command is shown that would be refused");
    let never = text(&site.get("/schedule-preview?expr=0+0+30+2+*").body);
    assert!(never.contains("It is never due: no such day comes within a hundred years."), "{never}");
}

#[test]
fn the_alerts_say_what_is_not_well_since_when_what_was_done_and_what_to_do() {
    let site = Site::serve(site::alerts::merchant_in_trouble);
    let body = site.get("/alerts").body;
    let said = text(&body);
    assert!(said.contains("Alerts Not well 3 alerts stand. Everything was looked at a moment ago."), "{said}");
    let failed = row(&body, "run_failed");
    for told in [
        "nightly",
        "Alerting",
        "critical",
        "3 h ago",
        "failed after 4 tries: status 503",
        "Done already: tried 4 times",
        "look at the history",
        "not yet",
    ] {
        assert!(failed.contains(told), "{told}: {failed}");
    }
    assert!(body.contains("href=\"/schedules/nightly\""));
    assert!(row(&body, "deposit_missing").contains("1,204.50 USD") && row(&body, "deposit_missing").contains("2 h ago"));
    assert!(row(&body, "backup_stale").contains("No data") && row(&body, "sync_incomplete").contains("Pending"));
    assert!(said.contains("Silenced") && said.contains("run_unusual until 2026-10-09 00:00 UTC"));
    assert!(said.contains("finance Takes messages") && said.contains("ops Nothing goes out 2 h ago"), "{said}");
    assert!(said.contains("it answered 503") && said.contains("What is watched") && said.contains("disk_filling"));
    assert!(!body.contains("<script>alert") && body.contains("&#60;script&#62;alert"));
    assert!(text(&site.get("/").body).contains("Unknown since 2026-10-05 06:00"), "{}", text(&site.get("/").body));
}

#[test]
fn alerts_that_nobody_looks_for_are_unknown_and_not_none() {
    let unknown = text(&merchant().get("/alerts").body);
    assert!(unknown.contains("Alerts Unknown Nobody has looked yet.") && unknown.contains("No data is not OK."), "{unknown}");
    assert!(!unknown.contains("All well"), "{unknown}");
}
