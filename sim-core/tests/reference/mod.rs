//! A reference interpreter: what a program can do, found out in the most obvious way there is.
//!
//! It keeps whole states (every register of every frame), takes one instruction at a time, lets everything that may happen next happen next,
//! and leaves nothing out. It shares the `Program` with the product and nothing else: neither its machine nor its search.

mod instruction;
mod rcu;
mod softirq;
mod timer;
mod work;

use rcu::Rcu;
use sim_core::finding::Kind;
use sim_core::model::CodePlace;
use sim_core::program::{
    Claim, ContextKind, FunctionId, Inst, KernelCall as K, Mark, ObjectId, Preemption, Program, Reg,
};
use softirq::Softirqs;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;
use timer::Timers;
use work::Works;

pub(crate) use rcu::is_used;

/// What was found: a kind and its places, in ascending order.
pub(crate) type Symptom = (Kind, Vec<CodePlace>);

/// Everything that a program can do.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) symptoms: BTreeSet<Symptom>,
    /// Deadlocks of which one of each set is to be found, and others need not.
    pub(crate) circles: BTreeSet<BTreeSet<Symptom>>,
    /// The bytes of the observed objects in each state in which everything has finished.
    pub(crate) finals: BTreeSet<Vec<Vec<u8>>>,
    pub(crate) states: usize,
}

/// Explores every interleaving of a program. `None` if it has more than `limit` states.
pub(crate) fn explore(program: &Program, observed: &[ObjectId], limit: usize) -> Option<Outcome> {
    let mut reference = Reference { program, symptoms: BTreeSet::new(), circles: BTreeSet::new() };
    let graph = reference.graph(limit)?;
    let finals: Vec<&State> = graph.states.iter().map(Rc::as_ref).filter(|s| reference.is_final(s)).collect();
    reference.final_claims(&finals);
    reference.stuck(&graph);
    let bytes = |s: &State, o: ObjectId| s.memory[reference.range(o, 0, program.objects[o as usize].size)].to_vec();
    let finals = finals.iter().map(|s| observed.iter().map(|o| bytes(s, *o)).collect()).collect();
    Some(Outcome { symptoms: reference.symptoms, circles: reference.circles, finals, states: graph.states.len() })
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// The bytes of all static objects, one after the other.
    memory: Vec<u8>,
    /// The locks, semaphores and completions that were used, by address.
    objects: BTreeMap<u64, Object>,
    pub(crate) cpus: Vec<Cpu>,
    pub(crate) contexts: Vec<Context>,
    pub(crate) softirqs: Softirqs,
    pub(crate) timers: Timers,
    pub(crate) works: Works,
    pub(crate) rcu: Rcu,
    /// A handler hit a BUG: nothing happens any more.
    pub(crate) stopped: bool,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Object {
    /// Who holds the lock, alone.
    owner: Option<usize>,
    /// Who holds it as readers, each as often as it does.
    readers: Vec<usize>,
    /// How many the semaphore or completion lets through.
    count: u64,
    /// Who sleeps on the semaphore, the first first; the writers who have begun to wait for readers.
    queue: Vec<usize>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Cpu {
    pub(crate) task: Option<usize>,
    /// The line whose handler runs on top of the task.
    pub(crate) handler: Option<usize>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Context {
    /// Its calls, the innermost last. None: a task that has ended, a line whose handler does not run.
    frames: Vec<Frame>,
    pub(crate) irqs_off: bool,
    /// Its own part of the count, with the layout of the kernel's `preempt_count`.
    pub(crate) preempt_count: u32,
    raises_left: u8,
    /// A CPU took it, and it has not given it up of its own accord since.
    dispatched: bool,
    /// `up()` has handed it the semaphore that it sleeps on.
    granted: bool,
    /// It hit a `BUG_ON`.
    pub(crate) killed: bool,
    /// It is inside `local_bh_enable()`, which serves softirqs before it returns.
    enabling: bool,
    /// What it set its state to, as `enum task_state` in the kernel: 0 is `TASK_RUNNING`.
    task_state: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Frame {
    function: FunctionId,
    at: u32,
    regs: Vec<u64>,
    /// The caller's register for the result.
    result: Option<Reg>,
}

/// `SOFTIRQ_OFFSET`
const SOFTIRQ: u32 = 0x100;
/// `HARDIRQ_OFFSET`
const HARDIRQ: u32 = 0x10000;

impl Context {
    pub(crate) fn is_atomic(&self) -> bool {
        self.preempt_count != 0 || self.irqs_off
    }
}

impl State {
    pub(crate) fn everybody(&self) -> Range<usize> {
        0..self.contexts.len()
    }

    pub(crate) fn is_over(&self, who: usize) -> bool {
        !self.is_in_code(who) && !self.serves(who)
    }

    /// A context that serves softirqs is not, between two callbacks.
    pub(crate) fn is_in_code(&self, who: usize) -> bool {
        !self.contexts[who].frames.is_empty()
    }

    pub(crate) fn is_handler(&self, who: usize) -> bool {
        self.cpus.iter().any(|cpu| cpu.handler == Some(who))
    }

    /// How many calls deep a context is.
    pub(crate) fn depth(&self, who: usize) -> usize {
        self.contexts[who].frames.len()
    }

    fn frame(&self, who: usize) -> &Frame {
        self.contexts[who].frames.last().expect("only who is in code is asked where")
    }

    fn frame_mut(&mut self, who: usize) -> &mut Frame {
        self.contexts[who].frames.last_mut().expect("only who is in code moves on")
    }

    pub(crate) fn place(&self, who: usize) -> CodePlace {
        CodePlace { function: self.frame(who).function, at: self.frame(who).at }
    }

    /// The task on a CPU loses it, or (`asleep`) gives it up.
    fn without_task(&self, cpu: usize, asleep: bool) -> Self {
        let mut next = self.clone();
        if let Some(task) = next.cpus[cpu].task.take() {
            next.contexts[task].dispatched &= !asleep;
        }
        next
    }
}

/// All states that can be reached, and for each those that can follow.
pub(crate) struct Graph {
    pub(crate) states: Vec<Rc<State>>,
    pub(crate) successors: Vec<Vec<usize>>,
}

pub(crate) struct Reference<'a> {
    pub(crate) program: &'a Program,
    symptoms: BTreeSet<Symptom>,
    pub(crate) circles: BTreeSet<BTreeSet<Symptom>>,
}

impl<'a> Reference<'a> {
    fn graph(&mut self, limit: usize) -> Option<Graph> {
        let first = Rc::new(self.initial());
        let mut ids = HashMap::from([(Rc::clone(&first), 0)]);
        let mut graph = Graph { states: vec![first], successors: Vec::new() };
        while graph.successors.len() < graph.states.len() {
            let state = Rc::clone(&graph.states[graph.successors.len()]);
            self.inspect(&state);
            let mut edges = Vec::new();
            for next in self.successors(&state).into_iter().map(Rc::new) {
                edges.push(*ids.entry(Rc::clone(&next)).or_insert(graph.states.len()));
                if edges.last() == Some(&graph.states.len()) {
                    graph.states.push(next);
                }
            }
            graph.successors.push(edges);
            if graph.states.len() > limit {
                return None;
            }
        }
        Some(graph)
    }

    fn initial(&self) -> State {
        // Generated objects begin as zeros.
        let memory = vec![0; self.range(self.program.objects.len() as u32, 0, 0).end];
        let declared = self.program.contexts.iter().enumerate().map(|(who, decl)| match decl.kind {
            ContextKind::HardIrq { times, .. } => Context { raises_left: times, ..Context::default() },
            _ => Context { frames: vec![self.entry(who)], ..Context::default() },
        });
        let mut contexts: Vec<Context> = declared.collect();
        let cpus = vec![Cpu::default(); usize::from(self.program.config.cpus)];
        let softirqs = Softirqs::new(contexts.len(), if softirq::are_used(self.program) { cpus.len() } else { 0 });
        contexts.resize(contexts.len() + softirqs.contexts(), Context::default());
        let timers = Timers::new(contexts.len(), if timer::are_used(self.program) { cpus.len() } else { 0 });
        contexts.resize(contexts.len() + timers.contexts(), Context::default());
        let works = Works::new(contexts.len(), work::count(self.program));
        contexts.resize(contexts.len() + works.contexts(), Context::default());
        State {
            memory,
            objects: BTreeMap::new(),
            cpus,
            contexts,
            softirqs,
            timers,
            works,
            rcu: Rcu::default(),
            stopped: false,
        }
    }

    /// Everything has been done that is to be done.
    fn is_final(&self, state: &State) -> bool {
        let all_over = !state.stopped && state.everybody().all(|who| state.is_over(who));
        all_over && state.softirqs.quiet() && state.works.quiet() && state.rcu.quiet() && !self.timer_to_come(state)
    }

    fn entry(&self, who: usize) -> Frame {
        let decl = &self.program.contexts[who];
        self.call(decl.entry.expect("the reference knows no request_irq()"), &decl.args, None)
    }

    fn call(&self, function: FunctionId, args: &[u64], result: Option<Reg>) -> Frame {
        let mut regs = args.to_vec();
        regs.resize(self.program.functions[function as usize].regs.len(), 0);
        Frame { function, at: 0, regs, result }
    }

    /// Everything that can happen next.
    fn successors(&mut self, state: &State) -> Vec<State> {
        let mut next = Vec::new();
        for cpu in 0..if state.stopped { 0 } else { state.cpus.len() } {
            let Cpu { task, handler } = state.cpus[cpu];
            let softirq = state.serving(cpu);
            let task_on_top = handler.or(softirq).is_none();
            match handler.or(softirq).or(task) {
                Some(who) if state.is_in_code(who) => match self.blocked(state, who) {
                    None => next.extend(self.step(state, who, cpu)),
                    Some(wait) if wait.sleeps && task_on_top => next.push(state.without_task(cpu, true)),
                    Some(_) => {}
                },
                Some(_) => next.extend(self.softirqs_go_on(state, cpu)),
                None => {}
            }
            if task_on_top && task.is_some_and(|task| self.preemptible(state, task)) {
                next.push(state.without_task(cpu, false));
            }
            if handler.is_none() {
                let starters = state.everybody().filter(|who| self.may_start(state, *who, cpu));
                next.extend(starters.map(|who| self.start(state, who, cpu)));
            }
            if self.irqs_on(state, cpu) && state.may_serve(cpu) && self.turn_has_come(state, None) {
                let mut serving = state.clone();
                serving.begin_pass(cpu);
                next.push(serving);
            }
            if task.or(softirq).or(handler).is_none() && self.turn_has_come(state, None) {
                next.extend(self.works_begin(state, cpu));
            }
            if self.irqs_on(state, cpu) && self.turn_has_come(state, None) {
                next.extend(self.time_passes(state, cpu));
                next.extend(self.rcu_ticks(state, cpu));
            }
        }
        next.iter_mut().for_each(|next| self.readers_leave(next));
        next
    }

    /// A task may be preempted before any instruction at which it is preemptible.
    pub(crate) fn preemptible(&self, state: &State, task: usize) -> bool {
        self.program.config.preemption == Preemption::Full && !state.contexts[task].is_atomic()
    }

    pub(crate) fn is_task(&self, state: &State, who: usize) -> bool {
        self.program.contexts.get(who).map_or(state.works.is_worker(who), |decl| decl.kind.is_task())
    }

    /// Whether a CPU takes interrupts.
    fn irqs_on(&self, state: &State, cpu: usize) -> bool {
        let Cpu { task, handler } = state.cpus[cpu];
        handler.is_none() && state.serving(cpu).or(task).is_none_or(|who| !state.contexts[who].irqs_off)
    }

    pub(crate) fn allowed(&self, state: &State, who: usize, cpu: usize) -> bool {
        let declared = self.program.contexts.get(who).and_then(|decl| decl.cpu.map(usize::from));
        declared.or(state.works.cpu_of(who)).is_none_or(|pinned| pinned == cpu)
    }

    /// Whether a free CPU may take a task, or a line may interrupt what a CPU does.
    fn may_start(&self, state: &State, who: usize, cpu: usize) -> bool {
        let ready = if self.is_task(state, who) {
            let free = state.cpus[cpu].task.is_none() && state.serving(cpu).is_none();
            let elsewhere = state.cpus.iter().any(|cpu| cpu.task == Some(who));
            free && !elsewhere && !state.is_over(who) && self.blocked(state, who).is_none()
        } else {
            self.irqs_on(state, cpu) && state.is_over(who) && state.contexts[who].raises_left > 0
        };
        ready && self.allowed(state, who, cpu) && self.turn_has_come(state, Some(who))
    }

    /// Set-up runs alone and in order; everything else after it.
    pub(crate) fn turn_has_come(&self, state: &State, who: Option<usize>) -> bool {
        let init = |who: usize| self.program.contexts.get(who).is_some_and(|decl| decl.kind == ContextKind::Init);
        let before = |other: &usize| init(*other) && who.is_none_or(|who| !init(who) || *other < who);
        (0..self.program.contexts.len()).filter(before).all(|other| state.is_over(other))
    }

    fn start(&self, state: &State, who: usize, cpu: usize) -> State {
        let mut next = state.clone();
        let context = &mut next.contexts[who];
        context.dispatched = true;
        if self.is_task(state, who) {
            next.cpus[cpu].task = Some(who);
        } else {
            next.cpus[cpu].handler = Some(who);
            context.frames.push(self.entry(who));
            (context.irqs_off, context.preempt_count) = (true, HARDIRQ);
            context.raises_left -= 1;
        }
        next
    }

    pub(crate) fn symptom(&mut self, kind: Kind, mut at: Vec<CodePlace>) {
        at.sort_unstable();
        self.symptoms.insert((kind, at));
    }

    /// What is a property of one state: data races and invariants.
    fn inspect(&mut self, state: &State) {
        let next: Vec<_> = state.everybody().filter_map(|who| Some((who, self.next_access(state, who)?))).collect();
        for (a, (range, writes, mark)) in &next {
            for (b, (other, also_writes, other_mark)) in next.iter().filter(|(b, _)| b > a) {
                let marks = [*mark, *other_mark];
                let meant = marks.contains(&Mark::Racy) || !marks.contains(&Mark::Plain);
                if (*writes || *also_writes) && !meant && range.start < other.end && other.start < range.end {
                    self.symptom(Kind::DataRace, vec![state.place(*a), state.place(*b)]);
                }
            }
        }
        for who in state.cpus.iter().filter_map(|cpu| cpu.task) {
            // schedule() objects as soon as it is called, even if it never returns.
            let scheduling = matches!(self.instruction(state, who), Inst::Kernel { call: K::Schedule { .. }, .. });
            if scheduling && state.contexts[who].is_atomic() {
                self.symptom(Kind::ScheduleInAtomic, vec![state.place(who)]);
            }
        }
        let claims = &self.program.claims.invariants;
        if self.turn_has_come(state, None) && claims.iter().any(|claim| !self.holds(state, claim)) {
            self.symptom(Kind::Invariant, Vec::new());
        }
    }

    /// The memory that a context is about to access: it runs, or was cut off by a handler or another task just before.
    fn next_access(&self, state: &State, who: usize) -> Option<(Range<u64>, bool, Mark)> {
        if !state.contexts[who].dispatched {
            return None;
        }
        let (addr, size, writes, mark) = match self.instruction(state, who) {
            Inst::Load { addr, access, .. } => (addr, access.ty.size, false, access.mark),
            Inst::Store { addr, access, .. } => (addr, access.ty.size, true, access.mark),
            Inst::Atomic { addr, ty, .. } => (addr, ty.size, true, Mark::Once),
            _ => return None,
        };
        let start = state.frame(who).regs[usize::from(*addr)];
        Some((start..start + u64::from(size), writes, mark))
    }

    /// Claims about the states in which everything has finished.
    fn final_claims(&mut self, finals: &[&State]) {
        let claims = &self.program.claims;
        // Who was killed did not do all that it was to do.
        let whole = |state: &&&State| state.contexts.iter().all(|context| !context.killed);
        if finals.iter().filter(whole).any(|state| claims.finally.iter().any(|claim| !self.holds(state, claim))) {
            self.symptom(Kind::FinalState, Vec::new());
        }
        if claims.reachable.iter().any(|claim| !finals.iter().any(|state| self.holds(state, claim))) {
            self.symptom(Kind::NeverReached, Vec::new());
        }
    }

    /// Runs a claim's function on a state's memory.
    fn holds(&mut self, state: &State, claim: &Claim) -> bool {
        let (mut scratch, who) = (state.clone(), state.contexts.len());
        scratch.contexts.push(Context { frames: vec![self.call(claim.function, &[], None)], ..Context::default() });
        loop {
            if let (Inst::Return { value }, 1) = (self.instruction(&scratch, who), scratch.contexts[who].frames.len()) {
                return value.is_some_and(|r| scratch.frame(who).regs[usize::from(r)] != 0);
            }
            scratch = self.step(&scratch, who, 0).swap_remove(0);
        }
    }

    /// Where a range of bytes of an object is in a state's memory.
    fn range(&self, object: ObjectId, offset: u32, size: u32) -> Range<usize> {
        let before: u32 = self.program.objects[..object as usize].iter().map(|o| o.size).sum();
        (before + offset) as usize..(before + offset + size) as usize
    }

    pub(crate) fn instruction(&self, state: &State, who: usize) -> &'a Inst {
        let CodePlace { function, at } = state.place(who);
        &self.program.functions[function as usize].code[at as usize]
    }
}
