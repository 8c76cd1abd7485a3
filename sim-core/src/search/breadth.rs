//! The exhaustive search: breadth first over states, in blocks.
//!
//! Invariant: the graph that it makes is the same to the bit for any number of threads. A block's successors are made in parallel batches, looked
//! up in the table by parallel shards, and numbered by one thread in the order of (state, choice); limits are tested between blocks, whose
//! bounds depend on counts alone.

use super::expand::{BATCH, Batch, Expander};
use super::fingerprint::{Fingerprint, Fingerprinter};
use super::graph::{Edge, Graph};
use super::knots::Knots;
use super::log::{Ear, Log, Target};
use super::report::{Limit, Options, Progress, Shows, Stats, Verdict, Watch};
use super::states::{Archive, Frontier};
use super::table::{FRESH, MAX_STATES, SHARDS, Shard, Table, shard_of};
use super::workers::for_each;
use crate::model::{Model, Outgrown};
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

/// States of a block: so few that their successors stay in the second-level cache until they are looked up.
const BLOCK: usize = 1024;
/// No block is expected to have more successors than this, so that none takes much memory at once.
const BLOCK_SUCCESSORS: usize = 16 * BLOCK;
/// How many table slots are touched ahead of their use.
const AHEAD: usize = 32;
/// Threads are not worth waking for fewer successors than this.
const WORTH_THREADS: usize = 512;

/// A search under way.
pub(super) struct Breadth<'a, M> {
    expander: Expander<'a, M>,
    options: &'a Options,
    threads: usize,
    table: Table,
    frontier: Frontier,
    archive: Option<Archive>,
    batches: Vec<Batch>,
    /// For each successor of the block that is a new state, its id.
    new_ids: Vec<u32>,
    max_degree: usize,
    graph: Graph,
    knots: Knots,
    log: Log,
    stats: Stats,
    depth: u32,
    /// The level's states are below this.
    level_end: u32,
}

/// What it leaves.
pub(super) struct Explored {
    pub(super) verdict: Verdict,
    pub(super) graph: Graph,
    pub(super) knots: Knots,
    pub(super) log: Log,
    pub(super) stats: Stats,
}

impl<'a, M: Model> Breadth<'a, M> {
    pub(super) fn new(model: &'a M, options: &'a Options, fingerprinter: &'a Fingerprinter) -> Self {
        let state_len = model.state_len();
        Self {
            expander: Expander { model, fingerprinter, state_len, all: model.contexts() },
            options,
            threads: if cfg!(feature = "threads") { options.threads.clamp(1, SHARDS) } else { 1 },
            table: Table::new(),
            frontier: Frontier::new(state_len),
            archive: options.exact.then(|| Archive::new(state_len)),
            batches: Vec::new(),
            new_ids: Vec::new(),
            max_degree: 1,
            graph: Graph::new(model.contexts()),
            knots: Knots::new(),
            log: Log::default(),
            stats: Stats::default(),
            depth: 0,
            level_end: 0,
        }
    }

    /// Searches until there is no more or a limit is reached.
    pub(super) fn run(mut self, watch: Watch<'_>) -> Result<Explored, Outgrown> {
        self.start()?;
        let verdict = loop {
            if self.frontier.block(1).is_empty() {
                if !self.frontier.descend() {
                    break Verdict::Complete;
                }
                self.depth = self.graph.levels.len() as u32;
                self.graph.levels.push(self.graph.expanded());
                self.level_end = self.graph.states();
            }
            let progress = self.progress();
            self.stats.bytes = self.stats.bytes.max(progress.bytes);
            if let Some(limit) = self.limit(&progress) {
                break Verdict::Stopped(limit);
            }
            if let ControlFlow::Break(limit) = watch(&progress) {
                break Verdict::Stopped(limit);
            }
            self.block()?;
        };
        self.stats.states = u64::from(self.graph.states());
        self.stats.transitions = self.graph.edge_count();
        self.stats.depth = self.depth;
        Ok(Explored { verdict, graph: self.graph, knots: self.knots, log: self.log, stats: self.stats })
    }

    fn start(&mut self) -> Result<(), Outgrown> {
        let mut state = vec![0; self.expander.state_len];
        let mut log = Log::default();
        let target = Target { state: 0, last: None };
        let mut ear = Ear { known: &self.log, log: &mut log, steps: 0, target, shows: Shows::State };
        self.expander.model.initial(&mut state, &mut ear)?;
        self.log.absorb(&mut log);
        let fingerprint = self.expander.fingerprinter.of(&state);
        self.table.shards[shard_of(fingerprint)].find_or_insert(fingerprint, 0, |_| true);
        self.add_state(0, &state, fingerprint);
        Ok(())
    }

    fn add_state(&mut self, parent: u32, state: &[u8], fingerprint: Fingerprint) -> u32 {
        let digest = u128::from(fingerprint.high) << 64 | u128::from(fingerprint.low);
        self.stats.digest = self.stats.digest.wrapping_add(digest);
        if let Some(archive) = &mut self.archive {
            archive.push(state);
        }
        self.frontier.push(state);
        self.graph.add_state(parent)
    }

    fn progress(&self) -> Progress {
        let buffers: u64 = self.batches.iter().map(Batch::bytes).sum();
        Progress {
            states: u64::from(self.graph.states()),
            transitions: self.graph.edge_count(),
            depth: self.depth,
            frontier: u64::from(self.graph.states() - self.graph.expanded()),
            bytes: self.table.bytes()
                + self.frontier.bytes()
                + self.archive.as_ref().map_or(0, Archive::bytes)
                + buffers
                + self.new_ids.capacity() as u64 * 4
                + self.graph.bytes()
                + self.knots.bytes()
                + self.log.bytes(),
        }
    }

    fn max_states(&self) -> u64 {
        self.options.max_states.unwrap_or(MAX_STATES).min(MAX_STATES)
    }

    fn limit(&self, progress: &Progress) -> Option<Limit> {
        // A block's successors must still have room for ids, and edges for theirs.
        let room = self.max_degree as u64 * BLOCK as u64;
        if self.options.interrupted() {
            Some(Limit::Interrupted)
        } else if progress.states >= self.max_states()
            || progress.states + room > MAX_STATES
            || progress.transitions + room > u64::from(u32::MAX)
        {
            Some(Limit::States)
        } else if self.options.max_depth.is_some_and(|most| self.depth >= most) {
            Some(Limit::Depth)
        } else if self.options.max_memory.is_some_and(|most| progress.bytes >= most) {
            Some(Limit::Memory)
        } else {
            None
        }
    }

    /// How many states the next block may have.
    fn block_states(&self) -> usize {
        let room = (self.max_states() - u64::from(self.graph.states())) as usize;
        (BLOCK_SUCCESSORS.min(room) / self.max_degree).clamp(1, BLOCK)
    }

    fn block(&mut self) -> Result<(), Outgrown> {
        let first = self.graph.expanded();
        let count = self.expand_block(first);
        let outgrown = self.batches[..count.div_ceil(BATCH)].iter().filter_map(|batch| batch.outgrown).min();
        if let Some(outgrown) = outgrown {
            return Err(outgrown);
        }
        let successors = self.batches[..count.div_ceil(BATCH)].iter().map(Batch::len).sum();
        self.new_ids.clear();
        self.new_ids.resize(successors, 0);
        if self.threads > 1 || self.archive.is_some() {
            self.look_up_in_groups(count);
            self.number(first, count);
            self.settle(count);
        } else {
            self.look_up(count);
            self.number(first, count);
        }
        self.frontier.finish(count);
        Ok(())
    }

    /// Phase 1: makes the successors of a block, whose first state is `first`. Gives how many states it has.
    fn expand_block(&mut self, first: u32) -> usize {
        let state_len = self.expander.state_len;
        let block = self.frontier.block(self.block_states());
        let count = block.len() / state_len;
        let batches = count.div_ceil(BATCH);
        if self.batches.len() < batches {
            self.batches.resize_with(batches, Batch::default);
        }
        let (expander, log, depth) = (&self.expander, &self.log, self.depth);
        for_each(self.threads > 1, &mut self.batches[..batches], |index, batch| {
            let start = index * BATCH;
            let end = (start + BATCH).min(count);
            let states = &block[start * state_len..end * state_len];
            expander.expand(batch, log, states, first + start as u32, depth);
        });
        count
    }

    /// Phase 2 for one thread: asks the table for each successor in the order of (state, choice), so that new ones get their ids at once.
    fn look_up(&mut self, count: usize) {
        let mut group = Group { first: 0, shards: &mut self.table.shards };
        let mut next = self.graph.states();
        for batch in &self.batches[..count.div_ceil(BATCH)] {
            next += group.look_up(batch, |_, new| next + new, |_, _| true);
        }
    }

    /// Phase 2: asks the table for each successor, each shard in the order of (state, choice). New ones are known by their index in the
    /// block until all are found and can be numbered.
    fn look_up_in_groups(&mut self, count: usize) {
        let batches = &self.batches[..count.div_ceil(BATCH)];
        let archive = self.archive.as_ref();
        for_each_group(&mut self.table, self.threads, self.new_ids.len(), |group| {
            let mut base = 0;
            for batch in batches {
                group.look_up(
                    batch,
                    |at, _| FRESH | (base + at as u32),
                    |fresh_or_id, state| match archive {
                        None => true,
                        Some(_) if fresh_or_id & FRESH != 0 => {
                            successor(batches, (fresh_or_id & !FRESH) as usize, state.len()) == state
                        }
                        Some(archive) => archive.get(fresh_or_id) == state,
                    },
                );
                base += batch.len() as u32;
            }
        });
    }

    /// Phase 3: numbers new states and adds the block to the graph.
    fn number(&mut self, first: u32, count: usize) {
        let state_len = self.expander.state_len;
        let mut batches = std::mem::take(&mut self.batches);
        let mut index = 0;
        let mut parent = first;
        for batch in &mut batches[..count.div_ceil(BATCH)] {
            self.log.absorb(&mut batch.log);
            for (state, knot) in batch.knots.drain(..) {
                self.knots.push(state, knot);
            }
            let mut at = 0;
            for (&degree, &finished) in batch.degrees.iter().zip(&batch.finished) {
                self.count_state(degree, finished);
                for _ in 0..degree {
                    let mut target = batch.targets[at].load(Ordering::Relaxed);
                    if target == FRESH | index || target == self.graph.states() {
                        let state = &batch.states[at * state_len..(at + 1) * state_len];
                        target = self.add_state(parent, state, batch.fingerprints[at]);
                        self.new_ids[index as usize] = target;
                    } else if target & FRESH != 0 {
                        target = self.new_ids[(target & !FRESH) as usize];
                    }
                    self.graph.has_back_edge |= target < self.level_end;
                    self.graph.add_edge(Edge { target, context: batch.contexts[at] });
                    at += 1;
                    index += 1;
                }
                parent += 1;
            }
        }
        self.batches = batches;
    }

    fn count_state(&mut self, degree: u32, finished: u64) {
        self.graph.begin_edges(finished);
        self.max_degree = self.max_degree.max(degree as usize);
        let all_finished = finished & self.graph.all == self.graph.all;
        self.stats.finals += u64::from(all_finished);
        self.stats.terminal += u64::from(degree == 0);
        self.graph.has_unfinished_end |= degree == 0 && !all_finished;
    }

    /// Phase 4: tells the table the new states' ids.
    fn settle(&mut self, count: usize) {
        let batches = &self.batches[..count.div_ceil(BATCH)];
        let new_ids = &self.new_ids;
        for_each_group(&mut self.table, self.threads, new_ids.len(), |group| {
            let mut base = 0;
            for batch in batches {
                group.settle(batch, base, new_ids);
                base += batch.len() as u32;
            }
        });
    }
}

/// The bytes of one of a block's successors, by its index in the block.
fn successor(batches: &[Batch], mut index: usize, state_len: usize) -> &[u8] {
    for batch in batches {
        if index < batch.len() {
            return &batch.states[index * state_len..(index + 1) * state_len];
        }
        index -= batch.len();
    }
    &[]
}

/// Some neighbouring shards, worked on by one thread.
struct Group<'t> {
    first: usize,
    shards: &'t mut [Shard],
}

fn for_each_group(table: &mut Table, threads: usize, successors: usize, work: impl Fn(&mut Group<'_>) + Send + Sync) {
    if threads < 2 || successors < WORTH_THREADS {
        work(&mut Group { first: 0, shards: &mut table.shards });
        return;
    }
    let size = SHARDS.div_ceil(threads);
    let mut groups: Vec<_> = table
        .shards
        .chunks_mut(size)
        .enumerate()
        .map(|(index, shards)| Group { first: index * size, shards })
        .collect();
    for_each(true, &mut groups, |_, group| work(group));
}

impl Group<'_> {
    /// The index of a fingerprint's shard in this group, if it is in it.
    #[inline]
    fn own(&self, fingerprint: Fingerprint) -> Option<usize> {
        let index = shard_of(fingerprint).wrapping_sub(self.first);
        (index < self.shards.len()).then_some(index)
    }

    /// Looks up the successors of a batch that are in this group. `id` gives what new ones are known by, from their place in the batch
    /// and the number of new ones before them. Gives the number of new ones.
    fn look_up(&mut self, batch: &Batch, id: impl Fn(usize, u32) -> u32, same: impl Fn(u32, &[u8]) -> bool) -> u32 {
        let mut new = 0;
        let state_len = batch.states.len() / batch.len().max(1);
        for start in (0..batch.len()).step_by(AHEAD) {
            let range = start..(start + AHEAD).min(batch.len());
            let touched = batch.fingerprints[range.clone()]
                .iter()
                .filter_map(|&fingerprint| Some(self.shards[self.own(fingerprint)?].touch(fingerprint)))
                .fold(0, u32::wrapping_add);
            std::hint::black_box(touched);
            for at in range {
                let fingerprint = batch.fingerprints[at];
                if let Some(own) = self.own(fingerprint) {
                    let state = &batch.states[at * state_len..(at + 1) * state_len];
                    let fresh = id(at, new);
                    let found = self.shards[own].find_or_insert(fingerprint, fresh, |id| same(id, state));
                    new += u32::from(found == fresh);
                    batch.targets[at].store(found, Ordering::Relaxed);
                }
            }
        }
        new
    }

    fn settle(&mut self, batch: &Batch, base: u32, new_ids: &[u32]) {
        for (at, target) in batch.targets.iter().enumerate() {
            let index = base + at as u32;
            let fresh = FRESH | index;
            if target.load(Ordering::Relaxed) == fresh
                && let Some(own) = self.own(batch.fingerprints[at])
            {
                self.shards[own].settle(batch.fingerprints[at], fresh, new_ids[index as usize]);
            }
        }
    }
}
