//! What units hold beside records: entries of executions, definitions, resources.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::queue::Appended;
use super::read::{definition_place, readable};
use super::resources;
use super::row::{self, BeginningColumns, definition_checksum, summary_checksum};
use super::write::Writing;
use crate::{Beginning, Definition, Resource, Trouble};

/// What an execution looks like after all units of a transaction.
pub(super) struct Changed<'u> {
    appended: &'u Appended,
    /// What it began with, if it began in this transaction.
    began: Option<Option<&'u Beginning>>,
    /// Whether nothing but its counts and its timer changed.
    narrow: bool,
}

/// Takes note of a batch: its execution's entry is written once, after all units.
pub(super) fn note<'u>(changed: &mut BTreeMap<i64, Changed<'u>>, appended: &'u Appended) {
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

impl Writing<'_> {
    pub(super) fn execution(&mut self, changed: &Changed<'_>) -> Result<(), Trouble> {
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

    pub(super) fn resource(&self, resource: &Resource) -> Result<(), Trouble> {
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

    pub(super) fn forget(
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
        let machine = match of_changed {
            Some(machine) => Some(machine),
            None => readable(self.connection.query_row(
                "SELECT machine_arn, machine FROM executions WHERE number = ?",
                [number],
                |row| Ok((row.get(0)?, row.get(1)?)),
            ))?,
        };
        if let Some((arn, name)) = machine {
            self.uncount(number, &arn, &name)?;
        }
        forget_rows(self.connection, number, execution_arn)?;
        Ok(())
    }

    fn uncount(&mut self, number: i64, arn: &str, name: &str) -> rusqlite::Result<()> {
        let sql = "SELECT kind, state, millis, error FROM records WHERE execution = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number])?;
        while let Some(row) = rows.next()? {
            if let Some(fact) = readable(row::fact(row, 0))? {
                self.standing.counts.remove(arn, name, &fact);
            }
        }
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
