//! The `locklab` command: reads a scenario, has it checked, and tells people what was found.
//!
//! Invariant: nothing here decides what is a finding or how a kernel behaves; it calls `kernel-c` and `sim-core` and draws what they give.
//! The same input draws the same bytes, on any terminal of the same width.
//!
//! | module | what it is |
//! |---|---|
//! | [`args`] | the command line |
//! | [`exit`] | what a command ends with |
//! | [`input`], [`load`] | reading a scenario, and what is said of one that cannot be read or compiled |
//! | [`check`], [`replay`], [`test`](mod@test), [`guards`], [`explain`] | the commands |
//! | [`graph`] | the command that draws which locks are taken under which |
//! | [`lockdep`] | the command for recordings of a real kernel |
//! | [`outcome`] | how a search ended |
//! | [`schedule`] | the hash that ties a schedule to its source |
//! | [`render`] | a report as text for people, as JSON, as a kernel log |
//! | [`output`], [`progress`] | where text goes, and how far a search is |

pub mod args;
pub mod check;
pub mod exit;
pub mod explain;
pub mod graph;
pub mod guards;
pub mod input;
pub mod load;
pub mod lockdep;
pub mod outcome;
pub mod output;
pub mod progress;
pub mod render;
pub mod replay;
pub mod schedule;
pub mod test;

use args::{Cli, Command, ExplainArgs};
use clap::Parser;
use exit::Exit;
use output::Output;
use sim_core::finding::Kind;
use std::process::ExitCode;

/// Runs the command that the command line asks for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.color, cli.width);
    let exit = match &cli.command {
        Command::Check(args) => check::run(args, &output),
        Command::Replay(args) => replay::run(args, &output),
        Command::Test(args) => test::run(args, &output),
        Command::Graph(args) => graph::run(args, &output),
        Command::Lockdep(args) => lockdep::run(args, &output),
        Command::Guards(args) => guards::run(args, &output),
        Command::Explain(args) => explain_command(args, &output),
    };
    exit.into()
}

fn explain_command(args: &ExplainArgs, output: &Output) -> Exit {
    let Some(name) = &args.name else {
        output.write(&explain::list(output.columns));
        return Exit::Clean;
    };
    match Kind::from_name(name) {
        Some(kind) => {
            output.write(&explain::draw(kind, output.columns));
            Exit::Clean
        }
        None => {
            let (message, help) = explain::unknown(name);
            output.complain(&message, Some(&help));
            Exit::Usage
        }
    }
}
