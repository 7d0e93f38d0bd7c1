//! A class of fault, and how one lives through it.

use std::path::PathBuf;
use std::process::Child;

use crate::gate::Weather;
use crate::night::{Beginning, Night, simulated};

/// Ten minutes in a second: what must stand for half an hour is told after three seconds.
const RATE: u32 = 600;

/// The secret of the endpoint that Stripe delivers to.
pub const SECRET: &str = "whsec_faults";

/// What a night begins with, where it needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Everything was read from Stripe.
    Synced,
    /// The secret of the webhook is set.
    Secret,
    /// The secret of the API is set.
    Bearer,
    /// The mail server takes no mail.
    NoMail,
    /// The mail server knows one of two recipients no more.
    NoRecipient,
    /// The server says more: `-v`.
    Verbose,
}

/// A class of fault.
pub struct Class {
    pub name: &'static str,
    /// How it is brought about.
    pub how: &'static str,
    pub needs: &'static [Need],
    /// The sample that moves, with its labels.
    pub metric: &'static str,
    /// What it is where all is well; none is zero.
    pub at_rest: i64,
    /// What stands in a line of the log, in this order; an ellipsis stands for anything between.
    pub log: &'static str,
    /// The page, and what it says.
    pub page: (&'static str, &'static str),
    pub prepare: fn(&Night),
    pub bring: fn(&mut Night),
}

/// What all nights share: one simulated Stripe, and a database that was read from it.
pub struct Given {
    stripe: Child,
    base: String,
    _library: Night,
    synced: PathBuf,
}

impl Given {
    pub fn new() -> Self {
        let (stripe, base) = simulated();
        let library = Night::before_serving(Beginning { stripe: Some(base.clone()), ..Beginning::new(Weather::Fine, 1) });
        library.tieout(&["sync"]);
        library.tieout(&["reconcile"]);
        let synced = library.path("books.db");
        Self { stripe, base, _library: library, synced }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.stripe.kill();
        let _ = self.stripe.wait();
    }
}

impl Class {
    /// From where all is well to where the fault is seen everywhere.
    pub fn live_through(&self, given: &Given) {
        let mut night = Night::before_serving(self.beginning(given));
        if !self.needs.contains(&Need::Synced) {
            night.add("nothing", &["--job", "reconcile", "--cron", "0 0 30 2 *"]);
        }
        night.serve();
        (self.prepare)(&night);
        night.until("everything was looked at", |night| sample(night, "tieout_looked_at_seconds") > 0);
        assert_eq!(self.seen(&night), (self.at_rest, false, false), "{}: metric, log, page where all is well", self.name);
        (self.bring)(&mut night);
        let is_seen = |night: &Night| {
            let (metric, log, page) = self.seen(night);
            metric != self.at_rest && log && page
        };
        let what = format!(
            "{}: {} is not {}; '{}' in the log; '{}' on {}",
            self.name, self.metric, self.at_rest, self.log, self.page.1, self.page.0
        );
        night.until(&what, is_seen);
    }

    fn beginning(&self, given: &Given) -> Beginning {
        let needs = |need| self.needs.contains(&need);
        let mut beginning = Beginning { stripe: Some(given.base.clone()), ..Beginning::new(Weather::Fine, RATE) };
        beginning.database = needs(Need::Synced).then(|| given.synced.clone());
        beginning.environment.extend(needs(Need::Secret).then(|| ("STRIPE_WEBHOOK_SECRET", SECRET.to_owned())));
        beginning.environment.extend(needs(Need::Bearer).then(|| ("TIEOUT_SYNC_SECRET", "s3cret".to_owned())));
        beginning.mail.extend(needs(Need::NoMail).then(|| ("MAIL", "550 not from you\r\n".to_owned())));
        let gone = || ("RCPT TO:<cfo@", "550 nobody of that name\r\n".to_owned());
        beginning.mail.extend(needs(Need::NoRecipient).then(gone));
        beginning.flags.extend(needs(Need::Verbose).then_some("-v"));
        beginning
    }

    /// The metric, and whether log and page tell of it.
    fn seen(&self, night: &Night) -> (i64, bool, bool) {
        let (path, says) = self.page;
        (sample(night, self.metric), night.has_said(self.is_told_in()), text(&night.page(path)).contains(says))
    }

    fn is_told_in(&self) -> impl Fn(&str) -> bool {
        let parts: Vec<&str> = self.log.split(" … ").collect();
        move |line| parts.iter().try_fold(line, |rest, part| Some(rest.split_once(part)?.1)).is_some()
    }

    /// Its row in the documentation.
    pub fn row(&self) -> String {
        let (path, says) = self.page;
        let metric = self.metric;
        format!("| `{}` | {} | `{metric}` | {} | `{path}`: {says} |\n", self.name, self.how, self.log)
    }
}

/// The value of a sample; zero where there is none.
fn sample(night: &Night, name: &str) -> i64 {
    let metrics = night.page("/metrics");
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok()).unwrap_or(0)
}

/// What people read of a page.
fn text(html: &str) -> String {
    let outside_tags = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text = outside_tags.collect::<Vec<_>>().join(" ");
    let text = text.replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
