//! The whole prelude compiles, also those of its functions and macros that no scenario of the corpus uses.

use crate::support::program;

#[test]
fn every_function_and_macro_of_the_prelude_compiles() {
    let program = program(include_str!("api.c"));
    let names = |prelude: bool| program.functions.iter().filter(move |f| f.prelude == prelude).count();
    assert_eq!(names(false), 1);
    // The table in `api.c` names this many, and they call others.
    let listed = include_str!("api.c").matches("(void *)").count();
    assert!(names(true) >= 400 && listed >= 400, "{} {listed}", names(true));
}
