//! Small models whose graphs are known by hand, and random ones.

use sim_core::finding::Kind;
use sim_core::model::{Choice, CodePlace, Knot, Model, Observer, Outgrown, Symptom};

/// A symptom with this number.
pub(crate) fn symptom(kind: Kind, detail: u32) -> Symptom {
    Symptom { kind, at: vec![CodePlace { function: 0, at: detail }], detail }
}

/// The ordinary step of a context on CPU 0.
pub(crate) fn step_of(context: u8) -> Choice {
    Choice { context, cpu: 0, outcome: 0 }
}

/// Tasks that run short programs on a few locks; a step is one operation.
///
/// Byte `i` is task `i`'s place in its program, byte `tasks + l` who holds lock `l` (0: nobody; `t + 1`: task `t`), the next byte a counter.
pub(crate) struct Tasks {
    pub(crate) programs: Vec<Vec<Op>>,
    pub(crate) locks: usize,
    /// A value that the counter must not have.
    pub(crate) forbidden: Option<u8>,
    /// Tasks that are not meant to end.
    pub(crate) endless: u64,
}

/// What a task does in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Takes a lock; enabled only if it is free.
    Lock(u8),
    /// Releases it.
    Unlock(u8),
    /// Reads whether a lock is free and goes on only if so: enabled always, but changes nothing while it is held.
    Spin(u8),
    /// Takes a lock if it is free, else goes back by so many operations.
    TryOrBack(u8, u8),
    /// Takes a lock if it is free, else releases the other one and starts again.
    TryOrUndo(u8, u8),
    /// Adds one to the counter.
    Count,
    /// Goes back by so many operations.
    Back(u8),
    /// Shows a problem.
    Bug(u32),
    /// Shows a problem if a lock is held.
    WhileHeld(u8, u32),
}

impl Tasks {
    pub(crate) fn new(locks: usize, programs: Vec<Vec<Op>>) -> Self {
        Self { programs, locks, forbidden: None, endless: 0 }
    }

    fn counter(&self) -> usize {
        self.programs.len() + self.locks
    }

    fn op(&self, state: &[u8], task: usize) -> Option<Op> {
        self.programs[task].get(usize::from(state[task])).copied()
    }

    fn lock(&self, lock: u8) -> usize {
        self.programs.len() + usize::from(lock)
    }

    fn enabled(&self, state: &[u8], task: usize) -> bool {
        match self.op(state, task) {
            None => false,
            Some(Op::Lock(lock)) => state[self.lock(lock)] == 0,
            Some(_) => true,
        }
    }

    fn waits(&self, state: &[u8], task: usize) -> Option<u8> {
        match self.op(state, task) {
            Some(Op::Lock(lock) | Op::Spin(lock)) if state[self.lock(lock)] != 0 => Some(state[self.lock(lock)] - 1),
            _ => None,
        }
    }
}

impl Model for Tasks {
    fn state_len(&self) -> usize {
        (self.counter() + 1).next_multiple_of(8)
    }

    fn initial<O: Observer>(&self, _state: &mut [u8], _observer: &mut O) -> Result<(), Outgrown> {
        Ok(())
    }

    fn choices(&self, state: &[u8], choices: &mut Vec<Choice>) {
        choices
            .extend((0..self.programs.len()).filter(|&task| self.enabled(state, task)).map(|task| step_of(task as u8)));
    }

    fn step<O: Observer>(&self, state: &mut [u8], choice: Choice, observer: &mut O) -> Result<(), Outgrown> {
        let task = usize::from(choice.context);
        let me = choice.context + 1;
        match self.op(state, task).expect("an enabled task has an operation") {
            Op::Lock(lock) => state[self.lock(lock)] = me,
            Op::Unlock(lock) => state[self.lock(lock)] = 0,
            Op::Spin(lock) if state[self.lock(lock)] != 0 => return Ok(()),
            Op::Spin(_) => {}
            Op::TryOrBack(lock, back) if state[self.lock(lock)] != 0 => {
                state[task] -= back;
                return Ok(());
            }
            Op::TryOrUndo(lock, other) if state[self.lock(lock)] != 0 => {
                state[self.lock(other)] = 0;
                state[task] = 0;
                return Ok(());
            }
            Op::TryOrBack(lock, _) | Op::TryOrUndo(lock, _) => state[self.lock(lock)] = me,
            Op::Count => {
                let counter = self.counter();
                state[counter] += 1;
            }
            Op::Back(back) => {
                state[task] -= back;
                return Ok(());
            }
            Op::WhileHeld(lock, _) if state[self.lock(lock)] == 0 => {}
            Op::Bug(number) | Op::WhileHeld(_, number) => observer.symptom(symptom(Kind::BugOn, number)),
        }
        state[task] += 1;
        Ok(())
    }

    fn inspect<O: Observer>(&self, state: &[u8], observer: &mut O) {
        if self.finished(state) == self.contexts() {
            observer.reached(u32::from(state[self.counter()]));
        }
        if self.forbidden == Some(state[self.counter()]) {
            observer.symptom(symptom(Kind::Invariant, 0));
        }
    }

    fn finished(&self, state: &[u8]) -> u64 {
        (0..self.programs.len()).filter(|&task| self.op(state, task).is_none()).fold(0, |mask, task| mask | 1 << task)
    }

    fn contexts(&self) -> u64 {
        (1 << self.programs.len()) - 1
    }

    fn endless(&self) -> u64 {
        self.endless
    }

    /// A task that waits for one that waits, and so on, or for one that is finished.
    fn stuck<O: Observer>(&self, state: &[u8], stuck: u64, observer: &mut O) -> u64 {
        let mut evident = 0;
        for task in 0..self.programs.len() {
            let mut seen = 0u64;
            let mut at = task;
            let waits_for_ever = loop {
                if seen & 1 << at != 0 {
                    break true;
                }
                seen |= 1 << at;
                match self.waits(state, at) {
                    Some(holder) => at = usize::from(holder),
                    None => break at != task && self.op(state, at).is_none(),
                }
            };
            if waits_for_ever && stuck & 1 << task != 0 {
                evident |= 1 << task;
            }
        }
        if evident != 0 {
            observer.symptom(symptom(Kind::Deadlock, evident as u32));
        }
        evident
    }

    fn knots(&self, _: &[u8], _: u64, _: &mut impl FnMut(Knot)) {}

    fn spinning<O: Observer>(&self, _state: &[u8], context: u8, fair: bool, observer: &mut O) {
        observer.symptom(symptom(if fair { Kind::Livelock } else { Kind::SoftLockup }, context.into()));
    }
}

/// `tasks` tasks of `rounds` locked increments, whose unlock is a step of its own.
pub(crate) fn locked_increments(tasks: usize, rounds: usize) -> Tasks {
    let program = [Op::Lock(0), Op::Count, Op::Unlock(0)].repeat(rounds);
    Tasks::new(1, vec![program; tasks])
}

/// Philosophers at a round table: each takes a fork at either side, for one round. If `ordered`, the lower fork first.
pub(crate) fn philosophers(count: u8, ordered: bool) -> Tasks {
    let program = |own: u8| {
        let (mut first, mut second) = (own, (own + 1) % count);
        if ordered && first > second {
            (first, second) = (second, first);
        }
        vec![Op::Lock(first), Op::Lock(second), Op::Unlock(second), Op::Unlock(first)]
    };
    Tasks::new(count.into(), (0..count).map(program).collect())
}
/// A graph given by a table: for each state, its choices with where they lead.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    /// For each state, in ascending order of choices.
    pub(crate) edges: Vec<Vec<(Choice, u16)>>,
    /// For each state, the finished contexts.
    pub(crate) finished: Vec<u64>,
    /// For each state, a problem that it shows.
    pub(crate) shows: Vec<Option<u32>>,
    /// Problems that steps show: from, choice's place, which.
    pub(crate) steps_show: Vec<(u16, usize, u32)>,
    pub(crate) contexts: u8,
    pub(crate) endless: u64,
}

impl Random {
    pub(crate) fn of(&self, state: &[u8]) -> usize {
        usize::from(u16::from_le_bytes([state[0], state[1]]))
    }
}

impl Model for Random {
    fn state_len(&self) -> usize {
        24
    }

    fn initial<O: Observer>(&self, _state: &mut [u8], _observer: &mut O) -> Result<(), Outgrown> {
        Ok(())
    }

    fn choices(&self, state: &[u8], choices: &mut Vec<Choice>) {
        choices.extend(self.edges[self.of(state)].iter().map(|&(choice, _)| choice));
    }

    fn step<O: Observer>(&self, state: &mut [u8], choice: Choice, observer: &mut O) -> Result<(), Outgrown> {
        let from = self.of(state);
        let nth = self.edges[from].iter().position(|&(known, _)| known == choice).expect("a choice of this state");
        for &(_, _, number) in self.steps_show.iter().filter(|shown| (shown.0, shown.1) == (from as u16, nth)) {
            observer.symptom(symptom(Kind::WarnOn, number));
        }
        let target = self.edges[from][nth].1;
        state[..2].copy_from_slice(&target.to_le_bytes());
        // The other words follow from the first, so that fingerprints cover them.
        state[16] = target as u8 ^ 0x55;
        if target == 0 {
            state.fill(0);
        }
        Ok(())
    }

    fn inspect<O: Observer>(&self, state: &[u8], observer: &mut O) {
        if let Some(number) = self.shows[self.of(state)] {
            observer.symptom(symptom(Kind::Invariant, number));
        }
    }

    fn finished(&self, state: &[u8]) -> u64 {
        self.finished[self.of(state)]
    }

    fn contexts(&self) -> u64 {
        (1 << self.contexts) - 1
    }

    fn endless(&self) -> u64 {
        self.endless
    }

    /// Explains nothing but what takes no step here, and says so by its name.
    fn stuck<O: Observer>(&self, state: &[u8], stuck: u64, observer: &mut O) -> u64 {
        let from = self.of(state);
        let stepping = self.edges[from]
            .iter()
            .filter(|&&(_, target)| usize::from(target) != from)
            .fold(0, |mask, (choice, _)| mask | 1u64 << choice.context);
        let waiting = stuck & !stepping;
        for context in (0..64).filter(|context| waiting & 1 << context != 0) {
            observer.symptom(symptom(Kind::HungTask, context));
        }
        waiting
    }

    fn knots(&self, _: &[u8], _: u64, _: &mut impl FnMut(Knot)) {}

    fn spinning<O: Observer>(&self, _state: &[u8], context: u8, fair: bool, observer: &mut O) {
        observer.symptom(symptom(if fair { Kind::Livelock } else { Kind::SoftLockup }, context.into()));
    }
}
