//! A counter that is added to often and read seldom: each thread adds to a part of its own, and moves it to the total when it has become large.
//!
//! **Invariant**: the count is the total and all parts together. Each part stays below the batch but for a moment. Parts move to the total only under the lock, so
//! that who sums under it finds nothing twice and nothing missing.
//!
//! All orderings are `Relaxed`: a count orders nothing. Who needs to know that what was counted has happened wants a lock, or a completion.
//!
//! After: Linux's `lib/percpu_counter.c`. Its parts are per processor; these are per thread, folded onto a few.
//!
//! **A bad choice** for a limit that must be kept exactly ([`PerCpuCounter::read`] may be off by the batch for each part), and for many small counters: each takes some
//! kilobytes.

use crossbeam_utils::CachePadded;

use crate::slot;
use crate::sync::{AtomicU64, Relaxed};
use crate::waiter::WaitLock;

/// Parts of each counter.
const PARTS: usize = if cfg!(loom) { 2 } else { 16 };

/// A counter in parts.
///
/// ```
/// use primitives::percpu_counter::PerCpuCounter;
///
/// let inodes = PerCpuCounter::new(32);
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| (0..100).for_each(|_| inodes.add(1)));
///     }
/// });
/// inodes.add(-50);
/// assert_eq!(inodes.sum(), 150);
/// ```
#[derive(Debug)]
pub struct PerCpuCounter {
    batch: u64,
    /// As all counts here in two's complement, since atomic addition knows no sign.
    total: AtomicU64,
    parts: [CachePadded<AtomicU64>; PARTS],
    moving: WaitLock<()>,
}

impl PerCpuCounter {
    /// A counter at zero, whose parts move to the total when they reach `batch`.
    pub fn new(batch: u32) -> Self {
        PerCpuCounter {
            batch: batch.into(),
            total: AtomicU64::new(0),
            parts: core::array::from_fn(|_| CachePadded::new(AtomicU64::new(0))),
            moving: WaitLock::new(()),
        }
    }

    /// Adds to the count.
    #[inline]
    pub fn add(&self, n: i64) {
        let part = &self.parts[slot::current().unwrap_or(0) % PARTS];
        let now = part.fetch_add(n.cast_unsigned(), Relaxed).wrapping_add(n.cast_unsigned());
        if now.cast_signed().unsigned_abs() >= self.batch {
            self.move_to_total(part);
        }
    }

    #[cold]
    fn move_to_total(&self, part: &AtomicU64) {
        self.moving.with(|()| {
            let moved = part.swap(0, Relaxed);
            self.total.fetch_add(moved, Relaxed);
        });
    }

    /// Roughly the count: what has been moved to the total.
    #[inline]
    pub fn read(&self) -> i64 {
        self.total.load(Relaxed).cast_signed()
    }

    /// The count: all additions that happened before this, and of those that happen meanwhile each as a whole or not at all.
    pub fn sum(&self) -> i64 {
        self.moving.with(|()| {
            let parts = self.parts.iter().map(|part| part.load(Relaxed)).fold(0, u64::wrapping_add);
            self.total.load(Relaxed).wrapping_add(parts).cast_signed()
        })
    }
}
