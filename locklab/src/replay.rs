//! `locklab replay`: follows one schedule, and shows it, what was found on the way, and what holds at its end.

use crate::args::{Format, ReplayArgs};
use crate::exit::Exit;
use crate::load;
use crate::output::Output;
use crate::render::lanes::{self, Options};
use crate::render::text::{DIM, ERROR, GOOD, STRONG, WARNING, counted, listed, margin_note, paint, width};
use crate::render::{dmesg, place, snippet};
use crate::schedule;
use sim_core::check;
use sim_core::finding::{Finding, Kind, Severity};
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::{Choice, Deaf, Knot, Model, Observer, Outgrown, Symptom};
use sim_core::program::Program;
use sim_core::search::{self, Found, Shows, Verdict};
use sim_core::view::{self, ContextView, Replay, Trace};
use std::ops::ControlFlow;
use std::sync::Arc;

/// How far beyond the schedule's end is looked, to say who can never go on.
const STATES_BEYOND: u64 = 500_000;

/// Runs the command.
pub fn run(args: &ReplayArgs, output: &Output) -> Exit {
    let (words, hash) = schedule::split_hash(&args.schedule);
    let (words, round) = match schedule::split(&words) {
        Ok(split) => split,
        Err(wrong) => {
            output.complain(&wrong, None);
            return Exit::Usage;
        }
    };
    let loaded = match load::load(&args.file, &args.kernel, output) {
        Ok(loaded) => loaded,
        Err(problem) => return problem.tell(&args.file.display().to_string(), Format::Human, output),
    };
    let now = schedule::source_hash(&loaded.program.source);
    if let Some(then) = hash.filter(|then| *then != now) {
        output
            .mention(&format!("note: {} has changed since this schedule was made (#{then}, now #{now})", loaded.name));
    }
    let way = Way { words: &words, round, lockdep: args.lockdep };
    let played = play(Arc::new(loaded.program), way, args.reduce.machine());
    output.write(&match args.log.style() {
        Some(style) => {
            let met: Vec<(usize, &Finding)> = played.met.iter().map(|met| (met.after, &met.finding)).collect();
            dmesg::draw_execution(&played.program, &played.trace, &met, style)
        }
        None => draw(&loaded.name, &played, output.columns, args.all_steps),
    });
    match &played.stopped {
        Some(stopped) => {
            output.complain(stopped, None);
            Exit::Usage
        }
        None if played.met.iter().any(|met| met.finding.severity != Severity::Note) => Exit::Findings,
        None => Exit::Clean,
    }
}

/// An execution as far as it could be followed.
struct Played {
    program: Arc<Program>,
    trace: Trace,
    met: Vec<Met>,
    /// Words of what can happen next.
    next: Vec<String>,
    /// Why the schedule could not be followed to its end.
    stopped: Option<String>,
}

/// A finding, and after how many steps it showed.
struct Met {
    after: usize,
    finding: Finding,
}

/// What to follow, and whom to ask about it.
#[derive(Clone, Copy)]
struct Way<'a> {
    words: &'a [String],
    /// From which of them on it leads back.
    round: Option<usize>,
    /// Ask the kernel's lock validator.
    lockdep: bool,
}

fn play(program: Arc<Program>, way: Way<'_>, options: MachineOptions) -> Played {
    let mut machine = Machine::new(Arc::clone(&program), options);
    loop {
        match attempt(&program, &machine, way) {
            Ok(played) => return played,
            Err(Outgrown(growth)) => machine = machine.grow(growth, options),
        }
    }
}

fn attempt(program: &Arc<Program>, machine: &Machine, way: Way<'_>) -> Result<Played, Outgrown> {
    let Way { words, round, lockdep } = way;
    let mut replay = Replay::new(machine)?;
    let mut taken: Vec<Choice> = Vec::new();
    let mut seen: Vec<Symptom> = Vec::new();
    let mut met = Vec::new();
    let mut stopped = None;
    let mut began = None;
    for (step, word) in words.iter().enumerate() {
        if round == Some(step) {
            began = Some(replay.state.clone());
        }
        let Some(choice) = machine.choice(&replay.state, word) else {
            stopped = Some(not_possible(machine, &replay, &taken, word));
            break;
        };
        let symptoms = replay.take(choice)?;
        taken.push(choice);
        for symptom in symptoms {
            if !seen.contains(&symptom) {
                met.push(told(machine, &taken, symptom.clone(), Shows::Step)?);
                seen.push(symptom);
            }
        }
    }
    if stopped.is_none() && began.is_some_and(|began| began != replay.state) {
        stopped = Some("the round does not lead back to where it begins".to_owned());
    }
    for found in stuck(machine, &replay)? {
        met.push(told(machine, &taken, found.symptom, found.shows)?);
    }
    for found in unordered(machine, &taken, &seen)? {
        met.push(Met { after: found.schedule.len(), finding: check::evidence(machine, &found)? });
    }
    if lockdep {
        for finding in check::lockdep_of(machine, &taken)? {
            let after = finding.schedule.as_ref().map_or(0, |trace| trace.steps.len());
            met.push(Met { after, finding });
        }
    }
    met.sort_by_key(|met| met.after);
    let next = moving(machine, &replay);
    let mut trace = view::trace(&replay, round.filter(|at| *at <= taken.len()));
    check::explain_log(machine, &taken, &mut trace)?;
    Ok(Played { program: Arc::clone(program), trace, met, next, stopped })
}

/// What nothing orders in the execution. Data races come first: what is not even marked says nothing of what was meant to be ordered.
fn unordered(machine: &Machine, taken: &[Choice], seen: &[Symptom]) -> Result<Vec<Found>, Outgrown> {
    let races = seen.iter().any(|symptom| symptom.kind == Kind::DataRace);
    if races { Ok(Vec::new()) } else { check::unordered(machine, taken) }
}

fn not_possible(machine: &Machine, replay: &Replay, taken: &[Choice], word: &str) -> String {
    let possible: Vec<String> =
        machine.possible(&replay.state).iter().map(|c| machine.word(&replay.state, *c)).collect();
    let steps = counted(taken.len() as u64, "step", "steps");
    if !possible.is_empty() {
        return format!("after {steps}, `{word}` cannot happen; what can: {}", possible.join(" "));
    }
    let all_done = machine.finished(&replay.state) == machine.contexts();
    let why = if all_done { "everything has finished" } else { "nothing can go on" };
    format!("after {steps}, `{word}` cannot happen: {why}")
}

fn told(machine: &Machine, taken: &[Choice], symptom: Symptom, shows: Shows) -> Result<Met, Outgrown> {
    let found = Found { symptom, shows, schedule: taken.to_vec(), round: Vec::new(), shortest: false };
    Ok(Met { after: taken.len(), finding: check::evidence(machine, &found)? })
}

/// The words of the choices that change something: those that only wait are left out.
fn moving(machine: &Machine, replay: &Replay) -> Vec<String> {
    let changes = |choice: &Choice| {
        let mut state = replay.state.clone();
        machine.step(&mut state, *choice, &mut Deaf).is_err() || state != replay.state
    };
    let choices = machine.possible(&replay.state);
    choices.iter().filter(|choice| changes(choice)).map(|choice| machine.word(&replay.state, *choice)).collect()
}

// --- who can never go on ---------------------------------------------------------------------------------------------

/// What a machine may do from one state on.
struct From<'m> {
    machine: &'m Machine,
    state: &'m [u8],
}

impl Model for From<'_> {
    fn state_len(&self) -> usize {
        self.machine.state_len()
    }
    fn initial<O: Observer>(&self, state: &mut [u8], _: &mut O) -> Result<(), Outgrown> {
        state.copy_from_slice(self.state);
        Ok(())
    }
    fn choices(&self, state: &[u8], choices: &mut Vec<Choice>) {
        self.machine.choices(state, choices);
    }
    fn step<O: Observer>(&self, state: &mut [u8], choice: Choice, observer: &mut O) -> Result<(), Outgrown> {
        self.machine.step(state, choice, observer)
    }
    fn inspect<O: Observer>(&self, state: &[u8], observer: &mut O) {
        self.machine.inspect(state, observer);
    }
    fn finished(&self, state: &[u8]) -> u64 {
        self.machine.finished(state)
    }
    fn contexts(&self) -> u64 {
        self.machine.contexts()
    }
    fn endless(&self) -> u64 {
        self.machine.endless()
    }
    fn stuck<O: Observer>(&self, state: &[u8], stuck: u64, observer: &mut O) -> u64 {
        self.machine.stuck(state, stuck, observer)
    }
    fn knots(&self, state: &[u8], still: u64, tell: &mut impl FnMut(Knot)) {
        self.machine.knots(state, still, tell);
    }

    fn spinning<O: Observer>(&self, state: &[u8], context: u8, fair: bool, observer: &mut O) {
        self.machine.spinning(state, context, fair, observer);
    }
}

/// What is already decided where the schedule ends: contexts that no execution from there finishes.
fn stuck(machine: &Machine, replay: &Replay) -> Result<Vec<Found>, Outgrown> {
    let from = From { machine, state: &replay.state };
    let options = search::Options { max_states: Some(STATES_BEYOND), ..search::Options::default() };
    let outcome = search::explore(&from, &options, &mut |_| ControlFlow::Continue(()))?;
    if outcome.verdict != Verdict::Complete {
        return Ok(Vec::new());
    }
    let here = |found: &Found| {
        found.schedule.is_empty() && matches!(found.shows, Shows::Stuck { .. } | Shows::Spinning { .. })
    };
    Ok(outcome.found.into_iter().filter(here).collect())
}

// --- drawing ---------------------------------------------------------------------------------------------------------

fn draw(file: &str, played: &Played, columns: usize, all_steps: bool) -> String {
    let program = played.program.as_ref();
    let trace = &played.trace;
    let places = played.met.iter().flat_map(|met| &met.finding.places);
    let marked = places.map(|p| place::line(program, place::of(program, p))).collect();
    let steps = match trace.round {
        Some(at) => format!(
            "{} and a round of {}",
            counted(at as u64, "step", "steps"),
            counted((trace.steps.len() - at) as u64, "step", "steps")
        ),
        None => counted(trace.steps.len() as u64, "step", "steps"),
    };
    let mut out = format!("{}\n\n", paint(STRONG, &format!("{file}: {steps}")));
    out += &lanes::draw(
        program,
        trace,
        &Options { columns, all_steps, marked, names: Vec::new(), places: &[], next: false },
    );
    out += &end(program, trace, columns);
    let waits = trace.end.contexts.iter().any(|context| context.waits_for.is_some());
    let next = match (played.next.is_empty(), waits) {
        (false, _) => played.next.join(" "),
        (true, true) => "nothing can go on".to_owned(),
        (true, false) => "nothing is left to do".to_owned(),
    };
    out.push('\n');
    out += &margin_note("next", DIM, &next, columns);
    for met in &played.met {
        let after = counted(met.after as u64, "step", "steps");
        out +=
            &format!("\n{}\n{}", paint(DIM, &format!("after {after}:")), snippet::draw(program, &met.finding, columns));
    }
    if played.met.is_empty() && played.stopped.is_none() {
        out += &format!("\n{}\n", paint(GOOD, "nothing was found on this way"));
    }
    out
}

/// What every context is doing at the end.
fn end(program: &Program, trace: &Trace, columns: usize) -> String {
    let contexts = &trace.end.contexts;
    let names = contexts.iter().map(|c| width(&c.name)).max().unwrap_or(0);
    let mut out = format!("\n  {}\n\n", paint(STRONG, "At the end"));
    for context in contexts {
        let style = if context.waits_for.is_some() { WARNING } else { STRONG };
        let text = standing(program, trace, context);
        let gap = " ".repeat(names - width(&context.name) + 2);
        let rest = " ".repeat(names + 4);
        for (i, line) in crate::render::text::wrap(&text, columns.saturating_sub(names + 4)).iter().enumerate() {
            let margin = if i == 0 { format!("  {}{gap}", paint(style, &context.name)) } else { rest.clone() };
            out += &format!("{margin}{line}\n");
        }
    }
    out
}

fn standing(program: &Program, trace: &Trace, context: &ContextView) -> String {
    let mut text = match &context.waits_for {
        Some(what) if context.state == "spins" => format!("spins for {what}"),
        Some(what) => format!("waits for {what}"),
        None => context.state.clone(),
    };
    if let Some(frame) = context.stack.first() {
        text += &format!(" at {}", place::line_words(program, place::visible(program, frame.span, &context.stack)));
    }
    if let Some(cpu) = trace.end.cpus.iter().position(|cpu| cpu.stack.contains(&context.name)) {
        text += &format!(" on CPU{cpu}");
    }
    if !context.held.is_empty() {
        let locks: Vec<String> = context.held.iter().map(|held| held.lock.clone()).collect();
        text += &format!("; holds {}", listed(&locks));
    }
    if context.state == "killed" { paint(ERROR, &text) } else { text }
}
