//! In which contexts softirqs, tasklets, timers and RCU may be dealt with: each call in a task, under a spinlock, with bottom halves off, in a softirq and in a hard
//! interrupt. What the kernel objects to there is reported, and nothing else.

mod calls;
mod found;

use calls::each_in_each;
use found::found;

/// A call; then what it must report in a task, under a spinlock, with bottom halves off, in a softirq, in a hard interrupt.
const ROWS: &[(&str, [&str; 5])] = &[
    ("tasklet_schedule(&tasklet)", ["", "", "", "", ""]),
    ("tasklet_hi_schedule(&tasklet)", ["", "", "", "", ""]),
    ("tasklet_kill(&tasklet)", ["", SLEEP, CONTEXT, CONTEXT, CONTEXT]),
    ("tasklet_disable(&tasklet); tasklet_enable(&tasklet)", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("tasklet_disable_in_atomic(&tasklet); tasklet_enable(&tasklet)", ["", "", "", "", ""]),
    ("raise_softirq(NET_TX_SOFTIRQ)", ["", "", "", "", ""]),
    ("raise_softirq_irqoff(NET_TX_SOFTIRQ)", [ASSERTION, ASSERTION, ASSERTION, ASSERTION, ""]),
    ("mod_timer(&timer, jiffies + HZ)", ["", "", "", "", ""]),
    ("timer_delete(&timer)", ["", "", "", "", ""]),
    ("timer_delete_sync(&timer)", ["", "", "", "", CONTEXT]),
    ("timer_delete_sync(&irqsafe)", ["", "", "", "", ""]),
    ("hrtimer_start(&hrtimer, 1000, HRTIMER_MODE_REL)", ["", "", "", "", ""]),
    ("hrtimer_cancel(&hrtimer)", ["", "", "", "", ""]),
    ("local_bh_disable(); local_bh_enable()", ["", "", "", "", CONTEXT]),
    ("rcu_read_lock(); rcu_read_unlock()", ["", "", "", "", ""]),
    ("srcu_read_unlock(&domain, srcu_read_lock(&domain))", ["", "", "", "", ""]),
    ("call_rcu(&head, done)", ["", "", "", "", ""]),
    ("synchronize_rcu()", ["", SLEEP, SLEEP, FOR_ITSELF, FOR_ITSELF]),
    ("synchronize_srcu(&domain)", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("rcu_barrier()", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("kfree_rcu_mightsleep(NULL)", ["", SLEEP, SLEEP, FOR_ITSELF, FOR_ITSELF]),
];
const SLEEP: &str = "sleep_in_atomic";
const CONTEXT: &str = "wrong_context";
const ASSERTION: &str = "lock_assertion";
/// An interrupt is a reader of RCU itself.
const FOR_ITSELF: &str = "deadlock sleep_in_atomic";

const SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static struct tasklet_struct tasklet;
static struct timer_list timer, irqsafe;
static struct hrtimer hrtimer;
static void run_tasklet(struct tasklet_struct *t) { }
static void run_timer(struct timer_list *t) { }
static enum hrtimer_restart run_hrtimer(struct hrtimer *t) { return HRTIMER_NORESTART; }
static void transmit(void) { }
static struct rcu_head head;
DEFINE_STATIC_SRCU(domain);
static void done(struct rcu_head *rcu) { }
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *dev) { call(); return IRQ_HANDLED; }
static void in_task(void) { call(); }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void raise(void) { raise_softirq(NET_RX_SOFTIRQ); }
static void set_up(void)
{
	tasklet_setup(&tasklet, run_tasklet);
	timer_setup(&timer, run_timer, 0);
	timer_setup(&irqsafe, run_timer, TIMER_IRQSAFE);
	hrtimer_setup(&hrtimer, run_hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	open_softirq(NET_TX_SOFTIRQ, transmit);
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

/// What the kernel's own questions answer in a softirq, in a tasklet and in a timer: `in_serving_softirq()`, `in_softirq()`, `in_interrupt()`, and not
/// `in_task()`; in a hard interrupt on top of nothing, with bottom halves off, and in an hrtimer, as it should be.
#[test]
fn the_context_tells_of_softirqs_and_of_bottom_halves_that_are_off() {
    let serving = "in_serving_softirq() && in_softirq() && in_interrupt() && !in_task() && !in_hardirq() && \
                   preempt_count() == 0x100 && !irqs_disabled() && in_atomic() && !preemptible()";
    let masked = "!in_serving_softirq() && in_softirq() && in_interrupt() && in_task() && preempt_count() == 0x200";
    let plain = "!in_softirq() && !in_interrupt() && in_task() && preempt_count() == 0";
    let hard = "in_hardirq() && !in_softirq() && in_interrupt() && !in_task() && irqs_disabled()";
    let text = format!(
        "static void action(void) {{ BUG_ON(!({serving})); local_bh_disable(); BUG_ON(preempt_count() != 0x300); local_bh_enable(); }}
         static void run_tasklet(struct tasklet_struct *t) {{ BUG_ON(!({serving})); }}
         static void run_timer(struct timer_list *t) {{ BUG_ON(!({serving})); }}
         static enum hrtimer_restart run_hard(struct hrtimer *t) {{ BUG_ON(!({hard})); return HRTIMER_NORESTART; }}
         static enum hrtimer_restart run_soft(struct hrtimer *t) {{ BUG_ON(!({serving})); return HRTIMER_NORESTART; }}
         static struct hrtimer hard, soft;
         static DECLARE_TASKLET(tasklet, run_tasklet);
         static DEFINE_TIMER(timer, run_timer);
         static void task(void)
         {{
             open_softirq(BLOCK_SOFTIRQ, action);
             hrtimer_setup(&hard, run_hard, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
             hrtimer_setup(&soft, run_soft, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
             local_bh_disable();
             BUG_ON(!({masked}));
             raise_softirq(BLOCK_SOFTIRQ);
             tasklet_schedule(&tasklet);
             local_bh_enable();
             BUG_ON(!({plain}));
             mod_timer(&timer, jiffies);
             hrtimer_start(&hard, 1, HRTIMER_MODE_REL);
             hrtimer_start(&soft, 1, HRTIMER_MODE_REL_SOFT);
         }}
         THREAD(task, task, .cpu = 0);
         CPUS(1);"
    );
    assert_eq!(found(&text.replace("CPUS(1);", "\nCPUS(1);")), "");
}

/// What is raised with bottom halves off has run when they are on again; what an interrupt raises has run before the code that it interrupted goes on.
#[test]
fn softirqs_run_at_the_outermost_bh_enable_and_at_irq_exit() {
    let text = "
static int ran, nested, raised;
static void action(void) { WRITE_ONCE(ran, 1); }
static irqreturn_t handler(int irq, void *dev) { WRITE_ONCE(raised, 1); raise_softirq_irqoff(NET_RX_SOFTIRQ); return IRQ_HANDLED; }
static void masked(void)
{
	local_bh_disable();
	local_bh_disable();
	raise_softirq(NET_TX_SOFTIRQ);
	local_bh_enable();
	nested = READ_ONCE(ran);
	local_bh_enable();
	BUG_ON(nested || !READ_ONCE(ran));
}
static void interrupted(void)
{
	int before = READ_ONCE(raised);
	BUG_ON(before && !READ_ONCE(ran));
}
static void set_up(void) { open_softirq(NET_TX_SOFTIRQ, action); open_softirq(NET_RX_SOFTIRQ, action); }
INIT(set_up);
CPUS(1);
";
    assert_eq!(found(&format!("{text}\nTHREAD(t, masked);")), "");
    assert_eq!(found(&format!("{text}\nTHREAD(t, interrupted);\nIRQ(i, handler);")), "");
    // Raised by a task with everything on, it runs some time later: before or after the next look.
    let later =
        "static void later(void) { raise_softirq(NET_TX_SOFTIRQ); BUG_ON(!READ_ONCE(ran)); }\nTHREAD(t, later);";
    assert_eq!(found(&format!("{text}\n{later}")), "bug_on");
}
