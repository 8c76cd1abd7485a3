//! Programs made at random: a plan says in a few words what each context does, and is compiled to instructions as the front end would.
//!
//! A plan is what shrinks: operations fall away, then become simpler.

mod compile;
mod later;
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
    /// What set-up registers to be run later.
    pub(crate) callbacks: Vec<(Later, Vec<Op>)>,
    /// The workqueues' flags and `max_active`.
    pub(crate) queues: [(u64, u64); 2],
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

/// What runs later than it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Later {
    /// A softirq's, by its vector.
    Action(u64),
    Tasklet(usize),
    Timer(usize),
    Hrtimer(usize),
    /// A work item: the first two are for the first queue, the third for the second.
    Work(usize),
    /// A callback: the first after readers of RCU, the second after those of the SRCU domain.
    Rcu(usize),
}

/// How a timer is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delete {
    /// `timer_delete()`, which does not wait for the callback; `hrtimer_try_to_cancel()`.
    Try,
    /// `try_to_del_timer_sync()`, `hrtimer_try_to_cancel()`: says whether the callback runs.
    Says,
    /// `timer_delete_sync()`, `hrtimer_cancel()`
    Wait,
    /// `timer_shutdown()`
    Shutdown,
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

impl Op {
    /// The operations inside.
    pub(crate) fn inner_mut(&mut self) -> Vec<&mut Vec<Op>> {
        match self {
            Self::Spin(_, _, inner) | Self::TrySpin(_, inner) | Self::Mutex(_, inner) | Self::TryMutex(_, inner) => {
                vec![inner]
            }
            Self::PreemptOff(inner) | Self::IrqsOff(inner) | Self::BhOff(inner) => vec![inner],
            Self::IfSeen(inner) | Self::Call(inner) => vec![inner],
            Self::TaskletDisabled(_, _, inner) | Self::TaskletDisabledAndIdle(_, _, inner) => vec![inner],
            Self::WorkDisabled(_, inner) | Self::RcuRead(inner) | Self::SrcuRead(inner) => vec![inner],
            Self::Downgraded(_, before, after) => vec![before, after],
            _ => Vec::new(),
        }
    }

    /// The operations inside.
    pub(crate) fn inner(&self) -> Vec<&Vec<Op>> {
        match self {
            Self::Spin(_, _, inner) | Self::TrySpin(_, inner) | Self::Mutex(_, inner) | Self::TryMutex(_, inner) => {
                vec![inner]
            }
            Self::PreemptOff(inner) | Self::IrqsOff(inner) | Self::BhOff(inner) => vec![inner],
            Self::IfSeen(inner) | Self::Call(inner) => vec![inner],
            Self::TaskletDisabled(_, _, inner) | Self::TaskletDisabledAndIdle(_, _, inner) => vec![inner],
            Self::WorkDisabled(_, inner) | Self::RcuRead(inner) | Self::SrcuRead(inner) => vec![inner],
            Self::Downgraded(_, before, after) => vec![before, after],
            _ => Vec::new(),
        }
    }
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
    /// `local_bh_disable(); ... local_bh_enable();`
    BhOff(Vec<Op>),
    /// `raise_softirq()`, `tasklet_schedule()`, `mod_timer()`, `hrtimer_start()`, `queue_work()`, `call_rcu()`
    Start(Later),
    /// `tasklet_hi_schedule()`
    StartHigh(usize),
    /// `tasklet_kill()`, `timer_shutdown_sync()`, `hrtimer_cancel()`, `cancel_work_sync()`
    Stop(Later),
    /// `cancel_work()`
    CancelWork(usize),
    /// `flush_work()`
    FlushWork(usize),
    /// `flush_workqueue()`
    FlushQueue(usize),
    /// `work_busy()`
    WorkBusy(usize),
    /// `disable_work(); ... enable_work();`
    WorkDisabled(usize, Vec<Op>),
    /// `mod_timer_pending()`
    ArmPending(usize),
    /// `timer_delete()`, `hrtimer_try_to_cancel()`, and their kin.
    Delete(Later, Delete),
    /// `timer_pending()`, `hrtimer_active()`
    IsPending(Later),
    /// `tasklet_disable_nosync(); ...`, and there may be no `tasklet_enable();`
    TaskletDisabled(usize, bool, Vec<Op>),
    /// The same with `tasklet_disable()`, or `tasklet_disable_in_atomic()`.
    TaskletDisabledAndIdle(usize, bool, Vec<Op>),
    /// `rcu_read_lock(); ... rcu_read_unlock();`
    RcuRead(Vec<Op>),
    /// `idx = srcu_read_lock(d); ... srcu_read_unlock(d, idx);`
    SrcuRead(Vec<Op>),
    RcuReadLock,
    RcuReadUnlock,
    /// `synchronize_rcu()`; with `true` `synchronize_srcu()`.
    Synchronize(bool),
    /// `rcu_barrier()`; with `true` `srcu_barrier()`.
    Barrier(bool),
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
