//! What the tables of cases share: events as data, run in any order through a validator of either mode.

use lockdep_model::class::{ContextId, InstanceId, KeyId, LockType, Place};
use lockdep_model::report::{Report, Severity};
use lockdep_model::settings::{Mode, Settings};
use lockdep_model::validator::{Interrupt, Take, Validator};

/// Where an event runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Task,
    IrqsOff,
    BhOff,
    In(Interrupt),
}

/// One lock of an event: which, and how it is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct One {
    pub(crate) lock: usize,
    pub(crate) take: Take,
}

/// Takes locks, each under those before it, and releases them; in a context of its own.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) place: Where,
    pub(crate) locks: Vec<One>,
}

pub(crate) fn w(lock: usize) -> One {
    One { lock, take: Take::write() }
}

pub(crate) fn r(lock: usize) -> One {
    One { lock, take: Take::read() }
}

pub(crate) fn by(read: bool, lock: usize) -> One {
    if read { r(lock) } else { w(lock) }
}

pub(crate) fn t(lock: usize) -> One {
    One { lock, take: Take::write().try_lock() }
}

pub(crate) fn event(place: Where, locks: &[One]) -> Event {
    Event { place, locks: locks.to_vec() }
}

/// A validator with locks of one type, `a`, `b`, ...
pub(crate) struct Bench {
    pub(crate) v: Validator,
    pub(crate) keys: Vec<KeyId>,
    next: u32,
}

pub(crate) const SETUP: ContextId = ContextId(0);

pub(crate) fn instance(lock: usize) -> InstanceId {
    InstanceId(0x1000 + 0x10 * lock as u64)
}

impl Bench {
    pub(crate) fn new(mode: Mode, queued: bool, types: &[LockType]) -> Self {
        let settings = Settings { mode, queued_rwlocks: queued, keep_going: true, ..Settings::default() };
        let mut v = Validator::new(settings);
        let mut keys = Vec::new();
        for (at, &of) in types.iter().enumerate() {
            let key = v.key(format!("{}", (b'a' + at as u8) as char), of);
            v.init(SETUP, instance(at), key, Place(0)).expect("the key was added");
            keys.push(key);
        }
        Self { v, keys, next: 1 }
    }

    /// A new context.
    pub(crate) fn task(&mut self) -> ContextId {
        self.next += 1;
        ContextId(self.next)
    }

    pub(crate) fn run(&mut self, event: &Event) {
        let task = self.task();
        let handler = self.task();
        match event.place {
            Where::Task => {}
            Where::IrqsOff => self.v.irqs_off(task),
            Where::BhOff => self.v.bh_off(task),
            Where::In(interrupt) => self.v.enter(task, interrupt, handler),
        }
        for one in &event.locks {
            self.v.acquire(task, instance(one.lock), one.take);
        }
        for one in event.locks.iter().rev() {
            self.v.release(task, instance(one.lock), Place(0));
        }
        match event.place {
            Where::Task => {}
            Where::IrqsOff => self.v.irqs_on(task, Place(0)),
            Where::BhOff => self.v.bh_on(task, Place(0)).expect("they were turned off"),
            Where::In(_) => self.v.leave(task, Place(0)).expect("it was entered"),
        }
    }

    /// The names of what is found, notes left out.
    pub(crate) fn found(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.warnings().map(|report| report.kind.name()).collect();
        names.dedup();
        names
    }

    fn warnings(&self) -> impl Iterator<Item = Report<u64>> {
        self.v.reports().into_iter().filter(|report| report.severity < Severity::Note)
    }
}

/// Every order of `n` things.
pub(crate) fn permutations(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in permutations(n - 1) {
        for at in 0..n {
            let mut longer = shorter.clone();
            longer.insert(at, n - 1);
            all.push(longer);
        }
    }
    all
}

/// Runs the events in every order in both modes, and checks what is found against `expected`, which is told the last event. Gives how
/// many cases that were.
pub(crate) fn in_every_order(
    name: &str,
    queued: bool,
    types: &[LockType],
    events: &[Event],
    expected: impl Fn(usize) -> Vec<&'static str>,
) -> usize {
    let mut cases = 0;
    for order in permutations(events.len()) {
        for mode in [Mode::Exact, Mode::Kernel] {
            let mut bench = Bench::new(mode, queued, types);
            for &at in &order {
                bench.run(&events[at]);
            }
            let expected = expected(order[order.len() - 1]);
            assert_eq!(
                bench.found(),
                expected,
                "{name}, {mode:?}, queued rwlocks {queued}, order {order:?}: {events:?}"
            );
            cases += 1;
        }
    }
    cases
}
