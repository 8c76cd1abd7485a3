//! The whole front end: bytes to program.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::front::{self, Syntax};
use crate::loader::Loader;
use crate::lower::{OptionProblem, Settings, lower};
use crate::prelude;
use crate::preprocess::OptionUse;
use crate::source_map::{Files, Place};
use sim_core::program::Program;

/// What the caller wants different from what the file says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How many CPUs there are, instead of `CPUS(n)`.
    pub cpus: Option<u8>,
    /// Kernel options by name, instead of `KCONFIG(NAME, value)`. Those for the preemption model exclude each other: the last one wins.
    pub kconfig: Vec<(String, String)>,
}

/// What became of a file.
#[derive(Debug)]
pub struct Compiled {
    /// The program, if nothing was wrong.
    pub program: Option<Program>,
    /// What was wrong or doubtful.
    pub diagnostics: Diagnostics,
    /// The files, for rendering the diagnostics.
    pub files: Files,
}

/// Compiles a scenario.
///
/// `name` is what reports call the file; `bytes` its contents; `loader` reads what it includes.
pub fn compile(name: &str, bytes: &[u8], options: &Options, loader: &dyn Loader) -> Compiled {
    let mut settings = Settings::default();
    let syntax = front::parse(name, bytes, loader, prelude::FILES, |uses, diagnostics| {
        configure(&mut settings, uses, options, diagnostics);
        settings.macros().collect()
    });
    let Syntax { unit, sources, mut diagnostics } = syntax;
    let files = sources.files().clone();
    if unit.items.is_empty() && diagnostics.has_errors() {
        return Compiled { program: None, diagnostics, files };
    }
    let (mut program, sources, found) = lower(&unit, sources, &settings);
    for diagnostic in found {
        diagnostics.push(diagnostic);
    }
    if diagnostics.has_errors() {
        return Compiled { program: None, diagnostics, files };
    }
    program.name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_string();
    program.source = sources.into_source();
    debug_assert_eq!(program.validate(), Ok(()));
    Compiled { program: Some(program), diagnostics, files }
}

/// Applies the file's options, then the caller's.
fn configure(settings: &mut Settings, uses: &[OptionUse], options: &Options, diagnostics: &mut Diagnostics) {
    for option in uses {
        settings.heard.push(option.place.at.lo);
        let result = if option.name.is_empty() {
            settings.set_cpus(&option.value)
        } else {
            settings.set(&option.name, &option.value)
        };
        if let Err(problem) = result {
            diagnostics.push(Diagnostic::error(option.place, describe(&option.name, &option.value, &problem)));
        }
    }
    for (name, value) in &options.kconfig {
        if let Err(problem) = settings.set(name, value) {
            diagnostics.push(Diagnostic::error(Place::plain(0, 0, 0), describe(name, value, &problem)));
        }
        settings.cpus_overridden |= matches!(name.as_str(), "NR_CPUS" | "SMP");
    }
    if let Some(cpus) = options.cpus {
        settings.cpus_overridden = true;
        if let Err(problem) = settings.set_cpus(&cpus.to_string()) {
            diagnostics.push(Diagnostic::error(Place::plain(0, 0, 0), describe("", &cpus.to_string(), &problem)));
        }
    }
}

fn describe(name: &str, value: &str, problem: &OptionProblem) -> String {
    let what = if name.is_empty() { "CPUS" } else { name };
    match problem {
        OptionProblem::BadValue(wanted) => format!("`{what}` cannot be `{value}`: it must be {wanted}"),
    }
}
