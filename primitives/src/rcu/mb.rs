//! RCU by memory barriers: each reader has a word that says since which grace period it has been in a section.
//!
//! **Invariant**: a reader's word is idle exactly while it is in no section; else it is the number of a grace period that had begun when the outermost
//! section began. The full barrier after it is written and the one before an updater reads it let no section escape both: either the updater sees the
//! word, or the section sees what was published.
//!
//! After: `urcu-mb` of liburcu. That has one bit for the grace period, and must flip it twice; these numbers are 64 bits wide and never come round, so once is enough.
//!
//! **A bad choice** where readers can say when they are quiescent ([`super::qsbr`] costs them nothing); the barrier is most of what a short section costs.

use core::cell::Cell;
use std::sync::Arc;

use super::registry::{FIRST, IDLE, Registry, Seen};
use super::{Callbacks, Domain, Guard};
use crate::sync::{AtomicU64, Relaxed, fence, ord};

/// Readers and updaters of the same data.
///
/// ```
/// use std::sync::Arc;
/// use primitives::rcu::{mb::Mb, Domain, RcuCell};
///
/// let domain = Arc::new(Mb::new());
/// let routes = RcuCell::new(domain.clone(), vec![1]);
/// let reader = domain.register();
/// {
///     let section = reader.read_lock();
///     assert_eq!(routes.read(&section), &[1]);
///     routes.replace_later(vec![1, 2]);
/// }
/// domain.barrier();
/// assert_eq!(routes.read(&reader.read_lock()), &[1, 2]);
/// ```
#[derive(Debug)]
pub struct Mb {
    /// The number of the grace period that began last.
    current: AtomicU64,
    registry: Registry,
    callbacks: Callbacks,
}

impl Mb {
    /// A domain without readers.
    pub fn new() -> Self {
        Mb { current: AtomicU64::new(FIRST), registry: Registry::new(), callbacks: Callbacks::new() }
    }

    /// Makes the calling thread a reader.
    pub fn register(&self) -> Reader<'_> {
        Reader { domain: self, seen: self.registry.add(|| IDLE), nesting: Cell::new(0) }
    }
}

impl Default for Mb {
    fn default() -> Self {
        Self::new()
    }
}

impl Domain for Mb {
    fn synchronize(&self) {
        self.registry.grace_period(|| {
            // SeqCst fence: what was published before comes before the look at the readers' words; pairs with the one in `read_lock`. It also releases what was
            // published to a section that reads the number.
            fence!(SeqCst);
            // Relaxed: after the fence.
            self.current.fetch_add(1, Relaxed) + 1
        });
    }

    fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }
}

/// A thread's part in a domain.
#[derive(Debug)]
pub struct Reader<'d> {
    domain: &'d Mb,
    seen: Arc<Seen>,
    nesting: Cell<usize>,
}

impl Reader<'_> {
    /// Begins a section; sections nest.
    #[inline]
    pub fn read_lock(&self) -> ReadGuard<'_> {
        if self.nesting.get() == 0 {
            // Relaxed: an older number only makes updaters wait for longer; a newer one is acquired by the fence.
            let current = self.domain.current.load(Relaxed);
            // Release: an updater that reads this word may not have read the idle one before, and must see the earlier sections over.
            self.seen.0.store(current, ord!(Release));
            // SeqCst fence: the word comes before what the section reads; pairs with the one in `synchronize`.
            fence!(SeqCst);
        }
        self.nesting.set(self.nesting.get() + 1);
        ReadGuard { reader: self }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        // No section is open: each borrows the reader. One whose guard was forgotten holds grace periods up to here, and no longer.
        // Release: what it read is read before what follows the grace period.
        self.seen.0.store(IDLE, ord!(Release));
        self.domain.registry.remove(&self.seen);
    }
}

/// A section.
#[derive(Debug)]
pub struct ReadGuard<'a> {
    reader: &'a Reader<'a>,
}

impl Drop for ReadGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        let nesting = self.reader.nesting.get() - 1;
        self.reader.nesting.set(nesting);
        if nesting == 0 {
            // Release: what the section read is read before what follows the grace period.
            self.reader.seen.0.store(IDLE, ord!(Release));
        }
    }
}

// SAFETY: while the guard lives the nesting is not zero and the reader's word holds up every later grace period.
unsafe impl Guard for ReadGuard<'_> {
    type Domain = Mb;

    fn domain(&self) -> &Mb {
        self.reader.domain
    }
}
