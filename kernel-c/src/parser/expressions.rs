//! Expressions.
//!
//! Invariant: a chain of operators is read in a loop, not by recursion, and counts towards the height of the tree.

use super::{Parsed, Parser, SyntaxError, Unsupported, is_reserved, operators};
use crate::ast::{Designator, Expr, ExprKind, StringLiteral, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::intern::Word;
use crate::literal::{self, LiteralError};
use crate::source_map::Place;
use crate::token::{Punct, Token, TokenKind};

impl Parser<'_> {
    /// An expression, commas included.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        let mut left = self.assignment()?;
        while self.eat(Punct::Comma) {
            let right = self.assignment()?;
            self.grow()?;
            let place = left.place.to(right.place);
            left = Expr { kind: ExprKind::Comma(Box::new(left), Box::new(right)), place };
        }
        Ok(left)
    }

    /// An expression without commas.
    pub(super) fn assignment(&mut self) -> Parsed<Expr> {
        self.nested(|p| {
            let target = p.conditional_inner()?;
            let TokenKind::Punct(punct) = p.token().kind else { return Ok(target) };
            let Some(op) = operators::assignment(punct) else { return Ok(target) };
            p.bump();
            let value = p.assignment()?;
            let place = target.place.to(value.place);
            Ok(Expr { kind: ExprKind::Assign { op, target: Box::new(target), value: Box::new(value) }, place })
        })
    }

    /// An expression without commas and assignments.
    pub(super) fn conditional(&mut self) -> Parsed<Expr> {
        self.nested(Self::conditional_inner)
    }

    fn conditional_inner(&mut self) -> Parsed<Expr> {
        let condition = self.binary(0)?;
        if !self.eat(Punct::Question) {
            return Ok(condition);
        }
        let then = if self.is(Punct::Colon) { None } else { Some(Box::new(self.nested(Self::expr)?)) };
        self.expect(Punct::Colon)?;
        let otherwise = self.conditional()?;
        let place = condition.place.to(otherwise.place);
        let kind = ExprKind::Conditional { condition: Box::new(condition), then, otherwise: Box::new(otherwise) };
        Ok(Expr { kind, place })
    }

    fn binary(&mut self, least: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        while let TokenKind::Punct(punct) = self.token().kind {
            let Some((op, strength)) = operators::binary(punct).filter(|(_, strength)| *strength >= least) else {
                break;
            };
            self.bump();
            let right = self.binary(strength + 1)?;
            self.grow()?;
            let place = left.place.to(right.place);
            left = Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, place };
        }
        Ok(left)
    }

    /// An operand with its prefixes and suffixes.
    fn unary(&mut self) -> Parsed<Expr> {
        self.nested(Self::unary_inner)
    }

    fn unary_inner(&mut self) -> Parsed<Expr> {
        let token = self.token();
        let prefix = match token.kind {
            TokenKind::Punct(punct) => prefix(punct),
            _ => None,
        };
        if let Some(op) = prefix {
            self.bump();
            let operand = self.unary()?;
            let place = token.place.to(operand.place);
            return Ok(Expr { kind: ExprKind::Unary { op, operand: Box::new(operand) }, place });
        }
        match (token.kind, token.word()) {
            (TokenKind::Punct(Punct::Increment | Punct::Decrement), _) => {
                self.bump();
                let operand = self.unary()?;
                let place = token.place.to(operand.place);
                let decrement = token.is(Punct::Decrement);
                let kind = ExprKind::Increment { operand: Box::new(operand), decrement, postfix: false };
                Ok(Expr { kind, place })
            }
            (TokenKind::Punct(Punct::AndAnd), _) => {
                let place = token.place.to(self.nth(1).place);
                Err(self.unsupported(place, Unsupported::ComputedGoto))
            }
            (TokenKind::Punct(Punct::ParenOpen), _) if self.at_type_nth(1) || self.at_cast_to_unknown() => self.cast(),
            (_, Some(Word::Sizeof)) => self.sizeof(),
            (_, Some(Word::Alignof11 | Word::AlignofGnu | Word::AlignofGnu2)) => self.alignof(),
            (_, Some(Word::Extension)) => {
                self.bump();
                self.unary()
            }
            _ => self.postfix(),
        }
    }

    /// `(unknown_t)x` and `(unknown_t *)x`: cannot be anything but a cast to a type that does not exist.
    fn at_cast_to_unknown(&self) -> bool {
        let Some(symbol) = self.nth(1).ident() else { return false };
        if is_reserved(symbol) || self.scopes.meaning(symbol).is_some() {
            return false;
        }
        let stars = (2..8).take_while(|n| self.nth(*n).is(Punct::Star)).count();
        let close = self.nth(2 + stars);
        let operand = self.nth(3 + stars);
        let begins = match operand.kind {
            TokenKind::Ident(symbol) => !is_reserved(symbol) || symbol.word() == Some(Word::Sizeof),
            TokenKind::Number(_) | TokenKind::Str(_) | TokenKind::Char(_) => true,
            _ => false,
        };
        close.is(Punct::ParenClose) && (stars > 0 || begins && !operand.line_start)
    }

    /// `(type)operand`, or `(type){ ... }`.
    fn cast(&mut self) -> Parsed<Expr> {
        let start = self.bump().place;
        if !self.at_type()
            && let Some(symbol) = self.token().ident()
        {
            self.unknown_type(symbol);
            return Err(super::Reported);
        }
        let ty = self.type_name()?;
        self.expect(Punct::ParenClose)?;
        if self.is(Punct::BraceOpen) {
            let list = self.initializer_list()?;
            let place = start.to(list.place);
            return self.suffixes_of(Expr { kind: ExprKind::CompoundLiteral { ty, list }, place });
        }
        let operand = self.unary()?;
        let place = start.to(operand.place);
        Ok(Expr { kind: ExprKind::Cast { ty, operand: Box::new(operand) }, place })
    }

    fn sizeof(&mut self) -> Parsed<Expr> {
        let start = self.bump().place;
        let kind = if self.at_type_operand() {
            self.bump();
            let ty = self.type_name()?;
            let close = self.expect(Punct::ParenClose)?;
            if self.is(Punct::BraceOpen) {
                let list = self.initializer_list()?;
                let place = start.to(list.place);
                let literal = Expr { kind: ExprKind::CompoundLiteral { ty, list }, place };
                ExprKind::SizeofExpr(Box::new(self.suffixes_of(literal)?))
            } else {
                return Ok(Expr { kind: ExprKind::SizeofType(ty), place: start.to(close.place) });
            }
        } else {
            ExprKind::SizeofExpr(Box::new(self.unary()?))
        };
        Ok(Expr { kind, place: start.to(self.previous()) })
    }

    fn alignof(&mut self) -> Parsed<Expr> {
        let start = self.bump().place;
        let kind = if self.at_type_operand() {
            self.bump();
            let ty = self.type_name()?;
            self.expect(Punct::ParenClose)?;
            ExprKind::AlignofType(ty)
        } else {
            ExprKind::AlignofExpr(Box::new(self.unary()?))
        };
        Ok(Expr { kind, place: start.to(self.previous()) })
    }

    fn at_type_operand(&self) -> bool {
        self.is(Punct::ParenOpen) && self.at_type_nth(1)
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let primary = self.primary()?;
        self.suffixes_of(primary)
    }

    fn suffixes_of(&mut self, mut expr: Expr) -> Parsed<Expr> {
        loop {
            let token = self.token();
            let TokenKind::Punct(punct) = token.kind else { return Ok(expr) };
            let operand = |expr| Box::new(expr);
            let start = expr.place;
            let kind = match punct {
                Punct::ParenOpen => {
                    self.bump();
                    let arguments = self.arguments()?;
                    self.close(token, Punct::ParenClose)?;
                    ExprKind::Call { callee: operand(expr), arguments }
                }
                Punct::BracketOpen => {
                    self.bump();
                    let index = self.nested(Self::expr)?;
                    self.close(token, Punct::BracketClose)?;
                    ExprKind::Index { base: operand(expr), index: Box::new(index) }
                }
                // On a new line, `.b = 2` is the next member of an initialiser: a comma is missing.
                Punct::Dot if token.line_start && self.nth(2).is(Punct::Assign) => return Ok(expr),
                Punct::Dot | Punct::Arrow => {
                    self.bump();
                    let field = self.ident("a member")?;
                    ExprKind::Member { base: operand(expr), field, arrow: punct == Punct::Arrow }
                }
                Punct::Increment | Punct::Decrement => {
                    self.bump();
                    let decrement = punct == Punct::Decrement;
                    ExprKind::Increment { operand: operand(expr), decrement, postfix: true }
                }
                _ => return Ok(expr),
            };
            self.grow()?;
            expr = Expr { kind, place: start.to(self.previous()) };
        }
    }

    /// Arguments up to `)`, which stays.
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        let mut arguments = Vec::new();
        if self.is(Punct::ParenClose) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.argument()?);
            if !self.eat(Punct::Comma) {
                return Ok(arguments);
            }
        }
    }

    /// An argument: an expression, or a type.
    pub(super) fn argument(&mut self) -> Parsed<Expr> {
        if self.at_type() {
            let ty = self.type_name()?;
            let place = ty.place;
            return Ok(Expr { kind: ExprKind::Type(ty), place });
        }
        self.assignment()
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let token = self.token();
        let kind = match token.kind {
            TokenKind::Number(symbol) => match literal::integer(self.interner.name(symbol)) {
                Ok(literal) => ExprKind::Integer(literal),
                Err(error) => self.literal_error(token, &error),
            },
            TokenKind::Char(symbol) => match literal::character(self.interner.name(symbol)) {
                Ok(value) => ExprKind::Char(value),
                Err(error) => self.literal_error(token, &error),
            },
            TokenKind::Str(_) => {
                let string = self.string_literal()?;
                return Ok(Expr { kind: ExprKind::String(string), place: token.place.to(self.previous()) });
            }
            TokenKind::Punct(Punct::ParenOpen) => return self.parenthesized(),
            TokenKind::Ident(symbol) if !is_reserved(symbol) => {
                let prefixes = matches!(&**self.interner.name(symbol), "L" | "u" | "U" | "u8");
                if prefixes && matches!(self.nth(1).kind, TokenKind::Str(_) | TokenKind::Char(_)) {
                    return Err(self.unsupported(token.place, Unsupported::WideString));
                }
                ExprKind::Ident(self.name(symbol))
            }
            TokenKind::Ident(_) => return self.keyword_expression(token),
            TokenKind::Other(_) => {
                self.bump();
                return Ok(Expr { kind: ExprKind::Error, place: token.place });
            }
            _ => return Err(self.expected("an expression")),
        };
        self.bump();
        Ok(Expr { kind, place: token.place })
    }

    fn parenthesized(&mut self) -> Parsed<Expr> {
        let open = self.bump();
        let kind = if self.is(Punct::BraceOpen) {
            if !self.in_function {
                return Err(self.error(open.place, SyntaxError::NotHere("({ ... })".to_owned())));
            }
            ExprKind::Statement(self.block()?)
        } else {
            ExprKind::Paren(Box::new(self.expr()?))
        };
        let end = self.close(open, Punct::ParenClose)?.place;
        Ok(Expr { kind, place: open.place.to(end) })
    }

    fn keyword_expression(&mut self, token: Token) -> Parsed<Expr> {
        let kind = match token.word() {
            Some(Word::Func | Word::Function | Word::PrettyFunction) => {
                self.bump();
                ExprKind::FunctionName
            }
            Some(Word::Offsetof | Word::OffsetofGnu) => self.offsetof()?,
            Some(Word::VaArg | Word::VaArgGnu) => {
                self.bump();
                self.expect(Punct::ParenOpen)?;
                let list = Box::new(self.assignment()?);
                self.expect(Punct::Comma)?;
                let ty = self.type_name()?;
                self.expect(Punct::ParenClose)?;
                ExprKind::VaArg { list, ty }
            }
            Some(Word::Generic11) => return Err(self.unsupported(token.place, Unsupported::Generic)),
            Some(Word::Asm | Word::AsmGnu | Word::AsmGnu2) => {
                return Err(self.unsupported(token.place, Unsupported::Asm));
            }
            _ => return Err(self.expected("an expression")),
        };
        Ok(Expr { kind, place: token.place.to(self.previous()) })
    }

    fn offsetof(&mut self) -> Parsed<ExprKind> {
        self.bump();
        self.expect(Punct::ParenOpen)?;
        let ty = self.type_name()?;
        self.expect(Punct::Comma)?;
        let mut path = vec![Designator::Field(self.ident("a member")?)];
        path.extend(self.designators()?);
        self.expect(Punct::ParenClose)?;
        Ok(ExprKind::Offsetof { ty, path })
    }

    /// Adjacent strings, joined.
    pub(super) fn string_literal(&mut self) -> Parsed<StringLiteral> {
        let mut bytes = Vec::new();
        if !matches!(self.token().kind, TokenKind::Str(_)) {
            return Err(self.expected("a string"));
        }
        while let TokenKind::Str(symbol) = self.token().kind {
            match literal::bytes(self.interner.name(symbol)) {
                Ok(more) => bytes.extend(more),
                Err(error) => {
                    self.literal_error(self.token(), &error);
                }
            }
            self.bump();
        }
        Ok(StringLiteral { bytes: bytes.into() })
    }

    fn literal_error(&mut self, token: Token, error: &LiteralError) -> ExprKind {
        let place: Place = token.place;
        let diagnostic = match error {
            LiteralError::Float => Unsupported::Float.at(place),
            LiteralError::LongChar => Diagnostic::error(place, error).help("use a string, or one character"),
            LiteralError::NotANumber(number) if number.starts_with('0') && number.contains(['8', '9']) => {
                Diagnostic::error(place, error).help("a number that begins with 0 is octal: its digits are 0 to 7")
            }
            _ => Diagnostic::error(place, error),
        };
        self.report(diagnostic);
        ExprKind::Error
    }
}

fn prefix(punct: Punct) -> Option<UnaryOp> {
    Some(match punct {
        Punct::Plus => UnaryOp::Plus,
        Punct::Minus => UnaryOp::Minus,
        Punct::Tilde => UnaryOp::BitNot,
        Punct::Not => UnaryOp::Not,
        Punct::Star => UnaryOp::Deref,
        Punct::And => UnaryOp::AddressOf,
        _ => return None,
    })
}
