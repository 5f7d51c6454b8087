//! Lines of output without what differs from run to run: ids, times, and how columns are aligned.

const UUID: usize = 36;

/// A line as it is compared.
pub(crate) fn comparable(line: &str) -> String {
    let mut line = line.to_owned();
    for id in uuids(&line) {
        line = line.replace(&id, "<uuid>");
    }
    line.split_whitespace()
        .map(|word| match () {
            () if is_time(word) => "<time>",
            () if is_span_of_time(word) => "<span>",
            () if is_short_id(word) => "<id>",
            () => word,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// The UUIDs of a line, in their order.
pub(crate) fn uuids(line: &str) -> Vec<String> {
    let is_uuid = |text: &str| {
        text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let at = |start| line.get(start..start + UUID).filter(|text| is_uuid(text));
    (0..line.len()).filter_map(at).map(str::to_owned).collect()
}

/// `22:50:02.782`
fn is_time(word: &str) -> bool {
    word.len() == 12
        && word.bytes().enumerate().all(|(at, byte)| match at {
            2 | 5 => byte == b':',
            8 => byte == b'.',
            _ => byte.is_ascii_digit(),
        })
}

/// `+47.8µs`
fn is_span_of_time(word: &str) -> bool {
    let number = word.trim_start_matches('+').trim_end_matches(char::is_alphabetic);
    let unit = word.trim_start_matches('+').get(number.len()..);
    number.parse::<f64>().is_ok() && matches!(unit, Some("ns" | "µs" | "ms" | "s"))
}

/// `03e8beff`, as `pretty:` shows a request.
fn is_short_id(word: &str) -> bool {
    word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[test]
fn what_differs_from_run_to_run_is_taken_out() {
    assert_eq!(
        comparable("22:50:02.782 ERROR 03e8beff Payment/Receipts  no   receipt"),
        "<time> ERROR <id> Payment/Receipts no receipt"
    );
    assert_eq!(
        comparable("request 01a20a9a-209e-710a-bb0e-1d9203e8beff  4 records, 1.09ms"),
        "request <uuid> 4 records, <span>"
    );
    assert_eq!(comparable("+47.8µs ├ +0ns └ 3s"), "<span> ├ <span> └ <span>");
    assert_eq!(
        comparable("user_id=42 amount missing --> src/main.rs:21:10"),
        "user_id=42 amount missing --> src/main.rs:21:10"
    );
}
