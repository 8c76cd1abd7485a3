//! Softirqs and tasklets, as the design page has them ("CPUs and contexts", *Softirqs* and *Tasklets*) and `program::KernelCall` their calls.
//!
//! From the page: what is pending is a set for each CPU; a pass takes a snapshot of it, clears it and runs the vectors, the lowest first, with interrupts on; a
//! pass with more pending is followed by another, or the rest is left. They begin at the exit of a hard interrupt, where bottom halves go on, and by
//! themselves (`ksoftirqd`, a tick) at any moment with interrupts and bottom halves on. The cap of ten passes is not here: what is left may begin again at once.
//! From `kernel/softirq.c` (`tasklet_action_common`): the vector takes its whole list, and puts back, at the end, what is disabled or runs elsewhere, and raises
//! itself for it. That is done here as often as the kernel would, however idle it is.

use super::timer::{self, HRTIMER, TIMER};
use super::{Context, Reference, SOFTIRQ, State, rcu};
use sim_core::finding::Kind;
use sim_core::program::{FunctionId, Inst, KernelCall as K, Program, pointer};
use std::collections::{BTreeMap, BTreeSet};

/// The vectors of tasklets.
const HI: u64 = 0;
const TASKLET: u64 = 6;
/// `RCU_SOFTIRQ`
pub(super) const RCU: u64 = 9;

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Softirqs {
    /// What `open_softirq()` named, by vector.
    actions: BTreeMap<u64, FunctionId>,
    /// By address.
    tasklets: BTreeMap<u64, Tasklet>,
    /// One for each CPU; none if the program has no softirqs.
    cpus: Vec<OfCpu>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct OfCpu {
    /// The context that serves them.
    context: usize,
    pending: BTreeSet<u64>,
    /// The tasklets that were scheduled here, for each of their vectors.
    lists: BTreeMap<u64, Vec<u64>>,
    /// The vectors that are still to be run in this pass, the lowest first; `None`: softirqs are not being served.
    pass: Option<Vec<u64>>,
    /// The first vector of the pass has taken its list: what it has not looked at yet.
    taken: Option<Vec<u64>>,
    /// The tasklet whose callback runs.
    tasklet: Option<u64>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Tasklet {
    callback: FunctionId,
    /// The SCHED bit.
    scheduled: bool,
    /// Who has the RUN bit.
    runner: Option<usize>,
    disabled: u64,
}

/// Whether a program makes such a call anywhere.
pub(super) fn makes(program: &Program, which: impl Fn(&K) -> bool) -> bool {
    let is = |inst: &Inst| matches!(inst, Inst::Kernel { call, .. } if which(call));
    program.functions.iter().flat_map(|function| &function.code).any(is)
}

/// Whether a program has softirqs.
pub(crate) fn are_used(program: &Program) -> bool {
    let registers = |call: &K| matches!(call, K::OpenSoftirq | K::TaskletInit { .. });
    timer::are_used(program) || rcu::has_callbacks(program) || makes(program, registers)
}

impl Softirqs {
    /// Contexts from `first` on serve them, one on each CPU.
    pub(crate) fn new(first: usize, cpus: usize) -> Self {
        let cpus = (first..first + cpus).map(|context| OfCpu { context, ..OfCpu::default() });
        Self { cpus: cpus.collect(), ..Self::default() }
    }

    /// How many contexts serve them.
    pub(crate) fn contexts(&self) -> usize {
        self.cpus.len()
    }

    /// Whether the program has any.
    pub(crate) fn are_used(&self) -> bool {
        !self.cpus.is_empty()
    }

    /// The CPU on which a context serves softirqs.
    pub(crate) fn cpu_of(&self, who: usize) -> Option<usize> {
        self.cpus.iter().position(|cpu| cpu.context == who)
    }

    /// Nothing is pending but tasklets that cannot run.
    pub(crate) fn quiet(&self) -> bool {
        let idle = |tasklet: &u64| self.tasklets[tasklet].runner.is_some() || self.tasklets[tasklet].disabled > 0;
        let vector_idle = |cpu: &OfCpu, vector: &u64| match *vector {
            HI | TASKLET => cpu.lists.get(vector).is_none_or(|list| list.iter().all(idle)),
            // Whether a timer is still to come is asked of them.
            TIMER | HRTIMER | RCU => true,
            _ => false,
        };
        self.cpus.iter().all(|cpu| cpu.pass.is_none() && cpu.pending.iter().all(|vector| vector_idle(cpu, vector)))
    }

    /// Whether a context is to wait before `tasklet_kill()` may take the SCHED bit.
    pub(crate) fn is_scheduled(&self, tasklet: u64) -> bool {
        self.tasklets.get(&tasklet).is_some_and(|tasklet| tasklet.scheduled)
    }

    /// Who runs the tasklet.
    pub(crate) fn runner(&self, tasklet: u64) -> Option<usize> {
        self.tasklets.get(&tasklet)?.runner
    }

    pub(crate) fn is_pending(&self, cpu: usize, vector: u64) -> bool {
        self.cpus.get(cpu).is_some_and(|cpu| cpu.pending.contains(&vector))
    }

    pub(crate) fn raise(&mut self, cpu: usize, vector: u64) {
        self.cpus[cpu].pending.insert(vector);
    }

    /// The callback of a context has come to its end.
    pub(crate) fn callback_ends(&mut self, who: usize) {
        let Some(cpu) = self.cpu_of(who) else { return };
        if let Some(tasklet) = self.cpus[cpu].tasklet.take().and_then(|tasklet| self.tasklets.get_mut(&tasklet)) {
            tasklet.runner = None;
        }
    }
}

impl State {
    /// The context that serves softirqs on a CPU.
    pub(crate) fn serving(&self, cpu: usize) -> Option<usize> {
        self.softirqs.cpus.get(cpu).filter(|cpu| cpu.pass.is_some()).map(|cpu| cpu.context)
    }

    /// Whether a context is in the middle of serving them.
    pub(crate) fn serves(&self, who: usize) -> bool {
        self.softirqs.cpu_of(who).is_some_and(|cpu| self.serving(cpu).is_some())
    }

    /// Whether softirqs are pending on a CPU, and nothing there keeps them from being served.
    pub(crate) fn may_serve(&self, cpu: usize) -> bool {
        let bottom_halves_on = |task: usize| self.contexts[task].preempt_count & 0xff00 == 0;
        self.softirqs.cpus.get(cpu).is_some_and(|of_cpu| of_cpu.pass.is_none() && !of_cpu.pending.is_empty())
            && self.cpus[cpu].handler.is_none()
            && self.cpus[cpu].task.is_none_or(bottom_halves_on)
    }

    /// A pass begins.
    pub(crate) fn begin_pass(&mut self, cpu: usize) {
        let cpu = &mut self.softirqs.cpus[cpu];
        cpu.pass = Some(std::mem::take(&mut cpu.pending).into_iter().collect());
    }
}

impl Reference<'_> {
    /// What a CPU does that serves softirqs and runs no callback.
    pub(crate) fn softirqs_go_on(&self, state: &State, cpu: usize) -> Vec<State> {
        let mut next = state.clone();
        let of_cpu = &mut next.softirqs.cpus[cpu];
        let Some(vector) = of_cpu.pass.as_ref().and_then(|pass| pass.first().copied()) else {
            of_cpu.pass = None;
            let mut again = state.clone();
            again.begin_pass(cpu);
            return if of_cpu.pending.is_empty() { vec![next] } else { vec![next, again] };
        };
        if vector == TIMER || vector == HRTIMER {
            let mut all = self.run_timers(state, vector, cpu, of_cpu.context);
            of_cpu.pass.as_mut().expect("it is being served").remove(0);
            all.push(next);
            return all;
        }
        if vector == RCU {
            if of_cpu.taken.is_none() {
                of_cpu.taken = Some(Vec::new());
                next.rcu.take(cpu);
            }
            let context = of_cpu.context;
            if let Some((function, head)) = next.rcu.begins(cpu, context) {
                return vec![self.softirq_calls(next, cpu, function, head)];
            }
            of_cpu.taken = None;
            of_cpu.pass.as_mut().expect("it is being served").remove(0);
            return vec![next];
        }
        if vector != HI && vector != TASKLET {
            of_cpu.pass.as_mut().expect("it is being served").remove(0);
            let action = next.softirqs.actions[&vector];
            return vec![self.softirq_calls(next, cpu, action, vector)];
        }
        match &mut of_cpu.taken {
            None => of_cpu.taken = Some(of_cpu.lists.remove(&vector).unwrap_or_default()),
            Some(taken) if taken.is_empty() => {
                of_cpu.taken = None;
                of_cpu.pass.as_mut().expect("it is being served").remove(0);
            }
            Some(taken) => {
                let address = taken.remove(0);
                let context = of_cpu.context;
                let tasklet = next.softirqs.tasklets.get_mut(&address).expect("what is listed was initialised");
                if tasklet.runner.is_none() && tasklet.disabled == 0 {
                    (tasklet.scheduled, tasklet.runner) = (false, Some(context));
                    let callback = tasklet.callback;
                    of_cpu.tasklet = Some(address);
                    return vec![self.softirq_calls(next, cpu, callback, address)];
                }
                of_cpu.lists.entry(vector).or_default().push(address);
                of_cpu.pending.insert(vector);
            }
        }
        vec![next]
    }

    /// A callback begins.
    pub(crate) fn softirq_calls(&self, mut next: State, cpu: usize, function: FunctionId, argument: u64) -> State {
        let who = next.softirqs.cpus[cpu].context;
        next.contexts[who] = Context {
            frames: vec![self.call(function, &[argument], None)],
            preempt_count: SOFTIRQ,
            dispatched: true,
            ..Context::default()
        };
        next
    }

    /// The calls that only programs with softirqs make.
    pub(crate) fn softirq_call(&mut self, next: &mut State, call: K, args: &[u64], who: usize, cpu: usize) -> u64 {
        let place = next.place(who);
        let count = next.contexts[who].preempt_count;
        let callback = || pointer::function(args[1]).expect("generated programs name functions");
        let softirqs = &mut next.softirqs;
        match call {
            K::OpenSoftirq => _ = softirqs.actions.insert(args[0], callback()),
            K::RaiseSoftirq => softirqs.raise(cpu, args[0]),
            K::TaskletInit { .. } => {
                softirqs.tasklets.insert(args[0], Tasklet { callback: callback(), ..Tasklet::default() });
            }
            K::TaskletSchedule { high } => {
                let vector = if high { HI } else { TASKLET };
                let tasklet = softirqs.tasklets.entry(args[0]).or_default();
                if !std::mem::replace(&mut tasklet.scheduled, true) {
                    softirqs.cpus[cpu].lists.entry(vector).or_default().push(args[0]);
                    softirqs.raise(cpu, vector);
                }
            }
            K::TaskletDisable | K::TaskletEnable => {
                let disabled = &mut softirqs.tasklets.entry(args[0]).or_default().disabled;
                *disabled = if call == K::TaskletDisable { *disabled + 1 } else { *disabled - 1 };
            }
            K::TaskletKill => {
                softirqs.tasklets.entry(args[0]).or_default().scheduled = true;
                // In an interrupt, which bottom halves off are too: `in_interrupt()`.
                if count & 0x000f_ff00 != 0 {
                    self.symptom(Kind::WrongContext, vec![place]);
                }
            }
            K::TaskletWait { kill, .. } => {
                softirqs.tasklets.entry(args[0]).or_default().scheduled &= !kill;
            }
            other => panic!("the reference does not know {other:?}"),
        }
        0
    }
}
