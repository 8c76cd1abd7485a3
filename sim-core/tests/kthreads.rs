//! What kernel threads and completions promise, in every state of 2,000 generated programs each: after `kthread_stop()` has returned nothing of the thread runs, one
//! that `kthread_park()` has parked does not, and `complete()` lets as many waiters through as it is called. The programs say in memory what they rely on.

mod visit;

use proptest::prelude::*;
use sim_core::machine::Machine;
use sim_core::model::Choice;
use sim_core::program::{
    Access, AtomicOp, ContextDecl, ContextKind, Fetch, Function, Inst, KernelCall, Mark, Object, ObjectId, Order,
    Program, Reg, Scalar, Sleep, SpanInfo, SpawnSite, TASK_NORMAL, TaskState, pointer,
};
use std::cell::Cell;
use visit::{runner, visit};

/// More states than a program has are not looked at.
const MOST_STATES: usize = 20_000;

/// Static objects: a pointer to the thread; what is relied on; a completion; how often it is completed, and who has got through.
const THREAD: ObjectId = 0;
const PARKED: ObjectId = 1;
const STOPPED: ObjectId = 2;
const COMPLETION: ObjectId = 3;
const CALLS: ObjectId = 4;
const PASSED: ObjectId = 5;
const DATA: ObjectId = 6;
const SIZES: [u32; 7] = [8, 4, 4, 4, 4, 4, 4];

/// Functions: the thread's; then those of the rig.
const BODY: u32 = 0;
/// The context that is the thread: after `INIT` and the two tasks.
const SPAWNED: usize = 3;

/// What the thread does in a round, beside asking whether to stop and to park.
#[derive(Clone, Copy, Debug)]
enum Round {
    Writes,
    Sleeps,
    /// With the state set after the questions, as it should not be.
    SleepsLate,
    /// It returns.
    Ends,
}

/// What the first task does to the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Wake,
    Park,
    Unpark,
    Stop,
    /// It relies on the thread being parked, or stopped, without having waited for that.
    ClaimParked,
    ClaimStopped,
}

#[derive(Clone, Debug)]
struct Plan {
    rounds: Vec<Round>,
    /// `INIT` wakes it.
    woken: bool,
    first: Vec<Op>,
    /// How often the second task wakes it.
    wakes: usize,
}

#[derive(Default)]
struct Code {
    code: Vec<Inst>,
    regs: Vec<Scalar>,
}

impl Code {
    fn reg(&mut self) -> Reg {
        self.regs.push(Scalar::U64);
        self.regs.len() as Reg - 1
    }

    fn constant(&mut self, value: u64) -> Reg {
        let dst = self.reg();
        self.code.push(Inst::Const { dst, value });
        dst
    }

    fn call(&mut self, call: KernelCall, args: &[Reg]) -> Reg {
        let dst = self.reg();
        self.code.push(Inst::Kernel { call, dst: Some(dst), args: args.to_vec() });
        dst
    }

    fn about(&mut self, call: KernelCall, object: ObjectId) {
        let object = self.constant(pointer::to_static(object, 0));
        self.call(call, &[object]);
    }

    fn set_state(&mut self, state: TaskState) {
        let state = self.constant(state as u64);
        self.call(KernelCall::SetState, &[state]);
    }

    fn write(&mut self, object: ObjectId, value: u64) {
        let addr = self.constant(pointer::to_static(object, 0));
        let src = self.constant(value);
        self.code.push(Inst::Store { addr, src, access: access(Scalar::U32) });
    }

    fn count(&mut self, object: ObjectId) {
        let addr = self.constant(pointer::to_static(object, 0));
        let a = self.constant(1);
        let (op, ty, fetch, order) = (AtomicOp::Add, Scalar::U32, Fetch::Old, Order::Relaxed);
        self.code.push(Inst::Atomic { op, ty, fetch, dst: None, addr, a, b: a, order });
    }

    fn thread(&mut self) -> Reg {
        let addr = self.constant(pointer::to_static(THREAD, 0));
        let dst = self.reg();
        self.code.push(Inst::Load { dst, addr, access: access(Scalar::U64), bits: None });
        dst
    }

    /// A branch on a register; where it goes is filled in by `lands`.
    fn branch(&mut self, cond: Reg) -> usize {
        let next = self.code.len() as u32 + 1;
        self.code.push(Inst::Branch { cond, then: 0, otherwise: next });
        self.code.len() - 1
    }

    fn lands(&mut self, branch: usize) {
        let here = self.code.len() as u32;
        if let Inst::Branch { then, .. } = &mut self.code[branch] {
            *then = here;
        }
    }

    fn wake(&mut self, thread: Reg) {
        let mask = self.constant(u64::from(TASK_NORMAL));
        self.call(KernelCall::WakeUp, &[thread, mask]);
    }

    fn finish(mut self, name: &str, params: u16) -> Function {
        let value = self.constant(0);
        self.code.push(Inst::Return { value: Some(value) });
        let (count, regs) = (self.code.len(), self.regs.len());
        Function {
            name: name.into(),
            params,
            reg_names: vec![String::new(); regs],
            regs: self.regs,
            spans: vec![0; count],
            code: self.code,
            ..Function::default()
        }
    }
}

fn access(ty: Scalar) -> Access {
    Access { ty, mark: Mark::Once, private: false }
}

fn task(name: &str, kind: ContextKind, entry: usize, cpu: Option<u8>) -> ContextDecl {
    ContextDecl {
        name: name.into(),
        kind,
        entry: Some(entry as u32),
        args: Vec::new(),
        cpu,
        prio: 0,
        signals: 0,
        span: 0,
        group: entry as u16,
    }
}

fn program(functions: Vec<Function>, contexts: Vec<ContextDecl>) -> Program {
    let object = |(id, size): (usize, &u32)| Object { name: format!("o{id}"), size: *size, ..Object::default() };
    let mut program =
        Program { contexts, functions, objects: SIZES.iter().enumerate().map(object).collect(), ..Program::default() };
    program.source.spans = vec![SpanInfo::default()];
    program
}

impl Plan {
    fn program(&self) -> Program {
        let functions = vec![self.body(), self.set_up(), self.first(), self.second()];
        let contexts = vec![
            task("init", ContextKind::Init, 1, None),
            task("first", ContextKind::Thread, 2, Some(0)),
            task("second", ContextKind::Thread, 3, Some(1)),
        ];
        let mut program = program(functions, contexts);
        program.spawn_sites.push(SpawnSite { name: "thread".into(), span: 0 });
        program
    }

    /// For ever: stops or parks if asked to, and does what a round is.
    fn body(&self) -> Function {
        let mut code = Code::default();
        code.reg();
        let mut stops = Vec::new();
        for round in &self.rounds {
            if let Round::Sleeps = round {
                code.set_state(TaskState::Interruptible);
            }
            let stop = code.call(KernelCall::KthreadShouldStop, &[]);
            stops.push(code.branch(stop));
            let park = code.call(KernelCall::KthreadShouldPark, &[]);
            let parks = code.branch(park);
            match round {
                Round::Writes => code.write(DATA, 1),
                Round::Sleeps => {
                    code.call(KernelCall::Schedule { timeout: false }, &[]);
                }
                Round::SleepsLate => {
                    code.set_state(TaskState::Interruptible);
                    code.call(KernelCall::Schedule { timeout: false }, &[]);
                }
                Round::Ends => {
                    let result = code.constant(7);
                    code.call(KernelCall::KthreadExit, &[result]);
                }
            }
            code.lands(parks);
            code.call(KernelCall::KthreadParkme, &[]);
        }
        code.code.push(Inst::Jump { target: 0 });
        stops.into_iter().for_each(|stop| code.lands(stop));
        code.set_state(TaskState::Running);
        code.finish("body", 1)
    }

    fn set_up(&self) -> Function {
        let mut code = Code::default();
        let function = code.constant(pointer::to_function(BODY));
        let data = code.constant(0);
        let thread = code.call(KernelCall::KthreadCreate { site: 0 }, &[function, data]);
        let addr = code.constant(pointer::to_static(THREAD, 0));
        code.code.push(Inst::Store { addr, src: thread, access: access(Scalar::U64) });
        // It may end by itself.
        code.call(KernelCall::TaskReference { get: true }, &[thread]);
        if self.woken {
            code.wake(thread);
        }
        code.finish("init", 0)
    }

    fn first(&self) -> Function {
        let mut code = Code::default();
        let thread = code.thread();
        for op in &self.first {
            match op {
                Op::Wake => code.wake(thread),
                Op::Park => {
                    let refused = code.call(KernelCall::KthreadPark, &[thread]);
                    let skips = code.branch(refused);
                    code.call(KernelCall::KthreadParkWait, &[thread]);
                    code.write(PARKED, 1);
                    code.lands(skips);
                }
                Op::Unpark => {
                    code.write(PARKED, 0);
                    code.call(KernelCall::KthreadUnpark, &[thread]);
                }
                Op::Stop => {
                    code.write(PARKED, 0);
                    code.call(KernelCall::KthreadStopRequest, &[thread]);
                    code.call(KernelCall::KthreadStopWait, &[thread]);
                    code.write(STOPPED, 1);
                }
                Op::ClaimParked => {
                    code.call(KernelCall::KthreadPark, &[thread]);
                    code.write(PARKED, 1);
                }
                Op::ClaimStopped => {
                    code.write(PARKED, 0);
                    code.call(KernelCall::KthreadStopRequest, &[thread]);
                    code.write(STOPPED, 1);
                }
            }
        }
        code.finish("first", 0)
    }

    fn second(&self) -> Function {
        let mut code = Code::default();
        let thread = code.thread();
        (0..self.wakes).for_each(|_| code.wake(thread));
        code.finish("second", 0)
    }
}

fn plan(claims: bool) -> impl Strategy<Value = Plan> {
    let round = prop_oneof![
        3 => Just(Round::Writes),
        4 => Just(Round::Sleeps),
        2 => Just(Round::SleepsLate),
        1 => Just(Round::Ends),
    ];
    let op = prop_oneof![1 => Just(Op::Wake), 3 => Just(Op::Park), 2 => Just(Op::Unpark)];
    let ends = prop::bool::weighted(0.8);
    (prop::collection::vec(round, 1..=3), any::<bool>(), prop::collection::vec(op, 0..=4), ends, 0..=2usize).prop_map(
        move |(rounds, woken, mut first, ends, wakes)| {
            if ends {
                first.push(Op::Stop);
            }
            if claims {
                for op in &mut first {
                    *op = match *op {
                        Op::Park => Op::ClaimParked,
                        Op::Stop => Op::ClaimStopped,
                        other => other,
                    };
                }
            }
            Plan { rounds, woken, first, wakes }
        },
    )
}

/// Whether what the first task relies on is so; tells what a program shows.
fn relies(machine: &Machine, state: &[u8], choices: &[Choice], seen: &mut [bool; 2]) -> Result<(), TestCaseError> {
    let says = |object: ObjectId| machine.static_bytes(state, object)[0] != 0;
    let runs = choices.iter().any(|choice| choice.context as usize == SPAWNED);
    prop_assert!(!(says(PARKED) && runs), "a parked thread runs");
    prop_assert!(!(says(STOPPED) && runs), "a stopped thread runs");
    let gone = machine.stack_of(state, SPAWNED as u8).is_empty();
    prop_assert!(!says(STOPPED) || gone, "a stopped thread is in its function");
    seen[0] |= says(PARKED);
    seen[1] |= says(STOPPED);
    Ok(())
}

#[test]
fn after_kthread_stop_and_kthread_park_return_nothing_of_the_thread_runs() {
    let shown = [const { Cell::new(0) }; 2];
    let result = runner(2_000, 4).run(&plan(false), |plan| {
        let mut seen = [false; 2];
        visit(plan.program(), MOST_STATES, |machine, state, choices| relies(machine, state, choices, &mut seen))?;
        shown.iter().zip(seen).for_each(|(count, seen)| count.set(count.get() + u32::from(seen)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let [parked, stopped] = shown.map(Cell::into_inner);
    assert!(parked >= 500 && stopped >= 500, "{parked} programs park the thread, {stopped} stop it");
}

#[test]
fn a_task_that_does_not_wait_for_the_thread_to_park_or_stop_is_noticed() {
    let noticed = Cell::new(0);
    let result = runner(200, 4).run(&plan(true), |plan| {
        let found = visit(plan.program(), MOST_STATES, |machine, state, choices| {
            relies(machine, state, choices, &mut [false; 2])
        });
        noticed.set(noticed.get() + u32::from(found.is_err()));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(noticed.get() >= 100, "{} programs", noticed.get());
}

/// Tasks that wait for one completion, and how often two others complete it.
#[derive(Clone, Debug)]
struct Waits {
    waiters: usize,
    calls: [usize; 2],
    /// At its end the second completes all.
    all: bool,
    /// The waiters ask first, without waiting.
    tries: bool,
}

impl Waits {
    fn program(&self) -> Program {
        let mut init = Code::default();
        init.about(KernelCall::CompletionInit, COMPLETION);
        let mut waiter = Code::default();
        let mut tried = None;
        if self.tries {
            let completion = waiter.constant(pointer::to_static(COMPLETION, 0));
            let got = waiter.call(KernelCall::CompletionTryWait, &[completion]);
            tried = Some(waiter.branch(got));
        }
        let wait = KernelCall::CompletionWait { sleep: Sleep::Uninterruptible, timeout: false };
        waiter.about(wait, COMPLETION);
        if let Some(tried) = tried {
            waiter.lands(tried);
        }
        waiter.count(PASSED);
        let completers = [false, self.all].into_iter().zip(self.calls).map(|(all, calls)| {
            let mut code = Code::default();
            for _ in 0..calls {
                code.count(CALLS);
                code.about(KernelCall::Complete, COMPLETION);
            }
            if all {
                (0..self.waiters).for_each(|_| code.count(CALLS));
                code.about(KernelCall::CompleteAll, COMPLETION);
            }
            code.finish("completer", 0)
        });
        let mut functions = vec![init.finish("init", 0), waiter.finish("waiter", 0)];
        functions.extend(completers);
        let mut contexts = vec![
            task("init", ContextKind::Init, 0, None),
            task("first", ContextKind::Thread, 2, Some(0)),
            task("second", ContextKind::Thread, 3, Some(1)),
        ];
        let waiters = (0..self.waiters).map(|nth| {
            let mut decl = task(&format!("waiter.{nth}"), ContextKind::Thread, 1, Some(nth as u8 % 2));
            decl.group = 10 + nth as u16;
            decl
        });
        contexts.extend(waiters);
        program(functions, contexts)
    }

    /// How many get through in the end.
    fn pass(&self) -> usize {
        if self.all { self.waiters } else { self.waiters.min(self.calls.iter().sum()) }
    }
}

#[test]
fn complete_lets_as_many_waiters_through_as_it_is_called() {
    let waits = (1..=3usize, [0..=2usize, 0..=1usize], prop::bool::weighted(0.2), any::<bool>())
        .prop_map(|(waiters, calls, all, tries)| Waits { waiters, calls, all, tries });
    let shown = [const { Cell::new(0) }; 2];
    let result = runner(2_000, 4).run(&waits, |waits| {
        let mut ends = 0;
        visit(waits.program(), MOST_STATES, |machine, state, choices| {
            let number = |object: ObjectId| machine.static_bytes(state, object)[0] as usize;
            let passed = number(PASSED);
            prop_assert!(passed <= number(CALLS), "{passed} have passed {} completions", number(CALLS));
            if choices.is_empty() {
                ends += 1;
                prop_assert_eq!(passed, waits.pass());
            }
            Ok(())
        })?;
        prop_assert!(ends > 0, "the program ends");
        let stuck = waits.pass() < waits.waiters;
        shown[usize::from(stuck)].set(shown[usize::from(stuck)].get() + 1);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let [through, stuck] = shown.map(Cell::into_inner);
    assert!(through >= 300 && stuck >= 300, "{through} programs let all through, {stuck} do not");
}
