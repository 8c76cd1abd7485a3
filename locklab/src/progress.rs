//! How far a search is, on standard error, when that is a terminal; nothing at all when it is not.

use crate::render::text::grouped;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sim_core::search::Progress;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// A line that is written over and over.
#[derive(Debug)]
pub struct Meter {
    bar: Option<ProgressBar>,
    started: Instant,
    /// How much of the line is written: the spinner and a terminal's `^C` must fit beside it, or the line could not be taken away again.
    room: usize,
}

impl Meter {
    /// A meter, if anybody sees it.
    pub fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        let columns = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
        Self { bar, started: Instant::now(), room: columns.saturating_sub(6) }
    }

    /// One that shows nothing.
    pub fn silent() -> Self {
        Self { bar: None, started: Instant::now(), room: 0 }
    }

    /// Shows how far a search is.
    pub fn show(&mut self, progress: &Progress) {
        self.say(|elapsed| line(progress, elapsed));
    }

    /// Shows a line, made of how long it has taken so far.
    pub fn say(&mut self, line: impl FnOnce(Duration) -> String) {
        let Some(bar) = &self.bar else { return };
        let line = line(self.started.elapsed());
        bar.set_message(line.chars().take(self.room).collect::<String>());
        bar.tick();
    }

    /// Takes the line away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

/// `1,204 states, 3,310/s, 200 to go, 34 deep, 12 MB`
fn line(progress: &Progress, elapsed: Duration) -> String {
    let rate = progress.states as f64 / elapsed.as_secs_f64().max(0.001);
    format!(
        "{} states, {}/s, {} to look into, {} steps deep, {} MB",
        grouped(progress.states),
        grouped(rate as u64),
        grouped(progress.frontier),
        progress.depth,
        grouped(progress.bytes >> 20)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_states_rate_frontier_depth_and_memory() {
        let progress = Progress { states: 10_000, transitions: 1, depth: 7, frontier: 1234, bytes: 3 << 20 };
        assert_eq!(
            line(&progress, Duration::from_secs(2)),
            "10,000 states, 5,000/s, 1,234 to look into, 7 steps deep, 3 MB"
        );
    }
}
