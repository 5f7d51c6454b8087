//! OUT_DIR is another package's.
#![allow(dead_code, unused_variables)]

fn main() {
    tracel::log_info!(SysLog("asked"));
}
