//! One set of tests for all reader-writer locks.

use loom::sync::Arc;

use crate::support::{Plain, explore_bounded, explore_within, on_threads};

trait RawRwLock: Send + Sync + 'static {
    fn new() -> Self;
    fn read(&self);
    fn try_read(&self) -> bool;
    fn write(&self);
    fn try_write(&self) -> bool;
    /// The rest are called by holders only.
    fn read_unlock(&self);
    fn write_unlock(&self);
    fn downgrade(&self);
}

struct Shared<L> {
    lock: L,
    value: Plain,
}

fn shared<L: RawRwLock>() -> Arc<Shared<L>> {
    Arc::new(Shared { lock: L::new(), value: Plain::new(0) })
}

impl<L: RawRwLock> Shared<L> {
    fn add(&self, n: u32) {
        self.lock.write();
        self.value.add(n);
        self.lock.write_unlock();
    }

    fn get(&self) -> u32 {
        self.lock.read();
        let value = self.value.get();
        self.lock.read_unlock();
        value
    }
}

fn writers<L: RawRwLock>(threads: usize) {
    let s = shared::<L>();
    on_threads(threads, &s, |s, _| s.add(1));
    assert_eq!(s.get(), threads as u32);
}

/// Thread 0 writes, the others read: either nothing or all of it.
fn readers_beside_a_writer<L: RawRwLock>(threads: usize) {
    let s = shared::<L>();
    on_threads(threads, &s, |s, i| {
        if i == 0 {
            s.add(1);
            s.add(1);
        } else {
            let value = s.get();
            assert!(value <= 2);
        }
    });
    assert!(s.lock.try_write(), "the lock is free when all are done");
    assert_eq!(s.value.get(), 2);
    s.lock.write_unlock();
}

/// Thread 0 holds it for reading while the other comes and goes as a reader: neither waits for the other.
fn readers_share<L: RawRwLock>() {
    let s = shared::<L>();
    s.lock.read();
    on_threads(2, &s, |s, i| {
        if i == 0 {
            assert_eq!(s.get(), 0);
        }
    });
    s.lock.read_unlock();
}

fn writer_between_two_readers<L: RawRwLock>() {
    let s = shared::<L>();
    on_threads(3, &s, |s, i| match i {
        0 => s.add(1),
        _ => assert!(s.get() <= 1),
    });
    assert_eq!(s.get(), 1);
}

fn two_writers_and_a_reader<L: RawRwLock>() {
    let s = shared::<L>();
    on_threads(3, &s, |s, i| match i {
        0 | 1 => s.add(1),
        _ => assert!(s.get() <= 2),
    });
    assert_eq!(s.get(), 2);
}

/// A writer that becomes a reader lets other readers in, and still reads what it wrote.
fn downgrading<L: RawRwLock>() {
    let s = shared::<L>();
    on_threads(2, &s, |s, i| {
        if i == 0 {
            s.lock.write();
            s.value.add(1);
            s.lock.downgrade();
            assert_eq!(s.value.get(), 1);
            s.lock.read_unlock();
        } else {
            assert!(s.get() <= 1);
        }
    });
    assert!(s.lock.try_write());
    s.lock.write_unlock();
}

/// As above, beside another writer, which comes in before or after, not between.
fn downgrading_beside_a_writer<L: RawRwLock>() {
    let s = shared::<L>();
    on_threads(2, &s, |s, i| {
        if i == 0 {
            s.lock.write();
            s.value.add(1);
            let before = s.value.get();
            s.lock.downgrade();
            assert_eq!(s.value.get(), before);
            s.lock.read_unlock();
        } else {
            s.add(1);
        }
    });
    assert_eq!(s.get(), 2);
}

fn attempts<L: RawRwLock>() {
    let s = shared::<L>();
    on_threads(2, &s, |s, i| {
        if i == 0 {
            if s.lock.try_write() {
                s.value.add(1);
                s.lock.write_unlock();
            }
        } else if s.lock.try_read() {
            assert!(s.value.get() <= 1);
            s.lock.read_unlock();
        }
    });
    assert!(s.lock.try_write(), "failed attempts leave nothing behind");
    s.lock.write_unlock();
}

fn two_attempts_to_write<L: RawRwLock>() {
    let s = shared::<L>();
    on_threads(2, &s, |s, _| {
        if s.lock.try_write() {
            s.value.add(1);
            s.lock.write_unlock();
        }
    });
    assert!([1, 2].contains(&s.value.get()));
}

/// Attempts of both kinds against each kind of holder.
fn what_is_refused<L: RawRwLock>() {
    let s = shared::<L>();
    s.lock.write();
    assert!(!s.lock.try_read() && !s.lock.try_write());
    s.lock.downgrade();
    assert!(s.lock.try_read() && !s.lock.try_write());
    s.lock.read_unlock();
    s.lock.read_unlock();
    assert!(s.lock.try_write());
    s.lock.write_unlock();
}

/// A reader sleeps behind the first writer, a second writer comes and goes before the first has woken the reader: what the reader sees
/// must hold both writes, or the first alone. The yield lets the reader go to sleep without a preemption.
fn overtaken_while_waking<L: RawRwLock>() {
    let s = shared::<L>();
    s.lock.write();
    on_threads(3, &s, |s, i| match i {
        0 => assert!([1, 11].contains(&s.get())),
        1 => s.add(10),
        _ => {
            loom::thread::yield_now();
            s.value.add(1);
            s.lock.write_unlock();
        }
    });
    assert_eq!(s.get(), 11);
}

macro_rules! rw_lock_tests {
    ($($module:ident: $lock:ty, $bound:expr;)*) => {$(
        impl RawRwLock for $lock {
            fn new() -> Self {
                <$lock>::new()
            }
            fn read(&self) {
                self.read_lock();
            }
            fn try_read(&self) -> bool {
                self.try_read_lock()
            }
            fn write(&self) {
                self.write_lock();
            }
            fn try_write(&self) -> bool {
                self.try_write_lock()
            }
            fn read_unlock(&self) {
                // SAFETY: the tests call it as holders.
                unsafe { <$lock>::read_unlock(self) }
            }
            fn write_unlock(&self) {
                // SAFETY: the tests call it as holders.
                unsafe { <$lock>::write_unlock(self) }
            }
            fn downgrade(&self) {
                // SAFETY: the tests call it as holders.
                unsafe { <$lock>::downgrade(self) }
            }
        }

        mod $module {
            use super::*;

            #[test]
            fn two_writers_exclude_each_other_and_see_what_the_other_wrote() {
                explore_within($bound, || writers::<$lock>(2));
            }

            #[test]
            fn three_writers_exclude_each_other() {
                explore_bounded(2, || writers::<$lock>(3));
            }

            #[test]
            fn a_reader_sees_all_or_nothing_of_a_write() {
                explore_bounded(3, || readers_beside_a_writer::<$lock>(2));
            }

            #[test]
            fn two_readers_beside_a_writer() {
                explore_bounded(2, writer_between_two_readers::<$lock>);
            }

            #[test]
            fn two_writers_beside_a_reader() {
                explore_bounded(2, two_writers_and_a_reader::<$lock>);
            }

            #[test]
            fn a_writer_passes_another_that_is_about_to_wake_a_reader() {
                explore_bounded(2, overtaken_while_waking::<$lock>);
            }

            #[test]
            fn readers_do_not_wait_for_each_other() {
                explore_within($bound, readers_share::<$lock>);
            }

            #[test]
            fn a_downgraded_writer_reads_what_it_wrote_and_lets_readers_in() {
                explore_within($bound, downgrading::<$lock>);
            }

            #[test]
            fn no_writer_comes_in_at_a_downgrade() {
                explore_bounded(3, downgrading_beside_a_writer::<$lock>);
            }

            #[test]
            fn attempts_to_read_and_to_write() {
                explore_within($bound, attempts::<$lock>);
            }

            #[test]
            fn attempts_to_write() {
                explore_within($bound, two_attempts_to_write::<$lock>);
            }

            #[test]
            fn what_a_holder_refuses() {
                explore_within($bound, what_is_refused::<$lock>);
            }
        }
    )*};
}

// For each lock: how many preemptions bound the models of two threads, if any does.
rw_lock_tests! {
    rwlock: primitives::rwlock::RawQueuedRwLock, None;
    rwsem: primitives::rwsem::RawRwSemaphore, Some(3);
}
