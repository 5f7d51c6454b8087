#![allow(dead_code, unused_variables)]

use std::{borrow::Cow, error::Error, sync::Arc};

type Label = Arc<str>;

fn log(id: &Label, bytes: Cow<'_, [u8]>, attempt: Option<&str>, error: Box<dyn Error>) {
    tracel::log_info!(UserLog(id, "capture requested"));
    tracel::log_info!(SysLog("retrying", tenant = bytes, attempt, reason = error));
}

fn main() {}
