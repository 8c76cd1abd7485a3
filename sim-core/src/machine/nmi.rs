//! Non-maskable interrupts. Two bytes for each, as a line has: how often it came so far, and one that stays 0; where there are any, one for each CPU: which runs there.
//! After `nmi_enter` in `include/linux/hardirq.h`, which counts them as hard interrupts too.
//!
//! Invariant: an NMI comes whether or not interrupts are off, on top of whatever its CPU does, handlers among it; on top of another NMI none does.

use super::irq::RAISED;
use super::{Machine, Run, flag, header};
use crate::model::{Choice, Observer, Outgrown};
use crate::program::ContextKind;

impl Machine {
    /// The NMI that runs on a CPU.
    pub(super) fn nmi(&self, s: &[u8], cpu: usize) -> Option<usize> {
        (s[self.layout.nmi? + cpu] as usize).checked_sub(1)
    }

    fn set_nmi(&self, s: &mut [u8], cpu: usize, nmi: Option<usize>) {
        if let Some(at) = self.layout.nmi {
            s[at + cpu] = nmi.map_or(0, |nmi| nmi as u8 + 1);
        }
    }

    /// The NMIs that may come on a CPU, and on top of which of the tasks that are tied to none.
    pub(super) fn push_nmis(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        if self.layout.nmi.is_none() {
            return;
        }
        for &context in &self.lines {
            let decl = &self.layout.contexts[context as usize];
            let ContextKind::Nmi { times } = decl.kind else { continue };
            let to_come = decl.line.is_some_and(|at| s[at + RAISED] < times);
            if to_come && decl.cpu.is_none_or(|own| own as usize == cpu) && self.point(s, context as usize).is_none() {
                let choice = |outcome| Choice { context, cpu: cpu as u8, outcome };
                choices.push(choice(0));
                if self.handler(s, cpu).is_none() {
                    choices.extend(self.wanderers(s, cpu).map(|task| choice(task + 1)));
                }
            }
        }
    }

    /// An NMI comes: its handler begins.
    pub(super) fn nmi_comes<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let decl = &self.layout.contexts[choice.context as usize];
        let (Some(at), Some(entry)) = (decl.line, decl.entry) else { return Ok(()) };
        s[at + RAISED] += 1;
        s[decl.header + header::FLAGS] = flag::IRQ_OFF | (s[decl.header + header::FLAGS] & flag::DIED);
        self.set_nmi(s, choice.cpu as usize, Some(choice.context as usize));
        if let Some(beneath) = choice.outcome.checked_sub(1) {
            self.set_owner(s, choice.cpu as usize, Some(beneath as usize));
        }
        Run::start(self, s, choice, entry, &decl.args, o)
    }
}

impl<O: Observer> Run<'_, O> {
    /// An NMI's handler has returned: what was beneath goes on. Softirqs do not begin here.
    pub(super) fn nmi_returned(&mut self, died: u8) {
        self.s[self.m.layout.contexts[self.context].header + header::FLAGS] = died;
        self.m.set_nmi(self.s, self.cpu, None);
        if let Some(beneath) = self.m.owner(self.s, self.cpu).filter(|_| self.m.handler(self.s, self.cpu).is_none()) {
            self.m.settle_owner(self.s, self.cpu, beneath, false);
        }
    }
}
