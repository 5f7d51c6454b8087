#![allow(dead_code, unused_variables)]

fn main() {
    let user_id = 7;
    let (attempt, maybe, below, items, more) = (2, Some(3), -3, [1, 2], vec![1, 2]);
    tracel::log_info!(UserLog(user_id, "capture requested", attempt, balance = below, items));
    tracel::log_info!(UserLog(user_id + 1, "capture requested", attempt = maybe, items = &more));
    tracel::log_info!(SysLog("retrying", user_id = &user_id, items = more));
    let _: (u64, u32, Option<u32>, i64, [u32; 2]) = (user_id, attempt, maybe, below, items);
    let small = 7u8;
    tracel::log_info!(UserLog(small, "capture requested", attempt = Some(small), items = [small, 1]));
    tracel::log_info!(UserLog("8".parse().unwrap(), "capture requested", items = [1u8; 2].map(Into::into)));
    tracel::log_info!(SysLog("retrying", items = (0..3).collect()));
}
