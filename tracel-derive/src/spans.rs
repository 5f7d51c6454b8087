//! The user's own tokens stand in every expansion, right or refused, under their own spans: completion, hover and
//! go-to-definition find them there.

use crate::{
    derive, instrument, log,
    schema::{Loaded, Missing},
};
use proc_macro2::{LineColumn, TokenStream, TokenTree};
use std::{collections::BTreeSet, sync::Arc};
use tracel_schema::model::{Level, Owner};

const SCHEMA: &str = r#"
[schema]
name = "acme"
version = 1
[fields]
user_id = { type = "u64" }
amount = { type = "u64" }
tenant = { type = "string" }
[category.user]
required = ["user_id"]
[event.paid]
category = "user"
level = "info"
message = "paid"
required = ["amount"]
"#;

fn loaded() -> Result<Loaded, Missing> {
    let compiled = tracel_schema::compile(SCHEMA, "schema.toml".as_ref(), Owner::default());
    Ok(Loaded {
        schema: Arc::new(compiled.expect("the schema is right").schema),
        file: None,
    })
}

fn site() -> log::Site {
    log::Site {
        file: "src/pay.rs".into(),
        line: 42,
    }
}

/// The places of the identifiers that begin with `my`, in any case: the user's.
fn places(tokens: TokenStream) -> BTreeSet<(String, usize, usize)> {
    let mut found = BTreeSet::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => found.extend(places(group.stream())),
            TokenTree::Ident(ident) if ident.to_string().to_lowercase().starts_with("my") => {
                let LineColumn { line, column } = ident.span().start();
                found.insert((ident.to_string(), line, column));
            }
            _ => {}
        }
    }
    found
}

#[track_caller]
fn assert_kept(written: &str, expand: impl Fn(TokenStream) -> TokenStream) {
    let tokens: TokenStream = written.parse().expect("tokens");
    let (all, expansion) = (places(tokens.clone()), expand(tokens));
    assert!(!all.is_empty(), "{written}");
    let kept = places(expansion.clone());
    assert_eq!(all, kept, "{written} expands to\n{expansion}");
}

#[test]
fn log_macros_keep_them() {
    for call in [
        "UserLog(my_user.id, \"paid\", amount = my_amount(MY_CONST) + 1, tenant = MyPlan::MyFree.name())",
        "Paid { user_id: my_user, amount: MY_CONST }",
        "my_logs::MyEvent { my_field, other: my_user.my_name }",
        "my_event",
        "&my_event(my_user)?",
        // Refused, each.
        "UserLog(my_user.id, \"paid {x}\", amount = my_amount, unknown = my_value)",
        "UserLog(my_user, \"paid\", amount = my_order.)",
        "UserLog(my_order., \"paid\")",
        "SysLog(\"paid\", amount = my_charge(my_order., my_amount))",
        "SysLog(my_text, my_value.)",
        "Paid { user_id: my_user., amount: my_amount }",
        "Paid { user_id: my_user }",
        "\"paid {}\", my_amount",
        "my_order.",
    ] {
        assert_kept(call, |tokens| {
            log::expand(&loaded(), Some(Level::Info), &site(), tokens.clone())
        });
        assert_kept(call, |tokens| {
            log::expand(&Err(Missing::example()), None, &site(), tokens)
        });
    }
    for call in [
        "amount = my_amount + MY_CONST, tenant = my_tenant()",
        "amount = my_order., nothing = my_value",
    ] {
        assert_kept(call, |tokens| log::record::expand(&loaded(), tokens));
    }
}

#[test]
fn derives_keep_types_and_generics() {
    for fields in [
        "user_id: my_crate::MyId, amount: MyAmount<MyT>",
        "user_id: u64, unknown: u8",
    ] {
        let item = format!(
            "#[log(message = \"paid\")] struct MyPaid<MyT: MyBound> where MyT: MyOther {{ {fields} }}"
        );
        let expand = |tokens| derive::expand(&loaded(), derive::Category::Fixed("user"), tokens);
        let tokens: TokenStream = item.parse().expect("tokens");
        let kept = places(expand(tokens.clone()));
        let names = |places: &BTreeSet<(String, usize, usize)>| -> BTreeSet<String> {
            places.iter().map(|(name, ..)| name.clone()).collect()
        };
        // Where generics are repeated, the item itself has them too.
        assert!(kept.is_subset(&places(tokens.clone())), "{item}");
        assert_eq!(names(&kept), names(&places(tokens)), "{item}");
    }
}

#[test]
fn instrument_keeps_them() {
    let function =
        "async fn my_pay<MyT>(my_order: MyOrder) -> MyResult<MyT> { my_order.my_go(MY_CONST).await }";
    for attributes in [
        "fields(user_id = my_order.my_user(), module = MY_MODULE, event_id = my_id()), err",
        "fields(user_id = my_order., tenant = %my_order.my_tenant)",
        "fields(unknown = my_value, amount = my_amount), levl = 5",
    ] {
        let attributes: TokenStream = attributes.parse().expect("tokens");
        assert_kept(function, |tokens| {
            instrument::expand(&loaded(), &site(), TokenStream::new(), tokens)
        });
        let kept = places(instrument::expand(
            &loaded(),
            &site(),
            attributes.clone(),
            function.parse().expect("tokens"),
        ));
        let written = places(attributes.clone());
        assert!(written.is_subset(&kept), "{attributes}: {kept:?}");
    }
}
