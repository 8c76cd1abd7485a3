//! Reading a scenario, and what is said of one that cannot be read.
//!
//! Invariant: whatever the path names, the answer is the file's bytes or one sentence that says what is wrong and what to do.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// No scenario is longer than this; kernel sources are not either.
pub const MAX_BYTES: u64 = 4 << 20;

/// A file as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name, for reports: as the user wrote it, `<stdin>` for `-`.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why a file cannot be read, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong, naming the file.
    pub message: String,
    /// What to do, where there is something.
    pub help: Option<String>,
}

/// Reads a scenario; `-` is standard input.
///
/// # Errors
/// There is no such file, it cannot be read, or it cannot be a scenario: a directory, empty, binary, or longer than [`MAX_BYTES`].
pub fn read(path: &Path) -> Result<Input, Unreadable> {
    if path == Path::new("-") {
        let name = "<stdin>".to_owned();
        let bytes = bytes_of(io::stdin().lock()).map_err(|e| failed(&name, &e))?;
        return accept(name, bytes);
    }
    let name = path.display().to_string();
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(path, &name)),
        Err(error) => return Err(failed(&name, &error)),
        Ok(data) if data.is_dir() => {
            return Err(Unreadable {
                message: format!("`{name}` is a directory"),
                help: Some(format!("to check every file in it: locklab test {name}")),
            });
        }
        Ok(_) => {}
    }
    let file = File::open(path).map_err(|e| failed(&name, &e))?;
    let bytes = bytes_of(file).map_err(|e| failed(&name, &e))?;
    accept(name, bytes)
}

/// Whether there is such a file, and it is none of the kinds that cannot be read.
///
/// # Errors
/// It is missing or a directory.
pub fn openable(path: &Path) -> Result<(), Unreadable> {
    let name = path.display().to_string();
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing(path, &name)),
        Err(error) => Err(failed(&name, &error)),
        Ok(data) if data.is_dir() => Err(Unreadable { message: format!("`{name}` is a directory"), help: None }),
        Ok(_) => Ok(()),
    }
}

/// At most one byte more than is accepted: a device or pipe that never ends must not fill the memory.
fn bytes_of(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn accept(name: String, bytes: Vec<u8>) -> Result<Input, Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable {
            message: format!("`{name}` is empty"),
            help: Some(
                "a scenario is a .c file: kernel code, and THREAD or IRQ macros that say who runs it".to_owned(),
            ),
        });
    }
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        return Err(Unreadable {
            message: format!("`{name}` is not text: byte {at} is zero"),
            help: Some("locklab reads C source, not compiled modules".to_owned()),
        });
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(huge(&name));
    }
    if let Err(error) = str::from_utf8(&bytes) {
        let line = bytes[..error.valid_up_to()].iter().filter(|&&b| b == b'\n').count() + 1;
        return Err(Unreadable {
            message: format!("`{name}` is not text in UTF-8: byte {}, in line {line}", error.valid_up_to()),
            help: None,
        });
    }
    Ok(Input { name, bytes })
}

/// Why a file cannot be read, where the system says.
pub fn failed(name: &str, error: &io::Error) -> Unreadable {
    // "Permission denied (os error 13)": the number says nothing to the reader.
    let reason = error.to_string();
    let reason = reason.split(" (os error").next().unwrap_or_default().to_lowercase();
    Unreadable { message: format!("cannot read `{name}`: {reason}"), help: None }
}

fn huge(name: &str) -> Unreadable {
    Unreadable {
        message: format!("`{name}` is longer than {} MiB", MAX_BYTES >> 20),
        help: Some("cut it down to the code that shares something, and who runs it".to_owned()),
    }
}

/// Names the file of the same directory whose name is nearest.
fn missing(path: &Path, name: &str) -> Unreadable {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let near = fs::read_dir(directory).ok().and_then(|entries| {
        entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate), candidate))
            .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
            .min()
    });
    let help = match near {
        Some((_, candidate)) => Some(format!("did you mean `{}`?", path.with_file_name(candidate).display())),
        None if !directory.is_dir() => Some(format!("there is no directory `{}`", directory.display())),
        None => None,
    };
    Unreadable { message: format!("there is no file `{name}`"), help }
}
