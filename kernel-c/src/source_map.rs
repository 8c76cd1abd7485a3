//! The files that are compiled and the places in them.
//!
//! Invariant: a [`Place`] of a syntax node is a value, not an index: it needs no table to be made or joined. Only places that the program names are
//! interned, when the lowering asks.

use sim_core::program::{Source, SourceFile, Span, SpanId, SpanInfo};
use std::collections::HashMap;
use std::sync::Arc;

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
    pub fn plain(file: u16, lo: usize, hi: usize) -> Self {
        Self { at: Span { file, lo: lo as u32, hi: hi as u32 }, definition: None }
    }

    /// From the start of this place to the end of the other.
    #[must_use]
    pub fn to(self, end: Self) -> Self {
        let definition = match (self.definition, end.definition) {
            (Some(a), Some(b)) => Some(join(a, b)),
            (a, b) => a.or(b),
        };
        Self { at: join(self.at, end.at), definition }
    }

    /// The point right after this place.
    #[must_use]
    pub fn after(self) -> Self {
        let end = |span: Span| Span { lo: span.hi, ..span };
        Self { at: end(self.at), definition: self.definition.map(end) }
    }

    /// Whether it is in the text that the front end brings along rather than in the user's.
    pub fn is_prelude(self) -> bool {
        self.at.file >= PRELUDE
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

/// Files of the prelude are numbered from here while a scenario is compiled, because it is read before anybody knows how many files the scenario includes.
/// [`SourceMap::into_source`] moves them behind the others.
const PRELUDE: u16 = 0x8000;

/// A file that is compiled.
#[derive(Debug)]
pub struct File {
    /// Its name as the user gave it.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl File {
    fn new(name: String, text: Arc<str>) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        let line_starts = std::iter::once(0).chain(ends).collect();
        Self { name, text, line_starts }
    }

    /// The one-based line that a byte is on.
    pub fn line(&self, offset: u32) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// The bytes of a one-based line, its end not included.
    pub fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let lo = self.line_starts.get(line - 1).map_or(self.text.len(), |start| *start as usize);
        let hi = self.line_starts.get(line).map_or(self.text.len(), |start| *start as usize - 1);
        lo..hi.max(lo)
    }
}

/// All files. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Files {
    user: Vec<Arc<File>>,
    prelude: Vec<Arc<File>>,
}

impl Files {
    /// The file with this index.
    pub fn get(&self, index: u16) -> Option<&File> {
        let file = match index.checked_sub(PRELUDE) {
            Some(index) => self.prelude.get(index as usize),
            None => self.user.get(index as usize),
        };
        file.map(AsRef::as_ref)
    }
}

/// The files, and the places that the program names.
#[derive(Debug)]
pub struct SourceMap {
    files: Files,
    spans: Vec<SpanInfo>,
    interned: HashMap<Place, SpanId>,
}

impl Default for SourceMap {
    fn default() -> Self {
        let nowhere = Place::default();
        Self { files: Files::default(), spans: vec![nowhere.into()], interned: HashMap::from([(nowhere, 0)]) }
    }
}

impl SourceMap {
    /// Adds a file of the user's and gives its index. The first is the scenario.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> u16 {
        self.files.user.push(Arc::new(File::new(name.into(), text.into())));
        (self.files.user.len() - 1) as u16
    }

    /// Adds a file of the prelude and gives its index.
    pub fn add_prelude(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> u16 {
        self.files.prelude.push(Arc::new(File::new(name.into(), text.into())));
        PRELUDE + (self.files.prelude.len() - 1) as u16
    }

    /// The file with this index.
    pub fn file(&self, index: u16) -> Option<&File> {
        self.files.get(index)
    }

    /// All files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The original text of a span.
    pub fn span_text(&self, Span { file, lo, hi }: Span) -> &str {
        self.file(file).and_then(|f| f.text.get(lo as usize..hi as usize)).unwrap_or("")
    }

    /// The original text of a place: for code from a macro, the text of the macro's use.
    pub fn text(&self, place: Place) -> &str {
        self.span_text(place.at)
    }

    /// The one-based line that a place starts on.
    pub fn line(&self, place: Place) -> usize {
        self.file(place.at.file).map_or(0, |file| file.line(place.at.lo))
    }

    /// The id of a place for [`sim_core::program::Inst`] and its like.
    pub fn intern(&mut self, place: Place) -> SpanId {
        let spans = &mut self.spans;
        *self.interned.entry(place).or_insert_with(|| {
            spans.push(place.into());
            (spans.len() - 1) as SpanId
        })
    }

    /// The place with this id.
    pub fn place(&self, id: SpanId) -> Place {
        self.spans.get(id as usize).map_or(Place::default(), |info| Place { at: info.at, definition: info.definition })
    }

    /// What the program keeps.
    pub fn into_source(self) -> Source {
        let Files { user, prelude } = self.files;
        let behind = user.len() as u16;
        let renumber = |span: &mut Span| {
            if let Some(index) = span.file.checked_sub(PRELUDE) {
                span.file = behind + index;
            }
        };
        let mut spans = self.spans;
        for info in &mut spans {
            renumber(&mut info.at);
            info.definition.iter_mut().for_each(renumber);
        }
        let keep = |file: Arc<File>, prelude| {
            let (name, text) = (file.name.clone(), file.text.to_string());
            SourceFile { name, text, prelude }
        };
        let user = user.into_iter().map(|file| keep(file, false));
        let prelude = prelude.into_iter().map(|file| keep(file, true));
        Source { files: user.chain(prelude).collect(), spans }
    }
}
