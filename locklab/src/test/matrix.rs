//! `locklab test --matrix`: each file under every preemption model, with one CPU and with two: which configuration shows what.
//!
//! A file that expects the same everywhere is held to it under its own configuration only: that a bug hides elsewhere is what the table is for. One
//! that says `EXPECT_IF` is held to what it says under each.

use super::durations::Durations;
use super::{Broken, Shown, Tally, check_file, in_order, judge, names, search_args};
use crate::args::{KernelArgs, Preempt, TestArgs};
use crate::check;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::text::{DIM, ERROR, GOOD, STRONG, paint, width};
use sim_core::program::Preemption;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MODELS: [(Preempt, Preemption); 4] = [
    (Preempt::None, Preemption::None),
    (Preempt::Voluntary, Preemption::Voluntary),
    (Preempt::Full, Preemption::Full),
    (Preempt::Rt, Preemption::Rt),
];
const CPUS: [u8; 2] = [1, 2];

/// What one file showed: under its own configuration, and in each cell; and how long all that took.
struct Row {
    own: Result<Shown, Broken>,
    cells: Vec<Result<Shown, Broken>>,
    took: Duration,
}

pub(super) fn run(files: &[PathBuf], args: &TestArgs, output: &Output) -> Exit {
    let search = search_args();
    let mut tally = Tally::default();
    let mut durations = Durations::begin(args.durations);
    let work = |file: &PathBuf| {
        let started = Instant::now();
        let own = check_file(file, &KernelArgs::default(), &search, output);
        let mut cells = Vec::new();
        for (preempt, _) in MODELS {
            for cpus in CPUS {
                let kernel = KernelArgs { cpus: Some(cpus), preempt: Some(preempt), ..KernelArgs::default() };
                cells.push(check_file(file, &kernel, &search, output));
            }
        }
        Row { own, cells, took: started.elapsed() }
    };
    in_order(files, check::threads(args.jobs), work, |file, row| {
        durations.add(file, row.took);
        tally.broken |= row.own.is_err();
        let result = verdict(&row);
        let good = tally.add(file, result);
        output.write(&table(file, &row, good));
    });
    let exit = tally.finish(output);
    durations.tell(output);
    exit
}

fn verdict(row: &Row) -> Result<(), String> {
    let own = row.own.as_ref().map_err(|Broken(text)| text.clone())?;
    judge(own)?;
    let differs = |shown: &Shown| shown.expected != own.expected;
    if !row.cells.iter().flatten().any(differs) {
        return Ok(());
    }
    for cell in &row.cells {
        let shown = cell.as_ref().map_err(|Broken(text)| text.clone())?;
        judge(shown).map_err(|why| format!("{}:\n{why}", heading(shown)))?;
    }
    Ok(())
}

fn heading(shown: &Shown) -> String {
    let cpus = if shown.config.cpus == 1 { "1 CPU".to_owned() } else { format!("{} CPUs", shown.config.cpus) };
    format!("with {}, {cpus}", shown.config.preemption.name())
}

fn table(file: &Path, row: &Row, good: bool) -> String {
    let verdict = if good { paint(GOOD, "ok") } else { paint(ERROR, "FAILED") };
    let mut out = format!("{} ... {verdict}\n", paint(STRONG, &file.display().to_string()));
    let texts: Vec<String> = row.cells.iter().map(cell).collect();
    let column = texts.iter().step_by(CPUS.len()).map(|text| width(text)).max().unwrap_or(0).max(8);
    out += &paint(DIM, &format!("  {:<18}  {:<column$}  2 CPUs", "", "1 CPU"));
    out.push('\n');
    for (i, (_, model)) in MODELS.iter().enumerate() {
        let (one, two) = (&texts[i * CPUS.len()], &texts[i * CPUS.len() + 1]);
        let gap = " ".repeat(column - width(one));
        out += &format!("  {:<18}  {one}{gap}  {two}\n", model.name());
    }
    out
}

fn cell(result: &Result<Shown, Broken>) -> String {
    match result {
        Ok(shown) if shown.incomplete.is_some() && shown.names.is_empty() => "?".to_owned(),
        Ok(shown) => names(&shown.names),
        Err(_) => "does not compile".to_owned(),
    }
}
