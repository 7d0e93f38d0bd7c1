//! Which addresses may be sent to: those of the public internet, and those that the operator listed. Pure.

mod allowed;
mod ranges;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use allowed::{AllowedNetworks, BadNetwork};

/// An address that nothing is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The address, as it would have been connected to.
    pub address: IpAddr,
    /// What kind of address it is.
    pub kind: Kind,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.address, self.kind.in_words())
    }
}

impl std::error::Error for Blocked {}

/// Why an address is not one of the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// This machine: 127.0.0.0/8, `::1`.
    Loopback,
    /// "This network", which most systems take for this machine: 0.0.0.0/8, `::`.
    ThisNetwork,
    /// A private network: RFC 1918, fc00::/7, and fec0::/10 of old.
    Private,
    /// A carrier's shared network: 100.64.0.0/10.
    Carrier,
    /// One link: 169.254.0.0/16, fe80::/10.
    LinkLocal,
    /// Where a cloud tells a machine its credentials.
    Metadata,
    /// Set aside for protocols: 192.0.0.0/24, 2001::/23 with ORCHID, and anycast to relays of old.
    Protocol,
    /// For examples in texts only.
    Documentation,
    /// For measuring devices: 198.18.0.0/15.
    Benchmarking,
    /// To many at once.
    Multicast,
    /// To all at once: 255.255.255.255.
    Broadcast,
    /// Leads to an IPv4 address through a translator or tunnel that is not the public one: v4-compatible, 64:ff9b:1::/48, 6to4,
    /// Teredo, ISATAP.
    Tunnel,
    /// Goes nowhere: 100::/64.
    Discard,
    /// Given to nobody yet, or to something else than addresses of the internet.
    Reserved,
}

impl Kind {
    /// The rest of a sentence that begins with the address and "is".
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Loopback => "this machine itself (loopback)",
            Self::ThisNetwork => "this machine or network (unspecified)",
            Self::Private => "in a private network",
            Self::Carrier => "in a carrier's shared network (100.64.0.0/10)",
            Self::LinkLocal => "on the local link",
            Self::Metadata => "a cloud's metadata service",
            Self::Protocol => "set aside for protocols",
            Self::Documentation => "set aside for documentation",
            Self::Benchmarking => "set aside for benchmarks",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Tunnel => "a tunnel to an IPv4 address",
            Self::Discard => "a discard address",
            Self::Reserved => "not in use on the public internet (reserved)",
        }
    }
}

/// Whether it is an address of the public internet. What embeds an IPv4 address that the network itself would reach (mapped, or
/// through the well-known NAT64) is judged as that; what would be tunnelled is refused whatever it leads to.
fn global(address: IpAddr) -> Result<(), Blocked> {
    let kind = match plain(address) {
        IpAddr::V4(v4) => ranges::of_v4(v4),
        IpAddr::V6(v6) => translated(v6).map_or_else(|| ranges::of_v6(v6), ranges::of_v4),
    };
    kind.map_or(Ok(()), |kind| Err(Blocked { address, kind }))
}

/// The address that a socket would connect to: `::ffff:a.b.c.d` is a way to write a.b.c.d.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The IPv4 address that a NAT64 of the well-known prefix 64:ff9b::/96 makes of it. Hosts without IPv4 reach all IPv4 so.
fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.octets() {
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] => Some(Ipv4Addr::new(a, b, c, d)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
