//! The verdict over all that was seen: a function of the facts, and of nothing else.
//!
//! Invariant: whatever can deadlock over the edges and uses in the facts is reported. What is reported as impossible is so by the contexts
//! and gates in the facts; where there are too many ways to look at all, it stays a warning.

mod cycles;
mod irq;
mod search;

use crate::class::{ClassId, ContextId};
use crate::fact::Problem;
use crate::facts::Facts;
use crate::report::{Detail, Kind, Report, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which contexts can be under way at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Any two, but none with itself.
    #[default]
    Distinct,
    /// Any two, and each with itself: for recorded events, where another task can do tomorrow what this one did today.
    Anyone,
    /// Those of which [`Facts::overlaps`] tells.
    Observed,
}

impl Overlap {
    fn holds<W>(self, facts: &Facts<W>, a: ContextId, b: ContextId) -> bool {
        match self {
            Self::Distinct => a != b,
            Self::Anyone => true,
            Self::Observed => facts.overlaps.contains(&(a.min(b), a.max(b))),
        }
    }
}

/// How to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Options {
    /// Which contexts can be under way at the same time.
    pub overlap: Overlap,
    /// How many partial paths to look at for one edge or pair of classes, before the verdict is [`Verdict::Unsettled`].
    pub effort: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { overlap: Overlap::default(), effort: 20_000 }
    }
}

/// Everything that is wrong, each distinct problem once, in the order of [`Kind`].
///
/// ```
/// use lockdep_model::class::{ClassId, ContextId, InstanceId, KeyId, LockType};
/// use lockdep_model::exact::{check, Options};
/// use lockdep_model::facts::Facts;
/// use lockdep_model::held::{HeldStack, IrqState};
/// use lockdep_model::settings::Settings;
/// use lockdep_model::step::{acquire, Acquire, Env};
///
/// let settings = Settings::default();
/// let lock = |n: u32| Acquire::new(ClassId::new(KeyId(n)), LockType::Spin, InstanceId(n.into()));
/// let mut facts = Facts::new();
/// for (task, [first, second]) in [(0, [1, 2]), (1, [2, 1])] {
///     let env = Env { settings: &settings, context: ContextId(task), irq: IrqState::TASK };
///     let mut held = HeldStack::new();
///     acquire(&env, &mut held, &lock(first), &mut facts.recorder(&task));
///     acquire(&env, &mut held, &lock(second), &mut facts.recorder(&task));
/// }
/// let reports = check(&facts, &Options::default());
/// assert_eq!(reports.len(), 1);
/// assert_eq!(reports[0].kind.name(), "lock_order");
/// ```
pub fn check<W: Ord + Clone>(facts: &Facts<W>, options: &Options) -> Vec<Report<W>> {
    let mut reports = recursions(facts);
    reports.extend(cycles::cycles(facts, options));
    reports.extend(irq::inconsistent(facts, options));
    reports.extend(irq::in_nmi(facts));
    reports.extend(irq::paths(facts, options));
    reports.extend(problems(facts));
    reports.sort_by_key(|report| report.kind); // stable: within a kind they come sorted
    reports
}

/// One report for a class, of the very same lock if there was such a case.
fn recursions<W: Ord + Clone>(facts: &Facts<W>) -> Vec<Report<W>> {
    let mut least = BTreeMap::<ClassId, _>::new();
    for (problem, evidence) in &facts.problems {
        if let Problem::Recursion { class, same_instance, held, taken, comparison } = *problem {
            let rank = (!same_instance, evidence);
            let detail =
                Detail::Recursion { class, same_instance, held, taken, comparison, evidence: evidence.clone() };
            match least.entry(class) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert((rank, detail));
                }
                std::collections::btree_map::Entry::Occupied(mut entry) if rank < entry.get().0 => {
                    entry.insert((rank, detail));
                }
                std::collections::btree_map::Entry::Occupied(_) => {}
            }
        }
    }
    let details = least.into_values().map(|(_, detail)| detail);
    details.map(|detail| Report::new(Kind::RecursiveLock, Verdict::Possible, detail, facts)).collect()
}

fn problems<W: Ord + Clone>(facts: &Facts<W>) -> Vec<Report<W>> {
    let others = facts.problems.iter().filter(|(problem, _)| !matches!(problem, Problem::Recursion { .. }));
    others
        .map(|(problem, evidence)| {
            let detail = Detail::Problem { problem: problem.clone(), evidence: evidence.clone() };
            Report::new(Kind::of_problem(problem), Verdict::Possible, detail, facts)
        })
        .collect()
}
