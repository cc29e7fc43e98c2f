//! Whether all that is kept can be read.

use std::path::Path;

use engine::Record;

use super::error::{OpenError, told};
use super::key::Key;
use super::read::{Reader, damage};
use super::store::{Store, reader};
use crate::{Damaged, Filter, Kept};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many executions there are.
    pub executions: u64,
    /// How many records those have that can be read.
    pub records: u64,
    /// What is wrong with the file, its indices and counts, in SQLite's words and ours.
    pub file: Vec<String>,
    /// The executions, definitions and resources that cannot be read.
    pub damaged: Vec<Damaged>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.file.is_empty() && self.damaged.is_empty()
    }
}

impl Store {
    /// Checks a store, without a change to it.
    pub fn check(path: &Path, key: Option<&Key>) -> Result<Report, OpenError> {
        Store::check_each(path, key, |_, _| Ok(()))
    }

    /// Checks a store, and lets somebody judge the log of each execution; the error is what is wrong with it. One that
    /// is damaged is told of, and the rest goes on.
    pub fn check_each(
        path: &Path,
        key: Option<&Key>,
        mut judge: impl FnMut(&Kept, &[Record]) -> Result<(), String>,
    ) -> Result<Report, OpenError> {
        let reader = reader(path, key)?;
        let report = reader.view(|| Ok(reader.check(&mut judge)));
        report.map_err(|error| OpenError::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }
}

/// Says what is wrong with the log of an execution.
type Judge<'j> = &'j mut dyn FnMut(&Kept, &[Record]) -> Result<(), String>;

impl Reader {
    fn check(&self, judge: Judge<'_>) -> Report {
        let mut report = Report::default();
        self.check_file(&mut report);
        for number in self.all_numbers(&mut report) {
            report.executions += 1;
            match self.check_execution(number, judge) {
                Ok(records) => report.records += records,
                Err(damaged) => report.damaged.push(damaged),
            }
        }
        self.check_beside(&mut report);
        report
    }

    /// How many records an execution has, all of which can be read.
    fn check_execution(&self, number: i64, judge: Judge<'_>) -> Result<u64, Damaged> {
        let (kept, numbers) = self
            .numbered(number)
            .map_err(|reason| damage(self.name_of(number), reason))?;
        let judged = self.log_of(numbers).and_then(|log| {
            judge(&kept, &log)?;
            Ok(log.len() as u64)
        });
        judged.map_err(|reason| damage(kept.summary.execution_arn, reason))
    }

    fn check_file(&self, report: &mut Report) {
        let found = self.rows("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        match found {
            Ok(found) => report
                .file
                .extend(found.into_iter().filter(|text| text != "ok")),
            Err(error) => report.file.push(told(&error)),
        }
        let known = self.statistics(&Filter::default());
        let anew = self.statistics_anew();
        match (known, anew) {
            (Ok(known), Ok(anew)) if known == anew => {}
            (Ok(_), Ok(_)) => report
                .file
                .push("what was counted is not what the records say".to_owned()),
            (Err(error), _) | (_, Err(error)) => report.file.push(error.to_string()),
        }
    }

    /// All that the table or one of its indices knows of.
    fn all_numbers(&self, report: &mut Report) -> Vec<i64> {
        let (mut numbers, reason) = self.sound("SELECT number FROM executions NOT INDEXED");
        report.file.extend(reason);
        numbers.extend(self.named().into_keys());
        numbers.into_iter().collect()
    }

    fn name_of(&self, number: i64) -> String {
        let named = self.named();
        let name = named.get(&number).cloned();
        name.unwrap_or_else(|| format!("number {number}"))
    }

    fn check_beside(&self, report: &mut Report) {
        let texts = |sql: &str| self.rows(sql, [], |row| row.get::<_, String>(0));
        match texts("SELECT digest FROM definitions") {
            Ok(digests) => {
                for digest in digests {
                    if let Err(error) = self.definition(&digest) {
                        report
                            .damaged
                            .push(damage(String::new(), error.to_string()));
                    }
                }
            }
            Err(error) => report.file.push(told(&error)),
        }
        match texts("SELECT DISTINCT kind FROM resources") {
            Ok(kinds) => {
                for kind in kinds {
                    match self.resources(&kind, None) {
                        Ok(found) => {
                            let garbled = found.into_iter().filter_map(Result::err);
                            let garbled = garbled.map(|one| damage(String::new(), one.to_string()));
                            report.damaged.extend(garbled);
                        }
                        Err(error) => report.file.push(error.to_string()),
                    }
                }
            }
            Err(error) => report.file.push(told(&error)),
        }
    }
}
