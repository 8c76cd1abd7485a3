//! What a context is about to do to memory or ask of the kernel, for those who look at one execution.
//!
//! Invariant: telling changes no state, and costs nothing where nobody listens.

use super::Run;
use crate::model::{CodePlace, Observer};
use crate::program::{Inst, Reg};

/// An instruction that accesses memory or calls the kernel, as it is about to run.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// Who.
    pub context: usize,
    /// The instruction.
    pub inst: &'a Inst,
    /// Where it is.
    pub at: CodePlace,
    /// Where it shows: inside the prelude, the call that led there.
    pub shown: CodePlace,
    /// The first values that it works with: addresses, sizes, arguments, in the order in which [`Inst`] lists them.
    pub operands: [u64; 3],
    /// The context is in a section in which every access counts as marked.
    pub atomic_section: bool,
}

impl<O: Observer> Run<'_, O> {
    /// Tells of an instruction that is about to run.
    #[inline]
    pub(super) fn tell_operation(&mut self, inst: &Inst) {
        if O::OPERATIONS
            && let Some(operands) = self.operands(inst)
        {
            let operation = Operation {
                context: self.context,
                inst,
                at: CodePlace { function: self.function as u32, at: self.pc as u32 },
                shown: self.place(),
                operands,
                atomic_section: self.m.is_in_atomic_section(self.s, self.context),
            };
            self.o.operation(&operation);
        }
    }

    fn operands(&self, inst: &Inst) -> Option<[u64; 3]> {
        let values = |regs: &[Reg]| {
            let mut values = [0; 3];
            values.iter_mut().zip(regs).for_each(|(value, reg)| *value = self.reg(*reg));
            values
        };
        match inst {
            Inst::Load { addr, access, .. } if !access.private => Some(values(&[*addr])),
            Inst::Store { addr, src, access } if !access.private => Some(values(&[*addr, *src])),
            Inst::CopyMemory { to, from, size } => Some(values(&[*to, *from, *size])),
            Inst::SetMemory { to, value, size } => Some(values(&[*to, *value, *size])),
            Inst::Atomic { addr, a, b, .. } => Some(values(&[*addr, *a, *b])),
            Inst::Kernel { args, .. } => Some(values(args)),
            _ => None,
        }
    }
}
