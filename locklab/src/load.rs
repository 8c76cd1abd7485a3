//! From a file's name and the command line's options to a program.
//!
//! Invariant: every error in the input is told in one run, to people on standard error, to programs as a document on standard output.

use crate::args::{Format, KernelArgs, Preempt};
use crate::exit::Exit;
use crate::input::{self, Unreadable};
use crate::output::Output;
use crate::render::json::{self, InputError, InputPlace};
use crate::render::text::{ERROR, counted, paint};
use kernel_c::diagnostic::{Diagnostic, Severity};
use kernel_c::loader::Loaded as Included;
use kernel_c::render::{self, Style};
use kernel_c::source_map::Files;
use kernel_c::{Compiled, Options};
use sim_core::program::Program;
use std::path::Path;

/// A compiled scenario.
#[derive(Debug)]
pub struct Loaded {
    /// Its name as reports show it.
    pub name: String,
    /// What it means.
    pub program: Program,
    /// Warnings, laid out.
    pub warnings: String,
}

/// Why there is no program.
#[derive(Debug)]
pub enum Problem {
    /// The file cannot be read.
    Unreadable(Unreadable),
    /// The file or the options are not in the language.
    Rejected {
        /// All that is wrong, laid out for people.
        text: String,
        /// The same as data.
        errors: Vec<InputError>,
    },
}

impl Problem {
    /// All that is wrong, without colours.
    pub fn text(&self) -> String {
        match self {
            Self::Unreadable(Unreadable { message, .. }) => format!("error: {message}"),
            Self::Rejected { text, .. } => anstream::adapter::strip_str(text).to_string().trim_end().to_owned(),
        }
    }

    /// Tells what is wrong, to people or to programs.
    pub fn tell(&self, file: &str, format: Format, output: &Output) -> Exit {
        match (self, format) {
            (Self::Unreadable(what), Format::Json) => {
                let error = InputError { message: what.message.clone(), at: None, help: what.help.clone() };
                output.write(&json::draw_errors(file, &[error]));
            }
            (Self::Rejected { errors, .. }, Format::Json) => output.write(&json::draw_errors(file, errors)),
            (Self::Unreadable(what), Format::Human) => output.complain(&what.message, what.help.as_deref()),
            (Self::Rejected { text, .. }, Format::Human) => output.write_error(text),
        }
        Exit::Usage
    }
}

impl Loaded {
    /// Shows what the compiler warned of.
    pub fn warn(&self, output: &Output) {
        if !self.warnings.is_empty() {
            output.write_error(&self.warnings);
        }
    }
}

/// Reads and compiles a scenario under the command line's options.
///
/// # Errors
/// It cannot be read, or it is not in the language: all that is wrong with it.
pub fn load(path: &Path, kernel: &KernelArgs, output: &Output) -> Result<Loaded, Problem> {
    let input = input::read(path).map_err(Problem::Unreadable)?;
    let options = Options { cpus: kernel.cpus, kconfig: kconfig(kernel) };
    let Compiled { program, diagnostics, files } = kernel_c::compile(&input.name, &input.bytes, &options, &include);
    let left_out = diagnostics.left_out();
    let diagnostics = diagnostics.into_sorted();
    let style = Style { color: true, width: output.columns };
    let text = render::render(&diagnostics, left_out, &files, style);
    match program {
        Some(program) => Ok(Loaded { name: input.name, program, warnings: text }),
        None => Err(Problem::Rejected {
            text: text + &summary(&input.name, &diagnostics, left_out),
            errors: diagnostics.iter().map(|diagnostic| input_error(diagnostic, &files)).collect(),
        }),
    }
}

/// The command line's kernel options. `--preempt` is one of them, said before the others so that these can still override it.
fn kconfig(kernel: &KernelArgs) -> Vec<(String, String)> {
    let model = kernel.preempt.map(|preempt| match preempt {
        Preempt::None => "PREEMPT_NONE",
        Preempt::Voluntary => "PREEMPT_VOLUNTARY",
        Preempt::Full => "PREEMPT",
        Preempt::Rt => "PREEMPT_RT",
    });
    let model = model.map(|name| (name.to_owned(), "y".to_owned()));
    model.into_iter().chain(kernel.kconfig.iter().cloned()).collect()
}

/// Reads what a file includes, relative to that file.
fn include(from: &str, path: &str) -> Result<Included, String> {
    let directory = Path::new(from).parent().unwrap_or(Path::new(""));
    let path = directory.join(path);
    let input = input::read(&path).map_err(|unreadable| unreadable.message)?;
    Ok(Included { name: input.name, text: input.bytes })
}

fn summary(name: &str, diagnostics: &[Diagnostic], left_out: usize) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count() + left_out;
    let message = format!("{name} was not checked: {}", counted(errors as u64, "error", "errors"));
    format!("{} {message}\n", paint(ERROR, "error:"))
}

fn input_error(diagnostic: &Diagnostic, files: &Files) -> InputError {
    let span = diagnostic.place.at;
    let at = files.get(span.file).map(|file| {
        let line = file.line(span.lo);
        let start = file.line_range(line).start;
        let before = file.text.get(start..span.lo as usize).unwrap_or("");
        InputPlace { file: file.name.clone(), line, column: before.chars().count() + 1 }
    });
    let help = diagnostic.helps.first().map(|help| help.text.clone());
    InputError { message: diagnostic.title.clone(), at, help }
}
