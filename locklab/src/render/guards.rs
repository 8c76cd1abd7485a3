//! What protects what, as a table and as JSON (`docs/json.md` describes it).
//!
//! Invariant: everything drawn comes from a [`Protected`].

use super::text::{DIM, GOOD, STRONG, WARNING, counted, listed, margin_note, paint, width, wrap, wrap_with};
use super::{human, json, place};
use crate::exit::Exit;
use serde::Serialize;
use sim_core::check::guards::{Field, FieldUse, Guards, Interrupts, Protection, User};
use sim_core::machine::Marking;
use sim_core::program::{Program, Span};
use sim_core::search::Verdict;

/// What there is to tell.
#[derive(Clone, Copy, Debug)]
pub struct Protected<'a> {
    /// The file as the user named it.
    pub file: &'a str,
    /// What was gathered.
    pub guards: &'a Guards,
    /// What the command ends with.
    pub exit: Exit,
}

// --- the table -------------------------------------------------------------------------------------------------------

/// The table, and how much was looked at.
pub fn draw(protected: &Protected, columns: usize) -> String {
    let Protected { file, guards, .. } = *protected;
    let program = guards.machine.program();
    let mut out = String::new();
    for field in &guards.fields {
        out += &draw_field(program, field, columns);
        out.push('\n');
    }
    let stats = &guards.outcome.stats;
    let shared = match guards.fields.len() {
        0 => "no field is touched by more than one context".to_owned(),
        n => format!("{} that more than one context touches", counted(n as u64, "field", "fields")),
    };
    let (style, rest) = match guards.outcome.verdict {
        Verdict::Complete => (DIM, "every execution was looked at"),
        Verdict::Stopped(_) => (WARNING, "not every execution was looked at"),
    };
    for (i, line) in wrap(&format!("{file}: {shared}; {rest}"), columns).iter().enumerate() {
        out += &if i == 0 { format!("{}\n", paint(style, line)) } else { format!("  {}\n", paint(style, line)) };
    }
    if let Verdict::Stopped(limit) = guards.outcome.verdict {
        out += &margin_note("stopped", WARNING, &human::stopped(limit), columns);
    }
    let searched = format!(
        "{}, {}, {} deep",
        counted(stats.states, "state", "states"),
        counted(stats.transitions, "transition", "transitions"),
        counted(u64::from(stats.depth), "step", "steps")
    );
    out + &margin_note("search", DIM, &searched, columns)
}

fn draw_field(program: &Program, field: &Field, columns: usize) -> String {
    let (style, words) = summary(program, field);
    let head = format!("{}: {words}", field.name);
    let mut out = String::new();
    for (i, line) in wrap_with(&head, columns, "", "  ").iter().enumerate() {
        let named = line.strip_prefix(&field.name).filter(|_| i == 0);
        out += &match named {
            Some(rest) => format!("{}{}\n", paint(STRONG, &field.name), paint(style, rest)),
            None => format!("{}\n", paint(style, line)),
        };
    }
    out + &table(program, field, columns)
}

/// The uses, a row each: cells that are alike in width, then the locks where they tell more than the field's first line. Where these do not fit
/// beside the others, they are below, for all rows.
fn table(program: &Program, field: &Field, columns: usize) -> String {
    let rows: Vec<[String; 5]> = field.uses.iter().map(|used| cells(program, used)).collect();
    let widths: Vec<usize> = (0..5).map(|column| rows.iter().map(|r| width(&r[column])).max().unwrap_or(0)).collect();
    let locks: Vec<String> = field.uses.iter().map(|used| locks(field, used)).collect();
    let taken = widths.iter().map(|width| width + 2).sum::<usize>() + 2;
    let below = locks.iter().any(|locks| taken + width(locks) > columns);
    let mut out = String::new();
    for ((used, row), locks) in field.uses.iter().zip(&rows).zip(&locks) {
        let style = if used.lacks.is_some() { WARNING } else { DIM };
        let mut line = String::new();
        for (cell, width_of) in row.iter().zip(&widths) {
            line += &format!("  {cell}{}", " ".repeat(width_of - width(cell)));
        }
        if !below {
            out += format!("{line}  {}", paint(style, locks)).trim_end();
            out.push('\n');
            continue;
        }
        for part in wrap_with(line.trim(), columns - 2, "", BELOW) {
            out += &format!("  {part}\n");
        }
        for part in wrap_with(locks, columns, BELOW, BELOW).iter().filter(|part| !part.trim().is_empty()) {
            out += &format!("{}\n", paint(style, part));
        }
    }
    out
}

/// How far in the locks are that stand below their row.
const BELOW: &str = "           ";

/// What protects the field, in words.
fn summary(program: &Program, field: &Field) -> (anstyle::Style, String) {
    match &field.protection {
        Protection::ReadOnly => (GOOD, "nobody writes it after set-up".to_owned()),
        Protection::Locks(locks) if locks.len() == 1 => (GOOD, format!("always under {}", locks[0])),
        Protection::Locks(locks) => (GOOD, format!("always under {}, one of which would do", listed(locks))),
        Protection::SameName(locks) => {
            (WARNING, format!("always under a lock called {}, but not always the same one", listed(locks)))
        }
        Protection::Marked => {
            let written = match field.at_writes.is_empty() {
                true => String::new(),
                false => format!("; written under {}", listed(&field.at_writes)),
            };
            (GOOD, format!("no lock, but every access is atomic or marked{written}"))
        }
        Protection::Partly(lock) => {
            let lines: Vec<String> = lines(program, field.uses.iter().filter(|used| used.lacks.is_some()));
            let written = if field.at_writes.contains(lock) { "always written under" } else { "under" };
            (WARNING, format!("{written} {lock}, but without it at {}", listed(&lines)))
        }
        Protection::Nothing if field.uses.iter().any(|used| !used.as_reader.is_empty()) => {
            (WARNING, "no lock keeps those who write it from each other".to_owned())
        }
        Protection::Nothing if field.irqs_off => {
            (WARNING, "no lock is held at any access, but interrupts are off at all of them".to_owned())
        }
        Protection::Nothing => (WARNING, "no lock is held at any access".to_owned()),
    }
}

/// The lines of uses, each once.
fn lines<'a>(program: &Program, uses: impl Iterator<Item = &'a FieldUse>) -> Vec<String> {
    let mut lines: Vec<String> = uses.map(|used| place::line_words(program, program.source.span(used.at))).collect();
    lines.dedup();
    lines
}

/// Where, in which function, who, what, and with which interrupts.
fn cells(program: &Program, used: &FieldUse) -> [String; 5] {
    let does = match (used.reads, used.writes) {
        (true, true) => "reads, writes",
        (_, true) => "writes",
        _ => "reads",
    };
    let marking = match used.marking {
        Marking::Plain => "",
        Marking::Marked => " (marked)",
        Marking::Atomic => " (atomic)",
        Marking::DataRace => " (data_race)",
    };
    let interrupts = match (used.user, used.interrupts) {
        (User::SetUp, _) => "set-up",
        (_, Interrupts::On) => "irqs on",
        (_, Interrupts::BottomHalvesOff) => "bh off",
        (_, Interrupts::Off) => "irqs off",
        (_, Interrupts::Either) => "irqs on or off",
        (_, Interrupts::InHandler) => "in irq",
        (_, Interrupts::InSoftirq) => "in softirq",
    };
    [
        place::line_words(program, program.source.span(used.at)),
        used.function.clone(),
        used.contexts.join(", "),
        format!("{does}{marking}"),
        interrupts.to_owned(),
    ]
}

/// The locks always held, and the one that is not, unless the field's first line says as much.
fn locks(field: &Field, used: &FieldUse) -> String {
    let nobody_holds_any = field.uses.iter().all(|used| used.locks.is_empty());
    let said = match &field.protection {
        Protection::ReadOnly => true,
        Protection::Locks(locks) | Protection::SameName(locks) => *locks == used.locks,
        Protection::Marked | Protection::Nothing => nobody_holds_any,
        Protection::Partly(_) => false,
    };
    if used.user == User::SetUp || (said && used.as_reader.is_empty()) {
        return String::new();
    }
    let mut parts = Vec::new();
    if !used.locks.is_empty() {
        parts.push(listed(&used.locks));
    }
    parts.extend(used.as_reader.iter().map(|lock| format!("{lock} only as a reader")));
    if parts.is_empty() {
        return "no lock".to_owned();
    }
    let lacks = used.lacks.iter().filter(|lock| !used.as_reader.contains(lock));
    parts.extend(lacks.map(|lock| format!("not {lock}")));
    parts.join(", ")
}

// --- JSON ------------------------------------------------------------------------------------------------------------

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    file: &'a str,
    source_hash: String,
    complete: bool,
    exit_code: u8,
    fields: Vec<FieldView<'a>>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    name: &'a str,
    protection: &'static str,
    locks: &'a [String],
    locks_at_writes: &'a [String],
    irqs_off: bool,
    uses: Vec<UseView<'a>>,
}

#[derive(Serialize)]
struct UseView<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    function: &'a str,
    contexts: &'a [String],
    user: &'static str,
    reads: bool,
    writes: bool,
    marking: Marking,
    interrupts: &'static str,
    locks: &'a [String],
    as_reader: &'a [String],
    lacks: Option<&'a str>,
}

/// The document, indented, ending in a line break.
pub fn draw_json(protected: &Protected) -> String {
    let Protected { file, guards, exit } = *protected;
    let program = guards.machine.program();
    let document = Document {
        schema: json::SCHEMA,
        file,
        source_hash: crate::schedule::source_hash(&program.source),
        complete: guards.outcome.verdict == Verdict::Complete,
        exit_code: exit as u8,
        fields: guards.fields.iter().map(|f| field(program, f)).collect(),
    };
    // Serialising plain data to a string cannot fail: there are no maps, and nothing is written to a device.
    let mut out = serde_json::to_string_pretty(&document).unwrap_or_default();
    out.push('\n');
    out
}

fn field<'a>(program: &'a Program, field: &'a Field) -> FieldView<'a> {
    let (protection, locks): (_, &[String]) = match &field.protection {
        Protection::ReadOnly => ("read_only", &[]),
        Protection::Locks(locks) => ("locks", locks),
        Protection::SameName(locks) => ("same_name", locks),
        Protection::Marked => ("marked", &[]),
        Protection::Partly(lock) => ("partly", std::slice::from_ref(lock)),
        Protection::Nothing => ("nothing", &[]),
    };
    FieldView {
        name: &field.name,
        protection,
        locks,
        locks_at_writes: &field.at_writes,
        irqs_off: field.irqs_off,
        uses: field.uses.iter().map(|u| use_view(program, u)).collect(),
    }
}

fn use_view<'a>(program: &'a Program, used: &'a FieldUse) -> UseView<'a> {
    let Span { file, lo, .. } = program.source.span(used.at);
    let (line, column) = program.source.line_column(file, lo);
    UseView {
        file: place::file_name(program, file),
        line,
        column,
        function: &used.function,
        contexts: &used.contexts,
        user: match used.user {
            User::SetUp => "set_up",
            User::Task => "task",
            User::Handler => "handler",
            User::Softirq => "softirq",
        },
        reads: used.reads,
        writes: used.writes,
        marking: used.marking,
        interrupts: match used.interrupts {
            Interrupts::On => "on",
            Interrupts::BottomHalvesOff => "bottom_halves_off",
            Interrupts::Off => "off",
            Interrupts::Either => "either",
            Interrupts::InHandler => "in_handler",
            Interrupts::InSoftirq => "in_softirq",
        },
        locks: &used.locks,
        as_reader: &used.as_reader,
        lacks: used.lacks.as_deref(),
    }
}
