//! Exact mode against brute force: every simple path of small random graphs, with every choice of who made each edge.

use lockdep_model::class::{ClassId, ContextId, InstanceId, KeyId, LockType, Place, Read};
use lockdep_model::exact::{Options, check};
use lockdep_model::fact::{At, EdgeKind, Fact, Reach};
use lockdep_model::facts::Facts;
use lockdep_model::held::{HeldLock, IrqState};
use lockdep_model::report::{Detail, Kind, Verdict};
use lockdep_model::usage::{IrqKind, UsageBit};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Who did something, and which of the gates 0 to 2 it held (as bits).
#[derive(Clone, Copy, Debug)]
struct Who {
    context: u32,
    gates: u8,
}

impl Who {
    fn goes_with(self, other: Self) -> bool {
        self.context != other.context && self.gates & other.gates == 0
    }
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    from: u32,
    to: u32,
    kind: EdgeKind,
    who: Who,
}

#[derive(Clone, Copy, Debug)]
struct Used {
    class: u32,
    bit: UsageBit,
    who: Who,
}

const CLASSES: u32 = 5;

fn who() -> impl Strategy<Value = Who> {
    (0..4_u32, 0..8_u8, any::<bool>())
        .prop_map(|(context, gates, gated)| Who { context, gates: if gated { gates } else { 0 } })
}

fn edges() -> impl Strategy<Value = Vec<Edge>> {
    let edge = (0..CLASSES, 1..CLASSES, prop::sample::select(EdgeKind::ALL.to_vec()), who());
    let edge = edge.prop_map(|(from, by, kind, who)| Edge { from, to: (from + by) % CLASSES, kind, who });
    prop::collection::vec(edge, 0..14)
}

fn uses() -> impl Strategy<Value = Vec<Used>> {
    let used = (0..CLASSES, prop::sample::select(UsageBit::ALL[..4].to_vec()), who());
    prop::collection::vec(used.prop_map(|(class, bit, who)| Used { class, bit, who }), 0..6)
}

fn class(n: u32) -> ClassId {
    ClassId::new(KeyId(n))
}

fn facts(edges: &[Edge], uses: &[Used]) -> Facts<u32> {
    let mut facts = Facts::new();
    let mut witness = 0;
    let mut add = |fact, who: Who| {
        let gate = |n: u8| HeldLock {
            class: class(100),
            lock: LockType::Mutex,
            instance: InstanceId(n.into()),
            read: Read::Exclusive,
            trylock: false,
            check: true,
            sync: false,
            irq_context: 0,
            hardirqs_off: false,
            nest_lock: None,
            references: 0,
            pins: 0,
            place: Place(0),
        };
        let held: Vec<_> = (0..3).filter(|n| who.gates >> n & 1 == 1).map(gate).collect();
        let context = ContextId(who.context);
        witness += 1;
        facts.add(fact, &At { context, irq: IrqState::TASK, held: &held, lock: None, place: Place(0) }, &witness);
    };
    for edge in edges {
        let (from, to) = (class(edge.from), class(edge.to));
        add(Fact::Edge { from, to, kind: edge.kind, reach: Reach::Kernel, distance: 1 }, edge.who);
    }
    for used in uses {
        add(Fact::Usage { class: class(used.class), lock: LockType::Spin, bit: used.bit }, used.who);
    }
    facts
}

/// What brute force knows of the ways to get from a class to another: through which classes, and whether strongly and by contexts that go
/// together.
struct Ways<'e> {
    edges: &'e [Edge],
    /// Each simple path: its classes, and whether some choice of its edges is possible.
    found: Vec<(Vec<u32>, bool)>,
}

impl<'e> Ways<'e> {
    /// All simple strong paths. The first class was taken `recursive`ly or not; the last is held `exclusive` or not; the members are taken.
    fn all(edges: &'e [Edge], from: u32, to: u32, (recursive, exclusive): (bool, bool), members: &[Who]) -> Self {
        let mut ways = Self { edges, found: Vec::new() };
        let together = (0..members.len()).all(|a| (0..a).all(|b| members[a].goes_with(members[b])));
        ways.walk(&mut vec![from], to, recursive, exclusive, &mut members.to_vec(), together);
        ways
    }

    fn walk(
        &mut self,
        path: &mut Vec<u32>,
        to: u32,
        recursive: bool,
        exclusive: bool,
        members: &mut Vec<Who>,
        together: bool,
    ) {
        let at = path[path.len() - 1];
        if at == to {
            if !recursive || exclusive {
                self.found.push((path.clone(), together));
            }
            return;
        }
        for edge in self.edges.iter().filter(|edge| edge.from == at) {
            if path.contains(&edge.to) || (recursive && !edge.kind.is_exclusive()) {
                continue;
            }
            let still = together && members.iter().all(|other| edge.who.goes_with(*other));
            path.push(edge.to);
            members.push(edge.who);
            self.walk(path, to, edge.kind.is_recursive(), exclusive, members, still);
            members.pop();
            path.pop();
        }
    }
}

/// All strong cycles: the classes from the least on, and whether it is possible.
fn cycles(edges: &[Edge]) -> Vec<(Vec<u32>, bool)> {
    let mut cycles = Vec::new();
    for closing in edges {
        let ends = (closing.kind.is_recursive(), closing.kind.is_exclusive());
        let ways = Ways::all(edges, closing.to, closing.from, ends, &[closing.who]);
        for (mut path, possible) in ways.found {
            let least = (0..path.len()).min_by_key(|&at| path[at]).unwrap_or(0);
            path.rotate_left(least);
            cycles.push((path, possible));
        }
    }
    cycles.sort();
    cycles.dedup();
    cycles
}

fn has_edge(cycle: &[u32], from: u32, to: u32) -> bool {
    (0..cycle.len()).any(|at| cycle[at] == from && cycle[(at + 1) % cycle.len()] == to)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cycles_are_those_of_brute_force(edges in edges()) {
        let all = cycles(&edges);
        let reports = check(&facts(&edges, &[]), &Options::default());
        let mut told = Vec::new();
        for report in &reports {
            prop_assert_eq!(report.kind, Kind::LockOrder);
            let Detail::Cycle { links } = &report.detail else { panic!("{report:?}") };
            for (at, link) in links.iter().enumerate() {
                let next = &links[(at + 1) % links.len()];
                prop_assert_eq!(link.to, next.from);
                prop_assert!(next.kind.may_follow(link.kind.is_recursive()), "strong");
                prop_assert!(edges.iter().any(|e| class(e.from) == link.from && class(e.to) == link.to && e.kind == link.kind));
            }
            let mut path: Vec<u32> = links.iter().map(|link| link.from.key.0).collect();
            prop_assert_eq!(path.iter().collect::<BTreeSet<_>>().len(), path.len(), "simple");
            let least = (0..path.len()).min_by_key(|&at| path[at]).unwrap_or(0);
            path.rotate_left(least);
            prop_assert_ne!(&report.verdict, &Verdict::Unsettled);
            let possible = report.verdict == Verdict::Possible;
            prop_assert_eq!(all.contains(&(path.clone(), true)), possible, "{:?}", report);
            told.push((path, possible));
        }
        // The shortest that is possible is told, and the shortest of all.
        let shortest = |of: &[(Vec<u32>, bool)]| of.iter().filter(|(_, possible)| *possible).map(|(path, _)| path.len()).min();
        prop_assert_eq!(shortest(&told), shortest(&all));
        prop_assert_eq!(told.is_empty(), all.is_empty());
        // No possible cycle goes untold: each of its edges is in a possible cycle that is told, or in one of which the classes hold such a cycle.
        let within = |small: &[u32], large: &[u32]| small.iter().all(|class| large.contains(class));
        for (cycle, _) in all.iter().filter(|(_, possible)| *possible) {
            for at in 0..cycle.len() {
                let (from, to) = (cycle[at], cycle[(at + 1) % cycle.len()]);
                let through = all.iter().filter(|(other, possible)| *possible && has_edge(other, from, to));
                let told_within = |other: &[u32]| told.iter().any(|(told, possible)| *possible && within(told, other));
                prop_assert!(through.clone().any(|(other, _)| told_within(other)), "{from} -> {to} of {cycle:?}");
            }
        }
    }

    #[test]
    fn irq_paths_are_those_of_brute_force(edges in edges(), uses in uses()) {
        let of = |enabled: bool| uses.iter().filter(move |used| used.bit.is_enabled() == enabled);
        let mut inconsistent = BTreeSet::new();
        let mut paths = BTreeSet::new();
        for inside in of(false) {
            for outside in of(true) {
                let (inside_reads, outside_reads) = (inside.bit.is_read(), outside.bit.is_read());
                if inside.class == outside.class {
                    if !(inside_reads && outside_reads) {
                        inconsistent.insert((inside.class, inside.who.goes_with(outside.who)));
                    }
                    continue;
                }
                let ends = (inside_reads, !outside_reads);
                let members = [outside.who, inside.who];
                let ways = Ways::all(&edges, inside.class, outside.class, ends, &members);
                paths.extend(ways.found.iter().map(|&(_, possible)| (inside.class, outside.class, possible)));
            }
        }
        let reports = check(&facts(&edges, &uses), &Options::default());
        let mut told_classes = BTreeSet::new();
        let mut told_paths = BTreeSet::new();
        for report in &reports {
            let possible = report.verdict == Verdict::Possible;
            match &report.detail {
                Detail::Inconsistent { class, conflicts } => {
                    told_classes.insert((class.key.0, possible));
                    prop_assert!(conflicts.iter().all(|(inside, outside)| inside.bit.irq() == Some(IrqKind::Hard) && outside.bit.is_enabled()));
                }
                Detail::IrqPath { used_in, enabled, .. } => {
                    told_paths.insert((used_in.class.key.0, enabled.class.key.0, possible));
                }
                _ => {}
            }
        }
        // Of a class: possible if any pair of its uses is.
        let possible_classes: BTreeSet<_> = inconsistent.iter().filter(|(_, possible)| *possible).map(|&(class, _)| class).collect();
        let all_classes: BTreeSet<_> = inconsistent.iter().map(|&(class, _)| (class, possible_classes.contains(&class))).collect();
        prop_assert_eq!(&told_classes, &all_classes);
        // Of pairs: each that is told is one; and some is told if there is any, a possible one if there is any.
        let of_pair = |safe, unsafe_| paths.contains(&(safe, unsafe_, true));
        for &(safe, unsafe_, possible) in &told_paths {
            prop_assert_eq!(of_pair(safe, unsafe_), possible, "{} {}", safe, unsafe_);
            prop_assert!(possible || paths.contains(&(safe, unsafe_, false)));
        }
        let any = |of: &BTreeSet<(u32, u32, bool)>| (of.is_empty(), of.iter().any(|&(_, _, possible)| possible));
        prop_assert_eq!(any(&told_paths), any(&paths));
    }
}
