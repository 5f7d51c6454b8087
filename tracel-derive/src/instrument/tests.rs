//! What a refused attribute leaves in the function. What it says is in `ui-tests`.

use super::expand;
use crate::{
    log::Site,
    schema::{Loaded, Missing},
};
use std::sync::Arc;
use tracel_schema::model::Owner;

fn loaded() -> Result<Loaded, Missing> {
    let text = "[schema]\nname = \"acme\"\nversion = 1\n[fields]\nuser_id = { type = \"u64\" }\n";
    let compiled = tracel_schema::compile(text, "schema.toml".as_ref(), Owner::default());
    Ok(Loaded {
        schema: Arc::new(compiled.expect("the schema is right").schema),
        file: None,
    })
}

fn expanded(attributes: &str, function: &str) -> String {
    let site = Site {
        file: "src/pay.rs".into(),
        line: 42,
    };
    let tokens = |text: &str| text.parse().expect("tokens");
    expand(&loaded(), &site, tokens(attributes), tokens(function)).to_string()
}

#[test]
fn a_function_is_no_part_of_its_caller() {
    for (function, never) in [
        ("fn pay() {}", true),
        ("/// Pays inline.\n#[must_use] fn pay() -> u8 { 5 }", true),
        ("#[inline] fn pay() {}", false),
        ("#[cfg_attr(test, inline(always))] fn pay() {}", false),
        ("async fn pay() {}", false),
    ] {
        let expansion = expanded("", function);
        assert_eq!(expansion.contains("inline (never)"), never, "{expansion}");
    }
}

#[test]
fn what_is_half_written_stays_in_the_function() {
    let function = "fn pay(order: Order) -> u8 { #![allow(unused)] order.go() }";
    for (attributes, kept) in [
        ("fields(user_id = order.)", "& order ;"),
        ("fields(user_id = order.id, tenat = 5)", "& order . id ;"),
        ("fields(user_id = order.id), levl", "& order . id ;"),
    ] {
        let expansion = expanded(attributes, function);
        assert!(expansion.contains("compile_error"), "{attributes}: {expansion}");
        assert!(expansion.contains(kept), "{attributes}: {expansion}");
        assert!(expansion.contains("order . go ()"), "{attributes}: {expansion}");
    }
    let constant = expanded("fields(user_id = order.id)", "const fn pay(order: Order) {}");
    assert!(!constant.contains("let _"), "{constant}");
}
