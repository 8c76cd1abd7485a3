//! What each context holds, in the order in which it took it, and the moments that the lock validator looks at.
//!
//! An entry is 2 bytes (3 where locks lie further than 2 KiB into the state, 4 beyond half a megabyte): the lock's offset in the state, and how it was
//! taken. Where it was taken is not part of a state.
//!
//! Invariant: nothing here changes what a context may do next, so that a search without the validator goes through the same steps.

use super::bytes::{get16, set16};
use super::layout::Layout;
use super::lock::Given;
use super::{Machine, Run, flag, header};
use crate::model::{CodePlace, Growth, LockMoment, Observer};
use crate::program::{Inst, KernelCall, LockKind, Program, Readers, pointer};

/// How many locks a context may hold before the validator loses count (`MAX_LOCK_DEPTH`).
pub(super) const MAX_HELD: usize = 48;
/// The bits of an entry that say how the lock was taken: subclass, trylock, as a reader.
const MODE_BITS: u32 = 5;
/// That of a reader.
const SHARED: u32 = 16;

/// How a lock was or is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Taking {
    /// `_nested`: 0 to 7.
    pub subclass: u8,
    /// It is not waited for.
    pub trylock: bool,
    /// As a reader.
    pub shared: bool,
}

impl Taking {
    fn bits(self) -> u32 {
        u32::from(self.subclass & 7) | u32::from(self.trylock) << 3 | if self.shared { SHARED } else { 0 }
    }

    fn of(bits: u32) -> Self {
        Self { subclass: (bits & 7) as u8, trylock: bits & 8 != 0, shared: bits & SHARED != 0 }
    }
}

/// What makes a lock's class, but for the subclass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LockClassKey {
    /// It has a static initialiser: the lock itself.
    Own,
    /// It is in a per-CPU variable with a static initialiser: the first CPU's, for all of them (`kernel/locking/lockdep.c`, `assign_lock_key`).
    PerCpu(u64),
    /// Where it was initialised.
    Site(CodePlace),
    /// `lockdep_set_class()`: the key, a static object.
    Set(u32),
    /// `lockdep_set_novalidate_class()`: none.
    Unvalidated,
}

/// A lock's class in two bytes: set where it is a key that was set, and not a place of initialisation; the subclass; the number.
const SET: u16 = 0x8000;
const SUBCLASS_SHIFT: u32 = 12;
/// The largest number, which no place and no key has.
const NUMBERS: u16 = 0xfff;
/// The number that says that a lock is not validated.
pub(super) const UNVALIDATED: u16 = u16::MAX;

/// A lock at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LockRef {
    /// Its address.
    pub address: u64,
    /// What it is.
    pub kind: LockKind,
    /// What makes its class.
    pub class: LockClassKey,
    /// How it is taken.
    pub taking: Taking,
}

/// What happens at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LockEvent {
    /// A context comes to a lock that it will wait for if it has to.
    Acquire,
    /// A trylock got its lock.
    TryAcquire,
    /// Interrupts go on, with locks held.
    IrqsOn,
    /// Bottom halves go on, with locks held.
    BhOn,
    /// A lock was released that others were taken under, and are still held.
    ReleaseBeneath,
    /// A timer's callback is waited for: its map is taken and released, with interrupts off.
    Touch,
    /// A work item is flushed that neither waits nor runs: there is nothing to wait for, this time.
    FlushIdle,
    /// Those who hold a map are waited for, and it is not held then (`lock_sync`).
    Sync,
}

/// A moment that the lock validator looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LockScene {
    /// Who.
    pub context: usize,
    /// What.
    pub event: LockEvent,
    /// Interrupts are on: before the event.
    pub irqs_on: bool,
    /// Bottom halves are on: before the event.
    pub bh_on: bool,
    /// The preempt count is zero.
    pub preemptible: bool,
    /// It is a hard interrupt that found its CPU serving softirqs.
    pub on_softirq: bool,
    /// It is a hard interrupt that no kernel runs in a thread.
    pub unthreaded: bool,
    /// Where; inside the prelude, the call that led there.
    pub at: CodePlace,
    /// The lock that is taken.
    pub lock: Option<LockRef>,
    /// The lock under which several of its class may be taken.
    pub nest: Option<LockRef>,
    /// What is held, the oldest first, without that.
    pub held: Vec<LockRef>,
}

/// Where a context's entries are, and how many there is room for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeldRoom {
    at: usize,
    room: usize,
}

/// The locks that contexts hold, as they lie in a state.
#[derive(Debug, Default)]
pub(crate) struct HeldLayout {
    /// The bytes of an entry.
    width: usize,
    /// For each context.
    contexts: Vec<HeldRoom>,
}

impl HeldLayout {
    /// Makes room for so many entries of each context. Nothing that may be a lock lies beyond `end`.
    pub(crate) fn new(rooms: &[usize], end: usize, take: &mut impl FnMut(usize) -> usize) -> Self {
        let fits = |width: &usize| end >> (8 * width - MODE_BITS as usize) == 0;
        let width = (2..4).find(fits).unwrap_or(4);
        let contexts = rooms.iter().map(|&room| HeldRoom { at: take(room * width), room }).collect();
        Self { width, contexts }
    }

    pub(crate) fn room(&self, context: usize) -> usize {
        self.contexts[context].room
    }

    fn entry(&self, s: &[u8], context: usize, nth: usize) -> u32 {
        let at = self.contexts[context].at + nth * self.width;
        s[at..at + self.width].iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
    }

    fn set(&self, s: &mut [u8], context: usize, nth: usize, entry: u32) {
        let at = self.contexts[context].at + nth * self.width;
        s[at..at + self.width].copy_from_slice(&entry.to_le_bytes()[..self.width]);
    }

    fn bytes(&self, context: usize) -> std::ops::Range<usize> {
        let HeldRoom { at, room } = self.contexts[context];
        at..at + room * self.width
    }
}

/// How many locks a context that runs these calls may hold at once, at first guess.
pub(super) fn first_room(calls: impl Iterator<Item = KernelCall>) -> usize {
    let takes = |call: &KernelCall| {
        matches!(call, KernelCall::Acquire { .. } | KernelCall::TryAcquire { .. } | KernelCall::SrcuReadLock { .. })
    };
    calls.filter(takes).take(2).count()
}

/// The places where locks may be initialised, outside the prelude, in ascending order.
pub(super) fn init_sites(program: &Program) -> Vec<CodePlace> {
    let mut sites = Vec::new();
    for (function, decl) in program.functions.iter().enumerate().filter(|(_, f)| !f.prelude) {
        for (at, inst) in decl.code.iter().enumerate() {
            let makes_class = |call: &KernelCall| {
                matches!(
                    call,
                    KernelCall::LockInit { .. }
                        | KernelCall::WorkInit
                        | KernelCall::WqInit { .. }
                        | KernelCall::SrcuInit
                )
            };
            if matches!(inst, Inst::Call { .. }) || matches!(inst, Inst::Kernel { call, .. } if makes_class(call)) {
                sites.push(CodePlace { function: function as u32, at: at as u32 });
            }
        }
    }
    sites
}

/// So many words are a moment with few locks: most are.
const FEW_WORDS: usize = 8;

/// Marks a moment that tells of an access, in its first word.
const ACCESS: u64 = 1 << 11;

impl Machine {
    /// How many locks of a context are told of in a state.
    fn tracked(&self, s: &[u8], context: usize) -> usize {
        let held = s[self.layout.contexts[context].header + header::HELD] as usize;
        held.min(self.layout.held.room(context))
    }

    /// Whether a context holds the lock at an offset as a reader. One that holds more than is kept may.
    pub(super) fn holds_shared(&self, s: &[u8], context: usize, at: usize) -> bool {
        let shared = |nth| {
            let entry = self.layout.held.entry(s, context, nth);
            entry & SHARED != 0 && (entry >> MODE_BITS) as usize == at
        };
        (0..self.tracked(s, context)).any(shared)
            || s[self.layout.contexts[context].header + header::HELD] as usize > MAX_HELD
    }

    /// Whether a context holds the lock or map at an offset. One that holds more than is kept may.
    pub(super) fn may_hold(&self, s: &[u8], context: usize, at: usize) -> bool {
        let held = s[self.layout.contexts[context].header + header::HELD] as usize;
        let is = |nth| (self.layout.held.entry(s, context, nth) >> MODE_BITS) as usize == at;
        held > self.layout.held.room(context) || (0..held).any(is)
    }

    /// A lock in one word: its offset, where it was initialised (2 bytes), what it is, how it is taken.
    fn lock_word(&self, s: &[u8], entry: u32) -> u64 {
        let at = (entry >> MODE_BITS) as usize;
        let what = u64::from(s[at + 1]) << 48 | u64::from(get16(s, at + 2)) << 32;
        u64::from(entry & ((1 << MODE_BITS) - 1)) << 56 | what | at as u64
    }

    /// Tells the validator of a moment of a context, about a lock and the one that orders the taking of several such, about a lock, or about none.
    fn tell_moment<O: Observer>(
        &self,
        s: &[u8],
        context: usize,
        event: LockEvent,
        at: CodePlace,
        locks: &[u32],
        o: &mut O,
    ) {
        let mut about = [0; 2];
        for (word, entry) in about.iter_mut().zip(locks) {
            *word = self.lock_word(s, *entry);
        }
        self.tell_words(s, context, event, at, &about[..locks.len()], self.held_words(s, context), o);
    }

    /// Tells the validator that a context waits for a map.
    pub(super) fn tell_map<O: Observer>(
        &self,
        s: &[u8],
        context: usize,
        event: LockEvent,
        at: CodePlace,
        map: u64,
        o: &mut O,
    ) {
        self.tell_words(s, context, event, at, &[map], self.held_words(s, context), o);
    }

    /// What a context holds, the oldest first: a worker the maps of what it runs beneath everything else.
    fn held_words<'s>(&'s self, s: &'s [u8], context: usize) -> impl Iterator<Item = u64> + Clone + 's {
        let held = (0..self.tracked(s, context)).map(move |nth| self.layout.held.entry(s, context, nth));
        self.maps(s, context).chain(held.map(|entry| self.lock_word(s, entry)))
    }

    /// Tells the validator of a moment of a context that takes this with that held.
    #[allow(clippy::too_many_arguments, reason = "a moment is made of this much")]
    pub(super) fn tell_words<O: Observer>(
        &self,
        s: &[u8],
        context: usize,
        event: LockEvent,
        at: CodePlace,
        about: &[u64],
        held: impl Iterator<Item = u64> + Clone,
        o: &mut O,
    ) {
        let head = self.moment_head(s, context, at, (event as u64) << 8 | (about.len() as u64) << 24);
        let words = head.into_iter().chain(about.iter().copied()).chain(held);
        let mut few = [0; FEW_WORDS];
        let mut len = 0;
        words.clone().for_each(|word| {
            if let Some(slot) = few.get_mut(len) {
                *slot = word;
            }
            len += 1;
        });
        match few.get(..len) {
            Some(few) => o.lock_moment(few),
            None => o.lock_moment(&words.collect::<Vec<u64>>()),
        }
    }

    /// The words that every moment begins with: who, in which state of interrupts, and where.
    #[inline]
    fn moment_head(&self, s: &[u8], context: usize, at: CodePlace, event: u64) -> [u64; 2] {
        let flags = self.flags(s, context) & flag::IRQ_OFF != 0;
        let header = self.layout.contexts[context].header;
        let bh_off = s[header + header::BH] != 0;
        let preempt_off = self.preempt_count(s, context) != 0;
        let mut bits = u64::from(flags) | u64::from(bh_off) << 1 | u64::from(preempt_off) << 2;
        if self.deferred {
            let on_softirq = self.runs_on(s, context).and_then(|cpu| self.serving_on_top(s, cpu)).is_some();
            bits |= u64::from(on_softirq) << 3 | u64::from(self.never_threaded(s, context)) << 4;
        }
        [context as u64 | event | bits << 16, u64::from(at.function) << 32 | u64::from(at.at)]
    }

    /// Tells of an access to memory.
    pub(super) fn tell_access<O: Observer>(&self, s: &[u8], context: usize, at: CodePlace, what: [u64; 2], o: &mut O) {
        let head = self.moment_head(s, context, at, ACCESS);
        o.lock_moment(&head.into_iter().chain(what).chain(self.held_words(s, context)).collect::<Vec<u64>>());
    }

    /// What a moment's words mean that tells of an access: the words about it and, as a scene without a lock being taken, the rest.
    pub(super) fn access_words(&self, words: &LockMoment) -> Option<([u64; 2], LockScene)> {
        let (&[head, place, first, second], held) = words.split_first_chunk()?;
        if head & ACCESS == 0 {
            return None;
        }
        Some(([first, second], self.scene([head & !ACCESS, place], held)))
    }

    /// A context comes to the call that takes a lock.
    fn tell_coming<O: Observer>(&self, s: &[u8], context: usize, at: CodePlace, taking: Taking, o: &mut O) {
        if let Some(lock) = self.next_lock(s, context) {
            if s[lock + 1] == LockKind::WwMutex.magic() && self.has_already(s, context, lock) {
                return; // the kernel says so before it asks the validator
            }
            let entry = (lock as u32) << MODE_BITS | taking.bits();
            let nest = self.point(s, context).filter(|point| self.points[*point as usize].nests);
            match nest.and_then(|_| self.object_of_argument(s, context, 1)) {
                Some(nest) => {
                    self.tell_moment(s, context, LockEvent::Acquire, at, &[entry, (nest as u32) << MODE_BITS], o);
                }
                None => self.tell_moment(s, context, LockEvent::Acquire, at, &[entry], o),
            }
        }
    }

    /// A task's part begins; it may stand before its first lock already.
    pub(super) fn tell_beginning<O: Observer>(&self, s: &[u8], task: usize, o: &mut O) {
        let listens = O::LOCKS && self.lockdep && self.begun(s, task);
        let point = self.point(s, task).filter(|_| listens);
        if let Some(taking) = point.and_then(|point| self.points[point as usize].acquires) {
            self.tell_coming(s, task, self.shown_place(s, task), taking, o);
        }
    }

    /// What a moment tells of locks; `None` if it is about an access to memory.
    pub fn lock_scene(&self, words: &LockMoment) -> Option<LockScene> {
        let (&[head, place], locks) = words.split_first_chunk()?;
        (head & ACCESS == 0).then(|| self.scene([head, place], locks))
    }

    fn scene(&self, [head, place]: [u64; 2], locks: &[u64]) -> LockScene {
        const EVENTS: [LockEvent; 8] = [
            LockEvent::Acquire,
            LockEvent::TryAcquire,
            LockEvent::IrqsOn,
            LockEvent::BhOn,
            LockEvent::ReleaseBeneath,
            LockEvent::Touch,
            LockEvent::FlushIdle,
            LockEvent::Sync,
        ];
        let event = EVENTS[(head >> 8 & 7) as usize];
        let mut locks: Vec<LockRef> = locks.iter().map(|word| self.lock_ref(*word)).collect();
        let held = locks.split_off((head >> 24 & 3) as usize);
        let mut about = locks.into_iter();
        LockScene {
            context: (head & 0xff) as usize,
            event,
            irqs_on: head >> 16 & 1 == 0,
            bh_on: head >> 17 & 1 == 0,
            preemptible: head >> 18 & 1 == 0,
            on_softirq: head >> 19 & 1 != 0,
            unthreaded: head >> 20 & 1 != 0,
            at: CodePlace { function: (place >> 32) as u32, at: place as u32 },
            lock: about.next(),
            nest: about.next(),
            held,
        }
    }

    /// The lock that a context waits for, and how it would take it; the map of a timer or of work, where it waits for that.
    pub fn wanted_lock_ref(&self, s: &[u8], context: usize) -> Option<LockRef> {
        let taking = match self.next_call(s, context)? {
            KernelCall::FlushWork { .. }
            | KernelCall::SpinForWork
            | KernelCall::FlushWorkqueue
            | KernelCall::WqWaitEmpty => {
                return Some(self.lock_ref(Self::map_of(s, self.next_object(s, context)?)));
            }
            KernelCall::TimerCancel { hr: false, wait: true, .. } => Taking::default(),
            KernelCall::GpWait { of: Readers::Srcu } => {
                let at = self.next_object(s, context)?;
                return Some(self.lock_ref(self.lock_word(s, (at as u32) << MODE_BITS)));
            }
            _ => self.points[self.point(s, context)? as usize].acquires?,
        };
        let at = self.next_lock(s, context)?;
        Some(self.lock_ref(self.lock_word(s, (at as u32) << MODE_BITS | taking.bits())))
    }

    /// The locks that a context holds in a state, the oldest first.
    pub fn held_refs(&self, s: &[u8], context: usize) -> Vec<LockRef> {
        self.held_words(s, context).map(|word| self.lock_ref(word)).collect()
    }

    /// The class of a lock with a static initialiser.
    fn own_class(&self, address: u64) -> LockClassKey {
        let object = (pointer::id(address) as usize).checked_sub(1).and_then(|object| self.program.objects.get(object));
        object.filter(|object| object.per_cpu).map_or(LockClassKey::Own, |object| {
            let stride = u64::from(object.size) / self.cpus() as u64;
            let offset = u64::from(pointer::offset(address));
            LockClassKey::PerCpu(address - offset + offset % stride)
        })
    }

    fn lock_ref(&self, word: u64) -> LockRef {
        let site = (word >> 32) as u16;
        let address = self.address_at(word as u32 as usize);
        let mut taking = Taking::of((word >> 56) as u32);
        if taking.subclass == 0 && site != UNVALIDATED {
            taking.subclass = (site >> SUBCLASS_SHIFT & 7) as u8;
        }
        LockRef {
            address,
            kind: LockKind::of_magic((word >> 48) as u8).unwrap_or(LockKind::Spin),
            class: match site {
                UNVALIDATED => LockClassKey::Unvalidated,
                set if set >= SET => LockClassKey::Set(u32::from(set & NUMBERS)),
                site => {
                    let place = (site & NUMBERS).checked_sub(1).and_then(|site| self.init_sites.get(site as usize));
                    place.map_or_else(|| self.own_class(address), |place| LockClassKey::Site(*place))
                }
            },
            taking,
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// What the validator is told of: this one listens, and there is room for what is held.
    fn validates(&self) -> bool {
        O::LOCKS && self.m.lockdep
    }

    /// The number of the place where a lock is being initialised, plus one.
    pub(super) fn init_site(&self) -> u16 {
        self.m
            .init_sites
            .binary_search(&self.place())
            .map_or(0, |site| u16::try_from(site + 1).ok().filter(|site| *site < NUMBERS).unwrap_or(0))
    }

    /// The context comes to the call that takes a lock, at this place.
    pub(super) fn comes_to_lock(&mut self, at: CodePlace, taking: Taking) {
        // Who comes to its first lock before its part begins is told of when it does: the lock may have no class yet.
        if self.validates() && (self.is_line() || self.m.begun(self.s, self.context)) {
            self.m.tell_coming(self.s, self.context, at, taking, self.o);
        }
    }

    /// `lockdep_set_class()`. A key that is no static object is none.
    pub(super) fn set_lock_class(&mut self, lock: u64, key: u64) -> Given {
        let at = self.object(lock)?;
        let object = pointer::id(key).checked_sub(1).filter(|object| *object < u32::from(NUMBERS));
        let number = match object.filter(|object| (*object as usize) < self.m.program.objects.len()) {
            Some(object) => SET + object as u16,
            None if key == 0 => UNVALIDATED,
            None => 0,
        };
        if self.m.lockdep {
            set16(self.s, at + 2, number);
        }
        Some(0)
    }

    /// `lockdep_set_subclass()`: what it is taken as where no subclass is named.
    pub(super) fn set_lock_subclass(&mut self, lock: u64, subclass: u64) -> Given {
        let at = self.object(lock)?;
        let class = get16(self.s, at + 2);
        if self.m.lockdep && class != UNVALIDATED {
            let kept = class & (SET | NUMBERS);
            set16(self.s, at + 2, kept | ((subclass & 7) as u16) << SUBCLASS_SHIFT);
        }
        Some(0)
    }

    /// `might_lock()`, `might_lock_read()`, `might_lock_nested()`.
    pub(super) fn might_lock(&mut self, lock: u64, taking: Taking) -> Given {
        let at = self.object(lock)?;
        if self.validates() {
            let entry = (at as u32) << MODE_BITS | taking.bits();
            self.m.tell_moment(self.s, self.context, LockEvent::Acquire, self.place(), &[entry], self.o);
        }
        Some(0)
    }

    /// A timer's callback begins: its map is held until it ends.
    pub(super) fn enter_map(&mut self, at: usize) -> Option<()> {
        self.enter_map_as(at, Taking::default())
    }

    /// A map is held from now on.
    pub(super) fn enter_map_as(&mut self, at: usize, taking: Taking) -> Option<()> {
        if self.validates() && !taking.trylock {
            let entry = (at as u32) << MODE_BITS | taking.bits();
            self.m.tell_moment(self.s, self.context, LockEvent::Acquire, self.place(), &[entry], self.o);
        }
        self.hold(at, taking)
    }

    /// A section of SRCU is entered: its map is held as a reader until it is left.
    pub(super) fn enter_section(&mut self, at: usize) -> Option<()> {
        let taking = Taking { shared: true, ..Taking::default() };
        if self.validates() {
            let entry = (at as u32) << MODE_BITS | taking.bits();
            self.m.tell_moment(self.s, self.context, LockEvent::Acquire, self.place(), &[entry], self.o);
        }
        self.hold(at, taking)
    }

    /// The readers of a map are waited for.
    pub(super) fn sync_map(&mut self, at: usize) {
        if self.validates() {
            let entry = (at as u32) << MODE_BITS;
            self.m.tell_moment(self.s, self.context, LockEvent::Sync, self.place(), &[entry], self.o);
        }
    }

    /// A timer's callback is waited for.
    pub(super) fn touch_map(&mut self, at: usize) {
        if self.validates() {
            let entry = (at as u32) << MODE_BITS;
            self.m.tell_moment(self.s, self.context, LockEvent::Touch, self.place(), &[entry], self.o);
        }
    }

    /// Interrupts or bottom halves go on, and this is just before; or what is held is held on without what it was taken under.
    pub(super) fn goes_on(&mut self, event: LockEvent) {
        let held = self.s[self.m.layout.contexts[self.context].header + header::HELD];
        if self.validates() && held > 0 {
            self.m.tell_moment(self.s, self.context, event, self.place(), &[], self.o);
        }
    }

    /// Notes that the context holds a lock now. `None` if there is no room for it.
    pub(super) fn hold(&mut self, at: usize, taking: Taking) -> Option<()> {
        let count = self.m.layout.contexts[self.context].header + header::HELD;
        let held = self.s[count] as usize;
        let entry = (at as u32) << MODE_BITS | taking.bits();
        if self.m.keeps_held {
            if taking.trylock && self.validates() {
                self.m.tell_moment(self.s, self.context, LockEvent::TryAcquire, self.place(), &[entry], self.o);
            }
            if held < self.m.layout.held.room(self.context) {
                self.m.layout.held.set(self.s, self.context, held, entry);
            } else if held < MAX_HELD {
                return self.outgrow(Growth::Held { context: self.context as u8 });
            }
        }
        self.s[count] = self.s[count].saturating_add(1);
        Some(())
    }

    /// Notes that what the context holds it holds as a reader from now on.
    pub(super) fn share(&mut self, at: usize) {
        let layout = &self.m.layout.held;
        let is = |nth: &usize| (layout.entry(self.s, self.context, *nth) >> MODE_BITS) as usize == at;
        if let Some(nth) = (0..self.m.tracked(self.s, self.context)).rev().find(is) {
            let entry = layout.entry(self.s, self.context, nth) | SHARED;
            layout.set(self.s, self.context, nth, entry);
        }
    }

    /// Notes that a context holds a lock no more.
    pub(super) fn let_go(&mut self, context: usize, at: usize) {
        let count = self.m.layout.contexts[context].header + header::HELD;
        let held = self.m.tracked(self.s, context);
        let layout = &self.m.layout.held;
        let is = |nth: &usize| (layout.entry(self.s, context, *nth) >> MODE_BITS) as usize == at;
        let nth = (0..held).rev().find(is).or(held.checked_sub(1));
        if let Some(nth) = nth {
            for above in nth + 1..held {
                let entry = layout.entry(self.s, context, above);
                layout.set(self.s, context, above - 1, entry);
            }
            layout.set(self.s, context, held - 1, 0);
        }
        self.s[count] = self.s[count].saturating_sub(1);
        if context == self.context && nth.is_some_and(|nth| nth + 1 < held) {
            self.goes_on(LockEvent::ReleaseBeneath);
        }
    }
}

impl Layout {
    /// Forgets what a context holds.
    pub(super) fn forget_held(&self, s: &mut [u8], context: usize) {
        s[self.held.bytes(context)].fill(0);
    }
}
