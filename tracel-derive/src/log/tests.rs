//! What a log expands to, as text: what the compiler's word on it cannot show. What is refused is in `ui-tests`.

use super::{Site, expand};
use crate::schema::Loaded;
use proc_macro2::TokenStream;
use std::sync::Arc;
use tracel_schema::model::{Level, Owner, Schema};

const SCHEMA: &str = r#"
[schema]
name = "acme"
version = 3
[policy]
max_level = { debug = "debug", release = "info" }
metadata = { default = "declared", debug = "open" }
[fields]
user_id = { type = "u64" }
attempt = { type = "u32" }
ratio = { type = "f64" }
items = { type = "list", of = "i16" }
tenant = { type = "string" }
[category.user]
required = ["user_id"]
[event.retried]
category = "system"
level = "info"
message = "retried"
required = ["attempt"]
optional = ["tenant", "ratio"]
"#;

fn schema(text: &str) -> Schema {
    let compiled = tracel_schema::compile(text, "schema.toml".as_ref(), Owner::default());
    compiled.expect("the schema is right").schema
}

fn log(level: Option<Level>, call: &str) -> String {
    log_under(SCHEMA, level, call)
}

fn log_under(text: &str, level: Option<Level>, call: &str) -> String {
    let schema = schema(text);
    let loaded = Loaded {
        schema: Arc::new(schema),
        file: None,
    };
    let site = Site {
        file: "src/pay.rs".into(),
        line: 42,
    };
    let call: TokenStream = call.parse().expect("tokens");
    expand(&Ok(loaded), level, &site, call).to_string()
}

fn info(call: &str) -> String {
    log(Some(Level::Info), call)
}

#[track_caller]
fn assert_has(expansion: &str, tokens: &str) {
    let tokens = tokens.parse::<TokenStream>().expect("tokens").to_string();
    assert!(expansion.contains(&tokens), "no `{tokens}` in:\n{expansion}");
}

/// A part of the text behind the callsite, as a literal shows it.
#[track_caller]
fn assert_has_text(expansion: &str, text: &str) {
    assert!(expansion.contains(text), "no `{text}` in:\n{expansion}");
}

#[test]
fn a_constructor_says_where_it_stands_and_what_it_carries() {
    let expansion = info(r#"UserLog(id, "asked", attempt = 2, tenant)"#);
    assert_has(
        &expansion,
        ":: tracel :: __private :: Callsite = :: tracel :: UserLog :: site ()",
    );
    assert_has_text(
        &expansion,
        r#":: tracel :: __private :: emit (& __TRACEL_SITE , :: core :: concat ! ("3" , :: core :: module_path ! () , "\nsrc/pay.rs\n42\nacme@3\n\nuser\n\nuser_id attempt tenant\nasked")"#,
    );
    assert!(!expansion.contains('#'), "no attributes: {expansion}");
}

#[test]
fn literals_take_the_type_of_their_field() {
    let expansion = info(r#"SysLog("x", attempt = 2, ratio = -1, items = [1, -2], tenant = "5")"#);
    for typed in ["& 2u32", "& - 1f64", "& [1i16 , - 2i16]", "& \"5\""] {
        assert_has(&expansion, typed);
    }
    assert_has(&info(r#"SysLog("x", ratio = 2.5, attempt = 0xff)"#), "& 2.5f64");
    assert_has(&info(r#"SysLog("x", attempt = 0xff)"#), "& 0xffu32");
    assert_has(&info(r#"SysLog("x", attempt = 7u8)"#), "& 7u8");
    assert_has(&info(r#"SysLog("x", attempt = Some(7))"#), "& Some (7u32)");
    assert_has(&info(r#"SysLog("x", attempt = n + 1)"#), "& (n + 1)");
    assert_has(&info(r#"SysLog("x", items = [1, n])"#), "& [1, n]");
}

#[test]
fn a_value_is_borrowed_whole() {
    for (value, borrowed) in [
        ("n as u64 + 1", "& (n as u64 + 1)"),
        ("a.b.c()", "& a.b.c()"),
        ("f::<A, B>(1, 2)", "& f::<A, B>(1, 2)"),
        ("*n", "& *n"),
        ("&n", "& & n"),
        ("if a { b } else { c }", "& if a { b } else { c }"),
        ("a || b", "& (a || b)"),
    ] {
        assert_has(&info(&format!(r#"SysLog("x", attempt = {value})"#)), borrowed);
    }
}

#[test]
fn an_absent_field_is_left_out() {
    let expansion = info(r#"SysLog("x", attempt = None, tenant = "a")"#);
    assert_has_text(&expansion, r"\ntenant\nx");
}

#[test]
fn a_literal_gets_the_optional_fields_that_were_left_out() {
    let expansion = log(None, "logs::Retried { attempt, ratio: Some(1.0) }");
    assert_has(
        &expansion,
        "logs::Retried { attempt, ratio: Some(1.0), tenant: ::core::option::Option::None }",
    );
    assert_has(&expansion, ":: tracel :: level :: info");
    let updated = log(None, "Retried { attempt, ..other }");
    assert_has(&updated, "Retried { attempt, ..other }");
}

#[test]
fn the_policy_takes_levels_out_of_the_build() {
    let call = r#"SysLog("x")"#;
    assert_has(
        &log(Some(Level::Trace), call),
        "if false && __TRACEL_SITE . is_on (5)",
    );
    assert_has(
        &log(Some(Level::Debug), call),
        "if :: core :: cfg ! (debug_assertions) && :: tracel :: __private :: STATIC_MAX >= 4 &&",
    );
    assert_has(
        &log(Some(Level::Info), call),
        "if :: tracel :: __private :: STATIC_MAX >= 3 &&",
    );
    assert_has(
        &log(None, "event"),
        "if :: core :: cfg ! (debug_assertions) { 4 } else { 3 }",
    );
}

#[test]
fn flood_control_is_asked_where_there_is_a_limit_and_nowhere_else() {
    let call = r#"SysLog("charging card")"#;
    let free = info(call);
    assert_has_text(&free, r"acme@3\n\n\n\n\ncharging");
    assert!(!free.contains("admits"), "{free}");
    let limited = log_under(
        &SCHEMA.replace("[policy]", "[policy]\nlimit = \"5/m\""),
        Some(Level::Info),
        call,
    );
    assert_has_text(&limited, r"acme@3\n5/60\n\n\n\ncharging");
    assert_has_text(&limited, "&& __TRACEL_SITE . admits (:: core :: concat !");
}

#[test]
fn an_open_level_admits_any_key() {
    let expansion = log(Some(Level::Debug), r#"SysLog("x", socket = 5)"#);
    assert_has_text(&expansion, r"\n~socket\nx");
    assert_has(&expansion, ":: tracel :: __private :: open (& 5)");
}

#[test]
fn what_is_half_written_stays_in_the_expansion_for_the_editor() {
    for (call, kept) in [
        (r#"SysLog("x", attempt = order.)"#, "& order"),
        (r#"SysLog("x", order.)"#, "& order"),
        (r#"UserLog(self., "x")"#, "& self"),
        (r#"SysLog("x", nonsense = order.id)"#, "order . id"),
        ("Retried { attempt: order. }", "& order"),
        ("Retried { attempt: 2, lvl: order.id }", "order . id"),
        ("Retried { att }", "Retried { att ,"),
        ("order.", "& order"),
    ] {
        let expansion = info(call);
        assert!(expansion.contains("compile_error"), "{call}: {expansion}");
        assert!(expansion.contains(kept), "{call}: {expansion}");
    }
}

#[test]
fn a_fragment_of_another_macro_is_seen_through() {
    use proc_macro2::{Delimiter, Group, TokenTree};
    let call: TokenStream = r#"SysLog("x", attempt = 2)"#.parse().expect("tokens");
    let fragment = TokenTree::Group(Group::new(Delimiter::None, call));
    let schema = schema(SCHEMA);
    let loaded = Loaded {
        schema: Arc::new(schema),
        file: None,
    };
    let site = Site {
        file: String::new(),
        line: 1,
    };
    let expansion = expand(&Ok(loaded), Some(Level::Info), &site, fragment.into()).to_string();
    assert_has(&expansion, "& 2u32");
}

/// The tokens of an expansion: what the compiler must read, resolve and check for each call. Time is measured by `cargo xtask
/// bench compile`; this limit keeps noise out.
#[test]
fn a_call_stays_small() {
    fn count(tokens: TokenStream) -> usize {
        let of = |tree| match tree {
            proc_macro2::TokenTree::Group(group) => 2 + count(group.stream()),
            _ => 1,
        };
        tokens.into_iter().map(of).sum()
    }
    let two = count(
        info(r#"SysLog("charging card", attempt, tenant)"#)
            .parse()
            .expect("tokens"),
    );
    let four = count(
        info(r#"SysLog("charging card", attempt, tenant, ratio, user_id)"#)
            .parse()
            .expect("tokens"),
    );
    assert!(two <= 190, "a log of two fields expands to {two} tokens");
    assert!((four - two) / 2 <= 54, "a field adds {} tokens", (four - two) / 2);
}
