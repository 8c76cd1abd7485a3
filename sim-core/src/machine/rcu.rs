//! RCU and SRCU: who reads, and who waits for those who did. After `kernel/rcu/tree.c`, `kernel/rcu/tree_plugin.h` and `kernel/rcu/srcutree.c`.
//!
//! A grace period is the set of the readers that were there when it began: when the last of them has left, it may end. Each who waits has such a set of its own. The
//! kernel lets many share a grace period; as how late one ends is open, nobody can tell the difference.
//!
//! For each context two bytes: how deep it is in `rcu_read_lock()`, and in sections of SRCU; where something waits, also the readers that it waits for, a bit for each
//! context. Then the callbacks that were queued, by CPU and in the order in which they were: where the `rcu_head` stands (4); where the `srcu_struct` does, 0 for RCU
//! (4); the CPU, and whether it runs (1); the readers that it waits for; who waits for it in `rcu_barrier()`. A `rcu_head` holds what to take away from its address for
//! the callback's argument (at 4) and the callback (at 8); a `srcu_struct` says how deep each context is in it (from 8).
//!
//! Invariant: a bit of a set is clear once its context has been outside every section since the set was made.

use super::bytes::{get, get32, set, set32};
use super::event::What;
use super::kernel::ORDINARY;
use super::layout::every_call;
use super::lock::Given;
use super::memory::Target;
use super::{Machine, Run, header};
use crate::finding::Kind;
use crate::model::{Choice, Growth, Observer, Outgrown};
use crate::program::{KernelCall, Program, Scalar, pointer};
use std::ops::Range;

/// The bytes of a `rcu_head`, and what stands where.
const HEAD_SIZE: u32 = 16;
const OFFSET: usize = 4;
const FUNCTION: usize = 8;
/// The bytes of a `srcu_struct`.
const SRCU_SIZE: u32 = 72;
const SRCU_MAGIC: u8 = 26;
const READERS: usize = 8;
/// Of a queued callback.
const DOMAIN: usize = 4;
const PLACE: usize = 8;
const SETS: usize = 9;
/// Beside the CPU: it runs.
const RUNS: u8 = 0x80;

/// Where all this is in a state.
#[derive(Debug, Clone)]
pub(crate) struct RcuLayout {
    depths: usize,
    /// Where anything waits.
    waits: Option<usize>,
    callbacks: usize,
    /// How many callbacks there is room for.
    pub(super) room: usize,
    /// The bytes of a set of contexts.
    width: usize,
}

impl RcuLayout {
    /// Makes room, if a program has to do with RCU.
    pub(super) fn new(
        program: &Program,
        contexts: usize,
        room: usize,
        take: &mut impl FnMut(usize) -> usize,
    ) -> Option<Self> {
        if !uses(program, |_| true) {
            return None;
        }
        let width = contexts.div_ceil(8);
        let waits = waits(program).then(|| take(contexts * width));
        let room = if uses(program, queues) { room.max(1) } else { 0 };
        let callbacks = take(room * (SETS + 2 * width));
        Some(Self { depths: take(2 * contexts), waits, callbacks, room, width })
    }

    fn callback_size(&self) -> usize {
        SETS + 2 * self.width
    }

    fn set(&self, s: &[u8], at: usize) -> u64 {
        s[at..at + self.width].iter().rev().fold(0, |set, byte| set << 8 | u64::from(*byte))
    }

    fn put(&self, s: &mut [u8], at: usize, set: u64) {
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
            | KernelCall::SrcuReadLock
            | KernelCall::SrcuReadUnlock
            | KernelCall::GpBegin { .. }
            | KernelCall::GpWait { .. }
            | KernelCall::CallRcu { .. }
            | KernelCall::BarrierBegin { .. }
            | KernelCall::BarrierWait
    )
}

fn queues(call: KernelCall) -> bool {
    matches!(call, KernelCall::CallRcu { .. })
}

/// Whether anything in a program waits for readers, so that where a section begins can be noticed.
pub(super) fn waits(program: &Program) -> bool {
    uses(program, |call| queues(call) || matches!(call, KernelCall::GpBegin { .. }))
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
        let full = self.program.config.preemption.preempts();
        if full && self.rcu_depth(s, context) > 0 {
            return true;
        }
        (!full || !self.preemptible(s, context)) && (0..self.cpus()).any(|cpu| self.owner(s, cpu) == Some(context))
    }

    /// The readers of RCU, or of the `srcu_struct` that stands at `domain`.
    fn rcu_readers(&self, s: &[u8], domain: usize) -> u64 {
        let reads = |context: usize| {
            if domain == 0 { self.reads(s, context) } else { s[domain + READERS + context] != 0 }
        };
        (0..self.layout.contexts.len()).fold(0, |set, context| set | u64::from(reads(context)) << context)
    }

    /// Where the readers stand that a context waits for, if the program waits for any.
    fn waited(&self, context: usize) -> Option<usize> {
        let rcu = self.layout.rcu.as_ref()?;
        Some(rcu.waits? + context * rcu.width)
    }

    /// The callbacks that are queued or run, each where it stands.
    fn callbacks(&self, s: &[u8]) -> impl Iterator<Item = usize> {
        let (from, size, room) =
            self.layout.rcu.as_ref().map_or((0, 1, 0), |r| (r.callbacks, r.callback_size(), r.room));
        (0..room).map(move |nth| from + nth * size).take_while(|at| get32(s, *at) != 0)
    }

    /// After any step: who is outside every section is waited for no more.
    pub(super) fn readers_leave(&self, s: &mut [u8]) {
        let Some(rcu) = &self.layout.rcu else { return };
        for context in 0..self.layout.contexts.len() {
            let Some(at) = self.waited(context) else { break };
            let set = rcu.set(s, at);
            if set != 0 {
                let domain = match self.next_call(s, context) {
                    Some(KernelCall::GpWait { srcu: true }) => self.next_object(s, context).unwrap_or(0),
                    _ => 0,
                };
                rcu.put(s, at, set & self.rcu_readers(s, domain));
            }
        }
        let queued: Vec<usize> = self.callbacks(s).collect();
        for at in queued {
            let set = rcu.set(s, at + SETS);
            if set != 0 {
                rcu.put(s, at + SETS, set & self.rcu_readers(s, get32(s, at + DOMAIN) as usize));
            }
        }
    }

    /// A grace period that a task waits for ends no earlier than the last of its readers has left.
    pub(super) fn may_end_gp(&self, s: &[u8], context: usize) -> u8 {
        if self.awaited_readers(s, context) == 0 { ORDINARY } else { 0 }
    }

    /// The readers that a task waits for.
    pub(super) fn awaited_readers(&self, s: &[u8], context: usize) -> u64 {
        let Some((rcu, at)) = self.layout.rcu.as_ref().zip(self.waited(context)) else { return 0 };
        rcu.set(s, at)
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
            set | rcu.set(s, at + SETS) | running
        })
    }

    /// Whether a grace period waits for a context, one of RCU.
    pub(super) fn holds_up_gp(&self, s: &[u8], context: usize) -> bool {
        let Some(rcu) = &self.layout.rcu else { return false };
        let waits = (0..self.layout.contexts.len()).map(|c| self.awaited_readers(s, c));
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

    /// Exit leaves the sections of RCU (`exit_rcu()`). In one of SRCU the `srcu_struct` still counts it.
    pub(super) fn leave_sections(&self, s: &mut [u8], context: usize) {
        if let Some(rcu) = &self.layout.rcu {
            s[rcu.depths + 2 * context..rcu.depths + 2 * context + 2].fill(0);
        }
    }
}

impl<O: Observer> Run<'_, O> {
    fn depth_of(&mut self, srcu: bool) -> Option<&mut u8> {
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

    fn srcu(&mut self, address: u64) -> Option<usize> {
        match self.access(address, SRCU_SIZE, true)? {
            Target::State(at, _) => {
                self.check_magic(at, SRCU_MAGIC, address);
                Some(at)
            }
            _ => None,
        }
    }

    /// `init_srcu_struct()`
    pub(super) fn srcu_init(&mut self, address: u64) -> Given {
        self.set_bytes(address, 0, SRCU_SIZE)?;
        if let Target::State(at, _) = self.access(address, SRCU_SIZE, true)? {
            self.s[at + 1] = SRCU_MAGIC;
        }
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// `cleanup_srcu_struct()` warns of readers and of callbacks that have not run, and leaves all as it is.
    pub(super) fn srcu_cleanup(&mut self, address: u64) -> Given {
        let at = self.srcu(address)?;
        let queued = self.m.callbacks(self.s).any(|callback| get32(self.s, callback + DOMAIN) as usize == at);
        if queued || self.m.rcu_readers(self.s, at) != 0 {
            self.symptom_at(Kind::FreeActive, SRCU_ACTIVE, address);
            return Some(0);
        }
        self.s[at + 1] = 0;
        Some(0)
    }

    /// `srcu_read_lock()`. Which of its two counters counts the section (the index) does not show: the readers are known one by one.
    pub(super) fn srcu_read_lock(&mut self, address: u64) -> Given {
        let reader = self.srcu(address)? + READERS + self.context;
        self.s[reader] = self.s[reader].saturating_add(1);
        let depth = self.depth_of(true)?;
        *depth = depth.saturating_add(1);
        self.tell(What::Callback { object: address, verb: "enters the section of" });
        Some(0)
    }

    /// `srcu_read_unlock()`.
    pub(super) fn srcu_read_unlock(&mut self, address: u64) -> Given {
        let reader = self.srcu(address)? + READERS + self.context;
        match self.s[reader].checked_sub(1) {
            Some(less) => self.s[reader] = less,
            None => {
                self.symptom_at(Kind::BadUnlock, SRCU_UNLOCK, address);
                return Some(0);
            }
        }
        let depth = self.depth_of(true)?;
        *depth = depth.saturating_sub(1);
        self.tell(What::Callback { object: address, verb: "leaves the section of" });
        Some(0)
    }

    /// `srcu_read_lock_held()`
    pub(super) fn srcu_read_held(&mut self, address: u64) -> Given {
        let at = self.srcu(address)?;
        Some(u64::from(self.s[at + READERS + self.context] != 0))
    }

    fn domain(&mut self, srcu: bool, address: u64) -> Option<usize> {
        if srcu { self.srcu(address) } else { Some(0) }
    }

    /// The first half of `synchronize_rcu()` and `synchronize_srcu()`: a grace period begins.
    pub(super) fn gp_begin(&mut self, srcu: bool, address: u64) -> Given {
        let domain = self.domain(srcu, address)?;
        let inside = domain != 0 && self.s[domain + READERS + self.context] != 0;
        if inside || self.m.rcu_depth(self.s, self.context) > 0 {
            self.symptom_at(Kind::RcuSyncInReader, u32::from(srcu), address);
        } else {
            self.might_sleep();
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
    pub(super) fn call_rcu(&mut self, srcu: bool, [address, callback, offset, domain]: [u64; 4]) -> Given {
        let domain = self.domain(srcu, domain)?;
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
        let readers = self.m.rcu_readers(self.s, domain);
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
    pub(super) fn barrier_begin(&mut self, srcu: bool, address: u64) -> Given {
        let domain = self.domain(srcu, address)?;
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

/// Details of symptoms: a queued `rcu_head`, a `srcu_struct` with readers or callbacks.
pub(crate) const RCU_ACTIVE: u32 = 9;
pub(crate) const SRCU_ACTIVE: u32 = 10;
/// An unlock of what was not locked.
pub(crate) const RCU_UNLOCK: u32 = 8;
pub(crate) const SRCU_UNLOCK: u32 = 9;
/// A section that is never left.
pub(crate) const IN_RCU: u32 = 2;
pub(crate) const IN_SRCU: u32 = 3;
