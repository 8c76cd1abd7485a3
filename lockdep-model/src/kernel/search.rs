//! The kernel's breadth-first search over the dependency graph.
//!
//! Invariant: a class is looked at once, by the first path that meets it, strong or not: that is the kernel's gap.

use super::{Kernel, Node};
use crate::fact::EdgeKind;
use std::collections::VecDeque;

/// Which way to follow edges.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Forwards,
    Backwards,
}

impl Way {
    /// Whether an edge may not follow a weak one. Going back, the two halves of a kind change places.
    fn starts_weak(self, kind: EdgeKind) -> bool {
        match self {
            Self::Forwards => !kind.is_exclusive(),
            Self::Backwards => kind.is_recursive(),
        }
    }

    /// Whether a class reached by it alone is reached weakly.
    fn ends_weak(self, kind: EdgeKind) -> bool {
        match self {
            Self::Forwards => kind.is_recursive(),
            Self::Backwards => !kind.is_exclusive(),
        }
    }
}

/// One class met in a search.
struct Met {
    node: usize,
    /// Where its parent is, and the kind of the edge from there.
    parent: Option<(usize, EdgeKind)>,
    /// It was reached only by a recursive reader; backwards: only from a shared holder.
    weak: bool,
}

/// A class that was looked for, and the path to it.
pub(super) struct Found {
    /// From the start of the search.
    nodes: Vec<usize>,
    kinds: Vec<EdgeKind>,
}

impl Found {
    /// The class that was found.
    pub(super) fn end(&self) -> usize {
        self.nodes[self.nodes.len() - 1]
    }

    /// The edges of the path as they point.
    pub(super) fn in_order(&self, way: Way) -> Vec<(usize, usize, EdgeKind)> {
        let edges = self.kinds.iter().enumerate();
        match way {
            Way::Forwards => edges.map(|(at, &kind)| (self.nodes[at], self.nodes[at + 1], kind)).collect(),
            Way::Backwards => edges.rev().map(|(at, &kind)| (self.nodes[at + 1], self.nodes[at], kind)).collect(),
        }
    }
}

impl<W: Ord + Clone> Kernel<W> {
    /// The first class met that matches. What `skip` takes is passed by, with all that is behind it.
    pub(super) fn search(
        &self,
        from: usize,
        weak: bool,
        way: Way,
        skip: impl Fn(&Node<W>) -> bool,
        mut matches: impl FnMut(usize, bool) -> bool,
    ) -> Option<Found> {
        let mut met: Vec<Met> = Vec::new();
        let mut accessed = vec![false; self.nodes.len()];
        let mut queue = VecDeque::from([(from, None)]);
        while let Some((node, parent)) = queue.pop_front() {
            if std::mem::replace(&mut accessed[node], true) {
                continue;
            }
            let (weak, parent) = match parent {
                None => (weak, None),
                Some(parent) => match self.follow(&met, parent, node, way) {
                    None => continue, // seen, and never looked at again, though another path could be strong
                    Some((weak, kind)) => (weak, Some((parent, kind))),
                },
            };
            if skip(&self.nodes[node]) {
                continue;
            }
            met.push(Met { node, parent, weak });
            let at = met.len() - 1;
            if matches(node, weak) {
                return Some(path(&met, at));
            }
            match way {
                Way::Forwards => queue.extend(self.nodes[node].after.iter().map(|next| (next.to, Some(at)))),
                Way::Backwards => queue.extend(self.nodes[node].before.iter().map(|&next| (next, Some(at)))),
            }
        }
        None
    }

    /// Whether a strong path goes on from `met[parent]` to this node: how it is reached then, and by which kind of edge.
    fn follow(&self, met: &[Met], parent: usize, node: usize, way: Way) -> Option<(bool, EdgeKind)> {
        let before = &met[parent];
        let (from, to) = match way {
            Way::Forwards => (before.node, node),
            Way::Backwards => (node, before.node),
        };
        let edge = self.nodes[from].after.iter().find(|edge| edge.to == to)?;
        let usable = || edge.kinds.keys().copied().filter(|&kind| !(before.weak && way.starts_weak(kind)));
        let weak = usable().all(|kind| way.ends_weak(kind));
        let kind = usable().filter(|&kind| weak || !way.ends_weak(kind)).max()?;
        Some((weak, kind))
    }
}

fn path(met: &[Met], end: usize) -> Found {
    let mut nodes = vec![met[end].node];
    let mut kinds = Vec::new();
    let mut at = end;
    while let Some((parent, kind)) = met[at].parent {
        nodes.push(met[parent].node);
        kinds.push(kind);
        at = parent;
    }
    nodes.reverse();
    kinds.reverse();
    Found { nodes, kinds }
}
