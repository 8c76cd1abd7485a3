//! The findings about interrupts: a class that an interrupt takes and can find held, in one class or at the ends of a path.
//!
//! Invariant: a pair of classes is told of only if no pair that is told of lies on its path.

use super::cycles::link;
use super::search::{Distances, Found, Given, Graph, Member, Path, Search, Step};
use super::{Options, Overlap};
use crate::class::{ClassId, ContextId, Read};
use crate::fact::Reach;
use crate::facts::{ClassFacts, Facts, Making};
use crate::report::{CompletedBy, Detail, Impossible, Kind, Report, Use, Verdict};
use crate::usage::{IrqKind, UsageBit};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Use in an interrupt, and use that it can interrupt.
type Pair = (UsageBit, UsageBit);

fn pairs(irq: IrqKind) -> [Pair; 4] {
    let [write, read] = [Read::Exclusive, Read::Shared];
    [(write, write), (write, read), (read, write), (read, read)]
        .map(|(used, enabled)| (UsageBit::used_in(irq, used), UsageBit::enabled(irq, enabled)))
}

fn used<W: Ord + Clone>(
    facts: &ClassFacts<W>,
    class: ClassId,
    bit: UsageBit,
    who: Option<ContextId>,
) -> Option<Use<W>> {
    let evidence = facts
        .makings(bit)
        .filter(|&(maker, _)| who.is_none_or(|who| who == maker))
        .map(|(_, making)| &making.evidence)
        .min()?;
    Some(Use { class, bit, evidence: evidence.clone() })
}

/// The ways in which one context is interrupted while it holds a lock, and another, in the interrupt, takes one.
fn ways<'f, W: Ord + Clone>(
    facts: &'f Facts<W>,
    overlap: Overlap,
    enabled: (ClassId, UsageBit),
    used_in: (ClassId, UsageBit),
) -> Vec<Vec<Member<'f>>> {
    let member =
        |(context, making): (ContextId, &'f Making<W>)| making.gates.iter().map(move |gates| Member { context, gates });
    let of = |(class, bit): (ClassId, UsageBit)| {
        facts.classes.get(&class).into_iter().flat_map(move |facts| facts.makings(bit)).flat_map(member)
    };
    of(enabled)
        .flat_map(|interrupted| of(used_in).map(move |handler| vec![interrupted, handler]))
        .filter(|way| {
            overlap.holds(facts, way[0].context, way[1].context)
                && !way[0].gates.iter().any(|gate| way[1].gates.contains(gate))
        })
        .collect()
}

/// Why no context that holds the one is interrupted by one that takes the other.
fn why_apart<W: Ord + Clone>(
    facts: &Facts<W>,
    overlap: Overlap,
    enabled: (ClassId, UsageBit),
    used_in: (ClassId, UsageBit),
) -> Impossible {
    let of = |(class, bit): (ClassId, UsageBit)| {
        facts.classes.get(&class).into_iter().flat_map(move |facts| facts.makings(bit))
    };
    let mut locks = Vec::new();
    let mut together = false;
    for (interrupted, a) in of(enabled) {
        for (_, b) in of(used_in).filter(|&(handler, _)| overlap.holds(facts, interrupted, handler)) {
            together = true;
            locks.extend(a.gates.iter().flatten().filter(|lock| b.gates.iter().flatten().any(|other| other == *lock)));
        }
    }
    let mut contexts: Vec<_> = of(enabled).chain(of(used_in)).map(|(context, _)| context).collect();
    contexts.sort_unstable();
    contexts.dedup();
    locks.sort_unstable();
    locks.dedup();
    match contexts[..] {
        _ if together => Impossible::Gate { locks },
        [context] => Impossible::OneContext { context },
        _ => Impossible::NeverTogether,
    }
}

/// `irq_unsafe_lock`
pub(super) fn inconsistent<W: Ord + Clone>(facts: &Facts<W>, options: &Options) -> Vec<Report<W>> {
    let mut reports = Vec::new();
    for (&class, known) in &facts.classes {
        let mut possible = Vec::new();
        let mut impossible = Vec::new();
        let mut why = None;
        for (used_in, enabled) in IrqKind::ALL.into_iter().flat_map(pairs) {
            if used_in.is_read() && enabled.is_read() {
                continue; // a reader in the interrupt passes a reader outside
            }
            let (Some(inside), Some(outside)) = (used(known, class, used_in, None), used(known, class, enabled, None))
            else {
                continue;
            };
            if ways(facts, options.overlap, (class, enabled), (class, used_in)).is_empty() {
                why.get_or_insert_with(|| why_apart(facts, options.overlap, (class, enabled), (class, used_in)));
                impossible.push((inside, outside));
            } else {
                possible.push((inside, outside));
            }
        }
        let (conflicts, verdict) = match why {
            _ if !possible.is_empty() => (possible, Verdict::Possible),
            Some(why) => (impossible, Verdict::Impossible(why)),
            None => continue,
        };
        reports.push(Report::new(Kind::IrqUnsafeLock, verdict, Detail::Inconsistent { class, conflicts }, facts));
    }
    reports
}

/// Classes taken in an NMI and used outside.
pub(super) fn in_nmi<W: Ord + Clone>(facts: &Facts<W>) -> Vec<Report<W>> {
    let mut reports = Vec::new();
    for (&class, known) in &facts.classes {
        // A reader in the NMI minds writers; a writer minds everybody.
        let minded: [(bool, &[UsageBit]); 2] =
            [(false, &[UsageBit::Used, UsageBit::UsedRead]), (true, &[UsageBit::Used])];
        let conflict = minded.into_iter().find_map(|(read, bits)| {
            let inside = known.nmi.get(&read)?;
            let outside = bits.iter().find_map(|&bit| used(known, class, bit, None))?;
            Some(Detail::InNmi { class, outside, read, inside: inside.clone() })
        });
        reports.extend(conflict.map(|detail| Report::new(Kind::IrqUnsafeLock, Verdict::Possible, detail, facts)));
    }
    reports
}

/// A pair of classes joined by a strong path, the first used in an interrupt, the second held with it on.
struct Candidate {
    irq: IrqKind,
    safe: ClassId,
    unsafe_: ClassId,
    /// The shortest path over direct edges, in classes from `safe` to `unsafe_`.
    classes: Vec<ClassId>,
}

/// `irq_lock_order` and `irq_lock_inversion`
pub(super) fn paths<W: Ord + Clone>(facts: &Facts<W>, options: &Options) -> Vec<Report<W>> {
    let passable = |class: ClassId| facts.classes.get(&class).is_none_or(|known| !known.lock.skipped_over_irqs());
    let direct = Graph::new(facts, |from, to, edge| edge.reach <= Reach::PastReaders && passable(from) && passable(to));
    let all = Graph::new(facts, |from, to, _| passable(from) && passable(to));
    let mut candidates: Vec<_> = IrqKind::ALL.into_iter().flat_map(|irq| candidates(facts, &direct, irq)).collect();
    candidates.sort_by(|a, b| (a.classes.len(), a.irq, &a.classes).cmp(&(b.classes.len(), b.irq, &b.classes)));
    let mut distances = BTreeMap::new();
    let mut judged = Judged { told: Vec::new(), reports: Vec::new() };
    let mut notes = Vec::new();
    for candidate in candidates {
        if judged.explains(&candidate) {
            continue;
        }
        let target = all.nodes[&candidate.unsafe_];
        let distances = distances.entry(target).or_insert_with(|| Distances::new(&all, target));
        match judge(facts, options, &all, distances, &candidate) {
            Some(report) if matches!(report.verdict, Verdict::Impossible(_)) => notes.push((candidate, report)),
            Some(report) => judged.tell(&candidate, report),
            None => {}
        }
    }
    for (candidate, report) in notes {
        if !judged.explains(&candidate) {
            judged.tell(&candidate, report);
        }
    }
    judged.reports
}

/// What is told already.
struct Judged<W> {
    told: Vec<(ClassId, ClassId)>,
    reports: Vec<Report<W>>,
}

impl<W> Judged<W> {
    fn explains(&self, candidate: &Candidate) -> bool {
        let on = |class| candidate.classes.contains(class);
        self.told.iter().any(|(safe, unsafe_)| on(safe) && on(unsafe_))
    }

    fn tell(&mut self, candidate: &Candidate, report: Report<W>) {
        self.told.push((candidate.safe, candidate.unsafe_));
        self.reports.push(report);
    }
}

fn candidates<W: Ord + Clone>(facts: &Facts<W>, direct: &Graph<'_, W>, irq: IrqKind) -> Vec<Candidate> {
    let [used, used_read] = [Read::Exclusive, Read::Shared].map(|read| UsageBit::used_in(irq, read));
    let [on, on_read] = [Read::Exclusive, Read::Shared].map(|read| UsageBit::enabled(irq, read));
    let masks: BTreeMap<_, _> = facts.classes.iter().map(|(&class, known)| (class, known.mask())).collect();
    let mask = |class| masks.get(&class).copied().unwrap_or_default();
    let mut candidates = Vec::new();
    for (&safe, &source) in &direct.nodes {
        let safe_mask = mask(safe);
        if !safe_mask.has(used) && !safe_mask.has(used_read) {
            continue;
        }
        let mut known = BTreeSet::new();
        for (node, recursive, path) in reached(direct, source, !safe_mask.has(used)) {
            let end = direct.class(node);
            let interruptible = mask(end).has(on) || (!recursive && mask(end).has(on_read));
            if interruptible && end != safe && known.insert(end) {
                candidates.push(Candidate { irq, safe, unsafe_: end, classes: path });
            }
        }
    }
    candidates
}

/// What strong paths reach, nearest first: where, whether by a recursive reader, and through which classes.
fn reached<W: Ord + Clone>(
    graph: &Graph<'_, W>,
    source: NodeIndex,
    recursive: bool,
) -> Vec<(NodeIndex, bool, Vec<ClassId>)> {
    let mut parents = BTreeMap::from([((source, recursive), None)]);
    let mut queue = VecDeque::from([(source, recursive)]);
    let mut order = Vec::new();
    while let Some(state @ (node, recursive)) = queue.pop_front() {
        order.push(state);
        for edge in graph.graph.edges(node) {
            for kind in edge.weight().kinds().into_iter().rev().filter(|kind| kind.may_follow(recursive)) {
                let next = (edge.target(), kind.is_recursive());
                if let std::collections::btree_map::Entry::Vacant(entry) = parents.entry(next) {
                    entry.insert(Some(state));
                    queue.push_back(next);
                }
            }
        }
    }
    let path = |state| {
        let mut classes: Vec<_> = std::iter::successors(Some(state), |state| parents[state])
            .map(|(node, _): (NodeIndex, bool)| graph.class(node))
            .collect();
        classes.reverse();
        classes
    };
    order.into_iter().map(|state| (state.0, state.1, path(state))).collect()
}

fn judge<W: Ord + Clone>(
    facts: &Facts<W>,
    options: &Options,
    graph: &Graph<'_, W>,
    distances: &Distances,
    candidate: &Candidate,
) -> Option<Report<W>> {
    let Candidate { irq, safe, unsafe_, .. } = *candidate;
    let (safe_facts, unsafe_facts) = (facts.classes.get(&safe)?, facts.classes.get(&unsafe_)?);
    let (safe_mask, unsafe_mask) = (safe_facts.mask(), unsafe_facts.mask());
    let pairs: Vec<Pair> = pairs(irq)
        .into_iter()
        .filter(|&(used_in, enabled)| safe_mask.has(used_in) && unsafe_mask.has(enabled))
        .collect();
    let given: Vec<Given<'_>> = pairs
        .iter()
        .map(|&(used_in, enabled)| Given {
            exclusive: !enabled.is_read(),
            recursive: used_in.is_read(),
            ways: ways(facts, options.overlap, (unsafe_, enabled), (safe, used_in)),
        })
        .collect();
    let (source, target) = (*graph.nodes.get(&safe)?, *graph.nodes.get(&unsafe_)?);
    let search = Search { facts, options, graph, source, target, distances, given: &given };
    let (path, verdict) = match (search.possible(), search.strong()) {
        (Found::Path(path), _) => (path, Verdict::Possible),
        (Found::Exhausted, Found::Path(path)) => (path, Verdict::Unsettled),
        (Found::None, Found::Path(path)) => {
            let (used_in, enabled) = pairs[path.given];
            let why = if given[path.given].ways.is_empty() {
                why_apart(facts, options.overlap, (unsafe_, enabled), (safe, used_in))
            } else {
                search.why_impossible(&path)
            };
            (path, Verdict::Impossible(why))
        }
        (_, Found::None | Found::Exhausted) => return None,
    };
    report(facts, graph, irq, pairs[path.given], &path, verdict, [safe, unsafe_])
}

fn report<W: Ord + Clone>(
    facts: &Facts<W>,
    graph: &Graph<'_, W>,
    irq: IrqKind,
    (used_in, enabled): Pair,
    path: &Path,
    verdict: Verdict,
    [safe, unsafe_]: [ClassId; 2],
) -> Option<Report<W>> {
    let (interrupted, handler) = (path.members.first().copied(), path.members.get(1).copied());
    let used_in = used(facts.classes.get(&safe)?, safe, used_in, handler)?;
    let enabled = used(facts.classes.get(&unsafe_)?, unsafe_, enabled, interrupted)?;
    let links: Vec<_> = path.steps.iter().map(|step: &Step| link(graph, step.edge, step.kind, step.context)).collect();
    // What came last completed it; of equals, an edge.
    let edge = (0..links.len()).max_by(|&a, &b| links[a].evidence.witness.cmp(&links[b].evidence.witness))?;
    let mut last = (&links[edge].evidence.witness, CompletedBy::Edge(edge));
    for (witness, by) in
        [(&used_in.evidence.witness, CompletedBy::UsedIn), (&enabled.evidence.witness, CompletedBy::Enabled)]
    {
        if witness > last.0 {
            last = (witness, by);
        }
    }
    let completed_by = last.1;
    let (kind, other) = match completed_by {
        CompletedBy::Edge(_) => (Kind::IrqLockOrder, Kind::IrqLockInversion),
        CompletedBy::UsedIn | CompletedBy::Enabled => (Kind::IrqLockInversion, Kind::IrqLockOrder),
    };
    let detail = Detail::IrqPath { irq, used_in, enabled, links, completed_by };
    let mut report = Report::new(kind, verdict, detail, facts);
    report.also = vec![other];
    Some(report)
}
