//! What a command ends with. Scripts rely on these numbers: they never change their meaning.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Nothing found, and the search was complete.
    Clean = 0,
    /// Something was found, even if a limit was hit too. For `locklab test`: a file did not show what it expects.
    Findings = 1,
    /// The input or the command line is wrong.
    Usage = 2,
    /// Nothing found, but a limit stopped the search.
    Limit = 3,
    /// Nothing ran, or a claim was never evaluated.
    Vacuous = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
