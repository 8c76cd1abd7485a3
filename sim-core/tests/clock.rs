//! What must hold of `jiffies` whatever a program does: every state of programs made at random, in which tasks keep in memory what they were told.

mod visit;

use proptest::prelude::*;
use sim_core::machine::Machine;
use sim_core::model::{Choice, Deaf, Model};
use sim_core::program::{
    Access, ContextDecl, ContextKind, Function, Inst, KernelCall, Mark, Object, ObjectId, Program, Reg, Scalar,
    SpanInfo, TimerArm, pointer,
};
use std::cell::Cell;
use visit::{runner, visit};

/// Programs with more states than this are looked at as far as that.
const MOST_STATES: usize = 1_000;
/// What time it is at first.
const BOOT: u64 = (-300i32 * 250) as u32 as u64;
/// The most operations of a task.
const OPS: usize = 3;
const TASKS: usize = 2;

/// Objects: the timer, whether it has expired, then what each operation of each task was told, eight bytes each.
const TIMER: ObjectId = 0;
const FIRED: ObjectId = 1;
const TOLD: ObjectId = 2;

#[derive(Clone, Copy, Debug)]
enum Op {
    /// `time_after(jiffies, BOOT + n)`: told 1 for no, 2 for yes.
    After(u64),
    /// `time_before(jiffies, BOOT + n)`: told 2 for no, 1 for yes, as that is not after one tick earlier.
    Before(u64),
    /// `copy = jiffies`: told what it is.
    Read,
    /// `time_after(copy, BOOT + n)`, of a copy that was made now: told as for the first, so that nothing but numbers decides.
    Copy(u64),
}

#[derive(Clone, Debug)]
struct Plan {
    tasks: Vec<Vec<Op>>,
    /// When the timer is set to expire.
    expires: Option<u64>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let op = prop_oneof![
        3 => (0..4u64).prop_map(Op::After),
        3 => (1..4u64).prop_map(Op::Before),
        1 => Just(Op::Read),
        1 => (0..4u64).prop_map(Op::Copy),
    ];
    let tasks = prop::collection::vec(prop::collection::vec(op, 1..=OPS), TASKS);
    (tasks, prop::option::of(1..5u64)).prop_map(|(tasks, expires)| Plan { tasks, expires })
}

const ADDRESS: Reg = 0;
const FIRST: Reg = 1;
const SECOND: Reg = 2;
const VALUE: Reg = 3;

#[derive(Default)]
struct Code(Vec<Inst>);

impl Code {
    fn set(&mut self, dst: Reg, value: u64) {
        self.0.push(Inst::Const { dst, value });
    }

    fn call(&mut self, call: KernelCall, dst: Option<Reg>, args: &[Reg]) {
        self.0.push(Inst::Kernel { call, dst, args: args.to_vec() });
    }

    fn compare(&mut self, now: [bool; 2], a: u64, b: u64) {
        self.set(FIRST, a);
        self.set(SECOND, b);
        self.call(KernelCall::TimeAfter { now }, Some(VALUE), &[FIRST, SECOND]);
    }

    fn op(&mut self, op: Op) {
        match op {
            Op::After(n) => self.compare([true, false], 0, BOOT + n),
            Op::Before(n) => self.compare([false, true], BOOT + n, 0),
            Op::Read => self.call(KernelCall::Jiffies, Some(VALUE), &[]),
            Op::Copy(n) => {
                self.call(KernelCall::Jiffies, Some(FIRST), &[]);
                self.set(SECOND, BOOT + n);
                self.call(KernelCall::TimeAfter { now: [false; 2] }, Some(VALUE), &[FIRST, SECOND]);
            }
        }
        if !matches!(op, Op::Read) {
            let (ty, op) = (Scalar::U64, sim_core::program::BinaryOp::Add);
            self.set(FIRST, 1);
            self.0.push(Inst::Binary { op, ty, dst: VALUE, a: VALUE, b: FIRST });
        }
    }

    fn store(&mut self, object: ObjectId, offset: u32) {
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object, offset });
        let access = Access { ty: Scalar::U64, mark: Mark::Once, private: false };
        self.0.push(Inst::Store { addr: ADDRESS, src: VALUE, access });
    }

    fn function(mut self, name: &str, params: u16) -> Function {
        self.0.push(Inst::Return { value: None });
        let regs = vec![Scalar::U64; 4];
        Function {
            name: name.into(),
            params,
            spans: vec![0; self.0.len()],
            code: self.0,
            reg_names: vec![String::new(); regs.len()],
            regs,
            ..Function::default()
        }
    }
}

impl Plan {
    fn program(&self) -> Program {
        let mut callback = Code::default();
        callback.set(VALUE, 1);
        callback.store(FIRED, 0);
        let mut functions = vec![callback.function("expired", 1), self.set_up().function("init", 0)];
        for (task, ops) in self.tasks.iter().enumerate() {
            let mut code = Code::default();
            for (index, op) in ops.iter().enumerate() {
                code.op(*op);
                code.store(TOLD, place(task, index) as u32);
            }
            functions.push(code.function("task", 0));
        }
        let context = |index: usize, kind, cpu| ContextDecl {
            name: ["init", "first", "second"][index].into(),
            kind,
            entry: Some(1 + index as u32),
            args: Vec::new(),
            cpu,
            prio: 0,
            signals: 0,
            span: 0,
            group: index as u16,
        };
        let sizes = [24, 8, (8 * OPS * TASKS) as u32];
        let object = |(id, size)| Object { name: format!("o{id}"), size, ..Object::default() };
        let mut program = Program {
            contexts: vec![
                context(0, ContextKind::Init, None),
                context(1, ContextKind::Thread, Some(0)),
                context(2, ContextKind::Thread, Some(1)),
            ],
            functions,
            objects: sizes.into_iter().enumerate().map(object).collect(),
            ..Program::default()
        };
        program.source.spans = vec![SpanInfo::default()];
        program
    }

    fn set_up(&self) -> Code {
        let mut code = Code::default();
        if let Some(expires) = self.expires {
            code.set(ADDRESS, pointer::to_static(TIMER, 0));
            code.set(FIRST, pointer::to_function(0));
            code.set(SECOND, 0);
            code.call(KernelCall::TimerInit { hr: false }, None, &[ADDRESS, FIRST, SECOND]);
            code.set(FIRST, BOOT + expires);
            code.call(KernelCall::TimerArm { how: TimerArm::Mod }, None, &[ADDRESS, FIRST, SECOND]);
        }
        code
    }
}

/// Where what an operation was told stands in its object.
fn place(task: usize, index: usize) -> usize {
    8 * (OPS * task + index)
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// What some states of a program show.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// A time has come.
    late: bool,
    /// A time has not come.
    early: bool,
}

/// No step leads to an earlier time.
fn time_goes_on(machine: &Machine, state: &[u8], choices: &[Choice]) -> Result<(), TestCaseError> {
    for choice in choices {
        let mut next = state.to_vec();
        let earlier = machine.step(&mut next, *choice, &mut Deaf).is_ok() && machine.now(&next) < machine.now(state);
        prop_assert!(!earlier, "time goes back");
    }
    Ok(())
}

/// What a task was told, in the order of its code, never contradicts what it was told before, nor what time it is now.
fn holds(plan: &Plan, machine: &Machine, state: &[u8], seen: &mut Seen) -> Result<(), TestCaseError> {
    let now = machine.now(state);
    let told = machine.static_bytes(state, TOLD);
    for (task, ops) in plan.tasks.iter().enumerate() {
        // It is known to be at least that late.
        let mut least = BOOT;
        for (index, op) in ops.iter().enumerate() {
            let answer = number(told, place(task, index));
            if answer == 0 {
                break;
            }
            // Not before n is after the tick before n; the answer to that question is the other one.
            let (time, late) = match *op {
                Op::After(n) | Op::Copy(n) => (BOOT + n, answer == 2),
                Op::Before(n) => (BOOT + n - 1, answer == 1),
                Op::Read => {
                    prop_assert!(least <= answer && answer <= now, "{op:?} of task {task} reads {answer}");
                    least = answer;
                    continue;
                }
            };
            prop_assert!(!late || now > time, "task {task} knows that it is later than it is: {op:?}");
            prop_assert!(late || least <= time, "task {task} was told that it is later than {op:?} says");
            if late {
                least = least.max(time + 1);
            }
            seen.late |= late;
            seen.early |= !late;
        }
    }
    let fired = number(machine.static_bytes(state, FIRED), 0) != 0;
    let expires = plan.expires.filter(|_| fired).map_or(BOOT, |n| BOOT + n);
    prop_assert!(now >= expires || !machine.program().asks_time(), "the timer expired early");
    Ok(())
}

#[test]
fn time_never_goes_back_and_answers_agree_with_those_before() {
    let both = Cell::new(0);
    let result = runner(2_000, 1).run(&plan(), |plan| {
        let mut seen = Seen::default();
        visit(plan.program(), MOST_STATES, |machine, state, choices| {
            time_goes_on(machine, state, choices)?;
            holds(&plan, machine, state, &mut seen)
        })?;
        both.set(both.get() + u32::from(seen.late && seen.early));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(both.get() >= 1_000, "{} programs are told both", both.get());
}
