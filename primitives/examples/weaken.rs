//! Tests the loom tests: weakens each memory ordering and each fence of this crate in turn, and asks whether a loom test notices. Writes the table
//! `WEAKENINGS.md`.
//!
//! ```console
//! $ cargo run -p primitives --example weaken                # all of them
//! $ cargo run -p primitives --example weaken -- rwsem srcu  # these source files only; the table goes to the terminal
//! ```
//!
//! The tests are built once, with `--cfg loom`; which ordering is weakened is said by an environment variable (`src/sync.rs`). What no test
//! notices must say why in the comment above it, with the words `Loom cannot see it:`, `Loom cannot see the Acquire half:`, `... the Release half:`
//! or `... the step to AcqRel:`; this program fails if one does not, or if one says so and is noticed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// How long the tests of one weakening may take; far above what they take unweakened.
const PATIENCE: Duration = Duration::from_secs(120);

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("weaken: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let crate_dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut sites = sites(&crate_dir)?;
    sites.retain(|s| wanted.is_empty() || wanted.iter().any(|w| s.module() == w));
    let weakenings: Vec<Weakening> = sites.iter().flat_map(Weakening::of).collect();
    let tests = build(&crate_dir)?;

    let started = Instant::now();
    let outcomes = run_all(&tests, &weakenings);
    let table = table(&sites, &weakenings, &outcomes);
    if wanted.is_empty() {
        fs::write(crate_dir.join("WEAKENINGS.md"), &table)?;
    } else {
        println!("{table}");
    }

    let mut right = true;
    for (weakening, outcome) in weakenings.iter().zip(&outcomes) {
        let reason = weakening.reason();
        match outcome {
            Outcome::Caught { .. } if reason.is_some() => {
                eprintln!("{weakening}: is noticed, but its comment says that loom cannot see it");
                right = false;
            }
            Outcome::Missed if reason.is_none() => {
                eprintln!("{weakening}: no test notices, and its comment does not say why");
                right = false;
            }
            Outcome::NoTests => {
                eprintln!("{weakening}: there are no tests");
                right = false;
            }
            Outcome::Undecided => {
                eprintln!("{weakening}: the tests took more than {} s", PATIENCE.as_secs());
                right = false;
            }
            _ => {}
        }
    }
    eprintln!("{} weakenings in {} s", weakenings.len(), started.elapsed().as_secs());
    Ok(right)
}

/// One `ord!(...)` or `fence!(...)`.
struct Site {
    /// Below the crate: `src/spin/tas.rs`.
    file: String,
    line: usize,
    column: usize,
    ordering: String,
    fence: bool,
    /// The statement's line, for the table.
    code: String,
    /// The comment above it, in one line.
    comment: String,
}

impl Site {
    /// The module of the tests that is called as the file.
    fn module(&self) -> &str {
        Path::new(&self.file).file_stem().and_then(|s| s.to_str()).unwrap_or_default()
    }
}

/// All sites, in the order of the files and lines. An ordering that is written without the macros would escape: that is an error.
fn sites(crate_dir: &Path) -> Result<Vec<Site>> {
    let mut files = Vec::new();
    source_files(&crate_dir.join("src"), &mut files)?;
    files.sort();
    let mut sites = Vec::new();
    for path in files {
        let file = path.strip_prefix(crate_dir)?.display().to_string();
        if file == "src/sync.rs" {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let mut comment = String::new();
        for (index, line) in text.lines().enumerate() {
            let (code, remark) = line.split_once("//").unwrap_or((line, ""));
            if code.trim().is_empty() && !remark.is_empty() {
                comment.push_str(remark.trim());
                comment.push(' ');
                continue;
            }
            let mut rest = code;
            let mut at = 0;
            while let Some((start, ordering, fence)) = next_site(rest) {
                sites.push(Site {
                    file: file.clone(),
                    line: index + 1,
                    column: at + start + 1,
                    ordering,
                    fence,
                    code: code.trim().to_owned(),
                    comment: comment.trim().to_owned(),
                });
                at += start + 1;
                rest = &code[at..];
            }
            let unmarked = code.replace("ord!(", "").replace("fence!(", "");
            let marked = code.len() - unmarked.len();
            if marked == 0 && ["Acquire", "Release", "AcqRel", "SeqCst"].iter().any(|o| has_word(code, o)) {
                return Err(format!("{file}:{}: an ordering outside of `ord!` and `fence!`", index + 1).into());
            }
            comment.clear();
        }
    }
    Ok(sites)
}

fn has_word(code: &str, word: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word)
}

fn next_site(code: &str) -> Option<(usize, String, bool)> {
    let ord = code.find("ord!(").map(|at| (at, "ord!(".len(), false));
    let fence = code.find("fence!(").map(|at| (at, "fence!(".len(), true));
    let (at, length, fence) = [ord, fence].into_iter().flatten().min()?;
    let ordering = code[at + length..].split(')').next()?.to_owned();
    Some((at, ordering, fence))
}

fn source_files(dir: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            source_files(&path, into)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

/// One site made weaker in one way.
struct Weakening<'a> {
    site: &'a Site,
    to: &'static str,
}

impl<'a> Weakening<'a> {
    fn of(site: &'a Site) -> Vec<Weakening<'a>> {
        let to: &[&str] = match (site.ordering.as_str(), site.fence) {
            ("AcqRel", false) => &["Relaxed", "Acquire", "Release"],
            (_, false) => &["Relaxed"],
            ("SeqCst", true) => &["nothing", "AcqRel"],
            (_, true) => &["nothing"],
        };
        to.iter().map(|to| Weakening { site, to }).collect()
    }

    /// Why loom cannot see it, as its comment says.
    fn reason(&self) -> Option<&str> {
        let words = match (self.site.ordering.as_str(), self.to) {
            ("AcqRel", "Release") => "Loom cannot see the Acquire half: ",
            ("AcqRel", "Acquire") => "Loom cannot see the Release half: ",
            ("SeqCst", "AcqRel") => "Loom cannot see the step to AcqRel: ",
            _ => "Loom cannot see it: ",
        };
        let reason = self.site.comment.split_once(words)?.1;
        Some(reason.split("Loom cannot see").next().unwrap_or(reason).trim())
    }
}

impl std::fmt::Display for Weakening<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Site { file, line, column, ordering, .. } = self.site;
        write!(f, "{file}:{line}:{column}: {ordering} -> {}", self.to)
    }
}

/// Builds the loom tests, and says where they are.
fn build(crate_dir: &Path) -> Result<PathBuf> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["test", "--release", "--package", "primitives", "--test", "loom", "--no-run", "--message-format=json"])
        .current_dir(crate_dir)
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", crate_dir.join("../target/loom"))
        .stderr(Stdio::inherit())
        .output()?;
    let messages = String::from_utf8(output.stdout)?;
    let executable = messages.split("\"executable\":\"").nth(1).and_then(|rest| rest.split('"').next());
    executable.map(PathBuf::from).ok_or_else(|| "the loom tests do not build".into())
}

enum Outcome {
    Caught { test: String, how: String },
    Missed,
    NoTests,
    Undecided,
}

/// All weakenings, on as many threads as there are processors; outcomes in the order of the weakenings.
fn run_all(tests: &Path, weakenings: &[Weakening]) -> Vec<Outcome> {
    let next = Mutex::new(0..weakenings.len());
    let outcomes = Mutex::new(BTreeMap::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(i) = { next.lock().expect("no worker panics").next() } {
                    let outcome = try_one(tests, &weakenings[i]);
                    eprintln!("{:>3}/{} {}: {}", i + 1, weakenings.len(), weakenings[i], outcome.word());
                    outcomes.lock().expect("no worker panics").insert(i, outcome);
                }
            });
        }
    });
    outcomes.into_inner().expect("no worker panics").into_values().collect()
}

impl Outcome {
    fn word(&self) -> &str {
        match self {
            Outcome::Caught { test, .. } => test,
            Outcome::Missed => "not noticed",
            Outcome::NoTests => "no tests",
            Outcome::Undecided => "out of time",
        }
    }
}

/// The tests that are called as the file; of a part of a module without tests of its own, the module's.
fn try_one(tests: &Path, weakening: &Weakening) -> Outcome {
    let site = weakening.site;
    let own = run_tests(tests, weakening, &format!("{}::", site.module()));
    match (own, Path::new(&site.file).parent().and_then(|p| p.file_name()).and_then(|p| p.to_str())) {
        (Outcome::NoTests, Some(parent)) => run_tests(tests, weakening, &format!("{parent}::")),
        (own, _) => own,
    }
}

fn run_tests(tests: &Path, weakening: &Weakening, filter: &str) -> Outcome {
    let Site { file, line, column, .. } = weakening.site;
    let log = std::env::temp_dir().join(format!("weaken-{}-{}", std::process::id(), thread_number()));
    let status = fs::File::create(&log).and_then(|log_file| {
        let stderr = log_file.try_clone()?;
        let mut child = Command::new(tests)
            .args(["--test-threads=1", filter])
            .env("PRIMITIVES_WEAKEN", format!("{file}:{line}:{column}={}", weakening.to))
            .env("RUST_BACKTRACE", "0")
            .stdout(log_file)
            .stderr(stderr)
            .spawn()?;
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if started.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(Duration::from_millis(10));
        }
    });
    let output = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    // A log that cannot be removed is left to the system's cleaning of its temporary directory.
    let _ = fs::remove_file(&log);
    match status {
        Ok(Some(status)) if status.success() && output.contains("running 0 tests") => Outcome::NoTests,
        Ok(Some(status)) if status.success() => Outcome::Missed,
        Ok(Some(_)) => caught(&output),
        Ok(None) => failed_test(&output).map_or(Outcome::Undecided, |test| Outcome::Caught { test, how: how(&output) }),
        Err(_) => Outcome::Undecided,
    }
}

/// A number for each worker.
fn thread_number() -> String {
    format!("{:?}", thread::current().id()).chars().filter(char::is_ascii_digit).collect()
}

fn caught(output: &str) -> Outcome {
    // A test that takes the process with it has no result after its name.
    let last = || output.lines().filter_map(|l| l.strip_prefix("test ")).next_back();
    let test = failed_test(output).or_else(|| last().and_then(|l| l.split(" ...").next()).map(str::to_owned));
    Outcome::Caught { test: test.unwrap_or_default(), how: how(output) }
}

fn failed_test(output: &str) -> Option<String> {
    let failed = |line: &str| line.strip_prefix("test ")?.strip_suffix(" ... FAILED").map(str::to_owned);
    output.lines().find_map(failed)
}

/// What kind of failure the first panic was.
fn how(output: &str) -> String {
    let mut lines = output.lines().skip_while(|l| !l.contains("panicked at"));
    lines.next();
    let message = lines.next().unwrap_or_default();
    let kinds = [
        ("Causality violation", "unordered accesses"),
        ("deadlock", "deadlock"),
        ("exceeded maximum number of branches", "endless wait"),
        ("assertion", "wrong value"),
    ];
    kinds.iter().find(|(text, _)| message.contains(text)).map_or("panic", |(_, kind)| kind).to_owned()
}

fn table(sites: &[Site], weakenings: &[Weakening], outcomes: &[Outcome]) -> String {
    let caught = |pair: &(&Weakening, &Outcome)| matches!(pair.1, Outcome::Caught { .. });
    let pairs = || weakenings.iter().zip(outcomes);
    let removed = |pair: &(&Weakening, &Outcome)| ["Relaxed", "nothing"].contains(&pair.0.to);
    let fences = sites.iter().filter(|s| s.fence).count();
    let (whole, halves): (Vec<_>, Vec<_>) = pairs().partition(removed);
    let mut out = String::from("# What becomes of the loom tests when one ordering is weakened\n\n");
    let _ = writeln!(
        out,
        "Generated by `cargo run -p primitives --example weaken`; not to be edited. Every ordering stronger than `Relaxed` is made `Relaxed`, every fence is\n\
         removed, one at a time, and the loom tests are run. Orderings that do two things are also weakened to each half.\n\n\
         - {} orderings and {fences} fences.\n\
         - Made `Relaxed` or removed: {} of {} make a test fail.\n\
         - Weakened by half: {} of {} make a test fail.\n",
        sites.len() - fences,
        whole.iter().filter(|p| caught(p)).count(),
        whole.len(),
        halves.iter().filter(|p| caught(p)).count(),
        halves.len(),
    );
    let mut file = "";
    for (weakening, outcome) in pairs() {
        let site = weakening.site;
        if site.file != file {
            file = &site.file;
            let _ = writeln!(out, "\n## {file}\n\n| line | code | weakened | outcome |\n|--:|---|---|---|");
        }
        let outcome = match outcome {
            Outcome::Caught { test, how } => format!("{how} in `{test}`"),
            Outcome::Missed => format!("not noticed: {}", weakening.reason().unwrap_or("**unexplained**")),
            Outcome::NoTests => "**no tests**".to_owned(),
            Outcome::Undecided => "**out of time**".to_owned(),
        };
        let code = site.code.replace('|', "\\|");
        let _ = writeln!(out, "| {} | `{code}` | {} → {} | {outcome} |", site.line, site.ordering, weakening.to);
    }
    out
}
