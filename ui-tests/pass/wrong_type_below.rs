//! The organisation's schema says the type: the error names it.

mod logs {
    tracel::include_schema!();
}
use logs::Colour;

#[test]
fn main() {
    tracel::log_warn!(Log::fleet("moved", shard = 7, colour = Colour::Blue));
    let _ = Moved {
        shard: 7,
        colour: Colour::Green,
    };
}

#[derive(tracel::SysLog)]
#[log(event = "moved", message = "moved")]
struct Moved {
    shard: u16,
    colour: Colour,
}
