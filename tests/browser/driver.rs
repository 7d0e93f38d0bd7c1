//! A headless Chromium under its own driver, and the reasons to do without.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Fetched by `tests/browser/install.sh`.
const AXE: &str = "target/browser/node_modules/axe-core/axe.min.js";

/// Turns a missing tool into a failure.
const REQUIRED: &str = "TIEOUT_BROWSER_TESTS";

/// What the tests need from the machine.
pub struct Tools {
    /// The source of axe-core.
    pub axe: String,
}

/// The tools; without them says loudly what is missing, past the test harness's capture.
pub fn tools() -> Option<Tools> {
    let axe_path = Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE);
    let missing = if on_path("chromedriver").is_none() {
        "chromedriver is not installed (Debian: chromium, chromium-driver)"
    } else {
        match std::fs::read_to_string(&axe_path) {
            Ok(axe) => return Some(Tools { axe }),
            Err(_) => "axe-core is not installed (tests/browser/install.sh fetches it)",
        }
    };
    assert!(std::env::var_os(REQUIRED).is_none_or(|value| value != "1"), "{missing}, and {REQUIRED}=1 requires it");
    std::io::stderr().write_all(format!("BROWSER TEST SKIPPED: {missing}\n").as_bytes()).unwrap();
    None
}

fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// How a reader's browser is set.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// CSS pixels.
    pub width: u32,
    /// Whether the device prefers dark.
    pub dark: bool,
    /// Whether scripts run.
    pub scripts: bool,
}

/// At a desk.
pub const DESK: Reader = Reader { width: 1440, dark: false, scripts: true };

/// The smallest telephone that pages are made for.
pub const PHONE: Reader = Reader { width: 360, dark: true, scripts: true };

/// A browser; ended when dropped.
pub struct Browser {
    /// Speaks to it.
    pub client: Client,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one.
    pub async fn open(reader: Reader) -> Self {
        let (driver, port) = start_driver();
        let profile = tempfile::tempdir().unwrap();
        let Value::Object(capabilities) = capabilities(reader, profile.path()) else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await.unwrap();
        Self { client, driver, _profile: profile }
    }

    /// Opens a page and waits until it is loaded.
    pub async fn visit(&self, site: &super::site::Site, path: &str) {
        self.client.goto(&format!("http://{}{path}", site.address)).await.unwrap();
    }

    /// Runs a script in the page and returns what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// The visible text of the first element.
    pub async fn text(&self, css: &str) -> String {
        self.client.find(fantoccini::Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    /// Waits until the page that a click led to has such an element.
    pub async fn until(&self, css: &str) {
        self.client.wait().for_element(fantoccini::Locator::Css(css)).await.unwrap();
    }

    /// Ends the session; dropping alone ends the processes.
    pub async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
    }
}

/// A driver takes a free port for one address family and ends when the other has it taken: then another is started.
const DRIVER_STARTS_MAX: usize = 10;

fn start_driver() -> (Child, u16) {
    (0..DRIVER_STARTS_MAX).find_map(|_| start_driver_once()).unwrap()
}

fn start_driver_once() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| line.unwrap().split_once("started successfully on port ").map(|(_, port)| port.to_owned()));
    let Some(port) = port else {
        driver.wait().unwrap();
        return None;
    };
    // Whatever else it says must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Some((driver, port.trim_end_matches('.').parse().unwrap()))
}

fn capabilities(reader: Reader, profile: &Path) -> Value {
    let mut args = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--no-first-run".to_owned(),
        format!("--user-data-dir={}", profile.display()),
        format!("--window-size={},1000", reader.width),
    ];
    args.push(format!("--blink-settings=preferredColorScheme={}", if reader.dark { 0 } else { 1 }));
    let mut options = json!({ "args": args });
    if !reader.scripts {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    if reader.width < 500 {
        // A headless window is never narrower than 500 pixels; an emulated telephone is.
        options["mobileEmulation"] = json!({ "deviceMetrics": { "width": reader.width, "height": 800, "pixelRatio": 2.0 } });
    }
    json!({ "goog:chromeOptions": options })
}
