//! A workqueue: functions that are to be run soon, by threads of the queue's own, where they may sleep.
//!
//! **Invariant**: a work item that was queued runs once more, from its start, after [`Workqueue::queue`] gave true, or is cancelled; it never runs twice at the
//! same time; at most `max_active` items of a queue are with the workers, and who is not waits in order. `queue` of an item that is pending does nothing: pending ends just
//! before the function runs, so what happened before a `queue` that gave false is seen by the run to come.
//!
//! After: Linux's `kernel/workqueue.c`. The kernel shares pools of workers among queues, adds one when the last that runs goes to sleep, and takes a cancelled item
//! out of its list; here each queue has a fixed number of workers, and a cancelled item's entry is passed over. An item belongs to one queue.
//!
//! **A bad choice** for what must run now, or in interrupt context; for items that wait for other items of the same queue, if there may be as many as workers (deadlock);
//! for computation in parallel, which wants work stealing.
//!
//! There is no ordering in this file: all is under locks, and the deque's orderings are crossbeam's. Under loom a list under a lock stands in for that deque.

mod item;
#[cfg(not(loom))]
mod timer;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

pub use item::Work;

use crate::sync::{Injector, shielded, thread};
use crate::waiter::{WaitLock, Waiter};

/// Numbers what is queued, in order.
type Ticket = u64;

/// A queued item, on its way to a worker.
#[derive(Debug)]
struct Entry {
    work: Arc<Work>,
    ticket: Ticket,
}

#[derive(Debug)]
struct Shared {
    max_active: usize,
    /// What workers may take.
    active: Injector<Entry>,
    state: WaitLock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Entries in `Shared::active` or being run.
    active: usize,
    /// What waits until fewer are active.
    inactive: VecDeque<Entry>,
    next: Ticket,
    /// Tickets of what has been queued and is not over.
    unfinished: BTreeSet<Ticket>,
    /// Who waits until all tickets below theirs are over.
    flushers: Vec<(Ticket, Arc<Waiter>)>,
    idle: Vec<Arc<Waiter>>,
    closing: bool,
}

/// A queue and its workers. Dropping it runs what is queued, except for delayed work whose time has not come, and ends the workers.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::Arc;
/// use primitives::workqueue::{Work, Workqueue};
///
/// let queue = Workqueue::ordered();
/// let runs = Arc::new(AtomicUsize::new(0));
/// let count = runs.clone();
/// let work = Work::new(move || {
///     count.fetch_add(1, Ordering::SeqCst);
/// });
/// assert!(queue.queue(&work));
/// queue.flush();
/// assert_eq!(runs.load(Ordering::SeqCst), 1);
/// ```
#[derive(Debug)]
pub struct Workqueue {
    shared: Arc<Shared>,
    workers: Vec<thread::JoinHandle<()>>,
    #[cfg(not(loom))]
    timer: timer::Timer,
}

impl Workqueue {
    /// A queue with so many workers, of whose items at most `max_active` are with them. More than there are workers makes no difference.
    pub fn new(workers: usize, max_active: usize) -> Self {
        let shared = Arc::new(Shared {
            max_active: max_active.max(1),
            active: Injector::new(),
            state: WaitLock::new(State::default()),
        });
        let spawn = |_| {
            let shared = shared.clone();
            thread::spawn(move || shared.work())
        };
        Workqueue {
            workers: (0..workers.max(1)).map(spawn).collect(),
            #[cfg(not(loom))]
            timer: timer::Timer::new(),
            shared,
        }
    }

    /// A queue that runs one item at a time, in the order in which they were queued.
    pub fn ordered() -> Self {
        Workqueue::new(1, 1)
    }

    /// Queues an item. False if it was pending already, or is being cancelled.
    pub fn queue(&self, work: &Arc<Work>) -> bool {
        self.shared.queue(work)
    }

    /// Queues an item when `delay` has passed; it is pending from now on. False as for [`Workqueue::queue`].
    #[cfg(not(loom))]
    pub fn queue_delayed(&self, work: &Arc<Work>, delay: std::time::Duration) -> bool {
        let Some(due) = work.delay() else { return false };
        let (shared, work) = (self.shared.clone(), work.clone());
        self.timer.at(std::time::Instant::now() + delay, Box::new(move || shared.expire(&work, due)));
        true
    }

    /// Waits until what has been queued on an item so far is over; delayed work is queued at once. False if there was nothing to wait for.
    pub fn flush_work(&self, work: &Arc<Work>) -> bool {
        if let Some(due) = work.due() {
            self.shared.expire(work, due);
        }
        work.wait_until_over()
    }

    /// Makes an item not pending, waits while it runs, and keeps it from being queued meanwhile, also by itself. True if it was pending.
    pub fn cancel_sync(&self, work: &Arc<Work>) -> bool {
        let (was_pending, again) = work.begin_cancel();
        if let Some(ticket) = again {
            self.shared.over(ticket);
        }
        work.wait_until_over();
        work.end_cancel();
        was_pending
    }

    /// Waits until everything that was queued before the call is over; not for delayed work whose time has not come.
    pub fn flush(&self) {
        let waiter = self.shared.state.with(|state| {
            state.unfinished.first()?;
            let waiter = Waiter::new();
            state.flushers.push((state.next, waiter.clone()));
            Some(waiter)
        });
        if let Some(waiter) = waiter {
            waiter.wait();
        }
    }
}

impl Drop for Workqueue {
    fn drop(&mut self) {
        #[cfg(not(loom))]
        self.timer.close();
        self.flush();
        let idle = self.shared.state.with(|state| {
            state.closing = true;
            core::mem::take(&mut state.idle)
        });
        idle.iter().for_each(|waiter| waiter.wake());
        for worker in self.workers.drain(..) {
            // A worker does not panic: what the items throw is caught.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn queue(&self, work: &Arc<Work>) -> bool {
        let ticket = || self.state.with(State::issue);
        match work.pend(ticket) {
            item::Pend::Refused => false,
            item::Pend::AfterThisRun => true,
            item::Pend::Now(ticket) => {
                self.admit(Entry { work: work.clone(), ticket });
                true
            }
        }
    }

    /// The delay of `work` that is called `due` is over.
    fn expire(&self, work: &Arc<Work>, due: u64) {
        let ticket = || self.state.with(State::issue);
        if let Some(ticket) = work.come_due(due, ticket) {
            self.admit(Entry { work: work.clone(), ticket });
        }
    }

    /// Gives an entry to the workers, or lets it wait until fewer are active.
    fn admit(&self, entry: Entry) {
        let entry = self.state.with(|state| {
            if state.active < self.max_active {
                state.active += 1;
                return Some(entry);
            }
            state.inactive.push_back(entry);
            None
        });
        if let Some(entry) = entry {
            self.give_to_workers(entry);
        }
    }

    fn give_to_workers(&self, entry: Entry) {
        self.active.push(entry);
        // After the push: a worker that is not idle yet looks once more after it has become so.
        if let Some(waiter) = self.state.with(|state| state.idle.pop()) {
            waiter.wake();
        }
    }

    /// A worker's life.
    fn work(&self) {
        loop {
            if let Some(entry) = self.active.take() {
                self.run(entry);
                continue;
            }
            let waiter = Waiter::new();
            let closing = self.state.with(|state| {
                state.idle.push(waiter.clone());
                state.closing
            });
            if closing {
                return;
            }
            // What was pushed before this worker became idle has woken nobody.
            if let Some(entry) = self.active.take() {
                self.state.with(|state| state.idle.retain(|idle| !Arc::ptr_eq(idle, &waiter)));
                self.run(entry);
                continue;
            }
            waiter.wait();
        }
    }

    fn run(&self, entry: Entry) {
        if let Some(number) = entry.work.begin_run() {
            shielded(|| entry.work.call());
            if let Some(ticket) = entry.work.end_run(number) {
                self.admit(Entry { work: entry.work.clone(), ticket });
            }
        }
        self.over(entry.ticket);
        let next = self.state.with(|state| {
            let next = state.inactive.pop_front();
            state.active -= usize::from(next.is_none());
            next
        });
        if let Some(entry) = next {
            self.give_to_workers(entry);
        }
    }

    /// What that ticket stood for has been run, or will not be.
    fn over(&self, ticket: Ticket) {
        let woken = self.state.with(|state| {
            state.unfinished.remove(&ticket);
            let first = state.unfinished.first().copied().unwrap_or(Ticket::MAX);
            let (over, rest) =
                core::mem::take(&mut state.flushers).into_iter().partition(|(all_below, _)| *all_below <= first);
            state.flushers = rest;
            let over: Vec<(Ticket, Arc<Waiter>)> = over;
            over
        });
        for (_, waiter) in woken {
            waiter.wake();
        }
    }
}

impl State {
    fn issue(&mut self) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.unfinished.insert(ticket);
        ticket
    }
}
