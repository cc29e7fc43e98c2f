//! The five operations of aliases.

use data::{Data, Object};

use super::arn::MachineArn;
use super::page::descending;
use super::refuse::{conflict, invalid, machine_deleting, no_machine, no_resource, over_quota};
use super::registry::{Alias, Route, State, StateMachine};
use super::wire::{answer, items, member, needed, nothing, owned, put, seconds};
use super::{Called, StepFunctions};
use crate::error::ApiError;

/// The most aliases of a state machine (service model).
const MOST: usize = 100;

impl StepFunctions {
    /// The same creation again gives the same answer.
    pub(super) fn create_state_machine_alias(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let name = needed(parameters, "name");
        let description = owned(parameters, "description");
        let (arn, routes) = routing(items(parameters, "routingConfiguration"))?;
        let mut state = self.registry.lock();
        let machine = machine_of(&mut state, &arn, called)?;
        routable(machine, &routes)?;
        if let Some(known) = machine.alias(name) {
            if known.routes != routes || known.description != description {
                return Err(conflict(
                    "Failed to create alias because an alias with the same name and a different \
                     routing configuration already exists.",
                ));
            }
            return Ok(created(machine, known));
        }
        if machine.aliases.len() >= MOST {
            let message = format!("State machine alias limit of {MOST} is reached");
            return Err(over_quota(message));
        }
        machine.aliases_made += 1;
        let alias = Alias {
            name: name.into(),
            description,
            routes,
            created_at: called.now,
            updated_at: called.now,
            number: machine.aliases_made,
        };
        let created = created(machine, &alias);
        machine.aliases.push(alias);
        state.save(&arn.machine);
        Ok(created)
    }

    pub(super) fn update_state_machine_alias(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let text_arn = needed(parameters, "stateMachineAliasArn");
        let (arn, name) = MachineArn::alias(text_arn)?;
        let description = owned(parameters, "description");
        let routes = match member(parameters, "routingConfiguration") {
            Some(_) => Some(routing(items(parameters, "routingConfiguration"))?),
            None => None,
        };
        if description.is_none() && routes.is_none() {
            let message = "Either the description or the routing configuration must be specified";
            return Err(invalid(message, Some("MISSING_REQUIRED_PARAMETER")));
        }
        let mut state = self.registry.lock();
        let machine =
            machine_of(&mut state, &arn, called).map_err(|error| unknown_alias(error, text_arn))?;
        if let Some((of, routes)) = &routes {
            if of.machine != arn.machine {
                let message = "An alias routes to versions of its own state machine";
                return Err(bad_routing(message));
            }
            routable(machine, routes)?;
        }
        let alias = machine.aliases.iter_mut().find(|one| one.name == name);
        let alias = alias.ok_or_else(|| no_resource(text_arn))?;
        if let Some((_, routes)) = routes {
            alias.routes = routes;
        }
        if description.is_some() {
            alias.description = description;
        }
        alias.updated_at = called.now;
        state.save(&arn.machine);
        let updated = Object::builder().with("updateDate", seconds(called.now));
        Ok(answer(updated))
    }

    pub(super) fn describe_state_machine_alias(
        &self,
        called: &Called<'_>,
    ) -> Result<Data, ApiError> {
        let text_arn = needed(called.parameters, "stateMachineAliasArn");
        let (arn, name) = MachineArn::alias(text_arn)?;
        let state = self.registry.lock();
        let machine = state.machine(&arn).filter(|_| called.sees(text_arn));
        let found = machine.and_then(|machine| Some((machine, machine.alias(&name)?)));
        let (machine, alias) = found.ok_or_else(|| no_resource(text_arn))?;
        let routes = alias.routes.iter().map(|route| {
            let route = Object::builder()
                .with("stateMachineVersionArn", machine.version_arn(route.version))
                .with("weight", i64::from(route.weight));
            answer(route)
        });
        let mut described = Object::builder()
            .with("stateMachineAliasArn", text_arn)
            .with("name", alias.name.clone())
            .with("routingConfiguration", routes.collect::<Data>())
            .with("creationDate", seconds(alias.created_at))
            .with("updateDate", seconds(alias.updated_at));
        put(&mut described, "description", alias.description.clone());
        Ok(answer(described))
    }

    /// The newest first; those of a version if its ARN is given.
    pub(super) fn list_state_machine_aliases(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let text_arn = needed(called.parameters, "stateMachineArn");
        let arn = MachineArn::parse(text_arn)?;
        let of = match &arn.qualifier {
            None => None,
            Some(_) => Some(MachineArn::version(text_arn)?.1),
        };
        let pager = &self.pager;
        let wanted = pager.wanted("ListStateMachineAliases", called.parameters)?;
        let state = self.registry.lock();
        let machine = state.machine(&arn).filter(|_| called.sees(text_arn));
        let machine = machine.ok_or_else(|| no_machine(text_arn))?;
        if let Some(number) = of.filter(|number| machine.version(*number).is_none()) {
            return Err(no_resource(&machine.version_arn(number)));
        }
        let routes_there = |alias: &&Alias| {
            of.is_none_or(|number| alias.routes.iter().any(|route| route.version == number))
        };
        let aliases = machine.aliases.iter().rev().filter(routes_there);
        let aliases = aliases.map(|alias| {
            let item = Object::builder()
                .with("stateMachineAliasArn", machine.alias_arn(&alias.name))
                .with("creationDate", seconds(alias.created_at));
            (descending(alias.number), answer(item))
        });
        let mut list = Object::builder();
        wanted.cut("stateMachineAliases", aliases, &mut list);
        Ok(answer(list))
    }

    pub(super) fn delete_state_machine_alias(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let text_arn = needed(called.parameters, "stateMachineAliasArn");
        let (arn, name) = MachineArn::alias(text_arn)?;
        let mut state = self.registry.lock();
        let machine = state.machines.get_mut(&arn.machine);
        let machine = machine.filter(|_| called.sees(text_arn));
        let machine = machine.ok_or_else(|| no_resource(text_arn))?;
        if machine.alias(&name).is_none() {
            return Err(no_resource(text_arn));
        }
        machine.aliases.retain(|alias| alias.name != name);
        state.save(&arn.machine);
        Ok(nothing())
    }
}

fn created(machine: &StateMachine, alias: &Alias) -> Data {
    let created = Object::builder()
        .with("stateMachineAliasArn", machine.alias_arn(&alias.name))
        .with("creationDate", seconds(alias.created_at));
    answer(created)
}

/// The machine whose versions are meant.
fn machine_of<'s>(
    state: &'s mut State,
    arn: &MachineArn,
    called: &Called<'_>,
) -> Result<&'s mut StateMachine, ApiError> {
    let machine = state.machines.get_mut(&arn.machine);
    let machine = machine.filter(|_| called.sees(&arn.machine));
    let machine = machine.ok_or_else(|| no_resource(&arn.text))?;
    if machine.deleting {
        return Err(machine_deleting(&machine.arn));
    }
    Ok(machine)
}

fn unknown_alias(error: ApiError, arn: &str) -> ApiError {
    match error.code.as_ref() {
        "ResourceNotFound" => no_resource(arn),
        _ => error,
    }
}

fn bad_routing(message: impl Into<String>) -> ApiError {
    invalid(message, Some("INVALID_ROUTING_CONFIGURATION"))
}

/// A routing configuration: versions of one state machine, each once, whose weights come to 100.
fn routing(entries: &[Data]) -> Result<(MachineArn, Vec<Route>), ApiError> {
    let mut of: Option<MachineArn> = None;
    let mut routes: Vec<Route> = Vec::new();
    for entry in entries {
        let (arn, version) = MachineArn::version(needed(entry, "stateMachineVersionArn"))?;
        if routes.iter().any(|known| known.version == version) {
            return Err(bad_routing(format!(
                "Routing configuration must name each version once. Received: {}",
                arn.text
            )));
        }
        let other = of.as_ref().filter(|of| of.machine != arn.machine);
        if let Some(other) = other {
            return Err(bad_routing(format!(
                "Routing configuration must name versions of one state machine. Received: {}, {}",
                other.text, arn.text
            )));
        }
        let weight = member(entry, "weight").and_then(Data::as_i64);
        let weight = weight.and_then(|weight| u32::try_from(weight).ok());
        routes.push(Route {
            version,
            weight: weight.unwrap_or_default(),
        });
        of.get_or_insert(arn);
    }
    let weights: Vec<String> = routes.iter().map(|one| one.weight.to_string()).collect();
    if routes.iter().map(|route| route.weight).sum::<u32>() != 100 {
        return Err(bad_routing(format!(
            "Sum of routing configuration weights must equal 100. Received: [{}]",
            weights.join(", ")
        )));
    }
    // The model wants at least one entry, and without one the weights do not come to 100.
    let of = of.ok_or_else(|| bad_routing("Routing configuration must not be empty"))?;
    Ok((of, routes))
}

/// Every version that is routed to must exist.
fn routable(machine: &StateMachine, routes: &[Route]) -> Result<(), ApiError> {
    let unknown = |route: &&Route| machine.version(route.version).is_none();
    match routes.iter().find(unknown) {
        Some(route) => Err(no_resource(&machine.version_arn(route.version))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_come_to_a_hundred() {
        let entry = |version: u32, weight: i64| {
            let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:m:{version}");
            let entry = Object::builder().with("stateMachineVersionArn", arn);
            answer(entry.with("weight", weight))
        };
        assert!(routing(&[entry(1, 100)]).is_ok());
        assert!(routing(&[entry(1, 40), entry(2, 60)]).is_ok());
        let refused = routing(&[entry(1, 40), entry(2, 50)]).unwrap_err();
        let expected = "Sum of routing configuration weights must equal 100. Received: [40, 50]";
        assert_eq!(refused.message, expected);
    }
}
