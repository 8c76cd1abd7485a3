//! What checking a scenario finds, for tests of many small ones.

use kernel_c::loader::NoFiles;
use sim_core::check::check;
use sim_core::machine::MachineOptions;
use sim_core::search::{Options, Verdict};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The names of what checking a scenario finds, each once, in the order of the alphabet.
pub(crate) fn found(text: &str) -> String {
    let compiled = kernel_c::compile("row.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let titles: Vec<String> = compiled.diagnostics.into_sorted().into_iter().map(|d| d.title).collect();
    assert_eq!(titles, Vec::<String>::new(), "{text}");
    let program = compiled.program.expect("no error, so a program");
    let checked =
        check(Arc::new(program), MachineOptions::default(), &Options::default(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(checked.outcome.verdict, Verdict::Complete);
    let mut names: Vec<&str> = checked.findings.iter().map(|finding| finding.kind.name()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}
