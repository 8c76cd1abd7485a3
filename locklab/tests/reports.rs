//! What reports look like, byte for byte. `BLESS=1 cargo test -p locklab --test reports` writes the expected files anew.

mod fixtures;
mod json_schema;

use fixtures::Fixture;
use locklab::render::text::width;
use locklab::render::{Report, dmesg, human, json};
use std::fs;
use std::path::PathBuf;

fn report(fixture: &Fixture) -> Report<'_> {
    Report {
        program: &fixture.program,
        file: &fixture.program.name,
        options: "",
        findings: std::slice::from_ref(&fixture.finding),
        outcome: &fixture.outcome,
    }
}

fn human(fixture: &Fixture, columns: usize) -> String {
    let layout = human::Layout { columns, all_steps: false };
    anstream::adapter::strip_str(&human::draw(&report(fixture), layout)).to_string()
}

/// Compares with the expected file, or writes it.
fn expect(name: &str, got: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, got).expect("the expected file can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(got, expected, "{name} has changed; BLESS=1 accepts it");
}

fn all() -> Vec<(&'static str, Fixture)> {
    vec![
        ("interrupt_deadlock", fixtures::interrupt_deadlock()),
        ("opposite_orders", fixtures::opposite_orders()),
        ("race_on_five_cpus", fixtures::race_on_five_cpus()),
        ("sleeping_allocation", fixtures::sleeping_allocation()),
    ]
}

#[test]
fn the_human_report_at_80_columns() {
    for (name, fixture) in all() {
        expect(&format!("{name}.80.txt"), &human(&fixture, 80));
    }
}

#[test]
fn the_human_report_at_60_columns() {
    for (name, fixture) in all() {
        expect(&format!("{name}.60.txt"), &human(&fixture, 60));
    }
}

#[test]
fn the_kernel_log() {
    for (name, fixture) in all() {
        expect(&format!("{name}.dmesg"), &dmesg::draw(&report(&fixture), dmesg::Style::default()));
    }
}

#[test]
fn the_json_document() {
    for (name, fixture) in all() {
        expect(&format!("{name}.json"), &json::draw(&report(&fixture)));
    }
}

#[test]
fn no_line_but_the_replay_command_is_longer_than_the_page() {
    for (name, fixture) in all() {
        for columns in [60, 80, 100] {
            let text = human(&fixture, columns);
            let long = text.lines().find(|line| width(line) > columns && !line.contains("locklab replay"));
            assert_eq!(long, None, "{name} at {columns}");
        }
    }
}

#[test]
fn a_run_of_dull_steps_is_told_by_its_length() {
    let fixture = fixtures::opposite_orders();
    let text = human(&fixture, 80);
    // Of the eight writes the first is shown, because the run begins with it.
    assert!(text.contains("… 7 more steps by mover"), "{text}");
    let all = human::draw(&report(&fixture), human::Layout { columns: 80, all_steps: true });
    assert!(all.contains("writes entries[6] = 6") && !all.contains("more steps"), "{all}");
}

#[test]
fn the_json_document_is_as_the_published_schema_says() {
    let schema = json_schema::published();
    for (name, fixture) in all() {
        let document = serde_json::from_str(&json::draw(&report(&fixture))).expect("it is JSON");
        assert_eq!(json_schema::violations(&schema, &document), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_published_schema_refuses_what_is_not_in_it() {
    let schema = json_schema::published();
    let fixture = fixtures::interrupt_deadlock();
    let good: serde_json::Value = serde_json::from_str(&json::draw(&report(&fixture))).expect("it is JSON");
    let changed = |change: fn(&mut serde_json::Value)| {
        let mut document = good.clone();
        change(&mut document);
        json_schema::violations(&schema, &document).len()
    };
    assert_eq!(changed(|d| d["schema"] = 2.into()), 1);
    assert_eq!(changed(|d| d["extra"] = 1.into()), 1);
    assert_eq!(changed(|d| d["findings"][0]["severity"] = "fatal".into()), 1);
    assert_eq!(changed(|d| d["findings"][0]["places"][0]["line"] = "10".into()), 1);
    assert_eq!(changed(|d| drop(d["stats"].as_object_mut().map(|s| s.remove("states")))), 1);
}
