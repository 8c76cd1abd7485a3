//! Bottom halves under `PREEMPT_RT`: softirqs run in tasks that can be preempted, and who has them off holds a lock of its CPU. After the RT half of
//! `kernel/softirq.c` (`softirq_ctrl`).
//!
//! Two bytes for each CPU, where anybody may have them off: the context that has the lock plus one, as in every lock's first byte: a task with bottom halves off, or the one
//! that serves softirqs; the task that serves them inside its own `local_bh_enable()`, plus one, 0 for `ksoftirqd`.
//!
//! Who serves softirqs is a context of its own here too; while it does so for a task, the task waits, and lends it its priority.
//!
//! Invariant: on one CPU one context at a time has bottom halves off, or serves softirqs, those aside that turn them off where they cannot be preempted, which warn if another has.

use super::irq_thread::forces;
use super::kernel::ORDINARY;
use super::layout::{Origin, every_call, uses_softirqs};
use super::lock::Given;
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::model::Observer;
use crate::program::{KernelCall, Preemption, Program};

/// Whether a program has such locks.
pub(super) fn uses(program: &Program) -> bool {
    let disables = || every_call(program).any(|call| call == KernelCall::BhDisable);
    program.config.preemption == Preemption::Rt && (disables() || uses_softirqs(program) || forces(program))
}

impl Machine {
    /// Where a CPU's lock is.
    pub(super) fn bh_lock(&self, cpu: usize) -> Option<usize> {
        self.layout.bh.map(|at| at + 2 * cpu)
    }

    /// Whether nobody has bottom halves off on a CPU, nor serves softirqs, as far as there is a lock for that.
    pub(super) fn bh_is_free(&self, s: &[u8], cpu: usize) -> bool {
        self.bh_lock(cpu).is_none_or(|at| s[at] == 0)
    }

    /// The context that serves softirqs on top of whatever a CPU was doing. Under `PREEMPT_RT` it does so in a task's place.
    pub(super) fn serving_on_top(&self, s: &[u8], cpu: usize) -> Option<usize> {
        if self.is_rt() { None } else { self.serving(s, cpu) }
    }

    /// Whether a context is given a CPU by the scheduler.
    pub(super) fn is_scheduled(&self, context: usize) -> bool {
        let decl = &self.layout.contexts[context];
        decl.is_task() || (decl.is_softirq() && self.is_rt())
    }

    /// The task for which softirqs are served on a CPU.
    pub(super) fn served_for(&self, s: &[u8], cpu: usize) -> Option<usize> {
        s[self.bh_lock(cpu)? + 1].checked_sub(1).map(usize::from)
    }

    /// The context that serves softirqs inside a task's `local_bh_enable()`.
    pub(super) fn serves_for(&self, s: &[u8], task: usize) -> Option<usize> {
        let at = self.layout.bh?;
        let cpu = (0..self.cpus()).find(|cpu| s[at + 2 * cpu + 1] as usize == task + 1)?;
        self.serving(s, cpu)
    }

    /// Where the lock is that a context which is about to turn bottom halves off would wait for: its CPU is known, and nothing says that it must not wait.
    pub(super) fn awaited_bh(&self, s: &[u8], context: usize) -> Option<usize> {
        let at = self.layout.contexts[context].header;
        let waits = s[at + header::BH] == 0
            && self.layout.contexts[context].is_task()
            && self.preemptible(s, context)
            && match self.next_call(s, context) {
                Some(call) => call == KernelCall::BhDisable,
                None => self.owes_irq_run(s, context) && self.is_forced_thread(s, context),
            };
        let cpu = self.affinity(s, context).filter(|_| waits && self.layout.bh.is_some())?;
        self.bh_lock(cpu as usize)
    }

    /// Whether bottom halves can be turned off. Whose CPU is open finds out when it tries.
    pub(super) fn may_disable_bh(&self, s: &[u8], context: usize) -> u8 {
        match self.awaited_bh(s, context) {
            Some(at) if !self.takes_in_turn(s, context, at, false) && !self.may_queue_in_turn(s, context) => 0,
            _ => ORDINARY,
        }
    }

    /// Whether a thread that begins with bottom halves off can do so on a CPU.
    pub(super) fn may_begin_on(&self, s: &[u8], thread: usize, cpu: usize) -> bool {
        self.layout.bh.is_none()
            || self.point(s, thread).is_some()
            || !self.is_forced_thread(s, thread)
            || self.bh_is_free(s, cpu)
    }

    /// Whether it can on any that is open to it.
    pub(super) fn may_begin(&self, s: &[u8], thread: usize) -> bool {
        let affinity = self.affinity(s, thread);
        (0..self.cpus()).any(|cpu| affinity.is_none_or(|own| own as usize == cpu) && self.may_begin_on(s, thread, cpu))
    }

    /// Whether a context is in a section that counts as one of RCU under `PREEMPT_RT`, as what holds the lock does.
    pub(super) fn reads_by_bh(&self, s: &[u8], context: usize) -> bool {
        let decl = &self.layout.contexts[context];
        self.is_rt() && (s[decl.header + header::BH] > 0 || matches!(decl.origin, Origin::Softirq { .. }))
    }

    /// Takes a CPU's lock for the context that serves softirqs there.
    pub(super) fn take_bh_lock(&self, s: &mut [u8], cpu: usize, context: usize) {
        if let Some(at) = self.bh_lock(cpu) {
            s[at] = context as u8 + 1;
        }
    }

    /// Softirqs have been served: the lock is free, and the task that waited for that goes on.
    pub(super) fn leave_bh_lock(&self, s: &mut [u8], cpu: usize) {
        if let Some(at) = self.bh_lock(cpu) {
            s[at..at + 2].fill(0);
        }
    }

    /// A task that has the lock turns bottom halves on: it serves what is pending first, if it may be preempted; if not, that is left to `ksoftirqd`.
    pub(super) fn give_bh_lock(&self, s: &mut [u8], cpu: usize, task: usize) {
        let Some(at) = self.bh_lock(cpu).filter(|at| s[*at] as usize == task + 1) else { return };
        s[at] = 0;
        if self.preemptible(s, task) && self.serve_for(s, cpu) {
            s[at + 1] = task as u8 + 1;
        }
    }

    /// A context ends: what it has goes with it.
    pub(super) fn forget_bh(&self, s: &mut [u8], context: usize) {
        for at in (0..self.cpus()).filter_map(|cpu| self.bh_lock(cpu)) {
            if s[at] as usize == context + 1 {
                s[at] = 0;
            }
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// `local_bh_disable()` under `PREEMPT_RT`: the outermost takes the lock of its CPU, and keeps the task there and in a reader of RCU.
    pub(super) fn take_bh(&mut self) -> Given {
        let at = self.m.layout.contexts[self.context].header;
        let outermost = self.s[at + header::BH] == 0 && self.m.layout.contexts[self.context].is_task();
        if let Some(lock) = self.m.bh_lock(self.cpu).filter(|_| outermost) {
            if self.m.preemptible(self.s, self.context) {
                self.wait_for_bh(lock)?;
                self.s[lock] = self.context as u8 + 1;
                if self.m.layout.rcu.is_some() {
                    self.rcu_read_lock();
                }
            } else if self.s[lock] != 0 {
                self.symptom(Kind::WrongContext, 15);
            }
        }
        self.s[at + header::BH] = self.s[at + header::BH].saturating_add(1);
        Some(0)
    }

    /// Stays on this CPU from now on, and gets its lock; `None` if the context has to wait for that at this very call.
    fn wait_for_bh(&mut self, lock: usize) -> Option<()> {
        let flags = self.m.layout.contexts[self.context].header + header::FLAGS;
        let came = self.s[flags] & flag::QUEUED != 0;
        if !came {
            self.migrate_disable();
        }
        if self.m.takes_in_turn(self.s, self.context, lock, false) {
            self.leave_writers();
            return Some(());
        }
        self.s[flags] |= flag::QUEUED;
        self.gave_up = true;
        self.tell(super::event::What::Yield { why: "waits for bottom halves to be on" });
        None
    }

    /// The outermost `local_bh_enable()` of a task under `PREEMPT_RT`.
    pub(super) fn give_bh(&mut self) {
        let holds = self.m.bh_lock(self.cpu).is_some_and(|at| self.s[at] as usize == self.context + 1);
        if !holds {
            return;
        }
        if self.m.layout.rcu.is_some() {
            self.rcu_read_unlock();
        }
        self.m.give_bh_lock(self.s, self.cpu, self.context);
        self.migrate_enable();
    }
}
