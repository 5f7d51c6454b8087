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

#[tracel::instrument(skip_all)]
async fn settle(user_id: u64, payment_id: Uuid) {
    log!(Listening {});
    log!(PaymentCaptured { user_id, payment_id });
    tracel::spawn(async move {
        let captured = PaymentCaptured { user_id, payment_id };
        log!(&captured);
    });
    log_warn!(RefundAsked { user_id });
}

#[test]
fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(settle(7, Uuid::nil()));
}
