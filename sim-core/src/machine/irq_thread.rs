//! The threads of threaded interrupt handlers: `irq/5-uart`. After `__irq_wake_thread`, `irq_thread` and `irq_finalize_oneshot` in `kernel/irq/`.
//!
//! Invariant: a thread runs its function once for any number of times that it was woken before the run began; a line on which an interrupt woke threads of
//! `IRQF_ONESHOT` actions does not arrive until these have run. (`irq_wake_thread()` masks nothing by itself.)

use super::event::What;
use super::irq::IRQ_WAKE_THREAD;
use super::layout::{Context, Origin};
use super::lock::Given;
use super::{Machine, Run, flag, header};
use crate::model::{Bound, Choice, Growth, Observer, Outgrown};
use crate::program::{ContextKind, Function, Inst, KernelCall, Preemption, Program, Reg};

/// The priority of such a thread (`sched_set_fifo`).
pub(super) const FIFO_OF_THREADS: u8 = 50;

/// In place of the call that registers a handler with a thread: the thread of one that asked for none.
pub(super) const FORCED_SITE: u32 = u32::MAX;

/// Whether handlers that may be threads are made threads, in a program that has any (`force_irqthreads()`).
pub(super) fn forces(program: &Program) -> bool {
    let forced = program.config.preemption == Preemption::Rt || program.config.threadirqs;
    forced && program.contexts.iter().any(|decl| matches!(decl.kind, ContextKind::HardIrq { .. }))
}

/// Where the program may register a handler with a thread: the line's number, where it is a constant, and the site.
pub(super) fn sites(program: &Program) -> Vec<(Option<u32>, u32)> {
    let mut all = Vec::new();
    for function in &program.functions {
        for inst in &function.code {
            if let Inst::Kernel { call: KernelCall::RequestIrq { thread: Some(site) }, args, .. } = inst {
                let irq = args.first().and_then(|irq| constant(function, *irq, function.code.len()));
                all.push((irq.map(|irq| irq as u32), *site));
            }
        }
    }
    all
}

/// What a register holds, if it is only ever set to one constant.
fn constant(function: &Function, reg: Reg, depth: usize) -> Option<u64> {
    let mut sets = function.code.iter().filter(|inst| inst.def() == Some(reg));
    let set = sets.next().filter(|_| reg >= function.params && depth > 0)?;
    match (set, sets.next()) {
        (Inst::Const { value, .. }, None) => Some(*value),
        (Inst::Copy { src, .. }, None) => constant(function, *src, depth - 1),
        (Inst::Convert { to, src, .. }, None) => constant(function, *src, depth - 1).map(|value| to.wrap(value)),
        _ => None,
    }
}

impl Machine {
    /// The line whose thread a context is.
    fn line_of_thread(&self, context: usize) -> Option<usize> {
        match self.layout.contexts[context].origin {
            Origin::IrqThread { line, .. } => Some(line as usize),
            _ => None,
        }
    }

    /// Whether a context is the thread of a handler.
    pub(super) fn is_irq_thread(&self, context: usize) -> bool {
        self.layout.irq.threads && self.line_of_thread(context).is_some()
    }

    /// Whether a thread runs what would be a hard interrupt's handler elsewhere.
    pub(super) fn is_forced_thread(&self, s: &[u8], context: usize) -> bool {
        let line = self.line_of_thread(context).filter(|_| self.layout.irq.threads);
        let action = line.and_then(|line| self.action_of_thread(s, line, context));
        action.is_some_and(|action| Self::is_forced(s, action))
    }

    /// `irq_forced_thread_fn()`: bottom halves are off while it runs, and interrupts too on a kernel where that excludes others.
    fn begin_forced(&self, s: &mut [u8], cpu: usize, thread: usize) {
        let at = self.layout.contexts[thread].header;
        s[at + header::BH] = 1;
        if !self.is_rt() {
            s[at + header::FLAGS] |= flag::IRQ_OFF;
        }
        self.take_bh_lock(s, cpu, thread);
        self.keep_on(s, cpu, thread);
        self.enter_reader(s, thread);
    }

    /// It has returned: bottom halves go on, and what is pending is served, by the thread under `PREEMPT_RT`.
    fn end_forced(&self, s: &mut [u8], cpu: usize, thread: usize) {
        if self.is_rt() {
            self.give_bh_lock(s, cpu, thread);
        } else {
            self.serve_pending(s, cpu);
        }
    }

    /// Whether a thread was woken and has not begun to run its function yet.
    pub(super) fn owes_irq_run(&self, s: &[u8], context: usize) -> bool {
        if !self.layout.irq.threads {
            return false;
        }
        let Some(line) = self.line_of_thread(context) else { return false };
        let action = self.action_of_thread(s, line, context);
        self.flags(s, context) & flag::ENDED == 0 && action.is_some_and(|at| Self::is_thread_to_run(s, at))
    }

    /// Whether an action's thread is to run, or runs. One that was killed does neither (`irq_thread_dtor`).
    fn is_thread_busy(&self, s: &[u8], action: usize, thread: usize) -> bool {
        self.flags(s, thread) & flag::ENDED == 0
            && (self.point(s, thread).is_some()
                || Self::is_thread_to_run(s, action)
                || self.serves_for(s, thread).is_some())
    }

    /// The threads of a line that are to run, or run, as bits (`threads_active`).
    pub(super) fn busy_irq_threads(&self, s: &[u8], line: usize) -> u64 {
        let busy = self.irq_threads(s, line).filter(|(action, thread)| self.is_thread_busy(s, *action, *thread));
        busy.fold(0, |mask, (_, thread)| mask | 1 << thread)
    }

    /// Whether a thread of an action of `IRQF_ONESHOT` is to run, or runs (`threads_oneshot`).
    pub(super) fn has_busy_oneshot(&self, s: &[u8], line: usize) -> bool {
        self.layout.irq.threads
            && self
                .irq_threads(s, line)
                .any(|(action, thread)| Self::is_oneshot(s, action) && self.is_thread_busy(s, action, thread))
    }

    /// A thread has run its function, or died in it.
    pub(super) fn irq_thread_done(&self, s: &mut [u8], thread: usize) {
        if let Some(line) = self.line_of_thread(thread) {
            self.unmask_for_thread(s, line);
        }
    }

    /// Wakes an action's thread: gives it, if there is one to wake.
    pub(super) fn wake_irq_thread(&self, s: &mut [u8], action: usize) -> Option<usize> {
        let thread = self.thread_of(s, action).filter(|thread| self.flags(s, *thread) & flag::ENDED == 0)?;
        Self::set_thread_to_run(s, action, true);
        Some(thread)
    }

    /// A thread begins to run its function.
    pub(super) fn irq_thread_runs<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let thread = choice.context as usize;
        let Some(line) = self.line_of_thread(thread) else { return Ok(()) };
        let Some(action) = self.action_of_thread(s, line, thread) else { return Ok(()) };
        let Some(function) = self.thread_function(s, action) else { return Ok(()) };
        Self::set_thread_to_run(s, action, false);
        let args = self.handler_args(s, line, action);
        let number = u64::from(self.number_of(line));
        if Self::is_forced(s, action) {
            self.begin_forced(s, choice.cpu as usize, thread);
        }
        Run::start_with(self, s, choice, function, &args, o, |run| {
            run.tell(What::Line { number, verb: "runs the thread function for" });
            Some(())
        })?;
        self.settle_owner(s, choice.cpu as usize, thread, false);
        Ok(())
    }
}

impl<O: Observer> Run<'_, O> {
    /// Whether the context is a handler that is about to return `IRQ_WAKE_THREAD`, to a kernel with threads for that. Waking one that runs already has it run
    /// once more, so that it matters when it comes: it is a step of its own.
    pub(super) fn wakes_thread(&self) -> bool {
        let context = &self.m.layout.contexts[self.context];
        let asks = match self.m.code.routines[self.function].code[self.pc] {
            Inst::Return { value: Some(value) } => self.reg(value) as u32 == IRQ_WAKE_THREAD,
            _ => false,
        };
        let may = context.is_irq_thread() || (context.line.is_some() && context.entry.is_none());
        asks && self.m.layout.irq.threads && may
    }

    /// A thread has returned from its function. If that was a handler, bottom halves go on, and its own thread is woken if it asks for that (`irq_wake_secondary`).
    pub(super) fn irq_thread_returned(&mut self, value: u64, forced: bool) {
        let m = self.m;
        let line = m.line_of_thread(self.context).filter(|_| m.layout.irq.threads);
        let Some((line, action)) = line.and_then(|line| Some((line, m.action_of_thread(self.s, line, self.context)?)))
        else {
            return;
        };
        m.irq_thread_done(self.s, self.context);
        if forced && value as u32 == IRQ_WAKE_THREAD {
            match m.secondary_of(self.s, line, action).and_then(|second| m.wake_irq_thread(self.s, second)) {
                Some(thread) => self.tell(What::Task { context: thread as u8, verb: "wakes" }),
                None => self.asks_for_thread(line, action),
            }
        }
        if forced {
            m.end_forced(self.s, self.cpu, self.context);
        }
    }

    /// A handler returned `IRQ_WAKE_THREAD`.
    pub(super) fn asks_for_thread(&mut self, line: usize, action: usize) {
        if self.m.thread_function(self.s, action).is_none() || Machine::is_forced(self.s, action) {
            let number = self.m.number_of(line);
            let text = format!("IRQ {number} device returned IRQ_WAKE_THREAD but no thread function available.");
            self.tell(What::Log { level: 4, most: 0, text });
        } else if let Some(thread) = self.m.wake_irq_thread(self.s, action) {
            self.tell(What::Task { context: thread as u8, verb: "wakes" });
        }
    }

    /// `irq_wake_thread()`
    pub(super) fn irq_wake_thread(&mut self, number: u32, dev: u64) -> Given {
        let action = self.line_bytes(number).and_then(|(line, _)| self.m.action_for(self.s, line, dev));
        if let Some(thread) = action.and_then(|action| self.m.wake_irq_thread(self.s, action)) {
            self.tell(What::Task { context: thread as u8, verb: "wakes" });
        }
        Some(0)
    }

    /// A context that can be the thread of a new action; `Some(None)` beyond the bound on how many there are.
    pub(super) fn new_irq_thread(&mut self, line: usize, site: u32) -> Option<Option<usize>> {
        let origin = Origin::IrqThread { line: line as u8, site };
        let contexts = &self.m.layout.contexts;
        let mine = |c: &Context| c.origin == origin;
        let vacant = |thread: &usize| {
            mine(&contexts[*thread])
                && self.m.flags(self.s, *thread) == 0
                && self.m.point(self.s, *thread).is_none()
                && self.m.action_of_thread(self.s, line, *thread).is_none()
        };
        if let Some(thread) = (0..contexts.len()).find(vacant) {
            return Some(Some(thread));
        }
        if contexts.iter().filter(|c| mine(c)).count() >= self.m.program.config.bounds.spawns as usize {
            self.o.bound(Bound::Spawns);
            return Some(None);
        }
        self.outgrow(Growth::Threads { context: line as u8, site })
    }
}
