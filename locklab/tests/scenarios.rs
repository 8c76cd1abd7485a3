//! Every scenario of this repository is checked, and reports what it says that checking it must.

use std::path::Path;
use std::process::Command;

#[test]
fn every_scenario_reports_what_it_expects() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut command = Command::new(env!("CARGO_BIN_EXE_locklab"));
    let output = command.current_dir(scenarios).args(["test", "."]).output().expect("the command runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let passed = text.lines().last().and_then(|line| line.strip_prefix("test result: ok. ")?.split(' ').next());
    let passed: usize = passed.and_then(|count| count.parse().ok()).expect("the last line tells how many");
    assert!(passed >= 405, "{passed}");
}
