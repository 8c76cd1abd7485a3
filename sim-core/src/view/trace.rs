//! From a replayed execution to what people read.

use super::replay::Replay;
use super::{ContextView, CpuView, Happening, HappeningKind, Held, Moment, Step, Trace, Waiting};
use crate::finding::Frame;
use crate::machine::{Event, FOREVER, Machine, Waits, What, join_words};
use crate::model::CodePlace;
use crate::program::pointer;

/// Describes an execution, of which the steps from `round` on may be a round that goes on for ever.
pub fn trace(replay: &Replay, round: Option<usize>) -> Trace {
    let words: Vec<String> = replay.steps.iter().map(|step| step.word.clone()).collect();
    let schedule = match round {
        Some(at) => [join_words(&words[..at]), FOREVER.to_owned(), join_words(&words[at..])].join(" "),
        None => join_words(&words),
    };
    Trace {
        schedule: schedule.trim_start().to_owned(),
        round,
        cpus: replay.machine.program().config.cpus,
        steps: (0..replay.steps.len()).map(|i| step(replay, i)).collect(),
        log: super::log(replay),
        end: moment(replay),
    }
}

fn step(replay: &Replay, index: usize) -> Step {
    let machine = replay.machine;
    let taken = &replay.steps[index];
    let context = taken.choice.context as usize;
    let task = machine.is_task(taken.choice.context);
    let after = replay.steps.get(index + 1).map_or(replay.state.as_slice(), |next| next.before.as_slice());
    let held = replay.held(index + 1);
    let shown = machine.outside_prelude(&taken.stack, taken.stack.first().copied().unwrap_or_default());
    Step {
        word: taken.word.clone(),
        cpu: taken.choice.cpu,
        context: machine.name(context).to_owned(),
        depth: machine.depth(&taken.before, taken.choice),
        arrival: !task
            && machine.stack_of(&taken.before, taken.choice.context).is_empty()
            && !machine.is_between_handlers(&taken.before, context),
        span: machine.span(shown),
        stack: frames(machine, &taken.stack),
        events: taken.events.iter().map(|event| happening(machine, &taken.stack, event)).collect(),
        held: held[context].iter().map(|h| Held { lock: machine.name_of(h.lock), span: machine.span(h.at) }).collect(),
        waiting: waiting(machine, after),
    }
}

/// The frames of a call path.
pub fn frames(machine: &Machine, stack: &[CodePlace]) -> Vec<Frame> {
    stack
        .iter()
        .map(|place| {
            let function = &machine.program().functions[place.function as usize];
            Frame { function: function.name.clone(), span: machine.span(*place), prelude: function.prelude }
        })
        .collect()
}

/// Who waits in a state, and what for.
fn waiting(machine: &Machine, state: &[u8]) -> Vec<Waiting> {
    let contexts = 0..machine.context_names().count();
    contexts
        .filter_map(|context| {
            let what = waits_for(machine, state, context)?;
            Some(Waiting { context: machine.name(context).to_owned(), what })
        })
        .collect()
}

/// The writer that a context waits behind.
fn waits_behind(machine: &Machine, state: &[u8], context: usize) -> Option<String> {
    match machine.waits(state, context) {
        Waits::Holder(writer) if machine.waits_behind(state, context) => Some(machine.name(writer).to_owned()),
        _ => None,
    }
}

/// What a context waits for, in words; nothing if it does not, or only for its turn on a CPU.
pub fn waits_for(machine: &Machine, state: &[u8], context: usize) -> Option<String> {
    match machine.waits(state, context) {
        Waits::No | Waits::Cpu(_) => None,
        Waits::Holder(_) | Waits::Event => Some(machine.wanted(state, context)),
        Waits::Spins => {
            let what = machine.wanted_memory(state, context);
            Some(what.map_or("memory to change".into(), |name| format!("{name} to change")))
        }
    }
}

fn happening(machine: &Machine, stack: &[CodePlace], event: &Event) -> Happening {
    let (kind, text) = describe(machine, &event.what);
    Happening { span: machine.span(machine.outside_prelude(stack, event.at)), text, kind }
}

/// What happened, in the fewest words.
pub fn describe(machine: &Machine, what: &What) -> (HappeningKind, String) {
    let name = |address: &u64| machine.name_of(*address);
    match what {
        What::Read { address, value } => {
            (HappeningKind::Read, format!("reads {} = {}", name(address), number(machine, *value)))
        }
        What::Write { address, value } => {
            (HappeningKind::Write, format!("writes {} = {}", name(address), number(machine, *value)))
        }
        What::Fill { address, len } => (HappeningKind::Write, format!("writes {len} bytes of {}", name(address))),
        What::Init { object } => (HappeningKind::Other, format!("initialises {}", name(object))),
        What::Take { lock, verb, shared } => {
            (HappeningKind::Take, format!("{verb} {}{}", name(lock), if *shared { " to read" } else { "" }))
        }
        What::Give { lock, verb } => (HappeningKind::Release, format!("{verb} {}", name(lock))),
        What::Refused { lock } => (HappeningKind::Other, format!("cannot take {}", name(lock))),
        What::Queued { object } => (HappeningKind::Wait, format!("queues for {}", name(object))),
        What::Mask { now } => (HappeningKind::Mask, (*now).to_owned()),
        What::Allocated { pointer: 0 } => (HappeningKind::Memory, "allocation fails".into()),
        What::Allocated { pointer } => (HappeningKind::Memory, format!("allocates {}", machine.object_name(*pointer))),
        What::Freed { pointer } => (HappeningKind::Memory, format!("frees {}", machine.object_name(*pointer))),
        What::Task { context, verb } => (HappeningKind::Wake, format!("{verb} {}", machine.name(*context as usize))),
        What::Work { work, verb, on } => {
            let kind = match *verb {
                "queues" | "queues at once" | "begins" => HappeningKind::Wake,
                "sees done" => HappeningKind::Take,
                _ => HappeningKind::Other,
            };
            let name = if *work == 0 { String::new() } else { format!(" {}", name(work)) };
            let on = on
                .as_ref()
                .map_or(String::new(), |on| if name.is_empty() { format!(" {on}") } else { format!(" on {on}") });
            (kind, format!("{verb}{name}{on}"))
        }
        What::Yield { why } => (HappeningKind::Wait, (*why).to_owned()),
        What::Line { number, verb } => (HappeningKind::Other, format!("{verb} irq {number}")),
        What::Serves { vector } => (HappeningKind::Wake, format!("serves {vector}")),
        What::RcuQueued { head } => (HappeningKind::Wake, format!("queues the RCU callback of {}", name(head))),
        What::Callback { object, verb } => (HappeningKind::Wake, format!("{verb} {}", name(object))),
        What::Raise { vector } => (HappeningKind::Wake, format!("raises the {vector} softirq")),
        What::Log { text, .. } => (HappeningKind::Log, format!("prints: {}", text.trim_end())),
        What::End { value: 0 } => (HappeningKind::End, "returns".into()),
        What::End { value } => (HappeningKind::End, format!("returns {}", number(machine, *value))),
        What::Killed { .. } => (HappeningKind::End, "is killed".into()),
        What::Panics { text } => (HappeningKind::End, format!("panics: {text}")),
        What::Symptom { kind, .. } => (HappeningKind::Finding, kind.name().to_owned()),
    }
}

/// A value as C would show it: a pointer by what it points to, a small negative number as one.
pub fn number(machine: &Machine, value: u64) -> String {
    if pointer::id(value) != 0 {
        let whole = pointer::offset(value) == 0;
        let name = if whole { machine.object_name(value) } else { machine.name_of(value) };
        // A function and a task stand for themselves.
        if pointer::function(value).is_some() || name.starts_with("task ") {
            return name;
        }
        // A pointer to `*p` is `p`.
        name.strip_prefix('*').map_or_else(|| format!("&{name}"), str::to_owned)
    } else if value > u64::MAX - (1 << 32) {
        (value as i64).to_string()
    } else {
        value.to_string()
    }
}

/// What holds after the last step of an execution.
fn moment(replay: &Replay) -> Moment {
    let machine = replay.machine;
    let state = &replay.state;
    let held = replay.held(replay.steps.len());
    let cpus = (0..machine.program().config.cpus as usize)
        .map(|cpu| CpuView { stack: machine.cpu_stack(state, cpu), irqs_on: machine.takes_interrupts(state, cpu) })
        .collect();
    let contexts = held
        .iter()
        .enumerate()
        .map(|(context, held)| ContextView {
            name: machine.name(context).to_owned(),
            pid: machine.is_task(context as u8).then(|| machine.pid_of(context)),
            state: machine.state_text(state, context).to_owned(),
            stack: frames(machine, &machine.stack_of(state, context as u8)),
            preempt_count: machine.preempt_count_of(state, context),
            irqs_off: machine.has_irqs_off(state, context),
            held: held.iter().map(|h| Held { lock: machine.name_of(h.lock), span: machine.span(h.at) }).collect(),
            waits_for: waits_for(machine, state, context),
            waits_behind: waits_behind(machine, state, context),
        })
        .collect();
    Moment { cpus, contexts }
}
