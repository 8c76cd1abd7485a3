//! What `locklab guards` tells of scenarios of the corpus, word for word.

mod corpus;

use kernel_c::loader::NoFiles;
use locklab::exit::Exit;
use locklab::render::guards::{Protected, draw, draw_json};
use locklab::render::text::width;
use serde_json::Value;
use sim_core::check::guards::{Guards, guards};
use sim_core::machine::MachineOptions;
use sim_core::search::Options;
use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;

fn gathered_by(name: &str, threads: usize) -> Guards {
    let text = fs::read_to_string(corpus::scenario(name)).expect("the scenario can be read");
    let compiled = kernel_c::compile(name, text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let program = compiled.program.unwrap_or_else(|| panic!("{name} compiles: {:?}", compiled.diagnostics));
    let options = Options { threads, ..Options::default() };
    guards(Arc::new(program), MachineOptions::default(), &options, &mut |_| ControlFlow::Continue(()))
}

fn gathered(name: &str) -> Guards {
    gathered_by(name, 1)
}

/// The table without its last lines, which tell of the search.
fn table(name: &str, columns: usize) -> String {
    let guards = gathered(name);
    let text = draw(&Protected { file: name, guards: &guards, exit: Exit::Clean }, columns);
    let text = anstream::adapter::strip_str(&text).to_string();
    let end = text.find(&format!("{name}:")).expect("the last lines name the file");
    text[..end].to_owned()
}

fn document(name: &str) -> Value {
    let guards = gathered(name);
    serde_json::from_str(&draw_json(&Protected { file: name, guards: &guards, exit: Exit::Clean })).expect("it is JSON")
}

#[test]
fn a_lock_held_by_task_and_handler_alike_protects() {
    assert_eq!(
        table("irq_plain_lock.c", 80),
        "\
packets: always under stats_lock
  line 15  nic_interrupt  nic     reads, writes  in irq
  line 25  read_stats     reader  writes         irqs off

"
    );
    // The same with interrupts on: the lock protects the field, the deadlock is another matter.
    assert_eq!(
        table("irq_plain_lock_bug.c", 80),
        "\
packets: always under stats_lock
  line 15  nic_interrupt  nic     reads, writes  in irq
  line 23  read_stats     reader  writes         irqs on

"
    );
}

#[test]
fn locks_that_are_only_called_alike_do_not_protect() {
    assert_eq!(
        table("wrong_lock_bug.c", 80),
        "\
total_opens: always under a lock called devices[].lock, but not always the same
  one
  line 24  device_open  first, second  reads, writes  irqs on

"
    );
    let field = &document("port_locks.c")["fields"][0];
    // Each port's frames under that port's own lock: the elements are judged one by one.
    assert_eq!((&field["name"], &field["protection"]), (&"ports[].frames".into(), &"locks".into()));
    assert_eq!(field["locks"], serde_json::json!(["ports[].lock"]));
}

#[test]
fn an_atomic_object_needs_no_lock_and_has_its_own_name() {
    assert_eq!(
        table("limit_check.c", 80),
        "\
open_count: no lock, but every access is atomic or marked
  line 13  device_open   user.0, user.1  reads, writes (atomic)  irqs on
  line 20  device_close  user.0, user.1  reads, writes (atomic)  irqs on

"
    );
}

#[test]
fn accesses_without_any_lock_are_named_with_their_lines() {
    assert_eq!(
        table("message_passing_bug.c", 80),
        "\
message: no lock is held at any access
  line 14  send     sender    writes  irqs on
  line 20  receive  receiver  reads   irqs on

sent: no lock, but every access is atomic or marked
  line 13  send     sender    writes (marked)  irqs on
  line 19  receive  receiver  reads (marked)   irqs on

"
    );
}

#[test]
fn the_access_that_goes_without_the_lock_is_pointed_at() {
    let text = table("double_checked_init_bug.c", 80);
    assert!(text.contains("but without it at line"), "{text}");
    let document = document("double_checked_init_bug.c");
    let lacking: Vec<&Value> = document["fields"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|field| field["uses"].as_array().expect("a list"))
        .filter(|used| !used["lacks"].is_null())
        .collect();
    assert!(!lacking.is_empty(), "{document}");
    assert!(lacking.iter().all(|used| !used["locks"].as_array().expect("a list").contains(&used["lacks"])));
}

#[test]
fn no_line_of_a_table_is_longer_than_the_page() {
    for name in ["uart_driver_bug.c", "irq_lock_inversion_bug.c", "session_refcount.c", "limit_check.c"] {
        for columns in [60, 80, 120] {
            let text = table(name, columns);
            assert_eq!(text.lines().find(|line| width(line) > columns), None, "{name} at {columns}");
        }
    }
}

#[test]
fn any_number_of_threads_gathers_the_same() {
    for name in ["irq_lock_inversion_bug.c", "session_refcount.c", "port_locks.c"] {
        assert_eq!(gathered_by(name, 1).fields, gathered_by(name, 3).fields, "{name}");
    }
}

#[test]
fn a_lock_that_writers_hold_as_readers_protects_nothing() {
    let text = table("write_under_read_lock_bug.c", 80);
    let lines: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(lines[0], "entries: no lock keeps those who write it from each other");
    assert_eq!(lines[2], "           dir_sem only as a reader");
    assert!(table("write_under_read_lock.c", 80).starts_with("entries: always under dir_sem\n"));
}

#[test]
fn bottom_halves_off_and_softirqs_are_told_apart_from_interrupts() {
    let text = table("timer_plain_lock.c", 80);
    assert!(text.contains("in softirq") && text.contains("bh off") && !text.contains("irqs on"), "{text}");
}
