//! Modules: references to one, and the code that is gone with it. After `kernel/module/main.c`.
//!
//! A module's exit function starts only while nobody has a reference (`try_release_module_ref`), and from then on nobody gets one. When it has returned,
//! or the init function has failed (`do_init_module`), the module's memory is freed, its code too: a kernel thread, a work item, a timer's callback, a
//! registered handler that is in it, or comes to it, faults. Whom the rig itself gives a function of the scenario to run stands for somebody outside of the
//! module.
//!
//! Invariant: a module's exit function never runs while there is a reference to it, and no reference is given once it runs.

use super::bytes::{get32, set32};
use super::event::{Event, What};
use super::layout::{CONSTANT, Layout, Origin};
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::model::{Choice, CodePlace, Observer, Symptom};
use crate::program::{ContextKind, FunctionId, Program, pointer};

/// `MODULE_STATE_GOING`
const GOING: u32 = 2;
/// What `refcnt` is while nobody has a reference: `MODULE_REF_BASE`.
const UNUSED: u32 = 1;
/// Where `refcnt` stands in a `struct module`, behind `state`.
const REFCNT: usize = 4;

/// What is known of the scenario's module without looking at a state.
#[derive(Debug, Default)]
pub(super) struct Modules {
    /// Those who run its exit functions.
    exits: Vec<u8>,
    /// Those who run its init functions.
    inits: Vec<u8>,
    /// For each context: it runs the module's code on behalf of the kernel.
    inside: Vec<bool>,
    /// It may come to an end: by an exit function, or an init function that fails.
    ends: bool,
}

impl Modules {
    pub(super) fn new(program: &Program, layout: &Layout) -> Self {
        let of = |is: fn(ContextKind) -> bool| {
            (0..layout.contexts.len() as u8).filter(|c| is(layout.contexts[*c as usize].kind)).collect::<Vec<_>>()
        };
        let exits = of(|kind| matches!(kind, ContextKind::ModuleExit { .. }));
        let inits = of(|kind| kind == ContextKind::ModuleInit);
        let outside = |c: &super::layout::Context| {
            let own = |entry: FunctionId| !program.functions[entry as usize].prelude;
            matches!(c.origin, Origin::Declared(_)) && c.entry.is_some_and(own)
        };
        let inside = layout.contexts.iter().map(|c| !outside(c)).collect();
        let ends = !exits.is_empty() || !inits.is_empty();
        Self { exits, inits, inside, ends }
    }

    /// Whether a context's return is a step of its own: the module may be gone before it, or goes with it.
    pub(super) fn returns(&self, context: usize) -> bool {
        !self.exits.is_empty() && (self.inside[context] || self.exits.contains(&(context as u8)))
    }
}

/// The module's exit functions.
pub(super) fn exit_functions(program: &Program) -> impl Iterator<Item = FunctionId> {
    program.contexts.iter().filter(|c| matches!(c.kind, ContextKind::ModuleExit { .. })).filter_map(|c| c.entry)
}

impl Machine {
    /// Whether the module's memory is freed.
    fn module_gone(&self, s: &[u8]) -> bool {
        let Modules { exits, inits, .. } = &self.modules;
        let left = |exit: &u8| self.flags(s, *exit as usize) & (flag::ENDED | flag::KILLED) == flag::ENDED;
        (!exits.is_empty() && exits.iter().all(left))
            || inits.iter().any(|init| self.flags(s, *init as usize) & flag::UNLOADED != 0)
    }

    /// Where the `struct module` is whose references keep a context from starting: only an exit function's, until it has started.
    fn module_to_leave(&self, s: &[u8], context: usize) -> Option<usize> {
        let ContextKind::ModuleExit { module: Some(module) } = self.layout.contexts[context].kind else { return None };
        let at = self.layout.statics[module as usize];
        (at != CONSTANT && get32(s, at) != GOING).then_some(at)
    }

    /// Whether a module's exit function has not started.
    pub(super) fn module_stays(&self, s: &[u8], context: usize) -> bool {
        self.module_to_leave(s, context).is_some()
    }

    /// Whether it may start now.
    pub(super) fn may_unload(&self, s: &[u8], context: usize) -> bool {
        let unused = |at: usize| get32(s, at + REFCNT) == UNUSED;
        let all_begun = self.setup_done(s) as usize >= self.setup.len();
        all_begun && self.module_to_leave(s, context).is_some_and(unused)
    }

    /// Whether it does not start as things are: there are references.
    pub(super) fn module_in_use(&self, s: &[u8], context: usize) -> bool {
        self.module_to_leave(s, context).is_some_and(|at| get32(s, at + REFCNT) != UNUSED)
    }

    /// `try_stop_module()`: the module is on its way out, before its exit function is called.
    pub(super) fn module_goes<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) {
        let Some(at) = self.module_to_leave(s, choice.context as usize) else { return };
        set32(s, at, GOING);
        set32(s, at + REFCNT, 0);
        if O::EVENTS {
            let function = self.layout.contexts[choice.context as usize].entry.unwrap_or(0);
            o.event(Event { at: CodePlace { function, at: 0 }, what: What::Mask { now: "the module is going" } });
        }
    }

    /// The init function of a context has failed.
    pub(super) fn module_failed(&self, s: &mut [u8], init: usize) {
        s[self.layout.contexts[init].header + header::FLAGS] |= flag::UNLOADED;
    }
}

impl<O: Observer> Run<'_, O> {
    /// Whether what the context is about to run is code of a module that is gone: then that is told, and the context does not survive it.
    pub(super) fn without_code(&mut self, function: usize) -> bool {
        let m = self.m;
        let own = |function: usize| !m.program.functions[function].prelude;
        let gone = m.modules.ends && own(function) && m.modules.inside[self.context] && m.module_gone(self.s);
        if gone {
            // Told of the function through which it came into the module, wherever in it.
            let mut entry = function as FunctionId;
            self.callers(|point| {
                let caller = m.code.points[point].function;
                entry = if own(caller as usize) { caller } else { entry };
                false
            });
            self.o.symptom(Symptom {
                kind: Kind::UnloadedCode,
                at: vec![CodePlace { function: entry, at: 0 }],
                detail: 0,
            });
            self.tell(What::Symptom { kind: Kind::UnloadedCode, detail: 0, address: pointer::to_function(entry) });
            self.die();
        }
        gone
    }
}
