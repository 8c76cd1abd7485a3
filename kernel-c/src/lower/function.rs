//! Functions: their symbols, their bodies, and which of them the program needs.
//!
//! Invariant: every function of the scenario is lowered, so that its mistakes are reported; one of the prelude only if something calls it. A prelude
//! function that is `inline` becomes part of its caller, its parameters names for the arguments' values.

use super::code::{Builder, Label, Value, VarId};
use super::scope::{Exit, Goto, Scope, Symbol};
use super::{FunctionSymbol, Lower, Rvalue};
use crate::ast::{self, Name, StmtKind};
use crate::diagnostic::Diagnostic;
use crate::source_map::Place as SourcePlace;
use crate::types::{FunctionType, Kind, QualTy, Ty};
use sim_core::program::{self, Inst, Reg};
use std::collections::HashMap;

/// What the statements of a function need to know of it.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) name: String,
    pub(super) result: Option<Ty>,
    /// Where `return` goes in an inlined function, with the register of its result.
    pub(super) inlined: Option<(Label, Option<Reg>)>,
    /// A `return` has jumped to the end of the inlined function.
    pub(super) returned: bool,
    pub(super) labels: HashMap<Name, (Label, super::scope::Chain)>,
    pub(super) gotos: Vec<Goto>,
    pub(super) jumps: Vec<super::statement::Jumps>,
    /// How many scopes lie outside of the function.
    pub(super) base: usize,
    /// What `__must_hold` and its kin want at each return.
    pub(super) at_exit: Vec<super::call::HeldClaim>,
}

impl<'u> Lower<'u> {
    /// A function's symbol, new or declared before.
    pub(super) fn declare_function(
        &mut self,
        name: &ast::Ident,
        ty: Ty,
        prelude: bool,
        attributes: &'u [ast::Attribute],
    ) -> u32 {
        let annotations: Vec<_> = attributes.iter().filter(|a| super::call::is_lock_annotation(&a.name.name)).collect();
        let scope = self.scopes.len().min(if prelude { 1 } else { 2 }) - 1;
        if let Some(&Symbol::Function(symbol)) = self.scopes[scope].names.get(&name.name) {
            let old = &mut self.functions[symbol as usize];
            old.annotations.extend(annotations);
            let (old_ty, old_place) = (old.ty, old.place);
            if !self.compatible(old_ty, ty) {
                let at = self.visible(name.place);
                self.report(
                    Diagnostic::error(at, format!("`{}` is declared with another type here", name.name))
                        .also(old_place, "first declared here"),
                );
            }
            return symbol;
        }
        let symbol = self.functions.len() as u32;
        self.functions.push(FunctionSymbol {
            name: name.name.clone(),
            ty,
            definition: None,
            prelude,
            place: name.place,
            annotations,
        });
        self.scopes[scope].names.insert(name.name.clone(), Symbol::Function(symbol));
        symbol
    }

    pub(super) fn function_definition(&mut self, definition: &'u ast::FunctionDefinition, prelude: bool) {
        let ty = self.ty(&definition.ty).ty;
        let symbol = self.declare_function(&definition.name, ty, prelude, &definition.attributes);
        let known = &mut self.functions[symbol as usize];
        if let Some(first) = known.definition {
            let at = first.name.place;
            self.report(
                Diagnostic::error(definition.name.place, format!("`{}` is defined twice", definition.name.name))
                    .also(at, "first defined here"),
            );
            return;
        }
        known.definition = Some(definition);
        known.place = definition.name.place;
        if !prelude {
            self.make(symbol);
        }
    }

    /// The program needs this function's code: gives its number in it.
    pub(super) fn want(&mut self, symbol: u32) -> u32 {
        if let Some(&number) = self.numbers.get(&symbol) {
            return number;
        }
        let number = self.next_function;
        self.next_function += 1;
        self.numbers.insert(symbol, number);
        if self.functions[symbol as usize].prelude {
            self.wanted.push(symbol);
        }
        number
    }

    pub(super) fn make_wanted(&mut self) {
        while let Some(symbol) = self.wanted.pop() {
            let user = self.scopes.split_off(1);
            self.make(symbol);
            self.scopes.extend(user);
        }
    }

    /// The code of a function. Variables whose address turns out to be taken live in memory from the start, so that each access to them is the
    /// one that the source makes: then the function is lowered a second time.
    fn make(&mut self, symbol: u32) {
        let objects = self.out.objects.len();
        let sites = (self.out.alloc_sites.len(), self.out.spawn_sites.len());
        self.addressed.clear();
        let number = self.want(symbol);
        self.lower_body(symbol);
        let addressed = self.b.vars.iter().enumerate().filter(|(_, v)| v.memory && v.reg.is_some());
        self.addressed = addressed.map(|(i, _)| i as VarId).collect();
        if !self.addressed.is_empty() {
            self.out.objects.truncate(objects);
            self.string_objects.retain(|_, object| (*object as usize) < objects);
            self.made_objects.retain(|_, object| (*object as usize) < objects);
            self.out.alloc_sites.truncate(sites.0);
            self.out.spawn_sites.truncate(sites.1);
            self.lower_body(symbol);
            self.addressed.clear();
        }
        let function = self.finish_function(symbol);
        self.made.insert(number, function);
    }

    fn finish_function(&mut self, symbol: u32) -> program::Function {
        let known = &self.functions[symbol as usize];
        let (name, place, prelude) = (known.name.to_string(), known.place, known.prelude);
        let params = known.definition.map_or(0, |d| params_of(&d.ty).len()) as u16;
        let builder = std::mem::take(&mut self.b);
        let mut function = super::finish::finish(builder, params);
        if function.regs.len() > u16::MAX as usize || function.locals.len() > u16::MAX as usize {
            self.error(place, "this function is too large");
        }
        function.name = name;
        function.span = self.map.intern(place);
        function.prelude = prelude;
        function
    }

    fn lower_body(&mut self, symbol: u32) {
        let Some(definition) = self.functions[symbol as usize].definition else { return };
        let Kind::Function(ty) = self.types.kind(self.functions[symbol as usize].ty).clone() else { return };
        self.b = Builder::default();
        self.fx = Context {
            name: definition.name.name.to_string(),
            result: Some(ty.result.ty),
            base: self.scopes.len(),
            ..Context::default()
        };
        self.check_signature(definition, &ty);
        self.push_scope();
        let names: Vec<_> = params_of(&definition.ty).iter().map(|p| p.name.clone()).collect();
        let incoming: Vec<VarId> =
            ty.params.iter().zip(&names).map(|(ty, name)| self.param_var(*ty, name.as_ref())).collect();
        self.set_place(definition.name.place);
        for (var, (ty, name)) in incoming.into_iter().zip(ty.params.iter().zip(&names)) {
            self.name_param(var, *ty, name.as_ref());
        }
        self.entry_claims(symbol);
        self.block_statements(&definition.body.statements);
        self.set_place(definition.body.end);
        self.end_of_body(definition, ty.result.ty);
        self.scopes.pop();
        self.resolve_gotos();
    }

    /// The register that a parameter arrives in.
    fn param_var(&mut self, ty: QualTy, name: Option<&ast::Ident>) -> VarId {
        let scalar = self.types.scalar(ty.ty).unwrap_or_default();
        let var = self.b.var(name.map_or("", |n| &n.name), u32::from(scalar.size), Some(scalar), None);
        self.b.vars[var as usize].param = true;
        var
    }

    /// Gives a parameter its name; one whose address is taken is copied to memory first.
    fn name_param(&mut self, var: VarId, ty: QualTy, name: Option<&ast::Ident>) {
        let Some(name) = name else { return };
        let mut named = var;
        if self.addressed.contains(&var) {
            let arrived = self.b.vars[var as usize].reg.map(Value::Reg);
            named = self.memory_var(&name.name, ty, name.place);
            self.b.emit(Inst::LocalLive { local: named as u16 });
            self.add_exit(Exit::Var(named));
            let place = self.var_place(named, QualTy { is_const: false, ..ty });
            self.store(&place, arrived.unwrap_or(Value::Const(0)));
        }
        self.define(&name.name, Symbol::Var { var: named, ty }, name.place);
    }

    fn check_signature(&mut self, definition: &ast::FunctionDefinition, ty: &FunctionType) {
        if self.types.is_record(ty.result.ty) {
            self.error(definition.name.place, "a function that returns a structure is outside the language: return a pointer, or fill one in through a pointer");
        }
        for (param, ty) in params_of(&definition.ty).iter().zip(&ty.params) {
            if self.types.is_record(ty.ty) {
                self.error(param.place, "a structure passed by value is outside the language: pass a pointer to it");
            }
        }
        if ty.variadic {
            self.error(
                definition.name.place,
                "a function with a variable number of arguments is outside the language: printk() and its kin are the only ones",
            );
        }
    }

    fn end_of_body(&mut self, definition: &ast::FunctionDefinition, result: Ty) {
        if !self.b.dead {
            if !self.types.is_void(result) && !self.types.is_error(result) && &*definition.name.name != "main" {
                self.unfinished(definition);
            }
            let depth = self.fx.base;
            self.leave_to(depth);
            self.exit_claims();
        }
        self.b.emit(Inst::Return { value: None });
    }

    /// The end of a function with a result was reached: only an error if there is a way to it.
    fn unfinished(&mut self, definition: &ast::FunctionDefinition) {
        if super::finish::end_is_reachable(&self.b) {
            self.warn(
                definition.body.end,
                format!("`{}` can end here without returning a value", definition.name.name),
            );
        }
    }

    /// Whether a function becomes part of its callers.
    pub(super) fn inlines(&self, symbol: u32) -> bool {
        let known = &self.functions[symbol as usize];
        known.prelude && known.definition.is_some_and(|d| d.storage.is_inline) && !self.inlining.contains(&symbol)
    }

    /// The body of a prelude function in the place of a call of it.
    pub(super) fn inline_call(
        &mut self,
        symbol: u32,
        arguments: &[(Value, QualTy)],
        result: Ty,
        place: SourcePlace,
    ) -> Rvalue {
        let Some(definition) = self.functions[symbol as usize].definition else { return self.error_value() };
        let outermost = self.inlined_at.is_none() && !self.fx_is_prelude();
        if outermost {
            self.inlined_at = Some(place);
        }
        self.inlining.push(symbol);
        let hidden = self.scopes.split_off(1);
        let scalar = self.types.scalar(result);
        let register = scalar.map(|s| self.b.reg(s));
        let end = self.b.label();
        let inner = Context {
            name: definition.name.name.to_string(),
            result: Some(result),
            inlined: Some((end, register)),
            base: self.scopes.len(),
            ..Context::default()
        };
        let outer = std::mem::replace(&mut self.fx, inner);
        self.push_scope();
        for (param, (value, ty)) in params_of(&definition.ty).iter().zip(arguments) {
            if let Some(name) = &param.name {
                self.define(&name.name, Symbol::Bound { value: *value, ty: *ty }, name.place);
            }
        }
        let value = self.inline_body(&definition.body, result, register, end);
        self.scopes.pop();
        self.resolve_gotos();
        self.fx = outer;
        self.scopes.extend(hidden);
        self.inlining.pop();
        if outermost {
            self.inlined_at = None;
        }
        Rvalue::new(result, value)
    }

    /// The statements; a `return` that is the last of them and the only one gives its value without a register.
    fn inline_body(&mut self, body: &'u ast::Block, result: Ty, register: Option<Reg>, end: Label) -> Value {
        let (last, before) = match body.statements.split_last() {
            Some((last, before)) if matches!(last.kind, StmtKind::Return(Some(_))) => (Some(last), before),
            _ => (None, &body.statements[..]),
        };
        self.block_statements(before);
        let mut value = Value::Const(0);
        if let Some(ast::Stmt { kind: StmtKind::Return(Some(e)), .. }) = last {
            let given = self.rvalue(e);
            let given = if self.types.is_void(result) {
                self.void_value()
            } else {
                self.assignable(given, result, e.place, "returned as")
            };
            value = given.value;
        }
        if self.fx.returned {
            if last.is_some()
                && let Some(register) = register
            {
                self.put(register, value);
            }
            value = register.map_or(Value::Const(0), Value::Reg);
        }
        let exits = self.scopes.last().map(|s| s.exits.clone()).unwrap_or_default();
        if !exits.is_empty()
            && let (Value::Reg(_), Some(register)) = (value, register)
        {
            self.put(register, value);
            value = Value::Reg(register);
        }
        self.leave(&exits);
        if self.fx.returned {
            self.b.place(end);
        }
        value
    }

    /// Whether the current function itself is the prelude's, so that its own places are shown.
    fn fx_is_prelude(&self) -> bool {
        self.fx.base <= 1
    }

    /// A call of a function of the program.
    pub(super) fn plain_call(&mut self, symbol: u32, arguments: &[(Value, QualTy)], result: Ty) -> Rvalue {
        let function = self.want(symbol);
        let args = arguments
            .iter()
            .map(|(value, ty)| {
                let scalar = self.types.scalar(ty.ty).unwrap_or_default();
                self.reg_typed(*value, scalar)
            })
            .collect();
        let dst = self.types.scalar(result).map(|s| self.b.reg(s));
        self.b.emit(Inst::Call { dst, function, args });
        Rvalue::new(result, dst.map_or(Value::Const(0), Value::Reg))
    }

    /// Calls a function with values that have its parameters' types.
    pub(super) fn call_symbol(&mut self, symbol: u32, arguments: &[(Value, QualTy)], place: SourcePlace) -> Rvalue {
        let Kind::Function(ty) = self.types.kind(self.functions[symbol as usize].ty).clone() else {
            return self.error_value();
        };
        if self.inlines(symbol) {
            self.inline_call(symbol, arguments, ty.result.ty, place)
        } else {
            self.plain_call(symbol, arguments, ty.result.ty)
        }
    }

    /// Puts the functions into the program, and reports those that are called and have no body.
    pub(super) fn collect_functions(&mut self) {
        let mut missing: Vec<u32> = self
            .numbers
            .iter()
            .filter(|(_, number)| !self.made.contains_key(number))
            .map(|(&symbol, _)| symbol)
            .collect();
        missing.sort_unstable();
        for symbol in missing {
            let known = &self.functions[symbol as usize];
            let (name, place) = (known.name.clone(), known.place);
            self.error(place, format!("`{name}` is declared and used, but it has no body"));
        }
        self.out.functions = std::mem::take(&mut self.made).into_values().collect();
    }

    /// Adds code that has no symbol: a claim. Gives its number.
    pub(super) fn add_function(&mut self, function: program::Function) -> u32 {
        let number = self.next_function;
        self.next_function += 1;
        self.made.insert(number, function);
        number
    }

    /// A variable that lives in memory.
    pub(super) fn memory_var(&mut self, name: &str, ty: QualTy, place: SourcePlace) -> VarId {
        let size = self.size_for(ty.ty, place);
        let out = self.type_out(ty.ty);
        self.b.var(name, size, None, Some(out))
    }

    /// A new variable of this type: in a register if it can be.
    pub(super) fn new_var(&mut self, name: &str, ty: QualTy, place: SourcePlace) -> VarId {
        let next = self.b.vars.len() as VarId;
        match self.types.scalar(ty.ty) {
            Some(scalar) if !self.addressed.contains(&next) && !ty.is_volatile => {
                let out = self.type_out(ty.ty);
                self.b.var(name, u32::from(scalar.size), Some(scalar), Some(out))
            }
            _ => self.memory_var(name, ty, place),
        }
    }

    /// Makes a name known in the innermost scope.
    pub(super) fn define(&mut self, name: &Name, symbol: Symbol, place: SourcePlace) {
        let scope: &mut Scope = match self.scopes.last_mut() {
            Some(scope) => scope,
            None => return,
        };
        let again = scope.names.insert(name.clone(), symbol).is_some();
        if again && self.scopes.len() > 2 {
            self.error(place, format!("`{name}` is declared twice in this block"));
        }
    }
}

/// The parameters of a function type as written.
pub(super) fn params_of(ty: &ast::Type) -> &[ast::Param] {
    match &ty.kind {
        ast::TypeKind::Function { params, .. } => params,
        _ => &[],
    }
}
