//! The moment at which a rule is seen to be broken: who is where, with which locks. What the head of a kernel's report is made of.
//!
//! Invariant: it is read off the replayed schedule of the event that came last.

use super::story::{Shown, Teller, wait_of};
use super::{class_in, lock_type};
use crate::finding::{Frame, LockHeld, RuleMoment};
use crate::machine::LockRef;
use crate::program::SpanId;
use crate::view;
use lockdep_model::class::InstanceId;

impl Teller<'_> {
    /// What holds at the moment.
    pub(super) fn moment(&self, shown: &Shown) -> RuleMoment {
        let (machine, scene) = (self.machine, &shown.scene);
        let who = scene.context;
        let (in_interrupt, in_softirq) =
            (machine.is_line(who as u8), machine.is_softirq(who as u8) || scene.on_softirq);
        let cpu = shown.replay.last_cpu(who).or(machine.home_cpu(who)).unwrap_or(0);
        let beneath = machine.owner_of(&shown.replay.state, cpu as usize).filter(|_| in_interrupt || in_softirq);
        let current = if in_interrupt || in_softirq { beneath } else { Some(who) };
        let at = machine.span(scene.at);
        let taken = scene.lock.as_ref().map(|lock| self.held(lock, at));
        let held_by = |context: usize, locks: &[LockRef]| -> Vec<LockHeld> {
            let taken_at = |lock: &LockRef| shown.taken_by(machine, context, lock.address).unwrap_or(at);
            locks.iter().map(|lock| self.held(lock, taken_at(lock))).collect()
        };
        // What a handler holds is on top of what the task beneath it does.
        let mut held = beneath.map_or(Vec::new(), |task| held_by(task, &machine.held_refs(&shown.replay.state, task)));
        held.extend(held_by(who, &scene.held));
        RuleMoment {
            context: machine.name(who).to_owned(),
            task: current.map_or_else(|| format!("swapper/{cpu}"), |task| machine.name(task).to_owned()),
            pid: current.map_or(0, |task| machine.pid_of(task)),
            cpu,
            in_interrupt,
            in_softirq,
            irqs_on: scene.irqs_on && !in_interrupt,
            bh_on: scene.bh_on && !in_softirq,
            at,
            stack: shown.frames(machine),
            beneath: beneath.map_or(Vec::new(), |task| self.standing(shown, task)),
            taken,
            held,
        }
    }

    fn standing(&self, shown: &Shown, task: usize) -> Vec<Frame> {
        view::frames(self.machine, &self.machine.stack_of(&shown.replay.state, task as u8))
    }

    fn held(&self, lock: &LockRef, at: SpanId) -> LockHeld {
        let class = class_in(&self.validated.sorted, lock);
        let usage = self.validated.facts.classes.get(&class).map(|facts| facts.mask()).unwrap_or_default();
        LockHeld {
            lock: self.instance(InstanceId(lock.address)),
            class: self.name(class),
            usage: usage.characters(),
            wait: wait_of(lock_type(lock.kind)),
            at,
        }
    }
}
