//! What the product finds in a program, in the terms of the reference: the search over the machine's states, under each of its settings.

use crate::generate::INTS;
use crate::reference::{Outcome, Symptom};
use sim_core::finding::Kind;
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::{Choice, Knot, Model, Observer, Outgrown};
use sim_core::program::Program;
use sim_core::search::{Options, Verdict, explore};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

/// What must be equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) symptoms: BTreeSet<Symptom>,
    /// The bytes of the integers in each state in which everything has finished.
    pub(crate) finals: BTreeSet<Vec<Vec<u8>>>,
}

/// What is to be found.
pub(crate) struct Expected {
    pub(crate) found: Found,
    /// Deadlocks of which one of each set is to be found, and others need not.
    circles: BTreeSet<BTreeSet<Symptom>>,
}

impl Expected {
    pub(crate) fn by(outcome: Outcome) -> Self {
        let found = Found { symptoms: outcome.symptoms, finals: outcome.finals };
        Self { found: found.without_what_came_with_a_lock(), circles: outcome.circles }
    }

    pub(crate) fn is(&self, found: &Found) -> bool {
        let allowed: BTreeSet<&Symptom> = self.circles.iter().flatten().collect();
        let mut beyond = found.symptoms.difference(&self.found.symptoms);
        self.found.symptoms.is_subset(&found.symptoms)
            && beyond.all(|symptom| allowed.contains(symptom))
            && self.missed_circles(found).next().is_none()
            && self.found.finals == found.finals
    }

    /// Sets of which none was found.
    pub(crate) fn missed_circles(&self, found: &Found) -> impl Iterator<Item = &BTreeSet<Symptom>> {
        self.circles.iter().filter(|any| any.is_disjoint(&found.symptoms))
    }
}

impl Found {
    /// A lock that is left behind explains a preempt count and interrupts that are left behind at the same return. The machine decides that in the
    /// state; what another may do to the lock just before the return, it does not tell apart from what happens just after.
    pub(crate) fn without_what_came_with_a_lock(mut self) -> Self {
        let leaks: Vec<_> = self.symptoms.iter().filter(|s| s.0 == Kind::LockLeak).map(|s| s.1.clone()).collect();
        self.symptoms.retain(|(kind, at)| !matches!(kind, Kind::PreemptLeak | Kind::IrqState) || !leaks.contains(at));
        self
    }
}

/// Changes what may happen next in a state.
pub(crate) type Distort = fn(&Machine, &[u8], &mut Vec<Choice>);

/// What may happen next is what the machine says.
pub(crate) fn undistorted(_: &Machine, _: &[u8], _: &mut Vec<Choice>) {}

/// Searches a program.
pub(crate) fn search(program: &Program, machine_options: MachineOptions, options: &Options) -> Found {
    search_distorted(program, machine_options, options, undistorted)
}

/// Searches a program on a machine that takes something else for what may happen next.
pub(crate) fn search_distorted(
    program: &Program,
    machine_options: MachineOptions,
    options: &Options,
    distort: Distort,
) -> Found {
    let mut machine = Machine::new(Arc::new(program.clone()), machine_options);
    loop {
        let model = Recorder { machine: &machine, distort, finals: Mutex::default() };
        match explore(&model, options, &mut |_| ControlFlow::Continue(())) {
            Ok(outcome) => {
                assert_eq!(outcome.verdict, Verdict::Complete);
                let found = outcome.found.into_iter().map(|found| (found.symptom.kind, found.symptom.at));
                let mut symptoms: BTreeSet<Symptom> = found.collect();
                if outcome.reached.len() < program.claims.reachable.len() {
                    symptoms.insert((Kind::NeverReached, Vec::new()));
                }
                return Found { symptoms, finals: model.finals.into_inner().expect("no thread panicked") };
            }
            Err(Outgrown(growth)) => machine = machine.grow(growth, machine_options),
        }
    }
}

/// The machine, with a note of each final state's values.
struct Recorder<'m> {
    machine: &'m Machine,
    distort: Distort,
    finals: Mutex<BTreeSet<Vec<Vec<u8>>>>,
}

impl Recorder<'_> {
    /// Everything has ended; it was not all stopped by a panic on the way.
    fn is_final(&self, state: &[u8]) -> bool {
        let contexts = self.machine.context_names().count();
        !self.machine.stopped(state)
            && self.machine.finished(state) == self.machine.contexts()
            && (0..contexts).all(|context| self.machine.stack_of(state, context as u8).is_empty())
            && self.machine.quiet(state)
            && (0..self.machine.program().config.cpus).all(|cpu| self.machine.cpu_stack(state, cpu.into()).is_empty())
    }
}

impl Model for Recorder<'_> {
    fn inspect<O: Observer>(&self, state: &[u8], observer: &mut O) {
        if self.is_final(state) {
            let values = INTS.iter().map(|object| self.machine.static_bytes(state, *object).to_vec()).collect();
            self.finals.lock().expect("no thread panicked").insert(values);
        }
        self.machine.inspect(state, observer);
    }

    fn state_len(&self) -> usize {
        self.machine.state_len()
    }
    fn initial<O: Observer>(&self, state: &mut [u8], observer: &mut O) -> Result<(), Outgrown> {
        self.machine.initial(state, observer)
    }
    fn choices(&self, state: &[u8], choices: &mut Vec<Choice>) {
        self.machine.choices(state, choices);
        (self.distort)(self.machine, state, choices);
    }
    fn step<O: Observer>(&self, state: &mut [u8], choice: Choice, observer: &mut O) -> Result<(), Outgrown> {
        self.machine.step(state, choice, observer)
    }
    fn finished(&self, state: &[u8]) -> u64 {
        self.machine.finished(state)
    }
    fn contexts(&self) -> u64 {
        self.machine.contexts()
    }
    fn endless(&self) -> u64 {
        self.machine.endless()
    }
    fn stuck<O: Observer>(&self, state: &[u8], stuck: u64, observer: &mut O) -> u64 {
        self.machine.stuck(state, stuck, observer)
    }
    fn knots(&self, state: &[u8], still: u64, tell: &mut impl FnMut(Knot)) {
        self.machine.knots(state, still, tell);
    }
    fn spinning<O: Observer>(&self, state: &[u8], context: u8, fair: bool, observer: &mut O) {
        self.machine.spinning(state, context, fair, observer);
    }
}
