//! Locks: initialised, taken, released, changed, pinned.

use super::{Error, Judge, Lock, Validator};
use crate::class::{ClassId, ContextId, InstanceId, KeyId, LockType, Mode as Access, Place, Read, SUBCLASSES};
use crate::fact::{Problem, TableLimit};
use crate::settings::Mode;
use crate::step::{self, Acquire, Release};

/// How a lock is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Take {
    /// For writing or reading.
    pub mode: Access,
    /// By a trylock that has got it.
    pub trylock: bool,
    /// `_nested`
    pub subclass: u8,
    /// `_nest_lock`
    pub nest_lock: Option<InstanceId>,
    /// Where.
    pub place: Place,
}

impl Take {
    /// For writing: `spin_lock`, `mutex_lock`, `write_lock`, `down_write`.
    pub fn write() -> Self {
        Self::default()
    }

    /// For reading: `read_lock`, `down_read`, `rcu_read_lock`.
    pub fn read() -> Self {
        Self { mode: Access::Read, ..Self::default() }
    }

    /// By a trylock that has got it.
    #[must_use]
    pub fn try_lock(self) -> Self {
        Self { trylock: true, ..self }
    }

    /// With a subclass.
    #[must_use]
    pub fn nested(self, subclass: u8) -> Self {
        Self { subclass, ..self }
    }

    /// Under a nest lock.
    #[must_use]
    pub fn nest(self, nest_lock: InstanceId) -> Self {
        Self { nest_lock: Some(nest_lock), ..self }
    }

    /// At a place.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

impl Validator {
    /// `spin_lock_init()` and its kin, or a static definition: the lock is of this key from now on. A finding if its memory holds a held
    /// lock.
    ///
    /// # Errors
    /// The key was never added.
    pub fn init(&mut self, context: ContextId, lock: InstanceId, key: KeyId, place: Place) -> Result<(), Error> {
        self.keys.get(key).ok_or(Error::UnknownKey(key))?;
        if self.locks.contains_key(&lock) {
            self.forget(context, |other| other == lock, place);
        }
        self.locks.insert(lock, Lock { key, subclass: 0, validated: true });
        Ok(())
    }

    /// `lockdep_set_class_and_subclass()`, of a lock that nobody holds.
    ///
    /// # Errors
    /// The key was never added.
    pub fn set_class(&mut self, lock: InstanceId, key: KeyId, subclass: u8) -> Result<(), Error> {
        self.keys.get(key).ok_or(Error::UnknownKey(key))?;
        self.event += 1;
        self.locks.insert(lock, Lock { key, subclass, validated: true });
        Ok(())
    }

    /// `lockdep_set_subclass()`, of a lock that nobody holds.
    pub fn set_subclass(&mut self, lock: InstanceId, subclass: u8) {
        self.event += 1;
        if let Some(lock) = self.locks.get_mut(&lock) {
            lock.subclass = subclass;
        }
    }

    /// `lockdep_set_novalidate_class()`
    pub fn novalidate(&mut self, lock: InstanceId) {
        self.event += 1;
        if let Some(lock) = self.locks.get_mut(&lock) {
            lock.validated = false;
        }
    }

    /// `lock_set_class()`: a held lock changes its class.
    ///
    /// # Errors
    /// The key was never added.
    pub fn change_held_class(
        &mut self,
        context: ContextId,
        lock: InstanceId,
        key: KeyId,
        subclass: u8,
        place: Place,
    ) -> Result<(), Error> {
        let release = self.release_of(lock, place, None);
        self.set_class(lock, key, 0)?;
        self.step(context, |env, state, recorder| {
            step::set_class(env, &mut state.held, &release, ClassId::nested(key, subclass), recorder);
        });
        Ok(())
    }

    /// The class of a lock taken with this subclass.
    pub(super) fn class_of(&self, lock: InstanceId, subclass: u8) -> Option<ClassId> {
        let known = self.locks.get(&lock)?;
        Some(ClassId::nested(known.key, if subclass == 0 { known.subclass } else { subclass }))
    }

    /// The type of a lock that is initialised.
    pub(super) fn type_of(&self, lock: InstanceId) -> Option<LockType> {
        Some(self.keys.get(self.locks.get(&lock)?.key)?.lock)
    }

    /// A lock is taken: to be called when the wait for it begins, or when a trylock has got it. A finding if it was never initialised.
    pub fn acquire(&mut self, context: ContextId, lock: InstanceId, take: Take) {
        self.take(context, lock, take, false);
    }

    /// `lock_sync()`: waited for, not held; as `synchronize_srcu()` waits for readers.
    pub fn sync(&mut self, context: ContextId, lock: InstanceId, take: Take) {
        self.take(context, lock, take, true);
    }

    /// `might_lock()`, `might_lock_read()`: taken and released, as far as this validator is concerned.
    pub fn might_lock(&mut self, context: ContextId, lock: InstanceId, take: Take) {
        if self.take(context, lock, take, false) {
            self.release(context, lock, take.place);
        }
    }

    /// Gives whether it was a lock that could be taken.
    fn take(&mut self, context: ContextId, lock: InstanceId, take: Take, sync: bool) -> bool {
        let problem = match (self.class_of(lock, take.subclass), self.type_of(lock)) {
            _ if take.subclass >= SUBCLASSES => {
                Problem::Limit { limit: TableLimit::Subclass(take.subclass), place: take.place }
            }
            (Some(class), Some(of)) => {
                self.take_known(context, lock, class, of, take, sync);
                return true;
            }
            _ => Problem::Uninitialised { place: take.place },
        };
        self.problem(context, problem, take.place);
        false
    }

    fn take_known(
        &mut self,
        context: ContextId,
        instance: InstanceId,
        class: ClassId,
        of: LockType,
        take: Take,
        sync: bool,
    ) {
        let check = self.locks.get(&instance).is_some_and(|lock| lock.validated);
        self.event += 1;
        let Self { settings, contexts, judge, event, .. } = self;
        let state = contexts.entry(context).or_insert_with(|| super::Context::new(context));
        let env = crate::step::Env { settings, context: state.who, irq: state.irq };
        let acquire = Acquire {
            class,
            lock: of,
            instance,
            read: env.read_kind(of, take.mode),
            trylock: take.trylock,
            check,
            nest_lock: take.nest_lock,
            sync,
            place: take.place,
        };
        if let Judge::Exact(_, memo) = judge
            && memo.knows(&env, &state.held, &acquire, event)
        {
            step::acquire_known(&env, &mut state.held, &acquire);
        } else {
            step::acquire(&env, &mut state.held, &acquire, &mut judge.recorder(event));
        }
    }

    fn release_of(&self, lock: InstanceId, place: Place, owner: Option<ContextId>) -> Release {
        Release { instance: lock, class: self.class_of(lock, 0), owner, place }
    }

    /// Another context that holds a lock.
    fn other_holder(&self, context: ContextId, lock: InstanceId) -> Option<ContextId> {
        let others = self.contexts.iter().filter(|&(&other, _)| other != context);
        others.filter(|(_, state)| state.held.holds(lock, None, None)).map(|(&other, _)| other).next()
    }

    /// A lock is released.
    pub fn release(&mut self, context: ContextId, lock: InstanceId, place: Place) {
        let class = self.class_of(lock, 0);
        let here = self.held(context).find(lock, class).is_some();
        let owner = if here { None } else { self.other_holder(context, lock) };
        let release = Release { instance: lock, class, owner, place };
        self.step(context, |env, state, recorder| {
            step::release(env, &mut state.held, &release, recorder);
        });
        if let Some(owner) = owner
            && self.settings.mode == Mode::Exact
        {
            self.context(owner).held.forget(|other| other == lock); // told once, by whom it was released
        }
    }

    /// `downgrade_write()`
    pub fn downgrade(&mut self, context: ContextId, lock: InstanceId, place: Place) {
        let release = self.release_of(lock, place, None);
        self.step(context, |env, state, recorder| {
            step::downgrade(env, &mut state.held, &release, recorder);
        });
    }

    /// `lockdep_pin_lock()`
    pub fn pin(&mut self, context: ContextId, lock: InstanceId, place: Place) {
        let lock = self.release_of(lock, place, None);
        self.step(context, |env, state, recorder| step::pin(env, &mut state.held, &lock, recorder));
    }

    /// `lockdep_unpin_lock()`
    pub fn unpin(&mut self, context: ContextId, lock: InstanceId, place: Place) {
        let lock = self.release_of(lock, place, None);
        self.step(context, |env, state, recorder| step::unpin(env, &mut state.held, &lock, recorder));
    }

    /// `lockdep_is_held()`: whether a context holds a lock; for [`crate::fact::Claim`]s of the caller's own.
    pub fn is_held(&self, context: ContextId, lock: InstanceId, read: Option<Read>) -> bool {
        let reads = read.map(|read| read != Read::Exclusive);
        self.held(context).holds(lock, self.class_of(lock, 0), reads)
    }
}
