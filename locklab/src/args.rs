//! The command line.

use crate::render::dmesg::Style;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sim_core::machine::MachineOptions;
use std::path::PathBuf;
use std::time::Duration;

/// Runs kernel C through every interleaving, interrupts included, and says what can go wrong.
#[derive(Debug, Parser)]
#[command(name = "locklab", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colour. `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// How many columns reports are laid out for (60 to 200). Without it: the terminal's, or 80
    #[arg(long, global = true, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=200))]
    pub width: Option<u16>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing found, and the search was complete
  1  findings (for `test`: a file did not show what it expects)
  2  the input or the command line is wrong
  3  nothing found, but a limit stopped the search
  4  vacuous: nothing ran, or a claim was never evaluated";

const LOCKDEP_HELP: &str = "\
The kernel needs CONFIG_LOCKDEP, whose events these are. To record, with the irq flags without which
interrupt safety cannot be checked:
  trace-cmd record -e lock:lock_acquire -e lock:lock_release -T sleep 10
  trace-cmd report | locklab lockdep -

Exit codes:
  0  nothing found
  1  findings
  2  nothing could be read, or the command line is wrong
  3  nothing found, but something was left out for lack of room
  4  there is not one lock event in it";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Explore every execution of a scenario and report what is wrong with it
    #[command(after_help = EXIT_CODES)]
    Check(CheckArgs),
    /// Follow one schedule, step by step, and show what holds at its end
    Replay(ReplayArgs),
    /// Check files against what they EXPECT
    Test(TestArgs),
    /// Draw which locks a scenario takes under which: SVG, DOT, JSON, or the kernel's proc files
    Graph(GraphArgs),
    /// Validate lock events recorded on a real kernel
    #[command(after_help = LOCKDEP_HELP)]
    Lockdep(LockdepArgs),
    /// Say what protects what: for each field that several contexts touch, who does and which locks are held then
    #[command(after_help = GUARDS_NOTES)]
    Guards(GuardsArgs),
    /// Say what a finding means, why it is wrong and how to mend it
    Explain(ExplainArgs),
}

/// `locklab check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The scenario, a .c file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Human, conflicts_with = "dmesg")]
    pub format: Format,
    /// As a kernel log.
    #[command(flatten)]
    pub log: LogArgs,
    /// Show every step of a schedule, also of long runs by one context
    #[arg(long)]
    pub all_steps: bool,
    /// How to search, and how far.
    #[command(flatten)]
    pub search: SearchArgs,
    /// The simulated kernel.
    #[command(flatten)]
    pub kernel: KernelArgs,
}

/// A report as a kernel log.
#[derive(Clone, Debug, Args)]
pub struct LogArgs {
    /// Write what a kernel would log
    #[arg(long)]
    pub dmesg: bool,
    /// With --dmesg: begin each line with its level, as `dmesg --raw` does
    #[arg(long, requires = "dmesg")]
    pub raw: bool,
    /// With --dmesg: only what a console shows that was booted with loglevel=N, the lines below that level
    #[arg(long, requires = "dmesg", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    pub loglevel: Option<u8>,
}

impl LogArgs {
    /// How the log is written, if one is asked for.
    pub fn style(&self) -> Option<Style> {
        self.dmesg.then_some(Style { raw: self.raw, console_loglevel: self.loglevel })
    }
}

/// Options of the search.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Search")]
pub struct SearchArgs {
    /// Threads to search with. The report is the same for any number. Without it: one for each CPU
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Stop after this many states
    #[arg(long, value_name = "N", value_parser = count)]
    pub max_states: Option<u64>,
    /// Stop before using more memory than this: 200M, 2G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_memory: Option<u64>,
    /// Stop after this long: 30s, 5m, 500ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub time_limit: Option<Duration>,
    /// Stop at executions of this many steps
    #[arg(long, value_name = "N")]
    pub max_depth: Option<u32>,
    /// Which reductions to use. The findings are the same with and without; schedules have more steps without
    #[arg(long, value_enum, default_value_t = Reduce::Steps, value_name = "WHICH")]
    pub reduce: Reduce,
    /// Leave the lock validator out: no lock orders, no interrupt safety, no wait contexts
    #[arg(long)]
    pub no_lockdep: bool,
    /// Keep whole states and compare them, so that no two can be taken for one: several times the memory
    #[arg(long)]
    pub exact: bool,
    /// Count the executions too: how many different sequences of steps there are
    #[arg(long)]
    pub count: bool,
    /// Which executions to look at
    #[arg(long, value_enum, default_value_t = Mode::Exhaustive)]
    pub mode: Mode,
    /// The seed of the random modes
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How many executions the random modes try
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = count)]
    pub runs: u64,
    /// How many changes of priority `--mode pct` makes in an execution, plus one
    #[arg(short, long, value_name = "D", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub depth: u32,
}

impl SearchArgs {
    /// An option that means nothing in the mode that is asked for.
    pub fn at_odds(&self) -> Option<String> {
        let given = [
            ("--max-states", self.max_states.is_some(), "counts distinct states, which"),
            ("--max-memory", self.max_memory.is_some(), "limits the store of visited states, which"),
            ("--exact", self.exact, "keeps visited states, which"),
            ("--count", self.count, "needs the graph of all states, which"),
        ];
        let mode = match self.mode {
            Mode::Exhaustive => return None,
            Mode::Random => "random",
            Mode::Pct => "pct",
        };
        let (option, _, why) = given.into_iter().find(|(_, given, _)| *given)?;
        Some(format!("{option} cannot be used with --mode {mode}: it {why} that mode has not"))
    }
}

/// Options of the simulated kernel; they override the scenario's.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Simulated kernel")]
pub struct KernelArgs {
    /// Set a kernel option, with or without CONFIG_: PREEMPT=n, SMP=n
    #[arg(long, value_name = "NAME=VALUE", value_parser = option)]
    pub kconfig: Vec<(String, String)>,
    /// How many CPUs it has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub cpus: Option<u8>,
    /// Its preemption model
    #[arg(long, value_enum, value_name = "MODEL")]
    pub preempt: Option<Preempt>,
}

impl KernelArgs {
    /// The options as they are written on a command line, each with a space before it.
    pub fn words(&self) -> String {
        let mut words = String::new();
        for (name, value) in &self.kconfig {
            words += &format!(" --kconfig {name}={value}");
        }
        if let Some(cpus) = self.cpus {
            words += &format!(" --cpus {cpus}");
        }
        if let Some(name) = self.preempt.and_then(|preempt| Some(preempt.to_possible_value()?.get_name().to_owned())) {
            words += &format!(" --preempt {name}");
        }
        words
    }
}

const GUARDS_NOTES: &str = "\
Every execution is looked at. A lock is named beside an access if it is held there in all of them; for
a field it is named if it is, each time the very same lock, at every access after set-up. Elements of an
array are told of together, and so are all objects of one allocation. Whether a missing lock does harm
is for `locklab check` to say: a field may be handed over by a completion, say.

Exit codes: 0 every execution was looked at; 2 wrong input; 3 a limit stopped the search";

/// `locklab guards`.
#[derive(Debug, Args)]
pub struct GuardsArgs {
    /// The scenario, a .c file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Threads to search with. Without it: one for each CPU
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Stop after this many states
    #[arg(long, value_name = "N", value_parser = count)]
    pub max_states: Option<u64>,
    /// Stop before using more memory than this: 200M, 2G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_memory: Option<u64>,
    /// Stop after this long: 30s, 5m, 500ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub time_limit: Option<Duration>,
    /// The simulated kernel.
    #[command(flatten)]
    pub kernel: KernelArgs,
}

/// `locklab replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The scenario
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The schedule, as a report prints it: 'c0*3 nic@c0'
    #[arg(value_name = "SCHEDULE")]
    pub schedule: String,
    /// Show every step, also of long runs by one context
    #[arg(long)]
    pub all_steps: bool,
    /// As a kernel log.
    #[command(flatten)]
    pub log: LogArgs,
    /// Ask the kernel's lock validator too: what it would report in this one execution, by its own algorithm. It stops at its first report
    #[arg(long)]
    pub lockdep: bool,
    /// The reductions that the schedule was found with
    #[arg(long, value_enum, default_value_t = Reduce::Steps, value_name = "WHICH")]
    pub reduce: Reduce,
    /// The simulated kernel.
    #[command(flatten)]
    pub kernel: KernelArgs,
}

/// `locklab test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Files, and directories to look for .c files in
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Check each file under every preemption model, with one CPU and with two, and print what shows where
    #[arg(long)]
    pub matrix: bool,
    /// Print how long each file took
    #[arg(long)]
    pub timings: bool,
    /// How many of the slowest files to name at the end, on standard error, with the time that all took. Without it: 10, of more than 10
    #[arg(long, value_name = "N")]
    pub durations: Option<usize>,
    /// Threads to search with
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// `locklab graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// The scenario, a .c file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What is drawn. Without it: by the name of the file that is written, .svg or .json, else dot
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<GraphFormat>,
    /// Write it to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How to search, and how far.
    #[command(flatten)]
    pub search: SearchArgs,
    /// The simulated kernel.
    #[command(flatten)]
    pub kernel: KernelArgs,
}

impl GraphArgs {
    /// The format that is asked for, or that the output's name asks for.
    pub fn format(&self) -> GraphFormat {
        let ending = self.output.as_ref().and_then(|path| path.extension()?.to_str());
        self.format.unwrap_or(match ending {
            Some("svg") => GraphFormat::Svg,
            Some("json") => GraphFormat::Json,
            _ => GraphFormat::Dot,
        })
    }
}

/// What is made of the graph of locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// A picture
    Svg,
    /// For Graphviz
    Dot,
    /// For programs: docs/graph.md describes it
    Json,
    /// The text of /proc/lockdep
    ProcLockdep,
    /// The text of /proc/lockdep_chains
    ProcLockdepChains,
    /// The text of /proc/lockdep_stats
    ProcLockdepStats,
}

/// `locklab lockdep`.
#[derive(Debug, Args)]
pub struct LockdepArgs {
    /// The recording: text of `trace-cmd report` or `perf script`, or JSON lines (docs/lockdep.md); `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which validator
    #[arg(long, value_enum, default_value_t = ValidatorMode::Exact)]
    pub mode: ValidatorMode,
    /// What is written
    #[arg(long, value_enum, default_value_t = RecordingFormat::Human)]
    pub format: RecordingFormat,
    /// Write it to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Which lock validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ValidatorMode {
    /// Everything that is wrong, and of each cycle whether it can deadlock
    Exact,
    /// What the kernel's own validator would have reported: its first report
    Kernel,
}

/// What is made of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecordingFormat {
    /// Findings, for people
    Human,
    /// Findings, classes and dependencies, for programs: docs/lockdep.md describes it
    Json,
    /// The graph, for Graphviz
    Dot,
    /// The text of /proc/lockdep
    ProcLockdep,
    /// The text of /proc/lockdep_chains
    ProcLockdepChains,
    /// The text of /proc/lockdep_stats
    ProcLockdepStats,
}

/// `locklab explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The finding; without it, all are listed
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs: docs/json.md describes it.
    Json,
}

/// Which reductions to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Reduce {
    /// What nobody else can notice is part of the step before it.
    Steps,
    /// None: every kernel call is a step of its own.
    None,
}

impl SearchArgs {
    /// How the machine takes its steps, and whether it tells the lock validator.
    pub fn machine(&self) -> MachineOptions {
        MachineOptions { lockdep: !self.no_lockdep, ..self.reduce.machine() }
    }
}

impl Reduce {
    /// How the machine takes its steps.
    pub fn machine(self) -> MachineOptions {
        MachineOptions { fuse: self == Self::Steps, ..MachineOptions::default() }
    }

    /// The option as it is written on a command line, with a space before it, if it is not the usual one.
    pub fn words(self) -> &'static str {
        match self {
            Self::Steps => "",
            Self::None => " --reduce none",
        }
    }
}

/// Which executions to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// All of them.
    Exhaustive,
    /// Some, every choice equally likely.
    Random,
    /// Some, by random priorities that change a few times (probabilistic concurrency testing).
    Pct,
}

/// A preemption model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preempt {
    /// PREEMPT_NONE
    None,
    /// PREEMPT_VOLUNTARY
    Voluntary,
    /// PREEMPT
    Full,
    /// PREEMPT_RT
    Rt,
}

/// `10000`, `10_000`, `10k`, `10M`.
fn count(text: &str) -> Result<u64, String> {
    scaled(text, 1000).ok_or_else(|| "give a number, like 10000, 10k or 10M".to_owned())
}

/// `200M`, `2G`, `64K`: powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    scaled(text.trim_end_matches(['b', 'B']).trim_end_matches('i'), 1024)
        .ok_or_else(|| "give a size, like 200M or 2G".to_owned())
}

fn scaled(text: &str, base: u64) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let power = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        _ => return None,
    };
    let number: u64 = digits.replace('_', "").parse().ok()?;
    number.checked_mul(base.pow(power)).filter(|&n| n > 0)
}

/// `30s`, `500ms`, `5m`, `2h`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "give a time, like 30s, 500ms or 5m".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let milliseconds: u64 = match &text[digits.len()..] {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(wrong)
}

/// `NAME=VALUE`, or `NAME` for `NAME=y`; `CONFIG_` is dropped.
fn option(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, "y"));
    let name = name.strip_prefix("CONFIG_").unwrap_or(name);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || value.is_empty() {
        return Err("give NAME=VALUE, like SMP=n".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_are_powers_of_1024_and_counts_of_1000() {
        assert_eq!(size("200M"), Ok(200 << 20));
        assert_eq!(size("2GiB"), Ok(2 << 30));
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(count("10k"), Ok(10_000));
        assert_eq!(count("10_000"), Ok(10_000));
        for wrong in ["", "M", "-1M", "1.5G", "1T", "0", "99999999999G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_a_unit_or_are_seconds() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        for wrong in ["", "s", "5 m", "1w", "-1s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn kernel_options_are_named_with_or_without_config() {
        assert_eq!(option("CONFIG_SMP=n"), Ok(("SMP".to_owned(), "n".to_owned())));
        assert_eq!(option("SMP"), Ok(("SMP".to_owned(), "y".to_owned())));
        assert!(option("=n").is_err());
        assert!(option("A B=n").is_err());
        assert!(option("SMP=").is_err());
    }
}
