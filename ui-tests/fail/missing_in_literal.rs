#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}
use logs::{Currency, PaymentCaptured};

fn main() {
    tracel::log!(PaymentCaptured { user_id: 7, amount: 1999, currency: Currency::Eur });
}
