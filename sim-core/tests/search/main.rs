//! The search, against graphs that are known by hand and against an oracle that keeps everything.

mod oracle;
mod random;
mod toys;

use sim_core::finding::Kind;
use sim_core::model::{Bound, Choice, Model, Observer, Symptom};
use sim_core::search::{Found, Limit, Options, Outcome, Sampling, Shows, Strategy, Verdict, explore, sample};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use toys::{Op, Tasks, locked_increments, philosophers, symptom};

fn run<M: Model>(model: &M, options: &Options) -> Outcome {
    explore(model, options, &mut |_| ControlFlow::Continue(())).expect("toys do not grow")
}

/// Hears problems.
#[derive(Default)]
struct Heard(Vec<Symptom>);

impl Observer for Heard {
    fn symptom(&mut self, symptom: Symptom) {
        self.0.push(symptom);
    }
    fn bound(&mut self, _bound: Bound) {}
    fn reached(&mut self, _claim: u32) {}
}

fn choices<M: Model>(model: &M, state: &[u8]) -> Vec<Choice> {
    let mut choices = Vec::new();
    model.choices(state, &mut choices);
    choices
}

/// The state that a schedule leads to, and what its last step said. Each step is possible, and changes something; the last need not, if it is what shows
/// the problem.
fn follow<M: Model>(model: &M, schedule: &[Choice]) -> (Vec<u8>, Heard) {
    let (mut state, mut heard) = (vec![0; model.state_len()], Heard::default());
    model.initial(&mut state, &mut heard).expect("toys do not grow");
    for (index, &choice) in schedule.iter().enumerate() {
        assert!(choices(model, &state).contains(&choice), "{choice:?} is not possible");
        let before = state.clone();
        heard.0.clear();
        model.step(&mut state, choice, &mut heard).expect("toys do not grow");
        assert!(state != before || index + 1 == schedule.len(), "{choice:?} only waits");
    }
    (state, heard)
}

/// Whether a schedule shows its problem where it says.
fn shows<M: Model>(model: &M, found: &Found) -> bool {
    let (state, mut heard) = follow(model, &found.schedule);
    match found.shows {
        Shows::Step => {}
        Shows::State => model.inspect(&state, &mut heard),
        Shows::Stuck { stuck } => assert_ne!(model.stuck(&state, stuck, &mut heard), 0),
        Shows::Spinning { context, fair } => model.spinning(&state, context, fair, &mut heard),
    }
    heard.0.contains(&found.symptom)
}

fn explored<M: Model>(model: &M) -> Outcome {
    run(model, &Options::default())
}

fn contexts(schedule: &[Choice]) -> Vec<u8> {
    schedule.iter().map(|choice| choice.context).collect()
}

#[test]
fn locked_increments_have_the_states_counted_by_hand() {
    // With the lock free, each of three tasks has done 0 to 3 rounds: 4^3. With task t holding it, after 0, 1 of its two steps inside or 2
    // (about to unlock): t is in one of 3 rounds, the others have done 0 to 3: 3 * 3 * 4^2 places, two of them (before and after counting).
    // The counter follows from the places. 64 + 3 * 3 * 16 * 2 = 352.
    let outcome = explored(&locked_increments(3, 3));
    assert_eq!(outcome.verdict, Verdict::Complete);
    assert_eq!(outcome.stats.states, 352);
    // From a free state each unfinished task steps: 3 tasks * 3 rounds * 16; from every held state only the holder: 288.
    assert_eq!(outcome.stats.transitions, 144 + 288);
    assert_eq!((outcome.stats.terminal, outcome.stats.finals, outcome.stats.depth), (1, 1, 27));
    assert_eq!(outcome.reached.into_iter().collect::<Vec<_>>(), [9]);
    assert_eq!(outcome.found, []);
}

#[test]
fn philosophers_who_all_reach_left_first_deadlock_after_one_step_each() {
    for count in 2..7 {
        let outcome = explored(&philosophers(count, false));
        assert_eq!(outcome.found.len(), 1, "{:?}", outcome.found);
        let found = &outcome.found[0];
        assert_eq!(found.symptom, symptom(Kind::Deadlock, (1 << count) - 1));
        assert_eq!(contexts(&found.schedule), (0..count).collect::<Vec<_>>());
        assert_eq!(found.shows, Shows::Stuck { stuck: (1 << count) - 1 });
        assert!(found.shortest);
        assert_eq!(explored(&philosophers(count, true)).found, []);
    }
}

#[test]
fn a_deadlock_of_two_is_found_beside_a_third_that_runs_on_for_ever() {
    let mut model = philosophers(2, false);
    model.locks = 3;
    model.programs.push(vec![Op::Spin(2), Op::Back(1)]);
    let outcome = explored(&model);
    let kinds: Vec<_> = outcome.found.iter().map(|found| (found.symptom.kind, found.schedule.len())).collect();
    assert_eq!(kinds, [(Kind::SoftLockup, 0), (Kind::Deadlock, 2)]);
}

#[test]
fn who_waits_for_one_that_holds_a_lock_and_is_not_meant_to_end_is_told_of() {
    let mut model = Tasks::new(2, vec![vec![Op::Lock(0), Op::Spin(1), Op::Back(1)], vec![Op::Lock(0), Op::Unlock(0)]]);
    model.endless = 1;
    let outcome = explored(&model);
    let found: Vec<_> = outcome.found.iter().map(|found| (&found.symptom, contexts(&found.schedule))).collect();
    assert_eq!(found, [(&symptom(Kind::SoftLockup, 1), vec![0])]);
    // If it gives the lock back each time, nobody waits for ever.
    model.programs[0] = vec![Op::Lock(0), Op::Unlock(0), Op::Back(2)];
    assert_eq!(explored(&model).found, []);
}

#[test]
fn two_who_back_off_for_each_other_may_do_so_for_ever() {
    let polite = |own, other| vec![Op::Lock(own), Op::TryOrUndo(other, own), Op::Unlock(other), Op::Unlock(own)];
    let outcome = explored(&Tasks::new(2, vec![polite(0, 1), polite(1, 0)]));
    let symptoms: Vec<_> = outcome.found.iter().map(|found| found.symptom.clone()).collect();
    assert_eq!(symptoms, [symptom(Kind::Livelock, 0), symptom(Kind::Livelock, 1)]);
    // One alone never fails.
    assert_eq!(explored(&Tasks::new(2, vec![polite(0, 1)])).found, []);
}

#[test]
fn a_retry_loop_beside_a_holder_that_goes_on_is_no_livelock() {
    let holder = vec![Op::Lock(0), Op::Count, Op::Unlock(0)];
    let trier = vec![Op::Spin(1), Op::TryOrBack(0, 1), Op::Unlock(0)];
    assert_eq!(explored(&Tasks::new(2, vec![holder, trier])).found, []);
}

#[test]
fn of_schedules_as_short_the_one_with_fewest_switches_is_shown() {
    // Six orders of two steps each lead to the sum of four; two of them switch once, and of those the first task goes first in one.
    let mut model = Tasks::new(0, vec![vec![Op::Count; 2]; 2]);
    model.forbidden = Some(4);
    let outcome = explored(&model);
    assert_eq!(contexts(&outcome.found[0].schedule), [0, 0, 1, 1]);
    assert_eq!(outcome.found[0].shows, Shows::State);
}

#[test]
fn a_problem_in_a_step_is_shown_by_the_schedule_that_ends_with_it() {
    let outcome = explored(&Tasks::new(0, vec![vec![Op::Count], vec![Op::Count, Op::Bug(7)]]));
    assert_eq!(contexts(&outcome.found[0].schedule), [1, 1]);
    assert_eq!((outcome.found[0].shows, outcome.found[0].symptom.detail), (Shows::Step, 7));
}

#[test]
fn the_result_is_the_same_for_any_number_of_threads() {
    let model = philosophers(7, false);
    let one = run(&model, &Options { threads: 1, ..Options::default() });
    for threads in [2, 3] {
        assert_eq!(run(&model, &Options { threads, ..Options::default() }), one);
    }
}

#[test]
fn other_seeds_and_full_comparison_give_the_same_counts() {
    let model = philosophers(6, false);
    let counts = |outcome: &Outcome| {
        let stats = outcome.stats;
        (stats.states, stats.transitions, stats.depth, stats.terminal, stats.finals, outcome.found.clone())
    };
    let one = explored(&model);
    let other = run(&model, &Options { seed: 1, ..Options::default() });
    assert_eq!(counts(&other), counts(&one));
    assert_ne!(other.stats.digest, one.stats.digest);
    let exact = run(&model, &Options { exact: true, ..Options::default() });
    assert_eq!(counts(&exact), counts(&one));
    assert_eq!(exact.stats.digest, one.stats.digest);
}

#[test]
fn each_limit_stops_the_search_and_says_so() {
    let model = locked_increments(4, 4);
    let all = explored(&model).stats;
    let stopped = |options: Options| {
        let outcome = run(&model, &options);
        assert!(outcome.stats.states < all.states);
        (outcome.verdict, outcome.stats)
    };
    let (verdict, stats) = stopped(Options { max_states: Some(100), ..Options::default() });
    assert_eq!(verdict, Verdict::Stopped(Limit::States));
    assert!((100..104).contains(&stats.states), "{}", stats.states);
    let (verdict, stats) = stopped(Options { max_depth: Some(5), ..Options::default() });
    assert_eq!((verdict, stats.depth), (Verdict::Stopped(Limit::Depth), 5));
    let (verdict, _) = stopped(Options { max_memory: Some(1), ..Options::default() });
    assert_eq!(verdict, Verdict::Stopped(Limit::Memory));
    let interrupt = Some(std::sync::Arc::new(true.into()));
    let (verdict, stats) = stopped(Options { interrupt, ..Options::default() });
    assert_eq!((verdict, stats.states), (Verdict::Stopped(Limit::Interrupted), 1));
    let mut calls = 0;
    let outcome = explore(&model, &Options::default(), &mut |progress| {
        calls += 1;
        assert!(progress.bytes > 0);
        if calls > 3 { ControlFlow::Break(Limit::Time) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(outcome.expect("toys do not grow").verdict, Verdict::Stopped(Limit::Time));
    // A limit that is not reached changes nothing.
    let outcome = run(&model, &Options { max_states: Some(all.states + 1), ..Options::default() });
    assert_eq!((outcome.verdict, outcome.stats), (Verdict::Complete, all));
}

#[test]
fn the_executions_that_are_given_take_every_step_if_there_may_be_enough() {
    for model in [locked_increments(3, 2), philosophers(3, false)] {
        let all = explored(&model).stats;
        let given = |paths| run(&model, &Options { paths, ..Options::default() }).paths;
        let steps = |paths: &[Vec<Choice>]| {
            let steps = paths
                .iter()
                .flat_map(|path| (1..=path.len()).map(|len| (follow(&model, &path[..len - 1]).0, path[len - 1])));
            steps.collect::<BTreeSet<(Vec<u8>, Choice)>>().len() as u64
        };
        let paths = given(usize::MAX);
        assert_eq!(steps(&paths), all.transitions);
        assert_eq!(given(0), Vec::<Vec<Choice>>::new());
        let few = given(10);
        assert_eq!(few.len(), 10);
        assert!(steps(&few) > steps(&few[..9]) && steps(&few) < all.transitions);
    }
}

#[test]
fn nothing_is_called_stuck_after_a_limit() {
    let model = philosophers(4, false);
    let outcome = run(&model, &Options { max_depth: Some(4), ..Options::default() });
    assert_eq!((outcome.verdict, outcome.found.len()), (Verdict::Stopped(Limit::Depth), 0));
}

fn sampled(model: &Tasks, strategy: Strategy, runs: u64) -> Outcome {
    let sampling = Sampling { strategy, runs, max_steps: 1000, seed: 5, paths: 0 };
    sample(model, &sampling, &mut |_| ControlFlow::Continue(())).expect("toys do not grow")
}

#[test]
fn random_executions_find_the_philosophers_deadlock_and_never_claim_to_be_all() {
    for strategy in [Strategy::Random, Strategy::Pct { changes: 3 }] {
        let outcome = sampled(&philosophers(3, false), strategy, 300);
        assert_eq!(outcome.verdict, Verdict::Stopped(Limit::Runs));
        let found = &outcome.found[0];
        assert_eq!((found.symptom.clone(), found.shortest), (symptom(Kind::Deadlock, 7), false));
        assert_eq!(outcome, sampled(&philosophers(3, false), strategy, 300));
        // The schedule leads where it says.
        let model = philosophers(3, false);
        assert_eq!(choices(&model, &follow(&model, &found.schedule).0), []);
        let outcome = sampled(&philosophers(3, true), strategy, 300);
        assert_eq!((outcome.found.len(), outcome.stats.finals), (0, 300));
    }
}

#[test]
fn one_change_of_priority_finds_what_a_random_walk_would_need_100_000_executions_for() {
    // The first task holds the lock between its first two steps, and the second looks in its 21st: of 21 fair coins, exactly one must show the first
    // task, 21 in 2^21. With priorities: the first task has the higher one (1 in 2), and loses it after its first step (1 in about 44).
    let first = [vec![Op::Lock(0), Op::Unlock(0)], vec![Op::Count; 20]].concat();
    let second = [vec![Op::Count; 20], vec![Op::WhileHeld(0, 3)]].concat();
    let model = Tasks::new(1, vec![first, second]);
    let outcome = sampled(&model, Strategy::Pct { changes: 1 }, 600);
    assert_eq!(outcome.found.iter().map(|found| found.symptom.detail).collect::<Vec<_>>(), [3]);
    assert_eq!(sampled(&model, Strategy::Random, 600).found, []);
}

#[test]
fn executions_of_locked_increments_are_the_orders_in_which_the_lock_is_taken() {
    // Only the holder steps while the lock is held, so that an execution is an order of the rounds: (tasks * rounds)! / (rounds!)^tasks.
    let options = Options { count_executions: true, ..Options::default() };
    for (tasks, rounds, executions) in [(2, 2, 6u64), (3, 3, 1680), (4, 2, 2520), (2, 10, 184_756), (5, 3, 168_168_000)]
    {
        let outcome = run(&locked_increments(tasks, rounds), &options);
        assert_eq!(outcome.executions, Some(executions.into()));
    }
    // Without a lock, 30 steps of one and 40 of the other in any order: 70! / (30! 40!).
    let outcome = run(&Tasks::new(0, vec![vec![Op::Count; 30], vec![Op::Count; 40]]), &options);
    assert_eq!(outcome.executions.map(|count| count.to_string()).as_deref(), Some("55347740058143507128"));
}

#[test]
fn a_graph_with_a_cycle_has_no_number_of_executions() {
    let options = Options { count_executions: true, ..Options::default() };
    let outcome = run(&Tasks::new(1, vec![vec![Op::Spin(0), Op::Back(1)], vec![Op::Count]]), &options);
    assert_eq!(outcome.executions, None);
}
