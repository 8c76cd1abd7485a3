//! Reports of the lock validator and of RCU's checks.

use super::RELEASE;
use super::log::{Log, level};
use super::scene::{Scene, address, heap_range};
use sim_core::program::Type;
use sim_core::view::Held;

/// A blank line, the rule, the heading, the kernel, a thinner rule as long as the heading.
pub(super) fn banner(log: &mut Log, heading: &str) {
    banner_of(log, heading, heading.len());
}

/// The same with rules of a length of their own.
pub(super) fn banner_of(log: &mut Log, heading: &str, rule: usize) {
    log.level(level::WARNING);
    log.line("");
    log.line(&"=".repeat(rule));
    log.line(heading);
    log.line(&format!("{RELEASE} #1 {}", log.taint));
    log.debug_locks = false;
    log.line(&"-".repeat(rule));
}

fn backtrace(scene: &Scene, log: &mut Log) {
    log.line("");
    log.line("stack backtrace:");
    log.dump_stack(scene);
}

/// The lock that a finding is about: the one held that its message names, or the last taken.
fn subject(scene: &Scene) -> Option<Held> {
    let held = scene.held();
    let named = held.iter().find(|h| scene.finding.message.contains(&h.lock));
    named.or(held.last()).cloned()
}

pub(super) fn bad_unlock(scene: &Scene, log: &mut Log) {
    banner(log, "WARNING: bad unlock balance detected!");
    log.line(&format!("{} is trying to release lock ({}) at:", scene.who(), lock_name(scene)));
    log.line(&format!("[<{}>] {}", address(&scene.here()), scene.here()));
    log.line("but there are no more locks to release!");
    log.line("");
    log.line("other info that might help us debug this:");
    log.lines(scene.held_section());
    backtrace(scene, log);
}

/// The argument of the call where it shows: what the source calls the lock.
fn lock_name(scene: &Scene) -> String {
    let text = scene.line_text();
    let argument = text.split_once('(').map_or("", |(_, rest)| rest);
    let argument = argument.split([',', ')']).next().unwrap_or("").trim();
    let argument = argument.strip_prefix('&').filter(|name| !name.contains(['.', '-', '['])).unwrap_or(argument);
    if argument.is_empty() { "?".to_owned() } else { argument.to_owned() }
}

pub(super) fn lock_leak(scene: &Scene, log: &mut Log) {
    if scene.is_syscall() {
        banner(log, "WARNING: lock held when returning to user space!");
        log.line(&format!("{} is leaving the kernel with locks still held!", scene.who()));
        log.lines(scene.held_section());
        return;
    }
    banner(log, &format!("WARNING: {} still has locks held!", scene.who()));
    log.lines(scene.held_section());
    backtrace(scene, log);
}

/// The size of the object that a lock is in: `session->lock` is in a `struct session`.
fn size_of_object(scene: &Scene, lock: &str) -> u32 {
    let object = lock.split("->").next().unwrap_or("").split('#').next().unwrap_or("");
    let record = format!("struct {object}");
    let size = scene.program.types.iter().find_map(|ty| match ty {
        Type::Record { name, size, .. } if *name == record => Some(*size),
        _ => None,
    });
    size.unwrap_or(8)
}

pub(super) fn held_lock_freed(scene: &Scene, log: &mut Log) {
    banner(log, "WARNING: held lock freed!");
    let lock = subject(scene);
    let name = lock.as_ref().map_or("", |h| h.lock.as_str());
    let (first, last) = heap_range(name, size_of_object(scene, name));
    log.line(&format!("{} is freeing memory {first}-{last}, with a lock still held there!", scene.who()));
    if let Some(held) = &lock {
        log.line(&scene.lock_line(held));
    }
    log.lines(scene.held_section());
    backtrace(scene, log);
}

pub(super) fn non_static_key(scene: &Scene, log: &mut Log) {
    log.level(level::ERR);
    log.line("INFO: trying to register non-static key.");
    log.line("The code is fine but needs lockdep annotation, or maybe");
    log.line("you didn't initialize this object before use?");
    log.line("turning off the locking correctness validator.");
    log.dump_stack(scene);
}

/// `synchronize_rcu()`, `__synchronize_srcu()`.
pub(super) fn rcu_sync_in_reader(scene: &Scene, log: &mut Log) {
    let srcu = scene.finding.message.contains("or of RCU");
    let (call, which) = if srcu { ("srcu", "same-type SRCU (or in RCU)") } else { ("rcu", "RCU") };
    rcu_usage(scene, log, &format!("Illegal synchronize_{call}() in {which} read-side critical section"));
}

/// What the code says, an exclamation mark of its own too, and one behind it.
pub(super) fn rcu_usage(scene: &Scene, log: &mut Log, text: &str) {
    // The validator goes on after it.
    let debug_locks = log.debug_locks;
    banner(log, "WARNING: suspicious RCU usage");
    log.debug_locks = debug_locks;
    log.line(&format!("{} {}!", scene.location(), text));
    log.line("");
    log.line("other info that might help us debug this:");
    log.line("");
    log.line("");
    log.line(&format!("rcu_scheduler_active = 2, debug_locks = {}", u8::from(debug_locks)));
    log.lines(scene.held_section());
    backtrace(scene, log);
}
