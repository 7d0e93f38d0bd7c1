//! A small SMTP server that notes what it is told, and answers as a test wants.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How a server behaves.
#[derive(Clone, Default)]
pub struct Manners {
    /// TLS from the first byte.
    pub implicit: Option<TlsAcceptor>,
    /// TLS when asked for it.
    pub starttls: Option<TlsAcceptor>,
    /// Said in the same breath as the answer to STARTTLS.
    pub injected: &'static str,
    /// The ways to log in that it offers.
    pub mechanisms: &'static str,
    /// Answers that it gives in the place of its own: the beginning of a command, and what it says to that.
    pub instead: Vec<(&'static str, String)>,
}

/// What a server was told: commands and lines of mails, and `<TLS>` where encryption began.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn note(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self, beginning: &str) -> usize {
        self.lines().iter().filter(|line| line.starts_with(beginning)).count()
    }
}

pub async fn start(manners: Manners) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, heard) = (listener.local_addr().unwrap(), Heard::default());
    let notes = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (manners, notes) = (manners.clone(), notes.clone());
            tokio::spawn(async move {
                if let Some(tls) = &manners.implicit {
                    let stream = tls.accept(stream).await?;
                    notes.note("<TLS>");
                    talk(stream, &manners, &notes, true).await?;
                } else if let Some(stream) = talk(stream, &manners, &notes, true).await?
                    && let Some(tls) = &manners.starttls
                {
                    let stream = tls.accept(stream).await?;
                    notes.note("<TLS>");
                    talk(stream, &Manners { starttls: None, ..manners }, &notes, false).await?;
                }
                std::io::Result::Ok(())
            });
        }
    });
    (address, heard)
}

/// Answers until the client leaves, or wants TLS: then the stream comes back.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    manners: &Manners,
    notes: &Heard,
    greet: bool,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if greet {
        stream.write_all(instead(manners, "<greeting>").unwrap_or_else(|| "220 test ESMTP\r\n".into()).as_bytes()).await?;
    }
    loop {
        let Some(line) = line(&mut stream, notes).await? else { return Ok(None) };
        if line == "STARTTLS" {
            stream.write_all(format!("220 go ahead\r\n{}", manners.injected).as_bytes()).await?;
            return Ok(Some(stream.into_inner()));
        }
        let answer = instead(manners, &line).unwrap_or_else(|| usual(manners, &line));
        stream.write_all(answer.as_bytes()).await?;
        if line == "DATA" && answer.starts_with("354") {
            while line_of_mail(&mut stream, notes).await? {}
            let answer = instead(manners, "<mail>").unwrap_or_else(|| "250 taken\r\n".into());
            stream.write_all(answer.as_bytes()).await?;
        }
    }
}

async fn line(stream: &mut (impl AsyncBufRead + Unpin), notes: &Heard) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let line = line.trim_end_matches("\r\n").to_owned();
    notes.note(&line);
    Ok(Some(line))
}

async fn line_of_mail(stream: &mut (impl AsyncBufRead + Unpin), notes: &Heard) -> std::io::Result<bool> {
    Ok(line(stream, notes).await?.is_some_and(|line| line != "."))
}

fn instead(manners: &Manners, line: &str) -> Option<String> {
    manners.instead.iter().find(|(beginning, _)| line.starts_with(beginning)).map(|(_, answer)| answer.clone())
}

fn usual(manners: &Manners, line: &str) -> String {
    let command = line.split(' ').next().unwrap_or_default();
    match command {
        "EHLO" => {
            let starttls = if manners.starttls.is_some() { "250-STARTTLS\r\n" } else { "" };
            let auth = if manners.mechanisms.is_empty() { String::new() } else { format!("250-AUTH {}\r\n", manners.mechanisms) };
            format!("250-test\r\n{starttls}{auth}250 8BITMIME\r\n")
        }
        "AUTH" if line.starts_with("AUTH PLAIN ") => "235 welcome\r\n".into(),
        "AUTH" => "334 VXNlcm5hbWU6\r\n".into(),
        "DATA" => "354 go on\r\n".into(),
        "QUIT" => "221 bye\r\n".into(),
        // The user and then the password of AUTH LOGIN, in base64.
        "dGllb3V0" => "334 UGFzc3dvcmQ6\r\n".into(),
        "czNjcmV0" => "235 welcome\r\n".into(),
        "MAIL" | "RCPT" | "RSET" | "NOOP" => "250 ok\r\n".into(),
        _ => format!("500 what is {line}\r\n"),
    }
}
