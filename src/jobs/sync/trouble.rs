//! What went wrong in a sync, what that means for how it ends, and what to do about it.

use facts::AccountId;
use stripe::{MORE_PERMISSIONS, PERMISSIONS, StripeError};

use super::context::Halt;
use crate::exit::{Exit, Failure};
use crate::views::load::store_failure;

/// Something that could not be read, and why.
#[derive(Debug)]
pub struct Trouble {
    /// The key that it was read with, as a person names it.
    pub key: String,
    /// Whose it is; `None` where it is no one account's.
    pub account: Option<AccountId>,
    /// Whether that is a connected account, which can close itself to the key at any time.
    pub connected: bool,
    /// What could not be read.
    pub what: String,
    /// Why.
    pub halt: Halt,
}

impl Trouble {
    /// In a sentence; `None` where another trouble says it.
    pub fn sentence(&self) -> Option<String> {
        match &self.halt {
            Halt::Stripe(error) => Some(format!("{} could not be read: {error}", self.what)),
            Halt::Usage(told) | Halt::Unproven(told) | Halt::Left(told) => Some(told.clone()),
            Halt::Store(_) | Halt::Stopping => None,
        }
    }

    /// Whether a connected account has closed itself to the key: it is left unread, and the others are not.
    ///
    /// A permission that Stripe names is the key's own lack, and is mended at the key.
    pub fn is_closed_account(&self) -> bool {
        let refused = matches!(
            self.halt,
            Halt::Stripe(StripeError::Authentication { .. } | StripeError::Permission { permission: None, .. })
        );
        self.connected && refused
    }

    /// Whether it is only that something was left to the next sync.
    pub const fn is_left_over(&self) -> bool {
        matches!(self.halt, Halt::Left(_))
    }

    /// Whether Stripe or the network is down.
    pub const fn is_upstream(&self) -> bool {
        matches!(self.halt, Halt::Stripe(StripeError::Upstream { .. }))
    }

    /// The failure that a command ends with for it, where it is one that a person must mend before running again helps.
    pub fn failure(self) -> Option<Failure> {
        let sentence = self.sentence();
        match self.halt {
            Halt::Store(error) => Some(store_failure(error)),
            Halt::Usage(told) => Some(Failure::new(Exit::Usage, told)),
            Halt::Stopping | Halt::Unproven(_) | Halt::Left(_) => None,
            Halt::Stripe(error) => stripe_failure(&error, &self.key, sentence.unwrap_or_default()),
        }
    }
}

fn stripe_failure(error: &StripeError, key: &str, sentence: String) -> Option<Failure> {
    match error {
        StripeError::Authentication { .. } => Some(
            Failure::new(Exit::Authentication, sentence)
                .hint(format!("check {key}: the key may be mistyped, expired or revoked, or of another account")),
        ),
        StripeError::Permission { permission, .. } => {
            let needed = permission.clone().unwrap_or_else(permissions);
            let hint =
                format!("give {key} the permission {needed} (read) on the API keys page of Stripe's dashboard, and run again");
            Some(Failure::new(Exit::Authentication, sentence).hint(hint))
        }
        StripeError::Unsendable { .. } => Some(Failure::new(Exit::Failed, sentence)),
        StripeError::NotFound { .. }
        | StripeError::Refused { .. }
        | StripeError::Upstream { .. }
        | StripeError::BadAnswer { .. } => None,
    }
}

/// The permissions that a restricted key needs, in one line.
pub fn permissions() -> String {
    let told = |permissions: &[(&str, &str)]| {
        permissions.iter().map(|(name, what)| format!("{name} ({what})")).collect::<Vec<_>>().join(", ")
    };
    format!("{}; and, to keep everything, {}", told(&PERMISSIONS), told(&MORE_PERMISSIONS))
}
