//! What C computes: every function of `semantics.c` gives what gcc makes of it.

use crate::interpreter::Interpreter;
use crate::support::program;

const SOURCE: &str = include_str!("semantics.c");
/// `name value` lines, printed by the same functions compiled with gcc at -O0 and -O2, which agree.
const EXPECTED: &str = include_str!("semantics.expected");

#[test]
fn every_function_computes_what_gcc_makes_of_it() {
    let program = program(&format!("{SOURCE}\nstatic void task(void) {{ }}\nTHREAD(t, task);\n"));
    let mut wrong = Vec::new();
    for line in EXPECTED.lines() {
        let (name, value) = line.split_once(' ').expect("a name and a value");
        let expected: i64 = value.parse().expect("a number");
        let found = Interpreter::new(&program).call_by_name(name, &[]);
        if found != expected {
            wrong.push(format!("{name}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(EXPECTED.lines().count(), 78);
}
