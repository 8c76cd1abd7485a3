//! RCU and SRCU, as the design page has them ("RCU") and `program::KernelCall` their calls.
//!
//! From the page: readers are `rcu_read_lock()` sections, and every region with preemption, bottom halves or interrupts off; a preempted reader blocks the grace period until
//! its outermost unlock, and on a kernel that does not preempt whoever has a CPU until it gives it up; callbacks run in softirq after a grace period that began after they were
//! queued; `rcu_barrier()` waits for callbacks, not readers. How late a grace period ends is open. From `kernel/rcu/tree.c` (`rcu_do_batch`): the softirq takes the callbacks
//! that are ready when its turn comes, the oldest first, and a tick raises it whenever there are any.

use super::softirq::{self, RCU};
use super::{Reference, State};
use sim_core::finding::Kind;
use sim_core::program::{FunctionId, KernelCall as K, Preemption, Program, Readers, pointer};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Rcu {
    /// How deep each context is in `rcu_read_lock()`.
    nesting: BTreeMap<usize, u64>,
    /// For each domain of SRCU those who are in it, as often as they are.
    sections: BTreeMap<u64, Vec<usize>>,
    /// Who waits in `synchronize_rcu()`, and for whom.
    waits: BTreeMap<usize, Period>,
    /// The oldest first.
    callbacks: Vec<Callback>,
    /// For those in `rcu_barrier()`, what has to be over.
    barriers: BTreeMap<usize, BTreeSet<u64>>,
}

/// A grace period.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Period {
    /// The address of the SRCU domain; `None`: RCU.
    domain: Option<u64>,
    /// Those who read when it began, and have not stopped since.
    readers: BTreeSet<usize>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Callback {
    head: u64,
    function: FunctionId,
    cpu: usize,
    period: Period,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Progress {
    Queued,
    /// The softirq that serves its CPU has taken it.
    Taken,
    /// By this context.
    Runs(usize),
}

impl Rcu {
    /// Whether a context is in `rcu_read_lock()`.
    pub(crate) fn reads(&self, who: usize) -> bool {
        self.nesting.contains_key(&who)
    }

    /// Whether a context is in a section of any kind.
    pub(crate) fn in_section(&self, who: usize) -> bool {
        self.reads(who) || self.sections.values().any(|all| all.contains(&who))
    }

    /// A context ends: SRCU still counts its sections.
    pub(crate) fn ends(&mut self, who: usize) {
        self.nesting.remove(&who);
    }

    /// Nothing is to be run yet.
    pub(crate) fn quiet(&self) -> bool {
        self.callbacks.is_empty()
    }

    /// For whom a context waits in `synchronize_rcu()`.
    pub(crate) fn awaited(&self, who: usize) -> Vec<usize> {
        self.waits.get(&who).map_or(Vec::new(), |period| period.readers.iter().copied().collect())
    }

    /// For whom a context waits in `rcu_barrier()`; `None`: for nothing.
    pub(crate) fn barred_by(&self, who: usize) -> Option<Vec<usize>> {
        let heads = self.barriers.get(&who).filter(|heads| !heads.is_empty())?;
        let ours = self.callbacks.iter().filter(|callback| heads.contains(&callback.head));
        let mut all: BTreeSet<usize> = BTreeSet::new();
        for callback in ours {
            all.extend(&callback.period.readers);
            if let Progress::Runs(by) = callback.progress {
                all.insert(by);
            }
        }
        Some(all.into_iter().collect())
    }

    /// Whether a CPU has a callback that could run.
    pub(crate) fn is_ready(&self, cpu: usize) -> bool {
        self.callbacks.iter().any(|callback| callback.is_ready(cpu))
    }

    /// The softirq of a CPU takes what is ready.
    pub(crate) fn take(&mut self, cpu: usize) {
        for callback in self.callbacks.iter_mut().filter(|callback| callback.is_ready(cpu)) {
            callback.progress = Progress::Taken;
        }
    }

    /// The next that a CPU has taken begins: its function and its argument.
    pub(crate) fn begins(&mut self, cpu: usize, who: usize) -> Option<(FunctionId, u64)> {
        let taken = |callback: &&mut Callback| callback.cpu == cpu && callback.progress == Progress::Taken;
        let next = self.callbacks.iter_mut().find(taken)?;
        next.progress = Progress::Runs(who);
        Some((next.function, next.head))
    }

    /// The callback of a context has returned.
    pub(crate) fn callback_ends(&mut self, who: usize) {
        let Some(at) = self.callbacks.iter().position(|callback| callback.progress == Progress::Runs(who)) else {
            return;
        };
        let over = self.callbacks.remove(at).head;
        self.barriers.values_mut().for_each(|heads| _ = heads.remove(&over));
    }
}

impl Callback {
    fn is_ready(&self, cpu: usize) -> bool {
        self.cpu == cpu && self.progress == Progress::Queued && self.period.readers.is_empty()
    }
}

impl Reference<'_> {
    /// Whether a context reads, as RCU sees it.
    fn rcu_reads(&self, state: &State, who: usize) -> bool {
        if !self.is_task(state, who) {
            return state.is_in_code(who);
        }
        let has_cpu = state.cpus.iter().any(|cpu| cpu.task == Some(who));
        match self.program.config.preemption {
            Preemption::Full => state.rcu.reads(who) || (has_cpu && state.contexts[who].is_atomic()),
            _ => has_cpu,
        }
    }

    fn period(&self, state: &State, domain: Option<u64>) -> Period {
        let reads = |who: &usize| match domain {
            None => self.rcu_reads(state, *who),
            Some(domain) => state.rcu.sections.get(&domain).is_some_and(|all| all.contains(who)),
        };
        Period { domain, readers: state.everybody().filter(reads).collect() }
    }

    /// Something has happened: who does not read any more is waited for no more.
    pub(crate) fn readers_leave(&self, state: &mut State) {
        let now: BTreeMap<Option<u64>, BTreeSet<usize>> = {
            let periods = state.rcu.waits.values().chain(state.rcu.callbacks.iter().map(|callback| &callback.period));
            let domains: BTreeSet<Option<u64>> = periods.map(|period| period.domain).collect();
            domains.into_iter().map(|domain| (domain, self.period(state, domain).readers)).collect()
        };
        let rcu = &mut state.rcu;
        let periods = rcu.waits.values_mut().chain(rcu.callbacks.iter_mut().map(|callback| &mut callback.period));
        periods.for_each(|period| period.readers.retain(|who| now[&period.domain].contains(who)));
    }

    /// A tick finds callbacks that are ready.
    pub(crate) fn rcu_ticks(&self, state: &State, cpu: usize) -> Option<State> {
        if !state.rcu.is_ready(cpu) || state.softirqs.is_pending(cpu, RCU) {
            return None;
        }
        let mut next = state.clone();
        next.softirqs.raise(cpu, RCU);
        if next.may_serve(cpu) {
            next.begin_pass(cpu);
        }
        Some(next)
    }

    /// The calls about RCU and SRCU.
    pub(crate) fn rcu_call(&mut self, next: &mut State, call: K, args: &[u64], who: usize, cpu: usize) -> u64 {
        let place = next.place(who);
        let domain = |of: Readers, argument: u64| (of == Readers::Srcu).then_some(argument);
        match call {
            K::RcuReadLock => {
                *next.rcu.nesting.entry(who).or_default() += 1;
                if self.program.config.preemption != Preemption::Full {
                    next.contexts[who].preempt_count += 1;
                }
            }
            K::RcuReadUnlock => {
                let Some(depth) = next.rcu.nesting.get_mut(&who) else {
                    self.symptom(Kind::BadUnlock, vec![place]);
                    return 0;
                };
                *depth -= 1;
                if *depth == 0 {
                    next.rcu.nesting.remove(&who);
                }
                if self.program.config.preemption != Preemption::Full {
                    let count = &mut next.contexts[who].preempt_count;
                    if *count & 0xff == 0 {
                        self.symptom(Kind::PreemptLeak, vec![place]);
                    } else {
                        *count -= 1;
                    }
                }
            }
            K::SrcuInit => {}
            K::SrcuReadLock { .. } => {
                let section = next.rcu.sections.entry(args[0]).or_default();
                section.push(who);
                section.sort_unstable();
            }
            K::SrcuReadUnlock { .. } => {
                let section = next.rcu.sections.get_mut(&args[0]).expect("generated sections are entered first");
                let own = section.iter().rposition(|reader| *reader == who);
                section.remove(own.expect("generated sections are left by who entered them"));
            }
            K::GpBegin { of } => {
                let period = self.period(next, domain(of, args[0]));
                let section = period.domain.is_some() && period.readers.contains(&who);
                if section || next.rcu.reads(who) {
                    self.symptom(Kind::RcuSyncInReader, vec![place]);
                } else if next.contexts[who].is_atomic() {
                    self.symptom(Kind::SleepInAtomic, vec![place]);
                }
                next.rcu.waits.insert(who, period);
            }
            K::GpWait { .. } => _ = next.rcu.waits.remove(&who),
            K::CallRcu { of } => {
                let waiting = |callback: &Callback| !matches!(callback.progress, Progress::Runs(_));
                if next.rcu.callbacks.iter().any(|callback| callback.head == args[0] && waiting(callback)) {
                    self.symptom(Kind::RcuDoubleCall, vec![place]);
                    return 0;
                }
                let function = pointer::function(args[1]).expect("generated programs name functions");
                let period = self.period(next, domain(of, args[3]));
                let progress = Progress::Queued;
                next.rcu.callbacks.push(Callback { head: args[0], function, cpu, period, progress });
            }
            K::BarrierBegin { of } => {
                if next.contexts[who].is_atomic() || next.rcu.reads(who) {
                    self.symptom(Kind::SleepInAtomic, vec![place]);
                }
                let domain = domain(of, args[0]);
                let queued = next.rcu.callbacks.iter().filter(|callback| callback.period.domain == domain);
                let heads = queued.map(|callback| callback.head).collect();
                next.rcu.barriers.insert(who, heads);
            }
            K::BarrierWait => _ = next.rcu.barriers.remove(&who),
            other => panic!("the reference does not know {other:?}"),
        }
        0
    }
}

/// Whether a program has callbacks.
pub(super) fn has_callbacks(program: &Program) -> bool {
    softirq::makes(program, |call| matches!(call, K::CallRcu { .. }))
}

/// Whether anybody waits for readers, so that others can notice where a section begins.
pub(crate) fn is_used(program: &Program) -> bool {
    softirq::makes(program, |call| matches!(call, K::CallRcu { .. } | K::GpBegin { .. }))
}
