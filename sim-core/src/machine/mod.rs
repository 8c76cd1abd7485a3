//! One state of the simulated kernel, and its steps.

/// What happened in a step, for replay.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {}

/// The simulated kernel for one program.
#[derive(Debug)]
pub struct Machine {}

impl Machine {
    /// Makes room for what the last search outgrew.
    pub fn grow(&mut self, _growth: crate::model::Growth) {}
}
