//! What surrounds every page: title, navigation, search, theme, banner.

use facts::Mode;

use super::ask::Ask;
use super::assets;

/// The parts of the layout that depend on the request and the database.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's own title.
    pub title: String,
    /// `light` or `dark` when the reader chose one.
    pub theme: Option<Theme>,
    /// Where the theme switch comes back to.
    pub back: String,
    /// Shows the banner.
    pub test_mode: bool,
    /// Changes whenever an asset does.
    pub version: &'static str,
    /// What was searched for.
    pub query: String,
    /// The last line of the page.
    pub foot: String,
    section: &'static str,
}

/// One entry of the navigation.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its address.
    pub href: &'static str,
    /// Its name.
    pub word: &'static str,
    /// Whether the page belongs to it.
    pub here: bool,
}

/// A theme that a reader chose; without one the browser decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

impl Theme {
    /// The theme of a cookie or a form; anything else leaves it to the browser.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }
}

impl std::fmt::Display for Theme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

const SECTIONS: [(&str, &str); 8] = [
    ("/", "Overview"),
    ("/payouts", "Payouts"),
    ("/exceptions", "Exceptions"),
    ("/bank-lines", "Bank lines"),
    ("/txns", "Transactions"),
    ("/schedules", "Schedules"),
    ("/alerts", "Alerts"),
    ("/audit", "Audit"),
];

impl Frame {
    /// The frame of a page under one entry of the navigation.
    pub fn new(ask: &Ask, title: impl Into<String>, section: &'static str) -> Self {
        Self {
            title: title.into(),
            theme: ask.theme,
            back: ask.address.clone(),
            test_mode: ask.mode == Some(Mode::Test),
            version: assets::version(),
            query: if ask.address.starts_with("/find?") { ask.query.text("q") } else { String::new() },
            foot: format!(
                "Tieout {} · judged as of {}",
                env!("CARGO_PKG_VERSION"),
                super::show::When::new(ask.now, ask.now).text
            ),
            section,
        }
    }

    /// The navigation.
    pub fn nav(&self) -> impl Iterator<Item = Entry> {
        let section = self.section;
        SECTIONS.into_iter().map(move |(href, word)| Entry { href, word, here: href == section })
    }

    /// What the switch sets next.
    pub fn next_theme(&self) -> &'static str {
        match self.theme {
            None => "dark",
            Some(Theme::Dark) => "light",
            Some(Theme::Light) => "auto",
        }
    }

    /// What the switch says.
    pub fn theme_label(&self) -> &'static str {
        match self.theme {
            None => "Theme follows your device; switch to dark",
            Some(Theme::Dark) => "Dark theme; switch to light",
            Some(Theme::Light) => "Light theme; switch to your device's",
        }
    }

    /// What the switch shows.
    pub fn theme_icon(&self) -> &'static str {
        match self.theme {
            None => "half",
            Some(Theme::Dark) => "moon",
            Some(Theme::Light) => "sun",
        }
    }
}
