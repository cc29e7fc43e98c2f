//! Forgetting what has been over for long.

use engine::Timestamp;
use rusqlite::Connection;

use super::counts::Counts;
use super::entries::forget_rows;
use super::read::readable;
use super::row;
use super::write::Standing;
use crate::{Fact, Trouble};

/// What was forgotten, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many executions.
    pub executions: u64,
    /// How many records those had.
    pub records: u64,
    /// How many bytes those records had, as texts.
    pub bytes: u64,
}

/// An execution stays as long as one does that was started by way of the same root.
const TREES: &str = "CREATE TEMP TABLE pruned AS
    WITH tree AS (SELECT number, arn, stopped_at, ifnull(nullif(root, ''), arn) AS root FROM executions)
    SELECT number, arn FROM tree WHERE root IN (
        SELECT root FROM tree GROUP BY root HAVING count(*) = count(stopped_at) AND max(stopped_at) < ?1)";

const FIGURES: &str =
    "SELECT (SELECT count(*) FROM pruned), count(*), ifnull(sum(length(CAST(r.record AS BLOB))), 0)
    FROM pruned p JOIN records r ON r.execution = p.number";

/// Forgets executions that were over before a moment, within a transaction.
pub(super) fn prune(
    connection: &Connection,
    standing: &mut Standing,
    older_than: Timestamp,
    dry_run: bool,
) -> Result<Pruned, Trouble> {
    connection.execute_batch("DROP TABLE IF EXISTS temp.pruned")?;
    connection.execute(TREES, [older_than.0])?;
    let pruned = connection.query_row(FIGURES, [], |row| {
        let number = |at: usize| row.get(at).map(|n: i64| u64::try_from(n).unwrap_or(0));
        Ok(Pruned {
            executions: number(0)?,
            records: number(1)?,
            bytes: number(2)?,
        })
    })?;
    if !dry_run {
        take_away(connection, standing)?;
    }
    connection.execute_batch("DROP TABLE temp.pruned")?;
    Ok(pruned)
}

fn take_away(connection: &Connection, standing: &mut Standing) -> Result<(), Trouble> {
    uncount(connection, &mut standing.counts)?;
    let mut executions = connection.prepare("SELECT number, arn FROM pruned")?;
    let mut rows = executions.query([])?;
    while let Some(row) = rows.next()? {
        let (number, arn): (i64, String) = (row.get(0)?, row.get(1)?);
        forget_rows(connection, number, &arn)?;
    }
    connection.execute(
        "DELETE FROM definitions WHERE digest NOT IN (SELECT definition FROM executions)",
        [],
    )?;
    standing.definitions.clear();
    standing.write_counts(connection)?;
    Ok(())
}

fn uncount(connection: &Connection, counts: &mut Counts) -> rusqlite::Result<()> {
    let sql = "SELECT e.machine_arn, e.machine, r.kind, r.state, r.millis, r.error
        FROM pruned p JOIN executions e ON e.number = p.number JOIN records r ON r.execution = p.number";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let read = || Ok((row.get(0)?, row.get(1)?, row::fact(row, 2)?));
        let read: rusqlite::Result<(String, String, Fact)> = read();
        if let Some((arn, name, fact)) = readable(read)? {
            counts.remove(&arn, &name, &fact);
        }
    }
    Ok(())
}
