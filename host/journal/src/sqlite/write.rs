//! One transaction: what units hold, as rows.

use std::collections::{BTreeMap, HashSet};

use data::EcoString;
use engine::{Record, TaskStep, stored_text};
use rusqlite::{Connection, params};

use super::counts::Counts;
use super::entries::note;
use super::piece::{Piece, Pieces};
use super::queue::{Appended, Op, Unit};
use super::row::{Narrow, record_place};
use crate::{Fact, Trouble};

/// What the writer knows beside what is kept; after a transaction that failed it is made anew.
#[derive(Default)]
pub(super) struct Standing {
    /// The position of the last record.
    pub(super) position: i64,
    /// What is not written down yet of what is counted.
    pub(super) counts: Counts,
    /// The digests of definitions that are kept for certain.
    pub(super) definitions: HashSet<EcoString>,
}

/// Records that are counted in memory at most.
const MOST_UNCOUNTED: usize = 4096;

impl Standing {
    /// Asks the store.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Standing> {
        // A position is never used twice, though the last records may be forgotten.
        let sql = "SELECT max(ifnull((SELECT max(position) FROM records), 0),
            ifnull((SELECT value FROM store WHERE name = 'counted'), 0))";
        Ok(Standing {
            position: connection.query_row(sql, [], |row| row.get(0))?,
            counts: Counts::behind(connection)?,
            definitions: HashSet::new(),
        })
    }

    /// Writes down what was counted.
    pub(super) fn write_counts(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.counts.write(connection, self.position)?;
        self.counts = Counts::default();
        Ok(())
    }
}

pub(super) struct Writing<'w> {
    pub(super) connection: &'w Connection,
    pub(super) pieces: &'w Pieces,
    pub(super) standing: &'w mut Standing,
}

impl Writing<'_> {
    /// Writes units, in a transaction that somebody else began and will end.
    pub(super) fn write(&mut self, units: &[Unit]) -> Result<(), Trouble> {
        let mut changed = BTreeMap::new();
        let mut forgot = false;
        for op in units.iter().flat_map(|unit| &unit.ops) {
            match op {
                Op::Records(appended) => {
                    self.records(appended)?;
                    note(&mut changed, appended);
                }
                Op::Resource(resource) => self.resource(resource)?,
                Op::Forget {
                    number,
                    execution_arn,
                } => {
                    let changed = changed.remove(number);
                    self.forget(*number, execution_arn, changed.as_ref())?;
                    forgot = true;
                }
            }
        }
        for changed in changed.into_values() {
            self.execution(&changed)?;
        }
        if forgot || self.standing.counts.records >= MOST_UNCOUNTED {
            self.standing.write_counts(self.connection)?;
        }
        Ok(())
    }

    fn records(&mut self, appended: &Appended) -> Result<(), Trouble> {
        let sql = "INSERT INTO records (position, execution, seq, at, kind, event, state, millis, error, crc, record)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let execution = appended.numbers.number;
        let summary = &appended.summary;
        let mut facts = appended.facts.iter();
        for record in &appended.records {
            let made;
            let fact = match facts.next() {
                Some(fact) => fact,
                None => {
                    made = uncounted(record);
                    &made
                }
            };
            let piece = self.piece(execution, record)?;
            let narrow = Narrow {
                execution,
                seq: record.seq,
                at: record.at,
                event: record.event.map(|event| event.id.0),
                fact,
            };
            self.standing.position += 1;
            statement.execute(params![
                self.standing.position,
                execution,
                record.seq,
                record.at.0,
                fact.kind.as_str(),
                narrow.event,
                fact.state.as_deref(),
                fact.millis,
                fact.error.as_deref(),
                narrow.checksum(piece.bytes()),
                piece,
            ])?;
            let (arn, name) = (&summary.state_machine_arn, &summary.state_machine);
            self.standing.counts.add(arn, name, fact, record.at.0);
            if let Some(step) = record.task_step() {
                self.task(execution, record, fact, step)?;
            }
        }
        Ok(())
    }

    fn piece(&self, execution: i64, record: &Record) -> Result<Piece, Trouble> {
        let mut text = Vec::with_capacity(256);
        let unwritable = |error: String| Trouble(format!("a record cannot be written: {error}"));
        stored_text(record, &mut text).map_err(|error| unwritable(error.to_string()))?;
        let text = String::from_utf8(text).map_err(|error| unwritable(error.to_string()))?;
        if self.pieces.are_plain() {
            return Ok(Piece::Plain(text));
        }
        self.pieces
            .of_text(&record_place(execution, record.seq), &text)
    }

    fn task(
        &self,
        execution: i64,
        record: &Record,
        fact: &Fact,
        step: TaskStep<'_>,
    ) -> rusqlite::Result<()> {
        match step {
            TaskStep::Opened(frame, resource) => {
                let sql = "INSERT OR REPLACE INTO tasks (execution, frame, state, resource, since)
                    VALUES (?1, ?2, ?3, ?4, ?5)";
                let state = fact.state.as_deref();
                let values = params![execution, frame.0, state, resource, record.at.0];
                self.connection.prepare_cached(sql)?.execute(values)?;
            }
            TaskStep::Closed(frame) => {
                let sql = "DELETE FROM tasks WHERE execution = ?1 AND frame = ?2";
                let values = params![execution, frame.0];
                self.connection.prepare_cached(sql)?.execute(values)?;
            }
            TaskStep::AllClosed => {
                let sql = "DELETE FROM tasks WHERE execution = ?1";
                self.connection.prepare_cached(sql)?.execute([execution])?;
            }
        }
        Ok(())
    }
}

/// What is told of a record that nobody counts.
fn uncounted(record: &Record) -> Fact {
    Fact {
        kind: record.kind(),
        error: record.error().cloned(),
        ..Fact::default()
    }
}
