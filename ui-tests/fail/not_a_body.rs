#![allow(dead_code, unused_variables)]

trait Charge {
    #[tracel::instrument]
    fn charge(&self);
}

#[tracel::instrument]
impl Charge for u64 {
    fn charge(&self) {}
}

fn main() {}
