//! How far a store has come with keeping what it was given.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

/// A unit, by the order in which units were closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(pub u64);

/// Why nothing can be kept at the moment. It is tried again and again; when it works nothing was lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

/// Units that may wait to be kept before those who take work from outside must take no more.
pub const MOST_PENDING: u64 = 4096;

/// How far a store has come; clones tell of the same store.
#[derive(Clone, Debug)]
pub struct Progress {
    given: Arc<AtomicU64>,
    state: watch::Sender<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    kept: u64,
    trouble: Option<Trouble>,
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            given: Arc::default(),
            state: watch::Sender::new(State::default()),
        }
    }
}

impl Progress {
    /// The mark of the unit that is given to the store now. For the store itself, which must give units on in the
    /// order of their marks.
    pub fn give(&self) -> Mark {
        Mark(self.given.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The mark of the last unit that was given to the store.
    pub fn given(&self) -> Mark {
        Mark(self.given.load(Ordering::Relaxed))
    }

    /// Everything up to this unit is kept. For the store itself.
    pub fn keep(&self, mark: Mark) {
        self.state.send_modify(|state| {
            state.kept = state.kept.max(mark.0);
            state.trouble = None;
        });
    }

    /// The next unit cannot be kept, for now. For the store itself.
    pub fn fail(&self, trouble: Trouble) {
        self.state
            .send_modify(|state| state.trouble = Some(trouble));
    }

    /// The last unit that is kept.
    pub fn kept(&self) -> Mark {
        Mark(self.state.borrow().kept)
    }

    /// Whether a unit is kept.
    pub fn has_kept(&self, mark: Mark) -> bool {
        self.kept() >= mark
    }

    /// How many units are yet to be kept.
    pub fn pending(&self) -> u64 {
        self.given().0.saturating_sub(self.kept().0)
    }

    /// Whether so many units wait that no more work should be taken from outside. A store takes every unit all the
    /// same, since what happened inside cannot be undone.
    pub fn is_full(&self) -> bool {
        self.pending() >= MOST_PENDING
    }

    /// Why nothing can be kept at the moment.
    pub fn trouble(&self) -> Option<Trouble> {
        self.state.borrow().trouble.clone()
    }

    /// Waits until a unit is kept, or until the store says that it cannot be for now.
    pub async fn reached(&self, mark: Mark) -> Result<(), Trouble> {
        let mut seen = self.state.subscribe();
        let state = seen
            .wait_for(|state| state.kept >= mark.0 || state.trouble.is_some())
            .await;
        // The sender is ours, so that it is never gone.
        match state.ok().as_deref() {
            Some(state) if state.kept < mark.0 => match &state.trouble {
                Some(trouble) => Err(trouble.clone()),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Waits until a unit is kept, however long that takes.
    pub async fn kept_at_last(&self, mark: Mark) {
        // The sender is ours, so that it is never gone.
        let _ = self
            .state
            .subscribe()
            .wait_for(|state| state.kept >= mark.0)
            .await;
    }

    /// Waits until it has come further than `than`, or runs into trouble, or out of it.
    pub async fn changed(&self, than: Mark, in_trouble: bool) {
        let news = |state: &State| state.kept > than.0 || state.trouble.is_some() != in_trouble;
        // The sender is ours, so that it is never gone.
        let _ = self.state.subscribe().wait_for(news).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_kept_for_good() {
        let progress = Progress::default();
        let (first, second) = (progress.give(), progress.give());
        progress.keep(second);
        progress.keep(first);
        assert!(progress.has_kept(second));
        assert_eq!(progress.pending(), 0);
    }

    #[test]
    fn trouble_is_over_when_something_is_kept() {
        let progress = Progress::default();
        let mark = progress.give();
        progress.fail(Trouble("the disk is full".into()));
        assert!(progress.trouble().is_some());
        progress.keep(mark);
        assert_eq!(progress.trouble(), None);
    }
}
