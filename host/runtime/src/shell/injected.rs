//! Failures on purpose, carried out where the real ones would happen.

use std::collections::BTreeMap;
use std::time::Duration;

use data::Data;
use engine::{Failure, Input, TaskRequest, TaskToken};
use sandbox::{End, Limits, Outcome};

use super::{ExecutionId, Shell, Timer, Worker};
use crate::functions::{Function, Work, is_invoke, is_lambda, waits_for_token};
use crate::inject::{
    Attempt, Callback, Fault, Injection, InjectionId, Injector, OutputFault, When,
};
use crate::invoke::{attempt_key, failed_by, throttled, timestamp};

/// What is injected at present, and what is held back for it.
#[derive(Default)]
pub(super) struct Injected {
    pub injector: Option<Box<dyn Injector>>,
    /// What goes wrong with an attempt.
    attempts: BTreeMap<TaskToken, Armed>,
    /// What is on a long way, by its number.
    held: BTreeMap<u64, Held>,
    next_held: u64,
    /// Answers that wait until their task has given up.
    late: BTreeMap<TaskToken, (ExecutionId, Result<Data, Failure>, Duration)>,
    /// Tasks that nobody will ever answer.
    silent: BTreeMap<TaskToken, ExecutionId>,
}

/// What goes wrong with one attempt.
struct Armed {
    id: InjectionId,
    injection: Injection,
    /// Whether the output that it may spoil is the `Payload` of the result.
    in_payload: bool,
}

/// What is held back.
enum Held {
    /// A request on its way to the worker.
    Request(ExecutionId, Box<TaskRequest>, Box<Work>),
    /// An answer on its way back.
    Answer(ExecutionId, TaskToken, Result<Data, Failure>),
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

    /// Whether something of an execution is under way that only looks as if nobody moved: an answer on a long
    /// way, or a silence that was asked for.
    pub(super) fn concerns(&self, id: ExecutionId, is_virtual: bool) -> bool {
        let held = self.held.values().any(|held| match held {
            Held::Request(of, ..) | Held::Answer(of, ..) => *of == id,
        });
        // Under the wall clock a silence without a timeout would last a year.
        held || (is_virtual && self.silent.values().any(|of| *of == id))
    }

    pub(super) fn forget(&mut self, id: ExecutionId) {
        self.silent.retain(|_, of| *of != id);
    }

    /// Whether the attempt fails without its worker having been asked.
    pub(super) fn fails_before(&self, token: TaskToken) -> bool {
        matches!(self.at(token, When::Before), Some(Fault::Error(_)))
    }

    /// Whether the attempt fails though its worker did its work.
    pub(super) fn fails_after(&self, token: TaskToken) -> bool {
        matches!(self.at(token, When::After), Some(Fault::Error(_)))
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

    /// Whether the task's answer is never to come.
    pub(super) fn is_never_answered(&self, token: TaskToken) -> bool {
        let fault = self.of(token).map(|injection| &injection.fault);
        fault == Some(&Fault::Callback(Callback::Never))
    }

    pub(super) fn is_silent(&mut self, id: ExecutionId, token: TaskToken) {
        self.silent.insert(token, id);
        self.took_effect(token);
    }
}

impl Shell<'_> {
    /// Asks the injector about an attempt. Its answer, if it gives one, stands in for the worker's.
    pub(super) fn intervene(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
    ) -> Option<Result<Data, Failure>> {
        let injector = self.injected.injector.as_mut()?;
        let hosted = &self.hosted[id.0];
        let function = self.functions.function_of(request);
        let chance = |purpose: &str| {
            let bits = hosted.entropy.derive(purpose, &attempt_key(request));
            let bits = bits.first_chunk::<8>().copied().unwrap_or_default();
            (u64::from_le_bytes(bits) >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut intervention = injector.attempt(&Attempt {
            execution: &hosted.execution,
            is_main: id == self.main,
            request,
            function: function.as_deref(),
            chance: &chance,
        });
        if let Some((_, injection)) = &mut intervention.injection
            && injection.fault == Fault::Throttle
        {
            let function = Function::stand_in(&function.unwrap_or_default());
            let region = &hosted.execution.about().region;
            let failure = throttled(&hosted.entropy, request, &function, region);
            injection.fault = Fault::Error(failure);
        }
        if let Some((id, injection)) = intervention.injection {
            let in_payload = is_invoke(&request.resource);
            let armed = Armed {
                id,
                injection,
                in_payload,
            };
            self.injected.attempts.insert(request.token, armed);
        }
        intervention.answer
    }

    /// Whether the worker is not even asked: the attempt fails or falls silent before, or its request is on a
    /// long way.
    pub(super) fn is_prevented(
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
        match fault {
            Fault::Error(failure) => {
                self.injected.took_effect(token);
                self.tokens.close(token);
                self.tell(id, Input::TaskFailed { token, failure });
            }
            Fault::Latency(time) => {
                let Some(work) = work.take() else {
                    return false;
                };
                self.injected.took_effect(token);
                let request = Box::new(request.clone());
                let number = self.hold(time, Held::Request(id, request, Box::new(work)));
                self.workers.insert(token, Worker::Held(number));
            }
            Fault::Hang if !guest && !is_lambda(&request.resource) => {
                self.injected.is_silent(id, token);
            }
            fault if !guest && is_lambda(&request.resource) => {
                return self.stand_in(id, request, &fault);
            }
            _ => return false,
        }
        true
    }

    /// A function without a guest, mocked or constant, meets the end that a guest would meet.
    fn stand_in(&mut self, id: ExecutionId, request: &TaskRequest, fault: &Fault) -> bool {
        let name = self.functions.function_of(request).unwrap_or_default();
        let function = Function::stand_in(&name);
        let timeout = function.limits.timeout;
        let (end, after) = match fault {
            Fault::Trap => (injected_trap(), Duration::ZERO),
            Fault::Exit(code) => (exited(*code), Duration::ZERO),
            Fault::Fuel(limit) => {
                let backtrace = Vec::new();
                (
                    End::OutOfFuel {
                        limit: *limit,
                        backtrace,
                    },
                    Duration::ZERO,
                )
            }
            Fault::Memory(limit) => {
                let backtrace = Vec::new();
                (
                    End::OutOfMemory {
                        limit: *limit,
                        backtrace,
                    },
                    Duration::ZERO,
                )
            }
            Fault::Slow(time) if *time < timeout => return false,
            Fault::Slow(_) | Fault::Hang => (End::TimedOut { limit: timeout }, timeout),
            _ => return false,
        };
        let hosted = &self.hosted[id.0];
        let region = &hosted.execution.about().region;
        let at = timestamp(self.now);
        let failure = failed_by(&hosted.entropy, request, (&function, region), at, end);
        let token = request.token;
        self.injected.took_effect(token);
        self.hold(after, Held::Answer(id, token, Err(failure)));
        true
    }

    /// A result or failure of a task reaches its execution, or what was injected instead.
    pub(super) fn deliver(
        &mut self,
        id: ExecutionId,
        token: TaskToken,
        answer: Result<Data, Failure>,
    ) {
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
                self.hold(time, Held::Answer(id, token, answer));
                return;
            }
            (Fault::Late(time) | Fault::Callback(Callback::Late(time)), _) => {
                self.injected.late.insert(token, (id, answer, time));
                return;
            }
            (Fault::Hang, When::After) | (Fault::Callback(Callback::Never), _) => {
                return self.injected.is_silent(id, token);
            }
            (Fault::Callback(Callback::Twice), _) => {
                self.injected.took_effect(token);
                self.tell(id, result(token, answer.clone()));
                answer
            }
            (Fault::Output(output), _) => answer.map(|value| self.spoil(token, &output, value)),
            _ => answer,
        };
        self.tell(id, result(token, answer));
    }

    /// The output of a worker that is no guest, spoilt.
    fn spoil(&mut self, token: TaskToken, output: &OutputFault, value: Data) -> Data {
        let armed = self.injected.attempts.get(&token);
        let payload = value
            .get("Payload")
            .filter(|_| armed.is_some_and(|a| a.in_payload));
        let spoilt = match (payload, value.as_object()) {
            (Some(payload), Some(response)) => output
                .value(payload)
                .map(|payload| Data::from(response.with("Payload", payload))),
            _ => output.value(&value),
        };
        match spoilt {
            None => value,
            Some(spoilt) => {
                self.injected.took_effect(token);
                spoilt
            }
        }
    }

    /// A token that begins to wait for its answer: some are never answered, others at once.
    pub(super) fn token_waits(&mut self, id: ExecutionId, token: TaskToken) {
        match self.injected.of(token).map(|injection| &injection.fault) {
            Some(Fault::Callback(Callback::Never)) => self.injected.is_silent(id, token),
            Some(Fault::Callback(Callback::Failed(failure))) => {
                let failure = failure.clone();
                self.tokens.close(token);
                self.deliver(id, token, Err(failure));
            }
            _ => {}
        }
    }

    /// Whether a heartbeat gets lost.
    pub(super) fn loses_heartbeat(&mut self, token: TaskToken) -> bool {
        let lost = matches!(
            self.injected.of(token),
            Some(Injection {
                fault: Fault::LostHeartbeat,
                ..
            })
        );
        if lost {
            self.injected.took_effect(token);
        }
        lost
    }

    /// Nobody waits for an attempt any more: an answer that was held back for that moment sets out.
    pub(super) fn release_late(&mut self, token: TaskToken) {
        self.injected.silent.remove(&token);
        if let Some((id, answer, time)) = self.injected.late.remove(&token) {
            self.injected.took_effect(token);
            self.hold(time, Held::Answer(id, token, answer));
        }
    }

    fn hold(&mut self, time: Duration, held: Held) -> u64 {
        let number = self.injected.next_held;
        self.injected.next_held += 1;
        self.injected.held.insert(number, held);
        let until = timestamp(self.now.saturating_add(time));
        self.timers.insert((until, Timer::Held(number)));
        number
    }

    /// What was held back arrives.
    pub(super) fn held_arrives(&mut self, number: u64) {
        match self.injected.held.remove(&number) {
            None => {}
            Some(Held::Answer(id, token, answer)) => self.tell(id, result(token, answer)),
            Some(Held::Request(id, request, work)) => {
                self.workers.remove(&request.token);
                self.work(id, request, *work);
            }
        }
    }

    /// Drops what was held back.
    pub(super) fn drop_held(&mut self, number: u64) {
        self.injected.held.remove(&number);
    }

    /// What befalls a guest that has ended. Returns how much later its answer is to come.
    pub(super) fn suffer(
        &mut self,
        request: &TaskRequest,
        limits: &Limits,
        outcome: &mut Outcome,
    ) -> Duration {
        let token = request.token;
        let Some(injection) = self.injected.of(token) else {
            return Duration::ZERO;
        };
        let spoils = matches!(injection.fault, Fault::Output(_));
        // What spoils the output of a task that waits for its token spoils what comes with the token.
        if spoils && waits_for_token(&request.resource) {
            return Duration::ZERO;
        }
        let befallen = befall(injection, limits, outcome);
        if befallen.is_some() {
            self.injected.took_effect(token);
        }
        if spoils {
            // The result that is made of the output is not to be spoilt once more.
            self.injected.attempts.remove(&token);
        }
        let (end, later) = befallen.unwrap_or_default();
        if let Some(end) = end {
            outcome.end = end;
        }
        later
    }

    /// A guest that is put to sleep on purpose and called off meanwhile slept all the same.
    pub(super) fn slept(&mut self, token: TaskToken) {
        if let Some(Fault::Slow(_) | Fault::Hang) = self.injected.at(token, When::Before) {
            self.injected.took_effect(token);
        }
    }

    /// Sends an answer on its way that comes later, past whatever else is injected.
    pub(super) fn deliver_later(
        &mut self,
        id: ExecutionId,
        token: TaskToken,
        answer: Result<Data, Failure>,
        time: Duration,
    ) {
        self.hold(time, Held::Answer(id, token, answer));
    }
}

/// The end that a guest comes to instead of its own, if any, and how much later its answer comes; none if the fault
/// changes nothing.
fn befall(
    injection: &Injection,
    limits: &Limits,
    outcome: &Outcome,
) -> Option<(Option<End>, Duration)> {
    let limit = limits.timeout;
    let left = limit.saturating_sub(outcome.elapsed);
    let at_once = |end: Option<End>| Some((end, Duration::ZERO));
    match (&injection.fault, injection.when, &outcome.end) {
        (Fault::Trap, When::After, _) => at_once(Some(injected_trap())),
        (Fault::Exit(code), When::After, _) => at_once(Some(exited(*code))),
        (Fault::Slow(time), When::After, _) if *time < left => Some((None, *time)),
        (Fault::Slow(_) | Fault::Hang, When::After, _) => {
            Some((Some(End::TimedOut { limit }), left))
        }
        (Fault::Output(output), _, End::Returned(bytes)) => {
            let spoilt = output.bytes(bytes)?;
            at_once(Some(match spoilt.len() > limits.output {
                true => End::OutputTooLarge {
                    limit: limits.output,
                    length: Some(spoilt.len()),
                },
                false => End::Returned(spoilt),
            }))
        }
        (Fault::Trap, When::Before, End::Trapped { .. })
        | (Fault::Exit(_), When::Before, End::Exited { .. })
        | (Fault::Fuel(_), _, End::OutOfFuel { .. })
        | (Fault::Memory(_), _, End::OutOfMemory { .. })
        | (Fault::Slow(_) | Fault::Hang, When::Before, _) => at_once(None),
        _ => None,
    }
}

fn result(token: TaskToken, answer: Result<Data, Failure>) -> Input {
    match answer {
        Ok(output) => Input::TaskSucceeded { token, output },
        Err(failure) => Input::TaskFailed { token, failure },
    }
}

fn injected_trap() -> End {
    End::Trapped {
        message: "wasm trap: a trap was injected".to_owned(),
        backtrace: Vec::new(),
    }
}

fn exited(code: i32) -> End {
    End::Exited {
        code,
        stdout: Vec::new(),
    }
}
