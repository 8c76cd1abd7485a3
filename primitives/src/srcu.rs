//! Sleepable RCU: a domain for itself, whose readers need not register and may sleep; they hold up only its own grace periods.
//!
//! **Invariant**: for each of two phases, the sum of `entered` is the number of sections that have begun in it, the sum of `left` that of those that have ended. A
//! section counts as left only where it counted as entered, and is seen to have left only by who sees that it entered. New sections begin in the current phase,
//! so that the other's sums come to agree.
//!
//! After: Linux's `kernel/rcu/srcutree.c`, and McKenney, *Sleepable RCU* (2006). The kernel's counters are per processor; these are per thread, folded onto a
//! few.
//!
//! **A bad choice** for short sections on many threads: an atomic addition and a full barrier are what a lock costs. Two domains can deadlock as two locks
//! can, if each one's readers wait for the other's grace periods.

use crossbeam_utils::CachePadded;

use crate::rcu::{Callbacks, Domain, Guard};
use crate::slot;
use crate::sync::{AtomicUsize, Mutex, Relaxed, Spin, fence, ord};

/// Pairs of counters: enough that few threads share one, and few enough to be summed.
const SHARDS: usize = if cfg!(loom) { 2 } else { 16 };

#[derive(Debug, Default)]
struct Counts {
    entered: [AtomicUsize; 2],
    left: [AtomicUsize; 2],
}

/// Readers and updaters of the same data.
///
/// ```
/// use std::sync::Arc;
/// use primitives::{rcu::{Domain, RcuCell}, srcu::Srcu};
///
/// let domain = Arc::new(Srcu::new());
/// let notifiers = RcuCell::new(domain.clone(), vec!["netdev"]);
/// let section = domain.read_lock();
/// assert_eq!(notifiers.read(&section).len(), 1);
/// drop(section);
/// domain.synchronize();
/// ```
#[derive(Debug)]
pub struct Srcu {
    /// Its lowest bit is the phase in which sections begin.
    phase: AtomicUsize,
    shards: [CachePadded<Counts>; SHARDS],
    /// One grace period at a time.
    updater: Mutex<()>,
    callbacks: Callbacks,
}

impl Srcu {
    /// A domain.
    pub fn new() -> Self {
        Srcu {
            phase: AtomicUsize::new(0),
            shards: core::array::from_fn(|_| CachePadded::default()),
            updater: Mutex::new(()),
            callbacks: Callbacks::new(),
        }
    }

    /// Begins a section. It may sleep, and may end on another thread.
    #[inline]
    pub fn read_lock(&self) -> ReadGuard<'_> {
        let counts = &*self.shards[slot::current().unwrap_or(0) % SHARDS];
        // Relaxed: an old phase only makes the updater wait in both, as it does.
        let phase = self.phase.load(Relaxed) & 1;
        // Relaxed: before the fence.
        counts.entered[phase].fetch_add(1, Relaxed);
        // SeqCst fence: having entered comes before what the section reads; pairs with the one in `synchronize`: if the updater did not see the entry, the
        // section sees what it has published.
        fence!(SeqCst);
        ReadGuard { domain: self, counts, phase }
    }

    /// Waits until no section of that phase is left of those that had been entered.
    fn wait_for_phase(&self, phase: usize) {
        let mut spin = Spin::new();
        loop {
            // First who has left, then who has entered: a section that leaves in between only makes the two differ.
            // Acquire: pairs with the Release of a guard: what its section read is read before what follows, and that it entered is seen below.
            let left = self.sum(|counts| counts.left[phase].load(ord!(Acquire)));
            // Relaxed: after the fence of `synchronize`, and after the Acquire above.
            let entered = self.sum(|counts| counts.entered[phase].load(Relaxed));
            if left == entered {
                return;
            }
            spin.turn();
        }
    }

    fn sum(&self, count: impl Fn(&Counts) -> usize) -> usize {
        self.shards.iter().map(|counts| count(counts)).fold(0, usize::wrapping_add)
    }
}

impl Default for Srcu {
    fn default() -> Self {
        Self::new()
    }
}

impl Domain for Srcu {
    fn synchronize(&self) {
        let _one_at_a_time = self.updater.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // SeqCst fence: what was published before comes before the look at the counts; pairs with the one in `read_lock`.
        fence!(SeqCst);
        let phase = self.phase.load(Relaxed);
        // Sections that read the phase before the last grace period and entered after it: few, and no new ones come.
        self.wait_for_phase(!phase & 1);
        // New sections begin in the other phase, so that this one comes to an end. Relaxed: for progress alone.
        self.phase.store(phase.wrapping_add(1), Relaxed);
        self.wait_for_phase(phase & 1);
    }

    fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }
}

/// A section.
#[derive(Debug)]
pub struct ReadGuard<'a> {
    domain: &'a Srcu,
    counts: &'a Counts,
    phase: usize,
}

impl Drop for ReadGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        // Release: what the section read, and that it entered, comes before.
        self.counts.left[self.phase].fetch_add(1, ord!(Release));
    }
}

// SAFETY: while the guard lives its section has entered and not left, and `synchronize` waits in both phases for the two to agree.
unsafe impl Guard for ReadGuard<'_> {
    type Domain = Srcu;

    fn domain(&self) -> &Srcu {
        self.domain
    }
}
