//! `#[instrument(fields(..), err, root, name = "..", level = "..", skip(..), skip_all)]`, as it was written.

use super::Function;
use crate::{
    fault::{At, Faults},
    value::Value,
};
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    LitStr, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
};
use tracel_schema::{codes::macros as codes, model::Level, nearest::did_you_mean};

/// What stands between the attribute's parentheses.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) root: bool,
    /// The word itself, for errors.
    pub(crate) err: Option<Ident>,
    name: Option<LitStr>,
    level: Option<Level>,
    pub(crate) fields: Vec<Pair>,
    pub(crate) skipped: Vec<Ident>,
}

/// `key = value` or, for an argument, `key`.
pub(crate) struct Pair {
    pub(crate) key: Ident,
    pub(crate) value: Value,
    /// Whether the value is the argument of the key's name.
    pub(crate) bare: bool,
}

const WAY_OUT: &str =
    "it takes `fields(..)`, `err`, `root`, `name = \"..\"`, `level = \"..\"`, `skip(..)`, `skip_all`";
const KNOWN: [&str; 7] = ["fields", "err", "root", "name", "level", "skip", "skip_all"];

impl Attributes {
    pub(crate) fn read(tokens: TokenStream, faults: &mut Faults) -> Attributes {
        let mut read = Attributes::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = read.one(input, faults) {
                    faults.add_syntax(&error, &codes::ARGUMENT, WAY_OUT);
                    skip(input)?;
                }
                if !input.is_empty() {
                    <Token![,]>::parse(input)?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            faults.add_syntax(&error, &codes::ARGUMENT, "its arguments are parted by commas");
        }
        read
    }

    fn one(&mut self, input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<()> {
        let word = Ident::parse_any(input)?;
        let is_again = match word.to_string().as_str() {
            "root" => self.root,
            "err" => self.err.is_some(),
            "name" => self.name.is_some(),
            "level" => self.level.is_some(),
            _ => false,
        };
        if is_again {
            let what = format!("`{word}` is given twice");
            faults.add(At::of(&word), &codes::ARGUMENT, what, "leave one out");
        }
        match word.to_string().as_str() {
            "root" => self.root = true,
            "err" => self.err = Some(word.clone()),
            "skip_all" => {}
            "skip" => {
                let names;
                syn::parenthesized!(names in input);
                let names = names.parse_terminated(Ident::parse_any, Token![,])?;
                self.skipped
                    .extend(names.into_iter().filter(|name| name != "self"));
            }
            "name" => {
                <Token![=]>::parse(input)?;
                self.name = Some(input.parse()?);
            }
            "level" => {
                <Token![=]>::parse(input)?;
                self.level = Some(level(input, faults)?);
            }
            "fields" => {
                let pairs;
                syn::parenthesized!(pairs in input);
                while !pairs.is_empty() {
                    if let Some(pair) = Pair::read(&pairs, faults)? {
                        self.fields.push(pair);
                    }
                    if !pairs.is_empty() {
                        <Token![,]>::parse(&pairs)?;
                    }
                }
            }
            other => {
                let way_out = match other {
                    "ret" => "log the result where it is made: `log_debug!(SysLog(\"..\", key = value))`".to_owned(),
                    "target" => "leave it out: a record's target is its module's path, and `fields(module = \"..\")` names the module".to_owned(),
                    "parent" | "follows_from" => "leave it out: a span's parent is the current one, and `root` begins a new request".to_owned(),
                    _ => did_you_mean(other, KNOWN, WAY_OUT),
                };
                let what = format!("`#[tracel::instrument]` has no `{other}`");
                faults.add(At::of(&word), &codes::ARGUMENT, what, way_out);
                skip(input)?;
            }
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error(format_args!("unexpected after `{word}`")));
        }
        Ok(())
    }

    /// The span's name: the function's, unless given.
    pub(crate) fn name(&self, function: &Function) -> String {
        match &self.name {
            Some(name) => name.value(),
            None => crate::name(&function.signature.ident),
        }
    }

    pub(crate) fn level(&self) -> Level {
        self.level.unwrap_or(Level::Info)
    }
}

impl Pair {
    fn read(input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<Option<Pair>> {
        // `%key` is `key = %key`.
        let fork = input.fork();
        let sigil = Value::read_sigil(&fork);
        if sigil.is_some() || !fork.peek(Ident::peek_any) || !fork.peek2(Token![=]) {
            let value = Value::read(input)?;
            let Some(key) = value.as_variable().cloned() else {
                let (what, way_out) = value.keyless();
                faults.add(value.at(), &codes::NO_KEY, what, way_out);
                return Ok(None);
            };
            return Ok(Some(Pair {
                key,
                value,
                bare: true,
            }));
        }
        let key = Ident::parse_any(input)?;
        <Token![=]>::parse(input)?;
        let value = Value::read(input)?;
        Ok(Some(Pair {
            key,
            value,
            bare: false,
        }))
    }
}

/// `"info"`, `Level::INFO` or `tracing::Level::INFO`; what is none is told, and taken for `info`.
fn level(input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<Level> {
    let (name, at) = if input.peek(LitStr) {
        let name: LitStr = input.parse()?;
        (name.value(), At::of(&name))
    } else {
        let path: Path = input.parse()?;
        let Some(last) = path.segments.last() else {
            return Err(input.error("expected a level"));
        };
        (last.ident.to_string(), At::of(&path))
    };
    let level = Level::from_name(&name.to_lowercase());
    if level.is_none() {
        let way_out = did_you_mean(
            &name,
            Level::ALL.map(Level::name),
            "the levels are \"trace\", \"debug\", \"info\", \"warn\" and \"error\"",
        );
        faults.add(
            at,
            &codes::ARGUMENT,
            format_args!("`{name}` is not a level"),
            way_out,
        );
    }
    Ok(level.unwrap_or(Level::Info))
}

/// On to the next comma.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        TokenTree::parse(input)?;
    }
    Ok(())
}
