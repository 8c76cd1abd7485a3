//! Tokens of a file to the tokens that the parser sees: directives obeyed, macros expanded.
//!
//! Invariant: the prelude and the scenario go through one preprocessor, one after the other, so that they share one set of macros; and nothing here reads
//! a file itself: the caller's [`Loader`] does.

mod condition;
mod define;
mod error;
mod expand;
mod hide_set;
mod options;

pub use options::OptionUse;
pub(crate) use options::scan_options;

use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::intern::{Interner, Symbol, Word};
use crate::lexer::Lexer;
use crate::loader::{Loader, decode};
use crate::source_map::{Place, SourceMap};
use crate::token::{Punct, Token, TokenKind};
use define::Macro;
use error::PreprocessError;
use expand::Pending;
use hide_set::HideSets;
use sim_core::program::Span;
use std::collections::HashMap;
use std::rc::Rc;

/// How deep files may include each other.
const MAX_INCLUDE_DEPTH: usize = 40;
/// How often files may be included in all.
const MAX_INCLUDES: usize = 1_000;

/// Headers that a file written for user space would include, and the kernel's in their place.
const USER_HEADERS: &[(&str, &str)] = &[
    ("assert.h", "use `BUG_ON()` or `WARN_ON()`"),
    ("errno.h", "include <linux/errno.h>"),
    ("pthread.h", "describe tasks with `THREAD(name, fn);` and use the kernel's own locks"),
    ("semaphore.h", "include <linux/semaphore.h>"),
    ("stdatomic.h", "include <linux/atomic.h> and use `atomic_t`"),
    ("stdbool.h", "include <linux/types.h>"),
    ("stdint.h", "include <linux/types.h> and use `u8` to `u64`"),
    ("stdio.h", "include <linux/printk.h> and use `pr_info()`"),
    ("stdlib.h", "include <linux/slab.h> and use `kmalloc()`"),
    ("string.h", "include <linux/string.h>"),
    ("threads.h", "describe tasks with `THREAD(name, fn);` and use the kernel's own locks"),
    ("unistd.h", "include <linux/delay.h> and use `msleep()`"),
];

/// See the module.
pub(crate) struct Preprocessor<'a> {
    interner: &'a mut Interner,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
    loader: &'a dyn Loader,
    macros: HashMap<Symbol, Rc<Macro>>,
    hide_sets: HideSets,
    /// The files that are open, the innermost last.
    files: Vec<OpenFile>,
    /// Files that were included before, by name.
    included: HashMap<String, Included>,
    includes: usize,
    /// Tokens that expansions have given so far.
    expanded: usize,
    /// The budget for expansions is spent: no macro is expanded any more.
    exhausted: bool,
    /// How deep calls in arguments are being expanded.
    nesting: usize,
    counter: u32,
    /// Up to there an unclosed call was read already.
    no_calls_until: Option<Span>,
}

#[derive(Clone, Copy)]
struct Included {
    index: u16,
    once: bool,
}

struct OpenFile {
    lexer: Lexer,
    index: u16,
    conditions: Vec<Condition>,
    peeked: Option<Token>,
}

/// An open `#if`.
struct Condition {
    place: Place,
    /// One of its groups has been chosen already.
    taken: bool,
    else_seen: bool,
}

impl<'a> Preprocessor<'a> {
    pub(crate) fn new(
        interner: &'a mut Interner,
        sources: &'a mut SourceMap,
        diagnostics: &'a mut Diagnostics,
        loader: &'a dyn Loader,
    ) -> Self {
        Self {
            interner,
            sources,
            diagnostics,
            loader,
            macros: HashMap::new(),
            hide_sets: HideSets::new(),
            files: Vec::new(),
            included: HashMap::new(),
            includes: 0,
            expanded: 0,
            exhausted: false,
            nesting: 0,
            counter: 0,
            no_calls_until: None,
        }
    }

    /// Preprocesses a file and what it includes.
    pub(crate) fn file(&mut self, index: u16, output: &mut Vec<Token>) {
        self.open(index);
        let mut pending = Pending::new();
        while let Some(token) = self.next_token(&mut pending, true) {
            output.extend(self.expand(token, &mut pending, true));
        }
    }

    /// Whether expansion was given up, so that what follows makes no sense.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// Adds a file of the prelude and gives its index.
    pub(crate) fn add_prelude(&mut self, name: &str, text: &str) -> u16 {
        self.sources.add_prelude(name, text)
    }

    fn error(&mut self, place: Place, error: PreprocessError) {
        self.diagnostics.push(Diagnostic::error(place, error));
    }

    fn is_defined(&self, symbol: Symbol) -> bool {
        self.macros.contains_key(&symbol)
            || matches!(
                symbol.word(),
                Some(
                    Word::LineMacro
                        | Word::FileMacro
                        | Word::CounterMacro
                        | Word::IsEnabled
                        | Word::IsBuiltin
                        | Word::IsModule
                        | Word::IsReachable
                )
            )
    }

    fn open(&mut self, index: u16) {
        let text = self.sources.file(index).map_or_else(|| "".into(), |file| file.text.clone());
        self.files.push(OpenFile { lexer: Lexer::new(text, index), index, conditions: Vec::new(), peeked: None });
    }

    /// The next token to look at: from what is to be read again, else from the innermost open file.
    fn next_token(&mut self, pending: &mut Pending, from_file: bool) -> Option<Token> {
        if let Some(token) = pending.pop() {
            return Some(token);
        }
        if !from_file {
            return None;
        }
        loop {
            let token = self.peek_file()?;
            self.files.last_mut()?.peeked = None;
            if token.is(Punct::Hash) && token.line_start {
                self.directive(token.place);
            } else if token.kind == TokenKind::End {
                self.close();
            } else {
                return Some(token);
            }
        }
    }

    /// The next token of the innermost open file, which stays there.
    fn peek_file(&mut self) -> Option<Token> {
        if let Some(token) = self.files.last()?.peeked {
            return Some(token);
        }
        let token = self.lex()?;
        self.files.last_mut()?.peeked = Some(token);
        Some(token)
    }

    fn lex(&mut self) -> Option<Token> {
        let file = self.files.last_mut()?;
        let token = file.lexer.next(self.interner);
        for (place, error) in file.lexer.take_errors() {
            self.diagnostics.push(crate::lexer::explain(place, &error));
        }
        Some(token)
    }

    fn close(&mut self) {
        let Some(file) = self.files.pop() else { return };
        for condition in file.conditions {
            self.diagnostics.push(Diagnostic::error(condition.place, PreprocessError::UnclosedIf).help("add `#endif`"));
        }
    }

    /// The tokens up to the end of the line.
    fn line(&mut self) -> Vec<Token> {
        let mut tokens = Vec::new();
        while self.files.last_mut().is_some_and(|file| !file.lexer.at_line_end()) {
            tokens.extend(self.lex());
        }
        tokens
    }

    fn nothing_after(&mut self, rest: &[Token], directive: &'static str) {
        if let Some(token) = rest.first() {
            self.error(token.place, PreprocessError::Excess(directive));
        }
    }

    /// Obeys the directive behind a `#`.
    fn directive(&mut self, hash: Place) {
        if self.files.last_mut().is_none_or(|file| file.lexer.at_line_end()) {
            return;
        }
        let Some(name) = self.lex() else { return };
        let place = hash.to(name.place);
        match name.word() {
            Some(Word::Define) => self.define(place),
            Some(Word::Undef) => self.undef(place),
            Some(Word::Include) => self.include(place),
            Some(Word::If) => {
                let value = self.condition("if", place);
                self.open_condition(place, value);
            }
            Some(Word::Ifdef) => {
                let value = self.defined("ifdef", place);
                self.open_condition(place, value);
            }
            Some(Word::Ifndef) => {
                let value = self.defined("ifndef", place).map(|value| !value);
                self.open_condition(place, value);
            }
            Some(word @ (Word::Elif | Word::Elifdef | Word::Elifndef | Word::Else | Word::Endif)) => {
                self.next_group(word, place, true);
            }
            Some(Word::Pragma) => self.pragma(),
            Some(Word::Error) => {
                let (text, place) = self.rest_of_line();
                self.error(hash.to(place), PreprocessError::User(text));
            }
            Some(Word::Warning) => {
                let (text, place) = self.rest_of_line();
                self.diagnostics.push(Diagnostic::warning(hash.to(place), PreprocessError::UserWarning(text)));
            }
            Some(Word::IncludeNext) => self.unsupported(place, "include_next", "name the header with `#include`"),
            Some(Word::Import) => self.unsupported(place, "import", "use `#include`"),
            Some(Word::Line) => {
                self.unsupported(place, "line", "remove it: places are always those of the file itself")
            }
            _ => self.unknown_directive(place, name),
        }
    }

    fn unsupported(&mut self, place: Place, directive: &'static str, instead: &str) {
        self.line();
        self.diagnostics
            .push(Diagnostic::error(place, PreprocessError::UnsupportedDirective { directive }).help(instead));
    }

    fn unknown_directive(&mut self, place: Place, name: Token) {
        const KNOWN: [&str; 13] = [
            "define", "undef", "include", "if", "ifdef", "ifndef", "elif", "else", "endif", "pragma", "error",
            "warning", "elifdef",
        ];
        self.line();
        let spelling = name.spelling(self.interner);
        let mut diagnostic = Diagnostic::error(place, PreprocessError::UnknownDirective(spelling.clone()));
        if let Some(known) = nearest(&spelling, KNOWN) {
            diagnostic = diagnostic.suggest(format!("did you mean `#{known}`?"), name.place, known);
        }
        self.diagnostics.push(diagnostic);
    }

    fn rest_of_line(&mut self) -> (String, Place) {
        self.files.last_mut().map_or_else(Default::default, |file| file.lexer.rest_of_line())
    }

    fn pragma(&mut self) {
        let line = self.line();
        let Some(file) = self.files.last() else { return };
        if line.first().is_some_and(|token| token.word() == Some(Word::Once)) {
            let index = file.index;
            for included in self.included.values_mut().filter(|included| included.index == index) {
                included.once = true;
            }
        }
    }

    /// What `#ifdef` asks.
    fn defined(&mut self, directive: &'static str, place: Place) -> Option<bool> {
        let line = self.line();
        let (_, symbol) = self.macro_name(&line, directive, place)?;
        self.nothing_after(&line[1..], directive);
        Some(self.is_defined(symbol))
    }

    /// Begins an `#if`. What a condition with an error guards is read, so that its own errors show too.
    fn open_condition(&mut self, place: Place, value: Option<bool>) {
        let taken = value.unwrap_or(true);
        if let Some(file) = self.files.last_mut() {
            file.conditions.push(Condition { place, taken, else_seen: false });
        }
        if !taken {
            self.skip_group();
        }
    }

    /// Comes to `#elif`, `#else` or `#endif`, from a group that was read (`live`) or skipped. Whether reading goes on behind it.
    fn next_group(&mut self, word: Word, place: Place, live: bool) -> bool {
        let directive = word.spelling();
        let Some(condition) = self.files.last_mut().and_then(|file| file.conditions.last_mut()) else {
            self.line();
            self.error(place, PreprocessError::NoIf(directive));
            return true;
        };
        if word == Word::Endif {
            self.files.last_mut().map(|file| file.conditions.pop());
            let line = self.line();
            self.nothing_after(&line, directive);
            return true;
        }
        let done = condition.taken;
        let after_else = condition.else_seen;
        condition.else_seen |= word == Word::Else;
        if after_else {
            self.error(place, PreprocessError::AfterElse(directive));
        }
        let chosen = match word {
            _ if done => {
                self.line();
                false
            }
            Word::Elif => self.condition("elif", place).unwrap_or(true),
            Word::Elifdef => self.defined("elifdef", place).unwrap_or(true),
            Word::Elifndef => self.defined("elifndef", place).is_none_or(|value| !value),
            _ => {
                let line = self.line();
                self.nothing_after(&line, directive);
                true
            }
        };
        if chosen && let Some(open) = self.files.last_mut().and_then(|file| file.conditions.last_mut()) {
            open.taken = true;
        }
        if live {
            self.skip_group();
        }
        chosen
    }

    /// Skips groups until one is to be read or the `#if` ends. Nothing in them is an error.
    fn skip_group(&mut self) {
        let mut nested = 0usize;
        loop {
            let Some(file) = self.files.last_mut() else { return };
            let hash = file.lexer.next(self.interner);
            file.lexer.take_errors();
            if hash.kind == TokenKind::End {
                file.peeked = Some(hash);
                return;
            }
            if !hash.is(Punct::Hash) || !hash.line_start || file.lexer.at_line_end() {
                continue;
            }
            let name = file.lexer.next(self.interner);
            file.lexer.take_errors();
            match name.word() {
                Some(Word::If | Word::Ifdef | Word::Ifndef) => nested += 1,
                Some(Word::Endif) if nested > 0 => nested -= 1,
                Some(word @ (Word::Elif | Word::Elifdef | Word::Elifndef | Word::Else | Word::Endif))
                    if nested == 0 && self.next_group(word, hash.place.to(name.place), false) =>
                {
                    return;
                }
                _ => {}
            }
        }
    }

    fn include(&mut self, directive: Place) {
        let header = self.files.last_mut().and_then(|file| file.lexer.header_name());
        let line = self.line();
        let Some((path, quoted, place)) = header else {
            let error = Diagnostic::error(directive, PreprocessError::BadInclude)
                .help("write `#include <linux/name.h>` or `#include \"name.h\"`");
            self.diagnostics.push(error);
            return;
        };
        self.nothing_after(&line, "include");
        if quoted {
            self.include_file(&path, place);
        } else if let Some((_, instead)) = USER_HEADERS.iter().find(|(name, _)| *name == path) {
            let error = Diagnostic::error(place, PreprocessError::UserHeader(path)).help(*instead);
            self.diagnostics.push(error);
        }
    }

    fn include_file(&mut self, path: &str, place: Place) {
        if self.files.len() > MAX_INCLUDE_DEPTH {
            let error = Diagnostic::error(place, PreprocessError::IncludeDepth(MAX_INCLUDE_DEPTH))
                .help("if files include each other in a circle, begin each with `#pragma once`");
            self.diagnostics.push(error);
            return;
        }
        self.includes += 1;
        if self.includes > MAX_INCLUDES {
            if self.includes == MAX_INCLUDES + 1 {
                self.error(place, PreprocessError::IncludeCount(MAX_INCLUDES));
            }
            return;
        }
        let from = self.files.last().and_then(|file| self.sources.file(file.index));
        let from = from.map_or("", |file| file.name.as_str());
        let loaded = match self.loader.load(from, path) {
            Ok(loaded) => loaded,
            // The rig's own header: what it declares is built in.
            Err(_) if path == "locklab.h" => return,
            Err(reason) => {
                let error = Diagnostic::error(place, PreprocessError::Unreadable { path: path.to_owned(), reason })
                    .help("the kernel's own headers are built in: include them as <linux/name.h>");
                self.diagnostics.push(error);
                return;
            }
        };
        if let Some(known) = self.included.get(&loaded.name) {
            if !known.once {
                self.open(known.index);
            }
            return;
        }
        match decode(&loaded.text) {
            Ok(decoded) => {
                let index = self.sources.add(loaded.name.clone(), decoded.text);
                self.included.insert(loaded.name, Included { index, once: false });
                for diagnostic in decoded.invalid.diagnostics(index) {
                    self.diagnostics.push(diagnostic);
                }
                self.open(index);
            }
            Err(error) => self.diagnostics.push(Diagnostic::error(place, format!("`{path}`: {error}"))),
        }
    }
}
