//! What is deprecated is used in every macro: the compiler marks each use where the user wrote it.
#![deny(deprecated)]
#![allow(dead_code, unused_variables)]

mod logs {
    tracel::include_schema!();
}

#[rustfmt::skip]
mod items {
    #[deprecated] pub type OldId = u64;
    #[deprecated] pub const OLD_AMOUNT: u64 = 5;
    #[deprecated] pub fn old_tenant() -> String { String::new() }
    #[deprecated] pub fn old_id() -> tracel::Uuid { tracel::Uuid::nil() }
    #[derive(Debug)] pub enum Plan { #[deprecated] OldFree }
    pub struct Order { #[deprecated] pub old_total: u64 }
    impl Order { #[deprecated] pub fn old_user(&self) -> u64 { 7 } }
}
use items::{Order, Plan};

#[derive(tracel::UserLog)]
#[log(event = "asked", message = "asked")]
struct Asked {
    user_id: items::OldId,
    amount: u64,
}

#[derive(tracel::Field)]
struct Account(items::OldId);

#[tracel::instrument(fields(module = items::old_tenant(), event_id = items::old_id(), user_id = order.old_user()))]
fn capture(order: &Order) -> items::OldId {
    tracel::log_info!(UserLog(order.old_user(), "captured", amount = items::OLD_AMOUNT + 1, tenant = items::old_tenant()));
    tracel::log_info!(Asked { user_id: order.old_total, amount: items::OLD_AMOUNT });
    tracel::log_debug!(SysLog("captured", plan = tracel::debug(&Plan::OldFree), attempt = Some(2)));
    tracel::record!(tenant = items::old_tenant(), amount = order.old_total);
    order.old_total
}

#[tracel::instrument(err, fields(tenant = %items::old_tenant()))]
async fn settle(id: items::OldId) -> Result<items::OldId, std::io::Error> {
    Ok(items::OLD_AMOUNT)
}

fn main() {}
