//! The CLH lock under loom. Handles and the lock free their nodes when they go, which the nodes' `Life` checks.

use loom::sync::Arc;
use primitives::spin::clh::{ClhLock, Handle};

use crate::support::{explore, explore_bounded, on_threads};

fn sum(threads: usize, times: usize) {
    let lock = Arc::new((ClhLock::new(0), times));
    on_threads(threads, &lock, |(lock, times), _| {
        let mut handle = Handle::new();
        for _ in 0..*times {
            lock.with(&mut handle, |n| *n += 1);
        }
    });
    assert_eq!(lock.0.with(&mut Handle::new(), |n| *n), threads * times);
}

#[test]
fn two_threads_exclude_each_other_and_see_what_the_other_wrote() {
    explore(|| sum(2, 1));
}

#[test]
fn three_threads_exclude_each_other() {
    explore_bounded(2, || sum(3, 1));
}

#[test]
fn a_node_taken_over_is_used_again() {
    explore_bounded(3, || sum(2, 2));
}

#[test]
fn a_handle_goes_from_lock_to_lock() {
    explore(|| {
        let locks = Arc::new((ClhLock::new(0), ClhLock::new(0)));
        on_threads(2, &locks, |(one, other), _| {
            let mut handle = Handle::new();
            one.with(&mut handle, |n| *n += 1);
            other.with(&mut handle, |n| *n += 1);
        });
        let mut handle = Handle::new();
        assert_eq!((locks.0.with(&mut handle, |n| *n), locks.1.with(&mut handle, |n| *n)), (2, 2));
    });
}
