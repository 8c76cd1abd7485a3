//! What the validator found in a recording, in words and as data.
//!
//! Invariant: the human report and the JSON say the same; nothing is decided here.

use super::recording::{Recording, Witness, context_name};
use lockdep_model::class::ClassId;
use lockdep_model::fact::{Problem, WaitLimit};
use lockdep_model::facts::Evidence;
use lockdep_model::report::{Detail, Impossible, Link, Report, Severity, Use, Verdict};
use serde::Serialize;

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Its stable name.
    pub kind: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: Severity,
    /// What happened, in a line.
    pub message: String,
    /// What the kernel would print above its report.
    pub heading: String,
    /// Why it cannot come to pass, if it cannot.
    pub impossible: Option<String>,
    /// What it rests on.
    pub evidence: Vec<Shown>,
}

/// An event that a finding rests on.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// What it shows.
    pub what: String,
    /// The line of the recording.
    pub line: u64,
    /// Who.
    pub task: String,
    /// Where it ran.
    pub cpu: Option<u16>,
    /// In which kind of context.
    pub context: &'static str,
    /// The function or place, where the recording tells.
    pub at: Option<String>,
    /// The locks held, the oldest first.
    pub held: Vec<String>,
}

/// Describes reports.
pub fn findings(recording: &Recording, reports: &[Report<Witness>]) -> Vec<Finding> {
    let words = Words { recording };
    let mut all: Vec<Finding> = reports.iter().map(|report| words.finding(report)).collect();
    all.sort_by_key(|finding| match finding.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    });
    all
}

struct Words<'a> {
    recording: &'a Recording,
}

impl Words<'_> {
    fn name(&self, class: ClassId) -> String {
        self.recording.keys().class_name(class)
    }

    fn finding(&self, report: &Report<Witness>) -> Finding {
        let impossible = match &report.verdict {
            Verdict::Impossible(reason) => Some(match reason {
                Impossible::Gate { locks } => {
                    let locks: Vec<String> = locks.iter().map(|lock| format!("{:#x}", lock.0)).collect();
                    format!(
                        "each time the lock {} was held as well, so that only one at a time can",
                        locks.join(" or ")
                    )
                }
                Impossible::OneContext { .. } => "only one context does all of this".to_owned(),
                Impossible::NeverTogether => "those who do this are never under way at the same time".to_owned(),
            }),
            Verdict::Possible | Verdict::Unsettled => None,
        };
        Finding {
            kind: report.kind.name(),
            severity: report.severity,
            message: self.message(report),
            heading: report.heading(),
            impossible,
            evidence: self.evidence(&report.detail),
        }
    }

    fn message(&self, report: &Report<Witness>) -> String {
        match &report.detail {
            Detail::Cycle { links } => {
                let steps: Vec<String> = links
                    .iter()
                    .map(|link| format!("`{}` is taken with `{}` held", self.name(link.to), self.name(link.from)))
                    .collect();
                steps.join(", ")
            }
            Detail::Recursion { class, same_instance: true, .. } => {
                format!("a lock of the class `{}` is taken by a task that holds it", self.name(*class))
            }
            Detail::Recursion { class, .. } => {
                format!("a lock of the class `{}` is taken with another of that class held", self.name(*class))
            }
            Detail::Inconsistent { class, conflicts } => {
                let kind = conflicts.first().and_then(|(inside, _)| inside.bit.irq()).map_or("", |irq| match irq {
                    lockdep_model::usage::IrqKind::Hard => "hard interrupt",
                    lockdep_model::usage::IrqKind::Soft => "softirq",
                });
                format!("`{}` is taken in a {kind}, and held where one can come in", self.name(*class))
            }
            Detail::InNmi { class, .. } => {
                format!("`{}` is waited for in an NMI, and used elsewhere", self.name(*class))
            }
            Detail::IrqPath { irq, used_in, enabled, .. } => format!(
                "`{}` is taken in a {}, and `{}`, which is taken with it held, is held where one can come in",
                self.name(used_in.class),
                match irq {
                    lockdep_model::usage::IrqKind::Hard => "hard interrupt",
                    lockdep_model::usage::IrqKind::Soft => "softirq",
                },
                self.name(enabled.class)
            ),
            Detail::Problem { problem: Problem::WaitContext { limit, class }, .. } => {
                let limit = match limit {
                    WaitLimit::HardIrq(_) => "in a hard interrupt".to_owned(),
                    WaitLimit::SoftIrq => "in a softirq".to_owned(),
                    WaitLimit::Lock(held) => format!("with `{}` held", self.name(*held)),
                };
                format!("`{}` is waited for {limit}, where such a wait is forbidden", self.name(*class))
            }
            Detail::Problem { problem: Problem::NestLock { class, .. }, .. } => {
                format!("`{}` is taken under a nest lock that is not held", self.name(*class))
            }
            Detail::Problem { .. } => report.heading(),
        }
    }

    fn evidence(&self, detail: &Detail<Witness>) -> Vec<Shown> {
        match detail {
            Detail::Cycle { links } => links.iter().map(|link| self.link(link)).collect(),
            Detail::Recursion { class, evidence, .. } => {
                vec![self.shown(format!("takes `{}`", self.name(*class)), evidence)]
            }
            Detail::Inconsistent { conflicts, .. } => {
                conflicts.iter().flat_map(|(inside, outside)| [self.used(inside), self.used(outside)]).collect()
            }
            Detail::InNmi { class, outside, inside, .. } => {
                vec![self.shown(format!("waits for `{}`", self.name(*class)), inside), self.used(outside)]
            }
            Detail::IrqPath { used_in, enabled, links, .. } => {
                let links = links.iter().map(|link| self.link(link));
                std::iter::once(self.used(used_in)).chain(links).chain([self.used(enabled)]).collect()
            }
            Detail::Problem {
                problem: Problem::WaitContext { class, .. } | Problem::NestLock { class, .. },
                evidence,
            } => {
                vec![self.shown(format!("waits for `{}`", self.name(*class)), evidence)]
            }
            Detail::Problem { evidence, .. } => vec![self.shown("is here".to_owned(), evidence)],
        }
    }

    fn link(&self, link: &Link<Witness>) -> Shown {
        let what =
            format!("takes `{}` with `{}` held ({})", self.name(link.to), self.name(link.from), link.kind.name());
        self.shown(what, &link.evidence)
    }

    fn used(&self, used: &Use<Witness>) -> Shown {
        let (name, class) = (used.bit.name(), self.name(used.class));
        let what = if used.bit.is_used_in() {
            format!("takes `{class}` in an interrupt ({name})")
        } else {
            format!("has `{class}` with interrupts on ({name})")
        };
        self.shown(what, &used.evidence)
    }

    fn shown(&self, what: String, evidence: &Evidence<Witness>) -> Shown {
        Shown {
            what,
            line: evidence.witness.line,
            task: evidence.witness.task(),
            cpu: evidence.witness.cpu,
            context: context_name(&evidence.irq),
            at: self.recording.place_text(evidence.place).map(str::to_owned),
            held: evidence.held.iter().map(|held| self.name(held.class)).collect(),
        }
    }
}
