//! A program as text, short enough to read when a test fails.

use sim_core::program::{Inst, Program};
use std::fmt::Write;

/// One line an instruction.
pub(crate) fn listing(program: &Program) -> String {
    let mut text = format!("{} CPUs, {}\n", program.config.cpus, program.config.preemption.name());
    for context in &program.contexts {
        let cpu = context.cpu.map_or("any CPU".into(), |cpu| format!("CPU {cpu}"));
        let entry = context.entry.unwrap_or_default();
        let _ = writeln!(text, "{} {:?} on {cpu}: function {entry}", context.name, context.kind);
    }
    for (id, function) in program.functions.iter().enumerate() {
        let _ = writeln!(text, "function {id} {}({} parameters)", function.name, function.params);
        for (at, inst) in function.code.iter().enumerate() {
            let _ = writeln!(text, "  {id}:{at} {}", line(program, inst));
        }
    }
    text
}

fn line(program: &Program, inst: &Inst) -> String {
    let name = |object: &u32| &program.objects[*object as usize].name;
    match inst {
        Inst::Const { dst, value } => format!("r{dst} = {value}"),
        Inst::AddrStatic { dst, object, .. } => format!("r{dst} = &{}", name(object)),
        Inst::Binary { op, dst, a, b, .. } => format!("r{dst} = r{a} {op:?} r{b}"),
        Inst::Jump { target } => format!("goto {target}"),
        Inst::Branch { cond, then, otherwise } => format!("if r{cond} goto {then} else {otherwise}"),
        Inst::Load { dst, addr, access, .. } => format!("r{dst} = load {:?} *r{addr}", access.mark),
        Inst::Store { addr, src, access } => format!("store {:?} *r{addr} = r{src}", access.mark),
        Inst::Atomic { op, dst, addr, a, b, .. } => format!("r{dst:?} = {op:?} *r{addr}, r{a}, r{b}"),
        Inst::Kernel { call, dst: Some(dst), args } => format!("r{dst} = {call:?} {args:?}"),
        Inst::Kernel { call, dst: None, args } => format!("{call:?} {args:?}"),
        Inst::Assert { kind, holds, .. } => format!("{kind:?} unless r{holds}"),
        other => format!("{other:?}"),
    }
}
