//! The cache of lock chains: which sequences of (class, read kind) were judged already.
//!
//! Invariant: a chain is known by its content; the hash only finds it.

use crate::class::Read;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A sequence of locks held in one interrupt context, the last of which was waited for.
#[derive(Clone, Debug)]
pub struct Chain {
    /// In which interrupt context it was first seen: bit 0 softirq, bit 1 hard IRQ.
    pub irq_context: u8,
    start: usize,
    length: usize,
}

/// A map by a hash that is taken as it is.
pub(crate) type ByHash<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// Takes a hash as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // No key is anything but one word; should one be, this still is a hash.
        for &byte in bytes {
            self.0 = mix(self.0, u64::from(byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

/// Folds a word into a hash.
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93_u128;
    (product as u64) ^ (product >> 64) as u64
}

/// All chains, and the one being asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Chains {
    chains: Vec<Chain>,
    locks: Vec<u32>,
    // Never iterated: the order is that of `chains`.
    by_hash: ByHash<Vec<u32>>,
    asked: Vec<u32>,
    asked_in: u8,
    hash: u64,
}

impl Chains {
    /// Begins to ask for a chain.
    pub(super) fn begin(&mut self, irq_context: u8) {
        self.asked.clear();
        self.asked_in = irq_context;
        self.hash = 0;
    }

    /// The next lock of it.
    pub(super) fn push(&mut self, node: usize, read: Read) {
        let lock = (node as u32) << 2 | read as u32;
        self.asked.push(lock);
        self.hash = mix(self.hash, u64::from(lock));
    }

    /// Whether it is known. It is from now on.
    pub(super) fn finish(&mut self) -> bool {
        let found = self.by_hash.entry(self.hash).or_default();
        let chain = |at: &u32| &self.chains[*at as usize];
        if found.iter().map(chain).any(|known| self.locks[known.start..known.start + known.length] == self.asked) {
            return true;
        }
        found.push(self.chains.len() as u32);
        let (start, length) = (self.locks.len(), self.asked.len());
        self.chains.push(Chain { irq_context: self.asked_in, start, length });
        self.locks.extend(&self.asked);
        false
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Chain, impl Iterator<Item = usize>)> {
        self.chains.iter().map(|chain| {
            let locks = &self.locks[chain.start..chain.start + chain.length];
            (chain, locks.iter().map(|lock| (lock >> 2) as usize))
        })
    }
}
