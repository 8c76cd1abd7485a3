//! RCU: who reads, and who waits for those who did. After `kernel/rcu/tree.c`, `kernel/rcu/tree_plugin.h` and, for Tasks RCU, `kernel/rcu/tasks.h`.
//!
//! A grace period is the set of the readers that were there when it began: when the last of them has left, it may end. Each who waits has such a set of its own. The
//! kernel lets many share a grace period; as how late one ends is open, nobody can tell the difference.
//!
//! For each context two bytes: how deep it is in `rcu_read_lock()`, and in sections of SRCU; where something waits, also the readers that it waits for, a bit for each
//! context. Then the callbacks that were queued, by CPU and in the order in which they were: where the `rcu_head` stands (4); whose readers (4), see [`Machine::domain_of`];
//! the CPU, and whether it runs (1); the readers that it waits for; who waits for it in `rcu_barrier()`. A `rcu_head` holds what to take away from its address for
//! the callback's argument (at 4) and the callback (at 8).
//!
//! Invariant: a bit of a set is clear once its context has been outside every section since the set was made.

use super::bytes::{get, get32, set, set32};
use super::event::What;
use super::kernel::ORDINARY;
use super::layout::every_call;
use super::lock::Given;
use super::memory::Target;
use super::rcu_poll::PollLayout;
use super::{Machine, Run, header};
use crate::finding::Kind;
use crate::model::{Choice, Growth, Observer, Outgrown};
use crate::program::{KernelCall, Program, Readers, Scalar, Section, pointer};
use std::ops::Range;

/// The bytes of a `rcu_head`, and what stands where.
const HEAD_SIZE: u32 = 16;
const OFFSET: usize = 4;
const FUNCTION: usize = 8;
/// Of a queued callback.
pub(super) const DOMAIN: usize = 4;
const PLACE: usize = 8;
const SETS: usize = 9;
/// Beside the CPU: it runs.
const RUNS: u8 = 0x80;

/// Whose readers are meant: those of RCU, of Tasks RCU, of Tasks Rude RCU; any other number is where a `srcu_struct` stands.
const RCU: usize = 0;
const TASKS: usize = 1;
const RUDE: usize = 2;

/// Contexts, as bits; above them the sections of SRCU that are nobody's.
pub(super) type Set = u128;

/// Where all this is in a state.
#[derive(Debug, Clone)]
pub(crate) struct RcuLayout {
    pub(super) depths: usize,
    /// Where anything waits.
    waits: Option<usize>,
    callbacks: usize,
    /// How many callbacks there is room for.
    pub(super) room: usize,
    /// The bytes of a set of contexts.
    pub(super) width: usize,
    /// Somebody waits for tasks to give their CPUs up.
    tasks: bool,
    /// The grace periods that are asked for.
    pub(super) polls: PollLayout,
}

impl RcuLayout {
    /// Makes room, if a program has to do with RCU.
    pub(super) fn new(
        program: &Program,
        contexts: usize,
        [room, polls]: [usize; 2],
        take: &mut impl FnMut(usize) -> usize,
    ) -> Option<Self> {
        if !uses(program, |_| true) {
            return None;
        }
        let nobodys =
            if uses(program, |call| call == KernelCall::SrcuReadLock { how: Section::Nobodys }) { 2 } else { 0 };
        let width = (contexts + nobodys).div_ceil(8);
        let waits = waits(program).then(|| take(contexts * width));
        let room = if uses(program, queues) { room.max(1) } else { 0 };
        let callbacks = take(room * (SETS + 2 * width));
        let depths = take(2 * contexts);
        let tasks = uses(program, |call| readers_of(call) == Some(Readers::Tasks));
        let asks = uses(program, |call| matches!(call, KernelCall::GpState { .. }));
        let polls = PollLayout::new(if asks { polls.max(1) } else { 0 }, width, take);
        Some(Self { depths, waits, callbacks, room, width, tasks, polls })
    }

    fn callback_size(&self) -> usize {
        SETS + 2 * self.width
    }

    pub(super) fn set(&self, s: &[u8], at: usize) -> Set {
        s[at..at + self.width].iter().rev().fold(0, |set, byte| set << 8 | Set::from(*byte))
    }

    pub(super) fn put(&self, s: &mut [u8], at: usize, set: Set) {
        s[at..at + self.width].copy_from_slice(&set.to_le_bytes()[..self.width]);
    }
}

/// Whether a program makes a call that has to do with RCU.
fn uses(program: &Program, which: impl Fn(KernelCall) -> bool) -> bool {
    every_call(program).any(|call| concerns(call) && which(call))
}

fn concerns(call: KernelCall) -> bool {
    matches!(
        call,
        KernelCall::RcuReadLock
            | KernelCall::RcuReadUnlock
            | KernelCall::SrcuInit
            | KernelCall::SrcuCleanup
            | KernelCall::SrcuReadLock { .. }
            | KernelCall::SrcuReadUnlock { .. }
            | KernelCall::GpBegin { .. }
            | KernelCall::GpWait { .. }
            | KernelCall::CallRcu { .. }
            | KernelCall::BarrierBegin { .. }
            | KernelCall::BarrierWait
            | KernelCall::GpState { .. }
            | KernelCall::GpPoll
    )
}

/// Whose readers a call is to wait for, if it is that it begins with.
fn readers_of(call: KernelCall) -> Option<Readers> {
    match call {
        KernelCall::GpBegin { of } | KernelCall::CallRcu { of } | KernelCall::GpState { of } => Some(of),
        _ => None,
    }
}

fn queues(call: KernelCall) -> bool {
    matches!(call, KernelCall::CallRcu { .. })
}

/// Whether anything in a program waits for readers, so that where a section begins can be noticed.
pub(super) fn waits(program: &Program) -> bool {
    uses(program, |call| readers_of(call).is_some())
}

impl Machine {
    /// How deep a context is in `rcu_read_lock()`.
    pub(super) fn rcu_depth(&self, s: &[u8], context: usize) -> u8 {
        self.layout.rcu.as_ref().map_or(0, |rcu| s[rcu.depths + 2 * context])
    }

    /// How many sections of SRCU a context is in.
    pub(super) fn srcu_depth(&self, s: &[u8], context: usize) -> u8 {
        self.layout.rcu.as_ref().map_or(0, |rcu| s[rcu.depths + 2 * context + 1])
    }

    /// Whether a grace period of RCU that begins now waits for a context: it is in `rcu_read_lock()`, on a preemptible kernel; or it has its CPU and does not give it away, with preemption,
    /// bottom halves or interrupts off, or on a kernel that is not preemptible.
    fn reads(&self, s: &[u8], context: usize) -> bool {
        if !self.layout.contexts[context].is_task() {
            return self.point(s, context).is_some();
        }
        (self.program.config.preemption.preempts() && self.rcu_depth(s, context) > 0)
            || self.reads_by_bh(s, context)
            || self.keeps_cpu(s, context)
    }

    /// Whether a context has its CPU and does not give it away: what Tasks Rude RCU waits for (`schedule_on_each_cpu()`).
    fn keeps_cpu(&self, s: &[u8], context: usize) -> bool {
        if !self.layout.contexts[context].is_task() {
            return self.point(s, context).is_some();
        }
        let full = self.program.config.preemption.preempts();
        (!full || !self.preemptible(s, context)) && (0..self.cpus()).any(|cpu| self.owner(s, cpu) == Some(context))
    }

    /// Whether a task has not given its CPU up of its own accord yet, as far as a state shows it (`rcu_tasks_is_holdout()`): it is in code, and not asleep.
    fn holds_out(&self, s: &[u8], context: usize) -> bool {
        let waits = || matches!(self.next_call(s, context), Some(KernelCall::GpWait { .. } | KernelCall::BarrierWait));
        let sleeps = || self.asleep(s, context) && (waits() || self.outcomes(s, context) & ORDINARY == 0);
        self.layout.contexts[context].is_task() && self.begun(s, context) && !sleeps()
    }

    /// Whether the step that a context stands before gives its CPU up of its own accord, or counts as if (`rcu_tasks_qs()`); asked where it matters to somebody.
    pub(super) fn gives_up_cpu(&self, s: &[u8], context: usize) -> bool {
        self.layout.rcu.as_ref().is_some_and(|rcu| rcu.tasks)
            && matches!(
                self.next_call(s, context),
                Some(KernelCall::Schedule { .. } | KernelCall::Msleep | KernelCall::TasksQs)
            )
    }

    /// The readers of a domain.
    pub(super) fn rcu_readers(&self, s: &[u8], domain: usize) -> Set {
        let reads = |context: usize| match domain {
            RCU => self.reads(s, context),
            TASKS => self.reads(s, context) || self.holds_out(s, context),
            RUDE => self.keeps_cpu(s, context),
            at => Self::in_srcu(s, at, context),
        };
        let contexts = self.layout.contexts.len();
        let own = (0..contexts).fold(0, |set, context| set | Set::from(reads(context)) << context);
        if domain > RUDE { own | self.nobodys_sections(s, domain) << contexts } else { own }
    }

    /// Where the readers stand that a context waits for, if the program waits for any.
    fn waited(&self, context: usize) -> Option<usize> {
        let rcu = self.layout.rcu.as_ref()?;
        Some(rcu.waits? + context * rcu.width)
    }

    /// The callbacks that are queued or run, each where it stands.
    pub(super) fn callbacks(&self, s: &[u8]) -> impl Iterator<Item = usize> {
        let (from, size, room) =
            self.layout.rcu.as_ref().map_or((0, 1, 0), |r| (r.callbacks, r.callback_size(), r.room));
        (0..room).map(move |nth| from + nth * size).take_while(|at| get32(s, *at) != 0)
    }

    /// The domain of whom a call waits for whose first argument is this object. A kernel that is not preemptible has no Tasks RCU (`CONFIG_TASKS_RCU`): it takes RCU.
    fn domain_of(&self, of: Readers, srcu: Option<usize>) -> usize {
        match of {
            Readers::Rcu => RCU,
            Readers::Tasks if !self.program.config.preemption.preempts() => RCU,
            Readers::Tasks => TASKS,
            Readers::Rude => RUDE,
            Readers::Srcu => srcu.unwrap_or(RCU),
        }
    }

    /// After any step: who is outside every section is waited for no more. One of them may just have given its CPU up.
    pub(super) fn readers_leave(&self, s: &mut [u8], gave_up: Option<usize>) {
        let Some(rcu) = &self.layout.rcu else { return };
        let still = |s: &[u8], domain: usize| {
            let left = gave_up.filter(|_| domain == TASKS).map_or(0, |context| 1 << context);
            self.rcu_readers(s, domain) & !left
        };
        for context in 0..self.layout.contexts.len() {
            let Some(at) = self.waited(context) else { break };
            let set = rcu.set(s, at);
            if set != 0 {
                let of = match self.next_call(s, context) {
                    Some(KernelCall::GpWait { of }) => of,
                    _ => Readers::Rcu,
                };
                let srcu = Some(of).filter(|of| *of == Readers::Srcu).and_then(|_| self.next_object(s, context));
                rcu.put(s, at, set & still(s, self.domain_of(of, srcu)));
            }
        }
        let queued: Vec<usize> = self.callbacks(s).collect();
        let sets = queued.into_iter().map(|at| (at + SETS, get32(s, at + DOMAIN) as usize));
        for (at, domain) in sets.chain(self.polled(s)).collect::<Vec<_>>() {
            let set = rcu.set(s, at);
            if set != 0 {
                rcu.put(s, at, set & still(s, domain));
            }
        }
    }

    /// A grace period that a task waits for ends no earlier than the last of its readers has left.
    pub(super) fn may_end_gp(&self, s: &[u8], context: usize) -> u8 {
        if self.awaited(s, context) == 0 { ORDINARY } else { 0 }
    }

    fn awaited(&self, s: &[u8], context: usize) -> Set {
        let Some((rcu, at)) = self.layout.rcu.as_ref().zip(self.waited(context)) else { return 0 };
        rcu.set(s, at)
    }

    /// The contexts among those of a set.
    fn contexts_of(&self, set: Set) -> u64 {
        (set & ((1 << self.layout.contexts.len()) - 1)) as u64
    }

    /// The readers that a task waits for.
    pub(super) fn awaited_readers(&self, s: &[u8], context: usize) -> u64 {
        self.contexts_of(self.awaited(s, context))
    }

    /// `rcu_barrier()` waits until every callback that was queued before it has returned.
    pub(super) fn may_pass_barrier(&self, s: &[u8], context: usize) -> u8 {
        if self.awaited_callbacks(s, context).next().is_none() { ORDINARY } else { 0 }
    }

    fn awaited_callbacks(&self, s: &[u8], context: usize) -> impl Iterator<Item = usize> {
        let width = self.layout.rcu.as_ref().map_or(0, |rcu| rcu.width);
        let waits = move |at: &usize| s[*at + SETS + width + context / 8] >> (context % 8) & 1 != 0;
        self.callbacks(s).filter(waits)
    }

    /// Whom a task in `rcu_barrier()` waits for: the readers that keep callbacks from running, and the softirq that runs one.
    pub(super) fn awaited_by_barrier(&self, s: &[u8], context: usize) -> u64 {
        let Some(rcu) = &self.layout.rcu else { return 0 };
        let softirq = |cpu: u8| self.layout.softirq.as_ref().map_or(0, |softirq| 1 << softirq.contexts[cpu as usize]);
        self.awaited_callbacks(s, context).fold(0, |set, at| {
            let running = if s[at + PLACE] & RUNS != 0 { softirq(s[at + PLACE] & !RUNS) } else { 0 };
            set | self.contexts_of(rcu.set(s, at + SETS)) | running
        })
    }

    /// Whether a grace period waits for a context, one of RCU.
    pub(super) fn holds_up_gp(&self, s: &[u8], context: usize) -> bool {
        let Some(rcu) = &self.layout.rcu else { return false };
        let waits = (0..self.layout.contexts.len()).map(|c| self.awaited(s, c));
        waits.chain(self.callbacks(s).map(|at| rcu.set(s, at + SETS))).any(|set| set >> context & 1 != 0)
    }

    /// Whether there are callbacks that are bound to run yet.
    pub(super) fn callbacks_to_come(&self, s: &[u8]) -> bool {
        self.callbacks(s).next().is_some()
    }

    /// How many callbacks of a CPU could run now. Those that were queued first can first.
    pub(super) fn ready_callbacks(&self, s: &[u8], cpu: usize) -> usize {
        self.ready(s, cpu).count()
    }

    fn ready(&self, s: &[u8], cpu: usize) -> impl Iterator<Item = usize> {
        self.callbacks(s).filter(move |at| {
            let over = self.layout.rcu.as_ref().is_some_and(|rcu| rcu.set(s, *at + SETS) == 0);
            over && s[*at + PLACE] as usize == cpu
        })
    }

    /// The first callback of a CPU that can run begins. Gives where its `rcu_head` stands.
    pub(super) fn run_callback<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        o: &mut O,
    ) -> Option<(usize, Result<(), Outgrown>)> {
        let at = self.ready(s, choice.cpu as usize).next()?;
        s[at + PLACE] |= RUNS;
        let head = get32(s, at) as usize;
        let argument = self.address_at(head).wrapping_sub(u64::from(get32(s, head + OFFSET)));
        let callback = get(s, head + FUNCTION, Scalar::U64);
        let known = pointer::function(callback).filter(|f| (*f as usize) < self.code.routines.len());
        let runs = |run: &mut Run<'_, O>| {
            run.tell(What::Callback { object: self.address_at(head), verb: "invokes the RCU callback of" });
            if known.is_none() {
                run.fault(Kind::NullDeref, 2, callback);
            }
            known.map(|_| ())
        };
        Some((head, Run::start_with(self, s, choice, known.unwrap_or(0), &[argument], o, runs)))
    }

    /// Takes a callback off the queue.
    fn forget_callback(&self, s: &mut [u8], at: usize) {
        let Some(rcu) = &self.layout.rcu else { return };
        let (size, end) = (rcu.callback_size(), rcu.callbacks + rcu.room * rcu.callback_size());
        s.copy_within(at + size..end, at);
        s[end - size..end].fill(0);
    }

    /// What is told of a context that ends in a section: which kind it is in.
    pub(super) fn section_at_end(&self, s: &[u8], context: usize) -> Option<u32> {
        match (self.rcu_depth(s, context), self.srcu_depth(s, context)) {
            (0, 0) => None,
            (0, _) => Some(IN_SRCU),
            _ => Some(IN_RCU),
        }
    }

    /// A context enters `rcu_read_lock()` with what it begins in under `PREEMPT_RT`.
    pub(super) fn enter_reader(&self, s: &mut [u8], context: usize) {
        if let Some(rcu) = self.layout.rcu.as_ref().filter(|_| self.is_rt()) {
            s[rcu.depths + 2 * context] += 1;
        }
    }

    /// And leaves it with that.
    pub(super) fn leave_reader(&self, s: &mut [u8], context: usize) {
        if let Some(rcu) = self.layout.rcu.as_ref().filter(|_| self.is_rt()) {
            let depth = rcu.depths + 2 * context;
            s[depth] = s[depth].saturating_sub(1);
        }
    }

    /// Exit leaves the sections of RCU (`exit_rcu()`). In one of SRCU the `srcu_struct` still counts it.
    pub(super) fn leave_sections(&self, s: &mut [u8], context: usize) {
        if let Some(rcu) = &self.layout.rcu {
            s[rcu.depths + 2 * context..rcu.depths + 2 * context + 2].fill(0);
        }
    }
}

impl<O: Observer> Run<'_, O> {
    pub(super) fn depth_of(&mut self, srcu: bool) -> Option<&mut u8> {
        let rcu = self.m.layout.rcu.as_ref()?;
        Some(&mut self.s[rcu.depths + 2 * self.context + usize::from(srcu)])
    }

    /// `rcu_read_lock()`; without preemption that is all there is to it (`include/linux/rcupdate.h`).
    pub(super) fn rcu_read_lock(&mut self) -> Given {
        let depth = self.depth_of(false)?;
        *depth = depth.saturating_add(1);
        if !self.m.program.config.preemption.preempts() {
            let preempt = self.m.layout.contexts[self.context].header + header::PREEMPT;
            self.s[preempt] = self.s[preempt].saturating_add(1);
        }
        self.tell(What::Mask { now: "in an RCU read-side section" });
        Some(0)
    }

    /// `rcu_read_unlock()`.
    pub(super) fn rcu_read_unlock(&mut self) -> Given {
        let depth = self.depth_of(false)?;
        match depth.checked_sub(1) {
            Some(less) => *depth = less,
            None => {
                self.symptom(Kind::BadUnlock, RCU_UNLOCK);
                return Some(0);
            }
        }
        if !self.m.program.config.preemption.preempts() {
            self.lower(header::PREEMPT);
        }
        let inside = self.m.rcu_depth(self.s, self.context) > 0;
        self.tell(What::Mask {
            now: if inside { "still in an RCU read-side section" } else { "out of RCU read-side sections" },
        });
        Some(0)
    }

    pub(super) fn domain(&mut self, of: Readers, address: u64) -> Option<usize> {
        let srcu = if of == Readers::Srcu { Some(self.srcu(address)?) } else { None };
        Some(self.m.domain_of(of, srcu))
    }

    /// The readers of a domain, among them the caller: on a kernel that is not preemptible it has its CPU, be this the first step that it takes there.
    pub(super) fn readers_and_caller(&self, domain: usize) -> Set {
        let has_cpu = self.m.layout.contexts[self.context].is_task() && !self.m.program.config.preemption.preempts();
        let caller = Set::from(has_cpu && domain <= RUDE) << self.context;
        self.m.rcu_readers(self.s, domain) | caller
    }

    /// The first half of `synchronize_rcu()` and its kin: a grace period begins. Tasks RCU has no readers that it could object to.
    pub(super) fn gp_begin(&mut self, of: Readers, address: u64) -> Given {
        let domain = self.domain(of, address)?;
        let inside = of == Readers::Srcu && Machine::in_srcu(self.s, domain, self.context);
        let objects = domain == RCU || of == Readers::Srcu;
        if inside || (objects && self.m.rcu_depth(self.s, self.context) > 0) {
            self.symptom_at(Kind::RcuSyncInReader, u32::from(of == Readers::Srcu), address);
        } else {
            self.might_sleep();
        }
        if of == Readers::Srcu {
            self.sync_map(domain);
            Machine::begin_srcu_gp(self.s, domain);
        }
        let readers = self.m.rcu_readers(self.s, domain);
        let (rcu, at) = self.m.layout.rcu.as_ref().zip(self.m.waited(self.context))?;
        rcu.put(self.s, at, readers);
        self.tell(What::Yield { why: "begins to wait for a grace period" });
        Some(0)
    }

    /// The grace period is over, or as good as over.
    pub(super) fn gp_over(&mut self) -> Given {
        self.gave_up = true;
        self.tell(What::Yield { why: "has waited for a grace period" });
        Some(0)
    }

    /// `call_rcu()`, `call_srcu()`, `kfree_rcu()`: the callback is given the address of the `rcu_head`, less the offset.
    pub(super) fn call_rcu(&mut self, of: Readers, [address, callback, offset, domain]: [u64; 4]) -> Given {
        let domain = self.domain(of, domain)?;
        let Target::State(head, _) = self.access(address, HEAD_SIZE, true)? else { return Some(0) };
        if self.m.callbacks(self.s).any(|at| get32(self.s, at) as usize == head && self.s[at + PLACE] & RUNS == 0) {
            self.symptom_at(Kind::RcuDoubleCall, pointer::function(callback).unwrap_or(u32::MAX), address);
            return Some(0);
        }
        let rcu = self.m.layout.rcu.as_ref()?;
        let size = rcu.callback_size();
        if self.m.callbacks(self.s).count() >= rcu.room {
            return self.outgrow(Growth::RcuCallbacks);
        }
        self.set_bytes(address, 0, HEAD_SIZE)?;
        set32(self.s, head + OFFSET, offset as u32);
        set(self.s, head + FUNCTION, Scalar::U64, callback);
        if of == Readers::Srcu {
            Machine::begin_srcu_gp(self.s, domain);
        }
        let readers = self.readers_and_caller(domain);
        let cpu = self.cpu as u8;
        // Behind those of this CPU, before those of the next.
        let later = |at: &usize| self.s[*at + PLACE] & !RUNS > cpu;
        let at =
            self.m.callbacks(self.s).find(later).unwrap_or(rcu.callbacks + self.m.callbacks(self.s).count() * size);
        let end = rcu.callbacks + rcu.room * size;
        self.s.copy_within(at..end - size, at + size);
        self.s[at..at + size].fill(0);
        set32(self.s, at, head as u32);
        set32(self.s, at + DOMAIN, domain as u32);
        self.s[at + PLACE] = cpu;
        rcu.put(self.s, at + SETS, readers);
        self.tell(What::RcuQueued { head: address });
        Some(0)
    }

    /// The callback has returned; its `rcu_head` may be gone.
    pub(super) fn rcu_returned(&mut self, head: usize) {
        let running = |at: &usize| get32(self.s, *at) as usize == head && self.s[*at + PLACE] & RUNS != 0;
        let callback = self.m.callbacks(self.s).find(running);
        if let Some(at) = callback {
            self.m.forget_callback(self.s, at);
        }
    }

    /// The first half of `rcu_barrier()` and `srcu_barrier()`: which callbacks to wait for.
    pub(super) fn barrier_begin(&mut self, of: Readers, address: u64) -> Given {
        let domain = self.domain(of, address)?;
        self.might_sleep();
        let width = self.m.layout.rcu.as_ref()?.width;
        let of_domain = |at: &usize| get32(self.s, *at + DOMAIN) as usize == domain;
        let queued: Vec<usize> = self.m.callbacks(self.s).filter(of_domain).collect();
        for at in queued {
            self.s[at + SETS + width + self.context / 8] |= 1 << (self.context % 8);
        }
        self.tell(What::Yield { why: "begins to wait for the RCU callbacks that are queued" });
        Some(0)
    }

    /// They have all returned.
    pub(super) fn barrier_passed(&mut self) -> Given {
        self.gave_up = true;
        self.tell(What::Yield { why: "has waited for the RCU callbacks" });
        Some(0)
    }

    /// Memory goes: a callback that is queued in it is told of and forgotten.
    pub(super) fn forget_rcu_heads(&mut self, bytes: Range<usize>, address: u64) {
        let inside = |run: &Self| {
            let queued = |at: &usize| run.s[*at + PLACE] & RUNS == 0 && bytes.contains(&(get32(run.s, *at) as usize));
            run.m.callbacks(run.s).find(queued)
        };
        while let Some(at) = inside(self) {
            self.symptom_at(Kind::FreeActive, RCU_ACTIVE, address);
            self.m.forget_callback(self.s, at);
        }
    }
}

/// Details of symptoms: a queued `rcu_head`,
pub(crate) const RCU_ACTIVE: u32 = 9;
/// an unlock of what was not locked,
pub(crate) const RCU_UNLOCK: u32 = 8;
/// a section that is never left.
pub(crate) const IN_RCU: u32 = 2;
pub(crate) const IN_SRCU: u32 = 3;
