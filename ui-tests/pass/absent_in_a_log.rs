#![allow(dead_code, unused_variables)]

fn main() {
    let error: Option<std::io::Error> = None;
    if let Some(error) = error {
        tracel::log_error!(SysLog("charge refused", error));
    }
    tracel::log_info!(UserLog(7, "capture requested"));
    tracel::log_info!(Log::audit("ops", "granted", reason = "asked"));
}
