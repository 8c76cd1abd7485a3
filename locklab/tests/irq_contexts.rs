//! In which contexts interrupt lines and irq_work may be dealt with: each call in a task, under a spinlock, with bottom halves off, with interrupts off, in a threaded
//! handler's thread, in a hard interrupt and in an NMI. What the kernel objects to there is reported, and nothing else.

mod calls;
mod found;

use calls::each_in_each;

/// A call; then what it must report in each of the rigs.
const ROWS: &[(&str, [&str; 7])] = &[
    (REQUEST, ["", SLEEP, SLEEP, SLEEP, "", SLEEP, SLEEP]),
    ("free_irq(9, &other)", ["", SLEEP, INSIDE, SLEEP, "", INSIDE, INSIDE]),
    ("disable_irq(9); enable_irq(9)", ["", SLEEP, SLEEP, SLEEP, "", SLEEP, SLEEP]),
    ("synchronize_irq(9)", ["", SLEEP, SLEEP, SLEEP, "", SLEEP, SLEEP]),
    ("synchronize_hardirq(9)", [""; 7]),
    ("disable_hardirq(9); enable_irq(9)", [""; 7]),
    ("disable_irq_nosync(9); enable_irq(9)", [""; 7]),
    ("irq_wake_thread(9, &other)", [""; 7]),
    ("irq_work_queue(&work)", [""; 7]),
    ("irq_work_queue_on(&work, 1)", [""; 7]),
    ("irq_work_sync(&idle)", ["", SLEEP, SLEEP, BOTH, "", BOTH, BOTH]),
    ("mutex_lock(&mutex); mutex_unlock(&mutex)", ["", SLEEP, SLEEP, SLEEP, "", INSIDE, INSIDE]),
    ("if (raw_spin_trylock(&raw)) raw_spin_unlock(&raw)", [""; 7]),
    ("if (mutex_trylock(&mutex)) mutex_unlock(&mutex)", ["", "", "", "", "", CONTEXT, CONTEXT]),
    ("kfree(kmalloc(8, GFP_ATOMIC))", [""; 7]),
    ("msleep(1)", ["", SCHEDULE, SCHEDULE, SCHEDULE, "", SCHEDULE, SCHEDULE]),
    ("BUG_ON(!in_task())", ["", "", "", "", "", "bug_on", "bug_on"]),
    ("BUG_ON(in_nmi())", ["", "", "", "", "", "", "bug_on"]),
    ("BUG_ON(in_hardirq())", ["", "", "", "", "", "bug_on", "bug_on"]),
    ("BUG_ON(in_interrupt())", ["", "", "bug_on", "", "", "bug_on", "bug_on"]),
    ("pr_info(\"here\\n\")", [""; 7]),
];
const REQUEST: &str = "if (!request_threaded_irq(8, NULL, thread, IRQF_ONESHOT, \"new\", &other)) used = 1";
const SLEEP: &str = "sleep_in_atomic";
const SCHEDULE: &str = "schedule_in_atomic";
const CONTEXT: &str = "wrong_context";
const BOTH: &str = "lock_assertion sleep_in_atomic";
const INSIDE: &str = "sleep_in_atomic wrong_context";

const SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static DEFINE_RAW_SPINLOCK(raw);
static DEFINE_MUTEX(mutex);
static int other, own, used;
static irqreturn_t thread(int irq, void *dev) { return IRQ_HANDLED; }
static void run(struct irq_work *work) { }
static DEFINE_IRQ_WORK(work, run);
static DEFINE_IRQ_WORK(idle, run);
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *dev) { call(); return IRQ_HANDLED; }
static void in_task(void) { call(); }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void irqs_off(void) { local_irq_disable(); call(); local_irq_enable(); }
static int set_up_thread(void) { return request_threaded_irq(5, NULL, handler, IRQF_ONESHOT, \"own\", &own); }
static void set_up(void) { WARN_ON(request_irq(9, thread, 0, \"other\", &other)); }
INIT(set_up);
RAISES(9, .times = 0);
RAISES(8, .times = 0);
";

const RIGS: [(&str, &str); 7] = [
    ("a task", "THREAD(t, in_task);"),
    ("a task with a spinlock", "THREAD(t, locked);"),
    ("a task with bottom halves off", "THREAD(t, bh_off);"),
    ("a task with interrupts off", "THREAD(t, irqs_off);"),
    ("an interrupt's thread", "module_init(set_up_thread);\nRAISES(5);"),
    ("a hard interrupt", "IRQ(line, handler, .irq = 3);"),
    ("an NMI", "NMI(nmi, in_task);"),
];

#[test]
fn each_call_is_reported_in_the_contexts_that_its_row_forbids_and_in_no_others() {
    each_in_each(SETTING, &RIGS, ROWS);
}
