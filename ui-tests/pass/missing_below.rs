//! The organisation's schema requires it: the error names that file and line.

#[test]
fn main() {
    tracel::log_warn!(Log::fleet("moved", shard = 7));
    tracel::log_info!(SysLog("moved"));
    let _ = Drained { shard: 7 };
}

#[derive(tracel::Log)]
#[log(event = "drained")]
struct Drained {
    shard: u16,
}
