//! Why no deadlock came of an alarm: what the validator itself says, or what has to be taken from the program for the deadlock to be reached.

use crate::generate::{Op, Plan, Role};
use crate::programs::{inside, numbered};
use crate::rules::{Alarm, Setting, is_about_interrupts, judge};
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
    /// Reached once trylocks wait.
    Trylock,
    /// Reached if each line is raised once more.
    MoreInterrupts,
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
            Self::Several => "several of these together",
            Self::Unknown => "unknown",
        }
    }
}

/// A reason, and how to take it from a program.
type Relaxation = (Reason, fn(&mut Plan));

/// What can be taken from a program, and the reason that it is if the deadlock is then reached.
const RELAXATIONS: [Relaxation; 5] = [
    (Reason::Placement, spread),
    (Reason::OrderedInTime, |plan| change(plan, wait_for_nothing)),
    (Reason::GuardedByData, |plan| change(plan, ask_nothing)),
    (Reason::Trylock, |plan| change(plan, insist)),
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
        relax(&mut relaxed);
        if is_reached(&relaxed, alarm) {
            return reason;
        }
    }
    // What makes the program bigger comes last, and trylocks stay: waiting for them, a task may never come to the rest.
    let mut relaxed = plan.clone();
    for (reason, relax) in RELAXATIONS {
        if reason != Reason::Trylock {
            relax(&mut relaxed);
            if is_reached(&relaxed, alarm) {
                return Reason::Several;
            }
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
fn spread(plan: &mut Plan) {
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

fn raise_more(plan: &mut Plan) {
    for context in &mut plan.contexts {
        if let Role::Line { times } = &mut context.role {
            *times += 1;
        }
    }
}

/// Changes all operations, the innermost first.
fn change(plan: &mut Plan, with: fn(Op) -> Vec<Op>) {
    fn all(ops: &mut Vec<Op>, with: fn(Op) -> Vec<Op>) {
        for op in ops.iter_mut() {
            if let Some(inner) = inside(op) {
                all(inner, with);
            }
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

fn insist(op: Op) -> Vec<Op> {
    match op {
        Op::TrySpin(lock, inner) => vec![Op::Spin(lock, crate::generate::Style::Plain, inner)],
        Op::TryMutex(lock, inner) => vec![Op::Mutex(lock, inner)],
        op => vec![op],
    }
}
