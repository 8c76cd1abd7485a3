//! What must hold of drivers, modules and references, in scenarios made at random: what devm has is released the last first, each once, and never beside `probe()`;
//! no exit function runs while somebody has a reference to the module; a device is released once, by the last put.

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

/// What the driver asks for with devm.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Resource {
    Action,
    /// An action, and memory.
    Memory,
    /// An action that is run before its time, and is not to be run again.
    Released,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Bound,
    Fails,
    Defers,
}

#[derive(Clone, Debug)]
struct Plan {
    preemption: &'static str,
    resources: Vec<Resource>,
    ending: Ending,
    hotplug: bool,
    unplug: bool,
    shutdown: bool,
    fails: bool,
    /// The module can be unloaded; so many use it, each with a reference.
    exits: bool,
    users: usize,
    /// So many drop a reference to a device.
    owners: usize,
}

fn plans() -> impl Strategy<Value = Plan> {
    let preemption = prop_oneof![2 => Just("PREEMPT"), 1 => Just("PREEMPT_NONE"), 1 => Just("PREEMPT_VOLUNTARY")];
    let resource = prop_oneof![3 => Just(Resource::Action), 1 => Just(Resource::Memory), 1 => Just(Resource::Released)];
    let ending = prop_oneof![4 => Just(Ending::Bound), 1 => Just(Ending::Fails), 1 => Just(Ending::Defers)];
    let device = (prop::collection::vec(resource, 0..=3), ending, any::<[bool; 3]>(), prop::bool::weighted(0.2));
    let others = (any::<bool>(), 0..=2usize, 0..=2usize);
    (preemption, device, others).prop_map(|(preemption, device, (exits, users, owners))| {
        let (mut resources, ending, [hotplug, mut unplug, mut shutdown], fails) = device;
        // One of the two crowds is enough, and those of the other device have nothing to do with this one.
        let owners = if users > 1 { 0 } else { owners };
        if owners > 0 {
            resources.truncate(1);
            (unplug, shutdown) = (false, false);
        }
        Plan { preemption, resources, ending, hotplug, unplug, shutdown, fails, exits, users, owners }
    })
}

/// What a scenario does wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// The last resource is put on the stack as if it were the first.
    Order,
    /// Users of the module take no reference.
    NoReference,
    /// One puts twice.
    PutTwice,
}

/// The scenario, in C.
fn scenario(plan: &Plan, fault: Fault) -> String {
    let mut text = String::from(
        "#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
static int top, probing, bound, exited, released;
static atomic_t users, owners;
static void undo(void *data)
{
	WARN_ON(READ_ONCE(probing) || READ_ONCE(top) != (long)data);
	WRITE_ONCE(top, READ_ONCE(top) - 1);
}
static int acquire(struct platform_device *pdev)
{
	int ret = 0;
",
    );
    for (index, resource) in plan.resources.iter().enumerate() {
        let planted = fault == Fault::Order && index + 1 == plan.resources.len();
        let number = if planted { 9 } else { index + 1 };
        let _ = writeln!(text, "\tWRITE_ONCE(top, {});", index + 1);
        let _ = writeln!(text, "\tret = devm_add_action(&pdev->dev, undo, (void *){number}L);");
        let _ = writeln!(text, "\tif (ret) {{ WRITE_ONCE(top, {index}); return ret; }}");
        if *resource == Resource::Memory {
            text.push_str("\tif (!devm_kzalloc(&pdev->dev, 4, GFP_KERNEL)) return -ENOMEM;\n");
        }
        if *resource == Resource::Released {
            text.push_str("\tWRITE_ONCE(probing, 0);\n");
            let _ = writeln!(text, "\tdevm_release_action(&pdev->dev, undo, (void *){number}L);");
            let _ = writeln!(text, "\tWRITE_ONCE(probing, 1);");
            let _ = writeln!(text, "\tWRITE_ONCE(top, {});", index + 1);
            let _ = writeln!(text, "\tif (devm_add_action(&pdev->dev, undo, (void *){number}L)) {{");
            let _ = writeln!(text, "\t\tWRITE_ONCE(top, {index}); return -ENOMEM; }}");
        }
    }
    let ending = match plan.ending {
        Ending::Bound => "0",
        Ending::Fails => "-EIO",
        Ending::Defers => "-EPROBE_DEFER",
    };
    let _ = writeln!(
        text,
        "\treturn {ending};
}}
static int probe(struct platform_device *pdev)
{{
	int ret;
	WARN_ON(READ_ONCE(probing) || READ_ONCE(bound) || READ_ONCE(top));
	WRITE_ONCE(probing, 1);
	ret = acquire(pdev);
	WRITE_ONCE(probing, 0);
	if (!ret)
		WRITE_ONCE(bound, 1);
	return ret;
}}
static void remove(struct platform_device *pdev)
{{
	WARN_ON(READ_ONCE(probing) || !READ_ONCE(bound) || READ_ONCE(top) != {count});
	WRITE_ONCE(bound, 0);
}}
static void shut_down(struct platform_device *pdev) {{ WARN_ON(READ_ONCE(probing) || !READ_ONCE(bound)); }}
static struct platform_driver driver = {{
	.probe = probe, .remove = remove, .shutdown = shut_down, .driver = {{ .name = \"thing\" }},
}};
static int __init start(void) {{ return platform_driver_register(&driver); }}
static void __exit stop(void)
{{
	WARN_ON(atomic_read(&users));
	WRITE_ONCE(exited, 1);
	platform_driver_unregister(&driver);
}}
module_init(start);",
        count = plan.resources.len()
    );
    rig(&mut text, plan, fault);
    text
}

fn rig(text: &mut String, plan: &Plan, fault: Fault) {
    let (hotplug, unplug, shutdown) = (u8::from(plan.hotplug), u8::from(plan.unplug), u8::from(plan.shutdown));
    if plan.exits {
        text.push_str("module_exit(stop);\n");
    }
    let _ = writeln!(
        text,
        "PLATFORM_DEVICE(thing, \"thing\", .hotplug = {hotplug}, .unplug = {unplug}, .shutdown = {shutdown});"
    );
    let (get, put) = if fault == Fault::NoReference {
        ("true", "")
    } else {
        ("try_module_get(THIS_MODULE)", "module_put(THIS_MODULE);")
    };
    let _ = writeln!(
        text,
        "static void use_it(void)
{{
	if (!{get})
		return;
	atomic_inc(&users);
	WARN_ON(READ_ONCE(exited));
	atomic_dec(&users);
	{put}
}}"
    );
    if plan.users > 0 {
        let _ = writeln!(text, "THREAD(user, use_it, .count = {});", plan.users);
    }
    if plan.owners > 0 {
        let again = if fault == Fault::PutTwice { "put_device(&object);" } else { "" };
        let _ = writeln!(
            text,
            "static struct device object;
static void release(struct device *dev)
{{
	WARN_ON(atomic_read(&owners) || READ_ONCE(released));
	WRITE_ONCE(released, 1);
}}
static void make(void)
{{
	device_initialize(&object);
	object.release = release;
	atomic_set(&owners, {owners});
	for (int i = 1; i < {owners}; i++)
		get_device(&object);
}}
static void drop(void) {{ atomic_dec(&owners); put_device(&object); {again} }}
INIT(make);
THREAD(owner, drop, .count = {owners});
FINALLY(released == 1);",
            owners = plan.owners
        );
    }
    if plan.fails {
        text.push_str("KCONFIG(BOUND_FAILED_ALLOCATIONS, 1);\n");
    }
    let gone = plan.exits || plan.unplug || plan.ending != Ending::Bound;
    if gone {
        text.push_str("FINALLY(top == 0 && !bound);\n");
    }
    let _ = writeln!(text, "KCONFIG({}, y);", plan.preemption);
}

/// What checking a scenario finds, and whether it was looked at to the end.
fn found(text: &str) -> (Vec<&'static str>, bool) {
    let compiled = kernel_c::compile("random.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{text}: {:?}", compiled.diagnostics));
    let options = Options { max_states: Some(10_000), threads: 1, ..Options::default() };
    let checked = check(Arc::new(program), MachineOptions::default(), &options, &mut |_| ControlFlow::Continue(()));
    let names = checked.findings.iter().map(|finding| finding.kind.name()).collect();
    (names, checked.outcome.verdict == Verdict::Complete)
}

/// A fault that a plan's scenario cannot hide.
fn fault_for(plan: &Plan) -> Fault {
    if plan.owners > 0 {
        Fault::PutTwice
    } else if plan.exits && plan.users > 0 {
        Fault::NoReference
    } else if plan.ending != Ending::Bound && !plan.fails && !plan.resources.is_empty() {
        Fault::Order
    } else {
        Fault::None
    }
}

/// Judges a lot of scenarios: how many were looked at to the end; with how many a fault was planted.
fn lot(seed: u64) -> [u32; 2] {
    let config =
        Config { cases: PROGRAMS, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let (whole, planted) = (Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let result = TestRunner::new(config).run(&plans(), |plan| {
        let text = scenario(&plan, Fault::None);
        let (names, complete) = found(&text);
        prop_assert!(names.is_empty(), "{names:?}\n{text}");
        if !complete {
            return Ok(());
        }
        count(&whole);
        let fault = fault_for(&plan);
        if whole.get() % 4 == 0 && fault != Fault::None {
            let text = scenario(&plan, fault);
            let (names, complete) = found(&text);
            prop_assert!(!names.is_empty() || !complete, "{fault:?} is not noticed\n{text}");
            planted.set(planted.get() + u32::from(!names.is_empty()));
        }
        Ok(())
    });
    result.unwrap_or_else(|problem| panic!("{problem}"));
    [whole.get(), planted.get()]
}

fn judge(seed: u64) {
    let [whole, planted] = lot(seed);
    assert!(whole > PROGRAMS / 2 && planted > PROGRAMS / 12, "{whole} whole, {planted} planted and noticed");
}

#[test]
fn drivers_modules_and_references_keep_their_promises() {
    judge(LOTS[0]);
}

#[test]
fn drivers_modules_and_references_keep_their_promises_again() {
    judge(LOTS[1]);
}

/// What may be called where one may not sleep, and what may not.
#[test]
fn calls_that_sleep_are_told_of_in_atomic_context() {
    const WAIT: &[&str] = &[
        "device_lock(&dev)",
        "devm_add_action(&dev, action, NULL)",
        "devm_request_irq(&dev, 3, handler, 0, \"dev\", &dev)",
        "misc_register(&misc)",
    ];
    const DO_NOT: &[&str] = &[
        "module_put(try_module_get(THIS_MODULE) ? THIS_MODULE : NULL)",
        "put_device(get_device(&dev))",
        "devm_kzalloc(&dev, 8, GFP_ATOMIC)",
        "dev_set_drvdata(&dev, dev_get_drvdata(&dev))",
    ];
    let sleeps = |call: &str, [enter, leave]: [&str; 2]| {
        let text = format!(
            "static struct device dev;
static struct miscdevice misc;
static DEFINE_SPINLOCK(lock);
static void action(void *data) {{ }}
static irqreturn_t handler(int irq, void *data) {{ return IRQ_HANDLED; }}
static void set_up(void) {{ device_initialize(&dev); get_device(&dev); }}
static void call(void) {{ {enter} {call}; {leave} }}
INIT(set_up);
THREAD(caller, call);"
        );
        found(&text).0.contains(&"sleep_in_atomic")
    };
    for atomic in [["spin_lock(&lock);", "spin_unlock(&lock);"], ["local_irq_disable();", "local_irq_enable();"]] {
        for call in WAIT {
            assert!(sleeps(call, atomic) && !sleeps(call, ["", ""]), "{call}");
        }
        for call in DO_NOT {
            assert!(!sleeps(call, atomic), "{call}");
        }
    }
}
