//! Units that wait for the writer, in the order of their marks.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::{Record, Timestamp};

use super::prune::Pruned;
use super::row::Numbers;
use crate::{Beginning, Fact, Mark, Progress, Resource, Summary, Trouble};

/// A part of a unit.
pub(super) enum Op {
    /// Records of an execution, and what it looks like after them.
    Records(Box<Appended>),
    /// A resource as it is now, or that there is none any more.
    Resource(Resource),
    /// An execution is forgotten, which has this number.
    Forget { number: i64, execution_arn: String },
}

/// A batch that the writer may keep for itself.
pub(super) struct Appended {
    /// Its number, and the counts after the batch.
    pub(super) numbers: Numbers,
    /// Whether nothing was known of it before.
    pub(super) begins: bool,
    /// Whether nothing but its counts and its timer changed.
    pub(super) narrow: bool,
    pub(super) summary: Summary,
    /// With the first records.
    pub(super) beginning: Option<Beginning>,
    pub(super) records: Vec<Record>,
    pub(super) facts: Vec<Fact>,
}

pub(super) struct Unit {
    pub(super) mark: Mark,
    pub(super) ops: Vec<Op>,
}

/// That something is forgotten, and who waits for it.
pub(super) struct PruneRequest {
    pub(super) older_than: Timestamp,
    pub(super) dry_run: bool,
    pub(super) reply: Sender<Result<Pruned, Trouble>>,
}

/// What there is to do.
pub(super) enum Work {
    Units(Vec<Unit>),
    Prune(PruneRequest),
}

/// The way from those who give units to the one who writes them.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    news: Condvar,
    progress: Progress,
}

#[derive(Default)]
struct Waiting {
    units: VecDeque<Unit>,
    prunes: VecDeque<PruneRequest>,
    closed: bool,
}

/// Units in one transaction at most.
const MOST_UNITS: usize = 1024;

impl Queue {
    pub(super) fn new(progress: Progress) -> Queue {
        Queue {
            waiting: Mutex::default(),
            news: Condvar::new(),
            progress,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // What is behind the lock is whole between any two statements.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a unit to the writer. In a store that is closed it waits for ever, and the trouble says so.
    pub(super) fn push(&self, ops: Vec<Op>) -> Mark {
        let mut waiting = self.waiting();
        let mark = self.progress.give();
        if waiting.closed {
            self.progress
                .fail(Trouble("the store is closed".to_owned()));
            return mark;
        }
        waiting.units.push_back(Unit { mark, ops });
        drop(waiting);
        self.news.notify_one();
        mark
    }

    /// Has something pruned after all units that wait. In a store that is closed the reply is dropped.
    pub(super) fn ask(&self, request: PruneRequest) {
        let mut waiting = self.waiting();
        if !waiting.closed {
            waiting.prunes.push_back(request);
        }
        drop(waiting);
        self.news.notify_one();
    }

    /// Waits for something to do; none when the queue is closed and empty.
    pub(super) fn take(&self) -> Option<Work> {
        let waiting = self.waiting();
        let idle = |waiting: &mut Waiting| {
            waiting.units.is_empty() && waiting.prunes.is_empty() && !waiting.closed
        };
        let waiting = self.news.wait_while(waiting, idle);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let most = waiting.units.len().min(MOST_UNITS);
        if most == 0 {
            return waiting.prunes.pop_front().map(Work::Prune);
        }
        Some(Work::Units(waiting.units.drain(..most).collect()))
    }

    /// Waits until a time is over or the queue is closed; whether it is closed.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let waiting = self.waiting();
        let open = |waiting: &mut Waiting| !waiting.closed;
        let paused = self.news.wait_timeout_while(waiting, time, open);
        paused.unwrap_or_else(PoisonError::into_inner).0.closed
    }

    /// Takes no more units.
    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.news.notify_all();
    }
}
