//! Who was seen to wait for each other in a cycle, and where: noted while a state's bytes are at hand, so that they need not be made again.
//!
//! Invariant: in ascending order of states; each problem's symptom is kept once.

use super::chunked::Chunked;
use super::graph::Graph;
use super::log::{Log, Target};
use super::report::Shows;
use crate::model::{Knot, Symptom};

/// A knot of a state.
#[derive(Clone, Copy, Debug)]
struct Entry {
    state: u32,
    symptom: u32,
    members: u64,
}

/// The knots of all states.
#[derive(Debug)]
pub(super) struct Knots {
    symptoms: Vec<Symptom>,
    entries: Chunked<Entry>,
}

impl Knots {
    pub(super) fn new() -> Self {
        Self { symptoms: Vec::new(), entries: Chunked::new() }
    }

    /// Adds a knot of a state, which is not less than that of the last one.
    pub(super) fn push(&mut self, state: u32, knot: Knot) {
        let known = self.symptoms.iter().position(|known| *known == knot.symptom);
        let symptom = known.unwrap_or_else(|| {
            self.symptoms.push(knot.symptom);
            self.symptoms.len() - 1
        });
        self.entries.push(Entry { state, symptom: symptom as u32, members: knot.members });
    }

    /// The knots of states, which are to be asked for in ascending order, from where the last one's ended: `at` is 0 first.
    pub(super) fn of(&self, state: u32, at: &mut usize) -> impl Iterator<Item = (u64, &Symptom)> {
        let entry = |at: usize| (at < self.entries.len()).then(|| self.entries.get(at));
        while entry(*at).is_some_and(|entry| entry.state < state) {
            *at += 1;
        }
        let first = *at;
        (first..)
            .map_while(move |at| entry(at).filter(|entry| entry.state == state))
            .map(|entry| (entry.members, &self.symptoms[entry.symptom as usize]))
    }

    /// Reports them all as they are, where nobody knows what comes after.
    pub(super) fn report(&self, graph: &Graph, log: &mut Log) {
        for entry in (0..self.entries.len()).map(|at| self.entries.get(at)) {
            let target = Target { state: entry.state, last: None };
            let symptom = self.symptoms[entry.symptom as usize].clone();
            log.add(symptom, Shows::Stuck { stuck: entry.members }, graph.level(entry.state), target);
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.entries.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Kind;

    #[test]
    fn a_state_gives_its_own_knots_in_their_order() {
        let symptom = |detail| Symptom { kind: Kind::Deadlock, at: Vec::new(), detail };
        let mut knots = Knots::new();
        for (state, members, detail) in [(1, 3, 7), (1, 12, 8), (4, 3, 7)] {
            knots.push(state, Knot { members, symptom: symptom(detail) });
        }
        let mut at = 0;
        let mut of = |state| knots.of(state, &mut at).map(|(members, s)| (members, s.detail)).collect::<Vec<_>>();
        assert_eq!(of(0), []);
        assert_eq!(of(1), [(3, 7), (12, 8)]);
        assert_eq!(of(3), []);
        assert_eq!(of(4), [(3, 7)]);
        assert_eq!(of(5), []);
        assert_eq!(knots.symptoms.len(), 2);
    }
}
