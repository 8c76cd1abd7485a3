//! A plain interpreter of functions that make no kernel calls: an independent reading of the instructions, for comparing what a function computes with
//! what a real compiler makes of the same text.

use sim_core::program::{AtomicOp, BinaryOp, Fetch, Inst, Program, Reg, Scalar, UnaryOp, pointer};
use std::collections::BTreeMap;

/// Memory and the way to new objects.
pub(crate) struct Interpreter<'p> {
    program: &'p Program,
    memory: BTreeMap<u32, Vec<u8>>,
    next: u32,
    /// Instructions left before a loop is taken to be endless.
    fuel: u32,
}

impl<'p> Interpreter<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        let objects = program.objects.iter().enumerate().map(|(i, object)| {
            let mut bytes = object.init.clone();
            bytes.resize(object.size as usize, 0);
            (i as u32 + 1, bytes)
        });
        Self { program, memory: objects.collect(), next: 0x1000_0000, fuel: 1_000_000 }
    }

    /// The result of a function by name.
    pub(crate) fn call_by_name(&mut self, name: &str, args: &[u64]) -> i64 {
        let function = self.program.functions.iter().position(|f| f.name == name).expect("a function of that name");
        self.call(function as u32, args) as i64
    }

    fn call(&mut self, function: u32, args: &[u64]) -> u64 {
        let function = &self.program.functions[function as usize];
        let mut regs = vec![0xdead_beef_u64; function.regs.len()];
        for (reg, arg) in args.iter().enumerate().take(function.params as usize) {
            regs[reg] = function.regs[reg].wrap(*arg);
        }
        let mut locals = vec![0u32; function.locals.len()];
        let mut at = 0;
        loop {
            self.fuel -= 1;
            let inst = &function.code[at];
            at += 1;
            match inst {
                Inst::Return { value } => return value.map_or(0, |reg| regs[reg as usize]),
                Inst::Jump { target } => at = *target as usize,
                Inst::Branch { cond, then, otherwise } => {
                    at = if regs[*cond as usize] != 0 { *then } else { *otherwise } as usize;
                }
                Inst::LocalLive { local } => {
                    self.next += 1;
                    locals[*local as usize] = self.next;
                    self.memory.insert(self.next, vec![0xaa; function.locals[*local as usize].size as usize]);
                }
                Inst::LocalDead { local } => {
                    self.memory.remove(&locals[*local as usize]);
                }
                Inst::AddrLocal { dst, local, offset } => {
                    regs[*dst as usize] = (u64::from(locals[*local as usize]) << 32) | u64::from(*offset);
                }
                Inst::Call { dst, function, args } => {
                    let args: Vec<u64> = args.iter().map(|r| regs[*r as usize]).collect();
                    let result = self.call(*function, &args);
                    set(&mut regs, *dst, result);
                }
                Inst::CallIndirect { dst, callee, args } => {
                    let args: Vec<u64> = args.iter().map(|r| regs[*r as usize]).collect();
                    let target = pointer::function(regs[*callee as usize]).expect("a function");
                    let result = self.call(target, &args);
                    set(&mut regs, *dst, result);
                }
                other => self.simple(other, &mut regs),
            }
        }
    }

    fn simple(&mut self, inst: &Inst, regs: &mut [u64]) {
        let value = |regs: &[u64], reg: &Reg| regs[*reg as usize];
        match inst {
            Inst::Const { dst, value } => regs[*dst as usize] = *value,
            Inst::Copy { dst, src } => regs[*dst as usize] = value(regs, src),
            Inst::Convert { to, dst, src } => regs[*dst as usize] = to.wrap(value(regs, src)),
            Inst::Unary { op, ty, dst, src } => regs[*dst as usize] = unary(*op, *ty, value(regs, src)),
            Inst::Binary { op, ty, dst, a, b } => {
                regs[*dst as usize] = binary(*op, *ty, value(regs, a), value(regs, b));
            }
            Inst::AddrStatic { dst, object, offset } => regs[*dst as usize] = pointer::to_static(*object, *offset),
            Inst::Load { dst, addr, access, bits } => {
                let unit = self.load(value(regs, addr), access.ty);
                regs[*dst as usize] = match bits {
                    None => unit,
                    Some(field) => {
                        let cut = i128::from(unit >> field.lo) & ((1i128 << field.width) - 1);
                        let negative = field.signed && cut >> (field.width - 1) & 1 == 1;
                        (if negative { cut - (1i128 << field.width) } else { cut }) as u64
                    }
                };
            }
            Inst::Store { addr, src, access } => self.store(value(regs, addr), access.ty, value(regs, src)),
            Inst::CopyMemory { to, from, size } => {
                let size = value(regs, size) as usize;
                let bytes = self.bytes(value(regs, from), size).to_vec();
                self.bytes(value(regs, to), size).copy_from_slice(&bytes);
            }
            Inst::SetMemory { to, value: byte, size } => {
                let (byte, size) = (value(regs, byte) as u8, value(regs, size) as usize);
                self.bytes(value(regs, to), size).fill(byte);
            }
            Inst::Atomic { op, ty, fetch, dst, addr, a, b, .. } => {
                let old = self.load(value(regs, addr), *ty);
                let (a, b) = (value(regs, a), value(regs, b));
                let new = atomic(*op, *ty, old, a, b);
                self.store(value(regs, addr), *ty, new);
                set(regs, *dst, if *fetch == Fetch::New { new } else { old });
            }
            other => panic!("not for this interpreter: {other:?}"),
        }
    }

    fn bytes(&mut self, address: u64, size: usize) -> &mut [u8] {
        let (id, offset) = (pointer::id(address), pointer::offset(address) as usize);
        let object = self.memory.get_mut(&id).expect("a live object");
        &mut object[offset..offset + size]
    }

    fn load(&mut self, address: u64, ty: Scalar) -> u64 {
        let mut value = [0; 8];
        value[..ty.size as usize].copy_from_slice(self.bytes(address, ty.size as usize));
        ty.wrap(u64::from_le_bytes(value))
    }

    fn store(&mut self, address: u64, ty: Scalar, value: u64) {
        let size = ty.size as usize;
        self.bytes(address, size).copy_from_slice(&value.to_le_bytes()[..size]);
    }
}

fn set(regs: &mut [u64], dst: Option<Reg>, value: u64) {
    if let Some(dst) = dst {
        regs[dst as usize] = value;
    }
}

fn unary(op: UnaryOp, ty: Scalar, a: u64) -> u64 {
    match op {
        UnaryOp::Neg => ty.wrap(0u64.wrapping_sub(a)),
        UnaryOp::Not => ty.wrap(!a),
        UnaryOp::LogicalNot => u64::from(ty.wrap(a) == 0),
    }
}

/// In 128 bits, where nothing wraps, and then cut.
fn binary(op: BinaryOp, ty: Scalar, a: u64, b: u64) -> u64 {
    let extend = |v: u64| if ty.signed { i128::from(ty.wrap(v) as i64) } else { i128::from(ty.wrap(v)) };
    let (a, b) = (extend(a), extend(b));
    let amount = b.rem_euclid(8 * i128::from(ty.size));
    let value = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a.wrapping_mul(b),
        BinaryOp::Div => a / b,
        BinaryOp::Rem => a % b,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::Shl => a << amount,
        BinaryOp::Shr => a >> amount,
        BinaryOp::Eq => i128::from(a == b),
        BinaryOp::Ne => i128::from(a != b),
        BinaryOp::Lt => i128::from(a < b),
        BinaryOp::Le => i128::from(a <= b),
        BinaryOp::Gt => i128::from(a > b),
        BinaryOp::Ge => i128::from(a >= b),
        BinaryOp::PerCpu => unreachable!("no program here has per-CPU variables"),
    };
    ty.wrap(value as u64)
}

fn atomic(op: AtomicOp, ty: Scalar, old: u64, a: u64, b: u64) -> u64 {
    match op {
        AtomicOp::Add => ty.wrap(old.wrapping_add(a)),
        AtomicOp::Sub => ty.wrap(old.wrapping_sub(a)),
        AtomicOp::And => old & a,
        AtomicOp::Or => old | a,
        AtomicOp::Xor => old ^ a,
        AtomicOp::AndNot => ty.wrap(old & !a),
        AtomicOp::Xchg => a,
        AtomicOp::Cmpxchg if old == a => b,
        AtomicOp::AddUnless if old != b => ty.wrap(old.wrapping_add(a)),
        AtomicOp::DecIfPositive if (old as i64) > 0 => ty.wrap(old - 1),
        AtomicOp::Cmpxchg | AtomicOp::AddUnless | AtomicOp::DecIfPositive => old,
    }
}
