//! A schedule as lanes: one column for each CPU, one row for each step, interrupts indented where they cut in.
//!
//! Invariant: no step is left out in silence: a run of steps that is not shown has a row that says how many, and whose.

use super::text::{self, DIM, ERROR, PLAIN, STRONG, WARNING, paint, width};
use super::{advice, place};
use anstyle::Style;
use sim_core::finding::Place;
use sim_core::program::{Program, Span};
use sim_core::view::{CpuView, Happening, HappeningKind, Held, Step, Trace};
use std::collections::BTreeMap;

/// Lanes narrower than this are not readable: the rows are then a list.
const NARROWEST: usize = 16;
/// More steps than this are too many to show each that touches what the report speaks of.
const MANY: usize = 24;
/// A run of at least this many dull steps by one context is told in one row.
const DULL_RUN: usize = 3;

/// How to draw.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The width to fill.
    pub columns: usize,
    /// Show every step.
    pub all_steps: bool,
    /// Lines that a report speaks of: their steps are always shown.
    pub marked: Vec<place::Line>,
    /// Names that a report speaks of: steps that read or write them are shown too, if these are not very many.
    pub names: Vec<String>,
    /// The finding's places: they tell the CPU of a context that has taken no step.
    pub places: &'a [Place],
    /// The places are what would come next, and that is what is wrong: the accesses of a race.
    pub next: bool,
}

/// Draws a schedule, each row ending in a line break.
pub fn draw(program: &Program, trace: &Trace, options: &Options) -> String {
    let opens = opens_line(program, trace);
    let shown =
        if options.all_steps { vec![true; trace.steps.len()] } else { worth_showing(program, trace, &opens, options) };
    let mut shown = shown;
    let round = trace.round.unwrap_or(trace.steps.len());
    if trace.steps.len() - round <= MANY {
        shown[round..].fill(true);
    }
    let cpus = cpus(trace, options);
    let gutter = gutter_width(program, trace);
    let lane = options.columns.saturating_sub(gutter + 2) / cpus.len().max(1);
    let lane = lane.saturating_sub(2);
    let mut table =
        Table { listed: lane < NARROWEST, cpus, gutter, lane, columns: options.columns, out: String::new() };
    table.header();

    let mut lanes = Lanes::default();
    let mut i = 0;
    while i < trace.steps.len() {
        let step = &trace.steps[i];
        if i == round {
            table.across("from here on, for ever:");
            // Who does what is said again.
            lanes.named.clear();
        }
        if shown[i] {
            let before = lanes.clone();
            lanes.take(step);
            let now = Now { program, trace, step, last: i + 1 == trace.steps.len(), opens: opens[i] };
            let cells = cells(&now, &before, &mut lanes, &table);
            table.row(&Row { at: gutter_text(program, step), cells });
            i += 1;
        } else {
            let end = if i < round { round } else { trace.steps.len() };
            let run = (i..end).take_while(|&j| !shown[j] && same_run(&trace.steps[j], step)).count();
            for step in &trace.steps[i..i + run] {
                lanes.take(step);
            }
            let text = format!("… {} more step{} by {}", run, if run == 1 { "" } else { "s" }, step.context);
            let cells = vec![Cell { cpu: step.cpu, depth: bars(step), text, style: DIM, rail: Rail::Through }];
            lanes.named.insert(step.cpu, step.context.clone());
            table.row(&Row { at: "⋮".to_owned(), cells });
            i += run;
        }
    }
    for row in closing(program, trace, &lanes, options) {
        table.row(&row);
    }
    table.out
}

/// The step that a row is for.
struct Now<'a> {
    program: &'a Program,
    trace: &'a Trace,
    step: &'a Step,
    /// It is the last one.
    last: bool,
    /// It is the first of its context on its line.
    opens: bool,
}

/// For each step, whether its context was on another line of the text before it.
fn opens_line(program: &Program, trace: &Trace) -> Vec<bool> {
    let mut lines = BTreeMap::new();
    let opens = |step: &Step| {
        let span = place::visible(program, step.span, &step.stack);
        let line = place::line(program, span);
        lines.insert(step.context.clone(), line) != Some(line) && !place::is_prelude(program, span.file)
    };
    trace.steps.iter().map(opens).collect()
}

/// What nobody can take as a step any more: those that wait at the end, or what would come next.
fn closing(program: &Program, trace: &Trace, lanes: &Lanes, options: &Options) -> Vec<Row> {
    let depth = |context: &str| usize::from(advice::is_interrupt(program, context));
    let row = |context: &str, cpu: u8, span, text: String, style| Row {
        at: line_text(program, span),
        cells: vec![Cell { cpu, depth: depth(context), text, style, rail: Rail::Through }],
    };
    let named = |context: &str, cpu: u8, text: String| match lanes.named.get(&cpu) {
        Some(name) if name == context => text,
        _ => format!("{context}: {text}"),
    };
    let mut rows = Vec::new();
    for next in options.places.iter().filter(|_| options.next) {
        let (Some(context), Some(cpu)) = (&next.context, next.cpu) else { continue };
        let text = next.label.strip_prefix(context.as_str()).unwrap_or(&next.label).trim();
        let text = named(context, cpu, format!("✗ next {}", text.replace(" here", "").replace('`', "")));
        rows.push(row(context, cpu, place::of(program, next), text, ERROR));
    }
    for context in &trace.end.contexts {
        let (Some(what), Some(frame)) = (&context.waits_for, context.stack.first()) else { continue };
        let Some(cpu) = cpu_at_end(trace, &context.name, options) else { continue };
        let how = if context.state == "spins" { "spins for" } else { "waits for" };
        let has = match lanes.holder(what) {
            _ if context.waits_behind.is_some() => {
                format!(" (behind {})", context.waits_behind.as_deref().unwrap_or_default())
            }
            Some(holder) if holder == context.name => " (which it has itself)".to_owned(),
            Some(holder) => format!(" ({holder} has it)"),
            None => String::new(),
        };
        let at = place::visible(program, frame.span, &context.stack);
        rows.push(row(&context.name, cpu, at, named(&context.name, cpu, format!("{how} {what}{has}")), WARNING));
    }
    merged(rows)
}

/// Rows of one line on different CPUs are one row.
fn merged(rows: Vec<Row>) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    for mut row in rows {
        match all.last_mut() {
            Some(last) if last.at == row.at && last.cells.iter().all(|c| c.cpu != row.cells[0].cpu) => {
                last.cells.append(&mut row.cells);
            }
            _ => all.push(row),
        }
    }
    all
}

/// The CPUs on which anything happens, in order.
fn cpus(trace: &Trace, options: &Options) -> Vec<u8> {
    let mut cpus: Vec<u8> = trace.steps.iter().map(|s| s.cpu).collect();
    cpus.extend(options.places.iter().filter(|_| options.next).filter_map(|place| place.cpu));
    let waiting = trace.end.contexts.iter().filter(|c| c.waits_for.is_some());
    cpus.extend(waiting.filter_map(|c| cpu_at_end(trace, &c.name, options)));
    cpus.sort_unstable();
    cpus.dedup();
    cpus
}

/// The CPU that a context is on at the end, or was on last, or would be on.
fn cpu_at_end(trace: &Trace, context: &str, options: &Options) -> Option<u8> {
    let on = |view: &CpuView| view.stack.iter().any(|name| name == context);
    let now = trace.end.cpus.iter().position(on).map(|cpu| cpu as u8);
    let last = || trace.steps.iter().rev().find(|s| s.context == context).map(|s| s.cpu);
    let told = || options.places.iter().find(|p| p.context.as_deref() == Some(context)).and_then(|p| p.cpu);
    now.or_else(last).or_else(told)
}

fn same_run(a: &Step, b: &Step) -> bool {
    a.context == b.context && a.cpu == b.cpu
}

fn gutter_text(program: &Program, step: &Step) -> String {
    let span = place::visible(program, step.span, &step.stack);
    if step.arrival || place::is_prelude(program, span.file) {
        // An interrupt comes from outside the text, and so does what the kernel does by itself.
        return String::new();
    }
    line_text(program, span)
}

fn line_text(program: &Program, span: Span) -> String {
    let place::Line { file, line } = place::line(program, span);
    if file == 0 { line.to_string() } else { format!("{}:{line}", place::file_name(program, file)) }
}

fn gutter_width(program: &Program, trace: &Trace) -> usize {
    trace.steps.iter().map(|step| width(&gutter_text(program, step))).max().unwrap_or(0).clamp(4, 14)
}

/// How many bars stand before a step's text: one for each interrupt on its CPU.
fn bars(step: &Step) -> usize {
    step.depth as usize
}

// --- which steps are shown -----------------------------------------------------------------------------------------

/// Marks the steps to show: those at marked lines, those with which something lasting happens, and the ends of each run.
fn worth_showing(program: &Program, trace: &Trace, opens: &[bool], options: &Options) -> Vec<bool> {
    let lasting: Vec<&str> = trace
        .end
        .contexts
        .iter()
        .flat_map(|c| c.held.iter().map(|h| h.lock.as_str()).chain(c.waits_for.as_deref()))
        .collect();
    let mut shown: Vec<bool> = trace
        .steps
        .iter()
        .enumerate()
        .map(|(i, step)| {
            let line = place::line(program, place::visible(program, step.span, &step.stack));
            let marked = options.marked.contains(&line) && !machinery(step);
            let first = i == 0 || !same_run(&trace.steps[i - 1], step);
            let last = i + 1 == trace.steps.len() || !same_run(&trace.steps[i + 1], step);
            first || last || marked || notable(step, &lasting)
        })
        .collect();
    let set_up = |step: &Step| program.contexts.iter().any(|c| c.name == step.context && c.kind.is_setup());
    // What set-up reads is as it left it.
    let only_reads = |step: &Step| step.events.iter().all(|e| e.kind == HappeningKind::Read);
    let speaks =
        |step: &Step| !machinery(step) && speaks_of(step, &options.names) && !(set_up(step) && only_reads(step));
    let named: Vec<usize> = (0..shown.len()).filter(|&i| speaks(&trace.steps[i])).collect();
    if named.len() <= MANY {
        named.into_iter().for_each(|i| shown[i] = true);
    }
    // One row for each line of the code that is run through, set-up aside, if these are not very many.
    let outline: Vec<usize> = (0..shown.len()).filter(|&i| opens[i] && !shown[i] && !set_up(&trace.steps[i])).collect();
    if outline.len() <= MANY {
        outline.into_iter().for_each(|i| shown[i] = true);
    }
    // A short run costs less to show than to tell.
    let mut i = 0;
    while i < shown.len() {
        let run = shown[i..].iter().take_while(|&&s| !s).count();
        if run > 0 && run < DULL_RUN {
            shown[i..i + run].fill(true);
        }
        i += run.max(1);
    }
    shown
}

/// Whether a step is of the kernel's own machinery, a wait queue's list for one, and does nothing that shows from outside.
fn machinery(step: &Step) -> bool {
    let inner = |e: &Happening| {
        matches!(e.kind, HappeningKind::Read | HappeningKind::Write | HappeningKind::Mask | HappeningKind::Other)
    };
    step.stack.first().is_some_and(|frame| frame.prelude) && step.events.iter().all(inner)
}

/// Whether a step reads or writes something with one of these names in it.
fn speaks_of(step: &Step, names: &[String]) -> bool {
    step.events.iter().filter(|e| matches!(e.kind, HappeningKind::Read | HappeningKind::Write)).any(|event| {
        let place = event.text.split(" = ").next().unwrap_or("");
        identifiers(place).any(|word| names.iter().any(|name| name == word))
    })
}

/// The identifiers in a text.
pub fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// Whether a step must be seen to understand the end: an arrival, a wait, a wake-up, what ends or goes wrong, and whatever is done to a lock that is
/// held or waited for at the end.
fn notable(step: &Step, lasting: &[&str]) -> bool {
    step.arrival
        || step.events.iter().any(|event| match event.kind {
            HappeningKind::Take | HappeningKind::Release => lasting.iter().any(|lock| event.text.contains(lock)),
            HappeningKind::Wait
            | HappeningKind::Wake
            | HappeningKind::Memory
            | HappeningKind::End
            | HappeningKind::Log
            | HappeningKind::Finding => true,
            HappeningKind::Read | HappeningKind::Write | HappeningKind::Mask | HappeningKind::Other => false,
        })
}

// --- what each lane shows ------------------------------------------------------------------------------------------

/// What is known of the lanes at one moment.
#[derive(Clone, Default)]
struct Lanes {
    /// The contexts on each CPU, the one that runs last.
    stacks: BTreeMap<u8, Vec<String>>,
    /// What each context holds.
    held: BTreeMap<String, Vec<Held>>,
    /// What each context waits for.
    waits: BTreeMap<String, String>,
    /// The context whose name was last written in a lane.
    named: BTreeMap<u8, String>,
    /// What a lane last said of what lasts on.
    said: BTreeMap<u8, String>,
}

impl Lanes {
    fn take(&mut self, step: &Step) {
        for stack in self.stacks.values_mut() {
            if step.depth == 0 {
                stack.retain(|c| *c != step.context);
            }
        }
        let stack = self.stacks.entry(step.cpu).or_default();
        // An interrupt on an idle CPU has nothing beneath it, though its depth is 1.
        let beneath = (step.depth as usize).min(stack.iter().filter(|c| **c != step.context).count());
        stack.truncate(beneath);
        if !step.events.iter().any(|e| e.kind == HappeningKind::End) {
            stack.push(step.context.clone());
        }
        self.held.insert(step.context.clone(), step.held.clone());
        self.waits = step.waiting.iter().map(|w| (w.context.clone(), w.what.clone())).collect();
    }

    fn holder(&self, lock: &str) -> Option<&str> {
        self.held.iter().find(|(_, held)| held.iter().any(|h| h.lock == lock)).map(|(context, _)| context.as_str())
    }

    fn holds(&self, context: &str) -> Option<String> {
        let held = self.held.get(context).filter(|held| !held.is_empty())?;
        Some(text::listed(&held.iter().map(|h| h.lock.clone()).collect::<Vec<_>>()))
    }

    /// What the context on top of a CPU goes on holding and waiting for while others take steps.
    fn lasting(&self, cpu: u8, last: bool) -> Option<String> {
        let top = self.stacks.get(&cpu)?.last()?;
        let holds = self.holds(top).map(|locks| format!("holds {locks}"));
        // Who waits at the end has a row of its own below.
        let waits = self.waits.get(top).filter(|_| !last).map(|what| format!("waits for {what}"));
        match (holds, waits) {
            (Some(holds), Some(waits)) => Some(format!("{holds}; {waits}")),
            (one, other) => one.or(other),
        }
    }
}

/// How a cell is tied to the interrupt that it is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rail {
    /// `┏━`
    Starts,
    /// `┃`
    Through,
    /// `┗━`
    Ends,
}

struct Cell {
    cpu: u8,
    depth: usize,
    text: String,
    style: Style,
    rail: Rail,
}

struct Row {
    at: String,
    cells: Vec<Cell>,
}

fn cells(now: &Now, before: &Lanes, lanes: &mut Lanes, table: &Table) -> Vec<Cell> {
    let mut cells = Vec::new();
    for &cpu in &table.cpus {
        if cpu == now.step.cpu {
            cells.push(acting(now, before, lanes, table));
        } else if !table.listed
            && let Some(cell) = standing(now.trace, lanes, cpu, now.last)
        {
            cells.push(cell);
        }
    }
    cells
}

/// The cell of the CPU that takes the step.
fn acting(now: &Now, before: &Lanes, lanes: &mut Lanes, table: &Table) -> Cell {
    let step = now.step;
    let ends = step.events.iter().any(|e| e.kind == HappeningKind::End);
    let rail = match (step.arrival, ends) {
        (true, _) => Rail::Starts,
        (false, true) => Rail::Ends,
        (false, false) => Rail::Through,
    };
    let mut text = String::new();
    if step.arrival {
        text = arrival(before, step);
        lanes.named.insert(step.cpu, step.context.clone());
    } else if table.listed || lanes.named.get(&step.cpu) != Some(&step.context) {
        text = format!("{}: ", step.context);
        lanes.named.insert(step.cpu, step.context.clone());
    }
    lanes.said.remove(&step.cpu);
    let actions = actions(now, lanes);
    if step.arrival && !actions.is_empty() {
        text += ", ";
    }
    text += &actions;
    Cell { cpu: step.cpu, depth: bars(step), text, style: style(step), rail }
}

fn arrival(before: &Lanes, step: &Step) -> String {
    match before.stacks.get(&step.cpu).and_then(|stack| stack.last()) {
        Some(beneath) => match before.holds(beneath) {
            Some(locks) => format!("{} interrupts {beneath}, which holds {locks}", step.context),
            None => format!("{} interrupts {beneath}", step.context),
        },
        None => format!("{} arrives", step.context),
    }
}

fn style(step: &Step) -> Style {
    let has = |kind| step.events.iter().any(|e| e.kind == kind);
    if has(HappeningKind::Finding) {
        ERROR
    } else if has(HappeningKind::Wait) {
        WARNING
    } else if step.arrival {
        STRONG
    } else {
        PLAIN
    }
}

/// What a step does, in the fewest words: its own action, and what else matters to others.
fn actions(now: &Now, lanes: &Lanes) -> String {
    let step = now.step;
    if now.opens && !step.arrival && machinery(step) {
        return statement(now.program, step);
    }
    let mut parts: Vec<String> = Vec::new();
    let mut events = step.events.iter().enumerate().peekable();
    while let Some((i, event)) = events.next() {
        let matters = !matches!(event.kind, HappeningKind::Mask | HappeningKind::Other) || (i == 0 && !step.arrival);
        if !matters || parts.contains(&event.text) {
            continue;
        }
        if let Some(change) = events.peek().and_then(|(_, next)| change(event, next)) {
            parts.push(change);
            events.next();
            continue;
        }
        let mark = if event.kind == HappeningKind::Finding { "✗ " } else { "" };
        parts.push(format!("{mark}{}{}", event.text, has_it(lanes, step, event)));
    }
    if parts.is_empty() && !step.arrival {
        let own = step.events.first().map(|e| e.text.clone());
        parts.extend(own.or_else(|| Some(statement(now.program, step))));
    }
    parts.join(", ")
}

/// A read and a write of one place in one step, as an atomic operation makes them: `x: 1 -> 0`.
fn change(read: &Happening, write: &Happening) -> Option<String> {
    let (name, old) = read.text.strip_prefix("reads ")?.split_once(" = ")?;
    let (written, new) = write.text.strip_prefix("writes ")?.split_once(" = ")?;
    let both = read.kind == HappeningKind::Read && write.kind == HappeningKind::Write;
    (both && name == written).then(|| format!("changes {name} from {old} to {new}"))
}

/// The source of a step in which nothing happens that others would see.
fn statement(program: &Program, step: &Step) -> String {
    let span = place::visible(program, step.span, &step.stack);
    let text = place::text(program, span);
    let line = text.lines().next().unwrap_or("").trim();
    if line.is_empty() || place::is_prelude(program, span.file) {
        "goes on".to_owned()
    } else {
        format!("enters {line}")
    }
}

/// ` (writer has it)`, for one who starts to wait for a lock.
fn has_it(lanes: &Lanes, step: &Step, event: &Happening) -> String {
    if event.kind != HappeningKind::Wait {
        return String::new();
    }
    let what = lanes.waits.get(&step.context);
    match what.and_then(|lock| lanes.holder(lock)) {
        Some(holder) if !event.text.contains(holder) => format!(" ({holder} has it)"),
        _ => String::new(),
    }
}

/// The cell of a CPU that takes no step: what lasts on there, said once and then a mark.
fn standing(trace: &Trace, lanes: &mut Lanes, cpu: u8, last: bool) -> Option<Cell> {
    let lasting = lanes.lasting(cpu, last)?;
    let depth = lanes
        .stacks
        .get(&cpu)
        .and_then(|s| s.last())
        .map_or(0, |top| trace.steps.iter().find(|s| s.context == *top).map_or(0, bars));
    let text = if lanes.said.get(&cpu) == Some(&lasting) { "┊".to_owned() } else { format!("┊ {lasting}") };
    lanes.said.insert(cpu, lasting);
    Some(Cell { cpu, depth, text, style: DIM, rail: Rail::Through })
}

// --- the table -----------------------------------------------------------------------------------------------------

struct Table {
    cpus: Vec<u8>,
    gutter: usize,
    lane: usize,
    columns: usize,
    /// Too many CPUs for lanes: every row names its CPU instead.
    listed: bool,
    out: String,
}

impl Table {
    fn header(&mut self) {
        let mut line = format!("  {:>gutter$}", "line", gutter = self.gutter);
        if self.listed {
            line += "  step";
        }
        for cpu in self.cpus.iter().filter(|_| !self.listed) {
            line += &format!("  {:<lane$}", format!("CPU{cpu}"), lane = self.lane);
        }
        self.out += &paint(STRONG, line.trim_end());
        self.out.push('\n');
    }

    /// A line across all lanes.
    fn across(&mut self, text: &str) {
        self.out += &format!("  {}  {}\n", " ".repeat(self.gutter), paint(STRONG, text));
    }

    fn row(&mut self, row: &Row) {
        if self.listed {
            return self.list_row(row);
        }
        let columns: Vec<Vec<(String, Style)>> = self
            .cpus
            .iter()
            .map(|&cpu| row.cells.iter().find(|c| c.cpu == cpu).map_or(Vec::new(), |c| laid_out(c, self.lane)))
            .collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or(1);
        for i in 0..height {
            let at = if i == 0 { row.at.as_str() } else { "" };
            let mut line = format!("  {}{}", " ".repeat(self.gutter.saturating_sub(width(at))), paint(DIM, at));
            let mut owed = 0;
            for column in &columns {
                owed += 2;
                let Some((text, style)) = column.get(i) else {
                    owed += self.lane;
                    continue;
                };
                line += &" ".repeat(owed);
                line += &paint(*style, text);
                owed = self.lane.saturating_sub(width(text));
            }
            self.out += line.trim_end();
            self.out.push('\n');
        }
    }

    fn list_row(&mut self, row: &Row) {
        for cell in &row.cells {
            let name = format!("CPU{} ", cell.cpu);
            let room = self.columns.saturating_sub(self.gutter + 4 + width(&name));
            for (i, (text, style)) in laid_out(cell, room).iter().enumerate() {
                let (at, name) = if i == 0 { (row.at.as_str(), name.as_str()) } else { ("", "     ") };
                let gap = " ".repeat(self.gutter.saturating_sub(width(at)));
                self.out += &format!("  {gap}{}  {}{}\n", paint(DIM, at), paint(STRONG, name), paint(*style, text));
            }
        }
    }
}

/// The lines of a cell, with the rails of the interrupts that it is in.
fn laid_out(cell: &Cell, lane: usize) -> Vec<(String, Style)> {
    let outer = "┃ ".repeat(cell.depth.saturating_sub(1));
    let (first, rest) = match (cell.depth, cell.rail) {
        (0, _) => (String::new(), String::new()),
        (_, Rail::Starts) => (format!("{outer}┏━ "), format!("{outer}┃  ")),
        (_, Rail::Through) => (format!("{outer}┃  "), format!("{outer}┃  ")),
        (_, Rail::Ends) => (format!("{outer}┗━ "), format!("{outer}   ")),
    };
    let rest = if cell.depth == 0 { "  ".to_owned() } else { rest };
    text::wrap_with(&cell.text, lane, &first, &rest).into_iter().map(|line| (line, cell.style)).collect()
}
