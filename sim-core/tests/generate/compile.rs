//! From a plan to a program, as the front end would compile the C that it stands for.

mod later;

use super::{ClaimPlan, Later, Lock, Op, Plan, Role, Style};
use sim_core::program::{
    Access, AssertKind, AtomicOp, BinaryOp, Claim, Claims, Config, ContextDecl, ContextKind, Fetch, Function, Inst,
    KernelCall, LockKind, Mark, Object, ObjectId, Order, Program, Reg, Scalar, Sleep, Source, SpanInfo, TaskState,
    Type, UnaryOp, pointer,
};

/// How many integers, and objects 0 to 2 are they; then spinlocks, mutexes, a semaphore, a completion, a pointer to a task, `rwlock_t`s and `rw_semaphore`s.
pub(crate) const INTS: [ObjectId; 3] = [0, 1, 2];
const SPINLOCKS: u32 = 3;
const MUTEXES: u32 = 7;
const SEMAPHORE: u32 = 9;
const COMPLETION: u32 = 10;
const SLEEPER: u32 = 11;
const RWLOCKS: u32 = 12;
const RWSEMS: u32 = 14;
const OBJECTS: u32 = 16;

const UNTIL_WOKEN: Sleep = Sleep::Uninterruptible;

impl Lock {
    fn kind(self) -> LockKind {
        match self {
            Self::Spin(_) => LockKind::Spin,
            Self::Read(_) | Self::Write(_) => LockKind::RwLock,
            Self::Mutex(_) => LockKind::Mutex,
            Self::DownRead(_) | Self::DownWrite(_) => LockKind::RwSem,
        }
    }

    fn shared(self) -> bool {
        matches!(self, Self::Read(_) | Self::DownRead(_))
    }

    fn object(self) -> ObjectId {
        let (first, number) = match self {
            Self::Spin(number) => (SPINLOCKS, number),
            Self::Read(number) | Self::Write(number) => (RWLOCKS, number),
            Self::Mutex(number) => (MUTEXES, number),
            Self::DownRead(number) | Self::DownWrite(number) => (RWSEMS, number),
        };
        first + number as u32
    }

    fn acquire(self) -> KernelCall {
        KernelCall::Acquire { lock: self.kind(), shared: self.shared(), sleep: UNTIL_WOKEN, subclass: 0, nest: false }
    }

    fn try_acquire(self) -> KernelCall {
        KernelCall::TryAcquire { lock: self.kind(), shared: self.shared() }
    }

    fn release(self) -> KernelCall {
        KernelCall::Release { lock: self.kind(), shared: self.shared() }
    }
}

/// The program that a plan stands for.
pub(crate) fn compile(plan: &Plan) -> Program {
    let mut functions = vec![set_up(plan)];
    let mut contexts = vec![decl("init".into(), ContextKind::Init, 0, Some(0), plan)];
    for (index, context) in plan.contexts.iter().enumerate() {
        let (name, kind) = match context.role {
            Role::Task => (format!("task{index}"), ContextKind::Thread),
            Role::Line { times } => (format!("line{index}"), ContextKind::HardIrq { number: index as u32, times }),
        };
        let id = functions.len() as u32;
        contexts.push(decl(name.clone(), kind, id, context.cpu, plan));
        functions.extend(body(id, &name, &context.ops, plan.addresses_given, context.role == Role::Task));
    }
    let mut callbacks = Vec::new();
    for (later, ops) in &plan.callbacks {
        let id = functions.len() as u32;
        callbacks.push((*later, id));
        functions.extend(later::callback(id, *later, ops));
    }
    later::set_up(&mut functions[0], plan, &callbacks);
    later::link(&mut functions, &callbacks);
    let mut claims = Claims::default();
    for claim in &plan.claims {
        let (list, var, value, op) = match *claim {
            ClaimPlan::Never(var, value) => (&mut claims.invariants, var, value, BinaryOp::Ne),
            ClaimPlan::Finally(var, value) => (&mut claims.finally, var, value, BinaryOp::Ne),
            ClaimPlan::Reachable(var, value) => (&mut claims.reachable, var, value, BinaryOp::Eq),
        };
        list.push(Claim { function: functions.len() as u32, text: format!("{claim:?}"), span: 0 });
        functions.push(claim_function(var, value, op));
    }
    let (mut types, mut objects) = objects();
    later::objects(plan, &mut types, &mut objects);
    let config = Config {
        cpus: plan.cpus,
        preemption: plan.preemption,
        queued_rwlocks: plan.queued_rwlocks,
        ..Config::default()
    };
    let source = Source { files: Vec::new(), spans: vec![SpanInfo::default()] };
    let strings = vec!["claim".to_string()];
    let name = "generated.c".to_string();
    Program { name, source, config, functions, objects, types, strings, contexts, claims, ..Program::default() }
}

fn objects() -> (Vec<Type>, Vec<Object>) {
    let scalar = |name: &str, size| Type::Scalar { name: name.into(), size };
    let types = vec![
        scalar("int", 4),
        scalar("spinlock_t", 4),
        scalar("struct mutex", 8),
        scalar("struct semaphore", 8),
        scalar("struct completion", 8),
        scalar("struct task_struct *", 8),
        scalar("rwlock_t", 4),
        scalar("struct rw_semaphore", 4),
    ];
    let object = |id: u32| {
        let (ty, name) = match id {
            RWSEMS.. => (7, format!("s{}", id - RWSEMS)),
            RWLOCKS.. => (6, format!("r{}", id - RWLOCKS)),
            SLEEPER => (5, "sleeper".to_string()),
            COMPLETION => (4, "done".to_string()),
            SEMAPHORE => (3, "sem".to_string()),
            MUTEXES.. => (2, format!("m{}", id - MUTEXES)),
            SPINLOCKS.. => (1, format!("l{}", id - SPINLOCKS)),
            _ => (0, format!("x{id}")),
        };
        Object { name, size: sim_core::program::size_of(&types, ty), ty: Some(ty), ..Object::default() }
    };
    let objects = (0..OBJECTS).map(object).collect();
    (types, objects)
}

fn decl(name: String, kind: ContextKind, entry: u32, cpu: Option<u8>, plan: &Plan) -> ContextDecl {
    let args = if plan.addresses_given { (0..OBJECTS).map(|o| pointer::to_static(o, 0)).collect() } else { Vec::new() };
    ContextDecl { name, kind, entry: Some(entry), args, cpu, prio: 0, signals: 0, span: 0, group: entry as u16 }
}

/// Initialises the locks that the contexts use.
fn set_up(plan: &Plan) -> Function {
    let mut used = Vec::new();
    plan.contexts.iter().for_each(|c| locks_in(&c.ops, &mut used));
    plan.callbacks.iter().for_each(|(_, ops)| locks_in(ops, &mut used));
    used.sort_unstable();
    used.dedup();
    let mut code = Emitter::new("set_up", plan.addresses_given);
    for object in used {
        let address = code.address(object);
        match object {
            SEMAPHORE => {
                let count = code.constant(plan.semaphore);
                code.call(KernelCall::SemInit, None, &[address, count]);
            }
            COMPLETION => code.call(KernelCall::CompletionInit, None, &[address]),
            _ => {
                let lock = match object {
                    RWSEMS.. => LockKind::RwSem,
                    RWLOCKS.. => LockKind::RwLock,
                    MUTEXES.. => LockKind::Mutex,
                    _ => LockKind::Spin,
                };
                code.call(KernelCall::LockInit { lock }, None, &[address]);
            }
        }
    }
    code.finish()
}

fn locks_in(ops: &[Op], used: &mut Vec<ObjectId>) {
    for op in ops {
        match op {
            Op::Spin(lock, ..) | Op::TrySpin(lock, _) | Op::SpinTrying(lock) => used.push(lock.object()),
            Op::SpinLock(lock, _) | Op::SpinUnlock(lock, _) => used.push(lock.object()),
            Op::Mutex(lock, _) | Op::TryMutex(lock, _) | Op::MutexLock(lock) | Op::MutexUnlock(lock) => {
                used.push(lock.object());
            }
            Op::Downgraded(sem, ..) | Op::Downgrade(sem) => used.push(Lock::DownWrite(*sem).object()),
            Op::Down | Op::TryDown | Op::Up => used.push(SEMAPHORE),
            Op::WaitForCompletion | Op::Complete | Op::CompleteAll => used.push(COMPLETION),
            _ => {}
        }
        op.inner().into_iter().for_each(|inner| locks_in(inner, used));
    }
}

/// The function that does this, and those that it calls, which come after it.
fn body(id: u32, name: &str, ops: &[Op], addresses_given: bool, may_sleep: bool) -> Vec<Function> {
    let mut code = Emitter::new(name, addresses_given);
    (code.id, code.may_sleep, code.result) = (id, may_sleep, Some(code.seen));
    code.push(Inst::Const { dst: code.seen, value: 0 });
    // A lone `spin_unlock_irqrestore()` restores what its author hopes for.
    for op in ops {
        if let Op::SpinUnlock(lock, Style::IrqSave) = op {
            let dst = code.flags(*lock);
            code.push(Inst::Const { dst, value: 0x200 });
        }
    }
    code.ops(ops);
    let callees = std::mem::take(&mut code.callees);
    [vec![code.finish()], callees].concat()
}

fn claim_function(var: usize, value: u64, op: BinaryOp) -> Function {
    let mut code = Emitter::new("claim", false);
    let address = code.address(var as u32);
    let loaded = code.value();
    code.push(Inst::Load { dst: loaded, addr: address, access: access(Mark::Plain), bits: None });
    let expected = code.constant(value);
    let holds = code.value();
    code.push(Inst::Binary { op, ty: Scalar::I32, dst: holds, a: loaded, b: expected });
    code.result = Some(holds);
    code.finish()
}

fn access(mark: Mark) -> Access {
    Access { ty: Scalar::I32, mark, private: false }
}

/// Writes a function.
struct Emitter {
    function: Function,
    id: u32,
    /// What it calls, with what that calls: their ids follow its own.
    callees: Vec<Function>,
    addresses_given: bool,
    may_sleep: bool,
    seen: Reg,
    /// Flags saved by `spin_lock_irqsave()`, for each lock: as a driver would declare them.
    flags: Vec<Option<Reg>>,
    result: Option<Reg>,
}

impl Emitter {
    fn new(name: &str, addresses_given: bool) -> Self {
        let params = if addresses_given && name != "claim" { OBJECTS as u16 } else { 0 };
        let function = Function {
            name: name.into(),
            params,
            regs: vec![Scalar::U64; usize::from(params)],
            reg_names: vec![String::new(); usize::from(params)],
            ..Function::default()
        };
        let flags = vec![None; OBJECTS as usize];
        let callees = Vec::new();
        let mut emitter =
            Self { function, id: 0, callees, addresses_given, may_sleep: false, seen: 0, flags, result: None };
        emitter.seen = emitter.value();
        emitter
    }

    fn finish(mut self) -> Function {
        self.push(Inst::Return { value: self.result });
        self.function
    }

    fn push(&mut self, inst: Inst) {
        self.function.code.push(inst);
        self.function.spans.push(0);
    }

    fn here(&self) -> u32 {
        self.function.code.len() as u32
    }

    fn register(&mut self, ty: Scalar) -> Reg {
        self.function.regs.push(ty);
        self.function.reg_names.push(String::new());
        (self.function.regs.len() - 1) as Reg
    }

    fn value(&mut self) -> Reg {
        self.register(Scalar::I32)
    }

    fn constant(&mut self, value: u64) -> Reg {
        let dst = self.value();
        self.push(Inst::Const { dst, value });
        dst
    }

    fn address(&mut self, object: ObjectId) -> Reg {
        if self.addresses_given && self.function.params > 0 && object < OBJECTS {
            return object as Reg;
        }
        let dst = self.register(Scalar::U64);
        self.push(Inst::AddrStatic { dst, object, offset: 0 });
        dst
    }

    fn call(&mut self, call: KernelCall, dst: Option<Reg>, args: &[Reg]) {
        self.push(Inst::Kernel { call, dst, args: args.to_vec() });
    }

    /// A call with one object as its argument.
    fn call_on(&mut self, call: KernelCall, object: ObjectId) {
        let address = self.address(object);
        self.call(call, None, &[address]);
    }

    /// A call that gives a truth value.
    fn ask(&mut self, call: KernelCall, object: ObjectId) -> Reg {
        let address = self.address(object);
        let dst = self.value();
        self.call(call, Some(dst), &[address]);
        dst
    }

    fn ops(&mut self, ops: &[Op]) {
        ops.iter().for_each(|op| self.op(op));
    }

    /// `if (cond) { ... }`
    fn when(&mut self, cond: Reg, then: impl FnOnce(&mut Self)) {
        let branch = self.here();
        self.push(Inst::Branch { cond, then: branch + 1, otherwise: 0 });
        then(self);
        let end = self.here();
        self.function.code[branch as usize] = Inst::Branch { cond, then: branch + 1, otherwise: end };
    }

    /// `while (!cond) cpu_relax();`
    fn until(&mut self, top: u32, cond: Reg) {
        let branch = self.here();
        self.push(Inst::Branch { cond, then: branch + 3, otherwise: branch + 1 });
        self.call(KernelCall::Relax, None, &[]);
        self.push(Inst::Jump { target: top });
    }

    fn op(&mut self, op: &Op) {
        use KernelCall as K;
        match op {
            Op::Read(var, mark) => {
                let (addr, dst) = (self.address(*var as u32), self.seen);
                self.push(Inst::Load { dst, addr, access: access(*mark), bits: None });
            }
            Op::Write(var, value, mark) => {
                let src = self.constant(*value);
                let addr = self.address(*var as u32);
                self.push(Inst::Store { addr, src, access: access(*mark) });
            }
            Op::WriteSeen(var, mark) => {
                let src = self.plus_one(self.seen);
                let addr = self.address(*var as u32);
                self.push(Inst::Store { addr, src, access: access(*mark) });
            }
            Op::Increment(var, mark) => {
                let addr = self.address(*var as u32);
                let old = self.value();
                self.push(Inst::Load { dst: old, addr, access: access(*mark), bits: None });
                let src = self.plus_one(old);
                self.push(Inst::Store { addr, src, access: access(*mark) });
            }
            Op::Atomic(op, var, a, b) => self.atomic(*op, *var, *a, *b),
            Op::Bug(value) => self.claim(AssertKind::Bug, *value),
            Op::Warn(value) => self.claim(AssertKind::Warn, *value),
            Op::Call(inner) => {
                let function = self.id + 1 + self.callees.len() as u32;
                let name = format!("{}_callee", self.function.name);
                self.callees.extend(body(function, &name, inner, self.addresses_given, self.may_sleep));
                let (dst, args) = (Some(self.seen), (0..self.function.params).collect());
                self.push(Inst::Call { dst, function, args });
            }
            Op::IfSeen(inner) => self.when(self.seen, |code| code.ops(inner)),
            Op::Await(var) => {
                let (addr, top, dst) = (self.address(*var as u32), self.here(), self.value());
                self.push(Inst::Load { dst, addr, access: access(Mark::Once), bits: None });
                self.until(top, dst);
            }
            Op::PreemptOff(inner) => {
                self.call(K::PreemptDisable, None, &[]);
                self.ops(inner);
                self.call(K::PreemptEnable, None, &[]);
            }
            Op::IrqsOff(inner) => {
                self.call(K::IrqDisable, None, &[]);
                self.ops(inner);
                self.call(K::IrqEnable, None, &[]);
            }
            Op::BhOff(inner) => {
                self.call(K::BhDisable, None, &[]);
                self.ops(inner);
                self.call(K::BhEnable, None, &[]);
            }
            Op::PreemptDisable => self.call(K::PreemptDisable, None, &[]),
            Op::PreemptEnable => self.call(K::PreemptEnable, None, &[]),
            Op::IrqDisable => self.call(K::IrqDisable, None, &[]),
            Op::IrqEnable => self.call(K::IrqEnable, None, &[]),
            Op::MightSleep => self.call(K::MightSleep, None, &[]),
            Op::WakeSleeper => {
                let (addr, task) = (self.address(SLEEPER), self.register(Scalar::U64));
                let access = Access { ty: Scalar::U64, ..access(Mark::Once) };
                self.push(Inst::Load { dst: task, addr, access, bits: None });
                self.when(task, |code| {
                    let any = code.constant(3);
                    code.call(K::WakeUp, None, &[task, any]);
                });
            }
            Op::Up => self.call_on(K::SemUp, SEMAPHORE),
            Op::TryDown => {
                let (src, dst) = (self.ask(K::SemTryDown, SEMAPHORE), self.seen);
                self.push(Inst::Copy { dst, src });
            }
            Op::Complete => self.call_on(K::Complete, COMPLETION),
            Op::CompleteAll => self.call_on(K::CompleteAll, COMPLETION),
            Op::Start(later) => self.start(*later),
            Op::CancelWork(work) => self.see(K::CancelWork, Later::Work(*work)),
            Op::WorkBusy(work) => self.see(K::WorkBusy, Later::Work(*work)),
            Op::WorkDisabled(work, inner) => self.work_disabled(*work, inner),
            Op::ArmPending(timer) => self.arm_pending(*timer),
            Op::Delete(later, how) => self.delete(*later, *how),
            Op::IsPending(later) => self.is_pending(*later),
            Op::StartHigh(tasklet) => self.call_on(K::TaskletSchedule { high: true }, later::tasklet(*tasklet)),
            Op::TaskletDisabled(tasklet, enable, inner) => self.tasklet_disabled(*tasklet, *enable, inner),
            Op::RcuRead(_) | Op::SrcuRead(_) | Op::RcuReadLock | Op::RcuReadUnlock => self.section(op),
            op => self.lock_op(op),
        }
    }

    fn lock_op(&mut self, op: &Op) {
        use KernelCall as K;
        match op {
            Op::SpinLock(lock, style) => self.spin_lock(*lock, *style),
            Op::SpinUnlock(lock, style) => self.spin_unlock(*lock, *style),
            Op::Spin(lock, style, inner) => {
                self.spin_lock(*lock, *style);
                self.ops(inner);
                self.spin_unlock(*lock, *style);
            }
            Op::TrySpin(lock, inner) => {
                let got = self.ask(lock.try_acquire(), lock.object());
                self.when(got, |code| {
                    code.ops(inner);
                    code.spin_unlock(*lock, Style::Plain);
                });
            }
            Op::SpinTrying(lock) => {
                let top = self.here();
                let got = self.ask(lock.try_acquire(), lock.object());
                self.until(top, got);
                self.spin_unlock(*lock, Style::Plain);
            }
            // What follows sleeps, or belongs to who does: a handler has no business with it.
            _ if !self.may_sleep => {}
            Op::MutexLock(lock) => {
                self.call(K::MightSleep, None, &[]);
                self.call_on(lock.acquire(), lock.object());
            }
            Op::MutexUnlock(lock) => self.call_on(lock.release(), lock.object()),
            Op::Synchronize(srcu) => self.synchronize(*srcu),
            Op::Barrier(srcu) => self.barrier(*srcu),
            Op::Downgrade(sem) => self.call_on(K::Downgrade, Lock::DownWrite(*sem).object()),
            Op::Downgraded(sem, before, after) => {
                self.lock_op(&Op::MutexLock(Lock::DownWrite(*sem)));
                self.ops(before);
                self.lock_op(&Op::Downgrade(*sem));
                self.ops(after);
                self.lock_op(&Op::MutexUnlock(Lock::DownRead(*sem)));
            }
            Op::Mutex(mutex, inner) => {
                self.lock_op(&Op::MutexLock(*mutex));
                self.ops(inner);
                self.lock_op(&Op::MutexUnlock(*mutex));
            }
            Op::TryMutex(mutex, inner) => {
                let got = self.ask(mutex.try_acquire(), mutex.object());
                self.when(got, |code| {
                    code.ops(inner);
                    code.lock_op(&Op::MutexUnlock(*mutex));
                });
            }
            Op::Down => {
                self.call(K::MightSleep, None, &[]);
                self.call_on(K::SemDown { sleep: UNTIL_WOKEN, timeout: false }, SEMAPHORE);
            }
            Op::WaitForCompletion => {
                self.call(K::MightSleep, None, &[]);
                self.call_on(K::CompletionWait { sleep: UNTIL_WOKEN, timeout: false }, COMPLETION);
            }
            Op::CondResched => self.call(K::CondResched, None, &[]),
            Op::Stop(later) => self.stop(*later),
            Op::FlushWork(work) => {
                self.call(K::MightSleep, None, &[]);
                self.see(K::FlushWork { cancel: false }, Later::Work(*work));
                // Whether it had to wait shows, and so does what comes after it.
                self.ops(&[Op::Warn(1), Op::Write(0, 3, Mark::Once)]);
            }
            Op::FlushQueue(queue) => {
                self.start(Later::Work(2 * queue));
                self.call(K::MightSleep, None, &[]);
                self.call_on(K::FlushWorkqueue, later::queue(*queue));
                self.ops(&[Op::Write(0, 3, Mark::Once), Op::Write(1, 3, Mark::Once)]);
            }
            Op::TaskletDisabledAndIdle(tasklet, sleep, inner) => self.tasklet_idle(*tasklet, *sleep, inner),
            Op::SleepUnless(var) => self.sleep_unless(*var),
            other => unreachable!("{other:?} was compiled before"),
        }
    }

    fn sleep_unless(&mut self, var: usize) {
        use KernelCall as K;
        let (addr, src) = (self.address(SLEEPER), self.register(Scalar::U64));
        self.call(K::Current, Some(src), &[]);
        self.push(Inst::Store { addr, src, access: Access { ty: Scalar::U64, ..access(Mark::Once) } });
        let sleeping = self.constant(TaskState::Uninterruptible as u64);
        self.call(K::SetState, None, &[sleeping]);
        let (addr, awake) = (self.address(var as u32), self.value());
        self.push(Inst::Load { dst: awake, addr, access: access(Mark::Once), bits: None });
        let must_sleep = self.value();
        self.push(Inst::Unary { op: UnaryOp::LogicalNot, ty: Scalar::I32, dst: must_sleep, src: awake });
        self.when(must_sleep, |code| code.call(K::Schedule { timeout: false }, None, &[]));
        let running = self.constant(TaskState::Running as u64);
        self.call(K::SetState, None, &[running]);
    }

    fn plus_one(&mut self, value: Reg) -> Reg {
        let one = self.constant(1);
        let dst = self.value();
        self.push(Inst::Binary { op: BinaryOp::Add, ty: Scalar::I32, dst, a: value, b: one });
        dst
    }

    fn atomic(&mut self, op: AtomicOp, var: usize, a: u64, b: u64) {
        let (a, b) = (self.constant(a), self.constant(b));
        let addr = self.address(var as u32);
        let fetch = if matches!(op, AtomicOp::Add | AtomicOp::DecIfPositive) { Fetch::New } else { Fetch::Old };
        let dst = Some(self.seen);
        self.push(Inst::Atomic { op, ty: Scalar::I32, fetch, dst, addr, a, b, order: Order::Full });
    }

    /// The claim that `seen` is not the value.
    fn claim(&mut self, kind: AssertKind, value: u64) {
        let value = self.constant(value);
        let holds = self.value();
        self.push(Inst::Binary { op: BinaryOp::Ne, ty: Scalar::I32, dst: holds, a: self.seen, b: value });
        self.push(Inst::Assert { kind, holds, text: 0 });
    }

    fn spin_lock(&mut self, lock: Lock, style: Style) {
        use KernelCall as K;
        match style {
            Style::Plain => self.call(K::PreemptDisable, None, &[]),
            Style::Bh => self.call(K::BhDisable, None, &[]),
            Style::Irq => {
                self.call(K::IrqDisable, None, &[]);
                self.call(K::PreemptDisable, None, &[]);
            }
            Style::IrqSave => {
                let flags = self.flags(lock);
                self.call(K::IrqSave, Some(flags), &[]);
                self.call(K::PreemptDisable, None, &[]);
            }
        }
        self.call_on(lock.acquire(), lock.object());
    }

    fn spin_unlock(&mut self, lock: Lock, style: Style) {
        use KernelCall as K;
        self.call_on(lock.release(), lock.object());
        match style {
            Style::Plain => self.call(K::PreemptEnable, None, &[]),
            Style::Bh => self.call(K::BhEnable, None, &[]),
            Style::Irq => {
                self.call(K::IrqEnable, None, &[]);
                self.call(K::PreemptEnable, None, &[]);
            }
            Style::IrqSave => {
                let flags = self.flags(lock);
                self.call(K::IrqRestore, None, &[flags]);
                self.call(K::PreemptEnable, None, &[]);
            }
        }
    }

    fn flags(&mut self, lock: Lock) -> Reg {
        match self.flags[lock.object() as usize] {
            Some(flags) => flags,
            None => {
                let flags = self.register(Scalar::U64);
                self.flags[lock.object() as usize] = Some(flags);
                flags
            }
        }
    }
}
