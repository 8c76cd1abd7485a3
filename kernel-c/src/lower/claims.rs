//! The claims: what must hold, and what the author expects to be reported.

use super::Lower;
use super::code::Builder;
use super::declare::nearest_sorted;
use super::expr::strip;
use super::function::Context;
use crate::ast::{self, Argument, Expr, ExprKind, Invocation};
use crate::diagnostic::Diagnostic;
use sim_core::finding;
use sim_core::program::{Claim, Expect, Inst, Scalar};
use std::collections::BTreeSet;

impl<'u> Lower<'u> {
    /// `INVARIANT(e)`, `FINALLY(e)`, `REACHABLE(e)`: a function without parameters.
    pub(super) fn claim_function(&mut self, invocation: &'u Invocation) {
        let kind = &*invocation.name.name;
        let [Argument::Expr(e)] = &invocation.arguments[..] else {
            self.error(invocation.name.place, format!("`{kind}` is written `{kind}(expression)`"));
            return;
        };
        let text = self.map.text(e.place).to_string();
        let span = self.span(e.place);
        self.b = Builder::default();
        self.fx = Context {
            name: kind.to_string(),
            result: Some(self.int_type()),
            base: self.scopes.len(),
            ..Context::default()
        };
        self.push_scope();
        let saved = self.set_place(e.place);
        let value = self.rvalue(e);
        if !self.types.is_error(value.ty) {
            self.check_scalar(value, e.place, "a claim");
        }
        let truth = self.truth_of(value);
        let depth = self.fx.base;
        self.leave_to(depth);
        let reg = self.reg_typed(truth, Scalar::U8);
        self.b.emit(Inst::Return { value: Some(reg) });
        self.scopes.pop();
        self.resolve_gotos();
        self.b.span = saved;
        let builder = std::mem::take(&mut self.b);
        let mut function = super::finish::finish(builder, 0);
        function.name = format!("{kind}({text})");
        function.span = span;
        self.fx = Context::default();
        let claim = Claim { function: self.add_function(function), text, span };
        match kind {
            "INVARIANT" => self.out.claims.invariants.push(claim),
            "FINALLY" => self.out.claims.finally.push(claim),
            _ => self.out.claims.reachable.push(claim),
        }
        self.set_place(invocation.name.place);
    }

    /// Claims only look: no kernel calls, no stores but to their own variables.
    pub(super) fn check_claims(&mut self) {
        let claims = &self.out.claims;
        let all: Vec<(u32, u32)> = claims
            .invariants
            .iter()
            .chain(&claims.finally)
            .chain(&claims.reachable)
            .map(|c| (c.function, c.span))
            .collect();
        for (function, span) in all {
            if let Some(what) = self.effect_of(function) {
                let place = self.map.place(span);
                self.error(place, format!("a claim must only look, and this {what}"));
            }
        }
    }

    fn effect_of(&self, function: u32) -> Option<&'static str> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![function]);
        while let Some(number) = open.pop() {
            if !seen.insert(number) {
                continue;
            }
            let Some(function) = self.out.functions.get(number as usize) else { continue };
            for inst in &function.code {
                match inst {
                    Inst::Call { function, .. } => open.push(*function),
                    Inst::CallIndirect { .. } => return Some("calls through a pointer"),
                    Inst::Kernel { .. } => return Some("calls the kernel"),
                    Inst::Atomic { .. } | Inst::CopyMemory { .. } => return Some("writes to memory"),
                    Inst::Store { access, .. } if !access.private => return Some("writes to memory"),
                    Inst::Assert { .. } => return Some("makes a claim of its own"),
                    _ => {}
                }
            }
        }
        None
    }

    pub(super) fn expect(&mut self, invocation: &'u Invocation, arguments: &'u [Argument]) {
        let span = self.span(invocation.name.place);
        if arguments.is_empty() {
            self.error(invocation.name.place, "`EXPECT` needs the names of findings, or `clean`");
            return;
        }
        let mut names = Vec::new();
        let mut clean = false;
        for argument in arguments {
            let Some(name) = self.finding_name(argument) else { continue };
            clean |= name == "clean";
            if name != "clean" {
                names.push(name);
            }
        }
        if clean && !names.is_empty() {
            self.error(invocation.name.place, "`clean` cannot stand with findings");
        }
        let expect = self.out.claims.expect.get_or_insert(Expect { findings: Vec::new(), span });
        for name in names {
            if !expect.findings.contains(&name) {
                expect.findings.push(name);
            }
        }
    }

    fn finding_name(&mut self, argument: &'u Argument) -> Option<String> {
        let name = match argument {
            Argument::Expr(e) => match &strip(e).kind {
                ExprKind::Ident(name) => name.to_string(),
                _ => self.map.text(e.place).to_string(),
            },
            Argument::Option { name, .. } => {
                self.error(name.place, "`EXPECT` has no options");
                return None;
            }
        };
        let place = argument.place();
        if name == "clean" || finding::Kind::from_name(&name).is_some() {
            return Some(name);
        }
        let mut diagnostic = Diagnostic::error(place, format!("there is no finding `{name}`"));
        let known = finding::Kind::ALL.iter().map(|k| k.name()).chain(["clean"]).collect();
        if let Some(near) = nearest_sorted(&name, known) {
            diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), place, near);
        }
        self.report(diagnostic);
        None
    }

    pub(super) fn expect_if(&mut self, invocation: &'u Invocation) {
        let [Argument::Expr(condition), rest @ ..] = &invocation.arguments[..] else {
            self.error(invocation.name.place, "`EXPECT_IF` is written `EXPECT_IF(CONFIG_NAME, finding, ...)`");
            return;
        };
        match self.option_holds(condition) {
            Some(true) => self.expect(invocation, rest),
            Some(false) => {
                for argument in rest {
                    self.finding_name(argument);
                }
            }
            None => self.error(condition.place, "this must be made of `CONFIG_` options"),
        }
    }

    /// Whether options are set as an expression asks. One that is set has been replaced by its value already; one that is not is still a name.
    fn option_holds(&self, e: &Expr) -> Option<bool> {
        match &e.kind {
            ExprKind::Paren(inner) => self.option_holds(inner),
            ExprKind::Integer(literal) => Some(literal.value != 0),
            ExprKind::Ident(name) => Some(self.settings.enabled(name)),
            ExprKind::Unary { op: ast::UnaryOp::Not, operand } => self.option_holds(operand).map(|b| !b),
            ExprKind::Binary { op: ast::BinaryOp::And, left, right } => {
                Some(self.option_holds(left)? && self.option_holds(right)?)
            }
            ExprKind::Binary { op: ast::BinaryOp::Or, left, right } => {
                Some(self.option_holds(left)? || self.option_holds(right)?)
            }
            ExprKind::Binary { op, left, right } => {
                let (a, b) = (number(left)?, number(right)?);
                match op {
                    ast::BinaryOp::Lt => Some(a < b),
                    ast::BinaryOp::Gt => Some(a > b),
                    ast::BinaryOp::Le => Some(a <= b),
                    ast::BinaryOp::Ge => Some(a >= b),
                    ast::BinaryOp::Eq => Some(a == b),
                    ast::BinaryOp::Ne => Some(a != b),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The value of an option that is a number, or of a number.
fn number(e: &Expr) -> Option<u64> {
    match &strip(e).kind {
        ExprKind::Integer(literal) => Some(literal.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::loader::NoFiles;
    use crate::{Options, compile};

    #[test]
    fn expect_if_may_ask_for_the_number_of_cpus() {
        let text = "static int x;
            static void f(void) { x++; }
            THREAD(a, f);
            EXPECT(clean);
            EXPECT_IF(CONFIG_NR_CPUS > 1 && CONFIG_SMP, data_race);";
        let expected = |cpus| {
            let options = Options { cpus: Some(cpus), ..Options::default() };
            let compiled = compile("x.c", text.as_bytes(), &options, &NoFiles);
            compiled.program.and_then(|p| p.claims.expect).map(|e| e.findings)
        };
        assert_eq!(expected(2), Some(vec!["data_race".to_owned()]));
        assert_eq!(expected(1), Some(Vec::new()));
    }
}
