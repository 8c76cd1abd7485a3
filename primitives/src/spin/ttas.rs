//! The test-and-test-and-set spinlock with backoff: it looks without writing, tries to take the lock only when it looked free, and
//! waits longer after each lost race.
//!
//! **Invariant**: `locked` is true exactly while one thread is between `lock` and `unlock`.
//!
//! After: Rudolph and Segall, *Dynamic Decentralized Cache Schemes for MIMD Parallel Processors* (1984), for the test before the
//! test-and-set; Anderson (1990) for the exponential backoff.
//!
//! **A bad choice** where fairness counts: who has just released the lock has its line in its cache and wins again, and backoff makes
//! those who waited longest look least often.

use crate::sync::{AtomicBool, Relaxed, Spin, const_fn, ord};

/// The longest wait between two looks, in pauses of the processor: long enough for a handful of waiters to pass, short beside a time slice.
const LONGEST_BACKOFF: u32 = 64;

/// A test-and-test-and-set lock without its data.
#[derive(Debug)]
pub struct RawTtasLock {
    locked: AtomicBool,
}

/// A test-and-test-and-set lock and what it protects.
#[cfg(not(loom))]
pub type TtasLock<T> = lock_api::Mutex<RawTtasLock, T>;

impl RawTtasLock {
    const_fn! {
        /// A free lock.
        pub fn new() -> Self {
            RawTtasLock { locked: AtomicBool::new(false) }
        }
    }

    /// Takes the lock, spinning.
    #[inline]
    pub fn lock(&self) {
        // Acquire: pairs with the Release in `unlock`.
        if self.locked.compare_exchange_weak(false, true, ord!(Acquire), Relaxed).is_err() {
            self.lock_contended();
        }
    }

    #[cold]
    fn lock_contended(&self) {
        let mut spin = Spin::new();
        let mut backoff = 1;
        loop {
            // Relaxed: only looks; whoever goes on to take the lock synchronises in the exchange.
            while self.locked.load(Relaxed) {
                spin.turn();
            }
            // Acquire: pairs with the Release in `unlock`.
            if self.locked.compare_exchange_weak(false, true, ord!(Acquire), Relaxed).is_ok() {
                return;
            }
            spin.turns(backoff);
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        // Relaxed: only looks. Acquire: pairs with the Release in `unlock`.
        !self.locked.load(Relaxed) && self.locked.compare_exchange(false, true, ord!(Acquire), Relaxed).is_ok()
    }

    /// Gives the lock back.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        // Release: what this holder wrote is seen by the next.
        self.locked.store(false, ord!(Release));
    }

    /// Whether somebody holds it: a hint, out of date at once.
    pub fn is_locked(&self) -> bool {
        self.locked.load(Relaxed)
    }
}

super::raw_mutex!(RawTtasLock, lock_api::GuardSend);
