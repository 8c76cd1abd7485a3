//! `ww_mutex`: many locks of one class in any order, under one acquire context that makes them back off.
//!
//! Invariant: for the rules of locks an acquire context is a map that is held, and the nest lock of every lock taken with it.

use super::{Error, Take, Validator};
use crate::class::{ContextId, InstanceId, KeyId, LockType, Place};
use crate::fact::{Problem, WwMisuse};
use serde::{Deserialize, Serialize};

/// A `struct ww_class`: the keys of its locks and of its contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WwClass {
    /// What `ww_mutex_init()` gives its locks.
    pub mutex: KeyId,
    /// What `ww_acquire_init()` gives its contexts.
    pub acquire: KeyId,
}

/// An acquire context under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acquiring {
    class: WwClass,
    done: bool,
    locks: u32,
}

impl Validator {
    /// `DEFINE_WW_CLASS`
    pub fn ww_class(&mut self, name: &str) -> WwClass {
        WwClass {
            mutex: self.key(format!("{name}_mutex"), LockType::WwMutex),
            acquire: self.key(format!("{name}_acquire"), LockType::Map),
        }
    }

    /// `ww_acquire_init()`
    ///
    /// # Errors
    /// The class's keys were never added.
    pub fn ww_acquire_init(
        &mut self,
        context: ContextId,
        ww: InstanceId,
        class: WwClass,
        place: Place,
    ) -> Result<(), Error> {
        self.init(context, ww, class.acquire, place)?;
        self.ww.insert(ww, Acquiring { class, done: false, locks: 0 });
        self.acquire(context, ww, Take::write().at(place));
        Ok(())
    }

    /// `ww_acquire_done()`: no further locks.
    pub fn ww_acquire_done(&mut self, context: ContextId, ww: InstanceId, place: Place) {
        let misuse = match self.ww.get_mut(&ww) {
            None => WwMisuse::NotInitialised,
            Some(acquiring) if acquiring.done => WwMisuse::DoneTwice,
            Some(acquiring) => {
                acquiring.done = true;
                self.event += 1;
                return;
            }
        };
        self.problem(context, Problem::Ww { misuse, place }, place);
    }

    /// `ww_acquire_fini()`
    pub fn ww_acquire_fini(&mut self, context: ContextId, ww: InstanceId, place: Place) {
        let misuse = match self.ww.remove(&ww) {
            None => Some(WwMisuse::NotInitialised),
            Some(acquiring) => (acquiring.locks > 0).then_some(WwMisuse::FiniWithLocks),
        };
        if let Some(misuse) = misuse {
            self.problem(context, Problem::Ww { misuse, place }, place);
        }
        self.release(context, ww, place);
    }

    /// `ww_mutex_lock()`, `ww_mutex_trylock()`; with or without an acquire context. A lock that was backed off from is released.
    ///
    /// # Errors
    /// It is no `ww_mutex`.
    pub fn ww_lock(
        &mut self,
        context: ContextId,
        lock: InstanceId,
        ww: Option<InstanceId>,
        take: Take,
    ) -> Result<(), Error> {
        if let Some(found) = self.type_of(lock).filter(|&of| of != LockType::WwMutex) {
            return Err(Error::WrongType { instance: lock, found });
        }
        let key = self.class_of(lock, 0).map(|class| class.key);
        let misuse = ww.and_then(|ww| match self.ww.get_mut(&ww) {
            None => Some(WwMisuse::NotInitialised),
            Some(acquiring) => {
                acquiring.locks += 1;
                let other = key.is_some_and(|key| key != acquiring.class.mutex);
                other.then_some(WwMisuse::OtherClass).or(acquiring.done.then_some(WwMisuse::AcquireAfterDone))
            }
        });
        if let Some(misuse) = misuse {
            self.problem(context, Problem::Ww { misuse, place: take.place }, take.place);
        }
        self.acquire(context, lock, Take { nest_lock: ww, ..take });
        Ok(())
    }

    /// `ww_mutex_unlock()`; `ww` is the context that it was taken with.
    pub fn ww_unlock(&mut self, context: ContextId, lock: InstanceId, ww: Option<InstanceId>, place: Place) {
        if let Some(acquiring) = ww.and_then(|ww| self.ww.get_mut(&ww)) {
            acquiring.locks = acquiring.locks.saturating_sub(1);
        }
        self.release(context, lock, place);
    }
}
