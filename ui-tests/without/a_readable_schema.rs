//! The compiled schema is another version's.
#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(SysLog("asked"));
}
