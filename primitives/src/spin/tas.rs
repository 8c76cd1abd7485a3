//! The test-and-set spinlock: one bit; who turns it from 0 to 1 holds the lock.
//!
//! **Invariant**: `locked` is true exactly while one thread is between `lock` and `unlock`.
//!
//! After: Anderson, *The Performance of Spin Lock Alternatives for Shared-Memory Multiprocessors* (1990), as the case to improve on.
//!
//! **A bad choice** wherever two threads wait: each look is a write, so the cache line goes from waiter to waiter and the holder's `unlock` queues
//! behind them. Nobody is served in order, and on some machines one core can starve the others.

use crate::sync::{AtomicBool, Relaxed, Spin, const_fn, ord};

/// A test-and-set lock without its data.
#[derive(Debug)]
pub struct RawTasLock {
    locked: AtomicBool,
}

/// A test-and-set lock and what it protects.
#[cfg(not(loom))]
pub type TasLock<T> = lock_api::Mutex<RawTasLock, T>;

impl RawTasLock {
    const_fn! {
        /// A free lock.
        pub fn new() -> Self {
            RawTasLock { locked: AtomicBool::new(false) }
        }
    }

    /// Takes the lock, spinning.
    #[inline]
    pub fn lock(&self) {
        let mut spin = Spin::new();
        while !self.try_lock() {
            spin.turn();
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        // An exchange that can fail, not a swap, so that `unlock` is the only write beside a holder's; the processor takes the line for writing either way.
        // Acquire: what the last holder wrote before its Release in `unlock` is seen by this one.
        self.locked.compare_exchange(false, true, ord!(Acquire), Relaxed).is_ok()
    }

    /// Gives the lock back.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        // Release: what this holder wrote is seen by the next, whose exchange reads this.
        self.locked.store(false, ord!(Release));
    }

    /// Whether somebody holds it: a hint, out of date at once.
    pub fn is_locked(&self) -> bool {
        self.locked.load(Relaxed)
    }
}

super::raw_mutex!(RawTasLock, lock_api::GuardSend);
