//! One description of a moment, and of a run of moments, for people. The report, the stepper, the page and the tests all draw from it.
//!
//! Invariant: it is data about one execution, made by replaying a schedule; it decides nothing and finds nothing.

mod log;
mod replay;
mod trace;

pub use log::{LogEntry, LogRecord, log};
pub use replay::{HeldLock, Replay, Taken};
pub use trace::{describe, frames, number, trace, waits_for};

use crate::finding::Frame;
use crate::program::SpanId;
use serde::{Deserialize, Serialize};

/// An execution, step by step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The schedule in words: what `locklab replay` takes.
    pub schedule: String,
    /// For what can go on for ever: the steps from this one on lead back to where they begin, again and again.
    pub round: Option<usize>,
    /// How many CPUs there are.
    pub cpus: u8,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What it puts into the kernel log.
    #[serde(default)]
    pub log: Vec<LogRecord>,
    /// What holds after the last step.
    pub end: Moment,
}

/// One step of one context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its word in the schedule, not merged with its neighbours: `c0`, `nic@c1`, `writer@c0`.
    pub word: String,
    /// The CPU.
    pub cpu: u8,
    /// The context that takes it.
    pub context: String,
    /// How many contexts are beneath it on its CPU's stack: 0 for a task, 1 for an interrupt that cut in on one (or on an idle CPU).
    pub depth: u8,
    /// It is the arrival of an interrupt.
    pub arrival: bool,
    /// Where it starts.
    pub span: SpanId,
    /// The call path to it, innermost first.
    pub stack: Vec<Frame>,
    /// What happened, in order: the step's own action first.
    pub events: Vec<Happening>,
    /// Locks that the context holds after it, in the order in which it took them.
    pub held: Vec<Held>,
    /// Contexts that wait after it, and what for.
    pub waiting: Vec<Waiting>,
}

/// A thing that happened in a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// Where in the source.
    pub span: SpanId,
    /// In the fewest words: `takes stats_lock`, `reads packets = 3`, `writes packets = 4`, `returns IRQ_HANDLED`.
    pub text: String,
    /// What kind of thing it is.
    pub kind: HappeningKind,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HappeningKind {
    /// A read of memory.
    Read,
    /// A write to memory.
    Write,
    /// A lock taken.
    Take,
    /// A lock released.
    Release,
    /// Starts to wait: spins or sleeps.
    Wait,
    /// Wakes another, or is woken.
    Wake,
    /// Interrupts, preemption or bottom halves turned on or off.
    Mask,
    /// Memory allocated or freed.
    Memory,
    /// The context ended.
    End,
    /// A line for the kernel log.
    Log,
    /// Something went wrong.
    Finding,
    /// Anything else.
    Other,
}

/// A lock that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its name: `stats_lock`, `dev->lock`.
    pub lock: String,
    /// Where it was taken.
    pub span: SpanId,
}

/// A context that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Who.
    pub context: String,
    /// What for.
    pub what: String,
}

/// What holds at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// What each CPU is doing, by number.
    pub cpus: Vec<CpuView>,
    /// What each context is doing, in the machine's order.
    pub contexts: Vec<ContextView>,
}

/// What a CPU is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuView {
    /// The contexts on its stack, the one that runs last; empty when it is idle or free to take any task.
    pub stack: Vec<String>,
    /// Whether it takes interrupts.
    pub irqs_on: bool,
}

/// What a context is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContextView {
    /// Its name.
    pub name: String,
    /// Its pid, for tasks.
    pub pid: Option<u32>,
    /// Its state in a few words: `runs`, `spins`, `sleeps`, `ended`, `not started`.
    pub state: String,
    /// The call path to where it is, innermost first; empty when it is not in code.
    pub stack: Vec<Frame>,
    /// `preempt_count`, as the kernel prints it.
    pub preempt_count: u32,
    /// Whether it has interrupts off.
    pub irqs_off: bool,
    /// Locks that it holds.
    pub held: Vec<Held>,
    /// What it waits for.
    pub waits_for: Option<String>,
    /// The writer that it waits behind, where it would read what no writer has yet.
    pub waits_behind: Option<String>,
}
