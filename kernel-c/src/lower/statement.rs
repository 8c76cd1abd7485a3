//! Statements.

use super::code::{Label, Value};
use super::declare::nearest_sorted;
use super::scope::{Exit, Goto, Symbol};
use super::{Lower, Purpose, Rvalue};
use crate::ast::{self, Block, Expr, Stmt, StmtKind};
use crate::diagnostic::Diagnostic;
use crate::source_map::Place as SourcePlace;
use crate::types::{Kind, QualTy, Ty};
use sim_core::program::{BinaryOp, Inst, Scalar};

/// Where `break`, `continue`, `case` and `default` belong.
#[derive(Debug, Default)]
pub(super) struct Jumps {
    breaks: Option<Label>,
    continues: Option<Label>,
    /// How many scopes are open around the statement.
    depth: usize,
    switch: Option<Switch>,
}

#[derive(Debug)]
struct Switch {
    ty: Ty,
    cases: Vec<Case>,
    default: Option<Label>,
}

#[derive(Debug)]
struct Case {
    low: i64,
    high: i64,
    label: Label,
    place: SourcePlace,
}

impl<'u> Lower<'u> {
    pub(super) fn block(&mut self, block: &'u Block) {
        self.push_scope();
        self.block_statements(&block.statements);
        self.set_place(block.end);
        self.pop_scope();
    }

    pub(super) fn block_statements(&mut self, statements: &'u [Stmt]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    /// A statement that is a scope of its own even without braces.
    fn scoped(&mut self, statement: &'u Stmt) {
        self.push_scope();
        self.statement(statement);
        self.pop_scope();
    }

    /// `({ ...; e; })`
    pub(super) fn statement_expression(&mut self, block: &'u Block) -> Rvalue {
        self.push_scope();
        let value = match block.statements.split_last() {
            Some((Stmt { kind: StmtKind::Expr(last), .. }, before)) => {
                self.block_statements(before);
                self.rvalue(last)
            }
            _ => {
                self.block_statements(&block.statements);
                self.void_value()
            }
        };
        // A variable of the block is read before it ends.
        let value = match self.types.scalar(value.ty) {
            Some(scalar) => Rvalue { value: self.hold(value.value, scalar), ..value },
            None => value,
        };
        self.pop_scope();
        value
    }

    pub(super) fn statement(&mut self, statement: &'u Stmt) {
        let saved = self.set_place(statement.place);
        match &statement.kind {
            StmtKind::Empty | StmtKind::Fallthrough | StmtKind::Error => {}
            StmtKind::Expr(e) => self.expression_statement(e),
            StmtKind::Declaration(declaration) => self.local_declaration(declaration),
            StmtKind::Invocation(invocation) => self.local_invocation(invocation),
            StmtKind::StaticAssert(assertion) => self.static_assert(assertion),
            StmtKind::Block(block) => self.block(block),
            StmtKind::If { condition, then, otherwise } => self.if_statement(condition, then, otherwise.as_deref()),
            StmtKind::While { condition, body } => self.while_loop(condition, body),
            StmtKind::DoWhile { body, condition } => self.do_while(body, condition),
            StmtKind::For { init, condition, step, body } => {
                self.for_loop(init.as_deref(), condition.as_ref(), step.as_ref(), body);
            }
            StmtKind::Switch { value, body } => self.switch(value, body),
            StmtKind::Case { low, high, body } => {
                self.case(low, high.as_ref());
                self.statement(body);
            }
            StmtKind::Default { body } => {
                self.default_label(statement.place);
                self.statement(body);
            }
            StmtKind::Label { label, body, .. } => {
                self.label(label);
                self.statement(body);
            }
            StmtKind::Goto(target) => {
                let from = self.b.label();
                let chain = self.chain();
                self.fx.gotos.push(Goto { from, target: target.name.clone(), place: target.place, chain });
                self.b.jump(from);
            }
            StmtKind::Break => self.break_or_continue(statement.place, "break", |j| j.breaks),
            StmtKind::Continue => self.break_or_continue(statement.place, "continue", |j| j.continues),
            StmtKind::Return(value) => self.return_statement(value.as_ref(), statement.place),
            StmtKind::Guard { class, variable, arguments } => {
                if let Some(variable) = variable {
                    self.error(variable.place, "`CLASS` is known but not modelled yet");
                }
                self.guard(class, arguments);
            }
            StmtKind::ScopedGuard { class, arguments, body } => self.scoped_guard(class, arguments, None, body),
            StmtKind::ScopedCondGuard { class, fail, arguments, body } => {
                self.scoped_guard(class, arguments, Some(fail), body);
            }
        }
        self.b.span = saved;
    }

    fn expression_statement(&mut self, e: &'u Expr) {
        let mark = self.b.code.len();
        let dead = self.b.dead;
        self.effects(e);
        let useless =
            matches!(e.kind, ast::ExprKind::Ident(_) | ast::ExprKind::Binary { .. } | ast::ExprKind::Integer(_));
        if useless && !dead && self.b.code.len() == mark && !self.failed() {
            self.warn(e.place, "this statement does nothing");
        }
    }

    fn if_statement(&mut self, condition: &'u Expr, then: &'u Stmt, otherwise: Option<&'u Stmt>) {
        let (yes, no, end) = (self.b.label(), self.b.label(), self.b.label());
        self.push_scope();
        self.condition(condition, yes, no);
        self.b.place(yes);
        self.scoped(then);
        if otherwise.is_some() {
            self.b.jump(end);
        }
        self.b.place(no);
        if let Some(otherwise) = otherwise {
            self.scoped(otherwise);
            self.b.place(end);
        }
        self.pop_scope();
    }

    fn loop_body(&mut self, body: &'u Stmt, breaks: Label, continues: Label) {
        let depth = self.scopes.len();
        self.fx.jumps.push(Jumps { breaks: Some(breaks), continues: Some(continues), depth, switch: None });
        self.scoped(body);
        self.fx.jumps.pop();
    }

    fn while_loop(&mut self, condition: &'u Expr, body: &'u Stmt) {
        let (again, turn, end) = (self.b.label(), self.b.label(), self.b.label());
        self.b.place(again);
        self.condition(condition, turn, end);
        self.b.place(turn);
        self.loop_body(body, end, again);
        self.b.jump(again);
        self.b.place(end);
    }

    fn do_while(&mut self, body: &'u Stmt, condition: &'u Expr) {
        let (turn, test, end) = (self.b.label(), self.b.label(), self.b.label());
        self.b.place(turn);
        self.loop_body(body, end, test);
        self.b.place(test);
        self.condition(condition, turn, end);
        self.b.place(end);
    }

    fn for_loop(
        &mut self,
        init: Option<&'u Stmt>,
        condition: Option<&'u Expr>,
        step: Option<&'u Expr>,
        body: &'u Stmt,
    ) {
        self.push_scope();
        if let Some(init) = init {
            self.statement(init);
        }
        let (again, turn, next, end) = (self.b.label(), self.b.label(), self.b.label(), self.b.label());
        self.b.place(again);
        match condition {
            Some(condition) => {
                self.condition(condition, turn, end);
            }
            None => self.b.jump(turn),
        }
        self.b.place(turn);
        self.loop_body(body, end, next);
        self.b.place(next);
        if let Some(step) = step {
            self.effects(step);
        }
        self.b.jump(again);
        self.b.place(end);
        self.pop_scope();
    }

    fn switch(&mut self, value: &'u Expr, body: &'u Stmt) {
        let value_place = value.place;
        let value = self.rvalue(value);
        if self.types.integer(value.ty).is_none() && !self.types.is_error(value.ty) {
            self.error(value_place, "`switch` needs an integer");
        }
        let value = self.promote(value);
        let scalar = self.types.scalar(value.ty).unwrap_or_default();
        let held = self.hold(value.value, scalar);
        let (dispatch, end) = (self.b.label(), self.b.label());
        self.b.jump(dispatch);
        let switch = Switch { ty: value.ty, cases: Vec::new(), default: None };
        let depth = self.scopes.len();
        let jumps = Jumps { breaks: Some(end), continues: None, depth, switch: Some(switch) };
        self.fx.jumps.push(jumps);
        self.scoped(body);
        let switch = self.fx.jumps.pop().and_then(|j| j.switch);
        self.b.jump(end);
        self.b.place(dispatch);
        if let Some(switch) = switch {
            self.dispatch(held, scalar, switch, end);
        }
        self.b.place(end);
    }

    fn dispatch(&mut self, value: Value, scalar: Scalar, switch: Switch, end: Label) {
        self.check_repeated_cases(&switch);
        for case in switch.cases {
            let next = self.b.label();
            if case.low == case.high {
                let equal = self.arithmetic_raw(BinaryOp::Eq, scalar, value, Value::Const(case.low as u64));
                self.branch_value(equal, case.label, next);
            } else {
                let inside = self.b.label();
                let above = self.arithmetic_raw(BinaryOp::Ge, scalar, value, Value::Const(case.low as u64));
                self.branch_value(above, inside, next);
                self.b.place(inside);
                let below = self.arithmetic_raw(BinaryOp::Le, scalar, value, Value::Const(case.high as u64));
                self.branch_value(below, case.label, next);
            }
            self.b.place(next);
        }
        self.b.jump(switch.default.unwrap_or(end));
    }

    fn check_repeated_cases(&mut self, switch: &Switch) {
        let mut sorted: Vec<&Case> = switch.cases.iter().collect();
        sorted.sort_by_key(|c| c.low);
        for pair in sorted.windows(2) {
            if pair[1].low <= pair[0].high {
                let diagnostic =
                    Diagnostic::error(pair[1].place, "this value has a `case` already").also(pair[0].place, "here");
                self.report(diagnostic);
            }
        }
    }

    fn case(&mut self, low: &'u Expr, high: Option<&'u Expr>) {
        let first = self.constant(low);
        let last = match high {
            Some(high) => self.constant(high),
            None => first,
        };
        let label = self.b.label();
        let place = low.place;
        let Some(switch) = self.fx.jumps.iter_mut().rev().find_map(|j| j.switch.as_mut()) else {
            self.error(place, "`case` outside of a `switch`");
            return;
        };
        let ty = switch.ty;
        if let (Some(first), Some(last)) = (first, last) {
            let scalar = self.types.scalar(ty).unwrap_or_default();
            let (low, high) = (scalar.wrap(first as u64) as i64, scalar.wrap(last as u64) as i64);
            switch.cases.push(Case { low, high, label, place });
        }
        self.b.place(label);
    }

    fn default_label(&mut self, place: SourcePlace) {
        let label = self.b.label();
        let Some(switch) = self.fx.jumps.iter_mut().rev().find_map(|j| j.switch.as_mut()) else {
            self.error(place, "`default` outside of a `switch`");
            return;
        };
        if switch.default.replace(label).is_some() {
            self.error(place, "this `switch` has a `default` already");
        }
        self.b.place(label);
    }

    fn label(&mut self, name: &ast::Ident) {
        let label = self.b.label();
        let chain = self.chain();
        if self.fx.labels.insert(name.name.clone(), (label, chain)).is_some() {
            self.error(name.place, format!("the label `{}` is defined twice", name.name));
        }
        self.b.place(label);
    }

    fn break_or_continue(&mut self, place: SourcePlace, what: &str, target: impl Fn(&Jumps) -> Option<Label>) {
        let found = self.fx.jumps.iter().rev().find_map(|j| target(j).map(|label| (label, j.depth)));
        match found {
            Some((label, depth)) => {
                self.leave_to(depth);
                self.b.jump(label);
            }
            None => self.error(place, format!("`{what}` outside of a loop")),
        }
    }

    fn return_statement(&mut self, value: Option<&'u Expr>, place: SourcePlace) {
        let Some(result) = self.fx.result else {
            self.error(place, "`return` cannot stand here");
            return;
        };
        let value = match value {
            Some(e) => {
                self.purpose = self.purpose_of(result, None);
                let value = self.rvalue(e);
                self.purpose = Purpose::default();
                if self.types.is_void(result) {
                    if !self.types.is_void(value.ty) && !self.types.is_error(value.ty) {
                        self.error(e.place, "this function is `void` and returns no value");
                    }
                    None
                } else {
                    Some(self.assignable(value, result, e.place, "returned as"))
                }
            }
            None => {
                if !self.types.is_void(result) && !self.types.is_error(result) {
                    let name = self.types.name(result.into());
                    self.error(place, format!("this function returns `{name}`, and there is no value here"));
                }
                None
            }
        };
        // Read before the function's variables end.
        let scalar = self.types.scalar(result).unwrap_or_default();
        let held = value.map(|value| self.hold(value.value, scalar));
        let depth = self.fx.base;
        self.leave_to(depth);
        self.give_back(held, scalar);
    }

    /// The jump out of the function.
    fn give_back(&mut self, value: Option<Value>, scalar: Scalar) {
        match self.fx.inlined {
            Some((end, register)) => {
                self.fx.returned = true;
                if let (Some(register), Some(value)) = (register, value) {
                    self.put(register, value);
                }
                self.b.jump(end);
            }
            None => {
                self.exit_claims();
                let value = value.map(|v| self.reg_typed(v, scalar));
                self.b.emit(Inst::Return { value });
            }
        }
    }

    /// A function of the prelude by name, for what the language itself calls.
    pub(super) fn prelude_function(&self, name: &str) -> Option<u32> {
        self.scopes
            .iter()
            .rev()
            .take(2)
            .chain(self.scopes.first())
            .find_map(|s| match s.names.get(name) {
                Some(Symbol::Function(symbol)) => Some(*symbol),
                _ => None,
            })
            .or_else(|| {
                self.scopes.iter().find_map(|s| match s.names.get(name) {
                    Some(Symbol::Function(symbol)) => Some(*symbol),
                    _ => None,
                })
            })
    }

    /// `guard(class)(arguments)`: takes now, and releases at the end of the block. Whether it was taken, for a conditional class.
    fn guard(&mut self, class: &ast::Ident, arguments: &'u [Expr]) -> Option<Value> {
        let take = self.prelude_function(&format!("__guard_{}_take", class.name));
        let drop = self.prelude_function(&format!("__guard_{}_drop", class.name));
        let (Some(take), Some(drop)) = (take, drop) else {
            self.unknown_guard(class);
            return None;
        };
        let given = self.arguments(take, arguments, class.place);
        let kept: Vec<(Value, QualTy)> = given
            .into_iter()
            .map(|(value, ty)| {
                let scalar = self.types.scalar(ty.ty).unwrap_or_default();
                (self.hold(value, scalar), ty)
            })
            .collect();
        let state = self.call_symbol(take, &kept, class.place);
        let has_state = !self.types.is_void(state.ty);
        let held = match self.types.scalar(state.ty) {
            Some(scalar) if has_state => Some(self.hold(state.value, scalar)),
            _ => None,
        };
        let mut values: Vec<(Value, Ty)> = kept.iter().map(|(v, t)| (*v, t.ty)).collect();
        let conditional = self.is_conditional_guard(&class.name);
        if let (Some(held), false) = (held, conditional) {
            values.push((held, state.ty));
        }
        let unless_zero = held.filter(|_| conditional);
        self.add_exit(Exit::Call { function: drop, values, place: class.place, unless_zero });
        unless_zero
    }

    /// Whether what a guard's constructor gives says if it was taken, rather than being the saved flags.
    fn is_conditional_guard(&self, class: &str) -> bool {
        class.ends_with("_try") || class.ends_with("_intr") || class.ends_with("_kill")
    }

    fn unknown_guard(&mut self, class: &ast::Ident) {
        let known: Vec<String> = self
            .scopes
            .iter()
            .flat_map(|s| s.names.keys())
            .filter_map(|n| n.strip_prefix("__guard_")?.strip_suffix("_take").map(str::to_string))
            .collect();
        let mut diagnostic = if super::api::known_guard(&class.name) {
            Diagnostic::error(class.place, format!("`guard({})` is known but not modelled yet", class.name))
        } else {
            Diagnostic::error(class.place, format!("there is no guard class `{}`", class.name))
        };
        if let Some(near) = nearest_sorted(&class.name, known.iter().map(String::as_str).collect()) {
            diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), class.place, near);
        }
        self.report(diagnostic);
    }

    /// `scoped_guard`: a loop of one turn in the kernel, so that `break` leaves it.
    fn scoped_guard(&mut self, class: &ast::Ident, arguments: &'u [Expr], fail: Option<&'u Stmt>, body: &'u Stmt) {
        let end = self.b.label();
        self.push_scope();
        let depth = self.scopes.len() - 1;
        let taken = self.guard(class, arguments);
        if let Some(taken) = taken {
            let (yes, no) = (self.b.label(), self.b.label());
            self.branch_value(taken, yes, no);
            self.b.place(no);
            if let Some(fail) = fail {
                self.scoped(fail);
            }
            self.leave_to(depth);
            self.b.jump(end);
            self.b.place(yes);
        }
        self.fx.jumps.push(Jumps { breaks: Some(end), continues: Some(end), depth, switch: None });
        self.scoped(body);
        self.fx.jumps.pop();
        self.pop_scope();
        self.b.place(end);
    }

    /// The call that a block's end makes.
    pub(super) fn exit_call(&mut self, function: u32, values: &[(Value, Ty)], place: SourcePlace) {
        let Kind::Function(ty) = self.types.kind(self.functions[function as usize].ty).clone() else { return };
        let arguments: Vec<(Value, QualTy)> =
            values.iter().zip(&ty.params).map(|((value, _), param)| (*value, *param)).collect();
        self.call_symbol(function, &arguments, place);
    }
}
