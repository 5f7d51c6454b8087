#![allow(dead_code, unused_variables)]

use std::{borrow::Cow, error::Error, sync::Arc};

type Label = Arc<str>;

fn log(id: &Label, bytes: Cow<'_, [u8]>, attempt: Option<&str>, error: Box<dyn Error>) {
    let attempt: Option<u32> = attempt.and_then(|attempt| attempt.parse().ok());
    tracel::log_info!(UserLog(id.len(), "capture requested", tenant = id));
    tracel::log_info!(SysLog("retrying", digest = bytes, attempt, error));
}

fn main() {}
