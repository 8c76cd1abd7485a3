//! The ground of the kernel's own locking self-test, and more of it: each family of cases for every lock type that it applies to, in every
//! order of its events, in both modes, with the nearest cases that must stay silent beside those that must not.

use crate::common::{Bench, Event, One, SETUP, Where, by, event, in_every_order, instance, permutations, r, t, w};
use lockdep_model::class::{InstanceId, LockType, Place};
use lockdep_model::settings::{Mode, Settings};
use lockdep_model::validator::{Interrupt, Take};

const SILENT: Vec<&str> = Vec::new();
const HARD: Where = Where::In(Interrupt::Hard);
const SOFT: Where = Where::In(Interrupt::Soft);
const MODES: [Mode; 2] = [Mode::Exact, Mode::Kernel];

/// Lock types, whether read, whether rwlocks are queued, and whether that reading is recursive in a task.
fn ways_to_lock() -> Vec<(LockType, bool, bool, bool)> {
    use LockType::*;
    let mut ways = vec![(RwLock, true, true, false), (RwLock, true, false, true), (RwLock, false, false, false)];
    ways.extend(
        [RawSpin, Spin, RwLock, Mutex, RwSem, RtMutex, WwMutex, PercpuRwSem, LocalLock]
            .map(|of| (of, false, true, false)),
    );
    ways.extend([RwSem, PercpuRwSem].map(|of| (of, true, true, false)));
    ways.extend([Rcu, Srcu].map(|of| (of, true, true, true)));
    ways
}

fn pairs(of: &[[usize; 2]], read: bool) -> Vec<Event> {
    of.iter().map(|&[a, b]| event(Where::Task, &[by(read, a), by(read, b)])).collect()
}

#[test]
fn cycles_over_two_three_and_four_locks_in_every_order_of_their_edges() {
    // ABBA, ABBCCA, ABCABC, ABBCCDDA, ABCDBCDA, ABCDBDDA.
    let cycles: [&[[usize; 2]]; 6] = [
        &[[0, 1], [1, 0]],
        &[[0, 1], [1, 2], [2, 0]],
        &[[0, 1], [2, 0], [1, 2]],
        &[[0, 1], [1, 2], [2, 3], [3, 0]],
        &[[0, 1], [2, 3], [1, 2], [3, 0]],
        &[[0, 1], [2, 3], [1, 3], [3, 0]],
    ];
    let mut cases = 0;
    for (of, read, queued, recursive) in ways_to_lock() {
        for cycle in cycles {
            let types = [of; 4];
            let expected = if recursive { SILENT } else { vec!["lock_order"] };
            cases += in_every_order("cycle", queued, &types, &pairs(cycle, read), |_| expected.clone());
            // The same with the last edge turned round: there is one order that suits all.
            let mut acyclic = cycle.to_vec();
            if let Some(last) = acyclic.last_mut() {
                last.reverse();
            }
            cases += in_every_order("no cycle", queued, &types, &pairs(&acyclic, read), |_| SILENT);
        }
    }
    // 16 ways to lock, two modes, with and without the cycle, 2! + 3! + 3! + 4! + 4! + 4! orders.
    assert_eq!(cases, 16 * 2 * 2 * (2 + 6 + 6 + 24 + 24 + 24));
    println!("cycles: {cases} cases");
}

#[test]
fn cycles_of_rwlocks_with_every_mix_of_readers_and_writers() {
    let mut cases = 0;
    for n in [2, 3] {
        for queued in [true, false] {
            for mix in 0..1_u32 << (2 * n) {
                let reads = |at: usize| mix >> at & 1 == 1;
                let events: Vec<_> = (0..n)
                    .map(|at| event(Where::Task, &[by(reads(2 * at), at), by(reads(2 * at + 1), (at + 1) % n)]))
                    .collect();
                // Strong unless a recursive reader of a lock meets a shared holder of it.
                let strong = (0..n).all(|at| {
                    let recursive = reads(2 * at + 1) && !queued;
                    let held_shared = reads(2 * ((at + 1) % n));
                    !(recursive && held_shared)
                });
                let expected = if strong { vec!["lock_order"] } else { SILENT };
                cases += in_every_order("mix", queued, &[LockType::RwLock; 3][..n], &events, |_| expected.clone());
            }
        }
    }
    // Two modes, queued and not: 2^4 mixes in 2 orders, 2^6 mixes in 6.
    assert_eq!(cases, 2 * 2 * (16 * 2 + 64 * 6));
    println!("mixes: {cases} cases");
}

#[test]
fn a_class_taken_while_held() {
    let mut cases = 0;
    for (of, read, queued, recursive) in ways_to_lock() {
        for mode in MODES {
            let silent = recursive;
            for same in [true, false] {
                let mut bench = Bench::new(mode, queued, &[of]);
                let (task, other) = (bench.task(), InstanceId(0x9000));
                let key = bench.keys[0];
                bench.v.init(SETUP, other, key, Place(0)).expect("the key was added");
                let take = by(read, 0).take;
                bench.v.acquire(task, instance(0), take);
                bench.v.acquire(task, if same { instance(0) } else { other }, take);
                let expected = if silent { SILENT } else { vec!["recursive_lock"] };
                assert_eq!(bench.found(), expected, "{of:?} read {read} queued {queued} {mode:?}");
                cases += 1;
            }
            // Not the second time: one after the other; another subclass; a trylock; another key.
            for variant in 0..4 {
                let mut bench = Bench::new(mode, queued, &[of, of]);
                let task = bench.task();
                let take = by(read, 0).take;
                bench.v.acquire(task, instance(0), take);
                match variant {
                    0 => {
                        bench.v.release(task, instance(0), Place(0));
                        bench.v.acquire(task, instance(0), take);
                    }
                    1 => bench.v.acquire(task, instance(0), take.nested(1)),
                    2 => bench.v.acquire(task, instance(0), take.try_lock()),
                    _ => bench.v.acquire(task, instance(1), take),
                }
                assert_eq!(bench.found(), SILENT, "{of:?} {mode:?} variant {variant}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 16 * 2 * (2 + 4));
    println!("recursion: {cases} cases");
}

#[test]
fn readers_and_writers_of_one_lock_in_one_task() {
    let mut cases = 0;
    for of in [LockType::RwLock, LockType::RwSem, LockType::PercpuRwSem] {
        for queued in [true, false] {
            for mode in MODES {
                for (first, second) in [(false, false), (false, true), (true, false), (true, true)] {
                    let mut bench = Bench::new(mode, queued, &[of]);
                    bench.run(&event(Where::Task, &[by(first, 0), by(second, 0)]));
                    let passes = first && second && of == LockType::RwLock && !queued;
                    let expected = if passes { SILENT } else { vec!["recursive_lock"] };
                    assert_eq!(bench.found(), expected, "{of:?} {queued} {first} {second}");
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 3 * 2 * 2 * 4);
    println!("one lock: {cases} cases");
}

#[test]
fn released_twice_initialised_while_held_and_their_neighbours() {
    let mut cases = 0;
    for (of, read, queued, _) in ways_to_lock() {
        for mode in MODES {
            let take = by(read, 0).take;
            for (variant, expected) in [(0, vec!["bad_unlock"]), (1, vec!["held_lock_freed"]), (2, SILENT)] {
                let mut bench = Bench::new(mode, queued, &[of]);
                let (task, key) = (bench.task(), bench.keys[0]);
                bench.v.acquire(task, instance(0), take);
                if variant != 1 {
                    bench.v.release(task, instance(0), Place(0));
                }
                match variant {
                    0 => bench.v.release(task, instance(0), Place(0)),
                    _ => bench.v.init(task, instance(0), key, Place(0)).expect("the key was added"),
                }
                assert_eq!(bench.found(), expected, "{of:?} {mode:?}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 16 * 2 * 3);
    println!("release and init: {cases} cases");
}

#[test]
fn one_lock_in_an_interrupt_and_interruptible_by_it() {
    let mut cases = 0;
    for of in [LockType::RawSpin, LockType::Spin, LockType::RwLock, LockType::LocalLock] {
        for queued in [true, false] {
            for (read_outside, read_inside) in [(false, false), (false, true), (true, false), (true, true)] {
                if of != LockType::RwLock && (read_outside || read_inside) {
                    continue;
                }
                for (irq, off) in [(HARD, Where::IrqsOff), (SOFT, Where::BhOff), (SOFT, Where::IrqsOff)] {
                    let inside = event(irq, &[by(read_inside, 0)]);
                    let both_read = read_outside && read_inside;
                    let expected = if both_read { SILENT } else { vec!["irq_unsafe_lock"] };
                    let unsafe_ = [event(Where::Task, &[by(read_outside, 0)]), inside.clone()];
                    cases += in_every_order("unsafe", queued, &[of], &unsafe_, |_| expected.clone());
                    let safe = [event(off, &[by(read_outside, 0)]), inside.clone()];
                    cases += in_every_order("safe", queued, &[of], &safe, |_| SILENT);
                    // A trylock in the interrupt waits for nobody; one outside is in the way all the same.
                    let tried = [event(Where::Task, &[by(read_outside, 0)]), event(irq, &[t(0)])];
                    cases += in_every_order("trylock inside", queued, &[of], &tried, |_| SILENT);
                    let trying = [event(Where::Task, &[t(0)]), event(irq, &[w(0)])];
                    cases += in_every_order("trylock outside", queued, &[of], &trying, |_| vec!["irq_unsafe_lock"]);
                }
            }
        }
    }
    // 7 mixes, queued or not, 3 pairs of contexts, 4 variants, 2 orders, 2 modes.
    assert_eq!(cases, 7 * 2 * 3 * 4 * 2 * 2);
    println!("inconsistent: {cases} cases");
}

/// The events of an inversion over `a` and `b`: `a -> b` with the interrupt off, `b` with it on, `a` in the interrupt.
fn inversion(off: Where, irq: Where, reads: [bool; 4]) -> Vec<Event> {
    vec![
        event(off, &[by(reads[0], 0), by(reads[1], 1)]),
        event(Where::Task, &[by(reads[2], 1)]),
        event(irq, &[by(reads[3], 0)]),
    ]
}

#[test]
fn an_irq_safe_lock_over_an_unsafe_one_with_every_mix_of_readers_and_writers() {
    let mut cases = 0;
    for (irq, off) in [(HARD, Where::IrqsOff), (SOFT, Where::BhOff), (SOFT, Where::IrqsOff)] {
        for queued in [true, false] {
            for mix in 0..16 {
                let reads = [0, 1, 2, 3].map(|at| mix >> at & 1 == 1);
                let events = inversion(off, irq, reads);
                // At b: taken by a recursive reader, held shared. With bottom halves off a reader is recursive. At a: readers in interrupts are.
                let recursive_b = reads[1] && (!queued || off == Where::BhOff);
                let weak = (recursive_b && reads[2]) || (reads[3] && reads[0]);
                let expected = |last| match last {
                    _ if weak => SILENT,
                    0 => vec!["irq_lock_order"],
                    _ => vec!["irq_lock_inversion"],
                };
                cases += in_every_order("inversion", queued, &[LockType::RwLock; 2], &events, expected);
            }
        }
    }
    assert_eq!(cases, 3 * 2 * 16 * 6 * 2);
    println!("inversions: {cases} cases");
}

#[test]
fn an_irq_safe_lock_over_an_unsafe_one_for_each_type_and_its_silent_neighbours() {
    let mut cases = 0;
    for of in [LockType::RawSpin, LockType::Spin, LockType::RwLock, LockType::LocalLock] {
        for (irq, off) in [(HARD, Where::IrqsOff), (SOFT, Where::BhOff)] {
            let events = inversion(off, irq, [false; 4]);
            // Paths through per-CPU locks are not followed.
            let expected = |last| match last {
                _ if of == LockType::LocalLock => SILENT,
                0 => vec!["irq_lock_order"],
                _ => vec!["irq_lock_inversion"],
            };
            cases += in_every_order("inversion", true, &[of; 2], &events, expected);
            // Without each of the three: the edge; b with interrupts on; a in the interrupt.
            let silent = [
                vec![event(off, &[w(0)]), events[1].clone(), events[2].clone()],
                vec![events[0].clone(), event(off, &[w(1)]), events[2].clone()],
                vec![events[0].clone(), events[1].clone(), event(off, &[w(0)])],
                vec![event(off, &[w(0), t(1)]), events[1].clone(), events[2].clone()],
            ];
            for events in silent {
                cases += in_every_order("no inversion", true, &[of; 2], &events, |_| SILENT);
            }
        }
    }
    assert_eq!(cases, 4 * 2 * 5 * 6 * 2);
    println!("inversions by type: {cases} cases");
}

#[test]
fn a_path_of_two_edges_between_a_safe_and_an_unsafe_lock() {
    let mut cases = 0;
    for middle in [LockType::Spin, LockType::LocalLock] {
        for (irq, off) in [(HARD, Where::IrqsOff), (SOFT, Where::BhOff)] {
            let events = [
                event(off, &[w(0), w(1)]),
                event(off, &[w(1), w(2)]),
                event(Where::Task, &[w(2)]),
                event(irq, &[w(0)]),
            ];
            let types = [LockType::Spin, middle, LockType::Spin];
            let expected = |last| match last {
                _ if middle == LockType::LocalLock => SILENT,
                0 | 1 => vec!["irq_lock_order"],
                _ => vec!["irq_lock_inversion"],
            };
            cases += in_every_order("two edges", true, &types, &events, expected);
        }
    }
    assert_eq!(cases, 2 * 2 * 24 * 2);
    println!("two edges: {cases} cases");
}

#[test]
fn events_that_come_again_add_nothing() {
    let mut cases = 0;
    for (mix, expected) in [([false, true], vec!["lock_order"]), ([true, true], SILENT)] {
        let [hold, take] = mix;
        // An rwlock and a spinlock in both orders, everything twice. A shared holder and a recursive reader do not meet.
        let one = event(Where::Task, &[by(hold, 0), w(1)]);
        let other = event(Where::Task, &[w(1), by(take, 0)]);
        for order in permutations(4) {
            for mode in MODES {
                let mut bench = Bench::new(mode, false, &[LockType::RwLock, LockType::Spin]);
                for at in &order {
                    bench.run([&one, &one, &other, &other][*at]);
                }
                assert_eq!(bench.found(), expected, "{order:?}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 2 * 24 * 2);
    println!("chain cache: {cases} cases");
}

/// Whether a lock of the second type may be waited for in the first; as the kernel's self-test tabulates it.
#[test]
fn every_lock_type_in_every_wait_context() {
    use LockType::{Mutex, RawSpin, Rcu, RcuSched, RwSem, Spin};
    #[derive(Debug)]
    enum Around {
        In(Where),
        Held(LockType),
    }
    // What may be waited for there: RCU readers, raw spinlocks, spinlocks, mutexes and rwsems.
    let rows = [
        (Around::In(Where::Task), [true, true, true, true]),
        (Around::In(HARD), [true, true, true, false]),
        (Around::In(Where::In(Interrupt::HardNoThread)), [true, true, false, false]),
        (Around::In(SOFT), [true, true, true, false]),
        (Around::Held(Rcu), [true, true, true, false]),
        (Around::Held(RcuSched), [true, true, false, false]),
        (Around::Held(RawSpin), [true, true, false, false]),
        (Around::Held(Spin), [true, true, true, false]),
        (Around::Held(LockType::LocalLock), [true, true, true, false]),
        (Around::Held(Mutex), [true, true, true, true]),
        (Around::Held(LockType::Srcu), [true, true, true, true]),
    ];
    let columns: [(usize, LockType); 6] =
        [(0, Rcu), (1, RawSpin), (2, Spin), (2, LockType::RwLock), (3, Mutex), (3, RwSem)];
    let mut cases = 0;
    for (around, allowed) in rows {
        for (column, of) in columns {
            for (mode, raw, trylock) in [
                (Mode::Exact, true, false),
                (Mode::Kernel, true, false),
                (Mode::Exact, false, false),
                (Mode::Exact, true, true),
            ] {
                let settings = Settings { mode, prove_raw_lock_nesting: raw, ..Settings::default() };
                let mut v = lockdep_model::validator::Validator::new(settings);
                let task = lockdep_model::class::ContextId(1);
                let (outer, inner) = (InstanceId(1), InstanceId(2));
                match around {
                    Around::In(Where::In(interrupt)) => v.enter(task, interrupt, lockdep_model::class::ContextId(2)),
                    Around::Held(of) => {
                        let key = v.key("outer", of);
                        v.init(task, outer, key, Place(0)).expect("the key was added");
                        v.acquire(task, outer, Take::write());
                    }
                    Around::In(_) => {}
                }
                let key = v.key("inner", of);
                v.init(task, inner, key, Place(0)).expect("the key was added");
                let take = Take::write();
                v.acquire(task, inner, if trylock { take.try_lock() } else { take });
                // Without the option spinlocks are as raw ones.
                let fine = allowed[column] || trylock || (!raw && column == 2);
                let found: Vec<_> = v.reports().iter().map(|report| report.kind.name()).collect();
                let expected = if fine { SILENT } else { vec!["wait_context"] };
                assert_eq!(found, expected, "{of:?} in {around:?}, {mode:?}, raw nesting {raw}, trylock {trylock}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 11 * 6 * 4);
    println!("wait contexts: {cases} cases");
}

#[test]
fn a_trylock_adds_no_edge_into_itself_and_is_walked_past() {
    let mut cases = 0;
    for of in [LockType::Spin, LockType::Mutex, LockType::RwSem] {
        let cycle = |other: One| [event(Where::Task, &[w(0), other]), event(Where::Task, &[w(1), w(0)])];
        cases += in_every_order("tried", true, &[of; 2], &cycle(t(1)), |_| SILENT);
        cases += in_every_order("waited for", true, &[of; 2], &cycle(w(1)), |_| vec!["lock_order"]);
        // a, then b by a trylock, then c: a -> c is there, and b -> c.
        for [held, taken] in [[0, 2], [1, 2]] {
            let events = [event(Where::Task, &[w(0), t(1), w(2)]), event(Where::Task, &[w(taken), w(held)])];
            cases += in_every_order("past a trylock", true, &[of; 3], &events, |_| vec!["lock_order"]);
        }
        let events = [event(Where::Task, &[w(0), t(1), w(2)]), event(Where::Task, &[w(1), w(0)])];
        cases += in_every_order("into a trylock", true, &[of; 3], &events, |_| SILENT);
    }
    assert_eq!(cases, 3 * 5 * 2 * 2);
    println!("trylocks: {cases} cases");
}

#[test]
fn nothing_held_outside_an_interrupt_has_an_edge_into_it() {
    let mut cases = 0;
    for interrupt in [Interrupt::Hard, Interrupt::Soft] {
        for mode in MODES {
            // In the interrupt b is taken with a held under it; outside, a is taken under b with interrupts off.
            let mut bench = Bench::new(mode, true, &[LockType::Spin; 2]);
            let (task, handler) = (bench.task(), bench.task());
            bench.v.irqs_off(task);
            bench.v.acquire(task, instance(0), t(0).take);
            bench.v.enter(task, interrupt, handler);
            bench.v.irqs_off(task);
            bench.v.acquire(task, instance(1), w(1).take);
            bench.v.release(task, instance(1), Place(0));
            bench.v.leave(task, Place(0)).expect("it was entered");
            bench.v.release(task, instance(0), Place(0));
            bench.run(&event(Where::IrqsOff, &[w(1), w(0)]));
            assert_eq!(bench.found(), SILENT, "{interrupt:?} {mode:?}");
            cases += 1;
        }
    }
    assert_eq!(cases, 4);
}

#[test]
fn rcu_readers_are_no_edges_and_no_usage() {
    for mode in MODES {
        let mut bench = Bench::new(mode, true, &[LockType::Rcu, LockType::Spin]);
        for place in [Where::Task, HARD, SOFT] {
            bench.run(&event(place, &[r(0)]));
        }
        bench.run(&event(Where::Task, &[r(0), w(1)]));
        bench.run(&event(Where::Task, &[w(1), r(0)]));
        assert_eq!(bench.found(), SILENT);
        assert_eq!(bench.v.graph().graph.edge_count(), 0);
        let rcu = bench
            .v
            .graph()
            .graph
            .node_weights()
            .find(|node| node.lock == LockType::Rcu)
            .map(|node| node.usage_characters.clone());
        assert_eq!(rcu.as_deref(), Some("...."));
    }
}
