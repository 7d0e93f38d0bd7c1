//! Roles for BI tools, as the server itself treats them.

use crate::simulated::Simulated;
use crate::tieout::Tieout;
use crate::{ask, database_of, on_server, on_server_of, server};

/// What a reader may never do.
const REFUSED: [&str; 6] = [
    "INSERT INTO run (id, job, started_at, state, summary) VALUES (99, 'sync', 1, 'done', '')",
    "UPDATE payout SET status = 'paid'",
    "DELETE FROM bi_exception",
    "CREATE TABLE mine (id BIGINT)",
    "CREATE VIEW mine AS SELECT 1 AS one",
    "CREATE SCHEMA mine",
];

/// Holds the role to reading, also where it says that it wants to write.
fn cannot_write(address: &str, role: &str) {
    for sql in REFUSED {
        let told = server().run_as(role, database_of(address), &format!("BEGIN READ WRITE; {sql}"));
        assert!(told.as_ref().is_err_and(|told| told.contains("permission denied")), "{sql}: {told:?}");
        let told = server().run_as(role, database_of(address), sql);
        assert!(told.is_err(), "{sql}: {told:?}");
    }
}

fn reads(address: &str, role: &str, table: &str) -> Result<String, String> {
    server().run_as(role, database_of(address), &format!("SELECT COUNT(*) FROM {table}"))
}

fn printed(tieout: &Tieout, args: &[&str]) -> String {
    let output = tieout.run(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_reader_reads_every_view_and_can_do_nothing_else() {
    let stripe = Simulated::start();
    let (tieout, address) = on_server(&stripe);
    tieout.goes_well(&["sync"]);
    let statements = printed(&tieout, &["db", "reader", "views_only"]);
    assert!(reads(&address, "views_only", "bi_payout").unwrap_err().contains("does not exist"), "printing makes nothing");
    tieout.goes_well(&["db", "reader", "views_only", "--apply"]);
    let views = ask(&address, "SELECT table_name FROM information_schema.views WHERE table_schema = 'public'").unwrap();
    assert!(views.contains("bi_payout"));
    for view in views.lines() {
        assert_eq!(reads(&address, "views_only", view), ask(&address, &format!("SELECT COUNT(*) FROM {view}")), "{view}");
    }
    for table in ["payout", "txn", "object_version", "statement_file", "meta"] {
        assert!(reads(&address, "views_only", table).unwrap_err().contains("permission denied"), "{table}");
    }
    cannot_write(&address, "views_only");

    ask(&address, &statements.replace("views_only", "by_hand")).unwrap();
    assert_eq!(reads(&address, "by_hand", "bi_txn"), ask(&address, "SELECT COUNT(*) FROM txn"));
    cannot_write(&address, "by_hand");
}

#[test]
fn a_reader_of_all_tables_reads_them_and_can_be_narrowed_again() {
    let (tieout, address) = on_server_of(&Tieout::new());
    tieout.goes_well(&["db", "migrate"]);
    let told = tieout.json(&["db", "reader", "tables_too", "--all-tables", "--apply", "--json"]);
    assert_eq!((&told["role"], &told["applied"]), (&"tables_too".into(), &true.into()));
    assert_eq!(reads(&address, "tables_too", "meta"), Ok("1".to_owned()));
    cannot_write(&address, "tables_too");
    ask(&address, "CREATE TABLE later (id BIGINT)").unwrap();
    assert_eq!(reads(&address, "tables_too", "later"), Ok("0".to_owned()));
    ask(&address, "DROP TABLE later").unwrap();
    tieout.goes_well(&["db", "reader", "tables_too", "--apply"]);
    assert!(reads(&address, "tables_too", "meta").unwrap_err().contains("permission denied"));
    assert_eq!(reads(&address, "tables_too", "bi_payout"), Ok("0".to_owned()));
}

#[test]
fn who_owns_the_tables_is_not_made_a_reader_and_who_may_not_make_roles_is_told_what_to_do() {
    let (mut tieout, address) = on_server_of(&Tieout::new());
    tieout.goes_well(&["db", "migrate"]);
    let told = tieout.fails(2, &["db", "reader", cluster::OWNER, "--apply"]);
    assert!(told.contains("may do all that Tieout may"), "{told}");
    ask(&address, "CREATE ROLE plain LOGIN").unwrap();
    let owned = server().database().unwrap();
    server().run("postgres", &format!("ALTER DATABASE {owned} OWNER TO plain")).unwrap();
    tieout.set("TIEOUT_DATABASE", &server().address(&owned).replacen(cluster::OWNER, "plain", 1));
    tieout.goes_well(&["db", "migrate"]);
    let told = tieout.fails(1, &["db", "reader", "of_plain", "--apply"]);
    assert!(told.contains("permission denied to create role") && told.contains("administrator"), "{told}");
    assert!(printed(&tieout, &["db", "reader", "of_plain"]).starts_with("CREATE ROLE \"of_plain\" LOGIN;\n"));
}
