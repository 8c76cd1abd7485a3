//! Macro expansion, after Dave Prosser's algorithm: arguments are expanded before they replace parameters, and what a macro gives is read again with
//! the macro's name hidden in it.
//!
//! Invariant: each expansion is paid for from one budget for the whole run, and calls nested in arguments are bounded, so that no input makes this slow or
//! deep.

use super::Preprocessor;
use super::define::{Macro, Part};
use super::error::PreprocessError;
use crate::diagnostic::Diagnostic;
use crate::intern::{Symbol, Word};
use crate::lexer::Lexer;
use crate::source_map::Place;
use crate::token::{HideSet, Punct, Token, TokenKind};
use std::rc::Rc;

/// How many tokens all expansions together may give.
pub(super) const MAX_EXPANSION: usize = 2_000_000;
/// How deep macro calls may nest: in arguments, and in what macros give.
const MAX_NESTING: usize = 200;

/// Tokens that are to be read again, the next one last.
pub(super) type Pending = Vec<Token>;

/// The arguments of a call, and its `)`.
struct Call {
    arguments: Vec<Vec<Token>>,
    close: Token,
}

impl Preprocessor<'_> {
    /// The token, or `None` if it began a macro's use: then what the macro gives is in `pending`.
    pub(super) fn expand(&mut self, token: Token, pending: &mut Pending, from_file: bool) -> Option<Token> {
        let Some(symbol) = token.ident().filter(|_| !self.exhausted) else { return Some(token) };
        let Some(definition) = self.macros.get(&symbol).cloned() else {
            return self.expand_builtin(token, pending, from_file);
        };
        if self.hide_sets.contains(token.hidden, symbol) {
            return Some(token);
        }
        if self.hide_sets.len(token.hidden) >= MAX_NESTING {
            self.error(token.place, PreprocessError::TooDeep(MAX_NESTING));
            return Some(reported(token));
        }
        let (arguments, hidden, place) = match &definition.params {
            None => (Vec::new(), token.hidden, token.place),
            Some(_) if self.is_behind_unclosed_call(token) || !self.next_is_paren(pending, from_file) => {
                return Some(token);
            }
            Some(params) => {
                let commas = params.variadic.then(|| params.names.len() - 1);
                let call = match self.call(token, commas, pending, from_file) {
                    Ok(call) => call,
                    Err(token) => return Some(token),
                };
                let hidden = self.hide_sets.intersection(token.hidden, call.close.hidden);
                let place = token.place.to(call.close.place);
                let Some(arguments) = self.count_arguments(symbol, &definition, call.arguments, place) else {
                    return Some(reported(Token { place, ..token }));
                };
                (arguments, hidden, place)
            }
        };
        let hidden = self.hide_sets.add(hidden, symbol);
        let use_of = Use { arguments, hidden, place, expanded: Vec::new() };
        let mut result = self.substitute(&definition, use_of);
        if let Some(first) = result.first_mut() {
            first.line_start = token.line_start;
            first.at_margin = token.at_margin;
            first.space_before = token.space_before;
        }
        if self.pay(result.len() + 1, place) {
            pending.extend(result.into_iter().rev());
        }
        None
    }

    /// Takes from the budget; whether there was enough.
    fn pay(&mut self, tokens: usize, place: Place) -> bool {
        if !self.exhausted {
            self.expanded += tokens;
            if self.expanded > MAX_EXPANSION {
                self.exhausted = true;
                let error = Diagnostic::error(place, PreprocessError::TooLong(MAX_EXPANSION))
                    .label("expansion was given up here")
                    .help("macros that use each other twice grow exponentially: write a function instead");
                self.diagnostics.push(error);
            }
        }
        !self.exhausted
    }

    /// Expands tokens on their own, as an argument or a condition is.
    pub(super) fn expand_all(&mut self, tokens: &[Token]) -> Vec<Token> {
        let Some(first) = tokens.first() else { return Vec::new() };
        if self.nesting >= MAX_NESTING {
            self.error(first.place, PreprocessError::TooDeep(MAX_NESTING));
            return vec![reported(*first)];
        }
        self.nesting += 1;
        let mut pending: Pending = tokens.iter().rev().copied().collect();
        let mut result = Vec::with_capacity(tokens.len());
        while let Some(token) = pending.pop() {
            result.extend(self.expand(token, &mut pending, false));
        }
        self.nesting -= 1;
        if self.pay(result.len(), first.place) { result } else { Vec::new() }
    }

    fn next_is_paren(&mut self, pending: &Pending, from_file: bool) -> bool {
        match pending.last() {
            Some(token) => token.is(Punct::ParenOpen),
            None => from_file && self.peek_file().is_some_and(|token| token.is(Punct::ParenOpen)),
        }
    }

    /// Reads the arguments of a call whose `(` is next. With `commas` given, commas after that many belong to the last argument.
    /// An error gives the token to go on with.
    fn call(
        &mut self,
        name: Token,
        commas: Option<usize>,
        pending: &mut Pending,
        from_file: bool,
    ) -> Result<Call, Token> {
        self.next_token(pending, from_file);
        let mut arguments = vec![Vec::new()];
        let (mut depth, mut braces, mut semicolon) = (0usize, 0usize, false);
        let mut read = Vec::new();
        while let Some(token) = self.next_token(pending, from_file) {
            read.push(token);
            semicolon |= token.is(Punct::Semicolon);
            match token.kind {
                // Another item begins in the first column, or the function ends: here the `)` will not come any more.
                _ if semicolon && token.at_margin && token.ident().is_some() => break,
                TokenKind::Punct(Punct::BraceClose) if braces == 0 => break,
                TokenKind::Punct(Punct::BraceClose) => braces -= 1,
                TokenKind::Punct(Punct::BraceOpen) => braces += 1,
                TokenKind::Punct(Punct::ParenClose) if depth == 0 => return Ok(Call { arguments, close: token }),
                TokenKind::Punct(Punct::ParenClose) => depth -= 1,
                TokenKind::Punct(Punct::ParenOpen) => depth += 1,
                TokenKind::Punct(Punct::Comma) if depth == 0 && commas.is_none_or(|most| arguments.len() <= most) => {
                    arguments.push(Vec::new());
                    continue;
                }
                _ => {}
            }
            if let Some(last) = arguments.last_mut() {
                last.push(token);
            }
        }
        Err(self.unclosed_call(name, read, pending))
    }

    /// Reports a call without its `)`, and leaves what follows its statement to be read.
    fn unclosed_call(&mut self, name: Token, read: Vec<Token>, pending: &mut Pending) -> Token {
        let spelling = name.spelling(self.interner);
        self.error(name.place, PreprocessError::UnclosedCall(spelling));
        if let Some(last) = read.last() {
            // Calls in there have no `)` either, or are read as plain names: looking for it again would take quadratic time.
            self.no_calls_until = Some(last.place.at);
        }
        let rest = read.iter().position(|token| token.is(Punct::Semicolon) || token.line_start).unwrap_or(read.len());
        pending.extend(read[rest..].iter().rev());
        reported(name)
    }

    /// Whether a token stands in what an unclosed call has read.
    fn is_behind_unclosed_call(&self, token: Token) -> bool {
        self.no_calls_until.is_some_and(|until| until.file == token.place.at.file && token.place.at.lo < until.lo)
    }

    /// The arguments as the macro's parameters take them, or an error about their number.
    fn count_arguments(
        &mut self,
        name: Symbol,
        definition: &Macro,
        mut arguments: Vec<Vec<Token>>,
        place: Place,
    ) -> Option<Vec<Vec<Token>>> {
        let params = definition.params.as_ref()?;
        let takes = params.names.len();
        if takes == 0 && arguments.len() == 1 && arguments[0].is_empty() {
            arguments.clear();
        }
        if params.variadic && arguments.len() + 1 == takes {
            arguments.push(Vec::new());
        }
        if arguments.len() == takes {
            return Some(arguments);
        }
        let least = takes - usize::from(params.variadic);
        let takes = match (params.variadic, least) {
            (false, 1) => "1 argument".to_owned(),
            (false, _) => format!("{least} arguments"),
            (true, _) => format!("at least {least} arguments"),
        };
        let name = self.interner.name(name).to_string();
        let error = PreprocessError::ArgumentCount { name, takes, given: arguments.len() };
        self.diagnostics.push(Diagnostic::error(place, error).also(definition.place, "defined here"));
        None
    }

    fn substitute(&mut self, definition: &Rc<Macro>, mut use_of: Use) -> Vec<Token> {
        use_of.expanded = vec![None; use_of.arguments.len()];
        let parts = self.parts(&definition.body, definition, &mut use_of);
        parts.into_iter().flatten().collect()
    }

    /// What parts of a body give. `None` is the nothing that an empty argument leaves beside `##`.
    fn parts(&mut self, body: &[Part], definition: &Macro, use_of: &mut Use) -> Vec<Option<Token>> {
        let mut result: Vec<Option<Token>> = Vec::with_capacity(body.len());
        let mut at = 0;
        while let Some(part) = body.get(at) {
            let pasted_left = at > 0 && matches!(body[at - 1], Part::Paste);
            let pasted_right = matches!(body.get(at + 1), Some(Part::Paste));
            at += 1;
            let given = match part {
                Part::Paste => continue,
                Part::Token(token) => vec![Some(use_of.relocate(*token))],
                Part::Stringify(index, token) => vec![Some(self.stringify(&use_of.arguments[*index], *token, use_of))],
                Part::VaOpt(parts) => {
                    let any = use_of.arguments.last().is_some_and(|last| !last.is_empty());
                    if any { self.parts(parts, definition, use_of) } else { vec![None] }
                }
                Part::Param(index, token) if pasted_left && self.is_gnu_comma(&result, *index, definition) => {
                    // `, ## __VA_ARGS__`: without such arguments the comma goes too, with them nothing is pasted.
                    if use_of.arguments[*index].is_empty() {
                        result.pop();
                    } else {
                        result.extend(self.argument(*index, *token, use_of).into_iter().map(Some));
                    }
                    continue;
                }
                Part::Param(index, token) if pasted_left || pasted_right => self.raw_argument(*index, *token, use_of),
                Part::Param(index, token) => self.argument(*index, *token, use_of).into_iter().map(Some).collect(),
            };
            if pasted_left {
                let left = result.pop().flatten();
                let mut given = given.into_iter();
                let right = given.next().flatten();
                self.paste(left, right, &mut result);
                result.extend(given);
            } else {
                result.extend(given);
            }
        }
        result
    }

    fn is_gnu_comma(&self, before: &[Option<Token>], index: usize, definition: &Macro) -> bool {
        let variadic =
            definition.params.as_ref().is_some_and(|params| params.variadic && index + 1 == params.names.len());
        variadic && matches!(before.last(), Some(Some(token)) if token.is(Punct::Comma))
    }

    /// An argument, expanded, as it stands in what the macro gives.
    fn argument(&mut self, index: usize, param: Token, use_of: &mut Use) -> Vec<Token> {
        let mut tokens = match &use_of.expanded[index] {
            Some(tokens) => tokens.clone(),
            None => {
                let tokens = self.expand_all(&use_of.arguments[index]);
                use_of.expanded[index] = Some(tokens.clone());
                tokens
            }
        };
        self.adopt(&mut tokens, param, use_of.hidden);
        tokens
    }

    /// An argument as it was written; something even when it is empty.
    fn raw_argument(&mut self, index: usize, param: Token, use_of: &Use) -> Vec<Option<Token>> {
        let mut tokens = use_of.arguments[index].clone();
        self.adopt(&mut tokens, param, use_of.hidden);
        if tokens.is_empty() { vec![None] } else { tokens.into_iter().map(Some).collect() }
    }

    fn adopt(&mut self, tokens: &mut [Token], param: Token, hidden: HideSet) {
        for token in &mut *tokens {
            token.hidden = self.hide_sets.union(token.hidden, hidden);
        }
        if let Some(first) = tokens.first_mut() {
            first.space_before = param.space_before;
            first.line_start = false;
        }
    }

    fn stringify(&mut self, tokens: &[Token], hash: Token, use_of: &Use) -> Token {
        let mut text = String::from("\"");
        for (index, token) in tokens.iter().enumerate() {
            if index > 0 && (token.space_before || token.line_start) {
                text.push(' ');
            }
            let spelling = token.spelling(self.interner);
            match token.kind {
                TokenKind::Str(_) | TokenKind::Char(_) => {
                    for character in spelling.chars() {
                        if matches!(character, '"' | '\\') {
                            text.push('\\');
                        }
                        text.push(character);
                    }
                }
                _ => text.push_str(&spelling),
            }
        }
        text.push('"');
        Token { kind: TokenKind::Str(self.interner.intern(&text)), ..use_of.relocate(hash) }
    }

    fn paste(&mut self, left: Option<Token>, right: Option<Token>, result: &mut Vec<Option<Token>>) {
        let (Some(left), Some(right)) = (left, right) else {
            result.push(left.or(right));
            return;
        };
        let spellings = (left.spelling(self.interner), right.spelling(self.interner));
        let text = format!("{}{}", spellings.0, spellings.1);
        let length = text.len();
        let mut lexer = Lexer::new(text.into(), 0);
        let pasted = lexer.next(self.interner);
        let whole = pasted.place.at.lo == 0 && pasted.place.at.hi as usize == length;
        if whole && lexer.take_errors().is_empty() {
            let hidden = self.hide_sets.union(left.hidden, right.hidden);
            result.push(Some(Token { kind: pasted.kind, hidden, place: left.place.to(right.place), ..left }));
        } else {
            self.error(left.place, PreprocessError::BadPaste(spellings.0, spellings.1));
            result.extend([Some(left), Some(right)]);
        }
    }

    /// The macros that no `#define` could define.
    fn expand_builtin(&mut self, token: Token, pending: &mut Pending, from_file: bool) -> Option<Token> {
        let kind = match token.word() {
            Some(Word::LineMacro) => {
                let line = self.sources.line(token.place);
                TokenKind::Number(self.interner.intern(&line.to_string()))
            }
            Some(Word::FileMacro) => {
                let name = self.sources.file(token.place.at.file).map_or("", |file| file.name.as_str());
                let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
                TokenKind::Str(self.interner.intern(&format!("\"{escaped}\"")))
            }
            Some(Word::CounterMacro) => {
                self.counter += 1;
                TokenKind::Number(self.interner.intern(&(self.counter - 1).to_string()))
            }
            Some(
                word @ (Word::IsEnabled | Word::IsBuiltin | Word::IsModule | Word::IsReachable | Word::PragmaOperator),
            ) if self.next_is_paren(pending, from_file) => {
                let call = match self.call(token, None, pending, from_file) {
                    Ok(call) => call,
                    Err(token) => return Some(token),
                };
                if word == Word::PragmaOperator {
                    return None;
                }
                let value = call.arguments[0].first().is_some_and(|option| self.is_enabled(word, *option));
                let place = token.place.to(call.close.place);
                let kind = TokenKind::Number(self.interner.intern(if value { "1" } else { "0" }));
                return Some(Token { kind, place, ..token });
            }
            _ => return Some(token),
        };
        Some(Token { kind, ..token })
    }

    /// `IS_ENABLED(CONFIG_X)` and its like. Behind another macro's parameter the option may be expanded already.
    fn is_enabled(&mut self, word: Word, option: Token) -> bool {
        let Some(symbol) = option.ident() else {
            return word != Word::IsModule && option.spelling(self.interner) == "1";
        };
        let module = self.interner.intern(&format!("{}_MODULE", self.interner.name(symbol).clone()));
        let built_in = self.is_one(symbol);
        let module = self.is_one(module);
        match word {
            Word::IsBuiltin => built_in,
            Word::IsModule => module,
            _ => built_in || module,
        }
    }

    fn is_one(&self, symbol: Symbol) -> bool {
        let body = self.macros.get(&symbol).map_or(&[][..], |definition| &definition.body);
        matches!(body, [Part::Token(token)] if token.spelling(self.interner) == "1")
    }
}

/// A use of a macro.
struct Use {
    arguments: Vec<Vec<Token>>,
    hidden: HideSet,
    place: Place,
    /// The arguments expanded, as far as that was needed yet.
    expanded: Vec<Option<Vec<Token>>>,
}

impl Use {
    /// A token of the macro's body as it stands at this use.
    fn relocate(&self, token: Token) -> Token {
        let place = Place { at: self.place.at, definition: Some(token.place.at) };
        Token { place, hidden: self.hidden, line_start: false, at_margin: false, ..token }
    }
}

/// A token about which an error has been reported: nobody complains about it again.
fn reported(token: Token) -> Token {
    Token { kind: TokenKind::Other('?'), ..token }
}
