//! The comparison has teeth: a machine with a fault is told from the reference within a few programs.
//!
//! A fault is what a defect of the machine would amount to: it runs another program than the one it was given, or does not let happen what may happen. The
//! reference runs the program as it is.

mod later;

use crate::difference;
use crate::generate::{Flavour, INTS, compile, plans};
use crate::product::{Distort, Expected, Found, search_distorted, undistorted};
use crate::reference;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::Choice;
use sim_core::program::{AtomicOp, Inst, KernelCall as K, LockKind, Mark, Preemption, Program};
use sim_core::search::Options;

/// Within so many programs a fault must be noticed.
const PROGRAMS: u32 = 400;
/// Programs with more states than this are passed over.
const LIMIT: usize = 4_000;

struct Fault {
    name: &'static str,
    /// What the machine takes the program for.
    program: fn(&mut Program),
    /// What it takes for what may happen next.
    choices: Distort,
}

fn misread(name: &'static str, program: fn(&mut Program)) -> Fault {
    Fault { name, program, choices: undistorted }
}

fn overlooked(name: &'static str, choices: Distort) -> Fault {
    Fault { name, program: |_| {}, choices }
}

/// Every fault is noticed, and without a fault there is nothing to notice.
fn are_noticed(flavour: Flavour, faults: &[Fault]) {
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let mut left: Vec<&Fault> = faults.iter().collect();
    for number in 1..=PROGRAMS {
        let plan = plans(flavour).new_tree(&mut runner).expect("plans are not filtered").current();
        let program = compile(&plan);
        let Some(outcome) = reference::explore(&program, &INTS, LIMIT) else { continue };
        let expected = Expected::by(outcome);
        let right = found(&program, undistorted);
        assert!(
            expected.is(&right),
            "program {number}, without a fault, {}",
            difference("", &program, &expected, &right)
        );
        left.retain(|fault| {
            let mut misread = program.clone();
            (fault.program)(&mut misread);
            let noticed = !expected.is(&found(&misread, fault.choices));
            if noticed {
                println!("{}: noticed in program {number}", fault.name);
            }
            !noticed
        });
        if left.is_empty() {
            return;
        }
    }
    let names: Vec<&str> = left.iter().map(|fault| fault.name).collect();
    panic!("not noticed in {PROGRAMS} programs: {names:?}");
}

fn found(program: &Program, choices: Distort) -> Found {
    search_distorted(program, MachineOptions::default(), &Options::default(), choices).without_what_came_with_a_lock()
}

fn instructions(program: &mut Program, change: impl Fn(&mut Inst)) {
    program.functions.iter_mut().flat_map(|function| &mut function.code).for_each(change);
}

/// Takes one kernel call for another.
fn calls(program: &mut Program, is: fn(&K) -> bool, other: K) {
    instructions(program, |inst| {
        if let Inst::Kernel { call, .. } = inst
            && is(call)
        {
            *call = other;
        }
    });
}

fn reads_are_plain(program: &mut Program) {
    instructions(program, |inst| {
        if let Inst::Load { access, .. } = inst {
            access.mark = Mark::Plain;
        }
    });
}

fn subtraction_adds(program: &mut Program) {
    instructions(program, |inst| {
        if let Inst::Atomic { op: op @ AtomicOp::Sub, .. } = inst {
            *op = AtomicOp::Add;
        }
    });
}

/// Set-up computes the count just before it initialises the semaphore with it.
fn semaphores_let_one_more_through(program: &mut Program) {
    let code = &mut program.functions[0].code;
    let init = |inst: &Inst| matches!(inst, Inst::Kernel { call: K::SemInit, .. });
    let before = code.iter().position(init).and_then(|at| at.checked_sub(1));
    if let Some(Inst::Const { value, .. }) = before.map(|at| &mut code[at]) {
        *value += 1;
    }
}

/// An interrupt arrives on an idle CPU only.
fn tasks_are_not_interrupted(machine: &Machine, state: &[u8], choices: &mut Vec<Choice>) {
    choices.retain(|choice| {
        let arrives = machine.is_line(choice.context) && machine.stack_of(state, choice.context).is_empty();
        !arrives || machine.cpu_stack(state, choice.cpu.into()).is_empty()
    });
}

fn the_last_of_three_choices_is_lost(_: &Machine, _: &[u8], choices: &mut Vec<Choice>) {
    if choices.len() >= 3 {
        choices.pop();
    }
}

#[test]
fn faults_of_spinlocks_are_noticed() {
    let faults = [
        misread("spin_lock() does not wait", |program| {
            let spins = |call: &K| matches!(call, K::Acquire { lock: LockKind::Spin, .. });
            calls(program, spins, K::TryAcquire { lock: LockKind::Spin, shared: false });
        }),
        misread("preempt_disable() does nothing", |program| {
            calls(program, |call| *call == K::PreemptDisable, K::Relax);
        }),
        misread("local_bh_disable() does nothing", |program| calls(program, |call| *call == K::BhDisable, K::Relax)),
        misread("tasks run on any CPU", |program| program.contexts.iter_mut().for_each(|c| c.cpu = None)),
        overlooked("the last of three choices is lost", the_last_of_three_choices_is_lost),
    ];
    are_noticed(Flavour::Locks, &faults);
}

#[test]
fn faults_of_memory_and_preemption_are_noticed() {
    let faults = [
        misread("READ_ONCE() is a plain read", reads_are_plain),
        misread("atomic_sub() adds", subtraction_adds),
        misread("nothing is ever preempted", |program| program.config.preemption = Preemption::None),
    ];
    are_noticed(Flavour::Memory, &faults);
}

#[test]
fn faults_of_sleeping_and_waking_are_noticed() {
    let faults = [
        misread("mutex_lock() does not wait", |program| {
            let sleeps = |call: &K| matches!(call, K::Acquire { lock: LockKind::Mutex, .. });
            calls(program, sleeps, K::TryAcquire { lock: LockKind::Mutex, shared: false });
        }),
        misread("wake_up_process() wakes nobody", |program| calls(program, |call| *call == K::WakeUp, K::Relax)),
    ];
    are_noticed(Flavour::Sleeping, &faults);
}

#[test]
fn faults_of_queues_are_noticed() {
    let faults = [
        misread("a semaphore lets one more through", semaphores_let_one_more_through),
        misread("complete_all() lets one through", |program| {
            calls(program, |call| *call == K::CompleteAll, K::Complete);
        }),
    ];
    are_noticed(Flavour::Queueing, &faults);
}

/// Every lock of readers and writers is taken, and given back, as if by writers.
fn readers_are_writers(program: &mut Program) {
    instructions(program, |inst| {
        if let Inst::Kernel { call: K::Acquire { shared, .. } | K::Release { shared, .. }, .. } = inst {
            *shared = false;
        }
    });
}

fn readers_do_not_wait(program: &mut Program) {
    let reads = |call: &K| matches!(call, K::Acquire { shared: true, .. });
    calls(program, reads, K::TryAcquire { lock: LockKind::RwSem, shared: true });
}

#[test]
fn faults_of_readers_and_writers_are_noticed() {
    let faults = [
        misread("readers keep each other out", readers_are_writers),
        misread("down_read() does not wait", readers_do_not_wait),
        misread("a reader never waits behind a writer", |program| program.config.queued_rwlocks = false),
        misread("downgrade_write() does nothing", |program| calls(program, |call| *call == K::Downgrade, K::Relax)),
    ];
    are_noticed(Flavour::Readers, &faults);
}

#[test]
fn faults_of_interrupts_are_noticed() {
    let faults = [
        misread("local_irq_disable() does nothing", |program| calls(program, |call| *call == K::IrqDisable, K::Relax)),
        misread("local_irq_restore() always enables", |program| {
            calls(program, |call| *call == K::IrqRestore, K::IrqEnable);
        }),
        overlooked("tasks are not interrupted", tasks_are_not_interrupted),
    ];
    are_noticed(Flavour::Interrupts, &faults);
}
