//! The threads of a search, where there are any.
//!
//! Invariant: each item is worked on by one thread alone, so that nothing depends on which.

/// Runs `work` where [`for_each`] has this many threads.
#[cfg(feature = "threads")]
pub(super) fn with_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    if threads < 2 {
        return work();
    }
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        // The system gives no more threads: the result is the same with this one, only later.
        Err(_) => work(),
    }
}

/// Runs `work`, where [`for_each`] has one thread.
#[cfg(not(feature = "threads"))]
pub(super) fn with_threads<R: Send>(_threads: usize, work: impl FnOnce() -> R + Send) -> R {
    work()
}

/// Works on each item, side by side if `parallel`.
#[cfg(feature = "threads")]
pub(super) fn for_each<T: Send>(parallel: bool, items: &mut [T], work: impl Fn(usize, &mut T) + Send + Sync) {
    use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
    if parallel && items.len() > 1 {
        items.par_iter_mut().enumerate().with_max_len(1).for_each(|(index, item)| work(index, item));
    } else {
        items.iter_mut().enumerate().for_each(|(index, item)| work(index, item));
    }
}

/// Works on each item.
#[cfg(not(feature = "threads"))]
pub(super) fn for_each<T: Send>(_parallel: bool, items: &mut [T], work: impl Fn(usize, &mut T) + Send + Sync) {
    items.iter_mut().enumerate().for_each(|(index, item)| work(index, item));
}
