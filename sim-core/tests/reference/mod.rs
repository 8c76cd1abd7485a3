//! A reference interpreter: what a program can do, found out in the most obvious way there is.
//!
//! It keeps whole states (every register of every frame), takes one instruction at a time, lets everything that may happen next happen next,
//! and leaves nothing out. It shares the `Program` with the product and nothing else: neither its machine nor its search.

mod instruction;
mod stuck;

use sim_core::finding::Kind;
use sim_core::model::CodePlace;
use sim_core::program::{Claim, ContextKind, FunctionId, Inst, Mark, ObjectId, Preemption, Program, Reg};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// What was found: a kind and its places, in ascending order.
pub(crate) type Symptom = (Kind, Vec<CodePlace>);

/// Everything that a program can do.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) symptoms: BTreeSet<Symptom>,
    /// The bytes of the observed objects in each state in which everything has finished.
    pub(crate) finals: BTreeSet<Vec<Vec<u8>>>,
    pub(crate) states: usize,
}

/// Explores every interleaving of a program. `None` if it has more than `limit` states.
pub(crate) fn explore(program: &Program, observed: &[ObjectId], limit: usize) -> Option<Outcome> {
    let mut reference = Reference { program, symptoms: BTreeSet::new() };
    let graph = reference.graph(limit)?;
    let finals: Vec<&State> = graph.states.iter().map(Rc::as_ref).filter(|s| s.is_final()).collect();
    reference.final_claims(&finals);
    reference.stuck(&graph);
    let size = |object: ObjectId| u64::from(program.objects[object as usize].size);
    let bytes = |s: &State, object| s.memory[reference.range(object, 0, size(object))].to_vec();
    let finals = finals.iter().map(|s| observed.iter().map(|o| bytes(s, *o)).collect()).collect();
    Some(Outcome { symptoms: reference.symptoms, finals, states: graph.states.len() })
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    /// The bytes of all static objects, one after the other.
    memory: Vec<u8>,
    /// Who holds the lock at an address.
    locks: BTreeMap<u64, usize>,
    /// The count of the semaphore at an address, and who sleeps on it, the first first.
    semaphores: BTreeMap<u64, (u64, Vec<usize>)>,
    /// How many waits the completion at an address lets through.
    completions: BTreeMap<u64, u32>,
    cpus: Vec<Cpu>,
    contexts: Vec<Context>,
    /// Set-up or a handler hit a BUG: nothing happens any more.
    stopped: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Cpu {
    /// The task that has this CPU.
    task: Option<usize>,
    /// The line whose handler runs on top of it.
    handler: Option<usize>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Context {
    /// Its calls, the innermost last. None: a task that has ended, a line whose handler does not run.
    frames: Vec<Frame>,
    irqs_off: bool,
    /// Its own part of the count, with the layout of the kernel's `preempt_count`.
    preempt_count: u32,
    raises_left: u8,
    /// A CPU took it, and it has not given it up of its own accord since.
    dispatched: bool,
    /// `up()` has handed it the semaphore that it sleeps on.
    granted: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Frame {
    function: FunctionId,
    at: u32,
    regs: Vec<u64>,
    /// The caller's register for the result.
    result: Option<Reg>,
}

/// `HARDIRQ_OFFSET`
const HARDIRQ: u32 = 0x10000;

impl State {
    /// Another task on a CPU, or none.
    fn with_task(&self, cpu: usize, task: Option<usize>) -> Self {
        let mut next = self.clone();
        next.cpus[cpu].task = task;
        if let Some(task) = task {
            next.contexts[task].dispatched = true;
        }
        next
    }

    /// The task on a CPU gives it up.
    fn with_task_asleep(&self, cpu: usize) -> Self {
        let mut next = self.with_task(cpu, None);
        if let Some(task) = self.cpus[cpu].task {
            next.contexts[task].dispatched = false;
        }
        next
    }

    fn is_over(&self, who: usize) -> bool {
        self.contexts[who].frames.is_empty()
    }

    fn is_handler(&self, who: usize) -> bool {
        self.cpus.iter().any(|cpu| cpu.handler == Some(who))
    }

    fn is_final(&self) -> bool {
        !self.stopped && (0..self.contexts.len()).all(|who| self.is_over(who))
    }

    fn place(&self, who: usize) -> CodePlace {
        let Frame { function, at, .. } = *self.frame(who);
        CodePlace { function, at }
    }

    fn frame(&self, who: usize) -> &Frame {
        self.contexts[who].frames.last().expect("only who is in code is asked where")
    }

    fn frame_mut(&mut self, who: usize) -> &mut Frame {
        self.contexts[who].frames.last_mut().expect("only who is in code moves on")
    }
}

/// All states that can be reached, and for each those that can follow.
struct Graph {
    states: Vec<Rc<State>>,
    successors: Vec<Vec<usize>>,
}

struct Reference<'a> {
    program: &'a Program,
    symptoms: BTreeSet<Symptom>,
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
                let id = *ids.entry(Rc::clone(&next)).or_insert_with(|| {
                    graph.states.push(next);
                    graph.states.len() - 1
                });
                edges.push(id);
            }
            graph.successors.push(edges);
            if graph.states.len() > limit {
                return None;
            }
        }
        Some(graph)
    }

    fn initial(&self) -> State {
        let mut memory = Vec::new();
        for object in &self.program.objects {
            let end = memory.len() + object.size as usize;
            memory.extend(&object.init);
            memory.resize(end, 0);
        }
        let contexts = (0..self.program.contexts.len()).map(|who| match self.program.contexts[who].kind {
            ContextKind::HardIrq { times, .. } => Context { raises_left: times, ..Context::default() },
            _ => Context { frames: vec![self.entry(who)], ..Context::default() },
        });
        let cpus = vec![Cpu { task: None, handler: None }; usize::from(self.program.config.cpus)];
        let (locks, semaphores, completions) = Default::default();
        State { memory, locks, semaphores, completions, cpus, contexts: contexts.collect(), stopped: false }
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
        let everybody = || 0..state.contexts.len();
        for cpu in 0..if state.stopped { 0 } else { state.cpus.len() } {
            let Cpu { task, handler } = state.cpus[cpu];
            if let Some(who) = handler.or(task) {
                match self.blocked(state, who) {
                    None => next.extend(self.step(state, who, cpu)),
                    Some(block) if block.sleeps && handler.is_none() => next.push(state.with_task_asleep(cpu)),
                    Some(_) => {}
                }
            }
            if handler.is_some() {
                continue;
            }
            match task {
                Some(task) if self.preemptible(state, task) => next.push(state.with_task(cpu, None)),
                Some(_) => {}
                None => {
                    let runnable = everybody().filter(|who| self.may_dispatch(state, *who, cpu));
                    next.extend(runnable.map(|who| state.with_task(cpu, Some(who))));
                }
            }
            if task.is_none_or(|task| !state.contexts[task].irqs_off) {
                let lines = everybody().filter(|who| self.may_arrive(state, *who, cpu));
                next.extend(lines.map(|who| self.arrival(state, who, cpu)));
            }
        }
        next
    }

    /// A task may be preempted before any instruction at which it is preemptible.
    fn preemptible(&self, state: &State, task: usize) -> bool {
        let Context { preempt_count, irqs_off, .. } = state.contexts[task];
        self.program.config.preemption == Preemption::Full && preempt_count == 0 && !irqs_off
    }

    fn allowed(&self, who: usize, cpu: usize) -> bool {
        self.program.contexts[who].cpu.is_none_or(|pinned| usize::from(pinned) == cpu)
    }

    fn may_dispatch(&self, state: &State, who: usize, cpu: usize) -> bool {
        self.program.contexts[who].kind.is_task()
            && self.allowed(who, cpu)
            && !state.is_over(who)
            && !state.cpus.iter().any(|cpu| cpu.task == Some(who))
            && self.turn_has_come(state, who)
            && self.blocked(state, who).is_none()
    }

    /// Set-up runs alone and in order; everything else after it.
    fn turn_has_come(&self, state: &State, who: usize) -> bool {
        let init = |who: usize| self.program.contexts.get(who).is_some_and(|c| c.kind == ContextKind::Init);
        (0..state.contexts.len()).all(|other| !init(other) || state.is_over(other) || (init(who) && who <= other))
    }

    fn may_arrive(&self, state: &State, line: usize, cpu: usize) -> bool {
        state.contexts[line].raises_left > 0
            && state.is_over(line)
            && self.allowed(line, cpu)
            && self.turn_has_come(state, line)
    }

    fn arrival(&self, state: &State, line: usize, cpu: usize) -> State {
        let mut next = state.clone();
        next.cpus[cpu].handler = Some(line);
        let raises_left = state.contexts[line].raises_left - 1;
        let (frames, preempt_count) = (vec![self.entry(line)], HARDIRQ);
        next.contexts[line] =
            Context { frames, irqs_off: true, preempt_count, raises_left, dispatched: true, granted: false };
        next
    }

    /// What is a property of one state.
    fn inspect(&mut self, state: &State) {
        let accesses: Vec<(usize, Access)> =
            (0..state.contexts.len()).filter_map(|who| Some((who, self.next_access(state, who)?))).collect();
        for (i, (a, first)) in accesses.iter().enumerate() {
            for (b, _) in accesses[i + 1..].iter().filter(|(_, other)| first.races_with(other)) {
                self.symptom(Kind::DataRace, vec![state.place(*a), state.place(*b)]);
            }
        }
        let claims = &self.program.claims.invariants;
        if self.turn_has_come(state, state.contexts.len()) && claims.iter().any(|claim| !self.holds(state, claim)) {
            self.symptom(Kind::Invariant, Vec::new());
        }
    }

    fn symptom(&mut self, kind: Kind, mut at: Vec<CodePlace>) {
        at.sort_unstable();
        self.symptoms.insert((kind, at));
    }

    /// The memory access that a context is about to make: it runs, or was cut off by a handler or another task just before it.
    fn next_access(&self, state: &State, who: usize) -> Option<Access> {
        if !state.contexts[who].dispatched {
            return None;
        }
        let (addr, size, writes, mark) = match self.instruction(state, who) {
            Inst::Load { addr, access, .. } => (addr, access.ty.size, false, access.mark),
            Inst::Store { addr, access, .. } => (addr, access.ty.size, true, access.mark),
            Inst::Atomic { addr, ty, .. } => (addr, ty.size, true, Mark::Once),
            _ => return None,
        };
        Some(Access { addr: state.frame(who).regs[usize::from(*addr)], size: size.into(), writes, mark })
    }

    /// Claims about the states in which everything has finished.
    fn final_claims(&mut self, finals: &[&State]) {
        let claims = &self.program.claims;
        if finals.iter().any(|state| claims.finally.iter().any(|claim| !self.holds(state, claim))) {
            self.symptom(Kind::FinalState, Vec::new());
        }
        if claims.reachable.iter().any(|claim| !finals.iter().any(|state| self.holds(state, claim))) {
            self.symptom(Kind::NeverReached, Vec::new());
        }
    }

    /// Runs a claim's function on a state's memory.
    fn holds(&mut self, state: &State, claim: &Claim) -> bool {
        let mut scratch = state.clone();
        let who = scratch.contexts.len();
        scratch.contexts.push(Context { frames: vec![self.call(claim.function, &[], None)], ..Context::default() });
        loop {
            if let (Inst::Return { value }, 1) = (self.instruction(&scratch, who), scratch.contexts[who].frames.len()) {
                return value.is_some_and(|r| scratch.frame(who).regs[usize::from(r)] != 0);
            }
            scratch = self.step(&scratch, who, 0).swap_remove(0);
        }
    }

    /// Where a range of bytes of an object is in a state's memory.
    fn range(&self, object: ObjectId, offset: u32, size: u64) -> std::ops::Range<usize> {
        let before: u32 = self.program.objects[..object as usize].iter().map(|o| o.size).sum();
        let start = (before + offset) as usize;
        start..start + size as usize
    }

    fn instruction(&self, state: &State, who: usize) -> &'a Inst {
        let CodePlace { function, at } = state.place(who);
        &self.program.functions[function as usize].code[at as usize]
    }
}

struct Access {
    addr: u64,
    size: u64,
    writes: bool,
    mark: Mark,
}

impl Access {
    fn races_with(&self, other: &Self) -> bool {
        let overlap = self.addr < other.addr + other.size && other.addr < self.addr + self.size;
        let marks = [self.mark, other.mark];
        overlap && (self.writes || other.writes) && marks.contains(&Mark::Plain) && !marks.contains(&Mark::Racy)
    }
}
