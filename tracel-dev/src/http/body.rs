//! A request's body on its way in (content encodings, multipart forms) and an answer's on its way out, within limits.
//! ClickHouse's own blocks are in `frames`.

use super::{fault::Fault, statement::find};
use std::io::{Read, Write};

/// Undoes a `Content-Encoding`, up to `limit` bytes of content.
pub(super) fn decode(encoding: &str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, Fault> {
    let bytes = body.as_slice();
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(bytes), limit),
        "deflate" => read(flate2::read::ZlibDecoder::new(bytes), limit),
        "lz4" => read(lz4_flex::frame::FrameDecoder::new(bytes), limit),
        "zstd" => read(zstd::Decoder::with_buffer(bytes).map_err(broken)?, limit),
        other => {
            let text =
                format!("Unknown content encoding {other}: this server reads gzip, deflate, lz4 and zstd");
            Err(Fault::new(89, "UNKNOWN_COMPRESSION_METHOD", text))
        }
    }
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

fn broken(error: std::io::Error) -> Fault {
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
    } else if accepts("zstd") {
        Ok((zstd::encode_all(body.as_slice(), 1)?, Some("zstd")))
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
            ("zstd;q=1", "zstd"),
            ("lz4;q=0, br, zstd", "zstd"),
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
