//! What wait queues promise, on all of 200 programs: no wake-up is lost, whoever leaves by a signal or a timeout; `wake_up()` wakes one exclusive waiter and the first, and
//! all that are not. Tokens are put and taken: whether somebody sleeps for ever is known by counting them.

use kernel_c::loader::NoFiles;
use sim_core::check::check;
use sim_core::machine::MachineOptions;
use sim_core::search::{Options, Verdict};
use std::ops::ControlFlow;
use std::sync::Arc;

/// How a task waits for a token.
const WAITS: [(&str, &str); 5] = [
    ("wait_event(wq, take());", ""),
    ("wait_event_exclusive(wq, take());", ""),
    ("wait_event_killable_exclusive(wq, take());", ""),
    // These may leave without one.
    ("wait_event_interruptible_exclusive(wq, take());", ", .signals = 1"),
    ("wait_event_interruptible(wq, take());", ", .signals = 1"),
];
const PATIENT: usize = 3;

/// A wake-up may find an exclusive waiter that has its token already and is about to leave the queue: as in the kernel it is used up by that, so that who has got
/// what it waits for must wake the next.
const PASS_ON: &str = "if (atomic_read(&tokens)) wake_up(&wq);";

/// How tokens are put.
const PUTS: [&str; 3] = ["put(); wake_up(&wq);", "put(); wake_up_all(&wq);", "put(); put(); wake_up_nr(&wq, 2);"];

#[derive(Clone, Debug)]
struct Plan {
    waits: Vec<usize>,
    puts: Vec<usize>,
    /// The last token is put and nobody is told.
    forgets: bool,
}

impl Plan {
    fn text(&self) -> String {
        let mut text = "
static DECLARE_WAIT_QUEUE_HEAD(wq);
static atomic_t tokens = ATOMIC_INIT(0);
static bool take(void) { return atomic_dec_if_positive(&tokens) >= 0; }
static void put(void) { atomic_inc(&tokens); }
"
        .to_owned();
        for (nth, wait) in self.waits.iter().enumerate() {
            let (code, options) = WAITS[*wait];
            let code = format!("{code} {PASS_ON}");
            text += &format!("static void wait{nth}(void) {{ {code} }}\nSYSCALL(w{nth}, wait{nth}{options});\n");
        }
        let mut puts: Vec<String> = self.puts.iter().map(|put| PUTS[*put].to_owned()).collect();
        if self.forgets {
            puts.push("put();".to_owned());
        }
        text + &format!("static void waker(void) {{ {} }}\nTHREAD(waker, waker);\n", puts.join(" "))
    }

    fn tokens(&self) -> usize {
        self.puts.iter().map(|put| if *put == 2 { 2 } else { 1 }).sum::<usize>()
    }

    /// Whether somebody may sleep for ever: one that nothing but a token lets go, where there are fewer than who want one.
    fn hangs(&self) -> bool {
        self.tokens() < self.waits.len() && self.waits.iter().any(|wait| *wait < PATIENT)
    }
}

/// The names of what checking a program finds.
fn found(text: &str) -> Vec<&'static str> {
    let compiled = kernel_c::compile("plan.c", text.as_bytes(), &kernel_c::Options::default(), &NoFiles);
    let titles: Vec<String> = compiled.diagnostics.into_sorted().into_iter().map(|d| d.title).collect();
    assert_eq!(titles, Vec::<String>::new(), "{text}");
    let program = Arc::new(compiled.program.expect("no error, so a program"));
    let checked = check(program, MachineOptions::default(), &Options::default(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(checked.outcome.verdict, Verdict::Complete);
    let mut names: Vec<&str> = checked.findings.iter().map(|finding| finding.kind.name()).collect();
    names.dedup();
    names
}

/// One or two waiters of all kinds, and up to two puts.
fn plans(forgets: bool) -> impl Iterator<Item = Plan> {
    let one = (0..WAITS.len()).map(|wait| vec![wait]);
    let two = (0..WAITS.len()).flat_map(|first| (first..WAITS.len()).map(move |second| vec![first, second]));
    let kinds = 0..PUTS.len();
    let twice = kinds.clone().flat_map(|first| (first..PUTS.len()).map(move |second| vec![first, second]));
    let puts: Vec<Vec<usize>> = std::iter::once(Vec::new()).chain(kinds.map(|put| vec![put])).chain(twice).collect();
    one.chain(two)
        .flat_map(move |waits| puts.clone().into_iter().map(move |puts| Plan { waits: waits.clone(), puts, forgets }))
}

#[test]
fn no_wake_up_is_lost_and_who_gets_no_token_sleeps() {
    let mut hung = 0;
    for plan in plans(false) {
        let expected: &[&str] = if plan.hangs() { &["hung_task"] } else { &[] };
        assert_eq!(found(&plan.text()), expected, "{}", plan.text());
        hung += u32::from(plan.hangs());
    }
    assert!(hung >= 20, "{hung} of the programs hang");
}

/// Who does not pass it on takes a wake-up along.
#[test]
fn a_wake_up_may_be_used_up_by_an_exclusive_waiter_that_needs_it_no_more() {
    let plan = Plan { waits: vec![1, 1], puts: vec![0, 0], forgets: false };
    assert_eq!(found(&plan.text().replace(PASS_ON, "")), ["hung_task"]);
    assert_eq!(found(&plan.text()), [""; 0]);
}

/// A token that is put with no wake-up counts for nothing where somebody may be asleep already.
#[test]
fn a_wake_up_that_is_forgotten_is_noticed() {
    for plan in plans(true).filter(|plan| plan.puts.len() < 2) {
        assert_eq!(found(&plan.text()).contains(&"hung_task"), plan.hangs(), "{}", plan.text());
    }
}

/// So many exclusive waiters, each with the number of its place; a wake-up that lets `nr` of them go (0: all), while as many are asleep as may be.
fn in_turn(waiters: usize, wake_up: &str, nr: usize) -> String {
    format!(
        "
struct waiter {{ wait_queue_entry_t wait; int place; }};
static DECLARE_WAIT_QUEUE_HEAD(wq);
static int places, served, woken, asleep;
static int wake_in_turn(wait_queue_entry_t *entry, unsigned mode, int flags, void *key)
{{
	int place = container_of(entry, struct waiter, wait)->place;
	int ret = autoremove_wake_function(entry, mode, flags, key);

	if (ret) {{
		BUG_ON(place != served);
		served++;
		woken++;
		asleep--;
	}}
	return ret;
}}
static void waiter(void)
{{
	struct waiter w = {{ .wait = {{ .flags = WQ_FLAG_EXCLUSIVE, .private = current, .func = wake_in_turn }} }};

	spin_lock_irq(&wq.lock);
	w.place = places++;
	asleep++;
	list_add_tail(&w.wait.entry, &wq.head);
	set_current_state(TASK_INTERRUPTIBLE);
	spin_unlock_irq(&wq.lock);
	schedule();
	finish_wait(&wq, &w.wait);
}}
static void waker(void)
{{
	int slept;

	spin_lock_irq(&wq.lock);
	slept = asleep;
	woken = 0;
	{wake_up}(&wq, TASK_NORMAL, {nr});
	BUG_ON(woken != ({nr} && {nr} < slept ? {nr} : slept));
	spin_unlock_irq(&wq.lock);
}}
THREAD(w, waiter, .count = {waiters}, .cpu = 0);
THREAD(waker, waker, .cpu = 1);
"
    )
}

#[test]
fn exclusive_waiters_are_woken_in_turn_and_no_more_of_them_than_are_asked_for() {
    for waiters in 1..=3 {
        for nr in 0..=2 {
            // Those who come after the wake-up sleep for ever.
            assert_eq!(found(&in_turn(waiters, "__wake_up_locked", nr)), ["hung_task"], "{waiters} {nr}");
        }
    }
    // Were it the last who is woken first, or one too many, that would show.
    let last = in_turn(2, "__wake_up_locked", 1).replace("list_add_tail(", "list_add(");
    assert!(found(&last).contains(&"bug_on"));
    let many = in_turn(2, "__wake_up_locked", 1).replace("WQ_FLAG_EXCLUSIVE", "0");
    assert!(found(&many).contains(&"bug_on"));
}
