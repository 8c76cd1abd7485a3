//! A plan as the C that it stands for.

use crate::generate::{Lock, Op, Plan, Role, Style};
use std::fmt::Write;

/// The contexts and what they do.
pub(crate) fn listing(plan: &Plan) -> String {
    let rwlocks = if plan.queued_rwlocks { "" } else { ", rwlocks not queued" };
    let mut text = format!("/* {} CPUs, {}{rwlocks} */\n", plan.cpus, plan.preemption.name());
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
        if let Op::Downgraded(sem, before, after) = op {
            let _ = writeln!(text, "{}down_write(&s{sem});", indent(depth));
            block(text, depth + 1, before);
            let _ = writeln!(text, "{}downgrade_write(&s{sem});", indent(depth));
            block(text, depth + 1, after);
            let _ = writeln!(text, "{}up_read(&s{sem});", indent(depth));
            continue;
        }
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
        Op::Mutex(lock, inner) => Some((sleeping(true, *lock), inner, None, sleeping(false, *lock))),
        Op::TrySpin(lock, inner) | Op::TryMutex(lock, inner) => {
            let last = match op {
                Op::TrySpin(..) => spin("unlock", *lock, Style::Plain),
                _ => sleeping(false, *lock),
            };
            Some((format!("if ({}) {{", trylock(*lock)), inner, Some(last), "}".into()))
        }
        Op::PreemptOff(inner) => around("preempt_disable();", inner, "preempt_enable();"),
        Op::IrqsOff(inner) => around("local_irq_disable();", inner, "local_irq_enable();"),
        Op::IfSeen(inner) => around("if (seen) {", inner, "}"),
        Op::Call(inner) => around("{ /* a call: seen is its own inside */", inner, "}"),
        _ => None,
    }
}

/// A lock's name.
pub(crate) fn name(lock: Lock) -> String {
    match lock {
        Lock::Spin(number) => format!("l{number}"),
        Lock::Read(number) | Lock::Write(number) => format!("r{number}"),
        Lock::Mutex(number) => format!("m{number}"),
        Lock::DownRead(number) | Lock::DownWrite(number) => format!("s{number}"),
    }
}

/// What the functions of a lock that spins begin with.
fn prefix(lock: Lock) -> &'static str {
    match lock {
        Lock::Read(_) => "read",
        Lock::Write(_) => "write",
        _ => "spin",
    }
}

fn sleeping(takes: bool, lock: Lock) -> String {
    let function = match (lock, takes) {
        (Lock::DownRead(_), true) => "down_read",
        (Lock::DownRead(_), false) => "up_read",
        (Lock::DownWrite(_), true) => "down_write",
        (Lock::DownWrite(_), false) => "up_write",
        (_, true) => "mutex_lock",
        (_, false) => "mutex_unlock",
    };
    format!("{function}(&{});", name(lock))
}

fn trylock(lock: Lock) -> String {
    let function = match lock {
        Lock::Mutex(_) => "mutex_trylock".into(),
        Lock::DownRead(_) => "down_read_trylock".into(),
        Lock::DownWrite(_) => "down_write_trylock".into(),
        spins => format!("{}_trylock", prefix(spins)),
    };
    format!("{function}(&{})", name(lock))
}

fn spin(verb: &str, lock: Lock, style: Style) -> String {
    let suffix = match (style, verb) {
        (Style::Plain, _) => "",
        (Style::Irq, _) => "_irq",
        (Style::Bh, _) => "_bh",
        (Style::IrqSave, "lock") => "_irqsave",
        (Style::IrqSave, _) => "_irqrestore",
    };
    let flags = if style == Style::IrqSave { ", flags" } else { "" };
    format!("{}_{verb}{suffix}(&{}{flags});", prefix(lock), name(lock))
}

fn simple(op: &Op) -> String {
    match op {
        Op::Read(var, _) => format!("seen = READ_ONCE(x{var});"),
        Op::Write(var, value, _) => format!("WRITE_ONCE(x{var}, {value});"),
        Op::Await(var) => format!("while (!READ_ONCE(x{var})) cpu_relax();"),
        Op::WaitForCompletion => "wait_for_completion(&done);".into(),
        Op::Complete => "complete(&done);".into(),
        Op::CondResched => "cond_resched();".into(),
        Op::SpinTrying(lock) => {
            format!("while (!{}) cpu_relax(); {}", trylock(*lock), spin("unlock", *lock, Style::Plain))
        }
        Op::SpinLock(lock, style) => spin("lock", *lock, *style),
        Op::SpinUnlock(lock, style) => spin("unlock", *lock, *style),
        Op::MutexLock(lock) => sleeping(true, *lock),
        Op::MutexUnlock(lock) => sleeping(false, *lock),
        Op::Downgrade(sem) => format!("downgrade_write(&s{sem});"),
        other => format!("{other:?};"),
    }
}
