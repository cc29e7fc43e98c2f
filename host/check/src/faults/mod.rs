//! The fault plan: what shall go wrong, where and when, as data.
//!
//! ```json
//! { "version": 1,
//!   "faults": [
//!     { "name": "card declined twice",
//!       "at":     { "state": "ProcessPayment", "attempt": "0-1" },
//!       "inject": { "error": { "error": "PaymentDeclined", "cause": "do not honour" } } },
//!     { "name": "charged, but the answer was lost",
//!       "at":     { "function": "process-payment", "call": 3 }, "when": "after",
//!       "inject": { "error": "Lambda.SdkClientException" } } ] }
//! ```
//!
//! Of the faults that mean an attempt the first is injected. A plan is held against the definitions before anything
//! runs ([`FaultPlan::check`]): a state, function or item that is not there is a mistake with its place, and so is
//! a fault that cannot befall its state. What came of each fault is in its [`Tally`]: one that never took effect
//! is told, since a plan that does nothing looks like a workflow that stands everything.
//!
//! ```
//! use check::faults::FaultPlan;
//! use data::{Format, Source};
//!
//! let text = r#"{ "version": 1, "faults": [ { "at": { "state": "Pay" }, "inject": { "trapp": {} } } ] }"#;
//! let mistakes = FaultPlan::read(&Source::new("pay.faults.json", text), Format::Json).unwrap_err();
//! assert_eq!(
//!     mistakes[0].to_string(),
//!     "pay.faults.json:1:69: unknown key `trapp`; did you mean `trap`?"
//! );
//! ```

mod check;
mod each;
mod inject;
mod injector;
mod numbers;
mod select;
mod tally;

use data::{EcoString, Format, Mistake, Mistakes, Node, Source, nearest, read, units};

use runtime::inject::Fault;

use crate::place::Place;
pub use check::World;
pub use each::direct_each;
use inject::Planned;
pub use injector::direct;
pub use numbers::Numbers;
use select::Selector;
pub use tally::{Tally, Unfired};

/// Faults in the order in which they are tried.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    faults: Vec<PlannedFault>,
}

/// One fault of a plan.
#[derive(Clone, Debug)]
struct PlannedFault {
    /// Its name; without one its number.
    name: EcoString,
    /// Where it is written.
    place: Place,
    at: Selector,
    inject: Planned,
}

const KEYS: [&str; 3] = ["version", "faults", "$schema"];
const FAULT: [&str; 4] = ["name", "at", "when", "inject"];

impl FaultPlan {
    /// Reads a plan; all that is wrong with it is told at once.
    pub fn read(source: &Source, format: Format) -> Result<FaultPlan, Vec<Mistake>> {
        let mut mistakes = Mistakes::new(source);
        match read(source, format) {
            Err(error) => mistakes.add(error.span, error.message),
            Ok(root) => {
                let plan = FaultPlan::of_file(&root, &mut mistakes);
                if mistakes.found.is_empty() {
                    return Ok(plan);
                }
            }
        }
        Err(mistakes.in_order())
    }

    fn of_file(root: &Node, mistakes: &mut Mistakes<'_>) -> FaultPlan {
        let mut plan = FaultPlan::default();
        for (key, node) in mistakes.entries("a fault plan", root) {
            match key.name.as_str() {
                "version" if units::count(node, 1, 1).is_err() => {
                    mistakes.add(node.span, "this wf-host reads version 1 only");
                }
                "faults" => plan = FaultPlan::of_list(node, mistakes),
                "version" | "$schema" => {}
                _ => mistakes.unknown(key, &KEYS),
            }
        }
        for needed in ["version", "faults"] {
            if root.entries().is_some() && root.get(needed).is_none() {
                mistakes.add(root.span, format!("`{needed}` is missing"));
            }
        }
        plan
    }

    /// Reads the faults of a list, such as a suite's case holds.
    pub fn of_list(node: &Node, mistakes: &mut Mistakes<'_>) -> FaultPlan {
        let Some(items) = node.items() else {
            mistakes.add(node.span, "expected a list of faults");
            return FaultPlan::default();
        };
        let mut faults: Vec<PlannedFault> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let Some(fault) = PlannedFault::read(at, item, mistakes) else {
                continue;
            };
            if faults.iter().any(|known| known.name == fault.name) {
                let message = format!("another fault is called {:?}", fault.name.as_str());
                mistakes.add(item.span, message);
            }
            faults.push(fault);
        }
        FaultPlan { faults }
    }

    /// The plan with the fault of that name alone; the error lists the names there are.
    pub fn only(&self, name: &str) -> Result<FaultPlan, String> {
        let found = self.faults.iter().find(|fault| fault.name == name);
        if let Some(fault) = found {
            let faults = vec![fault.clone()];
            return Ok(FaultPlan { faults });
        }
        let names = || self.faults.iter().map(|fault| fault.name.as_str());
        let hint = match nearest(name, names()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!(
                "there are: {}",
                names()
                    .map(|name| format!("{name:?}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        Err(format!("there is no fault {name:?}; {hint}"))
    }

    /// Whether it halts executions.
    fn halts(&self) -> bool {
        let halting = |fault: &PlannedFault| !matches!(fault.inject, Planned::Injection(_));
        self.faults.iter().any(halting)
    }

    /// Whether a task may be delivered twice, which takes two guests.
    pub fn delivers_twice(&self) -> bool {
        self.faults.iter().any(|fault| match &fault.inject {
            Planned::Injection(injection) => injection.fault == Fault::Duplicate,
            Planned::Stop(_) | Planned::Crash => false,
        })
    }

    /// Whether it holds no fault.
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }
}

impl PlannedFault {
    fn read(at: usize, node: &Node, mistakes: &mut Mistakes<'_>) -> Option<PlannedFault> {
        let before = mistakes.found.len();
        let entries = mistakes.entries("a fault", node);
        let mut name = EcoString::from(format!("faults[{at}]"));
        for (key, node) in entries {
            match key.name.as_str() {
                "name" => name = mistakes.string(node).unwrap_or_default().into(),
                "at" | "when" | "inject" => {}
                _ => mistakes.unknown(key, &FAULT),
            }
        }
        let (selector, inject) = (node.get("at"), node.get("inject"));
        for (needed, what) in [("at", selector), ("inject", inject)] {
            if what.is_none() && node.entries().is_some() {
                mistakes.add(node.span, format!("`{needed}` is missing"));
            }
        }
        let at = selector.map(|at| Selector::read(at, mistakes));
        let inject = inject.map(|inject| Planned::read(inject, node.get("when"), mistakes));
        let (at, inject) = (at?, inject??);
        at.check_for(&inject, mistakes);
        (mistakes.found.len() == before).then(|| PlannedFault {
            name,
            place: Place::of(node.span, mistakes),
            at,
            inject,
        })
    }
}
