//! Task states.

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::place::Item;
use crate::program::{Pattern, Quantity, ResourceKind, Task};
use crate::reader::MAX_SECONDS;

impl Compiler<'_> {
    pub fn task(&mut self, state: &Item, language: Language) -> Option<Task> {
        let timeout = self.quantity(state, "TimeoutSeconds", (1, MAX_SECONDS), language);
        let heartbeat = self.quantity(state, "HeartbeatSeconds", (1, MAX_SECONDS), language);
        let credentials = self.payload(state, "Credentials", language);
        self.check_heartbeat(state, timeout.as_ref(), heartbeat.as_ref());
        self.require(state, &["Resource"]);
        let resource = self.resource(&state.get("Resource")?)?;
        self.check_waiting(state, &resource.kind);
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
        let for_token = matches!(
            kind,
            ResourceKind::Service {
                pattern: Pattern::WaitForTaskToken,
                ..
            }
        );
        let message = match (for_token, has("HeartbeatSeconds")) {
            (true, true) => return,
            (true, false) => {
                "Without a timeout or a heartbeat the task waits up to a year for its token"
            }
            (false, _) => "Without a timeout the task may wait for an answer up to a year",
        };
        let hint = "add \"TimeoutSeconds\"";
        self.warning_head(state, Code::MissingTimeout, message.into())
            .hint(hint);
    }
}
