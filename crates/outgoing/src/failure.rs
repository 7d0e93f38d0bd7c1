//! Why nothing came back.

use std::error::Error;

use crate::guard::Blocked;

/// Nothing was sent, or no whole answer came. The message names the host, and never a path, a query, a header or a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The host is, or its name stands for, an address that may not be sent to. Nothing was sent.
    #[error("{host} is not sent to: {blocked}; the operator can list its network as allowed")]
    NotAllowed {
        /// As in the URL.
        host: String,
        /// The first of its addresses that is refused.
        blocked: Blocked,
    },
    /// Without encryption nothing is sent, but to networks that the operator listed. Nothing was sent.
    #[error("{host} is not sent to without encryption: use https or TLS, or list its network as allowed")]
    Unencrypted {
        /// As in the URL, or as configured.
        host: String,
    },
    /// The name is unknown, or who would know it does not answer.
    #[error("the name {host} cannot be resolved: {detail}")]
    Resolve {
        /// The name.
        host: String,
        /// What the system says.
        detail: String,
    },
    /// No connection was made.
    #[error("{host} cannot be reached: {detail}")]
    Connect {
        /// As in the URL, or as configured.
        host: String,
        /// What the system says.
        detail: String,
    },
    /// The server could not prove who it is, or does not speak TLS.
    #[error("{host} cannot be trusted: {detail}")]
    Tls {
        /// As in the URL, or as configured.
        host: String,
        /// What is wrong with its certificate or its TLS.
        detail: String,
    },
    /// The deadline came first. What was sent may have had its effect.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// As in the URL, or as configured.
        host: String,
    },
    /// The connection broke, or what came is not an answer. What was sent may have had its effect.
    #[error("{host} broke off: {detail}")]
    Broken {
        /// As in the URL, or as configured.
        host: String,
        /// What happened.
        detail: String,
    },
    /// A mail server answered, and did not take the mail.
    #[error("{host} refused the mail{}: {detail}", code.map(|code| format!(" ({code})")).unwrap_or_default())]
    Refused {
        /// As configured.
        host: String,
        /// The code of its answer; `None` where it does not offer what is needed.
        code: Option<u16>,
        /// What it said, shortened, or what it lacks.
        detail: String,
    },
    /// This machine cannot speak TLS: it has no certificates to trust.
    #[error("no TLS on this machine: {0}")]
    NoTls(String),
}

impl Failure {
    /// Whether the same may succeed later without anybody changing what is configured here. A certificate may be renewed by whoever
    /// runs the receiver, so that one counts as passing.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::NotAllowed { .. } | Self::Unencrypted { .. } | Self::NoTls(_) => false,
            Self::Resolve { .. } | Self::Connect { .. } | Self::Tls { .. } | Self::TimedOut { .. } | Self::Broken { .. } => true,
            Self::Refused { code, .. } => matches!(code, Some(400..=499)),
        }
    }
}

/// The longest text of others that is passed on.
const DETAIL_LENGTH_MAX: usize = 300;

/// A text of others, on one line and shortened.
pub(crate) fn tame(text: &str) -> String {
    let letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.take(DETAIL_LENGTH_MAX).collect::<String>().trim().to_owned()
}

/// The innermost error and what stands around it, without repetitions.
pub(crate) fn told(error: &(dyn Error + 'static)) -> String {
    let mut told = causes(error).map(ToString::to_string).collect::<Vec<_>>();
    told.dedup();
    tame(&told.join(": "))
}

/// The error and its causes, from the outermost to the innermost.
pub(crate) fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// What is behind an error. An [`std::io::Error`] hides it.
fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    let hidden = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    hidden.map_or_else(|| error.source(), |inner| Some(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_receiver_may_mend_is_passing_and_what_the_operator_must_mend_is_not() {
        let host = || "a.example".to_owned();
        let detail = String::new;
        let refused = |code| Failure::Refused { host: host(), code, detail: detail() };
        for passing in [
            Failure::Resolve { host: host(), detail: detail() },
            Failure::Connect { host: host(), detail: detail() },
            Failure::Tls { host: host(), detail: detail() },
            Failure::TimedOut { host: host() },
            Failure::Broken { host: host(), detail: detail() },
            refused(Some(451)),
        ] {
            assert!(passing.is_passing(), "{passing}");
        }
        let blocked = Blocked { address: "::1".parse().unwrap(), kind: crate::Kind::Loopback };
        for lasting in [
            Failure::NotAllowed { host: host(), blocked },
            Failure::Unencrypted { host: host() },
            Failure::NoTls(detail()),
            refused(Some(550)),
            refused(None),
        ] {
            assert!(!lasting.is_passing(), "{lasting}");
        }
    }

    #[test]
    fn words_of_others_are_kept_short_and_on_one_line() {
        assert_eq!(tame("no\r\nsuch\u{1b}[31m user \n"), "no  such [31m user");
        assert_eq!(tame(&"x".repeat(5000)).len(), DETAIL_LENGTH_MAX);
    }
}
