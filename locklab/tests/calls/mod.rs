//! Calls, made in one context after another: what the kernel objects to there is reported, and nothing else.

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

/// Makes each call in each context. A row is a call and what it must report in each of them; a context is its name and what the rig adds to the setting, in which the
/// call stands for `CALL`.
pub(crate) fn each_in_each<const N: usize>(setting: &str, contexts: &[(&str, &str); N], rows: &[(&str, [&str; N])]) {
    let mut wrong = Vec::new();
    for (call, reported) in rows {
        for ((context, rig), expected) in contexts.iter().zip(reported) {
            let found = found(&(setting.replace("CALL", call) + rig));
            if found != *expected {
                wrong.push(format!("{call} in {context}: {found:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
