//! irq_work: a function to be called in a hard interrupt, which an NMI may ask for. After `kernel/irq_work.c`. The first bytes of a `struct irq_work`: who runs it, plus
//! one; magic; flags; the CPU that it is queued on, plus one. Then its function (at 8).
//!
//! All that are pending are on one list, four bytes each, in the order in which they stand in a state. One that is pending may be called at any later moment at which
//! its CPU takes interrupts, in any order with others: in the interrupt that the CPU sends itself, in that of another CPU, and, where it is lazy or the machine has
//! no such interrupt, at a tick.
//!
//! Invariant: it is pending no more before its function is called (`irq_work_single`), so that it may be queued again meanwhile; on another CPU it then runs there at the
//! same time. `IRQ_WORK_BUSY` goes with the end of a run that it was not queued during.

use super::bytes::{get, get32, set, set32};
use super::event::What;
use super::kernel::ORDINARY;
use super::layout::Origin;
use super::lock::Given;
use super::memory::Target;
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::model::{Choice, Growth, Observer, Outgrown};
use crate::program::{Scalar, pointer};

/// What the second byte of an initialised one holds.
const MAGIC: u8 = 20;
const SIZE: u32 = 16;
const FLAGS: usize = 2;
const CPU: usize = 3;
const FUNCTION: usize = 8;
/// `IRQ_WORK_PENDING`, `IRQ_WORK_BUSY`, `IRQ_WORK_HARD_IRQ`.
const PENDING: u8 = 1;
const BUSY: u8 = 2;
const HARD: u8 = 8;
/// In what is called on a CPU: it was released before its end.
const RELEASED: u32 = 0x8000_0000;

/// Where irq_work is in a state.
#[derive(Debug, Clone, Default)]
pub(crate) struct IrqWorkLayout {
    /// Where the list of those that are pending begins.
    pub(super) list: usize,
    /// How many it has room for.
    pub(super) room: usize,
    /// For each CPU: the context in which they are called; none if there is no irq_work.
    pub(super) contexts: Vec<u8>,
    /// For each CPU: the one whose function is called there (4).
    pub(super) current: usize,
}

impl Machine {
    fn pending_irq_works<'s>(&self, s: &'s [u8]) -> impl Iterator<Item = usize> + 's {
        let IrqWorkLayout { list, room, .. } = self.layout.irq_work;
        let entries = s[list..list + 4 * room].chunks_exact(4).map(|entry| get32(entry, 0) as usize);
        entries.take_while(|at| *at != 0)
    }

    /// Whether a function is yet to be called.
    pub(super) fn irq_work_to_come(&self, s: &[u8]) -> bool {
        self.pending_irq_works(s).next().is_some()
    }

    /// What may be called on a CPU now, and on top of whom.
    fn irq_work_starts(&self, s: &[u8], cpu: usize) -> Vec<(usize, Option<u8>)> {
        let mut starts = Vec::new();
        for at in self.pending_irq_works(s).filter(|at| s[at + CPU] as usize == cpu + 1) {
            starts.push((at, None));
            starts.extend(self.wanderers(s, cpu).map(|task| (at, Some(task))));
        }
        starts
    }

    /// The choices that these are.
    pub(super) fn push_irq_works(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        let Some(context) = self.layout.irq_work.contexts.get(cpu) else { return };
        let starts = 0..self.irq_work_starts(s, cpu).len().min(256);
        choices.extend(starts.map(|outcome| Choice { context: *context, cpu: cpu as u8, outcome: outcome as u8 }));
    }

    /// A function is called.
    pub(super) fn irq_work_runs<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let cpu = choice.cpu as usize;
        let Some((at, beneath)) = self.irq_work_starts(s, cpu).get(choice.outcome as usize).copied() else {
            return Ok(());
        };
        let flags = self.layout.contexts[choice.context as usize].header + header::FLAGS;
        s[flags] = flag::IRQ_OFF | (s[flags] & flag::DIED);
        self.set_handler(s, cpu, Some(choice.context as usize));
        if let Some(beneath) = beneath {
            self.set_owner(s, cpu, Some(beneath as usize));
        }
        self.unlist_irq_work(s, at);
        s[at] = choice.context + 1;
        s[at + FLAGS] &= !PENDING;
        set32(s, self.layout.irq_work.current + 4 * cpu, at as u32);
        let address = self.address_at(at);
        let function = get(s, at + FUNCTION, Scalar::U64);
        let known = pointer::function(function).filter(|f| (*f as usize) < self.code.routines.len());
        Run::start_with(self, s, choice, known.unwrap_or(0), &[address], o, |run| {
            run.tell(What::Callback { object: address, verb: "runs the irq_work" });
            if known.is_none() {
                run.fault(Kind::NullDeref, 2, function);
            }
            known.map(|_| ())
        })
    }

    fn unlist_irq_work(&self, s: &mut [u8], at: usize) {
        let IrqWorkLayout { list, room, .. } = self.layout.irq_work;
        let nth = self.pending_irq_works(s).position(|other| other == at);
        if let Some(nth) = nth {
            let end = list + 4 * room;
            s.copy_within(list + 4 * (nth + 1)..end, list + 4 * nth);
            set32(s, end - 4, 0);
        }
    }

    /// What is called in a context that calls irq_work.
    pub(super) fn current_irq_work(&self, s: &[u8], cpu: usize) -> Option<usize> {
        let at = (get32(s, self.layout.irq_work.current + 4 * cpu) & !RELEASED) as usize;
        (at != 0).then_some(at)
    }

    /// Whether a context calls irq_work of `IRQ_WORK_HARD_IRQ`, which is no thread's business on any kernel.
    pub(super) fn runs_hard_irq_work(&self, s: &[u8], context: usize) -> bool {
        let Origin::IrqWork { cpu } = self.layout.contexts[context].origin else { return false };
        self.current_irq_work(s, cpu as usize).is_some_and(|at| s[at + FLAGS] & HARD != 0)
    }

    /// `irq_work_sync()` spins while it is pending or runs.
    pub(super) fn may_sync_irq_work(&self, s: &[u8], context: usize) -> u8 {
        let busy = self.next_object(s, context).is_some_and(|at| s[at + FLAGS] & BUSY != 0);
        if busy { 0 } else { ORDINARY }
    }

    /// Who keeps what `irq_work_sync()` waits for from ending: who runs it, or has interrupts off on the CPU that is to.
    pub(super) fn irq_work_holder(&self, s: &[u8], context: usize) -> Option<usize> {
        let at = self.next_object(s, context)?;
        self.runner(s, context).or_else(|| {
            let cpu = (s[at + CPU] as usize).checked_sub(1).filter(|cpu| !self.irqs_on(s, *cpu))?;
            self.occupant(s, cpu).filter(|occupant| *occupant != context)
        })
    }

    /// Where everything stands that is pending: what points to it can still be reached.
    pub(super) fn kept_as_irq_work(&self, s: &[u8]) -> Vec<usize> {
        self.pending_irq_works(s).collect()
    }
}

impl<O: Observer> Run<'_, O> {
    fn irq_work(&mut self, address: u64) -> Option<usize> {
        match self.access(address, SIZE, true)? {
            Target::State(at, _) => {
                self.check_magic(at, MAGIC, address);
                Some(at)
            }
            _ => None,
        }
    }

    /// `init_irq_work()`, with these flags.
    pub(super) fn irq_work_init(&mut self, address: u64, function: u64, flags: u64) -> Given {
        let Target::State(at, _) = self.access(address, SIZE, true)? else { return Some(0) };
        self.forget_irq_work(&(at..at + 1), address, 12);
        self.set_bytes(address, 0, SIZE)?;
        self.s[at + 1] = MAGIC;
        self.s[at + FLAGS] = flags as u8 & !(PENDING | BUSY);
        set(self.s, at + FUNCTION, Scalar::U64, function);
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// `irq_work_queue()`, `irq_work_queue_on()`: 0 if it is pending already. A negative CPU is this one.
    pub(super) fn irq_work_queue(&mut self, address: u64, cpu: i32) -> Given {
        let at = self.irq_work(address)?;
        if self.s[at + FLAGS] & PENDING != 0 {
            self.tell(What::Callback { object: address, verb: "finds pending the irq_work" });
            return Some(0);
        }
        let mut all: Vec<usize> = self.m.pending_irq_works(self.s).collect();
        let IrqWorkLayout { list, room, .. } = self.m.layout.irq_work;
        if all.len() >= room {
            return self.outgrow(Growth::IrqWork);
        }
        all.push(at);
        all.sort_unstable();
        all.iter().enumerate().for_each(|(i, at)| set32(self.s, list + 4 * i, *at as u32));
        let cpu = usize::try_from(cpu).map_or(self.cpu, |cpu| cpu.min(self.m.cpus() - 1));
        self.s[at + FLAGS] |= PENDING | BUSY;
        self.s[at + CPU] = cpu as u8 + 1;
        self.tell(What::Callback { object: address, verb: "queues the irq_work" });
        Some(1)
    }

    /// The end of `irq_work_sync()`.
    pub(super) fn irq_work_synced(&mut self, address: u64) -> Given {
        self.irq_work(address).map(|_| 0)
    }

    /// `irq_work_is_pending()`, `irq_work_is_busy()`
    pub(super) fn irq_work_is(&mut self, address: u64, flag: u64) -> Given {
        let at = self.irq_work(address)?;
        Some(u64::from(self.s[at + FLAGS] & flag as u8 != 0))
    }

    /// `csd_unlock()` of a call that nobody waits for.
    pub(super) fn irq_work_release(&mut self, address: u64) -> Given {
        let at = self.irq_work(address)?;
        let current = self.m.layout.irq_work.current + 4 * self.cpu;
        if self.s[at] as usize == self.context + 1 && get32(self.s, current) == at as u32 {
            set32(self.s, current, at as u32 | RELEASED);
            self.s[at] = 0;
            if self.s[at + FLAGS] & PENDING == 0 {
                self.s[at + FLAGS] &= !BUSY;
            }
        }
        Some(0)
    }

    /// The function has returned: unless it was queued meanwhile it is busy no more, which touches it.
    pub(super) fn irq_work_returned(&mut self, at: usize) {
        let current = self.m.layout.irq_work.current + 4 * self.cpu;
        let released = get32(self.s, current) & RELEASED != 0;
        set32(self.s, current, 0);
        if released {
            return;
        }
        if self.s[at + 1] != MAGIC {
            self.symptom_at(Kind::UseAfterFree, 0, self.m.address_at(at));
            return;
        }
        if self.s[at + FLAGS] & PENDING == 0 {
            self.s[at + FLAGS] &= !BUSY;
        }
        if self.s[at] as usize == self.context + 1 {
            self.s[at] = 0;
        }
    }

    /// Memory goes, or is initialised anew: what is pending in it is told of and forgotten.
    pub(super) fn forget_irq_work(&mut self, bytes: &std::ops::Range<usize>, address: u64, detail: u32) {
        let gone: Vec<usize> = self.m.pending_irq_works(self.s).filter(|at| bytes.contains(at)).collect();
        for at in gone {
            self.symptom_at(Kind::FreeActive, detail, address);
            self.m.unlist_irq_work(self.s, at);
        }
    }
}
