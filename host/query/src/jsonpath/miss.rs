//! Why a path finds nothing, and what an evaluation may spend.

use std::cell::Cell;

use data::{Data, EcoString};

use super::{Step, Steps};
use crate::java;

/// Where a path found nothing.
#[derive(Clone, Debug)]
pub(crate) struct Miss {
    /// The number of steps that were possible.
    step: usize,
    why: Missing,
}

#[derive(Clone, Debug)]
pub(crate) enum Missing {
    /// The last step found nothing.
    Result,
    /// A field on the way is not there.
    Property(EcoString),
    /// A field of something that has none.
    Object(Data),
    /// An index of something that has none.
    Array(Data),
    /// An index of nothing at all.
    Nothing,
    /// A wildcard on a scalar.
    Wildcard(Data),
    /// A filter on a scalar.
    Filter(Data),
    /// A function that has no value here.
    Function(&'static str),
    /// Too much was looked at.
    Budget,
}

impl Miss {
    pub fn new(step: usize, why: Missing) -> Miss {
        Miss { step, why }
    }

    pub fn why(self) -> Missing {
        self.why
    }

    /// Whether the evaluation was given up.
    pub fn is_budget(&self) -> bool {
        matches!(self.why, Missing::Budget)
    }

    /// The library tells "not there" from "not possible"; only the former makes an empty list.
    pub fn is_not_found(&self) -> bool {
        match self.why {
            Missing::Result
            | Missing::Property(_)
            | Missing::Object(_)
            | Missing::Nothing
            | Missing::Wildcard(_) => true,
            Missing::Array(_) | Missing::Filter(_) | Missing::Function(_) | Missing::Budget => {
                false
            }
        }
    }

    /// The library's message, for the path with these steps.
    pub fn message(&self, steps: &Steps) -> String {
        let path = steps.first(self.step);
        let step = || {
            steps
                .list
                .get(self.step)
                .map(Step::to_string)
                .unwrap_or_default()
        };
        match &self.why {
            Missing::Result => format!("No results for path: {steps}"),
            Missing::Property(name) => format!("Missing property in path {path}['{name}']"),
            Missing::Object(found) => format!(
                "Expected to find an object with property {} in path {path} but found '{}'. \
                 This is not a json object according to the JsonProvider: '{}'.",
                step(),
                java::class_name(found),
                java::JSON_PROVIDER,
            ),
            Missing::Array(found) => format!(
                "Filter: {} can only be applied to arrays. Current context is: {found}",
                step()
            ),
            Missing::Nothing => format!("The path {path} is null"),
            Missing::Wildcard(found) => format!(
                "Expected to find an object or array in path {path} but found '{}'. ",
                java::class_name(found)
            ),
            Missing::Filter(found) => format!(
                "Filter: {} can not be applied to primitives. Current context is: {found}",
                step()
            ),
            Missing::Function(message) => (*message).to_owned(),
            Missing::Budget => {
                format!(
                    "The path is too costly: it looks at more than {MAX_VISITS} values or nests too deeply"
                )
            }
        }
    }
}

/// How many values one evaluation may look at.
const MAX_VISITS: u32 = 1_000_000;

/// How many steps may wait for one another, those of filters in filters included. It spares the stack.
const MAX_WAITING: u32 = 320;

/// What an evaluation has left to spend.
#[derive(Debug)]
pub(crate) struct Budget {
    visits: Cell<u32>,
    waiting: Cell<u32>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            visits: Cell::new(MAX_VISITS),
            waiting: Cell::new(MAX_WAITING),
        }
    }
}

impl Budget {
    /// One more value is looked at.
    pub fn spend(&self) -> Result<(), Miss> {
        take(&self.visits)
    }

    /// One more step waits.
    pub fn enter(&self) -> Result<(), Miss> {
        take(&self.waiting)
    }

    /// The step that waited last is done.
    pub fn leave(&self) {
        self.waiting.set(self.waiting.get() + 1);
    }
}

fn take(left: &Cell<u32>) -> Result<(), Miss> {
    let less = left
        .get()
        .checked_sub(1)
        .ok_or(Miss::new(0, Missing::Budget))?;
    left.set(less);
    Ok(())
}
