//! Stopping a run from outside.

use engine::Failure;
use tokio::sync::watch;

/// A handle that stops executions; clones share the request.
#[derive(Clone, Debug)]
pub struct Stopper {
    sender: watch::Sender<Option<Failure>>,
}

impl Default for Stopper {
    fn default() -> Self {
        Stopper {
            sender: watch::Sender::new(None),
        }
    }
}

impl Stopper {
    /// Asks every execution that has this handle to stop, as StopExecution with this error and cause.
    pub fn stop(&self, failure: Failure) {
        self.sender.send_replace(Some(failure));
    }

    /// The request, if there is one already.
    pub(crate) fn requested(&self) -> Option<Failure> {
        self.sender.borrow().clone()
    }

    /// Waits for the request.
    pub(crate) async fn wait(&self) -> Failure {
        let mut receiver = self.sender.subscribe();
        let waited = receiver.wait_for(Option::is_some).await;
        waited
            .ok()
            .and_then(|failure| failure.clone())
            .unwrap_or_default()
    }
}
