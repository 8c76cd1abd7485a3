//! Who is running, with which locks, and where: what every kernel report needs to know.

use super::super::lanes::identifiers;
use super::super::place;
use super::log::Log;
use sim_core::finding::{Finding, Frame, Place};
use sim_core::program::{ContextKind, Inst, KernelCall, LockKind, Program, SpanId};
use sim_core::view::{ContextView, HappeningKind, Held, Moment};

/// A lock line's parts.
struct LockClass {
    name: String,
    /// `{outer:inner}`
    wait: &'static str,
}

/// The finding and who was running when it showed.
pub(super) struct Scene<'a> {
    pub(super) program: &'a Program,
    pub(super) finding: &'a Finding,
    end: Moment,
    /// The context in which it shows.
    pub(super) context: String,
    pub(super) cpu: u8,
    /// The machine stops in the middle of its report.
    pub(super) panics: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn new(program: &'a Program, finding: &'a Finding, panics: bool) -> Self {
        let end = finding.schedule.as_ref().map_or(Moment::default(), |trace| trace.end.clone());
        let place = finding.places.first();
        let context = place
            .and_then(|p| p.context.clone())
            .or_else(|| finding.schedule.as_ref()?.steps.last().map(|s| s.context.clone()))
            .unwrap_or_else(|| "init".to_owned());
        let cpu = place
            .and_then(|p| p.cpu)
            .or_else(|| finding.schedule.as_ref()?.steps.iter().rev().find(|s| s.context == context).map(|s| s.cpu))
            .unwrap_or(0);
        Self { program, finding, end, context, cpu, panics }
    }

    /// The same moment, seen from another context.
    pub(super) fn seen_by(&self, context: &str) -> Self {
        let cpu = self
            .end
            .cpus
            .iter()
            .position(|c| c.stack.iter().any(|name| name == context))
            .map(|i| i as u8)
            .or_else(|| {
                let steps = &self.finding.schedule.as_ref()?.steps;
                steps.iter().rev().find(|s| s.context == context).map(|s| s.cpu)
            })
            .unwrap_or(self.cpu);
        Self { end: self.end.clone(), context: context.to_owned(), cpu, ..*self }
    }

    pub(super) fn view(&self, context: &str) -> Option<&ContextView> {
        self.end.contexts.iter().find(|c| c.name == context)
    }

    pub(super) fn contexts(&self) -> impl Iterator<Item = &ContextView> {
        self.end.contexts.iter()
    }

    pub(super) fn in_interrupt(&self) -> bool {
        is_interrupt(self.program, &self.context)
    }

    pub(super) fn is_syscall(&self) -> bool {
        self.program.contexts.iter().any(|c| c.name == self.context && c.kind == ContextKind::Syscall)
    }

    /// The task that the kernel calls `current`: in an interrupt, the one beneath it.
    pub(super) fn comm(&self) -> String {
        if !self.in_interrupt() {
            return self.context.clone();
        }
        let stack = self.end.cpus.get(self.cpu as usize).map_or(&[][..], |c| c.stack.as_slice());
        let beneath = stack.iter().rev().find(|name| !is_interrupt(self.program, name));
        beneath.cloned().unwrap_or_else(|| format!("swapper/{}", self.cpu))
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid_of(&self.comm())
    }

    pub(super) fn pid_of(&self, context: &str) -> u32 {
        self.view(context).and_then(|c| c.pid).unwrap_or(0)
    }

    /// `reader/27`
    pub(super) fn who(&self) -> String {
        format!("{}/{}", self.comm(), self.pid())
    }

    pub(super) fn preempt_count(&self) -> u32 {
        self.view(&self.context).map_or(0, |c| c.preempt_count)
    }

    pub(super) fn irqs_off(&self) -> bool {
        self.view(&self.context).is_some_and(|c| c.irqs_off)
    }

    /// For an interrupt: the number of its line, and its handler.
    pub(super) fn handler(&self) -> (u32, String) {
        let number = self.program.contexts.iter().find_map(|c| match c.kind {
            ContextKind::HardIrq { number, .. } if c.name == self.context => Some(number),
            _ => None,
        });
        let handler = self.stack().last().map_or_else(|| self.context.clone(), |frame| frame.function.clone());
        (number.unwrap_or(0), handler)
    }

    /// Who made something happen at this place, as far as the execution shows it.
    pub(super) fn who_did(&self, span: SpanId) -> Option<String> {
        let steps = &self.finding.schedule.as_ref()?.steps;
        let did = |step: &&sim_core::view::Step| {
            step.events.iter().any(|event| event.kind == HappeningKind::Memory && event.span == span)
        };
        steps.iter().find(did).map(|step| step.context.clone())
    }

    /// Where it shows.
    pub(super) fn place(&self) -> Option<&'a Place> {
        self.finding.places.iter().find(|p| p.context.as_deref().is_none_or(|c| c == self.context))
    }

    /// The call path to where it shows, innermost first.
    pub(super) fn stack(&self) -> Vec<Frame> {
        let of_place = self.place().map(|p| p.stack.clone()).filter(|stack| !stack.is_empty());
        of_place.or_else(|| self.view(&self.context).map(|c| c.stack.clone())).unwrap_or_default()
    }

    /// Locks that `current` holds, those of the interrupts on top of it too, in the order in which they were taken.
    pub(super) fn held(&self) -> Vec<Held> {
        let comm = self.comm();
        let of = |name: &str| self.view(name).map_or(Vec::new(), |c| c.held.clone());
        let mut held = of(&comm);
        if self.context != comm {
            held.extend(of(&self.context));
        }
        held
    }

    // --- words ---------------------------------------------------------------------------------------------------

    /// `read_stats (nic.c:22)`; `list_add` for a function of the kernel, which has no place in the scenario.
    pub(super) fn symbol(&self, frame: &Frame) -> String {
        if frame.prelude {
            return frame.function.clone();
        }
        format!("{} ({})", frame.function, self.program.source.location(frame.span))
    }

    /// The lines of a call trace: of the kernel's functions those that the scenario calls by name, and those beneath them that are not named as
    /// the inner workings of others.
    pub(super) fn traced(&self, frames: &[Frame]) -> Vec<String> {
        let named = |i: usize| {
            let caller = frames[i..].iter().find(|f| !f.prelude);
            let text = caller.map_or("", |f| place::text(self.program, self.program.source.span(f.span)));
            identifiers(text).any(|name| name == frames[i].function)
        };
        let shown = |i: &usize| !frames[*i].prelude || !frames[*i].function.starts_with('_') || named(*i);
        (0..frames.len()).filter(shown).map(|i| format!(" {}", self.symbol(&frames[i]))).collect()
    }

    /// The same for a place that has no call path: the function that it is in.
    pub(super) fn symbol_at(&self, span: SpanId) -> String {
        let function = self.program.functions.iter().find(|f| f.spans.contains(&span));
        format!("{} ({})", function.map_or("?", |f| f.name.as_str()), self.program.source.location(span))
    }

    /// The innermost function that is the user's own.
    pub(super) fn here(&self) -> String {
        let stack = self.stack();
        let frame = stack.iter().find(|f| !f.prelude).or_else(|| stack.first());
        match (frame, self.place()) {
            (Some(frame), _) => self.symbol(frame),
            (None, Some(place)) => self.symbol_at(place.span),
            (None, None) => "?".to_owned(),
        }
    }

    /// `read_stats`: the innermost function that is the user's own, without its place.
    pub(super) fn function_here(&self) -> String {
        self.here().split(' ').next().unwrap_or("?").to_owned()
    }

    /// `nic.c:22`
    pub(super) fn location(&self) -> String {
        let stack = self.stack();
        match (stack.iter().find(|f| !f.prelude), self.place()) {
            (Some(frame), _) => self.program.source.location(frame.span),
            (None, Some(place)) => self.program.source.location(place.span),
            (None, None) => "?".to_owned(),
        }
    }

    /// The text of the line where it shows.
    pub(super) fn line_text(&self) -> &str {
        let Some(place) = self.place() else { return "" };
        place::text(self.program, place::of(self.program, place))
    }

    /// Which task runs, on which CPU.
    pub(super) fn cpu_line(&self, log: &mut Log) {
        log.cpu_line(self.cpu, self.pid(), &self.comm());
    }

    /// The call trace with its brackets for tasks and interrupts.
    pub(super) fn call_trace(&self) -> Vec<String> {
        let mut lines = vec!["Call Trace:".to_owned()];
        let traced = |frames: &[Frame], bracket: &str| {
            if frames.is_empty() {
                return Vec::new();
            }
            let mut section = vec![format!(" <{bracket}>")];
            section.extend(self.traced(frames));
            section.push(format!(" </{bracket}>"));
            section
        };
        if self.in_interrupt() {
            lines.extend(traced(&self.stack(), "IRQ"));
            let beneath = self.view(&self.comm()).map_or(Vec::new(), |c| c.stack.clone());
            lines.extend(traced(&beneath, "TASK"));
        } else {
            lines.extend(traced(&self.stack(), "TASK"));
        }
        lines
    }

    /// `Workqueue: events reset_fn`, for a worker.
    pub(super) fn workqueue_line(&self) -> Option<String> {
        let steps = &self.finding.schedule.as_ref()?.steps;
        let own = steps.iter().rev().filter(|step| step.context == self.context);
        let begun = own
            .flat_map(|step| &step.events)
            .find(|e| e.text.starts_with("begins ") || e.text.starts_with("rescues "))?;
        let (_, queue) = begun.text.rsplit_once(" on ")?;
        Some(format!("Workqueue: {queue} {}", self.stack().last()?.function))
    }

    /// What lockdep prints of a task's locks.
    pub(super) fn held_section(&self) -> Vec<String> {
        held_section(self, &self.who(), &self.held())
    }

    /// `00000000aa809098 (stats_lock){+.+.}-{3:3}, at: read_stats (nic.c:22)`
    pub(super) fn lock_line(&self, held: &Held) -> String {
        let class = self.class(&held.lock, held.span);
        format!(
            "{} ({}){{{}}}-{{{}}}, at: {}",
            address(&held.lock),
            class.name,
            self.usage(&held.lock),
            class.wait,
            self.symbol_at(held.span)
        )
    }

    /// A lock's class: its name as lockdep has it, and its wait type.
    fn class(&self, lock: &str, taken: SpanId) -> LockClass {
        let name = if lock.contains(['.', '-', '[']) { format!("&{lock}") } else { lock.to_owned() };
        let kind = self.program.functions.iter().find_map(|f| {
            f.spans.iter().zip(&f.code).find_map(|(&span, inst)| match inst {
                Inst::Kernel {
                    call: KernelCall::Acquire { lock, .. } | KernelCall::TryAcquire { lock, .. }, ..
                } if span == taken => Some(*lock),
                _ => None,
            })
        });
        let wait = match kind {
            Some(LockKind::RawSpin) => "2:2",
            Some(LockKind::Mutex | LockKind::RwSem | LockKind::RtMutex | LockKind::WwMutex | LockKind::PercpuRwSem) => {
                "4:4"
            }
            Some(kind) if kind.is_map() => "0:0",
            Some(_) | None => "3:3",
        };
        LockClass { name, wait }
    }

    /// The four usage characters, from what this execution did: taken in an interrupt `-`, with interrupts on `+`, both `?`; the same for softirqs.
    fn usage(&self, lock: &str) -> &'static str {
        let holds = |c: &&ContextView| c.held.iter().any(|h| h.lock == lock);
        let in_irq = self.contexts().filter(holds).any(|c| is_interrupt(self.program, &c.name));
        let irqs_on = self.contexts().filter(holds).any(|c| !is_interrupt(self.program, &c.name) && !c.irqs_off);
        match (in_irq, irqs_on) {
            (true, true) => "?.+.",
            (true, false) => "-...",
            (false, true) => "+.+.",
            (false, false) => "....",
        }
    }
}

/// The locks of one task.
pub(super) fn held_section(scene: &Scene, who: &str, held: &[Held]) -> Vec<String> {
    let mut lines = vec![match held.len() {
        0 => format!("no locks held by {who}."),
        1 => format!("1 lock held by {who}:"),
        n => format!("{n} locks held by {who}:"),
    }];
    lines.extend(held.iter().enumerate().map(|(i, held)| format!(" #{i}: {}", scene.lock_line(held))));
    lines
}

/// Whether a context is an interrupt.
pub(super) fn is_interrupt(program: &Program, context: &str) -> bool {
    super::super::advice::is_interrupt(program, context)
}

/// A stand-in for an address, as the kernel prints one for `%p`: 32 bits that depend on the name alone (FNV-1a).
pub(super) fn address(name: &str) -> String {
    format!("00000000{:08x}", hash(name))
}

/// The same with `%px`'s look of a heap address.
pub(super) fn heap_address(name: &str) -> String {
    format!("ffff8881{:08x}", hash(name) & !7)
}

/// The first and the last byte of an object of this size there.
pub(super) fn heap_range(name: &str, size: u32) -> (String, String) {
    let first = hash(name) & !7;
    (heap_address(name), format!("ffff8881{:08x}", first.saturating_add(size.saturating_sub(1))))
}

fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
