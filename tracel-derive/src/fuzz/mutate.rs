//! Wrong tokens made of right ones: left out, doubled, exchanged, put into groups, or replaced by what is often forgotten.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

const WORDS: &[&str] = &[
    "self",
    "Self",
    "crate",
    "super",
    "_",
    "type",
    "r#type",
    "async",
    "await",
    "move",
    "None",
    "Some",
    "let",
    "return",
    "break",
    "event_id",
    "module",
    "message",
    "http_x",
    "password",
    "user_id",
    "attempt",
    "items",
    "error",
    "grün",
    "fn",
    "if",
    "match",
    "unsafe",
    "const",
    "mut",
    "ref",
    "dyn",
    "impl",
    "where",
    "macro_rules",
    "UserLog",
    "Log",
    "Option",
];

const LITERALS: &[&str] = &[
    "0",
    "7",
    "1u8",
    "0x1f",
    "0x1f64",
    "1.",
    "1.5",
    "2e9",
    "1_000",
    "99999999999999999999999",
    "300i16",
    "'a'",
    "b'a'",
    "true",
    "\"\"",
    "\"{\"",
    "\"{{}}\"",
    "\"{}\"",
    "\"{a:?}\"",
    "\"ü{ü}\"",
    "r#\"a\"b\"#",
    "b\"ab\"",
    "c\"x\"",
    "'a",
    "\"info\"",
    "\"Loud\"",
    "\"a b\"",
    "\"retried\"",
    "\"\\u{0}\"",
];

const PUNCTS: &[char] = &[
    '=', ',', '.', ':', '%', '?', '&', '*', '-', '!', '#', '<', '>', '|', ';', '@', '$', '+', '~', '^', '/',
];

pub(super) struct Mutator {
    pub(super) random: fastrand::Rng,
}

impl Mutator {
    /// One of them as it stands.
    pub(super) fn right(&mut self, seeds: &[&str]) -> TokenStream {
        let seed = seeds[self.random.usize(..seeds.len())];
        // What closes nowhere is closed at the end.
        seed.parse()
            .or_else(|_| format!("{seed})").parse())
            .expect("tokens")
    }

    /// One of them, with up to five faults.
    pub(super) fn of(&mut self, seeds: &[&str]) -> TokenStream {
        let mut tokens: Vec<TokenTree> = self.right(seeds).into_iter().collect();
        for _ in 0..self.random.u8(..6) {
            let other = self.right(seeds);
            self.mutate(&mut tokens, &other);
        }
        tokens.into_iter().collect()
    }

    fn mutate(&mut self, tokens: &mut Vec<TokenTree>, other: &TokenStream) {
        let at = self.random.usize(..=tokens.len());
        // Most of what is written stands in a group.
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && self.random.u8(..4) > 0
        {
            let mut inside: Vec<TokenTree> = group.stream().into_iter().collect();
            self.mutate(&mut inside, other);
            let delimiter = match self.random.u8(..16) {
                0 => self.delimiter(),
                _ => group.delimiter(),
            };
            tokens[at] = grouped(delimiter, inside.into_iter().collect());
            return;
        }
        match self.random.u8(..8) {
            0 if at < tokens.len() => drop(tokens.remove(at)),
            1 if at < tokens.len() => tokens.insert(at, tokens[at].clone()),
            2 if at < tokens.len() => {
                let with = self.random.usize(..tokens.len());
                tokens.swap(at, with);
            }
            3 => tokens.truncate(at),
            4 if at < tokens.len() => tokens[at] = self.token(),
            5 => {
                let end = self.random.usize(at..=tokens.len());
                let inside = tokens.splice(at..end, []).collect();
                tokens.insert(at, grouped(self.delimiter(), inside));
            }
            6 => {
                let other: Vec<TokenTree> = flat(other);
                let from = self.random.usize(..=other.len());
                let to = (from + self.random.usize(..5)).min(other.len());
                tokens.splice(at..at, other[from..to].iter().cloned());
            }
            _ => tokens.insert(at, self.token()),
        }
    }

    fn token(&mut self) -> TokenTree {
        match self.random.u8(..3) {
            0 => {
                let word = WORDS[self.random.usize(..WORDS.len())];
                match word.strip_prefix("r#") {
                    Some(raw) => Ident::new_raw(raw, Span::call_site()).into(),
                    None => Ident::new(word, Span::call_site()).into(),
                }
            }
            1 => {
                let literal = LITERALS[self.random.usize(..LITERALS.len())];
                let tokens: TokenStream = literal.parse().expect("a literal");
                let mut tokens = tokens.into_iter();
                match (tokens.next(), tokens.next()) {
                    (Some(literal), None) => literal,
                    // A lifetime is two tokens.
                    (first, second) => {
                        Group::new(Delimiter::Bracket, first.into_iter().chain(second).collect()).into()
                    }
                }
            }
            _ => {
                let spacing = [Spacing::Alone, Spacing::Joint][self.random.usize(..2)];
                Punct::new(PUNCTS[self.random.usize(..PUNCTS.len())], spacing).into()
            }
        }
    }

    fn delimiter(&mut self) -> Delimiter {
        use Delimiter::{Brace, Bracket, None, Parenthesis};
        [Parenthesis, Brace, Bracket, None][self.random.usize(..4)]
    }
}

/// Nothing but a whole fragment stands in a group without delimiters: the compiler makes them of `$value:expr`.
fn grouped(delimiter: Delimiter, inside: TokenStream) -> TokenTree {
    let is_fragment = || syn::parse2::<syn::Expr>(inside.clone()).is_ok();
    let delimiter = match delimiter {
        Delimiter::None if !is_fragment() => Delimiter::Parenthesis,
        delimiter => delimiter,
    };
    Group::new(delimiter, inside).into()
}

/// All tokens, those in groups too.
fn flat(tokens: &TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens.clone() {
        all.push(token.clone());
        if let TokenTree::Group(group) = token {
            all.extend(flat(&group.stream()));
        }
    }
    all
}
