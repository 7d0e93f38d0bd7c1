//! Where a request goes: a URL as an operator typed it, read once and judged by everything that needs no network. Pure.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// Longer ones are cut off by servers and proxies.
const LENGTH_MAX: usize = 2048;

/// The longest name that the DNS has, with its final dot.
const HOST_LENGTH_MAX: usize = 254;

/// A URL that a request can be sent to, as far as can be told without asking the DNS.
///
/// It is shown without path and query: with many receivers, knowing these is all that it takes to post.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    host: String,
    address: Option<IpAddr>,
}

/// Why a text is no [`Target`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// Blank.
    #[error("the URL is empty; write one such as https://example.com/hook")]
    Empty,
    /// Longer than 2048 bytes.
    #[error("the URL is longer than {LENGTH_MAX} bytes")]
    TooLong,
    /// A character that URLs do not have; some programs drop it, others take it for something else.
    #[error("the URL holds a blank, a control character or a backslash")]
    Characters,
    /// Neither `https://` nor `http://` stands at its beginning.
    #[error("the URL must begin with https:// (http:// only to addresses that you allowed)")]
    Scheme,
    /// Name or password before the host.
    #[error("the URL holds a user name or a password; put secrets into a header")]
    Userinfo,
    /// No host, or none that a name or an address could be.
    #[error("the URL names no host that could be asked")]
    Host,
    /// Port 0, or not a number up to 65535.
    #[error("the URL's port is none between 1 and 65535")]
    Port,
    /// It is not a URL for another reason.
    #[error("the URL cannot be read")]
    Unreadable,
}

impl Target {
    /// Reads a URL. An address in any of the ways to write one (`127.1`, `0x7f000001`, `[::ffff:7f00:1]`) is read as that address.
    /// What stands behind a `#` is left out: it is not sent.
    ///
    /// # Errors
    /// What keeps it from being sent to, whatever the operator allowed.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(BadTarget::Empty);
        }
        if text.len() > LENGTH_MAX {
            return Err(BadTarget::TooLong);
        }
        if text.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\') {
            return Err(BadTarget::Characters);
        }
        if authority(text)?.contains('@') {
            return Err(BadTarget::Userinfo);
        }
        let mut url = Url::parse(text).map_err(|error| match error {
            url::ParseError::InvalidPort => BadTarget::Port,
            url::ParseError::EmptyHost
            | url::ParseError::IdnaError
            | url::ParseError::InvalidIpv4Address
            | url::ParseError::InvalidIpv6Address
            | url::ParseError::InvalidDomainCharacter => BadTarget::Host,
            _ => BadTarget::Unreadable,
        })?;
        url.set_fragment(None);
        Self::judged(url)
    }

    fn judged(url: Url) -> Result<Self, BadTarget> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(BadTarget::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadTarget::Userinfo);
        }
        if url.port_or_known_default().is_none_or(|port| port == 0) {
            return Err(BadTarget::Port);
        }
        let (host, address) = match url.host() {
            Some(Host::Ipv4(address)) => (address.to_string(), Some(IpAddr::V4(address))),
            Some(Host::Ipv6(address)) => (format!("[{address}]"), Some(IpAddr::V6(address))),
            Some(Host::Domain(name)) if is_name(name) => (name.to_owned(), None),
            Some(Host::Domain(_)) | None => return Err(BadTarget::Host),
        };
        Ok(Self { url, host, address })
    }

    /// The host: a name in ASCII, or an address (one of IPv6 in brackets).
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host where it is an address, so that no name need be resolved.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Whether it is `https`.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The whole URL, with path and query: for storing it, not for showing it.
    #[must_use]
    pub fn as_url(&self) -> &str {
        self.url.as_str()
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }
}

/// Scheme, host and port.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.host)?;
        self.url.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self}/…)")
    }
}

/// What stands between `//` and the path. The scheme must be written out: `https:example.com` is a URL to browsers only.
fn authority(text: &str) -> Result<&str, BadTarget> {
    let (scheme, rest) = text.split_once("://").ok_or(BadTarget::Scheme)?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(BadTarget::Scheme);
    }
    match rest.split(['/', '?', '#']).next() {
        Some(authority) if !authority.is_empty() => Ok(authority),
        _ => Err(BadTarget::Host),
    }
}

/// Whether the DNS could know it: labels of letters, digits, hyphens and underscores, the last of which is no number. Another
/// resolver may take a name that ends in a number for an address.
fn is_name(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(known) && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    host.len() <= HOST_LENGTH_MAX && name.split('.').all(label) && !number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_is_read_and_shown_without_what_may_be_secret() {
        let target = Target::parse(" HTTPS://Hooks.Example.com:8443/T0/s3cret?key=hidden#part ").unwrap();
        assert_eq!((target.host(), target.address(), target.is_encrypted()), ("hooks.example.com", None, true));
        assert_eq!(target.to_string(), "https://hooks.example.com:8443");
        assert_eq!(target.as_url(), "https://hooks.example.com:8443/T0/s3cret?key=hidden");
        assert!(!format!("{target:?}").contains("s3cret"));
        assert_eq!(Target::parse("https://bücher.example/").unwrap().host(), "xn--bcher-kva.example");
        assert_eq!(Target::parse("http://[FD12::1]:80/").unwrap().to_string(), "http://[fd12::1]");
    }

    #[test]
    fn an_address_is_read_however_it_is_written() {
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http://127。0。0。1/",
            "http://0x7F000001/",
            "http://017700000001/",
        ] {
            assert_eq!(Target::parse(text).unwrap().address(), Some("127.0.0.1".parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_sent_to_is_refused_with_the_reason() {
        let long = format!("https://example.com/{}", "a".repeat(LENGTH_MAX));
        let label = format!("https://{}.example/", "a".repeat(64));
        for (text, expected) in [
            ("", BadTarget::Empty),
            ("   ", BadTarget::Empty),
            (long.as_str(), BadTarget::TooLong),
            (label.as_str(), BadTarget::Host),
            ("https://exa mple.com/", BadTarget::Characters),
            ("https://example.com/\r\nX: y", BadTarget::Characters),
            ("https:\\\\example.com", BadTarget::Characters),
            ("\thttps://example.com/", BadTarget::Characters),
            ("ftp://example.com/", BadTarget::Scheme),
            ("file:///etc/passwd", BadTarget::Scheme),
            ("https:example.com", BadTarget::Scheme),
            ("https:/example.com", BadTarget::Scheme),
            ("//example.com/", BadTarget::Scheme),
            ("example.com", BadTarget::Scheme),
            ("https://user@example.com/", BadTarget::Userinfo),
            ("https://user:s3cret@example.com/", BadTarget::Userinfo),
            ("https://@example.com/", BadTarget::Userinfo),
            ("https://", BadTarget::Host),
            ("https:///path", BadTarget::Host),
            ("https://example..com/", BadTarget::Host),
            ("https://256.1.1.1/", BadTarget::Host),
            ("https://[::1%25eth0]/", BadTarget::Host),
            ("https://a%00b/", BadTarget::Host),
            ("https://!/", BadTarget::Host),
            ("https://-1/", BadTarget::Host),
            ("https://a-.example/", BadTarget::Host),
            ("https://example.com:0/", BadTarget::Port),
            ("https://example.com:65536/", BadTarget::Port),
        ] {
            assert_eq!(Target::parse(text).unwrap_err(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange_to_be_read_or_refused(text in "\\PC*", host in "[\\x00-\\x7f\u{ff10}-\u{ff1e}。]{0,40}") {
            let _ = Target::parse(&text);
            if let Ok(target) = Target::parse(&format!("https://{host}/")) {
                let again = Target::parse(target.as_url()).unwrap();
                prop_assert_eq!(again, target);
            }
        }

        #[test]
        fn an_ipv4_address_is_read_from_every_textual_form(bits: u32, mask in 0_usize..81) {
            let [a, b, c, d] = bits.to_be_bytes();
            let part = |value: u32, at: u32| match mask / 3_usize.pow(at) % 3 {
                0 => value.to_string(),
                1 => format!("0{value:o}"),
                _ => format!("0X{value:x}"),
            };
            let bytes = [a, b, c, d].map(u32::from);
            for host in [
                format!("{}.{}.{}.{}", part(bytes[0], 0), part(bytes[1], 1), part(bytes[2], 2), part(bytes[3], 3)),
                format!("{}.{}.{}", part(bytes[0], 0), part(bytes[1], 1), part(bits & 0xffff, 2)),
                format!("{}.{}", part(bytes[0], 0), part(bits & 0x00ff_ffff, 1)),
                format!("{}.", part(bits, 0)),
            ] {
                let read = Target::parse(&format!("https://{host}:9/x")).unwrap();
                prop_assert_eq!(read.address(), Some(IpAddr::V4(bits.into())), "{}", host);
            }
        }

        #[test]
        fn an_ipv6_address_is_read_from_every_textual_form(bits: u128) {
            let address = std::net::Ipv6Addr::from_bits(bits);
            let long = address.segments().map(|segment| format!("{segment:04X}")).join(":");
            let [.., a, b, c, d] = address.octets();
            let mixed = format!("{}:{a}.{b}.{c}.{d}", address.segments()[..6].iter().map(|segment| format!("{segment:x}")).collect::<Vec<_>>().join(":"));
            for host in [address.to_string(), long, mixed] {
                let read = Target::parse(&format!("https://[{host}]/")).unwrap();
                prop_assert_eq!(read.address(), Some(IpAddr::V6(address)), "{}", host);
            }
        }
    }
}
