#![allow(dead_code, unused_variables)]

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked {amount}", level = "loud")]
struct Asked {
    amont: u64,
    password: String,
    event_id: tracel::Uuid,
}

fn main() {
    let user = (7u64,);
    tracel::log_info!(Asked { amont: 1, password: String::new(), event_id: tracel::Uuid::nil() });
    tracel::log_info!(UserLog(user.0, "asked {amount}", amont = 1, level = 2, amont = %3));
}
