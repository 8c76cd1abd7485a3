//! The text of a scenario and places in it.

use serde::{Deserialize, Serialize};

/// Index into [`Source::spans`].
pub type SpanId = u32;

/// The files a program came from, and every place in them that an instruction names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// File 0 is the scenario; then what it includes; the prelude last.
    pub files: Vec<SourceFile>,
    /// Places; index 0 is always valid and stands for "nowhere in particular" (file 0, offset 0).
    pub spans: Vec<SpanInfo>,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name as given by the user; reports show it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// It is part of what is built in.
    pub prelude: bool,
}

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// Index into [`Source::files`].
    pub file: u16,
    /// First byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

/// A place as people see it: where it stands in the text, and, for code that a macro made, where the macro says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SpanInfo {
    /// The place in the text: for code from a macro, the outermost use of the macro.
    pub at: Span,
    /// For code from a macro, the place in the macro's definition.
    pub definition: Option<Span>,
}

impl Source {
    /// The place with this id.
    pub fn span(&self, id: SpanId) -> Span {
        self.spans.get(id as usize).map_or(Span::default(), |info| info.at)
    }

    /// The one-based line and column (in characters) of a byte offset in a file.
    pub fn line_column(&self, file: u16, offset: u32) -> (usize, usize) {
        let Some(file) = self.files.get(file as usize) else {
            return (0, 0);
        };
        let before = &file.text[..floor_char_boundary(&file.text, offset as usize)];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// `file.c:12` for a place.
    pub fn location(&self, id: SpanId) -> String {
        let span = self.span(id);
        let name = self.files.get(span.file as usize).map_or("?", |f| f.name.as_str());
        format!("{name}:{}", self.line_column(span.file, span.lo).0)
    }

    /// The text of a range; empty if there is no such range.
    pub fn text(&self, span: Span) -> &str {
        let text = self.files.get(span.file as usize).map_or("", |file| file.text.as_str());
        text.get(span.lo as usize..span.hi as usize).unwrap_or("")
    }

    /// The text of the line that a place starts on, without its end.
    pub fn line_text(&self, id: SpanId) -> &str {
        let span = self.span(id);
        let Some(file) = self.files.get(span.file as usize) else {
            return "";
        };
        let at = floor_char_boundary(&file.text, span.lo as usize);
        let start = file.text[..at].rfind('\n').map_or(0, |i| i + 1);
        let end = file.text[at..].find('\n').map_or(file.text.len(), |i| at + i);
        &file.text[start..end]
    }
}

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
