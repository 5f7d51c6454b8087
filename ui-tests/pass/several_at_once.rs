#![allow(dead_code, unused_variables)]

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked", level = "info")]
struct Asked {
    user_id: u64,
    amount: u64,
}

fn main() {
    let user = (7u64,);
    tracel::log_info!(Asked { user_id: 1, amount: 1 });
    tracel::log_info!(UserLog(user.0, "asked", amount = 1));
}
