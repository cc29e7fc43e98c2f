//! The one thread that writes: it takes all units that wait, and keeps them in one transaction.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::piece::Pieces;
use super::prune::{Pruned, prune};
use super::queue::{PruneRequest, Queue, Unit, Work};
use super::write::{Standing, Writing};
use crate::{Progress, Trouble};

/// How long it waits before it tries again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How often it tries again after somebody wants the store closed.
const LAST_TRIES: u32 = 3;

pub(super) struct Writer {
    connection: Connection,
    pieces: Pieces,
    queue: Arc<Queue>,
    progress: Progress,
    /// None after a transaction that failed: what it left in memory counts for nothing.
    standing: Option<Standing>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        pieces: Pieces,
        queue: Arc<Queue>,
        progress: Progress,
    ) -> Writer {
        Writer {
            connection,
            pieces,
            queue,
            progress,
            standing: None,
        }
    }

    /// Works until the queue is closed and empty. The trouble is why units were left over.
    pub(super) fn run(mut self) -> Result<(), Trouble> {
        while let Some(work) = self.queue.take() {
            match work {
                Work::Units(units) => self.keep(&units)?,
                Work::Prune(request) => self.prune(&request),
            }
        }
        self.finish();
        Ok(())
    }

    fn keep(&mut self, units: &[Unit]) -> Result<(), Trouble> {
        let Some(last) = units.last() else {
            return Ok(());
        };
        let mut pause = FIRST_PAUSE;
        let mut last_tries = 0;
        while let Err(trouble) = self.transact(|writing| writing.write(units)) {
            self.progress.fail(trouble.clone());
            if self.queue.pause(pause) {
                last_tries += 1;
                std::thread::sleep(FIRST_PAUSE);
            }
            if last_tries > LAST_TRIES {
                return Err(trouble);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.progress.keep(last.mark);
        Ok(())
    }

    fn prune(&mut self, request: &PruneRequest) {
        let (older_than, dry_run) = (request.older_than, request.dry_run);
        let mut pruned = Pruned::default();
        let outcome = self.transact(|writing| {
            pruned = prune(writing.connection, writing.standing, older_than, dry_run)?;
            Ok(())
        });
        if outcome.is_ok() && !dry_run {
            // Space that is not given back now is used again later.
            let _ = self.connection.execute_batch("PRAGMA incremental_vacuum");
            self.write_back();
        }
        // Nobody may wait any more.
        let _ = request.reply.send(outcome.map(|()| pruned));
    }

    /// Brings the WAL back into the store, if nobody is in the way.
    fn write_back(&self) {
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let _ = self.connection.query_row(sql, [], |_| Ok(()));
    }

    /// One transaction, kept whole or not at all.
    fn transact(
        &mut self,
        write: impl FnOnce(&mut Writing<'_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let outcome = self.begin_write_commit(write);
        if outcome.is_err() {
            self.standing = None;
            // It may have been rolled back already.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        outcome
    }

    fn begin_write_commit(
        &mut self,
        write: impl FnOnce(&mut Writing<'_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let connection = &self.connection;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let standing = match &mut self.standing {
            Some(standing) => standing,
            none => none.insert(Standing::of(connection)?),
        };
        write(&mut Writing {
            connection,
            pieces: &self.pieces,
            standing,
        })?;
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// What may be left for next time is done now if it can be: counts, and the WAL's way back into the store.
    fn finish(&mut self) {
        let counted = |standing: &Standing| standing.counts.records == 0;
        if !self.standing.as_ref().is_none_or(counted) {
            let _ =
                self.transact(|writing| Ok(writing.standing.write_counts(writing.connection)?));
        }
        self.write_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resource;
    use crate::sqlite::connect;
    use crate::sqlite::queue::Op;
    use crate::sqlite::schema;

    /// A disk that is full, played by a bound on the store's pages.
    #[test]
    fn units_that_find_no_space_are_kept_whole_when_there_is_some() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wf.db");
        let mut connection = connect::for_writing(&path).unwrap();
        connect::settle(&connection, &path, true).unwrap();
        schema::migrate(&mut connection, 0, |_| Ok(())).unwrap();
        let pages = |connection: &Connection, most: i64| {
            let set = connection.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()));
            set.unwrap();
        };
        pages(&connection, 1);
        let progress = Progress::default();
        let queue = Arc::new(Queue::new(progress.clone()));
        let mut writer = Writer::new(connection, Pieces::default(), queue, progress.clone());
        let unit = |keys: std::ops::Range<u32>| Unit {
            mark: progress.give(),
            ops: keys
                .map(|key| {
                    let resource = Resource::new("function", &key.to_string(), "{}".to_owned());
                    Op::Resource(resource.with_bytes(vec![7; 5000]))
                })
                .collect(),
        };
        let units = [unit(0..1), unit(1..40)];
        let count = |writer: &Writer| -> i64 {
            let sql = "SELECT count(*) FROM resources";
            let count = writer.connection.query_row(sql, [], |row| row.get(0));
            count.unwrap()
        };
        for _ in 0..3 {
            let trouble = writer
                .transact(|writing| writing.write(&units))
                .unwrap_err();
            assert!(trouble.0.contains("the disk is full"), "{trouble}");
            assert_eq!(count(&writer), 0);
        }
        pages(&writer.connection, i64::from(u32::MAX - 1));
        writer.keep(&units).unwrap();
        assert!(progress.has_kept(units[1].mark));
        assert_eq!(count(&writer), 40);
    }
}
