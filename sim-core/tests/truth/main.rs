//! The lock validator, held against the search: programs made at random, in which whoever deadlocks over locks must have broken a rule that
//! the validator tells of. What it tells of without a deadlock is classified, counted and, where the reason is not known, shown.

#[path = "../generate/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the agreement tests, which make other programs of the same operations"
)]
mod generate;
mod programs;
mod relax;
mod rules;
mod text;

use programs::{numbered, plans};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use relax::Reason;
use rules::{Judged, Setting, judge};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

/// How many programs a run makes.
const PROGRAMS: u32 = 5_000;

/// What the programs were like.
#[derive(Debug, Default)]
struct Tally {
    compared: u32,
    /// Too big.
    left_out: u32,
    states: u64,
    /// Deadlocks over locks alone, and those of them that need an interrupt.
    deadlocks: u32,
    by_interrupt: u32,
    /// Alarms that a deadlock came of.
    reached: u32,
    /// The others, by the reason why none did.
    unreached: BTreeMap<Reason, u32>,
    unknown: Vec<String>,
    /// Deadlocks that no rule covers, of programs in which somebody sleeps with a spinlock held or interrupts off: others run on its CPU then, with
    /// interrupts on, and meet it in ways that no order of locks tells of.
    asleep: u32,
}

impl Tally {
    fn add(&mut self, plan: &generate::Plan, judged: &Judged) {
        self.compared += 1;
        self.states += judged.states;
        self.deadlocks += judged.deadlocks.len() as u32;
        self.by_interrupt += judged.deadlocks.iter().filter(|deadlock| deadlock.by_interrupt).count() as u32;
        self.reached += judged.reached;
        for alarm in &judged.alarms {
            let reason = relax::reason(plan, alarm);
            *self.unreached.entry(reason).or_default() += 1;
            if reason == Reason::Unknown {
                self.unknown.push(format!("{alarm}\n{}", text::listing(plan)));
            }
        }
    }

    fn join(&mut self, other: Self) {
        self.compared += other.compared;
        self.left_out += other.left_out;
        self.states += other.states;
        self.deadlocks += other.deadlocks;
        self.by_interrupt += other.by_interrupt;
        self.reached += other.reached;
        self.asleep += other.asleep;
        for (reason, count) in other.unreached {
            *self.unreached.entry(reason).or_default() += count;
        }
        self.unknown.extend(other.unknown);
    }

    fn print(&self) {
        println!(
            "{} programs of {} states in all ({} too big): {} deadlocks over locks, {} of them through an interrupt",
            self.compared, self.states, self.left_out, self.deadlocks, self.by_interrupt
        );
        println!("{} of them came of a sleep that is forbidden, and no rule about locks covers them", self.asleep);
        println!("alarms that a deadlock came of: {}; that none came of:", self.reached);
        for (reason, count) in &self.unreached {
            println!("{count:8} {}", reason.name());
        }
        for unknown in &self.unknown {
            println!("\nunknown: {unknown}");
        }
    }
}

/// Judges the programs of a seed.
fn judged(seed: u64, programs: u32) -> Tally {
    let config =
        Config { cases: programs, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let tally = RefCell::new(Tally::default());
    let result = TestRunner::new(config).run(&plans(), |plan| {
        let program = numbered(&plan);
        program.validate().map_err(|e| TestCaseError::fail(e.to_string()))?;
        let Some(judged) = judge(&program, Setting::Ordinary) else {
            tally.borrow_mut().left_out += 1;
            return Ok(());
        };
        let missed = judged.missed();
        tally.borrow_mut().asleep += u32::from(missed.is_some() && judged.sleeps_in_atomic);
        if let Some(missed) = missed.filter(|_| !judged.sleeps_in_atomic) {
            return Err(TestCaseError::fail(format!("no rule's finding covers {missed}\n{}", text::listing(&plan))));
        }
        for setting in [Setting::TwoThreads, Setting::Unfused] {
            let other = judge(&program, setting).map(|other| other.rules);
            if other.as_ref().is_some_and(|rules| *rules != judged.rules) {
                let listing = text::listing(&plan);
                let rules = &judged.rules;
                return Err(TestCaseError::fail(format!("{setting:?}: {other:?} instead of {rules:?}\n{listing}")));
            }
        }
        tally.borrow_mut().add(&plan, &judged);
        Ok(())
    });
    let tally = tally.into_inner();
    if let Err(error) = result {
        let TestError::Fail(reason, _) = error else { panic!("{error}") };
        panic!("seed {seed}, after {} programs: {reason}", tally.compared);
    }
    tally
}

#[test]
fn no_deadlock_over_locks_is_missed() {
    // The same programs in every run, unless `PROPTEST_RNG_SEED` asks for others; two halves, for two cores.
    let seed = if let RngSeed::Fixed(seed) = Config::default().rng_seed { seed } else { 1 };
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let halves = [seed.wrapping_mul(2), seed.wrapping_mul(2) + 1]
            .map(|seed| scope.spawn(move || judged(seed, PROGRAMS / 2)));
        for half in halves {
            tally.join(half.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
    });
    tally.print();
    assert!(tally.asleep <= PROGRAMS / 100, "few sleep where they must not, and deadlock by it");
    assert!(tally.left_out <= PROGRAMS / 20, "one in twenty may be too big");
    assert!(tally.deadlocks >= PROGRAMS / 10 && tally.by_interrupt >= PROGRAMS / 50, "there is something to cover");
}

/// Without the validator the same deadlocks are uncovered: the comparison can fail.
#[test]
fn a_validator_that_is_off_misses_an_inversion_a_recursion_and_an_interrupt() {
    for plan in programs::known_deadlocks() {
        let program = numbered(&plan);
        let judged = judge(&program, Setting::Ordinary).expect("a small program");
        assert_eq!((judged.deadlocks.len(), judged.missed()), (1, None), "{}", text::listing(&plan));
        let blind = judge(&program, Setting::NoValidator).expect("a small program");
        assert!(blind.missed().is_some(), "{}", text::listing(&plan));
    }
}
