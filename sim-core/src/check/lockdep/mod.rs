//! The lock validator over a whole search: what every execution did with locks, as facts, and the verdict over them.
//!
//! Invariant: a function of the moments that the search gathered, in whatever order it met them.

mod moment;
mod story;

pub(super) use story::{findings, join};

use crate::finding::Finding;
use crate::machine::{LockClassKey, LockEvent, LockRef, LockScene, Machine};
use crate::model::{Bound, Choice, CodePlace, LockMoment, Model, Observer, Outgrown, Symptom};
use crate::program::{ContextKind, LockKind, Preemption};
use crate::search::Moment;
use lockdep_model::class::{ClassId, ContextId, InstanceId, KeyId, KeyTable, LockType, Mode as Access, Place};
use lockdep_model::exact::{self, Overlap};
use lockdep_model::fact::Recorder;
use lockdep_model::facts::{Evidence, Facts};
use lockdep_model::held::{HardIrq, HeldLock, HeldStack, IrqState};
use lockdep_model::kernel::Kernel;
use lockdep_model::report::{Detail, Report};
use lockdep_model::settings::{Mode, Settings};
use lockdep_model::step::{Acquire, Env, acquire, hardirqs_on, softirqs_on};
use std::collections::BTreeSet;

/// The fewest steps to a moment, then its place among all.
pub type Witness = (u32, u32);

/// What tells one lock class key from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// A lock with a static initialiser, by its address.
    Own(u64),
    /// All locks that are initialised at one place.
    Site(CodePlace),
    /// All locks that were given this static key.
    Set(u32),
    /// All acquire contexts of this `ww_class`, which is the key of its locks.
    Acquire(u32),
}

impl Key {
    fn of(lock: &LockRef) -> Self {
        match lock.class {
            LockClassKey::Own | LockClassKey::Unvalidated => Self::Own(lock.address),
            LockClassKey::PerCpu(first) => Self::Own(first),
            LockClassKey::Site(place) => Self::Site(place),
            LockClassKey::Set(object) if lock.kind == LockKind::WwAcquire => Self::Acquire(object),
            LockClassKey::Set(object) => Self::Set(object),
        }
    }
}

/// What a search learnt of locks. Places are spans of the program's source, contexts are numbered as the machine's.
#[derive(Debug)]
pub struct LockFacts {
    /// The names and types of classes.
    pub keys: KeyTable,
    /// How they were used, and which was waited for under which.
    pub facts: Facts<Witness>,
    /// What is wrong with that.
    pub reports: Vec<Report<Witness>>,
}

/// What the validator makes of a search.
pub(super) struct Validated {
    /// The addresses of the work items and maps that are contexts of their own, numbered after the machine's.
    pub(super) items: BTreeSet<(u64, LockKind)>,
    pub(super) keys: KeyTable,
    pub(super) reports: Vec<Report<Witness>>,
    /// What they were judged by.
    facts: Facts<Witness>,
    /// In ascending order; a key's number is its place.
    sorted: Vec<Key>,
}

/// The indices of the moments that reports rest on.
pub(super) fn witnesses(machine: &Machine, moments: &[Moment]) -> BTreeSet<usize> {
    let reports = validate(machine, moments).reports;
    reports.iter().flat_map(evidence).map(|evidence| evidence.witness.1 as usize).collect()
}

/// All the evidence of a report: of paths between uses, that of all the other uses of their classes too, as the kernel tells of them.
fn evidence(report: &Report<Witness>) -> Vec<&Evidence<Witness>> {
    let mut all = evidence_of(&report.detail);
    if let Detail::IrqPath { .. } = report.detail {
        all.extend(report.classes.values().flat_map(|class| class.uses.iter().map(|(_, evidence)| evidence)));
    }
    all
}

fn evidence_of(detail: &Detail<Witness>) -> Vec<&Evidence<Witness>> {
    match detail {
        Detail::Cycle { links } => links.iter().map(|link| &link.evidence).collect(),
        Detail::Recursion { evidence, .. } | Detail::Problem { evidence, .. } => vec![evidence],
        Detail::Inconsistent { conflicts, .. } => {
            conflicts.iter().flat_map(|(inside, outside)| [&inside.evidence, &outside.evidence]).collect()
        }
        Detail::InNmi { outside, inside, .. } => vec![&outside.evidence, inside],
        Detail::IrqPath { used_in, enabled, links, .. } => {
            let uses = [&used_in.evidence, &enabled.evidence];
            uses.into_iter().chain(links.iter().map(|link| &link.evidence)).collect()
        }
    }
}

/// Judges what a search gathered.
pub(super) fn validate(machine: &Machine, moments: &[Moment]) -> Validated {
    let (facts, keys) = gather(machine, moments, true);
    let reports = without_echoes(judge(&facts), &keys.table);
    Validated { reports, facts, keys: keys.table, sorted: keys.sorted, items: keys.items }
}

/// The same, with the facts themselves.
pub(super) fn lock_facts(machine: &Machine, moments: &[Moment]) -> LockFacts {
    let (facts, keys) = gather(machine, moments, false);
    LockFacts { reports: judge(&facts), keys: keys.table, facts }
}

fn judge(facts: &Facts<Witness>) -> Vec<Report<Witness>> {
    exact::check(facts, &exact::Options { overlap: Overlap::Observed, ..exact::Options::default() })
}

/// The moments that are about locks, each with what points back to it.
fn scenes(machine: &Machine, moments: &[Moment]) -> Vec<(Witness, LockScene)> {
    let scene =
        |(index, moment): (usize, &Moment)| Some(((moment.steps, index as u32), machine.lock_scene(&moment.words)?));
    moments.iter().enumerate().filter_map(scene).collect()
}

/// Leaves out what only repeats another report: a timer's callback takes a lock that softirqs find held. That the timer's map is held as well adds nothing.
fn without_echoes(reports: Vec<Report<Witness>>, keys: &KeyTable) -> Vec<Report<Witness>> {
    let inconsistent: BTreeSet<ClassId> = reports
        .iter()
        .filter_map(|report| if let Detail::Inconsistent { class, .. } = &report.detail { Some(*class) } else { None })
        .collect();
    let is_map = |class: ClassId| keys.get(class.key).is_some_and(|key| key.lock == LockType::Map);
    let echoes = |report: &Report<Witness>| match &report.detail {
        Detail::IrqPath { used_in, enabled, .. } => is_map(used_in.class) && inconsistent.contains(&enabled.class),
        _ => false,
    };
    reports.into_iter().filter(|report| !echoes(report)).collect()
}

/// `by_item`: which worker runs an item is chance, so that an item is a context of its own, numbered after the machine's. It may meet every other, but
/// not itself.
fn gather(machine: &Machine, moments: &[Moment], by_item: bool) -> (Facts<Witness>, Keys) {
    let scenes = scenes(machine, moments);
    let mut keys = Keys::of(machine, &scenes);
    if by_item {
        keys.items = scenes.iter().filter_map(|(_, scene)| item_of(machine, scene)).map(own).collect();
    }
    let settings = settings(machine, Mode::Exact);
    let mut facts: Facts<Witness> = Facts::new();
    for (witness, scene) in &scenes {
        keys.tell(machine, &settings, scene, &mut facts.recorder(witness));
    }
    overlaps(machine, keys.items.len(), &mut facts);
    (facts, keys)
}

fn settings(machine: &Machine, mode: Mode) -> Settings {
    Settings { mode, queued_rwlocks: machine.program().config.queued_rwlocks, ..Settings::default() }
}

/// What the kernel's own validator reports in one execution, by its own algorithm: it stops at its first report.
///
/// # Errors
/// The machine's layout is too small.
pub(super) fn by_kernel(machine: &Machine, schedule: &[Choice]) -> Result<Vec<Finding>, Outgrown> {
    let mut moments = Vec::new();
    let mut state = vec![0; machine.state_len()];
    let mut listener = Listener::default();
    machine.initial(&mut state, &mut listener)?;
    moments.extend(listener.moments_after(&[]));
    for (step, choice) in schedule.iter().enumerate() {
        machine.step(&mut state, *choice, &mut listener)?;
        moments.extend(listener.moments_after(&schedule[..=step]));
    }
    let scenes = scenes(machine, &moments);
    let keys = Keys::of(machine, &scenes);
    let settings = settings(machine, Mode::Kernel);
    let mut kernel: Kernel<Witness> = Kernel::new(settings.keep_going);
    let mut facts: Facts<Witness> = Facts::new();
    for (witness, scene) in &scenes {
        keys.tell(machine, &settings, scene, &mut kernel.recorder(witness));
        keys.tell(machine, &settings, scene, &mut facts.recorder(witness));
    }
    let validated = Validated {
        reports: kernel.reports().to_vec(),
        facts,
        keys: keys.table,
        sorted: keys.sorted,
        items: keys.items,
    };
    Ok(findings(machine, &moments, &validated, false)?.into_iter().map(|ruled| ruled.finding).collect())
}

/// Hears every lock moment of an execution.
#[derive(Default)]
struct Listener {
    heard: Vec<Box<LockMoment>>,
}

impl Listener {
    /// What was heard since the last time, in a step that ends these.
    fn moments_after(&mut self, schedule: &[Choice]) -> impl Iterator<Item = Moment> {
        let (steps, schedule) = (schedule.len() as u32, schedule.to_vec());
        self.heard.drain(..).map(move |words| Moment { words, steps, schedule: Some(schedule.clone()) })
    }
}

impl Observer for Listener {
    const LOCKS: bool = true;
    fn symptom(&mut self, _: Symptom) {}
    fn bound(&mut self, _: Bound) {}
    fn reached(&mut self, _: u32) {}
    fn lock_moment(&mut self, moment: &LockMoment) {
        self.heard.push(moment.into());
    }
}

/// Which contexts may be under way together: set-up comes before everything else, one after another.
fn overlaps(machine: &Machine, items: usize, facts: &mut Facts<Witness>) {
    let contexts = (0..machine.context_names().count()).map(|context| machine.kind_of(context));
    let kinds: Vec<ContextKind> = contexts.chain(std::iter::repeat_n(ContextKind::Thread, items)).collect();
    for (a, first) in kinds.iter().enumerate() {
        for (b, second) in kinds.iter().enumerate().skip(a + 1) {
            let apart = [first, second].into_iter().any(|kind| matches!(kind, ContextKind::Init))
                || (first.is_setup() && second.is_setup());
            if !apart {
                facts.add_overlap(ContextId(a as u32), ContextId(b as u32));
            }
        }
    }
}

fn irq_state(machine: &Machine, scene: &LockScene) -> IrqState {
    let base = match machine.kind_of(scene.context) {
        ContextKind::HardIrq { .. } => {
            let hardirq = if scene.unthreaded { HardIrq::Never } else { HardIrq::Threadable };
            IrqState { softirq: scene.on_softirq, hardirq, ..IrqState::HARDIRQ }
        }
        ContextKind::Nmi { .. } => IrqState::NMI,
        // Under `PREEMPT_RT` it is a task that has bottom halves off (`lockdep_softirq_enter`).
        ContextKind::Softirq if machine.program().config.preemption == Preemption::Rt => {
            IrqState { softirqs_on: false, ..IrqState::TASK }
        }
        ContextKind::Softirq => IrqState::SOFTIRQ,
        _ => IrqState::TASK,
    };
    IrqState {
        hardirqs_on: scene.irqs_on && base.hardirqs_on,
        softirqs_on: scene.bh_on && base.softirqs_on,
        preempt_off: !scene.preemptible,
        ..base
    }
}

/// The classes of a scenario's locks.
struct Keys {
    sorted: Vec<Key>,
    table: KeyTable,
    /// The addresses of the work items and maps that are contexts of their own.
    items: BTreeSet<(u64, LockKind)>,
}

/// What a context does something as: the work item that a worker runs; or reclaim, which may happen to anybody, be it that one context told the validator of it.
fn item_of<'s>(machine: &Machine, scene: &'s LockScene) -> Option<&'s LockRef> {
    let mut locks = scene.held.iter().chain(&scene.lock).filter(|_| machine.is_worker(scene.context));
    let map = scene.held.iter().find(|lock| lock.kind == LockKind::Map);
    map.or_else(|| locks.find(|lock| lock.kind == LockKind::Work))
}

fn own(item: &LockRef) -> (u64, LockKind) {
    (item.address, item.kind)
}

impl Keys {
    fn of(machine: &Machine, scenes: &[(Witness, LockScene)]) -> Self {
        let locks = scenes.iter().flat_map(|(_, scene)| scene.held.iter().chain(&scene.lock));
        let mut all: Vec<(Key, LockKind, u64)> = locks.map(|lock| (Key::of(lock), lock.kind, lock.address)).collect();
        all.sort_unstable();
        all.dedup_by_key(|(key, _, _)| *key);
        let mut table = KeyTable::new();
        for (key, kind, address) in &all {
            let name = match key {
                Key::Own(address) => machine.name_of(*address),
                Key::Set(object) | Key::Acquire(object) => {
                    let key = machine.program().objects.get(*object as usize).map_or("?", |key| key.name.as_str());
                    match kind {
                        LockKind::WwMutex => format!("{key}_mutex"),
                        LockKind::WwAcquire => format!("{key}_acquire"),
                        _ => format!("&{key}"),
                    }
                }
                Key::Site(place) => initialised(machine, *place).unwrap_or_else(|| machine.name_of(*address)),
            };
            table.add(map_name(name, *kind, matches!(key, Key::Site(_))), lock_type(*kind));
        }
        Self { sorted: all.into_iter().map(|(key, _, _)| key).collect(), table, items: BTreeSet::new() }
    }

    /// Who a moment is told of.
    fn actor(&self, machine: &Machine, scene: &LockScene) -> ContextId {
        let place = |item: &LockRef| self.items.iter().position(|known| *known == own(item));
        let item = item_of(machine, scene).and_then(place);
        ContextId(item.map_or(scene.context, |item| machine.context_names().count() + item) as u32)
    }

    /// Tells a validator of a moment.
    fn tell(&self, machine: &Machine, settings: &Settings, scene: &LockScene, recorder: &mut impl Recorder) {
        let irq = irq_state(machine, scene);
        let env = Env { settings, context: self.actor(machine, scene), irq };
        let place = Place(machine.span(scene.at));
        let mut stack = HeldStack::new();
        scene.held.iter().for_each(|lock| stack.restore(self.held(&env, lock)));
        match (scene.event, &scene.lock) {
            (LockEvent::Acquire | LockEvent::TryAcquire, Some(lock)) => {
                let nest_lock = scene.nest.as_ref().map(|nest| InstanceId(nest.address));
                let taken = Acquire { nest_lock, ..self.taken(&env, lock, place) };
                acquire(&env, &mut stack, &taken, recorder);
            }
            (LockEvent::Touch, Some(lock)) => {
                let irq = IrqState { hardirqs_on: false, ..irq };
                let env = Env { irq, ..env };
                acquire(&env, &mut stack, &self.taken(&env, lock, place), recorder);
            }
            (LockEvent::IrqsOn, _) => hardirqs_on(&env, &stack, place, recorder),
            (LockEvent::BhOn, _) => softirqs_on(&env, &stack, place, recorder),
            // Whoever interrupts from now on finds the rest held, and not what kept others from it.
            (LockEvent::ReleaseBeneath, _) if irq.hardirqs_on => {
                let irq = IrqState { hardirqs_on: false, ..irq };
                hardirqs_on(&Env { irq, ..env }, &stack, place, recorder);
            }
            (LockEvent::ReleaseBeneath, _) => {}
            // The kernel looks only where there is something to wait for.
            (LockEvent::FlushIdle, Some(lock)) if settings.mode == Mode::Exact => {
                acquire(&env, &mut stack, &self.taken(&env, lock, place), recorder);
            }
            (LockEvent::Sync, Some(lock)) => {
                let waited = Acquire { sync: true, ..self.taken(&env, lock, place) };
                acquire(&env, &mut stack, &waited, recorder);
            }
            (LockEvent::FlushIdle, _)
            | (LockEvent::Acquire | LockEvent::TryAcquire | LockEvent::Touch | LockEvent::Sync, None) => {}
        }
    }

    fn class(&self, lock: &LockRef) -> ClassId {
        class_in(&self.sorted, lock)
    }

    fn taken(&self, env: &Env<'_>, lock: &LockRef, place: Place) -> Acquire {
        let lock_type = lock_type(lock.kind);
        Acquire {
            read: env.read_kind(lock_type, access(lock)),
            trylock: lock.taking.trylock,
            check: lock.class != LockClassKey::Unvalidated,
            place,
            ..Acquire::new(self.class(lock), lock_type, InstanceId(lock.address))
        }
    }

    fn held(&self, env: &Env<'_>, lock: &LockRef) -> HeldLock {
        let lock_type = lock_type(lock.kind);
        HeldLock {
            class: self.class(lock),
            lock: lock_type,
            instance: InstanceId(lock.address),
            read: env.read_kind(lock_type, access(lock)),
            trylock: lock.taking.trylock,
            check: lock.class != LockClassKey::Unvalidated,
            irq_context: env.irq.irq_context(),
            hardirqs_off: false,
            nest_lock: None,
            references: 0,
            sync: false,
            pins: 0,
            place: Place(0),
        }
    }
}

fn class_in(sorted: &[Key], lock: &LockRef) -> ClassId {
    // A lock that was never met has a number of its own.
    let key = sorted.binary_search(&Key::of(lock)).unwrap_or(sorted.len());
    ClassId::nested(KeyId(key as u32), lock.taking.subclass)
}

fn lock_type(kind: LockKind) -> LockType {
    match kind {
        LockKind::RawSpin => LockType::RawSpin,
        LockKind::Spin | LockKind::RtSpin => LockType::Spin,
        LockKind::Mutex => LockType::Mutex,
        LockKind::Timer | LockKind::WwAcquire => LockType::Map,
        LockKind::PercpuRwSem => LockType::PercpuRwSem,
        LockKind::WwMutex => LockType::WwMutex,
        LockKind::RwLock | LockKind::RtRwLock => LockType::RwLock,
        LockKind::RtMutex => LockType::RtMutex,
        LockKind::LocalLock => LockType::LocalLock,
        LockKind::RwSem => LockType::RwSem,
        LockKind::Work | LockKind::Workqueue | LockKind::Map => LockType::Map,
        LockKind::Srcu => LockType::Srcu,
    }
}

/// What a kernel calls the class of a map; a lock's name is its own. (`__INIT_WORK`, `wq_init_lockdep`)
fn map_name(name: String, kind: LockKind, at_site: bool) -> String {
    match kind {
        LockKind::Work if at_site => format!("(work_completion)({name})"),
        LockKind::Workqueue => {
            let name = name.trim_matches('"');
            format!("(wq_completion){}", name.strip_prefix("__wq_").unwrap_or(name))
        }
        _ => name,
    }
}

fn access(lock: &LockRef) -> Access {
    if lock.taking.shared { Access::Read } else { Access::Write }
}

/// What a kernel names a class after that is initialised at a place: the argument, as it is written there.
fn initialised(machine: &Machine, place: CodePlace) -> Option<String> {
    let source = &machine.program().source;
    let text = source.text(source.span(machine.span(place)));
    let (_, arguments) = text.split_once('(')?;
    let first = arguments.split([',', ')']).next()?.trim();
    (!first.is_empty()).then(|| first.to_owned())
}
