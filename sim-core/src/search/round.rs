//! The round that a context goes for ever: a way from a state back to it, in which everybody who is able to take a step takes one.
//!
//! Invariant: what is given is a fair round: each context that is able to take a step somewhere in it takes one in it. It has few steps, but that it has the
//! fewest is not claimed.

use super::cycles::able;
use super::graph::Graph;
use super::rebuild::{initial, take_edge};
use crate::model::{Choice, Deaf, Model, Outgrown, contexts};
use std::collections::BTreeMap;

/// How many (state, contexts that have stepped) are looked at before no round is shown. Those worth reading are near.
const NODES: usize = 1 << 19;

/// The choices of a fair round in which `context` goes on for ever, from the state that a schedule leads to; none, if none was found.
pub(super) fn choices<M: Model>(
    model: &M,
    graph: &Graph,
    schedule: &[Choice],
    state: u32,
    context: u8,
) -> Result<Vec<Choice>, Outgrown> {
    let Some(walk) = round(graph, state, context) else { return Ok(Vec::new()) };
    let mut bytes = initial(model)?;
    for &choice in schedule {
        model.step(&mut bytes, choice, &mut Deaf)?;
    }
    let mut choices = Vec::new();
    for (_, nth) in walk {
        choices.extend(take_edge(model, &mut bytes, nth as usize)?);
    }
    Ok(choices)
}

/// The edges of a fair round from `start` in which `context` takes a step and never finishes, as (state, which of its edges).
fn round(graph: &Graph, start: u32, context: u8) -> Option<Vec<(u32, u32)>> {
    let mut needed = 1u64 << context;
    let mut kept_off = 0u64;
    // Each time round one context more is needed or kept off, or it is the last.
    for _ in 0..64 {
        let outside = |state: u32| able(graph, state) & kept_off != 0 || graph.finished(state) & 1 << context != 0;
        let Some(walk) = closed_walk(graph, start, needed, outside) else {
            // Whoever cannot take a step on a way back must not be able to take one.
            let last = needed & !(1 << context);
            if last == 0 {
                return None;
            }
            let last = 1 << (63 - last.leading_zeros());
            needed &= !last;
            kept_off |= last;
            continue;
        };
        let mut stepping = 0;
        let mut ready = 0;
        for &(state, nth) in &walk {
            stepping |= 1 << graph.edge(state, nth as usize).context;
            ready |= able(graph, state);
        }
        let Some(owed) = contexts(ready & !stepping).next() else { return Some(walk) };
        needed |= 1 << owed;
    }
    None
}

/// The shortest way from `start` back to it on which all of `needed` take steps, through no state that is `outside`.
fn closed_walk(graph: &Graph, start: u32, needed: u64, outside: impl Fn(u32) -> bool) -> Option<Vec<(u32, u32)>> {
    if outside(start) {
        return None;
    }
    // For each state and the needed contexts that have not stepped on the way to it: where the way came from, and by which edge.
    let mut from: BTreeMap<(u32, u64), (usize, u32)> = BTreeMap::new();
    let mut queue = vec![(start, needed)];
    let mut next = 0;
    while next < queue.len() && queue.len() < NODES {
        let (state, missing) = queue[next];
        for (nth, edge) in (0..).zip(graph.edges(state)) {
            let missing = missing & !(1 << edge.context);
            if edge.target == start && missing == 0 {
                let mut walk = vec![(state, nth)];
                let mut at = next;
                while let Some(&(before, nth)) = from.get(&queue[at]) {
                    walk.push((queue[before].0, nth));
                    at = before;
                }
                walk.reverse();
                return Some(walk);
            }
            let node = (edge.target, missing);
            if node != (start, needed) && !from.contains_key(&node) && !outside(edge.target) {
                from.insert(node, (next, nth));
                queue.push(node);
            }
        }
        next += 1;
    }
    None
}
