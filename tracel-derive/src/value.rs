//! A value of a log, as the user wrote it, and how it stands in the expansion. Its key is not known here, and what its
//! literals become, `literal` knows.

mod literal;
mod salvage;

pub(crate) use salvage::WORDS;

use crate::{
    below::{Named, below},
    fault::{At, Faults},
    kind,
    rules::{Key, Rules},
};
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Expr, ExprLit, Lit, UnOp,
    parse::{Parse, ParseStream},
};
use tracel_schema::{
    codes::macros as codes,
    model::{Place, Type},
};

/// Whether it is a message's constructor, which stands in no scope.
fn is_word(path: &syn::Path) -> bool {
    path.get_ident()
        .is_some_and(|word| WORDS.iter().any(|known| word == known))
}

/// The tokens of a value, and the expression that they make.
pub(crate) struct Value {
    /// `%` or `?` before it.
    pub(crate) sigil: Option<Punct>,
    pub(crate) tokens: TokenStream,
    pub(crate) parsed: Result<Expr, syn::Error>,
    /// What an error marks, if not the tokens.
    marked: Option<At>,
}

impl Value {
    /// Reads up to the next comma.
    pub(crate) fn read(input: ParseStream<'_>) -> syn::Result<Value> {
        let sigil = Value::read_sigil(input);
        let fork = input.fork();
        let mut parsed =
            Expr::parse(&fork).and_then(|expr| match fork.is_empty() || fork.peek(syn::Token![,]) {
                true => Ok(expr),
                false => Err(fork.error("expected `,` after the value")),
            });
        let mut tokens = TokenStream::new();
        if parsed.is_ok() {
            let end = fork.cursor();
            let mut has_groups = false;
            while input.cursor() != end {
                let token = TokenTree::parse(input)?;
                has_groups |= matches!(token, TokenTree::Group(_));
                tokens.extend([token]);
            }
            // A fork does not tell what is left over in a group.
            if has_groups && let Err(error) = syn::parse2::<Expr>(tokens.clone()) {
                parsed = Err(error);
            }
        } else {
            while !input.is_empty() && !input.peek(syn::Token![,]) {
                tokens.extend([TokenTree::parse(input)?]);
            }
        }
        Ok(Value {
            sigil,
            tokens,
            parsed,
            marked: None,
        })
    }

    /// `%` or `?` before a value.
    pub(crate) fn read_sigil(input: ParseStream<'_>) -> Option<Punct> {
        if !input.peek(syn::Token![%]) && !input.peek(syn::Token![?]) {
            return None;
        }
        Punct::parse(input).ok()
    }

    /// A variable of the expansion; errors of its type mark something of the user's.
    pub(crate) fn of(variable: &Ident, marked: At) -> Value {
        let tokens = variable.to_token_stream();
        let parsed = syn::parse2(tokens.clone());
        Value {
            sigil: None,
            tokens,
            parsed,
            marked: Some(marked),
        }
    }

    /// The value's text, as its sigil says: `tracel::display(&value)`.
    pub(crate) fn as_text(&self) -> Value {
        let (at, value) = (self.at(), self.operand(None));
        let span = expansion_at(at.first());
        let tokens = match self.sigil.as_ref().map(Punct::as_char) {
            Some('?') => quote_spanned!(span=> ::tracel::debug(&#value)),
            _ => quote_spanned!(span=> ::tracel::display(&#value)),
        };
        let parsed = syn::parse2(tokens.clone());
        Value {
            sigil: None,
            tokens,
            parsed,
            marked: Some(at),
        }
    }

    pub(crate) fn at(&self) -> At {
        self.marked.unwrap_or_else(|| At::of(&self.tokens))
    }

    /// The variable that it is, if that is all.
    pub(crate) fn as_variable(&self) -> Option<&Ident> {
        match &self.parsed {
            Ok(Expr::Path(path)) if path.attrs.is_empty() => path.path.get_ident(),
            _ => None,
        }
    }

    /// Whether it is the word `None`: the field is absent.
    pub(crate) fn is_none(&self) -> bool {
        self.as_variable().is_some_and(|name| name == "None")
    }

    /// The string literal that it is.
    pub(crate) fn as_string(&self) -> Option<&syn::LitStr> {
        match literal::inner(self.parsed.as_ref().ok()?) {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text),
            _ => None,
        }
    }

    /// Tells what no value may be, whatever its key, which stands at `key`.
    pub(crate) fn check(&self, key: At, faults: &mut Faults) {
        if let Err(error) = &self.parsed {
            let way_out = "after a key comes one Rust expression, `key = value`, and a comma before the next";
            let text = error.to_string();
            match text.strip_prefix("unexpected end of input, ") {
                _ if self.tokens.is_empty() => {
                    faults.add(key, &codes::MALFORMED, "the value is missing", way_out);
                }
                Some(expected) => {
                    let what = format!("the value is cut off: {expected}");
                    faults.add(self.at(), &codes::MALFORMED, what, way_out);
                }
                None => faults.add_syntax(error, &codes::MALFORMED, way_out),
            }
        }
        if let Some(at) = find_await(self.tokens.clone()) {
            faults.add(
                at,
                &codes::AWAIT,
                "an `.await` inside a log would be held over it, and make the future `!Send`",
                format_args!("await first, `let value = {};`, and log `value`", self.tokens),
            );
        }
    }

    /// Tells of a number that the field's type cannot hold: the compiler would name its own rule alone.
    pub(crate) fn check_number(&self, rules: Rules<'_>, key: Key<'_>, faults: &mut Faults) {
        let (Key::Declared(field), Ok(expr)) = (key, &self.parsed) else {
            return;
        };
        let Some((at, number, scalar)) = literal::misfit(expr, &field.ty) else {
            return;
        };
        let (least, most) = literal::range(scalar).unwrap_or_default();
        let (name, place) = (&field.name, rules.at(field.place));
        let ty = match &field.ty {
            Type::List(of) => format!("a list of `{}`", of.name()),
            Type::Scalar(scalar) => format!("`{}`", scalar.name()),
            Type::Enum(_) => return,
        };
        faults.add(
            at,
            &codes::WRONG_TYPE,
            format_args!("`{number}` does not fit this field: {place} says {ty}"),
            format_args!(
                "`{}` goes from {least} to {most}: log such a number, or give `{name}` another type there",
                scalar.name()
            ),
        );
    }

    /// A key for it: the name of the field, or of the method, that it is the value of.
    pub(crate) fn suggested_key(&self) -> String {
        fn name(expr: &Expr) -> Option<String> {
            match literal::inner(expr) {
                Expr::Field(field) => match &field.member {
                    syn::Member::Named(member) => Some(crate::name(member)),
                    syn::Member::Unnamed(_) => name(&field.base),
                },
                Expr::MethodCall(call) if call.args.is_empty() => match crate::name(&call.method) {
                    method if method.starts_with("as_") || method.starts_with("to_") || method == "clone" => {
                        name(&call.receiver)
                    }
                    method => Some(method),
                },
                Expr::Path(path) => path.path.get_ident().map(crate::name),
                Expr::Reference(reference) => name(&reference.expr),
                Expr::Unary(unary) => name(&unary.expr),
                Expr::Paren(paren) => name(&paren.expr),
                _ => None,
            }
        }
        let named = self.parsed.as_ref().ok().and_then(name);
        named.unwrap_or_else(|| "key".to_owned())
    }

    /// What is wrong with a value that has no key, and the way out.
    pub(crate) fn keyless(&self) -> (&'static str, String) {
        match self.miskeyed() {
            Some((key, rest)) => (
                "a key is a bare name, and `=` stands behind it",
                format!("write `{key} = {rest}`"),
            ),
            None => (
                "a value without a key",
                format!("name its key: `{} = {}`", self.suggested_key(), self.tokens),
            ),
        }
    }

    /// `key: value` and `"key" = value`, as other macros have them: the key, and the value.
    fn miskeyed(&self) -> Option<(String, TokenStream)> {
        let mut tokens = self.tokens.clone().into_iter();
        let (first, sign) = (tokens.next()?, tokens.next()?);
        let TokenTree::Punct(sign) = sign else { return None };
        let key = match (&first, sign.as_char(), sign.spacing()) {
            (TokenTree::Ident(key), ':', Spacing::Alone) => crate::name(key),
            (TokenTree::Literal(_), '=', Spacing::Alone) => {
                let key: syn::LitStr = syn::parse2(first.into()).ok()?;
                key.parse::<Ident>().ok()?.to_string()
            }
            _ => return None,
        };
        let rest: TokenStream = tokens.collect();
        (!rest.is_empty()).then_some((key, rest))
    }

    /// A text with something behind it that no comma parts from it: the two.
    pub(crate) fn without_comma(&self) -> Option<(String, TokenStream)> {
        let mut tokens = self.tokens.clone().into_iter();
        let first = tokens.next()?;
        let text: syn::LitStr = syn::parse2(first.clone().into()).ok()?;
        let rest: TokenStream = tokens.collect();
        let is_next = matches!(rest.clone().into_iter().next(), Some(TokenTree::Ident(_)));
        is_next.then(|| (text.token().to_string(), rest))
    }

    /// `::tracel::__private::val::<kind, line, _, _>(&value)`, so that an error of its type marks the value.
    pub(crate) fn checked(&self, rules: Rules<'_>, key: Key<'_>, required: Option<Place>) -> TokenStream {
        let at = self.at();
        let (function, generics) = check(rules, key, required);
        let ty = match key {
            Key::Declared(field) => Some(&field.ty),
            Key::Open => None,
        };
        let value = self.operand(ty);
        let (first, last) = (expansion_at(at.first()), expansion_at(at.last()));
        // Under the user's own span, so that an error marks the whole value; but for `*value`, which clippy would
        // call a needless reborrow.
        let is_deref = matches!(&self.parsed, Ok(Expr::Unary(unary)) if matches!(unary.op, UnOp::Deref(_)));
        let borrow = match is_deref || self.marked.is_some() {
            true => quote_spanned!(first=> &),
            false => quote_spanned!(at.first()=> &),
        };
        let call = |function: TokenStream, arguments: TokenStream| {
            let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
            arguments.set_span(last);
            quote_spanned!(first=> ::tracel::__private::#function #arguments)
        };
        let borrowed = quote!(#borrow #value);
        let value = match ty.filter(|_| self.may_be_untyped()).and_then(number_kind) {
            None => borrowed,
            Some(kind) => {
                let asked = call(quote_spanned!(first=> infer::#kind::infer), borrowed);
                let typed = respan(quote!(typed()), last);
                quote_spanned!(last=> #asked.#typed)
            }
        };
        let function = respan(function, first);
        let function = match generics.is_empty() {
            true => function,
            false => {
                let (generics, inferred) = (respan(generics, first), self.inferred());
                quote_spanned!(first=> #function::<#generics #inferred, #inferred>)
            }
        };
        call(function, value)
    }

    /// Its type, for the compiler to find: an error marks it.
    fn inferred(&self) -> TokenStream {
        let (first, last) = (self.at().first(), self.at().last());
        if self.marked.is_none() && self.as_variable().is_some() {
            return quote_spanned!(first=> _);
        }
        let mut inferred = quote_spanned!(first=> ::);
        inferred.extend(quote_spanned!(expansion_at(first)=> tracel::__private::fit::It<_));
        inferred.extend(quote_spanned!(last=> >));
        inferred
    }

    /// Whether its type may still be open: a literal has the field's already, and a cast says one.
    fn may_be_untyped(&self) -> bool {
        let says_its_type = |expr: &Expr| {
            matches!(literal::inner(expr), Expr::Lit(_) | Expr::Cast(_)) || literal::is_bare(expr)
        };
        self.marked.is_none() && self.parsed.as_ref().is_ok_and(|expr| !says_its_type(expr))
    }

    /// What is kept of it when the log is refused: the value, or the expressions in what is none.
    pub(crate) fn kept(&self) -> Vec<TokenStream> {
        match &self.parsed {
            Ok(_) if self.is_none() => Vec::new(),
            Ok(Expr::Assign(assign)) if matches!(*assign.left, Expr::Lit(_)) => {
                salvage::expressions(assign.right.to_token_stream())
            }
            Ok(Expr::Call(call)) if matches!(&*call.func, Expr::Path(path) if is_word(&path.path)) => {
                salvage::expressions(self.tokens.clone())
            }
            // A number alone may be what was refused, and is nothing to keep.
            Ok(expr) if literal::is_bare(expr) => Vec::new(),
            Ok(_) => vec![self.operand(None)],
            Err(_) => salvage::expressions(self.tokens.clone()),
        }
    }

    /// The value where an operand is expected, with literals of the field's type.
    pub(crate) fn operand(&self, ty: Option<&Type>) -> TokenStream {
        let Ok(expr) = &self.parsed else {
            return self.tokens.clone();
        };
        let tokens = match ty {
            Some(ty) if literal::is_bare(expr) => literal::typed(expr, ty),
            _ => self.tokens.clone(),
        };
        if !needs_parentheses(expr) {
            return tokens;
        }
        let mut group = Group::new(Delimiter::Parenthesis, tokens);
        // An error marks what lies between the `&` before it and this.
        group.set_span(self.at().last());
        TokenTree::Group(group).into()
    }
}

/// The same place, as a token of the expansion: lints then know that the user did not write it.
pub(crate) fn expansion_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Gives all tokens a span.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let set = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(set).collect()
}

/// Expressions under `&`: whatever binds weaker than it.
fn needs_parentheses(expr: &Expr) -> bool {
    !matches!(
        expr,
        Expr::Array(_)
            | Expr::Block(_)
            | Expr::Call(_)
            | Expr::Field(_)
            | Expr::ForLoop(_)
            | Expr::Group(_)
            | Expr::If(_)
            | Expr::Index(_)
            | Expr::Lit(_)
            | Expr::Loop(_)
            | Expr::Macro(_)
            | Expr::Match(_)
            | Expr::MethodCall(_)
            | Expr::Paren(_)
            | Expr::Path(_)
            | Expr::Reference(_)
            | Expr::Repeat(_)
            | Expr::Struct(_)
            | Expr::Try(_)
            | Expr::Tuple(_)
            | Expr::Unary(_)
            | Expr::Unsafe(_)
    )
}

/// The check of a value: a function, and the kind and the lines of schema.toml, which an error shows.
fn check(rules: Rules<'_>, key: Key<'_>, required: Option<Place>) -> (TokenStream, TokenStream) {
    let Key::Declared(field) = key else {
        return (quote!(open), TokenStream::new());
    };
    let (kind, group) = (kind::kind_type(field), kind::group(&field.ty));
    if let Some(below) = below(rules.0, field, required) {
        let Named { schema, line } = &below.field;
        return match &below.rule {
            None => (quote!(fit::#group::val_below), quote!(#kind, #schema, #line,)),
            Some(Named {
                schema: by,
                line: rule,
            }) => (
                quote!(fit::#group::required_below),
                quote!(#kind, #schema, #by, #line, #rule,),
            ),
        };
    }
    let line = Literal::u32_unsuffixed(field.place.line);
    match (required, field.place.line) {
        (None, 0) => (quote!(val_neutral), quote!(#kind,)),
        (Some(_), 0) => (quote!(required_neutral), quote!(#kind,)),
        (None, _) => (quote!(fit::#group::val), quote!(#kind, #line,)),
        (Some(rule), _) => {
            let rule = Literal::u32_unsuffixed(rule.line);
            (quote!(fit::#group::required), quote!(#kind, #line, #rule,))
        }
    }
}

/// The module of `tracel::__private::infer` for a field of integers: a variable without a type, `let n = 7;`, takes it.
fn number_kind(ty: &Type) -> Option<Ident> {
    match ty {
        Type::Scalar(scalar) if literal::is_integer(*scalar) => Some(format_ident!("{}", scalar.name())),
        Type::List(scalar) if literal::is_integer(*scalar) => Some(format_ident!("list_{}", scalar.name())),
        _ => None,
    }
}

/// The first `.await` that would run here: not inside an `async` block, which is a value.
pub(crate) fn find_await(tokens: TokenStream) -> Option<At> {
    let (mut after_dot, mut after_async) = (false, false);
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if after_dot && ident == "await" => return Some(At::of(ident)),
            TokenTree::Group(group) if !after_async => {
                if let Some(found) = find_await(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
        after_async = match &token {
            TokenTree::Ident(ident) => ident == "async" || after_async && ident == "move",
            _ => false,
        };
        after_dot = matches!(&token, TokenTree::Punct(dot) if dot.as_char() == '.' && dot.spacing() == Spacing::Alone);
    }
    None
}
