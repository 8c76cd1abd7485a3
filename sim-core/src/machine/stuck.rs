//! Who waits for whom, once the search has shown that somebody waits for ever.
//!
//! Invariant: whether a context is stuck is not decided here but on the whole graph of states; this only says why, in a state where it can be
//! seen: where the stuck context, and all that it waits for, directly or not, can do nothing any more.

use super::{Machine, flag};
use crate::finding::Kind;
use crate::model::{Choice, CodePlace, Deaf, Model, Observer, Symptom};
use crate::program::{KernelCall, Preemption};

/// Why a context does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// It moves.
    No,
    /// For what another context (or itself) holds.
    Holder(usize),
    /// For its CPU, which another context occupies; or for set-up to end.
    Cpu(usize),
    /// Asleep until somebody wakes it, completes it, ups it.
    Event,
    /// Spinning until memory changes.
    Spins,
}

impl Machine {
    /// The contexts that have a step which changes something, as bits.
    fn movable(&self, s: &[u8]) -> u64 {
        let mut choices: Vec<Choice> = Vec::new();
        self.list_choices(s, &mut choices);
        let changes = |choice: &&Choice| {
            let mut next = s.to_vec();
            self.step(&mut next, **choice, &mut Deaf).is_err() || next != s
        };
        choices.iter().filter(changes).fold(0, |mask, c| mask | 1 << c.context)
    }

    /// Why a context does not move in a state.
    pub fn waits(&self, s: &[u8], context: usize) -> Waits {
        if self.point(s, context).is_none() {
            return Waits::No;
        }
        if self.outcomes(s, context) == 0 {
            return match self.next_call(s, context) {
                Some(KernelCall::Acquire { .. }) => {
                    let owner = self.next_object(s, context).and_then(|at| (s[at] as usize).checked_sub(1));
                    owner.map_or(Waits::Event, Waits::Holder)
                }
                Some(KernelCall::KthreadStopWait) => {
                    let target = self.next_operand(s, context, 0).and_then(|p| self.task_at(p));
                    target.map_or(Waits::Event, Waits::Holder)
                }
                Some(KernelCall::SyncIrq) => self.synced_line(s, context).map_or(Waits::Event, Waits::Holder),
                _ => Waits::Event,
            };
        }
        let mut choices = Vec::new();
        self.list_choices(s, &mut choices);
        if choices.iter().any(|c| c.context as usize == context) {
            return if self.movable(s) & (1 << context) != 0 { Waits::No } else { Waits::Spins };
        }
        if self.still_waits(s, context) {
            return Waits::Spins;
        }
        if !self.layout.contexts[context].is_line() && !self.begun(s, context) {
            let setup = self.setup.get(self.setup_done(s) as usize);
            return setup.map_or(Waits::Event, |setup| Waits::Cpu(*setup as usize));
        }
        let occupant = |cpu: usize| self.handler(s, cpu).or(self.owner(s, cpu));
        let cpus = (0..self.cpus()).filter(|cpu| self.affinity(s, context).is_none_or(|own| own as usize == *cpu));
        let own = (0..self.cpus()).find(|cpu| self.owner(s, *cpu) == Some(context));
        own.into_iter()
            .chain(cpus)
            .find_map(|cpu| occupant(cpu).filter(|o| *o != context))
            .map_or(Waits::Event, Waits::Cpu)
    }

    pub(super) fn report_stuck<O: Observer>(&self, s: &[u8], stuck: u64, o: &mut O) -> u64 {
        let movable = self.movable(s);
        let mut explained = 0;
        for context in 0..self.layout.contexts.len() {
            let chain = (stuck & (1 << context) != 0).then(|| self.chain(s, context, stuck & !movable)).flatten();
            if let Some(chain) = chain {
                self.report_chain(s, &chain, o);
                explained |= chain.members.iter().fold(0, |mask, c| mask | 1 << c);
            }
        }
        explained
    }

    /// What a context waits for, followed to a cycle or to an end; `None` if something on the way still moves, or could be moved.
    fn chain(&self, s: &[u8], context: usize, still: u64) -> Option<Chain> {
        let mut members = vec![context];
        loop {
            let last = *members.last()?;
            if self.point(s, last).is_none() {
                return self.died(s, last).then_some(Chain { members, end: End::Dead });
            }
            if still & (1 << last) == 0 {
                return None;
            }
            let next = match self.waits(s, last) {
                Waits::No => return None,
                Waits::Event | Waits::Spins => match self.kept_off(s, last) {
                    Some(next) => next,
                    None => return Some(Chain { members, end: End::Alone }),
                },
                Waits::Holder(next) | Waits::Cpu(next) => next,
            };
            if let Some(start) = members.iter().position(|m| *m == next) {
                return Some(Chain { members, end: End::Cycle { start } });
            }
            members.push(next);
        }
    }

    /// Who would keep a sleeper from its CPU even if it were woken: one on each CPU where it may run. Had it gone to sleep for good, that would have shown
    /// before they came.
    fn kept_off(&self, s: &[u8], context: usize) -> Option<usize> {
        if self.outcomes(s, context) != 0 {
            return None;
        }
        let allowed = |cpu: &usize| self.affinity(s, context).is_none_or(|own| own as usize == *cpu);
        let occupant = |cpu| self.handler(s, cpu).or(self.owner(s, cpu)).filter(|o| *o != context);
        let occupants: Option<Vec<usize>> = (0..self.cpus()).filter(allowed).map(occupant).collect();
        occupants?.first().copied()
    }

    fn report_chain<O: Observer>(&self, s: &[u8], chain: &Chain, o: &mut O) {
        match chain.end {
            End::Dead => {}
            End::Cycle { start } => {
                let (at, detail) = self.cycle_key(s, &chain.members[start..]);
                o.symptom(Symptom { kind: Kind::Deadlock, at, detail });
            }
            End::Alone => {
                // A thread that idles is no finding; whoever waits for it to end is.
                let Some(last) = chain.members.iter().rev().copied().find(|c| !self.idles(s, *c)) else { return };
                let at = vec![self.shown_place(s, last)];
                if self.waits(s, last) == Waits::Spins {
                    o.symptom(Symptom { kind: self.lockup(s, last), at, detail: 0 });
                } else {
                    let detail = u32::from(self.interruptible(s, last));
                    o.symptom(Symptom { kind: Kind::HungTask, at, detail });
                }
            }
        }
    }

    /// What tells one deadlock from another: where its members wait for locks; and for a member that only waits for its CPU (an interrupt sits on it,
    /// wherever it was), what it runs.
    pub(super) fn cycle_key(&self, s: &[u8], members: &[usize]) -> (Vec<CodePlace>, u32) {
        let waits_for_cpu = |c: &&usize| !matches!(self.waits(s, **c), Waits::Holder(_));
        let mut at: Vec<CodePlace> =
            members.iter().filter(|c| !waits_for_cpu(c)).map(|c| self.shown_place(s, *c)).collect();
        at.sort_unstable();
        let displaced =
            members.iter().filter(waits_for_cpu).map(|c| self.layout.contexts[*c].entry.map_or(1, |f| f + 1));
        (at, displaced.min().unwrap_or(0))
    }

    /// The contexts that wait for each other in a cycle, if `context` is one of them or waits for them.
    pub(super) fn cycle(&self, s: &[u8], context: usize) -> Vec<usize> {
        match self.chain(s, context, !self.movable(s)) {
            Some(Chain { members, end: End::Cycle { start } }) => members[start..].to_vec(),
            Some(Chain { members, .. }) => members,
            None => Vec::new(),
        }
    }

    fn interruptible(&self, s: &[u8], context: usize) -> bool {
        match self.next_call(s, context) {
            Some(KernelCall::Schedule { .. }) => {
                let extra = self.layout.contexts[context].extra;
                extra.is_some_and(|at| s[at + super::extra::STATE] == crate::program::TaskState::Interruptible as u8)
            }
            Some(KernelCall::CompletionWait { sleep, .. } | KernelCall::SemDown { sleep, .. }) => {
                sleep == crate::program::Sleep::Interruptible
            }
            _ => false,
        }
    }

    /// What a watchdog would call a context that spins for ever.
    fn lockup(&self, s: &[u8], context: usize) -> Kind {
        if self.layout.contexts[context].is_line() || self.flags(s, context) & flag::IRQ_OFF != 0 {
            Kind::HardLockup
        } else if self.preempt_count(s, context) != 0 || self.program.config.preemption != Preemption::Full {
            Kind::SoftLockup
        } else {
            Kind::Livelock
        }
    }

    pub(super) fn report_spinning<O: Observer>(&self, s: &[u8], context: usize, fair: bool, o: &mut O) {
        let kind = if fair { Kind::Livelock } else { self.lockup(s, context) };
        o.symptom(Symptom { kind, at: vec![self.shown_place(s, context)], detail: 2 + u32::from(fair) });
    }
}

/// A context, what it waits for, what that waits for ...
struct Chain {
    members: Vec<usize>,
    end: End,
}

enum End {
    /// The last one waits for the one at this index.
    Cycle { start: usize },
    /// The last one waits for nobody in particular.
    Alone,
    /// The last one was killed, or ended and left a lock behind: that is a finding of its own.
    Dead,
}
