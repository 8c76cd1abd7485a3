//! What must hold of RCU and SRCU, in scenarios made at random: no grace period ends while a reader that began before it is not done, and every callback runs.

use kernel_c::loader::NoFiles;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
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

/// What a task does to be a reader of RCU. A handler is one as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Section {
    Rcu,
    Nested,
    Preempt,
    Bh,
    Irq,
}

impl Section {
    fn around(self) -> [&'static str; 2] {
        match self {
            Self::Rcu => ["rcu_read_lock();", "rcu_read_unlock();"],
            Self::Nested => ["rcu_read_lock(); rcu_read_lock(); rcu_read_unlock();", "rcu_read_unlock();"],
            Self::Preempt => ["preempt_disable();", "preempt_enable();"],
            Self::Bh => ["rcu_read_lock_bh();", "rcu_read_unlock_bh();"],
            Self::Irq => ["local_irq_disable();", "local_irq_enable();"],
        }
    }
}

/// How an updater waits for the readers there are.
#[derive(Clone, Copy, Debug)]
enum Update {
    Synchronize,
    Call,
    /// And waits for the callback.
    CallAndBarrier,
}

/// One thing that a task does with a cell: the last of the cells is SRCU's.
#[derive(Clone, Debug)]
enum Op {
    Read(usize, Section),
    Remove(usize, Update),
}

const SRCU_CELL: usize = 2;

#[derive(Clone, Debug)]
struct Plan {
    preemption: &'static str,
    cpus: u8,
    /// Where it runs, `ANY` among the places, and what it does.
    tasks: Vec<(Option<u8>, Vec<Op>)>,
    /// A handler that reads this cell.
    interrupt: Option<usize>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let section = prop_oneof![
        3 => Just(Section::Rcu),
        1 => Just(Section::Nested),
        1 => Just(Section::Preempt),
        1 => Just(Section::Bh),
        1 => Just(Section::Irq),
    ];
    let read = (0..=SRCU_CELL, section).prop_map(|(cell, section)| Op::Read(cell, section));
    let update = prop_oneof![Just(Update::Synchronize), Just(Update::Call), Just(Update::CallAndBarrier)];
    let remove = (0..=SRCU_CELL, update).prop_map(|(cell, update)| Op::Remove(cell, update));
    let task = |op: BoxedStrategy<Op>, most| (prop::option::weighted(0.8, 0..2u8), prop::collection::vec(op, 1..=most));
    let readers = prop::collection::vec(task(prop_oneof![4 => read.clone(), 1 => remove.clone()].boxed(), 2), 1..=2);
    let updater = task(prop_oneof![1 => read, 3 => remove].boxed(), 2);
    let preemption = prop_oneof![2 => Just("PREEMPT"), 1 => Just("PREEMPT_NONE"), 1 => Just("PREEMPT_VOLUNTARY")];
    (preemption, 1..=2u8, readers, updater, prop::option::weighted(0.3, 0..SRCU_CELL)).prop_map(
        |(preemption, cpus, readers, updater, interrupt)| {
            let mut tasks = readers;
            tasks.push(updater);
            Plan { preemption, cpus, tasks, interrupt }
        },
    )
}

/// The scenario, in C; with `bare` no reader of a task says that it is one.
fn scenario(plan: &Plan, bare: bool) -> String {
    let mut text = String::from(
        "#include <linux/srcu.h>
struct item { int freed; struct rcu_head rcu; };
static struct item items[3];
static struct item __rcu *cells[3] = { &items[0], &items[1], &items[2] };
DEFINE_STATIC_SRCU(domain);
static void free_item(struct rcu_head *head)
{
	WRITE_ONCE(container_of(head, struct item, rcu)->freed, 1);
}
static void look(int cell)
{
	struct item *item = rcu_dereference_raw(cells[cell]);
	if (item)
		WARN_ON(READ_ONCE(item->freed));
}
",
    );
    for (index, (_, ops)) in plan.tasks.iter().enumerate() {
        let _ = writeln!(text, "static void task{index}(void)\n{{\n\tstruct item *old; int idx;");
        ops.iter().for_each(|op| operation(&mut text, op, bare));
        text.push_str("}\n");
    }
    for (index, (cpu, _)) in plan.tasks.iter().enumerate() {
        let cpu = cpu.map_or("ANY".to_owned(), |cpu| (cpu % plan.cpus).to_string());
        let _ = writeln!(text, "THREAD(task{index}, task{index}, .cpu = {cpu});");
    }
    if let Some(cell) = plan.interrupt {
        let _ =
            writeln!(text, "static irqreturn_t handler(int irq, void *dev) {{ look({cell}); return IRQ_HANDLED; }}");
        text.push_str("IRQ(line, handler);\n");
    }
    let _ = writeln!(text, "CPUS({});\nKCONFIG({}, y);", plan.cpus, plan.preemption);
    for cell in 0..=SRCU_CELL {
        let _ = writeln!(text, "FINALLY(items[{cell}].freed == !cells[{cell}]);");
    }
    text
}

fn operation(text: &mut String, op: &Op, bare: bool) {
    let _ = match *op {
        Op::Read(cell, _) if bare => writeln!(text, "\tlook({cell});"),
        Op::Read(SRCU_CELL, _) => {
            writeln!(text, "\tidx = srcu_read_lock(&domain); look({SRCU_CELL}); srcu_read_unlock(&domain, idx);")
        }
        Op::Read(cell, section) => {
            let [before, after] = section.around();
            writeln!(text, "\t{before} look({cell}); {after}")
        }
        Op::Remove(cell, update) => {
            let srcu = cell == SRCU_CELL;
            let wait = match (update, srcu) {
                (Update::Synchronize, false) => "synchronize_rcu(); free_item(&old->rcu);",
                (Update::Synchronize, true) => "synchronize_srcu(&domain); free_item(&old->rcu);",
                (Update::Call, false) => "call_rcu(&old->rcu, free_item);",
                (Update::Call, true) => "call_srcu(&domain, &old->rcu, free_item);",
                (Update::CallAndBarrier, false) => {
                    "call_rcu(&old->rcu, free_item); rcu_barrier(); BUG_ON(!READ_ONCE(old->freed));"
                }
                (Update::CallAndBarrier, true) => {
                    "call_srcu(&domain, &old->rcu, free_item); srcu_barrier(&domain); BUG_ON(!READ_ONCE(old->freed));"
                }
            };
            writeln!(text, "\told = xchg(&cells[{cell}], NULL); if (old) {{ {wait} }}")
        }
    };
}

/// What checking a scenario finds; `None` if it has too many states.
fn found(text: &str) -> Option<Vec<&'static str>> {
    let compiled = kernel_c::compile("random.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{text}: {:?}", compiled.diagnostics));
    let options = Options { max_states: Some(20_000), threads: 1, ..Options::default() };
    let checked = check(Arc::new(program), MachineOptions::default(), &options, &mut |_| ControlFlow::Continue(()));
    (checked.outcome.verdict == Verdict::Complete)
        .then(|| checked.findings.iter().map(|finding| finding.kind.name()).collect())
}

/// Whether some task reads what another removes, and can come in between.
fn can_go_wrong(plan: &Plan) -> bool {
    let cells = |wanted: fn(&Op) -> Option<usize>| {
        plan.tasks.iter().map(|(_, ops)| ops.iter().filter_map(wanted).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let read = cells(|op| if let Op::Read(cell, _) = op { Some(*cell) } else { None });
    let removed = cells(|op| if let Op::Remove(cell, _) = op { Some(*cell) } else { None });
    let meet = |a: usize, b: usize| a != b && read[a].iter().any(|cell| removed[b].contains(cell));
    plan.preemption == "PREEMPT" && (0..read.len()).any(|a| (0..read.len()).any(|b| meet(a, b)))
}

/// Judges a lot of scenarios: how many were looked at to the end; of how many, without their sections, something was read after it was freed; of how many
/// of these that could be.
fn lot(seed: u64) -> [u32; 3] {
    let config =
        Config { cases: PROGRAMS, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let (whole, noticed, wrong) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let result = TestRunner::new(config).run(&plans(), |plan| {
        let text = scenario(&plan, false);
        let Some(names) = found(&text) else { return Ok(()) };
        prop_assert!(names.is_empty(), "{names:?}\n{text}");
        count(&whole);
        if whole.get() % 4 == 0 && can_go_wrong(&plan) {
            let names =
                found(&scenario(&plan, true)).ok_or_else(|| TestCaseError::fail("more states without sections"))?;
            count(&wrong);
            if names.contains(&"warn_on") {
                count(&noticed);
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
    [whole.get(), noticed.get(), wrong.get()]
}

#[test]
fn no_grace_period_ends_before_its_readers_and_every_callback_runs() {
    let lots = std::thread::scope(|scope| {
        LOTS.map(|seed| scope.spawn(move || lot(seed))).map(|lot| lot.join().expect("every scenario holds"))
    });
    let [whole, noticed, wrong] = [0, 1, 2].map(|i| lots.iter().map(|lot| lot[i]).sum::<u32>());
    println!("{whole} scenarios; {wrong} also without sections: {noticed} of them read what was freed");
    assert!(whole >= 2 * PROGRAMS * 95 / 100, "{whole}");
    // The others read what they have removed themselves, so that there is nothing to read.
    assert!(wrong >= 100 && noticed * 100 >= wrong * 95, "{noticed} of {wrong}");
}
