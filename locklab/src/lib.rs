//! The `locklab` command: reads a scenario, has it checked, and tells people what was found.
//!
//! Invariant: nothing here decides what is a finding or how a kernel behaves; it calls `kernel-c` and `sim-core` and draws what they give.
//! The same input draws the same bytes, on any terminal of the same width.
//!
//! | module | what it is |
//! |---|---|
//! | [`args`] | the command line |
//! | [`exit`] | what a command ends with |
//! | [`input`] | reading a scenario, and what is said of one that cannot be read |
//! | [`outcome`] | how a search ended |
//! | [`schedule`] | the hash that ties a schedule to its source |
//! | [`render`] | a report as text for people, as JSON, as a kernel log |

pub mod args;
pub mod exit;
pub mod input;
pub mod outcome;
pub mod render;
pub mod schedule;

use std::process::ExitCode;

/// Runs the command that the command line asks for.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
