//! What an oops, a warning and a panic leave in the kernel log, byte for byte: taint, levels, lines that go on and lines that come once; and who goes on
//! after them. `BLESS=1 cargo test -p locklab --test oops` writes the expected files anew.

use kernel_c::loader::NoFiles;
use locklab::outcome::Outcome;
use locklab::render::{Report, dmesg};
use sim_core::check::{self, Checked};
use sim_core::finding::Kind;
use sim_core::machine::MachineOptions;
use sim_core::search::Options;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// A warning, then an oops with a spinlock held; another task waits for the lock.
const WARNING_THEN_OOPS: &str = "\
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(lock);
static int *value;

static void dies(void)
{
	READ_ONCE(value);
	pr_info(\"begins, \");
	pr_cont(\"and goes on\\n\");
	WARN_ON(!value);
	spin_lock(&lock);
	*value = 1;
	spin_unlock(&lock);
}

static void waits(void)
{
	spin_lock(&lock);
	spin_unlock(&lock);
}

THREAD(dies, dies, .cpu = 0);
THREAD(waits, waits, .cpu = 1);
";

/// A line for each level, and places that print only so often.
const LEVELS: &str = "\
static int ready;

static void prints(void)
{
	READ_ONCE(ready);
	pr_emerg(\"emerg\\n\");
	pr_err(\"err\\n\");
	pr_warn(\"warn\\n\");
	printk(\"default\\n\");
	printk(KERN_NOTICE \"notice\\n\");
	pr_debug(\"debug\\n\");
	for (int i = 0; i < 12; i++) {
		pr_info_once(\"once\\n\");
		pr_info_ratelimited(\"%d\\n\", i);
		WARN_ON_ONCE(i >= 10);
		WARN_ON(i == 11);
	}
	panic(\"code %d\", 7);
}

THREAD(prints, prints);
";

/// An oops in an interrupt handler.
const HANDLER: &str = "\
#include <linux/interrupt.h>
static int *value;

static irqreturn_t handle(int irq, void *dev_id)
{
	*value = 1;
	return IRQ_HANDLED;
}

static void runs(void)
{
	READ_ONCE(value);
}

IRQ(nic, handle, .irq = 4, .cpu = 0);
THREAD(runs, runs, .cpu = 0);
";

/// A task that schedules with preemption off, and sleeps once more after that.
const ATOMIC: &str = "\
#include <linux/delay.h>
#include <linux/preempt.h>

static void sleeps(void)
{
	preempt_disable();
	msleep(1);
	preempt_enable();
}

THREAD(sleeps, sleeps);
";

/// Memory used after it was freed, in two places.
const FREED: &str = "\
#include <linux/slab.h>

static int *shared;

static void set_up(void)
{
	shared = kmalloc(sizeof(*shared), GFP_KERNEL);
	if (shared)
		*shared = 0;
}

static void frees(void)
{
	kfree(shared);
}

static void uses(void)
{
	WRITE_ONCE(*shared, 2);
}

INIT(set_up);
THREAD(frees, frees);
THREAD(uses, uses);
";

fn check(name: &str, text: &str, kconfig: &[&str]) -> Checked {
    let kconfig = kconfig.iter().map(|option| ((*option).to_owned(), "y".to_owned())).collect();
    let options = kernel_c::Options { kconfig, ..kernel_c::Options::default() };
    let compiled = kernel_c::compile(name, text.as_bytes(), &options, &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{name} compiles: {:?}", compiled.diagnostics));
    check::check(Arc::new(program), MachineOptions::default(), &Options::default(), &mut |_| ControlFlow::Continue(()))
}

/// The log of the execution that shows a finding of this kind.
fn log(checked: &Checked, kind: Kind, style: dmesg::Style) -> String {
    let (outcome, program) = (Outcome::of(checked, None), checked.machine.program());
    let findings: Vec<_> = checked.findings.iter().filter(|finding| finding.kind == kind).cloned().collect();
    assert!(!findings.is_empty(), "{}: {:?}", kind.name(), checked.names());
    dmesg::draw(
        &Report { program, file: &program.name, options: "", findings: &findings[..1], outcome: &outcome },
        style,
    )
}

fn raw() -> dmesg::Style {
    dmesg::Style { raw: true, console_loglevel: None }
}

/// Compares with the expected file, or writes it.
fn expect(name: &str, got: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/oops").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("it is in a directory")).expect("the directory can be made");
        fs::write(&path, got).expect("the expected file can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(got, expected, "{name} has changed; BLESS=1 accepts it");
}

#[test]
fn an_oops_after_a_warning_is_tainted_by_it_and_kills_its_task_alone() {
    let checked = check("dies.c", WARNING_THEN_OOPS, &[]);
    assert_eq!(checked.names(), ["soft_lockup", "null_deref", "warn_on"]);
    expect("oops.dmesg", &log(&checked, Kind::NullDeref, raw()));
    expect("left_spinning.dmesg", &log(&checked, Kind::SoftLockup, dmesg::Style::default()));
    let lockup = checked.findings.iter().find(|finding| finding.kind == Kind::SoftLockup).expect("it was found");
    let message = "waits spins for ever: it waits for `lock`, which dies had when an oops killed it";
    assert_eq!(lockup.message, message);
}

#[test]
fn the_machine_stops_where_it_is_told_to() {
    let oops = check("dies.c", WARNING_THEN_OOPS, &["PANIC_ON_OOPS"]);
    assert_eq!(oops.names(), ["null_deref", "warn_on"]);
    expect("panic_on_oops.dmesg", &log(&oops, Kind::NullDeref, raw()));
    let warning = check("dies.c", WARNING_THEN_OOPS, &["PANIC_ON_WARN", "PANIC_ON_OOPS"]);
    assert_eq!(warning.names(), ["warn_on"]);
    expect("panic_on_warn.dmesg", &log(&warning, Kind::WarnOn, raw()));
}

#[test]
fn an_oops_in_an_interrupt_stops_the_machine_and_so_does_one_with_bottom_halves_off() {
    let handler = check("handler.c", HANDLER, &[]);
    assert_eq!(handler.names(), ["null_deref"]);
    expect("handler.dmesg", &log(&handler, Kind::NullDeref, raw()));
    let bh = WARNING_THEN_OOPS.replace("spin_lock(", "spin_lock_bh(").replace("spin_unlock(", "spin_unlock_bh(");
    let bh = check("bh.c", &bh, &[]);
    assert_eq!(bh.names(), ["null_deref", "warn_on"]);
    let log = log(&bh, Kind::NullDeref, dmesg::Style::default());
    assert!(log.contains("Kernel panic - not syncing: Fatal exception in interrupt\n"), "{log}");
}

#[test]
fn schedule_in_atomic_context_and_kasan_ask_for_panic_on_warn_and_the_validator_does_not() {
    let quiet = check("atomic.c", ATOMIC, &[]);
    assert_eq!(quiet.names(), ["schedule_in_atomic"]);
    assert!(!log(&quiet, Kind::ScheduleInAtomic, raw()).contains("panic"));
    let atomic = check("atomic.c", ATOMIC, &["PANIC_ON_WARN"]);
    expect("schedule.dmesg", &log(&atomic, Kind::ScheduleInAtomic, raw()));
    let freed = log(&check("freed.c", FREED, &[]), Kind::UseAfterFree, dmesg::Style::default());
    assert!(freed.ends_with("Disabling lock debugging due to kernel taint\n"), "{freed}");
    let freed = log(&check("freed.c", FREED, &["PANIC_ON_WARN"]), Kind::UseAfterFree, dmesg::Style::default());
    assert!(freed.contains("Kernel panic - not syncing: KASAN: panic_on_warn set ...\n"), "{freed}");
    let unlock = "
#include <linux/mutex.h>
static DEFINE_MUTEX(lock);
static void releases(void) { mutex_unlock(&lock); }
THREAD(releases, releases);
";
    let unlock = log(&check("unlock.c", unlock, &["PANIC_ON_WARN"]), Kind::BadUnlock, dmesg::Style::default());
    assert!(!unlock.contains("panic"), "{unlock}");
}

#[test]
fn lines_have_levels_go_on_and_come_as_often_as_they_may() {
    let checked = check("levels.c", LEVELS, &[]);
    assert_eq!(checked.names(), ["bug_on", "warn_on"]);
    let all = log(&checked, Kind::BugOn, raw());
    expect("levels.dmesg", &all);
    let count = |text: &str| all.lines().filter(|line| line.contains(text)).count();
    assert_eq!((count("] once"), count("<6>["), count("cut here")), (1, 11, 2));
    let console = log(&checked, Kind::BugOn, dmesg::Style { raw: true, console_loglevel: Some(4) });
    assert!(console.lines().all(|line| line < "<4>"), "{console}");
    assert!(console.contains("] err") && !console.contains("] warn"), "{console}");
}
