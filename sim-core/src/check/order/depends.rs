//! Which reads an address was computed from: a dependency, which orders the read before the access (`tools/memory-model/Documentation/explanation.txt`, "The
//! preserved program order relation").
//!
//! Invariant: of all executions at once, so never less than what holds in one; where that is not known, everything read before counts.

use crate::machine::address_taken;
use crate::model::CodePlace;
use crate::program::{Function, Inst, KernelCall, Program, Reg};
use std::collections::{BTreeMap, BTreeSet};

/// What a value was computed from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    /// The reads.
    pub(super) reads: BTreeSet<CodePlace>,
    /// Any other read too: it comes from where that cannot be told.
    pub(super) any: bool,
    /// It is the address of a local variable.
    local: bool,
}

impl Sources {
    /// Adds what another was computed from. Whether that is more than was known.
    fn add(&mut self, other: &Self) -> bool {
        let before = (self.reads.len(), self.any, self.local);
        self.reads.extend(&other.reads);
        self.any |= other.any;
        self.local |= other.local;
        before != (self.reads.len(), self.any, self.local)
    }

    fn any() -> Self {
        Self { any: true, ..Self::default() }
    }
}

/// The registers of a function at some point.
type Registers = Vec<Sources>;

/// The sources of every address.
#[derive(Debug)]
pub(super) struct Dependencies {
    /// For each function, the registers where a block begins.
    blocks: Vec<BTreeMap<usize, Registers>>,
    results: Registers,
    /// What each instruction uses as addresses; of a copy, what is read from comes first.
    addresses: BTreeMap<CodePlace, Vec<Sources>>,
    nowhere: Sources,
}

impl Dependencies {
    pub(super) fn of(program: &Program) -> Self {
        let mut all = Self {
            blocks: program.functions.iter().map(blocks).collect(),
            results: vec![Sources::default(); program.functions.len()],
            addresses: BTreeMap::new(),
            nowhere: Sources::default(),
        };
        let called_indirectly = address_taken(program);
        while (0..program.functions.len()).fold(false, |more, id| all.function(program, id, &called_indirectly) | more)
        {
        }
        all
    }

    /// The sources of the address that an instruction reads from, or else writes to.
    pub(super) fn of_address(&self, place: CodePlace, reads: bool) -> &Sources {
        let addresses = self.addresses.get(&place).map_or(&[][..], Vec::as_slice);
        if reads { addresses.first() } else { addresses.last() }.unwrap_or(&self.nowhere)
    }

    /// Looks at one function once more. Whether more is known after it.
    fn function(&mut self, program: &Program, id: usize, called_indirectly: &[u32]) -> bool {
        let begins: Vec<usize> = self.blocks[id].keys().copied().collect();
        begins.into_iter().fold(false, |more, begin| self.block(program, id, begin, called_indirectly) | more)
    }

    fn block(&mut self, program: &Program, id: usize, begin: usize, called_indirectly: &[u32]) -> bool {
        let function = &program.functions[id];
        let Some(mut regs) = self.blocks[id].get(&begin).cloned() else { return false };
        let mut more = false;
        for (at, inst) in function.code.iter().enumerate().skip(begin) {
            let here = CodePlace { function: id as u32, at: at as u32 };
            let used: Vec<Sources> = addresses(inst).map(|reg| regs[reg as usize].clone()).collect();
            if !used.is_empty() {
                self.addresses.insert(here, used);
            }
            match inst {
                Inst::Call { function: callee, args, .. } => more |= self.passed(program, *callee, args, &regs),
                Inst::CallIndirect { args, .. } => {
                    more |= called_indirectly.iter().fold(false, |m, f| self.passed(program, *f, args, &regs) | m);
                }
                Inst::Return { value: Some(value) } => more |= self.results[id].add(&regs[*value as usize]),
                _ => {}
            }
            if let Some(dst) = inst.def() {
                regs[dst as usize] = self.defined(here, inst, &regs);
            }
            let next = Some(at + 1).filter(|next| inst.falls_through() && self.blocks[id].contains_key(next));
            let goes_on = inst.falls_through() && next.is_none();
            for target in inst.targets().map(|target| target as usize).chain(next) {
                if let Some(known) = self.blocks[id].get_mut(&target) {
                    more |= join(known, &regs);
                }
            }
            if !goes_on {
                break;
            }
        }
        more
    }

    fn passed(&mut self, program: &Program, callee: u32, args: &[Reg], regs: &Registers) -> bool {
        let params = program.functions[callee as usize].params as usize;
        let Some(known) = self.blocks[callee as usize].get_mut(&0) else { return false };
        let passed = known.iter_mut().take(params).zip(args);
        passed.fold(false, |more, (param, arg)| param.add(&regs[*arg as usize]) | more)
    }

    /// What an instruction's result is computed from.
    fn defined(&self, here: CodePlace, inst: &Inst, regs: &Registers) -> Sources {
        let of = |reg: Reg| &regs[reg as usize];
        match inst {
            Inst::Load { addr, access, .. } if access.private || of(*addr).local => Sources::any(),
            Inst::Load { addr, .. } | Inst::Atomic { addr, .. } => {
                let mut sources = of(*addr).clone();
                sources.reads.insert(here);
                sources
            }
            Inst::AddrLocal { .. } => Sources { local: true, ..Sources::default() },
            Inst::Copy { .. } | Inst::Convert { .. } | Inst::Unary { .. } | Inst::Binary { .. } => {
                inst.uses().fold(Sources::default(), |mut sources, reg| {
                    sources.add(of(reg));
                    sources
                })
            }
            Inst::Call { function, .. } => self.results[*function as usize].clone(),
            Inst::CallIndirect { .. } => Sources::any(),
            // Memory that nobody else knows yet, and what nobody else decides.
            Inst::Kernel { call: KernelCall::Alloc { .. } | KernelCall::SmpProcessorId { .. }, .. } => {
                Sources::default()
            }
            Inst::Kernel { .. } => Sources::any(),
            _ => Sources::default(),
        }
    }
}

/// The registers that an instruction uses as addresses.
fn addresses(inst: &Inst) -> impl Iterator<Item = Reg> {
    let (first, second) = match inst {
        Inst::Load { addr, .. } | Inst::Store { addr, .. } | Inst::Atomic { addr, .. } => (Some(*addr), None),
        Inst::CopyMemory { to, from, .. } => (Some(*from), Some(*to)),
        Inst::SetMemory { to, .. } => (Some(*to), None),
        Inst::Kernel { call: KernelCall::CopyFromUser, args, .. } => (Some(args[0]), None),
        Inst::Kernel { call: KernelCall::CopyToUser, args, .. } => (Some(args[1]), None),
        _ => (None, None),
    };
    first.into_iter().chain(second)
}

/// Where the blocks of a function begin, with nothing known yet.
fn blocks(function: &Function) -> BTreeMap<usize, Registers> {
    let begins = function.code.iter().flat_map(Inst::targets).map(|target| target as usize);
    begins.chain([0]).map(|begin| (begin, vec![Sources::default(); function.regs.len()])).collect()
}

/// Adds what is known on another way. Whether that is more.
fn join(known: &mut Registers, other: &Registers) -> bool {
    known.iter_mut().zip(other).fold(false, |more, (known, other)| known.add(other) | more)
}
