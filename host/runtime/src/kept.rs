//! Executions as a journal keeps them, made again.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::Program;
use data::{Data, EcoString};
use engine::{Change, Execution, Record, TaskToken, Timestamp};
use journal::{Definition, Journal, Kept, Resource};

use crate::definition::compile;
use crate::identity::{self, Identity};
use crate::run::{Finished, Other};

/// What mended definitions are called among the resources of a journal.
pub(crate) const MENDED: &str = "definition";

/// Makes executions again by folding their logs. Nothing of them is run again.
#[derive(Default)]
pub struct Folder {
    /// Programs of definitions that are kept, by digest and type.
    programs: BTreeMap<(EcoString, bool), Arc<Program>>,
}

/// An execution that was made again.
pub(crate) struct Folded {
    pub execution: Execution,
    pub identity: Identity,
    /// When its tasks were handed out.
    pub scheduled: BTreeMap<TaskToken, Timestamp>,
    /// When its last record was made.
    pub latest: Timestamp,
}

impl Folder {
    /// An execution from its records; the error is why they cannot be folded.
    pub fn fold(
        &mut self,
        journal: &dyn Journal,
        kept: &Kept,
        records: &[Record],
    ) -> Result<Execution, String> {
        let folded = self.folded(journal, kept, records, None)?;
        Ok(folded.execution)
    }

    /// A run that is over, with the executions that belong to it; none if the journal does not have it or it is not over.
    pub fn finished(
        &mut self,
        journal: &dyn Journal,
        execution_arn: &str,
    ) -> Result<Option<Finished>, String> {
        let text = |error: journal::JournalError| error.to_string();
        let kept = journal.find(execution_arn).map_err(text)?;
        let Some(kept) = kept.filter(|kept| kept.summary.stopped_at.is_some()) else {
            return Ok(None);
        };
        let records = journal.read(execution_arn).map_err(text)?;
        let execution = self.fold(journal, &kept, &records)?;
        let (mut others, mut parents) = (Vec::new(), vec![execution_arn.to_owned()]);
        while let Some(parent) = parents.pop() {
            for child in journal.children(&parent).map_err(text)? {
                let arn = &child.summary.execution_arn;
                let records = journal.read(arn).map_err(text)?;
                let execution = self.fold(journal, &child, &records)?;
                others.push(Other { execution, records });
                parents.push(arn.clone());
            }
        }
        Ok(Some(Finished {
            execution,
            records,
            others,
        }))
    }

    pub(crate) fn folded(
        &mut self,
        journal: &dyn Journal,
        kept: &Kept,
        records: &[Record],
        program: Option<&Arc<Program>>,
    ) -> Result<Folded, String> {
        let identity = identity::read(kept)?;
        let express = identity.express;
        let program = match program {
            Some(program) => Arc::clone(program),
            None => {
                let digest = &kept.beginning.definition.digest;
                let program = self.program(journal, kept, digest, express)?;
                of_child(kept, program)?
            }
        };
        let execution = Execution::new(program, identity.about.clone().into());
        let mut folded = Folded {
            execution,
            identity,
            scheduled: BTreeMap::new(),
            latest: kept.summary.started_at,
        };
        for record in records {
            if let Some(digest) = record.definition() {
                let program = self.program(journal, kept, digest, express)?;
                let rebased = folded.execution.rebase(program);
                rebased.map_err(|misfit| misfit.to_string())?;
            }
            let applied = folded.execution.apply(record);
            applied.map_err(|corrupt| corrupt.to_string())?;
            folded.latest = record.at;
            if let Change::TaskScheduled { token, .. }
            | Change::MapRunStarted { token, .. }
            | Change::MapRunRedriven { token, .. } = &record.change
            {
                folded.scheduled.insert(*token, record.at);
            }
        }
        Ok(folded)
    }

    /// The program of a definition that is kept.
    fn program(
        &mut self,
        journal: &dyn Journal,
        kept: &Kept,
        digest: &EcoString,
        express: bool,
    ) -> Result<Arc<Program>, String> {
        let key = (digest.clone(), express);
        if let Some(program) = self.programs.get(&key) {
            return Ok(Arc::clone(program));
        }
        let definition = journal.definition(digest);
        let definition = definition.map_err(|error| error.to_string())?;
        let definition =
            definition.or_else(|| mended(journal, &kept.summary.execution_arn, digest));
        let definition = definition.ok_or("its definition is lost")?;
        // It was valid when it was kept, whatever functions there are now.
        let program = compile(&definition, express, &|_| true)?;
        self.programs.insert(key, Arc::clone(&program));
        Ok(program)
    }
}

/// Of the definition that a child of a map run has with its parent the child runs the processor of the Map.
fn of_child(kept: &Kept, program: Arc<Program>) -> Result<Arc<Program>, String> {
    let name = kept.summary.state_machine_arn.rsplit_once('/');
    let (Some((machine, label)), true) = (name, kept.summary.map_run_arn.is_some()) else {
        return Ok(program);
    };
    let block = engine::map_processor(&program, machine, label);
    let block = block.ok_or("its Distributed Map is lost")?;
    Ok(program.of_block(block).into())
}

/// The mended definition with that digest, if one was kept.
fn mended(journal: &dyn Journal, execution_arn: &str, digest: &str) -> Option<Definition> {
    let key = mended_key(execution_arn, digest);
    let kept = journal.resource(MENDED, &key).ok().flatten()?;
    let kept = Data::parse(kept.value?.json.as_str()).ok()?;
    let text = |name: &str| kept.get(name).and_then(Data::as_str);
    Some(Definition {
        digest: digest.into(),
        text: text("text")?.into(),
        format: text("format")?.into(),
        define: text("define")?.into(),
    })
}

/// A mended definition to be kept.
pub(crate) fn mending(definition: &Definition, execution_arn: &str) -> Resource {
    let text = data::Object::builder()
        .with("text", &*definition.text)
        .with("format", definition.format.clone())
        .with("define", &*definition.define);
    let text = Data::from(text.build()).to_string();
    let key = mended_key(execution_arn, &definition.digest);
    Resource::new(MENDED, &key, text).owned_by(execution_arn)
}

/// Each execution has its own, which is forgotten with it.
fn mended_key(execution_arn: &str, digest: &str) -> String {
    format!("{execution_arn} {digest}")
}
