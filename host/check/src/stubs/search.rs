//! Finding stubs with which a machine runs to its end.
//!
//! The machine is run again and again, by the real interpreter. What a state reads and does not find is added
//! to the value that it must come from, which its mark tells. Where a comparison decides on the way, its values
//! are tried until the execution succeeds without a failure on the way and uses as many tasks as it can.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asl::{Program, StateId, StateKind};
use data::{Data, EcoString};
use engine::{Failure, errors};
use query::Hop;

use super::reads::{Read, reads};
use super::service;
use super::shape::{Chosen, Marks, ShapeId, Shapes};
use super::trial::Trial;

/// How many ways to choose values are tried, and how many more may wait for it.
const MOST_TRIED: usize = 300;
const MOST_WAITING: usize = 3000;
/// The most states that are entered meanwhile, which bounds the work for large machines.
const MOST_VISITS: usize = 400_000;
/// From how many visits of a state in one run something is learnt.
const MOST_REPEATED: usize = 8;
/// The most runs in which one failure is explored.
const MOST_LESSONS: usize = 40;

/// The names in `ErrorEquals` that are no errors themselves.
const WIDE: [&str; 2] = [errors::ALL, errors::TASK_FAILED];

/// What was found for a machine.
#[derive(Debug)]
pub(super) struct Found {
    /// What each Task returns, in the order of the program.
    pub results: Vec<(StateId, Data)>,
    /// An input with which the machine runs to its end.
    pub input: Data,
    /// How the machine ends with these; none if it succeeds.
    pub failure: Option<Failure>,
    /// Whether something fails on the way and is caught.
    pub troubled: bool,
    /// The tasks that are never reached.
    pub unused: Vec<StateId>,
}

/// How good a run is: whether it succeeds, whether nothing fails on the way, and how many tasks it uses.
type Score = (bool, bool, usize);

/// Finds stubs for the tasks of a machine.
pub(super) fn search(program: &Arc<Program>) -> Found {
    let mut search = Search::new(program);
    let order = search.explore();
    let (best, _) = search.best(&order);
    search.explore_failures(&best);
    search.choose(&order)
}

struct Search<'a> {
    program: &'a Arc<Program>,
    shapes: Shapes,
    input: ShapeId,
    tasks: BTreeMap<StateId, ShapeId>,
    /// Which place a read of a state means, also where its value has no mark any more.
    bindings: BTreeMap<(StateId, EcoString), ShapeId>,
}

impl<'a> Search<'a> {
    fn new(program: &'a Arc<Program>) -> Search<'a> {
        let mut shapes = Shapes::default();
        let input = shapes.root();
        let mut tasks = BTreeMap::new();
        for (id, state) in program.states() {
            if let StateKind::Task(task) = &state.kind {
                let root = shapes.root();
                service::prepare(&task.resource, root, &mut shapes);
                tasks.insert(id, root);
            }
        }
        Search {
            program,
            shapes,
            input,
            tasks,
            bindings: BTreeMap::new(),
        }
    }

    /// Tries the values of every choice, the most promising first, and learns what is read on the way. Gives all
    /// that was tried, in that order.
    fn explore(&mut self) -> Vec<Chosen> {
        let mut waiting = vec![((false, false, 0), Chosen::new())];
        let mut seen = BTreeSet::from([Chosen::new()]);
        let mut order = Vec::new();
        let mut visits = 0;
        while order.len() < MOST_TRIED
            && visits < MOST_VISITS
            && let Some(best) = best(&waiting)
        {
            let (_, chosen) = waiting.remove(best);
            let trial = self.settle(&chosen, &mut visits);
            let score = self.score(&trial);
            for (place, count) in self.shapes.choices() {
                for index in 0..count {
                    let mut other = chosen.clone();
                    other.insert(place, index);
                    other.retain(|_, index| *index > 0);
                    if waiting.len() < MOST_WAITING && seen.insert(other.clone()) {
                        waiting.push((score, other));
                    }
                }
            }
            order.push(chosen);
        }
        order
    }

    /// Runs with these choices until nothing new is learnt.
    ///
    /// A value of which nothing is known is an object at first, since that carries a mark. Where the machine can
    /// do nothing with an object, it comes further with a guess.
    fn settle(&mut self, chosen: &Chosen, visits: &mut usize) -> Trial {
        while *visits < MOST_VISITS {
            let known = self.shapes.learnt;
            for marks in [Marks::Eager, Marks::Known] {
                let trial = self.run(chosen, marks);
                *visits += trial.visits.len();
                self.learn(&trial);
                if self.shapes.learnt != known {
                    break;
                }
                if marks == Marks::Known || self.is_clean(&trial) {
                    return trial;
                }
            }
        }
        self.run(chosen, Marks::Known)
    }

    fn is_clean(&self, trial: &Trial) -> bool {
        trial.failure().is_none() && trial.troubles == 0
    }

    fn run(&self, chosen: &Chosen, marks: Marks) -> Trial {
        self.run_failing(chosen, marks, None)
    }

    /// A run in which the tasks of a state or below it fail.
    fn run_failing(
        &self,
        chosen: &Chosen,
        marks: Marks,
        failing: Option<(StateId, &Failure)>,
    ) -> Trial {
        Trial::run(
            self.program,
            self.value(self.input, chosen, marks),
            &|state| match failing {
                Some((whole, failure)) if self.is_within(state, whole) => Err(failure.clone()),
                _ => Ok(match self.tasks.get(&state) {
                    Some(root) => self.value(*root, chosen, marks),
                    None => Data::empty_object(),
                }),
            },
        )
    }

    fn is_within(&self, state: StateId, whole: StateId) -> bool {
        let owner = |state: &StateId| self.program.block(self.program.state(*state).block).owner;
        std::iter::successors(Some(state), owner).any(|outer| outer == whole)
    }

    /// Learns what is read where failures are caught: each catcher has its turn.
    fn explore_failures(&mut self, chosen: &Chosen) {
        let program = self.program;
        for (id, state) in program.states() {
            for catcher in &state.catch {
                let error = catcher.error_equals.first();
                let error = error.filter(|error| !WIDE.contains(&error.as_str()));
                let error = error.cloned().unwrap_or_else(|| "Stub.Failed".into());
                let failure = Failure::new(error, "by a stub");
                for _ in 0..MOST_LESSONS {
                    let known = self.shapes.learnt;
                    let trial = self.run_failing(chosen, Marks::Eager, Some((id, &failure)));
                    self.learn(&trial);
                    if self.shapes.learnt == known {
                        break;
                    }
                }
            }
        }
    }

    fn value(&self, root: ShapeId, chosen: &Chosen, marks: Marks) -> Data {
        self.shapes
            .data(root, chosen, marks)
            .unwrap_or_else(Data::empty_object)
    }

    /// Adds to the values whatever the visited states read of them.
    fn learn(&mut self, trial: &Trial) {
        let mut visited: BTreeMap<StateId, usize> = BTreeMap::new();
        for visit in &trial.visits {
            let times = visited.entry(visit.state).or_default();
            *times += 1;
            if *times > MOST_REPEATED {
                continue;
            }
            let state = self.program.state(visit.state);
            for read in reads(state, visit) {
                let key = (visit.state, read.key.clone());
                let place = self.place(&read).or_else(|| {
                    // A value without a mark is what the same read meant before.
                    let is_choice = !read.candidates.is_empty();
                    self.bindings.get(&key).copied().filter(|_| is_choice)
                });
                let Some(place) = place else { continue };
                self.bindings.insert(key, place);
                self.shapes.want(place, read.kind);
                for candidate in &read.candidates {
                    self.shapes.offer(place, candidate);
                }
            }
        }
    }

    /// The place of the stubs that a read leads to; none if it leads to something that the machine made itself.
    fn place(&mut self, read: &Read) -> Option<ShapeId> {
        let mut at = Some(&read.root);
        let mut owner = at.and_then(|data| self.shapes.marked(data));
        for hop in &read.hops {
            at = at.and_then(|data| step(data, hop));
            let mark = at.and_then(|data| self.shapes.marked(data));
            owner = match (mark, owner, at) {
                (Some(mark), _, _) => Some(mark),
                // The stub has what was found, or somebody else has put it there.
                (None, Some(owner), Some(_)) => self.shapes.known(owner, hop),
                (None, Some(owner), None) => Some(self.shapes.child(owner, hop)),
                (None, None, _) => None,
            };
        }
        owner
    }

    fn score(&self, trial: &Trial) -> Score {
        let succeeds = trial.failure().is_none();
        (succeeds, trial.troubles == 0, self.used(trial).len())
    }

    fn used(&self, trial: &Trial) -> BTreeSet<StateId> {
        let states = trial.visits.iter().map(|visit| visit.state);
        states
            .filter(|state| self.tasks.contains_key(state))
            .collect()
    }

    /// The best of what was tried, now without marks: as the mock file will have it.
    fn best(&self, order: &[Chosen]) -> (Chosen, Trial) {
        let mut best: Option<(Score, &Chosen, Trial)> = None;
        for chosen in order {
            let trial = self.run(chosen, Marks::Off);
            let score = self.score(&trial);
            if best.as_ref().is_none_or(|(known, ..)| score > *known) {
                best = Some((score, chosen, trial));
            }
        }
        let (_, chosen, trial) = best.expect("the first choices are always tried");
        (chosen.clone(), trial)
    }

    fn choose(&self, order: &[Chosen]) -> Found {
        let (chosen, trial) = self.best(order);
        let chosen = &chosen;
        let used = self.used(&trial);
        let results = self.tasks.iter();
        let results = results.map(|(state, root)| (*state, self.value(*root, chosen, Marks::Off)));
        let results: Vec<(StateId, Data)> = results.collect();
        let mut found = Found {
            input: self.value(self.input, chosen, Marks::Off),
            failure: trial.failure(),
            troubled: trial.troubles > 0,
            unused: self
                .tasks
                .keys()
                .copied()
                .filter(|task| !used.contains(task))
                .collect(),
            results,
        };
        self.without_input(&mut found, &trial);
        found
    }

    /// Drops the input if the machine takes the same way without it.
    fn without_input(&self, found: &mut Found, with: &Trial) {
        let results: BTreeMap<StateId, &Data> = found
            .results
            .iter()
            .map(|(state, data)| (*state, data))
            .collect();
        let without = Trial::run(self.program, Data::empty_object(), &|state| {
            let result = results.get(&state);
            Ok(result.map_or_else(Data::empty_object, |data| (*data).clone()))
        });
        if found.failure.is_none() && self.score(&without) == self.score(with) {
            found.input = Data::empty_object();
        }
    }
}

/// The most promising of what waits; of equals the one that waits longest.
fn best(waiting: &[(Score, Chosen)]) -> Option<usize> {
    let ranked = waiting.iter().enumerate();
    let ranked = ranked.map(|(at, (score, chosen))| {
        (
            (
                *score,
                std::cmp::Reverse(chosen.len()),
                std::cmp::Reverse(at),
            ),
            at,
        )
    });
    ranked.max_by_key(|(rank, _)| *rank).map(|(_, at)| at)
}

/// One step into a value.
fn step<'d>(data: &'d Data, hop: &Hop) -> Option<&'d Data> {
    match hop {
        Hop::Field(name) => match data.as_array() {
            // As JSONata goes on: a field of an array is that of its items.
            Some(items) => items.first()?.get(name),
            None => data.get(name),
        },
        Hop::Item(index) => data.as_array()?.get(*index),
        Hop::Items => data.as_array()?.first(),
    }
}
