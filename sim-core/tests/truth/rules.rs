//! What the search and the validator say of a program, side by side.
//!
//! Invariant: a deadlock counts as covered only by a finding that says it can happen, about no other locks than those that are waited for.

use sim_core::check::{Checked, check};
use sim_core::finding::{Finding, Kind, LockRule, Wait};
use sim_core::machine::MachineOptions;
use sim_core::program::Program;
use sim_core::search::{Options, Verdict};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Programs with more states than this are left out; few may be.
const LIMIT: u64 = 20_000;

/// The rules about deadlocks.
const RULES: [Kind; 5] =
    [Kind::LockOrder, Kind::RecursiveLock, Kind::IrqUnsafeLock, Kind::IrqLockInversion, Kind::IrqLockOrder];

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Ordinary,
    TwoThreads,
    Unfused,
    NoValidator,
}

/// Names of locks.
pub(crate) type Locks = BTreeSet<String>;

/// Contexts that wait in a cycle for locks, and for CPUs on which handlers do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deadlock {
    pub(crate) waited_for: Locks,
    pub(crate) by_interrupt: bool,
    message: String,
    /// A finding that says so covers it.
    covered: bool,
    /// The rules that are told with it.
    pub(crate) rules: BTreeSet<Kind>,
}

/// A rule's finding that no deadlock came of.
#[derive(Clone, Debug)]
pub(crate) struct Alarm {
    pub(crate) kinds: BTreeSet<Kind>,
    pub(crate) locks: Locks,
    pub(crate) impossible: Option<String>,
    message: String,
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        write!(f, "{}: {}", kinds.join(", "), self.message)
    }
}

/// What is said of a program.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) states: u64,
    pub(crate) deadlocks: Vec<Deadlock>,
    /// How many of a rule's findings a deadlock came of.
    pub(crate) reached: u32,
    pub(crate) alarms: Vec<Alarm>,
    /// Which rules are broken with which locks.
    pub(crate) rules: BTreeSet<(Kind, Locks)>,
    /// Somebody sleeps where that is forbidden, and is told so.
    pub(crate) sleeps_in_atomic: bool,
}

impl Judged {
    /// A deadlock that no finding covers.
    pub(crate) fn missed(&self) -> Option<&str> {
        self.deadlocks.iter().find(|deadlock| !deadlock.covered).map(|deadlock| deadlock.message.as_str())
    }
}

/// Searches a program; `None` if it is too big.
pub(crate) fn judge(program: &Program, setting: Setting) -> Option<Judged> {
    let machine =
        MachineOptions { fuse: setting != Setting::Unfused, lockdep: setting != Setting::NoValidator, accesses: false };
    let threads = if setting == Setting::TwoThreads { 2 } else { 1 };
    let options = Options { threads, max_states: Some(LIMIT), ..Options::default() };
    let checked = check(Arc::new(program.clone()), machine, &options, &mut |_| ControlFlow::Continue(()));
    (checked.outcome.verdict == Verdict::Complete).then(|| compare(&checked))
}

fn compare(checked: &Checked) -> Judged {
    let findings = &checked.findings;
    let deadlocks: Vec<Deadlock> = findings.iter().filter_map(|finding| deadlock(finding, findings)).collect();
    let mut rules = BTreeSet::new();
    for finding in findings {
        if let Some(rule) = &finding.rule {
            rules.extend(rule_kinds(finding).into_iter().map(|kind| (kind, locks(rule))));
        }
    }
    let alarms: Vec<Alarm> = findings.iter().filter_map(alarm).collect();
    let came_of = |alarm: &Alarm| {
        deadlocks.iter().any(|d| d.waited_for == alarm.locks && d.by_interrupt == is_about_interrupts(&alarm.kinds))
    };
    let joined: BTreeSet<(Kind, &Locks)> =
        deadlocks.iter().flat_map(|d| d.rules.iter().map(|kind| (*kind, &d.waited_for))).collect();
    Judged {
        states: checked.outcome.stats.states,
        sleeps_in_atomic: findings
            .iter()
            .any(|finding| matches!(finding.kind, Kind::SleepInAtomic | Kind::ScheduleInAtomic)),
        reached: joined.len() as u32,
        alarms: alarms.into_iter().filter(|alarm| !came_of(alarm)).collect(),
        rules,
        deadlocks,
    }
}

fn rule_kinds(finding: &Finding) -> BTreeSet<Kind> {
    let kinds = std::iter::once(finding.kind).chain(finding.also.iter().copied());
    kinds.filter(|kind| RULES.contains(kind)).collect()
}

pub(crate) fn is_about_interrupts(kinds: &BTreeSet<Kind>) -> bool {
    !kinds.contains(&Kind::LockOrder) && !kinds.contains(&Kind::RecursiveLock)
}

fn locks(rule: &LockRule) -> Locks {
    rule.classes.iter().map(|class| class.name.clone()).collect()
}

fn alarm(finding: &Finding) -> Option<Alarm> {
    let rule = finding.rule.as_ref().filter(|_| RULES.contains(&finding.kind))?;
    Some(Alarm {
        kinds: rule_kinds(finding),
        locks: locks(rule),
        impossible: rule.impossible.clone(),
        message: finding.message.clone(),
    })
}

/// The deadlock that a finding tells of, if it is one over locks.
fn deadlock(finding: &Finding, all: &[Finding]) -> Option<Deadlock> {
    let beneath_a_handler =
        |wait: &Wait| wait.is_for_its_cpu() && wait.holder.as_ref().is_some_and(|holder| holder.starts_with("line"));
    let for_a_lock = |wait: &Wait| wait.is_for_a_lock() && wait.holder.is_some();
    let over_locks = |wait: &Wait| for_a_lock(wait) || beneath_a_handler(wait);
    if finding.kind != Kind::Deadlock || !finding.waits.iter().all(over_locks) {
        return None;
    }
    let waited_for: Locks =
        finding.waits.iter().filter(|wait| wait.is_for_a_lock()).map(|wait| wait.what.clone()).collect();
    // A rule is told with one deadlock that breaks it, or by itself.
    let says_so = |other: &Finding| {
        let possible = |rule: &&LockRule| rule.impossible.is_none() && locks(rule).is_subset(&waited_for);
        !rule_kinds(other).is_empty() && other.rule.as_ref().is_some_and(|rule| possible(&rule))
    };
    let rules = rule_kinds(finding);
    Some(Deadlock {
        by_interrupt: finding.waits.iter().any(beneath_a_handler),
        message: finding.message.clone(),
        covered: all.iter().any(says_so),
        rules,
        waited_for,
    })
}
