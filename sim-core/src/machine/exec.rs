//! Running instructions: one step of one context, from the point at which it stands to the next.
//!
//! Invariant: a step runs one instruction that others can notice, what prepares it, and then what only the context itself can notice.

use super::blocks::NO_BLOCK;
use super::bytes::{get16, set, set16, set32};
use super::event::{Event, What};
use super::memory::{Target, atomic};
use super::race::NOWHERE;
use super::{Machine, extra, flag, global, header};
use crate::finding::Kind;
use crate::model::{Bound, Choice, CodePlace, Growth, Observer, Outgrown, Symptom};
use crate::program::{AssertKind, BinaryOp, ContextKind, Inst, KernelCall, Mark, Order, Scalar, UnaryOp, pointer};

/// Functions that need more registers than this pay for an allocation at each step.
const FEW_REGISTERS: usize = 32;

/// A step under way.
pub(crate) struct Run<'a, O: Observer> {
    pub(super) m: &'a Machine,
    pub(super) s: &'a mut [u8],
    pub(super) o: &'a mut O,
    pub(super) context: usize,
    pub(super) cpu: usize,
    pub(super) outcome: u8,
    pub(super) regs: &'a mut [u64],
    pub(super) function: usize,
    pub(super) pc: usize,
    /// Stack in use beneath the registers of this frame.
    base: usize,
    /// The furthest that this step has written the stack.
    high: usize,
    /// The task gave its CPU away in this step.
    pub(super) gave_up: bool,
    /// The layout turned out too small.
    outgrown: Option<Growth>,
}

/// Whether the step goes on after an instruction. It does not when the context has ended, was killed, waits, or needs more room.
type Goes = bool;

impl<'a, O: Observer> Run<'a, O> {
    /// Takes the step that a context stands before.
    pub(super) fn resume(m: &'a Machine, s: &'a mut [u8], choice: Choice, o: &'a mut O) -> Result<(), Outgrown> {
        let context = choice.context as usize;
        let at = m.layout.contexts[context].header;
        let Some(point) = get16(s, at + header::POINT).checked_sub(1) else { return Ok(()) };
        let base = get16(s, at + header::STACK) as usize;
        with_registers(m.code.registers, |regs| {
            let point = &m.code.points[point as usize];
            let mut run = Run {
                m,
                s,
                o,
                context,
                cpu: choice.cpu as usize,
                outcome: choice.outcome,
                regs,
                function: point.function as usize,
                pc: point.start as usize,
                base,
                high: base + point.size as usize,
                gave_up: false,
                outgrown: None,
            };
            run.unpack(base, point);
            if !run.without_code(point.function as usize) {
                run.go(!point.is_behind());
            }
            if let Some(growth) = run.outgrown {
                return Err(Outgrown(growth));
            }
            let Run { s, o, gave_up, cpu, .. } = run;
            if m.is_scheduled(context) {
                m.settle_owner(s, cpu, context, gave_up);
            }
            if m.layout.contexts[context].kind.is_setup() {
                m.setup_over(s);
                if m.point(s, context).is_none() {
                    let tasks = (0..m.layout.contexts.len()).filter(|task| m.layout.contexts[*task].is_task());
                    tasks.for_each(|task| m.tell_beginning(s, task, o));
                }
            }
            Ok(())
        })
    }

    /// Enters a function as the whole of a context, and runs it to its first point.
    pub(super) fn start(
        m: &'a Machine,
        s: &'a mut [u8],
        choice: Choice,
        function: u32,
        args: &[u64],
        o: &'a mut O,
    ) -> Result<(), Outgrown> {
        Self::start_with(m, s, choice, function, args, o, |_| Some(()))
    }

    /// The same, with something to be done first, at the function's beginning; `None` if the context does not survive that.
    pub(super) fn start_with(
        m: &'a Machine,
        s: &'a mut [u8],
        choice: Choice,
        function: u32,
        args: &[u64],
        o: &'a mut O,
        first: impl FnOnce(&mut Run<'_, O>) -> Option<()>,
    ) -> Result<(), Outgrown> {
        with_registers(m.code.registers, |regs| {
            let decl = &m.program.functions[function as usize];
            for (param, ty) in decl.regs.iter().enumerate().take(decl.params as usize) {
                regs[param] = ty.wrap(args.get(param).copied().unwrap_or(0));
            }
            let mut run = Run {
                m,
                s,
                o,
                context: choice.context as usize,
                cpu: choice.cpu as usize,
                outcome: 0,
                regs,
                function: function as usize,
                pc: 0,
                base: 0,
                high: 0,
                gave_up: false,
                outgrown: None,
            };
            if first(&mut run).is_some() && !run.without_code(function as usize) {
                run.go(false);
            }
            run.outgrown.map_or(Ok(()), |growth| Err(Outgrown(growth)))
        })
    }

    fn go(&mut self, resumed: bool) {
        let mut fresh = resumed;
        let mut budget = self.m.program.config.bounds.local_instructions;
        loop {
            let routine = &self.m.code.routines[self.function];
            if let Some(stop) = routine.stops[self.pc].filter(|_| !fresh) {
                return self.stand(stop);
            }
            let end = routine.ends[self.pc].filter(|_| !fresh && self.base == 0);
            let called_back = || self.m.current(self.s, self.context).is_some() || self.wakes_thread();
            if let Some(stop) = end.filter(|_| called_back() || self.m.modules.returns(self.context)) {
                return self.stand(stop);
            }
            fresh = false;
            if budget == 0 {
                self.o.bound(Bound::LocalInstructions);
                self.symptom(Kind::SoftLockup, 1);
                self.die();
                return;
            }
            budget -= 1;
            let block = self.m.blocks[self.function][self.pc];
            if block != NO_BLOCK {
                self.o.ran(block);
            }
            if !self.execute(&routine.code[self.pc]) {
                return;
            }
        }
    }

    fn execute(&mut self, inst: &'a Inst) -> Goes {
        self.tell_operation(inst);
        match inst {
            Inst::Const { dst, value } => self.set(*dst, *value),
            Inst::Copy { dst, src } => self.set(*dst, self.reg(*src)),
            Inst::Convert { to, dst, src } => self.set(*dst, to.wrap(self.reg(*src))),
            Inst::Unary { op, ty, dst, src } => self.set(*dst, unary(*op, *ty, self.reg(*src))),
            Inst::Binary { op, ty, dst, a, b } => match binary(*op, *ty, self.reg(*a), self.reg(*b)) {
                Some(value) => self.set(*dst, value),
                None => return self.oops(Kind::BugOn, u32::MAX, 0),
            },
            Inst::AddrStatic { dst, object, offset } => self.set(*dst, pointer::to_static(*object, *offset)),
            Inst::AddrLocal { dst, local, offset } => {
                let slot = self.m.local_slot(self.s, self.context, self.function, *local);
                let address = slot.map_or(0, |i| (super::memory::SLOT_BASE as u64 + i as u64) << 32);
                self.set(*dst, address | *offset as u64);
            }
            Inst::LocalLive { local } => {
                if self.local_live(*local).is_none() {
                    return false;
                }
            }
            Inst::LocalDead { local } => self.local_dead(*local),
            Inst::Jump { target } => {
                self.pc = *target as usize;
                return true;
            }
            Inst::Branch { cond, then, otherwise } => {
                self.pc = if self.reg(*cond) != 0 { *then } else { *otherwise } as usize;
                return true;
            }
            Inst::Call { function, args, .. } => return self.call(*function, args),
            Inst::CallIndirect { callee, args, .. } => {
                let target = self.reg(*callee);
                let known = pointer::function(target).filter(|f| (*f as usize) < self.m.code.routines.len());
                return match known {
                    Some(function) => self.call(function, args),
                    None => self.oops(Kind::NullDeref, 2, target),
                };
            }
            Inst::Return { value } => return self.ret(value.map_or(0, |r| self.reg(r))),
            Inst::Assert { kind, holds, text } => {
                if self.reg(*holds) == 0 && self.failed(*kind, *text) {
                    return false;
                }
            }
            Inst::Kernel { call: KernelCall::BhEnable, args, .. } => {
                self.kernel(KernelCall::BhEnable, args);
                if let Some(stop) = self.serves_before_it_goes_on() {
                    self.stand(stop);
                    return false;
                }
            }
            Inst::Kernel { call, dst, args } => match self.kernel(*call, args) {
                Some(value) if !self.warned_to_death() => {
                    if let Some(dst) = dst {
                        self.set(*dst, value);
                    }
                }
                _ => return false,
            },
            _ => {
                if self.memory(inst).is_none() {
                    return false;
                }
            }
        }
        self.pc += 1;
        true
    }

    /// The point inside a `local_bh_enable()` that serves softirqs: what comes after it comes after them.
    fn serves_before_it_goes_on(&self) -> Option<super::PointId> {
        let m = self.m;
        let serves = if m.is_rt() {
            m.serves_for(self.s, self.context).is_some()
        } else {
            m.layout.contexts[self.context].is_task() && m.serving(self.s, self.cpu).is_some()
        };
        self.m.code.routines[self.function].calls[self.pc].filter(|_| serves)
    }

    /// Loads, stores, copies, atomics. `None` if the context was killed.
    fn memory(&mut self, inst: &Inst) -> Option<()> {
        // Before it is done: what it loads may take the place of the address.
        self.touches(inst);
        match inst {
            Inst::Load { dst, addr, access, bits } => {
                let address = self.address_of(inst, *addr);
                let target = self.place_of(address, access.ty.size as u32, false)?;
                let unit = self.load(target, access.ty);
                let value = bits.map_or(unit, |bits| {
                    let raw = (unit >> bits.lo) & (u64::MAX >> (64 - bits.width));
                    let shift = 64 - bits.width as u32;
                    if bits.signed { (((raw << shift) as i64) >> shift) as u64 } else { raw }
                });
                self.set(*dst, value);
                self.tell(What::Read { address, value });
            }
            Inst::Store { addr, src, access } => {
                let (address, value) = (self.address_of(inst, *addr), access.ty.wrap(self.reg(*src)));
                let target = self.place_of(address, access.ty.size as u32, true)?;
                self.store(target, access.ty, value);
                self.tell(What::Write { address, value });
            }
            Inst::CopyMemory { to, from, size } => {
                let (to, from, len) = (self.reg(*to), self.reg(*from), self.reg(*size));
                self.copy_bytes(to, from, len as u32)?;
                self.tell(What::Fill { address: to, len });
            }
            Inst::SetMemory { to, value, size } => {
                let (to, value, len) = (self.reg(*to), self.reg(*value), self.reg(*size));
                self.set_bytes(to, value as u8, len as u32)?;
                self.tell(What::Fill { address: to, len });
            }
            Inst::Atomic { op, ty, fetch, dst, addr, a, b, .. } => {
                let address = self.address_of(inst, *addr);
                let target = self.place_of(address, ty.size as u32, true)?;
                let old = self.load(target, *ty);
                let (store, give) = atomic(*op, *ty, *fetch, old, self.reg(*a), self.reg(*b));
                self.tell(What::Read { address, value: old });
                if let Some(value) = store {
                    self.store(target, *ty, value);
                    self.tell(What::Write { address, value });
                }
                if let Some(dst) = dst {
                    self.set(*dst, give);
                }
            }
            _ => {}
        }
        Some(())
    }

    /// The address of an access: that of this CPU's copy, if it is to be made there.
    pub(super) fn address_of(&self, inst: &Inst, addr: crate::program::Reg) -> u64 {
        let address = self.reg(addr);
        if mark_of(inst) == Mark::ThisCpu { pointer::of_cpu(address, self.cpu as u64) } else { address }
    }

    /// Where this instruction's access goes: known beforehand for one to a fixed place.
    pub(super) fn place_of(&mut self, address: u64, len: u32, write: bool) -> Option<Target> {
        match self.m.fixed[self.function][self.pc] {
            NOWHERE => self.access(address, len, write),
            at => Some(Target::State(at as usize, None)),
        }
    }

    /// A claim in the code failed. Whether that ends the context.
    fn failed(&mut self, kind: AssertKind, text: u32) -> bool {
        match kind {
            AssertKind::Bug => {
                self.oops(Kind::BugOn, text, 0);
                return true;
            }
            AssertKind::Warn => self.symptom(Kind::WarnOn, text),
            AssertKind::Lockdep => self.symptom(Kind::LockAssertion, text),
            AssertKind::Rcu => self.symptom(Kind::RcuUsage, text),
            AssertKind::Refcount => self.symptom(Kind::Refcount, text),
        }
        self.warned_to_death()
    }

    fn call(&mut self, callee: u32, args: &[crate::program::Reg]) -> Goes {
        if self.without_code(callee as usize) {
            return false;
        }
        let routine = &self.m.code.routines[self.function];
        let Some(point) = routine.calls[self.pc] else { return false };
        let keep = &self.m.code.points[point as usize];
        let context = &self.m.layout.contexts[self.context];
        let top = self.base + keep.size as usize + 2;
        if self.m.code.routines[callee as usize].recursive
            && self.depth() >= self.m.program.config.bounds.call_depth as usize
        {
            self.o.bound(Bound::CallDepth);
            self.die();
            return false;
        }
        if top > context.stack_size {
            return self.outgrow::<()>(Growth::Stack { context: self.context as u8 }).is_some();
        }
        self.pack(self.base, keep);
        set16(self.s, context.stack + top - 2, point);
        let callee_decl = &self.m.program.functions[callee as usize];
        let mut passed = [0; 16];
        for (slot, arg) in passed.iter_mut().zip(args) {
            *slot = self.regs[*arg as usize];
        }
        for (param, ty) in callee_decl.regs.iter().enumerate().take(callee_decl.params as usize) {
            self.regs[param] = ty.wrap(passed.get(param).copied().unwrap_or(0));
        }
        self.base = top;
        self.high = self.high.max(top);
        self.function = callee as usize;
        self.pc = 0;
        true
    }

    fn ret(&mut self, value: u64) -> Goes {
        if self.base == 0 {
            self.end(value);
            return false;
        }
        let stack = self.m.layout.contexts[self.context].stack;
        let point = &self.m.code.points[get16(self.s, stack + self.base - 2) as usize];
        self.base -= 2 + point.size as usize;
        self.function = point.function as usize;
        self.pc = point.inst as usize;
        self.unpack(self.base, point);
        if self.without_code(self.function) {
            return false;
        }
        if let Some(dst) = self.m.code.routines[self.function].code[self.pc].def() {
            self.set(dst, value);
        }
        self.pc += 1;
        true
    }

    /// How many calls deep the context is.
    fn depth(&self) -> usize {
        let mut depth = 1;
        self.callers(|_| {
            depth += 1;
            false
        });
        depth
    }

    /// Visits the points of the callers, innermost first, until `done`.
    pub(super) fn callers(&self, mut done: impl FnMut(usize) -> bool) {
        let stack = self.m.layout.contexts[self.context].stack;
        let mut base = self.base;
        while base > 0 {
            let point = get16(self.s, stack + base - 2) as usize;
            if done(point) {
                return;
            }
            base -= 2 + self.m.code.points[point].size as usize;
        }
    }

    /// The context comes to rest at a point.
    fn stand(&mut self, stop: super::PointId) {
        let point = &self.m.code.points[stop as usize];
        let context = &self.m.layout.contexts[self.context];
        let top = self.base + point.size as usize;
        if top > context.stack_size {
            self.outgrown = Some(Growth::Stack { context: self.context as u8 });
            return;
        }
        self.pack(self.base, point);
        set16(self.s, context.header + header::POINT, stop + 1);
        set16(self.s, context.header + header::STACK, self.base as u16);
        self.clear_stack(top);
        if self.m.points[stop as usize].schedules {
            // schedule() objects at once, whether or not the task is ever woken.
            self.pc = point.inst as usize;
            self.check_schedule();
        } else if let Some(taking) = self.m.points[stop as usize].acquires {
            self.pc = point.inst as usize;
            self.comes_to_lock(self.place(), taking);
        }
    }

    pub(super) fn clear_stack(&mut self, from: usize) {
        let stack = self.m.layout.contexts[self.context].stack;
        if self.high > from {
            self.s[stack + from..stack + self.high].fill(0);
        }
    }

    fn pack(&mut self, base: usize, point: &super::code::Point) {
        let mut at = self.m.layout.contexts[self.context].stack + base;
        for kept in &point.live {
            set(self.s, at, kept.ty, self.regs[kept.reg as usize]);
            at += kept.ty.size as usize;
        }
    }

    fn unpack(&mut self, base: usize, point: &super::code::Point) {
        let at = self.m.layout.contexts[self.context].stack + base;
        point.kept(self.s, at).for_each(|(reg, value)| self.regs[reg] = value);
    }

    /// The context ends in the middle of its functions, whose locals go with it.
    pub(super) fn leave(&mut self, value: u64) {
        let m = self.m;
        m.local_slots(self.context).for_each(|slot| self.end_local(slot));
        self.end(value);
    }

    /// The entry function has returned.
    fn end(&mut self, value: u64) {
        let m = self.m;
        let context = &m.layout.contexts[self.context];
        let at = context.header;
        if let Some(current) = m.current(self.s, self.context) {
            self.callback_returned(current, value);
        }
        let [preempt, bh, flags, held] =
            [header::PREEMPT, header::BH, header::FLAGS, header::HELD].map(|o| self.s[at + o]);
        let forced = m.is_forced_thread(self.s, self.context);
        if forced {
            m.leave_reader(self.s, self.context);
        }
        let line = context.is_line();
        let works = m.running_item(self.s, self.context).is_some();
        let goes_on = works || m.is_irq_thread(self.context);
        let mut died = 0;
        if held > m.srcu_depth(self.s, self.context) {
            self.symptom(if works { Kind::WorkLeaked } else { Kind::LockLeak }, 0);
            died = flag::DIED;
        } else if let Some(section) = m.section_at_end(self.s, self.context) {
            self.symptom(if works { Kind::WorkLeaked } else { Kind::LockLeak }, section);
            died = flag::DIED;
        } else {
            if preempt != 0 || bh != u8::from(forced) {
                self.symptom(if works { Kind::WorkLeaked } else { Kind::PreemptLeak }, u32::from(works));
            }
            if !line && (flags & flag::IRQ_OFF != 0) != (forced && !m.is_rt()) {
                self.symptom(Kind::IrqState, 3);
            }
        }
        self.scopes_at_end();
        self.tell(What::End { value });
        self.clear_stack(0);
        self.s[at..at + 8].fill(0);
        m.layout.forget_held(self.s, self.context);
        m.leave_sections(self.s, self.context);
        m.leave_atomic_sections(self.s, self.context);
        m.forget_migration(self.s, self.context);
        if context.is_nmi() {
            self.nmi_returned(died | (flags & flag::DIED));
            return;
        }
        if line {
            self.handler_returned(value, died | (flags & flag::DIED));
            return;
        }
        if context.is_softirq() {
            self.s[at + header::FLAGS] = died | (flags & flag::DIED);
            if works {
                m.work_ends(self.s, self.context);
            }
            self.softirq_returned();
            return;
        }
        // A worker or an interrupt's thread that was left with a lock runs nothing else: the next run could release it.
        self.s[at + header::FLAGS] = if goes_on && died == 0 { 0 } else { flag::ENDED | died };
        if let Some(extra) = context.extra {
            let references = self.s[extra + extra::REFERENCES];
            self.s[extra..extra + 8].fill(0);
            if context.is_kthread() && !goes_on {
                self.s[extra + extra::REFERENCES] = references;
                set32(self.s, extra + extra::RESULT, value as u32);
            }
        }
        if context.is_irq_thread() {
            self.irq_thread_returned(value, forced);
        }
        m.forget_bh(self.s, self.context);
        if works {
            m.work_ends(self.s, self.context);
        }
        if context.kind.is_setup() {
            self.s[m.layout.globals + global::SETUP_DONE] += 1;
            if context.kind == ContextKind::ModuleInit && (value as i32) < 0 {
                m.cancel_rig(self.s);
                m.module_failed(self.s, self.context);
            }
        }
    }

    fn oops(&mut self, kind: Kind, detail: u32, address: u64) -> Goes {
        self.fault(kind, detail, address);
        false
    }

    /// The step cannot be taken in a state of this layout.
    #[cold]
    pub(super) fn outgrow<T>(&mut self, growth: Growth) -> Option<T> {
        self.outgrown = Some(growth);
        None
    }

    /// Something went wrong here.
    pub(super) fn symptom(&mut self, kind: Kind, detail: u32) {
        self.symptom_at(kind, detail, 0);
    }

    pub(super) fn symptom_at(&mut self, kind: Kind, detail: u32, address: u64) {
        let at = vec![self.place()];
        self.o.symptom(Symptom { kind, at, detail });
        self.tell(What::Symptom { kind, detail, address });
        self.check_panic_on_warn(kind, detail);
    }

    /// The instruction being run; inside the prelude, the call that led there.
    pub(super) fn place(&self) -> CodePlace {
        let mut place = CodePlace { function: self.function as u32, at: self.pc as u32 };
        if self.m.program.functions[self.function].prelude {
            self.callers(|point| {
                place = self.m.code.points[point].place();
                !self.m.program.functions[place.function as usize].prelude
            });
        }
        place
    }

    pub(super) fn tell(&mut self, what: What) {
        if O::EVENTS {
            let at = CodePlace { function: self.function as u32, at: self.pc as u32 };
            self.o.event(Event { at, what });
        }
    }

    pub(super) fn reg(&self, reg: crate::program::Reg) -> u64 {
        self.regs[reg as usize]
    }

    fn set(&mut self, reg: crate::program::Reg, value: u64) {
        self.regs[reg as usize] = value;
    }
}

/// Room for the registers of a function, all 0.
pub(crate) fn with_registers<T>(count: usize, f: impl FnOnce(&mut [u64]) -> T) -> T {
    if count <= FEW_REGISTERS { f(&mut [0; FEW_REGISTERS]) } else { f(&mut vec![0; count]) }
}

pub(crate) fn unary(op: UnaryOp, ty: Scalar, a: u64) -> u64 {
    match op {
        UnaryOp::Neg => ty.wrap(a.wrapping_neg()),
        UnaryOp::Not => ty.wrap(!a),
        UnaryOp::LogicalNot => u64::from(a == 0),
    }
}

/// `None` for a division by zero.
pub(crate) fn binary(op: BinaryOp, ty: Scalar, a: u64, b: u64) -> Option<u64> {
    let bits = ty.size as u64 * 8;
    let (sa, sb) = (a as i64, b as i64);
    let less = if ty.signed { sa < sb } else { a < b };
    Some(match op {
        BinaryOp::Add => ty.wrap(a.wrapping_add(b)),
        BinaryOp::Sub => ty.wrap(a.wrapping_sub(b)),
        BinaryOp::Mul => ty.wrap(a.wrapping_mul(b)),
        BinaryOp::Div | BinaryOp::Rem if b == 0 => return None,
        BinaryOp::Div => ty.wrap(if ty.signed { sa.wrapping_div(sb) as u64 } else { a / b }),
        BinaryOp::Rem => ty.wrap(if ty.signed { sa.wrapping_rem(sb) as u64 } else { a % b }),
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::Shl => ty.wrap(a << (b % bits)),
        BinaryOp::Shr => ty.wrap(if ty.signed { (sa >> (b % bits)) as u64 } else { a >> (b % bits) }),
        BinaryOp::Eq => u64::from(a == b),
        BinaryOp::Ne => u64::from(a != b),
        BinaryOp::Lt => u64::from(less),
        BinaryOp::Ge => u64::from(!less),
        BinaryOp::Le => u64::from(less || a == b),
        BinaryOp::Gt => u64::from(!less && a != b),
        BinaryOp::PerCpu => pointer::of_cpu(a, b),
    })
}

impl Machine {
    /// Starts every task that the rig declares: each runs to its first point.
    pub(super) fn start_declared<O: Observer>(&self, s: &mut [u8], o: &mut O) -> Result<(), Outgrown> {
        for (id, context) in self.layout.contexts.iter().enumerate() {
            if let Some(entry) = context.entry.filter(|_| !context.is_line()) {
                let choice = Choice { context: id as u8, cpu: context.cpu.unwrap_or(0), outcome: 0 };
                Run::start(self, s, choice, entry, &context.args, o)?;
            }
        }
        self.setup_over(s);
        Ok(())
    }

    /// Once set-up is over, tasks that came to their first step with preemption off are what their CPUs run.
    fn setup_over(&self, s: &mut [u8]) {
        if (self.setup_done(s) as usize) < self.setup.len() {
            return;
        }
        for (id, context) in self.layout.contexts.iter().enumerate() {
            let cpu = context.cpu.map(usize::from).filter(|cpu| !self.shared[*cpu]);
            let runs = || self.begun(s, id) && context.is_task() && !self.preemptible(s, id);
            if let Some(cpu) = cpu.filter(|_| runs()) {
                self.settle_owner(s, cpu, id, false);
            }
        }
    }

    /// The module is not loaded: what the rig would run never starts.
    fn cancel_rig(&self, s: &mut [u8]) {
        for context in self.layout.contexts.iter().filter(|c| !c.is_kthread() && c.is_task()) {
            s[context.stack..context.stack + context.stack_size].fill(0);
            s[context.header..context.header + 8].fill(0);
            s[context.header + header::FLAGS] = flag::ENDED;
        }
    }

    /// Whether a claim is true in a state. A claim that follows a bad pointer is not.
    pub(super) fn holds(&self, s: &[u8], claim: &crate::program::Claim) -> bool {
        self.evaluate(s, claim.function as usize, &[], 0).is_some_and(|value| value != 0)
    }

    /// Runs a function that only reads, beside the state.
    fn evaluate(&self, s: &[u8], function: usize, args: &[u64], depth: u16) -> Option<u64> {
        let routine = &self.code.routines[function];
        let mut regs = vec![0u64; self.code.registers];
        regs.iter_mut().zip(args).for_each(|(reg, arg)| *reg = *arg);
        let mut pc = 0;
        for _ in 0..self.program.config.bounds.local_instructions {
            let inst = &routine.code[pc];
            let reg = |r: crate::program::Reg| regs[r as usize];
            let (dst, value) = match inst {
                Inst::Const { dst, value } => (*dst, *value),
                Inst::Copy { dst, src } => (*dst, reg(*src)),
                Inst::Convert { to, dst, src } => (*dst, to.wrap(reg(*src))),
                Inst::Unary { op, ty, dst, src } => (*dst, unary(*op, *ty, reg(*src))),
                Inst::Binary { op, ty, dst, a, b } => (*dst, binary(*op, *ty, reg(*a), reg(*b))?),
                Inst::AddrStatic { dst, object, offset } => (*dst, pointer::to_static(*object, *offset)),
                Inst::Load { dst, addr, access, bits } => {
                    let unit = self.peek(s, reg(*addr), access.ty)?;
                    let part = |b: &crate::program::BitField| (unit >> b.lo) & (u64::MAX >> (64 - b.width));
                    (*dst, bits.as_ref().map_or(unit, part))
                }
                Inst::Jump { target } => {
                    pc = *target as usize;
                    continue;
                }
                Inst::Branch { cond, then, otherwise } => {
                    pc = if reg(*cond) != 0 { *then } else { *otherwise } as usize;
                    continue;
                }
                Inst::Call { dst, function, args } if depth < self.program.config.bounds.call_depth => {
                    let args: Vec<u64> = args.iter().map(|r| reg(*r)).collect();
                    let value = self.evaluate(s, *function as usize, &args, depth + 1)?;
                    match dst {
                        Some(dst) => (*dst, value),
                        None => {
                            pc += 1;
                            continue;
                        }
                    }
                }
                Inst::Kernel { call: crate::program::KernelCall::IsLocked { .. }, dst: Some(dst), args } => {
                    (*dst, u64::from(self.peek(s, reg(*args.first()?), Scalar::U8)? != 0))
                }
                Inst::Return { value } => return Some(value.map_or(0, reg)),
                _ => return None,
            };
            regs[dst as usize] = value;
            pc += 1;
        }
        None
    }
}

/// How an instruction's access is marked.
pub(crate) fn mark_of(inst: &Inst) -> Mark {
    match inst {
        Inst::Load { access, .. } | Inst::Store { access, .. } => access.mark,
        Inst::Atomic { order: Order::ThisCpu, .. } => Mark::ThisCpu,
        Inst::Atomic { .. } => Mark::Once,
        _ => Mark::Plain,
    }
}
