//! The values of the one record that every library writes.

pub use uuid::Uuid;

/// The span's.
pub const USER_ID: u64 = 42;
pub const TENANT: &str = "acme";
pub const MODULE: &str = "transaction";

/// The event's.
pub const MESSAGE: &str = "captured payment";
pub const AMOUNT: u64 = 1999;
pub const CURRENCY: &str = "EUR";
pub const ATTEMPT: u32 = 2;
pub const PAYMENT_ID: Uuid = Uuid::from_u128(0x0193_5c5f_8a1b_7c3d_9e4f_0123_4567_89ab);
