//! The MCS lock under loom.

use loom::sync::Arc;
use primitives::spin::mcs::McsLock;

use crate::support::{explore, explore_bounded, on_threads};

#[test]
fn two_threads_exclude_each_other_and_see_what_the_other_wrote() {
    explore(|| {
        let lock = Arc::new(McsLock::new(0));
        on_threads(2, &lock, |lock, _| lock.with(|n| *n += 1));
        assert_eq!(lock.with(|n| *n), 2);
    });
}

#[test]
fn three_threads_exclude_each_other() {
    explore_bounded(2, || {
        let lock = Arc::new(McsLock::new(0));
        on_threads(3, &lock, |lock, _| lock.with(|n| *n += 1));
        assert_eq!(lock.with(|n| *n), 3);
    });
}

#[test]
fn two_threads_twice_each() {
    explore_bounded(3, || {
        let lock = Arc::new(McsLock::new(0));
        on_threads(2, &lock, |lock, _| {
            lock.with(|n| *n += 1);
            lock.with(|n| *n += 1);
        });
        assert_eq!(lock.with(|n| *n), 4);
    });
}

#[test]
fn an_attempt_beside_a_holder() {
    explore(|| {
        let lock = Arc::new(McsLock::new(0));
        on_threads(2, &lock, |lock, i| {
            if i == 0 {
                lock.with(|n| *n += 1);
            } else {
                lock.try_with(|n| *n += 10);
            }
        });
        assert!([1, 11].contains(&lock.with(|n| *n)));
    });
}

#[test]
fn two_attempts() {
    explore(|| {
        let lock = Arc::new(McsLock::new(0));
        on_threads(2, &lock, |lock, _| {
            lock.try_with(|n| *n += 1);
        });
        assert!([1, 2].contains(&lock.with(|n| *n)));
    });
}

#[test]
fn a_held_lock_refuses_and_is_none_the_worse() {
    explore(|| {
        let lock = Arc::new(McsLock::new(0));
        lock.with(|_| assert!(lock.try_with(|_| ()).is_none()));
        assert!(lock.try_with(|_| ()).is_some());
    });
}
