//! The counting semaphore: so many may go in; who comes when none is left sleeps, and is served in order.
//!
//! **Invariant**: while somebody waits, the count is zero. `up` gives its unit to the first who waits, and adds it to the count only if nobody does, so that no
//! unit is in both places, and nobody who comes later can take it.
//!
//! After: Linux's `kernel/locking/semaphore.c`; Dijkstra (1965).
//!
//! **A bad choice** as a mutex (nobody owns it: there is no spinning on the owner, and whoever likes may release it), and wherever handing over to a sleeper each
//! time costs too much.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::sync::const_fn;
use crate::waiter::{WaitLock, Waiter};

/// A counting semaphore.
///
/// ```
/// use primitives::semaphore::Semaphore;
///
/// let places = Semaphore::new(2);
/// places.down();
/// places.down();
/// assert!(!places.try_down());
/// places.up();
/// assert!(places.try_down());
/// ```
#[derive(Debug)]
pub struct Semaphore {
    state: WaitLock<State>,
}

#[derive(Debug)]
struct State {
    count: usize,
    waiters: VecDeque<Arc<Waiter>>,
}

impl Semaphore {
    const_fn! {
        /// A semaphore with so many units.
        pub fn new(count: usize) -> Self {
            Semaphore { state: WaitLock::new(State { count, waiters: VecDeque::new() }) }
        }
    }

    /// Takes a unit, sleeping until there is one.
    pub fn down(&self) {
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

    /// Takes a unit if there is one.
    pub fn try_down(&self) -> bool {
        self.state.with(State::take)
    }

    /// Gives a unit: to the first who waits, or to whoever comes.
    pub fn up(&self) {
        let first = self.state.with(|state| {
            let first = state.waiters.pop_front();
            state.count += usize::from(first.is_none());
            first
        });
        if let Some(waiter) = first {
            waiter.wake();
        }
    }
}

impl State {
    fn take(&mut self) -> bool {
        let some = self.count > 0;
        self.count -= usize::from(some);
        some
    }
}
