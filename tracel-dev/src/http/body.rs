//! A request's body on its way in (content encodings, multipart forms) and an answer's on its way out, within limits.
//! ClickHouse's own blocks are in `frames`.

use super::{fault::Fault, statement::find};
use ruzstd::decoding::StreamingDecoder;
use std::io::{Read, Write};

/// Undoes a `Content-Encoding`, up to `limit` bytes of content.
pub(super) fn decode(encoding: &str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, Fault> {
    let bytes = body.as_slice();
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(bytes), limit),
        "deflate" => read(flate2::read::ZlibDecoder::new(bytes), limit),
        "lz4" => read(lz4_flex::frame::FrameDecoder::new(bytes), limit),
        "zstd" => zstd(bytes, limit),
        other => {
            let text =
                format!("Unknown content encoding {other}: this server reads gzip, deflate, lz4 and zstd");
            Err(Fault::new(89, "UNKNOWN_COMPRESSION_METHOD", text))
        }
    }
}

/// Reads zstd frames, one after the other.
pub(super) fn zstd(mut frames: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    while !frames.is_empty() {
        let frame = StreamingDecoder::new(&mut frames).map_err(broken)?;
        let rest = limit.saturating_sub(out.len()) as u64;
        frame.take(rest + 1).read_to_end(&mut out).map_err(broken)?;
        if out.len() > limit {
            return Err(Fault::too_large(limit));
        }
    }
    Ok(out)
}

fn read(reader: impl Read, limit: usize) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    let mut reader = reader.take(limit as u64 + 1);
    reader.read_to_end(&mut out).map_err(broken)?;
    if out.len() > limit {
        Err(Fault::too_large(limit))
    } else {
        Ok(out)
    }
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::new(
        271,
        "CANNOT_DECOMPRESS",
        format!("Cannot decompress the body: {error}"),
    )
}

/// Encodes an answer for a client that names encodings in `accept`; gives the encoding's name beside it.
pub(super) fn encode(accept: &str, body: Vec<u8>) -> std::io::Result<(Vec<u8>, Option<&'static str>)> {
    let accepts = |name: &str| {
        accept.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next().is_some_and(|word| word.eq_ignore_ascii_case(name))
                && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    if body.is_empty() {
        Ok((body, None))
    } else if accepts("lz4") {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(&body)?;
        Ok((encoder.finish().map_err(std::io::Error::other)?, Some("lz4")))
    } else if accepts("gzip") {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&body)?;
        Ok((encoder.finish()?, Some("gzip")))
    } else if accepts("deflate") {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&body)?;
        Ok((encoder.finish()?, Some("deflate")))
    } else {
        Ok((body, None))
    }
}

/// The fields of a multipart form, which ClickHouse takes for parameters of the request.
pub(super) fn form(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, Fault> {
    let boundary = content_type
        .split(';')
        .find_map(|part| part.trim().strip_prefix("boundary="))
        .map(|boundary| format!("--{}", boundary.trim_matches('"')))
        .filter(|boundary| boundary.len() > 2)
        .ok_or_else(|| Fault::bad_arguments("A multipart body without its boundary in Content-Type"))?;
    let torn = || Fault::bad_arguments("A multipart body is cut short or does not hold its boundary");
    let start = find(body, boundary.as_bytes()).ok_or_else(torn)?;
    let mut rest = &body[start + boundary.len()..];
    let separator = format!("\r\n{boundary}");
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        let end = find(rest, separator.as_bytes()).ok_or_else(torn)?;
        fields.push(field(&rest[..end]).ok_or_else(torn)??);
        rest = &rest[end + separator.len()..];
    }
    Ok(fields)
}

/// One part: headers, an empty line, the value.
fn field(part: &[u8]) -> Option<Result<(String, String), Fault>> {
    let part = part.strip_prefix(b"\r\n")?;
    let (headers, value) = match find(part, b"\r\n\r\n") {
        Some(end) => (&part[..end], &part[end + 4..]),
        None => return None,
    };
    let headers = String::from_utf8_lossy(headers);
    let attribute = |name: &str| {
        headers.split([';', '\r', '\n']).find_map(|word| {
            let (key, value) = word.trim().split_once('=')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim_matches('"').to_string())
        })
    };
    let name = attribute("name")?;
    if attribute("filename").is_some() {
        let text = format!("`{name}` is an external table, which this server does not take");
        return Some(Err(Fault::not_implemented(text)));
    }
    Some(Ok((name, String::from_utf8_lossy(value).into_owned())))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, form};

    #[test]
    fn encodings_come_back_within_the_limit() {
        let body = vec![b'x'; 100_000];
        for (accept, name) in [
            ("gzip, deflate", "gzip"),
            ("deflate", "deflate"),
            ("lz4;q=0, br, gzip;q=0.5", "gzip"),
            ("lz4", "lz4"),
        ] {
            let (encoded, encoding) = encode(accept, body.clone()).expect("encodes");
            assert_eq!(encoding, Some(name));
            assert_eq!(
                decode(name, encoded.clone(), 100_000).map_err(|f| f.code),
                Ok(body.clone())
            );
            assert_eq!(
                decode(name, encoded.clone(), 99_999).map_err(|f| f.code),
                Err(229),
                "{name}"
            );
            assert!(
                decode(name, encoded[..encoded.len() / 2].to_vec(), 100_000).is_err(),
                "{name}"
            );
        }
        assert_eq!(decode("br", body, 100_000).map_err(|f| f.code), Err(89));
    }

    /// Made by zstd 1.5 of 200 times "zstd ", with a checksum.
    const FRAME: &[u8] = b"(\xb5/\xfd\x04Xe\x00\x00(zstd \x01\x00\xe0Q\x15-@\xe3\xc3\x09";

    #[test]
    fn zstd_frames_are_read_one_after_the_other() {
        let text = "zstd ".repeat(200).into_bytes();
        assert_eq!(
            decode("zstd", FRAME.to_vec(), 1000).map_err(|f| f.code),
            Ok(text.clone())
        );
        assert_eq!(decode("zstd", FRAME.to_vec(), 999).map_err(|f| f.code), Err(229));
        let twice = [FRAME, FRAME].concat();
        assert_eq!(
            decode("zstd", twice.clone(), 2000).map_err(|f| f.code),
            Ok(text.repeat(2))
        );
        assert_eq!(decode("zstd", twice, 1999).map_err(|f| f.code), Err(229));
        for cut in 1..FRAME.len() - 4 {
            assert_eq!(
                decode("zstd", FRAME[..cut].to_vec(), 1000).map_err(|f| f.code),
                Err(271),
                "{cut}"
            );
        }
    }

    #[test]
    fn a_form_gives_its_fields() {
        let kind = "multipart/form-data; boundary=\"x y\"";
        let body = b"--x y\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT\r\n1\r\n--x y\r\n\
                     Content-Disposition: form-data; name=\"param_a\"\r\n\r\n\r\n--x y--\r\n";
        let fields = form(kind, body).map_err(|fault| fault.text);
        let expected =
            [("query", "SELECT\r\n1"), ("param_a", "")].map(|(a, b)| (a.to_string(), b.to_string()));
        assert_eq!(fields, Ok(expected.to_vec()));
        for cut in 0..body.len() - 4 {
            assert!(form(kind, &body[..cut]).is_err(), "{cut}");
        }
        assert!(form("multipart/form-data", body).is_err());
        let file = b"--b\r\nContent-Disposition: form-data; name=\"t\"; filename=\"t.csv\"\r\n\r\n1\r\n--b--";
        assert_eq!(
            form("multipart/form-data; boundary=b", file).map_err(|f| f.code),
            Err(48)
        );
    }
}
