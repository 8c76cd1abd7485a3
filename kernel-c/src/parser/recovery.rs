//! Getting back on course after an error.
//!
//! Invariant: each function here moves forward or stands before `}`, a margin or the end; the names that it passes are remembered, because they may be
//! declared there.

use super::Parser;
use crate::intern::Word;
use crate::token::{Punct, Token, TokenKind};

impl Parser<'_> {
    /// Passes a token, or a group with its brackets.
    fn skip_group(&mut self) {
        let end = match self.token().kind {
            TokenKind::Punct(Punct::ParenOpen | Punct::BracketOpen | Punct::BraceOpen) => {
                self.brackets.partner(self.at).unwrap_or(self.at)
            }
            _ => self.at,
        };
        while self.at <= end && !self.is_end() {
            let token = self.bump();
            if let Some(symbol) = token.ident().filter(|symbol| symbol.word().is_none()) {
                self.skipped.insert(symbol);
            }
        }
    }

    /// Remembers the names between an index and here.
    fn remember_skipped(&mut self, start: usize) {
        let names = self.tokens[start..self.at].iter().filter_map(Token::ident);
        self.skipped.extend(names.filter(|symbol| symbol.word().is_none()));
    }

    /// Goes to the end of a statement that began at an index, or to where another begins.
    pub(super) fn recover_statement(&mut self, start: usize) {
        self.remember_skipped(start);
        while !self.is_end() {
            let token = self.token();
            let fresh = self.at > start && token.line_start && token.word().is_some_and(begins_statement);
            if fresh || token.is(Punct::BraceClose) {
                return;
            }
            let group = token.is(Punct::BraceOpen) && self.brackets.partner(self.at).is_some();
            self.skip_group();
            if token.is(Punct::Semicolon) || group && !self.is(Punct::Semicolon) && !self.is(Punct::ParenClose) {
                return;
            }
        }
    }

    /// Goes to the end of an item that began at an index, or to where another begins.
    pub(super) fn recover_item(&mut self, start: usize) {
        // From its start, so that groups which the error is in are jumped over as a whole; but never to stop before it, so that no token is parsed over and
        // over again.
        let failed = self.at;
        self.at = start;
        self.skip_group();
        while self.at < failed {
            self.skip_group();
        }
        while !self.is_end() {
            let token = self.token();
            if token.at_margin && !token.is(Punct::BraceOpen) && !token.is(Punct::BraceClose) {
                return;
            }
            self.skip_group();
            if token.is(Punct::Semicolon) {
                return;
            }
            if token.is(Punct::BraceOpen) || token.is(Punct::BraceClose) {
                self.eat(Punct::Semicolon);
                return;
            }
        }
    }

    /// Goes to the next item that begins in the first column: after a stray statement, what follows is more of the same.
    pub(super) fn recover_margin(&mut self) {
        self.skip_group();
        while !(self.is_end() || self.token().at_margin && self.token().ident().is_some()) {
            self.skip_group();
        }
    }

    /// Whether, in a block that is never closed, the next function seems to begin here.
    pub(super) fn at_next_item(&self) -> bool {
        let token = self.token();
        token.at_margin && token.ident().is_some() && !self.nth(1).is(Punct::Colon)
    }
}

/// Whether a word can only begin a statement or declaration.
fn begins_statement(word: Word) -> bool {
    matches!(
        word,
        Word::If
            | Word::For
            | Word::While
            | Word::Do
            | Word::Switch
            | Word::Case
            | Word::Default
            | Word::Return
            | Word::Goto
            | Word::Break
            | Word::Continue
            | Word::Static
            | Word::Struct
            | Word::Guard
            | Word::ScopedGuard
    )
}
