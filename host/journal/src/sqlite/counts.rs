//! What is counted of records, kept up to date now and then.
//!
//! The table `counts` holds what is counted of the records up to a position that the store notes; the writer counts what
//! comes after it in memory, and writes that down together with the position that it then stands for. Who reads adds
//! the records after the position. What cannot be read of either is left out: a check of the store tells of it.

use std::collections::BTreeMap;

use data::EcoString;
use rusqlite::{Connection, Row, params};

use super::list::Conditions;
use super::read::{Reader, readable};
use super::row;
use crate::{Fact, Filter, JournalError, MachineStatistics, StateStatistics, Statistics};

/// Figures by the machine's ARN and name.
type Machines = BTreeMap<String, BTreeMap<String, MachineStatistics>>;

/// What is to be added to the table, and to be taken from it.
#[derive(Default)]
pub(super) struct Counts {
    added: Machines,
    removed: Machines,
    /// How many records were counted.
    pub(super) records: usize,
    /// When the youngest of them was made.
    latest: Option<i64>,
}

fn of<'m>(machines: &'m mut Machines, arn: &str, name: &str) -> &'m mut MachineStatistics {
    let by_name = machines.entry(arn.to_owned()).or_default();
    by_name.entry(name.to_owned()).or_default()
}

/// The records that are not counted yet, with their machines. They come first, however many executions a machine has.
const UNCOUNTED: &str = "SELECT e.machine_arn, e.machine, r.kind, r.state, r.millis, r.error, r.at
    FROM records r CROSS JOIN executions e ON e.number = r.execution
    WHERE r.position > ifnull((SELECT value FROM store WHERE name = 'counted'), 0)";

impl Counts {
    /// What is not counted yet of what is kept.
    pub(super) fn behind(connection: &Connection) -> rusqlite::Result<Counts> {
        let mut counts = Counts::default();
        let mut statement = connection.prepare_cached(UNCOUNTED)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let read = || Ok((row.get(0)?, row.get(1)?, row::fact(row, 2)?, row.get(6)?));
            let read: rusqlite::Result<(String, String, Fact, i64)> = read();
            if let Some((arn, name, fact, at)) = readable(read)? {
                counts.add(&arn, &name, &fact, at);
            }
        }
        Ok(counts)
    }

    /// Counts a record of an execution of that machine, made at that moment.
    pub(super) fn add(&mut self, arn: &str, name: &str, fact: &Fact, at: i64) {
        of(&mut self.added, arn, name).count(fact);
        self.records += 1;
        self.latest = self.latest.max(Some(at));
    }

    /// Takes back a record of an execution that is forgotten.
    pub(super) fn remove(&mut self, arn: &str, name: &str, fact: &Fact) {
        of(&mut self.removed, arn, name).count(fact);
    }

    /// Writes all down, as what is counted up to a position.
    pub(super) fn write(&self, connection: &Connection, position: i64) -> rusqlite::Result<()> {
        for (machines, sign) in [(&self.added, 1), (&self.removed, -1)] {
            for (arn, machines) in machines {
                for (name, machine) in machines {
                    for (state, figures) in &machine.states {
                        write_state(connection, [arn, name, state], figures, sign)?;
                    }
                }
            }
        }
        if !self.removed.is_empty() {
            connection.execute("DELETE FROM counts WHERE count = 0", [])?;
        }
        note(connection, "counted", position)?;
        match self.latest {
            None => Ok(()),
            Some(latest) => note(connection, "latest", latest),
        }
    }
}

fn note(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO store (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)";
    connection
        .prepare_cached(sql)?
        .execute(params![name, value])?;
    Ok(())
}

fn write_state(
    connection: &Connection,
    [arn, name, state]: [&str; 3],
    figures: &StateStatistics,
    sign: i64,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO counts (machine_arn, machine, state, what, key, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT DO UPDATE SET count = count + excluded.count";
    let mut statement = connection.prepare_cached(sql)?;
    let mut add = |what: &str, key: &str, count: u64| -> rusqlite::Result<()> {
        if count > 0 {
            let count = sign * i64::try_from(count).unwrap_or(i64::MAX);
            statement.execute(params![arn, name, state, what, key, count])?;
        }
        Ok(())
    };
    add("entered", "", figures.entered)?;
    add("exited", "", figures.exited)?;
    add("retries", "", figures.retries)?;
    for (error, count) in &figures.failed_attempts {
        add("failed_attempts", error, *count)?;
    }
    for (error, count) in &figures.ended {
        add("ended", error, *count)?;
    }
    for (bucket, count) in figures.durations.buckets() {
        add("durations", &bucket.to_string(), count)?;
    }
    Ok(())
}

/// Adds a row of the table to the figures of its state.
fn add_counted(figures: &mut StateStatistics, what: &str, key: EcoString, count: u64) {
    match what {
        "entered" => figures.entered += count,
        "exited" => figures.exited += count,
        "retries" => figures.retries += count,
        "failed_attempts" => *figures.failed_attempts.entry(key).or_default() += count,
        "ended" => *figures.ended.entry(key).or_default() += count,
        "durations" => {
            if let Ok(bucket) = key.parse() {
                figures.durations.add_bucket(bucket, count);
            }
        }
        _ => {}
    }
}

impl Reader {
    pub(super) fn statistics(&self, filter: &Filter) -> Result<Statistics, JournalError> {
        self.view(|| self.figures(filter))
    }

    fn figures(&self, filter: &Filter) -> Result<Statistics, JournalError> {
        let mut statistics = Statistics::default();
        let conditions = Conditions::of(filter);
        self.add_executions(&conditions, &mut statistics)?;
        let counted = filter.version_arn.is_none()
            && filter.alias_arn.is_none()
            && filter.map_run_arn.is_none()
            && filter.status.is_none()
            && filter.since.is_none()
            && filter.until.is_none();
        if counted {
            self.add_counts(filter, &mut statistics)?;
            let sql = format!("{UNCOUNTED} AND {}", conditions.sql);
            self.add_facts(&sql, conditions, &mut statistics)?;
        } else {
            let sql = format!(
                "SELECT e.machine_arn, e.machine, r.kind, r.state, r.millis, r.error
                 FROM executions e JOIN records r ON r.execution = e.number WHERE {}",
                conditions.sql
            );
            self.add_facts(&sql, conditions, &mut statistics)?;
        }
        Ok(statistics)
    }

    /// The figures of all executions by their records alone, for those who check what was counted.
    pub(super) fn statistics_anew(&self) -> Result<Statistics, JournalError> {
        let mut statistics = Statistics::default();
        let all = || Conditions::of(&Filter::default());
        self.add_executions(&all(), &mut statistics)?;
        let sql = "SELECT e.machine_arn, e.machine, r.kind, r.state, r.millis, r.error
            FROM records r JOIN executions e ON e.number = r.execution";
        self.add_facts(sql, all(), &mut statistics)?;
        Ok(statistics)
    }

    fn add_executions(
        &self,
        conditions: &Conditions,
        statistics: &mut Statistics,
    ) -> Result<(), JournalError> {
        let sql = by_status(conditions);
        let values = rusqlite::params_from_iter(&conditions.values);
        self.rows(&sql, values, |row| {
            let read = || Ok((text(row, 0)?, text(row, 1)?, count(row.get(2)?)));
            if let Some((machine, status, count)) = readable(read())? {
                let machine = statistics.machines.entry(machine).or_default();
                *machine.executions.entry(status).or_default() += count;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn add_counts(&self, filter: &Filter, statistics: &mut Statistics) -> Result<(), JournalError> {
        let sql = "SELECT machine, state, what, key, count FROM counts
            WHERE (?1 IS NULL OR machine_arn = ?1) AND (?2 IS NULL OR machine = ?2)";
        let wanted = params![filter.state_machine_arn, filter.state_machine];
        self.rows(sql, wanted, |row| {
            let read = || {
                let (machine, state) = (text(row, 0)?, text(row, 1)?);
                let (what, key) = (row.get_ref(2)?.as_str()?, text(row, 3)?);
                Ok((machine, state, what, key, count(row.get(4)?)))
            };
            if let Some((machine, state, what, key, count)) = readable(read())? {
                let machine = statistics.machines.entry(machine).or_default();
                let figures = machine.states.entry(state).or_default();
                add_counted(figures, what, key, count);
            }
            Ok(())
        })?;
        Ok(())
    }

    fn add_facts(
        &self,
        sql: &str,
        conditions: Conditions,
        statistics: &mut Statistics,
    ) -> Result<(), JournalError> {
        let values = rusqlite::params_from_iter(conditions.values);
        self.rows(sql, values, |row| {
            let read = || Ok((text(row, 1)?, row::fact(row, 2)?));
            if let Some((machine, fact)) = readable(read())? {
                statistics.machines.entry(machine).or_default().count(&fact);
            }
            Ok(())
        })?;
        Ok(())
    }
}

/// How many executions stand where, in the order of the index by machine, which holds all that is asked for.
pub(super) fn by_status(conditions: &Conditions) -> String {
    format!(
        "SELECT e.machine, e.status, count(*) FROM executions e WHERE {}
         GROUP BY e.machine_arn, e.machine, e.status",
        conditions.sql
    )
}

fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<EcoString> {
    Ok(row::word(row, at)?.unwrap_or_default())
}

fn count(counted: i64) -> u64 {
    u64::try_from(counted).unwrap_or(0)
}
