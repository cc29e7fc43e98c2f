//! Task states.

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::place::Item;
use crate::program::{Pattern, Quantity, ResourceKind, Task};
use crate::reader::MAX_SECONDS;

/// What shows the token, itself or in all of the Context Object.
const SHOWS_TOKEN: [&str; 4] = ["Task.Token", "Task['Token']", "\"$$\"", "$states.context %"];

impl Compiler<'_> {
    pub fn task(&mut self, state: &Item, language: Language) -> Option<Task> {
        let timeout = self.quantity(state, "TimeoutSeconds", (1, MAX_SECONDS), language);
        let heartbeat = self.quantity(state, "HeartbeatSeconds", (1, MAX_SECONDS), language);
        let credentials = self.payload(state, "Credentials", language);
        self.check_heartbeat(state, timeout.as_ref(), heartbeat.as_ref());
        self.require(state, &["Resource"]);
        let resource = self.resource(&state.get("Resource")?)?;
        self.check_waiting(state, &resource.kind);
        self.check_token(state, &resource.kind);
        Some(Task {
            resource,
            timeout,
            heartbeat,
            credentials,
        })
    }

    fn check_heartbeat(
        &mut self,
        state: &Item,
        timeout: Option<&Quantity>,
        heartbeat: Option<&Quantity>,
    ) {
        let (Some(Quantity::Value(timeout)), Some(Quantity::Value(heartbeat))) =
            (timeout, heartbeat)
        else {
            return;
        };
        if heartbeat >= timeout
            && let Some(field) = state.get("HeartbeatSeconds")
        {
            let message = format!(
                "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds', found {heartbeat} and {timeout}"
            );
            self.error(&field, Code::SchemaValidationFailed, message);
        }
    }

    /// Warns of a task that nothing ends if nobody answers.
    fn check_waiting(&mut self, state: &Item, kind: &ResourceKind) {
        let has = |name: &str| state.has(name) || state.has(&format!("{name}Path"));
        if has("TimeoutSeconds") {
            return;
        }
        let message = match (kind, has("HeartbeatSeconds")) {
            (ResourceKind::Activity, true) => return,
            (ResourceKind::Activity, false) => {
                "Without a timeout or a heartbeat the task waits up to a year for a worker"
            }
            (ResourceKind::Service { pattern, .. }, beats) => match (pattern, beats) {
                (Pattern::WaitForTaskToken, true) | (Pattern::RequestResponse, _) => return,
                (Pattern::WaitForTaskToken, false) => {
                    "Without a timeout or a heartbeat the task waits up to a year for its token"
                }
                (Pattern::Sync | Pattern::Sync2, _) => {
                    "Without a timeout the task waits up to a year for what it started"
                }
            },
            // A function has a timeout of its own.
            (ResourceKind::LambdaFunction, _) => return,
        };
        let hint = "add \"TimeoutSeconds\"";
        self.warning_head(state, Code::MissingTimeout, message.into())
            .hint(hint);
    }

    /// Warns of a task that waits for a token which it gives to nobody.
    fn check_token(&mut self, state: &Item, kind: &ResourceKind) {
        let waits = matches!(
            kind,
            ResourceKind::Service {
                pattern: Pattern::WaitForTaskToken,
                ..
            }
        );
        let given = ["Parameters", "Arguments"].iter().any(|name| {
            let text = state
                .get(name)
                .map(|field| field.node.to_data().to_string());
            text.is_some_and(|text| SHOWS_TOKEN.iter().any(|part| text.contains(part)))
        });
        if waits && !given {
            let message = "The task waits for its token but hands it to nobody".to_owned();
            let hint =
                "put $$.Task.Token, in JSONata $states.context.Task.Token, into what it sends";
            self.warning_head(state, Code::MissingTaskToken, message)
                .hint(hint);
        }
    }
}
