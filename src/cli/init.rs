//! `tieout init`: a commented configuration file, and the schedules to begin with.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use store::Store;

use super::talk::note;
use crate::config::{Config, FILE_NAME};
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::scheduler::standard;
use crate::views::load::{self, store_failure};

/// `tieout init`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file to write
    #[arg(value_name = "FILE", default_value = FILE_NAME)]
    file: PathBuf,
    /// Add no schedules
    #[arg(long)]
    no_schedules: bool,
}

/// What is written: every key with its default, commented out.
const TEXT: &str = "\
# Settings of tieout. Flags beat the environment, which beats this file, which beats the defaults shown here.
# The Stripe key never stands here: set the environment variable STRIPE_API_KEY to a restricted read key.
# Nor does the bearer of the sync endpoint: TIEOUT_SYNC_SECRET.

# Where everything is kept. A relative path is meant from this file's folder.
# Default: sqlite: in the XDG data folder, ~/.local/share/tieout/tieout.db
# On a server: postgres://USER@HOST/NAME, its password in PGPASSWORD
# database = \"sqlite:tieout.db\"

# The business time zone, as an IANA name. Default: the Stripe account's own.
# time_zone = \"Europe/Berlin\"

# Kinds of objects that a sync leaves out, by the words of tieout sync --only. Default: none. What stands within one is left
# out with it. What reconciling needs cannot be left out: txn, payout, charge, refund and dispute.
# sync_skip = [\"payment_intent\", \"customer\"]

# How much of Stripe's rate limits to use, in percent; whatever else reads the same account has the rest. Default: 80.
# stripe_share_percent = 80

# How many days runs of schedules, deliveries and reconciliations, and messages, are kept; syncs and imports are kept for ever.
# history_days = 400

# Where Stripe's API is; plain http only to this machine, for tieout sim serve.
# stripe_api_base = \"https://api.stripe.com\"

# How alerts are told: docs/ALERTS.md. For links in messages; when people are left alone but for what is critical; when the key of
# Stripe expires; private networks that may be sent to.
# public_url = \"https://tieout.example.com\"
# quiet_hours = \"22:00-07:00\"
# stripe_key_expires_on = \"2027-03-31\"
# allowed_networks = [\"10.20.0.0/16\"]

# Several Stripe accounts of your own, not connected to each other: a table for each, which names the environment variable or
# the file of its key. STRIPE_API_KEY is read as well where it is set. These stand at the end of this file.
# [[stripe]]
# key_env = \"STRIPE_API_KEY_US\"
# [[stripe]]
# key_file = \"/run/secrets/stripe-eu\"

# The mail server, and who is told; kind is mail, webhook, slack or heartbeat. Secrets stay in the environment.
# [smtp]
# host = \"smtp.example.com\"
# user = \"tieout\"
# password_env = \"TIEOUT_SMTP_PASSWORD\"
# from = \"Tieout <tieout@example.com>\"
# [[channel]]
# name = \"finance\"
# kind = \"mail\"
# to = [\"finance@example.com\"]
# [[channel]]
# name = \"chat\"
# kind = \"slack\"
# url_env = \"TIEOUT_SLACK_URL\"

# A program that writes the bank's statement to its standard output: tieout schedule add bank --job fetch --fetch bank …
# [[fetch]]
# name = \"bank\"
# command = [\"/usr/local/bin/fetch-statement\", \"--since\", \"yesterday\"]
";

/// Runs it.
///
/// # Errors
/// [`Exit::Failed`] when the file is there already or cannot be written; those of the database.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let path = &args.file;
    let refused = |why: String| Failure::new(Exit::Failed, format!("{} {why}", path.display()));
    match outside.read_file(path, 0) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Ok(_) => return Err(there(path)),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => return Err(there(path)),
        Err(error) => return Err(refused(format!("cannot be looked at: {error}"))),
    }
    outside.write_file(path, TEXT.as_bytes()).map_err(|error| refused(format!("cannot be written: {error}")))?;
    note(config, &format!("wrote {}; everything in it is optional", path.display()));
    if !args.no_schedules {
        add_schedules(config, outside)?;
    }
    note(config, "next: export STRIPE_API_KEY=rk_…    a restricted key that may read");
    note(config, "      tieout doctor                 checks key, permissions and database");
    note(config, "      tieout sync                   reads your Stripe account");
    note(config, "      tieout serve                  serves the pages and runs the schedules at their times");
    note(config, "or, without a key: tieout demo");
    Ok(Exit::Fine)
}

/// Adds the standard schedules to a database that has none. One that fails is told of; the file is written, and that is what was asked.
fn add_schedules(config: &Config, outside: &Outside) -> Result<(), Failure> {
    let mut store = Store::open(&config.database, outside.points()).map_err(|error| {
        store_failure(error).hint("the file is written; tieout init --no-schedules adds no schedules")
    })?;
    if !store.schedules().map_err(store_failure)?.is_empty() {
        return Ok(());
    }
    for schedule in standard(&load::zone(config, &store)?, outside.now()) {
        store.add_schedule(&schedule).map_err(store_failure)?;
    }
    note(config, "added four schedules: the audit trail each day at 4, all that is new at 5, yesterday's txns at 7, then reconcile, by the business time zone");
    note(config, "      tieout schedule list          shows, pauses, removes and adds them");
    Ok(())
}

fn there(path: &Path) -> Failure {
    Failure::new(Exit::Failed, format!("{} is there already and was left as it is", path.display()))
        .hint("move it away first, or name another file: tieout init FILE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_init_writes_sets_nothing_and_every_line_of_it_could_be_used() {
        let document: toml::Table = TEXT.parse().expect("TOML");
        assert!(document.is_empty());
        let used: String = TEXT
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ") || line.starts_with('[')).unwrap_or(""))
            .collect::<Vec<_>>()
            .join("\n");
        let document: toml::Table = used.parse().expect("TOML");
        assert_eq!(document.keys().collect::<Vec<_>>(), ["allowed_networks", "channel", "database", "fetch", "history_days", "public_url", "quiet_hours", "smtp", "stripe", "stripe_api_base", "stripe_key_expires_on", "stripe_share_percent", "sync_skip", "time_zone"]);
    }
}
