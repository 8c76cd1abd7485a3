//! How long an acquisition takes at the median and for the unlucky, and how evenly the lock is given: what throughput alone hides.

use std::fmt::Write as _;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crate::locks::{self, Lock};
use crate::{Load, short_and_long, spin_turns, thread_counts};

/// How long each lock is measured.
const SPAN: Duration = Duration::from_millis(200);

/// One acquisition in so many is timed, so that the clock does not become the load.
const TIMED: u64 = 16;

struct Measured {
    acquisitions: Vec<u64>,
    /// Sorted, in nanoseconds.
    waits: Vec<u64>,
    span: Duration,
}

fn measure<L: Lock>(load: Load) -> Measured {
    let (lock, stop, start) = (L::new(), AtomicBool::new(false), Barrier::new(load.threads + 1));
    thread::scope(|scope| {
        let one = || {
            let (mut acquisitions, mut waits) = (0_u64, Vec::new());
            start.wait();
            while !stop.load(Relaxed) {
                let asked = acquisitions.is_multiple_of(TIMED).then(Instant::now);
                let waited = lock.with(|n| {
                    let waited = asked.map(|asked| asked.elapsed());
                    spin_turns(load.inside);
                    *n += 1;
                    waited
                });
                waits.extend(waited.map(|waited| waited.as_nanos() as u64));
                acquisitions += 1;
                spin_turns(load.between);
            }
            (acquisitions, waits)
        };
        let threads: Vec<_> = (0..load.threads).map(|_| scope.spawn(one)).collect();
        start.wait();
        let began = Instant::now();
        thread::sleep(SPAN);
        stop.store(true, Relaxed);
        let done = threads.into_iter().map(|t| t.join().expect("no thread panics"));
        let (acquisitions, waits): (Vec<_>, Vec<_>) = done.unzip();
        let mut waits = waits.concat();
        waits.sort_unstable();
        Measured { acquisitions, waits, span: began.elapsed() }
    })
}

impl Measured {
    /// Of a thousand waits, that many are at most so long.
    fn quantile(&self, in_thousand: usize) -> u64 {
        self.waits.get(self.waits.len().saturating_sub(1) * in_thousand / 1000).copied().unwrap_or_default()
    }

    fn row(&self, name: &str) -> String {
        let total: u64 = self.acquisitions.iter().sum();
        let least = self.acquisitions.iter().min().copied().unwrap_or_default();
        // 100 is an even share.
        let share = least as f64 * self.acquisitions.len() as f64 * 100.0 / total.max(1) as f64;
        format!(
            "| {name} | {:.2} | {} | {} | {} | {} | {share:.0}% |",
            total as f64 / self.span.as_secs_f64() / 1e6,
            self.quantile(500),
            self.quantile(990),
            self.quantile(999),
            self.quantile(1000),
        )
    }
}

/// Measures every lock under every load, and writes the tables.
pub(crate) fn report() {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let mut out = format!(
        "# Waiting for a lock\n\n{processors} processors; {} ms for each row. The time of one acquisition in {TIMED}, in nanoseconds, with the clock's own; the share of the thread\n\
         that was served least, of an even share.\n",
        SPAN.as_millis(),
    );
    for load in thread_counts().into_iter().flat_map(short_and_long) {
        let Load { threads, inside, between, .. } = load;
        let _ = write!(
            out,
            "\n## {threads} threads, {inside} turns inside, {between} between\n\n\
             | lock | million/s | median | 99% | 99.9% | longest | least served |\n|---|--:|--:|--:|--:|--:|--:|\n",
        );
        macro_rules! row {
            ($lock:ty) => {
                let _ = writeln!(out, "{}", measure::<$lock>(load).row(<$lock as Lock>::NAME));
            };
        }
        locks::for_each_lock!(row);
    }
    println!("{out}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/criterion/primitives-latency.md");
    if let Err(error) = std::fs::write(path, out) {
        eprintln!("{path}: {error}");
    }
}
