//! Everything outside of themselves that definitions name.

use asl::{Dataflow, Pattern, ResourceKind, State, StateKind};
use data::{Data, EcoString};
use runtime::{function_name, machine_name};

use super::{Definition, placeholder};

/// What definitions need.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Lambda functions.
    pub functions: Vec<NamedFunction>,
    /// Other services, by `Resource`.
    pub services: Vec<Used>,
    /// Activities, by ARN.
    pub activities: Vec<Used>,
    /// State machines that are started.
    pub machines: Vec<NamedMachine>,
    /// The tasks that somebody answers with a token.
    pub token_tasks: Vec<Use>,
    /// The tasks whose function or machine is only known when they run.
    pub computed: Vec<Use>,
}

/// A Task state that uses something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The machine.
    pub machine: EcoString,
    /// The state.
    pub state: EcoString,
    /// The line on which the state begins.
    pub line: usize,
}

/// The users, those of one name together: `Pay (order, refund), Ship (order)`.
pub(super) fn users(by: &[Use]) -> String {
    let mut named: Vec<(&EcoString, Vec<&str>)> = Vec::new();
    for one in by {
        match named.iter_mut().find(|(state, _)| *state == &one.state) {
            Some((_, machines)) => machines.push(&one.machine),
            None => named.push((&one.state, vec![&one.machine])),
        }
    }
    let named = named.iter();
    let named = named.map(|(state, machines)| format!("{state} ({})", machines.join(", ")));
    // It stands on one line, whatever a state is called.
    let line = named.collect::<Vec<_>>().join(", ");
    line.replace(char::is_control, " ")
}

/// Something and those who use it.
#[derive(Clone, Debug)]
pub struct Used {
    /// The `Resource`.
    pub resource: EcoString,
    /// By whom.
    pub by: Vec<Use>,
}

/// A Lambda function.
#[derive(Clone, Debug)]
pub struct NamedFunction {
    /// Its name; made up where there is only a placeholder.
    pub name: EcoString,
    /// The placeholders that stand for it.
    pub aliases: Vec<EcoString>,
    /// Who calls it.
    pub by: Vec<Use>,
}

/// A state machine that tasks start.
#[derive(Clone, Debug)]
pub struct NamedMachine {
    /// Its name.
    pub name: EcoString,
    /// Who starts it.
    pub by: Vec<Use>,
}

impl Inventory {
    /// What these definitions need, in the order in which they name it.
    pub fn of(definitions: &[Definition]) -> Inventory {
        let mut inventory = Inventory::default();
        for definition in definitions {
            for (_, state) in definition.program.states() {
                let StateKind::Task(task) = &state.kind else {
                    continue;
                };
                let by = Use {
                    machine: definition.machine.clone(),
                    state: state.name.clone(),
                    line: definition.source.position(state.span).line,
                };
                inventory.add(state, &task.resource, by);
            }
        }
        inventory
    }

    fn add(&mut self, state: &State, resource: &asl::Resource, by: Use) {
        match &resource.kind {
            ResourceKind::LambdaFunction => self.function(&resource.text, by),
            ResourceKind::Activity => {
                used(&mut self.activities, &resource.text, by.clone());
                self.token_tasks.push(by);
            }
            ResourceKind::Service {
                service,
                action,
                pattern,
            } => {
                if *pattern == Pattern::WaitForTaskToken {
                    self.token_tasks.push(by.clone());
                }
                match (service.as_str(), action.as_str()) {
                    ("lambda", "invoke") => match constant(state, "FunctionName") {
                        Some(name) => self.function(name, by),
                        None => self.computed.push(by),
                    },
                    ("states" | "aws-sdk:sfn", "startExecution") => {
                        match constant(state, "StateMachineArn") {
                            Some(reference) => self.machine(reference, by),
                            None => self.computed.push(by),
                        }
                    }
                    _ => used(&mut self.services, &resource.text, by),
                }
            }
        }
    }

    fn function(&mut self, reference: &str, by: Use) {
        let named = function_name(reference);
        let alias = reference.starts_with("${").then(|| EcoString::from(named));
        let name = match &alias {
            Some(alias) => placeholder::function_name(alias),
            None => named.into(),
        };
        let at = self.functions.iter().position(|known| known.name == name);
        let at = at.unwrap_or_else(|| {
            self.functions.push(NamedFunction {
                name,
                aliases: Vec::new(),
                by: Vec::new(),
            });
            self.functions.len() - 1
        });
        let function = &mut self.functions[at];
        function.by.push(by);
        if let Some(alias) = alias
            && alias != function.name
            && !function.aliases.contains(&alias)
        {
            function.aliases.push(alias);
        }
    }

    fn machine(&mut self, reference: &str, by: Use) {
        let name = machine_name(reference);
        match self.machines.iter_mut().find(|known| known.name == name) {
            Some(known) => known.by.push(by),
            None => self.machines.push(NamedMachine {
                name: name.into(),
                by: vec![by],
            }),
        }
    }
}

fn used(all: &mut Vec<Used>, resource: &EcoString, by: Use) {
    match all.iter_mut().find(|known| known.resource == *resource) {
        Some(known) => known.by.push(by),
        None => all.push(Used {
            resource: resource.clone(),
            by: vec![by],
        }),
    }
}

/// A field of Parameters or Arguments that is written down.
fn constant<'s>(state: &'s State, field: &str) -> Option<&'s str> {
    let value = match &state.flow {
        Dataflow::JsonPath(flow) => flow.parameters.as_ref()?.constant_field(field),
        Dataflow::Jsonata(flow) => flow.arguments.as_ref()?.constant_field(field),
    };
    value.and_then(Data::as_str)
}
