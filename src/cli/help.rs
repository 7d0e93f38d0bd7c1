//! The words of `--help`: what to type, by example. Snapshots in tests/cli/ show how each page reads.

use clap::Command;

/// Gives each verb that has no examples of its own those of its noun.
pub fn with_examples_at_every_verb(root: Command) -> Command {
    root.mut_subcommands(|noun| {
        let Some(examples) = noun.get_after_help().or(noun.get_after_long_help()).cloned() else { return noun };
        noun.mut_subcommands(|verb| match verb.get_after_help().or(verb.get_after_long_help()) {
            Some(_) => verb,
            None => verb.after_help(examples.clone()),
        })
    })
}

/// One sentence of what this is.
pub const ABOUT: &str = "Proves, to the cent, that every movement of money in a Stripe account reached the bank.";

/// The root's help: commands grouped by task, then examples, then options. A test keeps the list and the commands the same.
pub const TEMPLATE: &str = "\
{about}

{usage-heading} {usage}

See it work:
  demo         A simulated merchant, synced, reconciled, and opened in the browser
  sim          A simulated Stripe to sync from, and its bank's files

Set up:
  init         Write a commented tieout.toml, and add the schedules to begin with
  doctor       Check settings, database, key, permissions and disk
  db           The database: check it, bring it up to date, copy it, back it up and restore it

Read both sides, and judge:
  sync         Read what is new at Stripe
  import       Read files: bank statements, and what Stripe's Dashboard exports
  profile      How to read a CSV whose header nobody knows
  reconcile    Judge every payout against its txns and the bank

Let it run by itself:
  serve        Serve the web pages and Stripe's webhooks; run what is scheduled
  schedule     What runs when, and what became of it
  run          Each execution of a job, whoever asked for it, and what it did
  alert        What is not well, by which rules, and who is told
  webhook      Whether Stripe delivers everything, and what became of it

Answers:
  status       Are we tied out? What is open, and what to do next
  account      Stripe accounts: the key's own and connected ones
  payout       Payouts, each against its txns and against the bank
  txn          Balance transactions: every movement of a Stripe balance
  bank-line    Lines of bank statements
  match        Decided and proposed links between payouts and bank lines
  exception    Disagreements that a person may have to look at
  refusal      Objects of Stripe's that could not be taken: why, and what to do
  audit        What has changed, when and on whose behalf; whether the trail is whole
  export       A table as a file, for spreadsheets, BI tools and auditors
  help         This page, or the page of one command

Examples:
  tieout demo
  tieout sync && tieout import bank july.csv --bank-account operating && tieout reconcile
  tieout status
  tieout payout list --state missing --from 2026-07-01
  tieout payout explain po_1NXwPs2eZvKYlo2C
  tieout exception list --json

Options:
{options}{after-help}";

/// The codes; each has one meaning in every command.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  failed
  2  wrong usage or configuration
  3  differences were found (only with --fail-on difference)
  4  authentication: key missing, wrong, of the other mode, or lacking a permission
  5  a sync ended and not everything was read
  6  somebody else holds the database
  7  Stripe or the network is down; running again is safe
  8  verification failed: the audit trail is not what was written
Findings and stale data never change the code by themselves.";

/// `tieout init --help`
pub const INIT: &str = "\
Examples:
  tieout init                          write ./tieout.toml
  tieout init ops/tieout.toml         write it there
  tieout init --no-schedules          add no schedules
It never overwrites a file, and adds schedules only where there are none.";

/// `tieout doctor --help`
pub const DOCTOR: &str = "\
Examples:
  tieout doctor                        check everything, Stripe included
  tieout doctor --offline              check what needs no network
  tieout doctor --json                 the same for machines
Ends with 0 when nothing failed; 1, 4 (key) or 7 (network) by the worst line.";

/// `tieout sync --help`
pub const SYNC: &str = "\
Examples:
  tieout sync                                     all history the first time, then what may have changed
  tieout sync --date yesterday --json             one day, for whoever schedules it elsewhere
  tieout sync --account acct_1Dq2Eq2eZvKYlo2C     one connected account
  tieout sync --only invoice,customer             these kinds alone
Every object that the key may read is kept, a table for each kind; sync_skip in the configuration file leaves kinds out.
The key comes from STRIPE_API_KEY, and those of several accounts of your own from where [[stripe]] tables of tieout.toml say,
never from a flag. Running it again goes on where it stopped.";

/// `tieout import --help`
pub const IMPORT: &str = "\
Examples:
  tieout import bank july.csv --bank-account operating
  tieout import bank july.csv --bank-account operating --dry-run
  tieout import stripe payouts.csv reconciliation.csv --account acct_1Dq2Eq2eZvKYlo2C
  tieout import list --json
  tieout import undo july.csv --dry-run";

/// `tieout sim --help`
pub const SIM: &str = "\
Examples:
  tieout sim serve --port 8378                    a Stripe to sync from; it prints how
  tieout sim export world                         what its bank sends, and the truth";

/// `tieout reconcile --help`
pub const RECONCILE: &str = "\
Examples:
  tieout reconcile
  tieout reconcile --dry-run                      say what would change
  tieout reconcile --as-of 2026-07-31             judge as of the end of that day
  tieout reconcile --fail-on difference           end with 3 when something needs a person";

/// `tieout status --help`
pub const STATUS: &str = "\
Examples:
  tieout status
  tieout status --json | jq -r .verdict
Verdicts, worst first:
  unknown     never completely synced, or a check could not run
  incomplete  a known gap: something was not read
  open        everything is read; open true exceptions or proposals
  tied        everything is read and accounted for";

/// `tieout webhook --help`
pub const WEBHOOK: &str = "\
Examples:
  tieout webhook check --url https://books.example
  tieout webhook list --state failed
  tieout webhook list --from 2026-07-01 --json
  tieout webhook replay evt_1MiN3gLkdIwHu7ixxapQrznl
  tieout webhook replay --failed
tieout serve takes deliveries at /webhooks/stripe; docs/WEBHOOKS.md says how to set that up.";

/// `tieout db --help`
pub const DB: &str = "\
Examples:
  tieout db check                                   read everything; equal content has an equal hash
  tieout db backup /backup/2026-07-31.db            one new file, while everything goes on
  tieout --database sqlite:new.db db restore /backup/2026-07-31.db
  PGPASSWORD=… tieout db copy postgres://tieout@db.example.com/tieout
  tieout db reader reports --apply                  a role for your BI tool, which may read the views alone
Copies and backups are one consistent view. docs/BACKUPS.md says how to keep and restore them,
docs/POSTGRES.md when to use which database, docs/VIEWS.md what a BI tool finds there.";

/// `tieout webhook check --help`
pub const WEBHOOK_CHECK: &str = "\
Examples:
  tieout webhook check                                    every endpoint at /webhooks/stripe
  tieout webhook check --url https://books.example        the one at which this Tieout is reached
  tieout webhook check --json | jq -r '.problems[].problem'
The key needs one permission more than for a sync, and only here: rak_webhook_read.
Ends with 0 whatever it finds, and with 4 where the key may not look. It changes nothing at Stripe.
Event destinations, which send thin events, are not looked at.";

/// `tieout account --help`
pub const ACCOUNT: &str = "\
Examples:
  tieout account list
  tieout account show acct_1Dq2Eq2eZvKYlo2C";

/// `tieout payout --help`
pub const PAYOUT: &str = "\
Examples:
  tieout payout list --state missing
  tieout payout list --from 2026-07-01 --to 2026-07-31 --json
  tieout payout show po_1NXwPs2eZvKYlo2C        its txns by category, its bank lines
  tieout payout explain po_1NXwPs2eZvKYlo2C     why it is judged so, in words
Composition: tied, gap, unitemised, pending.
Deposit: matched, proposed, ambiguous, awaiting, missing, failed.
A payout that reconcile has not judged yet reads pending and awaiting, and
counts as in transit; its due_on is null in JSON.";

/// `tieout txn --help`
pub const TXN: &str = "\
Examples:
  tieout txn list --payout po_1NXwPs2eZvKYlo2C
  tieout txn list --category refund --from 2026-07-01 --json
  tieout txn explain txn_1MiN3gLkdIwHu7ixxapQrznl
Money in JSON is in integer minor units; --json streams, however many rows there are.";

/// `tieout bank-line --help`
pub const BANK_LINE: &str = "\
Examples:
  tieout bank-line list --state unmatched
  tieout bank-line list --bank-account operating --from 2026-07-01
  tieout bank-line explain bl_9aa004e17b7aadd11ad24cfcedf0bbd6";

/// `tieout match --help`
pub const MATCH: &str = "\
Examples:
  tieout match list --state proposed
  tieout match explain deposit:po_1NXwPs2eZvKYlo2C
Weights and scores are hundredths of natural log-odds; the weights sum to the score.";

/// `tieout exception --help`
pub const EXCEPTION: &str = "\
Examples:
  tieout exception list
  tieout exception list --code deposit_missing --json
  tieout exception show deposit_missing:po_1NXwPs2eZvKYlo2C
Each code has a page under docs/exceptions/.";

/// `tieout audit --help`
pub const AUDIT: &str = "\
Examples:
  tieout audit log
  tieout audit log --about po_1NXwPs2eZvKYlo2C
  tieout audit log --act schedule.pause --from 2026-07-01 --json
  tieout audit verify
  tieout audit anchor >> /mnt/elsewhere/anchors.jsonl
  tieout audit verify --anchors /mnt/elsewhere/anchors.jsonl
  tieout audit verify --backup kept.db
  tieout schedule add trail --job audit --cron 'every day at 4' --anchors /mnt/elsewhere/anchors.jsonl
docs/AUDIT.md says what is noted, what is hashed, and what an anchor proves.";

/// `tieout run --help`
pub const RUN: &str = "\
Examples:
  tieout run list
  tieout run list --job sync --state failed
  tieout run list --trigger webhook --limit 10 --json
  tieout run show 17";

/// `tieout export --help`
pub const EXPORT: &str = "Examples:
  tieout export payout > payouts.csv
  tieout export txn --from 2026-07-01 --to 2026-07-31 -o july.csv
  tieout export exception --format jsonl | jq 'select(.state == \"open\")'
  tieout schedule add nightly-tables --job export --folder /srv/bi --cron '0 6 * * *'
Amounts are whole minor units of the row's currency; the table currency says how many decimals each has.";

/// `tieout schedule --help`
pub const SCHEDULE: &str = "\
Examples:
  tieout schedule add nightly --job sync --cron 'every day at 5' --tz America/New_York
  tieout schedule add judge --job reconcile --after nightly
  tieout schedule add bank --job import --folder /srv/bank --bank-account main --cron 'every 15 minutes'
  tieout schedule add harbour --job fetch --fetch harbour --bank-account main --cron 'every weekday at 6'
  tieout schedule add all-here --job check --cron 'every sunday at 4'
  tieout schedule add backups --job backup --folder /srv/backups --cron '30 3 * * *'
  tieout schedule add monday --job digest --period week --cron 'every monday at 8'
  tieout schedule add theirs --job http --url https://shop.example.com/sync --cron 'every day at 7' \\
      --header 'Authorization: Bearer ${SYNC_SECRET}'
  tieout schedule list
  tieout schedule history nightly --json
  tieout schedule preview '0 7 * * MON-FRI' --tz America/New_York
  tieout schedule preview 'on the last weekday of every month at 18:00' -n 5
  tieout schedule preview '30 2 * * *' --tz Europe/Berlin --from 2026-03-28T00:00:00Z
Schedules and their history are kept in the database; tieout serve runs them, one server at a time.
An expression whose hour is * goes by elapsed time. Any other names times on the wall clock: one that
is skipped when clocks are set forward is due right after, one that comes twice is due once.";

/// `tieout alert --help`
pub const ALERT: &str = "\
Examples:
  tieout alert list
  tieout alert rules
  tieout alert add big --on exception_open --at-least 100000 --currency eur --severity critical
  tieout alert add data_stale --age 780 --severity critical
  tieout alert add run_unusual --off
  tieout alert test ops
  tieout alert silence deposit_missing --hours 48 --reason 'bank holiday'
  tieout alert ack run_failed nightly
  tieout alert messages --json
tieout serve looks at everything twice a minute; channels stand in tieout.toml: docs/ALERTS.md.";

/// `tieout refusal --help`
pub const REFUSAL: &str = "\
Examples:
  tieout refusal list
  tieout refusal list --cause missing_field --json
Each row: what is wrong, what to do, since when, and by which run and request of Stripe's.";
