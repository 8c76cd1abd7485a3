//! The primitives on real threads: what a program that uses them would notice. Small, and quick; the orderings are loom's to check (`tests/loom`).
#![cfg(not(loom))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use primitives::completion::Completion;
use primitives::mutex::{Mutex, RawMutex};
use primitives::percpu_counter::PerCpuCounter;
use primitives::rcu::{Domain, RcuCell, mb::Mb, qsbr::Qsbr};
use primitives::rwlock::RawQueuedRwLock;
use primitives::rwsem::RawRwSemaphore;
use primitives::semaphore::Semaphore;
use primitives::seqlock::SeqLock;
use primitives::spin::clh::{ClhLock, Handle};
use primitives::spin::mcs::McsLock;
use primitives::spin::queued::{QueuedLock, RawQueuedLock};
use primitives::spin::{tas::RawTasLock, ticket::RawTicketLock, ttas::RawTtasLock};
use primitives::srcu::Srcu;

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

/// Readers look at the value in sections, an updater replaces it and spoils the old one: no reader ever sees a spoilt value, and none is left over.
fn as_rcu<D: Domain + Sync + Send + 'static>(domain: D, read: impl Fn(&D, &RcuCell<Counted, D>) + Sync) {
    let left = Arc::new(AtomicUsize::new(0));
    let value = |n| {
        left.fetch_add(1, SeqCst);
        Counted { numbers: [n; 8], left: left.clone() }
    };
    let domain = Arc::new(domain);
    let cell = RcuCell::new(domain.clone(), value(0));
    let done = AtomicBool::new(false);
    on_threads(3, |i| {
        if i == 0 {
            for n in 1..100 {
                cell.replace(value(n)).numbers = [0, 1, 2, 3, 4, 5, 6, 7];
                cell.replace_later(value(n));
                domain.reclaim();
            }
            done.store(true, SeqCst);
        } else {
            while !done.load(SeqCst) {
                read(&domain, &cell);
            }
        }
    });
    domain.barrier();
    drop(cell);
    assert_eq!(left.load(SeqCst), 0, "every version is dropped once");
}

struct Counted {
    numbers: [usize; 8],
    left: Arc<AtomicUsize>,
}

impl Counted {
    fn is_whole(&self) -> bool {
        self.numbers.iter().all(|n| *n == self.numbers[0])
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.numbers = [0, 1, 2, 3, 4, 5, 6, 7];
        self.left.fetch_sub(1, SeqCst);
    }
}

#[test]
fn readers_never_see_what_was_freed() {
    as_rcu(Mb::new(), |domain, cell| {
        let reader = domain.register();
        for _ in 0..10 {
            assert!(cell.read(&reader.read_lock()).is_whole());
        }
    });
    as_rcu(Qsbr::new(), |domain, cell| {
        let mut reader = domain.register();
        for _ in 0..10 {
            assert!(cell.read(&reader.read_lock()).is_whole());
            reader.quiescent();
        }
    });
    as_rcu(Srcu::new(), |domain, cell| {
        for _ in 0..10 {
            assert!(cell.read(&domain.read_lock()).is_whole());
        }
    });
}

#[test]
#[should_panic(expected = "a section of another domain")]
fn a_section_of_another_domain_protects_nothing() {
    let cell = RcuCell::new(Arc::new(Srcu::new()), 1);
    let other = Srcu::new();
    let section = other.read_lock();
    cell.read(&section);
}

#[test]
fn callbacks_run_in_order_and_before_the_barrier_returns() {
    let (domain, order) = (Mb::new(), Arc::new(Mutex::new(Vec::new())));
    for n in 0..5 {
        let order = order.clone();
        domain.call_rcu(move || order.lock().push(n));
    }
    assert!(order.lock().is_empty(), "nobody has waited yet");
    domain.barrier();
    assert_eq!(*order.lock(), [0, 1, 2, 3, 4]);
    assert_eq!(domain.reclaim(), 0);
}

#[test]
fn a_counter_in_parts_loses_nothing() {
    let count = PerCpuCounter::new(8);
    on_threads(THREADS, |i| (0..TIMES).for_each(|_| count.add(if i == 0 { -1 } else { 1 })));
    let sum = (THREADS as i64 - 2) * TIMES as i64;
    assert_eq!(count.sum(), sum);
    // Each of the four parts that were used holds less than a batch.
    assert!((count.read() - sum).abs() < 4 * 8);
}
