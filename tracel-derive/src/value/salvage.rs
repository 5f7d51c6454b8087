//! The expressions in what is none: of `charge(order.)` the function and `order`. They stay in the expansion, so that an
//! editor knows them while the rest is being written.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Expr;

/// Beyond this many tokens in a row only the groups among them are looked into: the search is quadratic.
const MOST: usize = 64;

/// The constructors of messages.
pub(crate) const WORDS: [&str; 3] = ["UserLog", "SysLog", "SystemLog"];

/// The longest expressions among the tokens, in their order.
pub(super) fn expressions(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut rest = tokens.as_slice();
    while let [first, behind @ ..] = rest {
        // A field's name is no value.
        if let [TokenTree::Punct(colon), after @ ..] = behind
            && (colon.as_char(), colon.spacing()) == (':', Spacing::Alone)
            && matches!(first, TokenTree::Ident(_))
        {
            rest = after;
            continue;
        }
        // Nor is a word of the language, which nobody need import.
        if let [TokenTree::Group(group), after @ ..] = behind
            && matches!(first, TokenTree::Ident(word) if WORDS.iter().any(|known| word == known))
        {
            found.extend(expressions(group.stream()));
            rest = after;
            continue;
        }
        match longest(rest) {
            Some((length, expr)) => {
                let (read, after) = rest.split_at(length);
                found.extend(kept(&expr, read, after.first()));
                rest = after;
            }
            None => {
                if let TokenTree::Group(group) = first {
                    found.extend(expressions(group.stream()));
                }
                rest = behind;
            }
        }
    }
    found
}

/// The longest expression that the tokens begin with, and how many of them it is.
fn longest(tokens: &[TokenTree]) -> Option<(usize, Expr)> {
    if tokens.len() > MOST {
        return None;
    }
    (1..=tokens.len()).rev().find_map(|length| {
        let tokens: TokenStream = tokens.get(..length)?.iter().cloned().collect();
        match syn::parse2::<Expr>(tokens) {
            // What decides where the code goes on would change what stands behind it.
            Ok(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) | Expr::Verbatim(_)) | Err(_) => None,
            Ok(expr) => Some((length, expr)),
        }
    })
}

/// The expression where `&` stands before it, unless what follows shows that it is none: a type's, a macro's or a method's
/// name.
fn kept(expr: &Expr, read: &[TokenTree], after: Option<&TokenTree>) -> Option<TokenStream> {
    let follows =
        |delimiter| matches!(after, Some(TokenTree::Group(group)) if group.delimiter() == delimiter);
    let follows_punct = |c| matches!(after, Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    match expr {
        Expr::Path(path) => {
            let last = path.path.segments.last()?.ident.to_string();
            let is_type = follows(Delimiter::Brace) && last.starts_with(char::is_uppercase);
            if is_type || follows_punct('!') || follows_punct(':') {
                return None;
            }
        }
        Expr::Field(field) if follows(Delimiter::Parenthesis) || follows_punct(':') => {
            return Some(field.base.to_token_stream());
        }
        _ => {}
    }
    let tokens: TokenStream = read.iter().cloned().collect();
    Some(match super::needs_parentheses(expr) {
        true => quote!((#tokens)),
        false => tokens,
    })
}

#[cfg(test)]
mod tests {
    use super::expressions;

    #[test]
    fn what_is_written_so_far_is_kept() {
        for (written, kept) in [
            ("order.", "order"),
            ("order.total().", "order.total()"),
            ("charge(order.)", "charge | order"),
            ("a + order.", "(a + order)"),
            ("2 3", "2 | 3"),
            ("if order. { a.b }", "order | { a.b }"),
            ("move |x| x.", "(move |x| x)"),
            ("return order.", "order"),
            ("a.b(c.)", "a | c"),
            ("Retried { attempt: order., ratio }", "order | ratio"),
            ("context: UserLog(a.b, \"x\")", "a.b | \"x\""),
            ("= =", ""),
        ] {
            let found = expressions(written.parse().expect("tokens"));
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            let squeezed = |text: &str| text.replace(' ', "");
            assert_eq!(squeezed(&found.join("|")), squeezed(kept), "{written}");
        }
    }
}
