//! Names and what they stand for, and what happens when a block is left.
//!
//! Invariant: whatever way a block is left, its exits run in the reverse of the order in which they were entered, each once.

use super::Lower;
use super::code::{Label, Value, VarId};
use crate::ast::Name;
use crate::source_map::Place as SourcePlace;
use crate::types::{QualTy, Ty};
use sim_core::program::Inst;
use std::collections::HashMap;

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Symbol {
    /// A variable of the current function.
    Var { var: VarId, ty: QualTy },
    /// A variable that always has this value: a parameter of an inlined function, a `const` local with a constant initialiser.
    Bound { value: Value, ty: QualTy },
    /// A static object.
    Object { object: u32, ty: QualTy },
    /// A static object of the prelude: an index into [`Lower::prelude_objects`].
    Prelude { index: usize, ty: QualTy },
    /// Index into [`Lower::functions`].
    Function(u32),
    /// An enumeration constant.
    Constant { value: i64, ty: Ty },
    /// A typedef.
    Type(QualTy),
}

/// A block (or a file).
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) id: u32,
    pub(super) names: HashMap<Name, Symbol>,
    pub(super) tags: HashMap<Name, Ty>,
    /// What happens at its end, in the order of declaration.
    pub(super) exits: Vec<Exit>,
}

/// What happens when a block is left.
#[derive(Clone, Debug)]
pub(super) enum Exit {
    /// A variable ends.
    Var(VarId),
    /// `function(values...)` is called: the end of a scoped guard, or of a variable with `__free`.
    Call { function: u32, values: Vec<(Value, Ty)>, place: SourcePlace, unless_zero: Option<Value> },
}

/// The blocks around a place in a function, outermost first, with what had to happen at their ends so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain(pub(super) Vec<(u32, Vec<Exit>)>);

impl Lower<'_> {
    pub(super) fn push_scope(&mut self) {
        self.scope_ids += 1;
        self.scopes.push(Scope { id: self.scope_ids, ..Scope::default() });
    }

    /// Leaves the innermost block at its end.
    pub(super) fn pop_scope(&mut self) {
        let exits = self.scopes.last().map(|s| s.exits.clone()).unwrap_or_default();
        self.leave(&exits);
        self.scopes.pop();
    }

    /// The code that runs when these exits are passed, last first.
    pub(super) fn leave(&mut self, exits: &[Exit]) {
        for exit in exits.iter().rev() {
            match exit {
                Exit::Var(var) => self.b.emit(Inst::LocalDead { local: *var as u16 }),
                Exit::Call { function, values, place, unless_zero } => {
                    let skip = self.b.label();
                    if let Some(value) = unless_zero {
                        let then = self.b.label();
                        self.branch_value(*value, then, skip);
                        self.b.place(then);
                    }
                    self.exit_call(*function, values, *place);
                    self.b.place_if_used(skip, unless_zero.is_some());
                }
            }
        }
    }

    /// The code that leaves all blocks of the function deeper than `depth` (a number of scopes), which stay open.
    pub(super) fn leave_to(&mut self, depth: usize) {
        for i in (depth..self.scopes.len()).rev() {
            let exits = self.scopes[i].exits.clone();
            self.leave(&exits);
        }
    }

    pub(super) fn chain(&self) -> Chain {
        Chain(self.scopes[self.fx.base..].iter().map(|s| (s.id, s.exits.clone())).collect())
    }

    pub(super) fn add_exit(&mut self, exit: Exit) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.exits.push(exit);
        }
    }

    /// `goto`: the way from one place to another is known when the function's end is reached.
    pub(super) fn resolve_gotos(&mut self) {
        for goto in std::mem::take(&mut self.fx.gotos) {
            let Some((label, target)) = self.fx.labels.get(&goto.target).cloned() else {
                let names: Vec<&str> = self.fx.labels.keys().map(|n| &**n).collect();
                let near = super::declare::nearest_sorted(&goto.target, names);
                let mut diagnostic =
                    crate::diagnostic::Diagnostic::error(goto.place, format!("there is no label `{}`", goto.target));
                if let Some(near) = near {
                    diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), goto.place, near);
                }
                self.report(diagnostic);
                continue;
            };
            self.b.place(goto.from);
            let saved = self.set_place(goto.place);
            self.travel(&goto.chain, &target, goto.place);
            self.b.jump(label);
            self.b.span = saved;
        }
    }

    fn travel(&mut self, from: &Chain, to: &Chain, place: SourcePlace) {
        let common = from.0.iter().zip(&to.0).take_while(|(a, b)| a.0 == b.0).count();
        for (_, exits) in from.0[common..].iter().rev() {
            self.leave(exits);
        }
        if let Some(last) = common.checked_sub(1) {
            let (have, want) = (&from.0[last].1, &to.0[last].1);
            if have.len() > want.len() {
                self.leave(&have[want.len()..]);
            } else {
                self.enter(&want[have.len()..], place);
            }
        }
        for (_, exits) in &to.0[common..] {
            self.enter(exits, place);
        }
    }

    fn enter(&mut self, exits: &[Exit], place: SourcePlace) {
        for exit in exits {
            match exit {
                Exit::Var(var) => self.b.emit(Inst::LocalLive { local: *var as u16 }),
                Exit::Call { .. } => {
                    self.error(place, "this `goto` jumps past a scoped guard into the block that it guards");
                }
            }
        }
    }
}

/// A `goto` whose way is not known yet.
#[derive(Debug)]
pub(super) struct Goto {
    pub(super) from: Label,
    pub(super) target: Name,
    pub(super) place: SourcePlace,
    pub(super) chain: Chain,
}
