//! What happened in a step, for those who replay one.

use crate::finding::Kind;
use crate::model::CodePlace;

/// One thing that happened, in the order in which it did.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The instruction that did it.
    pub at: CodePlace,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "named for what they are")]
pub enum What {
    /// A number was read.
    Read { address: u64, value: u64 },
    /// A number was written.
    Write { address: u64, value: u64 },
    /// A range of memory was copied or filled.
    Fill { address: u64, len: u64 },
    /// A lock, semaphore or completion was initialised.
    Init { object: u64 },
    /// A lock, semaphore or completion was taken, a lock perhaps as a reader.
    Take { lock: u64, verb: &'static str, shared: bool },
    /// It was given back.
    Give { lock: u64, verb: &'static str },
    /// It could not be taken, and the call said so.
    Refused { lock: u64 },
    /// A task begins to wait in a queue.
    Queued { object: u64 },
    /// Interrupts, preemption, bottom halves, task state: what they are now.
    Mask { now: &'static str },
    /// Memory was allocated; 0 if it failed.
    Allocated { pointer: u64 },
    /// Memory was freed.
    Freed { pointer: u64 },
    /// A task was woken, made, asked to stop.
    Task { context: u8, verb: &'static str },
    /// A work item was queued, begun, cancelled, waited for; or (0) its queue drained.
    Work { work: u64, verb: &'static str, on: Option<String> },
    /// The task gave up its CPU.
    Yield { why: &'static str },
    /// An interrupt line: handler registered, removed, masked, unmasked.
    Line { number: u64, verb: &'static str },
    /// A softirq's action begins.
    Serves { vector: &'static str },
    /// A tasklet or a timer: its callback begins, it was scheduled, armed, disabled, deleted.
    Callback { object: u64, verb: &'static str },
    /// An RCU callback was queued.
    RcuQueued { head: u64 },
    /// A softirq was raised.
    Raise { vector: &'static str },
    /// A line for the kernel log, or a part of one. `most`: how often this place may print; 0: as often as it likes.
    Log { level: u8, most: u8, text: String },
    /// The context ended, with this result.
    End { value: u64 },
    /// The context was killed by an oops; what it had turned off until then.
    Killed { preempt_count: u32, irqs_off: bool },
    /// `panic()`: the machine stops.
    Panics { text: String },
    /// A finding showed here.
    Symptom { kind: Kind, detail: u32, address: u64 },
}
