//! A plan as the C that it stands for.

use crate::generate::{Op, Plan, Role, Style};
use std::fmt::Write;

/// The contexts and what they do.
pub(crate) fn listing(plan: &Plan) -> String {
    let mut text = format!("/* {} CPUs, {} */\n", plan.cpus, plan.preemption.name());
    for (index, context) in plan.contexts.iter().enumerate() {
        let cpu = context.cpu.map_or("any CPU".to_owned(), |cpu| format!("CPU {cpu}"));
        let head = match context.role {
            Role::Task => format!("THREAD(task{index})"),
            Role::Line { times } => format!("IRQ(line{index}, up to {times} times)"),
        };
        let _ = writeln!(text, "{head} /* {cpu} */\n{{");
        block(&mut text, 1, &context.ops);
        text.push_str("}\n");
    }
    text
}

fn block(text: &mut String, depth: usize, ops: &[Op]) {
    let indent = |depth| "    ".repeat(depth);
    for op in ops {
        let Some((before, inner, last, after)) = section(op) else {
            let _ = writeln!(text, "{}{}", indent(depth), simple(op));
            continue;
        };
        let _ = writeln!(text, "{}{before}", indent(depth));
        block(text, depth + 1, inner);
        if let Some(last) = last {
            let _ = writeln!(text, "{}{last}", indent(depth + 1));
        }
        let _ = writeln!(text, "{}{after}", indent(depth));
    }
}

/// What stands around other operations: before them, after them inside, after them.
fn section<'p>(op: &'p Op) -> Option<(String, &'p [Op], Option<String>, String)> {
    let around = |before: &str, inner: &'p [Op], after: &str| Some((before.to_owned(), inner, None, after.to_owned()));
    match op {
        Op::Spin(lock, style, inner) => Some((spin("lock", *lock, *style), inner, None, spin("unlock", *lock, *style))),
        Op::Mutex(lock, inner) => {
            Some((format!("mutex_lock(&m{lock});"), inner, None, format!("mutex_unlock(&m{lock});")))
        }
        Op::TrySpin(lock, inner) => {
            let (before, last) = (format!("if (spin_trylock(&l{lock})) {{"), format!("spin_unlock(&l{lock});"));
            Some((before, inner, Some(last), "}".into()))
        }
        Op::TryMutex(lock, inner) => {
            let (before, last) = (format!("if (mutex_trylock(&m{lock})) {{"), format!("mutex_unlock(&m{lock});"));
            Some((before, inner, Some(last), "}".into()))
        }
        Op::PreemptOff(inner) => around("preempt_disable();", inner, "preempt_enable();"),
        Op::IrqsOff(inner) => around("local_irq_disable();", inner, "local_irq_enable();"),
        Op::IfSeen(inner) => around("if (seen) {", inner, "}"),
        Op::Call(inner) => around("{ /* a call: seen is its own inside */", inner, "}"),
        _ => None,
    }
}

fn spin(verb: &str, lock: usize, style: Style) -> String {
    let suffix = match (style, verb) {
        (Style::Plain, _) => "",
        (Style::Irq, _) => "_irq",
        (Style::Bh, _) => "_bh",
        (Style::IrqSave, "lock") => "_irqsave",
        (Style::IrqSave, _) => "_irqrestore",
    };
    let flags = if style == Style::IrqSave { ", flags" } else { "" };
    format!("spin_{verb}{suffix}(&l{lock}{flags});")
}

fn simple(op: &Op) -> String {
    match op {
        Op::Read(var, _) => format!("seen = READ_ONCE(x{var});"),
        Op::Write(var, value, _) => format!("WRITE_ONCE(x{var}, {value});"),
        Op::Await(var) => format!("while (!READ_ONCE(x{var})) cpu_relax();"),
        Op::WaitForCompletion => "wait_for_completion(&done);".into(),
        Op::Complete => "complete(&done);".into(),
        Op::CondResched => "cond_resched();".into(),
        Op::SpinTrying(lock) => format!("while (!spin_trylock(&l{lock})) cpu_relax(); spin_unlock(&l{lock});"),
        Op::SpinLock(lock, style) => spin("lock", *lock, *style),
        Op::SpinUnlock(lock, style) => spin("unlock", *lock, *style),
        Op::MutexLock(lock) => format!("mutex_lock(&m{lock});"),
        Op::MutexUnlock(lock) => format!("mutex_unlock(&m{lock});"),
        other => format!("{other:?};"),
    }
}
