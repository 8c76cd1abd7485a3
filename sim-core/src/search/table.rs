//! The visited states: a table from fingerprints to dense ids, in shards that several threads fill side by side.
//!
//! Invariant: what is in the table depends on what was inserted alone, not on who inserted it; and it grows by one page at a time
//! (extendible hashing: Fagin et al., 1979), never by a copy of itself.
//!
//! The top bits of a fingerprint's high half pick the shard, the next ones a page through the shard's directory; the top bits of the low half pick the
//! slot where it would be, were it alone. The states of a page are in the order of their low halves, each as near behind that slot as the order
//! allows (ordered linear probing: Amble and Knuth, 1974), so that a search ends at the first greater one, be the page ever so full. A page that is
//! seven eighths full splits in two by its next bit. No page is ever freed before the table is.

use super::fingerprint::Fingerprint;

const SHARD_BITS: u32 = 4;
/// How many shards there are: the same for every number of threads, so that so is the memory.
pub(super) const SHARDS: usize = 1 << SHARD_BITS;
const HOME_BITS: u32 = 10;
/// Slots of a page: those that a search starts at, and some behind them, so that nothing wraps around.
const PAGE: usize = (1 << HOME_BITS) + 56;
/// As many slots as a cache line of 64 bytes has, or begins to have.
const LINE_OF_SLOTS: usize = 3;
const PAGE_FULL: u16 = (1 << HOME_BITS) / 8 * 7;
/// Pages allocated at a time.
const PAGES: usize = 8;

/// Marks a slot whose state has no id yet: the other bits are the index of the candidate that it is from.
pub(super) const FRESH: u32 = 1 << 31;
/// Ids are below this.
pub(super) const MAX_STATES: u64 = FRESH as u64 - 1;

const EMPTY: u32 = u32::MAX;

/// Twenty bytes, aligned to four, so that no byte is lost to padding.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(4))]
struct Slot {
    high: u64,
    low: u64,
    id: u32,
}

impl Slot {
    /// Not less than any other, so that every search ends at it.
    const EMPTY: Self = Self { high: u64::MAX, low: u64::MAX, id: EMPTY };
}

/// The first slot of a page that holds nothing less than `low`.
#[inline]
fn seek(slots: &[Slot; PAGE], low: u64) -> usize {
    let mut at = home(low);
    while at < PAGE && slots[at].low < low {
        at += 1;
    }
    at
}

#[inline]
fn home(low: u64) -> usize {
    (low >> (64 - HOME_BITS)) as usize
}

/// The whole table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) shards: Vec<Shard>,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.shards.iter().map(Shard::bytes).sum()
    }
}

/// The shard that a fingerprint belongs to.
#[inline]
pub(super) fn shard_of(fingerprint: Fingerprint) -> usize {
    (fingerprint.high >> (64 - SHARD_BITS)) as usize
}

/// A part of the table.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// For each value of the first `bits` bits after the shard's, its page. Empty until the first insertion.
    directory: Vec<u32>,
    bits: u32,
    chunks: Vec<Vec<[Slot; PAGE]>>,
    /// For each page, how many of its slots are taken.
    taken: Vec<u16>,
    /// For each page, how many bits its states have in common.
    depth: Vec<u8>,
}

impl Shard {
    fn bytes(&self) -> u64 {
        let pages = self.chunks.len() * PAGES;
        (pages * (size_of::<[Slot; PAGE]>() + 3) + self.directory.len() * 4) as u64
    }

    /// Which page a fingerprint is in.
    #[inline]
    fn page_of(&self, high: u64) -> u32 {
        self.directory[directory_index(high, self.bits)]
    }

    #[inline]
    fn page(&self, page: u32) -> &[Slot; PAGE] {
        &self.chunks[page as usize / PAGES][page as usize % PAGES]
    }

    #[inline]
    fn page_mut(&mut self, page: u32) -> &mut [Slot; PAGE] {
        &mut self.chunks[page as usize / PAGES][page as usize % PAGES]
    }

    /// Reads the slot where probing for a fingerprint starts, and one that is a cache line further on, for nothing but to have them in the
    /// cache soon after. The loads of several calls overlap, as none waits for another.
    #[inline]
    pub(super) fn touch(&self, fingerprint: Fingerprint) -> u32 {
        if self.directory.is_empty() {
            return 0;
        }
        let page = self.page(self.page_of(fingerprint.high));
        let home = home(fingerprint.low);
        page[home].id ^ page[home + LINE_OF_SLOTS].id
    }

    /// The id in the slot of the state with this fingerprint; if there is none, `id`, which is there from now on. `same` tells whether the
    /// state with an id in this table is the one sought, its fingerprint being equal.
    #[inline]
    pub(super) fn find_or_insert(
        &mut self,
        fingerprint: Fingerprint,
        id: u32,
        mut same: impl FnMut(u32) -> bool,
    ) -> u32 {
        if self.directory.is_empty() {
            let first = self.add_page(0);
            self.directory.push(first);
        }
        loop {
            let page = self.page_of(fingerprint.high);
            let full = self.taken[page as usize] >= PAGE_FULL;
            let slots = self.page_mut(page);
            let first = seek(slots, fingerprint.low);
            let mut at = first;
            while let Some(slot) = slots.get(at)
                && slot.low == fingerprint.low
                && slot.id != EMPTY
            {
                if slot.high == fingerprint.high && same(slot.id) {
                    return slot.id;
                }
                at += 1;
            }
            if !full && insert(slots, first, Slot { high: fingerprint.high, low: fingerprint.low, id }) {
                self.taken[page as usize] += 1;
                return id;
            }
            self.split(page, fingerprint.high);
        }
    }

    /// Gives the state that was inserted as `fresh` its id.
    #[inline]
    pub(super) fn settle(&mut self, fingerprint: Fingerprint, fresh: u32, id: u32) {
        let page = self.page_of(fingerprint.high);
        let slots = self.page_mut(page);
        let mut at = seek(slots, fingerprint.low);
        while slots[at].id != fresh {
            at += 1;
        }
        slots[at].id = id;
    }

    fn add_page(&mut self, depth: u8) -> u32 {
        let page = self.taken.len();
        if page.is_multiple_of(PAGES) {
            self.chunks.push(Vec::with_capacity(PAGES));
        }
        self.chunks[page / PAGES].push([Slot::EMPTY; PAGE]);
        self.taken.push(0);
        self.depth.push(depth);
        page as u32
    }

    /// Splits a page, one of whose states has this fingerprint, by the next bit.
    #[cold]
    fn split(&mut self, page: u32, high: u64) {
        let depth = u32::from(self.depth[page as usize]);
        if depth == self.bits {
            self.directory = self.directory.iter().flat_map(|&page| [page, page]).collect();
            self.bits += 1;
        }
        self.depth[page as usize] += 1;
        let sibling = self.add_page(depth as u8 + 1);
        // The directory entries of the page are neighbours: those with its common bits, whatever follows.
        let span = 1 << (self.bits - depth);
        let start = directory_index(high, self.bits) / span * span;
        self.directory[start + span / 2..start + span].fill(sibling);
        let old = std::mem::replace(self.page_mut(page), [Slot::EMPTY; PAGE]);
        self.taken[page as usize] = 0;
        let mut next = [(page, 0), (sibling, 0)];
        for slot in old.iter().filter(|slot| slot.id != EMPTY) {
            let (new, free) = &mut next[usize::from(self.page_of(slot.high) == sibling)];
            let at = home(slot.low).max(*free);
            *free = at + 1;
            self.page_mut(*new)[at] = *slot;
            self.taken[*new as usize] += 1;
        }
    }
}

/// Inserts before the slot `at`, which moves on with those behind it up to the first empty one. Whether there is one.
#[inline]
fn insert(slots: &mut [Slot; PAGE], at: usize, slot: Slot) -> bool {
    let Some(empty) = slots.get(at..).and_then(|rest| rest.iter().position(|slot| slot.id == EMPTY)) else {
        return false;
    };
    slots.copy_within(at..at + empty, at + 1);
    slots[at] = slot;
    true
}

#[inline]
fn directory_index(high: u64, bits: u32) -> usize {
    // Two shifts, because one by 64 is not defined.
    (((high << SHARD_BITS) >> 1) >> (63 - bits)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng::SplitMix;
    use std::collections::BTreeMap;

    #[test]
    fn agrees_with_a_map_through_many_splits() {
        let mut rng = SplitMix::new(3);
        let mut table = Table::new();
        let mut map = BTreeMap::new();
        for id in 0..200_000 {
            // Few enough distinct ones that half of them come twice.
            let mut draw = SplitMix::new(rng.below(150_000));
            let fingerprint = Fingerprint { high: draw.next(), low: draw.next() };
            let expected = *map.entry(fingerprint).or_insert(id);
            let got = table.shards[shard_of(fingerprint)].find_or_insert(fingerprint, id, |_| true);
            assert_eq!(got, expected);
        }
        for (&fingerprint, &id) in &map {
            let shard = &mut table.shards[shard_of(fingerprint)];
            assert_eq!(shard.find_or_insert(fingerprint, EMPTY - 1, |_| true), id);
        }
        let pages: usize = table.shards.iter().map(|shard| shard.taken.len()).sum();
        assert!(pages * PAGE < map.len() * 3, "{pages} pages for {} states", map.len());
    }

    #[test]
    fn a_settled_state_is_found_by_its_id() {
        let mut shard = Shard::default();
        let fingerprint = Fingerprint { high: 5, low: 6 };
        assert_eq!(shard.find_or_insert(fingerprint, FRESH | 9, |_| true), FRESH | 9);
        shard.settle(fingerprint, FRESH | 9, 77);
        assert_eq!(shard.find_or_insert(fingerprint, FRESH | 10, |_| true), 77);
    }

    #[test]
    fn states_with_equal_fingerprints_are_told_apart_when_asked() {
        let mut shard = Shard::default();
        let fingerprint = Fingerprint { high: 5, low: 6 };
        assert_eq!(shard.find_or_insert(fingerprint, 1, |_| true), 1);
        assert_eq!(shard.find_or_insert(fingerprint, 2, |_| false), 2);
        assert_eq!(shard.find_or_insert(fingerprint, 3, |id| id == 2), 2);
    }
}
