#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(UserLog(7, "capture requested", attempt = 4_294_967_295, amount = Some(0xffffffffffffffff)));
    tracel::log_info!(SysLog("capture requested", items = [1, 2, 3], digest = &[255], balance = -9223372036854775808));
    tracel::log_warn!(Log::fleet(65535, "moved"));
    tracel::record!(attempt = 1);
}

#[tracel::instrument(fields(attempt = 1))]
fn capture() {}
