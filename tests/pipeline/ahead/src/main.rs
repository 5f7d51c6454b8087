//! A service of the demo's shop that was deployed before the others and before Vector: its schema is one version ahead.
//! `tracel-ahead SINK REQUESTS`; on stdout it tells how many records it has logged.

mod logs {
    tracel::include_schema!();
}

use logs::{Currency, PaymentCaptured, PaymentRefunded};
use std::{
    error::Error,
    io::{self, Write},
    time::Duration,
};
use tracel::{Uuid, log};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(sink), Some(requests)) = (arguments.next(), arguments.next()) else {
        return Err("usage: tracel-ahead SINK REQUESTS".into());
    };
    let guard = tracel::init(logs::SCHEMA).service("Refunds").sink(sink).start()?;
    for number in 0..requests.parse()? {
        request(number);
    }
    guard.flush(Duration::from_secs(60))?;
    drop(guard);
    writeln!(io::stdout(), "{}", tracel::stats().written)?;
    Ok(())
}

/// Two records that fit the older schema's rules, and one with a word that it does not know.
#[tracel::instrument(fields(module = "Refunds", event_id = %generate_event_id()))]
fn request(number: u64) {
    let (user_id, payment_id, channel) = (1000 + number, Uuid::from_u128(number.into()), "shop");
    for currency in [Currency::Eur, Currency::Chf] {
        log!(PaymentCaptured {
            user_id,
            payment_id,
            amount: 100,
            currency,
            channel
        });
    }
    log!(PaymentRefunded {
        user_id,
        payment_id,
        amount: 100,
        channel
    });
}
