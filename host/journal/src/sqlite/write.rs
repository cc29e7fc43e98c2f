//! One transaction: what units hold, as rows.

use std::collections::{BTreeMap, HashSet};

use data::EcoString;
use engine::{Record, TaskStep, stored_text};
use rusqlite::{Connection, params};

use super::counts::Counts;
use super::piece::{Piece, Pieces};
use super::queue::{Appended, Op, Unit};
use super::read::definition_place;
use super::resources;
use super::row::{
    self, BeginningColumns, Narrow, definition_checksum, record_place, summary_checksum,
};
use crate::{Beginning, Definition, Fact, Resource, Trouble};

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

/// What an execution looks like after all units of a transaction.
struct Changed<'u> {
    appended: &'u Appended,
    /// What it began with, if it began in this transaction.
    began: Option<Option<&'u Beginning>>,
    /// Whether nothing but its counts and its timer changed.
    narrow: bool,
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

    fn execution(&mut self, changed: &Changed<'_>) -> Result<(), Trouble> {
        match changed.began {
            Some(beginning) => self.begin(changed.appended, beginning),
            None if changed.narrow => self.move_on(changed.appended),
            None => self.change(changed.appended),
        }
    }

    fn begin(&mut self, appended: &Appended, beginning: Option<&Beginning>) -> Result<(), Trouble> {
        let none = Beginning::default();
        let beginning = beginning.unwrap_or(&none);
        self.definition(&beginning.definition)?;
        let (summary, numbers) = (&appended.summary, appended.numbers);
        let columns = BeginningColumns::of(self.pieces, numbers.number, beginning)?;
        let sql = "INSERT INTO executions (number, arn, machine, machine_arn, name, status, started_at, stopped_at,
                error, redrives, redriven_at, due, records, events, version_arn, alias_arn, map_run_arn, summary_crc,
                root, parent, definition, parent_token, identity, beginning_crc)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                ?19, ?20, ?21, ?22, ?23, ?24)";
        self.connection.prepare_cached(sql)?.execute(params![
            numbers.number,
            summary.execution_arn,
            summary.state_machine,
            summary.state_machine_arn,
            summary.name,
            summary.status,
            summary.started_at.0,
            summary.stopped_at.map(|at| at.0),
            summary.error.as_deref(),
            summary.redrives,
            summary.redriven_at.map(|at| at.0),
            summary.due.map(|at| at.0),
            numbers.records,
            numbers.events,
            summary.version_arn,
            summary.alias_arn,
            summary.map_run_arn,
            summary_checksum(summary, numbers),
            beginning.root.as_str(),
            beginning.parent.as_ref().map(|(parent, _)| parent.as_str()),
            beginning.definition.digest.as_str(),
            columns.token,
            columns.identity,
            columns.crc,
        ])?;
        Ok(())
    }

    /// The counts and the timer, for which no index changes.
    fn move_on(&self, appended: &Appended) -> Result<(), Trouble> {
        let (summary, numbers) = (&appended.summary, appended.numbers);
        let sql = "UPDATE executions SET due = ?2, records = ?3, events = ?4, summary_crc = ?5 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![
            numbers.number,
            summary.due.map(|at| at.0),
            numbers.records,
            numbers.events,
            summary_checksum(summary, numbers),
        ])?;
        Ok(())
    }

    fn change(&self, appended: &Appended) -> Result<(), Trouble> {
        let (summary, numbers) = (&appended.summary, appended.numbers);
        let sql = "UPDATE executions SET machine = ?2, machine_arn = ?3, name = ?4, status = ?5, started_at = ?6,
                stopped_at = ?7, error = ?8, redrives = ?9, redriven_at = ?10, due = ?11, records = ?12, events = ?13,
                version_arn = ?14, alias_arn = ?15, map_run_arn = ?16, summary_crc = ?17
            WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![
            numbers.number,
            summary.state_machine,
            summary.state_machine_arn,
            summary.name,
            summary.status,
            summary.started_at.0,
            summary.stopped_at.map(|at| at.0),
            summary.error.as_deref(),
            summary.redrives,
            summary.redriven_at.map(|at| at.0),
            summary.due.map(|at| at.0),
            numbers.records,
            numbers.events,
            summary.version_arn,
            summary.alias_arn,
            summary.map_run_arn,
            summary_checksum(summary, numbers),
        ])?;
        Ok(())
    }

    fn definition(&mut self, definition: &Definition) -> Result<(), Trouble> {
        let digest = &definition.digest;
        if digest.is_empty() || self.standing.definitions.contains(digest) {
            return Ok(());
        }
        let piece =
            |what: &str, text: &str| self.pieces.of_text(&definition_place(digest, what), text);
        let text = piece("text", &definition.text)?;
        let define = piece("define", &definition.define)?;
        let crc = definition_checksum(definition, &text, &define);
        let sql = "INSERT OR IGNORE INTO definitions (digest, format, text, define, crc) VALUES (?1, ?2, ?3, ?4, ?5)";
        let format = definition.format.as_str();
        let values = params![digest.as_str(), format, text, define, crc];
        self.connection.prepare_cached(sql)?.execute(values)?;
        self.standing.definitions.insert(digest.clone());
        Ok(())
    }

    fn resource(&self, resource: &Resource) -> Result<(), Trouble> {
        let (kind, key) = (&resource.kind, &resource.key);
        let Some(value) = &resource.value else {
            let sql = "DELETE FROM resources WHERE kind = ?1 AND key = ?2";
            self.connection.prepare_cached(sql)?.execute([kind, key])?;
            return Ok(());
        };
        let (json_place, bytes_place) = resources::places(kind, key);
        let json = self.pieces.of_text(&json_place, &value.json)?;
        let bytes = value.bytes.as_ref();
        let bytes = bytes.map(|bytes| self.pieces.of_bytes(&bytes_place, bytes));
        let bytes = bytes.transpose()?;
        let owner = resource.owner.as_deref();
        let crc = resources::checksum(kind, key, owner, &json, bytes.as_deref());
        let sql = "INSERT INTO resources (kind, key, owner, json, bytes, crc) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (kind, key) DO UPDATE SET owner = excluded.owner, json = excluded.json,
                bytes = excluded.bytes, crc = excluded.crc";
        let values = params![kind, key, owner, json, bytes, crc];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    fn forget(
        &mut self,
        number: i64,
        execution_arn: &str,
        changed: Option<&Changed<'_>>,
    ) -> Result<(), Trouble> {
        let of_changed = changed.map(|changed| {
            let summary = &changed.appended.summary;
            (
                summary.state_machine_arn.clone(),
                summary.state_machine.clone(),
            )
        });
        let (arn, name) = match of_changed {
            Some(machine) => machine,
            None => self.connection.query_row(
                "SELECT machine_arn, machine FROM executions WHERE number = ?",
                [number],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
        };
        let sql = "SELECT kind, state, millis, error FROM records WHERE execution = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number])?;
        while let Some(row) = rows.next()? {
            self.standing
                .counts
                .remove(&arn, &name, &row::fact(row, 0)?);
        }
        forget_rows(self.connection, number, execution_arn)?;
        Ok(())
    }
}

/// Takes away all rows of an execution.
pub(super) fn forget_rows(
    connection: &Connection,
    number: i64,
    execution_arn: &str,
) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM records WHERE execution = ?",
        "DELETE FROM tasks WHERE execution = ?",
        "DELETE FROM executions WHERE number = ?",
    ] {
        connection.prepare_cached(sql)?.execute([number])?;
    }
    let sql = "DELETE FROM resources WHERE owner = ?";
    connection.prepare_cached(sql)?.execute([execution_arn])?;
    Ok(())
}

fn note<'u>(changed: &mut BTreeMap<i64, Changed<'u>>, appended: &'u Appended) {
    let new = Changed {
        appended,
        began: appended.begins.then_some(appended.beginning.as_ref()),
        narrow: appended.narrow,
    };
    let entry = changed.entry(appended.numbers.number);
    entry
        .and_modify(|before| {
            before.appended = appended;
            before.narrow &= appended.narrow;
        })
        .or_insert(new);
}

/// What is told of a record that nobody counts.
fn uncounted(record: &Record) -> Fact {
    Fact {
        kind: record.kind(),
        error: record.error().cloned(),
        ..Fact::default()
    }
}
