//! The hash FNV-1a of 64 bits, <http://www.isthe.com/chongo/tech/comp/fnv/>: small, and the same on every machine.
//! It tells schemas and enums apart; it guards against nobody.

/// A hash under way.
pub(crate) struct Fnv1a(u64);

impl Fnv1a {
    pub(crate) const fn new() -> Self {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn write(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self
    }

    pub(crate) const fn finish(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Fnv1a;

    /// The vectors of the hash's own page.
    #[test]
    fn is_the_published_hash() {
        for (text, hash) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(Fnv1a::new().write(text.as_bytes()).finish(), hash, "{text:?}");
        }
    }
}
