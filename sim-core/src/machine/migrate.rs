//! `migrate_disable()`: a task stays on the CPU that it is on, and may be preempted there. After `migrate_disable` in `kernel/sched/core.c`.
//!
//! Two bytes for each context, where the program calls it: how often, and the CPU plus one.
//!
//! Invariant: a task whose count is not zero takes its steps on one CPU.

use super::layout::every_call;
use super::lock::Given;
use super::{Machine, Run};
use crate::model::Observer;
use crate::program::{ContextKind, KernelCall, Program};

/// Whether a program has tasks that must not migrate at times.
pub(super) fn uses(program: &Program) -> bool {
    every_call(program).any(|call| matches!(call, KernelCall::MigrateDisable { .. }))
        || super::bottom_half::uses(program)
}

/// Whether a task may be on one CPU or on another, so that where it is when it asks to stay can be noticed.
pub(super) fn wanders(program: &Program) -> bool {
    let free = |kind| !matches!(kind, ContextKind::Init);
    let threads =
        |call| matches!(call, KernelCall::KthreadCreate { .. } | KernelCall::RequestIrq { .. } | KernelCall::QueueWork);
    let any = program.contexts.iter().any(|decl| decl.kind.is_task() && free(decl.kind) && decl.cpu.is_none());
    program.config.cpus > 1 && (any || every_call(program).any(threads))
}

impl Machine {
    /// The CPU on which a task must stay for now.
    pub(super) fn kept_on(&self, s: &[u8], context: usize) -> Option<u8> {
        s[self.layout.migration? + 2 * context + 1].checked_sub(1)
    }

    /// Whether a task may not migrate.
    pub(super) fn migration_disabled(&self, s: &[u8], context: usize) -> bool {
        self.kept_on(s, context).is_some()
    }

    /// A context is on a CPU and stays there, once more.
    pub(super) fn keep_on(&self, s: &mut [u8], cpu: usize, context: usize) {
        if let Some(at) = self.layout.migration.map(|at| at + 2 * context) {
            s[at] = s[at].saturating_add(1);
            s[at + 1] = cpu as u8 + 1;
        }
    }

    /// A context ends: the next that it is may go where it likes.
    pub(super) fn forget_migration(&self, s: &mut [u8], context: usize) {
        if let Some(at) = self.layout.migration {
            s[at + 2 * context..at + 2 * context + 2].fill(0);
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// `migrate_disable()`
    pub(super) fn migrate_disable(&mut self) -> Given {
        self.m.keep_on(self.s, self.cpu, self.context);
        Some(0)
    }

    /// `migrate_enable()`
    pub(super) fn migrate_enable(&mut self) -> Given {
        if let Some(at) = self.m.layout.migration.map(|at| at + 2 * self.context) {
            self.s[at] = self.s[at].saturating_sub(1);
            if self.s[at] == 0 {
                self.s[at + 1] = 0;
            }
        }
        Some(0)
    }
}
