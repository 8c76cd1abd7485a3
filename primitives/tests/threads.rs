//! The primitives on real threads: what a program that uses them would notice. Small, and quick; the orderings are loom's to check (`tests/loom`).
#![cfg(not(loom))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use primitives::completion::Completion;
use primitives::mutex::RawMutex;
use primitives::rwlock::RawQueuedRwLock;
use primitives::rwsem::RawRwSemaphore;
use primitives::semaphore::Semaphore;
use primitives::seqlock::SeqLock;
use primitives::spin::clh::{ClhLock, Handle};
use primitives::spin::mcs::McsLock;
use primitives::spin::queued::{QueuedLock, RawQueuedLock};
use primitives::spin::{tas::RawTasLock, ticket::RawTicketLock, ttas::RawTtasLock};

const THREADS: usize = 4;
const TIMES: usize = 1_000;

fn on_threads(threads: usize, f: impl Fn(usize) + Sync) {
    let f = &f;
    thread::scope(|scope| {
        for i in 0..threads {
            scope.spawn(move || f(i));
        }
    });
}

/// Four threads add to a plain number: the sum is right, a panic in between gives the lock back, and attempts are refused while it is held.
fn as_mutex<R: lock_api::RawMutex + Sync>() {
    let lock = lock_api::Mutex::<R, usize>::new(0);
    on_threads(THREADS, |_| {
        for _ in 0..TIMES {
            *lock.lock() += 1;
        }
    });
    assert_eq!(*lock.lock(), THREADS * TIMES);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _held = lock.lock();
        std::panic::resume_unwind(Box::new("the holder panics"));
    }));
    assert!(panicked.is_err());
    let held = lock.try_lock().expect("the panic gave the lock back");
    assert!(lock.try_lock().is_none());
    drop(held);
}

#[test]
fn all_mutexes_count_right() {
    as_mutex::<RawTasLock>();
    as_mutex::<RawTtasLock>();
    as_mutex::<RawTicketLock>();
    as_mutex::<RawQueuedLock>();
    as_mutex::<RawMutex>();
}

/// Writers keep two numbers equal; readers, who may share, never see them differ.
fn as_rw_lock<R: lock_api::RawRwLockDowngrade + Sync>() {
    let lock = lock_api::RwLock::<R, (usize, usize)>::new((0, 0));
    on_threads(THREADS, |i| {
        for n in 0..TIMES {
            if (n + i) % 4 == 0 {
                let mut pair = lock.write();
                pair.0 += 1;
                pair.1 += 1;
                let written = *pair;
                let pair = lock_api::RwLockWriteGuard::downgrade(pair);
                assert_eq!(*pair, written, "nobody writes between writing and reading");
            } else {
                let pair = lock.read();
                assert_eq!(pair.0, pair.1);
            }
        }
    });
    assert_eq!(*lock.read(), (TIMES, TIMES));
}

#[test]
fn all_reader_writer_locks_keep_readers_and_writers_apart() {
    as_rw_lock::<RawQueuedRwLock>();
    as_rw_lock::<RawRwSemaphore>();
}

#[test]
fn a_mcs_lock_counts_right_and_survives_a_panic() {
    let lock = McsLock::new(0);
    on_threads(THREADS, |_| {
        for _ in 0..TIMES {
            lock.with(|n| *n += 1);
        }
    });
    let panicked = catch_unwind(AssertUnwindSafe(|| lock.with(|_| std::panic::resume_unwind(Box::new(())))));
    assert!(panicked.is_err());
    assert_eq!(lock.try_with(|n| *n), Some(THREADS * TIMES));
    assert_eq!(lock.into_inner(), THREADS * TIMES);
}

#[test]
fn a_clh_lock_counts_right_and_survives_a_panic() {
    let lock = ClhLock::new(0);
    on_threads(THREADS, |_| {
        let mut handle = Handle::new();
        for _ in 0..TIMES {
            lock.with(&mut handle, |n| *n += 1);
        }
    });
    let mut handle = Handle::new();
    let panicked =
        catch_unwind(AssertUnwindSafe(|| lock.with(&mut handle, |_| std::panic::resume_unwind(Box::new(())))));
    assert!(panicked.is_err());
    assert_eq!(lock.with(&mut handle, |n| *n), THREADS * TIMES);
}

/// A thread holds one lock while it waits for the next, six deep: its node is free again as soon as it has a lock, so four are enough.
#[test]
fn queued_locks_nest() {
    let locks: Vec<QueuedLock<usize>> = (0..6).map(|_| QueuedLock::new(0)).collect();
    on_threads(THREADS, |_| {
        for _ in 0..50 {
            let mut held: Vec<_> = locks.iter().map(QueuedLock::lock).collect();
            held.iter_mut().for_each(|n| **n += 1);
        }
    });
    assert!(locks.iter().all(|lock| *lock.lock() == THREADS * 50));
}

#[test]
fn a_sequence_lock_gives_whole_values() {
    let lock: SeqLock<[u32; 5], 3> = SeqLock::new([0; 5]);
    let done = AtomicBool::new(false);
    on_threads(THREADS, |i| {
        if i < 2 {
            for _ in 0..TIMES {
                lock.write(|value| value.iter_mut().for_each(|n| *n += 1));
            }
            done.store(true, SeqCst);
        } else {
            while !done.load(SeqCst) {
                let value = if i == 2 { lock.read() } else { lock.read_exclusive() };
                assert!(value.iter().all(|n| *n == value[0]), "{value:?}");
            }
        }
    });
    assert_eq!(lock.read(), [2 * TIMES as u32; 5]);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        lock.write(|value| {
            value[0] = 7;
            std::panic::resume_unwind(Box::new(()));
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(lock.try_read(), Some([2 * TIMES as u32; 5]), "half a write is none");
}

#[test]
fn a_semaphore_never_lets_more_in_than_it_has_units() {
    let places = Semaphore::new(2);
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    on_threads(THREADS, |_| {
        for _ in 0..200 {
            places.down();
            most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
            thread::yield_now();
            inside.fetch_sub(1, SeqCst);
            places.up();
        }
    });
    assert_eq!(most.load(SeqCst), 2, "two were inside at once, and never three");
    assert!(places.try_down() && places.try_down() && !places.try_down());
}

#[test]
fn a_completion_lets_sleepers_go() {
    let (ready, done) = (Completion::new(), Completion::new());
    on_threads(THREADS, |i| {
        if i == 0 {
            // Only when the three others are about to wait.
            (1..THREADS).for_each(|_| ready.wait());
            done.complete_all();
        } else {
            ready.complete();
            done.wait();
        }
    });
    assert!(done.is_done() && !ready.is_done());
}
