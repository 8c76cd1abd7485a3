//! What a search is asked for, and what it gives back.
//!
//! Invariant: a bound that cut the search short is in the verdict, never silent.

use crate::model::{Bound, Choice, LockMoment, Outgrown, Symptom};
use num_bigint::BigUint;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How to search.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many threads; more than one only with the feature `threads`. The result does not depend on it.
    pub threads: usize,
    /// Stop when this many states have been found (a few more may be).
    pub max_states: Option<u64>,
    /// Look into no execution beyond this many steps.
    pub max_depth: Option<u32>,
    /// Stop when the search's own memory reaches this many bytes.
    pub max_memory: Option<u64>,
    /// Seeds the fingerprints (and, for the random modes, the schedules). Exhaustive searches with two seeds give the same counts.
    pub seed: u64,
    /// Keep full states and compare them byte by byte: no two are ever taken for one.
    pub exact: bool,
    /// Count executions too: see [`Outcome::executions`].
    pub count_executions: bool,
    /// Give this many executions, at most: see [`Outcome::paths`].
    pub paths: usize,
    /// Stops the search when it becomes true.
    pub interrupt: Option<Arc<AtomicBool>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 1,
            max_states: None,
            max_depth: None,
            max_memory: None,
            seed: 0,
            exact: false,
            count_executions: false,
            paths: 0,
            interrupt: None,
        }
    }
}

impl Options {
    pub(super) fn interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

/// Why a search stopped before it was through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Options::max_states`], or as many states as ids can number (2^31 - 1).
    States,
    /// [`Options::max_depth`]
    Depth,
    /// [`Options::max_memory`]
    Memory,
    /// The caller's clock, by what it answered to [`Progress`].
    Time,
    /// [`Options::interrupt`]
    Interrupted,
    /// As many executions as were asked for were tried, and there may be others.
    Runs,
}

/// How far a search is, told to the caller every few thousand states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Distinct states.
    pub states: u64,
    /// Steps that lead from one to another.
    pub transitions: u64,
    /// How many steps deep it is.
    pub depth: u32,
    /// How many known states it has not yet looked into.
    pub frontier: u64,
    /// The memory of its own structures.
    pub bytes: u64,
}

/// What the caller is told, and may answer.
pub(super) type Watch<'a> = &'a mut (dyn FnMut(&Progress) -> ControlFlow<Limit> + Send);

/// Asks the caller whether to go on.
pub(super) struct Patience<'a> {
    pub(super) options: &'a Options,
    pub(super) watch: Watch<'a>,
    pub(super) progress: Progress,
}

impl Patience<'_> {
    /// Fails if the search is to stop.
    pub(super) fn check(&mut self) -> Result<(), Halt> {
        if self.options.interrupted() {
            return Err(Halt::Limit(Limit::Interrupted));
        }
        match (self.watch)(&self.progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(limit) => Err(Halt::Limit(limit)),
        }
    }
}

/// Why an analysis of the graph ends early.
pub(super) enum Halt {
    Limit(Limit),
    Outgrown(Outgrown),
}

impl From<Outgrown> for Halt {
    fn from(outgrown: Outgrown) -> Self {
        Self::Outgrown(outgrown)
    }
}

/// Whether the search went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Every state was looked into.
    Complete,
    /// It stopped at a limit. Nothing is claimed about what lies beyond, and nothing was decided that needs the whole graph: of all that waits
    /// for ever, only contexts are reported that wait for each other in a cycle.
    Stopped(Limit),
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Distinct states.
    pub states: u64,
    /// Steps that lead from a state to another. A step that leaves the state as it is waits, and is none.
    pub transitions: u64,
    /// The greatest number of steps that the shortest way to a state has.
    pub depth: u32,
    /// States in which nothing can step (those of them that only wait included).
    pub terminal: u64,
    /// States in which every context is finished.
    pub finals: u64,
    /// A sum over the fingerprints of all states: independent of their order, equal for equal sets of states under one seed.
    pub digest: u128,
    /// The most memory that the search's structures took.
    pub bytes: u64,
}

impl Stats {
    /// A bound on the chance that some two of the states have the same fingerprint of 128 bits and one of them was taken for the other:
    /// n²/2¹²⁹, the birthday bound.
    pub fn collision_bound(&self) -> f64 {
        (self.states as f64) * (self.states as f64) / 2f64.powi(129)
    }
}

/// How the end of a schedule shows a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shows {
    /// Its last step does.
    Step,
    /// The state that it ends in does: `Model::inspect`, or the initial state.
    State,
    /// In the state that it ends in these contexts can never finish: `Model::stuck`.
    Stuck {
        /// Their bits.
        stuck: u64,
    },
    /// From the state that it ends in this context need not or cannot finish: `Model::spinning`.
    Spinning {
        /// Which.
        context: u8,
        /// It could finish, but may fairly run for ever.
        fair: bool,
    },
}

/// A problem and a schedule that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The problem.
    pub symptom: Symptom,
    /// How the schedule shows it.
    pub shows: Shows,
    /// The choices from the initial state on.
    pub schedule: Vec<Choice>,
    /// For [`Shows::Spinning`], where one was found: choices that lead from the schedule's end back to it, so that they can go on for ever. Each context that is
    /// able to take a step on the way takes one.
    pub round: Vec<Choice>,
    /// No schedule that shows it has fewer steps; of those as short, none has fewer switches between contexts; of those, none is less.
    pub shortest: bool,
}

/// What the lock validator is to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What happened, in the model's words.
    pub words: Box<LockMoment>,
    /// The fewest steps that lead to it.
    pub steps: u32,
    /// A schedule of so many steps, if the model wanted one.
    pub schedule: Option<Vec<Choice>>,
}

impl Moment {
    pub(super) fn shown((words, schedule): (Box<LockMoment>, Vec<Choice>)) -> Self {
        Self { words, steps: schedule.len() as u32, schedule: Some(schedule) }
    }
}

/// What a search gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Whether it went through.
    pub verdict: Verdict,
    /// What was counted.
    pub stats: Stats,
    /// Every distinct problem, the shortest schedules first.
    pub found: Vec<Found>,
    /// What the lock validator is to look at: each distinct moment once, those of the fewest steps first.
    pub moments: Vec<Moment>,
    /// How many executions there are: sequences of steps from the initial state to one where nothing can step, those that only wait left out.
    /// `None` if it was not asked for, the search was not complete, there are infinitely many or more than 2^20 states.
    pub executions: Option<BigUint>,
    /// Executions, or beginnings of endless ones, for who looks at them whole: spread over all that were explored; in the random modes, the first ones.
    pub paths: Vec<Vec<Choice>>,
    /// The `REACHABLE` claims seen to be true.
    pub reached: BTreeSet<u32>,
    /// The blocks of the model's code that ran; none in the random modes.
    pub ran: BTreeSet<u32>,
    /// The bounds that cut off a choice.
    pub bounds: BTreeSet<Bound>,
}
