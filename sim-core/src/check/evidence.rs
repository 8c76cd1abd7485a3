//! The evidence for one finding: the places involved, who waits for whom, the execution.
//!
//! Invariant: everything here is read off one replayed schedule.

use super::order::{Orderer, Side};
use super::words;
use crate::finding::{Finding, Frame, Kind, Place, Severity, Wait};
use crate::machine::{Machine, RacingAccess, Waits, What};
use crate::model::{Choice, CodePlace, Outgrown, Symptom};
use crate::program::{SpanId, pointer};
use crate::search::{Found, Shows};
use crate::view::{self, HeldLock, Replay, Trace};

/// Puts a finding together, and gives the state that its schedule ends in.
pub(super) fn finding(machine: &Machine, found: &Found) -> Result<(Finding, Vec<u8>), Outgrown> {
    let (mut finding, state) = bare_finding(machine, found)?;
    if let Some(trace) = &mut finding.schedule {
        explain_log(machine, &found.schedule, trace)?;
    }
    Ok((finding, state))
}

/// Adds to the log of an execution the evidence for what went wrong in it.
pub(super) fn explain_log(machine: &Machine, schedule: &[Choice], trace: &mut Trace) -> Result<(), Outgrown> {
    // A round goes wrong as it did the first time.
    let told = |record: &&mut view::LogRecord| record.step <= schedule.len();
    for record in trace.log.iter_mut().filter(told) {
        let view::LogEntry::Wrong { kind, detail, evidence } = &mut record.entry else { continue };
        let schedule = &schedule[..record.step];
        let symptoms = match schedule.split_last() {
            Some((last, before)) => Replay::of(machine, before)?.take(*last)?,
            None => Replay::symptoms_at_start(machine)?,
        };
        let here = |symptom: &Symptom| symptom.at.first().is_none_or(|at| machine.span(*at) == record.span);
        let same = symptoms.iter().filter(|symptom| (symptom.kind, symptom.detail) == (*kind, *detail));
        let same: Vec<&Symptom> = same.collect();
        let Some(symptom) = same.iter().find(|symptom| here(symptom)).or(same.first()) else { continue };
        let found = Found {
            symptom: (*symptom).clone(),
            shows: Shows::Step,
            schedule: schedule.to_vec(),
            round: Vec::new(),
            shortest: false,
        };
        *evidence = Some(Box::new(bare_finding(machine, &found)?.0));
    }
    Ok(())
}

fn bare_finding(machine: &Machine, found: &Found) -> Result<(Finding, Vec<u8>), Outgrown> {
    let replay = Replay::of(machine, &found.schedule)?;
    let scene = Scene { machine, replay: &replay, symptom: &found.symptom, spinner: spinner(found) };
    let (places, waits) = scene.evidence();
    let kind = found.symptom.kind;
    let note = kind == Kind::HungTask && found.symptom.detail == 1;
    let shown = kind != Kind::NeverReached;
    let trace = if found.round.is_empty() {
        view::trace(&replay, None)
    } else {
        let whole = [found.schedule.as_slice(), &found.round].concat();
        view::trace(&Replay::of(machine, &whole)?, Some(found.schedule.len()))
    };
    let finding = Finding {
        kind,
        severity: if note { Severity::Note } else { kind.severity() },
        also: Vec::new(),
        message: words::message(&scene, &waits),
        places,
        waits,
        rule: None,
        schedule: shown.then_some(trace),
        shortest: found.shortest,
    };
    Ok((finding, replay.state))
}

fn spinner(found: &Found) -> Option<usize> {
    match found.shows {
        Shows::Spinning { context, .. } => Some(context as usize),
        _ => None,
    }
}

/// One symptom at the end of one execution.
pub(super) struct Scene<'a> {
    pub(super) machine: &'a Machine,
    pub(super) replay: &'a Replay<'a>,
    pub(super) symptom: &'a Symptom,
    /// For a context that runs for ever: which.
    spinner: Option<usize>,
}

impl Scene<'_> {
    fn evidence(&self) -> (Vec<Place>, Vec<Wait>) {
        match self.symptom.kind {
            Kind::DataRace => (self.race_places(), Vec::new()),
            Kind::UnorderedAccess => (self.unordered_places(), Vec::new()),
            Kind::Deadlock => {
                let waits: Vec<Wait> = self.members().iter().map(|c| self.wait(*c, &self.members())).collect();
                (self.wait_places(&self.members()), waits)
            }
            Kind::HungTask | Kind::SoftLockup | Kind::HardLockup | Kind::Livelock | Kind::RcuStall
                if self.stuck_context().is_some() =>
            {
                let stuck: Vec<usize> = self.stuck_context().into_iter().collect();
                (self.wait_places(&stuck), stuck.iter().map(|c| self.wait(*c, &stuck)).collect())
            }
            Kind::Invariant => (self.claim_places(&self.machine.program().claims.invariants), Vec::new()),
            Kind::FinalState => (self.claim_places(&self.machine.program().claims.finally), Vec::new()),
            Kind::NeverReached => (self.claim_places(&self.machine.program().claims.reachable), Vec::new()),
            Kind::MemoryLeak => {
                let site = &self.machine.program().alloc_sites[self.symptom.detail as usize];
                (
                    vec![self.plain_place(site.span, "allocated here, and nothing points to it at the end".into())],
                    Vec::new(),
                )
            }
            _ => (self.step_places(), Vec::new()),
        }
    }

    /// The two sides of the race.
    pub(super) fn sides(&self) -> Option<(RacingAccess, RacingAccess)> {
        self.machine.racing(&self.replay.state, &self.symptom.at)
    }

    /// The contexts that wait for each other.
    ///
    /// Those that only wait for their CPU come last: what keeps the others tells more.
    pub(super) fn members(&self) -> Vec<usize> {
        let mut members = self.machine.deadlocked(&self.replay.state, self.symptom);
        members.sort_by_key(|c| matches!(self.machine.waits(&self.replay.state, *c), Waits::Cpu(_)));
        members
    }

    /// The context that waits or spins for ever.
    pub(super) fn stuck_context(&self) -> Option<usize> {
        self.spinner.or_else(|| self.machine.standing_at(&self.replay.state, *self.symptom.at.first()?))
    }

    /// The context that took the last step, in which the symptom showed.
    pub(super) fn actor(&self) -> Option<usize> {
        self.replay.steps.last().map(|step| step.choice.context as usize)
    }

    /// The address that the symptom is about, where there is one.
    pub(super) fn address(&self) -> Option<u64> {
        let last = self.replay.steps.last().map_or(&self.replay.start, |step| &step.events);
        last.iter().rev().find_map(|event| match event.what {
            What::Symptom { kind, address, .. } if kind == self.symptom.kind && address != 0 => Some(address),
            _ => None,
        })
    }

    fn place(&self, context: usize, at: CodePlace, stack: Vec<CodePlace>, label: String) -> Place {
        Place {
            span: self.machine.span(at),
            label,
            context: Some(self.machine.name(context).to_owned()),
            cpu: self.cpu(context),
            stack: view::frames(self.machine, &stack),
        }
    }

    /// The CPU that a context is on, or was last.
    pub(super) fn cpu(&self, context: usize) -> Option<u8> {
        let cpus = 0..self.machine.program().config.cpus;
        let on = |cpu: &u8| {
            let stack = self.machine.cpu_stack(&self.replay.state, *cpu as usize);
            stack.iter().any(|name| name == self.machine.name(context))
        };
        self.replay.last_cpu(context).or_else(|| cpus.clone().find(on)).or_else(|| self.machine.home_cpu(context))
    }

    fn plain_place(&self, span: SpanId, label: String) -> Place {
        Place { span, label, context: None, cpu: None, stack: Vec::new() }
    }

    /// The two accesses that nothing orders.
    pub(super) fn unordered(&self) -> Option<[Side; 2]> {
        let schedule: Vec<Choice> = self.replay.steps.iter().map(|step| step.choice).collect();
        let all = Orderer::new(self.machine).in_execution(&schedule).ok()?;
        all.into_iter().find(|pair| pair.places() == self.symptom.at).map(|pair| pair.sides)
    }

    fn unordered_places(&self) -> Vec<Place> {
        let place = |side: &Side| {
            let stack = self.replay.steps.get(side.step).map_or(Vec::new(), |step| step.stack.clone());
            let (name, what) = (self.machine.name(side.context), self.machine.name_of(side.address));
            let verb = if side.writes { "writes" } else { "reads" };
            let marked = if side.plain { "" } else { " (marked)" };
            let label = format!("{name} {verb} `{what}` here{marked}, in step {}", side.step + 1);
            self.place(side.context, side.at, stack, label)
        };
        self.unordered().iter().flatten().rev().map(place).collect()
    }

    fn race_places(&self) -> Vec<Place> {
        let Some((a, b)) = self.sides() else { return Vec::new() };
        let side = |access: &RacingAccess| {
            let name = self.machine.name(access.context);
            let stack = self.machine.stack_of(&self.replay.state, access.context as u8);
            let verb = if access.writes { "writes" } else { "reads" };
            let marked = if access.plain { "" } else { " (marked)" };
            let label = format!("{name} {verb} `{}` here{marked}", self.machine.name_of(access.address));
            self.place(access.context, access.at, stack, label)
        };
        vec![side(&a), side(&b)]
    }

    /// For each of these contexts, where it stands, and where it took what it holds.
    fn wait_places(&self, contexts: &[usize]) -> Vec<Place> {
        let state = &self.replay.state;
        let held = self.replay.held(self.replay.steps.len());
        let mut places = Vec::new();
        for &context in contexts {
            let stack = self.machine.stack_of(state, context as u8);
            let Some(first) = stack.first() else { continue };
            let at = self.machine.outside_prelude(&stack, *first);
            let name = self.machine.name(context);
            let label = match self.machine.waits(state, context) {
                Waits::Cpu(other) => {
                    format!("{name} is here, and cannot go on: {} has its CPU", self.machine.name(other))
                }
                Waits::No => format!("{name} runs round here for ever"),
                Waits::Spins => {
                    let what = self.machine.wanted_memory(state, context).unwrap_or_else(|| "memory".into());
                    format!("{name} spins here until `{what}` changes")
                }
                Waits::Holder(_) | Waits::Event => format!("{name} waits here for {}", self.wanted(context)),
            };
            places.push(self.place(context, at, stack, label));
        }
        for &context in contexts {
            for lock in &held[context] {
                let wanted = contexts.iter().any(|c| self.machine.wanted_lock(state, *c) == Some(lock.lock));
                if wanted {
                    let label =
                        format!("{} took `{}` here", self.machine.name(context), self.machine.name_of(lock.lock));
                    places.push(self.place(context, lock.at, vec![lock.at], label));
                }
            }
        }
        places
    }

    /// Whether an oops has killed the context of this name.
    pub(super) fn was_killed(&self, name: &str) -> bool {
        let context = self.machine.context_names().position(|other| other == name);
        context.is_some_and(|context| self.machine.was_killed(&self.replay.state, context))
    }

    /// What a context waits for: a lock by its name in backquotes, anything else in words.
    pub(super) fn wanted(&self, context: usize) -> String {
        let wanted = self.machine.wanted(&self.replay.state, context);
        if wanted.contains(' ') { wanted } else { format!("`{wanted}`") }
    }

    /// Whom a context waits for, one of `members` if it can be.
    fn wait(&self, context: usize, members: &[usize]) -> Wait {
        let state = &self.replay.state;
        let waits = self.machine.waits_for(state, context, members);
        let stack = self.machine.stack_of(state, context as u8);
        let at = stack.first().map_or_else(CodePlace::default, |first| self.machine.outside_prelude(&stack, *first));
        let lock = self.machine.wanted_lock(state, context);
        let (what, holder) = match waits {
            Waits::Cpu(other) => {
                (format!("CPU{}", self.cpu(other).unwrap_or(0)), Some(self.machine.name(other).to_owned()))
            }
            Waits::Holder(other) => (self.machine.wanted(state, context), Some(self.machine.name(other).to_owned())),
            Waits::Event => (self.machine.wanted(state, context), None),
            Waits::Spins | Waits::No => {
                let memory = self.machine.wanted_memory(state, context);
                (memory.map_or("memory to change".into(), |m| format!("{m} to change")), None)
            }
        };
        let held = self.replay.held(self.replay.steps.len());
        let taken = match waits {
            Waits::Holder(holder) => held[holder].iter().find(|h| Some(h.lock) == lock),
            _ => None,
        };
        let behind = matches!(waits, Waits::Holder(_)) && self.machine.waits_behind(state, context);
        Wait {
            context: self.machine.name(context).to_owned(),
            span: self.machine.span(at),
            what,
            spins: matches!(waits, Waits::Spins | Waits::No)
                || (lock.is_some() && !self.machine.sleeps(state, context)),
            holder,
            taken_at: taken.filter(|_| !behind).map(|h| self.machine.span(h.at)),
            behind,
        }
    }

    fn claim_places(&self, claims: &[crate::program::Claim]) -> Vec<Place> {
        let claim = &claims[self.symptom.detail as usize];
        let label = match self.symptom.kind {
            Kind::Invariant => "is false after the last step",
            Kind::FinalState => "is false when everything has finished",
            _ => "is true at the end of no execution",
        };
        let mut places = vec![self.plain_place(claim.span, label.into())];
        if self.symptom.kind == Kind::Invariant {
            places.extend(self.last_write());
        }
        places
    }

    /// The last write that the execution made.
    fn last_write(&self) -> Option<Place> {
        let step = self.replay.steps.last()?;
        let context = step.choice.context as usize;
        step.events.iter().rev().find_map(|event| match event.what {
            What::Write { .. } | What::Fill { .. } => {
                let at = self.machine.outside_prelude(&step.stack, event.at);
                let (_, text) = view::describe(self.machine, &event.what);
                let label = format!("{} {text} here", self.machine.name(context));
                Some(self.place(context, at, step.stack.clone(), label))
            }
            _ => None,
        })
    }

    /// A symptom of a step: where it showed, and what led to it.
    fn step_places(&self) -> Vec<Place> {
        let Some(at) = self.symptom.at.first().copied() else { return Vec::new() };
        let context = self.actor().unwrap_or(0);
        let stack = self.stack_at(at);
        let mut places = vec![self.place(context, at, stack, words::label(self))];
        places.extend(self.history());
        places
    }

    /// The call path to where the last step's symptom showed.
    fn stack_at(&self, at: CodePlace) -> Vec<CodePlace> {
        let Some(step) = self.replay.steps.last() else { return vec![at] };
        let callers = step.stack.iter().skip_while(|p| p.function != at.function).skip(1);
        std::iter::once(at).chain(callers.copied()).collect()
    }

    /// Earlier places that explain a symptom: who freed the memory, who took the lock, what turned sleeping off.
    fn history(&self) -> Vec<Place> {
        match self.symptom.kind {
            Kind::UseAfterFree | Kind::DoubleFree => {
                let address = self.address().unwrap_or(0);
                let same = |a: u64| a != 0 && pointer::id(a) == pointer::id(address);
                let freed =
                    self.latest(|what| matches!(what, What::Freed { pointer } if same(*pointer)), "freed", true);
                // What frees by itself after a grace period has no place of its own.
                let handed = |what: &What| matches!(what, What::RcuQueued { head } if same(*head));
                let own = |place: &Place| place.stack.iter().any(|frame| !frame.prelude);
                let freed = freed.filter(own).or_else(|| self.latest(handed, "given to RCU to be freed", false));
                let allocated = self.machine.allocation_span(address);
                let allocated = allocated.map(|span| self.plain_place(span, "allocated here".into()));
                freed.into_iter().chain(allocated).collect()
            }
            Kind::OutOfBounds | Kind::Uninitialised => {
                let span = self.address().and_then(|a| self.machine.allocation_span(a));
                span.map(|span| self.plain_place(span, "allocated here".into())).into_iter().collect()
            }
            Kind::RcuDoubleCall => {
                let same = |what: &What| matches!(what, What::RcuQueued { head } if Some(*head) == self.address());
                self.latest(same, "queued", false).into_iter().collect()
            }
            Kind::SleepInAtomic | Kind::ScheduleInAtomic => self.atomic_since().into_iter().collect(),
            Kind::LockLeak => self.held_now(),
            Kind::HeldLockFreed => self.lost_lock_places(),
            _ => Vec::new(),
        }
    }

    fn latest(&self, wanted: impl Fn(&What) -> bool, verb: &str, before_last: bool) -> Option<Place> {
        let last = self.replay.steps.len().checked_sub(1);
        let mut all: Vec<_> = self.replay.events().filter(|(_, event)| wanted(&event.what)).collect();
        if before_last && all.last().is_some_and(|(step, _)| *step == last) && all.len() > 1 {
            all.pop();
        }
        let (step, event) = all.pop()?;
        let step = &self.replay.steps[step?];
        let context = step.choice.context as usize;
        let at = self.machine.outside_prelude(&step.stack, event.at);
        let label = format!("{verb} here, by {}", self.machine.name(context));
        Some(self.place(context, at, step.stack.clone(), label))
    }

    /// The spinlock that keeps the acting context from sleeping.
    pub(super) fn spinlock_held(&self) -> Option<HeldLock> {
        let held = self.replay.held_at(self.symptom.kind);
        held[self.actor()?].iter().find(|h| self.machine.spins(h.lock)).copied()
    }

    /// What made the acting context unable to sleep: the spinlock it holds, or where it turned preemption or interrupts off.
    fn atomic_since(&self) -> Option<Place> {
        let context = self.actor()?;
        if let Some(lock) = self.spinlock_held() {
            let label = format!("`{}` is held since here", self.machine.name_of(lock.lock));
            return Some(self.place(context, lock.at, vec![lock.at], label));
        }
        let (last, before) = self.replay.steps.split_last()?;
        let own = before.iter().filter(|step| step.choice.context as usize == context);
        let all = own.flat_map(|step| step.events.iter().map(move |event| (step, event)));
        let all: Vec<_> = all.chain(last.before(self.symptom.kind).iter().map(|event| (last, event))).collect();
        let (step, event, now) = all.into_iter().rev().find_map(|(step, event)| match event.what {
            What::Mask { now } if now.ends_with(" off") => Some((step, event, now)),
            _ => None,
        })?;
        let at = self.machine.outside_prelude(&step.stack, event.at);
        Some(self.place(context, at, vec![at], format!("{now} since here")))
    }

    fn held_now(&self) -> Vec<Place> {
        let context = self.actor().unwrap_or(0);
        let held = self.replay.held(self.replay.steps.len());
        held[context]
            .iter()
            .map(|lock| {
                let label = format!("`{}` is taken here", self.machine.name_of(lock.lock));
                self.place(context, lock.at, vec![lock.at], label)
            })
            .collect()
    }

    /// The locks that go with the memory that the last step ended the life of, and who held them.
    pub(super) fn lost_locks(&self) -> Vec<(usize, HeldLock)> {
        let address = self.address().unwrap_or(0);
        let lost = |lock: &HeldLock| {
            if self.symptom.detail == 2 { lock.lock == address } else { pointer::id(lock.lock) == pointer::id(address) }
        };
        let held = self.replay.held_at(self.symptom.kind).into_iter().enumerate();
        held.flat_map(|(context, all)| all.into_iter().filter(lost).map(move |lock| (context, lock))).collect()
    }

    fn lost_lock_places(&self) -> Vec<Place> {
        let place = |(context, lock): (usize, HeldLock)| {
            let (name, by) = (self.machine.name_of(lock.lock), self.machine.name(context));
            self.place(context, lock.at, vec![lock.at], format!("{by} holds `{name}` since here"))
        };
        self.lost_locks().into_iter().map(place).collect()
    }

    /// The function that a place is in.
    pub(super) fn function(&self, at: CodePlace) -> &str {
        self.machine.program().functions.get(at.function as usize).map_or("?", |f| f.name.as_str())
    }

    /// The call path of the place of the symptom.
    pub(super) fn frames(&self) -> Vec<Frame> {
        self.symptom.at.first().map_or(Vec::new(), |at| view::frames(self.machine, &self.stack_at(*at)))
    }
}
