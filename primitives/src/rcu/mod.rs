//! Read-copy-update: readers take no lock and write nothing that others write; who replaces what they may be reading waits for a grace
//! period before it frees the old.
//!
//! **The promise** that every flavour keeps: a read-side section that began before [`Domain::synchronize`] was called has ended, and is seen
//! to have ended, when that returns. One that begins later sees what was published before the call.
//!
//! | flavour | a reader pays | a reader must | readers may sleep |
//! |---|---|---|---|
//! | [`qsbr`] | nothing | say now and then that it is between sections | no (it would hold all up) |
//! | [`mb`] | a store and a full barrier | register | no (as above) |
//! | [`crate::srcu`] | an atomic addition and a full barrier | nothing | yes: it holds up its own domain only |
//!
//! After: McKenney and Slingwine, *Read-Copy Update: Using Execution History to Solve Concurrency Problems* (1998); Desnoyers, McKenney, Stern, Dagenais and
//! Walpole, *User-Level Implementations of Read-Copy Update* (2012).
//!
//! **A bad choice** for data that change as often as they are read, for updates that must be seen at once, and where the memory of several old versions is too much.

mod callbacks;
mod cell;
pub mod mb;
pub mod qsbr;
mod registry;

pub(crate) use callbacks::Callbacks;
pub use cell::RcuCell;

/// What readers and updaters of the same data share.
pub trait Domain {
    /// Waits for a grace period: for all sections that have begun. Not to be called from within one: it would wait for itself.
    fn synchronize(&self);

    /// What is to be run after a grace period.
    #[doc(hidden)]
    fn callbacks(&self) -> &Callbacks;

    /// Queues `f` to be run after a grace period, by whoever next calls [`Domain::reclaim`] or [`Domain::barrier`]. Does not wait; may be called within a section. The
    /// kernel runs them in a softirq; a program has a thread of its own for it, or does it when it has time to wait.
    fn call_rcu(&self, f: impl FnOnce() + Send + 'static)
    where
        Self: Sized,
    {
        self.callbacks().push(Box::new(f));
    }

    /// Waits for a grace period, and runs what was queued before it, in order. Gives the number.
    fn reclaim(&self) -> usize
    where
        Self: Sized,
    {
        self.callbacks().run(|| self.synchronize())
    }

    /// Returns when everything queued before the call has been run, by this thread or by another. Not to be called by what is run: it would wait for itself.
    fn barrier(&self)
    where
        Self: Sized,
    {
        // What another thread has taken out of the queue, it runs before it lets this thread in.
        self.reclaim();
    }
}

/// Shows that its holder is in a read-side section.
///
/// # Safety
/// While the guard lives, no grace period of the domain that began after it was made may end.
pub unsafe trait Guard {
    /// The flavour.
    type Domain: Domain;

    /// The domain whose grace periods the guard holds up.
    fn domain(&self) -> &Self::Domain;
}
