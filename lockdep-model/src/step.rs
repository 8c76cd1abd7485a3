//! What each event does to the locks that a context holds, and the facts that it shows. These are the validator's rules; nothing here
//! remembers anything.
//!
//! Invariant: the new stack and the facts depend on the arguments alone.

use crate::class::{ClassId, ContextId, InstanceId, LockType, Mode as Access, Place, Read};
use crate::fact::{
    At, BadRelease, Claim, EdgeKind, End, Fact, PinMisuse, Problem, Reach, Recorder, TableLimit, WaitLimit,
};
use crate::held::{HardIrq, HeldLock, HeldStack, IrqState};
use crate::settings::{Mode, Settings};
use crate::usage::{IrqKind, UsageBit};
use std::cmp::Ordering;

/// Who does something, and in which interrupt state.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The options.
    pub settings: &'a Settings,
    /// Who.
    pub context: ContextId,
    /// In which interrupt state.
    pub irq: IrqState,
}

impl Env<'_> {
    /// How a lock of this type is held when it is taken here in this mode.
    pub fn read_kind(&self, lock: LockType, mode: Access) -> Read {
        lock.read_kind(mode, !self.settings.queued_rwlocks || self.irq.in_interrupt())
    }

    fn at<'h>(&self, stack: &'h HeldStack, lock: Option<HeldLock>, place: Place) -> At<'h> {
        At { context: self.context, irq: self.irq, held: &stack.locks, lock, place }
    }
}

/// Taking a lock.
#[derive(Clone, Copy, Debug)]
pub struct Acquire {
    /// Its class.
    pub class: ClassId,
    /// Its type.
    pub lock: LockType,
    /// Which one.
    pub instance: InstanceId,
    /// How ([`Env::read_kind`]).
    pub read: Read,
    /// It is not waited for, and was got.
    pub trylock: bool,
    /// It is validated: not `novalidate`. RCU readers never are.
    pub check: bool,
    /// The lock that serialises the taking of several of this class.
    pub nest_lock: Option<InstanceId>,
    /// It is waited for, but not held: `lock_sync`.
    pub sync: bool,
    /// Where.
    pub place: Place,
}

impl Acquire {
    /// An ordinary blocking acquisition for writing.
    pub fn new(class: ClassId, lock: LockType, instance: InstanceId) -> Self {
        Self {
            class,
            lock,
            instance,
            read: lock.read_kind(Access::Write, false),
            trylock: false,
            check: lock.is_checked(),
            nest_lock: None,
            sync: false,
            place: Place(0),
        }
    }

    pub(crate) fn held(&self, irq: &IrqState) -> HeldLock {
        HeldLock {
            class: self.class,
            lock: self.lock,
            instance: self.instance,
            read: self.read,
            trylock: self.trylock,
            check: self.check && self.lock.is_checked(),
            sync: self.sync,
            irq_context: irq.irq_context(),
            hardirqs_off: !irq.hardirqs_on,
            nest_lock: self.nest_lock,
            references: 0,
            pins: 0,
            place: self.place,
        }
    }
}

/// What became of an acquisition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Taken {
    /// It is a new entry.
    Pushed,
    /// It is part of the newest entry, under the same nest lock.
    Merged,
    /// Nothing is held by it: a `lock_sync`, or an NMI, in which nothing is tracked.
    Untracked,
}

/// A lock is taken: called when the wait for it begins, or when a trylock has got it.
pub fn acquire<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, acquire: &Acquire, recorder: &mut R) -> Taken {
    let next = acquire.held(&env.irq);
    if env.irq.nmi {
        if !acquire.trylock {
            let fact = Fact::NmiUse { class: next.class, lock: next.lock, read: next.read };
            recorder.record(fact, &env.at(stack, Some(next), acquire.place));
        }
        return Taken::Untracked;
    }
    take(env, stack, next, recorder)
}

/// As [`acquire`], where a recorder has heard all that it can show: only the stack changes.
pub fn acquire_known(env: &Env<'_>, stack: &mut HeldStack, acquire: &Acquire) -> Taken {
    let next = acquire.held(&env.irq);
    if env.irq.nmi || next.sync {
        return Taken::Untracked;
    }
    if merge_under_nest_lock(env, stack, &next) {
        return Taken::Merged;
    }
    stack.locks.push(next);
    Taken::Pushed
}

fn take<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, next: HeldLock, recorder: &mut R) -> Taken {
    if !next.sync && merge_under_nest_lock(env, stack, &next) {
        return Taken::Merged;
    }
    let at = env.at(stack, Some(next), next.place);
    check_wait(env, &at, &next, recorder);
    mark_usage(&at, &next, recorder);
    if let Some(nest) = next.nest_lock
        && !stack.holds(nest, None, None)
    {
        recorder.record(Fact::Problem(Problem::NestLock { class: next.class, place: next.place }), &at);
    }
    if !next.trylock && next.check && !recorder.knows_chain(&at) {
        // The kernel adds no edges for a second lock of a class: the first did, or the report ends it.
        let again = check_recursion(env, &at, &next, recorder);
        if !again || env.settings.mode == Mode::Exact {
            add_edges(env, &at, &next, again, recorder);
        }
    }
    if next.sync {
        return Taken::Untracked;
    }
    stack.locks.push(next);
    if stack.locks.len() == env.settings.max_depth {
        let limit = Problem::Limit { limit: TableLimit::LockDepth, place: next.place };
        recorder.record(Fact::Problem(limit), &env.at(stack, Some(next), next.place));
    }
    Taken::Pushed
}

/// Several locks of a class under one nest lock are one entry. In exact mode only if they were all taken in one way, as an entry tells of one.
fn merge_under_nest_lock(env: &Env<'_>, stack: &mut HeldStack, next: &HeldLock) -> bool {
    let Some(top) = stack.locks.last_mut() else { return false };
    let alike = env.settings.mode == Mode::Kernel || (top.trylock == next.trylock && top.read == next.read);
    if next.nest_lock.is_none() || top.class != next.class || !alike {
        return false;
    }
    top.references = top.references.max(1).saturating_add(next.references.max(1));
    true
}

fn check_wait<R: Recorder>(env: &Env<'_>, at: &At<'_>, next: &HeldLock, recorder: &mut R) {
    let raw = env.settings.prove_raw_lock_nesting;
    let wanted = next.lock.wait_outer().rank(raw);
    if next.lock.wait_inner().rank(raw) == 0 || next.trylock {
        return;
    }
    let mut least = env.irq.wait_type().rank(raw);
    let mut limit = match at.irq.hardirq {
        HardIrq::No => WaitLimit::SoftIrq,
        hard => WaitLimit::HardIrq(hard),
    };
    let segment = at.held.iter().rposition(|held| held.irq_context != next.irq_context).map_or(0, |below| below + 1);
    for held in &at.held[segment..] {
        let inner = held.lock.wait_inner().rank(raw);
        if inner == 0 {
            continue;
        }
        if inner < least || matches!(held.lock, LockType::WaitOverride(_)) {
            least = inner;
            limit = WaitLimit::Lock(held.class);
        }
    }
    if wanted > least {
        recorder.record(Fact::Problem(Problem::WaitContext { limit, class: next.class }), at);
    }
}

fn mark_usage<R: Recorder>(at: &At<'_>, next: &HeldLock, recorder: &mut R) {
    let mut mark = |bit| recorder.record(Fact::Usage { class: next.class, lock: next.lock, bit }, at);
    if next.check {
        if !next.trylock {
            if at.irq.hardirq != HardIrq::No {
                mark(UsageBit::used_in(IrqKind::Hard, next.read));
            }
            if at.irq.softirq {
                mark(UsageBit::used_in(IrqKind::Soft, next.read));
            }
        }
        if !next.hardirqs_off && !next.sync {
            mark(UsageBit::enabled(IrqKind::Hard, next.read));
            if at.irq.softirqs_on {
                mark(UsageBit::enabled(IrqKind::Soft, next.read));
            }
        }
    }
    mark(UsageBit::used(next.read));
}

/// Reports a class taken while held, unless a nest lock makes that right. Gives whether it is such a class.
fn check_recursion<R: Recorder>(env: &Env<'_>, at: &At<'_>, next: &HeldLock, recorder: &mut R) -> bool {
    let mut nest_lock_held = false;
    for held in at.held {
        nest_lock_held |= next.nest_lock == Some(held.instance);
        if held.class != next.class || (next.read == Read::Recursive && held.read != Read::Exclusive) {
            continue;
        }
        let comparison = env.settings.compare(held, next).map(Problem::sign);
        if comparison.is_some_and(|sign| sign < 0) {
            continue;
        }
        if nest_lock_held {
            return true;
        }
        let problem = Problem::Recursion {
            class: next.class,
            same_instance: held.instance == next.instance,
            held: held.read,
            taken: next.read,
            comparison,
        };
        recorder.record(Fact::Problem(problem), at);
        return true;
    }
    false
}

fn add_edges<R: Recorder>(env: &Env<'_>, at: &At<'_>, next: &HeldLock, again: bool, recorder: &mut R) {
    let kernel = env.settings.mode == Mode::Kernel;
    let mut reach = Reach::Kernel;
    for (below, held) in at.held.iter().rev().enumerate() {
        if held.irq_context != next.irq_context {
            break;
        }
        if !held.check {
            continue;
        }
        // A class has an edge to itself only among readers: all else was told as recursion, or is right.
        let told = held.class == next.class && (again || env.settings.compare(held, next) == Some(Ordering::Less));
        if !told {
            let kind = EdgeKind::new(held.read, next.read);
            let distance = below as u16 + 1;
            recorder.record(Fact::Edge { from: held.class, to: next.class, kind, reach, distance }, at);
        }
        if held.trylock {
            continue;
        }
        if kernel {
            break;
        }
        // What is above a recursive reader, or a lock that paths over interrupts pass by, does not imply what is below it.
        let passed = held.read == Read::Recursive || held.lock.skipped_over_irqs();
        reach = reach.max(if passed { Reach::PastReaders } else { Reach::Far });
    }
}

/// Releasing a lock.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// Which one.
    pub instance: InstanceId,
    /// Its class with subclass 0, where the caller knows it: an entry that stands for several is found by it.
    pub class: Option<ClassId>,
    /// Who holds it, where the caller knows that another context does.
    pub owner: Option<ContextId>,
    /// Where.
    pub place: Place,
}

/// A lock is released. Gives whether it was held here.
pub fn release<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, release: &Release, recorder: &mut R) -> bool {
    if env.irq.nmi {
        return true; // in NMIs nothing is tracked
    }
    let Some(at) = find_to_change(env, stack, release, recorder) else { return false };
    let held = stack.locks[at];
    if held.pins > 0 {
        let problem = Problem::Pin { misuse: PinMisuse::ReleasedPinned, class: Some(held.class), place: release.place };
        recorder.record(Fact::Problem(problem), &env.at(stack, Some(held), release.place));
    }
    if held.references > 1 {
        stack.locks[at].references -= 1;
        return true;
    }
    let above = stack.locks.split_off(at + 1);
    stack.locks.pop();
    let uncovers = env.settings.mode == Mode::Exact && !above.is_empty() && env.irq.hardirqs_on;
    take_again(env, stack, above, recorder);
    if uncovers {
        // Whoever interrupts from now on finds the rest held, and not what kept others from it.
        mark_held(env, stack, IrqKind::Hard, release.place, recorder);
        if env.irq.softirqs_on {
            mark_held(env, stack, IrqKind::Soft, release.place, recorder);
        }
    }
    true
}

/// Where the entry of a lock that this context may release is.
fn find_to_change<R: Recorder>(env: &Env<'_>, stack: &HeldStack, release: &Release, recorder: &mut R) -> Option<usize> {
    let newest = stack.locks.last().map(|held| held.irq_context);
    let context = match env.settings.mode {
        Mode::Kernel => newest.unwrap_or(0), // the newest is found in whatever context it was taken
        Mode::Exact => env.irq.irq_context(),
    };
    let here = |held: &HeldLock| held.irq_context == context;
    let found = (stack.segment(context)..stack.locks.len())
        .rev()
        .find(|&at| here(&stack.locks[at]) && stack.locks[at].is(release.instance, release.class));
    if found.is_some() {
        return found;
    }
    let elsewhere = stack.find(release.instance, release.class).copied();
    let why = match (elsewhere, release.owner) {
        (Some(_), _) => BadRelease::OtherIrqContext,
        (None, Some(owner)) => BadRelease::OtherContext(owner),
        (None, None) => BadRelease::NotHeld,
    };
    let class = elsewhere.map(|held| held.class).or(release.class);
    let problem = Problem::BadUnlock { why, class, place: release.place };
    recorder.record(Fact::Problem(problem), &env.at(stack, elsewhere, release.place));
    None
}

/// What was above a lock that was released or changed is taken again. All that this can show in exact mode is that a nest lock is gone: the
/// edges past the lock were added when it was held.
fn take_again<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, above: Vec<HeldLock>, recorder: &mut R) {
    for held in above {
        match env.settings.mode {
            Mode::Kernel => {
                take(env, stack, held, recorder);
            }
            Mode::Exact => {
                if held.nest_lock.is_some_and(|nest| !stack.holds(nest, None, None)) {
                    let problem = Problem::NestLock { class: held.class, place: held.place };
                    recorder.record(Fact::Problem(problem), &env.at(stack, Some(held), held.place));
                }
                stack.locks.push(held);
            }
        }
    }
}

/// `downgrade_write()`: a writer becomes a reader. Gives whether it was held here.
pub fn downgrade<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, release: &Release, recorder: &mut R) -> bool {
    let Some(at) = find_to_change(env, stack, release, recorder) else { return false };
    let held = stack.locks[at];
    if held.read != Read::Exclusive {
        let why = BadRelease::DowngradedReader;
        let problem = Problem::BadUnlock { why, class: Some(held.class), place: release.place };
        recorder.record(Fact::Problem(problem), &env.at(stack, Some(held), release.place));
    }
    let mut changed = stack.locks.split_off(at);
    changed[0].read = Read::Shared;
    take_again(env, stack, changed, recorder);
    true
}

/// `lock_set_class()`, `lock_set_subclass()`: a held lock changes its class. Gives whether it was held here.
pub fn set_class<R: Recorder>(
    env: &Env<'_>,
    stack: &mut HeldStack,
    release: &Release,
    class: ClassId,
    recorder: &mut R,
) -> bool {
    let Some(at) = find_to_change(env, stack, release, recorder) else { return false };
    let mut changed = stack.locks.split_off(at);
    changed[0].class = class;
    if env.settings.mode == Mode::Exact {
        // A held lock of a new class is the head of new edges and the end of others, as if it had been taken as that class.
        for held in changed {
            take(env, stack, held, recorder);
        }
    } else {
        take_again(env, stack, changed, recorder);
    }
    true
}

/// Hard interrupts are turned on: whatever is held is held with them on from now. `env` is the state before.
pub fn hardirqs_on<R: Recorder>(env: &Env<'_>, stack: &HeldStack, place: Place, recorder: &mut R) {
    let in_hardirq = env.irq.hardirq != HardIrq::No;
    if env.irq.hardirqs_on || env.irq.nmi || (in_hardirq && env.settings.mode == Mode::Kernel) {
        return;
    }
    mark_held(env, stack, IrqKind::Hard, place, recorder);
    if env.irq.softirqs_on {
        mark_held(env, stack, IrqKind::Soft, place, recorder);
    }
}

/// Bottom halves are turned on. `env` is the state before.
pub fn softirqs_on<R: Recorder>(env: &Env<'_>, stack: &HeldStack, place: Place, recorder: &mut R) {
    if !env.irq.softirqs_on && env.irq.hardirqs_on && !env.irq.nmi {
        mark_held(env, stack, IrqKind::Soft, place, recorder);
    }
}

fn mark_held<R: Recorder>(env: &Env<'_>, stack: &HeldStack, irq: IrqKind, place: Place, recorder: &mut R) {
    for &held in stack.locks.iter().filter(|held| held.check) {
        let fact = Fact::Usage { class: held.class, lock: held.lock, bit: UsageBit::enabled(irq, held.read) };
        recorder.record(fact, &env.at(stack, Some(held), place));
    }
}

/// `lockdep_assert_held()` and its kin. Gives whether the claim is true.
pub fn assert_lock<R: Recorder>(
    env: &Env<'_>,
    stack: &HeldStack,
    claim: Claim,
    lock: Option<(InstanceId, ClassId)>,
    place: Place,
    recorder: &mut R,
) -> bool {
    let holds = |read| lock.is_some_and(|(instance, class)| stack.holds(instance, Some(class), read));
    let irq = &env.irq;
    let in_hardirq = irq.hardirq != HardIrq::No;
    let preemptible = !irq.preempt_off && irq.hardirqs_on;
    let holds_true = match claim {
        Claim::Held => holds(None),
        Claim::HeldWrite => holds(Some(false)),
        Claim::HeldRead => holds(Some(true)),
        Claim::NotHeld => !holds(None),
        Claim::NoneHeld => stack.is_empty(),
        Claim::IrqsEnabled => irq.hardirqs_on,
        Claim::IrqsDisabled => !irq.hardirqs_on,
        Claim::InHardirq => in_hardirq,
        Claim::NoHardirq => !in_hardirq && irq.hardirqs_on,
        Claim::InSoftirq => (irq.softirq || !irq.softirqs_on) && !in_hardirq && !irq.nmi,
        Claim::PreemptionEnabled => preemptible,
        Claim::PreemptionDisabled => !preemptible,
    };
    if !holds_true {
        let problem = Problem::Assertion { claim, class: lock.map(|(_, class)| class), place };
        let held = lock.and_then(|(instance, class)| stack.find(instance, Some(class))).copied();
        recorder.record(Fact::Problem(problem), &env.at(stack, held, place));
    }
    holds_true
}

/// `lockdep_pin_lock()`.
pub fn pin<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, lock: &Release, recorder: &mut R) {
    match stack.locks.iter_mut().find(|held| held.is(lock.instance, lock.class)) {
        Some(held) => held.pins = held.pins.saturating_add(1),
        None => {
            let problem = Problem::Pin { misuse: PinMisuse::PinUnheld, class: lock.class, place: lock.place };
            recorder.record(Fact::Problem(problem), &env.at(stack, None, lock.place));
        }
    }
}

/// `lockdep_unpin_lock()`.
pub fn unpin<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, lock: &Release, recorder: &mut R) {
    let misuse = match stack.locks.iter_mut().find(|held| held.is(lock.instance, lock.class)) {
        Some(held) if held.pins > 0 => {
            held.pins -= 1;
            return;
        }
        Some(_) => PinMisuse::UnpinUnpinned,
        None => PinMisuse::UnpinUnheld,
    };
    let held = stack.find(lock.instance, lock.class).copied();
    let problem = Problem::Pin { misuse, class: lock.class, place: lock.place };
    recorder.record(Fact::Problem(problem), &env.at(stack, held, lock.place));
}

/// Memory is freed or initialised again; `gone` says of which locks it holds the memory. Reports those that are held here, and gives
/// whether there were any.
pub fn free<R: Recorder>(
    env: &Env<'_>,
    stack: &HeldStack,
    gone: impl Fn(InstanceId) -> bool,
    place: Place,
    recorder: &mut R,
) -> bool {
    let mut any = false;
    for &held in stack.locks.iter().filter(|held| gone(held.instance)) {
        any = true;
        let problem = Problem::HeldLockFreed { class: held.class, place };
        recorder.record(Fact::Problem(problem), &env.at(stack, Some(held), place));
        if env.settings.mode == Mode::Kernel {
            break;
        }
    }
    any
}

/// A task, handler, work function or system call ends. Reports the locks held (those of this interrupt context for a handler), and gives
/// whether there were any. They are forgotten, except by the kernel where the task goes on; of handlers it does not ask.
pub fn end<R: Recorder>(env: &Env<'_>, stack: &mut HeldStack, end: End, place: Place, recorder: &mut R) -> bool {
    let kernel = env.settings.mode == Mode::Kernel;
    if kernel && end == End::Handler {
        return false;
    }
    let from = if end == End::Handler { stack.segment(env.irq.irq_context()) } else { 0 };
    for &held in &stack.locks[from..] {
        let problem = Problem::LockLeak { end, class: held.class, place };
        recorder.record(Fact::Problem(problem), &env.at(stack, Some(held), place));
    }
    let any = from < stack.locks.len();
    if !kernel || end == End::Task {
        stack.locks.truncate(from);
    }
    any
}
