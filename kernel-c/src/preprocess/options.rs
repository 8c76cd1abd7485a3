//! `KCONFIG(NAME, value);` and `CPUS(n);` found ahead of preprocessing, because they decide what `#ifdef CONFIG_NAME` in the same file means.
//!
//! Invariant: only uses outside every `#if` count, so that no option can depend on itself; one inside is an error.

use super::error::PreprocessError;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::intern::{Interner, Word};
use crate::lexer::Lexer;
use crate::source_map::Place;
use crate::token::{Punct, Token, TokenKind};
use std::sync::Arc;

/// `KCONFIG(NAME, value)`, or `CPUS(value)` with an empty name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionUse {
    /// Without `CONFIG_`.
    pub name: String,
    /// `y`, `n`, `m`, or a value.
    pub value: String,
    /// Where it stands.
    pub place: Place,
}

/// All of them in a file. What is malformed is left to the parser, which sees it again.
pub(crate) fn scan_options(
    text: Arc<str>,
    file: u16,
    interner: &mut Interner,
    diagnostics: &mut Diagnostics,
) -> Vec<OptionUse> {
    let mut lexer = Lexer::new(text, file);
    let mut found = Vec::new();
    let mut conditions = 0usize;
    let mut token = next(&mut lexer, interner);
    while token.kind != TokenKind::End {
        let first = token;
        token = next(&mut lexer, interner);
        if !first.line_start {
            continue;
        }
        if first.is(Punct::Hash) {
            match token.word() {
                Some(Word::If | Word::Ifdef | Word::Ifndef) => conditions += 1,
                Some(Word::Endif) => conditions = conditions.saturating_sub(1),
                // `#define KCONFIG(...)` and the like use no option.
                _ => token = next(&mut lexer, interner),
            }
            continue;
        }
        let Some(word @ (Word::Kconfig | Word::Cpus)) = first.word() else { continue };
        if !token.is(Punct::ParenOpen) {
            continue;
        }
        let mut arguments = Vec::new();
        token = next(&mut lexer, interner);
        while !matches!(token.kind, TokenKind::End | TokenKind::Punct(Punct::ParenClose | Punct::Semicolon)) {
            arguments.push(token.spelling(interner));
            token = next(&mut lexer, interner);
        }
        let place = first.place.to(token.place);
        if conditions > 0 {
            let error = Diagnostic::error(place, PreprocessError::OptionInsideIf(word.spelling()))
                .help("move it out: options decide what `#if` sees, so they cannot depend on it");
            diagnostics.push(error);
            continue;
        }
        let (name, value) = match (word, arguments.as_slice()) {
            (Word::Cpus, [value]) => (String::new(), value.clone()),
            (Word::Kconfig, [name, comma, value]) if comma == "," => (name.clone(), value.clone()),
            _ => continue,
        };
        found.push(OptionUse { name, value, place });
    }
    found
}

fn next(lexer: &mut Lexer, interner: &mut Interner) -> Token {
    let token = lexer.next(interner);
    lexer.take_errors();
    token
}
