//! Softirqs: a pending mask for each CPU, and a context for each CPU that serves what is pending. After `kernel/softirq.c`.
//!
//! Twelve bytes for each CPU: vectors pending (2); vectors that this pass still has to run, with two bits of state (2); passes so far; how many tasklets of the
//! list that a vector took are still to be looked at; the budget of what is polled; one unused; where the tasklet or timer stands whose callback runs (4).
//!
//! Softirqs begin at the exit of the outermost hard interrupt (`__irq_exit_rcu`), at the outermost `local_bh_enable()` (`__local_bh_enable_ip`), and, what
//! neither of these runs, at any later moment at which the CPU takes interrupts with bottom halves on: at the exit of a tick, or in `ksoftirqd`, which the
//! scheduler runs no earlier than a tick could come. After each pass of `handle_softirqs` with more pending, to go on or to leave it is a choice (the kernel's
//! depends on time); ten passes are the most.
//!
//! Invariant: a CPU serves softirqs at most once at a time, on top of a task, beneath a hard interrupt; what it interrupts stays where it is.

use super::bytes::{get16, get32, set16, set32};
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
pub(super) const HI: usize = 0;
pub(super) const TIMER: usize = 1;
pub(super) const NET_RX: usize = 3;
pub(super) const TASKLET: usize = 6;
pub(super) const HRTIMER: usize = 8;
pub(super) const RCU: usize = 9;
/// `MAX_SOFTIRQ_RESTART`
const MAX_PASSES: u8 = 10;

/// The bytes of a CPU.
const CPU_BYTES: usize = 12;
const PENDING: usize = 0;
const LEFT: usize = 2;
const PASSES: usize = 4;
const LISTED: usize = 5;
const BUDGET: usize = 6;
const CURRENT: usize = 8;
/// Set in what is left: softirqs are being served.
const ACTIVE: u16 = 0x8000;
/// Set in what is left: the vector whose turn it is has taken its list of tasklets, or counted its callbacks.
const TAKEN: u16 = 0x4000;

/// Where all this is in a state.
#[derive(Debug, Clone)]
pub(crate) struct SoftirqLayout {
    /// The CPUs' bytes.
    cpus: usize,
    /// For each CPU: its context.
    pub(super) contexts: Vec<u8>,
    /// Two bytes for each vector: the function that `open_softirq()` named, plus one.
    actions: Option<usize>,
}

impl SoftirqLayout {
    /// Makes room for them.
    pub(super) fn new(contexts: Vec<u8>, opens: bool, take: &mut impl FnMut(usize) -> usize) -> Self {
        let cpus = take(contexts.len() * CPU_BYTES);
        Self { cpus, contexts, actions: opens.then(|| take(2 * VECTORS.len())) }
    }

    fn cpu(&self, cpu: usize) -> usize {
        self.cpus + cpu * CPU_BYTES
    }
}

/// What a CPU may begin to serve by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// What is pending: at the exit of a tick, or in `ksoftirqd`.
    Pending,
    /// A timer that expires, where it stands.
    Timer(usize),
    /// RCU callbacks whose grace period is over, which the CPU notices at a tick.
    Rcu,
}

impl Machine {
    /// The context that serves softirqs on a CPU, while it does.
    pub(super) fn serving(&self, s: &[u8], cpu: usize) -> Option<usize> {
        let softirq = self.layout.softirq.as_ref()?;
        (get16(s, softirq.cpu(cpu) + LEFT) & ACTIVE != 0).then(|| softirq.contexts[cpu] as usize)
    }

    /// Whether a context that is not in code has something under way all the same: it serves softirqs and is between two callbacks, is between two handlers of a line,
    /// or is a thread that was woken.
    pub(super) fn serves(&self, s: &[u8], context: usize) -> bool {
        match self.layout.contexts[context].origin {
            Origin::Softirq { cpu } => self.serving(s, cpu as usize).is_some(),
            Origin::IrqThread { .. } => self.owes_irq_run(s, context),
            Origin::Declared(_) => self.is_between_handlers(s, context),
            _ => false,
        }
    }

    /// The vectors that have something to do on a CPU. A tasklet that is disabled, or that runs elsewhere, keeps the kernel busy looking at it again and
    /// again, with no other effect: it counts as pending once it can run.
    fn pending(&self, s: &[u8], cpu: usize) -> u16 {
        let raised = self.layout.softirq.as_ref().map_or(0, |softirq| get16(s, softirq.cpu(cpu) + PENDING));
        raised | self.tasklet_vectors(s, cpu) | self.bh_vectors(s, cpu)
    }

    /// Whether a CPU would begin to serve softirqs now, were it asked to: what runs there, a hard interrupt aside, leaves bottom halves on.
    pub(super) fn may_serve(&self, s: &[u8], cpu: usize) -> bool {
        if self.is_rt() {
            return self.serving(s, cpu).is_none() && self.bh_is_free(s, cpu);
        }
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

    /// The same under `PREEMPT_RT`, where a task turns bottom halves on; gives whether anything is.
    pub(super) fn serve_for(&self, s: &mut [u8], cpu: usize) -> bool {
        let pending = self.pending(s, cpu);
        if pending != 0 && self.may_serve(s, cpu) {
            self.begin_pass(s, cpu, pending);
        }
        self.serving(s, cpu).is_some()
    }

    /// Takes these vectors as what this pass has to run.
    fn begin_pass(&self, s: &mut [u8], cpu: usize, vectors: u16) {
        let Some(softirq) = &self.layout.softirq else { return };
        let at = softirq.cpu(cpu);
        set16(s, at + LEFT, ACTIVE | vectors);
        set16(s, at + PENDING, 0);
        s[at + PASSES] += 1;
        self.take_bh_lock(s, cpu, softirq.contexts[cpu] as usize);
    }

    /// Ends serving: what was interrupted goes on.
    fn leave(&self, s: &mut [u8], cpu: usize) {
        let Some(softirq) = &self.layout.softirq else { return };
        let at = softirq.cpu(cpu);
        set16(s, at + LEFT, 0);
        s[at + PASSES] = 0;
        self.leave_bh_lock(s, cpu);
        if let Some(beneath) = self.owner(s, cpu) {
            self.settle_owner(s, cpu, beneath, false);
        }
    }

    /// The vector whose turn it is.
    pub(super) fn vector(&self, s: &[u8], cpu: usize) -> Option<usize> {
        let softirq = self.layout.softirq.as_ref()?;
        let left = get16(s, softirq.cpu(cpu) + LEFT) & !(ACTIVE | TAKEN);
        (left != 0).then(|| left.trailing_zeros() as usize)
    }

    /// What a context may do that is not in code. One that serves softirqs: run the next callback; after a pass with more pending, go on or leave it.
    pub(super) fn may_go_on(&self, s: &[u8], context: usize) -> u8 {
        match self.layout.contexts[context].origin {
            Origin::Softirq { cpu } if self.serving(s, cpu as usize).is_some() => match self.vector(s, cpu as usize) {
                Some(_) => self.more_timers(s, cpu as usize).iter().fold(ORDINARY, |outcomes, _| outcomes << 1 | 1),
                None => ORDINARY | ALTERNATIVE,
            },
            Origin::IrqThread { .. } if self.serves(s, context) && self.may_begin(s, context) => ORDINARY,
            Origin::Declared(_) if self.serves(s, context) => ORDINARY,
            _ => 0,
        }
    }

    /// The timers that the vector which has just run one may go on with (`__run_timers`), where that can be told from leaving them for another pass: something
    /// is pending, or comes later in this pass, before which they would run.
    pub(super) fn more_timers(&self, s: &[u8], cpu: usize) -> Vec<usize> {
        let Some(vector) = self.vector(s, cpu).filter(|vector| [TIMER, HRTIMER].contains(vector)) else {
            return Vec::new();
        };
        let left =
            self.layout.softirq.as_ref().map_or(0, |softirq| get16(s, softirq.cpu(cpu) + LEFT)) & !(ACTIVE | TAKEN);
        if left == 1 << vector && self.pending(s, cpu) == 0 {
            return Vec::new();
        }
        let mut timers = self.soft_timers(s, cpu);
        timers.retain(|at| self.timer_vector(s, *at) == vector);
        timers.truncate(7);
        timers
    }

    /// What a CPU may begin to serve by itself, and on top of whom: at the exit of a tick the task that runs there, beneath `ksoftirqd` none.
    pub(super) fn softirq_starts(&self, s: &[u8], cpu: usize) -> Vec<(Start, Option<u8>)> {
        let mut starts = Vec::new();
        if self.layout.softirq.is_none() || !self.may_serve(s, cpu) {
            return starts;
        }
        let pending = self.pending(s, cpu);
        let mut add = |start| {
            starts.push((start, None));
            let beneath = self.wanderers(s, cpu).filter(|_| !self.is_rt());
            starts.extend(beneath.map(|task| (start, Some(task))));
        };
        if pending != 0 {
            add(Start::Pending);
        }
        for at in self.soft_timers(s, cpu) {
            // What has a lower number runs before it.
            if pending & ((1 << self.timer_vector(s, at)) - 1) == 0 {
                add(Start::Timer(at));
            }
        }
        if self.ready_callbacks(s, cpu) > 0 {
            add(Start::Rcu);
        }
        starts
    }

    /// The choices that these are.
    pub(super) fn push_softirq_starts(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        let Some(softirq) = &self.layout.softirq else { return };
        let starts = 0..self.softirq_starts(s, cpu).len().min(256);
        let choice = |outcome| Choice { context: softirq.contexts[cpu], cpu: cpu as u8, outcome: outcome as u8 };
        choices.extend(starts.map(choice));
    }

    /// A softirq context that is not in code takes a step.
    pub(super) fn softirq_step<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let cpu = choice.cpu as usize;
        let Some(softirq) = &self.layout.softirq else { return Ok(()) };
        let at = softirq.cpu(cpu);
        if self.serving(s, cpu).is_none() {
            let Some((start, beneath)) = self.softirq_starts(s, cpu).get(choice.outcome as usize).copied() else {
                return Ok(());
            };
            if let Some(beneath) = beneath {
                self.set_owner(s, cpu, Some(beneath as usize));
            }
            let mut vectors = self.pending(s, cpu);
            match start {
                Start::Pending => {}
                Start::Timer(timer) => {
                    vectors |= 1 << self.timer_vector(s, timer);
                    set32(s, at + CURRENT, timer as u32);
                }
                Start::Rcu => vectors |= 1 << RCU,
            }
            self.begin_pass(s, cpu, vectors);
        } else if self.vector(s, cpu).is_none() {
            let pending = self.pending(s, cpu);
            // A tasklet that was pending may have been disabled since.
            if choice.outcome == 1 || pending == 0 {
                if O::EVENTS {
                    let what = What::Yield { why: "leaves the rest to ksoftirqd" };
                    o.event(Event { at: CodePlace::default(), what });
                }
                self.leave(s, cpu);
                return Ok(());
            }
            self.begin_pass(s, cpu, pending);
        }
        let header = self.layout.contexts[choice.context as usize].header;
        s[header + header::FLAGS] &= flag::DIED;
        while let Some(vector) = self.vector(s, cpu) {
            match vector {
                TIMER | HRTIMER => {
                    let first = Some(get32(s, at + CURRENT) as usize).filter(|first| *first != 0);
                    let more = || self.more_timers(s, cpu).get((choice.outcome as usize).wrapping_sub(1)).copied();
                    if let Some(timer) = first.or_else(more) {
                        set32(s, at + CURRENT, timer as u32);
                        return self.expire(s, choice, timer, o);
                    }
                }
                HI | TASKLET => {
                    if get16(s, at + LEFT) & TAKEN == 0
                        && let Some(begun) = self.bh_work_begins(s, choice, vector == HI, o)
                    {
                        return begun;
                    }
                    if let Some(tasklet) = self.next_listed(s, cpu, vector) {
                        set32(s, at + CURRENT, tasklet as u32);
                        return self.run_tasklet(s, choice, tasklet, o);
                    }
                }
                RCU => {
                    if self.takes_callback(s, cpu)
                        && let Some((head, begun)) = self.run_callback(s, choice, o)
                    {
                        set32(s, at + CURRENT, head as u32);
                        return begun;
                    }
                }
                NET_RX if self.layout.tasklets.napi => {
                    if let Some(napi) = self.next_listed(s, cpu, vector) {
                        set32(s, at + CURRENT, napi as u32);
                        return self.run_napi(s, choice, napi, o);
                    }
                }
                _ => {
                    let action = softirq.actions.map_or(0, |at| get16(s, at + 2 * vector));
                    if let Some(action) = action.checked_sub(1) {
                        let serves = |run: &mut Run<'_, O>| {
                            run.tell(What::Serves { vector: VECTORS[vector] });
                            Some(())
                        };
                        return Run::start_with(self, s, choice, u32::from(action), &[vector as u64], o, serves);
                    }
                }
            }
            self.vector_done(s, cpu);
        }
        Ok(())
    }

    /// The next of the list that the vector takes when its turn comes (`tasklet_action_common`, `net_rx_action`), if one of them can run; tasklets that cannot are put back,
    /// what is to be polled no more is not.
    fn next_listed(&self, s: &mut [u8], cpu: usize, vector: usize) -> Option<usize> {
        let at = self.layout.softirq.as_ref()?.cpu(cpu);
        let left = get16(s, at + LEFT);
        if left & TAKEN == 0 {
            set16(s, at + LEFT, left | TAKEN);
            s[at + LISTED] = self.queued_tasklets(s, cpu, vector) as u8;
        }
        while s[at + LISTED] > 0 {
            s[at + LISTED] -= 1;
            let at = self.take_tasklet(s, cpu, vector)?;
            if vector == NET_RX {
                if self.napi_is_scheduled(s, at) {
                    return Some(at);
                }
            } else if self.tasklet_can_run(s, at) {
                return Some(at);
            } else {
                self.put_tasklet_back(s, cpu, at, vector);
            }
        }
        None
    }

    /// Whether one more RCU callback is to run in this pass: of those that could when the vector's turn came (`rcu_do_batch`).
    fn takes_callback(&self, s: &mut [u8], cpu: usize) -> bool {
        let Some(softirq) = &self.layout.softirq else { return false };
        let at = softirq.cpu(cpu);
        let left = get16(s, at + LEFT);
        if left & TAKEN == 0 {
            set16(s, at + LEFT, left | TAKEN);
            s[at + LISTED] = self.ready_callbacks(s, cpu) as u8;
        }
        let more = s[at + LISTED].checked_sub(1);
        s[at + LISTED] = more.unwrap_or(0);
        more.is_some()
    }

    /// Whether the vector whose turn it is has not come to its tasklets yet, as it ran work items first, and has more of these or any of those.
    fn has_more(&self, s: &[u8], cpu: usize) -> bool {
        let Some(vector) = self.vector(s, cpu).filter(|vector| matches!(*vector, HI | TASKLET)) else { return false };
        let taken = self.layout.softirq.as_ref().is_none_or(|softirq| get16(s, softirq.cpu(cpu) + LEFT) & TAKEN != 0);
        !taken && (self.bh_vectors(s, cpu) >> vector & 1 != 0 || self.queued_tasklets(s, cpu, vector) > 0)
    }

    /// The vector whose turn it was has nothing left to run in this pass. If the pass is over, and nothing is pending or it was the last, serving is.
    fn vector_done(&self, s: &mut [u8], cpu: usize) {
        let Some(softirq) = &self.layout.softirq else { return };
        let at = softirq.cpu(cpu);
        let vectors = get16(s, at + LEFT) & !(ACTIVE | TAKEN);
        set16(s, at + LEFT, ACTIVE | (vectors & vectors.wrapping_sub(1)));
        let last = s[at + PASSES] >= MAX_PASSES;
        if self.vector(s, cpu).is_none() && (last || self.pending(s, cpu) == 0) {
            self.leave(s, cpu);
        }
    }

    /// The budget of what a CPU polls.
    pub(super) fn budget(&self, s: &[u8], cpu: usize) -> u8 {
        self.layout.softirq.as_ref().map_or(0, |softirq| s[softirq.cpu(cpu) + BUDGET])
    }

    /// Notes it.
    pub(super) fn set_budget(&self, s: &mut [u8], cpu: usize, budget: u8) {
        if let Some(softirq) = &self.layout.softirq {
            s[softirq.cpu(cpu) + BUDGET] = budget;
        }
    }

    /// Whether there is nothing that is bound to run yet: no softirq is pending, no timer armed, no irq_work queued.
    pub fn quiet(&self, s: &[u8]) -> bool {
        (0..self.cpus()).all(|cpu| self.pending(s, cpu) == 0)
            && !self.timer_to_come(s)
            && !self.irq_work_to_come(s)
            && !self.callbacks_to_come(s)
    }

    /// The tasklet or timer whose callback a softirq context runs.
    pub(super) fn softirq_current(&self, s: &[u8], cpu: usize) -> Option<usize> {
        let at = self.layout.softirq.as_ref()?.cpu(cpu) + CURRENT;
        Some(get32(s, at) as usize).filter(|current| *current != 0)
    }
}

impl<O: Observer> Run<'_, O> {
    /// A softirq's callback has returned.
    pub(super) fn softirq_returned(&mut self) {
        let Some(softirq) = &self.m.layout.softirq else { return };
        let at = softirq.cpu(self.cpu);
        set32(self.s, at + CURRENT, 0);
        let more = self.m.has_more(self.s, self.cpu) || !self.m.more_timers(self.s, self.cpu).is_empty();
        if self.s[at + LISTED] == 0 && !more {
            self.m.vector_done(self.s, self.cpu);
        }
    }

    /// `open_softirq()`.
    pub(super) fn open_softirq(&mut self, vector: u64, action: u64) -> Given {
        let function = pointer::function(action).and_then(|f| u16::try_from(f + 1).ok());
        let actions = self.m.layout.softirq.as_ref().and_then(|softirq| softirq.actions);
        let known = actions.zip(function).filter(|_| (vector as usize) < VECTORS.len());
        match known {
            Some((at, function)) => set16(self.s, at + 2 * vector as usize, function),
            None => {
                self.fault(Kind::OutOfBounds, 1, 0);
                return None;
            }
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
