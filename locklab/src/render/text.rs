//! Laying out text for people: colours, widths, wrapping.
//!
//! Invariant: text is measured without its colours. Colours are always written; whoever prints strips them where they are not wanted.

use anstyle::{AnsiColor, Effects, Style};
use unicode_width::UnicodeWidthStr;

/// An error, and what went wrong in a schedule.
pub const ERROR: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);
/// A warning, and waiting.
pub const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
/// All is well.
pub const GOOD: Style = AnsiColor::BrightGreen.on_default().effects(Effects::BOLD);
/// What stands beside the matter: line numbers, what lasts on.
pub const DIM: Style = Style::new().effects(Effects::DIMMED);
/// Headings and names.
pub const STRONG: Style = Style::new().effects(Effects::BOLD);
/// Help.
pub const HELP: Style = AnsiColor::BrightCyan.on_default().effects(Effects::BOLD);
/// Plain text.
pub const PLAIN: Style = Style::new();

/// The text in a style.
pub fn paint(style: Style, text: &str) -> String {
    if style == PLAIN || text.is_empty() { text.to_owned() } else { format!("{style}{text}{style:#}") }
}

/// How many columns a text without colours takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Breaks a text into lines of at most `columns`; a word that is longer is broken.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    wrap_with(text, columns, "", "")
}

/// The same, with what each line begins with: the first, and those after it.
pub fn wrap_with(text: &str, columns: usize, first: &str, rest: &str) -> Vec<String> {
    let options = textwrap::Options::new(columns.max(8))
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .initial_indent(first)
        .subsequent_indent(rest);
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
}

/// A paragraph under a heading in the margin:
/// ```text
///   why   the text, wrapped, every
///         line beginning here
/// ```
pub fn margin_note(heading: &str, style: Style, text: &str, columns: usize) -> String {
    const INDENT: usize = 10;
    let mut out = String::new();
    for (i, line) in wrap(text, columns - INDENT).iter().enumerate() {
        let margin = if i == 0 { heading } else { "" };
        let gap = " ".repeat(INDENT - 2 - width(margin));
        out += &format!("  {}{gap}{line}\n", paint(style, margin));
    }
    out
}

/// `1,234,567`
pub fn grouped(number: u64) -> String {
    group_digits(&number.to_string())
}

/// Puts a comma before every third digit from the end.
pub fn group_digits(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 step`, `1,200 steps`
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_end() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(11_341_030), "11,341,030");
    }

    #[test]
    fn a_margin_note_keeps_its_margin_and_its_width() {
        let note = margin_note("why", PLAIN, "one two three four five six seven", 30);
        assert_eq!(note, "  why     one two three four\n          five six seven\n");
        assert!(note.lines().all(|line| width(line) <= 30));
    }

    #[test]
    fn lists_read_as_sentences() {
        let items = ["a", "b", "c"].map(String::from);
        assert_eq!(listed(&items[..1]), "a");
        assert_eq!(listed(&items[..2]), "a and b");
        assert_eq!(listed(&items), "a, b and c");
    }
}
