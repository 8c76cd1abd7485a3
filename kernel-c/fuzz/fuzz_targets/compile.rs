//! Any bytes, through the whole front end: it must not panic, and a program comes out exactly if no error does.
#![no_main]

use kernel_c::loader::{Loaded, NoFiles};
use kernel_c::render::{Style, render};
use kernel_c::{Options, compile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // What stands behind a NUL is a file to include.
    let (scenario, header) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], Some(bytes[at + 1..].to_vec())),
        None => (bytes, None),
    };
    let compiled = match header {
        Some(text) => {
            let loader = move |_: &str, path: &str| Ok(Loaded { name: path.to_owned(), text: text.clone() });
            compile("fuzz.c", scenario, &Options::default(), &loader)
        }
        None => compile("fuzz.c", scenario, &Options::default(), &NoFiles),
    };
    assert_eq!(compiled.program.is_none(), compiled.diagnostics.has_errors());
    let (left_out, files) = (compiled.diagnostics.left_out(), compiled.files);
    render(&compiled.diagnostics.into_sorted(), left_out, &files, Style::default());
});
