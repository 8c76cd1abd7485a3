//! Readers and writers: `rwlock_t` and `struct rw_semaphore`. Four bytes as every lock's; the owner's says who writes, or how many read.
//!
//! Invariant: a writer has the lock alone. Who its readers are is read off what contexts hold, which is kept for these locks even where no validator asks for
//! it. A writer that comes while others read begins to wait, as a step of its own; what that does to readers that come later is the lock's admission rule:
//! - a queued `rwlock_t` (`kernel/locking/qrwlock.c`) lets them wait behind it, but for those in interrupt context, until it has been served;
//! - one that is not queued (`CONFIG_QUEUED_RWLOCKS=n`) lets them in;
//! - a `struct rw_semaphore` (`kernel/locking/rwsem.c`) lets them wait while others read; once nobody does, whoever comes first takes it.

use super::event::What;
use super::layout::every_call;
use super::lock::Given;
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::model::Observer;
use crate::program::{KernelCall, LockKind, Program};

/// Set in the owner's byte where others read; the rest counts how often.
const READERS: u8 = 0x80;

/// Who has a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Nobody,
    /// The context that took it, or writes.
    One(usize),
    /// It is held so often by readers.
    Readers(u8),
}

impl Owner {
    /// What an owner's byte says.
    pub(super) fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Nobody,
            one if one < READERS => Self::One(usize::from(one) - 1),
            readers => Self::Readers(readers - READERS),
        }
    }

    /// The byte of a lock that is held as a reader once more; `None` if no more can be counted.
    pub(super) fn with_reader(byte: u8) -> Option<u8> {
        if byte == 0 { Some(READERS + 1) } else { byte.checked_add(1).filter(|_| byte >= READERS) }
    }

    /// The byte of a lock that one reader less holds.
    pub(super) fn without_reader(byte: u8) -> u8 {
        if byte > READERS + 1 { byte - 1 } else { 0 }
    }
}

/// Whether a program uses such locks.
pub(super) fn uses(program: &Program) -> bool {
    every_call(program).any(|call| match call {
        KernelCall::Acquire { lock, .. } | KernelCall::TryAcquire { lock, .. } => lock.shares(),
        _ => false,
    })
}

impl Machine {
    /// Whether a context that comes to a lock of readers and writers gets it.
    pub(super) fn admits(&self, s: &[u8], context: usize, at: usize, lock: LockKind, shared: bool) -> bool {
        if !shared {
            return s[at] == 0;
        }
        let room = Owner::with_reader(s[at]).is_some();
        room && match lock {
            LockKind::RwLock if self.in_interrupt(s, context) => true,
            LockKind::RwLock => self.waiting_writers(s, at) == 0,
            _ => s[at] == 0 || self.waiting_writers(s, at) == 0,
        }
    }

    /// Whether a trylock gets such a lock: it overtakes nobody who waits.
    fn admits_at_once(&self, s: &[u8], at: usize, shared: bool) -> bool {
        (s[at] == 0 || (shared && Owner::with_reader(s[at]).is_some())) && self.waiting_writers(s, at) == 0
    }

    /// Whether a writer that comes to a lock which it does not get begins to wait where others notice.
    pub(super) fn may_queue(&self, s: &[u8], context: usize, at: usize, lock: LockKind) -> bool {
        let noticed = lock != LockKind::RwLock || self.program.config.queued_rwlocks;
        noticed && matches!(Owner::of(s[at]), Owner::Readers(_)) && self.flags(s, context) & flag::QUEUED == 0
    }

    /// `in_interrupt()`
    fn in_interrupt(&self, s: &[u8], context: usize) -> bool {
        self.irq_count(s, context) & 0x00ff_ff00 != 0
    }

    /// The writers that have begun to wait for a lock, as bits.
    pub(super) fn waiting_writers(&self, s: &[u8], at: usize) -> u64 {
        let waits = |c: &usize| self.flags(s, *c) & flag::QUEUED != 0 && self.next_lock(s, *c) == Some(at);
        (0..self.layout.contexts.len()).filter(waits).fold(0, |mask, c| mask | 1 << c)
    }

    /// The contexts that hold a lock as readers, as bits.
    pub(super) fn readers(&self, s: &[u8], at: usize) -> u64 {
        let reads = |c: &usize| self.holds_shared(s, *c, at);
        (0..self.layout.contexts.len()).filter(reads).fold(0, |mask, c| mask | 1 << c)
    }

    /// Those that must all let go of a lock before one that waits for it gets it, as bits: if no reader is left that could, those that ended with it held.
    pub(super) fn keepers(&self, s: &[u8], at: usize, shared: bool) -> u64 {
        match Owner::of(s[at]) {
            Owner::One(owner) => 1 << owner,
            Owner::Readers(_) if !shared => match self.readers(s, at) {
                0 => (0..self.layout.contexts.len()).filter(|c| self.died(s, *c)).fold(0, |mask, c| mask | 1 << c),
                readers => readers,
            },
            _ => self.waiting_writers(s, at),
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// The context waits at this very call, as a writer behind those who read.
    pub(super) fn queue_as_writer(&mut self, lock: LockKind, address: u64) {
        self.s[self.m.layout.contexts[self.context].header + header::FLAGS] |= flag::QUEUED;
        self.gave_up = lock.sleeps();
        self.tell(What::Queued { object: address });
    }

    /// The context no longer waits as a writer.
    pub(super) fn leave_writers(&mut self) {
        self.s[self.m.layout.contexts[self.context].header + header::FLAGS] &= !flag::QUEUED;
    }

    /// Whether a trylock gets a lock of readers and writers.
    pub(super) fn admits_at_once(&self, at: usize, shared: bool) -> bool {
        self.m.admits_at_once(self.s, at, shared)
    }

    /// A reader releases a lock that others may read too.
    pub(super) fn release_as_reader(&mut self, at: usize, shared: bool, address: u64) {
        let readers = self.m.readers(self.s, at);
        if readers >> self.context & 1 != 0 {
            if !shared {
                self.symptom_at(Kind::BadUnlock, 3, address);
            }
            self.let_go(self.context, at);
        } else {
            self.symptom_at(Kind::BadUnlock, 1, address);
            if readers != 0 {
                self.let_go(readers.trailing_zeros() as usize, at);
            }
        }
        self.s[at] = Owner::without_reader(self.s[at]);
    }

    /// `downgrade_write()`
    pub(super) fn downgrade(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, LockKind::RwSem.magic(), address);
        match Owner::of(self.s[at]) {
            Owner::One(owner) if owner == self.context => {
                self.share(at);
                self.s[at] = READERS + 1;
                self.tell(What::Mask { now: "a reader now, no longer the writer" });
            }
            Owner::Nobody => self.symptom_at(Kind::BadUnlock, 0, address),
            Owner::One(_) => self.symptom_at(Kind::BadUnlock, 1, address),
            Owner::Readers(_) => self.symptom_at(Kind::BadUnlock, 3, address),
        }
        Some(0)
    }
}
