//! One execution, step by step, as a schedule or a person chooses.
//!
//! Invariant: only what the model says may happen next is done.

use crate::model::{Choice, Model, Observer, Outgrown};

/// An execution under way.
#[derive(Debug)]
pub struct Replay<'a, M> {
    model: &'a M,
    state: Vec<u8>,
    steps: usize,
}

/// Why a schedule cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The choice is none that the state allows.
    #[error("step {step} cannot be taken here")]
    NotEnabled {
        /// Which step of the execution, from 1.
        step: usize,
    },
    /// The layout is too small.
    #[error(transparent)]
    Outgrown(#[from] Outgrown),
}

impl<'a, M: Model> Replay<'a, M> {
    /// An execution that has not begun.
    ///
    /// # Errors
    /// The layout is too small.
    pub fn new<O: Observer>(model: &'a M, observer: &mut O) -> Result<Self, Outgrown> {
        let mut state = vec![0; model.state_len()];
        model.initial(&mut state, observer)?;
        Ok(Self { model, state, steps: 0 })
    }

    /// Where it is.
    pub fn state(&self) -> &[u8] {
        &self.state
    }

    /// How many steps it has taken.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// What may happen next, ascending; steps that only wait included.
    pub fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        self.model.choices(&self.state, &mut choices);
        choices
    }

    /// Takes a step. Whether it changed the state: one that does not only waits.
    ///
    /// # Errors
    /// The choice is none of [`Replay::choices`] (the execution stays where it is), or the layout is too small (it is of no more use).
    pub fn step<O: Observer>(&mut self, choice: Choice, observer: &mut O) -> Result<bool, ReplayError> {
        if !self.choices().contains(&choice) {
            return Err(ReplayError::NotEnabled { step: self.steps + 1 });
        }
        let before = self.state.clone();
        self.model.step(&mut self.state, choice, observer)?;
        self.steps += 1;
        Ok(self.state != before)
    }
}
