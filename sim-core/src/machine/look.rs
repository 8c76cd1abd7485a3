//! Looking at a state from outside: what the views and reports ask.
//!
//! Invariant: nothing here changes a state or is needed to take a step.

use super::layout::SlotKind;
use super::memory::SLOT_BASE;
use super::rwlock::Owner;
use super::{Machine, Waits, flag};
use crate::model::CodePlace;
use crate::program::{Mark, Preemption, SpanId, Type, TypeId, pointer};

/// One side of a data race.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RacingAccess {
    /// The context about to make it.
    pub context: usize,
    /// Where.
    pub at: CodePlace,
    /// It writes (an atomic operation does both).
    pub writes: bool,
    /// It is plain C, not marked.
    pub plain: bool,
    /// The address of its first byte, as far as it has one.
    pub address: u64,
    /// How many bytes.
    pub len: usize,
}

impl Machine {
    /// A context's name.
    pub fn name(&self, context: usize) -> &str {
        &self.layout.contexts[context].name
    }

    /// The context with this name.
    pub fn context_called(&self, name: &str) -> Option<usize> {
        self.layout.contexts.iter().position(|context| context.name == name)
    }

    /// How many contexts are beneath the one that takes a step on its CPU's stack: none for a task, one for a softirq and for an interrupt, and one more
    /// for an interrupt on top of a softirq, and for an NMI on top of a handler.
    pub fn depth(&self, s: &[u8], choice: crate::model::Choice) -> u8 {
        let context = choice.context as usize;
        let on_softirq = self.serving_on_top(s, choice.cpu as usize).is_some_and(|softirq| softirq != context);
        let on_handler = self.layout.contexts[context].is_nmi() && self.handler(s, choice.cpu as usize).is_some();
        let on_top = !self.layout.contexts[context].is_task();
        u8::from(on_top) + u8::from(on_softirq && self.is_line(choice.context)) + u8::from(on_handler)
    }

    /// What kind of context it is.
    pub fn kind_of(&self, context: usize) -> crate::program::ContextKind {
        self.layout.contexts[context].kind
    }

    /// Whether a context is a task of the rig, which is there from the start.
    pub fn is_declared(&self, context: usize) -> bool {
        let context = &self.layout.contexts[context];
        context.entry.is_some() && context.is_task()
    }

    /// Whether a context is a worker.
    pub fn is_worker(&self, context: usize) -> bool {
        self.workers().contains(&context)
    }

    /// A task's pid.
    pub fn pid_of(&self, context: usize) -> u32 {
        self.pid(context)
    }

    /// Where a context stands and where its callers are, innermost first; empty if it is not in code.
    pub fn stack_of(&self, s: &[u8], context: u8) -> Vec<CodePlace> {
        self.points_on_stack(s, context as usize)
    }

    /// A place's source place.
    pub fn span(&self, place: CodePlace) -> SpanId {
        let function = self.program.functions.get(place.function as usize);
        function.map_or(0, |f| f.spans.get(place.at as usize).copied().unwrap_or(f.span))
    }

    /// The place itself, or, for one inside the prelude, the innermost place on the call path that is not.
    pub fn outside_prelude(&self, stack: &[CodePlace], place: CodePlace) -> CodePlace {
        let own = |p: &CodePlace| !self.program.functions[p.function as usize].prelude;
        if own(&place) { place } else { stack.iter().copied().find(own).unwrap_or(place) }
    }

    /// Whether the lock at an address is one that has an owner.
    pub fn has_owner(&self, address: u64) -> bool {
        let offset = pointer::offset(address);
        self.type_at(address).is_none_or(|ty| self.layout.locks[ty as usize].contains(&offset))
    }

    /// Whether who waits for the lock at an address spins.
    pub fn spins(&self, address: u64) -> bool {
        let path = self
            .type_at(address)
            .map(|ty| crate::program::scalar_at(&self.program.types, ty, pointer::offset(address)));
        let rt = self.program.config.preemption == Preemption::Rt;
        !path.flatten().is_some_and(|name| match name {
            "struct mutex" | "struct rw_semaphore" | "struct rt_mutex" => true,
            "spinlock_t" | "rwlock_t" => rt,
            _ => false,
        })
    }

    /// The CPU that a context is tied to from the start.
    pub fn home_cpu(&self, context: usize) -> Option<u8> {
        self.layout.contexts[context].cpu
    }

    fn type_at(&self, address: u64) -> Option<TypeId> {
        let id = pointer::id(address);
        if let Some(object) = self.program.objects.get((id as usize).wrapping_sub(1)) {
            return object.ty;
        }
        id.checked_sub(SLOT_BASE).and_then(|i| self.layout.slots.get(i as usize)).and_then(|slot| slot.ty)
    }

    /// Where the heap object at an address is allocated.
    pub fn allocation_span(&self, address: u64) -> Option<SpanId> {
        let slot = self.layout.slots.get(pointer::id(address).checked_sub(SLOT_BASE)? as usize)?;
        match slot.kind {
            SlotKind::Heap { site } => Some(self.program.alloc_sites[site as usize].span),
            SlotKind::Local { .. } => None,
        }
    }

    /// The contexts on a CPU's stack, the one that runs last.
    pub fn cpu_stack(&self, s: &[u8], cpu: usize) -> Vec<String> {
        let on = [self.owner(s, cpu), self.serving_on_top(s, cpu), self.handler(s, cpu)];
        on.into_iter().flatten().map(|c| self.name(c).to_owned()).collect()
    }

    /// Whether a CPU takes interrupts.
    pub fn takes_interrupts(&self, s: &[u8], cpu: usize) -> bool {
        self.irqs_on(s, cpu)
    }

    /// The task beneath the handler on a CPU, or the one that cannot leave it.
    pub fn owner_of(&self, s: &[u8], cpu: usize) -> Option<usize> {
        self.owner(s, cpu)
    }

    /// `preempt_count`.
    pub fn preempt_count_of(&self, s: &[u8], context: usize) -> u32 {
        if self.point(s, context).is_none() { 0 } else { self.preempt_count(s, context) }
    }

    /// Whether a context has interrupts off.
    pub fn has_irqs_off(&self, s: &[u8], context: usize) -> bool {
        self.flags(s, context) & flag::IRQ_OFF != 0
    }

    /// Whether an oops has killed a context.
    pub fn was_killed(&self, s: &[u8], context: usize) -> bool {
        self.flags(s, context) & flag::KILLED != 0
    }

    /// What a context is doing, in a few words.
    pub fn state_text(&self, s: &[u8], context: usize) -> &'static str {
        let flags = self.flags(s, context);
        if self.point(s, context).is_none() {
            return match () {
                () if self.was_killed(s, context) => "killed",
                () if flags & flag::ENDED != 0 => "ended",
                () if !self.layout.contexts[context].is_task() || self.workers().contains(&context) => "idle",
                () if self.is_clock(context) => "idle",
                () => "not started",
            };
        }
        match self.waits(s, context) {
            Waits::No => "runs",
            Waits::Spins => "spins",
            Waits::Cpu(_) => "waits for its CPU",
            Waits::Event => "sleeps",
            Waits::Holder(_) if self.asleep(s, context) => "sleeps",
            Waits::Holder(_) => "spins",
        }
    }

    /// Whether what a context waits for makes it sleep rather than spin.
    pub fn sleeps(&self, s: &[u8], context: usize) -> bool {
        self.asleep(s, context)
    }

    /// What the call that a context stands before is about: `stats_lock`, `a wake-up`.
    pub fn wanted(&self, s: &[u8], context: usize) -> String {
        use crate::program::KernelCall as K;
        let object = || self.next_operand(s, context, 0).map_or("?".into(), |a| self.name_of(a));
        match self.next_call(s, context) {
            Some(K::Schedule { .. }) => "a wake-up".into(),
            Some(K::KthreadStopWait) => {
                let task = self.next_operand(s, context, 0).and_then(|p| self.task_at(p));
                task.map_or("a thread to end".into(), |t| format!("{} to end", self.name(t)))
            }
            Some(K::KthreadParkWait) => {
                let task = self.next_operand(s, context, 0).and_then(|p| self.task_at(p));
                task.map_or("a thread to park".into(), |t| format!("{} to park", self.name(t)))
            }
            Some(K::BhEnable) => "softirqs to have been served".into(),
            Some(K::BhDisable) => "bottom halves to be on".into(),
            Some(K::KthreadParkme) => "kthread_unpark()".into(),
            Some(K::NapiWait { .. }) => format!("{} to be completed", object()),
            Some(K::NapiDelete) => format!("the poll function of {} to return", object()),
            Some(K::TaskletKill) => format!("{} to have run", object()),
            Some(K::IrqWorkSync) => format!("the function of {} to return", object()),
            Some(K::TaskletWait { .. } | K::TimerCancel { .. }) => format!("the callback of {} to end", object()),
            Some(K::GpWait { .. }) => match self.holder(s, context, u64::MAX) {
                Some(reader) => format!("the read-side section of {} to end", self.name(reader)),
                None => "a grace period to end".into(),
            },
            Some(K::BarrierWait) => "the RCU callbacks to run".into(),
            Some(call @ (K::SyncIrq | K::SyncIrqThreads)) => {
                let number = self.next_operand(s, context, 0).unwrap_or(0);
                let (threads, what) =
                    (call == K::SyncIrqThreads, if call == K::SyncIrq { "handler" } else { "thread" });
                match crate::model::contexts(self.synced(s, context, threads)).next() {
                    Some(one) => format!("{}, the {what} of irq {number}, to end", self.name(one as usize)),
                    None => format!("the {what} of irq {number} to end"),
                }
            }
            Some(K::FlushWork { .. } | K::SpinForWork | K::FlushWorkqueue | K::WqWaitEmpty) => {
                self.wanted_work(s, context)
            }
            _ => object(),
        }
    }

    /// The memory that a spinning context reads.
    pub fn wanted_memory(&self, s: &[u8], context: usize) -> Option<String> {
        self.next_address(s, context).or_else(|| self.next_operand(s, context, 0)).map(|a| self.name_of(a))
    }

    /// Why a context does not move; where it waits for several others, for one of `among` if it can be.
    pub fn waits_for(&self, s: &[u8], context: usize, among: &[usize]) -> Waits {
        let mask = among.iter().fold(0, |mask, c| mask | 1 << c);
        match self.waits(s, context) {
            Waits::Holder(_) => self.holder(s, context, mask).map_or(Waits::Event, Waits::Holder),
            other => other,
        }
    }

    /// Whether a context waits for a lock as a reader that no writer has: behind one that waits for it too.
    pub fn waits_behind(&self, s: &[u8], context: usize) -> bool {
        let as_reader = self.point(s, context).and_then(|point| self.points[point as usize].acquires);
        let lock = as_reader.filter(|taking| taking.shared).and_then(|_| self.next_lock(s, context));
        lock.is_some_and(|at| !matches!(Owner::of(s[at]), Owner::One(_)))
    }

    /// The lock that a context waits for.
    pub fn wanted_lock(&self, s: &[u8], context: usize) -> Option<u64> {
        matches!(self.waits(s, context), Waits::Holder(_)).then(|| self.next_operand(s, context, 0)).flatten()
    }

    /// The two sides of the data race between two places in a state.
    pub fn racing(&self, s: &[u8], at: &[CodePlace]) -> Option<(RacingAccess, RacingAccess)> {
        let side = |a: &super::race::Access| RacingAccess {
            context: a.context,
            at: self.shown_place(s, a.context),
            writes: a.writes,
            plain: a.mark == Mark::Plain,
            address: self.address_at(a.lo),
            len: a.hi - a.lo,
        };
        self.race_pairs(s).iter().map(|(a, b)| (side(a), side(b))).find(|(a, b)| {
            let mut both = [a.at, b.at];
            both.sort_unstable();
            both == *at
        })
    }

    /// The address of the byte at an offset in the state.
    pub(super) fn address_at(&self, at: usize) -> u64 {
        for (id, object) in self.program.objects.iter().enumerate() {
            let start = self.layout.statics[id];
            if start != super::layout::CONSTANT && (start..start + object.size as usize).contains(&at) {
                return pointer::to_static(id as u32, (at - start) as u32);
            }
        }
        let inside = |slot: &super::layout::Slot| (slot.data..slot.data + slot.size as usize).contains(&at);
        self.layout
            .slots
            .iter()
            .position(inside)
            .map_or(0, |index| ((SLOT_BASE as u64 + index as u64) << 32) | (at - self.layout.slots[index].data) as u64)
    }

    /// The members of the deadlock that a symptom describes, in the order in which each waits for the next.
    pub fn deadlocked(&self, s: &[u8], symptom: &crate::model::Symptom) -> Vec<usize> {
        let cycles = (0..self.layout.contexts.len()).map(|context| self.cycle(s, context));
        cycles.into_iter().find(|cycle| self.is_knot(s, cycle, symptom)).unwrap_or_default()
    }

    /// A context that stands at a place, one that waits if there is one.
    pub fn standing_at(&self, s: &[u8], place: CodePlace) -> Option<usize> {
        let there = |c: &usize| self.point(s, *c).is_some() && self.shown_place(s, *c) == place;
        let mut all: Vec<usize> = (0..self.layout.contexts.len()).filter(there).collect();
        all.sort_by_key(|c| self.waits(s, *c) == Waits::No);
        all.first().copied()
    }

    /// The name of a type that an allocation is for.
    pub fn allocated_type(&self, site: u32) -> Option<&str> {
        let ty = self.program.alloc_sites.get(site as usize)?.ty?;
        match self.program.types.get(ty as usize)? {
            Type::Scalar { name, .. } | Type::Record { name, .. } => Some(name),
            Type::Array { .. } => None,
        }
    }
}
