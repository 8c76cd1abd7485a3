//! Contexts that can never finish, decided on the whole graph of states.
//!
//! Invariant: a context is stuck in a state if no path from there finishes it, whatever else goes on; so it is only asked of a graph that is complete.
//! A context whose code has no end counts as finishing whenever it takes a step.

use super::chunked::Masks;
use super::cycles::{Component, Components, Rounds};
use super::graph::Graph;
use super::knots::Knots;
use super::log::{Ear, Log, Target};
use super::rebuild::Rebuilder;
use super::report::{Halt, Patience, Shows};
use crate::model::{Model, Observer, Outgrown, contexts};

/// For each state, what contexts can still do from there on.
pub(super) struct Future {
    all: u64,
    finish: Masks,
    /// `None` if all contexts can finish, everywhere.
    step: Option<Masks>,
}

impl Future {
    /// `None` if all contexts finish, whatever happens.
    pub(super) fn of(graph: &Graph, endless: u64) -> Option<Self> {
        // Without a cycle every path ends, and if all are finished at every end, they are.
        if !graph.has_back_edge && !graph.has_unfinished_end {
            return None;
        }
        let finish = lead_to(graph, |state| {
            let goes_on = if endless == 0 { 0 } else { graph.stepping(state) & endless };
            graph.finished(state) | goes_on
        });
        let any_stuck = (0..graph.states()).any(|state| graph.all & !finish.get(state as usize) != 0);
        let step = any_stuck.then(|| lead_to(graph, |state| finish.get(state as usize) | graph.stepping(state)));
        Some(Self { all: graph.all, finish, step })
    }

    /// The contexts that can still finish.
    pub(super) fn can_finish(&self, state: u32) -> u64 {
        self.finish.get(state as usize)
    }

    /// The contexts that cannot.
    pub(super) fn stuck(&self, state: u32) -> u64 {
        self.all & !self.can_finish(state)
    }

    /// Those of them that cannot even take a step any more.
    pub(super) fn waiting(&self, state: u32) -> u64 {
        self.step.as_ref().map_or(0, |step| self.all & !step.get(state as usize))
    }
}

/// For each state, what all states have that some path from there leads to.
fn lead_to(graph: &Graph, has: impl Fn(u32) -> u64) -> Masks {
    let mut masks = Masks::new(graph.all);
    for state in 0..graph.states() {
        masks.push(has(state));
    }
    // Most edges lead to higher ids, so that one backward pass carries most of what there is to carry. The others need more passes, where there
    // are any.
    loop {
        let mut changed = false;
        for state in (0..graph.states()).rev() {
            let before = masks.get(state as usize);
            let mut after = before;
            let mut edges = graph.edges(state);
            // Most often one successor has all that there is, and the others need not be asked.
            while after & graph.all != graph.all
                && let Some(edge) = edges.next()
            {
                after |= masks.get(edge.target as usize);
            }
            if after != before {
                masks.set(state as usize, after);
                changed = true;
            }
        }
        if !changed || !graph.has_back_edge {
            return masks;
        }
    }
}

/// Reports what is stuck.
pub(super) fn report<M: Model>(
    model: &M,
    graph: &Graph,
    knots: &Knots,
    future: &Future,
    log: &mut Log,
    patience: &mut Patience<'_>,
) -> Result<(), Halt> {
    if future.step.is_none() {
        return Ok(());
    }
    let mut explained = Masks::empty(graph.all, graph.states() as usize);
    report_waiting(model, graph, knots, future, &mut explained, log, patience)?;
    spread_back(graph, future, &mut explained, patience)?;
    Ok(report_spinning(model, graph, future, &explained, log)?)
}

/// Asks the model about states from which something waits for ever, and notes what it explains, there and in all later states. What is stuck but
/// only waits for a while is doomed by something later, which is what is to be told.
fn report_waiting<M: Model>(
    model: &M,
    graph: &Graph,
    knots: &Knots,
    future: &Future,
    explained: &mut Masks,
    log: &mut Log,
    patience: &mut Patience<'_>,
) -> Result<(), Halt> {
    let known = Log::default();
    let mut rebuilder = Rebuilder::new(model, graph)?;
    let mut next_knot = 0;
    for level in 0..graph.levels.len() as u32 {
        patience.check()?;
        for state in graph.level_range(level) {
            let waiting = future.waiting(state);
            let mut here = explained.get(state as usize);
            // A wait that a state of an earlier level explains is the same wait here.
            if waiting & !here == 0 {
                continue;
            }
            let target = Target { state, last: None };
            let shows = Shows::Stuck { stuck: 0 };
            let mut ear = Ear { known: &known, log, steps: level, target, shows };
            // Somebody else may yet untie a knot, by an unlock that is none of its business.
            for (members, symptom) in knots.of(state, &mut next_knot).filter(|(members, _)| members & !waiting == 0) {
                ear.symptom(symptom.clone());
                here |= members;
            }
            if waiting & !here != 0 {
                here |= model.stuck(rebuilder.state(state)?, waiting, &mut ear) & waiting;
            }
            explained.set(state as usize, here);
        }
        for state in graph.level_range(level) {
            let here = explained.get(state as usize);
            if here != 0 {
                for edge in graph.edges(state) {
                    let there = explained.get(edge.target as usize);
                    explained.set(edge.target as usize, there | here);
                }
            }
        }
    }
    Ok(())
}

/// Notes in earlier states what is explained in later ones, as far as it is stuck there already.
fn spread_back(graph: &Graph, future: &Future, explained: &mut Masks, patience: &mut Patience<'_>) -> Result<(), Halt> {
    loop {
        patience.check()?;
        let mut changed = false;
        for state in (0..graph.states()).rev() {
            let stuck = future.stuck(state);
            let before = explained.get(state as usize);
            let later = graph.edges(state).fold(0, |mask, edge| mask | explained.get(edge.target as usize));
            let after = before | later & stuck;
            if after != before {
                explained.set(state as usize, after);
                changed = true;
            }
        }
        if !changed || !graph.has_back_edge {
            return Ok(());
        }
    }
}

/// Reports contexts that are stuck where no state, before or after, explains it. Where they can take a step wherever they go, they go round: shown
/// where they first take a step of a round. Where everything that is stuck waits, they wait for what has no end: shown where that begins.
fn report_spinning<M: Model>(
    model: &M,
    graph: &Graph,
    future: &Future,
    explained: &Masks,
    log: &mut Log,
) -> Result<(), Outgrown> {
    let spinning = |state: u32| future.stuck(state) & !explained.get(state as usize);
    if (0..graph.states()).all(|state| spinning(state) == 0) {
        return Ok(());
    }
    let mut rounds = Rounds::default();
    Components::new(graph).each(
        0..graph.states(),
        |state| spinning(state) != 0,
        |components, members, name| {
            let component = Component::of(graph, components, members, name);
            for context in contexts(component.inside & spinning(members[0])) {
                rounds.add(graph, components, members, name, context);
            }
        },
    );
    let mut begun = 0;
    for level in 0..graph.levels.len() as u32 {
        let mut here = 0;
        for state in graph.level_range(level) {
            let waiting = future.waiting(state);
            if waiting == future.stuck(state) {
                let waiting = waiting & spinning(state) & !begun;
                rounds.add_state(level, state, waiting);
                here |= waiting;
            }
        }
        begun |= here;
    }
    rounds.report(model, graph, false, log)
}
