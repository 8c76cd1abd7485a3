//! The rig and the options: who runs, where, and under which configuration.

use crate::support::{program, titles};
use kernel_c::loader::NoFiles;
use kernel_c::{Options, compile};
use sim_core::program::{ContextKind, Preemption};

const F: &str = "static int g; static void f(void) { } static int init(void) { return 0; }
static void one(long x) { }
static irqreturn_t h(int irq, void *d) { return IRQ_HANDLED; }\n";

#[test]
fn threads_are_spread_one_to_a_cpu() {
    let program = program(&format!(
        "{F}CPUS(3); THREAD(a, f); THREAD(b, f, .count = 2); THREAD(c, f, .cpu = ANY); THREAD(d, f); THREAD(e, f, .cpu = 2);"
    ));
    let found: Vec<(&str, Option<u8>, u16)> =
        program.contexts.iter().map(|c| (c.name.as_str(), c.cpu, c.group)).collect();
    assert_eq!(
        found,
        [
            ("a", Some(0), 0),
            ("b.0", Some(1), 1),
            ("b.1", Some(2), 1),
            ("c", None, 2),
            ("d", Some(0), 3),
            ("e", Some(2), 4)
        ]
    );
}

#[test]
fn lines_get_numbers_and_their_handlers_arguments() {
    let program = program(&format!("{F}IRQ(a, h, .irq = 2, .arg = &g, .times = 3); IRQ(b, h); IRQ(c, h); RAISES(7); INIT(f); module_init(init); module_exit(f);
").replace("INIT(f); module_init(init); module_exit(f);", "INIT(f); module_init(init);"));
    let kinds: Vec<(ContextKind, Vec<u64>)> = program.contexts.iter().map(|c| (c.kind, c.args.clone())).collect();
    let line = |number, times| ContextKind::HardIrq { number, times };
    assert_eq!(kinds[0], (line(2, 3), vec![2, 1 << 32]));
    assert_eq!(kinds[1], (line(1, 1), vec![1, 0]));
    assert_eq!(kinds[2], (line(3, 1), vec![3, 0]));
    assert_eq!(kinds[3], (line(7, 1), vec![]));
    assert_eq!(kinds[4], (ContextKind::Init, vec![]));
    assert_eq!(kinds[5], (ContextKind::ModuleInit, vec![]));
    assert_eq!(program.contexts[3].entry, None);
    assert_eq!(program.contexts[3].name, "irq7");
}

#[test]
fn arguments_arrive_as_the_parameter_holds_them() {
    let program = program(&format!(
        "{F}THREAD(a, one, .arg = -1); SYSCALL(b, one); THREAD(c, one, .arg = 3, .prio = 5, .signals = 1);"
    ));
    assert_eq!(program.contexts[0].args, [u64::MAX]);
    assert_eq!(program.contexts[1].args, [0]);
    assert_eq!((program.contexts[2].prio, program.contexts[2].signals), (5, 1));
}

#[test]
fn options_decide_what_ifdef_sees_and_how_the_machine_behaves() {
    let text = format!(
        "{F}#ifdef CONFIG_SMP\nstatic int smp = 1;\n#else\nstatic int smp = 2;\n#endif\n
         static int cpus = CONFIG_NR_CPUS, own = IS_ENABLED(CONFIG_MINE);
         THREAD(t, f);\nCPUS(4);\nKCONFIG(PREEMPT_NONE, y);\nKCONFIG(MINE, y);\nKCONFIG(BOUND_FAILED_ALLOCATIONS, 1);"
    );
    let plain = program(&text);
    assert_eq!((plain.config.cpus, plain.config.preemption), (4, Preemption::None));
    assert_eq!(plain.config.bounds.failed_allocations, 1);
    let value =
        |p: &sim_core::program::Program, name: &str| p.objects.iter().find(|o| o.name == name).map(|o| o.init[0]);
    assert_eq!((value(&plain, "smp"), value(&plain, "cpus"), value(&plain, "own")), (Some(1), Some(4), Some(1)));
    let options = Options { cpus: None, kconfig: vec![("SMP".into(), "n".into()), ("PREEMPT".into(), "y".into())] };
    let other = compile("test.c", text.as_bytes(), &options, &NoFiles).program.expect("compiles");
    assert_eq!((other.config.cpus, other.config.smp, other.config.preemption), (1, false, Preemption::Full));
    assert_eq!((value(&other, "smp"), value(&other, "cpus")), (Some(2), Some(1)));
}

#[test]
fn mistakes_in_the_rig_are_said() {
    let said = |rig: &str| titles(&format!("{F}{rig}"));
    assert_eq!(said(""), ["nothing runs this code"]);
    assert_eq!(said("THREAD(a, f); THREAD(a, f);"), ["two contexts are called `a`"]);
    assert_eq!(said("THREAD(a, f, .cpus = 1);"), ["there is no option `.cpus`"]);
    assert_eq!(said("THREAD(a, f, .cpu = 2);"), ["there is no CPU 2: the CPUs are 0 to 1"]);
    assert_eq!(said("THREAD(a, f, .arg = 2);"), ["this function takes no argument"]);
    assert_eq!(said("THREAD(a, g);"), ["this must be the name of a function"]);
    assert_eq!(said("THREAD(a, f, .count = 65);"), ["`.count` must be from 1 to 64"]);
    assert_eq!(
        said("THREAD(a, f, .count = 60); THREAD(b, f, .count = 5);"),
        ["the rig has 65 contexts, and 64 is the most"]
    );
    assert_eq!(said("IRQ(a, h, .irq = 1); RAISES(1);"), ["interrupt 1 is declared twice"]);
    assert_eq!(said("NMI(a, f, .irq = 1);"), ["`NMI` has no option `.irq`"]);
    assert_eq!(said("THREAD(a, f); CPUS(1);"), ["`CPUS` must stand at the start of a line of the scenario's own file"]);
    assert_eq!(said("THREAD(a, f);\nCPUS(17);"), ["`CPUS` cannot be `17`: it must be a number from 1 to 16"]);
    assert_eq!(
        said("THREAD(a, f); DEFINE_STATIC_KEY_FALSE(x);"),
        ["`DEFINE_STATIC_KEY_FALSE` is known but not modelled yet"]
    );
}
