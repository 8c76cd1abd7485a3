//! Strongly connected components of the graph: where executions can go round for ever.
//!
//! Invariant: every component of two states or more is visited once, and no recursion is as deep as the graph.

use super::graph::Graph;
use super::log::{Ear, Log, Target};
use super::rebuild::Rebuilder;
use super::report::Shows;
use crate::model::{Model, Outgrown, contexts};

/// Of how many components the rounds of one context are told apart. Those with the shortest ways to them come first.
const COMPONENTS: usize = 1024;

/// Finds components, in a subset of the states.
pub(super) struct Components<'a> {
    graph: &'a Graph,
    /// 0 where not yet visited; while on the way, the least index that leads back from here; then the component.
    ///
    /// Indexes count up from 1, components down from the greatest number, so that every component is above every index.
    index: Vec<u32>,
    next_index: u32,
    next_component: u32,
    /// States whose component is not known to be whole.
    open: Vec<u32>,
    path: Vec<Visit>,
}

/// A state on the depth-first path.
struct Visit {
    state: u32,
    /// The next edge to follow.
    edge: u32,
    /// Nothing earlier was found to lead here and back.
    root: bool,
}

impl<'a> Components<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let index = vec![0; graph.states() as usize];
        Self { graph, index, next_index: 1, next_component: u32::MAX, open: Vec::new(), path: Vec::new() }
    }

    /// Whether a state is in a component that has been visited (see [`Components::each`]).
    pub(super) fn is_in(&self, state: u32, component: u32) -> bool {
        self.index[state as usize] == component
    }

    /// Forgets these states, so that they can be visited again.
    pub(super) fn forget(&mut self, states: &[u32]) {
        for &state in states {
            self.index[state as usize] = 0;
        }
    }

    /// Calls `visit` with the states and the name of each component of two states or more that is reached from `starts` through states of which
    /// `include` holds.
    ///
    /// The algorithm is Tarjan's in the form that needs least memory (Pearce, *A space-efficient algorithm for finding strongly connected
    /// components*, 2016).
    pub(super) fn each(
        &mut self,
        starts: impl Iterator<Item = u32>,
        include: impl Fn(u32) -> bool,
        mut visit: impl FnMut(&Self, &[u32], u32),
    ) {
        for start in starts {
            if self.index[start as usize] != 0 || !include(start) {
                continue;
            }
            self.enter(start);
            while let Some(top) = self.path.last_mut() {
                let state = top.state;
                if (top.edge as usize) < self.graph.degree(state) {
                    let target = self.graph.edge(state, top.edge as usize).target;
                    top.edge += 1;
                    match self.index[target as usize] {
                        0 if include(target) => self.enter(target),
                        0 => {}
                        index => self.leads_to(index),
                    }
                } else {
                    self.leave(&mut visit);
                }
            }
        }
    }

    fn enter(&mut self, state: u32) {
        self.index[state as usize] = self.next_index;
        self.next_index += 1;
        self.path.push(Visit { state, edge: 0, root: true });
    }

    /// The last state of the path leads to one with this index.
    fn leads_to(&mut self, index: u32) {
        if let Some(top) = self.path.last_mut()
            && index < self.index[top.state as usize]
        {
            self.index[top.state as usize] = index;
            top.root = false;
        }
    }

    fn leave(&mut self, visit: &mut impl FnMut(&Self, &[u32], u32)) {
        let Some(Visit { state, root, .. }) = self.path.pop() else { return };
        let index = self.index[state as usize];
        self.open.push(state);
        if root {
            let first = self.open[..self.open.len() - 1]
                .iter()
                .rposition(|&open| self.index[open as usize] < index)
                .map_or(0, |before| before + 1);
            let members = self.open.split_off(first);
            let component = self.next_component;
            for &member in &members {
                self.index[member as usize] = component;
            }
            self.next_component -= 1;
            self.next_index -= members.len() as u32;
            if members.len() > 1 {
                visit(self, &members, component);
            }
        }
        let index = self.index[state as usize];
        self.leads_to(index);
    }
}

/// What contexts do in a component.
pub(super) struct Component {
    /// They take a step in it.
    pub(super) inside: u64,
    /// They are finished at some state of it.
    pub(super) finished: u64,
    /// They are able to take a step at some state of it, and take none in it: going round in all of it for ever is not fair to them.
    pub(super) owed: u64,
}

/// The contexts that are able to take a step in a state, and are not finished.
pub(super) fn able(graph: &Graph, state: u32) -> u64 {
    graph.edges(state).fold(0, |mask, edge| mask | 1 << edge.context) & !graph.finished(state)
}

impl Component {
    pub(super) fn of(graph: &Graph, components: &Components<'_>, members: &[u32], name: u32) -> Self {
        let (mut inside, mut finished, mut ever) = (0, 0, 0);
        for &member in members {
            for edge in graph.edges(member).filter(|edge| components.is_in(edge.target, name)) {
                inside |= 1 << edge.context;
            }
            finished |= graph.finished(member);
            ever |= able(graph, member);
        }
        Self { inside, finished, owed: ever & !inside }
    }
}

/// Where contexts go round.
#[derive(Default)]
pub(super) struct Rounds {
    /// Context, level and state, for the first states of each component from which the context takes a step in it.
    found: Vec<(u8, u32, u32)>,
}

impl Rounds {
    /// Adds a component, in which `context` takes steps.
    pub(super) fn add(&mut self, graph: &Graph, components: &Components<'_>, members: &[u32], name: u32, context: u8) {
        let steps =
            |state: u32| graph.edges(state).any(|edge| edge.context == context && components.is_in(edge.target, name));
        let from = || members.iter().copied().filter(|&state| steps(state));
        let Some(level) = from().min().map(|first| graph.level(first)) else { return };
        let states = graph.level_range(level);
        self.found.extend(from().filter(|state| states.contains(state)).map(|state| (context, level, state)));
    }

    /// Adds a state in which contexts wait for ever for others that go round.
    pub(super) fn add_state(&mut self, level: u32, state: u32, waiting: u64) {
        self.found.extend(contexts(waiting).map(|context| (context, level, state)));
    }

    /// Reports each context's, the ones with the shortest ways first.
    pub(super) fn report<M: Model>(
        mut self,
        model: &M,
        graph: &Graph,
        fair: bool,
        log: &mut Log,
    ) -> Result<(), Outgrown> {
        self.found.sort_unstable();
        let known = Log::default();
        let mut rebuilder = Rebuilder::new(model, graph)?;
        for found in self.found.chunk_by(|a, b| a.0 == b.0) {
            // All of the first level, for the switches that the ways to them take.
            let most = found.partition_point(|&(_, level, _)| level == found[0].1).max(COMPONENTS).min(found.len());
            for &(context, level, state) in &found[..most] {
                let target = Target { state, last: None };
                let shows = Shows::Spinning { context, fair };
                let mut ear = Ear { known: &known, log, steps: level, target, shows };
                model.spinning(rebuilder.state(state)?, context, fair, &mut ear);
            }
        }
        Ok(())
    }
}
