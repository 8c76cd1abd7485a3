//! The validator over a recording: events in, facts and a graph out.
//!
//! Invariant: memory grows with what is distinct (classes, dependencies, chains, who holds locks at one time), never with the number of
//! events, and each of these has a limit: the kernel's own, [`Limit`]. When one is reached, that is said.

use super::event::{Acquire as Taking, Event, What};
use lockdep_model::class::{ClassId, ContextId, InstanceId, KeyId, KeyTable, LockType, Place, Read};
use lockdep_model::exact::{self, Overlap};
use lockdep_model::fact::{At, Fact, Problem, Recorder};
use lockdep_model::facts::{Facts, LockSets};
use lockdep_model::graph::LockGraph;
use lockdep_model::held::{HardIrq, HeldLock, HeldStack, IrqState};
use lockdep_model::kernel::Kernel;
use lockdep_model::memo::Memo;
use lockdep_model::report::Report;
use lockdep_model::settings::{Mode, Settings};
use lockdep_model::step::{self, Acquire, Env, Release};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many sets of locks are told apart in which one dependency was made, before only what is common to all is kept.
const MOST_LOCK_SETS: usize = 64;
/// How many acquisitions are remembered, so as not to judge them again.
const MOST_REMEMBERED: usize = 1 << 15;
/// How many places are told apart.
const MOST_PLACES: usize = 1 << 16;

/// What there is only so much room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Classes (`MAX_LOCKDEP_KEYS`).
    Classes,
    /// Dependencies (`MAX_LOCKDEP_ENTRIES`).
    Dependencies,
    /// Chains (`MAX_LOCKDEP_CHAINS`).
    Chains,
    /// Tasks that hold locks at one time.
    Holders,
    /// Locks that one task holds (`MAX_LOCK_DEPTH`).
    Depth,
}

impl Limit {
    /// How much there is room for.
    pub fn most(self) -> usize {
        match self {
            Self::Classes => 8192,
            Self::Dependencies => 1 << 15,
            Self::Chains | Self::Holders => 1 << 16,
            Self::Depth => 48,
        }
    }

    /// What is more than there is room for.
    pub fn what(self) -> &'static str {
        match self {
            Self::Classes => "lock classes",
            Self::Dependencies => "dependencies",
            Self::Chains => "chains",
            Self::Holders => "tasks that hold locks at one time",
            Self::Depth => "locks held by one task",
        }
    }
}

/// Where in the recording, and who did it. Of two the earlier is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Witness {
    /// The line, from 1.
    pub line: u64,
    /// The thread.
    pub pid: u32,
    /// The CPU, where it is known.
    pub cpu: Option<u16>,
    /// The thread's name, filled up with zeros: the kernel's are no longer than this.
    comm: [u8; 16],
}

impl Witness {
    fn new(line: u64, event: &Event<'_>) -> Self {
        let mut comm = [0; 16];
        let mut room = 16usize;
        for c in event.task.comm.chars() {
            let Some(left) = room.checked_sub(c.len_utf8()) else { break };
            c.encode_utf8(&mut comm[16 - room..]);
            room = left;
        }
        Self { line, pid: event.task.pid, cpu: event.task.cpu, comm }
    }

    /// `bash-1234`
    pub fn task(&self) -> String {
        let end = self.comm.iter().position(|&byte| byte == 0).unwrap_or(self.comm.len());
        format!("{}-{}", String::from_utf8_lossy(&self.comm[..end]), self.pid)
    }
}

/// What a task holds, and what was last seen of its interrupt state.
#[derive(Debug, Default)]
struct Holder {
    held: HeldStack,
    /// For each of the kernel's stacks of locks: what the last event said.
    irq: [Option<IrqState>; 4],
}

/// Who judges.
#[derive(Debug)]
enum Judge {
    Exact(Facts<Witness>),
    Kernel(Box<Kernel<Witness>>),
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Locks taken.
    pub acquired: u64,
    /// Locks released.
    pub released: u64,
    /// Releases of locks whose acquisition is not in the recording.
    pub unmatched: u64,
    /// Events without the interrupt state.
    pub without_irq: u64,
    /// How often the recorder lost events.
    pub lost: u64,
    /// Acquisitions left out, for lack of room.
    pub left_out: u64,
}

/// A class taken while one of it was held, by a recording that does not tell subclasses.
#[derive(Clone, Copy, Debug)]
pub struct Nested {
    /// When first.
    pub witness: Witness,
    /// How often.
    pub times: u64,
}

/// The state of the validator.
#[derive(Debug)]
pub struct Recording {
    settings: Settings,
    keys: KeyTable,
    named: HashMap<String, Vec<(LockType, KeyId)>>,
    /// Keys whose subclasses are not told.
    flat: BTreeSet<KeyId>,
    places: Vec<String>,
    placed: HashMap<String, Place>,
    holders: HashMap<u64, Holder>,
    memo: Memo<Witness>,
    remembered: usize,
    judge: Judge,
    told: Told,
    /// What was counted.
    pub counts: Counts,
}

/// What is kept beside the facts.
#[derive(Debug, Default)]
struct Told {
    nested: BTreeMap<ClassId, Nested>,
    limits: BTreeSet<Limit>,
    edges: BTreeSet<(ClassId, ClassId)>,
    chains: usize,
}

impl Recording {
    /// Nothing read yet.
    pub fn new(mode: Mode) -> Self {
        let settings = Settings { mode, ..Settings::default() };
        let judge = match mode {
            Mode::Exact => Judge::Exact(Facts::new()),
            Mode::Kernel => Judge::Kernel(Box::new(Kernel::new(false))),
        };
        Self {
            settings,
            keys: KeyTable::new(),
            named: HashMap::new(),
            flat: BTreeSet::new(),
            places: vec![String::new()],
            placed: HashMap::new(),
            holders: HashMap::new(),
            memo: Memo::default(),
            remembered: 0,
            judge,
            told: Told::default(),
            counts: Counts::default(),
        }
    }

    /// The number of a place; 0 where there is no room for it.
    pub fn place(&mut self, text: &str) -> Place {
        if let Some(&known) = self.placed.get(text) {
            return known;
        }
        if self.places.len() >= MOST_PLACES {
            return Place(0);
        }
        let place = Place(self.places.len() as u32);
        self.places.push(text.to_owned());
        self.placed.insert(text.to_owned(), place);
        place
    }

    /// The words for a place.
    pub fn place_text(&self, place: Place) -> Option<&str> {
        self.places.get(place.0 as usize).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The names of classes.
    pub fn keys(&self) -> &KeyTable {
        &self.keys
    }

    /// Classes of which one was taken with another held, where subclasses are not told.
    pub fn nested(&self) -> &BTreeMap<ClassId, Nested> {
        &self.told.nested
    }

    /// What there was more of than room.
    pub fn limits(&self) -> &BTreeSet<Limit> {
        &self.told.limits
    }

    /// What is found.
    pub fn reports(&self) -> Vec<Report<Witness>> {
        match &self.judge {
            Judge::Exact(facts) => {
                exact::check(facts, &exact::Options { overlap: Overlap::Anyone, ..exact::Options::default() })
            }
            Judge::Kernel(kernel) => kernel.reports().to_vec(),
        }
    }

    /// The graph, with what is reported marked in it.
    pub fn graph(&self, reports: &[Report<Witness>]) -> LockGraph {
        let mut graph = match &self.judge {
            Judge::Exact(facts) => LockGraph::from_facts(facts, &self.keys),
            Judge::Kernel(kernel) => LockGraph::from_kernel(kernel, &self.keys),
        };
        graph.mark(reports);
        graph
    }

    /// Events were lost: nobody is known to hold anything.
    pub fn lost(&mut self) {
        self.counts.lost += 1;
        self.holders.clear();
    }

    /// One event, at this line, with the place that the lines after it tell.
    pub fn event(&mut self, line: u64, event: &Event<'_>, place: Place) {
        let witness = Witness::new(line, event);
        // Each CPU has an idle task, and all are number 0.
        let task = match event.task {
            super::event::Task { pid: 0, cpu, .. } => 1 << 32 | u64::from(cpu.unwrap_or(0)),
            task => u64::from(task.pid),
        };
        // Where nothing is told of interrupts, nothing may be concluded about them.
        let unknown = IrqState { hardirqs_on: false, ..IrqState::TASK };
        let irq = event.irq.unwrap_or(unknown);
        self.counts.without_irq += u64::from(event.irq.is_none());
        self.interrupts(task, irq, &witness, place);
        match &event.what {
            What::Acquire(taking) => self.acquire(task, event.lock, taking, irq, &witness, place),
            What::Release => self.release(task, event.lock, irq, &witness, place),
        }
    }

    /// What the event shows to have been turned on since the task's last in the same kind of context.
    fn interrupts(&mut self, task: u64, irq: IrqState, witness: &Witness, place: Place) {
        let Self { settings, holders, judge, told, flat, .. } = self;
        let Some(holder) = holders.get_mut(&task) else { return };
        let last = holder.irq[usize::from(irq.irq_context())].replace(irq);
        let Some(before) = last.filter(|_| !holder.held.is_empty()) else { return };
        let held_here = holder.held.locks().last().is_some_and(|held| held.irq_context == irq.irq_context());
        if !held_here || irq.nmi {
            return;
        }
        let env = Env { settings, context: context(irq), irq: before };
        let hearing = &mut Hearing { judge, told, flat, witness };
        if irq.hardirqs_on && !before.hardirqs_on {
            step::hardirqs_on(&env, &holder.held, place, hearing);
        }
        if irq.softirqs_on && !before.softirqs_on {
            let after_irqs = Env { irq: IrqState { hardirqs_on: irq.hardirqs_on, ..before }, ..env };
            step::softirqs_on(&after_irqs, &holder.held, place, hearing);
        }
    }

    fn acquire(&mut self, task: u64, lock: u64, taking: &Taking<'_>, irq: IrqState, witness: &Witness, place: Place) {
        self.counts.acquired += 1;
        let key = self.key(taking);
        let Some(key) = key else {
            self.counts.left_out += 1;
            return;
        };
        let room = self.holders.len() < Limit::Holders.most() || self.holders.contains_key(&task);
        if !room {
            self.told.limits.insert(Limit::Holders);
            self.counts.left_out += 1;
            return;
        }
        let Self { settings, holders, judge, told, memo, remembered, flat, counts, .. } = self;
        let holder = holders.entry(task).or_default();
        holder.irq[usize::from(irq.irq_context())] = Some(irq);
        if holder.held.depth() >= Limit::Depth.most() {
            told.limits.insert(Limit::Depth);
            counts.left_out += 1;
            return;
        }
        let env = Env { settings, context: context(irq), irq };
        let class = ClassId::nested(key, taking.subclass.unwrap_or(0));
        let acquire = Acquire {
            read: env.read_kind(taking.lock, taking.mode),
            trylock: taking.trylock,
            nest_lock: taking.nest.map(InstanceId),
            place,
            ..Acquire::new(class, taking.lock, InstanceId(lock))
        };
        let exact = matches!(judge, Judge::Exact(_));
        if exact && memo.knows(&env, &holder.held, &acquire, witness) {
            step::acquire_known(&env, &mut holder.held, &acquire);
            return;
        }
        *remembered += 1;
        if *remembered > MOST_REMEMBERED {
            // What was forgotten is only judged again.
            (*memo, *remembered) = (Memo::default(), 0);
        }
        step::acquire(&env, &mut holder.held, &acquire, &mut Hearing { judge, told, flat, witness });
    }

    fn release(&mut self, task: u64, lock: u64, irq: IrqState, witness: &Witness, place: Place) {
        self.counts.released += 1;
        let Self { settings, holders, judge, told, flat, counts, .. } = self;
        let here = |held: &HeldLock| held.instance == InstanceId(lock) && held.irq_context == irq.irq_context();
        let known = holders.get_mut(&task).filter(|holder| holder.held.locks().iter().any(here));
        let Some(holder) = known else {
            // Taken before the recording began, or while events were lost.
            counts.unmatched += u64::from(!irq.nmi);
            return;
        };
        let env = Env { settings, context: context(irq), irq };
        let release = Release { instance: InstanceId(lock), class: None, owner: None, place };
        step::release(&env, &mut holder.held, &release, &mut Hearing { judge, told, flat, witness });
        if holder.held.is_empty() {
            holders.remove(&task);
        }
    }

    fn key(&mut self, taking: &Taking<'_>) -> Option<KeyId> {
        let known = self.named.get(taking.class).and_then(|keys| keys.iter().find(|(lock, _)| *lock == taking.lock));
        if let Some(&(_, key)) = known {
            return Some(key);
        }
        if self.keys.len() >= Limit::Classes.most() {
            self.told.limits.insert(Limit::Classes);
            return None;
        }
        let key = self.keys.add(taking.class, taking.lock);
        self.named.entry(taking.class.to_owned()).or_default().push((taking.lock, key));
        if taking.subclass.is_none() {
            self.flat.insert(key);
        }
        Some(key)
    }
}

/// Who it is, as far as it matters: what one task did, another can do, but what runs in an interrupt runs there.
fn context(irq: IrqState) -> ContextId {
    ContextId(if irq.nmi { 4 } else { u32::from(irq.irq_context()) })
}

/// The words for such a context.
pub fn context_name(irq: &IrqState) -> &'static str {
    match (irq.nmi, irq.hardirq != HardIrq::No, irq.softirq) {
        (true, ..) => "in an NMI",
        (_, true, _) => "in a hard interrupt",
        (_, _, true) => "in a softirq",
        _ => "in a task",
    }
}

/// Hands on what is shown, within the limits.
struct Hearing<'a> {
    judge: &'a mut Judge,
    told: &'a mut Told,
    flat: &'a BTreeSet<KeyId>,
    witness: &'a Witness,
}

impl Recorder for Hearing<'_> {
    fn record(&mut self, fact: Fact, at: &At<'_>) {
        match fact {
            Fact::Problem(Problem::Recursion { class, same_instance, held, taken, .. })
                if self.flat.contains(&class.key) && !is_certain(same_instance, held, taken) =>
            {
                let nested = self.told.nested.entry(class).or_insert(Nested { witness: *self.witness, times: 0 });
                nested.times += 1;
                return;
            }
            Fact::Edge { from, to, .. } if !self.told.edges.contains(&(from, to)) => {
                if self.told.edges.len() >= Limit::Dependencies.most() {
                    self.told.limits.insert(Limit::Dependencies);
                    return;
                }
                self.told.edges.insert((from, to));
            }
            _ => {}
        }
        match self.judge {
            Judge::Kernel(kernel) => kernel.recorder(self.witness).record(fact, at),
            Judge::Exact(facts) => {
                facts.add(fact.clone(), at, self.witness);
                if let Some(common) = too_many(facts, &fact, at.context) {
                    let kept: Vec<HeldLock> =
                        at.held.iter().filter(|held| common.contains(&held.instance)).copied().collect();
                    facts.add(fact, &At { held: &kept, ..*at }, self.witness);
                }
            }
        }
    }

    fn knows_chain(&mut self, at: &At<'_>) -> bool {
        let full = self.told.chains >= Limit::Chains.most();
        match self.judge {
            Judge::Kernel(kernel) => {
                // The kernel's own validator ends here; what it has judged stays.
                if full {
                    self.told.limits.insert(Limit::Chains);
                    return true;
                }
                let known = kernel.recorder(self.witness).knows_chain(at);
                self.told.chains += usize::from(!known);
                known
            }
            // Here chains are for the proc file alone: whatever is found is found without.
            Judge::Exact(facts) => {
                if !full {
                    facts.recorder(self.witness).knows_chain(at);
                    self.told.chains = facts.chains.len();
                }
                false
            }
        }
    }
}

/// Whether a lock taken while held is one, for all that can be known without subclasses and types.
fn is_certain(same_instance: bool, held: Read, taken: Read) -> bool {
    same_instance && (held == Read::Exclusive || taken == Read::Exclusive)
}

/// The locks common to all the sets under which a fact was shown, when there are too many sets to go on telling them apart.
fn too_many(facts: &Facts<Witness>, fact: &Fact, context: ContextId) -> Option<Vec<InstanceId>> {
    let sets: &LockSets = match fact {
        Fact::Edge { from, to, kind, .. } => &facts.edges.get(&(*from, *to))?.makings.get(&(*kind, context))?.gates,
        Fact::Usage { class, bit, .. } => &facts.classes.get(class)?.usage.get(&(*bit, context))?.gates,
        Fact::NmiUse { .. } | Fact::Problem(_) => return None,
    };
    let mut each = sets.iter();
    let first = each.next()?.to_vec();
    let (common, count) = each.fold((first, 1), |(mut common, count), set| {
        common.retain(|lock| set.contains(lock));
        (common, count + 1)
    });
    (count > MOST_LOCK_SETS).then_some(common)
}
