//! Reports of the watchdogs: hung tasks, soft and hard lockups. A deadlock shows as one of these for each of its members.

use super::super::advice::is_softirq;
use super::RELEASE;
use super::log::{Log, level};
use super::scene::{Scene, held_section, is_interrupt};
use super::taint::Taint;
use sim_core::view::ContextView;

/// `kernel.hung_task_timeout_secs`
const HUNG_TASK_SECONDS: u64 = 120;
/// `CONFIG_RCU_CPU_STALL_TIMEOUT`
const RCU_STALL_SECONDS: u64 = 21;
/// Twice `kernel.watchdog_thresh`, and what it takes to notice.
const SOFT_LOCKUP_SECONDS: u64 = 26;
/// `kernel.watchdog_thresh`
const HARD_LOCKUP_SECONDS: u64 = 10;

/// What the watchdogs say of each that waits: those that notice first, first.
pub(super) fn deadlock(scene: &Scene, log: &mut Log) {
    let waits = &scene.finding.waits;
    let spinners: Vec<Scene> = waits.iter().filter(|w| w.spins).map(|w| scene.seen_by(&w.context)).collect();
    let (hard_ones, soft_ones): (Vec<Scene>, Vec<Scene>) = spinners.into_iter().partition(deaf);
    let mut passed = 0;
    let mut until = |log: &mut Log, seconds: u64| {
        log.wait_seconds(seconds - passed);
        passed = seconds;
    };
    if !hard_ones.is_empty() {
        until(log, HARD_LOCKUP_SECONDS);
        hard_ones.iter().for_each(|member| hard_lines(member, log));
    }
    if !soft_ones.is_empty() {
        until(log, SOFT_LOCKUP_SECONDS);
        soft_ones.iter().for_each(|member| soft_lines(member, log));
    }
    let sleepers: Vec<&str> = waits.iter().filter(|w| !w.spins).map(|w| w.context.as_str()).collect();
    let sleepers: Vec<&str> =
        sleepers.into_iter().filter(|c| !is_interrupt(scene.program, c) && asleep(scene, c)).collect();
    if !sleepers.is_empty() {
        until(log, HUNG_TASK_SECONDS);
        hung_lines(scene, &sleepers, log);
    }
}

/// Whether a context no longer takes the timer's interrupt.
fn deaf(scene: &Scene) -> bool {
    (scene.in_interrupt() && !is_softirq(&scene.context)) || scene.irqs_off()
}

/// Whether a task is off its CPU: one that an interrupt sits on is not, whatever it waits for.
fn asleep(scene: &Scene, context: &str) -> bool {
    scene.view(context).is_none_or(|c| c.state.contains("sleep") || c.waits_for.is_some())
}

pub(super) fn hung_task(scene: &Scene, log: &mut Log) {
    log.wait_seconds(HUNG_TASK_SECONDS);
    let mut tasks: Vec<&str> = scene.finding.waits.iter().map(|w| w.context.as_str()).collect();
    if tasks.is_empty() {
        tasks.push(&scene.context);
    }
    hung_lines(scene, &tasks, log);
}

/// `kernel/rcu/tree_stall.h`, `print_other_cpu_stall()`: a reader that can be preempted is a task; another is told by its CPU.
pub(super) fn rcu_stall(scene: &Scene, log: &mut Log) {
    let cpus = scene.program.config.cpus;
    log.wait_seconds(RCU_STALL_SECONDS);
    log.level(level::ERR);
    log.line("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:");
    log.line(&format!("rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-{}): P{}", cpus - 1, scene.pid()));
    log.line(&format!("rcu: \t(detected by {}, t=5252 jiffies, g=1, q=1 ncpus={})", scene.cpu, cpus));
    log.lines(scene.call_trace());
}

fn hung_lines(scene: &Scene, tasks: &[&str], log: &mut Log) {
    for task in tasks {
        let member = scene.seen_by(task);
        let pid = member.pid();
        log.level(level::ERR);
        log.line(&format!("INFO: task {task}:{pid} blocked for more than {HUNG_TASK_SECONDS} seconds."));
        log.line(&format!("      {} {RELEASE} #1", log.taint));
        log.line("\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.");
        log.level(level::INFO);
        log.line(&format!(
            "task:{task:<15} state:D stack:0     pid:{pid:<5} tgid:{pid:<5} ppid:2      flags:0x00000000"
        ));
        log.lines(member.call_trace());
    }
    log.level(level::WARNING);
    log.line("");
    log.line("Showing all locks held in the system:");
    for context in scene.contexts().filter(|c| !is_interrupt(scene.program, &c.name)) {
        let held = with_awaited(context, scene);
        if !held.is_empty() {
            log.lines(held_section(scene, &format!("{}/{}", context.name, context.pid.unwrap_or(0)), &held));
        }
    }
    log.line("");
    log.line("=============================================");
    log.line("");
}

/// Lockdep counts a lock that a task waits for among those it holds.
fn with_awaited(context: &ContextView, scene: &Scene) -> Vec<sim_core::view::Held> {
    let mut held = context.held.clone();
    if let Some(wait) = scene.finding.waits.iter().find(|w| w.context == context.name && w.taken_at.is_some()) {
        held.push(sim_core::view::Held { lock: wait.what.clone(), span: wait.span });
    }
    held
}

pub(super) fn soft(scene: &Scene, log: &mut Log) {
    log.wait_seconds(SOFT_LOCKUP_SECONDS);
    soft_lines(scene, log);
}

fn soft_lines(scene: &Scene, log: &mut Log) {
    log.level(level::EMERG);
    log.line(&format!(
        "watchdog: BUG: soft lockup - CPU#{} stuck for {SOFT_LOCKUP_SECONDS}s! [{}:{}]",
        scene.cpu,
        scene.comm(),
        scene.pid()
    ));
    registers(scene, log);
    log.taint.add(Taint::SOFT_LOCKUP);
}

pub(super) fn hard(scene: &Scene, log: &mut Log) {
    log.wait_seconds(HARD_LOCKUP_SECONDS);
    hard_lines(scene, log);
}

fn hard_lines(scene: &Scene, log: &mut Log) {
    log.level(level::EMERG);
    log.line(&format!("watchdog: Watchdog detected hard LOCKUP on cpu {}", scene.cpu));
    registers(scene, log);
}

fn registers(scene: &Scene, log: &mut Log) {
    log.level(level::WARNING);
    log.line("Modules linked in:");
    scene.cpu_line(log);
    log.line(&format!("RIP: 0010:{}", scene.here()));
    log.lines(scene.call_trace());
}
