//! What a kernel remembers of what has gone wrong since it was booted: a letter for each sort of thing. (`kernel/panic.c`, `taint_flags`)

use std::fmt;

/// For each bit, in the order in which they are printed: the letter, the letter where the bit is not set, the name.
const FLAGS: [(char, char, &str); 19] = [
    ('P', 'G', "PROPRIETARY_MODULE"),
    ('F', ' ', "FORCED_MODULE"),
    ('S', ' ', "CPU_OUT_OF_SPEC"),
    ('R', ' ', "FORCED_RMMOD"),
    ('M', ' ', "MACHINE_CHECK"),
    ('B', ' ', "BAD_PAGE"),
    ('U', ' ', "USER"),
    ('D', ' ', "DIE"),
    ('A', ' ', "OVERRIDDEN_ACPI_TABLE"),
    ('W', ' ', "WARN"),
    ('C', ' ', "CRAP"),
    ('I', ' ', "FIRMWARE_WORKAROUND"),
    ('O', ' ', "OOT_MODULE"),
    ('E', ' ', "UNSIGNED_MODULE"),
    ('L', ' ', "SOFTLOCKUP"),
    ('K', ' ', "LIVEPATCH"),
    ('X', ' ', "AUX"),
    ('T', ' ', "RANDSTRUCT"),
    ('N', ' ', "TEST"),
];

/// A set of letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taint(u32);

impl Taint {
    /// After a report of KASAN.
    pub(super) const BAD_PAGE: Self = Self(1 << 5);
    /// After an oops.
    pub(super) const DIE: Self = Self(1 << 7);
    /// After a warning.
    pub(super) const WARN: Self = Self(1 << 9);
    /// After a soft lockup.
    pub(super) const SOFT_LOCKUP: Self = Self(1 << 14);

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn is_set(self, bit: usize) -> bool {
        self.0 >> bit & 1 != 0
    }

    /// `Tainted: [D]=DIE, [W]=WARN`; nothing if nothing is set. (`print_tainted_verbose`)
    pub(super) fn verbose(self) -> Option<String> {
        let set = FLAGS.iter().enumerate().filter(|(bit, _)| self.is_set(*bit));
        let words: Vec<String> = set.map(|(_, (letter, _, name))| format!("[{letter}]={name}")).collect();
        (!words.is_empty()).then(|| format!("Tainted: {}", words.join(", ")))
    }
}

/// `Tainted: G      D W         `, a column for each letter, or `Not tainted`. (`print_tainted`)
impl fmt::Display for Taint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("Not tainted");
        }
        let letter =
            |(bit, (set, unset, _)): (usize, &(char, char, &str))| if self.is_set(bit) { *set } else { *unset };
        write!(f, "Tainted: {}", FLAGS.iter().enumerate().map(letter).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_in_their_columns_and_names_in_the_same_order() {
        let mut taint = Taint::default();
        assert_eq!((taint.to_string(), taint.verbose()), ("Not tainted".to_owned(), None));
        taint.add(Taint::WARN);
        // Linux 6.12: `Tainted: G        W  O       6.12.117`, without the O and what follows.
        assert_eq!(taint.to_string(), "Tainted: G        W         ");
        taint.add(Taint::DIE);
        assert_eq!(taint.to_string(), "Tainted: G      D W         ");
        assert_eq!(taint.verbose().as_deref(), Some("Tainted: [D]=DIE, [W]=WARN"));
        taint.add(Taint::SOFT_LOCKUP);
        taint.add(Taint::BAD_PAGE);
        assert_eq!(taint.to_string(), "Tainted: G    B D W    L    ");
    }
}
