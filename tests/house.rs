//! The house rules that a machine can check. Each failure says what to do about it.
//!
//! Nothing here knows the product's behaviour: it reads `cargo tree` and the text of the tree, and holds the layers of
//! ARCHITECTURE.md, the documents and the codes together.

#![expect(clippy::expect_used, clippy::panic, reason = "a failed check ends the test and names the file")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// Crates that compute and touch nothing, with everything their whole dependency tree may hold besides themselves.
const PURE: [(&str, &[&str]); 6] = [
    ("money", &[]),
    ("facts", &["money", "jiff", "jiff-core"]),
    ("recon", &["money", "facts", "jiff", "jiff-core", "rapidfuzz"]),
    ("schedule", &["jiff", "jiff-core"]),
    ("alerts", &["jiff", "jiff-core"]),
    ("audit", AUDIT),
];

/// Hashing, and entries as JSON.
const AUDIT: &[&str] = &[
    "block-buffer",
    "cfg-if",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "digest",
    "hybrid-array",
    "itoa",
    "jiff",
    "jiff-core",
    "memchr",
    "proc-macro2",
    "quote",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "sha2",
    "syn",
    "typenum",
    "unicode-ident",
    "zmij",
];

/// What adapters speak in.
const SPOKEN: [&str; 3] = ["money", "facts", "audit"];

/// Which of our crates each adapter may use, and which outside crates would let it do another layer's work.
const ADAPTERS: [(&str, &[&str]); 6] = [
    ("stripe", &["tokio", "reqwest", "hyper", "axum", "rusqlite", "rand"]),
    ("statements", &["tokio", "reqwest", "hyper", "axum", "rusqlite", "rand"]),
    ("exports", &["tokio", "reqwest", "hyper", "axum", "rusqlite", "rand"]),
    ("outgoing", &["axum", "rusqlite", "tokio-postgres", "rand"]),
    ("store", &["reqwest", "hyper", "axum", "rand"]),
    ("sim", &["reqwest", "rusqlite"]),
];

/// What a pure crate must be handed instead of taking it.
const IMPURE_WORDS: [&str; 12] = [
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "SystemTime",
    "Instant::now",
    "std::time::Instant",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::io",
];

/// What only `src/outside/` may say: clock, randomness, timers, sockets and files pass through that one seam.
const SEAM_WORDS: [&str; 13] = [
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "SystemTime",
    "Instant::now",
    "tokio::time",
    "thread::sleep",
    "TcpListener::bind",
    "std::fs",
    "tokio::fs",
    "File::open",
    "File::create",
    "rand::",
];

/// Longer files are two ideas; split them. Files that a person reads as one table count too.
const LINES_MAX: usize = 900;

/// Every page under docs/exceptions has these sections, in this order.
const EXCEPTION_SECTIONS: [&str; 5] =
    ["## What it means", "## How it comes about", "## What Tieout saw", "## What to do", "## Try it"];

#[test]
fn pure_crates_depend_on_nothing_that_can_see_the_outside() {
    for (name, allowed) in PURE {
        for dependency in dependencies(name, None) {
            assert!(
                dependency == name || allowed.contains(&dependency.as_str()),
                "crates/{name} is pure and may depend on {allowed:?} only, but its tree holds `{dependency}`. Move what needs it \
                 into an adapter or into src/, and hand the result in as data. If the crate is pure itself, add it to PURE in \
                 tests/house.rs with the reason in docs/decisions/."
            );
        }
    }
}

#[test]
fn pure_crates_take_no_clock_file_environment_or_thread() {
    for (name, _) in PURE {
        refuse_words(&format!("crates/{name}/src"), &IMPURE_WORDS, "take it as an argument; the shell (src/outside) reads it");
        let lints = read(&format!("crates/{name}/clippy.toml"));
        for line in read("clippy.toml").lines() {
            assert!(
                lints.contains(line),
                "crates/{name}/clippy.toml lacks the root's `{line}`. Clippy reads the nearest file only: repeat the line there."
            );
        }
    }
}

#[test]
fn adapters_know_one_outside_thing_and_no_matching() {
    for (name, refused) in ADAPTERS {
        for dependency in dependencies(name, Some(1)) {
            let ours = workspace_crates().contains(&dependency);
            assert!(
                !ours || dependency == name || SPOKEN.contains(&dependency.as_str()),
                "crates/{name} depends on crates/{dependency}. An adapter speaks in {SPOKEN:?} only; let src/ bring the two together."
            );
            assert!(
                !refused.contains(&dependency.as_str()),
                "crates/{name} depends on `{dependency}`, which is another layer's work: see the rules between layers in \
                 ARCHITECTURE.md."
            );
        }
    }
}

#[test]
fn what_sends_to_typed_addresses_takes_no_clock_file_environment_or_randomness() {
    let words =
        ["Timestamp::now", "Zoned::now", "SystemTime::now", "Instant::now", "std::env", "std::fs", "File::open", "rand::"];
    refuse_words("crates/outgoing/src", &words, "take it as an argument; the shell (src/outside) reads it");
}

#[test]
fn nothing_that_ships_depends_on_the_simulator_but_the_commands_that_start_it() {
    for name in workspace_crates().into_iter().filter(|name| name != "sim" && name != "tieout") {
        assert!(
            !dependencies(&name, None).contains("sim"),
            "crates/{name} depends on `sim`. The product may not know the simulator; use it in tests of the root package."
        );
    }
    let starters = ["src/cli/sim", "src/cli/demo"];
    for path in sources("src").into_iter().filter(|path| !starters.iter().any(|starter| path.starts_with(starter))) {
        let code = product_code(&path);
        // The command of the same name is a module of src/cli; its paths are spelled through their parent.
        let parents = ["cli::", "self::", "super::"];
        let crate_paths = code.match_indices("sim::").filter(|(at, _)| {
            let before = code.get(..*at).unwrap_or_default();
            !before.ends_with(is_name) && !parents.iter().any(|parent| before.ends_with(parent))
        });
        assert_eq!(crate_paths.count(), 0, "{path} uses the simulator. Only src/cli/sim.rs and src/cli/demo.rs may.");
    }
}

#[test]
fn clock_randomness_timers_sockets_and_files_pass_one_seam() {
    for path in sources("src").into_iter().filter(|path| !path.starts_with("src/outside")) {
        refuse_words_in(&path, &SEAM_WORDS, "ask src/outside for it, so that one seed can drive the whole program");
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    for path in sources("src").into_iter().filter(|path| !path.starts_with("src/config") && !path.starts_with("src/outside")) {
        refuse_words_in(&path, &["env::var"], "read it in src/config.rs and pass the Config on");
    }
}

#[test]
fn every_crate_takes_its_lints_and_versions_from_the_root() {
    let root = read("Cargo.toml");
    assert!(root.contains("unsafe_code = \"forbid\""), "Cargo.toml must forbid unsafe code for the whole workspace.");
    for name in workspace_crates() {
        let path = if name == "tieout" { "Cargo.toml".to_owned() } else { format!("crates/{name}/Cargo.toml") };
        let manifest = read(&path);
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{path} does not inherit the lints. Add:\n[lints]\nworkspace = true"
        );
        for line in dependency_lines(&manifest) {
            assert!(
                line.contains("workspace = true"),
                "{path} gives `{line}` a version of its own. Put the version under [workspace.dependencies] in the root Cargo.toml."
            );
        }
    }
}

#[test]
fn lints_are_silenced_with_a_reason_only() {
    let bare = concat!("#[", "allow(");
    for path in rust_files() {
        assert!(
            !read(&path).contains(bare),
            "{path}: replace `{bare}…)]` by `#[expect(lint, reason = \"…\")]`, or fix the finding."
        );
    }
}

#[test]
fn no_file_is_longer_than_one_idea() {
    for path in rust_files() {
        let lines = read(&path).lines().count();
        assert!(lines <= LINES_MAX, "{path} has {lines} lines, {LINES_MAX} are allowed. Split it where its idea splits.");
    }
}

#[test]
fn modules_are_named_for_what_they_hold() {
    let vague = ["util", "utils", "common", "helpers", "misc", "types"];
    for path in rust_files() {
        let parts = path.trim_end_matches(".rs").split('/');
        let named = parts.filter(|part| vague.contains(part)).collect::<Vec<_>>();
        assert!(named.is_empty(), "{path}: `{}` says nothing. Name the module for the thing it holds.", named.join("/"));
    }
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    for path in rust_files() {
        let text = read(&path);
        for mark in marks {
            assert!(!text.contains(mark), "{path} holds a `{mark}`. Do it now, or leave it out and say so in the changelog.");
        }
    }
}

#[test]
fn the_map_names_only_what_exists() {
    let map = read("ARCHITECTURE.md");
    for token in code_spans(&map).filter(|token| looks_like_a_path(token)) {
        assert!(
            root().join(token.trim_end_matches('/')).exists(),
            "ARCHITECTURE.md names `{token}`, which does not exist. Correct the map in the same commit as the move."
        );
    }
    for name in workspace_crates().into_iter().filter(|name| name != "tieout") {
        assert!(
            map.contains(&format!("`crates/{name}`")),
            "ARCHITECTURE.md does not show crates/{name}. Add it to the crate map."
        );
    }
}

#[test]
fn links_between_documents_resolve() {
    for path in files_ending(".md") {
        let text = read(&path);
        let folder = Path::new(&path).parent().unwrap_or(Path::new(""));
        for target in link_targets(&text).filter(|target| !target.contains("://") && !target.starts_with("mailto:")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let linked = if file.is_empty() { PathBuf::from(&path) } else { normal(&folder.join(file)) };
            assert!(root().join(&linked).exists(), "{path} links to `{target}`, and {} does not exist.", linked.display());
            if !anchor.is_empty() {
                let anchors = read(&linked.to_string_lossy()).lines().filter_map(anchor_of).collect::<Vec<_>>();
                assert!(
                    anchors.iter().any(|known| known == anchor),
                    "{path} links to `{target}`, and {} has no such heading. Its headings are: {anchors:?}",
                    linked.display()
                );
            }
        }
    }
}

#[test]
fn every_exception_code_has_its_page_and_every_page_its_code() {
    let codes = facts::ExceptionCode::ALL.iter().map(|code| code.as_str().to_owned()).collect::<BTreeSet<_>>();
    let pages = files_ending(".md")
        .into_iter()
        .filter_map(|path| Some(path.strip_prefix("docs/exceptions/")?.strip_suffix(".md")?.to_owned()))
        .filter(|page| page != "README")
        .collect::<BTreeSet<_>>();
    let without_page = codes.difference(&pages).collect::<Vec<_>>();
    assert!(without_page.is_empty(), "write docs/exceptions/<code>.md for {without_page:?}; copy the sections of another page.");
    let without_code = pages.difference(&codes).collect::<Vec<_>>();
    assert!(
        without_code.is_empty(),
        "docs/exceptions/ has pages for {without_code:?}, which facts::ExceptionCode does not know."
    );
}

#[test]
fn every_exception_page_has_the_same_sections_and_an_example_to_run() {
    for code in facts::ExceptionCode::ALL {
        let path = format!("docs/exceptions/{}.md", code.as_str());
        let page = read(&path);
        assert!(page.starts_with(&format!("# `{}`", code.as_str())), "{path} must open with its code as the title.");
        let found = page.lines().filter(|line| line.starts_with("## ")).collect::<Vec<_>>();
        assert_eq!(found, EXCEPTION_SECTIONS, "{path} must have these sections in this order.");
        let example = page.split("## Try it").nth(1).unwrap_or_default();
        assert!(example.contains("```") && example.contains("tieout "), "{path}: under `Try it`, give commands that can be run.");
        assert!(
            read("docs/exceptions/README.md").contains(&format!("({}.md)", code.as_str())),
            "list {path} in docs/exceptions/README.md."
        );
    }
}

#[test]
fn every_command_and_outcome_is_in_the_glossary() {
    let glossary = read("docs/GLOSSARY.md").to_lowercase();
    for path in sources("src/cli").into_iter().filter(|path| read(path).contains("pub struct Args")) {
        let stem = path.trim_end_matches(".rs").trim_end_matches("/mod").rsplit('/').next().unwrap_or_default();
        let noun = stem.trim_end_matches('_').replace('_', "-");
        let known = ["**", "`tieout "].iter().any(|mark| glossary.contains(&format!("{mark}{noun}")));
        assert!(
            stem == "cli" || known || glossary.contains(&format!("**{}", noun.replace('-', " "))),
            "{path} is a command whose noun docs/GLOSSARY.md does not explain. Add a row for `{noun}`."
        );
    }
    let words = facts::DepositState::ALL.iter().map(|word| word.as_str());
    let words = words.chain(facts::Bucket::ALL.iter().map(|word| word.as_str()));
    for word in words.chain(facts::CompositionState::ALL.iter().map(|word| word.as_str())) {
        assert!(glossary.contains(&format!("`{word}`")), "docs/GLOSSARY.md does not explain the outcome `{word}`.");
    }
}

#[test]
fn every_known_bank_is_in_the_list_that_people_read() {
    let list = read("docs/BANK-FILES.md");
    let dialects = read("crates/statements/src/dialects.toml");
    for name in dialects.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')) {
        assert!(list.contains(&format!("| `{name}` |")), "docs/BANK-FILES.md does not list the dialect `{name}`. Add its row.");
    }
}

#[test]
fn decisions_are_numbered_dated_and_complete() {
    let pages = files_ending(".md").into_iter().filter(|path| path.starts_with("docs/decisions/0")).collect::<Vec<_>>();
    assert!(!pages.is_empty(), "docs/decisions/ is empty.");
    for (index, path) in pages.iter().enumerate() {
        let number = format!("docs/decisions/{:04}-", index + 1);
        assert!(path.starts_with(&number), "{path}: decisions are numbered without gaps; expected {number}….md");
        let page = read(path);
        for part in ["\nDate: 20", "## Context", "## Choice", "## Cost", "## What would reverse it"] {
            assert!(page.contains(part), "{path} lacks `{}`.", part.trim());
        }
    }
}

#[test]
fn the_tree_names_no_registry_and_no_path_of_one_machine() {
    let hosts = [
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("npmjs", ".org"),
        concat!("npmjs", ".com"),
        concat!("deb.debian", ".org"),
        concat!("docker", ".io"),
    ];
    let here = format!("{}/", root().display());
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1).map(|home| format!("{}/", home.trim_end_matches('/')));
    let places = [concat!("/ro", "ot/").to_owned(), concat!("/Us", "ers/").to_owned(), here];
    let places = places.into_iter().chain(home).collect::<Vec<_>>();
    // Cargo writes Cargo.lock, with the name of its index in every entry.
    for path in all_files().into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for host in hosts {
            assert!(!text.contains(host), "{path} names `{host}`. Leave the choice of registry to each machine's configuration.");
        }
        for place in &places {
            assert!(!text.contains(place), "{path} names `{place}…`, a path of one machine. Make it relative to the repository.");
        }
    }
}

#[test]
fn ci_runs_what_people_run() {
    assert!(read(".ci/run").contains("./test"), ".ci/run must call ./test and add nothing that people do not run.");
    for script in [".ci/run", "test", "campaign"] {
        assert!(is_executable(script), "{script} is not executable: chmod +x {script}");
        assert!(read(script).contains("set -euo pipefail"), "{script} must stop at the first failure: set -euo pipefail");
    }
}

// ---- Reading the tree

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
}

/// Every file of the project, relative to the root, sorted. What .gitignore names as a folder is not the project's.
fn all_files() -> Vec<String> {
    let ignored = read(".gitignore").lines().filter_map(|line| line.strip_suffix('/')).map(folder_name).collect::<BTreeSet<_>>();
    let mut found = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && name != ".git" && !ignored.contains(&name) {
                folders.push(entry.path());
            } else if !is_folder {
                let path = entry.path();
                found.push(path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

fn folder_name(pattern: &str) -> String {
    pattern.rsplit('/').next().unwrap_or_default().to_owned()
}

fn files_ending(ending: &str) -> Vec<String> {
    all_files().into_iter().filter(|path| path.ends_with(ending)).collect()
}

fn rust_files() -> Vec<String> {
    files_ending(".rs")
}

fn sources(folder: &str) -> Vec<String> {
    rust_files().into_iter().filter(|path| Path::new(path).starts_with(folder)).collect()
}

/// The part of a file that ships: without comments, and without the test module that closes it.
fn product_code(path: &str) -> String {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return String::new();
    }
    let text = read(path);
    let shipped = text.split("\nmod tests {").next().unwrap_or_default();
    shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn refuse_words(folder: &str, words: &[&str], remedy: &str) {
    for path in sources(folder) {
        refuse_words_in(&path, words, remedy);
    }
}

fn refuse_words_in(path: &str, words: &[&str], remedy: &str) {
    let code = product_code(path);
    for word in words {
        assert!(!has_word(&code, word), "{path} uses `{word}`: {remedy}.");
    }
}

/// Whether `word` stands in `code` and does not merely end another name.
fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code.get(..at).unwrap_or_default().ends_with(is_name))
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn is_executable(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(root().join(path)).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

// ---- Reading Cargo

/// The root package and every crate under crates/.
fn workspace_crates() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("crates")).expect("the crates folder").flatten();
    let named = folders.filter(|entry| entry.path().join("Cargo.toml").exists());
    named.map(|entry| entry.file_name().to_string_lossy().into_owned()).chain(["tieout".to_owned()]).collect()
}

/// What `package` is built from, itself included; development dependencies left out.
fn dependencies(package: &str, depth: Option<u8>) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    command.args(["--offline", "--locked"]).current_dir(root());
    if let Some(depth) = depth {
        command.args(["--depth", &depth.to_string()]);
    }
    let output = command.output().expect("cargo can be started");
    assert!(output.status.success(), "cargo tree of {package} failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The lines of a manifest that name a dependency of any kind, the root's own list of versions left out.
fn dependency_lines(manifest: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && line != "[workspace.dependencies]";
        } else if inside && line.contains('=') && !line.starts_with('#') {
            found.push(line);
        }
    }
    found
}

// ---- Reading Markdown

/// What stands between single backticks, blocks of code left out.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("\n```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2))
}

fn looks_like_a_path(token: &str) -> bool {
    let plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let file = [".rs", ".md", ".toml", ".html", ".css", ".lock"].iter().any(|ending| token.ends_with(ending));
    plain && (file || token.contains('/') && !token.starts_with('/'))
}

fn link_targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n```").step_by(2).flat_map(|part| part.split("](").skip(1)).filter_map(|rest| rest.split(')').next())
}

/// The anchor that a heading gets: lower case, blanks as hyphens, punctuation left out.
fn anchor_of(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    Some(kept.collect::<String>().to_lowercase().replace(' ', "-"))
}

/// The path with `..` taken back.
fn normal(path: &Path) -> PathBuf {
    let mut kept = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                kept.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => kept.push(part),
        }
    }
    kept
}
