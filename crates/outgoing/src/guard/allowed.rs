//! The operator's list of networks that may be sent to although they are not of the public internet.

use std::net::IpAddr;

use super::{Blocked, global, plain, ranges};

/// Networks, as addresses (`10.1.2.3`) or in CIDR notation (`10.0.0.0/8`, `fd12::/16`).
///
/// Host names cannot be listed: who answers for a name decides anew each time what it stands for, and would so decide what is
/// allowed. A name is allowed where every address that it stands for is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedNetworks(Vec<(IpAddr, u32)>);

/// An entry of the list that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNetwork {
    /// Not an address, with or without a prefix.
    #[error(
        "`{0}` is no address and no network: write 10.1.2.3, 10.0.0.0/8, fd12::1 or fd12::/16; names cannot be listed, since \
         whoever answers for a name would decide what is allowed"
    )]
    NotANetwork(String),
    /// The number behind the slash is not one, or too large.
    #[error("`{entry}`: the number behind the slash goes from 0 to {most}")]
    Length {
        /// As written.
        entry: String,
        /// The length of the address in bits.
        most: u32,
    },
    /// The address is not the first one of its network; which of the two was meant is open.
    #[error("`{entry}` begins within a network; write {network} for the network, or {address} for the address alone")]
    WithinNetwork {
        /// As written.
        entry: String,
        /// The network that holds it.
        network: String,
        /// The address alone.
        address: IpAddr,
    },
    /// IPv4 written as IPv6.
    #[error("`{0}` is IPv4 written as IPv6: write it as IPv4")]
    Mapped(String),
}

impl AllowedNetworks {
    /// Reads entries; blanks around them do not count.
    ///
    /// # Errors
    /// The first entry that is no network.
    pub fn parse<I>(entries: I) -> Result<Self, BadNetwork>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        entries.into_iter().map(|entry| network(entry.as_ref().trim())).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Nothing but the public internet.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether the list itself holds the address.
    #[must_use]
    pub fn lists(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.0.iter().any(|(first, length)| match (first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => ranges::holds_v4(*first, *length, address),
            (IpAddr::V6(first), IpAddr::V6(address)) => ranges::holds_v6(*first, *length, address),
            _ => false,
        })
    }

    /// Whether anything may be sent to the address: it is listed, or one of the public internet.
    ///
    /// # Errors
    /// What the address is, where neither holds.
    pub fn verdict(&self, address: IpAddr) -> Result<(), Blocked> {
        if self.lists(address) { Ok(()) } else { global(address) }
    }
}

fn network(entry: &str) -> Result<(IpAddr, u32), BadNetwork> {
    let (address, length) = entry.split_once('/').map_or((entry, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else {
        return Err(BadNetwork::NotANetwork(entry.to_owned()));
    };
    if plain(address) != address {
        return Err(BadNetwork::Mapped(entry.to_owned()));
    }
    let most = if address.is_ipv4() { 32 } else { 128 };
    let Some(length) = length else { return Ok((address, most)) };
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse::<u32>().ok().filter(|length| digits && *length <= most);
    let length = length.ok_or_else(|| BadNetwork::Length { entry: entry.to_owned(), most })?;
    let first = first_of(address, length);
    if first != address {
        return Err(BadNetwork::WithinNetwork { entry: entry.to_owned(), network: format!("{first}/{length}"), address });
    }
    Ok((first, length))
}

/// The first address of the network with a prefix of `length` bits that holds `address`.
fn first_of(address: IpAddr, length: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0)).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0)).into()),
    }
}
