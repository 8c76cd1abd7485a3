//! Why a finding is wrong, and what to do: in the terms of the locks, lines and contexts that it names.
//!
//! Invariant: what is said follows from the finding's evidence; where the evidence does not tell which of several mends fits, all are named.

use super::place;
use super::text::listed;
use sim_core::finding::{Finding, Kind, Wait};
use sim_core::program::{ContextDecl, ContextKind, Program, SpanId};

/// Why it is wrong.
pub fn why(program: &Program, finding: &Finding) -> String {
    if let Some(reason) = impossible(finding) {
        return format!("The kernel's validator would report it all the same; it cannot come to pass here: {reason}.");
    }
    match finding.kind {
        Kind::Deadlock => why_deadlock(program, finding),
        _ if is_orphaned(finding) => why_orphaned(finding),
        Kind::HungTask => why_hung_task(finding),
        Kind::DataRace => why_data_race(program, finding),
        Kind::IrqUnsafeLock if is_about_nmi(finding) => {
            "An NMI comes whatever is masked, also on top of the code that holds the lock: it then waits for the code beneath it, which waits for it to end.".to_owned()
        }
        kind => general_why(kind).to_owned(),
    }
}

/// What to do; each is one way.
pub fn help(program: &Program, finding: &Finding) -> Vec<String> {
    if impossible(finding).is_some() {
        return vec![
            "nothing has to change; what keeps it apart deserves a comment, as whoever takes that away makes this a deadlock"
                .to_owned(),
        ];
    }
    match finding.kind {
        _ if is_orphaned(finding) => {
            vec!["mend the oops, and this goes with it".to_owned()]
        }
        Kind::Deadlock => help_deadlock(program, finding),
        Kind::DataRace => help_data_race(program, finding),
        Kind::IrqUnsafeLock if is_about_nmi(finding) => NMI_HELP.map(str::to_owned).to_vec(),
        // The end of a work function is none of kthread_should_stop()'s business.
        Kind::HungTask if finding.waits.iter().any(|w| w.is_for_an_end() && !w.what.contains(", which ")) => vec![
            "let the thread test kthread_should_stop() after set_current_state() and before schedule(), each time round".to_owned(),
        ],
        kind => general_help(kind).iter().map(|&line| line.to_owned()).collect(),
    }
}

/// Whether a lock is waited for in an NMI.
fn is_about_nmi(finding: &Finding) -> bool {
    let uses = finding.rule.as_ref().map_or(&[][..], |rule| &rule.uses);
    uses.first().is_some_and(|used| used.usage == "IN-NMI")
}

/// Why a broken lock rule can do no harm, where that is known.
fn impossible(finding: &Finding) -> Option<&str> {
    finding.rule.as_ref().filter(|rule| rule.kind == finding.kind)?.impossible.as_deref()
}

/// Whether it is one of the rules that the lock validator knows about classes.
pub fn is_lock_rule(kind: Kind) -> bool {
    lockdep_says(kind).is_some()
}

/// The words of lockdep's heading.
fn lockdep_says(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::LockOrder => Some("possible circular locking dependency detected"),
        Kind::RecursiveLock => Some("possible recursive locking detected"),
        Kind::IrqUnsafeLock => Some("inconsistent lock state"),
        Kind::IrqLockInversion => Some("possible irq lock inversion dependency detected"),
        Kind::IrqLockOrder => Some("HARDIRQ-safe -> HARDIRQ-unsafe lock order detected"),
        Kind::WaitContext => Some("Invalid wait context"),
        Kind::NestLock => Some("Nested lock was not taken"),
        _ => None,
    }
}

/// What the other names of the same cause mean, of those that are lock rules.
pub fn also(finding: &Finding) -> Vec<String> {
    let when = match finding.kind {
        Kind::SleepInAtomic | Kind::ScheduleInAtomic => "lockdep would report it too",
        Kind::IrqLockOrder => "lockdep calls it so where one of the uses comes last",
        Kind::IrqLockInversion => "lockdep calls it so where the second lock is taken under the first last",
        _ => "lockdep would report it before it happens",
    };
    let names = finding.also.iter().filter_map(|kind| Some((kind.name(), lockdep_says(*kind)?)));
    names.map(|(name, says)| format!("{name}: {when}: \"{says}\"")).collect()
}

/// Whether a context is an interrupt, hard or soft.
pub fn is_interrupt(program: &Program, context: &str) -> bool {
    is_softirq(context) || is_hard_interrupt(program, context)
}

/// Whether a context is a CPU's softirqs: no context of the rig has a slash in its name.
pub fn is_softirq(context: &str) -> bool {
    context.starts_with("softirq/")
}

/// Whether a context is a hard interrupt.
pub fn is_hard_interrupt(program: &Program, context: &str) -> bool {
    let declared = |c: &ContextDecl| c.name == context && matches!(c.kind, ContextKind::HardIrq { .. });
    let made = ["hrtimer/", "irq_work/"].iter().any(|name| context.starts_with(name));
    made || is_nmi(program, context) || program.contexts.iter().any(declared)
}

/// Whether a context is an NMI.
pub fn is_nmi(program: &Program, context: &str) -> bool {
    program.contexts.iter().any(|c| c.name == context && matches!(c.kind, ContextKind::Nmi { .. }))
}

/// What to do about a lock that an NMI waits for.
const NMI_HELP: [&str; 2] = [
    "only try the lock in the NMI (raw_spin_trylock()), and do without when it is held",
    "or queue irq_work there, whose function may wait for it: irq_work_queue()",
];

/// How a lock that `plain` takes is taken so that this interrupt cannot come in while it is held.
fn masking(plain: &str, interrupt: &str) -> String {
    format!("{plain}_{}()", if is_softirq(interrupt) { "bh" } else { "irqsave" })
}

/// The function without suffix that takes the lock which is taken at a place, as it is written there.
fn plain_lock(program: &Program, at: Option<SpanId>) -> &'static str {
    const PLAIN: [&str; 4] = ["raw_spin_lock", "read_lock", "write_lock", "spin_lock"];
    let written = at.map_or("", |span| program.source.text(program.source.span(span)));
    PLAIN.into_iter().find(|plain| written.starts_with(plain)).unwrap_or("spin_lock")
}

/// The shape of a deadlock.
enum Shape<'a> {
    /// It waits for what it holds itself.
    Own(&'a Wait),
    /// An interrupt waits for what the code beneath it holds.
    Interrupt(&'a Wait),
    /// A reader waits behind a writer that waits for what it reads already.
    Reader(&'a Wait),
    /// A cycle.
    Cycle,
}

fn shape<'a>(program: &Program, finding: &'a Finding) -> Shape<'a> {
    if let Some(own) = finding.waits.iter().find(|w| w.holder.as_ref() == Some(&w.context)) {
        return Shape::Own(own);
    }
    let again = |w: &&Wait| {
        let behind = finding.waits.iter().find(|writer| w.behind && w.holder.as_ref() == Some(&writer.context));
        behind.is_some_and(|writer| writer.what == w.what && writer.holder.as_ref() == Some(&w.context))
    };
    if let Some(reader) = finding.waits.iter().find(again) {
        return Shape::Reader(reader);
    }
    // Only an interrupt on top of the holder keeps it from going on.
    let beneath = |holder: &String, irq: &String| {
        finding.waits.iter().any(|w| w.context == *holder && w.is_for_its_cpu() && w.holder.as_ref() == Some(irq))
    };
    let in_interrupt =
        |w: &&Wait| is_interrupt(program, &w.context) && w.holder.as_ref().is_some_and(|h| beneath(h, &w.context));
    match finding.waits.iter().find(in_interrupt) {
        Some(wait) if finding.waits.len() <= 2 => Shape::Interrupt(wait),
        _ => Shape::Cycle,
    }
}

fn taken(program: &Program, wait: &Wait) -> String {
    wait.taken_at.map_or(String::new(), |span| {
        format!(" since {}", place::line_words(program, place::visible(program, span, &[])))
    })
}

fn why_deadlock(program: &Program, finding: &Finding) -> String {
    match shape(program, finding) {
        Shape::Own(wait) if !wait.is_for_a_lock() => format!(
            "{who} waits for {}, and that cannot come before {who} itself goes on.",
            wait.what,
            who = wait.context,
        ),
        Shape::Own(wait) => format!(
            "{} has held {what}{} and waits for it to be released, which only {} itself could do. Locks of this kind are \
             not recursive: who takes one twice waits for ever.",
            wait.context,
            taken(program, wait),
            wait.context,
            what = wait.what,
        ),
        Shape::Reader(wait) => {
            let writer = wait.holder.as_deref().unwrap_or("a writer");
            format!(
                "{reader} reads {what} already when it takes it to read again. In between {writer} has come to write it: a reader \
                 that comes after a waiting writer waits behind it, and {writer} waits for {reader}. Without a writer in just that \
                 moment nothing shows.",
                reader = wait.context,
                what = wait.what,
            )
        }
        Shape::Interrupt(wait) => {
            let holder = wait.holder.as_deref().unwrap_or("the code beneath it");
            format!(
                "{irq} runs on top of {holder}, on the same CPU, and spins for {what}. {holder} has held {what}{}, and \
                 can only release it after {irq} has returned, which it never does. More CPUs do not help.",
                taken(program, wait),
                irq = wait.context,
                what = wait.what,
            )
        }
        Shape::Cycle => {
            let links: Vec<String> = finding
                .waits
                .iter()
                .map(|w| match &w.holder {
                    Some(holder) if w.is_for_its_cpu() => format!("{} was interrupted by {holder}", w.context),
                    Some(holder) if w.behind => {
                        format!("{} waits to read {}, behind {holder}, which waits to write it", w.context, w.what)
                    }
                    Some(holder) if !w.is_for_an_end() => {
                        format!("{} waits for {}, which {holder} has", w.context, w.what)
                    }
                    _ => format!("{} waits for {}", w.context, w.what),
                })
                .collect();
            format!("They wait in a circle: {}. None of them can go on, whatever else happens.", links.join("; "))
        }
    }
}

fn help_deadlock(program: &Program, finding: &Finding) -> Vec<String> {
    match shape(program, finding) {
        Shape::Own(wait) if !wait.is_for_a_lock() => vec![
            "use the form that does not wait (disable_irq_nosync() in a handler, cancel_work() in a work function), or wait from another \
             context"
                .to_owned(),
        ],
        Shape::Own(wait) => vec![
            format!("release {} before this call, or do not take it again on this path", wait.what),
            "where a function is called both with and without the lock: split it in two, and let the inner one say \
             lockdep_assert_held()"
                .to_owned(),
        ],
        Shape::Reader(wait) => vec![
            format!(
                "take {} to read once: release it before this call, or do not take it again on this path",
                wait.what
            ),
            "where a function is called both with and without the lock: split it in two, and let the inner one say \
             lockdep_assert_held_read()"
                .to_owned(),
        ],
        Shape::Interrupt(wait) if is_nmi(program, &wait.context) => NMI_HELP.map(str::to_owned).to_vec(),
        Shape::Interrupt(wait) => {
            let holder = wait.holder.as_deref().unwrap_or("the code beneath it");
            let at = wait.taken_at.map_or(String::new(), |span| {
                format!(" at {}", place::line_words(program, place::visible(program, span, &[])))
            });
            vec![format!(
                "take {} with {} in {holder}{at}, so that {} cannot come in while it is held; the handler \
                 itself may keep {}()",
                wait.what,
                masking(plain_lock(program, wait.taken_at), &wait.context),
                wait.context,
                plain_lock(program, Some(wait.span))
            )]
        }
        Shape::Cycle => {
            let mut locks: Vec<String> = Vec::new();
            for wait in finding.waits.iter().filter(|wait| wait.is_for_a_lock()) {
                if !locks.contains(&wait.what) {
                    locks.push(wait.what.clone());
                }
            }
            let mut help = Vec::new();
            if finding.waits.iter().all(Wait::is_for_a_lock) {
                help.push(format!(
                    "take {} in one order everywhere, and write the order down beside the locks",
                    listed(&locks)
                ));
                help.push(
                    "or do not hold one while waiting for the other: release it first, and look again at what it protected \
                     after taking it back"
                        .to_owned(),
                );
            } else {
                help.push(
                    "do not hold what one of them needs while waiting for another: release it before the wait"
                        .to_owned(),
                );
            }
            help
        }
    }
}

/// Whether it waits for a lock that an oops left held.
fn is_orphaned(finding: &Finding) -> bool {
    finding.message.ends_with("when an oops killed it")
}

fn why_orphaned(finding: &Finding) -> String {
    let lock = finding.waits.first().map_or("lock", |wait| wait.what.as_str());
    format!(
        "An oops ends its task on the spot: nothing that the task had taken is released, so nobody gets `{lock}` any more. \
         With panic_on_oops the machine stops instead."
    )
}

fn why_hung_task(finding: &Finding) -> String {
    let Some(wait) = finding.waits.first() else {
        return "The task sleeps uninterruptibly, and no execution from here ever wakes it. It cannot be killed."
            .to_owned();
    };
    format!(
        "{} sleeps uninterruptibly, waiting for {}, and from here no execution brings it: whoever should is done, or waits \
         too. The task cannot be killed.",
        wait.context, wait.what
    )
}

/// The contexts of the two accesses.
fn racers(finding: &Finding) -> (String, String) {
    let name = |i: usize| finding.places.get(i).and_then(|p| p.context.clone()).unwrap_or_else(|| "another".to_owned());
    (name(0), name(1))
}

fn why_data_race(program: &Program, finding: &Finding) -> String {
    let (one, other) = racers(finding);
    let together = if is_interrupt(program, &one) != is_interrupt(program, &other) {
        format!("Nothing keeps {one} and {other} apart: the interrupt can come in between any two instructions.")
    } else {
        format!("Nothing keeps {one} and {other} apart: both accesses can be made at the same time.")
    };
    format!(
        "{together} At least one of the two is a plain C access, which the compiler may split, repeat, merge or leave out, \
         so what is read or left in memory need not be any value that was written."
    )
}

fn help_data_race(program: &Program, finding: &Finding) -> Vec<String> {
    let (one, other) = racers(finding);
    let interrupts: Vec<&str> =
        [&one, &other].into_iter().filter(|c| is_interrupt(program, c)).map(String::as_str).collect();
    let lock = match interrupts.iter().find(|c| !is_softirq(c)).or(interrupts.first()) {
        Some(nmi) if is_nmi(program, nmi) => {
            "no lock keeps an NMI out: count and hand over with atomic operations".to_owned()
        }
        Some(irq) => {
            format!("protect every access with one lock, taken with {} outside the handler", masking("spin_lock", irq))
        }
        None => "protect every access with one lock".to_owned(),
    };
    vec![
        lock,
        "if any value will do: mark both sides, READ_ONCE() for the read and WRITE_ONCE() for the write, or use atomic_t \
         for a counter (x++ is a read and a write: marking does not make it one)"
            .to_owned(),
        "if the race is known to be harmless: say so with data_race()".to_owned(),
    ]
}

fn general_why(kind: Kind) -> &'static str {
    match kind {
        Kind::Deadlock => "Contexts wait for each other in a circle, so that none of them can go on.",
        Kind::LockOrder => {
            "Each was seen to be taken with the one before it held. As soon as those who do so meet, each waits for what the next one has."
        }
        Kind::RecursiveLock => {
            "Locks of one class have no order among themselves. The very same lock is a deadlock at once; two of a class are one when another takes \
             them the other way round."
        }
        Kind::IrqUnsafeLock => {
            "If the interrupt arrives while its CPU holds the lock, the handler waits for the code beneath it, which waits for the handler to end."
        }
        Kind::IrqLockInversion | Kind::IrqLockOrder => {
            "A CPU that holds the second lock with interrupts on can be interrupted by a handler that waits for the first, while the holder of the \
             first waits for the second."
        }
        Kind::WaitContext => {
            "Waiting for this lock may sleep, on a realtime kernel at least, and what is held or the context that it is taken in forbids that."
        }
        Kind::NestLock => {
            "Several locks of one class may be taken in any order only because one lock keeps everybody else who does that out. Here \
             it is not held, so that two may do it at once, each in an order of its own."
        }
        Kind::HungTask => "The task sleeps uninterruptibly and nothing wakes it.",
        Kind::SoftLockup => {
            "It spins with preemption off for something that never comes: no other task ever runs on this CPU again."
        }
        Kind::HardLockup => {
            "It spins with interrupts off for something that never comes: this CPU takes no interrupt again, not even the \
             timer's."
        }
        Kind::Livelock => {
            "Everybody gets to run, and still it never finishes: an endless execution exists in which each context is given \
             its turn again and again."
        }
        Kind::BadUnlock => {
            "Only the one who took a lock may release it. Released by anybody else, it no longer protects what its holder \
             is in the middle of."
        }
        Kind::LockLeak => "Whoever ends with a lock held never releases it: the next one to want it waits for ever.",
        Kind::HeldLockFreed => {
            "The lock goes away, or is made anew, while somebody holds it. Its holder will release what is no longer theirs, \
             perhaps in memory of somebody else by then, and whoever waits for it may wait for ever."
        }
        Kind::UninitialisedLock => {
            "A lock that was never initialised has no defined state. All zero happens to mean unlocked on some \
             configurations; lockdep switches itself off when it meets one, and so hides every later bug."
        }
        Kind::LockAssertion => {
            "The code says which lock must be held here, and on this path it is otherwise: what the lock protects is \
             touched without it."
        }
        Kind::SleepInAtomic => {
            "A call that may sleep must not be made with a spinlock held, preemption or interrupts off, or in an interrupt: \
             the CPU would be given away in the middle of what must not be interrupted. It is wrong even when the call \
             happens not to sleep this time."
        }
        Kind::ScheduleInAtomic => {
            "The CPU is given away while preemption is off. Whoever runs next may want the lock that is held here and spin \
             for it, so that nobody ever comes back to release it."
        }
        Kind::WrongContext => "This function's rules forbid the context that it is called in here.",
        Kind::IrqState => {
            "The interrupt state is not what the code around it relies on: a handler can be interrupted by itself, a \
             critical section by the handler that it keeps out, or a line stays off."
        }
        Kind::PreemptLeak => {
            "Every preempt_disable() must be undone by the same context. A count that leaks makes all that runs on this \
             CPU afterwards atomic; one that falls below zero makes it preemptible where it must not be."
        }
        Kind::NotRunning => {
            "A call that may sleep sets the task's state back to TASK_RUNNING. The schedule() that follows then returns at \
             once, or, if the wake-up came in between, it is lost."
        }
        Kind::SmpProcessorId => {
            "A preemptible task can be moved to another CPU right after it has asked where it is: the number is then wrong, \
             and the per-CPU data it picks is another CPU's."
        }
        Kind::RcuStall => {
            "The grace period cannot end before the reader has left, and the reader does not leave. Whoever waits for it waits for ever, and memory that is \
             to be freed after it piles up."
        }
        Kind::RcuSleep => {
            "A reader that sleeps keeps every grace period from ending, for as long as it likes; and a kernel that is not preemptible takes the sleep \
             for the end of the reader."
        }
        Kind::RcuSyncInReader => {
            "It waits for all readers that have begun, and is one of them: it waits for itself. On a kernel that is not preemptible it goes on, and \
             what the reader still uses is freed."
        }
        Kind::RcuDoubleCall => {
            "The head is a link of a list of callbacks. Queued a second time it ties that list into a knot: callbacks are lost, or run twice."
        }
        Kind::RcuUsage => "The code says under which protection this may be done, and here it has none.",
        Kind::UnorderedAccess => {
            "In the executions that were tried the second access always saw what the first did, as on a machine that does everything in order. The kernel's \
             memory model promises no such thing: the compiler and many processors let accesses to different places pass each other, and the flag or pointer \
             that was to announce the one says nothing about the other."
        }
        Kind::DataRace => "Two accesses can be made at the same time, and at least one is plain C.",
        Kind::UseAfterFree => {
            "The memory belongs to the allocator again, and soon to somebody else: a read gives their data, a write breaks \
             it."
        }
        Kind::DoubleFree => {
            "The second kfree() gives back what may already be somebody else's: two owners then share one object, and the \
             allocator's own lists are broken."
        }
        Kind::FreeActive => {
            "What is armed, scheduled or queued comes whatever became of the memory: its callback then runs on what is freed, or is somebody \
             else's by now."
        }
        Kind::UnloadedCode => {
            "With the module its code is gone: the next instruction is a page fault, or whatever was loaded there since. Nothing waits for callbacks \
             and threads when a module goes, but its own exit function."
        }
        Kind::OutOfBounds => "What lies beside the object belongs to somebody else, or is not there.",
        Kind::NullDeref => {
            "There is nothing at this address: the access faults, and the kernel kills the task with an oops; in an interrupt it \
             panics."
        }
        Kind::Uninitialised => {
            "The memory was never written: what is read is whatever its last owner left there, different on every run."
        }
        Kind::MemoryLeak => "Nothing points to this memory any more, so nothing can ever free it.",
        Kind::WorkqueueLockup => {
            "All workers of the pool sleep, and there is no memory for another. If what they wait for, or the memory, depends on this work, nothing ever \
             goes on: that is what a rescuer is for."
        }
        Kind::FlushDependency => {
            "A WQ_MEM_RECLAIM queue promises to go on when memory is short: reclaim waits for it. The queue that it waits for here has no rescuer, and \
             may need memory for a worker first."
        }
        Kind::WorkLeaked => {
            "Workers are shared: the next item that this one runs, perhaps another driver's, starts with the lock held or in atomic context."
        }
        Kind::Refcount => {
            "The count no longer says how many references there are. Once it has been zero the object may be freed at any \
             moment, and no reference may be made from it."
        }
        Kind::BugOn => "The code itself says that this must never happen, and stops the kernel here.",
        Kind::WarnOn => "The code itself says that this should never happen.",
        Kind::Invariant => {
            "The scenario says that this holds after every step. The last step of this schedule breaks it."
        }
        Kind::FinalState => {
            "The scenario says that this holds when everybody has finished. Here everybody has, and it does not."
        }
        Kind::NeverReached => {
            "The scenario says that at least one complete execution ends with this true. All were looked at, and none does."
        }
    }
}

fn general_help(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Deadlock => &["take the locks in one order everywhere"],
        Kind::LockOrder => &[
            "take them in one order everywhere, and write the order down beside the locks",
            "or release the first before the second is taken, and look again at what it protected afterwards",
        ],
        Kind::RecursiveLock => &[
            "if it is the same lock: leave the locking to the caller, and say lockdep_assert_held() in the function",
            "if there are two: take them in an order that all can tell, and say so with the _nested form",
        ],
        Kind::IrqUnsafeLock => &["take the lock with interrupts off outside the handler: spin_lock_irqsave()"],
        Kind::IrqLockInversion | Kind::IrqLockOrder => &[
            "hold the second lock with interrupts off everywhere: spin_lock_irqsave()",
            "or do not take it with the first held",
        ],
        Kind::WaitContext => {
            &["release the outer lock first, or make both of one type: raw_spinlock_t for what is short and bounded"]
        }
        Kind::NestLock => &[
            "take the lock that is named as the nest lock first",
            "with a ww_mutex: between ww_acquire_init() and ww_acquire_fini() of the context that is passed",
        ],
        Kind::HungTask => &[
            "look for a path that returns without complete() or wake_up(), and for a condition that is tested before the task \
             is on the queue: wait_event() tests it again after",
            "if waiting may be given up: use the _interruptible, _killable or _timeout form, and handle its result",
        ],
        Kind::SoftLockup | Kind::HardLockup => &[
            "wait with something that sleeps (a completion, wait_event()), outside the lock",
            "or bound the loop, and give up with an error",
        ],
        Kind::Livelock => &[
            "let one side win: bound the retries, or take a lock after the first failure",
            "where a trylock loop must step back: release everything, and wait for the lock that was missing before trying again",
        ],
        Kind::BadUnlock => &[
            "look for a path that jumps to an unlock label without having taken the lock, or that releases it twice",
            "where one context must wait for another: use a completion or a semaphore, which have no owner",
        ],
        Kind::LockLeak => {
            &["release the lock on every path out: one label with the unlock, or guard(), which releases it by itself"]
        }
        Kind::HeldLockFreed => &["release the lock first; a lock that protects an object's life must live outside it"],
        Kind::UninitialisedLock => {
            &["call spin_lock_init() or mutex_init() before anybody can see the object, or use DEFINE_SPINLOCK()"]
        }
        Kind::LockAssertion => &["take the lock in the caller, or, if it is rightly not held here, mend the claim"],
        Kind::SleepInAtomic => &[
            "move the call out of the critical section: before the lock is taken, or after it is released",
            "or use what does not sleep: GFP_ATOMIC for GFP_KERNEL, mdelay() for msleep(), a spinlock for a mutex",
            "or, if only tasks ever take the lock: make it a mutex",
        ],
        Kind::ScheduleInAtomic => {
            &["release the spinlock (or enable preemption) before anything that gives up the CPU"]
        }
        Kind::WrongContext => &["move the call to process context: a work item or a threaded handler"],
        Kind::IrqState => &[
            "use spin_lock_irqsave() and spin_unlock_irqrestore(): they leave interrupts as they were; the _irq forms turn them on",
            "match each enable_irq() with one disable_irq()",
        ],
        Kind::PreemptLeak => {
            &["match each preempt_disable(), spin_lock() and local_bh_disable() on every path, error paths too"]
        }
        Kind::NotRunning => &[
            "do what may sleep before set_current_state(), or use wait_event(), or wait_woken() where the condition must sleep",
        ],
        Kind::SmpProcessorId => &[
            "use get_cpu() and put_cpu(), or this_cpu_*() operations; raw_smp_processor_id() if a stale number will do",
        ],
        Kind::RcuStall => &["leave the read-side section before waiting for anything, or in every turn of the loop"],
        Kind::RcuSleep => &[
            "take a reference, or a copy, inside the section and sleep after rcu_read_unlock()",
            "if readers must sleep: SRCU",
        ],
        Kind::RcuSyncInReader => {
            &["leave the read-side section first, or use call_rcu() or kfree_rcu(), which do not wait"]
        }
        Kind::RcuDoubleCall => &[
            "let only who unlinks the object queue its callback: under the update side's lock, or the last put of a reference count",
        ],
        Kind::RcuUsage => &[
            "put rcu_read_lock() and rcu_read_unlock() around the access and all that uses what it gives; or hold the lock that protects it, and name it: \
             rcu_dereference_protected(p, lockdep_is_held(&lock))",
        ],
        Kind::UnorderedAccess => &[
            "announce with smp_store_release(&flag, 1) what was written before, and look with smp_load_acquire(&flag) before what is read after; or smp_wmb() between \
             the two writes and smp_rmb() between the two reads",
            "for a pointer: rcu_assign_pointer() and rcu_dereference(); where nothing has to be fast, one lock around both sides",
        ],
        Kind::DataRace => &["protect every access with one lock, or mark both sides"],
        Kind::UseAfterFree => &[
            "free only when nobody can reach the memory any more: unlink it first, then wait for users (a reference count, \
             a grace period, free_irq(), kthread_stop()), then kfree()",
        ],
        Kind::DoubleFree => &[
            "let one place own the free; set the pointer to NULL under the lock that guards it, and free the copy",
            "where several may be last: kref_put() or refcount_dec_and_test()",
        ],
        Kind::FreeActive => &[
            "before kfree(): timer_shutdown_sync(), hrtimer_cancel(), tasklet_kill(), cancel_work_sync(), cancel_delayed_work_sync(), irq_work_sync(); and let \
             nothing arm or queue it again in between",
            "where the callback itself may free: let it hold a reference, and free with the last one",
        ],
        Kind::UnloadedCode => &[
            "in the exit function, undo everything that leads into the module, and wait for what runs: free_irq(), timer_shutdown_sync(), \
             cancel_work_sync(), kthread_stop(); the same on the error path of the init function",
            "where somebody outside decides when it ends: keep a reference with try_module_get(), or let .owner = THIS_MODULE do it",
        ],
        Kind::OutOfBounds => &["check the index against the size under the same lock that lets either change"],
        Kind::NullDeref => &[
            "test the pointer and use it under the lock that lets it change; a test before the lock says nothing after it",
            "check what may fail: kmalloc() gives NULL, kthread_run() an ERR_PTR() (test it with IS_ERR())",
        ],
        Kind::Uninitialised => &["use kzalloc(), or write every member before anybody else can see the object"],
        Kind::MemoryLeak => &["free it on the path that drops the last pointer: error paths are the usual place"],
        Kind::WorkqueueLockup => &[
            "queue work that memory reclaim waits for on a queue of its own with WQ_MEM_RECLAIM, which has a rescuer",
            "or do not wait for it with what other work needs held",
        ],
        Kind::FlushDependency => {
            &["queue what is waited for on a queue with WQ_MEM_RECLAIM too, or do not wait for it here"]
        }
        Kind::WorkLeaked => {
            &["release the lock, and undo each preempt_disable(), on every path out of the work function"]
        }
        Kind::Refcount => &[
            "take a reference only while holding one, or with refcount_inc_not_zero() (kref_get_unless_zero()) under the lock \
             that guards the lookup",
        ],
        Kind::BugOn | Kind::WarnOn | Kind::Invariant | Kind::FinalState => {
            &["follow the lanes: the last change to what the claim reads is where it went wrong"]
        }
        Kind::NeverReached => {
            &["see whether a lock, or the number of CPUs, keeps it from happening, or mend the claim"]
        }
    }
}
