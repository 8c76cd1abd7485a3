//! The graph of states that a search leaves: who leads to whom, by which context; no state's bytes.
//!
//! Invariant: ids are dense and in breadth-first order (levels follow each other), the edges of a state are in the order of its choices, and a
//! state's parent is the least state that leads to it. States from `expanded` on were never looked into: they have no edges *yet*.

use super::chunked::{Chunked, Masks};

/// States and edges.
#[derive(Debug)]
pub(super) struct Graph {
    /// For each state but the initial one (whose entry is 0), its parent.
    parents: Chunked<u32>,
    /// For each expanded state, the index of its first edge.
    first_edges: Chunked<u32>,
    targets: Chunked<u32>,
    contexts: Chunked<u8>,
    /// For each expanded state, the contexts that need not go on.
    finished: Masks,
    /// For each level, its first state.
    pub(super) levels: Vec<u32>,
    /// All contexts.
    pub(super) all: u64,
    /// An edge leads to a state of its own level or an earlier one. Without any there is no cycle.
    pub(super) has_back_edge: bool,
    /// A state without edges in which some context is not finished.
    pub(super) has_unfinished_end: bool,
}

/// An edge: the step of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) target: u32,
    pub(super) context: u8,
}

impl Graph {
    /// For contexts `all`.
    pub(super) fn new(all: u64) -> Self {
        Self {
            parents: Chunked::new(),
            first_edges: Chunked::new(),
            targets: Chunked::new(),
            contexts: Chunked::new(),
            finished: Masks::new(all),
            levels: Vec::new(),
            all,
            has_back_edge: false,
            has_unfinished_end: false,
        }
    }

    pub(super) fn states(&self) -> u32 {
        self.parents.len() as u32
    }

    /// States below this have been looked into.
    pub(super) fn expanded(&self) -> u32 {
        self.first_edges.len() as u32
    }

    pub(super) fn edge_count(&self) -> u64 {
        self.targets.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.parents.bytes()
            + self.first_edges.bytes()
            + self.targets.bytes()
            + self.contexts.bytes()
            + self.finished.bytes()
            + self.levels.len() as u64 * 4
    }

    /// Adds a state, which `parent` leads to, and gives its id.
    #[inline]
    pub(super) fn add_state(&mut self, parent: u32) -> u32 {
        let id = self.parents.len() as u32;
        self.parents.push(parent);
        id
    }

    /// The edges added from now on are those of the next state.
    #[inline]
    pub(super) fn begin_edges(&mut self, finished: u64) {
        self.first_edges.push(self.targets.len() as u32);
        self.finished.push(finished);
    }

    #[inline]
    pub(super) fn add_edge(&mut self, edge: Edge) {
        self.targets.push(edge.target);
        self.contexts.push(edge.context);
    }

    #[inline]
    pub(super) fn parent(&self, state: u32) -> u32 {
        self.parents.get(state as usize)
    }

    #[inline]
    pub(super) fn finished(&self, state: u32) -> u64 {
        self.finished.get(state as usize)
    }

    #[inline]
    fn edge_range(&self, state: u32) -> std::ops::Range<usize> {
        let state = state as usize;
        let expanded = self.first_edges.len();
        if state >= expanded {
            return 0..0;
        }
        let end = if state + 1 < expanded { self.first_edges.get(state + 1) as usize } else { self.targets.len() };
        self.first_edges.get(state) as usize..end
    }

    /// The edges of a state, in order.
    #[inline]
    pub(super) fn edges(&self, state: u32) -> impl Iterator<Item = Edge> {
        self.edge_range(state).map(|at| self.edge_at(at))
    }

    #[inline]
    fn edge_at(&self, at: usize) -> Edge {
        Edge { target: self.targets.get(at), context: self.contexts.get(at) }
    }

    /// How many edges a state has.
    #[inline]
    pub(super) fn degree(&self, state: u32) -> usize {
        self.edge_range(state).len()
    }

    /// The place of an edge among all.
    #[inline]
    pub(super) fn edge_index(&self, state: u32, nth: usize) -> usize {
        self.edge_range(state).start + nth
    }

    /// One edge of a state, by its place in their order.
    #[inline]
    pub(super) fn edge(&self, state: u32, nth: usize) -> Edge {
        self.edge_at(self.edge_index(state, nth))
    }

    /// The contexts that take a step in a state.
    #[inline]
    pub(super) fn stepping(&self, state: u32) -> u64 {
        self.edges(state).fold(0, |mask, edge| mask | 1 << edge.context)
    }

    /// The level of a state: the fewest steps that lead to it.
    pub(super) fn level(&self, state: u32) -> u32 {
        self.levels.partition_point(|&first| first <= state) as u32 - 1
    }

    /// The states of a level.
    pub(super) fn level_range(&self, level: u32) -> std::ops::Range<u32> {
        let level = level as usize;
        let end = self.levels.get(level + 1).copied().unwrap_or_else(|| self.states());
        self.levels[level]..end
    }
}
