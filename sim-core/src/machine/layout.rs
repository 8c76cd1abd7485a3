//! Where everything stands in a state: fixed when the machine is made, as small as the scenario allows.
//!
//! ```text
//! per CPU (2 bytes)       owner task + 1, running handler + 1
//! global (4)              stopped, failed allocations, user faults, set-up contexts done
//! per context (8 to 36)   point + 1, stack in use, preempt and bottom-half counts, flags, locks held; then what tasks or lines need
//! per context             its stack: kept registers of each frame, and the point that each caller returns to
//! static objects          their bytes
//! slots                   heap objects and locals in memory: status, size and shadow where needed, bytes
//! per CPU (12 bytes)      softirqs pending and served, where the scenario has any; then what `open_softirq()` named
//! clock (9)               what time it is, where the program compares times
//! tasklets, timers        for each CPU the tasklets scheduled there; the timers that are armed
//! spurious wake-ups       one byte that counts them, where they are allowed
//! pending work            where the program queues any: 10 bytes for each item that there is room for
//! per context (1)         in the sections of a sequence counter, where the scenario has any
//! per context (2)         kept on a CPU, where the program asks for that; (1) its new priority, where any changes
//! RCU                     where the scenario has any: depths of readers, who waits for whom, callbacks, grace periods that are asked for
//! memory                  what allocations are kept from, how often memory was short, what is no leak: where the scenario has any
//! per context             the locks that it holds, where the validator is on or readers share some
//! ```
//!
//! Invariant: nothing is ever moved. What does not fit is an [`crate::model::Outgrown`]; the search then starts again with more room.

use super::clock;
use super::code::Code;
use super::flush::FLUSH_SIZE;
use super::irq_action::IrqLayout;
use super::irq_work::IrqWorkLayout;
use super::lockdep::{HeldLayout, MAX_HELD, first_room};
use super::rcu::RcuLayout;
use super::reclaim::ReclaimLayout;
use super::softirq::SoftirqLayout;
use super::tasklet::TaskletLayout;
use super::timer::TimerLayout;
use super::worker::WORKER_SIZE;
use super::workqueue::PendingLayout;
use super::ww_mutex::WwLayout;
use crate::model::Growth;
use crate::program::{
    ContextDecl, ContextKind, FunctionId, Inst, KernelCall, LockKind, Program, TimerArm, Type, TypeId,
};
use std::collections::{BTreeMap, BTreeSet};

/// A context: declared by the rig, or a kernel thread that may be created.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) name: String,
    pub(crate) kind: ContextKind,
    pub(crate) origin: Origin,
    pub(crate) entry: Option<FunctionId>,
    pub(crate) args: Vec<u64>,
    pub(crate) cpu: Option<u8>,
    pub(crate) signals: u8,
    /// Real-time priority, 0 for an ordinary task.
    pub(crate) prio: u8,
    /// Offset of the 8 bytes that every context has.
    pub(crate) header: usize,
    /// Offset of the 8 bytes of a task that sleeps by itself, or is a kernel thread.
    pub(crate) extra: Option<usize>,
    /// Offset of a worker's bytes.
    pub(crate) worker: Option<usize>,
    /// Offset of the bytes of a task that may wait for work.
    pub(crate) flush: Option<usize>,
    /// Offset of the 2 bytes of a line, and more if its handlers are registered by the program.
    pub(crate) line: Option<usize>,
    pub(crate) stack: usize,
    pub(crate) stack_size: usize,
}

impl Context {
    /// Whether it is an interrupt, an NMI among them.
    pub(crate) fn is_line(&self) -> bool {
        matches!(self.kind, ContextKind::HardIrq { .. } | ContextKind::Nmi { .. })
    }
    pub(crate) fn is_nmi(&self) -> bool {
        matches!(self.kind, ContextKind::Nmi { .. })
    }
    pub(crate) fn is_softirq(&self) -> bool {
        matches!(self.kind, ContextKind::Softirq)
    }
    pub(crate) fn is_hrtimer(&self) -> bool {
        matches!(self.origin, Origin::Hrtimer { .. })
    }
    pub(crate) fn is_irq_work(&self) -> bool {
        matches!(self.origin, Origin::IrqWork { .. })
    }
    pub(crate) fn is_task(&self) -> bool {
        self.kind.is_task()
    }
    /// Whether it is the thread of an interrupt handler.
    pub(crate) fn is_irq_thread(&self) -> bool {
        matches!(self.origin, Origin::IrqThread { .. })
    }
    /// Whether the kernel makes it: a kernel thread, a worker.
    pub(crate) fn is_kthread(&self) -> bool {
        matches!(self.origin, Origin::Spawned { .. } | Origin::Worker | Origin::IrqThread { .. })
    }
}

/// Where a context comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Index into the program's contexts.
    Declared(usize),
    /// `kthread_create()` at a site, by a context.
    Spawned { creator: u8, site: u32 },
    /// The thread of a line's handler, registered at a site.
    IrqThread { line: u8, site: u32 },
    /// A CPU's softirqs.
    Softirq { cpu: u8 },
    /// The interrupt in which a CPU's hrtimers expire.
    Hrtimer { cpu: u8 },
    /// The interrupt in which a CPU calls irq_work.
    IrqWork { cpu: u8 },
    /// The workqueues' timers: no code of the scenario runs in it.
    Clock,
    /// The workqueues' own.
    Worker,
}

/// A heap object or a local in memory.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) kind: SlotKind,
    pub(crate) owner: u8,
    /// Offset of the status byte.
    pub(crate) status: usize,
    /// Offset of the object's size, where it is not known beforehand.
    pub(crate) size_at: Option<usize>,
    /// Offset of a bit for each byte that says whether it was written.
    pub(crate) shadow: Option<usize>,
    /// Offset of the object's bytes.
    pub(crate) data: usize,
    /// How many there are room for.
    pub(crate) size: u32,
    pub(crate) ty: Option<TypeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotKind {
    Heap { site: u32 },
    Local { function: FunctionId, local: u16 },
}

/// How much room there is for what cannot be known beforehand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room {
    stack: BTreeMap<u8, usize>,
    heap: BTreeMap<(u8, u32), (usize, u32)>,
    locals: BTreeMap<(u8, FunctionId), usize>,
    threads: BTreeMap<(u8, u32), usize>,
    held: BTreeMap<u8, usize>,
    irq_actions: usize,
    irq_works: usize,
    acquire_contexts: usize,
    tasklets: usize,
    timers: usize,
    workers: usize,
    pending: usize,
    callbacks: usize,
    grace_periods: usize,
}

impl Room {
    /// Makes room for what was too small.
    pub(crate) fn grow(&mut self, growth: Growth, layout: &Layout) {
        match growth {
            Growth::Stack { context } => {
                self.stack.insert(context, (layout.contexts[context as usize].stack_size * 2).max(16));
            }
            Growth::Heap { context, site, size } => {
                let range = layout.heap.get(&(context, site));
                let (count, old) = range.map_or((0, 0), |r| (r.len(), layout.slots[r.start].size));
                let room = if size > old { (count.max(1), size.next_power_of_two()) } else { (count * 2, old) };
                self.heap.insert((context, site), room);
            }
            Growth::Locals { context, function } => {
                let count = layout.activations[context as usize][function as usize] as usize;
                self.locals.insert((context, function), (count * 2).max(1));
            }
            Growth::Held { context } => {
                let room = layout.held.room(context as usize);
                self.held.insert(context, (room * 2).clamp(2, MAX_HELD));
            }
            Growth::IrqWork => self.irq_works = layout.irq_work.room * 2,
            Growth::AcquireContexts => self.acquire_contexts = layout.ww.room * 2,
            Growth::IrqActions => self.irq_actions = layout.irq.room * 2,
            Growth::Tasklets => self.tasklets = (layout.tasklets.room * 2).max(1),
            Growth::Timers => self.timers = (layout.timers.room * 2).max(1),
            Growth::Workers => self.workers = layout.workers.len() + 1,
            Growth::RcuCallbacks => self.callbacks = layout.rcu.as_ref().map_or(1, |rcu| rcu.room * 2),
            Growth::GracePeriods => self.grace_periods = layout.rcu.as_ref().map_or(1, |rcu| rcu.polls.room * 2),
            Growth::PendingWork => self.pending = layout.pending.room * 2,
            Growth::Threads { context, site } => {
                let count = self.threads.get(&(context, site)).copied().unwrap_or(0);
                self.threads.insert((context, site), (count * 2).max(1));
            }
        }
    }
}

/// Marks an object that is not part of a state.
pub(crate) const CONSTANT: usize = usize::MAX;

/// The layout.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) len: usize,
    pub(crate) cpus: usize,
    pub(crate) globals: usize,
    pub(crate) contexts: Vec<Context>,
    /// Offsets of static objects; [`CONSTANT`] for read-only ones.
    pub(crate) statics: Vec<usize>,
    pub(crate) slots: Vec<Slot>,
    /// Slots of an allocation site, for each context that may allocate there.
    pub(crate) heap: BTreeMap<(u8, u32), std::ops::Range<usize>>,
    /// For each context and function: the first slot of its locals.
    pub(crate) locals: Vec<Vec<usize>>,
    /// For each context and function: how many activations have slots.
    pub(crate) activations: Vec<Vec<u16>>,
    /// Offsets of the locks inside objects of each type, with their names in C.
    pub(crate) locks: Vec<Vec<u32>>,
    /// What contexts hold.
    pub(crate) held: HeldLayout,
    /// Where softirqs are used: what is pending and what is served.
    pub(crate) softirq: Option<SoftirqLayout>,
    /// The handlers that lines have room for.
    pub(crate) irq: IrqLayout,
    /// The irq_work that is pending.
    pub(crate) irq_work: IrqWorkLayout,
    /// The acquire contexts in use.
    pub(crate) ww: WwLayout,
    /// Where there are NMIs: for each CPU, a byte for the one that runs there, plus one.
    pub(crate) nmi: Option<usize>,
    /// Tasklets that are scheduled.
    pub(crate) tasklets: TaskletLayout,
    /// Timers that are armed.
    pub(crate) timers: TimerLayout,
    /// The work items that are pending.
    pub(crate) pending: PendingLayout,
    /// Where RCU is used: readers, and who waits for them.
    pub(crate) rcu: Option<RcuLayout>,
    /// Where sequence counters are used: a byte for each context, see `race`.
    pub(crate) atomic: Option<usize>,
    /// Where it is counted how often a task was woken by nobody, if that may happen.
    pub(crate) spurious: Option<usize>,
    /// Where bottom halves have a lock: 2 bytes for each CPU, see `bottom_half`.
    pub(crate) bh: Option<usize>,
    /// Where tasks may be kept on a CPU: 2 bytes for each context, see `migrate`.
    pub(crate) migration: Option<usize>,
    /// Where priorities change: a byte for each context, see `priority`.
    pub(crate) priorities: Option<usize>,
    /// The contexts that are workers.
    pub(crate) workers: std::ops::Range<usize>,
    /// What time it is, where the program asks.
    pub(crate) clock: Option<usize>,
    /// What allocations and user copies of a context are kept from, and how often memory was short.
    pub(crate) reclaim: ReclaimLayout,
    /// Where each slot of the heap says that it is not to be taken for a leak.
    pub(crate) not_leaks: Option<usize>,
}

impl Layout {
    pub(crate) fn new(program: &Program, code: &Code, room: &Room, keeps_held: bool) -> Self {
        let mut contexts = contexts(program, code, room);
        let globals = 2 * program.config.cpus as usize;
        let mut at = globals + 4;
        let mut take = |size: usize| {
            let start = at;
            at += size;
            start
        };
        let sleeps = uses_extra(program, code);
        let flushes = uses_flush(program);
        let irq = IrqLayout { room: room.irq_actions.max(1), threads: uses_irq_threads(program) };
        let mut reach: Vec<Vec<FunctionId>> = Vec::new();
        let bh = super::workqueue::uses_bh(program);
        for (id, context) in contexts.iter_mut().enumerate() {
            context.header = take(8);
            if context.is_line() && !context.is_hrtimer() && !context.is_irq_work() {
                context.line = Some(take(if context.entry.is_none() { irq.line_size() } else { 2 }));
            } else if context.is_task()
                && context.origin != Origin::Clock
                && (sleeps || context.is_kthread() || context.signals > 0)
            {
                context.extra = Some(take(8));
            }
            let runs_work = context.origin == Origin::Worker || (bh && context.is_softirq());
            if runs_work {
                context.worker = Some(take(WORKER_SIZE));
            }
            if flushes && (runs_work || context.is_task()) && context.origin != Origin::Clock {
                context.flush = Some(take(FLUSH_SIZE));
            }
            let reachable = context.entry.map_or(Vec::new(), |entry| code.reachable(entry));
            let needed = context.entry.map_or(0, |entry| stack_need(code, entry, &mut Vec::new()));
            context.stack_size = room.stack.get(&(id as u8)).copied().unwrap_or(needed);
            context.stack = take(context.stack_size);
            reach.push(reachable);
        }
        let statics =
            program.objects.iter().map(|o| if o.read_only { CONSTANT } else { take(o.size as usize) }).collect();
        let mut layout = Self {
            len: 0,
            cpus: 0,
            globals,
            contexts: Vec::new(),
            statics,
            slots: Vec::new(),
            heap: BTreeMap::new(),
            locals: Vec::new(),
            activations: Vec::new(),
            locks: (0..program.types.len()).map(|t| locks_in(&program.types, t as TypeId)).collect(),
            held: HeldLayout::default(),
            irq,
            irq_work: irq_work_layout(program, room, &contexts, &mut take),
            ww: WwLayout::new(program, room.acquire_contexts, &mut take),
            nmi: contexts.iter().any(|c| c.is_nmi()).then(|| take(program.config.cpus as usize)),
            softirq: softirq_layout(program, &contexts, &mut take),
            tasklets: tasklet_layout(program, room, &mut take),
            timers: timer_layout(program, room, &contexts, &mut take),
            pending: PendingLayout::default(),
            atomic: uses_atomic_sections(program).then(|| take(contexts.len())),
            rcu: RcuLayout::new(program, contexts.len(), [room.callbacks, room.grace_periods], &mut take),
            spurious: (program.config.bounds.spurious_wakeups > 0).then(|| take(1)),
            bh: super::bottom_half::uses(program).then(|| take(2 * program.config.cpus as usize)),
            migration: super::migrate::uses(program).then(|| take(2 * contexts.len())),
            priorities: super::priority::changes(program).then(|| take(contexts.len())),
            workers: first_worker(&contexts)..contexts.len(),
            clock: program.asks_time().then(|| take(clock::SIZE)),
            reclaim: ReclaimLayout::new(program, contexts.len(), &mut take),
            not_leaks: None,
        };
        if !layout.workers.is_empty() {
            layout.pending =
                PendingLayout::new(room.pending.max(2), program.config.bounds.worker_failures > 0, &mut take);
        }
        for (id, reachable) in reach.iter().enumerate() {
            layout.place_heap(program, room, id as u8, reachable, &mut take);
            layout.place_locals(program, room, id as u8, reachable, &mut take);
        }
        let ignores = every_call(program).any(|call| call == KernelCall::NotALeak);
        layout.not_leaks = ignores.then(|| take(layout.slots.len()));
        let rooms: Vec<usize> =
            (0..contexts.len()).map(|id| held_room(program, room, id as u8, &reach[id], keeps_held)).collect();
        let end = take(0);
        layout.held = HeldLayout::new(&rooms, end, &mut take);
        layout.contexts = contexts;
        layout.len = at.next_multiple_of(8);
        layout
    }

    fn place_heap(
        &mut self,
        program: &Program,
        room: &Room,
        owner: u8,
        reachable: &[FunctionId],
        take: &mut impl FnMut(usize) -> usize,
    ) {
        let mut sites: BTreeSet<u32> = kernel_calls(program, reachable)
            .filter_map(|call| if let KernelCall::Alloc { site, .. } = call { Some(site) } else { None })
            .collect();
        sites.extend(room.heap.keys().filter(|(context, _)| *context == owner).map(|(_, site)| *site));
        let zeroed = zeroed_sites(program);
        for site in sites {
            let decl = &program.alloc_sites[site as usize];
            let (count, size) = room.heap.get(&(owner, site)).copied().unwrap_or((1, decl.size.unwrap_or(0)));
            let first = self.slots.len();
            for _ in 0..count {
                let status = take(1);
                let size_at = decl.size.is_none().then(|| take(4));
                let shadow = (!zeroed.contains(&site)).then(|| take((size as usize).div_ceil(8)));
                let data = take(size as usize);
                let kind = SlotKind::Heap { site };
                self.slots.push(Slot { kind, owner, status, size_at, shadow, data, size, ty: decl.ty });
            }
            self.heap.insert((owner, site), first..self.slots.len());
        }
    }

    fn place_locals(
        &mut self,
        program: &Program,
        room: &Room,
        owner: u8,
        reachable: &[FunctionId],
        take: &mut impl FnMut(usize) -> usize,
    ) {
        let mut firsts = vec![0; program.functions.len()];
        let mut activations = vec![0; program.functions.len()];
        for (id, function) in program.functions.iter().enumerate() {
            let default = usize::from(reachable.contains(&(id as FunctionId)));
            let count = room.locals.get(&(owner, id as FunctionId)).copied().unwrap_or(default);
            firsts[id] = self.slots.len();
            activations[id] = if function.locals.is_empty() { 0 } else { count as u16 };
            for (index, local) in function.locals.iter().enumerate() {
                for _ in 0..count {
                    let status = take(1);
                    let shadow = Some(take((local.size as usize).div_ceil(8)));
                    let data = take(local.size as usize);
                    let kind = SlotKind::Local { function: id as FunctionId, local: index as u16 };
                    let (size, ty) = (local.size, local.ty);
                    self.slots.push(Slot { kind, owner, status, size_at: None, shadow, data, size, ty });
                }
            }
        }
        self.locals.push(firsts);
        self.activations.push(activations);
    }
}

/// Where softirqs are in a state, if the program has any.
fn softirq_layout(
    program: &Program,
    contexts: &[Context],
    take: &mut impl FnMut(usize) -> usize,
) -> Option<SoftirqLayout> {
    let serves = of_each_cpu(program, contexts, |cpu| Origin::Softirq { cpu });
    let opens = every_call(program).any(|call| call == KernelCall::OpenSoftirq);
    (!serves.is_empty()).then(|| SoftirqLayout::new(serves, opens, take))
}

/// The contexts that there are one of for each CPU, if there are.
fn of_each_cpu(program: &Program, contexts: &[Context], origin: impl Fn(u8) -> Origin) -> Vec<u8> {
    let of = |cpu| contexts.iter().position(|c| c.origin == origin(cpu)).map(|c| c as u8);
    (0..program.config.cpus).filter_map(of).collect()
}

/// The tasklets that are scheduled.
fn tasklet_layout(program: &Program, room: &Room, take: &mut impl FnMut(usize) -> usize) -> TaskletLayout {
    let napi = every_call(program).any(|call| matches!(call, KernelCall::NapiSchedule | KernelCall::NapiComplete));
    let schedules = every_call(program).any(|call| matches!(call, KernelCall::TaskletSchedule { .. }));
    let room = if schedules || napi { room.tasklets.max(1) } else { 0 };
    TaskletLayout { at: take(4 * room * program.config.cpus as usize), room, napi }
}

/// The irq_work that is pending.
fn irq_work_layout(
    program: &Program,
    room: &Room,
    contexts: &[Context],
    take: &mut impl FnMut(usize) -> usize,
) -> IrqWorkLayout {
    let queues = every_call(program).any(|call| call == KernelCall::IrqWorkQueue);
    let room = if queues { room.irq_works.max(1) } else { 0 };
    let contexts = of_each_cpu(program, contexts, |cpu| Origin::IrqWork { cpu });
    IrqWorkLayout { list: take(4 * room), room, current: take(4 * contexts.len()), contexts }
}

/// The timers that are armed.
fn timer_layout(
    program: &Program,
    room: &Room,
    contexts: &[Context],
    take: &mut impl FnMut(usize) -> usize,
) -> TimerLayout {
    let arms = every_call(program).any(|call| matches!(call, KernelCall::TimerArm { .. }));
    let room = if arms { room.timers.max(1) } else { 0 };
    let hard = of_each_cpu(program, contexts, |cpu| Origin::Hrtimer { cpu });
    TimerLayout { armed: take(4 * room), room, current: take(4 * hard.len()), hard }
}

/// How many locks of a context there is room for.
fn held_room(program: &Program, room: &Room, context: u8, reachable: &[FunctionId], keeps_held: bool) -> usize {
    let first = || {
        if reachable.is_empty() {
            // What a kernel thread or a registered handler runs is known when it does.
            let all: Vec<FunctionId> = (0..program.functions.len() as FunctionId).collect();
            first_room(kernel_calls(program, &all))
        } else {
            first_room(kernel_calls(program, reachable))
        }
    };
    if keeps_held { room.held.get(&context).copied().unwrap_or_else(first) } else { 0 }
}

/// The rig's contexts, then room for kernel threads.
fn contexts(program: &Program, code: &Code, room: &Room) -> Vec<Context> {
    let blank = |name: String, kind, origin| Context {
        name,
        kind,
        origin,
        entry: None,
        args: Vec::new(),
        cpu: None,
        signals: 0,
        prio: 0,
        header: 0,
        extra: None,
        worker: None,
        flush: None,
        line: None,
        stack: 0,
        stack_size: 0,
    };
    let mut all: Vec<Context> = Vec::new();
    for (index, decl) in program.contexts.iter().enumerate() {
        all.push(Context {
            entry: decl.entry.filter(|_| !is_forced(program, decl)),
            args: decl.args.clone(),
            cpu: decl.cpu.map(|cpu| cpu.min(program.config.cpus - 1)),
            signals: decl.signals,
            prio: decl.prio.min(99),
            ..blank(decl.name.clone(), decl.kind, Origin::Declared(index))
        });
    }
    let mut threads: BTreeMap<(u8, u32), usize> = BTreeMap::new();
    for (id, decl) in program.contexts.iter().enumerate() {
        let reachable = decl.entry.map_or(Vec::new(), |entry| code.reachable(entry));
        for call in kernel_calls(program, &reachable) {
            if let KernelCall::KthreadCreate { site } = call {
                threads.insert((id as u8, site), 1);
            }
        }
    }
    let requests = super::irq_thread::sites(program);
    let number = |decl: &ContextDecl| irq_number(decl).filter(|_| decl.entry.is_none() || is_forced(program, decl));
    for (line, decl) in program.contexts.iter().enumerate() {
        let raised = |(irq, _): &&(Option<u32>, u32)| number(decl).is_some_and(|own| irq.is_none_or(|irq| irq == own));
        if is_forced(program, decl) {
            threads.insert((line as u8, super::irq_thread::FORCED_SITE), 1);
        }
        threads.extend(requests.iter().filter(raised).map(|(_, site)| ((line as u8, *site), 1)));
    }
    threads.extend(room.threads.iter().map(|(key, count)| (*key, *count)));
    for ((creator, site), count) in threads {
        let name = program.spawn_sites.get(site as usize).map_or("", |site| &site.name);
        let line = program.contexts.get(creator as usize).and_then(number).map(|number| (creator, number));
        for nth in 0..count {
            all.push(match line {
                Some((line, number)) => {
                    let name =
                        format!("irq/{number}-{}", if name.is_empty() { &all[line as usize].name } else { name });
                    let taken = all.iter().any(|c| c.name == name);
                    let name = if taken { format!("{name}.{site}.{nth}") } else { name };
                    let cpu = all[line as usize].cpu;
                    Context { cpu, ..blank(name, ContextKind::Thread, Origin::IrqThread { line, site }) }
                }
                None => {
                    let taken = all.iter().any(|c| c.name == name);
                    let name = if taken || nth > 0 { format!("{name}.{creator}.{nth}") } else { name.to_owned() };
                    blank(name, ContextKind::Thread, Origin::Spawned { creator, site })
                }
            });
        }
    }
    if uses_softirqs(program) {
        for cpu in 0..program.config.cpus {
            let name = format!("softirq/{cpu}");
            all.push(Context { cpu: Some(cpu), ..blank(name, ContextKind::Softirq, Origin::Softirq { cpu }) });
        }
    }
    if every_call(program).any(|call| call == KernelCall::TimerArm { how: TimerArm::Hrtimer }) {
        for cpu in 0..program.config.cpus {
            let kind = ContextKind::HardIrq { number: 0, times: 0 };
            all.push(Context { cpu: Some(cpu), ..blank(format!("hrtimer/{cpu}"), kind, Origin::Hrtimer { cpu }) });
        }
    }
    if every_call(program).any(|call| call == KernelCall::IrqWorkQueue) {
        for cpu in 0..program.config.cpus {
            let kind = ContextKind::HardIrq { number: 0, times: 0 };
            all.push(Context { cpu: Some(cpu), ..blank(format!("irq_work/{cpu}"), kind, Origin::IrqWork { cpu }) });
        }
    }
    let (queues, delays) = super::workqueue::uses(program);
    if delays {
        all.push(blank("delayed_work_timer".to_owned(), ContextKind::Thread, Origin::Clock));
    }
    if queues {
        for nth in 1..=room.workers.max(1) {
            all.push(blank(format!("kworker/{nth}"), ContextKind::Thread, Origin::Worker));
        }
    }
    all
}

/// Whether a line's handlers are made threads, where that is not forbidden.
fn is_forced(program: &Program, decl: &ContextDecl) -> bool {
    super::irq_thread::forces(program) && irq_number(decl).is_some()
}

/// The number of a line.
fn irq_number(decl: &ContextDecl) -> Option<u32> {
    match decl.kind {
        ContextKind::HardIrq { number, .. } => Some(number),
        _ => None,
    }
}

/// Workers come last.
fn first_worker(contexts: &[Context]) -> usize {
    contexts.iter().position(|c| c.origin == Origin::Worker).unwrap_or(contexts.len())
}

/// Whether anybody may wait for work.
fn uses_flush(program: &Program) -> bool {
    every_call(program)
        .any(|call| matches!(call, KernelCall::FlushWork { .. } | KernelCall::SpinForWork | KernelCall::FlushWorkqueue))
}

/// Whether a program has threaded interrupt handlers.
pub(super) fn uses_irq_threads(program: &Program) -> bool {
    super::irq_thread::forces(program)
        || every_call(program).any(|call| matches!(call, KernelCall::RequestIrq { thread: Some(_) }))
}

/// Whether a program has sections in which every access counts as marked.
fn uses_atomic_sections(program: &Program) -> bool {
    every_call(program).any(|call| matches!(call, KernelCall::ReadsAtomically | KernelCall::WritesAtomically))
}

/// Whether a program has anything to do with softirqs.
pub(super) fn uses_softirqs(program: &Program) -> bool {
    let calls = every_call(program).any(|call| {
        matches!(
            call,
            KernelCall::OpenSoftirq
                | KernelCall::RaiseSoftirq
                | KernelCall::TaskletSchedule { .. }
                | KernelCall::NapiSchedule
                | KernelCall::NapiComplete
                | KernelCall::TimerArm { .. }
                | KernelCall::CallRcu { .. }
        )
    });
    calls || super::workqueue::uses_bh(program)
}

/// The kernel calls that a program makes anywhere.
pub(super) fn every_call(program: &Program) -> impl Iterator<Item = KernelCall> {
    program.functions.iter().flat_map(|f| &f.code).filter_map(call_of)
}

fn call_of(inst: &Inst) -> Option<KernelCall> {
    match inst {
        Inst::Kernel { call, .. } => Some(*call),
        _ => None,
    }
}

fn kernel_calls(program: &Program, functions: &[FunctionId]) -> impl Iterator<Item = KernelCall> {
    functions.iter().flat_map(|f| &program.functions[*f as usize].code).filter_map(call_of)
}

/// Whether any task needs the bytes for its own state, its place in a queue, its result.
fn uses_extra(program: &Program, code: &Code) -> bool {
    let mut entered: Vec<FunctionId> = super::code::address_taken(program);
    entered.extend(program.contexts.iter().filter_map(|c| c.entry));
    let reachable: BTreeSet<FunctionId> = entered.into_iter().flat_map(|f| code.reachable(f)).collect();
    let reachable: Vec<FunctionId> = reachable.into_iter().collect();
    kernel_calls(program, &reachable).any(|call| {
        matches!(
            call,
            KernelCall::SetState
                | KernelCall::Schedule { .. }
                | KernelCall::WakeUp
                | KernelCall::SemDown { .. }
                | KernelCall::Acquire { lock: LockKind::PercpuRwSem, .. }
                | KernelCall::KthreadCreate { .. }
        )
    })
}

/// Allocation sites that always give zeroed memory.
fn zeroed_sites(program: &Program) -> BTreeSet<u32> {
    let mut zeroed = BTreeSet::new();
    let mut raw = BTreeSet::new();
    for inst in program.functions.iter().flat_map(|f| &f.code) {
        if let Inst::Kernel { call: KernelCall::Alloc { site, zero }, .. } = inst {
            if *zero {
                zeroed.insert(*site)
            } else {
                raw.insert(*site)
            };
        }
    }
    zeroed.difference(&raw).copied().collect()
}

/// The most bytes of stack that running a function can take, but for recursion.
fn stack_need(code: &Code, function: FunctionId, above: &mut Vec<FunctionId>) -> usize {
    if above.contains(&function) {
        return 0;
    }
    above.push(function);
    let routine = &code.routines[function as usize];
    let mut need = 0;
    for at in 0..routine.code.len() {
        if let Some(stop) = routine.stops[at] {
            need = need.max(code.points[stop as usize].size as usize);
        }
        if let Some(call) = routine.calls[at] {
            let callees = match &routine.code[at] {
                Inst::Call { function, .. } => std::slice::from_ref(function),
                _ => &code.callees[function as usize],
            };
            let deepest = callees.iter().map(|c| stack_need(code, *c, above)).max().unwrap_or(0);
            need = need.max(code.points[call as usize].size as usize + 2 + deepest);
        }
    }
    above.pop();
    need
}

/// Offsets of the locks with an owner in an object of this type.
fn locks_in(types: &[Type], ty: TypeId) -> Vec<u32> {
    match &types[ty as usize] {
        Type::Scalar { name, .. } => match name.as_str() {
            "spinlock_t"
            | "raw_spinlock_t"
            | "struct mutex"
            | "rwlock_t"
            | "struct rw_semaphore"
            | "struct rt_mutex"
            | "struct ww_mutex"
            | "struct percpu_rw_semaphore"
            | "local_lock_t" => vec![0],
            _ => Vec::new(),
        },
        Type::Record { fields, .. } => {
            fields.iter().flat_map(|f| locks_in(types, f.ty).into_iter().map(move |o| o + f.offset)).collect()
        }
        Type::Array { element, count } => {
            let size = crate::program::size_of(types, *element);
            let inner = locks_in(types, *element);
            if inner.is_empty() {
                return inner;
            }
            (0..*count).flat_map(|i| inner.iter().map(move |o| i * size + o)).collect()
        }
    }
}
