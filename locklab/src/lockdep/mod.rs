//! `locklab lockdep`: the lock validator over events that a real kernel recorded.
//!
//! Invariant: a recording is read once, line by line, and never kept. A broken line costs itself only.

pub mod describe;
pub mod event;
pub mod jsonl;
pub mod recording;
mod report;
pub mod text;

use crate::args::{LockdepArgs, RecordingFormat, ValidatorMode};
use crate::exit::Exit;
use crate::input;
use crate::output::Output;
use crate::progress::Meter;
use crate::render::text::grouped;
use event::{Event, Line};
use lockdep_model::class::Place;
use lockdep_model::settings::Mode;
use lockdep_model::{dot, proc};
use recording::Recording;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// No event's line is longer; of a longer one the rest is skipped.
const LONGEST_LINE: u64 = 64 << 10;
/// How many broken lines are shown. All are counted.
const MOST_BROKEN_SHOWN: u64 = 10;
/// After how many lines the progress is shown again.
const LINES_BETWEEN_PROGRESS: u64 = 1 << 14;

/// What was read, the events aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tally {
    /// All lines.
    lines: u64,
    /// Bytes.
    bytes: u64,
    /// Events of contention, which the validator does not need.
    contention: u64,
    /// Lines that are no event about locks.
    other: u64,
    /// Broken ones: how many, and the first few with the reason.
    broken: u64,
    shown: Vec<(u64, String)>,
}

/// Runs the command.
pub fn run(args: &LockdepArgs, output: &Output) -> Exit {
    let (name, from) = match open(&args.file) {
        Ok(opened) => opened,
        Err(problem) => {
            output.complain(&problem.message, problem.help.as_deref());
            return Exit::Usage;
        }
    };
    let mode = match args.mode {
        ValidatorMode::Exact => Mode::Exact,
        ValidatorMode::Kernel => Mode::Kernel,
    };
    let mut reader = Reader { recording: Recording::new(mode), read: Tally::default(), pending: None };
    let mut meter = Meter::new();
    let result = reader.read(from, &mut meter);
    meter.finish();
    if let Err(error) = result {
        let problem = input::failed(&name, &error);
        output.complain(&problem.message, None);
        return Exit::Usage;
    }
    let Reader { recording, read, .. } = reader;
    let reports = recording.reports();
    let graph = recording.graph(&reports);
    let told = report::Told::new(&name, args.mode, &recording, &read, describe::findings(&recording, &reports), &graph);
    let text = match args.format {
        RecordingFormat::Human => told.human(output.columns),
        RecordingFormat::Json => told.json(),
        RecordingFormat::Dot => dot::dot(&graph, |place| recording.place_text(place).map(str::to_owned)),
        RecordingFormat::ProcLockdep => proc::lockdep(&graph),
        RecordingFormat::ProcLockdepChains => proc::lockdep_chains(&graph),
        RecordingFormat::ProcLockdepStats => proc::lockdep_stats(&graph),
    };
    output.write_error(&told.broken());
    if !matches!(args.format, RecordingFormat::Human | RecordingFormat::Json) {
        output.write_error(&told.summary(output.columns));
    }
    match &args.output {
        None => output.write(&text),
        Some(path) => {
            if let Err(error) = fs::write(path, anstream::adapter::strip_str(&text).to_string()) {
                output.complain(&format!("cannot write `{}`: {error}", path.display()), None);
                return Exit::Usage;
            }
        }
    }
    told.exit()
}

fn open(path: &Path) -> Result<(String, Box<dyn Read>), input::Unreadable> {
    if path == Path::new("-") {
        return Ok(("<stdin>".to_owned(), Box::new(io::stdin().lock())));
    }
    let name = path.display().to_string();
    input::openable(path)?;
    let file = File::open(path).map_err(|error| input::failed(&name, &error))?;
    Ok((name, Box::new(file)))
}

/// An event that waits for the frames after it, which say where it is.
#[derive(Debug)]
struct Pending {
    line: u64,
    text: String,
    place: Option<Place>,
}

struct Reader {
    recording: Recording,
    read: Tally,
    pending: Option<Pending>,
}

impl Reader {
    fn read(&mut self, from: impl Read, meter: &mut Meter) -> io::Result<()> {
        let mut from = BufReader::with_capacity(1 << 18, from);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let count = (&mut from).take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
            if count == 0 {
                break;
            }
            self.read.lines += 1;
            self.read.bytes += count as u64;
            if bytes.last() != Some(&b'\n') && count as u64 == LONGEST_LINE {
                from.skip_until(b'\n')?;
                self.broken(self.read.lines, format!("it is longer than {} KiB", LONGEST_LINE >> 10));
                continue;
            }
            match str::from_utf8(&bytes) {
                Ok(line) => self.line(line.trim_end_matches(['\n', '\r'])),
                Err(_) => self.broken(self.read.lines, "it is not text in UTF-8".to_owned()),
            }
            if self.read.lines.is_multiple_of(LINES_BETWEEN_PROGRESS) {
                let (lines, bytes) = (self.read.lines, self.read.bytes);
                meter.say(|elapsed| {
                    let rate = lines as f64 / elapsed.as_secs_f64().max(0.001);
                    format!("{} lines, {}/s, {} MB read", grouped(lines), grouped(rate as u64), grouped(bytes >> 20))
                });
            }
        }
        self.flush();
        Ok(())
    }

    fn line(&mut self, line: &str) {
        let number = self.read.lines;
        if line.trim_start().starts_with('{') {
            self.flush();
            match jsonl::Record::read(line) {
                Ok(record) => self.take(number, record.line(), None),
                Err(reason) => self.broken(number, reason),
            }
            return;
        }
        match text::line(line) {
            Line::Frame(function) => self.frame(function),
            Line::Event(_) => {
                self.flush();
                self.pending = Some(Pending { line: number, text: line.to_owned(), place: None });
            }
            other => self.take(number, other, None),
        }
    }

    /// The first function outside the locking code is where the event is.
    fn frame(&mut self, function: &str) {
        self.read.other += 1;
        if let Some(pending) = &mut self.pending
            && pending.place.is_none()
            && !is_locking(function)
        {
            pending.place = Some(self.recording.place(function));
        }
    }

    fn flush(&mut self) {
        if let Some(Pending { line, text, place }) = self.pending.take() {
            self.take(line, text::line(&text), place);
        }
    }

    fn take(&mut self, number: u64, line: Line<'_>, place: Option<Place>) {
        match line {
            Line::Event(event) => {
                let place = place.or_else(|| Some(self.recording.place(event.at?))).unwrap_or_default();
                self.event(number, &event, place);
            }
            Line::Lost => {
                self.flush();
                self.recording.lost();
            }
            Line::Contention => self.read.contention += 1,
            Line::Frame(_) | Line::Other => self.read.other += 1,
            Line::Broken(reason) => self.broken(number, reason),
        }
    }

    fn event(&mut self, number: u64, event: &Event<'_>, place: Place) {
        self.recording.event(number, event, place);
    }

    fn broken(&mut self, number: u64, reason: String) {
        self.read.broken += 1;
        if self.read.broken <= MOST_BROKEN_SHOWN {
            self.read.shown.push((number, reason));
        }
    }
}

/// Functions that take and release locks for others, and those that trace them.
fn is_locking(function: &str) -> bool {
    const STARTS: [&str; 24] = [
        "lock_acquire",
        "lock_release",
        "__lock_",
        "_raw_spin_",
        "_raw_read_",
        "_raw_write_",
        "__raw_spin_",
        "__raw_read_",
        "__raw_write_",
        "mutex_",
        "__mutex_",
        "rt_mutex_",
        "ww_mutex_",
        "down_",
        "__down_",
        "up_",
        "__up_",
        "percpu_down_",
        "percpu_up_",
        "rcu_read_",
        "trace_",
        "ftrace_",
        "perf_",
        "__traceiter_",
    ];
    STARTS.iter().any(|start| function.starts_with(start)) || function == "down" || function == "up"
}
