//! The successors of some states of a block, made by one thread.
//!
//! Invariant: successors are in the order of (state, choice), and what is made depends on the states alone.

use super::fingerprint::{Fingerprint, Fingerprinter};
use super::log::{Ear, Log, Target};
use super::report::Shows;
use crate::model::{Knot, Model, Outgrown};
use std::sync::atomic::AtomicU32;

/// How many states one batch expands.
pub(super) const BATCH: usize = 64;

/// The successors of some states, and what was heard while they were made.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The successors' bytes, end to end.
    pub(super) states: Vec<u8>,
    /// For each successor, its fingerprint.
    pub(super) fingerprints: Vec<Fingerprint>,
    /// For each successor, whose step led to it.
    pub(super) contexts: Vec<u8>,
    /// For each successor, what the table says of it. Atomic, as the shards that write it share the batch.
    pub(super) targets: Vec<AtomicU32>,
    /// For each state, how many successors it has.
    pub(super) degrees: Vec<u32>,
    /// For each state, the contexts that need not go on in it.
    pub(super) finished: Vec<u64>,
    /// With the states that they are in, ascending.
    pub(super) knots: Vec<(u32, Knot)>,
    pub(super) log: Log,
    pub(super) outgrown: Option<Outgrown>,
    choices: Vec<crate::model::Choice>,
}

/// What all batches of a search share.
#[derive(Debug)]
pub(super) struct Expander<'a, M> {
    pub(super) model: &'a M,
    pub(super) fingerprinter: &'a Fingerprinter,
    pub(super) state_len: usize,
    /// All contexts.
    pub(super) all: u64,
}

impl Batch {
    pub(super) fn clear(&mut self) {
        self.states.clear();
        self.fingerprints.clear();
        self.contexts.clear();
        self.targets.clear();
        self.degrees.clear();
        self.finished.clear();
        self.knots.clear();
    }

    /// How many successors there are.
    pub(super) fn len(&self) -> usize {
        self.contexts.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        (self.states.capacity()
            + self.fingerprints.capacity() * size_of::<Fingerprint>()
            + self.contexts.capacity()
            + self.targets.capacity() * 4
            + self.degrees.capacity() * 4
            + self.finished.capacity() * 8) as u64
    }
}

impl<M: Model> Expander<'_, M> {
    /// Fills a batch with the successors of `states`, the first of which has the id `first` and is `depth` steps deep.
    pub(super) fn expand(&self, batch: &mut Batch, known: &Log, states: &[u8], first: u32, depth: u32) {
        batch.clear();
        for (state, id) in states.chunks_exact(self.state_len).zip(first..) {
            if let Err(outgrown) = self.expand_state(batch, known, state, id, depth) {
                batch.outgrown = Some(batch.outgrown.map_or(outgrown, |least| least.min(outgrown)));
            }
        }
    }

    #[inline]
    fn expand_state(&self, batch: &mut Batch, known: &Log, state: &[u8], id: u32, depth: u32) -> Result<(), Outgrown> {
        let target = Target { state: id, last: None };
        let mut ear = Ear { known, log: &mut batch.log, steps: depth, target, shows: Shows::State };
        self.model.inspect(state, &mut ear);
        batch.choices.clear();
        self.model.choices(state, &mut batch.choices);
        let before = batch.contexts.len();
        let mut stepping = 0;
        for &choice in &batch.choices {
            let start = batch.states.len();
            batch.states.extend_from_slice(state);
            let successor = &mut batch.states[start..];
            let target = Target { state: id, last: Some(choice) };
            let mut ear = Ear { known, log: &mut batch.log, steps: depth + 1, target, shows: Shows::Step };
            self.model.step(successor, choice, &mut ear)?;
            if *successor == *state {
                batch.states.truncate(start);
                continue;
            }
            batch.fingerprints.push(self.fingerprinter.of(successor));
            stepping |= 1 << choice.context;
            batch.contexts.push(choice.context);
            batch.targets.push(AtomicU32::new(0));
        }
        batch.degrees.push((batch.contexts.len() - before) as u32);
        let finished = self.model.finished(state);
        batch.finished.push(finished);
        let still = self.all & !finished & !stepping;
        if still != 0 {
            self.model.knots(state, still, &mut |knot| batch.knots.push((id, knot)));
        }
        Ok(())
    }
}
