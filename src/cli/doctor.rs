//! `tieout doctor`: settings, database, key, permissions, bank statements and disk, each with what to do about it.

mod local;
mod service;
mod stripe_side;

use std::io::Write;

use serde::Serialize;

use super::print;
use super::talk::printable;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;

/// `tieout doctor`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Check only what needs no network
    #[arg(long)]
    offline: bool,
}

/// How a check ended, worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// One check and what came of it.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    found: String,
    remedy: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), remedy: None, exit: Exit::Fine }
    }

    fn warn(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: State::Warn, found: found.into(), remedy: Some(remedy.into()), exit: Exit::Fine }
    }

    fn fail(exit: Exit, check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: State::Fail, found: found.into(), remedy: Some(remedy.into()), exit }
    }

    /// Whether this check failed.
    fn is_bad(&self, check: &str) -> bool {
        self.check == check && self.state == State::Fail
    }
}

/// Runs it.
///
/// # Errors
/// Only when stdout cannot be written: what is wrong is a finding, and the worst one decides the code.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let mut findings = local::check(config, outside);
    findings.extend(service::check(config));
    findings.extend(stripe_side::check(config, outside, args.offline));
    print(|output| {
        if config.json {
            return Ok(output.json(&findings)?);
        }
        for finding in &findings {
            writeln!(output, "{:<4}  {:<14} {}", word(finding.state), finding.check, printable(&finding.found))?;
            if let Some(remedy) = &finding.remedy {
                writeln!(output, "{:21}{}", "", printable(remedy))?;
            }
        }
        Ok(())
    })?;
    Ok(worst(&findings))
}

const fn word(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Fail => "fail",
    }
}

/// Something of ours that failed comes before a key that is wrong, and that before a network that is down.
fn worst(findings: &[Finding]) -> Exit {
    let has = |exit: Exit| findings.iter().any(|finding| finding.state == State::Fail && finding.exit == exit);
    [Exit::Failed, Exit::Authentication, Exit::Upstream].into_iter().find(|exit| has(*exit)).unwrap_or(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides_the_code_and_a_warning_decides_nothing() {
        let fail = |exit| Finding::fail(exit, "x", "", "");
        assert_eq!(worst(&[Finding::ok("x", ""), Finding::warn("x", "", "")]), Exit::Fine);
        assert_eq!(worst(&[fail(Exit::Upstream)]), Exit::Upstream);
        assert_eq!(worst(&[fail(Exit::Upstream), fail(Exit::Authentication)]), Exit::Authentication);
        assert_eq!(worst(&[fail(Exit::Authentication), fail(Exit::Failed)]), Exit::Failed);
    }
}
