//! In which contexts one may wait and wake, stop and park kernel threads, and deal with their workers: each call in a task, under a spinlock, with bottom halves
//! off, in a softirq and in a hard interrupt. Nothing has to wait here: what the kernel objects to it objects to all the same.

mod calls;
mod found;

use calls::each_in_each;
use found::found;

/// A call; then what it must report in a task, under a spinlock, with bottom halves off, in a softirq, in a hard interrupt.
const ROWS: &[(&str, [&str; 5])] = &[
    ("wait_event(wq, true)", MAY_SLEEP),
    ("wait_event_interruptible(wq, true)", MAY_SLEEP),
    ("wait_event_killable(wq, true)", MAY_SLEEP),
    ("wait_event_timeout(wq, true, HZ)", MAY_SLEEP),
    ("wait_event_idle_exclusive(wq, true)", MAY_SLEEP),
    ("wait_var_event(&word, true)", MAY_SLEEP),
    ("wait_on_bit(&word, 0, TASK_UNINTERRUPTIBLE)", MAY_SLEEP),
    ("wait_for_completion(&done)", MAY_SLEEP),
    ("wait_for_completion_interruptible_timeout(&done, HZ)", MAY_SLEEP),
    ("kthread_stop(thread)", MAY_SLEEP),
    ("kthread_park(thread)", MAY_SLEEP),
    ("wake_up(&wq)", ANYWHERE),
    ("wake_up_all(&wq)", ANYWHERE),
    ("wake_up_interruptible_nr(&wq, 2)", ANYWHERE),
    ("wake_up_process(thread)", ANYWHERE),
    ("wake_up_var(&word)", ANYWHERE),
    ("clear_and_wake_up_bit(0, &word)", ANYWHERE),
    ("complete(&done)", ANYWHERE),
    ("complete_all(&done)", ANYWHERE),
    ("try_wait_for_completion(&done)", ANYWHERE),
    ("completion_done(&done)", ANYWHERE),
    ("kthread_unpark(thread)", ANYWHERE),
    ("kthread_queue_work(&worker, &work)", ANYWHERE),
    ("kthread_cancel_work_sync(&work)", ANYWHERE),
    // It waits only if there is something to wait for; but it turns interrupts on.
    ("kthread_flush_work(&work)", ["", "", "", "", "irq_state"]),
];
const MAY_SLEEP: [&str; 5] = ["", SLEEP, SLEEP, SLEEP, SLEEP];
const ANYWHERE: [&str; 5] = [""; 5];
const SLEEP: &str = "sleep_in_atomic";

const SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static DECLARE_WAIT_QUEUE_HEAD(wq);
static DECLARE_COMPLETION(done);
static unsigned long word;
static struct task_struct *thread;
static DEFINE_KTHREAD_WORKER(worker);
static void run_work(struct kthread_work *w) { }
static DEFINE_KTHREAD_WORK(work, run_work);
static int run_thread(void *data) { return 0; }
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *dev) { call(); return IRQ_HANDLED; }
static void in_task(void) { call(); }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void raise(void) { raise_softirq(NET_RX_SOFTIRQ); }
static void set_up(void)
{
	complete_all(&done);
	thread = kthread_create(run_thread, NULL, \"thread\");
	get_task_struct(thread);
	kthread_queue_work(&worker, &work);
	kthread_cancel_work_sync(&work);
	open_softirq(NET_RX_SOFTIRQ, call);
}
INIT(set_up);
";

const RIGS: [(&str, &str); 5] = [
    ("a task", "THREAD(t, in_task);"),
    ("a task with a spinlock", "THREAD(t, locked);"),
    ("a task with bottom halves off", "THREAD(t, bh_off);"),
    ("a softirq", "THREAD(t, raise);"),
    ("a hard interrupt", "IRQ(i, handler);"),
];

#[test]
fn each_call_is_reported_in_the_contexts_that_its_row_forbids_and_in_no_others() {
    each_in_each(SETTING, &RIGS, ROWS);
}

/// A task killed by nothing: a killable wait is ended by a fatal signal, not by any other, and what `fatal_signal_pending()` has said it says again.
#[test]
fn a_killable_wait_is_ended_by_a_fatal_signal_alone() {
    let killable = "
static DECLARE_WAIT_QUEUE_HEAD(wq);
static void wait(void) { int err = wait_event_killable(wq, false); BUG_ON(err != -ERESTARTSYS || !fatal_signal_pending(current)); }
SYSCALL(s, wait, .signals = 1);
";
    assert_eq!(found(killable), "");
    // One that turned out not to be fatal does not end it, and no other comes.
    let harmless = "
static DECLARE_WAIT_QUEUE_HEAD(wq);
static void wait(void)
{
	if (signal_pending(current) && !fatal_signal_pending(current)) {
		BUG_ON(fatal_signal_pending(current));
		wait_event_killable(wq, false);
	}
}
SYSCALL(s, wait, .signals = 1);
";
    assert_eq!(found(harmless), "hung_task");
    // Of two the second may be fatal.
    let two = harmless.replace(".signals = 1", ".signals = 2").replace("BUG_ON(fatal_signal_pending(current));", "");
    assert_eq!(found(&two), "");
    let uninterruptible =
        killable.replace("wait_event_killable(wq, false)", "({ wait_event(wq, false); -ERESTARTSYS; })");
    assert_eq!(found(&uninterruptible), "hung_task");
}

/// Who sleeps in a loop minds no wake-up for nothing; who does not goes on too early, if such wake-ups are looked for.
#[test]
fn a_spurious_wake_up_comes_as_often_as_its_bound_says() {
    let text = "
static int woken;
static void sleep(void)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
		woken++;
		BUG_ON(woken > 2);
	}
}
THREAD(t, sleep);
";
    assert_eq!(found(text), "hung_task");
    assert_eq!(found(&format!("{text}KCONFIG(BOUND_SPURIOUS_WAKEUPS, 2);")), "hung_task");
    assert_eq!(found(&format!("{text}KCONFIG(BOUND_SPURIOUS_WAKEUPS, 3);")), "bug_on");
}
