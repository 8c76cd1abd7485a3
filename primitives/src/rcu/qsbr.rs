//! RCU by quiescent states: sections cost nothing at all, and each reader says now and then that it is in none.
//!
//! **Invariant**: a reader that is online has a word with the number of a grace period that had begun when it last was in no section. When a later grace period began, and
//! the reader has stored its number or has gone offline, it has left the sections of before.
//!
//! After: `urcu-qsbr` of liburcu; the kernel's RCU is of this kind, with context switches, idle and user mode as quiescent states (`kernel/rcu/tree.c`).
//!
//! **A bad choice** in a library that does not own its threads' loops: a single reader that forgets to call [`Reader::quiescent`] stops all grace periods.

use core::cell::Cell;
use core::marker::PhantomData;
use std::sync::Arc;

use super::registry::{FIRST, IDLE, Registry, Seen};
use super::{Callbacks, Domain, Guard};
use crate::sync::{AtomicU64, Relaxed, fence, ord};

/// Readers and updaters of the same data.
///
/// ```
/// use std::sync::Arc;
/// use primitives::rcu::{qsbr::Qsbr, RcuCell};
///
/// let domain = Arc::new(Qsbr::new());
/// let config = RcuCell::new(domain.clone(), "old");
/// let mut reader = domain.register();
/// assert_eq!(*config.read(&reader.read_lock()), "old");
/// let old = reader.offline(|| config.replace("new"));
/// assert_eq!(*old, "old");
/// reader.quiescent();
/// ```
#[derive(Debug)]
pub struct Qsbr {
    /// The number of the grace period that began last.
    current: AtomicU64,
    registry: Registry,
    callbacks: Callbacks,
}

impl Qsbr {
    /// A domain without readers.
    pub fn new() -> Self {
        Qsbr { current: AtomicU64::new(FIRST), registry: Registry::new(), callbacks: Callbacks::new() }
    }

    /// Makes the calling thread a reader, online.
    pub fn register(&self) -> Reader<'_> {
        // Acquire: an updater that has begun and not yet looked takes this number for a promise that the sections see what it published.
        let seen = self.registry.add(|| self.current.load(ord!(Acquire)));
        Reader { domain: self, seen, one_thread: PhantomData }
    }
}

impl Default for Qsbr {
    fn default() -> Self {
        Self::new()
    }
}

impl Domain for Qsbr {
    /// Waits until every reader has been quiescent. A reader calls it [`Reader::offline`].
    fn synchronize(&self) {
        self.registry.grace_period(|| {
            // SeqCst fence: what was published before comes before the look at the readers' words; pairs with the one in `come_online`. It also releases what was
            // published to who reads the number.
            fence!(SeqCst);
            // Relaxed: after the fence.
            self.current.fetch_add(1, Relaxed) + 1
        });
    }

    fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }
}

/// A thread's part in a domain. Sections borrow it, and [`Reader::quiescent`] and [`Reader::offline`] want it alone: so none is open then.
#[derive(Debug)]
pub struct Reader<'d> {
    domain: &'d Qsbr,
    seen: Arc<Seen>,
    /// One thread at a time is this reader.
    one_thread: PhantomData<Cell<()>>,
}

impl Reader<'_> {
    /// Begins a section. Costs nothing: the compiler knows how long it lasts.
    #[inline]
    pub fn read_lock(&self) -> ReadGuard<'_> {
        ReadGuard { reader: self }
    }

    /// Says that this thread is in no section.
    #[inline]
    pub fn quiescent(&mut self) {
        // Acquire: the sections that follow see what was published before the grace period of that number.
        let current = self.domain.current.load(ord!(Acquire));
        // Release: the sections before are over for who reads that number.
        self.seen.0.store(current, ord!(Release));
    }

    /// Runs `f`, which may take long, or wait for a grace period, without holding up any.
    pub fn offline<R>(&mut self, f: impl FnOnce() -> R) -> R {
        // Release: the sections before are over for who reads it.
        self.seen.0.store(IDLE, ord!(Release));
        let _online = Online(self);
        f()
    }

    fn come_online(&self) {
        let current = self.domain.current.load(Relaxed);
        // Release: an updater that reads this word may not have read the one before, and must see the earlier sections over.
        self.seen.0.store(current, ord!(Release));
        // SeqCst fence: this word comes before what the sections read; pairs with the one in `synchronize`: if the updater did not see the word, the sections see
        // what it has published.
        fence!(SeqCst);
    }
}

/// Comes online again, also when what was run offline panics.
struct Online<'a, 'd>(&'a Reader<'d>);

impl Drop for Online<'_, '_> {
    fn drop(&mut self) {
        self.0.come_online();
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        // Release: the sections before are over for an updater that already waits for this reader.
        self.seen.0.store(IDLE, ord!(Release));
        self.domain.registry.remove(&self.seen);
    }
}

/// A section.
#[derive(Debug)]
pub struct ReadGuard<'a> {
    reader: &'a Reader<'a>,
}

// SAFETY: while the guard lives the reader is borrowed, so it is neither quiescent nor offline, and its word holds up every later grace period.
unsafe impl Guard for ReadGuard<'_> {
    type Domain = Qsbr;

    fn domain(&self) -> &Qsbr {
        self.reader.domain
    }
}
