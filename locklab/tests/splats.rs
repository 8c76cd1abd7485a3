//! The kernel's reports of lock rules, byte for byte, one for each rule and for the cases in which their shape differs.
//! `BLESS=1 cargo test -p locklab --test splats` writes the expected files anew.

mod json_schema;

mod corpus;

use kernel_c::loader::NoFiles;
use locklab::explain;
use locklab::outcome::Outcome;
use locklab::render::text::width;
use locklab::render::{Report, dmesg, human, json};
use sim_core::check::{self, Checked};
use sim_core::finding::Kind;
use sim_core::machine::MachineOptions;
use sim_core::search::Options;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// Three locks in a circle: each of two tasks adds one link, and a third closes it.
const CIRCLE: &str = "\
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static DEFINE_SPINLOCK(c);

static void take(spinlock_t *first, spinlock_t *second)
{
	spin_lock(first);
	spin_lock(second);
	spin_unlock(second);
	spin_unlock(first);
}

static void one(void) { take(&a, &b); }
static void two(void) { take(&b, &c); }
static void three(void) { take(&c, &a); }

THREAD(one, one);
THREAD(two, two);
THREAD(three, three);
CPUS(2);
EXPECT(lock_order);
";

/// Two tasks in opposite orders, but never without the gate.
const GATE: &str = "\
#include <linux/mutex.h>
static DEFINE_MUTEX(gate);
static DEFINE_MUTEX(a);
static DEFINE_MUTEX(b);

static void there(void)
{
	mutex_lock(&gate);
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_unlock(&gate);
}

static void back(void)
{
	mutex_lock(&gate);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
	mutex_unlock(&gate);
}

THREAD(there, there);
THREAD(back, back);
EXPECT(clean);
";

fn check(name: &str, text: &str) -> Checked {
    let compiled = kernel_c::compile(name, text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{name} compiles: {:?}", compiled.diagnostics));
    check::check(Arc::new(program), MachineOptions::default(), &Options::default(), &mut |_| ControlFlow::Continue(()))
}

fn scenario(name: &str) -> Checked {
    check(name, &fs::read_to_string(corpus::scenario(name)).expect("the scenario can be read"))
}

/// Everything whose report is kept.
fn all() -> Vec<(&'static str, Checked)> {
    let kinds = [
        Kind::LockOrder,
        Kind::RecursiveLock,
        Kind::IrqUnsafeLock,
        Kind::IrqLockInversion,
        Kind::IrqLockOrder,
        Kind::WaitContext,
    ];
    let mut all: Vec<_> =
        kinds.map(|kind| (kind.name(), check(&format!("{}.c", kind.name()), explain::page(kind).bug))).into();
    all.push(("circle", check("circle.c", CIRCLE)));
    all.push(("gate", check("gate.c", GATE)));
    all.push(("irq_plain_lock", scenario("irq_plain_lock_bug.c")));
    all.push(("irq_lock_inversion_bug", scenario("irq_lock_inversion_bug.c")));
    all.push(("mutex_under_spinlock", scenario("mutex_under_spinlock_bug.c")));
    all
}

fn with_report<T>(checked: &Checked, draw: impl FnOnce(&Report) -> T) -> T {
    let (outcome, program) = (Outcome::of(checked, None), checked.machine.program());
    draw(&Report { program, file: &program.name, options: "", findings: &checked.findings, outcome: &outcome })
}

fn dmesg(checked: &Checked) -> String {
    with_report(checked, |report| dmesg::draw(report, dmesg::Style::default()))
}

fn human(checked: &Checked, columns: usize) -> String {
    let text = with_report(checked, |report| human::draw(report, human::Layout { columns, all_steps: false }));
    anstream::adapter::strip_str(&text).to_string()
}

/// Compares with the expected file, or writes it.
fn expect(name: &str, got: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/splats").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, got).expect("the expected file can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(got, expected, "{name} has changed; BLESS=1 accepts it");
}

#[test]
fn the_kernel_log_of_each_lock_rule() {
    for (name, checked) in all() {
        expect(&format!("{name}.dmesg"), &dmesg(&checked));
    }
}

#[test]
fn the_human_report_of_each_lock_rule_at_80_and_60_columns() {
    for (name, checked) in all() {
        for columns in [80, 60] {
            let text = human(&checked, columns);
            let long = text.lines().find(|line| width(line) > columns && !line.contains("locklab replay"));
            assert_eq!(long, None, "{name} at {columns}");
            expect(&format!("{name}.{columns}.txt"), &text);
        }
    }
}

#[test]
fn the_json_of_each_lock_rule_is_as_the_schema_says_and_has_the_rule() {
    let schema = json_schema::published();
    for (name, checked) in all() {
        let document: serde_json::Value = serde_json::from_str(&with_report(&checked, json::draw)).expect("it is JSON");
        assert_eq!(json_schema::violations(&schema, &document), Vec::<String>::new(), "{name}");
        let rules = document["findings"].as_array().expect("a list").iter().filter(|f| f.get("rule").is_some());
        assert_eq!(rules.count(), 1, "{name}");
    }
}

#[test]
fn a_deadlock_is_told_by_the_validator_before_it_happens_and_a_sleep_after_the_complaint() {
    let order = |text: &str, first: &str, second: &str| text.find(first) < text.find(second) && text.contains(first);
    let deadlock = dmesg(&scenario("irq_plain_lock_bug.c"));
    assert!(order(&deadlock, "inconsistent lock state", "hard LOCKUP"), "{deadlock}");
    let sleep = dmesg(&scenario("mutex_under_spinlock_bug.c"));
    assert!(order(&sleep, "sleeping function called", "Invalid wait context"), "{sleep}");
}

#[test]
fn a_circle_behind_a_gate_is_a_note_that_says_which() {
    let text = human(&check("gate.c", GATE), 80);
    assert!(text.starts_with("note[lock_order]"), "{text}");
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("it cannot come to pass here: whoever does this holds `gate` as well"), "{told}");
}
