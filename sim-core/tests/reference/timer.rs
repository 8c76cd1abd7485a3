//! Timers and hrtimers, as the design page has them ("CPUs and contexts", *Timers*) and `program::KernelCall` their calls.
//!
//! From the page: time is abstract, so that one that is armed may expire at any later moment, in any order with others, on its CPU only if it is pinned; it is
//! detached before its callback; `timer_delete_sync()` spins while that runs; who was shut down cannot be armed. From `kernel/time/timer.c`: a tick raises
//! TIMER_SOFTIRQ, whenever interrupts are on, and that runs whichever timers are due, or none; one that runs is not begun elsewhere. From `kernel/time/hrtimer.c`: one
//! whose callback says so is armed again after it (`__run_hrtimer`); one of the hard kind expires in an interrupt of its own, one of the soft kind in HRTIMER_SOFTIRQ.
//! Each expires no more often than `Bounds::timer_firings`.

use super::{Context, HARDIRQ, Reference, State};
use sim_core::finding::Kind;
use sim_core::program::{FunctionId, Inst, KernelCall as K, Program, TimerArm, pointer};
use std::collections::BTreeMap;

/// `TIMER_SOFTIRQ`
pub(super) const TIMER: u64 = 1;
/// `HRTIMER_SOFTIRQ`
pub(super) const HRTIMER: u64 = 8;
/// `TIMER_PINNED`
const TIMER_PINNED: u64 = 0x0010_0000;
/// `HRTIMER_MODE_PINNED`
const MODE_PINNED: u64 = 2;
/// `HRTIMER_MODE_SOFT`
const MODE_SOFT: u64 = 4;

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Timers {
    /// By address.
    timers: BTreeMap<u64, Timer>,
    /// The contexts in which hrtimers expire in hard interrupts, one for each CPU; none if the program has none.
    hard: Vec<usize>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Timer {
    /// `None`: it was shut down.
    callback: Option<FunctionId>,
    /// The softirq in which it expires; `None`: in a hard interrupt.
    vector: Option<u64>,
    pinned: bool,
    armed: bool,
    /// The CPU that it is tied to.
    cpu: Option<usize>,
    /// Who runs its callback.
    runner: Option<usize>,
    expired: u8,
}

/// Whether a program has timers or hrtimers.
pub(super) fn are_used(program: &Program) -> bool {
    let makes = |inst: &Inst| matches!(inst, Inst::Kernel { call: K::TimerInit { .. }, .. });
    program.functions.iter().flat_map(|function| &function.code).any(makes)
}

impl Timers {
    /// Contexts from `first` on are those of hard interrupts.
    pub(crate) fn new(first: usize, cpus: usize) -> Self {
        Self { hard: (first..first + cpus).collect(), ..Self::default() }
    }

    /// How many contexts those are.
    pub(crate) fn contexts(&self) -> usize {
        self.hard.len()
    }

    /// Who runs the callback of a timer.
    pub(crate) fn runner(&self, timer: u64) -> Option<usize> {
        self.timers.get(&timer)?.runner
    }

    /// A context comes to the end of a callback, which gives this.
    pub(crate) fn callback_ends(&mut self, who: usize, value: u64) {
        for timer in self.timers.values_mut().filter(|timer| timer.runner == Some(who)) {
            timer.runner = None;
            timer.armed |= timer.restarts(value);
        }
    }

    /// The bound keeps one that is armed from expiring: who waits for that is not to blame.
    pub(crate) fn cut_off(&self, program: &Program) -> bool {
        self.timers.values().any(|timer| timer.armed && timer.expired == program.config.bounds.timer_firings)
    }
}

impl Timer {
    /// Whether it is an hrtimer whose callback has returned `HRTIMER_RESTART`.
    fn restarts(&self, value: u64) -> bool {
        self.vector != Some(TIMER) && value == 1
    }
}

impl Reference<'_> {
    /// The timers of a softirq, or of hard interrupts, that may expire on a CPU.
    fn due(&self, state: &State, vector: Option<u64>, cpu: usize) -> Vec<u64> {
        let firings = self.program.config.bounds.timer_firings;
        let timers = state.timers.timers.iter().filter(|(_, timer)| timer.vector == vector && timer.armed);
        let here = timers.filter(|(_, timer)| timer.cpu.is_none_or(|own| own == cpu));
        let may = here.filter(|(_, timer)| timer.runner.is_none() && timer.expired < firings);
        may.map(|(address, _)| *address).collect()
    }

    /// Some timer is bound to expire yet.
    pub(crate) fn timer_to_come(&self, state: &State) -> bool {
        let firings = self.program.config.bounds.timer_firings;
        state.timers.timers.values().any(|timer| timer.armed && timer.expired < firings)
    }

    /// What time alone may bring about on a CPU that takes interrupts.
    pub(crate) fn time_passes(&self, state: &State, cpu: usize) -> Vec<State> {
        let due =
            |vector: &u64| !state.softirqs.is_pending(cpu, *vector) && !self.due(state, Some(*vector), cpu).is_empty();
        let ticks = [TIMER, HRTIMER].into_iter().filter(due).map(|vector| {
            let mut next = state.clone();
            next.softirqs.raise(cpu, vector);
            // The end of the tick's interrupt.
            if next.may_serve(cpu) {
                next.begin_pass(cpu);
            }
            next
        });
        let expires = |address: u64| {
            let mut next = state.clone();
            let who = next.timers.hard[cpu];
            next.cpus[cpu].handler = Some(who);
            next.contexts[who] =
                Context { irqs_off: true, preempt_count: HARDIRQ, dispatched: true, ..Context::default() };
            self.expire(next, who, address)
        };
        ticks.chain(self.due(state, None, cpu).into_iter().map(expires)).collect()
    }

    /// What the softirq of timers may do next: run one that is due, or be done.
    pub(crate) fn run_timers(&self, state: &State, vector: u64, cpu: usize, who: usize) -> Vec<State> {
        let expires = |address: u64| {
            let mut next = state.clone();
            next.contexts[who] = Context { preempt_count: super::SOFTIRQ, dispatched: true, ..Context::default() };
            self.expire(next, who, address)
        };
        self.due(state, Some(vector), cpu).into_iter().map(expires).collect()
    }

    /// A timer is detached, and its callback begins.
    fn expire(&self, mut next: State, who: usize, address: u64) -> State {
        let timer = next.timers.timers.get_mut(&address).expect("it is due");
        (timer.armed, timer.runner) = (false, Some(who));
        timer.expired += 1;
        // One that was shut down is not armed.
        let callback = timer.callback.expect("it is armed");
        next.contexts[who].frames.push(self.call(callback, &[address], None));
        next
    }

    /// The calls about timers.
    pub(crate) fn timer_call(&mut self, next: &mut State, call: K, args: &[u64], who: usize, cpu: usize) -> u64 {
        let timer = next.timers.timers.entry(args[0]).or_default();
        match call {
            K::TimerInit { hr } => {
                let vector = match (hr, args[2] & MODE_SOFT != 0) {
                    (false, _) => Some(TIMER),
                    (true, true) => Some(HRTIMER),
                    (true, false) => None,
                };
                *timer = Timer {
                    callback: pointer::function(args[1]),
                    vector,
                    pinned: !hr && args[2] & TIMER_PINNED != 0,
                    ..Timer::default()
                };
                0
            }
            // Who was shut down stays so.
            K::TimerArm { .. } if timer.callback.is_none() => 0,
            K::TimerArm { how: TimerArm::Pending } if !timer.armed => 0,
            K::TimerArm { how } => {
                let pinned = timer.pinned || (how == TimerArm::Hrtimer && args[2] & MODE_PINNED != 0);
                timer.cpu = pinned.then_some(cpu);
                u64::from(std::mem::replace(&mut timer.armed, true))
            }
            K::TimerCancel { says: true, .. } if timer.runner.is_some() => -1i64 as u64,
            K::TimerCancel { hr, wait, shutdown, .. } => {
                let was_armed = std::mem::take(&mut timer.armed);
                timer.callback = timer.callback.filter(|_| !shutdown);
                if wait && !hr && next.is_handler(who) {
                    self.symptom(Kind::WrongContext, vec![next.place(who)]);
                }
                u64::from(was_armed)
            }
            K::TimerPending { hr } => u64::from(timer.armed || (hr && timer.runner.is_some())),
            other => panic!("the reference does not know {other:?}"),
        }
    }
}
