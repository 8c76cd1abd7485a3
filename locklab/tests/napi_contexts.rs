//! In which contexts NAPI and what goes with it may be dealt with: each call in a task, under a spinlock, with bottom halves off, in a poll function and in a hard
//! interrupt. What the kernel objects to there is reported, and nothing else.

mod calls;
mod found;

use calls::each_in_each;
use found::found;

/// A call; then what it must report in a task, under a spinlock, with bottom halves off, in a poll function, in a hard interrupt.
const ROWS: &[(&str, [&str; 5])] = &[
    ("napi_schedule(&other)", ["", "", "", "", ""]),
    ("napi_schedule_irqoff(&other)", [ASSERTION, ASSERTION, ASSERTION, ASSERTION, ""]),
    ("if (napi_schedule_prep(&other)) __napi_schedule(&other)", ["", "", "", "", ""]),
    ("napi_disable(&other); napi_enable(&other)", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("napi_synchronize(&other)", ["", "", "", "", ""]),
    ("napi_disable(&gone); netif_napi_del(&gone); napi_enable(&gone)", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("netif_stop_queue(&netdev); netif_wake_queue(&netdev)", ["", "", "", "", ""]),
    ("kfree_skb(alloc_skb(64, GFP_ATOMIC))", ["", "", "", "", WARNS]),
    ("dev_kfree_skb_irq(alloc_skb(64, GFP_ATOMIC))", ["", "", "", "", ""]),
    ("dev_kfree_skb_any(alloc_skb(64, GFP_ATOMIC))", ["", "", "", "", ""]),
    ("kfree_skb(alloc_skb(64, GFP_KERNEL))", ["", SLEEP, SLEEP, SLEEP, "sleep_in_atomic warn_on"]),
];
const SLEEP: &str = "sleep_in_atomic";
const ASSERTION: &str = "lock_assertion";
const WARNS: &str = "warn_on";

const SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static struct net_device netdev;
static struct napi_struct napi, other, gone;
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *dev) { call(); return IRQ_HANDLED; }
static int poll(struct napi_struct *n, int budget) { call(); napi_complete_done(n, 0); return 0; }
static int poll_other(struct napi_struct *n, int budget) { napi_complete(n); return 0; }
static void in_task(void) { call(); }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void kick(void) { napi_schedule(&napi); }
static void set_up(void)
{
	netif_napi_add(&netdev, &napi, poll);
	netif_napi_add(&netdev, &other, poll_other);
	netif_napi_add(&netdev, &gone, poll_other);
	napi_enable(&napi);
	napi_enable(&other);
	napi_enable(&gone);
}
INIT(set_up);
";

const RIGS: [(&str, &str); 5] = [
    ("a task", "THREAD(t, in_task);"),
    ("a task with a spinlock", "THREAD(t, locked);"),
    ("a task with bottom halves off", "THREAD(t, bh_off);"),
    ("a poll function", "THREAD(t, kick);"),
    ("a hard interrupt", "IRQ(i, handler);"),
];

#[test]
fn each_call_is_reported_in_the_contexts_that_its_row_forbids_and_in_no_others() {
    each_in_each(SETTING, &RIGS, ROWS);
}

/// A poll function runs as any softirq does, with the weight as its budget; scheduled in a handler it has run before the code that was interrupted goes on.
#[test]
fn a_poll_function_is_a_softirq_with_its_weight_as_its_budget() {
    let text = "
static struct net_device netdev;
static struct napi_struct napi;
static int raised, polled;
static int poll(struct napi_struct *n, int budget)
{
	BUG_ON(budget != 3 || !in_serving_softirq() || in_task() || irqs_disabled());
	WRITE_ONCE(polled, 1);
	napi_complete_done(n, 0);
	return 0;
}
static irqreturn_t handler(int irq, void *dev) { WRITE_ONCE(raised, 1); napi_schedule_irqoff(&napi); return IRQ_HANDLED; }
static void interrupted(void)
{
	int before = READ_ONCE(raised);
	BUG_ON(before && !READ_ONCE(polled));
}
static void set_up(void) { netif_napi_add_weight(&netdev, &napi, poll, 3); napi_enable(&napi); }
INIT(set_up);
THREAD(t, interrupted);
IRQ(i, handler);
CPUS(1);
";
    assert_eq!(found(text), "");
}

/// `napi_enable()` of what is enabled is a bug, completing what nobody owns and removing what is not disabled are warned of.
#[test]
fn an_instance_has_one_owner_who_disables_it_before_it_is_removed() {
    let text = |calls: &str| {
        format!(
            "static struct net_device netdev;
static struct napi_struct napi;
static int poll(struct napi_struct *n, int budget) {{ napi_complete(n); return 0; }}
static void task(void) {{ netif_napi_add(&netdev, &napi, poll); {calls} }}
THREAD(t, task);"
        )
    };
    assert_eq!(found(&text("napi_enable(&napi);")), "");
    assert_eq!(found(&text("napi_enable(&napi); napi_enable(&napi);")), "bug_on");
    assert_eq!(found(&text("napi_enable(&napi); napi_complete(&napi);")), "warn_on");
    assert_eq!(found(&text("netif_napi_del(&napi);")), "");
    assert_eq!(found(&text("napi_enable(&napi); netif_napi_del(&napi);")), "warn_on");
    assert_eq!(found(&text("napi_disable(&napi);")), "hung_task");
}
