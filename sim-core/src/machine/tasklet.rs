//! Tasklets. After `kernel/softirq.c`. The first bytes of a `struct tasklet_struct`: who runs it, plus one (the RUN bit); magic; the SCHED bit and what its
//! callback takes; how often it is disabled. Then its callback (at 8) and the number for one of the old kind (at 16).
//!
//! Each CPU has its list of those that were scheduled there, in that order: four bytes each, where the tasklet stands and the vector that runs it. What NAPI polls is on
//! the same list.
//!
//! Invariant: a tasklet runs on one CPU at a time. It is on a list, once, while its SCHED bit is set, unless `tasklet_kill()` has set it.

use super::bytes::{get, get32, set, set32};
use super::event::What;
use super::kernel::ORDINARY;
use super::lock::Given;
use super::memory::Target;
use super::{Machine, Run};
use crate::finding::Kind;
use crate::machine::softirq;
use crate::model::{Choice, Growth, Observer, Outgrown};
use crate::program::{Scalar, pointer};

/// What the second byte of an initialised tasklet holds.
const MAGIC: u8 = 16;
/// The bytes of a tasklet.
pub(super) const SIZE: u32 = 24;
const STATE: usize = 2;
const DISABLED: usize = 3;
const CALLBACK: usize = 8;
const DATA: usize = 16;
/// `TASKLET_STATE_SCHED`
const SCHED: u8 = 1;
/// The callback takes a number, not the tasklet (`use_callback` is false).
const OLD: u8 = 2;
/// In a list's entry: the vector is above these bits, which say where it stands.
const VECTOR: u32 = 28;

/// A list's entry.
fn entry(at: usize, vector: usize) -> u32 {
    (vector as u32) << VECTOR | at as u32
}

/// Where it stands, and its vector.
fn parts(entry: u32) -> (usize, usize) {
    ((entry & ((1 << VECTOR) - 1)) as usize, (entry >> VECTOR) as usize)
}

/// The lists.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskletLayout {
    /// Where the first CPU's begins.
    pub(super) at: usize,
    /// How many tasklets each has room for.
    pub(super) room: usize,
    /// There is NAPI.
    pub(super) napi: bool,
}

impl Machine {
    fn tasklet_list(&self, cpu: usize) -> std::ops::Range<usize> {
        let TaskletLayout { at, room, .. } = self.layout.tasklets;
        at + 4 * room * cpu..at + 4 * room * (cpu + 1)
    }

    fn listed(&self, s: &[u8], cpu: usize) -> impl Iterator<Item = u32> {
        let entries = s[self.tasklet_list(cpu)].chunks_exact(4).map(|entry| get32(entry, 0));
        entries.take_while(|entry| *entry != 0)
    }

    /// The vectors of a CPU for which there is a tasklet that can run, or something to poll.
    pub(super) fn tasklet_vectors(&self, s: &[u8], cpu: usize) -> u16 {
        let ready = |(at, vector): &(usize, usize)| *vector == softirq::NET_RX || self.tasklet_can_run(s, *at);
        self.listed(s, cpu).map(parts).filter(ready).fold(0, |vectors, (_, vector)| vectors | 1 << vector)
    }

    /// Whether it is enabled and runs nowhere.
    pub(super) fn tasklet_can_run(&self, s: &[u8], at: usize) -> bool {
        s[at] == 0 && s[at + DISABLED] == 0
    }

    /// How many of a vector's are on a CPU's list.
    pub(super) fn queued_tasklets(&self, s: &[u8], cpu: usize, vector: usize) -> usize {
        self.listed(s, cpu).filter(|entry| parts(*entry).1 == vector).count()
    }

    /// Takes the first of a vector's off a CPU's list.
    pub(super) fn take_tasklet(&self, s: &mut [u8], cpu: usize, vector: usize) -> Option<usize> {
        let nth = self.listed(s, cpu).position(|entry| parts(entry).1 == vector)?;
        let list = self.tasklet_list(cpu);
        let at = list.start + 4 * nth;
        let (place, _) = parts(get32(s, at));
        s.copy_within(at + 4..list.end, at);
        set32(s, list.end - 4, 0);
        Some(place)
    }

    /// Puts what was just taken off a CPU's list at its end.
    pub(super) fn put_tasklet_back(&self, s: &mut [u8], cpu: usize, at: usize, vector: usize) {
        let end = self.tasklet_list(cpu).start + 4 * self.listed(s, cpu).count();
        set32(s, end, entry(at, vector));
    }

    /// A tasklet's callback begins. SCHED is cleared before it, so that it may be scheduled again.
    pub(super) fn run_tasklet<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        at: usize,
        o: &mut O,
    ) -> Result<(), Outgrown> {
        s[at] = choice.context + 1;
        s[at + STATE] &= !SCHED;
        let address = self.address_at(at);
        let callback = get(s, at + CALLBACK, Scalar::U64);
        let data = if s[at + STATE] & OLD != 0 { get(s, at + DATA, Scalar::U64) } else { address };
        let known = pointer::function(callback).filter(|f| (*f as usize) < self.code.routines.len());
        let runs = |run: &mut Run<'_, O>| {
            run.tell(What::Callback { object: address, verb: "runs the tasklet" });
            if known.is_none() {
                run.fault(Kind::NullDeref, 2, callback);
            }
            known.map(|_| ())
        };
        Run::start_with(self, s, choice, known.unwrap_or(0), &[data], o, runs)
    }

    /// A tasklet or what is to be polled, where it may stand in these bytes, that is on a list; and its vector.
    pub(super) fn listed_callback(&self, s: &[u8], bytes: &std::ops::Range<usize>) -> Option<(usize, usize)> {
        let entries = (0..self.cpus()).flat_map(|cpu| self.listed(s, cpu));
        entries.map(parts).find(|(at, _)| bytes.contains(at))
    }

    /// `tasklet_kill()` waits for the SCHED bit, and takes it.
    pub(super) fn may_kill_tasklet(&self, s: &[u8], context: usize) -> u8 {
        let scheduled = self.next_object(s, context).is_some_and(|at| s[at + STATE] & SCHED != 0);
        if scheduled { 0 } else { ORDINARY }
    }

    /// Who runs the tasklet or timer that a context's next call is about. Without SMP nobody waits for a tasklet (`tasklet_unlock_wait()` is empty).
    pub(super) fn runner(&self, s: &[u8], context: usize) -> Option<usize> {
        (s[self.next_object(s, context)?] as usize).checked_sub(1)
    }

    pub(super) fn may_wait_for_tasklet(&self, s: &[u8], context: usize) -> u8 {
        let waits = self.program.config.smp && self.runner(s, context).is_some();
        if waits { 0 } else { ORDINARY }
    }
}

impl<O: Observer> Run<'_, O> {
    fn tasklet(&mut self, address: u64) -> Option<usize> {
        match self.access(address, SIZE, true)? {
            Target::State(at, _) => {
                self.check_magic(at, MAGIC, address);
                Some(at)
            }
            _ => None,
        }
    }

    /// `tasklet_setup()`, `tasklet_init()`.
    pub(super) fn tasklet_init(&mut self, address: u64, callback: u64, data: u64, old: bool) -> Given {
        let Target::State(at, _) = self.access(address, SIZE, true)? else { return Some(0) };
        if self.m.listed_callback(self.s, &(at..at + 1)).is_some() {
            self.symptom_at(Kind::FreeActive, 5, address);
            self.forget_listed(&(at..at + 1));
        }
        self.set_bytes(address, 0, SIZE)?;
        self.s[at + 1] = MAGIC;
        self.s[at + STATE] = if old { OLD } else { 0 };
        set(self.s, at + CALLBACK, Scalar::U64, callback);
        set(self.s, at + DATA, Scalar::U64, data);
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// `tasklet_schedule()`: onto this CPU's list, unless it is on one.
    pub(super) fn tasklet_schedule(&mut self, address: u64, high: bool) -> Given {
        let at = self.tasklet(address)?;
        if self.s[at + STATE] & SCHED != 0 {
            return Some(0);
        }
        if pointer::function(get(self.s, at + CALLBACK, Scalar::U64)).is_none() {
            self.fault(Kind::NullDeref, 2, 0);
            return None;
        }
        self.list_callback(at, if high { softirq::HI } else { softirq::TASKLET })?;
        self.s[at + STATE] |= SCHED;
        self.tell(What::Callback { object: address, verb: "schedules the tasklet" });
        Some(0)
    }

    /// `tasklet_disable_nosync()`; `tasklet_enable()`.
    pub(super) fn tasklet_enable(&mut self, address: u64, enable: bool) -> Given {
        let at = self.tasklet(address)?;
        let count = &mut self.s[at + DISABLED];
        let now = if enable { count.checked_sub(1) } else { count.checked_add(1) };
        match now {
            Some(now) => *count = now,
            None => self.symptom_at(Kind::IrqState, 5, address),
        }
        let verb = if enable { "enables the tasklet" } else { "disables the tasklet" };
        self.tell(What::Callback { object: address, verb });
        Some(0)
    }

    /// The first half of `tasklet_kill()`: the SCHED bit is clear and is taken, so that nobody schedules it.
    pub(super) fn tasklet_kill(&mut self, address: u64) -> Given {
        let at = self.tasklet(address)?;
        if self.irq_count() & 0xf_ff00 != 0 {
            self.symptom(Kind::WrongContext, 11);
        }
        self.s[at + STATE] |= SCHED;
        self.tell(What::Callback { object: address, verb: "keeps others from scheduling the tasklet" });
        Some(0)
    }

    /// `tasklet_unlock_wait()`: it runs nowhere. For `tasklet_kill()`, whose second half it is, it may be scheduled again.
    pub(super) fn tasklet_waited(&mut self, address: u64, kill: bool) -> Given {
        let at = self.tasklet(address)?;
        if kill {
            self.s[at + STATE] &= !SCHED;
            self.tell(What::Callback { object: address, verb: "has killed the tasklet" });
        }
        Some(0)
    }

    /// The callback has returned: the RUN bit is cleared, which touches the tasklet.
    pub(super) fn tasklet_returned(&mut self, at: usize) {
        if self.s[at] as usize == self.context + 1 {
            self.s[at] = 0;
        } else {
            self.symptom_at(Kind::UseAfterFree, 0, self.m.address_at(at));
        }
    }

    /// Puts a tasklet, or what is to be polled, at the end of this CPU's list.
    pub(super) fn list_callback(&mut self, at: usize, vector: usize) -> Option<()> {
        if self.m.listed(self.s, self.cpu).count() >= self.m.layout.tasklets.room {
            return self.outgrow(Growth::Tasklets);
        }
        self.m.put_tasklet_back(self.s, self.cpu, at, vector);
        Some(())
    }

    /// Takes what stands in these bytes off the lists.
    pub(super) fn forget_listed(&mut self, bytes: &std::ops::Range<usize>) {
        for cpu in 0..self.m.cpus() {
            let kept: Vec<u32> = self.m.listed(self.s, cpu).filter(|entry| !bytes.contains(&parts(*entry).0)).collect();
            let list = self.m.tasklet_list(cpu);
            self.s[list.clone()].fill(0);
            kept.iter().enumerate().for_each(|(i, entry)| set32(self.s, list.start + 4 * i, *entry));
        }
    }
}
