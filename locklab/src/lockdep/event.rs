//! One line of a recording, and what it says.
//!
//! Invariant: a line is judged by itself: it is an event, a frame of the stack of the event before it, of no interest, or broken.

use lockdep_model::class::{LockType, Mode};
use lockdep_model::held::{HardIrq, IrqState};

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A lock is taken or released.
    Event(Event<'a>),
    /// A function on the stack of the event before it.
    Frame(&'a str),
    /// The recorder lost events: nothing is known any more of who holds what.
    Lost,
    /// An event about locks that the validator does not need: `contention_begin` and its kin.
    Contention,
    /// A header, or an event about something else.
    Other,
    /// Not to be made out: why.
    Broken(String),
}

/// An event that the validator needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Who.
    pub task: Task<'a>,
    /// In which interrupt state, where the recording tells.
    pub irq: Option<IrqState>,
    /// The lock's address.
    pub lock: u64,
    /// Where, where the line itself tells.
    pub at: Option<&'a str>,
    /// What is done with the lock.
    pub what: What<'a>,
}

/// Who runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task<'a> {
    /// The thread's number; 0 for the idle task of a CPU.
    pub pid: u32,
    /// Its name.
    pub comm: &'a str,
    /// Where it runs.
    pub cpu: Option<u16>,
}

/// What is done with a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// It is waited for, or a trylock has got it.
    Acquire(Acquire<'a>),
    /// It is released.
    Release,
}

/// How a lock is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquire<'a> {
    /// The name of its class, as `/proc/lockdep` has it.
    pub class: &'a str,
    /// Its type, where the recording tells or the name is one of RCU's.
    pub lock: LockType,
    /// The subclass; none where the recording does not tell subclasses.
    pub subclass: Option<u8>,
    /// To write or to read.
    pub mode: Mode,
    /// By a trylock that has got it.
    pub trylock: bool,
    /// The lock that serialises the taking of others of its class.
    pub nest: Option<u64>,
}

/// The latency column of ftrace: `d.h2.`: interrupts off, need to reschedule, in which interrupt, how often preemption is off, and more.
pub fn irq_state(column: &str) -> Option<IrqState> {
    let mut letters = column.chars();
    let (irqs, resched, inside, preempt) = (letters.next()?, letters.next()?, letters.next()?, letters.next()?);
    let known = "dDb.".contains(irqs) && "NnpBblLR.".contains(resched) && "ZzHhs.".contains(inside);
    if !known || !(preempt == '.' || preempt.is_ascii_hexdigit()) {
        return None;
    }
    let softirq = matches!(inside, 's' | 'H');
    Some(IrqState {
        hardirqs_on: !matches!(irqs, 'd' | 'D'),
        softirqs_on: !matches!(irqs, 'b' | 'D') && !softirq,
        hardirq: if matches!(inside, 'h' | 'H' | 'Z') { HardIrq::Threadable } else { HardIrq::No },
        softirq,
        nmi: matches!(inside, 'z' | 'Z'),
        preempt_off: preempt != '.' && preempt != '0',
    })
}

/// `0xffff888100a1b2c8`, `ffff888100a1b2c8`
pub fn address(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let fits = (1..=16).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    fits.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latency_column_says_what_is_off_and_in_which_interrupt() {
        assert_eq!(irq_state("....."), Some(IrqState::TASK));
        let irqs_off = IrqState { hardirqs_on: false, preempt_off: true, ..IrqState::TASK };
        assert_eq!(irq_state("d..1."), Some(irqs_off));
        assert_eq!(irq_state("d.h1."), Some(IrqState::HARDIRQ));
        assert_eq!(irq_state("..s1."), Some(IrqState::SOFTIRQ));
        let bottom_halves_off = IrqState { softirqs_on: false, preempt_off: true, ..IrqState::TASK };
        assert_eq!(irq_state("b..2."), Some(bottom_halves_off));
        assert_eq!(irq_state("D..1"), Some(IrqState { hardirqs_on: false, ..bottom_halves_off }));
        let over_softirq = IrqState { hardirqs_on: false, hardirq: HardIrq::Threadable, ..IrqState::SOFTIRQ };
        assert_eq!(irq_state("d.H3."), Some(over_softirq));
        assert_eq!(irq_state("d.z1."), Some(IrqState::NMI));
        for wrong in ["", "d..", "1234.", "X..1", "d.q1"] {
            assert_eq!(irq_state(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn addresses_have_up_to_16_hexadecimal_digits() {
        assert_eq!(address("0xffff888100a1b2c8"), Some(0xffff_8881_00a1_b2c8));
        assert_eq!(address("00000000deadbeef"), Some(0xdead_beef));
        for wrong in ["", "0x", "(____ptrval____)", "0x12345678123456789", "+12"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
