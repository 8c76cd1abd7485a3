//! What is to be run after a grace period.
//! The invariant: callbacks are run in the order in which they were queued, by one thread at a time, each after a grace period that began after it
//! was queued.

use core::fmt;

use crate::sync::Mutex;

type Callback = Box<dyn FnOnce() + Send>;

/// Queued callbacks.
#[derive(Default)]
pub struct Callbacks {
    queued: Mutex<Vec<Callback>>,
    /// Held while a batch waits and is run.
    running: Mutex<()>,
}

impl Callbacks {
    pub(crate) fn new() -> Self {
        Callbacks { queued: Mutex::new(Vec::new()), running: Mutex::new(()) }
    }

    pub(crate) fn push(&self, callback: Callback) {
        // A callback that panicked has not broken the list, which was taken out before.
        self.queued.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(callback);
    }

    /// Takes what is queued, lets a grace period pass, runs it, and gives the number.
    pub(crate) fn run(&self, grace_period: impl FnOnce()) -> usize {
        let _one_at_a_time = self.running.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let batch = core::mem::take(&mut *self.queued.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let number = batch.len();
        if number > 0 {
            grace_period();
        }
        for callback in batch {
            callback();
        }
        number
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks").finish_non_exhaustive()
    }
}
