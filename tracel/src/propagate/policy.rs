//! What the process's schema says of contexts that arrive and leave: whom to trust, and which fields travel.

use crate::{
    Class, Schema,
    schema::{Sensitive, Trust},
};
use std::{
    net::IpAddr,
    sync::{PoisonError, RwLock},
};

/// A field that travels in baggage. Written by the build script.
#[derive(Clone, Copy, Debug)]
pub struct CarriedField {
    pub(crate) name: &'static str,
    pub(crate) kind: Carried,
    pub(crate) class: Class,
}

impl CarriedField {
    /// Called by generated code.
    #[must_use]
    pub const fn new(name: &'static str, kind: Carried, class: Class) -> Self {
        CarriedField { name, kind, class }
    }
}

/// How the text of a field that travels is read.
#[derive(Clone, Copy, Debug)]
pub enum Carried {
    /// Any text.
    Text,
    /// One of these.
    Words(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// An integer from the one to the other.
    Signed(i64, i64),
    /// An integer up to this one.
    Unsigned(u64),
    /// A number.
    Float,
    /// A UUID.
    Uuid,
    /// An address.
    Ip,
    /// A moment, as records write it.
    Time,
}

/// What holds in this process.
#[derive(Clone, Copy)]
pub(super) struct Policy {
    trust: Trust,
    pub(super) fields: &'static [CarriedField],
    pub(super) sensitive: Sensitive,
}

/// Of the layer that was made last: a process has one schema of its own, whatever its libraries have.
static POLICY: RwLock<Policy> = RwLock::new(Policy {
    trust: Trust::All,
    fields: &[],
    sensitive: Sensitive::Mask,
});

/// Takes over what a layer's schema says.
pub(crate) fn set(schema: &Schema) {
    *POLICY.write().unwrap_or_else(PoisonError::into_inner) = Policy {
        trust: schema.trust,
        fields: schema.carried,
        sensitive: schema.sensitive,
    };
}

/// The lock that no other thread may have at a fork.
pub(crate) fn locks() -> Box<dyn std::any::Any> {
    Box::new(POLICY.write().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn current() -> Policy {
    *POLICY.read().unwrap_or_else(PoisonError::into_inner)
}

impl Policy {
    /// Whether an event_id that this peer sent is taken over.
    pub(super) fn trusts(&self, peer: Option<IpAddr>) -> bool {
        match self.trust {
            Trust::All => true,
            Trust::None => false,
            Trust::Networks(networks) => peer.is_some_and(|peer| {
                networks
                    .iter()
                    .filter_map(|network| Network::parse(network))
                    .any(|network| network.holds(peer))
            }),
        }
    }
}

/// A network in CIDR notation (RFC 4632).
struct Network {
    bits: u128,
    mask: u128,
    is_v4: bool,
}

impl Network {
    /// `None` when it is none, which the check of the schema has ruled out.
    fn parse(text: &str) -> Option<Network> {
        let (address, length) = text.split_once('/')?;
        let (bits, is_v4) = bits(address.parse().ok()?);
        let length: u32 = length.parse().ok()?;
        let width = if is_v4 { 32 } else { 128 };
        let free = width - (length <= width).then_some(length)?;
        let mask = u128::MAX.checked_shl(free).unwrap_or(0);
        let bits = bits & mask;
        Some(Network { bits, mask, is_v4 })
    }

    fn holds(&self, peer: IpAddr) -> bool {
        // A server that listens on both sees 10.0.0.1 as ::ffff:10.0.0.1.
        let (bits, is_v4) = bits(peer.to_canonical());
        is_v4 == self.is_v4 && bits & self.mask == self.bits
    }
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), true),
        IpAddr::V6(address) => (address.to_bits(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("192.168.1.0/24", "192.168.1.7", "192.168.2.7"),
            ("127.0.0.1/32", "127.0.0.1", "127.0.0.2"),
            ("10.0.0.0/8", "::ffff:10.0.0.1", "::a00:1"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::1/128", "::1", "0.0.0.1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
        ] {
            let network = Network::parse(network).expect("a network");
            assert!(network.holds(inside.parse().expect("an address")), "{inside}");
            assert!(!network.holds(outside.parse().expect("an address")), "{outside}");
        }
        for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/x", "x/8", "::1/129"] {
            assert!(Network::parse(text).is_none(), "{text}");
        }
    }
}
