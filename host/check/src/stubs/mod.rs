//! A start for definitions whose functions are not there yet: what they need, a functions file for it, and a
//! mock file in which a stub stands in for every task.
//!
//! The order is: [`placeholders`] of the definitions as they were read, with values for them; the definitions
//! compiled with these values; [`Inventory::of`] what they need; [`Stubs::of`] each machine, found by running it.
//! [`manifest`] and [`mock_file`] write the files, [`text`] and [`to_data`] what there is to tell.
//!
//! ```
//! use std::sync::Arc;
//! use check::stubs::{Definition, Inventory, Stubs, mock_file};
//! use data::{Format, Source};
//!
//! let source = Source::new("order.asl.json", r#"{ "StartAt": "Pay", "States": {
//!   "Pay":  { "Type": "Task", "Resource": "pay", "ResultPath": "$.payment", "Next": "Paid?" },
//!   "Paid?": { "Type": "Choice", "Default": "No", "Choices": [
//!     { "Variable": "$.payment.accepted", "BooleanEquals": true, "Next": "Yes" }] },
//!   "Yes": { "Type": "Succeed" }, "No": { "Type": "Fail" } } }"#);
//! let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
//! let definition = Definition {
//!     machine: "order".into(),
//!     source,
//!     program: Arc::new(compiled.program.unwrap()),
//! };
//! let stubs = Stubs::of(&definition);
//! assert_eq!(stubs.results[0].1.to_string(), r#"{"accepted":true}"#);
//! assert!(stubs.succeeds());
//! assert_eq!(Inventory::of(std::slice::from_ref(&definition)).functions[0].name, "pay");
//! assert!(mock_file(&[stubs]).contains("\"Stubs\""));
//! ```

mod condition;
mod example;
mod inventory;
mod manifest;
mod mock_file;
mod placeholder;
mod reads;
mod report;
mod scan;
mod search;
mod service;
mod shape;
mod trial;
mod watch;

use std::sync::Arc;

use asl::Program;
use data::{Data, EcoString, Source};
use engine::Failure;

pub use inventory::{Inventory, NamedFunction, NamedMachine, Use, Used};
pub use manifest::manifest;
pub use mock_file::{TEST_CASE, mock_file};
pub use placeholder::{Placeholder, Stands, placeholders};
pub use report::{text, to_data};

/// A definition that stubs are wanted for.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The machine's name.
    pub machine: EcoString,
    /// Its text.
    pub source: Source,
    /// What it was compiled to.
    pub program: Arc<Program>,
}

/// Stubs for the tasks of a machine, and how far it comes with them.
#[derive(Clone, Debug)]
pub struct Stubs {
    /// The machine's name.
    pub machine: EcoString,
    /// What each Task state returns.
    pub results: Vec<(EcoString, Data)>,
    /// An input to run the machine with; the empty object where it needs none.
    pub input: Data,
    /// How it ends with that input and these results; none if it succeeds.
    pub failure: Option<Failure>,
    /// Whether something fails on the way and is caught.
    pub troubled: bool,
    /// The Task states that are not reached then.
    pub unreached: Vec<EcoString>,
}

impl Stubs {
    /// Finds stubs with which the machine succeeds and does as much as it can, if there are any.
    ///
    /// They are found by running the machine, at no time and with no worker, at most a few hundred times. A
    /// machine that needs what cannot be guessed from its definition may end badly all the same.
    pub fn of(definition: &Definition) -> Stubs {
        let program = &definition.program;
        let found = search::search(program);
        let name = |state| program.state(state).name.clone();
        let results = found.results.into_iter();
        Stubs {
            machine: definition.machine.clone(),
            results: results
                .map(|(state, result)| (name(state), result))
                .collect(),
            input: found.input,
            failure: found.failure,
            troubled: found.troubled,
            unreached: found.unused.into_iter().map(name).collect(),
        }
    }

    /// Whether the machine succeeds with them.
    pub fn succeeds(&self) -> bool {
        self.failure.is_none()
    }

    /// Whether it does so only with [`Stubs::input`].
    pub fn needs_input(&self) -> bool {
        self.input != Data::empty_object()
    }
}
