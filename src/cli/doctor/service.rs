//! What runs by itself: schedules and the server that runs them, channels and whether they could tell anybody.

use store::{LeaseName, Store, StoreError};

use super::Finding;
use crate::config::{Channel, Config};

/// Checks them, where there are any.
pub fn check(config: &Config) -> Vec<Finding> {
    let (schedules, mut findings) = match schedules(config) {
        Ok(Some(counted)) => counted,
        // A database that cannot be read is a finding of its own, and one that is not there yet has none.
        Ok(None) | Err(_) => (0, Vec::new()),
    };
    findings.extend(channels(config, schedules > 0));
    findings
}

fn schedules(config: &Config) -> Result<Option<(usize, Vec<Finding>)>, StoreError> {
    let Some(store) = Store::open_existing(&config.database)? else { return Ok(None) };
    let schedules = store.schedules()?.len();
    if schedules == 0 {
        return Ok(Some((0, Vec::new())));
    }
    let told = if schedules == 1 { "1 schedule".to_owned() } else { format!("{schedules} schedules") };
    let finding = if store.is_leased(LeaseName::Schedule)? {
        Finding::ok("schedules", format!("{told}, and a server runs them"))
    } else {
        Finding::warn("schedules", format!("{told}, and no server runs them"), "tieout serve; docs/SERVICE.md keeps it running")
    };
    Ok(Some((schedules, vec![finding])))
}

fn channels(config: &Config, has_schedules: bool) -> Vec<Finding> {
    let channels = &config.alerting.channels;
    if channels.is_empty() {
        let nobody = || Finding::warn("alerts", "nobody is told when something is not well", "name a [[channel]] in tieout.toml: docs/ALERTS.md");
        return has_schedules.then(nobody).into_iter().collect();
    }
    let lacking: Vec<Finding> = channels.iter().filter_map(|channel| unusable(config, channel)).collect();
    if lacking.is_empty() {
        let names: Vec<&str> = channels.iter().map(|channel| channel.name.as_str()).collect();
        return vec![Finding::ok("alerts", format!("told on {}", names.join(", ")))];
    }
    lacking
}

fn unusable(config: &Config, channel: &Channel) -> Option<Finding> {
    let why = config.alerting.unusable(channel)?;
    let remedy = "set it where tieout serve runs; then tieout alert test CHANNEL";
    Some(Finding::warn("alerts", format!("the channel '{}' can tell nobody: {why}", channel.name), remedy))
}
