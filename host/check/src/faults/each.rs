//! The plan and the mocks of a host: each execution that a caller starts has them anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use data::EcoString;
use engine::{Execution, Record};
use runtime::Functions;
use runtime::inject::{Attempt, Halt, InjectionId, Injector, Intervention};

use super::FaultPlan;
use super::injector::Director;
use super::tally::Tally;
use crate::mock::{MockConfig, Mocks};

/// Directs every execution as [`direct`](super::direct) directs a run: counts begin anew with each that a caller starts,
/// which shares them with those that it starts itself. Mocks are those of the case that the caller named.
struct Each {
    plan: Arc<FaultPlan>,
    mocks: MockConfig,
    tally: Tally,
    /// By the ARN of the execution that a caller started.
    directors: BTreeMap<EcoString, Director>,
}

/// Lets a plan and a mock file direct all executions of a host; what came of the faults is in the tally.
pub fn direct_each(
    plan: FaultPlan,
    mocks: MockConfig,
    functions: &Functions,
) -> (Option<Box<dyn Injector>>, Tally) {
    let idle = plan.is_empty() && mocks.cases().next().is_none();
    let plan = plan.resolved(functions);
    let tally = Tally::new(&plan, Mocks::default());
    let each: Box<dyn Injector> = Box::new(Each {
        plan: Arc::new(plan),
        mocks,
        tally: tally.clone(),
        directors: BTreeMap::new(),
    });
    ((!idle).then_some(each), tally)
}

impl Injector for Each {
    fn begins(&mut self, root: &Execution, test_case: Option<&str>) {
        let about = root.about();
        let named = |case: &str| {
            self.mocks
                .case(&format!("{}#{case}", about.state_machine_name))
        };
        // Whoever takes the case from a caller refuses one that is not there.
        let case = test_case.and_then(|case| named(case).ok());
        let mocks = case.map(|case| case.mocks).unwrap_or_default();
        let director = Director::new(Arc::clone(&self.plan), self.tally.clone(), mocks);
        self.directors.insert(about.execution_arn.clone(), director);
    }

    fn attempt(&mut self, attempt: &Attempt<'_>) -> Intervention {
        let director = self.directors.get_mut(attempt.root);
        director
            .map(|director| director.attempt(attempt))
            .unwrap_or_default()
    }

    fn halts(&self) -> bool {
        self.plan.halts()
    }

    fn step(&mut self, root: &str, execution: &Execution, records: &[Record]) -> Vec<(u32, Halt)> {
        let director = self.directors.get_mut(root);
        director
            .map(|director| director.step(root, execution, records))
            .unwrap_or_default()
    }

    fn is_over(&mut self, root: &str) {
        self.directors.remove(root);
    }

    fn took_effect(&mut self, id: InjectionId) {
        self.tally.took_effect(id);
    }
}
