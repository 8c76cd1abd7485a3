//! From a builder's code to a function of the program: labels are resolved, variables that must live in memory are put there, and what need not be
//! kept between two steps is computed anew instead.
//!
//! Invariant: no pass here moves, adds or removes an access to memory that is not private, or a kernel call: the steps are those that the source makes.

mod escape;
mod liveness;
mod registers;
mod simplify;

use super::code::{Builder, Var};
use liveness::Liveness;
use sim_core::program::{Access, Function, Inst, Local, Mark, Reg, Scalar, SpanId};

/// A function's code on its way.
pub(super) struct Code {
    pub(super) insts: Vec<Inst>,
    pub(super) spans: Vec<SpanId>,
    pub(super) regs: Vec<Scalar>,
    pub(super) names: Vec<String>,
    pub(super) params: u16,
}

/// Makes the function; its name and place are the caller's.
pub(super) fn finish(builder: Builder, params: u16) -> Function {
    let vars = builder.vars;
    let labels = builder.labels;
    let mut code =
        Code { insts: builder.code, spans: builder.spans, regs: builder.regs, names: builder.reg_names, params };
    resolve_labels(&mut code, &labels);
    simplify::jumps(&mut code);
    let memory = memory_vars(&code, &vars);
    let mut locals = place_vars(&mut code, &vars, &memory);
    simplify::compute_in_place(&mut code);
    simplify::copies(&mut code);
    simplify::unused(&mut code);
    simplify::rematerialise(&mut code);
    simplify::copies(&mut code);
    simplify::compute_in_place(&mut code);
    simplify::unused(&mut code);
    simplify::jumps(&mut code);
    simplify::unused(&mut code);
    simplify::jumps(&mut code);
    escape::mark_private(&mut code, &mut locals);
    registers::share(&mut code);
    Function {
        params,
        regs: code.regs,
        reg_names: code.names,
        locals,
        code: code.insts,
        spans: code.spans,
        ..Function::default()
    }
}

/// Whether control can reach the end of what has been built so far.
pub(super) fn end_is_reachable(builder: &Builder) -> bool {
    let end = builder.code.len();
    let mut seen = vec![false; end + 1];
    let mut open = vec![0usize];
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut seen[at], true) || at == end {
            continue;
        }
        let inst = &builder.code[at];
        for label in inst.targets() {
            let target = builder.labels.get(label as usize).copied().unwrap_or(u32::MAX);
            if (target as usize) <= end {
                open.push(target as usize);
            }
        }
        if inst.falls_through() {
            open.push(at + 1);
        }
    }
    seen[end]
}

fn resolve_labels(code: &mut Code, labels: &[u32]) {
    let last = code.insts.len().saturating_sub(1) as u32;
    // A label that was never placed belongs to a mistake that has been reported.
    let resolve = |label: &mut u32| *label = labels.get(*label as usize).copied().unwrap_or(last).min(last);
    for inst in &mut code.insts {
        targets_mut(inst).into_iter().flatten().for_each(resolve);
    }
}

/// The variables that live in memory: those of which the builder says so, and those that may be read before they are set.
fn memory_vars(code: &Code, vars: &[Var]) -> Vec<bool> {
    let liveness = Liveness::of(code);
    let mut memory: Vec<bool> = vars.iter().map(|v| v.memory).collect();
    for (at, inst) in code.insts.iter().enumerate() {
        if let Inst::LocalLive { local } = inst
            && let Some(reg) = vars[*local as usize].reg
            && liveness.live_after(at, reg)
        {
            memory[*local as usize] = true;
        }
    }
    memory
}

/// Gives the variables in memory their locals, and turns what reads and writes their registers into loads and stores.
fn place_vars(code: &mut Code, vars: &[Var], memory: &[bool]) -> Vec<Local> {
    let mut locals = Vec::new();
    let mut index = vec![None; vars.len()];
    let mut of_reg = vec![None; code.regs.len()];
    for (i, var) in vars.iter().enumerate().filter(|(i, _)| memory[*i]) {
        index[i] = Some(locals.len() as u16);
        if let Some(reg) = var.reg.filter(|_| !var.param) {
            of_reg[reg as usize] = index[i];
        }
        locals.push(Local { name: var.name.clone(), size: var.size, ty: var.ty, private: false });
    }
    let mut fresh = Vec::new();
    let base = code.regs.len();
    let scalars = code.regs.clone();
    code.rewrite(|inst, out| {
        let mut inst = inst.clone();
        match &mut inst {
            Inst::LocalLive { local } | Inst::LocalDead { local } => {
                let Some(new) = index[*local as usize] else { return };
                *local = new;
            }
            Inst::AddrLocal { local, .. } => *local = index[*local as usize].unwrap_or(0),
            _ => {}
        }
        let mut temporary = |ty: Scalar| {
            fresh.push(ty);
            (base + fresh.len() - 1) as Reg
        };
        for reg in uses_mut(&mut inst) {
            if let Some(local) = of_reg.get(*reg as usize).copied().flatten() {
                let ty = scalars[*reg as usize];
                let (addr, dst) = (temporary(Scalar::U64), temporary(ty));
                out.push(Inst::AddrLocal { dst: addr, local, offset: 0 });
                out.push(Inst::Load { dst, addr, access: plain(ty), bits: None });
                *reg = dst;
            }
        }
        let mut store = None;
        if let Some(reg) = def_mut(&mut inst)
            && let Some(local) = of_reg.get(*reg as usize).copied().flatten()
        {
            let ty = scalars[*reg as usize];
            let (src, addr) = (temporary(ty), temporary(Scalar::U64));
            *reg = src;
            store = Some((local, src, addr, ty));
        }
        out.push(inst);
        if let Some((local, src, addr, ty)) = store {
            out.push(Inst::AddrLocal { dst: addr, local, offset: 0 });
            out.push(Inst::Store { addr, src, access: plain(ty) });
        }
    });
    code.names.resize(base + fresh.len(), String::new());
    code.regs.extend(fresh);
    locals
}

fn plain(ty: Scalar) -> Access {
    Access { ty, mark: Mark::Plain, private: false }
}

impl Code {
    /// Replaces each instruction by what `make` gives for it; jumps follow.
    pub(super) fn rewrite(&mut self, mut make: impl FnMut(&Inst, &mut Vec<Inst>)) {
        let old = std::mem::take(&mut self.insts);
        let old_spans = std::mem::take(&mut self.spans);
        let mut places = Vec::with_capacity(old.len() + 1);
        for (inst, span) in old.iter().zip(old_spans) {
            places.push(self.insts.len() as u32);
            make(inst, &mut self.insts);
            self.spans.resize(self.insts.len(), span);
        }
        places.push(self.insts.len() as u32);
        for inst in &mut self.insts {
            for target in targets_mut(inst).into_iter().flatten() {
                *target = places[*target as usize];
            }
        }
    }

    /// The instructions that may come after the one at `at`.
    pub(super) fn successors(&self, at: usize) -> impl Iterator<Item = usize> {
        let next = self.insts[at].falls_through().then_some(at + 1).filter(|&n| n < self.insts.len());
        self.insts[at].targets().map(|t| t as usize).chain(next)
    }

    /// Whether a jump leads to each instruction.
    pub(super) fn leaders(&self) -> Vec<bool> {
        let mut leaders = vec![false; self.insts.len()];
        for inst in &self.insts {
            for target in inst.targets() {
                leaders[target as usize] = true;
            }
        }
        leaders
    }
}

/// The jump targets of an instruction.
pub(super) fn targets_mut(inst: &mut Inst) -> [Option<&mut u32>; 2] {
    match inst {
        Inst::Jump { target } => [Some(target), None],
        Inst::Branch { then, otherwise, .. } => [Some(then), Some(otherwise)],
        _ => [None, None],
    }
}

/// The register that an instruction writes.
pub(super) fn def_mut(inst: &mut Inst) -> Option<&mut Reg> {
    match inst {
        Inst::Const { dst, .. }
        | Inst::Copy { dst, .. }
        | Inst::Convert { dst, .. }
        | Inst::Unary { dst, .. }
        | Inst::Binary { dst, .. }
        | Inst::AddrStatic { dst, .. }
        | Inst::AddrLocal { dst, .. }
        | Inst::Load { dst, .. } => Some(dst),
        Inst::Call { dst, .. }
        | Inst::CallIndirect { dst, .. }
        | Inst::Atomic { dst, .. }
        | Inst::Kernel { dst, .. } => dst.as_mut(),
        _ => None,
    }
}

/// The registers that an instruction reads.
pub(super) fn uses_mut(inst: &mut Inst) -> Vec<&mut Reg> {
    match inst {
        Inst::Copy { src, .. } | Inst::Convert { src, .. } | Inst::Unary { src, .. } => vec![src],
        Inst::Binary { a, b, .. } => vec![a, b],
        Inst::Branch { cond, .. } => vec![cond],
        Inst::Call { args, .. } | Inst::Kernel { args, .. } => args.iter_mut().collect(),
        Inst::CallIndirect { callee, args, .. } => std::iter::once(callee).chain(args).collect(),
        Inst::Return { value } => value.as_mut().into_iter().collect(),
        Inst::Load { addr, .. } => vec![addr],
        Inst::Store { addr, src, .. } => vec![addr, src],
        Inst::CopyMemory { to, from, size } => vec![to, from, size],
        Inst::SetMemory { to, value, size } => vec![to, value, size],
        Inst::Atomic { addr, a, b, .. } => vec![addr, a, b],
        Inst::Assert { holds, .. } => vec![holds],
        _ => Vec::new(),
    }
}
