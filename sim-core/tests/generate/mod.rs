//! Programs made at random: a plan says in a few words what each context does, and is compiled to instructions as the front end would.
//!
//! A plan is what shrinks: operations fall away, then become simpler.

mod compile;
mod listing;
mod strategy;

pub(crate) use compile::{INTS, compile};
pub(crate) use listing::listing;
pub(crate) use strategy::{Flavour, plans};

use sim_core::program::{AtomicOp, Mark, Preemption};

/// A program in a few words.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) cpus: u8,
    pub(crate) preemption: Preemption,
    pub(crate) queued_rwlocks: bool,
    /// Addresses come in registers, or are computed before each use.
    pub(crate) addresses_given: bool,
    /// How many the semaphore lets through at first.
    pub(crate) semaphore: u64,
    pub(crate) contexts: Vec<ContextPlan>,
    /// Claimed of the first two integers.
    pub(crate) claims: Vec<ClaimPlan>,
}

/// What one context does.
#[derive(Clone, Debug)]
pub(crate) struct ContextPlan {
    pub(crate) role: Role,
    pub(crate) cpu: Option<u8>,
    pub(crate) ops: Vec<Op>,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Task,
    Line { times: u8 },
}

/// A claim that an integer differs from a value: throughout, or at the end; or that it ends with the value in some execution.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClaimPlan {
    Never(usize, u64),
    Finally(usize, u64),
    Reachable(usize, u64),
}

/// A lock by what it is and its number, and whether it is taken to read or to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    Spin(usize),
    Read(usize),
    Write(usize),
    Mutex(usize),
    DownRead(usize),
    DownWrite(usize),
}

/// How a lock that spins is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Irq,
    IrqSave,
    Bh,
}

/// An operation. Variables go by number; `seen` is the value that the context read last.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Read(usize, Mark),
    Write(usize, u64, Mark),
    /// The variable becomes `seen` plus one.
    WriteSeen(usize, Mark),
    /// `x++`
    Increment(usize, Mark),
    Atomic(AtomicOp, usize, u64, u64),
    /// `spin_lock(l); ... spin_unlock(l);`, or `read_lock()`, `write_lock()`
    Spin(Lock, Style, Vec<Op>),
    /// `if (spin_trylock(l)) { ... spin_unlock(l); }`
    TrySpin(Lock, Vec<Op>),
    /// `while (!spin_trylock(l)) cpu_relax(); spin_unlock(l);`
    SpinTrying(Lock),
    /// `mutex_lock(m); ... mutex_unlock(m);`, or `down_read()`, `down_write()`
    Mutex(Lock, Vec<Op>),
    /// `if (mutex_trylock(m)) { ... mutex_unlock(m); }`
    TryMutex(Lock, Vec<Op>),
    /// `down_write(s); ... downgrade_write(s); ... up_read(s);`
    Downgraded(usize, Vec<Op>, Vec<Op>),
    /// Halves of a critical section.
    SpinLock(Lock, Style),
    SpinUnlock(Lock, Style),
    MutexLock(Lock),
    MutexUnlock(Lock),
    Downgrade(usize),
    /// `preempt_disable(); ... preempt_enable();`
    PreemptOff(Vec<Op>),
    /// `local_irq_disable(); ... local_irq_enable();`
    IrqsOff(Vec<Op>),
    PreemptDisable,
    PreemptEnable,
    IrqDisable,
    IrqEnable,
    /// `if (seen) { ... }`
    IfSeen(Vec<Op>),
    /// `seen = callee();`, where the callee does this, and returns what it has seen.
    Call(Vec<Op>),
    /// `while (!READ_ONCE(x)) cpu_relax();`
    Await(usize),
    Down,
    TryDown,
    Up,
    WaitForCompletion,
    Complete,
    CompleteAll,
    MightSleep,
    CondResched,
    /// `sleeper = current; set_current_state(TASK_UNINTERRUPTIBLE); if (!READ_ONCE(x)) schedule(); __set_current_state(TASK_RUNNING);`
    SleepUnless(usize),
    /// `if (sleeper) wake_up_process(sleeper);`
    WakeSleeper,
    /// `BUG_ON(seen == value)`
    Bug(u64),
    /// `WARN_ON(seen == value)`
    Warn(u64),
}
