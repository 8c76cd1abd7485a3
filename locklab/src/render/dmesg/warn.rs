//! `WARN` and `BUG`, and the scheduler's complaints.

use super::super::advice::is_softirq;
use super::log::{Log, level};
use super::scene::{Scene, address};
use super::taint::Taint;
use sim_core::program::Preemption;

/// The frame of a `WARN`: from `cut here` to `end trace`, or to where `panic_on_warn` cuts it off. (`kernel/panic.c`, `__warn`)
pub(super) fn warning(scene: &Scene, log: &mut Log, message: Option<&str>) {
    log.level(level::WARNING);
    log.line("------------[ cut here ]------------");
    let at = format!("{} {}", scene.location(), scene.function_here());
    log.line(&format!("WARNING: CPU: {} PID: {} at {at}", scene.cpu, scene.pid()));
    if let Some(message) = message {
        log.line(message);
    }
    log.line("Modules linked in:");
    if scene.panics {
        return;
    }
    log.dump_stack(scene);
    log.line("---[ end trace 0000000000000000 ]---");
    log.taint.add(Taint::WARN);
}

/// `BUG()`; what `panic()` prints comes with the panic.
pub(super) fn bug(scene: &Scene, log: &mut Log) {
    if scene.line_text().starts_with("panic") {
        return;
    }
    if scene.finding.message.ends_with("divides by zero") {
        return oops(scene, log, "divide error: 0000");
    }
    log.level(level::WARNING);
    log.line("------------[ cut here ]------------");
    log.level(level::CRIT);
    log.line(&format!("kernel BUG at {}!", scene.location()));
    oops(scene, log, "invalid opcode: 0000");
}

/// The rest of an oops: registers, call trace, end.
pub(super) fn oops(scene: &Scene, log: &mut Log, what: &str) {
    let smp = if scene.program.config.smp { " SMP" } else { "" };
    let preempt = match scene.program.config.preemption {
        Preemption::Full => " PREEMPT",
        Preemption::Rt => " PREEMPT_RT",
        Preemption::None | Preemption::Voluntary => "",
    };
    // `oops_enter()` turns the validator off: the kernel is not what it was.
    log.debug_locks = false;
    log.oopses += 1;
    log.level(level::WARNING);
    log.line(&format!("Oops: {what} [#{}]{preempt}{smp}", log.oopses));
    scene.cpu_line(log);
    log.line(&format!("RIP: 0010:{}", scene.here()));
    log.lines(scene.call_trace());
    log.line("Modules linked in:");
    log.line("---[ end trace 0000000000000000 ]---");
    log.taint.add(Taint::DIE);
}

/// Where preemption was turned off, as far as locks tell.
fn preemption_disabled_at(scene: &Scene, log: &mut Log) {
    if let Some(held) = scene.held().first() {
        let at = scene.symbol_at(held.span);
        log.line("Preemption disabled at:");
        log.line(&format!("[<{}>] {at}", address(&at)));
    }
}

pub(super) fn sleeping_function(scene: &Scene, log: &mut Log) {
    // `mutex_lock()` checks in its own file; everything else is checked where it is called.
    let at = if scene.line_text().contains("mutex_lock") {
        "kernel/locking/mutex.c:586".to_owned()
    } else {
        scene.location()
    };
    let count = scene.preempt_count();
    log.level(level::ERR);
    log.line(&format!("BUG: sleeping function called from invalid context at {at}"));
    log.line(&format!(
        "in_atomic(): {}, irqs_disabled(): {}, non_block: 0, pid: {}, name: {}",
        u8::from(count != 0),
        u8::from(scene.irqs_off()),
        scene.pid(),
        scene.comm()
    ));
    log.line(&format!("preempt_count: {count:x}, expected: 0"));
    log.line("RCU nest depth: 0, expected: 0");
    log.level(level::WARNING);
    log.lines(scene.held_section());
    preemption_disabled_at(scene, log);
    log.dump_stack(scene);
    log.taint.add(Taint::WARN);
}

pub(super) fn scheduling_while_atomic(scene: &Scene, log: &mut Log) {
    // `schedule()` itself has added one.
    let count = scene.preempt_count() + 1;
    log.level(level::ERR);
    log.line(&format!("BUG: scheduling while atomic: {}/0x{count:08x}", scene.who()));
    log.level(level::WARNING);
    log.lines(scene.held_section());
    log.line("Modules linked in:");
    preemption_disabled_at(scene, log);
    if !scene.panics {
        log.dump_stack(scene);
        log.taint.add(Taint::WARN);
    }
}

pub(super) fn smp_processor_id(scene: &Scene, log: &mut Log) {
    log.level(level::ERR);
    log.line(&format!(
        "BUG: using smp_processor_id() in preemptible [{:08x}] code: {}",
        scene.preempt_count(),
        scene.who()
    ));
    log.line(&format!("caller is {}", scene.here()));
    log.dump_stack(scene);
}

pub(super) fn preempt_leak(scene: &Scene, log: &mut Log) {
    let count = scene.preempt_count();
    if is_softirq(&scene.context) {
        let handler = scene.function_here();
        log.level(level::ERR);
        log.line(&format!("huh, entered softirq with preempt_count 00000100, {handler} exited with {count:08x}?"));
        return;
    }
    if scene.in_interrupt() || count == 0 {
        return warning(scene, log, Some("DEBUG_LOCKS_WARN_ON(val > preempt_count())"));
    }
    log.level(level::INFO);
    log.line(&format!("note: {}[{}] exited with preempt_count {count}", scene.comm(), scene.pid()));
}

pub(super) fn not_running(scene: &Scene, log: &mut Log) {
    let set_at = scene.finding.places.get(1).map_or_else(|| scene.here(), |place| scene.symbol_at(place.span));
    let state = if scene.finding.message.contains("UNINTERRUPTIBLE") { 2 } else { 1 };
    let message = format!(
        "do not call blocking ops when !TASK_RUNNING; state={state:x} set at [<{}>] {set_at}",
        address(&set_at)
    );
    warning(scene, log, Some(&message));
}

pub(super) fn irq_state(scene: &Scene, log: &mut Log) {
    let message = &scene.finding.message;
    let text = if message.contains("enable_irq") {
        "Unbalanced enable for IRQ".to_owned()
    } else if scene.in_interrupt() {
        let (number, handler) = scene.handler();
        format!("irq {number} handler {handler} enabled interrupts")
    } else {
        "raw_local_irq_restore() called with IRQs enabled".to_owned()
    };
    warning(scene, log, Some(&text));
}

/// `lib/debugobjects.c`: tasklets and NAPI instances are none of its objects; there the message is of the same form.
pub(super) fn free_active(scene: &Scene, log: &mut Log) {
    let message = &scene.finding.message;
    let what = if message.contains("initialises") { "init" } else { "free" };
    let kind = ["hrtimer", "tasklet", "napi_struct", "work", "RCU callback", "timer"]
        .into_iter()
        .find(|kind| message.contains(kind))
        .unwrap_or("timer");
    let object = match kind {
        "timer" => "timer_list",
        "work" => "work_struct",
        "RCU callback" => "rcu_head",
        kind => kind,
    };
    let at = address(message);
    warning(scene, log, Some(&format!("ODEBUG: {what} active (active state 0) object: {at} object type: {object}")));
}

/// `kernel/rcu/tree.c`, `__call_rcu_common()`, with `DEBUG_OBJECTS_RCU_HEAD`.
pub(super) fn double_call(scene: &Scene, log: &mut Log) {
    let at = address(&scene.finding.message);
    let callback = scene.finding.message.split_once("RCU callback ").and_then(|(_, rest)| rest.split_once("()"));
    let callback = callback.map_or("kfree_rcu", |(name, _)| name);
    let text = format!("call_rcu(): Double-freed CB {at}->{callback}()!!!");
    warning(scene, log, Some(&text));
}

pub(super) fn refcount(scene: &Scene, log: &mut Log) {
    let message = &scene.finding.message;
    let text = if message.contains("underflow") {
        "refcount_t: underflow; use-after-free."
    } else if message.contains("addition") {
        "refcount_t: addition on 0; use-after-free."
    } else if message.contains("hit 0") {
        "refcount_t: decrement hit 0; leaking memory."
    } else {
        "refcount_t: saturated; leaking memory."
    };
    warning(scene, log, Some(text));
}

/// What is left to say of a task that an oops has killed. (`kernel/exit.c`, `make_task_dead`)
pub(super) fn task_dead(scene: &Scene, preempt_count: u32, irqs_off: bool, log: &mut Log) {
    log.level(level::INFO);
    let (comm, pid) = (scene.comm(), scene.pid());
    if irqs_off {
        log.line(&format!("note: {comm}[{pid}] exited with irqs disabled"));
    }
    if preempt_count != 0 {
        log.line(&format!("note: {comm}[{pid}] exited with preempt_count {preempt_count}"));
    }
}

/// `panic()`: after an oops the stack has been shown already. (`kernel/panic.c`)
pub(super) fn panic(scene: &Scene, text: &str, log: &mut Log) {
    log.level(level::EMERG);
    log.line(&format!("Kernel panic - not syncing: {text}"));
    if !log.taint.has(Taint::DIE) {
        log.dump_stack(scene);
        log.level(level::EMERG);
    }
    log.line(&format!("---[ end Kernel panic - not syncing: {text} ]---"));
}
