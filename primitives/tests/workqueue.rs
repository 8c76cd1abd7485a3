//! The workqueue on real threads, with clocks.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use primitives::completion::Completion;
use primitives::workqueue::{Work, Workqueue};

/// Longer than any test takes.
const LATE: Duration = Duration::from_secs(3600);

fn counting() -> (Arc<AtomicUsize>, Arc<Work>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = runs.clone();
    let add = move || {
        count.fetch_add(1, SeqCst);
    };
    (runs, Work::new(add))
}

#[test]
fn an_ordered_queue_runs_in_the_order_of_queueing() {
    let queue = Workqueue::ordered();
    let order = Arc::new(Mutex::new(Vec::new()));
    let items: Vec<_> = (0..50)
        .map(|n| {
            let order = order.clone();
            Work::new(move || order.lock().unwrap().push(n))
        })
        .collect();
    items.iter().for_each(|work| assert!(queue.queue(work)));
    queue.flush();
    assert_eq!(*order.lock().unwrap(), (0..50).collect::<Vec<_>>());
}

#[test]
fn at_most_max_active_items_run_at_once() {
    let queue = Workqueue::new(4, 2);
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let items: Vec<_> = (0..40)
        .map(|_| {
            let (inside, most) = (inside.clone(), most.clone());
            Work::new(move || {
                most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                std::thread::sleep(Duration::from_micros(200));
                inside.fetch_sub(1, SeqCst);
            })
        })
        .collect();
    items.iter().for_each(|work| assert!(queue.queue(work)));
    queue.flush();
    assert_eq!(most.load(SeqCst), 2, "two sleep beside each other, and never three");
}

#[test]
fn queueing_from_many_threads_gives_one_run_for_each_that_gave_true() {
    let queue = Workqueue::new(2, 2);
    let (runs, work) = counting();
    let queued = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..300 {
                    queued.fetch_add(usize::from(queue.queue(&work)), SeqCst);
                }
            });
        }
    });
    queue.flush_work(&work);
    assert_eq!(runs.load(SeqCst), queued.load(SeqCst));
}

#[test]
fn an_item_that_queues_itself_runs_again_and_can_be_cancelled() {
    let queue = Arc::new(Workqueue::new(2, 2));
    let runs = Arc::new(AtomicUsize::new(0));
    let ran_thrice = Arc::new(Completion::new());
    let me: Arc<Mutex<Option<Arc<Work>>>> = Arc::default();
    let work = {
        let (queue, runs, me, ran_thrice) = (Arc::downgrade(&queue), runs.clone(), me.clone(), ran_thrice.clone());
        Work::new(move || {
            if runs.fetch_add(1, SeqCst) == 2 {
                ran_thrice.complete();
            }
            let me = me.lock().unwrap().clone();
            if let (Some(queue), Some(me)) = (queue.upgrade(), me) {
                queue.queue(&me);
            }
        })
    };
    *me.lock().unwrap() = Some(work.clone());
    queue.queue(&work);
    ran_thrice.wait();
    queue.cancel_sync(&work);
    let after = runs.load(SeqCst);
    queue.flush();
    assert_eq!(runs.load(SeqCst), after, "it runs no more");
    assert!(!work.is_pending());
    *me.lock().unwrap() = None;
}

#[test]
fn a_panic_ends_the_run_and_not_the_worker() {
    let queue = Workqueue::ordered();
    let bad = Work::new(|| std::panic::resume_unwind(Box::new("an item panics")));
    let (runs, good) = counting();
    queue.queue(&bad);
    queue.queue(&good);
    queue.flush();
    assert_eq!(runs.load(SeqCst), 1);
}

#[test]
fn delayed_work_runs_when_its_time_has_come_and_not_before() {
    let queue = Workqueue::ordered();
    let ran_at = Arc::new(Mutex::new(None));
    let done = Arc::new(Completion::new());
    let work = {
        let (ran_at, done) = (ran_at.clone(), done.clone());
        Work::new(move || {
            *ran_at.lock().unwrap() = Some(Instant::now());
            done.complete();
        })
    };
    let queued_at = Instant::now();
    assert!(queue.queue_delayed(&work, Duration::from_millis(20)));
    assert!(!queue.queue(&work) && work.is_pending(), "it is pending while it waits for its time");
    done.wait();
    let ran_at = ran_at.lock().unwrap().expect("it ran");
    assert!(ran_at - queued_at >= Duration::from_millis(20));
}

#[test]
fn delayed_work_is_run_at_once_by_a_flush_and_never_after_a_cancel() {
    let queue = Workqueue::ordered();
    let (runs, work) = counting();
    assert!(queue.queue_delayed(&work, LATE));
    assert!(queue.flush_work(&work));
    assert_eq!(runs.load(SeqCst), 1);
    assert!(queue.queue_delayed(&work, Duration::from_millis(5)));
    assert!(queue.cancel_sync(&work));
    // The timer that was cancelled must not fire for the delay that came after it.
    assert!(queue.queue_delayed(&work, LATE));
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(runs.load(SeqCst), 1);
    assert!(work.is_pending());
    drop(queue);
    assert_eq!(runs.load(SeqCst), 1, "what is not due is not run when the queue goes");
}
