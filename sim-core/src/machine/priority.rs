//! Real-time priorities: which task a CPU takes, and whose priority a lock's owner has. After `kernel/sched/rt.c` and `kernel/locking/rtmutex.c`.
//!
//! 0 is an ordinary task; 1 to 99 is `SCHED_FIFO`, the highest first. Who waits for an `rt_mutex`, or for a lock that is built on one, begins to wait in a step of its
//! own, where that can be noticed: from then on its priority is the owner's too, and that of whoever the owner waits for, and no waiter of a lower one is served before it. Of
//! waiters of one priority any may be the next. Real-time throttling is not modelled: a `SCHED_FIFO` task that never sleeps keeps its CPU for ever.
//!
//! One byte for each context where the program changes priorities: the new one plus one.
//!
//! Invariant: a CPU does not take a task while one of a higher priority that could run waits for no other CPU. A program without priorities has none of this.

use super::event::What;
use super::irq_thread::FIFO_OF_THREADS;
use super::kernel::ORDINARY;
use super::layout::{Layout, Origin, every_call};
use super::lock::Given;
use super::rwlock::Owner;
use super::{Machine, Run, flag, header};
use crate::model::Observer;
use crate::program::{KernelCall, LockKind, Preemption, Program};

/// Whether a program changes priorities while it runs.
pub(super) fn changes(program: &Program) -> bool {
    every_call(program).any(|call| call == KernelCall::SetPriority)
}

/// Whether a program has priorities. The threads of interrupt handlers have one of their own where others have, and under `PREEMPT_RT`.
pub(super) fn uses(program: &Program, layout: &Layout) -> bool {
    let threads = program.config.preemption == Preemption::Rt && layout.contexts.iter().any(|c| c.is_irq_thread());
    threads || changes(program) || program.contexts.iter().any(|decl| decl.prio > 0)
}

/// Whether who waits for a lock lends its priority to the owner: under `PREEMPT_RT` sleeping locks are made of `rt_mutex`.
pub(super) fn inherits(program: &Program, lock: LockKind) -> bool {
    lock.lends_priority()
        || (program.config.preemption == Preemption::Rt && matches!(lock, LockKind::Mutex | LockKind::RwSem))
}

/// How many of some tasks can run at once, where each may run on the CPUs that are its bits.
fn seats(tasks: &[u64], free: u64) -> u32 {
    let Some((first, rest)) = tasks.split_first() else { return 0 };
    let without = seats(rest, free);
    let with = crate::model::contexts(first & free).map(|cpu| 1 + seats(rest, free & !(1 << cpu))).max();
    with.map_or(without, |with| with.max(without))
}

impl Machine {
    /// Whether who waits for a lock lends its priority to the owner.
    pub(super) fn inherits(&self, lock: LockKind) -> bool {
        inherits(&self.program, lock)
    }

    fn own_priority(&self, s: &[u8], task: usize) -> u8 {
        let set = self.layout.priorities.map_or(0, |at| s[at + task]);
        set.checked_sub(1).unwrap_or_else(|| match &self.layout.contexts[task] {
            thread if thread.is_irq_thread() => FIFO_OF_THREADS,
            other => other.prio,
        })
    }

    /// A task's priority: its own, or the highest of those who wait for what it has.
    pub(super) fn priority(&self, s: &[u8], task: usize) -> u8 {
        if self.ranked { self.inherited(s, task, 1 << task) } else { 0 }
    }

    fn inherited(&self, s: &[u8], task: usize, seen: u64) -> u8 {
        let lends = |other: &usize| seen >> other & 1 == 0 && self.lends_to(s, *other) == Some(task);
        let lent = (0..self.layout.contexts.len()).filter(lends).map(|c| self.inherited(s, c, seen | 1 << c));
        let own = match self.layout.contexts[task].origin {
            Origin::Softirq { cpu } => {
                let serves_for = self.served_for(s, cpu as usize).filter(|t| seen >> t & 1 == 0);
                serves_for.map_or(0, |t| self.inherited(s, t, seen | 1 << t))
            }
            _ => self.own_priority(s, task),
        };
        lent.max().unwrap_or(0).max(own)
    }

    /// The one that has what a context has begun to wait for.
    fn lends_to(&self, s: &[u8], context: usize) -> Option<usize> {
        let queued = self.flags(s, context) & flag::QUEUED != 0;
        let at = match self.next_call(s, context) {
            Some(KernelCall::Acquire { lock, .. }) if queued && self.inherits(lock) => self.next_lock(s, context)?,
            Some(KernelCall::BhDisable) if queued => self.awaited_bh(s, context)?,
            Some(KernelCall::TimerCancel { wait: true, .. } | KernelCall::TaskletWait { .. }) if self.is_rt() => {
                return self.runner(s, context);
            }
            None => self.awaited_bh(s, context)?,
            _ => return None,
        };
        match Owner::of(s[at]) {
            Owner::One(owner) => Some(owner),
            Owner::Nobody | Owner::Readers(_) => None,
        }
    }

    /// Whether somebody of a higher priority has begun to wait for a lock.
    fn is_overtaken(&self, s: &[u8], context: usize, at: usize) -> bool {
        let waits = |c: &usize| {
            *c != context
                && self.flags(s, *c) & flag::QUEUED != 0
                && self.awaited_bh(s, *c).or_else(|| self.next_lock(s, *c)) == Some(at)
        };
        let own = self.priority(s, context);
        self.ranked && (0..self.layout.contexts.len()).filter(waits).any(|c| self.priority(s, c) > own)
    }

    /// Whether a context that comes to such a lock gets it: it is free, and nobody of a higher priority waits for it (`try_to_take_rt_mutex`). A reader that has not begun
    /// to wait comes in whenever no writer has it (`__rwbase_read_lock`).
    pub(super) fn takes_in_turn(&self, s: &[u8], context: usize, at: usize, shared: bool) -> bool {
        match Owner::of(s[at]) {
            Owner::One(_) => false,
            Owner::Readers(_) if !shared || Owner::with_reader(s[at]).is_none() => false,
            _ if shared && self.flags(s, context) & flag::QUEUED == 0 => true,
            _ => !self.is_overtaken(s, context, at),
        }
    }

    /// Whether a context that does not get such a lock begins to wait where others notice: by its priority, or one that it may be lent while it waits.
    pub(super) fn may_queue_in_turn(&self, s: &[u8], context: usize) -> bool {
        let at = self.layout.contexts[context].header;
        self.ranked
            && self.flags(s, context) & flag::QUEUED == 0
            && (s[at + header::HELD] > 0 || s[at + header::BH] > 0 || self.priority(s, context) > 0)
    }

    /// Whether a task would go on if it were given a CPU.
    fn is_runnable(&self, s: &[u8], task: usize) -> bool {
        let spins = || self.point(s, task).is_some() && !self.asleep(s, task) && self.serves_for(s, task).is_none();
        self.is_scheduled(task) && self.begun(s, task) && (self.outcomes(s, task) & ORDINARY != 0 || spins())
    }

    /// The CPUs that could be a task's, as bits: it is allowed there, and nobody is there that cannot be made to leave.
    fn open_to(&self, s: &[u8], task: usize) -> u64 {
        let own = (0..self.cpus()).find(|cpu| self.owner(s, *cpu) == Some(task));
        let open = |cpu: &usize| match own {
            Some(own) => own == *cpu,
            None => self.owner(s, *cpu).is_none() && self.affinity(s, task).is_none_or(|own| own as usize == *cpu),
        };
        (0..self.cpus()).filter(open).fold(0, |mask, cpu| mask | 1 << cpu)
    }

    /// The task of a higher priority that a CPU takes rather than one of this: those of a higher one need it, as the other CPUs are not enough for them.
    pub(super) fn outranking(&self, s: &[u8], priority: u8, cpu: usize) -> Option<usize> {
        let above = |t: &usize| self.is_runnable(s, *t) && self.priority(s, *t) > priority;
        let rivals: Vec<usize> = (0..self.layout.contexts.len()).filter(above).collect();
        let open: Vec<u64> = rivals.iter().map(|t| self.open_to(s, *t)).collect();
        if seats(&open, u64::MAX) == seats(&open, !(1 << cpu)) {
            return None;
        }
        let there = rivals.into_iter().zip(open).filter(|(_, open)| open >> cpu & 1 != 0).map(|(task, _)| task);
        there.max_by_key(|t| (self.priority(s, *t), std::cmp::Reverse(*t)))
    }

    /// The task of a higher priority that keeps another from a CPU.
    pub(super) fn outranked(&self, s: &[u8], task: usize, cpu: usize) -> Option<usize> {
        if self.ranked { self.outranking(s, self.priority(s, task), cpu) } else { None }
    }
}

impl<O: Observer> Run<'_, O> {
    /// The context waits at this very call, in its turn.
    pub(super) fn queue_in_turn(&mut self, address: u64) {
        self.s[self.m.layout.contexts[self.context].header + header::FLAGS] |= flag::QUEUED;
        self.gave_up = true;
        self.tell(What::Queued { object: address });
    }

    /// `sched_set_fifo()` and its kin.
    pub(super) fn set_priority(&mut self, task: u64, priority: u64) -> Given {
        let target = self.task(task)?;
        if let Some(at) = self.m.layout.priorities {
            self.s[at + target] = priority.min(99) as u8 + 1;
        }
        let verb = if priority == 0 { "makes an ordinary task of" } else { "raises to SCHED_FIFO" };
        self.tell(What::Task { context: target as u8, verb });
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::seats;

    #[test]
    fn tasks_that_share_a_cpu_do_not_run_at_once() {
        assert_eq!(seats(&[0b01, 0b01], u64::MAX), 1);
        assert_eq!(seats(&[0b11, 0b01], u64::MAX), 2);
        assert_eq!(seats(&[0b11, 0b01], !1), 1);
        assert_eq!(seats(&[0b11, 0b11, 0b11], u64::MAX), 2);
    }
}
