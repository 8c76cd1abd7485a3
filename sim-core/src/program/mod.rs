//! What a scenario means after compilation: functions as flat instructions, objects and their layouts, the contexts
//! that run them, and the claims about them.
//!
//! Invariant: a `Program` is a plain, immutable, serialisable value. It knows where each instruction came from in the
//! source, but nothing of C's grammar, and nothing of how it will be run. Both front ends make one; every engine runs one.

mod config;
mod inst;
mod kernel_call;
mod source;
mod types;
mod validate;

pub use config::{Bounds, Config, Preemption};
pub use inst::{Access, AssertKind, AtomicOp, BinaryOp, BitField, Fetch, Inst, Mark, Order, Reg, Scalar, UnaryOp};
pub use kernel_call::{
    Allocator, AssertHeld, Chance, Fence, GFP_DIRECT_RECLAIM, GFP_NOFAIL, GFP_ZERO, KernelCall, LOG_CONT, LockKind,
    Readers, Section, Sleep, TASK_INTERRUPTIBLE, TASK_NOLOAD, TASK_NORMAL, TASK_UNINTERRUPTIBLE, TASK_WAKEKILL,
    TaskState, TimerArm,
};
pub use source::{Source, SourceFile, Span, SpanId, SpanInfo};
pub use types::{Field, Type, TypeId, path, scalar_at, size_of};
pub use validate::Invalid;

use serde::{Deserialize, Serialize};

/// Index into [`Program::functions`].
pub type FunctionId = u32;
/// Index into [`Program::objects`]. The object's id in a pointer is this plus one: id 0 is a plain integer.
pub type ObjectId = u32;
/// Index into [`Program::alloc_sites`].
pub type AllocSiteId = u32;
/// Index into [`Program::spawn_sites`].
pub type SpawnSiteId = u32;

/// A compiled scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// The scenario's name: the file name without its directory.
    pub name: String,
    /// The text it came from, and the place of each instruction in it.
    pub source: Source,
    /// The kernel options it is checked under.
    pub config: Config,
    /// All functions, prelude functions included.
    pub functions: Vec<Function>,
    /// Static objects.
    pub objects: Vec<Object>,
    /// Types, for naming places in memory: `dev->stats.packets` rather than `object 3, offset 24`.
    pub types: Vec<Type>,
    /// Where memory is allocated.
    pub alloc_sites: Vec<AllocSite>,
    /// Where kernel threads are created.
    pub spawn_sites: Vec<SpawnSite>,
    /// Formats of `printk` and the like, and other text that instructions name by index.
    pub strings: Vec<String>,
    /// Who runs the functions.
    pub contexts: Vec<ContextDecl>,
    /// What must hold.
    pub claims: Claims,
}

/// A function as a flat list of instructions over virtual registers.
///
/// Registers `0..params` hold the arguments on entry. Every path ends in [`Inst::Return`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its name in the source.
    pub name: String,
    /// How many parameters it takes.
    pub params: u16,
    /// The scalar type of each virtual register: how wide it must be kept between steps. Values are held sign- or
    /// zero-extended to 64 bits according to it.
    pub regs: Vec<Scalar>,
    /// A name for each register that is a variable of the source, empty for temporaries.
    pub reg_names: Vec<String>,
    /// Locals whose address is taken: each call makes them anew, each return ends them.
    pub locals: Vec<Local>,
    /// The instructions; jumps name an index into this list.
    pub code: Vec<Inst>,
    /// The source place of each instruction; as long as `code`.
    pub spans: Vec<SpanId>,
    /// Where the function's name stands.
    pub span: SpanId,
    /// It is part of the built-in prelude: reports show its caller's line first.
    pub prelude: bool,
}

/// A local variable that lives in memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Local {
    /// Its name in the source.
    pub name: String,
    /// Its size in bytes.
    pub size: u32,
    /// Its type, for naming places in it.
    pub ty: Option<TypeId>,
    /// Its address never leaves the function that declares it (nor is given to a kernel call that keeps it), so that
    /// accesses to it are not steps.
    pub private: bool,
}

/// A static object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// Its name in the source.
    pub name: String,
    /// Its size in bytes.
    pub size: u32,
    /// Its first bytes at start; the rest is zero. Pointers in it are encoded as [`mod@pointer`] says.
    pub init: Vec<u8>,
    /// Its type, for naming places in it.
    pub ty: Option<TypeId>,
    /// Writing to it is an error (`const`, string literals).
    pub read_only: bool,
    /// It is a per-CPU variable: as many copies, one after another, as there are CPUs.
    pub per_cpu: bool,
    /// Where it is declared.
    pub span: SpanId,
}

/// A place in the source that allocates memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AllocSite {
    /// The size in bytes, where it is a constant.
    pub size: Option<u32>,
    /// What the memory is for, where the source says so.
    pub ty: Option<TypeId>,
    /// The variable or member that its address is assigned to; empty where that is not evident.
    pub pointer: String,
    /// Where the call stands.
    pub span: SpanId,
    /// Whose memory it is.
    #[serde(default)]
    pub allocator: Allocator,
}

/// A place in the source that creates a kernel thread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpawnSite {
    /// The thread's name: the format string with its conversions removed.
    pub name: String,
    /// Where the call stands.
    pub span: SpanId,
}

/// Who runs a function: a task, an interrupt line, a set-up function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContextDecl {
    /// The name given in the rig. Copies made by `.count = n` are `name.0`, `name.1`, ...
    pub name: String,
    /// What kind of context it is.
    pub kind: ContextKind,
    /// The function it runs; `None` for a line whose handler `request_irq()` registers.
    pub entry: Option<FunctionId>,
    /// The arguments that the entry function is called with.
    pub args: Vec<u64>,
    /// The CPU it is tied to, or `None` for any. Already spread: the front end gives each `THREAD` without `.cpu` the next CPU in turn.
    pub cpu: Option<u8>,
    /// Real-time priority, 0 for an ordinary task.
    pub prio: u8,
    /// How many signals may arrive.
    pub signals: u8,
    /// Where the rig macro stands.
    pub span: SpanId,
    /// Contexts with the same group number are copies of one another (`.count`).
    pub group: u16,
}

/// The kinds of contexts that a rig declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContextKind {
    /// `INIT(fn)`: runs alone, before everything else, in order of declaration.
    Init,
    /// `module_init(fn)`: after the `Init`s; what it starts may run beside it; tasks start when it is done. If it
    /// returns a negative number, the module is not loaded and the tasks of the rig never start.
    ModuleInit,
    /// `THREAD`
    Thread,
    /// `module_exit(fn)`: a task that may start at any moment, and after which the module's code is gone.
    ModuleExit {
        /// The scenario's `struct module`, if it names one: its first four bytes are its state, the next four one more than the references to it. With
        /// any the function does not start.
        module: Option<ObjectId>,
    },
    /// `SYSCALL`: entered from user space.
    Syscall,
    /// `IRQ` and `RAISES`: a device line.
    HardIrq {
        /// The number passed to `request_irq()` and friends.
        number: u32,
        /// How many times the device raises it, at most.
        times: u8,
    },
    /// `NMI`: comes whether or not interrupts are off.
    Nmi {
        /// How many times it comes, at most.
        times: u8,
    },
    /// A CPU's softirqs: the machine makes one for each CPU, no rig declares any.
    Softirq,
}

impl ContextKind {
    /// Whether it runs in process context.
    pub fn is_task(self) -> bool {
        !matches!(self, Self::HardIrq { .. } | Self::Nmi { .. } | Self::Softirq)
    }
    /// Whether it is set-up that runs before the tasks.
    pub fn is_setup(self) -> bool {
        matches!(self, Self::Init | Self::ModuleInit)
    }
}

/// What must hold, and what the author expects to be reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// `INVARIANT(e)`: true after every step once the `INIT` functions are done.
    pub invariants: Vec<Claim>,
    /// `FINALLY(e)`: true whenever every context has finished.
    pub finally: Vec<Claim>,
    /// `REACHABLE(e)`: at least one complete execution ends with it true.
    pub reachable: Vec<Claim>,
    /// `EXPECT(...)` and `EXPECT_IF(...)` that apply under the program's options; `None` when there is none.
    pub expect: Option<Expect>,
}

/// A boolean expression, compiled to a function without parameters that makes no kernel calls and stores nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The function that computes it; it returns 0 for false.
    pub function: FunctionId,
    /// The expression's text.
    pub text: String,
    /// Where it stands.
    pub span: SpanId,
}

/// The findings that the author says must be reported, and no others; empty for `EXPECT(clean)`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expect {
    /// Names of findings, without repetition, in the order written.
    pub findings: Vec<String>,
    /// Where the macro stands.
    pub span: SpanId,
}

/// How pointers are held in 64 bits.
///
/// A pointer is an object's id in bits 32-62 and a byte offset in bits 0-31, so that adding to it moves the offset. Id 0 is a plain integer,
/// and a value with bit 63 set is an integer too (`ERR_PTR(-EIO)` is one). Static objects have id `ObjectId + 1`; functions have ids from
/// [`FUNCTION_BASE`](pointer::FUNCTION_BASE) on; heap, stack and task objects get theirs from the machine, in between.
///
/// A per-CPU pointer (`__percpu`) stands for the copies of all CPUs: bit 31 of its offset is set, bits 16-30 say how far the copies lie apart, bits 0-15 where in
/// a copy it points. Whoever follows it as it is leaves the object, as on a kernel.
pub mod pointer {
    use super::{FunctionId, ObjectId};

    /// Ids of functions start here.
    pub const FUNCTION_BASE: u32 = 0x4000_0000;

    /// The address of byte `offset` of a static object.
    pub const fn to_static(object: ObjectId, offset: u32) -> u64 {
        ((object as u64 + 1) << 32) | offset as u64
    }
    /// The address of a function.
    pub const fn to_function(function: FunctionId) -> u64 {
        (FUNCTION_BASE as u64 + function as u64) << 32
    }
    /// The bit that makes a pointer a per-CPU one.
    pub const PER_CPU: u32 = 0x8000_0000;
    /// The largest per-CPU variable.
    pub const PER_CPU_MAX: u32 = 0x7fff;

    /// What to add to the address of the first copy to make a per-CPU pointer of it, for copies that lie this far apart.
    pub const fn per_cpu(stride: u32) -> u64 {
        (PER_CPU | stride << 16) as u64
    }
    /// Where a CPU's copy is that a per-CPU pointer is about. NULL stays so; another pointer that is none leads out of its object.
    pub const fn of_cpu(value: u64, cpu: u64) -> u64 {
        let offset = offset(value);
        if id(value) == 0 {
            return value;
        }
        if offset & PER_CPU == 0 {
            return value | PER_CPU as u64;
        }
        let stride = (offset & !PER_CPU) >> 16;
        (value >> 32 << 32) | (offset & 0xffff).wrapping_add(stride.wrapping_mul(cpu as u32)) as u64
    }
    /// The object id in a pointer; 0 for a plain integer, and for one with bit 63 set.
    pub const fn id(value: u64) -> u32 {
        if value >> 63 == 1 { 0 } else { (value >> 32) as u32 }
    }
    /// The byte offset in a pointer.
    pub const fn offset(value: u64) -> u32 {
        value as u32
    }
    /// The function that a pointer names.
    pub const fn function(value: u64) -> Option<FunctionId> {
        let id = id(value);
        if id >= FUNCTION_BASE && offset(value) == 0 { Some(id - FUNCTION_BASE) } else { None }
    }
}
