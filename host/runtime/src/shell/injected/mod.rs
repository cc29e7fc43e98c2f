//! Failures on purpose, carried out where the real ones would happen.
//!
//! | fault | a guest | a mocked or constant function | anything else |
//! |---|---|---|---|
//! | error, throttle before | [`prevent`](Shell::prevent) | `prevent` | `prevent` |
//! | error, throttle after | [`deliver`](Shell::deliver), at the request's answer if a token is waited for | the same | the same |
//! | trap, exit, fuel, memory, slow, hang before | the sandbox | `befall`, by `prevent` | hang: silence |
//! | trap, exit, slow, hang after; output | `befall`, by [`suffer`](Shell::suffer) | `befall`, by [`endure`](Shell::endure) | `deliver` |
//! | latency | held on its way to or from the worker | the same | the same |
//! | late, callback | `deliver` | `deliver` | `deliver` |
//! | duplicate | a second invocation | - | a second offer of an activity |
//!
//! `held` has what is on its way and what never comes, `befall` the ends of functions.

mod befall;
mod held;

use std::collections::BTreeMap;

use data::Data;
use engine::{Failure, Input, TaskRequest, TaskToken};

use super::{ExecutionId, Shell};
use crate::functions::{Function, Work, is_invoke, is_lambda, waits_for_token};
use crate::inject::{
    Attempt, Callback, Fault, Injection, InjectionId, Injector, OutputFault, When,
};
use crate::invoke::{drawn, throttled};
use held::{Held, What};

/// What is injected at present, and what is held back for it.
#[derive(Default)]
pub(super) struct Injected {
    pub injector: Option<Box<dyn Injector>>,
    /// What goes wrong with an attempt.
    attempts: BTreeMap<TaskToken, Armed>,
    /// What the injector decided about attempts under way, for when the host dies and they are handed out again.
    decided: BTreeMap<TaskToken, Decision>,
    /// What is on a long way, by its number.
    held: BTreeMap<u64, Held>,
    next_held: u64,
    /// Answers that wait until their task has given up.
    late: BTreeMap<TaskToken, held::Late>,
    /// Tasks that nobody will ever answer.
    silent: BTreeMap<TaskToken, ExecutionId>,
}

/// What the injector decided about an attempt: an answer in place of the worker's, and what goes wrong.
type Decision = (Option<Result<Data, Failure>>, Option<Armed>);

/// What goes wrong with one attempt.
#[derive(Clone)]
struct Armed {
    id: InjectionId,
    injection: Injection,
    /// Whether the output that it may spoil is the `Payload` of the result.
    in_payload: bool,
    /// Whether a heartbeat was lost.
    beats_lost: bool,
}

impl Injected {
    pub(super) fn new(injector: Option<Box<dyn Injector>>) -> Injected {
        Injected {
            injector,
            ..Injected::default()
        }
    }

    fn of(&self, token: TaskToken) -> Option<&Injection> {
        self.attempts.get(&token).map(|armed| &armed.injection)
    }

    /// What is injected at an attempt, if it is to happen at that time.
    pub(super) fn at(&self, token: TaskToken, when: When) -> Option<&Fault> {
        let injection = self.of(token).filter(|injection| injection.when == when);
        injection.map(|injection| &injection.fault)
    }

    fn callback(&self, token: TaskToken) -> Option<&Callback> {
        match &self.of(token)?.fault {
            Fault::Callback(callback) => Some(callback),
            _ => None,
        }
    }

    /// Whether the attempt fails without its worker having been asked.
    pub(super) fn fails_before(&self, token: TaskToken) -> bool {
        matches!(self.at(token, When::Before), Some(Fault::Error(_)))
    }

    /// Whether the attempt fails though its worker did its work.
    pub(super) fn fails_after(&self, token: TaskToken) -> bool {
        matches!(self.at(token, When::After), Some(Fault::Error(_)))
    }

    /// Whether the guest is made to exit.
    pub(super) fn exits(&self, token: TaskToken) -> bool {
        let fault = self.of(token).map(|injection| &injection.fault);
        matches!(fault, Some(Fault::Exit(_)))
    }

    /// Whether somebody's answer to the task is a failure.
    pub(super) fn fails_by_callback(&self, token: TaskToken) -> bool {
        matches!(self.callback(token), Some(Callback::Failed(_)))
    }

    /// Which injection delivers the task twice, if one does.
    pub(super) fn twice(&self, token: TaskToken) -> Option<InjectionId> {
        let armed = self.attempts.get(&token)?;
        (armed.injection.fault == Fault::Duplicate).then_some(armed.id)
    }

    /// Whether the task is delivered twice.
    pub(super) fn is_twice(&self, token: TaskToken) -> bool {
        self.of(token)
            .is_some_and(|injection| injection.fault == Fault::Duplicate)
    }

    /// Something that was injected at the attempt showed.
    pub(super) fn took_effect(&mut self, token: TaskToken) {
        if let Some(id) = self.attempts.get(&token).map(|armed| armed.id) {
            self.effect(id);
        }
    }

    pub(super) fn effect(&mut self, id: InjectionId) {
        if let Some(injector) = &mut self.injector {
            injector.took_effect(id);
        }
    }

    /// The attempt is over, or what was to befall it has.
    fn disarm(&mut self, token: TaskToken) {
        self.attempts.remove(&token);
    }
}

impl Shell<'_> {
    /// Asks the injector about an attempt. Its answer, if it gives one, stands in for the worker's. An attempt that is
    /// handed out again after the host died keeps what was decided.
    pub(super) fn intervene(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
    ) -> Option<Result<Data, Failure>> {
        if let Some((answer, armed)) = self.injected.decided.get(&request.token) {
            if let Some(armed) = armed.clone() {
                self.injected.attempts.insert(request.token, armed);
            }
            return answer.clone();
        }
        let is_main = self.is_main(id);
        let injector = self.injected.injector.as_mut()?;
        let hosted = &self.hosted[id.0];
        let function = self.functions.function_of(request);
        let chance = |purpose: &str| {
            let drawn = drawn(&hosted.entropy, purpose, request);
            (drawn >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut intervention = injector.attempt(&Attempt {
            execution: &hosted.execution,
            is_main,
            root: &self.hosted[hosted.root.0].execution.about().execution_arn,
            request,
            function: function.as_deref(),
            chance: &chance,
        });
        let crashes = injector.halts();
        if let Some((_, injection)) = &mut intervention.injection
            && injection.fault == Fault::Throttle
        {
            let function = Function::stand_in(&function.unwrap_or_default());
            let region = &hosted.execution.about().region;
            let failure = throttled(&hosted.entropy, request, &function, region);
            injection.fault = Fault::Error(failure);
        }
        let armed = intervention.injection.map(|(by, injection)| Armed {
            id: by,
            injection,
            in_payload: is_invoke(&request.resource) && !waits_for_token(&request.resource),
            beats_lost: false,
        });
        if crashes {
            let decided = (intervention.answer.clone(), armed.clone());
            self.injected.decided.insert(request.token, decided);
        }
        if let Some(armed) = armed {
            self.injected.attempts.insert(request.token, armed);
        }
        intervention.answer
    }

    /// Whether the worker is not even asked: the attempt fails or falls silent before, or its request is on a long
    /// way, which takes the work along.
    pub(super) fn prevent(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        work: &mut Option<Work>,
    ) -> bool {
        let token = request.token;
        let Some(fault) = self.injected.at(token, When::Before).cloned() else {
            return false;
        };
        let guest = matches!(work, Some(Work::Invoke { .. }));
        let stands_in = matches!(work, Some(Work::Mock(_) | Work::Constant(_)));
        match fault {
            Fault::Error(failure) => {
                self.injected.took_effect(token);
                self.tokens.close(token);
                self.tell(id, Input::TaskFailed { token, failure });
            }
            Fault::Latency(time) => self.hold_request(id, request, work, time),
            Fault::Hang if !guest && !is_lambda(&request.resource) => self.fall_silent(id, token),
            fault if stands_in && is_lambda(&request.resource) => {
                return self.stand_in(id, request, &fault, work);
            }
            _ => return false,
        }
        true
    }

    /// A result or failure of a task reaches its execution, or what was injected instead.
    pub(super) fn deliver(
        &mut self,
        id: ExecutionId,
        token: TaskToken,
        answer: Result<Data, Failure>,
    ) {
        if self.map_runs.takes(token) {
            return self.map_runs.answered(token, answer);
        }
        let Some(Injection { fault, when }) = self.injected.of(token).cloned() else {
            return self.tell(id, result(token, answer));
        };
        let answer = match (fault, when) {
            (Fault::Error(failure), When::After)
            | (Fault::Callback(Callback::Failed(failure)), _) => {
                self.injected.took_effect(token);
                Err(failure)
            }
            (Fault::Latency(time), When::After) => {
                self.injected.took_effect(token);
                self.hold(time, What::Answer(id, token, answer));
                return;
            }
            (Fault::Late(time) | Fault::Callback(Callback::Late(time)), _) => {
                self.keep_for_later(id, token, answer, time);
                return;
            }
            (Fault::Hang, When::After) | (Fault::Callback(Callback::Never), _) => {
                self.fall_silent(id, token);
                return;
            }
            (Fault::Callback(Callback::Twice), _) => {
                self.injected.took_effect(token);
                self.tell(id, result(token, answer.clone()));
                answer
            }
            (Fault::Output(output), _) => answer.map(|value| self.spoil(token, &output, value)),
            _ => answer,
        };
        self.injected.disarm(token);
        self.tell(id, result(token, answer));
    }

    /// The output of a worker that is no guest, spoilt.
    fn spoil(&mut self, token: TaskToken, output: &OutputFault, value: Data) -> Data {
        let armed = self.injected.attempts.get(&token);
        let in_payload = armed.is_some_and(|armed| armed.in_payload);
        match spoilt(output, &value, in_payload) {
            None => value,
            Some(spoilt) => {
                self.injected.took_effect(token);
                spoilt
            }
        }
    }

    /// A task that begins to wait for somebody's answer: some are never answered, others at once with a failure.
    /// Whether it was.
    pub(super) fn answers_itself(&mut self, id: ExecutionId, token: TaskToken) -> bool {
        match self.injected.callback(token) {
            Some(Callback::Never) => self.fall_silent(id, token),
            Some(Callback::Failed(failure)) => {
                let failure = failure.clone();
                self.tokens.close(token);
                self.deliver(id, token, Err(failure));
            }
            Some(Callback::Twice | Callback::Late(_)) | None => return false,
        }
        true
    }

    /// Whether a heartbeat gets lost. It shows when the task gives up on its worker.
    pub(super) fn loses_heartbeat(&mut self, token: TaskToken) -> bool {
        match self.injected.attempts.get_mut(&token) {
            Some(armed) if armed.injection.fault == Fault::LostHeartbeat => {
                armed.beats_lost = true;
                true
            }
            _ => false,
        }
    }

    /// Nobody waits for an attempt any more: what was on its way back is dropped, and an answer that was kept for
    /// this moment sets out.
    pub(super) fn give_up(&mut self, token: TaskToken) {
        self.injected.silent.remove(&token);
        if self
            .injected
            .attempts
            .get(&token)
            .is_some_and(|armed| armed.beats_lost)
        {
            self.injected.took_effect(token);
        }
        self.injected.decided.remove(&token);
        self.drop_answer(token);
        self.release_late(token);
        self.injected.disarm(token);
    }

    /// Forgets what was decided about an execution that is over.
    pub(super) fn forget_injected(&mut self, id: ExecutionId) {
        self.injected.silent.retain(|_, of| *of != id);
        self.injected.late.retain(|_, late| late.execution != id);
    }
}

/// The result of a worker with its output spoilt; none if that changes nothing.
fn spoilt(output: &OutputFault, value: &Data, in_payload: bool) -> Option<Data> {
    match (value.get("Payload"), value.as_object()) {
        (Some(payload), Some(response)) if in_payload => {
            let payload = output.value(payload)?;
            Some(response.with("Payload", payload).into())
        }
        _ => output.value(value),
    }
}

fn result(token: TaskToken, answer: Result<Data, Failure>) -> Input {
    match answer {
        Ok(output) => Input::TaskSucceeded { token, output },
        Err(failure) => Input::TaskFailed { token, failure },
    }
}
