//! A task that has its CPU to itself and stands in a loop that only waits is not listed among what may happen next: held against taking its step.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::{Choice, Deaf, Model};
use sim_core::program::{
    Access, BinaryOp, ContextDecl, ContextKind, Function, Inst, KernelCall, Mark, Object, ObjectId, Program, Reg,
    Scalar, SpanInfo, Type, UnaryOp,
};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The registers that loops compute with, all of them kept where the rest of the function still needs them.
const VALUES: Reg = 3;
/// The register that holds an address, computed before each use as the front end does.
const ADDRESS: Reg = VALUES;
/// Objects: what the loop reads, and what is written after it.
const READ: ObjectId = 0;
const WRITTEN: ObjectId = 1;

/// A part of a loop's body.
#[derive(Clone, Debug)]
enum Part {
    /// Nothing that lasts but a value in a register.
    Pure(Inst),
    /// Reads the variable that the other task writes.
    Read(Reg),
    /// `if (value) { the next part }`
    If(Reg),
    /// `cpu_relax();`
    Relax,
}

/// `before; do { body } while (value); written = kept...;`
#[derive(Clone, Debug)]
struct Waiter {
    before: Vec<Part>,
    body: Vec<Part>,
    again: Reg,
    kept: Vec<Reg>,
}

impl Waiter {
    /// Each pass reads: a pass that only computes waits for nothing.
    fn always_reads(&self) -> bool {
        let conditional = |at: usize| at > 0 && matches!(self.body[at - 1], Part::If(_));
        (0..self.body.len()).any(|at| matches!(self.body[at], Part::Read(_)) && !conditional(at))
    }
}

fn part() -> impl Strategy<Value = Part> {
    let ty = Scalar::I32;
    // None of these makes a value greater than 3 of values up to 3, so that there are few states.
    let op = prop::sample::select(vec![BinaryOp::And, BinaryOp::Or, BinaryOp::Xor, BinaryOp::Eq, BinaryOp::Lt]);
    prop_oneof![
        2 => (0..VALUES, 0..4u64).prop_map(|(dst, value)| Part::Pure(Inst::Const { dst, value })),
        1 => (0..VALUES, 0..VALUES).prop_map(|(dst, src)| Part::Pure(Inst::Copy { dst, src })),
        2 => (0..VALUES, 0..VALUES)
            .prop_map(move |(dst, src)| Part::Pure(Inst::Unary { op: UnaryOp::LogicalNot, ty, dst, src })),
        3 => (op, 0..VALUES, 0..VALUES, 0..VALUES)
            .prop_map(move |(op, dst, a, b)| Part::Pure(Inst::Binary { op, ty, dst, a, b })),
        4 => (0..VALUES).prop_map(Part::Read),
        1 => (0..VALUES).prop_map(Part::If),
        1 => Just(Part::Relax),
    ]
}

fn waiter() -> impl Strategy<Value = Waiter> {
    let parts = |most| prop::collection::vec(part(), 0..=most);
    (parts(3), parts(6), 0..VALUES, prop::collection::vec(0..VALUES, 0..=2))
        .prop_map(|(before, body, again, kept)| Waiter { before, body, again, kept })
}

fn access() -> Access {
    Access { ty: Scalar::I32, mark: Mark::Once, private: false }
}

fn address(object: ObjectId) -> Inst {
    Inst::AddrStatic { dst: ADDRESS, object, offset: 0 }
}

fn emit(code: &mut Vec<Inst>, parts: &[Part]) {
    let mut condition = None;
    for part in parts {
        let at = code.len();
        match part {
            Part::Pure(inst) => code.push(inst.clone()),
            Part::Read(dst) => {
                code.push(address(READ));
                code.push(Inst::Load { dst: *dst, addr: ADDRESS, access: access(), bits: None });
            }
            Part::If(cond) => code.push(Inst::Branch { cond: *cond, then: at as u32 + 1, otherwise: at as u32 + 1 }),
            Part::Relax => code.push(Inst::Kernel { call: KernelCall::Relax, dst: None, args: Vec::new() }),
        }
        let end = code.len() as u32;
        if let Some(Inst::Branch { otherwise, .. }) = condition.map(|at: usize| &mut code[at]) {
            *otherwise = end;
        }
        condition = matches!(part, Part::If(_)).then_some(at);
    }
}

fn store(object: ObjectId, src: Reg) -> [Inst; 2] {
    [address(object), Inst::Store { addr: ADDRESS, src, access: access() }]
}

fn function(name: &str, mut code: Vec<Inst>) -> Function {
    code.push(Inst::Return { value: None });
    let mut regs = vec![Scalar::I32; usize::from(VALUES)];
    regs.push(Scalar::U64);
    let reg_names = vec![String::new(); regs.len()];
    Function { name: name.into(), spans: vec![0; code.len()], code, regs, reg_names, ..Function::default() }
}

/// The waiter on one CPU, and on the other one who writes 1, 2, 3 and 0 to what it reads.
fn program(waiter: &Waiter) -> Program {
    let mut code = Vec::new();
    emit(&mut code, &waiter.before);
    let top = code.len() as u32;
    emit(&mut code, &waiter.body);
    code.push(Inst::Branch { cond: waiter.again, then: top, otherwise: code.len() as u32 + 1 });
    code.extend(waiter.kept.iter().flat_map(|src| store(WRITTEN, *src)));
    let write = |value| std::iter::once(Inst::Const { dst: 0, value }).chain(store(READ, 0));
    let writes = [1, 2, 3, 0].into_iter().flat_map(write);
    let functions = vec![function("waiter", code), function("writer", writes.collect())];
    let contexts = (0..2).map(|id: u32| ContextDecl {
        name: functions[id as usize].name.clone(),
        kind: ContextKind::Thread,
        entry: Some(id),
        args: Vec::new(),
        cpu: Some(id as u8),
        prio: 0,
        signals: 0,
        span: 0,
        group: id as u16,
    });
    let object = |name: &str| Object { name: name.into(), size: 4, ty: Some(0), ..Object::default() };
    let mut program = Program {
        contexts: contexts.collect(),
        functions,
        objects: vec![object("read"), object("written")],
        types: vec![Type::Scalar { name: "int".into(), size: 4 }],
        ..Program::default()
    };
    program.source.spans = vec![SpanInfo::default()];
    program.config.cpus = 2;
    program.config.bounds.local_instructions = 500;
    program
}

fn choices(machine: &Machine, state: &[u8]) -> Vec<Choice> {
    let mut choices = Vec::new();
    machine.choices(state, &mut choices);
    choices
}

fn after(machine: &Machine, state: &[u8], choice: Choice) -> Vec<u8> {
    let mut next = state.to_vec();
    machine.step(&mut next, choice, &mut Deaf).expect("one frame a task fits");
    next
}

/// In how many states a task only waits, and in how many of them it is listed all the same. It is listed wherever its step changes the state.
fn waits(program: Program, options: MachineOptions) -> Result<(u32, u32), TestCaseError> {
    let machine = Machine::new(Arc::new(program), options);
    let mut initial = vec![0; machine.state_len()];
    machine.initial(&mut initial, &mut Deaf).expect("one frame a task fits");
    let mut seen = BTreeSet::from([initial.clone()]);
    let mut todo = vec![initial];
    let (mut waiting, mut missed) = (0, 0);
    while let Some(state) = todo.pop() {
        let listed = choices(&machine, &state);
        for task in (0..2u8).filter(|task| machine.finished(&state) >> task & 1 == 0) {
            let choice = Choice { context: task, cpu: task, outcome: 0 };
            let next = after(&machine, &state, choice);
            let changes = next != state;
            prop_assert!(listed.contains(&choice) || !changes, "{} is left out in {:?}", task, state);
            missed += u32::from(listed.contains(&choice) && !changes);
            waiting += u32::from(!changes);
            if seen.insert(next.clone()) {
                todo.push(next);
            }
        }
    }
    Ok((waiting, missed))
}

#[test]
fn a_lone_task_is_left_out_where_its_loop_only_waits_and_nowhere_else() {
    let config = Config { cases: 2_000, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let (waiting, carrying) = (Cell::new(0), Cell::new(0));
    let result = TestRunner::new(config).run(&waiter(), |waiter| {
        let program = program(&waiter);
        program.validate().map_err(|error| TestCaseError::fail(error.to_string()))?;
        for fuse in [true, false] {
            let (states, missed) = waits(program.clone(), MachineOptions { fuse, ..MachineOptions::default() })?;
            prop_assert!(missed == 0 || !waiter.always_reads(), "{} waiting states are not known for that", missed);
            waiting.set(waiting.get() + u32::from(states > 0));
            carrying.set(carrying.get() + u32::from(states > 0 && !waiter.kept.is_empty()));
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    // Enough of them do wait, and enough of those with values that outlive the loop, which must be the same after a pass.
    assert!(waiting.get() >= 400 && carrying.get() >= 200, "{} waited, {} with values", waiting.get(), carrying.get());
}
