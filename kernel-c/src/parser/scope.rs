//! Which names are types, here: what C's grammar needs to know to tell a declaration from an expression.
//!
//! Invariant: leaving a scope undoes exactly what was declared in it.

use crate::intern::Symbol;
use std::collections::HashMap;

/// What a name was declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Type,
    Ordinary,
}

#[derive(Debug, Default)]
pub(super) struct Scopes {
    names: HashMap<Symbol, Meaning>,
    /// What to put back, in the order it was replaced.
    undo: Vec<(Symbol, Option<Meaning>)>,
    /// Where each open scope begins in `undo`.
    marks: Vec<usize>,
}

impl Scopes {
    pub(super) fn enter(&mut self) {
        self.marks.push(self.undo.len());
    }

    pub(super) fn leave(&mut self) {
        let mark = self.marks.pop().unwrap_or(0);
        for (name, before) in self.undo.drain(mark..).rev() {
            match before {
                Some(meaning) => self.names.insert(name, meaning),
                None => self.names.remove(&name),
            };
        }
    }

    pub(super) fn declare(&mut self, name: Symbol, meaning: Meaning) {
        let before = self.names.insert(name, meaning);
        if !self.marks.is_empty() {
            self.undo.push((name, before));
        }
    }

    pub(super) fn meaning(&self, name: Symbol) -> Option<Meaning> {
        self.names.get(&name).copied()
    }

    /// How many scopes are open.
    pub(super) fn depth(&self) -> usize {
        self.marks.len()
    }

    /// Leaves scopes until that many are open: what an error has left open.
    pub(super) fn leave_to(&mut self, depth: usize) {
        while self.marks.len() > depth {
            self.leave();
        }
    }

    /// All names of types.
    pub(super) fn types(&self) -> impl Iterator<Item = Symbol> {
        self.names.iter().filter(|(_, meaning)| **meaning == Meaning::Type).map(|(name, _)| *name)
    }
}
