//! Names to addresses, each of which is judged before anything connects to it. What was judged is what is connected to: nothing
//! resolves the name a second time.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::failure::{tame, told};
use crate::guard::{AllowedNetworks, Blocked};

/// The addresses to come.
pub type Looking = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Knows which addresses a name stands for.
pub trait Resolver: Send + Sync {
    /// Looks the name up: all its addresses, in the order in which they are to be tried.
    fn look_up(&self, name: &str) -> Looking;
}

/// What this machine knows and whom it asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn look_up(&self, name: &str) -> Looking {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|found| found.ip()).collect())
        })
    }
}

/// Why there is no address to connect to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Blocked(Blocked),
    #[error("not without encryption")]
    Unencrypted,
    #[error("{0}")]
    Unresolved(String),
}

/// Hands on only what may be connected to, and nothing of a name of which one address may not: whoever mixes them is trying.
#[derive(Clone)]
pub(super) struct Guarded {
    allowed: Arc<AllowedNetworks>,
    resolver: Arc<dyn Resolver>,
    encrypted: bool,
}

impl Guarded {
    pub(super) fn new(allowed: Arc<AllowedNetworks>, resolver: Arc<dyn Resolver>) -> Self {
        Self { allowed, resolver, encrypted: true }
    }

    /// For requests without encryption, which go to listed networks only.
    pub(super) fn unencrypted(&self) -> Self {
        Self { encrypted: false, ..self.clone() }
    }

    pub(super) fn allowed(&self) -> &AllowedNetworks {
        &self.allowed
    }

    /// Whether all of them may be connected to.
    pub(super) fn judge(&self, addresses: &[IpAddr], encrypted: bool) -> Result<(), Refusal> {
        for address in addresses {
            self.allowed.verdict(*address).map_err(Refusal::Blocked)?;
        }
        let listed = addresses.iter().all(|address| self.allowed.lists(*address));
        if encrypted || listed { Ok(()) } else { Err(Refusal::Unencrypted) }
    }

    async fn addresses(self, name: String) -> Result<Vec<SocketAddr>, Refusal> {
        let found = self.resolver.look_up(&name).await.map_err(|error| Refusal::Unresolved(told(&error)))?;
        if found.is_empty() {
            return Err(Refusal::Unresolved(tame("it has no address")));
        }
        self.judge(&found, self.encrypted)?;
        // Port 0 stands for the one of the URL.
        Ok(found.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone().addresses(name.as_str().to_owned());
        Box::pin(async move { Ok(Box::new(addresses.await?.into_iter()) as Addrs) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Answers with the next of its answers each time, and forgets it.
    struct Rebinding(Mutex<Vec<Vec<IpAddr>>>);

    impl Resolver for Rebinding {
        fn look_up(&self, _: &str) -> Looking {
            let next = self.0.lock().unwrap().remove(0);
            Box::pin(std::future::ready(Ok(next)))
        }
    }

    fn guarded(allowed: &[&str], answers: &[&[&str]]) -> Guarded {
        let parsed = answers.iter().map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect()).collect();
        let allowed = AllowedNetworks::parse(allowed).unwrap();
        Guarded::new(Arc::new(allowed), Arc::new(Rebinding(Mutex::new(parsed))))
    }

    async fn handed_on(guarded: &Guarded) -> Option<Vec<String>> {
        let handed = guarded.resolve("rebinding.example".parse().unwrap()).await.ok()?;
        Some(handed.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_judged_each_time_and_what_was_judged_is_handed_on() {
        let guarded = guarded(&[], &[&["8.8.8.8"], &["127.0.0.1"], &["2606:4700::1", "8.8.4.4"], &["8.8.8.8", "10.0.0.1"], &[]]);
        assert_eq!(handed_on(&guarded).await, Some(vec!["8.8.8.8".to_owned()]));
        assert_eq!(handed_on(&guarded).await, None, "rebound to this machine");
        assert_eq!(handed_on(&guarded).await, Some(vec!["2606:4700::1".to_owned(), "8.8.4.4".to_owned()]));
        assert_eq!(handed_on(&guarded).await, None, "one of two is private");
        assert_eq!(handed_on(&guarded).await, None, "none at all");
    }

    #[tokio::test]
    async fn without_encryption_only_listed_addresses_are_handed_on() {
        let guarded =
            guarded(&["10.0.0.0/8"], &[&["8.8.8.8"], &["10.0.0.1", "8.8.8.8"], &["10.0.0.1"], &["127.0.0.1"]]).unencrypted();
        assert_eq!(handed_on(&guarded).await, None, "public");
        assert_eq!(handed_on(&guarded).await, None, "one of two is public");
        assert_eq!(handed_on(&guarded).await, Some(vec!["10.0.0.1".to_owned()]));
        assert_eq!(handed_on(&guarded).await, None, "not listed");
    }
}
