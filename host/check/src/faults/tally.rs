//! What came of the faults of a plan.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use data::EcoString;
use runtime::inject::InjectionId;

use super::FaultPlan;
use crate::mock::{Mocks, Unused};
use crate::place::Place;

/// Counts that the injector of a run writes and whoever asked for the run reads.
#[derive(Clone, Debug)]
pub struct Tally(Arc<Mutex<Counts>>);

#[derive(Debug)]
struct Counts {
    names: Vec<(EcoString, Place)>,
    /// How often each fault was chosen.
    injected: Vec<u64>,
    /// How often it selected an attempt that an earlier fault took.
    shadowed: Vec<u64>,
    /// How often its rate passed an attempt by.
    spared: Vec<u64>,
    /// How often it changed something.
    effects: Vec<u64>,
    mocks: Mocks,
}

/// A fault that did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfired {
    /// Its name.
    pub name: EcoString,
    /// How often it was injected without changing anything; 0: nothing that it means ever happened.
    pub injected: u64,
    /// How often it selected an attempt that an earlier fault of the plan took.
    pub shadowed: u64,
    /// How often its rate passed by an attempt that it selects.
    pub spared: u64,
    /// Where it is written.
    pub place: Place,
}

impl fmt::Display for Unfired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, place) = (&self.name, &self.place);
        let times = |n: u64| {
            if n == 1 {
                "once".to_owned()
            } else {
                format!("{n} times")
            }
        };
        let why = match (self.injected, self.shadowed, self.spared) {
            (0, 0, 0) => "never fired: nothing that it selects happened".to_owned(),
            (0, 0, n) => format!(
                "never fired: its rate passed by all that it selects, {}",
                times(n)
            ),
            (0, n, _) => format!(
                "never fired: an earlier fault took what it selects, {}",
                times(n)
            ),
            (n, ..) => format!(
                "never took effect: it was injected {} and changed nothing",
                times(n)
            ),
        };
        write!(f, "fault {name:?} {why} ({place})")
    }
}

impl Tally {
    pub(super) fn new(plan: &FaultPlan, mocks: Mocks) -> Tally {
        let names = plan
            .faults
            .iter()
            .map(|fault| (fault.name.clone(), fault.place.clone()));
        Tally(Arc::new(Mutex::new(Counts {
            names: names.collect(),
            injected: vec![0; plan.faults.len()],
            shadowed: vec![0; plan.faults.len()],
            spared: vec![0; plan.faults.len()],
            effects: vec![0; plan.faults.len()],
            mocks,
        })))
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Counts) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn injected(&self, at: usize) {
        self.with(|counts| counts.injected[at] += 1);
    }

    pub(super) fn shadowed(&self, at: usize) {
        self.with(|counts| counts.shadowed[at] += 1);
    }

    pub(super) fn spared(&self, at: usize) {
        self.with(|counts| counts.spared[at] += 1);
    }

    pub(super) fn took_effect(&self, id: InjectionId) {
        self.with(|counts| counts.effects[id.0] += 1);
    }

    pub(super) fn mocked(&self, state: &str) -> Option<Result<data::Data, engine::Failure>> {
        self.with(|counts| counts.mocks.answer(state))
    }

    /// The faults that changed nothing, in the order of the plan.
    pub fn unfired(&self) -> Vec<Unfired> {
        self.with(|counts| {
            let idle = (0..counts.names.len()).filter(|at| counts.effects[*at] == 0);
            idle.map(|at| {
                let (name, place) = counts.names[at].clone();
                Unfired {
                    name,
                    injected: counts.injected[at],
                    shadowed: counts.shadowed[at],
                    spared: counts.spared[at],
                    place,
                }
            })
            .collect()
        })
    }

    /// The mocked attempts that never came.
    pub fn unused_mocks(&self) -> Vec<Unused> {
        self.with(|counts| counts.mocks.unused())
    }

    /// How often each fault took effect, by name.
    pub fn effects(&self) -> Vec<(EcoString, u64)> {
        self.with(|counts| {
            let names = counts.names.iter().map(|(name, _)| name.clone());
            names.zip(counts.effects.iter().copied()).collect()
        })
    }
}
