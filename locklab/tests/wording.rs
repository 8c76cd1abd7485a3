//! What reports say of real scenarios, in the words that matter: who holds what since where, who waits for whose end, and nothing of our own making.

mod corpus;

use kernel_c::loader::NoFiles;
use locklab::outcome::Outcome;
use locklab::render::{Report, dmesg, human};
use sim_core::check::{self, Checked};
use sim_core::finding::{Finding, Kind};
use sim_core::machine::MachineOptions;
use sim_core::search::Options;
use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A scenario of the repository, checked.
fn scenario(name: &str) -> Checked {
    check(name, &fs::read_to_string(corpus::scenario(name)).expect("the scenario can be read"))
}

fn check(name: &str, text: &str) -> Checked {
    let compiled = kernel_c::compile(name, text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{name} compiles: {:?}", compiled.diagnostics));
    check::check(Arc::new(program), MachineOptions::default(), &Options::default(), &mut |_| ControlFlow::Continue(()))
}

fn only(checked: &Checked, kind: Kind) -> &Finding {
    let all: Vec<&Finding> = checked.findings.iter().filter(|f| f.kind == kind).collect();
    assert_eq!(all.len(), 1, "{}: {:?}", kind.name(), checked.names());
    all[0]
}

/// The line of the scenario's text that a place is on, and its label.
fn places(checked: &Checked, finding: &Finding) -> Vec<(String, String)> {
    let source = &checked.machine.program().source;
    let place = |p: &sim_core::finding::Place| {
        let span = source.span(p.span);
        let line = source.line_column(span.file, span.lo).0;
        let text = source.files[span.file as usize].text.lines().nth(line - 1).unwrap_or("").trim().to_owned();
        (text, p.label.clone())
    };
    finding.places.iter().map(place).collect()
}

fn human(checked: &Checked) -> String {
    let outcome = Outcome::of(checked, None);
    let program = checked.machine.program();
    let report = Report { program, file: &program.name, options: "", findings: &checked.findings, outcome: &outcome };
    let text = human::draw(&report, human::Layout { columns: 100, all_steps: false });
    anstream::adapter::strip_str(&text).to_string()
}

fn kernel_log(checked: &Checked) -> String {
    let outcome = Outcome::of(checked, None);
    let program = checked.machine.program();
    let report = Report { program, file: &program.name, options: "", findings: &checked.findings, outcome: &outcome };
    dmesg::draw(&report, dmesg::Style::default())
}

fn pair(text: &str, label: &str) -> (String, String) {
    (text.to_owned(), label.to_owned())
}

#[test]
fn a_call_that_may_sleep_shows_where_the_spinlock_was_taken_though_in_the_same_step() {
    let held = [
        ("kmalloc_under_spinlock_bug.c", "spin_lock(&table_lock);", "`table_lock` is held since here"),
        ("mutex_under_spinlock_bug.c", "spin_lock(&queue_lock);", "`queue_lock` is held since here"),
        ("user_copy_under_spinlock_bug.c", "spin_lock(&stats_lock);", "`stats_lock` is held since here"),
        ("disable_irq_under_lock_bug.c", "spin_lock_irq(&sample_lock);", "`sample_lock` is held since here"),
    ];
    for (name, text, label) in held {
        let checked = scenario(name);
        let finding = only(&checked, Kind::SleepInAtomic);
        assert_eq!(places(&checked, finding)[1..], [pair(text, label)], "{name}");
    }
}

#[test]
fn a_freed_lock_is_told_with_who_holds_it_and_since_where() {
    let checked = scenario("mailbox_driver_bug.c");
    let finding = only(&checked, Kind::HeldLockFreed);
    assert_eq!(finding.message, "mbox_exit frees `mbox` while mbox_irq holds `mbox->lock`");
    let expected =
        [pair("kfree(mb);", "freed here"), pair("spin_lock(&mb->lock);", "mbox_irq holds `mbox->lock` since here")];
    assert_eq!(places(&checked, finding), expected);
    let own = scenario("free_held_lock_bug.c");
    assert_eq!(
        only(&own, Kind::HeldLockFreed).message,
        "channel frees `channel` while it holds `channel->lock` itself"
    );
}

#[test]
fn nobody_has_the_end_of_a_thread_or_of_a_handler() {
    let stop = scenario("stop_under_mutex_bug.c");
    let message = &only(&stop, Kind::Deadlock).message;
    assert_eq!(message, "pool_exit waits for scrubber to end; scrubber waits for `pool_lock`, which pool_exit has");
    let own = scenario("disable_irq_in_handler_bug.c");
    let message = &only(&own, Kind::Deadlock).message;
    assert_eq!(message, "noisy waits for its own end, which cannot come before it goes on");
    let other = scenario("disable_irq_under_lock_bug.c");
    let message = &only(&other, Kind::Deadlock).message;
    let end = "stop waits for adc_irq, the handler of irq 5, to end; adc_irq waits for `sample_lock`, which stop has";
    assert_eq!(message, end);
    // The handler is on another CPU than the task.
    assert!(!human(&other).contains("on the same CPU"), "{}", human(&other));
}

#[test]
fn a_kernel_log_names_no_file_of_the_built_in_kernel_and_none_of_its_inner_functions() {
    let list = kernel_log(&scenario("list_without_lock_bug.c"));
    assert!(list.contains(" list_add\n") && !list.contains("__list_add") && !list.contains("prelude"), "{list}");
    let count = kernel_log(&scenario("session_refcount_bug.c"));
    assert!(count.contains(" kref_put\n") && !count.contains("prelude"), "{count}");
    // What is called by its own name is shown, inner or not.
    let text = "
#include <linux/list.h>
static LIST_HEAD(queue);
static struct list_head entry;
static void add(void) { __list_add(&entry, &queue, queue.next); }
THREAD(a, add);
THREAD(b, add);
EXPECT(data_race);
";
    let called = kernel_log(&check("called.c", text));
    assert!(called.contains(" __list_add\n"), "{called}");
}

#[test]
fn a_completion_on_the_stack_is_initialised_not_written_to() {
    let report = human(&scenario("completion_on_stack_bug.c"));
    assert!(report.contains("command: initialises done") && !report.contains("bytes of done"), "{report}");
}

#[test]
fn memory_without_a_struct_is_named_by_the_pointer_to_it() {
    let text = "
#include <linux/slab.h>
static int *total, *table;
static void set_up(void)
{
\ttotal = kzalloc(sizeof(*total), GFP_KERNEL);
\ttable = kcalloc(4, sizeof(int), GFP_KERNEL);
}
static void add(void)
{
\t*total += 1;
\ttable[2] += 1;
}
INIT(set_up);
THREAD(a, add);
THREAD(b, add);
EXPECT(data_race);
";
    let checked = check("sums.c", text);
    let messages: Vec<&str> = checked.findings.iter().map(|f| f.message.as_str()).collect();
    assert!(messages.iter().any(|m| m.starts_with("data race on `*total`")), "{messages:?}");
    assert!(messages.iter().any(|m| m.starts_with("data race on `table[2]`")), "{messages:?}");
    let report = human(&checked);
    assert!(report.contains("writes total = total") && !report.contains("&*"), "{report}");
}

#[test]
fn a_livelock_is_shown_with_the_round_that_goes_on_for_ever() {
    let checked = scenario("trylock_livelock_bug.c");
    let finding = only(&checked, Kind::Livelock);
    let trace = finding.schedule.as_ref().expect("there is a schedule");
    // Each takes one lock, cannot take the other and gives its own back: three steps each, and nothing before.
    assert_eq!((trace.round, trace.steps.len()), (Some(0), 6));
    assert!(trace.schedule.starts_with("forever "), "{}", trace.schedule);
    for who in ["left", "right"] {
        let texts =
            trace.steps.iter().filter(|s| s.context == who).flat_map(|s| s.events.iter().map(|e| e.text.as_str()));
        let other = if who == "left" { "right" } else { "left" };
        let lines: Vec<String> = texts.filter(|t| t.ends_with(who) || t.ends_with(other)).map(str::to_owned).collect();
        let own = if who == "left" { "right" } else { "left" };
        assert_eq!(lines, [format!("takes {own}"), format!("cannot take {who}"), format!("releases {own}")], "{who}");
    }
    assert!(human(&checked).contains("from here on, for ever:"));
}

#[test]
fn who_sleeps_while_others_go_round_for_ever_is_hung_and_not_locked_up() {
    let text = "
#include <linux/mutex.h>
static DEFINE_MUTEX(lock);
static int x;
static void poll(void)
{
\tmutex_lock(&lock);
\tfor (;;)
\t\tWRITE_ONCE(x, !READ_ONCE(x));
}
static void wait(void)
{
\tmutex_lock(&lock);
\tmutex_unlock(&lock);
}
THREAD(poller, poll);
THREAD(waiter, wait);
EXPECT(hung_task);
";
    let checked = check("behind.c", text);
    assert_eq!(checked.names(), ["hung_task"]);
    let message = &only(&checked, Kind::HungTask).message;
    assert_eq!(message, "waiter sleeps for ever: it waits for `lock`, which poller has and never releases");
}

#[test]
fn what_an_oops_leaves_undone_is_no_finding_of_its_own() {
    let text = "
#include <linux/slab.h>
static int done;
static int *nothing;
static void work(void)
{
\tint *p = kmalloc(sizeof(*p), GFP_KERNEL);

\tdone = *nothing;
\tkfree(p);
\tdone = 1;
}
THREAD(a, work);
FINALLY(done == 1);
EXPECT(null_deref);
";
    assert_eq!(check("oops.c", text).names(), ["null_deref"]);
    // A task that ends by itself has had its chance.
    let ends = text.replace("done = *nothing;", "done = 0;").replace("done = 1;", "done = 2;");
    assert_eq!(check("ends.c", &ends).names(), ["final_state"]);
}

fn unreached(text: &str) -> Vec<(usize, usize)> {
    check("reach.c", text).unreached.iter().map(|lines| (lines.first, lines.last)).collect()
}

#[test]
fn lines_that_no_execution_reaches_are_told() {
    let text = "
#include <linux/slab.h>
static int state, odd;
static void set(int to)
{
\tif (to < 0) {
\t\todd = to;
\t\treturn;
\t}
\tstate = to;
}
static void go(void)
{
\tint *p = kmalloc(sizeof(*p), GFP_KERNEL);

\tif (!p)
\t\treturn;
\tset(3);
\tkfree(p);
}
THREAD(a, go);
";
    // The body of `if (to < 0)`, and, as no allocation may fail, the return for it.
    assert_eq!(unreached(text), [(7, 8), (17, 17)]);
    let fails = text.to_owned() + "KCONFIG(BOUND_FAILED_ALLOCATIONS, 1);\n";
    assert_eq!(unreached(&fails), [(7, 8)]);
    let report = human(&check("reach.c", text));
    assert!(report.contains("never   reached: lines 7-8 (set) and line 17 (go)"), "{report}");
}

#[test]
fn the_body_of_a_waiting_loop_is_reached_though_its_rounds_are_not_taken() {
    let text = "
static int ready;
static void wait(void)
{
\twhile (!READ_ONCE(ready))
\t\tcpu_relax();
}
static void tell(void)
{
\tWRITE_ONCE(ready, 1);
}
THREAD(a, wait);
THREAD(b, tell);
";
    assert_eq!(unreached(text), []);
}

#[test]
fn a_claim_in_the_code_that_no_execution_evaluates_makes_the_verdict_vacuous() {
    let text = "
static int x;
static void go(void)
{
\tif (READ_ONCE(x) == 1) {
\t\tWARN_ON(x != 1);
\t}
}
THREAD(a, go);
";
    let why = "no execution reaches the claim `WARN_ON(x != 1)` at line 6, so it was never evaluated";
    assert_eq!(check("claim.c", text).vacuous.as_deref(), Some(why));
    let held = "
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(lock);
static int x;
static void change(void)
{
\tlockdep_assert_held(&lock);
\tx++;
}
static void go(void)
{
\tif (READ_ONCE(x) == 1)
\t\tchange();
}
THREAD(a, go);
";
    assert!(check("held.c", held).vacuous.is_some_and(|why| why.contains("`lockdep_assert_held(&lock)` at line 7")));
    // One that is evaluated in some execution will do.
    let evaluated =
        text.replace("THREAD(a, go);", "static void set(void) { WRITE_ONCE(x, 1); }\nTHREAD(a, go);\nTHREAD(b, set);");
    assert_eq!(check("claim.c", &evaluated).vacuous, None);
    // What says that it is never reached is not to be reached.
    for claim in ["WARN_ON(1)", "BUG()"] {
        assert_eq!(check("claim.c", &text.replace("WARN_ON(x != 1)", claim)).vacuous, None, "{claim}");
    }
}

#[test]
fn a_flush_with_the_lock_of_the_work_held_names_the_work_and_who_runs_it() {
    let checked = scenario("flush_under_lock_bug.c");
    let deadlock = only(&checked, Kind::Deadlock);
    let wanted =
        "ioctl waits for reset_work, which kworker/1 runs, to end; kworker/1 waits for `dev_lock`, which ioctl has";
    assert_eq!((deadlock.message.as_str(), &deadlock.also[..]), (wanted, &[Kind::LockOrder][..]));
    assert!(human(&checked).contains("kworker/1: begins reset_work on events"));
}

#[test]
fn work_that_leaks_a_lock_is_logged_with_its_function_and_its_queue() {
    let log = kernel_log(&scenario("work_leaks_lock_bug.c"));
    for line in [
        "BUG: workqueue leaked atomic, lock or RCU: kworker/1[",
        "     preempt=0x00000000 lock=0->1 RCU=0->0 workfn=trim_fn",
        "1 lock held by kworker/1/",
        "Workqueue: events trim_fn",
    ] {
        assert!(log.contains(line), "{line}\n{log}");
    }
}

#[test]
fn the_mend_of_an_interrupt_on_top_of_a_holder_is_in_the_functions_of_its_own_lock() {
    for (name, taken, kept) in [
        ("irq_plain_lock_bug.c", "with spin_lock_irqsave() in ", "may keep spin_lock()"),
        ("reader_in_handler_bug.c", "with write_lock_irqsave() in ", "may keep read_lock()"),
        ("softirq_plain_lock_bug.c", "with spin_lock_bh() in ", "may keep spin_lock()"),
    ] {
        let text = human(&scenario(name)).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(taken) && text.contains(kept), "{name}: {text}");
    }
}
