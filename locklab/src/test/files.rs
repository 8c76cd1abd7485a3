//! Which files a path stands for.

use crate::input::Unreadable;
use std::fs;
use std::path::{Path, PathBuf};

/// The files themselves, and every `.c` file in and below the directories, sorted, each once.
///
/// # Errors
/// A path is not there, or a directory cannot be read or holds no scenario.
pub(super) fn collect(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Unreadable> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            if !path.exists() {
                let message = format!("there is no file or directory `{}`", path.display());
                return Err(Unreadable { message, help: None });
            }
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        walk(path, &mut files)?;
        if files.len() == before {
            let message = format!("there is no .c file in `{}`", path.display());
            return Err(Unreadable { message, help: None });
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), Unreadable> {
    let failed = |error: std::io::Error| Unreadable {
        message: format!("cannot read the directory `{}`: {error}", directory.display()),
        help: None,
    };
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        // A link to a directory could lead round in a circle.
        if entry.file_type().map_err(failed)?.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "c") {
            files.push(path);
        }
    }
    Ok(())
}
