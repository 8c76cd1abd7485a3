//! The whole prelude compiles, also those of its functions and macros that no scenario of the corpus uses.

use crate::support::{program, titles};
use sim_core::program::Bounds;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_function_and_macro_of_the_prelude_compiles() {
    let program = program(include_str!("api.c"));
    let names = |prelude: bool| program.functions.iter().filter(move |f| f.prelude == prelude).count();
    // `macros`, and what it passes to tasklets, timers, interrupt lines and kernel thread workers.
    assert_eq!(names(false), 6);
    // The table in `api.c` names this many, and they call others.
    let listed = include_str!("api.c").matches("(void *)").count();
    assert!(names(true) >= 400 && listed >= 400, "{} {listed}", names(true));
}

#[test]
fn a_unique_name_is_another_each_time() {
    let program = program(
        "static int __UNIQUE_ID(n) = 1;\nstatic int __UNIQUE_ID(n) = 2;\nstatic void f(void) { }\nTHREAD(t, f);",
    );
    let names: BTreeSet<&str> = program
        .objects
        .iter()
        .map(|object| object.name.as_str())
        .filter(|name| name.starts_with("__unique_n"))
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().all(|name| name.trim_start_matches("__unique_n").parse::<u32>().is_ok()), "{names:?}");
}

const PAGE: &str = include_str!("../../docs/language.md");

/// The functions and macros that scenarios may call, by the file of the prelude that has them: those with a leading underscore are its own.
fn api() -> BTreeMap<String, BTreeSet<String>> {
    let mut api: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let program = program(include_str!("api.c"));
    for function in program.functions.iter().filter(|f| f.prelude && !f.name.starts_with('_')) {
        let file = &program.source.files[program.source.span(function.span).file as usize];
        let name = file.name.rsplit('/').next().unwrap_or("").to_owned();
        api.entry(name).or_default().insert(function.name.clone());
        // A file's macros, those that only name another thing too.
        let macros = file.text.lines().filter_map(|line| line.strip_prefix("#define ")?.split_once(['(', ' ']));
        // A function that a family's macro makes has no text of its own: it is among those of the program.
        let heads =
            file.text.lines().filter(|line| line.starts_with("static inline")).filter_map(|line| line.split_once('('));
        let functions = heads.filter_map(|(head, _)| head.rsplit([' ', '*']).next());
        let named = |name: &&str| !name.starts_with('_') && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let own = api.entry(file.name.rsplit('/').next().unwrap_or("").to_owned()).or_default();
        own.extend(macros.map(|(name, _)| name).chain(functions).filter(named).map(str::to_owned));
    }
    api
}

fn listed() -> String {
    let mut out = String::new();
    for (file, names) in api() {
        out += &format!("\n**{file}**:\n");
        let mut line = String::new();
        for name in names {
            if line.len() + name.len() > 150 {
                out += &format!("{}\n", line.trim_end());
                line.clear();
            }
            line += &format!("`{name}` ");
        }
        out += &format!("{}\n", line.trim_end());
    }
    out
}

#[test]
fn the_page_about_the_language_lists_the_api_that_there_is() {
    let (before, rest) = PAGE.split_once("<!-- api -->\n").expect("the list begins");
    let (list, after) = rest.split_once("<!-- /api -->").expect("the list ends");
    let wanted = listed();
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/language.md");
        let text = format!("{before}<!-- api -->\n{wanted}<!-- /api -->{after}");
        std::fs::write(path, text).expect("the page can be written");
        return;
    }
    assert!(
        wanted.contains("`spin_lock_irqsave`") && wanted.contains("`kmalloc`") && wanted.contains("`raw_spin_lock`")
    );
    assert_eq!(list, wanted, "BLESS=1 writes it anew");
}

#[test]
fn the_page_about_the_language_lists_every_bound_with_its_default() {
    let bounds = format!("{:?}", Bounds::default());
    let inside = bounds.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(inside, _)| inside);
    let wanted: BTreeSet<(String, String)> = inside
        .split(',')
        .filter_map(|field| field.split_once(':'))
        .map(|(name, value)| (format!("`BOUND_{}`", name.trim().to_uppercase()), value.trim().to_owned()))
        .collect();
    let cells = PAGE.lines().filter(|line| line.starts_with("| `BOUND_")).map(|line| line.split('|').map(str::trim));
    let rows: BTreeSet<(String, String)> =
        cells.filter_map(|mut cells| Some((cells.nth(1)?.to_owned(), cells.next()?.to_owned()))).collect();
    assert_eq!(rows, wanted);
    let unknown = titles("static void f(void) { }\nTHREAD(t, f);\nKCONFIG(BOUND_NOTHING, 1);").concat();
    for (name, value) in rows {
        // Each is offered to who misspells one, and can be set.
        let short = name.trim_matches('`').trim_start_matches("BOUND_");
        assert!(unknown.contains(short), "{short}: {unknown}");
        program(&format!("static void f(void) {{ }}\nTHREAD(t, f);\nKCONFIG({}, {value});", name.trim_matches('`')));
    }
}

#[test]
fn the_number_of_cpus_is_written_in_digits() {
    assert_ne!(titles("static void f(void) { }\nTHREAD(t, f);\nCPUS(1 + 1);"), Vec::<String>::new());
    assert_ne!(titles("#define N 2\nstatic void f(void) { }\nTHREAD(t, f);\nCPUS(N);"), Vec::<String>::new());
}
