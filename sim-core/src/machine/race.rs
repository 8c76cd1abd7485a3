//! The next access of each context: one fact, which data race detection, the choices and the views share.
//!
//! Invariant: `data_race` is a property of one state: two contexts that are both in the middle of running stand before conflicting accesses.

use super::Run;
use super::code::{Code, Point};
use super::exec::{binary, mark_of, unary, with_registers};
use super::layout::{CONSTANT, Layout};
use super::lock::Given;
use super::lockdep::Taking;
use super::memory::Target;
use super::wait::Waiting;
use super::{Machine, flag};
use crate::finding::Kind;
use crate::model::{CodePlace, Observer, Symptom};
use crate::program::{ContextKind, Inst, KernelCall, LockKind, Mark, Program, Reg, pointer};

/// What is known about a point without looking at a state.
#[derive(Debug)]
pub(super) struct PointFacts {
    /// The kernel call that it stands before, if its outcome depends on the state.
    pub(super) call: Option<KernelCall>,
    /// For a lock at a fixed place that is waited for: where its owner stands.
    pub(super) lock: Option<usize>,
    /// That lock is free for it if nobody owns it: not so for a reader, who may have to wait behind a writer, nor where there is a queue.
    pub(super) free_at_zero: bool,
    /// It stands before a call that takes a lock and waits for it: how.
    pub(super) acquires: Option<Taking>,
    /// That call names the lock that orders the taking of several.
    pub(super) nests: bool,
    /// It stands before `schedule()`.
    pub(super) schedules: bool,
    /// It stands before the read of a loop that may do nothing but read again.
    pub(super) waiting: Option<Waiting>,
    /// It stands before a memory access.
    pub(super) accesses: bool,
    /// For an access to a fixed place: where.
    range: Option<(usize, usize)>,
    /// The fixed place that the access or the kernel call is about.
    place: Option<usize>,
    writes: bool,
    mark: Mark,
}

/// An access that a context is about to make.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub(super) context: usize,
    pub(super) lo: usize,
    pub(super) hi: usize,
    pub(super) writes: bool,
    pub(super) mark: Mark,
}

/// In the byte that says whether a context's accesses count as marked: as the reader of a sequence counter. The rest is how many of them it writes.
const READS_ATOMICALLY: u8 = 0x80;

/// Looks at every point once.
pub(super) fn facts(program: &Program, code: &Code, layout: &Layout) -> Vec<PointFacts> {
    code.points.iter().map(|point| point_facts(program, code, layout, point)).collect()
}

fn point_facts(program: &Program, code: &Code, layout: &Layout, point: &Point) -> PointFacts {
    let routine = &code.routines[point.function as usize];
    let inst = &routine.code[point.inst as usize];
    let known = |reg: Reg| {
        let mut regs: Vec<Option<u64>> = vec![None; code.registers];
        for inst in routine.code.get(point.start as usize..point.inst as usize).unwrap_or_default() {
            if let Some(dst) = inst.def() {
                regs[dst as usize] = prepare(inst, |r| regs[r as usize], |_, _| None);
            }
        }
        regs[reg as usize]
    };
    let place = |address: u64, len: usize| {
        let object = (pointer::id(address) as usize).checked_sub(1).filter(|o| *o < program.objects.len())?;
        let at = layout.statics[object];
        let offset = pointer::offset(address) as usize;
        let inside = at != CONSTANT && offset + len <= program.objects[object].size as usize;
        inside.then_some((at + offset, at + offset + len))
    };
    let (addr, len, writes) = match inst {
        Inst::Load { addr, access, .. } => (Some(*addr), access.ty.size as usize, false),
        Inst::Store { addr, access, .. } => (Some(*addr), access.ty.size as usize, true),
        Inst::Atomic { addr, ty, .. } => (Some(*addr), ty.size as usize, true),
        _ => (None, 0, false),
    };
    let (call, object) = match inst {
        Inst::Kernel { call, args, .. } => {
            let at = args.first().and_then(|r| known(*r)).and_then(|a| place(a, 4)).map(|(lo, _)| lo);
            (Some(*call), at)
        }
        _ => (None, None),
    };
    let range = addr.and_then(known).and_then(|address| place(address, len));
    let moves = matches!(inst, Inst::CopyMemory { .. } | Inst::SetMemory { .. });
    let copies = matches!(call, Some(KernelCall::CopyToUser | KernelCall::CopyFromUser));
    let waits = match call {
        Some(KernelCall::Acquire { lock: LockKind::LocalLock, .. }) => false,
        Some(KernelCall::Acquire { lock, .. }) => lock.sleeps() || program.config.smp,
        _ => false,
    };
    PointFacts {
        call: call.filter(|call| depends_on_state(*call)),
        lock: object.filter(|_| waits),
        free_at_zero: match call {
            Some(KernelCall::Acquire { lock: LockKind::PercpuRwSem, .. }) => false,
            Some(KernelCall::Acquire { lock, shared, .. }) => !shared && !super::priority::inherits(program, lock),
            _ => true,
        },
        waiting: range.and_then(|(at, _)| Waiting::of(routine, point, code.registers, at)),
        acquires: match call {
            Some(KernelCall::Acquire { subclass, shared, .. }) => Some(Taking { subclass, trylock: false, shared }),
            _ => None,
        },
        nests: matches!(call, Some(KernelCall::Acquire { nest: true, .. })),
        schedules: matches!(call, Some(KernelCall::Schedule { .. })),
        accesses: addr.is_some() || moves || copies,
        range,
        place: range.map(|(lo, _)| lo).or(object),
        writes,
        mark: mark_of(inst),
    }
}

/// Whether the outcome of a call depends on the state.
fn depends_on_state(call: KernelCall) -> bool {
    matches!(
        call,
        KernelCall::Acquire { .. }
            | KernelCall::BhDisable
            | KernelCall::SemDown { .. }
            | KernelCall::CompletionWait { .. }
            | KernelCall::Schedule { .. }
            | KernelCall::KthreadStopWait
            | KernelCall::KthreadParkWait
            | KernelCall::KthreadParkme
            | KernelCall::FatalSignalPending
            | KernelCall::FlushWork { .. }
            | KernelCall::SpinForWork
            | KernelCall::FlushWorkqueue
            | KernelCall::WqWaitEmpty
            | KernelCall::SyncIrq
            | KernelCall::GpWait { .. }
            | KernelCall::BarrierWait
            | KernelCall::GpPoll
            | KernelCall::SyncIrqThreads
            | KernelCall::IrqWorkSync
            | KernelCall::NapiWait { .. }
            | KernelCall::NapiDelete
            | KernelCall::TaskletKill
            | KernelCall::TimeAfter { .. }
            | KernelCall::Jiffies
            | KernelCall::TaskletWait { .. }
            | KernelCall::TimerCancel { wait: true, .. }
            | KernelCall::Alloc { .. }
            | KernelCall::Happens { .. }
            | KernelCall::CopyToUser
            | KernelCall::CopyFromUser
            | KernelCall::SignalPending
    )
}

/// Marks an instruction whose access does not go to a fixed place of the state.
pub(super) const NOWHERE: u32 = u32::MAX;

/// For each instruction of each function: the offset in the state that it accesses, where that is fixed.
pub(super) fn fixed(code: &Code, facts: &[PointFacts]) -> Vec<Vec<u32>> {
    let mut fixed: Vec<Vec<u32>> = code.routines.iter().map(|r| vec![NOWHERE; r.code.len()]).collect();
    for (point, facts) in code.points.iter().zip(facts) {
        if let Some(at) = facts.place {
            fixed[point.function as usize][point.inst as usize] = at as u32;
        }
    }
    fixed
}

/// The value that a pure instruction computes, as far as its operands are known.
pub(super) fn prepare(
    inst: &Inst,
    reg: impl Fn(Reg) -> Option<u64>,
    local: impl Fn(u16, u32) -> Option<u64>,
) -> Option<u64> {
    match inst {
        Inst::Const { value, .. } => Some(*value),
        Inst::Copy { src, .. } => reg(*src),
        Inst::Convert { to, src, .. } => Some(to.wrap(reg(*src)?)),
        Inst::Unary { op, ty, src, .. } => Some(unary(*op, *ty, reg(*src)?)),
        Inst::Binary { op, ty, a, b, .. } => binary(*op, *ty, reg(*a)?, reg(*b)?),
        Inst::AddrStatic { object, offset, .. } => Some(pointer::to_static(*object, *offset)),
        Inst::AddrLocal { local: index, offset, .. } => local(*index, *offset),
        _ => None,
    }
}

impl Machine {
    /// Where the registers are that a context keeps at the point where it stands.
    pub(super) fn kept_at(&self, s: &[u8], context: usize) -> usize {
        let layout = &self.layout.contexts[context];
        layout.stack + super::bytes::get16(s, layout.header + super::header::STACK) as usize
    }

    /// Looks at the instruction that a context's next step begins with, and at the registers just before it.
    fn prepared<T>(&self, s: &[u8], context: usize, look: impl FnOnce(&Inst, &[u64]) -> Option<T>) -> Option<T> {
        let point = &self.code.points[self.point(s, context)? as usize];
        with_registers(self.code.registers, |regs| {
            point.kept(s, self.kept_at(s, context)).for_each(|(reg, value)| regs[reg] = value);
            let function = point.function as usize;
            let code = &self.code.routines[function].code;
            for inst in code.get(point.start as usize..point.inst as usize).unwrap_or_default() {
                let local = |index, offset: u32| {
                    let slot = self.local_slot(s, context, function, index)?;
                    Some((super::memory::SLOT_BASE as u64 + slot as u64) << 32 | offset as u64)
                };
                if let Some(dst) = inst.def() {
                    regs[dst as usize] = prepare(inst, |r| Some(regs[r as usize]), local).unwrap_or(0);
                }
            }
            look(&code[point.inst as usize], regs)
        })
    }

    /// An argument of the kernel call that a context is about to make.
    pub(super) fn next_operand(&self, s: &[u8], context: usize, index: usize) -> Option<u64> {
        self.prepared(s, context, |inst, regs| match inst {
            Inst::Kernel { args, .. } => Some(regs[*args.get(index)? as usize]),
            _ => None,
        })
    }

    /// The address that a context's next load, store or atomic is about.
    pub(super) fn next_address(&self, s: &[u8], context: usize) -> Option<u64> {
        self.prepared(s, context, |inst, regs| match inst {
            Inst::Load { addr, .. } | Inst::Store { addr, .. } | Inst::Atomic { addr, .. } => {
                let address = regs[*addr as usize];
                let cpu = if mark_of(inst) == Mark::ThisCpu { self.may_run_on(s, context).next() } else { None };
                Some(cpu.map_or(address, |cpu| pointer::of_cpu(address, cpu as u64)))
            }
            _ => None,
        })
    }

    /// Appends the memory accesses that a context's next step makes.
    fn next_accesses(&self, s: &[u8], context: usize, all: &mut Vec<Access>) {
        let Some(id) = self.point(s, context) else { return };
        let facts = &self.points[id as usize];
        if !facts.accesses {
            return;
        }
        let mark =
            if facts.mark == Mark::Plain && self.is_in_atomic_section(s, context) { Mark::Once } else { facts.mark };
        if let Some((lo, hi)) = facts.range {
            all.push(Access { context, lo, hi, writes: facts.writes, mark });
            return;
        }
        let cpus: Vec<u64> = match mark {
            Mark::ThisCpu => self.may_run_on(s, context).map(|cpu| cpu as u64).collect(),
            _ => Vec::new(),
        };
        let mut at = |address: u64, len: u64, writes: bool| {
            if let Ok(Target::State(lo, _)) = self.resolve(s, address, len as u32, writes) {
                all.push(Access { context, lo, hi: lo + len as usize, writes, mark });
            }
        };
        let mut push = |address: u64, len: u64, writes: bool| match mark {
            Mark::ThisCpu => cpus.iter().for_each(|cpu| at(pointer::of_cpu(address, *cpu), len, writes)),
            _ => at(address, len, writes),
        };
        self.prepared(s, context, |inst, regs| {
            let reg = |r: &Reg| regs[*r as usize];
            match inst {
                Inst::Load { addr, access, .. } => push(reg(addr), access.ty.size as u64, false),
                Inst::Store { addr, access, .. } => push(reg(addr), access.ty.size as u64, true),
                Inst::Atomic { addr, ty, .. } => push(reg(addr), ty.size as u64, true),
                Inst::SetMemory { to, size, .. } => push(reg(to), reg(size), true),
                Inst::CopyMemory { to, from, size } => {
                    push(reg(to), reg(size), true);
                    push(reg(from), reg(size), false);
                }
                Inst::Kernel { call: KernelCall::CopyToUser, args, .. } => push(reg(&args[1]), reg(&args[2]), false),
                Inst::Kernel { call: KernelCall::CopyFromUser, args, .. } => push(reg(&args[0]), reg(&args[2]), true),
                _ => {}
            }
            Some(())
        });
    }

    /// Whether every access that a context makes now counts as marked (`kernel/kcsan/core.c`, `is_atomic`).
    pub(super) fn is_in_atomic_section(&self, s: &[u8], context: usize) -> bool {
        self.layout.atomic.is_some_and(|at| s[at + context] != 0)
    }

    /// A context that ends is in no section any more.
    pub(super) fn leave_atomic_sections(&self, s: &mut [u8], context: usize) {
        if let Some(at) = self.layout.atomic {
            s[at + context] = 0;
        }
    }

    /// Reports conflicting accesses that could be made next to each other.
    pub(super) fn races<O: Observer>(&self, s: &[u8], o: &mut O) {
        for (a, b) in self.race_pairs(s) {
            let mut at = vec![self.shown_place(s, a.context), self.shown_place(s, b.context)];
            at.sort_unstable();
            o.symptom(Symptom { kind: Kind::DataRace, at, detail: 0 });
        }
    }

    /// Conflicting accesses that could be made next to each other.
    pub(super) fn race_pairs(&self, s: &[u8]) -> Vec<(Access, Access)> {
        // Most states have no two accesses to compare, or none that is plain: then there is nothing to allocate.
        let (mut accessing, mut plain) = (0, false);
        for context in 0..self.layout.contexts.len() {
            let facts = self.point(s, context).map(|point| &self.points[point as usize]);
            if let Some(facts) = facts.filter(|facts| facts.accesses) {
                accessing += 1;
                plain |= matches!(facts.mark, Mark::Plain | Mark::ThisCpu);
            }
        }
        if accessing < 2 || !plain {
            return Vec::new();
        }
        let mut all: Vec<Access> = Vec::with_capacity(2 * accessing);
        for (context, layout) in self.layout.contexts.iter().enumerate() {
            let Some(point) = self.point(s, context) else { continue };
            if self.points[point as usize].accesses && (layout.is_line() || self.begun(s, context)) {
                self.next_accesses(s, context, &mut all);
            }
        }
        let mut pairs = Vec::new();
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                let overlap = a.lo < b.hi && b.lo < a.hi && a.context != b.context;
                let plain =
                    a.mark == Mark::Plain || b.mark == Mark::Plain || self.split_by(s, a, b) || self.split_by(s, b, a);
                let meant = a.mark == Mark::Racy || b.mark == Mark::Racy;
                if overlap && plain && !meant && (a.writes || b.writes) && self.both_running(s, a.context, b.context) {
                    pairs.push((*a, *b));
                }
            }
        }
        pairs
    }

    /// Whether one access may come between the two halves of the other: what a CPU does to its own copy of a per-CPU variable it does in one instruction, which no
    /// interrupt parts, but which is not locked against the writes of other CPUs.
    fn split_by(&self, s: &[u8], own: &Access, other: &Access) -> bool {
        let elsewhere = || self.may_run_on(s, other.context).any(|cpu| !self.may_run_on(s, own.context).eq([cpu]));
        own.mark == Mark::ThisCpu && own.writes && other.writes && other.mark != Mark::ThisCpu && elsewhere()
    }

    /// Whether two contexts can both be in the middle of running: each on a CPU, interrupted beneath a handler, or preempted. Where the kernel does
    /// not preempt, two tasks need two CPUs.
    fn both_running(&self, s: &[u8], a: usize, b: usize) -> bool {
        let line = |c: usize| !self.layout.contexts[c].is_task();
        if self.program.config.preemption.preempts() || (line(a) && line(b)) {
            return true;
        }
        if line(a) || line(b) {
            let task = if line(a) { b } else { a };
            return (0..self.cpus()).any(|cpu| self.may_be_on(s, task, cpu));
        }
        (0..self.cpus()).any(|x| (0..self.cpus()).any(|y| x != y && self.may_be_on(s, a, x) && self.may_be_on(s, b, y)))
    }

    /// Whether a task runs on this CPU, beneath a handler perhaps, or may be what it runs: one that is about to take its first step there.
    fn may_be_on(&self, s: &[u8], task: usize, cpu: usize) -> bool {
        match self.owner(s, cpu) {
            Some(owner) => owner == task,
            None => {
                let owned = (0..self.cpus()).any(|other| self.owner(s, other) == Some(task));
                !owned && self.affinity(s, task).is_none_or(|own| own as usize == cpu)
            }
        }
    }

    /// The CPUs on which a context may take its next step.
    pub(super) fn may_run_on(&self, s: &[u8], context: usize) -> impl Iterator<Item = usize> {
        let on = |cpu: usize| match self.layout.contexts[context].kind {
            ContextKind::HardIrq { .. } => self.handler(s, cpu) == Some(context),
            ContextKind::Nmi { .. } => self.nmi(s, cpu) == Some(context),
            ContextKind::Softirq => self.layout.contexts[context].cpu == Some(cpu as u8),
            _ => self.may_be_on(s, context, cpu),
        };
        (0..self.cpus()).filter(|cpu| on(*cpu)).collect::<Vec<_>>().into_iter()
    }

    /// The instruction that a context's next step begins with; inside the prelude, the call that led there.
    pub(super) fn shown_place(&self, s: &[u8], context: usize) -> CodePlace {
        let stack = self.points_on_stack(s, context);
        let own = |p: &&CodePlace| !self.program.functions[p.function as usize].prelude;
        stack.iter().find(own).or(stack.first()).copied().unwrap_or(CodePlace { function: 0, at: 0 })
    }

    /// Where a context stands, and where each of its callers is, innermost first.
    pub(super) fn points_on_stack(&self, s: &[u8], context: usize) -> Vec<CodePlace> {
        let mut all = Vec::new();
        let Some(point) = self.point(s, context) else { return all };
        let layout = &self.layout.contexts[context];
        let mut base = super::bytes::get16(s, layout.header + super::header::STACK) as usize;
        all.push(self.code.points[point as usize].place());
        while base > 0 {
            let point = &self.code.points[super::bytes::get16(s, layout.stack + base - 2) as usize];
            all.push(point.place());
            base -= 2 + point.size as usize;
        }
        all
    }

    /// Whether a context was killed, or left a lock behind.
    pub(super) fn died(&self, s: &[u8], context: usize) -> bool {
        self.flags(s, context) & flag::DIED != 0
    }
}

impl<O: Observer> Run<'_, O> {
    /// The section of a reader of a sequence counter begins, or ends.
    pub(super) fn reads_atomically(&mut self, begins: bool) -> Given {
        let at = self.m.layout.atomic? + self.context;
        self.s[at] = (self.s[at] & !READS_ATOMICALLY) | if begins { READS_ATOMICALLY } else { 0 };
        Some(0)
    }

    /// The section of a writer begins, or ends.
    pub(super) fn writes_atomically(&mut self, begins: bool) -> Given {
        let at = self.m.layout.atomic? + self.context;
        let depth = self.s[at] & !READS_ATOMICALLY;
        let depth = if begins { (depth + 1).min(!READS_ATOMICALLY) } else { depth.saturating_sub(1) };
        self.s[at] = (self.s[at] & READS_ATOMICALLY) | depth;
        Some(0)
    }
}
