//! Lines of `trace-cmd report`, `perf script` and tracefs' own `trace`.
//!
//! ```text
//!             bash-1234  [001] d..2.  1234.567890: lock_acquire: 0xffff888100a1b2c8 try read &rq->__lock
//!             bash  1234 [001]  1234.567890: lock:lock_acquire: 0xffff888100a1b2c8 &rq->__lock
//! ```
//!
//! Invariant: a line that names an event of interest either is that event or is broken; any other line is never an error that hides one.

use super::event::{Acquire, Event, Line, Task, What, address, irq_state};
use lockdep_model::class::{LockType, Mode};
use lockdep_model::held::IrqState;

/// The events of the subsystem `lock`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Acquire,
    Release,
    Contention,
}

const NAMES: [(&str, Name); 6] = [
    ("lock_acquire: ", Name::Acquire),
    ("lock_release: ", Name::Release),
    ("contention_begin: ", Name::Contention),
    ("contention_end: ", Name::Contention),
    ("lock_contended: ", Name::Contention),
    ("lock_acquired: ", Name::Contention),
];

/// Reads a line.
pub fn line(text: &str) -> Line<'_> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Line::Other;
    }
    if let Some((before, name, after)) = split(trimmed) {
        return match name {
            Name::Contention => Line::Contention,
            name => event(before, name, after.trim()).map_or_else(Line::Broken, Line::Event),
        };
    }
    if (trimmed.starts_with("CPU:") && (trimmed.contains("LOST") || trimmed.contains("DROPPED")))
        || trimmed.contains("PERF_RECORD_LOST")
    {
        return Line::Lost;
    }
    match frame(trimmed) {
        Some(function) => Line::Frame(function),
        None if is_other(trimmed) => Line::Other,
        None => Line::Broken("it is neither an event nor part of a stack".to_owned()),
    }
}

/// The line before the event's name, the event, and the line after it.
fn split(line: &str) -> Option<(&str, Name, &str)> {
    // Only where a time stamp can end: a task may be called `lock_acquire: `.
    let mut from = 0;
    while let Some(colon) = line[from..].find(": ") {
        let rest = &line[from + colon + 1..];
        let event = rest.trim_start();
        let event = event.strip_prefix("lock:").unwrap_or(event);
        if let Some((name, which)) = NAMES.iter().find(|(name, _)| event.starts_with(name)) {
            return Some((&line[..from + colon], *which, &event[name.len()..]));
        }
        from += colon + 2;
    }
    None
}

fn event<'a>(before: &'a str, name: Name, after: &'a str) -> Result<Event<'a>, String> {
    let (task, irq) = task(before)?;
    let (lock, rest) = after.split_once(' ').ok_or("there is no name of a lock after its address")?;
    let lock = address(lock).ok_or_else(|| format!("`{lock}` is no address of a lock"))?;
    let what = match name {
        Name::Acquire => What::Acquire(acquire(rest)?),
        Name::Release | Name::Contention => What::Release,
    };
    Ok(Event { task, irq, lock, at: None, what })
}

/// `try read &sb->s_type->i_mutex_key`
fn acquire(text: &str) -> Result<Acquire<'_>, String> {
    let text = text.trim();
    let (trylock, text) = text.strip_prefix("try ").map_or((false, text), |rest| (true, rest));
    let (read, class) = text.strip_prefix("read ").map_or((false, text), |rest| (true, rest));
    if class.is_empty() {
        return Err("the lock has no name".to_owned());
    }
    let lock = match class {
        "rcu_read_lock" | "rcu_read_lock_bh" | "rcu_read_lock_trace" => LockType::Rcu,
        "rcu_read_lock_sched" => LockType::RcuSched,
        "rcu_callback" => LockType::Map,
        _ => LockType::Unknown,
    };
    let mode = if read { Mode::Read } else { Mode::Write };
    Ok(Acquire { class, lock, subclass: None, mode, trylock, nest: None })
}

/// `bash-1234  [001] d..2.  1234.567890`, `bash  1234 [001]  1234.567890`
fn task(before: &str) -> Result<(Task<'_>, Option<IrqState>), String> {
    let (rest, _time) = before.rsplit_once(char::is_whitespace).ok_or("there is no task before the time")?;
    let rest = rest.trim_end();
    let (head, last) = rest.rsplit_once(char::is_whitespace).unwrap_or(("", rest));
    if let Some(cpu) = bracketed(last) {
        return Ok((who(head, Some(cpu))?, None));
    }
    if let Some(irq) = irq_state(last) {
        let head = head.trim_end();
        let (head, cpu) = head.rsplit_once(char::is_whitespace).unwrap_or(("", head));
        let cpu = bracketed(cpu).ok_or("there is no [CPU] before the irq flags")?;
        return Ok((who(head, Some(cpu))?, Some(irq)));
    }
    // The latency format has the CPU right before the flags: `1d..2.`
    let flags = last.trim_start_matches(|c: char| c.is_ascii_digit());
    if let (Ok(cpu), Some(irq)) = (last[..last.len() - flags.len()].parse(), irq_state(flags)) {
        return Ok((who(head, Some(cpu))?, Some(irq)));
    }
    Ok((who(rest, None)?, None))
}

/// `[001]`
fn bracketed(word: &str) -> Option<u16> {
    word.strip_prefix('[')?.strip_suffix(']')?.trim().parse().ok()
}

/// `bash-1234`, `bash-1234  ( 1234)`, `bash  1234`, `bash  1234/1236`
fn who(text: &str, cpu: Option<u16>) -> Result<Task<'_>, String> {
    let mut text = text.trim();
    if text.ends_with(')')
        && let Some(group) = text.rfind('(')
        && text[group..].chars().all(|c| c.is_ascii_digit() || "()- ".contains(c))
    {
        text = text[..group].trim_end();
    }
    let (head, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    let thread = last.rsplit('/').next().unwrap_or(last);
    if !head.is_empty()
        && let Ok(pid) = thread.parse()
    {
        return Ok(Task { pid, comm: head.trim(), cpu });
    }
    if last.starts_with('-') {
        return Err(format!("`{text}` names no task"));
    }
    let (comm, pid) = text.rsplit_once('-').ok_or_else(|| format!("`{text}` names no task"))?;
    match pid.parse() {
        Ok(pid) if !comm.trim().is_empty() => Ok(Task { pid, comm: comm.trim(), cpu }),
        _ => Err(format!("`{text}` names no task")),
    }
}

/// `=> mutex_lock_nested`, `ffffffff81a2b3c4 mutex_lock_nested+0x1b ([kernel.kallsyms])`
fn frame(line: &str) -> Option<&str> {
    let symbol = match line.strip_prefix("=> ") {
        Some(rest) => rest.split_whitespace().next()?,
        None => {
            let (at, rest) = line.split_once(' ')?;
            if at.len() < 4 || !at.chars().all(|c| c.is_ascii_hexdigit()) {
                return None;
            }
            rest.split_whitespace().next()?
        }
    };
    Some(symbol.split('+').next().unwrap_or(symbol))
}

/// An event of another kind, or what tools write before the first.
fn is_other(line: &str) -> bool {
    let header = ["cpus=", "version = ", "CPU ", "CPU:", "trace.dat", "file:", "buffer:"];
    header.iter().any(|start| line.starts_with(start))
        || line.split_once(": ").is_some_and(|(before, _)| {
            before
                .rsplit_once(char::is_whitespace)
                .is_some_and(|(_, time)| time.starts_with(|c: char| c.is_ascii_digit()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockdep_model::held::IrqState;

    fn acquired(text: &str) -> (Event<'_>, Acquire<'_>) {
        match line(text) {
            Line::Event(event) => match event.what.clone() {
                What::Acquire(acquire) => (event, acquire),
                What::Release => panic!("{text}: a release"),
            },
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_line_of_trace_cmd_report_has_task_cpu_flags_and_lock() {
        let (event, acquire) = acquired(
            "   kworker/0:1-17    [001] d..2.  1234.567890: lock_acquire:         0xffff888100a1b2c8 try read &rq->__lock",
        );
        assert_eq!(event.task, Task { pid: 17, comm: "kworker/0:1", cpu: Some(1) });
        assert_eq!(event.irq, Some(IrqState { hardirqs_on: false, preempt_off: true, ..IrqState::TASK }));
        assert_eq!((event.lock, acquire.class), (0xffff_8881_00a1_b2c8, "&rq->__lock"));
        assert_eq!((acquire.trylock, acquire.mode, acquire.lock), (true, Mode::Read, LockType::Unknown));
    }

    #[test]
    fn the_flags_the_group_and_the_brackets_are_as_the_tool_has_them() {
        let plain = "  <idle>-0     [000]  12.5: lock_acquire: 0x10 a b";
        let group = "  <idle>-0     (-------) [000] .....  12.5: lock_acquire: 0x10 a b";
        let latency = "  <idle>-0       0.....  12.5: lock_acquire: 0x10 a b";
        for (text, irq) in [(plain, None), (group, Some(IrqState::TASK)), (latency, Some(IrqState::TASK))] {
            let (event, acquire) = acquired(text);
            assert_eq!((event.task, event.irq), (Task { pid: 0, comm: "<idle>", cpu: Some(0) }, irq), "{text}");
            assert_eq!(acquire.class, "a b");
        }
    }

    #[test]
    fn a_line_of_perf_script_has_the_thread_after_a_name_that_may_have_spaces() {
        for (text, comm, pid) in [
            ("bash  1234 [003]   99.000001: lock:lock_acquire: 0xff rcu_read_lock", "bash", 1234),
            ("Web Content  77/79 [003]   99.000001: lock:lock_acquire: 0xff rcu_read_lock", "Web Content", 79),
            ("foo-1  1234 [003]   99.000001: lock:lock_acquire: 0xff rcu_read_lock", "foo-1", 1234),
        ] {
            let (event, acquire) = acquired(text);
            assert_eq!((event.task, event.irq), (Task { pid, comm, cpu: Some(3) }, None));
            assert_eq!(acquire.lock, LockType::Rcu);
        }
    }

    #[test]
    fn a_release_needs_no_more_than_the_address() {
        let Line::Event(event) = line("bash-1 [000] ..... 1.0: lock_release: 0xff &x") else { panic!("no event") };
        assert_eq!((event.what, event.lock), (What::Release, 0xff));
    }

    #[test]
    fn frames_of_both_tools_are_functions() {
        assert_eq!(
            line("\tffffffff81a2b3c4 mutex_lock_nested+0x1b ([kernel.kallsyms])"),
            Line::Frame("mutex_lock_nested")
        );
        assert_eq!(line(" => do_sys_open (ffffffff8123)"), Line::Frame("do_sys_open"));
        assert_eq!(line("=> do_sys_open"), Line::Frame("do_sys_open"));
    }

    #[test]
    fn what_is_of_no_interest_is_passed_by_and_what_is_broken_says_why() {
        for other in ["", "# tracer: nop", "cpus=2", "bash-1 [000] d..1. 1.0: sched_switch: a ==> b"] {
            assert_eq!(line(other), Line::Other, "{other}");
        }
        assert_eq!(line("bash 1 [0] 1.0: lock:contention_begin: 0xff (flags=SPIN)"), Line::Contention);
        assert_eq!(line("CPU:2 [LOST 123 EVENTS]"), Line::Lost);
        for (text, why) in [
            ("garbage", "it is neither an event nor part of a stack"),
            ("bash-1 [000] 1.0: lock_acquire: (____ptrval____) &x", "`(____ptrval____)` is no address of a lock"),
            ("bash-1 [000] 1.0: lock_acquire: 0x12", "there is no name of a lock after its address"),
            (":-1 -1 [000] 1.0: lock:lock_acquire: 0x12 &x", "`:-1 -1` names no task"),
            ("bash-1 d..1 1.0: lock_acquire: 0x12 &x", "there is no [CPU] before the irq flags"),
        ] {
            assert_eq!(line(text), Line::Broken(why.to_owned()), "{text}");
        }
    }
}
