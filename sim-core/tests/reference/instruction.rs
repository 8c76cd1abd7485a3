//! What one instruction does.

use super::{Context, HARDIRQ, Reference, State};
use sim_core::finding::Kind;
use sim_core::model::CodePlace;
use sim_core::program::{
    AssertKind, AtomicOp, BinaryOp, Fetch, Inst, KernelCall as K, LockKind, Preemption, Reg, Scalar, pointer,
};

/// Why a context cannot take the step that it is at.
pub(super) struct Block {
    /// Who holds what it waits for; nobody, where it waits to be woken.
    pub(super) owner: Option<usize>,
    /// It gives up its CPU.
    pub(super) sleeps: bool,
}

impl Reference<'_> {
    /// Whether the instruction that a context is at must wait.
    pub(super) fn blocked(&self, state: &State, who: usize) -> Option<Block> {
        let Inst::Kernel { call, args, .. } = self.instruction(state, who) else { return None };
        let object = args.first().map(|r| state.frame(who).regs[usize::from(*r)]).unwrap_or_default();
        let asleep = match call {
            K::Acquire { lock, .. } => {
                let sleeps = lock.sleeps();
                return state.locks.get(&object).map(|owner| Block { owner: Some(*owner), sleeps });
            }
            K::SemDown { .. } => state.semaphores.get(&object).is_some_and(|(_, queue)| queue.contains(&who)),
            K::CompletionWait { .. } => state.completions.get(&object).is_none_or(|done| *done == 0),
            _ => false,
        };
        asleep.then_some(Block { owner: None, sleeps: true })
    }

    /// Takes one instruction; two states can follow where the CPU may be given away.
    pub(super) fn step(&mut self, state: &State, who: usize, cpu: usize) -> Vec<State> {
        let mut next = state.clone();
        let frame = state.frame(who);
        let reg = |r: Reg| frame.regs[usize::from(r)];
        let values = |rs: &[Reg]| rs.iter().map(|r| reg(*r)).collect::<Vec<u64>>();
        let mut at = frame.at + 1;
        let mut set = None;
        let mut yields = false;
        match self.instruction(state, who) {
            Inst::Const { dst, value } => set = Some((*dst, *value)),
            Inst::Copy { dst, src } => set = Some((*dst, reg(*src))),
            Inst::Binary { op, ty, dst, a, b } => set = Some((*dst, binary(*op, *ty, reg(*a), reg(*b)))),
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
                if stored {
                    self.store(&mut next, reg(*addr), *ty, new);
                }
                set = dst.map(|dst| (dst, if *fetch == Fetch::Old { old } else { new }));
            }
            Inst::Kernel { call, dst, args } => match self.kernel_call(&mut next, *call, &values(args), who) {
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
                // A task is killed; in a handler everything stops.
                next.stopped = next.is_handler(who);
                return vec![ended(next, who, cpu)];
            }
            other => unimplemented!("the reference does not know {other:?}"),
        }
        let frame = next.frame_mut(who);
        frame.at = at;
        set.into_iter().for_each(|(dst, value)| frame.regs[usize::from(dst)] = value);
        if yields { vec![next.with_task_asleep(cpu), next] } else { vec![next] }
    }

    /// Whether the CPU may go to another task at this call.
    fn yields(&self, state: &State, call: K, who: usize) -> bool {
        let Context { preempt_count, irqs_off, .. } = state.contexts[who];
        let voluntary = self.program.config.preemption == Preemption::Voluntary;
        let here = call == K::CondResched || (call == K::MightSleep && voluntary);
        here && preempt_count == 0 && !irqs_off
    }

    fn returned(&mut self, mut next: State, who: usize, cpu: usize, value: Option<u64>) -> State {
        let place = next.place(who);
        let result = next.contexts[who].frames.pop().and_then(|frame| frame.result);
        if !next.is_over(who) {
            let regs = &mut next.frame_mut(who).regs;
            result.into_iter().for_each(|dst| regs[usize::from(dst)] = value.unwrap_or(0));
            return next;
        }
        let handler = next.is_handler(who);
        let Context { preempt_count, irqs_off, .. } = next.contexts[who];
        let leak = next.locks.values().any(|owner| *owner == who);
        self.symptom_if(leak, Kind::LockLeak, place);
        self.symptom_if(preempt_count != if handler { HARDIRQ } else { 0 }, Kind::PreemptLeak, place);
        self.symptom_if(irqs_off && !handler, Kind::IrqState, place);
        ended(next, who, cpu)
    }

    /// Carries out a kernel call. `None`: it goes to sleep where it is.
    fn kernel_call(&mut self, next: &mut State, call: K, args: &[u64], who: usize) -> Option<u64> {
        let place = next.place(who);
        let handler = next.is_handler(who);
        let mut wrong = |kind, is| self.symptom_if(is, kind, place);
        let context = &mut next.contexts[who];
        let count = &mut context.preempt_count;
        let object = args.first().copied().unwrap_or(0);
        match call {
            K::CondResched | K::Relax => {}
            K::MightSleep => wrong(Kind::SleepInAtomic, *count != 0 || context.irqs_off),
            K::PreemptDisable => *count += 1,
            K::PreemptEnable => {
                wrong(Kind::PreemptLeak, *count & 0xff == 0);
                *count -= u32::from(*count & 0xff != 0);
            }
            K::BhDisable => {
                wrong(Kind::WrongContext, handler);
                *count += 0x200;
            }
            K::BhEnable => {
                wrong(Kind::WrongContext, handler || context.irqs_off);
                wrong(Kind::PreemptLeak, *count & 0xff00 == 0);
                *count -= if *count & 0xff00 == 0 { 0 } else { 0x200 };
            }
            K::IrqDisable => context.irqs_off = true,
            K::IrqEnable => {
                wrong(Kind::IrqState, handler);
                context.irqs_off = handler;
            }
            K::IrqSave => {
                let were_on = !std::mem::replace(&mut context.irqs_off, true);
                return Some(if were_on { 0x200 } else { 0 });
            }
            K::IrqRestore => {
                let on = object & 0x200 != 0;
                wrong(Kind::IrqState, !context.irqs_off || (on && handler));
                context.irqs_off = !on || handler;
            }
            K::LockInit { .. } => {}
            K::Acquire { .. } => drop(next.locks.insert(object, who)),
            K::TryAcquire { .. } if next.locks.contains_key(&object) => return Some(0),
            K::TryAcquire { lock } => {
                *count += u32::from(lock != LockKind::Mutex);
                next.locks.insert(object, who);
                return Some(1);
            }
            K::Release { .. } => {
                let owner = next.locks.remove(&object);
                wrong(Kind::BadUnlock, owner != Some(who));
            }
            K::SemInit => next.semaphores.entry(object).or_default().0 = args[1],
            K::SemDown { .. } => {
                let (count, queue) = next.semaphores.entry(object).or_default();
                if !std::mem::take(&mut context.granted) {
                    if *count == 0 {
                        queue.push(who);
                        return None;
                    }
                    *count -= 1;
                }
            }
            K::SemTryDown => {
                let (count, _) = next.semaphores.entry(object).or_default();
                let taken = u64::from(*count > 0);
                *count -= taken;
                return Some(taken);
            }
            K::SemUp => {
                let (count, queue) = next.semaphores.entry(object).or_default();
                if queue.is_empty() {
                    *count += 1;
                } else {
                    let first = queue.remove(0);
                    next.contexts[first].granted = true;
                }
            }
            K::CompletionInit => drop(next.completions.insert(object, 0)),
            K::CompletionWait { .. } => {
                let done = next.completions.entry(object).or_default();
                *done -= u32::from(*done != u32::MAX);
            }
            K::Complete => {
                let done = next.completions.entry(object).or_default();
                *done = done.saturating_add(1);
            }
            K::CompleteAll => drop(next.completions.insert(object, u32::MAX)),
            other => unimplemented!("the reference does not know {other:?}"),
        }
        Some(0)
    }

    fn symptom_if(&mut self, is: bool, kind: Kind, place: CodePlace) {
        if is {
            self.symptom(kind, vec![place]);
        }
    }

    fn load(&self, state: &State, addr: u64, ty: Scalar) -> u64 {
        let range = self.range(pointer::id(addr) - 1, pointer::offset(addr), ty.size.into());
        ty.wrap(state.memory[range].iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    fn store(&self, state: &mut State, addr: u64, ty: Scalar, value: u64) {
        let range = self.range(pointer::id(addr) - 1, pointer::offset(addr), ty.size.into());
        state.memory[range].copy_from_slice(&value.to_le_bytes()[..usize::from(ty.size)]);
    }
}

/// A context leaves its CPU, with all that it holds.
fn ended(mut next: State, who: usize, cpu: usize) -> State {
    let Context { raises_left, .. } = next.contexts[who];
    let place = if next.is_handler(who) { &mut next.cpus[cpu].handler } else { &mut next.cpus[cpu].task };
    *place = None;
    next.contexts[who] = Context { raises_left, ..Context::default() };
    next
}

/// The value that the operation computes, and whether it is stored.
fn atomic(op: AtomicOp, ty: Scalar, old: u64, a: u64, b: u64) -> (u64, bool) {
    let (new, stored) = match op {
        AtomicOp::Add => (old.wrapping_add(a), true),
        AtomicOp::Sub => (old.wrapping_sub(a), true),
        AtomicOp::Or => (old | a, true),
        AtomicOp::Xchg => (a, true),
        AtomicOp::Cmpxchg => (if old == a { b } else { old }, old == a),
        AtomicOp::AddUnless => (if old == b { old } else { old.wrapping_add(a) }, old != b),
        AtomicOp::DecIfPositive => (old.wrapping_sub(1), ty.wrap(old.wrapping_sub(1)) as i64 >= 0),
        other => unimplemented!("the reference does not know {other:?}"),
    };
    (ty.wrap(new), stored)
}

fn binary(op: BinaryOp, ty: Scalar, a: u64, b: u64) -> u64 {
    ty.wrap(match op {
        BinaryOp::Add => a.wrapping_add(b),
        BinaryOp::Eq => u64::from(a == b),
        BinaryOp::Ne => u64::from(a != b),
        other => unimplemented!("the reference does not know {other:?}"),
    })
}
