//! The hash that ties a schedule to the source that it was made for: `c0*3 nic@c0 #5d1c0f3a`.
//!
//! Invariant: the hash never decides whether a schedule is followed; it only lets replay say that the text has changed.

use sim_core::machine::{FOREVER, split_words};
use sim_core::program::Source;

/// The schedule's words with the source's hash after them.
pub fn with_hash(words: &str, source: &Source) -> String {
    format!("{} #{}", words.trim(), source_hash(source)).trim_start().to_owned()
}

/// The words, and the hash where there is one.
pub fn split_hash(schedule: &str) -> (String, Option<String>) {
    let (hashes, words): (Vec<&str>, Vec<&str>) = schedule.split_whitespace().partition(|word| word.starts_with('#'));
    (words.join(" "), hashes.first().map(|hash| hash[1..].to_owned()))
}

/// The words of a schedule, one for each step, and after how many of them a round begins, where one does.
///
/// # Errors
/// What is wrong with it.
pub fn split(schedule: &str) -> Result<(Vec<String>, Option<usize>), String> {
    let mut parts = schedule
        .split_whitespace()
        .collect::<Vec<_>>()
        .split(|word| *word == FOREVER)
        .map(|part| part.join(" "))
        .collect::<Vec<_>>()
        .into_iter();
    let mut words = split_words(&parts.next().unwrap_or_default()).map_err(|unknown| unknown.to_string())?;
    let Some(round) = parts.next() else { return Ok((words, None)) };
    let from = words.len();
    words.extend(split_words(&round).map_err(|unknown| unknown.to_string())?);
    if words.len() == from || parts.next().is_some() {
        return Err(format!(
            "`{FOREVER}` stands once in a schedule, before the steps that lead back to where they begin"
        ));
    }
    Ok((words, Some(from)))
}

/// What the front end calls the file that the options make: the first that is not the user's.
const OPTIONS: &str = "<options>";

/// Eight hexadecimal digits that change with the text of the user's files (FNV-1a, folded to 32 bits). File names and kernel options do not count.
pub fn source_hash(source: &Source) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = OFFSET;
    for file in source.files.iter().take_while(|file| file.name != OPTIONS) {
        for &byte in file.text.as_bytes().iter().chain(&[0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }
    format!("{:08x}", (hash ^ (hash >> 32)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::program::SourceFile;

    fn source(text: &str) -> Source {
        Source {
            files: vec![SourceFile { name: "a.c".to_owned(), text: text.to_owned(), prelude: false }],
            spans: vec![],
        }
    }

    #[test]
    fn a_hash_goes_after_the_words_and_comes_off_again() {
        let schedule = with_hash("c0*3 nic@c0", &source("int x;"));
        let (words, hash) = split_hash(&schedule);
        assert_eq!(words, "c0*3 nic@c0");
        assert_eq!(hash, Some(source_hash(&source("int x;"))));
        assert_eq!(split_hash("c0*3  nic@c0"), ("c0*3 nic@c0".to_owned(), None));
    }

    #[test]
    fn a_round_stands_once_and_is_not_empty() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(split("c0*2 c1"), Ok((words("c0 c0 c1"), None)));
        assert_eq!(split("c0 forever c1*2"), Ok((words("c0 c1 c1"), Some(1))));
        assert_eq!(split("forever c1"), Ok((words("c1"), Some(0))));
        for wrong in ["c0 forever", "forever", "forever c0 forever c1"] {
            assert!(split(wrong).is_err_and(|why| why.contains("stands once")), "{wrong}");
        }
        assert!(split("c0 forever x").is_err_and(|why| why.contains("`x`")));
    }

    #[test]
    fn one_changed_byte_changes_the_hash() {
        assert_ne!(source_hash(&source("int x;")), source_hash(&source("int y;")));
        assert_eq!(source_hash(&source("")).len(), 8);
    }
}
