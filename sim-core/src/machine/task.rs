//! Tasks: sleeping, waking, signals, kernel threads.
//!
//! Invariant: a task that stands before `schedule()` in another state than `TASK_RUNNING` sleeps until something sets it running; a wake-up that
//! comes before it set its state is lost, as in the kernel (`Documentation/memory-barriers.txt`, "sleep and wake-up functions").

use super::bytes::get32;
use super::event::What;
use super::kernel::{ALTERNATIVE, EINTR, EINVAL, ORDINARY, SIGNALLED};
use super::lock::Given;
use super::memory::TASK_BASE;
use super::{Machine, Run, extra, flag, header};
use crate::finding::Kind;
use crate::model::{Bound, Choice, Growth, Observer, Outgrown};
use crate::program::{KernelCall, TaskState, pointer};

impl Machine {
    fn task_state(&self, s: &[u8], context: usize) -> u8 {
        self.layout.contexts[context].extra.map_or(0, |at| s[at + extra::STATE])
    }

    /// Whether a signal is pending.
    pub(super) fn signalled(&self, s: &[u8], context: usize) -> bool {
        self.flags(s, context) & flag::SIGNAL != 0
    }

    /// Whether the rig lets a signal arrive now.
    pub(super) fn signal_may_arrive(&self, s: &[u8], context: usize) -> bool {
        let decl = &self.layout.contexts[context];
        decl.extra.is_some_and(|at| s[at + extra::SIGNALS] < decl.signals) && !self.signalled(s, context)
    }

    pub(super) fn may_return_from_schedule(&self, s: &[u8], context: usize, timeout: bool) -> u8 {
        let state = self.task_state(s, context);
        if state == TaskState::Running as u8 {
            return ORDINARY;
        }
        let signal = self.signalled(s, context) || self.signal_may_arrive(s, context);
        let woken = state == TaskState::Interruptible as u8 && signal;
        (if woken { SIGNALLED } else { 0 }) | (if timeout { ALTERNATIVE } else { 0 })
    }

    pub(super) fn may_stop(&self, s: &[u8], context: usize) -> u8 {
        let target = self.next_operand(s, context, 0).and_then(|p| self.task_at(p));
        target.map_or(ORDINARY, |t| if self.flags(s, t) & flag::ENDED != 0 { ORDINARY } else { 0 })
    }

    /// The context that a `struct task_struct *` points to.
    pub(super) fn task_at(&self, address: u64) -> Option<usize> {
        let task = pointer::id(address).checked_sub(TASK_BASE)? as usize;
        (task < self.layout.contexts.len() && self.layout.contexts[task].is_task()).then_some(task)
    }

    /// Whether a task waits in a call that has given its CPU up.
    pub(super) fn asleep(&self, s: &[u8], context: usize) -> bool {
        self.next_call(s, context).is_some_and(sleeps)
    }

    /// Whether nobody minds if a task sleeps for ever: it sleeps interruptibly and is a kernel thread, or waits for a signal by design.
    pub(super) fn idles(&self, s: &[u8], context: usize) -> bool {
        self.layout.contexts[context].is_kthread()
            && matches!(self.next_call(s, context), Some(KernelCall::Schedule { .. }))
            && self.task_state(s, context) == TaskState::Interruptible as u8
    }
}

/// Whether who must wait in a call gives its CPU up.
pub(super) fn sleeps(call: KernelCall) -> bool {
    match call {
        KernelCall::Acquire { lock, .. } => lock.sleeps(),
        KernelCall::SemDown { .. }
        | KernelCall::CompletionWait { .. }
        | KernelCall::Schedule { .. }
        | KernelCall::KthreadStopWait
        | KernelCall::TaskletKill
        | KernelCall::FlushWork { .. }
        | KernelCall::FlushWorkqueue
        | KernelCall::WqWaitEmpty
        | KernelCall::GpWait { .. }
        | KernelCall::BarrierWait
        | KernelCall::SyncIrqThreads => true,
        KernelCall::TaskletWait { sleep, .. } => sleep,
        _ => false,
    }
}

impl<O: Observer> Run<'_, O> {
    fn extra(&self) -> Option<usize> {
        self.m.layout.contexts[self.context].extra
    }

    pub(super) fn set_state(&mut self, state: u8) -> Given {
        if let Some(at) = self.extra() {
            self.s[at + extra::STATE] = state;
        }
        const NAMES: [&str; 3] = ["TASK_RUNNING", "TASK_INTERRUPTIBLE", "TASK_UNINTERRUPTIBLE"];
        self.tell(What::Mask { now: NAMES[(state as usize).min(2)] });
        Some(0)
    }

    pub(super) fn schedule(&mut self) -> Given {
        self.gave_up = true;
        let woken = self.outcome == 0;
        if self.outcome == 2 {
            self.signal_arrives();
        }
        if let Some(at) = self.extra() {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
        self.tell(What::Yield { why: if woken { "runs again" } else { "times out" } });
        Some(u64::from(woken))
    }

    pub(super) fn wake_up(&mut self, task: u64, mask: u8) -> Given {
        let Some(target) = self.m.task_at(task) else {
            let kind = if pointer::id(task) == 0 { Kind::NullDeref } else { Kind::UseAfterFree };
            self.fault(kind, 0, task);
            return None;
        };
        let context = &self.m.layout.contexts[target];
        let flags = context.header + header::FLAGS;
        let new = self.s[flags] & flag::NEW != 0;
        self.s[flags] &= !flag::NEW;
        let sleeping = context.extra.filter(|at| self.s[at + extra::STATE] & mask != 0);
        if let Some(at) = sleeping {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
        if new {
            self.m.tell_beginning(self.s, target, self.o);
        }
        if new || sleeping.is_some() {
            self.tell(What::Task { context: target as u8, verb: "wakes" });
        }
        Some(u64::from(new || sleeping.is_some()))
    }

    /// A signal comes in, if none was pending.
    pub(super) fn signal_arrives(&mut self) {
        let flags = self.m.layout.contexts[self.context].header + header::FLAGS;
        if self.s[flags] & flag::SIGNAL == 0 {
            self.s[flags] |= flag::SIGNAL;
            if let Some(at) = self.extra() {
                self.s[at + extra::SIGNALS] += 1;
            }
        }
        self.tell(What::Yield { why: "is interrupted by a signal" });
    }

    pub(super) fn signal_pending(&mut self) -> Given {
        if self.outcome == 1 {
            self.signal_arrives();
        }
        Some(u64::from(self.m.signalled(self.s, self.context)))
    }

    pub(super) fn kthread_create(&mut self, site: u32, function: u64, data: u64) -> Given {
        let creator = self.context as u8;
        let mine = |c: &super::layout::Context| c.origin == super::layout::Origin::Spawned { creator, site };
        let contexts = &self.m.layout.contexts;
        let room = contexts.iter().filter(|c| mine(c)).count();
        let vacant = |i: &usize| {
            mine(&contexts[*i])
                && self.s[contexts[*i].header + header::FLAGS] == 0
                && self.m.point(self.s, *i).is_none()
        };
        let Some(thread) = (0..contexts.len()).find(vacant) else {
            if room >= self.m.program.config.bounds.spawns as usize {
                self.o.bound(Bound::Spawns);
                return Some(-12i64 as u64); // -ENOMEM
            }
            return self.outgrow(Growth::Threads { context: creator, site });
        };
        let Some(entry) = pointer::function(function).filter(|f| (*f as usize) < self.m.code.routines.len()) else {
            self.fault(Kind::NullDeref, 2, function);
            return None;
        };
        self.s[contexts[thread].header + header::FLAGS] = flag::NEW;
        let choice = Choice { context: thread as u8, cpu: self.cpu as u8, outcome: 0 };
        if let Err(Outgrown(growth)) = Run::start(self.m, self.s, choice, entry, &[data], self.o) {
            return self.outgrow(growth);
        }
        self.tell(What::Task { context: thread as u8, verb: "creates" });
        Some((TASK_BASE as u64 + thread as u64) << 32)
    }

    fn task(&mut self, task: u64) -> Option<usize> {
        let target = self.m.task_at(task);
        if target.is_none() {
            self.fault(Kind::NullDeref, 0, task);
        }
        target
    }

    pub(super) fn kthread_bind(&mut self, task: u64, cpu: u8) -> Given {
        let target = self.task(task)?;
        if let Some(at) = self.m.layout.contexts[target].extra {
            self.s[at + extra::BOUND] = cpu.min(self.m.cpus() as u8 - 1) + 1;
        }
        Some(0)
    }

    pub(super) fn kthread_stop_request(&mut self, task: u64) -> Given {
        let target = self.task(task)?;
        let context = &self.m.layout.contexts[target];
        let flags = context.header + header::FLAGS;
        self.tell(What::Task { context: target as u8, verb: "asks to stop" });
        if self.s[flags] & flag::ENDED != 0 {
            return Some(0);
        }
        if self.s[flags] & flag::NEW != 0 {
            // It never runs: kthread() sees the request before it calls the function.
            self.s[context.stack..context.stack + context.stack_size].fill(0);
            self.s[context.header..context.header + 8].fill(0);
            self.s[flags] = flag::ENDED;
            if let Some(at) = context.extra {
                super::bytes::set32(self.s, at + extra::RESULT, EINTR as u32);
            }
            return Some(0);
        }
        self.s[flags] |= flag::SHOULD_STOP;
        if let Some(at) = context.extra {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
        Some(0)
    }

    pub(super) fn kthread_stop_wait(&mut self, task: u64) -> Given {
        let target = self.task(task)?;
        self.gave_up = true;
        let result = self.m.layout.contexts[target].extra.map_or(EINVAL, |at| get32(self.s, at + extra::RESULT) as u64);
        Some(result)
    }
}
