use std::collections::BTreeMap;
use std::ffi::OsString;

use secrecy::ExposeSecret;

use super::*;

const HOME: (&str, &str) = ("HOME", "/home/ada");

fn load(flags: Flags, variables: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Config, Failure> {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let variable = |name: &str| variables.get(name).map(OsString::from);
    let read = |path: &Path| Ok(path.to_str().and_then(|path| files.get(path)).map(|text| (*text).to_owned()));
    Config::assemble(&flags, &Surroundings { variable: &variable, read: &read })
}

fn with_database(url: &str) -> Flags {
    Flags { database: Some(url.to_owned()), ..Flags::default() }
}

#[track_caller]
fn refusal(result: Result<Config, Failure>) -> String {
    let failure = result.expect_err("refused");
    assert_eq!(failure.exit, Exit::Usage);
    failure.to_string()
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let file = ("tieout.toml", "database = \"sqlite:file.db\"\n");
    let variable = ("TIEOUT_DATABASE", "sqlite:variable.db");
    let path = |flags, variables: &[_], files: &[_]| load(flags, variables, files).expect("settings").database;
    assert_eq!(path(with_database("sqlite:flag.db"), &[HOME, variable], &[file]), Location::File("flag.db".into()));
    assert_eq!(path(Flags::default(), &[HOME, variable], &[file]), Location::File("variable.db".into()));
    assert_eq!(path(Flags::default(), &[HOME], &[file]), Location::File("file.db".into()));
    assert_eq!(path(Flags::default(), &[HOME], &[]), Location::File("/home/ada/.local/share/tieout/tieout.db".into()));
    let data = ("XDG_DATA_HOME", "/data");
    assert_eq!(path(Flags::default(), &[HOME, data], &[]), Location::File("/data/tieout/tieout.db".into()));
}

#[test]
fn a_relative_path_in_a_file_is_meant_from_the_files_folder() {
    let file = ("/home/ada/.config/tieout/tieout.toml", "database = \"sqlite:books.db\"");
    let config = load(Flags::default(), &[HOME], &[file]).expect("settings");
    assert_eq!(config.database, Location::File("/home/ada/.config/tieout/books.db".into()));
    assert_eq!(config.file.as_deref(), Some(Path::new(file.0)));
}

#[test]
fn a_bad_value_names_where_it_came_from() {
    assert!(refusal(load(with_database("data.db"), &[HOME], &[])).contains("from --database"));
    assert!(refusal(load(Flags::default(), &[("TIEOUT_DATABASE", "mysql:x")], &[])).contains("variable TIEOUT_DATABASE"));
    let file = ("tieout.toml", "\n# comment\ntime_zone = \"Mars/Olympus\"\n");
    assert!(refusal(load(Flags::default(), &[HOME], &[file])).contains("tieout.toml line 3"));
}

#[test]
fn a_password_of_a_server_is_taken_from_the_environment_only_and_never_repeated() {
    let message = refusal(load(with_database("postgres://ada:hunter2@db/tieout"), &[HOME], &[]));
    assert!(message.contains("PGPASSWORD") && !message.contains("hunter2"), "{message}");
    let given = |variables: &[_]| match load(Flags::default(), variables, &[]).expect("settings").database {
        Location::Server(server) => (server.has_password(), format!("{server} {server:?}")),
        Location::File(path) => panic!("{path:?} is a file"),
    };
    let (has_password, shown) = given(&[HOME, ("TIEOUT_DATABASE", "postgres://ada:hunter2@db/tieout")]);
    assert!(has_password && !shown.contains("hunter2"), "{shown}");
    assert!(given(&[("TIEOUT_DATABASE", "postgres://ada@db/tieout"), ("PGPASSWORD", "hunter2")]).0);
    assert!(!given(&[("TIEOUT_DATABASE", "postgres://ada@db/tieout")]).0);
    let message = refusal(load(Flags::default(), &[("TIEOUT_DATABASE", "postgres://ada:hunter2@db/x?sslmode=prefer")], &[]));
    assert!(message.contains("variable TIEOUT_DATABASE") && !message.contains("hunter2"), "{message}");
}

#[test]
fn only_a_path_follows_sqlite() {
    for url in ["sqlite:", "sqlite::memory:", "sqlite://data.db", "sqlite:folder/"] {
        refusal(load(with_database(url), &[HOME], &[]));
    }
    let config = load(with_database("sqlite:~/books.db"), &[HOME], &[]).expect("settings");
    assert_eq!(config.database, Location::File("/home/ada/books.db".into()));
}

#[test]
fn an_unknown_key_of_the_file_is_named_with_its_line() {
    let message = refusal(load(Flags::default(), &[HOME], &[("tieout.toml", "\ndatabse = \"sqlite:x\"\n")]));
    assert!(message.contains("tieout.toml line 2") && message.contains("databse"), "{message}");
}

#[test]
fn the_key_is_never_taken_from_the_file() {
    let message = refusal(load(Flags::default(), &[HOME], &[("tieout.toml", "stripe_api_key = \"rk_test_secret\"\n")]));
    assert!(message.contains("STRIPE_API_KEY") && !message.contains("rk_test_secret"), "{message}");
}

#[test]
fn the_sync_secret_is_never_taken_from_the_file_and_never_repeated() {
    let message = refusal(load(Flags::default(), &[HOME], &[("tieout.toml", "sync_secret = \"hunter2\"\n")]));
    assert!(message.contains("TIEOUT_SYNC_SECRET") && !message.contains("hunter2"), "{message}");
    for text in ["hunter2 ", "hunter2\n", "hünter2"] {
        let message = refusal(load(Flags::default(), &[HOME, ("TIEOUT_SYNC_SECRET", text)], &[]));
        assert!(message.contains("cannot carry") && !message.contains("nter2"), "{message}");
    }
}

#[test]
fn an_empty_sync_secret_counts_as_none_and_a_blank_one_is_refused() {
    let secret = |text| load(Flags::default(), &[HOME, ("TIEOUT_SYNC_SECRET", text)], &[]).map(|config| config.sync_secret);
    assert!(secret("").expect("settings").is_none());
    assert_eq!(secret("s3cret").expect("settings").expect("a secret").expose_secret(), "s3cret");
    let blank = secret(" \t ").map(|_| ()).expect_err("refused").to_string();
    assert!(blank.contains("TIEOUT_SYNC_SECRET holds only blanks"), "{blank}");
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let flags = Flags { config: Some("other.toml".into()), ..Flags::default() };
    assert!(refusal(load(flags, &[HOME], &[])).contains("other.toml"));
    assert!(refusal(load(Flags::default(), &[HOME, ("TIEOUT_CONFIG", "gone.toml")], &[])).contains("TIEOUT_CONFIG"));
}

#[test]
fn plain_http_goes_to_this_machine_only() {
    let base = |text: &str| load(Flags::default(), &[HOME, ("STRIPE_API_BASE", text)], &[]).map(|config| config.stripe_api_base);
    for text in ["http://127.0.0.1:12111", "http://localhost:1", "http://[::1]:9", "https://stripe.example/"] {
        assert_eq!(base(text).expect("an address"), text.trim_end_matches('/'));
    }
    for text in
        ["http://stripe.example", "http://127.0.0.1.example", "ftp://localhost", "localhost:1", "https://", "http://a@localhost"]
    {
        assert!(base(text).is_err(), "{text}");
    }
}

#[test]
fn a_day_means_its_end_in_utc() {
    let as_of = |text: &str| {
        let flags = Flags { as_of: Some(text.to_owned()), ..Flags::default() };
        load(flags, &[HOME], &[]).map(|config| config.as_of.expect("given").to_string())
    };
    assert_eq!(as_of("2026-07-31").expect("a day"), "2026-07-31T23:59:59Z");
    assert_eq!(as_of("2026-07-31T18:00:00+02:00").expect("an instant"), "2026-07-31T16:00:00Z");
    for text in ["yesterday", "2026-02-30", "31.07.2026", "2026-07-31T18:00:00"] {
        assert!(as_of(text).is_err(), "{text}");
    }
}

/// Each key's place, and its text or that there is none.
fn keys(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    let config = load(Flags::default(), &[&[HOME], variables].concat(), files).expect("settings");
    let text = |key: StripeKey| (key.name, key.secret.ok().map(|secret| secret.expose_secret().to_owned()));
    config.stripe_keys.into_iter().map(text).collect()
}

fn key(name: &str, text: Option<&str>) -> (String, Option<String>) {
    (name.to_owned(), text.map(str::to_owned))
}

#[test]
fn an_empty_key_counts_as_none() {
    assert_eq!(keys(&[("STRIPE_API_KEY", "")], &[]), [key("STRIPE_API_KEY", None)]);
    assert_eq!(keys(&[("STRIPE_API_KEY", "rk_test_1")], &[]), [key("STRIPE_API_KEY", Some("rk_test_1"))]);
}

const TABLES: &str = "[[stripe]]\nkey_env = \"KEY_US\"\n\n[[stripe]]\nkey_file = \"eu.key\"\n";

#[test]
fn several_accounts_have_a_table_each_and_a_relative_file_is_meant_from_the_settings_folder() {
    let files = [("/home/ada/.config/tieout/tieout.toml", TABLES), ("/home/ada/.config/tieout/eu.key", "rk_test_eu\n")];
    let eu = || key("/home/ada/.config/tieout/eu.key", Some("rk_test_eu\n"));
    assert_eq!(keys(&[("KEY_US", "rk_test_us")], &files), [key("KEY_US", Some("rk_test_us")), eu()]);
    // What is not there is missed by those who need it, and by nobody else.
    assert_eq!(keys(&[], &files[..1]), [key("KEY_US", None), key("/home/ada/.config/tieout/eu.key", None)]);
}

#[test]
fn a_key_in_the_usual_variable_is_read_beside_those_of_the_tables_and_once() {
    let usual = ("STRIPE_API_KEY", "rk_test_1");
    let beside = keys(&[usual, ("KEY_US", "rk_test_us")], &[("tieout.toml", "[[stripe]]\nkey_env = \"KEY_US\"\n")]);
    assert_eq!(beside, [key("KEY_US", Some("rk_test_us")), key("STRIPE_API_KEY", Some("rk_test_1"))]);
    let named = keys(&[usual], &[("tieout.toml", "[[stripe]]\nkey_env = \"STRIPE_API_KEY\"\n")]);
    assert_eq!(named, [key("STRIPE_API_KEY", Some("rk_test_1"))]);
}

#[test]
fn a_table_that_names_no_place_of_a_key_or_holds_the_key_itself_is_refused_without_repeating_it() {
    for table in [
        "",
        "key_env = \"\"",
        "key_env = \"rk_live_hunter2\"",
        "key_env = \"hunter2!\"",
        "key = \"rk_live_hunter2\"",
        "key_file = \"\"",
        "key_env = \"A\"\nkey_file = \"b\"",
        "key_env = \"whsec_hunter2\"",
        "key_file = \"rk_test_hunter2\"",
        "key_file = \"keys/sk_test_hunter2\"",
        "rk_test_hunter2 = \"key_env\"",
    ] {
        let message = refusal(load(Flags::default(), &[HOME], &[("tieout.toml", &format!("\n[[stripe]]\n{table}\n"))]));
        assert!(message.contains("tieout.toml line") && message.contains("[[stripe]]"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_key_that_stands_where_a_table_belongs_is_not_repeated() {
    for line in
        ["stripe = \"rk_test_hunter2\"", "stripe = [\"rk_test_hunter2\"]", "stripe = [\"hunter2\"]", "rk_test_hunter2 = 1"]
    {
        let message = refusal(load(Flags::default(), &[HOME], &[("tieout.toml", line)]));
        assert!(message.contains("tieout.toml line 1") && !message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_password_is_not_repeated_however_the_database_is_written() {
    for url in ["host=127.0.0.1 user=ada password=hunter2 dbname=b", "postgres://ada:pa@hunter2@127.0.0.1:5432/b"] {
        let message = refusal(load(Flags::default(), &[HOME, ("TIEOUT_DATABASE", url)], &[]));
        assert!(message.contains("TIEOUT_DATABASE") && !message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_share_of_stripes_limits_is_a_whole_number_from_1_to_100() {
    let share = |text: &str| {
        let file = format!("\nstripe_share_percent = {text}\n");
        load(Flags::default(), &[HOME], &[("tieout.toml", &file)]).map(|config| config.stripe_share_percent)
    };
    assert_eq!(load(Flags::default(), &[HOME], &[]).unwrap().stripe_share_percent, None);
    assert_eq!((share("1").unwrap(), share("100").unwrap()), (Some(1), Some(100)));
    for wrong in ["0", "101", "-1"] {
        let refused = share(wrong).unwrap_err();
        assert!(refused.message.contains(wrong) && refused.message.contains("tieout.toml"), "{}", refused.message);
    }
    assert!(share("\"80\"").is_err() && share("79.5").is_err());
}

#[test]
fn a_channel_that_could_never_tell_anybody_is_refused_by_file_and_line_and_no_secret_of_it_is_repeated() {
    let smtp = "[smtp]\nhost = \"smtp.example.com\"\nfrom = \"tieout@example.com\"\n";
    for (text, told) in [
        ("[[channel]]\nname = \"a\"\nkind = \"pager\"\n", "mail, webhook, slack or heartbeat"),
        ("[[channel]]\nname = \"a b\"\nkind = \"slack\"\nurl_env = \"X\"\n", "letters, digits"),
        ("[[channel]]\nname = \"a\"\nkind = \"slack\"\n", "url_env"),
        ("[[channel]]\nname = \"a\"\nkind = \"slack\"\nurl = \"https://me:hunter2@chat.example\"\n", "line 1"),
        ("[[channel]]\nname = \"a\"\nkind = \"slack\"\nurl = \"ftp://chat.example/hunter2\"\n", "line 1"),
        ("[[channel]]\nname = \"a\"\nkind = \"mail\"\nto = [\"a@example.com\"]\n", "a table [smtp]"),
        (&format!("{smtp}[[channel]]\nname = \"a\"\nkind = \"mail\"\n"), "to = "),
        (&format!("{smtp}[[channel]]\nname = \"a\"\nkind = \"mail\"\nto = [\"nobody\"]\n"), "mail address"),
        ("[[channel]]\nname = \"a\"\nkind = \"slack\"\nurl_env = \"X\"\nleast = \"loud\"\n", "warning or critical"),
        (
            "[[channel]]\nname = \"a\"\nkind = \"slack\"\nurl_env = \"X\"\nsecret_env = \"Y\"\n",
            "secret_env is no key of a channel of kind slack",
        ),
        ("[[channel]]\nname = \"a\"\nkind = \"heartbeat\"\nurl_env = \"X\"\nevery_minutes = 0\n", "1 to 1440"),
        (
            "[[channel]]\nname = \"a\"\nkind = \"slack\"\nurl_env = \"X\"\n[[channel]]\nname = \"a\"\nkind = \"slack\"\nurl_env = \"X\"\n",
            "two channels 'a'",
        ),
        ("[[channel]]\nname = \"a\"\nkind = \"slack\"\nurl_env = \"X\"\ntone = \"x\"\n", "unknown field `tone`"),
        ("quiet_hours = \"at night\"\n", "22:00-07:00"),
        ("allowed_networks = [\"10.0.0.0/33\"]\n", "line 1"),
        ("public_url = \"tieout\"\n", "line 1"),
        ("stripe_key_expires_on = \"soon\"\n", "2027-03-31"),
        ("[smtp]\nhost = \"a\"\nfrom = \"x\"\n", "mail address"),
        ("[smtp]\nhost = \"a\"\nfrom = \"a@b.example\"\nsecurity = \"ssl\"\n", "tls, starttls or none"),
    ] {
        let refused = refusal(load(Flags::default(), &[HOME], &[("tieout.toml", text)]));
        assert!(refused.contains(told) && !refused.contains("hunter2"), "{text}: {refused}");
    }
}

#[test]
fn a_secret_of_a_channel_that_lacks_stops_nobody_who_does_not_need_it() {
    let text = "[[channel]]\nname = \"a\"\nkind = \"webhook\"\nurl_env = \"HOOK\"\nsecret_env = \"SIGN\"\n";
    let load = |variables: &[(&str, &str)]| load(Flags::default(), variables, &[("tieout.toml", text)]).expect("settings");
    let told = |config: &Config| match &config.alerting.channels[0].kind {
        ChannelKind::Webhook { url, secrets } => (url.clone().err(), secrets.as_ref().err().cloned()),
        other => panic!("{other:?}"),
    };
    let unset = |name: &str| Some(format!("the environment variable {name} is not set"));
    assert_eq!(told(&load(&[HOME])), (unset("HOOK"), unset("SIGN")));
    let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let set = load(&[HOME, ("HOOK", "https://a.example/hunter2"), ("SIGN", secret)]);
    assert_eq!(told(&set), (None, None));
    let debugged = format!("{:?}", set.alerting);
    assert!(!debugged.contains("hunter2") && !debugged.contains("MDEy"), "{debugged}");
    let (_, wrong) = told(&load(&[HOME, ("HOOK", "https://a.example"), ("SIGN", "hunter2")]));
    assert!(!wrong.clone().unwrap().contains("hunter2"), "{wrong:?}");
}
