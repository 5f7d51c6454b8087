//! Writes the calls of growing size, for a macro of either library. A part of the build scripts of both.

use std::{env, fmt::Write, fs, path::Path};

/// Fields of a record, bytes of a message, spans within each other.
const FIELDS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
const MESSAGES: [usize; 6] = [16, 64, 256, 1024, 4096, 16_384];
const SPANS: usize = 16;

/// How a library writes it.
pub struct Words {
    /// A call with this message and these fields.
    pub call: fn(message: &str, fields: &str) -> String,
    /// The attribute of a function that is a span with this argument as its field.
    pub span: fn(field: &str) -> String,
    /// What stands before a value that is printed.
    pub printed: &'static str,
}

/// A field's value, by turns of the types in the one record; `schema.toml` has the types.
fn value(at: usize, words: &Words) -> String {
    match at % 4 {
        0 => "black_box(1999_u64)".to_owned(),
        1 => "black_box(\"EUR\")".to_owned(),
        2 => "black_box(2_u32)".to_owned(),
        _ => format!("{}black_box(bench_harness::record::PAYMENT_ID)", words.printed),
    }
}

/// Writes `calls.rs` for this crate.
pub fn write(words: &Words) {
    let mut code = String::from("#[inline(never)]\npub fn fields(count: usize) {\n    match count {\n");
    for count in FIELDS {
        let fields: Vec<String> = (0..count)
            .map(|at| format!("f{at} = {}", value(at, words)))
            .collect();
        // Writing into a string cannot fail.
        let _ = writeln!(
            code,
            "        {count} => {{ {} }}",
            (words.call)("captured payment", &fields.join(", "))
        );
    }
    code.push_str(
        "        _ => panic!(\"no {count} fields\"),\n    }\n}\n\n#[inline(never)]\npub fn message(bytes: usize) {\n    match bytes {\n",
    );
    for bytes in MESSAGES {
        let _ = writeln!(
            code,
            "        {bytes} => {{ {} }}",
            (words.call)(&"m".repeat(bytes), "")
        );
    }
    code.push_str("        _ => panic!(\"no message of {bytes} bytes\"),\n    }\n}\n");
    for at in 0..SPANS {
        let _ = write!(
            code,
            "\n{}\nfn span_{at}(left: usize, s{at}: u64, run: &mut dyn FnMut()) {{\n    if left == 0 {{ run() }} else {{ {} }}\n}}\n",
            (words.span)(&format!("s{at}")),
            match at + 1 {
                SPANS => "panic!(\"no more spans\")".to_owned(),
                next => format!("span_{next}(left - 1, black_box({next}), run)"),
            }
        );
    }
    code.push_str("\npub fn within(spans: usize, run: &mut dyn FnMut()) {\n    span_0(spans - 1, black_box(0), run);\n}\n");
    let folder = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("calls.rs"), code).expect("it is written");
}
