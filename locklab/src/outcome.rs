//! How a search ended, in the terms that reports use.

use sim_core::model::Bound;

/// How a search ended, and how much it looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// How much it looked at.
    pub stats: Stats,
    /// Bounds that cut off an enabled choice.
    pub bounds_hit: Vec<Bound>,
}

/// How a search ended, findings aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every execution was looked at.
    Complete,
    /// A limit stopped it.
    Stopped(Limit),
    /// A random mode made all its runs.
    Sampled {
        /// `random` or `pct`.
        mode: &'static str,
        /// How many executions it tried.
        runs: u64,
    },
    /// Nothing ran, or a claim was never evaluated: what, in a sentence.
    Vacuous(String),
}

/// What stopped a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `--max-states`
    States,
    /// `--max-memory`
    Memory,
    /// `--time-limit`
    Time,
    /// `--max-depth`
    Depth,
    /// Ctrl-C.
    Interrupted,
}

/// How much a search looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Distinct states.
    pub states: u64,
    /// Steps from one of them to another.
    pub transitions: u64,
    /// The length in steps of the longest of the shortest ways to a state.
    pub depth: u32,
    /// Distinct states in which nothing is left to do.
    pub final_states: u64,
    /// How many executions there are, in decimal, where that was counted.
    pub interleavings: Option<String>,
    /// How many bits of a state's fingerprint are compared; none if whole states are.
    pub fingerprint_bits: Option<u32>,
}

impl Stats {
    /// An upper bound on the chance that two of the states had the same fingerprint, so that one was not looked at: n² / 2^(bits + 1).
    pub fn collision_bound(&self) -> Option<f64> {
        let n = self.states as f64;
        self.fingerprint_bits.map(|bits| n * n / 2f64.powi(bits as i32 + 1))
    }
}
