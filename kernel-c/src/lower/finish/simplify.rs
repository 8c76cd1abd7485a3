//! Jumps to jumps, copies of copies, values that nobody reads, and constants that would be kept across a step.

use super::liveness::Liveness;
use super::{Code, def_mut, targets_mut, uses_mut};
use sim_core::program::{BinaryOp, Inst, KernelCall, Reg};

/// Follows jumps to jumps, drops what cannot be reached, jumps to what comes next anyway, and branches on constants.
pub(super) fn jumps(code: &mut Code) {
    loop {
        known_branches(code);
        constant_answers(code);
        thread(code);
        let before = code.insts.len();
        drop_unreachable(code);
        drop_idle_jumps(code);
        if code.insts.len() == before {
            return;
        }
    }
}

/// A branch on a constant set right before it, or with one target, is a jump.
fn known_branches(code: &mut Code) {
    let leaders = code.leaders();
    for (at, leader) in leaders.into_iter().enumerate() {
        let Inst::Branch { cond, then, otherwise } = code.insts[at] else { continue };
        if then == otherwise {
            code.insts[at] = Inst::Jump { target: then };
        } else if at > 0
            && !leader
            && let Inst::Const { dst, value } = code.insts[at - 1]
            && dst == cond
        {
            code.insts[at] = Inst::Jump { target: if value != 0 { then } else { otherwise } };
        }
    }
}

/// A constant that leads to a branch on it (the value of `a && b` that is tested) leads to where the branch goes.
fn constant_answers(code: &mut Code) {
    let targets: Vec<Option<u32>> = (0..code.insts.len()).map(|at| answered(code, at)).collect();
    if targets.iter().all(Option::is_none) {
        return;
    }
    let mut at = 0;
    code.rewrite(|inst, out| {
        out.push(inst.clone());
        if let Some(target) = targets[at] {
            out.push(Inst::Jump { target });
        }
        at += 1;
    });
}

/// Where control goes after the constant at `at`, if a branch on it follows and is not simply next to it.
fn answered(code: &Code, at: usize) -> Option<u32> {
    let Inst::Const { dst, value } = code.insts[at] else { return None };
    let mut next = at + 1;
    for _ in 0..code.insts.len() {
        match code.insts.get(next)? {
            Inst::Jump { target } => next = *target as usize,
            Inst::Branch { cond, then, otherwise } if *cond == dst => {
                return Some(if value != 0 { *then } else { *otherwise });
            }
            _ => return None,
        }
    }
    None
}

fn thread(code: &mut Code) {
    for at in 0..code.insts.len() {
        let mut inst = std::mem::replace(&mut code.insts[at], Inst::Return { value: None });
        for target in targets_mut(&mut inst).into_iter().flatten() {
            let mut hops = 0;
            while let Inst::Jump { target: next } = code.insts[*target as usize]
                && hops < code.insts.len()
                && next != *target
            {
                *target = next;
                hops += 1;
            }
        }
        code.insts[at] = inst;
    }
}

fn drop_unreachable(code: &mut Code) {
    let mut seen = vec![false; code.insts.len()];
    let mut open = vec![0usize];
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            open.extend(code.successors(at));
        }
    }
    let mut at = 0;
    code.rewrite(|inst, out| {
        if seen[at] {
            out.push(inst.clone());
        }
        at += 1;
    });
}

fn drop_idle_jumps(code: &mut Code) {
    let mut at = 0u32;
    let last = code.insts.len() as u32 - 1;
    code.rewrite(|inst, out| {
        at += 1;
        if !matches!(inst, Inst::Jump { target } if *target == at && at <= last) {
            out.push(inst.clone());
        }
    });
}

/// Reads the source of a copy rather than the copy, within a stretch of code that no jump enters.
pub(super) fn copies(code: &mut Code) {
    let leaders = code.leaders();
    let mut copy_of: Vec<Option<Reg>> = vec![None; code.regs.len()];
    for (at, leader) in leaders.into_iter().enumerate() {
        if leader {
            copy_of.fill(None);
        }
        for reg in uses_mut(&mut code.insts[at]) {
            if let Some(source) = copy_of[*reg as usize] {
                *reg = source;
            }
        }
        if let Some(&mut dst) = def_mut(&mut code.insts[at]) {
            copy_of[dst as usize] = None;
            for entry in &mut copy_of {
                if *entry == Some(dst) {
                    *entry = None;
                }
            }
            if let Inst::Copy { src, .. } = code.insts[at]
                && src != dst
            {
                copy_of[dst as usize] = Some(src);
            }
        }
    }
}

/// `t = ...; x = t` becomes `x = ...` where `t` is not needed otherwise.
pub(super) fn compute_in_place(code: &mut Code) {
    let liveness = Liveness::of(code);
    let leaders = code.leaders();
    let mut dropped = vec![false; code.insts.len()];
    for at in 0..code.insts.len() {
        let Inst::Copy { dst, src } = code.insts[at] else { continue };
        if dst == src {
            dropped[at] = true;
            continue;
        }
        if leaders[at] || liveness.live_after(at, src) {
            continue;
        }
        if let Some(made) = maker(code, &leaders, &dropped, at, dst, src) {
            if let Some(reg) = def_mut(&mut code.insts[made]) {
                *reg = dst;
            }
            dropped[at] = true;
        }
    }
    let mut at = 0;
    code.rewrite(|inst, out| {
        if !dropped[at] {
            out.push(inst.clone());
        }
        at += 1;
    });
}

/// The instruction before `at`, in the same stretch, that makes `src`, if nothing between the two has to do with either register.
fn maker(code: &Code, leaders: &[bool], dropped: &[bool], at: usize, dst: Reg, src: Reg) -> Option<usize> {
    let mut i = at;
    while i > 0 {
        i -= 1;
        let inst = &code.insts[i];
        if dropped[i] && !leaders[i] {
            continue;
        } else if dropped[i] {
            return None;
        }
        if inst.def() == Some(src) {
            // A parameter's register has a value of its own.
            return (src >= code.params).then_some(i);
        }
        let touches = inst.uses().any(|r| r == src || r == dst) || inst.def() == Some(dst);
        if touches || leaders[i] || !inst.falls_through() {
            return None;
        }
    }
    None
}

/// Drops what computes a value that nobody reads. Accesses to memory and calls stay; of a call's result that nobody reads nothing is kept.
pub(super) fn unused(code: &mut Code) {
    loop {
        let liveness = Liveness::of(code);
        for (at, inst) in code.insts.iter_mut().enumerate() {
            if let Inst::Call { dst, .. }
            | Inst::CallIndirect { dst, .. }
            | Inst::Atomic { dst, .. }
            | Inst::Kernel { dst, .. } = inst
                && dst.is_some_and(|reg| !liveness.live_after(at, reg))
            {
                *dst = None;
            }
        }
        let before = code.insts.len();
        let mut at = 0;
        code.rewrite(|inst, out| {
            let needless = is_pure(inst) && inst.def().is_some_and(|dst| !liveness.live_after(at, dst));
            if !needless && !is_idle_question(inst) {
                out.push(inst.clone());
            }
            at += 1;
        });
        if code.insts.len() == before {
            return;
        }
    }
}

fn is_pure(inst: &Inst) -> bool {
    match inst {
        Inst::Const { .. }
        | Inst::Copy { .. }
        | Inst::Convert { .. }
        | Inst::Unary { .. }
        | Inst::AddrStatic { .. }
        | Inst::AddrLocal { .. } => true,
        // A division may fault.
        Inst::Binary { op, .. } => !matches!(op, BinaryOp::Div | BinaryOp::Rem),
        _ => false,
    }
}

/// A question about the context that nobody hears the answer to. (`smp_processor_id()` checks something, and stays.)
fn is_idle_question(inst: &Inst) -> bool {
    let Inst::Kernel { call, dst: None, .. } = inst else { return false };
    matches!(
        call,
        KernelCall::IrqsDisabled
            | KernelCall::PreemptCount
            | KernelCall::InTask
            | KernelCall::InHardirq
            | KernelCall::InSoftirq
            | KernelCall::InServingSoftirq
            | KernelCall::InInterrupt
            | KernelCall::InNmi
            | KernelCall::InAtomic
            | KernelCall::Preemptible
            | KernelCall::SmpProcessorId { raw: true }
            | KernelCall::Current
    )
}

/// Whether an instruction may begin a step, at which registers would have to be kept.
fn may_be_step(inst: &Inst) -> bool {
    matches!(
        inst,
        Inst::Load { .. }
            | Inst::Store { .. }
            | Inst::CopyMemory { .. }
            | Inst::SetMemory { .. }
            | Inst::Atomic { .. }
            | Inst::Kernel { .. }
            | Inst::Call { .. }
            | Inst::CallIndirect { .. }
    )
}

/// Makes constants, addresses of objects, and pointers a constant away from another anew before each use, where they would be kept across a step.
///
/// A register with a single definition has the same value wherever it can be read (variables that may be read before they are set live in memory), so
/// that the definition can be repeated anywhere its operands are known.
pub(super) fn rematerialise(code: &mut Code) {
    let recipes = recipes(code);
    let leaders = code.leaders();
    let mut fresh = vec![false; code.regs.len()];
    let mut at = 0;
    code.rewrite(|inst, out| {
        if leaders[at] {
            fresh.fill(false);
        }
        at += 1;
        for reg in inst.uses() {
            if !std::mem::replace(&mut fresh[reg as usize], true) {
                out.extend(recipes[reg as usize].iter().flatten().cloned());
            }
        }
        if let Some(dst) = inst.def() {
            fresh[dst as usize] = true;
        }
        out.push(inst.clone());
        if may_be_step(inst) || !inst.falls_through() {
            fresh.fill(false);
        }
    });
}

/// For each register, how to make its value again, if that is known.
fn recipes(code: &Code) -> Vec<Option<Vec<Inst>>> {
    let mut definitions: Vec<(usize, Option<&Inst>)> = vec![(0, None); code.regs.len()];
    for param in 0..code.params {
        definitions[param as usize].0 = 1;
    }
    for inst in &code.insts {
        if let Some(dst) = inst.def() {
            let entry = &mut definitions[dst as usize];
            *entry = (entry.0 + 1, Some(inst));
        }
    }
    (0..code.regs.len() as u32).map(|reg| recipe(reg as Reg, &definitions, 0)).collect()
}

fn recipe(reg: Reg, definitions: &[(usize, Option<&Inst>)], depth: u8) -> Option<Vec<Inst>> {
    let (1, Some(inst)) = definitions[reg as usize] else { return None };
    match inst {
        Inst::Const { .. } | Inst::AddrStatic { .. } | Inst::AddrLocal { .. } => Some(vec![inst.clone()]),
        Inst::Binary { op: BinaryOp::Add | BinaryOp::Sub, a, b, .. } if depth < 4 => {
            let constant = recipe(*b, definitions, depth + 1)?;
            if !matches!(constant[..], [Inst::Const { .. }]) || definitions[*a as usize].0 != 1 {
                return None;
            }
            let mut steps = recipe(*a, definitions, depth + 1).unwrap_or_default();
            steps.extend(constant);
            steps.push((*inst).clone());
            Some(steps)
        }
        _ => None,
    }
}
