//! The organisation's schema requires it: an `Option` may hide that it is not there.

#[test]
fn main() {
    let Some(shard) = Some(7u16) else { return };
    tracel::log_warn!(Log::fleet("moved", shard));
    let _ = Drained { shard };
}

#[derive(tracel::Log)]
#[log(event = "drained")]
struct Drained {
    shard: u16,
}
