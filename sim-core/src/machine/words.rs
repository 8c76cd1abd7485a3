//! A choice as a word: `c0` (whatever is on top of CPU 0), `nic@c1` (the interrupt nic arrives on CPU 1), `writer@c0` (the task writer takes CPU 0),
//! with `!fails`, `!faults`, `!reclaims`, `!pagefault`, `!timeout`, `!later`, `!signal` or `!spurious` for what is out of the ordinary, `!on:worker` for an interrupt that finds the wandering task
//! worker on its CPU, `!ksoftirqd` for softirqs that are left to it, and `!blink` for a timer of that name that expires.
//!
//! Invariant: in any one state, different choices have different words. So a schedule is words and not indices: it survives an edit of the source.

use super::Machine;
use super::layout::Origin;
use super::softirq::Start;
use super::workqueue::Pool;
use crate::model::{Choice, Model};
use crate::program::{Chance, KernelCall};

/// What stands in a schedule before a round: words that lead back to where they begin, so that they can go on for ever.
pub const FOREVER: &str = "forever";

/// A word of a schedule that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a word of a schedule; words are `c0`, `c0*3`, `nic@c1`, `writer@c0!signal`")]
pub struct UnknownWord(pub String);

impl Machine {
    /// The word for a choice in a state.
    pub fn word(&self, s: &[u8], choice: Choice) -> String {
        let context = choice.context as usize;
        let cpu = choice.cpu as usize;
        let decl = &self.layout.contexts[context];
        let only = || self.candidates[cpu].len() == 1;
        let top = self.handler(s, cpu).or(self.serving_on_top(s, cpu));
        let implied = top == Some(context)
            || (top.is_none() && decl.is_task() && (self.owner(s, cpu) == Some(context) || only()));
        let who = if implied { String::new() } else { format!("{}@", decl.name) };
        format!("{who}c{cpu}{}", self.outcome_suffix(s, choice))
    }

    fn outcome_suffix(&self, s: &[u8], choice: Choice) -> String {
        let context = choice.context as usize;
        if self.point(s, context).is_none() && !self.layout.contexts[context].is_task() {
            return self.start_suffix(s, choice);
        }
        if self.is_clock(context) {
            return if choice.outcome == 0 { "!due".to_owned() } else { format!("!due{}", choice.outcome + 1) };
        }
        if self.is_idle_worker(s, context) {
            return Pool::suffix(choice.outcome);
        }
        let suffix = match (choice.outcome, self.next_call(s, context)) {
            (0, _) => "",
            (1, Some(KernelCall::Alloc { .. })) => "!fails",
            (1, Some(KernelCall::Happens { what: Chance::Reclaim })) => "!reclaims",
            (1, Some(KernelCall::Happens { what: Chance::PageFault })) => "!pagefault",
            (1, Some(KernelCall::CopyToUser | KernelCall::CopyFromUser)) => "!faults",
            (1, Some(KernelCall::GpPoll)) => "!late",
            (1, Some(KernelCall::TimeAfter { .. } | KernelCall::Jiffies)) => "!later",
            (1, Some(KernelCall::SignalPending | KernelCall::FatalSignalPending)) | (2, _) => "!signal",
            (3, Some(KernelCall::Schedule { .. })) => "!spurious",
            _ => "!timeout",
        };
        suffix.to_owned()
    }

    /// What tells one beginning of an interrupt or of softirqs from another: the timer that expires, or RCU, and the task that it finds on its CPU.
    fn start_suffix(&self, s: &[u8], choice: Choice) -> String {
        let (context, outcome, cpu) = (choice.context as usize, choice.outcome as usize, choice.cpu as usize);
        let (first, beneath) = match self.layout.contexts[context].origin {
            Origin::Softirq { .. } if self.serves(s, context) => {
                return match (outcome, self.vector(s, cpu)) {
                    (0, _) => String::new(),
                    (_, None) => "!ksoftirqd".to_owned(),
                    (nth, Some(_)) => {
                        let timer = self.more_timers(s, cpu).get(nth - 1).map(|at| self.word_for(*at));
                        timer.map_or(String::new(), |timer| format!("!{timer}"))
                    }
                };
            }
            Origin::Softirq { .. } => match self.softirq_starts(s, cpu).get(outcome) {
                Some((Start::Timer(at), beneath)) => (Some(self.word_for(*at)), *beneath),
                Some((Start::Rcu, beneath)) => (Some("rcu".to_owned()), *beneath),
                Some((Start::Pending, beneath)) => (None, *beneath),
                None => (None, None),
            },
            Origin::Hrtimer { .. } => match self.hard_starts(s, cpu).get(outcome) {
                Some((at, beneath)) => (Some(self.word_for(*at)), *beneath),
                None => (None, None),
            },
            _ => (None, choice.outcome.checked_sub(1)),
        };
        let first = first.map(|first| format!("!{first}"));
        let beneath = beneath.map(|task| format!("!on:{}", self.name(task as usize)));
        [first, beneath].into_iter().flatten().collect()
    }

    /// A name for the object at an offset that can stand in a word, and that no other object has.
    fn word_for(&self, at: usize) -> String {
        let name = self.name_of(self.address_at(at));
        let plain = name.chars().all(|c| c.is_alphanumeric() || "_.->[]#".contains(c));
        if plain { name } else { format!("timer{at}") }
    }

    /// The choice that a word means in a state, if it is possible there.
    pub fn choice(&self, s: &[u8], word: &str) -> Option<Choice> {
        self.possible(s).into_iter().find(|choice| self.word(s, *choice) == word)
    }

    /// Everything that may happen next.
    pub fn possible(&self, s: &[u8]) -> Vec<Choice> {
        let mut choices = Vec::new();
        self.choices(s, &mut choices);
        choices
    }
}

/// Joins words, writing equal neighbours once: `c0 c0 c1` is `c0*2 c1`.
pub fn join_words(words: &[String]) -> String {
    let runs = words.chunk_by(|a, b| a == b);
    let texts: Vec<String> =
        runs.map(|run| if run.len() == 1 { run[0].clone() } else { format!("{}*{}", run[0], run.len()) }).collect();
    texts.join(" ")
}

/// The words of a schedule, one for each step.
///
/// # Errors
/// The first word that has not the form of one.
pub fn split_words(schedule: &str) -> Result<Vec<String>, UnknownWord> {
    let mut words = Vec::new();
    for text in schedule.split_whitespace() {
        let unknown = || UnknownWord(text.to_owned());
        let (word, times) = match text.rsplit_once('*') {
            Some((word, times)) => (word, times.parse::<u16>().map_err(|_| unknown())?),
            None => (text, 1),
        };
        let place = word.rsplit_once('@').map_or(word, |(_, place)| place);
        let cpu = place.split_once('!').map_or(place, |(cpu, _)| cpu);
        let well_formed = cpu.strip_prefix('c').is_some_and(|n| n.parse::<u8>().is_ok());
        if !well_formed || times == 0 {
            return Err(unknown());
        }
        words.extend(std::iter::repeat_n(word.to_owned(), times as usize));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn equal_neighbours_are_written_once_and_read_back() {
        let all = words("c0 c0 c0 nic@c1 c1 c1 c0 writer@c0!signal");
        assert_eq!(join_words(&all), "c0*3 nic@c1 c1*2 c0 writer@c0!signal");
        assert_eq!(split_words(&join_words(&all)), Ok(all));
    }

    #[test]
    fn what_has_not_the_form_of_a_word_is_named() {
        for bad in ["x", "c", "c0*", "c0*0", "c0*-1", "nic@", "nic@d1", "c0*99999", "nic@cx!fails"] {
            assert_eq!(split_words(&format!("c0 {bad} c1")), Err(UnknownWord(bad.to_owned())), "{bad}");
        }
    }
}
