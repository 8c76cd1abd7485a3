//! Every finding can be found and is told apart from what is right: a scenario of the corpus shows it, and the mended form of that scenario does not. What one
//! kind says of several things is shown for each of them.

mod corpus;

use corpus::scenario;
use sim_core::finding::Kind;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Kinds that no pair of the corpus shows, each with the reason.
const WITHOUT_A_PAIR: &[(&str, &str)] = &[];

/// Pairs whose `_bug` form makes a claim true and not false.
const CLAIMS_TURNED_ROUND: &[&str] = &["reach_lost_update"];

/// What the scenario says of itself: the findings of `EXPECT` alone, and with those of `EXPECT_IF`.
fn expected(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut always, mut ever) = (BTreeSet::new(), BTreeSet::new());
    for line in text.lines() {
        let (arguments, skip) = match (line.strip_prefix("EXPECT("), line.strip_prefix("EXPECT_IF(")) {
            (Some(rest), _) => (rest, 0),
            (_, Some(rest)) => (rest, 1),
            _ => continue,
        };
        let names = arguments.split(')').next().unwrap_or("").split(',').map(|name| name.trim().to_owned()).skip(skip);
        for name in names.filter(|name| name != "clean") {
            ever.insert(name.clone());
            if skip == 0 {
                always.insert(name);
            }
        }
    }
    (always, ever)
}

/// The pairs of the corpus: the name, what the bug's file and what the mended one says.
fn pairs() -> Vec<(String, String, String)> {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut pairs = Vec::new();
    for theme in
        fs::read_dir(scenarios).expect("there are scenarios").map(|theme| theme.expect("it can be read").path())
    {
        for file in theme.is_dir().then(|| fs::read_dir(&theme).expect("it can be read")).into_iter().flatten() {
            let path = file.expect("it can be read").path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix("_bug.c")) else { continue };
            let read = |path: &Path| fs::read_to_string(path).expect("both files of a pair can be read");
            pairs.push((name.to_owned(), read(&path), read(&theme.join(format!("{name}.c")))));
        }
    }
    pairs
}

#[test]
fn every_kind_has_a_scenario_that_shows_it_and_a_mended_one_that_does_not() {
    let pairs = pairs();
    assert!(pairs.len() >= 230, "{}", pairs.len());
    let mut shown = BTreeSet::new();
    for (name, bug, mended) in &pairs {
        let ((in_bug, _), (in_mended, ever_in_mended)) = (expected(bug), expected(mended));
        if CLAIMS_TURNED_ROUND.contains(&name.as_str()) {
            assert!(in_bug.is_empty() && !in_mended.is_empty(), "{name}");
            continue;
        }
        assert!(!in_bug.is_empty() || bug.contains("EXPECT_IF("), "{name}: the bug shows nothing");
        assert_eq!(in_mended, BTreeSet::new(), "{name}: the mended form shows something");
        shown.extend(in_bug.difference(&ever_in_mended).cloned());
    }
    let missing: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).filter(|name| !shown.contains(*name)).collect();
    let excused: Vec<&str> = WITHOUT_A_PAIR.iter().map(|(name, _)| *name).collect();
    assert_eq!(missing, excused, "a pair is missing, or a row of the table is not needed any more");
    // Nobody expects what does not exist: what is not a kind is a mistake of the scenario.
    assert!(shown.iter().all(|name| Kind::from_name(name).is_some()), "{shown:?}");
}

/// A scenario, and a line that its report or its kernel log has. The remaining messages of `lockdep_rcu_suspicious()` are those that a `might_sleep()` in a reader
/// gives (`Illegal context switch in RCU-bh read-side critical section` and its kin: `sleep_in_atomic` here), and those of idle CPUs, which no scenario runs on.
const VARIANTS: &[(&str, &str)] = &[
    ("rcu_reader_missing_bug.c", " suspicious rcu_dereference_check() usage!"),
    ("rcu_wrong_flavour_bug.c", " suspicious rcu_dereference_bh_check() usage!"),
    ("rcu_update_unlocked_bug.c", " suspicious rcu_dereference_protected() usage!"),
    ("srcu_wrong_domain_bug.c", " suspicious srcu_dereference_check() usage!"),
    // The text ends so, and the kernel sets another behind it.
    ("rcu_list_unlocked_bug.c", "_bug.c:30 RCU-list traversed in non-reader section!!"),
    ("rcu_sync_in_reader_bug.c", " Illegal synchronize_rcu() in RCU read-side critical section!"),
    ("rcu_wait_event_bug.c", "Voluntary context switch within RCU read-side critical section!"),
    ("bh_lock_in_handler_bug.c", "disables bottom halves in a hard IRQ handler"),
    ("bh_lock_in_handler_bug.c", "enables bottom halves in a hard IRQ handler"),
    ("bh_enable_irqs_off_bug.c", "enables bottom halves with interrupts off"),
    ("mutex_trylock_in_handler_bug.c", "tries to take a mutex in an interrupt handler"),
    ("mutex_trylock_in_handler_bug.c", "releases a mutex in an interrupt handler"),
    ("rwsem_trylock_in_handler_bug.c", "tries to take an rw_semaphore in an interrupt handler"),
    ("rwsem_trylock_in_handler_bug.c", "releases an rw_semaphore in an interrupt handler"),
    ("timer_sync_in_handler_bug.c", "waits for a timer's callback in a hard IRQ handler"),
    ("tasklet_kill_in_handler_bug.c", "kills a tasklet in an interrupt, or with bottom halves off"),
    ("free_irq_in_handler_bug.c", "frees an interrupt line in an interrupt, or with bottom halves off"),
];

fn check(arguments: &[&str], file: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_locklab")).arg("check").args(arguments).arg(file).output();
    let output = output.expect("the command runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn each_message_of_a_kind_that_has_several_is_shown() {
    for (name, line) in VARIANTS {
        let path = scenario(name);
        let (json, log) = (check(&["--format", "json"], &path).1, check(&["--dmesg"], &path).1);
        assert!(json.contains(line) || log.contains(line), "{name}: {line}\n{json}\n{log}");
    }
}

/// Who sleeps interruptibly for ever can be killed: worth knowing, and nothing that fails a check.
#[test]
fn an_interruptible_sleep_that_nothing_ends_is_a_note() {
    let sleep = |how: &str| {
        let text = format!(
            "#include <linux/wait.h>\nstatic DECLARE_WAIT_QUEUE_HEAD(queue);\nstatic void wait(void)\n{{\n\t{how}(queue, false);\n}}\n\
             THREAD(waiter, wait);\n"
        );
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{how}.c"));
        fs::write(&path, text).expect("it can be written");
        let (code, json) = check(&["--format", "json"], &path);
        (code, json.contains("\"hung_task\""), json.contains("\"note\""))
    };
    assert_eq!(sleep("wait_event"), (Some(1), true, false));
    assert_eq!(sleep("wait_event_interruptible"), (Some(0), true, true));
}
