//! `struct lockdep_map`: what code tells the lock validator itself (`include/linux/lockdep.h`). Four bytes as every lock's.
//!
//! Invariant: a map keeps nobody out. Who holds it shows in what that context holds, and nowhere else.

use super::lock::Given;
use super::lockdep::Taking;
use super::{Run, header};
use crate::finding::Kind;
use crate::model::Observer;
use crate::program::LockKind;

impl<O: Observer> Run<'_, O> {
    /// `lock_map_acquire()` and its kin.
    pub(super) fn map_acquire(&mut self, address: u64, taking: Taking) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, LockKind::Map.magic(), address);
        self.enter_map_as(at, taking).map(|()| 0)
    }

    /// `lock_map_release()`
    pub(super) fn map_release(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, LockKind::Map.magic(), address);
        let held = self.s[self.m.layout.contexts[self.context].header + header::HELD] > 0;
        if held && self.m.may_hold(self.s, self.context, at) {
            self.let_go(self.context, at);
        } else {
            self.symptom_at(Kind::BadUnlock, 0, address);
        }
        Some(0)
    }

    /// `lock_map_sync()`: waited for, and not held.
    pub(super) fn map_sync(&mut self, address: u64) -> Given {
        let at = self.object(address)?;
        self.check_magic(at, LockKind::Map.magic(), address);
        self.might_lock(address, Taking::default())
    }
}
