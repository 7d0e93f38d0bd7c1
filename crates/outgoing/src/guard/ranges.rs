//! The ranges that are not public, after IANA's two registries of special-purpose addresses and what clouds use besides.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Kind;

/// First address, length of the prefix, what it is. The first that fits counts.
const V4: [(Ipv4Addr, u32, Kind); 24] = [
    // AWS, Google, Azure and most others; Alibaba; Azure's host agent, which has a public address; Oracle.
    (Ipv4Addr::new(169, 254, 169, 254), 32, Kind::Metadata),
    (Ipv4Addr::new(169, 254, 170, 2), 32, Kind::Metadata),
    (Ipv4Addr::new(100, 100, 100, 200), 32, Kind::Metadata),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Kind::Metadata),
    (Ipv4Addr::new(192, 0, 0, 192), 32, Kind::Metadata),
    (Ipv4Addr::new(0, 0, 0, 0), 8, Kind::ThisNetwork),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Kind::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Kind::Carrier),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Kind::Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Kind::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Kind::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Kind::Protocol),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Kind::Documentation),
    // Anycast to 6to4 relays, withdrawn (RFC 7526).
    (Ipv4Addr::new(192, 88, 99, 0), 24, Kind::Protocol),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Kind::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Kind::Benchmarking),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Kind::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Kind::Documentation),
    // MCAST-TEST-NET, for documentation, lies within multicast.
    (Ipv4Addr::new(233, 252, 0, 0), 24, Kind::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Kind::Multicast),
    (Ipv4Addr::new(255, 255, 255, 255), 32, Kind::Broadcast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Kind::Reserved),
    // AS112 answers for private names only; there is nothing to send to.
    (Ipv4Addr::new(192, 31, 196, 0), 24, Kind::Protocol),
    (Ipv4Addr::new(192, 175, 48, 0), 24, Kind::Protocol),
];

const V6: [(Ipv6Addr, u32, Kind); 22] = [
    // AWS, Google.
    (Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254), 128, Kind::Metadata),
    (Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254), 128, Kind::Metadata),
    (Ipv6Addr::UNSPECIFIED, 128, Kind::ThisNetwork),
    (Ipv6Addr::LOCALHOST, 128, Kind::Loopback),
    // v4-compatible, v4-translated (SIIT), local-use NAT64.
    (Ipv6Addr::UNSPECIFIED, 96, Kind::Tunnel),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, Kind::Tunnel),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Kind::Tunnel),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, Kind::Discard),
    (Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0), 64, Kind::Reserved),
    // Teredo; then the rest of what is for protocols: ORCHID, benchmarks, AMT, AS112.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, Kind::Tunnel),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, Kind::Benchmarking),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Kind::Protocol),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32, Kind::Documentation),
    // 6to4.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Kind::Tunnel),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, Kind::Protocol),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Kind::Documentation),
    // Identifiers of segment routing.
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, Kind::Reserved),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Kind::Private),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Kind::LinkLocal),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Kind::Private),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Kind::Multicast),
    // The 6bone, given back (RFC 3701).
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16, Kind::Reserved),
];

/// Of all of IPv6, IANA gives only this out as addresses of the internet.
const GIVEN_OUT: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What kind of special address it is; `None` for one of the public internet.
pub(super) fn of_v4(address: Ipv4Addr) -> Option<Kind> {
    let of = |(first, length, _): &&(Ipv4Addr, u32, Kind)| holds_v4(*first, *length, address);
    V4.iter().find(of).map(|(_, _, kind)| *kind)
}

/// What kind of special address it is; `None` for one of the public internet.
pub(super) fn of_v6(address: Ipv6Addr) -> Option<Kind> {
    let of = |(first, length, _): &&(Ipv6Addr, u32, Kind)| holds_v6(*first, *length, address);
    let listed = V6.iter().find(of).map(|(_, _, kind)| *kind);
    let isatap = is_isatap(address).then_some(Kind::Tunnel);
    let given_out = holds_v6(GIVEN_OUT.0, GIVEN_OUT.1, address);
    listed.or(isatap).or((!given_out).then_some(Kind::Reserved))
}

/// An interface identifier that routers with ISATAP (RFC 5214) take for a tunnel to the IPv4 address at its end.
fn is_isatap(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [_, _, _, _, 0 | 0x0200, 0x5efe, _, _])
}

/// Whether the network that begins with `first` and has a prefix of `length` bits holds the address.
pub(super) fn holds_v4(first: Ipv4Addr, length: u32, address: Ipv4Addr) -> bool {
    let differing = first.to_bits() ^ address.to_bits();
    differing.leading_zeros() >= length
}

/// As [`holds_v4`].
pub(super) fn holds_v6(first: Ipv6Addr, length: u32, address: Ipv6Addr) -> bool {
    let differing = first.to_bits() ^ address.to_bits();
    differing.leading_zeros() >= length
}
