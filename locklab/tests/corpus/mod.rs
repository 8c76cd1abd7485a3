//! The scenarios of this repository: a folder for each theme, no name twice.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the scenario of this name is.
pub(crate) fn scenario(name: &str) -> PathBuf {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let themes = fs::read_dir(scenarios).expect("there are scenarios").map(|theme| theme.expect("it can be read"));
    let mut found = themes.map(|theme| theme.path().join(name)).filter(|path| path.is_file());
    let path = found.next().unwrap_or_else(|| panic!("there is a scenario {name}"));
    assert_eq!(found.next(), None, "{name} is there twice");
    path
}
