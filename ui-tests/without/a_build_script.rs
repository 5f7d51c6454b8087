//! There is a schema.toml, and no build script that compiles it.
#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked")]
struct Asked {
    user_id: u64,
}

#[tracel::instrument(fields(user_id))]
fn ask(user_id: u64) {
    tracel::log_info!(Asked { user_id });
    tracel::record!(user_id);
}

fn main() {
    ask(7);
}
