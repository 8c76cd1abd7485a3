//! Delayed work: items that wait for their time. Time is abstract: any of them may be the next to fall due, at any moment at which its CPU serves timers.
//!
//! Invariant: what waits for its time stands in the list of what is pending, and is no business of a flush. (`kernel/workqueue.c`: `delayed_work_timer_fn`.)

use super::{CANNOT_QUEUE, DESTROYING, DRAINING, Pending, QUEUE_SIZE, WQ_UNBOUND, item, queue};
use crate::finding::Kind;
use crate::machine::event::What;
use crate::machine::layout::Origin;
use crate::machine::memory::Fault;
use crate::machine::{Event, Machine, global, header};
use crate::model::{Choice, CodePlace, Growth, Observer, Symptom};

impl Machine {
    /// The context in which delayed work falls due.
    pub(in crate::machine) fn is_clock(&self, context: usize) -> bool {
        self.layout.contexts[context].origin == Origin::Clock
    }

    /// Whether anything waits for its time.
    pub(in crate::machine) fn clock_runs(&self, s: &[u8]) -> bool {
        self.timed_works(s).next().is_some()
    }

    fn timed_works<'s>(&'s self, s: &'s [u8]) -> impl Iterator<Item = (usize, Pending)> + 's {
        self.pending_works(s).filter(|(_, entry)| entry.delayed && !entry.after_readers)
    }

    /// Items whose time may come now on a CPU, as outcomes: time is abstract, and any may be next. (`delayed_work_timer_fn`)
    pub(in crate::machine) fn push_due(&self, s: &[u8], cpu: usize, choices: &mut Vec<Choice>) {
        let Some(clock) = (0..self.layout.contexts.len()).find(|c| self.is_clock(*c)) else { return };
        if !self.serves_timers(s, cpu) {
            return;
        }
        let delayed = self.timed_works(s);
        for (outcome, (_, entry)) in delayed.enumerate() {
            let here = match entry.pool.checked_sub(1) {
                Some(own) => own as usize == cpu,
                // Where nobody can tell on which CPU it was, one will do.
                None => self.queue_is_bound(s, entry.queue) || (0..cpu).all(|other| !self.serves_timers(s, other)),
            };
            if here {
                choices.push(Choice { context: clock as u8, cpu: cpu as u8, outcome: outcome as u8 });
            }
        }
    }

    fn queue_is_bound(&self, s: &[u8], queue: usize) -> bool {
        s[queue + queue::FLAGS] & WQ_UNBOUND == 0
    }

    /// Whether a CPU takes a timer's interrupt, and runs its softirq after it.
    fn serves_timers(&self, s: &[u8], cpu: usize) -> bool {
        if self.is_rt() {
            return self.irqs_on(s, cpu) && self.may_serve(s, cpu);
        }
        let bh_on = |task: usize| s[self.layout.contexts[task].header + header::BH] == 0;
        self.irqs_on(s, cpu) && self.serving(s, cpu).is_none() && self.owner(s, cpu).is_none_or(bh_on)
    }

    /// A delayed item's time has come.
    pub(in crate::machine) fn falls_due<O: Observer>(
        &self,
        s: &mut [u8],
        choice: Choice,
        o: &mut O,
    ) -> Result<(), Growth> {
        let delayed = self.timed_works(s).nth(choice.outcome as usize);
        let Some((nth, entry)) = delayed else { return Ok(()) };
        let cpu = entry.pool.checked_sub(1).map_or(choice.cpu as usize, usize::from);
        self.take_off(s, nth, None);
        let function = self.work_function(s, entry.work).unwrap_or(0);
        let at = CodePlace { function, at: 0 };
        let (work, queue) = (self.address_at(entry.work), self.address_at(entry.queue));
        if let Err(Fault(kind, detail)) = self.resolve(s, queue, QUEUE_SIZE, true) {
            // The timer's function finds its queue gone, in an interrupt.
            o.symptom(Symptom { kind, at: vec![at], detail });
            self.tell_at(o, at, What::Symptom { kind, detail, address: queue });
            s[self.layout.globals + global::STOPPED] = 1;
            return Ok(());
        }
        if Self::queue_state(s, entry.queue, DRAINING | DESTROYING) {
            let (kind, detail) = (Kind::WarnOn, CANNOT_QUEUE);
            o.symptom(Symptom { kind, at: vec![at], detail });
            self.tell_at(o, at, What::Symptom { kind, detail, address: work });
            s[entry.work + item::PENDING] = 1;
            return Ok(());
        }
        let pool = self.pool_for(s, entry.queue, entry.work, cpu);
        s[entry.work + item::POOL] = pool.0 + 1;
        self.put_on(s, Pending { pool: pool.0, delayed: false, after_readers: false, ..entry })?;
        if O::EVENTS {
            let on = self.queue_name(s, entry.queue);
            self.tell_at(o, at, What::Work { work, verb: "queues", on: Some(on) });
        }
        Ok(())
    }

    fn tell_at<O: Observer>(&self, o: &mut O, at: CodePlace, what: What) {
        if O::EVENTS {
            o.event(Event { at, what });
        }
    }
}
