//! Declarators: the part of a declaration that reads inside out.
//!
//! Invariant: a suffix behind a parenthesised declarator is read first, so that the type is complete when the name is reached; each token is read once.

use super::{Parsed, Parser, Unsupported, is_reserved};
use crate::ast::Expr;
use crate::ast::{Attribute, Ident, Param, Qualifiers, Type, TypeKind};
use crate::intern::Word;
use crate::source_map::Place;
use crate::token::{Punct, TokenKind};
use std::rc::Rc;

/// `[...]` or `(...)` behind a name.
enum Suffix {
    Array(Option<Box<Expr>>),
    Function { params: Vec<Param>, variadic: bool, unspecified: bool },
}

impl Parser<'_> {
    /// A declarator, which may have no name: `*x[3]`, `(*f)(int)`, `*`.
    pub(super) fn declarator(
        &mut self,
        base: &Rc<Type>,
        attributes: &mut Vec<Attribute>,
    ) -> Parsed<(Option<Ident>, Rc<Type>)> {
        self.nested(|p| p.declarator_inner(base, attributes))
    }

    fn declarator_inner(
        &mut self,
        base: &Rc<Type>,
        attributes: &mut Vec<Attribute>,
    ) -> Parsed<(Option<Ident>, Rc<Type>)> {
        let mut ty = base.clone();
        self.attributes(attributes)?;
        while self.eat(Punct::Star) {
            self.grow()?;
            let qualifiers = self.pointer_qualifiers(attributes)?;
            let place = ty.place.to(self.previous());
            ty = Rc::new(Type { kind: TypeKind::Pointer(ty), qualifiers, place });
        }
        while self.unknown_annotation() {}
        if self.at_nested_declarator() {
            return self.nested_declarator(&ty, attributes);
        }
        let name = match self.token().ident() {
            Some(symbol) if !is_reserved(symbol) && !self.annotations.contains(symbol) => Some(self.ident("a name")?),
            _ => None,
        };
        Ok((name, self.suffixes(ty)?))
    }

    /// Whether a `(` here begins a declarator in parentheses, rather than parameters.
    fn at_nested_declarator(&self) -> bool {
        if !self.is(Punct::ParenOpen) {
            return false;
        }
        match self.nth(1).kind {
            TokenKind::Punct(Punct::Star | Punct::ParenOpen | Punct::BracketOpen) => true,
            TokenKind::Ident(symbol) => {
                matches!(symbol.word(), Some(Word::Attribute | Word::Attribute2))
                    || !is_reserved(symbol) && !self.is_type_name(symbol)
            }
            _ => false,
        }
    }

    fn nested_declarator(
        &mut self,
        ty: &Rc<Type>,
        attributes: &mut Vec<Attribute>,
    ) -> Parsed<(Option<Ident>, Rc<Type>)> {
        let Some(close) = self.brackets.partner(self.at) else {
            let open = self.place();
            self.unclosed(open, "(");
            return Err(super::Reported);
        };
        self.bump();
        let inner = self.at;
        self.at = close + 1;
        let outer = self.suffixes(ty.clone())?;
        let end = self.at;
        self.at = inner;
        let declared = self.declarator(&outer, attributes)?;
        self.expect(Punct::ParenClose)?;
        self.at = end;
        Ok(declared)
    }

    fn suffixes(&mut self, base: Rc<Type>) -> Parsed<Rc<Type>> {
        let mut suffixes = Vec::new();
        loop {
            self.grow_if(!suffixes.is_empty())?;
            let suffix = match self.token().kind {
                TokenKind::Punct(Punct::BracketOpen) => self.array_suffix()?,
                TokenKind::Punct(Punct::ParenOpen) => self.nested(Self::function_suffix)?,
                _ => break,
            };
            suffixes.push((suffix, self.previous()));
        }
        Ok(suffixes.into_iter().rev().fold(base, |inner, (suffix, end)| {
            let place: Place = inner.place.to(end);
            let kind = match suffix {
                Suffix::Array(length) => TypeKind::Array { element: inner, length },
                Suffix::Function { params, variadic, unspecified } => {
                    TypeKind::Function { result: inner, params, variadic, unspecified }
                }
            };
            Rc::new(Type { kind, qualifiers: Qualifiers::default(), place })
        }))
    }

    fn grow_if(&mut self, grows: bool) -> Parsed<()> {
        if grows { self.grow() } else { Ok(()) }
    }

    fn array_suffix(&mut self) -> Parsed<Suffix> {
        self.expect(Punct::BracketOpen)?;
        self.eat_word(Word::Static);
        self.pointer_qualifiers(&mut Vec::new())?;
        self.eat_word(Word::Static);
        let length = if self.is(Punct::BracketClose) { None } else { Some(Box::new(self.assignment()?)) };
        self.expect(Punct::BracketClose)?;
        Ok(Suffix::Array(length))
    }

    fn function_suffix(&mut self) -> Parsed<Suffix> {
        let open = self.expect(Punct::ParenOpen)?;
        let mut params = Vec::new();
        let mut variadic = false;
        if self.eat(Punct::ParenClose) {
            return Ok(Suffix::Function { params, variadic, unspecified: true });
        }
        if self.word() == Some(Word::Void) && self.nth(1).is(Punct::ParenClose) {
            self.bump();
            self.bump();
            return Ok(Suffix::Function { params, variadic, unspecified: false });
        }
        loop {
            if self.eat(Punct::Ellipsis) {
                variadic = true;
                break;
            }
            params.push(self.param()?);
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.close(open, Punct::ParenClose)?;
        Ok(Suffix::Function { params, variadic, unspecified: false })
    }

    fn param(&mut self) -> Parsed<Param> {
        let start = self.token();
        let specifiers = self.specifiers()?;
        let mut attributes = specifiers.attributes;
        let base = match specifiers.base {
            Some(base) => base,
            None => self.param_without_type()?,
        };
        let (name, ty) = self.declarator(&base, &mut attributes)?;
        self.attributes(&mut attributes)?;
        Ok(Param { name, ty, attributes, place: start.place.to(self.previous()) })
    }

    /// A lone name where a parameter should be: an unknown type, or the list of a K&R function.
    fn param_without_type(&mut self) -> Parsed<Rc<Type>> {
        let token = self.token();
        let Some(symbol) = token.ident().filter(|symbol| !is_reserved(*symbol)) else {
            return Err(self.expected("a parameter"));
        };
        let close = self.brackets.partner(self.at.saturating_sub(1));
        let old_style = close.is_some_and(|close| {
            let behind = self.tokens.get(close + 1);
            behind.is_some_and(|token| token.line_start && token.ident().is_some() || token.is(Punct::BraceOpen))
        });
        if old_style {
            return Err(self.unsupported(token.place, Unsupported::OldStyleFunction));
        }
        self.unknown_type(symbol);
        self.bump();
        Ok(Rc::new(Type { kind: TypeKind::Error, qualifiers: Qualifiers::default(), place: token.place }))
    }

    /// A type by itself, as in a cast.
    pub(super) fn type_name(&mut self) -> Parsed<Rc<Type>> {
        let specifiers = self.specifiers()?;
        let Some(base) = specifiers.base else { return Err(self.expected("a type")) };
        let (name, ty) = self.declarator(&base, &mut Vec::new())?;
        match name {
            Some(name) => {
                let error = super::SyntaxError::NotHere(name.name.to_string()).at(name.place);
                Err(self.report(error.label("a type by itself has no name in it")))
            }
            None => Ok(ty),
        }
    }
}
