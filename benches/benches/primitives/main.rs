//! The primitives under contention, beside their peers: for each number of threads up to twice the processors, length of the critical section, time between two and share of
//! reads. Criterion measures throughput; then [`latency`] measures what a mean hides: how long the unlucky wait, and whether somebody gets nothing.
//!
//! ```console
//! $ cargo bench -p benches --bench primitives              # all, some minutes
//! $ cargo bench -p benches --bench primitives -- locks/1   # part of the throughput; the other tables are left out
//! ```
//!
//! The tables of the second part go to the terminal and to `target/criterion/primitives-latency.md`.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};

use self::locks::Lock;
use self::readers::ReadMostly;

mod latency;
mod locks;
mod readers;

/// What the threads do.
#[derive(Clone, Copy, Debug)]
struct Load {
    threads: usize,
    /// Turns of an empty loop with the lock held, and between two acquisitions.
    inside: u32,
    between: u32,
    /// Reads in a hundred accesses.
    reads: u32,
}

fn spin_turns(turns: u32) {
    for turn in 0..turns {
        black_box(turn);
    }
}

/// 1, 2, 4 ... up to twice the processors.
fn thread_counts() -> Vec<usize> {
    let most = 2 * thread::available_parallelism().map_or(1, usize::from);
    std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|n| *n <= most).collect()
}

/// The time from the first thread's beginning of `each(thread)` to the last one's end.
fn timed(threads: usize, each: impl Fn(usize) + Sync) -> Duration {
    let start = Barrier::new(threads);
    let (start, each) = (&start, &each);
    thread::scope(|scope| {
        let spawn = |i| {
            scope.spawn(move || {
                start.wait();
                let began = Instant::now();
                each(i);
                (began, Instant::now())
            })
        };
        let threads: Vec<_> = (0..threads).map(spawn).collect();
        let times: Vec<_> = threads.into_iter().map(|t| t.join().expect("no thread panics")).collect();
        let began = times.iter().map(|(began, _)| *began).min();
        let ended = times.iter().map(|(_, ended)| *ended).max();
        began.zip(ended).map_or(Duration::ZERO, |(began, ended)| ended - began)
    })
}

/// Accesses in one measurement at least: with fewer, it is the beginning of the threads that is measured.
const AT_LEAST: u64 = 20_000;

/// The time of `times` accesses, from so many that it means something.
fn scaled(times: u64, run: impl Fn(u64) -> Duration) -> Duration {
    let enough = times.max(AT_LEAST);
    run(enough).mul_f64(times as f64 / enough as f64)
}

/// That many acquisitions, shared out among the threads.
fn acquire<L: Lock>(load: Load, times: u64) -> Duration {
    let lock = L::new();
    timed(load.threads, |i| {
        for _ in share_of(times, load.threads, i) {
            lock.with(|n| {
                spin_turns(load.inside);
                *n += 1;
            });
            spin_turns(load.between);
        }
    })
}

/// That many accesses, shared out among the threads.
fn access<R: ReadMostly>(load: Load, times: u64) -> Duration {
    let data = R::new();
    timed(load.threads, |i| {
        let mut reader = data.reader();
        for n in share_of(times, load.threads, i) {
            if is_read(n, load.reads) {
                black_box(data.read(&mut reader));
            } else {
                data.write(&mut reader, n);
            }
            spin_turns(load.between);
        }
    })
}

fn share_of(times: u64, threads: usize, i: usize) -> std::ops::Range<u64> {
    let threads = threads as u64;
    0..times / threads + u64::from((i as u64) < times % threads)
}

/// Spreads the writes evenly.
fn is_read(n: u64, reads_in_hundred: u32) -> bool {
    n * 37 % 100 < u64::from(reads_in_hundred)
}

fn short_and_long(threads: usize) -> [Load; 2] {
    let load = |inside, between| Load { threads, inside, between, reads: 0 };
    [load(0, 0), load(100, 400)]
}

fn read_shares(threads: usize) -> [Load; 3] {
    [100, 99, 90].map(|reads| Load { threads, inside: 0, between: 0, reads })
}

fn throughput(criterion: &mut Criterion) {
    for load in thread_counts().into_iter().flat_map(short_and_long) {
        let name = format!("locks/{}-threads-{}-inside-{}-between", load.threads, load.inside, load.between);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        macro_rules! bench {
            ($lock:ty) => {
                group.bench_function(BenchmarkId::from_parameter(<$lock as Lock>::NAME), |b| {
                    b.iter_custom(|times| scaled(times, |times| acquire::<$lock>(load, times)));
                });
            };
        }
        locks::for_each_lock!(bench);
        group.finish();
    }
    for load in thread_counts().into_iter().flat_map(read_shares) {
        let name = format!("read-mostly/{}-threads-{}-percent-reads", load.threads, load.reads);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        macro_rules! bench {
            ($data:ty) => {
                group.bench_function(BenchmarkId::from_parameter(<$data as ReadMostly>::NAME), |b| {
                    b.iter_custom(|times| scaled(times, |times| access::<$data>(load, times)));
                });
            };
        }
        readers::for_each_read_mostly!(bench);
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(250))
        .configure_from_args();
    throughput(&mut criterion);
    criterion.final_summary();
    // Only `--bench`, which cargo adds: no filter, and not a test run.
    if std::env::args().skip(1).eq(["--bench".to_owned()]) {
        latency::report();
    }
}
