//! `locklab test`: checks files against what they `EXPECT`, and tells it as `cargo test` does.
//!
//! Invariant: without `--timings`, standard output depends on the files alone: not on the number of threads, nor on which file was done first. How long
//! it took goes to standard error.

mod durations;
mod files;
mod matrix;

use crate::args::{KernelArgs, SearchArgs, TestArgs};
use crate::check;
use crate::exit::Exit;
use crate::load;
use crate::outcome::{Ending, Outcome};
use crate::output::Output;
use crate::progress::Meter;
use crate::render::human;
use crate::render::text::{ERROR, GOOD, paint};
use durations::Durations;
use sim_core::program::Config;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Runs the command.
pub fn run(args: &TestArgs, output: &Output) -> Exit {
    let files = match files::collect(&args.paths) {
        Ok(files) => files,
        Err(unreadable) => {
            output.complain(&unreadable.message, unreadable.help.as_deref());
            return Exit::Usage;
        }
    };
    if args.matrix { matrix::run(&files, args, output) } else { run_each(&files, args, output) }
}

/// What checking a file under one configuration gave.
struct Shown {
    /// The names of its findings, in the order in which kinds are listed.
    names: Vec<String>,
    /// Their messages.
    messages: Vec<String>,
    /// What stopped the search or made it mean nothing, if anything did.
    incomplete: Option<String>,
    /// What the file expects under this configuration; nothing where it does not say.
    expected: Option<Vec<String>>,
    /// The configuration.
    config: Config,
}

/// Why there is nothing to compare.
struct Broken(String);

fn check_file(path: &Path, kernel: &KernelArgs, search: &SearchArgs, output: &Output) -> Result<Shown, Broken> {
    let loaded = load::load(path, kernel, output).map_err(|problem| Broken(problem.text()))?;
    let config = loaded.program.config.clone();
    let expected = loaded.program.claims.expect.as_ref().map(|expect| expect.findings.clone());
    let checked = check::search(Arc::new(loaded.program), search, None, &mut Meter::silent());
    let outcome = Outcome::of(&checked, None);
    let incomplete = match &outcome.ending {
        Ending::Complete => None,
        Ending::Stopped(limit) => Some(format!("the search stopped {}", human::stopped(*limit))),
        Ending::Sampled { .. } => Some("only some executions were looked at".to_owned()),
        Ending::Vacuous(what) => Some(format!("vacuous: {what}")),
    };
    Ok(Shown {
        names: checked.names().into_iter().map(str::to_owned).collect(),
        messages: checked.findings.iter().map(|f| format!("{}: {}", f.kind.name(), f.message)).collect(),
        incomplete,
        expected,
        config,
    })
}

/// Each search has one thread: there are more files than CPUs.
fn search_args() -> SearchArgs {
    SearchArgs {
        jobs: Some(1),
        max_states: None,
        max_memory: None,
        time_limit: None,
        max_depth: None,
        reduce: crate::args::Reduce::Steps,
        no_lockdep: false,
        exact: false,
        count: false,
        mode: crate::args::Mode::Exhaustive,
        seed: 0,
        runs: 0,
        depth: 1,
    }
}

/// Does something with each item on several threads, and hands over the results in the order of the items, each as soon as it is there.
fn in_order<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync, mut done: impl FnMut(&T, R)) {
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            let (send, next, work) = (send.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((index, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, items.get(i)?)))
                {
                    if send.send((index, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut waiting: Vec<Option<R>> = items.iter().map(|_| None).collect();
        let mut first = 0;
        for (index, result) in receive {
            waiting[index] = Some(result);
            while let Some(result) = waiting.get_mut(first).and_then(Option::take) {
                done(&items[first], result);
                first += 1;
            }
        }
    });
}

/// Whether a file shows what it expects; if not, why not.
fn judge(shown: &Shown) -> Result<(), String> {
    let Some(expected) = &shown.expected else {
        return Err("the file has no EXPECT: say EXPECT(clean), or what checking it must find".to_owned());
    };
    let mut lines = Vec::new();
    let missing: Vec<&String> = expected.iter().filter(|name| !shown.names.contains(name)).collect();
    let extra: Vec<&String> = shown.names.iter().filter(|name| !expected.contains(name)).collect();
    if !missing.is_empty() || !extra.is_empty() {
        lines.push(format!("expected  {}", names(expected)));
        lines.push(format!("found     {}", names(&shown.names)));
        for name in extra {
            let messages = shown.messages.iter().filter(|message| message.starts_with(&format!("{name}:")));
            lines.extend(messages.map(|message| format!("          {message}")));
        }
    }
    lines.extend(shown.incomplete.iter().cloned());
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n")) }
}

/// `deadlock, hung_task`, or `clean`
fn names(names: &[String]) -> String {
    if names.is_empty() { "clean".to_owned() } else { names.join(", ") }
}

/// Counts what passed and what did not.
#[derive(Default)]
struct Tally {
    passed: usize,
    failures: Vec<(String, String)>,
    broken: bool,
}

impl Tally {
    fn add(&mut self, file: &Path, result: Result<(), String>) -> bool {
        match result {
            Ok(()) => self.passed += 1,
            Err(why) => {
                self.failures.push((file.display().to_string(), why));
                return false;
            }
        }
        true
    }

    fn finish(self, output: &Output) -> Exit {
        if !self.failures.is_empty() {
            let mut text = "\nfailures:\n".to_owned();
            for (file, why) in &self.failures {
                text += &format!("\n---- {file} ----\n{why}\n");
            }
            output.write(&text);
        }
        let (style, word) = if self.failures.is_empty() { (GOOD, "ok") } else { (ERROR, "FAILED") };
        let counts = format!("{} passed; {} failed", self.passed, self.failures.len());
        output.write(&format!("\ntest result: {}. {counts}\n", paint(style, word)));
        match (self.failures.is_empty(), self.broken) {
            (true, _) => Exit::Clean,
            (false, true) => Exit::Usage,
            (false, false) => Exit::Findings,
        }
    }
}

fn run_each(files: &[PathBuf], args: &TestArgs, output: &Output) -> Exit {
    let plural = if files.len() == 1 { "" } else { "s" };
    output.write(&format!("running {} test{plural}\n", files.len()));
    let search = search_args();
    let mut tally = Tally::default();
    let mut durations = Durations::begin(args.durations);
    let work = |file: &PathBuf| {
        let started = Instant::now();
        (check_file(file, &KernelArgs::default(), &search, output), started.elapsed())
    };
    in_order(files, check::threads(args.jobs), work, |file, (result, took)| {
        durations.add(file, took);
        let what = result.as_ref().map_or(String::new(), |shown| names(&shown.names));
        let result = result.map_err(|Broken(text)| {
            tally.broken = true;
            text
        });
        let good = tally.add(file, result.and_then(|shown| judge(&shown)));
        output.write(&line(file, good, &what, args.timings.then_some(took)));
    });
    let exit = tally.finish(output);
    durations.tell(output);
    exit
}

/// `test scenarios/nic.c ... ok (deadlock)`
fn line(file: &Path, good: bool, what: &str, took: Option<Duration>) -> String {
    let verdict = if good { paint(GOOD, "ok") } else { paint(ERROR, "FAILED") };
    let what = if what.is_empty() { String::new() } else { format!(" ({what})") };
    let took = took.map_or(String::new(), |took| format!(" {:.2}s", took.as_secs_f64()));
    format!("test {} ... {verdict}{what}{took}\n", file.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_whoever_is_done_first() {
        let items: Vec<u64> = (0..20).collect();
        let mut got = Vec::new();
        let work = |item: &u64| {
            std::thread::sleep(Duration::from_millis(20 - item));
            item * item
        };
        in_order(&items, 4, work, |item, square| got.push((*item, square)));
        assert_eq!(got, items.iter().map(|i| (*i, i * i)).collect::<Vec<_>>());
    }

    fn shown(found: &[&str], expected: Option<&[&str]>) -> Shown {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        Shown {
            names: owned(found),
            messages: found.iter().map(|n| format!("{n}: it happened")).collect(),
            incomplete: None,
            expected: expected.map(owned),
            config: Config::default(),
        }
    }

    #[test]
    fn a_file_passes_if_it_shows_exactly_what_it_expects_in_any_order() {
        assert!(judge(&shown(&["a", "b"], Some(&["b", "a"]))).is_ok());
        assert!(judge(&shown(&[], Some(&[]))).is_ok());
        let why = judge(&shown(&["a", "b"], Some(&["a"]))).expect_err("b is unexpected");
        assert_eq!(why, "expected  a\nfound     a, b\n          b: it happened");
        assert!(judge(&shown(&["a"], Some(&["a", "b"]))).is_err());
        assert!(judge(&shown(&[], None)).is_err());
    }

    #[test]
    fn a_search_that_stopped_proves_nothing() {
        let stopped = Shown { incomplete: Some("the search stopped".to_owned()), ..shown(&[], Some(&[])) };
        assert_eq!(judge(&stopped), Err("the search stopped".to_owned()));
    }
}
