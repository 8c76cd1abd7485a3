//! Contexts that can run for ever, fairly, and never finish although they could.
//!
//! Invariant: only what a fair execution can do is reported. An execution that goes round in a component for ever is fair if each context takes
//! a step in it, or is at some state of it not able to (it is disabled, waits or is finished there). A handler that is not
//! running counts as finished, so that the arrival of an interrupt is never owed.

use super::cycles::{Component, Components, Rounds, contexts};
use super::graph::Graph;
use super::log::Log;
use super::stuck::Future;
use crate::model::{Model, Outgrown};

/// Reports livelocks.
pub(super) fn report<M: Model>(model: &M, graph: &Graph, future: &Future, log: &mut Log) -> Result<(), Outgrown> {
    if !graph.has_back_edge {
        return Ok(());
    }
    let endless = model.endless();
    find(graph, |state| future.can_finish(state) & !endless).report(model, graph, true, log)
}

/// Finds where contexts that `concerned` gives for a state go round fairly.
fn find(graph: &Graph, concerned: impl Fn(u32) -> u64) -> Rounds {
    let mut rounds = Rounds::default();
    let mut again = Vec::new();
    let mut components = Components::new(graph);
    components.each(
        0..graph.states(),
        |_| true,
        |components, members, name| {
            let component = Component::of(graph, components, members, name);
            let concerned = component.inside & concerned(members[0]);
            if concerned == 0 || !component.fair {
                return;
            }
            for context in contexts(concerned & !component.finished) {
                rounds.add(graph, components, members, name, context);
            }
            // A context that is finished in part of the component may still go round in the rest of it, which is fair only if all of it is.
            let partly = concerned & component.finished;
            if partly != 0 {
                let mut members = members.to_vec();
                members.sort_unstable();
                again.push((members, partly));
            }
        },
    );
    for (members, partly) in again {
        for context in contexts(partly) {
            components.forget(&members);
            let unfinished = |state: u32| graph.finished(state) & 1 << context == 0;
            components.each(
                members.iter().copied(),
                |state| unfinished(state) && members.binary_search(&state).is_ok(),
                |components, members, name| {
                    let component = Component::of(graph, components, members, name);
                    if component.fair && component.inside & 1 << context != 0 {
                        rounds.add(graph, components, members, name, context);
                    }
                },
            );
        }
    }
    rounds
}
