//! ClickHouse's own compressed blocks (`decompress=1`, `compress=1`): a checksum, a method, two lengths, the bytes.
//! HTTP's content encodings are in `body`.

use super::{body::zstd, fault::Fault};

/// A block holds at most so many bytes: what ClickHouse makes them of by default.
const BLOCK: usize = 1 << 20;
/// Method and two lengths, which the compressed length counts.
const HEADER: usize = 9;
const CHECKSUM: usize = 16;
const LZ4: u8 = 0x82;
const ZSTD: u8 = 0x90;
const NONE: u8 = 0x02;

/// Reads a sequence of blocks, up to `limit` bytes of content.
pub(super) fn decompress(mut bytes: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let torn = || Fault::new(33, "CANNOT_READ_ALL_DATA", "A compressed block is cut short");
        let (checksum, rest) = bytes.split_first_chunk::<CHECKSUM>().ok_or_else(torn)?;
        let (header, _) = rest.split_first_chunk::<HEADER>().ok_or_else(torn)?;
        let [method, c0, c1, c2, c3, p0, p1, p2, p3] = *header;
        let compressed = u32::from_le_bytes([c0, c1, c2, c3]) as usize;
        let plain = u32::from_le_bytes([p0, p1, p2, p3]) as usize;
        let block = rest.get(..compressed).ok_or_else(torn)?;
        let content = block.get(HEADER..).ok_or_else(torn)?;
        if checksum_of(block) != *checksum {
            let text = "Checksum doesn't match: corrupted data";
            return Err(Fault::new(40, "CHECKSUM_DOESNT_MATCH", text));
        }
        if plain > limit.saturating_sub(out.len()) {
            return Err(Fault::too_large(limit));
        }
        let broken =
            |error: String| Fault::new(271, "CANNOT_DECOMPRESS", format!("Cannot decompress: {error}"));
        match method {
            LZ4 => {
                let decoded =
                    lz4_flex::block::decompress(content, plain).map_err(|e| broken(e.to_string()))?;
                out.extend(decoded);
            }
            ZSTD => out.extend(zstd(content, plain).map_err(|fault| broken(fault.text))?),
            NONE => out.extend(content),
            other => {
                let text = format!(
                    "Unknown codec 0x{other:02x}: this server reads LZ4, ZSTD and uncompressed blocks"
                );
                return Err(Fault::new(89, "UNKNOWN_COMPRESSION_METHOD", text));
            }
        }
        bytes = &rest[compressed..];
    }
    Ok(out)
}

/// Writes `bytes` as LZ4 blocks.
pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    for part in bytes.chunks(BLOCK) {
        let content = lz4_flex::block::compress(part);
        let mut block = Vec::with_capacity(HEADER + content.len());
        block.push(LZ4);
        // A block of at most 1 MiB and its header stay far below 4 GiB.
        block.extend(((content.len() + HEADER) as u32).to_le_bytes());
        block.extend((part.len() as u32).to_le_bytes());
        block.extend(content);
        out.extend(checksum_of(&block));
        out.extend(block);
    }
    out
}

/// CityHash128 of version 1.0.2, as ClickHouse lays it out: the low half first.
fn checksum_of(block: &[u8]) -> [u8; CHECKSUM] {
    cityhash_rs::cityhash_102_128(block).rotate_left(64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, compress, decompress};

    #[test]
    fn blocks_come_back() {
        for length in [0, 1, 1000, BLOCK, BLOCK + 1, 3 * BLOCK] {
            let bytes: Vec<u8> = (0..length).map(|i| (i & 0x7c) as u8).collect();
            assert!(
                decompress(&compress(&bytes), length).is_ok_and(|out| out == bytes),
                "{length}"
            );
        }
    }

    #[test]
    fn damaged_and_oversized_blocks_are_refused() {
        let good = compress(b"hello, hello, hello, hello");
        assert_eq!(decompress(&good, 25).map_err(|fault| fault.code), Err(229));
        for cut in 1..good.len() {
            assert_eq!(
                decompress(&good[..cut], 100).map_err(|fault| fault.code),
                Err(33),
                "{cut}"
            );
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x20;
            assert!(decompress(&bad, 100).is_err(), "{at}");
        }
        let mut tiny = vec![0; 25];
        tiny[17] = 3;
        assert_eq!(decompress(&tiny, 100).map_err(|fault| fault.code), Err(33));
    }
}
