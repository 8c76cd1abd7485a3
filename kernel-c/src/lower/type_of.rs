//! What type an expression has, without making its code; and constant expressions.

use super::access::Place;
use super::code::Value;
use super::expr::strip;
use super::scope::Symbol;
use super::{Lower, Rvalue};
use crate::ast::{self, Expr, ExprKind};
use crate::types::{Kind, QualTy, Types};

impl<'u> Lower<'u> {
    /// Runs something and forgets the code it made; also says whether it made any.
    pub(super) fn speculate<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> (R, bool) {
        let mark = self.b.mark();
        self.b.dead = false;
        let sites = (self.out.alloc_sites.len(), self.out.spawn_sites.len());
        let gotos = self.fx.gotos.len();
        let exits = self.scopes.last().map_or(0, |s| s.exits.len());
        let start = self.b.code.len();
        let result = run(self);
        let made = self.b.code.len() > start;
        self.b.back_to(mark);
        self.out.alloc_sites.truncate(sites.0);
        self.out.spawn_sites.truncate(sites.1);
        self.fx.gotos.truncate(gotos);
        if let Some(scope) = self.scopes.last_mut() {
            scope.exits.truncate(exits);
        }
        (result, made)
    }

    /// The type of an expression for `sizeof` and `typeof`: arrays stay arrays.
    pub(super) fn type_of(&mut self, e: &'u Expr) -> QualTy {
        match &strip(e).kind {
            ExprKind::Ident(name) => match self.lookup(name) {
                Some(
                    Symbol::Var { ty, .. }
                    | Symbol::Bound { ty, .. }
                    | Symbol::Object { ty, .. }
                    | Symbol::Prelude { ty, .. }
                    | Symbol::Type(ty),
                ) => *ty,
                Some(Symbol::Function(symbol)) => self.functions[*symbol as usize].ty.into(),
                Some(Symbol::Constant { ty, .. }) => (*ty).into(),
                None => self.value_type(e).ty.into(),
            },
            ExprKind::Cast { ty, .. } => self.ty(ty).ty.into(),
            ExprKind::String(_)
            | ExprKind::Index { .. }
            | ExprKind::Member { .. }
            | ExprKind::CompoundLiteral { .. }
            | ExprKind::Unary { op: ast::UnaryOp::Deref, .. } => {
                let (place, _): (Place, bool) = self.speculate(|lower| lower.lvalue(e));
                place.ty
            }
            ExprKind::Type(ty) => self.ty(ty),
            _ => self.value_type(e).ty.into(),
        }
    }

    /// The type of an expression's value; its value too where that is a constant.
    pub(super) fn value_type(&mut self, e: &'u Expr) -> Rvalue {
        self.speculate(|lower| lower.rvalue(e)).0
    }

    /// The value of a constant expression, or `None` if it is not one.
    pub(super) fn try_constant(&mut self, e: &'u Expr) -> Option<(i64, QualTy)> {
        let (value, made) = self.speculate(|lower| lower.rvalue(e));
        match value.value {
            Value::Const(bits) if !made && self.types.integer(value.ty).is_some() => {
                Some((bits as i64, value.ty.into()))
            }
            _ => None,
        }
    }

    /// The value of an integer constant expression; reports what is none.
    pub(super) fn constant(&mut self, e: &'u Expr) -> Option<i64> {
        let (value, made) = self.speculate(|lower| lower.rvalue(e));
        match value.value {
            _ if self.types.is_error(value.ty) => None,
            Value::Const(bits) if !made && self.types.integer(value.ty).is_some() => Some(bits as i64),
            _ => {
                self.error(e.place, "this must be a constant that is known when the file is compiled");
                None
            }
        }
    }

    pub(super) fn constant_or_zero(&mut self, e: &'u Expr) -> i64 {
        self.constant(e).unwrap_or(0)
    }

    pub(super) fn static_assert(&mut self, assertion: &'u ast::StaticAssert) {
        if self.constant(&assertion.condition) == Some(0) {
            let why = assertion.message.as_ref().map_or(String::new(), |m| format!(": {}", m.text()));
            self.error(assertion.condition.place, format!("static assertion failed{why}"));
        }
    }

    /// A value that may be given to something of type `to`, as by assignment (C11 6.5.16.1).
    pub(super) fn assignable(
        &mut self,
        value: Rvalue,
        to: crate::types::Ty,
        place: crate::source_map::Place,
        doing: &str,
    ) -> Rvalue {
        if self.types.is_error(value.ty) || self.types.is_error(to) {
            return Rvalue::new(to, Value::Const(0));
        }
        if value.ty == to {
            return value;
        }
        let names = (self.types.name(value.ty.into()), self.types.name(to.into()));
        let problem = format!("`{}` {doing} `{}`", names.0, names.1);
        match (self.types.kind(value.ty).clone(), self.types.kind(to).clone()) {
            (Kind::Int(_) | Kind::Enum(_), Kind::Int(_) | Kind::Enum(_)) => {}
            (Kind::Pointer(_), Kind::Int(crate::types::IntKind::Bool)) => {}
            (Kind::Pointer(from), Kind::Pointer(target)) => {
                if from.is_percpu != target.is_percpu && value.value != Value::Const(0) {
                    self.wrong_address_space(from.is_percpu, place, &problem);
                }
                let opaque = self.types.is_void(from.ty) || self.types.is_void(target.ty);
                if !opaque && !self.compatible(from.ty, target.ty) && !self.same_but_sign(from.ty, target.ty) {
                    self.error(place, format!("incompatible pointers: {problem}"));
                } else if from.is_const && !target.is_const && value.value != Value::Const(0) {
                    self.warn(place, format!("this drops `const`: {problem}"));
                }
            }
            (Kind::Int(_) | Kind::Enum(_), Kind::Pointer(_)) if value.value == Value::Const(0) => {}
            (Kind::Int(_) | Kind::Enum(_), Kind::Pointer(_)) | (Kind::Pointer(_), Kind::Int(_) | Kind::Enum(_)) => {
                self.error(place, format!("number and pointer are mixed without a cast: {problem}"));
            }
            (Kind::Void, _) => {
                self.error(place, format!("this has no value (it is `void`), and a `{}` is needed", names.1));
                return Rvalue::new(Types::ERROR, Value::Const(0));
            }
            _ => {
                self.error(place, format!("incompatible types: {problem}"));
                return Rvalue::new(Types::ERROR, Value::Const(0));
            }
        }
        self.convert(value, to)
    }

    /// Integers that differ only in sign, which the kernel's compiler options let pass behind pointers.
    fn same_but_sign(&self, a: crate::types::Ty, b: crate::types::Ty) -> bool {
        match (self.types.integer(a), self.types.integer(b)) {
            (Some(a), Some(b)) => a.rank() == b.rank(),
            _ => false,
        }
    }
}
