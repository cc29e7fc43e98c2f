//! RedriveExecution: executions that ended badly go on from where they failed.

use std::sync::Arc;
use std::time::Duration;

use data::EcoString;
use engine::{Input, Timestamp};
use journal::Resource;

use super::{ExecutionId, Shell};
use crate::definition::compile;
use crate::host::{NotRedriven, Redrive, Redriven};
use crate::invoke::timestamp;
use crate::kept::mending;
use crate::machines::Machine;
use crate::run::RunError;

/// What the tokens of redrives are called among the resources of a journal.
const TOKEN: &str = "redrive";

/// For how long the same token is the same redrive.
const TOKEN_COUNTS: Duration = Duration::from_secs(15 * 60);

fn token_key(redrive: &Redrive) -> Option<String> {
    let token = redrive.client_token.as_ref()?;
    Some(format!("{} {token}", redrive.execution_arn))
}

impl Shell<'_> {
    /// Lets an execution go on from where it failed, if it may.
    pub(super) fn redrive(
        &mut self,
        redrive: &Redrive,
    ) -> Result<Result<Redriven, NotRedriven>, RunError> {
        if let Some(trouble) = self.trouble() {
            return Ok(Err(NotRedriven::Store(trouble.to_string())));
        }
        let id = match self.found_or_revived(&redrive.execution_arn) {
            Ok(id) => id,
            Err(why) => return Ok(Err(why)),
        };
        if let Some(redrive_date) = self.redriven_by(redrive) {
            return Ok(Ok(Redriven { redrive_date }));
        }
        let definition = match self.prepare(id, redrive) {
            Ok(definition) => definition,
            Err(why) => return Ok(Err(why)),
        };
        self.lives_again(id);
        self.let_hear(id, Input::Redrive { definition })?;
        self.settle()?;
        let redrive_date = self.execution(id).redriven_at();
        let redrive_date = redrive_date.unwrap_or(timestamp(self.now));
        self.remember_redrive(redrive, redrive_date)?;
        Ok(Ok(Redriven { redrive_date }))
    }

    /// When an execution was redriven with that very token, if that was within a quarter of an hour (API reference,
    /// RedriveExecution).
    fn redriven_by(&self, redrive: &Redrive) -> Option<Timestamp> {
        let key = token_key(redrive)?;
        let kept = self.journal.resource(TOKEN, &key).ok().flatten()?;
        let at = Timestamp(kept.value?.json.parse().ok()?);
        (timestamp(self.now) < at.plus(TOKEN_COUNTS)).then_some(at)
    }

    fn remember_redrive(&mut self, redrive: &Redrive, at: Timestamp) -> Result<(), RunError> {
        if let Some(key) = token_key(redrive) {
            self.outbox.soil();
            let resource = Resource::new(TOKEN, &key, at.0.to_string());
            self.journal
                .put(resource.owned_by(&redrive.execution_arn))?;
        }
        Ok(())
    }

    fn found_or_revived(&mut self, arn: &EcoString) -> Result<ExecutionId, NotRedriven> {
        if let Some(id) = self.by_arn.get(arn) {
            return Ok(*id);
        }
        let kept = self.find_kept(arn);
        let kept = kept.map_err(|error| NotRedriven::Store(error.to_string()))?;
        let kept = kept.ok_or(NotRedriven::Unknown)?;
        let revived = self.revive(&kept, None).map_err(NotRedriven::Store)?;
        Ok(revived.id)
    }

    /// Checks that an execution may be redriven, and puts it onto its mended definition. Returns that one's digest.
    fn prepare(
        &mut self,
        id: ExecutionId,
        redrive: &Redrive,
    ) -> Result<Option<EcoString>, NotRedriven> {
        let refused = |why: String| NotRedriven::NotRedrivable(why);
        if self.hosted[id.0].origin.map_run_arn.is_some() {
            let why = "Execution is a child of a Map Run and is redriven with it";
            return Err(refused(why.to_owned()));
        }
        let redrivable = self.execution(id).redrivable(timestamp(self.now));
        redrivable.map_err(|why| refused(why.to_string()))?;
        if let Some(message) = self.is_full() {
            return Err(NotRedriven::Full(message));
        }
        let Some(definition) = &redrive.definition else {
            return Ok(None);
        };
        let express = self.machine(id).is_some_and(|machine| machine.express);
        let is_function = |name: &str| self.functions.find(name).is_some();
        let program = compile(definition, express, &is_function);
        let program = program.map_err(refused)?;
        let hosted = &mut self.hosted[id.0];
        let rebased = hosted.execution.rebase(Arc::clone(&program));
        rebased.map_err(|misfit| refused(misfit.to_string()))?;
        if let Some(machine) = &hosted.machine {
            hosted.machine = Some(Arc::new(Machine {
                program,
                definition: definition.clone(),
                ..Machine::clone(machine)
            }));
        }
        self.outbox.soil();
        let arn = self.execution(id).about().execution_arn.clone();
        let kept = self.journal.put(mending(definition, &arn));
        kept.map_err(|error| NotRedriven::Store(error.to_string()))?;
        Ok(Some(definition.digest.clone()))
    }

    fn machine(&self, id: ExecutionId) -> Option<&Arc<Machine>> {
        self.hosted[id.0].machine.as_ref()
    }

    /// A child of a map run goes on that ended badly before the run was redriven; whether it does.
    pub(super) fn redrive_map_child(&mut self, child: ExecutionId, count: u32) -> bool {
        let hosted = &self.hosted[child.0];
        let execution = &hosted.execution;
        let parent = hosted
            .parent
            .as_ref()
            .and_then(|(arn, _)| self.by_arn.get(arn));
        let began = parent.and_then(|parent| self.execution(*parent).redriven_at());
        let before = execution.stopped_at() <= began && execution.redrives() < count;
        if !before || execution.redrivable(timestamp(self.now)).is_err() {
            return false;
        }
        self.lives_again(child);
        self.tell(child, Input::Redrive { definition: None });
        true
    }
}
