//! The kernel log itself: lines with their time and level, what has been printed how often, and what the kernel remembers of what went wrong.
//!
//! Invariant: lines come in the order in which they are written, each with the time and the level that hold then.

use super::RELEASE;
use super::scene::Scene;
use super::taint::Taint;
use sim_core::program::{LOG_CONT, SpanId};
use std::collections::BTreeMap;

/// The levels of a kernel log. (`include/linux/kern_levels.h`)
pub(super) mod level {
    pub(in super::super) const EMERG: u8 = 0;
    pub(in super::super) const ALERT: u8 = 1;
    pub(in super::super) const CRIT: u8 = 2;
    pub(in super::super) const ERR: u8 = 3;
    pub(in super::super) const WARNING: u8 = 4;
    pub(in super::super) const INFO: u8 = 6;
}

/// How a log is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Each line begins with its level, as `dmesg --raw` shows it: `<4>`.
    pub raw: bool,
    /// Only lines below this level, as on a console with `loglevel=N`.
    pub console_loglevel: Option<u8>,
}

/// A kernel log, in which a step takes a microsecond.
pub(super) struct Log {
    out: String,
    style: Style,
    now: u64,
    level: u8,
    /// The line of this context has no end yet: `KERN_CONT` may go on with it. And the blanks that it would end with.
    open: Option<(String, String)>,
    /// How many lines a place has printed, of those that may print only so many.
    printed: BTreeMap<SpanId, u8>,
    /// The letters so far.
    pub(super) taint: Taint,
    /// The lock validator is on: an oops, a report of KASAN and a report of its own turn it off.
    pub(super) debug_locks: bool,
    /// Oopses so far.
    pub(super) oopses: u32,
}

impl Log {
    pub(super) fn new(style: Style) -> Self {
        Self {
            out: String::new(),
            style,
            now: 0,
            level: level::WARNING,
            open: None,
            printed: BTreeMap::new(),
            taint: Taint::default(),
            debug_locks: true,
            oopses: 0,
        }
    }

    /// Sets the time.
    pub(super) fn at_microsecond(&mut self, now: u64) {
        self.now = self.now.max(now);
    }

    /// Lets seconds pass.
    pub(super) fn wait_seconds(&mut self, seconds: u64) {
        self.now += seconds * 1_000_000;
    }

    /// The level of the lines that follow.
    pub(super) fn level(&mut self, level: u8) {
        self.level = level;
    }

    /// Writes one line, or several.
    pub(super) fn line(&mut self, text: &str) {
        self.open = None;
        for line in text.split('\n') {
            if self.style.console_loglevel.is_some_and(|limit| self.level >= limit) {
                continue;
            }
            if self.style.raw {
                self.out += &format!("<{}>", self.level);
            }
            let prefix = format!("[{:>5}.{:06}] ", self.now / 1_000_000, self.now % 1_000_000);
            // `dmesg` shows an empty line as its time alone.
            self.out += format!("{prefix}{line}").trim_end();
            self.out.push('\n');
        }
    }

    /// Writes lines.
    pub(super) fn lines<I: IntoIterator<Item = String>>(&mut self, lines: I) {
        for line in lines {
            self.line(&line);
        }
    }

    /// `printk()` by a context at a place that may print `most` lines. (`kernel/printk/printk.c`, `vprintk_store`)
    pub(super) fn print(&mut self, context: &str, at: SpanId, level: u8, most: u8, text: &str) {
        if most > 0 {
            let printed = self.printed.entry(at).or_default();
            if *printed >= most {
                return;
            }
            *printed += 1;
        }
        let ends = text.ends_with('\n');
        let text = text.strip_suffix('\n').unwrap_or(text);
        let (text, blanks) = text.split_at(text.trim_end().len());
        match self.open.take().filter(|(begun_by, _)| level == LOG_CONT && begun_by == context) {
            Some((_, between)) => {
                // What is not shown has no line to go on with.
                if self.out.ends_with('\n') && self.style.console_loglevel.is_none_or(|limit| self.level < limit) {
                    self.out.pop();
                    self.out += &format!("{between}{text}\n");
                }
            }
            None => {
                self.level(if level == LOG_CONT { level::WARNING } else { level });
                self.line(text);
            }
        }
        self.open = (!ends).then(|| (context.to_owned(), blanks.to_owned()));
    }

    /// `CPU: 0 UID: 0 PID: 27 Comm: reader Not tainted 6.12.0 #1`, and the names of the letters if there are any. (`lib/dump_stack.c`)
    pub(super) fn cpu_line(&mut self, cpu: u8, pid: u32, comm: &str) {
        let taint = self.taint;
        self.line(&format!("CPU: {cpu} UID: 0 PID: {pid} Comm: {comm} {taint} {RELEASE} #1"));
        self.lines(taint.verbose());
    }

    /// `dump_stack()`: the CPU line and the call trace.
    pub(super) fn dump_stack(&mut self, scene: &Scene) {
        self.level(level::WARNING);
        scene.cpu_line(self);
        self.lines(scene.workqueue_line());
        self.lines(scene.call_trace());
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: u8 = 6;

    #[test]
    fn a_line_without_an_end_is_gone_on_with_by_whoever_began_it() {
        let mut log = Log::new(Style { raw: true, console_loglevel: None });
        log.print("a", 1, INFO, 0, "one ");
        log.print("a", 2, LOG_CONT, 0, "two");
        log.print("a", 3, LOG_CONT, 0, " three\n");
        log.print("a", 4, LOG_CONT, 0, "alone\n");
        log.print("a", 1, INFO, 0, "begun");
        log.print("b", 5, LOG_CONT, 0, "by another\n");
        log.print("a", 1, INFO, 0, "no end");
        log.print("a", 1, INFO, 0, "no continuation\n");
        let lines: Vec<&str> = log.out.lines().map(|line| line.split_once("] ").map_or("", |(_, text)| text)).collect();
        let expected = ["one two three", "alone", "begun", "by another", "no end", "no continuation"];
        assert_eq!(lines, expected, "{}", log.out);
        assert!(log.out.starts_with("<6>[    0.000000] one") && log.out.contains("<4>[    0.000000] alone"));
    }

    #[test]
    fn a_place_prints_as_many_lines_as_it_may_and_a_console_those_below_its_level() {
        let mut log = Log::new(Style { raw: false, console_loglevel: Some(4) });
        for _ in 0..12 {
            log.print("a", 1, 3, 1, "once\n");
            log.print("a", 2, 3, 10, "ten times\n");
            log.print("a", 3, 3, 0, "always\n");
            log.print("a", 4, 4, 0, "never here\n");
        }
        let count = |text: &str| log.out.lines().filter(|line| line.ends_with(text)).count();
        assert_eq!(["once", "ten times", "always", "never here"].map(count), [1, 10, 12, 0]);
    }
}
