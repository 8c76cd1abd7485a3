//! What one instruction does.

use super::{Context, HARDIRQ, Object, Reference, SOFTIRQ, State};
use sim_core::finding::Kind;
use sim_core::program::{
    AssertKind, AtomicOp, BinaryOp, Fetch, Inst, KernelCall as K, LockKind, Preemption, Reg, Scalar, UnaryOp, pointer,
};
use std::ops::Range;

/// Why a context cannot take the step that it is at.
pub(crate) struct Blocked {
    /// Those who must all give up what it waits for; nobody, where it waits to be woken.
    pub(crate) owners: Vec<usize>,
    /// It gives up its CPU.
    pub(crate) sleeps: bool,
}

/// What `current` points to: tasks come after all objects.
const TASK: u64 = 1 << 56;

impl Reference<'_> {
    /// Whether the instruction that a context is at must wait.
    pub(crate) fn blocked(&self, state: &State, who: usize) -> Option<Blocked> {
        let Inst::Kernel { call, args, .. } = self.instruction(state, who) else { return None };
        let argument = args.first().map_or(0, |r| state.frame(who).regs[usize::from(*r)]);
        let object = state.objects.get(&argument);
        if let K::Acquire { lock, shared, .. } = call {
            let owners = self.in_the_way(state, object?, *lock, *shared, who);
            return (!owners.is_empty()).then(|| Blocked { owners, sleeps: lock.sleeps() });
        }
        if let K::TaskletWait { sleep, .. } = call {
            let runner = state.softirqs.runner(argument)?;
            return Some(Blocked { owners: vec![runner], sleeps: *sleep });
        }
        if let K::TimerCancel { wait: true, .. } = call {
            let runner = state.timers.runner(argument)?;
            return Some(Blocked { owners: vec![runner], sleeps: false });
        }
        if let K::FlushWork { .. } | K::FlushWorkqueue = call {
            let owners = state.works.flush_waits_for(who)?;
            return Some(Blocked { owners, sleeps: true });
        }
        if let K::GpWait { .. } = call {
            let owners = state.rcu.awaited(who);
            return (!owners.is_empty()).then_some(Blocked { owners, sleeps: true });
        }
        if let K::BarrierWait = call {
            return state.rcu.barred_by(who).map(|owners| Blocked { owners, sleeps: true });
        }
        let (waits, sleeps) = match call {
            K::TaskletKill => (state.softirqs.is_scheduled(argument), true),
            K::SemDown { .. } => (object.is_some_and(|semaphore| semaphore.queue.contains(&who)), true),
            K::Schedule { .. } => (state.contexts[who].task_state != 0, true),
            K::CompletionWait { .. } => (object.is_none_or(|completion| completion.count == 0), true),
            _ => (false, false),
        };
        waits.then(|| Blocked { owners: Vec::new(), sleeps })
    }

    /// Who must go before a context gets a lock. A writer that can still join the queue has a step to take first.
    fn in_the_way(&self, state: &State, object: &Object, lock: LockKind, shared: bool, who: usize) -> Vec<usize> {
        let in_interrupt = state.contexts[who].preempt_count & 0x00ff_ff00 != 0;
        let queues = lock == LockKind::RwSem || self.program.config.queued_rwlocks;
        let waits_its_turn = match lock {
            LockKind::RwSem => !object.readers.is_empty(),
            _ => !in_interrupt,
        };
        match object.owner {
            Some(owner) => vec![owner],
            None if shared && waits_its_turn => object.queue.clone(),
            None if shared || (queues && !object.queue.contains(&who)) => Vec::new(),
            None => object.readers.clone(),
        }
    }

    /// Takes one instruction; two states can follow where the CPU may be given away.
    pub(crate) fn step(&mut self, state: &State, who: usize, cpu: usize) -> Vec<State> {
        let mut next = state.clone();
        let frame = state.frame(who);
        let reg = |r: Reg| frame.regs[usize::from(r)];
        let values = |rs: &[Reg]| rs.iter().map(|r| reg(*r)).collect::<Vec<u64>>();
        let (mut at, mut set, mut yields) = (frame.at + 1, None, false);
        match self.instruction(state, who) {
            Inst::Const { dst, value } => set = Some((*dst, *value)),
            Inst::Copy { dst, src } => set = Some((*dst, reg(*src))),
            Inst::Binary { op, ty, dst, a, b } => set = Some((*dst, binary(*op, *ty, reg(*a), reg(*b)))),
            Inst::Unary { op: UnaryOp::LogicalNot, dst, src, .. } => set = Some((*dst, u64::from(reg(*src) == 0))),
            Inst::AddrStatic { dst, object, offset } => set = Some((*dst, pointer::to_static(*object, *offset))),
            Inst::Jump { target } => at = *target,
            Inst::Branch { cond, then, otherwise } => at = if reg(*cond) != 0 { *then } else { *otherwise },
            Inst::Call { dst, function, args } => {
                next.frame_mut(who).at = at;
                next.contexts[who].frames.push(self.call(*function, &values(args), *dst));
                return vec![next];
            }
            Inst::Return { value } => return vec![self.returned(next, who, cpu, value.map(reg))],
            Inst::Load { dst, addr, access, bits: None } => set = Some((*dst, self.load(state, reg(*addr), access.ty))),
            Inst::Store { addr, src, access } => self.store(&mut next, reg(*addr), access.ty, reg(*src)),
            Inst::Atomic { op, ty, fetch, dst, addr, a, b, .. } => {
                let old = self.load(state, reg(*addr), *ty);
                let (new, stored) = atomic(*op, *ty, old, reg(*a), reg(*b));
                self.store(&mut next, reg(*addr), *ty, if stored { new } else { old });
                set = dst.map(|dst| (dst, if *fetch == Fetch::Old { old } else { new }));
            }
            Inst::Kernel { call, dst, args } => match self.kernel_call(&mut next, *call, &values(args), who, cpu) {
                Some(value) => {
                    set = dst.map(|dst| (dst, value));
                    yields = self.yields(state, *call, who);
                }
                None => at = frame.at,
            },
            Inst::Assert { holds, .. } if reg(*holds) != 0 => {}
            Inst::Assert { kind: AssertKind::Warn, .. } => self.symptom(Kind::WarnOn, vec![state.place(who)]),
            Inst::Assert { kind: AssertKind::Bug, .. } => {
                self.symptom(Kind::BugOn, vec![state.place(who)]);
                // A task is killed; in an interrupt, or with bottom halves off, everything stops.
                next.stopped = !self.is_task(&next, who) || next.contexts[who].preempt_count & 0xff00 != 0;
                let mut next = ended(next, who, cpu, 0);
                next.contexts[who].killed = true;
                return vec![next];
            }
            other => panic!("the reference does not know {other:?}"),
        }
        let frame = next.frame_mut(who);
        frame.at = at;
        set.into_iter().for_each(|(dst, value)| frame.regs[usize::from(dst)] = value);
        if yields { vec![next.without_task(cpu, true), next] } else { vec![next] }
    }

    /// Whether the CPU may go to another task at this call. `schedule()` switches even where it complains; `rcu_barrier()` may, even if it finds nothing to wait for.
    fn yields(&self, state: &State, call: K, who: usize) -> bool {
        let voluntary = self.program.config.preemption == Preemption::Voluntary;
        let may = call == K::CondResched || (call == K::MightSleep && voluntary);
        matches!(call, K::Schedule { .. } | K::GpWait { .. } | K::BarrierWait)
            || (may && !state.contexts[who].is_atomic())
    }

    fn returned(&mut self, mut next: State, who: usize, cpu: usize, value: Option<u64>) -> State {
        let place = next.place(who);
        let result = next.contexts[who].frames.pop().and_then(|frame| frame.result);
        if next.is_in_code(who) {
            let regs = &mut next.frame_mut(who).regs;
            result.into_iter().for_each(|dst| regs[usize::from(dst)] = value.unwrap_or(0));
            return next;
        }
        let context = &next.contexts[who];
        let (handler, leaves) = (next.is_handler(who), next.objects.values().any(|object| object.is_held_by(who)));
        let own = if handler { HARDIRQ } else { u32::from(next.serves(who)) * SOFTIRQ };
        let wrong = [
            (Kind::LockLeak, leaves || next.rcu.in_section(who)),
            (Kind::PreemptLeak, context.preempt_count != own),
            (Kind::IrqState, context.irqs_off && !handler),
        ];
        wrong.into_iter().filter(|(_, is)| *is).for_each(|(kind, _)| self.symptom(kind, vec![place]));
        ended(next, who, cpu, value.unwrap_or(0))
    }

    /// Carries out a kernel call. `None`: it stays where it is.
    fn kernel_call(&mut self, next: &mut State, call: K, args: &[u64], who: usize, cpu: usize) -> Option<u64> {
        let (place, handler) = (next.place(who), next.is_handler(who));
        let mut wrong = |kind, is| {
            if is {
                self.symptom(kind, vec![place])
            }
        };
        let over: Vec<bool> = next.everybody().map(|who| next.is_over(who)).collect();
        let context = &mut next.contexts[who];
        let count = &mut context.preempt_count;
        let argument = args.first().copied().unwrap_or(0);
        let mut unused = Object::default();
        let object = if argument >> 32 == 0 || argument >= TASK {
            &mut unused
        } else {
            next.objects.entry(argument).or_default()
        };
        let mut result = 0;
        match call {
            K::CondResched | K::Relax | K::LockInit { .. } | K::CompletionInit => {}
            K::MightSleep => {
                wrong(Kind::SleepInAtomic, *count != 0 || context.irqs_off || next.rcu.reads(who));
                wrong(Kind::NotRunning, context.task_state != 0);
            }
            K::Current => result = TASK + who as u64,
            K::SetState => context.task_state = argument,
            K::Schedule { .. } => result = 1,
            K::WakeUp => {
                let state = &mut next.contexts[(argument - TASK) as usize].task_state;
                result = u64::from(*state & args[1] != 0);
                *state = if result == 1 { 0 } else { *state };
            }
            K::PreemptDisable | K::BhDisable => {
                wrong(Kind::WrongContext, handler && call == K::BhDisable);
                *count += if call == K::BhDisable { 0x200 } else { 1 };
            }
            K::BhEnable if std::mem::take(&mut context.enabling) => {}
            K::PreemptEnable | K::BhEnable => {
                wrong(Kind::WrongContext, call == K::BhEnable && (handler || context.irqs_off));
                let (mask, unit) = if call == K::BhEnable { (0xff00, 0x200) } else { (0xff, 1) };
                wrong(Kind::PreemptLeak, *count & mask == 0);
                *count -= if *count & mask == 0 { 0 } else { unit };
                // With interrupts off, where it is not to be called, none are served.
                if call == K::BhEnable && !context.irqs_off && self.is_task(next, who) && next.may_serve(cpu) {
                    next.begin_pass(cpu);
                    next.contexts[who].enabling = true;
                    return None;
                }
            }
            K::IrqDisable => context.irqs_off = true,
            K::IrqEnable => {
                wrong(Kind::IrqState, handler);
                context.irqs_off = handler;
            }
            K::IrqSave => result = if std::mem::replace(&mut context.irqs_off, true) { 0 } else { 0x200 },
            K::IrqRestore => {
                let on = argument & 0x200 != 0;
                wrong(Kind::IrqState, !context.irqs_off || (on && handler));
                context.irqs_off = !on || handler;
            }
            K::Acquire { shared: false, .. } if !object.readers.is_empty() && !object.queue.contains(&who) => {
                object.queue.push(who);
                object.queue.sort_unstable();
                return None;
            }
            K::Acquire { shared, .. } => object.take(who, shared),
            K::TryAcquire { lock, shared } => {
                let alone = object.readers.is_empty() && object.queue.is_empty();
                let got = object.owner.is_none() && (alone || (shared && object.queue.is_empty()));
                result = u64::from(got);
                *count += u32::from(!lock.sleeps() && got);
                if got {
                    object.take(who, shared);
                }
            }
            K::Release { shared, .. } => wrong(Kind::BadUnlock, !object.give(who, shared, &over)),
            K::Downgrade if object.owner == Some(who) => {
                object.owner = None;
                object.take(who, true);
            }
            K::Downgrade => wrong(Kind::BadUnlock, true),
            K::SemInit => object.count = args[1],
            K::SemDown { .. } if std::mem::take(&mut context.granted) => {}
            K::SemDown { .. } if object.count == 0 => {
                object.queue.push(who);
                return None;
            }
            K::SemDown { .. } => object.count -= 1,
            K::SemTryDown => {
                result = u64::from(object.count > 0);
                object.count -= result;
            }
            K::SemUp if object.queue.is_empty() => object.count += 1,
            K::SemUp => {
                let first = object.queue.remove(0);
                next.contexts[first].granted = true;
            }
            K::CompletionWait { .. } => object.count -= u64::from(object.count != u64::MAX),
            K::Complete => object.count = object.count.saturating_add(1),
            K::CompleteAll => object.count = u64::MAX,
            K::TimerInit { .. } | K::TimerArm { .. } | K::TimerCancel { .. } | K::TimerPending { .. } => {
                result = self.timer_call(next, call, args, who, cpu);
            }
            K::OpenSoftirq
            | K::RaiseSoftirq
            | K::TaskletInit { .. }
            | K::TaskletSchedule { .. }
            | K::TaskletDisable
            | K::TaskletEnable
            | K::TaskletKill
            | K::TaskletWait { .. } => result = self.softirq_call(next, call, args, who, cpu),
            K::RcuReadLock
            | K::RcuReadUnlock
            | K::SrcuInit
            | K::SrcuReadLock { .. }
            | K::SrcuReadUnlock { .. }
            | K::GpBegin { .. }
            | K::GpWait { .. }
            | K::CallRcu { .. }
            | K::BarrierBegin { .. }
            | K::BarrierWait => result = self.rcu_call(next, call, args, who, cpu),
            other => return self.work_call(next, other, args, who, cpu),
        }
        Some(result)
    }

    /// Where an access goes in a state's memory.
    fn bytes(&self, addr: u64, ty: Scalar) -> Range<usize> {
        self.range(pointer::id(addr) - 1, pointer::offset(addr), ty.size.into())
    }

    fn load(&self, state: &State, addr: u64, ty: Scalar) -> u64 {
        let bytes = &state.memory[self.bytes(addr, ty)];
        ty.wrap(bytes.iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    fn store(&self, state: &mut State, addr: u64, ty: Scalar, value: u64) {
        state.memory[self.bytes(addr, ty)].copy_from_slice(&value.to_le_bytes()[..usize::from(ty.size)]);
    }
}

impl Object {
    fn is_held_by(&self, who: usize) -> bool {
        self.owner == Some(who) || self.readers.contains(&who)
    }

    fn take(&mut self, who: usize, shared: bool) {
        self.queue.retain(|waiting| *waiting != who);
        if shared {
            self.readers.push(who);
            self.readers.sort_unstable();
        } else {
            self.owner = Some(who);
        }
    }

    /// Releases the lock, whoever has it: a reader that has ended comes last. Whether that is right.
    fn give(&mut self, who: usize, shared: bool, over: &[bool]) -> bool {
        if let Some(owner) = self.owner.take() {
            return owner == who && !shared;
        }
        let own = self.readers.iter().position(|reader| *reader == who);
        if !self.readers.is_empty() {
            let other = self.readers.iter().position(|reader| !over[*reader]);
            self.readers.remove(own.or(other).unwrap_or(0));
        }
        own.is_some() && shared
    }
}

/// A context leaves its CPU, with all that it holds; what its function gave may matter.
fn ended(mut next: State, who: usize, cpu: usize, value: u64) -> State {
    let handler = next.is_handler(who);
    next.timers.callback_ends(who, value);
    next.works.function_ends(who);
    next.rcu.callback_ends(who);
    next.rcu.ends(who);
    if handler {
        next.cpus[cpu].handler = None;
    } else if next.serves(who) {
        next.softirqs.callback_ends(who);
    } else {
        next.cpus[cpu].task = None;
    }
    next.contexts[who] = Context { raises_left: next.contexts[who].raises_left, ..Context::default() };
    if handler && next.may_serve(cpu) {
        next.begin_pass(cpu);
    }
    next
}

/// The value that the operation computes, and whether it is stored.
fn atomic(op: AtomicOp, ty: Scalar, old: u64, a: u64, b: u64) -> (u64, bool) {
    let (new, stored) = match op {
        AtomicOp::Add => (old.wrapping_add(a), true),
        AtomicOp::Sub => (old.wrapping_sub(a), true),
        AtomicOp::Or => (old | a, true),
        AtomicOp::Xchg => (a, true),
        AtomicOp::Cmpxchg => (if old == a { b } else { old }, true),
        AtomicOp::AddUnless => (if old == b { old } else { old.wrapping_add(a) }, true),
        AtomicOp::DecIfPositive => (old.wrapping_sub(1), ty.wrap(old.wrapping_sub(1)) as i64 >= 0),
        other => panic!("the reference does not know {other:?}"),
    };
    (ty.wrap(new), stored)
}

fn binary(op: BinaryOp, ty: Scalar, a: u64, b: u64) -> u64 {
    ty.wrap(match op {
        BinaryOp::Add => a.wrapping_add(b),
        BinaryOp::Eq => u64::from(a == b),
        BinaryOp::Ne => u64::from(a != b),
        other => panic!("the reference does not know {other:?}"),
    })
}
