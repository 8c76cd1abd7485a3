//! Whatever the input is, the front end gives a tree and diagnostics that can be rendered: it never panics, and never takes long.

use crate::support::{PRELUDE, parse_with};
use kernel_c::diagnostic::Diagnostic;
use kernel_c::loader::NoFiles;
use kernel_c::render::{Style, render};
use kernel_c::{Options, compile};
use proptest::prelude::*;
use std::path::Path;

/// Parses, renders, and gives the diagnostics.
fn survive(text: &[u8]) -> Vec<Diagnostic> {
    let syntax = parse_with("garbage.c", text, &NoFiles);
    for item in &syntax.unit.items {
        // Every place is within its file.
        let file = syntax.sources.file(item.place.at.file).expect("an item is in a file");
        assert!(item.place.at.lo <= item.place.at.hi && item.place.at.hi as usize <= file.text.len());
    }
    let left_out = syntax.diagnostics.left_out();
    let files = syntax.sources.files().clone();
    let diagnostics = syntax.diagnostics.into_sorted();
    for style in [Style::default(), Style { color: true, width: 40 }] {
        let text = render(&diagnostics, left_out, &files, style);
        assert_eq!(text.is_empty(), diagnostics.is_empty());
    }
    diagnostics
}

/// Words that make soup nourishing.
const WORDS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    ":",
    "?",
    "=",
    "==",
    "*",
    "&",
    "&&",
    "+",
    "++",
    "-",
    "->",
    ".",
    "...",
    "#",
    "##",
    "~",
    "!",
    "<",
    ">>",
    "|=",
    "\n",
    "\n#define M(a, ...) ",
    "\n#define N ",
    "\n#if ",
    "\n#ifdef N\n",
    "\n#else\n",
    "\n#elif 1\n",
    "\n#endif\n",
    "\n#undef M\n",
    "\n#include ",
    "M",
    "M(",
    "N",
    "__VA_ARGS__",
    "__VA_OPT__(",
    "defined",
    "IS_ENABLED(CONFIG_X)",
    "__LINE__",
    "x",
    "y",
    "f",
    "u8",
    "spinlock_t",
    "list_head",
    "min(",
    "container_of(",
    "list_for_each(",
    "1",
    "0x1fUL",
    "1.5",
    "'c'",
    "\"s\"",
    "'",
    "\"",
    "/*",
    "*/",
    "//",
    "\\\n",
    "int",
    "unsigned",
    "void",
    "char",
    "struct",
    "union",
    "enum",
    "typedef",
    "static",
    "extern",
    "const",
    "__user",
    "typeof(",
    "sizeof",
    "offsetof(",
    "va_arg(",
    "if (",
    "else",
    "while (",
    "do",
    "for (",
    "switch (",
    "case",
    "default",
    "goto",
    "break",
    "return",
    "guard(mutex)(",
    "scoped_guard(",
    "__free(kfree)",
    "__attribute__((",
    "__must_hold(",
    "_Static_assert(",
    "asm",
    "_Generic",
    "THREAD(",
    ".cpu = ",
    "EXPECT(",
    "KCONFIG(",
    "@",
    "\u{201c}",
    "\u{e9}",
    "\0",
    "int f(void) {",
    "};",
    "x:",
    "({",
    "})",
];

fn soup() -> impl Strategy<Value = String> {
    let word = (0..WORDS.len(), any::<bool>());
    prop::collection::vec(word, 0..200).prop_map(|words| {
        let mut text = String::new();
        for (index, space) in words {
            text.push_str(WORDS[index]);
            if space {
                text.push(' ');
            }
        }
        text
    })
}

/// Real text: the scenarios of this repository and the tests' own prelude.
fn scenarios() -> Vec<Vec<u8>> {
    let entries = |dir: &Path| std::fs::read_dir(dir).expect("the corpus").map(|e| e.expect("an entry").path());
    let themes = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")).filter(|path| path.is_dir());
    let mut paths: Vec<_> = themes.flat_map(|theme| entries(&theme)).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("readable")).chain([PRELUDE.as_bytes().to_vec()]).collect()
}

/// A change to a text.
#[derive(Clone, Debug)]
enum Change {
    Delete(prop::sample::Index, usize),
    Duplicate(prop::sample::Index, usize),
    Insert(prop::sample::Index, usize),
    Byte(prop::sample::Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), 1..40usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (at(), 1..200usize).prop_map(|(at, length)| Change::Duplicate(at, length)),
        (at(), 0..WORDS.len()).prop_map(|(at, word)| Change::Insert(at, word)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
    ]
}

fn apply(text: &mut Vec<u8>, change: &Change) {
    if text.is_empty() {
        return;
    }
    let range = |at: &prop::sample::Index, length: usize, text: &[u8]| {
        let start = at.index(text.len());
        start..(start + length).min(text.len())
    };
    match change {
        Change::Delete(at, length) => drop(text.drain(range(at, *length, text))),
        Change::Duplicate(at, length) => {
            let range = range(at, *length, text);
            let copy = text[range.clone()].to_vec();
            text.splice(range.start..range.start, copy);
        }
        Change::Insert(at, word) => {
            let at = at.index(text.len());
            text.splice(at..at, WORDS[*word].bytes());
        }
        Change::Byte(at, byte) => {
            let at = at.index(text.len());
            text[at] = *byte;
        }
    }
}

/// The same with the whole front end: the real prelude, types and lowering.
fn survive_whole(text: &[u8]) {
    let compiled = compile("garbage.c", text, &Options::default(), &NoFiles);
    assert_eq!(compiled.program.is_none(), compiled.diagnostics.has_errors());
    let (left_out, files) = (compiled.diagnostics.left_out(), compiled.files);
    render(&compiled.diagnostics.into_sorted(), left_out, &files, Style::default());
}

/// Declarations and statements that are well formed each, so that what is made of them reaches the lowering.
const SENTENCES: &[&str] = &[
    "int x;",
    "static long x = 1;",
    "struct s { int a; struct s *next; char b[3]; unsigned bits : 3; };",
    "static struct s x;",
    "static struct s *p = &x;",
    "typedef struct s t;",
    "enum { A, B = 5, C };",
    "union u { int a; long b; };",
    "static DEFINE_SPINLOCK(l);",
    "static DEFINE_MUTEX(m);",
    "static struct list_head head = LIST_HEAD_INIT(head);",
    "int array[A + 3] = { 1, [2] = 3 };",
    "int f(int a, ...);",
    "static void f(void) { x++; }",
    "static int g(int a) { return a ? g(a - 1) : x; }",
    "static void h(void) { spin_lock(&l); x = x + 1; spin_unlock(&l); }",
    "static void h(void) { guard(mutex)(&m); p->a = 1; }",
    "static void k(void *p) { struct s *q = p; if (q) kfree(q); }",
    "void f(int n) { int a[n]; a[0] = n; }",
    "static void f(void) { for (int i = 0; i < 3; i++) { if (i == x) continue; x <<= i; } }",
    "static void f(void) { switch (x) { case 1 ... 3: x = 2; fallthrough; case 7: break; default: return; } }",
    "static void f(void) { goto out; { int y = 1; out: x = y; } }",
    "static void f(void) { x = ({ int y = x; y + 1; }); }",
    "static void f(void) { int *q = &array[1]; *q++ = sizeof(*q); q[-1] /= 0; }",
    "static void f(void) { (void)p; p = (struct s){ 1 }.next; }",
    "static void f(void) { wait_event(queue, x == 1); }",
    "static void f(void) { x = container_of(p, struct s, next)->a; }",
    r#"static void f(void) { pr_info("%d %s %p\n", x, "a", p); WARN_ON(x > 1); }"#,
    "static void f(void) { f = 1; 1 = x; &1; *x; x(); p + p; }",
    "static void f(void) { struct list_head *q; list_for_each(q, &head) x++; }",
    "static void f(void) { long v = 1 << 70; v = -1 >> 65; v %= 0; }",
    "static int f(void) { return __LINE__ / (x - x) + INT_MAX + 1; }",
    "static void f(struct s v) { x = v.b[9]; v.bits = 9; }",
    "THREAD(one, f);",
    "THREAD(two, h, .cpu = 0, .count = 2);",
    "IRQ(line, f, .times = 2);",
    "SYSCALL(call, g, .arg = 3);",
    "INIT(f);",
    "module_init(g);",
    "CPUS(1);",
    "KCONFIG(PREEMPT_NONE, y);",
    "INVARIANT(x >= 0);",
    "FINALLY(p == NULL);",
    "REACHABLE(g(1));",
    "EXPECT(clean);",
    "EXPECT(data_race, nonsense);",
    r#"_Static_assert(sizeof(struct s) == 24, "s");"#,
    "#define x y\n",
    "#undef x\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soups_of_tokens_are_survived_to_the_end(text in soup()) {
        survive_whole(text.as_bytes());
    }

    #[test]
    fn soups_of_sentences_are_survived_to_the_end(sentences in prop::collection::vec(0..SENTENCES.len(), 0..14)) {
        let text: Vec<_> = sentences.iter().map(|index| SENTENCES[*index]).collect();
        survive_whole(text.join("\n").as_bytes());
    }

    #[test]
    fn damaged_scenarios_are_survived_to_the_end(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let all = scenarios();
        let mut text = all[which.index(all.len())].clone();
        for change in &changes {
            apply(&mut text, change);
        }
        survive_whole(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    #[test]
    fn random_characters_are_survived(text in "\\PC{0,200}") {
        survive(text.as_bytes());
    }

    #[test]
    fn soups_of_tokens_are_survived(text in soup()) {
        survive(text.as_bytes());
    }

    #[test]
    fn damaged_scenarios_are_survived(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let all = scenarios();
        let mut text = all[which.index(all.len())].clone();
        for change in &changes {
            apply(&mut text, change);
        }
        survive(&text);
    }
}

/// Inputs on which something quadratic would show: it would take minutes each, where the linear way takes a fraction of a second without optimisation. How
/// long they take is the benchmarks' business; here they are survived.
#[test]
fn long_inputs_of_every_kind_are_survived() {
    const LENGTH: usize = 1 << 18;
    let fill = |unit: &str| unit.repeat(LENGTH / unit.len());
    let alphabet = b"(){}[];,.*&#'\"\\ \n\tabcdefghijklmnopqrstuvwxyz0123456789_+-/%<>=!~^|?:ABC";
    let mut noise = 1u32;
    let mut ascii = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        alphabet[(noise >> 16) as usize % alphabet.len()]
    };
    let random: Vec<u8> = (0..LENGTH).map(|_| ascii()).collect();
    let inputs = [
        random,
        fill("(").into(),
        fill("{").into(),
        fill("}").into(),
        fill("[").into(),
        fill("([{").into(),
        fill("([)").into(),
        fill("x ").into(),
        fill("x;").into(),
        fill("int x;\n").into(),
        fill("int x = ;\n").into(),
        fill("x * * * * y ").into(),
        fill("f(").into(),
        fill("M(M(").into(),
        ("#define M(x) x\n".to_owned() + &fill("M(")).into(),
        ("#define M(x) x\n".to_owned() + &fill("M(;\n")).into(),
        ("#define M(x) x\n".to_owned() + &fill("M(1) ")).into(),
        ("#define M M M\n".to_owned() + &fill("M ")).into(),
        fill("#if 1\n").into(),
        fill("#if 0\n").into(),
        fill("#else\n").into(),
        fill("#define A A\n").into(),
        fill("/*").into(),
        fill("\\\n").into(),
        fill("\\ ").into(),
        fill("\"").into(),
        fill("'\n").into(),
        fill("\u{201c}").into(),
        fill("\u{e9}").into(),
        fill("if (x) ").into(),
        fill("else ").into(),
        ("void f(void) {".to_owned() + &fill("if (x) ")).into(),
        ("void f(void) {".to_owned() + &fill("{ x = ")).into(),
        ("void f(void) {".to_owned() + &fill("a: ")).into(),
        ("int x = ".to_owned() + &fill("- ")).into(),
        ("int x = ".to_owned() + &fill("1 + ")).into(),
        ("int x = ".to_owned() + &fill("1 ? ")).into(),
        ("int x = ".to_owned() + &fill("a = ")).into(),
        ("int x = ".to_owned() + &fill("(u8)")).into(),
        ("int x[] = { ".to_owned() + &fill("1, ")).into(),
        ("int ".to_owned() + &fill("(*")).into(),
        ("int ".to_owned() + &fill("*")).into(),
        ("int x".to_owned() + &fill("[1]")).into(),
        fill("struct { ").into(),
        fill("struct s { int x; } ").into(),
        fill("__attribute__((").into(),
        fill("typeof(").into(),
        fill("THREAD(").into(),
        fill("int f(int (").into(),
    ];
    for input in inputs {
        survive(&input);
    }
}
