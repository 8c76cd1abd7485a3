//! What a lock rule's finding rests on, for programs: the member `rule`.
//!
//! Invariant: as for the rest of the document, members are only ever added.

use super::{FrameView, Range, range, stack};
use serde::Serialize;
use sim_core::finding::{LastPart, LockClass, LockHeld, LockLink, LockRule, LockUse, RuleMoment};
use sim_core::program::{Program, SpanId};

#[derive(Serialize)]
pub(super) struct RuleView<'a> {
    kind: &'static str,
    classes: Vec<ClassView<'a>>,
    links: Vec<LinkView<'a>>,
    uses: Vec<UseView<'a>>,
    last: LastPart,
    moment: Option<MomentView<'a>>,
    impossible: Option<&'a str>,
}

#[derive(Serialize)]
struct ClassView<'a> {
    name: &'a str,
    usage: &'a str,
    wait_outer: u8,
    wait_inner: u8,
}

#[derive(Serialize)]
struct LinkView<'a> {
    held: &'a str,
    taken: &'a str,
    kind: &'a str,
    context: &'a str,
    held_at: Option<Range<'a>>,
    at: Range<'a>,
    stack: Vec<FrameView<'a>>,
    schedule: &'a str,
}

#[derive(Serialize)]
struct UseView<'a> {
    class: &'a str,
    usage: &'a str,
    context: &'a str,
    at: Range<'a>,
    stack: Vec<FrameView<'a>>,
    schedule: &'a str,
}

#[derive(Serialize)]
struct MomentView<'a> {
    context: &'a str,
    task: &'a str,
    pid: u32,
    cpu: u8,
    in_interrupt: bool,
    in_softirq: bool,
    irqs_on: bool,
    bh_on: bool,
    at: Range<'a>,
    stack: Vec<FrameView<'a>>,
    taken: Option<LockView<'a>>,
    held: Vec<LockView<'a>>,
}

#[derive(Serialize)]
struct LockView<'a> {
    lock: &'a str,
    class: &'a str,
    at: Range<'a>,
}

/// The member.
pub(super) fn view<'a>(program: &'a Program, rule: &'a LockRule) -> RuleView<'a> {
    RuleView {
        kind: rule.kind.name(),
        classes: rule.classes.iter().map(class).collect(),
        links: rule.links.iter().map(|l| link(program, l)).collect(),
        uses: rule.uses.iter().map(|u| used(program, u)).collect(),
        last: rule.last,
        moment: rule.moment.as_ref().map(|m| moment(program, m)),
        impossible: rule.impossible.as_deref(),
    }
}

fn at(program: &Program, span: SpanId) -> Range<'_> {
    range(program, program.source.span(span))
}

fn class(class: &LockClass) -> ClassView<'_> {
    let (wait_outer, wait_inner) = class.wait;
    ClassView { name: &class.name, usage: &class.usage, wait_outer, wait_inner }
}

fn link<'a>(program: &'a Program, link: &'a LockLink) -> LinkView<'a> {
    LinkView {
        held: &link.held,
        taken: &link.taken,
        kind: &link.kind,
        context: &link.context,
        held_at: link.held_at.map(|span| at(program, span)),
        at: at(program, link.at),
        stack: stack(program, &link.stack),
        schedule: &link.schedule,
    }
}

fn used<'a>(program: &'a Program, used: &'a LockUse) -> UseView<'a> {
    UseView {
        class: &used.class,
        usage: &used.usage,
        context: &used.context,
        at: at(program, used.at),
        stack: stack(program, &used.stack),
        schedule: &used.schedule,
    }
}

fn moment<'a>(program: &'a Program, moment: &'a RuleMoment) -> MomentView<'a> {
    let lock = |held: &'a LockHeld| LockView { lock: &held.lock, class: &held.class, at: at(program, held.at) };
    MomentView {
        context: &moment.context,
        task: &moment.task,
        pid: moment.pid,
        cpu: moment.cpu,
        in_interrupt: moment.in_interrupt,
        in_softirq: moment.in_softirq,
        irqs_on: moment.irqs_on,
        bh_on: moment.bh_on,
        at: at(program, moment.at),
        stack: stack(program, &moment.stack),
        taken: moment.taken.as_ref().map(lock),
        held: moment.held.iter().map(lock).collect(),
    }
}
