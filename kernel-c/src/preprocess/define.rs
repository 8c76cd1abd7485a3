//! `#define`: macros and how their definitions are read.
//!
//! Invariant: in the body of a [`Macro`] every parameter is resolved to its index, every `#` stands for one, and no `##` stands at an end.

use super::Preprocessor;
use super::error::PreprocessError;
use crate::diagnostic::Diagnostic;
use crate::intern::{Symbol, Word};
use crate::source_map::Place;
use crate::token::{Punct, Token, TokenKind};
use std::rc::Rc;

/// A macro.
#[derive(Debug)]
pub(super) struct Macro {
    /// Where its name stands in its definition.
    pub(super) place: Place,
    /// `None` for a macro without parentheses.
    pub(super) params: Option<Params>,
    pub(super) body: Vec<Part>,
}

/// The parameters of a macro.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Params {
    pub(super) names: Vec<Symbol>,
    /// The last one takes all that is left, commas included.
    pub(super) variadic: bool,
}

/// A part of a macro's body.
#[derive(Debug)]
pub(super) enum Part {
    Token(Token),
    /// A parameter, and the token that names it.
    Param(usize, Token),
    /// `#param`
    Stringify(usize, Token),
    /// `##`
    Paste,
    /// `__VA_OPT__(...)`
    VaOpt(Vec<Part>),
}

impl Part {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(a), Self::Token(b)) => a.kind == b.kind,
            (Self::Param(a, _), Self::Param(b, _)) | (Self::Stringify(a, _), Self::Stringify(b, _)) => a == b,
            (Self::Paste, Self::Paste) => true,
            (Self::VaOpt(a), Self::VaOpt(b)) => same(a, b),
            _ => false,
        }
    }
}

fn same(a: &[Part], b: &[Part]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
}

impl Preprocessor<'_> {
    /// Reads what follows `#define`.
    pub(super) fn define(&mut self, directive: Place) {
        let line = self.line();
        let Some((name, symbol)) = self.macro_name(&line, "define", directive) else { return };
        let mut rest = &line[1..];
        let params = match rest.first() {
            Some(paren) if paren.is(Punct::ParenOpen) && !paren.space_before => {
                let Some((params, length)) = self.params(&rest[1..], symbol, name.place) else { return };
                rest = &rest[1 + length..];
                Some(params)
            }
            _ => None,
        };
        let Some(body) = self.body(rest, params.as_ref()) else { return };
        let new = Macro { place: name.place, params, body };
        if let Some(old) =
            self.macros.get(&symbol).filter(|old| old.params != new.params || !same(&old.body, &new.body))
        {
            let error = PreprocessError::Redefined(self.interner.name(symbol).to_string());
            let diagnostic = if old.place.is_prelude() {
                Diagnostic::warning(name.place, error)
                    .label("hides the kernel's own from here on")
                    .help("choose another name, or `#undef` it first")
            } else {
                Diagnostic::error(name.place, error)
                    .label("defined again here")
                    .also(old.place, "first defined here")
                    .help("`#undef` it first")
            };
            self.diagnostics.push(diagnostic);
        }
        self.macros.insert(symbol, Rc::new(new));
    }

    /// The macro's name at the start of a directive's line.
    pub(super) fn macro_name(
        &mut self,
        line: &[Token],
        directive: &'static str,
        place: Place,
    ) -> Option<(Token, Symbol)> {
        let Some(first) = line.first() else {
            self.error(place, PreprocessError::NameMissing(directive));
            return None;
        };
        let Some(symbol) = first.ident() else {
            self.error(first.place, PreprocessError::NameMissing(directive));
            return None;
        };
        if matches!(symbol.word(), Some(Word::Defined | Word::VaArgs | Word::VaOpt)) {
            self.error(first.place, PreprocessError::ReservedName(self.interner.name(symbol).to_string()));
            return None;
        }
        Some((*first, symbol))
    }

    /// Reads parameters up to their `)`, and says how many tokens they are.
    fn params(&mut self, tokens: &[Token], name: Symbol, place: Place) -> Option<(Params, usize)> {
        let mut params = Params::default();
        let mut at = 0;
        let mut next = || {
            at += 1;
            (at, tokens.get(at - 1))
        };
        let malformed = |this: &mut Self, token: Option<&Token>| {
            let place = token.map_or(place, |token| token.place);
            this.error(place, PreprocessError::BadParameters(this.interner.name(name).to_string()));
            None
        };
        loop {
            match next() {
                (length, Some(token)) if token.is(Punct::ParenClose) && params.names.is_empty() => {
                    return Some((params, length));
                }
                (_, Some(token)) if token.is(Punct::Ellipsis) => {
                    params.names.push(Word::VaArgs.symbol());
                    params.variadic = true;
                }
                (_, Some(token)) => {
                    let Some(symbol) = token.ident() else { return malformed(self, Some(token)) };
                    if params.names.contains(&symbol) {
                        let parameter = self.interner.name(symbol).to_string();
                        let name = self.interner.name(name).to_string();
                        self.error(token.place, PreprocessError::DuplicateParameter { name, parameter });
                        return None;
                    }
                    params.names.push(symbol);
                }
                (_, None) => return malformed(self, None),
            }
            match next() {
                (_, Some(token)) if token.is(Punct::Comma) && !params.variadic => {}
                (length, Some(token)) if token.is(Punct::ParenClose) => return Some((params, length)),
                (_, Some(token)) if token.is(Punct::Ellipsis) && !params.variadic => {
                    params.variadic = true;
                    match next() {
                        (length, Some(token)) if token.is(Punct::ParenClose) => return Some((params, length)),
                        (_, token) => return malformed(self, token),
                    }
                }
                (_, token) => return malformed(self, token),
            }
        }
    }

    fn body(&mut self, tokens: &[Token], params: Option<&Params>) -> Option<Vec<Part>> {
        let mut body = Vec::with_capacity(tokens.len());
        let index_of = |token: &Token| {
            let symbol = token.ident()?;
            params?.names.iter().position(|name| *name == symbol)
        };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            if let Some(index) = index_of(token) {
                body.push(Part::Param(index, *token));
            } else if token.is(Punct::HashHash) {
                if body.is_empty() || at == tokens.len() {
                    self.error(token.place, PreprocessError::PasteAtEnd);
                    return None;
                }
                body.push(Part::Paste);
            } else if token.is(Punct::Hash) && params.is_some() {
                let Some(index) = tokens.get(at).and_then(index_of) else {
                    self.error(token.place, PreprocessError::StringifyNothing);
                    return None;
                };
                body.push(Part::Stringify(index, *token));
                at += 1;
            } else if token.word() == Some(Word::VaOpt) && params.is_some_and(|params| params.variadic) {
                let Some(length) = parenthesized(&tokens[at..]) else {
                    self.error(token.place, PreprocessError::UnclosedCall("__VA_OPT__".to_owned()));
                    return None;
                };
                body.push(Part::VaOpt(self.body(&tokens[at + 1..at + length - 1], params)?));
                at += length;
            } else if let Some(word @ (Word::VaArgs | Word::VaOpt)) = token.word() {
                self.error(token.place, PreprocessError::VaArgsOutside(word.spelling()));
                return None;
            } else {
                body.push(Part::Token(*token));
            }
        }
        Some(body)
    }

    /// Reads what follows `#undef`.
    pub(super) fn undef(&mut self, directive: Place) {
        let line = self.line();
        if let Some((_, symbol)) = self.macro_name(&line, "undef", directive) {
            self.macros.remove(&symbol);
            self.nothing_after(&line[1..], "undef");
        }
    }
}

/// How many tokens `( ... )` at the start is.
fn parenthesized(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Punct(Punct::ParenOpen) => depth += 1,
            TokenKind::Punct(Punct::ParenClose) => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (index > 0).then_some(index + 1);
        }
    }
    None
}
