//! Device interrupt lines. Two bytes: raises so far, depth of `disable_irq`; for a line whose handlers the program registers, one more: the action whose turn it is in
//! the interrupt under way, plus one; then its actions (`irq_action`). After `kernel/irq/handle.c` and `kernel/irq/manage.c`.
//!
//! Invariant: a line's handlers run one after another, on one CPU at a time, with interrupts off there, on top of whatever that CPU was doing. That a line was raised
//! while it could not be taken, by a device that remembers it or by the line's own pending bit (`IRQS_PENDING`, `check_irq_resend`), is the same as that it is raised
//! when it can: so raising is not a step of its own, and several raises that come to one run are a raise less.

use super::event::{Event, What};
use super::kernel::ORDINARY;
use super::layout::Context;
use super::lock::Given;
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::model::{Choice, CodePlace, Observer, Outgrown};
use crate::program::ContextKind;

/// How often it was raised.
pub(super) const RAISED: usize = 0;
pub(super) const DEPTH: usize = 1;
/// The action whose handler runs, or ran last, in the interrupt under way, plus one; 0 outside of one; and `MASKED`.
pub(super) const TURN: usize = 2;
/// The last interrupt woke threads of `IRQF_ONESHOT` actions, or found them woken, and not all are done yet.
const MASKED: u8 = 0x80;
/// The bytes of a line whose handlers the program registers, before its actions.
pub(super) const LINE_SIZE: usize = 3;
/// What a handler returns to have its thread woken.
pub(super) const IRQ_WAKE_THREAD: u32 = 2;

/// The action in turn in the interrupt that a line is in, plus one.
pub(super) fn turn(s: &[u8], at: usize) -> usize {
    (s[at + TURN] & !MASKED) as usize
}

impl Machine {
    /// The lines that may interrupt a CPU that takes interrupts.
    pub(super) fn push_arrivals(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        for &line in &self.lines {
            let context = &self.layout.contexts[line as usize];
            if context.cpu.is_none_or(|own| own as usize == cpu) && self.may_arrive(s, line as usize, context) {
                choices.push(Choice { context: line, cpu: cpu as u8, outcome: 0 });
                let beneath =
                    self.wanderers(s, cpu).map(|task| Choice { context: line, cpu: cpu as u8, outcome: task + 1 });
                choices.extend(beneath);
            }
        }
    }

    /// Tasks that are tied to no CPU and may be what an interrupt finds running on this one: until its handler ends, such a task cannot go on elsewhere.
    pub(super) fn wanderers(&self, s: &[u8], cpu: usize) -> impl Iterator<Item = u8> {
        let owned = self.owner(s, cpu).is_some() || self.serving_on_top(s, cpu).is_some();
        self.candidates[cpu].iter().copied().filter(move |task| {
            let t = *task as usize;
            !owned
                && self.affinity(s, t).is_none()
                && self.point(s, t).is_some()
                && self.begun(s, t)
                && !(0..self.cpus()).any(|other| self.owner(s, other) == Some(t))
                && !(self.asleep(s, t) && self.outcomes(s, t) == 0)
        })
    }

    fn may_arrive(&self, s: &[u8], line: usize, context: &Context) -> bool {
        let ContextKind::HardIrq { times, .. } = context.kind else { return false };
        let Some(at) = context.line else { return false };
        s[at + RAISED] < times
            && s[at + DEPTH] == 0
            && self.point(s, line).is_none()
            && (context.entry.is_some() || (s[at + TURN] == 0 && self.next_in_turn(s, line).is_some()))
    }

    /// An interrupt arrives: its handler begins; or the next of its handlers does.
    pub(super) fn arrive<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let (line, cpu) = (choice.context as usize, choice.cpu as usize);
        if self.handler(s, cpu) == Some(line) {
            return self.next_handler(s, choice, o);
        }
        let context = &self.layout.contexts[line];
        let Some(at) = context.line else { return Ok(()) };
        s[at + RAISED] += 1;
        s[context.header + header::FLAGS] = flag::IRQ_OFF | (s[context.header + header::FLAGS] & flag::DIED);
        self.set_handler(s, cpu, Some(line));
        if let Some(beneath) = choice.outcome.checked_sub(1) {
            self.set_owner(s, cpu, Some(beneath as usize));
        }
        match context.entry {
            Some(entry) => Run::start(self, s, choice, entry, &context.args, o),
            None => self.next_handler(s, choice, o),
        }
    }

    /// The handler whose turn it is begins. That of an action without one only wakes its thread (`irq_default_primary_handler`).
    fn next_handler<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let line = choice.context as usize;
        let Some((nth, action)) = self.next_in_turn(s, line) else {
            // The rest was freed in between.
            self.interrupt_ends(s, line, choice.cpu as usize);
            return Ok(());
        };
        if let Some(at) = self.layout.contexts[line].line {
            s[at + TURN] = nth as u8 + 1;
        }
        if let Some(handler) = self.handler_of(s, action) {
            let args = self.handler_args(s, line, action);
            return Run::start(self, s, choice, handler, &args, o);
        }
        if let Some(thread) = self.wake_irq_thread(s, action).filter(|_| O::EVENTS) {
            o.event(Event { at: CodePlace::default(), what: What::Task { context: thread as u8, verb: "wakes" } });
        }
        if self.next_in_turn(s, line).is_none() {
            self.interrupt_ends(s, line, choice.cpu as usize);
        }
        Ok(())
    }

    /// Whether a line is between two of its handlers, in one interrupt.
    pub fn is_between_handlers(&self, s: &[u8], context: usize) -> bool {
        let decl = &self.layout.contexts[context];
        let in_turn = |at: usize| turn(s, at) != 0;
        decl.entry.is_none() && decl.line.is_some_and(in_turn) && self.point(s, context).is_none()
    }

    /// After the last handler of a line, or an hrtimer's callback: softirqs that are pending begin, or what was interrupted goes on. Under `PREEMPT_RT` only `ksoftirqd`
    /// is woken for them.
    pub(super) fn interrupt_ends(&self, s: &mut [u8], line: usize, cpu: usize) {
        let context = &self.layout.contexts[line];
        if let Some(at) = context.line.filter(|_| context.entry.is_none()) {
            s[at + TURN] = if self.has_busy_oneshot(s, line) { MASKED } else { 0 };
        }
        s[context.header + header::FLAGS] &= flag::DIED;
        self.set_handler(s, cpu, None);
        if !self.is_rt() {
            self.serve_pending(s, cpu);
        }
        if let Some(beneath) = self.owner(s, cpu) {
            self.settle_owner(s, cpu, beneath, false);
        }
    }

    /// A thread has run its function, or died: once none of those that mask the line is busy any more it is open again (`irq_finalize_oneshot`).
    pub(super) fn unmask_for_thread(&self, s: &mut [u8], line: usize) {
        if let Some(at) = self.layout.contexts[line].line.filter(|_| !self.has_busy_oneshot(s, line)) {
            s[at + TURN] &= !MASKED;
        }
    }

    /// The line with this number.
    pub(super) fn line(&self, number: u32) -> Option<usize> {
        let has = |c: &Context| matches!(c.kind, ContextKind::HardIrq { number: own, .. } if own == number);
        self.layout.contexts.iter().position(has)
    }

    /// The number of a line.
    pub(super) fn number_of(&self, line: usize) -> u32 {
        match self.layout.contexts[line].kind {
            ContextKind::HardIrq { number, .. } => number,
            _ => 0,
        }
    }

    /// The CPU on which a line's handler runs.
    pub(super) fn runs_on(&self, s: &[u8], line: usize) -> Option<usize> {
        (0..self.cpus()).find(|cpu| self.handler(s, *cpu) == Some(line))
    }

    /// The line that a `synchronize_irq` which a context is about to make is about.
    pub(super) fn synced_line(&self, s: &[u8], context: usize) -> Option<usize> {
        self.line(self.next_operand(s, context, 0)? as u32)
    }

    /// Those that a `synchronize_irq` waits for, as bits: the line's handlers, or the threads of its actions.
    pub(super) fn synced(&self, s: &[u8], context: usize, threads: bool) -> u64 {
        match self.synced_line(s, context) {
            Some(line) if threads => self.busy_irq_threads(s, line),
            Some(line) if self.runs_on(s, line).is_some() => 1 << line,
            _ => 0,
        }
    }

    pub(super) fn may_sync(&self, s: &[u8], context: usize, threads: bool) -> u8 {
        if self.synced(s, context, threads) != 0 { 0 } else { ORDINARY }
    }
}

impl<O: Observer> Run<'_, O> {
    /// A handler has returned: its thread is woken if it asks for that, and the next handler's turn comes.
    pub(super) fn handler_returned(&mut self, value: u64, died: u8) {
        let line = self.context;
        if value as u32 == IRQ_WAKE_THREAD
            && let Some(action) = self.m.action_in_turn(self.s, line)
        {
            self.asks_for_thread(line, action);
        }
        let flags = self.m.layout.contexts[line].header + header::FLAGS;
        let known = self.m.layout.contexts[line].entry.is_none() && self.m.layout.contexts[line].line.is_some();
        if known && self.m.next_in_turn(self.s, line).is_some() {
            self.s[flags] = flag::IRQ_OFF | died;
            return;
        }
        self.s[flags] = died;
        self.m.interrupt_ends(self.s, line, self.cpu);
    }

    pub(super) fn line_bytes(&self, number: u32) -> Option<(usize, usize)> {
        let line = self.m.line(number)?;
        Some((line, self.m.layout.contexts[line].line?))
    }

    pub(super) fn disable_irq(&mut self, number: u32) -> Given {
        self.tell(What::Line { number: number as u64, verb: "masks" });
        if let Some((_, at)) = self.line_bytes(number) {
            self.s[at + DEPTH] = self.s[at + DEPTH].saturating_add(1);
        }
        Some(0)
    }

    pub(super) fn enable_irq(&mut self, number: u32) -> Given {
        self.tell(What::Line { number: number as u64, verb: "unmasks" });
        if let Some((_, at)) = self.line_bytes(number) {
            match self.s[at + DEPTH].checked_sub(1) {
                Some(less) => self.s[at + DEPTH] = less,
                None => self.symptom(Kind::IrqState, 2),
            }
        }
        Some(0)
    }
}
