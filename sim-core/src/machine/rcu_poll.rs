//! Grace periods that are asked for: `get_state_synchronize_rcu()` and `poll_state_synchronize_rcu()`, and SRCU's. After `kernel/rcu/tree.c`.
//!
//! A cookie is a number. While its grace period is not known to be over there is an entry: the number (2), whose readers (4), whether it was said, though the last of
//! them had left, that it is not over yet (1), and the readers that were there. So a grace period ends late, but not for ever.
//!
//! Invariant: the grace period of a cookie without an entry is over.

use super::bytes::{get16, get32, set16, set32};
use super::event::What;
use super::kernel::{ALTERNATIVE, ORDINARY};
use super::lock::Given;
use super::{Machine, Run};
use crate::model::{Growth, Observer};
use crate::program::Readers;

/// What stands where in an entry; then the readers.
const DOMAIN: usize = 2;
const LATE: usize = 6;
const SET: usize = 7;
/// The cookie of a grace period that is over (`RCU_GET_STATE_COMPLETED`) and those before it are given to none.
const FIRST: u64 = 2;

/// Where the entries are in a state, behind the number of the last.
#[derive(Debug, Clone)]
pub(crate) struct PollLayout {
    at: usize,
    /// How many there is room for.
    pub(super) room: usize,
    size: usize,
}

impl PollLayout {
    /// Makes room for entries of sets of so many bytes.
    pub(super) fn new(room: usize, width: usize, take: &mut impl FnMut(usize) -> usize) -> Self {
        let size = SET + width;
        let at = if room > 0 { take(2 + room * size) } else { 0 };
        Self { at, room, size }
    }

    fn entry(&self, nth: usize) -> usize {
        self.at + 2 + nth * self.size
    }

    /// The entries there are.
    fn entries(&self, s: &[u8]) -> impl Iterator<Item = usize> {
        (0..self.room).map(|nth| self.entry(nth)).take_while(|at| get16(s, *at) != 0)
    }

    fn find(&self, s: &[u8], cookie: u64) -> Option<usize> {
        self.entries(s).find(|at| u64::from(get16(s, *at)) + FIRST == cookie)
    }
}

impl Machine {
    /// Where the readers stand that a cookie waits for, and whose they are.
    pub(super) fn polled(&self, s: &[u8]) -> impl Iterator<Item = (usize, usize)> {
        let polls = self.layout.rcu.as_ref().map(|rcu| &rcu.polls);
        polls.into_iter().flat_map(|polls| polls.entries(s)).map(|at| (at + SET, get32(s, at + DOMAIN) as usize))
    }

    /// `poll_state_synchronize_rcu()` may say once more that it is not over, when the last of its readers has left.
    pub(super) fn may_poll_gp(&self, s: &[u8], context: usize) -> u8 {
        let Some(rcu) = &self.layout.rcu else { return ORDINARY };
        let cookie = self.next_operand(s, context, 0).unwrap_or(0);
        let late = |at: &usize| rcu.set(s, at + SET) == 0 && s[at + LATE] == 0;
        if rcu.polls.find(s, cookie).is_some_and(|at| late(&at)) { ORDINARY | ALTERNATIVE } else { ORDINARY }
    }
}

impl<O: Observer> Run<'_, O> {
    /// `get_state_synchronize_rcu()`.
    pub(super) fn gp_state(&mut self, of: Readers, address: u64) -> Given {
        let domain = self.domain(of, address)?;
        if of == Readers::Srcu {
            Machine::begin_srcu_gp(self.s, domain);
        }
        let rcu = self.m.layout.rcu.as_ref()?;
        let nth = rcu.polls.entries(self.s).count();
        if nth >= rcu.polls.room {
            return self.outgrow(Growth::GracePeriods);
        }
        let number = get16(self.s, rcu.polls.at) + 1;
        set16(self.s, rcu.polls.at, number);
        let at = rcu.polls.entry(nth);
        set16(self.s, at, number);
        set32(self.s, at + DOMAIN, domain as u32);
        rcu.put(self.s, at + SET, self.readers_and_caller(domain));
        self.tell(What::Yield { why: "notes the next grace period" });
        Some(u64::from(number) + FIRST)
    }

    /// `poll_state_synchronize_rcu()`.
    pub(super) fn gp_poll(&mut self, cookie: u64) -> Given {
        let rcu = self.m.layout.rcu.as_ref()?;
        let Some(at) = rcu.polls.find(self.s, cookie) else {
            self.tell(What::Yield { why: "finds the grace period over" });
            return Some(1);
        };
        if self.outcome == 1 {
            self.s[at + LATE] = 1;
        }
        if self.outcome == 1 || rcu.set(self.s, at + SET) != 0 {
            self.tell(What::Yield { why: "finds the grace period not over yet" });
            return Some(0);
        }
        let (size, end) = (rcu.polls.size, rcu.polls.entry(rcu.polls.room));
        self.s.copy_within(at + size..end, at);
        self.s[end - size..end].fill(0);
        self.tell(What::Yield { why: "finds the grace period over" });
        Some(1)
    }
}
