//! What locks are to the validator: keys, classes, instances, lock types and what each type means.
//!
//! Invariant: everything here is a small plain value that the caller names. No number is given out in the order of events, so that the
//! same lock is the same class in every execution.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// A lock class key: a static lock is its own, locks initialised at one place share that place's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyId(pub u32);

/// A lock class: a key and a subclass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClassId {
    /// The key.
    pub key: KeyId,
    /// The subclass, 0 to 7.
    pub subclass: u8,
}

/// How many subclasses a key has (`MAX_LOCKDEP_SUBCLASSES`).
pub const SUBCLASSES: u8 = 8;

impl ClassId {
    /// The class of this key with subclass 0.
    pub const fn new(key: KeyId) -> Self {
        Self { key, subclass: 0 }
    }

    /// A subclass of this key.
    pub const fn nested(key: KeyId, subclass: u8) -> Self {
        Self { key, subclass }
    }
}

/// One lock: its address, or any other number that is the same in every execution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstanceId(pub u64);

/// Who takes locks: a task, or an interrupt handler where the caller tells those apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContextId(pub u32);

/// A place in the code, by the caller's numbering. 0 where none is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place(pub u32);

/// What a wait for a lock needs of the context around it, from the strictest to the freest (`enum lockdep_wait_type`).
///
/// The order is that of `PROVE_RAW_LOCK_NESTING`; without it [`WaitType::rank`] takes `Config` for `Spin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WaitType {
    /// Not checked (`LD_WAIT_INV`).
    Unchecked,
    /// Wait-free, as an RCU reader is.
    Free,
    /// Spins on every kernel: `raw_spinlock_t`.
    Spin,
    /// Spins, but sleeps on `PREEMPT_RT`: `spinlock_t`.
    Config,
    /// Sleeps: `struct mutex`.
    Sleep,
    /// A task without locks.
    Max,
}

impl WaitType {
    /// The number that the kernel prints, and by which it compares.
    pub fn rank(self, prove_raw_lock_nesting: bool) -> u8 {
        match self {
            Self::Unchecked => 0,
            Self::Free => 1,
            Self::Spin => 2,
            Self::Config => 2 + u8::from(prove_raw_lock_nesting),
            Self::Sleep => 3 + u8::from(prove_raw_lock_nesting),
            Self::Max => 4 + u8::from(prove_raw_lock_nesting),
        }
    }
}

/// How a lock is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Read {
    /// By one alone.
    #[default]
    Exclusive,
    /// By several, but behind a waiting writer.
    Shared,
    /// By several, past any waiting writer.
    Recursive,
}

/// What the code asks for: to write or to read. The lock's type makes a [`Read`] of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mode {
    /// `spin_lock`, `mutex_lock`, `write_lock`, `down_write`.
    #[default]
    Write,
    /// `read_lock`, `down_read`, `rcu_read_lock`.
    Read,
}

/// The lock types, and the annotated maps that are no locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LockType {
    /// `raw_spinlock_t`
    RawSpin,
    /// `spinlock_t`
    Spin,
    /// `rwlock_t`
    RwLock,
    /// `struct mutex`
    Mutex,
    /// `struct rw_semaphore`
    RwSem,
    /// `struct rt_mutex`
    RtMutex,
    /// `struct ww_mutex`
    WwMutex,
    /// `struct percpu_rw_semaphore`, cpu hotplug's among them
    PercpuRwSem,
    /// `local_lock_t`
    LocalLock,
    /// `rcu_read_lock()` and `rcu_read_lock_bh()`
    Rcu,
    /// `rcu_read_lock_sched()`
    RcuSched,
    /// A domain of `srcu_read_lock()`
    Srcu,
    /// The writer side of a `seqcount_t`
    SeqCount,
    /// An annotated map: a work item, a queue, a timer, `fs_reclaim`, a `ww_acquire_ctx`
    Map,
    /// Of a recording that does not tell the type: waits are not checked, and it is read as a `rwlock_t` is
    Unknown,
    /// `DEFINE_WAIT_OVERRIDE_MAP`: while it is held, waits are judged by this type alone
    WaitOverride(WaitType),
}

impl LockType {
    /// What the lock's holder may wait for while it holds it.
    pub fn wait_inner(self) -> WaitType {
        match self {
            Self::RawSpin | Self::RcuSched => WaitType::Spin,
            Self::Spin | Self::RwLock | Self::LocalLock | Self::Rcu => WaitType::Config,
            Self::Mutex | Self::RwSem | Self::RtMutex | Self::WwMutex | Self::PercpuRwSem => WaitType::Sleep,
            Self::Srcu | Self::SeqCount | Self::Map | Self::Unknown => WaitType::Unchecked,
            Self::WaitOverride(inner) => inner,
        }
    }

    /// What waiting for it needs; the same as [`Self::wait_inner`] for real locks.
    pub fn wait_outer(self) -> WaitType {
        match self {
            Self::Rcu | Self::RcuSched => WaitType::Free,
            other => other.wait_inner(),
        }
    }

    /// Whether it is validated at all beyond the wait check. RCU readers are held, and make no edges.
    pub fn is_checked(self) -> bool {
        !matches!(self, Self::Rcu | Self::RcuSched)
    }

    /// Whether one that is held exclusive keeps everybody else out. What is no lock does not: two items of one queue run side by side.
    pub fn excludes(self) -> bool {
        match self {
            Self::RawSpin | Self::Spin | Self::RwLock | Self::Mutex | Self::RwSem => true,
            Self::RtMutex | Self::WwMutex | Self::PercpuRwSem | Self::Unknown => true,
            Self::LocalLock | Self::Rcu | Self::RcuSched | Self::Srcu | Self::SeqCount | Self::Map => false,
            Self::WaitOverride(_) => false,
        }
    }

    /// Whether searches over interrupts pass it by: it is per CPU, or no lock.
    pub fn skipped_over_irqs(self) -> bool {
        matches!(self, Self::LocalLock | Self::WaitOverride(_))
    }

    /// How taking it in this mode holds it. `recursive_read` is whether `read_lock()` passes waiting writers here: in an interrupt, with
    /// bottom halves off, or where rwlocks are not queued.
    pub fn read_kind(self, mode: Mode, recursive_read: bool) -> Read {
        match (mode, self) {
            (_, Self::Rcu | Self::RcuSched) => Read::Recursive,
            (Mode::Write, _) => Read::Exclusive,
            (Mode::Read, Self::RwLock | Self::Unknown) if recursive_read => Read::Recursive,
            (Mode::Read, Self::RwLock | Self::RwSem | Self::PercpuRwSem | Self::Unknown) => Read::Shared,
            (Mode::Read, Self::Srcu | Self::SeqCount | Self::Map) => Read::Recursive,
            (Mode::Read, _) => Read::Exclusive,
        }
    }
}

/// What is known of a key for those who read reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// As the kernel prints it: `stats_lock`, `&dev->lock`.
    pub name: String,
    /// The lock's type.
    pub lock: LockType,
}

/// Compares a held instance with one of its class that is taken.
pub type CompareInstances = fn(InstanceId, InstanceId) -> Ordering;

/// The names of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTable {
    keys: Vec<KeyInfo>,
}

impl KeyTable {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key. Keys are numbered from 0 in the order in which they are added.
    pub fn add(&mut self, name: impl Into<String>, lock: LockType) -> KeyId {
        let id = KeyId(self.keys.len() as u32);
        self.keys.push(KeyInfo { name: name.into(), lock });
        id
    }

    /// What is known of a key, if anything is.
    pub fn get(&self, key: KeyId) -> Option<&KeyInfo> {
        self.keys.get(key.0 as usize)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// A class's name as the kernel prints it: of keys with one name, the second and later bear their number (`lock#2`); a subclass
    /// follows (`lock/1`). A key that is not in the table is called by its number.
    pub fn class_name(&self, class: ClassId) -> String {
        let Some(info) = self.get(class.key) else {
            return Self::suffixed(format!("key{}", class.key.0), 1, class.subclass);
        };
        let before = &self.keys[..class.key.0 as usize];
        let version = 1 + before.iter().filter(|other| other.name == info.name).count();
        Self::suffixed(info.name.clone(), version, class.subclass)
    }

    fn suffixed(mut name: String, version: usize, subclass: u8) -> String {
        if version > 1 {
            name += &format!("#{version}");
        }
        if subclass > 0 {
            name += &format!("/{subclass}");
        }
        name
    }

    /// The names of these classes.
    pub fn class_names(&self, classes: impl IntoIterator<Item = ClassId>) -> BTreeMap<ClassId, String> {
        classes.into_iter().map(|class| (class, self.class_name(class))).collect()
    }
}

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key{}", self.key.0)?;
        if self.subclass > 0 { write!(f, "/{}", self.subclass) } else { Ok(()) }
    }
}
