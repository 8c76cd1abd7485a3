//! NAPI. After `net/core/dev.c`. The first bytes of a `struct napi_struct`: who owns it or is to poll it, plus one; magic; its state; its weight. Then its poll function (at 8) and its
//! device (at 16), which is the prelude's.
//!
//! Whoever sets the SCHED bit owns the instance and puts it on its CPU's list, for the NET_RX softirq. Polling takes it off, and owns it: a poll that returns its whole budget
//! leaves it scheduled, and it goes back on the list; one that returns less has completed it, or nobody ever polls it again. What is scheduled while it is owned is noted in the
//! MISSED bit, for which completing schedules it once more. That a pass ends early, when its time or `netdev_budget` is used up, is not explored.
//!
//! Invariant: an instance is on one list at most. From the setting of the SCHED bit until it is completed one CPU at most polls it.

use super::bytes::{get, set};
use super::event::What;
use super::kernel::ORDINARY;
use super::lock::Given;
use super::memory::Target;
use super::softirq::NET_RX;
use super::{Machine, Run};
use crate::finding::Kind;
use crate::model::{Choice, Observer, Outgrown};
use crate::program::{Scalar, pointer};

/// What the second byte of an initialised instance holds.
const MAGIC: u8 = 30;
/// The bytes of an instance.
const SIZE: u32 = 24;
const STATE: usize = 2;
const WEIGHT: usize = 3;
const POLL: usize = 8;
/// `NAPI_STATE_SCHED`: it is owned.
const SCHED: u8 = 1;
/// `NAPI_STATE_MISSED`: it is to be scheduled once more.
const MISSED: u8 = 2;
/// `NAPI_STATE_DISABLE`: somebody waits to disable it.
const DISABLE: u8 = 4;

/// Details of [`Kind::FreeActive`]: memory is freed, or an instance initialised anew, that is on a list.
pub(crate) const NAPI_FREED: u32 = 20;
/// See [`NAPI_FREED`].
pub(crate) const NAPI_INITIALISED: u32 = 21;

impl Machine {
    /// Begins to poll an instance that was taken off a list, if it is still scheduled (`__napi_poll`).
    pub(super) fn run_napi<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        at: usize,
        o: &mut O,
    ) -> Result<(), Outgrown> {
        let address = self.address_at(at);
        let poll = get(s, at + POLL, Scalar::U64);
        let known = pointer::function(poll).filter(|f| (*f as usize) < self.code.routines.len());
        let weight = s[at + WEIGHT];
        self.set_budget(s, choice.cpu as usize, weight);
        let runs = |run: &mut Run<'_, O>| {
            run.tell(What::Callback { object: address, verb: "polls" });
            if known.is_none() {
                run.fault(Kind::NullDeref, 2, poll);
            }
            known.map(|_| ())
        };
        Run::start_with(self, s, choice, known.unwrap_or(0), &[address, u64::from(weight)], o, runs)
    }

    /// Whether an instance is owned.
    pub(super) fn napi_is_scheduled(&self, s: &[u8], at: usize) -> bool {
        s[at + STATE] & SCHED != 0
    }

    /// `napi_disable()` and `napi_synchronize()` wait while it is owned.
    pub(super) fn may_wait_for_napi(&self, s: &[u8], context: usize) -> u8 {
        let owned = self.next_object(s, context).is_some_and(|at| self.napi_is_scheduled(s, at));
        if owned { 0 } else { ORDINARY }
    }

    /// Who runs the poll function of the instance that a context's next call is about, even if it has completed it.
    pub(super) fn napi_poller(&self, s: &[u8], context: usize) -> Option<usize> {
        let at = self.next_object(s, context)?;
        (0..self.layout.contexts.len())
            .find(|c| self.layout.contexts[*c].is_softirq() && self.current(s, *c) == Some(at))
    }

    /// `synchronize_net()` in `netif_napi_del()` waits for poll functions that run.
    pub(super) fn may_delete_napi(&self, s: &[u8], context: usize) -> u8 {
        if self.napi_poller(s, context).is_some() { 0 } else { ORDINARY }
    }
}

impl<O: Observer> Run<'_, O> {
    fn napi(&mut self, address: u64) -> Option<usize> {
        match self.access(address, SIZE, true)? {
            Target::State(at, _) => {
                self.check_magic(at, MAGIC, address);
                Some(at)
            }
            _ => None,
        }
    }

    /// `netif_napi_add_weight()`: it is disabled, that is, owned.
    pub(super) fn napi_init(&mut self, address: u64, poll: u64, weight: u64) -> Given {
        let Target::State(at, _) = self.access(address, SIZE, true)? else { return Some(0) };
        if self.m.listed_callback(self.s, &(at..at + 1)).is_some() {
            self.symptom_at(Kind::FreeActive, NAPI_INITIALISED, address);
            self.forget_listed(&(at..at + 1));
        }
        self.set_bytes(address, 0, SIZE)?;
        self.s[at + 1] = MAGIC;
        self.s[at + STATE] = SCHED;
        self.s[at + WEIGHT] = weight.clamp(1, 255) as u8;
        set(self.s, at + POLL, Scalar::U64, poll);
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// `napi_schedule_prep()`: gives whether the caller owns it now.
    pub(super) fn napi_prep(&mut self, address: u64) -> Given {
        let at = self.napi(address)?;
        let state = self.s[at + STATE];
        let (now, verb) = match (state & DISABLE, state & SCHED) {
            (0, 0) => (state | SCHED, "claims"),
            (0, _) => (state | MISSED, "finds scheduled, and notes that it has to be polled once more,"),
            _ => (state, "may not schedule"),
        };
        self.s[at + STATE] = now;
        if state & (DISABLE | SCHED) == 0 {
            self.s[at] = self.context as u8 + 1;
        }
        self.tell(What::Callback { object: address, verb });
        Some(u64::from(state & (DISABLE | SCHED) == 0))
    }

    /// `____napi_schedule()`: onto this CPU's list, unless it is on one, which is a defect.
    pub(super) fn napi_schedule(&mut self, address: u64) -> Given {
        let at = self.napi(address)?;
        if self.m.listed_callback(self.s, &(at..at + 1)).is_some() {
            return Some(0);
        }
        self.list_napi(at)?;
        self.tell(What::Callback { object: address, verb: "schedules polling of" });
        Some(1)
    }

    /// This CPU's softirqs are to poll it, and own it from now on.
    fn list_napi(&mut self, at: usize) -> Option<()> {
        self.list_callback(at, NET_RX)?;
        let softirqs = self.m.layout.softirq.as_ref().map_or(0, |softirq| softirq.contexts[self.cpu] + 1);
        self.s[at] = softirqs;
        Some(())
    }

    /// `napi_complete_done()`: gives 1 if nobody owns it any more, 0 if it is to be polled once more, -1 if nobody had owned it.
    pub(super) fn napi_complete(&mut self, address: u64) -> Given {
        let at = self.napi(address)?;
        if !self.m.napi_is_scheduled(self.s, at) {
            self.s[at + STATE] &= !MISSED;
            return Some(-1i64 as u64);
        }
        self.forget_listed(&(at..at + 1));
        self.s[at] = 0;
        let missed = self.s[at + STATE] & MISSED != 0;
        self.s[at + STATE] &= !MISSED;
        if missed {
            self.list_napi(at)?;
        } else {
            self.s[at + STATE] &= !SCHED;
        }
        let verb = if missed { "schedules once more polling of" } else { "completes" };
        self.tell(What::Callback { object: address, verb });
        Some(u64::from(!missed))
    }

    /// The first half of `napi_disable()`: nobody becomes its owner from now on.
    pub(super) fn napi_disable(&mut self, address: u64) -> Given {
        let at = self.napi(address)?;
        self.s[at + STATE] |= DISABLE;
        self.tell(What::Callback { object: address, verb: "keeps others from scheduling" });
        Some(0)
    }

    /// Nobody owns it. For `napi_disable()`, whose second half it is, who waited does from now on.
    pub(super) fn napi_waited(&mut self, address: u64, take: bool) -> Given {
        let at = self.napi(address)?;
        if take {
            self.s[at + STATE] = (self.s[at + STATE] | SCHED) & !DISABLE;
            self.tell(What::Callback { object: address, verb: "has disabled" });
        }
        Some(0)
    }

    /// `napi_enable()`: gives whether it was disabled.
    pub(super) fn napi_enable(&mut self, address: u64) -> Given {
        let at = self.napi(address)?;
        let disabled = self.m.napi_is_scheduled(self.s, at);
        self.s[at + STATE] &= !SCHED;
        self.s[at] = 0;
        self.tell(What::Callback { object: address, verb: "enables" });
        Some(u64::from(disabled))
    }

    /// `napi_is_scheduled()`.
    pub(super) fn napi_scheduled(&mut self, address: u64) -> Given {
        let at = self.napi(address)?;
        Some(u64::from(self.m.napi_is_scheduled(self.s, at)))
    }

    /// The poll function has returned. One that did less than it might has completed the instance, which may be gone; another still owns it.
    pub(super) fn napi_returned(&mut self, at: usize, value: u64) {
        let (done, budget) = (value as i32, self.m.budget(self.s, self.cpu));
        self.m.set_budget(self.s, self.cpu, 0);
        let listed = self.m.listed_callback(self.s, &(at..at + 1)).is_some();
        if done < i32::from(budget) && !listed && self.s[at] as usize == self.context + 1 {
            self.s[at] = 0;
        }
        if done > i32::from(budget) && O::EVENTS {
            let text = format!("NAPI poll function returned {done}, exceeding its budget of {budget}");
            self.tell(What::Log { level: 3, most: 0, text });
        }
        if done < i32::from(budget) {
            return;
        }
        let address = self.m.address_at(at);
        if self.m.resolve(self.s, address, SIZE, true).is_err() {
            self.symptom_at(Kind::UseAfterFree, 0, address);
        } else if self.s[at + STATE] & DISABLE != 0 {
            self.napi_complete(address);
        } else if !listed {
            self.list_napi(at);
            self.tell(What::Callback { object: address, verb: "leaves for the next round" });
        }
    }
}
