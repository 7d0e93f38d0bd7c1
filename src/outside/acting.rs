//! On whose behalf this process acts: what the audit trail notes.

use store::{Acting, RunTrigger};

use super::Outside;
use crate::views::printable::printable;

/// Longer names are cut: a name is to be recognised, and is kept for ever.
const NAME_MAX: usize = 64;

/// On whose behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behalf {
    by: RunTrigger,
    who: Option<String>,
}

impl Behalf {
    /// Whoever runs this process, by the name that they are logged in by, as the environment says it, or by the number of the user.
    pub fn of_process() -> Self {
        let named = ["LOGNAME", "USER"].into_iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
        let who = named.map(|name| printable(&name).chars().take(NAME_MAX).collect()).or_else(number);
        Self { by: RunTrigger::Person, who }
    }
}

#[cfg(unix)]
fn number() -> Option<String> {
    Some(format!("user {}", rustix::process::getuid().as_raw()))
}

#[cfg(not(unix))]
fn number() -> Option<String> {
    None
}

impl Outside {
    /// The same world, in which all is done on behalf of no person but of what runs by itself, or of another program.
    #[must_use]
    pub fn acting_for(&self, by: RunTrigger) -> Self {
        Self { behalf: Behalf { by, who: None }, ..self.clone() }
    }

    /// What an entry of the audit trail is written with.
    pub(super) fn acts(&self) -> Acting {
        Acting { at: self.now(), by: self.behalf.by, who: self.behalf.who.clone() }
    }
}
