//! `ErrorEquals`, which Retry and Catch share.

use data::EcoString;

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::place::Item;
use data::nearest;

/// The error names that begin with `States.`; others of that kind do not exist.
const RESERVED: &[&str] = &[
    "States.ALL",
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
];

const PREFIX: &str = "States.";

/// What earlier entries of a list match.
#[derive(Default)]
pub(crate) struct Earlier {
    names: Vec<(EcoString, usize)>,
}

impl Compiler<'_> {
    /// The names of one entry. `States.ALL` must stand alone, and in the last entry.
    pub fn error_equals(
        &mut self,
        entry: &Item,
        at: usize,
        last: bool,
        earlier: &mut Earlier,
    ) -> Option<Vec<EcoString>> {
        self.require(entry, &["ErrorEquals"]);
        let field = entry.get("ErrorEquals")?;
        if !self.filled_array(&field) {
            return None;
        }
        let alone = field.items().count() == 1;
        let mut names = Vec::new();
        for item in field.items() {
            let name = self.string(&item)?;
            self.check_all(&item, &name, alone, last);
            self.check_name_exists(&item, &name);
            self.check_shadow(&item, &name, at, earlier);
            names.push(name);
        }
        earlier
            .names
            .extend(names.iter().map(|name| (name.clone(), at)));
        Some(names)
    }

    fn check_all(&mut self, item: &Item, name: &str, alone: bool, last: bool) {
        if name != "States.ALL" {
            return;
        }
        if !alone {
            let message = "'States.ALL' must be the only name in its 'ErrorEquals'".to_owned();
            self.error(item, Code::SchemaValidationFailed, message);
        }
        if !last {
            let message = "'States.ALL' is only allowed in the last entry".to_owned();
            self.error(item, Code::SchemaValidationFailed, message);
        }
    }

    fn check_name_exists(&mut self, item: &Item, name: &str) {
        let free = !name.starts_with("States.") || name.starts_with("States.Http.StatusCode.");
        if free || RESERVED.contains(&name) {
            return;
        }
        let message = format!(
            "There is no error named '{name}', and names that begin with 'States.' are reserved"
        );
        let bare = |name: &'static str| name.trim_start_matches(PREFIX);
        let near = nearest(
            name.trim_start_matches(PREFIX),
            RESERVED.iter().copied().map(bare),
        );
        let warning = self.warning(item, Code::UnknownErrorName, message);
        warning.hint = near.map(|near| format!("did you mean `{PREFIX}{near}`?"));
    }

    fn check_shadow(&mut self, item: &Item, name: &str, at: usize, earlier: &Earlier) {
        let taken = earlier
            .names
            .iter()
            .find(|(taken, entry)| *entry < at && takes(taken, name));
        if let Some((taken, entry)) = taken {
            let message =
                format!("'{name}' can never match here: entry {entry} takes it by '{taken}'");
            self.warning(item, Code::NeverMatches, message);
        }
    }
}

/// Whether an entry with the name `by` matches every error that one with `name` does.
fn takes(by: &str, name: &str) -> bool {
    match by {
        _ if by == name => true,
        "States.TaskFailed" => !name.starts_with("States."),
        "States.Timeout" => name == "States.HeartbeatTimeout",
        _ => false,
    }
}
