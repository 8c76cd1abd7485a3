//! In which contexts memory may be allocated, freed and copied to user space: each call in a task, under a spinlock, with bottom halves off, in a softirq and in a hard
//! interrupt. What the kernel objects to there is reported, and nothing else.

mod calls;
mod found;

use calls::each_in_each;
use found::found;

const SLEEP: &str = "sleep_in_atomic";

/// A call; then what it must report in a task, under a spinlock, with bottom halves off, in a softirq, in a hard interrupt.
const ROWS: &[(&str, [&str; 5])] = &[
    ("kfree(kmalloc(8, GFP_KERNEL))", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("kfree(kmalloc(8, GFP_NOFS))", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("kfree(kmalloc(8, GFP_NOIO))", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("kfree(kmalloc(8, GFP_ATOMIC))", ["", "", "", "", ""]),
    ("kfree(kmalloc(8, GFP_NOWAIT))", ["", "", "", "", ""]),
    ("kfree(kmemdup(&level, sizeof(level), GFP_ATOMIC))", ["", "", "", "", ""]),
    ("kfree(krealloc(NULL, 8, GFP_ATOMIC))", ["", "", "", "", ""]),
    ("kfree(kcalloc(2, 8, GFP_KERNEL))", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("vfree_atomic(vmalloc(8))", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    // From an interrupt, or with bottom halves off, it is put off.
    ("vfree(NULL)", ["", SLEEP, "", "", ""]),
    ("kvfree(kvmalloc(8, GFP_ATOMIC))", ["", "", "", "", ""]),
    ("__free_page(alloc_page(GFP_ATOMIC))", ["", "", "", "", ""]),
    ("put_user(1, user)", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("get_user(level, user)", ["", SLEEP, SLEEP, SLEEP, SLEEP]),
    ("pagefault_disable(); put_user(1, user); pagefault_enable()", ["", "", "", "", ""]),
    ("__copy_to_user_inatomic(user, &level, sizeof(level))", ["", "", "", "", ""]),
];

const SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static int level;
static int __user *user;
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *dev) { call(); return IRQ_HANDLED; }
static void in_task(void) { call(); }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void raise(void) { raise_softirq(NET_RX_SOFTIRQ); }
static void set_up(void) { open_softirq(NET_RX_SOFTIRQ, call); }
";

const CONTEXTS: [(&str, &str); 5] = [
    ("a task", "THREAD(task, in_task);"),
    ("a spinlock", "THREAD(task, locked);"),
    ("bottom halves off", "THREAD(task, bh_off);"),
    ("a softirq", "INIT(set_up);\nTHREAD(task, raise);"),
    ("a hard interrupt", "IRQ(i, handler);"),
];

#[test]
fn memory_may_be_waited_for_only_where_one_may_sleep() {
    each_in_each(SETTING, &CONTEXTS, ROWS);
}

#[test]
fn an_allocation_that_must_not_fail_never_does() {
    let program = |gfp: &str| {
        format!(
            "static void f(void) {{ int *p = kmalloc(4, {gfp}); *p = 1; kfree(p); }}\n\
             THREAD(t, f);\nKCONFIG(BOUND_FAILED_ALLOCATIONS, 2);"
        )
    };
    assert_eq!(found(&program("GFP_KERNEL")), "null_deref");
    assert_eq!(found(&program("GFP_KERNEL | __GFP_NOFAIL")), "");
}

#[test]
fn a_scope_that_is_restored_twice_or_never_is_told_of() {
    let program = |body: &str| format!("static void f(void) {{ unsigned int a, b; {body} }}\nTHREAD(t, f);");
    let rows = [
        ("a = memalloc_nofs_save(); b = memalloc_noio_save(); memalloc_noio_restore(b); memalloc_nofs_restore(a);", ""),
        ("a = memalloc_nofs_save(); b = memalloc_nofs_save(); memalloc_nofs_restore(b); memalloc_nofs_restore(a);", ""),
        ("a = memalloc_nofs_save(); b = 0; memalloc_nofs_restore(a); memalloc_nofs_restore(a + b);", "bad_unlock"),
        ("a = memalloc_nofs_save(); b = memalloc_nofs_save(); memalloc_nofs_restore(b + 0 * a);", "lock_leak"),
        ("a = b = 0; pagefault_disable(); if (a + b) pagefault_enable();", "lock_leak"),
        ("a = b = 0; pagefault_enable(); if (a + b) pagefault_disable();", "bad_unlock"),
    ];
    for (body, expected) in rows {
        assert_eq!(found(&program(body)), expected, "{body}");
    }
}

#[test]
fn what_kmemleak_is_told_to_ignore_is_no_leak() {
    let program = |call: &str| {
        format!(
            "struct node {{ int *value; }};\n\
             static void f(void) {{ struct node *n = kzalloc(sizeof(*n), GFP_KERNEL); n->value = kzalloc(4, GFP_KERNEL); {call}; }}\n\
             THREAD(t, f);"
        )
    };
    assert_eq!(found(&program("(void)n")), "memory_leak");
    // What it points to is reached through it, unless it is not to be looked at.
    assert_eq!(found(&program("kmemleak_not_leak(n)")), "");
    assert_eq!(found(&program("kmemleak_ignore(n)")), "memory_leak");
}
