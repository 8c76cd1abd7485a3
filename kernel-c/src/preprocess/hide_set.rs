//! Sets of macro names that may not be expanded in a token again, after Dave Prosser's algorithm ("X3J11/86-196"), which is what keeps
//! `#define a a` from expanding for ever.
//!
//! Invariant: a set is interned, so equal sets have equal numbers and a token carries one number.

use crate::intern::Symbol;
use crate::token::HideSet;
use std::collections::HashMap;
use std::rc::Rc;

#[derive(Debug)]
pub(super) struct HideSets {
    /// Sorted, without repetition.
    sets: Vec<Rc<[Symbol]>>,
    numbers: HashMap<Rc<[Symbol]>, HideSet>,
    unions: HashMap<(HideSet, HideSet), HideSet>,
}

impl HideSets {
    pub(super) fn new() -> Self {
        let empty: Rc<[Symbol]> = Rc::from([]);
        Self {
            sets: vec![empty.clone()],
            numbers: HashMap::from([(empty, HideSet::default())]),
            unions: HashMap::new(),
        }
    }

    pub(super) fn contains(&self, set: HideSet, name: Symbol) -> bool {
        self.get(set).binary_search(&name).is_ok()
    }

    pub(super) fn len(&self, set: HideSet) -> usize {
        self.get(set).len()
    }

    pub(super) fn add(&mut self, set: HideSet, name: Symbol) -> HideSet {
        let single = self.intern(vec![name]);
        self.union(set, single)
    }

    pub(super) fn union(&mut self, a: HideSet, b: HideSet) -> HideSet {
        if a == b || b == HideSet::default() {
            return a;
        }
        if a == HideSet::default() {
            return b;
        }
        if let Some(known) = self.unions.get(&(a, b)) {
            return *known;
        }
        let mut members = [self.get(a), self.get(b)].concat();
        members.sort_unstable();
        members.dedup();
        let union = self.intern(members);
        self.unions.insert((a, b), union);
        union
    }

    pub(super) fn intersection(&mut self, a: HideSet, b: HideSet) -> HideSet {
        if a == b {
            return a;
        }
        let members = self.get(a).iter().copied().filter(|name| self.contains(b, *name)).collect();
        self.intern(members)
    }

    fn get(&self, set: HideSet) -> &[Symbol] {
        &self.sets[set.0 as usize]
    }

    fn intern(&mut self, members: Vec<Symbol>) -> HideSet {
        if let Some(number) = self.numbers.get(members.as_slice()) {
            return *number;
        }
        let number = HideSet(self.sets.len() as u32);
        let members: Rc<[Symbol]> = members.into();
        self.sets.push(members.clone());
        self.numbers.insert(members, number);
        number
    }
}
