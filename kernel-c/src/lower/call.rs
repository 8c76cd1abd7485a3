//! Calls: of functions, through pointers, of what is built in; and what sparse's context annotations claim at a function's entry and exits.

use super::code::Value;
use super::declare::nearest_sorted;
use super::expr::strip;
use super::scope::Symbol;
use super::{Lower, Purpose, Rvalue, api};
use crate::ast::{self, Expr, ExprKind};
use crate::diagnostic::Diagnostic;
use crate::source_map::Place as SourcePlace;
use crate::types::{FunctionType, Kind, QualTy, Ty, Types};
use sim_core::program::{AssertHeld, Inst, KernelCall, Scalar};

/// A claim about a lock at the exits of a function.
#[derive(Clone, Debug)]
pub(super) struct HeldClaim {
    claim: AssertHeld,
    lock: Value,
    place: SourcePlace,
}

/// Whether an attribute is one of sparse's about locks.
pub(super) fn is_lock_annotation(name: &str) -> bool {
    matches!(name, "__must_hold" | "__acquires" | "__releases")
}

impl<'u> Lower<'u> {
    pub(super) fn call(&mut self, callee: &'u Expr, arguments: &'u [Expr], place: SourcePlace) -> Rvalue {
        if let ExprKind::Ident(name) = &strip(callee).kind {
            match self.lookup(name).cloned() {
                Some(Symbol::Function(symbol)) => return self.direct_call(symbol, arguments, place),
                None if name.starts_with("__kernel_") || name.starts_with("__builtin_") => {
                    return self.builtin(name, arguments, place);
                }
                None => return self.unknown_call(name, callee.place, arguments),
                Some(_) => {}
            }
        }
        let target = self.rvalue(callee);
        let ty = self.types.pointee(target.ty).map(|to| self.types.kind(to.ty).clone());
        let Some(Kind::Function(ty)) = ty else {
            if !self.types.is_error(target.ty) {
                let name = self.types.name(target.ty.into());
                self.error(callee.place, format!("this is not a function but `{name}`"));
            }
            self.evaluate_all(arguments);
            return self.error_value();
        };
        if let Value::Function(symbol) = target.value {
            return self.direct_call(symbol, arguments, place);
        }
        let given = self.typed_arguments(&ty, arguments, place, None);
        let args = given.iter().map(|(value, ty)| self.argument_reg(*value, *ty)).collect();
        let callee = self.reg_of(target.value);
        let dst = self.types.scalar(ty.result.ty).map(|s| self.b.reg(s));
        self.b.emit(Inst::CallIndirect { dst, callee, args });
        Rvalue::new(ty.result.ty, dst.map_or(Value::Const(0), Value::Reg))
    }

    pub(super) fn argument_reg(&mut self, value: Value, ty: QualTy) -> u16 {
        let scalar = self.types.scalar(ty.ty).unwrap_or_default();
        self.reg_typed(value, scalar)
    }

    fn direct_call(&mut self, symbol: u32, arguments: &'u [Expr], place: SourcePlace) -> Rvalue {
        let known = &self.functions[symbol as usize];
        let name = known.name.clone();
        if known.definition.is_none() && api::known_not_modelled(&name) {
            self.error(place, format!("`{name}` is known but not modelled yet"));
        }
        let given = self.arguments(symbol, arguments, place);
        self.call_symbol(symbol, &given, place)
    }

    /// The values of the arguments for a function, converted to its parameters' types.
    pub(super) fn arguments(&mut self, symbol: u32, arguments: &'u [Expr], place: SourcePlace) -> Vec<(Value, QualTy)> {
        let known = &self.functions[symbol as usize];
        let (name, declared) = (known.name.clone(), known.place);
        let Kind::Function(ty) = self.types.kind(known.ty).clone() else { return Vec::new() };
        self.typed_arguments(&ty, arguments, place, Some((&name, declared)))
    }

    fn typed_arguments(
        &mut self,
        ty: &FunctionType,
        arguments: &'u [Expr],
        place: SourcePlace,
        callee: Option<(&str, SourcePlace)>,
    ) -> Vec<(Value, QualTy)> {
        if arguments.len() != ty.params.len() {
            let what = callee.map_or("this function".to_string(), |(name, _)| format!("`{name}`"));
            let (wants, got) = (ty.params.len(), arguments.len());
            let plural = if wants == 1 { "argument" } else { "arguments" };
            let mut diagnostic =
                Diagnostic::error(self.visible(place), format!("{what} takes {wants} {plural}, and {got} are given"));
            if let Some((_, declared)) = callee.filter(|(_, d)| d.at.file == place.at.file) {
                diagnostic = diagnostic.also(declared, "declared here");
            }
            self.report(diagnostic);
        }
        let mut given = Vec::new();
        for (i, e) in arguments.iter().enumerate() {
            let param = ty.params.get(i).copied();
            let hint = param.and_then(|p| self.types.pointee(p.ty)).map(|t| t.ty);
            let saved = self.purpose;
            // An allocator's own arguments do not say what the memory is for; but one `void *` for another is that memory, handed on.
            let known = hint.filter(|t| !self.types.is_void(*t));
            let result = self.types.pointee(ty.result.ty).map(|t| t.ty);
            let hands_on = |t: Option<Ty>| t.is_some_and(|t| self.types.is_void(t));
            if !(hands_on(hint) && hands_on(result)) {
                self.purpose = Purpose { ty: known, name: None };
            }
            let value = self.rvalue(e);
            self.purpose = saved;
            if let Some(param) = param {
                let value = self.assignable(value, param.ty, e.place, "passed as");
                given.push((value.value, param));
            }
        }
        for param in ty.params.iter().skip(given.len()) {
            given.push((Value::Const(0), *param));
        }
        given
    }

    fn evaluate_all(&mut self, arguments: &'u [Expr]) {
        for argument in arguments {
            if !matches!(argument.kind, ExprKind::Type(_)) {
                self.rvalue(argument);
            }
        }
    }

    fn unknown_call(&mut self, name: &str, place: SourcePlace, arguments: &'u [Expr]) -> Rvalue {
        self.evaluate_all(arguments);
        if self.unit.skipped_names.contains(name) {
            return self.error_value();
        }
        let place = self.visible(place);
        let own: Vec<&str> = self.scopes.get(1).map_or(Vec::new(), |s| s.names.keys().map(|n| &**n).collect());
        let misspelt = nearest_sorted(name, own).is_some();
        match api::unmodelled(name) {
            api::Unmodelled::No => {}
            api::Unmodelled::ByFamily if misspelt => {}
            _ => {
                self.report(Diagnostic::error(place, format!("`{name}` is known but not modelled yet")));
                return self.error_value();
            }
        }
        let mut diagnostic = Diagnostic::error(place, format!("unknown function `{name}`"));
        let mut known: Vec<&str> = self
            .scopes
            .iter()
            .flat_map(|s| s.names.iter())
            .filter(|(_, symbol)| matches!(symbol, Symbol::Function(_)))
            .map(|(known, _)| &**known)
            .collect();
        for name in api::macro_names() {
            known.push(name);
        }
        let near = nearest_sorted(name, known);
        diagnostic = match near {
            Some(near) => diagnostic.suggest(format!("did you mean `{near}`?"), place, near),
            None => diagnostic.help("declare it in this file; calls of what is unknown are never skipped"),
        };
        self.report(diagnostic);
        self.error_value()
    }

    /// What the annotations of a function claim at its entry; what they claim at its exits is kept for them.
    pub(super) fn entry_claims(&mut self, symbol: u32) {
        let annotations = self.functions[symbol as usize].annotations.clone();
        for annotation in annotations {
            let Some(lock) = self.annotated_lock(annotation) else { continue };
            let (entry, exit) = match &*annotation.name.name {
                "__must_hold" => (AssertHeld::AnnotatedHeld, AssertHeld::AnnotatedHeld),
                "__acquires" => (AssertHeld::AnnotatedNotHeld, AssertHeld::AnnotatedHeld),
                _ => (AssertHeld::AnnotatedHeld, AssertHeld::AnnotatedNotHeld),
            };
            let entry = HeldClaim { claim: entry, lock, place: annotation.place };
            self.claim_held(&entry);
            self.fx.at_exit.push(HeldClaim { claim: exit, ..entry });
        }
    }

    /// The address of the lock that an annotation names; `None` for a mere word such as `RCU`, which names none.
    fn annotated_lock(&mut self, annotation: &'u ast::Attribute) -> Option<Value> {
        // __acquires(context, lock) has the lock last, too.
        let e = annotation.arguments.last()?;
        if let ExprKind::Ident(name) = &strip(e).kind
            && self.lookup(name).is_none()
        {
            return None;
        }
        let value = self.rvalue(e);
        let lock = match self.types.pointee(value.ty) {
            Some(to) if self.types.opaque_lock(to.ty).is_some() => Some(value.value),
            _ if self.types.opaque_lock(value.ty).is_some() => Some(value.value),
            _ => None,
        };
        if lock.is_none() && !self.types.is_error(value.ty) {
            self.error(annotation.place, "this annotation needs a lock, or a pointer to one");
        }
        let lock = lock?;
        Some(match lock {
            // An expression's own register stays as it is; a variable may change before the exit.
            Value::Reg(_) => self.hold(lock, Scalar::U64),
            other => other,
        })
    }

    fn claim_held(&mut self, claim: &HeldClaim) {
        let saved = self.set_place(claim.place);
        let lock = self.reg_of(claim.lock);
        let call = KernelCall::AssertHeld { claim: claim.claim };
        self.b.emit(Inst::Kernel { call, dst: None, args: vec![lock] });
        self.b.span = saved;
    }

    /// What the annotations claim where the function returns.
    pub(super) fn exit_claims(&mut self) {
        for claim in self.fx.at_exit.clone() {
            self.claim_held(&claim);
        }
    }

    pub(super) fn function_pointer(&mut self, result: QualTy, params: Vec<QualTy>) -> crate::types::Ty {
        let ty = self.types.intern(Kind::Function(FunctionType { result, params, variadic: false }));
        self.types.pointer(ty.into())
    }

    pub(super) fn void_pointer(&mut self) -> crate::types::Ty {
        self.types.pointer(Types::VOID.into())
    }
}
