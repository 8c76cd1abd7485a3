//! The graph of lock classes as it is drawn: boxes with their usage, edges with the places that made them, in red what can go wrong.
//!
//! Invariant: made of what a search learnt alone, in the order of classes; SVG, DOT and JSON are drawn from this and say the same.

use lockdep_model::class::{ClassId, LockType, Read};
use lockdep_model::fact::EdgeKind;
use lockdep_model::facts::Evidence;
use lockdep_model::graph::LockGraph;
use lockdep_model::report::{Detail, Report, Use, Verdict};
use lockdep_model::usage::{IrqKind, UsageBit, UsageMask};
use petgraph::visit::EdgeRef;
use serde::Serialize;
use sim_core::check::{LockFacts, Witness};
use sim_core::machine::Machine;
use std::collections::{BTreeMap, BTreeSet};

/// A class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub lock: &'static str,
    /// `{-.+?}`
    pub usage: String,
    /// What the usage says.
    pub safety: Vec<String>,
    /// It is part of what can go wrong.
    pub reported: bool,
}

/// Where an edge was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Making {
    /// How: `EN` and its kin. None for an interrupt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// By whom.
    pub context: String,
    /// In which file.
    pub file: String,
    /// In which line.
    pub line: u32,
}

/// Why one class is waited for while another is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The code takes it there.
    Taken,
    /// An interrupt comes in there, whose handler takes it.
    Interrupt,
}

/// One class waited for while another is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// The class held.
    pub from: usize,
    /// The class waited for.
    pub to: usize,
    /// Why.
    pub why: Why,
    /// Who made it where.
    pub made: Vec<Making>,
    /// It is part of what can go wrong.
    pub reported: bool,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// The classes.
    pub classes: Vec<Class>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// What is wrong: stable names and sentences.
    pub findings: Vec<String>,
}

impl Picture {
    /// Of what a search learnt.
    pub fn new(machine: &Machine, locks: &LockFacts, graph: &LockGraph) -> Self {
        let source = Source { machine };
        let wrong: Vec<&Report<Witness>> =
            locks.reports.iter().filter(|report| !matches!(report.verdict, Verdict::Impossible(_))).collect();
        let named: BTreeSet<ClassId> = wrong.iter().flat_map(|report| report.detail.classes()).collect();
        let classes = graph.graph.node_weights().map(|class| Class {
            name: class.name.clone(),
            lock: type_name(class.lock),
            usage: format!("{{{}}}", class.usage_characters),
            safety: safety(class.usage),
            reported: named.contains(&class.class),
        });
        let at: BTreeMap<ClassId, usize> =
            graph.graph.node_indices().map(|node| (graph.graph[node].class, node.index())).collect();
        let mut edges = Vec::new();
        let cyclic = wrong_edges(&wrong);
        for edge in graph.graph.edge_references() {
            let ends = (graph.graph[edge.source()].class, graph.graph[edge.target()].class);
            let made = locks.facts.edges.get(&ends).map(|facts| {
                let made = facts.makings.iter().map(|(&(kind, _), making)| source.making(Some(kind), &making.evidence));
                made.collect::<BTreeSet<_>>().into_iter().collect()
            });
            edges.push(Edge {
                from: edge.source().index(),
                to: edge.target().index(),
                why: Why::Taken,
                made: made.unwrap_or_default(),
                reported: cyclic.contains(&ends),
            });
        }
        edges.extend(interrupts(&source, &wrong, &at));
        edges.sort_by_key(|edge| (edge.from, edge.to, edge.why));
        let findings = locks.reports.iter().map(|report| {
            let names: Vec<String> =
                report.detail.classes().into_iter().map(|class| locks.keys.class_name(class)).collect();
            let cannot = if matches!(report.verdict, Verdict::Impossible(_)) { " (cannot come to pass)" } else { "" };
            format!("{}: {}{cannot}", report.kind.name(), names.join(", "))
        });
        Self { classes: classes.collect(), edges, findings: findings.collect() }
    }
}

struct Source<'a> {
    machine: &'a Machine,
}

impl Source<'_> {
    fn making(&self, kind: Option<EdgeKind>, evidence: &Evidence<Witness>) -> Making {
        let source = &self.machine.program().source;
        let span = source.span(evidence.place.0);
        Making {
            kind: kind.map(EdgeKind::name),
            context: self.machine.name(evidence.context.0 as usize).to_owned(),
            file: source.files[span.file as usize].name.clone(),
            line: source.line_column(span.file, span.lo).0 as u32,
        }
    }
}

/// The edges of all cycles and paths that can come to pass.
fn wrong_edges(wrong: &[&Report<Witness>]) -> BTreeSet<(ClassId, ClassId)> {
    let links = wrong.iter().flat_map(|report| match &report.detail {
        Detail::Cycle { links } | Detail::IrqPath { links, .. } => links.as_slice(),
        _ => &[],
    });
    links.map(|link| (link.from, link.to)).collect()
}

/// The edges that interrupts make: from a class that is held with them on to one that their handlers take, where that closes a cycle.
fn interrupts(source: &Source<'_>, wrong: &[&Report<Witness>], at: &BTreeMap<ClassId, usize>) -> Vec<Edge> {
    let mut all: BTreeMap<(usize, usize), BTreeSet<Making>> = BTreeMap::new();
    let mut add = |enabled: &Use<Witness>, used_in: &Use<Witness>| {
        if let (Some(&from), Some(&to)) = (at.get(&enabled.class), at.get(&used_in.class)) {
            all.entry((from, to)).or_default().insert(source.making(None, &used_in.evidence));
        }
    };
    for report in wrong {
        match &report.detail {
            Detail::IrqPath { used_in, enabled, .. } => add(enabled, used_in),
            Detail::Inconsistent { conflicts, .. } => {
                conflicts.iter().for_each(|(used_in, enabled)| add(enabled, used_in));
            }
            _ => {}
        }
    }
    let edge = |((from, to), made): ((usize, usize), BTreeSet<Making>)| Edge {
        from,
        to,
        why: Why::Interrupt,
        made: made.into_iter().collect(),
        reported: true,
    };
    all.into_iter().map(edge).collect()
}

/// What the usage bits say, in the words that kernel developers use.
fn safety(usage: UsageMask) -> Vec<String> {
    let mut words = Vec::new();
    for (irq, name) in [(IrqKind::Hard, "hardirq"), (IrqKind::Soft, "softirq")] {
        let any = |of: fn(IrqKind, Read) -> UsageBit| {
            [Read::Exclusive, Read::Shared].into_iter().any(|read| usage.has(of(irq, read)))
        };
        match (any(UsageBit::used_in), any(UsageBit::enabled)) {
            (true, true) => words.push(format!("{name}: used in and interruptible")),
            (true, false) => words.push(format!("{name}-safe")),
            (false, true) => words.push(format!("{name}-unsafe")),
            (false, false) => {}
        }
    }
    words
}

fn type_name(lock: LockType) -> &'static str {
    match lock {
        LockType::RawSpin => "raw_spinlock_t",
        LockType::Spin => "spinlock_t",
        LockType::RwLock => "rwlock_t",
        LockType::Mutex => "mutex",
        LockType::RwSem => "rw_semaphore",
        LockType::RtMutex => "rt_mutex",
        LockType::WwMutex => "ww_mutex",
        LockType::PercpuRwSem => "percpu_rw_semaphore",
        LockType::LocalLock => "local_lock_t",
        LockType::Rcu | LockType::RcuSched => "RCU",
        LockType::Srcu => "srcu_struct",
        LockType::SeqCount => "seqcount_t",
        LockType::Map | LockType::WaitOverride(_) | LockType::Unknown => "lockdep map",
    }
}
