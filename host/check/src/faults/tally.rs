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
    /// Where it is written.
    pub place: Place,
}

impl fmt::Display for Unfired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, place) = (&self.name, &self.place);
        match self.injected {
            0 => write!(
                f,
                "fault {name:?} never fired: nothing that it selects happened ({place})"
            ),
            n => write!(
                f,
                "fault {name:?} never took effect: it was injected {n} time{} and changed nothing ({place})",
                if n == 1 { "" } else { "s" }
            ),
        }
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

    pub(super) fn took_effect(&self, id: InjectionId) {
        self.with(|counts| counts.effects[id.0] += 1);
    }

    pub(super) fn mocked(&self, state: &str) -> Option<Result<data::Data, engine::Failure>> {
        self.with(|counts| counts.mocks.answer(state))
    }

    /// The faults that changed nothing, in the order of the plan.
    pub fn unfired(&self) -> Vec<Unfired> {
        self.with(|counts| {
            let all = counts
                .names
                .iter()
                .zip(&counts.injected)
                .zip(&counts.effects);
            all.filter(|(_, effects)| **effects == 0)
                .map(|(((name, place), injected), _)| Unfired {
                    name: name.clone(),
                    injected: *injected,
                    place: place.clone(),
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
