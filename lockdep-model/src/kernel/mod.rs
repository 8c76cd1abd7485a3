//! The kernel's own algorithm, as a fold over one sequence of events: what it would report, and what first.
//!
//! Two gaps are the kernel's, and kept: a search marks a class visited before it knows whether the path to it is strong, and edges are added
//! only down to the first lock that was waited for, even if that is a recursive reader (that part is [`crate::step`]'s).
//!
//! Invariant: classes, edges and chains stand in the order in which they were first seen, which is the order in which a search meets them.

mod chains;
pub(crate) use chains::{ByHash, mix};
mod search;

use crate::class::{ClassId, LockType, Read};
use crate::fact::{At, EdgeKind, Fact, Problem, Recorder};
use crate::facts::Evidence;
use crate::report::{ClassState, CompletedBy, Detail, Kind, Link, Report, Use, Verdict};
use crate::usage::{IrqKind, UsageBit, UsageMask};
pub use chains::Chain;
use chains::Chains;
use search::{Found, Way};
use std::collections::{BTreeMap, BTreeSet};

/// A class, as the kernel knows it.
#[derive(Clone, Debug)]
pub struct Node<W> {
    /// Which.
    pub class: ClassId,
    /// Its type.
    pub lock: LockType,
    /// How often it was taken.
    pub ops: u64,
    /// How it was used.
    pub usage: UsageMask,
    /// How each use came to be known.
    pub uses: BTreeMap<UsageBit, Evidence<W>>,
    /// What was taken under it, in the order in which that was first seen.
    pub after: Vec<Dependency<W>>,
    /// The nodes under which it was taken, likewise.
    pub before: Vec<usize>,
}

/// What was taken under a class.
#[derive(Clone, Debug)]
pub struct Dependency<W> {
    /// The node.
    pub to: usize,
    /// 1 if one was right above the other at some time.
    pub distance: u16,
    /// In which ways, and how each came to be known.
    pub kinds: BTreeMap<EdgeKind, Evidence<W>>,
}

/// All that the kernel's validator remembers.
#[derive(Clone, Debug)]
pub struct Kernel<W> {
    nodes: Vec<Node<W>>,
    index: BTreeMap<ClassId, usize>,
    chains: Chains,
    reports: Vec<Report<W>>,
    told: BTreeSet<(Kind, BTreeSet<ClassId>)>,
    keep_going: bool,
    on: bool,
    max_depth: usize,
}

/// The end of a path that a search found, with the bits that clash.
struct Clash {
    irq: IrqKind,
    used_in: (ClassId, UsageBit),
    enabled: (ClassId, UsageBit),
}

impl<W: Ord + Clone> Kernel<W> {
    /// Nothing seen. With `keep_going` the validator is not turned off by its first report.
    pub fn new(keep_going: bool) -> Self {
        Self {
            nodes: Vec::new(),
            index: BTreeMap::new(),
            chains: Chains::default(),
            reports: Vec::new(),
            told: BTreeSet::new(),
            keep_going,
            on: true,
            max_depth: 0,
        }
    }

    /// The reports, first things first.
    pub fn reports(&self) -> &[Report<W>] {
        &self.reports
    }

    /// Whether it still looks (`debug_locks`).
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// The classes, in the order in which they were first taken.
    pub fn nodes(&self) -> &[Node<W>] {
        &self.nodes
    }

    /// The chains, in the order in which they were first seen; their locks as indices into [`Self::nodes`].
    pub fn chains(&self) -> impl Iterator<Item = (&Chain, impl Iterator<Item = usize>)> {
        self.chains.iter()
    }

    /// The most locks that were held at a time.
    pub fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// Hears facts for this witness.
    pub fn recorder<'a>(&'a mut self, witness: &'a W) -> KernelRecorder<'a, W> {
        KernelRecorder { kernel: self, witness }
    }

    fn node(&mut self, class: ClassId, lock: LockType) -> usize {
        *self.index.entry(class).or_insert_with(|| {
            self.nodes.push(Node {
                class,
                lock,
                ops: 0,
                usage: UsageMask::NONE,
                uses: BTreeMap::new(),
                after: Vec::new(),
                before: Vec::new(),
            });
            self.nodes.len() - 1
        })
    }

    fn report(&mut self, kind: Kind, detail: Detail<W>) {
        if !self.is_on() || !self.told.insert((kind, detail.classes())) {
            return;
        }
        let plain = matches!(&detail, Detail::Problem { problem, .. } if !problem.turns_validator_off());
        self.on = self.keep_going || plain;
        let report = Report::with_states(kind, Verdict::Possible, detail, |class| {
            let node = &self.nodes[*self.index.get(&class)?];
            let uses = node.uses.iter().map(|(&bit, evidence)| (bit, evidence.clone())).collect();
            Some(ClassState { lock: node.lock, usage: node.usage, uses })
        });
        self.reports.push(report);
    }

    // --- usage ---------------------------------------------------------------------------------------------------

    fn mark(&mut self, node: usize, bit: UsageBit, evidence: impl FnOnce() -> Evidence<W>, read: Read) {
        if self.nodes[node].usage.has(bit) {
            return;
        }
        self.nodes[node].usage = self.nodes[node].usage.with(bit);
        self.nodes[node].uses.insert(bit, evidence());
        let Some(irq) = bit.irq() else { return };
        if self.is_inconsistent(node, bit, irq) {
            return;
        }
        // A new use in an interrupt looks ahead for what the interrupt can find held; a new use with interrupts on looks back.
        let kinds = [Read::Exclusive, Read::Shared];
        let opposite = kinds.map(|read| match bit.is_enabled() {
            true => UsageBit::used_in(irq, read),
            false => UsageBit::enabled(irq, read),
        });
        let (way, weak) = match bit.is_enabled() {
            true => (Way::Backwards, read != Read::Exclusive),
            false => (Way::Forwards, read == Read::Recursive),
        };
        let wanted: UsageMask = opposite.into_iter().collect();
        let Some(found) = self.find_usage(node, weak, way, wanted) else { return };
        let end = &self.nodes[found.end()];
        let Some(other) = opposite.into_iter().find(|&bit| end.usage.has(bit)) else { return };
        let (this, end) = ((self.nodes[node].class, bit), (end.class, other));
        let (clash, completed_by) = match bit.is_enabled() {
            true => (Clash { irq, used_in: end, enabled: this }, CompletedBy::Enabled),
            false => (Clash { irq, used_in: this, enabled: end }, CompletedBy::UsedIn),
        };
        let links = self.links(&found.in_order(way));
        self.report_path(Kind::IrqLockInversion, clash, links, completed_by);
    }

    /// Reports a class that has the opposite use already: a writer minds both, a reader only the writer.
    fn is_inconsistent(&mut self, node: usize, bit: UsageBit, irq: IrqKind) -> bool {
        let minded = if bit.is_read() { &[Read::Exclusive][..] } else { &[Read::Exclusive, Read::Shared] };
        for &read in minded {
            let other = if bit.is_enabled() { UsageBit::used_in(irq, read) } else { UsageBit::enabled(irq, read) };
            if self.nodes[node].usage.has(other) {
                let class = self.nodes[node].class;
                let (Some(this), Some(other)) = (self.use_of(class, bit), self.use_of(class, other)) else {
                    return true;
                };
                let pair = if bit.is_enabled() { (other, this) } else { (this, other) };
                self.report(Kind::IrqUnsafeLock, Detail::Inconsistent { class, conflicts: vec![pair] });
                return true;
            }
        }
        false
    }

    fn use_of(&self, class: ClassId, bit: UsageBit) -> Option<Use<W>> {
        let evidence = self.nodes[*self.index.get(&class)?].uses.get(&bit)?.clone();
        Some(Use { class, bit, evidence })
    }

    fn report_path(&mut self, kind: Kind, clash: Clash, links: Vec<Link<W>>, completed_by: CompletedBy) {
        let used_in = self.use_of(clash.used_in.0, clash.used_in.1);
        let enabled = self.use_of(clash.enabled.0, clash.enabled.1);
        if let (Some(used_in), Some(enabled)) = (used_in, enabled) {
            self.report(kind, Detail::IrqPath { irq: clash.irq, used_in, enabled, links, completed_by });
        }
    }

    fn nmi_use(&mut self, class: ClassId, read: Read, evidence: Evidence<W>) {
        let minded =
            if read == Read::Exclusive { &[UsageBit::Used, UsageBit::UsedRead][..] } else { &[UsageBit::Used] };
        let outside = minded.iter().find_map(|&bit| self.use_of(class, bit));
        if let Some(outside) = outside {
            let read = read != Read::Exclusive;
            self.report(Kind::IrqUnsafeLock, Detail::InNmi { class, outside, read, inside: evidence });
        }
    }

    // --- edges -----------------------------------------------------------------------------------------------------

    fn add_edge(&mut self, from: usize, to: usize, kind: EdgeKind, distance: u16, evidence: &Evidence<W>) {
        self.check_circular(from, to, kind, evidence);
        self.check_irqs(from, to, kind, evidence);
        if !self.is_on() {
            return;
        }
        match self.nodes[from].after.iter_mut().find(|known| known.to == to) {
            Some(known) => {
                known.distance = known.distance.min(distance);
                known.kinds.entry(kind).or_insert_with(|| evidence.clone());
            }
            None => {
                let kinds = [(kind, evidence.clone())].into();
                self.nodes[from].after.push(Dependency { to, distance, kinds });
                self.nodes[to].before.push(from);
            }
        }
    }

    fn check_circular(&mut self, from: usize, to: usize, kind: EdgeKind, evidence: &Evidence<W>) {
        if from == to {
            return; // readers of one class: recursion is told of by itself
        }
        let exclusive = kind.is_exclusive();
        let closes = |node: usize, weak: bool| node == from && (exclusive || !weak);
        let Some(found) = self.search(to, kind.is_recursive(), Way::Forwards, |_| false, closes) else { return };
        let mut links = self.links(&found.in_order(Way::Forwards));
        links.push(self.new_link(from, to, kind, evidence));
        self.report(Kind::LockOrder, Detail::Cycle { links });
    }

    fn new_link(&self, from: usize, to: usize, kind: EdgeKind, evidence: &Evidence<W>) -> Link<W> {
        let known = self.nodes[from].after.iter().find(|known| known.to == to);
        let mut kinds: BTreeSet<_> = known.into_iter().flat_map(|known| known.kinds.keys().copied()).collect();
        kinds.insert(kind);
        Link { from: self.nodes[from].class, to: self.nodes[to].class, kind, kinds, evidence: evidence.clone() }
    }

    fn check_irqs(&mut self, from: usize, to: usize, kind: EdgeKind, evidence: &Evidence<W>) {
        let back_weak = !kind.is_exclusive();
        let behind = self.accumulate_behind(from, back_weak).and(UsageMask::USED_IN);
        if behind.is_empty() {
            return;
        }
        let Some(ahead) = self.find_usage(to, kind.is_recursive(), Way::Forwards, opposite(behind)) else { return };
        let enabled = self.nodes[ahead.end()].usage.and(UsageMask::ENABLED);
        let Some(back) = self.find_usage(from, back_weak, Way::Backwards, opposite(enabled)) else { return };
        let (safe, unsafe_) = (&self.nodes[back.end()], &self.nodes[ahead.end()]);
        let clash = safe.usage.and(UsageMask::USED_IN).bits().find_map(|used_in| {
            let irq = used_in.irq()?;
            let both = [Read::Exclusive, Read::Shared].map(|read| UsageBit::enabled(irq, read));
            let enabled = both.into_iter().find(|&bit| unsafe_.usage.has(bit))?;
            Some(Clash { irq, used_in: (safe.class, used_in), enabled: (unsafe_.class, enabled) })
        });
        let Some(clash) = clash else { return };
        let mut links = self.links(&back.in_order(Way::Backwards));
        let edge = links.len();
        links.push(self.new_link(from, to, kind, evidence));
        links.extend(self.links(&ahead.in_order(Way::Forwards)));
        self.report_path(Kind::IrqLockOrder, clash, links, CompletedBy::Edge(edge));
    }

    /// The nearest class with one of these uses, over paths that pass no per-CPU lock. One reached only weakly counts with its write bits.
    fn find_usage(&self, from: usize, weak: bool, way: Way, wanted: UsageMask) -> Option<Found> {
        let skip = |node: &Node<W>| node.lock.skipped_over_irqs();
        self.search(from, weak, way, skip, |node, weak| !self.usage(node, weak).and(wanted).is_empty())
    }

    fn accumulate_behind(&self, from: usize, weak: bool) -> UsageMask {
        let mut all = UsageMask::NONE;
        let skip = |node: &Node<W>| node.lock.skipped_over_irqs();
        self.search(from, weak, Way::Backwards, skip, |node, weak| {
            all = all.or(self.usage(node, weak));
            false
        });
        all
    }

    fn usage(&self, node: usize, weak: bool) -> UsageMask {
        let usage = self.nodes[node].usage;
        if weak { usage.and(UsageMask::IRQ_WRITE) } else { usage }
    }

    /// The edges between these nodes, each as the kind that allows most among those that the search could use.
    fn links(&self, steps: &[(usize, usize, EdgeKind)]) -> Vec<Link<W>> {
        let link = |&(from, to, kind): &(usize, usize, EdgeKind)| {
            let known = self.nodes[from].after.iter().find(|known| known.to == to)?;
            Some(Link {
                from: self.nodes[from].class,
                to: self.nodes[to].class,
                kind,
                kinds: known.kinds.keys().copied().collect(),
                evidence: known.kinds.get(&kind)?.clone(),
            })
        };
        steps.iter().filter_map(link).collect()
    }
}

/// The uses that clash with any of these: the other direction, for reading and for writing.
fn opposite(mask: UsageMask) -> UsageMask {
    let both = [Read::Exclusive, Read::Shared];
    mask.bits()
        .filter_map(|bit| Some((bit, bit.irq()?)))
        .flat_map(|(bit, irq)| {
            both.map(|read| if bit.is_enabled() { UsageBit::used_in(irq, read) } else { UsageBit::enabled(irq, read) })
        })
        .collect()
}

/// Feeds facts to [`Kernel`].
#[derive(Debug)]
pub struct KernelRecorder<'a, W> {
    kernel: &'a mut Kernel<W>,
    witness: &'a W,
}

impl<W: Ord + Clone> KernelRecorder<'_, W> {
    fn evidence(&self, at: &At<'_>) -> Evidence<W> {
        Evidence::new(self.witness.clone(), at)
    }
}

impl<W: Ord + Clone> Recorder for KernelRecorder<'_, W> {
    fn record(&mut self, fact: Fact, at: &At<'_>) {
        if !self.kernel.is_on() {
            return;
        }
        match fact {
            Fact::Usage { class, lock, bit } => {
                let node = self.kernel.node(class, lock);
                // Being taken at all comes last, once for each acquisition.
                self.kernel.nodes[node].ops += u64::from(bit.irq().is_none());
                let read = at.lock.map_or(Read::Exclusive, |lock| lock.read);
                let witness = self.witness;
                self.kernel.mark(node, bit, || Evidence::new(witness.clone(), at), read);
            }
            Fact::NmiUse { class, read, .. } => {
                let evidence = self.evidence(at);
                self.kernel.nmi_use(class, read, evidence);
            }
            Fact::Edge { from, to, kind, distance, .. } => {
                if let (Some(&from), Some(&to)) = (self.kernel.index.get(&from), self.kernel.index.get(&to)) {
                    let evidence = self.evidence(at);
                    self.kernel.add_edge(from, to, kind, distance, &evidence);
                }
            }
            Fact::Problem(problem) => {
                let kind = Kind::of_problem(&problem);
                let evidence = self.evidence(at);
                if let Some(lock) = at.lock {
                    self.kernel.node(lock.class, lock.lock);
                }
                let detail = match problem {
                    Problem::Recursion { class, same_instance, held, taken, comparison } => {
                        Detail::Recursion { class, same_instance, held, taken, comparison, evidence }
                    }
                    problem => Detail::Problem { problem, evidence },
                };
                self.kernel.report(kind, detail);
            }
        }
    }

    fn knows_chain(&mut self, at: &At<'_>) -> bool {
        if !self.kernel.is_on() {
            return true;
        }
        let Some(next) = at.lock else { return false };
        self.kernel.max_depth = self.kernel.max_depth.max(at.held.len() + 1);
        let segment =
            at.held.iter().rposition(|held| held.irq_context != next.irq_context).map_or(0, |below| below + 1);
        self.kernel.chains.begin(next.irq_context);
        for lock in at.held[segment..].iter().chain([&next]) {
            let node = self.kernel.node(lock.class, lock.lock);
            self.kernel.chains.push(node, lock.read);
        }
        self.kernel.chains.finish()
    }
}
