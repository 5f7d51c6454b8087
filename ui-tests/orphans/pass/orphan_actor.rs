//! A worker that is no request's, and is handed others': it names each one's context.

mod logs {
    tracel::include_schema!();
}

use std::sync::mpsc::{Receiver, channel};
use tracel::{Context, WithContext, log, log_info, log_warn};

macro_rules! say {
    ($user_id:expr) => {
        log_warn!(UserLog($user_id, "order refused"))
    };
}

fn work(orders: &Receiver<WithContext<u64>>) {
    while let Ok(order) = orders.try_recv() {
        log_info!(context: order.context(), UserLog(*order, "order taken up"));
        refuse(*order);
    }
}

#[tracel::instrument(fields(user_id))]
fn refuse(user_id: u64) {
    say!(user_id);
    let (payment_id, context) = (tracel::Uuid::nil(), Context::current());
    log!(context: context, logs::PaymentCaptured { user_id, payment_id });
    log_info!(context: &Context::current(), &logs::PaymentCaptured { user_id, payment_id });
}

#[test]
fn main() {
    let (sender, receiver) = channel();
    sender.send(WithContext::new(7)).unwrap();
    work(&receiver);
}
