//! Every state of small programs that are made at random, for what must hold in each.

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use sim_core::machine::{Machine, MachineOptions};
use sim_core::model::{Choice, Deaf, Growth, Model, Outgrown};
use sim_core::program::Program;
use std::collections::BTreeSet;
use std::sync::Arc;

/// So many programs, the same ones each time.
pub(crate) fn runner(cases: u32, seed: u64) -> TestRunner {
    let rng_seed = RngSeed::Fixed(seed);
    TestRunner::new(Config { cases, failure_persistence: None, rng_seed, ..Config::default() })
}

/// Looks at every state of a program, or at so many, with what may happen next there. Those that were met in a machine without enough room are looked at again.
///
/// # Errors
/// What `look` finds wrong; a program that is not valid; two choices that one word stands for.
pub(crate) fn visit(
    program: Program,
    most: usize,
    mut look: impl FnMut(&Machine, &[u8], &[Choice]) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    program.validate().map_err(|error| TestCaseError::fail(error.to_string()))?;
    let options = MachineOptions::default();
    let mut machine = Machine::new(Arc::new(program), options);
    loop {
        match visit_on(&machine, most, &mut look) {
            Ok(result) => return result,
            Err(growth) => machine = machine.grow(growth, options),
        }
    }
}

fn visit_on(
    machine: &Machine,
    most: usize,
    look: &mut impl FnMut(&Machine, &[u8], &[Choice]) -> Result<(), TestCaseError>,
) -> Result<Result<(), TestCaseError>, Growth> {
    let mut initial = vec![0; machine.state_len()];
    machine.initial(&mut initial, &mut Deaf).map_err(|Outgrown(growth)| growth)?;
    let mut visited = BTreeSet::from([initial.clone()]);
    let mut todo = vec![initial];
    let mut choices: Vec<Choice> = Vec::new();
    while let Some(state) = todo.pop() {
        choices.clear();
        machine.choices(&state, &mut choices);
        if let Err(broken) = look(machine, &state, &choices) {
            return Ok(Err(broken));
        }
        let words: BTreeSet<String> = choices.iter().map(|choice| machine.word(&state, *choice)).collect();
        if words.len() != choices.len() {
            return Ok(Err(TestCaseError::fail(format!("two choices share a word: {words:?}"))));
        }
        for choice in &choices {
            let mut next = state.clone();
            machine.step(&mut next, *choice, &mut Deaf).map_err(|Outgrown(growth)| growth)?;
            if visited.len() < most && visited.insert(next.clone()) {
                todo.push(next);
            }
        }
    }
    Ok(Ok(()))
}
