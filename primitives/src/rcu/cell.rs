//! A pointer that readers follow within sections, and updaters replace.
//! The invariant: what the pointer has pointed to is freed only after a grace period that began after it was replaced.

use core::ptr;
use std::sync::Arc;

use super::{Domain, Guard};
use crate::sync::{AtomicPtr, Relaxed, ord};

/// A value that is read in sections of one domain, and replaced as a whole.
#[derive(Debug)]
pub struct RcuCell<T, D: Domain> {
    domain: Arc<D>,
    pointer: AtomicPtr<T>,
}

// SAFETY: readers on many threads share `&T`, and the last owner, on any thread, gets the `T`.
unsafe impl<T: Send + Sync, D: Domain + Send + Sync> Send for RcuCell<T, D> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync, D: Domain + Send + Sync> Sync for RcuCell<T, D> {}

/// What was replaced, on its way to whoever frees it.
struct Old<T>(*mut T);

// SAFETY: after a grace period nobody else has the value; `T` may go to another thread.
unsafe impl<T: Send> Send for Old<T> {}

impl<T> Old<T> {
    /// # Safety
    /// A grace period has passed since it was replaced.
    unsafe fn into_box(self) -> Box<T> {
        // SAFETY: came from a `Box`, was replaced once, and no section that could have read it is left.
        unsafe { Box::from_raw(self.0) }
    }
}

impl<T, D: Domain> RcuCell<T, D> {
    /// A cell that is read in sections of `domain`.
    pub fn new(domain: Arc<D>, value: T) -> Self {
        RcuCell { domain, pointer: AtomicPtr::new(Box::into_raw(Box::new(value))) }
    }

    /// The value now, for as long as the section lasts: the kernel's `rcu_dereference`.
    ///
    /// # Panics
    /// If the section is of another domain.
    #[inline]
    pub fn read<'g>(&'g self, section: &'g impl Guard<Domain = D>) -> &'g T {
        assert!(ptr::eq(section.domain(), &*self.domain), "a section of another domain");
        // Acquire: pairs with the Release of who published it: the value is seen whole. (An address dependency would do, which Rust cannot express.)
        let value = self.pointer.load(ord!(Acquire));
        // SAFETY: the section holds up the grace period after which the value would be freed.
        unsafe { &*value }
    }

    /// Publishes `value`, and gives the old one.
    fn publish(&self, value: T) -> Old<T> {
        // Release: the value is whole before the pointer to it can be seen. Acquire: so is the old one for whoever drops it, which may be a third thread.
        // Loom cannot see the Acquire half: before the old value is dropped there is a grace period with a fence, and loom's fences also acquire what was read by other
        // threads whose reads happen before.
        Old(self.pointer.swap(Box::into_raw(Box::new(value)), ord!(AcqRel)))
    }

    /// Replaces the value, waits for a grace period, and gives the old one. Not to be called within a section of the domain.
    pub fn replace(&self, value: T) -> Box<T> {
        let old = self.publish(value);
        self.domain.synchronize();
        // SAFETY: a grace period has passed.
        unsafe { old.into_box() }
    }

    /// Replaces the value without waiting; the old one is dropped after a grace period, by [`Domain::reclaim`].
    pub fn replace_later(&self, value: T)
    where
        T: Send + 'static,
    {
        let old = self.publish(value);
        self.domain.call_rcu(move || {
            // SAFETY: callbacks are run after a grace period.
            drop(unsafe { old.into_box() });
        });
    }
}

impl<T, D: Domain> Drop for RcuCell<T, D> {
    fn drop(&mut self) {
        // Relaxed: nobody else has the cell any more, so all that was done to it has happened before.
        let value = self.pointer.load(Relaxed);
        // SAFETY: as above, and `read` lends the value no longer than the cell.
        drop(unsafe { Box::from_raw(value) });
    }
}
