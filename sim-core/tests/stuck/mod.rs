//! Who can never finish, and why: decided on the whole graph of the reference's states.

use crate::reference::{Graph, Reference, State, Symptom, is_used};
use sim_core::finding::Kind;
use sim_core::model::CodePlace;
use sim_core::program::{Inst, KernelCall as K, Preemption};
use std::collections::{BTreeMap, BTreeSet};

/// A context that takes no effective step.
#[derive(Clone)]
struct Waiting {
    at: CodePlace,
    /// Who holds the lock that it waits for, or sits on each CPU where it could run. Nobody: what it waits for, nobody in particular could give it.
    on: Vec<usize>,
    /// They hold a lock: any one of them that never gives it up is enough.
    for_lock: bool,
    /// What it is called when it waits for ever for nobody.
    alone: Kind,
}

impl Reference<'_> {
    /// A context is stuck in a state if no path from there finishes it. Reported where it, and all that it waits for, waits for ever: no path
    /// from there has it take another effective step.
    pub(crate) fn stuck(&mut self, graph: &Graph) {
        let finished = |state: &State| bits(state.everybody().filter(|who| state.stopped || state.is_over(*who)));
        let can_finish = graph.lead_to(graph.states.iter().map(|s| finished(s)).collect());
        let mut moving = can_finish.clone();
        for (state, moving) in graph.states.iter().zip(&mut moving) {
            let stuck = state.everybody().filter(|who| *moving >> who & 1 == 0).collect::<Vec<_>>();
            let steps = |who: &usize| self.waiting(state, *who).is_none();
            *moving |= bits(stuck.into_iter().filter(steps));
        }
        for (state, can_move) in graph.states.iter().zip(graph.lead_to(moving)) {
            let still = state.everybody().filter(|who| can_move >> who & 1 == 0);
            let waits = still.filter_map(|who| Some((who, self.waiting(state, who)?))).collect();
            let excused = state.timers.cut_off(self.program);
            for who in BTreeMap::keys(&waits) {
                self.report_any(*who, &waits, excused);
            }
        }
    }

    /// Where a timer cannot expire for the bound alone, only who waits for each other is to blame for it.
    /// Reports a context, or, where those who wait for a lock that several hold make several circles, notes them: one of them is to be reported.
    fn report_any(&mut self, who: usize, waits: &BTreeMap<usize, Waiting>, excused: bool) {
        let to_blame = |report: &Symptom| !excused || report.0 == Kind::Deadlock;
        let reports = one_holder_each(waits).into_iter().filter_map(|waits| report(who, &waits));
        let reports: BTreeSet<Symptom> = reports.filter(to_blame).collect();
        let circles: BTreeSet<Symptom> = reports.iter().filter(|(kind, _)| *kind == Kind::Deadlock).cloned().collect();
        match (reports.len(), circles.is_empty()) {
            (0, _) => {}
            (1, _) | (_, true) => reports.into_iter().for_each(|(kind, at)| self.symptom(kind, at)),
            _ => _ = self.circles.insert(circles),
        }
    }

    /// Where a context is once it has done what only concerns itself; `None` if that ends it. It may have lost its CPU on the way there, or be about
    /// to give it up there.
    fn at_rest(&mut self, state: &State, who: usize) -> Option<State> {
        let mut state = state.clone();
        while state.is_in_code(who) && !self.visible(&state, who) {
            state = self.step(&state, who, 0).swap_remove(0);
            if state.is_over(who) {
                return None;
            }
        }
        Some(state)
    }

    /// What a context waits for; `None` if it can take an effective step.
    fn waiting(&mut self, state: &State, who: usize) -> Option<Waiting> {
        // What it is about need not be there before set-up has made it.
        if !self.turn_has_come(state, Some(who)) {
            return None;
        }
        let state = self.at_rest(state, who)?;
        if !state.is_in_code(who) {
            // Between two callbacks: somewhere an interrupt may catch it, but no lock is.
            let (at, on) = (CodePlace::default(), self.occupants(&state, who)?);
            return Some(Waiting { at, on, for_lock: false, alone: Kind::SoftLockup });
        }
        let blocked = self.blocked(&state, who);
        let owners = blocked.as_ref().map_or(Vec::new(), |blocked| blocked.owners.clone());
        // What an oops left held nobody gives back.
        let orphaned = owners.iter().any(|owner| state.contexts[*owner].killed);
        let for_lock = !owners.is_empty() && !orphaned;
        // Even if who waits for an event were woken, it would wait for its CPU.
        let on = match (for_lock, orphaned) {
            (true, _) => owners,
            (_, true) => Vec::new(),
            _ => self.occupants(&state, who).unwrap_or_default(),
        };
        if blocked.is_none() && on.is_empty() && !self.spins(&state, who) {
            return None;
        }
        Some(Waiting { at: state.place(who), on, for_lock, alone: self.kind(&state, who) })
    }

    /// Who sits on every CPU where a context could run.
    fn occupants(&mut self, state: &State, who: usize) -> Option<Vec<usize>> {
        if let Some(cpu) = state.softirqs.cpu_of(who) {
            return state.cpus[cpu].handler.map(|handler| vec![handler]);
        }
        if !self.is_task(state, who) {
            return None;
        }
        let own = state.cpus.iter().position(|cpu| cpu.task == Some(who));
        let may_run = |cpu: &usize| own.map_or(self.allowed(state, who, *cpu), |own| own == *cpu);
        let cpus: Vec<usize> = (0..state.cpus.len()).filter(may_run).collect();
        let mut keeps = |task: usize| task != who && self.keeps_its_cpu(state, task);
        let mut occupant = |cpu: usize| {
            let interrupt = state.cpus[cpu].handler.or(state.serving(cpu));
            interrupt.or(state.cpus[cpu].task.filter(|task| keeps(*task)))
        };
        cpus.into_iter().map(&mut occupant).collect()
    }

    /// Neither sleeps nor lets itself be preempted.
    fn keeps_its_cpu(&mut self, state: &State, task: usize) -> bool {
        self.at_rest(state, task).is_some_and(|rest| {
            !self.blocked(&rest, task).is_some_and(|blocked| blocked.sleeps) && !self.preemptible(&rest, task)
        })
    }

    /// A loop with one read and no effect: left alone, the context comes back to the same state.
    fn spins(&mut self, state: &State, who: usize) -> bool {
        let mut now = state.clone();
        loop {
            now = self.step(&now, who, 0).swap_remove(0);
            if !now.is_in_code(who) || self.visible(&now, who) {
                return now == *state;
            }
        }
    }

    /// Whether others can notice the instruction that a context is at.
    fn visible(&self, state: &State, who: usize) -> bool {
        match self.instruction(state, who) {
            // What comes after the end of a callback others may wait for.
            Inst::Return { .. } => who >= self.program.contexts.len() && state.depth(who) == 1,
            Inst::Kernel { call: K::BhDisable | K::BhEnable, .. } if state.softirqs.are_used() => true,
            Inst::Load { .. } | Inst::Store { .. } | Inst::Atomic { .. } => true,
            Inst::Kernel { call: K::RcuReadLock | K::PreemptDisable | K::BhDisable, .. } if is_used(self.program) => {
                true
            }
            Inst::Kernel { call: K::RcuReadLock | K::RcuReadUnlock, .. } => false,
            Inst::Kernel { call: K::PreemptDisable | K::BhDisable | K::CondResched, .. } => {
                self.tasks_share_a_cpu(state)
            }
            Inst::Kernel { call: K::MightSleep, .. } => {
                self.program.config.preemption == Preemption::Voluntary && self.tasks_share_a_cpu(state)
            }
            Inst::Kernel { call, .. } => {
                !matches!(call, K::PreemptEnable | K::BhEnable | K::IrqEnable | K::IrqRestore | K::Relax | K::Current)
            }
            _ => false,
        }
    }

    /// Whether who has a CPU can matter to a task.
    fn tasks_share_a_cpu(&self, state: &State) -> bool {
        let later = |who: &usize| !self.program.contexts[*who].kind.is_setup();
        let tasks = || (0..self.program.contexts.len()).filter(|who| self.program.contexts[*who].kind.is_task());
        let on = |cpu| tasks().filter(later).filter(|who| self.allowed(state, *who, cpu)).count();
        state.works.contexts() > 0 || (0..usize::from(self.program.config.cpus)).any(|cpu| on(cpu) > 1)
    }

    /// What it is called when a context waits for ever for nobody.
    fn kind(&self, state: &State, who: usize) -> Kind {
        let context = &state.contexts[who];
        let blocked = self.blocked(state, who);
        if blocked.as_ref().is_some_and(|blocked| blocked.sleeps) {
            Kind::HungTask
        } else if context.irqs_off || state.is_handler(who) {
            Kind::HardLockup
        } else if blocked.is_some() || context.preempt_count != 0 || self.program.config.preemption != Preemption::Full
        {
            Kind::SoftLockup
        } else if state.rcu.reads(who) {
            Kind::RcuStall
        } else {
            Kind::Livelock
        }
    }
}

impl Graph {
    /// For each state, the bits of all states that some path from there leads to.
    fn lead_to(&self, mut bits: Vec<u64>) -> Vec<u64> {
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for from in (0..bits.len()).rev() {
                let all = self.successors[from].iter().fold(bits[from], |all, to| all | bits[*to]);
                changed |= std::mem::replace(&mut bits[from], all) != all;
            }
        }
        bits
    }
}

/// What is reported of a context that belongs to what is at the end of all waiting: all that it waits for waits for it.
fn report(who: usize, waits: &BTreeMap<usize, Waiting>) -> Option<Symptom> {
    let members = behind(who, waits)?;
    if !members.iter().all(|other| behind(*other, waits).as_ref() == Some(&members)) {
        return None;
    }
    if waits[&who].on.is_empty() {
        return Some((waits[&who].alone, vec![waits[&who].at]));
    }
    // A member that only waits for its CPU could be anywhere: where it is does not tell two deadlocks apart.
    let at_lock = members.iter().map(|member| &waits[member]).filter(|waiting| waiting.for_lock);
    let mut at: Vec<CodePlace> = at_lock.map(|waiting| waiting.at).collect();
    at.sort_unstable();
    Some((Kind::Deadlock, at))
}

/// All ways in which each that waits for a lock waits for one of those who hold it.
fn one_holder_each(waits: &BTreeMap<usize, Waiting>) -> Vec<BTreeMap<usize, Waiting>> {
    let several = waits.iter().find(|(_, waiting)| waiting.for_lock && waiting.on.len() > 1);
    let Some((who, waiting)) = several else { return vec![waits.clone()] };
    let with = |holder: &usize| {
        let mut waits = waits.clone();
        waits.insert(*who, Waiting { on: vec![*holder], ..waiting.clone() });
        one_holder_each(&waits)
    };
    waiting.on.iter().flat_map(with).collect()
}

fn bits(contexts: impl Iterator<Item = usize>) -> u64 {
    contexts.fold(0, |bits, who| bits | 1 << who)
}

/// The contexts that one waits for, directly or not, itself included; `None` if one of them is not stuck or can take a step, or left a lock behind: that
/// was reported.
fn behind(who: usize, waits: &BTreeMap<usize, Waiting>) -> Option<BTreeSet<usize>> {
    let mut all = BTreeSet::from([who]);
    let mut todo = vec![who];
    while let Some(who) = todo.pop() {
        todo.extend(waits.get(&who)?.on.iter().filter(|other| all.insert(**other)));
    }
    Some(all)
}
