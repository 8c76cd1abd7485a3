//! Where text goes: with colours where they are wanted, and quietly nowhere when nobody reads any more.

use crate::args::Color;
use crate::render::text::{DIM, ERROR, HELP, paint};
use anstream::{AutoStream, ColorChoice};
use std::io::{self, Write};

/// The narrowest page that reports are laid out for.
const NARROWEST: usize = 60;
/// The widest: longer lines are harder to read.
const WIDEST: usize = 120;
/// The page where there is no terminal.
const USUAL: usize = 80;

/// Standard output and standard error, and how to lay out what goes there.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    choice: ColorChoice,
    /// The width of the page.
    pub columns: usize,
}

impl Output {
    /// As the command line and the terminal say.
    pub fn new(color: Color, width: Option<u16>) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let terminal = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        let columns = match width {
            Some(width) => usize::from(width),
            None => terminal().map_or(USUAL, |columns| columns.clamp(NARROWEST, WIDEST)),
        };
        Self { choice, columns }
    }

    /// Writes to standard output. A reader that has gone away is no error: `| head` is how people look at long reports.
    pub fn write(&self, text: &str) {
        let mut stream = AutoStream::new(io::stdout().lock(), self.choice);
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }

    /// Writes to standard error, likewise.
    pub fn write_error(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.choice);
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }

    /// Says what is wrong with the input or the command line, and what to do.
    pub fn complain(&self, message: &str, help: Option<&str>) {
        let mut text = format!("{} {message}\n", paint(ERROR, "error:"));
        if let Some(help) = help {
            text += &format!("  {} {help}\n", paint(HELP, "help:"));
        }
        self.write_error(&text);
    }

    /// Says something that does not matter much.
    pub fn mention(&self, message: &str) {
        self.write_error(&format!("{}\n", paint(DIM, message)));
    }
}
