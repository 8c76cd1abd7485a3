//! Which plans are made about what runs later than it is asked for: short ones, for such programs have many states.

use super::strategy::{accesses, cut};
use super::{Delete, Flavour, Later, Lock, Op, Style};
use proptest::prelude::*;
use sim_core::program::Mark;

/// The most operations of a context.
pub(super) const OPS: usize = 4;

/// `NET_TX_SOFTIRQ` and `BLOCK_SOFTIRQ`: one after the vectors of `tasklet_hi_schedule()` and of timers, one before that of `tasklet_schedule()`.
const VECTORS: [u64; 2] = [2, 4];

impl Flavour {
    /// Whether its programs are about what runs later.
    pub(super) fn is_later(self) -> bool {
        matches!(self, Self::Softirqs | Self::Timers | Self::Work | Self::Rcu)
    }

    /// What there is in its programs.
    fn later(self) -> Vec<Later> {
        match self {
            Self::Softirqs => {
                vec![Later::Action(VECTORS[0]), Later::Action(VECTORS[1]), Later::Tasklet(0), Later::Tasklet(1)]
            }
            Self::Timers => {
                vec![Later::Action(VECTORS[0]), Later::Timer(0), Later::Timer(1), Later::Hrtimer(0), Later::Hrtimer(1)]
            }
            Self::Work => vec![Later::Work(0), Later::Work(1), Later::Work(2)],
            Self::Rcu => vec![Later::Rcu(0), Later::Rcu(1)],
            _ => Vec::new(),
        }
    }
}

/// What each of them does: little, as it may do it often.
pub(super) fn callbacks(flavour: Flavour) -> BoxedStrategy<Vec<(Later, Vec<Op>)>> {
    let body = |later| {
        let ops = prop::collection::vec(inside(flavour), 1..=2);
        ops.prop_map(move |mut ops| {
            cut(&mut ops, &mut 2);
            (later, ops)
        })
    };
    flavour.later().into_iter().map(body).collect::<Vec<_>>().boxed()
}

/// What a task or an interrupt line does.
pub(super) fn ops(flavour: Flavour) -> BoxedStrategy<Vec<Op>> {
    let any = prop::collection::vec(outside(flavour), 1..=3);
    if flavour == Flavour::Rcu { prop_oneof![1 => any, 2 => before_and_after()].boxed() } else { any.boxed() }
}

/// A reader that takes from a variable what it gives it back, or one who writes it before and after the readers of then, or after a callback: whether these are waited for
/// shows in the last value.
fn before_and_after() -> BoxedStrategy<Vec<Op>> {
    let write = |value| Op::Write(0, value, Mark::Once);
    let read = || vec![Op::Increment(0, Mark::Once)];
    let pieces = move |(srcu, which)| match which {
        0 => vec![if srcu { Op::SrcuRead(read()) } else { Op::RcuRead(read()) }],
        1 => vec![write(1), Op::Synchronize(srcu), write(2)],
        _ => vec![Op::Start(Later::Rcu(usize::from(srcu))), Op::Barrier(srcu), write(2)],
    };
    (prop::bool::ANY, prop::sample::select(vec![0, 0, 1, 1, 2u8])).prop_map(pieces).boxed()
}

/// What tells of itself: mostly `x++`.
fn touches() -> BoxedStrategy<Op> {
    let increment = (0..2usize).prop_map(|var| Op::Increment(var, Mark::Plain));
    prop_oneof![2 => increment, 1 => (0..2usize).prop_map(|var| Op::Read(var, Mark::Plain)), 2 => accesses(2)].boxed()
}

fn tasklet() -> impl Strategy<Value = usize> + Clone {
    0..2usize
}

/// What everybody may do.
fn anywhere(flavour: Flavour) -> BoxedStrategy<Op> {
    let start = prop::sample::select(flavour.later()).prop_map(Op::Start);
    let spin = (0..2usize, style()).prop_map(|(lock, style)| Op::Spin(Lock::Spin(lock), style, vec![]));
    let other = match flavour {
        Flavour::Timers => timers(),
        Flavour::Work => works(),
        Flavour::Rcu => reads(),
        _ => tasklet().prop_map(Op::StartHigh).boxed(),
    };
    prop_oneof![6 => touches(), 6 => start, 2 => other, 1 => spin].boxed()
}

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![2 => Just(Style::Plain), 1 => Just(Style::IrqSave), 2 => Just(Style::Bh)]
}

/// A section around an access, or half of one.
fn reads() -> BoxedStrategy<Op> {
    let ops = || prop::collection::vec(touches(), 1..=2);
    prop_oneof![
        6 => ops().prop_map(Op::RcuRead),
        4 => ops().prop_map(Op::SrcuRead),
        1 => Just(Op::RcuReadLock),
        1 => Just(Op::RcuReadUnlock),
    ]
    .boxed()
}

/// What a callback does.
fn inside(flavour: Flavour) -> BoxedStrategy<Op> {
    if flavour == Flavour::Rcu {
        // One that queues itself again goes on for ever.
        return prop_oneof![4 => touches(), 1 => reads()].boxed();
    }
    let ops = prop::collection::vec(touches(), 1..=1);
    let disabled = (tasklet(), ops.clone()).prop_map(|(tasklet, ops)| Op::TaskletDisabled(tasklet, true, ops));
    let mutex = (0..2usize, ops.clone()).prop_map(|(mutex, ops)| Op::Mutex(Lock::Mutex(mutex), ops));
    let own = match flavour {
        Flavour::Softirqs => disabled.boxed(),
        Flavour::Work => prop_oneof![2 => mutex, 1 => Just(Op::WaitForCompletion)].boxed(),
        _ => anywhere(flavour),
    };
    prop_oneof![
        12 => anywhere(flavour),
        1 => own,
        1 => (0..2usize, style(), ops).prop_map(|(lock, style, ops)| Op::Spin(Lock::Spin(lock), style, ops)),
    ]
    .boxed()
}

fn timer() -> impl Strategy<Value = Later> + Clone {
    prop_oneof![(0..2usize).prop_map(Later::Timer), (0..2usize).prop_map(Later::Hrtimer)]
}

/// What everybody does with timers.
fn timers() -> BoxedStrategy<Op> {
    let delete = prop::sample::select(vec![Delete::Try, Delete::Says, Delete::Wait, Delete::Shutdown]);
    prop_oneof![
        1 => (0..2usize).prop_map(Op::ArmPending),
        3 => (timer(), delete).prop_map(|(timer, how)| Op::Delete(timer, how)),
        1 => timer().prop_map(Op::IsPending),
    ]
    .boxed()
}

/// `alloc_workqueue()` with no flags and any `max_active`, with one at a time, unbound, ordered, with high priority.
pub(super) fn queues(flavour: Flavour) -> BoxedStrategy<[(u64, u64); 2]> {
    if flavour != Flavour::Work {
        return Just([(0, 0); 2]).boxed();
    }
    let queue = || prop::sample::select(vec![(0, 0), (0, 0), (0, 1), (0, 2), (2, 0), (0x2_0002, 1), (0x10, 0)]);
    [queue(), queue()].boxed()
}

fn works() -> BoxedStrategy<Op> {
    prop_oneof![
        2 => (0..3usize).prop_map(Op::CancelWork),
        1 => (0..3usize).prop_map(Op::WorkBusy),
        1 => Just(Op::Complete),
    ]
    .boxed()
}

fn waits_for_work() -> BoxedStrategy<Op> {
    prop_oneof![
        4 => (0..3usize).prop_map(Op::FlushWork),
        3 => (0..2usize).prop_map(Op::FlushQueue),
        2 => (0..3usize).prop_map(|work| Op::Stop(Later::Work(work))),
        1 => Just(Op::WaitForCompletion),
    ]
    .boxed()
}

/// What others do with the tasklets or timers of a flavour.
fn stops(flavour: Flavour, ops: impl Strategy<Value = Vec<Op>> + Clone + 'static) -> BoxedStrategy<Op> {
    if flavour == Flavour::Timers {
        return prop_oneof![3 => timers(), 1 => timer().prop_map(Op::Stop)].boxed();
    }
    if flavour == Flavour::Rcu {
        return prop_oneof![
            4 => prop::bool::ANY.prop_map(Op::Synchronize),
            2 => prop::bool::ANY.prop_map(Op::Barrier),
            3 => reads(),
            2 => ops.clone().prop_map(Op::RcuRead),
            1 => ops.clone().prop_map(Op::SrcuRead),
            1 => Just(Op::CondResched),
            1 => (0..2usize, ops).prop_map(|(mutex, ops)| Op::Mutex(Lock::Mutex(mutex), ops)),
        ]
        .boxed();
    }
    if flavour == Flavour::Work {
        return prop_oneof![
            2 => waits_for_work(),
            1 => (0..3usize, ops.clone()).prop_map(|(work, ops)| Op::WorkDisabled(work, ops)),
            1 => (0..2usize, ops).prop_map(|(mutex, ops)| Op::Mutex(Lock::Mutex(mutex), ops)),
        ]
        .boxed();
    }
    prop_oneof![
        2 => (tasklet(), prop::bool::weighted(0.8), ops.clone())
            .prop_map(|(tasklet, enable, ops)| Op::TaskletDisabled(tasklet, enable, ops)),
        8 => (tasklet(), prop::bool::ANY, ops)
            .prop_map(|(tasklet, sleep, ops)| Op::TaskletDisabledAndIdle(tasklet, sleep, ops)),
        3 => tasklet().prop_map(|tasklet| Op::Stop(Later::Tasklet(tasklet))),
    ]
    .boxed()
}

/// What others do.
fn outside(flavour: Flavour) -> BoxedStrategy<Op> {
    let ops = prop::collection::vec(prop_oneof![2 => touches(), 1 => anywhere(flavour)], 1..=2);
    let lock = (0..2usize).prop_map(Lock::Spin);
    prop_oneof![
        8 => anywhere(flavour),
        2 => (lock, style(), ops.clone()).prop_map(|(lock, style, ops)| Op::Spin(lock, style, ops)),
        3 => ops.clone().prop_map(Op::BhOff),
        1 => ops.clone().prop_map(Op::IrqsOff),
        1 => ops.clone().prop_map(Op::PreemptOff),
        9 => stops(flavour, ops),
    ]
    .boxed()
}
