//! Facts are a set: the order in which they are gathered, how often, and by how many, changes nothing.

use lockdep_model::class::{ClassId, ContextId, InstanceId, KeyId, LockType, Mode, Place};
use lockdep_model::exact::{Options, check};
use lockdep_model::facts::Facts;
use lockdep_model::held::{HeldStack, IrqState};
use lockdep_model::memo::Memo;
use lockdep_model::settings::Settings;
use lockdep_model::step::{self, Acquire, Env, Release};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Op {
    Take { lock: u32, read: bool, trylock: bool },
    Release { lock: u32 },
    IrqsOff,
    IrqsOn,
}

/// (context, number in it): the same whatever comes in between.
type Witness = (u32, usize);

#[derive(Clone)]
struct Runner {
    context: u32,
    at: usize,
    held: HeldStack,
    irq: IrqState,
}

impl Runner {
    fn new(context: u32) -> Self {
        // The last is a handler.
        let irq = if context == 2 { IrqState::HARDIRQ } else { IrqState::TASK };
        Self { context, at: 0, held: HeldStack::new(), irq }
    }

    fn step(&mut self, op: Op, facts: &mut Facts<Witness>, memo: Option<&mut Memo<Witness>>) {
        let settings = Settings { queued_rwlocks: false, ..Settings::default() };
        let env = Env { settings: &settings, context: ContextId(self.context), irq: self.irq };
        let witness = (self.context, self.at);
        self.at += 1;
        let mut recorder = facts.recorder(&witness);
        match op {
            Op::Take { lock, read, trylock } => {
                let of = [LockType::Spin, LockType::RwLock, LockType::RwLock, LockType::Mutex][lock as usize];
                let mode = if read { Mode::Read } else { Mode::Write };
                let new = Acquire::new(ClassId::new(KeyId(lock)), of, InstanceId(lock.into()));
                let acquire = Acquire { read: env.read_kind(of, mode), trylock, place: Place(lock), ..new };
                if memo.is_some_and(|memo| memo.knows(&env, &self.held, &acquire, &witness)) {
                    step::acquire_known(&env, &mut self.held, &acquire);
                } else {
                    step::acquire(&env, &mut self.held, &acquire, &mut recorder);
                }
            }
            Op::Release { lock } => {
                let release =
                    Release { instance: InstanceId(lock.into()), class: None, owner: None, place: Place(lock) };
                step::release(&env, &mut self.held, &release, &mut recorder);
            }
            Op::IrqsOff => self.irq.hardirqs_on = false,
            Op::IrqsOn => {
                step::hardirqs_on(&env, &self.held, Place(9), &mut recorder);
                self.irq.hardirqs_on = true;
            }
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..4_u32, any::<bool>(), any::<bool>()).prop_map(|(lock, read, trylock)| Op::Take { lock, read, trylock }),
        3 => (0..4_u32).prop_map(|lock| Op::Release { lock }),
        1 => Just(Op::IrqsOff),
        1 => Just(Op::IrqsOn),
    ]
}

/// Three scripts, and two orders to run them in, as which context goes next.
fn runs() -> impl Strategy<Value = (Vec<Vec<Op>>, Vec<u32>, Vec<u32>)> {
    let scripts = prop::collection::vec(prop::collection::vec(op(), 0..10), 3);
    scripts.prop_flat_map(|scripts| {
        let turns: Vec<u32> = (0..3).flat_map(|context| vec![context; scripts[context as usize].len()]).collect();
        (Just(scripts), Just(turns.clone()).prop_shuffle(), Just(turns).prop_shuffle())
    })
}

/// The facts of each event by itself.
fn run(scripts: &[Vec<Op>], turns: &[u32]) -> Vec<Facts<Witness>> {
    let mut runners: Vec<_> = (0..3).map(Runner::new).collect();
    turns
        .iter()
        .map(|&context| {
            let runner = &mut runners[context as usize];
            let op = scripts[context as usize][runner.at];
            let mut facts = Facts::new();
            runner.step(op, &mut facts, None);
            facts
        })
        .collect()
}

fn merged<'f>(all: impl IntoIterator<Item = &'f Facts<Witness>>) -> Facts<Witness> {
    let mut sum = Facts::new();
    all.into_iter().for_each(|facts| sum.merge(facts.clone()));
    sum
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_and_grouping_gives_the_same_facts_and_reports((scripts, one, other) in runs(), cut in 0..30_usize) {
        let (one, other) = (run(&scripts, &one), run(&scripts, &other));
        let expected = merged(&one);
        prop_assert_eq!(&merged(&other), &expected, "another interleaving");
        prop_assert_eq!(&merged(one.iter().rev()), &expected, "backwards");
        prop_assert_eq!(&merged(one.iter().chain(&other)), &expected, "twice");
        let (left, right) = one.split_at(cut.min(one.len()));
        let [left, right] = [left, right].map(merged);
        let mut sum = right.clone();
        sum.merge(left.clone());
        prop_assert_eq!(&sum, &expected, "grouped, the other way round");
        let options = Options::default();
        prop_assert_eq!(check(&sum, &options), check(&expected, &options));
    }

    #[test]
    fn what_is_known_already_may_be_left_out((scripts, one, other) in runs()) {
        // The same scripts twice, so that the second time is known.
        let mut plain = Facts::new();
        let mut saved = Facts::new();
        let mut memo = Memo::default();
        for turns in [one, other] {
            let mut runners: Vec<_> = (0..3).map(Runner::new).collect();
            for context in turns {
                let runner = &mut runners[context as usize];
                let op = scripts[context as usize][runner.at];
                runner.clone().step(op, &mut plain, None);
                runner.step(op, &mut saved, Some(&mut memo));
            }
        }
        prop_assert_eq!(plain, saved);
    }
}
