//! Which validator, of which kernel configuration.

use crate::class::{CompareInstances, KeyId};
use crate::held::HeldLock;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// How closely to follow the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// No misses, and alarms that cannot be are told from those that can: a verdict over all that was seen, in any order.
    #[default]
    Exact,
    /// The kernel's own algorithm, its gaps included, over one sequence of events: the first report is the kernel's.
    Kernel,
}

/// The options.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// How closely to follow the kernel.
    pub mode: Mode,
    /// `CONFIG_QUEUED_RWLOCKS`: outside interrupts, `read_lock()` waits behind a waiting writer.
    pub queued_rwlocks: bool,
    /// `CONFIG_PROVE_RAW_LOCK_NESTING`: a `spinlock_t` may not be taken under a `raw_spinlock_t`.
    pub prove_raw_lock_nesting: bool,
    /// How many held locks are too many (`MAX_LOCK_DEPTH`).
    pub max_depth: usize,
    /// In kernel mode: go on after the first report. The kernel turns its validator off.
    pub keep_going: bool,
    /// The order of the instances of a key (`lock_set_cmp_fn`): taking a greater one under a lesser is no recursion.
    #[serde(skip)]
    pub orders: BTreeMap<KeyId, CompareInstances>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Exact,
            queued_rwlocks: true,
            prove_raw_lock_nesting: true,
            max_depth: 48,
            keep_going: false,
            orders: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// What the comparison function of a class, if it has one, says of a held lock and one that is taken.
    pub(crate) fn compare(&self, held: &HeldLock, next: &HeldLock) -> Option<Ordering> {
        self.orders.get(&next.class.key).map(|order| order(held.instance, next.instance))
    }

    /// The kernel's own validator with the default configuration.
    pub fn kernel() -> Self {
        Self { mode: Mode::Kernel, ..Self::default() }
    }
}
