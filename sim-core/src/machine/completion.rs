//! Completions. Four bytes: unused, magic, `done`.
//!
//! Invariant: each `complete()` lets one waiter through, `complete_all()` every one until the completion is initialised anew
//! (`kernel/sched/completion.c`).

use super::bytes::{get16, set16};
use super::event::What;
use super::kernel::{ERESTARTSYS, ORDINARY};
use super::lock::Given;
use super::{Machine, Run};
use crate::model::Observer;
use crate::program::Sleep;

/// The second byte of an initialised completion.
pub(super) const MAGIC: u8 = 5;
const DONE: usize = 2;
/// `done` after `complete_all()`: never used up.
const ALL: u16 = u16::MAX;

impl Machine {
    pub(super) fn may_complete(&self, s: &[u8], context: usize, sleep: Sleep, timeout: bool) -> u8 {
        match self.next_object(s, context) {
            Some(at) if get16(s, at + DONE) == 0 && s[at + 1] == MAGIC => self.may_end_wait(s, context, sleep, timeout),
            _ => ORDINARY,
        }
    }
}

impl<O: Observer> Run<'_, O> {
    fn completion(&mut self, address: u64) -> Option<usize> {
        let at = self.object(address)?;
        self.check_magic(at, MAGIC, address);
        Some(at)
    }

    pub(super) fn wait_for_completion(&mut self, address: u64, timeout: bool) -> Given {
        let at = self.completion(address)?;
        match self.outcome {
            1 => {
                self.tell(What::Yield { why: "times out" });
                Some(0)
            }
            2 => {
                self.signal_arrives();
                Some(ERESTARTSYS)
            }
            _ => {
                self.take_one(at);
                self.tell(What::Take { lock: address, verb: "sees complete", shared: false });
                Some(u64::from(timeout))
            }
        }
    }

    fn take_one(&mut self, at: usize) {
        let done = get16(self.s, at + DONE);
        if done != ALL {
            set16(self.s, at + DONE, done.saturating_sub(1));
        }
    }

    pub(super) fn try_wait_for_completion(&mut self, address: u64) -> Given {
        let at = self.completion(address)?;
        let done = get16(self.s, at + DONE) != 0;
        if done {
            self.take_one(at);
        }
        Some(u64::from(done))
    }

    pub(super) fn completion_done(&mut self, address: u64) -> Given {
        let at = self.completion(address)?;
        Some(u64::from(get16(self.s, at + DONE) != 0))
    }

    pub(super) fn complete(&mut self, address: u64, all: bool) -> Given {
        let at = self.completion(address)?;
        let done = get16(self.s, at + DONE);
        let now = if all {
            ALL
        } else if done >= ALL - 1 {
            done
        } else {
            done + 1
        };
        set16(self.s, at + DONE, now);
        self.tell(What::Give { lock: address, verb: if all { "completes all of" } else { "completes" } });
        Some(0)
    }
}
