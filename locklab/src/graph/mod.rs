//! `locklab graph`: which locks a scenario takes under which, as a picture, as data, or as the kernel's proc files.
//!
//! Invariant: the same scenario gives the same bytes, for any number of threads.

pub mod layout;
pub mod picture;
pub mod svg;

use crate::args::{Format, GraphArgs, GraphFormat};
use crate::check;
use crate::exit::Exit;
use crate::load;
use crate::output::Output;
use crate::progress::Meter;
use lockdep_model::graph::LockGraph;
use lockdep_model::proc;
use picture::{Picture, Why};
use serde::Serialize;
use sim_core::check::lock_facts;
use sim_core::search::{Limit, Verdict};
use std::fmt::Write;
use std::fs;
use std::sync::Arc;

/// The version of the JSON document.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    file: &'a str,
    complete: bool,
    #[serde(flatten)]
    picture: &'a Picture,
}

/// Runs the command.
pub fn run(args: &GraphArgs, output: &Output) -> Exit {
    if let Some(problem) = args.search.at_odds() {
        output.complain(&problem, None);
        return Exit::Usage;
    }
    let loaded = match load::load(&args.file, &args.kernel, output) {
        Ok(loaded) => loaded,
        Err(problem) => {
            let format = if args.format() == GraphFormat::Json { Format::Json } else { Format::Human };
            return problem.tell(&args.file.display().to_string(), format, output);
        }
    };
    loaded.warn(output);
    let mut meter = Meter::new();
    let checked = check::search(Arc::new(loaded.program), &args.search, Some(check::interrupt_flag()), &mut meter);
    meter.finish();
    let locks = lock_facts(&checked);
    let mut graph = LockGraph::from_facts(&locks.facts, &locks.keys);
    graph.mark(&locks.reports);
    let picture = Picture::new(&checked.machine, &locks, &graph);
    let complete = checked.outcome.verdict == Verdict::Complete;
    let text = match args.format() {
        GraphFormat::Svg => svg::draw(&picture, &title(&loaded.name, complete)),
        GraphFormat::Dot => dot(&picture),
        GraphFormat::Json => json(&Document { schema: SCHEMA, file: &loaded.name, complete, picture: &picture }),
        GraphFormat::ProcLockdep => proc::lockdep(&graph),
        GraphFormat::ProcLockdepChains => proc::lockdep_chains(&graph),
        GraphFormat::ProcLockdepStats => proc::lockdep_stats(&graph),
    };
    match &args.output {
        None => output.write(&text),
        Some(path) => {
            if let Err(error) = fs::write(path, text) {
                output.complain(&format!("cannot write `{}`: {error}", path.display()), None);
                return Exit::Usage;
            }
        }
    }
    match checked.outcome.verdict {
        _ if picture.classes.is_empty() && complete => {
            output.mention(&format!("{}: no execution takes a lock", loaded.name));
            Exit::Vacuous
        }
        Verdict::Complete | Verdict::Stopped(Limit::Runs) => Exit::Clean,
        Verdict::Stopped(_) => {
            output.mention(&format!("{}: a limit stopped the search: more may be taken under more", loaded.name));
            Exit::Limit
        }
    }
}

fn title(name: &str, complete: bool) -> String {
    let how = if complete { "every execution" } else { "some executions" };
    format!("{name}: the locks of {how}")
}

fn json(document: &Document<'_>) -> String {
    // Plain data with text keys: there is nothing in it that JSON cannot say.
    serde_json::to_string_pretty(document).map_or_else(|error| error.to_string(), |text| text + "\n")
}

/// The picture in the DOT language.
fn dot(picture: &Picture) -> String {
    let escaped = |words: &str| words.replace('\\', "\\\\").replace('"', "\\\"");
    let mut text =
        "digraph locks {\n  node [shape=box, style=rounded, fontname=\"monospace\"];\n  edge [fontname=\"monospace\", fontsize=10];\n"
            .to_owned();
    for (at, class) in picture.classes.iter().enumerate() {
        let color = if class.reported { ", color=red" } else { "" };
        let label = format!("{} {}\\n{}", escaped(&class.name), class.usage, class.lock);
        let _ = writeln!(text, "  n{at} [label=\"{label}\"{color}];");
    }
    for edge in &picture.edges {
        let label = svg::label(edge).iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n");
        let color = if edge.reported { ", color=red, fontcolor=red" } else { "" };
        let dashed = if edge.why == Why::Interrupt { ", style=dashed" } else { "" };
        let _ = writeln!(text, "  n{} -> n{} [label=\"{label}\"{color}{dashed}];", edge.from, edge.to);
    }
    text.push_str("}\n");
    text
}
