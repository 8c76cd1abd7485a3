//! States made again from the graph, which does not keep them, by taking the steps that led to them.
//!
//! Invariant: a state's nth edge is the nth of its choices that changes it.

use super::graph::Graph;
use crate::model::{Choice, Deaf, Model, Outgrown};

/// The initial state.
pub(super) fn initial<M: Model>(model: &M) -> Result<Vec<u8>, Outgrown> {
    let mut state = vec![0; model.state_len()];
    model.initial(&mut state, &mut Deaf)?;
    Ok(state)
}

/// Takes the nth of the choices that change the state, and says which it was; there is one, if the graph is this model's.
pub(super) fn take_edge<M: Model>(model: &M, state: &mut Vec<u8>, nth: usize) -> Result<Option<Choice>, Outgrown> {
    let mut choices = Vec::new();
    model.choices(state, &mut choices);
    let mut left = nth;
    for choice in choices {
        let mut successor = state.clone();
        model.step(&mut successor, choice, &mut Deaf)?;
        if successor != *state {
            if left == 0 {
                *state = successor;
                return Ok(Some(choice));
            }
            left -= 1;
        }
    }
    Ok(None)
}

/// Rebuilds states, fastest in ascending order of their ids, as then they share most of their ancestors.
pub(super) struct Rebuilder<'a, M> {
    model: &'a M,
    graph: &'a Graph,
    /// The last one asked for, with all its ancestors, from the initial state on.
    line: Vec<Ancestor>,
}

/// A state, and the choice that led to it from the one before it.
struct Ancestor {
    id: u32,
    state: Vec<u8>,
    choice: Option<Choice>,
}

impl<'a, M: Model> Rebuilder<'a, M> {
    pub(super) fn new(model: &'a M, graph: &'a Graph) -> Result<Self, Outgrown> {
        Ok(Self { model, graph, line: vec![Ancestor { id: 0, state: initial(model)?, choice: None }] })
    }

    /// The bytes of a state.
    pub(super) fn state(&mut self, id: u32) -> Result<&[u8], Outgrown> {
        self.go_to(id)?;
        Ok(&self.line[self.line.len() - 1].state)
    }

    /// The choices that lead to a state by way of its ancestors.
    pub(super) fn schedule(&mut self, id: u32) -> Result<Vec<Choice>, Outgrown> {
        self.go_to(id)?;
        Ok(self.line.iter().filter_map(|ancestor| ancestor.choice).collect())
    }

    fn go_to(&mut self, id: u32) -> Result<(), Outgrown> {
        let level = self.graph.level(id) as usize;
        self.line.truncate(level + 1);
        // From the state towards the initial one, until there is a common ancestor.
        let mut missing = Vec::new();
        let (mut ancestor, mut at) = (id, level);
        while self.line.get(at).is_none_or(|known| known.id != ancestor) {
            missing.push(ancestor);
            ancestor = self.graph.parent(ancestor);
            at -= 1;
        }
        self.line.truncate(at + 1);
        for &child in missing.iter().rev() {
            let parent = &self.line[self.line.len() - 1];
            let nth = self.graph.edges(parent.id).position(|edge| edge.target == child).unwrap_or(0);
            let mut state = parent.state.clone();
            let choice = take_edge(self.model, &mut state, nth)?;
            self.line.push(Ancestor { id: child, state, choice });
        }
        Ok(())
    }
}
