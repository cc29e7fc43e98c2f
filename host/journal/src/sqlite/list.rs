//! Filters as conditions of SQL, and lists of what they let through.

use rusqlite::Row;
use rusqlite::types::Value;

use super::read::{Reader, soft};
use super::row::{self, STATUSES, SUMMARY};
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
            // No index begins with it; the one by machine is asked by the ARN.
            ("+e.machine", &filter.state_machine),
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

/// The ARN and name of a state machine.
type Machine = (String, String);

/// Machines that are looked through for those that a filter means.
const MOST_MACHINES: usize = 1000;

/// Parts of an index that are read side by side.
const MOST_PARTS: usize = 100;

impl Reader {
    /// A row that cannot be read is left out; [`damaged`](crate::Journal::damaged) and the check of a store tell of it.
    pub(super) fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError> {
        self.view(|| self.list_of(filter))
    }

    fn list_of(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError> {
        let Some(query) = self.listing(filter)? else {
            return Ok(Vec::new());
        };
        let values = rusqlite::params_from_iter(query.values);
        let found = self.rows(&query.sql, values, |row| soft(row::summary(row)))?;
        let found = found.into_iter().flatten();
        Ok(found.map(|(summary, _)| summary).collect())
    }

    /// What asks for a list; none if there is nothing to ask for.
    fn listing(&self, filter: &Filter) -> Result<Option<Conditions>, JournalError> {
        let mut conditions = Conditions::of(filter);
        if let Some(after) = &filter.after {
            let older = "e.number < (SELECT number FROM executions WHERE arn = ?)";
            conditions.add(older, after.clone().into());
        }
        let mut query = match self.parts(filter)? {
            Some(parts) if parts.is_empty() => return Ok(None),
            Some(parts) => merged(&parts, &conditions),
            None => Conditions {
                sql: format!(
                    "SELECT {SUMMARY} FROM executions e WHERE {}",
                    conditions.sql
                ),
                values: conditions.values,
            },
        };
        query.sql.push_str(" ORDER BY number DESC");
        if let Some(limit) = filter.limit {
            query.sql.push_str(" LIMIT ?");
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            query.values.push(limit.into());
        }
        Ok(Some(query))
    }

    /// The parts of the index by machine in which all is that a filter lets through; none if another way is better.
    fn parts(&self, filter: &Filter) -> Result<Option<Vec<[String; 3]>>, JournalError> {
        let by_another = filter.version_arn.is_some()
            || filter.alias_arn.is_some()
            || filter.map_run_arn.is_some();
        let by_machine = filter.state_machine_arn.is_some()
            || filter.state_machine.is_some()
            || filter.since.is_some()
            || filter.until.is_some();
        if by_another || !by_machine {
            return Ok(None);
        }
        let Some(machines) = self.machines(filter.state_machine_arn.as_deref())? else {
            return Ok(None);
        };
        let wanted = filter.state_machine.as_ref();
        let machines = machines
            .into_iter()
            .filter(|(_, name)| wanted.is_none_or(|wanted| wanted == name));
        let statuses: Vec<String> = match &filter.status {
            Some(status) => vec![status.clone()],
            None => STATUSES.map(str::to_owned).into(),
        };
        let parts = machines.flat_map(|(arn, name)| {
            let statuses = statuses.iter();
            let parts = statuses.map(|status| [arn.clone(), name.clone(), status.clone()]);
            parts.collect::<Vec<_>>()
        });
        let parts: Vec<_> = parts.take(MOST_PARTS + 1).collect();
        Ok((parts.len() <= MOST_PARTS).then_some(parts))
    }

    /// The machines that have executions, those of one ARN or all; none if there are too many, or one is garbled.
    fn machines(&self, arn: Option<&str>) -> Result<Option<Vec<Machine>>, JournalError> {
        const FIRST: &str = "machine_arn >= ?1";
        const NEXT_NAME: &str = "machine_arn = ?1 AND machine > ?2";
        const NEXT_ARN: &str = "machine_arn > ?1";
        let mut machines: Vec<Machine> = Vec::new();
        let (mut steps, mut last) = (
            [FIRST].as_slice(),
            (arn.unwrap_or_default().to_owned(), String::new()),
        );
        while machines.len() < MOST_MACHINES {
            let mut found = None;
            for step in steps {
                found = match self.machine(step, &last)? {
                    Some(Err(_)) => return Ok(None),
                    found => found.and_then(Result::ok),
                };
                if found.is_some() {
                    break;
                }
            }
            let found = found.filter(|(of, _)| arn.is_none_or(|arn| arn == of));
            let Some(found) = found else {
                return Ok(Some(machines));
            };
            last.clone_from(&found);
            machines.push(found);
            steps = [NEXT_NAME, NEXT_ARN].as_slice();
        }
        Ok(None)
    }

    fn machine(
        &self,
        step: &str,
        last: &Machine,
    ) -> rusqlite::Result<Option<Result<Machine, String>>> {
        let sql = format!(
            "SELECT machine_arn, machine FROM executions INDEXED BY executions_by_machine
             WHERE {step} AND ?2 IS NOT NULL ORDER BY machine_arn, machine LIMIT 1"
        );
        let machine = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        self.row(&sql, [&last.0, &last.1], |row| soft(machine(row).map(Ok)))
    }
}

/// A query for what meets the conditions in parts of the index by machine. Each part has its executions in their order, so
/// that only as many are read as are wanted.
fn merged(parts: &[[String; 3]], conditions: &Conditions) -> Conditions {
    let of_one = format!(
        "SELECT {SUMMARY} FROM executions e INDEXED BY executions_by_machine
         WHERE e.machine_arn = ? AND e.machine = ? AND e.status = ? AND {}",
        conditions.sql
    );
    let of_each: Vec<&str> = parts.iter().map(|_| of_one.as_str()).collect();
    let values = parts.iter().flat_map(|part| {
        let part = part.iter().cloned().map(Value::from);
        part.chain(conditions.values.iter().cloned())
    });
    Conditions {
        sql: of_each.join(" UNION ALL "),
        values: values.collect(),
    }
}

#[cfg(test)]
mod tests {
    use engine::{Change, Failure, Record, Timestamp};

    use super::*;
    use crate::sqlite::counts::by_status;
    use crate::sqlite::store::reader;
    use crate::{Batch, Store, StoreOptions};

    /// How SQLite goes about a query.
    fn plan(reader: &Reader, query: Conditions) -> String {
        let sql = format!("EXPLAIN QUERY PLAN {}", query.sql);
        let values = rusqlite::params_from_iter(query.values);
        let steps = reader.rows(&sql, values, |row| row.get::<_, String>(3));
        steps.unwrap().join("\n")
    }

    /// A store with an execution.
    fn filled() -> (tempfile::TempDir, Reader) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wf.db");
        let store = Store::open(&path, StoreOptions::default()).unwrap();
        let mut journal = store.journal().unwrap();
        let failure = Failure::new("E", "");
        let record = Record {
            seq: 0,
            at: Timestamp(0),
            event: None,
            change: Change::ExecutionAborted { failure },
        };
        let mut summary = Summary::new("arn", "name", "e", Timestamp(0));
        summary.state_machine_arn = "machine".to_owned();
        journal.append(Batch::of(summary, &[record])).unwrap();
        journal.seal();
        drop(journal);
        store.close().unwrap();
        (folder, reader(&path, None).unwrap())
    }

    #[test]
    fn executions_are_counted_by_an_index_alone() {
        let (_folder, reader) = filled();
        let text = |text: &str| Some(text.to_owned());
        for (arn, name) in [
            (None, None),
            (text("machine"), None),
            (None, text("name")),
            (text("machine"), text("name")),
        ] {
            let filter = Filter {
                state_machine_arn: arn,
                state_machine: name,
                ..Filter::default()
            };
            let conditions = Conditions::of(&filter);
            let sql = by_status(&conditions);
            let plan = plan(&reader, Conditions { sql, ..conditions });
            let by = "USING COVERING INDEX executions_by_machine";
            assert!(plan.contains(by), "{filter:?}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }

    #[test]
    fn lists_are_read_in_the_order_of_an_index_and_never_sorted() {
        let (_folder, reader) = filled();
        let text = |text: &str| Some(text.to_owned());
        let of_machine = Filter {
            state_machine_arn: text("machine"),
            ..Filter::default()
        };
        for filter in [
            of_machine.clone(),
            Filter {
                status: text("FAILED"),
                ..of_machine
            },
            Filter {
                state_machine: text("name"),
                ..Filter::default()
            },
            Filter {
                until: Some(Timestamp(0)),
                ..Filter::default()
            },
        ] {
            let plan = plan(&reader, reader.listing(&filter).unwrap().unwrap());
            let by = "INDEX executions_by_machine (machine_arn=? AND machine=? AND status=?";
            assert!(plan.contains(by), "{filter:?}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }
}
