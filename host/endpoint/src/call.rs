//! A call from its parameters to its result, with all attempts.

use std::sync::Arc;
use std::time::SystemTime;

use data::Data;
use engine::{Failure, errors};
use runtime::remote::{Address, RemoteAnswer, RemoteCall, RemoteWork};

use crate::Settings;
use crate::credentials::Keyring;
use crate::failure::{Naming, Refusal};
use crate::http::{Answer, Http, Unanswered};
use crate::lambda;
use crate::request::Outgoing;
use crate::retry::{ATTEMPTS, Pause, backoff, draw, is_sent_again, may_pass};
use crate::service::Action;
use crate::sign::signed;

/// What all calls share.
pub(crate) struct Caller {
    http: Arc<Http>,
    keyring: Keyring,
    pause: Arc<dyn Pause>,
}

impl Caller {
    pub fn new(settings: Settings) -> Caller {
        let http = Arc::new(Http::default());
        Caller {
            keyring: Keyring::new(settings.credentials, Arc::clone(&http)),
            http,
            pause: settings.pause,
        }
    }

    pub async fn answer(&self, call: &RemoteCall) -> RemoteAnswer {
        match &call.work {
            RemoteWork::Service {
                service,
                action,
                pattern,
                parameters,
            } => {
                let action = Action::of(service, action, *pattern)?;
                self.ask_service(&action, call, parameters).await
            }
            RemoteWork::Function {
                name,
                qualifier,
                invocation_type,
                payload,
                envelope,
            } => {
                let mut outgoing = lambda::request(&call.address, &call.region, name, payload);
                lambda::specify(
                    &mut outgoing,
                    qualifier.as_deref(),
                    invocation_type.as_deref(),
                );
                let unsigned = matches!(call.address, Address::Url(_));
                let naming = lambda::NAMING;
                let answer = self.exchange(&outgoing, &naming, unsigned).await?;
                lambda::answer(&answer, *envelope)
            }
        }
    }

    async fn ask_service(
        &self,
        action: &Action,
        call: &RemoteCall,
        parameters: &Data,
    ) -> RemoteAnswer {
        let outgoing = action.request(call, parameters)?;
        let answer = self.exchange(&outgoing, &action.naming(), false).await?;
        action.answer(&answer)
    }

    /// Sends a request until it is taken, is refused for good or has failed too often. `unsigned` says that it may
    /// go without a signature where there are no credentials.
    async fn exchange(
        &self,
        outgoing: &Outgoing,
        naming: &Naming,
        unsigned: bool,
    ) -> Result<Answer, Failure> {
        let keys = match self.keyring.keys(&outgoing.region).await {
            Ok(keys) => Some(keys),
            Err(_) if unsigned => None,
            Err(why) => {
                let cause = format!(
                    "Unable to load credentials from any of the providers in the chain: {why}"
                );
                return Err(naming.unreached(&cause));
            }
        };
        let mut failed = 0;
        loop {
            let request = signed(outgoing, keys.clone(), SystemTime::now());
            let request = request.map_err(|why| {
                naming.unreached(&format!(
                    "The request to {} cannot be made: {why}",
                    outgoing.base
                ))
            })?;
            let outcome = self.http.send(request, outgoing.patience).await;
            failed += 1;
            let last = failed >= ATTEMPTS;
            match outcome {
                Ok(answer) if answer.status.is_success() => return Ok(answer),
                Ok(answer) => {
                    let refusal = Refusal::of(&answer);
                    if last || !may_pass(refusal.status, &refusal.code) {
                        return Err(naming.refused(&outgoing.refusal(refusal)));
                    }
                }
                Err(why) if last || !is_sent_again(&why, outgoing.is_function) => {
                    return Err(unanswered(&why, naming));
                }
                Err(_) => {}
            }
            self.pause.pause(backoff(failed, draw())).await;
        }
    }
}

fn unanswered(why: &Unanswered, naming: &Naming) -> Failure {
    match why {
        Unanswered::TooLarge { .. } => Failure::new(errors::DATA_LIMIT_EXCEEDED, why.to_string()),
        Unanswered::Connect { .. }
        | Unanswered::Broken { .. }
        | Unanswered::Late { .. }
        | Unanswered::Tls(_) => naming.unreached(&format!("Unable to execute HTTP request: {why}")),
    }
}
