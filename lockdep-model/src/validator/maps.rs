//! What is no lock, but waited for like one: work items and their queues, timers, reclaim.
//!
//! Invariant: these are ordinary acquisitions of maps; whatever they show, the rules for locks show.

use super::{Take, Validator};
use crate::class::{ContextId, InstanceId, Place};
use crate::fact::End;
use crate::settings::Mode;
use serde::{Deserialize, Serialize};

/// What a work item is doing when it is flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// Queued or running.
    Pending,
    /// Neither: the flush has nothing to wait for. The kernel then does not look (6.12); exact mode does.
    Idle,
}

impl Validator {
    /// A worker begins to run a work item of a queue; both were initialised as maps.
    pub fn work_begin(&mut self, worker: ContextId, queue: InstanceId, work: InstanceId, place: Place) {
        self.acquire(worker, queue, Take::write().at(place));
        self.acquire(worker, work, Take::write().at(place));
    }

    /// The work function has returned.
    pub fn work_end(&mut self, worker: ContextId, queue: InstanceId, work: InstanceId, place: Place) {
        self.release(worker, work, place);
        self.release(worker, queue, place);
        self.end(worker, End::Work, place);
    }

    /// `flush_work()`, `cancel_work_sync()`.
    pub fn flush_work(&mut self, context: ContextId, work: InstanceId, state: WorkState, place: Place) {
        if state == WorkState::Pending || self.settings.mode == Mode::Exact {
            self.wait_for(context, work, place);
        }
    }

    /// `flush_workqueue()`, `drain_workqueue()`.
    pub fn flush_queue(&mut self, context: ContextId, queue: InstanceId, place: Place) {
        self.wait_for(context, queue, place);
    }

    /// A timer's callback begins: in a softirq, which was entered before.
    pub fn timer_begin(&mut self, context: ContextId, timer: InstanceId, place: Place) {
        self.acquire(context, timer, Take::write().at(place));
    }

    /// A timer's callback has returned.
    pub fn timer_end(&mut self, context: ContextId, timer: InstanceId, place: Place) {
        self.release(context, timer, place);
    }

    /// `timer_delete_sync()`: waits for the callback, with interrupts off as far as the map is concerned.
    pub fn timer_delete_sync(&mut self, context: ContextId, timer: InstanceId, place: Place) {
        let on = self.context(context).irq.hardirqs_on;
        self.irqs_off(context);
        self.wait_for(context, timer, place);
        if on {
            self.irqs_on(context, place);
        }
    }

    /// An allocation that may reclaim memory (`fs_reclaim`, initialised as a map): whatever reclaim takes may be waited for here.
    pub fn might_reclaim(&mut self, context: ContextId, fs_reclaim: InstanceId, place: Place) {
        self.wait_for(context, fs_reclaim, place);
    }

    /// A copy from or to user space, which may fault: `mmap_lock` is taken for reading then.
    pub fn might_fault(&mut self, context: ContextId, mmap_lock: InstanceId, place: Place) {
        self.might_lock(context, mmap_lock, Take::read().at(place));
    }

    /// What a map stands for is waited for.
    fn wait_for(&mut self, context: ContextId, map: InstanceId, place: Place) {
        self.might_lock(context, map, Take::write().at(place));
    }
}
