//! What every engine may take for granted about a program, checked once.

use super::{Inst, Program};

/// A program that breaks a rule of its form: a defect of the front end that made it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("function `{function}`, instruction {at}: {problem}")]
pub struct Invalid {
    /// The function's name.
    pub function: String,
    /// Index into its code.
    pub at: usize,
    /// Which rule is broken.
    pub problem: &'static str,
}

impl Program {
    /// Checks that every index is in range, that code does not run off its end, and that calls pass what callees take.
    ///
    /// # Errors
    /// The first rule found broken.
    pub fn validate(&self) -> Result<(), Invalid> {
        for function in &self.functions {
            let fail = |at, problem| Err(Invalid { function: function.name.clone(), at, problem });
            if function.spans.len() != function.code.len() {
                return fail(0, "spans and code differ in length");
            }
            if (function.params as usize) > function.regs.len() {
                return fail(0, "fewer registers than parameters");
            }
            match function.code.last() {
                Some(Inst::Return { .. } | Inst::Jump { .. } | Inst::Branch { .. }) => {}
                _ => {
                    return fail(function.code.len().saturating_sub(1), "code runs off its end");
                }
            }
            for (at, inst) in function.code.iter().enumerate() {
                if inst.registers().any(|reg| reg as usize >= function.regs.len()) {
                    return fail(at, "no such register");
                }
                if inst.targets().any(|target| target as usize >= function.code.len()) {
                    return fail(at, "no such jump target");
                }
                match inst {
                    Inst::AddrStatic { object, .. } if *object as usize >= self.objects.len() => {
                        return fail(at, "no such object");
                    }
                    Inst::AddrLocal { local, .. } | Inst::LocalLive { local } | Inst::LocalDead { local }
                        if *local as usize >= function.locals.len() =>
                    {
                        return fail(at, "no such local");
                    }
                    Inst::Assert { text, .. } if *text as usize >= self.strings.len() => {
                        return fail(at, "no such string");
                    }
                    Inst::Call { function: callee, args, .. } => match self.functions.get(*callee as usize) {
                        None => return fail(at, "no such function"),
                        Some(callee) if callee.params as usize != args.len() => {
                            return fail(at, "wrong number of arguments");
                        }
                        Some(_) => {}
                    },
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

impl Inst {
    /// The register that it writes.
    pub fn def(&self) -> Option<super::Reg> {
        match self {
            Self::Const { dst, .. }
            | Self::Copy { dst, .. }
            | Self::Convert { dst, .. }
            | Self::Unary { dst, .. }
            | Self::Binary { dst, .. }
            | Self::AddrStatic { dst, .. }
            | Self::AddrLocal { dst, .. }
            | Self::Load { dst, .. } => Some(*dst),
            Self::Call { dst, .. }
            | Self::CallIndirect { dst, .. }
            | Self::Atomic { dst, .. }
            | Self::Kernel { dst, .. } => *dst,
            _ => None,
        }
    }

    /// The registers that it reads.
    pub fn uses(&self) -> impl Iterator<Item = super::Reg> + '_ {
        let (fixed, list): ([Option<super::Reg>; 3], &[super::Reg]) = match self {
            Self::Copy { src, .. } | Self::Convert { src, .. } | Self::Unary { src, .. } => {
                ([Some(*src), None, None], &[])
            }
            Self::Binary { a, b, .. } => ([Some(*a), Some(*b), None], &[]),
            Self::Branch { cond, .. } => ([Some(*cond), None, None], &[]),
            Self::Call { args, .. } | Self::Kernel { args, .. } => ([None; 3], args),
            Self::CallIndirect { callee, args, .. } => ([Some(*callee), None, None], args),
            Self::Return { value } => ([*value, None, None], &[]),
            Self::Load { addr, .. } => ([Some(*addr), None, None], &[]),
            Self::Store { addr, src, .. } => ([Some(*addr), Some(*src), None], &[]),
            Self::CopyMemory { to, from, size } => ([Some(*to), Some(*from), Some(*size)], &[]),
            Self::SetMemory { to, value, size } => ([Some(*to), Some(*value), Some(*size)], &[]),
            Self::Atomic { addr, a, b, .. } => ([Some(*addr), Some(*a), Some(*b)], &[]),
            Self::Assert { holds, .. } => ([Some(*holds), None, None], &[]),
            _ => ([None; 3], &[]),
        };
        fixed.into_iter().flatten().chain(list.iter().copied())
    }

    fn registers(&self) -> impl Iterator<Item = super::Reg> + '_ {
        self.def().into_iter().chain(self.uses())
    }

    /// Where it may jump to, other than the next instruction.
    pub fn targets(&self) -> impl Iterator<Item = u32> {
        let targets = match self {
            Self::Jump { target } => [Some(*target), None],
            Self::Branch { then, otherwise, .. } => [Some(*then), Some(*otherwise)],
            _ => [None, None],
        };
        targets.into_iter().flatten()
    }

    /// Whether control may go on to the next instruction.
    pub fn falls_through(&self) -> bool {
        !matches!(self, Self::Jump { .. } | Self::Branch { .. } | Self::Return { .. })
    }
}
