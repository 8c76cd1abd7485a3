//! What a search must find in a small random graph, worked out from the definitions, without regard to time or memory.

use crate::toys::{Random, symptom};
use sim_core::finding::Kind;
use sim_core::model::{Choice, Symptom};
use std::collections::{BTreeMap, BTreeSet};

/// A random graph with everything about it written down.
pub(crate) struct Oracle<'a> {
    model: &'a Random,
    /// The states that can be reached, with the fewest steps to each.
    pub(crate) depths: BTreeMap<usize, u32>,
    /// For each of them, what can be reached from it, itself included.
    reach: BTreeMap<usize, BTreeSet<usize>>,
}

/// Where a problem shows: in a state, or in a choice out of it.
pub(crate) type Spot = (usize, Option<Choice>);

impl<'a> Oracle<'a> {
    pub(crate) fn new(model: &'a Random) -> Self {
        let mut depths = BTreeMap::from([(0, 0)]);
        let mut level = vec![0];
        for depth in 1.. {
            let mut next = Vec::new();
            for state in level {
                for (_, target) in steps(model, state) {
                    if let std::collections::btree_map::Entry::Vacant(entry) = depths.entry(target) {
                        entry.insert(depth);
                        next.push(target);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        let reach = depths.keys().map(|&state| (state, reach(model, state, &|_| true))).collect();
        Self { model, depths, reach }
    }

    pub(crate) fn transitions(&self) -> u64 {
        self.depths.keys().map(|&state| steps(self.model, state).count() as u64).sum()
    }

    pub(crate) fn terminal(&self) -> u64 {
        self.depths.keys().filter(|&&state| steps(self.model, state).count() == 0).count() as u64
    }

    pub(crate) fn finals(&self) -> u64 {
        let all = (1 << self.model.contexts) - 1;
        self.depths.keys().filter(|&&state| self.model.finished[state] & all == all).count() as u64
    }

    /// How many ways lead from a state to one without steps; `None` if one comes back.
    pub(crate) fn executions(&self) -> Option<u64> {
        let goes_round =
            |&state: &usize| steps(self.model, state).any(|(_, target)| self.reach[&target].contains(&state));
        (!self.depths.keys().any(goes_round)).then(|| self.ways_from(0))
    }

    fn ways_from(&self, state: usize) -> u64 {
        let targets: Vec<_> = steps(self.model, state).map(|(_, target)| target).collect();
        if targets.is_empty() { 1 } else { targets.into_iter().map(|target| self.ways_from(target)).sum() }
    }

    fn finished(&self, state: usize, context: u8) -> bool {
        self.model.finished[state] & 1 << context != 0
    }

    fn stepping(&self, state: usize, context: u8) -> bool {
        steps(self.model, state).any(|(choice, _)| choice.context == context)
    }

    fn stuck(&self, state: usize, context: u8) -> bool {
        let endless = self.model.endless & 1 << context != 0;
        !self.reach[&state]
            .iter()
            .any(|&later| self.finished(later, context) || endless && self.stepping(later, context))
    }

    /// It never takes a step again, nor has finished.
    fn waits_for_ever(&self, state: usize, context: u8) -> bool {
        !self.reach[&state].iter().any(|&later| self.finished(later, context) || self.stepping(later, context))
    }

    /// Every problem with all the places where it shows.
    pub(crate) fn problems(&self) -> Vec<(Symptom, Vec<Spot>)> {
        let mut problems: BTreeMap<Symptom, Vec<Spot>> = BTreeMap::new();
        let mut add = |symptom, spot| problems.entry(symptom).or_default().push(spot);
        for &state in self.depths.keys() {
            if let Some(number) = self.model.shows[state] {
                add(symptom(Kind::Invariant, number), (state, None));
            }
            for (nth, &(choice, _)) in self.model.edges[state].iter().enumerate() {
                for &(_, _, number) in
                    self.model.steps_show.iter().filter(|shown| (usize::from(shown.0), shown.1) == (state, nth))
                {
                    add(symptom(Kind::WarnOn, number), (state, Some(choice)));
                }
            }
            for context in 0..self.model.contexts {
                if self.waits_for_ever(state, context) {
                    add(symptom(Kind::HungTask, context.into()), (state, None));
                }
                if self.spins(state, context) {
                    add(symptom(Kind::SoftLockup, context.into()), (state, None));
                }
                if self.may_go_round(state, context) {
                    add(symptom(Kind::Livelock, context.into()), (state, None));
                }
            }
        }
        problems.into_iter().collect()
    }

    /// The context is stuck, shown waiting for ever neither before nor after, and takes a step of a round.
    fn spins(&self, state: usize, context: u8) -> bool {
        let shown = |other: &usize| self.waits_for_ever(*other, context);
        self.stuck(state, context)
            && !self.reach[&state].iter().any(shown)
            && !self.depths.keys().any(|before| self.reach[before].contains(&state) && shown(before))
            && steps(self.model, state)
                .any(|(choice, target)| choice.context == context && self.reach[&target].contains(&state))
    }

    /// The context takes a step of a round in which it never finishes, that is fair, and that it could leave to finish.
    fn may_go_round(&self, state: usize, context: u8) -> bool {
        if self.stuck(state, context)
            || self.model.endless & 1 << context != 0
            || self.finished(state, context)
            || !steps(self.model, state).any(|(choice, _)| choice.context == context)
        {
            return false;
        }
        let unfinished = |other: usize| !self.finished(other, context);
        let mut allowed: BTreeSet<usize> = (0..self.model.edges.len()).filter(|&other| unfinished(other)).collect();
        loop {
            let within = |other: usize| allowed.contains(&other);
            if !within(state) {
                return false;
            }
            let after = reach(self.model, state, &within);
            let round: BTreeSet<_> =
                after.into_iter().filter(|&other| reach(self.model, other, &within).contains(&state)).collect();
            let inside = |who: u8, from: usize| {
                steps(self.model, from).any(|(choice, target)| choice.context == who && round.contains(&target))
            };
            let able = |who: u8, from: usize| self.stepping(from, who) && !self.finished(from, who);
            let owed: Vec<u8> = (0..self.model.contexts)
                .filter(|&who| {
                    round.iter().any(|&from| able(who, from)) && !round.iter().any(|&from| inside(who, from))
                })
                .collect();
            if owed.is_empty() {
                return inside(context, state);
            }
            allowed = round.into_iter().filter(|&from| !owed.iter().any(|&who| able(who, from))).collect();
        }
    }

    /// The best of all schedules of the fewest steps to one of these spots: fewest switches, then least.
    pub(crate) fn shortest(&self, spots: &[Spot]) -> Vec<Choice> {
        let steps_to = |&(state, last): &Spot| self.depths[&state] as usize + usize::from(last.is_some());
        let length = spots.iter().map(steps_to).min().expect("a problem shows somewhere");
        let mut paths = vec![(0, Vec::new())];
        let mut best: Option<(usize, Vec<Choice>)> = None;
        let mut offer = |schedule: Vec<Choice>| {
            let switches = schedule.windows(2).filter(|pair| pair[0].context != pair[1].context).count();
            let candidate = (switches, schedule);
            if best.as_ref().is_none_or(|best| candidate < *best) {
                best = Some(candidate);
            }
        };
        for taken in 0..=length {
            for (state, path) in &paths {
                for spot in spots.iter().filter(|spot| spot.0 == *state && steps_to(spot) == length) {
                    if taken + usize::from(spot.1.is_some()) == length {
                        offer(path.iter().copied().chain(spot.1).collect());
                    }
                }
            }
            paths = paths
                .into_iter()
                .flat_map(|(state, path): (usize, Vec<Choice>)| {
                    steps(self.model, state)
                        .map(move |(choice, target)| (target, path.iter().copied().chain([choice]).collect()))
                })
                .collect();
        }
        best.expect("some path has the fewest steps").1
    }
}

/// The steps that change a state.
fn steps(model: &Random, state: usize) -> impl Iterator<Item = (Choice, usize)> {
    model.edges[state]
        .iter()
        .map(|&(choice, target)| (choice, usize::from(target)))
        .filter(move |&(_, target)| target != state)
}

/// What can be reached from a state by ways through states of which `through` holds.
fn reach(model: &Random, from: usize, through: &dyn Fn(usize) -> bool) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([from]);
    let mut todo = vec![from];
    while let Some(state) = todo.pop() {
        for (_, target) in steps(model, state) {
            if through(target) && reached.insert(target) {
                todo.push(target);
            }
        }
    }
    reached
}
