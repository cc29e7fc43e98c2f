//! A journal that lasts as long as the process.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Record, Timestamp};

use crate::progress::{Mark, Progress};
use crate::{
    Batch, Beginning, Definition, Fact, Filter, Journal, JournalError, Kept, Page, Resource,
    Statistics, Summary,
};

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    /// By the number that an execution got when it was first kept.
    executions: BTreeMap<u64, Log>,
    last: u64,
    by_arn: BTreeMap<String, u64>,
    /// The executions of a state machine, by its ARN.
    by_machine: BTreeMap<String, BTreeSet<u64>>,
    /// By kind and key.
    resources: BTreeMap<(String, String), Resource>,
    latest: Option<Timestamp>,
    progress: Progress,
}

#[derive(Debug)]
struct Log {
    summary: Summary,
    beginning: Box<Beginning>,
    records: Vec<Record>,
    facts: Vec<Fact>,
}

impl Log {
    fn kept(&self) -> Kept {
        Kept {
            summary: self.summary.clone(),
            beginning: (*self.beginning).clone(),
        }
    }
}

impl Journal for MemoryJournal {
    fn append(&mut self, batch: Batch<'_>) -> Result<(), JournalError> {
        let known = self.by_arn.get(&batch.summary.execution_arn);
        let Some(log) = known.and_then(|number| self.executions.get_mut(number)) else {
            return self.begin(batch);
        };
        continues(log.records.len(), &batch)?;
        self.latest = self
            .latest
            .max(batch.records.last().map(|record| record.at));
        log.summary = batch.summary;
        log.records.extend_from_slice(batch.records);
        log.facts.extend(batch.facts);
        Ok(())
    }

    fn put(&mut self, resource: Resource) -> Result<(), JournalError> {
        let key = (resource.kind.clone(), resource.key.clone());
        match resource.value {
            Some(_) => self.resources.insert(key, resource),
            None => self.resources.remove(&key),
        };
        Ok(())
    }

    fn forget(&mut self, execution_arn: &str) -> Result<(), JournalError> {
        let Some(number) = self.by_arn.remove(execution_arn) else {
            return Ok(());
        };
        let Some(log) = self.executions.remove(&number) else {
            return Ok(());
        };
        let machine = log.summary.state_machine_arn;
        if let Some(executions) = self.by_machine.get_mut(&machine) {
            executions.remove(&number);
            if executions.is_empty() {
                self.by_machine.remove(&machine);
            }
        }
        self.resources
            .retain(|_, resource| resource.owner.as_deref() != Some(execution_arn));
        Ok(())
    }

    /// What is in memory is kept as well as it can be at once.
    fn seal(&mut self) -> Mark {
        Mark::default()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn is_lasting(&self) -> bool {
        false
    }

    fn read(&self, execution_arn: &str) -> Result<Vec<Record>, JournalError> {
        Ok(self.log(execution_arn)?.records.clone())
    }

    fn events(
        &self,
        execution_arn: &str,
        page: Page,
    ) -> Result<(Vec<Record>, usize), JournalError> {
        let records = self.log(execution_arn)?.records.iter();
        let shown: Vec<&Record> = records.filter(|record| record.event.is_some()).collect();
        let all = shown.len();
        let of_page = |events: &mut dyn Iterator<Item = &Record>| {
            let events = events.skip(page.skip).take(page.take);
            events.cloned().collect()
        };
        let events = match page.reverse {
            true => of_page(&mut shown.into_iter().rev()),
            false => of_page(&mut shown.into_iter()),
        };
        Ok((events, all))
    }

    fn last(&self, execution_arn: &str) -> Result<Record, JournalError> {
        let last = self.log(execution_arn)?.records.last();
        last.cloned()
            .ok_or_else(|| JournalError::Unknown(execution_arn.into()))
    }

    fn find(&self, execution_arn: &str) -> Result<Option<Kept>, JournalError> {
        Ok(self.log(execution_arn).ok().map(Log::kept))
    }

    fn open(&self, root: Option<&str>) -> Result<Vec<Kept>, JournalError> {
        let of_root = |log: &&Log| root.is_none_or(|root| root == log.beginning.root);
        let open = self.executions.values();
        let open = open.filter(|log| log.summary.stopped_at.is_none());
        Ok(open.filter(of_root).map(Log::kept).collect())
    }

    fn children(&self, parent_arn: &str) -> Result<Vec<Kept>, JournalError> {
        let of_parent = |log: &&Log| {
            let parent = log.beginning.parent.as_ref();
            parent.is_some_and(|(parent, _)| parent == parent_arn)
        };
        let children = self.executions.values().filter(of_parent);
        Ok(children.map(Log::kept).collect())
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError> {
        let end = match &filter.after {
            None => u64::MAX,
            Some(arn) => self.by_arn.get(arn).copied().unwrap_or(0),
        };
        let limit = filter.limit.unwrap_or(usize::MAX);
        let passing = |log: &Log| filter.passes(&log.summary).then(|| log.summary.clone());
        let Some(machine) = &filter.state_machine_arn else {
            let older = self.executions.range(..end).rev();
            let found = older.filter_map(|(_, log)| passing(log));
            return Ok(found.take(limit).collect());
        };
        let of = self.by_machine.get(machine).into_iter();
        let older = of.flat_map(|of| of.range(..end).rev());
        let found = older.filter_map(|number| passing(self.executions.get(number)?));
        Ok(found.take(limit).collect())
    }

    fn definition(&self, digest: &str) -> Result<Option<Definition>, JournalError> {
        let mut all = self.executions.values();
        let found = all.find(|log| log.beginning.definition.digest == digest);
        Ok(found.map(|log| log.beginning.definition.clone()))
    }

    fn resources(&self, kind: &str, owner: Option<&str>) -> Result<Vec<Resource>, JournalError> {
        let all = self.resources.values().filter(|one| one.kind == kind);
        let of = all.filter(|one| owner.is_none() || one.owner.as_deref() == owner);
        Ok(of.cloned().collect())
    }

    fn resource(&self, kind: &str, key: &str) -> Result<Option<Resource>, JournalError> {
        let key = (kind.to_owned(), key.to_owned());
        Ok(self.resources.get(&key).cloned())
    }

    fn statistics(&self, filter: &Filter) -> Result<Statistics, JournalError> {
        let mut statistics = Statistics::default();
        let passing = self.executions.values();
        for log in passing.filter(|log| filter.passes(&log.summary)) {
            let machine = log.summary.state_machine.as_str();
            let machine = statistics.machines.entry(machine.into()).or_default();
            let status = log.summary.status.into();
            *machine.executions.entry(status).or_default() += 1;
            log.facts.iter().for_each(|fact| machine.count(fact));
        }
        Ok(statistics)
    }

    fn latest(&self) -> Result<Option<Timestamp>, JournalError> {
        Ok(self.latest)
    }
}

impl MemoryJournal {
    fn log(&self, execution_arn: &str) -> Result<&Log, JournalError> {
        let number = self.by_arn.get(execution_arn);
        number
            .and_then(|number| self.executions.get(number))
            .ok_or_else(|| JournalError::Unknown(execution_arn.into()))
    }

    fn begin(&mut self, batch: Batch<'_>) -> Result<(), JournalError> {
        continues(0, &batch)?;
        self.last += 1;
        self.latest = self
            .latest
            .max(batch.records.last().map(|record| record.at));
        let (summary, number) = (batch.summary, self.last);
        self.by_arn.insert(summary.execution_arn.clone(), number);
        let machine = summary.state_machine_arn.clone();
        self.by_machine.entry(machine).or_default().insert(number);
        let log = Log {
            summary,
            beginning: batch.beginning.unwrap_or_default().into(),
            records: batch.records.to_vec(),
            facts: batch.facts,
        };
        self.executions.insert(number, log);
        Ok(())
    }
}

/// A batch must begin where the log ends and have no gaps.
fn continues(kept: usize, batch: &Batch<'_>) -> Result<(), JournalError> {
    let start = u32::try_from(kept).unwrap_or(u32::MAX);
    for (expected, record) in (start..).zip(batch.records) {
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

#[cfg(test)]
mod tests {
    use engine::{Change, Failure};

    use super::*;

    fn record(seq: u32) -> Record {
        let change = Change::ExecutionAborted {
            failure: Failure::default(),
        };
        Record {
            seq,
            at: Timestamp(0),
            event: None,
            change,
        }
    }

    fn batch<'r>(name: &str, records: &'r [Record]) -> Batch<'r> {
        Batch::of(Summary::new(name, "machine", name, Timestamp(0)), records)
    }

    #[test]
    fn a_gap_is_refused_and_nothing_of_the_batch_is_kept() {
        let mut journal = MemoryJournal::default();
        journal.append(batch("a", &[record(0), record(1)])).unwrap();
        let gap = journal.append(batch("a", &[record(2), record(4)]));
        assert!(matches!(
            gap,
            Err(JournalError::OutOfOrder {
                expected: 3,
                given: 4,
                ..
            })
        ));
        assert_eq!(journal.read("a").unwrap().len(), 2);
    }

    #[test]
    fn lists_what_the_filter_lets_through() {
        let mut journal = MemoryJournal::default();
        journal.append(batch("a", &[record(0)])).unwrap();
        journal.append(batch("b", &[record(0)])).unwrap();
        let failed = Filter {
            status: Some("FAILED".into()),
            ..Filter::default()
        };
        assert_eq!(journal.list(&failed).unwrap(), []);
        let one = Filter {
            limit: Some(1),
            ..Filter::default()
        };
        assert_eq!(journal.list(&one).unwrap().len(), 1);
    }

    #[test]
    fn pages_follow_each_other_while_executions_are_added() {
        let mut journal = MemoryJournal::default();
        let mut begin = |name: &str, version: Option<&str>| {
            let records = [record(0)];
            let mut batch = batch(name, &records);
            batch.summary.state_machine_arn = "machine-arn".into();
            batch.summary.version_arn = version.map(str::to_owned);
            journal.append(batch).unwrap();
            let filter = |after: Option<&str>| Filter {
                state_machine_arn: Some("machine-arn".into()),
                after: after.map(str::to_owned),
                limit: Some(2),
                ..Filter::default()
            };
            let names = |filter: &Filter| {
                let found = journal.list(filter).unwrap();
                found.into_iter().map(|one| one.name).collect::<Vec<_>>()
            };
            let by_version = Filter {
                version_arn: Some("1".into()),
                ..filter(None)
            };
            (
                names(&filter(None)),
                names(&filter(Some("b"))),
                names(&by_version),
            )
        };
        begin("a", Some("1"));
        begin("b", None);
        begin("c", Some("1"));
        let (first, second, by_version) = begin("d", None);
        assert_eq!(first, ["d", "c"]);
        assert_eq!(second, ["a"]);
        assert_eq!(by_version, ["c", "a"]);
    }

    #[test]
    fn an_unknown_execution_is_an_error() {
        let read = MemoryJournal::default().read("x");
        assert_eq!(read, Err(JournalError::Unknown("x".into())));
    }
}
