//! 128-bit fingerprints of states, by which the search knows a state that it has seen.
//!
//! Invariant: a fingerprint is a function of the seed and the state's bytes alone, the same on every machine.
//!
//! Each 64-bit half is an NH sum (Black et al., *UMAC: Fast and Secure Message Authentication*, 1999): words are added to secret words of
//! their own, multiplied in pairs to 128 bits and summed; two different states agree in one such sum for a share of 2^-64 of all keys. The sums
//! are independent chains of multiplications, so that they overlap. A last multiply-fold spreads each sum over the bits that index the table.

/// The fingerprint of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Fingerprint {
    pub(super) high: u64,
    pub(super) low: u64,
}

/// The keys for states of one length.
#[derive(Debug)]
pub(super) struct Fingerprinter {
    /// For each pair of words, the two keys of each half.
    keys: Vec<[u64; 4]>,
    last: [u64; 4],
}

impl Fingerprinter {
    /// For states of `state_len` bytes.
    pub(super) fn new(state_len: usize, seed: u64) -> Self {
        let mut rng = super::rng::SplitMix::new(seed);
        let mut four = || [rng.next(), rng.next(), rng.next(), rng.next()];
        let last = four();
        Self { keys: (0..state_len.div_ceil(16)).map(|_| four()).collect(), last }
    }

    /// The fingerprint of `state`, whose length is the one that these keys are for.
    #[inline]
    pub(super) fn of(&self, state: &[u8]) -> Fingerprint {
        let mut sums = [0u128; 2];
        let (pairs, rest) = state.as_chunks::<16>();
        for (pair, keys) in pairs.iter().zip(&self.keys) {
            add(&mut sums, u128::from_le_bytes(*pair), keys);
        }
        if !rest.is_empty() {
            let mut pair = [0; 16];
            pair[..rest.len()].copy_from_slice(rest);
            add(&mut sums, u128::from_le_bytes(pair), &self.keys[pairs.len()]);
        }
        Fingerprint { high: fold(sums[0], self.last[0], self.last[1]), low: fold(sums[1], self.last[2], self.last[3]) }
    }
}

#[inline]
fn add(sums: &mut [u128; 2], pair: u128, keys: &[u64; 4]) {
    let (first, second) = (pair as u64, (pair >> 64) as u64);
    sums[0] = sums[0].wrapping_add(product(first.wrapping_add(keys[0]), second.wrapping_add(keys[1])));
    sums[1] = sums[1].wrapping_add(product(first.wrapping_add(keys[2]), second.wrapping_add(keys[3])));
}

#[inline]
fn product(left: u64, right: u64) -> u128 {
    u128::from(left) * u128::from(right)
}

#[inline]
fn fold(sum: u128, left: u64, right: u64) -> u64 {
    let once = product(sum as u64 ^ left, (sum >> 64) as u64 ^ right);
    let twice = product((once ^ (once >> 64)) as u64 ^ right, left | 1);
    (twice ^ (twice >> 64)) as u64 ^ sum as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn states_that_differ_in_one_bit_differ_in_many_bits_of_both_halves() {
        for len in [8, 16, 24, 136] {
            let hash = Fingerprinter::new(len, 7);
            let zero = vec![0; len];
            let (mut high, mut low) = (0, 0);
            for bit in 0..len * 8 {
                let mut other = zero.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                let (a, b) = (hash.of(&zero), hash.of(&other));
                high += (a.high ^ b.high).count_ones();
                low += (a.low ^ b.low).count_ones();
            }
            // 32 of 64 bits are expected to flip; the mean over at least 64 trials is within 4 of it.
            for flips in [high, low] {
                let mean = f64::from(flips) / (len * 8) as f64;
                assert!((28.0..36.0).contains(&mean), "length {len}: {mean} bits flip");
            }
        }
    }

    #[test]
    fn the_bits_that_pick_shard_page_and_slot_are_spread_for_counters() {
        let hash = Fingerprinter::new(16, 1);
        let mut tops = [0u32; 256];
        let mut slots = [0u32; 256];
        for count in 0..65_536u64 {
            let mut state = [0; 16];
            state[..8].copy_from_slice(&count.to_le_bytes());
            let fingerprint = hash.of(&state);
            tops[(fingerprint.high >> 56) as usize] += 1;
            slots[(fingerprint.low & 255) as usize] += 1;
        }
        // 256 are expected in each; six standard deviations are 96.
        assert!(tops.iter().chain(&slots).all(|&count| (160..352).contains(&count)));
    }

    #[test]
    fn another_seed_gives_other_fingerprints() {
        let state = [1; 24];
        let distinct: BTreeSet<_> = (0..100).map(|seed| Fingerprinter::new(24, seed).of(&state)).collect();
        assert_eq!(distinct.len(), 100);
    }
}
