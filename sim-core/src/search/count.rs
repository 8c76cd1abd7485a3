//! How many executions there are: the ways through the graph from the initial state to one where nothing can step.
//!
//! Invariant: exact, or not given: a graph with a cycle has infinitely many.

use super::graph::Graph;
use num_bigint::BigUint;

/// Graphs with more states are not counted: each needs a number of hundreds of bits.
const MOST_STATES: u32 = 1 << 20;

/// The number of executions of a complete graph, if it is finite and the graph not too large.
pub(super) fn executions(graph: &Graph) -> Option<BigUint> {
    if graph.states() > MOST_STATES || graph.expanded() < graph.states() {
        return None;
    }
    let states = graph.states() as usize;
    let mut awaited = vec![0u32; states];
    for state in 0..graph.states() {
        for edge in graph.edges(state) {
            awaited[edge.target as usize] += 1;
        }
    }
    // In an order in which a state comes after all that lead to it, which there is if there is no cycle.
    let mut ways = vec![BigUint::ZERO; states];
    ways[0] = BigUint::from(1u8);
    let mut ready = if awaited[0] == 0 { vec![0] } else { Vec::new() };
    let mut done = 0;
    let mut total = BigUint::ZERO;
    while let Some(state) = ready.pop() {
        done += 1;
        let here = std::mem::take(&mut ways[state as usize]);
        if graph.degree(state) == 0 {
            total += &here;
        }
        for edge in graph.edges(state) {
            let target = edge.target as usize;
            ways[target] += &here;
            awaited[target] -= 1;
            if awaited[target] == 0 {
                ready.push(edge.target);
            }
        }
    }
    (done == states).then_some(total)
}
