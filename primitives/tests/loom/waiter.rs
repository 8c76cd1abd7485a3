//! The sleeping of one thread and the waking by another, as the semaphore and the completion show it.

use loom::sync::Arc;
use primitives::completion::Completion;
use primitives::semaphore::Semaphore;

use crate::support::{Plain, explore_bounded, on_threads};

mod semaphore {
    use super::*;

    struct Shared {
        places: Semaphore,
        value: Plain,
    }

    fn shared(places: usize) -> Arc<Shared> {
        Arc::new(Shared { places: Semaphore::new(places), value: Plain::new(0) })
    }

    fn add_one(s: &Shared) {
        s.places.down();
        s.value.add(1);
        s.places.up();
    }

    #[test]
    fn one_unit_excludes_two_threads() {
        explore_bounded(3, || {
            let s = shared(1);
            on_threads(2, &s, |s, _| add_one(s));
            assert!(s.places.try_down() && !s.places.try_down(), "the unit is back, and is one");
            assert_eq!(s.value.get(), 2);
        });
    }

    #[test]
    fn one_unit_excludes_three_threads() {
        explore_bounded(2, || {
            let s = shared(1);
            on_threads(3, &s, |s, _| add_one(s));
            assert_eq!(s.value.get(), 3);
        });
    }

    #[test]
    fn up_by_one_thread_wakes_another_which_sees_what_was_written() {
        explore_bounded(3, || {
            let s = shared(0);
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.value.add(1);
                    s.places.up();
                } else {
                    s.places.down();
                    assert_eq!(s.value.get(), 1);
                }
            });
            assert!(!s.places.try_down());
        });
    }

    #[test]
    fn two_units_let_two_threads_in_and_none_is_lost() {
        explore_bounded(2, || {
            let s = shared(2);
            on_threads(3, &s, |s, _| {
                s.places.down();
                s.places.up();
            });
            assert!(s.places.try_down() && s.places.try_down() && !s.places.try_down());
        });
    }

    #[test]
    fn an_attempt_beside_an_up() {
        explore_bounded(3, || {
            let s = shared(0);
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.value.add(1);
                    s.places.up();
                } else if s.places.try_down() {
                    assert_eq!(s.value.get(), 1);
                    s.places.up();
                }
            });
            assert!(s.places.try_down());
        });
    }
}

mod completion {
    use super::*;

    struct Shared {
        done: Completion,
        value: Plain,
    }

    fn shared() -> Arc<Shared> {
        Arc::new(Shared { done: Completion::new(), value: Plain::new(0) })
    }

    #[test]
    fn who_waits_sees_what_was_done() {
        explore_bounded(3, || {
            let s = shared();
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.value.add(1);
                    s.done.complete();
                } else {
                    s.done.wait();
                    assert_eq!(s.value.get(), 1);
                }
            });
            assert!(!s.done.is_done());
        });
    }

    #[test]
    fn complete_all_lets_two_waiters_go_and_those_who_come_later() {
        explore_bounded(2, || {
            let s = shared();
            on_threads(3, &s, |s, i| {
                if i == 0 {
                    s.value.add(1);
                    s.done.complete_all();
                } else {
                    s.done.wait();
                    assert_eq!(s.value.get(), 1);
                }
            });
            s.done.wait();
            assert!(s.done.is_done());
        });
    }

    #[test]
    fn two_completions_let_two_waiters_go() {
        explore_bounded(2, || {
            let s = shared();
            on_threads(3, &s, |s, i| {
                if i == 0 {
                    s.done.complete();
                    s.done.complete();
                } else {
                    s.done.wait();
                }
            });
            assert!(!s.done.is_done());
        });
    }

    #[test]
    fn an_attempt_beside_a_completion() {
        explore_bounded(3, || {
            let s = shared();
            on_threads(2, &s, |s, i| {
                if i == 0 {
                    s.value.add(1);
                    s.done.complete();
                } else if s.done.try_wait() {
                    assert_eq!(s.value.get(), 1);
                    s.done.complete();
                }
            });
            assert!(s.done.try_wait() && !s.done.try_wait());
        });
    }

    #[test]
    fn reinit_makes_it_undone() {
        explore_bounded(3, || {
            let mut done = Completion::new();
            done.complete_all();
            assert!(done.try_wait() && done.try_wait());
            done.reinit();
            assert!(!done.try_wait());
        });
    }
}
