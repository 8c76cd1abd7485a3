//! Faults of what runs later than it is asked for.

use super::{are_noticed, calls, instructions, misread, overlooked};
use crate::generate::Flavour;
use sim_core::machine::Machine;
use sim_core::model::Choice;
use sim_core::program::{Inst, KernelCall as K, Program, Readers, TimerArm};

/// Whether a CPU serves softirqs.
fn serves(machine: &Machine, state: &[u8], cpu: u8) -> bool {
    machine.cpu_stack(state, cpu.into()).iter().any(|name| name.starts_with("softirq/"))
}

/// Neither `ksoftirqd` nor a tick serves what is pending.
fn nothing_is_served_by_itself(machine: &Machine, state: &[u8], choices: &mut Vec<Choice>) {
    choices.retain(|choice| !machine.is_softirq(choice.context) || serves(machine, state, choice.cpu));
}

fn softirqs_are_not_interrupted(machine: &Machine, state: &[u8], choices: &mut Vec<Choice>) {
    choices.retain(|choice| {
        let arrives = machine.is_line(choice.context) && machine.stack_of(state, choice.context).is_empty();
        !arrives || !serves(machine, state, choice.cpu)
    });
}

fn priorities_are_mixed_up(program: &mut Program) {
    instructions(program, |inst| {
        if let Inst::Kernel { call: K::TaskletSchedule { high }, .. } = inst {
            *high = !*high;
        }
    });
}

#[test]
fn faults_of_softirqs_and_tasklets_are_noticed() {
    let faults = [
        misread("raise_softirq() does nothing", |program| {
            calls(program, |call| *call == K::RaiseSoftirq, K::Relax);
        }),
        misread("local_bh_disable() does nothing", |program| {
            calls(program, |call| matches!(call, K::BhDisable | K::BhEnable), K::Relax);
        }),
        misread("tasklet_hi_schedule() and tasklet_schedule() are mixed up", priorities_are_mixed_up),
        misread("tasklet_disable() does nothing", |program| {
            calls(program, |call| matches!(call, K::TaskletDisable | K::TaskletEnable), K::Relax);
        }),
        misread("tasklet_unlock_wait() does nothing", |program| {
            calls(program, |call| matches!(call, K::TaskletWait { .. }), K::Relax);
        }),
        misread("tasklet_kill() does not wait until the tasklet has begun", |program| {
            calls(program, |call| matches!(call, K::TaskletKill), K::Relax);
        }),
        overlooked("nothing is served by itself", nothing_is_served_by_itself),
        overlooked("softirqs are not interrupted", softirqs_are_not_interrupted),
    ];
    are_noticed(Flavour::Softirqs, &faults);
}

/// No timer expires, and no softirq begins by itself, on top of a task.
fn tasks_are_not_interrupted_by_timers(machine: &Machine, state: &[u8], choices: &mut Vec<Choice>) {
    choices.retain(|choice| {
        let begins = !machine.is_task(choice.context) && machine.stack_of(state, choice.context).is_empty();
        !begins || machine.cpu_stack(state, choice.cpu.into()).is_empty()
    });
}

#[test]
fn faults_of_timers_and_hrtimers_are_noticed() {
    let faults = [
        misread("mod_timer() does nothing", |program| {
            calls(program, |call| *call == K::TimerArm { how: TimerArm::Mod }, K::Relax);
        }),
        misread("mod_timer_pending() arms in any case", |program| {
            let pending = |call: &K| *call == K::TimerArm { how: TimerArm::Pending };
            calls(program, pending, K::TimerArm { how: TimerArm::Mod });
        }),
        misread("timer_delete_sync() does not wait", |program| {
            let waits = |call: &K| matches!(call, K::TimerCancel { hr: false, wait: true, .. });
            calls(program, waits, K::TimerCancel { hr: false, wait: false, says: false, shutdown: false });
        }),
        misread("timer_shutdown() deletes", |program| {
            let shuts = |call: &K| matches!(call, K::TimerCancel { hr: false, shutdown: true, .. });
            calls(program, shuts, K::TimerCancel { hr: false, wait: false, says: false, shutdown: false });
        }),
        misread("hrtimers of the soft kind expire in hard interrupts", |program| {
            instructions(program, |inst| {
                if let Inst::Const { value: value @ 6, .. } = inst {
                    *value = 2;
                }
            });
        }),
        misread("a timer expires once", |program| program.config.bounds.timer_firings = 1),
        overlooked("tasks are not interrupted by timers", tasks_are_not_interrupted_by_timers),
    ];
    are_noticed(Flavour::Timers, &faults);
}

#[test]
fn faults_of_work_are_noticed() {
    let faults = [
        misread("queue_work() does nothing", |program| calls(program, |call| *call == K::QueueWork, K::Relax)),
        misread("cancel_work() does nothing", |program| calls(program, |call| *call == K::CancelWork, K::Relax)),
        misread("flush_work() does not wait", |program| {
            calls(program, |call| matches!(call, K::FlushWork { .. }), K::Relax);
        }),
        misread("flush_workqueue() does not wait", |program| {
            calls(program, |call| *call == K::FlushWorkqueue, K::Relax);
        }),
        misread("disable_work() does nothing", |program| {
            calls(program, |call| matches!(call, K::DisableWork | K::EnableWork), K::Relax);
        }),
    ];
    are_noticed(Flavour::Work, &faults);
}

#[test]
fn faults_of_rcu_are_noticed() {
    let faults = [
        misread("rcu_read_lock() does nothing", |program| {
            calls(program, |call| matches!(call, K::RcuReadLock | K::RcuReadUnlock), K::Relax);
        }),
        misread("srcu_read_lock() does nothing", |program| {
            calls(program, |call| matches!(call, K::SrcuReadLock { .. } | K::SrcuReadUnlock { .. }), K::Relax);
        }),
        misread("synchronize_rcu() does not wait", |program| {
            calls(program, |call| *call == K::GpWait { of: Readers::Rcu }, K::Relax);
        }),
        misread("synchronize_srcu() does not wait", |program| {
            calls(program, |call| *call == K::GpWait { of: Readers::Srcu }, K::Relax);
        }),
        misread("synchronize_rcu() waits only for who has preemption off", |program| {
            calls(program, |call| *call == K::GpBegin { of: Readers::Rcu }, K::GpBegin { of: Readers::Rude });
        }),
        misread("rcu_barrier() does not wait", |program| {
            calls(program, |call| *call == K::BarrierWait, K::Relax);
        }),
        misread("call_rcu() does nothing", |program| {
            calls(program, |call| matches!(call, K::CallRcu { .. }), K::Relax);
        }),
    ];
    are_noticed(Flavour::Rcu, &faults);
}
