//! A user log in a function that no request is known to run for.

use tracel::log_info;

#[tracel::instrument]
fn capture(user_id: u64) {
    log_info!(SysLog("capturing"));
    log_info!(UserLog(user_id, "capture requested"));
    let later = move || log_info!(Log::user(user_id, "capture requested"));
    later();
}

#[test]
fn main() {
    capture(7);
}
