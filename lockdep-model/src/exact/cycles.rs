//! `lock_order`: strong cycles of classes.
//!
//! Invariant: every edge that is part of a strong cycle is part of a reported one, or of one that has a reported one within its classes.
//! A cycle that cannot deadlock is reported, as a note, only where no other says more.

use super::Options;
use super::search::{Distances, Found, Given, Graph, Path, Search, members};
use crate::class::{ClassId, ContextId};
use crate::fact::EdgeKind;
use crate::facts::{EdgeFacts, Facts};
use crate::report::{Detail, Kind, Link, Report, Verdict};
use petgraph::algo::tarjan_scc;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet};

/// A cycle, found through one of its edges.
struct Cycle<W> {
    classes: BTreeSet<ClassId>,
    links: Vec<Link<W>>,
    verdict: Verdict,
}

pub(super) fn cycles<W: Ord + Clone>(facts: &Facts<W>, options: &Options) -> Vec<Report<W>> {
    let all = Graph::new(facts, |_, _, _| true);
    let mut found = BTreeMap::new();
    for component in tarjan_scc(&all.graph).into_iter().filter(|component| component.len() > 1) {
        let members: BTreeSet<ClassId> = component.into_iter().map(|node| all.class(node)).collect();
        let graph = Graph::new(facts, |from, to, _| members.contains(&from) && members.contains(&to));
        for &held in graph.nodes.values() {
            let distances = Distances::new(&graph, held);
            for edge in graph.graph.edges(held) {
                let through = Through { facts, options, graph: &graph, distances: &distances, edge: edge.id() };
                if let Some(cycle) = through.shortest() {
                    let order = cycle.links.iter().map(|link| link.from).collect::<Vec<_>>();
                    // Possible ones before notes, shorter ones before longer ones.
                    let rank = (matches!(cycle.verdict, Verdict::Impossible(_)), order.len(), order);
                    found.entry(rank).or_insert(cycle);
                }
            }
        }
    }
    let mut told = Vec::<BTreeSet<ClassId>>::new();
    let mut reports = Vec::new();
    for cycle in found.into_values() {
        if !told.iter().any(|classes| classes.is_subset(&cycle.classes)) {
            told.push(cycle.classes);
            let detail = Detail::Cycle { links: closing_last(cycle.links) };
            reports.push(Report::new(Kind::LockOrder, cycle.verdict, detail, facts));
        }
    }
    reports
}

/// Turns a cycle until the edge that came last is last.
fn closing_last<W: Ord>(mut links: Vec<Link<W>>) -> Vec<Link<W>> {
    let last = (0..links.len()).max_by(|&a, &b| links[a].evidence.cmp(&links[b].evidence));
    if let Some(last) = last {
        links.rotate_left(last + 1);
    }
    links
}

/// The search for cycles through one edge.
struct Through<'s, 'f, W> {
    facts: &'f Facts<W>,
    options: &'s Options,
    graph: &'s Graph<'f, W>,
    distances: &'s Distances,
    edge: petgraph::graph::EdgeIndex,
}

impl<'f, W: Ord + Clone> Through<'_, 'f, W> {
    /// The shortest cycle that can deadlock; else the shortest strong one, which then is a note.
    fn shortest(&self) -> Option<Cycle<W>> {
        let (held, taken) = self.graph.graph.edge_endpoints(self.edge)?;
        let edge: &'f EdgeFacts<W> = self.graph.graph[self.edge];
        let kinds: Vec<EdgeKind> = edge.kinds().into_iter().rev().collect();
        let given: Vec<Given<'f>> = kinds
            .iter()
            .map(|&kind| Given {
                exclusive: kind.is_exclusive(),
                recursive: kind.is_recursive(),
                ways: members(edge, kind).map(|member| vec![member]).collect(),
            })
            .collect();
        let search = Search {
            facts: self.facts,
            options: self.options,
            graph: self.graph,
            source: taken,
            target: held,
            distances: self.distances,
            given: &given,
        };
        let possible = search.possible();
        let (path, verdict) = match (possible, search.strong()) {
            (Found::Path(path), _) => (path, Verdict::Possible),
            (Found::None, Found::Path(path)) => {
                let why = search.why_impossible(&path);
                (path, Verdict::Impossible(why))
            }
            (Found::Exhausted, Found::Path(path)) => (path, Verdict::Unsettled),
            (_, Found::None | Found::Exhausted) => return None,
        };
        let links = self.links(&path, kinds[path.given]);
        let classes = links.iter().map(|link| link.from).collect();
        Some(Cycle { classes, links, verdict })
    }

    /// The cycle from its least class on.
    fn links(&self, path: &Path, kind: EdgeKind) -> Vec<Link<W>> {
        let mut links = vec![link(self.graph, self.edge, kind, path.members.first().copied())];
        links.extend(path.steps.iter().map(|step| link(self.graph, step.edge, step.kind, step.context)));
        let least = (0..links.len()).min_by_key(|&at| links[at].from).unwrap_or(0);
        links.rotate_left(least);
        links
    }
}

/// An edge of a path, as it was made by this context if one is given.
pub(super) fn link<W: Ord + Clone>(
    graph: &Graph<'_, W>,
    edge: petgraph::graph::EdgeIndex,
    kind: EdgeKind,
    context: Option<ContextId>,
) -> Link<W> {
    let facts = graph.graph[edge];
    let (from, to) = graph.graph.edge_endpoints(edge).expect("an edge of this graph");
    let evidence = facts
        .of_kind(kind)
        .filter(|&(maker, _)| context.is_none_or(|context| context == maker))
        .map(|(_, making)| &making.evidence)
        .min()
        .expect("a path takes an edge only as a kind, and from a context, that made it");
    Link { from: graph.class(from), to: graph.class(to), kind, kinds: facts.kinds(), evidence: evidence.clone() }
}
