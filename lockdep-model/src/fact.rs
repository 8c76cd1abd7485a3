//! What one event shows: facts about classes, and problems that are evident at once.
//!
//! Invariant: a fact is true whatever else was or will be seen, so facts are a set: they may be gathered in any order, more than once,
//! by several gatherers.

use crate::class::{ClassId, ContextId, LockType, Place, Read};
use crate::held::{HardIrq, HeldLock, IrqState};
use crate::usage::UsageBit;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The kind of an edge: how the first lock was held, and how the second was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EdgeKind {
    /// Held shared, taken by a recursive reader.
    Sr,
    /// Held exclusive, taken by a recursive reader.
    Er,
    /// Held shared, taken otherwise.
    Sn,
    /// Held exclusive, taken otherwise.
    En,
}

impl EdgeKind {
    /// All, in the kernel's order.
    pub const ALL: [Self; 4] = [Self::Sr, Self::Er, Self::Sn, Self::En];

    /// The kind of the edge from a lock held so to one taken so.
    pub fn new(held: Read, taken: Read) -> Self {
        match (held == Read::Exclusive, taken == Read::Recursive) {
            (false, true) => Self::Sr,
            (true, true) => Self::Er,
            (false, false) => Self::Sn,
            (true, false) => Self::En,
        }
    }

    /// The first lock was held exclusive (`E`).
    pub fn is_exclusive(self) -> bool {
        matches!(self, Self::Er | Self::En)
    }

    /// The second lock was taken by a recursive reader (`R`).
    pub fn is_recursive(self) -> bool {
        matches!(self, Self::Sr | Self::Er)
    }

    /// Whether a path stays strong when this edge follows one into a class that was reached by a recursive reader (`after_recursive`):
    /// `-(*R)->` must not be followed by `-(S*)->`.
    pub fn may_follow(self, after_recursive: bool) -> bool {
        !after_recursive || self.is_exclusive()
    }

    /// `SR`, `ER`, `SN`, `EN`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sr => "SR",
            Self::Er => "ER",
            Self::Sn => "SN",
            Self::En => "EN",
        }
    }
}

/// Which walk down the held locks finds an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The kernel's: down to the first lock that was waited for.
    Kernel,
    /// Past recursive readers and per-CPU locks too: what strong paths, and those over interrupts, need.
    PastReaders,
    /// All the way down: follows from shorter edges, but made by one context at one time.
    Far,
}

/// What limits what may be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitLimit {
    /// The hard interrupt.
    HardIrq(HardIrq),
    /// The softirq.
    SoftIrq,
    /// A held lock of this class.
    Lock(ClassId),
}

/// Why a release was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadRelease {
    /// It was not held.
    NotHeld,
    /// Another context held it.
    OtherContext(ContextId),
    /// It was taken in another interrupt context, under this one.
    OtherIrqContext,
    /// `downgrade_write()` by a reader.
    DowngradedReader,
}

/// What ended with a lock held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// A task.
    Task,
    /// A system call, or an interrupt that returns to user space.
    ReturnToUser,
    /// A work function.
    Work,
    /// A handler of a hard interrupt or softirq.
    Handler,
}

/// What `lockdep_assert_*` and annotations claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// `lockdep_assert_held`
    Held,
    /// `lockdep_assert_held_write`
    HeldWrite,
    /// `lockdep_assert_held_read`
    HeldRead,
    /// `lockdep_assert_not_held`
    NotHeld,
    /// `lockdep_assert_none_held_once`
    NoneHeld,
    /// `lockdep_assert_irqs_enabled`
    IrqsEnabled,
    /// `lockdep_assert_irqs_disabled`
    IrqsDisabled,
    /// `lockdep_assert_in_irq`
    InHardirq,
    /// `lockdep_assert_no_hardirq`
    NoHardirq,
    /// `lockdep_assert_in_softirq`
    InSoftirq,
    /// `lockdep_assert_preemption_enabled`
    PreemptionEnabled,
    /// `lockdep_assert_preemption_disabled`
    PreemptionDisabled,
}

/// Misuse of `lockdep_pin_lock()` and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinMisuse {
    /// `releasing a pinned lock`
    ReleasedPinned,
    /// `pinning an unheld lock`
    PinUnheld,
    /// `unpinning an unpinned lock`
    UnpinUnpinned,
    /// `unpinning an unheld lock`
    UnpinUnheld,
}

/// Misuse of a `ww_acquire_ctx` (`CONFIG_DEBUG_WW_MUTEXES`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WwMisuse {
    /// A lock taken after `ww_acquire_done()`.
    AcquireAfterDone,
    /// `ww_acquire_done()` twice.
    DoneTwice,
    /// `ww_acquire_fini()` with locks of the context held.
    FiniWithLocks,
    /// A context of one `ww_class` used with a lock of another.
    OtherClass,
    /// A context used that was not initialised, or ended.
    NotInitialised,
}

/// A limit of the validator's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableLimit {
    /// `BUG: MAX_LOCK_DEPTH too low!`
    LockDepth,
    /// `BUG: looking up invalid subclass`
    Subclass(u8),
}

/// What one event alone shows to be wrong. Two that are equal are one problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Problem {
    /// A class taken while held.
    Recursion {
        /// The class.
        class: ClassId,
        /// It is the very same lock: a certain deadlock.
        same_instance: bool,
        /// How it was held.
        held: Read,
        /// How it was taken.
        taken: Read,
        /// What the class's comparison function said of the two, if it has one: -1, 0, 1.
        comparison: Option<i8>,
    },
    /// A lock waited for where such a wait is forbidden.
    WaitContext {
        /// What forbids it.
        limit: WaitLimit,
        /// What was taken.
        class: ClassId,
    },
    /// The nest lock is not held.
    NestLock {
        /// The class taken under it.
        class: ClassId,
        /// Where.
        place: Place,
    },
    /// A wrong release.
    BadUnlock {
        /// What is wrong with it.
        why: BadRelease,
        /// The class, where it is known.
        class: Option<ClassId>,
        /// Where.
        place: Place,
    },
    /// Memory freed or initialised again with a held lock in it.
    HeldLockFreed {
        /// Its class.
        class: ClassId,
        /// Where.
        place: Place,
    },
    /// Something ended with a lock held.
    LockLeak {
        /// What.
        end: End,
        /// The lock's class.
        class: ClassId,
        /// Where the end is.
        place: Place,
    },
    /// A lock used before it was initialised.
    Uninitialised {
        /// Where.
        place: Place,
    },
    /// A claim that was false.
    Assertion {
        /// What was claimed.
        claim: Claim,
        /// Of which class, if of one.
        class: Option<ClassId>,
        /// Where.
        place: Place,
    },
    /// A pin misused.
    Pin {
        /// How.
        misuse: PinMisuse,
        /// Of which class, where it is known.
        class: Option<ClassId>,
        /// Where.
        place: Place,
    },
    /// A `ww_acquire_ctx` misused.
    Ww {
        /// How.
        misuse: WwMisuse,
        /// Where.
        place: Place,
    },
    /// A table of the validator is full.
    Limit {
        /// Which.
        limit: TableLimit,
        /// Where.
        place: Place,
    },
}

impl Problem {
    /// What a comparison says, as data.
    pub(crate) fn sign(ordering: Ordering) -> i8 {
        match ordering {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }
}

/// What one event shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// A class was used in this way.
    Usage {
        /// The class.
        class: ClassId,
        /// Its type.
        lock: LockType,
        /// How it was used.
        bit: UsageBit,
    },
    /// A lock was waited for with another held.
    Edge {
        /// The class held.
        from: ClassId,
        /// The class taken.
        to: ClassId,
        /// How.
        kind: EdgeKind,
        /// Which walk down the held locks finds it.
        reach: Reach,
        /// How many locks down: 1 for the newest.
        distance: u16,
    },
    /// A class was waited for in an NMI.
    NmiUse {
        /// The class.
        class: ClassId,
        /// Its type.
        lock: LockType,
        /// How.
        read: Read,
    },
    /// Something wrong.
    Problem(Problem),
}

/// The moment that shows a fact.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// Who.
    pub context: ContextId,
    /// In which interrupt state.
    pub irq: IrqState,
    /// With what held, the oldest first; without the lock that is being taken.
    pub held: &'a [HeldLock],
    /// The lock that it is about: the one being taken, released, marked.
    pub lock: Option<HeldLock>,
    /// Where.
    pub place: Place,
}

/// Hears facts.
pub trait Recorder {
    /// This was shown, then.
    fn record(&mut self, fact: Fact, at: &At<'_>);

    /// Whether taking `at.lock` with these locks held was judged before, so that it need not be again. Asked once for each lock that is
    /// waited for, after its usage was told and before its edges are.
    fn knows_chain(&mut self, _at: &At<'_>) -> bool {
        false
    }
}
