//! Some executions that together touch much of the graph, for who looks at executions rather than states.
//!
//! Invariant: a function of the graph alone. Each goes to a state as it was first reached, and from there over steps that no earlier one took, for as long as
//! there are any, then on to an end. Where as many as were asked for are not enough to take every step, they begin at places spread evenly over the graph.

use super::graph::Graph;
use super::rebuild::{Rebuilder, take_edge};
use crate::model::{Choice, Model, Outgrown};

/// At most `most` executions.
pub(super) fn paths<M: Model>(model: &M, graph: &Graph, most: usize) -> Result<Vec<Vec<Choice>>, Outgrown> {
    let mut taken = Taken::new(graph);
    // Where an execution is to leave the way on which a state was first reached.
    let leaves: Vec<(u32, usize)> = (0..graph.expanded())
        .filter(|_| most > 0)
        .flat_map(|state| (0..graph.degree(state)).map(move |nth| (state, nth)))
        .filter(|&(state, nth)| graph.parent(graph.edge(state, nth).target) != state)
        .collect();
    let stride = (leaves.len() / most.max(1)).max(1);
    let spread = (0..stride).flat_map(|first| (first..leaves.len()).step_by(stride));
    // Where no state is reached in two ways, there is one execution to each end.
    let ends = (0..graph.states()).filter(|state| graph.degree(*state) == 0).map(|state| (state, None));
    let starts = spread.map(|at| (leaves[at].0, Some(leaves[at].1))).chain(ends);
    let mut rebuilder = Rebuilder::new(model, graph)?;
    let mut paths = Vec::new();
    for (state, nth) in starts {
        if paths.len() == most {
            break;
        }
        let is_new = nth.map_or_else(|| !taken.goes_to(state), |nth| !taken.has(state, nth));
        if is_new {
            let mut schedule = rebuilder.schedule(state)?;
            taken.way_to(state);
            let mut bytes = rebuilder.state(state)?.to_vec();
            let (mut state, mut next) = (state, nth);
            while let Some(nth) = next {
                schedule.extend(take_edge(model, &mut bytes, nth)?);
                taken.take(state, nth);
                state = graph.edge(state, nth).target;
                next = taken.next(state);
            }
            paths.push(schedule);
        }
    }
    Ok(paths)
}

/// Which edges the executions so far have taken.
struct Taken<'a> {
    graph: &'a Graph,
    edges: Vec<bool>,
}

impl<'a> Taken<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self { graph, edges: vec![false; graph.edge_count() as usize] }
    }

    fn has(&self, state: u32, nth: usize) -> bool {
        self.edges[self.graph.edge_index(state, nth)]
    }

    fn take(&mut self, state: u32, nth: usize) {
        self.edges[self.graph.edge_index(state, nth)] = true;
    }

    /// The edge by which a state was first reached.
    fn first(&self, state: u32) -> Option<(u32, usize)> {
        let parent = self.graph.parent(state);
        let nth = self.graph.edges(parent).position(|edge| edge.target == state)?;
        (state != 0).then_some((parent, nth))
    }

    fn goes_to(&self, state: u32) -> bool {
        self.first(state).is_none_or(|(parent, nth)| self.has(parent, nth))
    }

    fn way_to(&mut self, mut state: u32) {
        while let Some((parent, nth)) = self.first(state) {
            self.take(parent, nth);
            state = parent;
        }
    }

    /// Where to go from a state: over an edge that is new, else further from the initial state.
    fn next(&self, state: u32) -> Option<usize> {
        let level = self.graph.level(state);
        let all = 0..self.graph.degree(state);
        let further = |nth: &usize| self.graph.level(self.graph.edge(state, *nth).target) > level;
        all.clone().find(|nth| !self.has(state, *nth)).or_else(|| all.clone().find(further))
    }
}
