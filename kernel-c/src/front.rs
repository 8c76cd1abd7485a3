//! The syntactic half of the front end: bytes to tree.
//!
//! Invariant: whatever the bytes are, there is a tree; what was wrong is in the diagnostics.

use crate::ast::Unit;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::intern::Interner;
use crate::loader::{Loader, decode};
use crate::parser;
use crate::preprocess::{OptionUse, Preprocessor, scan_options};
use crate::source_map::{Place, SourceMap};
use crate::token::{HideSet, Token, TokenKind};

/// What is known when a scenario is parsed.
#[derive(Debug)]
pub struct Syntax {
    /// The tree.
    pub unit: Unit,
    /// The files.
    pub sources: SourceMap,
    /// What was wrong.
    pub diagnostics: Diagnostics,
}

/// A file of the prelude.
#[derive(Clone, Copy, Debug)]
pub struct PreludeFile<'a> {
    /// What to call it in reports.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Parses a scenario behind a prelude.
///
/// `configure` is told which options the scenario sets (`KCONFIG`, `CPUS`) and says which macros there are from the start, `CONFIG_SMP` with the value `1`
/// among them.
pub fn parse(
    name: &str,
    bytes: &[u8],
    loader: &dyn Loader,
    prelude: &[PreludeFile<'_>],
    configure: impl FnOnce(&[OptionUse], &mut Diagnostics) -> Vec<(String, String)>,
) -> Syntax {
    let mut sources = SourceMap::default();
    let mut diagnostics = Diagnostics::default();
    let decoded = match decode(bytes) {
        Ok(decoded) => decoded,
        Err(error) => {
            let file = sources.add(name, "");
            diagnostics.push(Diagnostic::error(Place::plain(file, 0, 0), format!("`{name}`: {error}")));
            return Syntax { unit: Unit::default(), sources, diagnostics };
        }
    };
    let file = sources.add(name, decoded.text);
    for diagnostic in decoded.invalid.diagnostics(file) {
        diagnostics.push(diagnostic);
    }
    let mut interner = Interner::new();
    let text = sources.file(file).map(|file| file.text.clone()).unwrap_or_default();
    let options = scan_options(text, file, &mut interner, &mut diagnostics);
    let macros = configure(&options, &mut diagnostics);
    let mut defines: String = macros.iter().map(|(name, value)| format!("#define {name} {value}\n")).collect();
    // So far the words of the scenario are all that were seen.
    let named = crate::prelude::macros_for(|name| interner.get(name).is_some());
    defines.extend(named.map(|name| format!("#define {name} 1\n")));

    let mut tokens = Vec::new();
    let mut preprocessor = Preprocessor::new(&mut interner, &mut sources, &mut diagnostics, loader);
    let built_in = PreludeFile { name: "<options>", text: &defines };
    for PreludeFile { name, text } in [built_in].iter().chain(prelude) {
        let index = preprocessor.add_prelude(name, text);
        preprocessor.file(index, &mut tokens);
    }
    let scenario = tokens.len();
    preprocessor.file(file, &mut tokens);
    let exhausted = preprocessor.is_exhausted();
    if exhausted {
        return Syntax { unit: Unit::default(), sources, diagnostics };
    }
    let length = sources.file(file).map_or(0, |file| file.text.len());
    tokens.push(Token {
        kind: TokenKind::End,
        place: Place::plain(file, length, length),
        hidden: HideSet::default(),
        line_start: true,
        at_margin: true,
        space_before: true,
    });
    let unit = parser::parse(&tokens, scenario, &mut interner, &mut diagnostics);
    Syntax { unit, sources, diagnostics }
}
