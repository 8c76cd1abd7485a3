//! What is said about mistakes: each once, at its place, with the nearest name where there is one.

use crate::support::{compiled, titles};

/// What is said about statements in a function.
fn said(body: &str) -> Vec<String> {
    titles(&format!(
        "struct nic {{ int packets; struct mutex lock; }}; static struct nic nic; static DEFINE_SPINLOCK(lock); static int count;
         static int twice(int n) {{ return 2 * n; }}
         static int f(int x, char *p) {{ {body}; return x; }}
         static void task(void) {{ }} THREAD(t, task);"
    ))
}

#[track_caller]
fn one(body: &str, title: &str) {
    assert_eq!(said(body), [title]);
}

#[test]
fn unknown_names() {
    one("x = cuont", "`cuont` is not declared");
    one("spin_lok(&lock)", "unknown function `spin_lok`");
    one("x = nic.packet", "`struct nic` has no member `packet`");
    one("struct nc *q = NULL; x = q->packets", "the members of `struct nc` are not known here");
    one("goto nowhere", "there is no label `nowhere`");
    one("guard(mutx)(&nic.lock)", "there is no guard class `mutx`");
}

#[test]
fn the_nearest_name_is_offered() {
    let compiled = compiled("static int total; static void f(void) { totl = 1; } THREAD(t, f);");
    let diagnostics = compiled.diagnostics.into_sorted();
    assert_eq!(diagnostics[0].helps[0].text, "did you mean `total`?");
}

#[test]
fn what_is_known_and_not_modelled_is_said_to_be() {
    for call in [
        "pci_enable_device(p)",
        "this_cpu_read(p)",
        "queue_rcu_work(p, p)",
        "percpu_down_read(p)",
        "netif_tx_lock(p)",
        "kmem_cache_alloc(p, 0)",
        "readl(p)",
    ] {
        let name = call.split('(').next().unwrap_or_default();
        one(call, &format!("`{name}` is known but not modelled yet"));
    }
    one("device_opne(p)", "`device_opne` is known but not modelled yet");
    let own = titles("static void device_open(void) { } static void f(void) { device_opne(); } THREAD(t, f);");
    assert_eq!(own, ["unknown function `device_opne`"]);
    one("x = num_online_cpus", "`num_online_cpus` is known but not modelled yet");
    one("guard(migrate)()", "`guard(migrate)` is known but not modelled yet");
}

#[test]
fn types_are_checked() {
    one("mutex_lock(&lock)", "incompatible pointers: `spinlock_t *` passed as `struct mutex *`");
    one("x = p", "number and pointer are mixed without a cast: `char *` assigned to `int`");
    one("x = twice()", "`twice` takes 1 argument, and 0 are given");
    one("x = twice(1, 2)", "`twice` takes 1 argument, and 2 are given");
    one("x = *count", "`*` needs a pointer, and this is `int`");
    one("x = nic + 1", "this operator cannot take `struct nic` and `int`");
    one("x = nic->packets", "`->` needs a pointer, and this is a structure");
    one("const int c = 1; c = 2", "this is `const` and cannot be changed");
    one("5 = x", "this is a value, not something that can be assigned to or has an address");
    one("x = spin_lock(&lock)", "this has no value (it is `void`), and a `int` is needed");
    one("if (nic) x = 1", "a condition must be a number or a pointer, and this is `struct nic`");
    one("p(1)", "this is not a function but `char *`");
    one("int x2[count]", "the length of an array must be a constant known when the file is compiled");
}

#[test]
fn statements_are_checked() {
    one("break", "`break` outside of a loop");
    one("case 1: x = 2", "`case` outside of a `switch`");
    one("switch (x) { case 1: case 1: break; }", "this value has a `case` already");
    one("return", "this function returns `int`, and there is no value here");
    one("int a; int a", "`a` is declared twice in this block");
    one("BUILD_BUG_ON(sizeof(int) == 4)", "BUILD_BUG_ON failed");
    one("x / 0", "division by zero");
    one("x <<= 40", "shift by 40 of a value of 32 bits");
}

#[test]
fn one_mistake_is_one_message() {
    assert_eq!(said("x = min(undeclared, 3) + undeclared"), ["`undeclared` is not declared"]);
}

#[test]
fn a_missing_return_is_a_warning_only_where_the_end_can_be_reached() {
    assert_eq!(
        titles("static int f(int x) { if (x) return 1; } THREAD(t, f);"),
        ["`f` can end here without returning a value"]
    );
    assert!(titles("static int f(int x) { for (;;) { if (x) return 1; } } THREAD(t, f);").is_empty());
    assert!(titles("static int f(int x) { if (x) return 1; BUG(); } THREAD(t, f);").is_empty());
}

#[test]
fn definitions_are_checked() {
    let two = titles("static int f(void) { return 1; } static int f(void) { return 2; } THREAD(t, f);");
    assert_eq!(two, ["`f` is defined twice"]);
    let missing = titles("static int g(void); static int f(void) { return g(); } THREAD(t, f);");
    assert_eq!(missing, ["`g` is declared and used, but it has no body"]);
    let early = titles("static int f(void) { return g(); } static int g(void) { return 1; } THREAD(t, f);");
    assert_eq!(early, ["unknown function `g`"]);
}
