//! Tasks: sleeping, waking, signals.
//!
//! A signal that ends an interruptible sleep may be fatal or not: which, is decided where somebody first asks. A killable sleep is ended by a fatal one alone.
//!
//! Invariant: a task that stands before `schedule()` in another state than `TASK_RUNNING` sleeps until something sets it running; a wake-up that
//! comes before it set its state is lost, as in the kernel (`Documentation/memory-barriers.txt`, "sleep and wake-up functions").

use super::event::What;
use super::kernel::{ALTERNATIVE, ORDINARY, SIGNALLED, SPURIOUS};
use super::lock::Given;
use super::memory::TASK_BASE;
use super::{Machine, Run, extra, flag, header};
use crate::model::Observer;
use crate::program::{KernelCall, Sleep, TASK_INTERRUPTIBLE, TASK_NOLOAD, TASK_WAKEKILL, TaskState, pointer};

/// The byte `extra::SIGNALS`: how many have arrived,
const ARRIVED: u8 = 0x3f;
/// one that is pending is fatal,
const FATAL: u8 = 0x40;
/// and none of those is that are pending. Neither: nobody has asked yet.
const NOT_FATAL: u8 = 0x80;

impl Machine {
    pub(super) fn task_state(&self, s: &[u8], context: usize) -> u8 {
        self.layout.contexts[context].extra.map_or(0, |at| s[at + extra::STATE])
    }

    /// Whether a signal is pending.
    pub(super) fn signalled(&self, s: &[u8], context: usize) -> bool {
        self.flags(s, context) & flag::SIGNAL != 0
    }

    fn signals(&self, s: &[u8], context: usize) -> u8 {
        self.layout.contexts[context].extra.map_or(0, |at| s[at + extra::SIGNALS])
    }

    /// Whether the rig lets another signal come.
    fn more_signals(&self, s: &[u8], context: usize) -> bool {
        let decl = &self.layout.contexts[context];
        decl.extra.is_some() && self.signals(s, context) & ARRIVED < decl.signals.min(ARRIVED)
    }

    /// Whether the rig lets a signal arrive now.
    pub(super) fn signal_may_arrive(&self, s: &[u8], context: usize) -> bool {
        self.more_signals(s, context) && !self.signalled(s, context)
    }

    /// Whether a fatal signal is pending, or may turn out to be, or may arrive now.
    fn may_be_killed(&self, s: &[u8], context: usize) -> bool {
        match self.signalled(s, context) {
            true if self.signals(s, context) & NOT_FATAL == 0 => true,
            _ => self.more_signals(s, context),
        }
    }

    /// Whether a signal may end a sleep.
    pub(super) fn may_interrupt(&self, s: &[u8], context: usize, sleep: Sleep) -> u8 {
        let ends = match sleep {
            Sleep::Uninterruptible => false,
            Sleep::Interruptible => self.signalled(s, context) || self.signal_may_arrive(s, context),
            Sleep::Killable => self.may_be_killed(s, context),
        };
        if ends { SIGNALLED } else { 0 }
    }

    /// What `fatal_signal_pending()` may answer.
    pub(super) fn may_be_fatal(&self, s: &[u8], context: usize) -> u8 {
        let known = self.signals(s, context) & FATAL != 0;
        if !known && self.may_be_killed(s, context) { ORDINARY | ALTERNATIVE } else { ORDINARY }
    }

    pub(super) fn may_return_from_schedule(&self, s: &[u8], context: usize, timeout: bool) -> u8 {
        let state = self.task_state(s, context);
        if state == TaskState::Running as u8 {
            return ORDINARY;
        }
        let spurious = if self.may_wake_spuriously(s) { SPURIOUS } else { 0 };
        self.may_interrupt(s, context, sleep_of(state)) | (if timeout { ALTERNATIVE } else { 0 }) | spurious
    }

    fn may_wake_spuriously(&self, s: &[u8]) -> bool {
        self.layout.spurious.is_some_and(|at| s[at] < self.program.config.bounds.spurious_wakeups)
    }

    /// The context that a `struct task_struct *` points to.
    pub(super) fn task_at(&self, address: u64) -> Option<usize> {
        let task = pointer::id(address).checked_sub(TASK_BASE)? as usize;
        (task < self.layout.contexts.len() && self.layout.contexts[task].is_task()).then_some(task)
    }

    /// Whether a task waits in a call that has given its CPU up.
    pub(super) fn asleep(&self, s: &[u8], context: usize) -> bool {
        self.next_call(s, context).is_some_and(|call| sleeps(call) || (self.is_rt() && sleeps_if_rt(call)))
    }

    /// Whether nobody minds if a task sleeps for ever: it is a kernel thread that is parked, or sleeps interruptibly or without being load.
    pub(super) fn idles(&self, s: &[u8], context: usize) -> bool {
        let state = self.task_state(s, context);
        self.layout.contexts[context].is_kthread()
            && match self.next_call(s, context) {
                Some(KernelCall::Schedule { .. }) => state & (TASK_INTERRUPTIBLE | TASK_NOLOAD) != 0,
                Some(KernelCall::KthreadParkme) => state == TaskState::Parked as u8,
                _ => false,
            }
    }
}

/// What may end the sleep of a task in this state.
fn sleep_of(state: u8) -> Sleep {
    if state & TASK_INTERRUPTIBLE != 0 {
        Sleep::Interruptible
    } else if state & TASK_WAKEKILL != 0 {
        Sleep::Killable
    } else {
        Sleep::Uninterruptible
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
        | KernelCall::KthreadParkWait
        | KernelCall::KthreadParkme
        | KernelCall::NapiWait { .. }
        | KernelCall::NapiDelete
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

/// Whether who must wait in a call does so under `PREEMPT_RT`: elsewhere it spins, or does not wait.
pub(super) fn sleeps_if_rt(call: KernelCall) -> bool {
    matches!(call, KernelCall::BhDisable | KernelCall::TimerCancel { wait: true, .. } | KernelCall::TaskletWait { .. })
}

impl<O: Observer> Run<'_, O> {
    fn extra(&self) -> Option<usize> {
        self.m.layout.contexts[self.context].extra
    }

    pub(super) fn set_state(&mut self, state: u8) -> Given {
        if let Some(at) = self.extra() {
            self.s[at + extra::STATE] = state;
        }
        let name = match sleep_of(state) {
            _ if state == TaskState::Running as u8 => "TASK_RUNNING",
            Sleep::Interruptible => "TASK_INTERRUPTIBLE",
            Sleep::Killable => "TASK_KILLABLE",
            Sleep::Uninterruptible if state & TASK_NOLOAD != 0 => "TASK_IDLE",
            Sleep::Uninterruptible => "TASK_UNINTERRUPTIBLE",
        };
        self.tell(What::Mask { now: name });
        Some(0)
    }

    pub(super) fn schedule(&mut self) -> Given {
        self.gave_up = true;
        let why = match self.outcome {
            0 => "runs again",
            1 => "times out",
            2 => {
                self.signal_arrives();
                "runs again"
            }
            _ => {
                if let Some(at) = self.m.layout.spurious {
                    self.s[at] += 1;
                }
                "wakes up for no reason"
            }
        };
        if let Some(at) = self.extra() {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
        self.tell(What::Yield { why });
        Some(u64::from(self.outcome != 1))
    }

    pub(super) fn wake_up(&mut self, task: u64, mask: u8) -> Given {
        let target = self.task(task)?;
        let new = self.begins_thread(target);
        let context = &self.m.layout.contexts[target];
        let sleeping = context.extra.filter(|at| self.s[at + extra::STATE] & mask != 0);
        if let Some(at) = sleeping {
            self.s[at + extra::STATE] = TaskState::Running as u8;
        }
        if new || sleeping.is_some() {
            self.tell(What::Task { context: target as u8, verb: "wakes" });
        }
        Some(u64::from(new || sleeping.is_some()))
    }

    /// Whether only a fatal signal ends the call that the context makes, or only such a one is asked for.
    fn wants_fatal(&self) -> bool {
        match self.m.next_call(self.s, self.context) {
            Some(
                KernelCall::Acquire { sleep, .. }
                | KernelCall::SemDown { sleep, .. }
                | KernelCall::CompletionWait { sleep, .. },
            ) => sleep == Sleep::Killable,
            Some(KernelCall::Schedule { .. }) => sleep_of(self.m.task_state(self.s, self.context)) == Sleep::Killable,
            Some(KernelCall::FatalSignalPending) => true,
            _ => false,
        }
    }

    /// A signal comes in, if none was pending that would do.
    pub(super) fn signal_arrives(&mut self) {
        let fatal = self.wants_fatal();
        let flags = self.m.layout.contexts[self.context].header + header::FLAGS;
        if let Some(at) = self.extra() {
            let signals = self.s[at + extra::SIGNALS];
            let (arrived, known) = (signals & ARRIVED, signals & !ARRIVED);
            let another = self.s[flags] & flag::SIGNAL == 0 || (fatal && known == NOT_FATAL);
            self.s[at + extra::SIGNALS] = (arrived + u8::from(another)) | if fatal { FATAL } else { known };
        }
        self.s[flags] |= flag::SIGNAL;
        self.tell(What::Yield {
            why: if fatal { "is interrupted by a fatal signal" } else { "is interrupted by a signal" },
        });
    }

    pub(super) fn signal_pending(&mut self) -> Given {
        if self.outcome == 1 {
            self.signal_arrives();
        }
        Some(u64::from(self.m.signalled(self.s, self.context)))
    }

    /// `fatal_signal_pending()`. What it answers of a signal of which nobody knew is what that signal is.
    pub(super) fn fatal_signal_pending(&mut self) -> Given {
        if self.outcome == 1 {
            self.signal_arrives();
        }
        let signals = self.m.signals(self.s, self.context);
        if let Some(at) = self.extra().filter(|_| signals & FATAL == 0 && self.m.signalled(self.s, self.context)) {
            self.s[at + extra::SIGNALS] |= NOT_FATAL;
        }
        Some(u64::from(signals & FATAL != 0))
    }
}
