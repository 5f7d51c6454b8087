//! The examples of the design and of the article it goes back to, letter for letter; what they leave undefined is
//! filled in around them.
#![allow(missing_docs, dead_code, non_upper_case_globals, unreachable_pub)]

use std::fmt;
use tracel::Uuid;

#[derive(Clone)]
struct Order {
    id: Uuid,
}

async fn settle(_: Order) {}

const tenant: &str = "acme";
static err: fmt::Error = fmt::Error;

#[rustfmt::skip]
mod design {
    use super::{Order, err, settle, tenant};
    use tracel::{Error, Uuid};

    // From here on, as the page has it, but for the `Ok(())` at the functions' ends.
    mod logs { tracel::include_schema!(); }        // the generated events and enums
    use logs::{Currency, PaymentCaptured};
    use tracel::{log, log_error, log_info};

    #[derive(tracel::UserLog)]                      // an event type of the service's own
    #[log(event = "refund_asked", message = "refund asked")]
    struct RefundAsked<'a> { user_id: u64, payment_id: Uuid, reason: &'a str }

    #[tracel::instrument(fields(module = "Transaction", event_id = %generate_event_id()), skip_all)]
    pub(super) async fn capture(user_id: u64, order: Order) -> Result<(), Error> {
        log_info!(UserLog(user_id, "capture requested"));
        log_info!(SysLog("charging card", attempt = 2u32, tenant));       // a bare key is key = key
        log!(PaymentCaptured { user_id, payment_id: order.id, amount: 1999, currency: Currency::Eur });
        log_error!(SysLog("charge refused", error = &err));
        tracel::spawn(settle(order));               // carries the context; a bare tokio::spawn is linted
        Ok(())
    }

    fn main() -> Result<(), tracel::Error> {
        let _guard = tracel::init(logs::SCHEMA).sink("kafka://127.0.0.1:9092/tracel.logs").start()?;
        Ok(())
    }
}

struct Json<T>(T);
struct ReqPayload;
const user_id: u64 = 7;

#[rustfmt::skip]
mod article {
    use super::{Json, ReqPayload, user_id};

    // From here on, as it was printed, but for its `p: _`.
    #[allow(unused_imports)]
    use tracel::LogBuilder::{UserLog, SystemLog};
    #[tracel::instrument(fields(module = "create_module", event_id = %generate_event_id()), skip_all)]
    pub(super) async fn process_user_request_api(Json(payload): Json<ReqPayload>) {
        tracel::log_info!(UserLog(user_id, "REQ: user requested for this..."));
        compute_heavy_task(payload).await;
    }
    pub async fn compute_heavy_task(p: ReqPayload) {
        tracel::log_info!(SysLog("Starting process"));   // carries event_id, module_name, service_name
        let _ = p;
    }
}

#[test]
fn they_run() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        design::capture(7, Order { id: Uuid::nil() })
            .await
            .expect("captured");
        article::process_user_request_api(Json(ReqPayload)).await;
    });
}
