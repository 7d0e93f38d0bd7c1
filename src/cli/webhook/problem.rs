//! What can be wrong with the endpoints, in words, and what to do about each.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use facts::Mode;
use serde::Serialize;
use stripe::webhook::Endpoint;

use crate::cli::Output;
use crate::cli::talk::{printable, wrap};
use crate::exit::Failure;

/// Before a line that goes on from the one above.
const CONTINUED: &str = "  ";

/// Something that is missing or not known, and what to do.
#[derive(Debug, Serialize)]
pub struct Problem {
    pub code: Code,
    pub problem: String,
    pub remedy: String,
    /// What Stripe's own command line does about it.
    pub command: Option<String>,
    /// The types of events that are not sent.
    pub events: Vec<&'static str>,
}

/// Which problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    SecretMissing,
    EndpointMissing,
    EndpointDisabled,
    EventsMissing,
    EndpointsUnknown,
    ConnectedUnknown,
    KeyUnusable,
}

impl Code {
    /// Whether it only says that something is not known.
    const fn is_unknown(self) -> bool {
        matches!(self, Self::EndpointsUnknown | Self::ConnectedUnknown | Self::KeyUnusable)
    }
}

/// Whether anything is missing, as far as that is known.
pub fn is_complete(problems: &[Problem]) -> Option<bool> {
    if problems.iter().any(|problem| !problem.code.is_unknown()) {
        return Some(false);
    }
    problems.is_empty().then_some(true)
}

/// Whose events an endpoint hears.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Own,
    Connected,
}

impl Whose {
    const fn words(self) -> &'static str {
        match self {
            Self::Own => "account's own events",
            Self::Connected => "events of connected accounts",
        }
    }
}

impl Problem {
    /// Says it to people.
    pub fn tell(&self, output: &mut Output) -> io::Result<()> {
        writeln!(output)?;
        let said = [format!("- {}", printable(&self.problem)), format!("  To do: {}", printable(&self.remedy))];
        for line in said.iter().flat_map(|text| wrap(text, CONTINUED)) {
            writeln!(output, "{line}")?;
        }
        // It is copied: no line of it is broken.
        self.command.iter().try_for_each(|command| writeln!(output, "    {}", printable(command)))
    }

    /// One that says nothing about types of events, and has no command.
    const fn new(code: Code, problem: String, remedy: String) -> Self {
        Self { code, problem, remedy, command: None, events: Vec::new() }
    }

    pub fn secret_missing() -> Self {
        let remedy = "set it where tieout serve runs, to the signing secret of each endpoint, with commas between them; Stripe's \
                      dashboard shows them";
        let problem = "STRIPE_WEBHOOK_SECRET is not set here, and without it tieout serve takes no delivery";
        Self::new(Code::SecretMissing, problem.to_owned(), remedy.to_owned())
    }

    pub fn key_unusable(failure: &Failure) -> Self {
        let remedy = failure.hint.clone().unwrap_or_else(|| "run tieout doctor".to_owned());
        Self::new(Code::KeyUnusable, format!("what is registered is not known: {}", failure.message), remedy)
    }

    pub fn endpoints_unknown(permission: &str) -> Self {
        let problem = format!("which endpoints are registered is not known: the key lacks the permission {permission}");
        let remedy = format!("give the key {permission} in Stripe's dashboard; only tieout webhook check needs it");
        Self::new(Code::EndpointsUnknown, problem, remedy)
    }

    pub fn connected_unknown(permission: &str) -> Self {
        let problem = format!(
            "whether there are connected accounts, whose events need an endpoint of their own, is not known: the key lacks the \
             permission {permission}"
        );
        Self::new(Code::ConnectedUnknown, problem, format!("if the account is a platform, give the key {permission}"))
    }

    pub fn disabled(endpoint: &Endpoint, mode: Mode) -> Self {
        let problem = format!("the endpoint {} is {}: Stripe delivers nothing to it", endpoint.id, endpoint.status);
        let remedy = "switch it on again, in Stripe's dashboard or by the command below; Stripe switches off what has failed for \
                      days, so see first that tieout serve is reached";
        let command = Some(stripe(&format!("update {} -d disabled=false", endpoint.id), mode));
        Self { command, ..Self::new(Code::EndpointDisabled, problem, remedy.to_owned()) }
    }

    pub fn endpoint_missing(address: &str, whose: Whose, mode: Mode) -> Self {
        let problem = format!("no endpoint at {address} hears the {}", whose.words());
        let remedy = "make one, in Stripe's dashboard or by the command below, and add its signing secret to \
                      STRIPE_WEBHOOK_SECRET; where one is at another address, name that with --url";
        let flag = if whose == Whose::Connected { " -d connect=true" } else { "" };
        // It stands within quotes of a shell.
        let url = address.replace('\'', "%27");
        let command = Some(stripe(&format!("create -d 'url={url}' -d 'enabled_events[]=*'{flag}"), mode));
        Self { command, ..Self::new(Code::EndpointMissing, problem, remedy.to_owned()) }
    }

    pub fn events_missing(
        endpoint: &Endpoint,
        whose: Whose,
        events: Vec<&'static str>,
        wanted: &BTreeSet<&'static str>,
        mode: Mode,
    ) -> Self {
        let problem = format!(
            "of the {}, {} of the {} types that Tieout acts upon are not sent to {}: {}",
            whose.words(),
            events.len(),
            wanted.len(),
            endpoint.url,
            grouped(&events, wanted)
        );
        let remedy = "let the endpoint send every type, in Stripe's dashboard or by the command below; what Tieout does not need \
                      it ignores";
        let command = Some(stripe(&format!("update {} -d 'enabled_events[]=*'", endpoint.id), mode));
        Self { command, events, ..Self::new(Code::EventsMissing, problem, remedy.to_owned()) }
    }
}

/// What Stripe's own command line does, in the mode of the key.
fn stripe(does: &str, mode: Mode) -> String {
    let live = if mode == Mode::Live { " --live" } else { "" };
    format!("stripe webhook_endpoints {does}{live}")
}

/// Types of events in few words: where all that are wanted under one name are there, `payout.*`.
fn grouped(events: &[&'static str], wanted: &BTreeSet<&'static str>) -> String {
    let name = |event: &'static str| event.rsplit_once('.').map_or(event, |(name, _)| name);
    let mut under: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    events.iter().for_each(|event| under.entry(name(event)).or_default().push(event));
    let is_all = |group: &str, events: &[&str]| events.len() == wanted.iter().filter(|event| name(event) == group).count();
    let words = under.iter().map(|(group, events)| {
        let all = events.len() > 1 && is_all(group, events);
        if all { format!("{group}.*") } else { events.join(", ") }
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_types_are_said_in_few_words() {
        let wanted = BTreeSet::from(["charge.dispute.closed", "charge.failed", "payout.failed", "payout.paid"]);
        let events: Vec<&str> = wanted.iter().copied().filter(|event| *event != "charge.failed").collect();
        assert_eq!(grouped(&events, &wanted), "charge.dispute.closed, payout.*");
        assert_eq!(grouped(&["payout.paid"], &wanted), "payout.paid");
    }
}
