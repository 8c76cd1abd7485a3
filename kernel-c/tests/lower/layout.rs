//! Where members lie: sizes and offsets as gcc gives them for x86-64, asserted in the text itself.

use crate::support::{program, titles};
use sim_core::program::path;

#[test]
fn sizes_and_offsets_are_those_of_lp64() {
    program(
        "struct a { char c; int i; char d; };
         struct b { char c; long l; short s; } __packed;
         struct c { u8 x; struct { u16 y; u64 z; }; } ;
         struct d { int n; u8 flex[]; };
         struct e { int a:3; int b:30; char c; int :0; char d; };
         struct f { char a; int b:3; };
         struct g { u8 v; } __aligned(16);
         union h { char c[9]; long l; };
         struct i { unsigned long a:40; unsigned b:20; unsigned c:13; };
         _Static_assert(sizeof(struct a) == 12, \"a\");
         _Static_assert(sizeof(struct b) == 11 && offsetof(struct b, s) == 9, \"b\");
         _Static_assert(sizeof(struct c) == 24 && offsetof(struct c, z) == 16, \"c\");
         _Static_assert(sizeof(struct d) == 4 && offsetof(struct d, flex) == 4, \"d\");
         _Static_assert(sizeof(struct e) == 16 && offsetof(struct e, d) == 12, \"e\");
         _Static_assert(sizeof(struct f) == 4, \"f\");
         _Static_assert(sizeof(struct g) == 16 && __alignof__(struct g) == 16, \"g\");
         _Static_assert(sizeof(union h) == 16, \"h\");
         _Static_assert(sizeof(struct i) == 16, \"i\");
         _Static_assert(sizeof(spinlock_t) == 4 && sizeof(struct mutex) == 4 && sizeof(struct task_struct) == 32, \"l\");
         _Static_assert(sizeof(long) == 8 && sizeof(1 ? 'a' : 0L) == 8 && sizeof('a') == 4 && sizeof(\"abc\") == 4, \"t\");
         static void f(void) { } THREAD(t, f);",
    );
}

#[test]
fn a_failed_static_assertion_says_why() {
    let found = titles("_Static_assert(sizeof(int) == 8, \"no\"); static void f(void) { } THREAD(t, f);");
    assert_eq!(found, ["static assertion failed: no"]);
}

#[test]
fn bytes_are_named_as_the_source_names_them() {
    let program = program(
        "struct stats { u64 packets; struct { int a, b; }; };
         static struct nic { spinlock_t lock; struct stats stats[2]; unsigned x:1, y:2; } nic;
         static void f(void) { nic.y = 1; } THREAD(t, f);",
    );
    let ty = program.objects[0].ty.expect("typed");
    let names: Vec<String> = [0, 8, 16, 20, 24, 40].iter().map(|&o| path(&program.types, ty, o)).collect();
    assert_eq!(names, [".lock", ".stats[0].packets", ".stats[0].a", ".stats[0].b", ".stats[1].packets", ".x/y"]);
}
