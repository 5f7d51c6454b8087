//! Every case of `fail/` says what is wrong. That its twin in `pass/` compiles, `tests/pass.rs` shows.
//!
//! With rustc 1.95 the whole text is compared (`TRYBUILD=overwrite cargo test -p ui-tests` writes it anew); another
//! rustc words its own part differently, so there the codes alone are.

#[path = "ui/cases.rs"]
mod cases;

use cases::{assert_coded, compare_codes, named, rustc_is_exact};

#[test]
fn every_mistake_has_its_twin_and_its_code() {
    assert_eq!(named("fail"), named("pass"));
    assert_coded("fail");
}

#[test]
fn mistakes_are_refused() {
    if rustc_is_exact() {
        trybuild::TestCases::new().compile_fail("fail/*.rs");
    } else {
        compare_codes("fail", &named("fail"), |_| {});
    }
}
