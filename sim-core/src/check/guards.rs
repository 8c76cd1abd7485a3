//! What protects what: for each field that several contexts touch, who touches it where, and which locks are held then, in every execution.
//!
//! Invariant: a function of the set of accesses that a search met, each with what was held: not of the order in which it met them.

use crate::machine::{AccessScene, LockRef, Machine, MachineOptions, Marking};
use crate::model::CodePlace;
use crate::program::{ContextKind, Program, SpanId, pointer};
use crate::search::{self, Limit, Moment, Outcome, Progress};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What a search tells of a program's fields.
#[derive(Debug)]
pub struct Guards {
    /// The machine that the search ran on.
    pub machine: Machine,
    /// What it counted, and how it ended.
    pub outcome: Outcome,
    /// The fields that more than one context touches after set-up: static objects as they are declared, then the heap.
    pub fields: Vec<Field>,
}

/// A field, or all elements of an array and all objects of one allocation together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name: `packets`, `dev->count`, `slots[].used`.
    pub name: String,
    /// What protects it, set-up aside.
    pub protection: Protection,
    /// Locks that are held at every write, set-up aside.
    pub at_writes: Vec<String>,
    /// Interrupts are off at every access of a task, set-up aside.
    pub irqs_off: bool,
    /// Who touches it, in the order of the source.
    pub uses: Vec<FieldUse>,
}

/// What protects a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nobody writes it after set-up.
    ReadOnly,
    /// These locks, one of which would do: each is held at every access.
    Locks(Vec<String>),
    /// Locks of these names are held at every access, but not always the same one.
    SameName(Vec<String>),
    /// Every access is atomic or marked, and no lock is held at all of them.
    Marked,
    /// This lock, held at some accesses but not at all.
    Partly(String),
    /// Nothing that could be seen: no lock is held at any access.
    Nothing,
}

/// Which interrupts a use runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupts {
    /// On in every execution.
    On,
    /// On, but bottom halves are off, in every execution.
    BottomHalvesOff,
    /// Off in every execution.
    Off,
    /// On in some, off in others.
    Either,
    /// It is in a handler.
    InHandler,
    /// It is in a softirq.
    InSoftirq,
}

/// Who uses a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// `INIT` or `module_init`, before everything else.
    SetUp,
    /// A task.
    Task,
    /// An interrupt handler.
    Handler,
    /// A softirq: a timer, a tasklet.
    Softirq,
}

/// All that is done with a field at one place by contexts of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUse {
    /// Where.
    pub at: SpanId,
    /// In which function.
    pub function: String,
    /// By whom.
    pub contexts: Vec<String>,
    /// What they are.
    pub user: User,
    /// It reads.
    pub reads: bool,
    /// It writes.
    pub writes: bool,
    /// How the access is marked.
    pub marking: Marking,
    /// The locks that are held in every execution; where it writes, those that keep others out.
    pub locks: Vec<String>,
    /// It writes, and these are held as by readers, who do not keep each other out.
    pub as_reader: Vec<String>,
    /// The state of interrupts.
    pub interrupts: Interrupts,
    /// The lock that protects the field elsewhere and is not always held here.
    pub lacks: Option<String>,
}

/// Explores every execution of a program and gathers what protects what.
pub fn guards(
    program: Arc<Program>,
    options: MachineOptions,
    search: &search::Options,
    watch: &mut (dyn FnMut(&Progress) -> ControlFlow<Limit> + Send),
) -> Guards {
    let options = MachineOptions { lockdep: true, accesses: true, ..options };
    let mut machine = Machine::new(program, options);
    loop {
        match search::explore(&machine, search, &mut *watch) {
            Ok(outcome) => {
                let fields = fields(&machine, &outcome.moments);
                return Guards { machine, outcome, fields };
            }
            Err(crate::model::Outgrown(growth)) => machine = machine.grow(growth, options),
        }
    }
}

/// The accesses to one scalar of one object.
type Places<'a> = BTreeMap<u64, Vec<&'a AccessScene>>;

fn fields(machine: &Machine, moments: &[Moment]) -> Vec<Field> {
    let scenes: Vec<AccessScene> = moments.iter().filter_map(|moment| machine.access_scene(&moment.words)).collect();
    let mut named: IndexMap<String, Places> = IndexMap::new();
    for (address, scenes) in places(&scenes) {
        let name = machine.name_of(address);
        // The temporaries of the kernel's own macros are nobody's fields.
        if !name.starts_with("__") {
            named.entry(family(object(&name, &scenes))).or_default().insert(address, scenes);
        }
    }
    let shared = named.iter().filter(|(_, places)| places.values().any(|scenes| is_shared(machine, scenes)));
    shared.map(|(name, places)| field(machine, name, places)).collect()
}

/// The accesses, by the first byte of the scalar that they touch. One to several scalars is one to each that is touched by itself elsewhere.
fn places(scenes: &[AccessScene]) -> Places<'_> {
    let mut places: Places = BTreeMap::new();
    for scene in scenes.iter().filter(|scene| !scene.bulk) {
        places.entry(scene.address).or_default().push(scene);
    }
    for scene in scenes.iter().filter(|scene| scene.bulk) {
        // Not beyond the object's own addresses, whatever length a broken call was given.
        let end = scene.address + scene.len.min(u64::from(u32::MAX - pointer::offset(scene.address))).max(1);
        let mut within = places.range_mut(scene.address..end).peekable();
        if within.peek().is_some() {
            within.for_each(|(_, scenes)| scenes.push(scene));
        } else {
            places.entry(scene.address).or_default().push(scene);
        }
    }
    places
}

/// The name of an atomic object rather than that of the number inside it, which only the kernel's own functions touch.
fn object<'a>(name: &'a str, scenes: &[&AccessScene]) -> &'a str {
    let inside = [".refcount.refs.counter", ".refs.counter", ".counter"].into_iter();
    let atomic = scenes.iter().any(|scene| scene.marking == Marking::Atomic);
    inside.filter(|_| atomic).find_map(|inside| name.strip_suffix(inside)).unwrap_or(name)
}

/// A name without what tells elements of an array, or objects from one line, apart.
fn family(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some(at) = rest.find(['[', '#']) {
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        out += &rest[..at];
        if rest[at..].starts_with('[') {
            out.push('[');
        }
        rest = &rest[at + 1 + digits..];
    }
    out + rest
}

fn user(machine: &Machine, context: usize) -> User {
    match machine.kind_of(context) {
        kind if kind.is_setup() => User::SetUp,
        kind if kind.is_task() => User::Task,
        ContextKind::HardIrq { .. } | ContextKind::Nmi { .. } => User::Handler,
        _ => User::Softirq,
    }
}

fn is_shared(machine: &Machine, scenes: &[&AccessScene]) -> bool {
    let contexts: BTreeSet<usize> = scenes.iter().map(|scene| scene.context).collect();
    contexts.iter().filter(|context| user(machine, **context) != User::SetUp).count() > 1
}

fn field(machine: &Machine, name: &str, places: &Places) -> Field {
    let after_setup: Vec<Vec<&AccessScene>> = places
        .values()
        .map(|scenes| scenes.iter().copied().filter(|scene| user(machine, scene.context) != User::SetUp).collect())
        .collect();
    let of_shared: Vec<&Vec<&AccessScene>> = after_setup.iter().filter(|scenes| is_shared(machine, scenes)).collect();
    let mut uses = uses(machine, places.values().flatten().copied());
    let locks = common(of_shared.iter().map(|scenes| always_held(machine, scenes.iter().copied())));
    let writes = of_shared.iter().map(|scenes| scenes.iter().copied().filter(|scene| scene.writes));
    let at_writes = common(writes.filter(|w| w.clone().next().is_some()).map(|w| always_held(machine, w)));
    let protection = protection(locks, &uses);
    let lock = match &protection {
        Protection::Partly(lock) => Some(lock.clone()),
        _ => None,
    };
    for used in uses.iter_mut().filter(|used| used.user != User::SetUp) {
        used.lacks = lock.clone().filter(|lock| !used.locks.contains(lock));
    }
    let in_tasks = uses.iter().filter(|used| used.user == User::Task);
    Field {
        name: name.to_owned(),
        irqs_off: in_tasks.clone().all(|used| used.interrupts == Interrupts::Off),
        protection,
        at_writes: at_writes.into_iter().collect(),
        uses,
    }
}

fn protection(locks: BTreeSet<String>, uses: &[FieldUse]) -> Protection {
    let uses: Vec<&FieldUse> = uses.iter().filter(|used| used.user != User::SetUp).collect();
    if !uses.iter().any(|used| used.writes) {
        return Protection::ReadOnly;
    }
    if !locks.is_empty() {
        return Protection::Locks(locks.into_iter().collect());
    }
    let names = common(uses.iter().map(|used| used.locks.iter().cloned().collect()));
    if !names.is_empty() {
        return Protection::SameName(names.into_iter().collect());
    }
    if uses.iter().all(|used| matches!(used.marking, Marking::Atomic | Marking::Marked)) {
        return Protection::Marked;
    }
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for lock in uses.iter().flat_map(|used| &used.locks) {
        *counts.entry(lock).or_default() += 1;
    }
    // Of those held at as many places, the first by name.
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(Protection::Nothing, |(lock, _)| Protection::Partly(lock.clone()))
}

/// The names of the locks, each one and the same, that are held at all of these accesses to one place.
fn always_held<'a>(machine: &Machine, scenes: impl Iterator<Item = &'a AccessScene>) -> BTreeSet<String> {
    let held = common(scenes.map(|scene| guarding(scene).map(|lock| lock.address).collect()));
    held.into_iter().map(|address| family(&machine.name_of(address))).collect()
}

/// The locks that keep from an access what it must not meet: a reader's does that for those who read.
fn guarding(scene: &AccessScene) -> impl Iterator<Item = &LockRef> {
    let keeps_out = |lock: &&LockRef| !scene.writes || !lock.taking.shared;
    scene.held.iter().filter(|lock| !lock.kind.is_map()).filter(keeps_out)
}

/// What is in all of the sets.
fn common<T: Ord>(sets: impl Iterator<Item = BTreeSet<T>>) -> BTreeSet<T> {
    sets.reduce(|mut all, set| {
        all.retain(|one| set.contains(one));
        all
    })
    .unwrap_or_default()
}

fn uses<'a>(machine: &Machine, scenes: impl Iterator<Item = &'a AccessScene>) -> Vec<FieldUse> {
    let mut grouped: BTreeMap<(User, CodePlaceInSource, Marking), Vec<&AccessScene>> = BTreeMap::new();
    for scene in scenes {
        let at = CodePlaceInSource::of(machine, scene.at);
        grouped.entry((user(machine, scene.context), at, scene.marking)).or_default().push(scene);
    }
    let mut uses: Vec<(CodePlaceInSource, FieldUse)> = grouped
        .into_iter()
        .map(|((user, at, marking), scenes)| (at, field_use(machine, user, at, marking, &scenes)))
        .collect();
    uses.sort_by_key(|(at, used)| (*at, used.user));
    uses.into_iter().map(|(_, used)| used).collect()
}

/// A line of the source, and the first place met in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct CodePlaceInSource {
    file: u16,
    line: usize,
    function: u32,
}

impl CodePlaceInSource {
    fn of(machine: &Machine, place: CodePlace) -> Self {
        let source = &machine.program().source;
        let span = source.span(machine.span(place));
        Self { file: span.file, line: source.line_column(span.file, span.lo).0, function: place.function }
    }
}

fn field_use(
    machine: &Machine,
    user: User,
    at: CodePlaceInSource,
    marking: Marking,
    scenes: &[&AccessScene],
) -> FieldUse {
    let contexts: BTreeSet<usize> = scenes.iter().map(|scene| scene.context).collect();
    let name = |lock: &LockRef| family(&machine.name_of(lock.address));
    let names = |scene: &&AccessScene| guarding(scene).map(name).collect();
    let as_reader = |scene: &&AccessScene| {
        scene.held.iter().filter(|lock| lock.taking.shared).map(name).collect::<BTreeSet<String>>()
    };
    let writes = scenes.iter().filter(|scene| scene.writes);
    let (on, off) = (scenes.iter().any(|scene| scene.irqs_on), scenes.iter().any(|scene| !scene.irqs_on));
    let bh_off = scenes.iter().all(|scene| !scene.bh_on);
    FieldUse {
        at: scenes.iter().map(|scene| machine.span(scene.at)).min().unwrap_or_default(),
        function: machine.program().functions[at.function as usize].name.clone(),
        contexts: contexts.into_iter().map(|context| machine.name(context).to_owned()).collect(),
        user,
        reads: scenes.iter().any(|scene| scene.reads),
        writes: scenes.iter().any(|scene| scene.writes),
        marking,
        locks: common(scenes.iter().map(names)).into_iter().collect(),
        as_reader: common(writes.map(as_reader)).into_iter().collect(),
        interrupts: match (user, on, off) {
            (User::Handler, ..) => Interrupts::InHandler,
            (User::Softirq, ..) => Interrupts::InSoftirq,
            (_, true, true) => Interrupts::Either,
            (_, false, _) => Interrupts::Off,
            (_, true, false) if bh_off => Interrupts::BottomHalvesOff,
            (_, true, false) => Interrupts::On,
        },
        lacks: None,
    }
}

#[cfg(test)]
mod tests {
    use super::family;

    #[test]
    fn elements_of_an_array_and_objects_of_a_line_are_one_family() {
        assert_eq!(family("packets"), "packets");
        assert_eq!(family("slots[12].used"), "slots[].used");
        assert_eq!(family("session#2->users"), "session->users");
        assert_eq!(family("grid[1][20]"), "grid[][]");
    }
}
