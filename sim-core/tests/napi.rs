//! What must hold of NAPI whatever a program does: every state of programs made at random, held against counters that the programs themselves keep in memory.

mod visit;

use proptest::prelude::*;
use sim_core::machine::Machine;
use sim_core::model::Model;
use sim_core::program::{
    AtomicOp, ContextDecl, ContextKind, Fetch, Function, Inst, KernelCall, Object, ObjectId, Order, Program, Reg,
    Scalar, SpanInfo, pointer,
};
use std::cell::Cell;
use visit::{runner, visit};

/// Programs with more states than this are looked at as far as that.
const MOST_STATES: usize = 1_000;

/// The instances.
const INSTANCES: usize = 2;
/// What a poll function may do at most.
const WEIGHT: u64 = 1;

/// Objects: the instances, then for each: polls under way and not completed; times that it was scheduled; of which a poll that began later knows; polls that have
/// left some of their work; then what was disabled.
const RUNNING: ObjectId = INSTANCES as ObjectId;
const WANTED: ObjectId = RUNNING + INSTANCES as ObjectId;
const POLLED: ObjectId = WANTED + INSTANCES as ObjectId;
const LEFT: ObjectId = POLLED + INSTANCES as ObjectId;
const DISABLED: ObjectId = LEFT + INSTANCES as ObjectId;

const ADDRESS: Reg = 1;
const FIRST: Reg = 2;
const SECOND: Reg = 3;
const VALUE: Reg = 4;

#[derive(Clone, Debug)]
enum Op {
    /// `napi_schedule()`
    Schedule(usize),
    /// The same with bottom halves off.
    Masked(usize),
    /// `napi_synchronize()`, without a look beforehand.
    Synchronize(usize),
}

#[derive(Clone, Debug)]
struct Plan {
    /// For each poll function: what it schedules, and how often it uses up its budget.
    polls: Vec<(Option<usize>, u64)>,
    /// The tasks on CPU 0 and 1, and a line.
    contexts: Vec<Vec<Op>>,
    times: u8,
    /// What the first task disables at its end, and whether it enables it again and schedules it.
    disabled: Option<(usize, bool)>,
}

fn plan(disables: bool) -> impl Strategy<Value = Plan> {
    let poll = (prop::option::weighted(0.3, 0..INSTANCES), 0..2u64);
    // Who waits for an instance that is disabled waits for ever.
    let synchronizes = if disables { Op::Masked } else { Op::Synchronize };
    let task = prop_oneof![
        4 => (0..INSTANCES).prop_map(Op::Schedule),
        2 => (0..INSTANCES).prop_map(Op::Masked),
        1 => (0..INSTANCES).prop_map(synchronizes),
    ];
    let contexts = (
        prop::collection::vec(task.clone(), 1..=2),
        prop::collection::vec(task, 0..=2),
        prop::collection::vec((0..INSTANCES).prop_map(Op::Schedule), 0..=1),
    );
    let disabled = (0..INSTANCES, prop::bool::ANY).prop_map(move |disabled| disables.then_some(disabled));
    (prop::collection::vec(poll, INSTANCES), contexts, 1..=2u8, disabled).prop_map(
        |(polls, (first, second, line), times, disabled)| Plan {
            polls,
            contexts: vec![first, second, line],
            times,
            disabled,
        },
    )
}

impl Plan {
    fn program(&self) -> Program {
        let mut functions: Vec<Function> = (0..INSTANCES).map(|instance| self.poll(instance)).collect();
        functions.push(set_up());
        for (index, ops) in self.contexts.iter().enumerate() {
            let mut code = Code::default();
            ops.iter().for_each(|op| code.op(op));
            if let Some((instance, enables)) = self.disabled.filter(|_| index == 0) {
                code.disable(instance, enables);
            }
            functions.push(code.function("task", None));
        }
        let context = |index: usize, kind, cpu| ContextDecl {
            name: ["init", "first", "second", "line"][index].into(),
            kind,
            entry: Some((INSTANCES + index) as u32),
            args: Vec::new(),
            cpu,
            prio: 0,
            signals: 0,
            span: 0,
            group: index as u16,
        };
        let line = ContextKind::HardIrq { number: 1, times: self.times };
        let sizes = [vec![24; INSTANCES], vec![4; 4 * INSTANCES + 1]].concat();
        let object = |(id, size)| Object { name: format!("o{id}"), size, ..Object::default() };
        let mut program = Program {
            contexts: vec![
                context(0, ContextKind::Init, None),
                context(1, ContextKind::Thread, Some(0)),
                context(2, ContextKind::Thread, Some(1)),
                context(3, line, None),
            ],
            functions,
            objects: sizes.into_iter().enumerate().map(object).collect(),
            ..Program::default()
        };
        program.source.spans = vec![SpanInfo::default()];
        program
    }

    /// A poll function takes note of what it was scheduled for; then it has done its whole budget, or it completes.
    fn poll(&self, instance: usize) -> Function {
        let (schedules, left) = self.polls[instance];
        let mut code = Code::default();
        code.add(of(RUNNING, instance), AtomicOp::Add);
        code.copy(of(WANTED, instance), of(POLLED, instance));
        if let Some(other) = schedules {
            code.first_time(of(LEFT, instance), 1, |code| code.schedule(other));
        }
        code.first_time(of(LEFT, instance), left, |code| {
            code.add(of(RUNNING, instance), AtomicOp::Sub);
            code.set(VALUE, WEIGHT);
            code.0.push(Inst::Return { value: Some(VALUE) });
        });
        code.add(of(RUNNING, instance), AtomicOp::Sub);
        code.call(KernelCall::NapiComplete, &[place(instance as ObjectId)]);
        code.function("poll", Some(0))
    }
}

fn of(first: ObjectId, instance: usize) -> ObjectId {
    first + instance as ObjectId
}

fn place(object: ObjectId) -> u64 {
    pointer::to_static(object, 0)
}

fn set_up() -> Function {
    let mut code = Code::default();
    for instance in 0..INSTANCES as ObjectId {
        code.call(KernelCall::NapiInit, &[place(instance), pointer::to_function(instance), WEIGHT]);
        code.call(KernelCall::NapiEnable, &[place(instance)]);
    }
    code.function("init", None)
}

#[derive(Default)]
struct Code(Vec<Inst>);

impl Code {
    fn set(&mut self, dst: Reg, value: u64) {
        self.0.push(Inst::Const { dst, value });
    }

    fn call(&mut self, call: KernelCall, values: &[u64]) {
        let args: Vec<Reg> = [ADDRESS, FIRST, SECOND][..values.len()].to_vec();
        self.0.extend(args.iter().zip(values).map(|(dst, value)| Inst::Const { dst: *dst, value: *value }));
        self.0.push(Inst::Kernel { call, dst: Some(VALUE), args });
    }

    /// What comes of `code` happens only if a register is not 0.
    fn when(&mut self, cond: Reg, code: impl FnOnce(&mut Self)) {
        let branch = self.0.len();
        self.0.push(Inst::Jump { target: 0 });
        code(self);
        let otherwise = self.0.len() as u32;
        self.0[branch] = Inst::Branch { cond, then: branch as u32 + 1, otherwise };
    }

    /// What comes of `code` happens the first times that it is come to, fewer than `times` of them.
    fn first_time(&mut self, counter: ObjectId, times: u64, code: impl FnOnce(&mut Self)) {
        self.add(counter, AtomicOp::Add);
        self.set(FIRST, 2 * times);
        let (op, ty) = (sim_core::program::BinaryOp::Lt, Scalar::U32);
        self.0.push(Inst::Binary { op, ty, dst: VALUE, a: VALUE, b: FIRST });
        self.when(VALUE, code);
    }

    fn schedule(&mut self, instance: usize) {
        self.add(of(WANTED, instance), AtomicOp::Add);
        self.call(KernelCall::NapiPrep, &[place(instance as ObjectId)]);
        self.when(VALUE, |code| code.call(KernelCall::NapiSchedule, &[place(instance as ObjectId)]));
    }

    fn disable(&mut self, instance: usize, enables: bool) {
        let at = place(instance as ObjectId);
        self.call(KernelCall::NapiDisable, &[at]);
        self.call(KernelCall::NapiWait { take: true }, &[at]);
        self.add(DISABLED, AtomicOp::Add);
        if enables {
            self.add(DISABLED, AtomicOp::Sub);
            self.call(KernelCall::NapiEnable, &[at]);
            self.schedule(instance);
        }
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Schedule(instance) => self.schedule(*instance),
            Op::Masked(instance) => {
                self.call(KernelCall::BhDisable, &[]);
                self.schedule(*instance);
                self.call(KernelCall::BhEnable, &[]);
            }
            Op::Synchronize(instance) => {
                self.call(KernelCall::NapiWait { take: false }, &[place(*instance as ObjectId)]);
            }
        }
    }

    /// Adds one to a counter or takes one off; gives what it was.
    fn add(&mut self, object: ObjectId, op: AtomicOp) {
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object, offset: 0 });
        self.set(SECOND, 1);
        let (ty, fetch, order) = (Scalar::U32, Fetch::Old, Order::Relaxed);
        self.0.push(Inst::Atomic { op, ty, fetch, dst: Some(VALUE), addr: ADDRESS, a: SECOND, b: SECOND, order });
    }

    /// Reads one counter and writes another.
    fn copy(&mut self, from: ObjectId, to: ObjectId) {
        let access = sim_core::program::Access { ty: Scalar::U32, mark: sim_core::program::Mark::Once, private: false };
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object: from, offset: 0 });
        self.0.push(Inst::Load { dst: VALUE, addr: ADDRESS, access, bits: None });
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object: to, offset: 0 });
        self.0.push(Inst::Store { addr: ADDRESS, src: VALUE, access });
    }

    fn function(mut self, name: &str, result: Option<u64>) -> Function {
        self.0.extend(result.map(|value| Inst::Const { dst: VALUE, value }));
        self.0.push(Inst::Return { value: result.map(|_| VALUE) });
        let regs = vec![Scalar::U64, Scalar::U64, Scalar::U64, Scalar::U64, Scalar::U32];
        Function {
            name: name.into(),
            params: if name == "poll" { 2 } else { 0 },
            spans: vec![0; self.0.len()],
            code: self.0,
            reg_names: vec![String::new(); regs.len()],
            regs,
            ..Function::default()
        }
    }
}

/// What some states of a program show.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Both instances are polled at once.
    both: bool,
    /// An end, at which nothing was lost.
    ended: bool,
    /// Who disables an instance waits for its poll.
    waits: bool,
    /// One was disabled.
    disabled: bool,
}

/// The invariants, in one state.
fn holds(plan: &Plan, machine: &Machine, state: &[u8], end: bool, seen: &mut Seen) -> Result<(), TestCaseError> {
    let number = |object: ObjectId| machine.static_bytes(state, object)[0];
    let running: Vec<u8> = (0..INSTANCES).map(|instance| number(of(RUNNING, instance))).collect();
    prop_assert!(running.iter().all(|polls| *polls <= 1), "an instance is polled twice at once: {running:?}");
    seen.both |= running.iter().all(|polls| *polls == 1);
    if let Some((instance, _)) = plan.disabled {
        let disabled = number(DISABLED) != 0;
        prop_assert!(!disabled || running[instance] == 0, "instance {instance} is polled after it was disabled");
        seen.disabled |= disabled;
        seen.waits |= running[instance] != 0 && machine.wanted(state, 1).contains("to be completed");
    }
    if end {
        prop_assert_eq!(machine.finished(state), machine.contexts(), "somebody waits for ever");
        for instance in (0..INSTANCES).filter(|instance| plan.disabled.is_none_or(|(other, _)| other != *instance)) {
            let [wanted, polled] = [WANTED, POLLED].map(|object| number(of(object, instance)));
            prop_assert_eq!(wanted, polled, "instance {} was scheduled and not polled", instance);
            seen.ended |= wanted > 0;
        }
    }
    Ok(())
}

/// Looks at so many programs, and counts those that show something.
fn check(disables: bool, shows: impl Fn(&Seen) -> bool) -> u32 {
    let count = Cell::new(0);
    let result = runner(2_000, 1).run(&plan(disables), |plan| {
        let mut seen = Seen::default();
        visit(plan.program(), MOST_STATES, |machine, state, choices| {
            holds(&plan, machine, state, choices.is_empty(), &mut seen)
        })?;
        count.set(count.get() + u32::from(shows(&seen)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    count.get()
}

#[test]
fn an_instance_is_polled_on_one_cpu_at_a_time_and_whoever_schedules_it_is_heard() {
    let shown = check(false, |seen| seen.both && seen.ended);
    assert!(shown >= 200, "{shown} programs poll both instances at once, and come to an end");
}

#[test]
fn after_napi_disable_returns_the_instance_is_polled_no_more() {
    let waited = check(true, |seen| seen.disabled && seen.waits);
    assert!(waited >= 200, "{waited} programs wait for a poll and disable the instance");
}
