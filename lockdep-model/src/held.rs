//! What a context holds, and the interrupt state that it runs in.
//!
//! Invariant: plain comparable values, that can be part of a simulator's state: what has the same future is equal. A place is kept only
//! by a caller that wants it in its reports.

use crate::class::{ClassId, InstanceId, LockType, Place, Read, WaitType};
use serde::{Deserialize, Serialize};

/// Whether, and in which hard interrupt, a context runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HardIrq {
    /// In none.
    #[default]
    No,
    /// In one that could be threaded: an ordinary handler, an hrtimer.
    Threadable,
    /// In one that never is: `IRQF_NO_THREAD`, `IRQF_PERCPU`, a hard hrtimer, hard irq_work.
    Never,
}

/// The interrupt state that a context runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IrqState {
    /// Hard interrupts are on.
    pub hardirqs_on: bool,
    /// Softirqs can run here: bottom halves are not off, and none is being served.
    pub softirqs_on: bool,
    /// In a hard interrupt.
    pub hardirq: HardIrq,
    /// Serving a softirq.
    pub softirq: bool,
    /// In an NMI.
    pub nmi: bool,
    /// The preempt count, whatever it is made of, is not zero.
    pub preempt_off: bool,
}

impl IrqState {
    /// A task with everything on.
    pub const TASK: Self = Self {
        hardirqs_on: true,
        softirqs_on: true,
        hardirq: HardIrq::No,
        softirq: false,
        nmi: false,
        preempt_off: false,
    };
    /// An ordinary hard interrupt handler.
    pub const HARDIRQ: Self =
        Self { hardirqs_on: false, hardirq: HardIrq::Threadable, preempt_off: true, ..Self::TASK };
    /// A softirq, with hard interrupts on.
    pub const SOFTIRQ: Self = Self { softirqs_on: false, softirq: true, preempt_off: true, ..Self::TASK };
    /// An NMI.
    pub const NMI: Self = Self { hardirqs_on: false, nmi: true, preempt_off: true, ..Self::TASK };

    /// Which of the kernel's separate stacks of locks is in use: bit 0 in a softirq, bit 1 in a hard interrupt.
    pub fn irq_context(&self) -> u8 {
        u8::from(self.softirq) | u8::from(self.hardirq != HardIrq::No) << 1
    }

    /// `in_interrupt()`: any interrupt, or bottom halves off.
    pub fn in_interrupt(&self) -> bool {
        self.nmi || self.hardirq != HardIrq::No || self.softirq || !self.softirqs_on
    }

    /// What may be waited for here with no lock held.
    pub fn wait_type(&self) -> WaitType {
        match self.hardirq {
            HardIrq::Never => WaitType::Spin,
            HardIrq::Threadable => WaitType::Config,
            HardIrq::No if self.softirq => WaitType::Config,
            HardIrq::No => WaitType::Max,
        }
    }
}

impl Default for IrqState {
    fn default() -> Self {
        Self::TASK
    }
}

/// A lock that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldLock {
    /// Its class.
    pub class: ClassId,
    /// Its type.
    pub lock: LockType,
    /// Which one it is.
    pub instance: InstanceId,
    /// How it is held.
    pub read: Read,
    /// It was taken by a trylock.
    pub trylock: bool,
    /// It is validated: no RCU reader, and not `novalidate`.
    pub check: bool,
    /// It is only waited for (`lock_sync`): such an entry is in reports, never on a stack.
    pub sync: bool,
    /// The interrupt context that took it, as [`IrqState::irq_context`].
    pub irq_context: u8,
    /// Hard interrupts were off when it was taken.
    pub hardirqs_off: bool,
    /// The lock that serialises the taking of others of this class.
    pub nest_lock: Option<InstanceId>,
    /// How many of this class are held as this one entry, under one nest lock; 0 for an ordinary lock.
    pub references: u16,
    /// How often it is pinned.
    pub pins: u16,
    /// Where it was taken.
    pub place: Place,
}

impl HeldLock {
    /// Whether no other context can hold this instance meanwhile, and did wait for this one: what makes a gate.
    pub fn is_gate(&self) -> bool {
        self.read == Read::Exclusive && !self.trylock && self.lock.excludes()
    }

    /// Whether this entry is, or stands among others for, this lock.
    pub fn is(&self, instance: InstanceId, class: Option<ClassId>) -> bool {
        self.instance == instance || (self.references > 0 && class == Some(self.class))
    }
}

/// The locks that a context holds, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldStack {
    pub(crate) locks: Vec<HeldLock>,
}

impl HeldStack {
    /// Nothing held.
    pub const fn new() -> Self {
        Self { locks: Vec::new() }
    }

    /// The locks, the oldest first.
    pub fn locks(&self) -> &[HeldLock] {
        &self.locks
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.locks.is_empty()
    }

    /// How many entries there are.
    pub fn depth(&self) -> usize {
        self.locks.len()
    }

    /// Puts back an entry that was read from here: for a simulator that keeps the stack in a form of its own.
    pub fn restore(&mut self, lock: HeldLock) {
        self.locks.push(lock);
    }

    /// Drops the entries of these locks: their memory is gone.
    pub fn forget(&mut self, gone: impl Fn(InstanceId) -> bool) {
        self.locks.retain(|held| !gone(held.instance));
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.locks.clear();
    }

    /// The entry that is or stands for this lock, the newest first; in any interrupt context.
    pub fn find(&self, instance: InstanceId, class: Option<ClassId>) -> Option<&HeldLock> {
        self.locks.iter().rev().find(|held| held.is(instance, class))
    }

    /// Whether this lock is held; with `read`, in that way (both ways of reading are one).
    pub fn holds(&self, instance: InstanceId, class: Option<ClassId>, read: Option<bool>) -> bool {
        self.locks
            .iter()
            .any(|held| held.is(instance, class) && read.is_none_or(|read| read == (held.read != Read::Exclusive)))
    }

    /// Where the locks of the newest interrupt context begin, if that is `irq_context`; else the depth.
    pub(crate) fn segment(&self, irq_context: u8) -> usize {
        self.locks.iter().rposition(|held| held.irq_context != irq_context).map_or(0, |below| below + 1)
    }
}
