//! The headline of a finding and the source with every place involved labelled, as compilers do it.

use super::text::{self, width};
use super::{advice, place};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Renderer, Snippet};
use sim_core::finding::{Finding, Severity};
use sim_core::program::{Program, Span};

/// A range with all that is to be said of it.
struct Labelled {
    span: Span,
    label: String,
    primary: bool,
}

/// The headline and the source, ending in a line break.
pub fn draw(program: &Program, finding: &Finding, columns: usize) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut names = vec![finding.kind.name()];
    // What lock rules it breaks is told below, a line each.
    names.extend(finding.also.iter().filter(|kind| !advice::is_lock_rule(**kind)).map(|kind| kind.name()));
    let labelled = labelled(program, finding);
    let (short, legend) = fit(program, labelled, columns);
    let title = headline(&names.join(", "), finding, columns);
    let elements = snippets(program, &short);
    let group = level.primary_title(title.as_str()).id(names.join(", ")).elements(elements);
    let renderer = Renderer::styled().decor_style(DecorStyle::Unicode).term_width(columns);
    let mut out = renderer.render(&[group]);
    out.push('\n');
    out + &legend
}

/// The message, broken so that headline and name fit.
fn headline(names: &str, finding: &Finding, columns: usize) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    // The renderer puts `error[name]: ` first and indents what follows a line break by as much.
    let taken = level.len() + names.len() + 4;
    let room = columns.saturating_sub(taken);
    if room < 30 {
        return finding.message.clone();
    }
    text::wrap(&finding.message, room).join("\n")
}

/// One entry for each range: places that share one share a line of labels.
fn labelled(program: &Program, finding: &Finding) -> Vec<Labelled> {
    let mut all: Vec<Labelled> = Vec::new();
    for (i, place) in finding.places.iter().enumerate() {
        let span = place::of(program, place);
        let label = place.label.clone();
        match all.iter_mut().find(|l| l.span == span) {
            Some(same) if same.label.split("; ").any(|l| l == label) => {}
            Some(same) => same.label = format!("{}; {label}", same.label),
            None => all.push(Labelled { span, label, primary: i == 0 }),
        }
    }
    all
}

/// Labels that would not fit beside the source are numbered, and told below it.
fn fit(program: &Program, mut all: Vec<Labelled>, columns: usize) -> (Vec<Labelled>, String) {
    let last = all.iter().map(|l| place::line(program, l.span).line).max().unwrap_or(1);
    let gutter = last.to_string().len() + 4;
    let mut legend = String::new();
    let mut number = 0;
    for labelled in &mut all {
        let room = columns.saturating_sub(gutter + columns_before_label(program, &labelled.span));
        if width(&labelled.label) <= room {
            continue;
        }
        number += 1;
        let told = std::mem::replace(&mut labelled.label, format!("({number})"));
        let hanging = " ".repeat(gutter);
        for (i, line) in text::wrap(&told, columns - gutter - 4).iter().enumerate() {
            let mark = if i == 0 { format!("({number})") } else { "   ".to_owned() };
            legend += &format!("{hanging}{mark} {line}\n");
        }
    }
    (all, legend)
}

/// How far right a label starts: after the underlined text, tabs counted as the renderer draws them.
fn columns_before_label(program: &Program, span: &Span) -> usize {
    const TAB: usize = 4;
    let file = program.source.files.get(span.file as usize).map_or("", |f| f.text.as_str());
    let start = file.get(..span.lo as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let underlined = file.get(start..span.hi as usize).unwrap_or("");
    let underlined = underlined.lines().next().unwrap_or("");
    underlined.chars().map(|c| if c == '\t' { TAB } else { width(c.encode_utf8(&mut [0; 4])) }).sum::<usize>() + 1
}

/// One snippet for each file, the primary place's first.
fn snippets<'a>(program: &'a Program, all: &'a [Labelled]) -> Vec<Element<'a>> {
    let mut files: Vec<u16> = Vec::new();
    for labelled in all {
        if !files.contains(&labelled.span.file) {
            files.push(labelled.span.file);
        }
    }
    files.iter().filter_map(|&file| Some(snippet(program.source.files.get(file as usize)?, file, all).into())).collect()
}

fn snippet<'a>(
    source: &'a sim_core::program::SourceFile,
    file: u16,
    all: &'a [Labelled],
) -> Snippet<'a, Annotation<'a>> {
    let annotations = all.iter().filter(|l| l.span.file == file).map(|labelled| {
        let kind = if labelled.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let end = source.text.len();
        let lo = (labelled.span.lo as usize).min(end);
        let hi = (labelled.span.hi as usize).clamp(lo, end);
        kind.span(lo..hi).label(labelled.label.as_str())
    });
    Snippet::source(source.text.as_str()).path(source.name.as_str()).fold(true).annotations(annotations)
}
