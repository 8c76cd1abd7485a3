//! `locklab lockdep` over recordings in every format that it reads.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lockdep").join(name).display().to_string()
}

fn lockdep(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_locklab"));
    command.arg("lockdep").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    child.stdin.take().expect("it is a pipe").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn json(args: &[&str], input: &str) -> (i32, serde_json::Value) {
    let output = lockdep(&[args, &["--format", "json"]].concat(), input);
    let document = serde_json::from_slice(&output.stdout).expect("it is JSON");
    (output.status.code().expect("it ended by itself"), document)
}

/// What each finding is called, and the lines of the recording that it rests on.
fn findings(document: &serde_json::Value) -> Vec<(String, Vec<u64>)> {
    let list = document["findings"].as_array().expect("a list");
    let lines = |finding: &serde_json::Value| {
        finding["evidence"].as_array().expect("a list").iter().filter_map(|shown| shown["line"].as_u64()).collect()
    };
    list.iter().map(|finding| (finding["kind"].as_str().expect("text").to_owned(), lines(finding))).collect()
}

#[test]
fn each_format_shows_the_same_and_the_lines_that_show_it() {
    for (name, code, expected) in [
        ("abba.trace-cmd.txt", 1, vec![("lock_order", vec![3, 9])]),
        ("abba.perf.txt", 1, vec![("lock_order", vec![6, 13])]),
        ("irq_unsafe.trace-cmd.txt", 1, vec![("irq_unsafe_lock", vec![4, 2])]),
        ("irq_unsafe.jsonl", 1, vec![("irq_unsafe_lock", vec![3, 1])]),
        ("clean.trace-cmd.txt", 0, vec![]),
        ("clean.perf.txt", 0, vec![]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(kind, lines)| (kind.to_owned(), lines)).collect();
        for mode in ["exact", "kernel"] {
            let (exit, document) = json(&[&fixture(name), "--mode", mode], "");
            let mut found = findings(&document);
            if mode == "kernel" {
                // The kernel's cycle begins where it was closed.
                found.iter_mut().for_each(|(_, lines)| lines.sort_unstable());
                let mut expected = expected.clone();
                expected.iter_mut().for_each(|(_, lines)| lines.sort_unstable());
                assert_eq!((exit, found), (code, expected), "{name} in {mode} mode");
            } else {
                assert_eq!((exit, found), (code, expected.clone()), "{name} in {mode} mode");
            }
        }
    }
}

#[test]
fn broken_lines_are_told_by_number_and_cost_only_themselves() {
    let output = lockdep(&[&fixture("abba.trace-cmd.txt")], "");
    let told = String::from_utf8(output.stderr).expect("it is text");
    assert!(told.contains("abba.trace-cmd.txt:16: `(null)` is no address of a lock\n"), "{told}");
    assert!(told.ends_with("1 broken line was skipped, of 16\n"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn exit_codes_tell_broken_from_empty_from_missing() {
    for (input, code) in [("what is this\n", 2), ("", 4), ("# tracer: nop\n", 4)] {
        assert_eq!(lockdep(&["-"], input).status.code(), Some(code), "{input:?}");
    }
    assert_eq!(lockdep(&["no/such/file"], "").status.code(), Some(2));
}

#[test]
fn a_stack_says_where_past_the_functions_that_take_locks() {
    let (_, document) = json(&[&fixture("abba.perf.txt")], "");
    let at = |index: usize| document["findings"][0]["evidence"][index]["at"].clone();
    assert_eq!((at(0), at(1)), ("port_open".into(), "port_reset".into()));
}

/// One task, two locks of one class: right with `mutex_lock_nested()`, which text cannot tell.
#[test]
fn two_of_a_class_are_no_finding_where_subclasses_are_not_told() {
    let text = "a-1 [000] ..... 1.0: lock_acquire: 0x10 &dir\na-1 [000] ..... 1.1: lock_acquire: 0x20 &dir\n";
    let (code, document) = json(&["-"], text);
    assert_eq!((code, findings(&document)), (0, vec![]));
    assert_eq!(document["nested"], serde_json::json!([{"class": "&dir", "line": 2, "times": 1}]));
    let told = r#"{"event":"acquire","task":1,"lock":16,"class":"&dir"}
{"event":"acquire","task":1,"lock":32,"class":"&dir"}"#;
    assert_eq!(findings(&json(&["-"], told).1), [("recursive_lock".to_owned(), vec![2])]);
    let nested = told.replace(r#""lock":32"#, r#""lock":32,"subclass":1"#);
    assert_eq!(findings(&json(&["-"], &nested).1), []);
}

/// A cycle of two whose edges are both made with a third lock held cannot deadlock; one of them without it can.
#[test]
fn a_gate_makes_a_cycle_a_note() {
    let chain = |task: u32, locks: [&str; 3]| -> String {
        let take = |lock: &str| format!("t-{task} [000] ..... 1.0: lock_acquire: 0x{lock} {lock}\n");
        let give = |lock: &str| format!("t-{task} [000] ..... 1.0: lock_release: 0x{lock} {lock}\n");
        locks.iter().map(|lock| take(lock)).chain(locks.iter().rev().map(|lock| give(lock))).collect()
    };
    let gated = chain(1, ["c", "a", "b"]) + &chain(2, ["c", "b", "a"]);
    let (code, document) = json(&["-"], &gated);
    assert_eq!((code, document["findings"][0]["severity"].as_str()), (0, Some("note")));
    let (code, _) = json(&["-"], &(gated + &chain(3, ["d", "b", "a"])));
    assert_eq!(code, 1);
}

/// A lock held over the loss of events may have been released meanwhile.
#[test]
fn what_is_held_is_forgotten_where_events_were_lost() {
    let text = "a-1 [000] ..... 1.0: lock_acquire: 0xa a\nLOSS\na-1 [000] ..... 1.1: lock_acquire: 0xb b\n";
    let edges = |text: &str| json(&["-"], text).1["dependencies"].as_array().map(Vec::len);
    assert_eq!(edges(&text.replace("LOSS\n", "")), Some(1));
    assert_eq!(edges(&text.replace("LOSS", "CPU:0 [LOST 7 EVENTS]")), Some(0));
}

/// Interrupts that come on while a lock is held make it irq-unsafe, although they were off when it was taken.
#[test]
fn interrupts_turned_on_under_a_lock_are_noticed() {
    let (code, document) = json(
        &["-"],
        "a-1 [000] d..1. 1.0: lock_acquire: 0xa a\na-1 [000] ...1. 1.1: lock_acquire: 0xb try b\n\
         i-0 [001] d.h1. 1.2: lock_acquire: 0xa a\n",
    );
    assert_eq!((code, findings(&document)), (1, vec![("irq_unsafe_lock".to_owned(), vec![3, 2])]));
}

#[test]
fn the_proc_files_are_those_of_the_recording() {
    let output = lockdep(&[&fixture("clean.trace-cmd.txt"), "--format", "proc-lockdep"], "");
    let expected = "all lock classes:
0000000000000000 FD:    2 BD:    1 +.+.: &port->mutex
 -> [0000000000000008] &nic->lock

0000000000000008 FD:    1 BD:    2 -...: &nic->lock

";
    assert_eq!(String::from_utf8(output.stdout).expect("it is text"), expected);
}
