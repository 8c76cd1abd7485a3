//! The MCS lock: waiters form a linked list, and each spins on a flag in its own node, so that a hand-over touches one waiter's cache line.
//!
//! **Invariant**: `tail` is null exactly when nobody holds the lock or waits. The nodes from the holder's to `tail` are linked by `next`, except that
//! the link to the last may not have been written yet. A node is looked at by others only until its owner is handed the lock and has
//! seen its successor, or has found that there is none.
//!
//! After: Mellor-Crummey and Scott, *Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors* (1991); Linux's
//! `kernel/locking/mcs_spinlock.h`.
//!
//! The node is on the waiter's stack. A guard could be forgotten and leave a dangling node in the queue, so the lock is taken for the
//! length of a closure.
//!
//! **A bad choice** uncontended, where `unlock` needs an atomic exchange; and with more threads than processors, where the lock is handed to a
//! waiter that does not run.

use core::ptr;

use crate::sync::{AtomicBool, AtomicPtr, Life, Relaxed, Spin, UnsafeCell, const_fn, ord};

/// A waiter's place in the queue.
#[derive(Debug)]
struct Node {
    next: AtomicPtr<Node>,
    waiting: AtomicBool,
    life: Life,
}

impl Node {
    fn new() -> Self {
        Node { next: AtomicPtr::new(ptr::null_mut()), waiting: AtomicBool::new(true), life: Life::new() }
    }
}

/// An MCS lock and what it protects.
#[derive(Debug)]
pub struct McsLock<T> {
    tail: AtomicPtr<Node>,
    value: UnsafeCell<T>,
}

// SAFETY: the lock hands out one `&mut T` at a time, to whichever thread: that is sending the value from thread to thread.
unsafe impl<T: Send> Send for McsLock<T> {}
// SAFETY: as above; `&T` is never handed to two threads at once.
unsafe impl<T: Send> Sync for McsLock<T> {}

impl<T> McsLock<T> {
    const_fn! {
        /// A free lock.
        pub fn new(value: T) -> Self {
            McsLock { tail: AtomicPtr::new(ptr::null_mut()), value: UnsafeCell::new(value) }
        }
    }

    /// Runs `f` with the lock held, after all who came before.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let node = Node::new();
        // Release: whoever comes next finds an initialised node behind this pointer. Acquire: this thread may look into the node before its own, and if
        // there is none, sees what the last holder wrote before it made `tail` null.
        let before = self.tail.swap(ptr::from_ref(&node).cast_mut(), ord!(AcqRel));
        if !before.is_null() {
            // SAFETY: the owner of `before` cannot leave before it has seen this link, as `tail` is no longer its node.
            let before = unsafe { &*before };
            before.life.touch();
            // Release: the owner of `before` writes into this node, so it must see it initialised.
            before.next.store(ptr::from_ref(&node).cast_mut(), ord!(Release));
            let mut spin = Spin::new();
            // Acquire: pairs with the Release of the hand-over.
            while node.waiting.load(ord!(Acquire)) {
                spin.turn();
            }
        }
        self.run(&node, f)
    }

    /// Runs `f` with the lock held if it is free, and says by `None` that it is not.
    pub fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        let node = Node::new();
        let new = ptr::from_ref(&node).cast_mut();
        // Release and Acquire: as for the swap in `with`.
        self.tail.compare_exchange(ptr::null_mut(), new, ord!(AcqRel), Relaxed).ok()?;
        Some(self.run(&node, f))
    }

    /// Runs `f`, with `node` at the head of the queue, and hands the lock on even if `f` panics.
    fn run<R>(&self, node: &Node, f: impl FnOnce(&mut T) -> R) -> R {
        let _held = Held { tail: &self.tail, node };
        // SAFETY: `node` is at the head: this thread has the lock, and `_held` gives it up only after `f`.
        self.value.with_mut(|value| f(unsafe { &mut *value }))
    }

    /// The value, of a lock that nobody shares any more.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// The lock is held; dropping it hands it on.
struct Held<'a> {
    tail: &'a AtomicPtr<Node>,
    node: &'a Node,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let node = ptr::from_ref(self.node).cast_mut();
        // Acquire: the successor's node must be seen initialised, and its writing of this link be over, before this node goes.
        let mut next = self.node.next.load(ord!(Acquire));
        if next.is_null() {
            // Release: what this holder wrote is seen by the next, who finds `tail` null.
            if self.tail.compare_exchange(node, ptr::null_mut(), ord!(Release), Relaxed).is_ok() {
                return;
            }
            // Somebody has made its node the tail and is about to write the link.
            let mut spin = Spin::new();
            while next.is_null() {
                spin.turn();
                // Acquire: as above.
                next = self.node.next.load(ord!(Acquire));
            }
        }
        // SAFETY: the successor waits for this write, so its node lives.
        let next = unsafe { &*next };
        next.life.touch();
        // Release: what this holder wrote is seen by the successor.
        next.waiting.store(false, ord!(Release));
    }
}
