//! Tasks that somebody outside does: the call is on its way, and its answer comes as a message.

use std::future::Future;

use data::Data;
use engine::{About, Failure, TaskRequest};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{ExecutionId, Shell, Worker};
use crate::functions::Envelope;
use crate::host::{Invoke, Invoked, NotInvoked, Reply};
use crate::invoke::{Message, Ticket, timestamp};
use crate::observer::InvocationReport;
use crate::remote::{Endpoint, RemoteCall, RemoteWork};
use crate::run::RunError;

/// A call that is on its way.
pub(super) struct Away {
    pub execution: ExecutionId,
    request: Box<TaskRequest>,
    task: JoinHandle<()>,
}

impl Shell<'_> {
    /// Asks another server to do a task.
    pub(super) fn ask(
        &mut self,
        id: ExecutionId,
        request: Box<TaskRequest>,
        endpoint: &Endpoint,
        work: RemoteWork,
    ) {
        let call = RemoteCall::new(endpoint, work, self.execution(id).about());
        match self.functions.remote() {
            Some(remote) => {
                let answer = remote.call(call);
                self.call_out(id, request, answer);
            }
            None => self.answer(id, &request, Err(nobody(endpoint))),
        }
    }

    /// Asks another server to run a function that a caller invokes.
    pub(super) fn ask_for_caller(
        &mut self,
        invoke: &Invoke,
        reply: Reply<Result<Invoked, NotInvoked>>,
    ) {
        let (Some(endpoint), Some(remote)) = (invoke.function.endpoint(), self.functions.remote())
        else {
            // Whoever asked may have gone away.
            let _ = reply.send(Err(NotInvoked::NotLoadable("no server runs it".to_owned())));
            return;
        };
        let work = RemoteWork::Function {
            name: invoke.function.name.as_str().into(),
            qualifier: Some(invoke.version.clone()).filter(|version| version != "$LATEST"),
            invocation_type: None,
            payload: Data::parse(&invoke.event).unwrap_or_default(),
            envelope: Envelope::None,
        };
        let about = About {
            region: invoke.region.clone(),
            ..About::local("", "")
        };
        let answer = remote.call(RemoteCall::new(endpoint, work, &about));
        let report = InvocationReport::of_call(invoke, timestamp(self.now));
        tokio::spawn(async move {
            let answer = answer.await;
            // Whoever asked may have gone away.
            let _ = reply.send(Ok(Invoked::of(answer, report)));
        });
    }

    /// Lets a call set out.
    fn call_out(
        &mut self,
        execution: ExecutionId,
        request: Box<TaskRequest>,
        call: impl Future<Output = Result<Data, Failure>> + Send + 'static,
    ) {
        let ticket = self.ticket();
        let messages = self.messages.clone();
        let (depart, departed) = oneshot::channel();
        // A call that is called back has nobody to tell.
        self.depart(move || {
            let _ = depart.send(());
        });
        let task = tokio::spawn(async move {
            // The shell is gone, and so is whoever waits.
            let Ok(()) = departed.await else { return };
            let answer = call.await;
            // A closed channel means that nobody waits any more.
            let _ = messages.send(Message::Answered { ticket, answer });
        });
        self.workers.insert(request.token, Worker::Remote(ticket));
        let away = Away {
            execution,
            request,
            task,
        };
        self.away.insert(ticket, away);
    }

    /// Whether a call is on its way.
    pub(crate) fn is_away(&self, ticket: Ticket) -> bool {
        self.away.contains_key(&ticket)
    }

    /// How many guests and calls are at work.
    pub(crate) fn at_work(&self) -> usize {
        let loading: usize = self.loading.values().map(Vec::len).sum();
        self.started.len() + self.away.len() + loading
    }

    /// A call is answered.
    pub(crate) fn answered(
        &mut self,
        ticket: Ticket,
        answer: Result<Data, Failure>,
    ) -> Result<(), RunError> {
        let Some(away) = self.away.remove(&ticket) else {
            return Ok(());
        };
        self.workers.remove(&away.request.token);
        self.activities.have_hope();
        self.answer(away.execution, &away.request, answer);
        self.settle()
    }

    /// Nobody waits for a call any more.
    pub(super) fn call_back(&mut self, ticket: Ticket) {
        self.cancelled.push(ticket);
        if let Some(away) = self.away.remove(&ticket) {
            away.task.abort();
        }
    }
}

fn nobody(endpoint: &Endpoint) -> Failure {
    let cause = format!("Nothing here can ask {}", endpoint.address);
    Failure::new(engine::errors::RUNTIME, cause)
}
