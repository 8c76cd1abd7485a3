//! How a class was used with respect to interrupts: the usage bits, and their four-character summary.
//!
//! Invariant: a bit is numbered as the kernel numbers it, so that the order of the bits is the order of its reports.

use crate::class::Read;
use serde::{Deserialize, Serialize};

/// The interrupts that usage is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IrqKind {
    /// Hard interrupts.
    Hard,
    /// Softirqs.
    Soft,
}

impl IrqKind {
    /// Both, in the kernel's order.
    pub const ALL: [Self; 2] = [Self::Hard, Self::Soft];

    /// `HARDIRQ` or `SOFTIRQ`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hard => "HARDIRQ",
            Self::Soft => "SOFTIRQ",
        }
    }
}

/// One way to use a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum UsageBit {
    /// Taken for writing in a hard IRQ.
    UsedInHardirq,
    /// Taken for reading in a hard IRQ.
    UsedInHardirqRead,
    /// Held for writing with hard IRQs on.
    EnabledHardirq,
    /// Held for reading with hard IRQs on.
    EnabledHardirqRead,
    /// Taken for writing in a softirq.
    UsedInSoftirq,
    /// Taken for reading in a softirq.
    UsedInSoftirqRead,
    /// Held for writing with softirqs on.
    EnabledSoftirq,
    /// Held for reading with softirqs on.
    EnabledSoftirqRead,
    /// Taken for writing.
    Used,
    /// Taken for reading.
    UsedRead,
}

impl UsageBit {
    /// Every bit, in order.
    pub const ALL: [Self; 10] = [
        Self::UsedInHardirq,
        Self::UsedInHardirqRead,
        Self::EnabledHardirq,
        Self::EnabledHardirqRead,
        Self::UsedInSoftirq,
        Self::UsedInSoftirqRead,
        Self::EnabledSoftirq,
        Self::EnabledSoftirqRead,
        Self::Used,
        Self::UsedRead,
    ];

    fn of(base: [Self; 2], read: Read) -> Self {
        base[usize::from(read != Read::Exclusive)]
    }

    /// Taken in an interrupt of this kind.
    pub fn used_in(irq: IrqKind, read: Read) -> Self {
        match irq {
            IrqKind::Hard => Self::of([Self::UsedInHardirq, Self::UsedInHardirqRead], read),
            IrqKind::Soft => Self::of([Self::UsedInSoftirq, Self::UsedInSoftirqRead], read),
        }
    }

    /// Held with interrupts of this kind on.
    pub fn enabled(irq: IrqKind, read: Read) -> Self {
        match irq {
            IrqKind::Hard => Self::of([Self::EnabledHardirq, Self::EnabledHardirqRead], read),
            IrqKind::Soft => Self::of([Self::EnabledSoftirq, Self::EnabledSoftirqRead], read),
        }
    }

    /// Taken at all.
    pub fn used(read: Read) -> Self {
        Self::of([Self::Used, Self::UsedRead], read)
    }

    /// The interrupt that it is about.
    pub fn irq(self) -> Option<IrqKind> {
        match self {
            Self::UsedInHardirq | Self::UsedInHardirqRead | Self::EnabledHardirq | Self::EnabledHardirqRead => {
                Some(IrqKind::Hard)
            }
            Self::UsedInSoftirq | Self::UsedInSoftirqRead | Self::EnabledSoftirq | Self::EnabledSoftirqRead => {
                Some(IrqKind::Soft)
            }
            Self::Used | Self::UsedRead => None,
        }
    }

    /// Whether it is about reading.
    pub fn is_read(self) -> bool {
        self as u8 & 1 == 1
    }

    /// Whether it is of the kind "held with interrupts on".
    pub fn is_enabled(self) -> bool {
        self.irq().is_some() && self as u8 & 2 == 2
    }

    /// Whether it is of the kind "taken in an interrupt".
    pub fn is_used_in(self) -> bool {
        self.irq().is_some() && !self.is_enabled()
    }

    /// As the kernel's reports name it: `IN-HARDIRQ-W`, `SOFTIRQ-ON-R`, `INITIAL USE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UsedInHardirq => "IN-HARDIRQ-W",
            Self::UsedInHardirqRead => "IN-HARDIRQ-R",
            Self::EnabledHardirq => "HARDIRQ-ON-W",
            Self::EnabledHardirqRead => "HARDIRQ-ON-R",
            Self::UsedInSoftirq => "IN-SOFTIRQ-W",
            Self::UsedInSoftirqRead => "IN-SOFTIRQ-R",
            Self::EnabledSoftirq => "SOFTIRQ-ON-W",
            Self::EnabledSoftirqRead => "SOFTIRQ-ON-R",
            Self::Used => "INITIAL USE",
            Self::UsedRead => "INITIAL READ USE",
        }
    }
}

/// A set of usage bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UsageMask(pub u16);

impl UsageMask {
    /// No bit.
    pub const NONE: Self = Self(0);
    /// The bits about writing in or with interrupts, without those about reading and mere use.
    pub const IRQ_WRITE: Self = Self(0b0101_0101);
    /// All "taken in an interrupt".
    pub const USED_IN: Self = Self(0b0011_0011);
    /// All "held with interrupts on".
    pub const ENABLED: Self = Self(0b1100_1100);

    /// Whether the bit is in the set.
    pub fn has(self, bit: UsageBit) -> bool {
        self.0 & (1 << bit as u16) != 0
    }

    /// The set with this bit too.
    #[must_use]
    pub fn with(self, bit: UsageBit) -> Self {
        Self(self.0 | 1 << bit as u16)
    }

    /// Bits in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Bits in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it has no bit.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The bits, in order.
    pub fn bits(self) -> impl Iterator<Item = UsageBit> {
        UsageBit::ALL.into_iter().filter(move |&bit| self.has(bit))
    }

    /// The four characters of the kernel's `{-.+?}`: hard IRQ write and read, softirq write and read. `-`: taken in that interrupt;
    /// `+`: held with it on; `?`: both; `.`: neither.
    pub fn characters(self) -> String {
        IrqKind::ALL
            .into_iter()
            .flat_map(|irq| [Read::Exclusive, Read::Shared].map(|read| (irq, read)))
            .map(|(irq, read)| match (self.has(UsageBit::used_in(irq, read)), self.has(UsageBit::enabled(irq, read))) {
                (true, true) => '?',
                (true, false) => '-',
                (false, true) => '+',
                (false, false) => '.',
            })
            .collect()
    }
}

impl FromIterator<UsageBit> for UsageMask {
    fn from_iter<T: IntoIterator<Item = UsageBit>>(bits: T) -> Self {
        bits.into_iter().fold(Self::NONE, Self::with)
    }
}
