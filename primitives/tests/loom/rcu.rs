//! The flavours of RCU under loom. The value is plain memory: an updater writes into what it gets back, as the next owner of the memory would, so that a reader
//! that still looks at it is found.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use primitives::rcu::{Domain, RcuCell, mb::Mb, qsbr::Qsbr};
use primitives::srcu::Srcu;

use crate::support::{Plain, explore_bounded, on_threads};

struct Shared<D: Domain> {
    domain: std::sync::Arc<D>,
    cell: RcuCell<Plain, D>,
}

fn shared<D: Domain>(domain: D) -> Arc<Shared<D>> {
    let domain = std::sync::Arc::new(domain);
    Arc::new(Shared { cell: RcuCell::new(domain.clone(), Plain::new(1)), domain })
}

impl<D: Domain> Shared<D> {
    /// Replaces the value, and uses the memory of the old.
    fn update(&self, value: u32) {
        let old = self.cell.replace(Plain::new(value));
        old.add(100);
    }

    /// As `update`, by a callback.
    fn update_later(&self, value: u32) {
        self.cell.replace_later(Plain::new(value));
    }
}

/// Two sections in a row. What they read was whole, and never freed; a later one never sees older than an earlier.
fn reads(mut section: impl FnMut() -> u32) {
    let mut last = 0;
    for _ in 0..2 {
        let value = section();
        assert!((1..100).contains(&value) && value >= last, "{value} after {last}");
        last = value;
    }
}

/// An updater beside so many readers.
fn readers_beside_an_updater<D: Domain + 'static>(
    preemptions: usize,
    readers: usize,
    domain: fn() -> D,
    read: fn(&Shared<D>),
) {
    explore_bounded(preemptions, move || {
        let s = shared(domain());
        on_threads(1 + readers, &s, move |s, i| if i == 0 { s.update(2) } else { read(s) });
    });
}

/// A callback that is run while another thread reads.
fn a_callback_beside_a_reader<D: Domain + 'static>(domain: fn() -> D, run: fn(&D), read: fn(&Shared<D>)) {
    explore_bounded(2, move || {
        let s = shared(domain());
        on_threads(2, &s, move |s, i| {
            if i == 0 {
                s.update_later(2);
                run(&s.domain);
            } else {
                read(s);
            }
        });
    });
}

mod mb {
    use super::*;

    fn read(s: &Shared<Mb>) {
        let reader = s.domain.register();
        reads(|| s.cell.read(&reader.read_lock()).get());
    }

    #[test]
    fn a_reader_beside_an_updater() {
        readers_beside_an_updater(3, 1, Mb::new, read);
    }

    #[test]
    fn a_reader_beside_two_updates() {
        explore_bounded(2, || {
            let s = shared(Mb::new());
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.update(2);
                    s.update(3);
                } else {
                    read(s);
                }
            });
        });
    }

    #[test]
    fn two_readers_beside_an_updater() {
        readers_beside_an_updater(1, 2, Mb::new, read);
    }

    #[test]
    fn an_inner_section_does_not_end_the_outer() {
        explore_bounded(3, || {
            let s = shared(Mb::new());
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    return s.update(2);
                }
                let reader = s.domain.register();
                let outer = reader.read_lock();
                let value = s.cell.read(&outer);
                drop(reader.read_lock());
                assert!(value.get() < 100);
            });
        });
    }

    #[test]
    fn a_barrier_returns_after_callbacks_that_another_thread_runs() {
        explore_bounded(2, || {
            let s = shared(Mb::new());
            s.update_later(2);
            let ran = std::sync::Arc::new(Plain::new(0));
            let flag = ran.clone();
            s.domain.call_rcu(move || flag.add(1));
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.domain.reclaim();
                } else {
                    s.domain.barrier();
                }
            });
            assert_eq!(ran.get(), 1);
        });
    }

    #[test]
    fn a_barrier_is_enough_to_see_what_the_callbacks_did() {
        explore_bounded(2, || {
            let s = Arc::new((Mb::new(), std::sync::Arc::new(Plain::new(0))));
            let flag = s.1.clone();
            s.0.call_rcu(move || flag.add(1));
            on_threads(2, &s, |(domain, ran), i| {
                if i == 0 {
                    domain.reclaim();
                } else {
                    domain.barrier();
                    assert_eq!(ran.get(), 1);
                }
            });
        });
    }

    #[test]
    fn a_callback_waits_for_the_sections_before_it() {
        a_callback_beside_a_reader(Mb::new, |domain| assert_eq!(domain.reclaim(), 1), read);
    }

    #[test]
    fn a_cell_that_another_thread_published_in_is_dropped_whole() {
        explore_bounded(3, || {
            let s = shared(Mb::new());
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.update_later(2);
                }
            });
            s.domain.barrier();
        });
    }

    /// Looked at once more when it is dropped.
    struct Watched(Plain);

    impl Drop for Watched {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                self.0.add(100);
            }
        }
    }

    #[test]
    fn what_one_published_and_another_replaced_is_dropped_whole_by_a_third() {
        explore_bounded(2, || {
            let domain = std::sync::Arc::new(Mb::new());
            let cell = RcuCell::new(domain.clone(), Watched(Plain::new(1)));
            let s = Arc::new((domain, cell));
            on_threads(3, &s, |(domain, cell), i| {
                if i == 2 {
                    return domain.barrier();
                }
                // To loom, what a thread does before its first atomic access belongs to its being spawned, which the third thread has seen.
                AtomicUsize::new(0).store(1, Relaxed);
                cell.replace_later(Watched(Plain::new(2)));
            });
            s.0.barrier();
        });
    }

    #[test]
    fn two_updaters_each_get_another_old_value() {
        explore_bounded(2, || {
            let s = shared(Mb::new());
            on_threads(2, &s, |s, i| s.update(2 + i as u32));
        });
    }
}

mod qsbr {
    use super::*;

    fn read(s: &Shared<Qsbr>) {
        let mut reader = s.domain.register();
        reads(|| {
            let value = s.cell.read(&reader.read_lock()).get();
            reader.quiescent();
            value
        });
    }

    #[test]
    fn a_reader_beside_an_updater() {
        readers_beside_an_updater(3, 1, Qsbr::new, read);
    }

    #[test]
    fn a_reader_that_goes_offline_between_sections() {
        explore_bounded(3, || {
            let s = shared(Qsbr::new());
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    return s.update(2);
                }
                let mut reader = s.domain.register();
                reads(|| {
                    let value = s.cell.read(&reader.read_lock()).get();
                    reader.offline(|| ());
                    value
                });
            });
        });
    }

    #[test]
    fn a_reader_that_only_leaves() {
        explore_bounded(3, || {
            let s = shared(Qsbr::new());
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    return s.update(2);
                }
                let reader = s.domain.register();
                assert!(s.cell.read(&reader.read_lock()).get() < 100);
            });
        });
    }

    #[test]
    fn two_readers_that_update() {
        explore_bounded(2, || {
            let s = shared(Qsbr::new());
            on_threads(2, &s, |s, i| {
                let mut reader = s.domain.register();
                assert!(s.cell.read(&reader.read_lock()).get() < 100);
                reader.offline(|| s.update(2 + i as u32));
                assert!(s.cell.read(&reader.read_lock()).get() < 100);
            });
        });
    }

    #[test]
    fn a_callback_waits_for_the_sections_before_it() {
        a_callback_beside_a_reader(Qsbr::new, Domain::barrier, read);
    }
}

mod srcu {
    use super::*;

    fn read(s: &Shared<Srcu>) {
        reads(|| s.cell.read(&s.domain.read_lock()).get());
    }

    #[test]
    fn a_reader_beside_an_updater() {
        readers_beside_an_updater(2, 1, Srcu::new, read);
    }

    #[test]
    fn a_reader_beside_two_updates() {
        explore_bounded(2, || {
            let s = shared(Srcu::new());
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.update(2);
                    s.update(3);
                } else {
                    assert!(s.cell.read(&s.domain.read_lock()).get() < 100);
                }
            });
        });
    }

    #[test]
    fn sections_may_overlap_and_end_in_any_order() {
        explore_bounded(2, || {
            let s = shared(Srcu::new());
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    return s.update(2);
                }
                let first = s.domain.read_lock();
                let value = s.cell.read(&first);
                let second = s.domain.read_lock();
                assert!(value.get() < 100);
                let newer = s.cell.read(&second);
                drop(first);
                assert!(newer.get() < 100);
            });
        });
    }

    #[test]
    fn a_callback_waits_for_the_sections_before_it() {
        a_callback_beside_a_reader(Srcu::new, Domain::barrier, read);
    }
}

mod percpu_counter {
    use super::*;
    use primitives::percpu_counter::PerCpuCounter;

    #[test]
    fn no_addition_is_lost_and_a_sum_is_of_whole_additions() {
        explore_bounded(2, || {
            let count = Arc::new(PerCpuCounter::new(2));
            on_threads(3, &count, |count, i| {
                if i == 2 {
                    let sum = count.sum();
                    assert!((0..=4).contains(&sum), "{sum}");
                } else {
                    count.add(1);
                    count.add(1);
                }
            });
            assert_eq!((count.sum(), count.read()), (4, 4));
        });
    }

    #[test]
    fn parts_below_the_batch_are_summed_but_not_read() {
        explore_bounded(3, || {
            let count = Arc::new(PerCpuCounter::new(3));
            on_threads(2, &count, |count, _| count.add(-1));
            let (sum, read) = (count.sum(), count.read());
            assert_eq!(sum, -2);
            assert_eq!(read, 0, "the two threads have parts of their own");
        });
    }
}
