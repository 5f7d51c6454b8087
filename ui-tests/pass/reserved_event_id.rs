#![allow(dead_code, unused_variables)]

#[tracel::instrument(fields(event_id))]
fn retry(event_id: tracel::EventId) {
    tracel::log_info!(SysLog("retrying"));
}

fn main() {
    retry(tracel::generate_event_id());
}
