//! Blocks of straight-line code: what is noted when it runs, so that what never ran can be told.
//!
//! Invariant: a block that begins is run to its end, unless its context is killed or cannot go on in the middle of it. So a block begins wherever code is
//! entered, where a step may begin, after a jump, a call or a claim, and nowhere else.

use super::Machine;
use super::code::Code;
use super::wait::idle;
use crate::model::CodePlace;
use crate::program::Inst;
use std::collections::BTreeSet;

/// No block begins at this instruction.
pub(super) const NO_BLOCK: u32 = u32::MAX;

/// For each instruction of each function, the number of the block that begins there.
pub(super) fn blocks(code: &Code) -> Vec<Vec<u32>> {
    let mut number = 0..;
    let mut of = |begins: Vec<bool>| -> Vec<u32> {
        begins.into_iter().map(|begins| if begins { number.next().unwrap_or(NO_BLOCK) } else { NO_BLOCK }).collect()
    };
    code.routines
        .iter()
        .map(|routine| {
            let mut begins: Vec<bool> = routine.stops.iter().map(Option::is_some).collect();
            for (at, inst) in routine.code.iter().enumerate() {
                inst.targets().for_each(|target| begins[target as usize] = true);
                let parts = ends_block(inst) || matches!(inst, Inst::Assert { .. });
                if let Some(next) = begins.get_mut(at + 1).filter(|_| parts) {
                    *next = true;
                }
            }
            if let Some(first) = begins.first_mut() {
                *first = true;
            }
            of(begins)
        })
        .collect()
}

fn ends_block(inst: &Inst) -> bool {
    let calls = matches!(inst, Inst::Call { .. } | Inst::CallIndirect { .. });
    calls || matches!(inst, Inst::Jump { .. } | Inst::Branch { .. } | Inst::Return { .. })
}

impl Machine {
    /// Whether each instruction of a function ran in some execution, where these blocks did.
    pub fn executed(&self, function: u32, ran: &BTreeSet<u32>) -> Vec<bool> {
        let blocks = &self.blocks[function as usize];
        let mut runs = false;
        let mut executed: Vec<bool> = blocks
            .iter()
            .map(|block| {
                if *block != NO_BLOCK {
                    runs = ran.contains(block);
                }
                runs
            })
            .collect();
        self.add_waiting(function, &mut executed);
        executed
    }

    /// A loop that waits is known for one without being run round: what stands between its read and its way back runs if the read does.
    fn add_waiting(&self, function: u32, executed: &mut [bool]) {
        let code = &self.code.routines[function as usize].code;
        for at in 0..code.len() {
            let Inst::Jump { target } = code[at] else { continue };
            let head = target as usize;
            if head >= at || executed[at] || !executed[head] {
                continue;
            }
            let stops = &self.code.routines[function as usize].stops;
            let body = (head..at).rev().take_while(|i| !executed[*i]).last().unwrap_or(at);
            if (body..at).all(|i| idle(&code[i]) && stops[i].is_none()) {
                executed[body..=at].fill(true);
            }
        }
    }

    /// A place that a failed claim in the code would be reported at, for each such claim that is not there to say that it is never reached.
    pub fn claims_in_code(&self) -> Vec<CodePlace> {
        let functions = self.program.functions.iter().enumerate().filter(|(_, function)| !function.prelude);
        let all = functions.flat_map(|(id, function)| {
            (0..function.code.len()).filter(|at| is_claim(&function.code, *at)).map(move |at| (id, at))
        });
        all.map(|(function, at)| CodePlace { function: function as u32, at: at as u32 }).collect()
    }
}

/// Whether an instruction is a claim about something: `BUG()` and `WARN_ON(1)` claim only that nothing leads there.
fn is_claim(code: &[Inst], at: usize) -> bool {
    use crate::program::{AssertHeld, AssertKind, KernelCall};
    match &code[at] {
        Inst::Assert { kind: AssertKind::Refcount, .. } => false,
        Inst::Assert { holds, .. } => {
            let made = code[..at].iter().rev().find(|inst| inst.def() == Some(*holds));
            !matches!(made, Some(Inst::Const { value: 0, .. }))
        }
        Inst::Kernel { call: KernelCall::AssertHeld { claim }, .. } => {
            matches!(claim, AssertHeld::Held | AssertHeld::NotHeld)
        }
        _ => false,
    }
}
