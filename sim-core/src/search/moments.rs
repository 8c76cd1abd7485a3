//! What the lock validator is to look at: each distinct moment, with where a search met it first.
//!
//! Invariant: in the order of their first occurrences, which is that of (steps, state, choice): the same on any number of threads.

use super::log::Target;
use crate::model::LockMoment;
use indexmap::IndexMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Mixes the words of a moment; the values are small and known, nobody chooses them to collide.
#[derive(Clone, Debug, Default)]
pub(super) struct WordHasher(u64);

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }
}

/// Where a moment was met.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    /// How many steps lead to it.
    pub(super) steps: u32,
    pub(super) target: Target,
}

/// Moments, and where each was met first.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    all: IndexMap<Box<LockMoment>, First, BuildHasherDefault<WordHasher>>,
}

impl Moments {
    #[inline]
    pub(super) fn contains(&self, moment: &LockMoment) -> bool {
        self.all.contains_key(moment)
    }

    /// Adds a moment unless it is known; the first is told first.
    #[inline]
    pub(super) fn add(&mut self, moment: &LockMoment, first: First) {
        if !self.contains(moment) {
            self.all.insert(moment.into(), first);
        }
    }

    /// Takes over all of a later part.
    pub(super) fn absorb(&mut self, later: &mut Self) {
        for (moment, first) in later.all.drain(..) {
            self.all.entry(moment).or_insert(first);
        }
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&LockMoment, &First)> {
        self.all.iter().map(|(moment, first)| (&**moment, first))
    }

    pub(super) fn bytes(&self) -> u64 {
        // A moment has some 10 words, and the map needs as much again.
        self.all.len() as u64 * 160
    }
}
