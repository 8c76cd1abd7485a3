//! Small programs about locks: two or three tasks, with or without an interrupt handler, and the little else that makes an order of locks harmless.
//!
//! Invariant: every lock that a program takes it gives back; what it leaves behind would end others in ways that are not the validator's.

use crate::generate::{ContextPlan, Lock, Op, Plan, Role, Style, compile};
use proptest::prelude::*;
use sim_core::program::{Mark, Preemption, Program, SpanInfo};

const SPINLOCKS: usize = 3;
const MUTEXES: usize = 2;
const RWLOCKS: usize = 2;
const RWSEMS: usize = 2;
/// The most operations of a context, nested ones counted.
const OPS: usize = 6;

/// The program of a plan, with a place in the source for each instruction: findings of one place would count as one.
pub(crate) fn numbered(plan: &Plan) -> Program {
    let mut program = compile(plan);
    let mut next = 0;
    for function in &mut program.functions {
        for span in &mut function.spans {
            next += 1;
            *span = next;
        }
    }
    program.source.spans = vec![SpanInfo::default(); next as usize + 1];
    program
}

pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    let preemption = prop_oneof![4 => Just(Preemption::Full), 1 => Just(Preemption::None)];
    let cpus = prop_oneof![1 => Just(1u8), 4 => Just(2u8)];
    let tasks = prop_oneof![3 => prop::collection::vec(task(), 2), 1 => prop::collection::vec(task(), 3)];
    let lines = prop::collection::vec(line(), 0..=1);
    let queued = prop::bool::weighted(0.75);
    (cpus, preemption, tasks, lines, queued).prop_map(|(cpus, preemption, tasks, lines, queued_rwlocks)| {
        let mut contexts = [tasks, lines].concat();
        contexts.iter_mut().for_each(|context| context.cpu = context.cpu.map(|cpu| cpu % cpus));
        Plan {
            cpus,
            preemption,
            queued_rwlocks,
            addresses_given: true,
            semaphore: 0,
            contexts,
            callbacks: Vec::new(),
            queues: [(0, 0); 2],
            claims: Vec::new(),
        }
    })
}

fn task() -> impl Strategy<Value = ContextPlan> {
    let cpu = prop_oneof![8 => (0..2u8).prop_map(Some), 1 => Just(None)];
    let after = prop_oneof![6 => Just(Vec::new()), 1 => hand_over_hand()];
    (cpu, prop::collection::vec(nested(true), 1..=2), after).prop_map(|(cpu, mut ops, after)| {
        cut(&mut ops, &mut OPS.clone());
        ops.extend(after);
        ContextPlan { role: Role::Task, cpu, ops }
    })
}

fn line() -> impl Strategy<Value = ContextPlan> {
    let times = prop_oneof![4 => Just(1u8), 1 => Just(2u8)];
    let cpu = prop_oneof![3 => (0..2u8).prop_map(Some), 1 => Just(None)];
    (times, cpu, prop::collection::vec(nested(false), 1..=2)).prop_map(|(times, cpu, mut ops)| {
        cut(&mut ops, &mut (OPS / 2).clone());
        ContextPlan { role: Role::Line { times }, cpu, ops }
    })
}

/// Drops what exceeds the budget.
fn cut(ops: &mut Vec<Op>, budget: &mut usize) {
    ops.retain_mut(|op| {
        let fits = *budget > 0;
        *budget = budget.saturating_sub(1);
        inside(op).into_iter().for_each(|inner| cut(inner, budget));
        fits
    });
}

/// What an operation does inside.
pub(crate) fn inside(op: &mut Op) -> Vec<&mut Vec<Op>> {
    match op {
        Op::Spin(_, _, inner) | Op::TrySpin(_, inner) | Op::Mutex(_, inner) | Op::TryMutex(_, inner) => vec![inner],
        Op::PreemptOff(inner) | Op::IrqsOff(inner) | Op::IfSeen(inner) | Op::Call(inner) => vec![inner],
        Op::Downgraded(_, before, after) => vec![before, after],
        _ => Vec::new(),
    }
}

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![4 => Just(Style::Plain), 1 => Just(Style::Irq), 2 => Just(Style::IrqSave), 1 => Just(Style::Bh)]
}

/// A lock that spins.
fn spinning() -> impl Strategy<Value = Lock> + Clone {
    prop_oneof![
        5 => (0..SPINLOCKS).prop_map(Lock::Spin),
        3 => (0..RWLOCKS).prop_map(Lock::Read),
        2 => (0..RWLOCKS).prop_map(Lock::Write),
    ]
}

/// A lock that sleeps.
fn sleeping() -> impl Strategy<Value = Lock> + Clone {
    prop_oneof![
        2 => (0..MUTEXES).prop_map(Lock::Mutex),
        2 => (0..RWSEMS).prop_map(Lock::DownRead),
        1 => (0..RWSEMS).prop_map(Lock::DownWrite),
    ]
}

fn nested(task: bool) -> impl Strategy<Value = Op> {
    let spin = (spinning(), style()).prop_map(|(lock, style)| Op::Spin(lock, style, Vec::new()));
    let simple = prop_oneof![8 => spin.boxed(), 2 => other(task)];
    simple.prop_recursive(3, 6, 2, move |inner| {
        let inner = prop::collection::vec(inner, 1..=2);
        let sleeps = u32::from(task);
        prop_oneof![
            10 => (spinning(), style(), inner.clone()).prop_map(|(lock, style, ops)| Op::Spin(lock, style, ops)),
            1 => (spinning(), inner.clone()).prop_map(|(lock, ops)| Op::TrySpin(lock, ops)),
            6 * sleeps => (sleeping(), inner.clone()).prop_map(|(lock, ops)| Op::Mutex(lock, ops)),
            sleeps => (sleeping(), inner.clone()).prop_map(|(lock, ops)| Op::TryMutex(lock, ops)),
            sleeps => (0..RWSEMS, inner.clone(), inner.clone()).prop_map(|(s, before, after)| Op::Downgraded(s, before, after)),
            1 => inner.clone().prop_map(Op::PreemptOff),
            2 * sleeps => inner.clone().prop_map(Op::IrqsOff),
            1 => inner.clone().prop_map(Op::Call),
            1 => inner.prop_map(Op::IfSeen),
        ]
    })
}

/// What takes no lock that it keeps, but may keep others apart.
fn other(task: bool) -> BoxedStrategy<Op> {
    let sleeps = u32::from(task);
    prop_oneof![
        2 => Just(Op::Read(0, Mark::Once)),
        2 => Just(Op::Write(0, 1, Mark::Once)),
        sleeps => Just(Op::Await(0)),
        2 * sleeps => Just(Op::WaitForCompletion),
        2 => Just(Op::Complete),
        sleeps => Just(Op::CondResched),
        1 => spinning().prop_map(Op::SpinTrying),
    ]
    .boxed()
}

/// A section that ends inside another which began in it.
fn hand_over_hand() -> impl Strategy<Value = Vec<Op>> {
    let spins = |(a, b): (Lock, Lock)| {
        let (lock, unlock) = (|l| Op::SpinLock(l, Style::Plain), |l| Op::SpinUnlock(l, Style::Plain));
        vec![lock(a), lock(b), unlock(a), unlock(b)]
    };
    let sleeps =
        |(a, b): (Lock, Lock)| vec![Op::MutexLock(a), Op::MutexLock(b), Op::MutexUnlock(a), Op::MutexUnlock(b)];
    prop_oneof![(spinning(), spinning()).prop_map(spins), (sleeping(), sleeping()).prop_map(sleeps)]
}

/// An inversion, a recursion, and a handler that takes what it may find held.
pub(crate) fn known_deadlocks() -> [Plan; 3] {
    let spin = |lock, ops: Vec<Op>| Op::Spin(Lock::Spin(lock), Style::Plain, ops);
    let task = |cpu, ops: Vec<Op>| ContextPlan { role: Role::Task, cpu: Some(cpu), ops };
    let line = |cpu, ops: Vec<Op>| ContextPlan { role: Role::Line { times: 1 }, cpu: Some(cpu), ops };
    let pair = |a, b| vec![spin(a, vec![spin(b, Vec::new())])];
    [
        vec![task(0, pair(0, 1)), task(1, pair(1, 0))],
        vec![task(0, pair(0, 0))],
        vec![task(0, vec![spin(0, Vec::new())]), line(0, vec![spin(0, Vec::new())])],
    ]
    .map(|contexts| Plan {
        cpus: 2,
        preemption: Preemption::Full,
        queued_rwlocks: true,
        addresses_given: true,
        semaphore: 0,
        contexts,
        callbacks: Vec::new(),
        queues: [(0, 0); 2],
        claims: Vec::new(),
    })
}
