//! The rules of the model at its lowest layer: steps give facts, facts give reports.

use lockdep_model::class::{ClassId, ContextId, InstanceId, KeyId, LockType};
use lockdep_model::exact::{Options, check};
use lockdep_model::fact::WaitLimit;
use lockdep_model::facts::Facts;
use lockdep_model::held::{HeldStack, IrqState};
use lockdep_model::report::{Detail, Impossible, Report, Severity, Verdict};
use lockdep_model::settings::Settings;
use lockdep_model::step::{Acquire, Env, Release, acquire, hardirqs_on, release};

fn lock(n: u32, of: LockType) -> Acquire {
    Acquire::new(ClassId::new(KeyId(n)), of, InstanceId(n.into()))
}

/// One context takes these locks, each under those before it, and releases them.
fn chain(facts: &mut Facts<u32>, witness: u32, irq: IrqState, locks: &[Acquire]) {
    let settings = Settings::default();
    let env = Env { settings: &settings, context: ContextId(witness), irq };
    let mut held = HeldStack::new();
    for lock in locks {
        acquire(&env, &mut held, lock, &mut facts.recorder(&witness));
    }
    for lock in locks.iter().rev() {
        let gone = Release { instance: lock.instance, class: None, owner: None, place: lock.place };
        assert!(release(&env, &mut held, &gone, &mut facts.recorder(&witness)));
    }
    assert!(held.is_empty());
}

fn names(reports: &[Report<u32>]) -> Vec<&'static str> {
    reports.iter().map(|report| report.kind.name()).collect()
}

fn verdicts(facts: &Facts<u32>) -> Vec<Report<u32>> {
    check(facts, &Options::default())
}

#[test]
fn two_locks_in_both_orders_are_a_cycle_closed_by_the_later_edge() {
    let mut facts = Facts::new();
    let [a, b] = [1, 2].map(|n| lock(n, LockType::Spin));
    chain(&mut facts, 0, IrqState::TASK, &[a, b]);
    chain(&mut facts, 1, IrqState::TASK, &[b, a]);
    let reports = verdicts(&facts);
    assert_eq!(names(&reports), ["lock_order"]);
    let Detail::Cycle { links } = &reports[0].detail else { panic!("{reports:?}") };
    let ends: Vec<_> = links.iter().map(|link| (link.from.key.0, link.to.key.0, link.evidence.witness)).collect();
    assert_eq!(ends, [(1, 2, 0), (2, 1, 1)]);
    assert_eq!(reports[0].severity, Severity::Warning);
}

#[test]
fn two_locks_in_one_order_are_silent() {
    let mut facts = Facts::new();
    let [a, b] = [1, 2].map(|n| lock(n, LockType::Spin));
    chain(&mut facts, 0, IrqState::TASK, &[a, b]);
    chain(&mut facts, 1, IrqState::TASK, &[a, b]);
    assert_eq!(names(&verdicts(&facts)), [""; 0]);
}

#[test]
fn a_cycle_under_one_outer_lock_is_a_note_that_names_the_gate() {
    let mut facts = Facts::new();
    let [gate, a, b] = [9, 1, 2].map(|n| lock(n, LockType::Mutex));
    chain(&mut facts, 0, IrqState::TASK, &[gate, a, b]);
    chain(&mut facts, 1, IrqState::TASK, &[gate, b, a]);
    let reports = verdicts(&facts);
    assert_eq!(names(&reports), ["lock_order"]);
    assert_eq!(reports[0].verdict, Verdict::Impossible(Impossible::Gate { locks: vec![gate.instance] }));
    assert_eq!(reports[0].severity, Severity::Note);

    // A third context that does not take the gate makes it possible again.
    chain(&mut facts, 2, IrqState::TASK, &[b, a]);
    assert_eq!(verdicts(&facts)[0].verdict, Verdict::Possible);
}

#[test]
fn a_cycle_of_one_context_is_a_note() {
    let mut facts = Facts::new();
    let [a, b] = [1, 2].map(|n| lock(n, LockType::Mutex));
    chain(&mut facts, 0, IrqState::TASK, &[a, b]);
    chain(&mut facts, 0, IrqState::TASK, &[b, a]);
    let one = Verdict::Impossible(Impossible::OneContext { context: ContextId(0) });
    assert_eq!(verdicts(&facts)[0].verdict, one);
}

#[test]
fn a_class_taken_while_held_is_recursion() {
    let mut facts = Facts::new();
    let a = lock(1, LockType::Spin);
    chain(&mut facts, 0, IrqState::TASK, &[a, Acquire { instance: InstanceId(7), ..a }]);
    assert_eq!(names(&verdicts(&facts)), ["recursive_lock"]);
    assert_eq!(verdicts(&facts)[0].severity, Severity::Warning);
    chain(&mut facts, 1, IrqState::TASK, &[a, a]);
    assert_eq!(verdicts(&facts)[0].severity, Severity::Error, "the very same lock");
}

#[test]
fn a_lock_taken_in_an_interrupt_and_with_interrupts_on_is_unsafe() {
    let mut facts = Facts::new();
    let a = lock(1, LockType::Spin);
    chain(&mut facts, 0, IrqState::TASK, &[a]);
    assert_eq!(names(&verdicts(&facts)), [""; 0]);
    chain(&mut facts, 1, IrqState::HARDIRQ, &[a]);
    let reports = verdicts(&facts);
    assert_eq!(names(&reports), ["irq_unsafe_lock"]);
    assert_eq!(reports[0].classes[&a.class].usage.characters(), "?.+.");
}

#[test]
fn a_lock_taken_in_an_interrupt_and_with_interrupts_off_is_safe() {
    let mut facts = Facts::new();
    let a = lock(1, LockType::Spin);
    chain(&mut facts, 0, IrqState { hardirqs_on: false, ..IrqState::TASK }, &[a]);
    chain(&mut facts, 1, IrqState::HARDIRQ, &[a]);
    assert_eq!(names(&verdicts(&facts)), [""; 0]);
}

#[test]
fn an_unsafe_lock_under_a_safe_one_is_told_as_what_came_last() {
    let [safe, not] = [1, 2].map(|n| lock(n, LockType::Spin));
    let off = IrqState { hardirqs_on: false, ..IrqState::TASK };
    type Make = fn(&mut Facts<u32>, u32, IrqState, &[Acquire]);
    let chain: Make = chain;
    // The three events in every order; the last decides the name.
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut facts = Facts::new();
        for (when, event) in order.into_iter().enumerate() {
            match event {
                0 => chain(&mut facts, when as u32, IrqState::HARDIRQ, &[safe]),
                1 => chain(&mut facts, when as u32, IrqState::TASK, &[not]),
                _ => chain(&mut facts, when as u32, off, &[safe, not]),
            }
        }
        let name = if order[2] == 2 { "irq_lock_order" } else { "irq_lock_inversion" };
        let reports = verdicts(&facts);
        assert_eq!(names(&reports), [name], "{order:?}");
        assert_eq!(reports[0].also.len(), 1);
    }
}

#[test]
fn enabling_interrupts_marks_what_is_held() {
    let settings = Settings::default();
    let off = IrqState { hardirqs_on: false, ..IrqState::TASK };
    let env = Env { settings: &settings, context: ContextId(0), irq: off };
    let (mut facts, mut held) = (Facts::new(), HeldStack::new());
    let a = lock(1, LockType::Spin);
    acquire(&env, &mut held, &a, &mut facts.recorder(&0));
    assert_eq!(facts.classes[&a.class].mask().characters(), "....");
    hardirqs_on(&env, &held, a.place, &mut facts.recorder(&1));
    assert_eq!(facts.classes[&a.class].mask().characters(), "+.+.");
}

#[test]
fn a_mutex_under_a_spinlock_is_an_invalid_wait() {
    let mut facts = Facts::new();
    let (spin, mutex) = (lock(1, LockType::Spin), lock(2, LockType::Mutex));
    chain(&mut facts, 0, IrqState::TASK, &[mutex, spin]);
    assert_eq!(names(&verdicts(&facts)), [""; 0]);
    chain(&mut facts, 1, IrqState::TASK, &[spin, mutex]);
    let reports = verdicts(&facts);
    assert_eq!(names(&reports), ["lock_order", "wait_context"]);
    let Detail::Problem { problem, .. } = &reports[1].detail else { panic!("{reports:?}") };
    let limit = WaitLimit::Lock(spin.class);
    assert_eq!(*problem, lockdep_model::fact::Problem::WaitContext { limit, class: mutex.class });
}
