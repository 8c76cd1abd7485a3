//! Contexts that can never finish, decided on the whole graph of states.
//!
//! Invariant: a context is stuck in a state if no path from there finishes it, whatever else goes on; so it is only asked of a graph that is complete.
//! A context whose code has no end counts as finishing whenever it takes a step.

use super::chunked::Masks;
use super::cycles::{Component, Components, Rounds, contexts};
use super::graph::Graph;
use super::log::{Ear, Log, Target};
use super::rebuild::Rebuilder;
use super::report::Shows;
use crate::model::{Model, Outgrown};

/// For each state, which contexts can still finish.
pub(super) struct CanFinish {
    masks: Masks,
}

impl CanFinish {
    /// `None` if all can, everywhere.
    pub(super) fn of(graph: &Graph, endless: u64) -> Option<Self> {
        // Without a cycle every path ends, and if all are finished at every end, all can finish everywhere.
        if !graph.has_back_edge && !graph.has_unfinished_end {
            return None;
        }
        Some(Self { masks: lead_to(graph, |state| graph.finished(state) | graph.stepping(state) & endless) })
    }

    /// The contexts that can still finish.
    pub(super) fn get(&self, state: u32) -> u64 {
        self.masks.get(state as usize)
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
            let after = graph.edges(state).fold(before, |mask, edge| mask | masks.get(edge.target as usize));
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
    can_finish: &CanFinish,
    log: &mut Log,
) -> Result<(), Outgrown> {
    let mut explained = Masks::new(graph.all);
    for _ in 0..graph.states() {
        explained.push(0);
    }
    report_waiting(model, graph, can_finish, &mut explained, log)?;
    spread_back(graph, can_finish, &mut explained);
    report_spinning(model, graph, can_finish, &explained, log)
}

/// Asks the model about states from which something waits for ever, and notes what it explains, there and in all later states. What is stuck but
/// only waits for a while is doomed by something later, which is what is to be told.
fn report_waiting<M: Model>(
    model: &M,
    graph: &Graph,
    can_finish: &CanFinish,
    explained: &mut Masks,
    log: &mut Log,
) -> Result<(), Outgrown> {
    let can_step = lead_to(graph, |state| can_finish.get(state) | graph.stepping(state));
    let known = Log::default();
    let mut rebuilder = Rebuilder::new(model, graph)?;
    for level in 0..graph.levels.len() as u32 {
        for state in graph.level_range(level) {
            let waiting = graph.all & !can_step.get(state as usize);
            let before = explained.get(state as usize);
            // A wait that a state of an earlier level explains is the same wait here.
            if waiting & !before != 0 {
                let target = Target { state, last: None };
                let shows = Shows::Stuck { stuck: 0 };
                let mut ear = Ear { known: &known, log, steps: level, target, shows };
                let here = model.stuck(rebuilder.state(state)?, waiting, &mut ear) & waiting;
                explained.set(state as usize, before | here);
            }
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
fn spread_back(graph: &Graph, can_finish: &CanFinish, explained: &mut Masks) {
    loop {
        let mut changed = false;
        for state in (0..graph.states()).rev() {
            let stuck = graph.all & !can_finish.get(state);
            let before = explained.get(state as usize);
            let later = graph.edges(state).fold(0, |mask, edge| mask | explained.get(edge.target as usize));
            let after = before | later & stuck;
            if after != before {
                explained.set(state as usize, after);
                changed = true;
            }
        }
        if !changed || !graph.has_back_edge {
            return;
        }
    }
}

/// Reports contexts that are stuck where no state, before or after, shows them waiting: they can take a step wherever they go, so that
/// they go round. Shown where they first take a step of a round.
fn report_spinning<M: Model>(
    model: &M,
    graph: &Graph,
    can_finish: &CanFinish,
    explained: &Masks,
    log: &mut Log,
) -> Result<(), Outgrown> {
    let spinning = |state: u32| graph.all & !can_finish.get(state) & !explained.get(state as usize);
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
    rounds.report(model, graph, false, log)
}
