//! Which registers are still needed after each instruction.

use super::Code;
use sim_core::program::Reg;

/// For each instruction, the set of registers whose value may be read after it.
pub(super) struct Liveness {
    words: usize,
    after: Vec<u64>,
}

impl Liveness {
    /// By going backwards until nothing changes.
    pub(super) fn of(code: &Code) -> Self {
        let words = code.regs.len().div_ceil(64);
        let len = code.insts.len();
        let mut after = vec![0u64; words * len];
        let mut before = vec![0u64; words * len];
        loop {
            let mut changed = false;
            for at in (0..len).rev() {
                let mut set = vec![0u64; words];
                for next in code.successors(at) {
                    for (word, from) in set.iter_mut().zip(&before[next * words..(next + 1) * words]) {
                        *word |= from;
                    }
                }
                after[at * words..(at + 1) * words].copy_from_slice(&set);
                let inst = &code.insts[at];
                if let Some(reg) = inst.def() {
                    set[reg as usize / 64] &= !(1 << (reg % 64));
                }
                for reg in inst.uses() {
                    set[reg as usize / 64] |= 1 << (reg % 64);
                }
                let slot = &mut before[at * words..(at + 1) * words];
                if slot != set.as_slice() {
                    slot.copy_from_slice(&set);
                    changed = true;
                }
            }
            if !changed {
                return Self { words, after };
            }
        }
    }

    pub(super) fn live_after(&self, at: usize, reg: Reg) -> bool {
        self.after[at * self.words + reg as usize / 64] >> (reg % 64) & 1 == 1
    }

    /// All registers needed after an instruction.
    pub(super) fn all_after(&self, at: usize) -> impl Iterator<Item = Reg> + '_ {
        let words = &self.after[at * self.words..(at + 1) * self.words];
        words.iter().enumerate().flat_map(|(i, &word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| (i * 64 + bit) as Reg)
        })
    }
}
