#![allow(dead_code, unused_variables)]

fn main() {
    let event_id = tracel::generate_event_id();
    tracel::log_info!(SysLog("retrying", event_id));
}
