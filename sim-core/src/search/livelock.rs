//! Contexts that can run for ever, fairly, and never finish although they could.
//!
//! Invariant: only what a fair execution can do is reported. An execution that goes round in a component for ever is fair if each context takes
//! a step in it, or is at some state of it not able to (it is disabled, waits or is finished there). A handler that is not
//! running counts as finished, so that the arrival of an interrupt is never owed.

use super::cycles::Components;
use super::graph::Graph;
use super::log::{Ear, Log, Target};
use super::rebuild::Rebuilder;
use super::report::Shows;
use super::stuck::{CanFinish, contexts};
use crate::model::{Model, Outgrown};

/// Of how many components a context's livelocks are told apart. They come in ascending order, so that the shortest are among them.
const COMPONENTS: usize = 4096;

/// Reports livelocks.
pub(super) fn report<M: Model>(
    model: &M,
    graph: &Graph,
    can_finish: &CanFinish,
    log: &mut Log,
) -> Result<(), Outgrown> {
    if !graph.has_back_edge {
        return Ok(());
    }
    let mut shown = find(graph, |state| can_finish.get(state) & !model.endless());
    shown.sort_unstable();
    let known = Log::default();
    let mut rebuilder = Rebuilder::new(model, graph)?;
    let mut told = [0; 64];
    for (state, context) in shown {
        let told = &mut told[usize::from(context)];
        if *told < COMPONENTS {
            *told += 1;
            let target = Target { state, last: None };
            let shows = Shows::Spinning { context, fair: true };
            let mut ear = Ear { known: &known, log, steps: graph.level(state), target, shows };
            model.spinning(rebuilder.state(state)?, context, true, &mut ear);
        }
    }
    Ok(())
}

/// For each fair component and each context that goes round in it and could leave, the first state from which it takes a step in it.
fn find(graph: &Graph, concerned: impl Fn(u32) -> u64) -> Vec<(u32, u8)> {
    let mut shown = Vec::new();
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
                shown.extend(first_step(graph, components, members, name, context));
            }
            // A context that is finished in part of the component may still go round in the rest of it.
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
                        shown.extend(first_step(graph, components, members, name, context));
                    }
                },
            );
        }
    }
    shown
}

/// What contexts do in a component.
struct Component {
    /// They take a step in it.
    inside: u64,
    /// They are finished at some state of it.
    finished: u64,
    fair: bool,
}

impl Component {
    fn of(graph: &Graph, components: &Components<'_>, members: &[u32], name: u32) -> Self {
        let (mut inside, mut finished, mut always) = (0, 0, u64::MAX);
        for &member in members {
            let mut able = 0;
            for edge in graph.edges(member) {
                able |= 1 << edge.context;
                if components.is_in(edge.target, name) {
                    inside |= 1 << edge.context;
                }
            }
            finished |= graph.finished(member);
            always &= able & !graph.finished(member);
        }
        Self { inside, finished, fair: always & !inside == 0 }
    }
}

fn first_step(
    graph: &Graph,
    components: &Components<'_>,
    members: &[u32],
    name: u32,
    context: u8,
) -> Option<(u32, u8)> {
    let steps =
        |state: u32| graph.edges(state).any(|edge| edge.context == context && components.is_in(edge.target, name));
    members.iter().copied().filter(|&state| steps(state)).min().map(|state| (state, context))
}
