#![allow(dead_code, unused_variables)]

trait Charge {
    fn charge(&self);
}

impl Charge for u64 {
    #[tracel::instrument]
    fn charge(&self) {}
}

fn main() {}
