//! Some executions, chosen at random, of what has too many.
//!
//! Invariant: a seed means the same executions for ever, on every machine; and however many there were, it is never said that there are no others.

use super::rebuild::initial;
use super::report::{Found, Limit, Moment, Outcome, Progress, Shows, Stats, Verdict};
use super::rng::SplitMix;
use crate::model::{Bound, Choice, LockMoment, Model, Observer, Outgrown, Symptom};
use indexmap::IndexMap;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Who steps next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Any context that can, with equal chances.
    Random,
    /// The one with the highest of priorities that are drawn before each execution and lowered at so many steps of it, drawn too (Burckhardt et
    /// al., *A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs*, ASPLOS 2010). A problem that shows whenever d steps
    /// come in a certain order is found by an execution of n contexts and k steps with a chance of at least 1/(n k^(d-1)), at d - 1 changes.
    ///
    /// The number of steps to draw from is that of the longest execution before. A context that takes 1,000 steps in a row, as one that polls
    /// does, gets the lowest priority: published PCT assumes that there are none.
    Pct {
        /// How often priorities change.
        changes: u32,
    },
}

/// How many executions to try, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Who steps next.
    pub strategy: Strategy,
    /// How many executions.
    pub runs: u64,
    /// Each ends after this many steps if it has not ended before.
    pub max_steps: u32,
    /// What they are drawn from.
    pub seed: u64,
    /// Give this many of them, at most: see [`Outcome::paths`].
    pub paths: usize,
}

/// After how many steps in a row the scheduler of [`Strategy::Pct`] lets others go first.
const IN_A_ROW: u32 = 1000;
/// How many steps to draw change points from before any execution is known.
const FIRST_LENGTH: u64 = 64;

/// Runs executions chosen at random.
///
/// Of [`Stats`], `states` is 0, as none are told apart; `transitions` counts the steps of all executions, `depth` is the length of the longest,
/// `terminal` counts those that ended and `finals` those of them that ended with every context finished. Schedules are as they were drawn: never proved shortest.
///
/// # Errors
/// The layout of the states turned out too small.
pub fn sample<M: Model>(
    model: &M,
    sampling: &Sampling,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<Limit>,
) -> Result<Outcome, Outgrown> {
    let mut notes = Notes::default();
    let mut stats = Stats::default();
    let mut limit = Limit::Runs;
    let mut paths = Vec::new();
    let initial_state = initial(model)?;
    for run in 0..sampling.runs {
        let progress =
            Progress { states: run, transitions: stats.transitions, depth: stats.depth, ..Progress::default() };
        if let ControlFlow::Break(stop) = watch(&progress) {
            limit = stop;
            break;
        }
        // Runs draw from sequences of their own, so that one more step in one does not change the others.
        let rng = SplitMix::new(SplitMix::new(sampling.seed ^ run.rotate_left(32)).next());
        let mut execution = Execution { model, state: initial_state.clone(), rng, choices: Vec::new() };
        let longest = if run == 0 { FIRST_LENGTH } else { u64::from(stats.depth) };
        let mut scheduler = Scheduler::new(sampling.strategy, longest, &mut execution.rng);
        let ended = execution.run(sampling.max_steps, &mut scheduler, &mut notes)?;
        if paths.len() < sampling.paths {
            paths.push(notes.schedule.clone());
        }
        stats.transitions += notes.schedule.len() as u64;
        stats.depth = stats.depth.max(notes.schedule.len() as u32);
        stats.terminal += u64::from(ended);
        stats.finals += u64::from(ended && execution.unfinished() == 0);
    }
    let Notes { mut found, reached, bounds, moments, .. } = notes;
    let mut moments: Vec<Moment> = moments.into_iter().map(Moment::shown).collect();
    moments.sort_by(|a, b| (a.steps, &a.words).cmp(&(b.steps, &b.words)));
    found.sort_by(|a, b| (a.schedule.len(), &a.symptom).cmp(&(b.schedule.len(), &b.symptom)));
    Ok(Outcome {
        verdict: Verdict::Stopped(limit),
        stats,
        found,
        moments,
        executions: None,
        paths,
        reached,
        ran: BTreeSet::new(),
        bounds,
    })
}

/// What was heard, with the schedule of the execution under way.
#[derive(Default)]
struct Notes {
    schedule: Vec<Choice>,
    /// The step under way, which is in the schedule only if it changes something.
    last: Option<Choice>,
    shows: Option<Shows>,
    found: Vec<Found>,
    reached: BTreeSet<u32>,
    bounds: BTreeSet<Bound>,
    moments: IndexMap<Box<LockMoment>, Vec<Choice>>,
}

impl Observer for Notes {
    const LOCKS: bool = true;

    fn lock_moment(&mut self, moment: &LockMoment) {
        let steps = self.schedule.len() + usize::from(self.last.is_some());
        if self.moments.get(moment).is_some_and(|known| known.len() <= steps) {
            return;
        }
        let schedule = self.schedule.iter().copied().chain(self.last).collect();
        self.moments.insert(moment.into(), schedule);
    }

    fn symptom(&mut self, symptom: Symptom) {
        let steps = self.schedule.len() + usize::from(self.last.is_some());
        let known = self.found.iter_mut().find(|known| known.symptom == symptom);
        if known.as_ref().is_some_and(|known| known.schedule.len() <= steps) {
            return;
        }
        let schedule = self.schedule.iter().copied().chain(self.last).collect();
        let found =
            Found { symptom, shows: self.shows.unwrap_or(Shows::State), schedule, round: Vec::new(), shortest: false };
        match known {
            Some(known) => *known = found,
            None => self.found.push(found),
        }
    }

    fn bound(&mut self, bound: Bound) {
        self.bounds.insert(bound);
    }

    fn reached(&mut self, claim: u32) {
        self.reached.insert(claim);
    }
}

/// One execution.
struct Execution<'a, M> {
    model: &'a M,
    state: Vec<u8>,
    rng: SplitMix,
    choices: Vec<Choice>,
}

impl<M: Model> Execution<'_, M> {
    fn unfinished(&self) -> u64 {
        self.model.contexts() & !self.model.finished(&self.state)
    }

    /// Whether it ended by itself.
    fn run(&mut self, max_steps: u32, scheduler: &mut Scheduler, notes: &mut Notes) -> Result<bool, Outgrown> {
        notes.schedule.clear();
        for _ in 0..max_steps {
            notes.shows = Some(Shows::State);
            self.model.inspect(&self.state, notes);
            if !self.step(scheduler, notes)? {
                let stuck = self.unfinished();
                if stuck != 0 {
                    notes.shows = Some(Shows::Stuck { stuck });
                    self.model.stuck(&self.state, stuck, notes);
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes a step that changes the state. Whether there was one.
    fn step(&mut self, scheduler: &mut Scheduler, notes: &mut Notes) -> Result<bool, Outgrown> {
        notes.shows = Some(Shows::Step);
        self.choices.clear();
        self.model.choices(&self.state, &mut self.choices);
        while !self.choices.is_empty() {
            let contexts = self.choices.iter().fold(0, |mask, choice| mask | 1u64 << choice.context);
            let context = scheduler.pick(contexts, &mut self.rng);
            let own = self.choices.iter().filter(|choice| choice.context == context).count();
            let nth = self.rng.below(own as u64) as usize;
            let at = self.choices.iter().enumerate().filter(|(_, choice)| choice.context == context).nth(nth);
            let Some((at, &choice)) = at else { break };
            let mut next = self.state.clone();
            notes.last = Some(choice);
            let result = self.model.step(&mut next, choice, notes);
            notes.last = None;
            result?;
            if next != self.state {
                self.state = next;
                notes.schedule.push(choice);
                scheduler.stepped(context, notes.schedule.len() as u64);
                return Ok(true);
            }
            // It only waits: somebody else.
            self.choices.remove(at);
        }
        Ok(false)
    }
}

/// Picks who steps next.
struct Scheduler {
    strategy: Strategy,
    /// For each context, the higher the sooner.
    priorities: [i64; 64],
    /// After how many steps the one that took the last of them is put behind all others.
    changes: Vec<u64>,
    /// Below all priorities so far.
    lowest: i64,
    last: u8,
    in_a_row: u32,
}

impl Scheduler {
    fn new(strategy: Strategy, length: u64, rng: &mut SplitMix) -> Self {
        let mut priorities: [i64; 64] = std::array::from_fn(|context| context as i64);
        let mut changes = Vec::new();
        if let Strategy::Pct { changes: count } = strategy {
            for last in (1..64).rev() {
                priorities.swap(last, rng.below(last as u64 + 1) as usize);
            }
            changes = (0..count).map(|_| 1 + rng.below(length.max(1))).collect();
        }
        Self { strategy, priorities, changes, lowest: 0, last: 0, in_a_row: 0 }
    }

    /// One of `contexts`, of which there are some.
    fn pick(&self, contexts: u64, rng: &mut SplitMix) -> u8 {
        let able = (0..64u8).filter(|context| contexts & 1 << context != 0);
        let picked = match self.strategy {
            Strategy::Random => able.clone().nth(rng.below(contexts.count_ones().into()) as usize),
            Strategy::Pct { .. } => able.max_by_key(|&context| self.priorities[usize::from(context)]),
        };
        picked.unwrap_or(0)
    }

    fn stepped(&mut self, context: u8, steps: u64) {
        self.in_a_row = if self.last == context { self.in_a_row + 1 } else { 1 };
        self.last = context;
        if self.changes.contains(&steps) || self.in_a_row >= IN_A_ROW {
            self.lowest -= 1;
            self.priorities[usize::from(context)] = self.lowest;
            self.in_a_row = 0;
        }
    }
}
