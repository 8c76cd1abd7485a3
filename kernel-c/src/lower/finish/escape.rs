//! Which locals in memory only their own function touches.
//!
//! Invariant: a local is private only if every register that may hold its address is used for nothing but accesses to it and comparisons.

use super::{Code, Local};
use sim_core::program::{BinaryOp, Inst, Reg};

/// What a register may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// An address in this local.
    Local(u16),
    Other,
}

/// Sets `private` in the locals, and in the accesses to private ones.
pub(super) fn mark_private(code: &mut Code, locals: &mut [Local]) {
    let mut escaped = vec![false; locals.len()];
    let holds = contents(code, &mut escaped);
    for inst in &code.insts {
        for (reg, allowed) in addresses(inst, &holds) {
            if let (Holds::Local(local), false) = (holds[reg as usize], allowed) {
                escaped[local as usize] = true;
            }
        }
    }
    for (local, escaped) in locals.iter_mut().zip(&escaped) {
        local.private = !escaped;
    }
    for inst in &mut code.insts {
        if let Inst::Load { addr, access, .. } | Inst::Store { addr, access, .. } = inst
            && let Holds::Local(local) = holds[*addr as usize]
        {
            access.private = !escaped[local as usize];
        }
    }
}

/// What each register may hold, over the whole function.
fn contents(code: &Code, escaped: &mut [bool]) -> Vec<Holds> {
    let mut holds = vec![Holds::Nothing; code.regs.len()];
    for param in 0..code.params {
        holds[param as usize] = Holds::Other;
    }
    loop {
        let mut changed = false;
        for inst in &code.insts {
            let Some(dst) = inst.def() else { continue };
            let new = match inst {
                Inst::AddrLocal { local, .. } => Holds::Local(*local),
                Inst::Copy { src, .. } => holds[*src as usize],
                Inst::Binary { op: BinaryOp::Add | BinaryOp::Sub, a, .. } => holds[*a as usize],
                _ => Holds::Other,
            };
            let old = holds[dst as usize];
            let joined = match (old, new) {
                (Holds::Nothing, new) => new,
                (old, Holds::Nothing) => old,
                (old, new) if old == new => old,
                (old, new) => {
                    for both in [old, new] {
                        if let Holds::Local(local) = both {
                            escaped[local as usize] = true;
                        }
                    }
                    Holds::Other
                }
            };
            if joined != old {
                holds[dst as usize] = joined;
                changed = true;
            }
        }
        if !changed {
            return holds;
        }
    }
}

/// The registers that an instruction reads, and whether it does no more with an address in one than to access the local or to go on computing with it.
fn addresses(inst: &Inst, holds: &[Holds]) -> Vec<(Reg, bool)> {
    let stays = |dst: Reg| matches!(holds[dst as usize], Holds::Local(_));
    match inst {
        Inst::Load { addr, .. } => vec![(*addr, true)],
        Inst::Store { addr, src, .. } => vec![(*addr, true), (*src, false)],
        Inst::CopyMemory { to, from, size } => vec![(*to, true), (*from, true), (*size, false)],
        Inst::SetMemory { to, value, size } => vec![(*to, true), (*value, false), (*size, false)],
        Inst::Copy { dst, src } => vec![(*src, stays(*dst))],
        Inst::Binary { op: BinaryOp::Add | BinaryOp::Sub, dst, a, b, .. } => vec![(*a, stays(*dst)), (*b, false)],
        Inst::Binary { op: BinaryOp::Eq | BinaryOp::Ne, a, b, .. } => vec![(*a, true), (*b, true)],
        Inst::Branch { cond, .. } => vec![(*cond, true)],
        _ => inst.uses().map(|reg| (reg, false)).collect(),
    }
}
