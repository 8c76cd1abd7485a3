//! The report for programs: `docs/json.md` describes it, `docs/report.schema.json` says it to validators.
//!
//! Invariant: within one version of [`SCHEMA`], members are only ever added. The order of everything is that of the report.

mod rule;

use super::{Report, advice, place};
use crate::outcome::Ending;
use rule::RuleView;
use serde::Serialize;
use sim_core::finding::{Finding, Frame, Place, Wait};
use sim_core::model::Bound;
use sim_core::program::{Program, Span};
use sim_core::search::Limit;
use sim_core::view::{Held, Step, Trace};

/// The version of the schema.
pub const SCHEMA: u32 = 1;

/// The document, indented, ending in a line break.
pub fn draw(report: &Report) -> String {
    // Serialising plain data to a string cannot fail: no map has keys that are not strings, and nothing is written to a device.
    let mut out = serde_json::to_string_pretty(&document(report)).unwrap_or_default();
    out.push('\n');
    out
}

/// The document for an input that could not be checked.
pub fn draw_errors(file: &str, errors: &[InputError]) -> String {
    let document = ErrorDocument { schema: SCHEMA, file, verdict: "input_error", exit_code: 2, errors };
    let mut out = serde_json::to_string_pretty(&document).unwrap_or_default();
    out.push('\n');
    out
}

/// Something wrong with the input.
#[derive(Clone, Debug, Serialize)]
pub struct InputError {
    /// What.
    pub message: String,
    /// Where, if it is in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<InputPlace>,
    /// What to do, where there is something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A place in the input.
#[derive(Clone, Debug, Serialize)]
pub struct InputPlace {
    /// The file as the user named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    schema: u32,
    file: &'a str,
    verdict: &'a str,
    exit_code: u8,
    errors: &'a [InputError],
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    file: &'a str,
    source_hash: String,
    verdict: &'static str,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vacuous: Option<&'a str>,
    kernel: Kernel,
    bounds: Vec<BoundRow>,
    stats: StatsView,
    unreached: Vec<UnreachedView<'a>>,
    findings: Vec<FindingView<'a>>,
}

#[derive(Serialize)]
struct Kernel {
    cpus: u8,
    smp: bool,
    preemption: &'static str,
}

#[derive(Serialize)]
struct BoundRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    text: String,
    hit: bool,
}

#[derive(Serialize)]
struct StatsView {
    states: u64,
    transitions: u64,
    depth: u32,
    final_states: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    executions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collision_bound: Option<f64>,
}

#[derive(Serialize)]
struct UnreachedView<'a> {
    file: &'a str,
    line: usize,
    end_line: usize,
    function: &'a str,
}

#[derive(Serialize)]
struct FindingView<'a> {
    kind: &'static str,
    severity: sim_core::finding::Severity,
    also: Vec<&'static str>,
    message: &'a str,
    why: String,
    help: Vec<String>,
    places: Vec<PlaceView<'a>>,
    waits: Vec<WaitView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleView<'a>>,
    schedule: Option<ScheduleView<'a>>,
}

#[derive(Serialize)]
struct Range<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct PlaceView<'a> {
    #[serde(flatten)]
    at: Range<'a>,
    label: &'a str,
    context: Option<&'a str>,
    cpu: Option<u8>,
    stack: Vec<FrameView<'a>>,
}

#[derive(Serialize)]
struct FrameView<'a> {
    function: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    prelude: bool,
}

#[derive(Serialize)]
struct WaitView<'a> {
    context: &'a str,
    #[serde(flatten)]
    at: Range<'a>,
    what: &'a str,
    spins: bool,
    holder: Option<&'a str>,
    behind: bool,
    taken_at: Option<Range<'a>>,
}

#[derive(Serialize)]
struct ScheduleView<'a> {
    words: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_from: Option<usize>,
    shortest: bool,
    cpus: u8,
    steps: Vec<StepView<'a>>,
}

#[derive(Serialize)]
struct StepView<'a> {
    word: &'a str,
    cpu: u8,
    context: &'a str,
    depth: u8,
    arrival: bool,
    #[serde(flatten)]
    at: Range<'a>,
    events: Vec<EventView<'a>>,
    held: Vec<HeldView<'a>>,
    waiting: Vec<WaitingView<'a>>,
}

#[derive(Serialize)]
struct EventView<'a> {
    kind: sim_core::view::HappeningKind,
    text: &'a str,
    file: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct HeldView<'a> {
    lock: &'a str,
    file: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct WaitingView<'a> {
    context: &'a str,
    what: &'a str,
}

fn document<'a>(report: &Report<'a>) -> Document<'a> {
    let (program, outcome) = (report.program, report.outcome);
    let exit = report.exit();
    Document {
        schema: SCHEMA,
        file: report.file,
        source_hash: crate::schedule::source_hash(&program.source),
        verdict: match exit {
            crate::exit::Exit::Clean => "clean",
            crate::exit::Exit::Findings => "findings",
            crate::exit::Exit::Usage => "input_error",
            crate::exit::Exit::Limit => "limit",
            crate::exit::Exit::Vacuous => "vacuous",
        },
        exit_code: exit as u8,
        stopped_by: match &outcome.ending {
            Ending::Stopped(limit) => Some(limit_name(*limit)),
            Ending::Sampled { .. } => Some("runs"),
            Ending::Complete | Ending::Vacuous(_) => None,
        },
        vacuous: match &outcome.ending {
            Ending::Vacuous(what) => Some(what),
            _ => None,
        },
        kernel: Kernel {
            cpus: program.config.cpus,
            smp: program.config.smp,
            preemption: program.config.preemption.name(),
        },
        bounds: bounds(report),
        stats: StatsView {
            states: outcome.stats.states,
            transitions: outcome.stats.transitions,
            depth: outcome.stats.depth,
            final_states: outcome.stats.final_states,
            executions: outcome.stats.executions.clone(),
            ordered: outcome.stats.ordered,
            runs: match outcome.ending {
                Ending::Sampled { runs, .. } => Some(runs),
                _ => None,
            },
            collision_bound: outcome.stats.collision_bound,
        },
        unreached: outcome
            .unreached
            .iter()
            .map(|lines| UnreachedView {
                file: place::file_name(program, lines.file),
                line: lines.first,
                end_line: lines.last,
                function: &lines.function,
            })
            .collect(),
        findings: report.findings.iter().map(|f| finding(program, f)).collect(),
    }
}

fn limit_name(limit: Limit) -> &'static str {
    match limit {
        Limit::States => "max_states",
        Limit::Memory => "max_memory",
        Limit::Time => "time_limit",
        Limit::Depth => "max_depth",
        Limit::Interrupted => "interrupted",
        Limit::Runs => "runs",
    }
}

fn bounds(report: &Report) -> Vec<BoundRow> {
    super::human::bound_table(report.program)
        .into_iter()
        .map(|(bound, text)| BoundRow {
            name: bound.map(bound_name),
            text,
            hit: bound.is_some_and(|b| report.outcome.bounds_hit.contains(&b)),
        })
        .collect()
}

fn bound_name(bound: Bound) -> &'static str {
    match bound {
        Bound::CallDepth => "call_depth",
        Bound::Allocations => "allocations",
        Bound::Spawns => "spawns",
        Bound::Workers => "workers",
        Bound::Requeues => "requeues",
        Bound::LocalInstructions => "local_instructions",
        Bound::ClockAdvances => "clock_advances",
        Bound::Indices => "indices",
        Bound::TimerFirings => "timer_firings",
    }
}

fn range(program: &Program, span: Span) -> Range<'_> {
    let (line, column) = program.source.line_column(span.file, span.lo);
    let (end_line, end_column) = program.source.line_column(span.file, span.hi.max(span.lo));
    Range { file: place::file_name(program, span.file), line, column, end_line, end_column }
}

fn finding<'a>(program: &'a Program, finding: &'a Finding) -> FindingView<'a> {
    FindingView {
        kind: finding.kind.name(),
        severity: finding.severity,
        also: finding.also.iter().map(|kind| kind.name()).collect(),
        message: &finding.message,
        why: advice::why(program, finding),
        help: advice::help(program, finding),
        places: finding.places.iter().map(|p| place_view(program, p)).collect(),
        waits: finding.waits.iter().map(|w| wait(program, w)).collect(),
        rule: finding.rule.as_ref().map(|rule| rule::view(program, rule)),
        schedule: finding.schedule.as_ref().map(|trace| schedule(program, finding, trace)),
    }
}

fn place_view<'a>(program: &'a Program, place: &'a Place) -> PlaceView<'a> {
    PlaceView {
        at: range(program, place::of(program, place)),
        label: &place.label,
        context: place.context.as_deref(),
        cpu: place.cpu,
        stack: stack(program, &place.stack),
    }
}

fn stack<'a>(program: &'a Program, frames: &'a [Frame]) -> Vec<FrameView<'a>> {
    let view = |frame: &'a Frame| {
        let at = range(program, program.source.span(frame.span));
        FrameView { function: &frame.function, file: at.file, line: at.line, column: at.column, prelude: frame.prelude }
    };
    frames.iter().map(view).collect()
}

fn wait<'a>(program: &'a Program, wait: &'a Wait) -> WaitView<'a> {
    WaitView {
        context: &wait.context,
        at: range(program, program.source.span(wait.span)),
        what: &wait.what,
        spins: wait.spins,
        holder: wait.holder.as_deref(),
        behind: wait.behind,
        taken_at: wait.taken_at.map(|span| range(program, program.source.span(span))),
    }
}

fn schedule<'a>(program: &'a Program, finding: &Finding, trace: &'a Trace) -> ScheduleView<'a> {
    ScheduleView {
        words: &trace.schedule,
        round_from: trace.round,
        shortest: finding.shortest,
        cpus: trace.cpus,
        steps: trace.steps.iter().map(|s| step(program, s)).collect(),
    }
}

fn step<'a>(program: &'a Program, step: &'a Step) -> StepView<'a> {
    StepView {
        word: &step.word,
        cpu: step.cpu,
        context: &step.context,
        depth: step.depth,
        arrival: step.arrival,
        at: range(program, place::visible(program, step.span, &step.stack)),
        events: step
            .events
            .iter()
            .map(|event| {
                let at = range(program, program.source.span(event.span));
                EventView { kind: event.kind, text: &event.text, file: at.file, line: at.line }
            })
            .collect(),
        held: step.held.iter().map(|h| held(program, h)).collect(),
        waiting: step.waiting.iter().map(|w| WaitingView { context: &w.context, what: &w.what }).collect(),
    }
}

fn held<'a>(program: &'a Program, held: &'a Held) -> HeldView<'a> {
    let at = range(program, program.source.span(held.span));
    HeldView { lock: &held.lock, file: at.file, line: at.line }
}
