//! A reader-writer semaphore: a reader-writer lock whose waiters sleep, in order, with hand-off to a writer that was passed, and downgrade.
//!
//! ```text
//!  63        3      2         1         0
//! | readers  | HANDOFF | WAITERS | WRITER |
//! ```
//!
//! **Invariant**: `WRITER` is set while one writer holds it, and then there are no readers. The queue is not empty exactly while `WAITERS` is set, as seen under the
//! queue's lock; it is set only while somebody holds the semaphore or has just left and is about to wake the first. `HANDOFF` is set only while the first is a writer, and then only
//! that one may take it. Readers never take it past a waiter; a writer that spins may.
//!
//! After: Linux's `kernel/locking/rwsem.c`. The kernel counts a reader in before it looks, and lets it spin; these readers look first.
//!
//! **A bad choice** for readers that are many and short: they all update one word. SRCU lets readers sleep without.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::sync::{AtomicUsize, Relaxed, Spin, const_fn, ord};
use crate::waiter::{WaitLock, Waiter};

const WRITER: usize = 1;
const WAITERS: usize = 2;
const HANDOFF: usize = 4;
const READER: usize = 8;
/// What is set while somebody holds it.
const HELD: usize = !(WAITERS | HANDOFF);

/// Looks of a writer at the semaphore before it goes to sleep.
const LOOKS: u32 = if cfg!(loom) { 1 } else { 100 };

/// A reader-writer semaphore without its data.
#[derive(Debug)]
pub struct RawRwSemaphore {
    count: AtomicUsize,
    queue: WaitLock<Queue>,
}

/// A reader-writer semaphore and what it protects.
///
/// ```
/// use lock_api::RwLockWriteGuard;
/// use primitives::rwsem::RwSemaphore;
///
/// let table = RwSemaphore::new(vec![1]);
/// let mut writer = table.write();
/// writer.push(2);
/// let reader = RwLockWriteGuard::downgrade(writer);
/// assert_eq!(table.read().len(), reader.len());
/// ```
#[cfg(not(loom))]
pub type RwSemaphore<T> = lock_api::RwLock<RawRwSemaphore, T>;

type Queue = VecDeque<Sleeper>;

#[derive(Debug)]
struct Sleeper {
    waiter: Arc<Waiter>,
    writes: bool,
}

impl RawRwSemaphore {
    const_fn! {
        /// A free semaphore.
        pub fn new() -> Self {
            RawRwSemaphore { count: AtomicUsize::new(0), queue: WaitLock::new(VecDeque::new()) }
        }
    }

    /// Takes it for reading; may sleep.
    #[inline]
    pub fn read_lock(&self) {
        if !self.try_read_lock() {
            self.read_lock_sleeping();
        }
    }

    /// Takes it for reading if no writer has it and nobody waits.
    #[inline]
    pub fn try_read_lock(&self) -> bool {
        let mut count = self.count.load(Relaxed);
        while count & (WRITER | WAITERS | HANDOFF) == 0 {
            // Acquire: pairs with the Release of the last writer.
            match self.count.compare_exchange_weak(count, count + READER, ord!(Acquire), Relaxed) {
                Ok(_) => return true,
                Err(changed) => count = changed,
            }
        }
        false
    }

    #[cold]
    fn read_lock_sleeping(&self) {
        let sleeper = self.queue.with(|queue| {
            loop {
                if queue.is_empty() && self.try_read_lock() {
                    return None;
                }
                if let Some(waiter) = self.sleep_behind(queue, false) {
                    return Some(waiter);
                }
            }
        });
        if let Some(waiter) = sleeper {
            // Who wakes a reader has counted it in.
            waiter.wait();
        }
    }

    /// Queues, unless the semaphore has become free. Under the queue's lock.
    fn sleep_behind(&self, queue: &mut Queue, writes: bool) -> Option<Arc<Waiter>> {
        if queue.is_empty() {
            let count = self.count.load(Relaxed);
            // Relaxed: if the holder has left before this, the exchange fails, or the count shows it; if not, the holder finds the flag, and wakes.
            if count & HELD == 0 || self.count.compare_exchange(count, count | WAITERS, Relaxed, Relaxed).is_err() {
                return None;
            }
        }
        let waiter = Waiter::new();
        queue.push_back(Sleeper { waiter: waiter.clone(), writes });
        Some(waiter)
    }

    /// Takes it for writing; may sleep.
    #[inline]
    pub fn write_lock(&self) {
        if !self.try_write_lock() && !self.write_lock_spinning() {
            self.write_lock_sleeping();
        }
    }

    /// Takes it for writing if it is free and nobody waits.
    #[inline]
    pub fn try_write_lock(&self) -> bool {
        // Acquire: pairs with the Releases of the last writer and of the last readers.
        self.count.compare_exchange(0, WRITER, ord!(Acquire), Relaxed).is_ok()
    }

    /// Spins a while; past sleepers, unless the first of them has been passed once already.
    #[cold]
    fn write_lock_spinning(&self) -> bool {
        let mut spin = Spin::new();
        for _ in 0..LOOKS {
            let count = self.count.load(Relaxed);
            // Acquire: as in `try_write_lock`.
            if count & !WAITERS == 0
                && self.count.compare_exchange(count, count | WRITER, ord!(Acquire), Relaxed).is_ok()
            {
                return true;
            }
            spin.turn();
        }
        false
    }

    #[cold]
    fn write_lock_sleeping(&self) {
        let sleeper = self.queue.with(|queue| {
            loop {
                if queue.is_empty() && self.try_write_lock() {
                    return None;
                }
                if let Some(waiter) = self.sleep_behind(queue, true) {
                    return Some(waiter);
                }
            }
        });
        let Some(waiter) = sleeper else { return };
        loop {
            waiter.wait();
            let taken = self.queue.with(|queue| {
                if self.take_as_first(queue) {
                    return true;
                }
                // Woken, and another writer was faster: nobody passes any more. Relaxed: if the holder left before this, the second look finds it free;
                // if not, the holder finds `WAITERS`, and wakes.
                self.count.fetch_or(HANDOFF, Relaxed);
                self.take_as_first(queue)
            });
            if taken {
                return;
            }
        }
    }

    /// Takes it for the first in the queue, a writer that was woken: only the first is, and it stays the first until it takes it. Under the queue's lock.
    fn take_as_first(&self, queue: &mut Queue) -> bool {
        let mut count = self.count.load(Relaxed);
        while count & HELD == 0 {
            let flags = if queue.len() > 1 { WAITERS } else { 0 };
            // Acquire: as in `try_write_lock`.
            match self.count.compare_exchange(count, WRITER | flags, ord!(Acquire), Relaxed) {
                Ok(_) => {
                    queue.pop_front();
                    return true;
                }
                Err(changed) => count = changed,
            }
        }
        false
    }

    /// Gives it back, held for reading.
    ///
    /// # Safety
    /// The caller holds it for reading.
    #[inline]
    pub unsafe fn read_unlock(&self) {
        // Release: what this reader read is read before the next writer writes.
        let count = self.count.fetch_sub(READER, ord!(Release)) - READER;
        if count & HELD == 0 && count & WAITERS != 0 {
            self.wake();
        }
    }

    /// Gives it back, held for writing.
    ///
    /// # Safety
    /// The caller holds it for writing.
    #[inline]
    pub unsafe fn write_unlock(&self) {
        // Release: what this writer wrote is seen by the next holder.
        if self.count.fetch_and(!WRITER, ord!(Release)) & WAITERS != 0 {
            self.wake();
        }
    }

    /// Goes from writing to reading, with no other writer in between, and lets in the readers at the head of the queue.
    ///
    /// # Safety
    /// The caller holds it for writing.
    #[inline]
    pub unsafe fn downgrade(&self) {
        // Release: what this writer wrote is seen by the readers that come in.
        if self.count.fetch_add(READER - WRITER, ord!(Release)) & WAITERS != 0 {
            self.wake();
        }
    }

    /// Wakes the writer at the head of the queue, or lets in all the readers there.
    #[cold]
    fn wake(&self) {
        let woken = self.queue.with(|queue| match queue.front() {
            Some(Sleeper { waiter, writes: true }) => vec![waiter.clone()],
            Some(_) => self.let_readers_in(queue),
            None => Vec::new(),
        });
        for waiter in woken {
            waiter.wake();
        }
    }

    /// Counts in the readers at the head of the queue and removes them from it. Under the queue's lock.
    fn let_readers_in(&self, queue: &mut Queue) -> Vec<Arc<Waiter>> {
        let readers = queue.iter().take_while(|sleeper| !sleeper.writes).count();
        let mut count = self.count.load(Relaxed);
        // If a writer got past, it will wake them.
        while count & WRITER == 0 {
            let flags = if queue.len() > readers { WAITERS } else { 0 };
            let new = (count & !WAITERS) + readers * READER + flags;
            // Acquire: a writer may have come and gone since the caller left; what it wrote goes on to the readers with their wake-up.
            match self.count.compare_exchange(count, new, ord!(Acquire), Relaxed) {
                Ok(_) => return queue.drain(..readers).map(|sleeper| sleeper.waiter).collect(),
                Err(changed) => count = changed,
            }
        }
        Vec::new()
    }

    /// Whether somebody holds it: a hint, out of date at once.
    pub fn is_locked(&self) -> bool {
        self.count.load(Relaxed) & HELD != 0
    }
}

rw_lock!(RawRwSemaphore);
