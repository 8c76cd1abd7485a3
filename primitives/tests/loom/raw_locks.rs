//! One set of tests for all locks with `lock`, `try_lock` and `unlock`.

use loom::sync::Arc;

use crate::support::{Plain, explore_bounded, explore_within, on_threads};

trait RawLock: Send + Sync + 'static {
    fn new() -> Self;
    fn lock(&self);
    fn try_lock(&self) -> bool;
    /// Called by the holder only.
    fn unlock(&self);
}

struct Shared<L> {
    lock: L,
    value: Plain,
}

fn shared<L: RawLock>() -> Arc<Shared<L>> {
    Arc::new(Shared { lock: L::new(), value: Plain::new(0) })
}

fn add_one<L: RawLock>(s: &Shared<L>) {
    s.lock.lock();
    s.value.add(1);
    s.lock.unlock();
}

/// Every thread adds one, `times` over; at the end the lock is free, and the sum is right.
fn exclusion<L: RawLock>(threads: usize) {
    let s = shared::<L>();
    on_threads(threads, &s, |s, _| add_one(s));
    assert!(s.lock.try_lock(), "the lock is free when all are done");
    assert_eq!(s.value.get(), threads as u32);
    s.lock.unlock();
}

fn twice_each<L: RawLock>() {
    let s = shared::<L>();
    on_threads(2, &s, |s, _| {
        add_one(s);
        add_one(s);
    });
    assert_eq!(s.value.get(), 4);
}

/// One thread locks, the other tries: an attempt that succeeds holds the lock as any other, and one that fails leaves it alone.
fn trying<L: RawLock>() {
    let s = shared::<L>();
    on_threads(2, &s, |s, i| {
        if i == 0 {
            add_one(s);
        } else if s.lock.try_lock() {
            s.value.add(10);
            s.lock.unlock();
        }
    });
    assert!([1, 11].contains(&s.value.get()));
}

/// Both try: at least one succeeds, and never both at once.
fn both_trying<L: RawLock>() {
    let s = shared::<L>();
    on_threads(2, &s, |s, _| {
        if s.lock.try_lock() {
            s.value.add(1);
            s.lock.unlock();
        }
    });
    assert!([1, 2].contains(&s.value.get()));
}

fn held_lock_refuses<L: RawLock>() {
    let s = shared::<L>();
    s.lock.lock();
    on_threads(2, &s, |s, i| {
        if i == 0 {
            assert!(!s.lock.try_lock(), "a held lock is not taken again");
        }
    });
    s.lock.unlock();
    assert!(s.lock.try_lock(), "a failed attempt leaves nothing behind");
    s.lock.unlock();
}

macro_rules! raw_lock_tests {
    ($($module:ident: $lock:ty, $bound:expr;)*) => {$(
        impl RawLock for $lock {
            fn new() -> Self {
                <$lock>::new()
            }
            fn lock(&self) {
                <$lock>::lock(self);
            }
            fn try_lock(&self) -> bool {
                <$lock>::try_lock(self)
            }
            fn unlock(&self) {
                // SAFETY: the tests call it as the holder.
                unsafe { <$lock>::unlock(self) }
            }
        }

        mod $module {
            use super::*;

            #[test]
            fn two_threads_exclude_each_other_and_see_what_the_other_wrote() {
                explore_within($bound, || exclusion::<$lock>(2));
            }

            #[test]
            fn three_threads_exclude_each_other() {
                explore_bounded(2, || exclusion::<$lock>(3));
            }

            #[test]
            fn two_threads_twice_each() {
                explore_bounded(3, twice_each::<$lock>);
            }

            #[test]
            fn an_attempt_beside_a_holder() {
                explore_within($bound, trying::<$lock>);
            }

            #[test]
            fn two_attempts() {
                explore_within($bound, both_trying::<$lock>);
            }

            #[test]
            fn a_held_lock_refuses_and_is_none_the_worse() {
                explore_within($bound, held_lock_refuses::<$lock>);
            }
        }
    )*};
}

// For each lock: how many preemptions bound the models of two threads, if any does.
raw_lock_tests! {
    tas: primitives::spin::tas::RawTasLock, None;
    ttas: primitives::spin::ttas::RawTtasLock, None;
    ticket: primitives::spin::ticket::RawTicketLock, None;
    queued: primitives::spin::queued::RawQueuedLock, None;
    mutex: primitives::mutex::RawMutex, Some(3);
}
