//! What is found: the names, how sure it is, and the evidence.
//!
//! Invariant: a report is data, of which any text, picture or table can be made; it holds whatever the kernel's own report shows.

use crate::class::{ClassId, ContextId, InstanceId, LockType, Read};
use crate::fact::{EdgeKind, Problem, WaitLimit};
use crate::facts::{ClassFacts, Evidence, Facts};
use crate::usage::{IrqKind, UsageBit, UsageMask};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $heading:literal;)*) => {
        /// What is wrong. The names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The kernel's heading for it; of several, the most usual.
            pub fn heading(self) -> &'static str {
                match self { $(Self::$variant => $heading,)* }
            }
        }
    };
}

kinds! {
    /// A class taken again while held.
    RecursiveLock = "recursive_lock", "WARNING: possible recursive locking detected";
    /// A strong cycle of classes.
    LockOrder = "lock_order", "WARNING: possible circular locking dependency detected";
    /// One class used in a context, and interruptible by it.
    IrqUnsafeLock = "irq_unsafe_lock", "WARNING: inconsistent lock state";
    /// A usage change completes a path from an irq-safe to an irq-unsafe class.
    IrqLockInversion = "irq_lock_inversion", "WARNING: possible irq lock inversion dependency detected";
    /// A new edge completes one.
    IrqLockOrder = "irq_lock_order", "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected";
    /// A lock waited for where such a wait is forbidden.
    WaitContext = "wait_context", "[ BUG: Invalid wait context ]";
    /// Release of what is not held, or by another.
    BadUnlock = "bad_unlock", "WARNING: bad unlock balance detected!";
    /// A task, handler, work item or system call ends with a lock held.
    LockLeak = "lock_leak", "WARNING: lock held when returning to user space!";
    /// A work function returns with a lock held.
    WorkLeaked = "work_leaked", "BUG: workqueue leaked atomic, lock or RCU";
    /// Memory freed or initialised again with a held lock in it.
    HeldLockFreed = "held_lock_freed", "WARNING: held lock freed!";
    /// A lock used before it was initialised.
    UninitialisedLock = "uninitialised_lock", "INFO: trying to register non-static key.";
    /// A nest lock that is not held.
    NestLock = "nest_lock", "WARNING: Nested lock was not taken";
    /// A false `lockdep_assert_*`, a misused pin or `ww_acquire_ctx`.
    LockAssertion = "lock_assertion", "WARNING: lockdep_assert_held";
    /// A table of the validator is full.
    ValidatorLimit = "validator_limit", "BUG: MAX_LOCK_DEPTH too low!";
}

impl Kind {
    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The kind that a problem is.
    pub fn of_problem(problem: &Problem) -> Self {
        match problem {
            Problem::Recursion { .. } => Self::RecursiveLock,
            Problem::WaitContext { .. } => Self::WaitContext,
            Problem::NestLock { .. } => Self::NestLock,
            Problem::BadUnlock { .. } => Self::BadUnlock,
            Problem::HeldLockFreed { .. } => Self::HeldLockFreed,
            Problem::LockLeak { end: crate::fact::End::Work, .. } => Self::WorkLeaked,
            Problem::LockLeak { .. } => Self::LockLeak,
            Problem::Uninitialised { .. } => Self::UninitialisedLock,
            Problem::Assertion { .. } | Problem::Pin { .. } | Problem::Ww { .. } => Self::LockAssertion,
            Problem::Limit { .. } => Self::ValidatorLimit,
        }
    }
}

impl Problem {
    /// Whether the kernel's validator turns itself off when it reports this. Plain warnings leave it on.
    pub fn turns_validator_off(&self) -> bool {
        match self {
            Self::Assertion { .. } | Self::Pin { .. } => false,
            Self::BadUnlock { why, .. } => *why != crate::fact::BadRelease::DowngradedReader,
            Self::LockLeak { end, .. } => *end != crate::fact::End::Work,
            _ => true,
        }
    }
}

impl From<Kind> for &'static str {
    fn from(kind: Kind) -> Self {
        kind.name()
    }
}

impl TryFrom<String> for Kind {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::from_name(&name).ok_or(name)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It went wrong, or is certain to.
    Error,
    /// It can go wrong.
    Warning,
    /// The kernel warns, but it cannot go wrong as things are.
    Note,
}

/// Whether what a report says can come to pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// Nothing that was seen forbids it.
    Possible,
    /// It cannot, for this reason.
    Impossible(Impossible),
    /// There were too many ways to look at all; as far as was looked, none could.
    Unsettled,
}

/// Why a cycle cannot deadlock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum Impossible {
    /// Two of its edges were made, every time, under one and the same lock.
    Gate {
        /// The locks that keep them apart.
        locks: Vec<InstanceId>,
    },
    /// One context made all of it.
    OneContext {
        /// Which.
        context: ContextId,
    },
    /// Contexts made it that are never under way together.
    NeverTogether,
}

/// One edge of a path, and how it came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link<W> {
    /// The class held.
    pub from: ClassId,
    /// The class taken.
    pub to: ClassId,
    /// The kind that the path needs.
    pub kind: EdgeKind,
    /// Every kind that it was made in.
    pub kinds: BTreeSet<EdgeKind>,
    /// How it was made as the kind that the path needs.
    pub evidence: Evidence<W>,
}

/// A use of a class, and how it came to be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use<W> {
    /// The class.
    pub class: ClassId,
    /// The use.
    pub bit: UsageBit,
    /// How.
    pub evidence: Evidence<W>,
}

/// What completed a path between an irq-safe and an irq-unsafe class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletedBy {
    /// This edge of the path.
    Edge(usize),
    /// The first class was taken in an interrupt.
    UsedIn,
    /// The last class was held with interrupts on.
    Enabled,
}

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "about")]
pub enum Detail<W> {
    /// `lock_order`: each edge leads on to the next, the last to the first. The last is the one that closed it.
    Cycle {
        /// The edges.
        links: Vec<Link<W>>,
    },
    /// `recursive_lock`
    Recursion {
        /// The class.
        class: ClassId,
        /// The very same lock.
        same_instance: bool,
        /// How it was held.
        held: Read,
        /// How it was taken.
        taken: Read,
        /// What the class's comparison function said.
        comparison: Option<i8>,
        /// When.
        evidence: Evidence<W>,
    },
    /// `irq_unsafe_lock`: for each interrupt concerned, a use in it and a use that it can interrupt.
    Inconsistent {
        /// The class.
        class: ClassId,
        /// The pairs. The one that a kernel reports is the first.
        conflicts: Vec<(Use<W>, Use<W>)>,
    },
    /// `irq_unsafe_lock` for NMIs.
    InNmi {
        /// The class.
        class: ClassId,
        /// A use outside NMIs.
        outside: Use<W>,
        /// How it was taken inside.
        read: bool,
        /// When it was.
        inside: Evidence<W>,
    },
    /// `irq_lock_order`, `irq_lock_inversion`: a path from a class used in an interrupt to one that the interrupt can find held.
    IrqPath {
        /// Which interrupt.
        irq: IrqKind,
        /// The use in it, of the class at which the path begins.
        used_in: Use<W>,
        /// The use that it can interrupt, of the class at which the path ends.
        enabled: Use<W>,
        /// The path; empty in the rare case that both are one class.
        links: Vec<Link<W>>,
        /// What came last.
        completed_by: CompletedBy,
    },
    /// Everything that one event shows.
    Problem {
        /// What.
        problem: Problem,
        /// When.
        evidence: Evidence<W>,
    },
}

/// What is known of a class that a report names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassState<W> {
    /// Its type.
    pub lock: LockType,
    /// How it was used.
    pub usage: UsageMask,
    /// For each use, how it came to be known.
    pub uses: Vec<(UsageBit, Evidence<W>)>,
}

impl<W: Ord + Clone> ClassState<W> {
    pub(crate) fn of(facts: &ClassFacts<W>) -> Self {
        let usage = facts.mask();
        let uses = usage.bits().filter_map(|bit| Some((bit, facts.evidence(bit)?.clone()))).collect();
        Self { lock: facts.lock, usage, uses }
    }
}

/// One distinct problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report<W> {
    /// What it is.
    pub kind: Kind,
    /// What else it could as well be called: which of two facts completed a path depends on the schedule.
    pub also: Vec<Kind>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it can come to pass.
    pub verdict: Verdict,
    /// What it is about.
    pub detail: Detail<W>,
    /// The classes that it is about.
    #[serde(with = "as_pairs")]
    pub classes: BTreeMap<ClassId, ClassState<W>>,
}

/// Maps whose keys are not text, as lists of pairs.
pub(crate) mod as_pairs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl<W: Ord + Clone> Detail<W> {
    /// The classes that it names.
    pub fn classes(&self) -> BTreeSet<ClassId> {
        let ends = |links: &[Link<W>]| links.iter().flat_map(|link| [link.from, link.to]).collect::<BTreeSet<_>>();
        match self {
            Self::Cycle { links } => ends(links),
            Self::Recursion { class, .. } | Self::Inconsistent { class, .. } | Self::InNmi { class, .. } => {
                [*class].into()
            }
            Self::IrqPath { used_in, enabled, links, .. } => {
                let mut classes = ends(links);
                classes.extend([used_in.class, enabled.class]);
                classes
            }
            Self::Problem { problem, .. } => match *problem {
                Problem::WaitContext { limit: WaitLimit::Lock(held), class } => [held, class].into(),
                Problem::Recursion { class, .. }
                | Problem::WaitContext { class, .. }
                | Problem::NestLock { class, .. }
                | Problem::HeldLockFreed { class, .. }
                | Problem::LockLeak { class, .. } => [class].into(),
                Problem::BadUnlock { class, .. } | Problem::Assertion { class, .. } | Problem::Pin { class, .. } => {
                    class.into_iter().collect()
                }
                Problem::Uninitialised { .. } | Problem::Ww { .. } | Problem::Limit { .. } => BTreeSet::new(),
            },
        }
    }

    /// The evidence of what came last: where the kernel would print its report.
    pub fn evidence(&self) -> Option<&Evidence<W>> {
        match self {
            Self::Cycle { links } => links.last().map(|link| &link.evidence),
            Self::Recursion { evidence, .. } | Self::Problem { evidence, .. } => Some(evidence),
            Self::Inconsistent { conflicts, .. } => {
                conflicts.first().map(|(used_in, enabled)| (&used_in.evidence).max(&enabled.evidence))
            }
            Self::InNmi { inside, .. } => Some(inside),
            Self::IrqPath { used_in, enabled, links, completed_by, .. } => match completed_by {
                CompletedBy::Edge(at) => links.get(*at).map(|link| &link.evidence),
                CompletedBy::UsedIn => Some(&used_in.evidence),
                CompletedBy::Enabled => Some(&enabled.evidence),
            },
        }
    }
}

impl<W: Ord + Clone> Report<W> {
    pub(crate) fn new(kind: Kind, verdict: Verdict, detail: Detail<W>, facts: &Facts<W>) -> Self {
        Self::with_states(kind, verdict, detail, |class| facts.classes.get(&class).map(ClassState::of))
    }

    pub(crate) fn with_states(
        kind: Kind,
        verdict: Verdict,
        detail: Detail<W>,
        state: impl Fn(ClassId) -> Option<ClassState<W>>,
    ) -> Self {
        let certain = match &detail {
            Detail::Recursion { same_instance, .. } => *same_instance,
            Detail::Problem { problem, .. } => !matches!(problem, Problem::WaitContext { .. }),
            _ => false,
        };
        let severity = match verdict {
            Verdict::Impossible(_) => Severity::Note,
            _ if certain => Severity::Error,
            _ => Severity::Warning,
        };
        let classes = detail.classes().into_iter().filter_map(|class| Some((class, state(class)?))).collect();
        Self { kind, also: Vec::new(), severity, verdict, detail, classes }
    }

    /// The heading that the kernel prints for this very report.
    pub fn heading(&self) -> String {
        match &self.detail {
            Detail::IrqPath { irq, used_in, .. } if self.kind == Kind::IrqLockOrder => {
                let read = if used_in.bit.is_read() { "-READ" } else { "" };
                let irq = irq.name();
                format!("WARNING: {irq}{read}-safe -> {irq}{read}-unsafe lock order detected")
            }
            Detail::Problem { problem: Problem::LockLeak { end: crate::fact::End::Task, .. }, .. } => {
                "WARNING: task still has locks held!".to_owned()
            }
            Detail::Problem {
                problem: Problem::Limit { limit: crate::fact::TableLimit::Subclass(sub), .. }, ..
            } => {
                format!("BUG: looking up invalid subclass: {sub}")
            }
            _ => self.kind.heading().to_owned(),
        }
    }
}
