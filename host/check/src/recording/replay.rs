//! Running a recording again.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{Options, Program, Severity};
use data::{Data, EcoString, Source};
use engine::{Effects, Entropy, Execution, Record};
use runtime::{Finished, Other, entropy_beside};

use super::recorder::history;
use super::{MachineText, Recorded, Recording};

/// A recording that came to the same histories again.
#[derive(Debug)]
pub struct Replayed {
    /// The executions with their logs.
    pub finished: Finished,
    /// How many events were compared.
    pub events: usize,
}

/// Where a replay came to something else, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Divergence {
    /// A definition is not accepted any more.
    #[error("the definition of {machine} does not compile here:\n{why}")]
    Definition {
        /// The machine.
        machine: EcoString,
        /// The errors with their places.
        why: String,
    },
    /// The recording does not hold what it speaks of.
    #[error("the recording is not whole: {0}")]
    Incomplete(String),
    /// Something that was heard means nothing.
    #[error(
        "execution {execution}, heard[{index}]: {what} at {at} means nothing to the execution as it stands; \
         it has come to event {event}"
    )]
    Meaningless {
        /// The execution's ARN.
        execution: EcoString,
        /// Which of the things heard.
        index: usize,
        /// What it was.
        what: String,
        /// When.
        at: String,
        /// How many events the execution has so far.
        event: usize,
    },
    /// An event is another.
    #[error(
        "execution {execution}, event {event}:\n  recorded: {recorded}\n  replayed: {replayed}"
    )]
    Event {
        /// The execution's ARN.
        execution: EcoString,
        /// The event's id.
        event: usize,
        /// What was recorded.
        recorded: String,
        /// What came of it now.
        replayed: String,
    },
}

impl Recording {
    /// Feeds every execution what it heard, and holds its history against the recorded one.
    ///
    /// # Errors
    /// [`Divergence`]: where the first difference is.
    pub fn replay(&self) -> Result<Replayed, Divergence> {
        let mut programs = BTreeMap::new();
        for machine in &self.machines {
            programs.insert(machine.name.as_str(), self.compile(machine)?);
        }
        let mut others = Vec::new();
        let mut events = 0;
        for (index, recorded) in self.executions.iter().enumerate() {
            let program = programs.get(recorded.machine.as_str());
            let program = program.ok_or_else(|| {
                Divergence::Incomplete(format!("there is no definition of {}", recorded.machine))
            })?;
            let seed = Entropy::from_seed(self.seed);
            let entropy = match index {
                0 => seed,
                _ => entropy_beside(&seed, &recorded.about),
            };
            let program = match recorded.block {
                Program::ROOT => Arc::clone(program),
                block if (block.0 as usize) < program.blocks.len() => {
                    program.of_block(block).into()
                }
                block => {
                    let why = format!("{} has no block {}", recorded.machine, block.0);
                    return Err(Divergence::Incomplete(why));
                }
            };
            let other = recorded.replay(program, &entropy)?;
            events += recorded.history.len();
            others.push(other);
        }
        if others.is_empty() {
            return Err(Divergence::Incomplete("it has no execution".to_owned()));
        }
        let Other { execution, records } = others.remove(0);
        let finished = Finished {
            execution,
            records,
            others,
        };
        Ok(Replayed { finished, events })
    }

    fn compile(&self, machine: &MachineText) -> Result<Arc<Program>, Divergence> {
        let source = Source::new(machine.file.as_str(), machine.text.as_str());
        let define = machine.define.iter();
        let define = define
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let options = Options {
            definitions: &define,
            is_function: &|name| self.functions.iter().any(|known| known == name),
            express: machine.express,
        };
        let compiled = asl::compile(&source, machine.format, &options);
        let errors = compiled
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error);
        let why: Vec<String> = errors
            .map(|diagnostic| diagnostic.render(&source))
            .collect();
        let program = compiled.program.ok_or_else(|| Divergence::Definition {
            machine: machine.name.clone(),
            why: why.join("\n"),
        })?;
        Ok(Arc::new(program))
    }
}

impl Recorded {
    fn replay(&self, program: Arc<Program>, entropy: &Entropy) -> Result<Other, Divergence> {
        let mut execution = Execution::new(program, Arc::new(self.about.clone()));
        let mut records: Vec<Record> = Vec::new();
        for (index, heard) in self.heard.iter().enumerate() {
            let before = heard.until.map(|_| execution.clone());
            let mut effects = Effects::default();
            let meant = execution.handle(heard.at, entropy, heard.input.clone(), &mut effects);
            if !meant {
                self.compare(&records, false)?;
                return Err(self.meaningless(index, &records));
            }
            if let (Some(before), Some(until)) = (before, heard.until) {
                effects.records.retain(|record| record.seq <= until);
                execution = self.cut(before, &effects.records)?;
            }
            records.append(&mut effects.records);
        }
        self.compare(&records, true)?;
        Ok(Other { execution, records })
    }

    /// The execution after the part of a step that was kept.
    fn cut(&self, mut before: Execution, records: &[Record]) -> Result<Execution, Divergence> {
        for record in records {
            let applied = before.apply(record);
            applied.map_err(|corrupt| Divergence::Incomplete(corrupt.to_string()))?;
        }
        Ok(before)
    }

    /// Holds the history so far, or as a whole, against the recorded one.
    fn compare(&self, records: &[Record], whole: bool) -> Result<(), Divergence> {
        let replayed = history(&self.about, records);
        let nothing = || "no event".to_owned();
        let most = if whole {
            self.history.len().max(replayed.len())
        } else {
            replayed.len()
        };
        let differs = (0..most).find(|at| self.history.get(*at) != replayed.get(*at));
        differs.map_or(Ok(()), |at| {
            Err(Divergence::Event {
                execution: self.about.execution_arn.clone(),
                event: at + 1,
                recorded: self.history.get(at).map_or_else(nothing, Data::to_string),
                replayed: replayed.get(at).map_or_else(nothing, Data::to_string),
            })
        })
    }

    fn meaningless(&self, index: usize, records: &[Record]) -> Divergence {
        let heard = &self.heard[index];
        let what = heard.to_data();
        let what = what.as_object().and_then(|object| object.iter().last());
        Divergence::Meaningless {
            execution: self.about.execution_arn.clone(),
            index,
            what: what.map_or_else(String::new, |(kind, _)| kind.to_string()),
            at: heard.at.to_iso_millis(),
            event: history(&self.about, records).len(),
        }
    }
}
