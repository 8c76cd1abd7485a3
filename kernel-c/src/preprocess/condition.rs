//! The conditions of `#if` and `#elif`.
//!
//! Invariant: arithmetic is C's on `intmax_t` and `uintmax_t`, and what `&&`, `||` and `?:` do not evaluate can be no error.

use super::Preprocessor;
use super::error::PreprocessError;
use crate::diagnostic::Diagnostic;
use crate::intern::Word;
use crate::literal;
use crate::source_map::Place;
use crate::token::{Punct, Token, TokenKind};

/// How deep a condition may nest.
const MAX_DEPTH: usize = 100;

/// A value of `intmax_t` or `uintmax_t`.
#[derive(Clone, Copy)]
struct Value {
    bits: u64,
    unsigned: bool,
}

impl Value {
    fn signed(value: i64) -> Self {
        Self { bits: value as u64, unsigned: false }
    }
    fn truth(value: bool) -> Self {
        Self::signed(value.into())
    }
    fn is_true(self) -> bool {
        self.bits != 0
    }
}

impl Preprocessor<'_> {
    /// Reads and evaluates the rest of the line. An error gives `None`.
    pub(super) fn condition(&mut self, directive: &'static str, place: Place) -> Option<bool> {
        let line = self.line();
        if line.is_empty() {
            self.error(place, PreprocessError::ConditionMissing(directive));
            return None;
        }
        let tokens = self.replace_defined(&line)?;
        let tokens = self.expand_all(&tokens);
        let end = line.last().map_or(place, |last| last.place).after();
        let mut reader = Reader { tokens: &tokens, at: 0, end, depth: 0, preprocessor: self };
        let value = reader.conditional(true).and_then(|value| match reader.peek() {
            None => Ok(value),
            Some(token) => Err(reader.unexpected(token)),
        });
        match value {
            Ok(value) => Some(value.is_true()),
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
        }
    }

    /// Puts 1 or 0 for `defined X` and `defined(X)`, before macros are expanded.
    fn replace_defined(&mut self, line: &[Token]) -> Option<Vec<Token>> {
        let mut result = Vec::with_capacity(line.len());
        let mut at = 0;
        while let Some(token) = line.get(at) {
            at += 1;
            if token.word() != Some(Word::Defined) {
                result.push(*token);
                continue;
            }
            let in_parens = line.get(at).is_some_and(|token| token.is(Punct::ParenOpen));
            at += usize::from(in_parens);
            let Some(symbol) = line.get(at).and_then(Token::ident) else {
                self.error(token.place, PreprocessError::ConditionExpected("a name after `defined`"));
                return None;
            };
            at += 1;
            if in_parens {
                if !line.get(at).is_some_and(|token| token.is(Punct::ParenClose)) {
                    self.error(token.place, PreprocessError::ConditionExpected("`)` after `defined(NAME`"));
                    return None;
                }
                at += 1;
            }
            let value = if self.is_defined(symbol) { "1" } else { "0" };
            result.push(Token { kind: TokenKind::Number(self.interner.intern(value)), ..*token });
        }
        Some(result)
    }
}

type Evaluated = Result<Value, Box<Diagnostic>>;

struct Reader<'a, 'p> {
    tokens: &'a [Token],
    at: usize,
    end: Place,
    depth: usize,
    preprocessor: &'a mut Preprocessor<'p>,
}

impl Reader<'_, '_> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn eat(&mut self, punct: Punct) -> bool {
        let found = self.peek().is_some_and(|token| token.is(punct));
        self.at += usize::from(found);
        found
    }

    fn unexpected(&self, token: Token) -> Box<Diagnostic> {
        let description = token.describe(self.preprocessor.interner);
        Box::new(Diagnostic::error(token.place, PreprocessError::ConditionToken(description)))
    }

    fn expected(&self, what: &'static str) -> Box<Diagnostic> {
        let place = self.peek().map_or(self.end, |token| token.place);
        Box::new(Diagnostic::error(place, PreprocessError::ConditionExpected(what)))
    }

    /// `live` is false for what is read but not evaluated.
    fn conditional(&mut self, live: bool) -> Evaluated {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Box::new(Diagnostic::error(self.end, PreprocessError::TooDeep(MAX_DEPTH))));
        }
        let condition = self.binary(0, live)?;
        let value = if self.eat(Punct::Question) {
            let then = self.conditional(live && condition.is_true())?;
            if !self.eat(Punct::Colon) {
                return Err(self.expected("`:`"));
            }
            let otherwise = self.conditional(live && !condition.is_true())?;
            let chosen = if condition.is_true() { then } else { otherwise };
            Value { unsigned: then.unsigned || otherwise.unsigned, ..chosen }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(value)
    }

    fn binary(&mut self, least: u8, live: bool) -> Evaluated {
        let mut left = self.unary(live)?;
        while let Some((token, punct, strength)) = self.peek().and_then(|token| match token.kind {
            TokenKind::Punct(punct) => strength(punct).map(|strength| (token, punct, strength)),
            _ => None,
        }) {
            if strength < least {
                break;
            }
            self.at += 1;
            let right_live = match punct {
                Punct::AndAnd => live && left.is_true(),
                Punct::OrOr => live && !left.is_true(),
                _ => live,
            };
            self.depth += 1;
            let right = self.binary(strength + 1, right_live)?;
            self.depth -= 1;
            left = apply(punct, left, right, right_live)
                .ok_or_else(|| Box::new(Diagnostic::error(token.place, PreprocessError::DivisionByZero)))?;
        }
        Ok(left)
    }

    fn unary(&mut self, live: bool) -> Evaluated {
        let Some(token) = self.peek() else { return Err(self.expected("a value")) };
        self.at += 1;
        match token.kind {
            TokenKind::Punct(Punct::ParenOpen) => {
                let value = self.conditional(live)?;
                if self.eat(Punct::ParenClose) { Ok(value) } else { Err(self.expected("`)`")) }
            }
            TokenKind::Punct(punct @ (Punct::Minus | Punct::Plus | Punct::Not | Punct::Tilde)) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Box::new(Diagnostic::error(token.place, PreprocessError::TooDeep(MAX_DEPTH))));
                }
                let value = self.unary(live)?;
                self.depth -= 1;
                Ok(match punct {
                    Punct::Minus => Value { bits: value.bits.wrapping_neg(), ..value },
                    Punct::Tilde => Value { bits: !value.bits, ..value },
                    Punct::Not => Value::truth(!value.is_true()),
                    _ => value,
                })
            }
            TokenKind::Number(symbol) => match literal::integer(self.preprocessor.interner.name(symbol)) {
                Ok(literal) => {
                    let unsigned = literal.unsigned || literal.value > i64::MAX as u64;
                    Ok(Value { bits: literal.value, unsigned })
                }
                Err(error) => Err(Box::new(Diagnostic::error(token.place, error))),
            },
            TokenKind::Char(symbol) => match literal::character(self.preprocessor.interner.name(symbol)) {
                Ok(value) => Ok(Value::signed(value)),
                Err(error) => Err(Box::new(Diagnostic::error(token.place, error))),
            },
            TokenKind::Ident(symbol) => {
                if self.peek().is_some_and(|next| next.is(Punct::ParenOpen)) {
                    let name = self.preprocessor.interner.name(symbol).to_string();
                    return Err(Box::new(Diagnostic::error(token.place, PreprocessError::NotFunctionLike(name))));
                }
                Ok(Value::signed(0))
            }
            _ => Err(self.unexpected(token)),
        }
    }
}

/// How strongly an operator binds; more is stronger.
fn strength(punct: Punct) -> Option<u8> {
    Some(match punct {
        Punct::OrOr => 0,
        Punct::AndAnd => 1,
        Punct::Or => 2,
        Punct::Xor => 3,
        Punct::And => 4,
        Punct::EqualEqual | Punct::NotEqual => 5,
        Punct::Less | Punct::Greater | Punct::LessEqual | Punct::GreaterEqual => 6,
        Punct::Shl | Punct::Shr => 7,
        Punct::Plus | Punct::Minus => 8,
        Punct::Star | Punct::Slash | Punct::Percent => 9,
        _ => return None,
    })
}

/// `None` for a division by zero that is evaluated.
fn apply(punct: Punct, left: Value, right: Value, live: bool) -> Option<Value> {
    let unsigned = left.unsigned || right.unsigned;
    let (a, b) = (left.bits, right.bits);
    let (x, y) = (a as i64, b as i64);
    let number = |bits| Value { bits, unsigned };
    Some(match punct {
        Punct::OrOr => Value::truth(left.is_true() || right.is_true()),
        Punct::AndAnd => Value::truth(left.is_true() && right.is_true()),
        Punct::Or => number(a | b),
        Punct::Xor => number(a ^ b),
        Punct::And => number(a & b),
        Punct::EqualEqual => Value::truth(a == b),
        Punct::NotEqual => Value::truth(a != b),
        Punct::Less => Value::truth(if unsigned { a < b } else { x < y }),
        Punct::Greater => Value::truth(if unsigned { a > b } else { x > y }),
        Punct::LessEqual => Value::truth(if unsigned { a <= b } else { x <= y }),
        Punct::GreaterEqual => Value::truth(if unsigned { a >= b } else { x >= y }),
        Punct::Shl => Value { bits: a.wrapping_shl(b as u32), unsigned: left.unsigned },
        Punct::Shr if left.unsigned => Value { bits: a.wrapping_shr(b as u32), unsigned: true },
        Punct::Shr => Value::signed(x.wrapping_shr(b as u32)),
        Punct::Plus => number(a.wrapping_add(b)),
        Punct::Minus => number(a.wrapping_sub(b)),
        Punct::Star => number(a.wrapping_mul(b)),
        _ if b == 0 => return if live { None } else { Some(number(0)) },
        Punct::Slash if unsigned => number(a / b),
        Punct::Slash => number(x.wrapping_div(y) as u64),
        _ if unsigned => number(a % b),
        _ => number(x.wrapping_rem(y) as u64),
    })
}
