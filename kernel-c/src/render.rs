//! Diagnostics as text for people, in the style of rustc.
//!
//! Invariant: the cost depends on how much is shown, not on how long the files or their lines are.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source_map::{File, Files, Place};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use sim_core::program::Span;
use std::ops::Range;

/// How many diagnostics are shown; more are counted.
const SHOWN: usize = 100;
/// Places this many lines apart or less are shown in one piece.
const NEAR_LINES: usize = 60;
/// How much of a line is shown before and behind a place if the line is long.
const LONG_LINE: usize = 400;

/// How diagnostics are to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 80 }
    }
}

/// Renders diagnostics, which are sorted already; `left_out` more are only counted.
pub fn render(diagnostics: &[Diagnostic], left_out: usize, files: &Files, style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.width.max(40)).decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        text.push_str(&renderer.render(&groups(diagnostic, files)));
        text.push_str("\n\n");
    }
    let more = diagnostics.len().saturating_sub(SHOWN) + left_out;
    if more > 0 {
        let title = format!("and {more} more like these are not shown");
        text.push_str(&renderer.render(&[Group::with_title(Level::NOTE.primary_title(title))]));
        text.push_str("\n\n");
    }
    text
}

fn groups<'a>(diagnostic: &'a Diagnostic, files: &'a Files) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let labels = labels(diagnostic, files);
    let mut main = Group::with_title(level.primary_title(diagnostic.title.as_str()));
    for piece in pieces(&labels, files) {
        main = main.element(piece);
    }
    for note in &diagnostic.notes {
        main = main.element(Level::NOTE.message(note.as_str()));
    }
    let (words, patches): (Vec<_>, Vec<_>) = diagnostic.helps.iter().partition(|help| help.replacement.is_none());
    for help in words {
        main = main.element(Level::HELP.message(help.text.as_str()));
    }
    let mut groups = vec![main];
    for help in patches {
        let Some((place, replacement)) = &help.replacement else { continue };
        let title = Level::HELP.secondary_title(help.text.as_str());
        // What a macro made is mended in the macro.
        groups.push(match patch(place.definition.unwrap_or(place.at), replacement, files) {
            Some(snippet) => title.element(snippet),
            None => Group::with_title(title),
        });
    }
    groups
}

/// A place to be shown, and what is said there.
struct Label<'a> {
    span: Span,
    kind: AnnotationKind,
    text: &'a str,
}

fn labels<'a>(diagnostic: &'a Diagnostic, files: &Files) -> Vec<Label<'a>> {
    let Place { at, definition } = diagnostic.place;
    let mut labels = vec![Label { span: at, kind: AnnotationKind::Primary, text: &diagnostic.label }];
    // The kernel's own macros say nothing to whoever uses them.
    let in_macro = definition.filter(|span| !Place { at: *span, definition: None }.is_prelude());
    let secondary = diagnostic.secondary.iter().map(|(place, text)| (place.at, text.as_str()));
    for (span, text) in in_macro.map(|span| (span, "in this macro")).into_iter().chain(secondary) {
        if files.get(span.file).is_some() {
            labels.push(Label { span, kind: AnnotationKind::Context, text });
        }
    }
    labels
}

/// The pieces of source that show all labels: those near to each other in one.
fn pieces<'a>(labels: &[Label<'a>], files: &'a Files) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut groups: Vec<(Vec<&Label<'a>>, Range<usize>)> = Vec::new();
    for label in labels {
        let Some(file) = files.get(label.span.file) else { continue };
        let lines = file.line(label.span.lo)..file.line(label.span.hi.saturating_sub(1).max(label.span.lo)) + 1;
        let near = groups.iter_mut().find(|(group, range)| {
            group[0].span.file == label.span.file
                && range.start.min(lines.start) + NEAR_LINES >= range.end.max(lines.end)
        });
        match near {
            Some((group, range)) => {
                *range = range.start.min(lines.start)..range.end.max(lines.end);
                group.push(label);
            }
            None => groups.push((vec![label], lines)),
        }
    }
    groups
        .into_iter()
        .filter_map(|(group, lines)| {
            let file = files.get(group[0].span.file)?;
            let window = window(file, &lines, group[0].span);
            let mut snippet =
                Snippet::source(&file.text[window.clone()]).path(file.name.as_str()).line_start(lines.start);
            for label in group {
                let annotation = label.kind.span(within(label.span, &window, &file.text));
                snippet = snippet.annotation(match label.text {
                    "" => annotation,
                    text => annotation.label(text),
                });
            }
            Some(snippet)
        })
        .collect()
}

fn patch<'a>(span: Span, replacement: &'a str, files: &'a Files) -> Option<Snippet<'a, Patch<'a>>> {
    let file = files.get(span.file)?;
    let lines = file.line(span.lo)..file.line(span.hi) + 1;
    let window = window(file, &lines, span);
    let range = within(span, &window, &file.text);
    let snippet = Snippet::source(&file.text[window]).path(file.name.as_str()).line_start(lines.start);
    Some(snippet.patch(Patch::new(range, replacement)))
}

/// The bytes of whole lines; of very long ones, what is around a span.
fn window(file: &File, lines: &Range<usize>, span: Span) -> Range<usize> {
    let whole = file.line_range(lines.start).start..file.line_range(lines.end - 1).end;
    let many = lines.len() > 2 * NEAR_LINES;
    if whole.len() <= LONG_LINE * lines.len().min(NEAR_LINES) && !many {
        return whole;
    }
    let first = file.line_range(lines.start);
    let lo = (span.lo as usize).clamp(first.start, first.end);
    let start = lo.saturating_sub(LONG_LINE).max(first.start);
    let end = (lo + LONG_LINE).min(first.end);
    floor(&file.text, start)..floor(&file.text, end)
}

/// A span relative to a window, cut to it.
fn within(span: Span, window: &Range<usize>, text: &str) -> Range<usize> {
    let lo = floor(text, span.lo as usize).clamp(window.start, window.end);
    let hi = floor(text, span.hi as usize).clamp(lo, window.end);
    lo - window.start..hi - window.start
}

fn floor(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or(0)
}
