//! Each `tests/ui/NAME.c` is reported as `tests/ui/NAME.stderr` says, to the byte. `BLESS=1 cargo test -p kernel-c --test syntax` writes the latter anew.

use crate::support::{errors, parse_with};
use kernel_c::loader::Loaded;
use std::fs;
use std::path::Path;

#[test]
fn every_file_is_reported_as_expected() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let loader = |_: &str, path: &str| {
        let text = fs::read(directory.join(path)).map_err(|_| "no such file".to_owned())?;
        Ok(Loaded { name: path.to_owned(), text })
    };
    let mut files: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut differing = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let got = errors(parse_with(&name, &fs::read(&file).unwrap(), &loader));
        let expected = file.with_extension("stderr");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &got).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != got {
            differing.push(format!("--- {name}\n{got}"));
        }
    }
    assert!(differing.is_empty(), "these are reported differently:\n{}", differing.join("\n"));
}
