//! Each pair of scenarios is its bug and nothing else: whatever line of a mend is put back, what the bug's file expects comes back with it.
//!
//! A mend is taken apart into the smallest pieces of its diff: lines, where lines of one stand for lines of the other, else hunks. A piece that does not
//! compile alone, or that alone breaks something else (a lock taken and never released), is put back with as few others as bring the finding back. One
//! that alone does no harm may be half of a change (a call that was moved, `local_irq_enable()`): then its hunk or the other end of the move brings the
//! finding back with it, or the bug is not the same without it. What is none of this does not belong in the pair.

use kernel_c::loader::NoFiles;
use sim_core::check;
use sim_core::machine::MachineOptions;
use sim_core::program::Program;
use sim_core::search::{Options, Verdict};
use std::collections::BTreeSet;
use std::fs;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pieces that change nothing alone, by nature: the mended file, a line of the piece, the reason.
const CHANGES_NOTHING: &[(&str, &str, &str)] = &[
    (
        "limit_check.c",
        "if (atomic_read(&open_count) >= MAX_OPEN)",
        "looked at without the count that follows it, nothing is too many",
    ),
    ("one_owner.c", "WRITE_ONCE(state, BUSY);", "what the exchange has written is written again"),
    (
        "statistics_folded.c",
        "INIT_WORK(per_cpu_ptr(&fold_work, 0), fold_stats);",
        "what is not folded is counted all the same",
    ),
    ("stop_exited_thread.c", "kthread_stop(loader);", "a reference that is never given back is no finding"),
    ("test_and_set_lock.c", "set_bit(LOCKED, &word);", "what the exchange has set is set again"),
];

/// States after which a search is first looked at; where nothing has shown by then it goes on, at last without a limit.
const STATES: [Option<u64>; 3] = [Some(2_000), Some(40_000), None];

/// A part of a diff: these lines of the mended file stand where those of the bug's stood.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    mended: Range<usize>,
    bug: Range<usize>,
}

impl Piece {
    fn contains(&self, other: &Self) -> bool {
        let inside = |a: &Range<usize>, b: &Range<usize>| a.start <= b.start && b.end <= a.end;
        inside(&self.mended, &other.mended) && inside(&self.bug, &other.bug)
    }
}

/// Options of the kernel that a pair is checked under.
type Config = [(&'static str, &'static str)];

/// A pair, as lines of code.
struct Pair {
    name: String,
    config: &'static Config,
    mended: Vec<String>,
    bug: Vec<String>,
    /// What the bug's file expects.
    expected: Vec<String>,
}

/// What putting pieces back gave.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Rejected,
    Clean,
    Other(Vec<&'static str>),
    Back,
}

/// What became of the pieces of a pair.
#[derive(Default)]
struct Tally {
    pairs: usize,
    hunks: usize,
    alone: usize,
    together: usize,
    halves: usize,
    excused: Vec<&'static str>,
    wrong: Vec<String>,
}

#[test]
fn any_line_of_a_mend_put_back_brings_the_finding_back() {
    let pairs = pairs();
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut tally = Tally::default();
                    take_apart(&Pair::read(path), &mut tally);
                    all.lock().expect("no thread panics with it").add(tally);
                }
            });
        }
    });
    let mut all = all.into_inner().expect("no thread has panicked");
    all.wrong.sort();
    println!(
        "{} pairs, {} hunks: {} pieces bring the finding back alone, {} together with others, {} are halves of a change",
        all.pairs, all.hunks, all.alone, all.together, all.halves
    );
    all.excused.sort_unstable();
    let mut rows: Vec<&str> = CHANGES_NOTHING.iter().map(|(_, line, _)| *line).collect();
    rows.sort_unstable();
    assert_eq!(all.excused, rows, "each row of the table is needed");
    assert_eq!(all.wrong, Vec::<String>::new(), "these pieces of mends can be put back without any harm");
    assert_eq!(all.pairs, pairs.len());
    // Most mends are one thing: had the diffs or the grouping gone wrong, it would show here.
    assert!(all.pairs > 100 && all.hunks >= all.pairs && all.alone > all.together + all.halves, "the counts above");
}

/// The bug files of all pairs.
fn pairs() -> Vec<PathBuf> {
    let files = |directory: &Path| {
        let entries = fs::read_dir(directory).expect("it can be read");
        entries.map(|entry| entry.expect("it can be read").path()).collect::<Vec<_>>()
    };
    let themes = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios"));
    let all = themes.iter().filter(|theme| theme.is_dir()).flat_map(|theme| files(theme));
    let mut bugs: Vec<PathBuf> = all.filter(|path| mended_of(path).is_some()).collect();
    bugs.sort();
    bugs
}

/// `NAME.c` beside `NAME_bug.c`.
fn mended_of(bug: &Path) -> Option<PathBuf> {
    let name = bug.file_name()?.to_str()?.strip_suffix("_bug.c")?;
    let mended = bug.with_file_name(format!("{name}.c"));
    assert!(mended.is_file(), "{} has a mended form", bug.display());
    Some(mended)
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.hunks += other.hunks;
        self.alone += other.alone;
        self.together += other.together;
        self.halves += other.halves;
        self.excused.extend(other.excused);
        self.wrong.extend(other.wrong);
    }
}

impl Pair {
    fn read(bug: &Path) -> Self {
        let mended = mended_of(bug).expect("it is the bug of a pair");
        let text = |path: &Path| fs::read_to_string(path).expect("the scenario can be read");
        let name = mended.file_name().expect("a file").to_string_lossy().into_owned();
        let expected = |config: &Config| {
            let expect = compile(&name, &text(bug), config).and_then(|program| program.claims.expect);
            let findings = expect.expect("a bug says what to expect").findings;
            Some(findings).filter(|findings| !findings.is_empty())
        };
        // Some show under another configuration alone.
        let shows = [&[][..], &[("PREEMPT_RT", "y")], &[("NR_CPUS", "1")]]
            .into_iter()
            .find_map(|config| Some((config, expected(config)?)));
        // What one cannot reach is no finding of the bug.
        let (config, expected) = shows.unwrap_or_default();
        Self { name, config, mended: code(&text(&mended)), bug: code(&text(bug)), expected }
    }

    /// The mended file with some pieces as the bug has them.
    fn with(&self, pieces: &[&Piece]) -> String {
        let mut pieces = pieces.to_vec();
        pieces.sort_by_key(|piece| (piece.mended.start, piece.bug.start));
        let (mut out, mut at) = (Vec::new(), 0);
        for piece in pieces {
            out.extend_from_slice(&self.mended[at..piece.mended.start]);
            out.extend_from_slice(&self.bug[piece.bug.clone()]);
            at = piece.mended.end;
        }
        out.extend_from_slice(&self.mended[at..]);
        out.join("\n") + "\n"
    }

    /// What the bug shows where only this piece of it is mended.
    fn bug_without(&self, piece: &Piece) -> Outcome {
        let (name, mended, bug) = (self.name.clone(), self.bug.clone(), self.mended.clone());
        let turned = Self { name, config: self.config, mended, bug, expected: Vec::new() };
        turned.outcome(&[&Piece { mended: piece.bug.clone(), bug: piece.mended.clone() }])
    }

    /// Whether a piece that does no harm alone belongs to the bug nevertheless.
    fn is_half(&self, piece: &Piece, hunks: &[Piece]) -> bool {
        let Some(hunk) = hunks.iter().find(|hunk| hunk.contains(piece)) else { return false };
        if hunk != piece && self.outcome(&[hunk]) == Outcome::Back {
            return true;
        }
        let other_end = |other: &&Piece| *other != hunk && (self.moved(hunk, other) || self.moved(other, hunk));
        if hunks.iter().filter(other_end).any(|other| self.outcome(&[hunk, other]) == Outcome::Back) {
            return true;
        }
        let found = match self.bug_without(piece) {
            Outcome::Rejected => return true,
            Outcome::Other(names) => names,
            Outcome::Clean | Outcome::Back => Vec::new(),
        };
        found.iter().copied().collect::<BTreeSet<_>>() != self.expected.iter().map(String::as_str).collect()
    }

    fn outcome(&self, pieces: &[&Piece]) -> Outcome {
        let Some(program) = compile(&self.name, &self.with(pieces), self.config) else { return Outcome::Rejected };
        let program = Arc::new(program);
        for max_states in STATES {
            let options = Options { threads: 1, max_states, ..Options::default() };
            let watch = &mut |_: &_| ControlFlow::Continue(());
            let checked = check::check(Arc::clone(&program), MachineOptions::default(), &options, watch);
            let names = checked.names();
            if names.iter().any(|name| self.expected.iter().any(|expected| expected == name)) {
                return Outcome::Back;
            }
            if checked.outcome.verdict == Verdict::Complete {
                return if names.is_empty() { Outcome::Clean } else { Outcome::Other(names) };
            }
        }
        unreachable!("a search without a limit is complete")
    }

    /// As few pieces as bring the finding back, one of them given.
    fn smallest_with<'p>(&self, piece: &'p Piece, all: &'p [Piece]) -> Vec<&'p Piece> {
        let mut group: Vec<&Piece> = all.iter().collect();
        assert_eq!(self.outcome(&group), Outcome::Back, "{}: all of the mend put back is the bug", self.name);
        for other in all.iter().filter(|other| *other != piece) {
            let without: Vec<&Piece> = group.iter().copied().filter(|kept| *kept != other).collect();
            if self.outcome(&without) == Outcome::Back {
                group = without;
            }
        }
        group
    }

    /// Whether a line that is there in the bug stands here in the mended file: the same, or one that begins or ends alike.
    fn moved(&self, there: &Piece, here: &Piece) -> bool {
        let alike = |one: &str, other: &str| {
            let begins = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
            let ends = one.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count();
            2 * begins.max(ends) > one.len().max(other.len())
        };
        let stands = &self.mended[here.mended.clone()];
        let there = self.bug[there.bug.clone()].iter();
        there.map(|line| line.trim()).any(|line| stands.iter().any(|other| alike(line, other.trim())))
    }

    fn words(&self, piece: &Piece) -> String {
        let lines = |from: &[String]| from.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        format!("`{}` for `{}`", lines(&self.bug[piece.bug.clone()]), lines(&self.mended[piece.mended.clone()]))
    }

    /// The row of the table that says that this piece alone changes nothing.
    fn excuse(&self, piece: &Piece) -> Option<&'static str> {
        let has = |line: &str| {
            let mut lines = self.bug[piece.bug.clone()].iter().chain(&self.mended[piece.mended.clone()]);
            lines.any(|other| other.trim() == line)
        };
        CHANGES_NOTHING.iter().find(|(name, line, _)| *name == self.name && has(line)).map(|(_, line, _)| *line)
    }
}

fn take_apart(pair: &Pair, tally: &mut Tally) {
    let hunks = hunks(&pair.mended, &pair.bug);
    tally.pairs += 1;
    tally.hunks += hunks.len();
    let pieces: Vec<Piece> = hunks.iter().flat_map(pieces).collect();
    for piece in &pieces {
        match pair.outcome(&[piece]) {
            Outcome::Back => tally.alone += 1,
            Outcome::Rejected | Outcome::Other(_) => {
                let group = pair.smallest_with(piece, &pieces);
                assert!(group.len() > 1, "{}: {} is rejected alone", pair.name, pair.words(piece));
                tally.together += 1;
            }
            Outcome::Clean if pair.is_half(piece, &hunks) => tally.halves += 1,
            Outcome::Clean => match pair.excuse(piece) {
                Some(row) => tally.excused.push(row),
                None => tally.wrong.push(format!("{}: {}", pair.name, pair.words(piece))),
            },
        }
    }
}

fn compile(name: &str, text: &str, config: &Config) -> Option<Program> {
    let kconfig = config.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    kernel_c::compile(name, text.as_bytes(), &kernel_c::Options { cpus: None, kconfig }, &NoFiles).program
}

/// The lines of code of a scenario: without comments, blank lines, and what it expects.
fn code(text: &str) -> Vec<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['"', '/']) {
        let (before, from) = rest.split_at(at);
        out += before;
        let end = if from.starts_with("/*") {
            from.find("*/").map_or(from.len(), |end| end + 2)
        } else if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else {
            let end = if from.starts_with('"') { string_end(from) } else { 1 };
            out += &from[..end];
            end
        };
        rest = &from[end..];
    }
    out += rest;
    let lines = out.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with("EXPECT"));
    lines.map(str::to_owned).collect()
}

/// Where a string literal ends.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Where two files differ, by a longest common subsequence of lines.
fn hunks(mended: &[String], bug: &[String]) -> Vec<Piece> {
    let (rows, columns) = (mended.len(), bug.len());
    let mut common = vec![vec![0u16; columns + 1]; rows + 1];
    for m in (0..rows).rev() {
        for b in (0..columns).rev() {
            common[m][b] =
                if mended[m] == bug[b] { common[m + 1][b + 1] + 1 } else { common[m + 1][b].max(common[m][b + 1]) };
        }
    }
    let (mut hunks, mut m, mut b) = (Vec::new(), 0, 0);
    while m < rows || b < columns {
        let (from_m, from_b) = (m, b);
        while (m < rows || b < columns) && !(m < rows && b < columns && mended[m] == bug[b]) {
            if b == columns || (m < rows && common[m + 1][b] >= common[m][b + 1]) {
                m += 1;
            } else {
                b += 1;
            }
        }
        if (from_m, from_b) != (m, b) {
            hunks.push(Piece { mended: from_m..m, bug: from_b..b });
        } else {
            (m, b) = (m + 1, b + 1);
        }
    }
    hunks
}

/// The smallest parts of a hunk: lines that came, lines that went, lines that stand for one another; the whole hunk, where that cannot be told.
fn pieces(hunk: &Piece) -> Vec<Piece> {
    let line = |range: &Range<usize>, i: usize| range.start + i..range.start + i + 1;
    match (hunk.mended.len(), hunk.bug.len()) {
        (lines, 0) => (0..lines).map(|i| Piece { mended: line(&hunk.mended, i), bug: hunk.bug.clone() }).collect(),
        (0, lines) => (0..lines).map(|i| Piece { mended: hunk.mended.clone(), bug: line(&hunk.bug, i) }).collect(),
        (m, b) if m == b => (0..m).map(|i| Piece { mended: line(&hunk.mended, i), bug: line(&hunk.bug, i) }).collect(),
        _ => vec![hunk.clone()],
    }
}

#[test]
fn a_diff_is_taken_apart_into_lines_where_it_can_be() {
    let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (mended, bug) = (lines("a lock b c unlock d X Y e"), lines("a b c d x y e Q"));
    let hunks = hunks(&mended, &bug);
    let apart: Vec<Piece> = hunks.iter().flat_map(pieces).collect();
    assert_eq!((hunks.len(), apart.len()), (4, 5), "{hunks:?}");
    let pair = Pair { name: "pair.c".into(), config: &[], mended, bug, expected: Vec::new() };
    let all: Vec<&Piece> = apart.iter().collect();
    assert_eq!(pair.with(&all), pair.bug.join("\n") + "\n");
    assert_eq!(pair.with(&[]), pair.mended.join("\n") + "\n");
    assert_eq!(pair.with(&[&apart[2]]).replace('\n', " "), "a lock b c unlock d x Y e ");
    let names: BTreeSet<String> = apart.iter().map(|piece| pair.words(piece)).collect();
    assert_eq!(names.len(), apart.len());
}

#[test]
fn code_is_what_is_left_without_comments_and_expectations() {
    let text = "/* why\n * \"this\" */\nint a; // of b\n\nchar *s = \"/* \\\" */\";\nint c = a / 2;\nEXPECT(clean);\n";
    assert_eq!(code(text), ["int a;", "char *s = \"/* \\\" */\";", "int c = a / 2;"]);
}
