//! What the simulated kernel does for the code that runs on it.
//!
//! These are primitives: a call of the kernel's API is compiled to one or more of them. `spin_lock_irqsave(l, f)`, for instance, is
//! `f = IrqSave; PreemptDisable; Acquire { Spin }(l)`, because that is what it does and others can come in between.
//!
//! For each: its arguments in order `(a, b) -> result`; and *step* if others can notice it, so that it begins a step of its own, or *local* if it
//! belongs to the step before. *Blocks* says when the context must wait.

use super::{AllocSiteId, SpawnSiteId};
use serde::{Deserialize, Serialize};

/// The level of a `printk` that goes on with the line before it (`KERN_CONT`).
pub const LOG_CONT: u8 = 8;

/// The locks that have an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LockKind {
    /// `raw_spinlock_t`
    RawSpin,
    /// `spinlock_t`
    Spin,
    /// `struct mutex`
    Mutex,
    /// `rwlock_t`
    RwLock,
    /// `struct rw_semaphore`
    RwSem,
    /// `struct rt_mutex`
    RtMutex,
    /// `spinlock_t` under `PREEMPT_RT`: an `rt_mutex` underneath.
    RtSpin,
    /// `rwlock_t` under `PREEMPT_RT`
    RtRwLock,
    /// `local_lock_t` where it is not a sleeping lock: only the validator takes it for one, as what keeps others out is that they are on the same CPU.
    LocalLock,
    /// `struct ww_mutex`
    WwMutex,
    /// `struct percpu_rw_semaphore`
    PercpuRwSem,
    /// The same as those below of a `struct ww_acquire_ctx`: held from `ww_acquire_init()` to `ww_acquire_fini()`.
    WwAcquire,
    /// What the lock validator takes a timer's callback for, and who waits for it (`lockdep_map`): no code takes it.
    Timer,
    /// The same of a work item: held while it runs, waited for by flushes.
    Work,
    /// The same of a workqueue: held while any of its items runs.
    Workqueue,
    /// The same of a `srcu_struct`: held, as a reader, in a section; waited for by `synchronize_srcu()`.
    Srcu,
    /// A `struct lockdep_map` of its own: `fs_reclaim`, or the scenario's.
    Map,
}

impl LockKind {
    /// Whether waiting for it gives up the CPU.
    pub fn sleeps(self) -> bool {
        matches!(
            self,
            Self::Mutex
                | Self::RwSem
                | Self::WwMutex
                | Self::PercpuRwSem
                | Self::RtMutex
                | Self::RtSpin
                | Self::RtRwLock
        )
    }

    /// Whether it is built on an `rt_mutex` whatever the preemption model: who waits gets it in order of priority, and lends its own to the owner.
    pub fn lends_priority(self) -> bool {
        matches!(self, Self::RtMutex | Self::RtSpin | Self::RtRwLock)
    }

    /// Whether only the validator takes it for a lock (`lockdep_map`).
    pub fn is_map(self) -> bool {
        matches!(self, Self::Timer | Self::Work | Self::Workqueue | Self::Srcu | Self::WwAcquire | Self::Map)
    }

    /// Whether readers may hold it together.
    pub fn shares(self) -> bool {
        matches!(self, Self::RwLock | Self::RwSem | Self::RtRwLock | Self::PercpuRwSem)
    }
}

/// What may end a sleep early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sleep {
    /// Nothing: `TASK_UNINTERRUPTIBLE`.
    Uninterruptible,
    /// Any signal: `TASK_INTERRUPTIBLE`. The call gives `-EINTR` (completions and wait queues: `-ERESTARTSYS`).
    Interruptible,
    /// A fatal signal: `TASK_KILLABLE`.
    Killable,
}

/// A task's state, as in `include/linux/sched.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum TaskState {
    /// `TASK_RUNNING`
    Running = 0,
    /// `TASK_INTERRUPTIBLE`
    Interruptible = 1,
    /// `TASK_UNINTERRUPTIBLE`
    Uninterruptible = 2,
    /// `TASK_KILLABLE`
    Killable = TASK_UNINTERRUPTIBLE | TASK_WAKEKILL,
    /// `TASK_PARKED`
    Parked = 8,
    /// `TASK_IDLE`
    Idle = TASK_UNINTERRUPTIBLE | TASK_NOLOAD,
}

/// A bit of a task's state and of a wake-up's mask: any signal ends the sleep.
pub const TASK_INTERRUPTIBLE: u8 = 1;
/// A bit of a task's state and of a wake-up's mask: no signal does.
pub const TASK_UNINTERRUPTIBLE: u8 = 2;
/// The mask of an ordinary wake-up.
pub const TASK_NORMAL: u8 = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE;
/// A bit of a task's state: a fatal signal ends the sleep. (The kernel's number for it, 0x100, has no room in a byte.)
pub const TASK_WAKEKILL: u8 = 4;
/// A bit of a task's state: nobody minds how long it sleeps. (The kernel's number for it is 0x400.)
pub const TASK_NOLOAD: u8 = 16;

/// What `lockdep_assert_held()` and its kin, and sparse's context annotations, claim about a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AssertHeld {
    /// `lockdep_assert_held(l)`
    Held,
    /// `lockdep_assert_not_held(l)`
    NotHeld,
    /// `__must_hold(l)` at entry or exit, `__releases(l)` at entry, `__acquires(l)` at exit.
    AnnotatedHeld,
    /// `__acquires(l)` at entry, `__releases(l)` at exit.
    AnnotatedNotHeld,
    /// `lockdep_assert_held_write(l)`: held, and not as a reader.
    HeldWrite,
    /// `lockdep_assert_held_read(l)`: held as a reader.
    HeldRead,
}

/// How a timer is armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimerArm {
    /// `mod_timer`
    Mod,
    /// `mod_timer_pending`: only if it is armed.
    Pending,
    /// `timer_reduce`: when it expires is abstract, so that this is `mod_timer`.
    Reduce,
    /// `add_timer`: it must not be armed.
    Add,
    /// `add_timer_on`: likewise, on a CPU.
    On,
    /// `hrtimer_start`
    Hrtimer,
}

/// Whose readers a grace period waits for: the flavours of RCU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Readers {
    /// Who is in `rcu_read_lock()`, or has a CPU with preemption, bottom halves or interrupts off.
    Rcu,
    /// Those of a `srcu_struct`.
    Srcu,
    /// Tasks RCU: every task, until it gives its CPU up of its own accord; and those of RCU.
    Tasks,
    /// Tasks Rude RCU: who has a CPU with preemption off.
    Rude,
}

/// How a section of SRCU is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Section {
    /// `srcu_read_lock`
    Own,
    /// `srcu_read_lock_nmisafe`: not to be mixed with the others.
    NmiSafe,
    /// `srcu_down_read`: it is nobody's, and anybody may leave it.
    Nobodys,
}

/// What a barrier orders (`Documentation/memory-barriers.txt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fence {
    /// `barrier()`: nothing that another CPU could notice.
    Compiler,
    /// `smp_rmb`: reads before it and reads after it.
    Read,
    /// `smp_wmb`: writes before it and writes after it.
    Write,
    /// `smp_mb`: everything.
    Full,
}

/// `__GFP_DIRECT_RECLAIM`: the allocation may sleep. (`include/linux/gfp_types.h`; bit 10.)
pub const GFP_DIRECT_RECLAIM: u64 = 0x400;
/// `__GFP_NOFAIL`: the allocation does not fail. (Bit 15.)
pub const GFP_NOFAIL: u64 = 0x8000;
/// `__GFP_ZERO`: the memory is zeroed. (Bit 8.)
pub const GFP_ZERO: u64 = 0x100;

/// Who gives memory, and takes it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Allocator {
    /// `kmalloc`
    #[default]
    Slab,
    /// `vmalloc`
    Vmalloc,
    /// `kvmalloc`, which is one or the other; `kvfree` takes back all of them.
    Kvmalloc,
    /// `alloc_pages`
    Pages,
}

/// What may happen to a context that it does not decide itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Chance {
    /// Memory is short, so that an allocation must reclaim some first. As often as `Bounds::reclaims` says.
    Reclaim,
    /// A page of user memory is not there.
    PageFault,
}

/// A primitive of the simulated kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KernelCall {
    // --- preemption, interrupts, bottom halves -------------------------------------------------------------------
    /// `()`: `preempt_disable()`. Step where another task could take this CPU, else local.
    PreemptDisable,
    /// `()`: `preempt_enable()`. Local.
    PreemptEnable,
    /// `()`: `migrate_disable()`: the task stays on this CPU. Step where it could be on another, and `explicit`, else local.
    MigrateDisable {
        /// The program asks for it; it is not part of taking a lock.
        explicit: bool,
    },
    /// `()`: `migrate_enable()`. Local.
    MigrateEnable,
    /// `() -> bool`: whether the task may not migrate. Local.
    MigrationDisabled,
    /// `()`: `local_irq_disable()`. Step.
    IrqDisable,
    /// `()`: `local_irq_enable()`. Local.
    IrqEnable,
    /// `() -> flags`: `local_irq_save(flags)`; flags is 0x200 if interrupts were on, else 0. Step.
    IrqSave,
    /// `(flags)`: `local_irq_restore(flags)`. Local.
    IrqRestore,
    /// `()`: `local_bh_disable()`. Step where another task could take this CPU, else local.
    BhDisable,
    /// `()`: `local_bh_enable()`. Local.
    BhEnable,

    // --- questions about the context: all local --------------------------------------------------------------------
    /// `() -> bool`
    IrqsDisabled,
    /// `() -> int`
    PreemptCount,
    /// `() -> bool`: not NMI, hard IRQ or serving a softirq.
    InTask,
    /// `() -> bool`: the hard IRQ field of `preempt_count`.
    InHardirq,
    /// `() -> bool`: the softirq field, bottom halves off included.
    InSoftirq,
    /// `() -> bool`
    InServingSoftirq,
    /// `() -> bool`: NMI, hard IRQ or softirq field.
    InInterrupt,
    /// `() -> bool`
    InNmi,
    /// `() -> bool`: `preempt_count != 0`.
    InAtomic,
    /// `() -> bool`: `preempt_count == 0` and interrupts on.
    Preemptible,
    /// `() -> int`: the CPU. Not raw: a finding if the caller is preemptible and not tied to one CPU.
    SmpProcessorId {
        /// `raw_smp_processor_id()`: unchecked.
        raw: bool,
    },
    /// `() -> struct task_struct *`: `current`; in an interrupt, the interrupted task (0 if the CPU was idle).
    Current,

    // --- spinlocks, mutexes, readers and writers ------------------------------------------------------------------
    /// `(lock)`: `spin_lock_init`, `mutex_init`, `rwlock_init`, `init_rwsem`. With a second argument, its class, `ww_mutex_init`. Step.
    LockInit {
        /// The lock's type.
        lock: LockKind,
    },
    /// `(lock) -> 0 | -EINTR`: takes it. Step. Blocks while it is held: a spinlock's waiter keeps its CPU, a mutex's does not. Spinlocks: preemption is
    /// already off. Without SMP a spinlock never blocks. A writer that finds readers begins to wait, which is a step: from then on readers that come wait
    /// behind it.
    Acquire {
        /// The lock's type.
        lock: LockKind,
        /// As a reader.
        shared: bool,
        /// What may end the wait (locks that sleep).
        sleep: Sleep,
        /// The lockdep subclass: `_nested`.
        subclass: u8,
        /// There is a second argument, the lock under which several of this class may be taken in any order: `_nest_lock`. Of a `ww_mutex` the acquire context, or 0:
        /// with one the result may be `-EDEADLK` or `-EALREADY` too, and beginning to wait is a step.
        nest: bool,
    },
    /// `(lock) -> bool`: takes it if it is free. Success with one that spins disables preemption too. Step. Of a `ww_mutex` there is a second argument, as above.
    TryAcquire {
        /// The lock's type.
        lock: LockKind,
        /// As a reader.
        shared: bool,
    },
    /// `(lock)`: releases it; does not touch preemption. Step.
    Release {
        /// The lock's type.
        lock: LockKind,
        /// As a reader.
        shared: bool,
    },
    /// `(lock)`: `downgrade_write`: who holds an rwsem as its writer holds it as a reader from now on. Step.
    Downgrade,
    /// `(lock) -> bool`: `spin_is_locked`, `mutex_is_locked`, `rwsem_is_locked`. Step.
    IsLocked {
        /// The lock's type.
        lock: LockKind,
    },
    /// `(lock, key)`: `lockdep_set_class`; with a key of 0 `lockdep_set_novalidate_class`. Step.
    LockSetClass,
    /// `(lock, subclass)`: `lockdep_set_subclass`. Step.
    LockSetSubclass,
    /// `(map)`: `lock_map_acquire` and its kin. Local.
    MapAcquire {
        /// By a reader, who may be one already.
        shared: bool,
        /// It is not waited for.
        trylock: bool,
    },
    /// `(map)`: `lock_map_release`. Local.
    MapRelease,
    /// `(map)`: `lock_map_sync`. Local.
    MapSync,
    /// `(sem)`: the second half of `percpu_up_write`: those who wait are served. Step.
    PercpuWake,
    /// `(lock, subclass)`: `might_lock`, `might_lock_read`, `might_lock_nested`: the lock validator is told as if it were taken here. Local.
    MightLock {
        /// As a reader.
        shared: bool,
    },
    /// `(ctx, class)`: `ww_acquire_init`. Step.
    WwAcquireInit,
    /// `(ctx)`: `ww_acquire_done`. Local.
    WwAcquireDone,
    /// `(ctx)`: `ww_acquire_fini`. Local.
    WwAcquireFini,
    /// `(lock)`: a claim about what the calling context holds. Local.
    AssertHeld {
        /// What is claimed.
        claim: AssertHeld,
    },
    /// `(lock) -> bool`: `lockdep_is_held`: whether the calling context holds it. Local.
    Holds,

    // --- semaphores -----------------------------------------------------------------------------------------------
    /// `(sem, value)`: `sema_init`. Step.
    SemInit,
    /// `(sem) -> 0 | -EINTR | -ETIME`: `down`. Step. At zero it joins the queue (a step) and sleeps until `up` hands it the semaphore: first come, first served.
    SemDown {
        /// What may end the wait.
        sleep: Sleep,
        /// `down_timeout`: the wait may end at any moment with `-ETIME`.
        timeout: bool,
    },
    /// `(sem) -> bool`: takes it if it can; 1 if it did (the C function returns the opposite). Step.
    SemTryDown,
    /// `(sem)`: `up`. Step.
    SemUp,

    // --- completions ------------------------------------------------------------------------------------------------
    /// `(x)`: `init_completion`, `reinit_completion`. Step.
    CompletionInit,
    /// `(x) -> 0 | -ERESTARTSYS`, with `timeout` `-> remaining (1) | 0 | -ERESTARTSYS`. Step. Blocks while `done` is 0; then takes one.
    CompletionWait {
        /// What may end the wait.
        sleep: Sleep,
        /// The wait may end at any moment with 0.
        timeout: bool,
    },
    /// `(x) -> bool`: `try_wait_for_completion`. Step.
    CompletionTryWait,
    /// `(x) -> bool`: `completion_done`. Step.
    CompletionDone,
    /// `(x)`: `complete`. Step.
    Complete,
    /// `(x)`: `complete_all`. Step.
    CompleteAll,

    // --- the scheduler -------------------------------------------------------------------------------------------
    /// `()`: what a call that may sleep checks first: findings `sleep_in_atomic`, `not_running`. Under `PREEMPT_VOLUNTARY` the CPU may be given up here.
    /// Local, but a step under `PREEMPT_VOLUNTARY` where another task could take this CPU.
    MightSleep,
    /// `(gfp)`: `MightSleep` if the flags allow direct reclaim. Local, likewise.
    MightAlloc,
    /// `()`: what taking a lock that sleeps under `PREEMPT_RT` alone checks first (`rtlock_might_resched`): finding `sleep_in_atomic` with preemption or
    /// interrupts off. A section of RCU may be left waiting, and the task's state is kept. Local.
    RtlockMightResched,
    /// `(task, priority)`: `sched_set_fifo`, `sched_set_fifo_low`, `sched_set_normal` (0). Step.
    SetPriority,
    /// `(state)`: `set_current_state`, `__set_current_state` (a [`TaskState`]). Step.
    SetState,
    /// `() -> remaining`: `schedule`, `schedule_timeout`. Finding `schedule_in_atomic` when reached with a preempt count or interrupts off.
    /// Step. Blocks while the task's state is not `TASK_RUNNING`; with `timeout` it may go on at any moment, which sets the state to
    /// running and gives 0 (1 if it was woken).
    Schedule {
        /// `schedule_timeout`.
        timeout: bool,
    },
    /// `(task, mask) -> bool`: `try_to_wake_up`: if the task's state is in the mask, makes it running. Step.
    WakeUp,
    /// `()`: `cond_resched`, `yield`: the CPU may go to another task. Checks as `MightSleep` does unless it is `yield`. Step where another task could take
    /// this CPU, else local.
    CondResched,
    /// `()`: `msleep` and the like: `schedule_in_atomic` where sleeping is forbidden; gives up the CPU for a while. Step.
    Msleep,
    /// `() -> bool`: `signal_pending(current)`. Step if the rig allows this context signals, else local and 0.
    SignalPending,
    /// `() -> bool`: `fatal_signal_pending(current)`. Step if the rig allows this context signals, else local and 0.
    FatalSignalPending,

    // --- kernel threads -----------------------------------------------------------------------------------------
    /// `(fn, data) -> task | ERR_PTR`: `kthread_create`: made, asleep until first woken. Step.
    KthreadCreate {
        /// Which call.
        site: SpawnSiteId,
    },
    /// `(task, cpu)`: `kthread_bind`. Step.
    KthreadBind,
    /// `(task)`: the first half of `kthread_stop`: asks it to stop and wakes it. Step.
    KthreadStopRequest,
    /// `(task) -> int`: the second half: waits until it has ended; gives its result (`-EINTR` if it never ran). Step. Blocks until then.
    KthreadStopWait,
    /// `() -> bool`: `kthread_should_stop`. Step.
    KthreadShouldStop,
    /// `(task) -> 0 | -ENOSYS | -EBUSY`: the first half of `kthread_park`: asks it to park and wakes it, unless it has ended or was asked before. Step.
    KthreadPark,
    /// `(task)`: the second half. Step. Blocks until it has parked.
    KthreadParkWait,
    /// `()`: `kthread_parkme`. Step; while it is to park it parks there, which is a step, and blocks.
    KthreadParkme,
    /// `() -> bool`: `kthread_should_park`. Step.
    KthreadShouldPark,
    /// `(task)`: `kthread_unpark`. Step.
    KthreadUnpark,
    /// `(result)`: `kthread_exit`: the context ends here, and returns to none of its callers. Step.
    KthreadExit,
    /// `(task)`: `get_task_struct`, `put_task_struct`. Step.
    TaskReference {
        /// The former.
        get: bool,
    },

    // --- interrupt lines ------------------------------------------------------------------------------------------
    /// `(irq, handler, thread, flags, dev) -> 0 | -EBUSY | -EINVAL`: `request_irq`, `request_threaded_irq`. Step.
    RequestIrq {
        /// The call that may give the handler a thread, which it names.
        thread: Option<SpawnSiteId>,
    },
    /// `(irq, dev) -> handler`: the first half of `free_irq`: no new handler starts; the handler if the line may be shared, else NULL. Step. `SyncIrq` and `SyncIrqThreads` follow.
    FreeIrq,
    /// `(irq, dev)`: the end of `free_irq`: the thread is stopped, and the handler forgotten. Local.
    IrqFreed,
    /// `(irq, dev)`: `irq_wake_thread`. Step.
    IrqWakeThread,
    /// `(irq)`: `disable_irq_nosync`. Step.
    DisableIrq,
    /// `(irq)`: `enable_irq`. Finding `irq_state` when unbalanced. Step.
    EnableIrq,
    /// `(irq)`: `synchronize_hardirq`, and a part of `synchronize_irq`, `disable_irq` and `free_irq`. Step. Blocks while the line's handlers run; the CPU is kept.
    SyncIrq,
    /// `(irq)`: the rest of `synchronize_irq`. Step where there are threads. Blocks while a thread of the line is to run, or runs.
    SyncIrqThreads,

    // --- irq_work ----------------------------------------------------------------------------------------------------
    /// `(work, function, flags)`: `init_irq_work`. Step.
    IrqWorkInit,
    /// `(work, cpu) -> bool`: `irq_work_queue`, `irq_work_queue_on`; a negative CPU is this one. 1 unless it is pending. Step.
    IrqWorkQueue,
    /// `(work)`: `irq_work_sync`. Step. Blocks while it is pending or runs; the CPU is kept.
    IrqWorkSync,
    /// `(work, flag) -> bool`: `irq_work_is_pending`, `irq_work_is_busy`. Step.
    IrqWorkIs,
    /// `(work)`: `csd_unlock`, by its function: from now on it is busy no more, and nobody touches it when the function returns. Step.
    IrqWorkRelease,

    // --- softirqs --------------------------------------------------------------------------------------------------
    /// `(vector, action)`: `open_softirq`. Step.
    OpenSoftirq,
    /// `(vector)`: `__raise_softirq_irqoff`, and the rest of `raise_softirq`. Step.
    RaiseSoftirq,
    // --- workqueues -------------------------------------------------------------------------------------------------
    /// `(work, function)`: `INIT_WORK`. Step.
    WorkInit,
    /// `(wq, flags, max_active)`: the second half of `alloc_workqueue`. Step.
    WqInit {
        /// Index into [`super::Program::strings`]: its name.
        name: u32,
    },
    /// `(wq, work, cpu, delay) -> bool`: `queue_work_on`, `queue_delayed_work_on`; a negative CPU is any. 1 unless the item was pending, or is disabled. Step.
    QueueWork,
    /// `(wq, work) -> bool`: `queue_rcu_work`, but for its callback: pending from now on, and queued by `ExpireWork`. 1 unless it was pending, or is disabled. Step.
    QueueRcuWork,
    /// `(wq, work, cpu, delay) -> bool`: `mod_delayed_work_on`: as `QueueWork`, and one that is pending is taken off first; 1 if it was. Step.
    ModWork,
    /// `(work) -> bool`: `cancel_work`, `cancel_delayed_work`: 1 if it was pending. Step.
    CancelWork,
    /// `(work) -> bool`: `disable_work`, and the first half of the `_sync` forms: as `CancelWork`, and it cannot be queued any more. Step.
    DisableWork,
    /// `(work) -> bool`: `enable_work`: undoes one `DisableWork`; 1 if that was the last. Step.
    EnableWork,
    /// `(work) -> bool`: `flush_work`; 1 if it had to wait. Step, and another at the end of the wait. Blocks until what was pending or running when it
    /// was called is done.
    FlushWork {
        /// The second half of `cancel_work_sync` and `disable_work_sync`.
        cancel: bool,
    },
    /// `(work)`: the first half of `flush_delayed_work`: what waits for its time is queued at once. Step.
    ExpireWork,
    /// `(wq)`: `flush_workqueue`. Step, and another at the end of the wait. Blocks until all that was queued or ran when it was called is done.
    FlushWorkqueue,
    /// `(work)`: the second half of `cancel_work_sync` of an item of a `WQ_BH` queue. Step. Spins while it runs.
    SpinForWork,
    /// `(work) -> bool`: whether it was last queued on a `WQ_BH` queue. Local.
    WorkIsBh,
    /// `(wq, destroy)`: the first part of `drain_workqueue` and (1) `destroy_workqueue`: only its own items may queue on it from now on. Step.
    WqDrain,
    /// `(wq)`: the second part. Step. Blocks while anything is queued on it or runs.
    WqWaitEmpty,
    /// `(wq)`: the last part of `drain_workqueue`. Step.
    WqDrained,
    /// `(work) -> bool`: `work_pending`. Step.
    WorkPending,
    /// `(work) -> int`: `work_busy`: 1 if it is pending, plus 2 if it runs. Step.
    WorkBusy,
    /// `() -> struct work_struct *`: `current_work`. Local.
    CurrentWork,

    // --- NAPI ------------------------------------------------------------------------------------------------------
    /// `(napi, poll, weight)`: `netif_napi_add_weight`. Step.
    NapiInit,
    /// `(napi) -> bool`: `napi_schedule_prep`: whether the caller has to schedule it. Step.
    NapiPrep,
    /// `(napi) -> bool`: `__napi_schedule`: false if it was on a list. Step.
    NapiSchedule,
    /// `(napi) -> int`: `napi_complete_done`: 1, 0 if it is scheduled once more, -1 if it was not scheduled. Step.
    NapiComplete,
    /// `(napi)`: the first half of `napi_disable`. Step.
    NapiDisable,
    /// `(napi)`: the second half of `napi_disable`, `napi_synchronize`. Step. Blocks while it is scheduled.
    NapiWait {
        /// It is scheduled from then on, for nobody to poll.
        take: bool,
    },
    /// `(napi) -> bool`: `napi_enable`: whether it was disabled. Step.
    NapiEnable,
    /// `(napi) -> bool`: `napi_is_scheduled`. Step.
    NapiScheduled,
    /// `(napi)`: `netif_napi_del`. Step. Blocks while its poll function runs.
    NapiDelete,

    // --- tasklets --------------------------------------------------------------------------------------------------
    /// `(tasklet, callback, data)`: `tasklet_setup`, `tasklet_init`. Step.
    TaskletInit {
        /// The callback takes `data`, not the tasklet.
        old: bool,
    },
    /// `(tasklet)`: `tasklet_schedule`, `tasklet_hi_schedule`. Step.
    TaskletSchedule {
        /// With high priority.
        high: bool,
    },
    /// `(tasklet)`: `tasklet_disable_nosync`. Step.
    TaskletDisable,
    /// `(tasklet)`: `tasklet_enable`. Step.
    TaskletEnable,
    /// `(tasklet)`: the first half of `tasklet_kill`: finding `wrong_context` in an interrupt. Step. Blocks while it is scheduled.
    TaskletKill,
    /// `(tasklet)`: `tasklet_unlock_wait`, `tasklet_unlock_spin_wait`. Step. Blocks while its callback runs.
    TaskletWait {
        /// The waiter sleeps.
        sleep: bool,
        /// The second half of `tasklet_kill`.
        kill: bool,
    },

    // --- timers, hrtimers --------------------------------------------------------------------------------------------
    /// `(timer, function, flags or mode)`: `timer_setup`, `hrtimer_setup`. Step.
    TimerInit {
        /// An hrtimer.
        hr: bool,
    },
    /// `(timer, expires, CPU or mode) -> bool`: whether it was armed. Step.
    TimerArm {
        /// Which call.
        how: TimerArm,
    },
    /// `(timer) -> bool`: `timer_delete` and its kin: whether it was armed. Step. With `wait`, blocks while its callback runs.
    TimerCancel {
        /// An hrtimer.
        hr: bool,
        /// `timer_delete_sync`, `hrtimer_cancel`.
        wait: bool,
        /// `try_to_del_timer_sync`, `hrtimer_try_to_cancel`: -1 while its callback runs.
        says: bool,
        /// `timer_shutdown`, `timer_shutdown_sync`: it is not to be armed again.
        shutdown: bool,
    },
    /// `(timer) -> bool`: `timer_pending`, `hrtimer_active`. Step.
    TimerPending {
        /// An hrtimer.
        hr: bool,
    },
    /// `() -> unsigned long`: `jiffies`. Step if the program asks what time it is, else local.
    Jiffies,
    /// `(a, b) -> bool`: `time_after`. Step. Where one of the two is the time now and the other has not come, it may have come.
    TimeAfter {
        /// For each of the two: it is `jiffies` itself, whatever is passed.
        now: [bool; 2],
    },
    /// `(timer)`: the lock validator is told that its callback is waited for. Local.
    TimerTouch,

    // --- sequence counters --------------------------------------------------------------------------------------------
    /// `(begins)`: `kcsan_flat_atomic_begin`, `kcsan_atomic_next` and their ends: between them every access of the context counts as marked. Local.
    ReadsAtomically,
    /// `(begins)`: `kcsan_nestable_atomic_begin` and its end: likewise, and such sections nest. Local.
    WritesAtomically,

    // --- RCU ----------------------------------------------------------------------------------------------------------
    /// `()`: `rcu_read_lock`. Step where somebody waits for readers, else local.
    RcuReadLock,
    /// `()`: `rcu_read_unlock`. Local.
    RcuReadUnlock,
    /// `() -> bool`: `rcu_read_lock_held`. Local.
    RcuReadHeld,
    /// `(srcu)`: `init_srcu_struct`. Step.
    SrcuInit,
    /// `(srcu)`: `cleanup_srcu_struct`: finding `free_active` with readers, or callbacks to come. Step.
    SrcuCleanup,
    /// `(srcu) -> index`: `srcu_read_lock`. Step.
    SrcuReadLock {
        /// Which call.
        how: Section,
    },
    /// `(srcu, index)`: `srcu_read_unlock`; an index of 2 is any that fits. Step.
    SrcuReadUnlock {
        /// `srcu_up_read`
        up: bool,
    },
    /// `(srcu) -> bool`: `srcu_read_lock_held`. Local.
    SrcuReadHeld,
    /// `(srcu or 0)`: the first half of `synchronize_rcu`: findings `rcu_sync_in_reader`, and as `MightSleep`. Step. `GpWait` follows.
    GpBegin {
        /// Whom it waits for.
        of: Readers,
    },
    /// `(srcu or 0)`: the second half. Step. Blocks while a reader goes on that began before the first.
    GpWait {
        /// Whom it waits for.
        of: Readers,
    },
    /// `(head, callback, offset, srcu or 0)`: `call_rcu`: the callback is given the head's address less the offset, in a softirq, after a grace period. Step.
    CallRcu {
        /// Whom it waits for.
        of: Readers,
    },
    /// `(srcu or 0)`: the first half of `rcu_barrier`. Step. `BarrierWait` follows.
    BarrierBegin {
        /// Whose callbacks.
        of: Readers,
    },
    /// `()`: the second half. Step. Blocks until every callback has returned that was queued before the first.
    BarrierWait,
    /// `(srcu or 0) -> cookie`: `get_state_synchronize_rcu`. Step.
    GpState {
        /// Whose readers are meant.
        of: Readers,
    },
    /// `(cookie) -> bool`: `poll_state_synchronize_rcu`: whether a grace period that began at the cookie is over. Step.
    GpPoll,
    /// `()`: `rcu_tasks_qs`: as if the task had slept, for Tasks RCU. Step where somebody waits for readers, else local.
    TasksQs,

    // --- memory -----------------------------------------------------------------------------------------------------
    /// `(size, gfp) -> pointer | NULL`: `kmalloc`, `kzalloc`. `MightAlloc` has come before. Step if the rig lets allocations fail, else local.
    Alloc {
        /// Which call.
        site: AllocSiteId,
        /// `__GFP_ZERO`.
        zero: bool,
    },
    /// `(pointer)`: `kfree`. NULL and `ZERO_SIZE_PTR` are ignored. Step.
    Free,
    /// `(pointer)`: `vfree`, `kvfree`, `free_pages`. Likewise. Step.
    FreeAs {
        /// Whose memory it takes.
        allocator: Allocator,
    },
    /// `(pointer) -> bytes`: how much was asked for; 0 of what is no memory of an allocator's. Local.
    AllocSize,
    /// `(pointer, scan)`: `kmemleak_not_leak`; without `scan` `kmemleak_ignore`. Local.
    NotALeak,
    /// `(flags) -> those that were not set`: `memalloc_nofs_save` and its kin. Local.
    MemallocSave,
    /// `(flags)`: `memalloc_nofs_restore` and its kin. Local.
    MemallocRestore,
    /// `() -> flags`: what `MemallocSave` has set. Local.
    MemallocFlags,
    /// `()`: `pagefault_disable`, `pagefault_enable`. Local.
    PagefaultDisable {
        /// The former.
        disable: bool,
    },
    /// `() -> bool`: `pagefault_disabled`. Local.
    PagefaultDisabled,
    /// `() -> bool`: whether something happens. Step.
    Happens {
        /// What.
        what: Chance,
    },
    /// `(map)`: `lockdep_init_map`, for a map that is nobody's. Step.
    MapInit,
    /// `(to, from, n) -> bytes not copied`: `copy_to_user`. `MightSleep` has come before. A plain read of kernel memory. Step.
    CopyToUser,
    /// `(to, from, n) -> bytes not copied`: `copy_from_user`: zeros arrive unless `from` is a pointer to an object, whose bytes then do. A plain write. Step.
    CopyFromUser,

    // --- the rest ---------------------------------------------------------------------------------------------------
    /// `(args...)`: `printk`. Local.
    Printk {
        /// Index into [`super::Program::strings`]: the format.
        format: u32,
        /// 0 (`KERN_EMERG`) to 7 (`KERN_DEBUG`), or [`LOG_CONT`].
        level: u8,
        /// How many lines this place may print: 1 for `printk_once`, 10 for `printk_ratelimited` (`DEFAULT_RATELIMIT_BURST`, in five seconds); 0: any number.
        most: u8,
    },
    /// `()`: an index beyond what an xarray or idr has room for is not stored. Local.
    BeyondIndices,
    /// `()`: `smp_mb` and the other barriers; `barrier`. Local: memory is sequentially consistent here; only who asks what a weaker machine may reorder
    /// looks at it.
    Fence {
        /// What it orders.
        fence: Fence,
    },
    /// `()`: `cpu_relax`, `udelay` and the like. Local.
    Relax,
    /// `(args...)`: `panic`: the machine stops. Local.
    Panic {
        /// Index into [`super::Program::strings`]: the format.
        format: u32,
    },
}
