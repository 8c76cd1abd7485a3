//! The table of a "Possible unsafe locking scenario": who does what, in which order, until all wait.
//!
//! Invariant: it is that of the kernel's own report, as data; nothing is decided here.

use crate::class::{ClassId, Read};
use crate::report::{Detail, Link, Report};
use serde::{Deserialize, Serialize};

/// How a lock is taken in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// `lock(`
    Lock,
    /// `rlock(`
    Rlock,
    /// `sync(`: waited for, not held
    Sync,
}

/// What a CPU does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Takes a lock.
    Take(Verb, ClassId),
    /// `local_irq_disable();`
    IrqDisable,
    /// `<Interrupt>`: what follows on this CPU is in it.
    Interrupt,
}

/// The rows and what stands above them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scenario {
    /// How many CPUs it takes.
    pub cpus: u8,
    /// `Chain exists of:` these classes, where more than the rows are needed to see it.
    pub chain: Option<[ClassId; 3]>,
    /// Which CPU does what, from the first to the last.
    pub rows: Vec<(u8, Act)>,
}

fn held_verb<W>(link: &Link<W>) -> Verb {
    if link.kind.is_exclusive() { Verb::Lock } else { Verb::Rlock }
}

/// The scenario that the kernel prints with this report, if it prints one.
pub fn scenario<W>(report: &Report<W>) -> Option<Scenario> {
    match &report.detail {
        Detail::Cycle { links } => cycle(links),
        Detail::Recursion { class, .. } => {
            let take = (0, Act::Take(Verb::Lock, *class));
            Some(Scenario { cpus: 1, chain: None, rows: vec![take, take] })
        }
        Detail::Inconsistent { class, .. } | Detail::InNmi { class, .. } => {
            let take = (0, Act::Take(Verb::Lock, *class));
            Some(Scenario { cpus: 1, chain: None, rows: vec![take, (0, Act::Interrupt), take] })
        }
        Detail::IrqPath { used_in, enabled, links, .. } => {
            let (safe, unsafe_) = (used_in.class, enabled.class);
            let middle = links.first().map_or(unsafe_, |link| link.to);
            let take = |cpu, class| (cpu, Act::Take(Verb::Lock, class));
            let rows = vec![
                take(0, unsafe_),
                (1, Act::IrqDisable),
                take(1, safe),
                take(1, middle),
                (0, Act::Interrupt),
                take(0, safe),
            ];
            Some(Scenario { cpus: 2, chain: (middle != unsafe_).then_some([safe, middle, unsafe_]), rows })
        }
        Detail::Problem { .. } => None,
    }
}

/// CPU0 holds the class of the closing edge and waits for the next; CPU1 holds the one before it and waits for that.
fn cycle<W>(links: &[Link<W>]) -> Option<Scenario> {
    let closing = links.last()?;
    let before = links.get(links.len().checked_sub(2)?)?;
    let (source, target, parent) = (closing.to, closing.from, before.from);
    let taken = match closing.evidence.lock {
        Some(lock) if lock.read != Read::Exclusive => Verb::Rlock,
        Some(lock) if lock.sync => Verb::Sync,
        _ => Verb::Lock,
    };
    let rows = vec![
        (0, Act::Take(held_verb(closing), target)),
        (1, Act::Take(held_verb(before), parent)),
        (1, Act::Take(Verb::Lock, target)),
        (0, Act::Take(taken, source)),
    ];
    Some(Scenario { cpus: 2, chain: (parent != source).then_some([source, parent, target]), rows })
}
