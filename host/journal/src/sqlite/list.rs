//! Filters as conditions of SQL.

use rusqlite::types::Value;

use super::read::{Reader, soft};
use super::row::{self, SUMMARY};
use crate::{Filter, JournalError, Summary};

/// Conditions on executions `e`, with what stands for their question marks.
pub(super) struct Conditions {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// Those that [`Filter::passes`] knows.
    pub(super) fn of(filter: &Filter) -> Conditions {
        let mut conditions = Conditions {
            sql: "TRUE".to_owned(),
            values: Vec::new(),
        };
        for (column, wanted) in [
            ("e.machine_arn", &filter.state_machine_arn),
            ("e.machine", &filter.state_machine),
            ("e.version_arn", &filter.version_arn),
            ("e.alias_arn", &filter.alias_arn),
            ("e.map_run_arn", &filter.map_run_arn),
            ("e.status", &filter.status),
        ] {
            if let Some(wanted) = wanted {
                conditions.add(&format!("{column} = ?"), wanted.clone().into());
            }
        }
        if let Some(since) = filter.since {
            conditions.add("e.started_at >= ?", since.0.into());
        }
        if let Some(until) = filter.until {
            conditions.add("e.started_at < ?", until.0.into());
        }
        conditions
    }

    fn add(&mut self, condition: &str, value: Value) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.push(value);
    }
}

impl Reader {
    /// A row that cannot be read is left out; [`damaged`](crate::Journal::damaged) and the check of a store tell of it.
    pub(super) fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError> {
        let mut conditions = Conditions::of(filter);
        if let Some(after) = &filter.after {
            let older = "e.number < (SELECT number FROM executions WHERE arn = ?)";
            conditions.add(older, after.clone().into());
        }
        let mut sql = format!(
            "SELECT {SUMMARY} FROM executions e WHERE {} ORDER BY e.number DESC",
            conditions.sql
        );
        if let Some(limit) = filter.limit {
            sql.push_str(" LIMIT ?");
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            conditions.values.push(limit.into());
        }
        let values = rusqlite::params_from_iter(conditions.values);
        let found = self.rows(&sql, values, |row| soft(row::summary(row)))?;
        let found = found.into_iter().flatten();
        Ok(found.map(|(summary, _)| summary).collect())
    }
}
