//! Text to preprocessing tokens.
//!
//! Invariant: the lexer always makes progress and never fails: what begins no token becomes [`TokenKind::Other`] with an error beside it, and the place of
//! a token is exactly the bytes it was made from. Spliced lines (`\` at the end) are joined wherever they occur.

use crate::diagnostic::Diagnostic;
use crate::intern::Interner;
use crate::source_map::Place;
use crate::token::{HideSet, Punct, Token, TokenKind};
use std::sync::Arc;

/// What the lexer can find wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LexError {
    #[error("this comment is never closed")]
    UnclosedComment,
    #[error("this string is not closed on its line")]
    UnclosedString,
    #[error("this character constant is not closed on its line")]
    UnclosedChar,
    #[error("a NUL byte in the source")]
    Nul,
    #[error("unexpected character `{}`", .0.escape_debug())]
    Character(char),
    #[error("typographic quotes make no string")]
    CurlyQuotes,
}

/// Reads the tokens of one file.
#[derive(Debug)]
pub(crate) struct Lexer {
    text: Arc<str>,
    file: u16,
    /// The next byte to look at.
    at: usize,
    /// One past the last byte that was consumed; differs from `at` behind a spliced line.
    end: usize,
    line_start: bool,
    space_before: bool,
    errors: Vec<(Place, LexError)>,
}

impl Lexer {
    pub(crate) fn new(text: Arc<str>, file: u16) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, file, at, end: at, line_start: true, space_before: false, errors: Vec::new() }
    }

    /// The errors of the tokens read since the last call.
    pub(crate) fn take_errors(&mut self) -> Vec<(Place, LexError)> {
        std::mem::take(&mut self.errors)
    }

    pub(crate) fn next(&mut self, interner: &mut Interner) -> Token {
        while self.at_line_end() && self.peek().is_some() {
            self.bump();
            self.line_start = true;
            self.space_before = true;
        }
        let start = self.at;
        let kind = self.token(interner);
        let line_start = std::mem::take(&mut self.line_start);
        let space_before = std::mem::take(&mut self.space_before);
        let place = Place::plain(self.file, start, self.end.max(start));
        let at_margin = line_start && (start == 0 || self.text.as_bytes()[start - 1] == b'\n');
        Token { kind, place, hidden: HideSet::default(), line_start, at_margin, space_before }
    }

    /// Skips blanks and comments; whether the line ends there.
    pub(crate) fn at_line_end(&mut self) -> bool {
        loop {
            match self.peek() {
                None | Some(b'\n') => return true,
                Some(b' ' | b'\t' | b'\r' | 0x0b | 0x0c) => self.bump(),
                Some(b'/') if self.peek_second() == Some(b'/') => self.line_comment(),
                Some(b'/') if self.peek_second() == Some(b'*') => self.block_comment(),
                Some(_) => return false,
            }
            self.space_before = true;
        }
    }

    /// The rest of the line as text (for `#error`), its end not consumed.
    pub(crate) fn rest_of_line(&mut self) -> (String, Place) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.bump();
        }
        let start = self.at;
        let mut text = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| *byte != b'\n') {
            text.push(byte);
            self.bump();
        }
        let text = String::from_utf8_lossy(&text).trim_end().to_owned();
        (text, Place::plain(self.file, start, self.end.max(start)))
    }

    /// `<path>` or `"path"`, after `#include`: the path, and whether it stood in quotes.
    pub(crate) fn header_name(&mut self) -> Option<(String, bool, Place)> {
        if self.at_line_end() {
            return None;
        }
        let start = self.at;
        let close = match self.peek()? {
            b'<' => b'>',
            b'"' => b'"',
            _ => return None,
        };
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        let length = line.bytes().skip(1).position(|byte| byte == close)?;
        let path = line[1..=length].to_owned();
        self.at = start + length + 2;
        self.end = self.at;
        Some((path, close == b'"', Place::plain(self.file, start, self.end)))
    }

    fn token(&mut self, interner: &mut Interner) -> TokenKind {
        let Some(first) = self.peek() else { return TokenKind::End };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => {
                let word = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$');
                TokenKind::Ident(interner.intern(&word))
            }
            b'0'..=b'9' => TokenKind::Number(self.number(interner)),
            b'.' if self.peek_second().is_some_and(|byte| byte.is_ascii_digit()) => {
                TokenKind::Number(self.number(interner))
            }
            b'"' | b'\'' => self.quoted(first, interner),
            _ => self.punctuation(),
        }
    }

    fn number(&mut self, interner: &mut Interner) -> crate::intern::Symbol {
        let (mut previous, mut hexadecimal) = (0, false);
        let text = self.take_while(|byte| {
            hexadecimal |= previous == b'0' && matches!(byte, b'x' | b'X');
            // To the letter of C, `0xe+1` is one number, which is an error; nobody means that.
            let exponent = matches!(previous, b'p' | b'P') || !hexadecimal && matches!(previous, b'e' | b'E');
            previous = byte;
            exponent && matches!(byte, b'+' | b'-') || byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
        });
        interner.intern(&text)
    }

    /// A string or character constant with its quotes.
    fn quoted(&mut self, quote: u8, interner: &mut Interner) -> TokenKind {
        let start = self.at;
        let mut text = vec![quote];
        self.bump();
        let mut closed = false;
        while let Some(byte) = self.peek().filter(|byte| *byte != b'\n') {
            text.push(byte);
            self.bump();
            if byte == b'\\' {
                if let Some(escaped) = self.peek().filter(|byte| *byte != b'\n') {
                    text.push(escaped);
                    self.bump();
                }
            } else if byte == quote {
                closed = true;
                break;
            }
        }
        if !closed {
            let error = if quote == b'"' { LexError::UnclosedString } else { LexError::UnclosedChar };
            self.give_back_line_end(start);
            self.errors.push((Place::plain(self.file, start, self.end), error));
            return TokenKind::Other(char::from(quote));
        }
        let symbol = interner.intern(&String::from_utf8_lossy(&text));
        if quote == b'"' { TokenKind::Str(symbol) } else { TokenKind::Char(symbol) }
    }

    /// Leaves what most likely stands behind the missing quote: brackets and a `;` at the end of the line.
    fn give_back_line_end(&mut self, start: usize) {
        let text = &self.text[start + 1..self.end];
        let kept = text.trim_end_matches([';', ')', '}', ',', ' ', '\t', '\r']).len();
        self.end = start + 1 + kept;
        self.at = self.end;
    }

    /// A character that begins no token, and what clearly belongs to it.
    fn unexpected(&mut self) -> TokenKind {
        let start = self.at;
        let rest = &self.text[start..];
        let character = rest.chars().next().unwrap_or('\0');
        let quoted = matches!(character, '\u{201c}' | '\u{201d}');
        // Looked for nearby only: a line of nothing but quotes would take quadratic time.
        let nearby = rest.char_indices().skip(1).take(if quoted { 200 } else { 0 });
        let closing = nearby.take_while(|(_, next)| *next != '\n').find(|(_, next)| matches!(next, '\u{201d}' | '"'));
        let (length, error) = match (character, closing) {
            ('\0', _) => (1, LexError::Nul),
            (_, Some((at, quote))) => (at + quote.len_utf8(), LexError::CurlyQuotes),
            _ if character.is_alphabetic() => {
                let word = rest.find(|next: char| !next.is_alphanumeric()).unwrap_or(rest.len());
                (word, LexError::Character(character))
            }
            _ => (character.len_utf8(), LexError::Character(character)),
        };
        self.at = start + length;
        self.end = self.at;
        self.errors.push((Place::plain(self.file, start, self.end), error));
        TokenKind::Other(character)
    }

    fn punctuation(&mut self) -> TokenKind {
        let before = (self.at, self.end);
        let mut bytes = [0; 3];
        for slot in &mut bytes {
            let Some(byte) = self.peek() else { break };
            *slot = byte;
            self.bump();
        }
        (self.at, self.end) = before;
        if let Some(punct) = Punct::longest(bytes) {
            for _ in 0..punct.spelling().len() {
                self.peek();
                self.bump();
            }
            return TokenKind::Punct(punct);
        }
        self.unexpected()
    }

    fn take_while(&mut self, mut accept: impl FnMut(u8) -> bool) -> String {
        let mut word = String::new();
        while let Some(byte) = self.peek() {
            if !byte.is_ascii() || !accept(byte) {
                break;
            }
            word.push(byte as char);
            self.bump();
        }
        word
    }

    fn line_comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.bump();
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let body = start + 2;
        match self.text.get(body..).and_then(|rest| rest.find("*/")) {
            Some(length) => self.at = body + length + 2,
            None => {
                self.errors.push((Place::plain(self.file, start, body), LexError::UnclosedComment));
                self.at = self.text.len();
            }
        }
        self.end = self.at;
    }

    /// The next byte, spliced lines skipped.
    fn peek(&mut self) -> Option<u8> {
        while self.text.as_bytes().get(self.at) == Some(&b'\\') {
            match splice(&self.text.as_bytes()[self.at..]) {
                Some(length) => self.at += length,
                None => break,
            }
        }
        self.text.as_bytes().get(self.at).copied()
    }

    /// The byte after the next one.
    fn peek_second(&mut self) -> Option<u8> {
        let before = (self.at, self.end);
        self.bump();
        let second = self.peek();
        (self.at, self.end) = before;
        second
    }

    fn bump(&mut self) {
        self.at += 1;
        self.end = self.at;
    }
}

/// How long a `\` with the end of its line is, if the bytes begin with one. Blanks between them are ignored, as gcc does.
fn splice(bytes: &[u8]) -> Option<usize> {
    let blanks = bytes[1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    (bytes.get(1 + blanks) == Some(&b'\n')).then_some(blanks + 2)
}

/// An error with what to do about it.
pub(crate) fn explain(place: Place, error: &LexError) -> Diagnostic {
    let diagnostic = Diagnostic::error(place, error);
    match error {
        LexError::UnclosedComment => diagnostic.help("end it with `*/`"),
        LexError::UnclosedString => {
            diagnostic.help("end it with `\"`; adjacent strings are joined, so a long one can go over several lines")
        }
        LexError::UnclosedChar => diagnostic.help("end it with `'`"),
        LexError::CurlyQuotes => diagnostic.help("write `\"` at both ends"),
        LexError::Nul => diagnostic,
        LexError::Character(character) => match ascii_for(*character) {
            Some(ascii) => diagnostic.suggest(format!("did you mean `{ascii}`?"), place, ascii),
            None if character.is_alphabetic() => diagnostic.help("names are made of ASCII letters, digits and `_`"),
            None => diagnostic,
        },
    }
}

/// What was probably meant by a character that text processors put in place of another.
fn ascii_for(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{2018}' | '\u{2019}' => "'",
        '\u{201c}' | '\u{201d}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{a0}' | '\u{2002}'..='\u{200b}' | '\u{feff}' => " ",
        '\u{2026}' => "...",
        '\u{37e}' => ";",
        '\u{d7}' => "*",
        '\u{2264}' => "<=",
        '\u{2265}' => ">=",
        '\u{2260}' => "!=",
        '\u{2192}' => "->",
        _ => return None,
    })
}
