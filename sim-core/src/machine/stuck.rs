//! Who waits for whom, once the search has shown that somebody waits for ever.
//!
//! Invariant: whether a context is stuck is not decided here but on the whole graph of states; this only says why, in a state where it can be
//! seen: where the stuck context, and all that it waits for, directly or not, can do nothing any more.

use super::{Machine, flag, header};
use crate::finding::Kind;
use crate::model::{Choice, CodePlace, Deaf, Knot, Model, Observer, Symptom};
use crate::program::{KernelCall, LockKind};

/// Why a context does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// It moves.
    No,
    /// For what another context (or itself) holds.
    Holder(usize),
    /// For its CPU, which another context occupies; or for set-up to end.
    Cpu(usize),
    /// Asleep until somebody wakes it, completes it, ups it.
    Event,
    /// Spinning until memory changes.
    Spins,
}

/// The contexts of a set, as indices.
fn contexts(mask: u64) -> impl Iterator<Item = usize> {
    crate::model::contexts(mask).map(usize::from)
}

impl Machine {
    /// The contexts that have a step which changes something, as bits.
    fn movable(&self, s: &[u8]) -> u64 {
        let mut choices: Vec<Choice> = Vec::new();
        self.list_choices(s, &mut choices);
        let changes = |choice: &&Choice| {
            let mut next = s.to_vec();
            self.step(&mut next, **choice, &mut Deaf).is_err() || next != s
        };
        choices.iter().filter(changes).fold(0, |mask, c| mask | 1 << c.context)
    }

    /// Why a context does not move in a state.
    pub fn waits(&self, s: &[u8], context: usize) -> Waits {
        if self.point(s, context).is_none() && !self.serves(s, context) {
            return Waits::No;
        }
        if self.outcomes(s, context) == 0 {
            return self.holder(s, context, u64::MAX).map_or(Waits::Event, Waits::Holder);
        }
        let mut choices = Vec::new();
        self.list_choices(s, &mut choices);
        if choices.iter().any(|c| c.context as usize == context) {
            return if self.movable(s) & (1 << context) != 0 { Waits::No } else { Waits::Spins };
        }
        if self.still_waits(s, context) {
            return Waits::Spins;
        }
        if !self.layout.contexts[context].is_line() && !self.begun(s, context) {
            let setup = self.setup.get(self.setup_done(s) as usize);
            return setup.map_or(Waits::Event, |setup| Waits::Cpu(*setup as usize));
        }
        let cpus = (0..self.cpus()).filter(|cpu| self.affinity(s, context).is_none_or(|own| own as usize == *cpu));
        let own = (0..self.cpus()).find(|cpu| self.owner(s, *cpu) == Some(context));
        own.into_iter().chain(cpus).find_map(|cpu| self.in_the_way(s, context, cpu)).map_or(Waits::Event, Waits::Cpu)
    }

    /// Those who have what a context that must wait is waiting for, as bits. All of them must give it up.
    fn holders(&self, s: &[u8], context: usize) -> u64 {
        if let Some(softirq) = self.serves_for(s, context) {
            return 1 << softirq;
        }
        if let Some(lock) = self.awaited_bh(s, context) {
            return self.keepers(s, lock, false);
        }
        let Some(point) = self.point(s, context) else { return 0 };
        if let Some(KernelCall::Acquire { lock: LockKind::PercpuRwSem, .. }) = self.next_call(s, context) {
            return self.next_lock(s, context).map_or(0, |lock| self.percpu_keepers(s, context, lock));
        }
        if let Some(taking) = self.points[point as usize].acquires {
            return self.next_lock(s, context).map_or(0, |lock| self.keepers(s, lock, taking.shared));
        }
        match self.next_call(s, context) {
            Some(KernelCall::GpWait { .. }) => return self.awaited_readers(s, context),
            Some(KernelCall::BarrierWait) => return self.awaited_by_barrier(s, context),
            _ => {}
        }
        let one = match self.next_call(s, context) {
            Some(KernelCall::KthreadStopWait | KernelCall::KthreadParkWait) => self.awaited_thread(s, context),
            Some(KernelCall::SyncIrq) => return self.synced(s, context, false),
            Some(KernelCall::SyncIrqThreads) => return self.synced(s, context, true),
            Some(KernelCall::TaskletWait { .. } | KernelCall::TimerCancel { .. } | KernelCall::NapiWait { .. }) => {
                self.runner(s, context)
            }
            Some(KernelCall::IrqWorkSync) => self.irq_work_holder(s, context),
            Some(KernelCall::NapiDelete) => self.napi_poller(s, context),
            Some(
                KernelCall::FlushWork { .. }
                | KernelCall::SpinForWork
                | KernelCall::FlushWorkqueue
                | KernelCall::WqWaitEmpty,
            ) => self.work_holder(s, context),
            _ => None,
        };
        one.map_or(0, |one| 1 << one)
    }

    /// The first of those who have what a context is waiting for, of `among` if one of these has it.
    pub(super) fn holder(&self, s: &[u8], context: usize, among: u64) -> Option<usize> {
        let all = self.holders(s, context);
        contexts(all & among).next().or_else(|| contexts(all).next())
    }

    /// Who runs on a CPU and does not leave it for others.
    pub(super) fn occupant(&self, s: &[u8], cpu: usize) -> Option<usize> {
        self.nmi(s, cpu).or(self.handler(s, cpu)).or(self.serving_on_top(s, cpu)).or(self.owner(s, cpu))
    }

    /// Who keeps a context from a CPU: it does not leave it, or has a higher priority.
    fn in_the_way(&self, s: &[u8], context: usize, cpu: usize) -> Option<usize> {
        let outranked = || self.is_scheduled(context).then(|| self.outranked(s, context, cpu)).flatten();
        self.occupant(s, cpu).filter(|o| *o != context).or_else(outranked)
    }

    /// The one whose CPU a context waits for that takes no step and need not wait for anything else.
    fn evident_occupant(&self, s: &[u8], context: usize) -> Option<usize> {
        if self.layout.contexts[context].is_line() || self.outcomes(s, context) == 0 {
            return None;
        }
        let owned = (0..self.cpus()).find(|cpu| self.owner(s, *cpu) == Some(context));
        let cpu = owned.or(self.affinity(s, context).map(usize::from))?;
        let occupant = self.in_the_way(s, context, cpu)?;
        (self.begun(s, context) && !self.still_waits(s, context)).then_some(occupant)
    }

    pub(super) fn find_knots(&self, s: &[u8], still: u64, tell: &mut impl FnMut(Knot)) {
        // Most that wait hold nothing, and nobody can be waiting for them.
        let holds = |context: usize| {
            s[self.layout.contexts[context].header + header::HELD] != 0
                || self.running_item(s, context).is_some()
                || self.holds_up_gp(s, context)
                || self.layout.bh.is_some()
                || self.is_irq_thread(context)
        };
        if !contexts(still).any(holds) {
            return;
        }
        let mut waits = Evident::default();
        let inside = |next: &usize| still >> next & 1 != 0;
        for context in contexts(still) {
            if let Some(holder) = self.holder(s, context, still).filter(inside)
                && self.outcomes(s, context) == 0
            {
                waits.add(context, holder);
            }
        }
        // Nobody waits only for CPUs in a cycle.
        if waits.all == 0 {
            return;
        }
        for context in contexts(still & !waits.all) {
            if let Some(occupant) = self.evident_occupant(s, context).filter(inside) {
                waits.add(context, occupant);
                waits.for_cpu |= 1 << context;
            }
        }
        waits.drop_what_ends();
        while waits.all != 0 {
            let (cycle, members) = waits.take_knot();
            let (at, detail) = self.cycle_key(s, &cycle, |context| waits.for_cpu >> context & 1 != 0);
            tell(Knot { members, symptom: Symptom { kind: Kind::Deadlock, at, detail } });
        }
    }

    pub(super) fn report_stuck<O: Observer>(&self, s: &[u8], stuck: u64, o: &mut O) -> u64 {
        let movable = self.movable(s);
        let mut explained = 0;
        for context in 0..self.layout.contexts.len() {
            let chain = (stuck & (1 << context) != 0).then(|| self.chain(s, vec![context], stuck & !movable)).flatten();
            if let Some(chain) = chain {
                self.report_chain(s, &chain, o);
                explained |= chain.members.iter().fold(0, |mask, c| mask | 1 << c);
            }
        }
        explained
    }

    /// What the last of some contexts, each of which waits for the next, waits for, followed to a cycle or to an end; `None` if something on the way still
    /// moves, or could be moved.
    fn chain(&self, s: &[u8], mut members: Vec<usize>, still: u64) -> Option<Chain> {
        loop {
            let last = *members.last()?;
            if self.workers().contains(&last) && self.is_owed_work(s, last) {
                if still & (1 << last) == 0 {
                    return None;
                }
                match self.owed_waits_for(s) {
                    Some(next) if !members.contains(&next) => members.push(next),
                    _ => return Some(Chain { members, end: End::Alone }),
                }
                continue;
            }
            if self.point(s, last).is_none() && !self.serves(s, last) {
                return self.died(s, last).then_some(Chain { members, end: End::Dead });
            }
            if still & (1 << last) == 0 {
                return None;
            }
            let (next, any) = match self.waits(s, last) {
                Waits::No => return None,
                Waits::Event | Waits::Spins => match self.kept_off(s, last).filter(|_| self.outcomes(s, last) == 0) {
                    Some(occupants) => (occupants, false),
                    None => return Some(Chain { members, end: End::Alone }),
                },
                // What an oops left held is never given back.
                Waits::Holder(_) if self.killed_holder(s, last).is_some() => {
                    return Some(Chain { members, end: End::Alone });
                }
                Waits::Holder(_) => (contexts(self.holders(s, last)).collect(), true),
                Waits::Cpu(first) => {
                    let occupants =
                        self.kept_off(s, last).filter(|_| self.layout.contexts[last].is_line() || self.begun(s, last));
                    (occupants.unwrap_or(vec![first]), false)
                }
            };
            let [next] = next[..] else {
                return if any {
                    self.through_any(s, &members, &next, still)
                } else {
                    self.through_all(s, &members, &next, still)
                };
            };
            if let Some(start) = members.iter().position(|m| *m == next) {
                return Some(Chain { members, end: End::Cycle { start } });
            }
            members.push(next);
        }
    }

    /// One of those who have what a context is waiting for that an oops has killed.
    pub(super) fn killed_holder(&self, s: &[u8], context: usize) -> Option<usize> {
        contexts(self.holders(s, context)).find(|holder| self.was_killed(s, *holder))
    }

    fn through(&self, s: &[u8], members: &[usize], next: usize, still: u64) -> Option<Chain> {
        match members.iter().position(|m| *m == next) {
            Some(start) => Some(Chain { members: members.to_vec(), end: End::Cycle { start } }),
            None => self.chain(s, [members, &[next]].concat(), still),
        }
    }

    /// The last waits for several to let a lock go: one that never does is enough to keep it, and one that waits for it in turn tells most.
    fn through_any(&self, s: &[u8], members: &[usize], next: &[usize], still: u64) -> Option<Chain> {
        let chains = next.iter().filter_map(|next| self.through(s, members, *next, still));
        chains.min_by_key(|chain| !matches!(chain.end, End::Cycle { .. }))
    }

    /// The last waits for one of several to leave its CPU: none may. If one stays for reasons of its own, these explain it; otherwise all belong together.
    fn through_all(&self, s: &[u8], members: &[usize], next: &[usize], still: u64) -> Option<Chain> {
        let chains: Option<Vec<Chain>> = next.iter().map(|next| self.through(s, members, *next, still)).collect();
        let comes_back = |chain: &Chain| matches!(chain.end, End::Cycle { start } if start < members.len());
        let mut chains = chains?;
        if let Some(other) = chains.iter().position(|chain| !comes_back(chain)) {
            return Some(chains.swap_remove(other));
        }
        let start = chains.iter().filter_map(|chain| chain.cycle_start()).min()?;
        let mut all = Vec::new();
        for member in chains.into_iter().flat_map(|chain| chain.members) {
            if !all.contains(&member) {
                all.push(member);
            }
        }
        Some(Chain { members: all, end: End::Cycle { start } })
    }

    /// Who keeps a context from its CPU, or would if it were woken: one on each CPU where it may run. Had it gone to sleep for good, that would have shown
    /// before they came.
    fn kept_off(&self, s: &[u8], context: usize) -> Option<Vec<usize>> {
        let own = (0..self.cpus()).find(|cpu| self.owner(s, *cpu) == Some(context));
        let affinity = own.or(self.affinity(s, context).map(usize::from));
        let allowed = |cpu: &usize| affinity.is_none_or(|own| own == *cpu);
        (0..self.cpus()).filter(allowed).map(|cpu| self.in_the_way(s, context, cpu)).collect()
    }

    fn report_chain<O: Observer>(&self, s: &[u8], chain: &Chain, o: &mut O) {
        match chain.end {
            End::Dead => {}
            End::Cycle { start } => {
                let (at, detail) = self.cycle_key(s, &chain.members[start..], |context| self.waits_for_cpu(s, context));
                o.symptom(Symptom { kind: Kind::Deadlock, at, detail });
            }
            End::Alone if self.cut_off(s) => {}
            End::Alone => {
                // A thread that idles is no finding; whoever waits for it to end is.
                let Some(last) = chain.members.iter().rev().copied().find(|c| !self.idles(s, *c)) else { return };
                if self.point(s, last).is_none() {
                    // Where there is memory it is queued work whose CPU somebody never leaves: that is what is told.
                    if self.is_out_of_memory(s) {
                        self.report_workqueue_lockup(s, o);
                    }
                    return;
                }
                let at = vec![self.shown_place(s, last)];
                let waits = self.waits(s, last);
                if waits == Waits::Spins || (matches!(waits, Waits::Holder(_)) && !self.asleep(s, last)) {
                    o.symptom(Symptom { kind: self.lockup(s, last), at, detail: 0 });
                } else {
                    let detail = u32::from(self.interruptible(s, last));
                    o.symptom(Symptom { kind: Kind::HungTask, at, detail });
                }
            }
        }
    }

    /// What tells one deadlock from another: where its members wait for locks; and for a member that only waits for its CPU (an interrupt sits on it,
    /// wherever it was), what it runs.
    fn cycle_key(&self, s: &[u8], members: &[usize], for_cpu: impl Fn(usize) -> bool) -> (Vec<CodePlace>, u32) {
        let mut at: Vec<CodePlace> =
            members.iter().filter(|c| !for_cpu(**c)).map(|c| self.shown_place(s, *c)).collect();
        at.sort_unstable();
        let displaced =
            members.iter().filter(|c| for_cpu(**c)).map(|c| self.layout.contexts[*c].entry.map_or(1, |f| f + 1));
        (at, displaced.min().unwrap_or(0))
    }

    /// The contexts that wait for each other in a cycle, if `context` is one of them or waits for them.
    pub(super) fn cycle(&self, s: &[u8], context: usize) -> Vec<usize> {
        match self.chain(s, vec![context], !self.movable(s)) {
            Some(Chain { members, end: End::Cycle { start } }) => members[start..].to_vec(),
            Some(Chain { members, .. }) => members,
            None => Vec::new(),
        }
    }

    /// Whether a member of a cycle waits for its CPU, not for what another holds.
    fn waits_for_cpu(&self, s: &[u8], context: usize) -> bool {
        !matches!(self.waits(s, context), Waits::Holder(_))
    }

    /// Whether these contexts wait for each other in the deadlock that a symptom describes.
    pub(super) fn is_knot(&self, s: &[u8], members: &[usize], symptom: &Symptom) -> bool {
        let key = self.cycle_key(s, members, |context| self.waits_for_cpu(s, context));
        !members.is_empty() && key == (symptom.at.clone(), symptom.detail)
    }

    /// What is queued and never begun, as no worker can be made for it.
    fn report_workqueue_lockup<O: Observer>(&self, s: &[u8], o: &mut O) {
        let first = self.pending_works(s).find(|(_, entry)| !entry.delayed);
        if let Some(function) = first.and_then(|(_, entry)| self.work_function(s, entry.work)) {
            let at = vec![CodePlace { function, at: 0 }];
            o.symptom(Symptom { kind: Kind::WorkqueueLockup, at, detail: 0 });
        }
    }

    fn interruptible(&self, s: &[u8], context: usize) -> bool {
        match self.next_call(s, context) {
            Some(KernelCall::Schedule { .. }) => {
                let extra = self.layout.contexts[context].extra;
                extra.is_some_and(|at| s[at + super::extra::STATE] == crate::program::TaskState::Interruptible as u8)
            }
            Some(KernelCall::CompletionWait { sleep, .. } | KernelCall::SemDown { sleep, .. }) => {
                sleep == crate::program::Sleep::Interruptible
            }
            _ => false,
        }
    }

    /// Whether a bound keeps from happening what somebody may rightly wait for.
    fn cut_off(&self, s: &[u8]) -> bool {
        self.timer_cut_off(s) || self.clock_stands(s)
    }

    /// What a watchdog would call a context that spins for ever. Who spins for a lock has turned preemption off before.
    fn lockup(&self, s: &[u8], context: usize) -> Kind {
        let for_a_lock = || self.outcomes(s, context) == 0;
        if self.layout.contexts[context].is_line() || self.flags(s, context) & flag::IRQ_OFF != 0 {
            Kind::HardLockup
        } else if for_a_lock() || self.preempt_count(s, context) != 0 || !self.program.config.preemption.preempts() {
            Kind::SoftLockup
        } else if self.rcu_depth(s, context) > 0 {
            Kind::RcuStall
        } else {
            Kind::Livelock
        }
    }

    pub(super) fn report_spinning<O: Observer>(&self, s: &[u8], context: usize, fair: bool, o: &mut O) {
        // Time passes, even if the execution that goes round does not let it.
        if self.cut_off(s) || (fair && self.waits_for_time(s, context)) {
            return;
        }
        if self.point(s, context).is_none() && (!self.serves(s, context) || self.is_irq_thread(context)) {
            return; // it would begin something, and whoever keeps it from that is what is told
        }
        let at = vec![self.shown_place(s, context)];
        // Who sleeps spins on nothing, whatever keeps others from ever waking it.
        let asleep = matches!(self.waits(s, context), Waits::Event | Waits::Holder(_)) && self.asleep(s, context);
        if asleep && !fair {
            if !self.idles(s, context) {
                let detail = u32::from(self.interruptible(s, context));
                o.symptom(Symptom { kind: Kind::HungTask, at, detail });
            }
            return;
        }
        let kind = if fair { Kind::Livelock } else { self.lockup(s, context) };
        o.symptom(Symptom { kind, at, detail: 2 + u32::from(fair) });
    }
}

/// Contexts each of which waits for one other, or itself.
struct Evident {
    /// They.
    all: u64,
    /// For each, what it waits for.
    next: [u8; 64],
    /// Those of them that wait for their CPU.
    for_cpu: u64,
}

impl Default for Evident {
    fn default() -> Self {
        Self { all: 0, next: [0; 64], for_cpu: 0 }
    }
}

impl Evident {
    fn add(&mut self, context: usize, next: usize) {
        self.all |= 1 << context;
        self.next[context] = next as u8;
    }

    /// Leaves those whose waiting leads into a cycle.
    fn drop_what_ends(&mut self) {
        loop {
            let goes_on = |context: &usize| self.all >> self.next[*context] & 1 != 0;
            let next = contexts(self.all).filter(goes_on).fold(0, |mask, context| mask | 1 << context);
            if next == self.all {
                return;
            }
            self.all = next;
        }
    }

    /// Takes out a cycle, of which there is one, and all that waits for it: gives the cycle, from its least member on, and the bits of all.
    fn take_knot(&mut self) -> (Vec<usize>, u64) {
        let follow = |from: usize| std::iter::successors(Some(from), |c| Some(usize::from(self.next[*c])));
        let around = |from: usize| std::iter::once(from).chain(follow(from).skip(1).take_while(move |c| *c != from));
        // After as many steps as there may be contexts it goes round.
        let inside = follow(self.all.trailing_zeros() as usize).nth(64).unwrap_or(0);
        let least = around(inside).min().unwrap_or(inside);
        let joins = |context: &usize| follow(*context).take(64).any(|c| c == inside);
        let members = contexts(self.all).filter(joins).fold(0, |mask, context| mask | 1 << context);
        let cycle = around(least).collect();
        self.all &= !members;
        (cycle, members)
    }
}

/// A context, what it waits for, what that waits for ...
struct Chain {
    members: Vec<usize>,
    end: End,
}

impl Chain {
    fn cycle_start(&self) -> Option<usize> {
        match self.end {
            End::Cycle { start } => Some(start),
            End::Alone | End::Dead => None,
        }
    }
}

enum End {
    /// The last one waits for the one at this index.
    Cycle { start: usize },
    /// The last one waits for nobody in particular.
    Alone,
    /// The last one was killed where that alone explains it, or ended and left a lock behind: that is a finding of its own.
    Dead,
}
