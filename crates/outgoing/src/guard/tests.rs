use proptest::prelude::*;

use super::*;

fn kind(address: &str) -> Option<Kind> {
    AllowedNetworks::none().verdict(address.parse().unwrap()).err().map(|blocked| blocked.kind)
}

#[test]
fn each_range_is_refused_from_its_first_to_its_last_address_and_not_beyond() {
    for (before, first, last, after, expected) in [
        ("", "0.0.0.0", "0.255.255.255", "1.0.0.0", Kind::ThisNetwork),
        ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", Kind::Private),
        ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", Kind::Carrier),
        ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", Kind::Loopback),
        ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", Kind::LinkLocal),
        ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", Kind::Private),
        ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", Kind::Protocol),
        ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", Kind::Documentation),
        ("192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0", Kind::Protocol),
        ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0", Kind::Protocol),
        ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", Kind::Private),
        ("192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0", Kind::Protocol),
        ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", Kind::Benchmarking),
        ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", Kind::Documentation),
        ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", Kind::Documentation),
        ("223.255.255.255", "224.0.0.0", "239.255.255.255", "", Kind::Multicast),
        ("", "240.0.0.0", "255.255.255.254", "", Kind::Reserved),
        ("", "255.255.255.255", "255.255.255.255", "", Kind::Broadcast),
        ("168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17", Kind::Metadata),
        ("", "169.254.169.254", "169.254.169.254", "", Kind::Metadata),
        ("", "100.100.100.200", "100.100.100.200", "", Kind::Metadata),
        ("", "::", "::", "", Kind::ThisNetwork),
        ("", "::1", "::1", "", Kind::Loopback),
        ("", "::2", "::ffff:ffff", "", Kind::Tunnel),
        ("", "::1:0:0", "::1:0:0", "", Kind::Reserved),
        ("", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "", Kind::Tunnel),
        ("", "100::", "100::ffff:ffff:ffff:ffff", "", Kind::Discard),
        ("", "100:0:0:1::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::", Kind::Reserved),
        ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "", Kind::Tunnel),
        ("", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", Kind::Protocol),
        ("2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", Kind::Documentation),
        ("2001:ffff:ffff::", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::", Kind::Tunnel),
        ("2620:4f:7fff:ffff::", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::", Kind::Protocol),
        ("3ffd:ffff::", "3ffe::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", Kind::Reserved),
        ("", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", Kind::Documentation),
        ("3fff:ffff::", "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", Kind::Reserved),
        ("", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", Kind::Private),
        ("", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", Kind::LinkLocal),
        ("", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", Kind::Private),
        ("", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", Kind::Multicast),
        ("", "fd00:ec2::254", "fd20:ce::254", "", Kind::Metadata),
        ("", "2a00::5efe:127.0.0.1", "2a00::200:5efe:8.8.8.8", "", Kind::Tunnel),
    ] {
        assert_eq!((kind(first), kind(last)), (Some(expected), Some(expected)), "{first} to {last}");
        for beside in [before, after].into_iter().filter(|beside| !beside.is_empty()) {
            assert_eq!(kind(beside), None, "{beside}, beside {first} to {last}");
        }
    }
}

#[test]
fn an_ipv4_address_within_an_ipv6_one_is_judged_as_itself() {
    for (wrapped, expected) in [
        ("::ffff:127.0.0.1", Some(Kind::Loopback)),
        ("::ffff:169.254.169.254", Some(Kind::Metadata)),
        ("::ffff:8.8.8.8", None),
        ("64:ff9b::10.0.0.1", Some(Kind::Private)),
        ("64:ff9b::8.8.8.8", None),
        ("::ffff:0:127.0.0.1", Some(Kind::Tunnel)),
        ("64:ff9b::1:7f00:1", Some(Kind::Reserved)),
        ("2002:7f00:1::", Some(Kind::Tunnel)),
        ("2002:808:808::", Some(Kind::Tunnel)),
        ("::127.0.0.1", Some(Kind::Tunnel)),
        ("::8.8.8.8", Some(Kind::Tunnel)),
    ] {
        assert_eq!(kind(wrapped), expected, "{wrapped}");
    }
}

#[test]
fn what_the_operator_listed_is_allowed_and_its_neighbour_is_not() {
    let allowed = AllowedNetworks::parse(["10.1.0.0/16", " 127.0.0.1 ", "fd12:3456::/32", "::1"]).unwrap();
    for listed in ["10.1.0.0", "10.1.255.255", "127.0.0.1", "::ffff:127.0.0.1", "fd12:3456::9", "::1", "8.8.8.8"] {
        assert_eq!(allowed.verdict(listed.parse().unwrap()), Ok(()), "{listed}");
    }
    for other in ["10.0.255.255", "10.2.0.0", "127.0.0.2", "fd12:3457::", "::", "::127.0.0.1", "64:ff9b::10.1.0.1"] {
        assert!(allowed.verdict(other.parse().unwrap()).is_err(), "{other}");
    }
    assert!(!allowed.lists("8.8.8.8".parse().unwrap()));
}

#[test]
fn an_entry_that_is_no_network_is_refused_and_told_how_to_write_it() {
    for (entry, expected) in [
        ("localhost", "names cannot be listed"),
        ("", "no address"),
        ("10.0.0.0/", "from 0 to 32"),
        ("10.0.0.0/33", "from 0 to 32"),
        ("10.0.0.0/+8", "from 0 to 32"),
        ("fd00::/129", "from 0 to 128"),
        ("10.1.2.3/8", "write 10.0.0.0/8 for the network, or 10.1.2.3"),
        ("fd12::1/16", "write fd12::/16 for the network"),
        ("::ffff:10.0.0.0/104", "write it as IPv4"),
        ("010.0.0.0/8", "no address"),
        ("10/8", "no address"),
        ("[::1]", "no address"),
        ("fe80::1%eth0", "no address"),
    ] {
        let told = AllowedNetworks::parse([entry]).unwrap_err().to_string();
        assert!(told.contains(expected), "{entry}: {told}");
    }
    let all = AllowedNetworks::parse(["0.0.0.0/0", "::/0"]).unwrap();
    assert!(all.lists("169.254.169.254".parse().unwrap()) && all.lists("fe80::1".parse().unwrap()));
}

#[test]
fn a_blocked_address_says_what_it_is() {
    let blocked = AllowedNetworks::none().verdict("169.254.169.254".parse().unwrap()).unwrap_err();
    assert_eq!(blocked.to_string(), "169.254.169.254 is a cloud's metadata service");
}

proptest! {
    #[test]
    fn mapping_an_ipv4_address_changes_no_verdict(bits: u32) {
        let v4 = Ipv4Addr::from_bits(bits);
        let kinds = [IpAddr::V4(v4), IpAddr::V6(v4.to_ipv6_mapped())].map(|address| global(address).err().map(|told| told.kind));
        prop_assert_eq!(kinds[0], kinds[1]);
    }

    #[test]
    fn an_address_that_the_standard_library_calls_special_is_never_global(bits: u128, low: u32) {
        let v4 = Ipv4Addr::from_bits(low);
        let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast()
            || v4.is_documentation() || v4.is_unspecified();
        prop_assert!(!special || global(v4.into()).is_err());
        let v6 = Ipv6Addr::from_bits(bits);
        let special = v6.is_loopback() || v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local();
        prop_assert!(!special || global(v6.into()).is_err());
    }

    #[test]
    fn a_network_lists_exactly_what_shares_its_prefix(bits: u128, length in 0_u32..=128, other: u128) {
        let first = first(bits, length);
        let list = AllowedNetworks::parse([format!("{}/{length}", Ipv6Addr::from_bits(first))]);
        prop_assume!(list.is_ok());
        prop_assume!(Ipv6Addr::from_bits(other).to_ipv4_mapped().is_none());
        let list = list.unwrap();
        let shares = length == 0 || other >> (128 - length) == first >> (128 - length);
        prop_assert_eq!(list.lists(Ipv6Addr::from_bits(other).into()), shares);
    }
}

fn first(bits: u128, length: u32) -> u128 {
    if length == 0 { 0 } else { bits >> (128 - length) << (128 - length) }
}
