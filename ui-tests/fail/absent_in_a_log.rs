#![allow(dead_code, unused_variables)]

fn main() {
    let error: Option<std::io::Error> = None;
    tracel::log_error!(SysLog("charge refused", error));
    tracel::log_info!(UserLog(None, "capture requested"));
    tracel::log_info!(Log::audit("ops", "granted", reason = Some("asked")));
}
