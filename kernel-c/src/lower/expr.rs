//! Expressions, those that decide aside: see `choice`.

use super::access::{Place, Where};
use super::code::Value;
use super::declare::nearest_sorted;
use super::scope::Symbol;
use super::{Lower, Purpose, Rvalue};
use crate::ast::{self, Expr, ExprKind};
use crate::diagnostic::Diagnostic;
use crate::source_map::Place as SourcePlace;
use crate::types::{IntKind, Kind, QualTy, Ty};

impl<'u> Lower<'u> {
    /// The value of an expression.
    pub(super) fn rvalue(&mut self, e: &'u Expr) -> Rvalue {
        let saved = self.set_place(e.place);
        let value = self.rvalue_here(e);
        self.b.span = saved;
        value
    }

    fn rvalue_here(&mut self, e: &'u Expr) -> Rvalue {
        match &e.kind {
            ExprKind::Integer(literal) => self.integer(*literal),
            ExprKind::Char(value) => self.int_value(*value),
            ExprKind::Paren(inner) => self.rvalue(inner),
            ExprKind::Ident(name) => self.identifier(name, e.place),
            ExprKind::String(_)
            | ExprKind::FunctionName
            | ExprKind::Index { .. }
            | ExprKind::Member { .. }
            | ExprKind::CompoundLiteral { .. }
            | ExprKind::Unary { op: ast::UnaryOp::Deref, .. } => {
                let place = self.lvalue_here(e);
                self.of_one_cpu(&place, e.place);
                self.load(&place)
            }
            ExprKind::Statement(block) => self.statement_expression(block),
            ExprKind::Call { callee, arguments } => self.call(callee, arguments, e.place),
            ExprKind::Type(ty) => {
                self.error(ty.place, "a type cannot stand here");
                self.error_value()
            }
            ExprKind::Increment { operand, decrement, postfix } => self.increment(operand, *decrement, *postfix),
            ExprKind::Unary { op: ast::UnaryOp::AddressOf, operand } => self.address_of(operand),
            ExprKind::Unary { op, operand } => {
                let value = self.rvalue(operand);
                self.unary(*op, value, e.place)
            }
            ExprKind::Binary { op: ast::BinaryOp::And | ast::BinaryOp::Or, .. } => self.logical(e),
            ExprKind::Binary { op, left, right } => {
                let left = self.rvalue(left);
                let right = self.rvalue(right);
                self.binary(*op, left, right, e.place)
            }
            ExprKind::Assign { op, target, value } => self.assign(*op, target, value, e.place),
            ExprKind::Conditional { condition, then, otherwise } => {
                self.conditional(condition, then.as_deref(), otherwise, e.place)
            }
            ExprKind::Comma(first, second) => {
                self.effects(first);
                self.rvalue(second)
            }
            ExprKind::Cast { ty, operand } => self.cast(ty, operand, e.place),
            ExprKind::SizeofExpr(inner) => {
                let ty = self.type_of(inner);
                self.size_value(ty.ty, e.place)
            }
            ExprKind::SizeofType(ty) => {
                let ty = self.ty(ty);
                self.size_value(ty.ty, e.place)
            }
            ExprKind::AlignofType(ty) => {
                let ty = self.ty(ty);
                let align = self.types.align_of(ty.ty);
                self.unsigned_long(align)
            }
            ExprKind::AlignofExpr(inner) => {
                let ty = self.type_of(inner);
                let align = self.types.align_of(ty.ty);
                self.unsigned_long(align)
            }
            ExprKind::Offsetof { ty, path } => self.offsetof(ty, path),
            ExprKind::VaArg { .. } => {
                self.error(e.place, "functions with a variable number of arguments are outside the language");
                self.error_value()
            }
            ExprKind::Error => self.error_value(),
        }
    }

    /// An expression of which only the effects are wanted.
    pub(super) fn effects(&mut self, e: &'u Expr) {
        match &e.kind {
            ExprKind::Paren(inner) => self.effects(inner),
            ExprKind::Increment { operand, decrement, .. } => {
                let saved = self.set_place(e.place);
                self.increment(operand, *decrement, false);
                self.b.span = saved;
            }
            _ => {
                self.rvalue(e);
            }
        }
    }

    pub(super) fn unsigned_long(&mut self, value: u64) -> Rvalue {
        Rvalue::new(self.types.int(IntKind::ULong), Value::Const(value))
    }

    fn integer(&mut self, literal: ast::IntegerLiteral) -> Rvalue {
        let kinds = [
            (0, IntKind::Int, false),
            (0, IntKind::UInt, true),
            (1, IntKind::Long, false),
            (1, IntKind::ULong, true),
            (2, IntKind::LongLong, false),
            (2, IntKind::ULongLong, true),
        ];
        let fits = |kind: IntKind| {
            let scalar = kind.scalar();
            let max = if scalar.size == 8 { u64::MAX } else { (1 << (8 * scalar.size)) - 1 };
            literal.value <= if scalar.signed { max >> 1 } else { max }
        };
        let kind = kinds
            .into_iter()
            .filter(|&(longs, _, unsigned)| {
                longs >= literal.longs && if literal.unsigned { unsigned } else { !unsigned || !literal.decimal }
            })
            .map(|(_, kind, _)| kind)
            .find(|&kind| fits(kind))
            .unwrap_or(IntKind::ULongLong);
        Rvalue::new(self.types.int(kind), Value::Const(literal.value))
    }

    fn size_value(&mut self, ty: Ty, place: SourcePlace) -> Rvalue {
        match self.types.size_of(ty) {
            Some(size) => self.unsigned_long(size),
            None if matches!(self.types.kind(ty), Kind::Function(_)) => self.unsigned_long(1),
            None => {
                let name = self.types.name(ty.into());
                self.error(place, format!("`sizeof` of `{name}`, which has no known size here"));
                self.unsigned_long(0)
            }
        }
    }

    fn identifier(&mut self, name: &str, place: SourcePlace) -> Rvalue {
        match self.lookup(name) {
            Some(&Symbol::Constant { value, ty }) => Rvalue::new(ty, Value::Const(value as u64)),
            Some(&Symbol::Function(symbol)) => {
                let ty = self.functions[symbol as usize].ty;
                Rvalue::new(self.types.pointer(ty.into()), Value::Function(symbol))
            }
            _ => {
                let found = self.name_place(name, place);
                self.of_one_cpu(&found, place);
                self.load(&found)
            }
        }
    }

    /// The place that a name stands for.
    fn name_place(&mut self, name: &str, place: SourcePlace) -> Place {
        match self.lookup(name).cloned() {
            Some(Symbol::Var { var, ty }) => self.var_place(var, ty),
            Some(Symbol::Bound { value, ty }) => Place { ty, at: Where::Bound(value), bits: None, mark: None },
            Some(Symbol::Object { object, ty }) => self.object_place(object, ty),
            Some(Symbol::Prelude { index, ty }) => {
                let object = self.prelude_object(index, ty);
                self.object_place(object, ty)
            }
            Some(Symbol::Function(symbol)) => {
                Place::memory(self.functions[symbol as usize].ty.into(), Value::Function(symbol))
            }
            Some(Symbol::Constant { .. }) => {
                self.error(place, format!("`{name}` is a constant: it has no address and cannot be assigned"));
                self.error_place()
            }
            Some(Symbol::Type(_)) => {
                self.error(place, format!("`{name}` is a type"));
                self.error_place()
            }
            None => {
                self.unknown_name(name, place);
                self.error_place()
            }
        }
    }

    /// Says that a name is unknown, once, with the nearest that is known.
    fn unknown_name(&mut self, name: &str, place: SourcePlace) {
        if self.unit.skipped_names.contains(name) || !self.unknown_names.insert(name.into()) {
            return;
        }
        let place = self.visible(place);
        if super::api::known_not_modelled(name) {
            self.report(Diagnostic::error(place, format!("`{name}` is known but not modelled yet")));
            return;
        }
        let mut diagnostic = Diagnostic::error(place, format!("`{name}` is not declared"));
        let known: Vec<&str> = self.scopes.iter().flat_map(|s| s.names.keys().map(|n| &**n)).collect();
        if let Some(near) = nearest_sorted(name, known) {
            diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), place, near);
        }
        self.report(diagnostic);
    }

    /// The place that an expression stands for.
    pub(super) fn lvalue(&mut self, e: &'u Expr) -> Place {
        let saved = self.set_place(e.place);
        let place = self.lvalue_here(e);
        self.b.span = saved;
        place
    }

    fn lvalue_here(&mut self, e: &'u Expr) -> Place {
        match &e.kind {
            ExprKind::Paren(inner) => self.lvalue(inner),
            ExprKind::Ident(name) => self.name_place(name, e.place),
            ExprKind::String(literal) => self.string_place(&literal.bytes, e.place),
            ExprKind::FunctionName => {
                let name = self.fx.name.clone();
                self.string_place(name.as_bytes(), e.place)
            }
            ExprKind::Unary { op: ast::UnaryOp::Deref, operand } => {
                let pointer = self.rvalue(operand);
                self.deref(pointer, operand.place)
            }
            ExprKind::Index { base, index } => self.index(base, index, e.place),
            ExprKind::Member { base, field, arrow } => self.member(base, field, *arrow),
            ExprKind::CompoundLiteral { ty, list } => self.compound_literal(ty, list, e.place),
            ExprKind::Error => self.error_place(),
            _ => {
                let value = self.rvalue_here(e);
                if self.types.is_record(value.ty) {
                    return Place::memory(value.ty.into(), value.value);
                }
                if !self.types.is_error(value.ty) {
                    self.error(e.place, "this is a value, not something that can be assigned to or has an address");
                }
                self.error_place()
            }
        }
    }

    fn deref(&mut self, pointer: Rvalue, place: SourcePlace) -> Place {
        match self.types.pointee(pointer.ty) {
            Some(to) => Place::memory(to, pointer.value),
            None => {
                if !self.types.is_error(pointer.ty) {
                    let name = self.types.name(pointer.ty.into());
                    self.error(place, format!("`*` needs a pointer, and this is `{name}`"));
                }
                self.error_place()
            }
        }
    }

    fn index(&mut self, base: &'u Expr, index: &'u Expr, place: SourcePlace) -> Place {
        let is_array = |lower: &mut Self, e: &'u Expr| {
            matches!(strip(e).kind, ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Index { .. })
                && matches!(lower.type_of(e).ty, ty if matches!(lower.types.kind(ty), Kind::Array(..)))
        };
        if is_array(self, base) {
            let array = self.lvalue(base);
            let Kind::Array(of, _) = *self.types.kind(array.ty.ty) else { return self.error_place() };
            let of = of.within(array.ty);
            let index = self.rvalue(index);
            return self.element(array, of, index, place);
        }
        let base = self.rvalue(base);
        let index = self.rvalue(index);
        let (pointer, index) = if self.types.is_pointer(base.ty) { (base, index) } else { (index, base) };
        match self.types.pointee(pointer.ty) {
            Some(of) => self.element(Place::memory(of, pointer.value), of, index, place),
            None => {
                if !self.types.is_error(base.ty) && !self.types.is_error(index.ty) {
                    let name = self.types.name(base.ty.into());
                    self.error(place, format!("`[]` needs an array or a pointer, and this is `{name}`"));
                }
                self.error_place()
            }
        }
    }

    /// An element of the array that starts at `base`.
    fn element(&mut self, mut base: Place, of: QualTy, index: Rvalue, place: SourcePlace) -> Place {
        if self.types.integer(index.ty).is_none() {
            if !self.types.is_error(index.ty) {
                self.error(place, "an index must be an integer");
            }
            return self.error_place();
        }
        let scale = self.element_size(of.ty, place);
        let index = self.wide_index(index);
        base.ty = of;
        if let Where::Memory { indices, offset, .. } = &mut base.at {
            match index {
                Value::Const(index) => *offset = offset.wrapping_add(index.wrapping_mul(scale) as i64),
                index => indices.push((index, scale)),
            }
        }
        base
    }

    fn member(&mut self, base: &'u Expr, field: &ast::Ident, arrow: bool) -> Place {
        let place = if arrow {
            let pointer = self.rvalue(base);
            if self.types.is_record(pointer.ty) {
                self.error_with_help(field.place, "`->` needs a pointer, and this is a structure", "write `.` instead");
                return self.error_place();
            }
            self.deref(pointer, base.place)
        } else {
            self.lvalue(base)
        };
        let ty = place.ty;
        if self.types.is_error(ty.ty) {
            return self.error_place();
        }
        let Some(member) = self.types.member(ty.ty, &field.name) else {
            self.no_member(ty, field);
            return self.error_place();
        };
        let member_ty = member.ty.within(ty);
        let mut place = place.at_offset(member_ty, member.offset as i64);
        place.bits = member.bits;
        place
    }

    fn error_with_help(&mut self, place: SourcePlace, title: &str, help: &str) {
        let place = self.visible(place);
        self.report(Diagnostic::error(place, title).help(help));
    }

    pub(super) fn no_member(&mut self, ty: QualTy, field: &ast::Ident) {
        let name = self.types.name(ty.ty.into());
        let at = self.visible(field.place);
        let mut diagnostic = match self.types.record(ty.ty) {
            None if self.types.is_pointer(ty.ty) => {
                Diagnostic::error(at, "`.` needs a structure, and this is a pointer").help("write `->` instead")
            }
            None => Diagnostic::error(at, format!("`{name}` has no members")),
            Some(record) if record.layout.is_none() => {
                Diagnostic::error(at, format!("the members of `{name}` are not known here"))
            }
            Some(_) => Diagnostic::error(at, format!("`{name}` has no member `{}`", field.name)),
        };
        let names = self.types.member_names(ty.ty);
        if let Some(near) = nearest_sorted(&field.name, names.iter().map(String::as_str).collect()) {
            diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), at, near);
        }
        self.report(diagnostic);
    }

    pub(super) fn address_of(&mut self, operand: &'u Expr) -> Rvalue {
        // `&*p` is `p`.
        if let ExprKind::Unary { op: ast::UnaryOp::Deref, operand } = &strip(operand).kind {
            return self.rvalue(operand);
        }
        let place = self.lvalue(operand);
        if self.types.is_error(place.ty.ty) {
            return self.error_value();
        }
        if place.bits.is_some() {
            self.error(operand.place, "a bit-field has no address");
        }
        if matches!(place.at, Where::Bound(_)) {
            self.error(operand.place, "a constant has no address here");
        }
        let value = self.address(&place);
        Rvalue::new(self.types.pointer(place.ty), value)
    }

    fn cast(&mut self, ty: &'u ast::Type, operand: &'u Expr, place: SourcePlace) -> Rvalue {
        let to = self.ty(ty).ty;
        self.purpose.ty = self.types.pointee(to).map(|t| t.ty).or(self.purpose.ty);
        let value = self.rvalue(operand);
        if self.types.is_error(value.ty) || self.types.is_error(to) {
            return self.error_value();
        }
        if self.types.is_void(to) {
            return self.void_value();
        }
        if self.types.is_record(to) && to == value.ty {
            return value;
        }
        if self.types.scalar(to).is_none() || self.types.scalar(value.ty).is_none() {
            let (from, to) = (self.types.name(value.ty.into()), self.types.name(to.into()));
            self.error(place, format!("`{from}` cannot be cast to `{to}`"));
            return self.error_value();
        }
        self.convert(value, to)
    }

    fn offsetof(&mut self, ty: &'u ast::Type, path: &'u [ast::Designator]) -> Rvalue {
        let mut ty = self.ty(ty);
        let mut offset = 0u64;
        for step in path {
            match step {
                ast::Designator::Field(field) => match self.types.member(ty.ty, &field.name) {
                    Some(member) => {
                        offset += member.offset;
                        ty = member.ty;
                    }
                    None => {
                        if !self.types.is_error(ty.ty) {
                            self.no_member(ty, field);
                        }
                        return self.error_value();
                    }
                },
                ast::Designator::Index(index) => {
                    let Kind::Array(of, _) = *self.types.kind(ty.ty) else { return self.error_value() };
                    let index = self.constant_or_zero(index);
                    offset = offset.wrapping_add((index as u64).wrapping_mul(self.types.size_of(of.ty).unwrap_or(0)));
                    ty = of;
                }
                ast::Designator::Range(low, _) => self.error(low.place, "a range cannot stand here"),
            }
        }
        self.unsigned_long(offset)
    }

    fn increment(&mut self, operand: &'u Expr, decrement: bool, postfix: bool) -> Rvalue {
        let place = self.lvalue(operand);
        if !self.check_assignable(&place, operand.place) {
            return self.error_value();
        }
        let (old, unit) = self.load_to_change(&place);
        if !self.check_scalar(old, operand.place, "what is counted up or down") {
            return self.error_value();
        }
        let saved = if postfix { self.hold_for_postfix(old, &place) } else { old };
        let one = self.int_value(1);
        let op = if decrement { ast::BinaryOp::Sub } else { ast::BinaryOp::Add };
        let new = self.binary(op, old, one, operand.place);
        let new = self.convert(new, place.ty.ty);
        self.store_changed(&place, unit, new.value);
        if postfix {
            return Rvalue::new(place.ty.ty, saved.value);
        }
        self.stored(&place, new)
    }

    /// The old value of a variable in a register is kept before it is overwritten.
    fn hold_for_postfix(&mut self, old: Rvalue, place: &Place) -> Rvalue {
        match place.at {
            Where::Var(_) => {
                let scalar = self.types.scalar(old.ty).unwrap_or_default();
                Rvalue { value: self.hold(old.value, scalar), ..old }
            }
            _ => old,
        }
    }

    /// The value of an assignment: what the place holds then.
    fn stored(&mut self, place: &Place, value: Rvalue) -> Rvalue {
        match (&place.at, place.bits) {
            (Where::Var(_), None) => self.load(place),
            (_, Some(bits)) => {
                let wide = self.types.scalar(place.ty.ty).unwrap_or_default();
                let shift = Value::Const(u64::from(8 * wide.size) - u64::from(bits.width));
                let up = self.arithmetic_raw(sim_core::program::BinaryOp::Shl, wide, value.value, shift);
                Rvalue::new(value.ty, self.arithmetic_raw(sim_core::program::BinaryOp::Shr, wide, up, shift))
            }
            _ => value,
        }
    }

    pub(super) fn check_assignable(&mut self, place: &Place, at: SourcePlace) -> bool {
        if self.types.is_error(place.ty.ty) {
            return false;
        }
        if place.ty.is_const {
            self.error(at, "this is `const` and cannot be changed");
            return false;
        }
        if matches!(place.at, Where::Bound(_)) {
            self.error(at, "this cannot be assigned to");
            return false;
        }
        if !self.of_one_cpu(place, at) {
            return false;
        }
        if matches!(self.types.kind(place.ty.ty), Kind::Array(..) | Kind::Function(_)) {
            let name = self.types.name(place.ty);
            self.error(at, format!("a `{name}` cannot be assigned to"));
            return false;
        }
        true
    }

    fn assign(
        &mut self,
        op: Option<ast::BinaryOp>,
        target: &'u Expr,
        value: &'u Expr,
        place_of_it: SourcePlace,
    ) -> Rvalue {
        let place = self.lvalue(target);
        let fine = self.check_assignable(&place, target.place);
        let Some(op) = op else {
            self.purpose = self.purpose_of(place.ty.ty, named(target));
            let new = self.rvalue(value);
            self.purpose = Purpose::default();
            if !fine {
                return self.error_value();
            }
            let new = self.assignable(new, place.ty.ty, value.place, "assigned to");
            if self.types.is_record(place.ty.ty) {
                if self.types.is_record(new.ty) {
                    self.copy_record(&place, new.value, place_of_it);
                }
                return self.load(&place);
            }
            self.store(&place, new.value);
            return self.stored(&place, new);
        };
        if !fine {
            self.rvalue(value);
            return self.error_value();
        }
        // The old value is read after the operand is computed when that has effects, as compilers do; both orders are C.
        let by = self.rvalue(value);
        let (old, unit) = self.load_to_change(&place);
        let new = self.binary(op, old, by, place_of_it);
        if self.types.is_error(new.ty) {
            return new;
        }
        let new = self.assignable(new, place.ty.ty, place_of_it, "assigned to");
        self.store_changed(&place, unit, new.value);
        self.stored(&place, new)
    }
}

/// An expression without the parentheses around it.
pub(super) fn strip(mut e: &Expr) -> &Expr {
    while let ExprKind::Paren(inner) = &e.kind {
        e = inner;
    }
    e
}

/// The variable or member that an expression names.
fn named(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Ident(name) => Some(name),
        ExprKind::Member { field, .. } => Some(&field.name),
        _ => None,
    }
}
