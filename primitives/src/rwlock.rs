//! The queued reader-writer spinlock: one counter of readers and a byte for the writer, and a fair lock that those who must wait queue on.
//!
//! ```text
//!  31                 9   8        7      0
//! |  readers           | waiting | writer  |
//! ```
//!
//! **Invariant**: `writer` is on while one writer holds the lock, and then no reader does; `waiting` is on only while the writer at the head of the queue waits for
//! the readers to leave. Readers that find either leave their count only for a moment. At most the head of the queue waits for the word to change.
//!
//! After: Linux's `kernel/locking/qrwlock.c`. Its queue is a qspinlock; any fair lock will do, and this is the ticket lock. The kernel lets a reader in interrupt
//! context pass waiting writers; a program has none.
//!
//! **A bad choice** for short read sections: two atomic updates of one word cost each reader as much as a lock. Readers that must scale want RCU or
//! [`crate::seqlock`].

use crate::spin::ticket::RawTicketLock;
use crate::sync::{AtomicU32, Relaxed, Spin, const_fn, ord};

const WRITER: u32 = 0xff;
const WAITING: u32 = 1 << 8;
const READER: u32 = 1 << 9;

/// A queued reader-writer lock without its data.
#[derive(Debug)]
pub struct RawQueuedRwLock {
    count: AtomicU32,
    queue: RawTicketLock,
}

/// A queued reader-writer lock and what it protects.
#[cfg(not(loom))]
pub type QueuedRwLock<T> = lock_api::RwLock<RawQueuedRwLock, T>;

impl RawQueuedRwLock {
    const_fn! {
        /// A free lock.
        pub fn new() -> Self {
            RawQueuedRwLock { count: AtomicU32::new(0), queue: RawTicketLock::new() }
        }
    }

    /// Takes the lock for reading, behind writers that wait.
    #[inline]
    pub fn read_lock(&self) {
        // Acquire: pairs with the Release of the last writer.
        if self.count.fetch_add(READER, ord!(Acquire)) & (WAITING | WRITER) != 0 {
            self.read_lock_contended();
        }
    }

    #[cold]
    fn read_lock_contended(&self) {
        // Out of the way of the writer, and into the queue. Relaxed: nothing was read under the lock.
        self.count.fetch_sub(READER, Relaxed);
        self.queue.lock();
        // Relaxed: the load below synchronises.
        self.count.fetch_add(READER, Relaxed);
        let mut spin = Spin::new();
        // At the head of the queue, so no writer waits. Acquire: pairs with the Release of the last writer.
        while self.count.load(ord!(Acquire)) & WRITER != 0 {
            spin.turn();
        }
        // SAFETY: locked above.
        unsafe { self.queue.unlock() };
    }

    /// Takes the lock for reading if no writer has it or waits.
    #[inline]
    pub fn try_read_lock(&self) -> bool {
        // Relaxed: only looks.
        if self.count.load(Relaxed) & (WAITING | WRITER) != 0 {
            return false;
        }
        // Acquire: pairs with the Release of the last writer.
        if self.count.fetch_add(READER, ord!(Acquire)) & (WAITING | WRITER) == 0 {
            return true;
        }
        // Relaxed: nothing was read under the lock.
        self.count.fetch_sub(READER, Relaxed);
        false
    }

    /// Takes the lock for writing.
    #[inline]
    pub fn write_lock(&self) {
        // Acquire: pairs with the Release of the last holder.
        if self.count.compare_exchange(0, WRITER, ord!(Acquire), Relaxed).is_err() {
            self.write_lock_contended();
        }
    }

    #[cold]
    fn write_lock_contended(&self) {
        self.queue.lock();
        // Keeps new readers out. Relaxed: the exchange below synchronises.
        self.count.fetch_or(WAITING, Relaxed);
        let mut spin = Spin::new();
        // Acquire: pairs with the Releases of the last readers and of the last writer.
        while self.count.compare_exchange(WAITING, WRITER, ord!(Acquire), Relaxed).is_err() {
            spin.turn();
        }
        // SAFETY: locked above.
        unsafe { self.queue.unlock() };
    }

    /// Takes the lock for writing if it is free.
    #[inline]
    pub fn try_write_lock(&self) -> bool {
        // Acquire: pairs with the Release of the last holder.
        self.count.load(Relaxed) == 0 && self.count.compare_exchange(0, WRITER, ord!(Acquire), Relaxed).is_ok()
    }

    /// Gives it back, held for reading.
    ///
    /// # Safety
    /// The caller holds the lock for reading.
    #[inline]
    pub unsafe fn read_unlock(&self) {
        // Release: what this reader read is read before the next writer writes.
        self.count.fetch_sub(READER, ord!(Release));
    }

    /// Gives it back, held for writing.
    ///
    /// # Safety
    /// The caller holds the lock for writing.
    #[inline]
    pub unsafe fn write_unlock(&self) {
        // Not a store: readers come and go while the lock is held. Release: what this writer wrote is seen by the next holder.
        self.count.fetch_and(!WRITER, ord!(Release));
    }

    /// Goes from writing to reading, with no other writer in between.
    ///
    /// # Safety
    /// The caller holds the lock for writing.
    #[inline]
    pub unsafe fn downgrade(&self) {
        // Release: what this writer wrote is seen by the readers that it lets in.
        self.count.fetch_add(READER.wrapping_sub(WRITER), ord!(Release));
    }
}

rw_lock!(RawQueuedRwLock);
