//! The graph as Graphviz reads it: classes with their usage, edges with their kinds, what is reported in red.
//!
//! Invariant: equal graphs give equal bytes.

use crate::graph::LockGraph;
use petgraph::visit::EdgeRef;
use std::fmt::Write;

/// The graph in the DOT language. `place` gives the words for a place, or nothing.
pub fn dot(graph: &LockGraph, place: impl Fn(crate::class::Place) -> Option<String>) -> String {
    let mut text = "digraph lockdep {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n".to_owned();
    let reported = |node| graph.graph.edges(node).any(|edge| edge.weight().reported);
    for node in graph.graph.node_indices() {
        let class = &graph.graph[node];
        let color = if reported(node) { ", color=red" } else { "" };
        let label = format!("{}\\n{{{}}}", escaped(&class.name), class.usage_characters);
        let _ = writeln!(text, "  n{} [label=\"{label}\"{color}];", node.index());
    }
    for edge in graph.graph.edge_references() {
        let kinds: Vec<_> = edge.weight().kinds.iter().map(|kind| kind.name()).collect();
        let mut label = kinds.join(" ");
        for words in edge.weight().places.iter().filter_map(|&at| place(at)) {
            label += &format!("\\n{}", escaped(&words));
        }
        let color = if edge.weight().reported { ", color=red, fontcolor=red" } else { "" };
        let (from, to) = (edge.source().index(), edge.target().index());
        let _ = writeln!(text, "  n{from} -> n{to} [label=\"{label}\"{color}];");
    }
    text.push_str("}\n");
    text
}

fn escaped(words: &str) -> String {
    words.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
