//! Work items and the queues that they wait in.
//!
//! A `struct work_struct` is 16 bytes: pending, magic, where it was initialised (2), the pool that it was last given to plus one, how often it is
//! disabled, how often work functions have queued it, whether it was last given to a `WQ_BH` queue, its function (8). A `struct workqueue_struct` is 8: state, magic, where it was allocated (2),
//! flags, `max_active` (0: the default, which is never reached), its name (2). What is pending stands in one list, the oldest first: 10 bytes each.
//!
//! Invariant: an item is pending exactly while it is in the list, but for one that a draining queue refused; what is in the list is live memory.
//! (`kernel/workqueue.c`: `queue_work_on`, `__queue_work`, `try_to_grab_pending`, `process_one_work`.)

mod delayed;

use super::bytes::{get, get16, get32, set, set16, set32};
use super::event::What;
use super::layout::Layout;
use super::lock::Given;
use super::memory::Target;
use super::{Machine, Run, flag, global};
use crate::finding::Kind;
use crate::model::{Bound, Growth, Observer};
use crate::program::{FunctionId, Inst, KernelCall, Program, Scalar, pointer};

/// The second byte of an initialised work item.
pub(super) const WORK_MAGIC: u8 = 24;
/// The second byte of a workqueue.
pub(super) const WQ_MAGIC: u8 = 25;

/// Offsets in a work item.
mod item {
    pub(super) const PENDING: usize = 0;
    pub(super) const MAGIC: usize = 1;
    pub(super) const KEY: usize = 2;
    pub(super) const POOL: usize = 4;
    pub(super) const DISABLED: usize = 5;
    pub(super) const REQUEUED: usize = 6;
    pub(super) const BH: usize = 7;
    pub(super) const FUNCTION: usize = 8;
}
/// The bytes of a work item.
const ITEM_SIZE: u32 = 16;

/// Offsets in a workqueue.
mod queue {
    pub(super) const STATE: usize = 0;
    pub(super) const MAGIC: usize = 1;
    pub(super) const KEY: usize = 2;
    pub(super) const FLAGS: usize = 4;
    pub(super) const MAX_ACTIVE: usize = 5;
    pub(super) const NAME: usize = 6;
}
/// The bytes of a workqueue.
const QUEUE_SIZE: u32 = 8;

/// Bits of a workqueue's state.
const DRAINING: u8 = 1;
const DESTROYING: u8 = 2;
const ORDERED: u8 = 4;
const LEGACY: u8 = 8;

/// Bits of a workqueue's flags, as in `include/linux/workqueue.h`.
const WQ_BH: u8 = 1;
const WQ_UNBOUND: u8 = 2;
const WQ_MEM_RECLAIM: u8 = 8;
const WQ_HIGHPRI: u8 = 0x10;
const WQ_CPU_INTENSIVE: u8 = 0x20;
const WQ_ORDERED: u64 = 0x2_0000;
const WQ_LEGACY: u64 = 0x4_0000;

/// Details of [`Kind::WarnOn`] that the workqueue code itself warns of.
pub(crate) const CANNOT_QUEUE: u32 = 0x8000_0000;
/// `enable_work()` without `disable_work()`.
pub(crate) const ENABLE_UNDERFLOW: u32 = 0x8000_0001;

/// The worker pools: two for each CPU (the second for `WQ_HIGHPRI`), two for each CPU whose softirqs run what is queued (`WQ_BH`), and two that are bound to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pool(pub(super) u8);

impl Pool {
    const UNBOUND: u8 = 0x80;
    const BH: u8 = 0x40;

    fn of(unbound: bool, cpu: usize, highpri: bool) -> Self {
        Self(if unbound { Self::UNBOUND } else { 2 * cpu as u8 } + u8::from(highpri))
    }

    /// The pool of a CPU of which its softirqs are the worker.
    pub(super) fn bh(cpu: usize, highpri: bool) -> Self {
        Self(Self::BH | Self::of(false, cpu, highpri).0)
    }

    /// Whether softirqs are its worker.
    pub(super) fn is_bh(self) -> bool {
        self.0 & (Self::BH | Self::UNBOUND) == Self::BH
    }

    /// The CPU that its workers are bound to.
    pub(super) fn cpu(self) -> Option<usize> {
        (self.0 < Self::UNBOUND).then_some(((self.0 & !Self::BH) / 2) as usize)
    }

    /// The pools whose workers may run on a CPU, in the order in which outcomes name them.
    pub(super) fn on(cpu: usize) -> [Self; 4] {
        [Self::of(false, cpu, false), Self::of(false, cpu, true), Self::of(true, 0, false), Self::of(true, 0, true)]
    }

    /// The pool that an outcome names.
    pub(super) fn named(cpu: usize, outcome: u8) -> Self {
        Self::on(cpu)[(outcome & 3) as usize]
    }

    /// What tells an outcome from the others of its CPU.
    pub(super) fn suffix(outcome: u8) -> String {
        let pool = ["", "!highpri", "!unbound", "!unbound_highpri"][(outcome & 3) as usize];
        let who = ["", "!no_memory", "!rescuer", ""][(outcome >> 2 & 3) as usize];
        format!("{pool}{who}")
    }
}

/// When an item is queued of which it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Now,
    /// `queue_delayed_work()`
    Later,
    /// `queue_rcu_work()`
    AfterReaders,
}

impl When {
    /// After a delay.
    pub(super) fn after(delay: u64) -> Self {
        if delay == 0 { Self::Now } else { Self::Later }
    }
}

/// A work item that is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    /// The offset in the state of the item.
    pub(super) work: usize,
    /// The offset in the state of its queue.
    pub(super) queue: usize,
    /// What runs it; while it waits for its time, the CPU that it was queued on plus one, or 0.
    pool: u8,
    /// It waits for its time,
    pub(super) delayed: bool,
    /// which comes with the end of a grace period of RCU.
    after_readers: bool,
}

impl Pending {
    /// Whether a task has to begin it, and may as far as its time goes.
    pub(super) fn is_for_workers(&self) -> bool {
        !self.delayed && !Pool(self.pool).is_bh()
    }
}

const ENTRY: usize = 10;

/// Where the list of what is pending lies, and how much room it has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PendingLayout {
    pub(crate) at: usize,
    pub(crate) room: usize,
    /// Offset of the byte that says that no worker is made any more, where that may come.
    pub(crate) pressure: Option<usize>,
}

impl PendingLayout {
    pub(crate) fn new(room: usize, pressure: bool, take: &mut impl FnMut(usize) -> usize) -> Self {
        Self { at: take(room * ENTRY), room, pressure: pressure.then(|| take(1)) }
    }
}

/// Whether a program has a queue of which softirqs are the worker: one of the kernel's, or one that it allocates with flags that may say so.
pub(super) fn uses_bh(program: &Program) -> bool {
    let is_bh = |bytes: &[u8]| bytes.get(queue::MAGIC) == Some(&WQ_MAGIC) && bytes[queue::FLAGS] & WQ_BH != 0;
    let kernels = program.objects.iter().any(|object| object.init.len() > queue::FLAGS && is_bh(&object.init));
    let allocates = program.functions.iter().any(|function| {
        function.code.iter().any(|inst| {
            let Inst::Kernel { call: KernelCall::WqInit { .. }, args, .. } = inst else { return false };
            let flags = args.get(1).copied();
            let mut made = function.code.iter().filter(|inst| inst.def() == flags);
            made.any(|inst| !matches!(inst, Inst::Const { value, .. } if value & u64::from(WQ_BH) == 0))
        })
    });
    kernels || allocates
}

/// Whether a program queues work, and whether any of it may have to wait for its time.
pub(super) fn uses(program: &Program) -> (bool, bool) {
    let (mut queues, mut delays) = (false, false);
    for function in &program.functions {
        for inst in &function.code {
            if let Inst::Kernel { call: KernelCall::QueueRcuWork, .. } = inst {
                queues = true;
            } else if let Inst::Kernel { call: KernelCall::QueueWork | KernelCall::ModWork, args, .. } = inst {
                queues = true;
                let zero = |inst: &Inst| matches!(inst, Inst::Const { value: 0, .. });
                let mut made = function.code.iter().filter(|inst| inst.def() == args.last().copied()).peekable();
                delays |=
                    args.last().is_none_or(|reg| *reg < function.params) || made.peek().is_none() || !made.all(zero);
            }
        }
    }
    (queues, delays)
}

impl Layout {
    /// A pending item, the `nth` in the list.
    fn entry(&self, s: &[u8], nth: usize) -> Option<Pending> {
        if nth >= self.pending.room {
            return None;
        }
        let at = self.pending.at + nth * ENTRY;
        let work = get32(s, at).checked_sub(1)? as usize;
        Some(Pending {
            work,
            queue: get32(s, at + 4) as usize,
            pool: s[at + 8],
            delayed: s[at + 9] != 0,
            after_readers: s[at + 9] == 2,
        })
    }

    fn set_entry(&self, s: &mut [u8], nth: usize, entry: Option<Pending>) {
        let at = self.pending.at + nth * ENTRY;
        s[at..at + ENTRY].fill(0);
        if let Some(entry) = entry {
            set32(s, at, entry.work as u32 + 1);
            set32(s, at + 4, entry.queue as u32);
            s[at + 8] = entry.pool;
            s[at + 9] = u8::from(entry.delayed) + u8::from(entry.after_readers);
        }
    }
}

impl Machine {
    /// What is pending, the oldest first.
    pub(super) fn pending_works<'s>(&'s self, s: &'s [u8]) -> impl Iterator<Item = (usize, Pending)> + 's {
        (0..self.layout.pending.room).map_while(|nth| Some((nth, self.layout.entry(s, nth)?)))
    }

    pub(super) fn pending_item(&self, s: &[u8], nth: usize) -> Option<Pending> {
        self.layout.entry(s, nth)
    }

    /// The function of the item at an offset.
    pub(super) fn work_function(&self, s: &[u8], work: usize) -> Option<FunctionId> {
        let function = pointer::function(get(s, work + item::FUNCTION, Scalar::U64))?;
        ((function as usize) < self.code.routines.len()).then_some(function)
    }

    /// Where the item was initialised, and the queue allocated: what makes their classes.
    pub(super) fn map_key(s: &[u8], at: usize) -> u16 {
        get16(s, at + item::KEY)
    }

    pub(super) fn queue_state(s: &[u8], queue: usize, bit: u8) -> bool {
        s[queue + queue::STATE] & bit != 0
    }

    /// Whether softirqs run the item, or what the queue holds, at an offset.
    pub(super) fn is_for_softirqs(s: &[u8], at: usize) -> bool {
        match s[at + item::MAGIC] {
            WORK_MAGIC => s[at + item::BH] != 0,
            _ => s[at + queue::FLAGS] & WQ_BH != 0,
        }
    }

    pub(super) fn is_cpu_intensive(s: &[u8], queue: usize) -> bool {
        s[queue + queue::FLAGS] & WQ_CPU_INTENSIVE != 0
    }

    /// Whether a flush of one item of a queue is as good as one of the queue: the kernel tells its validator so.
    pub(super) fn runs_one_by_one(s: &[u8], queue: usize) -> bool {
        s[queue + queue::MAX_ACTIVE] == 1 || s[queue + queue::FLAGS] & WQ_MEM_RECLAIM != 0
    }

    /// Whether whoever works for a queue that reclaim relies on must not wait for this one; `legacy` ones are not held to it.
    pub(super) fn is_for_reclaim(s: &[u8], queue: usize, legacy: bool) -> bool {
        s[queue + queue::FLAGS] & WQ_MEM_RECLAIM != 0 && (legacy || !Self::queue_state(s, queue, LEGACY))
    }

    /// A workqueue's name.
    pub fn queue_name(&self, s: &[u8], queue: usize) -> String {
        let given = get16(s, queue + queue::NAME).checked_sub(1);
        match given.and_then(|name| self.program.strings.get(name as usize)) {
            Some(name) => name.clone(),
            None => {
                let name = self.name_of(self.address_at(queue));
                name.strip_prefix("__wq_").map_or(name.clone(), str::to_owned)
            }
        }
    }

    /// How many items of a queue may run at once in a pool.
    fn max_active(s: &[u8], queue: usize) -> usize {
        match s[queue + queue::MAX_ACTIVE] {
            0 => usize::MAX,
            n => n as usize,
        }
    }

    /// The item that a worker of a pool would begin next, were there one to begin it: the first of the pool that `max_active` lets run and that
    /// does not run in the pool already.
    pub(super) fn next_work(&self, s: &[u8], pool: Pool) -> Option<usize> {
        self.next_work_of(s, pool, |_| true)
    }

    /// The same, of some queues.
    pub(super) fn next_work_of(&self, s: &[u8], pool: Pool, of: impl Fn(usize) -> bool) -> Option<usize> {
        let mine = |entry: &Pending| !entry.delayed && entry.pool == pool.0 && of(entry.queue);
        let may = |(nth, entry): &(usize, Pending)| {
            mine(entry) && self.is_active(s, *nth, *entry) && self.collision(s, *entry).is_none()
        };
        self.pending_works(s).find(may).map(|(nth, _)| nth)
    }

    /// Whether `max_active` lets a pending item run.
    fn is_active(&self, s: &[u8], nth: usize, entry: Pending) -> bool {
        let limit = Self::max_active(s, entry.queue);
        if limit == usize::MAX {
            return true;
        }
        let same = |other: &Pending| !other.delayed && other.queue == entry.queue && other.pool == entry.pool;
        let before = self.pending_works(s).take(nth).filter(|(_, other)| same(other)).count();
        before + self.running_for(s, entry.queue, Some(Pool(entry.pool))).count() < limit
    }

    /// The worker that runs this very item in the pool that it is to run in.
    fn collision(&self, s: &[u8], entry: Pending) -> Option<usize> {
        let function = self.work_function(s, entry.work)?;
        self.runs(s, entry.work, function, Pool(entry.pool))
    }

    /// Who a pending item waits for, where it cannot begin: one that runs for its queue, or in its pool.
    pub(super) fn keeps_waiting(&self, s: &[u8], nth: usize) -> Option<usize> {
        let entry = self.pending_item(s, nth).filter(|entry| !entry.delayed)?;
        let pool = Pool(entry.pool);
        let collision = self.collision(s, entry);
        let full = || {
            let running = self.running_for(s, entry.queue, Some(pool)).collect::<Vec<_>>();
            let waits = |worker: &usize| self.outcomes(s, *worker) == 0;
            let first = running.iter().copied().find(waits).or(running.first().copied());
            first.filter(|_| !self.is_active(s, nth, entry))
        };
        let busy = || if pool.is_bh() { self.bh_context(pool) } else { self.busy_worker(s, pool) };
        collision.or_else(full).or_else(busy)
    }

    /// Takes an item off the list: worker number `runs` begins it, or it was cancelled.
    pub(super) fn take_off(&self, s: &mut [u8], nth: usize, runs: Option<usize>) -> Option<Pending> {
        let entry = self.pending_item(s, nth)?;
        self.flushes_see_gone(s, nth, entry, runs);
        let last = self.pending_works(s).count() - 1;
        for at in nth..last {
            let next = self.pending_item(s, at + 1);
            self.layout.set_entry(s, at, next);
        }
        self.layout.set_entry(s, last, None);
        s[entry.work + item::PENDING] = 0;
        Some(entry)
    }

    /// Puts an item at the end of the list.
    fn put_on(&self, s: &mut [u8], entry: Pending) -> Result<(), Growth> {
        let nth = self.pending_works(s).count();
        if nth >= self.layout.pending.room {
            return Err(Growth::PendingWork);
        }
        self.layout.set_entry(s, nth, Some(entry));
        s[entry.work + item::PENDING] = 1;
        Ok(())
    }

    /// Forgets in which pool an item ran last, once nobody can tell: it neither waits nor runs there.
    pub(super) fn settle_item(&self, s: &mut [u8], work: usize) {
        if s[work + item::MAGIC] == WORK_MAGIC && s[work + item::PENDING] == 0 && self.running_pool(s, work).is_none() {
            s[work + item::POOL] = 0;
        }
    }

    /// The pool in which an item runs, of those that runs the one that it was given to last: where the kernel looks for it.
    fn running_pool(&self, s: &[u8], work: usize) -> Option<(Pool, usize)> {
        let pool = Pool(s[work + item::POOL].checked_sub(1)?);
        let worker = self.runs(s, work, self.work_function(s, work)?, pool)?;
        Some((pool, worker))
    }

    /// The worker that runs an item, as far as the kernel knows.
    pub(super) fn running(&self, s: &[u8], work: usize) -> Option<usize> {
        self.running_pool(s, work).map(|(_, worker)| worker)
    }

    /// The pool that an item goes to that is queued on a CPU: that of the queue, but where its last run for this queue is still under way in another pool, that.
    fn pool_for(&self, s: &[u8], queue: usize, work: usize, cpu: usize) -> Pool {
        let flags = s[queue + queue::FLAGS];
        let pool = if flags & WQ_BH != 0 {
            Pool::bh(cpu, flags & WQ_HIGHPRI != 0)
        } else {
            Pool::of(flags & WQ_UNBOUND != 0, cpu, flags & WQ_HIGHPRI != 0)
        };
        match self.running_pool(s, work) {
            Some((last, worker))
                if !Self::queue_state(s, queue, ORDERED) && self.worker_queue(s, worker) == Some(queue) =>
            {
                last
            }
            _ => pool,
        }
    }

    /// The place in the list of a pending item.
    pub(super) fn place_in_list(&self, s: &[u8], work: usize) -> Option<usize> {
        self.pending_works(s).find(|(_, entry)| entry.work == work).map(|(nth, _)| nth)
    }
}

impl<O: Observer> Run<'_, O> {
    /// Where an item is; one that was never initialised is none.
    pub(super) fn item(&mut self, address: u64) -> Option<Option<usize>> {
        let Target::State(at, _) = self.access(address, ITEM_SIZE, true)? else { return Some(None) };
        if self.s[at + item::MAGIC] == WORK_MAGIC {
            return Some(Some(at));
        }
        self.symptom_at(Kind::UninitialisedLock, 0, address);
        Some(None)
    }

    /// Where a queue is.
    pub(super) fn queue(&mut self, address: u64) -> Option<usize> {
        match self.access(address, QUEUE_SIZE, true)? {
            Target::State(at, _) if self.s[at + queue::MAGIC] == WQ_MAGIC => Some(at),
            _ => {
                self.fault(Kind::NullDeref, 1, address);
                None
            }
        }
    }

    fn tell_work(&mut self, work: u64, verb: &'static str, queue: Option<usize>) {
        if O::EVENTS {
            let on = queue.map(|queue| self.m.queue_name(self.s, queue));
            self.tell(What::Work { work, verb, on });
        }
    }

    /// `INIT_WORK()`.
    pub(super) fn work_init(&mut self, address: u64, function: u64) -> Given {
        let site = if self.m.lockdep { self.init_site() } else { 0 };
        let target = self.access(address, ITEM_SIZE, true)?;
        let Target::State(at, _) = target else { return Some(0) };
        if self.drop_pending(at, at + 1) {
            self.symptom_at(Kind::FreeActive, 8, address);
        }
        self.set_bytes(address, 0, ITEM_SIZE)?;
        self.s[at + item::MAGIC] = WORK_MAGIC;
        set16(self.s, at + item::KEY, site);
        set(self.s, at + item::FUNCTION, Scalar::U64, function);
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// The second half of `alloc_workqueue()`.
    pub(super) fn wq_init(&mut self, address: u64, flags: u64, max_active: u64, name: u32) -> Given {
        let site = if self.m.lockdep { self.init_site() } else { 0 };
        let Target::State(at, _) = self.access(address, QUEUE_SIZE, true)? else { return Some(0) };
        let bit = |flag: u64, bit: u8| if flags & flag != 0 { bit } else { 0 };
        self.s[at + queue::STATE] = bit(WQ_ORDERED, ORDERED) | bit(WQ_LEGACY, LEGACY);
        self.s[at + queue::MAGIC] = WQ_MAGIC;
        set16(self.s, at + queue::KEY, site);
        self.s[at + queue::FLAGS] = flags as u8;
        self.s[at + queue::MAX_ACTIVE] = u8::try_from(max_active as u32).unwrap_or(0);
        set16(self.s, at + queue::NAME, u16::try_from(name + 1).unwrap_or(0));
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// `queue_work_on()`, `queue_delayed_work_on()`; with `again` `mod_delayed_work_on()`.
    pub(super) fn queue_work(&mut self, wq: u64, work: u64, cpu: i32, when: When, again: bool) -> Given {
        let queue = self.queue(wq)?;
        let Some(at) = self.item(work)? else { return Some(0) };
        if self.m.work_function(self.s, at).is_none() {
            self.fault(Kind::NullDeref, 2, get(self.s, at + item::FUNCTION, Scalar::U64));
            return None;
        }
        let was_pending = self.s[at + item::PENDING] != 0;
        if self.s[at + item::DISABLED] != 0 || (was_pending && !again) {
            let why = if was_pending { "finds pending" } else { "cannot queue the disabled" };
            self.tell_work(work, why, None);
            return Some(0);
        }
        if was_pending {
            self.grab(at);
        }
        if self.count_requeue(at).is_none() {
            self.o.bound(Bound::Requeues);
            self.s[self.m.layout.globals + global::STOPPED] = 1;
            return None;
        }
        self.s[at + item::BH] = self.s[queue + queue::FLAGS] & WQ_BH;
        let given = Some(u64::from(!again || was_pending));
        if when != When::Now {
            let pool = u8::try_from(cpu).map_or(0, |cpu| cpu.min(self.m.cpus() as u8 - 1) + 1);
            let after_readers = when == When::AfterReaders;
            self.add_to_list(Pending { work: at, queue, pool, delayed: true, after_readers })?;
            let does = if after_readers { "will queue, after a grace period," } else { "arms the timer of" };
            self.tell_work(work, does, Some(queue));
            return given;
        }
        let own = self.m.worker_queue(self.s, self.context);
        if Machine::queue_state(self.s, queue, DRAINING | DESTROYING) && own != Some(queue) {
            self.symptom_at(Kind::WarnOn, CANNOT_QUEUE, work);
            self.s[at + item::PENDING] = 1;
            return given;
        }
        let cpu = usize::try_from(cpu).map_or(self.cpu, |cpu| cpu.min(self.m.cpus() - 1));
        let pool = self.m.pool_for(self.s, queue, at, cpu);
        self.s[at + item::POOL] = pool.0 + 1;
        self.add_to_list(Pending { work: at, queue, pool: pool.0, delayed: false, after_readers: false })?;
        self.tell_work(work, "queues", Some(queue));
        given
    }

    fn add_to_list(&mut self, entry: Pending) -> Option<()> {
        match self.m.put_on(self.s, entry) {
            Ok(()) => Some(()),
            Err(growth) => self.outgrow(growth),
        }
    }

    /// Counts how often work functions have queued an item; `None` beyond the bound.
    fn count_requeue(&mut self, work: usize) -> Option<()> {
        if self.m.layout.contexts[self.context].worker.is_some() {
            let count = &mut self.s[work + item::REQUEUED];
            *count = (*count < self.m.program.config.bounds.requeues).then_some(*count + 1)?;
        }
        Some(())
    }

    /// Takes a pending item off the list; whether it was pending.
    fn grab(&mut self, work: usize) -> bool {
        let pending = self.s[work + item::PENDING] != 0;
        if let Some(nth) = self.m.place_in_list(self.s, work) {
            self.m.take_off(self.s, nth, None);
        }
        self.s[work + item::PENDING] = 0;
        self.m.settle_item(self.s, work);
        pending
    }

    /// `cancel_work()`, `cancel_delayed_work()`; with `disable` `disable_work()`.
    pub(super) fn cancel_work(&mut self, work: u64, disable: bool) -> Given {
        let Some(at) = self.item(work)? else { return Some(0) };
        let pending = self.grab(at);
        if disable {
            self.s[at + item::DISABLED] = self.s[at + item::DISABLED].saturating_add(1);
        }
        self.tell_work(work, if pending { "cancels" } else { "finds nothing to cancel of" }, None);
        Some(u64::from(pending))
    }

    /// `enable_work()`.
    pub(super) fn enable_work(&mut self, work: u64) -> Given {
        let Some(at) = self.item(work)? else { return Some(0) };
        match self.s[at + item::DISABLED].checked_sub(1) {
            Some(less) => {
                self.s[at + item::DISABLED] = less;
                Some(u64::from(less == 0))
            }
            None => {
                self.symptom_at(Kind::WarnOn, ENABLE_UNDERFLOW, work);
                Some(0)
            }
        }
    }

    /// The first half of `flush_delayed_work()`, and the callback of `queue_rcu_work()`.
    pub(super) fn expire_work(&mut self, work: u64) -> Given {
        let Some(at) = self.item(work)? else { return Some(0) };
        let Some(nth) = self.m.place_in_list(self.s, at) else { return Some(0) };
        let Some(entry) = self.m.pending_item(self.s, nth).filter(|entry| entry.delayed) else { return Some(0) };
        self.m.take_off(self.s, nth, None);
        let cpu = entry.pool.checked_sub(1).map_or(self.cpu, usize::from);
        let pool = self.m.pool_for(self.s, entry.queue, at, cpu);
        self.s[at + item::POOL] = pool.0 + 1;
        self.add_to_list(Pending { pool: pool.0, delayed: false, after_readers: false, ..entry })?;
        self.tell_work(work, "queues at once", Some(entry.queue));
        Some(0)
    }

    /// Whether an item was last given to a queue of which softirqs are the worker (`WORK_OFFQ_BH`).
    pub(super) fn work_is_bh(&mut self, work: u64) -> Given {
        let Some(at) = self.item(work)? else { return Some(0) };
        Some(u64::from(self.s[at + item::BH]))
    }

    /// `work_pending()`, `work_busy()`.
    pub(super) fn work_busy(&mut self, work: u64) -> Option<(bool, bool)> {
        let Some(at) = self.item(work)? else { return Some((false, false)) };
        Some((self.s[at + item::PENDING] != 0, self.m.running(self.s, at).is_some()))
    }

    /// `drain_workqueue()` and `destroy_workqueue()` begin.
    pub(super) fn wq_drain(&mut self, wq: u64, destroy: bool) -> Given {
        let queue = self.queue(wq)?;
        self.s[queue + queue::STATE] |= if destroy { DRAINING | DESTROYING } else { DRAINING };
        self.waits_for_queue(queue);
        if O::EVENTS {
            let on = Some(self.m.queue_name(self.s, queue));
            self.tell(What::Work { work: 0, verb: if destroy { "destroys" } else { "drains" }, on });
        }
        Some(0)
    }

    /// `drain_workqueue()` ends.
    pub(super) fn wq_drained(&mut self, wq: u64) -> Given {
        let queue = self.queue(wq)?;
        self.s[queue + queue::STATE] &= !DRAINING;
        Some(0)
    }

    /// Memory stops to be: whether items in it are pending. They are taken off, as the kernel's debugging code does after it has complained
    /// (`work_fixup_free` in `kernel/workqueue.c`).
    pub(super) fn drop_pending(&mut self, from: usize, to: usize) -> bool {
        let mut dropped = false;
        let inside =
            |s: &[u8]| self.m.pending_works(s).find(|(_, entry)| (from..to).contains(&entry.work)).map(|(nth, _)| nth);
        while let Some(nth) = inside(self.s) {
            self.m.take_off(self.s, nth, None);
            dropped = true;
        }
        dropped
    }
}

/// Whether a flag of a context says that it must not be used again.
pub(super) fn is_retired(flags: u8) -> bool {
    flags & (flag::ENDED | flag::DIED) != 0
}
