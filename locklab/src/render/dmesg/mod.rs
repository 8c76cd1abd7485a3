//! Findings as a kernel would log them: headings, sections, lock lines and their order are those of Linux 6.12.
//!
//! Invariant: what cannot be known (addresses, offsets, frames of the kernel's own machinery) is either left out or is a stand-in that depends on
//! nothing but the scenario. Places are written as `scripts/decode_stacktrace.sh` writes them: `function (file.c:12)`.

mod lockdep;
mod locking;
mod lockup;
mod log;
mod memory;
mod scene;
mod taint;
mod warn;
mod work;

pub use log::Style;

use super::Report;
use log::Log;
use scene::Scene;
use sim_core::finding::{Finding, Kind};
use sim_core::program::{Program, SpanId};
use sim_core::view::{LogEntry, LogRecord, Trace};
use std::collections::BTreeSet;

/// The release that the simulated kernel calls itself.
pub const RELEASE: &str = "6.12.0-locklab";

/// All findings, each with the log of the execution that shows it; a blank line between executions.
pub fn draw(report: &Report, style: Style) -> String {
    let logs: Vec<String> =
        report.findings.iter().map(|finding| draw_finding(report.program, finding, style)).collect();
    logs.join("\n")
}

fn draw_finding(program: &Program, finding: &Finding, style: Style) -> String {
    let mut log = Log::new(style);
    let trace = finding.schedule.as_ref();
    let records = trace.map_or(&[][..], |trace| trace.log.as_slice());
    let own = own_record(finding, trace);
    History::new(program).draw(&records[..own], &mut log);
    log.at_microsecond(trace.map_or(0, |trace| trace.steps.len()) as u64);
    let after = Aftermath::of(records.get(own..).unwrap_or(&[]));
    draw_report(program, finding, &after, &mut log);
    log.finish()
}

/// One execution, with what was found after how many of its steps.
pub fn draw_execution(program: &Program, trace: &Trace, found: &[(usize, &Finding)], style: Style) -> String {
    let mut log = Log::new(style);
    let mut history = History::new(program);
    let logged = |after: usize, finding: &Finding| trace.log.iter().any(|record| shows(record, after, finding));
    let mut rest: Vec<&(usize, &Finding)> = found.iter().filter(|(after, finding)| !logged(*after, finding)).collect();
    rest.sort_by_key(|(after, _)| *after);
    for step in 0..=trace.steps.len() {
        let (from, to) = (first_after(&trace.log, step), first_after(&trace.log, step + 1));
        history.draw(&trace.log[from..to], &mut log);
        for (_, finding) in rest.iter().filter(|(after, _)| *after == step) {
            log.at_microsecond(step as u64);
            draw_report(program, finding, &Aftermath::default(), &mut log);
        }
    }
    log.finish()
}

/// The first record of a step, or of one after it.
fn first_after(records: &[LogRecord], step: usize) -> usize {
    records.partition_point(|record| record.step < step)
}

/// Whether a finding that shows after so many steps is what a record tells of.
fn shows(record: &LogRecord, after: usize, finding: &Finding) -> bool {
    let same = matches!(record.entry, LogEntry::Wrong { kind, .. } if kind == finding.kind);
    record.step == after && same && finding.places.first().is_some_and(|place| place.span == record.span)
}

/// Where in the log of its execution a finding shows itself: at its end, if it is none of a step's.
fn own_record(finding: &Finding, trace: Option<&Trace>) -> usize {
    let Some(trace) = trace else { return 0 };
    let own = trace.log.iter().position(|record| shows(record, trace.steps.len(), finding));
    own.unwrap_or(trace.log.len())
}

/// What happens on the way: lines printed, and what goes wrong.
struct History<'a> {
    program: &'a Program,
    /// What has been reported, and where.
    told: BTreeSet<(Kind, u32, SpanId)>,
}

impl<'a> History<'a> {
    fn new(program: &'a Program) -> Self {
        Self { program, told: BTreeSet::new() }
    }

    fn draw(&mut self, records: &[LogRecord], log: &mut Log) {
        for (i, record) in records.iter().enumerate() {
            log.at_microsecond(record.step as u64);
            match &record.entry {
                LogEntry::Line { level, most, text } => log.print(&record.context, record.span, *level, *most, text),
                LogEntry::Wrong { kind, detail, evidence: Some(finding) } => {
                    let first = self.told.insert((*kind, *detail, record.span));
                    let silent = is_of_the_validator(*kind) && !log.debug_locks;
                    if !silent && (first || repeats(self.program, finding)) {
                        draw_report(self.program, finding, &Aftermath::of(&records[i..]), log);
                    }
                }
                // Their reports tell of them.
                LogEntry::Wrong { evidence: None, .. } | LogEntry::Killed { .. } | LogEntry::Panic { .. } => {}
            }
        }
    }
}

/// What the lock validator reports, which it does once: then it is off.
fn is_of_the_validator(kind: Kind) -> bool {
    matches!(kind, Kind::BadUnlock | Kind::LockLeak | Kind::HeldLockFreed | Kind::UninitialisedLock)
}

/// Whether a kernel reports it each time: `WARN_ON_ONCE()` and most of its own warnings come once for each place.
fn repeats(program: &Program, finding: &Finding) -> bool {
    let text = finding.places.first().map_or("", |place| super::place::text(program, super::place::of(program, place)));
    matches!(finding.kind, Kind::WarnOn) && !text.contains("_ONCE")
}

/// What came of something that went wrong: the context was killed, the machine stopped.
#[derive(Default)]
struct Aftermath<'a> {
    killed: Option<(u32, bool)>,
    panic: Option<&'a str>,
}

impl<'a> Aftermath<'a> {
    /// From its record and those that follow.
    fn of(records: &'a [LogRecord]) -> Self {
        let mut it = Self::default();
        let Some((own, rest)) = records.split_first() else { return it };
        let same_step = |record: &&LogRecord| record.step == own.step;
        for record in rest.iter().take_while(same_step) {
            match &record.entry {
                LogEntry::Wrong { .. } => break,
                LogEntry::Killed { preempt_count, irqs_off } => it.killed = Some((*preempt_count, *irqs_off)),
                LogEntry::Panic { text } => it.panic = Some(text),
                LogEntry::Line { .. } => {}
            }
        }
        it
    }
}

fn draw_report(program: &Program, finding: &Finding, after: &Aftermath, log: &mut Log) {
    let scene = Scene::new(program, finding, after.panic.is_some());
    // The validator warns of a deadlock before it happens, but of a lock that sleeps after the call has complained itself.
    let (rule, late) = (finding.rule.as_ref(), matches!(finding.kind, Kind::SleepInAtomic | Kind::ScheduleInAtomic));
    if let Some(rule) = rule.filter(|_| !late) {
        locking::report(&scene, rule, log);
    }
    report_of(finding.kind, &scene, log);
    if let Some(rule) = rule.filter(|_| late) {
        locking::report(&scene, rule, log);
    }
    match (after.panic, after.killed) {
        (Some(text), _) => warn::panic(&scene, text, log),
        (None, Some((preempt_count, irqs_off))) => warn::task_dead(&scene, preempt_count, irqs_off, log),
        (None, None) => {}
    }
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
        Kind::RcuUsage => {
            let message = &scene.finding.message;
            lockdep::rcu_usage(scene, log, message.strip_prefix("suspicious RCU usage: ").unwrap_or(message));
        }
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
        | Kind::NestLock
        | Kind::WaitContext => {}
        Kind::UnorderedAccess | Kind::Livelock | Kind::Invariant | Kind::FinalState | Kind::NeverReached => {
            log.level(log::level::WARNING);
            log.line(&format!("locklab: {}: {}", kind.name(), scene.finding.message));
        }
    }
}
