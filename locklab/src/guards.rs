//! `locklab guards`: one scenario, every execution, and what protects what in them.

use crate::args::{Format, GuardsArgs};
use crate::check::{DEFAULT_MEMORY, interrupt_flag, threads};
use crate::exit::Exit;
use crate::load;
use crate::output::Output;
use crate::progress::Meter;
use crate::render::guards::{Protected, draw, draw_json};
use sim_core::check::guards;
use sim_core::machine::MachineOptions;
use sim_core::search::{self, Limit, Progress, Verdict};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Runs the command.
pub fn run(args: &GuardsArgs, output: &Output) -> Exit {
    let loaded = match load::load(&args.file, &args.kernel, output) {
        Ok(loaded) => loaded,
        Err(problem) => return problem.tell(&args.file.display().to_string(), args.format, output),
    };
    loaded.warn(output);
    let (started, interrupt) = (Instant::now(), interrupt_flag());
    let stopped = Arc::clone(&interrupt);
    let mut meter = Meter::new();
    let mut watch = |progress: &Progress| {
        meter.show(progress);
        if stopped.load(Ordering::Relaxed) {
            return ControlFlow::Break(Limit::Interrupted);
        }
        match args.time_limit {
            Some(limit) if started.elapsed() >= limit => ControlFlow::Break(Limit::Time),
            _ => ControlFlow::Continue(()),
        }
    };
    let options = search::Options {
        threads: threads(args.jobs),
        max_states: args.max_states,
        max_memory: Some(args.max_memory.unwrap_or(DEFAULT_MEMORY)),
        interrupt: Some(interrupt),
        ..search::Options::default()
    };
    let found = guards::guards(Arc::new(loaded.program), MachineOptions::default(), &options, &mut watch);
    meter.finish();
    let exit = match found.outcome.verdict {
        Verdict::Complete => Exit::Clean,
        Verdict::Stopped(_) => Exit::Limit,
    };
    let protected = Protected { file: &loaded.name, guards: &found, exit };
    output.write(&match args.format {
        Format::Human => draw(&protected, output.columns),
        Format::Json => draw_json(&protected),
    });
    exit
}
