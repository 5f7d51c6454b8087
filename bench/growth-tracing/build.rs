//! The calls, of which those for TraceL have the same fields.

#[path = "../growth/calls.rs"]
mod calls;

fn main() {
    println!("cargo::rerun-if-changed=../growth/calls.rs");
    calls::write(&calls::Words {
        call: |message, fields| {
            let comma = if fields.is_empty() { "" } else { ", " };
            format!("tracing::info!({fields}{comma}{message:?});")
        },
        span: |field| format!("#[tracing::instrument(skip_all, fields({field} = {field}))]"),
        printed: "%",
    });
}
