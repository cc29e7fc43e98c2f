//! Ends that functions come to on purpose: guests, and functions that are mocked or constant and have none.

use std::time::Duration;

use data::Data;
use engine::{Failure, TaskRequest, TaskToken};
use sandbox::{End, Limits, Outcome};

use crate::functions::{Function, Work, is_lambda, waits_for_token};
use crate::inject::{Fault, Injection, When};
use crate::invoke::{failed_by, timestamp};
use crate::shell::{ExecutionId, Shell};

/// What befalls a function.
struct Befallen {
    /// The end that it comes to instead of its own.
    end: Option<End>,
    /// How much later its answer comes.
    later: Duration,
}

impl Befallen {
    fn at_once(end: Option<End>) -> Option<Befallen> {
        let later = Duration::ZERO;
        Some(Befallen { end, later })
    }
}

impl Shell<'_> {
    /// A guest has ended: what was to befall it after its work does, and is done with. Returns how much later its
    /// answer is to come.
    pub(in crate::shell) fn suffer(
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
        if !(injection.fault.wants_function() || spoils || injection.fault == Fault::Hang)
            || (spoils && waits_for_token(&request.resource))
        {
            return Duration::ZERO;
        }
        let befallen = befall(injection, limits, outcome.elapsed, &outcome.end);
        if befallen.is_some() {
            self.injected.took_effect(token);
        }
        self.injected.disarm(token);
        let Some(Befallen { end, later }) = befallen else {
            return Duration::ZERO;
        };
        if let Some(end) = end {
            outcome.end = end;
        }
        later
    }

    /// A guest that is put to sleep on purpose and called off meanwhile slept all the same.
    pub(in crate::shell) fn slept(&mut self, token: TaskToken, since: Duration) {
        let asleep = matches!(
            self.injected.at(token, When::Before),
            Some(Fault::Slow(_) | Fault::Hang)
        );
        if asleep && self.now > since {
            self.injected.took_effect(token);
        }
    }

    /// The function that a request means, with the limits of its entry if it has one.
    fn function_meant(&self, request: &TaskRequest) -> std::sync::Arc<Function> {
        let name = self.functions.function_of(request).unwrap_or_default();
        let known = self.functions.lookup(&name);
        known.unwrap_or_else(|| Function::stand_in(&name).into())
    }

    /// A function without a guest meets, before its work, the end that a guest would meet. Whether it meets any.
    pub(super) fn stand_in(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        fault: &Fault,
        work: &mut Option<Work>,
    ) -> bool {
        let timeout = self.function_meant(request).limits.timeout;
        let backtrace = Vec::new();
        let (end, after) = match fault {
            Fault::Trap => (injected_trap(), Duration::ZERO),
            Fault::Exit(code) => (exited(*code), Duration::ZERO),
            Fault::Fuel(limit) => (
                End::OutOfFuel {
                    limit: *limit,
                    backtrace,
                },
                Duration::ZERO,
            ),
            Fault::Memory(limit) => (
                End::OutOfMemory {
                    limit: *limit,
                    backtrace,
                },
                Duration::ZERO,
            ),
            Fault::Slow(time) if *time < timeout => {
                self.hold_request(id, request, work, *time);
                return true;
            }
            Fault::Slow(_) | Fault::Hang => (End::TimedOut { limit: timeout }, timeout),
            _ => return false,
        };
        let token = request.token;
        self.injected.took_effect(token);
        self.injected.disarm(token);
        let failure = self.failure_of(id, request, end);
        self.hold_outcome(id, request, Err(failure), after);
        true
    }

    /// The answer of a function without a guest, after what befalls it after its work, and how much later it comes.
    pub(in crate::shell) fn endure(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        answer: Result<Data, Failure>,
    ) -> (Result<Data, Failure>, Duration) {
        let token = request.token;
        let at_once = |answer| (answer, Duration::ZERO);
        let Some(armed) = self.injected.attempts.get(&token) else {
            return at_once(answer);
        };
        let spoils = matches!(armed.injection.fault, Fault::Output(_));
        if !is_lambda(&request.resource) || (spoils && waits_for_token(&request.resource)) {
            return at_once(answer);
        }
        let limits = self.function_meant(request).limits.clone();
        let own = own_end(&answer, armed.in_payload);
        let befallen = befall(&armed.injection, &limits, Duration::ZERO, &own);
        let Some(Befallen { end, later }) = befallen else {
            return at_once(answer);
        };
        let answer = match end {
            None if later.is_zero() => return at_once(answer),
            // What is JSON still is spoilt where results are delivered.
            Some(End::Returned(bytes)) if is_json(&bytes) => return at_once(answer),
            None => answer,
            Some(end) => Err(self.failure_of(id, request, end)),
        };
        self.injected.took_effect(token);
        self.injected.disarm(token);
        (answer, later)
    }

    /// What Lambda would call an end.
    fn failure_of(&self, id: ExecutionId, request: &TaskRequest, end: End) -> Failure {
        let function = self.function_meant(request);
        let hosted = &self.hosted[id.0];
        let region = &hosted.execution.about().region;
        let at = timestamp(self.now);
        failed_by(&hosted.entropy, request, (&function, region), at, end)
    }
}

/// What befalls a function that ended so after this time; none if the fault changes nothing.
fn befall(
    injection: &Injection,
    limits: &Limits,
    elapsed: Duration,
    end: &End,
) -> Option<Befallen> {
    let limit = limits.timeout;
    let left = limit.saturating_sub(elapsed);
    match (&injection.fault, injection.when, end) {
        (Fault::Trap, When::After, _) => Befallen::at_once(Some(injected_trap())),
        (Fault::Exit(code), When::After, _) => Befallen::at_once(Some(exited(*code))),
        // It ran out of its time by itself.
        (Fault::Slow(_) | Fault::Hang, When::After, End::TimedOut { .. }) => None,
        (Fault::Slow(time), When::After, _) if *time < left => Some(Befallen {
            end: None,
            later: *time,
        }),
        (Fault::Slow(_) | Fault::Hang, When::After, _) => Some(Befallen {
            end: Some(End::TimedOut { limit }),
            later: left,
        }),
        (Fault::Output(output), _, End::Returned(bytes)) => {
            let spoilt = output.bytes(bytes)?;
            Befallen::at_once(Some(match spoilt.len() > limits.output {
                true => End::OutputTooLarge {
                    limit: limits.output,
                    length: Some(spoilt.len()),
                },
                false => End::Returned(spoilt),
            }))
        }
        (Fault::Fuel(most), _, End::OutOfFuel { limit, .. }) => {
            let less = limits.fuel.is_none_or(|own| *most < own);
            (less && limit == most)
                .then(|| Befallen::at_once(None))
                .flatten()
        }
        (Fault::Memory(most), _, End::OutOfMemory { limit, .. }) => {
            let less = *most < limits.memory && limit == most;
            less.then(|| Befallen::at_once(None)).flatten()
        }
        (Fault::Trap, When::Before, End::Trapped { .. })
        | (Fault::Exit(_), When::Before, End::Exited { .. })
        | (Fault::Slow(_) | Fault::Hang, When::Before, _) => Befallen::at_once(None),
        _ => None,
    }
}

/// The end that a function without a guest would have come to by itself.
fn own_end(answer: &Result<Data, Failure>, in_payload: bool) -> End {
    match answer {
        Ok(value) => {
            let payload = value.get("Payload").filter(|_| in_payload);
            End::Returned(payload.unwrap_or(value).to_string().into_bytes())
        }
        Err(failure) => {
            let cause = failure.cause.as_deref().unwrap_or_default();
            End::FunctionError(cause.as_bytes().to_vec())
        }
    }
}

fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| Data::parse(text).is_ok())
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
