//! Sequence counters under loom. The data are loom atomics with relaxed accesses, so a reader may see any mixture that the orderings allow.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering::Relaxed};
use primitives::seqlock::{SeqCount, SeqLock};

use crate::support::{explore, explore_bounded, on_threads};

type Pair = SeqLock<[u64; 2], 2>;

fn pair() -> Arc<Pair> {
    Arc::new(SeqLock::new([0, 0]))
}

fn write(lock: &Pair) {
    lock.write(|[a, b]| {
        *a += 1;
        *b += 1;
    });
}

#[test]
fn a_reader_sees_the_halves_of_one_write() {
    explore(|| {
        let lock = pair();
        on_threads(2, &lock, |lock, i| {
            if i == 0 {
                write(lock);
            } else {
                let [a, b] = lock.read();
                assert_eq!(a, b);
            }
        });
        assert_eq!(lock.read(), [1, 1]);
    });
}

#[test]
fn a_reader_beside_two_writes_of_one_writer() {
    explore_bounded(3, || {
        let lock = pair();
        on_threads(2, &lock, |lock, i| {
            if i == 0 {
                write(lock);
                write(lock);
            } else {
                let [a, b] = lock.read();
                assert_eq!(a, b);
            }
        });
    });
}

#[test]
fn an_attempt_to_read_fails_or_sees_one_write() {
    explore(|| {
        let lock = pair();
        on_threads(2, &lock, |lock, i| {
            if i == 0 {
                write(lock);
            } else if let Some([a, b]) = lock.try_read() {
                assert_eq!(a, b);
            }
        });
        assert_eq!(lock.try_read(), Some([1, 1]));
    });
}

#[test]
fn two_writers_lose_no_write() {
    explore_bounded(3, || {
        let lock = pair();
        on_threads(2, &lock, |lock, _| write(lock));
        assert_eq!(lock.read(), [2, 2]);
    });
}

#[test]
fn two_writers_beside_a_reader() {
    explore_bounded(2, || {
        let lock = pair();
        on_threads(3, &lock, |lock, i| {
            if i == 2 {
                let [a, b] = lock.read();
                assert_eq!(a, b);
            } else {
                write(lock);
            }
        });
    });
}

#[test]
fn an_exclusive_reader_sees_one_write() {
    explore(|| {
        let lock = pair();
        on_threads(2, &lock, |lock, i| {
            if i == 0 {
                write(lock);
            } else {
                let [a, b] = lock.read_exclusive();
                assert_eq!(a, b);
            }
        });
    });
}

#[test]
fn a_bare_counter_over_the_users_own_atomics() {
    struct Clock {
        count: SeqCount,
        seconds: AtomicU32,
        minutes: AtomicU32,
    }
    explore(|| {
        let clock = Arc::new(Clock { count: SeqCount::new(), seconds: AtomicU32::new(59), minutes: AtomicU32::new(0) });
        on_threads(2, &clock, |clock, i| {
            if i == 0 {
                clock.count.write_begin();
                clock.seconds.store(0, Relaxed);
                clock.minutes.store(1, Relaxed);
                clock.count.write_end();
                return;
            }
            loop {
                let begun = clock.count.read_begin();
                let time = (clock.minutes.load(Relaxed), clock.seconds.load(Relaxed));
                if !clock.count.read_retry(begun) {
                    assert!([(0, 59), (1, 0)].contains(&time), "{time:?}");
                    return;
                }
                loom::thread::yield_now();
            }
        });
    });
}
