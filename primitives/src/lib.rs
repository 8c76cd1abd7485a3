//! The kernel's locks, RCU and workqueues as small Rust, to be read beside the kernel's design and to be used by programs.
//!
//! Each module is one primitive: what it is, its invariant, the paper or the kernel source it follows, where it is a bad choice, and each
//! memory ordering with its reason beside it. All stand on the private module `sync`, which is the standard library's atomics or loom's; `WEAKENINGS.md`
//! tells what becomes of the loom tests when one ordering is weakened.

/// Puts a raw lock behind `lock_api::RawRwLock`, from which its guards come. Not under loom, whose atomics cannot be the constant that the trait
/// asks for.
macro_rules! rw_lock {
    ($raw:ty) => {
        // SAFETY: readers share, a writer excludes all others, until they unlock: the invariant of the module, which its loom tests check.
        #[cfg(not(loom))]
        unsafe impl lock_api::RawRwLock for $raw {
            #[allow(clippy::declare_interior_mutable_const, reason = "lock_api asks for it")]
            const INIT: Self = <$raw>::new();
            type GuardMarker = lock_api::GuardSend;

            #[inline]
            fn lock_shared(&self) {
                self.read_lock();
            }

            #[inline]
            fn try_lock_shared(&self) -> bool {
                self.try_read_lock()
            }

            #[inline]
            unsafe fn unlock_shared(&self) {
                // SAFETY: the caller holds the lock for reading.
                unsafe { self.read_unlock() }
            }

            #[inline]
            fn lock_exclusive(&self) {
                self.write_lock();
            }

            #[inline]
            fn try_lock_exclusive(&self) -> bool {
                self.try_write_lock()
            }

            #[inline]
            unsafe fn unlock_exclusive(&self) {
                // SAFETY: the caller holds the lock for writing.
                unsafe { self.write_unlock() }
            }
        }

        // SAFETY: as above; from writing to reading without letting another writer in.
        #[cfg(not(loom))]
        unsafe impl lock_api::RawRwLockDowngrade for $raw {
            #[inline]
            unsafe fn downgrade(&self) {
                // SAFETY: the caller holds the lock for writing.
                unsafe { <$raw>::downgrade(self) }
            }
        }

        impl Default for $raw {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

pub mod completion;
pub mod mutex;
pub mod percpu_counter;
pub mod rcu;
pub mod rwlock;
pub mod rwsem;
pub mod semaphore;
pub mod seqlock;
pub mod spin;
pub mod srcu;
pub mod workqueue;

pub(crate) mod slot;
pub(crate) mod sync;
pub(crate) mod waiter;

/// The README's example is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
