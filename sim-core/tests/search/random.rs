//! The search against the oracle, on random graphs.

use crate::oracle::Oracle;
use crate::toys::Random;
use crate::{run, shows};
use proptest::prelude::*;
use sim_core::model::Choice;
use sim_core::search::{Options, Verdict};
use std::collections::BTreeMap;

const CONTEXTS: u8 = 4;

fn choice() -> impl Strategy<Value = Choice> {
    (0..CONTEXTS, 0..2u8).prop_map(|(context, cpu)| Choice { context, cpu, outcome: 0 })
}

/// A graph of up to `states` states; `forward` makes most steps lead to later ones, so that it is deep.
fn graph(states: usize, forward: bool) -> impl Strategy<Value = Random> {
    (2..states)
        .prop_flat_map(move |count| {
            let target = move |from: usize| {
                let near = from + 1..(from + 4).min(count).max(from + 2);
                let near = near.prop_map(move |target| target.min(count - 1) as u16);
                prop_oneof![if forward { 9 } else { 1 } => near, 1 => 0..count as u16]
            };
            let edges: Vec<_> =
                (0..count).map(|from| prop::collection::btree_map(choice(), target(from), 0..4)).collect();
            let mask = prop_oneof![4 => Just(0u64), 1 => 0..1u64 << CONTEXTS, 1 => Just((1 << CONTEXTS) - 1)];
            (
                edges,
                prop::collection::vec(mask, count),
                prop::collection::vec(prop::option::weighted(0.2, 0..3u32), count),
                prop::collection::vec((0..count as u16, 0..4usize, 0..3u32), 0..4),
                prop_oneof![3 => Just(0u64), 1 => 0..1u64 << CONTEXTS],
            )
        })
        .prop_map(|(edges, finished, shows, steps_show, endless)| Random {
            edges: edges.into_iter().map(|edges: BTreeMap<Choice, u16>| edges.into_iter().collect()).collect(),
            finished,
            shows,
            steps_show,
            contexts: CONTEXTS,
            endless,
        })
}

fn check(model: &Random) {
    let oracle = Oracle::new(model);
    let counted = Options { count_executions: true, ..Options::default() };
    let outcome = run(model, &counted);
    assert_eq!(outcome.verdict, Verdict::Complete);
    let stats = outcome.stats;
    assert_eq!(stats.states, oracle.depths.len() as u64);
    assert_eq!(Some(stats.depth), oracle.depths.values().copied().max());
    assert_eq!(
        (stats.transitions, stats.terminal, stats.finals),
        (oracle.transitions(), oracle.terminal(), oracle.finals())
    );
    let found: BTreeMap<_, _> =
        outcome.found.iter().map(|found| (found.symptom.clone(), found.schedule.clone())).collect();
    let expected: BTreeMap<_, _> =
        oracle.problems().into_iter().map(|(symptom, spots)| (symptom, oracle.shortest(&spots))).collect();
    assert_eq!(found, expected);
    assert_eq!(outcome.executions, oracle.executions().map(Into::into));
    assert!(outcome.found.iter().all(|found| found.shortest && shows(model, found)));
    for options in [
        Options { threads: 3, ..counted.clone() },
        Options { exact: true, ..counted.clone() },
        Options { seed: 9, ..counted.clone() },
    ] {
        let mut other = run(model, &options);
        // Another seed gives another digest, and comparing takes more memory.
        other.stats.digest = stats.digest;
        other.stats.bytes = stats.bytes;
        assert_eq!(other, outcome);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn a_tangled_graph_is_searched_as_the_definitions_say(model in graph(10, false)) {
        check(&model);
    }

    #[test]
    fn a_deep_graph_is_searched_as_the_definitions_say(model in graph(16, true)) {
        check(&model);
    }
}
