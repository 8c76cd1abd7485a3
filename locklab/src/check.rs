//! `locklab check`: one scenario, every execution, a report.

use crate::args::{CheckArgs, Format, Mode, SearchArgs};
use crate::exit::Exit;
use crate::load;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::progress::Meter;
use crate::render::{Report, dmesg, human, json};
use sim_core::check::{self, Checked};
use sim_core::program::Program;
use sim_core::search::{self, Limit, Progress, Sampling, Strategy};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The memory that a search may take where the command line does not say.
pub const DEFAULT_MEMORY: u64 = 4 << 30;
/// The steps after which a random execution ends where the command line does not say.
const DEFAULT_STEPS: u32 = 100_000;

/// Runs the command.
pub fn run(args: &CheckArgs, output: &Output) -> Exit {
    if let Some(problem) = args.search.at_odds() {
        output.complain(&problem, None);
        return Exit::Usage;
    }
    let loaded = match load::load(&args.file, &args.kernel, output) {
        Ok(loaded) => loaded,
        Err(problem) => return problem.tell(&args.file.display().to_string(), args.format, output),
    };
    loaded.warn(output);
    let interrupt = interrupt_flag();
    let mut meter = Meter::new();
    let checked = search(Arc::new(loaded.program), &args.search, Some(interrupt), &mut meter);
    meter.finish();
    let outcome = Outcome::of(&checked, sampled(&args.search));
    let report = Report {
        program: checked.machine.program(),
        file: &loaded.name,
        options: &(args.kernel.words() + args.search.reduce.words()),
        findings: &checked.findings,
        outcome: &outcome,
    };
    output.write(&match (args.log.style(), args.format) {
        (Some(style), _) => dmesg::draw(&report, style),
        (None, Format::Json) => json::draw(&report),
        (None, Format::Human) => {
            human::draw(&report, human::Layout { columns: output.columns, all_steps: args.all_steps })
        }
    });
    if args.log.dmesg {
        // A kernel log has no place for how much was looked at.
        output.write_error(&human::verdict(&report, output.columns));
    }
    report.exit()
}

/// For a random mode, its name and its number of executions.
fn sampled(args: &SearchArgs) -> Option<(&'static str, u64)> {
    match args.mode {
        Mode::Exhaustive => None,
        Mode::Random => Some(("random", args.runs)),
        Mode::Pct => Some(("pct", args.runs)),
    }
}

/// Searches as the command line says.
pub fn search(
    program: Arc<Program>,
    args: &SearchArgs,
    interrupt: Option<Arc<AtomicBool>>,
    meter: &mut Meter,
) -> Checked {
    let started = Instant::now();
    let stopped = interrupt.clone();
    let mut watch = |progress: &Progress| {
        meter.show(progress);
        if stopped.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return ControlFlow::Break(Limit::Interrupted);
        }
        match args.time_limit {
            Some(limit) if started.elapsed() >= limit => ControlFlow::Break(Limit::Time),
            _ => ControlFlow::Continue(()),
        }
    };
    let strategy = match args.mode {
        Mode::Exhaustive => {
            let options = search::Options {
                threads: threads(args.jobs),
                max_states: args.max_states,
                max_depth: args.max_depth,
                max_memory: Some(args.max_memory.unwrap_or(DEFAULT_MEMORY)),
                seed: args.seed,
                exact: args.exact,
                count_executions: args.count,
                interrupt,
                ..search::Options::default()
            };
            return check::check(program, args.machine(), &options, &mut watch);
        }
        Mode::Random => Strategy::Random,
        Mode::Pct => Strategy::Pct { changes: args.depth - 1 },
    };
    let sampling = Sampling {
        strategy,
        runs: args.runs,
        max_steps: args.max_depth.unwrap_or(DEFAULT_STEPS),
        seed: args.seed,
        paths: check::PATHS,
    };
    check::run(program, args.machine(), |model| search::sample(model, &sampling, &mut watch))
}

/// How many threads to search with.
pub fn threads(jobs: Option<u16>) -> usize {
    jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get), usize::from)
}

/// A flag that Ctrl-C raises. The second Ctrl-C ends the process at once.
pub fn interrupt_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    let handler = move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    // Where no handler can be set, Ctrl-C ends the process as it would without one.
    let _ = ctrlc::set_handler(handler);
    flag
}
