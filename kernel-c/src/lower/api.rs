//! What the front end knows of the kernel's API by name alone: the primitives that the prelude is built from, and the many functions that a
//! scenario may reasonably call and that are not modelled yet.

use sim_core::program::{AssertHeld, Chance, Fence, KernelCall, LockKind, Readers, Section, Sleep, TimerArm};

/// What a primitive gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    Nothing,
    Int,
    /// `unsigned long`: interrupt flags.
    Flags,
    /// `void *`
    Pointer,
    Long,
}

/// A primitive of the prelude: `__kernel_NAME(arguments)`.
pub(super) struct Primitive {
    pub(super) call: KernelCall,
    pub(super) arguments: usize,
    pub(super) gives: Gives,
}

/// The primitive with this name (without `__kernel_`).
pub(super) fn primitive(name: &str) -> Option<Primitive> {
    use Gives::{Flags, Int, Long, Nothing, Pointer};
    use KernelCall as K;
    let (call, arguments, gives) = match name {
        "preempt_disable" => (K::PreemptDisable, 0, Nothing),
        "preempt_enable" => (K::PreemptEnable, 0, Nothing),
        "migrate_disable" => (K::MigrateDisable { explicit: true }, 0, Nothing),
        "stay_on_cpu" => (K::MigrateDisable { explicit: false }, 0, Nothing),
        "migrate_enable" => (K::MigrateEnable, 0, Nothing),
        "migration_disabled" => (K::MigrationDisabled, 0, Int),
        "irq_disable" => (K::IrqDisable, 0, Nothing),
        "irq_enable" => (K::IrqEnable, 0, Nothing),
        "irq_save" => (K::IrqSave, 0, Flags),
        "irq_restore" => (K::IrqRestore, 1, Nothing),
        "bh_disable" => (K::BhDisable, 0, Nothing),
        "bh_enable" => (K::BhEnable, 0, Nothing),
        "irqs_disabled" => (K::IrqsDisabled, 0, Int),
        "preempt_count" => (K::PreemptCount, 0, Int),
        "in_task" => (K::InTask, 0, Int),
        "in_hardirq" => (K::InHardirq, 0, Int),
        "in_softirq" => (K::InSoftirq, 0, Int),
        "in_serving_softirq" => (K::InServingSoftirq, 0, Int),
        "in_interrupt" => (K::InInterrupt, 0, Int),
        "in_nmi" => (K::InNmi, 0, Int),
        "in_atomic" => (K::InAtomic, 0, Int),
        "preemptible" => (K::Preemptible, 0, Int),
        "smp_processor_id" => (K::SmpProcessorId { raw: false }, 0, Int),
        "raw_smp_processor_id" => (K::SmpProcessorId { raw: true }, 0, Int),
        "current" => (K::Current, 0, Pointer),
        "lock_set_class" => (K::LockSetClass, 2, Nothing),
        "lock_set_subclass" => (K::LockSetSubclass, 2, Nothing),
        "map_acquire" => (K::MapAcquire { shared: false, trylock: false }, 1, Nothing),
        "map_acquire_read" => (K::MapAcquire { shared: true, trylock: false }, 1, Nothing),
        "map_try_acquire" => (K::MapAcquire { shared: false, trylock: true }, 1, Nothing),
        "map_try_acquire_read" => (K::MapAcquire { shared: true, trylock: true }, 1, Nothing),
        "map_release" => (K::MapRelease, 1, Nothing),
        "map_sync" => (K::MapSync, 1, Nothing),
        "percpu_wake" => (K::PercpuWake, 1, Nothing),
        "might_lock_nested" => (K::MightLock { shared: false }, 2, Nothing),
        "might_lock" => (K::MightLock { shared: false }, 1, Nothing),
        "might_lock_read" => (K::MightLock { shared: true }, 1, Nothing),
        "assert_held" => (K::AssertHeld { claim: AssertHeld::Held }, 1, Nothing),
        "assert_held_write" => (K::AssertHeld { claim: AssertHeld::HeldWrite }, 1, Nothing),
        "assert_held_read" => (K::AssertHeld { claim: AssertHeld::HeldRead }, 1, Nothing),
        "assert_not_held" => (K::AssertHeld { claim: AssertHeld::NotHeld }, 1, Nothing),
        "ww_acquire_init" => (K::WwAcquireInit, 2, Nothing),
        "ww_acquire_done" => (K::WwAcquireDone, 1, Nothing),
        "ww_acquire_fini" => (K::WwAcquireFini, 1, Nothing),
        "downgrade" => (K::Downgrade, 1, Nothing),
        "sem_init" => (K::SemInit, 2, Nothing),
        "sem_try_down" => (K::SemTryDown, 1, Int),
        "sem_up" => (K::SemUp, 1, Nothing),
        "completion_init" => (K::CompletionInit, 1, Nothing),
        "completion_try_wait" => (K::CompletionTryWait, 1, Int),
        "completion_done" => (K::CompletionDone, 1, Int),
        "complete" => (K::Complete, 1, Nothing),
        "complete_all" => (K::CompleteAll, 1, Nothing),
        "might_sleep" => (K::MightSleep, 0, Nothing),
        "might_alloc" => (K::MightAlloc, 1, Nothing),
        "rtlock_might_resched" => (K::RtlockMightResched, 0, Nothing),
        "set_priority" => (K::SetPriority, 2, Nothing),
        "set_state" => (K::SetState, 1, Nothing),
        "schedule" => (K::Schedule { timeout: false }, 0, Long),
        "schedule_timeout" => (K::Schedule { timeout: true }, 0, Long),
        "wake_up" => (K::WakeUp, 2, Int),
        "cond_resched" => (K::CondResched, 0, Nothing),
        "msleep" => (K::Msleep, 0, Nothing),
        "signal_pending" => (K::SignalPending, 0, Int),
        "fatal_signal_pending" => (K::FatalSignalPending, 0, Int),
        "kthread_bind" => (K::KthreadBind, 2, Nothing),
        "kthread_stop_request" => (K::KthreadStopRequest, 1, Nothing),
        "kthread_stop_wait" => (K::KthreadStopWait, 1, Int),
        "kthread_exit" => (K::KthreadExit, 1, Nothing),
        "kthread_should_stop" => (K::KthreadShouldStop, 0, Int),
        "kthread_park" => (K::KthreadPark, 1, Int),
        "kthread_park_wait" => (K::KthreadParkWait, 1, Nothing),
        "kthread_parkme" => (K::KthreadParkme, 0, Nothing),
        "kthread_should_park" => (K::KthreadShouldPark, 0, Int),
        "kthread_unpark" => (K::KthreadUnpark, 1, Nothing),
        "task_get" => (K::TaskReference { get: true }, 1, Nothing),
        "task_put" => (K::TaskReference { get: false }, 1, Nothing),
        "free_irq" => (K::FreeIrq, 2, Pointer),
        "disable_irq" => (K::DisableIrq, 1, Nothing),
        "enable_irq" => (K::EnableIrq, 1, Nothing),
        "irq_freed" => (K::IrqFreed, 2, Nothing),
        "irq_wake_thread" => (K::IrqWakeThread, 2, Nothing),
        "sync_irq" => (K::SyncIrq, 1, Nothing),
        "sync_irq_threads" => (K::SyncIrqThreads, 1, Nothing),
        "irq_work_init" => (K::IrqWorkInit, 3, Nothing),
        "irq_work_queue" => (K::IrqWorkQueue, 2, Int),
        "irq_work_sync" => (K::IrqWorkSync, 1, Nothing),
        "irq_work_is" => (K::IrqWorkIs, 2, Int),
        "irq_work_release" => (K::IrqWorkRelease, 1, Nothing),
        "beyond_indices" => (K::BeyondIndices, 0, Nothing),
        "open_softirq" => (K::OpenSoftirq, 2, Nothing),
        "raise_softirq" => (K::RaiseSoftirq, 1, Nothing),
        "napi_init" => (K::NapiInit, 3, Nothing),
        "napi_prep" => (K::NapiPrep, 1, Int),
        "napi_schedule" => (K::NapiSchedule, 1, Int),
        "napi_complete" => (K::NapiComplete, 1, Int),
        "napi_disable" => (K::NapiDisable, 1, Nothing),
        "napi_take" => (K::NapiWait { take: true }, 1, Nothing),
        "napi_wait" => (K::NapiWait { take: false }, 1, Nothing),
        "napi_enable" => (K::NapiEnable, 1, Int),
        "napi_scheduled" => (K::NapiScheduled, 1, Int),
        "napi_delete" => (K::NapiDelete, 1, Nothing),
        "tasklet_init" => (K::TaskletInit { old: false }, 3, Nothing),
        "tasklet_init_old" => (K::TaskletInit { old: true }, 3, Nothing),
        "tasklet_schedule" => (K::TaskletSchedule { high: false }, 1, Nothing),
        "tasklet_hi_schedule" => (K::TaskletSchedule { high: true }, 1, Nothing),
        "tasklet_disable" => (K::TaskletDisable, 1, Nothing),
        "tasklet_enable" => (K::TaskletEnable, 1, Nothing),
        "tasklet_kill" => (K::TaskletKill, 1, Nothing),
        "tasklet_kill_wait" => (K::TaskletWait { sleep: true, kill: true }, 1, Nothing),
        "tasklet_wait" => (K::TaskletWait { sleep: true, kill: false }, 1, Nothing),
        "tasklet_spin_wait" => (K::TaskletWait { sleep: false, kill: false }, 1, Nothing),
        "jiffies" => (K::Jiffies, 0, Flags),
        "timer_touch" => (K::TimerTouch, 1, Nothing),
        "work_init" => (K::WorkInit, 2, Nothing),
        "queue_work" => (K::QueueWork, 4, Int),
        "queue_rcu_work" => (K::QueueRcuWork, 2, Int),
        "mod_work" => (K::ModWork, 4, Int),
        "cancel_work" => (K::CancelWork, 1, Int),
        "disable_work" => (K::DisableWork, 1, Int),
        "enable_work" => (K::EnableWork, 1, Int),
        "flush_work" => (K::FlushWork { cancel: false }, 1, Int),
        "flush_cancelled_work" => (K::FlushWork { cancel: true }, 1, Int),
        "expire_work" => (K::ExpireWork, 1, Nothing),
        "spin_for_work" => (K::SpinForWork, 1, Int),
        "work_is_bh" => (K::WorkIsBh, 1, Int),
        "flush_workqueue" => (K::FlushWorkqueue, 1, Nothing),
        "wq_drain" => (K::WqDrain, 2, Nothing),
        "wq_wait_empty" => (K::WqWaitEmpty, 1, Nothing),
        "wq_drained" => (K::WqDrained, 1, Nothing),
        "work_pending" => (K::WorkPending, 1, Int),
        "work_busy" => (K::WorkBusy, 1, Int),
        "current_work" => (K::CurrentWork, 0, Pointer),
        "holds" => (K::Holds, 1, Int),
        "reads_atomically" => (K::ReadsAtomically, 1, Nothing),
        "writes_atomically" => (K::WritesAtomically, 1, Nothing),
        "rcu_read_lock" => (K::RcuReadLock, 0, Nothing),
        "rcu_read_unlock" => (K::RcuReadUnlock, 0, Nothing),
        "rcu_read_held" => (K::RcuReadHeld, 0, Int),
        "srcu_init" => (K::SrcuInit, 1, Nothing),
        "srcu_cleanup" => (K::SrcuCleanup, 1, Nothing),
        "srcu_read_lock" => (K::SrcuReadLock { how: Section::Own }, 1, Int),
        "srcu_down_read" => (K::SrcuReadLock { how: Section::Nobodys }, 1, Int),
        "srcu_read_lock_nmisafe" => (K::SrcuReadLock { how: Section::NmiSafe }, 1, Int),
        "srcu_read_unlock" => (K::SrcuReadUnlock { up: false }, 2, Nothing),
        "srcu_up_read" => (K::SrcuReadUnlock { up: true }, 2, Nothing),
        "srcu_read_held" => (K::SrcuReadHeld, 1, Int),
        "gp_begin" => (K::GpBegin { of: Readers::Rcu }, 1, Nothing),
        "srcu_gp_begin" => (K::GpBegin { of: Readers::Srcu }, 1, Nothing),
        "gp_wait" => (K::GpWait { of: Readers::Rcu }, 1, Nothing),
        "srcu_gp_wait" => (K::GpWait { of: Readers::Srcu }, 1, Nothing),
        "call_rcu" => (K::CallRcu { of: Readers::Rcu }, 4, Nothing),
        "call_srcu" => (K::CallRcu { of: Readers::Srcu }, 4, Nothing),
        "rcu_barrier_begin" => (K::BarrierBegin { of: Readers::Rcu }, 1, Nothing),
        "srcu_barrier_begin" => (K::BarrierBegin { of: Readers::Srcu }, 1, Nothing),
        "tasks_barrier_begin" => (K::BarrierBegin { of: Readers::Tasks }, 1, Nothing),
        "rcu_barrier_wait" => (K::BarrierWait, 0, Nothing),
        "gp_state" => (K::GpState { of: Readers::Rcu }, 1, Flags),
        "srcu_gp_state" => (K::GpState { of: Readers::Srcu }, 1, Flags),
        "gp_poll" => (K::GpPoll, 1, Int),
        "tasks_qs" => (K::TasksQs, 0, Nothing),
        "tasks_gp_begin" => (K::GpBegin { of: Readers::Tasks }, 1, Nothing),
        "tasks_gp_wait" => (K::GpWait { of: Readers::Tasks }, 1, Nothing),
        "rude_gp_begin" => (K::GpBegin { of: Readers::Rude }, 1, Nothing),
        "rude_gp_wait" => (K::GpWait { of: Readers::Rude }, 1, Nothing),
        "call_rcu_tasks" => (K::CallRcu { of: Readers::Tasks }, 4, Nothing),
        "free" => (K::Free, 1, Nothing),
        "alloc_size" => (K::AllocSize, 1, Flags),
        "not_a_leak" => (K::NotALeak, 2, Nothing),
        "memalloc_save" => (K::MemallocSave, 1, Int),
        "memalloc_restore" => (K::MemallocRestore, 1, Nothing),
        "memalloc_flags" => (K::MemallocFlags, 0, Int),
        "pagefault_disable" => (K::PagefaultDisable { disable: true }, 0, Nothing),
        "pagefault_enable" => (K::PagefaultDisable { disable: false }, 0, Nothing),
        "pagefault_disabled" => (K::PagefaultDisabled, 0, Int),
        "reclaims" => (K::Happens { what: Chance::Reclaim }, 0, Int),
        "page_fault" => (K::Happens { what: Chance::PageFault }, 0, Int),
        "map_init" => (K::MapInit, 1, Nothing),
        "copy_to_user" => (K::CopyToUser, 3, Flags),
        "copy_from_user" => (K::CopyFromUser, 3, Flags),
        "compiler_fence" => (K::Fence { fence: Fence::Compiler }, 0, Nothing),
        "read_fence" => (K::Fence { fence: Fence::Read }, 0, Nothing),
        "write_fence" => (K::Fence { fence: Fence::Write }, 0, Nothing),
        "full_fence" => (K::Fence { fence: Fence::Full }, 0, Nothing),
        "relax" => (K::Relax, 0, Nothing),
        _ => return lock_primitive(name).or_else(|| wait_primitive(name)).or_else(|| timer_primitive(name)),
    };
    Some(Primitive { call, arguments, gives })
}

/// How many arguments this primitive takes, and what it gives, as `stubs` calls it.
pub(crate) fn primitive_in_c(name: &str) -> Option<(usize, &'static str)> {
    let known = primitive(name)?;
    let gives = match known.gives {
        Gives::Nothing => "nothing",
        Gives::Int => "int",
        Gives::Flags => "flags",
        Gives::Long => "long",
        Gives::Pointer => "pointer",
    };
    Some((known.arguments, gives))
}

/// `spin_acquire`, `mutex_release`, ...
fn lock_primitive(name: &str) -> Option<Primitive> {
    const LOCKS: [(&str, LockKind, bool); 15] = [
        ("raw_spin_", LockKind::RawSpin, false),
        ("spin_", LockKind::Spin, false),
        ("mutex_", LockKind::Mutex, false),
        ("rt_mutex_", LockKind::RtMutex, false),
        ("rt_spin_", LockKind::RtSpin, false),
        ("rt_read_", LockKind::RtRwLock, true),
        ("rt_write_", LockKind::RtRwLock, false),
        ("local_", LockKind::LocalLock, false),
        ("read_", LockKind::RwLock, true),
        ("write_", LockKind::RwLock, false),
        ("rwsem_read_", LockKind::RwSem, true),
        ("rwsem_write_", LockKind::RwSem, false),
        ("ww_", LockKind::WwMutex, false),
        ("percpu_read_", LockKind::PercpuRwSem, true),
        ("percpu_write_", LockKind::PercpuRwSem, false),
    ];
    let (action, lock, shared) =
        LOCKS.iter().find_map(|&(prefix, lock, shared)| Some((name.strip_prefix(prefix)?, lock, shared)))?;
    let sleep = match action {
        "acquire_interruptible" | "acquire_nest_interruptible" => Sleep::Interruptible,
        "acquire_killable" => Sleep::Killable,
        _ => Sleep::Uninterruptible,
    };
    // That of a `ww_mutex` is its class, or the acquire context.
    let with_context = 1 + usize::from(lock == LockKind::WwMutex);
    let (call, arguments, gives) = match action {
        "init" => (KernelCall::LockInit { lock }, with_context, Gives::Nothing),
        // The second argument is the subclass, a constant.
        "acquire" | "acquire_interruptible" | "acquire_killable" => {
            (KernelCall::Acquire { lock, shared, sleep, subclass: 0, nest: false }, 2, Gives::Int)
        }
        // Here it is the lock that orders the taking of several.
        "acquire_nest" | "acquire_nest_interruptible" => {
            (KernelCall::Acquire { lock, shared, sleep, subclass: 0, nest: true }, 2, Gives::Int)
        }
        "try_acquire" => (KernelCall::TryAcquire { lock, shared }, with_context, Gives::Int),
        "release" => (KernelCall::Release { lock, shared }, 1, Gives::Nothing),
        "is_locked" => (KernelCall::IsLocked { lock }, 1, Gives::Int),
        _ => return None,
    };
    Some(Primitive { call, arguments, gives })
}

/// `sem_down_killable`, `completion_wait_interruptible_timeout`, ...
fn wait_primitive(name: &str) -> Option<Primitive> {
    let (rest, semaphore) = match (name.strip_prefix("sem_down"), name.strip_prefix("completion_wait")) {
        (Some(rest), _) => (rest, true),
        (_, Some(rest)) => (rest, false),
        _ => return None,
    };
    let (rest, timeout) = rest.strip_suffix("_timeout").map_or((rest, false), |rest| (rest, true));
    let sleep = match rest {
        "" => Sleep::Uninterruptible,
        "_interruptible" => Sleep::Interruptible,
        "_killable" => Sleep::Killable,
        _ => return None,
    };
    let (call, gives) = if semaphore {
        (KernelCall::SemDown { sleep, timeout }, Gives::Int)
    } else {
        (KernelCall::CompletionWait { sleep, timeout }, Gives::Long)
    };
    Some(Primitive { call, arguments: 1, gives })
}

/// `timer_arm_pending`, `hrtimer_cancel_wait`, ...
fn timer_primitive(name: &str) -> Option<Primitive> {
    let (hr, action) = match name.strip_prefix("hrtimer_") {
        Some(action) => (true, action),
        None => (false, name.strip_prefix("timer_")?),
    };
    let arm = |how| KernelCall::TimerArm { how };
    let cancel = |wait, says, shutdown| KernelCall::TimerCancel { hr, wait, says, shutdown };
    let (call, arguments) = match (action, hr) {
        ("init", _) => (KernelCall::TimerInit { hr }, 3),
        ("mod", false) => (arm(TimerArm::Mod), 3),
        ("mod_pending", false) => (arm(TimerArm::Pending), 3),
        ("reduce", false) => (arm(TimerArm::Reduce), 3),
        ("add", false) => (arm(TimerArm::Add), 3),
        ("add_on", false) => (arm(TimerArm::On), 3),
        ("start", true) => (arm(TimerArm::Hrtimer), 3),
        ("delete", false) => (cancel(false, false, false), 1),
        ("shutdown", false) => (cancel(false, false, true), 1),
        ("delete_sync" | "cancel", _) => (cancel(true, false, false), 1),
        ("shutdown_sync", false) => (cancel(true, false, true), 1),
        ("try_delete" | "try_cancel", _) => (cancel(false, true, false), 1),
        ("pending", _) => (KernelCall::TimerPending { hr }, 1),
        _ => return None,
    };
    Some(Primitive { call, arguments, gives: Gives::Int })
}

/// Whether the name is, or begins as, one of the kernel's that is not modelled yet.
pub(super) fn known_not_modelled(name: &str) -> bool {
    unmodelled(name) != Unmodelled::No
}

/// How well a name of the kernel is known that is not modelled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unmodelled {
    /// By its whole name.
    Exactly,
    /// By the prefix of its family, which a misspelt name of the scenario's own may share.
    ByFamily,
    /// Not at all.
    No,
}

/// Whether the name is one of the kernel's that is not modelled yet.
pub(super) fn unmodelled(name: &str) -> Unmodelled {
    let families = || include_str!("../../prelude/unmodelled.txt").split_whitespace();
    let belongs = |family: &str| {
        name.strip_prefix(family).is_some_and(|rest| family.ends_with('_') || rest.starts_with('_'))
            || extended(name, family)
    };
    if families().any(|family| family == name) {
        Unmodelled::Exactly
    } else if families().any(belongs) {
        Unmodelled::ByFamily
    } else {
        Unmodelled::No
    }
}

/// Families whose members go on without an underscore: `readl`, `gpiod_get`, `vmalloc_user`.
fn extended(name: &str, family: &str) -> bool {
    matches!(
        family,
        "gpio"
            | "ioread"
            | "iowrite"
            | "kstrto"
            | "smp_call_function"
            | "irq_set"
            | "sched_set"
            | "alloc_page"
            | "DEFINE_STATIC_KEY"
    ) && name.starts_with(family)
}

/// Guard classes of the kernel that are not modelled yet.
pub(super) fn known_guard(class: &str) -> bool {
    ["migrate", "device"].iter().any(|known| class.starts_with(known))
}

/// Macros of the prelude that a call may be a misspelling of.
pub(super) fn macro_names() -> impl Iterator<Item = &'static str> {
    [
        "spin_lock_irqsave",
        "spin_lock_irqsave_nested",
        "spin_trylock_irqsave",
        "raw_spin_lock_irqsave",
        "raw_spin_trylock_irqsave",
        "local_irq_save",
        "READ_ONCE",
        "WRITE_ONCE",
        "smp_load_acquire",
        "smp_store_release",
        "wait_event",
        "wait_event_interruptible",
        "wait_event_timeout",
        "wait_event_interruptible_timeout",
        "wait_event_killable",
        "wait_event_lock_irq",
        "list_for_each_entry",
        "list_for_each_entry_safe",
        "list_entry",
        "list_first_entry",
        "container_of",
        "kthread_run",
        "kthread_create",
        "get_user",
        "put_user",
        "pr_info",
        "pr_err",
        "pr_warn",
        "printk",
        "dev_err",
        "dev_info",
        "dev_warn",
        "xchg",
        "cmpxchg",
        "try_cmpxchg",
        "min",
        "max",
        "clamp",
        "swap",
        "ARRAY_SIZE",
        "BUG_ON",
        "WARN_ON",
        "WARN_ON_ONCE",
        "smp_cond_load_relaxed",
        "smp_cond_load_acquire",
        "lockdep_assert_held",
        "lockdep_assert",
        "sema_init",
        "data_race",
    ]
    .into_iter()
}
