//! What the models share: running threads, and a counter that loom watches.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// Explores every execution of `f`.
pub(crate) fn explore(f: impl Fn() + Send + Sync + 'static) {
    explore_within(None, f);
}

/// Explores the executions of `f` with at most so many preemptions: most bugs need one or two (Musuvathi and Qadeer 2007), and three
/// threads have too many executions otherwise.
pub(crate) fn explore_bounded(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    explore_within(Some(preemptions), f);
}

/// `LOOM_MAX_PREEMPTIONS` bounds every model further, which is what the part that runs with every change sets.
pub(crate) fn explore_within(preemptions: Option<usize>, f: impl Fn() + Send + Sync + 'static) {
    let executions = std::sync::Arc::new(AtomicUsize::new(0));
    let count = executions.clone();
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 4_000;
    builder.preemption_bound = builder.preemption_bound.into_iter().chain(preemptions).min();
    builder.check(move || {
        count.fetch_add(1, Relaxed);
        f();
    });
    // Shown with `--nocapture`.
    let bound = builder.preemption_bound.map_or(String::new(), |n| format!(" with at most {n} preemptions"));
    eprintln!("explored {} executions{bound}: {}", executions.load(Relaxed), thread_name());
}

fn thread_name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

/// Runs `f(0)`, `f(1)` ... on a thread each, the last on this one, and waits for all.
pub(crate) fn on_threads<S: 'static>(threads: usize, shared: &Arc<S>, f: impl Fn(&S, usize) + Copy + 'static) {
    let spawn = |i| {
        let shared = shared.clone();
        thread::spawn(move || f(&shared, i))
    };
    let others: Vec<_> = (0..threads - 1).map(spawn).collect();
    f(shared, threads - 1);
    for other in others {
        other.join().unwrap();
    }
}

/// Plain memory: two accesses that nothing orders, one of them a write, fail the test, as does a torn or stale value.
pub(crate) struct Plain(UnsafeCell<u32>);

// SAFETY: loom checks each access to the cell.
unsafe impl Sync for Plain {}
// SAFETY: as above.
unsafe impl Send for Plain {}

impl Plain {
    pub(crate) fn new(value: u32) -> Self {
        Plain(UnsafeCell::new(value))
    }

    pub(crate) fn add(&self, n: u32) {
        // SAFETY: loom has checked that nobody else has it.
        self.0.with_mut(|p| unsafe { *p += n });
    }

    pub(crate) fn get(&self) -> u32 {
        // SAFETY: loom has checked that nobody writes it.
        self.0.with(|p| unsafe { *p })
    }
}
