//! The state machines that a run can start beside its main one.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::Program;
use data::{Data, EcoString};
use engine::{About, Quotas};
use journal::Definition;

use crate::host::{Origin, Registry};

/// A state machine that `startExecution` may name.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name.
    pub name: EcoString,
    /// `arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME`
    pub arn: EcoString,
    /// What it does.
    pub program: Arc<Program>,
    /// Whether its type is EXPRESS.
    pub express: bool,
    /// The role that AWS would run it with; none: that of the run.
    pub role_arn: Option<EcoString>,
    /// Which revision of the machine it is, for whoever keeps several; else empty.
    pub revision: EcoString,
    /// The text that the program was compiled from, for a journal that lasts.
    pub definition: Definition,
}

impl Machine {
    /// A machine that no AWS account knows of: account 000000000000, region us-east-1.
    pub fn local(name: &str, program: Arc<Program>, express: bool) -> Machine {
        Machine {
            name: name.into(),
            arn: About::local(name, "").state_machine_arn,
            program,
            express,
            role_arn: None,
            revision: EcoString::new(),
            definition: Definition::default(),
        }
    }

    /// The same with the text that its program was compiled from.
    #[must_use]
    pub fn with_definition(mut self, definition: Definition) -> Machine {
        self.definition = definition;
        self
    }

    /// What an execution of it is called. `run` tells an Express machine's executions of one name apart.
    pub(crate) fn about(&self, name: &str, run: &str, main: &About) -> About {
        let kind = if self.express {
            ":express:"
        } else {
            ":execution:"
        };
        let mut execution_arn = format!("{}:{name}", self.arn.replace(":stateMachine:", kind));
        if self.express {
            execution_arn = format!("{execution_arn}:{run}");
        }
        let own = if self.express {
            Quotas::express()
        } else {
            Quotas::default()
        };
        let quotas = Quotas {
            execution_seconds: own.execution_seconds,
            ..main.quotas.clone()
        };
        About {
            execution_arn: execution_arn.into(),
            execution_name: name.into(),
            state_machine_arn: self.arn.clone(),
            state_machine_name: self.name.clone(),
            role_arn: self.role_arn.as_ref().unwrap_or(&main.role_arn).clone(),
            region: self.region().unwrap_or(&main.region).into(),
            quotas,
        }
    }

    fn region(&self) -> Option<&str> {
        self.arn.split(':').nth(3).filter(|part| !part.is_empty())
    }
}

/// The machines that a run knows, found as AWS finds them and, without an account, by name.
#[derive(Clone, Debug, Default)]
pub struct Machines {
    by_arn: BTreeMap<EcoString, Arc<Machine>>,
    by_name: BTreeMap<EcoString, Arc<Machine>>,
}

impl Machines {
    /// Adds a machine; one of the same ARN gives way. Of two with one name the first is found by it.
    pub fn add(&mut self, machine: Machine) {
        let machine = Arc::new(machine);
        let arn = machine.arn.clone();
        if let Some(old) = self.by_arn.insert(arn, Arc::clone(&machine)) {
            self.by_name.retain(|_, known| !Arc::ptr_eq(known, &old));
        }
        self.by_name.entry(machine.name.clone()).or_insert(machine);
    }

    /// The machine of that ARN; else the one whose name the ARN of any partition, region and account holds,
    /// version or alias dropped; else the one of that name.
    pub fn find(&self, reference: &str) -> Option<&Arc<Machine>> {
        self.by_arn
            .get(reference)
            .or_else(|| self.by_name.get(machine_name(reference)))
    }

    /// Every machine, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Machine>> {
        self.by_name.values()
    }
}

impl Registry for Machines {
    fn machine(&self, reference: &str, _draw: u64) -> Option<(Arc<Machine>, Origin)> {
        Some((self.find(reference).cloned()?, Origin::default()))
    }
}

/// The name in a state machine's ARN, in a placeholder without a value, or by itself.
pub fn machine_name(reference: &str) -> &str {
    let rest = reference.split_once(":stateMachine:");
    let name = rest.map_or(reference, |(_, rest)| rest);
    let name = name.split(':').next().unwrap_or(name);
    let inner = name.strip_prefix("${").and_then(|n| n.strip_suffix('}'));
    inner.unwrap_or(name)
}

/// Whether AWS takes the text for the name of a machine or an execution: 1 to 80 characters, no blanks, no
/// control characters and none of ``<>{}[]?*"#%\^|~`$&,;:/``.
pub fn is_name(text: &str) -> bool {
    let valid =
        |c: char| !c.is_whitespace() && !c.is_control() && !"<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    (1..=80).contains(&text.chars().count()) && text.chars().all(valid)
}

/// An execution that starts at the same instant as the main one, just before it.
#[derive(Clone, Debug)]
pub struct Companion {
    /// Its machine.
    pub machine: Arc<Machine>,
    /// The execution's name.
    pub name: EcoString,
    /// Its input.
    pub input: Data,
}

#[cfg(test)]
mod tests {
    use super::machine_name;

    #[test]
    fn a_machine_is_meant_by_many_texts() {
        for text in [
            "pay",
            "${pay}",
            "arn:aws-cn:states:cn-north-1:1:stateMachine:pay",
            "arn:aws:states:eu-west-1:1:stateMachine:pay:PROD",
            "arn:aws:states:us-east-1:1:stateMachine:${pay}",
        ] {
            assert_eq!(machine_name(text), "pay", "{text}");
        }
    }
}
