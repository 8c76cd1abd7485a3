//! What the sleeping locks share: one sleeping thread, and a spinlock around what they keep of their sleepers.
//! The invariant: a wake-up is never lost. One that comes before the sleep makes the sleep end at once.

use std::sync::Arc;

use crate::slot;
use crate::spin::ttas::RawTtasLock;
use crate::sync::{AtomicBool, Parker, Relaxed, UnsafeCell, const_fn, ord};

/// A thread that sleeps, or is about to. The kernel keeps its waiters on the sleepers' stacks; here they are counted, as
/// the waker may look at one when the sleeper has gone on.
#[derive(Debug)]
pub(crate) struct Waiter {
    woken: AtomicBool,
    parker: Parker,
}

impl Waiter {
    /// For the calling thread, which alone may [`Waiter::wait`] on it.
    pub(crate) fn new() -> Arc<Waiter> {
        Arc::new(Waiter { woken: AtomicBool::new(false), parker: Parker::new() })
    }

    /// Sleeps until [`Waiter::wake`], and takes the wake-up, so that it can be waited for again.
    pub(crate) fn wait(&self) {
        // Acquire: what the waker did before is seen after; waking up proves nothing, as a thread may wake for no reason.
        while !self.woken.load(ord!(Acquire)) {
            slot::asleep(|| self.parker.park());
        }
        // Relaxed: a second wake-up that this takes along was for the same sleep.
        self.woken.store(false, Relaxed);
    }

    /// Ends the sleep.
    pub(crate) fn wake(&self) {
        // Release: pairs with the Acquire in `wait`.
        self.woken.store(true, ord!(Release));
        self.parker.unpark();
    }
}

/// A value under a spinlock: the kernel's `wait_lock` and what it protects.
#[derive(Debug)]
pub(crate) struct WaitLock<T> {
    lock: RawTtasLock,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time gets at the value, whichever that is: that is sending it from thread to thread.
unsafe impl<T: Send> Send for WaitLock<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for WaitLock<T> {}

impl<T> WaitLock<T> {
    const_fn! {
        pub(crate) fn new(value: T) -> Self {
            WaitLock { lock: RawTtasLock::new(), value: UnsafeCell::new(value) }
        }
    }

    /// Runs `f`, which is short and neither sleeps nor panics, with the value.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.lock.lock();
        // SAFETY: under the lock.
        let result = self.value.with_mut(|value| f(unsafe { &mut *value }));
        // SAFETY: locked above.
        unsafe { self.lock.unlock() };
        result
    }
}
