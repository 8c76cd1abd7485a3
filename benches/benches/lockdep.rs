//! Lock events into the validator a second: when every chain of held locks was seen before, and when each is new; and the verdict at the end.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lockdep_model::class::{ContextId, InstanceId, LockType, Place};
use lockdep_model::settings::{Mode, Settings};
use lockdep_model::validator::{Take, Validator};
use std::hint::black_box;

/// Locks, each of a class of its own.
const LOCKS: u64 = 128;
/// Tasks that take them.
const TASKS: u32 = 8;
/// Locks held at a time.
const DEPTH: u64 = 4;

/// One event.
#[derive(Clone, Copy)]
enum Event {
    Take(ContextId, InstanceId),
    Release(ContextId, InstanceId),
}

fn validator(mode: Mode) -> Validator {
    let mut v = Validator::new(Settings { mode, ..Settings::default() });
    for lock in 0..LOCKS {
        let key = v.key(format!("lock{lock}"), LockType::Mutex);
        v.init(ContextId(0), InstanceId(lock), key, Place(0)).expect("the key was added");
    }
    v
}

/// Each task in turn takes `DEPTH` locks in ascending order, so that nothing is wrong, and releases them; `chains` different ones.
fn events(chains: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for chain in 0..chains {
        let task = ContextId(1 + chain as u32 % TASKS);
        // Strides of an odd number meet every lock; the quotient tells apart chains that begin alike.
        let mut locks: Vec<u64> = (0..DEPTH).map(|n| (chain * 37 + n * (1 + 2 * (chain / LOCKS))) % LOCKS).collect();
        locks.sort_unstable();
        locks.dedup();
        events.extend(locks.iter().map(|&lock| Event::Take(task, InstanceId(lock))));
        events.extend(locks.iter().rev().map(|&lock| Event::Release(task, InstanceId(lock))));
    }
    events
}

fn feed(v: &mut Validator, events: &[Event]) {
    for &event in events {
        match event {
            Event::Take(task, lock) => v.acquire(task, lock, Take::write()),
            Event::Release(task, lock) => v.release(task, lock, Place(0)),
        }
    }
}

fn lockdep(c: &mut Criterion) {
    let mut group = c.benchmark_group("lockdep");
    for (name, mode) in [("exact", Mode::Exact), ("kernel", Mode::Kernel)] {
        let few = events(64);
        let mut v = validator(mode);
        feed(&mut v, &few);
        group.throughput(Throughput::Elements(few.len() as u64));
        group.bench_function(format!("{name}/warm"), |b| b.iter(|| feed(black_box(&mut v), &few)));
        assert_eq!(v.reports().len(), 0);

        let many = events(2048);
        group.throughput(Throughput::Elements(many.len() as u64));
        group.bench_function(format!("{name}/cold"), |b| {
            b.iter_batched_ref(|| validator(mode), |v| feed(v, &many), BatchSize::LargeInput);
        });
    }
    let mut v = validator(Mode::Exact);
    feed(&mut v, &events(2048));
    group.throughput(Throughput::Elements(1));
    group.bench_function("exact/verdict", |b| b.iter(|| black_box(v.reports())));
    group.finish();
}

criterion_group!(benches, lockdep);
criterion_main!(benches);
