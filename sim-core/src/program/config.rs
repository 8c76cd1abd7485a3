//! The kernel options and bounds that a program is checked under.

use serde::{Deserialize, Serialize};

/// The options of the simulated kernel, from `CPUS(n)`, `KCONFIG(...)` and the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// How many CPUs there are; 1 when `smp` is false.
    pub cpus: u8,
    /// `CONFIG_SMP`. Without it spinlocks reduce to preemption and interrupt control.
    pub smp: bool,
    /// The preemption model.
    pub preemption: Preemption,
    /// `CONFIG_QUEUED_RWLOCKS`: a reader of an `rwlock_t` waits behind a waiting writer, except in interrupt context. Without it no reader does.
    pub queued_rwlocks: bool,
    /// The parameter `threadirqs`: handlers that may be threads are. Under `PREEMPT_RT` they are without it.
    #[serde(default)]
    pub threadirqs: bool,
    /// `CONFIG_PANIC_ON_OOPS`: the machine stops at an oops. Without it the context that hit it is killed, and the others go on.
    #[serde(default)]
    pub panic_on_oops: bool,
    /// The parameter `panic_on_warn`: the machine stops at a warning.
    #[serde(default)]
    pub panic_on_warn: bool,
    /// Limits on what is unbounded.
    pub bounds: Bounds,
}

/// When a task may lose its CPU. (`kernel/Kconfig.preempt`)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Preemption {
    /// `PREEMPT_NONE`: only where it sleeps, or at `cond_resched()`.
    None,
    /// `PREEMPT_VOLUNTARY`: also at `might_sleep()`.
    Voluntary,
    /// `PREEMPT`: wherever it is preemptible.
    Full,
    /// `PREEMPT_RT`: likewise; and locks that spin otherwise sleep, handlers and softirqs are run by threads.
    Rt,
}

impl Preemption {
    /// The name of the option, without `CONFIG_`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "PREEMPT_NONE",
            Self::Voluntary => "PREEMPT_VOLUNTARY",
            Self::Full => "PREEMPT",
            Self::Rt => "PREEMPT_RT",
        }
    }

    /// `CONFIG_PREEMPTION`: a task may be made to leave its CPU wherever it is preemptible.
    pub fn preempts(self) -> bool {
        matches!(self, Self::Full | Self::Rt)
    }
}

/// Everything unbounded has a bound; every report prints those that the program can run into, and whether it did.
/// (The bound on how often a line is raised is the rig's `.times`.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// How many calls deep a context may be.
    pub call_depth: u16,
    /// How many times one context may allocate at one site.
    pub allocations: u16,
    /// How many kernel threads one context may create at one site.
    pub spawns: u16,
    /// How many work items may run at once. At most 16.
    pub workers: u16,
    /// How many times a work item may be queued by work functions. What comes after that is not looked at.
    pub requeues: u8,
    /// Whether memory may run out for workers (1): from some moment on none is made, and only the rescuers of `WQ_MEM_RECLAIM` queues help. 0: it does not.
    pub worker_failures: u8,
    /// How many allocations may fail in one execution. 0: none does.
    pub failed_allocations: u8,
    /// How many user copies may fault in one execution. 0: none does.
    pub user_faults: u8,
    /// How often memory may be short in one execution, so that shrinkers are called.
    #[serde(default)]
    pub reclaims: u8,
    /// How often a task that sleeps in `schedule()` may be woken by nobody in one execution. 0: none is.
    pub spurious_wakeups: u8,
    /// How often one timer or hrtimer may expire, until it is initialised anew.
    pub timer_firings: u8,
    /// How often `jiffies` may move on because the program compares it.
    pub clock_advances: u8,
    /// How many indices an xarray or idr has room for: the least ones.
    pub indices: u8,
    /// How many instructions one step may run on locals alone before it is taken to loop for ever.
    pub local_instructions: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            call_depth: 64,
            allocations: 16,
            spawns: 8,
            workers: 8,
            requeues: 3,
            worker_failures: 0,
            failed_allocations: 0,
            user_faults: 0,
            reclaims: 1,
            spurious_wakeups: 0,
            timer_firings: 2,
            clock_advances: 4,
            indices: 8,
            local_instructions: 100_000,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            cpus: 2,
            smp: true,
            preemption: Preemption::Full,
            queued_rwlocks: true,
            threadirqs: false,
            panic_on_oops: false,
            panic_on_warn: false,
            bounds: Bounds::default(),
        }
    }
}
