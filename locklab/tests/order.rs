//! Which pairs of accesses are ordered, as the kernel's memory model says (`tools/memory-model/litmus-tests`, `Documentation/memory-barriers.txt`): message passing in
//! every form, and what the kernel's own calls order.

mod found;

use found::found;

/// What a sender does after it has written the message, and whether the write comes before what it does.
const SENDS: [(&str, bool); 12] = [
    ("atomic_set(&ready, 1);", false),
    ("atomic_set_release(&ready, 1);", true),
    ("smp_wmb(); atomic_set(&ready, 1);", true),
    ("smp_mb(); atomic_set(&ready, 1);", true),
    ("smp_rmb(); atomic_set(&ready, 1);", false),
    ("barrier(); atomic_set(&ready, 1);", false),
    ("atomic_inc(&ready);", false),
    ("smp_mb__before_atomic(); atomic_inc(&ready);", true),
    ("atomic_inc_return(&ready);", true),
    ("atomic_fetch_add_relaxed(1, &ready);", false),
    ("atomic_fetch_add_acquire(1, &ready);", false),
    ("atomic_fetch_add_release(1, &ready);", true),
];

/// What a receiver does, and whether its access comes after it has looked.
const RECEIVES: [(&str, bool); 11] = [
    ("if (atomic_read(&ready)) use(message);", false),
    ("if (atomic_read_acquire(&ready)) use(message);", true),
    ("if (atomic_read(&ready)) { smp_rmb(); use(message); }", true),
    ("if (atomic_read(&ready)) { smp_mb(); use(message); }", true),
    ("if (atomic_read(&ready)) { smp_wmb(); use(message); }", false),
    ("if (atomic_read(&ready)) { barrier(); use(message); }", false),
    ("smp_rmb(); if (atomic_read(&ready)) use(message);", false),
    ("if (atomic_fetch_or(0, &ready)) use(message);", true),
    ("if (atomic_fetch_or_relaxed(0, &ready)) use(message);", false),
    ("if (atomic_fetch_or_release(0, &ready)) use(message);", false),
    // A write waits for what decides whether it is made.
    ("if (atomic_read(&ready)) message = 2;", true),
];

const MESSAGE: &str = "#include <linux/atomic.h>
static int message;
static atomic_t ready = ATOMIC_INIT(0);
static void use(int value) { pr_info(\"%d\\n\", value); }
static void send(void) { message = 1; SEND }
static void receive(void) { RECEIVE }
THREAD(sender, send);
THREAD(receiver, receive);
";

#[test]
fn a_message_passes_only_where_both_sides_keep_the_order() {
    let mut wrong = Vec::new();
    for (send, sends) in SENDS {
        for (receive, receives) in RECEIVES {
            let found = found(&MESSAGE.replace("SEND", send).replace("RECEIVE", receive));
            let expected = if sends && receives { "" } else { "unordered_access" };
            if found != expected {
                wrong.push(format!("{send} | {receive}: {found:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const POINTER: &str = "#include <linux/rcupdate.h>
#include <linux/slab.h>
struct box { int value, other; };
static struct box first = { 1, 1 };
static struct box other;
static struct box __rcu *shared;
static int plain;
static void use(int value) { pr_info(\"%d\\n\", value); }
static void send(void) { first.value = 2; first.other = 3; plain = 1; SEND }
static void receive(void)
{
	struct box *p;
	rcu_read_lock();
	RECEIVE
	rcu_read_unlock();
}
THREAD(sender, send);
THREAD(receiver, receive);
";

#[test]
fn what_is_reached_through_a_pointer_comes_after_the_pointer() {
    let publish = "rcu_assign_pointer(shared, &first);";
    let careless = "WRITE_ONCE(shared, &first);";
    let rows = [
        (publish, "p = rcu_dereference(shared); if (p) use(p->value);", ""),
        (publish, "p = READ_ONCE(shared); if (p) use(p->value);", ""),
        (careless, "p = rcu_dereference(shared); if (p) use(p->value);", "unordered_access"),
        (publish, "p = rcu_dereference(shared); if (p) use(p->value + p->other);", ""),
        // Through a copy and a function.
        (publish, "p = rcu_dereference(shared); if (p) { struct box *q = p; use(q->value); }", ""),
        // Not through the pointer: nothing depends on it.
        (publish, "p = rcu_dereference(shared); if (p) use(plain);", "unordered_access"),
        (publish, "p = rcu_dereference(shared); if (p) use(other.value + first.value);", "unordered_access"),
        (publish, "p = smp_load_acquire(&shared); if (p) use(plain);", ""),
    ];
    for (send, receive, expected) in rows {
        assert_eq!(found(&POINTER.replace("SEND", send).replace("RECEIVE", receive)), expected, "{send} | {receive}");
    }
}

/// Hand-overs by calls into the kernel: what the first context does after it wrote, what the second does before it reads, and what is found.
const CALLS: [(&str, &str, &str); 12] = [
    ("complete(&done);", "wait_for_completion(&done);", ""),
    ("up(&sem);", "down(&sem);", ""),
    ("atomic_set(&ready, 1); wake_up(&queue);", "wait_event(queue, atomic_read(&ready));", "unordered_access"),
    ("atomic_set_release(&ready, 1); wake_up(&queue);", "wait_event(queue, atomic_read_acquire(&ready));", ""),
    ("spin_lock(&lock); set = 1; spin_unlock(&lock);", "if (!hears_spinlock()) return;", ""),
    ("mutex_lock(&mutex); set = 1; mutex_unlock(&mutex);", "if (!hears_mutex()) return;", ""),
    // What comes after a critical section may be seen before what came in front of it: a lock is no barrier for those who do not take it.
    (
        "spin_lock(&lock); spin_unlock(&lock); atomic_set(&ready, 1);",
        "if (!atomic_read_acquire(&ready)) return;",
        "unordered_access",
    ),
    (
        "spin_lock(&lock); atomic_set(&ready, 1); spin_unlock(&lock);",
        "if (!atomic_read_acquire(&ready)) return;",
        "unordered_access",
    ),
    ("set_bit(0, &flags);", "if (!test_bit(0, &flags)) return; smp_rmb();", "unordered_access"),
    ("smp_mb__before_atomic(); set_bit(0, &flags);", "if (!test_bit(0, &flags)) return; smp_rmb();", ""),
    ("smp_mb__before_atomic(); set_bit(0, &flags);", "if (!test_and_set_bit(0, &flags)) return;", ""),
    ("set_current_state(TASK_RUNNING); atomic_set(&ready, 1);", "if (!atomic_read_acquire(&ready)) return;", ""),
];

const CALL: &str = "#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
static int message, set;
static unsigned long flags;
static atomic_t ready = ATOMIC_INIT(0);
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static struct semaphore sem;
static DECLARE_COMPLETION(done);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static int hears_spinlock(void)
{
	int heard;
	spin_lock(&lock);
	heard = set;
	spin_unlock(&lock);
	return heard;
}
static int hears_mutex(void)
{
	int heard;
	mutex_lock(&mutex);
	heard = set;
	mutex_unlock(&mutex);
	return heard;
}
static void set_up(void) { sema_init(&sem, 0); }
static void send(void) { message = 1; SEND }
static void receive(void) { RECEIVE pr_info(\"%d\\n\", message); }
INIT(set_up);
THREAD(sender, send);
THREAD(receiver, receive);
";

#[test]
fn locks_completions_and_atomic_bits_hand_over_what_was_written_before_them() {
    let mut wrong = Vec::new();
    for (send, receive, expected) in CALLS {
        let found = found(&CALL.replace("SEND", send).replace("RECEIVE", receive));
        if found != expected {
            wrong.push(format!("{send} | {receive}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One context writes, makes another, or waits for its end, and that is enough.
const LATER: [&str; 6] = [
    "static void fn(struct work_struct *work) { use(message); message = 2; }
     static DECLARE_WORK(work, fn);
     static void run(void) { message = 1; schedule_work(&work); flush_work(&work); use(message); }",
    "static void fn(struct timer_list *timer) { use(message); message = 2; }
     static DEFINE_TIMER(timer, fn);
     static void run(void) { message = 1; mod_timer(&timer, jiffies + 1); timer_delete_sync(&timer); use(message); }",
    "static int fn(void *data)
     {
         use(message);
         message = 2;
         set_current_state(TASK_INTERRUPTIBLE);
         if (!kthread_should_stop())
             schedule();
         __set_current_state(TASK_RUNNING);
         return 0;
     }
     static void run(void)
     {
         struct task_struct *task;
         message = 1;
         task = kthread_run(fn, NULL, \"worker\");
         if (IS_ERR(task)) return;
         kthread_stop(task);
         use(message);
     }",
    "static void fn(struct tasklet_struct *tasklet) { use(message); message = 2; }
     static DECLARE_TASKLET(tasklet, fn);
     static void run(void) { message = 1; tasklet_schedule(&tasklet); tasklet_kill(&tasklet); use(message); }",
    "static void fn(struct rcu_head *head) { use(message); message = 2; }
     static struct rcu_head head;
     static void run(void) { message = 1; call_rcu(&head, fn); rcu_barrier(); use(message); }",
    // What readers did comes before what is done after a grace period, and the other way round.
    "static int *shared = &message;
     static void reader(void)
     {
         int *p;
         rcu_read_lock();
         p = READ_ONCE(shared);
         if (p) use(*p);
         rcu_read_unlock();
     }
     static void run(void) { WRITE_ONCE(shared, NULL); synchronize_rcu(); message = 2; }
     THREAD(reader, reader);",
];

#[test]
fn the_kernels_own_calls_order_what_their_users_did() {
    for later in LATER {
        let headers = ["workqueue", "timer", "kthread", "interrupt", "rcupdate", "atomic"];
        let headers: String = headers.iter().map(|name| format!("#include <linux/{name}.h>\n")).collect();
        let rig = "static void mark(void) { atomic_inc(&marks); }\nTHREAD(runner, run);\nTHREAD(marker, mark);\n";
        let before =
            "static int message;\nstatic atomic_t marks;\nstatic void use(int value) { pr_info(\"%d\\n\", value); }\n";
        assert_eq!(found(&(headers + before + later + rig)), "", "{later}");
    }
}

#[test]
fn an_interrupt_is_ordered_with_the_code_of_its_own_cpu_alone() {
    let text = "#include <linux/interrupt.h>
static int message;
static int ready;
static irqreturn_t handler(int irq, void *data)
{
	if (READ_ONCE(ready))
		pr_info(\"%d\\n\", message);
	return IRQ_HANDLED;
}
static void send(void) { message = 1; barrier(); WRITE_ONCE(ready, 1); }
THREAD(sender, send, .cpu = 0);
IRQ(nic, handler, .cpu = CPU);
";
    assert_eq!(found(&text.replace("= CPU", "= 0")), "");
    assert_eq!(found(&text.replace("= CPU", "= 1")), "unordered_access");
}
