//! What the benchmarks run: scenarios of the corpus and of the comparison with SPIN, compiled.
//!
//! Invariant: only what a user could call is called; a scenario that does not compile is a defect, and stops the benchmark.

use kernel_c::loader::NoFiles;
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::{Choice, Deaf, Model, Outgrown};
use sim_core::program::Program;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// A scenario's text, by its path from the root of the repository.
///
/// # Panics
/// There is no such file.
pub fn source(path: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A scenario, compiled.
///
/// # Panics
/// It does not compile.
pub fn program(path: &str) -> Arc<Program> {
    let compiled = kernel_c::compile(path, &source(path), &kernel_c::Options::default(), &NoFiles);
    Arc::new(compiled.program.unwrap_or_else(|| panic!("{path} does not compile")))
}

/// A state, and what may happen next in it.
#[derive(Debug)]
pub struct Moment {
    /// Its bytes.
    pub state: Vec<u8>,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// States of a scenario's machine.
#[derive(Debug)]
pub struct Sample {
    /// The machine.
    pub machine: Machine,
    /// The first states, breadth first.
    pub moments: Vec<Moment>,
}

impl Sample {
    /// The first `count` states of a scenario, or all of them.
    pub fn of(path: &str, count: usize) -> Self {
        let mut machine = Machine::new(program(path), MachineOptions::default());
        loop {
            match first_states(&machine, count) {
                Ok(moments) => return Self { machine, moments },
                Err(Outgrown(growth)) => machine = machine.grow(growth, MachineOptions::default()),
            }
        }
    }

    /// How many steps lead out of these states.
    pub fn steps(&self) -> usize {
        self.moments.iter().map(|moment| moment.choices.len()).sum()
    }
}

fn first_states(machine: &Machine, count: usize) -> Result<Vec<Moment>, Outgrown> {
    let mut initial = vec![0; machine.state_len()];
    machine.initial(&mut initial, &mut Deaf)?;
    let mut seen = BTreeSet::from([initial.clone()]);
    let mut states = vec![initial];
    let mut moments = Vec::new();
    let mut next = 0;
    while next < states.len() {
        let state = states[next].clone();
        let mut choices = Vec::new();
        machine.choices(&state, &mut choices);
        for &choice in &choices {
            let mut successor = state.clone();
            machine.step(&mut successor, choice, &mut Deaf)?;
            if states.len() < count && seen.insert(successor.clone()) {
                states.push(successor);
            }
        }
        moments.push(Moment { state, choices });
        next += 1;
    }
    Ok(moments)
}
