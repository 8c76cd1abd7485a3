//! Accesses to memory, for those who ask what protects what: who touches which bytes where, in which state, with which locks held.
//!
//! Invariant: nothing is told unless the machine was made to ([`MachineOptions::accesses`](super::MachineOptions::accesses)), and telling changes no state.

use super::lockdep::LockRef;
use super::{Machine, Run};
use crate::model::{CodePlace, LockMoment, Observer};
use crate::program::{Inst, Mark};
use serde::Serialize;

/// How an access is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Marking {
    /// Plain C.
    Plain,
    /// `READ_ONCE`, `WRITE_ONCE`, `volatile`, `smp_load_acquire`, `smp_store_release`.
    Marked,
    /// An atomic operation.
    Atomic,
    /// Inside `data_race()`.
    DataRace,
}

/// An access at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessScene {
    /// Who.
    pub context: usize,
    /// Interrupts are on.
    pub irqs_on: bool,
    /// Bottom halves are on.
    pub bh_on: bool,
    /// Where; inside the prelude, the call that led there.
    pub at: CodePlace,
    /// The first byte.
    pub address: u64,
    /// How many bytes.
    pub len: u64,
    /// It reads.
    pub reads: bool,
    /// It writes.
    pub writes: bool,
    /// It is a copy or a fill of memory, which may be of several fields.
    pub bulk: bool,
    /// How it is marked.
    pub marking: Marking,
    /// The locks held, the oldest first.
    pub held: Vec<LockRef>,
}

const READS: u64 = 1;
const WRITES: u64 = 2;
const BULK: u64 = 4;
const MARKING_SHIFT: u32 = 3;
const LEN_SHIFT: u32 = 8;

impl Machine {
    /// What a moment tells of an access; `None` if it is about a lock.
    pub fn access_scene(&self, words: &LockMoment) -> Option<AccessScene> {
        let ([address, how], scene) = self.access_words(words)?;
        Some(AccessScene {
            context: scene.context,
            irqs_on: scene.irqs_on,
            bh_on: scene.bh_on,
            at: scene.at,
            address,
            len: how >> LEN_SHIFT,
            reads: how & READS != 0,
            writes: how & WRITES != 0,
            bulk: how & BULK != 0,
            marking: [Marking::Plain, Marking::Marked, Marking::Atomic, Marking::DataRace]
                [(how >> MARKING_SHIFT & 3) as usize],
            held: scene.held,
        })
    }
}

impl<O: Observer> Run<'_, O> {
    /// Tells of the access that an instruction is about to make, wherever that leads.
    #[inline]
    pub(super) fn touches(&mut self, inst: &Inst) {
        if O::LOCKS && self.m.accesses {
            self.tell_touches(inst);
        }
    }

    fn tell_touches(&mut self, inst: &Inst) {
        let marking = |mark: Mark| match mark {
            Mark::Plain => Marking::Plain,
            Mark::Racy => Marking::DataRace,
            Mark::Once | Mark::Acquire | Mark::Release | Mark::ThisCpu => Marking::Marked,
        };
        match inst {
            Inst::Load { addr, access, .. } => {
                self.touch(self.address_of(inst, *addr), u64::from(access.ty.size), READS, marking(access.mark));
            }
            Inst::Store { addr, access, .. } => {
                self.touch(self.address_of(inst, *addr), u64::from(access.ty.size), WRITES, marking(access.mark));
            }
            Inst::Atomic { addr, ty, .. } => {
                self.touch(self.address_of(inst, *addr), u64::from(ty.size), READS | WRITES, Marking::Atomic);
            }
            Inst::SetMemory { to, size, .. } => {
                self.touch(self.reg(*to), self.reg(*size), WRITES | BULK, Marking::Plain);
            }
            Inst::CopyMemory { to, from, size } => {
                self.touch(self.reg(*from), self.reg(*size), READS | BULK, Marking::Plain);
                self.touch(self.reg(*to), self.reg(*size), WRITES | BULK, Marking::Plain);
            }
            _ => {}
        }
    }

    /// Tells of the kernel's side of a copy to (`out`) or from user memory.
    pub(super) fn touches_for_user(&mut self, address: u64, len: u64, out: bool) {
        if O::LOCKS && self.m.accesses {
            self.touch(address, len, if out { READS } else { WRITES } | BULK, Marking::Plain);
        }
    }

    fn touch(&mut self, address: u64, len: u64, how: u64, marking: Marking) {
        let how = how | (marking as u64) << MARKING_SHIFT | len << LEN_SHIFT;
        self.m.tell_access(self.s, self.context, self.place(), [address, how], self.o);
    }
}
