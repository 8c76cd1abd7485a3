//! The handlers that `request_irq()` and its kin register: a line's actions, in the order in which they were registered. After `request_threaded_irq`, `__setup_irq`
//! and `__free_irq` in `kernel/irq/manage.c`.
//!
//! 14 bytes each: the handler plus one, 0 for one that only wakes the thread (4), `dev_id` (8), flags (2); where the program has threaded handlers five more: the
//! thread function plus one (4), the context that is its thread, plus one.
//!
//! Invariant: the actions of a line stand without a gap; one that `free_irq()` took off the list keeps its place until that has waited for it, and is not called any more.

use super::bytes::{get, get16, get32, set, set16, set32};
use super::event::What;
use super::irq::{DEPTH, LINE_SIZE, TURN, turn};
use super::irq_thread::FORCED_SITE;
use super::kernel::{EBUSY, EINVAL};
use super::layout::Origin;
use super::lock::Given;
use super::{Machine, Run};
use crate::finding::Kind;
use crate::model::{Growth, Observer};
use crate::program::{FunctionId, Scalar, pointer};

const HANDLER: usize = 0;
const DEV: usize = 4;
const FLAGS: usize = 12;
const THREAD: usize = 14;
const CONTEXT: usize = 18;
/// The bytes of an action without and with a thread.
const SIZES: [usize; 2] = [14, 19];

// Bits of an action's flags; the lowest four are the trigger's.
const TRIGGERS: u16 = 0xf;
const SHARED: u16 = 0x10;
const ONESHOT: u16 = 0x20;
const PERCPU: u16 = 0x40;
const NO_THREAD: u16 = 0x80;
/// It was taken off the list.
const UNLINKED: u16 = 0x100;
/// The thread is to run (`IRQTF_RUNTHREAD`).
const RUN_THREAD: u16 = 0x200;
/// The thread runs what asked to be the handler (`IRQTF_FORCED_THREAD`).
const FORCED: u16 = 0x400;
/// The thread that a forced one's handler asked for, which the interrupt itself never wakes (`action->secondary`).
const SECONDARY: u16 = 0x800;

/// `IRQF_SHARED`, `IRQF_PERCPU`, `IRQF_ONESHOT`, `IRQF_NO_THREAD` in `include/linux/interrupt.h`, and the bits here that they are.
const KEPT_FLAGS: [(u64, u16); 4] = [(0x80, SHARED), (0x400, PERCPU), (0x2000, ONESHOT), (0x10000, NO_THREAD)];
const IRQF_NO_AUTOEN: u64 = 0x80000;

/// The most actions that a line may have.
const MAX_ACTIONS: usize = 32;
const ENOMEM: u64 = -12i64 as u64;

/// How much room lines have for actions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IrqLayout {
    /// The actions of a line.
    pub(super) room: usize,
    /// Some have threads.
    pub(super) threads: bool,
}

impl IrqLayout {
    fn action_size(self) -> usize {
        SIZES[usize::from(self.threads)]
    }

    /// The bytes of a line whose handlers the program registers.
    pub(super) fn line_size(self) -> usize {
        LINE_SIZE + self.room * self.action_size()
    }
}

/// What a driver asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) handler: u64,
    pub(super) thread: u64,
    pub(super) flags: u64,
    pub(super) dev: u64,
}

impl Machine {
    /// Where the actions of a line stand, in their order.
    fn actions<'s>(&self, s: &'s [u8], line: usize) -> impl Iterator<Item = usize> + 's {
        let irq = self.layout.irq;
        let context = &self.layout.contexts[line];
        let first = context.line.filter(|_| context.entry.is_none()).map(|at| at + LINE_SIZE);
        let all =
            first.into_iter().flat_map(move |first| (0..irq.room).map(move |nth| first + nth * irq.action_size()));
        all.take_while(move |at| get32(s, at + HANDLER) != 0 || (irq.threads && get32(s, at + THREAD) != 0))
    }

    fn linked<'s>(&self, s: &'s [u8], line: usize) -> impl Iterator<Item = (usize, usize)> + 's {
        self.actions(s, line).enumerate().filter(|(_, at)| get16(s, at + FLAGS) & UNLINKED == 0)
    }

    /// The action whose handler is next in the interrupt that a line is in, or would begin, and where it stands.
    pub(super) fn next_in_turn(&self, s: &[u8], line: usize) -> Option<(usize, usize)> {
        let done = self.layout.contexts[line].line.map_or(0, |at| turn(s, at));
        self.linked(s, line).find(|(nth, at)| *nth >= done && get16(s, at + FLAGS) & SECONDARY == 0)
    }

    /// The action whose handler runs.
    pub(super) fn action_in_turn(&self, s: &[u8], line: usize) -> Option<usize> {
        let context = &self.layout.contexts[line];
        let at = context.line.filter(|_| context.entry.is_none())?;
        self.actions(s, line).nth(turn(s, at).checked_sub(1)?)
    }

    /// An action's handler.
    pub(super) fn handler_of(&self, s: &[u8], action: usize) -> Option<FunctionId> {
        get32(s, action + HANDLER).checked_sub(1)
    }

    /// What its handler and its thread function are called with.
    pub(super) fn handler_args(&self, s: &[u8], line: usize, action: usize) -> [u64; 2] {
        [u64::from(self.number_of(line)), get(s, action + DEV, Scalar::U64)]
    }

    /// Its thread function.
    pub(super) fn thread_function(&self, s: &[u8], action: usize) -> Option<FunctionId> {
        if self.layout.irq.threads { get32(s, action + THREAD).checked_sub(1) } else { None }
    }

    /// The context that is its thread.
    pub(super) fn thread_of(&self, s: &[u8], action: usize) -> Option<usize> {
        if self.layout.irq.threads { (s[action + CONTEXT] as usize).checked_sub(1) } else { None }
    }

    /// The action of a line whose thread a context is.
    pub(super) fn action_of_thread(&self, s: &[u8], line: usize, thread: usize) -> Option<usize> {
        self.actions(s, line).find(|at| self.thread_of(s, *at) == Some(thread))
    }

    /// The threads of a line's actions.
    pub(super) fn irq_threads<'s>(&'s self, s: &'s [u8], line: usize) -> impl Iterator<Item = (usize, usize)> + 's {
        self.actions(s, line).filter_map(|at| Some((at, self.thread_of(s, at)?)))
    }

    /// Whether an action's thread is to run once more.
    pub(super) fn is_thread_to_run(s: &[u8], action: usize) -> bool {
        get16(s, action + FLAGS) & RUN_THREAD != 0
    }

    pub(super) fn set_thread_to_run(s: &mut [u8], action: usize, to_run: bool) {
        let flags = get16(s, action + FLAGS) & !RUN_THREAD;
        set16(s, action + FLAGS, flags | if to_run { RUN_THREAD } else { 0 });
    }

    /// Whether the handler that a line runs stays a hard interrupt where others run in threads (`__handle_irq_event_percpu` in `kernel/irq/handle.c`).
    pub(super) fn runs_unthreadable(&self, s: &[u8], line: usize) -> bool {
        let unthreadable = |at: usize| get16(s, at + FLAGS) & (NO_THREAD | PERCPU | ONESHOT) != 0;
        self.action_in_turn(s, line).is_some_and(unthreadable)
    }

    /// Whether an action's thread runs what asked to be its handler.
    pub(super) fn is_forced(s: &[u8], action: usize) -> bool {
        get16(s, action + FLAGS) & FORCED != 0
    }

    /// The action whose thread the handler asks for that a forced one runs.
    pub(super) fn secondary_of(&self, s: &[u8], line: usize, action: usize) -> Option<usize> {
        let next = self.actions(s, line).skip_while(|at| *at != action).nth(1);
        next.filter(|at| get16(s, at + FLAGS) & SECONDARY != 0)
    }

    /// The handlers that the rig gives its lines become threads, where they are made to.
    pub(super) fn force_declared(&self, s: &mut [u8]) {
        if !super::irq_thread::forces(&self.program) {
            return;
        }
        for (line, decl) in self.program.contexts.iter().enumerate() {
            let own = Origin::IrqThread { line: line as u8, site: FORCED_SITE };
            let thread = self.layout.contexts.iter().position(|c| c.origin == own);
            let at = self.layout.contexts[line].line.map(|at| at + LINE_SIZE);
            let Some(((entry, thread), at)) = decl.entry.zip(thread).zip(at) else { continue };
            set(s, at + DEV, Scalar::U64, decl.args.get(1).copied().unwrap_or(0));
            set16(s, at + FLAGS, ONESHOT | FORCED);
            set32(s, at + THREAD, entry + 1);
            s[at + CONTEXT] = thread as u8 + 1;
        }
    }

    /// Whether an action masks its line until its thread is done.
    pub(super) fn is_oneshot(s: &[u8], action: usize) -> bool {
        get16(s, action + FLAGS) & ONESHOT != 0
    }

    /// The linked action of a line with this `dev_id`.
    pub(super) fn action_for(&self, s: &[u8], line: usize, dev: u64) -> Option<usize> {
        self.linked(s, line).map(|(_, at)| at).find(|at| get(s, at + DEV, Scalar::U64) == dev)
    }
}

impl<O: Observer> Run<'_, O> {
    fn function(&self, address: u64) -> Option<FunctionId> {
        pointer::function(address).filter(|f| (*f as usize) < self.m.code.routines.len())
    }

    /// `request_irq()`, `request_threaded_irq()`; `site` is the thread's, where there may be one.
    pub(super) fn request_irq(&mut self, site: Option<u32>, number: u32, request: Request) -> Given {
        let [handler, thread] = [request.handler, request.thread].map(|address| self.function(address));
        let has = |flag: u64| request.flags & flag != 0;
        self.tell(What::Line {
            number: u64::from(number),
            verb: if thread.is_some() { "registers a threaded handler for" } else { "registers a handler for" },
        });
        let flags = KEPT_FLAGS.iter().filter(|(flag, _)| has(*flag)).fold(0, |all, (_, kept)| all | kept)
            | (request.flags as u16 & TRIGGERS);
        if (flags & SHARED != 0 && (request.dev == 0 || has(IRQF_NO_AUTOEN))) || (handler.or(thread)).is_none() {
            return Some(EINVAL);
        }
        if handler.is_none() && flags & ONESHOT == 0 {
            let text = format!("genirq: Threaded irq requested with handler=NULL and !ONESHOT (irq {number})");
            self.tell(What::Log { level: 3, most: 0, text });
            return Some(EINVAL);
        }
        let Some((line, at)) = self.line_bytes(number) else {
            return Some(0); // no device raises it: the handler is registered and never runs
        };
        if self.m.program.contexts[line].entry.is_some() {
            return Some(EBUSY);
        }
        // `irq_setup_forced_threading()`
        let forced = handler.is_some()
            && super::irq_thread::forces(&self.m.program)
            && flags & (NO_THREAD | PERCPU | ONESHOT) == 0;
        let flags = if forced { flags | ONESHOT | FORCED } else { flags };
        let first = self.m.linked(self.s, line).next();
        match first {
            Some((_, first)) if !agree(get16(self.s, first + FLAGS), flags) => {
                self.tell(What::Log { level: 3, most: 0, text: format!("genirq: Flags mismatch irq {number}") });
                return Some(EBUSY);
            }
            Some(_) => {}
            None => self.s[at + DEPTH] = u8::from(has(IRQF_NO_AUTOEN)),
        }
        if !forced {
            return self.add_action(site, line, flags, [handler, thread], request.dev);
        }
        let given = self.add_action(Some(FORCED_SITE), line, flags, [None, handler], request.dev)?;
        if given == 0 && thread.is_some() {
            let flags = SECONDARY | (flags & !(ONESHOT | FORCED));
            return self.add_action(site, line, flags, [None, thread], request.dev);
        }
        Some(given)
    }

    fn add_action(
        &mut self,
        site: Option<u32>,
        line: usize,
        flags: u16,
        [handler, thread]: [Option<FunctionId>; 2],
        dev: u64,
    ) -> Given {
        let irq = self.m.layout.irq;
        let count = self.m.actions(self.s, line).count();
        if count >= irq.room {
            return if irq.room >= MAX_ACTIONS { Some(ENOMEM) } else { self.outgrow(Growth::IrqActions) };
        }
        let context = match site.filter(|_| thread.is_some()) {
            Some(site) => match self.new_irq_thread(line, site)? {
                Some(context) => context as u8 + 1,
                None => return Some(ENOMEM),
            },
            None => 0,
        };
        let Some(at) = self.m.layout.contexts[line].line.map(|at| at + LINE_SIZE + count * irq.action_size()) else {
            return Some(0);
        };
        set32(self.s, at + HANDLER, handler.map_or(0, |f| f + 1));
        set(self.s, at + DEV, Scalar::U64, dev);
        set16(self.s, at + FLAGS, flags);
        if irq.threads {
            set32(self.s, at + THREAD, thread.map_or(0, |f| f + 1));
            self.s[at + CONTEXT] = context;
        }
        Some(0)
    }

    /// The first half of `free_irq()`: the handler is not called any more. Gives that of a line that may be shared, which `CONFIG_DEBUG_SHIRQ` calls once more.
    pub(super) fn free_irq(&mut self, number: u32, dev: u64) -> Given {
        self.tell(What::Line { number: u64::from(number), verb: "removes the handler of" });
        if self.irq_count() & 0xf_ff00 != 0 {
            self.symptom(Kind::WrongContext, 5);
        }
        if let Some((line, _)) = self.line_bytes(number) {
            match self.m.action_for(self.s, line, dev) {
                Some(action) => {
                    let flags = get16(self.s, action + FLAGS);
                    set16(self.s, action + FLAGS, flags | UNLINKED);
                    if let Some(second) = self.m.secondary_of(self.s, line, action) {
                        let flags = get16(self.s, second + FLAGS);
                        set16(self.s, second + FLAGS, flags | UNLINKED);
                    }
                    let shared = self.m.handler_of(self.s, action).filter(|_| flags & SHARED != 0);
                    return Some(shared.map_or(0, pointer::to_function));
                }
                None => self.symptom(Kind::IrqState, 4),
            }
        }
        Some(0)
    }

    /// The rest of `free_irq()`, when nothing of the action runs any more: its thread is stopped, and it is gone.
    pub(super) fn irq_freed(&mut self, number: u32, dev: u64) -> Given {
        let Some((line, at)) = self.line_bytes(number) else { return Some(0) };
        let m = self.m;
        let is_gone = |s: &[u8], action: usize| {
            get16(s, action + FLAGS) & UNLINKED != 0 && get(s, action + DEV, Scalar::U64) == dev
        };
        loop {
            let found = m.actions(self.s, line).enumerate().find(|(_, at)| is_gone(self.s, *at));
            let Some((nth, action)) = found else { return Some(0) };
            let size = m.layout.irq.action_size();
            let end = at + m.layout.irq.line_size();
            self.s.copy_within(action + size..end, action);
            self.s[end - size..end].fill(0);
            if turn(self.s, at) > nth {
                self.s[at + TURN] -= 1;
            }
        }
    }
}

/// Whether a handler may be added to a line by flags: all share it, and ask for the same of it.
fn agree(first: u16, new: u16) -> bool {
    let triggers = first & TRIGGERS;
    first & new & SHARED != 0
        && (first ^ new) & (ONESHOT | PERCPU) == 0
        && (triggers == 0 || triggers == new & TRIGGERS)
}
