//! Macros, conditions and included files, shown by the tree that comes of them.

use crate::shape;
use crate::support::{errors, parse_with};
use kernel_c::ast::{ExprKind, Initializer, ItemKind};
use kernel_c::front::Syntax;
use kernel_c::loader::{Loaded, NoFiles};

fn parse(text: &str) -> Syntax {
    parse_with("test.c", text.as_bytes(), &NoFiles)
}

#[track_caller]
fn items(text: &str) -> String {
    let syntax = parse(text);
    let shape = shape::items(&syntax.unit);
    assert_eq!(errors(syntax), "", "{text}");
    shape
}

/// What `int x = EXPANDED;` is initialised with, after the lines of `defines`.
#[track_caller]
fn expansion(defines: &str, expression: &str) -> String {
    let shape = items(&format!("{defines}\nint x = {expression};"));
    shape.strip_prefix("(decl [x Int = ").and_then(|rest| rest.strip_suffix("])")).unwrap().to_owned()
}

/// The titles of what is reported.
fn titles(text: &str) -> Vec<String> {
    parse(text).diagnostics.into_sorted().into_iter().map(|diagnostic| diagnostic.title).collect()
}

#[test]
fn macros_expand_and_what_they_give_is_read_again() {
    assert_eq!(expansion("#define A B\n#define B 3", "A"), "3");
    assert_eq!(expansion("#define F(x, y) ((x) * (y))", "F(1 + 2, 3)"), "(Mul (Add 1 2) 3)");
    assert_eq!(expansion("#define F(x) x\n#define G F", "G(4)"), "4");
    assert_eq!(expansion("#define F(x) x", "F"), "F");
    assert_eq!(expansion("#define F (x)", "F"), "x");
    assert_eq!(expansion("#define F() 5", "F()"), "5");
    assert_eq!(expansion("#define F(x) f(x)", "F((a, b))"), "(call f (, a b))");
    assert_eq!(expansion("#define F(x) x", "F(\n1\n)"), "1");
    assert_eq!(expansion("#define LONG 1 + \\\n  2", "LONG"), "(Add 1 2)");
    assert_eq!(expansion("#define A 1\n#undef A", "A"), "A");
    assert_eq!(expansion("#define A /* one */ 1 // two", "A"), "1");
}

#[test]
fn a_macro_does_not_expand_in_itself() {
    assert_eq!(expansion("#define a a + 1", "a"), "(Add a 1)");
    assert_eq!(expansion("#define a b\n#define b a", "a"), "a");
    assert_eq!(expansion("#define f(x) f(x + 1)", "f(f(2))"), "(call f (Add (call f (Add 2 1)) 1))");
    // From the C standard (6.10.3.5, example 3), as far as it is an expression.
    let defines = "#define f(a) f(2 * (a))\n#define g f\n#define z z[0]\n#define t(a) a";
    assert_eq!(expansion(defines, "f(f(z))"), "(call f (Mul 2 (call f (Mul 2 (index z 0)))))");
    assert_eq!(expansion(defines, "t(t(g)(0) + t)(1)"), "(Add (call f (Mul 2 0)) (call t 1))");
}

#[test]
fn hash_makes_strings_and_hash_hash_makes_tokens() {
    assert_eq!(expansion("#define S(x) #x", r#"S( a  +  "b\n" 'c' )"#), r#""a + \"b\\n\" 'c'""#);
    assert_eq!(expansion("#define S(x) #x\n#define T(x) S(x)\n#define N 3", "f(S(N), T(N))"), "(call f \"N\" \"3\")");
    assert_eq!(expansion("#define P(a, b) a ## b", "P(x, 1)"), "x1");
    assert_eq!(expansion("#define P(a, b) a ## b\n#define xy 7", "P(x, y)"), "7");
    assert_eq!(expansion("#define P(a, b) a##b", "P(, z)"), "z");
    assert_eq!(expansion("#define P(a, b) 1 a##b 2", "P(-, )"), "(Sub 1 2)");
    assert_eq!(expansion("#define P(a, b, c) a##b##c", "P(u, _, v)"), "u_v");
    assert_eq!(expansion("#define P(a) f_ ## a()", "P(g)"), "(call f_g)");
}

#[test]
fn variadic_macros_take_the_rest() {
    assert_eq!(expansion("#define F(...) f(__VA_ARGS__)", "F(1, 2)"), "(call f 1 2)");
    assert_eq!(expansion("#define F(...) f(__VA_ARGS__)", "F()"), "(call f)");
    assert_eq!(expansion("#define F(a, ...) f(a, __VA_ARGS__)", "F(1, 2, 3)"), "(call f 1 2 3)");
    assert_eq!(expansion("#define F(a, ...) f(a, ## __VA_ARGS__)", "F(1)"), "(call f 1)");
    assert_eq!(expansion("#define F(a, ...) f(a, ##__VA_ARGS__)", "F(1, 2, 3)"), "(call f 1 2 3)");
    assert_eq!(expansion("#define F(a, rest...) f(a, ##rest)", "F(1, 2)"), "(call f 1 2)");
    assert_eq!(expansion("#define F(a, ...) f(a __VA_OPT__(, x,) __VA_ARGS__)", "F(1, 2)"), "(call f 1 x 2)");
    assert_eq!(expansion("#define F(a, ...) f(a __VA_OPT__(, x))", "F(1)"), "(call f 1)");
    assert_eq!(expansion("#define F(...) f(#__VA_ARGS__)", "F(a, b)"), "(call f \"a, b\")");
}

#[test]
fn the_macros_of_the_language_itself() {
    assert_eq!(expansion("\n", "__LINE__"), "3");
    assert_eq!(expansion("#define L __LINE__", "L"), "2");
    assert_eq!(expansion("", "f(__FILE__)"), "(call f \"test.c\")");
    assert_eq!(expansion("", "__COUNTER__ + __COUNTER__"), "(Add 0 1)");
}

#[test]
fn conditions_choose_one_group() {
    let choose = |condition: &str| items(&format!("#define D 1\n#if {condition}\nint yes;\n#else\nint no;\n#endif"));
    for truth in [
        "1",
        "D",
        "defined D",
        "defined(D) && !defined(E)",
        "1 + 2 * 3 == 7",
        "-1 < 0",
        "-1 > 0u",
        "(2 | 1) == 3",
        "1 ? 1 : 0",
        "0 || 1",
        "'a' == 97",
        "7 / 2 == 3 && 7 % 2 == 1",
        "1 << 3 == 8",
        "-8 >> 1 == -4",
        "~0 == -1",
        "0 && 1 / 0 || 1",
        "UNKNOWN == 0",
        "0x10 == 16",
        "!0",
        "1 ^ 2 ^ 3 ^ 1",
        "(1 ? 2 : 1 / 0) == 2",
        "0xffffffffffffffff == -1",
        "9223372036854775807 + 1 < 0",
        "3 >= 3 && 3 <= 3 && 2 != 3 && +1",
    ] {
        assert_eq!(choose(truth), "(decl [yes Int])", "{truth}");
        assert_eq!(choose(&format!("!({truth})")), "(decl [no Int])", "{truth}");
    }
}

#[test]
fn groups_nest_and_what_is_skipped_is_not_read() {
    assert_eq!(
        items(
            "#if 0\n it's ` not \" C\n#if 1\n#else\n#endif\n#elif 1\nint a;\n#elif 1 / 0\n#else\nint b;\n#endif\nint c;"
        ),
        "(decl [a Int])\n(decl [c Int])"
    );
    assert_eq!(items("#ifdef A\nint a;\n#elifdef NULL\nint b;\n#else\nint c;\n#endif"), "(decl [b Int])");
    assert_eq!(items("#ifndef A\nint a;\n#endif\n#ifdef NULL\nint b;\n#endif"), "(decl [a Int])\n(decl [b Int])");
    assert_eq!(items("#if 1\n#if 0\nint a;\n#else\nint b;\n#endif\n#else\nint c;\n#endif"), "(decl [b Int])");
    assert_eq!(items("# if 0 /* why */\n# error no\n# endif\n#\nint a;"), "(decl [a Int])");
    assert_eq!(items("#if 0\n#unknown\n#include \"none.h\"\n#define\n#endif"), "");
}

#[test]
fn options_decide_conditions_in_the_same_file() {
    let text = "#ifdef CONFIG_SMP\nint smp;\n#endif\n#if IS_ENABLED(CONFIG_SMP) && !IS_ENABLED(CONFIG_RT)\nint both;\n#endif\nKCONFIG(SMP, y);\nKCONFIG(RT, n);";
    assert_eq!(items(text), "(decl [smp Int])\n(decl [both Int])\n(KCONFIG! SMP y)\n(KCONFIG! RT n)");
    assert_eq!(items("KCONFIG(A, y);\nint x = IS_ENABLED(CONFIG_A);"), "(KCONFIG! A y)\n(decl [x Int = 1])");
    assert_eq!(titles("#if 1\nKCONFIG(A, y);\n#endif"), ["`KCONFIG` inside `#if`"]);
}

#[test]
fn a_directive_may_stand_among_arguments() {
    assert_eq!(expansion("#define F(a, b) f(a, b)", "F(1,\n#ifdef NULL\n2\n#else\n3\n#endif\n)"), "(call f 1 2)");
}

#[test]
fn kernel_headers_are_accepted_and_files_read() {
    let loader = |from: &str, path: &str| match (from, path) {
        ("test.c", "a.h") => Ok(Loaded { name: "dir/a.h".into(), text: b"#include \"b.h\"\nint a = B;\n".to_vec() }),
        ("dir/a.h", "b.h") => {
            Ok(Loaded { name: "dir/b.h".into(), text: b"#pragma once\n#define B 1\nint b;\n".to_vec() })
        }
        ("test.c", "b.h") => Ok(Loaded { name: "dir/b.h".into(), text: Vec::new() }),
        _ => Err("no such file".to_owned()),
    };
    let text = b"#include <linux/mutex.h>\n#include \"locklab.h\"\n#include \"a.h\"\n#include \"b.h\"\nint c;";
    let syntax = parse_with("test.c", text, &loader);
    assert_eq!(shape::items(&syntax.unit), "(decl [b Int])\n(decl [a Int = 1])\n(decl [c Int])");
    assert_eq!(syntax.unit.items.last().unwrap().place.at.file, 0);
    assert_eq!(errors(syntax), "");
}

#[test]
fn files_that_include_each_other_for_ever_are_reported() {
    let loader = |_: &str, path: &str| Ok(Loaded { name: path.into(), text: b"#include \"a.h\"\n".to_vec() });
    let syntax = parse_with("test.c", b"#include \"a.h\"\nint x;", &loader);
    assert_eq!(shape::items(&syntax.unit), "(decl [x Int])");
    let titles: Vec<_> = syntax.diagnostics.into_sorted().into_iter().map(|d| d.title).collect();
    assert_eq!(titles, ["files include each other more than 40 deep"]);

    // Each includes itself twice: 2^40 files, if nobody counted.
    let loader =
        |_: &str, path: &str| Ok(Loaded { name: path.into(), text: b"#include \"a.h\"\n#include \"a.h\"\n".to_vec() });
    let syntax = parse_with("test.c", b"#include \"a.h\"\nint x;", &loader);
    let titles: Vec<_> = syntax.diagnostics.into_sorted().into_iter().map(|d| d.title).collect();
    assert!(titles.contains(&"more than 1000 files are included".to_owned()), "{titles:?}");
}

#[test]
fn an_expansion_bomb_is_one_error() {
    let mut text = String::from("#define X0 x x x x x x x x x x\n");
    for n in 1..30 {
        text += &format!("#define X{n} X{p} X{p} X{p} X{p} X{p} X{p} X{p} X{p}\n", p = n - 1);
    }
    assert_eq!(titles(&(text + "int a = X29;")), ["macros expand to more than 2000000 tokens"]);
    let deep = format!("#define F(x) x\nint a = {}1{};", "F(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(titles(&deep), ["macro calls are nested more than 200 deep"]);
    let mut chain = String::new();
    for n in 0..1_000 {
        chain += &format!("#define A{n} A{}\n", n + 1);
    }
    assert_eq!(titles(&(chain + "int a = A0;")), ["macro calls are nested more than 200 deep"]);
}

#[test]
fn a_token_of_a_macro_knows_its_use_and_its_definition() {
    let text = "#define ADD(a) (a + one)\n#define TWICE ADD(2)\nint x = ADD(3);\nint y = TWICE;\n";
    let syntax = parse(text);
    let spans: Vec<(String, Option<String>)> = syntax.unit.items[syntax.unit.prelude_items..]
        .iter()
        .flat_map(|item| {
            let ItemKind::Declaration(declaration) = &item.kind else { panic!("{item:?}") };
            let Some(Initializer::Expr(expr)) = &declaration.declarators[0].initializer else { panic!() };
            let ExprKind::Paren(sum) = &expr.kind else { panic!("{expr:?}") };
            let ExprKind::Binary { left, right, .. } = &sum.kind else { panic!("{sum:?}") };
            [left, right].map(|side| {
                let definition = side.place.definition.map(|span| syntax.sources.span_text(span).to_owned());
                (syntax.sources.text(side.place).to_owned(), definition)
            })
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        spans,
        [
            ("3".to_owned(), None),
            ("ADD(3)".to_owned(), some("one")),
            ("TWICE".to_owned(), some("2")),
            ("TWICE".to_owned(), some("one")),
        ]
    );
}

#[test]
fn the_text_of_a_claim_is_as_it_was_written() {
    let syntax = parse("#define MAX 3\nINVARIANT(count  <= MAX && /* both */ !(a == b));");
    let ItemKind::Invocation(claim) = &syntax.unit.items.last().unwrap().kind else { panic!() };
    assert_eq!(syntax.sources.text(claim.arguments[0].place()), "count  <= MAX && /* both */ !(a == b)");
}

#[test]
fn the_prelude_comes_first_and_its_files_last() {
    let syntax = parse("int x;");
    assert!(syntax.unit.prelude_items > 0);
    assert!(syntax.unit.items[..syntax.unit.prelude_items].iter().all(|item| item.place.is_prelude()));
    assert!(!syntax.unit.items[syntax.unit.prelude_items].place.is_prelude());
    let mut sources = syntax.sources;
    let id = sources.intern(syntax.unit.items[0].place);
    let source = sources.into_source();
    let names: Vec<_> = source.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["test.c", "<options>", "<prelude>"]);
    assert_eq!(source.span(id).file, 2);
}

#[test]
fn bytes_that_are_no_text_are_one_clear_error() {
    let random: Vec<u8> = (0u32..5_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let syntax = parse_with("noise.c", &random, &NoFiles);
    let diagnostics = syntax.diagnostics.into_sorted();
    assert_eq!(diagnostics.len(), 1);
    assert!(diagnostics[0].title.starts_with("`noise.c`: not a text file: byte "), "{}", diagnostics[0].title);

    let utf16: Vec<u8> = b"\xff\xfei\0n\0t\0".to_vec();
    assert_eq!(
        parse_with("a.c", &utf16, &NoFiles).diagnostics.into_sorted()[0].title,
        "`a.c`: not a text file: it is UTF-16; save it as UTF-8"
    );
    assert_eq!(titles("\u{feff}int x;"), Vec::<String>::new());
    let latin1 = parse_with("a.c", b"/* Andr\xe9 */ int x;", &NoFiles);
    assert_eq!(latin1.diagnostics.into_sorted()[0].title, "byte 0xe9 is not UTF-8");
    assert_eq!(titles("int x;\0"), ["a NUL byte in the source"]);
    assert_eq!(titles(""), Vec::<String>::new());
}

#[test]
fn a_line_may_be_continued_anywhere() {
    assert_eq!(items("in\\\nt x\\\n\\\n = 1\\\n2 <\\\n< y; // \\\n z"), "(decl [x Int = (Shl 12 y)])");
}
