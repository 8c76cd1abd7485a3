//! One work item: its function, and what has become of it.
//! The invariant: `again` is there only while the item is both pending and running. While it is pending otherwise, an entry with it is on its way to a worker, or a timer
//! will make one.

use core::fmt;
use std::sync::Arc;

use super::Ticket;
use crate::waiter::{WaitLock, Waiter};

/// A function that can be queued, on one queue.
pub struct Work {
    function: Box<dyn Fn() + Send + Sync>,
    state: WaitLock<State>,
}

#[derive(Debug, Default)]
struct State {
    pending: bool,
    running: bool,
    /// Queued while it runs: to be queued when it has run.
    again: Option<Ticket>,
    /// Waits for its time, which is called so.
    due: Option<u64>,
    /// Delays so far: names for `due`.
    delays: u64,
    /// Cancellations under way; while there are any, it cannot be queued.
    cancelling: usize,
    /// How often it was queued, and how many of these are over.
    queued: u64,
    over: u64,
    /// Who waits until so many are over.
    waiters: Vec<(u64, Arc<Waiter>)>,
}

/// What becomes of an item that is to be queued.
pub(super) enum Pend {
    /// It is pending, or being cancelled.
    Refused,
    /// It runs; its worker will queue it.
    AfterThisRun,
    /// It is to be queued, with that ticket.
    Now(Ticket),
}

impl Work {
    /// An item that runs `function`. What it throws ends the run and nothing else.
    pub fn new(function: impl Fn() + Send + Sync + 'static) -> Arc<Work> {
        Arc::new(Work { function: Box::new(function), state: WaitLock::new(State::default()) })
    }

    /// Whether it is queued and has not begun to run since: a hint, out of date at once.
    pub fn is_pending(&self) -> bool {
        self.state.with(|state| state.pending)
    }

    pub(super) fn call(&self) {
        (self.function)();
    }

    /// Makes it pending.
    pub(super) fn pend(&self, ticket: impl FnOnce() -> Ticket) -> Pend {
        self.state.with(|state| {
            if !state.make_pending() {
                return Pend::Refused;
            }
            let ticket = ticket();
            if state.running {
                state.again = Some(ticket);
                return Pend::AfterThisRun;
            }
            Pend::Now(ticket)
        })
    }

    /// Makes it pending, to be queued later; gives that time's name.
    #[cfg(not(loom))]
    pub(super) fn delay(&self) -> Option<u64> {
        self.state.with(|state| {
            if !state.make_pending() {
                return None;
            }
            state.delays += 1;
            state.due = Some(state.delays);
            state.due
        })
    }

    /// The name of the time that it waits for, if it does.
    pub(super) fn due(&self) -> Option<u64> {
        self.state.with(|state| state.due)
    }

    /// That time has come. Gives the ticket to queue it with, unless it waits for it no more, or runs.
    pub(super) fn come_due(&self, due: u64, ticket: impl FnOnce() -> Ticket) -> Option<Ticket> {
        self.state.with(|state| {
            if state.due != Some(due) {
                return None;
            }
            state.due = None;
            let ticket = ticket();
            if state.running {
                state.again = Some(ticket);
                return None;
            }
            Some(ticket)
        })
    }

    /// A worker has an entry with it. Gives which queueing it is that runs; none if that was cancelled, or another entry has been faster.
    pub(super) fn begin_run(&self) -> Option<u64> {
        self.state.with(|state| {
            // An entry that was cancelled may come while the item waits for its time, or is to run again after this run.
            if !state.pending || state.running || state.due.is_some() {
                return None;
            }
            state.pending = false;
            state.running = true;
            Some(state.queued)
        })
    }

    /// It has run. Gives the ticket to queue it again with.
    pub(super) fn end_run(&self, number: u64) -> Option<Ticket> {
        let (again, woken) = self.state.with(|state| {
            state.running = false;
            let woken = state.set_over(number);
            (state.again.take(), woken)
        });
        wake(woken);
        again
    }

    /// Makes it not pending, and lets nobody queue it. Whether it was pending, and the ticket if it was to run again.
    pub(super) fn begin_cancel(&self) -> (bool, Option<Ticket>) {
        let (was_pending, again, woken) = self.state.with(|state| {
            state.cancelling += 1;
            let was_pending = core::mem::take(&mut state.pending);
            state.due = None;
            let woken = if state.running { Vec::new() } else { state.set_over(state.queued) };
            (was_pending, state.again.take(), woken)
        });
        wake(woken);
        (was_pending, again)
    }

    pub(super) fn end_cancel(&self) {
        self.state.with(|state| state.cancelling -= 1);
    }

    /// Waits until all that has been queued is over. False if it is.
    pub(super) fn wait_until_over(&self) -> bool {
        let waiter = self.state.with(|state| {
            if !state.pending && !state.running {
                return None;
            }
            let waiter = Waiter::new();
            state.waiters.push((state.queued, waiter.clone()));
            Some(waiter)
        });
        if let Some(waiter) = &waiter {
            waiter.wait();
        }
        waiter.is_some()
    }
}

impl State {
    fn make_pending(&mut self) -> bool {
        if self.pending || self.cancelling > 0 {
            return false;
        }
        self.pending = true;
        self.queued += 1;
        true
    }

    /// The run that was queued as `number` is over, and so is a later one that was cancelled. Gives who waited for it.
    fn set_over(&mut self, number: u64) -> Vec<(u64, Arc<Waiter>)> {
        self.over = if self.pending { number } else { self.queued };
        let over = self.over;
        let (woken, rest) = core::mem::take(&mut self.waiters).into_iter().partition(|(until, _)| *until <= over);
        self.waiters = rest;
        woken
    }
}

fn wake(waiters: Vec<(u64, Arc<Waiter>)>) {
    for (_, waiter) in waiters {
        waiter.wake();
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("state", &self.state).finish_non_exhaustive()
    }
}
