//! `locklab graph` in each of its formats.

mod corpus;

use std::path::Path;
use std::process::{Command, Output};

fn graph(scenario: &str, args: &[&str]) -> Output {
    let path = corpus::scenario(scenario);
    let theme = path.parent().expect("a scenario is in a folder");
    graph_in(theme, scenario, args)
}

fn graph_in(directory: &Path, file: &str, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_locklab"));
    command.current_dir(directory).args(["graph", file]).args(args).output().expect("the command runs")
}

fn text(output: Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text")
}

/// Each edge once, with the line and the context that made it; the interrupt closes two cycles: that of `ring_lock` alone, and that over
/// `dev_lock`, which is held with interrupts on and taken with `ring_lock` held.
#[test]
fn dot_names_every_edge_its_place_and_its_context() {
    let expected = r#"digraph locks {
  node [shape=box, style=rounded, fontname="monospace"];
  edge [fontname="monospace", fontsize=10];
  n0 [label="dev_lock {+.+.}\nspinlock_t", color=red];
  n1 [label="queue_lock {+.+.}\nspinlock_t", color=red];
  n2 [label="pool_lock {+.+.}\nspinlock_t", color=red];
  n3 [label="ring_lock {?.+.}\nspinlock_t", color=red];
  n0 -> n1 [label="EN · open · line 31", color=red, fontcolor=red];
  n0 -> n3 [label="interrupt · nic · line 22", color=red, fontcolor=red, style=dashed];
  n1 -> n2 [label="EN · send · line 40", color=red, fontcolor=red];
  n2 -> n3 [label="EN · refill · line 49", color=red, fontcolor=red];
  n3 -> n0 [label="EN · reset · line 58", color=red, fontcolor=red];
  n3 -> n3 [label="interrupt · nic · line 22", color=red, fontcolor=red, style=dashed];
}
"#;
    assert_eq!(text(graph("four_locks_bug.c", &[])), expected);
}

#[test]
fn nothing_is_red_once_it_is_mended() {
    let dot = text(graph("four_locks.c", &[]));
    assert!(!dot.contains("red") && !dot.contains("dashed"), "{dot}");
    assert_eq!(dot.matches(" -> ").count(), 4);
    let svg = text(graph("four_locks.c", &["--format", "svg"]));
    assert!(!svg.contains("class=\"bad"), "{svg}");
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads() {
    for format in ["svg", "dot", "json", "proc-lockdep", "proc-lockdep-chains", "proc-lockdep-stats"] {
        let of = |jobs: &str| text(graph("four_locks_bug.c", &["--format", format, "-j", jobs]));
        assert_eq!(of("1"), of("3"), "{format}");
    }
}

#[test]
fn json_says_what_the_picture_shows() {
    let document: serde_json::Value =
        serde_json::from_str(&text(graph("abba_mutex_bug.c", &["--format", "json"]))).expect("it is JSON");
    assert_eq!(document["complete"], true);
    let of = |list: &str, member: &str| -> Vec<serde_json::Value> {
        document[list].as_array().expect("a list").iter().map(|item| item[member].clone()).collect()
    };
    assert_eq!(of("classes", "usage"), ["{+.+.}", "{+.+.}"]);
    assert_eq!(of("classes", "type"), ["mutex", "mutex"]);
    assert_eq!(of("edges", "reported"), [true, true]);
    let kinds: Vec<_> = of("edges", "made").iter().map(|made| made[0]["kind"].clone()).collect();
    assert_eq!(kinds, ["EN", "EN"]);
}

#[test]
fn the_name_of_the_file_says_the_format() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("locks.svg");
    text(graph("four_locks_bug.c", &["-o", &path.display().to_string()]));
    let svg = std::fs::read_to_string(&path).expect("it was written");
    assert_eq!(svg, text(graph("four_locks_bug.c", &["--format", "svg"])));
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
}

#[test]
fn proc_lockdep_lists_what_is_taken_right_under_each_class() {
    let expected = "all lock classes:
0000000000000000 FD:    4 BD:    1 +.+.: dev_lock
 -> [0000000000000008] queue_lock
 -> [0000000000000018] ring_lock

0000000000000008 FD:    3 BD:    2 +.+.: queue_lock
 -> [0000000000000010] pool_lock

0000000000000010 FD:    2 BD:    3 +.+.: pool_lock
 -> [0000000000000018] ring_lock

0000000000000018 FD:    1 BD:    4 -...: ring_lock

";
    assert_eq!(text(graph("four_locks.c", &["--format", "proc-lockdep"])), expected);
}

#[test]
fn a_file_that_is_not_there_is_told_to_programs_as_json() {
    let out = graph_in(Path::new("."), "no_such_file.c", &["--format", "json"]);
    assert_eq!(out.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).expect("it is JSON");
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(1), "{document}");
    let out = graph_in(Path::new("."), "no_such_file.c", &["--format", "dot"]);
    assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0));
}
