//! One point of the search: an execution, and all that decides how it goes on.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use asl::StateId;
use data::EcoString;
use engine::{Execution, TaskRequest, TaskToken, Timestamp};

use super::class::ClassId;
use crate::invariant::Watcher;

/// A Task execution of a [`Sites`]: a state with the Map items and the visit that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SiteId(pub u32);

/// A fork of the execution.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub execution: Execution,
    pub now: Timestamp,
    /// The tasks that ask for an answer, first come first served.
    pub pending: Vec<Arc<Pending>>,
    /// What went wrong so far.
    pub faults: Vec<Run>,
    /// How often a worker was asked for the answer of each state.
    pub calls: Vec<(StateId, u32)>,
    pub watchers: Vec<Watcher>,
    /// How it ended, if it did.
    pub end: Option<Arc<End>>,
    /// Whether a fault was overcome since the last decision: then this may be where another path was.
    pub fresh: bool,
}

/// A task that was handed out and is not answered yet.
#[derive(Debug)]
pub(crate) struct Pending {
    pub task: TaskRequest,
    pub timeout_seconds: Option<u64>,
    pub heartbeat_seconds: Option<u64>,
}

/// One class of fault at one Task execution, attempt after attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub site: SiteId,
    pub class: ClassId,
    /// When the first attempt failed, in milliseconds from the start.
    pub since: i64,
    /// How many attempts failed so far.
    pub failures: u32,
    /// The attempt that fails just now; none between attempts.
    pub token: Option<TaskToken>,
    /// The signs of life of a worker that takes too long.
    pub beats: Option<Beats>,
    /// Whether the next attempt may fail in the same way.
    pub open: bool,
}

/// When a worker that takes too long shows that it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beats {
    pub every_seconds: u64,
    pub next: Timestamp,
    pub until: Timestamp,
}

/// What a path came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    pub ending: Ending,
    /// AWS's word.
    pub status: &'static str,
    /// Where it ended.
    pub state: StateId,
    pub error: Option<EcoString>,
    /// The fault that ended it, if one did.
    pub by: Option<ClassId>,
    /// Milliseconds from start to end.
    pub millis: i64,
    /// The invariants that it breaks, by index.
    pub broken: Vec<u32>,
}

/// How a path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// It succeeds.
    Succeeded,
    /// A Fail state ends it, as the definition wants.
    FailState,
    /// A failure that no catcher takes ends it.
    Uncaught,
    /// An error of the machine itself ends it: a path that finds nothing, a Choice without a match.
    MachineError,
    /// Its time is up.
    TimedOut,
    /// It is not run further: retriers go on beyond the most attempts of the sweep.
    UnboundedRetry,
    /// It is not run further: a Task was visited too often.
    Loop,
}

/// A path with its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaf {
    pub faults: Box<[Fault]>,
    pub end: Arc<End>,
}

/// What went wrong on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fault {
    pub site: SiteId,
    pub class: ClassId,
    /// When the first attempt failed, in milliseconds from the start: a Task execution comes again where a
    /// Parallel or Map around it is retried.
    pub since: i64,
    /// Attempts that failed in a row.
    pub attempts: u32,
}

impl Beats {
    /// The first moment from which on no further sign of life is due before the time is up.
    pub fn last(&self) -> Timestamp {
        let every = self.every_seconds.saturating_mul(1000);
        let every = i64::try_from(every).unwrap_or(i64::MAX);
        Timestamp(self.until.0.saturating_sub(every))
    }
}

impl Run {
    pub fn fault(&self) -> Fault {
        Fault {
            site: self.site,
            class: self.class,
            since: self.since,
            attempts: self.failures,
        }
    }
}

impl Node {
    pub fn new(execution: Execution, now: Timestamp, watchers: Vec<Watcher>) -> Node {
        Node {
            execution,
            now,
            pending: Vec::new(),
            faults: Vec::new(),
            calls: Vec::new(),
            watchers,
            end: None,
            fresh: false,
        }
    }

    /// Counts a call of a state and says which it is, from 0.
    pub fn count_call(&mut self, state: StateId) -> u32 {
        match self.calls.binary_search_by_key(&state, |(known, _)| *known) {
            Ok(at) => {
                self.calls[at].1 += 1;
                self.calls[at].1 - 1
            }
            Err(at) => {
                self.calls.insert(at, (state, 1));
                0
            }
        }
    }

    /// The open run of faults at a Task execution.
    pub fn open_at(&self, site: SiteId) -> Option<usize> {
        self.faults
            .iter()
            .position(|run| run.open && run.site == site)
    }

    /// The task at this Task execution goes well, or wrong in another way.
    pub fn close(&mut self, site: SiteId) {
        if let Some(at) = self.open_at(site) {
            self.faults[at].open = false;
            self.fresh = true;
        }
    }

    fn open(&self) -> impl Iterator<Item = &Run> {
        self.faults.iter().filter(|run| run.open)
    }

    fn tokens(&self) -> impl Iterator<Item = TaskToken> {
        self.pending.iter().map(|pending| pending.task.token)
    }

    /// A hash of everything that decides how the node goes on.
    pub fn fingerprint(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        (self.execution.fingerprint(), self.now, self.faults.len()).hash(&mut hash);
        (&self.calls, &self.watchers).hash(&mut hash);
        for run in self.open() {
            (run.site, run.class, run.failures).hash(&mut hash);
        }
        hash.finish()
    }

    /// Whether both go on alike: the same execution, with the same eyes on it and as much left to go wrong.
    ///
    /// Faults that are overcome only count; which they were is no matter any more.
    pub fn goes_on_like(&self, other: &Node) -> bool {
        self.now == other.now
            && self.faults.len() == other.faults.len()
            && self.calls == other.calls
            && self.watchers == other.watchers
            && self.open().eq(other.open())
            && self.tokens().eq(other.tokens())
            && self.execution == other.execution
    }

    /// The leaf that a node which goes on alike came to, as this node would have come to it.
    pub fn adopt(&self, leaf: &Leaf, of: &Node) -> Leaf {
        let mut still_open = of.faults.iter().zip(&leaf.faults[..]);
        let mut next_open = || {
            still_open
                .find(|(run, _)| run.open)
                .map(|(_, fault)| *fault)
        };
        let own = self.faults.iter().map(|run| match run.open {
            true => next_open().unwrap_or_else(|| run.fault()),
            false => run.fault(),
        });
        let faults = own.chain(leaf.faults[of.faults.len()..].iter().copied());
        Leaf {
            faults: faults.collect(),
            end: Arc::clone(&leaf.end),
        }
    }
}

/// The Task executions that a sweep came across, by their paths.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    by_path: std::collections::HashMap<String, SiteId>,
    all: Vec<Site>,
}

/// A Task execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub state: StateId,
    /// Such as `Orders[3]/Charge`; without the visit.
    pub path: EcoString,
    /// Which visit of the state in its block it is, from 0.
    pub visit: u32,
}

impl Sites {
    pub fn get(&self, id: SiteId) -> &Site {
        &self.all[id.0 as usize]
    }

    pub fn intern(&mut self, task: &TaskRequest) -> SiteId {
        if let Some(id) = self.by_path.get(&task.site) {
            return *id;
        }
        let id = SiteId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let (path, visit) = task.site.rsplit_once('#').unwrap_or((&task.site, "0"));
        self.all.push(Site {
            state: task.state,
            path: path.into(),
            visit: visit.parse().unwrap_or(0),
        });
        self.by_path.insert(task.site.clone(), id);
        id
    }
}
