//! What is wrong with a scenario, as data.
//!
//! Invariant: a diagnostic is complete when it is made; rendering adds nothing but the source text.

use crate::source_map::Place;
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// There is no program.
    Error,
    /// There is one, but it may not mean what was meant.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// One line, lower case, without a full stop.
    pub title: String,
    /// Where.
    pub place: Place,
    /// What is to be said at that place; may be empty.
    pub label: String,
    /// Other places that matter, with what is to be said there.
    pub secondary: Vec<(Place, String)>,
    /// `note:` lines.
    pub notes: Vec<String>,
    /// `help:` lines: what to write instead.
    pub helps: Vec<Help>,
}

/// What to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// In words.
    pub text: String,
    /// Text to put in the place of other text.
    pub replacement: Option<(Place, String)>,
}

impl Diagnostic {
    /// An error.
    pub fn error(place: Place, title: impl fmt::Display) -> Self {
        Self {
            severity: Severity::Error,
            title: title.to_string(),
            place,
            label: String::new(),
            secondary: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(place: Place, title: impl fmt::Display) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, title) }
    }

    /// Sets what is said at the place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(mut self, place: Place, text: impl Into<String>) -> Self {
        self.secondary.push((place, text.into()));
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(Help { text: text.into(), replacement: None });
        self
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn suggest(mut self, text: impl Into<String>, place: Place, replacement: impl Into<String>) -> Self {
        self.helps.push(Help { text: text.into(), replacement: Some((place, replacement.into())) });
        self
    }
}

/// How many diagnostics are kept; more are counted.
const KEPT: usize = 2_000;

/// What has been reported so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    left_out: usize,
    errors: usize,
}

impl Diagnostics {
    /// Reports something.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        if self.list.len() < KEPT {
            self.list.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many were reported beyond those that are kept.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Those that are kept, sorted by place, without repetition.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| (a.place, &a.title).cmp(&(b.place, &b.title)));
        self.list.dedup();
        self.list
    }
}

/// The name among `known` that is nearest to `name`, if one is near enough to be what was meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Of two letters any other name is as near as what was meant.
    let limit = name.chars().count() / 3;
    known
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= limit)
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}
