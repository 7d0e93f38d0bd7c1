//! Whether what goes on here has been called off by somebody outside of it.

use tokio::sync::watch;

use super::Outside;
use crate::exit::{Exit, Failure};

/// Says so, once and for all.
pub struct CallOff(watch::Sender<bool>);

impl CallOff {
    /// What goes on in the world that came with this is to stop at the next place where nothing is half done.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Outside {
    /// The same world, and what calls off whatever goes on in it.
    #[must_use]
    pub fn with_call_off(&self) -> (Self, CallOff) {
        let (sender, called_off) = watch::channel(false);
        (Self { called_off: Some(called_off), ..self.clone() }, CallOff(sender))
    }

    /// Whether what goes on here is to stop.
    #[must_use]
    pub fn is_called_off(&self) -> bool {
        self.called_off.as_ref().is_some_and(|called_off| *called_off.borrow())
    }

    /// Asked where a job may stop and leaves nothing half done.
    ///
    /// # Errors
    /// [`Exit::Failed`] where it is to.
    pub fn goes_on(&self) -> Result<(), Failure> {
        if self.is_called_off() { Err(Failure::new(Exit::Failed, "it was called off")) } else { Ok(()) }
    }

    /// Ends once it is called off; never where nobody can.
    pub async fn until_called_off(&self) {
        let Some(mut called_off) = self.called_off.clone() else { return std::future::pending().await };
        if called_off.wait_for(|called_off| *called_off).await.is_err() {
            std::future::pending().await
        }
    }
}
