//! [`Journal`] over a store.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use engine::{Record, Timestamp};

use super::LOOKING;
use super::piece::Checksum;
use super::queue::{Appended, Op, Queue};
use super::read::Reader;
use super::row::{Numbers, summary_checksum};
use crate::{
    Batch, Damaged, Definition, Filter, Journal, JournalError, Kept, Mark, Page, Progress,
    Resource, Statistics, Summary,
};

/// A store as a journal.
pub(super) struct SqliteJournal {
    pub(super) reader: Reader,
    pub(super) progress: Progress,
    /// None if the store is open for looking only.
    pub(super) unit: Option<OpenUnit>,
}

/// The unit that is open, and how far the executions are that are not over.
pub(super) struct OpenUnit {
    queue: Arc<Queue>,
    ops: Vec<Op>,
    known: HashMap<String, Known>,
    /// Those that are known only until what was said of them is kept.
    leaving: VecDeque<(Mark, String)>,
    /// Those of the open unit.
    over: Vec<String>,
    last_number: i64,
    sealed: Mark,
}

#[derive(Clone, Copy)]
struct Known {
    numbers: Numbers,
    /// What of its summary goes into more than one place.
    shape: i64,
    /// Whether it was forgotten, so that its ARN is free.
    forgotten: bool,
    open: bool,
}

impl OpenUnit {
    pub(super) fn new(queue: Arc<Queue>, last_number: i64) -> OpenUnit {
        OpenUnit {
            queue,
            ops: Vec::new(),
            known: HashMap::new(),
            leaving: VecDeque::new(),
            over: Vec::new(),
            last_number,
            sealed: Mark::default(),
        }
    }

    /// Where an execution stands after all that was appended; none if there is no such execution.
    fn known(&self, reader: &Reader, execution_arn: &str) -> Result<Option<Known>, JournalError> {
        if let Some(known) = self.known.get(execution_arn) {
            return Ok((!known.forgotten).then_some(*known));
        }
        let found = reader.numbers(execution_arn)?;
        Ok(found.map(|(numbers, summary)| Known {
            numbers,
            shape: shape(&summary),
            forgotten: false,
            open: summary.stopped_at.is_none(),
        }))
    }

    fn append(&mut self, reader: &Reader, batch: Batch<'_>) -> Result<(), JournalError> {
        let before = self.known(reader, &batch.summary.execution_arn)?;
        let expected = before.map_or(0, |known| known.numbers.records);
        continues(expected, &batch)?;
        let shape = shape(&batch.summary);
        let numbers = Numbers {
            number: before.map_or(self.last_number + 1, |known| known.numbers.number),
            records: expected.saturating_add(batch.records.len() as u32),
            events: events_after(
                before.map_or(0, |known| known.numbers.events),
                batch.records,
            ),
        };
        self.last_number = self.last_number.max(numbers.number);
        let known = Known {
            numbers,
            shape,
            forgotten: false,
            open: batch.summary.stopped_at.is_none(),
        };
        if !known.open {
            self.over.push(batch.summary.execution_arn.clone());
        }
        self.known
            .insert(batch.summary.execution_arn.clone(), known);
        self.ops.push(Op::Records(Box::new(Appended {
            numbers,
            begins: before.is_none(),
            narrow: before.is_some_and(|before| before.shape == shape),
            summary: batch.summary,
            beginning: batch.beginning,
            records: batch.records.to_vec(),
            facts: batch.facts,
        })));
        Ok(())
    }

    fn forget(&mut self, reader: &Reader, execution_arn: &str) -> Result<(), JournalError> {
        let Some(known) = self.known(reader, execution_arn)? else {
            return Ok(());
        };
        let forgotten = Known {
            forgotten: true,
            open: false,
            ..known
        };
        self.known.insert(execution_arn.to_owned(), forgotten);
        self.over.push(execution_arn.to_owned());
        self.ops.push(Op::Forget {
            number: known.numbers.number,
            execution_arn: execution_arn.to_owned(),
        });
        Ok(())
    }

    fn seal(&mut self, progress: &Progress) -> Mark {
        if !self.ops.is_empty() {
            let ops = std::mem::take(&mut self.ops);
            self.sealed = self.queue.push(ops);
        }
        let over = self.over.drain(..).map(|arn| (self.sealed, arn));
        self.leaving.extend(over);
        let kept = progress.kept();
        while let Some((_, arn)) = self.leaving.pop_front_if(|(mark, _)| *mark <= kept) {
            if self.known.get(&arn).is_some_and(|known| !known.open) {
                self.known.remove(&arn);
            }
        }
        self.sealed
    }
}

/// A checksum of all of a summary that an entry's narrow change leaves as it is.
fn shape(summary: &Summary) -> i64 {
    let wide = Summary {
        due: None,
        ..summary.clone()
    };
    let numbers = Numbers {
        number: 0,
        records: 0,
        events: 0,
    };
    let mut sum = Checksum::default();
    sum.number(Some(summary_checksum(&wide, numbers)));
    sum.end()
}

fn events_after(before: u32, records: &[Record]) -> u32 {
    let shown = records.iter().filter_map(|record| record.event);
    shown.map(|event| event.id.0).fold(before, u32::max)
}

fn continues(expected: u32, batch: &Batch<'_>) -> Result<(), JournalError> {
    for (expected, record) in (expected..).zip(batch.records) {
        if record.seq != expected {
            return Err(JournalError::OutOfOrder {
                execution_arn: batch.summary.execution_arn.clone(),
                expected,
                given: record.seq,
            });
        }
    }
    Ok(())
}

impl SqliteJournal {
    fn unit(&mut self) -> Result<(&mut OpenUnit, &Reader), JournalError> {
        let unit = self.unit.as_mut();
        let unit = unit.ok_or_else(|| JournalError::Store(LOOKING.to_owned()))?;
        Ok((unit, &self.reader))
    }
}

impl Journal for SqliteJournal {
    fn append(&mut self, batch: Batch<'_>) -> Result<(), JournalError> {
        let (unit, reader) = self.unit()?;
        unit.append(reader, batch)
    }

    fn put(&mut self, resource: Resource) -> Result<(), JournalError> {
        let (unit, _) = self.unit()?;
        unit.ops.push(Op::Resource(resource));
        Ok(())
    }

    fn forget(&mut self, execution_arn: &str) -> Result<(), JournalError> {
        let (unit, reader) = self.unit()?;
        unit.forget(reader, execution_arn)
    }

    fn seal(&mut self) -> Mark {
        match &mut self.unit {
            Some(unit) => unit.seal(&self.progress),
            None => Mark::default(),
        }
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn is_lasting(&self) -> bool {
        true
    }

    fn read(&self, execution_arn: &str) -> Result<Vec<Record>, JournalError> {
        self.reader.log(execution_arn)
    }

    fn events(
        &self,
        execution_arn: &str,
        page: Page,
    ) -> Result<(Vec<Record>, usize), JournalError> {
        self.reader.events(execution_arn, page)
    }

    fn last(&self, execution_arn: &str) -> Result<Record, JournalError> {
        self.reader.last(execution_arn)
    }

    fn find(&self, execution_arn: &str) -> Result<Option<Kept>, JournalError> {
        self.reader.find(execution_arn)
    }

    fn open(&self, root: Option<&str>) -> Result<Vec<Kept>, JournalError> {
        self.reader.open(root).map(|open| open.executions)
    }

    fn damaged(&self, root: Option<&str>) -> Result<Vec<Damaged>, JournalError> {
        self.reader.open(root).map(|open| open.damaged)
    }

    fn children(&self, parent_arn: &str) -> Result<Vec<Kept>, JournalError> {
        self.reader.children(parent_arn)
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError> {
        self.reader.list(filter)
    }

    fn definition(&self, digest: &str) -> Result<Option<Definition>, JournalError> {
        self.reader.definition(digest)
    }

    fn resources(&self, kind: &str, owner: Option<&str>) -> Result<Vec<Resource>, JournalError> {
        let found = self.reader.resources(kind, owner)?.into_iter();
        found
            .map(|found| found.map_err(JournalError::from))
            .collect()
    }

    fn resource(&self, kind: &str, key: &str) -> Result<Option<Resource>, JournalError> {
        self.reader.one_resource(kind, key)
    }

    fn statistics(&self, filter: &Filter) -> Result<Statistics, JournalError> {
        self.reader.statistics(filter)
    }

    fn latest(&self) -> Result<Option<Timestamp>, JournalError> {
        self.reader.latest()
    }
}
