//! A small number for each running thread, as the kernel numbers processors: it indexes static tables of per-thread data.
//! The invariant: no two running threads have the same number; one that ends gives its number back, and what it did happens before what
//! the number's next thread does.

use crate::sync::{AtomicBool, Mutex, Relaxed, shared_static, thread_local};

/// Threads that can have a number at the same time. One more gets none, and what uses numbers must do without.
pub(crate) const SLOTS: usize = if cfg!(loom) { 4 } else { 4096 };

#[derive(Debug)]
struct Numbers {
    /// Given back.
    free: Vec<usize>,
    /// Never given out from here on.
    next: usize,
}

shared_static! {
    static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers { free: Vec::new(), next: 0 });
}

struct Registration(Option<usize>);

impl Registration {
    fn new() -> Self {
        // A thread that panicked in here would have left nothing half done.
        let mut numbers = NUMBERS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let fresh = (numbers.next < SLOTS).then_some(numbers.next);
        let number = numbers.free.pop().or(fresh);
        if number == fresh && fresh.is_some() {
            numbers.next += 1;
        }
        Registration(number)
    }
}

// Loom's statics are gone by the time its threads' locals are dropped, and no model has more threads than numbers.
#[cfg(not(loom))]
impl Drop for Registration {
    fn drop(&mut self) {
        let mut numbers = NUMBERS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        numbers.free.extend(self.0);
    }
}

thread_local! {
    static CURRENT: Registration = Registration::new();
}

/// The number of this thread; none if there are too many threads, or this one is ending.
#[inline]
pub(crate) fn current() -> Option<usize> {
    CURRENT.try_with(|registration| registration.0).ok().flatten()
}

type Asleep = [AtomicBool; SLOTS];

#[cfg(not(loom))]
const fn nobody_asleep() -> Asleep {
    [const { AtomicBool::new(false) }; SLOTS]
}

#[cfg(loom)]
fn nobody_asleep() -> Asleep {
    core::array::from_fn(|_| AtomicBool::new(false))
}

shared_static! {
    static ASLEEP: Asleep = nobody_asleep();
}

/// Runs `sleep`, and lets others know meanwhile that this thread does not run.
pub(crate) fn asleep(sleep: impl FnOnce()) {
    let here = current().map(|number| &ASLEEP[number]);
    // Relaxed, both: a hint for who wonders whether to spin.
    if let Some(asleep) = here {
        asleep.store(true, Relaxed);
    }
    sleep();
    if let Some(asleep) = here {
        asleep.store(false, Relaxed);
    }
}

/// Whether the thread of that number sleeps in one of this crate's locks: a hint. That it lost its processor, or sleeps elsewhere, nobody tells us.
pub(crate) fn is_asleep(number: usize) -> bool {
    ASLEEP[number].load(Relaxed)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn running_threads_have_different_numbers_and_ended_threads_give_theirs_back() {
        let rounds: Vec<Vec<usize>> = (0..50).map(|_| eight_at_once()).collect();
        for numbers in &rounds {
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), 8, "{numbers:?}");
        }
        // 400 threads ran; had none given its number back, the last would have one above 391.
        let highest = rounds.iter().flatten().max().copied();
        assert!(highest < Some(200), "{highest:?}");
    }

    fn eight_at_once() -> Vec<usize> {
        let together = Barrier::new(8);
        thread::scope(|scope| {
            let one = || {
                scope.spawn(|| {
                    let number = super::current();
                    together.wait();
                    number
                })
            };
            let threads: Vec<_> = std::iter::repeat_with(one).take(8).collect();
            threads.into_iter().filter_map(|t| t.join().expect("no panic")).collect()
        })
    }
}
