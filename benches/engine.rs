//! Steps of the machine a second, and states of the whole check a second.

use benches::{Sample, program};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::check::check;
use sim_core::machine::MachineOptions;
use sim_core::model::{Deaf, Model};
use sim_core::search::Options;
use std::hint::black_box;
use std::ops::ControlFlow;

/// From a few dozen states to a few hundred thousand.
const SCENARIOS: [&str; 5] = [
    "scenarios/locks/irq_plain_lock.c",
    "scenarios/drivers/mailbox_driver.c",
    "benches/peers/problems/filter_lock.c",
    "benches/peers/problems/racy_increments.c",
    "benches/peers/problems/driver.c",
];

/// States that a sample has: few enough that it stays in the cache, so that it is the machine that is measured.
const SAMPLE: usize = 2000;

/// Every step out of the first states: a copy of the state, and the step.
fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("steps");
    for path in SCENARIOS {
        let sample = Sample::of(path, SAMPLE);
        let mut state = vec![0; sample.machine.state_len()];
        group.throughput(Throughput::Elements(sample.steps() as u64));
        group.bench_function(path, |b| {
            b.iter(|| {
                for moment in &sample.moments {
                    for &choice in &moment.choices {
                        state.copy_from_slice(&moment.state);
                        // The sample was made by the same steps, for which the layout had room.
                        let _ = black_box(sample.machine.step(&mut state, choice, &mut Deaf));
                    }
                }
            });
        });
    }
    group.finish();
}

/// The whole check on one thread, from a program to findings.
fn states(c: &mut Criterion) {
    let mut group = c.benchmark_group("states");
    group.sample_size(10);
    for path in SCENARIOS {
        let program = program(path);
        let run = || {
            check(program.clone(), MachineOptions::default(), &Options::default(), &mut |_| ControlFlow::Continue(()))
        };
        group.throughput(Throughput::Elements(run().outcome.stats.states));
        group.bench_function(path, |b| b.iter(run));
    }
    group.finish();
}

/// The same with the lock validator and without it, on problems that do little but lock.
fn validator(c: &mut Criterion) {
    let mut group = c.benchmark_group("validator");
    group.sample_size(10);
    for path in [
        "benches/peers/problems/locked_increments.c",
        "benches/peers/problems/indexer.c",
        "scenarios/drivers/mailbox_driver.c",
    ] {
        let program = program(path);
        for (name, lockdep) in [("on", true), ("off", false)] {
            let options = MachineOptions { lockdep, ..MachineOptions::default() };
            let run = || check(program.clone(), options, &Options::default(), &mut |_| ControlFlow::Continue(()));
            group.throughput(Throughput::Elements(run().outcome.stats.states));
            group.bench_function(format!("{path}/{name}"), |b| b.iter(run));
        }
    }
    group.finish();
}

criterion_group!(benches, steps, states, validator);
criterion_main!(benches);
