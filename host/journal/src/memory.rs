//! A journal that lasts as long as the process.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use engine::Record;

use crate::{Batch, Filter, Journal, JournalError, Summary};

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    executions: BTreeMap<String, Log>,
}

#[derive(Debug)]
struct Log {
    summary: Summary,
    records: Vec<Record>,
}

impl Journal for MemoryJournal {
    fn append(&mut self, batch: Batch<'_>) -> Result<(), JournalError> {
        let log = match self.executions.entry(batch.summary.execution_arn.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Log {
                summary: batch.summary.clone(),
                records: Vec::new(),
            }),
        };
        continues(log, &batch)?;
        log.summary = batch.summary;
        log.records.extend_from_slice(batch.records);
        Ok(())
    }

    fn read(&self, execution_arn: &str) -> Result<Vec<Record>, JournalError> {
        let log = self.executions.get(execution_arn);
        log.map(|log| log.records.clone())
            .ok_or_else(|| JournalError::Unknown(execution_arn.into()))
    }

    fn forget(&mut self, execution_arn: &str) -> Result<(), JournalError> {
        self.executions.remove(execution_arn);
        Ok(())
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError> {
        let passes =
            |want: &Option<String>, has: &str| want.as_deref().is_none_or(|want| want == has);
        let mut found: Vec<Summary> = self
            .executions
            .values()
            .map(|log| &log.summary)
            .filter(|summary| passes(&filter.state_machine, &summary.state_machine))
            .filter(|summary| passes(&filter.status, summary.status))
            .cloned()
            .collect();
        found.sort_by(|a, b| {
            b.started_at
                .cmp(&a.started_at)
                .then_with(|| a.name.cmp(&b.name))
        });
        found.truncate(filter.limit.unwrap_or(usize::MAX));
        Ok(found)
    }
}

/// A batch must begin where the log ends and have no gaps.
fn continues(log: &Log, batch: &Batch<'_>) -> Result<(), JournalError> {
    let start = u32::try_from(log.records.len()).unwrap_or(u32::MAX);
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
    use engine::{Change, Failure, Timestamp};

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
        Batch {
            summary: Summary::new(name, "machine", name, Timestamp(0)),
            records,
        }
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
    fn an_unknown_execution_is_an_error() {
        let read = MemoryJournal::default().read("x");
        assert_eq!(read, Err(JournalError::Unknown("x".into())));
    }
}
