//! The files that are compiled and the places in them.
//!
//! Invariant: a [`Place`] of a syntax node is a value, not an index: it needs no table to be made or joined. Only places that the program names are
//! interned, when the lowering asks.

use sim_core::program::{Source, SourceFile, Span, SpanId, SpanInfo};
use std::collections::HashMap;

/// Where something stands: in the text, and, for what a macro made, also in the macro's definition.
///
/// For a token from a macro's body, `at` is the outermost use of the macro; for a token from a macro's argument, `at` is where the argument is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The place in the text.
    pub at: Span,
    /// The place in a macro's definition.
    pub definition: Option<Span>,
}

impl Place {
    /// A place that no macro has touched.
    pub fn plain(file: u16, lo: u32, hi: u32) -> Self {
        Self { at: Span { file, lo, hi }, definition: None }
    }

    /// From the start of this place to the end of the other.
    pub fn to(self, end: Self) -> Self {
        let definition = match (self.definition, end.definition) {
            (Some(a), Some(b)) => Some(join(a, b)),
            (a, b) => a.or(b),
        };
        Self { at: join(self.at, end.at), definition }
    }
}

impl From<Place> for SpanInfo {
    fn from(place: Place) -> Self {
        Self { at: place.at, definition: place.definition }
    }
}

/// The smallest span around both; the first if they are in different files.
fn join(a: Span, b: Span) -> Span {
    if a.file == b.file { Span { file: a.file, lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) } } else { a }
}

/// The files, and the places that the program names.
#[derive(Debug)]
pub struct SourceMap {
    source: Source,
    interned: HashMap<Place, SpanId>,
}

impl Default for SourceMap {
    fn default() -> Self {
        let nowhere = Place::default();
        Self {
            source: Source { files: Vec::new(), spans: vec![nowhere.into()] },
            interned: HashMap::from([(nowhere, 0)]),
        }
    }
}

impl SourceMap {
    /// Adds a file and gives its index. (The first is the scenario.)
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> u16 {
        let index = self.source.files.len() as u16;
        self.source.files.push(SourceFile { name: name.into(), text: text.into() });
        index
    }

    /// The files.
    pub fn files(&self) -> &[SourceFile] {
        &self.source.files
    }

    /// The original text of a place: for code from a macro, the text of the macro's use.
    pub fn text(&self, place: Place) -> &str {
        let Span { file, lo, hi } = place.at;
        self.source.files.get(file as usize).and_then(|f| f.text.get(lo as usize..hi as usize)).unwrap_or("")
    }

    /// The id of a place for [`sim_core::program::Inst`] and its like.
    pub fn intern(&mut self, place: Place) -> SpanId {
        let spans = &mut self.source.spans;
        *self.interned.entry(place).or_insert_with(|| {
            spans.push(place.into());
            (spans.len() - 1) as SpanId
        })
    }

    /// What the program keeps.
    pub fn into_source(self) -> Source {
        self.source
    }
}
