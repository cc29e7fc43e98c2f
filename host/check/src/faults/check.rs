//! A plan held against the definitions that it is for.

use asl::{Program, ResourceKind, State, StateId, StateKind, Task};
use data::{EcoString, Mistakes, Source, nearest};
use runtime::inject::{Fault, Injection};
use runtime::{Called, Functions, called, function_name};

use super::inject::Planned;
use super::select::{Named, Selector};
use super::{FaultPlan, PlannedFault};

/// What a plan may speak of.
pub struct World<'w> {
    /// The machines of the run by name, the main one first.
    pub machines: Vec<(EcoString, &'w Program)>,
    /// What stands behind their tasks.
    pub functions: &'w Functions,
}

impl FaultPlan {
    /// Notes every fault that can never befall anything in `world`: a name that is not there, or a fault that its
    /// states do not know. `source` is the plan's text.
    pub fn check(&self, world: &World<'_>, mistakes: &mut Mistakes<'_>) {
        for fault in &self.faults {
            fault.check(world, mistakes);
        }
    }

    /// The same for a plan that is a file of its own.
    pub fn check_file(&self, world: &World<'_>, source: &Source) -> Vec<data::Mistake> {
        let mut mistakes = Mistakes::new(source);
        self.check(world, &mut mistakes);
        mistakes.in_order()
    }

    /// Takes selectors by an alias or ARN as selectors of the function that is meant.
    pub(super) fn resolved(mut self, functions: &Functions) -> FaultPlan {
        for fault in &mut self.faults {
            if let Some(named) = &mut fault.at.function {
                named.name = meant(named, functions).into();
            }
        }
        self
    }
}

/// A state of a machine that a fault may mean.
struct Candidate<'w> {
    program: &'w Program,
    id: StateId,
    state: &'w State,
    called: Called,
}

impl PlannedFault {
    fn check(&self, world: &World<'_>, mistakes: &mut Mistakes<'_>) {
        let Some(machines) = machines(&self.at, world, mistakes) else {
            return;
        };
        let all: Vec<Candidate<'_>> = machines
            .iter()
            .flat_map(|program| candidates(program, world.functions))
            .collect();
        let Some(states) = self.states(all, mistakes) else {
            return;
        };
        let Some(states) = self.callers(states, world, mistakes) else {
            return;
        };
        if self.at.item.is_some() && !states.iter().any(Candidate::is_in_map) {
            mistakes.add(
                self.at.span,
                "nothing that this selects is inside a Map: there are no items",
            );
        }
        if let Planned::Injection(injection) = &self.inject {
            let reasons: Vec<Option<String>> = states
                .iter()
                .map(|state| misfit(injection, state))
                .collect();
            let fits = reasons.iter().any(Option::is_none);
            if let Some(reason) = reasons.into_iter().flatten().next().filter(|_| !fits) {
                mistakes.add(self.at.span, reason);
            }
        }
    }

    /// The states that `state` means.
    fn states<'w>(
        &self,
        all: Vec<Candidate<'w>>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<Vec<Candidate<'w>>> {
        let Some(named) = &self.at.state else {
            return Some(all);
        };
        let names: Vec<EcoString> = all.iter().map(|c| c.state.name.clone()).collect();
        let mut found: Vec<_> = all
            .into_iter()
            .filter(|c| c.state.name == named.name)
            .collect();
        if found.is_empty() {
            unknown(
                "state",
                named,
                names.iter().map(EcoString::as_str),
                mistakes,
            );
            return None;
        }
        if matches!(self.inject, Planned::Injection(_)) {
            let kind = found[0].state.kind.state_type().as_str();
            found.retain(|c| matches!(c.state.kind, StateKind::Task(_)));
            if found.is_empty() {
                let message = format!(
                    "state {:?} is a {kind}: only Tasks have a worker that can fail; `stop` and `crash` go anywhere",
                    named.name.as_str()
                );
                mistakes.add(named.span, message);
                return None;
            }
        }
        Some(found)
    }

    /// Those of them that call the `function`.
    fn callers<'w>(
        &self,
        states: Vec<Candidate<'w>>,
        world: &World<'_>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<Vec<Candidate<'w>>> {
        let Some(named) = &self.at.function else {
            return Some(states);
        };
        let meant = meant(named, world.functions);
        let calls = |candidate: &Candidate<'_>| match &candidate.called {
            Called::Function(name) => *name == meant,
            Called::Computed => true,
            Called::None => false,
        };
        let names: Vec<String> = states.iter().filter_map(Candidate::function).collect();
        let callers: Vec<_> = states.into_iter().filter(calls).collect();
        if callers.is_empty() {
            unknown(
                "function",
                named,
                names.iter().map(String::as_str),
                mistakes,
            );
            return None;
        }
        Some(callers)
    }
}

/// The name of the function that is meant by a name, an alias or an ARN.
fn meant(named: &Named, functions: &Functions) -> String {
    match functions.find(&named.name) {
        Some(function) => function.name.clone(),
        None => function_name(&named.name).to_owned(),
    }
}

fn machines<'w>(
    at: &Selector,
    world: &World<'w>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Vec<&'w Program>> {
    let all = world.machines.iter();
    let Some(named) = &at.machine else {
        return Some(all.map(|(_, program)| *program).collect());
    };
    let found: Vec<&Program> = all
        .filter(|(name, _)| *name == named.name)
        .map(|(_, program)| *program)
        .collect();
    if found.is_empty() {
        let names = world.machines.iter().map(|(name, _)| name.as_str());
        unknown("machine", named, names, mistakes);
        return None;
    }
    Some(found)
}

fn candidates<'w>(program: &'w Program, functions: &Functions) -> Vec<Candidate<'w>> {
    let states = program.states().map(|(id, state)| Candidate {
        program,
        id,
        state,
        called: called(state, functions),
    });
    states.collect()
}

fn unknown<'n>(
    what: &str,
    named: &Named,
    known: impl Iterator<Item = &'n str>,
    mistakes: &mut Mistakes<'_>,
) {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let hint = match nearest(&named.name, known.iter().copied()) {
        Some(near) => format!("did you mean {near:?}?"),
        None if known.is_empty() => format!("no Task calls a {what}"),
        None => format!("there are: {}", known.join(", ")),
    };
    let verb = if what == "function" {
        "no Task calls a"
    } else {
        "there is no"
    };
    let message = format!("{verb} {what} {:?}; {hint}", named.name.as_str());
    mistakes.add(named.span, message);
}

impl Candidate<'_> {
    fn function(&self) -> Option<String> {
        match &self.called {
            Called::Function(name) => Some(name.clone()),
            Called::Computed | Called::None => None,
        }
    }

    fn is_in_map(&self) -> bool {
        let mut state = self.id;
        while let Some(owner) = self.program.block(self.program.state(state).block).owner {
            if matches!(self.program.state(owner).kind, StateKind::Map(_)) {
                return true;
            }
            state = owner;
        }
        false
    }
}

/// Why a fault cannot befall a state.
fn misfit(injection: &Injection, candidate: &Candidate<'_>) -> Option<String> {
    let name = candidate.state.name.as_str();
    let StateKind::Task(task) = &candidate.state.kind else {
        return Some(format!("state {name:?} is no Task"));
    };
    let is_function = candidate.called != Called::None;
    let is_activity = task.resource.kind == ResourceKind::Activity;
    match &injection.fault {
        fault if fault.wants_function() && !is_function => Some(format!(
            "state {name:?} calls no function: there is no guest that this could befall"
        )),
        Fault::Output(output) if output.wants_function() && waits_for_token(task) => Some(format!(
            "state {name:?} waits for its token: what comes with the token is JSON always"
        )),
        Fault::LostHeartbeat if task.heartbeat.is_none() => Some(format!(
            "state {name:?} sets no HeartbeatSeconds: nobody would miss a heartbeat"
        )),
        Fault::Late(_) if !gives_up(task) => Some(gives_no_limit(name)),
        Fault::Callback(callback) => misfit_callback(callback, name, task),
        Fault::Duplicate if !is_function && !is_activity => Some(format!(
            "state {name:?} calls neither a function nor an activity: nothing shows a second delivery"
        )),
        Fault::Throttle if !is_function => Some(format!(
            "state {name:?} calls no function; give the service's own error with `error`"
        )),
        _ => None,
    }
}

fn misfit_callback(
    callback: &runtime::inject::Callback,
    name: &str,
    task: &Task,
) -> Option<String> {
    if !waits_for_token(task) && task.resource.kind != ResourceKind::Activity {
        return Some(format!(
            "state {name:?} is neither an activity nor a .waitForTaskToken task: it has no callback"
        ));
    }
    let late = matches!(callback, runtime::inject::Callback::Late(_));
    (late && !gives_up(task)).then(|| gives_no_limit(name))
}

fn waits_for_token(task: &Task) -> bool {
    matches!(
        task.resource.kind,
        ResourceKind::Service {
            pattern: asl::Pattern::WaitForTaskToken,
            ..
        }
    )
}

/// Whether the task gives up on its worker some time.
fn gives_up(task: &Task) -> bool {
    task.timeout.is_some() || task.heartbeat.is_some()
}

fn gives_no_limit(name: &str) -> String {
    format!(
        "state {name:?} sets neither TimeoutSeconds nor HeartbeatSeconds: no answer is too late"
    )
}
