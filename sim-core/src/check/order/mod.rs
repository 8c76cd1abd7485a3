//! Conflicting accesses that nothing orders, in one execution: `unordered_access`.
//!
//! The machine is sequentially consistent, so what is published without a barrier never misleads it. The kernel's memory model promises less
//! (`tools/memory-model/Documentation/explanation.txt`, "Plain accesses and data races"): of two conflicting accesses, one of them plain, one must happen before the
//! other. Here that is computed as for race detectors, with vector clocks, and with what the kernel's barriers add to them:
//!
//! | what | orders |
//! |---|---|
//! | a lock, semaphore, completion | what came before it was given up, and what comes after it is taken |
//! | `smp_store_release`, and a write that is marked after `smp_wmb` or `smp_mb` | what came before it (or the barrier), and who reads it with `smp_load_acquire`, |
//! | | or marked and then `smp_rmb` or `smp_mb`, or marked, for accesses to what it points to and for writes (dependencies) |
//! | value-returning atomics | both, as their names say |
//! | any other call into the kernel | everything that any context did before such calls, and before its end |
//! | the beginning of a handler, softirq, kernel thread, work item | what came before such calls; of a task of the rig, set-up |
//! | one CPU | what ran on it before |
//!
//! Invariant: where the model is finer than that, more is taken to be ordered than is. What is reported is unordered; not all that is unordered is reported.

mod clock;
mod depends;
mod through;

use crate::finding::Kind;
use crate::machine::{Machine, Operation};
use crate::model::{Bound, Choice, CodePlace, Model, Observer, Outgrown, Symptom};
use crate::program::{ContextKind, Fence, Inst, KernelCall, Mark, Order, Program};
use crate::search::{Found, Outcome, Shows};
use clock::Clock;
use depends::Dependencies;
use std::collections::{BTreeMap, BTreeSet};
use through::{Through, through};

/// Two conflicting accesses that nothing orders.
#[derive(Clone, Debug)]
pub(super) struct Unordered {
    /// In the order in which they were made.
    pub(super) sides: [Side; 2],
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    /// Who.
    pub(super) context: usize,
    /// Where it shows.
    pub(super) at: CodePlace,
    /// The byte that both touch.
    pub(super) address: u64,
    /// It writes.
    pub(super) writes: bool,
    /// It is plain C.
    pub(super) plain: bool,
    /// In which step, from 0.
    pub(super) step: usize,
}

impl Unordered {
    /// The places, in ascending order.
    pub(super) fn places(&self) -> Vec<CodePlace> {
        let mut places: Vec<CodePlace> = self.sides.iter().map(|side| side.at).collect();
        places.sort_unstable();
        places
    }
}

/// Looks for unordered accesses in executions of one program.
#[derive(Debug)]
pub(super) struct Orderer<'m> {
    machine: &'m Machine,
    depends: Dependencies,
}

/// Whether a program relies on anything but locks and calls into the kernel to order its accesses. If not, what is unordered is a data race, which every search finds.
pub(super) fn is_at_stake(program: &Program) -> bool {
    let marked = |inst: &Inst| match inst {
        Inst::Load { access, .. } | Inst::Store { access, .. } => {
            !access.private && !matches!(access.mark, Mark::Plain | Mark::Racy)
        }
        Inst::Atomic { .. } => true,
        _ => false,
    };
    program.functions.iter().any(|function| function.code.iter().any(marked))
}

/// Whether unordered accesses are looked for in what a search found. Where there are data races, they come first: what is not even marked says nothing about what
/// its author meant to be ordered by it.
pub(super) fn is_asked(machine: &Machine, outcome: &Outcome) -> bool {
    let races = outcome.found.iter().any(|found| found.symptom.kind == Kind::DataRace);
    !races && !outcome.paths.is_empty() && is_at_stake(machine.program())
}

/// The unordered accesses of the executions that a search kept, each with the shortest of those that show it.
pub(super) fn unordered(machine: &Machine, outcome: &Outcome) -> Result<Vec<Found>, Outgrown> {
    if !is_asked(machine, outcome) {
        return Ok(Vec::new());
    }
    let orderer = Orderer::new(machine);
    let mut shortest: BTreeMap<Symptom, Found> = BTreeMap::new();
    for path in &outcome.paths {
        for found in orderer.found(path)? {
            let known = shortest.get(&found.symptom);
            if known.is_none_or(|known| found.schedule.len() < known.schedule.len()) {
                shortest.insert(found.symptom.clone(), found);
            }
        }
    }
    let mut all: Vec<Found> = shortest.into_values().collect();
    all.sort_by_key(|found| found.schedule.len());
    Ok(all)
}

impl<'m> Orderer<'m> {
    pub(super) fn new(machine: &'m Machine) -> Self {
        Self { machine, depends: Dependencies::of(machine.program()) }
    }

    /// The unordered accesses of an execution, each as a problem that the last step of a part of it shows.
    ///
    /// # Errors
    /// The machine's layout is too small.
    pub(super) fn found(&self, schedule: &[Choice]) -> Result<Vec<Found>, Outgrown> {
        let found = |pair: &Unordered| Found {
            symptom: Symptom { kind: Kind::UnorderedAccess, at: pair.places(), detail: 0 },
            shows: Shows::Step,
            schedule: schedule[..=pair.sides[1].step].to_vec(),
            round: Vec::new(),
            shortest: false,
        };
        Ok(self.in_execution(schedule)?.iter().map(found).collect())
    }

    /// The unordered accesses of an execution, each pair of places once, where it is met first.
    ///
    /// # Errors
    /// The machine's layout is too small.
    pub(super) fn in_execution(&self, schedule: &[Choice]) -> Result<Vec<Unordered>, Outgrown> {
        let mut state = vec![0; self.machine.state_len()];
        let mut order = Execution::new(self);
        self.machine.initial(&mut state, &mut order)?;
        for (step, choice) in schedule.iter().enumerate() {
            order.step = step;
            order.comes_on(usize::from(choice.context), usize::from(choice.cpu));
            self.machine.step(&mut state, *choice, &mut order)?;
            if self.machine.stack_of(&state, choice.context).is_empty() {
                order.ends(usize::from(choice.context));
            }
        }
        Ok(order.found)
    }
}

/// What one context knows.
#[derive(Clone, Debug, Default)]
struct Knows {
    /// What came before.
    now: Clock,
    /// Its own time at its last write barrier: what a marked write after it publishes.
    fenced: u32,
    /// What marked reads brought that is ordered before dependent accesses only, by read.
    seen: BTreeMap<CodePlace, Clock>,
    /// It is in the middle of running.
    running: bool,
}

impl Knows {
    /// All that came before, as far as anything at all is ordered by it.
    fn all(&self) -> Clock {
        let mut all = self.now.clone();
        self.seen.values().for_each(|clock| all.join(clock));
        all
    }

    /// What was read so far comes before everything from now on.
    fn settle(&mut self) {
        self.now = self.all();
        self.seen.clear();
    }
}

/// What the releases of a lock publish.
#[derive(Clone, Debug, Default)]
struct Released {
    by_writers: Clock,
    by_readers: Clock,
}

/// An access, for those to come.
#[derive(Clone, Copy, Debug)]
struct Past {
    side: Side,
    time: u32,
}

/// An execution under way.
struct Execution<'a> {
    orderer: &'a Orderer<'a>,
    contexts: Vec<Knows>,
    /// For each CPU, who ran on it last.
    last: Vec<Option<usize>>,
    locks: BTreeMap<u64, Released>,
    /// What marked writes publish.
    written: BTreeMap<u64, Clock>,
    /// What calls into the kernel publish.
    kernel: Clock,
    /// What contexts did that have ended, set-up among them.
    ended: Clock,
    set_up: Clock,
    /// For each byte, the last accesses to it, of each context and kind.
    past: BTreeMap<u64, Vec<Past>>,
    step: usize,
    found: Vec<Unordered>,
    known: BTreeSet<Vec<CodePlace>>,
}

impl<'a> Execution<'a> {
    fn new(orderer: &'a Orderer<'a>) -> Self {
        let contexts = vec![Knows::default(); orderer.machine.context_names().count()];
        let last = vec![None; usize::from(orderer.machine.program().config.cpus)];
        Self {
            orderer,
            contexts,
            last,
            locks: BTreeMap::new(),
            written: BTreeMap::new(),
            kernel: Clock::default(),
            ended: Clock::default(),
            set_up: Clock::default(),
            past: BTreeMap::new(),
            step: 0,
            found: Vec::new(),
            known: BTreeSet::new(),
        }
    }

    /// A context takes a step on a CPU.
    fn comes_on(&mut self, context: usize, cpu: usize) {
        if let Some(last) = self.last[cpu].replace(context).filter(|last| *last != context) {
            let before = self.contexts[last].all();
            self.contexts[context].now.join(&before);
        }
        if !std::mem::replace(&mut self.contexts[context].running, true) {
            self.contexts[context].now.join(&self.set_up);
            if !self.orderer.machine.is_declared(context) {
                self.contexts[context].now.join(&self.kernel);
            }
            if self.orderer.machine.kind_of(context) == ContextKind::Softirq {
                // It may run RCU's callbacks, which come after all readers that were there when they were queued.
                self.after_everybody(context);
            }
        }
    }

    fn ends(&mut self, context: usize) {
        self.contexts[context].running = false;
        let all = self.contexts[context].all();
        if self.orderer.machine.kind_of(context).is_setup() {
            self.set_up.join(&all);
        }
        self.ended.join(&all);
        self.tick(context);
    }

    fn after_everybody(&mut self, context: usize) {
        let everybody = self.contexts.iter().map(Knows::all).fold(Clock::default(), |mut all, one| {
            all.join(&one);
            all
        });
        self.contexts[context].now.join(&everybody);
    }

    /// What the context does from now on is later than what was published.
    fn tick(&mut self, context: usize) {
        let now = &mut self.contexts[context].now;
        now.set(context, now.get(context) + 1);
    }

    /// The accesses of an operation: address, length, whether it writes; what is read before what is written.
    fn accesses(operation: &Operation<'_>) -> Vec<(u64, u64, bool)> {
        let [a, b, c] = operation.operands;
        match operation.inst {
            Inst::Load { access, .. } => vec![(a, access.ty.size.into(), false)],
            Inst::Store { access, .. } => vec![(a, access.ty.size.into(), true)],
            Inst::Atomic { ty, .. } => vec![(a, ty.size.into(), true)],
            Inst::CopyMemory { .. } => vec![(b, c, false), (a, c, true)],
            Inst::SetMemory { .. } => vec![(a, c, true)],
            Inst::Kernel { call: KernelCall::CopyToUser, .. } => vec![(b, c, false)],
            Inst::Kernel { call: KernelCall::CopyFromUser, .. } => vec![(a, c, true)],
            _ => Vec::new(),
        }
    }

    /// Compares an access with those before it, and remembers it.
    fn access(&mut self, operation: &Operation<'_>, (address, len, writes): (u64, u64, bool), plain: bool) {
        let context = operation.context;
        let before = self.ordered_before(operation, writes);
        let time = self.contexts[context].now.get(context);
        for address in address..address.saturating_add(len) {
            let side = Side { context, at: operation.shown, address, writes, plain, step: self.step };
            let past = self.past.entry(address).or_default();
            let unordered = past.iter().find(|past| {
                let conflicts =
                    past.side.context != context && (past.side.writes || writes) && (past.side.plain || plain);
                conflicts && before.get(past.side.context) < past.time
            });
            if let Some(first) = unordered {
                let pair = Unordered { sides: [first.side, side] };
                if self.known.insert(pair.places()) {
                    self.found.push(pair);
                }
            }
            past.retain(|past| (past.side.context, past.side.writes, past.side.plain) != (context, writes, plain));
            past.push(Past { side, time });
        }
    }

    /// What came before an access: with what dependencies add.
    fn ordered_before(&self, operation: &Operation<'_>, writes: bool) -> Clock {
        let knows = &self.contexts[operation.context];
        let sources = self.orderer.depends.of_address(operation.at, !writes);
        // A write comes after the reads that decide whether it is made.
        if writes || sources.any {
            return knows.all();
        }
        let seen = sources.reads.iter().filter_map(|read| knows.seen.get(read));
        seen.fold(knows.now.clone(), |mut before, clock| {
            before.join(clock);
            before
        })
    }

    /// A marked read.
    fn reads(&mut self, context: usize, at: CodePlace, address: u64, acquires: bool) {
        let Some(published) = self.written.get(&address) else { return };
        let knows = &mut self.contexts[context];
        if acquires {
            knows.now.join(published);
        } else {
            knows.seen.entry(at).or_default().join(published);
        }
    }

    /// What a context reads of what it wrote itself may be any value that it had read before, and carries what that brought.
    fn own_value(&mut self, operation: &Operation<'_>) {
        let Inst::Load { .. } = operation.inst else { return };
        let written = self.past.get(&operation.operands[0]).into_iter().flatten();
        let last = written.filter(|past| past.side.writes).max_by_key(|past| past.side.step);
        if last.is_some_and(|past| past.side.context == operation.context) {
            let all = self.contexts[operation.context].all();
            self.contexts[operation.context].seen.entry(operation.at).or_default().join(&all);
        }
    }

    /// A marked write.
    fn publishes(&mut self, context: usize, address: u64, releases: bool, goes_on: bool) {
        let knows = &self.contexts[context];
        let mut clock = knows.all();
        if !releases {
            clock.set(context, knows.fenced);
        }
        let written = self.written.entry(address).or_default();
        if !goes_on {
            *written = Clock::default();
        }
        written.join(&clock);
    }

    fn fence(&mut self, context: usize, fence: Fence) {
        let knows = &mut self.contexts[context];
        if matches!(fence, Fence::Read | Fence::Full) {
            knows.settle();
        }
        if matches!(fence, Fence::Write | Fence::Full) {
            knows.fenced = knows.now.get(context);
        }
    }

    fn kernel(&mut self, context: usize, call: KernelCall, [object, ..]: [u64; 3]) {
        match through(call) {
            Through::Nothing => {}
            Through::Fence(fence) => self.fence(context, fence),
            Through::Taken { shared } => {
                self.fence(context, Fence::Read);
                if let Some(released) = self.locks.get(&object) {
                    self.contexts[context].now.join(&released.by_writers);
                    if !shared {
                        self.contexts[context].now.join(&released.by_readers);
                    }
                }
            }
            Through::Given { shared } => {
                let all = self.contexts[context].all();
                let released = self.locks.entry(object).or_default();
                if shared { &mut released.by_readers } else { &mut released.by_writers }.join(&all);
            }
            Through::Object => {
                self.fence(context, Fence::Full);
                let released = self.locks.entry(object).or_default();
                released.by_writers.join(&self.contexts[context].now);
                self.contexts[context].now.join(&released.by_writers);
            }
            Through::Reads => self.contexts[context].now.join(&self.kernel),
            Through::Kernel { waits_for_readers } => {
                self.fence(context, Fence::Full);
                self.kernel.join(&self.contexts[context].now);
                self.contexts[context].now.join(&self.kernel);
                self.contexts[context].now.join(&self.ended);
                if waits_for_readers {
                    self.after_everybody(context);
                }
            }
        }
    }
}

impl Observer for Execution<'_> {
    const OPERATIONS: bool = true;
    fn symptom(&mut self, _: Symptom) {}
    fn bound(&mut self, _: Bound) {}
    fn reached(&mut self, _: u32) {}

    fn operation(&mut self, operation: &Operation<'_>) {
        let context = operation.context;
        let address = operation.operands[0];
        self.tick(context);
        let (mark, order) = match operation.inst {
            Inst::Load { access, .. } | Inst::Store { access, .. } => (access.mark, Order::Relaxed),
            Inst::Atomic { order, .. } => (Mark::Once, *order),
            _ => (Mark::Plain, Order::Relaxed),
        };
        let acquires = mark == Mark::Acquire || matches!(order, Order::Acquire | Order::Full);
        let releases = mark == Mark::Release || matches!(order, Order::Release | Order::Full);
        if order == Order::Full {
            self.fence(context, Fence::Full);
        }
        // Whose copy it is, only the machine knows; other CPUs have no business with it.
        if mark == Mark::ThisCpu || order == Order::ThisCpu {
            return;
        }
        let marked = !matches!(mark, Mark::Plain | Mark::Racy);
        if marked && matches!(operation.inst, Inst::Load { .. } | Inst::Atomic { .. }) {
            self.reads(context, operation.at, address, acquires);
        }
        if mark != Mark::Racy {
            let plain = !marked && !operation.atomic_section;
            self.own_value(operation);
            Self::accesses(operation).into_iter().for_each(|access| self.access(operation, access, plain));
        }
        if marked && matches!(operation.inst, Inst::Store { .. } | Inst::Atomic { .. }) {
            self.publishes(context, address, releases, matches!(operation.inst, Inst::Atomic { .. }));
        }
        if order == Order::Full {
            self.fence(context, Fence::Full);
        }
        if let Inst::Kernel { call, .. } = operation.inst {
            self.kernel(context, *call, operation.operands);
        }
    }
}
