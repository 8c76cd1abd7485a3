//! Which choices to take: every one ([`explore`]), or those of some executions ([`sample`](fn@sample)).
//!
//! Invariant: the result depends on the model and the options alone: not on the number of threads, the machine or the run; only an interrupt
//! and the caller's clock are exempt. Whatever cut a search short is in its [`Verdict`].
//!
//! | module | what it is |
//! |---|---|
//! | `breadth` | the exhaustive search, in blocks and phases |
//! | `expand`, `workers` | successors, by several threads |
//! | `fingerprint`, `table`, `states`, `chunked` | what was visited, in little memory |
//! | `graph` | what the search leaves: who leads to whom |
//! | `knots` | who was seen to wait for each other in a cycle, where |
//! | `stuck`, `livelock`, `cycles` | what only the whole graph can tell |
//! | `count` | how many executions there are |
//! | `paths` | some that touch all of the graph |
//! | `shortest`, `round`, `rebuild` | schedules, and states made again from them |
//! | `sample`, `rng` | some executions, at random |
//! | `moments` | what the lock validator is to look at |
//! | `log`, `report` | what was heard, asked and answered |

mod breadth;
mod chunked;
mod count;
mod cycles;
mod expand;
mod fingerprint;
mod graph;
mod knots;
mod livelock;
mod log;
mod moments;
mod paths;
mod rebuild;
mod report;
mod rng;
mod round;
mod sample;
mod shortest;
mod states;
mod stuck;
mod table;
mod workers;

pub use report::{Found, Limit, Moment, Options, Outcome, Progress, Shows, Stats, Verdict};
pub use sample::{Sampling, Strategy, sample};

use breadth::{Breadth, Explored};
use fingerprint::Fingerprinter;
use graph::Graph;
use knots::Knots;
use log::Log;
use moments::First;
use report::{Halt, Patience};
use shortest::Shortest;
use std::ops::ControlFlow;
use stuck::Future;

use crate::model::{LockMoment, Model, Outgrown};
use std::collections::BTreeSet;

/// Explores every state that any choices lead to, breadth first, and finds every distinct problem with a shortest schedule.
///
/// `watch` is told about the progress every few thousand states, and may stop the search, for want of time say.
///
/// # Errors
/// The layout of the states turned out too small. The least growth that the states met so far ask for is given, the same in every run.
pub fn explore<M: Model>(
    model: &M,
    options: &Options,
    watch: &mut (dyn FnMut(&Progress) -> ControlFlow<Limit> + Send),
) -> Result<Outcome, Outgrown> {
    explore_and_show(model, options, watch, &mut |_| BTreeSet::new())
}

/// As [`explore`], with schedules for those lock moments of which `wanted` gives the indices.
///
/// # Errors
/// As [`explore`].
pub fn explore_and_show<M: Model>(
    model: &M,
    options: &Options,
    watch: &mut (dyn FnMut(&Progress) -> ControlFlow<Limit> + Send),
    wanted: &mut dyn FnMut(&[Moment]) -> BTreeSet<usize>,
) -> Result<Outcome, Outgrown> {
    let fingerprinter = Fingerprinter::new(model.state_len(), options.seed);
    let explored =
        workers::with_threads(options.threads, || Breadth::new(model, options, &fingerprinter).run(&mut *watch))?;
    let Explored { mut verdict, graph, knots, mut log, stats } = explored;
    let mut future = None;
    let mut executions = None;
    if verdict == Verdict::Complete {
        let Stats { states, transitions, depth, bytes, .. } = stats;
        let progress = Progress { states, transitions, depth, frontier: 0, bytes };
        future = Future::of(&graph, model.endless());
        if let Some(future) = &future {
            let mut patience = Patience { options, watch, progress };
            match report_endless(model, &graph, &knots, future, &mut log, &mut patience) {
                Ok(()) => {}
                Err(Halt::Limit(limit)) => verdict = Verdict::Stopped(limit),
                Err(Halt::Outgrown(outgrown)) => return Err(outgrown),
            }
        }
        executions = if options.count_executions { count::executions(&graph) } else { None };
    }
    if verdict != Verdict::Complete {
        knots.report(&graph, &mut log);
    }
    let found = shorten(model, &graph, future.as_ref(), &log)?;
    let ran = log.blocks.iter().collect();
    let moments = show_moments(model, &graph, &log, wanted)?;
    let paths = paths::paths(model, &graph, options.paths)?;
    Ok(Outcome { verdict, stats, found, moments, executions, paths, reached: log.reached, ran, bounds: log.bounds })
}

/// Reports what can never end, or need not.
fn report_endless<M: Model>(
    model: &M,
    graph: &Graph,
    knots: &Knots,
    future: &Future,
    log: &mut Log,
    patience: &mut Patience<'_>,
) -> Result<(), Halt> {
    stuck::report(model, graph, knots, future, log, patience)?;
    Ok(livelock::report(model, graph, future, log)?)
}

/// The lock moments, with shortest schedules for those that are wanted.
fn show_moments<M: Model>(
    model: &M,
    graph: &Graph,
    log: &Log,
    wanted: &mut dyn FnMut(&[Moment]) -> BTreeSet<usize>,
) -> Result<Vec<Moment>, Outgrown> {
    let bare =
        |(words, first): (&LockMoment, &First)| Moment { words: words.into(), steps: first.steps, schedule: None };
    let mut moments: Vec<Moment> = log.moments.iter().map(bare).collect();
    let firsts: Vec<&First> = log.moments.iter().map(|(_, first)| first).collect();
    let mut shortest = Shortest::new(model, graph);
    for index in wanted(&moments) {
        let (schedule, _) = shortest.schedule(std::slice::from_ref(&firsts[index].target))?;
        moments[index].schedule = Some(schedule);
    }
    Ok(moments)
}

/// A shortest schedule for each problem.
fn shorten<M: Model>(model: &M, graph: &Graph, future: Option<&Future>, log: &Log) -> Result<Vec<Found>, Outgrown> {
    let mut shortest = Shortest::new(model, graph);
    let mut found = Vec::new();
    for occurrence in &log.occurrences {
        let (schedule, target) = shortest.schedule(&occurrence.targets)?;
        let shows = match (occurrence.shows, future) {
            (Shows::Stuck { .. }, Some(future)) => Shows::Stuck { stuck: future.waiting(target.state) },
            (shows, _) => shows,
        };
        let round = match shows {
            Shows::Spinning { context, .. } => round::choices(model, graph, &schedule, target.state, context)?,
            _ => Vec::new(),
        };
        found.push(Found { symptom: occurrence.symptom.clone(), shows, schedule, round, shortest: true });
    }
    found.sort_by(|a, b| (a.schedule.len(), &a.symptom).cmp(&(b.schedule.len(), &b.symptom)));
    Ok(found)
}
