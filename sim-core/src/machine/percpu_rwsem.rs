//! `struct percpu_rw_semaphore`, the CPUs' own (`cpus_read_lock()`) among them. After `kernel/locking/percpu-rwsem.c`. Four bytes as every lock's, the owner's as those
//! of readers and writers.
//!
//! A writer blocks readers from the moment that it comes, unless another does, and has the lock once those before it have gone. Who comes while readers are blocked joins
//! one queue. The writer's end is two steps: readers are no longer blocked; then the queue is served in its order, readers until a writer comes, who blocks anew.
//! Who comes between the two goes first. The grace period that a kernel's first writer waits for before it blocks readers is left out, and so is what it makes cheap.
//!
//! Invariant: who is granted the lock as a reader counts among the readers from then on, and needs a step of its own to see that.

use super::event::What;
use super::lock::Given;
use super::lockdep::Taking;
use super::rwlock::Owner;
use super::semaphore::GRANTED;
use super::{Machine, Run, extra};
use crate::model::{Observer, contexts};
use crate::program::{KernelCall, LockKind};

/// The place in the queue of a writer that blocks readers, and waits for those before it.
const BLOCKS: u8 = GRANTED - 1;

const LOCK: LockKind = LockKind::PercpuRwSem;

impl Machine {
    pub(super) fn may_acquire_percpu(&self, s: &[u8], context: usize, lock: usize) -> u8 {
        match self.queue_place(s, context) {
            0 | GRANTED => super::kernel::ORDINARY,
            BLOCKS if s[lock] == 0 => super::kernel::ORDINARY,
            _ => 0,
        }
    }

    /// Those who stand before a lock with such places in its queue, as bits.
    fn standing(&self, s: &[u8], lock: usize, place: impl Fn(u8) -> bool) -> u64 {
        let stands = |c: &usize| {
            place(self.queue_place(s, *c))
                && matches!(self.next_call(s, *c), Some(KernelCall::Acquire { lock: LOCK, .. }))
                && self.next_lock(s, *c) == Some(lock)
        };
        (0..self.layout.contexts.len()).filter(stands).fold(0, |mask, c| mask | 1 << c)
    }

    /// Whether readers are blocked.
    fn has_readers_blocked(&self, s: &[u8], lock: usize) -> bool {
        matches!(Owner::of(s[lock]), Owner::One(_)) || self.standing(s, lock, |place| place == BLOCKS) != 0
    }

    /// Those who must all go on before one that waits gets the lock, as bits.
    pub(super) fn percpu_keepers(&self, s: &[u8], context: usize, lock: usize) -> u64 {
        if self.queue_place(s, context) == BLOCKS {
            return self.readers(s, lock) | self.standing(s, lock, |place| place == GRANTED);
        }
        match Owner::of(s[lock]) {
            Owner::One(owner) => 1 << owner,
            _ => self.standing(s, lock, |place| place == BLOCKS),
        }
    }
}

impl<O: Observer> Run<'_, O> {
    fn set_place(&mut self, context: usize, place: u8) {
        if let Some(extra) = self.m.layout.contexts[context].extra {
            self.s[extra + extra::QUEUE] = place;
        }
    }

    /// `percpu_down_read()`, `percpu_down_write()`
    pub(super) fn acquire_percpu(&mut self, shared: bool, address: u64) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, LOCK.magic(), address);
        let taking = Taking { shared, ..Taking::default() };
        let place = self.m.queue_place(self.s, self.context);
        if place == GRANTED {
            self.set_place(self.context, 0);
            self.hold(at, taking)?;
            self.tell(What::Take { lock: address, verb: "is handed", shared });
            return Some(0);
        }
        let blocked = place != BLOCKS && self.m.has_readers_blocked(self.s, at);
        if !blocked && (shared || self.s[at] == 0) {
            self.set_place(self.context, 0);
            return self.took(at, address, taking);
        }
        let last = self.m.standing(self.s, at, |place| place != 0 && place < BLOCKS).count_ones() as u8;
        self.set_place(self.context, if blocked { last + 1 } else { BLOCKS });
        self.gave_up = true;
        self.tell(What::Queued { object: address });
        None
    }

    /// `percpu_down_read_trylock()`
    pub(super) fn try_acquire_percpu(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, LOCK.magic(), address);
        if self.m.has_readers_blocked(self.s, at) {
            self.tell(What::Refused { lock: address });
            return Some(0);
        }
        self.took(at, address, Taking { trylock: true, shared: true, ..Taking::default() })?;
        Some(1)
    }

    /// The second step of `percpu_up_write()` (`percpu_rwsem_wake_function`).
    pub(super) fn percpu_wake(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        while !self.m.has_readers_blocked(self.s, at) {
            let queue = self.m.standing(self.s, at, |place| place != 0 && place < BLOCKS);
            let place = |c: &usize| self.m.queue_place(self.s, *c);
            let Some(first) = contexts(queue).map(usize::from).min_by_key(place) else { break };
            let reads = matches!(self.m.next_call(self.s, first), Some(KernelCall::Acquire { shared: true, .. }));
            if reads {
                self.s[at] = Owner::with_reader(self.s[at]).unwrap_or(self.s[at]);
            }
            for other in contexts(queue).map(usize::from).filter(|other| *other != first) {
                let place = self.m.queue_place(self.s, other);
                self.set_place(other, place - 1);
            }
            self.set_place(first, if reads { GRANTED } else { BLOCKS });
            self.tell(What::Task { context: first as u8, verb: "wakes" });
        }
        Some(0)
    }

    /// `percpu_is_write_locked()` (1), `percpu_is_read_locked()` (2)
    pub(super) fn percpu_is_locked(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        Some(if self.m.has_readers_blocked(self.s, at) { 1 } else { 2 * u64::from(self.s[at] != 0) })
    }
}
