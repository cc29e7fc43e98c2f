//! AddPermission, RemovePermission and GetPolicy. Policies are kept and shown; nobody is held to them.

use data::{Data, Object};

use super::configuration::one;
use super::name::{Name, arn};
use super::store::Stored;
use super::update::check_revision;
use super::{Lambda, refused, uuid};
use crate::caller::ACCOUNT;
use crate::{ApiError, Caller};

/// Lambda's longest policy, in bytes.
const LONGEST: usize = 20_480;

impl Lambda {
    pub(super) fn add_permission(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        let mut store = self.store();
        let Some(stored) = store.get_mut(&name) else {
            return Err(name.not_found());
        };
        stored.version(&name)?;
        let id = parameters
            .get("StatementId")
            .and_then(Data::as_str)
            .unwrap_or_default();
        let policy = stored.policies.entry(subject(&name)).or_default();
        if !policy.statements.is_empty() {
            check_revision(parameters, &policy.revision)?;
        }
        if policy.statements.iter().any(|(other, _)| other == id) {
            let message = format!(
                "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the \
                 existing statement."
            );
            return Err(refused("ResourceConflictException", message));
        }
        let statement = statement(&name, id, parameters);
        let size: usize = policy
            .statements
            .iter()
            .map(|(_, other)| other.size())
            .sum();
        if size + statement.size() > LONGEST {
            let message = format!(
                "The final policy size ({}) is bigger than the limit ({LONGEST}).",
                size + statement.size()
            );
            return Err(refused("PolicyLengthExceededException", message));
        }
        policy.statements.push((id.to_owned(), statement.clone()));
        policy.revision = uuid();
        self.save(&mut store, &name);
        Ok(one("Statement", statement.to_string()))
    }

    pub(super) fn remove_permission(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        let mut store = self.store();
        let Some(stored) = store.get_mut(&name) else {
            return Err(name.not_found());
        };
        let id = parameters
            .get("StatementId")
            .and_then(Data::as_str)
            .unwrap_or_default();
        let policy = stored
            .policies
            .get_mut(&subject(&name))
            .filter(|policy| !policy.statements.is_empty());
        let policy =
            policy.ok_or_else(|| missing("No policy is associated with the given resource."))?;
        check_revision(parameters, &policy.revision)?;
        let before = policy.statements.len();
        policy.statements.retain(|(other, _)| other != id);
        if policy.statements.len() == before {
            return Err(missing(format!(
                "Statement {id} is not found in resource policy."
            )));
        }
        policy.revision = uuid();
        self.save(&mut store, &name);
        Ok(Data::empty_object())
    }

    pub(super) fn get_policy(&self, caller: &Caller, parameters: &Data) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        let none = || missing("The resource you requested does not exist.");
        let store = self.store();
        let policy = store.get(&name).and_then(|stored| policy(stored, &name));
        let (text, revision) = policy.ok_or_else(none)?;
        let shown = Object::builder().with("Policy", text);
        Ok(shown.with("RevisionId", revision).build().into())
    }
}

/// What a policy is about: the function, or one of its versions.
fn subject(name: &Name) -> String {
    name.qualifier.clone().unwrap_or_default()
}

fn missing(message: impl Into<String>) -> ApiError {
    refused("ResourceNotFoundException", message)
}

fn policy(stored: &Stored, name: &Name) -> Option<(String, String)> {
    let policy = stored
        .policies
        .get(&subject(name))
        .filter(|policy| !policy.statements.is_empty())?;
    let statements: Data = policy
        .statements
        .iter()
        .map(|(_, statement)| statement.clone())
        .collect();
    let text = Object::builder()
        .with("Version", "2012-10-17")
        .with("Id", "default")
        .with("Statement", statements);
    Some((
        Data::from(text.build()).to_string(),
        policy.revision.clone(),
    ))
}

fn statement(name: &Name, id: &str, parameters: &Data) -> Data {
    let text = |member| parameters.get(member).and_then(Data::as_str);
    let principal = text("Principal").unwrap_or_default();
    let is_account =
        principal.len() == ACCOUNT.len() && principal.bytes().all(|byte| byte.is_ascii_digit());
    let principal = match principal {
        "*" => Data::from("*"),
        account if is_account => one("AWS", format!("arn:aws:iam::{account}:root")),
        role if role.starts_with("arn:") => one("AWS", role),
        service => one("Service", service),
    };
    let statement = Object::builder()
        .with("Sid", id)
        .with("Effect", "Allow")
        .with("Principal", principal)
        .with("Action", text("Action").unwrap_or_default())
        .with(
            "Resource",
            arn(&name.region, &name.name, name.qualifier.as_deref()),
        );
    match condition(parameters) {
        Some(condition) => statement.with("Condition", condition).build().into(),
        None => statement.build().into(),
    }
}

/// What a caller must be or have, by operator.
fn condition(parameters: &Data) -> Option<Object> {
    const CONDITIONS: [(&str, &str, &str); 5] = [
        ("StringEquals", "SourceAccount", "AWS:SourceAccount"),
        (
            "StringEquals",
            "EventSourceToken",
            "lambda:EventSourceToken",
        ),
        ("StringEquals", "PrincipalOrgID", "aws:PrincipalOrgID"),
        (
            "StringEquals",
            "FunctionUrlAuthType",
            "lambda:FunctionUrlAuthType",
        ),
        ("ArnLike", "SourceArn", "AWS:SourceArn"),
    ];
    let mut all = Object::builder().build();
    for (operator, member, key) in CONDITIONS {
        let Some(value) = parameters.get(member).filter(|value| !value.is_null()) else {
            continue;
        };
        let known = all
            .get(operator)
            .and_then(Data::as_object)
            .cloned()
            .unwrap_or_default();
        all = all.with(operator, known.with(key, value.clone()).into());
    }
    (!all.is_empty()).then_some(all)
}
