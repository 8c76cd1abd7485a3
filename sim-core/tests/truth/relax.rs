//! Why no deadlock came of an alarm: what the validator itself says, or what has to be taken from the program for the deadlock to be reached.

use crate::generate::{ContextPlan, Lock, Op, Plan, Role, Style};
use crate::programs::{inside, numbered};
use crate::rules::{Alarm, Locks, Setting, is_about_interrupts, judge};
use crate::text::name;
use sim_core::program::Preemption;

/// Why none came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// The validator says so: another lock lets in one at a time.
    Gate,
    /// The validator says so: one context does all of it.
    OneContext,
    /// The validator says so: they are never under way together.
    NeverTogether,
    /// Reached with a CPU for each task, where lines interrupt any, and preemption.
    Placement,
    /// Reached once nothing waits for what another does.
    OrderedInTime,
    /// Reached once nothing depends on what is read.
    GuardedByData,
    /// Reached once a trylock gets what it asks for.
    Trylock,
    /// Reached if each line is raised once more.
    MoreInterrupts,
    /// Reached with a task that writes what the program only reads: the readers would wait behind it.
    NoWriter,
    /// Reached once no other lock is taken.
    OtherLocks,
    /// Reached once nobody takes a lock that it holds: that ends it before it comes so far.
    Recursion,
    /// Reached without all of these together.
    Several,
    /// Not reached even so.
    Unknown,
}

impl Reason {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::OneContext => "one context",
            Self::NeverTogether => "never together",
            Self::Placement => "placement on the CPUs",
            Self::OrderedInTime => "ordered in time",
            Self::GuardedByData => "guarded by data",
            Self::Trylock => "trylocks give way",
            Self::MoreInterrupts => "an interrupt more than the bound",
            Self::NoWriter => "no writer comes between the readers",
            Self::OtherLocks => "other locks on the way",
            Self::Recursion => "a recursion comes first",
            Self::Several => "several of these together",
            Self::Unknown => "unknown",
        }
    }
}

/// A reason, and how to take it from a program.
type Relaxation = (Reason, fn(&mut Plan, &Alarm));

/// What can be taken from a program, and the reason that it is if the deadlock is then reached.
const RELAXATIONS: [Relaxation; 8] = [
    (Reason::Placement, spread),
    (Reason::OrderedInTime, |plan, _| change(plan, &wait_for_nothing)),
    (Reason::GuardedByData, |plan, _| change(plan, &ask_nothing)),
    (Reason::Trylock, |plan, alarm| change(plan, &|op| get(op, &alarm.locks))),
    (Reason::NoWriter, write_too),
    (Reason::OtherLocks, |plan, alarm| change(plan, &|op| without_others(op, &alarm.locks))),
    (Reason::Recursion, |plan, _| plan.contexts.iter_mut().for_each(|context| once(&mut context.ops, &mut Vec::new()))),
    (Reason::MoreInterrupts, raise_more),
];

/// Why no deadlock came of an alarm about a program.
pub(crate) fn reason(plan: &Plan, alarm: &Alarm) -> Reason {
    if let Some(impossible) = &alarm.impossible {
        return match impossible.split_once(' ').map(|(first, _)| first) {
            Some("whoever") => Reason::Gate,
            Some("only") => Reason::OneContext,
            Some("those") => Reason::NeverTogether,
            _ => panic!("no known reason: {impossible}"),
        };
    }
    for (reason, relax) in RELAXATIONS {
        let mut relaxed = plan.clone();
        relax(&mut relaxed, alarm);
        if is_reached(&relaxed, alarm) {
            return reason;
        }
    }
    // What makes the program bigger comes last.
    let mut relaxed = plan.clone();
    for (_, relax) in RELAXATIONS {
        relax(&mut relaxed, alarm);
        if is_reached(&relaxed, alarm) {
            return Reason::Several;
        }
    }
    Reason::Unknown
}

fn is_reached(plan: &Plan, alarm: &Alarm) -> bool {
    let judged = judge(&numbered(plan), Setting::Ordinary);
    judged.is_some_and(|judged| {
        let by_interrupt = is_about_interrupts(&alarm.kinds);
        judged.deadlocks.iter().any(|d| d.waited_for == alarm.locks && d.by_interrupt == by_interrupt)
    })
}

/// A CPU for each task; lines may interrupt any.
fn spread(plan: &mut Plan, _: &Alarm) {
    plan.preemption = Preemption::Full;
    let mut cpus = 0;
    for context in &mut plan.contexts {
        context.cpu = (context.role == Role::Task).then(|| {
            cpus += 1;
            cpus - 1
        });
    }
    plan.cpus = cpus;
}

fn raise_more(plan: &mut Plan, _: &Alarm) {
    for context in &mut plan.contexts {
        if let Role::Line { times } = &mut context.role {
            *times += 1;
        }
    }
}

/// Changes all operations, the innermost first.
fn change(plan: &mut Plan, with: &dyn Fn(Op) -> Vec<Op>) {
    fn all(ops: &mut Vec<Op>, with: &dyn Fn(Op) -> Vec<Op>) {
        for op in ops.iter_mut() {
            inside(op).into_iter().for_each(|inner| all(inner, with));
        }
        *ops = std::mem::take(ops).into_iter().flat_map(with).collect();
    }
    plan.contexts.iter_mut().for_each(|context| all(&mut context.ops, with));
}

fn wait_for_nothing(op: Op) -> Vec<Op> {
    match op {
        Op::Await(_) | Op::WaitForCompletion => Vec::new(),
        op => vec![op],
    }
}

fn ask_nothing(op: Op) -> Vec<Op> {
    match op {
        Op::IfSeen(inner) => inner,
        op => vec![op],
    }
}

/// A trylock gets its lock: one that the alarm is about by waiting for it, any other as if nobody had it.
fn get(op: Op, locks: &Locks) -> Vec<Op> {
    match op {
        Op::TrySpin(lock, inner) if locks.contains(&name(lock)) => vec![Op::Spin(lock, Style::Plain, inner)],
        Op::TryMutex(lock, inner) if locks.contains(&name(lock)) => vec![Op::Mutex(lock, inner)],
        Op::TrySpin(_, inner) | Op::TryMutex(_, inner) => inner,
        op => vec![op],
    }
}

/// What is done with locks that the alarm is not about is done without them.
fn without_others(op: Op, locks: &Locks) -> Vec<Op> {
    let other = |lock: &Lock| !locks.contains(&name(*lock));
    match op {
        Op::Spin(lock, _, inner) | Op::TrySpin(lock, inner) | Op::Mutex(lock, inner) | Op::TryMutex(lock, inner)
            if other(&lock) =>
        {
            inner
        }
        Op::Downgraded(sem, before, after) if other(&Lock::DownWrite(sem)) => [before, after].concat(),
        Op::SpinTrying(lock)
        | Op::SpinLock(lock, _)
        | Op::SpinUnlock(lock, _)
        | Op::MutexLock(lock)
        | Op::MutexUnlock(lock)
            if other(&lock) =>
        {
            Vec::new()
        }
        op => vec![op],
    }
}

/// What is done with a lock by who holds it is done without taking it again.
fn once(ops: &mut Vec<Op>, held: &mut Vec<String>) {
    let mut again = Vec::new();
    let mut after = Vec::new();
    for mut op in std::mem::take(ops) {
        let lock = match &op {
            Op::Spin(lock, ..) | Op::TrySpin(lock, _) | Op::Mutex(lock, _) | Op::TryMutex(lock, _) => Some(*lock),
            Op::SpinTrying(lock) | Op::SpinLock(lock, _) | Op::MutexLock(lock) => Some(*lock),
            Op::Downgraded(sem, ..) => Some(Lock::DownWrite(*sem)),
            _ => None,
        };
        let taken = lock.map(name);
        let is_held = taken.as_ref().is_some_and(|taken| held.contains(taken));
        match &op {
            Op::SpinLock(..) | Op::MutexLock(_) if is_held => {
                again.extend(taken);
                continue;
            }
            Op::SpinLock(..) | Op::MutexLock(_) => held.extend(taken),
            Op::SpinUnlock(lock, _) | Op::MutexUnlock(lock) => {
                let (twice, before) =
                    (again.iter().position(|l| *l == name(*lock)), held.iter().position(|l| *l == name(*lock)));
                if let Some(twice) = twice {
                    again.remove(twice);
                    continue;
                }
                before.map(|before| held.remove(before));
            }
            Op::SpinTrying(_) if is_held => continue,
            _ => {
                let depth = held.len();
                held.extend(taken);
                inside(&mut op).into_iter().for_each(|inner| once(inner, held));
                held.truncate(depth);
            }
        }
        if is_held {
            after.extend(inside(&mut op).into_iter().flat_map(std::mem::take));
        } else {
            after.push(op);
        }
    }
    *ops = after;
}

/// A task on a CPU of its own for each lock of readers and writers that the alarm is about, which writes it.
fn write_too(plan: &mut Plan, alarm: &Alarm) {
    for lock in &alarm.locks {
        let number = lock[1..].parse().expect("a lock's name is a letter and its number");
        let write = match lock.as_bytes()[0] {
            b'r' => Op::Spin(Lock::Write(number), Style::Irq, Vec::new()),
            b's' => Op::Mutex(Lock::DownWrite(number), Vec::new()),
            _ => continue,
        };
        plan.contexts.push(ContextPlan { role: Role::Task, cpu: Some(plan.cpus), ops: vec![write] });
        plan.cpus += 1;
    }
}
