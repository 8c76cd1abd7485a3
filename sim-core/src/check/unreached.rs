//! What no execution reached: lines of the scenario's code, and claims in it.
//!
//! Invariant: only what a complete search has seen is told; a line is unreached if it has code and none of it ever ran.

use crate::machine::Machine;
use crate::program::{Inst, Program, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Lines, one after the other, that no execution reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// The function that they are in.
    pub function: String,
    /// Index into the source's files.
    pub file: u16,
    /// The first, from 1.
    pub first: usize,
    /// The last.
    pub last: usize,
}

/// The lines that no execution reached, in order, where these blocks of code ran.
pub(super) fn lines(machine: &Machine, ran: &BTreeSet<u32>) -> Vec<Unreached> {
    let program = machine.program();
    let built_in = built_in(program);
    // For each line with code: whether any of it ran, and whose it is.
    let mut lines: BTreeMap<(u16, usize), (bool, u32)> = BTreeMap::new();
    for (id, function) in own_functions(program) {
        for ((inst, span), executed) in function.code.iter().zip(&function.spans).zip(machine.executed(id, ran)) {
            let span = program.source.span(*span);
            if built_in.contains(&span.file) || matches!(inst, Inst::LocalLive { .. } | Inst::LocalDead { .. }) {
                continue;
            }
            let line = program.source.line_column(span.file, span.lo).0;
            lines.entry((span.file, line)).or_insert((false, id)).0 |= executed;
        }
    }
    let mut all: Vec<Unreached> = Vec::new();
    let mut before = None;
    for ((file, line), (executed, function)) in lines {
        if !executed {
            match all.last_mut().filter(|_| before == Some((file, function))) {
                Some(run) => run.last = line,
                None => {
                    let function = program.functions[function as usize].name.clone();
                    all.push(Unreached { function, file, first: line, last: line });
                }
            }
        }
        before = (!executed).then_some((file, function));
    }
    all
}

/// The claims in the code that no execution evaluated: where they stand.
pub(super) fn claims(machine: &Machine, ran: &BTreeSet<u32>) -> Vec<Span> {
    let program = machine.program();
    let built_in = built_in(program);
    // One in a macro or a function that is compiled in several places is evaluated if it is in one of them.
    let mut claims: BTreeMap<(u16, u32), (bool, Span)> = BTreeMap::new();
    for place in machine.claims_in_code() {
        let span = program.source.span(program.functions[place.function as usize].spans[place.at as usize]);
        let executed = machine.executed(place.function, ran)[place.at as usize];
        if !built_in.contains(&span.file) && names_a_claim(program.source.text(span)) {
            claims.entry((span.file, span.lo)).or_insert((false, span)).0 |= executed;
        }
    }
    claims.into_values().filter(|(executed, _)| !executed).map(|(_, span)| span).collect()
}

/// What the built-in kernel asserts of its own accord, in `mutex_destroy()` for one, is no claim of the scenario's.
fn names_a_claim(text: &str) -> bool {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    ["bug", "warn", "assert"].iter().any(|word| name.to_lowercase().contains(word))
}

/// The scenario's functions, those that compute its claims aside.
fn own_functions(program: &Program) -> impl Iterator<Item = (u32, &crate::program::Function)> {
    let claims = &program.claims;
    let all = claims.invariants.iter().chain(&claims.finally).chain(&claims.reachable);
    let computing: BTreeSet<u32> = all.map(|claim| claim.function).collect();
    let functions = (0..).zip(&program.functions);
    functions.filter(move |(id, function)| !function.prelude && !computing.contains(id))
}

/// The files of the built-in kernel.
fn built_in(program: &Program) -> BTreeSet<u16> {
    let prelude = program.functions.iter().filter(|function| function.prelude);
    prelude.map(|function| program.source.span(function.span).file).filter(|file| *file != 0).collect()
}
