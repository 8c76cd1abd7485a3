//! Declarations, at file scope and in blocks, and the invocations that stand in their place.
//!
//! Invariant: a name is known as a type or not from the end of its declarator on, its own initialiser included, as C says.

use super::{Meaning, Parsed, Parser, SyntaxError, Unsupported, is_reserved};
use crate::ast::{
    Argument, Attribute, Declaration, Designator, Ident, InitDeclarator, InitializerEntry, Invocation, StaticAssert,
    Storage, Type, TypeKind,
};
use crate::intern::Word;
use crate::token::{Punct, TokenKind};
use std::rc::Rc;

/// What was found to begin here.
pub(super) enum Start {
    Invocation(Invocation),
    Declaration(Declaration),
    /// A function; its body is next.
    Function(Box<FunctionHead>),
}

/// A function up to its body.
pub(super) struct FunctionHead {
    pub(super) storage: Storage,
    pub(super) name: Ident,
    pub(super) ty: Rc<Type>,
    pub(super) attributes: Vec<Attribute>,
}

impl Parser<'_> {
    /// Reads a declaration with its `;`, a function's head, or an invocation without its `;`.
    pub(super) fn declaration_start(&mut self) -> Parsed<Start> {
        let specifiers = self.specifiers()?;
        let (storage, attributes) = (specifiers.storage, specifiers.attributes);
        let Some(base) = specifiers.base else {
            if self.at_invocation() {
                return self.invocation(storage, attributes).map(Start::Invocation);
            }
            return Err(self.missing_type());
        };
        let mut declaration = Declaration { storage, base, attributes, declarators: Vec::new() };
        if self.eat(Punct::Semicolon) {
            return Ok(Start::Declaration(declaration));
        }
        if self.missing_semicolon_behind_definition(&declaration.base) {
            return Ok(Start::Declaration(declaration));
        }
        loop {
            let start = self.place();
            let mut attributes = Vec::new();
            let (name, ty) = self.declarator(&declaration.base, &mut attributes)?;
            let Some(name) = name else { return Err(self.expected("a name")) };
            if let Some(Word::Asm | Word::AsmGnu | Word::AsmGnu2) = self.word() {
                return Err(self.unsupported(self.place(), Unsupported::AsmLabel));
            }
            self.attributes(&mut attributes)?;
            self.declare(&name, storage.is_typedef);
            let is_function = matches!(ty.kind, TypeKind::Function { .. });
            if declaration.declarators.is_empty() && is_function && self.is(Punct::BraceOpen) {
                attributes.splice(0..0, std::mem::take(&mut declaration.attributes));
                return Ok(Start::Function(Box::new(FunctionHead { storage, name, ty, attributes })));
            }
            let initializer = if self.eat(Punct::Assign) { Some(self.initializer()?) } else { None };
            let place = start.to(self.previous());
            declaration.declarators.push(InitDeclarator { name, ty, attributes, initializer, place });
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.semicolon("this declaration")?;
        Ok(Start::Declaration(declaration))
    }

    fn declare(&mut self, name: &Ident, is_type: bool) {
        if let Some(symbol) = self.interner.get(&name.name) {
            self.scopes.declare(symbol, if is_type { Meaning::Type } else { Meaning::Ordinary });
        }
    }

    /// Reports `struct s { ... }` at the end of a line without `;`, where another declaration follows.
    fn missing_semicolon_behind_definition(&mut self, base: &Type) -> bool {
        let token = self.token();
        let missing = base.kind.is_definition()
            && token.line_start
            && (token.word().is_some() || self.at_type() || self.at_unknown_type());
        if missing {
            let place = self.previous().after();
            self.error(place, SyntaxError::Semicolon("this definition"));
        }
        missing
    }

    fn missing_type(&mut self) -> super::Reported {
        let token = self.token();
        match token.ident() {
            Some(symbol) if !is_reserved(symbol) => {
                let behind = self.nth(1);
                let name = self.interner.name(symbol).to_string();
                let ends = [Punct::Assign, Punct::Semicolon, Punct::BracketOpen, Punct::Comma];
                if ends.iter().any(|punct| behind.is(*punct)) {
                    return self.error(token.place, SyntaxError::NoType(name));
                }
                self.expected("a declaration")
            }
            _ => self.expected("a type"),
        }
    }

    /// Whether `NAME(` is next.
    pub(super) fn at_invocation(&self) -> bool {
        self.token().ident().is_some_and(|symbol| !is_reserved(symbol)) && self.nth(1).is(Punct::ParenOpen)
    }

    /// `NAME(arguments) attributes = init`
    pub(super) fn invocation(&mut self, storage: Storage, mut attributes: Vec<Attribute>) -> Parsed<Invocation> {
        let name = self.ident("a name")?;
        let open = self.at;
        self.expect(Punct::ParenOpen)?;
        let mut arguments = Vec::new();
        let mut more = !self.is(Punct::ParenClose);
        while more {
            arguments.push(self.invocation_argument()?);
            more = self.eat(Punct::Comma);
        }
        if self.brackets.partner(open).is_none() && !self.is(Punct::ParenClose) {
            let place = self.tokens[open].place;
            self.unclosed(place, "(");
            return Err(super::Reported);
        }
        self.expect(Punct::ParenClose)?;
        self.attributes(&mut attributes)?;
        let initializer = if self.eat(Punct::Assign) { Some(self.initializer()?) } else { None };
        Ok(Invocation { storage, attributes, name, arguments, initializer })
    }

    fn invocation_argument(&mut self) -> Parsed<Argument> {
        if self.is(Punct::Dot) && self.nth(1).ident().is_some() {
            self.bump();
            let name = self.ident("the name of an option")?;
            if !self.eat(Punct::Assign) {
                return Err(self.expected(format!("`=` and a value for `.{}`", name.name)));
            }
            return Ok(Argument::Option { name, value: self.assignment()? });
        }
        self.argument().map(Argument::Expr)
    }

    pub(super) fn static_assert(&mut self) -> Parsed<StaticAssert> {
        self.bump();
        self.expect(Punct::ParenOpen)?;
        let condition = self.assignment()?;
        let message = if self.eat(Punct::Comma) { Some(self.string_literal()?) } else { None };
        self.expect(Punct::ParenClose)?;
        self.semicolon("this assertion")?;
        Ok(StaticAssert { condition, message })
    }

    pub(super) fn initializer_entry(&mut self) -> Parsed<InitializerEntry> {
        let old_style = self.token().ident().filter(|symbol| !is_reserved(*symbol));
        if old_style.is_some() && self.nth(1).is(Punct::Colon) {
            let name = self.ident("a member")?;
            self.bump();
            return Ok(InitializerEntry { designators: vec![Designator::Field(name)], value: self.initializer()? });
        }
        let designators = self.designators()?;
        if !designators.is_empty() {
            self.expect(Punct::Assign)?;
        }
        Ok(InitializerEntry { designators, value: self.initializer()? })
    }

    /// `.a[2].b`, as far as there is any.
    pub(super) fn designators(&mut self) -> Parsed<Vec<Designator>> {
        let mut designators = Vec::new();
        loop {
            match self.token().kind {
                TokenKind::Punct(Punct::Dot) => {
                    self.bump();
                    designators.push(Designator::Field(self.ident("a member")?));
                }
                TokenKind::Punct(Punct::BracketOpen) => {
                    self.bump();
                    let first = self.conditional()?;
                    designators.push(if self.eat(Punct::Ellipsis) {
                        Designator::Range(first, self.conditional()?)
                    } else {
                        Designator::Index(first)
                    });
                    self.expect(Punct::BracketClose)?;
                }
                _ => return Ok(designators),
            }
        }
    }
}
