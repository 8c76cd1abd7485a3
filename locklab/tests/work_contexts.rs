//! Which workqueue calls may be made where: what waits may not be called in atomic context, whether or not there is anything to wait for; what queues and cancels may.

mod calls;
mod found;

use calls::each_in_each;

const SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static void fn(struct work_struct *work) { }
static DECLARE_WORK(work, fn);
static DECLARE_DELAYED_WORK(dwork, fn);
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *data) { call(); return IRQ_HANDLED; }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void preempt_off(void) { preempt_disable(); call(); preempt_enable(); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void irqs_off(void) { local_irq_disable(); call(); local_irq_enable(); }
";

const CONTEXTS: [(&str, &str); 6] = [
    ("a task", "THREAD(t, call);"),
    ("a task with a spinlock", "THREAD(t, locked);"),
    ("a task with preemption off", "THREAD(t, preempt_off);"),
    ("a task with bottom halves off", "THREAD(t, bh_off);"),
    ("a task with interrupts off", "THREAD(t, irqs_off);"),
    ("a hard interrupt", "IRQ(nic, handler);"),
];

const SLEEP: &str = "sleep_in_atomic";
const MAY_SLEEP: [&str; 6] = ["", SLEEP, SLEEP, SLEEP, SLEEP, SLEEP];
const ANYWHERE: [&str; 6] = [""; 6];

#[test]
fn what_waits_for_work_may_not_be_called_in_atomic_context() {
    const ROWS: &[(&str, [&str; 6])] = &[
        ("flush_work(&work)", MAY_SLEEP),
        ("flush_delayed_work(&dwork)", MAY_SLEEP),
        ("flush_workqueue(system_wq)", MAY_SLEEP),
        ("cancel_work_sync(&work)", MAY_SLEEP),
        ("cancel_delayed_work_sync(&dwork)", MAY_SLEEP),
        ("disable_work_sync(&work)", MAY_SLEEP),
        ("drain_workqueue(system_wq)", MAY_SLEEP),
    ];
    each_in_each(SETTING, &CONTEXTS, ROWS);
}

#[test]
fn what_queues_and_cancels_work_may_be_called_anywhere() {
    const ROWS: &[(&str, [&str; 6])] = &[
        ("schedule_work(&work)", ANYWHERE),
        ("queue_work(system_unbound_wq, &work)", ANYWHERE),
        ("schedule_delayed_work(&dwork, HZ)", ANYWHERE),
        ("mod_delayed_work(system_wq, &dwork, 0)", ANYWHERE),
        ("cancel_work(&work)", ANYWHERE),
        ("cancel_delayed_work(&dwork)", ANYWHERE),
        ("disable_work(&work)", ANYWHERE),
        ("work_pending(&work)", ANYWHERE),
        ("work_busy(&work)", ANYWHERE),
    ];
    each_in_each(SETTING, &CONTEXTS, ROWS);
}

/// An item that was last queued for softirqs to run, and is idle. (`__cancel_sync` in `kernel/workqueue.c`.)
#[test]
fn work_that_softirqs_run_may_be_waited_for_in_atomic_context_when_it_is_cancelled() {
    const BH_SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static void fn(struct work_struct *work) { BUG_ON(!in_serving_softirq()); }
static DECLARE_WORK(work, fn);
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *data) { call(); return IRQ_HANDLED; }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void raise(void) { raise_softirq(NET_TX_SOFTIRQ); }
static void set_up(void)
{
	open_softirq(NET_TX_SOFTIRQ, call);
	queue_work(system_bh_wq, &work);
	cancel_work(&work);
}
INIT(set_up);
";
    const BH_CONTEXTS: [(&str, &str); 5] = [
        ("a task", "THREAD(t, call);"),
        ("a task with a spinlock", "THREAD(t, locked);"),
        ("a task with bottom halves off", "THREAD(t, bh_off);"),
        ("a softirq", "THREAD(t, raise);"),
        ("a hard interrupt", "IRQ(nic, handler);"),
    ];
    const ROWS: &[(&str, [&str; 5])] = &[
        ("queue_work(system_bh_wq, &work)", [""; 5]),
        ("queue_work(system_bh_highpri_wq, &work)", [""; 5]),
        ("cancel_work(&work)", [""; 5]),
        ("disable_work(&work)", [""; 5]),
        ("cancel_work_sync(&work)", ["", "", "", "", "warn_on"]),
        ("disable_work_sync(&work)", ["", "", "", "", "warn_on"]),
        ("flush_work(&work)", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ];
    each_in_each(BH_SETTING, &BH_CONTEXTS, ROWS);
}
