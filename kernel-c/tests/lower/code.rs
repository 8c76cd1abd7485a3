//! What constructs become, as text: one instruction a line, `rN` for temporaries.

use crate::support::{code_of, program};
use sim_core::program::Inst;

#[track_caller]
fn becomes(text: &str, expected: &str) {
    let code = code_of(text);
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(code.lines().map(str::trim).collect::<Vec<_>>(), expected, "\n{code}");
}

#[test]
fn increment_of_shared_memory_is_a_load_and_a_store() {
    becomes(
        "static long x; static void f(void) { x++; }",
        "r0 = &x
         r1 = load.s64 [r0]
         r2 = 1
         r1 = Add.s64 r1 r2
         r0 = &x
         store.s64 [r0] r1
         return",
    );
}

#[test]
fn a_temporary_variable_costs_nothing() {
    becomes(
        "static long ctr; static void f(void) { long tmp = ctr; ctr = tmp + 1; }",
        "r1 = &ctr
         tmp = load.s64 [r1]
         r2 = 1
         r2 = Add.s64 tmp r2
         r1 = &ctr
         store.s64 [r1] r2
         return",
    );
}

#[test]
fn spin_lock_irqsave_is_what_the_kernel_makes_of_it() {
    becomes(
        "static DEFINE_SPINLOCK(l);
         static void f(void) { unsigned long flags; spin_lock_irqsave(&l, flags); spin_unlock_irqrestore(&l, flags); }",
        "flags = IrqSave()
         PreemptDisable()
         r1 = &l
         Acquire { lock: Spin, shared: false, sleep: Uninterruptible, subclass: 0, nest: false }(r1)
         r1 = &l
         Release { lock: Spin, shared: false }(r1)
         IrqRestore(flags)
         PreemptEnable()
         return",
    );
}

#[test]
fn bottom_halves_go_off_before_the_lock_and_on_after_preemption() {
    becomes(
        "static DEFINE_SPINLOCK(l); static void f(void) { spin_lock_bh(&l); spin_unlock_bh(&l); }",
        "BhDisable()
         PreemptDisable()
         r0 = &l
         Acquire { lock: Spin, shared: false, sleep: Uninterruptible, subclass: 0, nest: false }(r0)
         r0 = &l
         Release { lock: Spin, shared: false }(r0)
         PreemptEnable()
         BhEnable()
         return",
    );
}

#[test]
fn a_failed_trylock_undoes_what_came_before_it() {
    becomes(
        "static DEFINE_SPINLOCK(l); static int f(void) { return spin_trylock_irq(&l); }",
        "IrqDisable()
         r1 = &l
         r0 = TryAcquire { lock: Spin, shared: false }(r1)
         if r0 4 else 6
         r0 = 1
         jump 8
         IrqEnable()
         r0 = 0
         return r0",
    );
}

#[test]
fn subclasses_reach_the_acquisition() {
    becomes(
        "static DEFINE_MUTEX(m); static void f(void) { mutex_lock_nested(&m, SINGLE_DEPTH_NESTING); mutex_unlock(&m); }",
        "MightSleep()
         r0 = &m
         Acquire { lock: Mutex, shared: false, sleep: Uninterruptible, subclass: 1, nest: false }(r0)
         r0 = &m
         Release { lock: Mutex, shared: false }(r0)
         r0 = &m
         IsLocked { lock: Mutex }(r0)
         return",
    );
}

#[test]
fn a_write_to_a_bit_field_reads_and_writes_its_whole_unit() {
    becomes(
        "static struct { unsigned a:3, b:5; } s; static void f(void) { s.b = 9; }",
        "r0 = &s
         r1 = load.u32 [r0]
         r2 = 4294967047
         r1 = And.u32 r1 r2
         r2 = 72
         r1 = Or.u32 r1 r2
         r0 = &s
         store.u32 [r0] r1
         return",
    );
}

#[test]
fn a_changed_bit_field_is_read_once() {
    let code = code_of("static struct { unsigned a:3, b:5; } s; static void f(void) { s.b += 2; }");
    assert_eq!(code.matches("load").count(), 1, "{code}");
    assert_eq!(code.matches("store").count(), 1, "{code}");
}

#[test]
fn marked_accesses_carry_their_marks() {
    becomes(
        "static int a, b; static int f(void) { WRITE_ONCE(a, READ_ONCE(b)); smp_store_release(&a, 2); return smp_load_acquire(&b) + data_race(a); }",
        "r0 = &b
         r1 = load.s32.once [r0]
         r0 = &a
         store.s32.once [r0] r1
         r1 = 2
         r0 = &a
         store.s32.release [r0] r1
         r0 = &b
         r1 = load.s32.acquire [r0]
         r0 = &a
         r2 = load.s32.racy [r0]
         r1 = Add.s32 r1 r2
         return r1",
    );
}

#[test]
fn volatile_is_marked_as_read_once_is() {
    becomes(
        "static volatile int v; static int f(void) { return v; }",
        "r0 = &v
         r1 = load.s32.once [r0]
         return r1",
    );
}

#[test]
fn a_member_s_address_is_computed_at_each_use() {
    becomes(
        "struct dev { int id; spinlock_t lock; int n; };
         static void f(struct dev *d) { spin_lock(&d->lock); d->n = 1; spin_unlock(&d->lock); }",
        "PreemptDisable()
         r1 = 4
         r1 = Add.u64 d r1
         Acquire { lock: Spin, shared: false, sleep: Uninterruptible, subclass: 0, nest: false }(r1)
         r2 = 1
         r1 = 8
         r1 = Add.u64 d r1
         store.s32 [r1] r2
         r1 = 4
         r1 = Add.u64 d r1
         Release { lock: Spin, shared: false }(r1)
         PreemptEnable()
         return",
    );
}

#[test]
fn a_loop_tests_its_condition_at_the_head() {
    becomes(
        "static bool stop; static void f(void) { while (!READ_ONCE(stop)) cpu_relax(); }",
        "r0 = &stop
         r1 = load.u8.once [r0]
         if r1 5 else 3
         Relax()
         jump 0
         return",
    );
}

#[test]
fn the_value_of_a_logical_operator_is_not_computed_to_be_tested() {
    becomes(
        "static int a, b, c; static void f(void) { int both = a && b; if (both) c = 1; }",
        "r0 = &a
         r1 = load.s32 [r0]
         if r1 3 else 9
         r0 = &b
         r1 = load.s32 [r0]
         if r1 6 else 9
         r1 = 1
         r0 = &c
         store.s32 [r0] r1
         return",
    );
}

#[test]
fn guards_release_on_every_way_out() {
    let code = code_of(
        "static DEFINE_MUTEX(m); static int n;
         static int f(int x) { guard(mutex)(&m); if (x == 1) return 1; if (x == 2) goto out; n++; out: return n; }",
    );
    assert_eq!(code.matches("Acquire").count(), 1, "{code}");
    assert_eq!(code.matches("Release").count(), code.matches("return").count(), "{code}");
    assert_eq!(code.matches("return").count(), 2, "{code}");
}

#[test]
fn a_result_is_read_before_the_guard_is_released() {
    becomes(
        "static DEFINE_MUTEX(m); static int n; static int f(void) { guard(mutex)(&m); return n; }",
        "MightSleep()
         r0 = &m
         Acquire { lock: Mutex, shared: false, sleep: Uninterruptible, subclass: 0, nest: false }(r0)
         r0 = &n
         r1 = load.s32 [r0]
         r0 = &m
         Release { lock: Mutex, shared: false }(r0)
         r0 = &m
         IsLocked { lock: Mutex }(r0)
         return r1",
    );
}

#[test]
fn break_leaves_a_scoped_guard() {
    becomes(
        "static DEFINE_MUTEX(m); static int n;
         static void f(void) { scoped_guard(mutex, &m) { if (n) break; n = 1; } n = 2; }",
        "MightSleep()
         r0 = &m
         Acquire { lock: Mutex, shared: false, sleep: Uninterruptible, subclass: 0, nest: false }(r0)
         r0 = &n
         r1 = load.s32 [r0]
         if r1 6 else 11
         r0 = &m
         Release { lock: Mutex, shared: false }(r0)
         r0 = &m
         IsLocked { lock: Mutex }(r0)
         jump 18
         r1 = 1
         r0 = &n
         store.s32 [r0] r1
         r0 = &m
         Release { lock: Mutex, shared: false }(r0)
         r0 = &m
         IsLocked { lock: Mutex }(r0)
         r1 = 2
         r0 = &n
         store.s32 [r0] r1
         return",
    );
}

#[test]
fn free_runs_unless_the_pointer_was_given_away() {
    let code = code_of(
        "struct s { int n; };
         static struct s *f(void) { struct s *p __free(kfree) = kzalloc(sizeof(*p), GFP_KERNEL); if (!p) return NULL; p->n = 1; return_ptr(p); }",
    );
    assert!(code.contains("Free("), "{code}");
    assert_eq!(code.matches("return").count(), 2, "{code}");
}

#[test]
fn a_variable_that_may_be_unset_lives_in_private_memory() {
    becomes(
        "static int f(int x) { int r; if (x) r = 3; return r; }",
        "live r
         if x 2 else 5
         r1 = 3
         r2 = &r
         store.s32.private [r2] r1
         r2 = &r
         r1 = load.s32.private [r2]
         dead r
         return r1",
    );
}

#[test]
fn a_local_whose_address_is_given_away_is_not_private() {
    let program = program(
        "static int *shared; static void f(void) { int a = 1, b = 2, *p = &b; shared = &a; *p = a; } THREAD(t, f);",
    );
    let f = program.functions.iter().find(|f| f.name == "f").expect("f");
    let private: Vec<(&str, bool)> = f.locals.iter().map(|l| (l.name.as_str(), l.private)).collect();
    assert_eq!(private, [("a", false), ("b", true)]);
}

#[test]
fn a_parameter_whose_address_is_taken_is_copied_to_memory() {
    let program = program("static int f(int n) { int *p = &n; *p += 1; return n; } THREAD(t, f);");
    let f = program.functions.iter().find(|f| f.name == "f").expect("f");
    assert_eq!(f.params, 1);
    assert_eq!(f.locals.len(), 1);
    assert!(matches!(f.code[0], Inst::LocalLive { local: 0 }));
}

#[test]
fn a_goto_out_of_a_block_ends_its_variables() {
    let code = code_of(
        "static void g(int *p) { *p = 1; }
         static void f(int x) { { int a; g(&a); if (x) goto out; g(&a); } g(&x); out: return; }",
    );
    assert_eq!(code.matches("live a").count(), 1, "{code}");
    assert_eq!(code.matches("dead a").count(), 2, "{code}");
}

#[test]
fn must_hold_is_claimed_at_entry_and_at_every_return() {
    becomes(
        "static DEFINE_MUTEX(m); static int n;
         static void f(void) __must_hold(&m);
         static void f(void) { if (n) return; n = 1; }",
        "r0 = &m
         AssertHeld { claim: AnnotatedHeld }(r0)
         r0 = &n
         r1 = load.s32 [r0]
         if r1 5 else 8
         r0 = &m
         AssertHeld { claim: AnnotatedHeld }(r0)
         return
         r1 = 1
         r0 = &n
         store.s32 [r0] r1
         r0 = &m
         AssertHeld { claim: AnnotatedHeld }(r0)
         return",
    );
}

#[test]
fn an_allocation_knows_what_it_is_for() {
    let program = program(
        "struct dev { int id; u64 stats[4]; };
         static void f(void) { struct dev *d = kzalloc(sizeof(*d), GFP_KERNEL); int *v = kmalloc_array(3, sizeof(int), GFP_ATOMIC); kfree(d); kfree(v); }
         THREAD(t, f);",
    );
    let types: Vec<String> = program
        .alloc_sites
        .iter()
        .map(|site| format!("{:?} {:?}", site.size, site.ty.map(|t| &program.types[t as usize])))
        .collect();
    assert!(types[0].starts_with("Some(40) Some(Record { name: \"struct dev\", size: 40"), "{types:?}");
    assert!(types[1].starts_with("Some(12) Some(Array { element:") && types[1].ends_with("count: 3 })"), "{types:?}");
}

#[test]
fn a_static_initialiser_holds_pointers_to_objects_and_functions() {
    let program = program(
        "static int a[4]; static int g(void) { return 1; }
         static struct { int *p; int (*fn)(void); const char *s; } t = { &a[2], g, \"hi\" };
         static int f(void) { return t.fn() + *t.p; } THREAD(t1, f);",
    );
    let t = program.objects.iter().position(|o| o.name == "t").expect("t");
    let a = program.objects.iter().position(|o| o.name == "a").expect("a") as u32;
    let words: Vec<u64> =
        program.objects[t].init.chunks(8).map(|c| u64::from_le_bytes(c.try_into().expect("8 bytes"))).collect();
    assert_eq!(words[0], sim_core::program::pointer::to_static(a, 8));
    let g = sim_core::program::pointer::function(words[1]).expect("a function");
    assert_eq!(program.functions[g as usize].name, "g");
    let text = sim_core::program::pointer::id(words[2]) - 1;
    assert_eq!(program.objects[text as usize].init, b"hi");
    assert!(program.objects[text as usize].read_only);
}

#[test]
fn locks_are_initialised_as_the_machine_reads_them() {
    let program = program(
        "static DEFINE_RAW_SPINLOCK(r); static DEFINE_SPINLOCK(s); static DEFINE_MUTEX(m);
         static DEFINE_SEMAPHORE(sem, 3); static DECLARE_COMPLETION(c);
         static struct { int x; spinlock_t lock; } d = { .lock = __SPIN_LOCK_UNLOCKED(d.lock) };
         static void f(void) { } THREAD(t, f);",
    );
    let bytes = |name: &str| {
        let object = program.objects.iter().find(|o| o.name == name).expect("declared");
        let mut bytes = object.init.clone();
        bytes.resize(object.size as usize, 0);
        bytes
    };
    assert_eq!(bytes("r"), [0, 1, 0, 0]);
    assert_eq!(bytes("s"), [0, 2, 0, 0]);
    assert_eq!(bytes("m"), [0, 3, 0, 0]);
    assert_eq!(bytes("sem"), [0, 4, 3, 0]);
    assert_eq!(bytes("c"), [0, 5, 0, 0]);
    assert_eq!(bytes("d"), [0, 0, 0, 0, 0, 2, 0, 0]);
}

#[test]
fn prelude_functions_are_in_the_program_only_if_something_calls_them() {
    let program = program(
        "static LIST_HEAD(h); static struct list_head n; static void f(void) { list_add(&n, &h); } THREAD(t, f);",
    );
    let names: Vec<&str> = program.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["f", "list_add", "__list_add"]);
    assert_eq!(program.functions.iter().map(|f| f.prelude).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn what_the_prelude_inlines_stands_where_it_is_called() {
    let program = program(
        "static DEFINE_MUTEX(m);\nstatic void f(void)\n{\n\tmutex_lock(&m);\n\tmutex_unlock(&m);\n}\nTHREAD(t, f);",
    );
    let f = &program.functions[0];
    let lines: Vec<String> = f.spans.iter().map(|s| program.source.location(*s)).collect();
    assert!(lines.iter().all(|l| l.starts_with("test.c:")), "{lines:?}");
    assert_eq!(lines[0], "test.c:4");
}
