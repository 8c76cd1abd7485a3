//! What the workqueue code complains of.

use super::log::{Log, level};
use super::scene::Scene;
use super::warn::warning;

/// The function that a worker runs: the outermost of its calls.
fn work_function(scene: &Scene) -> String {
    scene.stack().last().map_or_else(|| "?".to_owned(), |frame| frame.function.clone())
}

/// `BUG: workqueue leaked atomic, lock or RCU`, of `process_one_work()`.
pub(super) fn leaked(scene: &Scene, log: &mut Log) {
    let (who, pid) = (scene.comm(), scene.pid());
    let held = scene.held();
    let count = if held.is_empty() { 1 } else { 0 };
    log.level(level::ERR);
    log.line(&format!("BUG: workqueue leaked atomic, lock or RCU: {who}[{pid}]"));
    log.line(&format!("     preempt=0x{count:08x} lock=0->{} RCU=0->0 workfn={}", held.len(), work_function(scene)));
    log.lines(scene.held_section());
    log.dump_stack(scene);
}

/// `check_flush_dependency()`.
pub(super) fn flush_dependency(scene: &Scene, log: &mut Log) {
    let text = format!("workqueue: WQ_MEM_RECLAIM {} is flushing !WQ_MEM_RECLAIM", work_function(scene));
    warning(scene, log, Some(&text));
}

/// `wq_watchdog_timer_fn()`, and the first lines of `show_all_workqueues()`.
pub(super) fn lockup(scene: &Scene, log: &mut Log) {
    log.wait_seconds(30);
    log.level(level::EMERG);
    log.line(&format!("BUG: workqueue lockup - pool cpus={} node=0 flags=0x0 nice=0 stuck for 30s!", scene.cpu));
    log.level(level::WARNING);
    log.line("Showing busy workqueues and worker pools:");
    log.line(&format!("    pending: {}", scene.function_here()));
}
