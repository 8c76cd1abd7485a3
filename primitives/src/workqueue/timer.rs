//! The thread that queues delayed work when its time has come.
//! The invariant: what is due is called once, not before its time, in the order of the times; after [`Timer::close`] nothing is called.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

type Call = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By time, and among equal times in the order in which they came.
    calls: BTreeMap<(Instant, u64), Call>,
    next: u64,
    closing: bool,
    thread: Option<thread::JoinHandle<()>>,
}

/// Calls functions at times.
pub(super) struct Timer {
    shared: Arc<Shared>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn run(&self) {
        let mut state = self.state();
        while !state.closing {
            let now = Instant::now();
            match state.calls.first_key_value().map(|((time, _), _)| *time) {
                Some(time) if time <= now => {
                    let call = state.calls.pop_first();
                    drop(state);
                    if let Some((_, call)) = call {
                        call();
                    }
                    state = self.state();
                }
                Some(time) => {
                    state = self
                        .changed
                        .wait_timeout(state, time - now)
                        .map_or_else(|poisoned| poisoned.into_inner().0, |(state, _)| state);
                }
                None => state = self.changed.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner()),
            }
        }
    }
}

impl Timer {
    pub(super) fn new() -> Self {
        Timer { shared: Arc::default() }
    }

    /// Calls `call` at `time`. The first use starts the thread.
    pub(super) fn at(&self, time: Instant, call: Call) {
        let mut state = self.shared.state();
        let number = state.next;
        state.next += 1;
        state.calls.insert((time, number), call);
        if state.thread.is_none() {
            let shared = self.shared.clone();
            state.thread = Some(thread::spawn(move || shared.run()));
        }
        self.shared.changed.notify_one();
    }

    /// Ends the thread, and drops what is not due.
    pub(super) fn close(&self) {
        let mut state = self.shared.state();
        state.closing = true;
        let (thread, calls) = (state.thread.take(), core::mem::take(&mut state.calls));
        drop(state);
        self.shared.changed.notify_one();
        if let Some(thread) = thread {
            // It has nothing to panic with.
            let _ = thread.join();
        }
        drop(calls);
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").finish_non_exhaustive()
    }
}
