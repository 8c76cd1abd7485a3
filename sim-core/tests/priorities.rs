//! What must hold of priorities and of `rt_mutex` whatever a program does: every state of programs made at random, held against counters that the programs keep
//! in memory, and against who waits for whom.

mod visit;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use sim_core::machine::{Machine, Waits};
use sim_core::model::Choice;
use sim_core::program::{
    Access, AtomicOp, ContextDecl, ContextKind, Fetch, Function, Inst, KernelCall, LockKind, Mark, Object, ObjectId,
    Order, Program, Reg, Scalar, Sleep, SpanInfo, pointer,
};
use std::cell::Cell;
use visit::{runner, visit};

const LOCKS: usize = 2;
/// Objects: the locks, as many counters of who is inside, then what everybody writes to.
const INSIDE: ObjectId = LOCKS as ObjectId;
const DATA: ObjectId = 2 * LOCKS as ObjectId;
/// The second byte of an initialised `struct rt_mutex`.
const RT_MUTEX_MAGIC: u8 = 8;
const MOST_STATES: usize = 1_000;

const ADDRESS: Reg = 0;
const VALUE: Reg = 1;

/// What a task does, one after the other: writes, with these locks held, which it takes in ascending order.
type Section = (bool, bool);

#[derive(Clone, Debug)]
struct Task {
    prio: u8,
    cpu: Option<u8>,
    sections: Vec<Section>,
}

fn task() -> impl Strategy<Value = Task> {
    let prio = prop::sample::select(vec![0, 0, 5, 10, 20]);
    let cpu = prop::sample::select(vec![Some(0), Some(0), Some(1), None]);
    let sections = prop::collection::vec((prop::bool::ANY, prop::bool::ANY), 1..=2);
    (prio, cpu, sections).prop_map(|(prio, cpu, sections)| Task { prio, cpu, sections })
}

fn plan() -> impl Strategy<Value = Vec<Task>> {
    prop::collection::vec(task(), 2..=4)
}

fn program(plan: &[Task]) -> Program {
    let context = |(index, task): (usize, &Task)| ContextDecl {
        name: format!("t{index}"),
        kind: ContextKind::Thread,
        entry: Some(index as u32),
        args: Vec::new(),
        cpu: task.cpu,
        prio: task.prio,
        signals: 0,
        span: 0,
        group: index as u16,
    };
    let lock = Object { name: "lock".into(), size: 4, init: vec![0, RT_MUTEX_MAGIC, 0, 0], ..Object::default() };
    let word = Object { name: "word".into(), size: 4, init: vec![0; 4], ..Object::default() };
    let mut program = Program {
        contexts: plan.iter().enumerate().map(context).collect(),
        functions: plan.iter().map(function).collect(),
        objects: [vec![lock; LOCKS], vec![word; LOCKS + 1]].concat(),
        ..Program::default()
    };
    program.source.spans = vec![SpanInfo::default()];
    program
}

fn function(task: &Task) -> Function {
    let mut code = Vec::new();
    let (lock, sleep) = (LockKind::RtMutex, Sleep::Uninterruptible);
    let acquire = KernelCall::Acquire { lock, shared: false, sleep, subclass: 0, nest: false };
    for section in &task.sections {
        let held: Vec<ObjectId> =
            [section.0, section.1].iter().zip(0..).filter(|(held, _)| **held).map(|h| h.1).collect();
        for lock in &held {
            call(&mut code, acquire, *lock);
            count(&mut code, INSIDE + lock, AtomicOp::Add);
        }
        code.push(Inst::Const { dst: VALUE, value: 1 });
        code.push(Inst::AddrStatic { dst: ADDRESS, object: DATA, offset: 0 });
        let access = Access { ty: Scalar::U32, mark: Mark::Once, private: false };
        code.push(Inst::Store { addr: ADDRESS, src: VALUE, access });
        for lock in held.iter().rev() {
            count(&mut code, INSIDE + lock, AtomicOp::Sub);
            call(&mut code, KernelCall::Release { lock: LockKind::RtMutex, shared: false }, *lock);
        }
    }
    code.push(Inst::Return { value: None });
    let regs = vec![Scalar::U64, Scalar::U32];
    Function {
        name: "task".into(),
        spans: vec![0; code.len()],
        code,
        reg_names: vec![String::new(); regs.len()],
        regs,
        ..Function::default()
    }
}

fn call(code: &mut Vec<Inst>, call: KernelCall, object: ObjectId) {
    code.push(Inst::Const { dst: ADDRESS, value: pointer::to_static(object, 0) });
    code.push(Inst::Kernel { call, dst: None, args: vec![ADDRESS] });
}

fn count(code: &mut Vec<Inst>, object: ObjectId, op: AtomicOp) {
    code.push(Inst::AddrStatic { dst: ADDRESS, object, offset: 0 });
    code.push(Inst::Const { dst: VALUE, value: 1 });
    let (ty, fetch, order) = (Scalar::U32, Fetch::Old, Order::Relaxed);
    code.push(Inst::Atomic { op, ty, fetch, dst: None, addr: ADDRESS, a: VALUE, b: VALUE, order });
}

/// For each task: whom it waits for, and what priority it has, its own or the highest of those who wait for it, directly or not.
fn priorities(plan: &[Task], machine: &Machine, state: &[u8]) -> (Vec<Option<usize>>, Vec<u8>) {
    let waits = |task: usize| match machine.waits_for(state, task, &[]) {
        Waits::Holder(holder) => Some(holder),
        _ => None,
    };
    let waits: Vec<Option<usize>> = (0..plan.len()).map(waits).collect();
    let mut has: Vec<u8> = plan.iter().map(|task| task.prio).collect();
    for (task, decl) in plan.iter().enumerate() {
        let mut next = waits[task];
        for _ in 0..plan.len() {
            let Some(holder) = next else { break };
            has[holder] = has[holder].max(decl.prio);
            next = waits[holder];
        }
    }
    (waits, has)
}

/// The invariants, in one state; gives whether a task has a priority that was lent to it.
fn holds(plan: &[Task], machine: &Machine, state: &[u8], choices: &[Choice]) -> Result<bool, TestCaseError> {
    for lock in 0..LOCKS {
        let inside = machine.static_bytes(state, INSIDE + lock as ObjectId)[0];
        prop_assert!(inside <= 1, "{inside} tasks hold rt_mutex {lock}");
    }
    let (waits, has) = priorities(plan, machine, state);
    for choice in choices {
        let chosen = choice.context as usize;
        for (other, decl) in plan.iter().enumerate() {
            let runnable = !machine.stack_of(state, other as u8).is_empty() && waits[other].is_none();
            let here = decl.cpu == Some(choice.cpu);
            prop_assert!(
                other == chosen || !here || !runnable || has[other] <= has[chosen],
                "CPU {} takes t{chosen} ({}) though t{other} ({}) could run there",
                choice.cpu,
                has[chosen],
                has[other]
            );
        }
    }
    Ok(plan.iter().zip(&has).any(|(task, has)| *has > task.prio))
}

#[test]
fn the_owner_of_an_rt_mutex_is_alone_and_no_cpu_takes_a_task_of_lower_priority_than_another() {
    let lent = Cell::new(0);
    let result = runner(2_000, 1).run(&plan(), |plan| {
        let mut seen = false;
        visit(program(&plan), MOST_STATES, |machine, state, choices| {
            seen |= holds(&plan, machine, state, choices)?;
            Ok(())
        })?;
        lent.set(lent.get() + u32::from(seen));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(lent.get() >= 200, "{} programs lend a priority", lent.get());
}

/// A machine that knows of no priorities is told apart from one that keeps to them.
#[test]
fn a_machine_without_priorities_is_noticed() {
    let noticed = Cell::new(0);
    let result = runner(200, 2).run(&plan(), |plan| {
        let mut flat = plan.clone();
        flat.iter_mut().for_each(|task| task.prio = 0);
        let broken = visit(program(&flat), MOST_STATES, |machine, state, choices| {
            holds(&plan, machine, state, choices).map(|_| ())
        });
        noticed.set(noticed.get() + u32::from(broken.is_err()));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(noticed.get() >= 50, "{} of 200 programs show it", noticed.get());
}
