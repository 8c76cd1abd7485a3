//! Softirqs: a pending mask for each CPU, and a context for each CPU that serves what is pending. After `kernel/softirq.c`.
//!
//! Eleven bytes for each CPU: vectors pending (2), vectors that this pass still has to run, with the active bit (2), passes so far, tasklets of this pass's list
//! still to be looked at, what the callback just run gave back, where the tasklet or timer stands whose callback runs (4).
//!
//! They begin at the exit of the outermost hard interrupt (`__irq_exit_rcu`), at the outermost `local_bh_enable()` (`__local_bh_enable_ip`), and, what neither
//! of these runs, at any later moment at which the CPU takes interrupts with bottom halves on: at the exit of a tick, or in `ksoftirqd`, which the scheduler
//! runs no later. After each pass of `handle_softirqs` with more pending, to go on or to leave it is a choice (the kernel's depends on time); ten passes are the
//! most. What is left may be the exit of a tick's again, or `ksoftirqd`'s.
//!
//! Invariant: a CPU serves softirqs at most once at a time, on top of a task, beneath a hard interrupt; what it interrupts stays where it is.

use super::bytes::{get16, set16};
use super::event::{Event, What};
use super::kernel::{ALTERNATIVE, ORDINARY};
use super::layout::Origin;
use super::lock::Given;
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::model::{Choice, CodePlace, Observer, Outgrown};
use crate::program::pointer;

/// The vectors' names, lowest first (`include/linux/interrupt.h`).
pub(super) const VECTORS: [&str; 10] =
    ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"];
/// `MAX_SOFTIRQ_RESTART`
const MAX_PASSES: u8 = 10;

/// The bytes of a CPU.
pub(super) const CPU_BYTES: usize = 11;
const PENDING: usize = 0;
const LEFT: usize = 2;
const PASSES: usize = 4;
/// Set in what is left: softirqs are being served.
const ACTIVE: u16 = 0x8000;

/// Where all this is in a state.
#[derive(Debug, Clone)]
pub(crate) struct SoftirqLayout {
    /// The CPUs' bytes.
    pub(crate) cpus: usize,
    /// For each CPU: its context.
    pub(crate) contexts: Vec<u8>,
    /// Two bytes for each vector: the function that `open_softirq()` named, plus one.
    pub(crate) actions: Option<usize>,
}

impl SoftirqLayout {
    pub(super) fn cpu(&self, cpu: usize) -> usize {
        self.cpus + cpu * CPU_BYTES
    }
}

impl Machine {
    /// The context that serves softirqs on a CPU, while it does.
    pub(super) fn serving(&self, s: &[u8], cpu: usize) -> Option<usize> {
        let softirq = self.layout.softirq.as_ref()?;
        (get16(s, softirq.cpu(cpu) + LEFT) & ACTIVE != 0).then(|| softirq.contexts[cpu] as usize)
    }

    /// Whether a context serves softirqs just now, be it between two callbacks.
    pub(super) fn serves(&self, s: &[u8], context: usize) -> bool {
        match self.layout.contexts[context].origin {
            Origin::Softirq { cpu } => self.serving(s, cpu as usize).is_some(),
            _ => false,
        }
    }

    /// The vectors that have something to do on a CPU.
    fn pending(&self, s: &[u8], cpu: usize) -> u16 {
        self.layout.softirq.as_ref().map_or(0, |softirq| get16(s, softirq.cpu(cpu) + PENDING))
    }

    /// Whether a CPU would begin to serve softirqs now, were it asked to: something is pending, and what runs there, a hard interrupt aside, leaves bottom
    /// halves on.
    fn may_serve(&self, s: &[u8], cpu: usize) -> bool {
        let bh_on = |task: usize| s[self.layout.contexts[task].header + header::BH] == 0;
        self.serving(s, cpu).is_none() && self.owner(s, cpu).is_none_or(bh_on)
    }

    /// At the exit of a hard interrupt, and where bottom halves go on: begins with what is pending.
    pub(super) fn serve_pending(&self, s: &mut [u8], cpu: usize) {
        let pending = self.pending(s, cpu);
        if pending != 0 && self.may_serve(s, cpu) {
            self.begin_pass(s, cpu, pending);
        }
    }

    /// Takes what is pending as what this pass has to run.
    fn begin_pass(&self, s: &mut [u8], cpu: usize, vectors: u16) {
        let Some(softirq) = &self.layout.softirq else { return };
        let at = softirq.cpu(cpu);
        set16(s, at + LEFT, ACTIVE | vectors);
        set16(s, at + PENDING, 0);
        s[at + PASSES] += 1;
    }

    /// Ends serving: what was interrupted goes on.
    fn leave(&self, s: &mut [u8], cpu: usize) {
        let Some(softirq) = &self.layout.softirq else { return };
        let at = softirq.cpu(cpu);
        set16(s, at + LEFT, 0);
        s[at + PASSES] = 0;
        if let Some(beneath) = self.owner(s, cpu) {
            self.settle_owner(s, cpu, beneath, false);
        }
    }

    /// The vector whose turn it is.
    fn vector(&self, s: &[u8], cpu: usize) -> Option<usize> {
        let softirq = self.layout.softirq.as_ref()?;
        let left = get16(s, softirq.cpu(cpu) + LEFT) & !ACTIVE;
        (left != 0).then(|| left.trailing_zeros() as usize)
    }

    /// What a softirq context may do that is not in code: run the next callback; after a pass with more pending, go on or leave it.
    pub(super) fn may_go_on(&self, s: &[u8], context: usize) -> u8 {
        match self.layout.contexts[context].origin {
            Origin::Softirq { cpu } if self.serving(s, cpu as usize).is_some() => {
                if self.vector(s, cpu as usize).is_some() { ORDINARY } else { ORDINARY | ALTERNATIVE }
            }
            _ => 0,
        }
    }

    /// The moments at which a CPU may begin to serve softirqs by itself: at the exit of a tick, on top of a task; or in `ksoftirqd`, beneath which there is none.
    pub(super) fn push_softirq_starts(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        let Some(softirq) = &self.layout.softirq else { return };
        let start = |outcome| Choice { context: softirq.contexts[cpu], cpu: cpu as u8, outcome };
        if self.pending(s, cpu) != 0 && self.may_serve(s, cpu) {
            choices.push(start(0));
            choices.extend(self.wanderers(s, cpu).map(|task| start(task + 1)));
        }
    }

    /// A softirq context that is not in code takes a step.
    pub(super) fn softirq_step<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let cpu = choice.cpu as usize;
        let Some(softirq) = &self.layout.softirq else { return Ok(()) };
        if self.serving(s, cpu).is_none() {
            if let Some(beneath) = choice.outcome.checked_sub(1) {
                self.set_owner(s, cpu, Some(beneath as usize));
            }
            self.begin_pass(s, cpu, self.pending(s, cpu));
        } else if self.vector(s, cpu).is_none() {
            if choice.outcome == 1 {
                if O::EVENTS {
                    let what = What::Yield { why: "leaves the rest to ksoftirqd" };
                    o.event(Event { at: CodePlace::default(), what });
                }
                self.leave(s, cpu);
                return Ok(());
            }
            self.begin_pass(s, cpu, self.pending(s, cpu));
        }
        let Some(vector) = self.vector(s, cpu) else { return Ok(()) };
        let context = &self.layout.contexts[choice.context as usize];
        s[context.header + header::FLAGS] &= flag::DIED;
        let action = softirq.actions.map_or(0, |at| get16(s, at + 2 * vector));
        match action.checked_sub(1) {
            Some(action) => Run::start(self, s, choice, u32::from(action), &[vector as u64], o),
            None => {
                self.vector_done(s, cpu);
                Ok(())
            }
        }
    }

    /// The vector whose turn it was has nothing left to run in this pass.
    fn vector_done(&self, s: &mut [u8], cpu: usize) {
        let Some(softirq) = &self.layout.softirq else { return };
        let at = softirq.cpu(cpu) + LEFT;
        let left = get16(s, at);
        set16(s, at, left & left.wrapping_sub(1));
        self.pass_done(s, cpu);
    }

    /// If a pass is over, and nothing is pending or it was the last, serving is.
    fn pass_done(&self, s: &mut [u8], cpu: usize) {
        let Some(softirq) = &self.layout.softirq else { return };
        let last = s[softirq.cpu(cpu) + PASSES] >= MAX_PASSES;
        if self.vector(s, cpu).is_none() && (last || self.pending(s, cpu) == 0) {
            self.leave(s, cpu);
        }
    }

    /// A callback of a softirq context has returned.
    pub(super) fn callback_done(&self, s: &mut [u8], cpu: usize) {
        self.vector_done(s, cpu);
    }

    /// Whether nothing is pending that is bound to run yet.
    pub(super) fn quiet(&self, s: &[u8]) -> bool {
        (0..self.cpus()).all(|cpu| self.pending(s, cpu) == 0)
    }
}

impl<O: Observer> Run<'_, O> {
    /// `open_softirq()`.
    pub(super) fn open_softirq(&mut self, vector: u64, action: u64) -> Given {
        let function = pointer::function(action).and_then(|f| u16::try_from(f + 1).ok());
        let at = self.m.layout.softirq.as_ref().and_then(|softirq| softirq.actions);
        if let (Some(at), Some(function)) = (at, function)
            && (vector as usize) < VECTORS.len()
        {
            set16(self.s, at + 2 * vector as usize, function);
        }
        Some(0)
    }

    /// `__raise_softirq_irqoff()`: whether it runs at once is for the end of the interrupt, of the section with bottom halves off, or for `ksoftirqd`.
    pub(super) fn raise_softirq(&mut self, vector: u64) -> Given {
        let Some(softirq) = &self.m.layout.softirq else { return Some(0) };
        let action = softirq.actions.filter(|_| (vector as usize) < VECTORS.len()).map(|at| at + 2 * vector as usize);
        if action.is_none_or(|at| get16(self.s, at) == 0) {
            // Its action is NULL, and would be called.
            self.fault(Kind::NullDeref, 2, 0);
            return None;
        }
        let pending = softirq.cpu(self.cpu) + PENDING;
        let now = get16(self.s, pending) | 1 << vector;
        set16(self.s, pending, now);
        self.tell(What::Raise { vector: VECTORS[vector as usize] });
        Some(0)
    }
}
