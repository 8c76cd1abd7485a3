//! Counting semaphores: first come, first served. Four bytes: unused, magic, count.
//!
//! Invariant: who finds the count at zero joins the queue, and `up` hands the semaphore to the first there (`kernel/locking/semaphore.c`).

use super::bytes::{get16, set16};
use super::event::What;
use super::kernel::{EINTR, ETIME, ORDINARY};
use super::lock::Given;
use super::{Machine, Run, extra};
use crate::model::Observer;
use crate::program::{KernelCall, Sleep};

/// The second byte of an initialised semaphore.
pub(super) const MAGIC: u8 = 4;
const COUNT: usize = 2;
/// The place in the queue of one that was handed the semaphore.
pub(super) const GRANTED: u8 = u8::MAX;

impl Machine {
    /// A context's place in the queue that it waits in; 0 if it is in none.
    pub(super) fn queue_place(&self, s: &[u8], context: usize) -> u8 {
        self.layout.contexts[context].extra.map_or(0, |at| s[at + extra::QUEUE])
    }

    pub(super) fn may_down(&self, s: &[u8], context: usize, sleep: Sleep, timeout: bool) -> u8 {
        if matches!(self.queue_place(s, context), 0 | GRANTED) {
            return ORDINARY;
        }
        self.may_end_wait(s, context, sleep, timeout)
    }

    /// Contexts that wait in the queue of the semaphore at this offset, in no order.
    fn queued(&self, s: &[u8], at: usize) -> Vec<usize> {
        let waits = |c: &usize| {
            !matches!(self.queue_place(s, *c), 0 | GRANTED)
                && matches!(self.next_call(s, *c), Some(KernelCall::SemDown { .. }))
                && self.next_object(s, *c) == Some(at)
        };
        (0..self.layout.contexts.len()).filter(waits).collect()
    }

    fn leave_queue(&self, s: &mut [u8], context: usize, at: usize) {
        let place = self.queue_place(s, context);
        for other in self.queued(s, at) {
            if let Some(extra) = self.layout.contexts[other].extra.filter(|_| self.queue_place(s, other) > place) {
                s[extra + extra::QUEUE] -= 1;
            }
        }
        if let Some(extra) = self.layout.contexts[context].extra {
            s[extra + extra::QUEUE] = 0;
        }
    }
}

impl<O: Observer> Run<'_, O> {
    fn semaphore(&mut self, address: u64) -> Option<usize> {
        let at = self.object(address)?;
        self.check_magic(at, MAGIC, address);
        Some(at)
    }

    pub(super) fn down(&mut self, address: u64) -> Given {
        let at = self.semaphore(address)?;
        let place = self.m.queue_place(self.s, self.context);
        if place == GRANTED {
            if let Some(extra) = self.m.layout.contexts[self.context].extra {
                self.s[extra + extra::QUEUE] = 0;
            }
            self.tell(What::Take { lock: address, verb: "is handed", shared: false });
            return Some(0);
        }
        if place != 0 {
            self.m.leave_queue(self.s, self.context, at);
            if self.outcome == 2 {
                self.signal_arrives();
                return Some(EINTR);
            }
            return Some(ETIME);
        }
        let count = get16(self.s, at + COUNT);
        if count > 0 {
            set16(self.s, at + COUNT, count - 1);
            self.tell(What::Take { lock: address, verb: "takes", shared: false });
            return Some(0);
        }
        self.join_queue(at, address);
        None
    }

    /// Waits at this very call: the context stays where it stands.
    fn join_queue(&mut self, at: usize, address: u64) {
        let place = self.m.queued(self.s, at).len() as u8 + 1;
        if let Some(extra) = self.m.layout.contexts[self.context].extra {
            self.s[extra + extra::QUEUE] = place;
        }
        self.gave_up = true;
        self.tell(What::Queued { object: address });
    }

    pub(super) fn try_down(&mut self, address: u64) -> Given {
        let at = self.semaphore(address)?;
        let count = get16(self.s, at + COUNT);
        if count == 0 {
            self.tell(What::Refused { lock: address });
            return Some(0);
        }
        set16(self.s, at + COUNT, count - 1);
        self.tell(What::Take { lock: address, verb: "takes", shared: false });
        Some(1)
    }

    pub(super) fn up(&mut self, address: u64) -> Given {
        let at = self.semaphore(address)?;
        self.tell(What::Give { lock: address, verb: "ups" });
        let queue = self.m.queued(self.s, at);
        match queue.iter().copied().min_by_key(|c| self.m.queue_place(self.s, *c)) {
            Some(first) => {
                self.m.leave_queue(self.s, first, at);
                if let Some(extra) = self.m.layout.contexts[first].extra {
                    self.s[extra + extra::QUEUE] = GRANTED;
                }
                self.tell(What::Task { context: first as u8, verb: "wakes" });
            }
            None => {
                let count = get16(self.s, at + COUNT);
                set16(self.s, at + COUNT, count.saturating_add(1));
            }
        }
        Some(0)
    }
}
