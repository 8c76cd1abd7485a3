//! CPUs: who runs on them, who may come next.
//!
//! Invariant: a CPU's *owner* is recorded only where it matters: a task that cannot be preempted (preemption, bottom halves or interrupts off, or a
//! kernel that does not preempt). A CPU without an owner may take any task that is allowed there, the one that ran last among them.

use super::kernel::ORDINARY;
use super::layout::Layout;
use super::{Machine, extra, flag, global, header};
use crate::model::Choice;
use crate::program::{ContextKind, Preemption, Program};

/// For each CPU: whether more than one task may run there, or one that may go on elsewhere where others run too, or where softirqs that it raises are pending
/// on the CPU that it was on.
pub(super) fn shared(program: &Program, layout: &Layout) -> Vec<bool> {
    let late = layout.contexts.iter().any(|c| c.is_kthread());
    let rt = program.config.preemption == Preemption::Rt;
    let counts = |c: &&super::layout::Context| {
        (c.is_task() || (rt && c.is_softirq()))
            && c.kind != ContextKind::Init
            && (late || c.kind != ContextKind::ModuleInit)
    };
    let tasks: Vec<Option<u8>> = layout.contexts.iter().filter(counts).map(|c| c.cpu).collect();
    let crowded = |cpu: u8| tasks.iter().filter(|own| own.is_none_or(|own| own == cpu)).count() > 1;
    let told_apart = layout.softirq.is_some() || (0..program.config.cpus).any(crowded);
    let wanders = tasks.contains(&None) && told_apart;
    (0..program.config.cpus).map(|cpu| wanders || crowded(cpu)).collect()
}

/// For each CPU: the tasks that may ever run there.
pub(super) fn candidates(program: &Program, layout: &Layout) -> Vec<Vec<u8>> {
    let rt = program.config.preemption == Preemption::Rt;
    let scheduled = move |c: &super::layout::Context| c.is_task() || (rt && c.is_softirq());
    let may = |c: &super::layout::Context, cpu| scheduled(c) && c.cpu.is_none_or(|own| own == cpu);
    (0..program.config.cpus)
        .map(|cpu| (0..layout.contexts.len() as u8).filter(|t| may(&layout.contexts[*t as usize], cpu)).collect())
        .collect()
}

impl Machine {
    /// The task that cannot be made to leave a CPU.
    pub(super) fn owner(&self, s: &[u8], cpu: usize) -> Option<usize> {
        (s[self.layout.cpus + 2 * cpu] as usize).checked_sub(1)
    }

    /// The line whose handler runs on a CPU.
    pub(super) fn handler(&self, s: &[u8], cpu: usize) -> Option<usize> {
        (s[self.layout.cpus + 2 * cpu + 1] as usize).checked_sub(1)
    }

    pub(super) fn set_owner(&self, s: &mut [u8], cpu: usize, task: Option<usize>) {
        s[self.layout.cpus + 2 * cpu] = task.map_or(0, |t| t as u8 + 1);
    }

    pub(super) fn set_handler(&self, s: &mut [u8], cpu: usize, line: Option<usize>) {
        s[self.layout.cpus + 2 * cpu + 1] = line.map_or(0, |t| t as u8 + 1);
    }

    /// How many CPUs there are.
    pub(super) fn cpus(&self) -> usize {
        self.program.config.cpus as usize
    }

    /// Whether the kernel is one of `PREEMPT_RT`.
    pub(super) fn is_rt(&self) -> bool {
        self.program.config.preemption == Preemption::Rt
    }

    /// Whether a CPU takes interrupts.
    pub(super) fn irqs_on(&self, s: &[u8], cpu: usize) -> bool {
        let top = self.serving_on_top(s, cpu).or(self.owner(s, cpu));
        self.handler(s, cpu).is_none()
            && self.nmi(s, cpu).is_none()
            && top.is_none_or(|t| self.flags(s, t) & flag::IRQ_OFF == 0)
    }

    /// `preempt_count` as the kernel shows it: preemption in bits 0-7, serving a softirq 0x100, bottom halves off in steps of 0x200, hard IRQ 0x10000, NMI that and
    /// 0x100000. Under `PREEMPT_RT` softirqs are none of it: a task has a count of its own for them.
    pub(super) fn preempt_count(&self, s: &[u8], context: usize) -> u32 {
        let count = self.irq_count(s, context);
        if self.is_rt() { count & !0xff00 } else { count }
    }

    /// The same with softirqs, on every kernel: what `in_interrupt()` and its kin look at.
    pub(super) fn irq_count(&self, s: &[u8], context: usize) -> u32 {
        let at = self.layout.contexts[context].header;
        let interrupt = match self.layout.contexts[context].kind {
            ContextKind::HardIrq { .. } => 0x10000,
            ContextKind::Nmi { .. } => 0x110000,
            ContextKind::Softirq => 0x100,
            _ => 0,
        };
        s[at + header::PREEMPT] as u32 + 0x200 * s[at + header::BH] as u32 + interrupt
    }

    /// Whether a task may be made to leave its CPU here, were the kernel one that preempts.
    pub(super) fn preemptible(&self, s: &[u8], context: usize) -> bool {
        self.preempt_count(s, context) == 0 && self.flags(s, context) & flag::IRQ_OFF == 0
    }

    /// The CPU that a task is tied to.
    pub(super) fn affinity(&self, s: &[u8], task: usize) -> Option<u8> {
        let context = &self.layout.contexts[task];
        let bound = context.extra.and_then(|at| s[at + extra::BOUND].checked_sub(1));
        bound.or(context.cpu).or_else(|| self.kept_on(s, task))
    }

    /// Whether a task is in code, or owed a run, and its part of the scenario has begun.
    pub(super) fn begun(&self, s: &[u8], task: usize) -> bool {
        let done = self.setup_done(s) as usize;
        let context = &self.layout.contexts[task];
        let serves = context.is_softirq() && self.is_rt() && self.serves(s, task);
        let in_code = self.point(s, task).is_some() || self.owes_irq_run(s, task) || serves;
        if !in_code || self.flags(s, task) & flag::NEW != 0 {
            return false;
        }
        match context.kind {
            ContextKind::Init | ContextKind::ModuleInit => self.setup.get(done) == Some(&(task as u8)),
            _ if context.is_kthread() || context.is_softirq() => done >= self.inits as usize,
            _ => done >= self.setup.len() && !self.module_stays(s, task),
        }
    }

    /// After a task's step: who holds on to the CPU. Who gave it up does not, be it that it had no business to. Beneath a softirq a task stays where it is.
    pub(super) fn settle_owner(&self, s: &mut [u8], cpu: usize, task: usize, gave_up: bool) {
        let keeps = !self.program.config.preemption.preempts() && (self.shared[cpu] || self.layout.rcu.is_some());
        let stays = !gave_up
            && self.point(s, task).is_some()
            && (keeps || !self.preemptible(s, task) || self.serving_on_top(s, cpu).is_some());
        self.set_owner(s, cpu, stays.then_some(task));
    }

    /// After any step: a task that must sleep now gives its CPU up, one that should not sleep here among them, unless a handler runs on top of it. Once it is
    /// woken, another may have been given the CPU.
    pub(super) fn let_sleepers_go(&self, s: &mut [u8]) {
        for cpu in 0..self.cpus() {
            let sleeps = |task: &usize| self.asleep(s, *task) && self.outcomes(s, *task) & ORDINARY == 0;
            let on_top =
                self.nmi(s, cpu).is_some() || self.handler(s, cpu).is_some() || self.serving_on_top(s, cpu).is_some();
            if !on_top && self.owner(s, cpu).filter(sleeps).is_some() {
                self.set_owner(s, cpu, None);
            }
        }
    }

    /// Everything that may happen next.
    pub(super) fn list_choices(&self, s: &[u8], choices: &mut Vec<Choice>) {
        if self.stopped(s) {
            return;
        }
        let all_begun = self.setup_done(s) as usize >= self.setup.len();
        for cpu in 0..self.cpus() {
            if let (true, Some(task)) = (all_begun, self.lone[cpu]) {
                if !self.still_waits(s, task as usize) {
                    self.push(s, task as usize, cpu, choices);
                }
                continue;
            }
            if let Some(nmi) = self.nmi(s, cpu) {
                self.push(s, nmi, cpu, choices);
                continue;
            }
            if self.setup_done(s) >= self.inits {
                self.push_nmis(s, cpu, choices);
            }
            if let Some(line) = self.handler(s, cpu) {
                self.push(s, line, cpu, choices);
                continue;
            }
            match self.serving_on_top(s, cpu).or(self.owner(s, cpu)) {
                Some(context) => self.push(s, context, cpu, choices),
                None => {
                    self.push_tasks(s, cpu, choices);
                    let takes_workers = || !self.ranked || self.outranking(s, 0, cpu).is_none();
                    if self.deferred && self.setup_done(s) >= self.inits && takes_workers() {
                        self.push_works(s, cpu, choices);
                        if self.is_rt() {
                            self.push_softirq_starts(s, cpu, choices);
                        }
                    }
                }
            }
            if s[self.layout.globals + global::SETUP_DONE] >= self.inits && self.irqs_on(s, cpu) {
                self.push_arrivals(s, cpu, choices);
                if self.deferred {
                    self.push_hrtimers(s, cpu, choices);
                    self.push_irq_works(s, cpu, choices);
                    if !self.is_rt() {
                        self.push_softirq_starts(s, cpu, choices);
                    }
                    self.push_due(s, cpu, choices);
                }
            }
        }
        choices.sort_unstable();
    }

    fn push_tasks(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        for &task in &self.candidates[cpu] {
            let task = task as usize;
            if !self.allowed(s, task, cpu) || !self.may_begin_on(s, task, cpu) || self.outranked(s, task, cpu).is_some()
            {
                continue;
            }
            if self.begun(s, task) {
                self.push(s, task, cpu, choices);
            } else if self.may_unload(s, task) {
                choices.push(Choice { context: task as u8, cpu: cpu as u8, outcome: 0 });
            }
        }
    }

    /// Whether a candidate for a CPU may run there now: it is not bound, nor held fast, elsewhere.
    fn allowed(&self, s: &[u8], task: usize, cpu: usize) -> bool {
        self.layout.contexts[task].cpu.is_some()
            || (self.affinity(s, task).is_none_or(|own| own as usize == cpu)
                && !(0..self.cpus()).any(|other| other != cpu && self.owner(s, other) == Some(task)))
    }

    fn push(&self, s: &[u8], context: usize, cpu: usize, choices: &mut Vec<Choice>) {
        let mut outcomes = self.outcomes(s, context);
        while outcomes != 0 {
            let outcome = outcomes.trailing_zeros() as u8;
            outcomes &= outcomes - 1;
            choices.push(Choice { context: context as u8, cpu: cpu as u8, outcome });
        }
    }
}
