//! A program as text, one instruction a line: for tests, and for looking at what a scenario became.

use sim_core::program::{Access, Fetch, Function, Inst, Mark, Program, Reg, Scalar};
use std::fmt::Write;

/// A whole program: objects, functions, contexts.
pub fn program(program: &Program) -> String {
    let mut out = String::new();
    for (i, object) in program.objects.iter().enumerate() {
        let _ = writeln!(out, "object {i} {} [{}] {:?}", object.name, object.size, object.init);
    }
    for (i, f) in program.functions.iter().enumerate() {
        let _ = write!(out, "\nfunction {i} ");
        out.push_str(&function(program, f));
    }
    for context in &program.contexts {
        let _ = writeln!(
            out,
            "\ncontext {} {:?} entry {:?} args {:?} cpu {:?}",
            context.name, context.kind, context.entry, context.args, context.cpu
        );
    }
    out
}

/// One function.
pub fn function(program: &Program, function: &Function) -> String {
    let mut out = format!("{}({})\n", function.name, function.params);
    let mut labels: Vec<u32> = function.code.iter().flat_map(Inst::targets).collect();
    labels.sort_unstable();
    labels.dedup();
    for (at, inst) in function.code.iter().enumerate() {
        let label = if labels.binary_search(&(at as u32)).is_ok() { format!("{at}:") } else { String::new() };
        let _ = writeln!(out, "{label:>4} {}", instruction(program, function, inst));
    }
    out
}

/// One instruction.
pub fn instruction(program: &Program, function: &Function, inst: &Inst) -> String {
    let name = |reg: &Reg| match function.reg_names.get(*reg as usize) {
        Some(name) if !name.is_empty() => name.clone(),
        _ => format!("r{reg}"),
    };
    let local = |index: &u16| function.locals.get(*index as usize).map_or("?".into(), |l| l.name.clone());
    let list = |args: &[Reg]| args.iter().map(name).collect::<Vec<_>>().join(", ");
    let result = |dst: &Option<Reg>| dst.as_ref().map_or(String::new(), |d| format!("{} = ", name(d)));
    match inst {
        Inst::Const { dst, value } => format!("{} = {}", name(dst), *value as i64),
        Inst::Copy { dst, src } => format!("{} = {}", name(dst), name(src)),
        Inst::Convert { to, dst, src } => format!("{} = ({}) {}", name(dst), scalar(*to), name(src)),
        Inst::Unary { op, ty, dst, src } => format!("{} = {op:?}.{} {}", name(dst), scalar(*ty), name(src)),
        Inst::Binary { op, ty, dst, a, b } => {
            format!("{} = {op:?}.{} {} {}", name(dst), scalar(*ty), name(a), name(b))
        }
        Inst::AddrStatic { dst, object, offset } => {
            let object = program.objects.get(*object as usize).map_or("?", |o| o.name.as_str());
            format!("{} = &{object}{}", name(dst), plus(*offset))
        }
        Inst::AddrLocal { dst, local: index, offset } => {
            format!("{} = &{}{}", name(dst), local(index), plus(*offset))
        }
        Inst::LocalLive { local: index } => format!("live {}", local(index)),
        Inst::LocalDead { local: index } => format!("dead {}", local(index)),
        Inst::Jump { target } => format!("jump {target}"),
        Inst::Branch { cond, then, otherwise } => format!("if {} {then} else {otherwise}", name(cond)),
        Inst::Call { dst, function: callee, args } => {
            let callee = program.functions.get(*callee as usize).map_or("?", |f| f.name.as_str());
            format!("{}call {callee}({})", result(dst), list(args))
        }
        Inst::CallIndirect { dst, callee, args } => {
            format!("{}call *{}({})", result(dst), name(callee), list(args))
        }
        Inst::Return { value } => format!("return {}", value.as_ref().map_or(String::new(), name)).trim_end().into(),
        Inst::Load { dst, addr, access: how, bits } => {
            let bits = bits.map_or(String::new(), |b| format!(" bits {}+{}", b.lo, b.width));
            format!("{} = load{} [{}]{bits}", name(dst), access(*how), name(addr))
        }
        Inst::Store { addr, src, access: how } => format!("store{} [{}] {}", access(*how), name(addr), name(src)),
        Inst::CopyMemory { to, from, size } => format!("copy [{}] [{}] {}", name(to), name(from), name(size)),
        Inst::SetMemory { to, value, size } => format!("set [{}] {} {}", name(to), name(value), name(size)),
        Inst::Atomic { op, ty, fetch, dst, addr, a, b, order } => {
            let fetch = if *fetch == Fetch::New { "new" } else { "old" };
            let b = if a == b { String::new() } else { format!(" {}", name(b)) };
            format!("{}{op:?}.{}.{fetch}.{order:?} [{}] {}{b}", result(dst), scalar(*ty), name(addr), name(a))
        }
        Inst::Kernel { call, dst, args } => format!("{}{call:?}({})", result(dst), list(args)),
        Inst::Assert { kind, holds, text } => {
            let text = program.strings.get(*text as usize).map_or("?", String::as_str);
            format!("assert.{kind:?} {} \"{text}\"", name(holds))
        }
    }
}

fn plus(offset: u32) -> String {
    if offset == 0 { String::new() } else { format!("+{offset}") }
}

fn scalar(ty: Scalar) -> String {
    format!("{}{}", if ty.signed { 's' } else { 'u' }, 8 * u32::from(ty.size))
}

fn access(access: Access) -> String {
    let mark = match access.mark {
        Mark::Plain => "",
        Mark::Once => ".once",
        Mark::Acquire => ".acquire",
        Mark::Release => ".release",
        Mark::Racy => ".racy",
        Mark::ThisCpu => ".this_cpu",
    };
    format!(".{}{mark}{}", scalar(access.ty), if access.private { ".private" } else { "" })
}
