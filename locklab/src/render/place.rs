//! Where things stand in the user's text: what happened inside the prelude is shown at the line that called it.

use sim_core::finding::{Frame, Place};
use sim_core::program::{Program, Span, SpanId};

/// A file's line, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Index into the source's files.
    pub file: u16,
    /// The line.
    pub line: usize,
}

/// Whether a file is part of what is built in.
pub fn is_prelude(program: &Program, file: u16) -> bool {
    program.source.files.get(file as usize).is_some_and(|file| file.prelude)
}

/// The place to show for something that happened at `span` with this call path (innermost first).
pub fn visible(program: &Program, span: SpanId, stack: &[Frame]) -> Span {
    let at = program.source.span(span);
    if !is_prelude(program, at.file) && !stack.first().is_some_and(|f| f.prelude) {
        return at;
    }
    stack.iter().find(|f| !f.prelude).map_or(at, |f| program.source.span(f.span))
}

/// The place to show for a finding's place.
pub fn of(program: &Program, place: &Place) -> Span {
    visible(program, place.span, &place.stack)
}

/// The line that a range starts on.
pub fn line(program: &Program, span: Span) -> Line {
    Line { file: span.file, line: program.source.line_column(span.file, span.lo).0 }
}

/// `line 12`, or `util.h:12` outside the scenario's own file.
pub fn line_words(program: &Program, span: Span) -> String {
    let Line { file, line } = line(program, span);
    if file == 0 { format!("line {line}") } else { format!("{}:{line}", file_name(program, file)) }
}

/// The name of a file as the user gave it.
pub fn file_name(program: &Program, file: u16) -> &str {
    program.source.files.get(file as usize).map_or("?", |f| f.name.as_str())
}

/// The text of a range.
pub fn text(program: &Program, span: Span) -> &str {
    program.source.text(span)
}
