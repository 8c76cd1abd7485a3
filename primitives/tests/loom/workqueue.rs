//! The workqueue under loom: its workers are loom threads, and the deque is a list under loom's mutex. Delayed work needs a clock, which loom has not:
//! that is tested on real threads.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use primitives::workqueue::{Work, Workqueue};

use crate::support::{Plain, explore_bounded};

/// An item that counts its runs in plain memory: two at once, or one that does not see what was before it, fail the model.
fn counting() -> (Arc<Plain>, std::sync::Arc<Work>) {
    let runs = Arc::new(Plain::new(0));
    let count = runs.clone();
    (runs, Work::new(move || count.add(1)))
}

#[test]
fn a_flush_returns_after_the_run_and_sees_what_it_did() {
    explore_bounded(2, || {
        let (runs, work) = counting();
        let queue = Workqueue::ordered();
        runs.add(10);
        assert!(queue.queue(&work));
        queue.flush_work(&work);
        assert_eq!(runs.get(), 11);
    });
}

#[test]
fn a_flush_of_the_queue_returns_after_all_runs() {
    explore_bounded(1, || {
        let (runs, work) = counting();
        let (other_runs, other) = counting();
        let queue = Workqueue::ordered();
        queue.queue(&work);
        queue.queue(&other);
        queue.flush();
        assert_eq!((runs.get(), other_runs.get()), (1, 1));
    });
}

#[test]
fn an_item_queued_twice_runs_once_or_twice_and_never_at_once() {
    explore_bounded(1, || {
        let (runs, work) = counting();
        let queue = Workqueue::new(2, 2);
        assert!(queue.queue(&work));
        let again = queue.queue(&work);
        queue.flush_work(&work);
        assert_eq!(runs.get(), 1 + u32::from(again), "each queueing that gave true has its run");
        assert!(!queue.flush_work(&work));
    });
}

#[test]
fn a_cancelled_item_does_not_run_and_one_that_runs_is_waited_for() {
    explore_bounded(2, || {
        let (runs, work) = counting();
        let queue = Workqueue::ordered();
        queue.queue(&work);
        let was_pending = queue.cancel_sync(&work);
        assert_eq!(runs.get(), u32::from(!was_pending));
        drop(queue);
        assert_eq!(runs.get(), u32::from(!was_pending), "nor does it run later");
    });
}

#[test]
fn an_item_can_be_queued_again_after_it_was_cancelled() {
    explore_bounded(1, || {
        let (runs, work) = counting();
        let queue = Workqueue::ordered();
        queue.queue(&work);
        let ran = u32::from(!queue.cancel_sync(&work));
        assert!(queue.queue(&work));
        queue.flush_work(&work);
        assert_eq!(runs.get(), ran + 1);
    });
}

#[test]
fn dropping_the_queue_runs_what_is_queued() {
    explore_bounded(2, || {
        let (runs, work) = counting();
        let queue = Workqueue::ordered();
        queue.queue(&work);
        drop(queue);
        assert_eq!(runs.get(), 1);
    });
}

#[test]
fn no_more_than_max_active_items_are_active() {
    explore_bounded(1, || {
        let queue = Workqueue::new(2, 1);
        let inside = Arc::new(AtomicUsize::new(0));
        let item = || {
            let inside = inside.clone();
            Work::new(move || {
                assert_eq!(inside.fetch_add(1, Relaxed), 0);
                inside.fetch_sub(1, Relaxed);
            })
        };
        let (one, other) = (item(), item());
        queue.queue(&one);
        queue.queue(&other);
        queue.flush();
    });
}
