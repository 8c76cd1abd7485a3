//! Generated programs, run by an interpreter that is too simple to be wrong in the same way as the search.

mod generate;
mod known;
mod reference;

use generate::{Flavour, INTS, compile, listing, plans};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sim_core::finding::Kind;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Programs with more states than this are left out; few may be.
const LIMIT: usize = 40_000;

/// What the programs of one test were like.
#[derive(Debug, Default)]
struct Tally {
    /// Too big for the reference.
    left_out: Cell<u32>,
    clean: Cell<u32>,
    /// How many programs show each kind.
    kinds: RefCell<BTreeMap<Kind, u32>>,
}

fn run(flavour: Flavour, cases: u32) -> Tally {
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let tally = Tally::default();
    let outcome = TestRunner::new(config).run(&plans(flavour), |plan| {
        let program = compile(&plan);
        program.validate().unwrap_or_else(|e| panic!("{e}\n{}", listing(&program)));
        match reference::explore(&program, &INTS, LIMIT) {
            Some(outcome) => {
                tally.clean.set(tally.clean.get() + u32::from(outcome.symptoms.is_empty()));
                let kinds: BTreeSet<Kind> = outcome.symptoms.iter().map(|symptom| symptom.0).collect();
                kinds.into_iter().for_each(|kind| *tally.kinds.borrow_mut().entry(kind).or_default() += 1);
            }
            None => tally.left_out.set(tally.left_out.get() + 1),
        }
        Ok(())
    });
    outcome.unwrap_or_else(|e| panic!("{e}"));
    tally
}

#[test]
fn generated_programs_are_small_and_go_wrong_in_every_way_that_they_can() {
    let mut kinds = BTreeMap::new();
    for flavour in [Flavour::Locks, Flavour::Memory, Flavour::Sleeping, Flavour::Interrupts, Flavour::Mixed] {
        let tally = run(flavour, 60);
        println!("{flavour:?}: {tally:?}");
        assert!(tally.left_out.get() <= 3, "{flavour:?}: one in twenty may be too big: {tally:?}");
        assert!(tally.clean.get() >= 6, "{flavour:?}: one in ten is to have nothing wrong with it: {tally:?}");
        tally.kinds.into_inner().into_iter().for_each(|(kind, n)| *kinds.entry(kind).or_insert(0) += n);
    }
    let wanted = [
        Kind::Deadlock,
        Kind::HungTask,
        Kind::SoftLockup,
        Kind::HardLockup,
        Kind::Livelock,
        Kind::BadUnlock,
        Kind::LockLeak,
        Kind::SleepInAtomic,
        Kind::WrongContext,
        Kind::IrqState,
        Kind::PreemptLeak,
        Kind::DataRace,
        Kind::BugOn,
        Kind::WarnOn,
        Kind::Invariant,
        Kind::FinalState,
        Kind::NeverReached,
    ];
    for kind in wanted {
        assert!(kinds.get(&kind).is_some_and(|n| *n >= 5), "{kind:?} is shown by too few programs: {kinds:?}");
    }
}
