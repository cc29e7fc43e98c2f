//! What is on a long way, what comes too late, and what never comes.

use std::time::Duration;

use data::Data;
use engine::{Failure, TaskRequest, TaskToken, Timestamp};

use super::{Injected, result};
use crate::functions::Work;
use crate::invoke::timestamp;
use crate::shell::{ExecutionId, Shell, Timer, Worker};

/// What is held back until a moment.
pub(super) struct Held {
    until: Timestamp,
    what: What,
}

/// What is held back.
pub(in crate::shell) enum What {
    /// A request on its way to the worker.
    Request(ExecutionId, Box<TaskRequest>, Box<Work>),
    /// The answer of a function that takes longer on its own time.
    Outcome(ExecutionId, Box<TaskRequest>, Result<Data, Failure>),
    /// The same of a mock, which also says what comes of the task then.
    Mocked(ExecutionId, Box<TaskRequest>, Result<Data, Failure>),
    /// A result on its way to the execution.
    Answer(ExecutionId, TaskToken, Result<Data, Failure>),
    /// The same after nobody waits for it any more.
    LateAnswer(ExecutionId, TaskToken, Result<Data, Failure>),
}

/// An answer that waits until its task has given up.
pub(super) struct Late {
    pub execution: ExecutionId,
    answer: Result<Data, Failure>,
    /// How long after that it comes.
    by: Duration,
}

impl Injected {
    /// Whether something of an execution is under way that only looks as if nobody moved: an answer on a long
    /// way, or a silence that was asked for.
    pub(in crate::shell) fn concerns(&self, id: ExecutionId, is_virtual: bool) -> bool {
        let held = self.held.values().any(|held| match &held.what {
            What::Request(of, ..)
            | What::Outcome(of, ..)
            | What::Mocked(of, ..)
            | What::Answer(of, ..) => *of == id,
            What::LateAnswer(..) => false,
        });
        let silent = || self.silent.values().any(|of| *of == id);
        let late = || self.late.values().any(|late| late.execution == id);
        // Under the wall clock a silence without a timeout would last a year.
        held || (is_virtual && (silent() || late()))
    }
}

impl Shell<'_> {
    pub(super) fn fall_silent(&mut self, id: ExecutionId, token: TaskToken) {
        self.injected.silent.insert(token, id);
        self.injected.took_effect(token);
    }

    /// Puts a request on a long way to its worker.
    pub(super) fn hold_request(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        work: &mut Option<Work>,
        time: Duration,
    ) {
        if let Some(work) = work.take() {
            let token = request.token;
            self.injected.took_effect(token);
            let what = What::Request(id, Box::new(request.clone()), Box::new(work));
            let number = self.hold(time, what);
            self.workers.insert(token, Worker::Held(number));
        }
    }

    /// Lets a function's answer come later, as if the function had taken that time.
    pub(in crate::shell) fn hold_outcome(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        answer: Result<Data, Failure>,
        time: Duration,
    ) {
        let what = What::Outcome(id, Box::new(request.clone()), answer);
        let number = self.hold(time, what);
        self.workers.insert(request.token, Worker::Held(number));
    }

    /// The same for a mocked function.
    pub(in crate::shell) fn hold_mock(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        answer: Result<Data, Failure>,
        time: Duration,
    ) {
        let what = What::Mocked(id, Box::new(request.clone()), answer);
        let number = self.hold(time, what);
        self.workers.insert(request.token, Worker::Held(number));
    }

    pub(super) fn hold(&mut self, time: Duration, what: What) -> u64 {
        let number = self.injected.next_held;
        self.injected.next_held += 1;
        let until = timestamp(self.now.saturating_add(time));
        self.injected.held.insert(number, Held { until, what });
        self.timers.insert((until, Timer::Held(number)));
        number
    }

    /// What was held back arrives.
    pub(in crate::shell) fn held_arrives(&mut self, number: u64) {
        match self.injected.held.remove(&number).map(|held| held.what) {
            None => {}
            Some(What::Answer(id, token, answer)) => {
                self.injected.disarm(token);
                self.tell(id, result(token, answer));
            }
            Some(What::LateAnswer(id, token, answer)) => self.tell(id, result(token, answer)),
            Some(What::Request(id, request, work)) => {
                self.workers.remove(&request.token);
                self.work(id, request, *work);
            }
            Some(What::Outcome(id, request, answer)) => {
                self.workers.remove(&request.token);
                self.answer(id, &request, answer);
            }
            Some(What::Mocked(id, request, answer)) => {
                self.workers.remove(&request.token);
                self.answer_mocked(id, &request, answer);
            }
        }
    }

    /// Drops what was held back.
    pub(in crate::shell) fn drop_held(&mut self, number: u64) {
        if let Some(held) = self.injected.held.remove(&number) {
            self.timers.remove(&(held.until, Timer::Held(number)));
        }
    }

    /// Drops every answer on its way.
    pub(in crate::shell) fn drop_answer(&mut self, token: TaskToken) {
        let held = self.injected.held.iter();
        let answers =
            held.filter(|(_, held)| matches!(held.what, What::Answer(_, of, _) if of == token));
        let numbers: Vec<u64> = answers.map(|(number, _)| *number).collect();
        for number in numbers {
            self.drop_held(number);
        }
    }

    /// Keeps an answer until nobody waits for it any more.
    pub(super) fn keep_for_later(
        &mut self,
        id: ExecutionId,
        token: TaskToken,
        answer: Result<Data, Failure>,
        by: Duration,
    ) {
        let late = Late {
            execution: id,
            answer,
            by,
        };
        self.injected.late.insert(token, late);
    }

    /// An answer that was kept for the moment at which its task gives up sets out.
    pub(super) fn release_late(&mut self, token: TaskToken) {
        if let Some(late) = self.injected.late.remove(&token) {
            self.injected.took_effect(token);
            self.hold(
                late.by,
                What::LateAnswer(late.execution, token, late.answer),
            );
        }
    }
}
