//! What allocations and user copies of a context are kept from for a while, memory that is short, and the maps that the validator takes for locks. After
//! `include/linux/sched/mm.h`, `include/linux/uaccess.h` and `mm/page_alloc.c`.
//!
//! For each context two bytes, where the scenario has any: what `memalloc_nofs_save()` and its kin have set, and how often page faults are disabled. Then how often memory
//! was short. What reclaim does is C of the prelude: it calls the scenario's shrinkers.
//!
//! Invariant: a scope is the context's own: nobody else notices when it begins or ends.

use super::kernel::{ALTERNATIVE, ORDINARY};
use super::layout::every_call;
use super::lock::Given;
use super::{Machine, Run};
use crate::finding::Kind;
use crate::model::Observer;
use crate::program::{Chance, KernelCall, Program};

/// What the second byte of a `struct lockdep_map` of its own holds.
pub(super) const MAP_MAGIC: u8 = 40;
/// Details of symptoms: a scope that is left and was not entered.
pub(crate) const MEMALLOC_UNLOCK: u32 = 30;
pub(crate) const PAGEFAULT_UNLOCK: u32 = 31;
/// One that is never left.
pub(crate) const IN_MEMALLOC: u32 = 30;
pub(crate) const IN_PAGEFAULT: u32 = 31;

/// Where all this is in a state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReclaimLayout {
    scopes: Option<usize>,
    reclaims: Option<usize>,
}

impl ReclaimLayout {
    pub(super) fn new(program: &Program, contexts: usize, take: &mut impl FnMut(usize) -> usize) -> Self {
        let enters = |call| matches!(call, KernelCall::MemallocSave | KernelCall::PagefaultDisable { .. });
        let reclaims = |call| call == KernelCall::Happens { what: Chance::Reclaim };
        Self {
            scopes: every_call(program).any(enters).then(|| take(2 * contexts)),
            reclaims: every_call(program).any(reclaims).then(|| take(1)),
        }
    }
}

impl Machine {
    /// What `MemallocSave` has set for a context.
    pub(super) fn memalloc_flags(&self, s: &[u8], context: usize) -> u8 {
        self.layout.reclaim.scopes.map_or(0, |at| s[at + 2 * context])
    }

    /// `pagefault_disabled()`
    pub(super) fn pagefaults_off(&self, s: &[u8], context: usize) -> bool {
        self.layout.reclaim.scopes.is_some_and(|at| s[at + 2 * context + 1] != 0)
    }

    /// What may come of a chance.
    pub(super) fn may_happen(&self, s: &[u8], what: Chance) -> u8 {
        let may = match what {
            Chance::PageFault => true,
            Chance::Reclaim => {
                self.layout.reclaim.reclaims.is_some_and(|at| s[at] < self.program.config.bounds.reclaims)
            }
        };
        if may { ORDINARY | ALTERNATIVE } else { ORDINARY }
    }
}

impl<O: Observer> Run<'_, O> {
    fn scope(&mut self, nth: usize) -> Option<&mut u8> {
        let at = self.m.layout.reclaim.scopes?;
        Some(&mut self.s[at + 2 * self.context + nth])
    }

    /// `memalloc_nofs_save()` gives what was not set before: only who set it clears it.
    pub(super) fn memalloc_save(&mut self, flags: u8) -> Given {
        let scope = self.scope(0)?;
        let new = flags & !*scope;
        *scope |= flags;
        Some(u64::from(new))
    }

    /// `memalloc_nofs_restore()`
    pub(super) fn memalloc_restore(&mut self, flags: u8) -> Given {
        let scope = self.scope(0)?;
        let strange = flags & !*scope != 0;
        *scope &= !flags;
        if strange {
            self.symptom(Kind::BadUnlock, MEMALLOC_UNLOCK);
        }
        Some(0)
    }

    /// `pagefault_disable()`, `pagefault_enable()`
    pub(super) fn pagefault_disable(&mut self, disable: bool) -> Given {
        let depth = self.scope(1)?;
        match if disable { Some(depth.saturating_add(1)) } else { depth.checked_sub(1) } {
            Some(now) => *depth = now,
            None => self.symptom(Kind::BadUnlock, PAGEFAULT_UNLOCK),
        }
        Some(0)
    }

    /// A context ends: what it entered and never left is told of.
    pub(super) fn scopes_at_end(&mut self) {
        for (nth, detail) in [(0, IN_MEMALLOC), (1, IN_PAGEFAULT)] {
            let left = self.scope(nth).map_or(0, std::mem::take);
            if left != 0 {
                self.symptom(Kind::LockLeak, detail);
            }
        }
    }

    /// Whether a chance comes true.
    pub(super) fn happens(&mut self, what: Chance) -> Given {
        let yes = self.outcome == 1;
        if let (Chance::Reclaim, Some(at), true) = (what, self.m.layout.reclaim.reclaims, yes) {
            self.s[at] += 1;
        }
        Some(u64::from(yes))
    }
}
