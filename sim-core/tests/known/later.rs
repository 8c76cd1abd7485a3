//! What runs later than it is asked for: programs whose outcome is known, by the reference and by the search.

use super::{INTS, TASK, finals, increment, outcome, plan};
use crate::generate::{Later, Lock, Op, Plan, Style, compile};
use crate::product::{Expected, search};
use crate::reference::Outcome;
use sim_core::finding::Kind;
use sim_core::machine::MachineOptions;
use sim_core::program::{Mark, Preemption};
use sim_core::search::Options;
use std::collections::BTreeSet;

const TASKLET: Later = Later::Tasklet(0);

/// What both say of a plan in which these are registered.
fn both(mut plan: Plan, callbacks: &[(Later, &[Op])]) -> Outcome {
    plan.callbacks = callbacks.iter().map(|(later, ops)| (*later, ops.to_vec())).collect();
    let found = search(&compile(&plan), MachineOptions::default(), &Options::default());
    let expected = Expected::by(outcome(&plan));
    assert!(expected.is(&found), "{:?}, not {found:?}", expected.found);
    outcome(&plan)
}

fn kinds(outcome: &Outcome) -> BTreeSet<Kind> {
    outcome.symptoms.iter().map(|symptom| symptom.0).collect()
}

#[test]
fn what_local_bh_enable_serves_is_over_when_it_returns() {
    let ops = [Op::Start(TASKLET), Op::BhOff(Vec::new()), Op::Write(0, 2, Mark::Plain)];
    for preemption in [Preemption::None, Preemption::Full] {
        let out = both(plan(preemption, &[(TASK, 0, &ops)]), &[(TASKLET, &[increment()])]);
        assert_eq!((kinds(&out), finals(&out)), (BTreeSet::new(), BTreeSet::from([2])));
    }
}

#[test]
fn a_tasklet_that_is_scheduled_runs_and_races_with_who_scheduled_it() {
    let ops = [Op::Start(TASKLET), increment()];
    let out = both(plan(Preemption::Full, &[(TASK, 0, &ops)]), &[(TASKLET, &[increment()])]);
    assert_eq!((kinds(&out), finals(&out)), (BTreeSet::from([Kind::DataRace]), BTreeSet::from([1, 2])));
}

#[test]
fn a_tasklet_that_stays_disabled_hangs_who_kills_it() {
    let ops = [Op::TaskletDisabled(0, false, vec![Op::Start(TASKLET)]), Op::Stop(TASKLET)];
    let out = both(plan(Preemption::Full, &[(TASK, 0, &ops)]), &[(TASKLET, &[])]);
    assert_eq!((kinds(&out), out.finals.len()), (BTreeSet::from([Kind::HungTask]), 0));
}

#[test]
fn after_tasklet_kill_the_callback_is_over() {
    let ops = [Op::Start(TASKLET), Op::Stop(TASKLET), increment()];
    let out = both(plan(Preemption::Full, &[(TASK, 0, &ops)]), &[(TASKLET, &[increment()])]);
    assert_eq!((kinds(&out), finals(&out)), (BTreeSet::new(), BTreeSet::from([2])));
    assert_eq!(out.finals.first().map(Vec::len), Some(INTS.len()));
}

#[test]
fn vectors_are_served_lowest_first_and_one_that_is_raised_again_in_another_pass() {
    let (low, high) = (Later::Action(2), Later::Action(4));
    let ops = [Op::BhOff(vec![Op::Start(high), Op::Start(low)])];
    let once = |value| Op::Write(0, value, Mark::Once);
    let callbacks: [(Later, &[Op]); 2] = [(low, &[once(1)]), (high, &[once(2)])];
    let out = both(plan(Preemption::Full, &[(TASK, 0, &ops)]), &callbacks);
    assert_eq!(finals(&out), BTreeSet::from([2]));
}

#[test]
fn a_task_that_is_not_preempted_stays_on_the_cpu_where_it_raised_a_softirq() {
    let ops = [Op::Start(TASKLET), Op::IrqsOff(vec![Op::Write(0, 2, Mark::Plain)])];
    let mut plan = plan(Preemption::None, &[(TASK, 0, &ops)]);
    plan.contexts[0].cpu = None;
    // Interrupts are off on the CPU that would run the tasklet.
    let out = both(plan, &[(TASKLET, &[increment()])]);
    assert_eq!((kinds(&out), finals(&out)), (BTreeSet::new(), BTreeSet::from([2, 3])));
}

#[test]
fn two_timers_may_expire_before_the_softirq_that_both_raise_is_served_once() {
    let (first, second, action) = (Later::Timer(0), Later::Timer(1), Later::Action(2));
    let (ops, raise) = ([Op::Start(first), Op::Start(second)], [Op::Start(action)]);
    let callbacks: [(Later, &[Op]); 3] = [(first, &raise), (second, &raise), (action, &[increment()])];
    let mut plan = plan(Preemption::Full, &[(TASK, 0, &ops)]);
    plan.cpus = 1;
    let out = both(plan, &callbacks);
    assert_eq!((kinds(&out), finals(&out)), (BTreeSet::new(), BTreeSet::from([1, 2])));
}

#[test]
fn a_timer_whose_callback_takes_a_lock_deadlocks_with_who_waits_for_it_with_that_lock() {
    let timer = Later::Timer(0);
    let lock = |ops: &[Op]| Op::Spin(Lock::Spin(0), Style::Plain, ops.to_vec());
    let ops = [Op::Start(timer), lock(&[Op::Stop(timer)])];
    // On another CPU: the timer is not pinned. On its own it would find the lock held, too.
    let out = both(plan(Preemption::Full, &[(TASK, 0, &ops)]), &[(timer, &[lock(&[])])]);
    assert_eq!(kinds(&out), BTreeSet::from([Kind::Deadlock]));
}
