//! Operators and conversions: which type they work in, and the instructions that do it.

use super::code::Value;
use super::{Lower, Rvalue, fold};
use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::source_map::Place as SourcePlace;
use crate::types::{IntKind, Kind, Ty, Types};
use sim_core::program::{BinaryOp, Inst, Scalar, UnaryOp};

impl Lower<'_> {
    pub(super) fn int_type(&mut self) -> Ty {
        self.types.int(IntKind::Int)
    }

    pub(super) fn error_value(&self) -> Rvalue {
        Rvalue::new(Types::ERROR, Value::Const(0))
    }

    pub(super) fn void_value(&self) -> Rvalue {
        Rvalue::new(Types::VOID, Value::Const(0))
    }

    pub(super) fn int_value(&mut self, value: i64) -> Rvalue {
        Rvalue::new(self.int_type(), Value::Const(value as u64))
    }

    /// `a op b` on registers of this type, folded where both are constants.
    pub(super) fn arithmetic_raw(&mut self, op: BinaryOp, ty: Scalar, a: Value, b: Value) -> Value {
        if let (Value::Const(a), Value::Const(b)) = (a, b)
            && let Some(value) = fold::binary(op, ty, a, b)
        {
            return Value::Const(value);
        }
        match (op, a, b) {
            (BinaryOp::Add, base, Value::Const(by)) | (BinaryOp::Add, Value::Const(by), base)
                if ty.size == 8 && !matches!(base, Value::Reg(_)) =>
            {
                return self.offset(base, by as i64);
            }
            (BinaryOp::Sub, base, Value::Const(by)) if ty.size == 8 && !matches!(base, Value::Reg(_)) => {
                return self.offset(base, (by as i64).wrapping_neg());
            }
            (
                BinaryOp::Add | BinaryOp::Sub | BinaryOp::Or | BinaryOp::Xor | BinaryOp::Shl | BinaryOp::Shr,
                a,
                Value::Const(0),
            )
            | (BinaryOp::Mul | BinaryOp::Div, a, Value::Const(1))
            | (BinaryOp::Add | BinaryOp::Or, Value::Const(0), a)
            | (BinaryOp::Mul, Value::Const(1), a) => return a,
            (BinaryOp::Eq | BinaryOp::Ne, a, b) => {
                if let Some(equal) = same_address(a, b) {
                    return Value::Const(u64::from(equal == (op == BinaryOp::Eq)));
                }
            }
            _ => {}
        }
        let a = self.reg_typed(a, ty);
        let b = self.reg_typed(b, ty);
        let comparison =
            matches!(op, BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge);
        let dst = self.b.reg(if comparison { Scalar::U8 } else { ty });
        self.b.emit(Inst::Binary { op, ty, dst, a, b });
        Value::Reg(dst)
    }

    /// The value as one of another type, without asking whether C allows it.
    pub(super) fn convert(&mut self, from: Rvalue, to: Ty) -> Rvalue {
        if from.ty == to {
            return from;
        }
        let (Some(from_scalar), Some(to_scalar)) = (self.types.scalar(from.ty), self.types.scalar(to)) else {
            return Rvalue { ty: to, ..from };
        };
        if self.types.integer(to) == Some(IntKind::Bool) {
            return Rvalue { ty: to, value: self.truth_of(from), truth: true };
        }
        let value = match from.value {
            Value::Const(value) => Value::Const(to_scalar.wrap(value)),
            value if from.truth || fold::same_bits(from_scalar, to_scalar) => value,
            value => {
                let src = self.reg_of(value);
                let dst = self.b.reg(to_scalar);
                self.b.emit(Inst::Convert { to: to_scalar, dst, src });
                Value::Reg(dst)
            }
        };
        Rvalue { ty: to, value, truth: from.truth }
    }

    /// `value != 0`
    pub(super) fn truth_of(&mut self, from: Rvalue) -> Value {
        let scalar = self.types.scalar(from.ty).unwrap_or_default();
        match from.value {
            value if from.truth => value,
            Value::Const(value) => Value::Const(u64::from(value != 0)),
            Value::Static { .. } | Value::Local { .. } | Value::Function(_) => Value::Const(1),
            value => self.arithmetic_raw(BinaryOp::Ne, scalar, value, Value::Const(0)),
        }
    }

    /// Integer promotion.
    pub(super) fn promote(&mut self, value: Rvalue) -> Rvalue {
        match self.types.integer(value.ty) {
            Some(kind) => {
                let to = self.types.int(kind.promoted());
                self.convert(value, to)
            }
            None => value,
        }
    }

    /// A value that is tested: a scalar.
    pub(super) fn check_scalar(&mut self, value: Rvalue, place: SourcePlace, what: &str) -> bool {
        if self.types.scalar(value.ty).is_some() {
            return true;
        }
        let name = self.types.name(value.ty.into());
        self.error(place, format!("{what} must be a number or a pointer, and this is `{name}`"));
        false
    }

    pub(super) fn unary(&mut self, op: ast::UnaryOp, operand: Rvalue, place: SourcePlace) -> Rvalue {
        if self.types.is_error(operand.ty) {
            return operand;
        }
        if op == ast::UnaryOp::Not {
            if !self.check_scalar(operand, place, "the operand of `!`") {
                return self.error_value();
            }
            let truth = self.truth_of(operand);
            let value = match truth {
                Value::Const(value) => Value::Const(u64::from(value == 0)),
                value => {
                    let src = self.reg_of(value);
                    let dst = self.b.reg(Scalar::U8);
                    let ty = self.b.regs[src as usize];
                    self.b.emit(Inst::Unary { op: UnaryOp::LogicalNot, ty, dst, src });
                    Value::Reg(dst)
                }
            };
            return Rvalue { ty: self.int_type(), value, truth: true };
        }
        if self.types.integer(operand.ty).is_none() {
            let name = self.types.name(operand.ty.into());
            self.error(place, format!("this operator needs a number, and this is `{name}`"));
            return self.error_value();
        }
        let operand = self.promote(operand);
        let op = match op {
            ast::UnaryOp::Minus => UnaryOp::Neg,
            ast::UnaryOp::BitNot => UnaryOp::Not,
            _ => return operand,
        };
        let ty = self.types.scalar(operand.ty).unwrap_or_default();
        let value = match operand.value {
            Value::Const(value) => Value::Const(fold::unary(op, ty, value)),
            value => {
                let src = self.reg_of(value);
                let dst = self.b.reg(ty);
                self.b.emit(Inst::Unary { op, ty, dst, src });
                Value::Reg(dst)
            }
        };
        Rvalue::new(operand.ty, value)
    }

    pub(super) fn binary(&mut self, op: ast::BinaryOp, a: Rvalue, b: Rvalue, place: SourcePlace) -> Rvalue {
        if self.types.is_error(a.ty) || self.types.is_error(b.ty) {
            return self.error_value();
        }
        let Some(code) = binary_op(op) else { return self.error_value() };
        let compares =
            matches!(code, BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge);
        match (self.types.integer(a.ty), self.types.integer(b.ty)) {
            (Some(ka), Some(kb)) => {
                if matches!(code, BinaryOp::Shl | BinaryOp::Shr) {
                    return self.shift(code, a, b, place);
                }
                let common = self.types.int(ka.common(kb));
                let scalar = self.types.scalar(common).unwrap_or_default();
                let (a, b) = (self.convert(a, common), self.convert(b, common));
                if matches!(code, BinaryOp::Div | BinaryOp::Rem) && b.value == Value::Const(0) {
                    self.warn(place, "division by zero");
                }
                let value = self.arithmetic_raw(code, scalar, a.value, b.value);
                match compares {
                    true => Rvalue { ty: self.int_type(), value, truth: true },
                    false => Rvalue::new(common, value),
                }
            }
            _ if compares => self.compare_pointers(code, a, b, place),
            _ => self.pointer_arithmetic(code, a, b, place),
        }
    }

    fn shift(&mut self, op: BinaryOp, a: Rvalue, b: Rvalue, place: SourcePlace) -> Rvalue {
        let (a, b) = (self.promote(a), self.promote(b));
        let scalar = self.types.scalar(a.ty).unwrap_or_default();
        if let Value::Const(amount) = b.value
            && amount >= 8 * u64::from(scalar.size)
        {
            self.warn(place, format!("shift by {} of a value of {} bits", amount as i64, 8 * scalar.size));
        }
        let value = self.arithmetic_raw(op, scalar, a.value, b.value);
        Rvalue::new(a.ty, value)
    }

    fn compare_pointers(&mut self, op: BinaryOp, a: Rvalue, b: Rvalue, place: SourcePlace) -> Rvalue {
        let null = |value: Rvalue| value.value == Value::Const(0);
        let pointers = (self.types.is_pointer(a.ty), self.types.is_pointer(b.ty));
        let fine = match pointers {
            (true, true) => self.comparable(a.ty, b.ty),
            (true, false) => null(b) && self.types.integer(b.ty).is_some(),
            (false, true) => null(a) && self.types.integer(a.ty).is_some(),
            (false, false) => false,
        };
        if !fine {
            let (a, b) = (self.types.name(a.ty.into()), self.types.name(b.ty.into()));
            let title = format!("comparison of `{a}` with `{b}`");
            if pointers == (false, false) {
                self.error(place, title);
                return self.error_value();
            }
            self.warn(place, format!("{title} without a cast"));
        }
        let value = self.arithmetic_raw(op, Scalar::U64, a.value, b.value);
        Rvalue { ty: self.int_type(), value, truth: true }
    }

    fn comparable(&self, a: Ty, b: Ty) -> bool {
        match (self.types.pointee(a), self.types.pointee(b)) {
            (Some(a), Some(b)) => self.types.is_void(a.ty) || self.types.is_void(b.ty) || self.compatible(a.ty, b.ty),
            _ => false,
        }
    }

    /// Whether two types are compatible: the same, but for unknown array lengths and qualifiers inside.
    pub(super) fn compatible(&self, a: Ty, b: Ty) -> bool {
        if a == b {
            return true;
        }
        match (self.types.kind(a), self.types.kind(b)) {
            (Kind::Error, _) | (_, Kind::Error) => true,
            (Kind::Array(a, la), Kind::Array(b, lb)) => {
                self.compatible(a.ty, b.ty) && (la == lb || la.is_none() || lb.is_none())
            }
            (Kind::Pointer(a), Kind::Pointer(b)) => self.compatible(a.ty, b.ty),
            (Kind::Function(a), Kind::Function(b)) => {
                self.compatible(a.result.ty, b.result.ty)
                    && a.params.len() == b.params.len()
                    && a.variadic == b.variadic
                    && a.params.iter().zip(&b.params).all(|(a, b)| self.compatible(a.ty, b.ty))
            }
            (Kind::Enum(_), Kind::Int(_)) | (Kind::Int(_), Kind::Enum(_)) => {
                self.types.integer(a) == self.types.integer(b)
            }
            _ => false,
        }
    }

    fn pointer_arithmetic(&mut self, op: BinaryOp, a: Rvalue, b: Rvalue, place: SourcePlace) -> Rvalue {
        match (op, self.types.pointee(a.ty), self.types.pointee(b.ty)) {
            (BinaryOp::Add | BinaryOp::Sub, Some(to), None) if self.types.integer(b.ty).is_some() => {
                let scale = self.element_size(to.ty, place);
                let index = self.wide_index(b);
                let by = self.arithmetic_raw(BinaryOp::Mul, Scalar::I64, index, Value::Const(scale));
                Rvalue::new(a.ty, self.arithmetic_raw(op, Scalar::U64, a.value, by))
            }
            (BinaryOp::Add, None, Some(_)) if self.types.integer(a.ty).is_some() => {
                self.pointer_arithmetic(op, b, a, place)
            }
            (BinaryOp::Sub, Some(to), Some(from)) if self.compatible(to.ty, from.ty) => {
                let scale = self.element_size(to.ty, place).max(1);
                let bytes = self.pointer_difference(a.value, b.value);
                let ty = self.types.int(IntKind::Long);
                Rvalue::new(ty, self.arithmetic_raw(BinaryOp::Div, Scalar::I64, bytes, Value::Const(scale)))
            }
            _ => {
                let (a, b) = (self.types.name(a.ty.into()), self.types.name(b.ty.into()));
                self.report(Diagnostic::error(
                    self.visible(place),
                    format!("this operator cannot take `{a}` and `{b}`"),
                ));
                self.error_value()
            }
        }
    }

    fn pointer_difference(&mut self, a: Value, b: Value) -> Value {
        match (a, b) {
            (Value::Static { object: x, offset: i }, Value::Static { object: y, offset: j }) if x == y => {
                Value::Const(i.wrapping_sub(j) as u64)
            }
            _ => self.arithmetic_raw(BinaryOp::Sub, Scalar::I64, a, b),
        }
    }

    /// An index as 64 bits.
    pub(super) fn wide_index(&mut self, index: Rvalue) -> Value {
        let index = self.promote(index);
        let long = self.types.int(IntKind::Long);
        self.convert(index, long).value
    }

    /// The size of what a pointer points to, for arithmetic on it: GNU C counts `void` and functions as one byte.
    pub(super) fn element_size(&mut self, ty: Ty, place: SourcePlace) -> u64 {
        if matches!(self.types.kind(ty), Kind::Function(_)) {
            return 1;
        }
        match self.types.size_of(ty) {
            Some(size) => size,
            None => {
                let name = self.types.name(ty.into());
                self.error(place, format!("`{name}` has no known size here, so a pointer to it cannot be moved"));
                1
            }
        }
    }
}

/// Whether two addresses are equal, where that is known.
fn same_address(a: Value, b: Value) -> Option<bool> {
    match (a, b) {
        (Value::Static { object: x, offset: i }, Value::Static { object: y, offset: j }) if x == y => Some(i == j),
        (Value::Static { .. } | Value::Local { .. } | Value::Function(_), Value::Const(0))
        | (Value::Const(0), Value::Static { .. } | Value::Local { .. } | Value::Function(_)) => Some(false),
        (Value::Function(x), Value::Function(y)) => Some(x == y),
        _ => None,
    }
}

fn binary_op(op: ast::BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        ast::BinaryOp::Mul => BinaryOp::Mul,
        ast::BinaryOp::Div => BinaryOp::Div,
        ast::BinaryOp::Rem => BinaryOp::Rem,
        ast::BinaryOp::Add => BinaryOp::Add,
        ast::BinaryOp::Sub => BinaryOp::Sub,
        ast::BinaryOp::Shl => BinaryOp::Shl,
        ast::BinaryOp::Shr => BinaryOp::Shr,
        ast::BinaryOp::Lt => BinaryOp::Lt,
        ast::BinaryOp::Gt => BinaryOp::Gt,
        ast::BinaryOp::Le => BinaryOp::Le,
        ast::BinaryOp::Ge => BinaryOp::Ge,
        ast::BinaryOp::Eq => BinaryOp::Eq,
        ast::BinaryOp::Ne => BinaryOp::Ne,
        ast::BinaryOp::BitAnd => BinaryOp::And,
        ast::BinaryOp::BitXor => BinaryOp::Xor,
        ast::BinaryOp::BitOr => BinaryOp::Or,
        ast::BinaryOp::And | ast::BinaryOp::Or => return None,
    })
}
