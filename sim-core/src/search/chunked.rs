//! A vector that grows by whole chunks: nothing is copied when it grows, so that it never takes twice its room for a moment.
//!
//! Invariant: every chunk but the last is full, and the bytes counted are the bytes allocated.

/// Chunks are about as large as the table's, so that what that frees can be used again.
const SHIFT: u32 = 13;
const CHUNK: usize = 1 << SHIFT;

/// A growing sequence of small values.
#[derive(Debug)]
pub(super) struct Chunked<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T: Copy> Chunked<T> {
    pub(super) fn new() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn push(&mut self, value: T) {
        if self.len & (CHUNK - 1) == 0 {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        self.chunks[self.len >> SHIFT].push(value);
        self.len += 1;
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> T {
        self.chunks[index >> SHIFT][index & (CHUNK - 1)]
    }

    #[inline]
    pub(super) fn set(&mut self, index: usize, value: T) {
        self.chunks[index >> SHIFT][index & (CHUNK - 1)] = value;
    }

    /// Makes it `len` times `value`.
    pub(super) fn fill(&mut self, len: usize, value: T) {
        self.chunks.resize_with(len.div_ceil(CHUNK), || Vec::with_capacity(CHUNK));
        for (index, chunk) in self.chunks.iter_mut().enumerate() {
            chunk.clear();
            chunk.resize((len - index * CHUNK).min(CHUNK), value);
        }
        self.len = len;
    }

    /// How many bytes of memory it takes.
    pub(super) fn bytes(&self) -> u64 {
        (self.chunks.len() * CHUNK * size_of::<T>()) as u64
    }
}

/// A growing sequence of sets of contexts, each in as few whole bytes as the highest context needs.
#[derive(Debug)]
pub(super) enum Masks {
    One(Chunked<u8>),
    Two(Chunked<u16>),
    Four(Chunked<u32>),
    Eight(Chunked<u64>),
}

impl Masks {
    /// For subsets of `all`.
    pub(super) fn new(all: u64) -> Self {
        match 64 - all.leading_zeros() {
            0..=8 => Self::One(Chunked::new()),
            9..=16 => Self::Two(Chunked::new()),
            17..=32 => Self::Four(Chunked::new()),
            _ => Self::Eight(Chunked::new()),
        }
    }

    /// Empty sets, `len` of them.
    pub(super) fn empty(all: u64, len: usize) -> Self {
        let mut masks = Self::new(all);
        match &mut masks {
            Self::One(masks) => masks.fill(len, 0),
            Self::Two(masks) => masks.fill(len, 0),
            Self::Four(masks) => masks.fill(len, 0),
            Self::Eight(masks) => masks.fill(len, 0),
        }
        masks
    }

    /// Appends a set; what is not in the universe that it was made for is dropped.
    #[inline]
    pub(super) fn push(&mut self, mask: u64) {
        match self {
            Self::One(masks) => masks.push(mask as u8),
            Self::Two(masks) => masks.push(mask as u16),
            Self::Four(masks) => masks.push(mask as u32),
            Self::Eight(masks) => masks.push(mask),
        }
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> u64 {
        match self {
            Self::One(masks) => masks.get(index).into(),
            Self::Two(masks) => masks.get(index).into(),
            Self::Four(masks) => masks.get(index).into(),
            Self::Eight(masks) => masks.get(index),
        }
    }

    #[inline]
    pub(super) fn set(&mut self, index: usize, mask: u64) {
        match self {
            Self::One(masks) => masks.set(index, mask as u8),
            Self::Two(masks) => masks.set(index, mask as u16),
            Self::Four(masks) => masks.set(index, mask as u32),
            Self::Eight(masks) => masks.set(index, mask),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::One(masks) => masks.bytes(),
            Self::Two(masks) => masks.bytes(),
            Self::Four(masks) => masks.bytes(),
            Self::Eight(masks) => masks.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_chunk_boundaries() {
        let mut values = Chunked::new();
        for value in 0..3 * CHUNK as u32 + 1 {
            values.push(value);
        }
        assert_eq!(values.len(), 3 * CHUNK + 1);
        assert!((0..values.len()).all(|index| values.get(index) == index as u32));
        assert_eq!(values.bytes(), 4 * CHUNK as u64 * 4);
        values.fill(CHUNK + 1, 7);
        assert_eq!((values.len(), values.get(0), values.get(CHUNK)), (CHUNK + 1, 7, 7));
        assert_eq!(values.bytes(), 2 * CHUNK as u64 * 4);
    }

    #[test]
    fn a_set_takes_the_bytes_that_its_highest_context_needs() {
        for (all, bytes) in [(0xff, 1), (0x100, 2), (0x1_0000, 4), (1 << 63, 8)] {
            let mut masks = Masks::new(all);
            masks.push(all);
            assert_eq!(masks.get(0), all);
            assert_eq!(masks.bytes(), CHUNK as u64 * bytes);
        }
    }
}
