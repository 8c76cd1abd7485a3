//! Contexts that can run for ever, fairly, and never finish although they could.
//!
//! Invariant: only what a fair execution can do is reported. An execution that goes round for ever is fair if each context that is able to
//! take a step again and again takes one: the kernel's scheduler, its queued spinlocks and the hand-off of its mutexes let nobody starve. (This is strong
//! fairness.) A handler that is not running counts as finished, so that the arrival of an interrupt is never owed.

use super::cycles::{Component, Components, Rounds, able};
use super::graph::Graph;
use super::log::Log;
use super::stuck::Future;
use crate::model::{Model, Outgrown, contexts};

/// Reports livelocks.
pub(super) fn report<M: Model>(model: &M, graph: &Graph, future: &Future, log: &mut Log) -> Result<(), Outgrown> {
    let (first, may_go_round) = may_go_round(graph);
    let concerned = may_go_round & !model.endless();
    if concerned == 0 {
        return Ok(());
    }
    find(graph, first, |state| future.can_finish(state) & concerned).report(model, graph, true, log)
}

/// The first state that any round can have, and the contexts that take a step there or later: the others take none in a round.
///
/// The least state of a round is where an edge leads back to from a greater one.
fn may_go_round(graph: &Graph) -> (u32, u64) {
    if !graph.has_back_edge {
        return (graph.states(), 0);
    }
    let back = |state: &u32| graph.edges(*state).map(|edge| edge.target).filter(|target| target <= state).min();
    let first = (0..graph.states()).filter_map(|state| back(&state)).min().unwrap_or(graph.states());
    let contexts = (first..graph.states()).fold(0, |mask, state| mask | graph.stepping(state));
    (first, contexts)
}

/// Finds where contexts that `concerned` gives for a state go round fairly, in states from `first` on.
fn find(graph: &Graph, first: u32, concerned: impl Fn(u32) -> u64) -> Rounds {
    let mut rounds = Rounds::default();
    let mut components = Components::new(graph);
    let mut parts: Vec<Part> = Vec::new();
    components.each(
        first..graph.states(),
        |state| state >= first,
        |components, members, name| {
            let concerned = concerned(members[0]);
            judge(graph, components, members, name, concerned, &mut rounds, &mut parts);
        },
    );
    while let Some(Part { states, concerned }) = parts.pop() {
        components.forget(&states);
        components.each(
            states.iter().copied(),
            |state| states.binary_search(&state).is_ok(),
            |components, members, name| {
                judge(graph, components, members, name, concerned, &mut rounds, &mut parts);
            },
        );
    }
    rounds
}

/// Some states of a component, in ascending order, in which going round may be fair though it is not in all of it.
struct Part {
    states: Vec<u32>,
    /// The contexts that may go round in it.
    concerned: u64,
}

/// Adds a component to the rounds, or the parts of it that are still to be looked at.
fn judge(
    graph: &Graph,
    components: &Components<'_>,
    members: &[u32],
    name: u32,
    concerned: u64,
    rounds: &mut Rounds,
    parts: &mut Vec<Part>,
) {
    let component = Component::of(graph, components, members, name);
    let concerned = concerned & component.inside;
    if concerned == 0 {
        return;
    }
    let mut part = |keep: &dyn Fn(u32) -> bool, concerned: u64| {
        let mut states: Vec<u32> = members.iter().copied().filter(|state| keep(*state)).collect();
        states.sort_unstable();
        parts.push(Part { states, concerned });
    };
    if component.owed != 0 {
        // Who is owed a turn gets one, unless the round keeps to states in which it is not able to take it.
        part(&|state| able(graph, state) & component.owed == 0, concerned);
        return;
    }
    for context in contexts(concerned & !component.finished) {
        rounds.add(graph, components, members, name, context);
    }
    // A context that is finished in part of the component may still go round in the rest of it.
    for context in contexts(concerned & component.finished) {
        part(&|state| graph.finished(state) & 1 << context == 0, 1 << context);
    }
}
