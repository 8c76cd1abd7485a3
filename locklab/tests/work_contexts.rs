//! Which workqueue calls may be made where: what waits may not be called in atomic context, whether or not there is anything to wait for; what queues and cancels may.

use kernel_c::loader::NoFiles;
use sim_core::check;
use sim_core::machine::MachineOptions;
use sim_core::search::Options;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Calls that may sleep.
const WAIT: &[&str] = &[
    "flush_work(&work)",
    "flush_delayed_work(&dwork)",
    "flush_workqueue(system_wq)",
    "cancel_work_sync(&work)",
    "cancel_delayed_work_sync(&dwork)",
    "disable_work_sync(&work)",
    "drain_workqueue(system_wq)",
];
/// Calls that do not.
const DO_NOT: &[&str] = &[
    "schedule_work(&work)",
    "queue_work(system_unbound_wq, &work)",
    "schedule_delayed_work(&dwork, HZ)",
    "mod_delayed_work(system_wq, &dwork, 0)",
    "cancel_work(&work)",
    "cancel_delayed_work(&dwork)",
    "disable_work(&work)",
    "work_pending(&work)",
    "work_busy(&work)",
];
/// How to come to be where one may not sleep, and back.
const ATOMIC: &[(&str, &str)] = &[
    ("spin_lock(&lock);", "spin_unlock(&lock);"),
    ("preempt_disable();", "preempt_enable();"),
    ("local_bh_disable();", "local_bh_enable();"),
    ("local_irq_disable();", "local_irq_enable();"),
];

fn found(call: &str, (enter, leave): (&str, &str), rig: &str) -> Vec<&'static str> {
    let text = format!(
        "static DEFINE_SPINLOCK(lock);
        static void fn(struct work_struct *work) {{ }}
        static DECLARE_WORK(work, fn);
        static DECLARE_DELAYED_WORK(dwork, fn);
        static void call(void) {{ {enter} {call}; {leave} }}
        static irqreturn_t handler(int irq, void *data) {{ {call}; return IRQ_HANDLED; }}
        {rig}"
    );
    let compiled = kernel_c::compile("work.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{call}: {:?}", compiled.diagnostics));
    let go_on = &mut |_: &_| ControlFlow::Continue(());
    check::check(Arc::new(program), MachineOptions::default(), &Options::default(), go_on).names()
}

#[test]
fn what_waits_for_work_may_not_be_called_in_atomic_context() {
    for call in WAIT {
        assert_eq!(found(call, ("", ""), "THREAD(t, call);"), Vec::<&str>::new(), "{call} in a task");
        for atomic in ATOMIC {
            assert_eq!(found(call, *atomic, "THREAD(t, call);"), ["sleep_in_atomic"], "{call} after {}", atomic.0);
        }
        assert_eq!(found(call, ("", ""), "IRQ(nic, handler);"), ["sleep_in_atomic"], "{call} in a handler");
    }
}

#[test]
fn what_queues_and_cancels_work_may_be_called_anywhere() {
    for call in DO_NOT {
        for atomic in ATOMIC.iter().chain(&[("", "")]) {
            assert_eq!(found(call, *atomic, "THREAD(t, call);"), Vec::<&str>::new(), "{call} after {}", atomic.0);
        }
        assert_eq!(found(call, ("", ""), "IRQ(nic, handler);"), Vec::<&str>::new(), "{call} in a handler");
    }
}

/// What a call reports whose item was last queued for softirqs to run, and is idle: in a task, with a spinlock held, with bottom halves off, in a softirq, in a hard interrupt.
/// (`__cancel_sync` in `kernel/workqueue.c`.)
const BH: &[(&str, [&str; 5])] = &[
    ("queue_work(system_bh_wq, &work)", ["", "", "", "", ""]),
    ("queue_work(system_bh_highpri_wq, &work)", ["", "", "", "", ""]),
    ("cancel_work(&work)", ["", "", "", "", ""]),
    ("disable_work(&work)", ["", "", "", "", ""]),
    ("cancel_work_sync(&work)", ["", "", "", "", "warn_on"]),
    ("disable_work_sync(&work)", ["", "", "", "", "warn_on"]),
    ("flush_work(&work)", ["", "sleep_in_atomic", "sleep_in_atomic", "sleep_in_atomic", "sleep_in_atomic"]),
];

#[test]
fn work_that_softirqs_run_may_be_waited_for_in_atomic_context_when_it_is_cancelled() {
    for (call, reported) in BH {
        let contexts = [
            ("", "", "THREAD(t, call);"),
            ("spin_lock(&lock);", "spin_unlock(&lock);", "THREAD(t, call);"),
            ("local_bh_disable();", "local_bh_enable();", "THREAD(t, call);"),
            ("", "", "static void raise(void) { raise_softirq(NET_TX_SOFTIRQ); } THREAD(t, raise);"),
            ("", "", "IRQ(nic, handler);"),
        ];
        for ((enter, leave, rig), expected) in contexts.into_iter().zip(reported) {
            let text = format!(
                "static DEFINE_SPINLOCK(lock);
                static void fn(struct work_struct *work) {{ BUG_ON(!in_serving_softirq()); }}
                static DECLARE_WORK(work, fn);
                static void call(void) {{ {enter} {call}; {leave} }}
                static irqreturn_t handler(int irq, void *data) {{ {call}; return IRQ_HANDLED; }}
                static void set_up(void)
                {{
                    open_softirq(NET_TX_SOFTIRQ, call);
                    queue_work(system_bh_wq, &work);
                    cancel_work(&work);
                }}
                INIT(set_up);
                {rig}"
            );
            let compiled = kernel_c::compile("work.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
            let program = compiled.program.unwrap_or_else(|| panic!("{call}: {:?}", compiled.diagnostics));
            let go_on = &mut |_: &_| ControlFlow::Continue(());
            let found = check::check(Arc::new(program), MachineOptions::default(), &Options::default(), go_on).names();
            assert_eq!(found.join(" "), *expected, "{call} after {enter:?}, {rig}");
        }
    }
}
