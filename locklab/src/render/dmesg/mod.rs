//! Findings as a kernel would log them: headings, sections, lock lines and their order are those of Linux 6.12.
//!
//! Invariant: what cannot be known (addresses, offsets, frames of the kernel's own machinery) is either left out or is a stand-in that depends on
//! nothing but the scenario. Places are written as `scripts/decode_stacktrace.sh` writes them: `function (file.c:12)`.

mod lockdep;
mod locking;
mod lockup;
mod memory;
mod scene;
mod warn;
mod work;

use super::Report;
use scene::{Log, Scene};
use sim_core::finding::{Finding, Kind};
use sim_core::view::HappeningKind;

/// The release that the simulated kernel calls itself.
pub const RELEASE: &str = "6.12.0-locklab";

/// All findings, each with the log of the execution that shows it; a blank line between executions.
pub fn draw(report: &Report) -> String {
    let logs: Vec<String> = report.findings.iter().map(|finding| draw_finding(report, finding)).collect();
    logs.join("\n")
}

fn draw_finding(report: &Report, finding: &Finding) -> String {
    let scene = Scene::new(report.program, finding);
    let mut log = Log::default();
    let steps = finding.schedule.as_ref().map_or(&[][..], |trace| trace.steps.as_slice());
    for (i, step) in steps.iter().enumerate() {
        log.at_microsecond(i as u64 + 1);
        for event in step.events.iter().filter(|e| e.kind == HappeningKind::Log) {
            log.line(event.text.strip_prefix("prints: ").unwrap_or(&event.text));
        }
    }
    log.at_microsecond(steps.len() as u64);
    // The validator warns of a deadlock before it happens, but of a lock that sleeps after the call has complained itself.
    let (rule, after) = (finding.rule.as_ref(), matches!(finding.kind, Kind::SleepInAtomic | Kind::ScheduleInAtomic));
    if let Some(rule) = rule.filter(|_| !after) {
        locking::report(&scene, rule, &mut log);
    }
    report_of(finding.kind, &scene, &mut log);
    if let Some(rule) = rule.filter(|_| after) {
        locking::report(&scene, rule, &mut log);
    }
    log.finish()
}

fn report_of(kind: Kind, scene: &Scene, log: &mut Log) {
    match kind {
        Kind::Deadlock => lockup::deadlock(scene, log),
        Kind::HungTask => lockup::hung_task(scene, log),
        Kind::SoftLockup => lockup::soft(scene, log),
        Kind::HardLockup => lockup::hard(scene, log),
        Kind::BadUnlock => lockdep::bad_unlock(scene, log),
        Kind::LockLeak => lockdep::lock_leak(scene, log),
        Kind::HeldLockFreed => lockdep::held_lock_freed(scene, log),
        Kind::UninitialisedLock => lockdep::non_static_key(scene, log),
        Kind::RcuUsage => lockdep::rcu_usage(scene, log, &scene.finding.message),
        Kind::RcuSyncInReader => lockdep::rcu_sync_in_reader(scene, log),
        Kind::RcuSleep => {
            warn::warning(scene, log, Some("Voluntary context switch within RCU read-side critical section!"));
        }
        Kind::RcuDoubleCall => warn::double_call(scene, log),
        Kind::RcuStall => lockup::rcu_stall(scene, log),
        Kind::SleepInAtomic => warn::sleeping_function(scene, log),
        Kind::ScheduleInAtomic => warn::scheduling_while_atomic(scene, log),
        Kind::SmpProcessorId => warn::smp_processor_id(scene, log),
        Kind::PreemptLeak => warn::preempt_leak(scene, log),
        Kind::LockAssertion | Kind::WrongContext | Kind::WarnOn => warn::warning(scene, log, None),
        Kind::NotRunning => warn::not_running(scene, log),
        Kind::IrqState => warn::irq_state(scene, log),
        Kind::FreeActive => warn::free_active(scene, log),
        Kind::FlushDependency => work::flush_dependency(scene, log),
        Kind::WorkLeaked => work::leaked(scene, log),
        Kind::WorkqueueLockup => work::lockup(scene, log),
        Kind::Refcount => warn::refcount(scene, log),
        Kind::BugOn => warn::bug(scene, log),
        Kind::DataRace => memory::kcsan(scene, log),
        Kind::UseAfterFree | Kind::OutOfBounds | Kind::DoubleFree => memory::kasan(scene, log),
        Kind::Uninitialised => memory::kmsan(scene, log),
        Kind::NullDeref => memory::null_pointer(scene, log),
        Kind::UnloadedCode => memory::instruction_fetch(scene, log),
        Kind::MemoryLeak => memory::kmemleak(scene, log),
        Kind::LockOrder
        | Kind::RecursiveLock
        | Kind::IrqUnsafeLock
        | Kind::IrqLockInversion
        | Kind::IrqLockOrder
        | Kind::WaitContext => {}
        Kind::Livelock | Kind::Invariant | Kind::FinalState | Kind::NeverReached => {
            log.line(&format!("locklab: {}: {}", kind.name(), scene.finding.message));
        }
    }
}
