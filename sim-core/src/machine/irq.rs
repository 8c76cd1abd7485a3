//! Device interrupt lines. Two bytes: raises so far, depth of `disable_irq`; for a line whose handler the program registers, twelve more: the handler plus one
//! (4), `dev_id` (8).
//!
//! Invariant: a line's handler runs on one CPU at a time, with interrupts off there, on top of whatever that CPU was doing. That a line was raised while it
//! could not be taken is the same as that it is raised when it can: so raising is not a step of its own.

use super::bytes::{get, get32, set, set32};
use super::event::What;
use super::kernel::{EBUSY, EINVAL, ORDINARY};
use super::layout::Context;
use super::lock::Given;
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::model::{Choice, Observer, Outgrown};
use crate::program::{ContextKind, Scalar};

const RAISED: usize = 0;
const DEPTH: usize = 1;
const HANDLER: usize = 2;
const DEV: usize = 6;

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
        let owned = self.owner(s, cpu).is_some() || self.serving(s, cpu).is_some();
        self.candidates[cpu].iter().copied().filter(move |task| {
            let t = *task as usize;
            !owned
                && self.affinity(s, t).is_none()
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
            && (context.entry.is_some() || get32(s, at + HANDLER) != 0)
    }

    /// An interrupt arrives: its handler begins.
    pub(super) fn arrive<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let line = choice.context as usize;
        let context = &self.layout.contexts[line];
        let Some(at) = context.line else { return Ok(()) };
        let ContextKind::HardIrq { number, .. } = context.kind else { return Ok(()) };
        s[at + RAISED] += 1;
        s[context.header + header::FLAGS] = flag::IRQ_OFF | (s[context.header + header::FLAGS] & flag::DIED);
        self.set_handler(s, choice.cpu as usize, Some(line));
        if let Some(beneath) = choice.outcome.checked_sub(1) {
            self.set_owner(s, choice.cpu as usize, Some(beneath as usize));
        }
        match context.entry {
            Some(entry) => Run::start(self, s, choice, entry, &context.args, o),
            None => {
                let handler = get32(s, at + HANDLER) - 1;
                let args = [number as u64, get(s, at + DEV, Scalar::U64)];
                Run::start(self, s, choice, handler, &args, o)
            }
        }
    }

    /// The line with this number.
    fn line(&self, number: u32) -> Option<usize> {
        let has = |c: &Context| matches!(c.kind, ContextKind::HardIrq { number: own, .. } if own == number);
        self.layout.contexts.iter().position(has)
    }

    /// The CPU on which a line's handler runs.
    pub(super) fn runs_on(&self, s: &[u8], line: usize) -> Option<usize> {
        (0..self.cpus()).find(|cpu| self.handler(s, *cpu) == Some(line))
    }

    /// The line that a `synchronize_irq` which a context is about to make waits for.
    pub(super) fn synced_line(&self, s: &[u8], context: usize) -> Option<usize> {
        let line = self.line(self.next_operand(s, context, 0)? as u32)?;
        self.runs_on(s, line).map(|_| line)
    }

    pub(super) fn may_sync(&self, s: &[u8], context: usize) -> u8 {
        if self.synced_line(s, context).is_some() { 0 } else { ORDINARY }
    }
}

impl<O: Observer> Run<'_, O> {
    fn line_bytes(&self, number: u32) -> Option<(usize, usize)> {
        let line = self.m.line(number)?;
        Some((line, self.m.layout.contexts[line].line?))
    }

    pub(super) fn request_irq(&mut self, number: u32, handler: u64, dev: u64) -> Given {
        self.tell(What::Line { number: number as u64, verb: "registers a handler for" });
        let Some(function) = crate::program::pointer::function(handler) else { return Some(EINVAL) };
        let Some((line, at)) = self.line_bytes(number) else {
            return Some(0); // no device raises it: the handler is registered and never runs
        };
        if self.m.layout.contexts[line].entry.is_some() || get32(self.s, at + HANDLER) != 0 {
            return Some(EBUSY);
        }
        set32(self.s, at + HANDLER, function + 1);
        set(self.s, at + DEV, Scalar::U64, dev);
        Some(0)
    }

    pub(super) fn free_irq(&mut self, number: u32) -> Given {
        self.tell(What::Line { number: number as u64, verb: "removes the handler of" });
        if self.is_line() {
            self.symptom(Kind::WrongContext, 5);
        }
        if let Some((line, at)) = self.line_bytes(number) {
            if self.m.layout.contexts[line].entry.is_some() || get32(self.s, at + HANDLER) == 0 {
                self.symptom(Kind::IrqState, 4);
            } else {
                self.s[at + HANDLER..at + HANDLER + 12].fill(0);
            }
        }
        Some(0)
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
