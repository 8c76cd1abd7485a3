//! What is said of a recording: to people and to programs.
//!
//! Invariant: the same recording gives the same bytes.

use super::Tally;
use super::describe::{Finding, Shown};
use super::recording::{Limit, Recording};
use crate::args::ValidatorMode;
use crate::exit::Exit;
use crate::render::text::{DIM, ERROR, GOOD, HELP, STRONG, WARNING, counted, grouped, margin_note, paint, wrap_with};
use lockdep_model::graph::LockGraph;
use lockdep_model::report::Severity;
use lockdep_model::usage::UsageMask;
use petgraph::visit::EdgeRef;
use serde::Serialize;

/// The version of the JSON document.
const SCHEMA: u32 = 1;

/// All that is said.
pub(super) struct Told<'a> {
    name: &'a str,
    mode: ValidatorMode,
    recording: &'a Recording,
    read: &'a Tally,
    findings: Vec<Finding>,
    graph: &'a LockGraph,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    file: &'a str,
    mode: &'static str,
    exit_code: u8,
    findings: &'a [Finding],
    nested: Vec<NestedClass>,
    classes: Vec<Class<'a>>,
    dependencies: Vec<Dependency<'a>>,
    stats: Stats,
    limits: Vec<Reached>,
    broken_lines: Vec<BrokenLine<'a>>,
}

#[derive(Serialize)]
struct NestedClass {
    class: String,
    line: u64,
    times: u64,
}

#[derive(Serialize)]
struct Class<'a> {
    name: &'a str,
    usage: String,
}

#[derive(Serialize)]
struct Dependency<'a> {
    from: &'a str,
    to: &'a str,
    kinds: Vec<&'static str>,
    at: Vec<&'a str>,
    reported: bool,
}

#[derive(Serialize)]
struct Stats {
    lines: u64,
    acquired: u64,
    released: u64,
    released_unseen: u64,
    contention: u64,
    other_lines: u64,
    broken_lines: u64,
    lost: u64,
    without_irq_flags: u64,
    left_out: u64,
    chains: usize,
    max_depth: usize,
}

#[derive(Serialize)]
struct Reached {
    what: &'static str,
    most: usize,
}

#[derive(Serialize)]
struct BrokenLine<'a> {
    line: u64,
    reason: &'a str,
}

impl<'a> Told<'a> {
    pub(super) fn new(
        name: &'a str,
        mode: ValidatorMode,
        recording: &'a Recording,
        read: &'a Tally,
        findings: Vec<Finding>,
        graph: &'a LockGraph,
    ) -> Self {
        Self { name, mode, recording, read, findings, graph }
    }

    fn events(&self) -> u64 {
        self.recording.counts.acquired + self.recording.counts.released
    }

    pub(super) fn exit(&self) -> Exit {
        let found = self.findings.iter().any(|finding| finding.severity != Severity::Note);
        match () {
            () if found => Exit::Findings,
            () if self.events() == 0 && self.read.broken > 0 => Exit::Usage,
            () if self.events() == 0 => Exit::Vacuous,
            () if !self.recording.limits().is_empty() => Exit::Limit,
            () => Exit::Clean,
        }
    }

    /// The broken lines, for standard error.
    pub(super) fn broken(&self) -> String {
        let mut text = String::new();
        for (line, reason) in &self.read.shown {
            text += &format!("{} {}:{line}: {reason}\n", paint(WARNING, "skipped:"), self.name);
        }
        if self.read.broken > 0 {
            let lines = counted(self.read.broken, "broken line was skipped", "broken lines were skipped");
            text += &format!("{} {lines}, of {}\n", paint(WARNING, "skipped:"), grouped(self.read.lines));
        }
        text
    }

    pub(super) fn human(&self, columns: usize) -> String {
        let mut text: String = self.findings.iter().map(|finding| one(finding, columns) + "\n").collect();
        text += &self.summary(columns);
        text
    }

    /// How much was read, and what that says.
    pub(super) fn summary(&self, columns: usize) -> String {
        let counts = &self.recording.counts;
        let mut text = format!("{}: {}\n", paint(STRONG, self.name), self.verdict());
        let mut note = |heading: &str, words: String| text += &margin_note(heading, STRONG, &words, columns);
        let mut events =
            format!("{} taken, {} released", counted(counts.acquired, "lock", "locks"), grouped(counts.released));
        if counts.unmatched > 0 {
            events += &format!(" ({} of them taken before the recording)", grouped(counts.unmatched));
        }
        if self.read.contention > 0 {
            events += &format!("; {} of contention, not needed", grouped(self.read.contention));
        }
        note("events", events);
        let (classes, edges) = (self.graph.graph.node_count() as u64, self.graph.graph.edge_count() as u64);
        note(
            "locks",
            format!(
                "{}, {}, {}, at most {} held at a time",
                counted(classes, "class", "classes"),
                counted(edges, "dependency", "dependencies"),
                counted(self.graph.chains.len() as u64, "chain", "chains"),
                self.graph.max_depth
            ),
        );
        for caveat in self.caveats() {
            note("note", caveat);
        }
        text
    }

    fn verdict(&self) -> String {
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        let mut parts = Vec::new();
        for (severity, style, one, many) in [
            (Severity::Error, ERROR, "error", "errors"),
            (Severity::Warning, WARNING, "warning", "warnings"),
            (Severity::Note, DIM, "note", "notes"),
        ] {
            if count(severity) > 0 {
                parts.push(paint(style, &counted(count(severity), one, many)));
            }
        }
        match self.exit() {
            Exit::Usage => paint(ERROR, "nothing could be read"),
            Exit::Vacuous => paint(ERROR, "there is not one lock event in it"),
            _ if parts.is_empty() => paint(GOOD, "nothing found"),
            _ => parts.join(", "),
        }
    }

    /// What the recording cannot tell.
    fn caveats(&self) -> Vec<String> {
        let counts = &self.recording.counts;
        let mut all = Vec::new();
        if counts.without_irq > 0 {
            let which = if counts.without_irq == self.events() {
                "no event tells".to_owned()
            } else {
                format!("{} events do not tell", grouped(counts.without_irq))
            };
            all.push(format!("{which} whether interrupts were on: irq safety was not checked there"));
        }
        let nested = self.recording.nested();
        if let Some((class, first)) = nested.iter().next() {
            let name = self.recording.keys().class_name(*class);
            let others = match nested.len() - 1 {
                0 => String::new(),
                more => format!(", and {} more classes likewise", grouped(more as u64)),
            };
            all.push(format!(
                "`{name}` is taken with another of its class held (first in line {}){others}: right with a subclass, which these events do not tell",
                first.witness.line
            ));
        }
        if counts.lost > 0 {
            all.push(format!("events were lost {} times: who held what was forgotten there", grouped(counts.lost)));
        }
        for limit in self.recording.limits() {
            let more = format!("more than {} {}: the rest was left out", grouped(limit.most() as u64), limit.what());
            all.push(more);
        }
        all
    }

    pub(super) fn json(&self) -> String {
        let counts = &self.recording.counts;
        let graph = &self.graph.graph;
        let name = |node: petgraph::graph::NodeIndex| graph[node].name.as_str();
        let document = Document {
            schema: SCHEMA,
            file: self.name,
            mode: match self.mode {
                ValidatorMode::Exact => "exact",
                ValidatorMode::Kernel => "kernel",
            },
            exit_code: self.exit() as u8,
            findings: &self.findings,
            nested: self
                .recording
                .nested()
                .iter()
                .map(|(&class, nested)| NestedClass {
                    class: self.recording.keys().class_name(class),
                    line: nested.witness.line,
                    times: nested.times,
                })
                .collect(),
            classes: graph
                .node_weights()
                .map(|class| Class { name: &class.name, usage: braces(class.usage) })
                .collect(),
            dependencies: graph
                .edge_references()
                .map(|edge| Dependency {
                    from: name(edge.source()),
                    to: name(edge.target()),
                    kinds: edge.weight().kinds.iter().map(|kind| kind.name()).collect(),
                    at: edge.weight().places.iter().filter_map(|&place| self.recording.place_text(place)).collect(),
                    reported: edge.weight().reported,
                })
                .collect(),
            stats: Stats {
                lines: self.read.lines,
                acquired: counts.acquired,
                released: counts.released,
                released_unseen: counts.unmatched,
                contention: self.read.contention,
                other_lines: self.read.other,
                broken_lines: self.read.broken,
                lost: counts.lost,
                without_irq_flags: counts.without_irq,
                left_out: counts.left_out,
                chains: self.graph.chains.len(),
                max_depth: self.graph.max_depth,
            },
            limits: self
                .recording
                .limits()
                .iter()
                .map(|&limit| Reached { what: limit.what(), most: Limit::most(limit) })
                .collect(),
            broken_lines: self.read.shown.iter().map(|(line, reason)| BrokenLine { line: *line, reason }).collect(),
        };
        // Plain data with text keys: there is nothing in it that JSON cannot say.
        serde_json::to_string_pretty(&document).map_or_else(|error| error.to_string(), |text| text + "\n")
    }
}

fn braces(usage: UsageMask) -> String {
    format!("{{{}}}", usage.characters())
}

fn one(finding: &Finding, columns: usize) -> String {
    let (style, severity) = match finding.severity {
        Severity::Error => (ERROR, "error"),
        Severity::Warning => (WARNING, "warning"),
        Severity::Note => (DIM, "note"),
    };
    let plain = format!("{severity}[{}]: ", finding.kind);
    let indent = " ".repeat(plain.len());
    let message = wrap_with(&finding.message, columns, &plain, &indent).join("\n");
    let head = paint(style, &plain[..plain.len() - 2]);
    let mut text = head + message.get(plain.len() - 2..).unwrap_or_default() + "\n";
    for shown in &finding.evidence {
        text += &wrap_with(&sentence(shown), columns, "  ", "          ").join("\n");
        text.push('\n');
    }
    if let Some(reason) = &finding.impossible {
        text += &margin_note("but", HELP, reason, columns);
    }
    text + &margin_note("kernel", DIM, &finding.heading, columns)
}

/// `line 12  bash-1234 on CPU 1, in a task, at do_exit: takes ...; held: ...`
fn sentence(shown: &Shown) -> String {
    let cpu = shown.cpu.map_or(String::new(), |cpu| format!(" on CPU {cpu}"));
    let at = shown.at.as_ref().map_or(String::new(), |at| format!(", at {at}"));
    let held = match &shown.held[..] {
        [] => String::new(),
        held => format!("; it holds {}", held.join(", ")),
    };
    format!("line {}: {}{cpu} {}{at} {}{held}", shown.line, shown.task, shown.context, shown.what)
}
