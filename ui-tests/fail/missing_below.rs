//! The organisation's schema requires it: the error names that file and line.

fn main() {
    tracel::log_warn!(Log::fleet("moved"));
    tracel::log_info!(SysLog("moved", pin = "1234"));
}

#[derive(tracel::Log)]
#[log(event = "drained")]
struct Drained {}
