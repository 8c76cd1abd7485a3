//! From a program to findings: search, and tell what was found by replaying the schedules that show it.
//!
//! Invariant: what is wrong is decided by the machine and the search; here it is only put together.

mod evidence;
pub mod guards;
mod lockdep;
mod order;
mod unreached;
mod words;

pub use lockdep::{LockFacts, Witness};
pub use unreached::Unreached;

use crate::finding::{Finding, Kind, Severity};
use crate::machine::{Machine, MachineOptions};
use crate::model::{Choice, Outgrown, Symptom};
use crate::program::{Program, SpanId};
use crate::search::{self, Found, Limit, Outcome, Progress, Shows, Verdict};
use crate::view::Trace;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// In how many executions a check looks for unordered accesses ([`search::Options::paths`]).
pub const PATHS: usize = 128;

/// The result of checking a program.
#[derive(Debug)]
pub struct Checked {
    /// The machine that the search ran on.
    pub machine: Machine,
    /// What the search counted, and how it ended.
    pub outcome: Outcome,
    /// What it found: errors first, then in the order of shortest schedules.
    pub findings: Vec<Finding>,
    /// Lines of the scenario's code that no execution reached, in order; none are told of a search that was not complete.
    pub unreached: Vec<Unreached>,
    /// Of how many executions it was asked whether something orders their conflicting accesses; `None` if it was not asked, as nothing but locks and calls into
    /// the kernel does, or as there are data races.
    pub ordered: Option<usize>,
    /// Why the verdict means nothing, if it does: nothing ran, or a claim was never evaluated.
    pub vacuous: Option<String>,
}

/// Explores every execution of a program, and looks for unordered accesses in [`PATHS`] of them, whatever the options ask.
///
/// `watch` hears of the progress and may stop the search.
pub fn check(
    program: Arc<Program>,
    machine: MachineOptions,
    options: &search::Options,
    watch: &mut (dyn FnMut(&Progress) -> ControlFlow<Limit> + Send),
) -> Checked {
    let paths = if order::is_at_stake(&program) { PATHS } else { 0 };
    let options = search::Options { paths, ..options.clone() };
    run(program, machine, |model| {
        search::explore_and_show(model, &options, &mut *watch, &mut |moments| lockdep::witnesses(model, moments))
    })
}

/// Runs any search on a machine for a program, with as much room as it turns out to need, and tells what it found.
pub fn run(
    program: Arc<Program>,
    options: MachineOptions,
    mut search: impl FnMut(&Machine) -> Result<Outcome, Outgrown>,
) -> Checked {
    let mut machine = Machine::new(program, options);
    loop {
        match search(&machine).and_then(|outcome| findings(&machine, &outcome).map(|found| (outcome, found))) {
            Ok((outcome, findings)) => {
                let vacuous = vacuous(&machine, &outcome);
                let complete = outcome.verdict == Verdict::Complete;
                let unreached = if complete { unreached::lines(&machine, &outcome.ran) } else { Vec::new() };
                let ordered = order::is_asked(&machine, &outcome).then_some(outcome.paths.len());
                return Checked { machine, outcome, findings, unreached, ordered, vacuous };
            }
            Err(Outgrown(growth)) => machine = machine.grow(growth, options),
        }
    }
}

/// The evidence for one problem, read off its schedule.
///
/// # Errors
/// The machine's layout is too small.
pub fn evidence(machine: &Machine, found: &Found) -> Result<Finding, Outgrown> {
    Ok(evidence::finding(machine, found)?.0)
}

/// Adds to the log of an execution the evidence for what went wrong in it.
///
/// # Errors
/// The machine's layout is too small.
pub fn explain_log(machine: &Machine, schedule: &[Choice], trace: &mut Trace) -> Result<(), Outgrown> {
    evidence::explain_log(machine, schedule, trace)
}

/// The unordered accesses of an execution: what they are, and after how many steps each shows.
///
/// # Errors
/// The machine's layout is too small.
pub fn unordered(machine: &Machine, schedule: &[Choice]) -> Result<Vec<Found>, Outgrown> {
    order::Orderer::new(machine).found(schedule)
}

/// What the kernel's own lock validator would report in the execution that a schedule describes: at most its first report, after which it is off.
///
/// # Errors
/// The machine's layout is too small.
pub fn lockdep_of(machine: &Machine, schedule: &[Choice]) -> Result<Vec<Finding>, Outgrown> {
    lockdep::by_kernel(machine, schedule)
}

/// What a search learnt of locks: classes, how they were used, which was taken under which, where and by whom.
pub fn lock_facts(checked: &Checked) -> LockFacts {
    lockdep::lock_facts(&checked.machine, &checked.outcome.moments)
}

/// What a search found, with the evidence.
fn findings(machine: &Machine, outcome: &Outcome) -> Result<Vec<Finding>, Outgrown> {
    let mut all = Vec::new();
    let mut told = BTreeSet::new();
    let unordered = order::unordered(machine, outcome)?;
    for found in outcome.found.iter().chain(&unordered) {
        let (finding, state) = evidence::finding(machine, found)?;
        if told.insert(in_the_source(&finding)) {
            all.push((finding, state));
        }
    }
    let validated = lockdep::validate(machine, &outcome.moments);
    let ruled = lockdep::findings(machine, &outcome.moments, &validated, outcome.stats.states > 0)?;
    let left = lockdep::join(machine, &validated, ruled, &mut all);
    let mut all: Vec<Finding> = all.into_iter().map(|(finding, _)| finding).chain(left).collect();
    if outcome.verdict == Verdict::Complete {
        let claims = 0..machine.program().claims.reachable.len() as u32;
        for claim in claims.filter(|claim| !outcome.reached.contains(claim)) {
            let symptom = Symptom { kind: Kind::NeverReached, at: Vec::new(), detail: claim };
            let never = Found { symptom, shows: Shows::State, schedule: Vec::new(), round: Vec::new(), shortest: true };
            all.push(evidence::finding(machine, &never)?.0);
        }
    }
    all.sort_by_key(|finding| finding.severity);
    Ok(all)
}

/// What tells a finding from others in the source. `x++` against `x++` is three races of instructions, and `__must_hold` is checked at entry and exit; but
/// it is one line that is wrong, and the shortest way to it is told.
fn in_the_source(finding: &Finding) -> (Kind, Vec<SpanId>, String) {
    if matches!(finding.kind, Kind::DataRace | Kind::UnorderedAccess) {
        let mut spans: Vec<SpanId> = finding.places.iter().map(|place| place.span).collect();
        spans.sort_unstable();
        return (finding.kind, spans, String::new());
    }
    let shows = finding.places.first().map(|place| place.span);
    (finding.kind, shows.into_iter().collect(), finding.message.clone())
}

/// Why a clean verdict would mean nothing.
fn vacuous(machine: &Machine, outcome: &Outcome) -> Option<String> {
    if outcome.verdict != Verdict::Complete {
        return None;
    }
    if outcome.stats.transitions == 0 {
        return Some("nothing ran: no context takes a single step that others could notice".into());
    }
    let claims = &machine.program().claims;
    if outcome.stats.finals == 0 && !claims.finally.is_empty() {
        return Some("no execution ends, so no FINALLY was ever evaluated".into());
    }
    let never = unreached::claims(machine, &outcome.ran).into_iter().next()?;
    let source = &machine.program().source;
    let line = source.line_column(never.file, never.lo).0;
    let claim = source.text(never).lines().next().unwrap_or("").to_owned();
    let file =
        if never.file == 0 { "line ".to_owned() } else { format!("{}:", source.files[never.file as usize].name) };
    Some(format!("no execution reaches the claim `{claim}` at {file}{line}, so it was never evaluated"))
}

impl Checked {
    /// The names of what was found, errors and warnings, without repetition and in the order in which kinds are listed: what `EXPECT` compares.
    pub fn names(&self) -> Vec<&'static str> {
        let counts = |f: &&Finding| f.severity != Severity::Note;
        let mut kinds: Vec<Kind> =
            self.findings.iter().filter(counts).flat_map(|f| std::iter::once(f.kind).chain(f.also.clone())).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().map(Kind::name).collect()
    }
}
