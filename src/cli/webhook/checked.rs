//! What `tieout webhook check` says, for people and for machines.

use std::io::{self, Write};

use serde::Serialize;
use stripe::webhook::Endpoint;

use super::problem::Problem;
use crate::cli::Output;
use crate::cli::talk::{fields, printable};
use crate::exit::Failure;

/// All that one key sees.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// The key, by the variable or file that it is in.
    pub key: String,
    /// Whether Stripe delivers all that is acted upon; `None` where the key may not know.
    pub complete: Option<bool>,
    /// How many secrets are set here.
    pub secrets: usize,
    /// `None` where the key may not know.
    pub has_connected_accounts: Option<bool>,
    /// `None` where the key may not know.
    pub endpoints: Option<Vec<EndpointView>>,
    pub problems: Vec<Problem>,
}

/// One endpoint.
#[derive(Debug, Serialize)]
pub struct EndpointView {
    pub id: String,
    pub url: String,
    pub status: String,
    /// Whose events it sends: `own` or `connected`.
    pub hears: &'static str,
    pub api_version: Option<String>,
    pub enabled_events: Vec<String>,
    pub sends_all: bool,
    /// Whether it is at the address; the others are of other programs.
    pub checked: bool,
}

impl EndpointView {
    /// As it is registered.
    pub fn of(endpoint: &Endpoint, checked: bool) -> Self {
        Self {
            id: endpoint.id.clone(),
            url: endpoint.url.clone(),
            status: endpoint.status.clone(),
            hears: if endpoint.is_of_connected() { "connected" } else { "own" },
            api_version: endpoint.api_version.clone(),
            enabled_events: endpoint.enabled_events.clone(),
            sends_all: endpoint.sends_all(),
            checked,
        }
    }

    fn tell(&self, output: &mut Output) -> io::Result<()> {
        let sends = match self.enabled_events.len() {
            _ if self.sends_all => "every type of event".to_owned(),
            1 => "1 type of event".to_owned(),
            types => format!("{types} types of events"),
        };
        let version = self.api_version.as_deref().unwrap_or("the account's default");
        fields(
            output,
            &[
                ("endpoint", self.id.clone()),
                ("address", self.url.clone()),
                ("status", self.status.clone()),
                ("hears", if self.hears == "own" { "the account itself" } else { "connected accounts" }.to_owned()),
                ("sends", sends),
                ("version", format!("{version}; any will do, objects are read again")),
            ],
        )?;
        writeln!(output)
    }
}

/// The page for people: key by key, by name where there are several.
pub fn tell(all: &[Checked], output: &mut Output) -> io::Result<()> {
    for (place, checked) in all.iter().enumerate() {
        if all.len() > 1 {
            let space = if place > 0 { "\n\n" } else { "" };
            writeln!(output, "{space}With the key in {}:\n", printable(&checked.key))?;
        }
        checked.tell(output)?;
    }
    Ok(())
}

impl Checked {
    /// What is known where the key could not be used.
    pub fn unusable(key: String, secrets: usize, failure: &Failure) -> Self {
        let problems = vec![Problem::key_unusable(failure)];
        Self { key, complete: None, secrets, has_connected_accounts: None, endpoints: None, problems }
    }

    fn tell(&self, output: &mut Output) -> io::Result<()> {
        let endpoints = self.endpoints.as_deref();
        endpoints.unwrap_or_default().iter().filter(|endpoint| endpoint.checked).try_for_each(|endpoint| endpoint.tell(output))?;
        fields(
            output,
            &[
                ("secrets", self.secrets_told()),
                ("connected accounts", connected(self.has_connected_accounts).to_owned()),
                ("other endpoints", elsewhere(endpoints)),
            ],
        )?;
        let verdict = match self.complete {
            Some(true) => "Stripe is set up to send all that Tieout acts upon.",
            Some(false) => "Something is missing. Meanwhile tieout sync brings what is not delivered.",
            None => "Whether anything is missing is not known.",
        };
        writeln!(output, "\n{verdict}")?;
        self.problems.iter().try_for_each(|problem| problem.tell(output))
    }

    /// Whether they are the right ones cannot be asked; that they are too few can be seen.
    fn secrets_told(&self) -> String {
        let endpoints = self.endpoints.iter().flatten().filter(|endpoint| endpoint.checked).count();
        let secrets = self.secrets;
        if (1..endpoints).contains(&secrets) {
            return format!("{secrets} set here, for {endpoints} endpoints: Stripe gives each its own");
        }
        format!("{secrets} set here")
    }
}

const fn connected(there_are: Option<bool>) -> &'static str {
    match there_are {
        Some(true) => "there are some",
        Some(false) => "there are none",
        None => "not known",
    }
}

fn elsewhere(endpoints: Option<&[EndpointView]>) -> String {
    let Some(endpoints) = endpoints else { return "not known".to_owned() };
    match endpoints.iter().filter(|endpoint| !endpoint.checked).count() {
        0 => "none".to_owned(),
        others => format!("{others}, at other addresses; --json lists them"),
    }
}
