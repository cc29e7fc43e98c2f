//! Activities: tasks that wait in a queue until a worker asks for one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use data::{Data, EcoString, Object};
use engine::{Failure, Input, TaskRequest, TaskToken, Timestamp};

use super::sdk::Call;
use super::{ExecutionId, Shell, Timer, Worker};
use crate::host::{ActivityTask, Reply};
use crate::inject::InjectionId;
use crate::invoke::timestamp;

/// How long GetActivityTask waits for a task.
const POLL: Duration = Duration::from_secs(60);

/// The queues of all activities.
#[derive(Default)]
pub(super) struct Activities {
    queues: BTreeMap<EcoString, Queue>,
    /// Polls under way, with the execution that asks, if it is one, and the ARN of the activity.
    polls: BTreeMap<u64, (Option<ExecutionId>, EcoString)>,
    next_poll: u64,
    /// Executions whose last poll ended empty and since whose start nothing happened that could bring a task.
    fruitless: BTreeSet<ExecutionId>,
}

/// Of one activity either tasks wait for workers or workers for tasks.
#[derive(Default)]
struct Queue {
    tasks: VecDeque<Offer>,
    polls: VecDeque<Poll>,
}

#[derive(Clone)]
pub(super) struct Offer {
    arn: EcoString,
    execution: ExecutionId,
    token: TaskToken,
    input: Data,
    /// Which injection delivers the task a second time by it.
    again: Option<InjectionId>,
}

/// A task on its way to a worker outside, who gets it when that is kept.
pub(super) struct Handover {
    offer: Offer,
    reply: Reply<Option<ActivityTask>>,
}

/// A worker that asks for a task.
pub(super) struct Poll {
    pub number: u64,
    pub until: Timestamp,
    asker: Asker,
    worker: Option<EcoString>,
}

/// Who asks for a task.
enum Asker {
    /// A task of an execution.
    Task(ExecutionId, TaskToken),
    /// A worker outside.
    Outside(Reply<Option<ActivityTask>>),
}

impl Asker {
    fn token(&self) -> Option<TaskToken> {
        match self {
            Asker::Task(_, token) => Some(*token),
            Asker::Outside(_) => None,
        }
    }

    fn execution(&self) -> Option<ExecutionId> {
        match self {
            Asker::Task(execution, _) => Some(*execution),
            Asker::Outside(_) => None,
        }
    }

    /// Whether somebody listens still.
    fn is_there(&self) -> bool {
        match self {
            Asker::Task(..) => true,
            Asker::Outside(reply) => !reply.is_closed(),
        }
    }
}

impl Activities {
    /// Takes a task out of its queue.
    pub(super) fn withdraw(&mut self, arn: &str, token: TaskToken) {
        if let Some(queue) = self.queues.get_mut(arn) {
            queue
                .tasks
                .retain(|offer| offer.token != token || offer.again.is_some());
        }
    }

    /// Takes a worker out of its queue.
    pub(super) fn leave(&mut self, arn: &str, token: TaskToken) -> Option<Poll> {
        let polls = &mut self.queues.get_mut(arn)?.polls;
        let mut tokens = polls.iter().map(|poll| poll.asker.token());
        let at = tokens.position(|asks| asks == Some(token))?;
        let poll = polls.remove(at)?;
        self.polls.remove(&poll.number);
        Some(poll)
    }

    fn take_poll(&mut self, number: u64) -> Option<Poll> {
        let (_, arn) = self.polls.remove(&number)?;
        let polls = &mut self.queues.get_mut(&arn)?.polls;
        let at = polls.iter().position(|poll| poll.number == number)?;
        polls.remove(at)
    }

    fn next_poll(&mut self, arn: &str) -> Option<Poll> {
        let poll = self.queues.get_mut(arn)?.polls.pop_front()?;
        self.polls.remove(&poll.number);
        Some(poll)
    }

    fn next_task(&mut self, arn: &str) -> Option<Offer> {
        self.queues.get_mut(arn)?.tasks.pop_front()
    }

    fn queue(&mut self, arn: &EcoString) -> &mut Queue {
        self.queues.entry(arn.clone()).or_default()
    }

    /// Whether an execution asks for a task now.
    pub(super) fn polls(&self, id: ExecutionId) -> bool {
        self.polls.values().any(|(asks, _)| *asks == Some(id))
    }

    /// Whether it is a worker outside that asks.
    pub(super) fn is_from_outside(&self, number: u64) -> bool {
        matches!(self.polls.get(&number), Some((None, _)))
    }

    /// Something happened after which a worker may get a task.
    pub(super) fn have_hope(&mut self) {
        self.fruitless.clear();
    }

    /// Whether another poll of this execution might be answered.
    pub(super) fn has_hope(&self, id: ExecutionId) -> bool {
        !self.fruitless.contains(&id)
    }
}

impl Shell<'_> {
    /// Offers a task to the workers of its activity.
    pub(super) fn offer(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        again: Option<InjectionId>,
    ) {
        let (token, arn) = (request.token, request.resource.text.clone());
        self.open_token(token, id);
        self.activities.have_hope();
        let offer = Offer {
            arn: arn.clone(),
            execution: id,
            token,
            input: request.input.clone(),
            again,
        };
        match self.next_listener(&arn) {
            Some(poll) => self.hand_over(offer, poll.asker, poll.worker),
            None => {
                // A second delivery stays in the queue whatever becomes of the task.
                if again.is_none() {
                    self.workers.insert(token, Worker::Offered(arn.clone()));
                    self.tokens.waits(token, &request.state_name);
                }
                self.activities.queue(&arn).tasks.push_back(offer);
            }
        }
    }

    /// The worker that has asked longest and still listens.
    fn next_listener(&mut self, arn: &str) -> Option<Poll> {
        loop {
            let poll = self.activities.next_poll(arn)?;
            self.timers.remove(&(poll.until, Timer::Poll(poll.number)));
            if poll.asker.is_there() {
                return Some(poll);
            }
        }
    }

    /// GetActivityTask: the next task, now or within a minute.
    pub(super) fn get_activity_task(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        call: &Call,
    ) -> Result<(), Failure> {
        let arn = EcoString::from(super::api::required(&request.input, "ActivityArn")?);
        self.check_activity(&arn, call)?;
        let worker = request.input.get("WorkerName").and_then(Data::as_str);
        self.poll(
            &arn,
            worker.map(EcoString::from),
            Asker::Task(id, request.token),
        );
        Ok(())
    }

    /// The same for a worker outside.
    pub(super) fn poll_from_outside(
        &mut self,
        arn: &EcoString,
        worker: Option<EcoString>,
        reply: Reply<Option<ActivityTask>>,
    ) {
        self.poll(arn, worker, Asker::Outside(reply));
    }

    fn poll(&mut self, arn: &EcoString, worker: Option<EcoString>, asker: Asker) {
        if let Some(offer) = self.activities.next_task(arn) {
            return self.hand_over(offer, asker, worker);
        }
        let number = self.activities.next_poll;
        self.activities.next_poll += 1;
        let began = asker.token().and_then(|token| self.began_before(token));
        let until = timestamp(began.unwrap_or(self.now)).plus(POLL);
        self.timers.insert((until, Timer::Poll(number)));
        if let Some(token) = asker.token() {
            self.workers.insert(token, Worker::Poll(arn.clone()));
        }
        let asks = (asker.execution(), arn.clone());
        self.activities.polls.insert(number, asks);
        self.activities.queue(arn).polls.push_back(Poll {
            number,
            until,
            asker,
            worker,
        });
    }

    fn check_activity(&self, arn: &EcoString, call: &Call) -> Result<(), Failure> {
        if !arn.starts_with("arn:") || !arn.contains(":activity:") {
            let message = format!("Invalid Arn: 'Invalid ARN prefix: {arn}'");
            return Err(call.refused("InvalidArn", &message));
        }
        let known = self.known_activities.as_ref();
        if known.is_none_or(|known| known.contains(arn)) {
            return Ok(());
        }
        let message = format!("Activity Does Not Exist: '{arn}'");
        Err(call.refused("ActivityDoesNotExist", &message))
    }

    /// A worker takes a task. One who went away meanwhile leaves it to the next, or in its queue.
    fn hand_over(&mut self, offer: Offer, asker: Asker, worker: Option<EcoString>) {
        let token = offer.token;
        let answer = match asker {
            Asker::Task(id, poll) => {
                let output = Object::builder()
                    .with("Input", offer.input.to_string())
                    .with("TaskToken", token.to_string());
                Some((id, poll, output.build()))
            }
            Asker::Outside(reply) if reply.is_closed() => return self.offer_on(offer),
            Asker::Outside(reply) => {
                let offer = offer.clone();
                self.post_task(Handover { offer, reply });
                None
            }
        };
        match offer.again {
            None => drop(self.workers.remove(&token)),
            Some(by) => self.injected.effect(by),
        }
        self.tell(offer.execution, Input::TaskStarted { token, worker });
        if let Some((id, poll, output)) = answer {
            self.workers.remove(&poll);
            self.deliver(id, poll, Ok(output.into()));
        }
    }

    /// Gives a worker outside the task that it took. From one who went away meanwhile the next one gets it.
    pub(super) fn hand_out(&mut self, handover: Handover) {
        let Handover { offer, reply } = handover;
        let task = ActivityTask {
            token: offer.token.to_string(),
            input: offer.input.clone(),
        };
        if reply.send(Some(task)).is_err() && self.tokens.is_open(offer.token) {
            self.offer_on(offer);
        }
    }

    /// Offers a task whose worker went away to the next one.
    fn offer_on(&mut self, offer: Offer) {
        let arn = offer.arn.clone();
        match self.next_listener(&arn) {
            Some(poll) => self.hand_over(offer, poll.asker, poll.worker),
            None => {
                if offer.again.is_none() {
                    self.workers
                        .insert(offer.token, Worker::Offered(arn.clone()));
                }
                self.activities.queue(&arn).tasks.push_front(offer);
            }
        }
    }

    /// A poll's time is over: the worker hears that there is no task.
    pub(super) fn poll_ends(&mut self, number: u64) {
        let Some(poll) = self.activities.take_poll(number) else {
            return;
        };
        match poll.asker {
            Asker::Task(execution, token) => {
                self.workers.remove(&token);
                self.activities.fruitless.insert(execution);
                self.deliver(execution, token, Ok(Data::empty_object()));
            }
            Asker::Outside(reply) => {
                // Whoever asked may have gone away.
                let _ = reply.send(None);
            }
        }
    }
}
