//! The browser of the person at this machine.

use std::process::{Command, Stdio};

use super::Outside;

/// The program that hands an address to the browser.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

impl Outside {
    /// Hands `url` to the browser, where there is a display to show it on. Returns whether somebody took it.
    #[must_use]
    pub fn open_browser(&self, url: &str) -> bool {
        if !has_display() {
            return false;
        }
        let opener = Command::new(OPENER).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        opener.is_ok()
    }
}

/// Without a display the opener would start a text browser in the person's terminal.
fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
