//! Waiting for work: `flush_work`, `flush_workqueue`, `cancel_work_sync`, `drain_workqueue`. Four bytes of each task: what it flushes, how far the list
//! of what is pending goes that it waits for, and the workers that it waits for, as bits (2).
//!
//! Invariant: a flush waits for what was pending or running when it was called, and for nothing that is queued later; what it waits for and is then
//! cancelled it waits for no longer. (`kernel/workqueue.c`:
//! `start_flush_work`, `__flush_workqueue`, `__drain_workqueue`.)

use super::bytes::{get16, set16};
use super::event::What;
use super::kernel::ORDINARY;
use super::layout::Origin;
use super::lock::Given;
use super::lockdep::LockEvent;
use super::workqueue::Pending;
use super::{Machine, Run};
use crate::finding::Kind;
use crate::model::Observer;
use crate::program::KernelCall;

/// The bytes of a flush.
pub(super) const FLUSH_SIZE: usize = 4;

const WHAT: usize = 0;
const LIST: usize = 1;
const WORKERS: usize = 2;

/// It waits for one item: `LIST` is the item's place in the list plus one, 0 once it was begun.
const ITEM: u8 = 1;
/// It waits for those of a queue: `LIST` is how many items stood in the list.
const QUEUE: u8 = 2;

impl Machine {
    fn flush(&self, context: usize) -> Option<usize> {
        self.layout.contexts[context].flush
    }

    /// The tasks that flush something, and where their bytes are.
    fn flushers<'s>(&'s self, s: &'s [u8]) -> impl Iterator<Item = (usize, usize)> + 's {
        let flushes = |context| self.flush(context).filter(|at| s[at + WHAT] != 0).map(|at| (context, at));
        (0..self.layout.contexts.len()).filter_map(flushes)
    }

    /// Workers count from the lowest bit on, softirqs from the highest.
    fn bit(&self, worker: usize) -> u16 {
        match self.layout.contexts[worker].origin {
            Origin::Softirq { cpu } => 0x8000 >> cpu,
            _ => 1 << (worker - self.workers().start),
        }
    }

    /// An item goes off the list: worker `runs` has begun it, or nobody will.
    pub(super) fn flushes_see_gone(&self, s: &mut [u8], nth: usize, entry: Pending, runs: Option<usize>) {
        let all: Vec<(usize, usize)> = self.flushers(s).collect();
        for (context, at) in all {
            let (list, item) = (s[at + LIST] as usize, s[at + WHAT] == ITEM);
            let queue = if item { None } else { self.next_object(s, context) };
            let waited_for =
                if item { list == nth + 1 } else { nth < list && queue == Some(entry.queue) && !entry.delayed };
            if let Some(worker) = runs.filter(|_| waited_for) {
                set16(s, at + WORKERS, get16(s, at + WORKERS) | self.bit(worker));
            }
            if item && waited_for {
                s[at + LIST] = 0;
            } else if nth < list {
                s[at + LIST] -= 1;
            }
        }
    }

    /// A worker has done its item.
    pub(super) fn flushes_see_end(&self, s: &mut [u8], worker: usize) {
        let all: Vec<(usize, usize)> = self.flushers(s).collect();
        for (_, at) in all {
            set16(s, at + WORKERS, get16(s, at + WORKERS) & !self.bit(worker));
        }
    }

    /// The items in the list that a flush waits for.
    fn flushed_items<'s>(&'s self, s: &'s [u8], context: usize, at: usize) -> impl Iterator<Item = usize> + 's {
        let (list, item) = (s[at + LIST] as usize, s[at + WHAT] == ITEM);
        let queue = if item { None } else { self.next_object(s, context) };
        let mine = move |(nth, entry): &(usize, Pending)| {
            if item { nth + 1 == list } else { *nth < list && Some(entry.queue) == queue && !entry.delayed }
        };
        self.pending_works(s).filter(mine).map(|(nth, _)| nth)
    }

    fn flushed_workers<'s>(&'s self, s: &'s [u8], at: usize) -> impl Iterator<Item = usize> + 's {
        self.runners().filter(move |worker| get16(s, at + WORKERS) & self.bit(*worker) != 0)
    }

    /// Whether a flush may go on.
    pub(super) fn may_flush(&self, s: &[u8], context: usize) -> u8 {
        let Some(at) = self.flush(context).filter(|at| s[at + WHAT] != 0) else { return ORDINARY };
        let waits = get16(s, at + WORKERS) != 0 || self.flushed_items(s, context, at).next().is_some();
        if waits { 0 } else { ORDINARY }
    }

    /// Whether a queue has nothing left to do.
    pub(super) fn may_find_empty(&self, s: &[u8], context: usize) -> u8 {
        let Some(queue) = self.next_object(s, context) else { return ORDINARY };
        let queued = self.pending_works(s).any(|(_, entry)| entry.queue == queue && !entry.delayed);
        if queued || self.running_for(s, queue, None).next().is_some() { 0 } else { ORDINARY }
    }

    /// What a task that waits for work waits for: workers first, then items in the list.
    fn waited_work(&self, s: &[u8], context: usize) -> (Vec<usize>, Vec<usize>) {
        match self.next_call(s, context) {
            Some(KernelCall::WqWaitEmpty) => {
                let Some(queue) = self.next_object(s, context) else { return (Vec::new(), Vec::new()) };
                let queued = self.pending_works(s).filter(|(_, entry)| entry.queue == queue && !entry.delayed);
                (self.running_for(s, queue, None).collect(), queued.map(|(nth, _)| nth).collect())
            }
            _ => match self.flush(context).filter(|at| s[at + WHAT] != 0) {
                Some(at) => (self.flushed_workers(s, at).collect(), self.flushed_items(s, context, at).collect()),
                None => (Vec::new(), Vec::new()),
            },
        }
    }

    /// Who a task waits for that waits for work: of several one that must wait itself, if there is one.
    pub(super) fn work_holder(&self, s: &[u8], context: usize) -> Option<usize> {
        let (mut workers, items) = self.waited_work(s, context);
        let begins = |nth| self.keeps_waiting(s, nth).or_else(|| self.idle_worker(s));
        workers.extend(items.into_iter().filter_map(begins));
        let waits = |worker: &usize| self.point(s, *worker).is_none() || self.outcomes(s, *worker) == 0;
        workers.iter().copied().find(waits).or(workers.first().copied())
    }

    /// What a task waits for that waits for work, in words.
    pub(super) fn wanted_work(&self, s: &[u8], context: usize) -> String {
        let (workers, items) = self.waited_work(s, context);
        let holder = self.work_holder(s, context);
        let runs = holder.filter(|worker| workers.contains(worker));
        let work = match (runs, items.first()) {
            (Some(worker), _) => self.running_item(s, worker).map(|(work, ..)| work),
            (None, Some(nth)) => self.pending_item(s, *nth).map(|entry| entry.work),
            (None, None) => None,
        };
        let name = work.map_or("work".to_owned(), |work| self.name_of(self.address_at(work)));
        match (runs, holder.filter(|worker| self.running_item(s, *worker).is_some())) {
            (Some(worker), _) => format!("{name}, which {} runs, to end", self.name(worker)),
            (None, Some(worker)) => format!("{name}, which is queued behind what {} runs, to end", self.name(worker)),
            (None, None) => format!("{name}, which is queued, to end"),
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// Tells the validator that a map is waited for.
    fn waits_for_map(&mut self, event: LockEvent, at: usize) {
        if O::LOCKS && self.m.lockdep {
            // With bottom halves off, as softirqs take the map too (`touch_work_lockdep_map`).
            let event = match event {
                LockEvent::Acquire if Machine::is_for_softirqs(self.s, at) => LockEvent::Touch,
                LockEvent::FlushIdle if Machine::is_for_softirqs(self.s, at) => return,
                event => event,
            };
            let (map, place) = (Machine::map_of(self.s, at), self.place());
            self.m.tell_map(self.s, self.context, event, place, map, self.o);
        }
    }

    pub(super) fn waits_for_queue(&mut self, queue: usize) {
        self.waits_for_map(LockEvent::Acquire, queue);
    }

    /// Whoever works for a queue that reclaim relies on must not wait for one that needs memory to go on. (`check_flush_dependency`)
    fn check_dependency(&mut self, queue: usize, address: u64) {
        let own = self.m.worker_queue(self.s, self.context);
        let reclaims = own.is_some_and(|own| Machine::is_for_reclaim(self.s, own, false));
        if reclaims && !Machine::is_for_reclaim(self.s, queue, true) {
            self.symptom_at(Kind::FlushDependency, 0, address);
        }
    }

    /// The wait is over.
    fn flushed(&mut self, at: usize) {
        self.s[at..at + FLUSH_SIZE].fill(0);
        self.gave_up = true;
    }

    fn is_flushing(&self) -> Option<usize> {
        self.m.flush(self.context).filter(|at| self.s[at + WHAT] != 0)
    }

    /// Waits at this very call.
    fn begin_flush(&mut self, what: u8, list: usize, workers: u16, address: u64) -> Given {
        if let Some(at) = self.m.flush(self.context) {
            self.s[at + WHAT] = what;
            self.s[at + LIST] = list as u8;
            set16(self.s, at + WORKERS, workers);
        }
        self.gave_up = true;
        self.tell(What::Queued { object: address });
        None
    }

    /// `flush_work()`; with `cancel` the second half of `cancel_work_sync()`.
    pub(super) fn flush_work(&mut self, work: u64, cancel: bool) -> Given {
        if let Some(at) = self.is_flushing() {
            self.flushed(at);
            self.tell(What::Work { work, verb: "sees done", on: None });
            return Some(1);
        }
        let Some(at) = self.item(work)? else { return Some(0) };
        let listed = self.m.place_in_list(self.s, at).and_then(|nth| Some((nth, self.m.pending_item(self.s, nth)?)));
        let listed = listed.filter(|(_, entry)| !entry.delayed);
        let running = self.m.running(self.s, at);
        let queue = match (listed, running) {
            (Some((_, entry)), _) => Some(entry.queue),
            (None, Some(worker)) => self.m.worker_queue(self.s, worker),
            (None, None) => None,
        };
        let event = if queue.is_some() { LockEvent::Acquire } else { LockEvent::FlushIdle };
        self.waits_for_map(event, at);
        let Some(queue) = queue else { return Some(0) };
        if !cancel {
            // Behind others of its queue: whoever keeps those from ending keeps this one from beginning.
            if Machine::runs_one_by_one(self.s, queue) {
                self.waits_for_queue(queue);
            }
            self.check_dependency(queue, work);
        }
        match (listed, running) {
            (Some((nth, _)), _) => self.begin_flush(ITEM, nth + 1, 0, work),
            (None, worker) => self.begin_flush(ITEM, 0, worker.map_or(0, |worker| self.m.bit(worker)), work),
        }
    }

    /// `flush_workqueue()`.
    pub(super) fn flush_workqueue(&mut self, wq: u64) -> Given {
        if let Some(at) = self.is_flushing() {
            self.flushed(at);
            return Some(0);
        }
        let queue = self.queue(wq)?;
        self.waits_for_queue(queue);
        self.check_dependency(queue, wq);
        let workers = self.m.running_for(self.s, queue, None).fold(0, |mask, worker| mask | self.m.bit(worker));
        let listed = self.m.pending_works(self.s).filter(|(_, entry)| entry.queue == queue && !entry.delayed);
        match listed.last() {
            None if workers == 0 => Some(0),
            last => self.begin_flush(QUEUE, last.map_or(0, |(nth, _)| nth + 1), workers, wq),
        }
    }

    /// The second part of `drain_workqueue()` and `destroy_workqueue()`.
    pub(super) fn wq_wait_empty(&mut self, wq: u64) -> Given {
        self.queue(wq)?;
        self.gave_up = true;
        Some(0)
    }
}
