//! A sketch compiles as C: the stub headers say what the front end knows, and a C compiler accepts every scenario with them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_stub_headers_are_those_that_the_tables_of_the_front_end_give() {
    let stubs = kernel_c::stubs::generated();
    assert!(stubs.len() > 100 && stubs[0].path == "locklab.h", "{}", stubs.len());
    for stub in stubs {
        let path = root("stubs").join(&stub.path);
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
            fs::write(&path, &stub.text).expect("the header can be written");
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        assert!(there == stub.text, "{}: BLESS=1 writes it anew", stub.path);
    }
}

/// The C compiler, if there is one.
fn compiler() -> Option<String> {
    let name = std::env::var("CC").unwrap_or_else(|_| "gcc".into());
    Command::new(&name).arg("--version").output().ok().filter(|o| o.status.success()).map(|_| name)
}

/// What the compiler says about a file; nothing if it accepts it.
fn complaints(compiler: &str, file: &Path, more: &[&str]) -> String {
    let mut command = Command::new(compiler);
    command.args(["-fsyntax-only", "-Wall", "-nostdinc", "-I"]).arg(root("stubs")).args(more).arg(file);
    let output = command.output().expect("the compiler runs");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Written past the capture of the test harness: a test that could not be made must be seen.
fn no_compiler() {
    let text = "\n*** NOT TESTED: no C compiler (`gcc`, or what CC names): no scenario was compiled as C ***\n";
    std::io::stderr().write_all(text.as_bytes()).expect("standard error");
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, into);
        } else if entry.extension().is_some_and(|extension| extension == "c") {
            into.push(entry);
        }
    }
}

#[test]
fn every_scenario_compiles_as_c_without_a_warning() {
    let Some(compiler) = compiler() else { return no_compiler() };
    let mut files = Vec::new();
    sources(&root("../scenarios"), &mut files);
    files.sort();
    // Others are added; a search in the wrong place must not pass.
    assert!(files.len() >= 370, "{}", files.len());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let look = |part: &[PathBuf]| part.iter().map(|file| complaints(&compiler, file, &[])).collect::<Vec<_>>();
    let said: Vec<String> = std::thread::scope(|scope| {
        let parts: Vec<_> =
            files.chunks(files.len().div_ceil(threads)).map(|part| scope.spawn(|| look(part))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("no thread panics")).collect()
    });
    let wrong: Vec<String> = said.into_iter().filter(|said| !said.is_empty()).collect();
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), files.len(), wrong.concat());
}

#[test]
fn every_example_of_the_page_about_the_language_compiles_as_c() {
    let Some(compiler) = compiler() else { return no_compiler() };
    let page = include_str!("../docs/language.md");
    let examples: Vec<&str> = page.split("```c\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 10, "{}", examples.len());
    for (n, example) in examples.iter().enumerate() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("language_{n}.c"));
        fs::write(&file, example).expect("the example can be written");
        // Some include nothing, as the front end needs no headers.
        assert_eq!(complaints(&compiler, &file, &["-include", "locklab.h"]), "", "example {n}");
    }
}

/// What the stubs are for: a compiler that accepts anything would show nothing.
#[test]
fn what_is_no_c_or_breaks_a_type_is_noticed() {
    let Some(compiler) = compiler() else { return no_compiler() };
    const MISTAKES: [(&str, &str); 9] = [
        (
            "#include <linux/mutex.h>\nstatic DEFINE_MUTEX(m);\nvoid f(void) { spin_lock(&m); }",
            "incompatible pointer type",
        ),
        ("#include <linux/mutex.h>\nvoid f(struct mutex *m) { mutex_lock(); }", "too few arguments"),
        ("#include <linux/mutex.h>\nvoid f(struct mutex *m) { mutex_locc(m); }", "implicit declaration"),
        ("#include <linux/mutx.h>\n", "No such file"),
        ("#include <linux/kernel.h>\nvoid f(long n) { pr_info(\"%d\\n\", n); }", "-Wformat"),
        ("#include <linux/kernel.h>\nint f(int a) { if (a = 1) return 2; return 3; }\n", "-Wparentheses"),
        ("#include <linux/kernel.h>\nvoid f(void) { int n; }\n", "-Wunused-variable"),
        ("#include <linux/kernel.h>\nstatic void f(void) { }\nTHREAD(t, f, .cup = 1);\n", "no member named"),
        ("#include <linux/cleanup.h>\n#include <linux/mutex.h>\nvoid f(int *m) { guard(mutex)(m); }", "incompatible"),
    ];
    for (n, (text, expected)) in MISTAKES.iter().enumerate() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mistake_{n}.c"));
        fs::write(&file, text).expect("the file can be written");
        let said = complaints(&compiler, &file, &[]);
        assert!(said.contains(expected), "{text}\n{said}");
    }
}
