//! Vector clocks (Mattern, *Virtual Time and Global States of Distributed Systems*, 1989): how much of what each context did is known to have come before.
//!
//! Invariant: a clock only grows.

/// For each context, how many of its operations came before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock(Vec<u32>);

impl Clock {
    pub(super) fn get(&self, context: usize) -> u32 {
        self.0.get(context).copied().unwrap_or(0)
    }

    pub(super) fn set(&mut self, context: usize, time: u32) {
        if self.0.len() <= context {
            self.0.resize(context + 1, 0);
        }
        self.0[context] = time;
    }

    /// What came before either.
    pub(super) fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (time, other) in self.0.iter_mut().zip(&other.0) {
            *time = (*time).max(*other);
        }
    }
}
