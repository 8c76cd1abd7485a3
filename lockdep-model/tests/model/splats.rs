//! What Linux 6.12 printed for small modules with one bug each: kernel mode gives the same heading, locks, usage, wait types and scenario.

use crate::common::{Bench, Where, event, instance, t, w};
use lockdep_model::class::{ClassId, InstanceId, LockType, Place};
use lockdep_model::report::{CompletedBy, Detail, Report};
use lockdep_model::scenario::{Act, Scenario, Verb, scenario};
use lockdep_model::settings::Mode;
use lockdep_model::usage::UsageBit;
use lockdep_model::validator::{Interrupt, Take};

const HERE: Place = Place(0);
const SPIN: LockType = LockType::Spin;

fn kernel(types: &[LockType]) -> Bench {
    Bench::new(Mode::Kernel, true, types)
}

fn first(bench: &Bench) -> Report<u64> {
    bench.v.reports().into_iter().next().expect("something is reported")
}

/// A lock line's middle: `{+.+.}-{3:3}`.
fn line(report: &Report<u64>, class: ClassId) -> String {
    let state = &report.classes[&class];
    let (outer, inner) = (state.lock.wait_outer().rank(true), state.lock.wait_inner().rank(true));
    format!("{{{}}}-{{{outer}:{inner}}}", state.usage.characters())
}

fn class(bench: &Bench, at: usize) -> ClassId {
    ClassId::new(bench.keys[at])
}

fn take(cpu: u8, class: ClassId) -> (u8, Act) {
    (cpu, Act::Take(Verb::Lock, class))
}

#[test]
fn abc_cycle() {
    let mut b = kernel(&[SPIN; 3]);
    for pair in [[0, 1], [1, 2], [2, 0]] {
        b.run(&event(Where::Task, &pair.map(w)));
    }
    let report = first(&b);
    let [x, y, z] = [0, 1, 2].map(|at| class(&b, at));
    assert_eq!(report.heading(), "WARNING: possible circular locking dependency detected");
    assert_eq!(line(&report, x), "{+.+.}-{3:3}");
    let Detail::Cycle { links } = &report.detail else { panic!("{report:?}") };
    let chain: Vec<_> = links.iter().map(|link| (link.from, link.to)).collect();
    assert_eq!(chain, [(x, y), (y, z), (z, x)]);
    let closing = &links[2].evidence;
    assert_eq!(closing.held.iter().map(|held| held.instance).collect::<Vec<_>>(), [instance(2)]);
    assert_eq!(closing.lock.map(|lock| lock.instance), Some(instance(0)));
    let rows = vec![take(0, z), take(1, y), take(1, z), take(0, x)];
    assert_eq!(scenario(&report), Some(Scenario { cpus: 2, chain: Some([x, y, z]), rows }));
}

#[test]
fn hardirq_safe_unsafe() {
    let mut b = kernel(&[SPIN; 2]);
    b.run(&event(Where::In(Interrupt::Hard), &[w(0)]));
    b.run(&event(Where::Task, &[w(1)]));
    b.run(&event(Where::IrqsOff, &[w(0), w(1)]));
    let report = first(&b);
    let [a, c] = [0, 1].map(|at| class(&b, at));
    assert_eq!(report.heading(), "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected");
    assert_eq!([line(&report, a), line(&report, c)], ["{-...}-{3:3}", "{+.+.}-{3:3}"]);
    let Detail::IrqPath { completed_by, used_in, enabled, .. } = &report.detail else { panic!("{report:?}") };
    assert_eq!(*completed_by, CompletedBy::Edge(0));
    assert_eq!([used_in.bit, enabled.bit], [UsageBit::UsedInHardirq, UsageBit::EnabledHardirq]);
    let rows = vec![take(0, c), (1, Act::IrqDisable), take(1, a), take(1, c), (0, Act::Interrupt), take(0, a)];
    assert_eq!(scenario(&report), Some(Scenario { cpus: 2, chain: None, rows }));
}

#[test]
fn irq_inversion_safe_late() {
    let mut b = kernel(&[SPIN; 2]);
    b.run(&event(Where::Task, &[w(1)]));
    b.run(&event(Where::IrqsOff, &[w(0), w(1)]));
    b.run(&event(Where::In(Interrupt::Hard), &[w(0)]));
    let report = first(&b);
    let [a, c] = [0, 1].map(|at| class(&b, at));
    assert_eq!(report.heading(), "WARNING: possible irq lock inversion dependency detected");
    assert_eq!([line(&report, a), line(&report, c)], ["{-...}-{3:3}", "{+.+.}-{3:3}"]);
    let names: Vec<_> = report.classes[&c].uses.iter().map(|(bit, _)| bit.name()).collect();
    assert_eq!(names, ["HARDIRQ-ON-W", "SOFTIRQ-ON-W", "INITIAL USE"]);
}

#[test]
fn irq_unsafe_then_hardirq() {
    let mut b = kernel(&[SPIN]);
    b.run(&event(Where::Task, &[w(0)]));
    b.run(&event(Where::In(Interrupt::Hard), &[w(0)]));
    let report = first(&b);
    assert_eq!(report.heading(), "WARNING: inconsistent lock state");
    assert_eq!(line(&report, class(&b, 0)), "{?.+.}-{3:3}");
    let Detail::Inconsistent { conflicts, .. } = &report.detail else { panic!("{report:?}") };
    let (inside, outside) = &conflicts[0];
    assert_eq!([outside.bit.name(), inside.bit.name()], ["HARDIRQ-ON-W", "IN-HARDIRQ-W"]);
    let a = class(&b, 0);
    let rows = vec![take(0, a), (0, Act::Interrupt), take(0, a)];
    assert_eq!(scenario(&report), Some(Scenario { cpus: 1, chain: None, rows }));
}

#[test]
fn wait_contexts_name_a_lock_that_has_no_usage_yet() {
    for (of, middle) in [(LockType::Mutex, "{....}-{4:4}"), (SPIN, "{....}-{3:3}")] {
        let mut b = kernel(&[LockType::RawSpin, of]);
        b.run(&event(Where::Task, &[w(0), w(1)]));
        let report = first(&b);
        assert_eq!(report.heading(), "[ BUG: Invalid wait context ]");
        assert_eq!([line(&report, class(&b, 0)), line(&report, class(&b, 1))], ["{+.+.}-{2:2}", middle]);
        assert_eq!(scenario(&report), None);
    }
}

#[test]
fn recursive_same_class() {
    let mut b = kernel(&[SPIN]);
    let (task, key) = (b.task(), b.keys[0]);
    b.v.init(task, InstanceId(0x9000), key, HERE).expect("the key was added");
    b.v.acquire(task, instance(0), Take::write());
    b.v.acquire(task, InstanceId(0x9000), Take::write());
    let report = first(&b);
    assert_eq!(report.heading(), "WARNING: possible recursive locking detected");
    let a = class(&b, 0);
    assert_eq!(scenario(&report), Some(Scenario { cpus: 1, chain: None, rows: vec![take(0, a), take(0, a)] }));
}

#[test]
fn releases_frees_and_ends() {
    let mut b = kernel(&[SPIN]);
    let task = b.task();
    b.v.release(task, instance(0), HERE);
    assert_eq!(first(&b).heading(), "WARNING: bad unlock balance detected!");

    let mut b = kernel(&[LockType::Mutex]);
    b.v.acquire(task, instance(0), Take::write());
    b.v.free_memory(task, 0x1000..0x1100, HERE);
    assert_eq!(first(&b).heading(), "WARNING: held lock freed!");
    assert_eq!(line(&first(&b), class(&b, 0)), "{+.+.}-{4:4}");

    let mut b = kernel(&[LockType::Mutex]);
    b.v.acquire(task, instance(0), Take::write());
    b.v.task_exit(task, HERE);
    assert_eq!(first(&b).heading(), "WARNING: task still has locks held!");
}

#[test]
fn flush_workqueue_under_lock() {
    let mut b = kernel(&[LockType::Map, LockType::Map, LockType::Mutex]);
    let (task, worker) = (b.task(), b.task());
    let [queue, work, mutex] = [0, 1, 2].map(|at| class(&b, at));
    b.v.work_begin(worker, instance(0), instance(1), HERE);
    b.v.acquire(worker, instance(2), Take::write());
    b.v.release(worker, instance(2), HERE);
    b.v.work_end(worker, instance(0), instance(1), HERE);
    b.v.acquire(task, instance(2), Take::write());
    b.v.flush_queue(task, instance(0), HERE);
    let report = first(&b);
    assert_eq!(report.heading(), "WARNING: possible circular locking dependency detected");
    assert_eq!([line(&report, queue), line(&report, mutex)], ["{+.+.}-{0:0}", "{+.+.}-{4:4}"]);
    let rows = vec![take(0, mutex), take(1, work), take(1, mutex), take(0, queue)];
    assert_eq!(scenario(&report), Some(Scenario { cpus: 2, chain: Some([queue, work, mutex]), rows }));
}

/// The leak is told and the validator goes on; the next item that the worker runs finds the lock still held.
#[test]
fn work_leaves_lock() {
    let mut b = Bench::new(Mode::Kernel, true, &[LockType::Map, LockType::Map, LockType::Mutex, LockType::Map]);
    let worker = b.task();
    b.v.work_begin(worker, instance(0), instance(1), HERE);
    b.v.acquire(worker, instance(2), Take::write());
    b.v.work_end(worker, instance(0), instance(1), HERE);
    b.v.work_begin(worker, instance(0), instance(3), HERE);
    let headings: Vec<_> = b.v.reports().iter().take(2).map(Report::heading).collect();
    let circular = "WARNING: possible circular locking dependency detected";
    assert_eq!(headings, ["BUG: workqueue leaked atomic, lock or RCU", circular]);
    let [queue, mutex] = [0, 2].map(|at| class(&b, at));
    let rows = vec![take(0, mutex), take(1, queue), take(1, mutex), take(0, queue)];
    assert_eq!(scenario(&b.v.reports()[1]), Some(Scenario { cpus: 2, chain: None, rows }));
}

#[test]
fn the_first_report_turns_the_kernels_validator_off() {
    let settings = lockdep_model::settings::Settings::kernel();
    let mut v = lockdep_model::validator::Validator::new(settings);
    let key = v.key("a", SPIN);
    let task = lockdep_model::class::ContextId(1);
    v.init(task, instance(0), key, HERE).expect("the key was added");
    for _ in 0..2 {
        v.acquire(task, instance(0), w(0).take);
    }
    v.release(task, instance(7), HERE);
    let kinds: Vec<_> = v.reports().iter().map(|report| report.kind.name()).collect();
    assert_eq!(kinds, ["recursive_lock"]);
    assert!(!v.graph().debug_locks);
    v.acquire(task, instance(0), t(0).take);
    assert_eq!(v.graph().graph.node_count(), 1);
}
