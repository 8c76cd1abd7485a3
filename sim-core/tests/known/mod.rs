//! The reference interpreter on programs whose outcome is known.

mod later;

use crate::generate::{ContextPlan, INTS, Lock, Op, Plan, Role, Style, compile};
use crate::reference::{Outcome, explore};
use sim_core::finding::Kind;
use sim_core::model::CodePlace;
use sim_core::program::{Mark, Preemption};
use std::collections::BTreeSet;

fn plan(preemption: Preemption, contexts: &[(Role, u8, &[Op])]) -> Plan {
    let contexts =
        contexts.iter().map(|(role, cpu, ops)| ContextPlan { role: *role, cpu: Some(*cpu), ops: ops.to_vec() });
    Plan {
        cpus: 2,
        preemption,
        queued_rwlocks: true,
        addresses_given: true,
        semaphore: 1,
        contexts: contexts.collect(),
        callbacks: Vec::new(),
        queues: [(0, 0); 2],
        claims: Vec::new(),
    }
}

fn outcome(plan: &Plan) -> Outcome {
    let program = compile(plan);
    program.validate().expect("a plan compiles to a valid program");
    explore(&program, &INTS, 1_000_000).expect("a small program")
}

fn outcome_of(preemption: Preemption, contexts: &[(Role, u8, &[Op])]) -> Outcome {
    outcome(&plan(preemption, contexts))
}

/// The values of the first integer at the end.
fn finals(outcome: &Outcome) -> BTreeSet<u8> {
    outcome.finals.iter().map(|values| values[0][0]).collect()
}

fn kinds(outcome: &Outcome) -> Vec<Kind> {
    outcome.symptoms.iter().map(|(kind, _)| *kind).collect()
}

fn at(function: u32, at: u32) -> CodePlace {
    CodePlace { function, at }
}

const TASK: Role = Role::Task;
const LINE: Role = Role::Line { times: 1 };

fn increment() -> Op {
    Op::Increment(0, Mark::Plain)
}

fn spin(lock: usize, inner: &[Op]) -> Op {
    Op::Spin(Lock::Spin(lock), Style::Plain, inner.to_vec())
}

#[test]
fn unlocked_increments_lose_one_and_race() {
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &[increment()]), (TASK, 1, &[increment()])]);
    assert_eq!(finals(&out), BTreeSet::from([1, 2]));
    // `seen = 0; old = x; one = 1; new = old + one; x = new`: instructions 1 and 4 touch memory. Load and load do not conflict.
    let race = |a, b| (Kind::DataRace, vec![at(1, a), at(2, b)]);
    assert_eq!(out.symptoms, BTreeSet::from([race(1, 4), race(4, 1), race(4, 4)]));
}

#[test]
fn locked_increments_lose_none() {
    let locked = [spin(0, &[increment()])];
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &locked), (TASK, 1, &locked), (TASK, 0, &locked)]);
    assert_eq!((finals(&out), out.symptoms), (BTreeSet::from([3]), BTreeSet::new()));
}

#[test]
fn independent_tasks_have_the_product_of_their_states() {
    let write = |var| [Op::Write(var, 1, Mark::Plain)];
    // Set-up is one `return` on CPU 0: not started, or there, so 2 states before its end. A task of 4 instructions
    // (`seen = 0; one = 1; x = one; return`) has not started, is at one of them, or has ended: 6 states each.
    let out = outcome_of(Preemption::None, &[(TASK, 0, &write(0)), (TASK, 1, &write(1))]);
    assert_eq!(out.states, 2 + 6 * 6);
    // Preemptible, it may also have lost its CPU at each instruction: 4 more; and so may set-up: 1 more.
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &write(0)), (TASK, 1, &write(1))]);
    assert_eq!(out.states, 3 + 10 * 10);
}

#[test]
fn locks_in_opposite_orders_deadlock() {
    let (ab, ba) = ([spin(0, &[spin(1, &[])])], [spin(1, &[spin(0, &[])])]);
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &ab), (TASK, 1, &ba)]);
    // `seen = 0; preempt_disable; acquire; preempt_disable; acquire`
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::Deadlock, vec![at(1, 4), at(2, 4)])]));
    assert_eq!(finals(&out), BTreeSet::from([0]));
}

#[test]
fn three_locks_in_a_ring_deadlock_three_mutex_tasks_on_one_cpu() {
    let pair = |a, b| [Op::Mutex(Lock::Mutex(a), vec![Op::Mutex(Lock::Mutex(b), Vec::new())])];
    let ring = [(TASK, 0, &pair(0, 1)[..]), (TASK, 0, &pair(1, 2)), (TASK, 0, &pair(2, 0))];
    let out = outcome_of(Preemption::Full, &ring);
    // `seen = 0; might_sleep; acquire; might_sleep; acquire`
    let members = vec![at(1, 4), at(2, 4), at(3, 4)];
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::Deadlock, members)]));
    // Nobody is preempted where nothing sleeps, and then each is done before the next begins.
    assert_eq!(outcome_of(Preemption::None, &ring).symptoms, BTreeSet::new());
}

#[test]
fn a_spinlock_taken_twice_deadlocks_alone() {
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &[spin(0, &[spin(0, &[])])])]);
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::Deadlock, vec![at(1, 4)])]));
    assert_eq!(out.finals, BTreeSet::new());
}

#[test]
fn a_handler_deadlocks_with_the_task_it_interrupts() {
    let lock = |style| [Op::Spin(Lock::Spin(0), style, vec![increment()])];
    let (plain, irq) = (lock(Style::Plain), lock(Style::IrqSave));
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &plain), (LINE, 0, &plain)]);
    // The handler waits at its acquire; the task waits for its CPU, wherever the interrupt caught it.
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::Deadlock, vec![at(2, 2)])]));
    for (task_cpu, line_cpu, lock) in [(0, 0, &irq), (0, 1, &plain)] {
        let out = outcome_of(Preemption::Full, &[(TASK, task_cpu, lock), (LINE, line_cpu, &plain)]);
        assert_eq!((finals(&out), out.symptoms), (BTreeSet::from([1, 2]), BTreeSet::new()));
    }
}

#[test]
fn a_trylock_does_not_wait() {
    let (ab, ba) = ([spin(0, &[Op::TrySpin(Lock::Spin(1), Vec::new())])], [spin(1, &[spin(0, &[])])]);
    assert_eq!(outcome_of(Preemption::Full, &[(TASK, 0, &ab), (TASK, 1, &ba)]).symptoms, BTreeSet::new());
}

#[test]
fn a_completion_that_nobody_completes_hangs_its_waiter() {
    let hung = (Kind::HungTask, vec![at(1, 2)]);
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &[Op::WaitForCompletion]), (TASK, 0, &[increment()])]);
    assert_eq!(out.symptoms, BTreeSet::from([hung]));
    let out = outcome_of(Preemption::None, &[(TASK, 0, &[Op::WaitForCompletion]), (TASK, 0, &[Op::Complete])]);
    assert_eq!(out.symptoms, BTreeSet::new());
}

#[test]
fn a_wake_up_is_lost_unless_the_sleeper_looks_again_after_it_set_its_state() {
    let (sleeps, sets) = ([Op::SleepUnless(0)], Op::Write(0, 1, Mark::Once));
    let with = |ops: &[Op]| outcome_of(Preemption::Full, &[(TASK, 0, &sleeps), (TASK, 1, ops)]).symptoms;
    assert_eq!(with(&[sets.clone(), Op::WakeSleeper]), BTreeSet::new());
    // `seen = 0; me = current; sleeper = me; state = 2; set_state; awake = x; sleep = !awake; if (sleep) schedule`
    let hung = BTreeSet::from([(Kind::HungTask, vec![at(1, 8)])]);
    assert_eq!(with(&[Op::WakeSleeper, sets]), hung);
}

#[test]
fn a_waiting_loop_is_named_for_what_it_keeps_off() {
    let (wait, set) = ([Op::Await(0)], [Op::Write(0, 1, Mark::Once)]);
    let alone = |preemption, ops: &[Op]| kinds(&outcome_of(preemption, &[(TASK, 0, ops)]));
    assert_eq!(alone(Preemption::Full, &wait), [Kind::Livelock]);
    assert_eq!(alone(Preemption::None, &wait), [Kind::SoftLockup]);
    assert_eq!(alone(Preemption::Full, &[Op::PreemptOff(wait.to_vec())]), [Kind::SoftLockup]);
    assert_eq!(alone(Preemption::Full, &[Op::IrqsOff(wait.to_vec())]), [Kind::HardLockup]);
    // Who would end the wait needs the CPU: with preemption it gets it.
    let two = |preemption| kinds(&outcome_of(preemption, &[(TASK, 0, &wait), (TASK, 0, &set)]));
    assert_eq!(two(Preemption::Full), []);
    assert_eq!(two(Preemption::None), [Kind::SoftLockup]);
}

#[test]
fn what_is_left_behind_is_found_at_the_return() {
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &[Op::SpinLock(Lock::Spin(0), Style::Plain)])]);
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::LockLeak, vec![at(1, 3)]), (Kind::PreemptLeak, vec![at(1, 3)])]));
    let out = outcome_of(Preemption::Full, &[(LINE, 0, &[Op::IrqEnable])]);
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::IrqState, vec![at(1, 1)])]));
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &[Op::IrqDisable, Op::PreemptDisable])]);
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::IrqState, vec![at(1, 3)]), (Kind::PreemptLeak, vec![at(1, 3)])]));
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &[Op::MutexUnlock(Lock::Mutex(0)), Op::PreemptEnable])]);
    assert_eq!(out.symptoms, BTreeSet::from([(Kind::BadUnlock, vec![at(1, 1)]), (Kind::PreemptLeak, vec![at(1, 2)])]));
}

#[test]
fn sleeping_under_a_spinlock_is_found_and_goes_on() {
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &[spin(0, &[Op::Mutex(Lock::Mutex(0), vec![increment()])])])]);
    assert_eq!((kinds(&out), finals(&out)), (vec![Kind::SleepInAtomic], BTreeSet::from([1])));
}

#[test]
fn an_oops_leaves_those_hanging_who_wait_for_what_its_victim_held() {
    let dies = [Op::Mutex(Lock::Mutex(0), vec![Op::Bug(0)])];
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &dies), (TASK, 1, &[Op::Mutex(Lock::Mutex(0), Vec::new())])]);
    assert_eq!(kinds(&out), [Kind::HungTask, Kind::BugOn]);
    let dies = [spin(0, &[Op::Bug(0)])];
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &dies), (TASK, 1, &[spin(0, &[])])]);
    assert_eq!(kinds(&out), [Kind::SoftLockup, Kind::BugOn]);
}

#[test]
fn an_oops_with_bottom_halves_off_stops_the_machine() {
    let dies = [Op::Spin(Lock::Spin(0), Style::Bh, vec![Op::Bug(0)])];
    let out = outcome_of(Preemption::Full, &[(TASK, 0, &dies), (TASK, 1, &[spin(0, &[])])]);
    assert_eq!(kinds(&out), [Kind::BugOn]);
}
