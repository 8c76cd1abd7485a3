//! Who can never finish, and why: decided on the whole graph of the reference's states.

use crate::reference::{Graph, Reference, State};
use sim_core::finding::Kind;
use sim_core::program::{Inst, KernelCall as K, Preemption};
use std::collections::{BTreeMap, BTreeSet};

/// What a context waits for that takes no effective step.
enum Wait {
    /// What another context, or itself, holds.
    Lock(usize),
    /// Its CPU, or any of several, on which these sit.
    Cpu(Vec<usize>),
    /// What nobody in particular could give it.
    Nobody,
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
            let steps = |who: &usize| self.visible(state, *who) && self.wait(state, *who).is_none();
            *moving |= bits(stuck.into_iter().filter(steps));
        }
        for (state, can_move) in graph.states.iter().zip(graph.lead_to(moving)) {
            let still = state.everybody().filter(|who| can_move >> who & 1 == 0);
            let waits = still.filter_map(|who| Some((who, self.wait(state, who)?))).collect();
            for who in BTreeMap::keys(&waits) {
                self.report(state, *who, &waits);
            }
        }
    }

    /// Reports a context that belongs to what is at the end of all waiting: all that it waits for waits for it.
    fn report(&mut self, state: &State, who: usize, waits: &BTreeMap<usize, Wait>) {
        let Some(members) = behind(who, waits) else { return };
        if !members.iter().all(|other| behind(*other, waits).is_some_and(|beyond| beyond.contains(&who))) {
            return;
        }
        match waits[&who] {
            Wait::Lock(_) | Wait::Cpu(_) => {
                // A member that only waits for its CPU could be anywhere: where it is does not tell two deadlocks apart.
                let at_lock = members.iter().filter(|member| matches!(waits[member], Wait::Lock(_)));
                self.symptom(Kind::Deadlock, at_lock.map(|member| state.place(*member)).collect());
            }
            Wait::Nobody => self.symptom(self.kind(state, who), vec![state.place(who)]),
        }
    }

    /// What a context waits for; `None` if it can take an effective step.
    fn wait(&mut self, state: &State, who: usize) -> Option<Wait> {
        let occupants = self.occupants(state, who);
        match self.blocked(state, who).map(|blocked| blocked.owner) {
            Some(Some(owner)) => Some(Wait::Lock(owner)),
            None if !self.visible(state, who) => None,
            // Even if it were woken, it would wait for its CPU.
            Some(None) | None if !occupants.is_empty() => Some(Wait::Cpu(occupants)),
            Some(None) => Some(Wait::Nobody),
            None => self.spins(state, who).then_some(Wait::Nobody),
        }
    }

    /// Who sits on every CPU where a context could run; nobody, if it could.
    fn occupants(&self, state: &State, who: usize) -> Vec<usize> {
        if !self.program.contexts[who].kind.is_task() {
            return Vec::new();
        }
        let asleep = |task| self.blocked(state, task).is_some_and(|block| block.sleeps);
        let keeps = |task: &usize| *task != who && !asleep(*task) && !self.preemptible(state, *task);
        let own = state.cpus.iter().position(|cpu| cpu.task == Some(who));
        let cpus = (0..state.cpus.len()).filter(|cpu| own.map_or(self.allowed(who, *cpu), |own| own == *cpu));
        let occupant = |cpu: usize| state.cpus[cpu].handler.or(state.cpus[cpu].task.filter(keeps));
        cpus.map(occupant).collect::<Option<Vec<usize>>>().unwrap_or_default()
    }

    /// A loop with one read and no effect: left alone, the context comes back to the same state.
    fn spins(&mut self, state: &State, who: usize) -> bool {
        let mut now = state.clone();
        loop {
            now = self.step(&now, who, 0).swap_remove(0);
            if now.is_over(who) || self.visible(&now, who) {
                return now == *state;
            }
        }
    }

    /// Whether others can notice the instruction that a context is at.
    fn visible(&self, state: &State, who: usize) -> bool {
        match self.instruction(state, who) {
            Inst::Load { .. } | Inst::Store { .. } | Inst::Atomic { .. } => true,
            Inst::Kernel { call: K::MightSleep, .. } => self.program.config.preemption == Preemption::Voluntary,
            Inst::Kernel { call, .. } => {
                !matches!(call, K::PreemptEnable | K::BhEnable | K::IrqEnable | K::IrqRestore | K::Relax | K::Current)
            }
            _ => false,
        }
    }

    /// What it is called when a context waits for ever for nobody.
    fn kind(&self, state: &State, who: usize) -> Kind {
        let context = &state.contexts[who];
        if self.blocked(state, who).is_some() {
            Kind::HungTask
        } else if context.irqs_off {
            Kind::HardLockup
        } else if context.preempt_count != 0 || self.program.config.preemption != Preemption::Full {
            Kind::SoftLockup
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

fn bits(contexts: impl Iterator<Item = usize>) -> u64 {
    contexts.fold(0, |bits, who| bits | 1 << who)
}

/// The contexts that one waits for, directly or not, itself included; `None` if one of them is not stuck or can take a step, or left a lock behind or was
/// killed with it: that was reported.
fn behind(who: usize, waits: &BTreeMap<usize, Wait>) -> Option<BTreeSet<usize>> {
    let mut all = BTreeSet::from([who]);
    let mut todo = vec![who];
    while let Some(who) = todo.pop() {
        let others = match waits.get(&who)? {
            Wait::Lock(owner) => std::slice::from_ref(owner),
            Wait::Cpu(occupants) => occupants,
            Wait::Nobody => &[],
        };
        todo.extend(others.iter().filter(|other| all.insert(**other)));
    }
    Some(all)
}
