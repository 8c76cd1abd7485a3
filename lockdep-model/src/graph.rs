//! The graph of lock dependencies, whichever mode it comes from: what pictures and proc files are drawn from.
//!
//! Invariant: nodes and edges stand in one order that depends only on what was seen: by class in exact mode, by first use in kernel mode.

use crate::class::{ClassId, KeyTable, LockType, Place};
use crate::fact::{EdgeKind, Reach};
use crate::facts::Facts;
use crate::kernel::Kernel;
use crate::report::{Detail, Link, Report};
use crate::usage::UsageMask;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassNode {
    /// Which.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Its type.
    pub lock: LockType,
    /// How it was used.
    pub usage: UsageMask,
    /// The same as the kernel's four characters.
    pub usage_characters: String,
    /// How often it was taken, where that is counted.
    pub ops: Option<u64>,
}

/// A class taken under another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyEdge {
    /// In which ways.
    pub kinds: BTreeSet<EdgeKind>,
    /// The fewest locks down that the held one was.
    pub distance: u16,
    /// Where it was made, each way's first.
    pub places: BTreeSet<Place>,
    /// It is part of a reported cycle, or of a path between an irq-safe and an irq-unsafe class.
    pub reported: bool,
}

/// A sequence of locks held in one interrupt context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainOfClasses {
    /// The interrupt context: bit 0 softirq, bit 1 hard IRQ.
    pub irq_context: u8,
    /// The classes, the oldest first.
    pub classes: Vec<NodeIndex>,
}

/// The graph, and what else the proc files tell.
#[derive(Clone, Debug)]
pub struct LockGraph {
    /// Classes, and which was taken under which.
    pub graph: DiGraph<ClassNode, DependencyEdge>,
    /// The chains.
    pub chains: Vec<ChainOfClasses>,
    /// The most locks held at a time.
    pub max_depth: usize,
    /// Whether the validator is still on.
    pub debug_locks: bool,
}

/// The graph as plain lists, for JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphLists {
    /// The classes.
    pub classes: Vec<ClassNode>,
    /// The edges: from and to, as indices into the classes.
    pub edges: Vec<(usize, usize, DependencyEdge)>,
}

impl LockGraph {
    fn empty() -> Self {
        Self { graph: DiGraph::new(), chains: Vec::new(), max_depth: 0, debug_locks: true }
    }

    fn add(
        &mut self,
        keys: &KeyTable,
        class: ClassId,
        lock: LockType,
        usage: UsageMask,
        ops: Option<u64>,
    ) -> NodeIndex {
        let name = keys.class_name(class);
        self.graph.add_node(ClassNode { class, name, lock, usage, usage_characters: usage.characters(), ops })
    }

    /// The graph that the kernel would have, in the order of classes.
    pub fn from_facts<W: Ord + Clone>(facts: &Facts<W>, keys: &KeyTable) -> Self {
        let mut all = Self::empty();
        all.max_depth = facts.max_depth;
        let mut nodes = BTreeMap::new();
        for (&class, known) in &facts.classes {
            nodes.insert(class, all.add(keys, class, known.lock, known.mask(), None));
        }
        for ((from, to), edge) in facts.edges.iter().filter(|(_, edge)| edge.reach <= Reach::PastReaders) {
            if let (Some(&from), Some(&to)) = (nodes.get(from), nodes.get(to)) {
                let places = edge.makings.values().map(|making| making.evidence.place).collect();
                let edge = DependencyEdge { kinds: edge.kinds(), distance: edge.distance, places, reported: false };
                all.graph.add_edge(from, to, edge);
            }
        }
        for (irq_context, classes) in &facts.chains {
            let classes = classes.iter().filter_map(|class| nodes.get(class).copied()).collect();
            all.chains.push(ChainOfClasses { irq_context: *irq_context, classes });
        }
        all
    }

    /// The kernel's graph.
    pub fn from_kernel<W: Ord + Clone>(kernel: &Kernel<W>, keys: &KeyTable) -> Self {
        let mut all = Self::empty();
        all.max_depth = kernel.max_depth();
        all.debug_locks = kernel.is_on();
        for node in kernel.nodes() {
            all.add(keys, node.class, node.lock, node.usage, Some(node.ops));
        }
        for (from, node) in kernel.nodes().iter().enumerate() {
            for next in &node.after {
                let kinds = next.kinds.keys().copied().collect();
                let places = next.kinds.values().map(|evidence| evidence.place).collect();
                let edge = DependencyEdge { kinds, distance: next.distance, places, reported: false };
                all.graph.add_edge(NodeIndex::new(from), NodeIndex::new(next.to), edge);
            }
        }
        for (chain, nodes) in kernel.chains() {
            let classes = nodes.map(NodeIndex::new).collect();
            all.chains.push(ChainOfClasses { irq_context: chain.irq_context, classes });
        }
        all
    }

    /// Marks the edges that these reports are about; those that only a walk all the way down finds are added.
    pub fn mark<W>(&mut self, reports: &[Report<W>]) {
        let of = |report: &Report<W>| -> Vec<(ClassId, ClassId, BTreeSet<EdgeKind>, Place)> {
            let (Detail::Cycle { links } | Detail::IrqPath { links, .. }) = &report.detail else { return Vec::new() };
            let ends = |link: &Link<W>| (link.from, link.to, link.kinds.clone(), link.evidence.place);
            links.iter().map(ends).collect()
        };
        let nodes: BTreeMap<_, _> = self.graph.node_indices().map(|node| (self.graph[node].class, node)).collect();
        for (from, to, kinds, place) in reports.iter().flat_map(of) {
            let (Some(&from), Some(&to)) = (nodes.get(&from), nodes.get(&to)) else { continue };
            match self.graph.find_edge(from, to) {
                Some(edge) => self.graph[edge].reported = true,
                None => {
                    let edge = DependencyEdge { kinds, distance: 2, places: [place].into(), reported: true };
                    self.graph.add_edge(from, to, edge);
                }
            }
        }
    }

    /// What was taken under a class, in the graph's order.
    pub fn after(&self, node: NodeIndex) -> Vec<(NodeIndex, &DependencyEdge)> {
        let mut edges: Vec<_> = self.graph.edges(node).collect();
        edges.reverse(); // petgraph gives the newest first
        edges.into_iter().map(|edge| (edge.target(), edge.weight())).collect()
    }

    /// The graph as plain lists.
    pub fn lists(&self) -> GraphLists {
        GraphLists {
            classes: self.graph.node_weights().cloned().collect(),
            edges: self
                .graph
                .edge_references()
                .map(|edge| (edge.source().index(), edge.target().index(), edge.weight().clone()))
                .collect(),
        }
    }
}
