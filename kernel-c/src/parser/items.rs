//! What stands at file scope.

use super::declarations::Start;
use super::{Meaning, Parsed, Parser, SyntaxError, Unsupported};
use crate::ast::{FunctionDefinition, Invocation, Item, ItemKind, Param, Type, TypeKind};
use crate::intern::Word;
use crate::source_map::Place;
use crate::token::{Punct, TokenKind};
use std::rc::Rc;

impl Parser<'_> {
    /// Parses items up to the token with this index, or the end.
    pub(super) fn items(&mut self, end: usize, into: &mut Vec<Item>) {
        while self.at < end && !self.is_end() {
            if self.eat(Punct::Semicolon) {
                continue;
            }
            let (start, place) = (self.at, self.place());
            if self.is(Punct::BraceOpen) && matches!(into.last(), Some(Item { kind: ItemKind::Error, .. })) {
                // The body of what was reported just now.
                self.recover_item(start);
                continue;
            }
            let kind = self.item().unwrap_or_else(|_| {
                self.depth = 0;
                self.in_function = false;
                self.scopes.leave_to(0);
                if self.at == start && self.stray_statement() {
                    self.recover_margin();
                } else {
                    self.recover_item(start);
                }
                ItemKind::Error
            });
            self.height = 0;
            into.push(Item { kind, place: place.to(self.previous()) });
        }
    }

    fn item(&mut self) -> Parsed<ItemKind> {
        let token = self.token();
        if self.stray_statement() {
            return Err(self.error(token.place, SyntaxError::StatementOutside));
        }
        match token.kind {
            TokenKind::Punct(Punct::BraceClose) => {
                self.error(token.place, SyntaxError::Unopened("}"));
                self.bump();
                return Ok(ItemKind::Error);
            }
            TokenKind::Ident(_) => {}
            _ => return Err(self.expected("a declaration")),
        }
        match token.word() {
            Some(Word::StaticAssert | Word::StaticAssert11) => {
                return Ok(ItemKind::StaticAssert(self.static_assert()?));
            }
            Some(Word::Asm | Word::AsmGnu | Word::AsmGnu2) => {
                return Err(self.unsupported(token.place, Unsupported::Asm));
            }
            _ => {}
        }
        self.cpp()?;
        match self.declaration_start()? {
            Start::Invocation(head) => self.item_invocation(head),
            Start::Declaration(declaration) => Ok(ItemKind::Declaration(declaration)),
            Start::Function(function) => {
                let function = *function;
                let body = self.function_body(&function.ty)?;
                Ok(ItemKind::Function(FunctionDefinition {
                    storage: function.storage,
                    name: function.name,
                    ty: function.ty,
                    attributes: function.attributes,
                    body,
                }))
            }
        }
    }

    /// `THREAD(...)` and its like, its name and arguments read already.
    fn item_invocation(&mut self, head: Invocation) -> Parsed<ItemKind> {
        if self.is(Punct::BraceOpen) {
            let error = if head.name.name.starts_with("SYSCALL_DEFINE") {
                Unsupported::SyscallDefine.at(head.name.place)
            } else {
                SyntaxError::NoReturnType(head.name.name.to_string()).at(head.name.place)
            };
            return Err(self.report(error));
        }
        self.semicolon("this declaration")?;
        Ok(ItemKind::Invocation(head))
    }

    fn function_body(&mut self, ty: &Rc<Type>) -> Parsed<crate::ast::Block> {
        self.scopes.enter();
        self.in_function = true;
        if let TypeKind::Function { params, .. } = &ty.kind {
            self.declare_params(params);
        }
        let body = self.nested(Self::block);
        self.in_function = false;
        self.scopes.leave();
        body
    }

    fn declare_params(&mut self, params: &[Param]) {
        for param in params {
            let symbol = param.name.as_ref().and_then(|name| self.interner.get(&name.name));
            if let Some(symbol) = symbol {
                self.scopes.declare(symbol, Meaning::Ordinary);
            }
        }
    }

    /// Whether a word is next that only a statement begins with.
    fn stray_statement(&self) -> bool {
        matches!(
            self.word(),
            Some(
                Word::If
                    | Word::Else
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
                    | Word::Guard
                    | Word::ScopedGuard
            )
        )
    }

    /// Says so if this is C++.
    fn cpp(&mut self) -> Parsed<()> {
        let token = self.token();
        let Some(symbol) = token.ident() else { return Ok(()) };
        let next_is_name = self.nth(1).ident().is_some();
        match &*self.name(symbol) {
            "class" | "namespace" | "template" | "using" if next_is_name || self.nth(1).is(Punct::Less) => {
                Err(self.unsupported(token.place, Unsupported::Cpp))
            }
            _ => Ok(()),
        }
    }

    /// Reports an opening bracket without its partner.
    pub(super) fn unclosed(&mut self, open: Place, bracket: &'static str) {
        self.error(open, SyntaxError::Unclosed(bracket));
    }
}
