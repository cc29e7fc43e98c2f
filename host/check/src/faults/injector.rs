//! The plan at work.

use std::sync::Arc;

use data::{Data, EcoString};
use engine::{Change, Execution, Failure, Record};
use runtime::Functions;
use runtime::inject::{Attempt, Halt, Injection, InjectionId, Injector, Intervention};

use super::inject::Planned;
use super::numbers::Numbers;
use super::select::{Named, Selector};
use super::tally::Tally;
use super::{FaultPlan, PlannedFault};
use crate::mock::Mocks;

/// Directs a run: its mocks answer for the tasks of the main execution, its faults befall whatever they select.
pub(super) struct Director {
    plan: Arc<FaultPlan>,
    tally: Tally,
    /// Mocks of its own; none: those of the tally, which tells what was not used of them.
    mocks: Option<Mocks>,
    /// How many attempts, or entries, each fault has seen that its machine, state and function mean.
    calls: Vec<u32>,
}

/// Lets a plan and mocks direct a run; what came of them is in the tally.
///
/// Functions are known by their entries' names then, whatever alias or ARN the plan has. Nobody need be asked where
/// nothing is planned.
pub fn direct(
    plan: FaultPlan,
    mocks: Mocks,
    functions: &Functions,
) -> (Option<Box<dyn Injector>>, Tally) {
    let idle = plan.is_empty() && mocks.states().next().is_none();
    let plan = plan.resolved(functions);
    let tally = Tally::new(&plan, mocks);
    let director = Director {
        calls: vec![0; plan.faults.len()],
        plan: Arc::new(plan),
        tally: tally.clone(),
        mocks: None,
    };
    let injector: Box<dyn Injector> = Box::new(director);
    ((!idle).then_some(injector), tally)
}

impl Director {
    /// One of several that share a tally, each with mocks and counts of its own.
    pub(super) fn new(plan: Arc<FaultPlan>, tally: Tally, mocks: Mocks) -> Director {
        Director {
            calls: vec![0; plan.faults.len()],
            plan,
            tally,
            mocks: Some(mocks),
        }
    }

    fn mocked(&mut self, state: &str) -> Option<Result<Data, Failure>> {
        match &mut self.mocks {
            Some(own) => own.answer(state),
            None => self.tally.mocked(state),
        }
    }

    /// Counts a call for the fault; whether it is one of those that it means.
    fn counts(&mut self, at: usize, selector: &Selector) -> bool {
        let call = self.calls[at];
        self.calls[at] = call.saturating_add(1);
        selector.call.is_none_or(|calls| calls.contains(call))
    }

    fn injection(&mut self, attempt: &Attempt<'_>) -> Option<(InjectionId, Injection)> {
        let plan = Arc::clone(&self.plan);
        let mut chosen = None;
        for (at, fault) in plan.faults.iter().enumerate() {
            let Planned::Injection(injection) = &fault.inject else {
                continue;
            };
            // Every fault counts its calls, also those that an earlier one takes.
            let meant = fault.at.means(attempt) && self.counts(at, &fault.at);
            if !meant || !fault.selects(attempt) {
                continue;
            }
            if !fault.strikes(attempt) {
                self.tally.spared(at);
            } else if chosen.is_some() {
                self.tally.shadowed(at);
            } else {
                self.tally.injected(at);
                chosen = Some((InjectionId(at), injection.clone()));
            }
        }
        chosen
    }
}

impl Injector for Director {
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Intervention {
        let injection = self.injection(attempt);
        let state = &attempt.request.state_name;
        let answer = attempt.is_main.then(|| self.mocked(state)).flatten();
        Intervention { answer, injection }
    }

    fn halts(&self) -> bool {
        self.plan.halts()
    }

    fn step(&mut self, _root: &str, execution: &Execution, records: &[Record]) -> Vec<(u32, Halt)> {
        let plan = Arc::clone(&self.plan);
        let machine = &execution.about().state_machine_name;
        let mut halts = Vec::new();
        for record in records {
            for (at, fault) in plan.faults.iter().enumerate() {
                let halt = match &fault.inject {
                    Planned::Injection(_) => continue,
                    Planned::Stop(failure) => Halt::Stop(InjectionId(at), failure.clone()),
                    Planned::Crash => Halt::Crash(InjectionId(at)),
                };
                let meant = is_machine(&fault.at.machine, machine) && fault.at.means_record(record);
                if !meant || !self.counts(at, &fault.at) {
                    continue;
                }
                self.tally.injected(at);
                let stops = matches!(halt, Halt::Stop(..));
                halts.push((record.seq, halt));
                if stops {
                    return halts;
                }
            }
        }
        halts
    }

    fn took_effect(&mut self, id: InjectionId) {
        self.tally.took_effect(id);
    }
}

impl PlannedFault {
    /// Whether it means the attempt, which is one of those that its machine, state and function mean.
    fn selects(&self, attempt: &Attempt<'_>) -> bool {
        let (at, request) = (&self.at, attempt.request);
        let item = |items: Numbers| request.item.is_some_and(|item| items.contains(item));
        at.attempt.is_none_or(|all| all.contains(request.attempt)) && at.item.is_none_or(item)
    }

    /// Whether its rate takes the attempt.
    fn strikes(&self, attempt: &Attempt<'_>) -> bool {
        let drawn = || (attempt.chance)(&format!("fault {}", self.name));
        self.at.rate.is_none_or(|rate| drawn() < rate)
    }
}

impl Selector {
    fn means(&self, attempt: &Attempt<'_>) -> bool {
        let machine = &attempt.execution.about().state_machine_name;
        let function = match (&self.function, attempt.function) {
            (None, _) => true,
            (Some(named), Some(function)) => named.name == function,
            (Some(_), None) => false,
        };
        is_machine(&self.machine, machine)
            && is(&self.state, &attempt.request.state_name)
            && function
    }

    fn means_record(&self, record: &Record) -> bool {
        match (&record.change, &self.state) {
            (Change::StateEntered { state, .. }, Some(named)) => named.name == state.name,
            (_, Some(_)) => false,
            (_, None) => self.record == Some(record.seq),
        }
    }
}

/// The children of a Distributed Map run states of its machine, under a name that goes on behind a slash.
fn is_machine(named: &Option<Named>, name: &EcoString) -> bool {
    let machine = name
        .split_once('/')
        .map_or(name.as_str(), |(machine, _)| machine);
    named.as_ref().is_none_or(|named| named.name == *machine)
}

fn is(named: &Option<Named>, name: &EcoString) -> bool {
    named.as_ref().is_none_or(|named| named.name == *name)
}
