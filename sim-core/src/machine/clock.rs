//! `jiffies`: what time it is, as far as the program asks. Nine bytes, if it compares times: the time, and how often it was moved on.
//!
//! Time is abstract. `jiffies` stands still until the program compares it with another time; then that time has come or has not: a choice. If it has come, `jiffies` moves
//! on to it, so that later answers agree with this one; so it does when a timer expires that was set to a later time. After `include/linux/jiffies.h`.
//!
//! Invariant: time never goes back.

use super::bytes::{get, set};
use super::event::What;
use super::kernel::{ALTERNATIVE, ORDINARY};
use super::lock::Given;
use super::{Machine, Run};
use crate::model::{Bound, Observer};
use crate::program::Scalar;

/// `INITIAL_JIFFIES`: five minutes before the low half wraps.
const INITIAL: u64 = (-300i32 * 250) as u32 as u64;
/// The bytes of the clock.
pub(super) const SIZE: usize = 9;
const ADVANCES: usize = 8;

/// Whether the first time is after the second.
fn after(a: u64, b: u64) -> bool {
    (a.wrapping_sub(b) as i64) > 0
}

impl Machine {
    fn now(&self, s: &[u8]) -> u64 {
        // The state holds how far it is from where it began, so that it begins as all states do.
        self.layout.clock.map_or(INITIAL, |at| INITIAL.wrapping_add(get(s, at, Scalar::U64)))
    }

    fn set_now(&self, s: &mut [u8], now: u64) {
        if let Some(at) = self.layout.clock {
            set(s, at, Scalar::U64, now.wrapping_sub(INITIAL));
        }
    }

    /// Whether the bound keeps time from moving on: who waits for that is not to blame.
    pub(super) fn clock_stands(&self, s: &[u8]) -> bool {
        self.layout.clock.is_some_and(|at| s[at + ADVANCES] >= self.program.config.bounds.clock_advances)
    }

    /// It is that late, at least.
    pub(super) fn not_before(&self, s: &mut [u8], time: u64) {
        if after(time, self.now(s)) {
            self.set_now(s, time);
        }
    }

    /// What time it would have to be for a comparison to come out otherwise, if it may be that late.
    fn later(&self, s: &[u8], a: u64, b: u64) -> Option<u64> {
        let now = self.now(s);
        match after(a, b) {
            false if a == now => Some(b.wrapping_add(1)),
            true if b == now => Some(a),
            _ => None,
        }
    }

    /// Whether a context may find that a time has come.
    pub(super) fn may_be_later(&self, s: &[u8], context: usize) -> u8 {
        let times = self.next_operand(s, context, 0).zip(self.next_operand(s, context, 1));
        let later = times.and_then(|(a, b)| self.later(s, a, b));
        if later.is_some() && !self.clock_stands(s) { ORDINARY | ALTERNATIVE } else { ORDINARY }
    }
}

impl<O: Observer> Run<'_, O> {
    /// `jiffies`
    pub(super) fn jiffies(&mut self) -> Given {
        Some(self.m.now(self.s))
    }

    /// `time_after()`, to which the other comparisons come down.
    pub(super) fn time_after(&mut self, a: u64, b: u64) -> Given {
        let later = self.m.later(self.s, a, b);
        if let (Some(later), Some(at), 1) = (later, self.m.layout.clock, self.outcome) {
            self.m.set_now(self.s, later);
            self.s[at + ADVANCES] += 1;
            self.tell(What::Yield { why: "finds that the time has come" });
            return Some(u64::from(!after(a, b)));
        }
        if later.is_some() && self.m.clock_stands(self.s) {
            self.o.bound(Bound::ClockAdvances);
        }
        Some(u64::from(after(a, b)))
    }
}
