//! Sharing registers: temporaries of one type that are never needed at the same time become one, and registers without a use go.
//!
//! Invariant: parameters keep their numbers, and variables of the source keep registers of their own, under their names.

use super::liveness::Liveness;
use super::{Code, def_mut, uses_mut};
use sim_core::program::{Inst, Reg, Scalar};
use std::collections::BTreeSet;

pub(super) fn share(code: &mut Code) {
    let conflicts = conflicts(code);
    let mut used = vec![false; code.regs.len()];
    for inst in &code.insts {
        for reg in inst.def().into_iter().chain(inst.uses()) {
            used[reg as usize] = true;
        }
    }
    // The registers of the result: their type, their name, and which of the old ones they are.
    let mut shared: Vec<(Scalar, String, Vec<usize>)> = Vec::new();
    let mut new_of = vec![0 as Reg; code.regs.len()];
    for old in 0..code.regs.len() {
        let param = old < code.params as usize;
        if !used[old] && !param {
            continue;
        }
        let named = param || !code.names[old].is_empty();
        let found = shared.iter().position(|(ty, name, members)| {
            !named
                && name.is_empty()
                && *ty == code.regs[old]
                && members.iter().all(|&m| m >= code.params as usize && !conflicts[old].contains(&m))
        });
        let index = found.unwrap_or_else(|| {
            shared.push((code.regs[old], code.names[old].clone(), Vec::new()));
            shared.len() - 1
        });
        shared[index].2.push(old);
        new_of[old] = index as Reg;
    }
    for inst in &mut code.insts {
        for reg in uses_mut(inst) {
            *reg = new_of[*reg as usize];
        }
        if let Some(reg) = def_mut(inst) {
            *reg = new_of[*reg as usize];
        }
    }
    code.rewrite(|inst, out| {
        if !matches!(inst, Inst::Copy { dst, src } if dst == src) {
            out.push(inst.clone());
        }
    });
    code.regs = shared.iter().map(|(ty, ..)| *ty).collect();
    code.names = shared.into_iter().map(|(_, name, _)| name).collect();
}

/// For each register, those that are needed when it is written.
fn conflicts(code: &Code) -> Vec<BTreeSet<usize>> {
    let liveness = Liveness::of(code);
    let mut conflicts = vec![BTreeSet::new(); code.regs.len()];
    for (at, inst) in code.insts.iter().enumerate() {
        let Some(dst) = inst.def() else { continue };
        for other in liveness.all_after(at).filter(|&other| other != dst) {
            conflicts[dst as usize].insert(other as usize);
            conflicts[other as usize].insert(dst as usize);
        }
    }
    conflicts
}
