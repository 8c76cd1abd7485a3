//! The instructions of a function.
//!
//! Registers stay registers: nothing here is folded across a shared access, so that address, data and control
//! dependencies remain visible to an engine for weak memory.

use super::{FunctionId, KernelCall, ObjectId};
use serde::{Deserialize, Serialize};

/// A virtual register of a function.
pub type Reg = u16;

/// An integer type: how wide a value is, and how it is extended to the 64 bits that a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scalar {
    /// 1, 2, 4 or 8 bytes.
    pub size: u8,
    /// Sign-extended rather than zero-extended.
    pub signed: bool,
}

impl Scalar {
    /// `unsigned char`.
    pub const U8: Self = Self { size: 1, signed: false };
    /// `int`.
    pub const I32: Self = Self { size: 4, signed: true };
    /// `unsigned int`.
    pub const U32: Self = Self { size: 4, signed: false };
    /// `long`.
    pub const I64: Self = Self { size: 8, signed: true };
    /// `unsigned long`, and every pointer.
    pub const U64: Self = Self { size: 8, signed: false };

    /// The value cut to this type and extended again: what a register of this type holds.
    pub const fn wrap(self, value: u64) -> u64 {
        let shift = 64 - 8 * self.size as u32;
        if self.signed { (((value << shift) as i64) >> shift) as u64 } else { (value << shift) >> shift }
    }
}

impl Default for Scalar {
    fn default() -> Self {
        Self::U64
    }
}

/// A bit-field in the storage unit that an access names: reads and writes are of the whole unit, as on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BitField {
    /// Lowest bit in the unit.
    pub lo: u8,
    /// How many bits.
    pub width: u8,
    /// The field is signed.
    pub signed: bool,
}

/// How an access is marked, in the sense of the kernel's memory model (`tools/memory-model/Documentation/access-marking.txt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mark {
    /// Plain C: it races with conflicting accesses.
    Plain,
    /// `READ_ONCE`, `WRITE_ONCE`, `volatile`.
    Once,
    /// `smp_load_acquire`.
    Acquire,
    /// `smp_store_release`.
    Release,
    /// Inside `data_race()`: a plain access that is meant to race.
    Racy,
    /// `this_cpu_read`, `this_cpu_write`: the address is a per-CPU pointer, and means the copy of the CPU that makes the access.
    ThisCpu,
}

/// The properties of a load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// What is loaded or stored. For a bit-field, its whole storage unit.
    pub ty: Scalar,
    /// The marking.
    pub mark: Mark,
    /// It touches only a [`super::Local`] that is private, so that it is not a step.
    pub private: bool,
}

/// The ordering of an atomic operation (`Documentation/atomic_t.txt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Order {
    /// No ordering: `_relaxed`, and operations that return nothing.
    Relaxed,
    /// `_acquire`.
    Acquire,
    /// `_release`.
    Release,
    /// Fully ordered.
    Full,
    /// `this_cpu_add` and its kin: the address is a per-CPU pointer, and means the copy of the CPU that does it. No ordering, and atomic only as seen by
    /// that CPU (`Documentation/core-api/this_cpu_ops.rst`).
    ThisCpu,
}

/// An atomic read-modify-write. `a` and `b` are the operands of [`Inst::Atomic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AtomicOp {
    /// `old + a`
    Add,
    /// `old - a`
    Sub,
    /// `old & a`
    And,
    /// `old | a`
    Or,
    /// `old ^ a`
    Xor,
    /// `old & ~a`
    AndNot,
    /// `a`
    Xchg,
    /// `b` if `old == a`, else unchanged.
    Cmpxchg,
    /// `old + a` if `old != b`, else unchanged.
    AddUnless,
    /// `old - 1` if that is not negative, else unchanged.
    DecIfPositive,
}

/// Which value an atomic operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fetch {
    /// The value before.
    Old,
    /// The value that the operation computes (for `DecIfPositive`: `old - 1`, also when it was not stored).
    New,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `-a`
    Neg,
    /// `~a`
    Not,
    /// `!a`: 1 if `a` is 0, else 0.
    LogicalNot,
}

/// Operators with two operands. Comparisons give 0 or 1 and compare as the operands' type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named as in C")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    /// Division by zero is an oops.
    Div,
    /// Division by zero is an oops.
    Rem,
    And,
    Or,
    Xor,
    /// The amount is taken modulo the width.
    Shl,
    /// Arithmetic for signed types. The amount is taken modulo the width.
    Shr,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    /// `per_cpu_ptr(a, b)`: where the copy of CPU `b` is that the per-CPU pointer `a` is about (see [`super::pointer::of_cpu`]).
    PerCpu,
}

/// The claims that stand in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AssertKind {
    /// `BUG_ON`, `BUG`: the context ends.
    Bug,
    /// `WARN_ON`, `WARN`, `WARN_ON_ONCE`: the execution goes on.
    Warn,
    /// `lockdep_assert(cond)` and its kin over anything but a lock.
    Lockdep,
    /// `RCU_LOCKDEP_WARN`.
    Rcu,
    /// `refcount_t` saturation, underflow, addition on zero.
    Refcount,
}

/// An instruction. Local ones touch only registers and are part of the step before them; a memory access or a kernel call that others can notice
/// begins a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Inst {
    /// `dst = value`
    Const {
        /// Where the value goes.
        dst: Reg,
        /// Already wrapped to the register's type.
        value: u64,
    },
    /// `dst = src`
    Copy {
        /// Where the value goes.
        dst: Reg,
        /// Where it comes from.
        src: Reg,
    },
    /// `dst = (to) src`
    Convert {
        /// The type converted to.
        to: Scalar,
        /// Where the value goes.
        dst: Reg,
        /// Where it comes from.
        src: Reg,
    },
    /// `dst = op src`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The type it works in (both operand and, but for `!`, result).
        ty: Scalar,
        /// Where the value goes.
        dst: Reg,
        /// The operand.
        src: Reg,
    },
    /// `dst = a op b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The type of the operands (and, but for comparisons, of the result).
        ty: Scalar,
        /// Where the value goes.
        dst: Reg,
        /// Left operand.
        a: Reg,
        /// Right operand.
        b: Reg,
    },
    /// `dst = &object + offset`
    AddrStatic {
        /// Where the pointer goes.
        dst: Reg,
        /// The object.
        object: ObjectId,
        /// Bytes from its start.
        offset: u32,
    },
    /// `dst = &local + offset`
    AddrLocal {
        /// Where the pointer goes.
        dst: Reg,
        /// Index into the function's `locals`.
        local: u16,
        /// Bytes from its start.
        offset: u32,
    },
    /// The block that declares this local is entered: it exists, with undefined contents.
    LocalLive {
        /// Index into the function's `locals`.
        local: u16,
    },
    /// The block that declares this local is left: pointers to it are stale.
    LocalDead {
        /// Index into the function's `locals`.
        local: u16,
    },
    /// `goto target`
    Jump {
        /// Index into `code`.
        target: u32,
    },
    /// `if (cond) goto then; else goto otherwise;`
    Branch {
        /// Tested against 0.
        cond: Reg,
        /// Index into `code`.
        then: u32,
        /// Index into `code`.
        otherwise: u32,
    },
    /// `dst = function(args)`
    Call {
        /// Where the result goes.
        dst: Option<Reg>,
        /// The callee.
        function: FunctionId,
        /// As many as the callee's `params`.
        args: Vec<Reg>,
    },
    /// `dst = (*callee)(args)`: arguments beyond the callee's parameters are dropped; missing ones are 0.
    CallIndirect {
        /// Where the result goes.
        dst: Option<Reg>,
        /// A function pointer.
        callee: Reg,
        /// The arguments.
        args: Vec<Reg>,
    },
    /// `return value`
    Return {
        /// The result; `None` gives 0.
        value: Option<Reg>,
    },
    /// `dst = *addr`
    Load {
        /// Where the value goes.
        dst: Reg,
        /// A pointer.
        addr: Reg,
        /// What is read, and how.
        access: Access,
        /// The part of it that is wanted.
        bits: Option<BitField>,
    },
    /// `*addr = src`. To write a bit-field, the front end loads its storage unit, puts the bits in, and stores the unit: two steps, as on the
    /// machine, so that neighbours race.
    Store {
        /// A pointer.
        addr: Reg,
        /// The value.
        src: Reg,
        /// What is written, and how.
        access: Access,
    },
    /// `memcpy(to, from, size)`, a structure assignment among them: one plain access to each range.
    CopyMemory {
        /// A pointer.
        to: Reg,
        /// A pointer.
        from: Reg,
        /// Register that holds the number of bytes.
        size: Reg,
    },
    /// `memset(to, value, size)`: one plain access.
    SetMemory {
        /// A pointer.
        to: Reg,
        /// Its low byte is stored.
        value: Reg,
        /// Register that holds the number of bytes.
        size: Reg,
    },
    /// An atomic read-modify-write.
    Atomic {
        /// What it does.
        op: AtomicOp,
        /// The type of the variable (and of the operands).
        ty: Scalar,
        /// Which value goes to `dst`.
        fetch: Fetch,
        /// Where it goes.
        dst: Option<Reg>,
        /// A pointer to the variable.
        addr: Reg,
        /// First operand.
        a: Reg,
        /// Second operand, where `op` has one; else the same as `a`.
        b: Reg,
        /// Its ordering.
        order: Order,
    },
    /// A call into the simulated kernel.
    Kernel {
        /// Which.
        call: KernelCall,
        /// Where the result goes.
        dst: Option<Reg>,
        /// The arguments that [`KernelCall`] documents.
        args: Vec<Reg>,
    },
    /// A claim in the code.
    Assert {
        /// Which.
        kind: AssertKind,
        /// It has failed if this register is 0.
        holds: Reg,
        /// The text of the claim, an index into [`super::Program::strings`].
        text: u32,
    },
}
