//! Tokens to the tree: recursive descent, with precedence climbing for operators.
//!
//! Invariant: every error is reported where it is found and parsing goes on behind it, so that one run reports all; no input makes it recurse deeper, or build
//! a taller tree, than [`MAX_DEPTH`] and [`MAX_HEIGHT`] allow; and each token is passed a bounded number of times.

mod annotations;
mod brackets;
mod declarations;
mod declarators;
mod error;
mod expressions;
mod items;
mod operators;
mod recovery;
mod scope;
mod specifiers;
mod statements;

use crate::ast::{Ident, Name, Unit};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::intern::{Interner, Symbol, Word};
use crate::source_map::Place;
use crate::token::{Punct, Token, TokenKind};
use annotations::Annotations;
pub(crate) use annotations::{WITH_ARGUMENTS as ANNOTATIONS_WITH_ARGUMENTS, WITHOUT_ARGUMENTS as ANNOTATIONS};
use brackets::Brackets;
use error::{SyntaxError, Unsupported};
use scope::{Meaning, Scopes};
use std::collections::{BTreeSet, HashSet};

/// How deep the parser recurses.
const MAX_DEPTH: usize = 256;
/// How tall a tree it builds: chains as `a + b + c` make it taller without recursion.
const MAX_HEIGHT: usize = 512;

/// An error was reported.
#[derive(Clone, Copy, Debug)]
struct Reported;

/// A part of the tree, or the news that it has an error.
type Parsed<T> = Result<T, Reported>;

struct Parser<'a> {
    /// Ends with [`TokenKind::End`].
    tokens: &'a [Token],
    at: usize,
    brackets: Brackets,
    interner: &'a Interner,
    diagnostics: &'a mut Diagnostics,
    annotations: Annotations,
    scopes: Scopes,
    depth: usize,
    /// How tall the tallest part is that the node at hand has so far.
    height: usize,
    /// For the next struct, union or enum specifier.
    next_id: u32,
    /// Identifiers in what was skipped after errors.
    skipped: BTreeSet<Symbol>,
    /// Names that were reported as unknown types.
    unknown_types: HashSet<Symbol>,
    in_function: bool,
}

/// Parses the tokens of the prelude and, from index `scenario` on, of the scenario.
pub(crate) fn parse(tokens: &[Token], scenario: usize, interner: &mut Interner, diagnostics: &mut Diagnostics) -> Unit {
    let annotations = Annotations::new(interner);
    let mut parser = Parser {
        tokens,
        at: 0,
        brackets: Brackets::new(tokens),
        interner,
        diagnostics,
        annotations,
        scopes: Scopes::default(),
        depth: 0,
        height: 0,
        next_id: 0,
        skipped: BTreeSet::new(),
        unknown_types: HashSet::new(),
        in_function: false,
    };
    let mut unit = Unit::default();
    parser.items(scenario, &mut unit.items);
    unit.prelude_items = unit.items.len();
    parser.items(tokens.len(), &mut unit.items);
    unit.skipped_names = parser.skipped.iter().map(|symbol| parser.interner.name(*symbol).clone()).collect();
    unit
}

impl Parser<'_> {
    fn token(&self) -> Token {
        self.nth(0)
    }

    /// The token `n` further on.
    fn nth(&self, n: usize) -> Token {
        self.tokens[(self.at + n).min(self.tokens.len() - 1)]
    }

    fn place(&self) -> Place {
        self.token().place
    }

    /// The place of the token before this one.
    fn previous(&self) -> Place {
        self.tokens[self.at.saturating_sub(1)].place
    }

    fn bump(&mut self) -> Token {
        let token = self.token();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn is(&self, punct: Punct) -> bool {
        self.token().is(punct)
    }

    fn is_end(&self) -> bool {
        self.token().kind == TokenKind::End
    }

    fn eat(&mut self, punct: Punct) -> bool {
        let found = self.is(punct);
        if found {
            self.bump();
        }
        found
    }

    fn word(&self) -> Option<Word> {
        self.token().word()
    }

    fn eat_word(&mut self, word: Word) -> bool {
        let found = self.word() == Some(word);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, punct: Punct) -> Parsed<Token> {
        if self.is(punct) { Ok(self.bump()) } else { Err(self.expected_behind(format!("`{}`", punct.spelling()))) }
    }

    /// Expects a bracket that closes a group.
    fn close(&mut self, open: Token, punct: Punct) -> Parsed<Token> {
        if self.is(punct) {
            return Ok(self.bump());
        }
        let what = format!("`{}`", punct.spelling());
        let diagnostic = self.expectation(what);
        Err(self.report(diagnostic.also(open.place, "to close this")))
    }

    /// Reports that something is missing behind the token before; at the end of its line if that is where it should stand.
    fn expected_behind(&mut self, what: impl Into<String>) -> Reported {
        let diagnostic = self.expectation(what.into());
        self.report(diagnostic)
    }

    fn expectation(&self, what: String) -> Diagnostic {
        let token = self.token();
        let found = token.describe(self.interner);
        let label = format!("expected {what}");
        let error = SyntaxError::Expected { expected: what, found };
        if token.line_start && self.at > 0 {
            error.at(self.previous().after()).label(label)
        } else {
            error.at(token.place).label(label)
        }
    }

    /// Reports that something else should stand here.
    fn expected(&mut self, what: impl Into<String>) -> Reported {
        let token = self.token();
        let found = token.describe(self.interner);
        self.report(SyntaxError::Expected { expected: what.into(), found }.at(token.place))
    }

    fn error(&mut self, place: Place, error: SyntaxError) -> Reported {
        self.report(error.at(place))
    }

    fn unsupported(&mut self, place: Place, what: Unsupported) -> Reported {
        self.report(what.at(place))
    }

    /// Reports, unless the token at hand has been reported by an earlier stage already.
    fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        if !matches!(self.token().kind, TokenKind::Other(_)) {
            self.diagnostics.push(diagnostic);
        }
        Reported
    }

    /// Expects the `;` at the end. If it was forgotten at the end of a line, parsing goes on as if it were there.
    fn semicolon(&mut self, after: &'static str) -> Parsed<()> {
        if self.eat(Punct::Semicolon) {
            return Ok(());
        }
        let token = self.token();
        if token.line_start || token.is(Punct::BraceClose) || self.is_end() {
            let place = self.previous().after();
            self.error(place, SyntaxError::Semicolon(after));
            return Ok(());
        }
        Err(self.expected(format!("`;` after {after}")))
    }

    /// A name that is no keyword.
    fn ident(&mut self, what: &'static str) -> Parsed<Ident> {
        match self.token().ident() {
            Some(symbol) if !is_reserved(symbol) => {
                let place = self.bump().place;
                Ok(Ident { name: self.name(symbol), place })
            }
            _ => Err(self.expected(what)),
        }
    }

    fn name(&self, symbol: Symbol) -> Name {
        self.interner.name(symbol).clone()
    }

    /// Whether a symbol is a name that is a type here.
    fn is_type_name(&self, symbol: Symbol) -> bool {
        !is_reserved(symbol) && self.scopes.meaning(symbol) == Some(Meaning::Type)
    }

    /// Parses one level of the tree: counts how deep the parser is, and how tall what it makes.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(self.place(), SyntaxError::TooDeep(MAX_DEPTH)));
        }
        self.depth += 1;
        let beside = std::mem::take(&mut self.height);
        let result = parse(self);
        self.depth -= 1;
        self.height = beside.max(self.height + 1);
        result
    }

    /// Counts a node that was put on top of what is parsed already.
    fn grow(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height + self.depth > MAX_HEIGHT {
            return Err(self.error(self.place(), SyntaxError::TooDeep(MAX_HEIGHT)));
        }
        Ok(())
    }
}

/// Whether a symbol is a keyword to the parser rather than a name.
fn is_reserved(symbol: Symbol) -> bool {
    symbol.word().is_some_and(Word::is_reserved)
}
