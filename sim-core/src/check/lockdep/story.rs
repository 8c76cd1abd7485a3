//! What the validator reports, told with places and executions; and one story where the search came to the deadlock itself.
//!
//! Invariant: each place and call path is read off the replayed schedule of the moment that it belongs to.

use super::{Validated, Witness, class_in};
use crate::finding::{Finding, Frame, Kind, LastPart, LockClass, LockLink, LockRule, LockUse, Place, Severity};
use crate::machine::{LockScene, Machine};
use crate::model::{CodePlace, Outgrown};
use crate::program::{LockKind, SpanId};
use crate::search::Moment;
use crate::view::{self, Replay};
use lockdep_model::class::{ClassId, ContextId, InstanceId, LockType};
use lockdep_model::fact::{Problem, WaitLimit};
use lockdep_model::facts::Evidence;
use lockdep_model::report::{self, ClassState, CompletedBy, Detail, Impossible, Link, Report, Use, Verdict};
use std::collections::BTreeSet;

/// A finding about classes, and which.
pub(in crate::check) struct Ruled {
    pub(in crate::check) finding: Finding,
    classes: BTreeSet<ClassId>,
}

/// The findings of what the validator reports; `shortest` says that moments were met first after the fewest steps.
///
/// # Errors
/// The machine's layout is too small.
pub(in crate::check) fn findings(
    machine: &Machine,
    moments: &[Moment],
    validated: &Validated,
    shortest: bool,
) -> Result<Vec<Ruled>, Outgrown> {
    let teller = Teller { machine, moments, validated, shortest };
    let told = validated.reports.iter().map(|report| teller.finding(report));
    told.filter_map(Result::transpose).collect()
}

/// Joins a rule's finding to that of a deadlock which breaks it, or of a sleep in the same place: one cause is one story. Gives back what is
/// left.
pub(in crate::check) fn join(
    machine: &Machine,
    validated: &Validated,
    ruled: Vec<Ruled>,
    told: &mut [(Finding, Vec<u8>)],
) -> Vec<Finding> {
    let mut left = Vec::new();
    for Ruled { finding, classes } in ruled {
        let mut joined = false;
        for (other, state) in told.iter_mut() {
            if is_same_story(machine, validated, &finding, &classes, other, state) {
                joined = true;
                other.also.extend(std::iter::once(finding.kind).chain(finding.also.iter().copied()));
                other.also.sort_unstable();
                other.also.dedup();
                if other.rule.is_none() {
                    other.rule.clone_from(&finding.rule);
                }
            }
        }
        if !joined {
            left.push(finding);
        }
    }
    left
}

fn is_same_story(
    machine: &Machine,
    validated: &Validated,
    finding: &Finding,
    classes: &BTreeSet<ClassId>,
    other: &Finding,
    state: &[u8],
) -> bool {
    match (finding.kind, other.kind) {
        (Kind::WaitContext, Kind::SleepInAtomic | Kind::ScheduleInAtomic) => {
            let shown =
                |finding: &Finding| finding.places.first().map(|place| machine.program().source.span(place.span));
            shown(finding) == shown(other)
        }
        (Kind::WaitContext | Kind::NestLock, _) => false,
        (_, Kind::Deadlock) => {
            // Who waits for its CPU may stand before a lock, but that is not what it waits for.
            let for_locks = other.waits.iter().filter(|wait| !wait.is_for_its_cpu());
            let members = for_locks.filter_map(|wait| machine.context_called(&wait.context));
            let wanted = members.filter_map(|context| machine.wanted_lock_ref(state, context));
            let waited: BTreeSet<ClassId> = wanted.map(|lock| class_in(&validated.sorted, &lock)).collect();
            let by_interrupt = other.waits.iter().any(|wait| wait.is_for_its_cpu());
            let about_interrupts = !matches!(finding.kind, Kind::LockOrder | Kind::RecursiveLock);
            waited == *classes && by_interrupt == about_interrupts
        }
        _ => false,
    }
}

/// How the kernel calls a use in an NMI, and any outside.
const IN_NMI: &str = "IN-NMI";
const INITIAL_USE: &str = "INITIAL USE";

pub(super) struct Teller<'a> {
    pub(super) machine: &'a Machine,
    moments: &'a [Moment],
    pub(super) validated: &'a Validated,
    shortest: bool,
}

/// The moment that shows a fact, replayed.
pub(super) struct Shown<'a> {
    pub(super) scene: LockScene,
    pub(super) replay: Replay<'a>,
}

impl Teller<'_> {
    fn finding(&self, report: &Report<Witness>) -> Result<Option<Ruled>, Outgrown> {
        let Some(kind) = kind_of(report.kind) else { return Ok(None) };
        let rule = self.rule(kind, report)?;
        let last = report.detail.evidence().map(|evidence| self.shown(evidence)).transpose()?.flatten();
        let schedule = last.map(|shown| view::trace(&shown.replay, None));
        let severity = match report.severity {
            report::Severity::Error => Severity::Error,
            report::Severity::Warning => Severity::Warning,
            report::Severity::Note => Severity::Note,
        };
        let finding = Finding {
            kind,
            severity,
            also: report.also.iter().filter_map(|kind| kind_of(*kind)).collect(),
            message: self.message(report, &rule),
            places: self.places(report, &rule)?,
            waits: Vec::new(),
            rule: Some(rule),
            shortest: self.shortest && schedule.is_some(),
            schedule,
        };
        Ok(Some(Ruled { finding, classes: report.detail.classes() }))
    }

    fn shown(&self, evidence: &Evidence<Witness>) -> Result<Option<Shown<'_>>, Outgrown> {
        let moment = &self.moments[evidence.witness.1 as usize];
        let Some(schedule) = &moment.schedule else { return Ok(None) };
        let Some(scene) = self.machine.lock_scene(&moment.words) else { return Ok(None) };
        Ok(Some(Shown { scene, replay: Replay::of(self.machine, schedule)? }))
    }

    fn rule(&self, kind: Kind, report: &Report<Witness>) -> Result<LockRule, Outgrown> {
        let (links, uses): (&[Link<Witness>], Vec<&Use<Witness>>) = match &report.detail {
            Detail::Cycle { links } => (links, Vec::new()),
            Detail::IrqPath { used_in, enabled, links, .. } => (links, vec![used_in, enabled]),
            Detail::Inconsistent { conflicts, .. } => {
                (&[], conflicts.first().map_or(Vec::new(), |(inside, outside)| vec![inside, outside]))
            }
            Detail::Recursion { .. } | Detail::InNmi { .. } | Detail::Problem { .. } => (&[], Vec::new()),
        };
        let links: Result<Vec<_>, _> = links.iter().map(|link| self.link(link)).collect();
        let uses: Result<Vec<_>, _> = uses.into_iter().map(|used| self.used(used)).collect();
        let impossible = match &report.verdict {
            Verdict::Impossible(reason) => Some(self.reason(reason)),
            Verdict::Possible | Verdict::Unsettled => None,
        };
        let with_uses = matches!(report.detail, Detail::IrqPath { .. });
        let classes = report.classes.iter().map(|(class, state)| self.class(*class, state, with_uses));
        let shown = report.detail.evidence().map(|evidence| self.shown(evidence)).transpose()?.flatten();
        Ok(LockRule {
            kind,
            classes: classes.collect::<Result<_, _>>()?,
            last: last_part(&report.detail),
            moment: shown.map(|shown| self.moment(&shown)),
            links: links?.into_iter().flatten().collect(),
            uses: uses?.into_iter().flatten().chain(self.uses_in_nmi(report)?).collect(),
            impossible,
        })
    }

    fn class(&self, class: ClassId, state: &ClassState<Witness>, with_uses: bool) -> Result<LockClass, Outgrown> {
        let mut uses = Vec::new();
        for (bit, evidence) in state.uses.iter().filter(|_| with_uses) {
            uses.extend(self.used(&Use { class, bit: *bit, evidence: evidence.clone() })?);
        }
        Ok(LockClass { name: self.name(class), usage: state.usage.characters(), wait: wait_of(state.lock), uses })
    }

    pub(super) fn name(&self, class: ClassId) -> String {
        self.validated.keys.class_name(class)
    }

    /// A context's name; of a work item, which is one to the validator, what it is.
    fn context_name(&self, context: ContextId) -> String {
        let contexts = self.machine.context_names().count();
        match (context.0 as usize).checked_sub(contexts).and_then(|item| self.validated.items.iter().nth(item)) {
            Some((map, LockKind::Map)) => format!("whoever has `{}`", self.machine.name_of(*map)),
            Some((item, _)) => format!("the work item `{}`", self.machine.name_of(*item)),
            None => self.machine.name(context.0 as usize).to_owned(),
        }
    }

    /// Who was seen to do something.
    fn who(&self, evidence: &Evidence<Witness>) -> &str {
        let scene = self.moments.get(evidence.witness.1 as usize).and_then(|m| self.machine.lock_scene(&m.words));
        scene.map_or("a context", |scene| self.machine.name(scene.context))
    }

    /// The lock under which one was said to be taken.
    fn nest_of(&self, evidence: &Evidence<Witness>) -> Option<String> {
        let scene = self.machine.lock_scene(&self.moments.get(evidence.witness.1 as usize)?.words)?;
        Some(self.instance(InstanceId(scene.nest?.address)))
    }

    pub(super) fn instance(&self, instance: InstanceId) -> String {
        self.machine.name_of(instance.0)
    }

    fn link(&self, link: &Link<Witness>) -> Result<Option<LockLink>, Outgrown> {
        let Some(shown) = self.shown(&link.evidence)? else { return Ok(None) };
        let held = shown.scene.held.iter().rev().find(|lock| class_in(&self.validated.sorted, lock) == link.from);
        Ok(Some(LockLink {
            held: self.name(link.from),
            taken: self.name(link.to),
            kind: link.kind.name().to_owned(),
            context: self.machine.name(shown.scene.context).to_owned(),
            held_at: held.and_then(|lock| shown.taken_at(self.machine, lock.address)),
            at: self.machine.span(shown.scene.at),
            stack: shown.frames(self.machine),
            schedule: view::trace(&shown.replay, None).schedule,
        }))
    }

    fn used(&self, used: &Use<Witness>) -> Result<Option<LockUse>, Outgrown> {
        self.used_as(used.class, used.bit.name(), &used.evidence)
    }

    fn used_as(&self, class: ClassId, usage: &str, evidence: &Evidence<Witness>) -> Result<Option<LockUse>, Outgrown> {
        let Some(shown) = self.shown(evidence)? else { return Ok(None) };
        Ok(Some(LockUse {
            class: self.name(class),
            usage: usage.to_owned(),
            context: self.machine.name(shown.scene.context).to_owned(),
            at: self.machine.span(shown.scene.at),
            stack: shown.frames(self.machine),
            schedule: view::trace(&shown.replay, None).schedule,
        }))
    }

    /// A use in an NMI and one outside, as the kernel names them in `verify_lock_unused`.
    fn uses_in_nmi(&self, report: &Report<Witness>) -> Result<Vec<LockUse>, Outgrown> {
        let Detail::InNmi { class, outside, inside, .. } = &report.detail else { return Ok(Vec::new()) };
        let mut uses = Vec::new();
        for (usage, evidence) in [(IN_NMI, inside), (INITIAL_USE, &outside.evidence)] {
            uses.extend(self.used_as(*class, usage, evidence)?);
        }
        Ok(uses)
    }

    fn reason(&self, reason: &Impossible) -> String {
        match reason {
            Impossible::Gate { locks } => {
                let names: Vec<String> = locks.iter().map(|lock| format!("`{}`", self.instance(*lock))).collect();
                format!("whoever does this holds {} as well, so that only one at a time can", names.join(" or "))
            }
            Impossible::OneContext { context } => {
                format!("only {} does all of this, and it cannot meet itself", self.context_name(*context))
            }
            Impossible::NeverTogether => "those who do this are never under way at the same time".to_owned(),
        }
    }

    fn message(&self, report: &Report<Witness>, rule: &LockRule) -> String {
        match &report.detail {
            Detail::Cycle { links } => match &links[..] {
                [one, other] => format!(
                    "`{}` is taken with `{}` held, and `{}` with `{}` held",
                    self.name(one.to),
                    self.name(one.from),
                    self.name(other.to),
                    self.name(other.from)
                ),
                links => {
                    let names: Vec<String> = links.iter().map(|link| format!("`{}`", self.name(link.from))).collect();
                    format!("locks are taken in a circle: {}, then {} again", names.join(", then "), names[0])
                }
            },
            Detail::Recursion { class, same_instance, evidence, .. } => {
                let who = self.who(evidence);
                let what = self.name(*class);
                if *same_instance {
                    format!("{who} takes `{what}`, which it holds already")
                } else {
                    format!("{who} takes a lock of the class `{what}` with another of that class held")
                }
            }
            Detail::Inconsistent { .. } => match &rule.uses[..] {
                [inside, outside] => format!(
                    "`{}` is taken in an interrupt by {}, and held with {} on by {}",
                    inside.class,
                    inside.context,
                    masked(&outside.usage),
                    outside.context
                ),
                _ => "a lock is used in an interrupt and interruptible by it".to_owned(),
            },
            Detail::IrqPath { used_in, enabled, irq, .. } => format!(
                "`{}` is taken in a {}, and `{}`, which is taken with it held, is held elsewhere with them on",
                self.name(used_in.class),
                match irq {
                    lockdep_model::usage::IrqKind::Hard => "hard interrupt",
                    lockdep_model::usage::IrqKind::Soft => "softirq",
                },
                self.name(enabled.class)
            ),
            Detail::Problem { problem: Problem::WaitContext { limit, class }, evidence } => {
                let who = self.who(evidence);
                format!("{who} waits for `{}` {}", self.name(*class), self.limit(limit))
            }
            Detail::Problem { problem: Problem::NestLock { class, .. }, evidence } => {
                let who = self.who(evidence);
                let nest = self.nest_of(evidence).unwrap_or_else(|| "the lock".to_owned());
                format!("{who} takes `{}` under `{nest}`, which it does not hold", self.name(*class))
            }
            Detail::InNmi { .. } => match &rule.uses[..] {
                [inside, outside] => format!(
                    "`{}` is waited for in an NMI by {}, and taken outside by {}",
                    inside.class, inside.context, outside.context
                ),
                _ => "a lock is waited for in an NMI that can find it held".to_owned(),
            },
            Detail::Problem { .. } => report.kind.name().to_owned(),
        }
    }

    fn limit(&self, limit: &WaitLimit) -> String {
        match limit {
            WaitLimit::HardIrq(_) => "in a hard interrupt".to_owned(),
            WaitLimit::SoftIrq => "in a softirq".to_owned(),
            WaitLimit::Lock(held) => format!("with `{}` held, under which such a wait is forbidden", self.name(*held)),
        }
    }

    fn places(&self, report: &Report<Witness>, rule: &LockRule) -> Result<Vec<Place>, Outgrown> {
        let mut places = Vec::new();
        for link in rule.links.iter().rev() {
            let label = format!("{} takes `{}` here, with `{}` held", link.context, link.taken, link.held);
            places.push(place(link.at, label, &link.context, link.stack.clone()));
            if let Some(at) = link.held_at {
                places.push(place(
                    at,
                    format!("{} took `{}` here", link.context, link.held),
                    &link.context,
                    Vec::new(),
                ));
            }
        }
        for used in &rule.uses {
            let label = match used.usage.as_str() {
                IN_NMI => format!("{} takes `{}` here, in an NMI", used.context, used.class),
                INITIAL_USE => format!("{} takes `{}` here", used.context, used.class),
                usage if usage.starts_with("IN-") => {
                    format!("{} takes `{}` here, in an interrupt", used.context, used.class)
                }
                _ => format!("{} has `{}` here with {} on", used.context, used.class, masked(&used.usage)),
            };
            places.push(place(used.at, label, &used.context, used.stack.clone()));
        }
        if let Detail::Recursion { class, evidence, .. }
        | Detail::Problem {
            problem: Problem::WaitContext { class, .. } | Problem::NestLock { class, .. },
            evidence,
        } = &report.detail
            && let Some(shown) = self.shown(evidence)?
        {
            let who = self.machine.name(shown.scene.context);
            let at = self.machine.span(shown.scene.at);
            let taken = shown.scene.lock.as_ref();
            let name = taken.map_or_else(|| self.name(*class), |lock| self.instance(InstanceId(lock.address)));
            places.push(place(at, format!("{who} takes `{name}` here"), who, shown.frames(self.machine)));
            for lock in &shown.scene.held {
                if let Some(at) = shown.taken_at(self.machine, lock.address) {
                    let name = self.instance(InstanceId(lock.address));
                    places.push(place(at, format!("{who} took `{name}` here"), who, Vec::new()));
                }
            }
        }
        places.dedup();
        Ok(places)
    }
}

impl Shown<'_> {
    /// Where the context took a lock that it holds.
    pub(super) fn taken_at(&self, machine: &Machine, lock: u64) -> Option<SpanId> {
        self.taken_by(machine, self.scene.context, lock)
    }

    /// Where a context took a lock.
    pub(super) fn taken_by(&self, machine: &Machine, context: usize, lock: u64) -> Option<SpanId> {
        let held = self.replay.held(self.replay.steps.len());
        let taken = held[context].iter().rev().find(|held| held.lock == lock)?;
        Some(machine.span(taken.at))
    }

    /// The call path to the moment.
    pub(super) fn frames(&self, machine: &Machine) -> Vec<Frame> {
        let stack = machine.stack_of(&self.replay.state, self.scene.context as u8);
        let here = |place: &CodePlace| *place == self.scene.at;
        match stack.iter().position(here) {
            Some(from) => view::frames(machine, &stack[from..]),
            None => view::frames(machine, &[self.scene.at]),
        }
    }
}

/// What waiting for a lock needs, and what may be waited for with it held: the kernel's numbers.
pub(super) fn wait_of(lock: LockType) -> (u8, u8) {
    (lock.wait_outer().rank(true), lock.wait_inner().rank(true))
}

/// Which part of a rule came last.
fn last_part(detail: &Detail<Witness>) -> LastPart {
    match detail {
        Detail::Cycle { links } => LastPart::Link(links.len().saturating_sub(1)),
        Detail::Inconsistent { conflicts, .. } => {
            let inside = conflicts.first().is_some_and(|(inside, outside)| inside.evidence > outside.evidence);
            LastPart::Use(usize::from(!inside))
        }
        Detail::IrqPath { completed_by, .. } => match completed_by {
            CompletedBy::Edge(at) => LastPart::Link(*at),
            CompletedBy::UsedIn => LastPart::Use(0),
            CompletedBy::Enabled => LastPart::Use(1),
        },
        Detail::InNmi { .. } => LastPart::Use(0),
        Detail::Recursion { .. } | Detail::Problem { .. } => LastPart::Event,
    }
}

fn place(span: SpanId, label: String, context: &str, stack: Vec<Frame>) -> Place {
    Place { span, label, context: Some(context.to_owned()), cpu: None, stack }
}

/// What is on in a use that an interrupt can find: by the kernel's name of the use.
fn masked(usage: &str) -> &'static str {
    if usage.starts_with("SOFTIRQ") { "bottom halves" } else { "interrupts" }
}

/// Those of the validator's kinds that only it finds: the machine itself reports the others.
fn kind_of(kind: report::Kind) -> Option<Kind> {
    match kind {
        report::Kind::RecursiveLock => Some(Kind::RecursiveLock),
        report::Kind::LockOrder => Some(Kind::LockOrder),
        report::Kind::IrqUnsafeLock => Some(Kind::IrqUnsafeLock),
        report::Kind::IrqLockInversion => Some(Kind::IrqLockInversion),
        report::Kind::IrqLockOrder => Some(Kind::IrqLockOrder),
        report::Kind::WaitContext => Some(Kind::WaitContext),
        report::Kind::NestLock => Some(Kind::NestLock),
        _ => None,
    }
}
