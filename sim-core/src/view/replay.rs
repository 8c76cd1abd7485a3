//! One execution, played again with everything that happens in it written down.
//!
//! Invariant: it adds nothing to what the machine does: the states are those that the search saw.

use crate::finding::Kind;
use crate::machine::{Event, Machine, What};
use crate::model::{Bound, Choice, CodePlace, Model, Observer, Outgrown, Symptom};

/// An execution with its events.
#[derive(Debug)]
pub struct Replay<'m> {
    /// The machine that ran it.
    pub machine: &'m Machine,
    /// What happened before the first step: tasks run to their first point.
    pub start: Vec<Event>,
    /// The steps.
    pub steps: Vec<Taken>,
    /// The state after the last one.
    pub state: Vec<u8>,
}

/// A step that was taken.
#[derive(Debug)]
pub struct Taken {
    /// Which.
    pub choice: Choice,
    /// Its word.
    pub word: String,
    /// The state before it.
    pub before: Vec<u8>,
    /// The instruction it began with; for an arrival, the handler's first.
    pub stack: Vec<CodePlace>,
    /// What happened.
    pub events: Vec<Event>,
}

impl Taken {
    /// What happened in it before a symptom of a kind showed; everything, if none did.
    pub fn before(&self, kind: Kind) -> &[Event] {
        let shows = |event: &Event| matches!(event.what, What::Symptom { kind: shown, .. } if shown == kind);
        &self.events[..self.events.iter().position(shows).unwrap_or(self.events.len())]
    }
}

/// A lock that a context holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLock {
    /// The lock's address.
    pub lock: u64,
    /// Where it was taken.
    pub at: CodePlace,
}

#[derive(Default)]
struct Recorder {
    events: Vec<Event>,
    symptoms: Vec<Symptom>,
}

impl Observer for Recorder {
    const EVENTS: bool = true;
    fn symptom(&mut self, symptom: Symptom) {
        self.symptoms.push(symptom);
    }
    fn bound(&mut self, _: Bound) {}
    fn reached(&mut self, _: u32) {}
    fn event(&mut self, event: Event) {
        self.events.push(event);
    }
}

impl<'m> Replay<'m> {
    /// The beginning of every execution.
    ///
    /// # Errors
    /// The machine's layout is too small.
    pub fn new(machine: &'m Machine) -> Result<Self, Outgrown> {
        let mut state = vec![0; machine.state_len()];
        let mut recorder = Recorder::default();
        machine.initial(&mut state, &mut recorder)?;
        Ok(Self { machine, start: recorder.events, steps: Vec::new(), state })
    }

    /// What goes wrong before the first step.
    ///
    /// # Errors
    /// The machine's layout is too small.
    pub fn symptoms_at_start(machine: &Machine) -> Result<Vec<Symptom>, Outgrown> {
        let mut recorder = Recorder::default();
        machine.initial(&mut vec![0; machine.state_len()], &mut recorder)?;
        Ok(recorder.symptoms)
    }

    /// The execution that a schedule describes.
    ///
    /// # Errors
    /// The machine's layout is too small.
    pub fn of(machine: &'m Machine, schedule: &[Choice]) -> Result<Self, Outgrown> {
        let mut replay = Self::new(machine)?;
        for choice in schedule {
            replay.take(*choice)?;
        }
        Ok(replay)
    }

    /// Takes one more step. Gives the symptoms of the step, and of the state that it leads to.
    ///
    /// # Errors
    /// The machine's layout is too small.
    pub fn take(&mut self, choice: Choice) -> Result<Vec<Symptom>, Outgrown> {
        let before = self.state.clone();
        let word = self.machine.word(&before, choice);
        let mut recorder = Recorder::default();
        self.machine.step(&mut self.state, choice, &mut recorder)?;
        let standing = self.machine.stack_of(&before, choice.context);
        let stack = if standing.is_empty() { self.machine.stack_of(&self.state, choice.context) } else { standing };
        self.steps.push(Taken { choice, word, before, stack, events: recorder.events });
        let mut all = recorder.symptoms;
        let mut after = Recorder::default();
        self.machine.inspect(&self.state, &mut after);
        all.extend(after.symptoms);
        Ok(all)
    }

    /// All events, with the step in which each happened (`None`: before the first) and the context that made it happen.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = (Option<usize>, &Event)> {
        let start = self.start.iter().map(|e| (None, e));
        start.chain(self.steps.iter().enumerate().flat_map(|(i, step)| step.events.iter().map(move |e| (Some(i), e))))
    }

    /// The locks that each context holds after the first `steps` steps, in the order in which it took them.
    pub fn held(&self, steps: usize) -> Vec<Vec<HeldLock>> {
        let mut held: Vec<Vec<HeldLock>> = self.machine.context_names().map(|_| Vec::new()).collect();
        for step in &self.steps[..steps] {
            self.take_and_give(step, &step.events, &mut held);
        }
        held
    }

    /// The locks that each context holds when the last step's symptom of a kind shows: those that the step itself took before it are among them, those that
    /// it took after it or that went with it are as they were then.
    pub fn held_at(&self, kind: Kind) -> Vec<Vec<HeldLock>> {
        let Some((last, before)) = self.steps.split_last() else { return self.held(0) };
        let mut held = self.held(before.len());
        self.take_and_give(last, last.before(kind), &mut held);
        held
    }

    /// Applies what some events of a step did to locks.
    fn take_and_give(&self, step: &Taken, events: &[Event], held: &mut [Vec<HeldLock>]) {
        let context = step.choice.context as usize;
        for event in events {
            match event.what {
                What::Take { lock, .. } if self.machine.has_owner(lock) => {
                    let at = self.machine.outside_prelude(&step.stack, event.at);
                    held[context].push(HeldLock { lock, at });
                }
                What::Give { lock, .. } if self.machine.has_owner(lock) => {
                    let holds = |all: &Vec<HeldLock>| all.iter().rposition(|h| h.lock == lock);
                    // Who releases a lock of somebody else's releases it all the same.
                    let others = 0..held.len();
                    let holder = std::iter::once(context).chain(others).find(|c| holds(&held[*c]).is_some());
                    if let Some((holder, at)) = holder.and_then(|holder| Some((holder, holds(&held[holder])?))) {
                        held[holder].remove(at);
                    }
                }
                _ => {}
            }
        }
    }

    /// The CPU that a context last ran on.
    pub fn last_cpu(&self, context: usize) -> Option<u8> {
        self.steps.iter().rev().find(|step| step.choice.context as usize == context).map(|step| step.choice.cpu)
    }
}
