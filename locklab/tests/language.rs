//! The page about the scenario language: every example on it is checked.

use kernel_c::loader::NoFiles;
use sim_core::check::{self, Checked};
use sim_core::machine::MachineOptions;
use sim_core::search::{Options, Verdict};
use std::ops::ControlFlow;
use std::sync::Arc;

const PAGE: &str = include_str!("../../kernel-c/docs/language.md");

/// The examples, in order.
fn examples() -> Vec<&'static str> {
    let blocks = PAGE.split("```c\n").skip(1);
    blocks.filter_map(|rest| rest.split("\n```").next()).collect()
}

fn check(text: &str) -> Checked {
    let compiled = kernel_c::compile("example.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let titles: Vec<String> = compiled.diagnostics.into_sorted().into_iter().map(|d| d.title).collect();
    assert_eq!(titles, Vec::<String>::new(), "{text}");
    let program = compiled.program.expect("no error, so a program");
    check::check(Arc::new(program), MachineOptions::default(), &Options::default(), &mut |_| ControlFlow::Continue(()))
}

#[test]
fn every_example_of_the_page_reports_what_it_expects() {
    let examples = examples();
    assert_eq!(examples.len(), PAGE.matches("```c").count());
    for text in examples {
        let checked = check(text);
        assert_eq!((checked.outcome.verdict, &checked.vacuous), (Verdict::Complete, &None), "{text}");
        let expect = checked.machine.program().claims.expect.as_ref().expect("an example says what it expects");
        let mut expected = expect.findings.clone();
        expected.sort();
        let mut names = checked.names();
        names.sort_unstable();
        assert_eq!(names, expected, "{text}");
    }
}

#[test]
fn every_macro_of_the_rig_and_of_the_claims_has_an_example() {
    let examples = examples().concat();
    let tables =
        PAGE.split("## The rig").nth(1).and_then(|rest| rest.split("## The kernel's API").next()).unwrap_or("");
    let rows = tables.lines().filter(|line| line.starts_with("| `"));
    // The first cell's macros: what has an opening parenthesis.
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let macros: Vec<&str> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter_map(|code| code.split_once('(').map(|(name, _)| name))
        .filter(|name| !["BUG_ON", "lockdep_assert_held"].contains(name))
        .collect();
    assert!(macros.len() >= 14, "{macros:?}");
    let missing: Vec<&&str> = macros.iter().filter(|name| !examples.contains(&format!("{name}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
