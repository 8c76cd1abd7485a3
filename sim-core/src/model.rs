//! The seam between what is simulated and how it is searched: a [`Model`] says what may happen next, and does it.
//!
//! Invariant: a state is a plain string of bytes of fixed length, and a choice is the only source of change: the same choices give the
//! same bytes, everywhere. A model holds no state of its own.

use crate::finding::Kind;
use serde::{Deserialize, Serialize};

/// The contexts of a set of bits, ascending.
pub(crate) fn contexts(mut mask: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let context = (mask != 0).then(|| mask.trailing_zeros() as u8);
        mask &= mask.wrapping_sub(1);
        context
    })
}

/// Everything that can happen next in a state: one context takes one step on one CPU.
///
/// For an interrupt line whose handler is not running, the step is that the interrupt arrives on that CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Choice {
    /// The context, an index into the machine's contexts; at most 63.
    pub context: u8,
    /// The CPU.
    pub cpu: u8,
    /// Which of the outcomes that the kernel allows: 0 is the ordinary one; 1 on is a failed allocation, a faulting user copy, a signal, a timeout.
    pub outcome: u8,
}

/// One place in a program: an instruction of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CodePlace {
    /// Index into the program's functions.
    pub function: u32,
    /// Index into its code.
    pub at: u32,
}

/// What a model saw go wrong, in the fewest words that tell one problem from another. Who was involved, and how it came about, is told by
/// replaying the schedule that leads to it.
///
/// Two symptoms are the same problem if they are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symptom {
    /// What it is.
    pub kind: Kind,
    /// Where: for one with several places, in ascending order.
    pub at: Vec<CodePlace>,
    /// Tells apart what places do not: a claim's index, a variant of the message.
    pub detail: u32,
}

/// A bound that cut off an enabled choice, so that the search is complete only within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bound {
    /// `Bounds::call_depth`
    CallDepth,
    /// `Bounds::allocations`
    Allocations,
    /// `Bounds::spawns`
    Spawns,
    /// `Bounds::workers`
    Workers,
    /// `Bounds::requeues`
    Requeues,
    /// `Bounds::local_instructions`
    LocalInstructions,
    /// `Bounds::timer_firings`
    TimerFirings,
    /// `Bounds::clock_advances`
    ClockAdvances,
    /// `Bounds::indices`
    Indices,
}

/// Hears what happens in a step.
pub trait Observer {
    /// Whether [`Observer::lock_moment`] wants to be called.
    const LOCKS: bool = false;
    /// Whether [`Observer::event`] wants to be called: replay does, the search does not.
    const EVENTS: bool = false;
    /// Whether [`Observer::operation`] wants to be called: who asks what orders the accesses of an execution does.
    const OPERATIONS: bool = false;
    /// Something went wrong.
    fn symptom(&mut self, symptom: Symptom);
    /// A bound was hit.
    fn bound(&mut self, bound: Bound);
    /// A block of code begins to run; its number is the model's own. Called for every one, so what hears it must be quick.
    #[inline]
    fn ran(&mut self, _block: u32) {}
    /// The `REACHABLE` claim with this index is true at the end of an execution.
    fn reached(&mut self, claim: u32);
    /// Something that the lock validator, or who asks what protects what, is to look at.
    fn lock_moment(&mut self, _moment: &LockMoment) {}
    /// For replay: what happened, in order.
    fn event(&mut self, _event: crate::machine::Event) {}
    /// An instruction is about to run that accesses memory or calls the kernel.
    fn operation(&mut self, _operation: &crate::machine::Operation<'_>) {}
}

/// Hears nothing.
#[derive(Clone, Copy, Debug)]
pub struct Deaf;

impl Observer for Deaf {
    fn symptom(&mut self, _symptom: Symptom) {}
    fn bound(&mut self, _bound: Bound) {}
    fn reached(&mut self, _claim: u32) {}
}

/// What a context does with a lock, or with memory where the model was made to tell of that, in words that only the model can read. Equal moments are
/// equal words, in every state.
pub type LockMoment = [u64];

/// The state's layout is too small for this program: more allocations at one site, deeper calls, more threads than it has room for.
/// The search starts again with what [`crate::machine::Machine::grow`] makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
#[error("the state's layout is too small")]
pub struct Outgrown(pub Growth);

/// Which part of a layout is too small. Of several, the least is grown first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Growth {
    /// The stack of a context.
    Stack {
        /// Which context.
        context: u8,
    },
    /// The slots of an allocation site, or a slot's size.
    Heap {
        /// Who allocates.
        context: u8,
        /// Where.
        site: u32,
        /// How many bytes are wanted.
        size: u32,
    },
    /// The activations of a function with locals in memory.
    Locals {
        /// Who calls.
        context: u8,
        /// Which function.
        function: u32,
    },
    /// The locks that a context holds.
    Held {
        /// Which context.
        context: u8,
    },
    /// The irq_work that is pending.
    IrqWork,
    /// The acquire contexts of `ww_mutex`es that are in use.
    AcquireContexts,
    /// The handlers of a line.
    IrqActions,
    /// The tasklets that are scheduled on one CPU.
    Tasklets,
    /// The timers that are armed.
    Timers,
    /// The RCU callbacks that are queued.
    RcuCallbacks,
    /// The grace periods of RCU that are asked for with a cookie.
    GracePeriods,
    /// The kworkers.
    Workers,
    /// The work items that are pending.
    PendingWork,
    /// The threads of a spawn site.
    Threads {
        /// Who creates them.
        context: u8,
        /// Where.
        site: u32,
    },
}

/// Contexts that wait for each other in a cycle, seen in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knot {
    /// Their bits, and those of all that wait for them.
    pub members: u64,
    /// What it is, as [`Model::stuck`] would report it.
    pub symptom: Symptom,
}

/// What can be searched.
pub trait Model: Sync {
    /// The length of every state in bytes, a multiple of 8.
    fn state_len(&self) -> usize;

    /// Writes the initial state. `state` is all zero.
    ///
    /// # Errors
    /// The layout is too small.
    fn initial<O: Observer>(&self, state: &mut [u8], observer: &mut O) -> Result<(), Outgrown>;

    /// Appends what may happen next, in ascending order. A choice whose step leaves the state as it is (a spinning loop's read) may be
    /// listed or not; the search takes it as waiting, not as an edge of the graph.
    fn choices(&self, state: &[u8], choices: &mut Vec<Choice>);

    /// Takes one step.
    ///
    /// # Errors
    /// The layout is too small; the state is then unspecified.
    fn step<O: Observer>(&self, state: &mut [u8], choice: Choice, observer: &mut O) -> Result<(), Outgrown>;

    /// Reports what is a property of this state alone: data races, invariants, claims about final states. Called once for each state.
    fn inspect<O: Observer>(&self, state: &[u8], observer: &mut O);

    /// Bit `i`: context `i` need not go on: a task that has ended, a line whose handler is not running.
    fn finished(&self, state: &[u8]) -> u64;

    /// All contexts.
    fn contexts(&self) -> u64;

    /// Contexts whose code has no way to end (`for (;;)` around everything): these are stuck only when they can never take a step again.
    fn endless(&self) -> u64;

    /// From this state on the contexts in `stuck` never finish nor take another step, whatever happens. Reports those of which the reason is evident
    /// here (all that they wait for, directly or not, waits too), and returns their bits, with those of contexts that may rightly wait for ever.
    fn stuck<O: Observer>(&self, state: &[u8], stuck: u64, observer: &mut O) -> u64;

    /// Tells of contexts that wait for each other in a cycle, as far as that is evident and cheap to see. No step of a context in `still` changes
    /// this state. A search that is complete asks [`Model::stuck`] about all that this leaves out, so that leaving out any is right.
    fn knots(&self, state: &[u8], still: u64, tell: &mut impl FnMut(Knot));

    /// In this state context `context` can never finish, or (`fair`) need never finish though it runs and everything else gets its turn; and no
    /// state shows it waiting. Reports it.
    fn spinning<O: Observer>(&self, state: &[u8], context: u8, fair: bool, observer: &mut O);
}
