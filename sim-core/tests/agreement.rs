//! The search, held against an interpreter that is too simple to be wrong in the same way, on programs made at random.

mod generate;
mod known;
mod product;
mod reference;
mod stuck;
mod teeth;

use generate::{Flavour, INTS, compile, listing, plans};
use product::{Expected, Found, search};
use proptest::prelude::prop_assert;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use sim_core::finding::Kind;
use sim_core::machine::MachineOptions;
use sim_core::program::Program;
use sim_core::search::Options;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Programs with more states than this are left out; few may be.
const LIMIT: usize = 40_000;
/// The same of programs about what runs later, of which there are many that are small enough.
const LIMIT_LATER: usize = 2_500;

/// What the programs of one test were like.
#[derive(Debug, Default)]
struct Tally {
    compared: Cell<u32>,
    /// Too big for the reference.
    left_out: Cell<u32>,
    clean: Cell<u32>,
    /// Of the reference.
    states: Cell<usize>,
    /// How many programs show each kind.
    kinds: RefCell<BTreeMap<Kind, u32>>,
}

impl Tally {
    fn add(&self, outcome: &reference::Outcome) {
        self.compared.set(self.compared.get() + 1);
        self.states.set(self.states.get() + outcome.states);
        self.clean.set(self.clean.get() + u32::from(outcome.symptoms.is_empty()));
        let kinds: BTreeSet<Kind> = outcome.symptoms.iter().map(|symptom| symptom.0).collect();
        kinds.into_iter().for_each(|kind| *self.kinds.borrow_mut().entry(kind).or_default() += 1);
    }
}

/// Compares the search, under every setting, with the reference on programs of a flavour, of which one in twenty may be too big.
fn agree(flavour: Flavour, cases: u32) {
    let tally = compare(flavour, cases, LIMIT);
    assert!(tally.left_out.get() <= cases / 20, "{flavour:?}: one in twenty may be too big: {tally:?}");
}

/// The same, with programs made until so many are small enough.
fn agree_on_small_ones(flavour: Flavour, cases: u32, compared: u32) {
    let tally = compare(flavour, cases, LIMIT_LATER);
    assert!(tally.compared.get() >= compared, "{flavour:?}: too few are small enough: {tally:?}");
}

fn compare(flavour: Flavour, cases: u32, limit: usize) -> Tally {
    // The same programs in every run, unless `PROPTEST_RNG_SEED` asks for others.
    let rng_seed = if let RngSeed::Fixed(seed) = Config::default().rng_seed { seed } else { 1 };
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(rng_seed), ..Config::default() };
    let tally = Tally::default();
    let result = TestRunner::new(config).run(&plans(flavour), |plan| {
        let program = compile(&plan);
        program.validate().map_err(|e| TestCaseError::fail(e.to_string()))?;
        let Some(expected) = reference::explore(&program, &INTS, limit) else {
            tally.left_out.set(tally.left_out.get() + 1);
            return Ok(());
        };
        tally.add(&expected);
        let expected = Expected::by(expected);
        for (name, machine, options) in settings() {
            let found = search(&program, machine, &options).without_what_came_with_a_lock();
            prop_assert!(expected.is(&found), "{}", difference(name, &program, &expected, &found));
        }
        Ok(())
    });
    if let Err(error) = result {
        let TestError::Fail(reason, plan) = error else { panic!("{flavour:?}: {error}") };
        panic!("{flavour:?}, after {} programs: {reason}\n{plan:?}", tally.compared.get());
    }
    println!("{flavour:?}: {tally:?}");
    assert!(tally.clean.get() >= cases / 10, "{flavour:?}: one in ten is to have nothing wrong with it: {tally:?}");
    tally
}

fn settings() -> [(&'static str, MachineOptions, Options); 3] {
    let (fused, unfused) =
        (MachineOptions::default(), MachineOptions { fuse: false, lockdep: false, ..MachineOptions::default() });
    [
        ("fused", fused, Options::default()),
        ("fused, two threads, exact", fused, Options { threads: 2, exact: true, ..Options::default() }),
        ("not fused", unfused, Options::default()),
    ]
}

fn difference(name: &str, program: &Program, expected: &Expected, found: &Found) -> String {
    let mut text = format!("{name}\n{}", listing(program));
    let missed = expected.missed_circles(found).map(|any| format!("one of these missing: {any:?}\n"));
    text.extend(missed);
    let expected = &expected.found;
    let missing = expected.symptoms.difference(&found.symptoms).map(|s| format!("missing: {s:?}\n"));
    let extra = found.symptoms.difference(&expected.symptoms).map(|s| format!("too much: {s:?}\n"));
    text.extend(missing.chain(extra));
    let missing = expected.finals.difference(&found.finals).map(|v| format!("final values missing: {v:?}\n"));
    let extra = found.finals.difference(&expected.finals).map(|v| format!("final values too much: {v:?}\n"));
    text.extend(missing.chain(extra));
    text
}

#[test]
fn spinlocks_in_any_order_and_form() {
    agree(Flavour::Locks, 500);
}

#[test]
fn shared_memory_and_waiting_loops() {
    agree(Flavour::Memory, 500);
}

#[test]
fn sleeping_locks_and_giving_the_cpu_up() {
    agree(Flavour::Sleeping, 500);
}

#[test]
fn a_queue_is_served_in_its_order() {
    agree(Flavour::Queueing, 300);
}

#[test]
fn readers_and_writers() {
    agree(Flavour::Readers, 500);
}

#[test]
fn interrupts_on_and_off() {
    agree(Flavour::Interrupts, 500);
}

#[test]
fn everything_at_once() {
    agree(Flavour::Mixed, 500);
}

#[test]
fn softirqs_and_tasklets() {
    agree_on_small_ones(Flavour::Softirqs, 300, 200);
}

#[test]
fn timers_and_hrtimers() {
    agree_on_small_ones(Flavour::Timers, 300, 200);
}

#[test]
fn rcu_and_srcu() {
    agree_on_small_ones(Flavour::Rcu, 500, 300);
}

#[test]
fn work_items_and_their_queues() {
    agree_on_small_ones(Flavour::Work, 300, 200);
}
