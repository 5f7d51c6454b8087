//! Events of the category user, declared and of the service's own, where no request is known.

mod logs {
    tracel::include_schema!();
}

use logs::{Listening, PaymentCaptured};
use tracel::{Uuid, log, log_warn};

#[derive(tracel::UserLog)]
#[log(message = "refund asked")]
struct RefundAsked {
    user_id: u64,
}

fn settle(user_id: u64, payment_id: Uuid) {
    log!(Listening {});
    log!(PaymentCaptured { user_id, payment_id });
    let captured = PaymentCaptured { user_id, payment_id };
    log!(&captured);
    log_warn!(RefundAsked { user_id });
}

fn main() {
    settle(7, Uuid::nil());
}
