//! What workqueues promise, in every state of 2,000 generated programs: an item is not re-entered, `max_active` holds, ordered queues keep their order, and
//! after `cancel_work_sync()` and `flush_work()` have returned nothing of the item runs. Who runs what is read off the stacks alone.

mod plan;

use plan::{Op, Plan, QueueKind, WorkPlan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::{Choice, Deaf, Growth, Model, Outgrown};
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

/// Programs with more states than this are looked at as far as that.
const LIMIT: usize = 60_000;

/// A promise that a state breaks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Broken {
    /// This item runs twice at once.
    Reentered(usize),
    /// More items of this queue run than may.
    TooMany(usize),
    /// The second runs, or has run, before the first has ended.
    OutOfOrder(usize, usize),
    /// The item runs though this thread has cancelled or flushed it.
    StillRuns { thread: usize, work: usize },
}

/// Visits every state of a plan, up to the limit; gives how many there are, and what they break.
fn walk(plan: &Plan) -> (usize, HashSet<Broken>) {
    let program = Arc::new(plan.program());
    program.validate().expect("a plan makes a valid program");
    let mut machine = Machine::new(program, MachineOptions::default());
    loop {
        match walk_on(plan, &machine) {
            Ok(found) => return found,
            Err(growth) => machine = machine.grow(growth, MachineOptions::default()),
        }
    }
}

fn walk_on(plan: &Plan, machine: &Machine) -> Result<(usize, HashSet<Broken>), Growth> {
    let mut first = vec![0; machine.state_len()];
    machine.initial(&mut first, &mut Deaf).map_err(|Outgrown(growth)| growth)?;
    let mut seen: HashSet<Vec<u8>> = HashSet::from([first.clone()]);
    let mut todo = vec![first];
    let mut broken = HashSet::new();
    let mut choices: Vec<Choice> = Vec::new();
    while let Some(state) = todo.pop() {
        check(plan, machine, &state, &mut broken);
        choices.clear();
        machine.choices(&state, &mut choices);
        for choice in &choices {
            let mut next = state.clone();
            machine.step(&mut next, *choice, &mut Deaf).map_err(|Outgrown(growth)| growth)?;
            if seen.insert(next.clone()) {
                todo.push(next);
            }
        }
        if seen.len() >= LIMIT {
            break;
        }
    }
    Ok((seen.len(), broken))
}

fn check(plan: &Plan, machine: &Machine, state: &[u8], broken: &mut HashSet<Broken>) {
    let contexts = machine.context_names().count();
    let outermost = |context: usize| machine.stack_of(state, context as u8).last().map(|place| place.function);
    let running: Vec<usize> = (0..plan.works.len())
        .map(|work| (0..contexts).filter(|c| outermost(*c) == Some(plan.work_function(work))).count())
        .collect();
    broken.extend((0..plan.works.len()).filter(|work| running[*work] > 1).map(Broken::Reentered));
    for (queue, kind) in plan.queues.iter().enumerate() {
        let of_queue = (0..plan.works.len()).filter(|work| plan.works[*work].queue == queue);
        if kind.limit().is_some_and(|limit| of_queue.map(|work| running[work]).sum::<usize>() > limit) {
            broken.insert(Broken::TooMany(queue));
        }
    }
    let done = |work: usize| machine.static_bytes(state, plan.done_object(work))[0] != 0;
    for (first, second) in plan.ordered_pairs() {
        if (running[second] > 0 || done(second)) && !done(first) {
            broken.insert(Broken::OutOfOrder(first, second));
        }
    }
    for wait in plan.waits() {
        let stack = machine.stack_of(state, plan.thread_context(wait.thread) as u8);
        // Set-up is none of a thread's business: one that has not begun stands at its first instruction.
        let passed = stack.last().is_none_or(|place| place.at >= wait.end);
        if passed && running[wait.work] > 0 {
            broken.insert(Broken::StillRuns { thread: wait.thread, work: wait.work });
        }
    }
}

fn queue_kind() -> impl Strategy<Value = QueueKind> {
    prop_oneof![
        (0..3u8).prop_map(|max_active| QueueKind::Bound { max_active }),
        (1..3u8).prop_map(|max_active| QueueKind::Unbound { max_active }),
        Just(QueueKind::Ordered),
        Just(QueueKind::Highpri),
        any::<bool>().prop_map(|highpri| QueueKind::Bh { highpri }),
    ]
}

fn work_plan(queues: usize) -> impl Strategy<Value = WorkPlan> {
    (0..queues, any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(queue, sleeps, requeues)| WorkPlan {
        queue,
        sleeps,
        requeues,
    })
}

fn op(works: usize, queues: usize) -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => (0..works).prop_map(Op::Queue),
        1 => (0..works).prop_map(Op::Delay),
        2 => (0..works).prop_map(Op::CancelSync),
        1 => (0..works).prop_map(Op::Cancel),
        2 => (0..works).prop_map(Op::Flush),
        1 => (0..queues).prop_map(Op::FlushQueue),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    (1..3usize, 2..4usize).prop_flat_map(|(queues, works)| {
        let threads = prop::collection::vec(prop::collection::vec(op(works, queues), 1..4), 1..3);
        (prop::collection::vec(queue_kind(), queues), prop::collection::vec(work_plan(queues), works), threads)
            .prop_map(|(queues, works, threads)| Plan { queues, works, threads })
    })
}

/// 2,000 programs, the same ones each time unless `PROPTEST_RNG_SEED` says otherwise.
fn config() -> Config {
    let default = Config::default();
    let rng_seed = if let RngSeed::Fixed(seed) = default.rng_seed { seed } else { 1 };
    Config { cases: 2_000, failure_persistence: None, rng_seed: RngSeed::Fixed(rng_seed), ..default }
}

#[test]
fn workqueues_keep_their_promises() {
    let cut_off = Cell::new(0);
    let result = TestRunner::new(config()).run(&plan(), |plan| {
        let (states, broken) = walk(&plan);
        prop_assert!(states > 1);
        prop_assert!(broken.is_empty(), "{broken:?}");
        cut_off.set(cut_off.get() + u32::from(states >= LIMIT));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(cut_off.get() <= 20, "one in a hundred may be too big: {}", cut_off.get());
}

fn work(queue: usize) -> WorkPlan {
    WorkPlan { queue, sleeps: true, requeues: false }
}

/// The walk sees what is not promised: so a promise that were broken would be seen.
#[test]
fn what_is_not_promised_is_seen_to_happen() {
    // Two items of an unbound queue with room for two: both at once, and in either order.
    let plan = Plan {
        queues: vec![QueueKind::Unbound { max_active: 2 }],
        works: vec![work(0), work(0)],
        threads: vec![vec![Op::Queue(0), Op::Queue(1), Op::Flush(0)]],
    };
    let one_at_a_time =
        Plan { queues: vec![QueueKind::Claimed { max_active: 2, limit: 1, ordered: true }], ..plan.clone() };
    assert_eq!(walk(&plan).1, HashSet::new());
    assert_eq!(walk(&one_at_a_time).1, HashSet::from([Broken::TooMany(0), Broken::OutOfOrder(0, 1)]));
    // cancel_work() does not wait.
    let cancelled =
        |op| Plan { queues: vec![QueueKind::Ordered], works: vec![work(0)], threads: vec![vec![Op::Queue(0), op]] };
    assert_eq!(walk(&cancelled(Op::CancelSync(0))).1, HashSet::new());
    let claimed = walk(&cancelled(Op::ClaimedSync(0))).1;
    assert_eq!(claimed, HashSet::from([Broken::StillRuns { thread: 0, work: 0 }]));
    // One item on two queues.
    let twice = Plan {
        queues: vec![QueueKind::Ordered, QueueKind::Bound { max_active: 0 }],
        works: vec![work(0)],
        threads: vec![vec![Op::Queue(0)], vec![Op::QueueOn(0, 1)]],
    };
    assert_eq!(walk(&twice).1, HashSet::from([Broken::Reentered(0), Broken::TooMany(0)]));
}
