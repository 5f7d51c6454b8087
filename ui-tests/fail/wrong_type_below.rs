//! The organisation's schema says the type: the error names it.

fn main() {
    tracel::log_warn!(Log::fleet("moved", shard = "seven", colour = "blue"));
    let _ = Moved { shard: -7, colour: true };
}

#[derive(tracel::SysLog)]
#[log(event = "moved", message = "moved")]
struct Moved {
    shard: i32,
    colour: bool,
}
