//! The one line that says what happened, and the label under the place where it showed.
//!
//! Invariant: names are those of the source; the reader need not know how the simulator works.

use super::evidence::Scene;
use crate::finding::{Kind, Wait};
use crate::machine::{CANNOT_QUEUE, ENABLE_UNDERFLOW, WRONG_ALLOCATOR, WW_MISUSE};
use crate::machine::{IN_MEMALLOC, IN_PAGEFAULT, MEMALLOC_UNLOCK, PAGEFAULT_UNLOCK};
use crate::machine::{
    IN_RCU, IN_SRCU, NAPI_FREED, NAPI_INITIALISED, RCU_ACTIVE, RCU_UNLOCK, SRCU_ACTIVE, SRCU_INDEX, SRCU_MIXED,
    SRCU_UNLOCK,
};
use crate::program::ContextKind;

/// What happened, in one line.
pub(super) fn message(scene: &Scene, waits: &[Wait]) -> String {
    let actor = scene.actor().map_or("set-up", |context| scene.machine.name(context));
    let about = scene.address().map(|address| scene.machine.name_of(address));
    let about = about.as_deref().unwrap_or("memory");
    let detail = scene.symptom.detail;
    let function = scene.frames().into_iter().find(|f| !f.prelude).map_or("?".to_owned(), |f| f.function);
    match scene.symptom.kind {
        // The validator's findings are told by `check::lockdep`.
        Kind::LockOrder
        | Kind::RecursiveLock
        | Kind::IrqUnsafeLock
        | Kind::IrqLockInversion
        | Kind::IrqLockOrder
        | Kind::NestLock
        | Kind::WaitContext => scene.symptom.kind.name().to_owned(),
        Kind::DataRace => race(scene),
        Kind::UnorderedAccess => unordered(scene),
        Kind::Deadlock => deadlock(waits),
        Kind::HungTask | Kind::SoftLockup | Kind::HardLockup if orphaned(scene, waits).is_some() => {
            let (who, what, holder) = orphaned(scene, waits).unwrap_or_default();
            let how = if scene.symptom.kind == Kind::HungTask { "sleeps" } else { "spins" };
            format!("{who} {how} for ever: it waits for `{what}`, which {holder} had when an oops killed it")
        }
        Kind::HungTask => hung_task(waits),
        Kind::SoftLockup if waits.is_empty() => format!("{actor} loops for ever in {function}()"),
        Kind::SoftLockup => format!("{} spins for ever with preemption off", stuck(waits)),
        Kind::HardLockup => format!("{} spins for ever with interrupts off", stuck(waits)),
        Kind::Livelock if detail == 3 => {
            format!("{} can run for ever and never finish, though everybody gets a turn", stuck(waits))
        }
        Kind::Livelock => format!("{} spins for ever: nothing is left that could end its loop", stuck(waits)),
        Kind::BadUnlock if detail == 0 => format!("{actor} releases `{about}`, which nobody holds"),
        Kind::BadUnlock if detail == 1 => format!("{actor} releases `{about}`, which another context holds"),
        Kind::BadUnlock if detail == 2 => format!("{actor} releases `{about}` as a reader, and is its writer"),
        Kind::BadUnlock if detail == MEMALLOC_UNLOCK => {
            format!("{actor} leaves a memalloc_..._save() scope that it is not in")
        }
        Kind::BadUnlock if detail == PAGEFAULT_UNLOCK => {
            format!("{actor} calls pagefault_enable() more often than pagefault_disable()")
        }
        Kind::BadUnlock if detail == RCU_UNLOCK => format!("{actor} calls rcu_read_unlock() outside every section"),
        Kind::BadUnlock if detail == SRCU_UNLOCK => format!("{actor} leaves a section of `{about}` that it is not in"),
        Kind::BadUnlock if detail == SRCU_INDEX => {
            format!("{actor} leaves its section of `{about}` with another index than srcu_read_lock() gave")
        }
        Kind::BadUnlock => format!("{actor} releases or downgrades `{about}` as its writer, and is a reader"),
        Kind::LockLeak if detail == IN_MEMALLOC => format!("{actor} ends inside a memalloc_..._save() scope"),
        Kind::LockLeak if detail == IN_PAGEFAULT => format!("{actor} ends with page faults disabled"),
        Kind::LockLeak if detail == IN_RCU => format!("{actor} ends inside rcu_read_lock()"),
        Kind::LockLeak if detail == IN_SRCU => format!("{actor} ends inside srcu_read_lock()"),
        Kind::LockLeak => format!("{actor} ends with {} held", held(scene)),
        Kind::HeldLockFreed => lost_lock(scene, actor),
        Kind::UninitialisedLock => format!("{actor} uses `{about}`, which was never initialised"),
        Kind::LockAssertion => assertion(scene, actor, about),
        Kind::SleepInAtomic => format!("{actor} calls what may sleep, in {}", atomic(scene)),
        Kind::ScheduleInAtomic => format!("{actor} sleeps in {}", atomic(scene)),
        Kind::WrongContext => wrong_context(detail, actor),
        Kind::IrqState => irq_state(detail, actor),
        Kind::PreemptLeak if detail == 1 => format!("{actor} enables preemption more often than it disabled it"),
        Kind::PreemptLeak => format!("{actor} ends with preemption or bottom halves still disabled"),
        Kind::NotRunning => format!("{actor} calls what may sleep after set_current_state()"),
        Kind::SmpProcessorId => format!("{actor} asks for its CPU's number while it could be moved to another"),
        Kind::RcuUsage => {
            let text = text(scene);
            if text.starts_with("suspicious") { text } else { format!("suspicious RCU usage: {text}") }
        }
        Kind::RcuSleep => format!("{actor} sleeps inside rcu_read_lock()"),
        Kind::RcuSyncInReader if detail == 1 => {
            format!("{actor} waits for the readers of `{about}`, or of RCU, and is one itself")
        }
        Kind::RcuSyncInReader => format!("{actor} waits for RCU readers, and is one itself"),
        Kind::RcuDoubleCall => {
            let callback = scene.machine.program().functions.get(detail as usize).filter(|f| !f.prelude);
            match callback {
                Some(callback) => {
                    format!("{actor} queues the RCU callback {}() of `{about}` a second time", callback.name)
                }
                None => format!("{actor} gives `{about}` to kfree_rcu() a second time"),
            }
        }
        Kind::RcuStall => {
            format!("{} spins for ever inside rcu_read_lock(), so that no grace period ends", stuck(waits))
        }
        Kind::UseAfterFree => format!("{actor} uses `{about}` after it was freed"),
        Kind::DoubleFree if detail == WRONG_ALLOCATOR => {
            format!("{actor} frees `{about}` with a function of another allocator's")
        }
        Kind::DoubleFree if detail == 1 => format!("{actor} frees `{about}`, which kmalloc() did not give"),
        Kind::DoubleFree => {
            let whole = scene.address().map_or("memory".to_owned(), |address| scene.machine.object_name(address));
            format!("{actor} frees `{whole}` a second time")
        }
        Kind::OutOfBounds if detail == 1 => format!("{actor} writes to `{about}`, which is read-only"),
        Kind::OutOfBounds => format!("{actor} reaches beyond the end of `{about}`"),
        Kind::NullDeref if detail == 2 => format!("{actor} calls a function through a bad pointer"),
        Kind::NullDeref if about == "memory" => format!("{actor} dereferences NULL"),
        Kind::NullDeref => format!("{actor} dereferences {about}, which points to nothing"),
        Kind::Uninitialised => format!("{actor} reads memory that was never written"),
        Kind::MemoryLeak => {
            let what = scene.machine.allocated_type(detail).unwrap_or("memory");
            format!("{what} is never freed: nothing points to it at the end")
        }
        Kind::FreeActive => free_active(scene, actor),
        Kind::UnloadedCode => format!("{actor} runs {about}() of a module that was unloaded"),
        Kind::FlushDependency => {
            format!("{actor} works for a WQ_MEM_RECLAIM queue and waits for `{about}`, which needs memory to go on")
        }
        Kind::WorkqueueLockup => {
            let what = scene.symptom.at.first().map_or("?", |at| scene.function(*at));
            format!("{what}() is queued, and no worker can be made to run it")
        }
        Kind::WorkLeaked if detail == 0 => format!("{actor} returns from {function}() with {} held", held(scene)),
        Kind::WorkLeaked if detail == IN_RCU || detail == IN_SRCU => {
            format!("{actor} returns from {function}() inside an RCU read-side section")
        }
        Kind::WorkLeaked => {
            format!("{actor} returns from {function}() with preemption or bottom halves still disabled")
        }
        Kind::Refcount => text(scene),
        Kind::BugOn if detail == u32::MAX => format!("{actor} divides by zero"),
        Kind::BugOn => format!("{actor} hits {}", text(scene)),
        Kind::WarnOn if detail == CANNOT_QUEUE => {
            format!("{actor} queues `{about}` on a workqueue that is drained or destroyed")
        }
        Kind::WarnOn if detail == ENABLE_UNDERFLOW => {
            format!("{actor} enables `{about}` more often than it was disabled")
        }
        Kind::WarnOn if detail == SRCU_MIXED => {
            format!("{actor} mixes readers of `{about}` that are safe in an NMI with others")
        }
        Kind::WarnOn => format!("{actor} trips {}", text(scene)),
        Kind::Invariant => {
            format!("`{}` does not always hold", claim(&scene.machine.program().claims.invariants, detail))
        }
        Kind::FinalState => {
            format!("`{}` is false at the end of an execution", claim(&scene.machine.program().claims.finally, detail))
        }
        Kind::NeverReached => {
            format!("no execution ends with `{}`", claim(&scene.machine.program().claims.reachable, detail))
        }
    }
}

/// What to write under the place where a step's symptom showed.
pub(super) fn label(scene: &Scene) -> String {
    let actor = scene.actor().map_or("set-up", |context| scene.machine.name(context));
    let detail = scene.symptom.detail;
    match scene.symptom.kind {
        Kind::BadUnlock => "released here".into(),
        Kind::LockLeak => format!("{actor} ends here"),
        Kind::PreemptLeak if detail == 0 => format!("{actor} ends here"),
        Kind::PreemptLeak => "one enable too many".into(),
        Kind::HeldLockFreed if detail == 0 => "freed here".into(),
        Kind::HeldLockFreed if detail == 1 => "ends here".into(),
        Kind::HeldLockFreed => "initialised here".into(),
        Kind::UninitialisedLock => "used here".into(),
        Kind::LockAssertion | Kind::BugOn | Kind::WarnOn | Kind::RcuUsage => "fails here".into(),
        Kind::SleepInAtomic => "may sleep".into(),
        Kind::ScheduleInAtomic => "sleeps".into(),
        Kind::WrongContext => format!("not allowed in {}", atomic(scene)),
        Kind::IrqState if detail == 3 => format!("{actor} ends here with interrupts off"),
        Kind::IrqState => "here".into(),
        Kind::NotRunning => "may sleep, and would set the state back".into(),
        Kind::SmpProcessorId => "preemptible here".into(),
        Kind::UseAfterFree => format!("{actor} uses it here"),
        Kind::DoubleFree => "freed again here".into(),
        Kind::RcuSleep => "sleeps".into(),
        Kind::RcuSyncInReader => "waits for itself".into(),
        Kind::RcuDoubleCall => "queued again here".into(),
        Kind::FreeActive if detail == RCU_ACTIVE || detail == NAPI_FREED => "freed here".into(),
        Kind::FreeActive if detail == SRCU_ACTIVE => "cleaned up here".into(),
        Kind::FreeActive if detail == 7 => "ends here".into(),
        Kind::FreeActive if detail < 3 || detail == 6 => "freed here".into(),
        Kind::FreeActive => "initialised here".into(),
        Kind::OutOfBounds => "outside the object".into(),
        Kind::NullDeref => "through a bad pointer".into(),
        Kind::Uninitialised => "read here".into(),
        Kind::Refcount => "by this".into(),
        Kind::FlushDependency => "waits here".into(),
        Kind::UnloadedCode => "this code is gone".into(),
        Kind::WorkLeaked => format!("{actor} returns here"),
        Kind::WorkqueueLockup => "this is never run".into(),
        _ => format!("{actor} is here"),
    }
}

fn race(scene: &Scene) -> String {
    let Some((a, b)) = scene.sides() else { return "data race".into() };
    let verb = |writes| if writes { "writes" } else { "reads" };
    let name = scene.machine.name_of(if a.len >= b.len { b.address } else { a.address });
    format!(
        "data race on `{name}`: {}() {} it while {}() {} it",
        scene.function(a.at),
        verb(a.writes),
        scene.function(b.at),
        verb(b.writes)
    )
}

fn unordered(scene: &Scene) -> String {
    let Some([first, second]) = scene.unordered() else { return "unordered accesses".into() };
    format!(
        "`{}`: {}() {} it after {}() {} it, and nothing orders the two",
        scene.machine.name_of(second.address),
        scene.function(second.at),
        if second.writes { "writes" } else { "reads" },
        scene.function(first.at),
        if first.writes { "wrote" } else { "read" }
    )
}

fn deadlock(waits: &[Wait]) -> String {
    if let [only] = waits {
        let actor = &only.context;
        return match only.holder.as_deref() {
            Some(holder) if holder == actor && only.is_for_an_end() => {
                format!("{actor} waits for its own end, which cannot come before it goes on")
            }
            Some(holder) if holder == actor => format!("{actor} waits for `{}`, which it holds itself", only.what),
            _ => format!("{actor} waits for itself"),
        };
    }
    let clauses: Vec<String> = waits
        .iter()
        .map(|w| {
            let holder = w.holder.as_deref().unwrap_or("nobody");
            if w.is_for_its_cpu() {
                format!("{} was interrupted by {holder}", w.context)
            } else if w.is_for_an_end() {
                format!("{} waits for {}", w.context, w.what)
            } else if w.behind {
                format!("{} waits to read `{}`, behind {holder}, which waits to write it", w.context, w.what)
            } else {
                format!("{} waits for `{}`, which {holder} has", w.context, w.what)
            }
        })
        .collect();
    clauses.join("; ")
}

fn hung_task(waits: &[Wait]) -> String {
    let who = stuck(waits);
    match waits.first().map(|wait| (wait, wait.holder.as_deref())) {
        Some((wait, Some(_))) if wait.is_for_an_end() => {
            format!("{who} sleeps for ever: it waits for {}, and that never comes", wait.what)
        }
        Some((wait, Some(holder))) if wait.is_for_a_lock() => {
            format!("{who} sleeps for ever: it waits for `{}`, which {holder} has and never releases", wait.what)
        }
        _ => format!("{who} sleeps for ever: nothing is left that could wake it"),
    }
}

/// Who waits for a lock that an oops left held, for which, and whom the oops killed.
fn orphaned(scene: &Scene, waits: &[Wait]) -> Option<(String, String, String)> {
    let wait = waits.first().filter(|wait| wait.is_for_a_lock())?;
    let holder = wait.holder.clone().filter(|holder| scene.was_killed(holder))?;
    Some((wait.context.clone(), wait.what.clone(), holder))
}

fn stuck(waits: &[Wait]) -> &str {
    waits.first().map_or("a context", |wait| wait.context.as_str())
}

fn held(scene: &Scene) -> String {
    let context = scene.actor().unwrap_or(0);
    let all = &scene.replay.held(scene.replay.steps.len())[context];
    let names: Vec<String> = all.iter().map(|h| format!("`{}`", scene.machine.name_of(h.lock))).collect();
    if names.is_empty() { "a lock".into() } else { names.join(" and ") }
}

/// What became of memory with a held lock in it, and who holds the lock.
fn lost_lock(scene: &Scene, actor: &str) -> String {
    let whole = scene.address().map_or("memory".to_owned(), |address| scene.machine.object_name(address));
    let lost = scene.lost_locks();
    let clauses: Vec<String> = lost
        .iter()
        .map(|(context, lock)| match (scene.machine.name(*context), scene.machine.name_of(lock.lock)) {
            (name, lock) if name == actor => format!("it holds `{lock}` itself"),
            (name, lock) => format!("{name} holds `{lock}`"),
        })
        .collect();
    let held = if clauses.is_empty() { "a lock in it is held".to_owned() } else { clauses.join(" and ") };
    match scene.symptom.detail {
        0 => format!("{actor} frees `{whole}` while {held}"),
        1 => format!("{actor} leaves the block that `{whole}` lives in while {held}"),
        _ => format!("{actor} initialises a lock anew while {held}"),
    }
}

/// What went, and what in it was still to come.
fn free_active(scene: &Scene, actor: &str) -> String {
    let whole = scene.address().map_or("memory".to_owned(), |address| scene.machine.object_name(address));
    match scene.symptom.detail {
        0 => format!("{actor} frees `{whole}` with an armed timer in it"),
        1 => format!("{actor} frees `{whole}` with an armed hrtimer in it"),
        2 => format!("{actor} frees `{whole}` with a scheduled tasklet in it"),
        3 => format!("{actor} initialises an armed timer anew, in `{whole}`"),
        4 => format!("{actor} initialises an armed hrtimer anew, in `{whole}`"),
        5 => format!("{actor} initialises a scheduled tasklet anew, in `{whole}`"),
        11 => format!("{actor} frees `{whole}` with pending irq_work in it"),
        12 => format!("{actor} initialises pending irq_work anew, in `{whole}`"),
        6 => format!("{actor} frees `{whole}` while work in it is pending"),
        7 => format!("{actor} leaves the block that `{whole}` lives in while work in it is pending"),
        RCU_ACTIVE => format!("{actor} frees `{whole}` while its RCU callback is queued"),
        SRCU_ACTIVE => format!("{actor} cleans up `{whole}`, which has readers or callbacks to come"),
        NAPI_FREED => format!("{actor} frees `{whole}` with a scheduled napi_struct in it"),
        NAPI_INITIALISED => format!("{actor} initialises a scheduled napi_struct anew, in `{whole}`"),
        _ => format!("{actor} initialises a pending work item anew, in `{whole}`"),
    }
}

/// The atomic context that the last step was taken in.
fn atomic(scene: &Scene) -> String {
    let Some(step) = scene.replay.steps.last() else { return "atomic context".into() };
    let context = step.choice.context as usize;
    if let ContextKind::Nmi { .. } = scene.machine.kind_of(context) {
        return "an NMI".into();
    }
    if scene.machine.is_line(step.choice.context) {
        return "an interrupt handler".into();
    }
    if scene.machine.is_softirq(step.choice.context) {
        return "a softirq".into();
    }
    match scene.spinlock_held() {
        Some(held) => format!("atomic context: it holds the spinlock `{}`", scene.machine.name_of(held.lock)),
        None if scene.machine.has_irqs_off(&step.before, context) => "atomic context: interrupts are off".into(),
        None => "atomic context: preemption is off".into(),
    }
}

fn assertion(scene: &Scene, actor: &str, about: &str) -> String {
    if let Some(misuse @ 0..=6) = scene.symptom.detail.checked_sub(WW_MISUSE) {
        return ww_misuse(misuse, actor, about);
    }
    match scene.symptom.detail.wrapping_sub(0x8000_0000) {
        0 => format!("{actor} must hold `{about}` here, and does not"),
        1 => format!("{actor} must not hold `{about}` here, and does"),
        2 => format!("the function is annotated to run with `{about}` held, and it is not"),
        3 => format!("the function is annotated to run without `{about}` held, and it is held"),
        4 => format!("{actor} must hold `{about}` as its writer here, and does not"),
        5 => format!("{actor} must hold `{about}` as a reader here, and does not"),
        _ => format!("{actor} fails {}", text(scene)),
    }
}

/// What `CONFIG_DEBUG_WW_MUTEXES` objects to.
fn ww_misuse(misuse: u32, actor: &str, about: &str) -> String {
    match misuse {
        0 => format!("{actor} takes `{about}` after ww_acquire_done(), which said that there would be no more"),
        1 => format!("{actor} backed off from another lock, and takes `{about}` before that"),
        2 => format!("{actor} was told to back off, and takes `{about}` without having released its other locks"),
        3 => format!("{actor} takes `{about}` with an acquire context of another ww_class"),
        4 => format!("{actor} calls ww_acquire_done() of `{about}` a second time"),
        5 => format!("{actor} ends the acquire context `{about}` before it has released all locks"),
        _ => format!("{actor} was told to back off, and does not: it asks for another lock with `{about}`"),
    }
}

fn wrong_context(detail: u32, actor: &str) -> String {
    match detail {
        0 => format!("{actor} disables bottom halves in a hard IRQ handler"),
        1 => format!("{actor} enables bottom halves in a hard IRQ handler"),
        2 => format!("{actor} enables bottom halves with interrupts off"),
        3 => format!("{actor} tries to take a mutex in an interrupt handler"),
        4 => format!("{actor} releases a mutex in an interrupt handler"),
        6 => format!("{actor} tries to take an rw_semaphore in an interrupt handler"),
        7 => format!("{actor} releases an rw_semaphore in an interrupt handler"),
        12 => format!("{actor} tries to take an rt_mutex in an interrupt handler"),
        13 => format!("{actor} releases an rt_mutex in an interrupt handler"),
        15 => format!("{actor} disables bottom halves with preemption off, where another task has them off"),
        14 => format!("{actor} tries to take a lock that sleeps under PREEMPT_RT in a hard IRQ handler"),
        10 => format!("{actor} waits for a timer's callback in a hard IRQ handler"),
        11 => format!("{actor} kills a tasklet in an interrupt, or with bottom halves off"),
        _ => format!("{actor} frees an interrupt line in an interrupt, or with bottom halves off"),
    }
}

fn irq_state(detail: u32, actor: &str) -> String {
    match detail {
        0 => format!("{actor} enables interrupts inside its handler"),
        1 => format!("{actor} restores interrupt flags while interrupts are on"),
        2 => format!("{actor} enables a line more often than it was disabled"),
        3 => format!("{actor} ends with interrupts still off"),
        5 => format!("{actor} enables a tasklet more often than it was disabled"),
        _ => format!("{actor} frees an interrupt line that has no handler"),
    }
}

fn text(scene: &Scene) -> String {
    let text = scene.machine.program().strings.get(scene.symptom.detail as usize);
    text.map_or("a claim".into(), |text| text.trim().to_owned())
}

fn claim(claims: &[crate::program::Claim], index: u32) -> &str {
    claims.get(index as usize).map_or("?", |claim| claim.text.as_str())
}
