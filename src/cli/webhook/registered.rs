//! What is registered at Stripe, held against what Tieout acts upon. Pure.

use std::collections::BTreeSet;

use facts::{Mode, ObjectKind};
use stripe::declaration;
use stripe::webhook::Endpoint;

use super::checked::{Checked, EndpointView};
use super::problem::{Problem, Whose, is_complete};

/// Where `tieout serve` takes deliveries.
pub const PATH: &str = "/webhooks/stripe";

/// What the key may read, or the permission that it lacks.
pub type Readable<T> = Result<T, String>;

/// What was found at Stripe and here.
pub struct Registered {
    pub endpoints: Readable<Vec<Endpoint>>,
    /// Whether there are connected accounts.
    pub has_connected: Readable<bool>,
    /// How many secrets deliveries can be checked with here.
    pub secrets: usize,
    /// The key's.
    pub mode: Mode,
    /// Where this Tieout is reached; `None` checks every endpoint at [`PATH`].
    pub address: Option<String>,
}

/// Every type of event upon which something is read again.
fn acted_upon(skip: &BTreeSet<ObjectKind>) -> BTreeSet<&'static str> {
    ObjectKind::ALL.iter().filter(|kind| !skip.contains(kind)).flat_map(|kind| declaration(*kind).events).copied().collect()
}

impl Registered {
    /// Judges what `key` sees; kinds of `skip` are left out by the configuration.
    pub fn check(&self, key: String, skip: &BTreeSet<ObjectKind>) -> Checked {
        let wanted = acted_upon(skip);
        let mut problems = Vec::new();
        if self.secrets == 0 {
            problems.push(Problem::secret_missing());
        }
        match &self.endpoints {
            Ok(endpoints) => problems.extend(self.missing(endpoints, &wanted)),
            Err(permission) => problems.push(Problem::endpoints_unknown(permission)),
        }
        let view = |endpoint| EndpointView::of(endpoint, self.is_here(endpoint));
        Checked {
            key,
            complete: is_complete(&problems),
            secrets: self.secrets,
            has_connected_accounts: self.has_connected.as_ref().ok().copied(),
            endpoints: self.endpoints.as_ref().ok().map(|endpoints| endpoints.iter().map(view).collect()),
            problems,
        }
    }

    fn missing(&self, endpoints: &[Endpoint], wanted: &BTreeSet<&'static str>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut of_connected = Vec::new();
        for address in self.addresses(endpoints) {
            let here: Vec<&Endpoint> = endpoints.iter().filter(|endpoint| same_address(&endpoint.url, &address)).collect();
            problems.extend(self.side(&address, &here, wanted, Whose::Own));
            of_connected.extend(self.side(&address, &here, wanted, Whose::Connected));
        }
        match &self.has_connected {
            Ok(true) => problems.extend(of_connected),
            // Where connected accounts would miss nothing, it does not matter whether there are any.
            Err(permission) if !of_connected.is_empty() => problems.push(Problem::connected_unknown(permission)),
            Ok(false) | Err(_) => {}
        }
        problems
    }

    /// The addresses that are judged, each by itself: two hosts are two servers.
    fn addresses(&self, endpoints: &[Endpoint]) -> Vec<String> {
        if let Some(address) = &self.address {
            return vec![address.clone()];
        }
        let mut addresses: Vec<String> = Vec::new();
        for endpoint in endpoints.iter().filter(|endpoint| self.is_here(endpoint)) {
            if !addresses.iter().any(|known| same_address(known, &endpoint.url)) {
                addresses.push(endpoint.url.clone());
            }
        }
        if addresses.is_empty() { vec![format!("https://YOUR-HOST{PATH}")] } else { addresses }
    }

    fn is_here(&self, endpoint: &Endpoint) -> bool {
        match &self.address {
            Some(address) => same_address(&endpoint.url, address),
            None => parts(&endpoint.url).1 == PATH,
        }
    }

    /// What is missing of the account's own events, or of those of connected accounts: several endpoints may share them.
    fn side(&self, address: &str, here: &[&Endpoint], wanted: &BTreeSet<&'static str>, whose: Whose) -> Option<Problem> {
        let is_of_connected = whose == Whose::Connected;
        let (enabled, disabled): (Vec<&Endpoint>, Vec<&Endpoint>) =
            here.iter().filter(|endpoint| endpoint.is_of_connected() == is_of_connected).partition(|endpoint| endpoint.is_enabled());
        let Some(first) = enabled.first() else {
            let newest = disabled.first().map(|endpoint| Problem::disabled(endpoint, self.mode));
            return newest.or_else(|| Some(Problem::endpoint_missing(address, whose, self.mode)));
        };
        let is_sent = |event: &str| enabled.iter().any(|endpoint| endpoint.sends(event));
        let events: Vec<&str> = wanted.iter().copied().filter(|event| !is_sent(event)).collect();
        (!events.is_empty()).then(|| Problem::events_missing(first, whose, events, wanted, self.mode))
    }
}

/// Scheme and host in small letters, without the port that the scheme has by itself, and the path without what follows a
/// question mark.
fn parts(url: &str) -> (String, &str) {
    let url = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |path| host + path);
    let (host, path) = url.split_at_checked(path).unwrap_or((url, ""));
    let host = host.to_ascii_lowercase();
    let port = if host.starts_with("https://") { ":443" } else { ":80" };
    (host.strip_suffix(port).map(str::to_owned).unwrap_or(host), path)
}

fn same_address(one: &str, other: &str) -> bool {
    parts(one) == parts(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::webhook::problem::Code;

    const KEY: &str = "STRIPE_API_KEY";

    #[test]
    fn one_address_may_be_written_in_several_ways() {
        for one in ["HTTPS://Books.Example/webhooks/stripe", "https://books.example:443/webhooks/stripe/", "https://books.example/webhooks/stripe?x=1"] {
            assert!(same_address(one, "https://books.example/webhooks/stripe"), "{one}");
        }
        for other in ["https://books.example:444/webhooks/stripe", "http://books.example/webhooks/stripe", "https://books.example/Webhooks/stripe"] {
            assert!(!same_address(other, "https://books.example/webhooks/stripe"), "{other}");
        }
    }

    fn endpoint(id: &str, url: &str, events: &[&str], application: Option<&str>) -> Endpoint {
        Endpoint {
            id: id.to_owned(),
            url: url.to_owned(),
            status: "enabled".to_owned(),
            enabled_events: events.iter().map(|event| (*event).to_owned()).collect(),
            api_version: None,
            application: application.map(str::to_owned),
        }
    }

    fn check(endpoints: Vec<Endpoint>, has_connected: bool, address: Option<&str>) -> Checked {
        let address = address.map(str::to_owned);
        let found = Registered { endpoints: Ok(endpoints), has_connected: Ok(has_connected), secrets: 1, mode: Mode::Live, address };
        found.check(KEY.to_owned(), &BTreeSet::new())
    }

    const HERE: &str = "https://books.example/webhooks/stripe";

    #[test]
    fn everything_at_the_address_is_complete_and_what_is_elsewhere_is_only_listed() {
        let all = vec![endpoint("we_1", HERE, &["*"], None), endpoint("we_2", "https://shop.example/hook", &["payout.paid"], None)];
        let checked = check(all.clone(), false, None);
        assert_eq!(checked.complete, Some(true), "{checked:?}");
        assert_eq!(checked.endpoints.unwrap().iter().map(|endpoint| endpoint.checked).collect::<Vec<_>>(), [true, false]);
        assert_eq!(check(all.clone(), false, Some("https://Books.example/webhooks/stripe/")).complete, Some(true));
        let other = check(all, false, Some("https://other.example/webhooks/stripe"));
        assert!(other.problems[0].problem.contains("no endpoint at https://other.example"), "{other:?}");
    }

    #[test]
    fn what_no_enabled_endpoint_sends_is_named() {
        let but_paid: Vec<&str> = acted_upon(&BTreeSet::new()).into_iter().filter(|event| *event != "payout.paid").collect();
        let mut checked = check(vec![endpoint("we_1", HERE, &but_paid, None)], false, None);
        let problem = checked.problems.remove(0);
        assert_eq!((problem.code, problem.events), (Code::EventsMissing, vec!["payout.paid"]));
        assert!(problem.problem.ends_with(&format!("not sent to {HERE}: payout.paid")), "{}", problem.problem);
        let shared = vec![endpoint("we_1", HERE, &but_paid, None), endpoint("we_2", HERE, &["payout.paid"], None)];
        assert_eq!(check(shared, false, None).complete, Some(true), "two endpoints may share the work");
        let disabled = Endpoint { status: "disabled".to_owned(), ..endpoint("we_1", HERE, &["*"], None) };
        let replaced = vec![endpoint("we_2", HERE, &["*"], None), disabled.clone()];
        assert_eq!(check(replaced, false, None).complete, Some(true), "an old one that was switched off is not missed");
        let checked = check(vec![disabled], false, None);
        assert_eq!((checked.problems.len(), checked.problems[0].code), (1, Code::EndpointDisabled));
    }

    #[test]
    fn a_platform_needs_an_endpoint_for_its_connected_accounts() {
        let own = endpoint("we_1", HERE, &["*"], None);
        assert_eq!(check(vec![own.clone()], false, None).complete, Some(true));
        let checked = check(vec![own.clone()], true, None);
        assert!(checked.problems[0].command.as_deref().unwrap().ends_with("-d connect=true --live"), "{checked:?}");
        let connected = |url: &str| endpoint("we_2", url, &["*"], Some("ca_1"));
        assert_eq!(check(vec![own.clone(), connected(HERE)], true, None).complete, Some(true));
        let checked = check(vec![own, connected("https://other.example/webhooks/stripe")], true, None);
        let mut said: Vec<&str> = checked.problems.iter().map(|problem| problem.problem.as_str()).collect();
        said.sort_unstable();
        let other = "no endpoint at https://other.example/webhooks/stripe hears the account's own events";
        assert_eq!(said, [&format!("no endpoint at {HERE} hears the events of connected accounts"), other], "two hosts do not share the work");
    }

    #[test]
    fn what_the_key_may_not_read_is_not_called_missing() {
        let own = endpoint("we_1", HERE, &["*"], None);
        let found = |endpoints: Readable<Vec<Endpoint>>| {
            let has_connected = Err("rak_connected_account_read".to_owned());
            Registered { endpoints, has_connected, secrets: 1, mode: Mode::Test, address: None }.check(KEY.to_owned(), &BTreeSet::new())
        };
        for (endpoints, code) in
            [(Err("rak_webhook_read".to_owned()), Code::EndpointsUnknown), (Ok(vec![own.clone()]), Code::ConnectedUnknown)]
        {
            let checked = found(endpoints);
            assert_eq!((checked.complete, checked.problems.len(), checked.problems[0].code), (None, 1, code), "{checked:?}");
        }
        let both = found(Ok(vec![own, endpoint("we_2", HERE, &["*"], Some("ca_1"))]));
        assert_eq!(both.complete, Some(true), "{both:?}");
        assert_eq!(found(Ok(Vec::new())).complete, Some(false), "what is known to be missing is said all the same");
    }

    #[test]
    fn kinds_that_the_configuration_leaves_out_are_not_missed() {
        let skip = BTreeSet::from([ObjectKind::Payout]);
        assert!(acted_upon(&BTreeSet::new()).contains("payout.paid") && !acted_upon(&skip).contains("payout.paid"));
    }
}
