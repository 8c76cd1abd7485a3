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
        "cdev_add(p, p, 1)",
        "rb_insert_color(p, p)",
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
    one("x = ktime_get", "`ktime_get` is known but not modelled yet");
    one("guard(migrate)()", "`guard(migrate)` is known but not modelled yet");
}

#[test]
fn per_cpu_data_is_reached_by_saying_whose() {
    const WHOSE: &str = "this is per-CPU data, of which each CPU has a copy: which is meant?";
    let said = |text: &str| {
        titles(&format!(
            "struct s {{ int n; int many[2]; }}; static DEFINE_PER_CPU(struct s, data); static int __percpu *p;\n\
             static void f(void) {{ int x = 0; {text}; }} THREAD(t, f);"
        ))
    };
    for text in ["x = data.n", "data.n = 1", "data.many[1]++", "*p = 1", "WRITE_ONCE(*p, 1)", "struct s all = data"] {
        assert_eq!(said(text), [WHOSE], "{text}");
    }
    for text in [
        "this_cpu_inc(data.many[1])",
        "per_cpu(data, 1).n = x",
        "*this_cpu_ptr(p) = 1",
        "p = &data.n",
        "x = sizeof(data)",
    ] {
        assert_eq!(said(text), [""; 0], "{text}");
    }
    assert_eq!(said("this_cpu_inc(x)"), ["this must be per-CPU data, and it is `int`"]);
    assert_eq!(said("x = *per_cpu_ptr(&x, 1)"), ["this pointer is not `__percpu`: it is `int *`"]);
    assert_eq!(said("p = &x"), ["this pointer is not `__percpu`: `int *` assigned to `int __percpu *`"]);
    assert_eq!(
        said("int *q = p"),
        ["a `__percpu` pointer is none to any one CPU's data: `int __percpu *` assigned to `int *`"]
    );
    assert_eq!(said("DEFINE_PER_CPU(int, y)"), ["`y` is a local, and only static variables are per-CPU ones"]);
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
