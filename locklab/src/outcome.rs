//! How a search ended, in the terms that reports use.

use sim_core::check::{Checked, Unreached};
use sim_core::model::Bound;
use sim_core::search::{Limit, Verdict};

/// How a search ended, and how much it looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// How much it looked at.
    pub stats: Stats,
    /// Bounds that cut off an enabled choice.
    pub bounds_hit: Vec<Bound>,
    /// Lines that no execution reached, in order; only a complete search knows them.
    pub unreached: Vec<Unreached>,
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

/// How much a search looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Distinct states; none are counted by the random modes.
    pub states: u64,
    /// Steps from one of them to another.
    pub transitions: u64,
    /// The length in steps of the longest of the shortest ways to a state; in the random modes, of the longest execution.
    pub depth: u32,
    /// Distinct states in which everything has finished; in the random modes, executions that ended so.
    pub final_states: u64,
    /// How many executions there are, in decimal, where that was asked for and is known.
    pub executions: Option<String>,
    /// Of how many executions it was asked whether conflicting accesses are ordered by barriers; `None` where that does not arise.
    pub ordered: Option<u64>,
    /// An upper bound on the chance that two states were taken for one.
    pub collision_bound: Option<f64>,
}

impl Outcome {
    /// How a check ended; for a random mode, its name and how many executions it was to try.
    pub fn of(checked: &Checked, sampled: Option<(&'static str, u64)>) -> Self {
        let (outcome, counted) = (&checked.outcome, &checked.outcome.stats);
        let ending = match (outcome.verdict, sampled, &checked.vacuous) {
            // What is found where nothing ran, a task that sleeps for ever from the start for one, is found all the same.
            (Verdict::Complete, _, Some(what)) if checked.findings.is_empty() => Ending::Vacuous(what.clone()),
            (Verdict::Complete, ..) => Ending::Complete,
            (Verdict::Stopped(Limit::Runs), Some((mode, runs)), _) => Ending::Sampled { mode, runs },
            (Verdict::Stopped(limit), ..) => Ending::Stopped(limit),
        };
        let stats = Stats {
            states: counted.states,
            transitions: counted.transitions,
            depth: counted.depth,
            final_states: counted.finals,
            executions: outcome.executions.as_ref().map(ToString::to_string),
            ordered: checked.ordered.map(|paths| paths as u64),
            collision_bound: (sampled.is_none()).then(|| counted.collision_bound()),
        };
        Self {
            ending,
            stats,
            bounds_hit: outcome.bounds.iter().copied().collect(),
            unreached: checked.unreached.clone(),
        }
    }
}
