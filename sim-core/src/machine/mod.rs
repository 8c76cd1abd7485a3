//! One state of the simulated kernel, and its steps.
//!
//! A state is a string of bytes laid out by `layout`; a [`Machine`] knows what they mean and what may happen next. One file for each part of a
//! kernel, named as the kernel names it.
//!
//! Invariant: the same choices give the same bytes. No clock, no thread, no random number, no input or output.

mod access;
mod blocks;
mod bottom_half;
mod bytes;
mod clock;
mod code;
mod completion;
mod cpu;
mod event;
mod exec;
mod flush;
mod irq;
mod irq_action;
mod irq_thread;
mod irq_work;
mod kernel;
mod kthread;
mod layout;
mod lock;
mod lock_map;
mod lockdep;
mod look;
mod memory;
mod migrate;
mod module;
mod napi;
mod nmi;
mod operation;
mod panic;
mod percpu_rwsem;
mod printk;
mod priority;
mod race;
mod rcu;
mod rcu_poll;
mod reclaim;
mod rwlock;
mod semaphore;
mod softirq;
mod srcu;
mod stuck;
mod task;
mod tasklet;
mod timer;
mod wait;
mod words;
mod worker;
mod workqueue;
mod ww_mutex;

pub use access::{AccessScene, Marking};
pub use event::{Event, What};
pub use lockdep::{LockClassKey, LockEvent, LockRef, LockScene, Taking};
pub use look::RacingAccess;
pub use operation::Operation;
pub use stuck::Waits;
pub use words::{FOREVER, UnknownWord, join_words, split_words};

pub(crate) use code::address_taken;
pub(crate) use exec::Run;
pub(crate) use memory::WRONG_ALLOCATOR;
pub(crate) use napi::{NAPI_FREED, NAPI_INITIALISED};
pub(crate) use rcu::{IN_RCU, IN_SRCU, RCU_ACTIVE, RCU_UNLOCK};
pub(crate) use reclaim::{IN_MEMALLOC, IN_PAGEFAULT, MEMALLOC_UNLOCK, PAGEFAULT_UNLOCK};
pub(crate) use srcu::{SRCU_ACTIVE, SRCU_INDEX, SRCU_MIXED, SRCU_UNLOCK};
pub(crate) use workqueue::{CANNOT_QUEUE, ENABLE_UNDERFLOW};
pub(crate) use ww_mutex::WW_MISUSE;

use crate::finding::Kind;
use crate::model::{Choice, CodePlace, Growth, Knot, Model, Observer, Outgrown, Symptom};
use crate::program::{ContextKind, Inst, KernelCall, Preemption, Program};
use bytes::get16;
use code::{Code, PointId, Visibility};
use layout::{Layout, Room};
use std::sync::Arc;

/// How the machine takes its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineOptions {
    /// Merge into the step before it what nobody else can notice: entering a task, turning interrupts on, allocating.
    pub fuse: bool,
    /// Keep what each context holds, and tell the lock validator.
    pub lockdep: bool,
    /// Tell of every access to memory too, for those who ask what protects what; the lock validator understands no such machine.
    pub accesses: bool,
}

impl Default for MachineOptions {
    fn default() -> Self {
        Self { fuse: true, lockdep: true, accesses: false }
    }
}

/// The simulated kernel, for one program.
#[derive(Debug)]
pub struct Machine {
    program: Arc<Program>,
    code: Code,
    room: Room,
    layout: Layout,
    /// What is known about each point without looking at a state.
    points: Vec<race::PointFacts>,
    /// For each instruction of each function: the offset in the state that it accesses, where that is fixed.
    fixed: Vec<Vec<u32>>,
    /// For each instruction of each function: the block that begins there.
    blocks: Vec<Vec<u32>>,
    /// For each CPU: more than one task may run there.
    shared: Vec<bool>,
    /// For each CPU: the tasks that may run there, as far as that is known beforehand.
    candidates: Vec<Vec<u8>>,
    /// For each CPU: its only task, where there is just one and it is bound to it, without kernel threads and interrupts in the scenario.
    lone: Vec<Option<u8>>,
    /// The interrupt lines.
    lines: Vec<u8>,
    /// The places where locks may be initialised.
    init_sites: Vec<CodePlace>,
    /// The lock validator is told of what happens.
    lockdep: bool,
    /// What contexts hold is kept: the validator is told of it, or there are readers, who are known by it alone.
    keeps_held: bool,
    /// Accesses to memory are told of.
    accesses: bool,
    /// Some code may sleep.
    sleeps: bool,
    /// Something is done later than it is asked for: there are softirqs, timers, work, or lines whose handlers the program registers.
    deferred: bool,
    /// Tasks have priorities.
    ranked: bool,
    /// The scenario's module.
    modules: module::Modules,
    /// Set-up contexts, in the order in which they run.
    setup: Vec<u8>,
    /// How many of `setup` are `INIT`s.
    inits: u8,
    endless: u64,
    /// Reading the time may find that much has passed.
    time_leaps: bool,
}

/// Offsets in `Layout::globals`.
mod global {
    /// The machine has stopped: 1 after a panic, or an oops that it cannot go on after.
    pub(super) const STOPPED: usize = 0;
    /// Allocations that failed.
    pub(super) const FAILED_ALLOCATIONS: usize = 1;
    /// User copies that faulted.
    pub(super) const USER_FAULTS: usize = 2;
    /// Set-up contexts that have ended.
    pub(super) const SETUP_DONE: usize = 3;
}

/// Offsets in a context's header.
mod header {
    /// Two bytes: the point at which it stands, plus one; 0 if it is not in code.
    pub(super) const POINT: usize = 0;
    /// Two bytes: how much of its stack lies beneath the registers of its innermost frame.
    pub(super) const STACK: usize = 2;
    /// How often preemption is disabled.
    pub(super) const PREEMPT: usize = 4;
    /// How often bottom halves are disabled.
    pub(super) const BH: usize = 5;
    /// See `flag`.
    pub(super) const FLAGS: usize = 6;
    /// How many locks it holds.
    pub(super) const HELD: usize = 7;
}

/// Bits of a context's flags.
mod flag {
    /// It has ended.
    pub(super) const ENDED: u8 = 1;
    /// It was ended by an oops, or left locks behind: whoever waits for it is explained by that.
    pub(super) const DIED: u8 = 2;
    /// It has interrupts off.
    pub(super) const IRQ_OFF: u8 = 4;
    /// A kernel thread that was created and never woken.
    pub(super) const NEW: u8 = 8;
    /// A kernel thread that is asked to stop.
    pub(super) const SHOULD_STOP: u8 = 16;
    /// A signal is pending.
    pub(super) const SIGNAL: u8 = 32;
    /// It stands before a lock of readers and writers, and waits for it as a writer.
    pub(super) const QUEUED: u8 = 64;
    /// It was ended by an oops, so that it did not do all that it was to do.
    pub(super) const KILLED: u8 = 128;
    /// Of a module's init function: it has failed, and the module is gone.
    pub(super) const UNLOADED: u8 = SHOULD_STOP;
}

/// Offsets in a task's extra bytes.
mod extra {
    /// A [`crate::program::TaskState`].
    pub(super) const STATE: usize = 0;
    /// Its place in the queue of the semaphore that it waits for; 0 if it is in none.
    pub(super) const QUEUE: usize = 1;
    /// Signals that have arrived, and whether one that is pending is fatal.
    pub(super) const SIGNALS: usize = 2;
    /// A kernel thread gets no signals. Of one that code of the scenario made: how many others hold a reference to it (`get_task_struct()`).
    pub(super) const REFERENCES: usize = 2;
    /// The CPU that it was bound to, plus one.
    pub(super) const BOUND: usize = 3;
    /// Four bytes: a kernel thread's result, once it has ended.
    pub(super) const RESULT: usize = 4;
    /// Before that: whether it is to park, and has.
    pub(super) const PARKING: usize = 4;
}

/// Whether a scenario has tasks of the rig alone: no interrupts, no kernel threads.
fn only_tasks(layout: &Layout) -> bool {
    layout.contexts.iter().all(|c| c.is_task() && !c.is_kthread())
}

impl Machine {
    /// A machine for a program.
    pub fn new(program: Arc<Program>, options: MachineOptions) -> Self {
        Self::with_room(program, options, Room::default())
    }

    fn with_room(program: Arc<Program>, options: MachineOptions, room: Room) -> Self {
        let visibility = |preemption| Visibility {
            preemption,
            softirqs: layout::uses_softirqs(&program),
            rcu: rcu::waits(&program),
            irq_threads: layout::uses_irq_threads(&program),
            clock: program.asks_time(),
            migration: migrate::wanders(&program),
            allocation: program.config.bounds.failed_allocations > 0,
            voluntary: program.config.preemption == Preemption::Voluntary,
            unloading: module::exit_functions(&program).next().is_some(),
            everything: !options.fuse,
        };
        let signals = program.contexts.iter().any(|c| c.signals > 0);
        // Whether preemption can be noticed depends on how many tasks there may be, which the layout knows; and the layout needs the code.
        let mut code = Code::new(&program, visibility(true), signals);
        let keeps_held = options.lockdep || rwlock::uses(&program);
        let mut layout = Layout::new(&program, &code, &room, keeps_held);
        let shared = cpu::shared(&program, &layout);
        if !shared.contains(&true) {
            code = Code::new(&program, visibility(false), signals);
            layout = Layout::new(&program, &code, &room, keeps_held);
        }
        let is = |kind| move |(_, c): &(usize, &layout::Context)| c.kind == kind;
        let of = |kind| layout.contexts.iter().enumerate().filter(is(kind)).map(|(i, _)| i as u8).collect::<Vec<_>>();
        let inits = of(ContextKind::Init);
        let setup = [inits.clone(), of(ContextKind::ModuleInit)].concat();
        let endless = layout.contexts.iter().enumerate().filter_map(|(i, c)| {
            let endless = c.entry.is_some_and(|entry| code.routines[entry as usize].endless);
            endless.then_some(1 << i)
        });
        let endless = endless.sum();
        let time_leaps = clock::leaps(&program);
        let points = race::facts(&program, &code, &layout);
        let fixed = race::fixed(&code, &points);
        let blocks = blocks::blocks(&code);
        let candidates = cpu::candidates(&program, &layout);
        let lines = (0..layout.contexts.len() as u8).filter(|c| layout.contexts[*c as usize].is_line()).collect();
        let rt = program.config.preemption == Preemption::Rt;
        let may_sleep = |call| task::sleeps(call) || (rt && task::sleeps_if_rt(call));
        let sleeps = points.iter().any(|point| point.call.is_some_and(may_sleep));
        let simple = only_tasks(&layout);
        let defers = |c: &layout::Context| c.is_softirq() || c.is_hrtimer() || c.is_irq_work() || c.worker.is_some();
        let registered = layout.contexts.iter().any(|c| c.line.is_some() && c.entry.is_none());
        let deferred = registered || layout.contexts.iter().any(|c| defers(c) || c.origin == layout::Origin::Clock);
        // One that may run elsewhere too may just be running there.
        let bound = |task: &u8| layout.contexts[*task as usize].cpu.is_some();
        let only = |c: &Vec<u8>| c.first().copied().filter(|task| simple && c.len() == 1 && bound(task));
        let lone = candidates.iter().map(only).collect();
        let inits = inits.len() as u8;
        let init_sites = lockdep::init_sites(&program);
        let modules = module::Modules::new(&program, &layout);
        let ranked = priority::uses(&program, &layout);
        Self {
            init_sites,
            lockdep: options.lockdep,
            keeps_held,
            accesses: options.accesses,
            program,
            code,
            room,
            layout,
            points,
            fixed,
            blocks,
            shared,
            candidates,
            lone,
            lines,
            sleeps,
            deferred,
            ranked,
            modules,
            setup,
            inits,
            endless,
            time_leaps,
        }
    }

    /// A machine with more room for what the last search outgrew.
    #[must_use]
    pub fn grow(&self, growth: Growth, options: MachineOptions) -> Self {
        let mut room = self.room.clone();
        room.grow(growth, &self.layout);
        Self::with_room(self.program.clone(), options, room)
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The names of its contexts, in order: those that the rig declares, then the kernel threads that may be created.
    pub fn context_names(&self) -> impl Iterator<Item = &str> {
        self.layout.contexts.iter().map(|c| c.name.as_str())
    }

    /// Whether a context is an interrupt: a line, or an NMI.
    pub fn is_line(&self, context: u8) -> bool {
        self.layout.contexts[context as usize].is_line()
    }

    /// Whether a context serves softirqs.
    pub fn is_softirq(&self, context: u8) -> bool {
        self.layout.contexts[context as usize].is_softirq()
    }

    /// Whether a context is a task.
    pub fn is_task(&self, context: u8) -> bool {
        self.layout.contexts[context as usize].is_task()
    }

    /// The bytes of a static object in a state; empty for a read-only one.
    pub fn static_bytes<'s>(&self, state: &'s [u8], object: u32) -> &'s [u8] {
        match self.layout.statics[object as usize] {
            layout::CONSTANT => &[],
            at => &state[at..at + self.program.objects[object as usize].size as usize],
        }
    }

    /// The point at which a context stands.
    fn point(&self, s: &[u8], context: usize) -> Option<PointId> {
        get16(s, self.layout.contexts[context].header + header::POINT).checked_sub(1)
    }

    fn flags(&self, s: &[u8], context: usize) -> u8 {
        s[self.layout.contexts[context].header + header::FLAGS]
    }

    /// Whether a panic has stopped the machine in a state.
    pub fn stopped(&self, s: &[u8]) -> bool {
        s[self.layout.globals + global::STOPPED] != 0
    }

    fn setup_done(&self, s: &[u8]) -> u8 {
        s[self.layout.globals + global::SETUP_DONE]
    }

    /// The kernel call that a context is about to make.
    fn next_call(&self, s: &[u8], context: usize) -> Option<KernelCall> {
        let point = &self.code.points[self.point(s, context)? as usize];
        match &self.code.routines[point.function as usize].code[point.inst as usize] {
            Inst::Kernel { call, .. } => Some(*call),
            _ => None,
        }
    }
}

impl Model for Machine {
    fn state_len(&self) -> usize {
        self.layout.len
    }

    fn initial<O: Observer>(&self, state: &mut [u8], observer: &mut O) -> Result<(), Outgrown> {
        for (id, object) in self.program.objects.iter().enumerate() {
            let at = self.layout.statics[id];
            if at != layout::CONSTANT {
                state[at..at + object.init.len()].copy_from_slice(&object.init);
            }
        }
        self.force_declared(state);
        self.start_declared(state, observer)
    }

    fn choices(&self, state: &[u8], choices: &mut Vec<Choice>) {
        self.list_choices(state, choices);
    }

    fn step<O: Observer>(&self, state: &mut [u8], choice: Choice, observer: &mut O) -> Result<(), Outgrown> {
        let context = choice.context as usize;
        let (decl, idle) = (&self.layout.contexts[context], self.point(state, context).is_none());
        let gives_up = self.gives_up_cpu(state, context);
        if self.deferred && idle && decl.is_hrtimer() {
            self.hrtimer_interrupt(state, choice, observer)?;
        } else if self.deferred && idle && decl.is_irq_work() {
            self.irq_work_runs(state, choice, observer)?;
        } else if idle && decl.is_nmi() {
            self.nmi_comes(state, choice, observer)?;
        } else if idle && decl.is_line() {
            self.arrive(state, choice, observer)?;
        } else if self.deferred && idle && decl.is_softirq() {
            self.softirq_step(state, choice, observer)?;
            if self.is_rt() {
                self.settle_owner(state, choice.cpu as usize, context, false);
            }
        } else if self.deferred && self.is_clock(context) {
            self.falls_due(state, choice, observer).map_err(Outgrown)?;
        } else if self.deferred && idle && self.is_idle_worker(state, context) {
            self.work_begins(state, choice, observer)?;
        } else if self.deferred && idle && self.is_irq_thread(context) {
            self.irq_thread_runs(state, choice, observer)?;
        } else if self.module_stays(state, context) {
            self.module_goes(state, choice, observer);
        } else {
            Run::resume(self, state, choice, observer)?;
        }
        if self.sleeps {
            self.let_sleepers_go(state);
        }
        if !self.workers().is_empty() {
            self.check_workers(state, observer)?;
        }
        self.readers_leave(state, Some(context).filter(|_| gives_up));
        Ok(())
    }

    fn inspect<O: Observer>(&self, state: &[u8], observer: &mut O) {
        if self.stopped(state) {
            return;
        }
        self.races(state, observer);
        if self.setup_done(state) >= self.inits {
            for (index, claim) in self.program.claims.invariants.iter().enumerate() {
                if !self.holds(state, claim) {
                    observer.symptom(Symptom { kind: Kind::Invariant, at: Vec::new(), detail: index as u32 });
                }
            }
        }
        if self.finished(state) == self.contexts() && self.quiet(state) {
            self.inspect_final(state, observer);
        }
    }

    fn finished(&self, state: &[u8]) -> u64 {
        if self.stopped(state) {
            return self.contexts();
        }
        let mut mask = 0;
        for (id, context) in self.layout.contexts.iter().enumerate() {
            let ended = state[context.header + header::FLAGS] & (flag::ENDED | flag::NEW) != 0;
            let idle = || get16(state, context.header + header::POINT) == 0;
            let rests = || !context.is_task() || context.is_kthread();
            let done = ended
                || self.module_in_use(state, id)
                || (idle() && rests() && !(self.deferred && self.serves(state, id)));
            mask |= u64::from(done) << id;
        }
        if !self.workers().is_empty() {
            mask = self.finished_work(state, mask);
        }
        mask
    }

    fn contexts(&self) -> u64 {
        (1u64 << self.layout.contexts.len()).wrapping_sub(1)
    }

    fn endless(&self) -> u64 {
        self.endless
    }

    fn stuck<O: Observer>(&self, state: &[u8], stuck: u64, observer: &mut O) -> u64 {
        self.report_stuck(state, stuck, observer)
    }

    fn knots(&self, state: &[u8], still: u64, tell: &mut impl FnMut(Knot)) {
        self.find_knots(state, still, tell);
    }

    fn spinning<O: Observer>(&self, state: &[u8], context: u8, fair: bool, observer: &mut O) {
        self.report_spinning(state, context as usize, fair, observer);
    }
}

impl Machine {
    /// Claims about the end of an execution, and what nobody can free any more. What an oops has cut short leaves undone what would make the claims true and
    /// free the memory: the oops explains that.
    fn inspect_final<O: Observer>(&self, state: &[u8], observer: &mut O) {
        let cut_short = (0..self.layout.contexts.len()).any(|context| self.flags(state, context) & flag::KILLED != 0);
        for (index, claim) in self.program.claims.finally.iter().enumerate() {
            if !cut_short && !self.holds(state, claim) {
                observer.symptom(Symptom { kind: Kind::FinalState, at: Vec::new(), detail: index as u32 });
            }
        }
        for (index, claim) in self.program.claims.reachable.iter().enumerate() {
            if self.holds(state, claim) {
                observer.reached(index as u32);
            }
        }
        let leaked = if cut_short { Vec::new() } else { self.leaked(state) };
        for site in leaked {
            observer.symptom(Symptom { kind: Kind::MemoryLeak, at: Vec::new(), detail: site });
        }
    }
}
