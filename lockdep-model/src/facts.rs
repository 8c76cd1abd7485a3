//! All that was seen: for each class how it was used, for each pair of classes how one was waited for under the other, and what went wrong
//! at once; each with the smallest evidence for it.
//!
//! Invariant: a set of facts is a join-semilattice. [`Facts::merge`] is commutative, associative and idempotent, so that the same events
//! give the same facts in whatever order, and by however many gatherers, they were seen.

use crate::class::{ClassId, ContextId, InstanceId, LockType, Place};
use crate::fact::{At, EdgeKind, Fact, Problem, Reach, Recorder};
use crate::held::{HeldLock, IrqState};
use crate::usage::{UsageBit, UsageMask};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

/// How a fact came to be known. Of several ways the least is kept: the least witness, which is the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence<W> {
    /// When and how, in the caller's terms.
    pub witness: W,
    /// Where.
    pub place: Place,
    /// Who.
    pub context: ContextId,
    /// In which interrupt state.
    pub irq: IrqState,
    /// With what held, the oldest first.
    pub held: Vec<HeldLock>,
    /// The lock that it is about.
    pub lock: Option<HeldLock>,
}

impl<W> Evidence<W> {
    pub(crate) fn new(witness: W, at: &At<'_>) -> Self {
        Self { witness, place: at.place, context: at.context, irq: at.irq, held: at.held.to_vec(), lock: at.lock }
    }
}

/// Whether evidence in hand is better than what is kept, without making a copy to find out.
fn is_less<W: Ord>(witness: &W, at: &At<'_>, kept: &Evidence<W>) -> bool {
    let new = (witness, at.place, at.context, at.irq, at.held, at.lock);
    new < (&kept.witness, kept.place, kept.context, kept.irq, &kept.held, kept.lock)
}

/// Sets of lock instances, of which none contains another: what was held, blocking and exclusive, at least.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LockSets {
    sets: BTreeSet<Vec<InstanceId>>,
}

impl LockSets {
    /// The sets, each in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = &[InstanceId]> {
        self.sets.iter().map(Vec::as_slice)
    }

    fn covers(&self, set: &[InstanceId]) -> bool {
        self.sets.iter().any(|kept| is_subset(kept, set))
    }

    fn add(&mut self, set: Vec<InstanceId>) {
        if !self.covers(&set) {
            self.sets.retain(|kept| !is_subset(&set, kept));
            self.sets.insert(set);
        }
    }
}

fn is_subset(part: &[InstanceId], whole: &[InstanceId]) -> bool {
    part.iter().all(|lock| whole.binary_search(lock).is_ok())
}

/// The gates at a moment: what this interrupt context holds blocking and exclusive. Another context that holds one of them is not at such
/// a moment.
fn gates(at: &At<'_>) -> Vec<InstanceId> {
    let context = at.lock.map_or(at.irq.irq_context(), |lock| lock.irq_context);
    let gates = at.held.iter().filter(|held| held.irq_context == context && held.is_gate());
    let mut gates: Vec<_> = gates.map(|held| held.instance).collect();
    gates.sort_unstable();
    gates.dedup();
    gates
}

/// One context's ways to make an edge or use a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making<W> {
    /// The least evidence.
    pub evidence: Evidence<W>,
    /// The gates, of which at least one set was held each time.
    pub gates: LockSets,
}

impl<W: Ord + Clone> Making<W> {
    fn new(witness: &W, at: &At<'_>) -> Self {
        let mut lock_sets = LockSets::default();
        lock_sets.add(gates(at));
        Self { evidence: Evidence::new(witness.clone(), at), gates: lock_sets }
    }

    fn add(&mut self, witness: &W, at: &At<'_>) {
        if is_less(witness, at, &self.evidence) {
            self.evidence = Evidence::new(witness.clone(), at);
        }
        // The empty set is within every other.
        if !self.gates.covers(&[]) {
            self.gates.add(gates(at));
        }
    }

    fn merge(&mut self, other: Self) {
        self.gates = other.gates.sets.into_iter().fold(std::mem::take(&mut self.gates), |mut sets, set| {
            sets.add(set);
            sets
        });
        if other.evidence < self.evidence {
            self.evidence = other.evidence;
        }
    }
}

fn add_making<K: Ord, W: Ord + Clone>(makings: &mut BTreeMap<K, Making<W>>, key: K, witness: &W, at: &At<'_>) {
    match makings.entry(key) {
        Entry::Occupied(entry) => entry.into_mut().add(witness, at),
        Entry::Vacant(entry) => {
            entry.insert(Making::new(witness, at));
        }
    }
}

fn merge_makings<K: Ord, W: Ord + Clone>(into: &mut BTreeMap<K, Making<W>>, from: BTreeMap<K, Making<W>>) {
    for (key, making) in from {
        match into.entry(key) {
            Entry::Occupied(entry) => entry.into_mut().merge(making),
            Entry::Vacant(entry) => {
                entry.insert(making);
            }
        }
    }
}

/// What is known of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassFacts<W> {
    /// Its type.
    pub lock: LockType,
    /// Who used it how.
    pub usage: BTreeMap<(UsageBit, ContextId), Making<W>>,
    /// Who waited for it in an NMI, for writing (`false`) or reading.
    pub nmi: BTreeMap<bool, Evidence<W>>,
}

impl<W: Ord + Clone> ClassFacts<W> {
    fn new(lock: LockType) -> Self {
        Self { lock, usage: BTreeMap::new(), nmi: BTreeMap::new() }
    }

    /// How it was used by anyone.
    pub fn mask(&self) -> UsageMask {
        self.usage.keys().map(|&(bit, _)| bit).collect()
    }

    /// The least evidence for a use.
    pub fn evidence(&self, bit: UsageBit) -> Option<&Evidence<W>> {
        self.makings(bit).map(|(_, making)| &making.evidence).min()
    }

    /// Who used it in this way.
    pub fn makings(&self, bit: UsageBit) -> impl Iterator<Item = (ContextId, &Making<W>)> {
        self.usage
            .range((bit, ContextId(0))..=(bit, ContextId(u32::MAX)))
            .map(|(&(_, context), making)| (context, making))
    }
}

/// What is known of one class waited for under another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeFacts<W> {
    /// The nearest walk that finds it.
    pub reach: Reach,
    /// The fewest locks down that the held one was.
    pub distance: u16,
    /// Who made it how.
    pub makings: BTreeMap<(EdgeKind, ContextId), Making<W>>,
}

impl<W: Ord + Clone> EdgeFacts<W> {
    /// The kinds that it was made in.
    pub fn kinds(&self) -> BTreeSet<EdgeKind> {
        self.makings.keys().map(|&(kind, _)| kind).collect()
    }

    /// Who made it as this kind.
    pub fn of_kind(&self, kind: EdgeKind) -> impl Iterator<Item = (ContextId, &Making<W>)> {
        let range = (kind, ContextId(0))..=(kind, ContextId(u32::MAX));
        self.makings.range(range).map(|(&(_, context), making)| (context, making))
    }

    /// The least evidence for this kind.
    pub fn evidence(&self, kind: EdgeKind) -> Option<&Evidence<W>> {
        self.of_kind(kind).map(|(_, making)| &making.evidence).min()
    }
}

/// All that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts<W> {
    /// The classes used.
    pub classes: BTreeMap<ClassId, ClassFacts<W>>,
    /// Which was waited for under which.
    pub edges: BTreeMap<(ClassId, ClassId), EdgeFacts<W>>,
    /// What was wrong at once, wait pairs among it.
    pub problems: BTreeMap<Problem, Evidence<W>>,
    /// The sequences of classes that were held in one interrupt context, the last of them waited for.
    pub chains: BTreeSet<(u8, Vec<ClassId>)>,
    /// The most locks that a context held.
    pub max_depth: usize,
    /// Pairs of contexts, the lesser first, that were seen to be under way at the same time; equal if it can run twice at once. Only who
    /// chooses [`crate::exact::Overlap::Observed`] needs to tell them.
    pub overlaps: BTreeSet<(ContextId, ContextId)>,
}

impl<W> Default for Facts<W> {
    fn default() -> Self {
        Self {
            classes: BTreeMap::new(),
            edges: BTreeMap::new(),
            problems: BTreeMap::new(),
            chains: BTreeSet::new(),
            max_depth: 0,
            overlaps: BTreeSet::new(),
        }
    }
}

impl<W: Ord + Clone> Facts<W> {
    /// Nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one fact.
    pub fn add(&mut self, fact: Fact, at: &At<'_>, witness: &W) {
        match fact {
            Fact::Usage { class, lock, bit } => {
                add_making(&mut self.class(class, lock).usage, (bit, at.context), witness, at);
            }
            Fact::NmiUse { class, lock, read } => {
                let nmi = &mut self.class(class, lock).nmi;
                add_evidence(nmi, read != crate::class::Read::Exclusive, witness, at);
            }
            Fact::Edge { from, to, kind, reach, distance } => {
                let edge =
                    self.edges.entry((from, to)).or_insert(EdgeFacts { reach, distance, makings: BTreeMap::new() });
                edge.reach = edge.reach.min(reach);
                edge.distance = edge.distance.min(distance);
                add_making(&mut edge.makings, (kind, at.context), witness, at);
            }
            Fact::Problem(problem) => add_evidence(&mut self.problems, problem, witness, at),
        }
    }

    /// Two contexts were under way at the same time; the same twice: it ran twice at once.
    pub fn add_overlap(&mut self, a: ContextId, b: ContextId) {
        self.overlaps.insert((a.min(b), a.max(b)));
    }

    /// Hears facts for this witness.
    pub fn recorder<'a>(&'a mut self, witness: &'a W) -> FactsRecorder<'a, W> {
        FactsRecorder { facts: self, witness }
    }

    /// All that either has seen.
    pub fn merge(&mut self, other: Self) {
        for (class, facts) in other.classes {
            let mine = self.class(class, facts.lock);
            merge_makings(&mut mine.usage, facts.usage);
            merge_evidence(&mut mine.nmi, facts.nmi);
        }
        for (key, facts) in other.edges {
            match self.edges.entry(key) {
                Entry::Occupied(entry) => {
                    let mine = entry.into_mut();
                    mine.reach = mine.reach.min(facts.reach);
                    mine.distance = mine.distance.min(facts.distance);
                    merge_makings(&mut mine.makings, facts.makings);
                }
                Entry::Vacant(entry) => {
                    entry.insert(facts);
                }
            }
        }
        merge_evidence(&mut self.problems, other.problems);
        self.chains.extend(other.chains);
        self.max_depth = self.max_depth.max(other.max_depth);
        self.overlaps.extend(other.overlaps);
    }

    fn class(&mut self, class: ClassId, lock: LockType) -> &mut ClassFacts<W> {
        let facts = self.classes.entry(class).or_insert_with(|| ClassFacts::new(lock));
        facts.lock = facts.lock.min(lock);
        facts
    }
}

fn add_evidence<K: Ord, W: Ord + Clone>(map: &mut BTreeMap<K, Evidence<W>>, key: K, witness: &W, at: &At<'_>) {
    match map.entry(key) {
        Entry::Occupied(mut entry) => {
            if is_less(witness, at, entry.get()) {
                entry.insert(Evidence::new(witness.clone(), at));
            }
        }
        Entry::Vacant(entry) => {
            entry.insert(Evidence::new(witness.clone(), at));
        }
    }
}

fn merge_evidence<K: Ord, W: Ord>(into: &mut BTreeMap<K, Evidence<W>>, from: BTreeMap<K, Evidence<W>>) {
    for (key, evidence) in from {
        match into.entry(key) {
            Entry::Occupied(mut entry) => {
                if evidence < *entry.get() {
                    entry.insert(evidence);
                }
            }
            Entry::Vacant(entry) => {
                entry.insert(evidence);
            }
        }
    }
}

/// Adds what it hears to [`Facts`].
#[derive(Debug)]
pub struct FactsRecorder<'a, W> {
    facts: &'a mut Facts<W>,
    witness: &'a W,
}

impl<W: Ord + Clone> Recorder for FactsRecorder<'_, W> {
    fn record(&mut self, fact: Fact, at: &At<'_>) {
        self.facts.add(fact, at, self.witness);
    }

    /// Notes the chain. It is judged again all the same: who takes it, and under which gates, is not part of it.
    fn knows_chain(&mut self, at: &At<'_>) -> bool {
        if let Some(next) = at.lock {
            let here = at.held.iter().rev().take_while(|held| held.irq_context == next.irq_context);
            let mut classes: Vec<_> = [next.class].into_iter().chain(here.map(|held| held.class)).collect();
            classes.reverse();
            self.facts.chains.insert((next.irq_context, classes));
            self.facts.max_depth = self.facts.max_depth.max(at.held.len() + 1);
        }
        false
    }
}
