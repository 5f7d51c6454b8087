//! The schema of the growing records, and the calls.

#[path = "calls.rs"]
mod calls;

fn main() {
    tracel_schema::build();
    println!("cargo::rerun-if-changed=calls.rs");
    calls::write(&calls::Words {
        call: |message, fields| {
            let comma = if fields.is_empty() { "" } else { ", " };
            format!("tracel::log_info!(SysLog({message:?}{comma}{fields}));")
        },
        span: |field| format!("#[tracel::instrument(fields({field}))]"),
        printed: "",
    });
}
