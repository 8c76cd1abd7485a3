//! A report as text for people, as JSON, as a kernel log.
//!
//! Invariant: everything drawn comes from a [`Report`]; drawing is a pure function of it and of the width.

pub mod advice;
pub mod dmesg;
pub mod guards;
pub mod human;
pub mod json;
pub mod lanes;
pub mod place;
pub mod snippet;
pub mod text;

use crate::exit::Exit;
use crate::outcome::{Ending, Outcome};
use sim_core::finding::{Finding, Severity};
use sim_core::program::Program;

/// What there is to tell about a check.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was checked.
    pub program: &'a Program,
    /// The file as the user named it: replay lines name it so.
    pub file: &'a str,
    /// The kernel options of the command line, each with a space before it: replay lines repeat them.
    pub options: &'a str,
    /// What was found.
    pub findings: &'a [Finding],
    /// How the search ended.
    pub outcome: &'a Outcome,
}

impl Report<'_> {
    /// What the command ends with. Notes never change it.
    pub fn exit(&self) -> Exit {
        if self.findings.iter().any(|f| f.severity != Severity::Note) {
            return Exit::Findings;
        }
        match self.outcome.ending {
            Ending::Complete => Exit::Clean,
            Ending::Stopped(_) | Ending::Sampled { .. } => Exit::Limit,
            Ending::Vacuous(_) => Exit::Vacuous,
        }
    }

    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|f| f.severity == severity).count() as u64
    }
}
