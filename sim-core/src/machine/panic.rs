//! Oops, warning, panic: what becomes of a context, and of the machine, after one.
//!
//! Invariant: an oops ends its context, and nobody gets what it holds. Where the kernel cannot go on without the context (in an interrupt, or with bottom
//! halves off) or is told not to (`panic_on_oops`; `panic_on_warn` after a warning), nothing runs any more.

use super::event::What;
use super::exec::Run;
use super::{flag, global, header};
use crate::finding::Kind;
use crate::model::Observer;

/// What of `preempt_count` `in_interrupt()` looks at: all but how often preemption is disabled.
const IN_INTERRUPT: u32 = !0xff;

impl<O: Observer> Run<'_, O> {
    /// Something went wrong that the context does not survive. (`arch/x86/kernel/dumpstack.c`, `oops_end`; `kernel/exit.c`, `make_task_dead`)
    pub(super) fn fault(&mut self, kind: Kind, detail: u32, address: u64) {
        self.symptom_at(kind, detail, address);
        let fatal = if self.irq_count() & IN_INTERRUPT != 0 {
            Some("Fatal exception in interrupt")
        } else {
            self.m.program.config.panic_on_oops.then_some("Fatal exception")
        };
        self.die();
        if let Some(text) = fatal {
            self.panics(|_| text.to_owned());
        }
    }

    /// The context is killed, with all that it holds; in an interrupt, the machine stops.
    pub(super) fn die(&mut self) {
        let irqs_off = self.m.has_irqs_off(self.s, self.context);
        self.tell(What::Killed { preempt_count: self.count(), irqs_off });
        let context = &self.m.layout.contexts[self.context];
        let at = context.header;
        self.clear_stack(0);
        self.s[context.stack..context.stack + context.stack_size].fill(0);
        self.s[at..at + 8].fill(0);
        self.s[at + header::FLAGS] = flag::ENDED | flag::DIED | flag::KILLED;
        self.m.leave_sections(self.s, self.context);
        self.m.leave_atomic_sections(self.s, self.context);
        if let Some(extra) = context.extra {
            self.s[extra..extra + 8].fill(0);
        }
        self.m.irq_thread_done(self.s, self.context);
        self.m.forget_migration(self.s, self.context);
        if !context.is_task() || context.kind.is_setup() {
            self.stop();
        }
    }

    /// `panic()`: nothing runs any more. What is told of it is made only for those who listen.
    pub(super) fn panics(&mut self, text: impl FnOnce(&Self) -> String) {
        if O::EVENTS {
            let text = text(self);
            self.tell(What::Panics { text });
        }
        self.stop();
    }

    fn stop(&mut self) {
        self.s[self.m.layout.globals + global::STOPPED] = 1;
    }

    /// What `panic_on_warn` makes of a symptom.
    pub(super) fn check_panic_on_warn(&mut self, kind: Kind, detail: u32) {
        if self.m.program.config.panic_on_warn
            && !self.m.stopped(self.s)
            && let Some(origin) = warning(kind, detail)
        {
            self.panics(|_| format!("{origin}: panic_on_warn set ..."));
        }
    }

    /// Whether a warning has stopped the machine in the middle of this step.
    pub(super) fn warned_to_death(&self) -> bool {
        self.m.program.config.panic_on_warn && self.m.stopped(self.s)
    }
}

/// Who calls `check_panic_on_warn()` where a kernel reports this, if anybody: `__warn()` (`kernel/panic.c`), `__schedule_bug()` (`kernel/sched/core.c`),
/// `end_report()` (`mm/kasan/report.c`). The lock validator, the reports of RCU usage and the watchdogs do not. KCSAN does, but it samples: a race
/// goes unnoticed in some executions, and these go on.
fn warning(kind: Kind, detail: u32) -> Option<&'static str> {
    /// `tasklet_kill()` in an interrupt is a line of the log, no warning; so is one `tasklet_enable()` too many.
    const TASKLET_KILL: u32 = 11;
    const TASKLET_ENABLE: u32 = 5;
    match (kind, detail) {
        (Kind::WrongContext, TASKLET_KILL) | (Kind::IrqState, TASKLET_ENABLE) | (Kind::PreemptLeak, 0) => None,
        (
            Kind::WarnOn
            | Kind::LockAssertion
            | Kind::WrongContext
            | Kind::NotRunning
            | Kind::IrqState
            | Kind::PreemptLeak
            | Kind::FreeActive
            | Kind::FlushDependency
            | Kind::RcuSleep
            | Kind::RcuDoubleCall
            | Kind::Refcount,
            _,
        ) => Some("kernel"),
        (Kind::ScheduleInAtomic, _) => Some("scheduling while atomic"),
        (Kind::UseAfterFree | Kind::DoubleFree | Kind::OutOfBounds, _) => Some("KASAN"),
        _ => None,
    }
}
