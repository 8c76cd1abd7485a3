//! What the tests share.

use kernel_c::loader::NoFiles;
use kernel_c::{Compiled, Options, compile, listing};
use sim_core::program::Program;

/// Compiles a text; the result says what was wrong.
pub(crate) fn compiled(text: &str) -> Compiled {
    compile("test.c", text.as_bytes(), &Options::default(), &NoFiles)
}

/// Compiles a text in which nothing is wrong.
pub(crate) fn program(text: &str) -> Program {
    let compiled = compiled(text);
    let titles: Vec<String> = compiled
        .diagnostics
        .clone()
        .into_sorted()
        .into_iter()
        .map(|d| format!("{:?}: {}", d.severity, d.title))
        .collect();
    assert!(titles.is_empty(), "{titles:#?}");
    let program = compiled.program.expect("no error, so a program");
    assert_eq!(program.validate(), Ok(()));
    program
}

/// The titles of what is wrong with a text, in the order of their places.
pub(crate) fn titles(text: &str) -> Vec<String> {
    let compiled = compiled(text);
    compiled.diagnostics.into_sorted().into_iter().map(|d| d.title).collect()
}

/// The code of the function `f` of a text, which a thread runs; without its head.
pub(crate) fn code_of(text: &str) -> String {
    let program = program(&format!("{text}\nTHREAD(t, f);\n"));
    let function = program.functions.iter().find(|f| f.name == "f").expect("there is an `f`");
    let text = listing::function(&program, function);
    text.lines().skip(1).map(|line| line.get(5..).unwrap_or("")).collect::<Vec<_>>().join("\n")
}
