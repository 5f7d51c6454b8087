//! A worker that is no request's, and is handed others': it names each one's context.

use std::sync::mpsc::{Receiver, channel};
use tracel::{WithContext, log_info, log_warn};

macro_rules! say {
    ($user_id:expr) => {
        log_warn!(UserLog($user_id, "order refused"))
    };
}

fn work(orders: &Receiver<WithContext<u64>>) {
    while let Ok(order) = orders.try_recv() {
        log_info!(UserLog(*order, "order taken up"));
        say!(*order);
    }
}

fn main() {
    let (_sender, receiver) = channel();
    work(&receiver);
}
