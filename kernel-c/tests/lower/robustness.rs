//! No input makes the front end panic, and every file of the corpus compiles.

use kernel_c::loader::NoFiles;
use kernel_c::{Options, compile};
use proptest::prelude::*;
use std::path::Path;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let entries = |dir: &Path| std::fs::read_dir(dir).expect("the corpus").map(|e| e.expect("an entry").path());
    let themes = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")).filter(|path| path.is_dir());
    let mut files: Vec<_> = themes.flat_map(|theme| entries(&theme)).collect();
    files.sort();
    files.into_iter().map(|path| (path.display().to_string(), std::fs::read(&path).expect("readable"))).collect()
}

#[test]
fn every_scenario_of_the_corpus_compiles_on_two_cpus_and_on_one() {
    let files = corpus();
    assert!(files.len() >= 258, "{}", files.len());
    let matrix = [("PREEMPT", "2"), ("PREEMPT_NONE", "1")];
    for (name, bytes) in files {
        for (model, cpus) in matrix {
            let kconfig = vec![(model.to_string(), "y".to_string()), ("NR_CPUS".to_string(), cpus.to_string())];
            let compiled = compile(&name, &bytes, &Options { cpus: None, kconfig }, &NoFiles);
            let titles: Vec<_> = compiled.diagnostics.into_sorted().into_iter().map(|d| d.title).collect();
            let program = compiled.program.unwrap_or_else(|| panic!("{name}: {titles:#?}"));
            assert!(titles.is_empty(), "{name}: {titles:#?}");
            assert_eq!(program.validate(), Ok(()), "{name}");
        }
    }
}

#[test]
fn compiling_twice_gives_the_same_program() {
    for (name, bytes) in corpus().into_iter().step_by(7) {
        let first = compile(&name, &bytes, &Options::default(), &NoFiles).program;
        let second = compile(&name, &bytes, &Options::default(), &NoFiles).program;
        assert!(first == second, "{name}");
    }
}

/// As deep as the parser lets anything be, in a thread with the stack of a test.
#[test]
fn deep_nesting_is_lowered_or_refused_and_never_overflows_the_stack() {
    let nested = |open: &str, close: &str, middle: &str, depth: usize| {
        format!(
            "static int x; static int f(int n) {{ {}{middle}{} return n; }}\nTHREAD(t, f);",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    for depth in [40, 200, 1000] {
        for (open, close, middle) in [
            ("n = (", ");", "1"),
            ("if (n) {", "}", "n = 1;"),
            ("n = n ? 1 : (", ");", "2"),
            ("({ n = 1; ", "; });", "n"),
            ("while (n) switch (n) { case 1: ", "}", "n = 2;"),
            ("{ guard(preempt)(); ", "}", "n = 2;"),
            ("for (int i = 0; i < n; i++) ", "", "n = 2;"),
        ] {
            let text = nested(open, close, middle, depth);
            let _ = compile("deep.c", text.as_bytes(), &Options::default(), &NoFiles);
        }
        let text = format!("static int f(int n) {{ return n{}; }}\nTHREAD(t, f);", " + n".repeat(depth));
        let _ = compile("deep.c", text.as_bytes(), &Options::default(), &NoFiles);
    }
}

/// Words that scenarios are made of, so that what is generated gets past the parser often enough.
const WORDS: &[&str] = &[
    "int",
    "x",
    "y",
    "f",
    "(",
    ")",
    "{",
    "}",
    ";",
    "=",
    "+",
    "*",
    "&",
    "->",
    ".",
    ",",
    "1",
    "0",
    "struct s",
    "static",
    "void",
    "return",
    "if",
    "while",
    "for",
    "break",
    "goto",
    "l",
    ":",
    "[",
    "]",
    "sizeof",
    "typeof",
    "spin_lock",
    "&lock",
    "kmalloc",
    "kfree",
    "READ_ONCE",
    "min",
    "container_of",
    "list_for_each_entry",
    "guard(mutex)(&m);",
    "scoped_guard(mutex, &m)",
    "THREAD(t, f);",
    "EXPECT(clean);",
    "INVARIANT(x);",
    "switch",
    "case",
    "default",
    "({",
    "})",
    "?",
    "&&",
    "!",
    "\"text\"",
    "'c'",
    "unsigned long",
    "bool",
    "char *",
    "typedef",
    "enum { A }",
    "union { int a; long b; }",
    "__free(kfree)",
    "BUG_ON",
    "pr_info",
    "atomic_t",
    "atomic_inc",
    "const",
    "volatile",
    ":3",
    "...",
    "++",
    "#define M(a) a",
    "\n",
    "M(1)",
    "__must_hold(&m)",
    "wait_event",
    "kthread_run",
    "swap",
    "offsetof",
    "(struct s){ .x = 1 }",
    "DEFINE_SPINLOCK(lock);",
    "DEFINE_MUTEX(m);",
    "va_list",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_token_soup_never_panics(picks in prop::collection::vec(0..WORDS.len(), 0..80)) {
        let soup: Vec<&str> = picks.iter().map(|&i| WORDS[i]).collect();
        let text = soup.join(" ");
        let _ = compile("soup.c", text.as_bytes(), &Options::default(), &NoFiles);
        let inside = format!(
            "struct s {{ int x; struct list_head list; spinlock_t lock; }}; static DEFINE_SPINLOCK(lock); static DEFINE_MUTEX(m); static int x, y;
             static int f(int a, struct s *p) {{ {text} }}\nTHREAD(t, f);"
        );
        let _ = compile("soup.c", inside.as_bytes(), &Options::default(), &NoFiles);
    }

    #[test]
    fn a_scenario_with_a_piece_cut_out_never_panics(file in 0usize..1000, from in 0usize..4000, len in 0usize..60) {
        let files = corpus();
        let (name, bytes) = &files[file % files.len()];
        let from = from % bytes.len().max(1);
        let mut cut = bytes.clone();
        cut.drain(from..(from + len).min(bytes.len()));
        let _ = compile(name, &cut, &Options::default(), &NoFiles);
    }
}
