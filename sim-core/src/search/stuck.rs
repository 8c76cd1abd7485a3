//! Contexts that can never finish, decided on the whole graph of states.
//!
//! Invariant: a context is stuck in a state if no path from there finishes it, whatever else goes on; so it is only asked of a graph that is complete.
//! A context whose code has no end counts as finishing whenever it takes a step.

use super::chunked::Masks;
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
        let mut masks = Masks::new(graph.all);
        for state in 0..graph.states() {
            masks.push(graph.finished(state) | graph.stepping(state) & endless);
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
                return Some(Self { masks });
            }
        }
    }

    /// The contexts that can still finish.
    pub(super) fn get(&self, state: u32) -> u64 {
        self.masks.get(state as usize)
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
    let known = Log::default();
    let mut rebuilder = Rebuilder::new(model, graph)?;
    for state in 0..graph.states() {
        let stuck = graph.all & !can_finish.get(state);
        let before = explained.get(state as usize);
        // What waits takes no step; a wait that an earlier state explains is the same wait here.
        let waiting = stuck & !graph.stepping(state);
        let mut here = before;
        if waiting & !before != 0 {
            let target = Target { state, last: None };
            let steps = graph.level(state);
            let mut ear = Ear { known: &known, log, steps, target, shows: Shows::Stuck { stuck: 0 } };
            here |= model.stuck(rebuilder.state(state)?, stuck, &mut ear) & stuck;
            explained.set(state as usize, here);
        }
        if here != 0 {
            for edge in graph.edges(state) {
                let there = explained.get(edge.target as usize);
                explained.set(edge.target as usize, there | here);
            }
        }
    }
    report_spinning(model, graph, can_finish, &mut explained, log)
}

/// Reports contexts that are stuck where no state, before or after, shows them waiting.
fn report_spinning<M: Model>(
    model: &M,
    graph: &Graph,
    can_finish: &CanFinish,
    explained: &mut Masks,
    log: &mut Log,
) -> Result<(), Outgrown> {
    // What is explained by every way on, or on some way and not shown otherwise, is explained before.
    loop {
        let mut changed = false;
        for state in (0..graph.states()).rev() {
            let stuck = graph.all & !can_finish.get(state);
            let before = explained.get(state as usize);
            let after =
                graph.edges(state).fold(before, |mask, edge| mask | explained.get(edge.target as usize) & stuck);
            if after != before {
                explained.set(state as usize, after);
                changed = true;
            }
        }
        if !changed || !graph.has_back_edge {
            break;
        }
    }
    let known = Log::default();
    let mut rebuilder = Rebuilder::new(model, graph)?;
    let mut first_levels = [u32::MAX; 64];
    for state in 0..graph.states() {
        let spinning = graph.all & !can_finish.get(state) & !explained.get(state as usize);
        let steps = if spinning == 0 { continue } else { graph.level(state) };
        for context in contexts(spinning) {
            let first_level = &mut first_levels[usize::from(context)];
            if *first_level < steps {
                continue;
            }
            *first_level = steps;
            let target = Target { state, last: None };
            let shows = Shows::Spinning { context, fair: false };
            let mut ear = Ear { known: &known, log, steps, target, shows };
            model.spinning(rebuilder.state(state)?, context, false, &mut ear);
        }
    }
    Ok(())
}

/// The contexts of a set, ascending.
pub(super) fn contexts(mask: u64) -> impl Iterator<Item = u8> {
    (0..64).filter(move |context| mask & 1 << context != 0)
}
