//! The readers of a domain whose readers register: each has a word that says which grace period it has seen.
//! The invariant: a word is [`IDLE`], or the number of a grace period that had begun when its reader stored it.

use std::sync::Arc;

use crate::sync::{AtomicU64, Mutex, Spin, ord};

/// The reader is in no section, and holds nothing up.
pub(super) const IDLE: u64 = 0;

/// The number of the first grace period.
pub(super) const FIRST: u64 = 1;

/// A reader's word, on a cache line of its own, as every outermost section writes it.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Seen(pub(super) AtomicU64);

#[derive(Debug)]
pub(super) struct Registry {
    readers: Mutex<Vec<Arc<Seen>>>,
    /// One grace period at a time.
    updater: Mutex<()>,
}

impl Registry {
    pub(super) fn new() -> Self {
        Registry { readers: Mutex::new(Vec::new()), updater: Mutex::new(()) }
    }

    /// Adds a reader that has seen the grace period that `current` gives. That is asked under the lock: either an updater finds the reader, or the reader
    /// sees what the updater did before it looked.
    pub(super) fn add(&self, current: impl FnOnce() -> u64) -> Arc<Seen> {
        let mut readers = self.readers.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let seen = Arc::new(Seen(AtomicU64::new(current())));
        readers.push(seen.clone());
        seen
    }

    /// Removes a reader, which is idle.
    pub(super) fn remove(&self, seen: &Arc<Seen>) {
        let mut readers = self.readers.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        readers.retain(|other| !Arc::ptr_eq(other, seen));
    }

    /// Begins a grace period, whose number `begin` gives, and waits until every reader is idle or has seen it.
    pub(super) fn grace_period(&self, begin: impl FnOnce() -> u64) {
        let _one_at_a_time = self.updater.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let number = begin();
        let readers = self.readers.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        for reader in readers {
            let mut spin = Spin::new();
            loop {
                // Acquire: pairs with the Release of the reader's last word: what it read in its sections is read before what follows the grace period.
                let seen = reader.0.load(ord!(Acquire));
                if seen == IDLE || seen >= number {
                    break;
                }
                spin.turn();
            }
        }
    }
}
