//! The executions that are not over, and those of them that cannot be read.
//!
//! Two indices are asked which they are, and each entry is then read by itself, so that neither a damaged page nor a
//! garbled row hides the others.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Row;

use super::read::{Reader, damage};
use crate::{Damaged, JournalError, Kept};

/// What [`Reader::open`] found.
#[derive(Default)]
pub(super) struct Open {
    pub(super) executions: Vec<Kept>,
    pub(super) damaged: Vec<Damaged>,
}

const BY_INDEX: &str =
    "SELECT number FROM executions INDEXED BY executions_open WHERE stopped_at IS NULL";
const BY_STATUS: &str =
    "SELECT number FROM executions INDEXED BY executions_by_status WHERE status = 'RUNNING'";

impl Reader {
    pub(super) fn open(&self, root: Option<&str>) -> Result<Open, JournalError> {
        self.view(|| self.open_of(root))
    }

    fn open_of(&self, root: Option<&str>) -> Result<Open, JournalError> {
        let mut open = Open::default();
        if let Some(root) = root {
            let sql = format!("{BY_INDEX} AND root = ?");
            let numbers = self.rows(&sql, [root], |row| row.get(0))?;
            self.each(numbers.into_iter().collect(), &mut open);
            return Ok(open);
        }
        let (by_index, broken_index) = self.sound(BY_INDEX);
        let (mut numbers, broken_status) = self.sound(BY_STATUS);
        numbers.extend(by_index);
        for reason in [broken_index, broken_status].into_iter().flatten() {
            open.damaged.push(damage(String::new(), reason));
        }
        if !open.damaged.is_empty() {
            numbers.extend(self.named().into_keys());
        }
        self.each(numbers, &mut open);
        Ok(open)
    }

    /// The numbers that a query gives, up to where it cannot go on, and why it cannot.
    pub(super) fn sound(&self, sql: &str) -> (BTreeSet<i64>, Option<String>) {
        let mut numbers = BTreeSet::new();
        let read = self.rows(sql, [], |row: &Row<'_>| {
            numbers.insert(row.get(0)?);
            Ok(())
        });
        (numbers, read.err().map(|error| super::error::told(&error)))
    }

    /// What the index of ARNs says, as far as it can be read.
    pub(super) fn named(&self) -> BTreeMap<i64, String> {
        let mut named = BTreeMap::new();
        let sql = "SELECT number, arn FROM executions INDEXED BY executions_by_arn ORDER BY arn";
        // What can be read is better than nothing.
        let _ = self.rows(sql, [], |row| {
            named.insert(row.get(0)?, row.get(1)?);
            Ok(())
        });
        named
    }

    fn each(&self, numbers: BTreeSet<i64>, open: &mut Open) {
        let mut named = None;
        for number in numbers {
            match self.numbered(number) {
                Ok((kept, _)) if kept.summary.stopped_at.is_none() => open.executions.push(kept),
                Ok(_) => {}
                Err(reason) => {
                    let named = named.get_or_insert_with(|| self.named());
                    let name = named.get(&number).cloned();
                    let name = name.unwrap_or_else(|| format!("number {number}"));
                    open.damaged.push(damage(name, reason));
                }
            }
        }
    }
}
