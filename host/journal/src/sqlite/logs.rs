//! Logs, whole and in pages.

use engine::{Record, StoredLog, Timestamp, read_stored};
use rusqlite::{Row, params};

use super::error::told;
use super::piece::Piece;
use super::read::{Reader, damaged, soft};
use super::row::{self, Narrow, Numbers, Read};
use crate::{JournalError, Page};

/// The columns of a record, as [`Reader::record_row`] reads them.
const RECORD: &str = "seq, at, event, kind, state, millis, error, crc, record";

impl Reader {
    pub(super) fn log(&self, execution_arn: &str) -> Result<Vec<Record>, JournalError> {
        self.view(|| {
            let numbers = self.known(execution_arn)?;
            let log = self.log_of(numbers);
            log.map_err(|reason| damaged(execution_arn, reason))
        })
    }

    /// The log of an execution; the error is what is wrong with it.
    pub(super) fn log_of(&self, numbers: Numbers) -> Result<Vec<Record>, String> {
        let sql = format!("SELECT {RECORD} FROM records WHERE execution = ? ORDER BY seq");
        let mut log = StoredLog::default();
        let execution = numbers.number;
        let mut read = 0;
        let rows = self.rows(&sql, [execution], |row| {
            let text = soft(self.record_row(row, execution))?;
            read += 1;
            Ok(text.and_then(|(_, text)| {
                let record = log.read(text.as_bytes());
                record
                    .map(|_| ())
                    .map_err(|error| format!("record {}: {error}", read - 1))
            }))
        });
        let rows = rows.map_err(|error| told(&error))?;
        rows.into_iter().collect::<Result<(), String>>()?;
        match read {
            read if read == numbers.records => Ok(log.into_records()),
            read => Err(format!(
                "it has {read} records in the place of {}",
                numbers.records
            )),
        }
    }

    /// The text of a record, whose columns are those of [`RECORD`], with its number.
    fn record_row(&self, row: &Row<'_>, execution: i64) -> Read<(u32, String)> {
        let seq: u32 = row.get(0)?;
        let fact = row::fact(row, 3)?;
        let narrow = Narrow {
            execution,
            seq,
            at: Timestamp(row.get(1)?),
            event: row.get(2)?,
            fact: &fact,
        };
        let crc: i64 = row.get(7)?;
        let piece: Piece = row.get(8)?;
        if crc != narrow.checksum(piece.bytes()) {
            return Ok(Err(format!("record {seq} does not have its checksum")));
        }
        let text = self.pieces.text(&row::record_place(execution, seq), piece);
        let text = text.map_err(|reason| format!("record {seq}: {reason}"));
        Ok(text.map(|text| (seq, text)))
    }

    /// A record by itself; what it names is looked up.
    fn record(&self, text: &str, execution: i64) -> Result<Record, String> {
        let earlier = |named: u32| {
            let found = self.record_text(execution, named).ok().flatten();
            let found = found.map(|text| read_stored(text.as_bytes(), |_| Ok(None)));
            Ok(found.transpose()?.and_then(|record| record.held()))
        };
        read_stored(text.as_bytes(), earlier).map_err(|error| error.to_string())
    }

    fn record_text(&self, execution: i64, seq: u32) -> Result<Option<String>, String> {
        let sql = format!("SELECT {RECORD} FROM records WHERE execution = ? AND seq = ?");
        let found = self.row(&sql, params![execution, seq], |row| {
            soft(self.record_row(row, execution))
        });
        let found = found.map_err(|error| told(&error))?;
        Ok(found.transpose()?.map(|(_, text)| text))
    }

    pub(super) fn last(&self, execution_arn: &str) -> Result<Record, JournalError> {
        self.view(|| self.last_of(execution_arn))
    }

    fn last_of(&self, execution_arn: &str) -> Result<Record, JournalError> {
        let numbers = self.known(execution_arn)?;
        let missing = || JournalError::Unknown(execution_arn.to_owned());
        let seq = numbers.records.checked_sub(1).ok_or_else(missing)?;
        let read = || -> Result<Record, String> {
            let text = self.record_text(numbers.number, seq)?;
            self.record(&text.ok_or("its last record is missing")?, numbers.number)
        };
        read().map_err(|reason| damaged(execution_arn, reason))
    }

    /// Events are numbered from 1 without gaps in the order of their records, so that a page is found by its numbers.
    pub(super) fn events(
        &self,
        execution_arn: &str,
        page: Page,
    ) -> Result<(Vec<Record>, usize), JournalError> {
        self.view(|| self.page(execution_arn, page))
    }

    fn page(&self, execution_arn: &str, page: Page) -> Result<(Vec<Record>, usize), JournalError> {
        let numbers = self.known(execution_arn)?;
        let all = numbers.events as usize;
        let skip = page.skip.min(all);
        let take = page.take.min(all - skip);
        let first = if page.reverse {
            all - skip - take
        } else {
            skip
        };
        let (first, last) = (first as i64, (first + take) as i64);
        // No event has a number above its record's by more than one, which is where the search begins.
        let sql = format!(
            "SELECT {RECORD} FROM records WHERE execution = ?1 AND seq >= ?2 AND event > ?2 ORDER BY seq LIMIT ?3"
        );
        let execution = numbers.number;
        let limit = last - first;
        let texts = self.rows(&sql, params![execution, first, limit], |row| {
            soft(self.record_row(row, execution))
        })?;
        let read = || -> Result<Vec<Record>, String> {
            if texts.len() != take {
                return Err(format!(
                    "it has {} events in the place of {take}",
                    texts.len()
                ));
            }
            let records = texts.into_iter();
            records
                .map(|text| self.record(&text?.1, execution))
                .collect()
        };
        let mut records = read().map_err(|reason| damaged(execution_arn, reason))?;
        if page.reverse {
            records.reverse();
        }
        Ok((records, all))
    }
}
