//! Kernel threads: made, asked to stop, parked, ended by themselves. After `kernel/kthread.c`.
//!
//! Invariant: `kthread_stop()` goes on only once the thread has ended, `kthread_park()` only once it has said that it is parked; and who uses the `task_struct` of a
//! thread that has ended uses memory that was freed, unless somebody holds a reference to it (`get_task_struct()`).

use super::bytes::{get32, set32};
use super::event::What;
use super::kernel::{EBUSY, EINTR, EINVAL, ENOSYS, ORDINARY};
use super::layout::Origin;
use super::lock::Given;
use super::memory::TASK_BASE;
use super::{Machine, Run, extra, flag, header};
use crate::finding::Kind;
use crate::model::{Bound, Choice, Growth, Observer, Outgrown};
use crate::program::{TASK_NORMAL, TaskState, pointer};

/// References to a thread when more were put than there were, its own among them.
const OVERPUT: u8 = u8::MAX;

/// The least `ERR_PTR()`.
const ERR_PTR: u64 = -4095i64 as u64;

/// Bits of `extra::PARKING`.
mod parking {
    /// `KTHREAD_SHOULD_PARK`
    pub(super) const ASKED: u8 = 1;
    /// It has completed `kthread->parked`, and nobody has seen that yet.
    pub(super) const SAID: u8 = 2;
}

impl Machine {
    /// The kernel thread that a context's next call is about.
    fn next_thread(&self, s: &[u8], context: usize) -> Option<usize> {
        self.next_operand(s, context, 0).and_then(|task| self.task_at(task))
    }

    fn ended(&self, s: &[u8], context: usize) -> bool {
        self.flags(s, context) & flag::ENDED != 0
    }

    fn parking(&self, s: &[u8], context: usize) -> u8 {
        self.layout.contexts[context].extra.map_or(0, |at| s[at + extra::PARKING])
    }

    pub(super) fn may_stop(&self, s: &[u8], context: usize) -> u8 {
        let stopped = self.next_thread(s, context).is_none_or(|thread| self.ended(s, thread));
        if stopped { ORDINARY } else { 0 }
    }

    pub(super) fn may_see_parked(&self, s: &[u8], context: usize) -> u8 {
        let said = |thread: usize| !self.ended(s, thread) && self.parking(s, thread) & parking::SAID != 0;
        if self.next_thread(s, context).is_none_or(said) { ORDINARY } else { 0 }
    }

    pub(super) fn may_leave_park(&self, s: &[u8], context: usize) -> u8 {
        if self.task_state(s, context) == TaskState::Parked as u8 { 0 } else { ORDINARY }
    }

    /// The thread that a context waits for in `kthread_stop()` or `kthread_park()`, while it lives.
    pub(super) fn awaited_thread(&self, s: &[u8], context: usize) -> Option<usize> {
        self.next_thread(s, context).filter(|thread| !self.ended(s, *thread))
    }

    /// Whether a task's memory may be gone: it is a kernel thread that has ended as it should, and nobody holds a reference to it.
    fn is_freed(&self, s: &[u8], task: usize) -> bool {
        let decl = &self.layout.contexts[task];
        let spawned = matches!(decl.origin, Origin::Spawned { .. });
        let ended = self.flags(s, task) & (flag::ENDED | flag::DIED) == flag::ENDED;
        let unreferenced = |count: u8| count == OVERPUT || (ended && count == 0);
        spawned && decl.extra.is_some_and(|at| unreferenced(s[at + extra::REFERENCES]))
    }
}

impl<O: Observer> Run<'_, O> {
    /// The task that a pointer is about; `None` if the context does not survive the use of it.
    pub(super) fn task(&mut self, task: u64) -> Option<usize> {
        match self.m.task_at(task) {
            Some(target) if !self.m.is_freed(self.s, target) => Some(target),
            target => {
                let wild = target.is_none() && (pointer::id(task) == 0 || task >= ERR_PTR);
                self.fault(if wild { Kind::NullDeref } else { Kind::UseAfterFree }, 0, task);
                None
            }
        }
    }

    /// In whose name a thread is made: a task's of the program, or nobody's. The numbers of those that the kernel makes (workers, softirqs, other threads) are not the same any
    /// more when there is room for another thread, and a line's name its own threads.
    fn creator(&self) -> u8 {
        let of_program = self.context < self.m.program.contexts.len() && self.m.layout.contexts[self.context].is_task();
        if of_program { self.context as u8 } else { u8::MAX }
    }

    pub(super) fn kthread_create(&mut self, site: u32, function: u64, data: u64) -> Given {
        let creator = self.creator();
        let mine = |c: &super::layout::Context| c.origin == Origin::Spawned { creator, site };
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

    pub(super) fn kthread_bind(&mut self, task: u64, cpu: u8) -> Given {
        let target = self.task(task)?;
        if let Some(at) = self.m.layout.contexts[target].extra {
            self.s[at + extra::BOUND] = cpu.min(self.m.cpus() as u8 - 1) + 1;
        }
        Some(0)
    }

    /// A thread that was made begins its function.
    fn first_run(&mut self, thread: usize) {
        self.s[self.m.layout.contexts[thread].header + header::FLAGS] &= !flag::NEW;
        self.m.tell_beginning(self.s, thread, self.o);
    }

    pub(super) fn kthread_stop_request(&mut self, task: u64) -> Given {
        let target = self.task(task)?;
        let context = &self.m.layout.contexts[target];
        self.tell(What::Task { context: target as u8, verb: "asks to stop" });
        self.count_reference(target, true);
        let flags = self.m.flags(self.s, target);
        if flags & flag::ENDED != 0 {
            return Some(0);
        }
        let asked_to_park = self.m.parking(self.s, target) & parking::ASKED != 0;
        if flags & flag::NEW != 0 && !asked_to_park {
            // It never runs: kthread() sees the request before it calls the function.
            self.s[context.stack..context.stack + context.stack_size].fill(0);
            self.s[context.header..context.header + 8].fill(0);
            self.s[context.header + header::FLAGS] = flag::ENDED;
            if let Some(at) = context.extra {
                set32(self.s, at + extra::RESULT, EINTR as u32);
            }
            return Some(0);
        }
        self.s[context.header + header::FLAGS] |= flag::SHOULD_STOP;
        self.unpark(target);
        if let Some(at) = context.extra {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
        Some(0)
    }

    pub(super) fn kthread_stop_wait(&mut self, task: u64) -> Given {
        let Some(target) = self.m.task_at(task) else { return Some(EINVAL) };
        self.gave_up = true;
        let result = self.m.layout.contexts[target].extra.map_or(EINVAL, |at| get32(self.s, at + extra::RESULT) as u64);
        self.count_reference(target, false);
        Some(result)
    }

    pub(super) fn kthread_should_park(&self) -> Given {
        Some(u64::from(self.m.parking(self.s, self.context) & parking::ASKED != 0))
    }

    pub(super) fn kthread_park(&mut self, task: u64) -> Given {
        let target = self.task(task)?;
        let Some(at) = self.m.layout.contexts[target].extra else { return Some(ENOSYS) };
        if self.m.ended(self.s, target) {
            return Some(ENOSYS);
        }
        if self.s[at + extra::PARKING] & parking::ASKED != 0 {
            return Some(EBUSY);
        }
        self.s[at + extra::PARKING] |= parking::ASKED;
        self.tell(What::Task { context: target as u8, verb: "asks to park" });
        if self.m.flags(self.s, target) & flag::NEW != 0 {
            // kthread() parks before it calls the function.
            self.s[at + extra::PARKING] |= parking::SAID;
        } else if self.s[at + extra::STATE] & TASK_NORMAL != 0 {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
        Some(0)
    }

    /// The second half of `kthread_park()`: the thread has parked.
    pub(super) fn kthread_sees_parked(&mut self, task: u64) -> Given {
        let target = self.task(task)?;
        self.gave_up = true;
        if let Some(at) = self.m.layout.contexts[target].extra {
            self.s[at + extra::PARKING] &= !parking::SAID;
        }
        self.tell(What::Task { context: target as u8, verb: "has parked" });
        Some(0)
    }

    /// `kthread_parkme()`: parks as long as that is asked for. The thread stays at this call while it is parked.
    pub(super) fn kthread_parkme(&mut self) -> Given {
        let Some(at) = self.m.layout.contexts[self.context].extra else { return Some(0) };
        if self.s[at + extra::PARKING] & parking::ASKED == 0 {
            self.s[at + extra::STATE] = TaskState::Running as u8;
            return Some(0);
        }
        self.check_schedule();
        self.s[at + extra::STATE] = TaskState::Parked as u8;
        self.s[at + extra::PARKING] |= parking::SAID;
        self.gave_up = true;
        self.tell(What::Yield { why: "parks" });
        None
    }

    pub(super) fn kthread_unpark(&mut self, task: u64) -> Given {
        let target = self.task(task)?;
        self.unpark(target);
        Some(0)
    }

    fn unpark(&mut self, thread: usize) {
        let Some(at) = self.m.layout.contexts[thread].extra else { return };
        if self.s[at + extra::PARKING] & parking::ASKED == 0 {
            return;
        }
        self.s[at + extra::PARKING] &= !parking::ASKED;
        self.tell(What::Task { context: thread as u8, verb: "unparks" });
        if self.m.flags(self.s, thread) & flag::NEW != 0 {
            self.first_run(thread);
        } else if self.s[at + extra::STATE] == TaskState::Parked as u8 {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
    }

    /// `get_task_struct()`, `put_task_struct()`.
    pub(super) fn task_reference(&mut self, task: u64, get: bool) -> Given {
        let target = self.task(task)?;
        self.count_reference(target, get);
        Some(0)
    }

    fn count_reference(&mut self, task: usize, get: bool) {
        let context = &self.m.layout.contexts[task];
        if let Some(at) = context.extra.filter(|_| matches!(context.origin, Origin::Spawned { .. })) {
            let count = &mut self.s[at + extra::REFERENCES];
            *count =
                if get { count.saturating_add(1).min(OVERPUT - 1) } else { count.checked_sub(1).unwrap_or(OVERPUT) };
        }
    }

    /// A wake-up of a thread that was made and has not begun: it begins, unless it is to park first.
    pub(super) fn begins_thread(&mut self, thread: usize) -> bool {
        let new = self.m.flags(self.s, thread) & flag::NEW != 0;
        let begins = new && self.m.parking(self.s, thread) & parking::ASKED == 0;
        if begins {
            self.first_run(thread);
        }
        begins
    }
}
