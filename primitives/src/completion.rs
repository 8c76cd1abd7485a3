//! A completion: one thread says that something is done, others sleep until it is. Unlike a bare wake-up it is remembered: who comes
//! later does not wait.
//!
//! **Invariant**: while somebody waits, `done` is zero. Each [`Completion::complete`] lets exactly one waiter go, now or later; after
//! [`Completion::complete_all`] nobody waits any more.
//!
//! After: Linux's `kernel/sched/completion.c`.
//!
//! **A bad choice** for anything with a condition that can become false again: that is a wait queue, or a condition variable.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::sync::const_fn;
use crate::waiter::{WaitLock, Waiter};

/// How often somebody has said that it is done, and has not been waited for; this many, and it is for all and for ever.
const FOR_ALL: u32 = u32::MAX;

/// Something to wait for.
///
/// ```
/// use primitives::completion::Completion;
///
/// let loaded = Completion::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| loaded.complete());
///     loaded.wait();
/// });
/// assert!(!loaded.is_done(), "the one completion has been waited for");
/// ```
#[derive(Debug)]
pub struct Completion {
    state: WaitLock<State>,
}

#[derive(Debug)]
struct State {
    done: u32,
    waiters: VecDeque<Arc<Waiter>>,
}

impl Completion {
    const_fn! {
        /// Not done.
        pub fn new() -> Self {
            Completion { state: WaitLock::new(State { done: 0, waiters: VecDeque::new() }) }
        }
    }

    /// Sleeps until it is done.
    pub fn wait(&self) {
        let waiter = self.state.with(|state| {
            if state.take() {
                return None;
            }
            let waiter = Waiter::new();
            state.waiters.push_back(waiter.clone());
            Some(waiter)
        });
        if let Some(waiter) = waiter {
            waiter.wait();
        }
    }

    /// As [`Completion::wait`] if that would not sleep; else says by `false` that it is not done.
    pub fn try_wait(&self) -> bool {
        self.state.with(State::take)
    }

    /// Lets one waiter go: the first, or who comes next.
    pub fn complete(&self) {
        let first = self.state.with(|state| {
            let first = state.waiters.pop_front();
            if first.is_none() && state.done < FOR_ALL - 1 {
                state.done += 1;
            }
            first
        });
        if let Some(waiter) = first {
            waiter.wake();
        }
    }

    /// Lets all waiters go, and all who will come, until [`Completion::reinit`].
    pub fn complete_all(&self) {
        let waiters = self.state.with(|state| {
            state.done = FOR_ALL;
            core::mem::take(&mut state.waiters)
        });
        for waiter in waiters {
            waiter.wake();
        }
    }

    /// Whether a call of [`Completion::wait`] would return at once: a hint, as another may come first.
    pub fn is_done(&self) -> bool {
        self.state.with(|state| state.done > 0)
    }

    /// Makes it undone. Who calls it knows that nobody still waits for what was before: that is why it asks for the only reference.
    pub fn reinit(&mut self) {
        self.state.with(|state| state.done = 0);
    }
}

impl State {
    fn take(&mut self) -> bool {
        if self.done == FOR_ALL {
            return true;
        }
        let some = self.done > 0;
        self.done -= u32::from(some);
        some
    }
}

impl Default for Completion {
    fn default() -> Self {
        Self::new()
    }
}
