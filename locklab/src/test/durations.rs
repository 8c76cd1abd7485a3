//! How long a test took: in all, and the files that took longest. It goes to standard error, so that standard output stays the same from run to run.

use crate::output::Output;
use crate::render::text::{DIM, counted, paint};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many files are named where the command line does not say.
const USUAL: usize = 10;

/// Times, as they come in.
#[derive(Debug)]
pub(super) struct Durations {
    began: Instant,
    /// How many of the slowest files to name; without it: ten, where there are more than ten.
    wanted: Option<usize>,
    files: Vec<(Duration, String)>,
}

impl Durations {
    /// The clock starts.
    pub(super) fn begin(wanted: Option<usize>) -> Self {
        Self { began: Instant::now(), wanted, files: Vec::new() }
    }

    /// A file took this long.
    pub(super) fn add(&mut self, file: &Path, took: Duration) {
        self.files.push((took, file.display().to_string()));
    }

    /// Tells of them.
    pub(super) fn tell(self, output: &Output) {
        let named = match self.wanted {
            Some(wanted) => wanted,
            None if self.files.len() > USUAL => USUAL,
            None => return,
        };
        output.write_error(&draw(self.files, named, self.began.elapsed()));
    }
}

/// The slowest first; among equals, the first by name.
fn draw(mut files: Vec<(Duration, String)>, named: usize, total: Duration) -> String {
    files.sort_by(|(a, a_name), (b, b_name)| b.cmp(a).then_with(|| a_name.cmp(b_name)));
    let count = counted(files.len() as u64, "file", "files");
    let mut out = String::new();
    if named > 0 && !files.is_empty() {
        let which = if named < files.len() { format!("slowest {named} of {count}") } else { count.clone() };
        out += &format!("\n{}\n", paint(DIM, &format!("{which}:")));
        for (took, file) in files.iter().take(named) {
            out += &format!("{:>8}  {file}\n", seconds(*took));
        }
    }
    out + &format!("{count} in {}\n", seconds(total))
}

/// `1.25s`
fn seconds(time: Duration) -> String {
    format!("{:.2}s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(milliseconds: u64, file: &str) -> (Duration, String) {
        (Duration::from_millis(milliseconds), file.to_owned())
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn the_slowest_come_first_and_the_others_count_only() {
        let files = vec![took(120, "b.c"), took(1500, "c.c"), took(120, "a.c"), took(10, "d.c")];
        assert_eq!(
            plain(&draw(files, 3, Duration::from_millis(1760))),
            "\nslowest 3 of 4 files:\n   1.50s  c.c\n   0.12s  a.c\n   0.12s  b.c\n4 files in 1.76s\n"
        );
    }

    #[test]
    fn none_named_leaves_the_total() {
        assert_eq!(plain(&draw(vec![took(10, "a.c")], 0, Duration::from_secs(1))), "1 file in 1.00s\n");
        assert_eq!(
            plain(&draw(vec![took(10, "a.c")], 5, Duration::from_secs(1))),
            "\n1 file:\n   0.01s  a.c\n1 file in 1.00s\n"
        );
    }
}
