//! SRCU: domains of readers that may sleep. After `kernel/rcu/srcutree.c` and `include/linux/srcu.h`.
//!
//! A `srcu_struct` says which of its two counters counts those who come (its index), whether a grace period is still to change that, and how deep each context is in it,
//! four bits for each index. A grace period changes the index as soon as nobody is left on the other one: so `srcu_read_lock()` gives now 0, now 1, and who leaves with
//! the wrong one leaves a section that no grace period sees the end of. Those of `srcu_down_read()` are nobody's, and are counted apart.
//!
//! Invariant: the count of a context, or of nobody, on an index is how many sections were entered with it and not left.

use super::bytes::{get32, set16};
use super::event::What;
use super::lock::Given;
use super::memory::Target;
use super::rcu::{DOMAIN, Set};
use super::{Machine, Run};
use crate::finding::Kind;
use crate::model::Observer;
use crate::program::Section;

/// The bytes of a `srcu_struct`, and what stands where.
const SIZE: u32 = 72;
/// The second byte.
pub(super) const MAGIC: u8 = 26;
const STATE: usize = 0;
const KEY: usize = 2;
const NOBODYS: usize = 4;
const FLAVOUR: usize = 5;
const READERS: usize = 8;
/// Of the state: the index, and that a grace period has not changed it yet.
const INDEX: u8 = 1;
const TO_FLIP: u8 = 2;
/// What a domain's readers are (`srcu_check_read_flavor()`); 0 before the first.
const NORMAL: u8 = 1;
const NMI_SAFE: u8 = 2;
/// The index of who leaves whichever section it is in (`rcu_read_unlock_trace()`).
const ANY: u64 = 2;

/// The bits that count what came in with an index.
fn counted(count: u8, index: u8) -> u8 {
    count >> (4 * index) & 0xf
}

impl Machine {
    /// Whether a context is in a section of the `srcu_struct` at an offset.
    pub(super) fn in_srcu(s: &[u8], at: usize, context: usize) -> bool {
        s[at + READERS + context] != 0
    }

    /// The sections that are nobody's, a bit for each index that has any.
    pub(super) fn nobodys_sections(&self, s: &[u8], at: usize) -> Set {
        let any = |index| Set::from(counted(s[at + NOBODYS], index) != 0) << index;
        any(0) | any(1)
    }

    /// A grace period begins, which is to change the index (`srcu_flip()`).
    pub(super) fn begin_srcu_gp(s: &mut [u8], at: usize) {
        s[at + STATE] |= TO_FLIP;
        Self::flip_srcu(s, at);
    }

    /// The index changes once nobody is left on the other.
    fn flip_srcu(s: &mut [u8], at: usize) {
        let other = s[at + STATE] & INDEX ^ INDEX;
        let counts = std::iter::once(s[at + NOBODYS]).chain(s[at + READERS..at + SIZE as usize].iter().copied());
        if s[at + STATE] & TO_FLIP != 0 && counts.into_iter().all(|count| counted(count, other) == 0) {
            s[at + STATE] = other;
        }
    }
}

impl<O: Observer> Run<'_, O> {
    pub(super) fn srcu(&mut self, address: u64) -> Option<usize> {
        match self.access(address, SIZE, true)? {
            Target::State(at, _) => {
                self.check_magic(at, MAGIC, address);
                Some(at)
            }
            _ => None,
        }
    }

    /// `init_srcu_struct()`: the place is its class for the lock validator.
    pub(super) fn srcu_init(&mut self, address: u64) -> Given {
        self.set_bytes(address, 0, SIZE)?;
        if let Target::State(at, _) = self.access(address, SIZE, true)? {
            self.s[at + 1] = MAGIC;
            let site = if self.m.keeps_held { self.init_site() } else { 0 };
            set16(self.s, at + KEY, site);
        }
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// `cleanup_srcu_struct()` warns of readers and of callbacks that have not run, and leaves all as it is.
    pub(super) fn srcu_cleanup(&mut self, address: u64) -> Given {
        let at = self.srcu(address)?;
        let queued = self.m.callbacks(self.s).any(|callback| get32(self.s, callback + DOMAIN) as usize == at);
        if queued || self.m.rcu_readers(self.s, at) != 0 {
            self.symptom_at(Kind::FreeActive, SRCU_ACTIVE, address);
            return Some(0);
        }
        self.s[at + 1] = 0;
        Some(0)
    }

    /// `srcu_read_lock()`, `srcu_down_read()`: gives the index.
    pub(super) fn srcu_read_lock(&mut self, address: u64, how: Section) -> Given {
        let at = self.srcu(address)?;
        let (down, flavour) = (how == Section::Nobodys, if how == Section::NmiSafe { NMI_SAFE } else { NORMAL });
        if ![0, flavour].contains(&self.s[at + FLAVOUR]) {
            self.symptom_at(Kind::WarnOn, SRCU_MIXED, address);
        } else {
            self.s[at + FLAVOUR] = flavour;
        }
        let index = self.s[at + STATE] & INDEX;
        let slot = at + if down { NOBODYS } else { READERS + self.context };
        if counted(self.s[slot], index) < 0xf {
            self.s[slot] += 1 << (4 * index);
        }
        if !down {
            let depth = self.depth_of(true)?;
            *depth = depth.saturating_add(1);
            self.enter_section(at)?;
        }
        self.tell(What::Callback { object: address, verb: "enters the section of" });
        Some(index.into())
    }

    /// `srcu_read_unlock()`, `srcu_up_read()`.
    pub(super) fn srcu_read_unlock(&mut self, address: u64, index: u64, up: bool) -> Given {
        let at = self.srcu(address)?;
        let own = at + if up { NOBODYS } else { READERS + self.context };
        let index = match index {
            ANY => u8::from(counted(self.s[own], 0) == 0),
            index => (index & 1) as u8,
        };
        let inside = self.s[own] != 0;
        if counted(self.s[own], index) > 0 {
            self.s[own] -= 1 << (4 * index);
        } else if inside {
            // The counter that it came in on never shows that it has left.
            self.symptom_at(Kind::BadUnlock, SRCU_INDEX, address);
        } else {
            self.symptom_at(Kind::BadUnlock, SRCU_UNLOCK, address);
            // The counters are sums: it is a section of somebody else that has ended for a grace period.
            let slots = std::iter::once(at + NOBODYS).chain(at + READERS..at + SIZE as usize);
            if let Some(slot) = slots.into_iter().find(|slot| counted(self.s[*slot], index) > 0) {
                self.s[slot] -= 1 << (4 * index);
            }
        }
        Machine::flip_srcu(self.s, at);
        if !up && inside {
            let depth = self.depth_of(true)?;
            *depth = depth.saturating_sub(1);
            self.let_go(self.context, at);
        }
        self.tell(What::Callback { object: address, verb: "leaves the section of" });
        Some(0)
    }

    /// `srcu_read_lock_held()`
    pub(super) fn srcu_read_held(&mut self, address: u64) -> Given {
        let at = self.srcu(address)?;
        Some(u64::from(Machine::in_srcu(self.s, at, self.context)))
    }
}

/// Details of symptoms: a `srcu_struct` with readers or callbacks,
pub(crate) const SRCU_ACTIVE: u32 = 10;
/// an unlock of what was not locked,
pub(crate) const SRCU_UNLOCK: u32 = 9;
/// or with another index than the section was entered with.
pub(crate) const SRCU_INDEX: u32 = 10;
/// [`Kind::WarnOn`]: readers that are safe in an NMI, and others.
pub(crate) const SRCU_MIXED: u32 = 0x8000_0010;
