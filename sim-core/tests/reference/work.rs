//! Workqueues, as the design page has them ("CPUs and contexts", *Workqueues*) and `program::KernelCall` their calls.
//!
//! From the page: queueing is test-and-set on PENDING, which is cleared before the function runs; an item never runs twice at once; a per-CPU pool begins an item only
//! when none of its workers is running; `max_active` is for each queue and pool, an ordered queue has one of both. From `kernel/workqueue.c`: what `max_active` lets
//! run is on the pool's list, the oldest first, and what it does not waits in its queue, and goes to the end of that list when another of the queue is done or cancelled
//! (`pwq_dec_nr_active`, `pwq_activate_first_inactive`); an item whose last run is under way goes where that is (`__queue_work`). A flush waits for those that were
//! pending or running when it was called.

use super::{Context, Reference, State};
use sim_core::finding::Kind;
use sim_core::program::{FunctionId, Inst, KernelCall as K, Program, pointer};
use std::collections::{BTreeMap, BTreeSet};

/// `WQ_UNBOUND`
const UNBOUND: u64 = 2;
/// `WQ_HIGHPRI`
const HIGHPRI: u64 = 0x10;

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Works {
    /// By address.
    items: BTreeMap<u64, Item>,
    /// By address: flags and `max_active`, 0 for no limit.
    queues: BTreeMap<u64, (u64, u64)>,
    pools: BTreeMap<Pool, Vec<Queued>>,
    /// What `max_active` keeps from its pool's list, the oldest first.
    inactive: BTreeMap<(u64, Pool), Vec<u64>>,
    /// Contexts that run items, or nothing.
    workers: BTreeMap<usize, Option<Running>>,
    /// What those who flush are still waiting for.
    flushes: BTreeMap<usize, BTreeSet<Instance>>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Item {
    function: FunctionId,
    pending: bool,
    disabled: u64,
    /// How often work functions have queued it.
    requeued: u8,
}

/// The workers of a CPU, or of none, with high priority or without.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Pool {
    cpu: Option<usize>,
    highpri: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Queued {
    work: u64,
    queue: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Running {
    work: u64,
    queue: u64,
    pool: Pool,
}

/// One run of an item.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Instance {
    /// To come, of this item.
    Pending(u64),
    /// Under way, by this worker.
    By(usize),
}

/// How many items a program has: so many workers are enough.
pub(super) fn count(program: &Program) -> usize {
    let inits = |inst: &&Inst| matches!(inst, Inst::Kernel { call: K::WorkInit, .. });
    program.functions.iter().flat_map(|function| &function.code).filter(inits).count()
}

impl Works {
    /// Contexts from `first` on are workers.
    pub(crate) fn new(first: usize, workers: usize) -> Self {
        Self { workers: (first..first + workers).map(|worker| (worker, None)).collect(), ..Self::default() }
    }

    /// How many contexts are workers.
    pub(crate) fn contexts(&self) -> usize {
        self.workers.len()
    }

    pub(crate) fn is_worker(&self, who: usize) -> bool {
        self.workers.contains_key(&who)
    }

    /// The CPU that a worker is tied to now.
    pub(crate) fn cpu_of(&self, who: usize) -> Option<usize> {
        self.workers.get(&who).copied().flatten()?.pool.cpu
    }

    /// Nothing is queued.
    pub(crate) fn quiet(&self) -> bool {
        self.items.values().all(|item| !item.pending)
    }

    /// Who runs an item.
    fn runner(&self, work: u64) -> Option<usize> {
        let runs = |running: &Option<Running>| running.is_some_and(|running| running.work == work);
        self.workers.iter().find(|(_, running)| runs(running)).map(|(worker, _)| *worker)
    }

    /// The workers that run items which some are.
    fn running(&self, some: impl Fn(&Running) -> bool) -> Vec<usize> {
        let workers = self.workers.iter().filter(|(_, running)| running.as_ref().is_some_and(&some));
        workers.map(|(worker, _)| *worker).collect()
    }

    fn listed(&self, pool: Pool) -> &[Queued] {
        self.pools.get(&pool).map_or(&[], Vec::as_slice)
    }

    /// How many items of a queue `max_active` counts in a pool.
    fn active(&self, queue: u64, pool: Pool) -> u64 {
        let listed = self.listed(pool).iter().filter(|queued| queued.queue == queue).count();
        (listed + self.running(|running| running.queue == queue && running.pool == pool).len()) as u64
    }

    fn may_be_active(&self, queue: u64, pool: Pool) -> bool {
        let limit = self.queues[&queue].1;
        limit == 0 || self.active(queue, pool) < limit
    }

    /// One of a queue is done, or was taken off its pool's list: another may take its place.
    fn activate(&mut self, queue: u64, pool: Pool) {
        let waiting = self.inactive.get(&(queue, pool)).and_then(|waiting| waiting.first().copied());
        if let Some(work) = waiting.filter(|_| self.may_be_active(queue, pool)) {
            self.inactive.entry((queue, pool)).or_default().remove(0);
            self.pools.entry(pool).or_default().push(Queued { work, queue });
        }
        self.tidy();
    }

    /// Lists with nothing on them are as none.
    fn tidy(&mut self) {
        self.inactive.retain(|_, waiting| !waiting.is_empty());
        self.pools.retain(|_, listed| !listed.is_empty());
    }

    fn queue(&mut self, queue: u64, work: u64, cpu: usize) {
        let (flags, _) = self.queues[&queue];
        let usual = Pool { cpu: (flags & UNBOUND == 0).then_some(cpu), highpri: flags & HIGHPRI != 0 };
        // Where it still runs for this queue.
        let runs = self.runner(work).and_then(|worker| self.workers[&worker]);
        let pool = runs.filter(|running| running.queue == queue).map_or(usual, |running| running.pool);
        if self.may_be_active(queue, pool) && !self.inactive.contains_key(&(queue, pool)) {
            self.pools.entry(pool).or_default().push(Queued { work, queue });
        } else {
            self.inactive.entry((queue, pool)).or_default().push(work);
        }
    }

    /// Takes an item that is pending off wherever it stands; whether it was.
    fn grab(&mut self, work: u64) -> bool {
        let Some(item) = self.items.get_mut(&work).filter(|item| item.pending) else { return false };
        item.pending = false;
        self.inactive.values_mut().for_each(|waiting| waiting.retain(|other| *other != work));
        let pools = self.pools.iter();
        let listed = pools.filter_map(|(pool, list)| Some((*pool, *list.iter().find(|queued| queued.work == work)?)));
        if let Some((pool, queued)) = listed.collect::<Vec<_>>().first() {
            self.pools.entry(*pool).or_default().retain(|other| other.work != work);
            self.activate(queued.queue, *pool);
        }
        self.tidy();
        self.flushes.values_mut().for_each(|waits| _ = waits.remove(&Instance::Pending(work)));
        true
    }

    /// A worker begins the first item of its pool's list that does not run already.
    fn begins(&mut self, worker: usize, pool: Pool) -> Option<(FunctionId, u64)> {
        let at = self.listed(pool).iter().position(|queued| self.runner(queued.work).is_none())?;
        let Queued { work, queue } = self.pools.entry(pool).or_default().remove(at);
        self.tidy();
        let item = self.items.get_mut(&work)?;
        item.pending = false;
        self.workers.insert(worker, Some(Running { work, queue, pool }));
        for waits in self.flushes.values_mut() {
            if waits.remove(&Instance::Pending(work)) {
                waits.insert(Instance::By(worker));
            }
        }
        Some((self.items[&work].function, work))
    }

    /// A worker's item has been run.
    pub(crate) fn function_ends(&mut self, worker: usize) {
        let Some(Some(running)) = self.workers.get(&worker).copied() else { return };
        self.workers.insert(worker, None);
        self.flushes.values_mut().for_each(|waits| _ = waits.remove(&Instance::By(worker)));
        self.activate(running.queue, running.pool);
    }

    /// Who keeps a context in a flush that it has begun: those who run what it waits for, or keep it from beginning.
    pub(crate) fn flush_waits_for(&self, who: usize) -> Option<Vec<usize>> {
        let waits = self.flushes.get(&who).filter(|waits| !waits.is_empty())?;
        let first_idle = self.workers.iter().find(|(_, running)| running.is_none()).map(|(worker, _)| *worker);
        let who_must_end = |instance: &Instance| {
            let all = self.in_the_way(*instance);
            // Nobody: then it is for an idle worker to begin it.
            if all.is_empty() { first_idle.into_iter().collect() } else { all }
        };
        let mut all: Vec<usize> = waits.iter().flat_map(who_must_end).collect();
        all.sort_unstable();
        all.dedup();
        Some(all)
    }

    fn in_the_way(&self, instance: Instance) -> Vec<usize> {
        let work = match instance {
            Instance::By(worker) => return vec![worker],
            Instance::Pending(work) => work,
        };
        let runner: Vec<usize> = self.runner(work).into_iter().collect();
        let waiting = self.inactive.iter().find(|(_, waiting)| waiting.contains(&work));
        if let Some(((queue, pool), _)) = waiting {
            return self.running(|running| running.queue == *queue && running.pool == *pool);
        }
        let pool = self.pools.iter().find(|(_, list)| list.iter().any(|queued| queued.work == work));
        match pool {
            Some((pool, _)) if pool.cpu.is_some() && runner.is_empty() => self.running(|running| running.pool == *pool),
            _ => runner,
        }
    }
}

impl Reference<'_> {
    /// A CPU that is free begins what is queued for it.
    pub(crate) fn works_begin(&self, state: &State, cpu: usize) -> Vec<State> {
        let idle = state.works.workers.iter().find(|(_, running)| running.is_none()).map(|(worker, _)| *worker);
        let Some(worker) = idle else { return Vec::new() };
        let begins = |pool: &Pool| {
            if pool.cpu.is_some_and(|own| own != cpu) || self.pool_is_running(state, *pool) {
                return None;
            }
            let mut next = state.clone();
            let (function, work) = next.works.begins(worker, *pool)?;
            next.contexts[worker] = Context { dispatched: true, ..Context::default() };
            next.contexts[worker].frames.push(self.call(function, &[work], None));
            next.cpus[cpu].task = Some(worker);
            Some(next)
        };
        state.works.pools.keys().filter_map(begins).collect()
    }

    /// Whether a pool that is bound to a CPU has a worker that neither sleeps nor is idle.
    fn pool_is_running(&self, state: &State, pool: Pool) -> bool {
        let runs = |worker: &usize| !self.blocked(state, *worker).is_some_and(|blocked| blocked.sleeps);
        pool.cpu.is_some() && state.works.running(|running| running.pool == pool).iter().any(runs)
    }

    /// The calls about work; `None`: it waits where it is.
    pub(crate) fn work_call(&mut self, next: &mut State, call: K, args: &[u64], who: usize, cpu: usize) -> Option<u64> {
        let works = &mut next.works;
        let item = |works: &Works, work: u64| works.items[&work].clone();
        Some(match call {
            K::WorkInit => {
                let function = pointer::function(args[1]).expect("generated programs name functions");
                works.items.insert(args[0], Item { function, ..Item::default() });
                0
            }
            K::WqInit { .. } => {
                works.queues.insert(args[0], (args[1], args[2]));
                0
            }
            K::QueueWork => {
                let Item { pending, disabled, requeued, .. } = item(works, args[1]);
                if pending || disabled > 0 {
                    return Some(0);
                }
                let by_work = works.is_worker(who);
                if by_work && requeued == self.program.config.bounds.requeues {
                    next.stopped = true;
                    return Some(0);
                }
                let item = works.items.get_mut(&args[1]).expect("it was initialised");
                (item.pending, item.requeued) = (true, requeued + u8::from(by_work));
                works.queue(args[0], args[1], cpu);
                1
            }
            K::CancelWork | K::DisableWork => {
                let item = works.items.get_mut(&args[0]).expect("it was initialised");
                item.disabled += u64::from(call == K::DisableWork);
                u64::from(works.grab(args[0]))
            }
            K::EnableWork => {
                let item = works.items.get_mut(&args[0]).expect("it was initialised");
                if item.disabled == 0 {
                    self.symptom(Kind::WarnOn, vec![next.place(who)]);
                    return Some(0);
                }
                item.disabled -= 1;
                u64::from(item.disabled == 0)
            }
            // The wait is over, or there is nothing to wait for.
            K::FlushWork { .. } | K::FlushWorkqueue if works.flushes.remove(&who).is_some() => {
                u64::from(call != K::FlushWorkqueue)
            }
            K::FlushWork { .. } | K::FlushWorkqueue => {
                let waits: BTreeSet<Instance> = match call {
                    K::FlushWorkqueue => {
                        let running = works.running(|running| running.queue == args[0]).into_iter().map(Instance::By);
                        let inactive = works.inactive.iter().filter(|((queue, _), _)| *queue == args[0]);
                        let inactive = inactive.flat_map(|(_, waiting)| waiting).copied();
                        let listed = works.pools.values().flatten().filter(|queued| queued.queue == args[0]);
                        let pending = listed.map(|queued| queued.work).chain(inactive).map(Instance::Pending);
                        running.chain(pending).collect()
                    }
                    _ if item(works, args[0]).pending => BTreeSet::from([Instance::Pending(args[0])]),
                    _ => works.runner(args[0]).map(Instance::By).into_iter().collect(),
                };
                if waits.is_empty() {
                    return Some(0);
                }
                works.flushes.insert(who, waits);
                return None;
            }
            K::WorkPending => u64::from(item(works, args[0]).pending),
            K::WorkBusy => u64::from(item(works, args[0]).pending) + 2 * u64::from(works.runner(args[0]).is_some()),
            other => panic!("the reference does not know {other:?}"),
        })
    }
}
