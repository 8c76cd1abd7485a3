//! A mutex that spins while its owner runs, and then sleeps.
//!
//! The word is the owner and two flags: `WAITERS` says that somebody sleeps, `HANDOFF` that the first sleeper has lost a race after it was woken, and
//! that nobody else may take the mutex before it.
//!
//! **Invariant**: who writes its name into a word without an owner holds the mutex. The queue is not empty exactly while `WAITERS` is set, as seen under the queue's
//! lock. A sleeper sets `WAITERS` and then looks at the owner once more; an owner that finds it set wakes the first: so no wake-up is lost.
//!
//! After: Linux's `kernel/locking/mutex.c`. Two differences: the kernel knows whether the owner has a processor, and here only sleep in this crate's locks is known, so
//! that spinning is also bounded by a count; and the kernel's spinners queue among themselves (`osq_lock`), these do not.
//!
//! **A bad choice** where the critical section is a few instructions and the holder is never descheduled (a spinlock is smaller), or where readers are
//! many ([`crate::rwsem`]).

use std::collections::VecDeque;
use std::sync::Arc;

use crate::slot;
use crate::sync::{AtomicUsize, Relaxed, Spin, const_fn, ord};
use crate::waiter::{WaitLock, Waiter};

const WAITERS: usize = 1;
const HANDOFF: usize = 2;
const FLAGS: usize = WAITERS | HANDOFF;
const OWNER_SHIFT: u32 = 2;
/// The owner is a thread without a number.
const NAMELESS: usize = 1;

/// Looks at a running owner before going to sleep: some microseconds, about what a sleep and a wake-up cost.
const LOOKS_AT_OWNER: u32 = if cfg!(loom) { 1 } else { 100 };

/// A mutex without its data.
#[derive(Debug)]
pub struct RawMutex {
    word: AtomicUsize,
    queue: WaitLock<VecDeque<Arc<Waiter>>>,
}

/// A mutex and what it protects.
///
/// ```
/// use primitives::mutex::Mutex;
///
/// let names = Mutex::new(vec!["rcu"]);
/// names.lock().push("srcu");
/// assert_eq!(names.into_inner(), ["rcu", "srcu"]);
/// ```
#[cfg(not(loom))]
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;

/// This thread's name in the word.
#[inline]
fn me() -> usize {
    slot::current().map_or(NAMELESS, |number| number + 1 + NAMELESS) << OWNER_SHIFT
}

/// Whether it is worth waiting for the owner in that word without sleeping.
fn owner_runs(word: usize) -> bool {
    let name = word >> OWNER_SHIFT;
    name <= NAMELESS || !slot::is_asleep(name - 1 - NAMELESS)
}

impl RawMutex {
    const_fn! {
        /// A free mutex.
        pub fn new() -> Self {
            RawMutex { word: AtomicUsize::new(0), queue: WaitLock::new(VecDeque::new()) }
        }
    }

    /// Takes the mutex; may sleep.
    #[inline]
    pub fn lock(&self) {
        let me = me();
        // Acquire: pairs with the Releases in `unlock`.
        if self.word.compare_exchange(0, me, ord!(Acquire), Relaxed).is_err() && !self.lock_spinning(me) {
            self.lock_sleeping(me);
        }
    }

    /// Takes the mutex if it is free and not promised to a sleeper.
    #[inline]
    pub fn try_lock(&self) -> bool {
        let word = self.word.load(Relaxed);
        // Acquire: pairs with the Releases in `unlock`.
        word & !WAITERS == 0 && self.word.compare_exchange(word, word | me(), ord!(Acquire), Relaxed).is_ok()
    }

    /// Spins while the owner runs. Past sleepers, unless the first of them has been passed once already.
    #[cold]
    fn lock_spinning(&self, me: usize) -> bool {
        let mut spin = Spin::new();
        for _ in 0..LOOKS_AT_OWNER {
            let word = self.word.load(Relaxed);
            if word & HANDOFF != 0 || !owner_runs(word) {
                return false;
            }
            // Acquire: pairs with the Releases in `unlock`.
            if word & !WAITERS == 0 && self.word.compare_exchange(word, word | me, ord!(Acquire), Relaxed).is_ok() {
                return true;
            }
            spin.turn();
        }
        false
    }

    #[cold]
    fn lock_sleeping(&self, me: usize) {
        let waiter = Waiter::new();
        let taken = self.queue.with(|queue| {
            queue.push_back(waiter.clone());
            // Relaxed: the owner's exchange in `unlock` and this update are in one order or the other. If this comes first, the owner finds the flag and wakes;
            // if not, `take` finds no owner.
            self.word.fetch_or(WAITERS, Relaxed);
            self.take(queue, &waiter, me)
        });
        if taken {
            return;
        }
        loop {
            waiter.wait();
            let taken = self.queue.with(|queue| {
                if self.take(queue, &waiter, me) {
                    return true;
                }
                // Woken, and somebody else was faster. Relaxed, and looking once more: as for `WAITERS`.
                self.word.fetch_or(HANDOFF, Relaxed);
                self.take(queue, &waiter, me)
            });
            if taken {
                return;
            }
        }
    }

    /// Takes the mutex for a sleeper and removes it from the queue, if there is no owner, and it is the first. Under the queue's lock.
    fn take(&self, queue: &mut VecDeque<Arc<Waiter>>, waiter: &Arc<Waiter>, me: usize) -> bool {
        let first = queue.front().is_some_and(|first| Arc::ptr_eq(first, waiter));
        let mut word = self.word.load(Relaxed);
        while first && word & !FLAGS == 0 {
            let flags = if queue.len() > 1 { WAITERS } else { 0 };
            // Acquire: pairs with the Releases in `unlock`.
            match self.word.compare_exchange(word, me | flags, ord!(Acquire), Relaxed) {
                Ok(_) => {
                    queue.pop_front();
                    return true;
                }
                Err(changed) => word = changed,
            }
        }
        false
    }

    /// Gives the mutex back, and wakes the first sleeper.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        // Relaxed: the owner's name does not change while it is held.
        let owner = self.word.load(Relaxed) & !FLAGS;
        // Release: what this owner wrote is seen by the next.
        if self.word.compare_exchange(owner, 0, ord!(Release), Relaxed).is_err() {
            self.unlock_and_wake();
        }
    }

    #[cold]
    fn unlock_and_wake(&self) {
        // The mutex is given up under the queue's lock, and not touched after it. Release: what this owner wrote is seen by the next.
        let first = self.queue.with(|queue| {
            self.word.fetch_and(FLAGS, ord!(Release));
            queue.front().cloned()
        });
        if let Some(waiter) = first {
            waiter.wake();
        }
    }

    /// Whether somebody holds it: a hint, out of date at once.
    pub fn is_locked(&self) -> bool {
        self.word.load(Relaxed) & !FLAGS != 0
    }
}

crate::spin::raw_mutex!(RawMutex, lock_api::GuardSend);
