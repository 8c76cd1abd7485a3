//! Every finding explained: what it is, what a kernel says, why it is wrong, how to mend it, and the smallest example with its mended form.
//!
//! Invariant: each example is a scenario that stands alone and says in `EXPECT` what it shows; tests check that it does.

use crate::render::text::{self, GOOD, STRONG, paint, width};
use sim_core::finding::{Kind, Severity};

/// What is told about a finding.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// In a line, lower case.
    pub title: &'static str,
    /// The text after the title, in a little Markdown: headings, paragraphs, `code`.
    pub text: &'static str,
    /// A scenario that has the bug.
    pub bug: &'static str,
    /// The same, mended.
    pub mended: &'static str,
}

macro_rules! pages {
    ($($kind:ident $name:literal)*) => {
        /// The page of a kind.
        pub fn page(kind: Kind) -> Page {
            match kind {
                $(Kind::$kind => Page::new(
                    include_str!(concat!($name, ".md")),
                    include_str!(concat!($name, ".bug.c")),
                    include_str!(concat!($name, ".mended.c")),
                ),)*
            }
        }
    };
}

pages! {
    Deadlock "deadlock"
    HungTask "hung_task"
    SoftLockup "soft_lockup"
    HardLockup "hard_lockup"
    Livelock "livelock"
    WorkqueueLockup "workqueue_lockup"
    LockOrder "lock_order"
    RecursiveLock "recursive_lock"
    IrqUnsafeLock "irq_unsafe_lock"
    IrqLockInversion "irq_lock_inversion"
    IrqLockOrder "irq_lock_order"
    WaitContext "wait_context"
    BadUnlock "bad_unlock"
    LockLeak "lock_leak"
    HeldLockFreed "held_lock_freed"
    UninitialisedLock "uninitialised_lock"
    NestLock "nest_lock"
    LockAssertion "lock_assertion"
    SleepInAtomic "sleep_in_atomic"
    ScheduleInAtomic "schedule_in_atomic"
    WrongContext "wrong_context"
    IrqState "irq_state"
    PreemptLeak "preempt_leak"
    NotRunning "not_running"
    SmpProcessorId "smp_processor_id"
    RcuUsage "rcu_usage"
    RcuSleep "rcu_sleep"
    RcuSyncInReader "rcu_sync_in_reader"
    RcuDoubleCall "rcu_double_call"
    RcuStall "rcu_stall"
    DataRace "data_race"
    UnorderedAccess "unordered_access"
    UseAfterFree "use_after_free"
    DoubleFree "double_free"
    FreeActive "free_active"
    UnloadedCode "unloaded_code"
    OutOfBounds "out_of_bounds"
    NullDeref "null_deref"
    Uninitialised "uninitialised"
    MemoryLeak "memory_leak"
    FlushDependency "flush_dependency"
    WorkLeaked "work_leaked"
    Refcount "refcount"
    BugOn "bug_on"
    WarnOn "warn_on"
    Invariant "invariant"
    FinalState "final_state"
    NeverReached "never_reached"
}

impl Page {
    fn new(text: &'static str, bug: &'static str, mended: &'static str) -> Self {
        let (title, text) = text.split_once('\n').unwrap_or((text, ""));
        Self { title: title.trim_start_matches("# "), text: text.trim(), bug, mended }
    }
}

/// All names with their titles.
pub fn list(columns: usize) -> String {
    let names = Kind::ALL.iter().map(|kind| width(kind.name())).max().unwrap_or(0);
    let mut out = String::new();
    for &kind in Kind::ALL {
        let gap = " ".repeat(names - width(kind.name()) + 2);
        let title = text::wrap_with(page(kind).title, columns - names - 2, "", "");
        for (i, line) in title.iter().enumerate() {
            if i == 0 {
                out += &format!("{}{gap}{line}\n", paint(STRONG, kind.name()));
            } else {
                out += &format!("{}{line}\n", " ".repeat(names + 2));
            }
        }
    }
    out + "\nlocklab explain NAME tells about one of them.\n"
}

/// The page of a kind, laid out.
pub fn draw(kind: Kind, columns: usize) -> String {
    let page = page(kind);
    let severity = match kind.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let heading = format!("{} ({severity}): {}", kind.name(), page.title);
    let mut out = String::new();
    for line in text::wrap(&heading, columns) {
        out += &format!("{}\n", paint(STRONG, &line));
    }
    for block in page.text.split("\n\n") {
        out += &block_of_text(block, columns);
    }
    out += &example("Example", page.bug);
    out += &example("Mended", page.mended);
    out
}

fn block_of_text(block: &str, columns: usize) -> String {
    if let Some(heading) = block.strip_prefix("## ") {
        return format!("\n{}\n", paint(GOOD, heading));
    }
    let text = block.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = text::wrap_with(&text, columns.min(100), "  ", "  ");
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn example(heading: &str, code: &str) -> String {
    let mut out = format!("\n{}\n\n", paint(GOOD, heading));
    for line in code.lines() {
        let line = line.replace('\t', "        ");
        out += format!("    {line}").trim_end();
        out.push('\n');
    }
    out
}

/// What is said of a name that is none, and what to do.
pub fn unknown(name: &str) -> (String, String) {
    let near = Kind::ALL
        .iter()
        .map(|kind| (strsim::damerau_levenshtein(name, kind.name()), kind.name()))
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .min();
    let help = match near {
        Some((_, known)) => format!("did you mean `{known}`?"),
        None => "`locklab explain` lists all names".to_owned(),
    };
    (format!("there is no finding `{name}`"), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_page_with_all_its_sections() {
        for &kind in Kind::ALL {
            let page = page(kind);
            assert!(!page.title.is_empty() && !page.title.ends_with('.'), "{}", kind.name());
            let headings: Vec<&str> = page.text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            let wanted = ["What it is", "What a kernel says", "Why it is wrong", "How to mend it"];
            assert_eq!(headings, wanted, "{}", kind.name());
        }
    }

    #[test]
    fn every_example_expects_its_finding_and_its_mended_form_none() {
        for &kind in Kind::ALL {
            let page = page(kind);
            let expected = page.bug.split("EXPECT(").nth(1).and_then(|rest| rest.split(");").next()).unwrap_or("");
            assert!(expected.split(", ").any(|name| name == kind.name()), "{}: {expected}", kind.name());
            assert!(page.mended.contains("EXPECT(clean);"), "{}", kind.name());
        }
    }

    #[test]
    fn pages_fit_their_width() {
        for &kind in Kind::ALL {
            for columns in [60, 80] {
                let drawn = anstream::adapter::strip_str(&draw(kind, columns)).to_string();
                let prose = drawn.split("\nExample\n").next().unwrap_or_default();
                assert!(prose.lines().all(|line| width(line) <= columns), "{} at {columns}", kind.name());
            }
        }
    }

    #[test]
    fn a_name_that_is_nearly_right_is_recognised() {
        assert!(unknown("dead_lock").1.contains("did you mean `deadlock`?"));
        assert!(unknown("xyzzy").1.contains("lists all names"));
    }
}
