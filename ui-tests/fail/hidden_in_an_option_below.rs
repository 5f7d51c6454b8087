//! The organisation's schema requires it: an `Option` may hide that it is not there.

fn main() {
    let shard = Some(7u16);
    tracel::log_warn!(Log::fleet("moved", shard));
    let _ = Drained { shard };
}

#[derive(tracel::Log)]
#[log(event = "drained")]
struct Drained {
    shard: Option<u16>,
}
