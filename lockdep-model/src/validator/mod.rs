//! The validator for whoever has lock events: it keeps what each context holds and in which interrupt state it is, and takes events in the
//! order in which they happened.
//!
//! Invariant: it decides nothing; [`crate::step`] says what an event shows, [`crate::exact`] or [`crate::kernel`] what that means.

mod lock;
mod maps;
mod ww;

use crate::class::{ContextId, InstanceId, KeyId, KeyTable, LockType, Place};
use crate::exact;
use crate::fact::{At, Claim, End, Fact, Problem, Recorder};
use crate::facts::Facts;
use crate::graph::LockGraph;
use crate::held::{HardIrq, HeldStack, IrqState};
use crate::kernel::Kernel;
use crate::memo::Memo;
use crate::report::Report;
use crate::settings::{Mode, Settings};
use crate::step::{self, Env};
pub use lock::Take;
pub use maps::WorkState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
pub use ww::WwClass;

/// A call that makes no sense, whatever the locks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// A key that was never added.
    #[error("key {} was never added", .0.0)]
    UnknownKey(KeyId),
    /// A lock of a type that this call is not for.
    #[error("lock {:#x} is a {found:?}, which this is not for", .instance.0)]
    WrongType {
        /// The lock.
        instance: InstanceId,
        /// Its type.
        found: LockType,
    },
    /// An interrupt left that was not entered.
    #[error("context {} leaves an interrupt that it did not enter", .0.0)]
    NotInInterrupt(ContextId),
    /// More was turned on than off.
    #[error("context {} turns on what it did not turn off", .0.0)]
    Unbalanced(ContextId),
}

/// What a context can be interrupted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interrupt {
    /// An ordinary hard interrupt, which could be threaded.
    Hard,
    /// One that never is: `IRQF_NO_THREAD`, a hard hrtimer.
    HardNoThread,
    /// A softirq.
    Soft,
    /// An NMI.
    Nmi,
}

/// What the validator knows of a lock.
#[derive(Clone, Copy, Debug)]
struct Lock {
    key: KeyId,
    /// The class that subclass 0 stands for (`lockdep_set_subclass`).
    subclass: u8,
    validated: bool,
}

/// What the validator knows of a context.
#[derive(Clone, Debug)]
struct Context {
    /// Who is running: the context itself, or a handler on top of it.
    who: ContextId,
    irq: IrqState,
    /// How often bottom halves, and preemption, were turned off here.
    bh_off: u32,
    preempt_off: u32,
    held: HeldStack,
    /// What the interrupts on top of it will return to.
    under: Vec<(ContextId, IrqState, u32, u32)>,
}

impl Context {
    fn new(who: ContextId) -> Self {
        Self { who, irq: IrqState::TASK, bh_off: 0, preempt_off: 0, held: HeldStack::new(), under: Vec::new() }
    }
}

/// The judge: facts for the end, or the kernel's own fold.
#[derive(Clone, Debug)]
enum Judge {
    Exact(Facts<u64>, Memo<u64>),
    Kernel(Kernel<u64>),
}

impl Judge {
    fn recorder<'a>(&'a mut self, event: &'a u64) -> JudgeRecorder<'a> {
        JudgeRecorder { judge: self, event }
    }
}

struct JudgeRecorder<'a> {
    judge: &'a mut Judge,
    event: &'a u64,
}

impl Recorder for JudgeRecorder<'_> {
    fn record(&mut self, fact: Fact, at: &At<'_>) {
        match self.judge {
            Judge::Exact(facts, _) => facts.recorder(self.event).record(fact, at),
            Judge::Kernel(kernel) => kernel.recorder(self.event).record(fact, at),
        }
    }

    fn knows_chain(&mut self, at: &At<'_>) -> bool {
        match self.judge {
            Judge::Exact(facts, _) => facts.recorder(self.event).knows_chain(at),
            Judge::Kernel(kernel) => kernel.recorder(self.event).knows_chain(at),
        }
    }
}

/// A lock validator fed with events. Evidence in its reports bears the number of the event, counted from 1.
///
/// ```
/// use lockdep_model::class::{ContextId, InstanceId, LockType};
/// use lockdep_model::settings::Settings;
/// use lockdep_model::validator::{Interrupt, Take, Validator};
///
/// let mut v = Validator::new(Settings::default());
/// let key = v.key("stats_lock", LockType::Spin);
/// let (task, handler, lock) = (ContextId(1), ContextId(2), InstanceId(0x1000));
/// v.init(task, lock, key, Default::default())?;
///
/// v.acquire(task, lock, Take::write()); // spin_lock(&stats_lock), interrupts on
/// v.enter(task, Interrupt::Hard, handler);
/// v.acquire(task, lock, Take::write()); // and again in the handler that comes in between
///
/// let reports = v.reports();
/// assert_eq!(reports.iter().map(|r| r.kind.name()).collect::<Vec<_>>(), ["recursive_lock", "irq_unsafe_lock"]);
/// assert_eq!(reports[1].classes.values().next().unwrap().usage.characters(), "?.+.");
/// # Ok::<(), lockdep_model::validator::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Validator {
    settings: Settings,
    options: exact::Options,
    keys: KeyTable,
    locks: BTreeMap<InstanceId, Lock>,
    contexts: BTreeMap<ContextId, Context>,
    ww: BTreeMap<InstanceId, ww::Acquiring>,
    judge: Judge,
    event: u64,
}

impl Validator {
    /// A validator that has seen nothing.
    pub fn new(settings: Settings) -> Self {
        let judge = match settings.mode {
            Mode::Exact => Judge::Exact(Facts::new(), Memo::default()),
            Mode::Kernel => Judge::Kernel(Kernel::new(settings.keep_going)),
        };
        Self {
            settings,
            options: exact::Options::default(),
            keys: KeyTable::new(),
            locks: BTreeMap::new(),
            contexts: BTreeMap::new(),
            ww: BTreeMap::new(),
            judge,
            event: 0,
        }
    }

    /// How exact mode judges.
    pub fn set_options(&mut self, options: exact::Options) {
        self.options = options;
    }

    /// Adds a key: a static lock, or the place of an init call.
    pub fn key(&mut self, name: impl Into<String>, lock: LockType) -> KeyId {
        self.keys.add(name, lock)
    }

    /// The keys.
    pub fn keys(&self) -> &KeyTable {
        &self.keys
    }

    /// The locks that a context holds, those of the interrupts on top of it last.
    pub fn held(&self, context: ContextId) -> &HeldStack {
        static NOTHING: HeldStack = HeldStack::new();
        self.contexts.get(&context).map_or(&NOTHING, |context| &context.held)
    }

    /// What is found so far. In kernel mode in the order of events, of which the kernel reports the first.
    pub fn reports(&self) -> Vec<Report<u64>> {
        match &self.judge {
            Judge::Exact(facts, _) => exact::check(facts, &self.options),
            Judge::Kernel(kernel) => kernel.reports().to_vec(),
        }
    }

    /// Exact mode: all that was seen.
    pub fn facts(&self) -> Option<&Facts<u64>> {
        match &self.judge {
            Judge::Exact(facts, _) => Some(facts),
            Judge::Kernel(_) => None,
        }
    }

    /// The graph, with what is reported marked in it.
    pub fn graph(&self) -> LockGraph {
        let mut graph = match &self.judge {
            Judge::Exact(facts, _) => LockGraph::from_facts(facts, &self.keys),
            Judge::Kernel(kernel) => LockGraph::from_kernel(kernel, &self.keys),
        };
        graph.mark(&self.reports());
        graph
    }

    // --- interrupts ----------------------------------------------------------------------------------------------

    /// An interrupt comes on top of what this context does. `handler` is who runs then: contexts that can be under way at the same time
    /// need different numbers.
    pub fn enter(&mut self, context: ContextId, interrupt: Interrupt, handler: ContextId) {
        self.event += 1;
        let state = self.context(context);
        state.under.push((state.who, state.irq, state.bh_off, state.preempt_off));
        state.who = handler;
        state.irq.preempt_off = true;
        match interrupt {
            Interrupt::Hard | Interrupt::HardNoThread => {
                state.irq.hardirqs_on = false;
                state.irq.hardirq = if interrupt == Interrupt::Hard { HardIrq::Threadable } else { HardIrq::Never };
            }
            Interrupt::Soft => {
                state.irq.softirqs_on = false;
                state.irq.softirq = true;
            }
            Interrupt::Nmi => {
                state.irq.hardirqs_on = false;
                state.irq.nmi = true;
            }
        }
    }

    /// The newest interrupt on top of a context returns.
    ///
    /// # Errors
    /// There is none.
    pub fn leave(&mut self, context: ContextId, place: Place) -> Result<(), Error> {
        if self.context(context).under.is_empty() {
            return Err(Error::NotInInterrupt(context));
        }
        self.step(context, |env, state, recorder| {
            if !env.irq.nmi {
                step::end(env, &mut state.held, End::Handler, place, recorder);
            }
        });
        let state = self.context(context);
        if let Some((who, irq, bh_off, preempt_off)) = state.under.pop() {
            (state.who, state.irq, state.bh_off, state.preempt_off) = (who, irq, bh_off, preempt_off);
        }
        Ok(())
    }

    /// `local_irq_disable()`
    pub fn irqs_off(&mut self, context: ContextId) {
        self.event += 1;
        self.context(context).irq.hardirqs_on = false;
    }

    /// `local_irq_enable()`, or a restore that turns interrupts on.
    pub fn irqs_on(&mut self, context: ContextId, place: Place) {
        self.step(context, |env, state, recorder| step::hardirqs_on(env, &state.held, place, recorder));
        self.context(context).irq.hardirqs_on = true;
    }

    /// `local_bh_disable()`
    pub fn bh_off(&mut self, context: ContextId) {
        self.event += 1;
        let state = self.context(context);
        state.bh_off += 1;
        state.irq.softirqs_on = false;
        Self::preempt_changed(state);
    }

    /// `local_bh_enable()`
    ///
    /// # Errors
    /// They were not off.
    pub fn bh_on(&mut self, context: ContextId, place: Place) -> Result<(), Error> {
        let state = self.context(context);
        let (off, serving) = (state.bh_off, state.irq.softirq);
        if off == 0 {
            return Err(Error::Unbalanced(context));
        }
        if off == 1 && !serving {
            self.step(context, |env, state, recorder| step::softirqs_on(env, &state.held, place, recorder));
            self.context(context).irq.softirqs_on = true;
        } else {
            self.event += 1;
        }
        let state = self.context(context);
        state.bh_off -= 1;
        Self::preempt_changed(state);
        Ok(())
    }

    /// `preempt_disable()`; spinlocks do it themselves, which the caller tells too if it claims anything about preemption.
    pub fn preempt_off(&mut self, context: ContextId) {
        self.event += 1;
        let state = self.context(context);
        state.preempt_off += 1;
        Self::preempt_changed(state);
    }

    /// `preempt_enable()`
    ///
    /// # Errors
    /// It was not off.
    pub fn preempt_on(&mut self, context: ContextId) -> Result<(), Error> {
        self.event += 1;
        let state = self.context(context);
        state.preempt_off = state.preempt_off.checked_sub(1).ok_or(Error::Unbalanced(context))?;
        Self::preempt_changed(state);
        Ok(())
    }

    fn preempt_changed(state: &mut Context) {
        state.irq.preempt_off = state.preempt_off > 0 || state.bh_off > 0 || !state.under.is_empty();
    }

    // --- ends ------------------------------------------------------------------------------------------------------

    /// A task ends.
    pub fn task_exit(&mut self, context: ContextId, place: Place) {
        self.end(context, End::Task, place);
        self.contexts.remove(&context);
    }

    /// A system call, or an interrupt of user space, returns there.
    pub fn return_to_user(&mut self, context: ContextId, place: Place) {
        self.end(context, End::ReturnToUser, place);
    }

    fn end(&mut self, context: ContextId, end: End, place: Place) {
        self.step(context, |env, state, recorder| {
            step::end(env, &mut state.held, end, place, recorder);
        });
    }

    /// Memory is freed: a finding if a lock in it is held by this context (in exact mode: by any). What was in it has to be initialised
    /// before it is used again.
    pub fn free_memory(&mut self, context: ContextId, memory: std::ops::Range<u64>, place: Place) {
        let gone = |lock: InstanceId| memory.contains(&lock.0);
        self.forget(context, gone, place);
        self.locks.retain(|&lock, _| !gone(lock));
    }

    /// Reports those who hold locks whose memory goes.
    fn forget(&mut self, context: ContextId, gone: impl Fn(InstanceId) -> bool, place: Place) {
        let holders: Vec<ContextId> = match self.settings.mode {
            Mode::Kernel => vec![context],
            Mode::Exact => {
                let others = self.contexts.keys().copied().filter(|&other| other != context);
                [context].into_iter().chain(others).collect()
            }
        };
        for holder in holders {
            let mut any = false;
            self.step(holder, |env, state, recorder| {
                any = step::free(env, &state.held, &gone, place, recorder);
            });
            if any && self.settings.mode == Mode::Exact {
                self.context(holder).held.forget(&gone);
            }
        }
    }

    /// `lockdep_assert_*`, of a lock or of the interrupt state.
    ///
    /// Gives whether the claim is true.
    pub fn assert(&mut self, context: ContextId, claim: Claim, lock: Option<InstanceId>, place: Place) -> bool {
        let lock = lock.and_then(|instance| Some((instance, self.class_of(instance, 0)?)));
        let mut holds = true;
        self.step(context, |env, state, recorder| {
            holds = step::assert_lock(env, &state.held, claim, lock, place, recorder);
        });
        holds
    }

    // --- the machinery -----------------------------------------------------------------------------------------------

    fn context(&mut self, context: ContextId) -> &mut Context {
        self.contexts.entry(context).or_insert_with(|| Context::new(context))
    }

    /// One event: the step that it is, with whoever judges listening.
    fn step(&mut self, context: ContextId, step: impl FnOnce(&Env<'_>, &mut Context, &mut JudgeRecorder<'_>)) {
        self.event += 1;
        let Self { settings, contexts, judge, event, .. } = self;
        let state = contexts.entry(context).or_insert_with(|| Context::new(context));
        let env = Env { settings, context: state.who, irq: state.irq };
        step(&env, state, &mut judge.recorder(event));
    }

    fn problem(&mut self, context: ContextId, problem: Problem, place: Place) {
        self.step(context, |env, state, recorder| {
            let at = At { context: env.context, irq: env.irq, held: state.held.locks(), lock: None, place };
            recorder.record(Fact::Problem(problem), &at);
        });
    }
}
