//! From the syntax tree to a [`Program`]: types are checked and code is made in one walk over each function.
//!
//! Invariant: whatever was wrong in the source is in `diagnostics`; where that holds an error the program is not used, so that code made from a
//! part in error need only be harmless. Nothing here knows how a program is run.

mod access;
mod aggregate;
mod api;
mod builtin;
mod call;
mod choice;
mod claims;
mod code;
mod declare;
mod expr;
mod finish;
mod fold;
mod function;
mod operator;
mod options;
mod per_cpu;
mod rig;
mod scope;
mod statement;
mod type_of;
mod types_out;

pub(crate) use api::primitive_in_c;
pub(crate) use options::{OptionProblem, Settings};

use crate::ast::{self, Name};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source_map::{Place as SourcePlace, SourceMap};
use crate::types::{QualTy, Ty, Types};
use code::{Builder, Value};
use scope::{Scope, Symbol};
use sim_core::program::{Object, Program, SpanId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A function that the source declares.
struct FunctionSymbol<'u> {
    name: Name,
    ty: Ty,
    definition: Option<&'u ast::FunctionDefinition>,
    /// Its definition is part of the prelude.
    prelude: bool,
    place: SourcePlace,
    /// `__must_hold(x)` and its kin, of the definition and of declarations before it.
    annotations: Vec<&'u ast::Attribute>,
}

/// The value and type of an expression that is not assigned to.
#[derive(Clone, Copy, Debug)]
struct Rvalue {
    ty: Ty,
    /// For a record its address; for `void` meaningless.
    value: Value,
    /// It is 0 or 1.
    truth: bool,
}

impl Rvalue {
    fn new(ty: Ty, value: Value) -> Self {
        Self { ty, value, truth: false }
    }
}

/// What allocated memory is for, as far as what its address is assigned to tells.
#[derive(Clone, Copy, Default)]
struct Purpose<'u> {
    /// The type of the objects in it.
    ty: Option<Ty>,
    /// The variable or member that points to it.
    name: Option<&'u str>,
}

/// Everything known while a translation unit is lowered.
pub(crate) struct Lower<'u> {
    unit: &'u ast::Unit,
    map: SourceMap,
    diagnostics: Vec<Diagnostic>,
    types: Types,
    /// `[0]` is the prelude's file scope, `[1]` the scenario's.
    scopes: Vec<Scope>,
    /// The code of the current function.
    b: Builder,
    /// The current function, or the inlined one in it.
    fx: function::Context,
    functions: Vec<FunctionSymbol<'u>>,
    /// Static objects of the prelude: what a scenario does not name is no part of its states.
    prelude_objects: Vec<&'u ast::InitDeclarator>,
    /// The numbers in the program of those that were named.
    made_objects: HashMap<usize, u32>,
    /// Functions whose code is wanted and not made yet.
    wanted: Vec<u32>,
    /// The numbers in the program of the functions that it needs.
    numbers: HashMap<u32, u32>,
    next_function: u32,
    /// The code made so far, by number.
    made: BTreeMap<u32, sim_core::program::Function>,
    out: Program,
    /// The struct, union and enum types of the source's specifiers.
    specifiers: HashMap<u32, Ty>,
    /// Types of the program, by ours.
    types_out: HashMap<Ty, u32>,
    /// The objects of string literals.
    string_objects: HashMap<Vec<u8>, u32>,
    /// Formats and claims, by text.
    strings: HashMap<String, u32>,
    /// What the allocation that is being lowered is for.
    purpose: Purpose<'u>,
    /// Inside `data_race()`.
    racy: bool,
    /// Functions that are being inlined, outermost first; and where the outermost stands.
    inlining: Vec<u32>,
    inlined_at: Option<SourcePlace>,
    /// Variables of the current function whose address is known to be taken, from the first time it was lowered.
    addressed: HashSet<code::VarId>,
    scope_ids: u32,
    settings: &'u Settings,
    reported: HashSet<(SourcePlace, String)>,
    unknown_names: BTreeSet<Name>,
}

/// Makes a program of a translation unit. The program is meaningful if no diagnostic is an error.
pub(crate) fn lower(unit: &ast::Unit, map: SourceMap, settings: &Settings) -> (Program, SourceMap, Vec<Diagnostic>) {
    let mut lower = Lower {
        unit,
        map,
        diagnostics: Vec::new(),
        types: Types::new(),
        scopes: vec![Scope::default(), Scope::default()],
        b: Builder::default(),
        fx: function::Context::default(),
        functions: Vec::new(),
        prelude_objects: Vec::new(),
        made_objects: HashMap::new(),
        wanted: Vec::new(),
        numbers: HashMap::new(),
        next_function: 0,
        made: BTreeMap::new(),
        out: Program::default(),
        specifiers: HashMap::new(),
        types_out: HashMap::new(),
        string_objects: HashMap::new(),
        strings: HashMap::new(),
        purpose: Purpose::default(),
        racy: false,
        inlining: Vec::new(),
        inlined_at: None,
        addressed: HashSet::new(),
        scope_ids: 0,
        settings,
        reported: HashSet::new(),
        unknown_names: BTreeSet::new(),
    };
    lower.unit();
    (lower.out, lower.map, lower.diagnostics)
}

impl<'u> Lower<'u> {
    fn unit(&mut self) {
        self.out.config = self.settings.config.clone();
        let unit = self.unit;
        let (prelude, scenario) = unit.items.split_at(unit.prelude_items.min(unit.items.len()));
        let user_scope = self.scopes.pop().unwrap_or_default();
        let mut rig = Vec::new();
        for item in prelude {
            self.item(item, true, &mut rig);
        }
        self.scopes.push(user_scope);
        for item in scenario {
            self.item(item, false, &mut rig);
        }
        self.rig(&rig);
        self.make_wanted();
        self.tell_module();
        self.collect_functions();
        self.check_claims();
    }

    fn item(&mut self, item: &'u ast::Item, prelude: bool, rig: &mut Vec<&'u ast::Invocation>) {
        match &item.kind {
            ast::ItemKind::Declaration(declaration) => self.file_declaration(declaration, prelude),
            ast::ItemKind::Function(definition) => self.function_definition(definition, prelude),
            ast::ItemKind::Invocation(invocation) => rig.push(invocation),
            ast::ItemKind::StaticAssert(assertion) => self.static_assert(assertion),
            ast::ItemKind::Error => {}
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        // What stands twice, because a macro repeats its argument or a type is asked for first, is said once.
        if self.reported.insert((diagnostic.place, diagnostic.title.clone())) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, place: SourcePlace, title: impl std::fmt::Display) {
        let place = self.visible(place);
        self.report(Diagnostic::error(place, title));
    }

    fn warn(&mut self, place: SourcePlace, title: impl std::fmt::Display) {
        let place = self.visible(place);
        self.report(Diagnostic::warning(place, title));
    }

    /// Whether an error has been reported.
    fn failed(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }

    /// A place as reports show it: what an inlined function of the prelude does happens where it is called.
    fn visible(&self, place: SourcePlace) -> SourcePlace {
        match self.inlined_at {
            Some(at) => SourcePlace { at: at.at, definition: at.definition.or(Some(place.at)) },
            None => place,
        }
    }

    /// The id of a place, for an instruction.
    fn span(&mut self, place: SourcePlace) -> SpanId {
        let place = self.visible(place);
        self.map.intern(place)
    }

    /// Code that comes now belongs to this place; gives the place from before.
    fn set_place(&mut self, place: SourcePlace) -> SpanId {
        let span = self.span(place);
        std::mem::replace(&mut self.b.span, span)
    }

    fn string(&mut self, text: &str) -> u32 {
        if let Some(&index) = self.strings.get(text) {
            return index;
        }
        let index = self.out.strings.len() as u32;
        self.out.strings.push(text.to_string());
        self.strings.insert(text.to_string(), index);
        index
    }

    /// A new static object of zeros.
    fn new_object(&mut self, name: &str, ty: QualTy, place: SourcePlace) -> u32 {
        if self.is_per_cpu(ty) {
            return self.new_per_cpu_object(name, ty, place);
        }
        let size = self.size_for(ty.ty, place);
        let ty = Some(self.type_out(ty.ty));
        let span = self.span(place);
        self.out.objects.push(Object { name: name.to_string(), size, ty, span, ..Object::default() });
        self.out.objects.len() as u32 - 1
    }

    /// The size of an object of this type, within what the machine can address.
    fn size_for(&mut self, ty: Ty, place: SourcePlace) -> u32 {
        match self.types.size_of(ty) {
            Some(size) if size <= 1 << 20 => size as u32,
            Some(_) => {
                self.error(place, "this object is larger than 1 MiB");
                0
            }
            None => {
                if !self.types.is_error(ty) {
                    let name = self.types.name(ty.into());
                    self.error(place, format!("`{name}` has no known size here"));
                }
                0
            }
        }
    }

    fn lookup(&self, name: &str) -> Option<&Symbol> {
        self.scopes.iter().rev().find_map(|scope| scope.names.get(name))
    }
}
