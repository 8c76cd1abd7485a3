//! The prelude: the kernel's API as C that the front end compiles before each scenario.
//!
//! Invariant: it is C in the scenario's own language, built on `__kernel_...` primitives that are one instruction each; nothing in the front end knows what an API function
//! does beyond its name.

use crate::front::PreludeFile;

/// In the order in which they are read.
pub(crate) const FILES: &[PreludeFile<'static>] = &[
    PreludeFile { name: "prelude/types.h", text: include_str!("../prelude/types.h") },
    PreludeFile { name: "prelude/compiler.h", text: include_str!("../prelude/compiler.h") },
    PreludeFile { name: "prelude/locks.h", text: include_str!("../prelude/locks.h") },
    PreludeFile { name: "prelude/percpu_rwsem.h", text: include_str!("../prelude/percpu_rwsem.h") },
    PreludeFile { name: "prelude/ww_mutex.h", text: include_str!("../prelude/ww_mutex.h") },
    PreludeFile { name: "prelude/atomic.h", text: include_str!("../prelude/atomic.h") },
    PreludeFile { name: "prelude/percpu.h", text: include_str!("../prelude/percpu.h") },
    PreludeFile { name: "prelude/list.h", text: include_str!("../prelude/list.h") },
    PreludeFile { name: "prelude/bit_spinlock.h", text: include_str!("../prelude/bit_spinlock.h") },
    PreludeFile { name: "prelude/sched.h", text: include_str!("../prelude/sched.h") },
    PreludeFile { name: "prelude/rt.h", text: include_str!("../prelude/rt.h") },
    PreludeFile { name: "prelude/softirq.h", text: include_str!("../prelude/softirq.h") },
    PreludeFile { name: "prelude/memory.h", text: include_str!("../prelude/memory.h") },
    PreludeFile { name: "prelude/uaccess.h", text: include_str!("../prelude/uaccess.h") },
    PreludeFile { name: "prelude/device.h", text: include_str!("../prelude/device.h") },
    PreludeFile { name: "prelude/kthread.h", text: include_str!("../prelude/kthread.h") },
    PreludeFile { name: "prelude/reclaim.h", text: include_str!("../prelude/reclaim.h") },
    PreludeFile { name: "prelude/net.h", text: include_str!("../prelude/net.h") },
    PreludeFile { name: "prelude/workqueue.h", text: include_str!("../prelude/workqueue.h") },
    PreludeFile { name: "prelude/seqlock.h", text: include_str!("../prelude/seqlock.h") },
    PreludeFile { name: "prelude/rcu.h", text: include_str!("../prelude/rcu.h") },
    PreludeFile { name: "prelude/percpu_counter.h", text: include_str!("../prelude/percpu_counter.h") },
    PreludeFile { name: "prelude/smp.h", text: include_str!("../prelude/smp.h") },
    PreludeFile { name: "prelude/kfifo.h", text: include_str!("../prelude/kfifo.h") },
    PreludeFile { name: "prelude/idr.h", text: include_str!("../prelude/idr.h") },
    PreludeFile { name: "prelude/driver.h", text: include_str!("../prelude/driver.h") },
];

/// What only scenarios have that name one of these: a macro that is defined for them.
const NAMED: &[(&str, &[&str])] = &[
    ("__NAMES_RECLAIM", &["fs_reclaim_acquire", "register_shrinker", "shrinker_register"]),
    ("__NAMES_SHRINKERS", &["register_shrinker", "shrinker_register"]),
    (
        "__NAMES_MMAP_LOCK",
        &[
            "mmap_lock",
            "mmap_read_lock",
            "mmap_read_lock_killable",
            "mmap_read_trylock",
            "mmap_write_lock",
            "mmap_write_lock_nested",
            "mmap_write_lock_killable",
            "mmap_write_trylock",
            "mmap_assert_locked",
        ],
    ),
];

/// The macros for a scenario that names what `names` says.
pub(crate) fn macros_for(names: impl Fn(&str) -> bool) -> impl Iterator<Item = &'static str> {
    NAMED.iter().filter(move |(_, any)| any.iter().any(|name| names(name))).map(|(name, _)| *name)
}
