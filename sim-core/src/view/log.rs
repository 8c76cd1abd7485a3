//! What an execution puts into the kernel log, in the order in which it does.
//!
//! Invariant: the log is history, no part of a state: it is made by replaying a schedule. What was printed before, how often, and what had gone wrong by
//! then is read off it, and nothing else keeps it.

use super::Replay;
use crate::finding::{Finding, Kind};
use crate::machine::{Event, What};
use crate::program::SpanId;
use serde::{Deserialize, Serialize};

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRecord {
    /// The step in which it is made, counted from 1; 0: before the first.
    pub step: usize,
    /// The context that makes it.
    pub context: String,
    /// Where in the source.
    pub span: SpanId,
    /// What it is.
    pub entry: LogEntry,
}

/// What makes an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogEntry {
    /// `printk()`.
    Line {
        /// 0 (`KERN_EMERG`) to 7 (`KERN_DEBUG`), or [`crate::program::LOG_CONT`].
        level: u8,
        /// How many lines this place may print; 0: any number.
        most: u8,
        /// The text, with its line ends.
        text: String,
    },
    /// Something went wrong.
    Wrong {
        /// What.
        kind: Kind,
        /// The kind's own detail.
        detail: u32,
        /// The evidence, of what went wrong on the way to what an execution shows.
        evidence: Option<Box<Finding>>,
    },
    /// The context was killed by an oops.
    Killed {
        /// Its `preempt_count`.
        preempt_count: u32,
        /// It had interrupts off.
        irqs_off: bool,
    },
    /// `panic()`.
    Panic {
        /// The text.
        text: String,
    },
}

/// The log of an execution, without evidence.
pub fn log(replay: &Replay) -> Vec<LogRecord> {
    let machine = replay.machine;
    let record = |step: usize, event: &Event| {
        let entry = match &event.what {
            What::Log { level, most, text } => LogEntry::Line { level: *level, most: *most, text: text.clone() },
            What::Symptom { kind, detail, .. } => LogEntry::Wrong { kind: *kind, detail: *detail, evidence: None },
            What::Killed { preempt_count, irqs_off } => {
                LogEntry::Killed { preempt_count: *preempt_count, irqs_off: *irqs_off }
            }
            What::Panics { text } => LogEntry::Panic { text: text.clone() },
            _ => return None,
        };
        let context = step.checked_sub(1).map(|step| replay.steps[step].choice.context as usize);
        let context = context.map_or("init", |context| machine.name(context)).to_owned();
        let stack = step.checked_sub(1).map_or(&[][..], |step| replay.steps[step].stack.as_slice());
        let span = machine.span(machine.outside_prelude(stack, event.at));
        Some(LogRecord { step, context, span, entry })
    };
    replay.events().filter_map(|(step, event)| record(step.map_or(0, |step| step + 1), event)).collect()
}
