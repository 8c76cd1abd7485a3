//! What must hold of softirqs, tasklets and timers whatever a program does: every state of programs made at random, held against counters that the programs
//! themselves keep in memory.

mod visit;

use proptest::prelude::*;
use sim_core::machine::Machine;
use sim_core::program::{
    Access, AtomicOp, BinaryOp, ContextDecl, ContextKind, Fetch, Function, Inst, KernelCall, Mark, Object, ObjectId,
    Order, Program, Reg, Scalar, SpanInfo, TimerArm, pointer,
};
use std::cell::Cell;
use visit::{runner, visit};

/// Programs with more states than this are looked at as far as that.
const MOST_STATES: usize = 1_000;

/// What has a callback: two tasklets, a timer, an hrtimer, the action of a softirq.
const ITEMS: usize = 5;
const TIMER: usize = 2;
const HRTIMER: usize = 3;
const ACTION: usize = 4;
const NET_RX: u64 = 3;

/// Objects: the four that are tasklets and timers, as many counters of callbacks under way as there are items, then the rest.
const RUNNING: ObjectId = 4;
/// For each CPU, softirqs' callbacks under way there.
const NESTED: ObjectId = RUNNING + ITEMS as ObjectId;
/// What was stopped, and may not run again.
const DEAD: ObjectId = NESTED + 1;
/// What everybody writes to.
const DATA: ObjectId = DEAD + 1;

/// Registers: a callback's parameter, an address, two for computing it, a value.
const ADDRESS: Reg = 1;
const FIRST: Reg = 2;
const SECOND: Reg = 3;
const VALUE: Reg = 4;

#[derive(Clone, Debug)]
enum Op {
    /// Schedules, arms, raises.
    Start(usize),
    /// `tasklet_hi_schedule()`
    StartHigh(usize),
    Write,
    /// Between `tasklet_disable_nosync()` and `tasklet_enable()`.
    Disabled(usize),
    /// With bottom halves, or interrupts, or preemption off.
    Off(KernelCall, KernelCall, Option<usize>),
}

#[derive(Clone, Debug)]
struct Plan {
    callbacks: Vec<Option<Op>>,
    /// The tasks on CPU 0 and 1, and a line.
    contexts: Vec<Vec<Op>>,
    times: u8,
    /// `HRTIMER_MODE_HARD`, `HRTIMER_MODE_SOFT` or neither.
    mode: u64,
    restart: bool,
    /// What the first task stops for good at its end.
    stopped: Option<usize>,
}

fn op() -> impl Strategy<Value = Op> {
    use KernelCall::{BhDisable, BhEnable, IrqDisable, IrqEnable, PreemptDisable, PreemptEnable};
    let pair =
        prop::sample::select(vec![(BhDisable, BhEnable), (IrqDisable, IrqEnable), (PreemptDisable, PreemptEnable)]);
    prop_oneof![
        6 => (0..ITEMS).prop_map(Op::Start),
        1 => (0..TIMER).prop_map(Op::StartHigh),
        1 => Just(Op::Write),
        1 => (0..TIMER).prop_map(Op::Disabled),
        2 => (pair, prop::option::of(0..ITEMS)).prop_map(|((off, on), start)| Op::Off(off, on, start)),
    ]
}

fn plan(stops: bool) -> impl Strategy<Value = Plan> {
    let callback = prop::option::weighted(0.4, (0..ITEMS).prop_map(Op::Start));
    let contexts = [1..=3usize, 0..=2, 0..=2].map(|length| prop::collection::vec(op(), length));
    let mode = prop::sample::select(vec![0, 4, 8]);
    let stopped = (0..ACTION).prop_map(move |item| stops.then_some(item));
    (prop::collection::vec(callback, ITEMS), contexts, 1..=2u8, mode, prop::bool::ANY, stopped).prop_map(
        |(callbacks, contexts, times, mode, restart, stopped)| {
            let mut plan = Plan { callbacks, contexts: contexts.into(), times, mode, restart, stopped };
            if let Some(item) = stopped {
                plan.leave_alone(item);
            }
            plan
        },
    )
}

impl Plan {
    /// Nobody starts or disables an item but the first task, which does at its beginning, and its own callback. A timer that is shut down may be armed by all.
    fn leave_alone(&mut self, item: usize) {
        if item != TIMER {
            let others = |op: &Op| match op {
                Op::Start(other) | Op::StartHigh(other) | Op::Disabled(other) => *other != item,
                Op::Off(_, _, start) => *start != Some(item),
                Op::Write => true,
            };
            self.contexts.iter_mut().for_each(|ops| ops.retain(others));
            for (own, callback) in self.callbacks.iter_mut().enumerate() {
                if own != item {
                    *callback = callback.take().filter(others);
                }
            }
        }
        self.contexts[0].insert(0, Op::Start(item));
    }

    fn program(&self) -> Program {
        let mut functions: Vec<Function> = (0..ITEMS).map(|item| self.callback(item)).collect();
        functions.push(self.set_up());
        for (index, ops) in self.contexts.iter().enumerate() {
            let mut code = Code::default();
            ops.iter().for_each(|op| code.op(op));
            if let Some(item) = self.stopped.filter(|_| index == 0) {
                code.stop(item);
                code.write(DEAD, 1);
            }
            functions.push(code.function("task", None));
        }
        let context = |index: usize, kind, cpu| ContextDecl {
            name: ["init", "first", "second", "line"][index].into(),
            kind,
            entry: Some((ITEMS + index) as u32),
            args: Vec::new(),
            cpu,
            prio: 0,
            signals: 0,
            span: 0,
            group: index as u16,
        };
        let line = ContextKind::HardIrq { number: 1, times: self.times };
        let sizes = [vec![24; 4], vec![4; ITEMS], vec![8, 4, 4]].concat();
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

    fn callback(&self, item: usize) -> Function {
        let mut code = Code::default();
        let hard = item == HRTIMER && self.mode != 4;
        code.add(RUNNING + item as ObjectId, AtomicOp::Add, false);
        if !hard {
            code.add(NESTED, AtomicOp::Add, true);
        }
        if let Some(op) = &self.callbacks[item] {
            code.op(op);
        }
        if !hard {
            code.add(NESTED, AtomicOp::Sub, true);
        }
        code.add(RUNNING + item as ObjectId, AtomicOp::Sub, false);
        code.function("callback", (item == HRTIMER).then_some(u64::from(self.restart)))
    }

    fn set_up(&self) -> Function {
        let mut code = Code::default();
        for item in 0..ITEMS as u32 {
            let function = pointer::to_function(item);
            match item as usize {
                ACTION => code.call(KernelCall::OpenSoftirq, &[NET_RX, function]),
                TIMER => code.call(KernelCall::TimerInit { hr: false }, &[place(item), function, 0]),
                HRTIMER => code.call(KernelCall::TimerInit { hr: true }, &[place(item), function, self.mode]),
                _ => code.call(KernelCall::TaskletInit { old: false }, &[place(item), function, 0]),
            }
        }
        code.function("init", None)
    }
}

fn place(object: ObjectId) -> u64 {
    pointer::to_static(object, 0)
}

#[derive(Default)]
struct Code(Vec<Inst>);

impl Code {
    fn call(&mut self, call: KernelCall, values: &[u64]) {
        let args: Vec<Reg> = [ADDRESS, FIRST, SECOND][..values.len()].to_vec();
        self.0.extend(args.iter().zip(values).map(|(dst, value)| Inst::Const { dst: *dst, value: *value }));
        self.0.push(Inst::Kernel { call, dst: None, args });
    }

    fn start(&mut self, item: usize) {
        let at = place(item as ObjectId);
        match item {
            ACTION => self.call(KernelCall::RaiseSoftirq, &[NET_RX]),
            TIMER => self.call(KernelCall::TimerArm { how: TimerArm::Mod }, &[at, 0, 0]),
            HRTIMER => self.call(KernelCall::TimerArm { how: TimerArm::Hrtimer }, &[at, 0, 0]),
            _ => self.call(KernelCall::TaskletSchedule { high: false }, &[at]),
        }
    }

    fn stop(&mut self, item: usize) {
        let at = place(item as ObjectId);
        let cancel = |hr, shutdown| KernelCall::TimerCancel { hr, wait: true, says: false, shutdown };
        match item {
            TIMER => self.call(cancel(false, true), &[at]),
            HRTIMER => self.call(cancel(true, false), &[at]),
            _ => {
                self.call(KernelCall::TaskletKill, &[at]);
                self.call(KernelCall::TaskletWait { sleep: true, kill: true }, &[at]);
            }
        }
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Start(item) => self.start(*item),
            Op::StartHigh(tasklet) => {
                self.call(KernelCall::TaskletSchedule { high: true }, &[place(*tasklet as ObjectId)]);
            }
            Op::Write => self.write(DATA, 1),
            Op::Disabled(tasklet) => {
                self.call(KernelCall::TaskletDisable, &[place(*tasklet as ObjectId)]);
                self.write(DATA, 2);
                self.call(KernelCall::TaskletEnable, &[place(*tasklet as ObjectId)]);
            }
            Op::Off(off, on, start) => {
                self.call(*off, &[]);
                match start {
                    Some(item) => self.start(*item),
                    None => self.write(DATA, 3),
                }
                self.call(*on, &[]);
            }
        }
    }

    fn write(&mut self, object: ObjectId, value: u64) {
        self.0.push(Inst::Const { dst: VALUE, value });
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object, offset: 0 });
        let access = Access { ty: Scalar::U32, mark: Mark::Once, private: false };
        self.0.push(Inst::Store { addr: ADDRESS, src: VALUE, access });
    }

    /// Adds one to a counter, or to that of this CPU, or takes one off.
    fn add(&mut self, object: ObjectId, op: AtomicOp, of_cpu: bool) {
        let ty = Scalar::U64;
        if of_cpu {
            let call = KernelCall::SmpProcessorId { raw: true };
            self.0.push(Inst::Kernel { call, dst: Some(FIRST), args: Vec::new() });
            self.0.push(Inst::Const { dst: SECOND, value: 4 });
            self.0.push(Inst::Binary { op: BinaryOp::Mul, ty, dst: FIRST, a: FIRST, b: SECOND });
        } else {
            self.0.push(Inst::Const { dst: FIRST, value: 0 });
        }
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object, offset: 0 });
        self.0.push(Inst::Binary { op: BinaryOp::Add, ty, dst: ADDRESS, a: ADDRESS, b: FIRST });
        self.0.push(Inst::Const { dst: VALUE, value: 1 });
        let (ty, fetch, order) = (Scalar::U32, Fetch::Old, Order::Relaxed);
        self.0.push(Inst::Atomic { op, ty, fetch, dst: None, addr: ADDRESS, a: VALUE, b: VALUE, order });
    }

    fn function(mut self, name: &str, result: Option<u64>) -> Function {
        self.0.extend(result.map(|value| Inst::Const { dst: VALUE, value }));
        self.0.push(Inst::Return { value: result.map(|_| VALUE) });
        let regs = vec![Scalar::U64, Scalar::U64, Scalar::U64, Scalar::U64, Scalar::U32];
        Function {
            name: name.into(),
            params: u16::from(name == "callback"),
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
    /// Softirqs on two CPUs at once.
    both_cpus: bool,
    /// Who stops an item waits for its callback.
    waits: bool,
    /// An item was stopped.
    stopped: bool,
    /// An interrupt found its CPU serving softirqs.
    interrupted: bool,
}

/// The invariants, in one state.
fn holds(plan: &Plan, machine: &Machine, state: &[u8], seen: &mut Seen) -> Result<(), TestCaseError> {
    let number = |object: ObjectId, at: usize| machine.static_bytes(state, object)[at];
    let nested = [number(NESTED, 0), number(NESTED, 4)];
    prop_assert!(nested.iter().all(|count| *count <= 1), "softirqs nest: {nested:?}");
    for item in 0..ACTION {
        let running = number(RUNNING + item as ObjectId, 0);
        prop_assert!(running <= 1, "item {item} runs {running} times at once");
    }
    let serving = |cpu: usize| {
        let stack = machine.cpu_stack(state, cpu);
        (stack.iter().filter(|name| name.starts_with("softirq/")).count(), stack)
    };
    for cpu in 0..2 {
        let (softirqs, stack) = serving(cpu);
        prop_assert!(softirqs <= 1, "{stack:?}");
        seen.interrupted |= softirqs == 1 && stack.last().is_some_and(|top| !top.starts_with("softirq/"));
    }
    seen.both_cpus |= nested == [1, 1];
    if let Some(item) = plan.stopped {
        let running = number(RUNNING + item as ObjectId, 0);
        let dead = number(DEAD, 0) != 0;
        prop_assert!(!dead || running == 0, "item {item} runs after it was stopped");
        seen.stopped |= dead;
        seen.waits |= running != 0 && machine.wanted(state, 1).contains("the callback of");
    }
    Ok(())
}

/// Looks at so many programs, and counts those that show something.
fn check(stops: bool, shows: impl Fn(&Seen) -> bool) -> u32 {
    let count = Cell::new(0);
    let result = runner(2_000, 1).run(&plan(stops), |plan| {
        let mut seen = Seen::default();
        visit(plan.program(), MOST_STATES, |machine, state, _| holds(&plan, machine, state, &mut seen))?;
        count.set(count.get() + u32::from(shows(&seen)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    count.get()
}

#[test]
fn softirqs_never_nest_on_a_cpu_and_a_tasklet_or_timer_never_runs_on_two() {
    let shown = check(false, |seen| seen.both_cpus && seen.interrupted);
    assert!(shown >= 200, "{shown} programs serve softirqs on both CPUs, and are interrupted there");
}

#[test]
fn after_timer_shutdown_sync_hrtimer_cancel_and_tasklet_kill_nothing_of_it_runs() {
    let waited = check(true, |seen| seen.stopped && seen.waits);
    assert!(waited >= 500, "{waited} programs wait for a callback and stop it");
}
