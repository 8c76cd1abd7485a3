//! A program's functions, made ready to run: where a context may stand between two steps, and what must be kept there.
//!
//! Invariant: a *point* is the only place where a context can stand in a state. It names an instruction that begins a step, and exactly those
//! registers whose values the rest of the function still needs. Everything else is cleared, so that states which differ only in what
//! nobody will read are one state.

use super::bytes::get;
use crate::model::CodePlace;
use crate::program::{BinaryOp, ContextDecl, Function, FunctionId, Inst, KernelCall, Program, Reg, Type, TypeId};

/// Index into [`Code::points`].
pub(crate) type PointId = u16;

/// Where a context can stand: before an instruction that begins a step, or (`call`) inside a call that it has made.
#[derive(Debug)]
pub(crate) struct Point {
    pub(crate) function: FunctionId,
    /// Where execution goes on: pure instructions that prepare the step (addresses, constants) are run again rather than kept. Inside a `local_bh_enable()`: after it.
    pub(crate) start: u32,
    /// The instruction that begins the step, or the call, or the `local_bh_enable()`.
    pub(crate) inst: u32,
    /// The registers kept: index, width in bytes, sign-extended.
    pub(crate) live: Vec<Kept>,
    /// Bytes that they take.
    pub(crate) size: u16,
}

impl Point {
    /// Whether what it names has been done, but for the softirqs that it runs.
    pub(crate) fn is_behind(&self) -> bool {
        self.start > self.inst
    }

    pub(crate) fn place(&self) -> CodePlace {
        CodePlace { function: self.function, at: self.inst }
    }

    /// The registers kept at an offset of a state, and their values.
    pub(crate) fn kept<'a>(&'a self, s: &'a [u8], mut at: usize) -> impl Iterator<Item = (usize, u64)> + 'a {
        self.live.iter().map(move |kept| {
            let value = get(s, at, kept.ty);
            at += kept.ty.size as usize;
            (kept.reg as usize, value)
        })
    }
}

/// A register that is kept at a point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) reg: Reg,
    pub(crate) ty: crate::program::Scalar,
}

/// One function, its registers renumbered so that few are needed.
#[derive(Debug)]
pub(crate) struct Routine {
    pub(crate) code: Vec<Inst>,
    /// For each instruction, the point at which a context stands when it gets there, if it stops there.
    pub(crate) stops: Vec<Option<PointId>>,
    /// For each call, and each `local_bh_enable()`, which may run softirqs, the point that keeps the caller's registers.
    pub(crate) calls: Vec<Option<PointId>>,
    /// For each return of a function whose address is taken, the point at which a callback stands before it: what comes after its end is a step of its own.
    pub(crate) ends: Vec<Option<PointId>>,
    /// The function can call itself, directly or not.
    pub(crate) recursive: bool,
    /// No path leads to a return.
    pub(crate) endless: bool,
}

/// All functions.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) routines: Vec<Routine>,
    pub(crate) points: Vec<Point>,
    /// The most registers that any function needs.
    pub(crate) registers: usize,
    /// For each function, those that it may call, directly, in ascending order.
    pub(crate) callees: Vec<Vec<FunctionId>>,
}

/// Where else a context stops in a function.
#[derive(Clone, Copy)]
struct Stops {
    /// Before its first instruction.
    waits_at_entry: bool,
    /// Before its returns.
    called_back: bool,
    /// Inside a `local_bh_enable()`.
    softirqs: bool,
}

/// What decides whether an instruction begins a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visibility {
    /// Some CPU has more than one task, so that turning preemption off can be noticed.
    pub(crate) preemption: bool,
    /// There are softirqs, so that turning bottom halves off can be noticed.
    pub(crate) softirqs: bool,
    /// Somebody waits for readers of RCU, so that where a section begins can be noticed.
    pub(crate) rcu: bool,
    /// There are threaded interrupt handlers.
    pub(crate) irq_threads: bool,
    /// The module can be unloaded, so that the return from a callback can be noticed.
    pub(crate) unloading: bool,
    /// The program asks what time it is, so that `jiffies` is no constant.
    pub(crate) clock: bool,
    /// A task may be on one CPU or on another.
    pub(crate) migration: bool,
    /// An allocation may fail, so that it is a choice.
    pub(crate) allocation: bool,
    /// `PREEMPT_VOLUNTARY`: `might_sleep()` may give the CPU away.
    pub(crate) voluntary: bool,
    /// Nothing is fused beyond the definition of a step: entering a task, turning interrupts on and allocating are steps too.
    pub(crate) everything: bool,
}

impl Visibility {
    /// Whether an instruction begins a step. Turning preemption, interrupts or bottom halves *on* only lets more happen next, so it never needs a
    /// state before it; turning them *off* does, where somebody could have come in between.
    pub(crate) fn begins_step(self, inst: &Inst, signals: bool) -> bool {
        match inst {
            Inst::Load { access, .. } | Inst::Store { access, .. } => !access.private,
            Inst::CopyMemory { .. } | Inst::SetMemory { .. } | Inst::Atomic { .. } => true,
            Inst::Kernel { call, .. } => match call {
                KernelCall::BhDisable => self.preemption || self.softirqs || self.rcu,
                KernelCall::PreemptDisable => self.preemption || self.rcu,
                KernelCall::MigrateDisable { explicit } => *explicit && self.preemption && self.migration,
                KernelCall::RcuReadLock => self.rcu || self.everything,
                KernelCall::TasksQs => self.rcu,
                KernelCall::CondResched => self.preemption,
                KernelCall::MightSleep | KernelCall::MightAlloc => self.voluntary && self.preemption,
                KernelCall::Alloc { .. } => self.allocation || self.everything,
                KernelCall::IrqEnable | KernelCall::IrqRestore => self.everything,
                KernelCall::SignalPending | KernelCall::FatalSignalPending => signals,
                KernelCall::ReadsAtomically | KernelCall::WritesAtomically => false,
                KernelCall::RcuReadUnlock | KernelCall::RcuReadHeld | KernelCall::SrcuReadHeld => false,
                KernelCall::SyncIrqThreads => self.irq_threads,
                KernelCall::Jiffies => self.clock,
                KernelCall::PreemptEnable
                | KernelCall::MigrateEnable
                | KernelCall::MigrationDisabled
                | KernelCall::RtlockMightResched
                | KernelCall::BhEnable
                | KernelCall::IrqsDisabled
                | KernelCall::PreemptCount
                | KernelCall::InTask
                | KernelCall::InHardirq
                | KernelCall::InSoftirq
                | KernelCall::InServingSoftirq
                | KernelCall::InInterrupt
                | KernelCall::InNmi
                | KernelCall::InAtomic
                | KernelCall::Preemptible
                | KernelCall::SmpProcessorId { .. }
                | KernelCall::Current
                | KernelCall::AssertHeld { .. }
                | KernelCall::MightLock { .. }
                | KernelCall::Holds
                | KernelCall::AllocSize
                | KernelCall::NotALeak
                | KernelCall::MemallocSave
                | KernelCall::MemallocRestore
                | KernelCall::MemallocFlags
                | KernelCall::PagefaultDisable { .. }
                | KernelCall::PagefaultDisabled
                | KernelCall::TimerTouch
                | KernelCall::CurrentWork
                | KernelCall::WwAcquireDone
                | KernelCall::MapAcquire { .. }
                | KernelCall::MapRelease
                | KernelCall::MapSync
                | KernelCall::WwAcquireFini
                | KernelCall::WorkIsBh
                | KernelCall::Printk { .. }
                | KernelCall::IrqFreed
                | KernelCall::Fence { .. }
                | KernelCall::BeyondIndices
                | KernelCall::Relax
                | KernelCall::Panic { .. } => false,
                _ => true,
            },
            _ => false,
        }
    }
}

/// Whether an instruction only computes a register from others, without any way to fail.
pub(crate) fn pure(inst: &Inst) -> bool {
    match inst {
        Inst::Binary { op, .. } => !matches!(op, BinaryOp::Div | BinaryOp::Rem),
        Inst::Const { .. }
        | Inst::Copy { .. }
        | Inst::Convert { .. }
        | Inst::Unary { .. }
        | Inst::AddrStatic { .. }
        | Inst::AddrLocal { .. } => true,
        _ => false,
    }
}

impl Code {
    /// Prepares a program's functions.
    pub(crate) fn new(program: &Program, visibility: Visibility, signals: bool) -> Self {
        let callees: Vec<Vec<FunctionId>> = program.functions.iter().map(|f| callees(program, f)).collect();
        let mut code = Self { routines: Vec::new(), points: Vec::new(), registers: 1, callees };
        let begins = |inst: &Inst| visibility.begins_step(inst, signals);
        let taken = address_taken(program);
        let exits: Vec<FunctionId> = super::module::exit_functions(program).collect();
        let mut entries = taken.clone();
        entries.extend(program.contexts.iter().filter(|c| c.kind.is_task()).filter_map(|c| c.entry));
        for id in 0..program.functions.len() as FunctionId {
            let silent = !visibility.everything && starts_silently(program, id, &begins);
            let waits_at_entry = entries.contains(&id) && !silent;
            let calls_back = visibility.softirqs || visibility.irq_threads || visibility.unloading;
            let called_back = (calls_back && taken.contains(&id)) || exits.contains(&id);
            // What is armed or queued in a local may come before its block is left.
            let locals = &program.functions[id as usize].locals;
            let outlasts = |inst: &Inst| match inst {
                Inst::LocalDead { local } => locals[*local as usize].ty.is_some_and(|ty| calls_back_from(program, ty)),
                _ => false,
            };
            let stops = |inst: &Inst| begins(inst) || outlasts(inst);
            let softirqs = visibility.softirqs;
            let routine = code.routine(program, id, stops, Stops { waits_at_entry, called_back, softirqs });
            code.routines.push(routine);
        }
        code
    }

    /// Every function that running this one may enter, itself included, in ascending order.
    pub(crate) fn reachable(&self, from: FunctionId) -> Vec<FunctionId> {
        let mut seen = vec![false; self.callees.len()];
        let mut todo = vec![from];
        while let Some(function) = todo.pop() {
            if !std::mem::replace(&mut seen[function as usize], true) {
                todo.extend(&self.callees[function as usize]);
            }
        }
        (0..seen.len() as FunctionId).filter(|f| seen[*f as usize]).collect()
    }

    fn routine(
        &mut self,
        program: &Program,
        id: FunctionId,
        begins: impl Fn(&Inst) -> bool,
        stops_at: Stops,
    ) -> Routine {
        let Stops { waits_at_entry, called_back, softirqs } = stops_at;
        let function = &program.functions[id as usize];
        let live = Liveness::new(function);
        let colors = live.colors(function);
        self.registers = self.registers.max(colors.iter().map(|c| *c as usize + 1).max().unwrap_or(0));
        let kept = |regs: &[bool]| -> Vec<Kept> {
            (0..function.regs.len())
                .filter(|r| regs[*r])
                .map(|r| Kept { reg: colors[r], ty: function.regs[r] })
                .collect()
        };
        let size = |live: &[Kept]| live.iter().map(|k| k.ty.size as u16).sum::<u16>();
        let mut is_target = vec![false; function.code.len()];
        for inst in &function.code {
            inst.targets().for_each(|t| is_target[t as usize] = true);
        }
        let mut stops = vec![None; function.code.len()];
        let mut calls = vec![None; function.code.len()];
        for (at, inst) in function.code.iter().enumerate() {
            if begins(inst) {
                let mut start = at;
                let mut best = kept(&live.before[at]);
                let mut probe = at;
                while probe > 0 && !is_target[probe] && pure(&function.code[probe - 1]) && stops[probe - 1].is_none() {
                    probe -= 1;
                    let there = kept(&live.before[probe]);
                    if size(&there) < size(&best) {
                        (start, best) = (probe, there);
                    }
                }
                stops[start] = Some(self.add(Point {
                    function: id,
                    start: start as u32,
                    inst: at as u32,
                    size: size(&best),
                    live: best,
                }));
            } else if matches!(inst, Inst::Call { .. } | Inst::CallIndirect { .. }) {
                let mut after = live.after(function, at);
                if let Some(dst) = inst.def() {
                    after[dst as usize] = false;
                }
                let live = kept(&after);
                let at32 = at as u32;
                calls[at] = Some(self.add(Point { function: id, start: at32, inst: at32, size: size(&live), live }));
            } else if softirqs && matches!(inst, Inst::Kernel { call: KernelCall::BhEnable, .. }) {
                let live = kept(&live.after(function, at));
                let at = at as u32;
                calls[at as usize] =
                    Some(self.add(Point { function: id, start: at + 1, inst: at, size: size(&live), live }));
            }
        }
        let mut ends = vec![None; function.code.len()];
        for (at, inst) in function.code.iter().enumerate().filter(|_| called_back) {
            if matches!(inst, Inst::Return { .. }) {
                let live = kept(&live.before[at]);
                let at32 = at as u32;
                ends[at] = Some(self.add(Point { function: id, start: at32, inst: at32, size: size(&live), live }));
            }
        }
        if waits_at_entry && stops[0].is_none() {
            let live = kept(&live.before[0]);
            stops[0] = Some(self.add(Point { function: id, start: 0, inst: 0, size: size(&live), live }));
        }
        let code = function.code.iter().map(|inst| renumber(inst, &colors)).collect();
        let recursive = self.callees[id as usize].iter().any(|callee| self.reachable(*callee).contains(&id));
        Routine { code, stops, calls, ends, recursive, endless: endless(function) }
    }

    fn add(&mut self, point: Point) -> PointId {
        self.points.push(point);
        PointId::try_from(self.points.len() - 1).expect("a program has fewer than 65,536 points")
    }
}

/// The functions that a function may call. An indirect call may reach every function whose address the program takes anywhere and that takes as many
/// arguments.
fn callees(program: &Program, function: &Function) -> Vec<FunctionId> {
    let mut all: Vec<FunctionId> = Vec::new();
    for inst in &function.code {
        match inst {
            Inst::Call { function, .. } => all.push(*function),
            Inst::CallIndirect { args, .. } => {
                let fits = |f: &FunctionId| program.functions[*f as usize].params as usize == args.len();
                all.extend(address_taken(program).into_iter().filter(fits));
            }
            _ => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Functions whose address stands in code or in an initialiser.
pub(crate) fn address_taken(program: &Program) -> Vec<FunctionId> {
    let known =
        |value: u64| crate::program::pointer::function(value).filter(|f| (*f as usize) < program.functions.len());
    let mut all = Vec::new();
    for inst in program.functions.iter().flat_map(|f| &f.code) {
        if let Inst::Const { value, .. } = inst {
            all.extend(known(*value));
        }
    }
    for object in &program.objects {
        all.extend(object.init.windows(8).filter_map(|w| known(u64::from_le_bytes(w.try_into().ok()?))));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether something in an object of this type may call back.
fn calls_back_from(program: &Program, ty: TypeId) -> bool {
    let calls = |name: &str| {
        ["struct timer_list", "struct hrtimer", "struct work_struct", "struct tasklet_struct"].contains(&name)
    };
    match &program.types[ty as usize] {
        Type::Scalar { name, .. } => calls(name),
        Type::Array { element, .. } => calls_back_from(program, *element),
        Type::Record { name, fields, .. } => {
            calls(name) || fields.iter().any(|field| calls_back_from(program, field.ty))
        }
    }
}

/// Whether what a function does before its first step cannot be noticed by anybody: then a task that enters it may stand at that step from the
/// beginning. Otherwise entering it is a step.
fn starts_silently(program: &Program, id: FunctionId, begins: &impl Fn(&Inst) -> bool) -> bool {
    let runs_it = |c: &&ContextDecl| c.entry == Some(id);
    let pinned = program.config.cpus == 1 || program.contexts.iter().filter(runs_it).all(|c| c.cpu.is_some());
    let by_rig = !address_taken(program).contains(&id);
    let start = Start { program, begins, knows_cpu: by_rig && pinned };
    let Some(returns) = start.scan(id, false, 0) else { return false };
    // A set-up function that ends, a kernel thread that has ended before it was woken, and a changed preempt count are noticed.
    let may_end = by_rig && !program.contexts.iter().filter(runs_it).any(|c| c.kind.is_setup());
    !returns[1] && (!returns[0] || may_end)
}

/// A look at what comes before a function's first step.
struct Start<'a, F> {
    program: &'a Program,
    begins: &'a F,
    /// The task is tied to one CPU, so that asking for its number gives the same at any time.
    knows_cpu: bool,
}

impl<F: Fn(&Inst) -> bool> Start<'_, F> {
    /// Whether the function, entered with preemption or bottom halves off or not, can return before its first step with them on, and with
    /// them off; `None` if something before that can be noticed.
    fn scan(&self, id: FunctionId, off: bool, depth: u8) -> Option<[bool; 2]> {
        let function = &self.program.functions[id as usize];
        let code = &function.code;
        let mut seen = vec![[false; 2]; code.len()];
        let mut todo = vec![(0usize, off)];
        let mut returns = [false; 2];
        while let Some((at, off)) = todo.pop() {
            let inst = &code[at];
            if std::mem::replace(&mut seen[at][usize::from(off)], true) || (self.begins)(inst) {
                continue;
            }
            let mut after = [!off, off];
            match inst {
                Inst::Kernel { call: KernelCall::PreemptDisable | KernelCall::BhDisable, .. } => after = [false, true],
                Inst::Kernel { call: KernelCall::MightSleep | KernelCall::MightAlloc, .. } if !off => {}
                Inst::Kernel { call: KernelCall::SmpProcessorId { .. }, .. } if self.knows_cpu => {}
                Inst::Kernel { call: KernelCall::MemallocFlags | KernelCall::PagefaultDisabled, .. } => {}
                Inst::Kernel { call: KernelCall::Relax | KernelCall::Fence { .. }, .. } | Inst::LocalLive { .. } => {}
                Inst::Jump { .. } | Inst::Branch { .. } => {}
                Inst::Call { function, .. } if depth < 8 => after = self.scan(*function, off, depth + 1)?,
                Inst::Return { .. } => returns[usize::from(off)] = true,
                Inst::Binary { op: BinaryOp::Div | BinaryOp::Rem, b, .. } if never_zero(function, *b) => {}
                inst if pure(inst) => {}
                _ => return None,
            }
            let next = inst.falls_through().then_some(at + 1);
            for next in inst.targets().map(|t| t as usize).chain(next) {
                todo.extend([false, true].into_iter().filter(|off| after[usize::from(*off)]).map(|off| (next, off)));
            }
        }
        Some(returns)
    }
}

/// Whether a register is only ever set to constants other than zero.
fn never_zero(function: &Function, reg: Reg) -> bool {
    let mut sets = function.code.iter().filter(|inst| inst.def() == Some(reg));
    reg >= function.params && sets.all(|inst| matches!(inst, Inst::Const { value, .. } if *value != 0))
}

/// Whether no path from the start leads to a return.
fn endless(function: &Function) -> bool {
    let mut seen = vec![false; function.code.len()];
    let mut todo = vec![0usize];
    while let Some(at) = todo.pop() {
        if at >= seen.len() || std::mem::replace(&mut seen[at], true) {
            continue;
        }
        let inst = &function.code[at];
        if matches!(inst, Inst::Return { .. }) {
            return false;
        }
        todo.extend(inst.targets().map(|t| t as usize));
        if inst.falls_through() {
            todo.push(at + 1);
        }
    }
    true
}

/// Which registers are still needed, before each instruction.
struct Liveness {
    before: Vec<Vec<bool>>,
}

impl Liveness {
    fn new(function: &Function) -> Self {
        let mut live = Self { before: vec![vec![false; function.regs.len()]; function.code.len()] };
        let mut changed = true;
        while changed {
            changed = false;
            for at in (0..function.code.len()).rev() {
                let mut now = live.after(function, at);
                let inst = &function.code[at];
                if let Some(dst) = inst.def() {
                    now[dst as usize] = false;
                }
                inst.uses().for_each(|r| now[r as usize] = true);
                if now != live.before[at] {
                    live.before[at] = now;
                    changed = true;
                }
            }
        }
        live
    }

    fn after(&self, function: &Function, at: usize) -> Vec<bool> {
        let mut now = vec![false; function.regs.len()];
        let inst = &function.code[at];
        let next = inst.falls_through().then_some(at as u32 + 1);
        for successor in inst.targets().chain(next) {
            if let Some(before) = self.before.get(successor as usize) {
                now.iter_mut().zip(before).for_each(|(a, b)| *a |= b);
            }
        }
        now
    }

    /// A new number for each register such that two that are needed at once differ. Parameters keep theirs.
    fn colors(&self, function: &Function) -> Vec<Reg> {
        let count = function.regs.len();
        let params = function.params as usize;
        let mut meets = vec![vec![false; count]; count];
        let mut meet = |a: usize, b: usize| {
            meets[a][b] = true;
            meets[b][a] = true;
        };
        for at in 0..function.code.len() {
            let after = self.after(function, at);
            if let Some(dst) = function.code[at].def() {
                (0..count).filter(|r| after[*r]).for_each(|r| meet(dst as usize, r));
            }
        }
        (0..params).for_each(|a| (0..params).for_each(|b| meet(a, b)));
        if let Some(entry) = self.before.first() {
            let entry: Vec<usize> = (0..count).filter(|r| entry[*r] || *r < params).collect();
            entry.iter().for_each(|a| entry.iter().for_each(|b| meet(*a, *b)));
        }
        let mut colors: Vec<Option<Reg>> = vec![None; count];
        for reg in 0..count {
            let taken = |c: Reg| (0..count).any(|o| o != reg && meets[reg][o] && colors[o] == Some(c));
            let color = if reg < params { reg as Reg } else { (0..).find(|c| !taken(*c)).unwrap_or(reg as Reg) };
            colors[reg] = Some(color);
        }
        colors.into_iter().map(Option::unwrap_or_default).collect()
    }
}

fn renumber(inst: &Inst, colors: &[Reg]) -> Inst {
    let c = |r: Reg| colors[r as usize];
    let all = |rs: &[Reg]| rs.iter().map(|r| c(*r)).collect::<Vec<_>>();
    match inst {
        Inst::Const { dst, value } => Inst::Const { dst: c(*dst), value: *value },
        Inst::Copy { dst, src } => Inst::Copy { dst: c(*dst), src: c(*src) },
        Inst::Convert { to, dst, src } => Inst::Convert { to: *to, dst: c(*dst), src: c(*src) },
        Inst::Unary { op, ty, dst, src } => Inst::Unary { op: *op, ty: *ty, dst: c(*dst), src: c(*src) },
        Inst::Binary { op, ty, dst, a, b } => Inst::Binary { op: *op, ty: *ty, dst: c(*dst), a: c(*a), b: c(*b) },
        Inst::AddrStatic { dst, object, offset } => Inst::AddrStatic { dst: c(*dst), object: *object, offset: *offset },
        Inst::AddrLocal { dst, local, offset } => Inst::AddrLocal { dst: c(*dst), local: *local, offset: *offset },
        Inst::Branch { cond, then, otherwise } => Inst::Branch { cond: c(*cond), then: *then, otherwise: *otherwise },
        Inst::Call { dst, function, args } => Inst::Call { dst: dst.map(c), function: *function, args: all(args) },
        Inst::CallIndirect { dst, callee, args } => {
            Inst::CallIndirect { dst: dst.map(c), callee: c(*callee), args: all(args) }
        }
        Inst::Return { value } => Inst::Return { value: value.map(c) },
        Inst::Load { dst, addr, access, bits } => {
            Inst::Load { dst: c(*dst), addr: c(*addr), access: *access, bits: *bits }
        }
        Inst::Store { addr, src, access } => Inst::Store { addr: c(*addr), src: c(*src), access: *access },
        Inst::CopyMemory { to, from, size } => Inst::CopyMemory { to: c(*to), from: c(*from), size: c(*size) },
        Inst::SetMemory { to, value, size } => Inst::SetMemory { to: c(*to), value: c(*value), size: c(*size) },
        Inst::Atomic { op, ty, fetch, dst, addr, a, b, order } => Inst::Atomic {
            op: *op,
            ty: *ty,
            fetch: *fetch,
            dst: dst.map(c),
            addr: c(*addr),
            a: c(*a),
            b: c(*b),
            order: *order,
        },
        Inst::Kernel { call, dst, args } => Inst::Kernel { call: *call, dst: dst.map(c), args: all(args) },
        Inst::Assert { kind, holds, text } => Inst::Assert { kind: *kind, holds: c(*holds), text: *text },
        Inst::LocalLive { .. } | Inst::LocalDead { .. } | Inst::Jump { .. } => inst.clone(),
    }
}
