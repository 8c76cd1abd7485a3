//! Building one function's code: registers, locals, labels, and the values that expressions have before they are put into registers.
//!
//! Invariant: constants and addresses of static objects stay [`Value`]s until the instruction that needs them, so that no register holds them
//! across a step.

use sim_core::program::{Inst, Reg, Scalar, SpanId};

/// What an expression without effects of its own is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A number, wrapped to its type.
    Const(u64),
    /// The address of a byte of a static object.
    Static { object: u32, offset: i64 },
    /// The address of a byte of a variable of this function, which then lives in memory.
    Local { var: VarId, offset: i64 },
    /// The address of a function.
    Function(u32),
    /// In a register.
    Reg(Reg),
}

/// Index into [`Builder::vars`].
pub(crate) type VarId = u32;
/// Index into [`Builder::labels`]; jump targets name labels until the function is finished.
pub(crate) type Label = u32;

/// A variable of the function.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: String,
    pub(crate) size: u32,
    /// Its register, if it is a scalar.
    pub(crate) reg: Option<Reg>,
    /// It lives in memory: it is no scalar, or its address is taken, or it may be read before it is set.
    pub(crate) memory: bool,
    /// It is a parameter: its register has a value on entry.
    pub(crate) param: bool,
    /// For naming places in it.
    pub(crate) ty: Option<u32>,
}

/// A function's code while it is made.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    pub(crate) code: Vec<Inst>,
    pub(crate) spans: Vec<SpanId>,
    pub(crate) regs: Vec<Scalar>,
    pub(crate) reg_names: Vec<String>,
    pub(crate) vars: Vec<Var>,
    /// The place of each label in `code`; `u32::MAX` until it is placed.
    pub(crate) labels: Vec<u32>,
    /// The place of what is made now.
    pub(crate) span: SpanId,
    /// Nothing that comes now can be reached: the last instruction was a jump and no label has been placed since.
    pub(crate) dead: bool,
}

impl Builder {
    pub(crate) fn emit(&mut self, inst: Inst) {
        if self.dead {
            return;
        }
        if matches!(inst, Inst::Jump { .. } | Inst::Branch { .. } | Inst::Return { .. }) {
            self.dead = true;
        }
        self.code.push(inst);
        self.spans.push(self.span);
    }

    pub(crate) fn reg(&mut self, ty: Scalar) -> Reg {
        self.named_reg(ty, String::new())
    }

    fn named_reg(&mut self, ty: Scalar, name: String) -> Reg {
        self.regs.push(ty);
        self.reg_names.push(name);
        (self.regs.len() - 1) as Reg
    }

    /// A new variable; a scalar is in a register unless something forbids it later.
    pub(crate) fn var(&mut self, name: &str, size: u32, scalar: Option<Scalar>, ty: Option<u32>) -> VarId {
        let reg = scalar.map(|s| self.named_reg(s, name.to_string()));
        self.vars.push(Var { name: name.to_string(), size, reg, memory: reg.is_none(), param: false, ty });
        self.vars.len() as VarId - 1
    }

    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        self.labels.len() as Label - 1
    }

    /// Puts a label here.
    pub(crate) fn place(&mut self, label: Label) {
        self.labels[label as usize] = self.code.len() as u32;
        self.dead = false;
    }

    pub(crate) fn jump(&mut self, label: Label) {
        self.emit(Inst::Jump { target: label });
    }

    pub(crate) fn branch(&mut self, cond: Reg, then: Label, otherwise: Label) {
        self.emit(Inst::Branch { cond, then, otherwise });
    }
}

impl Builder {
    /// Puts a label here if `used`; otherwise it is never placed.
    pub(crate) fn place_if_used(&mut self, label: Label, used: bool) {
        if used {
            self.place(label);
        }
    }

    /// How far the code has come; see [`Builder::back_to`].
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            code: self.code.len(),
            regs: self.regs.len(),
            vars: self.vars.len(),
            labels: self.labels.len(),
            dead: self.dead,
            memory: self.vars.iter().map(|v| v.memory).collect(),
        }
    }

    /// Whether nothing but jumps was made since the mark.
    pub(crate) fn only_jumps_since(&self, mark: &Mark) -> bool {
        self.code[mark.code..].iter().all(|inst| matches!(inst, Inst::Jump { .. }))
    }

    /// Forgets everything since the mark.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.code.truncate(mark.code);
        self.spans.truncate(mark.code);
        self.regs.truncate(mark.regs);
        self.reg_names.truncate(mark.regs);
        self.vars.truncate(mark.vars);
        self.labels.truncate(mark.labels);
        self.dead = mark.dead;
        for (var, memory) in self.vars.iter_mut().zip(mark.memory) {
            var.memory = memory;
        }
    }
}

/// A point in the making of a function.
#[derive(Debug)]
pub(crate) struct Mark {
    code: usize,
    regs: usize,
    vars: usize,
    labels: usize,
    dead: bool,
    memory: Vec<bool>,
}
