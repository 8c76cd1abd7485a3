//! Locks that have an owner. Four bytes: owner context plus one (see `rwlock` for those that readers share), magic, and where it was initialised (2).
//!
//! Invariant: a spinlock or mutex has one owner at a time; any waiter may be the next. A spinlock's waiter keeps its CPU, a mutex's gives it up. Without SMP a spinlock
//! keeps nobody out (`include/linux/spinlock_up.h`): it only records who took it first.

use super::event::What;
use super::kernel::{ALTERNATIVE, EINTR, ORDINARY};
use super::lockdep::Taking;
use super::memory::Target;
use super::rwlock::Owner;
use super::{Machine, Run, header};
use crate::finding::Kind;
use crate::model::Observer;
use crate::program::{AssertHeld, LockKind, Sleep};

/// What a call gives: its result, or `None` if the step ends here: the context was killed, or waits at this call.
pub(super) type Given = Option<u64>;

impl Machine {
    /// The offset in the state of the object that a context's next call is about, if its address leads anywhere.
    pub(super) fn next_object(&self, s: &[u8], context: usize) -> Option<usize> {
        self.object_of_argument(s, context, 0)
    }

    /// The same of another of its arguments.
    pub(super) fn object_of_argument(&self, s: &[u8], context: usize, argument: usize) -> Option<usize> {
        let address = self.next_operand(s, context, argument)?;
        match self.resolve(s, address, 4, true) {
            Ok(Target::State(at, _)) => Some(at),
            _ => None,
        }
    }

    pub(super) fn may_acquire(&self, s: &[u8], context: usize, lock: LockKind, shared: bool, sleep: Sleep) -> u8 {
        if lock == LockKind::WwMutex {
            return self.next_lock(s, context).map_or(ORDINARY, |at| self.may_acquire_ww(s, context, at, sleep));
        }
        if lock == LockKind::PercpuRwSem {
            return self.next_lock(s, context).map_or(ORDINARY, |at| self.may_acquire_percpu(s, context, at));
        }
        let up = self.keeps_nobody_out(lock);
        let free = match self.next_lock(s, context) {
            Some(at) if self.inherits(lock) => {
                self.takes_in_turn(s, context, at, shared) || self.may_queue_in_turn(s, context)
            }
            Some(at) if lock.shares() && !up => {
                self.admits(s, context, at, lock, shared) || (!shared && self.may_queue(s, context, at, lock))
            }
            Some(at) => s[at] == 0 || up,
            None => true, // a bad address: the step reports it
        };
        if free { ORDINARY } else { self.may_interrupt(s, context, sleep) }
    }

    /// Without SMP a lock that spins is only preemption control; a local lock always is.
    fn keeps_nobody_out(&self, lock: LockKind) -> bool {
        lock == LockKind::LocalLock || (!lock.sleeps() && !self.program.config.smp)
    }

    pub(super) fn next_lock(&self, s: &[u8], context: usize) -> Option<usize> {
        let point = self.point(s, context)?;
        self.points[point as usize].lock.or_else(|| self.next_object(s, context))
    }

    /// Whether a signal may end a wait, or a timeout that may pass.
    pub(super) fn may_end_wait(&self, s: &[u8], context: usize, sleep: Sleep, timeout: bool) -> u8 {
        self.may_interrupt(s, context, sleep) | if timeout { ALTERNATIVE } else { 0 }
    }

    /// How a context holds the lock at this offset, if it does: whether as a reader.
    fn holds_lock(&self, s: &[u8], context: usize, at: usize) -> Option<bool> {
        match Owner::of(s[at]) {
            Owner::One(owner) => (owner == context).then_some(false),
            Owner::Readers(_) => self.holds_shared(s, context, at).then_some(true),
            Owner::Nobody => None,
        }
    }
}

/// What is wrong with trying to take a lock that sleeps in a hard interrupt.
fn tried(lock: LockKind) -> u32 {
    match lock {
        LockKind::Mutex => 3,
        LockKind::RtMutex => 12,
        LockKind::RtSpin | LockKind::RtRwLock => 14,
        _ => 6,
    }
}

/// What is wrong with releasing one there. That of a lock that sleeps under `PREEMPT_RT` alone has gone wrong when it was taken.
fn released(lock: LockKind) -> Option<u32> {
    match lock {
        LockKind::Mutex | LockKind::WwMutex => Some(4),
        LockKind::RwSem => Some(7),
        LockKind::RtMutex => Some(13),
        _ => None,
    }
}

impl<O: Observer> Run<'_, O> {
    /// Where the object at an address is, for a call that uses it.
    pub(super) fn object(&mut self, address: u64) -> Option<usize> {
        match self.place_of(address, 4, true)? {
            Target::State(at, _) => Some(at),
            _ => None,
        }
    }

    /// Initialises a lock; the place where that happens is its class.
    pub(super) fn init_lock(&mut self, address: u64, lock: LockKind) -> Given {
        let site = if self.m.lockdep { self.init_site() } else { 0 };
        self.init_object(address, lock.magic(), site)
    }

    /// Initialises a lock, semaphore or completion.
    pub(super) fn init_object(&mut self, address: u64, magic: u8, count: u16) -> Given {
        let target = self.access(address, 4, true)?;
        let Target::State(at, _) = target else { return Some(0) };
        if LockKind::of_magic(magic).is_some_and(|lock| !lock.is_map()) && self.s[at] != 0 && self.s[at + 1] == magic {
            self.symptom_at(Kind::HeldLockFreed, 2, address);
            self.gone(at);
        }
        let word = u32::from_le_bytes([0, magic, count as u8, (count >> 8) as u8]);
        self.store(target, crate::program::Scalar::U32, word as u64);
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// Notices an object that was never initialised as what it is used for.
    pub(super) fn check_magic(&mut self, at: usize, magic: u8, address: u64) {
        if self.s[at + 1] != magic {
            self.symptom_at(Kind::UninitialisedLock, 0, address);
            self.s[at + 1] = magic;
        }
    }

    pub(super) fn took(&mut self, at: usize, address: u64, taking: Taking) -> Given {
        self.hold(at, taking)?;
        let byte = self.s[at];
        let after =
            if taking.shared { Owner::with_reader(byte) } else { (byte == 0).then_some(self.context as u8 + 1) };
        // Without SMP a spinning lock is none: who took it first is remembered.
        self.s[at] = after.unwrap_or(byte);
        self.tell(What::Take { lock: address, verb: "takes", shared: taking.shared });
        Some(0)
    }

    pub(super) fn acquire(&mut self, lock: LockKind, taking: Taking, address: u64) -> Given {
        if self.outcome == 2 {
            self.leave_writers();
            self.signal_arrives();
            return Some(EINTR);
        }
        let at = self.object(address)?;
        self.check_magic(at, lock.magic(), address);
        if self.m.inherits(lock) {
            if !self.m.takes_in_turn(self.s, self.context, at, taking.shared) {
                self.queue_in_turn(address);
                return None;
            }
            self.leave_writers();
        } else if lock.shares() && !self.m.keeps_nobody_out(lock) {
            if !self.m.admits(self.s, self.context, at, lock, taking.shared) {
                self.queue_as_writer(lock, address);
                return None;
            }
            self.leave_writers();
        }
        self.took(at, address, taking)
    }

    pub(super) fn try_acquire(&mut self, lock: LockKind, shared: bool, address: u64) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, lock.magic(), address);
        if lock.sleeps() && self.is_line() {
            self.symptom(Kind::WrongContext, tried(lock));
        }
        let free = if self.m.inherits(lock) {
            self.m.takes_in_turn(self.s, self.context, at, shared)
        } else if lock.shares() {
            self.admits_at_once(at, shared)
        } else {
            self.s[at] == 0
        };
        if !free && !self.m.keeps_nobody_out(lock) {
            self.tell(What::Refused { lock: address });
            return Some(0);
        }
        if !lock.sleeps() {
            let preempt = self.m.layout.contexts[self.context].header + header::PREEMPT;
            self.s[preempt] = self.s[preempt].saturating_add(1);
        }
        self.took(at, address, Taking { trylock: true, shared, ..Taking::default() })?;
        Some(1)
    }

    pub(super) fn release(&mut self, lock: LockKind, shared: bool, address: u64) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, lock.magic(), address);
        if let Some(detail) = released(lock).filter(|_| self.is_line()) {
            self.symptom(Kind::WrongContext, detail);
        }
        match Owner::of(self.s[at]) {
            Owner::One(owner) if owner == self.context => {
                if shared {
                    self.symptom_at(Kind::BadUnlock, 2, address);
                }
                self.let_go(owner, at);
                self.s[at] = 0;
            }
            _ if self.m.keeps_nobody_out(lock)
                && self.s[self.m.layout.contexts[self.context].header + header::HELD] > 0 =>
            {
                self.let_go(self.context, at);
                self.tell(What::Give { lock: address, verb: "releases" });
                return Some(0);
            }
            Owner::Nobody => {
                self.symptom_at(Kind::BadUnlock, 0, address);
                return Some(0);
            }
            Owner::One(owner) => {
                self.symptom_at(Kind::BadUnlock, 1, address);
                self.let_go(owner, at);
                self.s[at] = 0;
            }
            Owner::Readers(_) => self.release_as_reader(at, shared, address),
        }
        self.tell(What::Give { lock: address, verb: "releases" });
        Some(0)
    }

    /// A lock stops to be while it may be held: whoever holds it has nothing left to release, and is not told of it again at its end.
    pub(super) fn gone(&mut self, at: usize) {
        match Owner::of(self.s[at]) {
            Owner::One(owner) => self.let_go(owner, at),
            Owner::Readers(count) => {
                for _ in 0..count {
                    let reader = self.m.readers(self.s, at).trailing_zeros() as usize;
                    if reader < self.m.layout.contexts.len() {
                        self.let_go(reader, at);
                    }
                }
            }
            Owner::Nobody => {}
        }
    }

    pub(super) fn is_locked(&mut self, lock: LockKind, address: u64) -> Given {
        let at = self.object(address)?;
        Some(u64::from(self.s[at] != 0 && !self.m.keeps_nobody_out(lock)))
    }

    /// `lockdep_is_held()`
    pub(super) fn holds(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        Some(u64::from(self.m.holds_lock(self.s, self.context, at).is_some()))
    }

    pub(super) fn assert_held(&mut self, claim: AssertHeld, address: u64) -> Given {
        let at = self.object(address)?;
        let held = self.m.holds_lock(self.s, self.context, at);
        let (holds, detail) = match claim {
            AssertHeld::Held => (held.is_some(), 0),
            AssertHeld::NotHeld => (held.is_none(), 1),
            AssertHeld::AnnotatedHeld => (held.is_some(), 2),
            AssertHeld::AnnotatedNotHeld => (held.is_none(), 3),
            AssertHeld::HeldWrite => (held == Some(false), 4),
            AssertHeld::HeldRead => (held == Some(true), 5),
        };
        if !holds {
            self.symptom_at(Kind::LockAssertion, 0x8000_0000 + detail, address);
        }
        Some(0)
    }
}
