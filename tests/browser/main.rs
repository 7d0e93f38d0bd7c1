//! The web pages in a real browser: headless Chromium, with scripts on and off, light and dark, wide and narrow.
//!
//! Needs chromium, its driver and axe-core (`tests/browser/install.sh`); without them each test says that it is skipped, and
//! with `TIEOUT_BROWSER_TESTS=1` it fails.

#![expect(clippy::unwrap_used, reason = "tests")]

mod driver;
#[expect(dead_code, reason = "tests/pages.rs asks the same site without a browser")]
mod site;

use driver::{Browser, DESK, PHONE, Reader, Tools, tools};
use fantoccini::Locator;
use fantoccini::key::Key;
use site::{PAGES, Site};

/// WCAG 2.2 AA and axe's best practices; answers what is wrong, where.
const AXE_RUN: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations.map((violation) =>
        violation.id + ': ' + violation.help + ' at ' + violation.nodes.map((node) => node.target + ' ' + node.failureSummary).join(' | '))),
        (error) => done(['axe failed: ' + error]));";

/// Runs `test` against the merchant's pages when the machine has the tools.
async fn on_merchant<F: Future<Output = ()>>(reader: Reader, test: impl FnOnce(Tools, Site, Browser) -> F) {
    if let Some(tools) = tools() {
        test(tools, Site::serve(site::merchant), Browser::open(reader).await).await;
    }
}

/// What axe finds wrong with the page that is open.
async fn axe(tools: &Tools, browser: &Browser) -> Vec<String> {
    browser.run(&tools.axe).await;
    let found = browser.client.execute_async(AXE_RUN, Vec::new()).await.unwrap();
    serde_json::from_value(found).unwrap()
}

async fn axe_finds_nothing(reader: Reader) {
    on_merchant(reader, async |tools, site, browser| {
        let mut found = Vec::new();
        for path in PAGES.into_iter().chain(["/nowhere", "/payouts?from=never"]) {
            browser.visit(&site, path).await;
            found.extend(axe(&tools, &browser).await.into_iter().map(|what| format!("{path}: {what}")));
        }
        assert_eq!(found, Vec::<String>::new(), "{reader:?}");
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page_in_light() {
    axe_finds_nothing(DESK).await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page_in_dark() {
    axe_finds_nothing(Reader { dark: true, ..DESK }).await;
}

#[tokio::test]
async fn axe_finds_nothing_on_a_telephone_in_light() {
    axe_finds_nothing(Reader { dark: false, ..PHONE }).await;
}

#[tokio::test]
async fn axe_finds_nothing_on_a_telephone_in_dark() {
    axe_finds_nothing(PHONE).await;
}

#[tokio::test]
async fn no_page_scrolls_sideways_at_360_pixels() {
    no_page_scrolls_sideways(PHONE).await;
}

/// A page of 1280 pixels enlarged four times: what WCAG 2.2 asks of reflow.
#[tokio::test]
async fn no_page_scrolls_sideways_at_320_pixels() {
    no_page_scrolls_sideways(Reader { width: 320, ..PHONE }).await;
}

async fn no_page_scrolls_sideways(reader: Reader) {
    on_merchant(reader, async |_, site, browser| {
        for path in PAGES.into_iter().chain(["/nowhere"]) {
            browser.visit(&site, path).await;
            let widths = browser.run("return [document.documentElement.scrollWidth, window.innerWidth]").await;
            assert_eq!(widths, serde_json::json!([reader.width, reader.width]), "{path}");
        }
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn empty_pages_are_as_accessible_as_full_ones() {
    let Some(tools) = tools() else { return };
    let browser = Browser::open(PHONE).await;
    let all = [
        Site::serve(|_| {}),
        Site::serve(site::empty),
        Site::serve(site::platform),
        Site::serve(site::schedules::hostile),
        Site::serve(site::alerts::merchant_in_trouble),
    ];
    for site in all {
        for path in ["/", "/payouts", "/exceptions", "/bank-lines", "/txns", "/schedules", "/scheduled-runs", "/alerts"] {
            browser.visit(&site, path).await;
            assert_eq!(axe(&tools, &browser).await, Vec::<String>::new(), "{path}");
            let width = browser.run("return document.documentElement.scrollWidth").await;
            assert_eq!(width, serde_json::json!(360), "{path}");
        }
    }
    browser.close().await;
}

/// From the first page to a payout by its links and forms only.
async fn the_way_to_a_payout(reader: Reader) {
    on_merchant(reader, async |_, site, browser| {
        browser.visit(&site, "/").await;
        assert_eq!(browser.text("h1").await, "Are we tied out? Not yet: open");
        browser.client.find(Locator::LinkText("2,952.77")).await.unwrap().click().await.unwrap();
        browser.until("option[value=exceptions][selected]").await;
        assert_eq!(browser.text(".head .soft").await, "5 payouts");
        assert!(browser.text("tfoot tr").await.contains("2,952.77"));
        browser.client.find(Locator::Css("select[name=deposit] option[value=missing]")).await.unwrap().click().await.unwrap();
        browser.client.find(Locator::Css(".filters button")).await.unwrap().click().await.unwrap();
        browser.until("option[value=missing][selected]").await;
        assert_eq!(browser.text(".head .soft").await, "1 payout");
        browser.client.find(Locator::LinkText("po_missing")).await.unwrap().click().await.unwrap();
        browser.until("table.fall").await;
        assert_eq!(browser.text("h1").await, "Payout po_missing");
        assert!(browser.text(".note").await.contains("Deposit missing at the bank"));
        let find = browser.client.find(Locator::Css("#find")).await.unwrap();
        find.send_keys(&format!("ch_converted{}", char::from(Key::Enter))).await.unwrap();
        browser.until(".books .facts").await;
        assert_eq!(browser.text("h1").await, "Transaction txn_converted");
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_reader_walks_from_the_verdict_to_a_payout() {
    the_way_to_a_payout(DESK).await;
}

#[tokio::test]
async fn a_reader_without_scripts_walks_the_same_way() {
    the_way_to_a_payout(Reader { scripts: false, ..DESK }).await;
}

#[tokio::test]
async fn scripts_off_means_that_none_ran() {
    on_merchant(Reader { scripts: false, ..DESK }, async |_, site, browser| {
        browser.visit(&site, "/payouts").await;
        let keys = browser.client.find(Locator::Css(".keys")).await.unwrap();
        assert!(!keys.is_displayed().await.unwrap(), "the shortcuts' switch is shown, so the script ran");
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_theme_follows_the_device_until_the_reader_chooses() {
    on_merchant(DESK, async |_, site, browser| {
        let paper = "return getComputedStyle(document.body).backgroundColor";
        browser.visit(&site, "/payouts?bucket=matched").await;
        let light = browser.run(paper).await;
        browser.client.find(Locator::Css(".theme button")).await.unwrap().click().await.unwrap();
        browser.until("html[data-theme=dark]").await;
        let dark = browser.run(paper).await;
        assert_ne!(light, dark);
        assert_eq!(browser.client.current_url().await.unwrap().query(), Some("bucket=matched"), "the switch loses the filter");
        browser.client.find(Locator::Css(".theme button")).await.unwrap().click().await.unwrap();
        browser.until("html[data-theme=light]").await;
        assert_eq!(browser.run(paper).await, light);
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_device_that_prefers_dark_gets_dark() {
    on_merchant(PHONE, async |_, site, browser| {
        browser.visit(&site, "/").await;
        let paper = browser.run("return getComputedStyle(document.body).backgroundColor").await;
        assert_eq!(paper, serde_json::json!("rgb(17, 19, 23)"));
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn j_and_k_walk_the_rows_and_can_be_switched_off() {
    on_merchant(DESK, async |_, site, browser| {
        browser.visit(&site, "/payouts").await;
        let here = "return document.querySelector('tr.here th')?.textContent ?? null";
        let press = async |key: &str| browser.client.active_element().await.unwrap().send_keys(key).await.unwrap();
        press("j").await;
        assert_eq!(browser.run(here).await, serde_json::json!("po_awaiting"));
        press("j").await;
        assert_eq!(browser.run(here).await, serde_json::json!("po_manual"));
        press("k").await;
        assert_eq!(browser.run(here).await, serde_json::json!("po_awaiting"));
        browser.client.find(Locator::Css("#keys")).await.unwrap().click().await.unwrap();
        browser.visit(&site, "/payouts").await;
        press("j").await;
        assert_eq!(browser.run(here).await, serde_json::Value::Null);
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_that_a_bank_wrote_runs_in_the_browser() {
    on_merchant(DESK, async |_, site, browser| {
        for path in ["/bank-lines", "/bank-lines/bl_unknown", "/schedules/nightly", "/scheduled-runs/21"] {
            browser.visit(&site, path).await;
            // An alert would make every further command fail.
            let scripts =
                browser.run("return [...document.scripts].map((script) => script.getAttribute('src').split('?')[0])").await;
            assert_eq!(scripts, serde_json::json!(["/assets/tieout.js"]), "{path}");
        }
        browser.close().await;
    })
    .await;
}

/// What the preview says once the field was typed into: with scripts as one types, without them by the button.
async fn an_expression_is_typed(reader: Reader) {
    on_merchant(reader, async |tools, site, browser| {
        browser.visit(&site, "/schedule-preview").await;
        let field = browser.client.find(Locator::Css("#expr")).await.unwrap();
        let enter = if reader.scripts { String::new() } else { char::from(Key::Enter).to_string() };
        field.send_keys(&format!("every weekday at 9{enter}")).await.unwrap();
        browser.until("#due time").await;
        assert!(browser.text("#due").await.contains("0 9 * * MON-FRI in Etc/UTC"), "{}", browser.text("#due").await);
        assert!(browser.text("#due").await.contains("tieout schedule add NAME --job sync --cron 'every weekday at 9'"));
        assert_eq!(
            browser.client.current_url().await.unwrap().query().unwrap().split('&').next(),
            Some("expr=every+weekday+at+9")
        );
        let field = browser.client.find(Locator::Css("#expr")).await.unwrap();
        field.send_keys(&format!(" o'clock sharp{enter}")).await.unwrap();
        browser.until("#expr[aria-invalid=true]").await;
        assert!(
            browser.text("#expr-error").await.contains("is not understood; expected"),
            "{}",
            browser.text("#expr-error").await
        );
        assert!(!browser.text("#due").await.contains("tieout schedule add"), "a command is shown that would be refused");
        if reader.scripts {
            assert_eq!(axe(&tools, &browser).await, Vec::<String>::new());
        }
        browser.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_expression_is_foretold_as_one_types() {
    an_expression_is_typed(DESK).await;
}

#[tokio::test]
async fn without_scripts_an_expression_is_foretold_by_the_button() {
    an_expression_is_typed(Reader { scripts: false, ..DESK }).await;
}
