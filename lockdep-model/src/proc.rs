//! The texts of `/proc/lockdep`, `/proc/lockdep_chains` and `/proc/lockdep_stats`, in the layout of 6.12.
//!
//! Invariant: where the kernel prints the address of a key, this prints the key's number and subclass in the same width, so that two
//! texts of the same locks are equal.

use crate::class::ClassId;
use crate::fact::EdgeKind;
use crate::graph::LockGraph;
use crate::usage::{UsageBit, UsageMask};
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use std::collections::VecDeque;
use std::fmt::Write;

/// `MAX_LOCKDEP_KEYS`, `MAX_LOCKDEP_ENTRIES`, `MAX_LOCKDEP_CHAINS`, `MAX_LOCKDEP_CHAIN_HLOCKS`.
const MAXIMA: [u64; 4] = [8192, 1 << 15, 1 << 16, 5 << 16];

fn key(class: ClassId) -> String {
    format!("{:016x}", u64::from(class.key.0) << 3 | u64::from(class.subclass))
}

/// How many classes strong paths reach from here, itself included, as the kernel counts them: a class counts by the first path that meets it.
fn reached(graph: &LockGraph, from: NodeIndex, way: Direction) -> usize {
    let weak_start =
        |kind: EdgeKind| if way == Direction::Outgoing { !kind.is_exclusive() } else { kind.is_recursive() };
    let weak_end = |kind: EdgeKind| if way == Direction::Outgoing { kind.is_recursive() } else { !kind.is_exclusive() };
    let mut met = vec![false; graph.graph.node_count()];
    let mut queue = VecDeque::from([(from, false)]);
    let mut count = 0;
    met[from.index()] = true;
    while let Some((node, weak)) = queue.pop_front() {
        count += 1;
        let mut walker = graph.graph.neighbors_directed(node, way).detach();
        while let Some((edge, next)) = walker.next(&graph.graph) {
            if std::mem::replace(&mut met[next.index()], true) {
                continue;
            }
            let usable = || graph.graph[edge].kinds.iter().filter(|&&kind| !(weak && weak_start(kind)));
            if usable().next().is_some() {
                queue.push_back((next, usable().all(|&kind| weak_end(kind))));
            }
        }
    }
    count
}

/// `/proc/lockdep`
pub fn lockdep(graph: &LockGraph) -> String {
    let mut text = "all lock classes:\n".to_owned();
    for node in graph.graph.node_indices() {
        let class = &graph.graph[node];
        text += &key(class.class);
        if let Some(ops) = class.ops {
            let _ = write!(text, " OPS:{ops:8}");
        }
        let forwards = reached(graph, node, Direction::Outgoing);
        let backwards = reached(graph, node, Direction::Incoming);
        let _ = writeln!(text, " FD:{forwards:5} BD:{backwards:5} {}: {}", class.usage_characters, class.name);
        for (next, edge) in graph.after(node) {
            if edge.distance == 1 {
                let next = &graph.graph[next];
                let _ = writeln!(text, " -> [{}] {}", key(next.class), next.name);
            }
        }
        text.push('\n');
    }
    text
}

/// `/proc/lockdep_chains`
pub fn lockdep_chains(graph: &LockGraph) -> String {
    let mut text = "all lock chains:\n".to_owned();
    for chain in &graph.chains {
        let context = ["0", "softirq", "hardirq", "hardirq-softirq"][usize::from(chain.irq_context & 3)];
        let _ = writeln!(text, "irq_context: {context}");
        for &node in &chain.classes {
            let class = &graph.graph[node];
            let _ = writeln!(text, "[{}] {}", key(class.class), class.name);
        }
        text.push('\n');
    }
    text
}

/// `/proc/lockdep_stats`, of the lines that tell of locks; those about the tables of a running kernel (stack traces, queues, zapped classes)
/// have no counterpart here.
pub fn lockdep_stats(graph: &LockGraph) -> String {
    let masks: Vec<UsageMask> = graph.graph.node_weights().map(|class| class.usage).collect();
    let with = |bits: &[UsageBit]| masks.iter().filter(|mask| bits.iter().any(|&bit| mask.has(bit))).count() as u64;
    let chains = |of: fn(u8) -> bool| graph.chains.iter().filter(|chain| of(chain.irq_context)).count() as u64;
    let entries = 2 * graph.graph.edge_count() as u64; // each edge is on two lists
    let indirect: usize = graph.graph.node_indices().map(|node| reached(graph, node, Direction::Outgoing)).sum();
    let hardirq_safe = with(&[UsageBit::UsedInHardirq]);
    let hardirq_unsafe = with(&[UsageBit::EnabledHardirq]);
    let irq_safe = with(&[UsageBit::UsedInHardirq, UsageBit::UsedInSoftirq]);
    let irq_unsafe = with(&[UsageBit::EnabledHardirq, UsageBit::EnabledSoftirq]);
    let in_hardirq = chains(|context| context & 2 != 0);
    let in_softirq = chains(|context| context == 1);
    let in_process = chains(|context| context == 0);
    let hlocks: usize = graph.chains.iter().map(|chain| chain.classes.len()).sum();
    let [max_keys, max_entries, max_chains, max_hlocks] = MAXIMA;

    let mut text = String::new();
    let mut line = |name: &str, value: u64, max: Option<u64>| {
        let name = format!("{name}:");
        let max = max.map_or(String::new(), |max| format!(" [max: {max}]"));
        let _ = writeln!(text, " {name:<30} {value:11}{max}");
    };
    line("lock-classes", masks.len() as u64, Some(max_keys));
    line("direct dependencies", entries, Some(max_entries));
    line("indirect dependencies", indirect as u64, None);
    line("all direct dependencies", irq_unsafe * irq_safe + hardirq_unsafe * hardirq_safe + entries, None);
    line("dependency chains", graph.chains.len() as u64, Some(max_chains));
    line("dependency chain hlocks used", hlocks as u64, Some(max_hlocks));
    line("dependency chain hlocks lost", 0, None);
    line("in-hardirq chains", in_hardirq, None);
    line("in-softirq chains", in_softirq, None);
    line("in-process chains", in_process, None);
    line("combined max dependencies", (in_hardirq + 1) * (in_softirq + 1) * (in_process + 1), None);
    line("hardirq-safe locks", hardirq_safe, None);
    line("hardirq-unsafe locks", hardirq_unsafe, None);
    line("softirq-safe locks", with(&[UsageBit::UsedInSoftirq]), None);
    line("softirq-unsafe locks", with(&[UsageBit::EnabledSoftirq]), None);
    line("irq-safe locks", irq_safe, None);
    line("irq-unsafe locks", irq_unsafe, None);
    line("hardirq-read-safe locks", with(&[UsageBit::UsedInHardirqRead]), None);
    line("hardirq-read-unsafe locks", with(&[UsageBit::EnabledHardirqRead]), None);
    line("softirq-read-safe locks", with(&[UsageBit::UsedInSoftirqRead]), None);
    line("softirq-read-unsafe locks", with(&[UsageBit::EnabledSoftirqRead]), None);
    line("irq-read-safe locks", with(&[UsageBit::UsedInHardirqRead, UsageBit::UsedInSoftirqRead]), None);
    line("irq-read-unsafe locks", with(&[UsageBit::EnabledHardirqRead, UsageBit::EnabledSoftirqRead]), None);
    let only_used = UsageMask::NONE.with(UsageBit::Used);
    line("uncategorized locks", masks.iter().filter(|&&mask| mask == only_used).count() as u64, None);
    line("unused locks", masks.iter().filter(|mask| mask.is_empty()).count() as u64, None);
    line("max locking depth", graph.max_depth as u64, None);
    line("debug_locks", u64::from(graph.debug_locks), None);
    text
}
