//! `struct ww_mutex`: locks of one class that are taken in any order, by who backs off when told to. After `kernel/locking/ww_mutex.h` and `mutex.c`.
//!
//! A lock is 16 bytes: four as every lock's, then (at 8) the address of the acquire context that it was taken with. A `struct ww_acquire_ctx` is 16: unused, magic, its
//! class (2) as a lock's, how many locks it has, flags, unused (2), then (at 8) the address of the lock that it backed off from. All acquire contexts in use are on one
//! list, four bytes each, the oldest first: a stamp is a place there.
//!
//! Who comes to a busy lock with a context that others must take notice of begins to wait, as a step of its own (`__ww_mutex_add_waiter`). Wound-wait: a holder that is
//! younger is wounded, and gives up at the next lock that it would have to wait for, or waits for already. Wait-die: who waits gives up where the holder, or one that
//! waits as well, is older. Waiters are sorted by their stamps, so that no order of theirs is kept.
//!
//! Invariant: a context without locks neither wounds nor gives up; of those that wait with a context, the oldest never has to give up for another that waits.

use super::bytes::{get, get32, set, set32};
use super::event::What;
use super::kernel::{EINTR, ORDINARY};
use super::layout::every_call;
use super::lock::Given;
use super::lockdep::Taking;
use super::{Machine, Run, flag};
use crate::finding::Kind;
use crate::model::{Growth, Observer};
use crate::program::{KernelCall, LockKind, Program, Scalar, Sleep};

const EALREADY: u64 = -114i64 as u64;
const EDEADLK: u64 = -35i64 as u64;

/// In a lock.
const CONTEXT: usize = 8;

/// In an acquire context.
mod acquire {
    /// How many locks it has.
    pub(super) const ACQUIRED: usize = 4;
    pub(super) const FLAGS: usize = 5;
    /// The lock that it backed off from, until it has that.
    pub(super) const CONTENDING: usize = 8;
    pub(super) const SIZE: u32 = 16;
    /// An older one wants a lock that it has.
    pub(super) const WOUNDED: u8 = 1;
    /// Its class is `DEFINE_WD_CLASS`.
    pub(super) const WAIT_DIE: u8 = 2;
    /// `ww_acquire_done()`
    pub(super) const DONE: u8 = 4;
}

/// What `CONFIG_DEBUG_WW_MUTEXES` objects to: the details of a `lock_assertion`, from here on.
pub(crate) const WW_MISUSE: u32 = 0x8000_0010;
/// A lock is taken after `ww_acquire_done()`.
const AFTER_DONE: u32 = WW_MISUSE;
/// The first lock after backing off is not the one that it backed off from.
const OTHER_LOCK: u32 = WW_MISUSE + 1;
/// A lock is taken after backing off, and others were not released.
const NOT_RELEASED: u32 = WW_MISUSE + 2;
/// Lock and context are of two classes.
const OTHER_CLASS: u32 = WW_MISUSE + 3;
/// `ww_acquire_done()` twice.
const DONE_TWICE: u32 = WW_MISUSE + 4;
/// `ww_acquire_fini()` with locks.
const FINI_WITH_LOCKS: u32 = WW_MISUSE + 5;
/// Told to back off a second time, without having taken the lock of the first.
const BACKS_OFF_AGAIN: u32 = WW_MISUSE + 6;

/// Where the list of acquire contexts is in a state.
#[derive(Debug, Clone, Default)]
pub(crate) struct WwLayout {
    list: usize,
    pub(super) room: usize,
}

impl WwLayout {
    pub(super) fn new(program: &Program, room: usize, take: &mut impl FnMut(usize) -> usize) -> Self {
        let used = every_call(program).any(|call| matches!(call, KernelCall::WwAcquireInit));
        let room = if used { room.max(1) } else { 0 };
        Self { list: take(4 * room), room }
    }
}

impl Machine {
    /// The acquire contexts in use, the oldest first.
    fn acquire_contexts<'s>(&self, s: &'s [u8]) -> impl Iterator<Item = usize> + 's {
        let WwLayout { list, room } = self.layout.ww;
        let entries = s[list..list + 4 * room].chunks_exact(4).map(|entry| get32(entry, 0) as usize);
        entries.take_while(|at| *at != 0)
    }

    /// Whether one acquire context was begun before another (`__ww_ctx_less`).
    fn is_older(&self, s: &[u8], one: usize, other: usize) -> bool {
        let stamp = |at| self.acquire_contexts(s).position(|known| known == at).unwrap_or(usize::MAX);
        stamp(one) < stamp(other)
    }

    /// The acquire context that a lock was taken with.
    fn taken_with(&self, s: &[u8], lock: usize) -> Option<usize> {
        self.offset_of(s, get(s, lock + CONTEXT, Scalar::U64))
    }

    fn offset_of(&self, s: &[u8], address: u64) -> Option<usize> {
        match self.resolve(s, address, acquire::SIZE, true) {
            Ok(super::memory::Target::State(at, _)) => Some(at),
            _ => None,
        }
    }

    /// The acquire context that the call which a context is about to make takes its lock with.
    fn comes_with(&self, s: &[u8], context: usize) -> Option<usize> {
        self.offset_of(s, self.next_operand(s, context, 1)?)
    }

    /// Whether who comes to a lock with an acquire context has it with that already.
    pub(super) fn has_already(&self, s: &[u8], context: usize, lock: usize) -> bool {
        let comes_with = self.comes_with(s, context);
        comes_with.is_some() && comes_with == self.taken_with(s, lock)
    }

    /// The acquire contexts of those who wait for a lock.
    fn contexts_waiting<'s>(&'s self, s: &'s [u8], lock: usize) -> impl Iterator<Item = usize> + 's {
        crate::model::contexts(self.waiting_writers(s, lock)).filter_map(|c| self.comes_with(s, usize::from(c)))
    }

    /// Whether one that waits for a lock with an acquire context is, or would be, noticed by others.
    fn is_noticed(s: &[u8], ww: usize) -> bool {
        s[ww + acquire::ACQUIRED] > 0 || s[ww + acquire::FLAGS] & acquire::WAIT_DIE != 0
    }

    /// Whether one that waits must give up (`__ww_mutex_check_kill`, `__ww_mutex_add_waiter`).
    fn must_back_off(&self, s: &[u8], lock: usize, ww: usize) -> bool {
        if s[ww + acquire::ACQUIRED] == 0 {
            return false;
        }
        if s[ww + acquire::FLAGS] & acquire::WAIT_DIE == 0 {
            return s[ww + acquire::FLAGS] & acquire::WOUNDED != 0;
        }
        let mut others = self.taken_with(s, lock).into_iter().chain(self.contexts_waiting(s, lock));
        others.any(|other| self.is_older(s, other, ww))
    }

    pub(super) fn may_acquire_ww(&self, s: &[u8], context: usize, lock: usize, sleep: Sleep) -> u8 {
        if s[lock] == 0 {
            return ORDINARY;
        }
        let Some(ww) = self.comes_with(s, context) else { return self.may_interrupt(s, context, sleep) };
        let queued = self.flags(s, context) & flag::QUEUED != 0;
        if !queued && (Self::is_noticed(s, ww) || self.taken_with(s, lock) == Some(ww)) {
            return ORDINARY;
        }
        let backs_off = if queued && self.must_back_off(s, lock, ww) { ORDINARY } else { 0 };
        backs_off | self.may_interrupt(s, context, sleep)
    }
}

impl<O: Observer> Run<'_, O> {
    /// `ww_mutex_init()`
    pub(super) fn ww_init(&mut self, address: u64, class: u64) -> Given {
        self.init_lock(address, LockKind::WwMutex)?;
        let target = self.access(address + CONTEXT as u64, 8, true)?;
        self.store(target, Scalar::U64, 0);
        self.set_lock_class(address, class)
    }

    /// `ww_acquire_init()`
    pub(super) fn ww_acquire_init(&mut self, address: u64, class: u64) -> Given {
        let target = self.access(address, acquire::SIZE, true)?;
        let super::memory::Target::State(at, _) = target else { return Some(0) };
        self.end_acquire_context(at);
        self.init_object(address, LockKind::WwAcquire.magic(), 0)?;
        for (offset, ty) in [(acquire::ACQUIRED, Scalar::U32), (acquire::CONTENDING, Scalar::U64)] {
            let part = self.access(address + offset as u64, u32::from(ty.size), true)?;
            self.store(part, ty, 0);
        }
        if self.m.peek(self.s, class, Scalar::U32).is_some_and(|is_wait_die| is_wait_die != 0) {
            self.s[at + acquire::FLAGS] = acquire::WAIT_DIE;
        }
        self.set_lock_class(address, class)?;
        let WwLayout { list, room } = self.m.layout.ww;
        let count = self.m.acquire_contexts(self.s).count();
        if count == room {
            return self.outgrow(Growth::AcquireContexts).map(|()| 0);
        }
        set32(self.s, list + 4 * count, at as u32);
        self.enter_map(at)?;
        Some(0)
    }

    /// Takes an acquire context off the list of those in use. Gives whether it was there.
    fn end_acquire_context(&mut self, at: usize) -> bool {
        let WwLayout { list, room } = self.m.layout.ww;
        let Some(nth) = self.m.acquire_contexts(self.s).position(|other| other == at) else { return false };
        let end = list + 4 * room;
        self.s.copy_within(list + 4 * (nth + 1)..end, list + 4 * nth);
        set32(self.s, end - 4, 0);
        true
    }

    /// `ww_acquire_done()`
    pub(super) fn ww_acquire_done(&mut self, address: u64) -> Given {
        let at = self.acquire_context(address)?;
        if self.s[at + acquire::FLAGS] & acquire::DONE != 0 {
            self.symptom_at(Kind::LockAssertion, DONE_TWICE, address);
        }
        self.s[at + acquire::FLAGS] |= acquire::DONE;
        Some(0)
    }

    /// `ww_acquire_fini()`
    pub(super) fn ww_acquire_fini(&mut self, address: u64) -> Given {
        let at = self.acquire_context(address)?;
        if self.end_acquire_context(at) {
            self.let_go(self.context, at);
        } else {
            self.symptom_at(Kind::BadUnlock, 0, address);
        }
        if self.s[at + acquire::ACQUIRED] > 0 {
            self.symptom_at(Kind::LockAssertion, FINI_WITH_LOCKS, address);
        }
        set32(self.s, at + acquire::ACQUIRED, 0);
        set(self.s, at + acquire::CONTENDING, Scalar::U64, 0);
        Some(0)
    }

    fn acquire_context(&mut self, address: u64) -> Option<usize> {
        // Not `object()`, which knows beforehand where a call's first argument is.
        let super::memory::Target::State(at, _) = self.access(address, acquire::SIZE, true)? else { return None };
        self.check_magic(at, LockKind::WwAcquire.magic(), address);
        Some(at)
    }

    /// The acquire context that a lock is taken with, if with one. One without locks was wounded in vain (`__mutex_lock_common`).
    fn acquires_with(&mut self, address: u64) -> Option<Option<usize>> {
        if address == 0 {
            return Some(None);
        }
        let at = self.acquire_context(address)?;
        if self.s[at + acquire::ACQUIRED] == 0 {
            self.s[at + acquire::FLAGS] &= !acquire::WOUNDED;
        }
        Some(Some(at))
    }

    /// `ww_mutex_lock()` and its kin.
    pub(super) fn acquire_ww(&mut self, address: u64, with: u64) -> Given {
        if self.outcome == 2 {
            self.leave_writers();
            self.signal_arrives();
            return Some(EINTR);
        }
        let at = self.object(address)?;
        self.check_magic(at, LockKind::WwMutex.magic(), address);
        let ww = self.acquires_with(with)?;
        if ww.is_some() && ww == self.m.taken_with(self.s, at) && self.s[at] != 0 {
            self.tell(What::Refused { lock: address });
            return Some(EALREADY);
        }
        let Some(ww) = ww.filter(|_| self.s[at] != 0) else {
            self.leave_writers();
            self.took(at, address, Taking::default())?;
            self.took_with(at, address, ww, with);
            return Some(0);
        };
        let comes = self.m.flags(self.s, self.context) & flag::QUEUED == 0;
        if comes {
            self.wound_holder(at, ww);
        }
        if self.m.must_back_off(self.s, at, ww) {
            self.leave_writers();
            return Some(self.backs_off(address, ww, with));
        }
        self.queue_as_writer(LockKind::WwMutex, address);
        None
    }

    fn backs_off(&mut self, address: u64, ww: usize, with: u64) -> u64 {
        if get(self.s, ww + acquire::CONTENDING, Scalar::U64) != 0 {
            self.symptom_at(Kind::LockAssertion, BACKS_OFF_AGAIN, with);
        }
        set(self.s, ww + acquire::CONTENDING, Scalar::U64, address);
        self.tell(What::Refused { lock: address });
        EDEADLK
    }

    /// Wound-wait: who comes wants a lock that a younger context has (`__ww_mutex_wound`).
    fn wound_holder(&mut self, at: usize, ww: usize) {
        if let Some(holder) = self.m.taken_with(self.s, at) {
            self.wound(holder, ww);
        }
    }

    fn wound(&mut self, holder: usize, by: usize) {
        let wound_wait = self.s[by + acquire::FLAGS] & acquire::WAIT_DIE == 0;
        if wound_wait && self.s[by + acquire::ACQUIRED] > 0 && self.m.is_older(self.s, by, holder) {
            self.s[holder + acquire::FLAGS] |= acquire::WOUNDED;
        }
    }

    /// A lock was got with an acquire context, if with one (`ww_mutex_lock_acquired`, `__ww_mutex_check_waiters`).
    fn took_with(&mut self, at: usize, address: u64, ww: Option<usize>, with: u64) {
        let Some(ww) = ww else { return };
        let contending = get(self.s, ww + acquire::CONTENDING, Scalar::U64);
        let acquired = self.s[ww + acquire::ACQUIRED];
        let classes = [at, ww].map(|object| self.s[object + 2..object + 4].to_vec());
        let misuses = [
            (self.s[ww + acquire::FLAGS] & acquire::DONE != 0, AFTER_DONE),
            (contending != 0 && contending != address, OTHER_LOCK),
            (contending != 0 && acquired > 0, NOT_RELEASED),
            (classes[0] != classes[1], OTHER_CLASS),
        ];
        for (_, misuse) in misuses.into_iter().filter(|(is, _)| *is) {
            self.symptom_at(Kind::LockAssertion, misuse, address);
        }
        set(self.s, ww + acquire::CONTENDING, Scalar::U64, 0);
        self.s[ww + acquire::ACQUIRED] = acquired.saturating_add(1);
        set(self.s, at + CONTEXT, Scalar::U64, with);
        let waiting: Vec<usize> = self.m.contexts_waiting(self.s, at).collect();
        waiting.into_iter().for_each(|waiter| self.wound(ww, waiter));
    }

    /// `ww_mutex_trylock()`
    pub(super) fn try_acquire_ww(&mut self, address: u64, with: u64) -> Given {
        let ww = self.acquires_with(with)?;
        let got = self.try_acquire(LockKind::WwMutex, false, address)?;
        if got != 0 {
            let at = self.object(address)?;
            self.took_with(at, address, ww, with);
        }
        Some(got)
    }

    /// `ww_mutex_unlock()` (`__ww_mutex_unlock`)
    pub(super) fn release_ww(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        if let Some(ww) = self.m.taken_with(self.s, at) {
            self.s[ww + acquire::ACQUIRED] = self.s[ww + acquire::ACQUIRED].saturating_sub(1);
        }
        set(self.s, at + CONTEXT, Scalar::U64, 0);
        self.release(LockKind::WwMutex, false, address)
    }
}
