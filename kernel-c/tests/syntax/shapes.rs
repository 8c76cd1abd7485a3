//! Every construct of the grammar has the tree that it should.

use crate::shape;
use crate::support::{errors, parse_with};
use kernel_c::ast::{ItemKind, StmtKind};
use kernel_c::loader::NoFiles;

/// The shape of items; there must be no errors.
#[track_caller]
fn items(text: &str) -> String {
    let syntax = parse_with("test.c", text.as_bytes(), &NoFiles);
    let shape = shape::items(&syntax.unit);
    assert_eq!(errors(syntax), "", "{text}");
    shape
}

/// The shape of statements.
#[track_caller]
fn statements(text: &str) -> String {
    let source = format!("void f(void) {{ {text} }}");
    let syntax = parse_with("test.c", source.as_bytes(), &NoFiles);
    let shape = match syntax.unit.items.last().map(|item| &item.kind) {
        Some(ItemKind::Function(function)) => shape::block(&function.body),
        other => panic!("not a function: {other:?}"),
    };
    assert_eq!(errors(syntax), "", "{text}");
    shape.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap().to_owned()
}

/// The shape of an expression.
#[track_caller]
fn expression(text: &str) -> String {
    let source = format!("void f(void) {{ {text}; }}");
    let syntax = parse_with("test.c", source.as_bytes(), &NoFiles);
    let shape = match syntax.unit.items.last().map(|item| &item.kind) {
        Some(ItemKind::Function(function)) => match &function.body.statements[0].kind {
            StmtKind::Expr(expr) => shape::expr(expr),
            other => panic!("not an expression: {other:?}"),
        },
        other => panic!("not a function: {other:?}"),
    };
    assert_eq!(errors(syntax), "", "{text}");
    shape
}

#[test]
fn operators_bind_as_in_c() {
    assert_eq!(expression("a + b * c - d"), "(Sub (Add a (Mul b c)) d)");
    assert_eq!(expression("a << 1 + b < c == d"), "(Eq (Lt (Shl a (Add 1 b)) c) d)");
    assert_eq!(expression("a & b ^ c | d && e || f"), "(Or (And (BitOr (BitXor (BitAnd a b) c) d) e) f)");
    assert_eq!(expression("a = b = c"), "(= a (= b c))");
    assert_eq!(expression("a += b -= c"), "(Add= a (Sub= b c))");
    assert_eq!(expression("a *= 1, b /= 2, c %= 3"), "(, (, (Mul= a 1) (Div= b 2)) (Rem= c 3))");
    assert_eq!(expression("a &= 1, b |= 2, c ^= 3"), "(, (, (BitAnd= a 1) (BitOr= b 2)) (BitXor= c 3))");
    assert_eq!(expression("a <<= 1, b >>= 2"), "(, (Shl= a 1) (Shr= b 2))");
    assert_eq!(expression("a ? b : c ? d : e"), "(? a b (? c d e))");
    assert_eq!(expression("a ? b, c : d"), "(? a (, b c) d)");
    assert_eq!(expression("a ?: b"), "(? a - b)");
    assert_eq!(expression("x = a ? b : c"), "(= x (? a b c))");
    assert_eq!(expression("a >= b != c <= d"), "(Ne (Ge a b) (Le c d))");
    assert_eq!(expression("a / b % c >> d > e"), "(Gt (Shr (Rem (Div a b) c) d) e)");
}

#[test]
fn prefixes_and_suffixes_nest() {
    assert_eq!(expression("-a"), "(Minus a)");
    assert_eq!(expression("!~+a"), "(Not (BitNot (Plus a)))");
    assert_eq!(expression("*p++"), "(Deref (post++ p))");
    assert_eq!(expression("(*p)--"), "(post-- (Deref p))");
    assert_eq!(expression("++*p"), "(pre++ (Deref p))");
    assert_eq!(expression("--a"), "(pre-- a)");
    assert_eq!(expression("&a->b.c[1]"), "(AddressOf (index (. (-> a b) c) 1))");
    assert_eq!(expression("f()"), "(call f)");
    assert_eq!(expression("ops->open(a, b)(c)"), "(call (call (-> ops open) a b) c)");
    assert_eq!(expression("a - -b"), "(Sub a (Minus b))");
}

#[test]
fn a_cast_is_told_from_a_parenthesis_by_the_name_in_it() {
    assert_eq!(expression("(u8)x"), "(cast u8 x)");
    assert_eq!(expression("(x)-1"), "(Sub x 1)");
    assert_eq!(expression("(u8)-1"), "(cast u8 (Minus 1))");
    assert_eq!(expression("(struct list_head *)p->q"), "(cast *struct list_head (-> p q))");
    assert_eq!(expression("(void (*)(int))p"), "(cast *fn(Int)->Void p)");
    assert_eq!(expression("(unsigned long)&x"), "(cast UnsignedLong (AddressOf x))");
    assert_eq!(statements("int u8 = 1; u8 * u8; (u8)-1;"), "(decl [u8 Int = 1]) (Mul u8 u8); (Sub u8 1);");
    assert_eq!(statements("{ int u8; } u8 x;"), "{(decl [u8 Int])} (decl [x u8])");
}

#[test]
fn sizes_and_offsets() {
    assert_eq!(expression("sizeof(int)"), "(sizeof <Int>)");
    assert_eq!(expression("sizeof x + 1"), "(Add (sizeof x) 1)");
    assert_eq!(expression("sizeof(x)->y"), "(sizeof (-> x y))");
    assert_eq!(expression("sizeof(u8) * 2"), "(Mul (sizeof <u8>) 2)");
    assert_eq!(expression("sizeof(int[3])"), "(sizeof <[3]Int>)");
    assert_eq!(expression("sizeof (u8){1}"), "(sizeof (literal u8 {1}))");
    assert_eq!(expression("_Alignof(int)"), "(alignof <Int>)");
    assert_eq!(expression("__alignof__(x)"), "(alignof x)");
    assert_eq!(expression("offsetof(struct s, a.b[2])"), "(offsetof struct s .a.b[2])");
    assert_eq!(expression("__builtin_offsetof(struct s, a)"), "(offsetof struct s .a)");
    assert_eq!(
        expression("container_of(p, struct s, list)"),
        "(cast *struct s (Sub (cast *Char p) (offsetof struct s .list)))"
    );
    assert_eq!(expression("va_arg(ap, int)"), "(va-arg ap Int)");
    assert_eq!(expression("__builtin_types_compatible_p(int, u8)"), "(call __builtin_types_compatible_p <Int> <u8>)");
}

#[test]
fn literals() {
    assert_eq!(expression("f(1, 0x10UL, 017, 3ll)"), "(call f 1 16ul 15 3ll)");
    assert_eq!(expression(r"f('a', '\n', '\0', '\xff')"), "(call f '97 '10 '0 '255)");
    assert_eq!(expression("f(\"a\\tb\" \"c\"\n\"d\")"), "(call f \"a\\tbcd\")");
    assert_eq!(expression("f(__func__, __FUNCTION__)"), "(call f __func__ __func__)");
    assert_eq!(expression("(struct s){ .a = 1, 2 }.a"), "(. (literal struct s {.a=1 2}) a)");
    assert_eq!(expression("&(u8[]){ 1, 2 }"), "(AddressOf (literal []u8 {1 2}))");
}

#[test]
fn a_statement_expression_has_a_block() {
    assert_eq!(expression("x = ({ int a = 1; a; })"), "(= x ({(decl [a Int = 1]) a;}))");
    assert_eq!(
        expression("min(x, 2)"),
        "({(decl [_a typeof(x) = x]) (decl [_b typeof(2) = 2]) (? (Lt _a _b) _a _b);})"
    );
}

#[test]
fn every_statement() {
    assert_eq!(statements(";"), ";");
    assert_eq!(statements("{ a; { } }"), "{a; {}}");
    assert_eq!(statements("if (a) b; else if (c) d; else e;"), "(if a b; (if c d; e;))");
    assert_eq!(statements("if (a) if (b) c; else d;"), "(if a (if b c; d;))");
    assert_eq!(statements("while (a) b;"), "(while a b;)");
    assert_eq!(statements("do { a; } while (b);"), "(do {a;} b)");
    assert_eq!(statements("for (i = 0; i < 3; i++) a;"), "(for (= i 0); (Lt i 3) (post++ i) a;)");
    assert_eq!(statements("for (int i = 0, j; ; ) a;"), "(for (decl [i Int = 0] [j Int]) - - a;)");
    assert_eq!(statements("for (;;) break;"), "(for - - - break)");
    assert_eq!(
        statements("switch (x) { case 1: case 2: a; break; case 3 ... 5: b; fallthrough; default: continue; }"),
        "(switch x {(case 1 (case 2 a;)) break (case 3..5 b;) fallthrough (default continue)})"
    );
    assert_eq!(
        statements("goto out; out: return; end: __maybe_unused; "),
        "(goto out) (label out return) (label end @__maybe_unused ;)"
    );
    assert_eq!(statements("return a, b;"), "(return (, a b))");
    assert_eq!(statements("out: ;"), "(label out ;)");
    assert_eq!(statements("a; out:"), "a; (label out ;)");
    assert_eq!(statements("switch (x) { case 1: int y = 2; }"), "(switch x {(case 1 (decl [y Int = 2]))})");
    assert_eq!(statements("__attribute__((fallthrough));"), "fallthrough");
    assert_eq!(statements("_Static_assert(1, \"no\");"), "(static-assert 1 \"no\")");
    assert_eq!(
        statements("list_for_each(p, &head) f(p);"),
        "(for (= p (-> (AddressOf head) next)); (Ne p (AddressOf head)) (= p (-> p next)) (call f p);)"
    );
}

#[test]
fn guards_are_statements_with_their_class() {
    assert_eq!(statements("guard(mutex)(&m);"), "(guard mutex (AddressOf m))");
    assert_eq!(statements("guard(rcu)();"), "(guard rcu)");
    assert_eq!(statements("CLASS(fdget, f)(fd);"), "(guard fdget =f fd)");
    assert_eq!(
        statements("scoped_guard(spinlock_irqsave, &l) { a; }"),
        "(scoped-guard spinlock_irqsave (AddressOf l) {a;})"
    );
    assert_eq!(statements("scoped_guard(rcu) a;"), "(scoped-guard rcu a;)");
    assert_eq!(
        statements("scoped_cond_guard(mutex_intr, return -EINTR, &m) a;"),
        "(scoped-cond-guard mutex_intr [(return (Minus EINTR))] (AddressOf m) a;)"
    );
    assert_eq!(statements("void *p __free(kfree) = g();"), "(decl [p *Void @__free(kfree) = (call g)])");
    assert_eq!(statements("int guard = 1; guard + 1;"), "(decl [guard Int = 1]) (Add guard 1);");
}

#[test]
fn declarators_read_inside_out() {
    assert_eq!(
        items("int *a, b[2][3], (*c)(void), *(*d[4])(int, char *);"),
        "(decl [a *Int] [b [2][3]Int] [c *fn()->Int] [d [4]*fn(Int, *Char)->*Int])"
    );
    assert_eq!(
        items("void (*signal(int n, void (*f)(int)))(int);"),
        "(decl [signal fn(n:Int, f:*fn(Int)->Void)->*fn(Int)->Void])"
    );
    assert_eq!(items("int (*p)[3];"), "(decl [p *[3]Int])");
    assert_eq!(items("int ((x));"), "(decl [x Int])");
    assert_eq!(items("int (f)(void);"), "(decl [f fn()->Int])");
    assert_eq!(items("int f();"), "(decl [f fn(?)->Int])");
    assert_eq!(items("int f(const char *fmt, ...);"), "(decl [f fn(fmt:*const Char, ...)->Int])");
    assert_eq!(
        items("void f(int, int[], int x[static 3], int (int), u8);"),
        "(decl [f fn(Int, []Int, x:[3]Int, fn(Int)->Int, u8)->Void])"
    );
    assert_eq!(items("char *const volatile p;"), "(decl [p const volatile *Char])");
    assert_eq!(items("void f(u8 u8);"), "(decl [f fn(u8:u8)->Void])");
}

#[test]
fn type_words_come_in_any_order() {
    for (text, shape) in [
        ("long unsigned int long", "UnsignedLongLong"),
        ("unsigned", "UnsignedInt"),
        ("int short", "Short"),
        ("signed char", "SignedChar"),
        ("char unsigned", "UnsignedChar"),
        ("char", "Char"),
        ("long long", "LongLong"),
        ("long", "Long"),
        ("unsigned short", "UnsignedShort"),
        ("_Bool", "Bool"),
        ("bool", "Bool"),
        ("signed", "Int"),
        ("unsigned __int128", "UnsignedInt128"),
        ("va_list", "VaList"),
        ("const u8 volatile", "const volatile u8"),
        ("typeof(int *)", "typeof(*Int)"),
        ("typeof(a + 1)", "typeof((Add a 1))"),
        ("int const", "const Int"),
    ] {
        assert_eq!(items(&format!("extern {text} x;")), format!("(extern decl [x {shape}])"));
    }
}

#[test]
fn storage_and_annotations_stay_with_what_they_are_written_on() {
    assert_eq!(items("static inline int f(void) { }"), "(fn static inline f fn()->Int {})");
    assert_eq!(items("static __always_inline int f(void) { }"), "(fn static inline f fn()->Int {})");
    assert_eq!(items("static int __init f(void) { }"), "(fn static f fn()->Int @__init {})");
    assert_eq!(
        items("int __must_check f(void) __must_hold(&l) __acquires(rcu);"),
        "(decl @__must_check [f fn()->Int @__must_hold((AddressOf l)) @__acquires(rcu)])"
    );
    assert_eq!(
        items("void f(void) __releases(&dev->lock)\n{ }"),
        "(fn f fn()->Void @__releases((AddressOf (-> dev lock))) {})"
    );
    assert_eq!(
        items("int x __attribute__((aligned(8), __unused__, section(\".data\")));"),
        "(decl [x Int @aligned(8) @unused @section(\".data\")])"
    );
    assert_eq!(
        items("void f(const char *, ...) __attribute__((format(printf, 1, 2)));"),
        "(decl [f fn(*const Char, ...)->Void @format(printf, 1, 2)])"
    );
    assert_eq!(
        items("char __user *p; int __percpu *q; struct s __rcu *r; void __iomem *s;"),
        "(decl [p *user Char])\n(decl [q *percpu Int])\n(decl [r *rcu struct s])\n(decl [s *iomem Void])"
    );
    assert_eq!(items("struct s { int x; } __packed __aligned(4);"), "(decl struct s {x Int} @__packed @__aligned(4))");
    assert_eq!(items("static int x __read_mostly = 1;"), "(static decl [x Int @__read_mostly = 1])");
    assert_eq!(items("noinline void f(int x __maybe_unused);"), "(decl @noinline [f fn(x:Int @__maybe_unused)->Void])");
    assert_eq!(items("_Alignas(16) int x;"), "(decl @aligned(16) [x Int])");
    assert_eq!(items("register int r; extern int e;"), "(register decl [r Int])\n(extern decl [e Int])");
}

#[test]
fn structs_unions_and_enums() {
    assert_eq!(
        items(
            "struct s { int a, *b; unsigned c : 3, : 0, d : 1; struct { u8 e; }; union { int f; long g; } u; int h[]; };"
        ),
        "(decl struct s {a Int, b *Int; c UnsignedInt:3, _ UnsignedInt:0, d UnsignedInt:1; struct {e u8}; u union {f Int; g Long}; h []Int})"
    );
    assert_eq!(items("struct s *p;"), "(decl [p *struct s])");
    assert_eq!(items("struct s;"), "(decl struct s)");
    assert_eq!(items("enum e { A, B = 2, C, } x = B;"), "(decl [x enum e {A B=2 C} = B])");
    assert_eq!(items("enum { X = 1 << 3 };"), "(decl enum {X=(Shl 1 3)})");
    assert_eq!(
        items("typedef struct s { struct s *next; } s_t; s_t x;"),
        "(typedef decl [s_t struct s {next *struct s}])\n(decl [x s_t])"
    );
    assert_eq!(items("struct s { int (*open)(struct s *, int); };"), "(decl struct s {open *fn(*struct s, Int)->Int})");
    assert_eq!(
        items("struct s { DECLARE_BITMAP(bits, 64); int x; };"),
        "(decl struct s {(DECLARE_BITMAP! bits 64); x Int})"
    );
    assert_eq!(
        items("struct s { int x; _Static_assert(1); int u8; u8 y; };"),
        "(decl struct s {x Int; (static-assert 1); u8 Int; y u8})"
    );
}

#[test]
fn one_struct_shared_by_declarators_is_one() {
    let syntax = parse_with("test.c", b"struct s { int x; } a, *b; struct t c;", &NoFiles);
    let ids: Vec<u32> = syntax.unit.items[syntax.unit.prelude_items..]
        .iter()
        .flat_map(|item| match &item.kind {
            ItemKind::Declaration(declaration) => declaration.declarators.iter(),
            other => panic!("{other:?}"),
        })
        .map(|declarator| match &declarator.ty.kind {
            kernel_c::ast::TypeKind::Record(record) => record.id,
            kernel_c::ast::TypeKind::Pointer(to) => match &to.kind {
                kernel_c::ast::TypeKind::Record(record) => record.id,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
}

#[test]
fn initialisers_have_designators() {
    assert_eq!(
        items("struct s x = { .a = 1, .b.c = { 2 }, [3] = 4, [5 ... 7] = 8, 9, old: 10, };"),
        "(decl [x struct s = {.a=1 .b.c={2} [3]=4 [5..7]=8 9 .old=10}])"
    );
    assert_eq!(items("int x[] = { };"), "(decl [x []Int = {}])");
    assert_eq!(items("char s[] = \"a\" \"b\";"), "(decl [s []Char = \"ab\"])");
    assert_eq!(items("int a = 1, b = (2, 3);"), "(decl [a Int = 1] [b Int = (, 2 3)])");
}

#[test]
fn the_rig_is_made_of_invocations() {
    assert_eq!(
        items("THREAD(reader, read_stats, .cpu = 0, .count = 2 + 1);"),
        "(THREAD! reader read_stats .cpu=0 .count=(Add 2 1))"
    );
    assert_eq!(items("EXPECT(clean); INVARIANT(a == 1 && b);"), "(EXPECT! clean)\n(INVARIANT! (And (Eq a 1) b))");
    assert_eq!(items("static DEFINE_SPINLOCK(lock);"), "(static DEFINE_SPINLOCK! lock)");
    assert_eq!(
        items("module_init(start); MODULE_LICENSE(\"GPL\");"),
        "(module_init! start)\n(MODULE_LICENSE! \"GPL\")"
    );
    assert_eq!(
        items("static DEFINE_PER_CPU(struct s *, x) __aligned(8) = 0;"),
        "(static DEFINE_PER_CPU! <*struct s> x @__aligned(8) = 0)"
    );
    assert_eq!(items("KCONFIG(PREEMPT_RT, y); CPUS(3);"), "(KCONFIG! PREEMPT_RT y)\n(CPUS! 3)");
    assert_eq!(items("EMPTY();"), "(EMPTY!)");
    assert_eq!(
        statements("static DEFINE_MUTEX(m); DECLARE_X(w) = { 1 };"),
        "(static DEFINE_MUTEX! m) (DECLARE_X! w = {1})"
    );
    assert_eq!(statements("per_cpu(x, 1) = 3; DEFINE_WAIT(w);"), "(= (call per_cpu x 1) 3); (call DEFINE_WAIT w);");
}

#[test]
fn a_typedef_is_known_from_its_end_on_and_hidden_in_blocks() {
    assert_eq!(
        items("typedef int t; t x; void f(t t) { t * t; }"),
        "(typedef decl [t Int])\n(decl [x t])\n(fn f fn(t:t)->Void {(Mul t t);})"
    );
    assert_eq!(
        statements("typedef int t; t *p; { t t; t = 1; } t q;"),
        "(typedef decl [t Int]) (decl [p *t]) {(decl [t t]) (= t 1);} (decl [q t])"
    );
    assert_eq!(items("enum { u8 }; int x = u8;"), "(decl enum {u8})\n(decl [x Int = u8])");
}

#[test]
fn stray_semicolons_and_extension_are_nothing() {
    assert_eq!(items(";; __extension__ int x;;"), "(decl [x Int])");
    assert_eq!(expression("__extension__ (x)"), "x");
    assert_eq!(items("_Static_assert(sizeof(int) == 4, \"int\");"), "(static-assert (Eq (sizeof <Int>) 4) \"int\")");
}
