//! The search for the shortest strong path that closes a cycle, over (class, reached only by a recursive reader); and for the shortest of
//! which the parts can be under way at the same time.
//!
//! Invariant: a path that is given is simple (no class twice) and strong, and so is the cycle that it closes.

use super::{Options, Overlap};
use crate::class::{ClassId, ContextId, InstanceId};
use crate::fact::EdgeKind;
use crate::facts::{EdgeFacts, Facts};
use crate::report::Impossible;
use petgraph::Direction;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, VecDeque};

/// The kinds, those that allow most first.
const KINDS: [EdgeKind; 4] = [EdgeKind::En, EdgeKind::Sn, EdgeKind::Er, EdgeKind::Sr];

/// The graph of classes.
pub(super) struct Graph<'f, W> {
    pub(super) graph: DiGraph<ClassId, &'f EdgeFacts<W>>,
    pub(super) nodes: BTreeMap<ClassId, NodeIndex>,
}

impl<'f, W: Ord + Clone> Graph<'f, W> {
    /// The edges that `keep` keeps, but those from a class to itself: recursion is told of by itself.
    pub(super) fn new(facts: &'f Facts<W>, keep: impl Fn(ClassId, ClassId, &EdgeFacts<W>) -> bool) -> Self {
        let mut graph = DiGraph::new();
        let mut nodes = BTreeMap::new();
        // petgraph lists the newest edge of a node first: added backwards, they come in ascending order.
        for (&(from, to), edge) in facts.edges.iter().rev() {
            if from != to && keep(from, to, edge) {
                let [a, b] = [from, to].map(|class| *nodes.entry(class).or_insert_with(|| graph.add_node(class)));
                graph.add_edge(a, b, edge);
            }
        }
        Self { graph, nodes }
    }

    pub(super) fn class(&self, node: NodeIndex) -> ClassId {
        self.graph[node]
    }
}

/// One context's part in a cycle, and the gates that it holds.
#[derive(Clone, Copy)]
pub(super) struct Member<'f> {
    pub(super) context: ContextId,
    pub(super) gates: &'f [InstanceId],
}

impl Member<'_> {
    fn goes_with<W>(&self, other: &Self, facts: &Facts<W>, overlap: Overlap) -> bool {
        overlap.holds(facts, self.context, other.context)
            && !self.gates.iter().any(|gate| other.gates.binary_search(gate).is_ok())
    }
}

/// The part of a cycle that is given: from the path's target, held, back to its source, taken.
pub(super) struct Given<'f> {
    /// The target is held exclusive.
    pub(super) exclusive: bool,
    /// The source is taken by a recursive reader.
    pub(super) recursive: bool,
    /// The ways in which it was made, by one context or (through an interrupt) two.
    pub(super) ways: Vec<Vec<Member<'f>>>,
}

/// One step of a path; whose, where that matters.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) edge: EdgeIndex,
    pub(super) kind: EdgeKind,
    pub(super) context: Option<ContextId>,
}

/// A path that closes a cycle.
#[derive(Clone)]
pub(super) struct Path {
    /// Which of the given parts it closes.
    pub(super) given: usize,
    /// Whose way of it, where that matters.
    pub(super) members: Vec<ContextId>,
    /// The steps.
    pub(super) steps: Vec<Step>,
}

/// What a search found.
pub(super) enum Found {
    /// The shortest.
    Path(Path),
    /// There is none.
    None,
    /// None among as many as were looked at.
    Exhausted,
}

/// For each class and way to be reached (not, or only, by a recursive reader): how many strong steps it is at least from the target.
pub(super) struct Distances {
    to_exclusive: Vec<[u32; 2]>,
    to_shared: Vec<[u32; 2]>,
}

const FAR: u32 = u32::MAX;

impl Distances {
    pub(super) fn new<W>(graph: &Graph<'_, W>, target: NodeIndex) -> Self
    where
        W: Ord + Clone,
    {
        Self { to_exclusive: distances(graph, target, true), to_shared: distances(graph, target, false) }
    }

    fn to(&self, exclusive: bool) -> &[[u32; 2]] {
        if exclusive { &self.to_exclusive } else { &self.to_shared }
    }
}

fn distances<W: Ord + Clone>(graph: &Graph<'_, W>, target: NodeIndex, exclusive: bool) -> Vec<[u32; 2]> {
    let mut distance = vec![[FAR; 2]; graph.graph.node_count()];
    let mut queue = VecDeque::new();
    // The target may be reached by a recursive reader only if it is held exclusive.
    for recursive in if exclusive { &[false, true][..] } else { &[false] } {
        distance[target.index()][usize::from(*recursive)] = 0;
        queue.push_back((target, *recursive));
    }
    while let Some((node, recursive)) = queue.pop_front() {
        let next = distance[node.index()][usize::from(recursive)] + 1;
        for edge in graph.graph.edges_directed(node, Direction::Incoming) {
            for kind in edge.weight().kinds().into_iter().filter(|kind| kind.is_recursive() == recursive) {
                for before in [false, true] {
                    let at = &mut distance[edge.source().index()][usize::from(before)];
                    if *at == FAR && kind.may_follow(before) {
                        *at = next;
                        queue.push_back((edge.source(), before));
                    }
                }
            }
        }
    }
    distance
}

/// What is looked for: paths from `source` to `target` that close one of the given parts.
pub(super) struct Search<'s, 'f, W> {
    pub(super) facts: &'f Facts<W>,
    pub(super) options: &'s Options,
    pub(super) graph: &'s Graph<'f, W>,
    pub(super) source: NodeIndex,
    pub(super) target: NodeIndex,
    pub(super) distances: &'s Distances,
    pub(super) given: &'s [Given<'f>],
}

impl<'f, W: Ord + Clone> Search<'_, 'f, W> {
    /// The shortest strong path, whoever made its edges.
    pub(super) fn strong(&self) -> Found {
        self.run(false)
    }

    /// The shortest strong path of which all parts can be under way at the same time.
    pub(super) fn possible(&self) -> Found {
        self.run(true)
    }

    fn run(&self, whose: bool) -> Found {
        let least = self.given.iter().map(|given| self.least(given)).min().unwrap_or(FAR);
        if least == FAR {
            return Found::None;
        }
        let mut effort = self.options.effort;
        for length in least..self.graph.graph.node_count() as u32 {
            for (at, given) in self.given.iter().enumerate() {
                let none = Vec::new();
                let ways = if whose { given.ways.iter() } else { std::slice::from_ref(&none).iter() };
                for way in ways {
                    let mut walk = Walk {
                        search: self,
                        distance: self.distances.to(given.exclusive),
                        whose,
                        visited: vec![false; self.graph.graph.node_count()],
                        members: way.clone(),
                        steps: Vec::new(),
                        effort,
                    };
                    walk.visited[self.source.index()] = true;
                    if walk.extend(self.source, given.recursive, length) {
                        let members = way.iter().map(|member| member.context).collect();
                        return Found::Path(Path { given: at, members, steps: walk.steps });
                    }
                    effort = walk.effort;
                    if effort == 0 {
                        return Found::Exhausted;
                    }
                }
            }
        }
        Found::None
    }

    fn least(&self, given: &Given<'f>) -> u32 {
        self.distances.to(given.exclusive)[self.source.index()][usize::from(given.recursive)]
    }

    /// Why no choice among the ways to make this path goes together.
    pub(super) fn why_impossible(&self, path: &Path) -> Impossible {
        let mut parts = vec![self.given[path.given].ways.clone()];
        for step in &path.steps {
            let facts = self.graph.graph[step.edge];
            parts.push(members(facts, step.kind).map(|member| vec![member]).collect());
        }
        let contexts = |part: &Vec<Vec<Member<'_>>>| part.iter().flatten().map(|m| m.context).collect::<Vec<_>>();
        let mut all: Vec<_> = parts.iter().flat_map(contexts).collect();
        all.sort_unstable();
        all.dedup();
        if let [context] = all[..]
            && self.options.overlap != Overlap::Anyone
        {
            return Impossible::OneContext { context };
        }
        let timely = |a: &Member<'_>, b: &Member<'_>| self.options.overlap.holds(self.facts, a.context, b.context);
        let mut chosen = Vec::new();
        if !choose(&parts, &mut chosen, &timely) {
            return Impossible::NeverTogether;
        }
        // A gate is what two of them hold.
        let mut held: Vec<_> = chosen.iter().flat_map(|member| member.gates).copied().collect();
        held.sort_unstable();
        let mut locks: Vec<_> = held.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
        locks.dedup();
        Impossible::Gate { locks }
    }
}

/// The contexts that made an edge as this kind, once for each set of gates.
pub(super) fn members<W: Ord + Clone>(facts: &EdgeFacts<W>, kind: EdgeKind) -> impl Iterator<Item = Member<'_>> {
    facts.of_kind(kind).flat_map(|(context, making)| making.gates.iter().map(move |gates| Member { context, gates }))
}

/// Chooses a way for each part such that any two members go together.
fn choose<'f>(
    parts: &[Vec<Vec<Member<'f>>>],
    chosen: &mut Vec<Member<'f>>,
    together: &impl Fn(&Member<'f>, &Member<'f>) -> bool,
) -> bool {
    let Some((part, rest)) = parts.split_first() else { return true };
    for way in part {
        let before = chosen.len();
        if way.iter().all(|member| chosen.iter().all(|other| together(member, other))) {
            chosen.extend(way);
            if choose(rest, chosen, together) {
                return true;
            }
            chosen.truncate(before);
        }
    }
    false
}

/// A depth-first walk over simple strong paths of one length.
struct Walk<'w, 's, 'f, W> {
    search: &'w Search<'s, 'f, W>,
    distance: &'w [[u32; 2]],
    whose: bool,
    visited: Vec<bool>,
    members: Vec<Member<'f>>,
    steps: Vec<Step>,
    effort: u32,
}

impl<'f, W: Ord + Clone> Walk<'_, '_, 'f, W> {
    fn extend(&mut self, node: NodeIndex, recursive: bool, left: u32) -> bool {
        if left == 0 {
            return node == self.search.target; // how it may be reached, the distances have seen to
        }
        let graph = &self.search.graph.graph;
        for edge in graph.edges(node) {
            let to = edge.target();
            if self.visited[to.index()] || (to == self.search.target) != (left == 1) {
                continue;
            }
            let facts: &'f EdgeFacts<W> = graph[edge.id()];
            for kind in KINDS {
                let reachable = self.distance[to.index()][usize::from(kind.is_recursive())] < left;
                if !reachable || !kind.may_follow(recursive) {
                    continue;
                }
                if self.whose {
                    for member in members(facts, kind) {
                        if self.take(edge.id(), to, kind, Some(member), left) {
                            return true;
                        }
                    }
                } else if facts.of_kind(kind).next().is_some() && self.take(edge.id(), to, kind, None, left) {
                    return true;
                }
            }
        }
        false
    }

    fn take(&mut self, edge: EdgeIndex, to: NodeIndex, kind: EdgeKind, member: Option<Member<'f>>, left: u32) -> bool {
        if self.effort == 0 {
            return false;
        }
        self.effort -= 1;
        if let Some(member) = member {
            let overlap = self.search.options.overlap;
            if !self.members.iter().all(|other| member.goes_with(other, self.search.facts, overlap)) {
                return false;
            }
            self.members.push(member);
        }
        self.visited[to.index()] = true;
        self.steps.push(Step { edge, kind, context: member.map(|member| member.context) });
        if self.extend(to, kind.is_recursive(), left - 1) {
            return true;
        }
        self.steps.pop();
        self.visited[to.index()] = false;
        if member.is_some() {
            self.members.pop();
        }
        false
    }
}
