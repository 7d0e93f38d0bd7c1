//! Mail through a real server, over TLS and not, to one that is not who it should be, and to ones that refuse.

use std::time::Duration;

use outgoing::mail::{Mail, Mailer, NotTaken, Security, SmtpServer};
use outgoing::{AllowedNetworks, Authorities, Failure};

use crate::authority::Authority;
use crate::now;
use crate::smtp::{Heard, Manners, start};

const LONG: Duration = Duration::from_secs(60);

fn mail(subject: &str, text: &str) -> Mail {
    let to = vec!["a@example.org".parse().unwrap(), "Bea <b@example.org>".parse().unwrap()];
    Mail::new("Tieout <books@example.com>".parse().unwrap(), to, subject, text, "alert-1@example.com").unwrap()
}

async fn send(port: u16, security: Security, trusted: Authorities, login: bool) -> Result<Vec<NotTaken>, Failure> {
    send_within(port, security, trusted, login, LONG).await
}

async fn send_within(
    port: u16,
    security: Security,
    trusted: Authorities,
    login: bool,
    deadline: Duration,
) -> Result<Vec<NotTaken>, Failure> {
    let login = login.then(|| ("tieout".to_owned(), "s3cret".into()));
    let server = SmtpServer { host: "127.0.0.1".to_owned(), port, security, login, authorities: trusted };
    let mailer = Mailer::new(server, AllowedNetworks::none()).unwrap();
    mailer.send(&mail("Payout po_1: gap", "12.00 EUR are missing.\n.\nBye"), deadline, now()).await
}

/// With a server on this machine, and without TLS.
async fn send_to(manners: Manners, login: bool) -> (Result<Vec<NotTaken>, Failure>, Heard) {
    let (address, heard) = start(manners).await;
    (send(address.port(), Security::None, Authorities::default(), login).await, heard)
}

fn arrived_once(heard: &Heard) {
    let lines = heard.lines();
    for expected in [
        "MAIL FROM:<books@example.com>",
        "RCPT TO:<a@example.org>",
        "RCPT TO:<b@example.org>",
        "Subject: Payout po_1: gap",
        "Message-ID: <alert-1@example.com>",
        "12.00 EUR are missing.",
        "..",
        "Bye",
        ".",
    ] {
        assert_eq!(
            lines.iter().filter(|line| line.starts_with(expected) && (expected != "." || *line == ".")).count(),
            1,
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_mail_arrives_over_tls_from_the_first_byte_and_over_starttls() {
    let authority = Authority::new();
    for (security, mechanisms) in [
        (Security::Tls, "PLAIN LOGIN"),
        (Security::StartTls, "PLAIN LOGIN"),
        (Security::Tls, "LOGIN"),
        (Security::StartTls, "LOGIN"),
    ] {
        let tls = Some(authority.vouches_for("127.0.0.1"));
        let manners = match security {
            Security::Tls => Manners { implicit: tls, mechanisms, ..Manners::default() },
            Security::StartTls | Security::None => Manners { starttls: tls, mechanisms, ..Manners::default() },
        };
        let (address, heard) = start(manners).await;
        send(address.port(), security, authority.trusted(), true).await.unwrap();
        arrived_once(&heard);
        let lines = heard.lines();
        let encrypted = lines.iter().position(|line| line == "<TLS>").unwrap();
        let early =
            lines[..encrypted].iter().filter(|line| !line.starts_with("EHLO ") && *line != "STARTTLS").collect::<Vec<_>>();
        assert!(early.is_empty() && heard.count("AUTH ") == 1, "{lines:?}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_who_it_is_hears_neither_password_nor_mail() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for security in [Security::Tls, Security::StartTls] {
        for (what, tls) in
            [("another host's", authority.vouches_for("mail.example.com")), ("a stranger's", stranger.vouches_for("127.0.0.1"))]
        {
            let manners = match security {
                Security::Tls => Manners { implicit: Some(tls), ..Manners::default() },
                Security::StartTls | Security::None => Manners { starttls: Some(tls), ..Manners::default() },
            };
            let (address, heard) = start(Manners { mechanisms: "PLAIN", ..manners }).await;
            let failure = send(address.port(), security, authority.trusted(), true).await.unwrap_err();
            assert!(matches!(failure, Failure::Tls { .. }), "{what}: {failure:?}");
            assert_eq!((heard.count("AUTH"), heard.count("MAIL")), (0, 0), "{what}");
        }
    }
}

#[tokio::test]
async fn a_server_without_starttls_hears_neither_password_nor_mail() {
    let (address, heard) = start(Manners { mechanisms: "PLAIN", ..Manners::default() }).await;
    let failure = send(address.port(), Security::StartTls, Authority::new().trusted(), true).await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { code: None, detail, .. } if detail.contains("STARTTLS")), "{failure:?}");
    assert_eq!((heard.count("AUTH"), heard.count("MAIL")), (0, 0));
}

/// Somebody in between adds replies before encryption begins, to have them taken for the server's own afterwards.
#[tokio::test]
async fn what_is_said_before_encryption_is_not_taken_for_what_is_said_after() {
    let authority = Authority::new();
    let injected = "250-evil\r\n250 AUTH LOGIN\r\n";
    let manners =
        Manners { starttls: Some(authority.vouches_for("127.0.0.1")), injected, mechanisms: "PLAIN", ..Manners::default() };
    let (address, heard) = start(manners).await;
    let failure = send(address.port(), Security::StartTls, authority.trusted(), true).await.unwrap_err();
    assert!(matches!(failure, Failure::Tls { .. } | Failure::Broken { .. }), "{failure:?}");
    assert_eq!((heard.count("AUTH"), heard.count("MAIL")), (0, 0));
}

#[tokio::test]
async fn without_encryption_mail_goes_to_this_machine_and_to_listed_networks_only() {
    let (sent, heard) = send_to(Manners::default(), false).await;
    sent.unwrap();
    arrived_once(&heard);
    // An address that nobody has: what is listed is tried, and what is not listed is not.
    for (allowed, tried) in [(AllowedNetworks::none(), false), (AllowedNetworks::parse(["0.0.0.0"]).unwrap(), true)] {
        let (address, heard) = start(Manners::default()).await;
        let (host, port) = ("0.0.0.0".to_owned(), address.port());
        let server = SmtpServer { host, port, security: Security::None, login: None, authorities: Authorities::default() };
        let sent = Mailer::new(server, allowed).unwrap().send(&mail("x", "x"), LONG, now()).await;
        assert_eq!(matches!(sent, Err(Failure::Unencrypted { .. })), !tried, "{sent:?}");
        assert!(tried || heard.lines().is_empty());
    }
}

#[tokio::test]
async fn what_a_server_refuses_for_now_is_passing_and_what_it_refuses_for_good_is_not() {
    for (command, code, passing) in [
        ("<greeting>", 421, true),
        ("<greeting>", 554, false),
        ("EHLO", 421, true),
        ("AUTH", 454, true),
        ("AUTH", 535, false),
        ("MAIL", 451, true),
        ("MAIL", 550, false),
        ("RCPT", 450, true),
        ("RCPT", 550, false),
        ("DATA", 452, true),
        ("<mail>", 451, true),
        ("<mail>", 554, false),
    ] {
        let instead = vec![(command, format!("{code}-5.7.1 not\r\n{code} today\r\n"))];
        let (sent, heard) = send_to(Manners { mechanisms: "PLAIN", instead, ..Manners::default() }, true).await;
        let failure = sent.unwrap_err();
        assert!(matches!(failure, Failure::Refused { code: Some(told), .. } if told == code), "{command} {code}: {failure:?}");
        assert_eq!(failure.is_passing(), passing, "{command} {code}");
        assert!(command == "AUTH" || failure.to_string().contains("today"), "{failure}");
        assert!(command == "<mail>" || heard.count("Subject") == 0);
    }
}

#[tokio::test]
async fn one_recipient_whom_nobody_knows_any_more_keeps_the_mail_from_no_other() {
    let gone = |code: u16| vec![("RCPT TO:<a@example.org>", format!("{code} nobody of that name\r\n"))];
    let (sent, heard) = send_to(Manners { instead: gone(550), ..Manners::default() }, false).await;
    let not_taken = sent.unwrap();
    assert_eq!(not_taken.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["a@example.org"]);
    assert!(not_taken[0].failure.to_string().contains("nobody of that name"), "{not_taken:?}");
    assert_eq!((heard.count("RCPT TO:<b@"), heard.count("Subject: Payout po_1")), (1, 1), "{:?}", heard.lines());
    let (sent, heard) = send_to(Manners { instead: gone(450), ..Manners::default() }, false).await;
    assert!(
        sent.is_err_and(|failure| failure.is_passing()) && heard.count("Subject") == 0,
        "for now is for all: it is tried again"
    );
    let login = vec![("AUTH", "535 no\r\n".to_owned())];
    let (sent, heard) = send_to(Manners { instead: login, mechanisms: "PLAIN", ..Manners::default() }, true).await;
    assert!(sent.is_err() && heard.count("AUTH") == 1, "who may not log in is not locked out by trying for each");
}

#[tokio::test]
async fn a_server_that_repeats_the_password_is_not_quoted() {
    let instead = vec![("AUTH", "535 what is AUTH PLAIN AHRpZW91dABzM2NyZXQ= s3cret\r\n".to_owned())];
    let (sent, heard) = send_to(Manners { mechanisms: "PLAIN", instead, ..Manners::default() }, true).await;
    let failure = sent.unwrap_err();
    let told = format!("{failure} {failure:?}");
    assert!(!told.contains("s3cret") && !told.contains("AHRp") && told.contains("535"), "{told}");
    assert_eq!(heard.count("AUTH PLAIN AHRpZW91dABzM2NyZXQ="), 1);
}

#[tokio::test]
async fn a_server_that_does_not_let_log_in_is_told_so() {
    let (sent, heard) = send_to(Manners::default(), true).await;
    let failure = sent.unwrap_err();
    assert!(matches!(failure, Failure::Refused { code: None, .. }) && !failure.is_passing(), "{failure:?}");
    assert_eq!(heard.count("MAIL"), 0);
}

#[tokio::test]
async fn a_server_that_talks_nonsense_or_without_end_is_hung_up_on() {
    for nonsense in ["HTTP/1.1 400 Bad Request\r\n".to_owned(), "x".repeat(1_000_000), "250-more\r\n".repeat(100_000)] {
        let instead = vec![("EHLO", nonsense)];
        let (sent, _) = send_to(Manners { instead: instead.clone(), ..Manners::default() }, false).await;
        assert!(matches!(sent, Err(Failure::Broken { .. })), "{sent:?}");
        let (address, _) = start(Manners { instead, ..Manners::default() }).await;
        let sent = send(address.port(), Security::StartTls, Authority::new().trusted(), false).await;
        assert!(matches!(sent, Err(Failure::Broken { .. })), "{sent:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_costs_the_deadline() {
    // Connections are taken by the system, and nobody looks at them.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for security in [Security::None, Security::StartTls, Security::Tls] {
        let sent = send_within(port, security, Authority::new().trusted(), false, Duration::from_millis(300)).await;
        assert_eq!(sent, Err(Failure::TimedOut { host: "127.0.0.1".to_owned() }), "{security:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_as_not_reached() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let failure = send(port, Security::None, Authorities::default(), false).await.unwrap_err();
    assert!(matches!(failure, Failure::Connect { .. }) && failure.is_passing(), "{failure:?}");
}

#[tokio::test]
async fn no_subject_and_no_text_becomes_a_command_or_a_second_mail() {
    let (address, heard) = start(Manners::default()).await;
    let server = SmtpServer {
        host: "localhost".to_owned(),
        port: address.port(),
        security: Security::None,
        login: None,
        authorities: Authorities::default(),
    };
    let mailer = Mailer::new(server, AllowedNetworks::none()).unwrap();
    let smuggled = "x\r\n.\r\nMAIL FROM:<evil@example.net>\r\n\n.\nRCPT TO:<evil@example.net>\n\r.\rDATA";
    mailer.send(&mail("x\r\nBcc: evil@example.net\r\n\r\n.\r\nQUIT", smuggled), LONG, now()).await.unwrap();
    let lines = heard.lines();
    assert_eq!(lines.iter().filter(|line| *line == ".").count(), 1, "{lines:?}");
    let end = lines.iter().position(|line| line == ".").unwrap();
    assert!(lines[end + 1..].iter().all(|line| line == "QUIT"), "{lines:?}");
    let head = lines.iter().take_while(|line| !line.is_empty());
    assert_eq!(head.filter(|line| line.starts_with("Bcc") || line.starts_with("RCPT TO:<evil")).count(), 0, "{lines:?}");
}
