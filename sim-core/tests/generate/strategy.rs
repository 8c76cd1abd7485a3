//! Which plans are made, and how often.

use super::{ClaimPlan, ContextPlan, Lock, Op, Plan, Role, Style, later};
use proptest::prelude::*;
use proptest::strategy::Union;
use sim_core::program::{AtomicOp, Mark, Preemption};

/// What the programs of a test are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Spinlocks in all orders and forms, trylocks, cycles of two to four.
    Locks,
    /// Plain and marked accesses, atomics, waiting loops, conditions.
    Memory,
    /// Mutexes, semaphores, completions, and giving the CPU up.
    Sleeping,
    /// Tasks that queue for a semaphore, on one CPU that each leaves of its own accord alone: so the order in which they join can be told from what they
    /// write before, and that in which they are served from what they write after it, and from who is left waiting.
    Queueing,
    /// `rwlock_t` and `rw_semaphore`, queued and not, with recursion, downgrades and handlers that read.
    Readers,
    /// Interrupt lines, and tasks that turn interrupts and preemption off and on, or forget to.
    Interrupts,
    /// Everything at once.
    Mixed,
    /// Softirqs and tasklets: raised, scheduled, disabled and killed by tasks, interrupt lines and one another.
    Softirqs,
    /// Timers and hrtimers: armed, deleted and asked after by tasks, interrupt lines and one another's callbacks, with a softirq beside them.
    Timers,
    /// Work: queued, flushed and cancelled by tasks, interrupt lines and other work, on queues of all sorts.
    Work,
    /// RCU and SRCU: sections, grace periods that tasks wait for, callbacks, preemption, bottom halves and interrupts off.
    Rcu,
}

/// The most operations of a context.
const OPS: usize = 8;

/// Plans of a flavour.
pub(crate) fn plans(flavour: Flavour) -> impl Strategy<Value = Plan> {
    let any = prop_oneof![
        3 => Just(Preemption::Full),
        1 => Just(Preemption::None),
        1 => Just(Preemption::Voluntary)
    ];
    // Where a task can lose its CPU on the way to a queue, nobody can tell whether it has joined it.
    let (cpus, tasks, preemption) = match flavour {
        Flavour::Queueing => (1..=1, 3..=3, Just(Preemption::None).boxed()),
        Flavour::Softirqs | Flavour::Timers | Flavour::Work => (1..=2, 1..=2, any.boxed()),
        Flavour::Rcu => (1..=2, 2..=2, any.boxed()),
        _ => (1..=2u8, 1..=3, any.boxed()),
    };
    let semaphore = prop_oneof![1 => Just(0), 3 => Just(1u64)];
    let contexts = prop::collection::vec(context(flavour), tasks);
    let callbacks = later::callbacks(flavour);
    let claims = prop::collection::vec(claim(), 0..=1);
    let queued = prop::bool::weighted(if flavour == Flavour::Readers { 0.7 } else { 0.9 });
    let contexts = (contexts, callbacks, later::queues(flavour));
    (cpus, preemption, prop::bool::weighted(0.8), semaphore, contexts, claims, queued).prop_map(
        |(cpus, preemption, addresses_given, semaphore, (mut contexts, callbacks, queues), claims, queued_rwlocks)| {
            contexts.iter_mut().for_each(|c| c.cpu = c.cpu.filter(|cpu| *cpu < cpus));
            Plan { cpus, preemption, queued_rwlocks, addresses_given, semaphore, contexts, callbacks, queues, claims }
        },
    )
}

fn context(flavour: Flavour) -> impl Strategy<Value = ContextPlan> {
    let lines = if flavour == Flavour::Interrupts { 4 } else { 1 };
    let role = prop_oneof![5 => Just(Role::Task), lines => (1..=2u8).prop_map(|times| Role::Line { times })];
    let cpu = prop_oneof![3 => (0..2u8).prop_map(Some), 1 => Just(None)];
    (role, cpu, ops(flavour)).prop_map(move |(role, cpu, mut ops)| {
        cut(&mut ops, &mut if flavour.is_later() { later::OPS } else { OPS });
        ContextPlan { role, cpu, ops }
    })
}

fn claim() -> impl Strategy<Value = ClaimPlan> {
    (0..3usize, 0..3u64, 0..3u8).prop_map(|(var, value, kind)| match kind {
        0 => ClaimPlan::Never(var, value),
        1 => ClaimPlan::Finally(var, value),
        _ => ClaimPlan::Reachable(var, value),
    })
}

/// Drops what exceeds the budget.
pub(super) fn cut(ops: &mut Vec<Op>, budget: &mut usize) {
    ops.retain_mut(|op| {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        op.inner_mut().into_iter().for_each(|inner| cut(inner, budget));
        true
    });
}

fn ops(flavour: Flavour) -> BoxedStrategy<Vec<Op>> {
    if flavour == Flavour::Queueing {
        return turns();
    }
    if flavour.is_later() {
        return later::ops(flavour);
    }
    let nested = simple(flavour).prop_recursive(3, 8, 3, move |inner| {
        prop_oneof![1 => inner.clone(), 2 => nest(flavour, prop::collection::vec(inner, 1..=3))].boxed()
    });
    prop::collection::vec(nested, 0..=5).boxed()
}

/// Operations without others inside.
fn simple(flavour: Flavour) -> BoxedStrategy<Op> {
    use Flavour::*;
    let weight = |on: &[Flavour], weight: u32| if on.contains(&flavour) || flavour == Mixed { weight } else { 0 };
    let parts: Vec<(u32, BoxedStrategy<Op>)> = vec![
        (6, accesses(if flavour == Memory { 3 } else { 2 })),
        (weight(&[Memory], 4), atomics()),
        (weight(&[Memory], 2), (0..3usize).prop_map(Op::Await).boxed()),
        (weight(&[Interrupts], 1), (0..3usize).prop_map(Op::Await).boxed()),
        (weight(&[Memory], 1), (0..3u64).prop_map(Op::Bug).boxed()),
        (weight(&[Memory, Interrupts], 1), (0..3u64).prop_map(Op::Warn).boxed()),
        (weight(&[Locks], 2), halves()),
        (weight(&[Locks], 1), (0..2usize).prop_map(|l| Op::SpinTrying(Lock::Spin(l))).boxed()),
        (weight(&[Readers], 2), reader_halves()),
        (weight(&[Sleeping], 6), sleepers()),
        (weight(&[Sleeping, Interrupts], 1), Just(Op::MightSleep).boxed()),
        (weight(&[Interrupts], 3), switches()),
    ];
    Union::new_weighted(parts.into_iter().filter(|(weight, _)| *weight > 0).collect()).boxed()
}

fn mark() -> impl Strategy<Value = Mark> {
    prop_oneof![3 => Just(Mark::Plain), 2 => Just(Mark::Once), 1 => Just(Mark::Release), 1 => Just(Mark::Racy)]
}

pub(super) fn accesses(vars: usize) -> BoxedStrategy<Op> {
    prop_oneof![
        (0..vars, mark()).prop_map(|(var, mark)| Op::Read(var, mark)),
        (0..vars, 0..3u64, mark()).prop_map(|(var, value, mark)| Op::Write(var, value, mark)),
        (0..vars, mark()).prop_map(|(var, mark)| Op::WriteSeen(var, mark)),
        (0..vars, mark()).prop_map(|(var, mark)| Op::Increment(var, mark)),
    ]
    .boxed()
}

fn atomics() -> BoxedStrategy<Op> {
    let op = prop::sample::select(vec![
        AtomicOp::Add,
        AtomicOp::Sub,
        AtomicOp::Or,
        AtomicOp::Xchg,
        AtomicOp::Cmpxchg,
        AtomicOp::AddUnless,
        AtomicOp::DecIfPositive,
    ]);
    (op, 0..3usize, 0..3u64, 0..3u64).prop_map(|(op, var, a, b)| Op::Atomic(op, var, a, b)).boxed()
}

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![3 => Just(Style::Plain), 1 => Just(Style::Irq), 2 => Just(Style::IrqSave), 1 => Just(Style::Bh)]
}

fn halves() -> BoxedStrategy<Op> {
    prop_oneof![
        (0..2usize, style()).prop_map(|(lock, style)| Op::SpinLock(Lock::Spin(lock), style)),
        (0..2usize, style()).prop_map(|(lock, style)| Op::SpinUnlock(Lock::Spin(lock), style)),
    ]
    .boxed()
}

fn rwlock(locks: usize) -> impl Strategy<Value = Lock> + Clone {
    prop_oneof![3 => (0..locks).prop_map(Lock::Read), 2 => (0..locks).prop_map(Lock::Write)]
}

fn rwsem(locks: usize) -> impl Strategy<Value = Lock> + Clone {
    prop_oneof![3 => (0..locks).prop_map(Lock::DownRead), 2 => (0..locks).prop_map(Lock::DownWrite)]
}

fn reader_halves() -> BoxedStrategy<Op> {
    prop_oneof![
        2 => (rwlock(2), style()).prop_map(|(lock, style)| Op::SpinLock(lock, style)),
        2 => (rwlock(2), style()).prop_map(|(lock, style)| Op::SpinUnlock(lock, style)),
        1 => rwlock(2).prop_map(Op::SpinTrying),
        2 => rwsem(2).prop_map(Op::MutexLock),
        2 => rwsem(2).prop_map(Op::MutexUnlock),
        1 => (0..2usize).prop_map(Op::Downgrade),
    ]
    .boxed()
}

fn sleepers() -> BoxedStrategy<Op> {
    prop_oneof![
        2 => Just(Op::Down),
        1 => Just(Op::TryDown),
        2 => Just(Op::Up),
        2 => Just(Op::WaitForCompletion),
        2 => Just(Op::Complete),
        1 => Just(Op::CompleteAll),
        2 => Just(Op::CondResched),
        2 => (0..3usize).prop_map(Op::SleepUnless),
        2 => Just(Op::WakeSleeper),
        1 => (0..2usize).prop_map(|m| Op::MutexLock(Lock::Mutex(m))),
        1 => (0..2usize).prop_map(|m| Op::MutexUnlock(Lock::Mutex(m))),
    ]
    .boxed()
}

/// Signs in, queues, and signs out when it is let through; or waits for what may be done for one or for all.
fn turns() -> BoxedStrategy<Vec<Op>> {
    let write = |var, value| Op::Write(var, value, Mark::Once);
    let turn = (0..3u64).prop_map(move |value| vec![write(0, value), Op::Down, write(1, value)]);
    let other = prop_oneof![
        6 => Just(Op::Up),
        2 => Just(Op::TryDown),
        2 => Just(Op::CondResched),
        2 => accesses(2),
        2 => Just(Op::WaitForCompletion),
        1 => Just(Op::Complete),
        1 => Just(Op::CompleteAll),
    ];
    let piece = prop_oneof![2 => turn, 3 => other.prop_map(|op| vec![op])];
    prop::collection::vec(piece, 0..=4).prop_map(|pieces| pieces.concat()).boxed()
}

fn switches() -> BoxedStrategy<Op> {
    prop_oneof![Just(Op::PreemptDisable), Just(Op::PreemptEnable), Just(Op::IrqDisable), Just(Op::IrqEnable)].boxed()
}

/// Operations around others.
fn nest(flavour: Flavour, inner: impl Strategy<Value = Vec<Op>> + Clone + 'static) -> BoxedStrategy<Op> {
    use Flavour::*;
    let weight = |on: &[Flavour], weight: u32| if on.contains(&flavour) || flavour == Mixed { weight } else { 0 };
    let locks = if flavour == Locks { 4 } else { 2usize };
    let parts: Vec<(u32, BoxedStrategy<Op>)> = vec![
        (if flavour == Readers { 1 } else { 3 }, spin((0..locks).prop_map(Lock::Spin), inner.clone())),
        (weight(&[Locks], 1), (0..2usize, inner.clone()).prop_map(|(l, ops)| Op::TrySpin(Lock::Spin(l), ops)).boxed()),
        (
            weight(&[Sleeping], 4),
            (0..2usize, inner.clone()).prop_map(|(m, ops)| Op::Mutex(Lock::Mutex(m), ops)).boxed(),
        ),
        (
            weight(&[Sleeping], 1),
            (0..2usize, inner.clone()).prop_map(|(m, ops)| Op::TryMutex(Lock::Mutex(m), ops)).boxed(),
        ),
        (weight(&[Readers], 4), spin(rwlock(2), inner.clone())),
        (weight(&[Readers], 1), (rwlock(2), inner.clone()).prop_map(|(lock, ops)| Op::TrySpin(lock, ops)).boxed()),
        (weight(&[Readers], 4), (rwsem(2), inner.clone()).prop_map(|(lock, ops)| Op::Mutex(lock, ops)).boxed()),
        (weight(&[Readers], 1), (rwsem(2), inner.clone()).prop_map(|(lock, ops)| Op::TryMutex(lock, ops)).boxed()),
        (weight(&[Readers], 1), downgraded(inner.clone())),
        (weight(&[Memory, Interrupts, Sleeping], 2), inner.clone().prop_map(Op::IfSeen).boxed()),
        (1, inner.clone().prop_map(Op::Call).boxed()),
        (weight(&[Interrupts], 2), inner.clone().prop_map(Op::PreemptOff).boxed()),
        (weight(&[Interrupts], 3), inner.prop_map(Op::IrqsOff).boxed()),
    ];
    Union::new_weighted(parts.into_iter().filter(|(weight, _)| *weight > 0).collect()).boxed()
}

fn spin(
    lock: impl Strategy<Value = Lock> + 'static,
    inner: impl Strategy<Value = Vec<Op>> + 'static,
) -> BoxedStrategy<Op> {
    (lock, style(), inner).prop_map(|(lock, style, ops)| Op::Spin(lock, style, ops)).boxed()
}

fn downgraded(inner: impl Strategy<Value = Vec<Op>> + Clone + 'static) -> BoxedStrategy<Op> {
    (0..2usize, inner.clone(), inner).prop_map(|(sem, before, after)| Op::Downgraded(sem, before, after)).boxed()
}
