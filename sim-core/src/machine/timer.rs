//! Timers and hrtimers. After `kernel/time/timer.c` and `kernel/time/hrtimer.c`. The first bytes of a `struct timer_list` or `struct hrtimer`: who runs its
//! callback, plus one; magic; where it was initialised, which is the class of a timer's lock map (2); whether it is armed; how often it has expired; the CPU that
//! it is tied to, plus one; flags. Then its function (at 8) and when it expires (at 16).
//!
//! All that are armed are on one list, four bytes each, in the order in which they stand in a state. Time is abstract: one that is armed may expire at any later
//! moment, whatever it was set to and whatever else is armed: on its CPU if it is pinned, else on any. (The wheel rounds, and any CPU may expire the timers of an
//! idle one.) A timer expires at the exit of a tick, in the TIMER softirq; an hrtimer in a hard interrupt, or in the HRTIMER softirq if it is a soft one. That a tick
//! raises the softirq while it could not run is the same as that it comes when it can.
//!
//! Invariant: a timer is off the list before its callback begins, and its callback runs on one CPU at a time: one that is armed again while it runs stays with the CPU
//! that runs it.

use super::bytes::{get, get32, set, set16, set32};
use super::event::What;
use super::kernel::ORDINARY;
use super::layout::Origin;
use super::lock::Given;
use super::memory::Target;
use super::napi::NAPI_FREED;
use super::{Machine, Run, flag, header, softirq};
use crate::finding::Kind;
use crate::model::{Bound, Choice, Growth, Observer, Outgrown};
use crate::program::{LockKind, Scalar, TimerArm, pointer};

/// What the second byte of an initialised hrtimer holds.
const HRTIMER_MAGIC: u8 = 18;
/// The bytes of a timer.
pub(super) const SIZE: u32 = 24;
const ARMED: usize = 4;
const FIRED: usize = 5;
const CPU: usize = 6;
const FLAGS: usize = 7;
const FUNCTION: usize = 8;
const EXPIRES: usize = 16;
/// `TIMER_PINNED`, of which the flags are bits 16 to 23.
const TIMER_PINNED: u8 = 0x10;
/// `TIMER_IRQSAFE`
const TIMER_IRQSAFE: u8 = 0x20;
/// `HRTIMER_MODE_PINNED`
const MODE_PINNED: u8 = 2;
/// `HRTIMER_MODE_SOFT`
const MODE_SOFT: u8 = 4;
/// `HRTIMER_MODE_HARD`
const MODE_HARD: u8 = 8;

/// Where timers are in a state.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimerLayout {
    /// Where the list of those that are armed begins.
    pub(super) armed: usize,
    /// How many it has room for.
    pub(super) room: usize,
    /// For each CPU: the context in which hrtimers expire in a hard interrupt; none if there are no hrtimers.
    pub(super) hard: Vec<u8>,
    /// For each CPU: the hrtimer whose callback runs in that (4).
    pub(super) current: usize,
}

impl Machine {
    /// Where the timers that are armed stand.
    fn armed<'s>(&self, s: &'s [u8]) -> impl Iterator<Item = usize> + 's {
        let TimerLayout { armed, room, .. } = self.layout.timers;
        let entries = s[armed..armed + 4 * room].chunks_exact(4).map(|entry| get32(entry, 0) as usize);
        entries.take_while(|at| *at != 0)
    }

    /// Whether a timer may still expire, within the bound.
    fn may_fire(&self, s: &[u8], at: usize) -> bool {
        s[at + FIRED] < self.program.config.bounds.timer_firings
    }

    /// Whether a timer is bound to expire yet.
    pub(super) fn timer_to_come(&self, s: &[u8]) -> bool {
        self.armed(s).any(|at| self.may_fire(s, at))
    }

    /// Whether the bound keeps a timer that is armed from expiring once more: who waits for what it would do is not to blame.
    pub(super) fn timer_cut_off(&self, s: &[u8]) -> bool {
        self.armed(s).any(|at| !self.may_fire(s, at))
    }

    /// The timers that may expire on a CPU now, in a hard interrupt or in a softirq.
    fn timers_of(&self, s: &[u8], cpu: usize, hard: bool) -> impl Iterator<Item = usize> {
        let here = move |at: &usize| {
            s[at + ARMED] != 0
                && s[*at] == 0
                && self.may_fire(s, *at)
                && s[at + CPU].checked_sub(1).is_none_or(|own| own as usize == cpu)
                && (s[at + 1] == HRTIMER_MAGIC && self.expires_hard(s[at + FLAGS])) == hard
        };
        self.armed(s).filter(here)
    }

    /// Whether an hrtimer of this mode expires in a hard interrupt: under `PREEMPT_RT` only where it asks for that (`__hrtimer_setup`).
    fn expires_hard(&self, mode: u8) -> bool {
        if self.is_rt() { mode & MODE_HARD != 0 } else { mode & MODE_SOFT == 0 }
    }

    /// The timers that may expire in a softirq on a CPU now.
    pub(super) fn soft_timers(&self, s: &[u8], cpu: usize) -> Vec<usize> {
        self.timers_of(s, cpu, false).collect()
    }

    /// The softirq in which a timer expires.
    pub(super) fn timer_vector(&self, s: &[u8], at: usize) -> usize {
        if s[at + 1] == HRTIMER_MAGIC { softirq::HRTIMER } else { softirq::TIMER }
    }

    /// The hrtimers that may expire in a hard interrupt on a CPU now, and on top of whom.
    pub(super) fn hard_starts(&self, s: &[u8], cpu: usize) -> Vec<(usize, Option<u8>)> {
        let mut starts = Vec::new();
        if !self.layout.timers.hard.is_empty() {
            for at in self.timers_of(s, cpu, true) {
                starts.push((at, None));
                starts.extend(self.wanderers(s, cpu).map(|task| (at, Some(task))));
            }
        }
        starts
    }

    /// The choices that these are.
    pub(super) fn push_hrtimers(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        let starts = 0..self.hard_starts(s, cpu).len().min(256);
        choices.extend(starts.map(|outcome| Choice {
            context: self.layout.timers.hard[cpu],
            cpu: cpu as u8,
            outcome: outcome as u8,
        }));
    }

    /// An hrtimer expires in a hard interrupt (`hrtimer_interrupt`).
    pub(super) fn hrtimer_interrupt<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        o: &mut O,
    ) -> Result<(), Outgrown> {
        let cpu = choice.cpu as usize;
        let Some((at, beneath)) = self.hard_starts(s, cpu).get(choice.outcome as usize).copied() else {
            return Ok(());
        };
        let at_flags = self.layout.contexts[choice.context as usize].header + header::FLAGS;
        s[at_flags] = flag::IRQ_OFF | (s[at_flags] & flag::DIED);
        self.set_handler(s, cpu, Some(choice.context as usize));
        if let Some(beneath) = beneath {
            self.set_owner(s, cpu, Some(beneath as usize));
        }
        set32(s, self.layout.timers.current + 4 * cpu, at as u32);
        self.expire(s, choice, at, o)
    }

    /// A timer expires: it is off the list, and its callback begins.
    pub(super) fn expire<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        at: usize,
        o: &mut O,
    ) -> Result<(), Outgrown> {
        self.disarm(s, at);
        s[at + FIRED] += 1;
        if s[at + 1] == LockKind::Timer.magic() {
            self.not_before(s, get(s, at + EXPIRES, Scalar::U64));
        }
        s[at] = choice.context + 1;
        let address = self.address_at(at);
        let function = get(s, at + FUNCTION, Scalar::U64);
        let known = pointer::function(function).filter(|f| (*f as usize) < self.code.routines.len());
        let is_timer = s[at + 1] == LockKind::Timer.magic();
        if is_timer && s[at + FLAGS] & TIMER_IRQSAFE != 0 {
            s[self.layout.contexts[choice.context as usize].header + header::FLAGS] |= flag::IRQ_OFF;
        }
        let expires = |run: &mut Run<'_, O>| {
            run.tell(What::Callback {
                object: address,
                verb: if is_timer { "expires the timer" } else { "expires the hrtimer" },
            });
            if known.is_none() {
                run.fault(Kind::NullDeref, 2, function);
                return None;
            }
            if is_timer { run.enter_map(at) } else { Some(()) }
        };
        Run::start_with(self, s, choice, known.unwrap_or(0), &[address], o, expires)
    }

    fn disarm(&self, s: &mut [u8], at: usize) -> bool {
        let TimerLayout { armed, room, .. } = self.layout.timers;
        let Some(nth) = self.armed(s).position(|other| other == at) else { return false };
        let end = armed + 4 * room;
        s.copy_within(armed + 4 * (nth + 1)..end, armed + 4 * nth);
        set32(s, end - 4, 0);
        s[at + ARMED] = 0;
        true
    }

    /// A timer, where it may stand in these bytes, that is armed.
    pub(super) fn armed_timer(&self, s: &[u8], bytes: &std::ops::Range<usize>) -> Option<usize> {
        self.armed(s).find(|at| bytes.contains(at))
    }

    /// Where everything stands that timers and tasklets keep: what points to it can still be reached.
    pub(super) fn kept_by_callbacks(&self, s: &[u8]) -> Vec<usize> {
        self.armed(s).chain(self.kept_as_irq_work(s)).collect()
    }

    /// The tasklet or timer whose callback a context runs.
    pub(super) fn current(&self, s: &[u8], context: usize) -> Option<usize> {
        match self.layout.contexts[context].origin {
            Origin::Softirq { cpu } => self.softirq_current(s, cpu as usize),
            Origin::Hrtimer { cpu } => {
                let at = get32(s, self.layout.timers.current + 4 * cpu as usize) as usize;
                (at != 0).then_some(at)
            }
            Origin::IrqWork { cpu } => self.current_irq_work(s, cpu as usize),
            _ => None,
        }
    }

    /// Whether a context runs the callback of an hrtimer that expires in hard interrupts on every kernel, irq_work that does, or a handler that may not
    /// be made a thread.
    pub(super) fn never_threaded(&self, s: &[u8], context: usize) -> bool {
        let hard = matches!(self.layout.contexts[context].origin, Origin::Hrtimer { .. });
        (hard && self.current(s, context).is_some_and(|at| s[at + FLAGS] & MODE_HARD != 0))
            || self.runs_hard_irq_work(s, context)
            || self.runs_unthreadable(s, context)
    }

    /// `timer_delete_sync()`, `hrtimer_cancel()`: spin while the callback runs.
    pub(super) fn may_cancel_timer(&self, s: &[u8], context: usize, wait: bool) -> u8 {
        if wait && self.runner(s, context).is_some() { 0 } else { ORDINARY }
    }
}

/// The flag of a timer, or the mode of an hrtimer, whose callback is waited for spinning under `PREEMPT_RT` too.
fn waits_spinning(hr: bool) -> u8 {
    if hr { MODE_HARD } else { TIMER_IRQSAFE }
}

impl<O: Observer> Run<'_, O> {
    fn timer(&mut self, address: u64, hr: bool) -> Option<usize> {
        match self.access(address, SIZE, true)? {
            Target::State(at, _) => {
                self.check_magic(at, if hr { HRTIMER_MAGIC } else { LockKind::Timer.magic() }, address);
                Some(at)
            }
            _ => None,
        }
    }

    /// `timer_setup()`, `hrtimer_init()`, `hrtimer_setup()`.
    pub(super) fn timer_init(&mut self, address: u64, function: u64, flags: u64, hr: bool) -> Given {
        let Target::State(at, _) = self.access(address, SIZE, true)? else { return Some(0) };
        if self.m.armed_timer(self.s, &(at..at + 1)).is_some() {
            self.symptom_at(Kind::FreeActive, if hr { 4 } else { 3 }, address);
            self.m.disarm(self.s, at);
        }
        let site = if self.m.lockdep { self.init_site() } else { 0 };
        self.set_bytes(address, 0, SIZE)?;
        self.s[at + 1] = if hr { HRTIMER_MAGIC } else { LockKind::Timer.magic() };
        set16(self.s, at + 2, site);
        self.s[at + FLAGS] = if hr { flags as u8 } else { (flags >> 16) as u8 };
        set(self.s, at + FUNCTION, Scalar::U64, function);
        self.tell(What::Init { object: address });
        Some(0)
    }

    /// `mod_timer()` and its kin, `hrtimer_start()`: gives whether it was armed.
    pub(super) fn timer_arm(&mut self, how: TimerArm, address: u64, expires: u64, arg: u64) -> Given {
        let hr = how == TimerArm::Hrtimer;
        let at = self.timer(address, hr)?;
        let was_armed = self.s[at + ARMED] != 0;
        if get(self.s, at + FUNCTION, Scalar::U64) == 0 {
            // A timer that was shut down is not armed again (`__mod_timer`); an hrtimer without a function is a warning.
            if hr {
                self.symptom_at(Kind::NullDeref, 2, 0);
            }
            return Some(0);
        }
        if (how == TimerArm::Pending && !was_armed) || (how == TimerArm::Add && was_armed) {
            return Some(0);
        }
        if !self.m.may_fire(self.s, at) {
            self.o.bound(Bound::TimerFirings);
        }
        let flags = self.s[at + FLAGS];
        let pinned = if hr { arg as u8 & MODE_PINNED != 0 } else { flags & TIMER_PINNED != 0 };
        self.s[at + CPU] = match how {
            TimerArm::On => {
                self.s[at + FLAGS] |= TIMER_PINNED;
                (arg as u8).min(self.m.cpus() as u8 - 1) + 1
            }
            _ if pinned => self.cpu as u8 + 1,
            _ => 0,
        };
        if how != TimerArm::Add && how != TimerArm::On {
            set(self.s, at + EXPIRES, Scalar::U64, expires);
        }
        self.put_on_list(at)?;
        let verb = if was_armed { "arms anew" } else { "arms" };
        self.tell(What::Callback { object: address, verb });
        Some(u64::from(was_armed))
    }

    fn put_on_list(&mut self, at: usize) -> Option<()> {
        let TimerLayout { armed, room, .. } = self.m.layout.timers;
        if self.s[at + ARMED] != 0 {
            return Some(());
        }
        let mut all: Vec<usize> = self.m.armed(self.s).collect();
        if all.len() >= room {
            return self.outgrow(Growth::Timers);
        }
        all.push(at);
        all.sort_unstable();
        all.iter().enumerate().for_each(|(i, at)| set32(self.s, armed + 4 * i, *at as u32));
        self.s[at + ARMED] = 1;
        Some(())
    }

    /// `timer_delete()`, and what the waiting forms do once the callback runs no more: gives whether it was armed; with a callback that runs, the form that does not
    /// wait and says so gives -1.
    pub(super) fn timer_cancel(&mut self, address: u64, call: Cancel) -> Given {
        let at = self.timer(address, call.hr)?;
        if call.wait && self.is_line() && !call.hr && self.s[at + FLAGS] & TIMER_IRQSAFE == 0 {
            self.symptom(Kind::WrongContext, 10);
        } else if call.wait && self.m.is_rt() && self.s[at + FLAGS] & waits_spinning(call.hr) == 0 {
            self.rtlock_might_resched(); // it would sleep while the callback runs (`del_timer_wait_running`)
        }
        if call.says && self.s[at] != 0 {
            self.tell(What::Callback { object: address, verb: "cannot delete the running timer" });
            return Some(-1i64 as u64);
        }
        let was_armed = self.m.disarm(self.s, at);
        if call.shutdown {
            set(self.s, at + FUNCTION, Scalar::U64, 0);
        }
        self.tell(What::Callback {
            object: address,
            verb: if call.shutdown { "shuts down the timer" } else { "deletes the timer" },
        });
        Some(u64::from(was_armed))
    }

    /// `timer_pending()`, `hrtimer_active()`.
    pub(super) fn timer_pending(&mut self, address: u64, hr: bool) -> Given {
        let at = self.timer(address, hr)?;
        Some(u64::from(self.s[at + ARMED] != 0 || (hr && self.s[at] != 0)))
    }

    /// `timer_delete_sync()` tells the validator that it waits for the callback, whether or not it does.
    pub(super) fn timer_touch(&mut self, address: u64) -> Given {
        let at = self.timer(address, false)?;
        self.touch_map(at);
        Some(0)
    }

    /// The callback of a timer, a tasklet or irq_work has returned.
    pub(super) fn callback_returned(&mut self, at: usize, value: u64) {
        if self.m.layout.contexts[self.context].is_irq_work() {
            return self.irq_work_returned(at);
        }
        let softirq = match self.m.layout.contexts[self.context].origin {
            Origin::Softirq { .. } => self.m.vector(self.s, self.cpu),
            _ => None,
        };
        match softirq {
            Some(softirq::TIMER) => self.timer_returned(at),
            Some(softirq::RCU) => self.rcu_returned(at),
            Some(softirq::HRTIMER) | None => self.hrtimer_returned(at, value),
            Some(softirq::NET_RX) => self.napi_returned(at, value),
            Some(_) => self.tasklet_returned(at),
        }
        if softirq.is_none() {
            set32(self.s, self.m.layout.timers.current + 4 * self.cpu, 0);
        }
    }

    /// The timer itself may be gone: the kernel does not touch it any more (`expire_timers`).
    fn timer_returned(&mut self, at: usize) {
        if self.s[at] as usize == self.context + 1 {
            let irqs_off = self.s[at + FLAGS] & TIMER_IRQSAFE != 0;
            self.let_go(self.context, at);
            self.s[at] = 0;
            if irqs_off {
                self.s[self.m.layout.contexts[self.context].header + header::FLAGS] &= !flag::IRQ_OFF;
            }
        }
    }

    /// One that asks for it is armed again, unless it is (`__run_hrtimer`).
    fn hrtimer_returned(&mut self, at: usize, value: u64) {
        let alive = self.s[at] as usize == self.context + 1;
        if alive {
            self.s[at] = 0;
        }
        if value & 0xffff_ffff == 1 {
            if !alive {
                self.symptom_at(Kind::UseAfterFree, 0, self.m.address_at(at));
                return;
            }
            if !self.m.may_fire(self.s, at) {
                self.o.bound(Bound::TimerFirings);
            }
            self.put_on_list(at);
        }
    }

    /// Memory goes: what is armed or scheduled in it is told of and forgotten; a callback that runs, runs on.
    pub(super) fn forget_callbacks(&mut self, bytes: std::ops::Range<usize>, address: u64) {
        while let Some(at) = self.m.armed_timer(self.s, &bytes) {
            self.symptom_at(Kind::FreeActive, u32::from(self.s[at + 1] == HRTIMER_MAGIC), address);
            self.m.disarm(self.s, at);
        }
        self.forget_irq_work(&bytes, address, 11);
        if let Some((_, vector)) = self.m.listed_callback(self.s, &bytes) {
            self.symptom_at(Kind::FreeActive, if vector == softirq::NET_RX { NAPI_FREED } else { 2 }, address);
            self.forget_listed(&bytes);
        }
        for context in 0..self.m.layout.contexts.len() {
            let running = self.m.current(self.s, context).filter(|at| bytes.contains(at));
            if let Some(at) = running.filter(|at| self.s[at + 1] == LockKind::Timer.magic() && self.s[*at] != 0) {
                self.let_go(context, at);
            }
        }
    }
}

/// How a timer is deleted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cancel {
    /// An hrtimer.
    pub(super) hr: bool,
    /// It waits while the callback runs.
    pub(super) wait: bool,
    /// It gives -1 while the callback runs.
    pub(super) says: bool,
    /// The timer is not to be armed again.
    pub(super) shutdown: bool,
}
