//! The CLH lock: an implicit queue, in which each waiter spins on the node of the one before it, and then takes that node over.
//!
//! **Invariant**: `tail` is the node of whoever came last, and that node's `busy` is false exactly when the lock is free. A node belongs to
//! one of: the lock (as its `tail`, nobody waiting behind it), the thread that put it there, or a thread's [`Handle`].
//!
//! After: Craig, *Building FIFO and Priority-Queuing Spin Locks from Atomic Swap* (1993), and Magnusson, Landin and Hagersten, *Queue Locks
//! on Cache Coherent Multiprocessors* (1994).
//!
//! **A bad choice** where waiters must be able to give up or only try (a node in the queue cannot be taken back, so there is no try variant), and on
//! machines without coherent caches, where the node of another is far away.

use crate::sync::{AtomicBool, AtomicPtr, Life, Relaxed, Spin, UnsafeCell, ord};

/// A place in the queue, on the heap as it passes from thread to thread.
#[derive(Debug)]
struct Node {
    busy: AtomicBool,
    life: Life,
}

impl Node {
    fn boxed(busy: bool) -> *mut Node {
        Box::into_raw(Box::new(Node { busy: AtomicBool::new(busy), life: Life::new() }))
    }
}

/// What a thread brings to take CLH locks with: a node, which is another after each acquisition.
#[derive(Debug)]
pub struct Handle {
    node: *mut Node,
}

// SAFETY: the node in a handle is reachable by nobody else.
unsafe impl Send for Handle {}

impl Handle {
    /// A handle, good for any number of locks, one at a time.
    pub fn new() -> Self {
        Handle { node: Node::boxed(false) }
    }
}

impl Default for Handle {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the node in a handle is its own, and came from a `Box`.
        drop(unsafe { Box::from_raw(self.node) });
    }
}

/// A CLH lock and what it protects.
#[derive(Debug)]
pub struct ClhLock<T> {
    tail: AtomicPtr<Node>,
    value: UnsafeCell<T>,
}

// SAFETY: the lock hands out one `&mut T` at a time, to whichever thread: that is sending the value from thread to thread.
unsafe impl<T: Send> Send for ClhLock<T> {}
// SAFETY: as above; `&T` is never handed to two threads at once.
unsafe impl<T: Send> Sync for ClhLock<T> {}

impl<T> ClhLock<T> {
    /// A free lock.
    pub fn new(value: T) -> Self {
        ClhLock { tail: AtomicPtr::new(Node::boxed(false)), value: UnsafeCell::new(value) }
    }

    /// Runs `f` with the lock held, after all who came before.
    pub fn with<R>(&self, handle: &mut Handle, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: the node in a handle is its own, and lives as long as nobody frees it.
        let node = unsafe { &*handle.node };
        node.life.begin();
        // Relaxed: published by the swap.
        node.busy.store(true, Relaxed);
        // Release: whoever comes next finds this node busy. Acquire: this thread looks into the node before its own.
        let before = self.tail.swap(handle.node, ord!(AcqRel));
        // SAFETY: `before` is taken out of the queue by this swap alone: it is freed by nobody but this thread.
        let node_before = unsafe { &*before };
        node_before.life.touch();
        let mut spin = Spin::new();
        // Acquire: pairs with the Release of the hand-over.
        while node_before.busy.load(ord!(Acquire)) {
            spin.turn();
        }
        let _held = Held { handle, before };
        // SAFETY: the one before is done, and only this thread waited for it.
        self.value.with_mut(|value| f(unsafe { &mut *value }))
    }
}

impl<T> Drop for ClhLock<T> {
    fn drop(&mut self) {
        // SAFETY: nobody holds the lock or waits, so `tail` is the lock's own node, and came from a `Box`.
        drop(unsafe { Box::from_raw(self.tail.load(Relaxed)) });
    }
}

/// The lock is held; dropping it hands it on.
struct Held<'a> {
    handle: &'a mut Handle,
    before: *mut Node,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: the node is this thread's until the store, after which it is the successor's.
        let node = unsafe { &*self.handle.node };
        // Taken before the store, after which this thread may no longer look at its old node.
        self.handle.node = self.before;
        // Release: what this holder wrote is seen by the successor.
        node.busy.store(false, ord!(Release));
    }
}
