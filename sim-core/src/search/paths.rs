//! Some executions that together touch much of the graph, for who looks at executions rather than states.
//!
//! Invariant: a function of the graph alone. Each goes to a state as it was first reached, and from there over steps that no earlier one took, for as long as
//! there are any, then on to an end. Where as many as were asked for are not enough to take every step, they begin at places spread evenly over the graph.

use super::graph::Graph;
use super::rebuild::{Rebuilder, take_edge};
use crate::model::{Choice, Model, Outgrown};

/// An execution that goes round ends when it has taken twice as many steps as lead to the furthest state, and these.
const SOME_MORE: usize = 64;

/// At most `most` executions.
pub(super) fn paths<M: Model>(model: &M, graph: &Graph, most: usize) -> Result<Vec<Vec<Choice>>, Outgrown> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let mut walker = Walker { model, graph, taken: Taken::new(graph), rebuilder: Rebuilder::new(model, graph)? };
    let mut paths = Vec::new();
    let stride = graph.edge_count() / most as u64;
    let edges = (0..graph.expanded()).flat_map(|state| (0..graph.degree(state)).map(move |nth| (state, nth)));
    for ((state, nth), index) in edges.zip(0..) {
        let is_due = paths.len() < most && paths.len() as u64 * stride <= index;
        if is_due && !walker.taken.has(state, nth) {
            paths.push(walker.walk(state, nth)?);
        }
    }
    Ok(paths)
}

struct Walker<'a, M> {
    model: &'a M,
    graph: &'a Graph,
    taken: Taken<'a>,
    rebuilder: Rebuilder<'a, M>,
}

impl<M: Model> Walker<'_, M> {
    /// Goes to a state, and on from there, first over this edge.
    fn walk(&mut self, mut state: u32, nth: usize) -> Result<Vec<Choice>, Outgrown> {
        let longest = 2 * self.graph.levels.len() + SOME_MORE;
        let mut schedule = self.rebuilder.schedule(state)?;
        let mut bytes = self.rebuilder.state(state)?.to_vec();
        self.taken.way_to(state);
        let mut next = Some(nth);
        while let Some(nth) = next.filter(|_| schedule.len() < longest) {
            schedule.extend(take_edge(self.model, &mut bytes, nth)?);
            self.taken.take(state, nth);
            state = self.graph.edge(state, nth).target;
            next = self.taken.next(state);
        }
        Ok(schedule)
    }
}

/// Which edges the executions so far have taken.
struct Taken<'a> {
    graph: &'a Graph,
    edges: Vec<u64>,
}

impl<'a> Taken<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self { graph, edges: vec![0; graph.edge_count().div_ceil(64) as usize] }
    }

    fn has(&self, state: u32, nth: usize) -> bool {
        let at = self.graph.edge_index(state, nth);
        self.edges[at / 64] & 1 << (at % 64) != 0
    }

    fn take(&mut self, state: u32, nth: usize) {
        let at = self.graph.edge_index(state, nth);
        self.edges[at / 64] |= 1 << (at % 64);
    }

    fn way_to(&mut self, mut state: u32) {
        while state != 0 {
            let parent = self.graph.parent(state);
            let first = self.graph.edges(parent).position(|edge| edge.target == state);
            first.into_iter().for_each(|nth| self.take(parent, nth));
            state = parent;
        }
    }

    /// Where to go from a state: over an edge that is new, else further from the initial state.
    fn next(&self, state: u32) -> Option<usize> {
        let level = self.graph.level(state);
        let further = |nth: &usize| self.graph.level(self.graph.edge(state, *nth).target) > level;
        let mut all = 0..self.graph.degree(state);
        all.clone().find(|nth| !self.has(state, *nth)).or_else(|| all.find(further))
    }
}
