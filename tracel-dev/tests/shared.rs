//! The ClickHouse that the tests of a process share: one may ask for it just as the last handle of the one before goes.
#![allow(clippy::disallowed_methods, reason = "no request is here to be lost")]

use std::thread;
use tracel_dev::testing;

#[test]
fn it_may_be_asked_for_while_it_ends() {
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..5 {
                    drop(testing::clickhouse());
                }
            });
        }
    });
}
