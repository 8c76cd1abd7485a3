//! What can be found: the names, and the evidence.
//!
//! Invariant: evidence is data (places, steps, held locks, the cycle), never text laid out for a screen. What draws it is elsewhere.

use crate::program::SpanId;
use crate::view::Trace;
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident;)*) => {
        /// The kind of a finding. Its name is stable: `EXPECT`, JSON, rule ids and `locklab explain` use it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// Every kind, in the order in which reports list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

kinds! {
    /// Contexts wait for each other in a cycle.
    Deadlock = "deadlock", Error;
    /// A task sleeps uninterruptibly and nothing can ever wake it.
    HungTask = "hung_task", Error;
    /// A context spins for ever with preemption off.
    SoftLockup = "soft_lockup", Error;
    /// A context spins for ever with interrupts off.
    HardLockup = "hard_lockup", Error;
    /// A context can run for ever, fairly, and never finish although it could; or spins for ever though preemptible.
    Livelock = "livelock", Error;
    /// A reader goes round for ever, so that no grace period can end.
    RcuStall = "rcu_stall", Error;
    /// Queued work that no worker can ever run.
    WorkqueueLockup = "workqueue_lockup", Error;
    /// A strong cycle of lock classes.
    LockOrder = "lock_order", Warning;
    /// A class taken again while held.
    RecursiveLock = "recursive_lock", Warning;
    /// One class used in a context, and interruptible by it.
    IrqUnsafeLock = "irq_unsafe_lock", Warning;
    /// A usage change completes a path from an irq-safe to an irq-unsafe class.
    IrqLockInversion = "irq_lock_inversion", Warning;
    /// A new edge completes one.
    IrqLockOrder = "irq_lock_order", Warning;
    /// A lock that may make its taker wait, where such a wait is forbidden.
    WaitContext = "wait_context", Warning;
    /// Release of what is not held, or by another.
    BadUnlock = "bad_unlock", Error;
    /// A task, handler or syscall ends with a lock held.
    LockLeak = "lock_leak", Error;
    /// Memory freed or re-initialised with a held lock in it.
    HeldLockFreed = "held_lock_freed", Error;
    /// A lock used before it was initialised.
    UninitialisedLock = "uninitialised_lock", Error;
    /// A lock taken under a nest lock that is not held: `mutex_lock_nest_lock()`, `ww_mutex_lock()`.
    NestLock = "nest_lock", Warning;
    /// A failed `lockdep_assert_*`, `__must_hold`, `__releases`, `__acquires`.
    LockAssertion = "lock_assertion", Error;
    /// A call that may sleep where sleeping is forbidden, whether or not it does sleep.
    SleepInAtomic = "sleep_in_atomic", Error;
    /// `schedule()` with a preempt count.
    ScheduleInAtomic = "schedule_in_atomic", Error;
    /// A call in a context where it is forbidden.
    WrongContext = "wrong_context", Error;
    /// Interrupts enabled inside a handler, flags restored wrongly, an unbalanced `enable_irq`.
    IrqState = "irq_state", Error;
    /// A context that ends with a changed preempt count, or lowers it below zero.
    PreemptLeak = "preempt_leak", Error;
    /// A blocking call after `set_current_state()`.
    NotRunning = "not_running", Warning;
    /// Use of this CPU's number while preemptible.
    SmpProcessorId = "smp_processor_id", Warning;
    /// `RCU_LOCKDEP_WARN`.
    RcuUsage = "rcu_usage", Warning;
    /// A voluntary context switch inside an RCU reader.
    RcuSleep = "rcu_sleep", Error;
    /// `synchronize_rcu()` inside an RCU reader, `synchronize_srcu()` inside a reader of that domain or of RCU.
    RcuSyncInReader = "rcu_sync_in_reader", Error;
    /// `call_rcu()` on a head that is queued.
    RcuDoubleCall = "rcu_double_call", Error;
    /// Conflicting accesses that can happen next to each other, one of them plain.
    DataRace = "data_race", Error;
    /// Conflicting accesses, one of them plain, that nothing orders, though they never come next to each other.
    UnorderedAccess = "unordered_access", Warning;
    /// An access to freed memory.
    UseAfterFree = "use_after_free", Error;
    /// `kfree()` of freed memory, or of what `kmalloc()` did not give.
    DoubleFree = "double_free", Error;
    /// Memory freed, or initialised anew, with an armed timer, a scheduled tasklet or NAPI instance, queued work or a queued RCU head in it.
    FreeActive = "free_active", Error;
    /// Code of a module runs that was unloaded.
    UnloadedCode = "unloaded_code", Error;
    /// An access outside an object.
    OutOfBounds = "out_of_bounds", Error;
    /// An access through NULL, an error pointer or an integer.
    NullDeref = "null_deref", Error;
    /// A read of memory that was never written.
    Uninitialised = "uninitialised", Error;
    /// Memory that nothing points to at the end.
    MemoryLeak = "memory_leak", Warning;
    /// `refcount_t` underflow, addition on zero, saturation.
    Refcount = "refcount", Error;
    /// Whoever works for a reclaim queue waits for one that is none.
    FlushDependency = "flush_dependency", Warning;
    /// A work function returns with a lock held or a changed preempt count.
    WorkLeaked = "work_leaked", Error;
    /// `BUG_ON`, `BUG`, `panic`, division by zero.
    BugOn = "bug_on", Error;
    /// `WARN_ON` and its kin.
    WarnOn = "warn_on", Error;
    /// An `INVARIANT` is false after some step.
    Invariant = "invariant", Error;
    /// A `FINALLY` is false at the end of some execution.
    FinalState = "final_state", Error;
    /// A `REACHABLE` is true at the end of no execution.
    NeverReached = "never_reached", Error;
}

impl Kind {
    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl From<Kind> for &'static str {
    fn from(kind: Kind) -> Self {
        kind.name()
    }
}

impl TryFrom<String> for Kind {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::from_name(&name).ok_or(name)
    }
}

/// How bad a finding is. Notes never change an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It went wrong in an execution, or is certain to.
    Error,
    /// A rule broken that can go wrong.
    Warning,
    /// Worth knowing.
    Note,
}

/// One distinct problem, however many executions show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// Other names of the same cause, which this report bears too.
    pub also: Vec<Kind>,
    /// One line that says what happened, naming locks, fields, functions and contexts.
    pub message: String,
    /// Every source place involved; the first is where it shows.
    pub places: Vec<Place>,
    /// For what waits in a cycle or for ever: who, for what, and who has it.
    pub waits: Vec<Wait>,
    /// For a lock rule: the classes, and how one came to be taken under another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<LockRule>,
    /// The schedule that shows it, where an execution does.
    pub schedule: Option<Trace>,
    /// The schedule is proved shortest (fewest steps, then fewest switches between contexts, then least).
    pub shortest: bool,
}

/// What a lock rule's finding rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockRule {
    /// Which rule it is: a deadlock that breaks one carries it too.
    pub kind: Kind,
    /// The classes involved.
    pub classes: Vec<LockClass>,
    /// How each came to be taken under the one before: for a cycle, round to the first.
    pub links: Vec<LockLink>,
    /// For interrupts: the use in one, then the use that it can interrupt.
    pub uses: Vec<LockUse>,
    /// What came last, of the least schedules that show each part.
    pub last: LastPart,
    /// Then and there: where a kernel would report it.
    pub moment: Option<RuleMoment>,
    /// Why it cannot come to pass after all, where that is known: the kernel's validator would report it all the same.
    pub impossible: Option<String>,
}

/// A lock class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockClass {
    /// As the kernel names it: `stats_lock`, `&dev->lock`, `&dev->lock/1`.
    pub name: String,
    /// How it was used with respect to interrupts, in the kernel's four characters: `-.+?`.
    pub usage: String,
    /// What waiting for it needs, and what may be waited for with it held: the kernel's numbers.
    pub wait: (u8, u8),
    /// How each use came to be known, where the rule is about paths between uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<LockUse>,
}

/// Which part of a rule came last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastPart {
    /// The link with this index.
    Link(usize),
    /// The use with this index.
    Use(usize),
    /// It is one event that shows everything.
    Event,
}

/// The moment at which a rule is seen to be broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleMoment {
    /// Who.
    pub context: String,
    /// The task that runs there, beneath an interrupt perhaps: what the kernel calls `current`.
    pub task: String,
    /// Its pid; 0 for the idle task.
    pub pid: u32,
    /// The CPU.
    pub cpu: u8,
    /// In a hard interrupt.
    pub in_interrupt: bool,
    /// In a softirq.
    #[serde(default)]
    pub in_softirq: bool,
    /// Interrupts are on.
    pub irqs_on: bool,
    /// Bottom halves are on.
    pub bh_on: bool,
    /// Where.
    pub at: SpanId,
    /// The call path to there, innermost first.
    pub stack: Vec<Frame>,
    /// For an interrupt: where the task beneath it is.
    pub beneath: Vec<Frame>,
    /// The lock that is being taken; none where interrupts go on.
    pub taken: Option<LockHeld>,
    /// What is held, by the task beneath an interrupt too, the oldest first.
    pub held: Vec<LockHeld>,
}

/// A lock, and where it is or was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockHeld {
    /// The lock: `accounts[1].lock`.
    pub lock: String,
    /// Its class: `&accounts[i].lock`.
    pub class: String,
    /// As [`LockClass::usage`].
    pub usage: String,
    /// As [`LockClass::wait`].
    pub wait: (u8, u8),
    /// Where it is taken.
    pub at: SpanId,
}

/// One lock taken with another held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockLink {
    /// The class held.
    pub held: String,
    /// The class taken.
    pub taken: String,
    /// `SR`, `ER`, `SN` or `EN`: held shared or exclusive, taken as a recursive reader or not.
    pub kind: String,
    /// Who took it.
    pub context: String,
    /// Where the held one was taken.
    pub held_at: Option<SpanId>,
    /// Where the other is taken.
    pub at: SpanId,
    /// The call path to there, innermost first.
    pub stack: Vec<Frame>,
    /// An execution that does it.
    pub schedule: String,
}

/// A use of a class with respect to interrupts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockUse {
    /// The class.
    pub class: String,
    /// The kernel's name of the use: `IN-HARDIRQ-W`, `HARDIRQ-ON-W`.
    pub usage: String,
    /// Who.
    pub context: String,
    /// Where.
    pub at: SpanId,
    /// The call path to there, innermost first.
    pub stack: Vec<Frame>,
    /// An execution that does it.
    pub schedule: String,
}

/// A source place and what happened there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Where.
    pub span: SpanId,
    /// What happened there: `takes stats_lock`, `writes packets here`.
    pub label: String,
    /// The name of the context, where one did it.
    pub context: Option<String>,
    /// The CPU it was on.
    pub cpu: Option<u8>,
    /// The call path to it, innermost first.
    pub stack: Vec<Frame>,
}

/// One function on a call path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The function.
    pub function: String,
    /// Where in it.
    pub span: SpanId,
    /// It is part of the built-in prelude.
    pub prelude: bool,
}

/// A context that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Who.
    pub context: String,
    /// Where it waits.
    pub span: SpanId,
    /// What it waits for: `stats_lock`, `a wake-up`, `CPU0`.
    pub what: String,
    /// Whether it spins or sleeps.
    pub spins: bool,
    /// Who has that, where somebody does.
    pub holder: Option<String>,
    /// Where the holder took it, where that is known.
    pub taken_at: Option<SpanId>,
    /// The holder does not have it yet: it is a writer that came first, and waits too.
    pub behind: bool,
}

impl Wait {
    /// It waits for the CPU that another context occupies.
    pub fn is_for_its_cpu(&self) -> bool {
        self.what.strip_prefix("CPU").is_some_and(|number| number.parse::<u8>().is_ok())
    }

    /// It waits for a thread or a handler to end: nobody has that, but the holder is who is to end.
    pub fn is_for_an_end(&self) -> bool {
        self.what.ends_with(" to end")
    }

    /// It waits for a lock, rather than for an event, an end or a CPU.
    pub fn is_for_a_lock(&self) -> bool {
        !self.what.contains(' ') && !self.is_for_its_cpu()
    }
}
