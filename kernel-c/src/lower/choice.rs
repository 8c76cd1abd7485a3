//! Expressions that decide: `&&`, `||` and `!` as jumps, `?:`, and the type that two alternatives have in common.
//!
//! Invariant: what a condition decides while it is compiled makes no code, and of two alternatives only one is evaluated.

use super::code::{Label, Value};
use super::{Lower, Rvalue, fold};
use crate::ast::{self, Expr, ExprKind};
use crate::source_map::Place as SourcePlace;
use crate::types::{Ty, Types};
use sim_core::program::{Inst, Scalar};

impl<'u> Lower<'u> {
    pub(super) fn logical(&mut self, e: &'u Expr) -> Rvalue {
        let (yes, no, end) = (self.b.label(), self.b.label(), self.b.label());
        let before = self.b.mark();
        let known = self.condition(e, yes, no);
        if let Some(known) = known
            && self.b.only_jumps_since(&before)
        {
            self.b.back_to(before);
            return Rvalue { truth: true, ..self.int_value(i64::from(known)) };
        }
        let result = self.b.reg(Scalar::U8);
        self.b.place(yes);
        self.put(result, Value::Const(1));
        self.b.jump(end);
        self.b.place(no);
        self.put(result, Value::Const(0));
        self.b.place(end);
        Rvalue { ty: self.int_type(), value: Value::Reg(result), truth: true }
    }

    /// Jumps to `yes` or `no`. The answer, where it is known.
    pub(super) fn condition(&mut self, e: &'u Expr, yes: Label, no: Label) -> Option<bool> {
        let saved = self.set_place(e.place);
        let known = match &e.kind {
            ExprKind::Paren(inner) => self.condition(inner, yes, no),
            ExprKind::Unary { op: ast::UnaryOp::Not, operand } => self.condition(operand, no, yes).map(|k| !k),
            ExprKind::Binary { op: ast::BinaryOp::And, left, right } => {
                let next = self.b.label();
                match self.condition(left, next, no) {
                    Some(false) => Some(false),
                    first => {
                        self.b.place(next);
                        let second = self.condition(right, yes, no);
                        if second == Some(false) { second } else { first.and(second) }
                    }
                }
            }
            ExprKind::Binary { op: ast::BinaryOp::Or, left, right } => {
                let next = self.b.label();
                match self.condition(left, yes, next) {
                    Some(true) => Some(true),
                    first => {
                        self.b.place(next);
                        let second = self.condition(right, yes, no);
                        if second == Some(true) { second } else { first.and(second) }
                    }
                }
            }
            _ => {
                let value = self.rvalue(e);
                self.test(value, e.place, yes, no)
            }
        };
        self.b.span = saved;
        known
    }

    /// Jumps to `yes` if the value is not 0, else to `no`.
    fn test(&mut self, value: Rvalue, place: SourcePlace, yes: Label, no: Label) -> Option<bool> {
        if !self.types.is_error(value.ty) && !self.check_scalar(value, place, "a condition") {
            return None;
        }
        self.branch_value(value.value, yes, no)
    }

    pub(super) fn branch_value(&mut self, value: Value, yes: Label, no: Label) -> Option<bool> {
        let known = match value {
            Value::Reg(reg) => {
                self.b.branch(reg, yes, no);
                return None;
            }
            Value::Const(value) => value != 0,
            _ => true,
        };
        self.b.jump(if known { yes } else { no });
        Some(known)
    }

    pub(super) fn conditional(
        &mut self,
        condition: &'u Expr,
        then: Option<&'u Expr>,
        otherwise: &'u Expr,
        place: SourcePlace,
    ) -> Rvalue {
        let Some(then) = then else { return self.elvis(condition, otherwise, place) };
        let before = self.b.mark();
        let (yes, no) = (self.b.label(), self.b.label());
        let known = self.condition(condition, yes, no);
        if let Some(known) = known
            && self.b.only_jumps_since(&before)
        {
            self.b.back_to(before);
            let (chosen, other) = if known { (then, otherwise) } else { (otherwise, then) };
            let other = self.value_type(other);
            let value = self.rvalue(chosen);
            return self.as_common(value, other, place);
        }
        let end = self.b.label();
        self.b.place(yes);
        let first = self.rvalue(then);
        let gap = self.open_arm(first, end);
        self.b.place(no);
        let second = self.rvalue(otherwise);
        self.close_arms(gap, first, second, end, place)
    }

    /// `c ?: b`
    fn elvis(&mut self, condition: &'u Expr, otherwise: &'u Expr, place: SourcePlace) -> Rvalue {
        let first = self.rvalue(condition);
        let (yes, no, end) = (self.b.label(), self.b.label(), self.b.label());
        let scalar = self.types.scalar(first.ty).unwrap_or_default();
        let held = Rvalue { value: self.hold(first.value, scalar), ..first };
        self.test(held, condition.place, yes, no);
        self.b.place(yes);
        let gap = self.open_arm(held, end);
        self.b.place(no);
        let second = self.rvalue(otherwise);
        self.close_arms(gap, held, second, end, place)
    }

    /// Ends the first arm of a conditional expression. The type of the whole is not known yet, so that the instruction that gives the arm's value is
    /// only a gap so far; gives its index and the register of the arm's value.
    fn open_arm(&mut self, value: Rvalue, end: Label) -> Option<(usize, Rvalue)> {
        let mut gap = None;
        if self.types.scalar(value.ty).is_some() || self.types.is_record(value.ty) {
            let src = match value.value {
                Value::Const(_) => 0,
                other => self.reg_of(other),
            };
            if !self.b.dead {
                let held = match value.value {
                    Value::Const(_) => value,
                    _ => Rvalue { value: Value::Reg(src), ..value },
                };
                gap = Some((self.b.code.len(), held));
                self.b.emit(Inst::Copy { dst: src, src });
            }
        }
        self.b.jump(end);
        gap
    }

    fn close_arms(
        &mut self,
        gap: Option<(usize, Rvalue)>,
        first: Rvalue,
        second: Rvalue,
        end: Label,
        place: SourcePlace,
    ) -> Rvalue {
        let Some(ty) = self.common_type(first, second, place) else {
            self.b.place(end);
            return self.error_value();
        };
        let Some(scalar) = self.types.scalar(ty).or(self.types.is_record(ty).then_some(Scalar::U64)) else {
            self.b.place(end);
            return Rvalue::new(ty, Value::Const(0));
        };
        let result = self.b.reg(scalar);
        let second_value = self.convert(second, ty);
        self.put(result, second_value.value);
        self.b.place(end);
        if let Some((at, held)) = gap {
            let from = self.types.scalar(first.ty).unwrap_or_default();
            self.b.code[at] = match held.value {
                Value::Reg(src) if first.truth || fold::same_bits(from, scalar) => Inst::Copy { dst: result, src },
                Value::Reg(src) => Inst::Convert { to: scalar, dst: result, src },
                Value::Const(value) => Inst::Const { dst: result, value: scalar.wrap(value) },
                _ => Inst::Copy { dst: result, src: result },
            };
        }
        Rvalue { ty, value: Value::Reg(result), truth: first.truth && second.truth }
    }

    fn as_common(&mut self, value: Rvalue, other: Rvalue, place: SourcePlace) -> Rvalue {
        match self.common_type(value, other, place) {
            Some(ty) => self.convert(value, ty),
            None => self.error_value(),
        }
    }

    /// The type of `c ? a : b` (C11 6.5.15).
    fn common_type(&mut self, a: Rvalue, b: Rvalue, place: SourcePlace) -> Option<Ty> {
        if self.types.is_error(a.ty) || self.types.is_error(b.ty) {
            return None;
        }
        if let (Some(ka), Some(kb)) = (self.types.integer(a.ty), self.types.integer(b.ty)) {
            return Some(self.types.int(ka.common(kb)));
        }
        if self.types.is_void(a.ty) || self.types.is_void(b.ty) {
            return Some(Types::VOID);
        }
        if a.ty == b.ty {
            return Some(a.ty);
        }
        let null = |v: Rvalue| v.value == Value::Const(0);
        match (self.types.pointee(a.ty), self.types.pointee(b.ty)) {
            (Some(x), Some(y)) => {
                // A null pointer constant takes the other's type, `void *` otherwise wins.
                let pick = match (self.types.is_void(x.ty), self.types.is_void(y.ty)) {
                    (true, false) => {
                        if null(a) {
                            b.ty
                        } else {
                            a.ty
                        }
                    }
                    (false, true) => {
                        if null(b) {
                            a.ty
                        } else {
                            b.ty
                        }
                    }
                    _ => a.ty,
                };
                if !self.comparable_pointers(a.ty, b.ty) {
                    let (a, b) = (self.types.name(a.ty.into()), self.types.name(b.ty.into()));
                    self.warn(place, format!("the two values of this `?:` are `{a}` and `{b}`"));
                }
                Some(pick)
            }
            (Some(_), None) if self.types.integer(b.ty).is_some() => Some(a.ty),
            (None, Some(_)) if self.types.integer(a.ty).is_some() => Some(b.ty),
            _ => {
                let (a, b) = (self.types.name(a.ty.into()), self.types.name(b.ty.into()));
                self.error(place, format!("the two values of this `?:` are `{a}` and `{b}`"));
                None
            }
        }
    }

    fn comparable_pointers(&self, a: Ty, b: Ty) -> bool {
        match (self.types.pointee(a), self.types.pointee(b)) {
            (Some(a), Some(b)) => self.types.is_void(a.ty) || self.types.is_void(b.ty) || self.compatible(a.ty, b.ty),
            _ => false,
        }
    }
}
