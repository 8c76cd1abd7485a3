//! The command as people and scripts run it: exit codes, streams, colours, interrupts.

mod corpus;
mod json_schema;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const CLEAN: &str = "
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(lock);
static int x;
static void inc(void)
{
\tspin_lock(&lock);
\tx++;
\tspin_unlock(&lock);
}
THREAD(a, inc);
THREAD(b, inc);
FINALLY(x == 2);
EXPECT(clean);
";

const RACE: &str = "
static int x;
static void inc(void)
{
\tx++;
}
THREAD(a, inc);
THREAD(b, inc);
EXPECT(data_race);
";

/// Far more states than a test has time for.
const ENDLESS: &str = "
#include <linux/atomic.h>
static atomic_t cells[6];
static void stir(long i)
{
\tfor (int n = 0; n < 200; n++)
\t\tatomic_add(n, &cells[(i + n) % 6]);
}
THREAD(a, stir, .arg = 0);
THREAD(b, stir, .arg = 1);
THREAD(c, stir, .arg = 2);
THREAD(d, stir, .arg = 3);
THREAD(e, stir, .arg = 4);
EXPECT(clean);
";

/// A directory of its own for each test.
fn directory(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    // Whatever an earlier run has left.
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the directory can be made");
    path
}

fn file(directory: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = directory.join(name);
    fs::write(&path, text).expect("the file can be written");
    path.display().to_string()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_locklab"));
    command.args(args).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
    command
}

fn locklab(args: &[&str]) -> Output {
    command(args).output().expect("the command runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it is UTF-8")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

#[test]
fn nothing_found_is_0_and_something_found_is_1() {
    let dir = directory("clean_and_findings");
    let clean = locklab(&["check", &file(&dir, "clean.c", CLEAN)]);
    assert_eq!(code(&clean), 0, "{}", stderr(&clean));
    assert!(stdout(&clean).contains("nothing found; every execution was looked at"));
    let race = locklab(&["check", &file(&dir, "race.c", RACE)]);
    assert_eq!(code(&race), 1, "{}", stderr(&race));
    assert!(stdout(&race).starts_with("error[data_race]: "));
    assert_eq!(stderr(&race), "");
}

#[test]
fn a_limit_is_3_and_says_which_and_how_far() {
    let dir = directory("limits");
    let path = file(&dir, "clean.c", CLEAN);
    let states = locklab(&["check", &path, "--max-states", "4"]);
    assert_eq!(code(&states), 3);
    assert!(stdout(&states).contains("nothing found, but not every execution was looked at"), "{}", stdout(&states));
    assert!(stdout(&states).contains("at --max-states"), "{}", stdout(&states));
    let endless = file(&dir, "endless.c", ENDLESS);
    let time = locklab(&["check", &endless, "--time-limit", "300ms"]);
    assert_eq!(code(&time), 3);
    assert!(stdout(&time).contains("at --time-limit"), "{}", stdout(&time));
    let memory = locklab(&["check", &endless, "--max-memory", "20M"]);
    assert_eq!(code(&memory), 3);
    assert!(stdout(&memory).contains("at --max-memory"), "{}", stdout(&memory));
}

#[test]
fn findings_count_more_than_a_limit() {
    let dir = directory("findings_and_limit");
    let both = locklab(&["check", &file(&dir, "race.c", RACE), "--max-states", "4"]);
    assert_eq!(code(&both), 1);
    assert!(stdout(&both).contains("not every execution was looked at"), "{}", stdout(&both));
}

#[test]
fn nothing_to_run_is_4() {
    let dir = directory("vacuous");
    let empty = file(&dir, "vacuous.c", "static void nothing(void)\n{\n}\nTHREAD(a, nothing);\n");
    let output = locklab(&["check", &empty]);
    assert_eq!(code(&output), 4, "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("vacuous: "));
}

#[test]
fn every_kind_of_bad_input_is_an_error_that_says_what_it_is() {
    let dir = directory("bad_input");
    file(&dir, "driver.c", CLEAN);
    let mut noise = Vec::with_capacity(10 << 20);
    let mut seed = 1u64;
    while noise.len() < 10 << 20 {
        // xorshift64
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        noise.extend(seed.to_le_bytes());
    }
    let nested = format!("static int f(void) {{ return {}1{}; }}\n", "(".repeat(100_000), ")".repeat(100_000));
    let cases: [(String, &str); 7] = [
        (dir.join("drivr.c").display().to_string(), "did you mean"),
        (dir.display().to_string(), "is a directory"),
        (file(&dir, "empty.c", ""), "is empty"),
        (file(&dir, "noise.c", noise), "is not text"),
        (file(&dir, "latin1.c", b"/* caf\xe9 */\n"), "is not text in UTF-8"),
        (file(&dir, "long.c", "int x;\n".repeat(1 << 20)), "is longer than"),
        (file(&dir, "nested.c", nested), "error"),
    ];
    for (path, says) in &cases {
        let output = locklab(&["check", path]);
        assert_eq!(code(&output), 2, "{path}");
        assert_eq!(stdout(&output), "", "{path}");
        let told = stderr(&output);
        assert!(told.starts_with("error: ") && told.contains(says), "{path}: {told}");
        assert!(!told.contains("panicked") && told.lines().count() < 30, "{path}: {told}");
    }
}

#[test]
fn fifty_errors_are_told_in_one_run() {
    let dir = directory("fifty_errors");
    let body: String = (0..50).map(|i| format!("\tmissing_{i}();\n")).collect();
    let path = file(&dir, "fifty.c", format!("static void f(void)\n{{\n{body}}}\nTHREAD(a, f);\n"));
    let output = locklab(&["check", &path]);
    assert_eq!(code(&output), 2);
    let told = stderr(&output);
    for i in 0..50 {
        assert!(told.contains(&format!("`missing_{i}`")), "error {i} is missing:\n{told}");
    }
    assert!(told.contains("50 errors"), "{told}");
}

#[test]
fn errors_in_the_input_are_a_document_for_programs() {
    let dir = directory("json_errors");
    let path = file(&dir, "bad.c", "static void f(void)\n{\n\tmissing();\n}\nTHREAD(a, f);\n");
    for path in [path, dir.join("nowhere.c").display().to_string()] {
        let output = locklab(&["check", "--format", "json", &path]);
        assert_eq!(code(&output), 2);
        let document = serde_json::from_str(&stdout(&output)).expect("it is JSON");
        assert_eq!(json_schema::violations(&json_schema::published(), &document), Vec::<String>::new());
        assert_eq!(document["verdict"], "input_error");
    }
}

#[test]
fn the_documents_of_the_scenarios_are_as_the_schema_says() {
    let schema = json_schema::published();
    for name in ["irq_plain_lock_bug", "lost_wakeup_bug", "double_free_bug", "mailbox_driver", "reach_lost_update"] {
        let path = corpus::scenario(&format!("{name}.c"));
        let output = locklab(&["check", "--format", "json", &path.display().to_string()]);
        let document = serde_json::from_str(&stdout(&output)).expect("it is JSON");
        assert_eq!(json_schema::violations(&schema, &document), Vec::<String>::new(), "{name}");
        assert_eq!(document["exit_code"], code(&output), "{name}");
    }
}

#[test]
fn wrong_command_lines_are_2() {
    for args in [&["check"][..], &["chekc", "x.c"], &["check", "x.c", "--max-memory", "lots"], &["explain", "deadlok"]]
    {
        let output = locklab(args);
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(!stderr(&output).is_empty(), "{args:?}");
    }
}

#[test]
fn a_scenario_comes_from_standard_input_too() {
    let mut child = command(&["check", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("it is piped").write_all(RACE.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("<stdin>:5:2"), "{}", stdout(&output));
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let dir = directory("colours");
    let path = file(&dir, "race.c", RACE);
    let escapes = |output: &Output| stdout(output).contains('\x1b');
    assert!(!escapes(&locklab(&["check", &path])));
    assert!(escapes(&locklab(&["check", &path, "--color", "always"])));
    assert!(!escapes(&command(&["check", &path]).env("NO_COLOR", "1").output().expect("it runs")));
    assert!(!escapes(&locklab(&["check", &path, "--color", "never"])));
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    for name in ["irq_plain_lock_bug", "bit_field_bug", "mailbox_driver", "session_refcount_bug"] {
        let path = corpus::scenario(&format!("{name}.c")).display().to_string();
        for how in [&["--format", "human"][..], &["--format", "json"], &["--dmesg"]] {
            let run = |jobs| locklab(&[&["check", &path, jobs][..], how].concat());
            let (one, two) = (run("-j1"), run("-j2"));
            assert!(!one.stdout.is_empty() || how == ["--dmesg"], "{name} {how:?}");
            assert_eq!(one.stdout, two.stdout, "{name} {how:?}");
            assert_eq!(code(&one), code(&two));
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let path = corpus::scenario("bit_field_bug.c").display().to_string();
    let mut child = command(&["check", &path]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(stderr(&output), "");
    assert_eq!(code(&output), 1);
}

/// The kinds of the findings and the numbers of a document.
fn summary(args: &[&str]) -> (Vec<String>, serde_json::Value) {
    let output = locklab(&[&["check", "--format", "json"], args].concat());
    let document: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    let findings = document["findings"].as_array().expect("it has findings");
    (findings.iter().map(|f| f["kind"].to_string()).collect(), document["stats"].clone())
}

#[test]
fn without_reductions_the_findings_are_the_same_and_the_states_more() {
    for name in ["irq_plain_lock_bug", "uart_driver_bug", "lost_update_bug", "abba_mutex"] {
        let path = corpus::scenario(&format!("{name}.c")).display().to_string();
        let (found, with) = summary(&[&path]);
        let (found_without, without) = summary(&[&path, "--reduce", "none"]);
        assert_eq!(found, found_without, "{name}");
        assert!(with["states"].as_u64() <= without["states"].as_u64(), "{name}");
    }
}

#[test]
fn executions_are_counted_where_that_is_asked_for() {
    let dir = directory("count");
    // Each task is one atomic step: 3! orders.
    let text =
        "static atomic_t n;\nstatic void inc(void)\n{\n\tatomic_inc(&n);\n}\nTHREAD(a, inc, .count = 3);\nCPUS(3);\n";
    let path = file(&dir, "three.c", format!("#include <linux/atomic.h>\n{text}"));
    assert_eq!(summary(&[&path, "--count"]).1["executions"], "6");
    assert!(summary(&[&path]).1.get("executions").is_none());
}

#[test]
fn whole_states_give_the_same_counts_as_fingerprints_do() {
    for name in ["mailbox_driver_bug", "bounded_buffer"] {
        let path = corpus::scenario(&format!("{name}.c")).display().to_string();
        assert_eq!(summary(&[&path]), summary(&[&path, "--exact"]), "{name}");
    }
}

#[test]
fn a_schedule_found_without_reductions_is_replayed_without() {
    let path = corpus::scenario("irq_plain_lock_bug.c").display().to_string();
    let report = stdout(&locklab(&["check", &path, "--reduce", "none"]));
    let line = report.lines().find(|line| line.contains("locklab replay")).expect("a report has one");
    assert!(line.contains("locklab replay --reduce none "), "{line}");
    let schedule = line.split('\'').nth(1).expect("the schedule is quoted");
    let output = locklab(&["replay", "--reduce", "none", &path, schedule]);
    assert!(stdout(&output).contains("error[deadlock]"), "{}{}", stdout(&output), stderr(&output));
}

/// Waits for the end, but not for ever.
fn ends_within(mut child: Child, limit: Duration) -> Output {
    let started = Instant::now();
    while child.try_wait().expect("it can be asked").is_none() {
        assert!(started.elapsed() < limit, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().expect("it has ended")
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_like_a_limit() {
    let dir = directory("ctrl_c");
    let path = file(&dir, "endless.c", ENDLESS);
    let child = command(&["check", &path, "--max-memory", "2G"]).stdout(Stdio::piped()).spawn().expect("it runs");
    std::thread::sleep(Duration::from_millis(700));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(kill.success());
    let output = ends_within(child, Duration::from_secs(60));
    assert_eq!(code(&output), 3);
    let told = stdout(&output);
    assert!(told.contains("by Ctrl-C") && told.contains(" states, "), "{told}");
}

/// The replay line of a report, as arguments.
fn replay_arguments(report: &str) -> (String, String) {
    let line = report.lines().find(|line| line.contains("locklab replay")).expect("a report has one");
    let rest = line.split("locklab replay ").nth(1).expect("the file follows");
    let (file, schedule) = rest.split_once(" '").expect("the schedule is quoted");
    (file.to_owned(), schedule.trim_end_matches('\'').to_owned())
}

#[test]
fn replay_asks_the_kernels_validator_about_one_execution() {
    let path = corpus::scenario("abba_mutex_bug.c").display().to_string();
    // One task does all that it does, in 10 steps; the other takes its first lock with the next step, and comes to the second.
    let quiet = locklab(&["replay", "--lockdep", &path, "c0*10"]);
    assert_eq!((code(&quiet), stdout(&quiet).contains("lock_order")), (0, false), "{}", stdout(&quiet));
    let both = locklab(&["replay", "--lockdep", &path, "c0*10 c1"]);
    assert_eq!(code(&both), 1);
    assert!(stdout(&both).contains("after 11 steps:\nwarning[lock_order]"), "{}", stdout(&both));
    let unasked = locklab(&["replay", &path, "c0*10 c1"]);
    assert_eq!((code(&unasked), stdout(&unasked).contains("lock_order")), (0, false));
}

#[test]
fn a_reported_schedule_can_be_replayed() {
    for name in ["irq_plain_lock_bug", "double_free_bug", "lost_wakeup_bug", "uart_driver_bug", "lost_update_bug"] {
        let path = corpus::scenario(&format!("{name}.c")).display().to_string();
        let report = stdout(&locklab(&["check", &path]));
        // A schedule shows what happened; what else the same cause breaks is told by the search alone.
        let kind = report.split(['[', ',', ']']).nth(1).expect("a headline").to_owned();
        let (file, schedule) = replay_arguments(&report);
        assert_eq!(file, path);
        let output = locklab(&["replay", &file, &schedule]);
        assert_eq!(code(&output), 1, "{name}: {}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).contains(&format!("error[{kind}]")), "{name}:\n{}", stdout(&output));
        assert_eq!(stderr(&output), "", "{name}");
    }
}

#[test]
fn a_replay_line_repeats_the_kernel_options() {
    let dir = directory("replay_options");
    let path = file(&dir, "race.c", RACE);
    let report = stdout(&locklab(&["check", &path, "--cpus", "1", "--preempt", "full", "--kconfig", "HZ=100"]));
    let wanted = format!("locklab replay --kconfig HZ=100 --cpus 1 --preempt full {path} '");
    assert!(report.contains(&wanted), "{report}");
}

#[test]
fn a_schedule_that_cannot_be_followed_says_where() {
    let path = corpus::scenario("irq_plain_lock_bug.c").display().to_string();
    let output = locklab(&["replay", &path, "c0 c1"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("after 1 step, `c1` cannot happen; what can: "), "{}", stderr(&output));
    let output = locklab(&["replay", &path, "c0 nic@c0 #00000000"]);
    assert!(stderr(&output).contains("has changed since this schedule was made"), "{}", stderr(&output));
    let output = locklab(&["replay", &path, "hello"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("is not a word of a schedule"), "{}", stderr(&output));
}

#[test]
fn files_are_tested_against_what_they_expect() {
    let dir = directory("test_command");
    file(&dir, "clean.c", CLEAN);
    file(&dir, "race.c", RACE.replace("EXPECT(data_race)", "EXPECT(clean)"));
    let path = dir.display().to_string();
    let output = locklab(&["test", &path]);
    assert_eq!(code(&output), 1);
    let told = stdout(&output);
    let expected = format!(
        "running 2 tests\ntest {path}/clean.c ... ok (clean)\ntest {path}/race.c ... FAILED (data_race)\n\nfailures:\n\n\
         ---- {path}/race.c ----\nexpected  clean\nfound     data_race\n"
    );
    assert!(told.starts_with(&expected), "{told}");
    assert!(told.ends_with("\ntest result: FAILED. 1 passed; 1 failed\n"), "{told}");
    assert_eq!(locklab(&["test", &path, "-j1"]).stdout, locklab(&["test", &path, "-j2"]).stdout);

    file(&dir, "race.c", RACE);
    assert_eq!(code(&locklab(&["test", &path])), 0);
    file(&dir, "broken.c", "int");
    assert_eq!(code(&locklab(&["test", &path])), 2);
    assert_eq!(code(&locklab(&["test", &dir.join("nowhere").display().to_string()])), 2);
}

#[test]
fn how_long_the_tests_took_is_told_on_standard_error() {
    let dir = directory("durations");
    let stderr = |args: &[&str]| {
        let output = locklab(args);
        let said = String::from_utf8(output.stderr).expect("text");
        (String::from_utf8(output.stdout).expect("text"), said)
    };
    for i in 0..11 {
        file(&dir, &format!("clean{i}.c"), CLEAN);
    }
    let path = dir.display().to_string();
    for extra in [&[][..], &["--matrix"]] {
        let (told, said) = stderr(&[&["test", &path][..], extra].concat());
        assert!(!told.contains("slowest"), "{told}");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!((lines.len(), lines[1]), (13, "slowest 10 of 11 files:"), "{said}");
        assert!(lines[2..12].iter().all(|line| line.ends_with(".c") && line.contains("s  ")), "{said}");
        assert!(lines[12].starts_with("11 files in ") && lines[12].ends_with('s'), "{said}");
    }
    let (_, said) = stderr(&["test", &path, "--durations", "0"]);
    assert!(said.starts_with("11 files in ") && said.lines().count() == 1, "{said}");
    // Of a few files nobody asks which is the slowest, unless they do.
    let one = file(&dir, "clean0.c", CLEAN);
    assert_eq!(stderr(&["test", &one]).1, "");
    assert!(stderr(&["test", &one, "--durations", "3"]).1.contains("1 file:"));
}

#[test]
fn a_schedule_is_replayed_as_a_kernel_log() {
    let dir = directory("replay_dmesg");
    let text = "static int x;
static void f(void) { READ_ONCE(x); pr_err(\"begins\\n\"); WARN_ON(!x); WARN_ON_ONCE(!x); pr_info(\"goes on\\n\"); }
THREAD(task, f, .cpu = 0);
EXPECT(warn_on);
";
    let path = file(&dir, "warns.c", text);
    let output = locklab(&["replay", &path, "c0*3", "--dmesg", "--raw"]);
    assert_eq!(code(&output), 1, "{}", String::from_utf8_lossy(&output.stderr));
    let told = stdout(&output);
    let texts: Vec<&str> = told.lines().map(|line| line.split_once("] ").map_or("", |(_, text)| text)).collect();
    assert_eq!((texts[0], texts[texts.len() - 1]), ("begins", "goes on"), "{told}");
    assert_eq!(texts.iter().filter(|text| text.contains("cut here")).count(), 2, "{told}");
    assert_eq!(texts.iter().filter(|text| text.contains("Tainted: G        W ")).count(), 1, "{told}");
    assert!(told.starts_with("<3>[") && told.trim_end().rsplit('\n').next().is_some_and(|l| l.starts_with("<6>[")));
    assert_eq!(code(&locklab(&["replay", &path, "c0", "--raw"])), 2);
}

#[test]
fn the_matrix_shows_what_one_cpu_hides() {
    let dir = directory("matrix");
    let race = file(&dir, "race.c", RACE);
    let output = locklab(&["test", "--matrix", &race]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    let told = stdout(&output);
    let row = |model: &str| {
        let line = told.lines().find(|line| line.trim_start().starts_with(&format!("{model} "))).expect("a row");
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("PREEMPT_NONE"), ["clean", "data_race"], "{told}");
    assert_eq!(row("PREEMPT_VOLUNTARY"), ["clean", "data_race"], "{told}");
    for model in ["PREEMPT", "PREEMPT_RT"] {
        assert_eq!(row(model), ["data_race", "data_race"], "{told}");
    }
}

#[test]
fn every_example_of_explain_shows_its_finding_and_its_mended_form_none() {
    let dir = directory("explain");
    for &kind in sim_core::finding::Kind::ALL {
        let page = locklab::explain::page(kind);
        file(&dir, &format!("{}_bug.c", kind.name()), page.bug);
        file(&dir, &format!("{}.c", kind.name()), page.mended);
    }
    let output = locklab(&["test", &dir.display().to_string()]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    let many = 2 * sim_core::finding::Kind::ALL.len();
    assert!(stdout(&output).ends_with(&format!("{many} passed; 0 failed\n")));
}

#[test]
fn explain_without_a_name_lists_all() {
    let told = stdout(&locklab(&["explain"]));
    for &kind in sim_core::finding::Kind::ALL {
        assert!(told.contains(kind.name()), "{}", kind.name());
    }
    assert!(stdout(&locklab(&["explain", "deadlock"])).contains("Why it is wrong"));
}

#[test]
fn what_needs_all_states_cannot_be_asked_of_a_random_mode() {
    let directory = directory("at_odds");
    let path = file(&directory, "clean.c", CLEAN);
    for option in [&["--max-states", "10"][..], &["--max-memory", "10M"], &["--exact"], &["--count"]] {
        for mode in ["random", "pct"] {
            let output = locklab(&[&["check", &path, "--mode", mode][..], option].concat());
            assert_eq!(output.status.code(), Some(2), "{option:?}");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(&format!("{} cannot be used with --mode {mode}", option[0])), "{said}");
            assert_eq!(stdout(&output), "");
        }
        let output = locklab(&[&["check", &path, "--mode", "exhaustive"][..], option].concat());
        assert_ne!(output.status.code(), Some(2), "{option:?}");
    }
}

#[test]
fn a_round_is_replayed_and_must_lead_back() {
    let path = corpus::scenario("trylock_livelock_bug.c").display().to_string();
    let round = locklab(&["replay", &path, "forever c0 c1 c0 c1 c0 c1"]);
    assert_eq!(round.status.code(), Some(1), "{}", stdout(&round));
    assert!(
        stdout(&round).contains("0 steps and a round of 6 steps") && stdout(&round).contains("from here on, for ever:")
    );
    let broken = locklab(&["replay", &path, "forever c0 c1 c0 c1 c0"]);
    assert_eq!(broken.status.code(), Some(2));
    let said = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(said.contains("the round does not lead back to where it begins"), "{said}");
}
