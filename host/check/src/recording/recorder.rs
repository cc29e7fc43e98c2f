//! Recording a run while it happens.

use std::collections::BTreeMap;

use data::{Data, EcoString, Format};
use engine::{About, Execution, HistoryEvent, Input, Record, Timestamp};
use runtime::{Finished, Observer};

use super::{Heard, MachineText, Recorded, Recording};

/// Listens to a run.
#[derive(Debug, Default)]
pub struct Recorder {
    /// What each execution heard, by its ARN.
    heard: BTreeMap<EcoString, Vec<Heard>>,
}

/// A machine of the recorded run.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name.
    pub name: EcoString,
    /// The definition's text.
    pub source: data::Source,
    /// How it is written.
    pub format: Format,
    /// The values of its placeholders.
    pub define: BTreeMap<String, String>,
    /// Whether its type is EXPRESS.
    pub express: bool,
}

/// What a recording holds besides what was heard.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The seed of all chance.
    pub seed: u64,
    /// What the run was made with, for people.
    pub about: Data,
    /// The names and aliases of all functions.
    pub functions: Vec<EcoString>,
    /// The machines, the main one first.
    pub machines: Vec<Machine>,
}

impl Observer for Recorder {
    fn input(&mut self, execution: &Execution, at: Timestamp, input: &Input, until: Option<u32>) {
        let arn = &execution.about().execution_arn;
        let input = input.clone();
        let heard = Heard { at, input, until };
        match self.heard.get_mut(arn) {
            Some(all) => all.push(heard),
            None => drop(self.heard.insert(arn.clone(), vec![heard])),
        }
    }
}

impl Recorder {
    /// The recording of a run that is over.
    pub fn finish(mut self, finished: &Finished, settings: Settings) -> Recording {
        let mut recorded = |execution: &Execution, records: &[Record]| {
            let about = execution.about();
            Recorded {
                machine: machine(about).into(),
                block: execution.program().root,
                about: about.clone(),
                heard: self.heard.remove(&about.execution_arn).unwrap_or_default(),
                history: history(about, records),
            }
        };
        let mut executions = vec![recorded(&finished.execution, &finished.records)];
        for other in &finished.others {
            executions.push(recorded(&other.execution, &other.records));
        }
        Recording {
            settings: settings.about,
            seed: settings.seed,
            functions: settings.functions,
            machines: settings.machines.into_iter().map(Machine::text).collect(),
            executions,
        }
    }
}

impl Machine {
    fn text(self) -> MachineText {
        let define = self.define.into_iter();
        MachineText {
            name: self.name,
            file: self.source.name.as_ref().into(),
            format: self.format,
            text: self.source.text.as_ref().into(),
            define: define
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            express: self.express,
        }
    }
}

/// The machine whose definition an execution runs, or a part of it: a child of a Distributed Map names that of its
/// parent and the Map's label.
fn machine(about: &About) -> &str {
    let name = about.state_machine_name.as_str();
    name.split_once('/').map_or(name, |(machine, _)| machine)
}

/// The events of a history, each as GetExecutionHistory has it.
pub(super) fn history(about: &About, records: &[Record]) -> Vec<Data> {
    let events = records
        .iter()
        .filter_map(|record| HistoryEvent::of(record, about));
    events
        .map(|event| event.to_data(|at| at.to_iso_millis().into()))
        .collect()
}
