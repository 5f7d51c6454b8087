//! What ClickHouse's answer to an insert means for the batch.

use crate::sink::SendError;
use std::time::Duration;

/// Errors that the rows themselves are to blame for, whatever the status: tried again they would stall all that
/// follows. Names from ClickHouse's `src/Common/ErrorCodes.cpp`.
const ROWS: &[u32] = &[
    6,   // CANNOT_PARSE_TEXT
    25,  // CANNOT_PARSE_ESCAPE_SEQUENCE
    26,  // CANNOT_PARSE_QUOTED_STRING
    27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    33,  // CANNOT_READ_ALL_DATA
    38,  // CANNOT_PARSE_DATE
    41,  // CANNOT_PARSE_DATETIME
    53,  // TYPE_MISMATCH
    69,  // ARGUMENT_OUT_OF_BOUND
    70,  // CANNOT_CONVERT_TYPE
    72,  // CANNOT_PARSE_NUMBER
    117, // INCORRECT_DATA
    131, // TOO_LARGE_STRING_SIZE
    252, // TOO_MANY_PARTS: one insert over too many partitions
    321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
    349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
    376, // CANNOT_PARSE_UUID
    407, // DECIMAL_OVERFLOW: a time outside DateTime64
    467, // CANNOT_PARSE_BOOL
    469, // VIOLATED_CONSTRAINT
    675, // CANNOT_PARSE_IPV4
    676, // CANNOT_PARSE_IPV6
    691, // UNKNOWN_ELEMENT_OF_ENUM
];

/// A row that cannot be stored is refused. Everything else is tried again, also what someone must mend first: a wrong
/// password or a missing table must not cost the records that wait for it.
pub(super) fn verdict(status: u16, code: Option<u32>, text: &str, after: Option<Duration>) -> SendError {
    let text = text.trim();
    let shown: String = text.chars().take(300).collect();
    let why = match (shown.is_empty(), hint(status, code)) {
        (true, hint) => format!("HTTP status {status}{hint}"),
        (false, hint) => format!("{shown}{hint}"),
    };
    let code = code.or_else(|| code_in(text));
    let too_many_parts_of_all = code == Some(252) && text.contains("Merges are processing");
    let rows = match code {
        Some(code) => ROWS.contains(&code) && !too_many_parts_of_all,
        // Not ClickHouse's own answer: a front that speaks for it.
        None => matches!(status, 400 | 413 | 422),
    };
    if rows {
        SendError::Refused { why }
    } else {
        SendError::Retry { why, after }
    }
}

fn hint(status: u16, code: Option<u32>) -> &'static str {
    match (status, code) {
        (_, Some(516)) | (401, _) => " (is the password in the sink's address right?)",
        (403, _) => " (may this user insert there?)",
        (_, Some(60)) => " (create the table with `tracel migrate`)",
        (_, Some(81)) => " (create the database)",
        _ => "",
    }
}

/// The code in `Code: 117. DB::Exception: …`.
fn code_in(text: &str) -> Option<u32> {
    let rest = text.strip_prefix("Code: ")?;
    rest[..rest.find(|c: char| !c.is_ascii_digit())?].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_refused_and_the_rest_is_tried_again() {
        let refused =
            |status, code, text| matches!(verdict(status, code, text, None), SendError::Refused { .. });
        assert!(refused(400, Some(117), "Code: 117. DB::Exception: …"));
        assert!(refused(500, Some(407), ""));
        assert!(refused(500, None, "Code: 691. DB::Exception: Unknown element"));
        assert!(refused(400, None, "from a proxy"));
        assert!(refused(
            500,
            Some(252),
            "Too many partitions for single INSERT block"
        ));
        assert!(!refused(
            500,
            Some(252),
            "Too many parts (3000). Merges are processing significantly slower than inserts"
        ));
        for (status, code) in [
            (401, None),
            (403, Some(516)),
            (404, Some(60)),
            (408, None),
            (429, None),
            (500, Some(241)),
            (503, None),
        ] {
            assert!(!refused(status, code, ""), "{status} {code:?}");
        }
    }

    #[test]
    fn the_reason_is_clickhouses_own() {
        let error = verdict(404, Some(60), "Code: 60. DB::Exception: Unknown table\n", None).to_string();
        assert!(
            error.contains("Unknown table") && error.contains("tracel migrate"),
            "{error}"
        );
        assert_eq!(verdict(502, None, "", None).to_string(), "HTTP status 502");
        assert!(
            verdict(500, None, &"é".repeat(5000), None)
                .to_string()
                .chars()
                .count()
                <= 300
        );
        let after = Some(Duration::from_secs(7));
        assert!(matches!(verdict(503, None, "", after), SendError::Retry { after: it, .. } if it == after));
    }
}
