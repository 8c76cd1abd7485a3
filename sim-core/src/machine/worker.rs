//! Workers: the tasks that run work items. 12 bytes each: the item's offset plus one (4), its queue's (4), the pool, whether it is the queue's rescuer, where
//! the item was initialised (2).
//!
//! A worker that runs nothing is no part of any pool, so that one stands for all of them. Waking a pool's idle worker, and making one where there is none,
//! is the same step as beginning the item.
//!
//! What is queued on a `WQ_BH` queue has its CPU's softirqs for a worker: they begin all of it, one after the other, before any tasklet of the same priority.
//! (`bh_worker`, `workqueue_softirq_action`.)
//!
//! Invariant: a pool that is bound to a CPU begins an item only when none of its workers is running: all that work sleep. (`kernel/workqueue.c`:
//! `need_more_worker`, `wq_worker_sleeping`, `process_one_work`, `maybe_create_worker`, `rescuer_thread`.)

use super::bytes::{get32, set16, set32};
use super::event::What;
use super::lockdep::LockEvent;
use super::workqueue::{Pool, WORK_MAGIC, WQ_MAGIC, is_retired};
use super::{Event, Machine, Run, extra, flag, global, header, softirq};
use crate::finding::Kind;
use crate::model::{Bound, Choice, CodePlace, Growth, Observer, Outgrown, Symptom};
use crate::program::{FunctionId, KernelCall, TaskState};

const WORK: usize = 0;
const QUEUE: usize = 4;
const POOL: usize = 8;
const RESCUER: usize = 9;
const KEY: usize = 10;
/// Bits of the outcome of beginning an item, above those that name the pool: there is no memory for the worker that it takes, from now on.
const NO_MEMORY: u8 = 4;
/// The queue's rescuer runs it.
const BY_RESCUER: u8 = 8;

/// The bytes of a worker.
pub(super) const WORKER_SIZE: usize = 12;

/// The most workers and softirqs that there may be: those that a flush waits for are bits of 16.
pub(super) const MAX_WORKERS: usize = 16;

impl Machine {
    /// The contexts that are workers.
    pub(super) fn workers(&self) -> std::ops::Range<usize> {
        self.layout.workers.clone()
    }

    /// The contexts that run work items: workers, and softirqs where there are `WQ_BH` queues.
    pub(super) fn runners(&self) -> impl Iterator<Item = usize> {
        self.bh_contexts().chain(self.workers())
    }

    fn bh_contexts(&self) -> impl Iterator<Item = usize> {
        let softirqs = self.layout.softirq.as_ref().map_or(&[][..], |softirq| &softirq.contexts);
        softirqs.iter().map(|c| *c as usize).filter(move |c| self.layout.contexts[*c].worker.is_some())
    }

    /// The softirqs that are the worker of a pool.
    pub(super) fn bh_context(&self, pool: Pool) -> Option<usize> {
        self.bh_contexts().find(|c| self.layout.contexts[*c].cpu.map(usize::from) == pool.cpu())
    }

    /// The vectors of a CPU for which a `WQ_BH` item can begin.
    pub(super) fn bh_vectors(&self, s: &[u8], cpu: usize) -> u16 {
        if self.bh_contexts().next().is_none() || self.pending_item(s, 0).is_none() {
            return 0;
        }
        let ready = |highpri, vector: usize| u16::from(self.next_work(s, Pool::bh(cpu, highpri)).is_some()) << vector;
        ready(true, softirq::HI) | ready(false, softirq::TASKLET)
    }

    /// Softirqs begin the next `WQ_BH` item of a CPU, if there is one.
    pub(super) fn bh_work_begins<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        highpri: bool,
        o: &mut O,
    ) -> Option<Result<(), Outgrown>> {
        let pool = Pool::bh(choice.cpu as usize, highpri);
        self.bh_context(pool)?;
        let nth = self.next_work(s, pool)?;
        Some(self.item_begins(s, choice, nth, pool, "begins", o))
    }

    /// What a worker runs: the item's and the queue's offsets in the state, and the pool.
    pub(super) fn running_item(&self, s: &[u8], worker: usize) -> Option<(usize, usize, Pool)> {
        let at = self.layout.contexts[worker].worker?;
        let work = get32(s, at + WORK).checked_sub(1)?;
        Some((work as usize, get32(s, at + QUEUE) as usize, Pool(s[at + POOL])))
    }

    /// The queue that a context works for.
    pub(super) fn worker_queue(&self, s: &[u8], context: usize) -> Option<usize> {
        self.running_item(s, context).map(|(_, queue, _)| queue)
    }

    /// The function that a worker was given: the outermost of its calls.
    fn worker_function(&self, s: &[u8], worker: usize) -> Option<FunctionId> {
        self.points_on_stack(s, worker).last().map(|place| place.function)
    }

    /// The worker of a pool that runs an item with this function.
    pub(super) fn runs(&self, s: &[u8], work: usize, function: FunctionId, pool: Pool) -> Option<usize> {
        let mine = |worker: &usize| {
            self.running_item(s, *worker).is_some_and(|(own, _, there)| own == work && there == pool)
                && self.worker_function(s, *worker).is_none_or(|own| own == function)
        };
        self.runners().find(mine)
    }

    /// The workers that run items of a queue, in one pool or in all.
    pub(super) fn running_for<'s>(
        &'s self,
        s: &'s [u8],
        queue: usize,
        pool: Option<Pool>,
    ) -> impl Iterator<Item = usize> + 's {
        let mine = move |worker: &usize| {
            let current = self.running_item(s, *worker);
            current.is_some_and(|(_, own, there)| own == queue && pool.is_none_or(|pool| pool == there))
        };
        self.runners().filter(mine)
    }

    /// Whether a worker sleeps, so that its pool may go on without it.
    fn is_blocked(&self, s: &[u8], worker: usize) -> bool {
        match self.next_call(s, worker) {
            Some(KernelCall::Msleep) => true,
            Some(KernelCall::Schedule { .. }) => {
                self.layout.contexts[worker].extra.is_some_and(|at| s[at + extra::STATE] != TaskState::Running as u8)
            }
            Some(call) => super::task::sleeps(call) && self.outcomes(s, worker) & super::kernel::ORDINARY == 0,
            None => self.point(s, worker).is_none(),
        }
    }

    /// The worker that keeps a pool from beginning anything: one that is running. Those of `WQ_CPU_INTENSIVE` do not count, nor do those that are bound to no CPU.
    pub(super) fn busy_worker(&self, s: &[u8], pool: Pool) -> Option<usize> {
        pool.cpu()?;
        let busy = |worker: &usize| {
            let counts =
                |(_, queue, there)| there == pool && !Self::is_cpu_intensive(s, queue) && !self.is_rescuer(s, *worker);
            self.running_item(s, *worker).is_some_and(counts) && !self.is_blocked(s, *worker)
        };
        self.workers().find(busy)
    }

    /// The worker that would begin the next item: the first that runs nothing.
    pub(super) fn idle_worker(&self, s: &[u8]) -> Option<usize> {
        self.workers().find(|worker| self.is_idle_worker(s, *worker))
    }

    pub(super) fn is_idle_worker(&self, s: &[u8], worker: usize) -> bool {
        self.workers().contains(&worker)
            && self.point(s, worker).is_none()
            && !is_retired(self.flags(s, worker))
            && self.running_item(s, worker).is_none()
    }

    /// Whether a worker is the one that is to begin what is queued: then it has something left to do.
    pub(super) fn is_owed_work(&self, s: &[u8], worker: usize) -> bool {
        self.idle_worker(s) == Some(worker) && self.pending_works(s).any(|(_, entry)| entry.is_for_workers())
    }

    /// Who has nothing left to do, of those that `done` says are in no code: not the worker that is to begin what is queued, nor the clock while anything waits for
    /// its time.
    pub(super) fn finished_work(&self, s: &[u8], done: u64) -> u64 {
        let owed_work = self.workers().find(|worker| self.is_owed_work(s, *worker));
        let mut owed = owed_work.map_or(0, |worker| 1 << worker);
        let clock = (0..self.workers().start).find(|context| self.is_clock(*context));
        let clock = clock.map_or(0, |clock| 1 << clock);
        if self.clock_runs(s) {
            owed |= clock;
        }
        (done | clock) & !owed
    }

    /// What the worker that is to begin the first queued item waits for.
    pub(super) fn owed_waits_for(&self, s: &[u8]) -> Option<usize> {
        let first = self.pending_works(s).find(|(_, entry)| entry.is_for_workers())?;
        self.keeps_waiting(s, first.0)
    }

    /// Items that may begin on a CPU, as outcomes: one for each pool that has workers there.
    pub(super) fn push_works(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        if self.layout.pending.room == 0 || self.pending_item(s, 0).is_none() {
            return;
        }
        let Some(worker) = self.idle_worker(s) else { return };
        for (outcome, pool) in (0..).zip(Pool::on(cpu)) {
            if self.busy_worker(s, pool).is_some() || self.next_work(s, pool).is_none() {
                continue;
            }
            let mut push = |how| choices.push(Choice { context: worker as u8, cpu: cpu as u8, outcome: outcome | how });
            let short = self.layout.pending.pressure.filter(|_| self.needs_new_worker(s, pool));
            match short.map(|at| s[at] != 0) {
                None => push(0),
                Some(false) => {
                    push(0);
                    push(NO_MEMORY);
                }
                Some(true) if self.next_rescue(s, pool).is_some() => push(BY_RESCUER),
                Some(true) => {}
            }
        }
    }

    fn is_rescuer(&self, s: &[u8], worker: usize) -> bool {
        self.layout.contexts[worker].worker.is_some_and(|at| s[at + RESCUER] != 0)
    }

    /// Whether a pool's worker, of which it always has one, runs something else: then it takes memory to begin another item.
    fn needs_new_worker(&self, s: &[u8], pool: Pool) -> bool {
        let busy = |worker: &usize| self.running_item(s, *worker).is_some_and(|(.., there)| there == pool);
        self.workers().any(|worker| busy(&worker) && !self.is_rescuer(s, worker))
    }

    /// The next item of a pool that a rescuer may run: each queue that has one has just one.
    fn next_rescue(&self, s: &[u8], pool: Pool) -> Option<usize> {
        let busy = |queue: usize| self.running_for(s, queue, None).any(|worker| self.is_rescuer(s, worker));
        self.next_work_of(s, pool, |queue| Self::is_for_reclaim(s, queue, true) && !busy(queue))
    }

    /// Whether no worker is made any more.
    pub(super) fn is_out_of_memory(&self, s: &[u8]) -> bool {
        self.layout.pending.pressure.is_some_and(|at| s[at] != 0)
    }

    /// After a step: whether there is a worker for what could begin. Beyond the bound on how many there are, nothing is looked at.
    pub(super) fn check_workers<O: Observer>(&self, s: &mut [u8], o: &mut O) -> Result<(), Outgrown> {
        if self.pending_item(s, 0).is_none() || self.idle_worker(s).is_some() {
            return Ok(());
        }
        let waits = |pool: Pool| {
            let memory = !self.is_out_of_memory(s) || !self.needs_new_worker(s, pool);
            self.busy_worker(s, pool).is_none()
                && if memory { self.next_work(s, pool).is_some() } else { self.next_rescue(s, pool).is_some() }
        };
        if !(0..self.cpus()).flat_map(Pool::on).any(waits) {
            return Ok(());
        }
        let bound = (self.program.config.bounds.workers as usize).min(MAX_WORKERS - self.bh_contexts().count());
        if self.workers().len() < bound && self.layout.contexts.len() < 64 {
            return Err(Outgrown(Growth::Workers));
        }
        o.bound(Bound::Workers);
        s[self.layout.globals + global::STOPPED] = 1;
        Ok(())
    }

    /// A worker begins an item.
    pub(super) fn work_begins<O: Observer>(&self, s: &mut [u8], choice: Choice, o: &mut O) -> Result<(), Outgrown> {
        let (worker, cpu) = (choice.context as usize, choice.cpu as usize);
        let pool = Pool::named(cpu, choice.outcome);
        let context = &self.layout.contexts[worker];
        let rescues = choice.outcome & BY_RESCUER != 0;
        let next = if rescues { self.next_rescue(s, pool) } else { self.next_work(s, pool) };
        let (Some(nth), Some(at)) = (next, context.worker) else { return Ok(()) };
        if choice.outcome & NO_MEMORY != 0 {
            self.runs_out_of_memory(s, nth, o);
            return Ok(());
        }
        s[at + RESCUER] = u8::from(rescues);
        if let (Some(extra), Some(cpu)) = (context.extra, pool.cpu()) {
            s[extra + extra::BOUND] = cpu as u8 + 1;
        }
        self.item_begins(s, choice, nth, pool, if rescues { "rescues" } else { "begins" }, o)?;
        self.settle_owner(s, cpu, worker, false);
        Ok(())
    }

    /// A worker, or a CPU's softirqs, begin an item.
    fn item_begins<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        nth: usize,
        pool: Pool,
        verb: &'static str,
        o: &mut O,
    ) -> Result<(), Outgrown> {
        let worker = choice.context as usize;
        let context = &self.layout.contexts[worker];
        let Some(at) = context.worker else { return Ok(()) };
        let Some(entry) = self.take_off(s, nth, Some(worker)) else { return Ok(()) };
        set32(s, at + WORK, entry.work as u32 + 1);
        set32(s, at + QUEUE, entry.queue as u32);
        s[at + POOL] = pool.0;
        set16(s, at + KEY, Self::map_key(s, entry.work));
        let work = self.address_at(entry.work);
        let Some(function) = self.work_function(s, entry.work) else {
            // What was written over it since it was queued is no function.
            o.symptom(Symptom { kind: Kind::NullDeref, at: vec![CodePlace::default()], detail: 2 });
            s[context.header + header::FLAGS] = flag::ENDED | flag::DIED | flag::KILLED;
            if !context.is_task() {
                s[self.layout.globals + global::STOPPED] = 1;
            }
            return Ok(());
        };
        let place = CodePlace { function, at: 0 };
        if O::EVENTS {
            let on = Some(self.queue_name(s, entry.queue));
            o.event(Event { at: place, what: What::Work { work, verb, on } });
        }
        if O::LOCKS && self.lockdep {
            let [queue, item] = self.map_words(s, worker);
            self.tell_words(s, worker, LockEvent::Acquire, place, &[queue], std::iter::empty(), o);
            self.tell_words(s, worker, LockEvent::Acquire, place, &[item], std::iter::once(queue), o);
        }
        Run::start(self, s, Choice { outcome: 0, ..choice }, function, &[work], o)
    }

    /// No worker can be made for an item, nor for any other from now on.
    fn runs_out_of_memory<O: Observer>(&self, s: &mut [u8], nth: usize, o: &mut O) {
        if let Some(at) = self.layout.pending.pressure {
            s[at] = 1;
        }
        if let Some(entry) = self.pending_item(s, nth).filter(|_| O::EVENTS) {
            let (work, on) = (self.address_at(entry.work), Some(self.queue_name(s, entry.queue)));
            let at = CodePlace { function: self.work_function(s, entry.work).unwrap_or(0), at: 0 };
            o.event(Event { at, what: What::Work { work, verb: "cannot be made for want of memory, for", on } });
        }
    }

    /// A work function has returned: its worker is idle again.
    pub(super) fn work_ends(&self, s: &mut [u8], worker: usize) {
        let current = self.running_item(s, worker);
        if let Some(at) = self.layout.contexts[worker].worker {
            s[at..at + WORKER_SIZE].fill(0);
        }
        self.flushes_see_end(s, worker);
        if let Some((work, ..)) = current.filter(|(work, ..)| self.resolve(s, self.address_at(*work), 1, true).is_ok())
        {
            self.settle_item(s, work);
        }
    }

    /// What a worker holds as the validator sees it, all the time that it runs an item: the queue's map, and the item's on top.
    fn map_words(&self, s: &[u8], worker: usize) -> [u64; 2] {
        let Some((work, queue, _)) = self.running_item(s, worker) else { return [0; 2] };
        let key = self.layout.contexts[worker].worker.map_or(0, |at| super::bytes::get16(s, at + KEY));
        [map_word(queue, WQ_MAGIC, Self::map_key(s, queue)), map_word(work, WORK_MAGIC, key)]
    }

    /// The same, for any context.
    pub(super) fn maps(&self, s: &[u8], context: usize) -> impl Iterator<Item = u64> + Clone {
        let runs = self.running_item(s, context).is_some();
        self.map_words(s, context).into_iter().filter(move |_| runs)
    }

    /// The map of an item or a queue at an offset.
    pub(super) fn map_of(s: &[u8], at: usize) -> u64 {
        map_word(at, s[at + 1], Self::map_key(s, at))
    }
}

/// A map in one word, in the form of a lock that is taken in the ordinary way: its offset, where it was initialised, what it is.
fn map_word(at: usize, magic: u8, key: u16) -> u64 {
    u64::from(magic) << 48 | u64::from(key) << 32 | at as u64
}

impl<O: Observer> Run<'_, O> {
    /// `current_work()`.
    pub(super) fn current_work(&self) -> u64 {
        self.m.running_item(self.s, self.context).map_or(0, |(work, ..)| self.m.address_at(work))
    }
}
