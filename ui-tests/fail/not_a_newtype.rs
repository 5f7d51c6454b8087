#![allow(dead_code, unused_variables)]

#[derive(tracel::Field)]
enum Money {
    Cents(u64),
}

#[derive(tracel::Field)]
struct Range(u64, u64);

fn main() {}
