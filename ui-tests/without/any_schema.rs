//! There is no schema.toml: TraceL's default schema holds.
#![allow(dead_code, unused_variables)]

fn main() {
    let user_id = "seven";
    let error: Option<std::io::Error> = None;
    tracel::log_info!(UserLog(user_id, "asked"));
    tracel::log_info!(UserLog("asked"));
    tracel::log_info!(UserLog(Some(7), "asked", error = "gone"));
    tracel::log_info!(UserLog(tracel::Secret::new(7), "asked", anything = 5));
    tracel::log_info!(UserLog(-7, "asked"));
}
