//! The shortest schedule to a problem: the fewest steps, then the fewest switches between contexts, then the least.
//!
//! Invariant: among all occurrences after the fewest steps and all the ways to them. Switches are history and in no state, so they are counted here, on
//! the graph: backward from the occurrences, level by level, each state that is on a shortest way gets the fewest switches that remain;
//! forward from the initial state, the least choice that keeps to that number is taken.

use super::chunked::Chunked;
use super::graph::Graph;
use super::log::Target;
use super::rebuild::{initial, take_edge};
use crate::model::{Choice, Model, Outgrown};

/// The switches that remain from a state on a shortest way: `least` if the last step was by one of `contexts`, else one more.
///
/// A step by another context than the last is one switch, so going on costs at most one more than the least over all contexts.
#[derive(Clone, Copy)]
struct Remaining {
    least: u32,
    contexts: u64,
}

impl Remaining {
    /// On no shortest way.
    const NONE: Self = Self { least: u32::MAX, contexts: 0 };
    /// There.
    const ZERO: Self = Self { least: 0, contexts: u64::MAX };

    /// After a step by `context`.
    fn after(self, context: u8) -> u32 {
        self.least + u32::from(self.contexts & 1 << context == 0)
    }

    /// Also by a step of `context`, after which this many remain.
    fn or(&mut self, context: u8, remaining: u32) {
        if remaining < self.least {
            *self = Self { least: remaining, contexts: 1 << context };
        } else if remaining == self.least {
            self.contexts |= 1 << context;
        }
    }
}

/// Finds shortest schedules in one graph.
pub(super) struct Shortest<'a, M> {
    model: &'a M,
    graph: &'a Graph,
    /// For each state up to the last level asked for.
    remaining: Chunked<Remaining>,
}

impl<'a, M: Model> Shortest<'a, M> {
    pub(super) fn new(model: &'a M, graph: &'a Graph) -> Self {
        Self { model, graph, remaining: Chunked::new() }
    }

    /// The shortest schedule to one of some targets, ascending and all on one level, and that target.
    pub(super) fn schedule(&mut self, targets: &[Target]) -> Result<(Vec<Choice>, Target), Outgrown> {
        let level = self.graph.level(targets[0].state);
        self.count_back(targets, level);
        self.walk(targets, level)
    }

    fn count_back(&mut self, targets: &[Target], level: u32) {
        self.remaining.fill(self.graph.level_range(level).end as usize, Remaining::NONE);
        for target in targets {
            let mut remaining = self.remaining.get(target.state as usize);
            match target.last {
                None => remaining = Remaining::ZERO,
                Some(choice) => remaining.or(choice.context, 0),
            }
            self.remaining.set(target.state as usize, remaining);
        }
        for level in (0..level).rev() {
            let next = self.graph.level_range(level + 1);
            for state in self.graph.level_range(level) {
                let mut remaining = Remaining::NONE;
                for edge in self.graph.edges(state).filter(|edge| next.contains(&edge.target)) {
                    let after = self.remaining.get(edge.target as usize);
                    if after.least != u32::MAX {
                        remaining.or(edge.context, after.after(edge.context));
                    }
                }
                if remaining.least != u32::MAX {
                    self.remaining.set(state as usize, remaining);
                }
            }
        }
    }

    fn walk(&self, targets: &[Target], level: u32) -> Result<(Vec<Choice>, Target), Outgrown> {
        let mut bytes = initial(self.model)?;
        let mut schedule = Vec::new();
        let mut state = 0;
        // The first step is no switch, whoever takes it.
        let mut left = self.remaining.get(0).least;
        let mut last = None;
        let cost = |last: Option<u8>, context: u8| u32::from(last.is_some_and(|last| last != context));
        for level in 0..level {
            let next = self.graph.level_range(level + 1);
            let step = self.graph.edges(state).enumerate().find(|(_, edge)| {
                next.contains(&edge.target) && {
                    let after = self.remaining.get(edge.target as usize);
                    after.least != u32::MAX && cost(last, edge.context) + after.after(edge.context) == left
                }
            });
            let Some((nth, edge)) = step else { break };
            schedule.extend(take_edge(self.model, &mut bytes, nth)?);
            left -= cost(last, edge.context);
            last = Some(edge.context);
            state = edge.target;
        }
        let from = targets.partition_point(|target| target.state < state);
        let target = targets[from..]
            .iter()
            .take_while(|target| target.state == state)
            .find(|target| target.last.is_none_or(|choice| cost(last, choice.context) == left))
            .copied()
            .unwrap_or(Target { state, last: None });
        schedule.extend(target.last);
        Ok((schedule, target))
    }
}
