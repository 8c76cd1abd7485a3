//! Spinlocks, from the simplest to the kernel's: each excludes, and they differ in who gets the lock next and in how far the
//! waiters' looking slows the holder down.
//!
//! | lock | next holder | waiters look at | words for each lock | needs a node |
//! |---|---|---|---|---|
//! | [`tas`] | any | the lock, writing | 1 byte | no |
//! | [`ttas`] | any | the lock, reading | 1 byte | no |
//! | [`ticket`] | first come | the lock, reading | 2 | no |
//! | [`mcs`] | first come | their own node | 1 | the waiter's own |
//! | [`clh`] | first come | the node before theirs | 1 | one that goes on to the next holder |
//! | [`queued`] | first come | the lock (first two), else their own node | ½ | one of the thread's |

pub mod clh;
pub mod mcs;
pub mod queued;
pub mod tas;
pub mod ticket;
pub mod ttas;

/// Puts a raw lock behind `lock_api::RawMutex`, from which its guards come. Not under loom, whose atomics cannot be the constant that the trait
/// asks for.
macro_rules! raw_mutex {
    ($raw:ty, $marker:ty) => {
        // SAFETY: `lock` and a `try_lock` that gives true return to one thread at a time, until it calls `unlock`: the invariant of the module,
        // which its loom tests check.
        #[cfg(not(loom))]
        unsafe impl lock_api::RawMutex for $raw {
            #[allow(clippy::declare_interior_mutable_const, reason = "lock_api asks for it")]
            const INIT: Self = <$raw>::new();
            type GuardMarker = $marker;

            #[inline]
            fn lock(&self) {
                <$raw>::lock(self);
            }

            #[inline]
            fn try_lock(&self) -> bool {
                <$raw>::try_lock(self)
            }

            #[inline]
            unsafe fn unlock(&self) {
                // SAFETY: the caller holds the lock.
                unsafe { <$raw>::unlock(self) }
            }
        }

        impl Default for $raw {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

pub(crate) use raw_mutex;
