//! The report for people: for each finding its headline, the source, the schedule as lanes, who waits, why, and what to do; then the verdict.

use super::text::{self, DIM, ERROR, GOOD, HELP, STRONG, WARNING, counted, grouped, listed, margin_note, paint, width};
use super::{Report, advice, lanes, place, snippet};
use crate::outcome::Ending;
use crate::render::lanes::Options;
use sim_core::check::Unreached;
use sim_core::finding::{Finding, Kind, Severity, Wait};
use sim_core::model::Bound;
use sim_core::program::{Chance, ContextKind, Inst, KernelCall, Program};
use sim_core::search::Limit;
use sim_core::view::Trace;

/// How the report is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Its width.
    pub columns: usize,
    /// Show every step of each schedule.
    pub all_steps: bool,
}

/// The whole report.
pub fn draw(report: &Report, layout: Layout) -> String {
    let mut out = String::new();
    for finding in report.findings {
        out += &draw_finding(report, finding, layout);
        out.push('\n');
    }
    out + &verdict(report, layout.columns)
}

/// One finding.
pub fn draw_finding(report: &Report, finding: &Finding, layout: Layout) -> String {
    let program = report.program;
    let mut out = snippet::draw(program, finding, layout.columns);
    if let Some(trace) = &finding.schedule {
        out.push('\n');
        out += &schedule_title(finding, trace, layout.columns);
        out.push('\n');
        let options = Options {
            columns: layout.columns,
            all_steps: layout.all_steps,
            marked: finding.places.iter().map(|p| place::line(program, place::of(program, p))).collect(),
            names: names(program, finding),
            places: &finding.places,
            next: finding.kind == Kind::DataRace,
        };
        out += &lanes::draw(program, trace, &options);
    }
    if finding.kind != Kind::Livelock {
        out += &waits(program, &finding.waits, layout.columns);
    }
    out.push('\n');
    out += &margin_note("why", STRONG, &advice::why(program, finding), layout.columns);
    for (i, also) in advice::also(finding).iter().enumerate() {
        out += &margin_note(if i == 0 { "also" } else { "" }, STRONG, also, layout.columns);
    }
    for (i, help) in advice::help(program, finding).iter().enumerate() {
        out += &margin_note(if i == 0 { "help" } else { "" }, HELP, help, layout.columns);
    }
    if let Some(trace) = &finding.schedule {
        out += &replay_line(report, trace);
    }
    out
}

/// What a finding speaks of: the identifiers that its message quotes, and those of the source where it shows.
fn names(program: &Program, finding: &Finding) -> Vec<String> {
    let quoted = finding.message.split('`').skip(1).step_by(2);
    let source = finding.places.first().map(|place| place::text(program, place::of(program, place)));
    quoted.chain(source).flat_map(lanes::identifiers).map(str::to_owned).collect()
}

fn schedule_title(finding: &Finding, trace: &Trace, columns: usize) -> String {
    let way = &trace.steps[..trace.round.unwrap_or(trace.steps.len())];
    let switches = way.windows(2).filter(|pair| pair[0].context != pair[1].context).count() as u64;
    let steps = counted(way.len() as u64, "step", "steps");
    if way.is_empty() && trace.round.is_some() {
        return format!("  {}\n", paint(STRONG, "How it comes about: from the start, without a step before"));
    }
    let title = match switches {
        0 => format!("How it comes about, in {steps}"),
        _ => format!("How it comes about, in {steps} with {}", counted(switches, "switch", "switches")),
    };
    let proved = if finding.shortest { "(no execution shows it in fewer)" } else { "(not proved shortest)" };
    let gap = if width(&title) + width(proved) + 3 <= columns { " " } else { "\n  " };
    format!("  {}{gap}{}\n", paint(STRONG, &title), paint(DIM, proved))
}

/// The command that shows this execution again. Not wrapped: it is there to be copied.
fn replay_line(report: &Report, trace: &Trace) -> String {
    let schedule = crate::schedule::with_hash(&trace.schedule, &report.program.source);
    format!(
        "  {}  locklab replay{} {} '{schedule}'\n",
        paint(STRONG, "replay"),
        report.options,
        shell_word(report.file)
    )
}

/// A file name as a shell takes it.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Who waits at the end, for what, and who has it.
fn waits(program: &Program, waits: &[Wait], columns: usize) -> String {
    if waits.is_empty() {
        return String::new();
    }
    let mut out = format!("\n  {}\n\n", paint(STRONG, "Who waits for whom, at the end"));
    let name_width = waits.iter().map(|w| width(&w.context)).max().unwrap_or(0);
    for wait in waits {
        let how = if wait.spins { "spins for" } else { "waits for" };
        let mut text = format!("{how} {} at {}", wait.what, place::line_words(program, program.source.span(wait.span)));
        if let Some(holder) = &wait.holder {
            let who = if *holder == wait.context { "itself" } else { holder };
            text += &match wait.taken_at {
                Some(span) => {
                    format!("; held by {who} since {}", place::line_words(program, program.source.span(span)))
                }
                None if wait.is_for_an_end() && who == "itself" => "; that is up to itself".to_owned(),
                None if wait.is_for_an_end() => String::new(),
                None if wait.behind => format!("; behind {who}, which waits to write it"),
                None => format!("; {who} has it"),
            };
        }
        let gap = name_width - width(&wait.context);
        for (i, line) in text::wrap(&text, columns.saturating_sub(name_width + 4)).iter().enumerate() {
            if i == 0 {
                out += &format!("  {}{}  {line}\n", paint(WARNING, &wait.context), " ".repeat(gap));
            } else {
                out += &format!("  {}  {line}\n", " ".repeat(name_width));
            }
        }
    }
    out
}

// --- the verdict -----------------------------------------------------------------------------------------------------

/// The last lines: what was found, how much was looked at, and within which bounds.
pub fn verdict(report: &Report, columns: usize) -> String {
    let mut out = headline(report, columns);
    if let Ending::Stopped(limit) = report.outcome.ending {
        out += &margin_note("stopped", WARNING, &stopped(limit), columns);
    }
    out += &margin_note("search", DIM, &searched(report), columns);
    if let Some(paths) = report.outcome.stats.ordered {
        let executions = counted(paths, "execution", "executions");
        let text = format!("barriers: unordered accesses were looked for in {executions}, not in all");
        out += &margin_note("order", DIM, &text, columns);
    }
    out += &margin_note("kernel", DIM, &kernel(report.program), columns);
    out += &margin_note("bounds", DIM, &bounds(report), columns);
    if !report.outcome.unreached.is_empty() {
        out += &margin_note("never", DIM, &unreached(report), columns);
    }
    if let (Ending::Complete, Some(chance)) = (&report.outcome.ending, report.outcome.stats.collision_bound) {
        let text = format!("of a state mistaken for another: at most {}", power_of_ten(chance));
        out += &margin_note("chance", DIM, &text, columns);
    }
    out
}

/// `reached: lines 12-14 (probe) and line 30 (remove)`, after `never`.
fn unreached(report: &Report) -> String {
    let place = |lines: &Unreached| {
        let file =
            if lines.file == 0 { String::new() } else { format!("{}:", place::file_name(report.program, lines.file)) };
        match lines.last - lines.first {
            0 => format!("line {file}{} ({})", lines.first, lines.function),
            _ => format!("lines {file}{}-{} ({})", lines.first, lines.last, lines.function),
        }
    };
    format!("reached: {}", listed(&report.outcome.unreached.iter().map(place).collect::<Vec<_>>()))
}

fn searched(report: &Report) -> String {
    let stats = &report.outcome.stats;
    let steps = counted(u64::from(stats.depth), "step", "steps");
    match report.outcome.ending {
        Ending::Sampled { runs, .. } => format!(
            "{}, the longest of {steps}; {} of them ended with everything finished",
            counted(runs, "execution", "executions"),
            grouped(stats.final_states)
        ),
        _ => format!(
            "{}, {}, {steps} deep, {}{}",
            counted(stats.states, "state", "states"),
            counted(stats.transitions, "transition", "transitions"),
            counted(stats.final_states, "final state", "final states"),
            stats.executions.as_deref().map_or(String::new(), executions)
        ),
    }
}

/// `, 1,204 executions`; a number that nobody reads is rounded.
fn executions(digits: &str) -> String {
    const READABLE: usize = 18;
    match digits.len() {
        0..=READABLE => format!(", {} execution{}", text::group_digits(digits), if digits == "1" { "" } else { "s" }),
        many => format!(", about {}.{}e{} executions", &digits[..1], &digits[1..3], many - 1),
    }
}

fn headline(report: &Report, columns: usize) -> String {
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let mut found = Vec::new();
    if errors > 0 {
        found.push(counted(errors, "error", "errors"));
    }
    if warnings > 0 {
        found.push(counted(warnings, "warning", "warnings"));
    }
    let within = if report.outcome.bounds_hit.is_empty() { "" } else { ", within its bounds" };
    let (style, text) = match (&report.outcome.ending, found.is_empty()) {
        (Ending::Vacuous(what), true) => (WARNING, format!("vacuous: {what}")),
        (Ending::Complete, true) => (GOOD, format!("nothing found; every execution was looked at{within}")),
        (Ending::Stopped(_), true) => (WARNING, "nothing found, but not every execution was looked at".to_owned()),
        (Ending::Sampled { mode, runs }, true) => {
            (WARNING, format!("nothing found in {} {mode} executions, which proves nothing", grouped(*runs)))
        }
        (Ending::Complete, false) => (ERROR, format!("{}; every execution was looked at{within}", listed(&found))),
        (Ending::Sampled { mode, runs }, false) => {
            (ERROR, format!("{} in {} {mode} executions", listed(&found), grouped(*runs)))
        }
        (Ending::Stopped(_) | Ending::Vacuous(_), false) => {
            (ERROR, format!("{}; not every execution was looked at", listed(&found)))
        }
    };
    let fits = width(report.file) + width(&text) + 2 <= columns;
    let gap = if fits { " " } else { "\n  " };
    format!("{}{gap}{}\n", paint(STRONG, &format!("{}:", report.file)), paint(style, &text))
}

/// What stopped a search, and what to do about it.
pub fn stopped(limit: Limit) -> String {
    match limit {
        Limit::States => "at --max-states; give a higher one, or try --mode pct".to_owned(),
        Limit::Memory => "at --max-memory; give a higher one, or try --mode pct".to_owned(),
        Limit::Time => "at --time-limit; give a longer one, or try --mode pct".to_owned(),
        Limit::Depth => "at --max-depth; give a higher one, or leave it out".to_owned(),
        Limit::Interrupted => "by Ctrl-C".to_owned(),
        Limit::Runs => "after all --runs; give more".to_owned(),
    }
}

/// The options it was checked under.
fn kernel(program: &Program) -> String {
    let config = &program.config;
    let smp = if config.smp { "SMP" } else { "SMP=n" };
    format!("{}, {smp}, {}", counted(u64::from(config.cpus), "CPU", "CPUs"), config.preemption.name())
}

/// Every bound that the program can run into, and whether it did.
fn bounds(report: &Report) -> String {
    let parts: Vec<String> = bound_table(report.program)
        .into_iter()
        .map(|(bound, text)| match bound {
            Some(bound) if report.outcome.bounds_hit.contains(&bound) => format!("{text} (hit)"),
            _ => text,
        })
        .collect();
    let hit = match report.outcome.bounds_hit.len() {
        0 => "; none was hit",
        _ => "; what lies beyond those that were hit was not looked at",
    };
    if parts.is_empty() { "none applies".to_owned() } else { format!("{}{hit}", parts.join(", ")) }
}

/// The bounds that a program can run into, in words. Those without a name are the rig's: they describe the hardware.
pub fn bound_table(program: &Program) -> Vec<(Option<Bound>, String)> {
    let bounds = &program.config.bounds;
    let mut table = Vec::new();
    for context in &program.contexts {
        if let ContextKind::HardIrq { times, .. } | ContextKind::Nmi { times } = context.kind {
            let times = match times {
                1 => "once".to_owned(),
                2 => "twice".to_owned(),
                n => format!("{n} times"),
            };
            table.push((None, format!("{} raised at most {times}", context.name)));
        }
    }
    let arms = |inst: &Inst| matches!(inst, Inst::Kernel { call: KernelCall::TimerArm { .. }, .. });
    if program.functions.iter().any(|f| f.code.iter().any(arms)) {
        let firings = counted(u64::from(bounds.timer_firings), "expiry", "expiries");
        table.push((Some(Bound::TimerFirings), format!("{firings} of a timer")));
    }
    let sleeps = |inst: &Inst| matches!(inst, Inst::Kernel { call: KernelCall::Schedule { .. }, .. });
    if program.functions.iter().any(|f| f.code.iter().any(sleeps)) {
        table.push((None, counted(u64::from(bounds.spurious_wakeups), "spurious wake-up", "spurious wake-ups")));
    }
    if program.asks_time() {
        let leaps = counted(u64::from(bounds.clock_advances), "leap", "leaps");
        table.push((Some(Bound::ClockAdvances), format!("{leaps} of jiffies")));
    }
    let beyond = |inst: &Inst| matches!(inst, Inst::Kernel { call: KernelCall::BeyondIndices, .. });
    if program.functions.iter().any(|f| f.code.iter().any(beyond)) {
        table.push((Some(Bound::Indices), format!("{} indices of an xarray or idr", bounds.indices)));
    }
    let has = |wanted: fn(&Inst) -> bool| program.functions.iter().any(|f| !f.prelude && f.code.iter().any(wanted));
    if has(|inst| matches!(inst, Inst::Call { .. } | Inst::CallIndirect { .. })) {
        table.push((Some(Bound::CallDepth), format!("calls {} deep", bounds.call_depth)));
    }
    if !program.alloc_sites.is_empty() {
        table.push((Some(Bound::Allocations), format!("{} allocations of a context at a site", bounds.allocations)));
        table.push((None, counted(u64::from(bounds.failed_allocations), "failed allocation", "failed allocations")));
    }
    let runs_short =
        |inst: &Inst| matches!(inst, Inst::Kernel { call: KernelCall::Happens { what: Chance::Reclaim }, .. });
    if program.functions.iter().any(|f| f.code.iter().any(runs_short)) {
        table.push((None, counted(u64::from(bounds.reclaims), "shortage of memory", "shortages of memory")));
    }
    if !program.spawn_sites.is_empty() {
        table.push((Some(Bound::Spawns), format!("{} threads of a context at a site", bounds.spawns)));
    }
    if has(|inst| matches!(inst, Inst::Kernel { call: KernelCall::QueueWork | KernelCall::ModWork, .. })) {
        table.push((Some(Bound::Workers), format!("{} work items at once", bounds.workers)));
        let times = counted(u64::from(bounds.requeues), "queueing", "queueings");
        if bounds.worker_failures > 0 {
            table.push((None, "no memory for workers from some moment on".to_owned()));
        }
        table.push((Some(Bound::Requeues), format!("{times} of a work item by work functions")));
    }
    table.push((
        Some(Bound::LocalInstructions),
        format!("{} instructions in a step", grouped(u64::from(bounds.local_instructions))),
    ));
    table
}

/// `1.2e-30`, rounded up.
fn power_of_ten(chance: f64) -> String {
    let exponent = chance.log10().floor();
    let mantissa = (chance / 10f64.powf(exponent) * 10.0).ceil() / 10.0;
    format!("{mantissa:.1}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chance_is_rounded_up() {
        assert_eq!(power_of_ten(1.23e-30), "1.3e-30");
        assert_eq!(power_of_ten(0.5), "5.0e-1");
    }

    #[test]
    fn a_number_of_executions_that_nobody_reads_is_rounded() {
        assert_eq!(executions("1"), ", 1 execution");
        assert_eq!(executions("1680"), ", 1,680 executions");
        assert_eq!(executions("371959348729384572"), ", 371,959,348,729,384,572 executions");
        assert_eq!(executions("3719593487293845721"), ", about 3.71e18 executions");
    }

    #[test]
    fn file_names_are_quoted_for_the_shell_only_where_they_must_be() {
        assert_eq!(shell_word("scenarios/nic.c"), "scenarios/nic.c");
        assert_eq!(shell_word("my file.c"), "'my file.c'");
        assert_eq!(shell_word("it's.c"), r"'it'\''s.c'");
    }
}
