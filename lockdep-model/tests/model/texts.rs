//! The proc files, DOT and JSON of a small graph.

use crate::common::{Bench, Where, event, r, t, w};
use lockdep_model::class::{KeyTable, LockType};
use lockdep_model::dot::dot;
use lockdep_model::graph::GraphLists;
use lockdep_model::proc::{lockdep, lockdep_chains, lockdep_stats};
use lockdep_model::report::Report;
use lockdep_model::settings::Mode;
use lockdep_model::validator::Interrupt;

/// a over b over c, and c in a hard interrupt; b tried alone.
fn bench(mode: Mode) -> Bench {
    let mut bench = Bench::new(mode, true, &[LockType::Spin, LockType::Spin, LockType::RwLock]);
    bench.run(&event(Where::IrqsOff, &[w(0), w(1), r(2)]));
    bench.run(&event(Where::In(Interrupt::Hard), &[w(2)]));
    bench.run(&event(Where::Task, &[t(1)]));
    bench
}

#[test]
fn proc_lockdep() {
    // From a: b at distance 1; c is reached through b, or (exact mode's graph has it too) at distance 2.
    let expected = "\
all lock classes:
0000000000000000 OPS:       1 FD:    3 BD:    1 ....: a
 -> [0000000000000008] b

0000000000000008 OPS:       2 FD:    2 BD:    2 +.+.: b
 -> [0000000000000010] c

0000000000000010 OPS:       2 FD:    1 BD:    3 -...: c

";
    assert_eq!(lockdep(&bench(Mode::Kernel).v.graph()), expected);
    // Facts do not count how often something happened.
    let uncounted = expected.replace(" OPS:       1", "").replace(" OPS:       2", "");
    assert_eq!(lockdep(&bench(Mode::Exact).v.graph()), uncounted);
}

#[test]
fn proc_lockdep_chains() {
    let expected = "\
all lock chains:
irq_context: 0
[0000000000000000] a

irq_context: 0
[0000000000000000] a
[0000000000000008] b

irq_context: 0
[0000000000000000] a
[0000000000000008] b
[0000000000000010] c

irq_context: hardirq
[0000000000000010] c

";
    for mode in [Mode::Kernel, Mode::Exact] {
        assert_eq!(lockdep_chains(&bench(mode).v.graph()), expected);
    }
}

#[test]
fn proc_lockdep_stats() {
    // Two edges, each on two lists. From a 3 classes are reached, from b 2, from c 1. One class is hardirq-safe, one unsafe: 1 * 1 twice,
    // and the 4 entries. Three chains in tasks and one in hard interrupts: (1 + 1) * (0 + 1) * (3 + 1).
    for mode in [Mode::Kernel, Mode::Exact] {
        let text = lockdep_stats(&bench(mode).v.graph());
        for line in [
            " lock-classes:                            3 [max: 8192]",
            " direct dependencies:                     4 [max: 32768]",
            " indirect dependencies:                   6",
            " all direct dependencies:                 6",
            " dependency chains:                       4 [max: 65536]",
            " dependency chain hlocks used:            7 [max: 327680]",
            " in-hardirq chains:                       1",
            " in-softirq chains:                       0",
            " in-process chains:                       3",
            " combined max dependencies:               8",
            " hardirq-safe locks:                      1",
            " hardirq-unsafe locks:                    1",
            " softirq-unsafe locks:                    1",
            " max locking depth:                       3",
            " debug_locks:                             1",
        ] {
            assert!(text.lines().any(|other| other == line), "{line:?} is not in {mode:?}\n{text}");
        }
    }
}

#[test]
fn names_of_classes() {
    let mut keys = KeyTable::new();
    let [first, second] = [LockType::Spin, LockType::Mutex].map(|of| keys.add("&dev->lock", of));
    use lockdep_model::class::{ClassId, KeyId};
    let names =
        [ClassId::new(first), ClassId::nested(second, 3), ClassId::new(KeyId(7))].map(|class| keys.class_name(class));
    assert_eq!(names, ["&dev->lock", "&dev->lock#2/3", "key7"]);
}

fn cycle() -> Bench {
    let mut bench = Bench::new(Mode::Exact, true, &[LockType::Spin, LockType::Spin, LockType::Spin]);
    for locks in [[0, 1], [1, 0], [1, 2]] {
        bench.run(&event(Where::Task, &locks.map(w)));
    }
    bench
}

#[test]
fn dot_of_a_cycle() {
    let expected = "\
digraph lockdep {
  rankdir=LR;
  node [shape=box, fontname=\"monospace\"];
  n0 [label=\"a\\n{+.+.}\", color=red];
  n1 [label=\"b\\n{+.+.}\", color=red];
  n2 [label=\"c\\n{+.+.}\"];
  n0 -> n1 [label=\"EN\\nplace 0\", color=red, fontcolor=red];
  n1 -> n0 [label=\"EN\\nplace 0\", color=red, fontcolor=red];
  n1 -> n2 [label=\"EN\\nplace 0\"];
}
";
    assert_eq!(dot(&cycle().v.graph(), |place| Some(format!("place {}", place.0))), expected);
}

#[test]
fn json_of_graphs_and_reports_reads_back() {
    let bench = cycle();
    let lists = bench.v.graph().lists();
    let text = serde_json::to_string(&lists).expect("plain lists");
    assert_eq!(serde_json::from_str::<GraphLists>(&text).expect("what was written"), lists);
    let reports = bench.v.reports();
    let text = serde_json::to_string(&reports).expect("plain data");
    assert!(text.contains("\"kind\":\"lock_order\""), "{text}");
    assert_eq!(serde_json::from_str::<Vec<Report<u64>>>(&text).expect("what was written"), reports);
}
