//! Files from outside, and bytes to text.
//!
//! Invariant: the front end itself never touches a file system; whoever calls it says how a file is read.

use crate::diagnostic::Diagnostic;
use crate::source_map::Place;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What to call it in reports. Two files are the same exactly if their names are.
    pub name: String,
    /// Its bytes.
    pub text: Vec<u8>,
}

/// Reads what `#include "..."` names.
pub trait Loader {
    /// Reads `path` relative to the file named `from`.
    ///
    /// # Errors
    /// Why it could not be read, as a short text without the path.
    fn load(&self, from: &str, path: &str) -> Result<Loaded, String>;
}

/// Where there are no files.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _from: &str, _path: &str) -> Result<Loaded, String> {
        Err("there are no other files here".to_owned())
    }
}

impl<F: Fn(&str, &str) -> Result<Loaded, String>> Loader for F {
    fn load(&self, from: &str, path: &str) -> Result<Loaded, String> {
        self(from, path)
    }
}

/// How large a file may be.
const MAX_BYTES: usize = 64 << 20;
/// A file with more bytes than this that no text has is not taken for one.
const MAX_INVALID: usize = 20;

/// Why bytes are not a source file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("a source file of {megabytes} MB is too large: at most {most} MB are read", most = MAX_BYTES >> 20)]
    TooLarge { megabytes: usize },
    #[error("not a text file: it is UTF-16; save it as UTF-8")]
    Utf16,
    #[error("not a text file: byte {at} is 0x{byte:02x}, and {more} more bytes cannot be in UTF-8 text")]
    Binary { at: usize, byte: u8, more: usize },
}

/// A source file as text, and the places of what was not UTF-8 in it.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) invalid: Invalid,
}

/// Offsets in the text of replacement characters, with the first byte that each stands for.
#[derive(Debug)]
pub(crate) struct Invalid(Vec<(usize, u8)>);

impl Invalid {
    pub(crate) fn diagnostics(&self, file: u16) -> impl Iterator<Item = Diagnostic> {
        self.0.iter().map(move |(at, byte)| {
            let place = Place::plain(file, *at, at + char::REPLACEMENT_CHARACTER.len_utf8());
            Diagnostic::error(place, format!("byte 0x{byte:02x} is not UTF-8"))
                .help("save the file as UTF-8; in Latin-1 this would be a character of its own")
        })
    }
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::TooLarge { megabytes: bytes.len() >> 20 });
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(DecodeError::Utf16);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut invalid = Vec::new();
    let mut first = None;
    let mut count = bytes.iter().filter(|byte| **byte == 0).count();
    if count > 0 {
        first = bytes.iter().position(|byte| *byte == 0).map(|at| (at, 0));
    }
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len();
        if let [byte, ..] = *chunk.invalid() {
            first = first.into_iter().chain([(at, byte)]).min();
            count += 1;
            if invalid.len() < MAX_INVALID {
                invalid.push((text.len(), byte));
            }
            text.push(char::REPLACEMENT_CHARACTER);
            at += chunk.invalid().len();
        }
    }
    match first {
        Some((at, byte)) if count > MAX_INVALID => Err(DecodeError::Binary { at, byte, more: count - 1 }),
        _ => Ok(Decoded { text, invalid: Invalid(invalid) }),
    }
}
