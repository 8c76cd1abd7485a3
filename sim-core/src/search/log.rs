//! What the search hears from the model: each problem's shortest occurrences.
//!
//! Invariant: the log of a whole search depends on what occurred alone, not on the order in which parts of it were merged.

use super::moments::{First, Moments};
use super::report::Shows;
use crate::model::{Bound, Choice, LockMoment, Observer, Symptom};
use std::collections::BTreeSet;

/// Where a problem shows: in a state, or in the last step out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) state: u32,
    pub(super) last: Option<Choice>,
}

/// A problem with all of its shortest occurrences.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    pub(super) symptom: Symptom,
    pub(super) shows: Shows,
    /// How many steps lead to it.
    pub(super) steps: u32,
    /// Ascending.
    pub(super) targets: Vec<Target>,
}

/// Numbers of blocks of code, as bits.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks(Vec<u64>);

impl Blocks {
    #[inline]
    fn contains(&self, block: u32) -> bool {
        self.0.get(block as usize / 64).is_some_and(|bits| bits & 1 << (block % 64) != 0)
    }

    fn insert(&mut self, block: u32) {
        let at = block as usize / 64;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (block % 64);
    }

    fn append(&mut self, later: &mut Self) {
        if self.0.len() < later.0.len() {
            self.0.resize(later.0.len(), 0);
        }
        self.0.iter_mut().zip(&later.0).for_each(|(bits, more)| *bits |= more);
        later.0.clear();
    }

    /// In ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        (0..self.0.len() as u32 * 64).filter(|block| self.contains(*block))
    }
}

/// What was heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub(super) occurrences: Vec<Occurrence>,
    pub(super) reached: BTreeSet<u32>,
    pub(super) bounds: BTreeSet<Bound>,
    /// What ran.
    pub(super) blocks: Blocks,
    pub(super) moments: Moments,
}

impl Log {
    /// Whether an occurrence after `steps` steps would tell nothing, as a shorter one is known.
    #[inline]
    fn has_shorter(&self, symptom: &Symptom, steps: u32) -> bool {
        self.occurrences.iter().any(|known| known.steps < steps && known.symptom == *symptom)
    }

    /// Adds an occurrence. Targets of equal length must come in ascending order.
    pub(super) fn add(&mut self, symptom: Symptom, shows: Shows, steps: u32, target: Target) {
        match self.occurrences.iter_mut().find(|known| known.symptom == symptom) {
            None => self.occurrences.push(Occurrence { symptom, shows, steps, targets: vec![target] }),
            Some(known) if steps < known.steps => {
                *known = Occurrence { symptom, shows, steps, targets: vec![target] };
            }
            Some(known) if steps == known.steps && shows == known.shows && known.targets.last() != Some(&target) => {
                known.targets.push(target);
            }
            Some(_) => {}
        }
    }

    /// Takes over all of a later part.
    pub(super) fn absorb(&mut self, later: &mut Self) {
        for occurrence in later.occurrences.drain(..) {
            let Occurrence { symptom, shows, steps, targets } = occurrence;
            match self.occurrences.iter_mut().find(|known| known.symptom == symptom) {
                Some(known) if steps == known.steps && shows == known.shows => known.targets.extend(targets),
                Some(known) if steps < known.steps => *known = Occurrence { symptom, shows, steps, targets },
                Some(_) => {}
                None => self.occurrences.push(Occurrence { symptom, shows, steps, targets }),
            }
        }
        self.reached.append(&mut later.reached);
        self.bounds.append(&mut later.bounds);
        self.blocks.append(&mut later.blocks);
        self.moments.absorb(&mut later.moments);
    }

    pub(super) fn bytes(&self) -> u64 {
        let targets = self.occurrences.iter().map(|known| (known.targets.capacity() * size_of::<Target>()) as u64);
        targets.sum::<u64>() + self.moments.bytes()
    }
}

/// Listens to one state or step.
pub(super) struct Ear<'a> {
    /// What is known already.
    pub(super) known: &'a Log,
    pub(super) log: &'a mut Log,
    pub(super) steps: u32,
    pub(super) target: Target,
    pub(super) shows: Shows,
}

impl Observer for Ear<'_> {
    const LOCKS: bool = true;

    fn symptom(&mut self, symptom: Symptom) {
        if !self.known.has_shorter(&symptom, self.steps) {
            self.log.add(symptom, self.shows, self.steps, self.target);
        }
    }

    fn lock_moment(&mut self, moment: &LockMoment) {
        if !self.known.moments.contains(moment) {
            self.log.moments.add(moment, First { steps: self.steps, target: self.target });
        }
    }

    fn bound(&mut self, bound: Bound) {
        if !self.known.bounds.contains(&bound) {
            self.log.bounds.insert(bound);
        }
    }

    #[inline]
    fn ran(&mut self, block: u32) {
        if !self.known.blocks.contains(block) {
            self.log.blocks.insert(block);
        }
    }

    fn reached(&mut self, claim: u32) {
        if !self.known.reached.contains(&claim) {
            self.log.reached.insert(claim);
        }
    }
}
