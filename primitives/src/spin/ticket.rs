//! The ticket lock: take a number, wait until it is shown. First come, first served.
//!
//! **Invariant**: `next - serving` is the number of threads that hold or wait, modulo 2³²; the thread whose ticket is `serving` holds the lock, and
//! it alone writes `serving`.
//!
//! After: Reed and Kanodia, *Synchronization with Eventcounts and Sequencers* (1979); Linux's `include/asm-generic/ticket_spinlock.h`.
//! The kernel keeps both numbers in one word, 16 bits each, and writes half of it; Rust has no atomic access of two sizes to one place, so these
//! are two words.
//!
//! **A bad choice** with many waiters (all look at one word, and each hand-over sends it to all of them), and wherever a waiter may lose its
//! processor: those behind it wait for it although the lock is free.

use crate::sync::{AtomicU32, Relaxed, Spin, const_fn, ord};

/// A ticket lock without its data.
#[derive(Debug)]
pub struct RawTicketLock {
    next: AtomicU32,
    serving: AtomicU32,
}

/// A ticket lock and what it protects.
#[cfg(not(loom))]
pub type TicketLock<T> = lock_api::Mutex<RawTicketLock, T>;

impl RawTicketLock {
    const_fn! {
        /// A free lock.
        pub fn new() -> Self {
            RawTicketLock { next: AtomicU32::new(0), serving: AtomicU32::new(0) }
        }
    }

    /// Takes the lock when all who came before are done.
    #[inline]
    pub fn lock(&self) {
        // Relaxed: the ticket only fixes the order; what the last holder wrote comes with `serving`.
        let ticket = self.next.fetch_add(1, Relaxed);
        let mut spin = Spin::new();
        // Acquire: pairs with the Release in `unlock` that showed this ticket.
        while self.serving.load(ord!(Acquire)) != ticket {
            spin.turn();
        }
    }

    /// Takes the lock if nobody holds it or waits.
    #[inline]
    pub fn try_lock(&self) -> bool {
        // Acquire: if the exchange succeeds, this is the number that the last holder showed, and what it wrote comes with it.
        let serving = self.serving.load(ord!(Acquire));
        // Relaxed: the ticket being shown is taken by one exchange at most, and the load above has synchronised. A `serving` that is out of date
        // makes the exchange fail, unless 2³² others took the lock in between.
        self.next.compare_exchange(serving, serving.wrapping_add(1), Relaxed, Relaxed).is_ok()
    }

    /// Shows the next ticket.
    ///
    /// # Safety
    /// The caller holds the lock.
    #[inline]
    pub unsafe fn unlock(&self) {
        // Relaxed: only the holder writes it, and the holder read it.
        let serving = self.serving.load(Relaxed);
        // Release: what this holder wrote is seen by the next.
        self.serving.store(serving.wrapping_add(1), ord!(Release));
    }

    /// Whether somebody holds it or waits: a hint, out of date at once.
    pub fn is_locked(&self) -> bool {
        self.serving.load(Relaxed) != self.next.load(Relaxed)
    }
}

super::raw_mutex!(RawTicketLock, lock_api::GuardSend);
