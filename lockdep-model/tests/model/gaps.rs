//! The gaps of the kernel's algorithm, the two that it documents and one more: kernel mode has them, exact mode does not.

use crate::common::{Event, One, Where, event, in_every_order, r, w};
use lockdep_model::class::LockType;
use lockdep_model::settings::Mode;
use lockdep_model::validator::Interrupt;

const RWLOCKS: [LockType; 3] = [LockType::RwLock; 3];

fn tasks(scripts: &[&[One]]) -> Vec<Event> {
    scripts.iter().map(|locks| event(Where::Task, locks)).collect()
}

fn found(mode: Mode, events: &[Event]) -> Vec<&'static str> {
    let mut bench = crate::common::Bench::new(mode, false, &RWLOCKS);
    for event in events {
        bench.run(event);
    }
    bench.found()
}

/// `W(A) R(C) | R(A) W(B) | W(C) W(B) R(A)`: from A, B is met first by the weak `-(SN)->`, marked as visited, and so not seen again at the
/// end of the strong path over C.
#[test]
fn a_class_met_first_by_a_weak_path_hides_a_strong_one_from_the_kernel() {
    let [a, b, c] = [0, 1, 2];
    let events = tasks(&[&[w(a), r(c)], &[r(a), w(b)], &[w(c), w(b), r(a)]]);
    assert_eq!(found(Mode::Kernel, &events), [""; 0]);
    assert_eq!(found(Mode::Exact, &events), ["lock_order"]);
    // Without the weak path in the way, the kernel sees it too, whatever comes first.
    let seen = tasks(&[&[w(a), r(c)], &[w(c), w(b), r(a)]]);
    assert_eq!(in_every_order("no weak path", false, &RWLOCKS, &seen, |_| vec!["lock_order"]), 4);
}

/// `R(A) W(B) | R(B) R(C) W(A)`: the edge from B to A is not added, as C stands between, although a path over C is not strong.
#[test]
fn a_recursive_reader_between_hides_an_edge_from_the_kernel() {
    let [a, b, c] = [0, 1, 2];
    let events = tasks(&[&[r(a), w(b)], &[r(b), r(c), w(a)]]);
    assert_eq!(found(Mode::Kernel, &events), [""; 0]);
    assert_eq!(found(Mode::Exact, &events), ["lock_order"]);
    let seen = tasks(&[&[r(a), w(b)], &[r(b), w(a)]]);
    assert_eq!(in_every_order("nothing between", false, &RWLOCKS, &seen, |_| vec!["lock_order"]), 4);
}

/// `a`, the per-CPU `b`, `c` in one hold: the kernel adds a -> b and b -> c, passes b by when it looks for interrupts, and so does not see
/// that a, taken in an interrupt, is over c, which the interrupt can find held.
#[test]
fn a_per_cpu_lock_between_hides_an_inversion_from_the_kernel() {
    let types = [LockType::Spin, LockType::LocalLock, LockType::Spin];
    let events = |between: &[One]| {
        let chain: Vec<One> = [w(0)].iter().chain(between).chain(&[w(2)]).copied().collect();
        [event(Where::In(Interrupt::Hard), &[w(0)]), event(Where::Task, &[w(2)]), event(Where::IrqsOff, &chain)]
    };
    for (mode, expected) in [(Mode::Kernel, vec![]), (Mode::Exact, vec!["irq_lock_order"])] {
        let mut bench = crate::common::Bench::new(mode, true, &types);
        events(&[w(1)]).iter().for_each(|event| bench.run(event));
        assert_eq!(bench.found(), expected, "{mode:?}");
    }
    let seen = |last: usize| vec![if last == 2 { "irq_lock_order" } else { "irq_lock_inversion" }];
    assert_eq!(in_every_order("nothing between", true, &types, &events(&[]), seen), 12);
}
