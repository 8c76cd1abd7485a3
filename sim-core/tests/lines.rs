//! What must hold of interrupt lines, the threads of their handlers and irq_work whatever a program does: every state of programs made at random, held against
//! counters that the programs themselves keep in memory.

mod visit;

use proptest::prelude::*;
use proptest::test_runner::TestError;
use sim_core::machine::Machine;
use sim_core::program::{
    Access, AtomicOp, ContextDecl, ContextKind, Fetch, Function, Inst, KernelCall, Mark, Object, ObjectId, Order,
    Program, Reg, Scalar, SpanInfo, SpawnSite, pointer,
};
use std::cell::Cell;
use visit::{runner, visit};

/// Programs with more states than this are looked at as far as that.
const MOST_STATES: usize = 1_000;

const IRQ: u64 = 1;
const IRQF_SHARED: u64 = 0x80;
const IRQF_ONESHOT: u64 = 0x2000;
const IRQ_HANDLED: u64 = 1;
const IRQ_WAKE_THREAD: u64 = 2;

/// Objects: for each of two actions its `dev_id`, its handlers and its threads under way, and the epoch in which the latest of each began.
const ACTIONS: usize = 2;
const DEV: ObjectId = 0;
const HANDLERS: ObjectId = 2;
const THREADS: ObjectId = 4;
const HANDLER_BEGAN: ObjectId = 6;
const THREAD_BEGAN: ObjectId = 8;
/// Set before the first task waits, and when it has waited.
const EPOCH: ObjectId = 10;
const WAITED: ObjectId = 11;
/// The irq_work, and its functions under way.
const WORK: ObjectId = 12;
const WORKS: ObjectId = 13;
/// What everybody writes to.
const DATA: ObjectId = 14;
const OBJECTS: usize = 15;

/// Functions: two handlers, two thread functions, that of the irq_work, then `init` and the tasks.
const WORK_FUNCTION: u32 = 4;
const INIT: u32 = 5;

/// Registers: the two parameters of a handler, five arguments, a value, an address.
const FIRST: Reg = 2;
const VALUE: Reg = 7;
const ADDRESS: Reg = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Write,
    /// `disable_irq_nosync()` and `enable_irq()`, with something in between.
    Masked,
    IrqsOff,
    /// `irq_work_queue_on()` of CPU 0.
    Queue,
    Wake(usize),
}

/// What the first task does at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Free(usize),
    Disable,
    Synchronize,
    IrqWorkSync,
}

#[derive(Clone, Debug)]
struct Plan {
    actions: usize,
    oneshot: bool,
    /// For each action: it has a handler, a thread, and the handler wakes that.
    parts: [(bool, bool, bool); ACTIONS],
    handlers: [Option<Op>; ACTIONS],
    threads: [Option<Op>; ACTIONS],
    tasks: [Vec<Op>; 2],
    times: u8,
    end: End,
    /// A mistake that must be noticed: the end waits for the handlers alone.
    forgets_threads: bool,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => Just(Op::Write),
        1 => Just(Op::Masked),
        1 => Just(Op::IrqsOff),
        2 => Just(Op::Queue),
        1 => (0..ACTIONS).prop_map(Op::Wake),
    ]
}

fn plan(forgets_threads: bool) -> impl Strategy<Value = Plan> {
    let body = || [prop::option::weighted(0.4, op()), prop::option::weighted(0.4, op())];
    let part = || (prop::bool::weighted(0.8), prop::bool::weighted(0.7), prop::bool::weighted(0.8));
    let end = prop_oneof![
        2 => (0..ACTIONS).prop_map(End::Free),
        1 => Just(End::Disable),
        1 => Just(End::Synchronize),
        1 => Just(End::IrqWorkSync),
    ];
    let tasks = [prop::collection::vec(op(), 0..=1), prop::collection::vec(op(), 0..=2)];
    (1..=ACTIONS, prop::bool::ANY, [part(), part()], body(), body(), tasks, 1..=2u8, end).prop_map(
        move |(actions, oneshot, parts, handlers, threads, tasks, times, end)| {
            let mut plan = Plan { actions, oneshot, parts, handlers, threads, tasks, times, end, forgets_threads };
            plan.mend();
            plan
        },
    )
}

impl Plan {
    /// What the kernel would refuse is not asked for, and what the end waits for nobody begins anew.
    fn mend(&mut self) {
        for (handler, thread, _) in &mut self.parts {
            *handler |= !self.oneshot;
            *thread |= !*handler;
        }
        if let End::Free(action) = &mut self.end {
            *action %= self.actions;
        }
        let spoils = |op: &Op| match op {
            Op::Queue => self.end == End::IrqWorkSync,
            Op::Wake(_) => self.end == End::Disable,
            _ => false,
        };
        self.handlers.iter_mut().chain(&mut self.threads).for_each(|op| *op = op.filter(|op| !spoils(op)));
        self.tasks[1].retain(|op| !spoils(op));
        self.tasks[0].retain(|op| !matches!(op, Op::Wake(_)) || !spoils(op));
        if self.end == End::IrqWorkSync {
            self.tasks[0].insert(0, Op::Queue);
        }
    }

    /// The line is masked whenever a thread is at work: it is not shared, so that no other handler is in turn in the interrupt that woke the thread, and
    /// nobody wakes that but the handler.
    fn masks(&self) -> bool {
        let bodies = self.handlers.iter().chain(&self.threads).flatten().chain(self.tasks.iter().flatten());
        self.oneshot && self.actions == 1 && !bodies.into_iter().any(|op| matches!(op, Op::Wake(_)))
    }

    fn program(&self) -> Program {
        let mut functions: Vec<Function> = (0..ACTIONS).map(|action| self.handler(action)).collect();
        functions.extend((0..ACTIONS).map(|action| self.thread(action)));
        functions.push(irq_work());
        functions.push(self.set_up());
        functions.extend([self.task(0), self.task(1)]);
        let context = |name: &str, kind, entry, cpu, group| ContextDecl {
            name: name.into(),
            kind,
            entry,
            args: Vec::new(),
            cpu,
            prio: 0,
            signals: 0,
            span: 0,
            group,
        };
        let line = ContextKind::HardIrq { number: IRQ as u32, times: self.times };
        let size = |object: usize| if object == WORK as usize { 16 } else { 4 };
        let object = |id: usize| Object { name: format!("o{id}"), size: size(id), ..Object::default() };
        let site = |name: &str| SpawnSite { name: name.into(), span: 0 };
        let mut program = Program {
            contexts: vec![
                context("init", ContextKind::Init, Some(INIT), None, 0),
                context("first", ContextKind::Thread, Some(INIT + 1), Some(0), 1),
                context("second", ContextKind::Thread, Some(INIT + 2), Some(1), 2),
                context("line", line, None, None, 3),
            ],
            functions,
            objects: (0..OBJECTS).map(object).collect(),
            spawn_sites: vec![site("a"), site("b")],
            ..Program::default()
        };
        program.source.spans = vec![SpanInfo::default()];
        program
    }

    fn handler(&self, action: usize) -> Function {
        let (_, threaded, wakes) = self.parts[action];
        let result = if threaded && wakes { IRQ_WAKE_THREAD } else { IRQ_HANDLED };
        Code::body(HANDLERS, HANDLER_BEGAN, action, self.handlers[action]).function("handler", 2, Some(result))
    }

    fn thread(&self, action: usize) -> Function {
        Code::body(THREADS, THREAD_BEGAN, action, self.threads[action]).function("thread", 2, Some(IRQ_HANDLED))
    }

    fn set_up(&self) -> Function {
        let mut code = Code::default();
        code.call(KernelCall::IrqWorkInit, &[place(WORK), pointer::to_function(WORK_FUNCTION), 0]);
        let shared = if self.actions > 1 { IRQF_SHARED } else { 0 };
        let flags = shared | if self.oneshot { IRQF_ONESHOT } else { 0 };
        for action in 0..self.actions {
            let (handler, thread, _) = self.parts[action];
            let function = |has: bool, id: usize| if has { pointer::to_function(id as u32) } else { 0 };
            let [handler, thread] = [function(handler, action), function(thread, ACTIONS + action)];
            let call = KernelCall::RequestIrq { thread: Some(action as u32) };
            code.call(call, &[IRQ, handler, thread, flags, place(DEV + action as ObjectId)]);
        }
        code.function("init", 0, None)
    }

    fn task(&self, index: usize) -> Function {
        let mut code = Code::default();
        self.tasks[index].iter().for_each(|op| code.op(*op));
        if index == 0 {
            code.write(EPOCH, 1);
            code.end(self.end, self.forgets_threads);
            code.write(WAITED, 1);
        }
        code.function("task", 0, None)
    }
}

fn irq_work() -> Function {
    let mut code = Code::default();
    code.add(WORKS, AtomicOp::Add);
    code.write(DATA, 3);
    code.add(WORKS, AtomicOp::Sub);
    code.function("work", 1, None)
}

fn place(object: ObjectId) -> u64 {
    pointer::to_static(object, 0)
}

#[derive(Default)]
struct Code(Vec<Inst>);

impl Code {
    /// A handler or a thread function: counts itself, and notes the epoch.
    fn body(running: ObjectId, began: ObjectId, action: usize, op: Option<Op>) -> Self {
        let mut code = Self::default();
        let running = running + action as ObjectId;
        code.copy(EPOCH, began + action as ObjectId);
        code.add(running, AtomicOp::Add);
        if let Some(op) = op {
            code.op(op);
        }
        code.add(running, AtomicOp::Sub);
        code
    }

    fn call(&mut self, call: KernelCall, values: &[u64]) {
        let args: Vec<Reg> = (FIRST..).take(values.len()).collect();
        self.0.extend(args.iter().zip(values).map(|(dst, value)| Inst::Const { dst: *dst, value: *value }));
        self.0.push(Inst::Kernel { call, dst: None, args });
    }

    fn op(&mut self, op: Op) {
        match op {
            Op::Write => self.write(DATA, 1),
            Op::Masked => {
                self.call(KernelCall::DisableIrq, &[IRQ]);
                self.write(DATA, 2);
                self.call(KernelCall::EnableIrq, &[IRQ]);
            }
            Op::IrqsOff => {
                self.call(KernelCall::IrqSave, &[]);
                if let Some(Inst::Kernel { dst, .. }) = self.0.last_mut() {
                    *dst = Some(FIRST);
                }
                self.write(DATA, 2);
                self.0.push(Inst::Kernel { call: KernelCall::IrqRestore, dst: None, args: vec![FIRST] });
            }
            Op::Queue => self.call(KernelCall::IrqWorkQueue, &[place(WORK), 0]),
            Op::Wake(action) => self.call(KernelCall::IrqWakeThread, &[IRQ, place(DEV + action as ObjectId)]),
        }
    }

    fn end(&mut self, end: End, forgets_threads: bool) {
        let dev = match end {
            End::Free(action) => place(DEV + action as ObjectId),
            _ => 0,
        };
        match end {
            End::Free(_) => self.call(KernelCall::FreeIrq, &[IRQ, dev]),
            End::Disable => self.call(KernelCall::DisableIrq, &[IRQ]),
            End::Synchronize => {}
            End::IrqWorkSync => return self.call(KernelCall::IrqWorkSync, &[place(WORK)]),
        }
        self.call(KernelCall::SyncIrq, &[IRQ]);
        if !forgets_threads {
            self.call(KernelCall::SyncIrqThreads, &[IRQ]);
            if let End::Free(_) = end {
                self.call(KernelCall::IrqFreed, &[IRQ, dev]);
            }
        }
    }

    fn access() -> Access {
        Access { ty: Scalar::U32, mark: Mark::Once, private: false }
    }

    fn write(&mut self, object: ObjectId, value: u64) {
        self.0.push(Inst::Const { dst: VALUE, value });
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object, offset: 0 });
        self.0.push(Inst::Store { addr: ADDRESS, src: VALUE, access: Self::access() });
    }

    fn copy(&mut self, from: ObjectId, to: ObjectId) {
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object: from, offset: 0 });
        self.0.push(Inst::Load { dst: VALUE, addr: ADDRESS, access: Self::access(), bits: None });
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object: to, offset: 0 });
        self.0.push(Inst::Store { addr: ADDRESS, src: VALUE, access: Self::access() });
    }

    fn add(&mut self, object: ObjectId, op: AtomicOp) {
        self.0.push(Inst::AddrStatic { dst: ADDRESS, object, offset: 0 });
        self.0.push(Inst::Const { dst: VALUE, value: 1 });
        let (ty, fetch, order) = (Scalar::U32, Fetch::Old, Order::Relaxed);
        self.0.push(Inst::Atomic { op, ty, fetch, dst: None, addr: ADDRESS, a: VALUE, b: VALUE, order });
    }

    fn function(mut self, name: &str, params: u16, result: Option<u64>) -> Function {
        self.0.extend(result.map(|value| Inst::Const { dst: VALUE, value }));
        self.0.push(Inst::Return { value: result.map(|_| VALUE) });
        let mut regs = vec![Scalar::U64; ADDRESS as usize + 1];
        regs[VALUE as usize] = Scalar::U32;
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

/// What some states of a program show.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// A thread ran beside a handler of its line.
    beside: bool,
    /// The first task waited while something was under way, and went on.
    waits: bool,
    waited: bool,
    /// A line was masked for a thread.
    masked: bool,
}

/// The invariants, in one state.
fn holds(plan: &Plan, machine: &Machine, state: &[u8], seen: &mut Seen) -> Result<(), TestCaseError> {
    let number = |object: ObjectId| machine.static_bytes(state, object)[0];
    let of = |first: ObjectId| [number(first), number(first + 1)];
    let (handlers, threads) = (of(HANDLERS), of(THREADS));
    prop_assert!(handlers[0] + handlers[1] <= 1, "the line's handlers run at once: {handlers:?}");
    prop_assert!(threads.iter().all(|count| *count <= 1), "a thread runs twice at once: {threads:?}");
    prop_assert!(number(WORKS) <= 1, "irq_work of one CPU runs {} times at once", number(WORKS));
    let (handler, thread) = (handlers != [0, 0], threads != [0, 0]);
    prop_assert!(!(plan.masks() && handler && thread), "the line is not masked while a thread of IRQF_ONESHOT runs");
    seen.beside |= handler && thread;
    seen.masked |= plan.masks() && thread;
    let under_way = match plan.end {
        End::Free(action) => handlers[action] + threads[action] > 0,
        End::Disable => handler || thread,
        End::Synchronize => {
            let began = [of(HANDLER_BEGAN), of(THREAD_BEGAN)];
            (0..ACTIONS).any(|a| handlers[a] > 0 && began[0][a] == 0 || threads[a] > 0 && began[1][a] == 0)
        }
        End::IrqWorkSync => number(WORKS) > 0,
    };
    let waited = number(WAITED) != 0;
    prop_assert!(!(waited && under_way), "something runs after it was waited for");
    seen.waited |= waited;
    seen.waits |= number(EPOCH) != 0 && !waited && under_way;
    Ok(())
}

/// Looks at so many programs. Gives how many wait for what is under way and go on, have a line that is masked while its thread runs, and have a thread run beside
/// a handler of its line.
fn check(forgets_threads: bool) -> Result<[u32; 3], String> {
    let counts = Cell::new([0; 3]);
    let result = runner(2_000, 1).run(&plan(forgets_threads), |plan| {
        let mut seen = Seen::default();
        visit(plan.program(), MOST_STATES, |machine, state, _| holds(&plan, machine, state, &mut seen))?;
        let [waits, masked, beside] = counts.get();
        counts.set([
            waits + u32::from(seen.waits && seen.waited),
            masked + u32::from(seen.masked),
            beside + u32::from(seen.beside && !plan.oneshot),
        ]);
        Ok(())
    });
    match result {
        Ok(()) => Ok(counts.get()),
        Err(TestError::Fail(reason, plan)) => Err(format!("{reason}: {plan:?}")),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_line_never_runs_twice_at_once_oneshot_masks_it_and_who_has_waited_meets_nothing() {
    let [waits, masked, beside] = check(false).unwrap_or_else(|broken| panic!("{broken}"));
    assert!(waits >= 500, "{waits} programs wait for what is under way and go on");
    assert!(masked >= 100, "{masked} programs have a line that is masked while its thread runs");
    assert!(beside >= 100, "{beside} programs have a thread run beside a handler of its line");
}

#[test]
fn who_forgets_the_threads_is_noticed() {
    let noticed = check(true).expect_err("a thread runs after it should have been waited for");
    assert!(noticed.contains("something runs after it was waited for"), "{noticed}");
}
