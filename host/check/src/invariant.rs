//! Invariants: what must hold of every execution, whatever goes wrong.
//!
//! "Whenever ProcessPayment has succeeded and the run fails, Refund must have run." An [`Invariant`] is what a
//! person writes, a [`Rule`] the same for a known machine, a [`Watcher`] the memory of one execution.

use std::fmt;

use asl::{Program, StateId};
use data::{EcoString, nearest};
use engine::{Change, Record, Status, Via};

/// Whenever one state has succeeded, another must have run afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// The state whose success obliges.
    pub when_succeeded: EcoString,
    /// The state that must have been entered after it.
    pub must_run: EcoString,
    /// Whether only an execution that does not end as SUCCEEDED is obliged.
    pub and_execution_fails: bool,
}

/// Why an invariant cannot be kept an eye on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvariantError {
    /// It is not written as one.
    #[error(
        "{0:?} is no invariant: write 'A => B' for: whenever A has succeeded and the run fails, B must have run"
    )]
    Form(String),
    /// A state that it names does not exist.
    #[error("there is no state {name:?}{}", hint(.near))]
    NoSuchState {
        /// The name.
        name: EcoString,
        /// What may have been meant.
        near: Option<EcoString>,
    },
}

fn hint(near: &Option<EcoString>) -> String {
    near.as_ref()
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

impl Invariant {
    /// Reads `A => B`: whenever A has succeeded and the execution fails, B must have run.
    pub fn parse(text: &str) -> Result<Invariant, InvariantError> {
        let form = || InvariantError::Form(text.to_owned());
        let (when, must) = text.split_once("=>").ok_or_else(form)?;
        let (when, must) = (when.trim(), must.trim());
        if when.is_empty() || must.is_empty() {
            return Err(form());
        }
        Ok(Invariant {
            when_succeeded: when.into(),
            must_run: must.into(),
            and_execution_fails: true,
        })
    }

    /// The invariant of this machine, if it has both states.
    pub fn rule(&self, program: &Program) -> Result<Rule, InvariantError> {
        Ok(Rule {
            when_succeeded: find(program, &self.when_succeeded)?,
            must_run: find(program, &self.must_run)?,
            and_execution_fails: self.and_execution_fails,
        })
    }
}

fn find(program: &Program, name: &EcoString) -> Result<StateId, InvariantError> {
    let mut states = program.states();
    let found = states.find(|(_, state)| state.name == *name);
    found.map(|(id, _)| id).ok_or_else(|| {
        let names = program.states().map(|(_, state)| state.name.as_str());
        InvariantError::NoSuchState {
            name: name.clone(),
            near: nearest(name, names).map(EcoString::from),
        }
    })
}

/// A sentence, as a report has it.
impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fails = if self.and_execution_fails {
            " and the execution fails"
        } else {
            ""
        };
        write!(
            f,
            "whenever {} has succeeded{fails}, {} must have run after it",
            self.when_succeeded, self.must_run
        )
    }
}

/// An [`Invariant`] of a known machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The state whose success obliges.
    pub when_succeeded: StateId,
    /// The state that must have been entered after it.
    pub must_run: StateId,
    /// Whether only an execution that does not end as SUCCEEDED is obliged.
    pub and_execution_fails: bool,
}

/// What a rule has seen of one execution; small, since a search for faults keeps one in every fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Watcher {
    rule: Rule,
    owed: bool,
}

impl Watcher {
    /// Nothing was seen yet.
    pub fn new(rule: Rule) -> Watcher {
        Watcher { rule, owed: false }
    }

    /// Takes note of a record. A state that a catcher leads out of did not succeed.
    pub fn see(&mut self, record: &Record) {
        match &record.change {
            Change::StateExited { state, via, .. } if state.id == self.rule.when_succeeded => {
                self.owed |= !matches!(via, Via::Catcher(_));
            }
            Change::StateEntered { state, .. } if state.id == self.rule.must_run => {
                self.owed = false;
            }
            _ => {}
        }
    }

    /// Whether the rule is broken now that the execution is over with this status.
    pub fn broken(&self, status: &Status) -> bool {
        let fails = !matches!(status, Status::Succeeded { .. });
        self.owed && (fails || !self.rule.and_execution_fails)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invariant_is_read_from_its_arrow() {
        let read = Invariant::parse(" Process Payment =>Refund ").expect("it is one");
        assert_eq!(read.when_succeeded, "Process Payment");
        assert_eq!(read.must_run, "Refund");
        assert!(read.and_execution_fails);
        for text in ["Refund", "=> Refund", "A => ", ""] {
            assert!(Invariant::parse(text).is_err(), "{text:?}");
        }
    }
}
