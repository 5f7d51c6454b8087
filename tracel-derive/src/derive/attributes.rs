//! `#[log(event = "…", message = "…", level = "…", category = "…")]`, as it was written. What it may say is not judged
//! here, but for what no schema could change.

use super::Category;
use crate::fault::{At, Faults};
use proc_macro2::TokenTree;
use syn::{DeriveInput, LitStr, Token, meta::ParseNestedMeta};
use tracel_schema::{
    codes::macros as codes,
    message::{self, interpolation},
    model::Level,
    nearest::did_you_mean,
};

/// What the attributes of one struct say.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) event: Option<LitStr>,
    pub(crate) message: Option<LitStr>,
    pub(crate) level: Option<(LitStr, Level)>,
    pub(crate) category: Option<LitStr>,
}

const WAY_OUT: &str = "write `#[log(event = \"..\", message = \"..\")]`, if need be with `level = \"info\"`";

impl Attributes {
    pub(crate) fn read(input: &DeriveInput, category: Category, faults: &mut Faults) -> Attributes {
        let mut read = Attributes::default();
        let mut level = None;
        for attribute in input
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("log"))
        {
            let result = attribute.parse_nested_meta(|meta| read.one(&meta, &mut level, category, faults));
            if let Err(error) = result {
                faults.add_syntax(&error, &codes::ATTRIBUTE, WAY_OUT);
            }
        }
        if let Some(text) = &level {
            match Level::from_name(&text.value()) {
                Some(level) => read.level = Some((text.clone(), level)),
                None => faults.add(
                    At::of(text),
                    &codes::ATTRIBUTE,
                    format_args!("{:?} is not a level", text.value()),
                    did_you_mean(
                        &text.value(),
                        Level::ALL.map(Level::name),
                        "the levels are trace, debug, info, warn and error",
                    ),
                ),
            }
        }
        if let Some(message) = &read.message
            && let Some((what, way_out)) = message::fault(&message.value())
        {
            let what = format!("the message {what}");
            faults.add(At::of(message), &codes::MESSAGE_TEXT, what, way_out);
        }
        if let Some(message) = &read.message
            && let Some(found) = interpolation(&message.value())
        {
            faults.add(
                At::of(message),
                &codes::INTERPOLATED,
                format_args!("`{found}` in the message: a message is a fixed text"),
                "leave it out: the value is a field of the struct",
            );
        }
        read
    }

    fn one(
        &mut self,
        meta: &ParseNestedMeta<'_>,
        level: &mut Option<LitStr>,
        category: Category,
        faults: &mut Faults,
    ) -> syn::Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let mut other = None;
        let slot = match (name.as_str(), category) {
            ("event", _) => &mut self.event,
            ("message", _) => &mut self.message,
            ("level", _) => level,
            ("category", Category::Named) => &mut self.category,
            ("category", Category::Fixed(fixed)) => {
                faults.add(
                    At::of(&meta.path),
                    &codes::ATTRIBUTE,
                    format_args!("the derive says the category already: `{fixed}`"),
                    "leave it out, or derive `tracel::Log`, whose category is named here",
                );
                &mut other
            }
            _ => {
                let known = ["event", "message", "level", "category"];
                faults.add(
                    At::of(&meta.path),
                    &codes::ATTRIBUTE,
                    "`#[log(..)]` knows `event`, `message`, `level`, and `category` under `derive(tracel::Log)`",
                    did_you_mean(&name, known, WAY_OUT),
                );
                &mut other
            }
        };
        if slot.is_some() {
            faults.add(
                At::of(&meta.path),
                &codes::ATTRIBUTE,
                format_args!("`{name}` is given twice"),
                "leave one out",
            );
        }
        // Read even where it is not known, so that what follows is read too.
        let value = meta.value()?;
        if let Ok(text) = value.parse::<LitStr>() {
            *slot = Some(text);
            return Ok(());
        }
        let token: TokenTree = value.parse()?;
        let code = if name == "message" {
            &codes::MESSAGE_LITERAL
        } else {
            &codes::ATTRIBUTE
        };
        faults.add(
            At::of(&token),
            code,
            format_args!("`{name}` is not a string literal"),
            format_args!("write `{name} = \"..\"`"),
        );
        while !value.is_empty() && !value.peek(Token![,]) {
            value.parse::<TokenTree>()?;
        }
        Ok(())
    }
}
