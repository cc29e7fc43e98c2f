//! Running the cases of a suite side by side.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use asl::Program;
use data::EcoString;
use engine::{About, Entropy, Execution, Record};
use journal::MemoryJournal;
use runtime::{
    Clock, Companion, Finished, Functions, InvocationReport, Machines, Observer, Run, RunError,
    Stopper,
};
use tokio::runtime::Handle;

use super::Suite;
use super::case::Case;
use super::judge::Difference;
use super::observed::Observed;
use super::report::{CaseReport, SuiteReport};
use crate::coverage::Coverage;
use crate::faults::direct;
use crate::invariant::Watcher;

/// What the cases of a suite run on.
pub struct Stage {
    /// The machine's name.
    pub name: EcoString,
    /// The machine.
    pub program: Arc<Program>,
    /// What startExecution may name.
    pub machines: Machines,
    /// What stands behind the tasks.
    pub functions: Arc<Functions>,
    /// How many guests a case may have live at once: its share of the sandbox's places, so that no case depends on
    /// those beside it.
    pub guests: u32,
    /// Ends the cases when somebody wants the run to stop.
    pub stop: Stopper,
}

/// Runs the cases for which `wanted` holds, `threads` at a time, each on a thread that blocks on the tokio runtime of
/// `handle`. `done` hears of each as it ends, in any order; the report has them in the order of the suite.
pub fn run(
    suite: &Suite,
    stage: &Stage,
    wanted: &(dyn Fn(&Case) -> bool + Sync),
    (handle, threads): (&Handle, usize),
    done: &(dyn Fn(&CaseReport) + Sync),
) -> SuiteReport {
    let cases: Vec<&Case> = suite.cases.iter().filter(|case| wanted(case)).collect();
    let next = AtomicUsize::new(0);
    let ran: Mutex<BTreeMap<usize, Ran>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, cases.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let one = handle.block_on(run_case(suite, stage, case));
                    done(&one.report);
                    ran.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(at, one);
                }
            });
        }
    });
    let ran = ran.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut coverage = Coverage::of(Arc::clone(&stage.program));
    let mut cases = Vec::new();
    for one in ran.into_values() {
        coverage.add(&one.coverage);
        cases.push(one.report);
    }
    SuiteReport::new(suite, stage, cases, coverage)
}

struct Ran {
    report: CaseReport,
    coverage: Coverage,
}

/// Keeps what a case's judge wants to know.
#[derive(Default)]
struct Watch(Vec<InvocationReport>);

impl Observer for Watch {
    fn invoked(&mut self, report: &InvocationReport) {
        self.0.push(report.clone());
    }
}

async fn run_case(suite: &Suite, stage: &Stage, case: &Case) -> Ran {
    let mut watch = Watch::default();
    let mut coverage = Coverage::of(Arc::clone(&stage.program));
    let mocks = case.mocks.clone();
    let (injector, tally) = direct(case.faults.clone(), mocks, &stage.functions);
    let run = Run {
        program: Arc::clone(&stage.program),
        about: Arc::new(about(suite, stage, case)),
        entropy: Entropy::from_seed(case.seed),
        clock: Clock::Virtual {
            start: case.start.unwrap_or(Clock::DEFAULT_START),
        },
        functions: Arc::clone(&stage.functions),
        journal: Box::new(MemoryJournal::default()),
        stop: stage.stop.clone(),
        machines: stage.machines.clone(),
        companions: companions(stage, case),
        activities: None,
        guests: Some(stage.guests),
        injector,
        outside: None,
        definition: Default::default(),
    };
    let finished = match run.execute(case.input.clone(), &mut watch).await {
        Ok(finished) => finished,
        Err(RunError::Waiting {
            so_far: Some(so_far),
            ..
        }) => *so_far,
        Err(error) => {
            let report = CaseReport::broken(case, &error);
            return Ran { report, coverage };
        }
    };
    let Finished {
        execution,
        records,
        others,
    } = finished;
    // The children of Distributed Maps run states of the machine.
    let children = others
        .iter()
        .filter(|other| is_child(&other.execution, &execution));
    let of_children = children.flat_map(|child| &child.records);
    records
        .iter()
        .chain(of_children)
        .for_each(|record| coverage.see(record));
    let observed = Observed::of(&execution, &records, watch.0);
    let mut differences = case.expect.judge(&observed);
    differences.extend(broken_invariants(suite, &execution, &records));
    if !case.allow_unused {
        differences.extend(unused(&tally));
    }
    let report = CaseReport::new(case, differences, &observed, &execution);
    Ran { report, coverage }
}

/// Whether an execution runs a part of the main one's machine.
fn is_child(other: &Execution, main: &Execution) -> bool {
    let (other, main) = (other.program(), main.program());
    other.root != main.root && Arc::ptr_eq(&other.states, &main.states)
}

fn about(suite: &Suite, stage: &Stage, case: &Case) -> About {
    // A name from what makes the case, so that the same case is the same execution wherever it stands.
    let bits = Entropy::from_seed(case.seed).derive("case", &case.name);
    let name = bits
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let mut about = About::local(&stage.name, &name);
    about.quotas = case.quotas.clone();
    if suite.express {
        let seconds = engine::Quotas::express().execution_seconds;
        about.quotas.execution_seconds = about.quotas.execution_seconds.min(seconds);
        about.execution_arn = about.execution_arn.replace(":execution:", ":express:");
    }
    about
}

fn companions(stage: &Stage, case: &Case) -> Vec<Companion> {
    let beside = case.beside.iter().filter_map(|(machine, _, input)| {
        let machine = stage.machines.find(machine)?;
        Some(Companion {
            machine: Arc::clone(machine),
            name: format!("beside-{}", machine.name).into(),
            input: input.clone(),
        })
    });
    beside.collect()
}

fn broken_invariants(suite: &Suite, execution: &Execution, records: &[Record]) -> Vec<Difference> {
    let broken = suite.invariants.iter().filter_map(|invariant| {
        let mut watcher = Watcher::new(invariant.rule(execution.program()).ok()?);
        records.iter().for_each(|record| watcher.see(record));
        watcher.broken(execution.status()).then(|| Difference {
            what: "invariant".to_owned(),
            expected: invariant.to_string(),
            found: format!("{} did not run after it", invariant.must_run),
            place: None,
        })
    });
    broken.collect()
}

/// Faults and mocks that did nothing: a typo must not look like a pass.
fn unused(tally: &crate::faults::Tally) -> Vec<Difference> {
    let faults = tally.unfired().into_iter().map(|fault| Difference {
        what: format!("fault {:?}", fault.name.as_str()),
        expected: "it takes effect".to_owned(),
        found: fault.to_string(),
        place: None,
    });
    let mocks = tally.unused_mocks().into_iter().map(|mock| Difference {
        what: format!("mock of {}", mock.state),
        expected: "it is used".to_owned(),
        found: mock.to_string(),
        place: None,
    });
    faults.chain(mocks).collect()
}
