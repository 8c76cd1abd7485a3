//! What must hold of per-CPU variables, calls on other CPUs and kfifos in scenarios made at random: each count is there, each call runs once, on its CPU, before a caller that
//! waits goes on, and what is put into a kfifo comes out of it in its order. And in which contexts each of these, an xarray and an idr may be used.

mod calls;
mod found;

use calls::each_in_each;
use found::found;
use kernel_c::loader::NoFiles;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sim_core::check::check;
use sim_core::machine::MachineOptions;
use sim_core::search::{Options, Verdict};
use std::cell::Cell;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

const PROGRAMS: u32 = 1_000;
/// Two of these lots, for two cores.
const LOTS: [u64; 2] = [1, 2];

/// One thing that a task does.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// `this_cpu_inc()`
    Count,
    /// `get_cpu_var()++`, with interrupts off too.
    CountOff,
    /// `smp_call_function_single()`, and whether it waits.
    Call(u8, bool),
    /// `on_each_cpu()`, which waits.
    Each,
    /// The first task puts, the second gets.
    Queue,
}

/// What is wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// `raw_cpu_inc()` for `this_cpu_inc()`.
    Count,
    /// Nobody waits for a call.
    Wait,
    /// Both tasks put.
    Writers,
}

#[derive(Clone, Debug)]
struct Plan {
    preemption: &'static str,
    cpus: u8,
    /// Where it runs, `ANY` among the places, and what it does.
    tasks: Vec<(Option<u8>, Vec<Op>)>,
    /// How often a handler counts, and on which CPU.
    interrupt: Option<(u8, u8)>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let op = prop_oneof![
        3 => Just(Op::Count),
        1 => Just(Op::CountOff),
        3 => (0..2u8, prop::bool::ANY).prop_map(|(cpu, wait)| Op::Call(cpu, wait)),
        1 => Just(Op::Each),
        2 => Just(Op::Queue),
    ];
    let task = || (prop::option::weighted(0.7, 0..2u8), prop::collection::vec(op.clone(), 1..=2));
    let preemption = prop_oneof![2 => Just("PREEMPT"), 1 => Just("PREEMPT_NONE"), 1 => Just("PREEMPT_VOLUNTARY")];
    let interrupt = prop::option::weighted(0.4, (1..=2u8, 0..2u8));
    (preemption, prop_oneof![1 => Just(1u8), 3 => Just(2)], [task(), task()], interrupt)
        .prop_map(|(preemption, cpus, tasks, interrupt)| Plan { preemption, cpus, tasks: tasks.into(), interrupt })
}

impl Plan {
    fn ops(&self) -> impl Iterator<Item = (usize, Op)> {
        self.tasks.iter().enumerate().flat_map(|(task, (_, ops))| ops.iter().map(move |op| (task, *op)))
    }

    /// Whether what is wrong can be seen.
    fn shows(&self, fault: Fault) -> bool {
        let does = |task: usize, wanted: fn(Op) -> bool| self.tasks[task].1.iter().any(|op| wanted(*op));
        let puts = |task| does(task, |op| matches!(op, Op::Queue));
        let counts = |task| does(task, |op| matches!(op, Op::Count));
        let cpu = |task: usize| self.tasks[task].0.map(|cpu| cpu % self.cpus);
        match fault {
            Fault::None => false,
            Fault::Count => {
                let preempted = self.preemption == "PREEMPT" && counts(0) && counts(1) && cpu(0) == cpu(1);
                let interrupted = |(_, line)| (0..2).any(|task| counts(task) && cpu(task) == Some(line % self.cpus));
                preempted || self.interrupt.is_some_and(interrupted)
            }
            Fault::Wait => self.ops().any(|(task, op)| match op {
                Op::Call(to, true) => cpu(task).is_some_and(|own| own != to % self.cpus),
                Op::Each => self.cpus > 1,
                _ => false,
            }),
            Fault::Writers => puts(0) && puts(1) && (cpu(0) != cpu(1) || self.preemption == "PREEMPT"),
        }
    }
}

/// The scenario, in C.
fn scenario(plan: &Plan, fault: Fault) -> String {
    let mut text = String::from(
        "#include <linux/smp.h>
#include <linux/percpu.h>
#include <linux/kfifo.h>
static DEFINE_PER_CPU(int, count);
static atomic_t handled;
static int calls[4], where[4], puts, gets;
static atomic_t each[4];
static DEFINE_KFIFO(fifo, int, 2);
static void called(void *index)
{
	BUG_ON(!irqs_disabled());
	WRITE_ONCE(where[(long)index], smp_processor_id());
	WRITE_ONCE(calls[(long)index], READ_ONCE(calls[(long)index]) + 1);
}
static void called_each(void *index) { atomic_inc(&each[(long)index]); }
static irqreturn_t handler(int irq, void *dev) { atomic_inc(&handled); this_cpu_inc(count); return IRQ_HANDLED; }
static int sum(void) { int cpu, all = 0; for_each_possible_cpu(cpu) all += per_cpu(count, cpu); return all; }
",
    );
    let (mut counted, mut finally) = (0, String::new());
    let mut index = 0;
    for (task, (_, ops)) in plan.tasks.iter().enumerate() {
        let _ = writeln!(text, "static void task{task}(void)\n{{\n\tint value __maybe_unused;");
        for op in ops {
            let _ = match *op {
                Op::Count | Op::CountOff => {
                    counted += 1;
                    writeln!(
                        text,
                        "\t{}",
                        match (op, fault) {
                            (Op::Count, Fault::Count) => "raw_cpu_inc(count);",
                            (Op::Count, _) => "this_cpu_inc(count);",
                            _ => "local_irq_disable(); get_cpu_var(count)++; put_cpu_var(count); local_irq_enable();",
                        }
                    )
                }
                Op::Call(cpu, wait) => {
                    let cpu = cpu % plan.cpus;
                    let _ = writeln!(finally, "FINALLY(calls[{index}] == 1 && where[{index}] == {cpu});");
                    let waits = wait && fault != Fault::Wait;
                    let looks =
                        format!(" BUG_ON(READ_ONCE(calls[{index}]) != 1 || READ_ONCE(where[{index}]) != {cpu});");
                    let then = if wait { &looks } else { "" };
                    let waits = u8::from(waits);
                    writeln!(text, "\tsmp_call_function_single({cpu}, called, (void *){index}L, {waits});{then}")
                }
                Op::Each => {
                    let cpus = plan.cpus;
                    let _ = writeln!(finally, "FINALLY(atomic_read(&each[{index}]) == {cpus});");
                    let waits = u8::from(fault != Fault::Wait);
                    let _ = writeln!(text, "\ton_each_cpu(called_each, (void *){index}L, {waits});");
                    writeln!(text, "\tBUG_ON(atomic_read(&each[{index}]) != {cpus});")
                }
                Op::Queue if task == 0 || fault == Fault::Writers => {
                    writeln!(text, "\tif (kfifo_put(&fifo, puts + 1)) puts++;")
                }
                Op::Queue => writeln!(text, "\tif (kfifo_get(&fifo, &value)) {{ gets++; BUG_ON(value != gets); }}"),
            };
            index += usize::from(matches!(op, Op::Call(..) | Op::Each));
        }
        text.push_str("}\n");
    }
    for (task, (cpu, _)) in plan.tasks.iter().enumerate() {
        let cpu = cpu.map_or("ANY".to_owned(), |cpu| (cpu % plan.cpus).to_string());
        let _ = writeln!(text, "THREAD(task{task}, task{task}, .cpu = {cpu});");
    }
    if let Some((times, cpu)) = plan.interrupt {
        let _ = writeln!(text, "IRQ(line, handler, .times = {times}, .cpu = {});", cpu % plan.cpus);
    }
    let _ = writeln!(text, "CPUS({});\nKCONFIG({}, y);\n{finally}", plan.cpus, plan.preemption);
    let _ = writeln!(
        text,
        "FINALLY(sum() == {counted} + atomic_read(&handled));\nFINALLY(fifo.kfifo.in - fifo.kfifo.out == puts - gets);"
    );
    text
}

/// What checking a scenario finds; `None` if it has too many states.
fn judged(text: &str) -> Option<Vec<&'static str>> {
    let compiled = kernel_c::compile("random.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{text}: {:?}", compiled.diagnostics));
    let options = Options { max_states: Some(20_000), threads: 1, ..Options::default() };
    let checked = check(Arc::new(program), MachineOptions::default(), &options, &mut |_| ControlFlow::Continue(()));
    (checked.outcome.verdict == Verdict::Complete || !checked.findings.is_empty())
        .then(|| checked.findings.iter().map(|finding| finding.kind.name()).collect())
}

/// Judges a lot of scenarios: how many were looked at to the end; how many with a fault that shows, and in how many of these it was noticed.
fn lot(seed: u64) -> [u32; 3] {
    let config =
        Config { cases: PROGRAMS, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let (whole, wrong, noticed) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let result = TestRunner::new(config).run(&plans(), |plan| {
        let text = scenario(&plan, Fault::None);
        let Some(names) = judged(&text) else { return Ok(()) };
        prop_assert!(names.is_empty(), "{names:?}\n{text}");
        count(&whole);
        for fault in [Fault::Count, Fault::Wait, Fault::Writers] {
            if whole.get() % 4 == 0 && plan.shows(fault) {
                let text = scenario(&plan, fault);
                count(&wrong);
                if judged(&text).is_none_or(|names| !names.is_empty()) {
                    count(&noticed);
                } else {
                    prop_assert!(false, "{fault:?} is not noticed\n{text}");
                }
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
    [whole.get(), wrong.get(), noticed.get()]
}

#[test]
fn every_count_is_there_every_call_runs_once_before_it_is_over_and_a_kfifo_keeps_its_order() {
    let lots = std::thread::scope(|scope| {
        LOTS.map(|seed| scope.spawn(move || lot(seed))).map(|lot| lot.join().expect("every scenario holds"))
    });
    let [whole, wrong, noticed] = [0, 1, 2].map(|i| lots.iter().map(|lot| lot[i]).sum::<u32>());
    println!("{whole} scenarios; {wrong} with a fault: {noticed} of them noticed");
    assert!(whole >= 2 * PROGRAMS * 95 / 100, "{whole}");
    assert!(wrong >= 100 && noticed == wrong, "{noticed} of {wrong}");
}

/// A call; then what it must report in a task, under a spinlock, with bottom halves off, with interrupts off, in a softirq, in a hard interrupt.
const ROWS: &[(&str, [&str; 6])] = &[
    ("this_cpu_inc(n)", ["", "", "", "", "", ""]),
    ("raw_cpu_inc(n)", ["", "", "", "", "", ""]),
    ("__this_cpu_inc(n)", [NUMBER, "", "", "", "", ""]),
    ("(*this_cpu_ptr(&n))++", [NUMBER, "", "", "", "", ""]),
    ("get_cpu_var(n)++; put_cpu_var(n)", ["", "", "", "", "", ""]),
    ("free_percpu(alloc_percpu(int))", ["", SLEEP, SLEEP, SLEEP, SLEEP, SLEEP]),
    ("free_percpu(alloc_percpu_gfp(int, GFP_ATOMIC))", ["", "", "", "", "", ""]),
    ("smp_call_function_single(0, called, NULL, 1)", ["", "", "", WARNING, WARNING, WARNING]),
    ("smp_call_function_single(0, called, NULL, 0)", ["", "", "", WARNING, WARNING, WARNING]),
    ("smp_call_function_single_async(0, &csd)", ["", "", "", "", "", ""]),
    ("on_each_cpu(called, NULL, 1)", ["", "", "", ASSERTION, WARNING, WARNING_TOO]),
    ("percpu_counter_add(&counter, 1)", ["", "", "", "", "", ""]),
    ("percpu_counter_sum(&counter)", ["", "", "", "", "", ""]),
    ("kfifo_put(&fifo, 1)", ["", "", "", "", "", ""]),
    ("xa_load(&xa, 1)", ["", "", "", "", "", ""]),
    ("xa_store(&xa, 1, &thing, GFP_KERNEL)", ["", SLEEP, SLEEP, SLEEP, SLEEP, SLEEP]),
    ("xa_store(&xa, 1, &thing, GFP_ATOMIC)", ["", "", "", "", "", ""]),
    ("idr_alloc(&idr, &thing, 0, 0, GFP_KERNEL)", ["", SLEEP, SLEEP, SLEEP, SLEEP, SLEEP]),
    ("idr_alloc(&idr, &thing, 0, 0, GFP_NOWAIT)", ["", "", "", "", "", ""]),
    ("idr_preload(GFP_KERNEL); idr_preload_end()", ["", SLEEP, SLEEP, SLEEP, SLEEP, SLEEP]),
    ("ida_free(&ida, ida_alloc(&ida, GFP_KERNEL))", ["", SLEEP, SLEEP, SLEEP, SLEEP, SLEEP]),
    ("ida_free(&ida, ida_alloc(&ida, GFP_ATOMIC))", ["", "", "", "", "", ""]),
];
const NUMBER: &str = "smp_processor_id";
const SLEEP: &str = "sleep_in_atomic";
const WARNING: &str = "warn_on";
const ASSERTION: &str = "lock_assertion";
/// The first of two checks is about interrupts, the second about the context.
const WARNING_TOO: &str = "lock_assertion warn_on";

const SETTING: &str = "
static DEFINE_SPINLOCK(lock);
static DEFINE_PER_CPU(int, n);
static DEFINE_XARRAY(xa);
static DEFINE_IDR(idr);
static DEFINE_IDA(ida);
static DEFINE_KFIFO(fifo, int, 2);
static struct percpu_counter counter;
static int thing;
static void called(void *info) { }
static call_single_data_t csd = __CSD_INIT(called, NULL);
static void call(void) { CALL; }
static irqreturn_t handler(int irq, void *dev) { call(); return IRQ_HANDLED; }
static void in_task(void) { call(); }
static void locked(void) { spin_lock(&lock); call(); spin_unlock(&lock); }
static void bh_off(void) { local_bh_disable(); call(); local_bh_enable(); }
static void irqs_off(void) { local_irq_disable(); call(); local_irq_enable(); }
static void raise(void) { raise_softirq(NET_RX_SOFTIRQ); }
static void set_up(void)
{
	percpu_counter_init(&counter, 0, GFP_KERNEL);
	open_softirq(NET_RX_SOFTIRQ, call);
}
INIT(set_up);
";

const RIGS: [(&str, &str); 6] = [
    ("a task", "THREAD(t, in_task, .cpu = ANY);"),
    ("a task with a spinlock", "THREAD(t, locked, .cpu = ANY);"),
    ("a task with bottom halves off", "THREAD(t, bh_off, .cpu = ANY);"),
    ("a task with interrupts off", "THREAD(t, irqs_off, .cpu = ANY);"),
    ("a softirq", "THREAD(t, raise);"),
    ("a hard interrupt", "IRQ(i, handler);"),
];

#[test]
fn each_call_is_reported_in_the_contexts_that_its_row_forbids_and_in_no_others() {
    each_in_each(SETTING, &RIGS, ROWS);
}

/// An initialiser is every CPU's; a copy is changed alone; memory for all of them is freed by what names them all.
#[test]
fn each_cpu_has_a_copy_that_begins_as_the_initialiser_says() {
    let text = "
struct pair { int a; int b[2]; };
static DEFINE_PER_CPU(struct pair, pairs) = { .a = 3, .b = { 1, 2 } };
static struct pair __percpu *made;
static void task(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		BUG_ON(per_cpu(pairs, cpu).a != 3 || per_cpu(pairs.b[1], cpu) != 2 || per_cpu_ptr(&pairs, cpu)->b[0] != 1);
	this_cpu_add(pairs.b[1], 5);
	BUG_ON(this_cpu_read(pairs.b[1]) != 7 || per_cpu(pairs, 0).b[1] != 2 || per_cpu(pairs, 1).b[1] != 7);
	BUG_ON(this_cpu_xchg(pairs.a, 9) != 3 || this_cpu_cmpxchg(pairs.a, 9, 4) != 9 || this_cpu_add_return(pairs.a, 1) != 5);
	made = alloc_percpu(struct pair);
	BUG_ON(!made || per_cpu_ptr(made, 1)->b[1]);
	this_cpu_inc(made->b[1]);
	BUG_ON(per_cpu_ptr(made, 1)->b[1] != 1 || per_cpu_ptr(made, 0)->b[1]);
	free_percpu(made);
	MORE
}
THREAD(t, task, .cpu = 1);
";
    assert_eq!(found(&text.replace("MORE", "")), "");
    assert_eq!(found(&text.replace("MORE", "this_cpu_inc(made->a);")), "use_after_free");
    assert_eq!(found(&text.replace("MORE", "per_cpu(pairs, 2).a = 1;")), "out_of_bounds");
    assert_eq!(found(&text.replace("MORE", "free_percpu(made);")), "double_free");
    assert_eq!(found(&text.replace("free_percpu(made);", "made = NULL;").replace("MORE", "")), "memory_leak");
}
