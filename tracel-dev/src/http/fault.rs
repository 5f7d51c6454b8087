//! What went wrong, in ClickHouse's words: its code, its text, and the HTTP status that it gives for the code.

use axum::http::StatusCode;

/// A refused request.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: u32,
    pub(super) text: String,
}

impl Fault {
    /// A fault of this front's own, worded as ClickHouse words its exceptions.
    pub(super) fn new(code: u32, name: &str, text: impl std::fmt::Display) -> Fault {
        Fault {
            code,
            text: format!("Code: {code}. DB::Exception: {text}. ({name})"),
        }
    }

    /// A fault of the engine, whose text begins with its code.
    pub(super) fn of_engine(text: String) -> Fault {
        let code = text
            .split_once("Code: ")
            .and_then(|(_, rest)| {
                let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                rest[..digits].parse().ok()
            })
            .unwrap_or(UNKNOWN_EXCEPTION);
        Fault { code, text }
    }

    pub(super) fn bad_arguments(text: impl std::fmt::Display) -> Fault {
        Fault::new(36, "BAD_ARGUMENTS", text)
    }

    pub(super) fn syntax(text: impl std::fmt::Display) -> Fault {
        Fault::new(62, "SYNTAX_ERROR", text)
    }

    pub(super) fn not_implemented(text: impl std::fmt::Display) -> Fault {
        Fault::new(48, "NOT_IMPLEMENTED", text)
    }

    pub(super) fn too_large(limit: usize) -> Fault {
        let text = format!(
            "The body is longer than {limit} bytes, this server's limit (also once it is decompressed): send smaller batches"
        );
        Fault::new(TOO_LARGE, "QUERY_IS_TOO_LARGE", text)
    }

    /// The status that ClickHouse gives for this code: `exceptionCodeToHTTPStatus.cpp`.
    pub(super) fn status(&self) -> StatusCode {
        match self.code {
            194 => StatusCode::UNAUTHORIZED,
            192 | 193 | 497 | 512 | 516 => StatusCode::FORBIDDEN,
            6 | 8 | 15 | 25 | 26 | 27 | 36 | 37 | 38 | 41 | 44 | 53 | 62 | 72 | 117 | 123 | 167 | 168
            | 223 | 321 | 376 | 427 | 441 | 675 | 676 => StatusCode::BAD_REQUEST,
            46 | 47 | 50 | 56 | 60 | 63 | 73 | 78 | 81 | 115 | 152 | 336 | 511 => StatusCode::NOT_FOUND,
            TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
            48 => StatusCode::NOT_IMPLEMENTED,
            76 | 209 | 439 => StatusCode::SERVICE_UNAVAILABLE,
            159 => StatusCode::REQUEST_TIMEOUT,
            381 => StatusCode::LENGTH_REQUIRED,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

const UNKNOWN_EXCEPTION: u32 = 1002;
const TOO_LARGE: u32 = 229;
