//! What a server's answer to a batch means for it.

use crate::sink::SendError;
use std::time::Duration;

/// Whether a status blames what the batch holds. Other 4xx blame the address, the credentials, the settings or the moment
/// (RFC 9110, 15.5): someone mends them or they pass, and they must not cost the records that wait for it.
fn blames_the_batch(status: u16) -> bool {
    (400..500).contains(&status)
        && !matches!(
            status,
            401 | 402
                | 403
                | 404
                | 405
                | 406
                | 407
                | 408
                | 410
                | 411
                | 415
                | 421
                | 423
                | 425
                | 426
                | 429
                | 451
        )
}

/// Whether Vector answers for the sink behind it, which was refused by its own server: for what the batch holds, or because a
/// table is not there or a password is wrong. Vector does not tell which, and says 400.
pub(super) fn is_of_what_is_behind(why: &str) -> bool {
    why.contains("failed to deliver to sink")
}

pub(super) fn verdict(status: u16, text: &str, after: Option<Duration>) -> SendError {
    let shown: String = text.trim().chars().take(300).collect();
    let colon = if shown.is_empty() { "" } else { ": " };
    let why = format!("HTTP status {status}{colon}{shown}{}", hint(status));
    if blames_the_batch(status) {
        SendError::Refused { why }
    } else {
        SendError::Retry { why, after }
    }
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => " (a redirection is not followed: write the new address)",
        401 => " (is the login in the sink's address or TRACEL_HTTP_TOKEN right?)",
        403 => " (may this login write there?)",
        404 | 405 | 410 => " (is the path in the sink's address right?)",
        415 => " (does the server take this `?compression=`?)",
        421 | 426 => " (does the server want https://?)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_refused_and_the_rest_is_tried_again() {
        let refused = |status| matches!(verdict(status, "", None), SendError::Refused { .. });
        for status in [400, 409, 413, 422, 431] {
            assert!(refused(status), "{status}");
        }
        for status in [
            101, 302, 401, 403, 404, 405, 408, 415, 425, 429, 500, 502, 503, 504, 507,
        ] {
            assert!(!refused(status), "{status}");
        }
    }

    #[test]
    fn the_reason_is_the_servers_own() {
        let text = verdict(400, "events must be JSON\n", None).to_string();
        assert_eq!(text, "HTTP status 400: events must be JSON");
        assert_eq!(verdict(502, " ", None).to_string(), "HTTP status 502");
        assert!(verdict(401, "no", None).to_string().contains("TRACEL_HTTP_TOKEN"));
        assert!(verdict(500, &"é".repeat(5000), None).to_string().chars().count() < 330);
        let after = Some(Duration::from_secs(7));
        assert!(matches!(verdict(503, "", after), SendError::Retry { after: it, .. } if it == after));
    }
}
