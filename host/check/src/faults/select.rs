//! Which attempts, or which steps, a fault means.

use data::{EcoString, Mistakes, Node, Number, Span, Value, units};

use super::inject::Planned;
use super::numbers::Numbers;

/// The conditions of `at`; all that are given must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    /// The state machine; none: any of the run.
    pub machine: Option<Named>,
    /// The state.
    pub state: Option<Named>,
    /// The function that the task calls.
    pub function: Option<Named>,
    /// Which attempt of a state entry.
    pub attempt: Option<Numbers>,
    /// Which item of the innermost Map around it.
    pub item: Option<Numbers>,
    /// Which of all the attempts that machine, state and function mean; for a halt which entry of the state.
    pub call: Option<Numbers>,
    /// The share of attempts, drawn from the run's seed.
    pub rate: Option<f64>,
    /// Which record of the execution's log; for a halt alone.
    pub record: Option<u32>,
    /// Where it stands.
    pub span: Span,
}

/// A name and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub name: EcoString,
    pub span: Span,
}

const KEYS: [&str; 8] = [
    "machine", "state", "function", "attempt", "item", "call", "rate", "record",
];

impl Selector {
    pub(super) fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Selector {
        let mut at = Selector {
            span: node.span,
            ..Selector::default()
        };
        for (key, node) in mistakes.entries("at", node) {
            match key.name.as_str() {
                "machine" => at.machine = named(node, mistakes),
                "state" => at.state = named(node, mistakes),
                "function" => at.function = named(node, mistakes),
                "attempt" => at.attempt = Numbers::read(node, mistakes),
                "item" => at.item = Numbers::read(node, mistakes),
                "call" => at.call = Numbers::read(node, mistakes),
                "rate" => at.rate = rate(node, mistakes),
                "record" => {
                    let most = u64::from(u32::MAX);
                    let number = mistakes.take(node, units::count(node, 0, most));
                    at.record = number.and_then(|n| u32::try_from(n).ok());
                }
                _ => mistakes.unknown(key, &KEYS),
            }
        }
        at
    }

    /// What a fault of another kind cannot be selected by.
    pub(super) fn check_for(&self, inject: &Planned, mistakes: &mut Mistakes<'_>) {
        let tasks_only = [
            ("function", self.function.is_some()),
            ("attempt", self.attempt.is_some()),
            ("item", self.item.is_some()),
            ("rate", self.rate.is_some()),
        ];
        match inject {
            Planned::Injection(_) if self.record.is_some() => {
                mistakes.add(
                    self.span,
                    "`record` selects where to `stop` or `crash` only",
                );
            }
            Planned::Injection(_) => {}
            Planned::Stop(_) | Planned::Crash => {
                for (key, _) in tasks_only.iter().filter(|(_, given)| *given) {
                    let message = format!(
                        "`{key}` selects attempts at tasks; `stop` and `crash` happen at a `state` or after a `record`"
                    );
                    mistakes.add(self.span, message);
                }
                if self.state.is_some() == self.record.is_some() {
                    let message = "`stop` and `crash` need exactly one of `state` and `record`";
                    mistakes.add(self.span, message);
                }
            }
        }
    }
}

fn named(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Named> {
    let name = mistakes.string(node)?.into();
    Some(Named {
        name,
        span: node.span,
    })
}

fn rate(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<f64> {
    let rate = match &node.value {
        Value::Number(number) => Some(Number::as_f64(number)),
        _ => None,
    };
    let rate = rate.filter(|rate| *rate > 0.0 && *rate <= 1.0);
    if rate.is_none() {
        mistakes.add(node.span, "a rate is a number above 0 and up to 1");
    }
    rate
}
