//! Small programs that queue, flush and cancel work, and what each of them may rely on.

use sim_core::program::{
    Access, ContextDecl, ContextKind, Function, Inst, KernelCall, Mark, Object, Program, Scalar, pointer,
};

/// Bits of the machine's own bytes of a workqueue, as `kernel-c`'s prelude and `workqueue.rs` have them.
const BH: u8 = 1;
const UNBOUND: u8 = 2;
const HIGHPRI: u8 = 0x10;
const ORDERED: u8 = 4;
const WORK_MAGIC: u8 = 24;
const WQ_MAGIC: u8 = 25;
const CPUS: usize = 2;

/// A workqueue.
#[derive(Clone, Debug)]
pub(crate) enum QueueKind {
    /// One pool for each CPU; 0: the default, which is never reached.
    Bound {
        max_active: u8,
    },
    Unbound {
        max_active: u8,
    },
    Ordered,
    Highpri,
    /// Run by softirqs, one by one on each CPU.
    Bh {
        highpri: bool,
    },
    /// An unbound one of which more is claimed than is true.
    Claimed {
        max_active: u8,
        limit: usize,
        ordered: bool,
    },
}

impl QueueKind {
    /// How many of its items may run at once.
    pub(crate) fn limit(&self) -> Option<usize> {
        match *self {
            Self::Bound { max_active: 0 } | Self::Highpri => None,
            Self::Bound { max_active } => Some(max_active as usize * CPUS),
            Self::Unbound { max_active } => Some(max_active as usize),
            Self::Ordered => Some(1),
            Self::Bh { .. } => Some(CPUS),
            Self::Claimed { limit, .. } => Some(limit),
        }
    }

    fn keeps_order(&self) -> bool {
        matches!(self, Self::Ordered | Self::Claimed { ordered: true, .. })
    }

    fn bytes(&self) -> Vec<u8> {
        let (state, flags, max_active) = match *self {
            Self::Bound { max_active } => (0, 0, max_active),
            Self::Unbound { max_active } | Self::Claimed { max_active, .. } => (0, UNBOUND, max_active),
            Self::Ordered => (ORDERED, UNBOUND, 1),
            Self::Highpri => (0, HIGHPRI, 0),
            Self::Bh { highpri } => (0, BH | if highpri { HIGHPRI } else { 0 }, 0),
        };
        vec![state, WQ_MAGIC, 0, 0, flags, max_active, 0, 0]
    }
}

/// A work item: its function may sleep (not in a softirq), queues itself again perhaps, and at the end says that it is done.
#[derive(Clone, Debug)]
pub(crate) struct WorkPlan {
    pub(crate) queue: usize,
    pub(crate) sleeps: bool,
    pub(crate) requeues: bool,
}

/// What a thread does to an item (or queue).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Queue(usize),
    /// On another than its own queue.
    QueueOn(usize, usize),
    Delay(usize),
    Cancel(usize),
    CancelSync(usize),
    /// A `cancel_work()` that is taken for a `cancel_work_sync()`.
    ClaimedSync(usize),
    Flush(usize),
    FlushQueue(usize),
}

impl Op {
    fn queues(self) -> Option<usize> {
        match self {
            Self::Queue(work) | Self::QueueOn(work, _) | Self::Delay(work) => Some(work),
            _ => None,
        }
    }

    fn touches(self, work: usize) -> bool {
        match self {
            Self::Cancel(own) | Self::CancelSync(own) | Self::ClaimedSync(own) => own == work,
            _ => self.queues() == Some(work),
        }
    }
}

/// A wait that has ended once a thread is past an instruction: nothing of the item runs then.
pub(crate) struct Wait {
    pub(crate) thread: usize,
    pub(crate) work: usize,
    pub(crate) end: u32,
}

/// A program.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) queues: Vec<QueueKind>,
    pub(crate) works: Vec<WorkPlan>,
    pub(crate) threads: Vec<Vec<Op>>,
}

/// A function being made.
#[derive(Default)]
struct Builder {
    code: Vec<Inst>,
    regs: Vec<Scalar>,
}

impl Builder {
    fn constant(&mut self, value: u64) -> u16 {
        self.regs.push(Scalar::U64);
        let dst = self.regs.len() as u16 - 1;
        self.code.push(Inst::Const { dst, value });
        dst
    }

    fn kernel(&mut self, call: KernelCall, values: &[u64]) {
        let args = values.iter().map(|value| self.constant(*value)).collect();
        self.code.push(Inst::Kernel { call, dst: None, args });
    }

    fn finish(mut self, name: String, params: u16) -> Function {
        self.code.push(Inst::Return { value: None });
        let (count, regs) = (self.code.len(), self.regs.len());
        Function {
            name,
            params,
            regs: self.regs,
            reg_names: vec![String::new(); regs],
            code: self.code,
            spans: vec![0; count],
            ..Function::default()
        }
    }
}

impl Plan {
    /// The function of an item.
    pub(crate) fn work_function(&self, work: usize) -> u32 {
        work as u32
    }

    /// The object that says that an item was run to its end.
    pub(crate) fn done_object(&self, work: usize) -> u32 {
        work as u32
    }

    /// The context of a thread.
    pub(crate) fn thread_context(&self, thread: usize) -> usize {
        thread
    }

    fn item(&self, work: usize) -> u64 {
        pointer::to_static((self.works.len() + work) as u32, 0)
    }

    fn queue(&self, queue: usize) -> u64 {
        pointer::to_static((2 * self.works.len() + queue) as u32, 0)
    }

    pub(crate) fn program(&self) -> Program {
        let object = |name: String, size: u32, init: Vec<u8>| Object { name, size, init, ..Object::default() };
        let mut program = Program { name: "plan.c".into(), ..Program::default() };
        program.config.cpus = CPUS as u8;
        for work in 0..self.works.len() {
            program.objects.push(object(format!("done{work}"), 1, vec![0]));
        }
        for work in 0..self.works.len() {
            let mut bytes = vec![0, WORK_MAGIC, 0, 0, 0, 0, 0, 0];
            bytes.extend(pointer::to_function(self.work_function(work)).to_le_bytes());
            program.objects.push(object(format!("work{work}"), 16, bytes));
        }
        for (index, queue) in self.queues.iter().enumerate() {
            program.objects.push(object(format!("queue{index}"), 8, queue.bytes()));
        }
        program.functions.extend((0..self.works.len()).map(|work| self.work_body(work)));
        for (index, ops) in self.threads.iter().enumerate() {
            program.contexts.push(ContextDecl {
                name: format!("t{index}"),
                kind: ContextKind::Thread,
                entry: Some(program.functions.len() as u32),
                args: Vec::new(),
                cpu: Some((index % CPUS) as u8),
                prio: 0,
                signals: 0,
                span: 0,
                group: index as u16,
            });
            program.functions.push(self.thread_body(index, ops).0);
        }
        program
    }

    fn work_body(&self, work: usize) -> Function {
        let mut b = Builder { regs: vec![Scalar::U64], ..Builder::default() };
        let plan = &self.works[work];
        if plan.sleeps && !matches!(self.queues[plan.queue], QueueKind::Bh { .. }) {
            b.kernel(KernelCall::Msleep, &[]);
        }
        if plan.requeues {
            b.kernel(KernelCall::QueueWork, &[self.queue(plan.queue), self.item(work), u64::MAX, 0]);
        }
        let addr = b.constant(pointer::to_static(self.done_object(work), 0));
        let src = b.constant(1);
        let access = Access { ty: Scalar::U8, mark: Mark::Once, private: false };
        b.code.push(Inst::Store { addr, src, access });
        b.finish(format!("work_fn{work}"), 1)
    }

    /// The function of a thread, and for each of its operations the instruction after it.
    fn thread_body(&self, thread: usize, ops: &[Op]) -> (Function, Vec<u32>) {
        let mut b = Builder::default();
        let mut ends = Vec::new();
        let sync = |b: &mut Builder, item: u64| {
            b.kernel(KernelCall::DisableWork, &[item]);
            b.kernel(KernelCall::FlushWork { cancel: true }, &[item]);
            b.kernel(KernelCall::EnableWork, &[item]);
        };
        for op in ops {
            match *op {
                Op::Queue(work) => {
                    b.kernel(
                        KernelCall::QueueWork,
                        &[self.queue(self.works[work].queue), self.item(work), u64::MAX, 0],
                    );
                }
                Op::QueueOn(work, queue) => {
                    b.kernel(KernelCall::QueueWork, &[self.queue(queue), self.item(work), u64::MAX, 0]);
                }
                Op::Delay(work) => {
                    b.kernel(
                        KernelCall::QueueWork,
                        &[self.queue(self.works[work].queue), self.item(work), u64::MAX, 1],
                    );
                }
                Op::Cancel(work) | Op::ClaimedSync(work) => b.kernel(KernelCall::CancelWork, &[self.item(work)]),
                Op::CancelSync(work) => sync(&mut b, self.item(work)),
                Op::Flush(work) => b.kernel(KernelCall::FlushWork { cancel: false }, &[self.item(work)]),
                Op::FlushQueue(queue) => b.kernel(KernelCall::FlushWorkqueue, &[self.queue(queue)]),
            }
            ends.push(b.code.len() as u32);
        }
        // The last operation is followed by a step, so that its end can be seen.
        b.kernel(KernelCall::Msleep, &[]);
        (b.finish(format!("thread{thread}"), 0), ends)
    }

    fn all_ops(&self) -> impl Iterator<Item = (usize, usize, Op)> {
        let threads = self.threads.iter().enumerate();
        threads.flat_map(|(thread, ops)| ops.iter().enumerate().map(move |(at, op)| (thread, at, *op)))
    }

    /// Items that a queue must run in this order: one thread queues both, once each, and nobody else does anything to them.
    pub(crate) fn ordered_pairs(&self) -> Vec<(usize, usize)> {
        let only = |work: usize| {
            let mut touching = self.all_ops().filter(|(_, _, op)| op.touches(work));
            let first = touching.next().filter(|(_, _, op)| matches!(op, Op::Queue(_)));
            first.filter(|_| touching.next().is_none() && !self.works[work].requeues)
        };
        let mut pairs = Vec::new();
        for first in 0..self.works.len() {
            for second in 0..self.works.len() {
                let (Some((thread, at, _)), Some((other, after, _))) = (only(first), only(second)) else { continue };
                let queue = self.works[first].queue;
                let same = thread == other && at < after && queue == self.works[second].queue;
                if same && self.queues[queue].keeps_order() {
                    pairs.push((first, second));
                }
            }
        }
        pairs
    }

    /// Waits after which nothing of an item can run: nobody but this thread queues it, and not after the wait; a flush does not keep an item from queueing
    /// itself, nor does it see what waits for its time; and one that waits for an item which another thread then cancels is over, though the run before may
    /// not be (the kernel's barrier stays in the list alone).
    pub(crate) fn waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (thread, ops) in self.threads.iter().enumerate() {
            let ends = self.thread_body(thread, ops).1;
            for (at, op) in ops.iter().enumerate() {
                let (work, flush) = match *op {
                    Op::CancelSync(work) | Op::ClaimedSync(work) => (work, false),
                    Op::Flush(work) => (work, true),
                    _ => continue,
                };
                let own = |(other, when, op): (usize, usize, Op)| {
                    if flush && other != thread && op.touches(work) {
                        return false;
                    }
                    op.queues() != Some(work)
                        || (other == thread && when < at && !(flush && matches!(op, Op::Delay(_))))
                };
                if self.all_ops().all(own) && !(flush && self.works[work].requeues) {
                    waits.push(Wait { thread, work, end: ends[at] });
                }
            }
        }
        waits
    }
}
