//! `jiffies`: what time it is, as far as the program asks. Nine bytes, if it does: the time, and how often it was moved on. After `include/linux/jiffies.h`.
//!
//! Time is abstract. `jiffies` stands still until the program compares it with another time; then that time has come or has not: a choice. If it has come, `jiffies` moves
//! on to it, so that later answers agree with this one; so it does when a timer expires that was set to a later time. A copy of `jiffies` is a number like any other, and
//! what it is compared with makes no difference to it; where the program does more with `jiffies` than to set and to compare times, reading it may find that much time has passed.
//!
//! Invariant: time never goes back, and moves on of its own no more often than the bound says.

use super::bytes::{get, set};
use super::event::What;
use super::kernel::{ALTERNATIVE, ORDINARY};
use super::lock::Given;
use super::{Machine, Run};
use crate::model::{Bound, CodePlace, Observer};
use crate::program::{BinaryOp, Function, Inst, KernelCall, Program, Reg, Scalar};

/// `INITIAL_JIFFIES`: five minutes before the low half wraps.
const INITIAL: u64 = (-300i32 * 250) as u32 as u64;
/// How much time has passed where nothing says how much: more than programs set deadlines to.
const LEAP: u64 = 1 << 25;
/// The bytes of the clock.
pub(super) const SIZE: usize = 9;
const ADVANCES: usize = 8;

impl Program {
    /// Whether it asks what time it is. Where it only sets timers, `jiffies` is a constant.
    pub fn asks_time(&self) -> bool {
        let compares = |inst: &Inst| matches!(inst, Inst::Kernel { call: KernelCall::TimeAfter { .. }, .. });
        self.functions.iter().any(|f| f.code.iter().any(compares)) || leaps(self)
    }
}

/// Whether a program compares a copy of `jiffies` with a time, or computes how much time has passed.
pub(super) fn leaps(program: &Program) -> bool {
    program.functions.iter().any(|f| f.code.iter().any(|inst| asks_of_copy(f, inst)))
}

fn asks_of_copy(function: &Function, inst: &Inst) -> bool {
    match inst {
        Inst::Kernel { call: KernelCall::TimeAfter { now }, .. } => *now == [false; 2],
        Inst::Binary { op, a, b, .. } => {
            !matches!(op, BinaryOp::Add) && [a, b].iter().any(|r| reads_now(function, **r))
        }
        _ => false,
    }
}

/// Whether a register holds what `jiffies` was.
fn reads_now(function: &Function, reg: Reg) -> bool {
    let reads = |inst: &Inst| matches!(inst, Inst::Kernel { call: KernelCall::Jiffies, dst, .. } if *dst == Some(reg));
    function.code.iter().any(reads)
}

/// Whether the first time is after the second.
fn after(a: u64, b: u64) -> bool {
    (a.wrapping_sub(b) as i64) > 0
}

impl Machine {
    /// What time it is.
    pub fn now(&self, s: &[u8]) -> u64 {
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

    /// What a comparison compares, where `now` says which of the two is the time now.
    fn compared(&self, s: &[u8], now: [bool; 2], a: u64, b: u64) -> (u64, u64) {
        let time = self.now(s);
        (if now[0] { time } else { a }, if now[1] { time } else { b })
    }

    /// What time it would have to be for a comparison to come out otherwise, if it may be that late.
    fn later(&self, s: &[u8], now: [bool; 2], a: u64, b: u64) -> Option<u64> {
        let (a, b) = self.compared(s, now, a, b);
        match (now, after(a, b)) {
            ([true, false], false) => Some(b.wrapping_add(1)),
            ([false, true], true) => Some(a),
            _ => None,
        }
    }

    /// Whether a context may find that a time has come.
    pub(super) fn may_be_later(&self, s: &[u8], context: usize, now: [bool; 2]) -> u8 {
        let times = self.next_operand(s, context, 0).zip(self.next_operand(s, context, 1));
        let later = times.and_then(|(a, b)| self.later(s, now, a, b));
        if later.is_some() && !self.clock_stands(s) { ORDINARY | ALTERNATIVE } else { ORDINARY }
    }

    /// Whether a context that reads the time may find that much has passed.
    pub(super) fn may_leap(&self, s: &[u8]) -> u8 {
        if self.time_leaps && !self.clock_stands(s) { ORDINARY | ALTERNATIVE } else { ORDINARY }
    }

    /// Whether a context stands in a loop in which it asks what time it is: such a loop ends, as time passes, even if an execution that goes round does not let it.
    pub(super) fn waits_for_time(&self, s: &[u8], context: usize) -> bool {
        self.layout.clock.is_some() && self.stack_of(s, context as u8).into_iter().any(|place| self.loop_asks(place))
    }

    /// Whether code that can be reached from a place, and from which it can be reached, asks what time it is.
    fn loop_asks(&self, place: CodePlace) -> bool {
        let ahead = self.reached_from(place);
        let asks = |at: &u32| self.asks_time(CodePlace { function: place.function, at: *at });
        let comes_back =
            |at: &u32| self.reached_from(CodePlace { function: place.function, at: *at }).contains(&place.at);
        ahead.iter().any(|at| asks(at) && comes_back(at))
    }

    /// The instructions of its function to which an instruction leads.
    fn reached_from(&self, place: CodePlace) -> Vec<u32> {
        let code = &self.code.routines[place.function as usize].code;
        let mut seen = vec![false; code.len()];
        let mut todo = vec![place.at];
        while let Some(at) = todo.pop() {
            let inst = &code[at as usize];
            let next = inst.falls_through().then_some(at + 1);
            for next in inst.targets().chain(next).filter(|next| (*next as usize) < code.len()) {
                if !std::mem::replace(&mut seen[next as usize], true) {
                    todo.push(next);
                }
            }
        }
        (0..code.len() as u32).filter(|at| seen[*at as usize]).collect()
    }

    /// Whether an instruction, or what it calls, asks what time it is.
    fn asks_time(&self, place: CodePlace) -> bool {
        let asks =
            |inst: &Inst| matches!(inst, Inst::Kernel { call: KernelCall::TimeAfter { .. } | KernelCall::Jiffies, .. });
        let code = |function: u32| &self.code.routines[function as usize].code;
        match &code(place.function)[place.at as usize] {
            Inst::Call { function, .. } => self.code.reachable(*function).into_iter().any(|f| code(f).iter().any(asks)),
            inst => asks(inst),
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// `jiffies`
    pub(super) fn jiffies(&mut self) -> Given {
        if self.outcome == 1 {
            self.move_on(self.m.now(self.s).wrapping_add(LEAP));
            self.tell(What::Yield { why: "finds in jiffies that much time has passed" });
            return Some(self.m.now(self.s));
        }
        self.tell(What::Yield { why: "reads jiffies" });
        if self.m.time_leaps && self.m.clock_stands(self.s) {
            self.o.bound(Bound::ClockAdvances);
        }
        Some(self.m.now(self.s))
    }

    /// `time_after()`, to which the other comparisons come down.
    pub(super) fn time_after(&mut self, now: [bool; 2], a: u64, b: u64) -> Given {
        if let Some(later) = self.m.later(self.s, now, a, b) {
            if self.outcome == 1 {
                self.move_on(later);
                self.tell(What::Yield { why: "finds that the time has come" });
            } else if self.m.clock_stands(self.s) {
                self.o.bound(Bound::ClockAdvances);
            }
        }
        let (a, b) = self.m.compared(self.s, now, a, b);
        Some(u64::from(after(a, b)))
    }

    fn move_on(&mut self, time: u64) {
        self.m.set_now(self.s, time);
        if let Some(at) = self.m.layout.clock {
            self.s[at + ADVANCES] += 1;
        }
    }
}
