//! A record longer than `policy.max_record` is cut: its longest strings first, each with a mark. What is
//! still too long then loses members of `metadata` and `extra`, the largest first, and says which.

use super::{complete::HEADER, line};
use crate::sorted::sorted;
use std::ops::Range;

/// No string is cut below this many bytes: the envelope's own are shorter.
const KEPT: usize = 64;

/// The most that a mark takes: `…[cut 12345678901 bytes]`.
const MARK: usize = 32;

/// Cuts a payload's JSON to at most `max` bytes, if its members allow it. `tail` is how many bytes stand
/// after the place of instance, lane and sequence; `service` is the place of the service.
pub(crate) fn cut(payload: &mut Vec<u8>, max: usize) {
    let Some((&[a, b, ..], json)) = payload.split_first_chunk::<HEADER>() else {
        return;
    };
    let service = usize::from(u16::from_le_bytes([a, b]));
    let tail = json.len() - find(json, b",\"schema\":").unwrap_or(json.len());
    let mut text = shortened(json, max);
    if text.len() > max {
        text = without_largest(&text, max);
    }
    payload.truncate(HEADER);
    payload.extend_from_slice(&text);
    line::place(payload, service, text.len() - tail.min(text.len()));
}

/// The last place of `what`, which stands outside every string there.
fn find(json: &[u8], what: &[u8]) -> Option<usize> {
    json.windows(what.len()).rposition(|window| window == what)
}

/// The inside of every string that is a value.
fn strings(json: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < json.len() {
        if json[at] != b'"' {
            at += 1;
            continue;
        }
        let end = string_end(json, at);
        if json.get(end + 1) != Some(&b':') {
            found.push(at + 1..end);
        }
        at = end + 1;
    }
    found
}

/// Where the string that opens at `at` closes.
fn string_end(json: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < json.len() && json[end] != b'"' {
        end += if json[end] == b'\\' { 2 } else { 1 };
    }
    end.min(json.len())
}

/// The JSON with its strings cut to the greatest length that fits, or to [`KEPT`].
fn shortened(json: &[u8], max: usize) -> Vec<u8> {
    let strings = strings(json);
    let length_at = |limit: usize| {
        let saved: usize = strings
            .iter()
            .filter(|string| string.len() > limit + MARK)
            .map(|string| string.len() - limit - MARK)
            .sum();
        json.len() - saved
    };
    let (mut fits, mut too_long) = (KEPT, json.len());
    while too_long - fits > 1 {
        let middle = fits + (too_long - fits) / 2;
        if length_at(middle) <= max {
            fits = middle
        } else {
            too_long = middle
        }
    }
    let mut out = Vec::with_capacity(max);
    let mut copied = 0;
    for string in strings.iter().filter(|string| string.len() > fits + MARK) {
        let end = boundary(json, string.start, string.start + fits);
        out.extend_from_slice(&json[copied..end]);
        out.extend_from_slice(format!("…[cut {} bytes]", string.end - end).as_bytes());
        copied = string.end;
    }
    out.extend_from_slice(&json[copied..]);
    out
}

/// The last place at or before `end` that parts neither a character nor an escape.
fn boundary(json: &[u8], start: usize, end: usize) -> usize {
    let mut at = start;
    loop {
        let step = match json[at] {
            b'\\' if json.get(at + 1) == Some(&b'u') => 6,
            b'\\' => 2,
            byte if byte < 0x80 => 1,
            byte if byte < 0xe0 => 2,
            byte if byte < 0xf0 => 3,
            _ => 4,
        };
        if at + step > end {
            return at;
        }
        at += step;
    }
}

/// The JSON without the largest members of `metadata` and `extra`, as many as must go, and with their names in `extra`.
fn without_largest(json: &[u8], max: usize) -> Vec<u8> {
    // The largest first; of two, the one that stands before.
    let members: Vec<(usize, usize)> = ["metadata", "extra"]
        .iter()
        .flat_map(|name| members(json, name))
        .map(|member| (usize::MAX - member.len(), member.start))
        .collect();
    let mut gone: Vec<(usize, usize)> = Vec::new();
    let mut length = json.len() + ",\"extra\":{\"tracel_cut\":\"\"}".len();
    for (rank, start) in sorted(members) {
        if length <= max {
            break;
        }
        let len = usize::MAX - rank;
        let name = string_end(json, start) - start;
        length = length.saturating_sub(len) + name;
        gone.push((start, start + len));
    }
    let mut names: Vec<u8> = Vec::new();
    let mut out = Vec::with_capacity(max);
    let mut copied = 0;
    for (start, end) in sorted(gone) {
        out.extend_from_slice(&json[copied..start]);
        copied = end;
        // The comma that parted it from the next, or from the one before when it was the last.
        if json.get(copied) == Some(&b',') {
            copied += 1;
        } else if out.last() == Some(&b',') {
            out.pop();
        }
        if !names.is_empty() {
            names.push(b' ');
        }
        names.extend_from_slice(&json[start + 1..string_end(json, start)]);
    }
    out.extend_from_slice(&json[copied..]);
    // A record of ten thousand members names as many of them as fit.
    let room = max
        .saturating_sub(out.len() + ",\"extra\":{\"tracel_cut\":\"\"}".len())
        .max(KEPT);
    names.truncate(match names.len() > room {
        true => boundary(&names, 0, room),
        false => names.len(),
    });
    mark(&mut out, &names);
    out
}

/// The members of the object under `name`, a key of the record itself.
fn members(json: &[u8], name: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let Some(object) = object(json, name) else {
        return found;
    };
    let mut at = object.start;
    while at < object.end {
        let end = value_end(json, string_end(json, at) + 2, object.end);
        found.push(at..end);
        at = end + 1;
    }
    found
}

/// The inside of the object under `name` at the top.
fn object(json: &[u8], name: &str) -> Option<Range<usize>> {
    let mut at = 1;
    while at < json.len() && json[at] == b'"' {
        let key = string_end(json, at);
        let end = value_end(json, key + 2, json.len());
        if json.get(at + 1..key) == Some(name.as_bytes()) {
            return Some(key + 3..end - 1);
        }
        at = end + 1;
    }
    None
}

/// Where the value that begins at `at` ends: before the comma or bracket that follows it.
fn value_end(json: &[u8], mut at: usize, limit: usize) -> usize {
    let mut depth = 0_usize;
    while at < limit {
        match json[at] {
            b'"' => at = string_end(json, at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at.min(limit)
}

/// Says in `extra` which members are gone.
fn mark(json: &mut Vec<u8>, names: &[u8]) {
    let mut member = b"\"tracel_cut\":\"".to_vec();
    member.extend_from_slice(names);
    member.push(b'"');
    match object(json, "extra") {
        Some(extra) => {
            if !extra.is_empty() {
                member.push(b',');
            }
            json.splice(extra.start..extra.start, member);
        }
        None => {
            let mut object = b",\"extra\":{".to_vec();
            object.extend(member);
            object.push(b'}');
            if let Some(at) = find(json, b",\"schema\":") {
                json.splice(at..at, object);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const HEAD: &str = r#"{"timestamp":"t","level":"INFO""#;

    fn payload(middle: &str) -> Vec<u8> {
        let mut payload = vec![0; HEADER];
        payload.extend_from_slice(HEAD.as_bytes());
        payload.extend_from_slice(middle.as_bytes());
        let instance = payload.len() - HEADER;
        payload.extend_from_slice(br#","schema":"a@1"}"#);
        line::place(&mut payload, HEAD.len(), instance);
        payload
    }

    fn cut_to(middle: &str, max: usize) -> (Value, usize) {
        let mut payload = payload(middle);
        cut(&mut payload, max);
        assert_eq!(
            usize::from(u16::from_le_bytes([payload[0], payload[1]])),
            HEAD.len()
        );
        let instance = usize::from(u16::from_le_bytes([payload[2], payload[3]]));
        assert_eq!(&payload[HEADER + instance..], br#","schema":"a@1"}"#);
        (
            serde_json::from_slice(&payload[HEADER..]).expect("valid JSON"),
            payload.len() - HEADER,
        )
    }

    #[test]
    fn the_longest_string_goes_first() {
        let (long, short) = ("ä\\n\\u0001".repeat(100_000), "x".repeat(300));
        let (json, len) = cut_to(
            &format!(r#","message":"{short}","metadata":{{"a":"{long}","b":7}}"#),
            4096,
        );
        assert!(len <= 4096, "{len}");
        assert_eq!(json["message"], short);
        assert_eq!(json["metadata"]["b"], 7);
        let (kept, cut) = json["metadata"]["a"]
            .as_str()
            .unwrap()
            .split_once("…[cut ")
            .unwrap();
        let kept = serde_json::to_string(kept).unwrap().len() - 2;
        assert_eq!(
            cut,
            format!("{} bytes]", long.len() - kept),
            "what is gone of the JSON"
        );
    }

    #[test]
    fn a_long_list_goes_by_name() {
        let list = (0..100_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        for extra in ["", r#","extra":{"y":"1"}"#, r#","extra":{}"#] {
            let (json, len) = cut_to(
                &format!(r#","metadata":{{"a":1,"ids":[{list}],"z":"b"}}{extra}"#),
                2048,
            );
            assert!(len <= 2048, "{len}");
            assert_eq!(json["metadata"], serde_json::json!({"a": 1, "z": "b"}));
            assert_eq!(json["extra"]["tracel_cut"], "ids");
        }
    }

    #[test]
    fn ten_thousand_members_still_end_in_valid_json() {
        let many = (0..10_000)
            .map(|n| format!(r#""key_{n}":{n}"#))
            .collect::<Vec<_>>()
            .join(",");
        let (json, len) = cut_to(&format!(r#","metadata":{{{many}}}"#), 4096);
        assert!(len <= 4096, "{len}");
        assert!(json["extra"]["tracel_cut"].as_str().unwrap().starts_with("key_"));
    }
}
