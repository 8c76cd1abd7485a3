//! Prints what a scenario compiles to: `cargo run -p kernel-c --example listing -- FILE`.

use kernel_c::loader::NoFiles;
use kernel_c::{Options, compile, listing};

fn main() -> std::process::ExitCode {
    let mut failed = false;
    for path in std::env::args().skip(1) {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{path}: {error}");
                failed = true;
                continue;
            }
        };
        let compiled = compile(&path, &bytes, &Options::default(), &NoFiles);
        for diagnostic in compiled.diagnostics.clone().into_sorted() {
            let place = diagnostic.place;
            let line = compiled.files.get(place.at.file).map_or(0, |f| f.line(place.at.lo));
            let file = compiled.files.get(place.at.file).map_or("?", |f| f.name.as_str());
            eprintln!("{file}:{line}: {:?}: {}", diagnostic.severity, diagnostic.title);
        }
        match compiled.program {
            Some(program) => println!("{}", listing::program(&program)),
            None => failed = true,
        }
    }
    std::process::ExitCode::from(u8::from(failed))
}
