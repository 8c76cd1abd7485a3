//! The lock validator's reports about classes: lock order, recursion, interrupts, wait contexts.
//!
//! Invariant: usage characters and stacks are those of all executions together, where a kernel prints what it saw until then. Counts that a kernel keeps
//! of its own (interrupt event stamps, operations) are left out.

use super::lockdep::{banner, banner_of};
use super::log::Log;
use super::scene::{Scene, address};
use sim_core::finding::{Frame, Kind, LastPart, LockClass, LockHeld, LockLink, LockRule, LockUse, RuleMoment};

/// What a task may wait for that holds nothing (`LD_WAIT_MAX`), and what an interrupt may whose handler could be threaded (`LD_WAIT_CONFIG`).
const TASK_WAIT: u8 = 5;
const INTERRUPT_WAIT: u8 = 3;

/// The kernel's rules around this heading have one length, whichever interrupt it names.
const IRQ_ORDER_RULE: usize = 53;

/// The report of a rule.
pub(super) fn report(scene: &Scene, rule: &LockRule, log: &mut Log) {
    let Some(moment) = &rule.moment else { return };
    let splat = Splat { scene, rule, moment };
    match rule.kind {
        Kind::LockOrder => splat.circular(log),
        Kind::RecursiveLock => splat.recursive(log),
        Kind::IrqUnsafeLock => splat.inconsistent(log),
        Kind::IrqLockInversion => splat.inversion(log),
        Kind::IrqLockOrder => splat.irq_order(log),
        Kind::WaitContext => splat.wait_context(log),
        Kind::NestLock => splat.nest_lock(log),
        _ => {}
    }
}

/// A rule and the moment at which it is reported.
struct Splat<'a> {
    scene: &'a Scene<'a>,
    rule: &'a LockRule,
    moment: &'a RuleMoment,
}

/// The two columns of a scenario, a line each: `Left` on CPU0, `Right` on CPU1.
enum Side {
    Left(String),
    Right(String),
}

impl Splat<'_> {
    // --- the reports -------------------------------------------------------------------------------------------------

    fn circular(&self, log: &mut Log) {
        let links = self.links_closed_last();
        let (Some(closing), Some(taken)) = (links.last(), &self.moment.taken) else { return };
        banner(log, "WARNING: possible circular locking dependency detected");
        log.line(&format!("{} is trying to acquire lock:", self.who()));
        log.line(&lock_line(self.scene, taken));
        log.line("");
        self.already_holding(&closing.held, log);
        log.line("");
        log.line("which lock already depends on the new lock.");
        log.line("");
        log.line("");
        log.line("the existing dependency chain (in reverse order) is:");
        for depth in (0..links.len()).rev() {
            // The stack beside a class is where it was taken under the one before it.
            let link = links[(depth + links.len() - 1) % links.len()];
            log.line("");
            log.line(&format!("-> #{depth} {}:", self.class_words(&link.taken)));
            self.trace(&link.stack, 7, log);
        }
        log.line("");
        log.line("other info that might help us debug this:");
        log.line("");
        let (first, target) = (&closing.taken, &closing.held);
        let before = links.iter().rev().nth(1).map_or(first, |link| &link.held);
        if before != first {
            self.chain_exists(&[first, before, target], log);
        }
        let lock = |name: &str| format!("lock({name});");
        log.line(" Possible unsafe locking scenario:");
        scenario(
            &[Side::Left(lock(target)), Side::Right(lock(before)), Side::Right(lock(target)), Side::Left(lock(first))],
            log,
        );
        self.held_section(log);
        self.backtrace(log);
    }

    fn recursive(&self, log: &mut Log) {
        let Some(taken) = &self.moment.taken else { return };
        banner(log, "WARNING: possible recursive locking detected");
        log.line(&format!("{} is trying to acquire lock:", self.who()));
        log.line(&lock_line(self.scene, taken));
        log.line("");
        self.already_holding(&taken.class, log);
        log.line("");
        log.line("other info that might help us debug this:");
        log.line(" Possible unsafe locking scenario:");
        log.line("");
        log.line("       CPU0");
        log.line("       ----");
        log.line(&format!("  lock({});", taken.class));
        log.line(&format!("  lock({});", taken.class));
        log.line("");
        log.line(" *** DEADLOCK ***");
        log.line("");
        log.line(" May be due to missing lock nesting notation");
        log.line("");
        self.held_section(log);
        self.backtrace(log);
    }

    fn inconsistent(&self, log: &mut Log) {
        let (LastPart::Use(last), [inside, outside]) = (self.rule.last, &self.rule.uses[..]) else { return };
        let (new, old) = if last == 0 { (inside, outside) } else { (outside, inside) };
        banner(log, "WARNING: inconsistent lock state");
        log.line(&format!("inconsistent {{{}}} -> {{{}}} usage.", old.usage, new.usage));
        log.line(&format!("{} {} takes:", self.who(), self.irq_state()));
        log.line(&self.changed_lock(&new.class));
        log.line(&format!("{{{}}} state was registered at:", old.usage));
        self.trace(&old.stack, 2, log);
        log.line("");
        log.line("other info that might help us debug this:");
        log.line(" Possible unsafe locking scenario:");
        log.line("");
        log.line("       CPU0");
        log.line("       ----");
        log.line(&format!("  lock({});", new.class));
        log.line("  <Interrupt>");
        log.line(&format!("    lock({});", new.class));
        log.line("");
        log.line(" *** DEADLOCK ***");
        log.line("");
        self.held_section(log);
        self.backtrace(log);
    }

    fn inversion(&self, log: &mut Log) {
        let [safe, unsafe_] = &self.rule.uses[..] else { return };
        let safe_last = self.rule.last == LastPart::Use(0);
        let (changed, other) = if safe_last { (safe, unsafe_) } else { (unsafe_, safe) };
        banner(log, "WARNING: possible irq lock inversion dependency detected");
        log.line(&format!("{} just changed the state of lock:", self.who()));
        log.line(&self.changed_lock(&changed.class));
        let irq = irq_words(&safe.usage);
        log.line(&match safe_last {
            true => format!("but this lock took another, {irq}-unsafe lock in the past:"),
            false => format!("but this lock was taken by another, {irq}-safe lock in the past:"),
        });
        log.line(&format!(" {}", self.class_words(&other.class)));
        log.line("");
        log.line("");
        log.line("and interrupts could create inverse lock ordering between them.");
        log.line("");
        log.line("");
        log.line("other info that might help us debug this:");
        let middle = self.rule.links.first().map_or(&unsafe_.class, |link| &link.taken);
        self.interrupt_scenario(&safe.class, middle, &unsafe_.class, log);
        self.held_section(log);
        log.line("");
        log.line("the shortest dependencies between 2nd lock and 1st lock:");
        let forward: Vec<(&str, &[Frame])> = match safe_last {
            true => self.rule.links.iter().map(|link| (&*link.taken, &*link.stack)).collect(),
            false => self.rule.links.iter().rev().map(|link| (&*link.held, &*link.stack)).collect(),
        };
        self.dependencies((&changed.class, Some(&self.moment.stack[..])), &forward, log);
        self.backtrace(log);
    }

    fn irq_order(&self, log: &mut Log) {
        let (LastPart::Link(at), [safe, unsafe_]) = (self.rule.last, &self.rule.uses[..]) else { return };
        let (Some(link), Some(taken)) = (self.rule.links.get(at), &self.moment.taken) else { return };
        let irq = irq_words(&safe.usage);
        banner_of(log, &format!("WARNING: {irq}-safe -> {irq}-unsafe lock order detected"), IRQ_ORDER_RULE);
        log.line(&format!("{} {} is trying to acquire:", self.who(), self.irq_state()));
        log.line(&lock_line(self.scene, taken));
        log.line("");
        log.line("and this task is already holding:");
        self.held_line(&link.held, log);
        log.line("which would create a new lock dependency:");
        log.line(&format!(" {} -> {}", self.class_words(&link.held), self.class_words(&link.taken)));
        log.line("");
        log.line(&format!("but this new dependency connects a {irq}-irq-safe lock:"));
        log.line(&format!(" {}", self.class_words(&safe.class)));
        log.line("");
        log.line(&format!("... which became {irq}-irq-safe at:"));
        self.trace(&safe.stack, 2, log);
        log.line("");
        log.line(&format!("to a {irq}-irq-unsafe lock:"));
        log.line(&format!(" {}", self.class_words(&unsafe_.class)));
        log.line("");
        log.line(&format!("... which became {irq}-irq-unsafe at:"));
        log.line("...");
        self.trace(&unsafe_.stack, 2, log);
        log.line("");
        log.line("other info that might help us debug this:");
        log.line("");
        let middle = if link.held == safe.class { &link.taken } else { &link.held };
        self.interrupt_scenario(&safe.class, middle, &unsafe_.class, log);
        self.held_section(log);
        log.line("");
        log.line(&format!("the dependencies between {irq}-irq-safe lock and the holding lock:"));
        let back: Vec<(&str, &[Frame])> =
            self.rule.links[..at].iter().rev().map(|link| (&*link.held, &*link.stack)).collect();
        self.dependencies((&link.held, None), &back, log);
        log.line("");
        log.line("the dependencies between the lock to be acquired");
        log.line(&format!(" and {irq}-irq-unsafe lock:"));
        let forward: Vec<(&str, &[Frame])> =
            self.rule.links[at + 1..].iter().map(|link| (&*link.taken, &*link.stack)).collect();
        self.dependencies((&link.taken, Some(&self.moment.stack[..])), &forward, log);
        self.backtrace(log);
    }

    fn wait_context(&self, log: &mut Log) {
        let Some(taken) = &self.moment.taken else { return };
        banner(log, "[ BUG: Invalid wait context ]");
        log.line(&format!("{} is trying to lock:", self.who()));
        log.line(&lock_line(self.scene, taken));
        log.line("other info that might help us debug this:");
        let interrupted = self.moment.in_interrupt || self.moment.in_softirq;
        let wait = if interrupted { INTERRUPT_WAIT } else { TASK_WAIT };
        log.line(&format!("context-{{{wait}:{wait}}}"));
        self.held_section(log);
        log.line("stack backtrace:");
        self.dump_stack(log);
    }

    /// `print_lock_nested_lock_not_held`
    fn nest_lock(&self, log: &mut Log) {
        let Some(taken) = &self.moment.taken else { return };
        banner(log, "WARNING: Nested lock was not taken");
        log.line(&format!("{} is trying to lock:", self.who()));
        log.line(&lock_line(self.scene, taken));
        log.line("");
        log.line("but this task is not holding:");
        log.line(&self.nest_name());
        log.line("");
        log.line("stack backtrace:");
        self.dump_stack(log);
        log.line("");
        log.line("other info that might help us debug this:");
        self.held_section(log);
        log.line("");
        self.backtrace(log);
    }

    /// What the message calls the lock that is not held.
    fn nest_name(&self) -> String {
        let message = &self.scene.finding.message;
        message.split("under `").nth(1).and_then(|rest| rest.split('`').next()).unwrap_or("?").to_owned()
    }

    // --- what they are made of ---------------------------------------------------------------------------------------

    /// `reader/27`
    fn who(&self) -> String {
        format!("{}/{}", self.moment.task, self.moment.pid)
    }

    /// `[HC0[0]:SC0[0]:HE1:SE1]`: in which interrupts it is, and which are on. A bottom half that is off counts for two.
    fn irq_state(&self) -> String {
        let RuleMoment { in_interrupt, in_softirq, irqs_on, bh_on, .. } = *self.moment;
        let [hard, soft] = [in_interrupt, in_softirq].map(u8::from);
        let off = if bh_on || in_softirq { soft } else { 2 };
        format!("[HC{hard}[{hard}]:SC{soft}[{off}]:HE{}:SE{}]", u8::from(irqs_on), u8::from(bh_on))
    }

    /// The links, so that the last is the one that closes the cycle.
    fn links_closed_last(&self) -> Vec<&LockLink> {
        let links = &self.rule.links;
        let last = match self.rule.last {
            LastPart::Link(at) => at,
            _ => links.len().saturating_sub(1),
        };
        let from = (last + 1).min(links.len());
        links[from..].iter().chain(&links[..from]).collect()
    }

    fn class(&self, name: &str) -> Option<&LockClass> {
        self.rule.classes.iter().find(|class| class.name == name)
    }

    /// `(stats_lock){+.+.}-{3:3}`
    fn class_words(&self, name: &str) -> String {
        match self.class(name) {
            Some(class) => words(&class.name, &class.usage, class.wait),
            None => format!("({name})"),
        }
    }

    /// The lock whose use is the news: the one that is taken or, where interrupts go on, one that is held.
    fn changed_lock(&self, class: &str) -> String {
        let held = self.moment.taken.iter().chain(self.moment.held.iter().rev());
        held.into_iter().find(|lock| lock.class == class).map_or(String::new(), |lock| lock_line(self.scene, lock))
    }

    fn held_line(&self, class: &str, log: &mut Log) {
        if let Some(held) = self.moment.held.iter().rev().find(|lock| lock.class == class) {
            log.line(&lock_line(self.scene, held));
        }
    }

    fn already_holding(&self, class: &str, log: &mut Log) {
        log.line("but task is already holding lock:");
        self.held_line(class, log);
    }

    fn chain_exists(&self, names: &[&String], log: &mut Log) {
        log.line("Chain exists of:");
        log.line(&format!("  {}", names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" --> ")));
        log.line("");
    }

    fn interrupt_scenario(&self, safe: &String, middle: &String, unsafe_: &String, log: &mut Log) {
        if middle != unsafe_ {
            self.chain_exists(&[safe, middle, unsafe_], log);
        }
        let lock = |name: &str| format!("lock({name});");
        log.line(" Possible interrupt unsafe locking scenario:");
        scenario(
            &[
                Side::Left(lock(unsafe_)),
                Side::Right("local_irq_disable();".to_owned()),
                Side::Right(lock(safe)),
                Side::Right(lock(middle)),
                Side::Left("<Interrupt>".to_owned()),
                Side::Left(format!("  {}", lock(safe))),
            ],
            log,
        );
    }

    fn trace(&self, stack: &[Frame], indent: usize, log: &mut Log) {
        for line in self.scene.traced(stack) {
            log.line(&format!("{:indent$}{}", "", line.trim_start()));
        }
    }

    fn held_section(&self, log: &mut Log) {
        let (who, held) = (self.who(), &self.moment.held);
        log.line(&match held.len() {
            0 => format!("no locks held by {who}."),
            1 => format!("1 lock held by {who}:"),
            n => format!("{n} locks held by {who}:"),
        });
        for (nth, lock) in held.iter().enumerate() {
            log.line(&format!(" #{nth}: {}", lock_line(self.scene, lock)));
        }
    }

    /// The classes of a path that begins at `root`, the far end first, each with all its uses and with where it was taken under the one before it in the order of
    /// taking. The stack beside the root is the present one; a path without one leads backwards, and its far end was taken under none.
    fn dependencies(&self, root: (&str, Option<&[Frame]>), path: &[(&str, &[Frame])], log: &mut Log) {
        let forward = root.1.is_some();
        for depth in (0..=path.len()).rev() {
            let name = depth.checked_sub(1).map_or(root.0, |at| path[at].0);
            let acquired = match forward {
                true => depth.checked_sub(1).map_or(root.1, |at| Some(path[at].1)),
                false => path.get(depth).map(|(_, stack)| *stack),
            };
            self.class_uses(name, depth, log);
            if let Some(stack) = acquired {
                log.line(&format!("{:depth$} ... acquired at:", ""));
                self.trace(stack, 3, log);
                log.line("");
            }
        }
    }

    fn class_uses(&self, name: &str, depth: usize, log: &mut Log) {
        log.line(&format!("{:depth$}-> {} {{", "", self.class_words(name)));
        for LockUse { usage, stack, .. } in self.class(name).map_or(&[][..], |class| &class.uses) {
            log.line(&format!("{:depth$}   {usage} at:", ""));
            self.trace(stack, usage.len() + 8 + 2 * depth, log);
        }
        log.line(&format!("{:depth$} }}", ""));
        log.line(&format!("{:depth$} ... key      at: [<{}>] {name}", "", address(name)));
    }

    fn backtrace(&self, log: &mut Log) {
        log.line("");
        log.line("stack backtrace:");
        self.dump_stack(log);
    }

    fn dump_stack(&self, log: &mut Log) {
        let RuleMoment { cpu, pid, task, .. } = self.moment;
        log.cpu_line(*cpu, *pid, task);
        log.line("Call Trace:");
        let mut section = |frames: &[Frame], bracket: &str| {
            if !frames.is_empty() {
                log.line(&format!(" <{bracket}>"));
                log.lines(self.scene.traced(frames));
                log.line(&format!(" </{bracket}>"));
            }
        };
        let interrupted = self.moment.in_interrupt || self.moment.in_softirq;
        section(&self.moment.stack, if interrupted { "IRQ" } else { "TASK" });
        section(&self.moment.beneath, "TASK");
    }
}

/// Who does what in which order on two CPUs, and what comes of it.
fn scenario(steps: &[Side], log: &mut Log) {
    log.line("");
    log.line("       CPU0                    CPU1");
    log.line("       ----                    ----");
    for step in steps {
        log.line(&match step {
            Side::Left(text) => format!("  {text}"),
            Side::Right(text) => format!("{:31}{text}", ""),
        });
    }
    log.line("");
    log.line(" *** DEADLOCK ***");
    log.line("");
}

/// `HARDIRQ`, `SOFTIRQ-READ`: which interrupt a use in one is about, as headings have it.
fn irq_words(usage: &str) -> String {
    let irq = if usage.contains("SOFTIRQ") { "SOFTIRQ" } else { "HARDIRQ" };
    let read = if usage.ends_with("-R") { "-READ" } else { "" };
    format!("{irq}{read}")
}

fn words(class: &str, usage: &str, (outer, inner): (u8, u8)) -> String {
    format!("({class}){{{usage}}}-{{{outer}:{inner}}}")
}

/// `00000000aa809098 (stats_lock){+.+.}-{3:3}, at: read_stats (nic.c:22)`
fn lock_line(scene: &Scene, lock: &LockHeld) -> String {
    let LockHeld { class, usage, wait, .. } = lock;
    format!("{} {}, at: {}", address(&lock.lock), words(class, usage, *wait), scene.symbol_at(lock.at))
}
