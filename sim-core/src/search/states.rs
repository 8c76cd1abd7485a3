//! Full states, end to end in chunks: the frontier, and all states of an exact search.
//!
//! Invariant: chunks hold a fixed number of states and are reused, never resized.

use std::collections::VecDeque;

/// States of a chunk.
const CHUNK: usize = 1024;

/// The states that are known but not looked into: the rest of a level, and what is known of the next one.
#[derive(Debug)]
pub(super) struct Frontier {
    state_len: usize,
    current: VecDeque<Vec<u8>>,
    next: VecDeque<Vec<u8>>,
    spare: Vec<Vec<u8>>,
    /// How many states of the first chunk of the level are done.
    done: usize,
    chunks: usize,
}

impl Frontier {
    pub(super) fn new(state_len: usize) -> Self {
        Self { state_len, current: VecDeque::new(), next: VecDeque::new(), spare: Vec::new(), done: 0, chunks: 0 }
    }

    /// Adds a state to the next level.
    #[inline]
    pub(super) fn push(&mut self, state: &[u8]) {
        let full = CHUNK * self.state_len;
        match self.next.back_mut() {
            Some(chunk) if chunk.len() < full => chunk.extend_from_slice(state),
            _ => {
                let mut chunk = self.spare.pop().unwrap_or_else(|| {
                    self.chunks += 1;
                    Vec::with_capacity(full)
                });
                chunk.extend_from_slice(state);
                self.next.push_back(chunk);
            }
        }
    }

    /// The next states of the level, at most `most`; none at its end.
    pub(super) fn block(&self, most: usize) -> &[u8] {
        match self.current.front() {
            None => &[],
            Some(chunk) => {
                let rest = &chunk[self.done * self.state_len..];
                &rest[..rest.len().min(most * self.state_len)]
            }
        }
    }

    /// Drops the next `count` states of the level, which are in one block.
    pub(super) fn finish(&mut self, count: usize) {
        self.done += count;
        if let Some(chunk) = self.current.front()
            && chunk.len() == self.done * self.state_len
        {
            let mut chunk = self.current.pop_front().unwrap_or_default();
            chunk.clear();
            self.spare.push(chunk);
            self.done = 0;
        }
    }

    /// Goes on to the next level. Whether there is one.
    pub(super) fn descend(&mut self) -> bool {
        std::mem::swap(&mut self.current, &mut self.next);
        !self.current.is_empty()
    }

    pub(super) fn bytes(&self) -> u64 {
        (self.chunks * CHUNK * self.state_len) as u64
    }
}

/// All states, by id.
#[derive(Debug)]
pub(super) struct Archive {
    state_len: usize,
    chunks: Vec<Vec<u8>>,
}

impl Archive {
    pub(super) fn new(state_len: usize) -> Self {
        Self { state_len, chunks: Vec::new() }
    }

    pub(super) fn push(&mut self, state: &[u8]) {
        let full = CHUNK * self.state_len;
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < full => chunk.extend_from_slice(state),
            _ => {
                let mut chunk = Vec::with_capacity(full);
                chunk.extend_from_slice(state);
                self.chunks.push(chunk);
            }
        }
    }

    pub(super) fn get(&self, id: u32) -> &[u8] {
        let (chunk, at) = (id as usize / CHUNK, id as usize % CHUNK * self.state_len);
        &self.chunks[chunk][at..at + self.state_len]
    }

    pub(super) fn bytes(&self) -> u64 {
        (self.chunks.len() * CHUNK * self.state_len) as u64
    }
}
