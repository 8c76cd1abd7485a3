//! What runs later than it is asked for: callbacks, their registration in set-up, and the calls about them.

use super::super::{Delete, Later, Op, Plan};
use super::{Emitter, OBJECTS};
use sim_core::program::{
    BinaryOp, Function, Inst, KernelCall as K, Object, ObjectId, Readers, Reg, Scalar, Section, TimerArm, Type, pointer,
};

/// All that there may be, each with an object.
const ALL: [Later; 11] = [
    Later::Tasklet(0),
    Later::Tasklet(1),
    Later::Timer(0),
    Later::Timer(1),
    Later::Hrtimer(0),
    Later::Hrtimer(1),
    Later::Work(0),
    Later::Work(1),
    Later::Work(2),
    Later::Rcu(0),
    Later::Rcu(1),
];
/// After them the workqueues.
const QUEUES: ObjectId = OBJECTS + ALL.len() as ObjectId;
/// After them the domain of SRCU.
const DOMAIN: ObjectId = QUEUES + 2;
/// With the number of a callback of RCU: stands for its function until that is known.
const TO_LINK: u64 = 0xdead_0000;

impl Later {
    /// The object that it is about; an action has none.
    fn object(self) -> ObjectId {
        OBJECTS + ALL.iter().position(|later| *later == self).unwrap_or(ALL.len()) as ObjectId
    }

    /// The type's name, and the object's.
    fn names(self) -> (&'static str, String) {
        match self {
            Self::Action(vector) => ("int", format!("softirq{vector}")),
            Self::Tasklet(number) => ("struct tasklet_struct", format!("tasklet{number}")),
            Self::Timer(number) => ("struct timer_list", format!("timer{number}")),
            Self::Hrtimer(number) => ("struct hrtimer", format!("hrtimer{number}")),
            Self::Work(number) => ("struct work_struct", format!("work{number}")),
            Self::Rcu(number) => ("struct rcu_head", format!("head{number}")),
        }
    }

    /// The first timer is as most are, the second pinned; the first hrtimer expires in hard interrupts, the second, which is pinned, in softirqs.
    fn flags(self) -> u64 {
        match self {
            Self::Timer(1) => 0x0010_0000,
            Self::Hrtimer(1) => 0x4 | 0x2,
            _ => 0,
        }
    }
}

/// The queue that a work item is for.
fn queue_of(work: usize) -> ObjectId {
    queue(usize::from(work == 2))
}

pub(super) fn queue(number: usize) -> ObjectId {
    QUEUES + number as ObjectId
}

pub(super) fn tasklet(number: usize) -> ObjectId {
    Later::Tasklet(number).object()
}

/// Appends the objects that the callbacks are of.
pub(super) fn objects(plan: &Plan, types: &mut Vec<Type>, objects: &mut Vec<Object>) {
    let queues = ["queue0", "queue1"].map(|name| ("struct workqueue_struct", name.to_string()));
    let all = ALL.iter().map(|later| later.names()).chain(queues);
    for (type_name, name) in all.filter(|_| !plan.callbacks.is_empty()) {
        types.push(Type::Scalar { name: type_name.into(), size: 24 });
        objects.push(Object { name, size: 24, ty: Some(types.len() as u32 - 1), ..Object::default() });
    }
    if has_callbacks_of_rcu(plan) {
        types.push(Type::Scalar { name: "struct srcu_struct".into(), size: 72 });
        let ty = Some(types.len() as u32 - 1);
        objects.push(Object { name: "domain".to_string(), size: 72, ty, ..Object::default() });
    }
}

fn has_callbacks_of_rcu(plan: &Plan) -> bool {
    plan.callbacks.iter().any(|(later, _)| matches!(later, Later::Rcu(_)))
}

/// Whose readers are meant.
fn readers(srcu: bool) -> Readers {
    if srcu { Readers::Srcu } else { Readers::Rcu }
}

/// Puts the functions of callbacks where they are named.
pub(super) fn link(functions: &mut [Function], callbacks: &[(Later, u32)]) {
    for inst in functions.iter_mut().flat_map(|function| &mut function.code) {
        let named = |value: u64| {
            callbacks.iter().find(|(later, _)| matches!(later, Later::Rcu(n) if TO_LINK + *n as u64 == value))
        };
        if let Inst::Const { value, .. } = inst
            && let Some((_, id)) = named(*value)
        {
            *value = pointer::to_function(*id);
        }
    }
}

/// The function that does this, and those that it calls.
pub(super) fn callback(id: u32, later: Later, ops: &[Op]) -> Vec<Function> {
    let mut functions = super::body(id, &later.names().1, ops, false, matches!(later, Later::Work(_)));
    functions[0].params = 1;
    if matches!(later, Later::Hrtimer(_)) {
        restart_if_seen(&mut functions[0]);
    }
    functions
}

/// `return seen == 1 ? HRTIMER_RESTART : HRTIMER_NORESTART;`
fn restart_if_seen(function: &mut Function) {
    let Some(Inst::Return { value: Some(seen) }) = function.code.pop() else { unreachable!("a body ends so") };
    let one = function.regs.len() as Reg;
    function.regs.extend([Scalar::I32; 2]);
    function.reg_names.extend([String::new(), String::new()]);
    let restart = Inst::Binary { op: BinaryOp::Eq, ty: Scalar::I32, dst: one + 1, a: seen, b: one };
    function.code.extend([Inst::Const { dst: one, value: 1 }, restart, Inst::Return { value: Some(one + 1) }]);
    function.spans.extend([0; 2]);
}

/// Has set-up register the callbacks before it ends.
pub(super) fn set_up(function: &mut Function, plan: &Plan, callbacks: &[(Later, u32)]) {
    let mut code = Emitter::new("set_up", false);
    std::mem::swap(&mut code.function, function);
    code.function.code.pop();
    code.function.spans.pop();
    if callbacks.iter().any(|(later, _)| matches!(later, Later::Work(_))) {
        for (number, (flags, max_active)) in plan.queues.iter().enumerate() {
            let (address, flags, max_active) = (code.address(queue(number)), code.wide(*flags), code.wide(*max_active));
            code.call(K::WqInit { name: 0 }, None, &[address, flags, max_active]);
        }
    }
    if has_callbacks_of_rcu(plan) {
        code.call_on(K::SrcuInit, DOMAIN);
    }
    for (later, id) in callbacks {
        let (call, first) = match later {
            // It is named where it is queued.
            Later::Rcu(_) => continue,
            Later::Action(vector) => (K::OpenSoftirq, code.constant(*vector)),
            Later::Tasklet(_) => (K::TaskletInit { old: false }, code.address(later.object())),
            Later::Timer(_) => (K::TimerInit { hr: false }, code.address(later.object())),
            Later::Hrtimer(_) => (K::TimerInit { hr: true }, code.address(later.object())),
            Later::Work(_) => (K::WorkInit, code.address(later.object())),
        };
        let callback = code.wide(pointer::to_function(*id));
        let flags = code.wide(later.flags());
        let args = [first, callback, flags];
        code.call(call, None, if call == K::WorkInit { &args[..2] } else { &args });
    }
    *function = code.finish();
}

impl Emitter {
    /// A constant of 64 bits.
    fn wide(&mut self, value: u64) -> Reg {
        let dst = self.register(Scalar::U64);
        self.push(Inst::Const { dst, value });
        dst
    }

    pub(super) fn start(&mut self, later: Later) {
        match later {
            Later::Action(vector) => {
                let vector = self.constant(vector);
                self.call(K::RaiseSoftirq, None, &[vector]);
            }
            Later::Tasklet(_) => self.call_on(K::TaskletSchedule { high: false }, later.object()),
            Later::Timer(_) => self.arm(later, TimerArm::Mod),
            Later::Hrtimer(_) => self.arm(later, TimerArm::Hrtimer),
            Later::Rcu(number) => {
                let srcu = number == 1;
                let (head, callback) = (self.address(later.object()), self.wide(TO_LINK + number as u64));
                let (offset, domain) = (self.wide(0), self.domain(srcu));
                self.call(K::CallRcu { of: readers(srcu) }, None, &[head, callback, offset, domain]);
            }
            Later::Work(number) => {
                let (queue, work) = (self.address(queue_of(number)), self.address(later.object()));
                let (any_cpu, delay) = (self.wide(u64::MAX), self.constant(0));
                self.call(K::QueueWork, Some(self.seen), &[queue, work, any_cpu, delay]);
            }
        }
    }

    pub(super) fn stop(&mut self, later: Later) {
        match later {
            Later::Action(_) | Later::Rcu(_) => {}
            Later::Tasklet(_) => {
                self.call(K::MightSleep, None, &[]);
                self.call_on(K::TaskletKill, later.object());
                self.call_on(K::TaskletWait { sleep: true, kill: true }, later.object());
            }
            Later::Timer(_) => {
                let call = K::TimerCancel { hr: false, wait: true, says: false, shutdown: true };
                self.call_on(call, later.object());
            }
            Later::Hrtimer(_) => self.delete(later, Delete::Wait),
            Later::Work(_) => {
                self.call(K::MightSleep, None, &[]);
                self.see(K::DisableWork, later);
                self.call_on(K::FlushWork { cancel: true }, later.object());
                self.call_on(K::EnableWork, later.object());
            }
        }
    }

    fn domain(&mut self, srcu: bool) -> Reg {
        if srcu { self.address(DOMAIN) } else { self.wide(0) }
    }

    pub(super) fn section(&mut self, op: &Op) {
        match op {
            Op::RcuRead(inner) => {
                self.call(K::RcuReadLock, None, &[]);
                self.ops(inner);
                self.call(K::RcuReadUnlock, None, &[]);
            }
            Op::SrcuRead(inner) => {
                let (domain, index) = (self.address(DOMAIN), self.value());
                self.call(K::SrcuReadLock { how: Section::Own }, Some(index), &[domain]);
                self.ops(inner);
                let domain = self.address(DOMAIN);
                self.call(K::SrcuReadUnlock { up: false }, None, &[domain, index]);
            }
            Op::RcuReadLock => self.call(K::RcuReadLock, None, &[]),
            _ => self.call(K::RcuReadUnlock, None, &[]),
        }
    }

    pub(super) fn synchronize(&mut self, srcu: bool) {
        let domain = self.domain(srcu);
        self.call(K::GpBegin { of: readers(srcu) }, None, &[domain]);
        self.call(K::GpWait { of: readers(srcu) }, None, &[domain]);
    }

    pub(super) fn barrier(&mut self, srcu: bool) {
        let domain = self.domain(srcu);
        self.call(K::BarrierBegin { of: readers(srcu) }, None, &[domain]);
        self.call(K::BarrierWait, None, &[]);
    }

    /// What is armed stays so; whether it was is seen.
    fn arm(&mut self, later: Later, how: TimerArm) {
        let (address, expires, flags) = (self.address(later.object()), self.wide(0), self.wide(later.flags()));
        self.call(K::TimerArm { how }, Some(self.seen), &[address, expires, flags]);
    }

    pub(super) fn arm_pending(&mut self, timer: usize) {
        self.arm(Later::Timer(timer), TimerArm::Pending);
    }

    pub(super) fn delete(&mut self, later: Later, how: Delete) {
        let hr = matches!(later, Later::Hrtimer(_));
        // An hrtimer is not deleted but by calls that tell of a callback that runs, and none is shut down.
        let says = how == Delete::Says || (hr && how != Delete::Wait);
        let call = K::TimerCancel { hr, wait: how == Delete::Wait, says, shutdown: how == Delete::Shutdown && !hr };
        let address = self.address(later.object());
        self.call(call, Some(self.seen), &[address]);
    }

    /// A call about it, of which one sees the result.
    pub(super) fn see(&mut self, call: K, later: Later) {
        let address = self.address(later.object());
        self.call(call, Some(self.seen), &[address]);
    }

    pub(super) fn work_disabled(&mut self, work: usize, inner: &[Op]) {
        self.see(K::DisableWork, Later::Work(work));
        self.ops(inner);
        self.call_on(K::EnableWork, Later::Work(work).object());
    }

    pub(super) fn is_pending(&mut self, later: Later) {
        let address = self.address(later.object());
        self.call(K::TimerPending { hr: matches!(later, Later::Hrtimer(_)) }, Some(self.seen), &[address]);
    }

    pub(super) fn tasklet_disabled(&mut self, number: usize, enable: bool, inner: &[Op]) {
        self.call_on(K::TaskletDisable, tasklet(number));
        self.ops(inner);
        if enable {
            self.call_on(K::TaskletEnable, tasklet(number));
        }
    }

    pub(super) fn tasklet_idle(&mut self, number: usize, sleep: bool, inner: &[Op]) {
        self.call_on(K::TaskletDisable, tasklet(number));
        if sleep {
            self.call(K::MightSleep, None, &[]);
        }
        self.call_on(K::TaskletWait { sleep, kill: false }, tasklet(number));
        self.ops(inner);
        self.call_on(K::TaskletEnable, tasklet(number));
    }
}
