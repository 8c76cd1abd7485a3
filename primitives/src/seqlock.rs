//! Sequence counters: readers write nothing; they copy the data and take the copy only if no writer came in between.
//!
//! **Invariant**: the sequence is odd exactly while a writer writes, and grows by two with each write. A reader that finds the same even sequence before
//! and after has copied the data of one write.
//!
//! A reader copies while a writer may be writing, which for plain memory is undefined behaviour whatever becomes of the copy. So the data are words
//! that are copied one by one through relaxed atomics, which cost what plain moves cost.
//!
//! After: Linux's `include/linux/seqlock.h`; Boehm, *Can Seqlocks Get Along With Programming Language Memory Models?* (2012), for the orderings.
//!
//! **A bad choice** for data with pointers to what may be freed (a reader would follow one before it knows that its copy is void), for writers that are often at it
//! (readers starve), and for large data.

use core::fmt;
use core::marker::PhantomData;

use bytemuck::Pod;

use crate::spin::queued::RawQueuedLock;
use crate::sync::{AtomicU64, AtomicUsize, Relaxed, Spin, const_fn, fence, ord};

/// A sequence counter. Writers must exclude each other by other means; [`SeqLock`] brings them.
#[derive(Debug)]
pub struct SeqCount {
    sequence: AtomicUsize,
}

impl SeqCount {
    const_fn! {
        /// A counter at zero.
        pub fn new() -> Self {
            SeqCount { sequence: AtomicUsize::new(0) }
        }
    }

    /// Begins to read, when no writer writes. Relaxed atomic loads of the data follow, and then [`SeqCount::read_retry`].
    #[inline]
    pub fn read_begin(&self) -> usize {
        let mut spin = Spin::new();
        loop {
            if let Some(sequence) = self.try_read_begin() {
                return sequence;
            }
            spin.turn();
        }
    }

    /// Begins to read; none if a writer writes.
    #[inline]
    pub fn try_read_begin(&self) -> Option<usize> {
        // Acquire: pairs with the Release in `write_end`: the data of that write, or of a later one, are seen.
        let sequence = self.sequence.load(ord!(Acquire));
        sequence.is_multiple_of(2).then_some(sequence)
    }

    /// Whether a writer came in since [`SeqCount::read_begin`] gave `begun`, so that what was copied is void.
    #[inline]
    #[must_use]
    pub fn read_retry(&self, begun: usize) -> bool {
        // Acquire fence: pairs with the Release fence in `write_begin`: if any load before it saw a write's data, the load after it sees that
        // write's odd sequence.
        fence!(Acquire);
        self.sequence.load(Relaxed) != begun
    }

    /// Begins to write. Relaxed atomic stores of the data follow, and then [`SeqCount::write_end`], by the same writer.
    #[inline]
    pub fn write_begin(&self) {
        // Relaxed: only this writer writes it.
        let sequence = self.sequence.load(Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Relaxed);
        // Release fence: the odd sequence comes before the data; pairs with the Acquire fence in `read_retry`.
        fence!(Release);
    }

    /// Ends to write.
    #[inline]
    pub fn write_end(&self) {
        let sequence = self.sequence.load(Relaxed);
        // Release: the data come before the even sequence; pairs with the Acquire in `try_read_begin`.
        self.sequence.store(sequence.wrapping_add(1), ord!(Release));
    }
}

impl Default for SeqCount {
    fn default() -> Self {
        Self::new()
    }
}

/// A sequence lock over a value of plain data, held as so many words of eight bytes.
///
/// ```
/// use primitives::seqlock::SeqLock;
///
/// let clock: SeqLock<[u64; 2], 2> = SeqLock::new([0, 0]);
/// clock.write(|[seconds, nanoseconds]| (*seconds, *nanoseconds) = (12, 500));
/// assert_eq!(clock.read(), [12, 500]);
/// ```
pub struct SeqLock<T, const WORDS: usize> {
    count: SeqCount,
    writers: RawQueuedLock,
    words: [AtomicU64; WORDS],
    value: PhantomData<T>,
}

impl<T: Pod, const WORDS: usize> SeqLock<T, WORDS> {
    /// Checked when the program is compiled.
    const FITS: () = assert!(size_of::<T>() <= WORDS * size_of::<u64>(), "the value needs more words");

    /// A lock over `value`.
    pub fn new(value: T) -> Self {
        let words = to_words::<T, WORDS>(&value).map(AtomicU64::new);
        SeqLock { count: SeqCount::new(), writers: RawQueuedLock::new(), words, value: PhantomData }
    }

    /// A copy of the value, as of some moment during the call. Waits for no other reader, and again and again for writers.
    #[inline]
    pub fn read(&self) -> T {
        let mut spin = Spin::new();
        loop {
            if let Some(value) = self.try_read() {
                return value;
            }
            spin.turn();
        }
    }

    /// A copy of the value, if no writer is at it or comes in between.
    #[inline]
    pub fn try_read(&self) -> Option<T> {
        let begun = self.count.try_read_begin()?;
        let copy = self.load();
        (!self.count.read_retry(begun)).then_some(copy)
    }

    /// A copy of the value, waiting in turn with the writers: for a reader that must not be starved by them.
    pub fn read_exclusive(&self) -> T {
        let _held = Held::take(&self.writers);
        self.load()
    }

    /// Changes the value. `f` works on a copy: readers see all of what it does or nothing, and nothing if it panics.
    #[inline]
    pub fn write<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let _held = Held::take(&self.writers);
        let mut value = self.load();
        let result = f(&mut value);
        let words = to_words::<T, WORDS>(&value);
        self.count.write_begin();
        for (word, new) in self.words.iter().zip(words) {
            // Relaxed: between the fence of `write_begin` and the Release of `write_end`.
            word.store(new, Relaxed);
        }
        self.count.write_end();
        result
    }

    #[inline]
    fn load(&self) -> T {
        // Relaxed: between the Acquire of `try_read_begin` and the fence of `read_retry`, or under the writers' lock.
        let words = self.words.each_ref().map(|word| word.load(Relaxed));
        bytemuck::pod_read_unaligned(&bytemuck::bytes_of(&words)[..size_of::<T>()])
    }
}

#[inline]
fn to_words<T: Pod, const WORDS: usize>(value: &T) -> [u64; WORDS] {
    const { SeqLock::<T, WORDS>::FITS };
    let mut words = [0; WORDS];
    bytemuck::bytes_of_mut(&mut words)[..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(value));
    words
}

impl<T: Pod + fmt::Debug, const WORDS: usize> fmt::Debug for SeqLock<T, WORDS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeqLock").field("value", &self.try_read()).finish()
    }
}

/// The writers' lock, given back also when a writer panics.
struct Held<'a>(&'a RawQueuedLock);

impl<'a> Held<'a> {
    fn take(lock: &'a RawQueuedLock) -> Self {
        lock.lock();
        Held(lock)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: `take` locked it.
        unsafe { self.0.unlock() };
    }
}
