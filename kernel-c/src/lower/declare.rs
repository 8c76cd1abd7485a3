//! Types as written, and declarations at file scope and in blocks.

use super::code::Value;
use super::scope::{Exit, Symbol};
use super::{Lower, Purpose};
use crate::ast::{self, Builtin, InitDeclarator, TypeKind};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source_map::Place as SourcePlace;
use crate::types::{FunctionType, IntKind, Kind, MemberDecl, QualTy, Ty, Types};
use sim_core::program::Inst;

impl<'u> Lower<'u> {
    /// A type as written.
    pub(super) fn ty(&mut self, ty: &'u ast::Type) -> QualTy {
        let (base, percpu) = (self.unqualified(ty), ty.qualifiers.is_percpu);
        let ty = base.with(ty.qualifiers.is_const, ty.qualifiers.is_volatile);
        QualTy { is_percpu: ty.is_percpu || percpu, ..ty }
    }

    fn unqualified(&mut self, ty: &'u ast::Type) -> QualTy {
        match &ty.kind {
            TypeKind::Builtin(builtin) => self.builtin_type(*builtin, ty.place).into(),
            TypeKind::Named(name) => match self.lookup(&name.name) {
                Some(Symbol::Type(ty)) => *ty,
                _ => {
                    if !self.unit.skipped_names.contains(&name.name) {
                        self.unknown_type(name);
                    }
                    Types::ERROR.into()
                }
            },
            TypeKind::Record(specifier) => self.record(specifier).into(),
            TypeKind::Enum(specifier) => self.enumeration(specifier).into(),
            TypeKind::TypeofExpr(e) => self.type_of(e).of_one_cpu(),
            TypeKind::TypeofType(ty) => self.ty(ty).of_one_cpu(),
            TypeKind::Auto => {
                self.error(ty.place, "`__auto_type` needs an initialiser");
                Types::ERROR.into()
            }
            TypeKind::Pointer(to) => {
                let to = self.ty(to);
                self.types.pointer(to).into()
            }
            TypeKind::Array { element, length } => self.array_type(element, length.as_deref(), ty.place).into(),
            TypeKind::Function { result, params, variadic, .. } => {
                let result = self.ty(result);
                let params = params.iter().map(|p| self.param_type(p)).collect();
                self.types.intern(Kind::Function(FunctionType { result, params, variadic: *variadic })).into()
            }
            TypeKind::Error => Types::ERROR.into(),
        }
    }

    fn unknown_type(&mut self, name: &ast::Ident) {
        let mut diagnostic = Diagnostic::error(name.place, format!("there is no type `{}`", name.name));
        let known: Vec<&str> = self
            .scopes
            .iter()
            .flat_map(|s| s.names.iter())
            .filter(|(_, symbol)| matches!(symbol, Symbol::Type(_)))
            .map(|(name, _)| &**name)
            .collect();
        if let Some(near) = nearest_sorted(&name.name, known) {
            diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), name.place, near);
        }
        self.report(diagnostic);
    }

    fn builtin_type(&mut self, builtin: Builtin, place: SourcePlace) -> Ty {
        let kind = match builtin {
            Builtin::Void => return Types::VOID,
            Builtin::Bool => IntKind::Bool,
            Builtin::Char => IntKind::Char,
            Builtin::SignedChar => IntKind::SChar,
            Builtin::UnsignedChar => IntKind::UChar,
            Builtin::Short => IntKind::Short,
            Builtin::UnsignedShort => IntKind::UShort,
            Builtin::Int => IntKind::Int,
            Builtin::UnsignedInt => IntKind::UInt,
            Builtin::Long => IntKind::Long,
            Builtin::UnsignedLong => IntKind::ULong,
            Builtin::LongLong => IntKind::LongLong,
            Builtin::UnsignedLongLong => IntKind::ULongLong,
            Builtin::Int128 | Builtin::UnsignedInt128 => {
                self.error(place, "128-bit integers are outside the language: use `u64`");
                return Types::ERROR;
            }
            Builtin::VaList => {
                self.error(place, "functions with a variable number of arguments are outside the language");
                return Types::ERROR;
            }
        };
        self.types.int(kind)
    }

    fn array_type(&mut self, element: &'u ast::Type, length: Option<&'u ast::Expr>, place: SourcePlace) -> Ty {
        let element = self.ty(element);
        if self.types.size_of(element.ty).is_none() && !self.types.is_error(element.ty) {
            let name = self.types.name(element);
            self.error(place, format!("an array of `{name}`, which has no known size here"));
            return Types::ERROR;
        }
        let length = match length {
            None => None,
            Some(e) => match self.try_constant(e) {
                Some((n, _)) if n < 0 => {
                    self.error(e.place, "an array cannot have a negative length");
                    return Types::ERROR;
                }
                Some((n, _)) => Some(n as u64),
                None => {
                    let failed = self.value_type(e);
                    if !self.types.is_error(failed.ty) {
                        let diagnostic = Diagnostic::error(
                            self.visible(e.place),
                            "the length of an array must be a constant known when the file is compiled",
                        )
                        .help("the kernel has no variable-length arrays: use kmalloc_array()");
                        self.report(diagnostic);
                    }
                    return Types::ERROR;
                }
            },
        };
        self.types.array(element, length)
    }

    /// A parameter's type: arrays and functions become pointers.
    fn param_type(&mut self, param: &'u ast::Param) -> QualTy {
        let ty = match &param.ty.kind {
            // The length of an array parameter means nothing.
            TypeKind::Array { element, .. } => {
                let of = self.ty(element);
                return self.types.pointer(of).into();
            }
            _ => self.ty(&param.ty),
        };
        self.decayed(ty)
    }

    pub(super) fn decayed(&mut self, ty: QualTy) -> QualTy {
        match self.types.kind(ty.ty).clone() {
            Kind::Array(of, _) => self.types.pointer(of).into(),
            Kind::Function(_) => self.types.pointer(ty.ty.into()).into(),
            _ => ty,
        }
    }

    /// The scope that a tag that is only mentioned belongs to.
    fn file_scope(&self) -> usize {
        self.scopes.len().min(2) - 1
    }

    fn record(&mut self, specifier: &'u ast::RecordSpecifier) -> Ty {
        if let Some(&ty) = self.specifiers.get(&specifier.id) {
            return ty;
        }
        let ty = self.tagged(specifier.tag.as_ref(), specifier.members.is_some(), |types, tag| {
            types.new_record(tag, specifier.is_union)
        });
        self.specifiers.insert(specifier.id, ty);
        let Some(members) = &specifier.members else { return ty };
        if self.types.layout(ty).is_some() {
            let place = specifier.tag.as_ref().map_or(SourcePlace::default(), |t| t.place);
            let name = self.types.name(ty.into());
            self.error(place, format!("`{name}` is defined twice"));
            return ty;
        }
        let mut decls = Vec::new();
        for member in members {
            self.member_declaration(member, &mut decls);
        }
        self.check_member_names(&decls, specifier);
        let (packed, align) = self.record_attributes(&specifier.attributes);
        self.types.lay_out(ty, decls, packed, align);
        ty
    }

    fn check_member_names(&mut self, decls: &[MemberDecl], specifier: &ast::RecordSpecifier) {
        let mut seen = std::collections::BTreeSet::new();
        for name in decls.iter().filter_map(|d| d.name.as_ref()) {
            if !seen.insert(name) {
                let place = specifier.tag.as_ref().map_or(SourcePlace::default(), |t| t.place);
                self.error(place, format!("two members are called `{name}`"));
            }
        }
    }

    /// The type of a tag: the one in scope, or a new one.
    fn tagged(
        &mut self,
        tag: Option<&ast::Ident>,
        defines: bool,
        make: impl FnOnce(&mut Types, Option<&str>) -> Ty,
    ) -> Ty {
        let Some(tag) = tag else { return make(&mut self.types, None) };
        let here = self.scopes.len() - 1;
        let found = if defines {
            self.scopes[here].tags.get(&tag.name).copied()
        } else {
            self.scopes.iter().rev().find_map(|s| s.tags.get(&tag.name).copied())
        };
        if let Some(ty) = found {
            return ty;
        }
        let ty = make(&mut self.types, Some(&tag.name));
        let scope = if defines { here } else { self.file_scope() };
        self.scopes[scope].tags.insert(tag.name.clone(), ty);
        ty
    }

    fn record_attributes(&mut self, attributes: &'u [ast::Attribute]) -> (bool, u64) {
        let packed = attributes.iter().any(|a| matches!(&*a.name.name, "packed" | "__packed"));
        let align = self.alignment(attributes);
        (packed, align)
    }

    /// What `aligned(n)` and its kin ask for; 1 if nothing does.
    fn alignment(&mut self, attributes: &'u [ast::Attribute]) -> u64 {
        let mut align = 1;
        for attribute in attributes {
            let wanted = match (&*attribute.name.name, attribute.arguments.first()) {
                ("aligned" | "__aligned" | "_Alignas", Some(e)) => self.constant_or_zero(e).clamp(1, 4096) as u64,
                ("aligned" | "__aligned", None) => 16,
                ("____cacheline_aligned" | "____cacheline_aligned_in_smp", _) => 64,
                _ => 1,
            };
            if wanted.is_power_of_two() {
                align = align.max(wanted);
            } else {
                self.error(attribute.place, "an alignment must be a power of two");
            }
        }
        align
    }

    fn member_declaration(&mut self, member: &'u ast::Member, decls: &mut Vec<MemberDecl>) {
        match member {
            ast::Member::StaticAssert(assertion) => self.static_assert(assertion),
            ast::Member::Invocation(invocation) => {
                self.error(invocation.name.place, format!("`{}` cannot stand in a structure", invocation.name.name));
            }
            ast::Member::Fields { base, attributes, fields, .. } => {
                let ty = self.ty(base);
                let common = self.alignment(attributes);
                if fields.is_empty() {
                    if self.types.is_record(ty.ty) && matches!(&base.kind, TypeKind::Record(r) if r.tag.is_none()) {
                        decls.push(MemberDecl { name: None, ty, width: None, align: common });
                    }
                    return;
                }
                for field in fields {
                    let align = self.alignment(&field.attributes).max(common);
                    self.field(field, align, decls);
                }
            }
        }
    }

    fn field(&mut self, field: &'u ast::FieldDeclarator, align: u64, decls: &mut Vec<MemberDecl>) {
        let mut ty = self.ty(&field.ty);
        let name = field.name.as_ref().map(|n| n.name.to_string());
        let width = field.bits.as_ref().map(|e| self.bit_width(ty, e));
        let flexible = matches!(self.types.kind(ty.ty), Kind::Array(_, None));
        if let (true, Kind::Array(of, None)) = (flexible, self.types.kind(ty.ty).clone()) {
            ty.ty = self.types.array(of, Some(0));
        }
        if matches!(self.types.kind(ty.ty), Kind::Function(_)) {
            self.error(field.place, "a member cannot be a function: make it a pointer to one, `(*name)(...)`");
            ty = Types::ERROR.into();
        } else if self.types.size_of(ty.ty).is_none() || self.types.is_void(ty.ty) {
            let shown = self.types.name(ty);
            self.error(field.place, format!("a member cannot be a `{shown}`, which has no known size here"));
            ty = Types::ERROR.into();
        }
        decls.push(MemberDecl { name, ty, width, align });
    }

    fn bit_width(&mut self, ty: QualTy, e: &'u ast::Expr) -> u8 {
        let bits = self.types.integer(ty.ty).map_or(0, |k| match k {
            IntKind::Bool => 1,
            k => 8 * i64::from(k.scalar().size),
        });
        match self.constant(e) {
            Some(width) if (0..=bits).contains(&width) => width as u8,
            Some(_) => {
                self.error(e.place, format!("this type has only {bits} bits"));
                1
            }
            None => 1,
        }
    }

    fn enumeration(&mut self, specifier: &'u ast::EnumSpecifier) -> Ty {
        if let Some(&ty) = self.specifiers.get(&specifier.id) {
            return ty;
        }
        let ty = self.tagged(specifier.tag.as_ref(), specifier.constants.is_some(), |types, tag| types.new_enum(tag));
        self.specifiers.insert(specifier.id, ty);
        let Some(constants) = &specifier.constants else { return ty };
        let int = self.int_type();
        let (mut next, mut negative) = (0i64, false);
        for constant in constants {
            if let Some(e) = &constant.value {
                next = self.constant_or_zero(e);
            }
            negative |= next < 0;
            let kind = if i32::try_from(next).is_ok() { int } else { self.types.int(IntKind::Long) };
            self.define(&constant.name.name, Symbol::Constant { value: next, ty: kind }, constant.name.place);
            next = next.wrapping_add(1);
        }
        if let Kind::Enum(id) = *self.types.kind(ty) {
            let known = &mut self.types.enums[id as usize];
            known.signed = negative;
            known.complete = true;
        }
        ty
    }

    /// The type of a declarator; `__auto_type` takes its initialiser's.
    fn declarator_type(&mut self, declarator: &'u InitDeclarator) -> QualTy {
        match (&declarator.ty.kind, &declarator.initializer) {
            (TypeKind::Auto, Some(ast::Initializer::Expr(e))) => {
                let value = self.value_type(e);
                QualTy::from(value.ty).with(declarator.ty.qualifiers.is_const, declarator.ty.qualifiers.is_volatile)
            }
            _ => self.ty(&declarator.ty),
        }
    }

    pub(super) fn file_declaration(&mut self, declaration: &'u ast::Declaration, prelude: bool) {
        self.ty(&declaration.base);
        for declarator in &declaration.declarators {
            let ty = self.declarator_type(declarator);
            if declaration.storage.is_typedef {
                self.type_definition(&declarator.name, ty);
            } else if matches!(self.types.kind(ty.ty), Kind::Function(_)) {
                let symbol = self.declare_function(&declarator.name, ty.ty, prelude, &declarator.attributes);
                let more: Vec<_> =
                    declaration.attributes.iter().filter(|a| super::call::is_lock_annotation(&a.name.name)).collect();
                self.functions[symbol as usize].annotations.extend(more);
            } else if prelude {
                let symbol = Symbol::Prelude { index: self.prelude_objects.len(), ty };
                self.prelude_objects.push(declarator);
                self.define(&declarator.name.name, symbol, declarator.name.place);
            } else {
                self.static_variable(declarator, ty, declaration.storage.is_extern);
            }
        }
    }

    /// The number of a static object of the prelude, which is made when it is first named.
    pub(super) fn prelude_object(&mut self, index: usize, ty: QualTy) -> u32 {
        if let Some(object) = self.made_objects.get(&index) {
            return *object;
        }
        let declarator = self.prelude_objects[index];
        let object = self.new_object(&declarator.name.name, ty, declarator.name.place);
        self.made_objects.insert(index, object);
        if let Some(initializer) = &declarator.initializer {
            self.initialise_object(object, ty, initializer);
        }
        object
    }

    fn type_definition(&mut self, name: &ast::Ident, ty: QualTy) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.insert(name.name.clone(), Symbol::Type(ty));
        }
    }

    /// A variable at file scope: declared any number of times, initialised once.
    fn static_variable(&mut self, declarator: &'u InitDeclarator, ty: QualTy, is_extern: bool) {
        let ty = self.completed(ty, declarator.initializer.as_ref());
        let name = &declarator.name;
        let scope = self.scopes.len() - 1;
        let known = match self.scopes[scope].names.get(&name.name) {
            Some(&Symbol::Object { object, ty: old }) => {
                if !self.compatible(old.ty, ty.ty) {
                    self.error(name.place, format!("`{}` is declared with another type here", name.name));
                }
                Some(object)
            }
            Some(_) => {
                self.error(name.place, format!("`{}` is something else already", name.name));
                None
            }
            None => None,
        };
        if matches!(self.types.kind(ty.ty), Kind::Array(_, None)) && is_extern {
            self.error(name.place, "an array declared `extern` needs its length here");
            return;
        }
        let object = match known {
            Some(object) => object,
            None => self.new_object(&name.name, ty, name.place),
        };
        self.out.objects[object as usize].read_only = ty.is_const;
        let ty = self.whole(ty);
        self.scopes[scope].names.insert(name.name.clone(), Symbol::Object { object, ty });
        if let Some(initializer) = &declarator.initializer {
            self.initialise_object(object, ty, initializer);
        }
    }

    pub(super) fn local_declaration(&mut self, declaration: &'u ast::Declaration) {
        self.ty(&declaration.base);
        for declarator in &declaration.declarators {
            let saved = self.set_place(declarator.place);
            let ty = self.declarator_type(declarator);
            if declaration.storage.is_typedef {
                self.type_definition(&declarator.name, ty);
            } else if matches!(self.types.kind(ty.ty), Kind::Function(_)) {
                self.declare_function(&declarator.name, ty.ty, false, &declarator.attributes);
            } else if declaration.storage.is_static {
                self.static_local(declarator, ty);
            } else if declaration.storage.is_extern {
                self.error(declarator.place, "declare this at file scope");
            } else {
                self.local_variable(declarator, ty, &declaration.attributes);
            }
            self.b.span = saved;
        }
    }

    fn static_local(&mut self, declarator: &'u InitDeclarator, ty: QualTy) {
        let ty = self.completed(ty, declarator.initializer.as_ref());
        let object = self.new_object(&declarator.name.name, ty, declarator.name.place);
        self.out.objects[object as usize].read_only = ty.is_const;
        let ty = self.whole(ty);
        self.define(&declarator.name.name, Symbol::Object { object, ty }, declarator.name.place);
        if let Some(initializer) = &declarator.initializer {
            self.initialise_object(object, ty, initializer);
        }
    }

    fn local_variable(&mut self, declarator: &'u InitDeclarator, ty: QualTy, outer: &'u [ast::Attribute]) {
        let name = &declarator.name;
        let ty = self.completed(ty, declarator.initializer.as_ref());
        if ty.is_percpu {
            self.error(name.place, format!("`{}` is a local, and only static variables are per-CPU ones", name.name));
        }
        let ty = ty.of_one_cpu();
        if self.types.is_void(ty.ty) {
            self.error(name.place, format!("`{}` cannot be `void`", name.name));
            self.define(&name.name, Symbol::Bound { value: Value::Const(0), ty: Types::ERROR.into() }, name.place);
            return;
        }
        let scalar = self.types.scalar(ty.ty).is_some();
        let var = self.new_var(&name.name, ty, name.place);
        let symbol = Symbol::Var { var, ty };
        if let (true, Some(ast::Initializer::Expr(e))) = (scalar, &declarator.initializer) {
            self.scalar_variable(declarator, var, ty, e);
        } else {
            self.define(&name.name, symbol, name.place);
            self.b.emit(Inst::LocalLive { local: var as u16 });
            self.add_exit(Exit::Var(var));
            if let Some(initializer) = &declarator.initializer {
                self.initialise_local(var, ty, initializer);
            }
        }
        self.cleanup_of(declarator, var, ty, outer);
    }

    /// `T x = e;` A `const` one whose value is constant is that value.
    fn scalar_variable(&mut self, declarator: &'u InitDeclarator, var: u32, ty: QualTy, e: &'u ast::Expr) {
        let name = &declarator.name;
        // The name is in scope in its own initialiser; `list_head x = LIST_HEAD_INIT(x)` needs that.
        self.define(&name.name, Symbol::Var { var, ty }, name.place);
        self.purpose = self.purpose_of(ty.ty, Some(&declarator.name.name));
        self.b.emit(Inst::LocalLive { local: var as u16 });
        self.add_exit(Exit::Var(var));
        let value = self.rvalue(e);
        self.purpose = Purpose::default();
        let value = self.assignable(value, ty.ty, e.place, "assigned to");
        let place = self.var_place(var, QualTy { is_const: false, ..ty });
        self.store(&place, value.value);
    }

    /// `__free(f)`: a call when the variable's block is left.
    fn cleanup_of(&mut self, declarator: &'u InitDeclarator, var: u32, ty: QualTy, outer: &'u [ast::Attribute]) {
        for attribute in declarator.attributes.iter().chain(outer) {
            match &*attribute.name.name {
                "__free" => {}
                "cleanup" | "__cleanup" => {
                    self.error(attribute.place, "write `__free(name)` or a scoped guard instead");
                    continue;
                }
                _ => continue,
            }
            let name = match attribute.arguments.first().map(|e| &e.kind) {
                Some(ast::ExprKind::Ident(name)) => name,
                _ => continue,
            };
            let Some(function) = self.prelude_function(&format!("__free_{name}")) else {
                self.error(attribute.place, format!("there is no `DEFINE_FREE({name}, ...)`"));
                continue;
            };
            match self.b.vars[var as usize].reg {
                Some(reg) => {
                    let exit = Exit::Call {
                        function,
                        values: vec![(Value::Reg(reg), ty.ty)],
                        place: attribute.place,
                        unless_zero: None,
                    };
                    self.add_exit(exit);
                }
                None => self.error(attribute.place, "the address of a variable with `__free` cannot be taken here"),
            }
            if declarator.initializer.is_none() {
                self.warn(declarator.place, "a variable with `__free` should be initialised where it is declared");
            }
        }
    }

    pub(super) fn local_invocation(&mut self, invocation: &'u ast::Invocation) {
        let name = &invocation.name;
        if super::api::known_not_modelled(&name.name) {
            self.error(name.place, format!("`{}` is known but not modelled yet", name.name));
        } else {
            self.error(name.place, format!("`{}` is not known", name.name));
        }
    }
}

/// The nearest of these names; of several as near, the first in alphabetical order.
pub(super) fn nearest_sorted(name: &str, mut known: Vec<&str>) -> Option<String> {
    known.retain(|n| !n.starts_with("__kernel_") && !n.starts_with("__guard_"));
    known.sort_unstable();
    nearest(name, known).map(str::to_string)
}
