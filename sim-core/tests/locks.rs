//! `ww_mutex` and `percpu_rw_semaphore`: who may go on when, step by step; and in every state of 2,000 generated programs each: who keeps the rules excludes others as
//! the lock promises and never waits for ever, and who does not is noticed.

mod visit;

use proptest::prelude::*;
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::{Choice, Deaf, Model, Outgrown};
use sim_core::program::{
    Access, AtomicOp, ContextDecl, ContextKind, Fetch, Function, Inst, KernelCall, LockKind, Mark, Object, ObjectId,
    Order, Program, Reg, Scalar, Sleep, SpanInfo, pointer,
};
use std::cell::Cell;
use std::sync::Arc;
use visit::{runner, visit};

/// More states than a program has are not looked at.
const MOST_STATES: usize = 20_000;

/// Static objects: the class of locks; for each task an acquire context and a result; locks; for each how many are in its section, and as writers.
const CLASS: ObjectId = 0;
const CONTEXTS: ObjectId = 1;
const RESULTS: ObjectId = 5;
const LOCKS: ObjectId = 9;
const INSIDE: ObjectId = 12;
const WRITING: ObjectId = 15;
const SIZES: [u32; 18] = [4, 16, 16, 16, 16, 4, 4, 4, 4, 16, 16, 16, 4, 4, 4, 4, 4, 4];

const WW_LOCK: KernelCall = acquire(LockKind::WwMutex, false, true);
const WW_UNLOCK: KernelCall = KernelCall::Release { lock: LockKind::WwMutex, shared: false };
const DOWN_READ: KernelCall = acquire(LockKind::PercpuRwSem, true, false);
const DOWN_WRITE: KernelCall = acquire(LockKind::PercpuRwSem, false, false);
const TRY_READ: KernelCall = KernelCall::TryAcquire { lock: LockKind::PercpuRwSem, shared: true };
const UP_READ: KernelCall = KernelCall::Release { lock: LockKind::PercpuRwSem, shared: true };
const UP_WRITE: KernelCall = KernelCall::Release { lock: LockKind::PercpuRwSem, shared: false };
const EDEADLK: u32 = -35i32 as u32;

const fn acquire(lock: LockKind, shared: bool, nest: bool) -> KernelCall {
    KernelCall::Acquire { lock, shared, sleep: Sleep::Uninterruptible, subclass: 0, nest }
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

    fn object(&mut self, object: ObjectId) -> Reg {
        self.constant(pointer::to_static(object, 0))
    }

    /// A call about these objects; one that is not given is NULL.
    fn about(&mut self, call: KernelCall, objects: &[Option<ObjectId>]) -> Reg {
        let args =
            objects.iter().map(|object| self.constant(object.map_or(0, |id| pointer::to_static(id, 0)))).collect();
        let dst = self.reg();
        self.code.push(Inst::Kernel { call, dst: Some(dst), args });
        dst
    }

    fn keep(&mut self, object: ObjectId, src: Reg) {
        let addr = self.object(object);
        let access = Access { ty: Scalar::U32, mark: Mark::Once, private: false };
        self.code.push(Inst::Store { addr, src, access });
    }

    fn add(&mut self, object: ObjectId, op: AtomicOp) {
        let addr = self.object(object);
        let a = self.constant(1);
        let (ty, fetch, order) = (Scalar::U32, Fetch::Old, Order::Relaxed);
        self.code.push(Inst::Atomic { op, ty, fetch, dst: None, addr, a, b: a, order });
    }

    /// In the section of a lock and out again.
    fn section(&mut self, counters: &[ObjectId]) {
        counters.iter().for_each(|counter| self.add(*counter, AtomicOp::Add));
        counters.iter().rev().for_each(|counter| self.add(*counter, AtomicOp::Sub));
    }

    /// A branch on a register; where it goes is filled in by `lands`.
    fn branch(&mut self, cond: Reg) -> usize {
        let next = self.code.len() as u32 + 1;
        self.code.push(Inst::Branch { cond, then: 0, otherwise: next });
        self.code.len() - 1
    }

    fn jump(&mut self, target: usize) -> usize {
        self.code.push(Inst::Jump { target: target as u32 });
        self.code.len() - 1
    }

    fn lands(&mut self, from: usize) {
        let here = self.code.len() as u32;
        match &mut self.code[from] {
            Inst::Branch { then, .. } => *then = here,
            Inst::Jump { target } => *target = here,
            _ => {}
        }
    }

    fn finish(mut self, name: &str) -> Function {
        let value = self.constant(0);
        self.code.push(Inst::Return { value: Some(value) });
        let (count, regs) = (self.code.len(), self.regs.len());
        Function {
            name: name.into(),
            reg_names: vec![String::new(); regs],
            regs: self.regs,
            spans: vec![0; count],
            code: self.code,
            ..Function::default()
        }
    }
}

/// A task for each, on CPUs that many share; `ww` names the class's kind, and makes its locks first.
fn program(tasks: Vec<Code>, cpus: u8, ww: Option<bool>) -> Program {
    let mut functions: Vec<Function> = Vec::new();
    let mut contexts = Vec::new();
    let mut declare = |code: Code, name: String, kind: ContextKind, cpu: Option<u8>| {
        let id = functions.len() as u32;
        functions.push(code.finish(&name));
        let (args, entry) = (Vec::new(), Some(id));
        contexts.push(ContextDecl { name, kind, entry, args, cpu, prio: 0, signals: 0, span: 0, group: id as u16 });
    };
    for (nth, code) in tasks.into_iter().enumerate() {
        declare(code, format!("t{nth}"), ContextKind::Thread, Some(nth as u8 % cpus));
    }
    if ww.is_some() {
        let mut code = Code::default();
        for lock in LOCKS..INSIDE {
            code.about(KernelCall::LockInit { lock: LockKind::WwMutex }, &[Some(lock), Some(CLASS)]);
        }
        declare(code, "init".into(), ContextKind::Init, None);
    }
    let object = |(id, size): (usize, &u32)| {
        let init = match id as ObjectId {
            CLASS => vec![u8::from(ww == Some(true)), 0, 0, 0],
            LOCKS..INSIDE if ww.is_none() => vec![0, 14, 0, 0],
            _ => Vec::new(),
        };
        Object { name: format!("o{id}"), size: *size, init, ..Object::default() }
    };
    let objects = SIZES.iter().enumerate().map(object).collect();
    let mut program = Program { contexts, functions, objects, ..Program::default() };
    program.config.cpus = cpus;
    program.source.spans = vec![SpanInfo::default()];
    program
}

fn number(machine: &Machine, state: &[u8], object: ObjectId) -> u32 {
    let bytes = machine.static_bytes(state, object);
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

// --- step by step ----------------------------------------------------------------------------------------------------

/// One execution, a task for each CPU.
struct Play {
    machine: Machine,
    state: Vec<u8>,
    /// Who took a step, after set-up.
    steps: Vec<u8>,
}

impl Play {
    fn new(tasks: Vec<Code>, ww: Option<bool>) -> Self {
        let cpus = tasks.len() as u8;
        let machine = Machine::new(Arc::new(program(tasks, cpus, ww)), MachineOptions::default());
        let mut play = Self { machine, state: Vec::new(), steps: Vec::new() };
        play.again();
        play
    }

    /// From the beginning, with as much room as it takes.
    fn again(&mut self) {
        while let Err(Outgrown(growth)) = self.replay() {
            self.machine = self.machine.grow(growth, MachineOptions::default());
        }
    }

    fn replay(&mut self) -> Result<(), Outgrown> {
        self.state = vec![0; self.machine.state_len()];
        self.machine.initial(&mut self.state, &mut Deaf)?;
        let init = self.machine.context_names().position(|name| name == "init");
        while let Some(choice) = init.and_then(|init| self.choice(init as u8)) {
            self.machine.step(&mut self.state, choice, &mut Deaf)?;
        }
        for task in &self.steps {
            let choice = self.choice(*task).expect("what went before goes again");
            self.machine.step(&mut self.state, choice, &mut Deaf)?;
        }
        Ok(())
    }

    fn choice(&self, task: u8) -> Option<Choice> {
        self.machine.possible(&self.state).into_iter().find(|choice| choice.context == task)
    }

    fn may(&self, task: u8) -> bool {
        self.choice(task).is_some()
    }

    /// The task takes so many steps.
    fn go(&mut self, task: u8, steps: usize) {
        for step in 0..steps {
            let choice = self.choice(task).unwrap_or_else(|| panic!("t{task} waits before step {step}"));
            self.steps.push(task);
            if self.machine.step(&mut self.state, choice, &mut Deaf).is_err() {
                self.again();
            }
        }
    }

    fn number(&self, object: ObjectId) -> u32 {
        number(&self.machine, &self.state, object)
    }
}

/// A task that reads, or writes: one step, and then its end, one step or two.
fn reader() -> Code {
    let mut code = Code::default();
    code.about(DOWN_READ, &[Some(LOCKS)]);
    code.about(UP_READ, &[Some(LOCKS)]);
    code
}

fn writer() -> Code {
    let mut code = Code::default();
    code.about(DOWN_WRITE, &[Some(LOCKS)]);
    code.about(UP_WRITE, &[Some(LOCKS)]);
    code.about(KernelCall::PercpuWake, &[Some(LOCKS)]);
    code
}

#[test]
fn a_percpu_writer_blocks_new_readers_and_waits_for_the_old() {
    let mut tries = Code::default();
    let got = tries.about(TRY_READ, &[Some(LOCKS)]);
    tries.keep(RESULTS, got);
    let mut play = Play::new(vec![reader(), writer(), reader(), tries], None);
    let [old, writes, new, tries] = [0, 1, 2, 3];
    play.go(old, 1);
    play.go(writes, 1);
    assert!(!play.may(writes), "it waits for the reader");
    play.go(new, 1);
    assert!(!play.may(new), "it waits for the writer, who has nothing yet");
    play.go(tries, 2);
    assert_eq!(play.number(RESULTS), 0, "nor does a trylock get past it");
    play.go(old, 1);
    assert!(play.may(writes) && !play.may(new));
    play.go(writes, 2);
    assert!(!play.may(new), "who waits is served by the second half of percpu_up_write()");
    play.go(writes, 1);
    play.go(new, 2);
}

#[test]
fn who_waits_for_a_percpu_writer_is_served_in_order_up_to_the_next_writer() {
    let tasks = vec![writer(), reader(), writer(), reader(), reader()];
    let mut play = Play::new(tasks, None);
    let [first, before, second, behind, between] = [0, 1, 2, 3, 4];
    play.go(first, 1);
    for waits in [before, second, behind] {
        play.go(waits, 1);
        assert!(!play.may(waits));
    }
    play.go(first, 1);
    play.go(between, 1);
    assert!(play.may(between), "between the two halves whoever comes goes first");
    play.go(first, 1);
    assert!(play.may(before) && !play.may(second) && !play.may(behind));
    play.go(before, 2);
    assert!(!play.may(second), "one reader is left");
    play.go(between, 1);
    assert!(play.may(second) && !play.may(behind));
    play.go(second, 2);
    assert!(!play.may(behind));
    play.go(second, 1);
    play.go(behind, 2);
}

/// Begins a context and takes locks in this order; keeps the result of the last, and releases the first.
fn takes(nth: u32, locks: &[ObjectId]) -> Code {
    let mut code = Code::default();
    let context = Some(CONTEXTS + nth);
    code.about(KernelCall::WwAcquireInit, &[context, Some(CLASS)]);
    let mut result = code.constant(0);
    for lock in locks {
        result = code.about(WW_LOCK, &[Some(*lock), context]);
    }
    code.keep(RESULTS + nth, result);
    code.about(WW_UNLOCK, &[Some(locks[0])]);
    code
}

const X: ObjectId = LOCKS;
const Y: ObjectId = LOCKS + 1;

#[test]
fn wound_wait_lets_the_younger_holder_back_off_when_it_waits() {
    let mut play = Play::new(vec![takes(0, &[X, Y]), takes(1, &[Y, X])], Some(false));
    let [older, younger] = [0, 1];
    play.go(older, 1);
    play.go(younger, 2);
    play.go(older, 1);
    play.go(younger, 1);
    assert!(!play.may(younger), "the younger waits for the older");
    play.go(older, 1);
    assert!(play.may(younger) && !play.may(older), "wounded, it wakes");
    play.go(younger, 2);
    assert_eq!(play.number(RESULTS + 1), EDEADLK);
    play.go(younger, 1);
    assert!(play.may(older), "and has released what the older wants");
}

#[test]
fn a_wounded_holder_may_still_take_what_is_free() {
    let mut play = Play::new(vec![takes(0, &[X, Y]), takes(1, &[Y, LOCKS + 2])], Some(false));
    let [older, younger] = [0, 1];
    play.go(older, 2);
    play.go(younger, 2);
    play.go(older, 1);
    play.go(younger, 2);
    assert_eq!(play.number(RESULTS + 1), 0);
}

#[test]
fn who_has_no_lock_yet_wounds_nobody() {
    let mut play = Play::new(vec![takes(0, &[Y]), takes(1, &[Y, X]), takes(2, &[X])], Some(false));
    let [oldest, younger, youngest] = [0, 1, 2];
    play.go(oldest, 1);
    play.go(younger, 2);
    play.go(youngest, 2);
    assert!(!play.may(oldest), "it waits, and nobody need take notice");
    play.go(younger, 1);
    assert!(!play.may(younger), "so that the holder of what it wants waits too");
}

#[test]
fn wait_die_lets_the_younger_back_off_at_once_and_the_older_wait() {
    let mut play = Play::new(vec![takes(0, &[X, Y]), takes(1, &[Y, X])], Some(true));
    let [older, younger] = [0, 1];
    play.go(older, 1);
    play.go(younger, 2);
    play.go(older, 2);
    assert!(!play.may(older), "the older waits for the younger");
    play.go(younger, 2);
    assert_eq!(play.number(RESULTS + 1), EDEADLK);
    play.go(younger, 1);
    play.go(older, 2);
    assert_eq!(play.number(RESULTS), 0);
}

#[test]
fn wait_die_lets_a_younger_waiter_die_when_an_older_one_comes() {
    let tasks = vec![takes(0, &[LOCKS + 2, Y]), takes(1, &[X, Y]), takes(2, &[Y])];
    let mut play = Play::new(tasks, Some(true));
    let [oldest, middle, holder] = [0, 1, 2];
    play.go(oldest, 1);
    play.go(middle, 1);
    play.go(holder, 2);
    play.go(middle, 2);
    assert!(!play.may(middle), "older than the holder, it waits");
    play.go(oldest, 2);
    assert!(play.may(middle) && !play.may(oldest), "behind an older one it would have to back off anyway");
    play.go(middle, 2);
    assert_eq!(play.number(RESULTS + 1), EDEADLK);
}

// --- generated programs ----------------------------------------------------------------------------------------------

/// How rules are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// No acquire context is passed; the second half of percpu_up_write() is missing.
    Unruly,
    /// The last lock is used and not taken.
    Forgets,
}

/// Everybody has done all, or somebody still may; and nobody is with a writer.
fn holds(machine: &Machine, state: &[u8], choices: &[Choice]) -> Result<(), TestCaseError> {
    for lock in 0..3 {
        let [inside, writing] = [INSIDE, WRITING].map(|of| number(machine, state, of + lock));
        prop_assert!(writing == 0 || (writing == 1 && inside == 1), "{writing} of {inside} inside write");
    }
    let all_done = machine.finished(state) == machine.contexts();
    prop_assert!(!choices.is_empty() || all_done, "they wait for ever");
    Ok(())
}

/// The locks that each task takes, in its order.
#[derive(Clone, Debug)]
struct Orders {
    wait_die: bool,
    tasks: Vec<Vec<ObjectId>>,
}

impl Orders {
    fn program(&self, fault: Fault) -> Program {
        let tasks = self.tasks.iter().enumerate().map(|(nth, order)| Self::task(nth as u32, order, fault));
        program(tasks.collect(), 2, Some(self.wait_die))
    }

    /// Takes all; where it must back off it releases what it has, waits for what was missing, and begins anew.
    fn task(nth: u32, order: &[ObjectId], fault: Fault) -> Code {
        let mut code = Code::default();
        let own = CONTEXTS + nth;
        let context = Some(own).filter(|_| fault != Fault::Unruly);
        let taken = &order[..order.len() - usize::from(fault == Fault::Forgets)];
        code.about(KernelCall::WwAcquireInit, &[Some(own), Some(CLASS)]);
        let top = code.code.len();
        let mut backs_off = Vec::new();
        for lock in taken {
            let result = code.about(WW_LOCK, &[Some(*lock), context]);
            backs_off.push(code.branch(result));
        }
        code.about(KernelCall::WwAcquireDone, &[Some(own)]);
        for lock in order {
            code.section(&[*lock - LOCKS + INSIDE, *lock - LOCKS + WRITING]);
        }
        taken.iter().for_each(|lock| {
            code.about(WW_UNLOCK, &[Some(*lock)]);
        });
        code.about(KernelCall::WwAcquireFini, &[Some(own)]);
        let ends = code.jump(0);
        for (nth, from) in backs_off.into_iter().enumerate() {
            code.lands(from);
            taken[..nth].iter().for_each(|lock| {
                code.about(WW_UNLOCK, &[Some(*lock)]);
            });
            code.about(WW_LOCK, &[Some(taken[nth]), context]);
            code.about(WW_UNLOCK, &[Some(taken[nth])]);
            code.jump(top);
        }
        code.lands(ends);
        code
    }
}

fn orders() -> impl Strategy<Value = Orders> {
    let all = || Just((LOCKS..INSIDE).collect::<Vec<_>>()).prop_shuffle();
    let order = (all(), 1..=2usize).prop_map(|(mut order, count)| {
        order.truncate(count);
        order
    });
    let tasks = prop_oneof![4 => prop::collection::vec(order, 2..=3), 1 => prop::collection::vec(all(), 2)];
    (any::<bool>(), tasks).prop_map(|(wait_die, tasks)| Orders { wait_die, tasks })
}

#[test]
fn who_backs_off_from_ww_mutexes_excludes_others_and_never_waits_for_ever() {
    let ended = Cell::new(0);
    let result = runner(2_000, 5).run(&orders(), |orders| {
        let mut ends = 0;
        visit(orders.program(Fault::None), MOST_STATES, |machine, state, choices| {
            ends += u32::from(choices.is_empty());
            holds(machine, state, choices)
        })?;
        ended.set(ended.get() + u32::from(ends > 0));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(ended.get() >= 1_990, "{} programs end", ended.get());
}

/// Of two hundred programs, those in which something is noticed.
fn noticed<T: std::fmt::Debug>(plans: &impl Strategy<Value = T>, program: impl Fn(&T) -> Program) -> u32 {
    let noticed = Cell::new(0);
    let result = runner(200, 5).run(plans, |plan| {
        noticed.set(noticed.get() + u32::from(visit(program(&plan), MOST_STATES, holds).is_err()));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    noticed.get()
}

#[test]
fn ww_mutexes_without_a_context_or_not_taken_are_noticed() {
    for fault in [Fault::Unruly, Fault::Forgets] {
        let count = noticed(&orders(), |orders| orders.program(fault));
        assert!(count >= 30, "{fault:?}: {count} programs");
    }
}

/// How a task is in the section of a `percpu_rw_semaphore`.
#[derive(Clone, Copy, Debug)]
enum Section {
    Reads,
    TriesToRead,
    Writes,
}

/// For each task its sections: of which semaphore, and whether within one of the first.
#[derive(Clone, Debug)]
struct Sections {
    tasks: Vec<Vec<(Section, u32)>>,
}

impl Sections {
    fn program(&self, fault: Fault) -> Program {
        let task = |sections: &Vec<(Section, u32)>| {
            let mut code = Code::default();
            sections.iter().for_each(|(section, lock)| Self::section(&mut code, *section, *lock, fault));
            code
        };
        program(self.tasks.iter().map(task).collect(), 2, None)
    }

    fn section(code: &mut Code, section: Section, nth: u32, fault: Fault) {
        let (lock, inside, writing) = (Some(LOCKS + nth), INSIDE + nth, WRITING + nth);
        match section {
            Section::Reads if fault == Fault::Forgets => code.section(&[inside]),
            Section::Reads => {
                code.about(DOWN_READ, &[lock]);
                code.section(&[inside]);
                code.about(UP_READ, &[lock]);
            }
            Section::TriesToRead => {
                let got = code.about(TRY_READ, &[lock]);
                let reads = code.branch(got);
                let ends = code.jump(0);
                code.lands(reads);
                code.section(&[inside]);
                code.about(UP_READ, &[lock]);
                code.lands(ends);
            }
            Section::Writes => {
                code.about(DOWN_WRITE, &[lock]);
                code.section(&[inside, writing]);
                code.about(UP_WRITE, &[lock]);
                if fault != Fault::Unruly {
                    code.about(KernelCall::PercpuWake, &[lock]);
                }
            }
        }
    }
}

fn sections() -> impl Strategy<Value = Sections> {
    let section = prop_oneof![3 => Just(Section::Reads), 1 => Just(Section::TriesToRead), 3 => Just(Section::Writes)];
    let lock = prop_oneof![3 => Just(0u32), 1 => Just(1u32)];
    let task = prop::collection::vec((section, lock), 1..=2);
    prop::collection::vec(task, 2..=4).prop_map(|mut tasks| {
        // Four tasks with two sections each have too many states.
        if tasks.len() == 4 {
            tasks.iter_mut().for_each(|task| task.truncate(1));
        }
        Sections { tasks }
    })
}

#[test]
fn no_percpu_reader_is_with_a_writer_and_nobody_waits_for_ever() {
    let result = runner(2_000, 5).run(&sections(), |sections| {
        let mut ends = 0;
        visit(sections.program(Fault::None), MOST_STATES, |machine, state, choices| {
            ends += u32::from(choices.is_empty());
            holds(machine, state, choices)
        })?;
        prop_assert!(ends > 0, "the program ends");
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn percpu_readers_that_take_nothing_and_writers_that_serve_nobody_are_noticed() {
    for fault in [Fault::Unruly, Fault::Forgets] {
        let count = noticed(&sections(), |sections| sections.program(fault));
        assert!(count >= 30, "{fault:?}: {count} programs");
    }
}
