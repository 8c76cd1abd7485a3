//! The rules that are about one lock, one context or one map, each on both sides: what is reported, and the nearest thing that is not.

use crate::common::{Bench, SETUP, Where, event, instance, r, w};
use lockdep_model::class::{ContextId, InstanceId, LockType, Place};
use lockdep_model::fact::{BadRelease, Claim, End, PinMisuse, Problem, WwMisuse};
use lockdep_model::report::Detail;
use lockdep_model::settings::Mode;
use lockdep_model::validator::{Interrupt, Take, Validator, WorkState};

const SILENT: [&str; 0] = [];
const MODES: [Mode; 2] = [Mode::Exact, Mode::Kernel];
const HERE: Place = Place(0);

fn bench(mode: Mode, types: &[LockType]) -> (Bench, ContextId) {
    let mut bench = Bench::new(mode, true, types);
    let task = bench.task();
    (bench, task)
}

fn problems(v: &Validator) -> Vec<Problem> {
    let of = |detail| match detail {
        Detail::Problem { problem, .. } => Some(problem),
        _ => None,
    };
    v.reports().into_iter().filter_map(|report| of(report.detail)).collect()
}

#[test]
fn a_nest_lock_allows_many_of_a_class_and_must_be_held() {
    for mode in MODES {
        for held in [true, false] {
            let (mut b, task) = bench(mode, &[LockType::Mutex, LockType::Mutex]);
            let (outer, key) = (instance(0), b.keys[1]);
            if held {
                b.v.acquire(task, outer, Take::write());
            }
            for inner in 0..3 {
                let inner = InstanceId(0x5000 + inner);
                b.v.init(SETUP, inner, key, HERE).expect("the key was added");
                b.v.acquire(task, inner, Take::write().nest(outer));
            }
            let expected = if held { vec![] } else { vec!["nest_lock"] };
            assert_eq!(b.found(), expected, "{mode:?}");
            // One entry stands for the three, and is released three times.
            assert_eq!(b.v.held(task).depth(), 1 + usize::from(held));
            for inner in 0..3 {
                b.v.release(task, InstanceId(0x5000 + inner), HERE);
            }
            assert_eq!(b.v.held(task).depth(), usize::from(held));
            assert_eq!(b.found(), expected);
        }
    }
}

/// Under a nest lock a second lock of the class may follow another lock; that other is then over the class, which the kernel does not see.
#[test]
fn a_lock_between_two_of_a_class_under_a_nest_lock() {
    for (mode, expected) in [(Mode::Exact, vec!["lock_order"]), (Mode::Kernel, vec![])] {
        let (mut b, task) = bench(mode, &[LockType::Mutex, LockType::Mutex, LockType::Mutex]);
        let key = b.keys[1];
        b.v.init(SETUP, InstanceId(0x5000), key, HERE).expect("the key was added");
        b.v.acquire(task, instance(0), Take::write());
        b.v.acquire(task, instance(1), Take::write().nest(instance(0)));
        b.v.release(task, instance(1), HERE);
        b.v.acquire(task, InstanceId(0x5000), Take::write().nest(instance(0)));
        b.v.acquire(task, instance(2), Take::write().nested(1));
        b.v.acquire(task, instance(1), Take::write().nest(instance(0)));
        let to_itself =
            b.v.graph()
                .graph
                .edge_indices()
                .filter_map(|edge| b.v.graph().graph.edge_endpoints(edge))
                .any(|(a, c)| a == c);
        assert!(!to_itself);
        // The other order, without a nest lock, by another task.
        let (other, third) = (b.task(), InstanceId(0x5010));
        b.v.init(SETUP, third, key, HERE).expect("the key was added");
        b.v.acquire(other, third, Take::write());
        b.v.acquire(other, instance(2), Take::write().nested(1));
        b.v.release(other, instance(2), HERE);
        b.v.release(other, third, HERE);
        assert_eq!(b.found(), expected, "{mode:?}");
    }
}

#[test]
fn a_nest_lock_released_before_what_it_serialises() {
    for mode in MODES {
        for early in [true, false] {
            let (mut b, task) = bench(mode, &[LockType::Mutex, LockType::Mutex]);
            b.v.acquire(task, instance(0), Take::write());
            b.v.acquire(task, instance(1), Take::write().nest(instance(0)));
            let order = if early { [0, 1] } else { [1, 0] };
            for lock in order {
                b.v.release(task, instance(lock), HERE);
            }
            assert_eq!(b.found(), if early { vec!["nest_lock"] } else { vec![] }, "{mode:?}");
        }
    }
}

#[test]
fn locks_may_be_released_in_any_order_and_what_was_above_is_held_still() {
    for mode in MODES {
        let (mut b, task) = bench(mode, &[LockType::Spin, LockType::Spin, LockType::Spin]);
        for lock in 0..3 {
            b.v.acquire(task, instance(lock), Take::write());
        }
        b.v.release(task, instance(1), HERE);
        assert!(b.v.is_held(task, instance(2), None) && !b.v.is_held(task, instance(1), None));
        b.v.release(task, instance(0), HERE);
        b.v.release(task, instance(2), HERE);
        assert_eq!(b.found(), SILENT);
        assert!(b.v.held(task).is_empty());
    }
}

#[test]
fn a_release_must_be_by_the_holder() {
    for mode in MODES {
        let (mut b, task) = bench(mode, &[LockType::Mutex]);
        let other = b.task();
        b.v.acquire(task, instance(0), Take::write());
        b.v.release(other, instance(0), HERE);
        assert_eq!(b.found(), ["bad_unlock"]);
        let why = problems(&b.v).into_iter().find_map(|problem| match problem {
            Problem::BadUnlock { why, .. } => Some(why),
            _ => None,
        });
        assert_eq!(why, Some(BadRelease::OtherContext(task)));
    }
}

#[test]
fn a_release_must_be_in_the_interrupt_context_that_took_it() {
    // The kernel takes the newest lock for a match wherever it was taken.
    for (mode, expected) in [(Mode::Exact, vec!["bad_unlock"]), (Mode::Kernel, vec![])] {
        let (mut b, task) = bench(mode, &[LockType::Spin]);
        let handler = b.task();
        b.v.irqs_off(task);
        b.v.acquire(task, instance(0), Take::write());
        b.v.enter(task, Interrupt::Hard, handler);
        b.v.release(task, instance(0), HERE);
        assert_eq!(b.found(), expected, "{mode:?}");
    }
    // With a lock of the handler's own above it, neither does.
    for mode in MODES {
        let (mut b, task) = bench(mode, &[LockType::Spin, LockType::Spin]);
        let handler = b.task();
        b.v.irqs_off(task);
        b.v.acquire(task, instance(0), Take::write());
        b.v.enter(task, Interrupt::Hard, handler);
        b.v.acquire(task, instance(1), Take::write());
        b.v.release(task, instance(0), HERE);
        assert_eq!(b.found(), ["bad_unlock"], "{mode:?}");
    }
}

#[test]
fn what_ends_must_hold_nothing() {
    for mode in MODES {
        for (end, name) in [(End::Task, "lock_leak"), (End::ReturnToUser, "lock_leak"), (End::Work, "work_leaked")] {
            for leak in [true, false] {
                let (mut b, task) = bench(mode, &[LockType::Mutex, LockType::Map, LockType::Map]);
                let (work, queue) = (instance(1), instance(2));
                if end == End::Work {
                    b.v.work_begin(task, queue, work, HERE);
                }
                b.v.acquire(task, instance(0), Take::write());
                if !leak {
                    b.v.release(task, instance(0), HERE);
                }
                match end {
                    End::Task => b.v.task_exit(task, HERE),
                    End::Work => b.v.work_end(task, queue, work, HERE),
                    _ => b.v.return_to_user(task, HERE),
                }
                assert_eq!(b.found(), if leak { vec![name] } else { vec![] }, "{end:?} {mode:?}");
            }
        }
    }
}

#[test]
fn a_handler_that_returns_with_a_lock_is_seen_in_exact_mode() {
    for (mode, expected) in [(Mode::Exact, vec!["lock_leak"]), (Mode::Kernel, vec![])] {
        let (mut b, task) = bench(mode, &[LockType::Spin]);
        let handler = b.task();
        b.v.enter(task, Interrupt::Hard, handler);
        b.v.acquire(task, instance(0), Take::write());
        b.v.leave(task, HERE).expect("it was entered");
        assert_eq!(b.found(), expected, "{mode:?}");
    }
}

#[test]
fn memory_with_a_held_lock_must_not_be_freed() {
    for mode in MODES {
        for (range, expected) in [(0x1000..0x1001, vec!["held_lock_freed"]), (0x1001..0x1100, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::Mutex]);
            b.v.acquire(task, instance(0), Take::write());
            b.v.free_memory(task, range, HERE);
            assert_eq!(b.found(), expected);
        }
        // Freed and used again without initialisation.
        let (mut b, task) = bench(mode, &[LockType::Mutex]);
        b.v.free_memory(task, 0x1000..0x1100, HERE);
        b.v.acquire(task, instance(0), Take::write());
        assert_eq!(b.found(), ["uninitialised_lock"]);
    }
    // Held by another: the kernel looks at the current task alone.
    for (mode, expected) in [(Mode::Exact, vec!["held_lock_freed"]), (Mode::Kernel, vec![])] {
        let (mut b, task) = bench(mode, &[LockType::Mutex]);
        let other = b.task();
        b.v.acquire(task, instance(0), Take::write());
        b.v.free_memory(other, 0x1000..0x1100, HERE);
        assert_eq!(b.found(), expected);
    }
}

#[test]
fn every_claim_is_checked_both_ways() {
    use Claim::*;
    // Of a lock: unheld, held for writing, held for reading.
    let of_locks = [
        (Held, [false, true, true]),
        (HeldWrite, [false, true, false]),
        (HeldRead, [false, false, true]),
        (NotHeld, [true, false, false]),
        (NoneHeld, [true, false, false]),
    ];
    // Of a context: a task, one with interrupts off, with bottom halves off, with preemption off, a hard interrupt, a softirq.
    let of_contexts = [
        (IrqsEnabled, [true, false, true, true, false, true]),
        (IrqsDisabled, [false, true, false, false, true, false]),
        (InHardirq, [false, false, false, false, true, false]),
        (NoHardirq, [true, false, true, true, false, true]),
        (InSoftirq, [false, false, true, false, false, true]),
        (PreemptionEnabled, [true, false, false, false, false, false]),
        (PreemptionDisabled, [false, true, true, true, true, true]),
    ];
    let mut cases = 0;
    for mode in MODES {
        for (claim, truths) in of_locks {
            for (how, truth) in truths.into_iter().enumerate() {
                let (mut b, task) = bench(mode, &[LockType::RwSem]);
                match how {
                    0 => {}
                    1 => b.v.acquire(task, instance(0), Take::write()),
                    _ => b.v.acquire(task, instance(0), Take::read()),
                }
                assert_eq!(b.v.assert(task, claim, Some(instance(0)), HERE), truth, "{claim:?} {how}");
                assert_eq!(b.found(), if truth { vec![] } else { vec!["lock_assertion"] });
                cases += 1;
            }
        }
        for (claim, truths) in of_contexts {
            for (how, truth) in truths.into_iter().enumerate() {
                let (mut b, task) = bench(mode, &[]);
                let handler = b.task();
                match how {
                    0 => {}
                    1 => b.v.irqs_off(task),
                    2 => b.v.bh_off(task),
                    3 => b.v.preempt_off(task),
                    4 => b.v.enter(task, Interrupt::Hard, handler),
                    _ => b.v.enter(task, Interrupt::Soft, handler),
                }
                assert_eq!(b.v.assert(task, claim, None, HERE), truth, "{claim:?} {how}");
                assert_eq!(b.found(), if truth { vec![] } else { vec!["lock_assertion"] });
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 2 * (5 * 3 + 7 * 6));
}

#[test]
fn pins_are_balanced_and_keep_a_lock_from_being_released() {
    for mode in MODES {
        for (variant, expected) in [
            (0, None),
            (1, Some(PinMisuse::ReleasedPinned)),
            (2, Some(PinMisuse::PinUnheld)),
            (3, Some(PinMisuse::UnpinUnpinned)),
            (4, Some(PinMisuse::UnpinUnheld)),
        ] {
            let (mut b, task) = bench(mode, &[LockType::RawSpin]);
            let lock = instance(0);
            if !matches!(variant, 2 | 4) {
                b.v.acquire(task, lock, Take::write());
            }
            if matches!(variant, 0..=2) {
                b.v.pin(task, lock, HERE);
            }
            if matches!(variant, 0 | 3 | 4) {
                b.v.unpin(task, lock, HERE);
            }
            if matches!(variant, 0 | 1) {
                b.v.release(task, lock, HERE);
            }
            let misuse = problems(&b.v).into_iter().find_map(|problem| match problem {
                Problem::Pin { misuse, .. } => Some(misuse),
                _ => None,
            });
            assert_eq!(misuse, expected, "variant {variant}");
        }
    }
}

#[test]
fn a_downgrade_makes_a_reader_of_a_writer_and_of_nothing_else() {
    for mode in MODES {
        let (mut b, task) = bench(mode, &[LockType::RwSem, LockType::Mutex]);
        b.v.acquire(task, instance(0), Take::write());
        b.v.acquire(task, instance(1), Take::write());
        b.v.downgrade(task, instance(0), HERE);
        assert!(b.v.assert(task, Claim::HeldRead, Some(instance(0)), HERE));
        assert_eq!(b.v.held(task).depth(), 2);
        assert_eq!(b.found(), SILENT);
        b.v.downgrade(task, instance(0), HERE);
        assert_eq!(b.found(), ["bad_unlock"]);
    }
}

#[test]
fn an_order_given_to_instances_allows_that_order() {
    fn ascending(held: InstanceId, next: InstanceId) -> std::cmp::Ordering {
        held.cmp(&next)
    }
    for mode in MODES {
        for (order, expected) in [([1, 2], vec![]), ([2, 1], vec!["recursive_lock"])] {
            let mut settings = lockdep_model::settings::Settings { mode, keep_going: true, ..Default::default() };
            settings.orders.insert(lockdep_model::class::KeyId(0), ascending);
            let mut v = Validator::new(settings);
            let key = v.key("bucket", LockType::Spin);
            for lock in order {
                v.init(SETUP, InstanceId(lock), key, HERE).expect("the key was added");
                v.acquire(ContextId(1), InstanceId(lock), Take::write());
            }
            let found: Vec<_> = v.reports().iter().map(|report| report.kind.name()).collect();
            assert_eq!(found, expected, "{mode:?}");
            // Released from the bottom: what is above is taken again, in its order.
            v.release(ContextId(1), InstanceId(order[0]), HERE);
            assert_eq!(v.reports().len(), expected.len());
        }
    }
}

#[test]
fn too_many_held_and_subclasses_that_are_none() {
    for mode in MODES {
        let mut b = Bench::new(mode, true, &[]);
        let task = b.task();
        for lock in 0..48 {
            assert_eq!(b.found(), SILENT, "{lock} held");
            let key = b.v.key(format!("lock{lock}"), LockType::Spin);
            b.v.init(SETUP, InstanceId(lock), key, HERE).expect("the key was added");
            b.v.acquire(task, InstanceId(lock), Take::write());
        }
        assert_eq!(b.found(), ["validator_limit"]);

        for (subclass, expected) in [(7, vec![]), (8, vec!["validator_limit"])] {
            let (mut b, task) = bench(mode, &[LockType::Spin]);
            b.v.acquire(task, instance(0), Take::write().nested(subclass));
            assert_eq!(b.found(), expected);
        }
    }
}

#[test]
fn classes_set_after_initialisation() {
    for mode in MODES {
        // Two locks of one line, told apart by subclass, by key, or not at all; or not validated.
        for (variant, expected) in [(0, vec!["recursive_lock"]), (1, vec![]), (2, vec![]), (3, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::Mutex, LockType::Mutex]);
            let (other, keys) = (InstanceId(0x5000), b.keys.clone());
            b.v.init(SETUP, other, keys[0], HERE).expect("the key was added");
            match variant {
                1 => b.v.set_subclass(other, 1),
                2 => b.v.set_class(other, keys[1], 0).expect("the key was added"),
                3 => b.v.novalidate(other),
                _ => {}
            }
            b.v.acquire(task, instance(0), Take::write());
            b.v.acquire(task, other, Take::write());
            assert_eq!(b.found(), expected, "variant {variant} {mode:?}");
        }
        // A held lock that changes its class is from then on a lock of that class.
        let (mut b, task) = bench(mode, &[LockType::Mutex, LockType::Mutex, LockType::Mutex]);
        let key = b.keys[1];
        b.v.acquire(task, instance(0), Take::write());
        b.v.change_held_class(task, instance(0), key, 0, HERE).expect("the key was added");
        b.v.acquire(task, instance(2), Take::write());
        b.run(&event(Where::Task, &[w(2), w(1)]));
        assert_eq!(b.found(), ["lock_order"], "{mode:?}");
    }
}

#[test]
fn might_lock_and_lock_sync_are_waits_that_hold_nothing() {
    for mode in MODES {
        for (how, expected) in [(0, vec!["lock_order"]), (1, vec!["lock_order"]), (2, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::Mutex, LockType::Mutex]);
            b.run(&event(Where::Task, &[w(1), w(0)]));
            b.v.acquire(task, instance(0), Take::write());
            match how {
                0 => b.v.might_lock(task, instance(1), Take::write()),
                1 => b.v.sync(task, instance(1), Take::write()),
                _ => {}
            }
            assert_eq!(b.v.held(task).depth(), 1);
            assert_eq!(b.found(), expected, "{mode:?}");
        }
    }
}

#[test]
fn synchronize_srcu_under_a_lock_that_its_readers_take() {
    for mode in MODES {
        for (same_domain, expected) in [(true, vec!["lock_order"]), (false, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::Srcu, LockType::Mutex, LockType::Srcu]);
            b.run(&event(Where::Task, &[r(0), w(1)]));
            b.v.acquire(task, instance(1), Take::write());
            // The wait is for all readers: it is as exclusive as a writer.
            b.v.sync(task, instance(if same_domain { 0 } else { 2 }), Take::write());
            assert_eq!(b.found(), expected, "{mode:?}");
        }
    }
}

#[test]
fn flushing_work_under_a_lock_that_the_work_takes() {
    for mode in MODES {
        for (variant, expected) in [(0, vec!["lock_order"]), (1, vec!["lock_order"]), (2, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::Map, LockType::Map, LockType::Mutex, LockType::Mutex]);
            let worker = b.task();
            let (queue, work, taken, other) = (instance(0), instance(1), instance(2), instance(3));
            b.v.work_begin(worker, queue, work, HERE);
            b.v.acquire(worker, taken, Take::write());
            b.v.release(worker, taken, HERE);
            b.v.work_end(worker, queue, work, HERE);
            b.v.acquire(task, if variant == 2 { other } else { taken }, Take::write());
            match variant {
                0 => b.v.flush_queue(task, queue, HERE),
                _ => b.v.flush_work(task, work, WorkState::Pending, HERE),
            }
            assert_eq!(b.found(), expected, "variant {variant} {mode:?}");
        }
    }
    // Of a flush that has nothing to wait for the kernel makes nothing.
    for (mode, expected) in [(Mode::Exact, vec!["lock_order"]), (Mode::Kernel, vec![])] {
        let (mut b, task) = bench(mode, &[LockType::Map, LockType::Map, LockType::Mutex]);
        let worker = b.task();
        b.v.work_begin(worker, instance(0), instance(1), HERE);
        b.v.acquire(worker, instance(2), Take::write());
        b.v.release(worker, instance(2), HERE);
        b.v.work_end(worker, instance(0), instance(1), HERE);
        b.v.acquire(task, instance(2), Take::write());
        b.v.flush_work(task, instance(1), WorkState::Idle, HERE);
        assert_eq!(b.found(), expected);
    }
}

#[test]
fn deleting_a_timer_under_a_lock_that_its_callback_takes() {
    for mode in MODES {
        for (same, expected) in [(true, vec!["lock_order"]), (false, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::Map, LockType::Spin, LockType::Spin]);
            let handler = b.task();
            b.v.enter(task, Interrupt::Soft, handler);
            b.v.timer_begin(task, instance(0), HERE);
            b.v.acquire(task, instance(1), Take::write());
            b.v.release(task, instance(1), HERE);
            b.v.timer_end(task, instance(0), HERE);
            b.v.leave(task, HERE).expect("it was entered");
            let other = b.task();
            b.v.bh_off(other);
            b.v.acquire(other, instance(if same { 1 } else { 2 }), Take::write());
            b.v.timer_delete_sync(other, instance(0), HERE);
            assert_eq!(b.found(), expected, "{mode:?}");
        }
    }
}

#[test]
fn allocating_under_a_lock_that_reclaim_takes() {
    for mode in MODES {
        for (same, expected) in [(true, vec!["lock_order"]), (false, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::Map, LockType::Mutex, LockType::Mutex]);
            b.run(&event(Where::Task, &[w(0), w(1)]));
            b.v.acquire(task, instance(if same { 1 } else { 2 }), Take::write());
            b.v.might_reclaim(task, instance(0), HERE);
            assert_eq!(b.found(), expected, "{mode:?}");
        }
    }
}

#[test]
fn a_user_copy_under_a_lock_that_is_taken_under_mmap_lock() {
    for mode in MODES {
        for (same, expected) in [(true, vec!["lock_order"]), (false, vec![])] {
            let (mut b, task) = bench(mode, &[LockType::RwSem, LockType::Mutex, LockType::Mutex]);
            b.run(&event(Where::Task, &[w(0), w(1)]));
            b.v.acquire(task, instance(if same { 1 } else { 2 }), Take::write());
            b.v.might_fault(task, instance(0), HERE);
            assert_eq!(b.found(), expected, "{mode:?}");
        }
    }
}

#[test]
fn a_sequence_counter_written_outside_and_inside_an_interrupt() {
    for mode in MODES {
        let mut b = Bench::new(mode, true, &[LockType::SeqCount]);
        b.run(&event(Where::Task, &[w(0)]));
        b.run(&event(Where::In(Interrupt::Hard), &[r(0)]));
        assert_eq!(b.found(), ["irq_unsafe_lock"]);
        let mut b = Bench::new(mode, true, &[LockType::SeqCount]);
        b.run(&event(Where::IrqsOff, &[w(0)]));
        b.run(&event(Where::In(Interrupt::Hard), &[r(0)]));
        assert_eq!(b.found(), SILENT);
    }
}

#[test]
fn a_lock_in_an_nmi_must_be_used_nowhere_else() {
    for (order, mode, expected) in [
        ([false, true], Mode::Exact, vec!["irq_unsafe_lock"]),
        ([true, false], Mode::Exact, vec!["irq_unsafe_lock"]),
        ([false, true], Mode::Kernel, vec!["irq_unsafe_lock"]),
        ([true, false], Mode::Kernel, vec![]), // the kernel keeps no note of NMIs
        ([true, true], Mode::Exact, vec![]),
        ([false, false], Mode::Kernel, vec![]),
    ] {
        let mut b = Bench::new(mode, true, &[LockType::RawSpin]);
        for nmi in order {
            b.run(&event(if nmi { Where::In(Interrupt::Nmi) } else { Where::Task }, &[w(0)]));
        }
        assert_eq!(b.found(), expected, "{order:?} {mode:?}");
    }
    // Readers mind only writers, and trylocks nobody.
    for mode in MODES {
        let mut b = Bench::new(mode, true, &[LockType::RwLock]);
        b.run(&event(Where::Task, &[r(0)]));
        b.run(&event(Where::In(Interrupt::Nmi), &[r(0)]));
        b.run(&event(Where::In(Interrupt::Nmi), &[crate::common::t(0)]));
        assert_eq!(b.found(), SILENT);
        b.run(&event(Where::Task, &[w(0)]));
        b.run(&event(Where::In(Interrupt::Nmi), &[r(0)]));
        assert_eq!(b.found(), ["irq_unsafe_lock"]);
    }
}

#[test]
fn interrupts_turned_on_with_a_lock_held() {
    for mode in MODES {
        for (hard, on_before_release, expected) in [
            (true, true, vec!["irq_unsafe_lock"]),
            (true, false, vec![]),
            (false, true, vec!["irq_unsafe_lock"]),
            (false, false, vec![]),
        ] {
            let (mut b, task) = bench(mode, &[LockType::Spin]);
            let interrupt = if hard { Interrupt::Hard } else { Interrupt::Soft };
            b.run(&event(Where::In(interrupt), &[w(0)]));
            if hard {
                b.v.irqs_off(task)
            } else {
                b.v.bh_off(task)
            }
            b.v.acquire(task, instance(0), Take::write());
            if !on_before_release {
                b.v.release(task, instance(0), HERE);
            }
            if hard {
                b.v.irqs_on(task, HERE)
            } else {
                b.v.bh_on(task, HERE).expect("they were off")
            }
            assert_eq!(b.found(), expected, "{mode:?} hard {hard}");
        }
        // Bottom halves turned on with hard interrupts off run no softirq.
        let (mut b, task) = bench(mode, &[LockType::Spin]);
        b.run(&event(Where::In(Interrupt::Soft), &[w(0)]));
        b.v.bh_off(task);
        b.v.irqs_off(task);
        b.v.acquire(task, instance(0), Take::write());
        b.v.bh_on(task, HERE).expect("they were off");
        assert_eq!(b.found(), SILENT);
    }
}

#[test]
fn a_hard_interrupt_in_a_softirq_uses_a_lock_in_both() {
    for mode in MODES {
        let (mut b, task) = bench(mode, &[LockType::Spin]);
        let (soft, hard) = (b.task(), b.task());
        b.v.enter(task, Interrupt::Soft, soft);
        b.v.enter(task, Interrupt::Hard, hard);
        b.v.acquire(task, instance(0), Take::write());
        let usage: Vec<_> = b.v.graph().graph.node_weights().map(|node| node.usage_characters.clone()).collect();
        assert_eq!(usage, ["-.-."]);
    }
}

#[test]
fn calls_that_make_no_sense_are_errors() {
    use lockdep_model::validator::Error;
    let (mut b, task) = bench(Mode::Exact, &[LockType::Spin]);
    let none = lockdep_model::class::KeyId(99);
    assert_eq!(b.v.init(task, instance(0), none, HERE), Err(Error::UnknownKey(none)));
    assert_eq!(b.v.leave(task, HERE), Err(Error::NotInInterrupt(task)));
    assert_eq!(b.v.bh_on(task, HERE), Err(Error::Unbalanced(task)));
    assert_eq!(b.v.preempt_on(task), Err(Error::Unbalanced(task)));
    let wrong = Error::WrongType { instance: instance(0), found: LockType::Spin };
    assert_eq!(b.v.ww_lock(task, instance(0), None, Take::write()), Err(wrong));
}

mod ww {
    use super::*;

    const CTX: InstanceId = InstanceId(0x7000);

    fn ww(mode: Mode) -> (Bench, ContextId, lockdep_model::validator::WwClass, [InstanceId; 3]) {
        let (mut b, task) = bench(mode, &[LockType::Spin]);
        let class = b.v.ww_class("dma");
        let locks = [0x8000, 0x8010, 0x8020].map(InstanceId);
        for lock in locks {
            b.v.init(SETUP, lock, class.mutex, HERE).expect("the class was added");
        }
        (b, task, class, locks)
    }

    /// Two locks of one class, the first and the second taken blocking, by a trylock, or with the acquire context.
    #[test]
    fn two_locks_of_a_class_by_each_pair_of_ways() {
        #[derive(Clone, Copy, Debug, PartialEq)]
        enum By {
            Block,
            Try,
            Context,
        }
        use By::*;
        let mut cases = 0;
        for mode in MODES {
            for first in [Block, Try, Context] {
                for second in [Block, Try, Context] {
                    let (mut b, task, class, locks) = ww(mode);
                    b.v.ww_acquire_init(task, CTX, class, HERE).expect("the class was added");
                    for (lock, by) in locks.into_iter().zip([first, second]) {
                        let take = if by == Try { Take::write().try_lock() } else { Take::write() };
                        let ctx = (by == Context).then_some(CTX);
                        b.v.ww_lock(task, lock, ctx, take).expect("it is a ww_mutex");
                    }
                    // A second one waited for without the context is recursion, whatever the first was.
                    let expected = if second == Block { vec!["recursive_lock"] } else { vec![] };
                    assert_eq!(b.found(), expected, "{first:?} {second:?} {mode:?}");
                    cases += 1;
                }
            }
        }
        assert_eq!(cases, 2 * 9);
    }

    #[test]
    fn a_lock_taken_with_a_context_has_its_order_with_other_locks() {
        for mode in MODES {
            for (with, expected) in [(true, vec!["lock_order"]), (false, vec!["lock_order"])] {
                let (mut b, task, class, locks) = ww(mode);
                let other = b.task();
                for (who, spin_first, ctx) in [(task, false, CTX), (other, true, InstanceId(0x7010))] {
                    let key = b.keys[0];
                    let lock = InstanceId(0x6000);
                    b.v.init(SETUP, lock, key, HERE).expect("the key was added");
                    b.v.ww_acquire_init(who, ctx, class, HERE).expect("the class was added");
                    let used = with.then_some(ctx);
                    let spin = |b: &mut Bench| b.v.acquire(who, lock, Take::write());
                    if spin_first {
                        spin(&mut b);
                    }
                    b.v.ww_lock(who, locks[0], used, Take::write()).expect("it is a ww_mutex");
                    if !spin_first {
                        spin(&mut b);
                    }
                    b.v.ww_unlock(who, locks[0], used, HERE);
                    b.v.release(who, lock, HERE);
                    b.v.ww_acquire_fini(who, ctx, HERE);
                }
                let found: Vec<_> = b.found().into_iter().filter(|&name| name != "wait_context").collect();
                assert_eq!(found, expected, "{mode:?}");
            }
        }
    }

    #[test]
    fn contexts_are_used_as_they_must_be() {
        for mode in MODES {
            for (variant, expected) in [
                (0, None),
                (1, Some(WwMisuse::AcquireAfterDone)),
                (2, Some(WwMisuse::DoneTwice)),
                (3, Some(WwMisuse::FiniWithLocks)),
                (4, Some(WwMisuse::OtherClass)),
                (5, Some(WwMisuse::NotInitialised)),
            ] {
                let (mut b, task, class, locks) = ww(mode);
                let other = b.v.ww_class("other");
                let used = if variant == 4 { other } else { class };
                if variant != 5 {
                    b.v.ww_acquire_init(task, CTX, used, HERE).expect("the class was added");
                }
                b.v.ww_lock(task, locks[0], Some(CTX), Take::write()).expect("it is a ww_mutex");
                if matches!(variant, 0..=2) {
                    b.v.ww_acquire_done(task, CTX, HERE);
                }
                match variant {
                    1 => b.v.ww_lock(task, locks[1], Some(CTX), Take::write()).expect("it is a ww_mutex"),
                    2 => b.v.ww_acquire_done(task, CTX, HERE),
                    3 => b.v.ww_acquire_fini(task, CTX, HERE),
                    _ => b.v.ww_unlock(task, locks[0], Some(CTX), HERE),
                }
                if variant == 0 {
                    b.v.ww_acquire_fini(task, CTX, HERE);
                }
                let misuse = problems(&b.v).into_iter().find_map(|problem| match problem {
                    Problem::Ww { misuse, .. } => Some(misuse),
                    _ => None,
                });
                assert_eq!(misuse, expected, "variant {variant} {mode:?}");
            }
        }
    }

    #[test]
    fn two_contexts_at_once_are_recursion() {
        for mode in MODES {
            let (mut b, task, class, _) = ww(mode);
            b.v.ww_acquire_init(task, CTX, class, HERE).expect("the class was added");
            b.v.ww_acquire_init(task, InstanceId(0x7010), class, HERE).expect("the class was added");
            assert_eq!(b.found(), ["recursive_lock"]);
        }
    }
}
