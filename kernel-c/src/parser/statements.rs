//! Statements.
//!
//! Invariant: a statement with an error becomes [`StmtKind::Error`], and its neighbours in the block are parsed.

use super::declarations::Start;
use super::{Parsed, Parser, Reported, SyntaxError, Unsupported, is_reserved};
use crate::ast::{Block, Expr, Ident, Stmt, StmtKind};
use crate::intern::Word;
use crate::token::{Punct, TokenKind};

impl Parser<'_> {
    /// `{ ... }` in a scope of its own.
    pub(super) fn block(&mut self) -> Parsed<Block> {
        let open = self.at;
        let unclosed = self.brackets.partner(open).is_none();
        let start = self.expect(Punct::BraceOpen)?.place;
        self.scopes.enter();
        let mut statements = Vec::new();
        loop {
            if self.is_end() || unclosed && self.at_next_item() {
                self.unclosed(start, "{");
                break;
            }
            if self.is(Punct::BraceClose) {
                self.bump();
                break;
            }
            statements.push(self.statement_or_error());
        }
        self.scopes.leave();
        let end = self.previous();
        Ok(Block { statements, place: start.to(end), end })
    }

    /// A statement of a block, errors recovered from.
    fn statement_or_error(&mut self) -> Stmt {
        let (start, place) = (self.at, self.place());
        let (depth, scopes, height) = (self.depth, self.scopes.depth(), self.height);
        self.statement().unwrap_or_else(|_| {
            self.depth = depth;
            self.height = height;
            self.scopes.leave_to(scopes);
            self.recover_statement(start);
            if self.at == start {
                self.bump();
            }
            Stmt { kind: StmtKind::Error, place: place.to(self.previous()) }
        })
    }

    fn statement(&mut self) -> Parsed<Stmt> {
        let start = self.place();
        let kind = self.nested(Self::statement_kind)?;
        Ok(Stmt { kind, place: start.to(self.previous()) })
    }

    fn boxed_statement(&mut self) -> Parsed<Box<Stmt>> {
        self.statement().map(Box::new)
    }

    /// The statement that `if` and its like govern.
    fn body(&mut self, of: &'static str) -> Parsed<Box<Stmt>> {
        let place = self.place();
        let body = self.boxed_statement()?;
        if matches!(body.kind, StmtKind::Declaration(_)) {
            self.error(place, SyntaxError::DeclarationAsBody(of));
        }
        Ok(body)
    }

    fn statement_kind(&mut self) -> Parsed<StmtKind> {
        let token = self.token();
        match token.kind {
            TokenKind::Punct(Punct::Semicolon) => {
                self.bump();
                return Ok(StmtKind::Empty);
            }
            TokenKind::Punct(Punct::BraceOpen) => return self.block().map(StmtKind::Block),
            TokenKind::Ident(symbol) => {
                if !is_reserved(symbol) && self.nth(1).is(Punct::Colon) {
                    return self.label();
                }
                if let Some(kind) = self.keyword_statement(token.word())? {
                    return Ok(kind);
                }
            }
            _ => {}
        }
        if self.at_declaration() {
            return self.block_declaration();
        }
        let expr = self.expr()?;
        self.semicolon("this statement")?;
        Ok(StmtKind::Expr(expr))
    }

    /// A statement that begins with a word; `None` if the word begins none.
    fn keyword_statement(&mut self, word: Option<Word>) -> Parsed<Option<StmtKind>> {
        let place = self.place();
        let calls = self.nth(1).is(Punct::ParenOpen);
        Ok(Some(match word {
            Some(Word::If) => self.if_statement()?,
            Some(Word::While) => {
                self.bump();
                let condition = self.condition()?;
                StmtKind::While { condition, body: self.body("while")? }
            }
            Some(Word::Do) => self.do_while()?,
            Some(Word::For) => self.for_statement()?,
            Some(Word::Switch) => {
                self.bump();
                let value = self.condition()?;
                StmtKind::Switch { value, body: self.body("switch")? }
            }
            Some(Word::Case) => self.case()?,
            Some(Word::Default) => {
                self.bump();
                self.expect(Punct::Colon)?;
                StmtKind::Default { body: self.labelled()? }
            }
            Some(Word::Goto) => {
                self.bump();
                if self.is(Punct::Star) {
                    return Err(self.unsupported(place.to(self.place()), Unsupported::ComputedGoto));
                }
                let label = self.ident("a label")?;
                self.semicolon("`goto`")?;
                StmtKind::Goto(label)
            }
            Some(Word::Break) => {
                self.bump();
                self.semicolon("`break`")?;
                StmtKind::Break
            }
            Some(Word::Continue) => {
                self.bump();
                self.semicolon("`continue`")?;
                StmtKind::Continue
            }
            Some(Word::Return) => {
                self.bump();
                let at_end = self.is(Punct::Semicolon) || self.is(Punct::BraceClose);
                let value = if at_end { None } else { Some(self.expr()?) };
                self.semicolon("`return`")?;
                StmtKind::Return(value)
            }
            Some(Word::Else) => return Err(self.error(place, SyntaxError::ElseWithoutIf)),
            Some(Word::StaticAssert | Word::StaticAssert11) => StmtKind::StaticAssert(self.static_assert()?),
            Some(Word::Asm | Word::AsmGnu | Word::AsmGnu2) => return Err(self.unsupported(place, Unsupported::Asm)),
            Some(Word::LabelGnu) => return Err(self.unsupported(place, Unsupported::LocalLabel)),
            Some(Word::Fallthrough) if self.nth(1).is(Punct::Semicolon) => {
                self.bump();
                self.bump();
                StmtKind::Fallthrough
            }
            Some(Word::Attribute | Word::Attribute2) if self.at_fallthrough() => {
                self.attributes(&mut Vec::new())?;
                self.semicolon("`fallthrough`")?;
                StmtKind::Fallthrough
            }
            Some(Word::Guard) if calls => self.guard()?,
            Some(Word::Class) if calls => self.class()?,
            Some(Word::ScopedGuard) if calls => self.scoped_guard()?,
            Some(Word::ScopedCondGuard) if calls => self.scoped_cond_guard()?,
            _ => return Ok(None),
        }))
    }

    fn at_fallthrough(&self) -> bool {
        let word = self.nth(3).ident().map(|symbol| self.interner.name(symbol).trim_matches('_'));
        word == Some("fallthrough")
    }

    /// `( expression )`
    fn condition(&mut self) -> Parsed<Expr> {
        let open = self.expect(Punct::ParenOpen)?;
        let condition = self.expr()?;
        self.close(open, Punct::ParenClose)?;
        Ok(condition)
    }

    fn if_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let condition = self.condition()?;
        let then = self.body("if")?;
        let otherwise = if self.eat_word(Word::Else) { Some(self.body("else")?) } else { None };
        Ok(StmtKind::If { condition, then, otherwise })
    }

    fn do_while(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let body = self.body("do")?;
        if !self.eat_word(Word::While) {
            return Err(self.expected("`while` after the body of `do`"));
        }
        let condition = self.condition()?;
        self.semicolon("`do ... while (...)`")?;
        Ok(StmtKind::DoWhile { body, condition })
    }

    fn for_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let open = self.expect(Punct::ParenOpen)?;
        self.scopes.enter();
        let init = if self.eat(Punct::Semicolon) { None } else { Some(Box::new(self.for_init()?)) };
        let condition = if self.is(Punct::Semicolon) { None } else { Some(self.expr()?) };
        self.expect(Punct::Semicolon)?;
        let step = if self.is(Punct::ParenClose) { None } else { Some(self.expr()?) };
        self.close(open, Punct::ParenClose)?;
        let body = self.body("for")?;
        self.scopes.leave();
        Ok(StmtKind::For { init, condition, step, body })
    }

    fn for_init(&mut self) -> Parsed<Stmt> {
        let start = self.place();
        let kind = if self.at_declaration() {
            self.block_declaration()?
        } else {
            let expr = self.expr()?;
            self.expect(Punct::Semicolon)?;
            StmtKind::Expr(expr)
        };
        Ok(Stmt { kind, place: start.to(self.previous()) })
    }

    fn case(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let low = self.conditional()?;
        let high = if self.eat(Punct::Ellipsis) { Some(self.conditional()?) } else { None };
        self.expect(Punct::Colon)?;
        Ok(StmtKind::Case { low, high, body: self.labelled()? })
    }

    fn label(&mut self) -> Parsed<StmtKind> {
        let label = self.ident("a label")?;
        self.expect(Punct::Colon)?;
        let mut attributes = Vec::new();
        if !self.at_fallthrough() {
            self.attributes(&mut attributes)?;
        }
        Ok(StmtKind::Label { label, attributes, body: self.labelled()? })
    }

    /// What stands behind a label. A declaration there, and nothing before `}`, are as C23 and gcc have them.
    fn labelled(&mut self) -> Parsed<Box<Stmt>> {
        if self.is(Punct::BraceClose) {
            let place = self.previous().after();
            return Ok(Box::new(Stmt { kind: StmtKind::Empty, place }));
        }
        self.boxed_statement()
    }

    /// Whether a declaration begins here, rather than an expression.
    fn at_declaration(&self) -> bool {
        let token = self.token();
        let Some(symbol) = token.ident() else { return false };
        match symbol.word() {
            Some(
                Word::Typedef
                | Word::Extern
                | Word::Static
                | Word::Inline
                | Word::InlineGnu
                | Word::InlineGnu2
                | Word::AlwaysInline
                | Word::Register
                | Word::Auto
                | Word::Thread
                | Word::ThreadLocal11,
            ) => return true,
            Some(Word::Extension) => return self.at_type_nth(1),
            _ => {}
        }
        if self.at_attribute() || self.at_unknown_type() {
            return true;
        }
        if self.at_upper_case_invocation() {
            return true;
        }
        self.at_type() && !self.nth(1).is(Punct::Dot) && !self.nth(1).is(Punct::Arrow)
    }

    /// `DECLARE_X(...) = ...`: a call that is assigned to and named in capitals is a declaration.
    fn at_upper_case_invocation(&self) -> bool {
        if !self.at_invocation() {
            return false;
        }
        let behind = self.brackets.partner(self.at + 1).and_then(|close| self.tokens.get(close + 1));
        let assigned = behind.is_some_and(|token| token.is(Punct::Assign));
        let symbol = self.token().ident();
        assigned && symbol.is_some_and(|symbol| !self.interner.name(symbol).contains(|c: char| c.is_ascii_lowercase()))
    }

    fn block_declaration(&mut self) -> Parsed<StmtKind> {
        match self.declaration_start()? {
            Start::Declaration(declaration) => Ok(StmtKind::Declaration(declaration)),
            Start::Invocation(head) => {
                self.semicolon("this declaration")?;
                Ok(StmtKind::Invocation(head))
            }
            Start::Function(head) => {
                self.unsupported(head.name.place, Unsupported::NestedFunction);
                Err(Reported)
            }
        }
    }

    /// `( a, b )`
    fn guard_arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.expect(Punct::ParenOpen)?;
        let arguments = self.arguments()?;
        self.expect(Punct::ParenClose)?;
        Ok(arguments)
    }

    fn guard_class(&mut self) -> Parsed<Ident> {
        self.bump();
        self.expect(Punct::ParenOpen)?;
        self.ident("the kind of the guard, as `mutex` or `spinlock_irqsave`")
    }

    fn guard(&mut self) -> Parsed<StmtKind> {
        let class = self.guard_class()?;
        self.expect(Punct::ParenClose)?;
        let arguments = self.guard_arguments()?;
        self.semicolon("this guard")?;
        Ok(StmtKind::Guard { class, variable: None, arguments })
    }

    fn class(&mut self) -> Parsed<StmtKind> {
        let class = self.guard_class()?;
        self.expect(Punct::Comma)?;
        let variable = self.ident("the name of a variable")?;
        self.expect(Punct::ParenClose)?;
        let arguments = self.guard_arguments()?;
        self.semicolon("this guard")?;
        Ok(StmtKind::Guard { class, variable: Some(variable), arguments })
    }

    fn scoped_guard(&mut self) -> Parsed<StmtKind> {
        let class = self.guard_class()?;
        let arguments = if self.eat(Punct::Comma) { self.arguments()? } else { Vec::new() };
        self.expect(Punct::ParenClose)?;
        Ok(StmtKind::ScopedGuard { class, arguments, body: self.body("scoped_guard")? })
    }

    fn scoped_cond_guard(&mut self) -> Parsed<StmtKind> {
        let class = self.guard_class()?;
        self.expect(Punct::Comma)?;
        let fail = self.fail_statement()?;
        let arguments = if self.eat(Punct::Comma) { self.arguments()? } else { Vec::new() };
        self.expect(Punct::ParenClose)?;
        Ok(StmtKind::ScopedCondGuard { class, fail: Box::new(fail), arguments, body: self.body("scoped_cond_guard")? })
    }

    /// `return -EBUSY`, without a `;`.
    fn fail_statement(&mut self) -> Parsed<Stmt> {
        let start = self.place();
        let kind = match self.word() {
            Some(Word::Return) => {
                self.bump();
                let at_end = self.is(Punct::Comma) || self.is(Punct::ParenClose);
                StmtKind::Return(if at_end { None } else { Some(self.assignment()?) })
            }
            Some(Word::Goto) => {
                self.bump();
                StmtKind::Goto(self.ident("a label")?)
            }
            Some(Word::Break) => {
                self.bump();
                StmtKind::Break
            }
            Some(Word::Continue) => {
                self.bump();
                StmtKind::Continue
            }
            _ if self.is(Punct::BraceOpen) => StmtKind::Block(self.block()?),
            _ => StmtKind::Expr(self.assignment()?),
        };
        Ok(Stmt { kind, place: start.to(self.previous()) })
    }
}
